//! The decision to let a content key be used. Custody believes nobody: it folds the journal and the log for
//! itself, asks for the permit's entry and its inclusion under its own head, rules again on its own facts, and
//! lets the key move only where both rulings grant it (invariant 3).
//!
//! *Absent:* anything that could make a permit, and any way to a key without one.

mod latest;
mod lending;
mod resting;
mod shares;

pub use lending::MAX_LENDING_KEYS;
pub use shares::{Lent, MAX_SHARES, Share, Split};

use crate::service::{ServiceKeys, ServiceKind};
use attache_accord::act::{Act, Entry, Unread};
use attache_accord::control::Unopened;
use attache_accord::oversight::FIELD_EVENT;
use attache_accord::ruling::{Action, Ruling};
use attache_accord::view::{Ask, Asked, Unknown, View};
use attache_accord::{DispatchId, PersonId, Timestamp};
use attache_release::{Outcome, Pack, Permit, rule};
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::kem::{KemPublic, KemSecret};
use attache_seal::letter;
use attache_seal::pair::KeyId;
use attache_seal::tdf::KeyAccess;
use attache_seal::wrap::{Encapsulation, WrapError, unwrap_hybrid};
use attache_tlog::{Frontier, Hash, OpenedField, Origin, leaf_hash, verify_inclusion};
use latest::Latest;
use lending::LendingKeys;
use shares::{Shares, is_in_force};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most recipients for whom an encapsulation is kept at once.
const MAX_ENCAPSULATIONS: usize = 256;

/// Why no key moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The permit has lapsed.
    #[error("custody: the permit lapsed; ask again")]
    Lapsed,
    /// The entry shown is not the permit's ruling.
    #[error("custody: the entry shown is not the ruling that the permit names")]
    OtherEntry,
    /// The entry is not in the log that custody folded.
    #[error("custody: the permit's ruling is not in the local log")]
    NotLogged,
    /// Custody's own ruling refuses.
    #[error("custody: on its own view of the facts the answer is a refusal")]
    Refused(Box<Ruling>),
    /// What the permit is about is not here.
    #[error("custody: {0}")]
    Unknown(#[from] Unknown),
    /// The permit is for another item.
    #[error("custody: the permit is for another item")]
    OtherItem,
    /// The permit names another recipient key.
    #[error("custody: the permit is for another recipient")]
    OtherRecipient,
    /// The permit is for a copy, or is to serve for one and is not.
    #[error(
        "custody: a permit for a copy lets a key be wrapped for the own key access service, and nothing else does"
    )]
    OtherUse,
    /// The key does not unwrap.
    #[error("custody: {0}")]
    Wrap(#[from] WrapError),
    /// An entry cannot be folded.
    #[error("custody: entry {0} cannot be read")]
    Entry(u64),
    /// An entry was written by a newer build.
    #[error("custody: entry {index} is of version {found}, newer than this build reads")]
    Unfit {
        /// Which entry.
        index: u64,
        /// Its version.
        found: u64,
    },
    /// Folds made before do not fit here.
    #[error("custody: it has folded already, or what was folded before is not of one size")]
    Folded,
    /// Something of the folds that custody went on from cannot be read: that it finds no recall and no destruction says nothing.
    #[error("custody: its own view of the facts is not whole; start the node again")]
    Torn,
    /// A share of a key is not the one that the manifest binds its policy to.
    #[error("custody: a share of the key is not the one that the policy is bound to")]
    OtherShare,
    /// What its originator controls opens while every Party holds the agreement to be in force.
    #[error(
        "custody: the agreement is not in force in every Party's position, and no lent share is used meanwhile"
    )]
    NotInForce,
    /// No answer to this request that lets something be opened is on record, or it is over.
    #[error("custody: no answer that lets this be opened is on record, or it is over")]
    NotAnswered,
    /// This hub's own rule keeps its share back now.
    #[error("custody: on its own view of the facts this hub keeps its share back ({})", .0.as_str())]
    Closed(Unopened),
    /// No key of this node, current or retired, is the one that a content key was wrapped for.
    #[error("custody: the content key is wrapped for a key that this node does not hold")]
    NotOurs,
}

