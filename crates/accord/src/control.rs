//! Originator control after release (ORCON): items whose every opening at the recipient's node needs the originator's consent of
//! that moment, what an originator takes back or marks anew of what it gave, and each opening that was asked for, as a fold of the
//! journal. Both ends fold the same acts: the holder's node what it asked, the originator's what it was asked.
//!
//! *Absent:* keys, and the rules. A consent is a ruling like any other; custody rules again before its share of a key moves.

use crate::act::Act;
use crate::consent::document;
use crate::id::{Digest, DispatchId, ItemId};
use crate::marking::Level;
use crate::party::{Malformed, NodeName, PersonId};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// Most words of an originator on record about one dispatch.
pub const MAX_WORDS: usize = 64;
/// Most openings of one node that wait for a person at once; further ones that would are told to come later.
pub const MAX_WAITING: usize = 256;
/// For how long a request to open is good where a rule answers, in hours. Its answer is good as long.
pub const RULE_HOURS: u64 = 1;
/// For how long it is good where a person answers, in hours.
pub const PERSON_HOURS: u64 = 72;
/// A request is at hand for so long at least, in hours, so that a lost answer is given again.
pub const AT_HAND_HOURS: u64 = 24;
/// Most consents about one dispatch that a report of an opening without asking may name: the newest ones.
pub const MAX_CONSENTS: usize = 16;

/// Who answers for the originator when an item is to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Answerer {
    /// Its node, by the rules.
    #[n(0)]
    Rule,
    /// A disclosure officer, and the rules.
    #[n(1)]
    Person,
}

impl Answerer {
    /// The word used in labels and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Person => "person",
        }
    }
}

impl FromStr for Answerer {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "rule" => Ok(Self::Rule),
            "person" => Ok(Self::Person),
            _ => Err(Malformed::new("originator control", "rule or person", text)),
        }
    }
}

/// That the originator consents to each opening, as its marking says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Control {
    /// Who answers for it.
    #[n(0)]
    pub answerer: Answerer,
    /// From when on nobody it was released to opens it any more.
    #[n(1)]
    pub until: Option<Timestamp>,
}

impl Control {
    /// What keeps both: a person where either wants one, and the earlier end.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let answerer = self.answerer.max(other.answerer);
        Self { answerer, until: self.until.into_iter().chain(other.until).min() }
    }

    /// For how long a request under it is good, in hours.
    pub fn good_hours(&self) -> u64 {
        match self.answerer {
            Answerer::Rule => RULE_HOURS,
            Answerer::Person => PERSON_HOURS,
        }
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.answerer.as_str())?;
        self.until.map_or(Ok(()), |until| write!(f, " until {until}"))
    }
}

impl FromStr for Control {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (answerer, until) = match text.split_once(" until ") {
            Some((answerer, until)) => (answerer, Some(until.parse()?)),
            None => (text, None),
        };
        Ok(Self { answerer: answerer.parse()?, until })
    }
}

/// What an originator says about what it gave.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Taken {
    /// Nobody there opens it any more. Only a new release undoes it.
    #[n(0)]
    #[cbor(map)]
    Back {},
    /// It has another level from here on; its label stays as it was.
    #[n(1)]
    #[cbor(map)]
    ToLevel {
        /// The level, in the originator's scheme.
        #[n(0)]
        level: Level,
    },
}

impl Taken {
    /// The word used in commands and leaves.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Back {} => "recalled",
            Self::ToLevel { .. } => "reclassified",
        }
    }
}

/// A recall: what a person of the originator signs about what went by one dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Recall {
    /// The item, by its encrypted segments.
    #[n(0)]
    pub item_digest: Digest,
    /// The dispatch by which it went.
    #[n(1)]
    pub dispatch: DispatchId,
    /// The node that it went to.
    #[n(2)]
    pub to: NodeName,
    /// What is said.
    #[n(3)]
    pub taken: Taken,
    /// The written document.
    #[n(4)]
    pub document: String,
}

impl Recall {
    /// Checks the limits that no type carries.
    ///
    /// # Errors
    /// When the document is named by nothing, by too much, or by control characters.
    pub fn check(&self) -> Result<(), Malformed> {
        document(&self.document)
    }
}

/// A recall on record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Word {
    /// Digest of the signed statement.
    #[n(0)]
    pub statement: Digest,
    /// What it says.
    #[n(1)]
    pub recall: Recall,
    /// When its signer says that it was signed.
    #[n(2)]
    pub signed_at: Timestamp,
    /// When it was recorded here.
    #[n(3)]
    pub recorded_at: Timestamp,
    /// Of an own one, when the other node had it.
    #[n(4)]
    pub delivered_at: Option<Timestamp>,
    /// Who signed it, for an own one.
    #[n(5)]
    pub by: Option<PersonId>,
}

