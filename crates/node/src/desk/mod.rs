//! The desk: one function per command. Each takes the view, the time and, where something moves, a statement that
//! the person signed, and returns a plan for the engine with the ruling that it would record.
//!
//! A command is the person's own: the node checks the signature under the key on the roll and refuses a statement
//! about another item, label, recipient or case than the one that it names. A refusal by the rules is no error:
//! it comes back as a plan that records it.
//!
//! *Absent:* I/O, clocks, and any way to act for a person.

mod consent;
mod destruction;
mod handling;
mod holding;
mod instrument;
mod leaving;
mod letter;
mod mandate;
pub(crate) mod opening;
mod release;

pub use consent::consent;
pub use destruction::{destroy, destroyed};
pub use handling::{handle, take_back};
pub(crate) use holding::open_at_once;
pub use holding::{admit, open};
pub use instrument::instrument;
pub use leaving::{Leaving, leave};
pub use letter::decide_letter;
pub use mandate::{cosign_report, end_mandate, give_mandate};
pub use opening::{ask_to_open, recall};
pub use release::{decide, request, review};

use crate::engine::Plan;
use attache_accord::act::Act;
use attache_accord::consent::Unsaid;
use attache_accord::derivative::Underivable;
use attache_accord::destruction::Unwitnessed;
use attache_accord::item::Item;
use attache_accord::lifecycle::Unlawful;
use attache_accord::mandate::Uncosigned;
use attache_accord::party::Malformed;
use attache_accord::passage::Bar;
use attache_accord::people::Unsuitable;
use attache_accord::ruling::{Question, Ruling};
use attache_accord::view::{Ask, Asked, Unknown, View};
use attache_accord::{CaseId, CivilDay, Digest, ItemId, Party, PersonId, Timestamp};
use attache_release::{Granted, Outcome, Pack, rule};
use attache_seal::digest::sha256;
use attache_seal::pair::VerifyingPair;
use attache_seal::statement::{Body, Expect, Signed, Statement, StatementError};

/// Furthest that a statement's own time may lie from the node's, in milliseconds. Older ones may be replays.
pub const MAX_STATEMENT_AGE_MILLIS: u64 = 300_000;

/// The caller erred: something named is not here, not in the right state, or not signed as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// Something named is not here.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// The statement does not verify.
    #[error("statement: {0}")]
    Statement(#[from] StatementError),
    /// The signer's name has the wrong form.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The person cannot be enrolled as described.
    #[error(transparent)]
    Unsuitable(#[from] Unsuitable),
    /// The instrument cannot come next in the Party's record.
    #[error(transparent)]
    Unlawful(#[from] Unlawful),
    /// The word about an approval cannot come next.
    #[error(transparent)]
    Unsaid(#[from] Unsaid),
    /// No marking follows from the sources.
    #[error("sources: {0}")]
    Underivable(#[from] Underivable),
    /// The signature of a destruction cannot come next.
    #[error(transparent)]
    Unwitnessed(#[from] Unwitnessed),
    /// The report cannot be cosigned.
    #[error(transparent)]
    Uncosigned(#[from] Uncosigned),
    /// What is to be controlled after release would go to a Party beyond the hub, where it never comes.
    #[error(
        "releasable to: {0} is reached through the hub alone, which passes nothing on that is under its originator's control; mark it \
         for the hub only, or without originator control"
    )]
    BeyondHub(Party),
    /// The public was told of some of these acts, and of others with them.
    #[error(
        "period: the public was told of some of these acts already, with others, in the report on {from} to {until}; from both together \
         anyone could work out what small counts hide. Choose other days, or make the report without figures for the public"
    )]
    Told {
        /// The first day of that report.
        from: CivilDay,
        /// Its last day.
        until: CivilDay,
    },
    /// The days are not over in the tree that a report would stand in.
    #[error(
        "period: the log that the report would stand in ends with a leaf of {}, and figures for the public are of days that are over in it. Choose \
         days that end before that one, make the report once a leaf of a day after {until} is published and cosigned, or make it without \
         figures for the public",
        .reaches.map_or_else(|| "no day that can be shown".to_owned(), |day| day.to_string())
    )]
    Open {
        /// The day of the last leaf in it.
        reaches: Option<CivilDay>,
        /// The last day of the report.
        until: CivilDay,
    },
    /// The signer's key on the roll cannot be read.
    #[error("signer: the key on the roll cannot be read; enrol the person anew")]
    Key,
    /// The statement is too old, or from the future.
    #[error("statement: its time is more than 5 minutes from this node's; set the clock and sign again")]
    Stale,
    /// A field of the statement contradicts what is here.
    #[error("{field}: {rule}")]
    State {
        /// The field.
        field: &'static str,
        /// The rule broken, and what to do next.
        rule: &'static str,
    },
}

/// What a command leads to.
#[derive(Debug)]
#[must_use = "nothing happened until the plan is committed"]
pub struct Step {
    /// To be committed.
    pub plan: Plan,
    /// The ruling that the plan records, where the command asks a question.
    pub ruling: Option<Ruling>,
}

