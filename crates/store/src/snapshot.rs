//! The file of a snapshot, beside the journal: frames that the caller sealed, each behind its length. It is written under a name that
//! nobody reads and gets its own only when all of it is on the disk, so that a crash leaves the one before or none.
//!
//! *Absent:* what stands in the frames and whether it may be believed; and any need of the file, which follows from the journal and may
//! be removed at any time.

use crate::error::StoreError;
use crate::folder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file's name in the journal's folder.
pub const SNAPSHOT_FILE: &str = "snapshot";
/// The name of one that is not whole yet.
const UNFINISHED: &str = "snapshot.new";
/// What the file begins with.
const HEADING: &[u8; 19] = b"attache/snapshot/1\n";
/// Longest frame, in bytes.
pub const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;
/// Most frames.
pub const MAX_FRAMES: usize = 32_768;
/// Bytes of a frame's length.
const LENGTH_BYTES: u64 = 4;
const READING: &str = "reading a snapshot";
const WRITING: &str = "writing a snapshot";
/// Bytes of the disk that a snapshot leaves to the journal, which must go on where a snapshot need not.
pub const SPARE_BYTES: u64 = 256 * 1024 * 1024;
/// A snapshot is expected to be larger than the one before by one in so many.
const GROWTH_PART: u64 = 4;
/// What is written at once, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// Removals by this process, of each folder: as many folders as it has journals. Held while a snapshot is named or removed, so that
/// none is put in the place of one that was removed while it was written.
static REMOVALS: Mutex<BTreeMap<PathBuf, u64>> = Mutex::new(BTreeMap::new());

fn removals() -> MutexGuard<'static, BTreeMap<PathBuf, u64>> {
    // A count is changed at once or not at all.
    REMOVALS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a snapshot stands on, to be taken before the one before is read: it may be removed as wrong while the next is made of it.
pub struct Standing {
    folder: PathBuf,
    removals: u64,
}

impl Standing {
    /// As it is now in the folder of a journal.
    pub fn of(folder: &Path) -> Self {
        let removals = removals().get(folder).copied().unwrap_or_default();
        Self { folder: folder.to_owned(), removals }
    }
}

/// A snapshot that is being written. Dropped before it is finished, it leaves nothing; only a crash leaves a file, which nobody reads.
pub struct SnapshotWriter {
    file: BufWriter<File>,
    standing: Standing,
    frames: usize,
    is_finished: bool,
}

impl SnapshotWriter {
    /// Begins one in the folder that `standing` is of, in place of one that was not finished.
    ///
    /// # Errors
    /// [`StoreError::Full`], also where one as large as the one before and a quarter more would not leave [`SPARE_BYTES`] to the
    /// journal; [`StoreError::Fault`].
    pub fn begin(standing: Standing) -> Result<Self, StoreError> {
        let folder = standing.folder.as_path();
        let path = folder.join(UNFINISHED);
        remove(&path)?;
        let before = match fs::metadata(folder.join(SNAPSHOT_FILE)) {
            Ok(before) => before.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(StoreError::io(WRITING)(error)),
        };
        has_room(folder, before.saturating_add(before / GROWTH_PART))?;
        folder::private_file(&path)?;
        let file = File::options().write(true).open(&path).map_err(StoreError::io(WRITING))?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        // From here on whatever fails takes the file away.
        let mut writer = Self { file, standing, frames: 0, is_finished: false };
        writer.file.write_all(HEADING).map_err(StoreError::io(WRITING))?;
        Ok(writer)
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// [`StoreError::Limit`] where it is too long, or there are too many; as [`Self::begin`].
    pub fn put(&mut self, frame: &[u8]) -> Result<(), StoreError> {
        StoreError::within("frame of a snapshot, bytes", MAX_FRAME_BYTES as u64, frame.len() as u64)?;
        self.frames += 1;
        StoreError::within("frames of a snapshot", MAX_FRAMES as u64, self.frames as u64)?;
        // Within the limit, so that nothing is cut off.
        let length = (frame.len() as u32).to_be_bytes();
        // There may have been none before, and others write meanwhile.
        has_room(&self.standing.folder, LENGTH_BYTES + frame.len() as u64)?;
        let written = self.file.write_all(&length).and_then(|()| self.file.write_all(frame));
        written.map_err(StoreError::io(WRITING))
    }

    /// Puts it in the place of the one before, once it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::Removed`] where that was removed since what this one stands on was taken; as [`Self::begin`].
    pub fn finish(mut self) -> Result<(), StoreError> {
        let doing = "syncing a snapshot";
        self.file.flush().map_err(StoreError::io(doing))?;
        self.file.get_ref().sync_all().map_err(StoreError::sync(doing))?;
        let folder = &self.standing.folder;
        let all = removals();
        if all.get(folder).copied().unwrap_or_default() != self.standing.removals {
            return Err(StoreError::Removed);
        }
        let named = fs::rename(folder.join(UNFINISHED), folder.join(SNAPSHOT_FILE));
        named.map_err(StoreError::io("naming a snapshot"))?;
        drop(all);
        self.is_finished = true;
        folder::sync(&self.standing.folder)
    }
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            // Where even this fails, the next one that begins removes it.
            let _ = remove(&self.standing.folder.join(UNFINISHED));
        }
    }
}

