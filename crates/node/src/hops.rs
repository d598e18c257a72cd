//! The hops of an item: from which node to which it went, as far as this node was told, with the level that it has at each. For
//! people; under an agreement whose Parties give each to each directly there is nothing to tell beyond the receipt.
//!
//! *Absent:* anything that is not on record here.

use crate::fault::Fault;
use crate::office::Office;
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::item::{Item, Stage};
use attache_accord::passage::{Fate, Told};
use attache_accord::view::View;
use attache_accord::{Digest, DispatchId, Level, NodeName, Party, Timestamp};
use attache_seal::papers::Receipt;
use attache_seal::statement::Signed;

/// One hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// From which node.
    pub from: NodeName,
    /// To which.
    pub to: NodeName,
    /// `owed`, `stored`, `begun`, `receipted`, `declined`, `overdue` or `refused`.
    pub state: &'static str,
    /// The code with which it was declined.
    pub code: Option<String>,
    /// The level that it got there.
    pub level: Option<Level>,
    /// When the receipt is due.
    pub due: Option<Timestamp>,
    /// Digest of the signed receipt.
    pub receipt: Option<Digest>,
    /// Digest of the originator's signed approval, where it was passed on.
    pub consent: Option<Digest>,
    /// The agreement of the two Parties; empty where the rule pack names none of their own.
    pub basis: String,
}

impl Office {
    /// The hops of an item, those by which it came here first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hops(&self, item: &Item) -> Result<Vec<Hop>, Fault> {
        if self.pack.terms().hub.is_none() {
            return Ok(Vec::new());
        }
        let sent: Vec<DispatchId> = {
            let view = self.view.read();
            view.dispatches.all_sent().filter(|sent| sent.item == item.id).map(|sent| sent.id).collect()
        };
        let mut hops = self.hops_here(item)?;
        for dispatch in sent {
            hops.extend(self.hops_of(&dispatch)?);
        }
        Ok(hops)
    }

    /// The hops by which a received item came.
    fn hops_here(&self, item: &Item) -> Result<Vec<Hop>, Fault> {
        let Stage::Admitted { marked, own_level, dispatch, from } = &item.stage else {
            return Ok(Vec::new());
        };
        let view = self.view.read();
        let own = &self.identity;
        let hub = view.peers.get(from).map(|peer| peer.party);
        let basis = |one: Party, other: Option<Party>| {
            other.map_or("", |other| self.pack.terms().basis_between(one, other)).to_owned()
        };
        let given = view.dispatches.given(dispatch).and_then(|given| given.receipt);
        let came = view.passages.came(dispatch);
        let last = Hop {
            from: from.clone(),
            to: own.node.clone(),
            state: "receipted",
            code: None,
            level: Some(own_level.clone()),
            due: None,
            receipt: given,
            consent: came.map(|came| came.consent),
            basis: basis(own.party, hub),
        };
        let first = came.map(|came| Hop {
            from: came.origin.clone(),
            to: from.clone(),
            level: Some(came.level.clone()),
            receipt: Some(came.receipt),
            consent: None,
            basis: basis(marked.marking.originator(), hub),
            ..last.clone()
        });
        Ok(first.into_iter().chain([last]).collect())
    }

    /// The hops that began with a dispatch of this node.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hops_of(&self, dispatch: &DispatchId) -> Result<Vec<Hop>, Fault> {
        let (mut hops, receipt) = {
            let view = self.view.read();
            let Some(sent) = view.dispatches.sent(dispatch).filter(|_| self.pack.terms().hub.is_some())
            else {
                return Ok(Vec::new());
            };
            let first = self.first(&view, sent);
            let receipt = first.receipt;
            let told = view.passages.told(dispatch).map(|told| self.further(&view, told));
            (std::iter::once(first).chain(told).collect::<Vec<_>>(), receipt)
        };
        if let (Some(first), Some(receipt)) = (hops.first_mut(), receipt) {
            let bytes = self.papers.cited(&receipt, "receipt")?;
            let signed = Signed::from_bytes(&bytes).and_then(|it| it.dangerously_unverified::<Receipt>());
            first.level = signed.map_err(|_| Fault::Altered("receipt"))?.body.own_level;
        }
        Ok(hops)
    }

    fn first(&self, view: &View, sent: &Dispatch) -> Hop {
        let (state, code, receipt) = match &sent.progress {
            Progress::Receipted { receipt, .. } => ("receipted", None, Some(*receipt)),
            Progress::Declined(code) => ("declined", Some(code.clone()), None),
            _ if sent.incident => ("overdue", None, None),
            Progress::Owed => ("owed", None, None),
            Progress::Stored => ("stored", None, None),
        };
        let party = view.peers.get(&sent.recipient).map(|peer| peer.party);
        Hop {
            from: self.identity.node.clone(),
            to: sent.recipient.clone(),
            state,
            code,
            level: None,
            due: Some(sent.due),
            receipt,
            consent: view.passages.onward(&sent.case).and_then(|onward| onward.consent),
            basis: party.map_or_else(String::new, |party| self.basis_with(party)),
        }
    }

    fn further(&self, view: &View, told: &Told) -> Hop {
        let (hop, hub) = (&told.hop, view.peers.get(&told.from).map(|peer| peer.party));
        let (code, level, due, receipt) = match &hop.fate {
            Fate::Declined { code } => (Some(code.clone()), None, None, None),
            Fate::Begun { due } => (None, None, Some(*due), None),
            Fate::Receipted { receipt, level } => (None, level.clone(), None, Some(*receipt)),
            Fate::Refused {} | Fate::Overdue {} => (None, None, None, None),
        };
        Hop {
            from: told.from.clone(),
            to: hop.recipient.clone(),
            state: hop.fate.as_str(),
            code,
            level,
            due,
            receipt,
            consent: hop.consent,
            basis: hub.map_or("", |hub| self.pack.terms().basis_between(hub, hop.party)).to_owned(),
        }
    }
}
