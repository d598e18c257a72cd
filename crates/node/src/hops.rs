//! The hops of an item: from which node to which it went, as far as this node was told, with the level that it has at each. For
//! people; under an agreement whose Parties give each to each directly there is nothing to tell beyond the receipt. Of what goes by way
//! of a hub that cannot read it, the letter that it goes in tells the hops: what the hub signed of it, and what its recipient did.
//!
//! *Absent:* anything that is not on record here.

use crate::fault::Fault;
use crate::office::Office;
use crate::relay::Way;
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::item::{Item, Stage};
use attache_accord::letters::{Letter, Matter, Stand};
use attache_accord::passage::{Fate, Told};
use attache_accord::view::View;
use attache_accord::{Digest, DispatchId, Level, NodeName, Party, Timestamp};
use attache_seal::papers::Receipt;
use attache_seal::statement::Signed;

/// A hub that cannot read it has it, and signed for that.
const TAKEN: &str = "taken";
/// It went no further: its sender or the hub gave up giving it on.
const GIVEN_UP: &str = "given-up";

/// One hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// From which node.
    pub from: NodeName,
    /// To which.
    pub to: NodeName,
    /// `owed`, `stored`, `taken`, `begun`, `receipted`, `declined`, `overdue`, `refused` or `given-up`.
    pub state: &'static str,
    /// The code with which it was declined.
    pub code: Option<String>,
    /// The level that it got there.
    pub level: Option<Level>,
    /// When the receipt is due.
    pub due: Option<Timestamp>,
    /// Digest of the signed receipt, or of what a hub that cannot read it signed.
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
        if let Some(letter) = view.letters.bringing(dispatch).cloned() {
            drop(view);
            return self.hops_by_letter(&letter, last);
        }
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

    /// The hops by which an item came in a letter: `whole` is how it looks without the hub.
    fn hops_by_letter(&self, letter: &Letter, whole: Hop) -> Result<Vec<Hop>, Fault> {
        let hub = letter.previous.as_ref().ok_or(Fault::Missing("hub that brought a letter"))?;
        let taken = self.letter_shown(letter)?.hops.first().map(|(digest, ..)| *digest);
        let first =
            Hop { to: hub.clone(), level: None, basis: self.basis_of(&whole.from, hub), ..whole.clone() };
        let last = Hop { from: hub.clone(), basis: self.basis_of(hub, &whole.to), ..whole };
        Ok(vec![Hop { state: TAKEN, receipt: taken, ..first }, last])
    }

    /// The hops that began with a dispatch of this node.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hops_of(&self, dispatch: &DispatchId) -> Result<Vec<Hop>, Fault> {
        let (mut whole, told, letter) = {
            let view = self.view.read();
            let Some(sent) = view.dispatches.sent(dispatch).filter(|_| self.pack.terms().hub.is_some())
            else {
                return Ok(Vec::new());
            };
            let told = view.passages.told(dispatch).map(|told| self.further(&view, told)).collect::<Vec<_>>();
            let letter = view.letters.about(&Matter::Package(*dispatch)).cloned();
            (self.first(&view, sent), told, letter)
        };
        if let Some(receipt) = whole.receipt {
            let bytes = self.papers.cited(&receipt, "receipt")?;
            let signed = Signed::from_bytes(&bytes).and_then(|it| it.dangerously_unverified::<Receipt>());
            whole.level = signed.map_err(|_| Fault::Altered("receipt"))?.body.own_level;
        }
        let hops = match self.way_to(&whole.to) {
            Way::By(hub) => self.hops_in_letter(&hub, letter.as_ref(), whole)?,
            Way::Direct | Way::Nowhere => vec![whole],
        };
        Ok(hops.into_iter().chain(told).collect())
    }

    /// The hops of what is sent in letters: `whole` is how it looks without the hub.
    fn hops_in_letter(&self, hub: &NodeName, letter: Option<&Letter>, whole: Hop) -> Result<Vec<Hop>, Fault> {
        let signed = letter.map(|letter| self.letter_shown(letter)).transpose()?;
        // Of what the hub took and gave up the last word is at hand here, which names the first.
        let said = signed.and_then(|shown| shown.hops.into_iter().next_back());
        let lost = said.as_ref().filter(|(.., hop)| hop.previous.is_some());
        let lost = lost.and_then(|(.., hop)| hop.refused.clone());
        let (state, code, receipt) = match (&said, letter.map(|letter| &letter.stand)) {
            (Some((.., hop)), _) if hop.previous.is_some() => (TAKEN, None, hop.previous),
            (Some((digest, _, hop)), _) if hop.refused.is_some() => {
                ("declined", hop.refused.clone(), Some(*digest))
            }
            (Some((digest, ..)), _) => (TAKEN, None, Some(*digest)),
            (None, Some(Stand::Refused(code))) => (GIVEN_UP, Some(code.clone()), None),
            (None, Some(Stand::Passed | Stand::Arrived)) => ("stored", None, None),
            (None, Some(Stand::Owed) | None) if whole.state == "overdue" => ("overdue", None, None),
            (None, Some(Stand::Owed) | None) => ("owed", None, None),
        };
        let first = Hop {
            to: hub.clone(),
            state,
            code,
            level: None,
            due: None,
            receipt,
            basis: self.basis_of(&whole.from, hub),
            ..whole.clone()
        };
        let mut second = Hop { from: hub.clone(), basis: self.basis_of(hub, &whole.to), ..whole };
        match (second.state, lost) {
            ("receipted" | "declined" | "stored", _) => {}
            (_, Some(code)) => (second.state, second.code) = (GIVEN_UP, Some(code)),
            ("owed", None) => second.state = "begun",
            _ => {}
        }
        // Before the hub has it, and of what it refused, there is no second one. A later letter may be owed while the first one arrived.
        let is_begun =
            matches!(first.state, TAKEN | "stored") || matches!(second.state, "receipted" | "stored");
        Ok(std::iter::once(first).chain(is_begun.then_some(second)).collect())
    }

    /// The agreement that protects what goes between two nodes; empty where the rule pack names none of their own.
    fn basis_of(&self, one: &NodeName, other: &NodeName) -> String {
        let view = self.view.read();
        let party = |node: &NodeName| match *node == self.identity.node {
            true => Some(self.identity.party),
            false => view.peers.get(node).map(|peer| peer.party),
        };
        let both = party(one).zip(party(other));
        both.map_or("", |(one, other)| self.pack.terms().basis_between(one, other)).to_owned()
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
