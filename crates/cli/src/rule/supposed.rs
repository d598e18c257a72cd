//! A question that is only supposed, as it is typed.
//!
//! *Absent:* facts that were not typed, but for the agreement's being in force.

mod further;

use self::further::Further;
use crate::found::Failed;
use crate::home::now;
use attache_accord::agreement::{Position, Topic};
use attache_accord::marking::{Kind, Level, Marking};
use attache_accord::particulars::{Approval, Approved};
use attache_accord::party::{Party, PersonId};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Question, Subject};
use attache_accord::{Digest, Timestamp};
use attache_release::Pack;
use clap::Args;
use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

/// How long what is supposed without an end lasts, in hours.
const SUPPOSED_HOURS: u64 = 24;

#[derive(Args)]
#[command(next_help_heading = "What is asked")]
pub(super) struct Supposed {
    /// What would be done: request, release, dispatch, admit, open, pass-on, other-purpose, downgrade, copy, translate,
    /// give-to-contractor or visit.
    #[arg(long, value_name = "ACTION")]
    what_if: Option<Action>,
    /// When, such as 2026-11-23; without it, now.
    #[arg(long, value_name = "DATE")]
    at: Option<Timestamp>,
    /// Folder of the pack, or the name of a built-in one; without it that of 2016.
    #[arg(long)]
    pub(super) pack: Option<PathBuf>,
    /// From when to when a Party holds the agreement to be in force: KOR=2016-11-23.., KOR=2016-11-23..2026-11-22, KOR=none.
    #[arg(long = "position", value_name = "PARTY=FROM..UNTIL")]
    positions: Vec<String>,
    #[command(flatten, next_help_heading = "The item")]
    item: Item,
    #[command(flatten, next_help_heading = "Who asks")]
    asker: Asker,
    #[command(flatten, next_help_heading = "Where it would go, and what else it is about")]
    further: Further,
}

#[derive(Args)]
struct Item {
    /// The originator's level, such as KOR:II; without it the item is not marked.
    #[arg(long)]
    level: Option<Level>,
    /// The kind of information, such as imagery. A marked item has one.
    #[arg(long, requires = "level")]
    kind: Option<Kind>,
    /// What it is about; several times for several.
    #[arg(long = "topic")]
    topics: Vec<Topic>,
    /// A Party that its marking names; several times for several.
    #[arg(long)]
    releasable_to: Vec<Party>,
    /// The holder's own level beside it. The originator's own items have it.
    #[arg(long)]
    own_level: Option<Level>,
    /// What the originator approved in writing: third-party=USA, purpose=training or downgrade=KOR:III.
    #[arg(long = "approved", value_name = "WHAT")]
    approvals: Vec<String>,
    /// The Party whose node is asked; without it, that of whoever asks.
    #[arg(long)]
    holder: Option<Party>,
}

#[derive(Args)]
struct Asker {
    /// A pseudonym.
    #[arg(long, default_value = "someone")]
    asker: PersonId,
    /// The Party; without it, that of the clearance, or else the originator.
    #[arg(long)]
    party: Option<Party>,
    /// A role; several times for several.
    #[arg(long = "role")]
    roles: Vec<Role>,
    /// A kind that the duties call for; several times for several.
    #[arg(long = "duty")]
    duties: Vec<Kind>,
    /// The clearance: a level, or a level and its end, as KOR:II..2027-06-30.
    #[arg(long, value_name = "LEVEL..UNTIL")]
    clearance: Option<String>,
}

