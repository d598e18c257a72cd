//! The office: everything that one node's steps may read, and what they sign with. A step takes the office, the time and
//! fresh ids, and returns a plan; whoever runs it commits the plan.
//!
//! *Absent:* the sequencer, sockets and clocks. `node` brings them, `exercise` does without.

mod cards;

use crate::desk::{Misuse, state};
use crate::engine::SharedView;
use crate::fault::{Failure, Fault};
use crate::founding::witness_vkeys;
use crate::openings::Board;
use crate::outside::Outside;
use crate::pace::Paced;
use crate::papers::Papers;
use crate::room::Room;
use crate::service::Known;
use crate::settling::{Restored, Settling};
use crate::titles::Titles;
use attache_accord::item::Item;
use attache_accord::view::Identity;
use attache_accord::{Digest, NodeName, PersonId, Timestamp};
use attache_courier::limits::CLOCK_BAR_SECONDS;
use attache_custody::{Custodian, Keyring};
use attache_release::Pack;
use attache_seal::digest::sha256;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Assurance, Card};
use attache_seal::statement::{Body, Expect, Head, Signed, Statement};
use attache_seal::tdf::{Metadata, Survey};
use attache_store::{LocalHead, Vault};
use attache_tlog::{Checkpoint, Origin, sign_checkpoint};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// How often a checkpoint is published where nobody says it, in milliseconds.
const BEAT_MILLIS: u64 = 60_000;

/// One node, as its steps see it.
pub struct Office {
    /// Who this node is.
    pub identity: Identity,
    /// The rule pack in force.
    pub pack: Arc<Pack>,
    /// Rule packs that are kept, of which those that were in force once go into evidence.
    pub(crate) earlier_packs: Vec<Pack>,
    /// The node's keys.
    pub keys: Arc<Keyring>,
    /// The custodian of content keys.
    pub custodian: Arc<Custodian>,
    /// Sealed bytes.
    pub vault: Arc<dyn Vault>,
    /// All folds.
    pub view: SharedView,
    /// Entries and papers.
    pub papers: Papers,
    /// What is known of the log, where it was brought back from a backup.
    pub settling: Settling,
    pub(crate) titles: Mutex<Titles>,
    pub(crate) known: Known,
    card: Signed,
    own: Card,
    /// The name of this node's log. It changes only while the node is down.
    origin: Origin,
    /// Partners' cards that were read and verified, by digest; those of the roll of partners only.
    cards: Mutex<BTreeMap<Digest, Card>>,
    /// Size of the checkpoint published last, so that connections need not read it at every look.
    published: AtomicU64,
    /// Whether new releases are held, since a witness stays away for longer than agreed.
    held: AtomicBool,
    /// How often each partner has asked this node to witness its log.
    pub(crate) witness_paces: Mutex<BTreeMap<NodeName, Paced>>,
    /// How often each partner has asked this node for what it had before.
    pub(crate) ask_paces: Mutex<BTreeMap<NodeName, Paced>>,
    /// How often a checkpoint is published, in milliseconds.
    pub(crate) beat_millis: u64,
    /// Witnesses outside.
    pub(crate) outside: Vec<Outside>,
    /// When that was, as far as it was since the start; 0 otherwise.
    published_at: AtomicU64,
    /// The earliest time at which this process looked whether its witnesses stay away; the last there is before the first look.
    watched_since: AtomicU64,
    /// Where the certificate that was brought on last stands in the journal.
    pub(crate) brought_on: AtomicU64,
    pub(crate) room: Room,
    pub(crate) openings: Board,
    /// That something which is kept came out damaged, so that everything is to be looked at.
    pub(crate) suspicion: Notify,
    /// What was found of sealed items when their packages were made, by item digest, until the first offer.
    pub(crate) surveys: Mutex<BTreeMap<Digest, Survey>>,
}

/// A value behind a commitment: the digest of this, salted so that nobody finds it by trying.
#[derive(Encode, Decode)]
#[cbor(map)]
struct Committed {
    #[cbor(n(0), with = "minicbor::bytes")]
    salt: [u8; 16],
    #[n(1)]
    values: Vec<String>,
}

impl Office {
    /// Where `fault` says that something which is kept is damaged, the running node looks at everything soon, beside what goes on, and
    /// that decides whether it stops. To be called wherever a fault ends up, however often; but not of chores, which also count as missing
    /// what is only not in force yet, such as a partner's card. The nightly check sees what they met.
    pub fn suspect(&self, fault: &Fault) {
        if fault.is_damage() {
            self.suspicion.notify_one();
        }
    }