/// What is shown to custody beside a permit: the ruling's entry and the proof that the log holds it.
pub struct Shown<'a> {
    /// The event bytes of the ruling's entry.
    pub event: &'a [u8],
    /// The leaf of that entry.
    pub leaf: &'a [u8],
    /// The leaf's field 15, opened: it commits to the event bytes.
    pub opened: &'a OpenedField,
    /// Proves inclusion of the entry in the tree of the size given. Not asked for where custody remembers the leaf that it folded there.
    pub prove: &'a dyn Fn(u64) -> Option<Vec<Hash>>,
}

/// A content key as it came wrapped, and the id of the key that opens it.
#[derive(Debug, Clone, Copy)]
pub struct Wrapped<'a> {
    /// Id of the key that it is wrapped for, as the container names it.
    pub key: &'a str,
    /// The wrapped key.
    pub bytes: &'a [u8],
    /// The key that a foreign client made for it, in PEM, where it wrapped by P-256.
    pub ephemeral: Option<&'a str>,
}

/// For whom a copy is sealed, and under which policy.
#[derive(Debug, Clone, Copy)]
pub struct ServiceCopy<'a> {
    /// Which key of the service.
    pub kind: ServiceKind,
    /// Where the service is reached.
    pub url: &'a str,
    /// The policy, base64.
    pub policy_base64: &'a str,
}

struct Folded {
    view: View,
    log: Frontier,
    latest: Latest,
    encapsulations: BTreeMap<KeyId, Encapsulation>,
    shares: Shares,
    lending: LendingKeys,
}

/// Whose key a content key is wrapped for.
#[derive(Clone, Copy)]
pub enum Recipient<'k> {
    /// That of a card: one encapsulation serves for many items of its hour.
    Lasting(&'k KemPublic),
    /// One that was made for this one time: nothing of it is kept here.
    Once(&'k KemPublic),
}

impl<'k> Recipient<'k> {
    /// The key itself.
    pub fn key(self) -> &'k KemPublic {
        match self {
            Self::Lasting(key) | Self::Once(key) => key,
        }
    }
}

/// The software custodian: holds the keys that open what was wrapped for this node.
pub struct Custodian {
    pack: Arc<Pack>,
    kem: KemSecret,
    /// Keys of earlier times. They open what was wrapped for them, and nothing new is.
    retired: Vec<KemSecret>,
    /// Keys of the key access service, oldest first. They open what foreign clients wrapped for them.
    service: Vec<ServiceKeys>,
    folded: Mutex<Folded>,
}

impl fmt::Debug for Custodian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Custodian({})", self.kem.public().key_id())
    }
}

impl Custodian {
    /// A custodian that has folded nothing yet.
    pub fn new(pack: Arc<Pack>, kem: KemSecret) -> Self {
        let view = View::new(pack.terms().utc_offset_hours);
        let folded = Folded {
            view,
            log: Frontier::new(),
            latest: Latest::default(),
            encapsulations: BTreeMap::new(),
            shares: Shares::default(),
            lending: LendingKeys::default(),
        };
        Self { pack, kem, retired: Vec::new(), service: Vec::new(), folded: Mutex::new(folded) }
    }

    /// With the keys of earlier times.
    #[must_use]
    pub fn with_retired(self, retired: Vec<KemSecret>) -> Self {
        Self { retired, ..self }
    }

    /// With the keys of the key access service.
    #[must_use]
    pub fn with_service(self, service: Vec<ServiceKeys>) -> Self {
        Self { service, ..self }
    }

    /// The newest keys of the key access service, where this node has one.
    pub fn service(&self) -> Option<&ServiceKeys> {
        self.service.last()
    }

    /// The rule pack that custody rules by.
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// The public half of the key that items are wrapped for.
    pub fn public(&self) -> &KemPublic {
        self.kem.public()
    }

    /// Whether the key of this id, in hexadecimal, is one of this node's, current or retired.
    pub fn holds(&self, key: &str) -> bool {
        self.secret(key).is_some()
    }