impl Supposed {
    /// The question.
    pub(super) fn question(&self, pack: &Pack) -> Result<Question, Failed> {
        let unsaid = || Failed::misuse("what-if: say what would be done, by --what-if ACTION");
        let action = self.what_if.ok_or_else(unsaid)?;
        let at = self.at.unwrap_or_else(now);
        let soon = at.plus_hours(SUPPOSED_HOURS);
        let marking = self.item.marking(at)?;
        let clearance =
            self.asker.clearance.as_deref().map(|text| cleared("clearance", text, soon)).transpose()?;
        let originator = marking.as_ref().map(Marking::originator);
        let of_clearance = clearance.as_ref().map(|held| held.level.party());
        let party = self.asker.party.or(of_clearance).or(originator);
        let party = party.ok_or_else(|| Failed::misuse("party: say whose person asks, by --party"))?;
        let holder = self.item.holder.unwrap_or(party);
        let asker = Person {
            id: self.asker.asker.clone(),
            party,
            roles: self.asker.roles.iter().copied().collect(),
            clearance,
            duties: self.asker.duties.iter().cloned().collect(),
        };
        let own = marking.as_ref().filter(|m| m.originator() == holder).map(|m| m.level.clone());
        let subject = Subject {
            item_digest: Digest([0; 32]),
            own_level: self.item.own_level.clone().or(own),
            approvals: self.item.approvals(at, originator)?,
            marking,
        };
        let further = &self.further;
        Ok(Question {
            recipient: further.recipient(soon)?,
            requester: further.requester.clone(),
            chosen: further.choose.clone(),
            positions: self.positions(pack, at)?,
            purpose: further.purpose.clone(),
            copy: further.copy()?,
            translation: further.translation(holder, soon)?,
            contractor: further.contractor(holder, soon)?,
            visit: (action == Action::Visit).then(|| further.visit(soon)),
            ..Question::new(action, at, holder, asker, subject)
        })
    }

    /// In force since the very moment for every Party, but where a position is given.
    fn positions(&self, pack: &Pack, at: Timestamp) -> Result<Vec<Position>, Failed> {
        let supposed = |party: &Party| Position { party: *party, from: Some(at), until: None };
        let mut positions: Vec<Position> = pack.terms().parties.iter().map(supposed).collect();
        for text in &self.positions {
            let form = || Failed::misuse(format!("position: PARTY=FROM..UNTIL or PARTY=none, not {text:?}"));
            let (party, span) = text.split_once('=').ok_or_else(form)?;
            let party = parsed("position", party)?;
            let (from, until) = match span {
                "none" => (None, None),
                span => {
                    let (from, until) = span.split_once("..").ok_or_else(form)?;
                    let until = (!until.is_empty()).then(|| parsed("position", until)).transpose()?;
                    (Some(parsed("position", from)?), until)
                }
            };
            positions.push(Position { party, from, until });
        }
        Ok(positions)
    }
}

impl Item {
    fn marking(&self, at: Timestamp) -> Result<Option<Marking>, Failed> {
        let Some(level) = &self.level else { return Ok(None) };
        let kind =
            self.kind.clone().ok_or_else(|| Failed::misuse("kind: a marked item has one; give --kind"))?;
        Ok(Some(Marking {
            level: level.clone(),
            releasable_to: self.releasable_to.iter().copied().collect(),
            kind,
            caveats: Vec::new(),
            marked_at: at,
            topics: self.topics.iter().cloned().collect(),
            control: None,
            purposes: [].into(),
        }))
    }

    fn approvals(&self, at: Timestamp, originator: Option<Party>) -> Result<Vec<Approval>, Failed> {
        let one = |text: &String| {
            let from = originator
                .ok_or_else(|| Failed::misuse("approved: an item that is not marked has no originator"))?;
            let approved: Approved = parsed("approved", text)?;
            Ok(Approval { from, approved, given: at, until: None, document: "supposed".to_owned() })
        };
        self.approvals.iter().map(one).collect()
    }
}

fn parsed<T: FromStr<Err: Display>>(field: &str, text: &str) -> Result<T, Failed> {
    text.parse().map_err(|error| Failed::misuse(format!("{field}: {error}")))
}

/// A level, and until when.
fn cleared(field: &str, text: &str, soon: Timestamp) -> Result<Clearance, Failed> {
    let (level, until) = match text.split_once("..") {
        Some((level, until)) => (level, parsed(field, until)?),
        None => (text, soon),
    };
    Ok(Clearance { level: parsed(field, level)?, until })
}