/// Why an item is not opened, as the originator's node tells the holder's. Closed within a version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Unopened {
    /// It was recalled.
    #[n(1)]
    Recalled,
    /// Its time is over.
    #[n(2)]
    Expired,
    /// The agreement's rules refuse it now.
    #[n(3)]
    Rules,
    /// A person of the originator does not consent.
    #[n(4)]
    Person,
    /// Nothing was asked: an opening without asking is on record now.
    #[n(5)]
    Noted,
}

impl Unopened {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Recalled, Self::Expired, Self::Rules, Self::Person, Self::Noted];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Recalled => "O-001",
            Self::Expired => "O-002",
            Self::Rules => "O-003",
            Self::Person => "O-004",
            Self::Noted => "O-005",
        }
    }

    /// The word in leaves.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recalled => "recalled",
            Self::Expired => "expired",
            Self::Rules => "refused by rule",
            Self::Person => "refused by a person",
            Self::Noted => "noted",
        }
    }
}

/// One request to open, asked by this node or of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Opening {
    /// Digest of the signed request, by which it is named.
    #[n(0)]
    pub request: Digest,
    /// The dispatch by which the item came, or went.
    #[n(1)]
    pub dispatch: DispatchId,
    /// The item on this node.
    #[n(2)]
    pub item: ItemId,
    /// The other node.
    #[n(3)]
    pub node: NodeName,
    /// Who is to read, on the roll of the holder's node.
    #[n(4)]
    pub person: PersonId,
    /// When it was recorded here.
    #[n(5)]
    pub at: Timestamp,
    /// It is good until then; nothing is answered later.
    #[n(6)]
    pub until: Timestamp,
    /// The consent under which it was opened without asking, where it was.
    #[n(7)]
    pub under: Option<Digest>,
    /// Whether this node asked.
    #[n(8)]
    pub is_own: bool,
    /// The answer, once there is one.
    #[n(9)]
    pub answer: Option<Answered>,
}

/// An answer on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Answered {
    /// Digest of the signed answer.
    #[n(0)]
    pub statement: Digest,
    /// Why not; absent where it is a consent.
    #[n(1)]
    pub refused: Option<Unopened>,
    /// Index of the entry.
    #[n(2)]
    pub index: u64,
}

/// A consent that was given about a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Consented {
    /// Digest of the signed answer.
    #[n(0)]
    pub answer: Digest,
    /// When it was recorded.
    #[n(1)]
    pub at: Timestamp,
}

/// All recalls, and the openings that are still good for something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Controls {
    #[n(0)]
    words: BTreeMap<DispatchId, Vec<Word>>,
    /// The dispatch that each signed recall is about.
    #[n(1)]
    dispatches: BTreeMap<Digest, DispatchId>,
    #[n(2)]
    openings: BTreeMap<Digest, Opening>,
    /// By when they are forgotten here: the journal keeps them.
    #[n(3)]
    ends: BTreeSet<(Timestamp, Digest)>,
    /// Openings without asking that the originator has not been told of.
    #[n(4)]
    untold: BTreeMap<NodeName, BTreeSet<Digest>>,
    #[n(5)]
    consents: BTreeMap<DispatchId, Vec<Consented>>,
}

impl Controls {
    /// Folds entry number `index`, done at `at`.
    pub fn apply(&mut self, index: u64, at: Timestamp, act: &Act) {
        match act {
            Act::RecallMade { recall, signed_at, statement, by } => {
                self.push(recall, *signed_at, *statement, at, Some(by.clone()));
            }
            Act::RecallMirrored { recall, signed_at, statement, .. } => {
                self.push(recall, *signed_at, *statement, at, None);
            }
            Act::StatementDelivered { statement, to } => {
                let words = self.dispatches.get(statement).and_then(|dispatch| self.words.get_mut(dispatch));
                let mut words = words.into_iter().flatten();
                let word = words.find(|word| word.statement == *statement && word.recall.to == *to);
                if let Some(word) = word {
                    word.delivered_at.get_or_insert(at);
                }
            }
            Act::OpeningAsked { request, item, dispatch, originator, until, under, by } => {
                if under.is_some() {
                    self.untold.entry(originator.clone()).or_default().insert(*request);
                }
                let (node, person) = (originator.clone(), by.clone());
                self.begin(Opening {
                    request: *request,
                    dispatch: *dispatch,
                    item: *item,
                    node,
                    person,
                    at,
                    until: *until,
                    under: *under,
                    is_own: true,
                    answer: None,
                });
            }
            Act::OpeningReceived { request, item, dispatch, from, person, until, under } => {
                self.begin(Opening {
                    request: *request,
                    dispatch: *dispatch,
                    item: *item,
                    node: from.clone(),
                    person: person.clone(),
                    at,
                    until: *until,
                    under: *under,
                    is_own: false,
                    answer: None,
                });
            }
            Act::OpeningAnswered { request, answer, refused, .. }
            | Act::OpeningDecided { request, answer, refused, .. } => {
                self.answered(*request, Answered { statement: *answer, refused: *refused, index }, at);
            }
            _ => {}
        }
    }

