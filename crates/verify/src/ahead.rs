//! Reading ahead: while one file is verified, another thread opens and reads those that are wanted next, since a log has thousands of small
//! ones and each costs the kernel time.
//!
//! *Absent:* findings. A file counts as read, and what is wrong with it is told, when it is asked for and not before.

use crate::folder::{Folder, read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{thread, vec};

/// Most files that are handed over at once: the threads meet seldom.
const BATCH_FILES: usize = 64;
/// As many bytes are handed over at once, if need be a last file more.
const BATCH_BYTES: usize = 1024 * 1024;
/// Batches that wait, beside the one that is read and the one that is verified.
const BATCHES: usize = 2;

/// A place, and what stands there or why that cannot be read.
type Found = (String, Result<Vec<u8>, String>);

/// Files that are read ahead.
pub(crate) struct Ahead<'f> {
    folder: &'f Folder,
    batches: Receiver<Vec<Found>>,
    batch: vec::IntoIter<Found>,
}

/// Reads `places` ahead while `take` asks for them in the same order; the thread that reads them ends with it.
pub(crate) fn ahead<T>(
    folder: &Folder,
    places: impl Iterator<Item = String> + Send,
    take: impl FnOnce(&mut Ahead<'_>) -> T,
) -> T {
    let root = folder.root();
    thread::scope(|scope| {
        let (sender, batches) = sync_channel(BATCHES);
        let reader = thread::Builder::new().spawn_scoped(scope, move || read_all(root, places, &sender));
        // Where there is no thread for it, each file is read when it is asked for.
        drop(reader);
        take(&mut Ahead { folder, batches, batch: Vec::new().into_iter() })
    })
}

/// Reads until all is read, or nobody asks any more.
fn read_all(root: &Path, places: impl Iterator<Item = String>, sender: &SyncSender<Vec<Found>>) {
    let (mut batch, mut bytes) = (Vec::with_capacity(BATCH_FILES), 0);
    for place in places {
        let found = read(root, &place);
        bytes += found.as_ref().map(Vec::len).unwrap_or_default();
        batch.push((place, found));
        if batch.len() == BATCH_FILES || bytes >= BATCH_BYTES {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_FILES));
            if sender.send(full).is_err() {
                return;
            }
            bytes = 0;
        }
    }
    // Whoever asks no more does not miss it.
    let _ = sender.send(batch);
}

impl Ahead<'_> {
    /// What [`Folder::bytes`] gives; the places before it that were not asked for are passed over.
    pub(crate) fn bytes(&mut self, place: &str) -> Result<Vec<u8>, String> {
        loop {
            match self.batch.next() {
                Some((found, bytes)) if found == place => {
                    let bytes = bytes?;
                    self.folder.note(found);
                    return Ok(bytes);
                }
                Some(_) => {}
                None => match self.batches.recv() {
                    Ok(batch) => self.batch = batch.into_iter(),
                    Err(_) => return self.folder.bytes(place),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::MAX_FILE_BYTES;
    use crate::report::{Findings, Outcome};
    use std::fs;

    /// More than wait at once.
    const FILES: usize = 2 * (BATCHES + 2) * BATCH_FILES;

    fn place(number: usize) -> String {
        format!("{number:06}")
    }

    fn folder_of(files: usize) -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        for number in 0..files {
            fs::write(root.path().join(place(number)), number.to_string()).unwrap();
        }
        let folder = Folder::bare(root.path());
        (root, folder)
    }

    fn has_strangers(folder: &Folder) -> bool {
        let mut findings = Findings::default();
        folder.check_rest(&mut findings);
        let said = findings.into_report(Default::default());
        said.findings.iter().any(|finding| matches!(finding.outcome, Outcome::Failed(_)))
    }

    #[test]
    fn files_come_in_order_and_count_as_read() {
        let (_root, folder) = folder_of(FILES);
        ahead(&folder, (0..FILES).map(place), |ahead| {
            for number in 0..FILES {
                assert_eq!(ahead.bytes(&place(number)).unwrap(), number.to_string().into_bytes());
            }
        });
        assert!(!has_strangers(&folder));
    }

    #[test]
    fn a_file_that_nobody_asked_for_does_not_count_as_read() {
        let (_root, folder) = folder_of(FILES);
        ahead(&folder, (0..FILES).map(place), |ahead| {
            for number in (0..FILES).filter(|number| *number != 7) {
                assert_eq!(ahead.bytes(&place(number)).unwrap(), number.to_string().into_bytes());
            }
        });
        assert!(has_strangers(&folder));
    }

    #[test]
    fn whoever_stops_early_waits_for_no_more_than_was_begun() {
        let (_root, folder) = folder_of(1);
        // Without an end: only that nobody asks any more ends the thread.
        let first = ahead(&folder, (0..).map(place), |ahead| ahead.bytes(&place(0)));
        assert_eq!(first.unwrap(), b"0");
    }

    #[test]
    fn what_cannot_be_read_is_told_where_it_is_asked_for_and_in_the_same_words() {
        let (root, folder) = folder_of(4);
        fs::remove_file(root.path().join(place(1))).unwrap();
        let long = fs::File::create(root.path().join(place(2))).unwrap();
        long.set_len(MAX_FILE_BYTES + 1).unwrap();
        ahead(&folder, (0..4).map(place), |ahead| {
            for number in 0..4 {
                assert_eq!(ahead.bytes(&place(number)), folder.bytes(&place(number)));
            }
            assert!(ahead.bytes(&place(4)).is_err());
        });
    }

    #[test]
    fn a_file_that_was_not_foreseen_is_read_all_the_same() {
        let (_root, folder) = folder_of(3);
        let last = ahead(&folder, (0..2).map(place), |ahead| ahead.bytes(&place(2)));
        assert_eq!(last.unwrap(), b"2");
    }

    #[test]
    fn long_files_are_handed_over_one_by_one() {
        let (_root, folder) = folder_of(0);
        fs::write(folder.path("long"), vec![0; BATCH_BYTES]).unwrap();
        let (sender, batches) = sync_channel(3);
        read_all(folder.root(), ["long", "long"].map(str::to_owned).into_iter(), &sender);
        let lengths = batches.try_iter().map(|batch| batch.len());
        assert_eq!(lengths.collect::<Vec<_>>(), [1, 1, 0]);
    }
}
