//! The papers: what each kind of signed statement says. The table in the protocol document names who signs it.
//!
//! *Absent:* the rules that ask for a paper, and the keys that sign it.

mod card;
mod logs;
mod opening;
mod oversight;
mod passage;
mod relay;

pub use card::{Card, Ceremony, Succession};
pub use logs::{LogSuccession, SeenLog};
pub use oversight::{
    MAX_MANDATE_BYTES, MAX_PUBLIC_BYTES, MandateEnd, PublicFigures, Report, ReportCosignature,
};
pub use relay::{HopReceipt, MAX_HOPS, Waybill};

pub use opening::{Opening, OpeningAnswer, OpeningDecision, OpeningKey};
pub use passage::{Hop, MAX_PASSAGE_BYTES, PASSAGE_ID, Passage};

use crate::pair::{KeyId, VerifyingPair};
use crate::statement::Body;
use attache_accord::consent;
use attache_accord::destruction::Destruction;
use attache_accord::lifecycle::Instrument;
use attache_accord::party::Malformed;
use attache_accord::{CaseId, Digest, DispatchId, Level, NodeName, PersonId, Timestamp};
use minicbor::{Decode, Encode};

/// Longest free text that a person writes into a paper, in bytes.
pub const MAX_PROSE_BYTES: usize = 4096;
/// Longest short text (an address, a number, an article, a code), in bytes.
pub const MAX_TERM_BYTES: usize = 256;
/// Most endpoints, log keys, codes or citations in one paper.
pub const MAX_LIST: usize = 32;
/// Longest signed statement in a notice, in bytes: its texts at their limits, and two signatures. With the notice around it it
/// stays within what a frame of the partner protocol holds.
pub const MAX_NOTED_BYTES: usize = 9 * 1024;
/// Longest DER in a card (a certificate, a public key), in bytes.
pub const MAX_DER_BYTES: usize = 16 * 1024;

/// A person asks that an item be released.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Request {
    /// The case that this opens.
    #[n(0)]
    pub case: CaseId,
    /// The item, by its encrypted segments.
    #[n(1)]
    pub item_digest: Digest,
    /// The label that it bears.
    #[n(2)]
    pub label_digest: Digest,
    /// For which node.
    #[n(3)]
    pub recipient: NodeName,
    /// For what use.
    #[n(4)]
    pub purpose: String,
}

impl Body for Request {
    const NAME: &'static str = "request";

    fn check(&self) -> Result<(), Malformed> {
        prose("purpose", &self.purpose)
    }
}

/// A person has reviewed a request and says so.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Review {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Digest of the signed request.
    #[n(1)]
    pub request: Digest,
    /// What the reviewer found. May be empty.
    #[n(2)]
    pub remark: String,
}

impl Body for Review {
    const NAME: &'static str = "review";

    fn check(&self) -> Result<(), Malformed> {
        remark("remark", &self.remark)
    }
}

/// What the releasing person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Answer {
    /// It may go.
    #[n(0)]
    Approve,
    /// It may not.
    #[n(1)]
    Refuse,
}

/// The releasing person decides, with the item, label and recipient named again, so that the decision stands
/// without the request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Decision {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Digest of the signed request.
    #[n(1)]
    pub request: Digest,
    /// The item.
    #[n(2)]
    pub item_digest: Digest,
    /// The label.
    #[n(3)]
    pub label_digest: Digest,
    /// The node that it is for.
    #[n(4)]
    pub recipient: NodeName,
    /// Yes or no.
    #[n(5)]
    pub answer: Answer,
    /// Why, in the person's words.
    #[n(6)]
    pub reason: String,
    /// The article relied on, such as `4.2`.
    #[n(7)]
    pub article: String,
    /// Digest of the facts that the person was shown.
    #[n(8)]
    pub facts: Digest,
}

impl Body for Decision {
    const NAME: &'static str = "decision";

    fn check(&self) -> Result<(), Malformed> {
        prose("reason", &self.reason)?;
        term("article", &self.article)
    }
}

