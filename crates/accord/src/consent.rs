//! Consents: what an originator and whoever holds its item say to each other in writing about what may be done with it beyond
//! what it was given for (Art. 6(a), 6(c), 6(g)), as a fold of the journal.
//!
//! Each word is a statement that a person signed at their own node and that was brought to the other one. It is never altered:
//! an approval ends by its own date, or by a withdrawal that its giver signs.
//!
//! *Absent:* whether an approval suffices. That is `release::floor`, which is given every approval on record with its dates.

use crate::act::Act;
use crate::id::Digest;
use crate::particulars::{Approval, Approved, MAX_DOCUMENT_BYTES};
use crate::party::{Malformed, NodeName, Party, PersonId};
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Most words of one Party on record about one item. More is refused, so that a partner cannot fill the journal or a question.
pub const MAX_WORDS: usize = 64;
/// Most withdrawals on record that one node brought of approvals that were not given to this node. They may be about items that never
/// come, so no item bounds them.
pub const MAX_WITHDRAWN_ELSEWHERE: u64 = 4096;

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// The holder asks its originator for an approval.
    #[n(0)]
    #[cbor(map)]
    Asked {
        /// Of what.
        #[n(0)]
        what: Approved,
    },
    /// The originator approves.
    #[n(1)]
    #[cbor(map)]
    Given {
        /// What.
        #[n(0)]
        what: Approved,
        /// When it lapses, if it does.
        #[n(1)]
        until: Option<Timestamp>,
    },
    /// The originator withdraws an approval. What was done under it stays done.
    #[n(2)]
    #[cbor(map)]
    Withdrawn {
        /// Digest of the signed approval.
        #[n(0)]
        approval: Digest,
    },
    /// The originator does not approve what was asked.
    #[n(3)]
    #[cbor(map)]
    Declined {
        /// Digest of the signed request.
        #[n(0)]
        request: Digest,
    },
}

impl Step {
    /// The word used in commands and leaves.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "asked",
            Self::Given { .. } => "given",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Declined { .. } => "declined",
        }
    }

    /// What would be approved, where the step says so itself.
    pub fn what(&self) -> Option<&Approved> {
        match self {
            Self::Asked { what } | Self::Given { what, .. } => Some(what),
            Self::Withdrawn { .. } | Self::Declined { .. } => None,
        }
    }
}

/// One word between an originator and a holder.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Consent {
    /// The item, by its encrypted segments: the same at both nodes.
    #[n(0)]
    pub item_digest: Digest,
    /// The node that it is for, and that alone may rest on it.
    #[n(1)]
    pub to: NodeName,
    /// What is said.
    #[n(2)]
    pub step: Step,
    /// The written document, 1 to [`MAX_DOCUMENT_BYTES`] bytes.
    #[n(3)]
    pub document: String,
}

impl Consent {
    /// Checks the limits that no type carries.
    ///
    /// # Errors
    /// When the document is named by nothing, by too much, or by control characters.
    pub fn check(&self) -> Result<(), Malformed> {
        document(&self.document)
    }
}

/// A written document is named, in few bytes and on one line.
pub(crate) fn document(text: &str) -> Result<(), Malformed> {
    let fits = (1..=MAX_DOCUMENT_BYTES).contains(&text.trim().len()) && !text.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(Malformed::new("document", "1 to 128 bytes without control characters", text))
    }
}

/// A word on record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Word {
    /// Digest of the signed statement.
    #[n(0)]
    pub statement: Digest,
    /// What it says.
    #[n(1)]
    pub consent: Consent,
    /// The Party that says it.
    #[n(2)]
    pub party: Party,
    /// The other node: where an own word goes, where a partner's came from.
    #[n(3)]
    pub node: NodeName,
    /// When its signer says that it was signed.
    #[n(4)]
    pub signed_at: Timestamp,
    /// Who signed it, for an own word. A partner's people are the partner's affair.
    #[n(5)]
    pub by: Option<PersonId>,
    /// Of an approval, when it was withdrawn; of a request, when it was declined.
    #[n(6)]
    pub ended: Option<Timestamp>,
    /// Digest of the notice in which a partner's word came.
    #[n(7)]
    pub notice: Option<Digest>,
}

impl Word {
    /// The approval that this is, ending where it was withdrawn.
    pub fn approval(&self) -> Option<Approval> {
        let Step::Given { what, until } = &self.consent.step else { return None };
        Some(Approval {
            from: self.party,
            approved: what.clone(),
            given: self.signed_at,
            until: until.iter().chain(&self.ended).min().copied(),
            document: self.consent.document.clone(),
        })
    }
}

/// Why a word cannot come next, whoever says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    /// Too many.
    #[error("item: at most {MAX_WORDS} requests and approvals of one Party about one item are kept")]
    TooMany,
    /// There is no such approval to withdraw.
    #[error(
        "approval: none of this digest was given to that node about this item, or it was withdrawn already"
    )]
    NoApproval,
    /// There is no such request to decline.
    #[error("request: none of this digest came from that node about this item, or it was declined already")]
    NoRequest,
}

