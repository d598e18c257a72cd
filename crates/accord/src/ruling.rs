//! A question that moves or opens something, with every fact that may decide it, and the ruling on it.
//! A refusal is a ruling like any other: it is recorded and shown with its reasons.
//!
//! *Absent:* the ruling itself. That is `release::rule`.

use crate::agreement::Position;
use crate::id::Digest;
use crate::marking::{Level, Marking};
use crate::particulars::{Approval, Contractor, Purpose, Reproduction, Translation, Visit, approvals};
use crate::party::{Malformed, NodeName, Party, PersonId};
use crate::people::Person;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::str::FromStr;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Action {
    /// To ask that an item be released to another Party (Art. 1, 6).
    #[n(0)]
    Request,
    /// To release an item to another Party (Art. 1, 6), as the second person's decision.
    #[n(1)]
    Release,
    /// To admit what arrived and add the own marking (Art. 4.2).
    #[n(2)]
    Admit,
    /// To open an item (Art. 7).
    #[n(3)]
    Open,
    /// To pass a received item on to someone outside the Party (Art. 6(a)).
    #[n(4)]
    PassOn,
    /// To let a released package leave (Art. 1, 9), as its release was decided.
    #[n(5)]
    Dispatch,
    /// To use a received item for another purpose than it was given for (Art. 6(c)).
    #[n(6)]
    OtherPurpose,
    /// To give an item a lower level than it has (Art. 6(g)).
    #[n(7)]
    Downgrade,
    /// To copy an item (Art. 14).
    #[n(8)]
    Copy,
    /// To translate an item (Art. 15).
    #[n(9)]
    Translate,
    /// To give an item to a contractor (Art. 16).
    #[n(10)]
    GiveToContractor,
    /// To show an item to visitors of another Party (Art. 8).
    #[n(11)]
    Visit,
}

impl Action {
    /// Every action with its word.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Request, "request"),
        (Self::Release, "release"),
        (Self::Admit, "admit"),
        (Self::Open, "open"),
        (Self::PassOn, "pass-on"),
        (Self::Dispatch, "dispatch"),
        (Self::OtherPurpose, "other-purpose"),
        (Self::Downgrade, "downgrade"),
        (Self::Copy, "copy"),
        (Self::Translate, "translate"),
        (Self::GiveToContractor, "give-to-contractor"),
        (Self::Visit, "visit"),
    ];

    /// The word used in rule packs, vectors and on screen.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(action, _)| *action == self).map_or("", |(_, word)| word)
    }
}

impl FromStr for Action {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let form = "request, release, dispatch, admit, open, pass-on, other-purpose, downgrade, copy, translate, \
                    give-to-contractor or visit";
        let found = Self::ALL.iter().find(|(_, word)| *word == text).map(|(action, _)| *action);
        found.ok_or_else(|| Malformed::new("action", form, text))
    }
}

/// An assurance that the recipient's Party gave before receiving (Art. 7).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Assured {
    /// The person it is given for.
    #[n(0)]
    pub person: PersonId,
    /// The clearance that the person holds, in the recipient's scheme.
    #[n(1)]
    pub level: Level,
    /// When the assurance lapses.
    #[n(2)]
    pub expires: Timestamp,
}

/// Where something would go.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Recipient {
    /// The Party that would receive it.
    #[n(0)]
    pub party: Party,
    /// The node, where one is known.
    #[n(1)]
    pub node: Option<NodeName>,
    /// Assurances on record from that Party.
    #[n(2)]
    pub assurances: Vec<Assured>,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Subject {
    /// Digest of the sealed item.
    #[n(0)]
    pub item_digest: Digest,
    /// The originator's marking; absent while the item is a draft.
    #[n(1)]
    pub marking: Option<Marking>,
    /// The holder's own level beside it, once admitted or where the holder is the originator.
    #[n(2)]
    pub own_level: Option<Level>,
    /// What the originator approved in writing about this item (Art. 6(a), 6(c), 6(g)).
    #[cbor(n(3), with = "approvals")]
    pub approvals: Vec<Approval>,
}

/// A question with all facts that may decide it. Two equal questions get equal rulings.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Question {
    /// What is asked.
    #[n(0)]
    pub action: Action,
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// The Party whose node is asked, which holds the item.
    #[n(2)]
    pub holder: Party,
    /// Who asks.
    #[n(3)]
    pub asker: Person,
    /// About what.
    #[n(4)]
    pub subject: Subject,
    /// Where it would go, for questions that move something.
    #[n(5)]
    pub recipient: Option<Recipient>,
    /// Who asked for the release that this question would decide.
    #[n(6)]
    pub requester: Option<PersonId>,
    /// The level chosen: from the table, when admitting; the lower one, when downgrading.
    #[n(7)]
    pub chosen: Option<Level>,
    /// Each Party's recorded position on the agreement.
    #[n(8)]
    pub positions: Vec<Position>,
    /// What else it would be used for.
    #[n(9)]
    pub purpose: Option<Purpose>,
    /// The copy that would be made, by copying or by translating.
    #[n(10)]
    pub copy: Option<Reproduction>,
    /// The translation that would be made.
    #[n(11)]
    pub translation: Option<Translation>,
    /// The contractor that would get it.
    #[n(12)]
    pub contractor: Option<Contractor>,
    /// The visit at which it would be shown.
    #[n(13)]
    pub visit: Option<Visit>,
}

impl Question {
    /// A question about `subject` with no facts beside it: what an action needs further is added.
    pub fn new(action: Action, at: Timestamp, holder: Party, asker: Person, subject: Subject) -> Self {
        Self {
            action,
            at,
            holder,
            asker,
            subject,
            recipient: None,
            requester: None,
            chosen: None,
            positions: Vec::new(),
            purpose: None,
            copy: None,
            translation: None,
            contractor: None,
            visit: None,
        }
    }
}

/// A stable code of a rule, such as `R-014`, with where in the agreement it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reason {
    /// The stable code.
    #[n(0)]
    pub code: String,
    /// Article and paragraph, such as `6(a)`.
    #[n(1)]
    pub article: String,
}

/// The answer to a question, by one version of one rule pack.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ruling {
    /// What was asked.
    #[n(0)]
    pub action: Action,
    /// SHA-256 of the question's CBOR.
    #[n(1)]
    pub question: Digest,
    /// Whether it may be done.
    #[n(2)]
    pub granted: bool,
    /// For a refusal every rule that refused; for a permit the rules under which it was granted.
    #[n(3)]
    pub reasons: Vec<Reason>,
    /// Digest of the rule pack.
    #[n(4)]
    pub pack: Digest,
    /// Version of the rule pack.
    #[n(5)]
    pub pack_version: String,
}

impl Ruling {
    /// The article that decided: that of the first rule.
    pub fn article(&self) -> &str {
        self.reasons.first().map_or("", |reason| &reason.article)
    }
}