    /// The office of the node that was founded in this journal.
    ///
    /// # Errors
    /// When the journal has no founding entry, or `card` is not this node's.
    pub fn new(
        (keys, pack): (Arc<Keyring>, Arc<Pack>),
        custodian: Arc<Custodian>,
        vault: Arc<dyn Vault>,
        view: SharedView,
        papers: Papers,
        card: Signed,
    ) -> Result<Self, Fault> {
        let identity = view.read().identity.clone().ok_or(Fault::Missing("founding entry"))?;
        let expect = Expect { network: identity.network, agreement: &identity.agreement, pack: None };
        let own = Card::dangerously_self_signed(&card, &expect).map_err(|_| Fault::Altered("own card"))?.body;
        if own.node != identity.node || !is_of(&own, &keys) {
            return Err(Fault::Altered("own card"));
        }
        let origin = view.read().logs.own().last().map(|last| Origin::new(&last.origin));
        let origin = origin.and_then(Result::ok).ok_or(Fault::Altered("log origin"))?;
        let (cards, surveys) = Default::default();
        let room = Room::of(vault.as_ref())?;
        let published = AtomicU64::new(papers.published()?.map_or(0, |published| published.size));
        Ok(Self {
            identity,
            pack,
            earlier_packs: Vec::new(),
            keys,
            custodian,
            vault,
            view,
            papers,
            settling: Settling::default(),
            witness_paces: Mutex::default(),
            ask_paces: Mutex::default(),
            beat_millis: BEAT_MILLIS,
            outside: Vec::new(),
            titles: Mutex::default(),
            suspicion: Notify::new(),
            known: Known::default(),
            card,
            own,
            origin,
            cards,
            published,
            held: AtomicBool::new(false),
            published_at: AtomicU64::new(0),
            watched_since: AtomicU64::new(u64::MAX),
            brought_on: AtomicU64::new(0),
            room,
            openings: Board::default(),
            surveys,
        })
    }

    /// Size of the checkpoint published last; 0 before the first.
    pub fn published_size(&self) -> u64 {
        self.published.load(Ordering::Acquire)
    }

    /// When the checkpoint published last was published; `None` where that was before this start.
    pub fn published_at(&self) -> Option<Timestamp> {
        Some(Timestamp(self.published_at.load(Ordering::Acquire))).filter(|at| at.0 > 0)
    }

    /// The earliest time at which this process looked whether its witnesses stay away, of which `now` is one.
    pub(crate) fn watched_since(&self, now: Timestamp) -> Timestamp {
        Timestamp(self.watched_since.fetch_min(now.0, Ordering::AcqRel).min(now.0))
    }

    /// Whether new releases are held, by the agreement's terms: a witness has not cosigned this node's log for longer than agreed.
    pub fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// New releases are held, or no more. The node looks at its witnesses every few seconds and says it anew.
    pub fn hold(&self, is_held: bool) {
        self.held.store(is_held, Ordering::Release);
    }

    /// A checkpoint of that size was published.
    pub fn has_published(&self, size: u64, now: Timestamp) {
        self.published.fetch_max(size, Ordering::AcqRel);
        self.published_at.store(now.0, Ordering::Release);
    }

