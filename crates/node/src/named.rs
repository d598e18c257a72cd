//! How far a log had gone by what its node signed itself: receipts and packages name entries of it, whoever has cosigned these. A node that
//! was brought back is given the furthest of them by its partners, and so knows of entries that it lost although nobody had cosigned them:
//! no other entry may take their place.
//!
//! Nothing is believed but our own signature. *Absent:* what becomes of a log that lost them, which is `succession`'s.

use crate::fault::Fault;
use crate::office::Office;
use crate::papers::Papers;
use crate::succession::is_later;
use attache_accord::act::Act;
use attache_accord::logs::origin_at;
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
use attache_seal::VerifyingPair;
use attache_seal::papers::{Card, HopReceipt, Package, Receipt};
use attache_seal::statement::{Body, Signed, Statement};

/// What is looked for where a paper is missing or altered.
const PAPER: &str = "paper of a partner";

/// What a node's paper names of its log.
pub(crate) enum Named {
    /// The leaf at a place of the log of that origin.
    Leaf { origin: String, index: u64, leaf: Digest },
    /// A dispatch, which is on record behind the decision at this index, as signed at that time. It names no log.
    Dispatch { dispatch: DispatchId, index: u64, at: Timestamp },
}

impl Named {
    /// By which the furthest is found: of logs that follow each other the later one's name has the higher number.
    fn place(&self) -> (usize, &str, u64) {
        match self {
            Self::Leaf { origin, index, .. } => (origin.len(), origin, *index),
            Self::Dispatch { at, .. } => (0, "", at.0),
        }
    }
}

/// A paper that names something of its signer's log.
trait Names: Body {
    fn named(self, at: Timestamp) -> Named;
    /// The key of its signer's card that it is signed under.
    fn key(card: &Card) -> &VerifyingPair {
        &card.node_key
    }
}

impl Names for Receipt {
    fn named(self, _: Timestamp) -> Named {
        Named::Leaf { origin: self.log_origin, index: self.leaf_index, leaf: self.leaf_hash }
    }
}

impl Names for HopReceipt {
    fn named(self, _: Timestamp) -> Named {
        Named::Leaf { origin: self.log_origin, index: self.leaf_index, leaf: self.leaf_hash }
    }
}

impl Names for Package {
    fn named(self, at: Timestamp) -> Named {
        Named::Dispatch { dispatch: self.dispatch, index: self.decision_index, at }
    }

    fn key(card: &Card) -> &VerifyingPair {
        &card.label_key
    }
}

/// What a paper names of its signer's log, and the signer, by its own word; none for a paper that names nothing.
fn claimed(paper: &Signed) -> Option<(String, Named)> {
    fn of<B: Names>(paper: &Signed) -> Option<(String, Named)> {
        let Statement { head, body } = paper.dangerously_unverified::<B>().ok()?;
        Some((head.signer, body.named(head.at)))
    }
    match paper.name() {
        Receipt::NAME => of::<Receipt>(paper),
        HopReceipt::NAME => of::<HopReceipt>(paper),
        Package::NAME => of::<Package>(paper),
        _ => None,
    }
}

/// The papers of a node that name the furthest of its log: one that names the log, and one that does not.
#[derive(Default)]
pub(crate) struct Furthest([Option<(Named, Digest)>; 2]);

impl Furthest {
    /// Weighs what an entry here holds that `node` signed.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn see(&mut self, papers: &Papers, node: &NodeName, act: &Act) -> Result<(), Fault> {
        let digest = match act {
            Act::ReceiptKept { receipt, .. } => receipt,
            Act::HopKept { hop, .. } => hop,
            Act::ArrivalVerified { from, package, .. } if from == node => package,
            _ => return Ok(()),
        };
        let paper = Signed::from_bytes(&papers.cited(digest, PAPER)?).map_err(|_| Fault::Altered(PAPER))?;
        let Some((signer, named)) = claimed(&paper) else { return Ok(()) };
        let [leaf, dispatch] = &mut self.0;
        let before = if matches!(named, Named::Leaf { .. }) { leaf } else { dispatch };
        let is_further = before.as_ref().is_none_or(|(before, _)| before.place() < named.place());
        if is_further && signer == node.as_str() {
            *before = Some((named, *digest));
        }
        Ok(())
    }

    /// Takes one of them.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn take(&mut self, papers: &Papers) -> Result<Option<Vec<u8>>, Fault> {
        let taken = self.0.iter_mut().find_map(Option::take);
        taken.map(|(_, digest)| papers.cited(&digest, PAPER)).transpose()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

/// Where what this node named stands by its log as it is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// In the log, or in what it is known to have lost before.
    Kept,
    /// Another entry has its place.
    Other,
    /// The log ends before it: lost up to there.
    Lost(u64),
}

impl Office {
    /// What a paper names of this node's log, where this node signed it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn own_named(&self, paper: &Signed) -> Result<Option<Named>, Fault> {
        match paper.name() {
            Receipt::NAME => self.named_in::<Receipt>(paper),
            HopReceipt::NAME => self.named_in::<HopReceipt>(paper),
            Package::NAME => self.named_in::<Package>(paper),
            _ => Ok(None),
        }
    }

    fn named_in<B: Names>(&self, paper: &Signed) -> Result<Option<Named>, Fault> {
        let own = self
            .open_own::<B>(paper, B::key)?
            .filter(|opened| opened.head.signer == self.identity.node.as_str());
        Ok(own.map(|Statement { head, body }| body.named(head.at)))
    }

    /// Compares what this node named with its log of now.
    fn find_named(&self, named: &Named) -> Result<Found, Fault> {
        let size = self.papers.head()?.size;
        let own = self.view.read().logs.own().to_vec();
        match named {
            Named::Dispatch { dispatch, index, at } => {
                // What was signed before the log went on under its last name may be of one that ended.
                let last = own.last().filter(|last| last.statement.is_some());
                let began = last.map(|last| self.papers.entry(last.from)).transpose()?.flatten();
                let is_kept = self.view.read().dispatches.sent(dispatch).is_some();
                let is_lost = !is_kept && began.is_none_or(|began| began.at < *at);
                Ok(if is_lost { Found::Lost(size.max(*index) + 1) } else { Found::Kept })
            }
            Named::Leaf { origin, index, leaf } => {
                let (is_of_it, is_here) = (origin_at(&own, *index) == Some(origin), *index < size);
                if !is_of_it && !is_later(&own, origin) {
                    return Ok(Found::Kept);
                }
                Ok(match is_here {
                    false => Found::Lost(index + 1),
                    true if is_of_it && self.papers.logged(*index)?.leaf_hash() == *leaf => Found::Kept,
                    true => Found::Other,
                })
            }
        }
    }

    /// Takes up what this node named in a paper that `from` had. Where another entry has the place, that is counted: a person must see to it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn hear_named(&self, from: &str, named: &Named) -> Result<(), Fault> {
        let found = self.find_named(named)?;
        let is_heard = match found {
            Found::Kept => true,
            Found::Lost(behind) => self.settling.hear_promised(from, self.papers.head()?.size, behind),
            Found::Other => false,
        };
        if !is_heard {
            self.settling.count_belied();
            tracing::error!(
                from,
                "this node signed a paper about an entry of its log that is lost, and the log went on without it; see to it with the partner"
            );
        }
        Ok(())
    }
}