/// Whether so many bytes leave [`SPARE_BYTES`] of the disk that the folder is on.
fn has_room(folder: &Path, bytes: u64) -> Result<(), StoreError> {
    let disk = rustix::fs::statvfs(folder).map_err(|error| StoreError::io(WRITING)(error.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < bytes.saturating_add(SPARE_BYTES) { Err(StoreError::Full { doing: WRITING }) } else { Ok(()) }
}

/// A snapshot that is there, and where in it each frame is. Threads may read it together.
pub struct SnapshotReader {
    file: File,
    frames: Vec<(u64, usize)>,
}

impl SnapshotReader {
    /// The snapshot in the folder of a journal; none where there is none, or what is there is not of this form to its end.
    ///
    /// # Errors
    /// [`StoreError::Fault`] where it cannot be read.
    pub fn open(folder: &Path) -> Result<Option<Self>, StoreError> {
        let file = match File::open(folder.join(SNAPSHOT_FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(READING)(error)),
        };
        let end = file.metadata().map_err(StoreError::io(READING))?.len();
        let mut heading = [0; HEADING.len()];
        if end < heading.len() as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut heading, 0).map_err(StoreError::io(READING))?;
        let (mut at, mut frames) = (heading.len() as u64, Vec::new());
        while at < end {
            let mut length = [0; LENGTH_BYTES as usize];
            if heading != *HEADING || end - at < LENGTH_BYTES || frames.len() == MAX_FRAMES {
                return Ok(None);
            }
            file.read_exact_at(&mut length, at).map_err(StoreError::io(READING))?;
            let length = u32::from_be_bytes(length);
            at += LENGTH_BYTES;
            if u64::from(length) > end - at || length as usize > MAX_FRAME_BYTES {
                return Ok(None);
            }
            frames.push((at, length as usize));
            at += u64::from(length);
        }
        Ok(Some(Self { file, frames }))
    }

    /// How many frames it has.
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// A frame by its number; empty where there is none.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn frame(&self, number: usize) -> Result<Vec<u8>, StoreError> {
        let (at, length) = self.frames.get(number).copied().unwrap_or_default();
        let mut frame = vec![0; length];
        self.file.read_exact_at(&mut frame, at).map_err(StoreError::io(READING))?;
        Ok(frame)
    }
}

/// Removes the snapshot in the folder of a journal, and one that was not finished. One that this process is writing is not put in its
/// place.
///
/// # Errors
/// [`StoreError::Fault`].
pub fn remove_snapshot(folder: &Path) -> Result<(), StoreError> {
    let mut all = removals();
    *all.entry(folder.to_owned()).or_default() += 1;
    remove(&folder.join(SNAPSHOT_FILE))?;
    remove(&folder.join(UNFINISHED))?;
    folder::sync(folder)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::io("removing a snapshot")(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn begun(folder: &Path) -> Result<SnapshotWriter, StoreError> {
        SnapshotWriter::begin(Standing::of(folder))
    }

    #[test]
    fn one_that_was_under_way_does_not_take_the_place_of_one_that_was_removed() {
        let folder = tempfile::tempdir().unwrap();
        begun(folder.path()).unwrap().finish().unwrap();
        let (early, late) = (Standing::of(folder.path()), begun(folder.path()).unwrap());
        remove_snapshot(folder.path()).unwrap();
        assert!(matches!(late.finish(), Err(StoreError::Removed)));
        // The one before was read, but nothing was written yet.
        let early = SnapshotWriter::begin(early).unwrap();
        assert!(matches!(early.finish(), Err(StoreError::Removed)));
        assert!(names(folder.path()).is_empty());
        begun(folder.path()).unwrap().finish().unwrap();
        assert_eq!(names(folder.path()), [SNAPSHOT_FILE]);
    }

    #[test]
    fn a_writer_that_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = begun(folder.path()).unwrap();
        writer.put(&[7; 2 * BUFFER_BYTES]).unwrap();
        assert_eq!(names(folder.path()), [UNFINISHED]);
        drop(writer);
        assert!(names(folder.path()).is_empty());
        let mut writer = begun(folder.path()).unwrap();
        writer.put(b"whole").unwrap();
        writer.finish().unwrap();
        assert_eq!(names(folder.path()), [SNAPSHOT_FILE]);
    }

    #[test]
    fn one_that_would_not_leave_room_to_the_journal_is_not_begun_and_half_of_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let disk = rustix::fs::statvfs(folder.path()).unwrap();
        // As large as all that is free, and takes nothing of it.
        let before = File::create(folder.path().join(SNAPSHOT_FILE)).unwrap();
        before.set_len(disk.f_bavail * disk.f_frsize).unwrap();
        fs::write(folder.path().join(UNFINISHED), b"half").unwrap();
        let refused = begun(folder.path()).map(|_| ());
        assert!(matches!(refused, Err(StoreError::Full { .. })));
        assert_eq!(names(folder.path()), [SNAPSHOT_FILE]);
    }
}
