//! `attache agreement`: the rule pack, the agreement office's acts, and what an administrator records about the agreement.
//!
//! *Absent:* rules. Whatever this program says about the agreement comes from the rule pack.

mod compare;
mod kept;
mod office;
mod shown;
pub(crate) mod texts;

use self::office::{Desk, Papers};
use crate::context::Context;
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::pack::{self, named};
use attache_accord::equivalence::Equivalents;
use attache_accord::lifecycle::Step;
use attache_accord::marking::Level;
use attache_accord::party::Party;
use attache_accord::{PersonId, Timestamp};
use attache_gate::api;
use attache_release::Pack;
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Put forward a text: a draft, or a counter-draft to the partner's. Needs the agreement office, as the acts below do.
    #[command(
        after_help = "Example: attache agreement new drafts/2 --official \"Office of Treaties\" --document \"note 2\" --as office-1"
    )]
    New {
        /// The rule pack that holds the text: a folder, or the name of a built-in one. It is kept under its digest in the node's
        /// folder.
        text: String,
        #[command(flatten)]
        papers: Papers,
    },
    /// Where the agreement stands: each Party's record apart, what differs, what is coming.
    #[command(after_help = "Example: attache agreement show --language ko --as office-1")]
    Show {
        /// Every instrument instead, each Party's in order.
        #[arg(long)]
        record: bool,
    },
    /// How one text differs from another.
    #[command(
        after_help = "Example: attache agreement diff 4af3c2 drafts/2\n\nExit code 0 when they are the same, 1 when they differ."
    )]
    Diff {
        /// A folder, the name of a built-in pack, or at least 6 digits of the digest of a text that is kept.
        old: String,
        /// The same.
        new: String,
    },
    /// Initial a text. That freezes the text and has no legal effect.
    #[command(
        after_help = "Example: attache agreement initial --official \"Director of Treaties\" --document \"initials\" --as office-1"
    )]
    Initial {
        /// A folder, or at least 6 digits of a text on record; without it the text put forward last.
        text: Option<String>,
        #[command(flatten)]
        papers: Papers,
    },
    /// Pass the next domestic gate, or skip it by a named official and for a reason.
    #[command(
        after_help = "Example: attache agreement gate state-council --official \"State Council\" --document \"minutes 47\" --as office-1"
    )]
    Gate {
        /// The gate's code in the pack.
        gate: String,
        /// It was left out; --remark says why, and that is shown to everyone.
        #[arg(long)]
        skip: bool,
        #[command(flatten)]
        papers: Papers,
    },
    /// Sign the text that is initialled.
    #[command(
        after_help = "Example: attache agreement sign --official \"Minister of Defence\" --document \"signature\" --as office-1"
    )]
    Sign {
        #[command(flatten)]
        papers: Papers,
    },
    /// Notify in writing that the domestic requirements are met, or as depositary that the papers are here.
    #[command(
        after_help = "Example: attache agreement notify --official \"Foreign Ministry\" --document \"note 12\" --as office-1"
    )]
    Notify {
        #[command(flatten)]
        papers: Papers,
    },
    /// Give notice of termination (Art. 21). It ends nothing before its time.
    #[command(
        after_help = "Example: attache agreement notice --official \"Foreign Ministry\" --document \"note 13\" --as office-1"
    )]
    Notice {
        #[command(flatten)]
        papers: Papers,
    },
    /// Suspend the effect of the own notice. The text does not know this; --remark says how the Party understands it.
    #[command(
        after_help = "Example: attache agreement suspend --official \"Foreign Ministry\" --document \"note 14\" --remark \"suspended\""
    )]
    Suspend {
        #[command(flatten)]
        papers: Papers,
    },
    /// Withdraw the own notice, or with --before-signature withdraw from a text that is not signed.
    #[command(
        after_help = "Example: attache agreement withdraw --official \"Foreign Ministry\" --document \"note 15\" --as office-1"
    )]
    Withdraw {
        /// From a text that is not signed; --remark says why.
        #[arg(long)]
        before_signature: bool,
        #[command(flatten)]
        papers: Papers,
    },
    /// State the Party's own position in words, and from when to when it holds the agreement to be in force.
    #[command(
        after_help = "Example: attache agreement position --in-force-from 2016-11-23 --official \"Foreign Ministry\" --document \"record 1\" \\\n  --remark \"in force on the later of the two notices\" --as office-1"
    )]
    Position {
        /// Declare what the text gives from the notices on record.
        #[arg(long, conflicts_with_all = ["in_force_from", "in_force_until", "no_end"])]
        as_text: bool,
        #[command(flatten)]
        papers: Papers,
    },
    /// Consent to an amended text. It stands once every Party has.
    #[command(
        after_help = "Example: attache agreement amend drafts/amended --official \"Foreign Ministry\" --document \"note 16\" --as office-1"
    )]
    Amend {
        /// The amended rule pack: a folder, or at least 6 digits of the digest of a text that is kept.
        text: String,
        #[command(flatten)]
        papers: Papers,
    },
    /// Put an amended text in force at this node, which is down. The node takes it at its start if every Party has consented.
    #[command(after_help = "Example: attache agreement adopt 4af3c2 --home seoul")]
    Adopt {
        /// A folder, or at least 6 digits of the digest of a text that is kept.
        text: String,
    },
    /// Write a rule pack into a folder, to begin a text of one's own with.
    #[command(after_help = "Example: attache agreement export gsomia-2016 --out drafts/1")]
    Export {
        /// The name of a built-in pack, or at least 6 digits of the digest of a text that is kept.
        text: String,
        /// The folder, which is not there yet.
        #[arg(long)]
        out: PathBuf,
    },
    /// Announce a change of law that affects protection (Art. 3), or acknowledge the partner's.
    #[command(
        after_help = "Example: attache agreement law-change --official \"Foreign Ministry\" --document \"note 17\" --remark \"Secrets Act, s. 4\""
    )]
    LawChange {
        /// Acknowledge the first of the partner's that is not acknowledged.
        #[arg(long)]
        acknowledge: bool,
        #[command(flatten)]
        papers: Papers,
    },
    /// Ask for consultation over a dispute (Art. 20), or hold the own first one to be settled. Protection goes on.
    #[command(
        after_help = "Example: attache agreement dispute --official \"Foreign Ministry\" --document \"note 18\" --remark \"marking of extracts\""
    )]
    Dispute {
        /// It is settled.
        #[arg(long)]
        settled: bool,
        #[command(flatten)]
        papers: Papers,
    },
    /// Record a milestone that the public may ask about.
    #[command(
        after_help = "Example: attache agreement milestone \"parliament briefed\" --official \"Foreign Ministry\" --document \"minutes 3\""
    )]
    Milestone {
        /// What happened.
        what: String,
        #[command(flatten)]
        papers: Papers,
    },
    /// What is coming: the last timely day for notice, gates outstanding, consents and acknowledgements.
    #[command(after_help = "Example: attache agreement calendar --as office-1")]
    Calendar,
    /// Sign an assurance for one of our own cleared people, to be given to the partner (Art. 7).
    #[command(
        after_help = "Example: attache agreement assure desk-1 --expires 2027-06-30 --out desk-1.assurance"
    )]
    Assure {
        /// The pseudonym.
        person: PersonId,
        /// For what use.
        #[arg(long, default_value = "the agreement's purposes")]
        purpose: String,
        /// Until when, at most as long as the clearance.
        #[arg(long)]
        expires: Timestamp,
        /// Where to write it.
        #[arg(long)]
        out: PathBuf,
    },
    /// Record an assurance that the partner gave (Art. 7).
    #[command(after_help = "Example: attache agreement assurance desk-1.assurance")]
    Assurance {
        /// The file that the partner gave.
        file: PathBuf,
    },
    /// Check a rule pack and print its digest, which is what the Parties sign; or what is wrong, by file and line.
    #[command(after_help = "Example: attache agreement check agreements/gsomia-2016")]
    Check {
        /// Folder of the pack, or the name of a built-in one; without it that of 2016.
        pack: Option<PathBuf>,
    },
    /// Whether a version of a pack permits anything that another refused, proved for every question. Needs the solver cvc5.
    #[command(
        after_help = "Example: attache agreement compare gsomia-2016 drafts/amended\n\nExit code 0 when NEW permits nothing that OLD \
        refused, 1 when it does or when that is not proved, 2 when the two cannot be compared, 3 when cvc5 is not here."
    )]
    Compare {
        /// Folder of a pack, the name of a built-in one, or at least 6 digits of the digest of a text that is kept.
        old: String,
        /// The same.
        new: String,
    },
    /// What the table of Art. 4.2 says for one level and one recipient.
    #[command(after_help = "Example: attache agreement equivalent KOR:II JPN")]
    Equivalent {
        /// The originator's level, such as KOR:II.
        level: Level,
        /// The Party that would receive it, such as JPN.
        to: Party,
        /// Folder of the pack, or the name of a built-in one; without it that of 2016.
        #[arg(long)]
        pack: Option<PathBuf>,
    },
}

