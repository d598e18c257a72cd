//! Notices: what this Party's people signed for the partners, brought to their nodes, and theirs weighed and mirrored here:
//! instruments of the agreement's life, consents to, recalls and destructions of single items, and successions of a log.
//!
//! A partner's record is its own. What is demanded of an instrument that comes is who signed it and that it continues the
//! chain; what it says is kept, shown and compared, and never refused.
//!
//! *Absent:* one state for both. Two instruments for one place are kept as evidence and told, not settled.

mod consents;
mod destructions;
mod hops;
mod recalls;
mod successions;

pub use hops::FALSE_PASSAGE;

use crate::abroad::Unsaid;
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::control::Recall;
use attache_accord::destruction::Destruction;
use attache_accord::lifecycle::{Instrument, Record};
use attache_accord::{Digest, DispatchId, NodeName, Party, Timestamp};
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{Card, Consent, Hop, LogSuccession, Notice};
use attache_seal::statement::{Body as _, Head, Signed, StatementError};
use std::ops::ControlFlow::{Break, Continue};

/// Code of the breach that a notice is which is not signed as its partner signs, or is not its Party's.
pub const FALSE_NOTICE: &str = "B-002";
/// Code of the incident that it is when a partner refuses an instrument of ours.
pub const NOTICE_REFUSED: &str = "I-004";
/// Code of the incident that two instruments for one place of a partner's record are.
pub const RECORD_CONTESTED: &str = "I-005";

/// Most instruments against taken places that are kept as evidence, of each Party. More prove nothing more, and would fill the
/// journal.
pub const MAX_CONTESTED: usize = 64;

/// What a notice that came leads to.
pub enum Noting {
    /// It continues the partner's record: to be recorded.
    Keep(Plan),
    /// It is on record.
    Kept,
    /// Another instrument stands in its place: to be recorded, and refused.
    Contested(Plan),
    /// It was contested before, or enough of its Party's were, and is refused again.
    Refused,
    /// It is not the partner's, or does not continue its record: a breach, to be recorded.
    False(Plan),
    /// One before it is missing. It is brought again.
    Early,
    /// It says that it is signed under a card that is not accepted here yet. It is brought again.
    OtherCard,
}

/// What a statement is called while it is brought: the first 16 bytes of its digest.
pub fn notice_id(statement: &Digest) -> DispatchId {
    DispatchId(statement.first_half())
}

/// A signed statement of ours for a partner's node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noted {
    /// An instrument of our Party's record.
    Instrument(Digest),
    /// Another statement of one of our people.
    Statement(Digest),
}

impl Noted {
    /// Digest of the signed statement.
    pub fn digest(&self) -> Digest {
        let (Self::Instrument(digest) | Self::Statement(digest)) = self;
        *digest
    }

    /// What is recorded once `to` has it.
    pub fn delivered(&self, to: NodeName) -> Act {
        match *self {
            Self::Instrument(statement) => Act::InstrumentDelivered { statement, to },
            Self::Statement(statement) => Act::StatementDelivered { statement, to },
        }
    }
}

/// A notice that came, opened under its node's key, with the statement inside it still to be opened.
struct Brought<'a> {
    /// The node that brought it, and that is to blame where it is false.
    from: &'a NodeName,
    /// The node whose it is: where a hub passes a certificate on, the node that made it out to the hub.
    author: NodeName,
    party: Party,
    notice: Signed,
    inner: Signed,
    verifying: VerifyingPair,
}

