//! A snapshot of the folds: what the journal's first entries gave, so that a start folds the entries after them only. It is sealed under
//! the storage key, says up to which entry it reaches and what root the log had there, and by which sources it was folded. Whatever does
//! not fit, the whole journal is folded: the snapshot saves time and decides nothing.
//!
//! It is made of the journal and of the snapshot before, never of the folds that a node runs on. Nothing that can be destroyed is in it:
//! rows stay, and no fold holds a title, a key or an item's bytes.
//!
//! *Absent:* repair, and any place of it in a backup.

use crate::engine::{decode_event, open_event};
use crate::fault::Fault;
use crate::node::Node;
use crate::office::Office;
use attache_accord::FOLDS;
use attache_accord::shelf::{Place, Rack, Resting, Torn};
use attache_accord::view::View;
use attache_custody::rest::Purpose;
use attache_custody::{RestError, RestKey};
use attache_store::{Reader, SnapshotReader, SnapshotWriter, Standing, StoreError, Tiles, remove_snapshot};
use attache_tlog::{Frontier, Hash, leaf_hash, root_at};
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Entries after which a new snapshot is due at a quiet moment: a start folds about so many at most.
pub const SNAPSHOT_ENTRIES: u64 = 16_384;
/// Where there is no quiet moment, so many entries, and of a long journal so large a part, so that writing stays in proportion.
const BUSY_ENTRIES: u64 = 8 * SNAPSHOT_ENTRIES;
const BUSY_PART: u64 = 16;
/// How often it is looked whether one is due, and how long a quiet moment is, in seconds.
const LOOK_SECONDS: u64 = 5;
/// One that could not be written is tried again after so many seconds.
const AGAIN_SECONDS: u64 = 600;

/// What the sealed heading begins with.
const FORM: &str = "attache/folds/v1";
/// Bytes of folds that are sealed together.
const CHUNK_BYTES: usize = 256 * 1024;
/// Rows that are read at once.
const FOLD_ROWS: usize = 1024;
/// What opens a snapshot: as many threads as a small machine has cores.
const OPENERS: usize = 2;

/// The heading: the last frame, so that the chunks need not be kept until it is known how many there are.
#[derive(Encode, Decode)]
struct Heading {
    #[n(0)]
    form: String,
    /// [`FOLDS`] of the build that folded.
    #[n(1)]
    folds: String,
    #[n(2)]
    utc_offset_hours: u8,
    /// How many entries are folded.
    #[n(3)]
    size: u64,
    /// The log of their leaves.
    #[n(4)]
    peaks: Vec<ByteArray<32>>,
    /// Chunks of blocks; those behind them have the rest.
    #[n(5)]
    chunks: u32,
    /// By which the chunks are bound to this heading.
    #[n(6)]
    id: ByteArray<32>,
}

/// What is folded of the first entries.
pub struct Folded {
    /// The view.
    pub view: View,
    /// The log of their leaves.
    pub log: Frontier,
}

/// Where snapshots of one journal lie, and what they are sealed and made by.
pub struct Snapshots<'s> {
    /// A reader of the journal.
    pub reader: &'s dyn Reader,
    /// The keys that seal what rests.
    pub rest: &'s RestKey,
    /// The agreement's.
    pub utc_offset_hours: u8,
}