/// What the agreement office does.
fn act(step: Step, papers: Papers, context: &Context) -> Result<Found, Failed> {
    Desk::open(context)?.act(step, papers)
}

fn new(text: &str, papers: Papers, context: &Context) -> Result<Found, Failed> {
    let pack = kept::keep(context, text)?;
    act(Step::Proposed { text: pack.digest(), version: pack.version().to_owned() }, papers, context)
}

fn amend(text: &str, papers: Papers, context: &Context) -> Result<Found, Failed> {
    let pack = kept::keep(context, text)?;
    act(Step::AmendmentConsented { text: pack.digest(), version: pack.version().to_owned() }, papers, context)
}

fn initial(text: Option<&str>, papers: Papers, context: &Context) -> Result<Found, Failed> {
    let desk = Desk::open(context)?;
    let text = match text {
        Some(text) => {
            let proposed = desk.records.values().flat_map(|record| &record.facts().proposed);
            let known: Vec<_> = proposed.map(|(digest, ..)| *digest).collect();
            kept::digest_of(context, text, &known)?
        }
        None => desk.last_proposed().ok_or_else(|| Failed::misuse("text: no Party has put one forward"))?,
    };
    let text = kept::at_hand(context, text)?;
    desk.act(Step::Initialled { text }, papers)
}