    fn secret(&self, key: &str) -> Option<&KemSecret> {
        let mut all = std::iter::once(&self.kem).chain(&self.retired);
        all.find(|kem| kem.public().key_id().to_string() == key)
    }

    fn opened(&self, wrapped: Wrapped<'_>) -> Result<ContentKey, Denied> {
        match self.secret(wrapped.key) {
            Some(secret) => Ok(unwrap_hybrid(secret, wrapped.bytes)?),
            None => self.opened_by_service(wrapped),
        }
    }

    fn opened_by_service(&self, wrapped: Wrapped<'_>) -> Result<ContentKey, Denied> {
        let open = |keys: &ServiceKeys| keys.open(wrapped.key, wrapped.bytes, wrapped.ephemeral);
        Ok(self.service.iter().find_map(open).ok_or(Denied::NotOurs)??)
    }

    /// Opens a key that a foreign client wrapped for this node's service, so that the item that it is of can be taken in.
    /// Nothing else can be had by it: what is wrapped for this node in the form of its own items stays closed.
    ///
    /// It needs no permit, as [`Self::keep`] needs none. Whoever takes the item in learns nothing by it: the key goes back
    /// under the node's own wrapping, and the item must be marked as its policy says and ruled on before anyone opens it.
    ///
    /// # Errors
    /// [`Denied::NotOurs`] or [`Denied::Wrap`].
    pub fn take_over(&self, wrapped: Wrapped<'_>) -> Result<ContentKey, Denied> {
        self.opened_by_service(wrapped)
    }

    /// Folds the next entry of the journal with its leaf.
    ///
    /// # Errors
    /// [`Denied::Entry`] when it is not an entry.
    pub fn observe(&self, event: &[u8], leaf: &[u8]) -> Result<(), Denied> {
        let mut folded = self.folded();
        let entry = Entry::read(event).map_err(|unread| match unread {
            Unread::Unfit { found } => Denied::Unfit { index: folded.view.size, found },
            Unread::Form => Denied::Entry(folded.view.size),
        })?;
        let positions = folded.view.positions.len();
        folded.view.apply(&entry);
        if folded.view.positions.len() != positions && !is_in_force(&self.pack, &folded.view, entry.at) {
            folded.shares.end_all();
        }
        match &entry.act {
            Act::RecallMirrored { recall, .. } => folded.shares.end(&recall.dispatch),
            Act::DestructionSigned { destruction, .. } if destruction.first.is_some() => {
                // A copy's destruction ends it as well: whoever opens the item again asks.
                if let Some(dispatch) = &destruction.what.dispatch {
                    folded.shares.end(dispatch);
                }
            }
            _ => {}
        }
        let (index, hash) = (folded.log.size(), leaf_hash(leaf));
        folded.latest.append(index, hash);
        folded.log.append(hash);
        Ok(())
    }

    /// Goes on from folds that were made before, instead of from nothing: `view` of the first entries, and the log of their leaves.
    /// Custody believes them no more than what it folds: whoever hands them over has held their root against the journal's, and the
    /// whole fold of each night is compared with them.
    ///
    /// # Errors
    /// [`Denied::Folded`] where it has folded something already, or the two are not of one size.
    pub fn resume(&self, view: View, log: Frontier) -> Result<(), Denied> {
        let mut folded = self.folded();
        if folded.log.size() > 0 || view.size != log.size() {
            return Err(Denied::Folded);
        }
        folded.view = view;
        folded.log = log;
        Ok(())
    }

    /// Forgets what was folded, to fold the whole journal: what it went on from could not be read.
    pub fn start_over(&self) {
        let mut folded = self.folded();
        folded.view = View::new(self.pack.terms().utc_offset_hours);
        folded.log = Frontier::new();
        folded.latest = Latest::default();
    }

    /// Whether what custody folded for itself is `view`, and its log has as many entries and this root.
    pub fn has_folded(&self, view: &View, root: &Hash) -> bool {
        let folded = self.folded();
        folded.view == *view && folded.log.size() == view.size && folded.log.root() == *root
    }

