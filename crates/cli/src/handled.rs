//! What is done with an item beyond opening it, its copies, and its destruction by two people: verbs of `attache item`.
//!
//! *Absent:* the doing. A copy is made by whoever was permitted, under the number that the node gave.

mod destroyed;
mod sealed;

use self::destroyed::{destroy, line};
use self::sealed::SealCopy;
use crate::agreement::texts::{Three, lines_or, of};
use crate::client::Client;
use crate::context::Context;
use crate::explain::ruling_of;
use crate::found::{Failed, Found};
use crate::items::item_id;
use attache_accord::particulars::Purpose;
use attache_accord::party::FacilityName;
use attache_accord::{Level, Party, PersonId, Timestamp};
use attache_gate::api;
use attache_release::Language;
use clap::{Args, Subcommand};

const COPY: Three = ["사본", "複製", "copy"];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Pass a received item on to a Party outside, as its originator approved (Art. 6(a)).
    #[command(after_help = "Example: attache item pass-on 3f9a01 USA --as fdo-1")]
    PassOn {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The Party, such as USA.
        to: Party,
    },
    /// Use an item for another purpose, as its originator approved (Art. 6(c)).
    #[command(after_help = "Example: attache item use 3f9a01 training --as fdo-1")]
    Use {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The purpose.
        purpose: Purpose,
    },
    /// Give an item a lower level, as its originator notified (Art. 6(g)).
    #[command(after_help = "Example: attache item downgrade 3f9a01 JPN:HI --as desk-7")]
    Downgrade {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The level, in the own scheme.
        to: Level,
    },
    /// Make the next copy of an item; its number is given by the node (Art. 14).
    #[command(after_help = "Example: attache item copy 3f9a01 --needed 3 --as desk-7")]
    Copy {
        /// The item, or at least 6 digits of it.
        item: String,
        #[command(flatten)]
        copy: Reproduced,
    },
    /// Make the next copy of an item as a TDF that clients of OpenTDF open by this node's key access service, each time by a ruling.
    #[command(
        after_help = "Example: attache item seal-copy 3f9a01 --needed 1 --out report.tdf --as desk-7\n\
        Again:   attache item seal-copy 3f9a01 --copy 2 --out report.tdf --as desk-7"
    )]
    SealCopy(SealCopy),
    /// Have a cleared person translate an item; the translation is its next copy (Art. 15).
    #[command(
        after_help = "Example: attache item translate 3f9a01 --translator linguist-1 --needed 3 --as desk-7"
    )]
    Translate {
        /// The item, or at least 6 digits of it.
        item: String,
        /// Who translates: someone on the roll.
        #[arg(long)]
        translator: PersonId,
        #[command(flatten)]
        copy: Reproduced,
        /// The translation lacks the notation of whose information it holds.
        #[arg(long)]
        without_notation: bool,
    },
    /// Take a copy back into the registry.
    #[command(after_help = "Example: attache item return 3f9a01 --copy 2 --as registrar-1")]
    Return {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The copy's number.
        #[arg(long)]
        copy: u32,
    },
    /// Hand an item to a contractor's facility, as the authority ascertained it (Art. 16).
    #[command(
        after_help = "Example: attache item give 3f9a01 plant-3 --facility-clearance JPN:TOKUTEI --cleared-until 2027-01-01 \
        --inspected-until 2027-01-01 --responsible officer-9 --staff-registered --as fdo-1"
    )]
    Give {
        /// The item, or at least 6 digits of it.
        item: String,
        #[command(flatten)]
        contractor: Contractor,
    },
    /// Show an own item to visitors of another Party (Art. 8).
    #[command(
        after_help = "Example: attache item visit 3f9a01 JPN --official --approved-by KOR --until 2026-12-01 --highest KOR:II \
        --as fdo-1"
    )]
    Visit {
        /// The item, or at least 6 digits of it.
        item: String,
        #[command(flatten)]
        visit: Visited,
    },
    /// Sign that an item, or one copy of it, is destroyed. Two people do, one after the other (Art. 13).
    #[command(
        after_help = "Example: attache item destroy 3f9a01 --means \"keys deleted, paper shredded\" --document \"protocol 4\" \
        --as desk-7\nThen:    attache item destroy 3f9a01 --second --as registrar-1"
    )]
    Destroy {
        /// The item, or at least 6 digits of it.
        item: String,
        /// One copy; without it, the item with all that is left of it.
        #[arg(long)]
        copy: Option<u32>,
        /// By what means.
        #[arg(long, required_unless_present = "second")]
        means: Option<String>,
        /// The written document.
        #[arg(long, required_unless_present = "second")]
        document: Option<String>,
        /// Sign what the first person signed, which is shown.
        #[arg(long, conflicts_with_all = ["means", "document"])]
        second: bool,
    },
    /// List destructions here and at partners' nodes, with who signed them.
    #[command(after_help = "Example: attache item destroyed --as registrar-1")]
    Destroyed,
}

#[derive(Args)]
pub(crate) struct Reproduced {
    /// How many copies the official need calls for.
    #[arg(long)]
    needed: u32,
    /// The copy lacks the original markings.
    #[arg(long)]
    unmarked: bool,
}

