//! The node's folder: configuration, key files, card, journal and vault.
//!
//! ```text
//! attache.toml        configuration
//! card.cbor           the node's card, signed by the Party root
//! succession.cbor     the node's word that this card follows the one before; from the first renewal on
//! succession-DIGEST.cbor  the same of each card, by the card's digest
//! api-authority.der   the authority of people's listener, which clients pin
//! card-DIGEST.cbor    each card before it
//! keys/node.key       the node's keys, sealed; with retired ones, and while a rotation is under way the next ones
//! keys/party-root.key the Party root, sealed; to be taken offline
//! pack.digest         digest of the rule pack in force
//! texts/DIGEST/       rule packs: the one in force, those before it, and drafts
//! journal/  vault/    what the node keeps
//! ```
//! *Absent:* people's keys. They are theirs and lie elsewhere.

mod packs;

pub(crate) use packs::write_pack;

use crate::config::Config;
use crate::context::{Context, private_folder, read_bounded, replace, write_new};
use crate::found::Failed;
use crate::{guard, progress, remedy};
use attache_accord::view::MAX_EARLIER_CARDS;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_custody::keyring::Which;
use attache_custody::{Keyring, Lock, keyfile, keyring};
use attache_node::engine::Engine;
use attache_node::founding::{self, Draft};
use attache_node::link::certificate;
use attache_node::node::{Parts, open_engine};
use attache_node::office::is_of;
use attache_node::settling::{Restored, Standing};
use attache_release::Pack;
use attache_seal::pair::SigningPair;
use attache_seal::papers::Card;
use attache_seal::statement::{MAX_STATEMENT_BYTES, Signed};
use attache_store::{FolderVault, Reader, SqliteJournal, SqliteReader, StoreError};
use attache_tlog::Origin;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Longest mark of a restore, in bytes.
const MAX_MARK_BYTES: u64 = 64 * 1024;
/// The file of the node's keys.
const KEYRING: &str = "keys/node.key";
/// The folder of shares that originators lent.
pub(crate) const SHARES: &str = "shares";

/// Where a card is kept once another took its place.
fn before(card: Digest) -> String {
    format!("card-{card}.cbor")
}

/// Where the succession to a card is kept.
fn announcing(card: Digest) -> String {
    format!("succession-{card}.cbor")
}