/// A node notes how it ruled.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RulingNote {
    /// Digest of the question.
    #[n(0)]
    pub question: Digest,
    /// Digest of the facts.
    #[n(1)]
    pub facts: Digest,
    /// Granted or refused.
    #[n(2)]
    pub granted: bool,
    /// Codes of the reasons, such as `R-014`. Empty where nothing spoke against it.
    #[n(3)]
    pub codes: Vec<String>,
    /// Articles cited.
    #[n(4)]
    pub citations: Vec<String>,
    /// Index of the entry in the signer's log.
    #[n(5)]
    pub index: u64,
}

impl Body for RulingNote {
    const NAME: &'static str = "ruling";

    fn check(&self) -> Result<(), Malformed> {
        terms("code", &self.codes)?;
        terms("citation", &self.citations)
    }
}

/// A node permits that a content key be wrapped for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PermitNote {
    /// Index of the ruling in the signer's log.
    #[n(0)]
    pub ruling_index: u64,
    /// The item.
    #[n(1)]
    pub item_digest: Digest,
    /// The recipient's KEM key: SHA-256 of its SubjectPublicKeyInfo, domain-separated as `kem::KemPublic::key_id`.
    #[n(2)]
    pub recipient_key: KeyId,
    /// For what use.
    #[n(3)]
    pub purpose: String,
    /// Not after.
    #[n(4)]
    pub expires: Timestamp,
}

impl Body for PermitNote {
    const NAME: &'static str = "permit";

    fn check(&self) -> Result<(), Malformed> {
        prose("purpose", &self.purpose)
    }
}

/// What travels: the sender's label key binds item, manifest, label and recipient to one dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Package {
    /// The dispatch, same at both ends.
    #[n(0)]
    pub dispatch: DispatchId,
    /// Commitment to the sender's control number.
    #[n(1)]
    pub control_commitment: Digest,
    /// The item: the tree over its encrypted segments.
    #[n(2)]
    pub item_digest: Digest,
    /// Length of the whole container, in bytes.
    #[n(3)]
    pub size: u64,
    /// SHA-256 of the manifest bytes.
    #[n(4)]
    pub manifest_digest: Digest,
    /// The label.
    #[n(5)]
    pub label_digest: Digest,
    /// From.
    #[n(6)]
    pub sender: NodeName,
    /// To.
    #[n(7)]
    pub recipient: NodeName,
    /// Index of the decision in the sender's log.
    #[n(8)]
    pub decision_index: u64,
    /// The dispatch that this answers.
    #[n(9)]
    pub in_reply_to: Option<DispatchId>,
}

impl Body for Package {
    const NAME: &'static str = "package";

    fn check(&self) -> Result<(), Malformed> {
        if self.sender == self.recipient {
            return Err(Malformed::new("recipient", "another node than the sender", self.recipient.as_str()));
        }
        Ok(())
    }
}

/// The desk officer of the receiving node enters a package in the register. Its register number is not stated: it
/// follows from the order of the journal, which the officer cannot know when signing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Admission {
    /// The dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
    /// Digest of the signed package.
    #[n(1)]
    pub package: Digest,
    /// The level that the receiving Party adds beside the originator's.
    #[n(2)]
    pub own_level: Level,
}

impl Body for Admission {
    const NAME: &'static str = "admission";
}

/// How a dispatch ended at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Outcome {
    /// Entered in the register.
    #[n(0)]
    Admitted,
    /// Not taken.
    #[n(1)]
    Refused,
}

/// The receiving node's receipt. The same package under the same dispatch always gets the same receipt.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// The dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
    /// Digest of the signed package.
    #[n(1)]
    pub package: Digest,
    /// Commitment to the receiver's register number.
    #[n(2)]
    pub register_commitment: Digest,
    /// Admitted or refused.
    #[n(3)]
    pub outcome: Outcome,
    /// RFC 6962 leaf hash of the entry in the receiver's log.
    #[n(4)]
    pub leaf_hash: Digest,
    /// Index of that entry.
    #[n(5)]
    pub leaf_index: u64,
    /// The receiver's log.
    #[n(6)]
    pub log_origin: String,
    /// By when the proof of inclusion under a cosigned checkpoint will be there.
    #[n(7)]
    pub proof_due: Timestamp,
    /// Digest of the signed admission. There exactly when the outcome is admitted.
    #[n(8)]
    pub admission: Option<Digest>,
    /// The level that the receiving Party gave the item, under an agreement whose Parties share through one of them.
    #[n(9)]
    pub own_level: Option<Level>,
    /// Of a package that was passed on, the digest of the originator's signed package: so the originator can tell what the receipt
    /// is for, whoever brings it.
    #[n(10)]
    pub origin: Option<Digest>,
}