impl Snapshots<'_> {
    /// What the last snapshot has, where there is one that fits this journal and this build. Why one does not is told in the log.
    pub fn load(&self) -> Option<Folded> {
        let folder = self.reader.folder()?;
        match self.read(folder) {
            Ok(folded) => folded,
            Err(why) => {
                tracing::warn!(why, "the snapshot of the folds is not used; the whole journal is folded");
                None
            }
        }
    }

    fn read(&self, folder: &Path) -> Result<Option<Folded>, String> {
        let unread = |error: StoreError| error.to_string();
        let Some(file) = SnapshotReader::open(folder).map_err(unread)? else {
            let is_there = folder.join(attache_store::SNAPSHOT_FILE).exists();
            return if is_there { Err("it is cut off, or no snapshot".to_owned()) } else { Ok(None) };
        };
        let unsealed = |error: RestError| error.to_string();
        let last = file.frames().saturating_sub(1);
        let heading = file.frame(last).map_err(unread)?;
        let heading = self.rest.open(Purpose::Folds, FORM.as_bytes(), &heading).map_err(unsealed)?;
        let heading: Heading = minicbor::decode(&heading).map_err(|_| "its heading cannot be read")?;
        if heading.form != FORM || heading.folds != FOLDS {
            return Err("another build folded it".to_owned());
        }
        let log = self.fitting(&heading)?;
        let opened = self.open_all(&heading, &file, last)?;
        let torn = Torn::default();
        let split = usize::try_from(heading.chunks).unwrap_or(usize::MAX);
        let (blocks, rest) = opened.split_at_checked(split).ok_or("chunks of it are missing")?;
        let rest: Vec<u8> = rest.iter().flat_map(|(chunk, range)| &chunk[range.clone()]).copied().collect();
        let mut rack = Read { chunks: blocks, torn: torn.clone() };
        let view: View = minicbor::decode_with(&rest, &mut rack).map_err(|error| error.to_string())?;
        if view.size != heading.size {
            return Err("its view and its heading are not of one size".to_owned());
        }
        Ok(Some(Folded { view: view.resting(torn), log }))
    }

    /// The log of the entries that it covers, where the journal has these very entries.
    fn fitting(&self, heading: &Heading) -> Result<Frontier, String> {
        if heading.utc_offset_hours != self.utc_offset_hours {
            return Err("it counts days in another zone".to_owned());
        }
        let head = self.reader.head().map_err(|error| error.to_string())?;
        if heading.size > head.size {
            return Err("it reaches past the journal".to_owned());
        }
        let peaks = heading.peaks.iter().map(|peak| Hash(**peak)).collect();
        let log = Frontier::from_parts(heading.size, peaks).map_err(|_| "its log is none")?;
        let root = root_at(&Tiles(self.reader), heading.size).map_err(|error| error.to_string())?;
        if log.root() == root { Ok(log) } else { Err("the journal has other entries".to_owned()) }
    }

    /// The first `count` frames, read and opened by several threads.
    fn open_all(&self, heading: &Heading, file: &SnapshotReader, count: usize) -> Result<Vec<Chunk>, String> {
        let (id, rest) = (&heading.id, self.rest);
        let open = |number: usize| -> Result<Chunk, String> {
            let mut frame = file.frame(number).map_err(|error| error.to_string())?;
            let about = about_chunk(id, u32::try_from(number).unwrap_or(u32::MAX));
            let range = rest.open_in_place(Purpose::Folds, &about, &mut frame);
            Ok((Arc::new(frame), range.map_err(|error| error.to_string())?))
        };
        let each = count.div_ceil(OPENERS).max(1);
        std::thread::scope(|scope| {
            let parts = (0..count).step_by(each).map(|first| first..count.min(first + each));
            let openers: Vec<_> = parts
                .map(|part| scope.spawn(move || part.map(open).collect::<Result<Vec<_>, _>>()))
                .collect();
            let mut opened = Vec::with_capacity(count);
            for opener in openers {
                opened.extend(opener.join().map_err(|_| "a thread failed")??);
            }
            Ok(opened)
        })
    }

    /// Folds on from the last snapshot to the end of the journal and puts a new one in its place. Gives the number of entries that it
    /// covers; none where the journal is in memory.
    ///
    /// # Errors
    /// [`Fault`] where the journal is damaged, the disk fails or the snapshot before was removed meanwhile. Otherwise that is still there.
    pub fn write(&self) -> Result<Option<u64>, Fault> {
        let Some(folder) = self.reader.folder() else { return Ok(None) };
        // Before the last one is read: that it is wrong may be found from here on.
        let standing = Standing::of(folder);
        let (view, log) = match self.load() {
            Some(Folded { view, log }) => (view, log),
            None => (View::new(self.utc_offset_hours), Frontier::new()),
        };
        let Folded { view, log } = self.fold(Folded { view, log })?;
        let mut id = ByteArray::from([0; 32]);
        aws_lc_rs::rand::fill(id.as_mut()).map_err(|_| Fault::Randomness)?;
        let mut written = Written {
            writer: SnapshotWriter::begin(standing)?,
            rest: self.rest,
            id,
            filling: Vec::with_capacity(CHUNK_BYTES),
            number: 0,
            fault: None,
        };
        let rest = minicbor::to_vec_with(&view, &mut written);
        if let Some(fault) = written.fault.take() {
            return Err(fault);
        }
        let rest = rest.map_err(|_| Fault::Encoding)?;
        written.flush()?;
        let chunks = written.number;
        for part in rest.chunks(CHUNK_BYTES) {
            written.filling.extend_from_slice(part);
            written.flush()?;
        }
        let peaks = log.clone().into_parts().1.iter().map(|peak| ByteArray::from(peak.0)).collect();
        let heading = Heading {
            form: FORM.to_owned(),
            folds: FOLDS.to_owned(),
            utc_offset_hours: self.utc_offset_hours,
            size: view.size,
            peaks,
            chunks,
            id,
        };
        let heading = minicbor::to_vec(heading).map_err(|_| Fault::Encoding)?;
        written.writer.put(&self.rest.seal(Purpose::Folds, FORM.as_bytes(), &heading)?)?;
        written.writer.finish()?;
        Ok(Some(view.size))
    }

    /// Folds on to the end of the journal.
    fn fold(&self, Folded { mut view, mut log }: Folded) -> Result<Folded, Fault> {
        let head = self.reader.head()?;
        while view.size < head.size {
            let left = usize::try_from(head.size - view.size).unwrap_or(usize::MAX);
            let rows = self.reader.rows(view.size, left.min(FOLD_ROWS))?;
            if rows.is_empty() {
                return Err(Fault::Missing("entry"));
            }
            for row in &rows {
                view.apply(&decode_event(row.index, &open_event(self.rest, row)?)?);
                log.append(leaf_hash(&row.entry));
            }
        }
        if view.is_torn() {
            // The next one is made of the journal alone, and so is the next start.
            self.reader.folder().map_or(Ok(()), remove_snapshot)?;
            return Err(Fault::Differs("the snapshot of the folds"));
        }
        if log.root() != head.root {
            return Err(Fault::Differs("a tile"));
        }
        Ok(Folded { view, log })
    }
}