    /// Wraps a fresh content key of our own for this node itself: at rest it is under the node's own key.
    ///
    /// # Errors
    /// When wrapping fails.
    pub fn keep(&self, content: &ContentKey, now: Timestamp) -> Result<Vec<u8>, Denied> {
        Ok(self.wrap(&mut self.folded(), self.kem.public(), content, now)?)
    }

    /// A fresh key for a letter to whoever holds `recipient`, and what to wrap into it so that the same key follows there.
    ///
    /// It needs no permit: a letter is the way that things go, and what lies in it has been ruled on.
    ///
    /// # Errors
    /// When wrapping fails.
    pub fn seal_letter(
        &self,
        recipient: &KemPublic,
        letter: &DispatchId,
        now: Timestamp,
    ) -> Result<(ContentKey, Vec<u8>), Denied> {
        let wrapped = ContentKey::generate().ok_or(WrapError::Library)?;
        let key = letter::key(&wrapped, letter).ok_or(WrapError::Library)?;
        let bytes = self.wrap(&mut self.folded(), recipient, &wrapped, now)?;
        Ok((key, bytes))
    }

    /// The key of a letter that was sealed for one of this node's keys, current or retired. Without a permit, for it can open no
    /// item: what is wrapped stays here, and only what follows from it for this letter is given.
    ///
    /// # Errors
    /// [`Denied::NotOurs`] or [`Denied::Wrap`].
    pub fn open_letter(&self, letter: &DispatchId, kid: &str, wrapped: &[u8]) -> Result<ContentKey, Denied> {
        let mut all = std::iter::once(&self.kem).chain(&self.retired);
        let is_named = |kem: &&KemSecret| letter::kid(&kem.public().key_id(), letter) == kid;
        let opened = unwrap_hybrid(all.find(is_named).ok_or(Denied::NotOurs)?, wrapped)?;
        Ok(letter::key(&opened, letter).ok_or(WrapError::Library)?)
    }

    /// Moves the content key of a permitted item from this node's wrapping to the recipient's.
    ///
    /// # Errors
    /// [`Denied`] says which of custody's demands was not met.
    pub fn rewrap(
        &self,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        recipient: Recipient<'_>,
        wrapped: Wrapped<'_>,
        now: Timestamp,
    ) -> Result<Vec<u8>, Denied> {
        let mut folded = self.folded();
        self.demand(&folded, permit, shown, basis, now)?;
        if permit.recipient_key().0 != recipient.key().key_id().0 {
            return Err(Denied::OtherRecipient);
        }
        let content = self.opened(wrapped)?;
        Ok(match recipient {
            Recipient::Lasting(key) => self.wrap(&mut folded, key, &content, now)?,
            Recipient::Once(key) => Encapsulation::fresh(key, now)?.wrap(&content, now)?,
        })
    }

    /// Moves the content key of an item of which a copy is permitted, or the share of it that this node has, to the wrapping of one of
    /// the keys of its own service. It opens nothing by that: whoever asks the service for it is ruled on then.
    ///
    /// # Errors
    /// [`Denied`] says which of custody's demands was not met; [`Denied::NotOurs`] where there is no such service.
    pub fn seal_copy(
        &self,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        wrapped: Wrapped<'_>,
        ServiceCopy { kind, url, policy_base64 }: ServiceCopy<'_>,
        now: Timestamp,
    ) -> Result<KeyAccess, Denied> {
        if !is_of_copy(permit) {
            return Err(Denied::OtherUse);
        }
        self.demand_any(&self.folded(), permit, shown, basis, now)?;
        let service = self.service().ok_or(Denied::NotOurs)?;
        if permit.recipient_key() != service.public(kind).digest {
            return Err(Denied::OtherRecipient);
        }
        Ok(service.wrap(kind, url, &self.opened(wrapped)?, policy_base64)?)
    }

    /// Unwraps the content key of a permitted item for reading.
    ///
    /// # Errors
    /// [`Denied`] says which of custody's demands was not met.
    pub fn unwrap(
        &self,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        wrapped: Wrapped<'_>,
        now: Timestamp,
    ) -> Result<ContentKey, Denied> {
        self.demand(&self.folded(), permit, shown, basis, now)?;
        self.opened(wrapped)
    }

