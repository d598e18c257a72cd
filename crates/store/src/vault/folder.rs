//! The vault in a folder: one file for each stream, named by its digest.
//!
//! ```text
//! lock                          held by the one process that writes
//! ab/cdef…                      finished bytes, by digest in hexadecimal
//! writing-7                     a stream without a digest yet; cleared on opening
//! partial-<dispatch>            an arrival; kept
//! partial-<dispatch>.durable    how much of it was synced: the length and the arrival's front, and their complement
//! ```
//! A file is synced, then takes its name, then the folder is synced: a name never stands over bytes that a crash
//! could take.
//!
//! *Absent:* names, titles and types of what is inside.

use super::record::{self, Durable};
use super::scratch::{Scratch, Slots};
use super::{MAX_PARTIALS, Medium, Partial, Sealed, Syncing, Vault, VaultReader, VaultWriter};
use crate::error::StoreError;
use crate::folder::{self, FILE_MODE, LOCK_FILE};
use attache_accord::{Digest, DispatchId};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const WRITING: &str = "writing-";
const PARTIAL: &str = "partial-";
const DURABLE: &str = ".durable";

/// A vault in a folder. Clones are handles to the same vault.
#[derive(Clone)]
pub struct FolderVault {
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    _lock: File,
    next_name: AtomicU64,
    partials: Mutex<Partials>,
}

/// What this process knows of the arrivals in its folder. Held as well while files take or lose their names.
#[derive(Default)]
struct Partials {
    /// Those that have a file: nobody else makes or removes one.
    there: BTreeSet<DispatchId>,
    /// Those that a handle is open to.
    open: BTreeSet<DispatchId>,
}

impl FolderVault {
    /// Makes a new vault in `root`, and the folder where it is not there.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where there is a vault already.
    pub fn create(root: &Path) -> Result<Self, StoreError> {
        folder::make(root)?;
        if root.join(LOCK_FILE).exists() {
            return Err(StoreError::Exists(root.to_owned()));
        }
        let lock = folder::lock(root)?;
        folder::sync(root)?;
        Ok(Self::with(root, lock))
    }

    /// Opens the vault in `root`. Streams that were being written when the last process ended are cleared away,
    /// partial arrivals are kept.
    ///
    /// # Errors
    /// [`StoreError::Missing`], for example where its disk is not mounted; [`StoreError::InUse`].
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        if !root.join(LOCK_FILE).exists() {
            return Err(StoreError::Missing(root.to_owned()));
        }
        let lock = folder::lock(root)?;
        let vault = Self::with(root, lock);
        vault.shared.clear()?;
        vault.shared.partials().there = vault.shared.found()?;
        Ok(vault)
    }

    /// Visits the finished bytes of the vault in `root`, also while another process writes there. What is removed meanwhile may be
    /// left out.
    ///
    /// # Errors
    /// What `visit` answers, and [`StoreError::Fault`].
    pub fn each_finished<E: From<StoreError>>(
        root: &Path,
        mut visit: impl FnMut(Digest, VaultReader) -> Result<(), E>,
    ) -> Result<(), E> {
        // One of 256 folders at a time, so that no list grows with the vault.
        for first in 0..=u8::MAX {
            let first = format!("{first:02x}");
            let folder = root.join(&first);
            for rest in file_names(&folder)? {
                let Ok(digest) = format!("{first}{rest}").parse::<Digest>() else { continue };
                if let Some(reader) = open_file(&folder.join(rest))? {
                    visit(digest, reader)?;
                }
            }
        }
        Ok(())
    }

    fn with(root: &Path, lock: File) -> Self {
        Self {
            shared: Arc::new(Shared {
                root: root.to_owned(),
                _lock: lock,
                next_name: AtomicU64::new(0),
                partials: Mutex::default(),
            }),
        }
    }
}

impl Shared {
    fn partials(&self) -> MutexGuard<'_, Partials> {
        self.partials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn home(&self, digest: &Digest) -> (PathBuf, PathBuf) {
        let name = digest.to_string();
        let (first, rest) = name.split_at(2);
        let folder = self.root.join(first);
        let file = folder.join(rest);
        (folder, file)
    }

    /// A new file that is cleared at the next opening.
    fn new_file(&self) -> Result<(File, u64), StoreError> {
        let number = self.next_name.fetch_add(1, Ordering::Relaxed);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(FILE_MODE);
        let made = options.open(self.writing_path(number));
        Ok((made.map_err(StoreError::io("beginning a stream"))?, number))
    }

    fn writing_path(&self, number: u64) -> PathBuf {
        self.root.join(format!("{WRITING}{number}"))
    }

    fn partial_path(&self, dispatch: &DispatchId) -> PathBuf {
        self.root.join(format!("{PARTIAL}{dispatch}"))
    }