    /// Holds the node back until its partners have said what they have seen of its log, which was brought back from a backup, and what
    /// they have of its people's words.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn await_partners(&mut self, restored: &Restored) -> Result<(), Fault> {
        let view = self.view.read();
        let partners = view.peers.values().filter(|peer| !self.goes_by_hub(peer.party));
        let partners: BTreeSet<NodeName> = partners.map(|peer| peer.node.clone()).collect();
        drop(view);
        let unheard = partners.difference(&restored.heard).cloned().collect();
        self.settling = match restored.is_seen {
            true => Settling::seen(),
            false => {
                let witnesses = self.outside.iter().map(|witness| witness.name().to_owned()).collect();
                Settling::of(self.papers.head()?, partners, witnesses)
            }
        };
        self.settling.await_words_of(unheard);
        let size = self.papers.head()?.size;
        if let Some(behind) = restored.promised.filter(|behind| *behind > size) {
            self.settling.know_promised(size, behind);
        }
        Ok(())
    }

    /// This node's card, as partners accept it.
    pub fn own_card(&self) -> &Signed {
        &self.card
    }

    /// What this node's card says.
    pub fn own(&self) -> &Card {
        &self.own
    }

    /// The name of this node's log, under which it grows now.
    pub fn log_origin(&self) -> &Origin {
        &self.origin
    }

    /// The keys of this node's log under that name.
    pub fn log_vkeys(&self) -> Vec<String> {
        let signers = [&self.keys.log_ed25519, &self.keys.log_mldsa44];
        signers.map(|signer| signer.verifier().to_string()).into()
    }

    /// What every statement from a partner must be about.
    pub(crate) fn expect(&self, pack: Option<Digest>) -> Expect<'_> {
        Expect { network: self.identity.network, agreement: &self.identity.agreement, pack }
    }

    /// Signs what this node says, with `key`, never at a time before the last entry.
    pub(crate) fn say<B: Body>(&self, key: &SigningPair, now: Timestamp, body: B) -> Result<Signed, Fault> {
        let head = Head {
            network: self.identity.network,
            agreement: self.identity.agreement.clone(),
            pack: self.pack.digest(),
            signer: self.identity.node.to_string(),
            key: key.verifying().key_id(),
            at: now.max(self.view.read().last_at),
        };
        Ok(Signed::seal(&Statement { head, body }, key)?)
    }

    /// Whether this node's clock stands so far before the last entry that it must be wrong, or was: what is recorded and signed
    /// bears the time of that entry until the clock has come there.
    pub fn is_clock_behind(&self, now: Timestamp) -> bool {
        now.plus_millis(CLOCK_BAR_SECONDS * 1000) < self.view.read().last_at
    }

    /// Signs a checkpoint of the log as it was at `head`, with both of its keys.
    ///
    /// # Errors
    /// [`Fault`] when signing fails.
    pub fn checkpoint(&self, head: &LocalHead) -> Result<String, Fault> {
        let origin = self.origin.clone();
        let checkpoint = Checkpoint { origin, size: head.size, root: head.root, extensions: Vec::new() };
        let signers = [&self.keys.log_ed25519, &self.keys.log_mldsa44];
        sign_checkpoint(&checkpoint, &signers).map_err(|_| Fault::Encoding)
    }

    /// Assures the partner that one of this node's own people is cleared (Art. 7), for as long as the clearance lasts at
    /// most.
    ///
    /// # Errors
    /// [`Misuse`] where the person has no live clearance; [`Fault`] when signing fails.
    pub fn assure(
        &self,
        now: Timestamp,
        person: &PersonId,
        purpose: &str,
        expires: Timestamp,
    ) -> Result<Signed, Failure> {
        let clearance = self.view.read().person(person).map_err(Misuse::from)?.clearance.clone();
        let live = clearance.filter(|clearance| clearance.until > now);
        let live = live.ok_or_else(|| state("person", "no live clearance on the roll; enrol it first"))?;
        if expires <= now {
            return Err(state("expires", "later than now").into());
        }
        let expires = expires.min(live.until);
        let body =
            Assurance { person: person.clone(), level: live.level, purpose: purpose.to_owned(), expires };
        body.check().map_err(Misuse::from)?;
        Ok(self.say(&self.keys.node, now, body)?)
    }

    /// Title, file name and media type of an item of our own; `None` for what was received, whose title only an opening
    /// shows, and for what was destroyed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn title_of(&self, item: &Item) -> Result<Option<Metadata>, Fault> {
        item.title.map(|commitment| self.titled(&commitment)).transpose().map(Option::flatten)
    }

    /// The same by the commitment to it.
    pub(crate) fn titled(&self, commitment: &Digest) -> Result<Option<Metadata>, Fault> {
        let Some(bytes) = self.papers.get(commitment)? else { return Ok(None) };
        let committed: Committed = minicbor::decode(&bytes).map_err(|_| Fault::Altered("title"))?;
        let mut values = committed.values.into_iter();
        let mut next = || values.next().unwrap_or_default();
        Ok(Some(Metadata { title: next(), file_name: next(), media_type: next() }))
    }
}

/// Whether a card names these keys, all of them.
pub fn is_of(card: &Card, keys: &Keyring) -> bool {
    card.node_key == *keys.node.verifying()
        && card.label_key == *keys.label.verifying()
        && card.label_es256 == keys.label_es256_public()
        && card.kem_key == keys.kem.public().to_spki_der()
        && card.witness_vkeys == witness_vkeys(keys)
}

/// A commitment to `values` with the paper behind it.
pub(crate) fn commitment(values: Vec<String>) -> Result<(Digest, Vec<u8>), Fault> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| Fault::Randomness)?;
    let paper = minicbor::to_vec(Committed { salt, values }).map_err(|_| Fault::Encoding)?;
    Ok((sha256(&[&paper]), paper))
}
