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
    from: CivilDay,
    until: CivilDay,
    /// The last day of which any leaf is here: days run in order, so all leaves of the days before are here too.
    last: CivilDay,
    can_pair: bool,
    /// Days whose entries the log lost, of which it then cannot say what the other node says.
    pub(super) lost: Vec<(CivilDay, CivilDay)>,
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
            from: report.from,
            until: report.until,
            last: report.from,
            can_pair: needed.iter().all(is_opened),
            lost: Vec::new(),
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

    /// Notes that a leaf of this day is here.
    pub(super) fn see(&mut self, day: CivilDay) {
        self.last = self.last.max(day);
    }

    /// Whether what the other node says was done here, since one day at the earliest and by another, must be among these leaves. Two clocks
    /// may have another day at midnight, so the day before must be in the report and the day after be over: a report that was made an
    /// hour before the other accuses nobody.
    fn reaches(&self, since: Option<CivilDay>, day: CivilDay) -> bool {
        let by = day.plus_days(1);
        let has_begun = self.is_from_the_beginning || since.is_some_and(|since| self.from < since);
        has_begun && by <= self.until && by < self.last && !self.lost(since, day)
    }

    /// Whether the log may have lost entries of those days.
    fn lost(&self, since: Option<CivilDay>, day: CivilDay) -> bool {
        let since = since.unwrap_or(day);
        self.lost.iter().any(|(first, last)| *first <= day && since <= *last)
    }

    /// The day on which a package went out, before which nobody can have admitted it. A log that lost entries may say so a second time.
    fn sent_on(&self, tag: &Tag) -> Option<CivilDay> {
        self.sent.get(tag).filter(|_| self.lost.is_empty()).map(|sent| sent.day)
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
        let mut odd = |tag: &Tag, spoken: &Spoken, since: Option<CivilDay>, must: bool, what: &str| {
            let place = format!("leaf {}, pair {}", spoken.index, HEXLOWER.encode(tag));
            match must {
                true => findings.failed(
                    "V-047",
                    name.as_str(),
                    Some(place),
                    format!("{what} {partner} never recorded"),
                ),
                false if other.lost(since, spoken.day) => {
                    let why = format!("{what} {partner} has not: its log lost entries of that time");
                    findings.not_shown("V-047", name.as_str(), Some(place), &why);
                }
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
                odd(tag, spoken, None, false, "it was sent, and its arrival");
            }
        }
        for (tag, spoken) in self.receipted.iter().filter(|(_, spoken)| with(spoken)) {
            if !other.admitted.contains_key(tag) {
                let since = self.sent_on(tag);
                let must = other.reaches(since, spoken.day);
                odd(tag, spoken, since, must, "it was receipted, and its admission");
            }
        }
        for (tag, spoken) in self.arrived.iter().filter(|(_, spoken)| with(spoken)) {
            if !other.sent.contains_key(tag) {
                // How long it was under way is not said here, so only a whole log must have sent it.
                let must = other.reaches(None, spoken.day);
                odd(tag, spoken, None, must, "it arrived, and its dispatch");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use attache_accord::Digest;
    use attache_seal::pair::{Sign, SigningPair};

    fn day(text: &str) -> CivilDay {
        text.parse().unwrap()
    }

    #[test]
    fn a_report_answers_for_days_that_are_over_in_its_log() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let zero = Digest([0; 32]);
        let report = |first| Report {
            mandate: Vec::new(),
            giver: pair.verifying().clone(),
            from: day("2026-01-01"),
            until: day("2026-01-31"),
            first,
            end: 9,
            size: 9,
            root: zero,
            figures: zero,
            public: None,
        };
        let mut whole = Exchanged::new(&report(0), &[]);
        whole.see(day("2026-01-10"));
        for (at, reaches) in [("2026-01-08", true), ("2026-01-09", false), ("2026-01-10", false)] {
            assert_eq!(whole.reaches(None, day(at)), reaches, "{at}");
        }
        whole.see(day("2026-03-01"));
        assert!(
            whole.reaches(None, day("2026-01-30")) && !whole.reaches(None, day("2026-01-31")),
            "beyond what is counted"
        );
        whole.lost = vec![(day("2026-01-07"), day("2026-01-09"))];
        for (at, reaches) in [("2026-01-06", true), ("2026-01-08", false), ("2026-01-10", true)] {
            assert_eq!(whole.reaches(None, day(at)), reaches, "lost, {at}");
        }
        let mut later = Exchanged::new(&report(3), &[]);
        later.see(day("2026-03-01"));
        assert!(!later.reaches(None, day("2026-01-08")), "it may lie before");
        for (since, reaches) in [("2025-12-31", false), ("2026-01-01", false), ("2026-01-02", true)] {
            assert_eq!(later.reaches(Some(day(since)), day("2026-01-08")), reaches, "since {since}");
        }
        assert!(!later.reaches(Some(day("2026-01-02")), day("2026-01-31")), "beyond what is counted");
        later.lost = vec![(day("2026-01-03"), day("2026-01-04"))];
        assert!(!later.reaches(Some(day("2026-01-02")), day("2026-01-08")), "it may be lost");
        assert!(later.reaches(Some(day("2026-01-05")), day("2026-01-08")), "it was sent after the loss");
    }
}