impl Office {
    /// What `peer`, a node of another Party, does not have of ours: the next instrument, since rulings over there depend on it,
    /// then the first of the other statements that was not refused. While that one is held back nothing overtakes it: a
    /// withdrawal that came before its approval would be refused for good.
    pub fn owed_word(
        &self,
        peer: &NodeName,
        is_refused: impl Fn(&Digest) -> bool,
        is_held_back: impl Fn(&Digest) -> bool,
    ) -> Option<Noted> {
        let view = self.view.read();
        let other = view.peers.get(peer).filter(|other| other.party != self.identity.party)?;
        let instrument = view.lifecycle.owed_to(&other.node).map(|kept| kept.digest);
        let statements = view.correspondence.owed_to(&other.node);
        let goes = |digest: &Digest| !is_held_back(digest);
        let instrument = instrument.filter(|digest| !is_refused(digest) && goes(digest));
        let statement = || statements.iter().find(|digest| !is_refused(digest)).copied().filter(goes);
        instrument.map(Noted::Instrument).or_else(|| statement().map(Noted::Statement))
    }

    /// The notice that brings a statement of ours.
    ///
    /// # Errors
    /// When the store fails, or whoever signed the statement cannot be found.
    pub fn notice(&self, statement: &Digest, now: Timestamp) -> Result<Vec<u8>, Fault> {
        let digest = *statement;
        let statement = self.papers.cited(statement, "statement")?;
        let signed = Signed::from_bytes(&statement).map_err(|_| Fault::Altered("statement"))?;
        if let Some(notice) = self.notice_of_another(&digest, &signed)? {
            return Ok(notice);
        }
        let verifying = self.key_of(&signed)?.ok_or(Fault::Missing("key of a statement's signer"))?;
        Ok(self.say(&self.keys.node, now, Notice { statement, verifying })?.to_bytes())
    }

    /// The key under which a statement of ours was accepted. Its signer may have left the roll or changed keys since, so the
    /// journal is asked.
    fn key_of(&self, signed: &Signed) -> Result<Option<VerifyingPair>, Fault> {
        let head = head_of(signed).map_err(|_| Fault::Altered("statement"))?;
        if signed.name() == Hop::NAME {
            // The node said it itself, under the key of its card of that time.
            let card = self.signed_card_at(&self.identity.node, head.at)?;
            let card = card.and_then(|card| card.dangerously_unverified::<Card>().ok());
            return Ok(card.map(|card| card.body.node_key).filter(|key| key.key_id() == head.key));
        }
        let now = self
            .view
            .read()
            .roll
            .iter()
            .find(|e| e.person.id.as_str() == head.signer)
            .map(|e| e.verifying.clone());
        let fits = |bytes: &[u8]| {
            let key: VerifyingPair = minicbor::decode(bytes).ok()?;
            (key.key_id() == head.key).then_some(key)
        };
        if let Some(key) = now.and_then(|bytes| fits(&bytes)) {
            return Ok(Some(key));
        }
        self.papers.look_through(0, |_, entry| {
            Ok(match &entry.act {
                Act::PersonEnrolled { person, verifying, .. } if person.id.as_str() == head.signer => {
                    fits(verifying).map_or(Continue(()), Break)
                }
                _ => Continue(()),
            })
        })
    }