    fn durable_path(&self, dispatch: &DispatchId) -> PathBuf {
        self.root.join(format!("{PARTIAL}{dispatch}{DURABLE}"))
    }

    /// File names in the root that start with `prefix`, without it.
    fn names(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let names = file_names(&self.root)?;
        Ok(names.iter().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect())
    }

    /// The arrivals that have a file.
    fn found(&self) -> Result<BTreeSet<DispatchId>, StoreError> {
        Ok(self.names(PARTIAL)?.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Removes what no one will go on with: unfinished streams, and marks whose partial was finished.
    fn clear(&self) -> Result<(), StoreError> {
        for name in self.names(WRITING)? {
            unlink(&self.root.join(format!("{WRITING}{name}")))?;
        }
        let partials = self.found()?;
        for name in self.names(PARTIAL)? {
            let marked = name.strip_suffix(DURABLE).and_then(|name| name.parse().ok());
            if marked.is_some_and(|dispatch: DispatchId| !partials.contains(&dispatch)) {
                unlink(&self.root.join(format!("{PARTIAL}{name}")))?;
            }
        }
        Ok(())
    }

    fn refuse_open(&self, partials: &Partials, dispatch: &DispatchId) -> Result<(), StoreError> {
        if partials.open.contains(dispatch) {
            Err(StoreError::InUse(self.partial_path(dispatch)))
        } else {
            Ok(())
        }
    }

    /// The length that was recorded after the last sync, and the front; nothing where there is no sound record.
    fn durable(&self, dispatch: &DispatchId) -> Result<Durable, StoreError> {
        let record = match fs::read(self.durable_path(dispatch)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Durable::default()),
            read => read.map_err(StoreError::io("reading a partial's length"))?,
        };
        Ok(record::read(&record))
    }
}

impl Vault for FolderVault {
    fn create(&self) -> Result<VaultWriter, StoreError> {
        let (file, number) = self.shared.new_file()?;
        Ok(VaultWriter::new(Box::new(OpenFile {
            shared: self.shared.clone(),
            file,
            name: Name::Writing(number),
        })))
    }

    fn open(&self, digest: &Digest) -> Result<Option<VaultReader>, StoreError> {
        open_file(&self.shared.home(digest).1)
    }

    fn remove(&self, digest: &Digest) -> Result<bool, StoreError> {
        let _names = self.shared.partials();
        let (folder, file) = self.shared.home(digest);
        let removed = unlink(&file)?;
        if folder.exists() {
            // Also where nothing was removed now: an earlier removal may have ended before its sync.
            folder::sync(&folder)?;
        }
        Ok(removed)
    }

    fn partial(&self, dispatch: &DispatchId) -> Result<Partial, StoreError> {
        let doing = "opening a partial";
        let mut partials = self.shared.partials();
        self.shared.refuse_open(&partials, dispatch)?;
        if !partials.there.contains(dispatch) {
            StoreError::within("partial arrivals", MAX_PARTIALS as u64, partials.there.len() as u64 + 1)?;
        }
        let path = self.shared.partial_path(dispatch);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
        let mut file = options.open(&path).map_err(StoreError::io(doing))?;
        partials.there.insert(*dispatch);
        let length = file.metadata().map_err(StoreError::io(doing))?.len();
        let (durable, front) = record::resume(self.shared.durable(dispatch)?, length);
        file.set_len(durable).map_err(StoreError::io(doing))?;
        file.seek(SeekFrom::End(0)).map_err(StoreError::io(doing))?;
        partials.open.insert(*dispatch);
        let file = OpenFile { shared: self.shared.clone(), file, name: Name::Partial(*dispatch) };
        Ok(Partial::resumed(Box::new(file), durable, front))
    }

    fn is_partial(&self, dispatch: &DispatchId) -> bool {
        self.shared.partials().there.contains(dispatch)
    }

    fn partials(&self) -> Result<Vec<(DispatchId, u64)>, StoreError> {
        let partials = self.shared.found()?.into_iter();
        partials.map(|dispatch| Ok((dispatch, self.shared.durable(&dispatch)?.0))).collect()
    }

    fn abandon(&self, dispatch: &DispatchId) -> Result<bool, StoreError> {
        let mut partials = self.shared.partials();
        self.shared.refuse_open(&partials, dispatch)?;
        if !partials.there.contains(dispatch) {
            return Ok(false);
        }
        // The record first: a partial without one starts over, a record without a partial is cleared.
        unlink(&self.shared.durable_path(dispatch))?;
        let removed = unlink(&self.shared.partial_path(dispatch))?;
        partials.there.remove(dispatch);
        folder::sync(&self.shared.root)?;
        Ok(removed)
    }

