//! The file of a snapshot, beside the journal: frames that the caller sealed, each behind its length. It is written under a name that
//! nobody reads and gets its own only when all of it is on the disk, so that a crash leaves the one before or none.
//!
//! *Absent:* what stands in the frames and whether it may be believed; and any need of the file, which follows from the journal and may
//! be removed at any time.

use crate::error::StoreError;
use crate::folder;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

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
/// What is read or written at once, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// A snapshot that is being written. Dropped before it is finished, it leaves a file that nobody reads.
pub struct SnapshotWriter {
    file: BufWriter<File>,
    folder: PathBuf,
    frames: usize,
}

impl SnapshotWriter {
    /// Begins one in the folder of a journal, in place of one that was not finished.
    ///
    /// # Errors
    /// [`StoreError::Full`] and [`StoreError::Fault`].
    pub fn begin(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(UNFINISHED);
        remove(&path)?;
        folder::private_file(&path)?;
        let file = File::options().write(true).open(&path).map_err(StoreError::io("writing a snapshot"))?;
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, file);
        file.write_all(HEADING).map_err(StoreError::io("writing a snapshot"))?;
        Ok(Self { file, folder: folder.to_owned(), frames: 0 })
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
        let written = self.file.write_all(&length).and_then(|()| self.file.write_all(frame));
        written.map_err(StoreError::io("writing a snapshot"))
    }

    /// Puts it in the place of the one before, once it is on the disk.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn finish(self) -> Result<(), StoreError> {
        let doing = "syncing a snapshot";
        let file = self.file.into_inner().map_err(|error| StoreError::io(doing)(error.into_error()))?;
        file.sync_all().map_err(StoreError::sync(doing))?;
        let named = fs::rename(self.folder.join(UNFINISHED), self.folder.join(SNAPSHOT_FILE));
        named.map_err(StoreError::io("naming a snapshot"))?;
        folder::sync(&self.folder)
    }
}

/// The frames of the snapshot in the folder of a journal; none where there is none, or what is there is not of this form to its end.
///
/// # Errors
/// [`StoreError::Fault`] where it cannot be read.
pub fn read_snapshot(folder: &Path) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
    let doing = "reading a snapshot";
    let file = match File::open(folder.join(SNAPSHOT_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(doing)(error)),
    };
    let mut left = file.metadata().map_err(StoreError::io(doing))?.len();
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    let mut heading = [0; HEADING.len()];
    if left < HEADING.len() as u64 {
        return Ok(None);
    }
    file.read_exact(&mut heading).map_err(StoreError::io(doing))?;
    left -= HEADING.len() as u64;
    let mut frames = Vec::new();
    while left > 0 && heading == *HEADING && frames.len() < MAX_FRAMES {
        let mut length = [0; 4];
        if left < length.len() as u64 {
            return Ok(None);
        }
        file.read_exact(&mut length).map_err(StoreError::io(doing))?;
        left -= length.len() as u64;
        let length = u32::from_be_bytes(length);
        if u64::from(length) > left || length as usize > MAX_FRAME_BYTES {
            return Ok(None);
        }
        // Not filled with zeros first: it is read to its end or not used.
        let mut frame = Vec::with_capacity(length as usize);
        let read =
            file.by_ref().take(length.into()).read_to_end(&mut frame).map_err(StoreError::io(doing))?;
        if read != length as usize {
            return Ok(None);
        }
        left -= u64::from(length);
        frames.push(frame);
    }
    Ok((left == 0).then_some(frames))
}

/// Removes the snapshot in the folder of a journal, and one that was not finished.
///
/// # Errors
/// [`StoreError::Fault`].
pub fn remove_snapshot(folder: &Path) -> Result<(), StoreError> {
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