fn sign(papers: Papers, context: &Context) -> Result<Found, Failed> {
    let desk = Desk::open(context)?;
    let initialled = desk.own_record().facts().initialled.map(|(text, _)| text);
    let text = initialled.or_else(|| desk.last_proposed());
    let text =
        text.ok_or_else(|| Failed::misuse("text: nothing is initialled, and no text was put forward"))?;
    let text = kept::at_hand(context, text)?;
    desk.act(Step::Signed { text }, papers)
}

/// An act about the own notice of termination.
fn about_notice(
    step: impl FnOnce(attache_accord::Digest) -> Step,
    papers: Papers,
    context: &Context,
) -> Result<Found, Failed> {
    let desk = Desk::open(context)?;
    let notice = desk.own_record().facts().notice.instrument();
    let notice = notice.ok_or_else(|| Failed::misuse("notice: no notice of our own stands"))?;
    desk.act(step(notice), papers)
}

fn law_change(acknowledge: bool, papers: Papers, context: &Context) -> Result<Found, Failed> {
    let desk = Desk::open(context)?;
    if !acknowledge {
        return desk.act(Step::LawChanged {}, papers);
    }
    let notice = desk.unacknowledged();
    let notice = notice
        .ok_or_else(|| Failed::misuse("acknowledge: the partner has announced nothing that waits for it"))?;
    desk.act(Step::LawChangeAcknowledged { notice }, papers)
}

fn dispute(settled: bool, papers: Papers, context: &Context) -> Result<Found, Failed> {
    let desk = Desk::open(context)?;
    if !settled {
        return desk.act(Step::Disputed {}, papers);
    }
    let open = desk.own_record().facts().disputes.first().copied();
    let dispute = open.ok_or_else(|| Failed::misuse("settled: no dispute of our own is open"))?;
    desk.act(Step::DisputeSettled { dispute }, papers)
}

