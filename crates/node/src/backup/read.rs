//! Reading a backup: checking all of it, and putting a node's folder together from it.
//!
//! *Absent:* the node's keys. What they open is checked by whoever has them.

use super::record::{FORM, MAX_FILE_BYTES, MAX_FILES, Manifest, Part, Record, Summary};
use super::{BackupError, NamedFile};
use attache_accord::Digest;
use attache_custody::archive::ArchiveReader;
use attache_store::{Column, Reassembly, Row, Stream, Table, Vault as _, VaultWriter};
use attache_store::{FolderVault, LocalHead};
use attache_tlog::{Checkpoint, Frontier, Hash, LEAF_BYTES, Origin, SignedNote, leaf_hash};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Longest part of a file's name within the folder, in bytes, and how deep it may lie.
const MAX_NAME_BYTES: usize = 128;
const MAX_DEPTH: usize = 8;

/// Where what is read goes; nowhere, where it is only checked.
pub struct Unpacked {
    journal: Reassembly,
    vault: FolderVault,
    /// Files of the node's folder, in order.
    files: Vec<NamedFile>,
}

/// Begins to put a journal and a vault together in `folder`, which is there and empty.
///
/// # Errors
/// [`BackupError::Store`].
pub fn unpack(folder: &Path, origin: &Origin) -> Result<Unpacked, BackupError> {
    let vault = FolderVault::create(&folder.join("vault"))?;
    let journal = Reassembly::begin(&folder.join("journal"), origin)?;
    Ok(Unpacked { journal, vault, files: Vec::new() })
}

impl Unpacked {
    /// Completes the journal, once both parts were read into this, and gives the files.
    ///
    /// # Errors
    /// [`BackupError::Store`] where the rows make no journal that published these checkpoints.
    pub fn complete(self) -> Result<(LocalHead, Vec<NamedFile>), BackupError> {
        Ok((self.journal.complete()?.put_in_place()?, self.files))
    }
}

/// What is known of a part while it is read.
struct Reading<'a> {
    into: Option<&'a mut Unpacked>,
    part: Part,
    log: Frontier,
    counted: Summary,
    /// Roots that published checkpoints claim, by their sizes.
    claimed: BTreeMap<u64, Hash>,
    origin: Origin,
    item: Option<Item>,
}

/// An item of the vault that is being read.
struct Item {
    digest: Digest,
    left: u64,
    writer: Option<VaultWriter>,
}

/// Reads the log part to its end, checks it, and puts it into `into`, if that is given.
///
/// # Errors
/// [`BackupError`] names what is wrong.
pub fn read_log_part<R: Read>(
    from: &mut ArchiveReader<R>,
    into: Option<&mut Unpacked>,
    progress: &mut dyn FnMut(u64),
) -> Result<(Manifest, Summary), BackupError> {
    read(from, Part::Log, into, progress)
}