    fn scratch(&self) -> Result<Scratch, StoreError> {
        let (file, number) = self.shared.new_file()?;
        // Without a name it is gone with its handle, however the process ends.
        unlink(&self.shared.writing_path(number))?;
        Ok(Scratch::new(Box::new(file)))
    }
}

/// Finished bytes; `None` where there are none.
fn open_file(path: &Path) -> Result<Option<VaultReader>, StoreError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(StoreError::io("opening sealed bytes"))?,
    };
    let length = file.metadata().map_err(StoreError::io("opening sealed bytes"))?.len();
    Ok(Some(VaultReader::new(Arc::new(file), length)))
}

/// The names in a folder; none where it is not there.
fn file_names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let list = || -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries
            .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
            .collect()
    };
    list().map_err(StoreError::io("listing the vault"))
}

impl Slots for File {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, bytes, offset)
    }
}

/// Removes a file; `false` where there was none.
fn unlink(path: &Path) -> Result<bool, StoreError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::fault("removing a file of the vault", error)),
    }
}

/// A file that has no digest yet: a stream, or with a dispatch id a partial.
struct OpenFile {
    shared: Arc<Shared>,
    file: File,
    name: Name,
}

/// What a file without a digest is called; shorter in memory than its path.
enum Name {
    Writing(u64),
    Partial(DispatchId),
}

/// Syncs a partial, and then records how much of it is durable.
fn sync_partial(
    file: &File,
    (root, at): (&Path, &Path),
    length: u64,
    front: &[u8],
) -> Result<(), StoreError> {
    let doing = "recording a partial's length";
    file.sync_data().map_err(StoreError::sync("syncing sealed bytes"))?;
    let is_new = !at.exists();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(FILE_MODE);
    let file_of_record = options.open(at).map_err(StoreError::io(doing))?;
    file_of_record.write_all_at(&record::write(length, front), 0).map_err(StoreError::io(doing))?;
    file_of_record.sync_data().map_err(StoreError::sync(doing))?;
    if is_new { folder::sync(root) } else { Ok(()) }
}

impl OpenFile {
    fn path(&self) -> PathBuf {
        match &self.name {
            Name::Writing(number) => self.shared.writing_path(*number),
            Name::Partial(dispatch) => self.shared.partial_path(dispatch),
        }
    }

    /// Gives the file its name for good, or finds that the vault has the same bytes.
    fn take_name(&self, digest: &Digest, length: u64) -> Result<(), StoreError> {
        let (folder, home) = self.shared.home(digest);
        match fs::metadata(&home) {
            Ok(there) if there.len() != length => {
                Err(StoreError::Differs { digest: *digest, held: there.len(), offered: length })
            }
            Ok(_) => {
                unlink(&self.path())?;
                folder::sync(&folder)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !folder.exists() {
                    folder::make(&folder)?;
                }
                fs::rename(self.path(), &home).map_err(StoreError::io("naming sealed bytes"))?;
                // A name that may not last is taken back, or the next attempt would find it and believe it.
                folder::sync(&folder).inspect_err(|_| drop(fs::rename(&home, self.path())))
            }
            Err(error) => Err(StoreError::fault("naming sealed bytes", error)),
        }
    }
}

impl Medium for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).map_err(StoreError::io("writing sealed bytes"))
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(StoreError::sync("syncing sealed bytes"))
    }

    fn begin_sync(&mut self, length: u64, front: &[u8]) -> Result<Option<Syncing>, StoreError> {
        let Name::Partial(dispatch) = &self.name else { return self.sync().map(|()| None) };
        let file = self.file.try_clone().map_err(StoreError::io("syncing sealed bytes"))?;
        let (root, record) = (self.shared.root.clone(), self.shared.durable_path(dispatch));
        let front = front.to_vec();
        let begun = std::thread::Builder::new()
            .name("vault sync".into())
            .spawn(move || sync_partial(&file, (&root, &record), length, &front));
        begun.map(Some).map_err(StoreError::io("beginning a sync"))
    }

    fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        self.file.set_len(length).map_err(StoreError::io("cutting an arrival to its item"))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        FileExt::read_at(&self.file, buffer, offset).map_err(StoreError::io("reading a partial"))
    }

    fn publish(&mut self, digest: &Digest, length: u64) -> Result<(), StoreError> {
        let mut partials = self.shared.partials();
        self.take_name(digest, length)?;
        if let Name::Partial(dispatch) = &self.name {
            partials.there.remove(dispatch);
            unlink(&self.shared.durable_path(dispatch))?;
        }
        Ok(())
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        match &self.name {
            // Nobody is left to tell; what cannot be removed now is cleared at the next opening.
            Name::Writing(_) => drop(fs::remove_file(self.path())),
            Name::Partial(dispatch) => drop(self.shared.partials().open.remove(dispatch)),
        }
    }
}

impl Sealed for File {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }
}
