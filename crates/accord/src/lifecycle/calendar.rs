//! What is coming: deadlines that follow from the records and the text, soonest first.
//!
//! *Absent:* reminders. Whoever shows the calendar brings the day.

use super::{Notice, Record, last_timely_day, reading, term_end};
use crate::agreement::Terms;
use crate::day::CivilDay;
use crate::id::Digest;
use crate::party::Party;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// The last day on which notice still ends the running term.
    LastNotice,
    /// The running term's last day; without timely notice the next one follows.
    TermEnds,
    /// A Party's notice takes effect after this day.
    NoticeTakesEffect(Party),
    /// The next domestic gate of a Party.
    Gate(Party, String),
    /// A Party's signature.
    Signature(Party),
    /// A Party's written notice that its requirements are met.
    Notification(Party),
    /// A Party's consent to an amended text that another has consented to.
    Consent(Party, Digest),
    /// A Party's acknowledgement of another's change of law.
    Acknowledgement(Party, Digest),
    /// A declaration by a Party that it holds the agreement to be in force: all notices are there.
    Declaration(Party),
    /// A suspended notice of a Party, which neither runs nor is withdrawn.
    SuspendedNotice(Party),
}

/// One line of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The day; absent where the text sets none.
    pub day: Option<CivilDay>,
    /// What is due.
    pub due: Due,
}

/// The deadlines after `at`, those with a day first and soonest first.
pub fn calendar(records: &BTreeMap<Party, Record>, at: Timestamp, terms: &Terms) -> Vec<Deadline> {
    let mut lines = Vec::new();
    terms_of(records, at, terms, &mut lines);
    for party in &terms.parties {
        steps_of(*party, records, terms, &mut lines);
    }
    lines.sort_by_key(|line| (line.day.is_none(), line.day));
    lines
}

/// Days that follow from the agreement's terms, where a Party holds it to be in force.
fn terms_of(records: &BTreeMap<Party, Record>, at: Timestamp, terms: &Terms, lines: &mut Vec<Deadline>) {
    let declared = records.values().filter_map(|record| record.facts().holds.from).max();
    let Some(from) = declared.filter(|from| *from <= at) else { return };
    let today = CivilDay::of(at, terms.utc_offset_hours);
    let until = super::reading_from(from, records, terms).holds.until;
    if until.is_some_and(|until| until <= at) {
        return;
    }
    if let Some(ends) = term_end(from, today, terms) {
        lines.push(Deadline { day: Some(ends), due: Due::TermEnds });
        // Too late for this term: the next one's.
        let next = || last_timely_day(from, ends.plus_days(1), terms);
        let last = last_timely_day(from, today, terms).filter(|last| *last >= today).or_else(next);
        lines.extend(last.map(|day| Deadline { day: Some(day), due: Due::LastNotice }));
    }
    for (party, record) in records {
        match record.facts().notice {
            Notice::Given { dated, .. } => {
                let end = super::reading::effective(from, dated, terms);
                let day = end.map(|end| CivilDay::of(end, terms.utc_offset_hours).minus_days(1));
                lines.push(Deadline { day, due: Due::NoticeTakesEffect(*party) });
            }
            Notice::Suspended { .. } => lines.push(Deadline { day: None, due: Due::SuspendedNotice(*party) }),
            Notice::None => {}
        }
    }
}

/// What one Party has still to do.
fn steps_of(party: Party, records: &BTreeMap<Party, Record>, terms: &Terms, lines: &mut Vec<Deadline>) {
    let empty = Record::default();
    let record = records.get(&party).unwrap_or(&empty);
    let facts = record.facts();
    let mut due = |due| lines.push(Deadline { day: None, due });
    if facts.initialled.is_some() && facts.signed.is_none() && facts.withdrew.is_none() {
        match record.outstanding(party, terms).first() {
            Some(gate) => due(Due::Gate(party, (*gate).to_owned())),
            None => due(Due::Signature(party)),
        }
    }
    if facts.signed.is_some() && facts.notified.is_none() {
        due(Due::Notification(party));
    }
    for other in records.iter().filter(|(other, _)| **other != party).map(|(_, record)| record.facts()) {
        for (text, _) in &other.amendments {
            if !facts.amendments.iter().any(|(consented, _)| consented == text) {
                due(Due::Consent(party, *text));
            }
        }
        for (notice, _) in &other.law_changes {
            if !facts.acknowledged.contains(notice) {
                due(Due::Acknowledgement(party, *notice));
            }
        }
    }
    let is_silent = facts.holds.from.is_none() && facts.notified.is_some();
    if is_silent && reading(records, terms).holds.from.is_some() {
        due(Due::Declaration(party));
    }
}