impl Office {
    /// Writes a snapshot of the folds up to the end of the journal.
    ///
    /// # Errors
    /// As [`Snapshots::write`].
    pub fn write_snapshot(&self) -> Result<Option<u64>, Fault> {
        let reader = self.papers.another_reader()?;
        let snapshots = Snapshots {
            reader: reader.as_ref(),
            rest: self.papers.rest(),
            utc_offset_hours: self.pack.terms().utc_offset_hours,
        };
        snapshots.write()
    }
}

/// Whether a snapshot is due of a journal of `size` entries, the last one covering `covered`, where it is quiet or is not.
fn is_due(size: u64, covered: u64, is_quiet: bool) -> bool {
    let enough = if is_quiet { SNAPSHOT_ENTRIES } else { BUSY_ENTRIES.max(size / BUSY_PART) };
    size.saturating_sub(covered) >= enough
}

/// Writes snapshots while the node runs; the last one covers `covered` entries.
pub(crate) async fn keep(node: Arc<Node>, mut covered: u64) {
    let mut shutdown = node.shutdown();
    let mut last = u64::MAX;
    let mut is_full_told = false;
    while !*shutdown.borrow() {
        let size = node.office.view.read().size;
        let mut pause = LOOK_SECONDS;
        if is_due(size, covered, size == last) {
            let (began, office) = (Instant::now(), Arc::clone(&node.office));
            let written = tokio::task::spawn_blocking(move || office.write_snapshot()).await;
            match written.unwrap_or(Err(Fault::Stopped)) {
                Ok(Some(entries)) => {
                    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                    tracing::info!(entries, millis, "a snapshot of the folds was written");
                    covered = entries;
                    is_full_told = false;
                }
                // The journal is in memory.
                Ok(None) => return,
                Err(fault) => {
                    // A disk may stay as full for weeks; the log need not say so each time.
                    if !fault.is_full_disk() || !is_full_told {
                        tracing::warn!(%fault, "no snapshot of the folds could be written; a start takes longer");
                    }
                    is_full_told |= fault.is_full_disk();
                    pause = AGAIN_SECONDS;
                }
            }
        }
        last = size;
        tokio::select! {
            _ = shutdown.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(pause)) => {}
        }
    }
}

