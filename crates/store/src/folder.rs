//! Folders of a store: made for one account only, locked by one handle at a time, synced where names must last.
//!
//! *Absent:* what stands in them.

use crate::error::StoreError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// The file whose lock is the folder's.
pub(crate) const LOCK_FILE: &str = "lock";
/// Only the account that the node runs under may look into a folder.
const FOLDER_MODE: u32 = 0o700;
/// And into a file.
pub(crate) const FILE_MODE: u32 = 0o600;

/// Makes `folder` where it is not there, and sees to it that it is still there after a crash.
pub(crate) fn make(folder: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder);
    made.map_err(StoreError::io("making a folder"))?;
    let whole = folder.canonicalize().map_err(StoreError::io("making a folder"))?;
    whole.parent().map_or(Ok(()), sync)
}

/// Makes the names in `folder` last.
pub(crate) fn sync(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::sync("syncing a folder"))
}

/// Makes a new file that only the account of the node may look into.
pub(crate) fn private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(FILE_MODE);
    options.open(path).map(drop).map_err(StoreError::io("making a file"))
}

/// Takes the folder for this handle. The operating system lets go of it when the process ends, however it ends.
pub(crate) fn lock(folder: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(FILE_MODE);
    let lock = options.open(folder.join(LOCK_FILE)).map_err(StoreError::io("opening the lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::fault("taking the lock", error)),
    }
}