    /// What is demanded before a key is used. Whoever may copy an item may not open it by that.
    fn demand(
        &self,
        folded: &Folded,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        now: Timestamp,
    ) -> Result<(), Denied> {
        if is_of_copy(permit) {
            Err(Denied::OtherUse)
        } else {
            self.demand_any(folded, permit, shown, basis, now)
        }
    }

    fn demand_any(
        &self,
        folded: &Folded,
        permit: &Permit,
        shown: &Shown<'_>,
        (by, ask): (&PersonId, &Ask),
        now: Timestamp,
    ) -> Result<(), Denied> {
        if permit.expires() <= now {
            return Err(Denied::Lapsed);
        }
        self.demand_logged(folded, permit, shown, ask)?;
        // Custody's own view: what was withdrawn since the permit counts, and the stricter ruling wins.
        let question = folded.view.question(by, ask, now);
        // Only now is all of it read that the question is about.
        if folded.view.is_torn() {
            return Err(Denied::Torn);
        }
        let question = question?;
        if question.subject.item_digest != permit.item_digest() {
            return Err(Denied::OtherItem);
        }
        match rule(&question, &self.pack) {
            Outcome::Granted(_) => Ok(()),
            Outcome::Refused(refused) => Err(Denied::Refused(Box::new(refused.ruling().clone()))),
        }
    }

    fn demand_logged(
        &self,
        folded: &Folded,
        permit: &Permit,
        shown: &Shown<'_>,
        ask: &Ask,
    ) -> Result<(), Denied> {
        let index = permit.entry_index();
        let entry = Entry::read(shown.event).map_err(|_| Denied::OtherEntry)?;
        // The log may have gone on under another name since.
        let origin = folded.view.logs.origin_at(index).and_then(|origin| Origin::new(origin).ok());
        // That a package may leave moves no share of a key: only what was asked about this very opening does.
        let answers = |asked: &Option<Asked>| {
            ruled_as_dispatch(permit) == matches!(ask, Ask::Opening { .. })
                && (!ruled_as_dispatch(permit) || asked.as_ref().is_some_and(|asked| asked.ask == *ask))
        };
        let is_ruling = matches!(&entry.act, Act::Ruled { ruling, asked, .. }
            if ruling == permit.ruling() && ruling.granted && answers(asked));
        let commits = usize::from(shown.opened.field) == FIELD_EVENT
            && shown.opened.value == sha256(&[shown.event]).as_bytes()
            && origin.is_some_and(|origin| shown.opened.verify(&origin, index, shown.leaf).is_ok());
        if !is_ruling || !commits {
            return Err(Denied::OtherEntry);
        }
        let leaf = leaf_hash(shown.leaf);
        // The very leaf that was folded there says all that a proof would, under a root that is made of it.
        if let Some(folded) = folded.latest.at(index) {
            return if *folded == leaf { Ok(()) } else { Err(Denied::NotLogged) };
        }
        let size = folded.log.size();
        let proof = (shown.prove)(size).ok_or(Denied::NotLogged)?;
        verify_inclusion(&leaf, index, size, &proof, &folded.log.root()).map_err(|_| Denied::NotLogged)
    }

    fn wrap(
        &self,
        folded: &mut Folded,
        recipient: &KemPublic,
        content: &ContentKey,
        now: Timestamp,
    ) -> Result<Vec<u8>, WrapError> {
        let kept = &mut folded.encapsulations;
        let key = recipient.key_id();
        if !kept.get(&key).is_some_and(|e| e.is_usable(now)) {
            if kept.len() >= MAX_ENCAPSULATIONS {
                kept.clear();
            }
            kept.insert(key, Encapsulation::fresh(recipient, now)?);
        }
        kept.get_mut(&key).ok_or(WrapError::Spent)?.wrap(content, now)
    }

    fn folded(&self) -> MutexGuard<'_, Folded> {
        // A fold is rebuilt from the journal at every start; a poisoned one still refuses what it refused.
        self.folded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ruled_as_dispatch(permit: &Permit) -> bool {
    permit.ruling().action == Action::Dispatch
}

fn is_of_copy(permit: &Permit) -> bool {
    permit.ruling().action == Action::Copy
}
