//! Reading what the journal holds: entries, papers, and what custody wants shown of an entry.
//!
//! *Absent:* writing. Papers are put in with the acts that cite them, by the engine.

use crate::engine::{decode_event, open_event, open_salt};
use crate::fault::Fault;
use attache_accord::Digest;
use attache_accord::act::Entry;
use attache_accord::oversight::FIELD_EVENT;
use attache_custody::RestKey;
use attache_custody::rest::Purpose;
use attache_seal::digest::sha256;
use attache_store::{Cosignature, Head, LocalHead, Published, Reader, Row, Stream, Tiles};
use attache_tlog::{
    Hash, LeafDraft, MAX_SIGNATURES, NoteSignature, OpenedField, SignedNote, VerifierKey, leaf_hash,
    prove_consistency, prove_inclusion, root_at,
};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Entries that are held at once where a journal is looked through.
const ENTRIES_AT_A_TIME: usize = 256;
/// Signatures of the log itself on its checkpoints.
const LOG_SIGNATURES: usize = 2;

/// A reader of one journal, with the keys that open its rows.
pub struct Papers {
    reader: Mutex<Box<dyn Reader>>,
    rest: Arc<RestKey>,
}

/// What is shown of one entry to whoever demands that it is logged.
pub struct Logged {
    /// Its place.
    pub index: u64,
    /// The event bytes.
    pub event: Vec<u8>,
    /// Its leaf.
    pub leaf: Vec<u8>,
    /// Field 15 of the leaf, opened.
    pub opened: OpenedField,
}

impl Logged {
    /// RFC 6962 hash of the leaf.
    pub fn leaf_hash(&self) -> Digest {
        Digest(leaf_hash(&self.leaf).0)
    }
}

/// A published checkpoint with the cosignatures that are kept for it, which `rest` opens.
///
/// # Errors
/// When the store fails or a cosignature was altered.
pub fn with_cosignatures(
    reader: &dyn Reader,
    rest: &RestKey,
    published: Published,
) -> Result<Published, Fault> {
    let room = MAX_SIGNATURES.saturating_sub(LOG_SIGNATURES);
    let kept = reader.cosignatures(published.size)?.into_iter().take(room);
    let cosignatures: Result<Vec<_>, _> = kept.map(|one| open_cosignature(rest, &one)).collect();
    let cosignatures = cosignatures?;
    let note = SignedNote::parse(&published.checkpoint).and_then(|note| note.with(cosignatures));
    let note = note.map_err(|_| Fault::Altered("published checkpoint"))?;
    Ok(Published { checkpoint: note.to_string(), ..published })
}

/// A cosignature as it is kept: which witness cosigned is sealed, as the names of partners are everywhere.
pub(crate) fn seal_cosignature(
    rest: &RestKey,
    size: u64,
    key: &VerifierKey,
    signature: &NoteSignature,
) -> Result<Cosignature, Fault> {
    let by = key_stream(rest, key)?;
    let line = signature.to_string();
    let sealed = rest.seal(Purpose::Paper, by.as_str().as_bytes(), line.trim_end().as_bytes())?;
    Ok(Cosignature { size, by, sealed })
}

fn open_cosignature(rest: &RestKey, kept: &Cosignature) -> Result<NoteSignature, Fault> {
    let line = rest.open(Purpose::Paper, kept.by.as_str().as_bytes(), &kept.sealed)?;
    let line = std::str::from_utf8(&line).ok().and_then(|line| NoteSignature::parse(line).ok());
    line.ok_or(Fault::Altered("cosignature"))
}

fn key_stream(rest: &RestKey, key: &VerifierKey) -> Result<Stream, Fault> {
    Ok(Stream::new(rest.blind(&format!("cosignature/{}/{:08x}", key.name(), key.key_id())))?)
}

impl Papers {
    /// Papers read through `reader`.
    pub fn new(reader: Box<dyn Reader>, rest: Arc<RestKey>) -> Self {
        Self { reader: Mutex::new(reader), rest }
    }