#[derive(Args)]
pub(crate) struct Contractor {
    /// The facility.
    facility: FacilityName,
    /// Whose contractor; without it, the holder's.
    #[arg(long)]
    contractor_party: Option<Party>,
    /// Up to which level it is cleared.
    #[arg(long, requires = "cleared_until")]
    facility_clearance: Option<Level>,
    /// Until when it is.
    #[arg(long, requires = "facility_clearance", value_name = "DATE")]
    cleared_until: Option<Timestamp>,
    /// Until when its last inspection is good.
    #[arg(long, value_name = "DATE")]
    inspected_until: Option<Timestamp>,
    /// Who is responsible there.
    #[arg(long)]
    responsible: Option<PersonId>,
    /// Everyone with access there is cleared, briefed and registered.
    #[arg(long)]
    staff_registered: bool,
}

#[derive(Args)]
pub(crate) struct Visited {
    /// Whose people come.
    visitors: Party,
    /// The visit's purpose is official.
    #[arg(long)]
    official: bool,
    /// The Party that approved the visit.
    #[arg(long, value_name = "PARTY")]
    approved_by: Option<Party>,
    /// When the visit is over.
    #[arg(long, value_name = "DATE")]
    until: Timestamp,
    /// The highest level that may be disclosed.
    #[arg(long)]
    highest: Option<Level>,
}

fn text(value: &impl ToString) -> String {
    value.to_string()
}

pub(crate) fn run(verb: Verb, client: &Client, context: &Context) -> Result<Found, Failed> {
    let (item, wanted) = match verb {
        Verb::PassOn { item, to } => (item, api::Handling::PassOn { to: text(&to) }),
        Verb::Use { item, purpose } => (item, api::Handling::OtherPurpose { purpose: text(&purpose) }),
        Verb::Downgrade { item, to } => (item, api::Handling::Downgrade { to: text(&to) }),
        Verb::Copy { item, copy } => {
            (item, api::Handling::Copy { needed: copy.needed, marked: !copy.unmarked })
        }
        Verb::SealCopy(wanted) => return wanted.run(client, context.language),
        Verb::Translate { item, translator, copy, without_notation } => (
            item,
            api::Handling::Translate {
                translator: text(&translator),
                needed: copy.needed,
                marked: !copy.unmarked,
                notation: !without_notation,
            },
        ),
        Verb::Give { item, contractor } => {
            (item, api::Handling::GiveToContractor { contractor: contractor.told() })
        }
        Verb::Visit { item, visit } => (item, visit.told()),
        Verb::Return { item, copy } => {
            let id = item_id(client, &item)?;
            let copies: Vec<api::Copy> =
                client.post(&format!("/v1/items/{id}/copies/{copy}/return"), &serde_json::json!({}))?;
            return Found::of(told_copies(&copies, context.language), &copies);
        }
        Verb::Destroy { item, copy, means, document, second } => {
            let (means, document) = (means.unwrap_or_default(), document.unwrap_or_default());
            return destroy(client, &item, copy, (means, document), second, context.language);
        }
        Verb::Destroyed => {
            let all: Vec<api::Destruction> = client.list("/v1/destructions")?;
            let lines: Vec<String> = all.iter().map(|one| line(one, context.language)).collect();
            let none = ["파기된 것이 없다.", "破棄されたものはない。", "Nothing is destroyed."];
            return Found::of(lines_or(&none, &lines, context.language), &all);
        }
    };
    let id = item_id(client, &item)?;
    let handled: api::Handled = client.post(&format!("/v1/items/{id}/handlings"), &wanted)?;
    let mut told = ruling_of(&handled.ruling, context.language);
    if let Some(number) = handled.number {
        told =
            format!("{} {number}\n{told}", of(&["사본 번호", "複製番号", "Copy number"], context.language));
    }
    Found::of(told, &handled)
}

impl Contractor {
    fn told(&self) -> api::Contractor {
        api::Contractor {
            facility: text(&self.facility),
            party: self.contractor_party.as_ref().map(text),
            level: self.facility_clearance.as_ref().map(text),
            cleared_until: self.cleared_until.as_ref().map(text),
            inspected_until: self.inspected_until.as_ref().map(text),
            responsible: self.responsible.as_ref().map(text),
            staff_registered: self.staff_registered,
        }
    }
}

impl Visited {
    fn told(&self) -> api::Handling {
        api::Handling::Visit {
            visitors: text(&self.visitors),
            official: self.official,
            approved_by: self.approved_by.as_ref().map(text),
            until: text(&self.until),
            highest: self.highest.as_ref().map(text),
        }
    }
}

/// Each copy with what became of it, and how they balance.
pub(crate) fn told_copies(copies: &[api::Copy], language: Language) -> String {
    let fate = |word: &str| copies.iter().filter(|copy| copy.fate == word).count();
    let mut lines: Vec<String> = copies
        .iter()
        .map(|copy| {
            let kind = match (copy.translation, copy.sealed) {
                (true, _) => of(&["번역", "翻訳", "translation"], language),
                (_, true) => of(&["봉인 사본", "封緘した複製", "sealed copy"], language),
                _ => of(&COPY, language),
            };
            format!(
                "  {kind} {:>3}  {:<9} {}  {}",
                copy.number,
                told_fate(&copy.fate, language),
                copy.keeper,
                copy.made_at
            )
        })
        .collect();
    lines.push(format!(
        "  {} = {} {} + {} {} + {} {}",
        copies.len(),
        fate("out"),
        told_fate("out", language),
        fate("returned"),
        told_fate("returned", language),
        fate("destroyed"),
        told_fate("destroyed", language)
    ));
    lines.join("\n")
}

fn told_fate(word: &str, language: Language) -> &str {
    match word {
        "out" => of(&["대출 중", "貸出中", "out"], language),
        "returned" => of(&["반납", "返納", "returned"], language),
        "destroyed" => of(&["파기", "破棄", "destroyed"], language),
        other => other,
    }
}