    /// Weighs a notice from the authenticated node `from`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn weigh_notice(&self, from: &NodeName, id: &DispatchId, bytes: &[u8]) -> Result<Noting, Fault> {
        let breach = || Ok(self.false_notice(from));
        let party = |node: &NodeName| self.view.read().peers.get(node).map(|peer| peer.party);
        let Some(bringer) = party(from) else { return breach() };
        let Ok(signed) = Signed::from_bytes(bytes) else { return breach() };
        // From a hub a certificate may be another's.
        let author = match self.pack.terms().hub == Some(bringer) {
            true => author_of_certificate(&signed).unwrap_or_else(|| from.clone()),
            false => from.clone(),
        };
        let Some(party) = party(&author) else { return breach() };
        let (notice, _) = match self.said_by::<Notice>(&author, &signed, |card| &card.node_key)? {
            Ok(said) => said,
            Err(Unsaid::OtherCard) => return Ok(Noting::OtherCard),
            Err(Unsaid::False) => return breach(),
        };
        let Notice { statement: inner, verifying } = notice.body;
        let Ok(inner) = Signed::from_bytes(&inner) else { return breach() };
        let is_theirs = party != self.identity.party && notice_id(&inner.digest()) == *id;
        if !is_theirs {
            return breach();
        }
        let brought = Brought { from, author, party, notice: signed, inner, verifying };
        match brought.inner.name() {
            Instrument::NAME => self.weigh_instrument(&brought),
            Consent::NAME => self.weigh_consent(&brought),
            Destruction::NAME => self.weigh_destruction(&brought),
            LogSuccession::NAME => self.weigh_succession(&brought),
            Hop::NAME => self.weigh_hop(&brought),
            Recall::NAME => self.weigh_recall(&brought),
            _ => breach(),
        }
    }

    /// What is no notice of its partner: a breach, to be recorded.
    fn false_notice(&self, from: &NodeName) -> Noting {
        let act = Act::BreachRecorded { node: from.clone(), code: FALSE_NOTICE.to_owned(), dispatch: None };
        Noting::False(Plan::new(&self.view.read(), vec![act]))
    }

    fn weigh_instrument(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let Brought { from, party, notice, inner, verifying, .. } = brought;
        let Ok(statement) = inner.open::<Instrument>(verifying, &self.expect(None)) else {
            return Ok(self.false_notice(from));
        };
        let (instrument, digest) = (statement.body, inner.digest());
        if instrument.party != *party {
            return Ok(self.false_notice(from));
        }
        let view = self.view.read();
        let empty = Record::default();
        let record = view.lifecycle.record(*party).unwrap_or(&empty);
        let mut plan = if let Some(kept) = record.numbered(instrument.number) {
            if kept.digest == digest {
                return Ok(Noting::Kept);
            }
            let contested = view.lifecycle.contested().iter().filter(|contested| contested.party == *party);
            let (count, is_known) =
                contested.fold((0, false), |(count, known), it| (count + 1, known || it.other == digest));
            if is_known || count >= MAX_CONTESTED {
                return Ok(Noting::Refused);
            }
            let contested = Act::InstrumentContested {
                party: *party,
                number: instrument.number,
                statement: digest,
                notice: notice.digest(),
                from: (*from).clone(),
            };
            let raised = Act::IncidentRaised { code: RECORD_CONTESTED.to_owned(), dispatch: None };
            Plan::new(&view, vec![contested, raised])
        } else if instrument.number > record.len() + 1 {
            return Ok(Noting::Early);
        } else if record.continues(&instrument).is_err() {
            drop(view);
            return Ok(self.false_notice(from));
        } else {
            let act = Act::InstrumentMirrored {
                instrument,
                statement: digest,
                notice: notice.digest(),
                from: (*from).clone(),
            };
            Plan::new(&view, vec![act])
        };
        plan.paper(inner.to_bytes());
        plan.paper(notice.to_bytes());
        let is_new = matches!(plan.acts.first(), Some(Act::InstrumentMirrored { .. }));
        Ok(if is_new { Noting::Keep(plan) } else { Noting::Contested(plan) })
    }
}

/// Which node says that it brings a certificate of destruction by this notice.
fn author_of_certificate(notice: &Signed) -> Option<NodeName> {
    let claimed = notice.dangerously_unverified::<Notice>().ok()?;
    let inner = Signed::from_bytes(&claimed.body.statement).ok()?;
    if inner.name() == Destruction::NAME { claimed.head.signer.parse().ok() } else { None }
}

/// Who says that it signed a statement that is brought in a notice, and under which key.
pub(crate) fn head_of(signed: &Signed) -> Result<Head, StatementError> {
    match signed.name() {
        Consent::NAME => Ok(signed.dangerously_unverified::<Consent>()?.head),
        Destruction::NAME => Ok(signed.dangerously_unverified::<Destruction>()?.head),
        LogSuccession::NAME => Ok(signed.dangerously_unverified::<LogSuccession>()?.head),
        Hop::NAME => Ok(signed.dangerously_unverified::<Hop>()?.head),
        Recall::NAME => Ok(signed.dangerously_unverified::<Recall>()?.head),
        _ => Ok(signed.dangerously_unverified::<Instrument>()?.head),
    }
}
