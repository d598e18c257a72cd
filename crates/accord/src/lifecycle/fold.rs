//! All Parties' records at one node, as a fold of its journal.
//!
//! *Absent:* anything that is not in the journal.

use super::{Holds, Kept, Record};
use crate::act::Act;
use crate::agreement::Position;
use crate::id::Digest;
use crate::party::{NodeName, Party};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// Two instruments in one place of a Party's record: one is on record here, the other was sent later.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Contested {
    /// The Party.
    #[n(0)]
    pub party: Party,
    /// The place.
    #[n(1)]
    pub number: u64,
    /// Digest of the signed instrument that was sent and is not on record.
    #[n(2)]
    pub other: Digest,
}

/// The records of all Parties.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Lifecycle {
    #[n(0)]
    records: BTreeMap<Party, Record>,
    #[n(1)]
    contested: Vec<Contested>,
    /// How many own instruments each node has. They are brought in order, so these are the first of the record.
    #[n(2)]
    delivered: BTreeMap<NodeName, u64>,
    /// The own Party, once it has an instrument.
    #[n(3)]
    own: Option<Party>,
}

impl Lifecycle {
    /// Folds one act, and gives the position that it declares, if it declares one anew.
    pub fn apply(&mut self, act: &Act) -> Option<Position> {
        match act {
            Act::InstrumentMade { instrument, statement, .. } => {
                self.own = Some(instrument.party);
                self.push(Kept { digest: *statement, instrument: instrument.clone() })
            }
            Act::InstrumentMirrored { instrument, statement, .. } => {
                self.push(Kept { digest: *statement, instrument: instrument.clone() })
            }
            Act::InstrumentContested { party, number, statement, .. } => {
                self.contested.push(Contested { party: *party, number: *number, other: *statement });
                None
            }
            Act::InstrumentDelivered { statement, to } => {
                let own = self.own.and_then(|own| self.records.get(&own));
                let number = own.and_then(|record| record.get(statement)).map(|kept| kept.instrument.number);
                let delivered = self.delivered.entry(to.clone()).or_default();
                *delivered = number.unwrap_or_default().max(*delivered);
                None
            }
            _ => None,
        }
    }

    /// Owes a node all instruments again: it may have lost some, and they are brought in order.
    pub(crate) fn bring_again(&mut self, node: &NodeName) {
        self.delivered.remove(node);
    }

    fn push(&mut self, kept: Kept) -> Option<Position> {
        let party = kept.instrument.party;
        let record = self.records.entry(party).or_default();
        let before = record.facts().holds;
        record.push(kept);
        let Holds { from, until } = record.facts().holds;
        (before != record.facts().holds).then_some(Position { party, from, until })
    }

    /// Each Party's record; a Party without an instrument has none.
    pub fn records(&self) -> &BTreeMap<Party, Record> {
        &self.records
    }

    /// One Party's record.
    pub fn record(&self, party: Party) -> Option<&Record> {
        self.records.get(&party)
    }

    /// Whether every one of `parties`, and every Party that has a record here, has consented in writing to an amended text, and
    /// has done so after it consented to `in_force`: an amendment that another replaced does not come back by itself, and no
    /// text leaves out a Party without that Party's word.
    pub fn is_agreed(&self, text: &Digest, in_force: &Digest, parties: &BTreeSet<Party>) -> bool {
        let consented = |record: &Record| {
            let place = |wanted| record.facts().amendments.iter().rposition(|(amended, _)| amended == wanted);
            place(text).is_some_and(|at| place(in_force).is_none_or(|before| before < at))
        };
        let mut all = parties.iter().chain(self.records.keys());
        !parties.is_empty() && all.all(|party| self.records.get(party).is_some_and(consented))
    }

    /// What was sent against a place that was taken.
    pub fn contested(&self) -> &[Contested] {
        &self.contested
    }

    /// How many own instruments are on no partner's node yet.
    pub fn undelivered(&self) -> u64 {
        let made = self.own.and_then(|own| self.records.get(&own)).map_or(0, Record::len);
        made - self.delivered.values().max().copied().unwrap_or_default()
    }

    /// The first own instrument that a partner's node does not have yet. They are brought in order, one at a time.
    pub fn owed_to(&self, node: &NodeName) -> Option<&Kept> {
        self.records.get(&self.own?)?.numbered(self.delivered.get(node).copied().unwrap_or_default() + 1)
    }
}