fn assure(
    context: &Context,
    person: &PersonId,
    purpose: String,
    expires: Timestamp,
    out: &Path,
) -> Result<Found, Failed> {
    let assuring = api::Assuring { person: person.to_string(), purpose, expires_at: expires.to_string() };
    let stated: api::Stated = context.sign_in()?.post("/v1/assurances/given", &assuring)?;
    std::fs::write(out, &stated.statement).map_err(|error| Failed::file(out, &error))?;
    let text = format!("The assurance for {person} is in {}; give it to the partner.", out.display());
    Found::of(text, &json!({ "person": person.to_string(), "file": out }))
}

fn assurance(context: &Context, file: &Path) -> Result<Found, Failed> {
    let statement = context.read_text(file)?;
    let stated = api::Stated { statement };
    let recorded: api::Recorded = context.sign_in()?.post("/v1/assurances", &stated)?;
    Found::of(format!("The assurance is recorded as entry {}.", recorded.index), &recorded)
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::New { text, papers } => new(&text, papers, context),
        Verb::Show { record: false } => shown::show(context),
        Verb::Show { record: true } => shown::record(context),
        Verb::Calendar => shown::calendar(context),
        Verb::Diff { old, new } => kept::diff(context, &old, &new),
        Verb::Initial { text, papers } => initial(text.as_deref(), papers, context),
        Verb::Gate { gate, skip: false, papers } => act(Step::GatePassed { gate }, papers, context),
        Verb::Gate { gate, skip: true, papers } => act(Step::GateSkipped { gate }, papers, context),
        Verb::Sign { papers } => sign(papers, context),
        Verb::Notify { papers } => act(Step::Notified {}, papers, context),
        Verb::Notice { papers } => act(Step::NoticeGiven {}, papers, context),
        Verb::Suspend { papers } => about_notice(|notice| Step::NoticeSuspended { notice }, papers, context),
        Verb::Withdraw { before_signature: true, papers } => act(Step::Withdrew {}, papers, context),
        Verb::Withdraw { before_signature: false, papers } => {
            about_notice(|notice| Step::NoticeWithdrawn { notice }, papers, context)
        }
        Verb::Position { as_text: true, papers } => Desk::open(context)?.as_text(papers),
        Verb::Position { as_text: false, papers } => act(Step::PositionTaken {}, papers, context),
        Verb::Amend { text, papers } => amend(&text, papers, context),
        Verb::Adopt { text } => kept::adopt(context, &text),
        Verb::Export { text, out } => kept::export(context, &text, &out),
        Verb::LawChange { acknowledge, papers } => law_change(acknowledge, papers, context),
        Verb::Dispute { settled, papers } => dispute(settled, papers, context),
        Verb::Milestone { what, papers } => act(Step::MilestoneReached { milestone: what }, papers, context),
        Verb::Assure { person, purpose, expires, out } => assure(context, &person, purpose, expires, &out),
        Verb::Assurance { file } => assurance(context, &file),
        Verb::Check { pack } => pack::check(pack.as_deref(), context.language),
        Verb::Compare { old, new } => compare::run(context, &old, &new),
        Verb::Equivalent { level, to, pack } => equivalent(&pack::load(pack.as_deref())?, &level, to),
    }
}

fn equivalent(pack: &Pack, level: &Level, to: Party) -> Result<Found, Failed> {
    let table = &pack.terms().equivalence;
    if table.name(level).is_none() {
        return Err(Failed::misuse(format!(
            "level: {level} is not in the scheme of a Party to {}",
            pack.terms().agreement
        )));
    }
    let (options, code, said) = match table.equivalents(level, to) {
        Equivalents::None => {
            (vec![], EXIT_REFUSED, "has no equivalent and is not shared (Art. 4)".to_owned())
        }
        Equivalents::One(only) => {
            let said = format!("corresponds to {}", named(pack, &only));
            (vec![only], EXIT_DONE, said)
        }
        Equivalents::Choice(options) => {
            let names: Vec<_> = options.iter().map(|option| named(pack, option)).collect();
            let said =
                format!("corresponds to {}; a person of {to} must choose (Art. 4.2)", names.join(" or "));
            (options, EXIT_DONE, said)
        }
    };
    let json = json!({
        "level": level.as_str(),
        "to": to.to_string(),
        "equivalents": options.iter().map(Level::as_str).collect::<Vec<_>>(),
        "article": "4.2",
    });
    Ok(Found { text: format!("{} {said}", named(pack, level)), json, code })
}
