//! Letters, as a fold of the journal: what goes between the nodes of two Parties by way of a hub that carries it without reading it.
//! A letter holds one message of the partner protocol, and with an offer its package. Who owes a message owes it until the message
//! itself is answered; a letter that was lost is followed by another one.
//!
//! *Absent:* the way. Which hub carries what follows from the agreement's terms.

use crate::act::{Act, Answer};
use crate::id::{Digest, DispatchId};
use crate::party::NodeName;
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Code of the incident that it is when a hub does not carry what it was to carry, or says that it did not come to its recipient.
pub const HOP_REFUSED: &str = "I-018";
/// A hub tells that it gave a letter up until so many hours after the letter's time: whoever wrote it has missed its receipt long since.
pub const LOSS_TOLD_HOURS: u64 = 7 * 24;

/// A message that goes in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Matter {
    /// The package of a dispatch.
    #[n(0)]
    Package(#[n(0)] DispatchId),
    /// The receipt for a dispatch.
    #[n(1)]
    Receipt(#[n(0)] DispatchId),
    /// The proof of a receipt's leaf.
    #[n(2)]
    Proof(#[n(0)] DispatchId),
    /// A signed statement of this node's people.
    #[n(3)]
    Notice(#[n(0)] Digest),
    /// The answer to a letter that came.
    #[n(4)]
    Answer(#[n(0)] DispatchId),
    /// A request of this node to open what its originator controls, or a report that it was opened. Since entry version 7.
    #[n(5)]
    Opening(#[n(0)] Digest),
}

impl Matter {
    /// The first 16 bytes of what it is about.
    pub fn id(&self) -> [u8; 16] {
        match self {
            Self::Package(id) | Self::Receipt(id) | Self::Proof(id) | Self::Answer(id) => id.0,
            Self::Notice(digest) | Self::Opening(digest) => digest.first_half(),
        }
    }
}

/// Where a letter stands at this node.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Stand {
    /// To be given to the next node.
    #[n(0)]
    Owed,
    /// The next node has it.
    #[n(1)]
    Passed,
    /// It is at its end, here.
    #[n(2)]
    Arrived,
    /// A hub refused it, with a code.
    #[n(3)]
    Refused(#[n(0)] String),
}

/// One letter, at whichever node.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Letter {
    /// Its random number.
    #[n(0)]
    pub id: DispatchId,
    /// Who wrote it.
    #[n(1)]
    pub from: NodeName,
    /// For whom.
    #[n(2)]
    pub to: NodeName,
    /// The node that brought it here; none at its sender.
    #[n(3)]
    pub previous: Option<NodeName>,
    /// The node that gets it from here; none at its end.
    #[n(4)]
    pub next: Option<NodeName>,
    /// Digest of the signed waybill.
    #[n(5)]
    pub waybill: Digest,
    /// Digest of what is shown with it to the next node: the waybill and the hop receipts so far.
    #[n(6)]
    pub papers: Digest,
    /// The tree over its sealed segments.
    #[n(7)]
    pub outer_digest: Digest,
    /// SHA-256 of its manifest.
    #[n(8)]
    pub manifest: Digest,
    /// When it must be at its recipient.
    #[n(9)]
    pub due: Timestamp,
    /// What is in it, as its sender knows.
    #[n(10)]
    pub matter: Option<Matter>,
    /// When it was recorded here, or given on.
    #[n(11)]
    pub at: Timestamp,
    /// The entry that recorded it here.
    #[n(12)]
    pub index: u64,
    /// Where it stands.
    #[n(13)]
    pub stand: Stand,
    /// Digest of the last hop receipt that this node signed, or that the hub behind it gave.
    #[n(14)]
    pub hop: Option<Digest>,
    /// SHA-256 of the wrapped share of a key that this node, a hub, was given beside it.
    #[n(15)]
    pub share: Option<Digest>,
}

impl Letter {
    /// Until when a hub tells that it gave this letter up, and the letter.
    fn told_until(&self) -> (Timestamp, DispatchId) {
        (self.due.plus_hours(LOSS_TOLD_HOURS), self.id)
    }
}

/// All letters that this node wrote, carried or was sent. What is over rests on shelves; only what is still to be done is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Letters {
    #[n(0)]
    all: Shelf<DispatchId, Letter>,
    /// The newest letter about each message of this node.
    #[n(1)]
    newest: Shelf<Matter, DispatchId>,
    /// In the order in which they were written or came.
    #[n(2)]
    to_pass: BTreeSet<(u64, DispatchId)>,
    #[n(3)]
    to_sign: BTreeSet<DispatchId>,
    #[n(4)]
    to_deliver: BTreeSet<DispatchId>,
    /// Letters whose answer is still to be written, and its message.
    #[n(5)]
    to_answer: BTreeMap<DispatchId, Digest>,
    /// Letters whose sealed bytes are needed here no longer, numbered from 0.
    #[n(6)]
    spent: Shelf<u64, DispatchId>,
    /// How many those are.
    #[n(7)]
    spent_count: u64,
    /// Messages of this node that were declined for good.
    #[n(8)]
    declined: Shelf<Matter, ()>,
    /// Letters that this hub gave up and whose sender is still to be told, and until when.
    #[n(9)]
    lost: BTreeSet<(Timestamp, DispatchId)>,
    /// The letter that each package came here in.
    #[n(10)]
    brought: Shelf<DispatchId, DispatchId>,
    /// The newest letter that came to its end here. What came in it stands in the entry behind.
    #[n(11)]
    opened: Option<(u64, DispatchId)>,
    /// Shares of which this hub's people stopped the openings: a package that is written again brings its share in another letter.
    #[n(12)]
    stopped: Shelf<Digest, ()>,
    /// When a letter with a share went on from this hub, or was given up, and the share, numbered from 0. So they stand in the order of
    /// their times.
    #[n(13)]
    lent: Shelf<u64, (Timestamp, Digest)>,
    /// How many those are.
    #[n(14)]
    lent_count: u64,
    /// The last number of each share.
    #[n(15)]
    last_lent: Shelf<Digest, u64>,
}

impl Letters {
    /// Folds the act of entry `index`, done at `at` by the node `own`.
    pub fn apply(&mut self, index: u64, at: Timestamp, own: &NodeName, act: &Act) {
        match act {
            Act::LetterOwed { letter, to, via, matter, papers, waybill, outer_digest, manifest, due } => {
                if let Matter::Answer(answered) = matter {
                    self.to_answer.remove(answered);
                }
                self.newest.insert(*matter, *letter);
                self.to_pass.insert((index, *letter));
                let written = Letter {
                    id: *letter,
                    from: own.clone(),
                    to: to.clone(),
                    previous: None,
                    next: Some(via.clone()),
                    waybill: *waybill,
                    papers: *papers,
                    outer_digest: *outer_digest,
                    manifest: *manifest,
                    due: *due,
                    matter: Some(*matter),
                    at,
                    index,
                    stand: Stand::Owed,
                    hop: None,
                    share: None,
                };
                self.all.insert_new(*letter, written);
            }
            Act::LetterTaken { .. } => self.take(index, at, own, act),
            Act::ArrivalVerified { dispatch, .. } => {
                if let Some((_, letter)) = self.opened.filter(|(taken, _)| taken + 1 == index) {
                    self.brought.insert(*dispatch, letter);
                }
            }
            Act::LetterDecided { letter, answer, .. } => {
                let Some(share) = self.all.get(letter).and_then(|found| found.share) else { return };
                match answer {
                    Answer::Refuse => self.stopped.insert(share, ()),
                    Answer::Approve => drop(self.stopped.remove(&share)),
                }
            }
            Act::HopSigned { letter, hop, papers } => {
                let Some(found) = self.all.get_mut(letter).filter(|found| found.hop.is_none()) else {
                    return;
                };
                found.hop = Some(*hop);
                found.papers = *papers;
                self.to_sign.remove(letter);
                self.to_deliver.insert(*letter);
                if found.stand == Stand::Owed {
                    self.to_pass.insert((found.index, *letter));
                }
            }
            Act::HopDelivered { letter } => drop(self.to_deliver.remove(letter)),
            Act::HopKept { letter, hop, refused } => {
                let Some(found) = self.all.get_mut(letter).filter(|found| found.hop.is_none()) else {
                    return;
                };
                found.hop = Some(*hop);
                if let Some(code) = refused {
                    found.stand = Stand::Refused(code.clone());
                    if self.to_pass.remove(&(found.index, *letter)) {
                        self.spend(*letter);
                    }
                }
            }
            Act::LossSigned { letter, hop } => {
                let Some(found) = self.all.get_mut(letter) else { return };
                if self.lost.remove(&found.told_until()) {
                    found.hop = Some(*hop);
                    self.to_deliver.insert(*letter);
                }
            }
            Act::LossKept { letter, hop, code } => {
                // It may be given up here already: then what the hub says tells where it was lost.
                let was_taken = |found: &&mut Letter| found.previous.is_none() && found.hop.is_some();
                let Some(found) = self.all.get_mut(letter).filter(was_taken) else { return };
                found.hop = Some(*hop);
                found.stand = Stand::Refused(code.clone());
                if self.to_pass.remove(&(found.index, *letter)) {
                    self.spend(*letter);
                }
            }
            Act::LetterPassed { letter, given_up } => {
                if let Some(found) = self.all.get_mut(letter).filter(|found| found.stand == Stand::Owed) {
                    if let Some(share) = found.share {
                        self.lent.insert(self.lent_count, (at, share));
                        self.last_lent.insert(share, self.lent_count);
                        self.lent_count += 1;
                    }
                    match given_up {
                        Some(code) => {
                            found.stand = Stand::Refused(code.clone());
                            if found.previous.is_some() {
                                self.lost.insert(found.told_until());
                            }
                        }
                        None => (found.stand, found.at) = (Stand::Passed, at),
                    }
                    self.to_pass.remove(&(found.index, *letter));
                    self.spend(*letter);
                    while self.lost.first().is_some_and(|(until, _)| *until < at) {
                        self.lost.pop_first();
                    }
                }
            }
            _ => {}
        }
    }

    fn spend(&mut self, letter: DispatchId) {
        self.spent.insert(self.spent_count, letter);
        self.spent_count += 1;
    }

    fn take(&mut self, index: u64, at: Timestamp, own: &NodeName, act: &Act) {
        let Act::LetterTaken {
            letter,
            from,
            to,
            previous,
            papers,
            waybill,
            outer_digest,
            manifest,
            due,
            answer,
            next,
            refused,
            declines,
            share,
        } = act
        else {
            return;
        };
        if self.all.contains_key(letter) {
            return;
        }
        let stand = match refused {
            Some(code) => Stand::Refused(code.clone()),
            None if to == own => Stand::Arrived,
            None => Stand::Owed,
        };
        // What a hub took or refused it signs for; at its end a letter is answered by a letter.
        if to != own {
            self.to_sign.insert(*letter);
        } else {
            self.opened = Some((index, *letter));
        }
        if let Some(matter) = declines {
            self.declined.insert(*matter, ());
        }
        if let Some(answer) = answer {
            self.to_answer.insert(*letter, *answer);
        }
        let taken = Letter {
            id: *letter,
            from: from.clone(),
            to: to.clone(),
            previous: Some(previous.clone()),
            next: next.clone(),
            waybill: *waybill,
            papers: *papers,
            outer_digest: *outer_digest,
            manifest: *manifest,
            due: *due,
            matter: None,
            at,
            index,
            stand,
            hop: None,
            share: *share,
        };
        self.all.insert(*letter, taken);
    }

    /// One letter.
    pub fn get(&self, id: &DispatchId) -> Option<&Letter> {
        self.all.get(id)
    }

    /// Whether this hub's people stopped the openings of what is in it, by their word about this letter or another with the same share.
    pub fn is_stopped(&self, letter: &Letter) -> bool {
        letter.share.is_some_and(|share| self.stopped.contains_key(&share))
    }

    /// All letters, in the order of their numbers; what rests goes on resting.
    pub fn all(&self) -> impl Iterator<Item = Cow<'_, Letter>> {
        self.all.walk().map(|(_, letter)| letter)
    }

    /// The newest letter of this node about a message.
    pub fn about(&self, matter: &Matter) -> Option<&Letter> {
        self.newest.get(matter).and_then(|id| self.all.get(id))
    }

    /// The letter that a package came here in.
    pub fn bringing(&self, dispatch: &DispatchId) -> Option<&Letter> {
        self.brought.get(dispatch).and_then(|id| self.all.get(id))
    }

    /// Whether a message of this node was declined for good.
    pub fn is_declined(&self, matter: &Matter) -> bool {
        self.declined.contains_key(matter)
    }

    /// Letters whose sealed bytes are needed here no longer, without the first `done`.
    pub fn spent_since(&self, done: u64) -> impl Iterator<Item = &DispatchId> {
        (done..self.spent_count).filter_map(|number| self.spent.get(&number))
    }

    /// Letters to be given on, whose sealed bytes are needed.
    pub fn on_their_way(&self) -> impl Iterator<Item = &Letter> {
        let passed = self.to_pass.iter().map(|(_, id)| id);
        let all = passed.chain(&self.to_sign).filter_map(|id| self.all.get(id));
        all.filter(|letter| letter.stand == Stand::Owed)
    }

    /// How many letters with a share went on from this hub or were given up, in all.
    pub fn lent_count(&self) -> u64 {
        self.lent_count
    }

    /// When the `number`th of them went on or was given up.
    pub fn lent_at(&self, number: u64) -> Option<Timestamp> {
        self.lent.get(&number).map(|(at, _)| *at)
    }

    /// The share of the `number`th of them, where none that went on later has the same and none on its way.
    pub fn last_share(&self, number: u64) -> Option<Digest> {
        let (_, share) = self.lent.get(&number)?;
        let is_last = self.last_lent.get(share) == Some(&number);
        let is_coming = || self.on_their_way().any(|letter| letter.share.as_ref() == Some(share));
        (is_last && !is_coming()).then_some(*share)
    }

    /// How many are needed no longer, in all.
    pub fn spent_count(&self) -> u64 {
        self.spent_count
    }

    /// Letters to be given to `node` next.
    pub fn owed_to<'a>(&'a self, node: &'a NodeName) -> impl Iterator<Item = &'a Letter> {
        let owed = self.to_pass.iter().filter_map(|(_, id)| self.all.get(id));
        owed.filter(move |letter| letter.next.as_ref() == Some(node))
    }

    /// Letters whose hop receipt this node is still to sign.
    pub fn hops_to_sign(&self) -> impl Iterator<Item = &Letter> {
        self.to_sign.iter().filter_map(|id| self.all.get(id))
    }

    /// Letters that this hub gave up, of which it is at `now` still to tell their senders. Whoever does not have the first receipt yet
    /// would not understand the second.
    pub fn losses_to_sign(&self, now: Timestamp) -> impl Iterator<Item = &Letter> {
        let lost = self.lost.range((now, DispatchId([0; 16]))..).map(|(_, id)| id);
        lost.filter(|id| !self.to_deliver.contains(id)).filter_map(|id| self.all.get(id))
    }

    /// Letters of which `node` is to have this node's hop receipt, with its digest.
    pub fn hops_owed_to<'a>(&'a self, node: &'a NodeName) -> impl Iterator<Item = (DispatchId, Digest)> + 'a {
        let owed = self.to_deliver.iter().filter_map(|id| self.all.get(id));
        let theirs = owed.filter(move |letter| letter.previous.as_ref() == Some(node));
        theirs.filter_map(|letter| Some((letter.id, letter.hop?)))
    }

    /// Answers still to be written: to which letter, and the digest of the message.
    pub fn answers_owed(&self) -> impl Iterator<Item = (&Letter, Digest)> {
        self.to_answer.iter().filter_map(|(id, answer)| Some((self.all.get(id)?, *answer)))
    }
}