    fn push(
        &mut self,
        recall: &Recall,
        signed_at: Timestamp,
        statement: Digest,
        at: Timestamp,
        by: Option<PersonId>,
    ) {
        self.dispatches.insert(statement, recall.dispatch);
        let (recall, dispatch) = (recall.clone(), recall.dispatch);
        let word = Word { statement, recall, signed_at, recorded_at: at, delivered_at: None, by };
        self.words.entry(dispatch).or_default().push(word);
    }

    /// A word that names another dispatch is about what came here by this one: a hub passed it on.
    pub(crate) fn about_arrival(&mut self, statement: &Digest, dispatch: DispatchId) {
        let Some(named) = self.dispatches.insert(*statement, dispatch) else { return };
        let Some(words) = self.words.get_mut(&named) else { return };
        let moved: Vec<Word> = words.extract_if(.., |word| word.statement == *statement).collect();
        if words.is_empty() {
            self.words.remove(&named);
        }
        self.words.entry(dispatch).or_default().extend(moved);
    }

    /// What is over is forgotten, so that as much is held as is open, however much was ever opened.
    fn begin(&mut self, opening: Opening) {
        while self.ends.first().is_some_and(|(until, _)| *until < opening.at) {
            let Some((_, request)) = self.ends.pop_first() else { break };
            if !self.is_untold(&request) {
                self.openings.remove(&request);
            }
        }
        let end = opening.until.max(opening.at.plus_hours(AT_HAND_HOURS));
        self.ends.insert((end, opening.request));
        self.openings.entry(opening.request).or_insert(opening);
    }

    fn is_untold(&self, request: &Digest) -> bool {
        self.untold.values().any(|untold| untold.contains(request))
    }

    fn answered(&mut self, request: Digest, answered: Answered, at: Timestamp) {
        let Some(opening) = self.openings.get_mut(&request) else { return };
        opening.answer.get_or_insert(answered);
        if let Some(untold) = self.untold.get_mut(&opening.node) {
            untold.remove(&request);
        }
        if answered.refused.is_none() && !opening.is_own {
            let consents = self.consents.entry(opening.dispatch).or_default();
            if consents.len() >= MAX_CONSENTS {
                consents.remove(0);
            }
            consents.push(Consented { answer: answered.statement, at });
        }
    }

    /// Every word about a dispatch, in order.
    pub fn about(&self, dispatch: &DispatchId) -> &[Word] {
        self.words.get(dispatch).map(Vec::as_slice).unwrap_or_default()
    }

    /// The recall with this digest.
    pub fn get(&self, statement: &Digest) -> Option<&Word> {
        self.about(self.dispatches.get(statement)?).iter().find(|word| word.statement == *statement)
    }

    /// All recalls, by dispatch.
    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.words.values().flatten()
    }

    /// The recall that takes back what went by a dispatch, if there is one.
    pub fn recalled(&self, dispatch: &DispatchId) -> Option<&Word> {
        self.about(dispatch).iter().find(|word| word.recall.taken == Taken::Back {})
    }

    /// The level that the originator gave to what went by a dispatch since.
    pub fn level(&self, dispatch: &DispatchId) -> Option<&Level> {
        self.about(dispatch).iter().rev().find_map(|word| match &word.recall.taken {
            Taken::ToLevel { level } => Some(level),
            Taken::Back {} => None,
        })
    }

    /// A request that is still good for something.
    pub fn opening(&self, request: &Digest) -> Option<&Opening> {
        self.openings.get(request)
    }

    /// All of them, by digest.
    pub fn openings(&self) -> impl Iterator<Item = &Opening> {
        self.openings.values()
    }

    /// The requests of `person` about this item that this node made, that are good at `now` and were not answered.
    pub fn pending<'a>(
        &'a self,
        item: &'a ItemId,
        person: &'a PersonId,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Opening> {
        self.openings.values().filter(move |it| {
            let is_asked = it.is_own && it.under.is_none() && it.answer.is_none();
            is_asked && it.item == *item && it.person == *person && now < it.until
        })
    }

    /// How many requests of a node wait for a person here at `now`. What is over waits for nobody, though it may still be at hand.
    pub fn waiting_of(&self, node: &NodeName, now: Timestamp) -> usize {
        let waits = |it: &&Opening| !it.is_own && it.answer.is_none() && it.node == *node && now < it.until;
        self.openings.values().filter(waits).count()
    }

    /// Openings without asking that this originator has not been told of.
    pub fn untold(&self, originator: &NodeName) -> impl Iterator<Item = &Digest> {
        self.untold.get(originator).into_iter().flatten()
    }

    /// The consent about a dispatch that an opening without asking names, where it is one of the newest.
    pub fn consent(&self, dispatch: &DispatchId, answer: &Digest) -> Option<Consented> {
        let given = self.consents.get(dispatch).into_iter().flatten();
        given.copied().find(|given| given.answer == *answer)
    }
}