impl Step {
    /// Why what was asked for is not even a question of the rules, where that is what the plan records.
    pub fn barred(&self) -> Option<Bar> {
        self.plan.acts.iter().find_map(|act| match act {
            Act::PassageBarred { bar, .. } => Some(*bar),
            _ => None,
        })
    }
}

/// Digest of the facts behind a question, without its time: what a person is shown before deciding. A decision that
/// names other facts than those of the moment is sent back.
pub fn facts_digest(question: &Question) -> Digest {
    let timeless = Question { at: Timestamp(0), ..question.clone() };
    let bytes = encoded(&timeless);
    sha256(&[b"attache/facts/v1\n", &bytes])
}

/// A question that was asked.
struct Ruled {
    question: Question,
    asked: Asked,
    by: PersonId,
    item: Option<ItemId>,
    case: Option<CaseId>,
}

impl Ruled {
    /// The question that `by` asks at `now`, on the facts of `view`.
    fn new(view: &View, by: &PersonId, ask: Ask, now: Timestamp) -> Result<Self, Unknown> {
        let question = view.question(by, &ask, now)?;
        Ok(Self { question, asked: view.asked(ask, now), by: by.clone(), item: None, case: None })
    }

    /// The ruling recorded first; what it permits in the same append, or nothing after it.
    fn step(self, view: &View, pack: &Pack, signed: Option<&Signed>, then: Vec<Act>) -> Step {
        self.step_and_grant(view, pack, signed, then).0
    }

    /// The same with the grant, which serves once the step is committed.
    fn step_and_grant(
        self,
        view: &View,
        pack: &Pack,
        signed: Option<&Signed>,
        then: Vec<Act>,
    ) -> (Step, Option<Granted>) {
        let outcome = rule(&self.question, pack);
        let ruling = outcome.ruling().clone();
        let recorded = Act::Ruled {
            ruling: ruling.clone(),
            by: self.by,
            item: self.item,
            case: self.case,
            recipient: self.question.recipient.as_ref().map(|r| r.party),
            asked: Some(self.asked),
        };
        let mut acts = vec![recorded];
        if outcome.is_granted() {
            acts.extend(then);
        }
        let mut plan = Plan::new(view, acts);
        // Kept so that the ruling can be replayed later with the pack of its day.
        plan.papers.push((ruling.question, encoded(&self.question)));
        if let Some(signed) = signed {
            plan.paper(signed.to_bytes());
        }
        let granted = match outcome {
            Outcome::Granted(granted) => Some(granted),
            Outcome::Refused(_) => None,
        };
        (Step { plan, ruling: Some(ruling) }, granted)
    }
}

/// Opens a statement under the key that the roll has for whoever it says signed it.
pub(crate) fn opened<B: Body>(
    view: &View,
    now: Timestamp,
    signed: &Signed,
) -> Result<(PersonId, Statement<B>), Misuse> {
    let claimed: Statement<B> = signed.dangerously_unverified()?;
    let by: PersonId = claimed.head.signer.parse()?;
    let enrolled = view.roll.get(&by).ok_or_else(|| Unknown::Person(by.clone()))?;
    let key: VerifyingPair = minicbor::decode(&enrolled.verifying).map_err(|_| Misuse::Key)?;
    let statement = opened_under::<B>(view, &key, signed)?;
    if statement.head.at.0.abs_diff(now.0) > MAX_STATEMENT_AGE_MILLIS {
        return Err(Misuse::Stale);
    }
    // What a person signs today is under the pack of today.
    if view.packs.last() != Some(&statement.head.pack) {
        return Err(StatementError::Pack.into());
    }
    Ok((by, statement))
}

/// Opens a statement under a key, as one of this network and agreement, and of a rule pack that is or was in force here.
pub(crate) fn opened_under<B: Body>(
    view: &View,
    key: &VerifyingPair,
    signed: &Signed,
) -> Result<Statement<B>, Misuse> {
    let identity = view.identity.as_ref().ok_or(Unknown::Unfounded)?;
    let expect = Expect { network: identity.network, agreement: &identity.agreement, pack: None };
    let statement = signed.open::<B>(key, &expect)?;
    if view.packs.contains(&statement.head.pack) { Ok(statement) } else { Err(StatementError::Pack.into()) }
}

fn check_label(item: &Item, label: &Digest) -> Result<(), Misuse> {
    match item.marked() {
        Some(marked) if marked.label == *label => Ok(()),
        Some(_) => Err(state("label digest", "the item bears another label")),
        None => Err(state("item", "it is a draft; mark it first")),
    }
}

pub(crate) fn state(field: &'static str, rule: &'static str) -> Misuse {
    Misuse::State { field, rule }
}

fn encoded(question: &Question) -> Vec<u8> {
    // A Vec takes every write, so encoding our own types cannot fail.
    minicbor::to_vec(question).unwrap_or_default()
}
