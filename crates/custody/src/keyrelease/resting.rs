//! Where lent shares rest: each in a file of its own, sealed under the node's storage key with when it ends, so that a restart of
//! the node does not end what its originator's consent serves for.
//!
//! *Absent:* backups. The folder is in none, since a share that is brought back would outlive its end.

use super::shares::KeptShare;
use crate::rest::{Purpose, RestKey};
use attache_accord::DispatchId;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 8 * 1024;
/// Ends the name of a file that is not whole yet.
const UNFINISHED: &str = "new";

/// A folder of lent shares.
pub(super) struct ShareFolder {
    path: PathBuf,
    rest: Arc<RestKey>,
}

impl ShareFolder {
    /// The folder at `path`, which is made where there is none.
    pub(super) fn open(path: PathBuf, rest: Arc<RestKey>) -> io::Result<Self> {
        if !path.is_dir() {
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&path)?;
        }
        Ok(Self { path, rest })
    }

    /// Puts a share in its place, durably.
    pub(super) fn put(&self, dispatch: &DispatchId, kept: &KeptShare) -> io::Result<()> {
        let bytes = minicbor::to_vec(kept).map_err(io::Error::other)?;
        let sealed = self.rest.seal(Purpose::Share, &dispatch.0, &bytes).map_err(io::Error::other)?;
        let home = self.file(dispatch);
        let fresh = home.with_extension(UNFINISHED);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&sealed).and_then(|()| file.sync_all())?;
        fs::rename(&fresh, &home)?;
        self.sync()
    }

    /// Removes the share of a dispatch, if there is one.
    pub(super) fn remove(&self, dispatch: &DispatchId) -> io::Result<()> {
        remove(&self.file(dispatch))?;
        self.sync()
    }

    /// The shares that `keeps` lets stay; whatever else the folder has is removed.
    pub(super) fn take_up(
        &self,
        keeps: impl Fn(&DispatchId, &KeptShare) -> bool,
    ) -> io::Result<Vec<(DispatchId, KeptShare)>> {
        let mut shares = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            match self.read(&path)?.filter(|(dispatch, kept)| keeps(dispatch, kept)) {
                Some(share) => shares.push(share),
                None => remove(&path)?,
            }
        }
        self.sync()?;
        Ok(shares)
    }

    /// What a file holds; none where it is no share of ours under its name.
    fn read(&self, path: &Path) -> io::Result<Option<(DispatchId, KeptShare)>> {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(dispatch) = name.and_then(|name| name.parse::<DispatchId>().ok()) else { return Ok(None) };
        if fs::symlink_metadata(path)?.len() > MAX_FILE_BYTES {
            return Ok(None);
        }
        let opened = self.rest.open(Purpose::Share, &dispatch.0, &fs::read(path)?);
        Ok(opened.ok().and_then(|bytes| minicbor::decode(&bytes).ok()).map(|kept| (dispatch, kept)))
    }

    fn file(&self, dispatch: &DispatchId) -> PathBuf {
        self.path.join(dispatch.to_string())
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