/// Reads the keys part of the backup whose log part said `log`.
///
/// # Errors
/// As [`read_log_part`].
pub fn read_keys_part<R: Read>(
    from: &mut ArchiveReader<R>,
    log: &(Manifest, Summary),
    into: Option<&mut Unpacked>,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, BackupError> {
    let (manifest, summary) = read(from, Part::Keys, into, progress)?;
    let is_its_own = Manifest { part: Part::Log, ..manifest } == log.0;
    if !is_its_own || (summary.size, summary.root) != (log.1.size, log.1.root) {
        return Err(BackupError::form("the keys part belongs to another backup"));
    }
    Ok(summary)
}

/// Whose backup it is, by the first record of either part.
///
/// # Errors
/// [`BackupError::Form`] where it is none, or of another form.
pub fn manifest<R: Read>(from: &mut ArchiveReader<R>) -> Result<Manifest, BackupError> {
    match Record::read(from)? {
        Some(Record::Begin(manifest)) if manifest.form == FORM => Ok(manifest),
        Some(Record::Begin(manifest)) => {
            Err(BackupError::form(format!("form {}, and this build reads {FORM}", manifest.form)))
        }
        _ => Err(BackupError::form("it does not begin with whose it is")),
    }
}

fn read<R: Read>(
    from: &mut ArchiveReader<R>,
    part: Part,
    into: Option<&mut Unpacked>,
    progress: &mut dyn FnMut(u64),
) -> Result<(Manifest, Summary), BackupError> {
    let manifest = manifest(from)?;
    if manifest.part != part {
        return Err(BackupError::form("this is the other part"));
    }
    let origin = Origin::new(&manifest.origin).map_err(|_| BackupError::form("its log has no name"))?;
    let (log, counted) = (Frontier::new(), Summary::of_files(0));
    let (claimed, item) = Default::default();
    let mut reading = Reading { into, part, log, counted, claimed, origin, item };
    loop {
        let record = Record::read(from)?.ok_or_else(|| BackupError::form("it has no end"))?;
        if let Record::End(summary) = record {
            reading.is_as_said(&summary)?;
            return match Record::read(from)? {
                None => Ok((manifest, summary)),
                Some(_) => Err(BackupError::form("something stands behind its end")),
            };
        }
        progress(reading.take(record)?);
    }
}

impl Reading<'_> {
    /// Takes a record, and answers how many bytes it brought.
    fn take(&mut self, record: Record) -> Result<u64, BackupError> {
        if self.item.is_some() && !matches!(record, Record::Piece(_)) {
            return Err(BackupError::form("an item is cut off"));
        }
        match (self.part, record) {
            (_, Record::File(name, contents)) => self.file(name, contents.into()),
            (Part::Log, Record::Row(stream, version, body, entry)) => {
                self.row(stream, version, body.into(), entry.into())
            }
            (Part::Log, Record::Item(digest, length)) => self.item(digest, length),
            (Part::Log, Record::Piece(bytes)) => self.piece(&bytes),
            (Part::Keys, Record::Salt(index, sealed)) => {
                self.counted.salts += 1;
                if let Some(into) = &mut self.into {
                    into.journal.salt(index, &sealed)?;
                }
                Ok(sealed.len() as u64)
            }
            (part, Record::Kept(table, values)) => {
                let table =
                    Table::named(&table).filter(|table| (*table == Table::Papers) == (part == Part::Keys));
                let table = table.ok_or_else(|| BackupError::form("records of an unknown table"))?;
                let record: Vec<Column> = values.into_iter().map(Into::into).collect();
                self.kept(table, &record)
            }
            _ => Err(BackupError::form("a record that does not belong there")),
        }
    }

    fn file(&mut self, name: String, contents: Vec<u8>) -> Result<u64, BackupError> {
        self.counted.files += 1;
        let length = contents.len() as u64;
        if !is_a_file_of_ours(&name, self.part)
            || length > MAX_FILE_BYTES
            || self.counted.files > MAX_FILES as u64
        {
            return Err(BackupError::form("a file that no node has"));
        }
        if let Some(into) = &mut self.into {
            into.files.push((name, contents));
        }
        Ok(length)
    }

    fn row(
        &mut self,
        stream: String,
        version: u64,
        body: Vec<u8>,
        entry: Vec<u8>,
    ) -> Result<u64, BackupError> {
        if entry.len() != LEAF_BYTES {
            return Err(BackupError::form("a leaf of another length"));
        }
        let (index, length) = (self.log.size(), (body.len() + entry.len()) as u64);
        self.log.append(leaf_hash(&entry));
        if self.claimed.get(&(index + 1)).is_some_and(|claimed| *claimed != self.log.root()) {
            return Err(BackupError::form(format!("a checkpoint of size {} is not of this log", index + 1)));
        }
        if let Some(into) = &mut self.into {
            let row = Row { index, stream: Stream::new(stream)?, version, body, sealed_salt: None, entry };
            into.journal.row(&row)?;
        }
        Ok(length)
    }

    fn kept(&mut self, table: Table, record: &[Column]) -> Result<u64, BackupError> {
        self.counted.kept += 1;
        if let (Table::Published, Some(Column::Text(note))) = (table, record.get(2)) {
            let note = SignedNote::parse(note).ok();
            let stated = note.and_then(|note| Checkpoint::parse(note.text()).ok());
            // Published before the log went on under this origin, too.
            let stated = stated.filter(|stated| self.origin.continues(&stated.origin));
            let stated = stated.ok_or_else(|| BackupError::form("a checkpoint of another log"))?;
            if self.claimed.insert(stated.size, stated.root).is_some_and(|before| before != stated.root) {
                return Err(BackupError::form("two checkpoints of one size"));
            }
        }
        if let Some(into) = &mut self.into {
            into.journal.kept(table, record)?;
        }
        Ok(0)
    }

    fn item(&mut self, digest: Digest, length: u64) -> Result<u64, BackupError> {
        self.counted.items += 1;
        self.counted.item_bytes = self.counted.item_bytes.saturating_add(length);
        let writer = self.into.as_ref().map(|into| into.vault.create()).transpose()?;
        let item = Item { digest, left: length, writer };
        if length == 0 {
            item.end()?
        } else {
            self.item = Some(item)
        }
        Ok(0)
    }

    fn piece(&mut self, bytes: &[u8]) -> Result<u64, BackupError> {
        let mut item = self.item.take().ok_or_else(|| BackupError::form("a piece of no item"))?;
        let length = bytes.len() as u64;
        item.left = item.left.checked_sub(length).ok_or_else(|| BackupError::form("an item is too long"))?;
        if let Some(writer) = &mut item.writer {
            writer.append(bytes)?;
        }
        if item.left == 0 {
            item.end()?
        } else {
            self.item = Some(item)
        }
        Ok(length)
    }

    /// Whether what was read is what the end says.
    fn is_as_said(&self, said: &Summary) -> Result<(), BackupError> {
        let is_whole = self.item.is_none();
        let log = match self.part {
            Part::Log => (self.log.size(), Digest(self.log.root().0)),
            // Of another part, which is compared with this.
            Part::Keys => (said.size, said.root),
        };
        let counted = Summary { size: log.0, root: log.1, ..self.counted };
        let beyond = self.claimed.last_key_value().is_some_and(|(size, _)| *size > said.size);
        if is_whole && !beyond && counted == *said {
            Ok(())
        } else {
            Err(BackupError::form("it does not hold what its end says"))
        }
    }
}

impl Item {
    fn end(self) -> Result<(), BackupError> {
        self.writer.map_or(Ok(()), |writer| writer.finish(&self.digest)).map_err(Into::into)
    }
}

/// Whether a node has a file of that name in its folder, and in that part of a backup.
fn is_a_file_of_ours(name: &str, part: Part) -> bool {
    let parts: Vec<_> = name.split('/').collect();
    let is_plain = |part: &&str| {
        let first = part.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let rest = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        first && rest && part.len() <= MAX_NAME_BYTES
    };
    let is_key = parts.first() == Some(&"keys");
    let is_elsewhere = matches!(parts.first(), Some(&"journal" | &"vault"));
    parts.len() <= MAX_DEPTH && parts.iter().all(is_plain) && is_key == (part == Part::Keys) && !is_elsewhere
}