    /// The paper under `digest`; `None` where there was none or it was destroyed.
    ///
    /// # Errors
    /// When the store fails or the paper was altered.
    pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        let Some(sealed) = self.reader().paper(digest)? else { return Ok(None) };
        Ok(Some(self.rest.open(Purpose::Paper, digest.as_bytes(), &sealed)?.to_vec()))
    }

    /// Whether there is a paper under `digest`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn has(&self, digest: &Digest) -> Result<bool, Fault> {
        Ok(self.reader().paper(digest)?.is_some())
    }

    /// The paper under `digest`, which the journal cites and which must therefore be there.
    ///
    /// # Errors
    /// As [`Self::get`], and [`Fault::Missing`] with `what`.
    pub fn cited(&self, digest: &Digest, what: &'static str) -> Result<Vec<u8>, Fault> {
        self.get(digest)?.ok_or(Fault::Missing(what))
    }

    /// Entries in order from `from`, at most `limit` of them.
    ///
    /// # Errors
    /// When the store fails or an entry was altered.
    pub fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, Entry)>, Fault> {
        let rows = self.reader().rows(from, limit)?;
        rows.iter()
            .map(|row| Ok((row.index, decode_event(row.index, &open_event(&self.rest, row)?)?)))
            .collect()
    }

    /// Looks through the entries in order from `from`, until `each` breaks with what is sought; none where the last was looked at.
    ///
    /// # Errors
    /// As [`Self::entries`], and those of `each`.
    pub fn look_through<T>(
        &self,
        from: u64,
        mut each: impl FnMut(u64, &Entry) -> Result<ControlFlow<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut next = from;
        loop {
            let entries = self.entries(next, ENTRIES_AT_A_TIME)?;
            let Some((last, _)) = entries.last() else { return Ok(None) };
            next = last + 1;
            for (index, entry) in &entries {
                if let ControlFlow::Break(found) = each(*index, entry)? {
                    return Ok(Some(found));
                }
            }
        }
    }

    /// The entry at `index`, if there is one.
    ///
    /// # Errors
    /// As [`Self::entries`].
    pub fn entry(&self, index: u64) -> Result<Option<Entry>, Fault> {
        Ok(self.entries(index, 1)?.pop().map(|(_, entry)| entry))
    }

    /// What is shown of the entry at `index`.
    ///
    /// # Errors
    /// When the store fails, the entry was altered, or its salt destroyed.
    pub fn logged(&self, index: u64) -> Result<Logged, Fault> {
        let row: Row = self.reader().rows(index, 1)?.pop().ok_or(Fault::Missing("entry"))?;
        let event = open_event(&self.rest, &row)?;
        let mut draft = LeafDraft { salt: open_salt(&self.rest, &row)?, fields: Default::default() };
        if let Some(field) = draft.fields.get_mut(FIELD_EVENT) {
            *field = sha256(&[&event]).as_bytes().to_vec();
        }
        // The field's number is a constant below 16.
        let opened = draft.open(FIELD_EVENT as u8);
        Ok(Logged { index, event, leaf: row.entry, opened })
    }

    /// The leaf of the entry at `index`, and its salt.
    ///
    /// # Errors
    /// As [`Self::logged`].
    pub(crate) fn leaf(&self, index: u64) -> Result<(Vec<u8>, [u8; 32]), Fault> {
        let row: Row = self.reader().rows(index, 1)?.pop().ok_or(Fault::Missing("entry"))?;
        let salt = open_salt(&self.rest, &row)?;
        Ok((row.entry, salt))
    }

    /// Proves that the entry at `index` is in the tree of the first `size` entries; `None` where it is not, or the store
    /// fails.
    pub fn prove(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        prove_inclusion(&Tiles(self.reader().as_ref()), size, index).ok()
    }

    /// The local head. It never leaves the node.
    ///
    /// # Errors
    /// When the store fails.
    pub fn head(&self) -> Result<LocalHead, Fault> {
        Ok(self.reader().head()?)
    }

    /// The head as it was when the log had `size` entries.
    ///
    /// # Errors
    /// When the store fails or the log is smaller.
    pub fn head_at(&self, size: u64) -> Result<LocalHead, Fault> {
        let root = root_at(&Tiles(self.reader().as_ref()), size).map_err(|_| Fault::Missing("tile"))?;
        Ok(LocalHead { size, root })
    }

    /// The checkpoint published last.
    ///
    /// # Errors
    /// When the store fails.
    pub fn published(&self) -> Result<Option<Published>, Fault> {
        Ok(self.reader().published()?)
    }

    /// The proof that the tree of `size` entries continues that of `old` entries.
    ///
    /// # Errors
    /// When the store fails or the log is smaller.
    pub fn prove_growth(&self, old: u64, size: u64) -> Result<Vec<Hash>, Fault> {
        prove_consistency(&Tiles(self.reader().as_ref()), old, size).map_err(|_| Fault::Missing("tile"))
    }

    /// The newest checkpoint that is cosigned, with its cosignatures; `None` before the first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cosigned(&self) -> Result<Option<Published>, Fault> {
        let reader = self.reader();
        let size = reader.cosigned_size()?;
        self.cosigned_at(reader.as_ref(), size)
    }

    /// The newest cosigned checkpoint of less than `size` entries, with its cosignatures.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cosigned_below(&self, size: u64) -> Result<Option<Published>, Fault> {
        let reader = self.reader();
        let size = reader.cosigned_below(size)?;
        self.cosigned_at(reader.as_ref(), size)
    }

    /// The first cosigned checkpoint of at least `size` entries, with its cosignatures.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cosigned_from(&self, size: u64) -> Result<Option<Published>, Fault> {
        let reader = self.reader();
        let size = reader.cosigned_from(size)?;
        self.cosigned_at(reader.as_ref(), size)
    }

    /// The checkpoint that was published at `size`, with its cosignatures.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cosigned_of(&self, size: u64) -> Result<Option<Published>, Fault> {
        self.cosigned_at(self.reader().as_ref(), Some(size))
    }

    fn cosigned_at(&self, reader: &dyn Reader, size: Option<u64>) -> Result<Option<Published>, Fault> {
        let Some(size) = size else { return Ok(None) };
        let published = reader.published_at(size)?;
        published.map(|published| with_cosignatures(reader, &self.rest, published)).transpose()
    }

    /// The cosignature of a key on the largest checkpoint that it cosigned, with its size.
    ///
    /// # Errors
    /// When the store fails.
    pub fn last_cosignature(&self, key: &VerifierKey) -> Result<Option<(u64, NoteSignature)>, Fault> {
        let Some(kept) = self.reader().last_cosignature(&key_stream(&self.rest, key)?)? else {
            return Ok(None);
        };
        Ok(Some((kept.size, open_cosignature(&self.rest, &kept)?)))
    }

    pub(crate) fn last_head(&self, log: &Stream) -> Result<Option<Head>, Fault> {
        Ok(self.reader().last_head(log)?)
    }

    pub(crate) fn head_of_size(&self, log: &Stream, size: u64) -> Result<Option<Head>, Fault> {
        Ok(self.reader().head_of_size(log, size)?)
    }

    pub(crate) fn head_up_to(&self, log: &Stream, size: u64) -> Result<Option<Head>, Fault> {
        Ok(self.reader().head_up_to(log, size)?)
    }

    /// A further reader, for long work that must not keep others waiting.
    ///
    /// # Errors
    /// When the store cannot open one.
    pub fn another_reader(&self) -> Result<Box<dyn Reader>, Fault> {
        Ok(self.reader().reader()?)
    }

    /// The folder of the journal; none where it is in memory.
    pub fn folder(&self) -> Option<PathBuf> {
        self.reader().folder().map(Path::to_owned)
    }

    /// The keys that open rows and papers.
    pub fn rest(&self) -> &Arc<RestKey> {
        &self.rest
    }

    fn reader(&self) -> MutexGuard<'_, Box<dyn Reader>> {
        // A reader holds no state that a panic could leave half-made.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
