//! What the text's own rule gives for the agreement's effect, from the records as they are known (Art. 21).
//!
//! It is a reading, offered to people and compared with what each Party declared. No release is ruled by it: rulings look
//! at the positions.
//!
//! *Absent:* a rule for a suspended notice. The text has none, so the reading says that it goes beyond the text.

use super::{Holds, Notice, Record};
use crate::agreement::{Effect, Terms};
use crate::day::CivilDay;
use crate::party::Party;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What the text gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// From when to when.
    pub holds: Holds,
    /// Whether some document on record is one that the text does not know, so that the Parties' positions must tell.
    pub beyond_text: bool,
}

/// The last day of the term that is running on `day`, for an agreement in force from `from`: terms follow one another from that
/// day on. None where the text sets no term, and where the term ends beyond the days that can be written: a partner may date
/// an instrument as it likes.
pub fn term_end(from: Timestamp, day: CivilDay, terms: &Terms) -> Option<CivilDay> {
    let years = terms.term_years.filter(|years| *years > 0)?;
    let first = CivilDay::of(from, terms.utc_offset_hours);
    // No term is longer than its years of 366 days, so this is never too late.
    let mut term = day.days_after(first) / years.saturating_mul(366);
    loop {
        let next = first.plus_years((term + 1).saturating_mul(years));
        if next == CivilDay::END {
            return None;
        }
        let last = next.minus_days(1);
        if last >= day {
            return Some(last);
        }
        term += 1;
    }
}

/// The last day on which notice still ends the term that is running on `day`. None where the text sets no term or period.
pub fn last_timely_day(from: Timestamp, day: CivilDay, terms: &Terms) -> Option<CivilDay> {
    Some(term_end(from, day, terms)?.minus_days(terms.notice_days?))
}

/// Whether a notice given at `dated` still ends the term that was running then. None where the text does not say.
pub fn is_timely(from: Timestamp, dated: Timestamp, terms: &Terms) -> Option<bool> {
    let day = CivilDay::of(dated, terms.utc_offset_hours);
    Some(day <= last_timely_day(from, day, terms)?)
}

/// When a notice given at `dated` takes effect: at the end of the first term that ends at least the notice period later, or
/// after the notice period where there are no terms. None where the text does not say.
pub(super) fn effective(from: Timestamp, dated: Timestamp, terms: &Terms) -> Option<Timestamp> {
    let day = CivilDay::of(dated, terms.utc_offset_hours);
    let least = day.plus_days(terms.notice_days?);
    let last = term_end(from, least, terms).unwrap_or(least);
    Some(last.plus_days(1).start(terms.utc_offset_hours))
}

/// Reads `records` by the text: in force from the later of all Parties' written notices, or from the depositary's word that
/// the papers are there; ended by the first notice of termination that was neither suspended nor withdrawn before it took
/// effect.
pub fn reading(records: &BTreeMap<Party, Record>, terms: &Terms) -> Reading {
    let notified = |party| records.get(party).and_then(|record| record.facts().notified);
    let from = match &terms.effect {
        Effect::LaterNotice => {
            let all: Option<Vec<_>> = terms.parties.iter().map(notified).collect();
            all.and_then(|all| all.into_iter().max())
        }
        Effect::Deposit(depositary) => notified(depositary),
    };
    from.map_or_else(Reading::default, |from| reading_from(from, records, terms))
}

/// The same for an agreement known to be in force from `from`, whatever the records say of its beginning.
pub fn reading_from(from: Timestamp, records: &BTreeMap<Party, Record>, terms: &Terms) -> Reading {
    let mut reading = Reading { holds: Holds { from: Some(from), until: None }, beyond_text: false };
    for record in records.values() {
        let (dated, suspended) = match record.facts().notice {
            Notice::None => continue,
            Notice::Given { dated, .. } => (dated, None),
            Notice::Suspended { dated, at, .. } => (dated, Some(at)),
        };
        let Some(end) = effective(from, dated, terms) else {
            reading.beyond_text = true;
            continue;
        };
        reading.beyond_text |= suspended.is_some();
        if suspended.is_none_or(|at| end <= at) {
            reading.holds.until = Some(reading.holds.until.map_or(end, |until| until.min(end)));
        }
    }
    reading
}