impl Body for Receipt {
    const NAME: &'static str = "receipt";

    fn check(&self) -> Result<(), Malformed> {
        term("log origin", &self.log_origin)?;
        if self.admission.is_some() != (self.outcome == Outcome::Admitted) {
            return Err(Malformed::new("admission", "there exactly when the outcome is admitted", ""));
        }
        Ok(())
    }
}

/// A person signs in at their own node, which gave the challenge. It opens a session and says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignIn {
    /// The 32 bytes that the node gave, good once.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub challenge: [u8; 32],
    /// The node, so that one node cannot use it at another.
    #[n(1)]
    pub node: NodeName,
}

impl Body for SignIn {
    const NAME: &'static str = "sign-in";
}

/// The recipient's authority assures that a person may hold a level for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Assurance {
    /// The person, by pseudonym.
    #[n(0)]
    pub person: PersonId,
    /// Up to this level, of the assuring Party's scheme.
    #[n(1)]
    pub level: Level,
    /// For what use.
    #[n(2)]
    pub purpose: String,
    /// Not after.
    #[n(3)]
    pub expires: Timestamp,
}

impl Body for Assurance {
    const NAME: &'static str = "assurance";

    fn check(&self) -> Result<(), Malformed> {
        prose("purpose", &self.purpose)
    }
}

/// What a Party did about the agreement, signed with the own key of a person of its agreement office.
impl Body for Instrument {
    const NAME: &'static str = "lifecycle";

    fn check(&self) -> Result<(), Malformed> {
        Self::check(self)
    }
}

/// A person says something to the partner about what is approved of an item: asks, approves, withdraws, declines.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Consent {
    /// What is said.
    #[n(0)]
    pub consent: consent::Consent,
    /// Words to it, for people: conditions of an approval, the reason of a request. May be empty.
    #[n(1)]
    pub words: String,
}

impl Body for Consent {
    const NAME: &'static str = "consent";

    fn check(&self) -> Result<(), Malformed> {
        self.consent.check()?;
        remark("words", &self.words)
    }
}

/// One of two people signs that an item or a copy of it is destroyed.
impl Body for Destruction {
    const NAME: &'static str = "destruction";

    fn check(&self) -> Result<(), Malformed> {
        Self::check(self)
    }
}

/// A node brings what a person of its Party signed: an instrument, a consent, a destruction or a succession of its log to a
/// partner's node, a report's cosignature to anyone; or, as a hub, what it says itself of a passage. It vouches for the key of the person
/// who signed it, which is on no card.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Notice {
    /// The signed statement.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub statement: Vec<u8>,
    /// The public keys of the person who signed it.
    #[n(1)]
    pub verifying: VerifyingPair,
}

impl Body for Notice {
    const NAME: &'static str = "notice";

    fn check(&self) -> Result<(), Malformed> {
        if self.statement.len() > MAX_NOTED_BYTES {
            let found = self.statement.len().to_string();
            return Err(Malformed::new("statement", "at most 9216 bytes", &found));
        }
        Ok(())
    }
}

/// A text that must be there.
fn prose(what: &'static str, text: &str) -> Result<(), Malformed> {
    if text.is_empty() { Err(Malformed::new(what, "1 to 4096 bytes", text)) } else { remark(what, text) }
}

/// A text that may be empty. Line breaks are a person's right, other control characters are not.
fn remark(what: &'static str, text: &str) -> Result<(), Malformed> {
    if text.len() > MAX_PROSE_BYTES || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Malformed::new(what, "at most 4096 bytes, no control character but line feed", text));
    }
    Ok(())
}

fn term(what: &'static str, text: &str) -> Result<(), Malformed> {
    if text.is_empty() || text.len() > MAX_TERM_BYTES || text.chars().any(char::is_control) {
        return Err(Malformed::new(what, "1 to 256 bytes without control characters", text));
    }
    Ok(())
}

fn terms(what: &'static str, list: &[String]) -> Result<(), Malformed> {
    if list.len() > MAX_LIST {
        return Err(Malformed::new(what, "at most 32 of them", &list.len().to_string()));
    }
    list.iter().try_for_each(|text| term(what, text))
}