/// A node's folder.
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) config: Config,
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl Home {
    /// Opens a folder that was made before.
    pub(crate) fn open(path: &Path) -> Result<Self, Failed> {
        if !path.join(crate::config::FILE).is_file() {
            let next = "it holds no node; name another by --home, or found one there with attache init";
            return Err(Failed::misuse(format!("home: {}: {next}", path.display())));
        }
        Ok(Self { path: path.to_owned(), config: Config::read(path)? })
    }

    /// Founds a node in a new folder. Where anything fails, nothing of it stays.
    pub(crate) fn create(
        context: &Context,
        config: Config,
        draft: &Draft,
        pack: Pack,
    ) -> Result<Self, Failed> {
        let path = context.home_path()?;
        if path.exists() {
            let rule = "it is there already; a node is founded in a folder of its own";
            return Err(Failed::misuse(format!("{}: {rule}", path.display())));
        }
        let home = Self { path: path.to_owned(), config };
        home.fill(context, draft, pack).inspect_err(|_| {
            // A half-made home would look like a node.
            let _ = fs::remove_dir_all(path);
        })?;
        Ok(home)
    }

    fn fill(&self, context: &Context, draft: &Draft, pack: Pack) -> Result<(), Failed> {
        private_folder(&self.path)?;
        private_folder(&self.path.join("keys"))?;
        self.put_pack(&pack)?;
        let (now, pack) = (now(), Arc::new(pack));
        let origin = founding::log_origin(&draft.node);
        let keys = Arc::new(Keyring::generate(&origin).map_err(Failed::fault)?);
        let root = SigningPair::generate().map_err(Failed::fault)?;
        let until = now.plus_hours(founding::CARD_HOURS);
        let authority = certificate::authority(&keys.tls_ca_pkcs8, &draft.node, now, until);
        let authority = authority.map_err(Failed::misuse)?;
        let card = founding::card(draft, &pack, &keys, &root, authority.clone(), now);
        let card = card.map_err(Failed::misuse)?;
        let secret = keys.to_secret_bytes().map_err(Failed::fault)?;
        context.seal_key(&self.path.join(KEYRING), keyring::NODE_KIND, &secret)?;
        let seeds = root.to_seed_bytes();
        context.seal_key(&self.path.join("keys/party-root.key"), keyring::ROOT_KIND, seeds.as_slice())?;
        write_new(&self.path.join("card.cbor"), &card.to_bytes())?;
        write_new(&self.path.join("api-authority.der"), &authority)?;
        write_new(&self.path.join(crate::config::FILE), self.config.to_toml()?.as_bytes())?;
        FolderVault::create(&self.path.join("vault")).map_err(Failed::fault)?;
        let origin = Origin::new(&origin).map_err(Failed::fault)?;
        let journal = SqliteJournal::create(&self.path.join("journal"), &origin).map_err(Failed::fault)?;
        let mut engine: Engine = open_engine(Box::new(journal), &keys, &pack).map_err(Failed::fault)?;
        founding::found(&mut engine, draft, &pack, now).map_err(Failed::fault)
    }

    /// The node's name.
    pub(crate) fn node(&self) -> Result<NodeName, Failed> {
        self.config.node.name.parse().map_err(Failed::misuse)
    }

    /// The node's card.
    pub(crate) fn card(&self) -> Result<Signed, Failed> {
        self.signed("card.cbor")
    }

    /// The node's word that a card of its own follows the one before.
    pub(crate) fn succession(&self, card: Digest) -> Result<Signed, Failed> {
        let name = announcing(card);
        // An older build kept the one of the card in place only.
        let is_kept = self.path.join(&name).is_file();
        self.signed(if is_kept { &name } else { "succession.cbor" })
    }

    /// A signed statement of this folder.
    pub(crate) fn signed(&self, name: &str) -> Result<Signed, Failed> {
        let path = self.path.join(name);
        let bytes = read_bounded(&path, MAX_STATEMENT_BYTES as u64)?;
        Signed::from_bytes(&bytes).map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))
    }

    /// The authority of people's listener.
    pub(crate) fn authority(&self) -> Result<Vec<u8>, Failed> {
        read_bounded(&self.path.join("api-authority.der"), 16 * 1024)
    }

    /// The cards before this one, newest first, as far as they follow each other here.
    pub(crate) fn earlier(&self) -> Result<Vec<Signed>, Failed> {
        let mut cards = Vec::new();
        let mut next = self.card()?;
        while cards.len() < MAX_EARLIER_CARDS {
            let card = next.dangerously_unverified::<Card>().map_err(Failed::misuse)?.body;
            let Some(name) = card.previous.map(before).filter(|name| self.path.join(name).is_file()) else {
                break;
            };
            next = self.signed(&name)?;
            cards.push(next.clone());
        }
        Ok(cards)
    }

    /// The node's keys, opened with the key file that the configuration names, or as every other key.
    pub(crate) fn keys(&self, context: &Context) -> Result<Keyring, Failed> {
        Ok(self.keys_and_lock(context)?.0)
    }

    /// The keys that the node's card names. A rotation that was cut off after its card was put in place left them as the
    /// next ones.
    fn keys_and_lock(&self, context: &Context) -> Result<(Keyring, Lock), Failed> {
        let path = self.path.join(KEYRING);
        let sealed = read_bounded(&path, keyfile::MAX_SEALED_BYTES as u64)?;
        let unlock = context.unlock.clone().or_else(|| self.config.keys.unlock_file.clone());
        let context = Context { unlock, ..context.clone() };
        let lock = context.lock("passphrase of the node")?;
        let secret = keyfile::open(&lock, keyring::NODE_KIND, &sealed);
        let secret = secret.map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))?;
        let keys = Keyring::from_secret_bytes(&secret, self.origin()?.as_str()).map_err(Failed::fault)?;
        let _ = guard::lock();
        let card = self.card()?.dangerously_unverified::<Card>().map_err(Failed::misuse)?.body;
        match keys.advanced().map_err(Failed::fault)? {
            Some(next) if !is_of(&card, &keys) && is_of(&card, &next) => Ok((next, lock)),
            _ => Ok((keys, lock)),
        }
    }

    fn put_keys(&self, keys: &Keyring, lock: &Lock) -> Result<(), Failed> {
        let secret = keys.to_secret_bytes().map_err(Failed::fault)?;
        let sealed = keyfile::seal(lock, keyring::NODE_KIND, &secret).map_err(Failed::fault)?;
        replace(&self.path.join(KEYRING), &sealed)
    }

    /// Renews the card under the Party root, and puts it in place of the one before, which is kept beside it.
    pub(crate) fn renew(&self, context: &Context, root: &SigningPair) -> Result<Signed, Failed> {
        let keys = self.keys(context)?;
        self.put_card(&self.succeeding(&keys, &keys, root, now())?)
    }

    /// Makes the keys of `which` anew, and a card that names them where one does. The node must be down: it would go on to
    /// sign under the keys of before, at times when the new card speaks for it.
    pub(crate) fn rotate(
        &self,
        context: &Context,
        which: Which,
        root: Option<&SigningPair>,
    ) -> Result<(), Failed> {
        let journal = self.open_journal()?.map_err(|error| match error {
            StoreError::InUse(_) => Failed::misuse("node: it runs; stop it, rotate, and start it anew"),
            error => Failed::fault(error),
        })?;
        let (keys, lock) = self.keys_and_lock(context)?;
        let keys = Arc::new(keys);
        // Held to the end, so that no node starts meanwhile.
        let pack = Arc::new(self.pack()?);
        let engine = progress::during(|| open_engine(Box::new(journal), &keys, &pack));
        let engine = engine.map_err(Failed::fault)?;
        let prepared = keys.prepared(which).map_err(Failed::misuse)?;
        let next = prepared.advanced().map_err(Failed::fault)?;
        let next = next.ok_or_else(|| Failed::fault("keys: none were laid ready"))?;
        if which.needs_card() {
            let root = root.ok_or_else(|| Failed::misuse("root: a new card needs the Party root"))?;
            // What was signed before stays in the time of the card before, even where the clock was set back.
            let at = now().max(engine.view().read().last_at.plus_millis(1));
            let cards = self.succeeding(&keys, &next, root, at)?;
            self.put_keys(&prepared, &lock)?;
            self.put_card(&cards)?;
        }
        self.put_keys(&next, &lock)
    }

    /// Makes the keys of the key access service anew, and gives the names of those that clients seal for. The node must be
    /// down: it would go on to give out those of before.
    pub(crate) fn make_service_keys(&self, context: &Context) -> Result<(String, String), Failed> {
        // Held to the end, so that no node starts meanwhile.
        let _journal = self.open_journal()?.map_err(|error| match error {
            StoreError::InUse(_) => Failed::misuse("node: it runs; stop it, and start it anew afterwards"),
            error => Failed::fault(error),
        })?;
        let (keys, lock) = self.keys_and_lock(context)?;
        let keys = keys.with_service().map_err(Failed::misuse)?;
        self.put_keys(&keys, &lock)?;
        let made = keys.service_keys().map_err(Failed::fault)?.pop();
        let made = made.ok_or_else(|| Failed::fault("keys: none were made"))?;
        Ok((made.rsa_public.kid, made.ec_public.kid))
    }

    /// A card for the keys `next` that follows the one in place, and the succession under `keys`.
    fn succeeding(
        &self,
        keys: &Keyring,
        next: &Keyring,
        root: &SigningPair,
        at: Timestamp,
    ) -> Result<(Signed, Signed), Failed> {
        let until = at.plus_hours(founding::CARD_HOURS);
        let authority = certificate::authority(&keys.tls_ca_pkcs8, &self.node()?, at, until);
        let authority = authority.map_err(Failed::fault)?;
        founding::renewed(&self.card()?, (keys, next), root, authority, at).map_err(Failed::misuse)
    }

    fn put_card(&self, (card, succession): &(Signed, Signed)) -> Result<Signed, Failed> {
        let held = self.card()?;
        let authority = card.dangerously_unverified::<Card>().map_err(Failed::fault)?.body.tls_ca;
        replace(&self.path.join(before(held.digest())), &held.to_bytes())?;
        replace(&self.path.join("api-authority.der"), &authority)?;
        replace(&self.path.join(announcing(card.digest())), &succession.to_bytes())?;
        replace(&self.path.join("succession.cbor"), &succession.to_bytes())?;
        // Last: with it the renewal holds, and whatever failed before is done again.
        replace(&self.path.join("card.cbor"), &card.to_bytes())?;
        Ok(card.clone())
    }

    /// The journal, for the one process that may write it.
    pub(crate) fn journal(&self) -> Result<SqliteJournal, Failed> {
        self.open_journal()?.map_err(remedy::failed)
    }

    fn open_journal(&self) -> Result<Result<SqliteJournal, StoreError>, Failed> {
        let origin = self.origin()?;
        Ok(progress::during(|| SqliteJournal::open(&self.journal_folder(), &origin)))
    }

    /// Whether it was brought back from a backup, and not all is settled with its partners: what they have seen of its log, and what its own
    /// people had signed since.
    pub(crate) fn is_restored(&self) -> bool {
        self.path.join(crate::backup::MARK).exists()
    }

    /// Notes what is still awaited, which people read (`attache backup settle`), and what a partner has seen that is not here. A partner is
    /// asked again after a restart; an operator who says it instead may not know, and must not say less.
    pub(crate) fn note_seen(&self, standing: &Standing) -> Result<(), Failed> {
        let names = |nodes: &BTreeSet<NodeName>| nodes.iter().map(ToString::to_string).collect::<Vec<_>>();
        let awaits = json!({
            "seen": names(&standing.waits_for),
            "witnesses": standing.witnesses,
            "words": names(&standing.words_of),
            "older": names(&standing.cannot_say),
        });
        self.note(|mark| {
            mark["awaits"] = awaits;
            if let Some((from, behind)) = standing.lost {
                mark["lost"] = json!([from, behind.saturating_sub(1)]);
            }
            if let Some((from, behind)) = standing.promised {
                mark["promised"] = json!([from, behind.saturating_sub(1)]);
            }
            if standing.is_other {
                mark["other"] = json!(true);
            }
        })
    }

    /// People have said what was seen of the log, or that it goes on under a new origin.
    pub(crate) fn note_settled(&self) -> Result<(), Failed> {
        self.note(|mark| {
            mark["seen"] = json!(true);
            for told in ["lost", "promised", "other", "awaits"] {
                mark[told] = Value::Null;
            }
        })
    }

    /// People have these partners' words on a file, or do without.
    pub(crate) fn note_heard(&self, partners: &[NodeName]) -> Result<(), Failed> {
        let mut heard = self.awaits()?.unwrap_or_default().heard;
        heard.extend(partners.iter().cloned());
        self.note(|mark| {
            // What they saw of the log is awaited all the same.
            for field in ["/awaits/words", "/awaits/older"] {
                if let Some(names) = mark.pointer_mut(field).and_then(Value::as_array_mut) {
                    names.retain(|name| !heard.iter().any(|node| name == node.as_str()));
                }
            }
            mark["heard"] = heard.iter().map(ToString::to_string).collect();
        })
    }

    fn note(&self, change: impl FnOnce(&mut Value)) -> Result<(), Failed> {
        let mut mark = self.restored()?;
        change(&mut mark);
        replace(&self.path.join(crate::backup::MARK), mark.to_string().as_bytes())
    }

    /// What people have said of it, where it was brought back.
    pub(crate) fn awaits(&self) -> Result<Option<Restored>, Failed> {
        if !self.is_restored() {
            return Ok(None);
        }
        let mark = self.restored()?;
        let heard = mark["heard"].as_array().into_iter().flatten();
        let heard = heard.map(|node| node.as_str().unwrap_or_default().parse());
        Ok(Some(Restored {
            is_seen: mark["seen"] == true,
            heard: heard.collect::<Result<_, _>>().map_err(Failed::fault)?,
            promised: mark["promised"][1].as_u64().map(|last| last.saturating_add(1)),
        }))
    }

    /// The mark of a node that was brought back.
    pub(crate) fn restored(&self) -> Result<Value, Failed> {
        let path = self.path.join(crate::backup::MARK);
        let mark: Value =
            serde_json::from_slice(&read_bounded(&path, MAX_MARK_BYTES)?).map_err(Failed::fault)?;
        if mark.is_object() { Ok(mark) } else { Err(Failed::fault(format!("{}: no mark", path.display()))) }
    }

    /// From here on it is as any other.
    pub(crate) fn settled(&self) -> Result<(), Failed> {
        let mark = self.path.join(crate::backup::MARK);
        match fs::remove_file(&mark) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failed::file(&mark, &error)),
            _ => Ok(()),
        }
    }

    /// Where the journal lies.
    pub(crate) fn journal_folder(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// The origin line of the node's log.
    pub(crate) fn origin(&self) -> Result<Origin, Failed> {
        let first = Origin::new(&founding::log_origin(&self.node()?)).map_err(Failed::fault)?;
        match SqliteJournal::origin_in(&self.journal_folder()) {
            // Lost entries may have made it go on under another; the journal's own acts must say the same when they are folded.
            Ok(origin) if origin.continues(&first) => Ok(origin),
            // Whoever opens it says what is wrong.
            _ => Ok(first),
        }
    }

    /// A reader of the journal, whether the node runs or not.
    pub(crate) fn reader(&self) -> Result<Box<dyn Reader>, Failed> {
        match self.open_journal()? {
            Ok(journal) => Ok(Box::new(journal)),
            Err(StoreError::InUse(_)) => {
                let reader = SqliteReader::open(&self.journal_folder(), &self.origin()?);
                Ok(Box::new(reader.map_err(remedy::failed)?))
            }
            Err(error) => Err(remedy::failed(error)),
        }
    }

    /// What the node is started from.
    pub(crate) fn parts(&self, context: &Context) -> Result<Parts, Failed> {
        Ok(Parts {
            keys: self.keys(context)?,
            journal: Box::new(self.journal()?),
            vault: Arc::new(FolderVault::open(&self.path.join("vault")).map_err(Failed::fault)?),
            pack: self.pack()?,
            // A draft that is kept need not be sound.
            earlier_packs: self.texts().into_iter().filter_map(|digest| self.text(digest).ok()).collect(),
            card: self.card()?,
            earlier: self.earlier()?,
            beat_seconds: self.config.log.beat_seconds,
            pad_leaves: self.config.log.pad_leaves,
            check_hour: Some(self.config.log.check_hour),
            witnesses: self.config.outside().map_err(Failed::misuse)?,
            words: crate::backup::waiting(self)?,
            restored: self.awaits()?,
            shares: Some(self.path.join(SHARES)),
            clock: now,
        })
    }
}