/// A chunk as it was read, and where in it the plain bytes are.
type Chunk = (Arc<Vec<u8>>, Range<usize>);

fn about_chunk(id: &[u8; 32], number: u32) -> [u8; 36] {
    let mut about = [0; 36];
    let (one, other) = about.split_at_mut(32);
    one.copy_from_slice(id);
    other.copy_from_slice(&number.to_be_bytes());
    about
}

/// Blocks of a snapshot that was read.
struct Read<'r> {
    chunks: &'r [Chunk],
    torn: Torn,
}

impl Rack for Read<'_> {
    fn put(&mut self, _: &[u8]) -> Option<Place> {
        None
    }

    fn take(&self, place: Place) -> Option<Resting> {
        let (chunk, plain) = self.chunks.get(usize::try_from(place.chunk).ok()?)?;
        let start = plain.start.checked_add(usize::try_from(place.start).ok()?)?;
        let end = start.checked_add(usize::try_from(place.length).ok()?)?;
        if end > plain.end {
            return None;
        }
        Resting::new(Arc::clone(chunk), start..end, self.torn.clone())
    }
}

/// Blocks of a snapshot that is being written.
struct Written<'w> {
    writer: SnapshotWriter,
    rest: &'w RestKey,
    id: ByteArray<32>,
    filling: Vec<u8>,
    number: u32,
    fault: Option<Fault>,
}

impl Written<'_> {
    fn flush(&mut self) -> Result<(), Fault> {
        if !self.filling.is_empty() {
            let about = about_chunk(&self.id, self.number);
            self.writer.put(&self.rest.seal(Purpose::Folds, &about, &self.filling)?)?;
            self.filling.clear();
            self.number += 1;
        }
        Ok(())
    }
}

impl Rack for Written<'_> {
    fn put(&mut self, block: &[u8]) -> Option<Place> {
        if self.filling.len() + block.len() > CHUNK_BYTES
            && let Err(fault) = self.flush()
        {
            self.fault.get_or_insert(fault);
            return None;
        }
        let start = u32::try_from(self.filling.len()).ok()?;
        let length = u32::try_from(block.len()).ok()?;
        self.filling.extend_from_slice(block);
        Some(Place { chunk: self.number, start, length })
    }

    fn take(&self, _: Place) -> Option<Resting> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_due_sooner_at_a_quiet_moment_and_in_proportion_at_no_quiet_one() {
        assert!(!is_due(SNAPSHOT_ENTRIES - 1, 0, true));
        assert!(is_due(SNAPSHOT_ENTRIES, 0, true) && !is_due(SNAPSHOT_ENTRIES, 0, false));
        assert!(is_due(BUSY_ENTRIES, 0, false));
        let long = 64 * BUSY_ENTRIES;
        assert!(
            !is_due(long, long - 2 * BUSY_ENTRIES, false) && is_due(long, long - 4 * BUSY_ENTRIES, false)
        );
        // The journal may be a group behind what was covered.
        assert!(!is_due(5, 9, true));
    }
}
