//! Where the Parties' records differ, from each other or from the text. It is shown, and never settled here.
//!
//! *Absent:* fault. A difference may be a message on its way.

use super::{Contested, Holds, Lifecycle, reading};
use crate::agreement::Terms;
use crate::id::Digest;
use crate::party::Party;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Divergence {
    /// The Parties initialled or signed different texts.
    Text {
        /// Each Party with the text that it signed, or else initialled.
        texts: Vec<(Party, Digest)>,
    },
    /// The Parties declare different beginnings or ends of the agreement's effect.
    Effect {
        /// What each declares.
        declared: Vec<(Party, Holds)>,
    },
    /// What a Party declares is not what the text gives from the records.
    Reading {
        /// The Party.
        party: Party,
        /// What it declares.
        declared: Holds,
        /// What the text gives.
        text: Holds,
        /// Whether a document on record goes beyond the text, so that the text alone cannot tell.
        beyond_text: bool,
    },
    /// Own instruments that no partner's node has yet.
    Undelivered {
        /// How many.
        count: u64,
    },
    /// A Party sent two instruments in one place of its record.
    Contested(Contested),
}

/// All differences among the records.
pub fn divergences(lifecycle: &Lifecycle, terms: &Terms) -> Vec<Divergence> {
    let records = lifecycle.records();
    let mut found = Vec::new();
    let texts: Vec<_> = records
        .iter()
        .filter_map(|(party, record)| {
            let facts = record.facts();
            facts.signed.or(facts.initialled).map(|(text, _)| (*party, text))
        })
        .collect();
    if texts.windows(2).any(|pair| matches!(pair, [a, b] if a.1 != b.1)) {
        found.push(Divergence::Text { texts });
    }
    let declared: Vec<_> = terms
        .parties
        .iter()
        .map(|party| (*party, records.get(party).map(|record| record.facts().holds).unwrap_or_default()))
        .collect();
    if declared.windows(2).any(|pair| matches!(pair, [a, b] if a.1 != b.1)) {
        found.push(Divergence::Effect { declared: declared.clone() });
    }
    // Without notices on record the text gives nothing to compare: the records may begin in the agreement's middle.
    let text = reading(records, terms);
    if text.holds.from.is_some() {
        let differing = declared.iter().filter(|(_, holds)| *holds != text.holds);
        found.extend(differing.map(|(party, holds)| Divergence::Reading {
            party: *party,
            declared: *holds,
            text: text.holds,
            beyond_text: text.beyond_text,
        }));
    }
    let count = lifecycle.undelivered();
    if count > 0 {
        found.push(Divergence::Undelivered { count });
    }
    found.extend(lifecycle.contested().iter().cloned().map(Divergence::Contested));
    found
}