/// All words on record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Consents {
    #[n(0)]
    own: Option<Party>,
    #[n(1)]
    words: Shelf<Digest, Vec<Word>>,
    /// The item that each signed statement is about.
    #[n(2)]
    items: Shelf<Digest, Digest>,
    /// How many withdrawals each node brought of approvals that are not on record here.
    #[n(3)]
    elsewhere: BTreeMap<NodeName, u64>,
}

impl Consents {
    /// Folds one act, done at `at`.
    pub fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::Founded { party, .. } => self.own = Some(*party),
            Act::ConsentMade { consent, signed_at, statement, by } => {
                let Some(party) = self.own else { return };
                self.push(
                    at,
                    Word {
                        statement: *statement,
                        consent: consent.clone(),
                        party,
                        node: consent.to.clone(),
                        signed_at: *signed_at,
                        by: Some(by.clone()),
                        ended: None,
                        notice: None,
                    },
                );
            }
            Act::ConsentMirrored { consent, party, signed_at, statement, from, notice } => self.push(
                at,
                Word {
                    statement: *statement,
                    consent: consent.clone(),
                    party: *party,
                    node: from.clone(),
                    signed_at: *signed_at,
                    by: None,
                    ended: None,
                    notice: Some(*notice),
                },
            ),
            _ => {}
        }
    }

    fn push(&mut self, at: Timestamp, word: Word) {
        let item = word.consent.item_digest;
        self.items.insert(word.statement, item);
        if let Step::Withdrawn { approval } = &word.consent.step
            && !self.about(&item).iter().any(|before| before.statement == *approval)
        {
            *self.elsewhere.entry(word.node.clone()).or_default() += 1;
        }
        self.words.change(item, |words| {
            if let Step::Withdrawn { approval: ended } | Step::Declined { request: ended } =
                &word.consent.step
                && let Some(before) = words.iter_mut().find(|before| before.statement == *ended)
            {
                // On whichever clock is behind: from here on nothing rests on it.
                before.ended.get_or_insert(word.signed_at.min(at));
            }
            words.push(word);
        });
    }

    /// Whether `party` may say this next, in the exchange of words with `node`.
    ///
    /// # Errors
    /// [`Unsaid`]. A withdrawal always has room: there is one for each approval.
    pub fn admits(&self, consent: &Consent, party: Party, node: &NodeName) -> Result<(), Unsaid> {
        let words = self.about(&consent.item_digest);
        let stands = |statement: &Digest, is_own: bool| {
            words.iter().find(|word| {
                word.statement == *statement
                    && word.node == *node
                    && (word.party == party) == is_own
                    && word.ended.is_none()
            })
        };
        match &consent.step {
            Step::Asked { .. } | Step::Given { .. } => {
                let begun = |word: &&Word| word.party == party && word.consent.step.what().is_some();
                if words.iter().filter(begun).count() < MAX_WORDS { Ok(()) } else { Err(Unsaid::TooMany) }
            }
            Step::Withdrawn { approval } => stands(approval, true)
                .filter(|word| matches!(word.consent.step, Step::Given { .. }))
                .map(|_| ())
                .ok_or(Unsaid::NoApproval),
            Step::Declined { request } => stands(request, false)
                .filter(|word| matches!(word.consent.step, Step::Asked { .. }))
                .map(|_| ())
                .ok_or(Unsaid::NoRequest),
        }
    }

    /// Whether there is room for a withdrawal by `party`, which `node` brings, of an approval that another node was given. Nobody fills
    /// the room of another.
    pub fn has_room_elsewhere(&self, item_digest: &Digest, party: Party, node: &NodeName) -> bool {
        let of_party = self.about(item_digest).iter().filter(|word| word.party == party).count();
        let of_node = self.elsewhere.get(node).copied().unwrap_or_default();
        of_party < MAX_WORDS && of_node < MAX_WITHDRAWN_ELSEWHERE
    }

    /// Whether an approval about an item was withdrawn, as far as its giver said that here by its node `node`: also to a Party that
    /// another node would have passed the item on to under it, and that holds no approval itself. Of what is not here yet, anyone can
    /// say that it withdraws it.
    pub fn is_withdrawn(
        &self,
        item_digest: &Digest,
        approval: &Digest,
        giver: Party,
        node: &NodeName,
    ) -> bool {
        let withdraws = |word: &Word| {
            let is_givers = word.party == giver && word.node == *node;
            is_givers && matches!(&word.consent.step, Step::Withdrawn { approval: of } if of == approval)
        };
        self.about(item_digest).iter().any(withdraws)
    }

    /// The word with this digest.
    pub fn get(&self, statement: &Digest) -> Option<&Word> {
        self.about(self.items.get(statement)?).iter().find(|word| word.statement == *statement)
    }

    /// Every word about an item, in order.
    pub fn about(&self, item_digest: &Digest) -> &[Word] {
        self.words.get(item_digest).map(Vec::as_slice).unwrap_or_default()
    }

    /// All words, by item.
    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.words.values().flatten()
    }

    /// What other Parties than `holder` approved about an item, each with its dates: the lapsed and the withdrawn too, since
    /// they are what a refusal points at.
    pub fn approvals(&self, item_digest: &Digest, holder: Party) -> Vec<Approval> {
        let others = self.about(item_digest).iter().filter(|word| word.party != holder);
        others.filter_map(Word::approval).collect()
    }
}
