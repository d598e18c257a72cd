//! What one log says was sent, against what the other says was received, by the pair tags of both.
//!
//! A log alone cannot show that its node journals all it does. Two that must pair can, as far as both reports reach.
//!
//! *Absent:* packages and receipts themselves; those are evidence, and show more than a mandate opens.

use super::ByNode;
use crate::report::Findings;
use attache_accord::oversight::{
    FIELD_ACT, FIELD_DIRECTION, FIELD_OUTCOME, FIELD_PAIR, FIELD_PARTNER, FIELDS,
};
use attache_accord::{CivilDay, NodeName};
use attache_seal::papers::Report;
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;

type Tag = [u8; 32];

/// A leaf that speaks of a package.
struct Spoken {
    index: u64,
    day: CivilDay,
    partner: String,
}

/// What one node's leaves say it exchanged.
pub(super) struct Exchanged {
    sent: BTreeMap<Tag, Spoken>,
    /// Receipts that say the partner admitted it.
    receipted: BTreeMap<Tag, Spoken>,
    arrived: BTreeMap<Tag, Spoken>,
    admitted: BTreeMap<Tag, Spoken>,
    /// Whether the report begins with the first leaf of the log, so that nothing came before.
    is_from_the_beginning: bool,
    until: CivilDay,
    can_pair: bool,
}

impl Exchanged {
    pub(super) fn new(report: &Report, opened: &[u8]) -> Self {
        let needed = [FIELD_ACT, FIELD_DIRECTION, FIELD_PARTNER, FIELD_OUTCOME, FIELD_PAIR];
        let is_opened = |field: &usize| opened.iter().any(|opened| usize::from(*opened) == *field);
        Self {
            sent: BTreeMap::new(),
            receipted: BTreeMap::new(),
            arrived: BTreeMap::new(),
            admitted: BTreeMap::new(),
            is_from_the_beginning: report.first == 0,
            until: report.until,
            can_pair: needed.iter().all(is_opened),
        }
    }

    pub(super) fn add(&mut self, index: u64, day: CivilDay, leaf: &[&str; FIELDS], pair: Option<Tag>) {
        let Some(tag) = pair.filter(|_| self.can_pair) else { return };
        let field = |number: usize| leaf.get(number).copied().unwrap_or_default();
        let of = match (field(FIELD_ACT), field(FIELD_OUTCOME)) {
            ("dispatch owed", _) => &mut self.sent,
            ("receipt kept", "admitted") => &mut self.receipted,
            ("arrival verified", _) => &mut self.arrived,
            ("admitted", _) => &mut self.admitted,
            _ => return,
        };
        of.insert(tag, Spoken { index, day, partner: field(FIELD_PARTNER).to_owned() });
    }

    /// Whether something that happened on `day` or before must be among these leaves.
    fn reaches(&self, day: CivilDay) -> bool {
        self.is_from_the_beginning && day <= self.until
    }
}

pub(super) fn check(nodes: &ByNode, findings: &mut Findings) {
    for (name, one) in nodes {
        for (partner, other) in nodes.iter().filter(|(partner, _)| *partner != name) {
            if !one.can_pair || !other.can_pair {
                findings.not_shown("V-047", name.as_str(), None, "the mandate opens no pair tags");
                continue;
            }
            let before = findings.len();
            one.against(name, partner, other, findings);
            if findings.len() == before {
                findings.proved("V-047", name.as_str(), Some(format!("with {partner}")));
            }
        }
    }
}

impl Exchanged {
    /// What this node says of its exchanges with the other, where the other does not say the same.
    fn against(&self, name: &NodeName, partner: &NodeName, other: &Self, findings: &mut Findings) {
        let with = |spoken: &&Spoken| spoken.partner == partner.as_str();
        let mut odd = |tag: &Tag, spoken: &Spoken, must: bool, what: &str| {
            let place = format!("leaf {}, pair {}", spoken.index, HEXLOWER.encode(tag));
            match must {
                true => findings.failed(
                    "V-047",
                    name.as_str(),
                    Some(place),
                    format!("{what} {partner} never recorded"),
                ),
                false => {
                    let why = format!(
                        "{what} {partner} has not among these leaves: on its way, of other days, or not recorded"
                    );
                    findings.not_shown("V-047", name.as_str(), Some(place), &why);
                }
            }
        };
        for (tag, spoken) in self.sent.iter().filter(|(_, spoken)| with(spoken)) {
            if !other.arrived.contains_key(tag) && !self.receipted.contains_key(tag) {
                odd(tag, spoken, false, "it was sent, and its arrival");
            }
        }
        for (tag, spoken) in self.receipted.iter().filter(|(_, spoken)| with(spoken)) {
            if !other.admitted.contains_key(tag) {
                odd(tag, spoken, other.reaches(spoken.day), "it was receipted, and its admission");
            }
        }
        for (tag, spoken) in self.arrived.iter().filter(|(_, spoken)| with(spoken)) {
            if !other.sent.contains_key(tag) {
                odd(tag, spoken, other.reaches(spoken.day), "it arrived, and its dispatch");
            }
        }
    }
}
