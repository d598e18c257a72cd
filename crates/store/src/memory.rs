//! The journal in memory, for `demo`, `exercise` and tests: the same contract without a disk.
//!
//! *Absent:* durability. What it holds ends with the last handle and reader.

use crate::disk::{Fate, MemoryDisk};
use crate::error::StoreError;
use crate::growth::{Growth, head_of};
use crate::journal::{
    Append, Committed, Conflict, Cosignature, Fence, Forgotten, Head, Journal, LocalHead, MAX_HOLDER_BYTES,
    MAX_READ_BYTES, MAX_READ_ROWS, Published, Reader, Row, Stream,
};
use crate::plan::{Plan, check_group, check_published, is_checkpoint_of};
use attache_accord::Digest;
use attache_tlog::{Frontier, Hash, LEAF_BYTES, Origin, TileGrowth, TileReader};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A journal in memory. The handle is the one writer; [`Reader::reader`] gives more readers of the same rows.
pub struct MemoryJournal {
    shared: MemoryReader,
    appended: Vec<[u8; LEAF_BYTES]>,
    disk: MemoryDisk,
    /// How often the disk had come back at the last lease.
    restarts: u64,
    /// On a disk that lies, what was there before the last commit.
    before: Option<Box<State>>,
}

#[derive(Clone)]
struct MemoryReader {
    state: Arc<RwLock<State>>,
}

/// What a journal in memory holds, to be copied. For exercises in which one log forks.
#[doc(hidden)]
pub struct Original(MemoryReader);

impl Original {
    /// A journal that has all of it and goes on by itself, as on a disk that somebody copied: two writers of one log, of whom
    /// neither knows.
    pub fn dangerously_copied(&self, disk: MemoryDisk) -> MemoryJournal {
        let shared = MemoryReader { state: Arc::new(RwLock::new(self.0.read().clone())) };
        MemoryJournal { shared, appended: Vec::new(), restarts: disk.restarts(), disk, before: None }
    }
}

#[derive(Clone)]
struct State {
    origin: Origin,
    fence: Fence,
    frontier: Frontier,
    rows: Vec<Row>,
    versions: HashMap<Stream, u64>,
    papers: HashMap<Digest, Vec<u8>>,
    tiles: HashMap<(u8, u64), Vec<Hash>>,
    published: Vec<Published>,
    heads: HashMap<Stream, Vec<Head>>,
    cosignatures: BTreeMap<u64, BTreeMap<Stream, Cosignature>>,
}

impl MemoryJournal {
    /// An empty journal of the log `origin`.
    pub fn new(origin: Origin) -> Self {
        Self::on(MemoryDisk::default(), origin)
    }

    /// An empty journal of the log `origin` on `disk`. Where its power goes out, the commit under way is there whole, not at
    /// all, or as a torn tail, which the next lease cuts off.
    pub fn on(disk: MemoryDisk, origin: Origin) -> Self {
        let state = State {
            origin,
            fence: Fence(0),
            frontier: Frontier::new(),
            rows: Vec::new(),
            versions: HashMap::new(),
            papers: HashMap::new(),
            tiles: HashMap::new(),
            published: Vec::new(),
            heads: HashMap::new(),
            cosignatures: BTreeMap::new(),
        };
        let shared = MemoryReader { state: Arc::new(RwLock::new(state)) };
        Self { shared, appended: Vec::new(), restarts: disk.restarts(), disk, before: None }
    }

    /// What it holds, now and later, to be copied.
    #[doc(hidden)]
    pub fn original(&self) -> Original {
        Original(self.shared.clone())
    }

    /// Keeps what a disk that lies may fall back to.
    fn remember(&mut self) {
        if self.disk.is_lying() {
            self.before = Some(Box::new(self.shared.read().clone()));
        }
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        // No code that holds the lock can panic half way through a change, so a poisoned lock holds whole state.
        self.shared.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn lease(&mut self, holder: &str) -> Result<Fence, StoreError> {
        StoreError::within("lease holder, bytes", MAX_HOLDER_BYTES as u64, holder.len() as u64)?;
        let restarts = self.disk.restarts();
        let is_restarted = std::mem::replace(&mut self.restarts, restarts) != restarts;
        let lost = self.before.take().filter(|_| is_restarted && self.disk.fate() != Fate::Kept);
        let mut state = self.write();
        let fence = Fence(state.fence.0 + 1);
        if let Some(before) = lost {
            *state = *before;
        }
        state.cut_torn_tail();
        state.fence = fence;
        Ok(fence)
    }

    fn append(
        &mut self,
        fence: Fence,
        appends: Vec<Append>,
    ) -> Result<Vec<Result<Committed, Conflict>>, StoreError> {
        check_group(&appends)?;
        self.disk.operate()?;
        self.remember();
        let mut state = self.write();
        state.admit(fence)?;
        let heads = |log: &Stream| Ok(state.heads.get(log).map_or(0, Vec::len) as u64);
        let plan = Plan::decide(&appends, state.frontier.size(), |stream| Ok(state.version(stream)), heads)?;
        let succeeds = plan.succeeds(&appends).cloned();
        let origin = succeeds.clone().unwrap_or_else(|| state.origin.clone());
        let growth = Growth::of(&origin, &state.frontier, &appends, &plan);
        if let Err(out) = self.disk.operate() {
            if self.disk.fate() == Fate::Torn {
                state.tear(&self.disk, appends, &plan, &growth);
            }
            return Err(out);
        }
        state.grow_tiles(&growth.tiles)?;
        state.take_in(appends, &plan, &growth);
        state.origin = origin;
        state.frontier = growth.frontier;
        state.versions.extend(plan.versions);
        drop(state);
        self.appended = growth.entries;
        // Whole, and nobody is told.
        self.disk.operate()?;
        Ok(plan.outcomes)
    }

    fn appended(&self) -> &[[u8; LEAF_BYTES]] {
        &self.appended
    }

    fn put_published(&mut self, fence: Fence, size: u64, checkpoint: &str) -> Result<(), StoreError> {
        self.disk.operate()?;
        self.remember();
        let mut state = self.write();
        state.admit(fence)?;
        let last = state.published.last().map_or(0, |published| published.size);
        check_published(&*state, &state.origin, last..=state.frontier.size(), size, checkpoint)?;
        state.published.push(Published { size, checkpoint: checkpoint.to_owned() });
        drop(state);
        self.disk.operate()
    }

    fn forget(&mut self, fence: Fence, papers: &[Digest], salts: &[u64]) -> Result<Forgotten, StoreError> {
        self.disk.operate()?;
        let mut state = self.write();
        state.admit(fence)?;
        let papers = papers.iter().filter_map(|digest| state.papers.remove(digest)).count() as u64;
        let salts = salts.iter().filter_map(|index| state.row_mut(*index)?.sealed_salt.take()).count() as u64;
        Ok(Forgotten { papers, salts, settled: true })
    }
}

impl Reader for MemoryJournal {
    fn head(&self) -> Result<LocalHead, StoreError> {
        self.shared.head()
    }

    fn rows(&self, from: u64, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.shared.rows(from, limit)
    }

    fn version(&self, stream: &Stream) -> Result<u64, StoreError> {
        self.shared.version(stream)
    }

    fn paper(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.shared.paper(digest)
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        self.shared.tile(level, index)
    }

    fn published(&self) -> Result<Option<Published>, StoreError> {
        self.shared.published()
    }

    fn published_at(&self, size: u64) -> Result<Option<Published>, StoreError> {
        self.shared.published_at(size)
    }

    fn last_head(&self, log: &Stream) -> Result<Option<Head>, StoreError> {
        self.shared.last_head(log)
    }

    fn head_of_size(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
        self.shared.head_of_size(log, size)
    }

    fn head_up_to(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
        self.shared.head_up_to(log, size)
    }

    fn cosignatures(&self, size: u64) -> Result<Vec<Cosignature>, StoreError> {
        self.shared.cosignatures(size)
    }

    fn cosigned_size(&self) -> Result<Option<u64>, StoreError> {
        self.shared.cosigned_size()
    }

    fn cosigned_below(&self, size: u64) -> Result<Option<u64>, StoreError> {
        self.shared.cosigned_below(size)
    }

    fn cosigned_from(&self, size: u64) -> Result<Option<u64>, StoreError> {
        self.shared.cosigned_from(size)
    }

    fn last_cosignature(&self, by: &Stream) -> Result<Option<Cosignature>, StoreError> {
        self.shared.last_cosignature(by)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.shared.reader()
    }

    fn integrity(&self) -> Result<(), StoreError> {
        self.shared.integrity()
    }
}

impl State {
    fn admit(&self, fence: Fence) -> Result<(), StoreError> {
        if fence == self.fence {
            Ok(())
        } else {
            Err(StoreError::Stale { given: fence, current: self.fence })
        }
    }

    fn version(&self, stream: &Stream) -> u64 {
        self.versions.get(stream).copied().unwrap_or(0)
    }

    fn row_mut(&mut self, index: u64) -> Option<&mut Row> {
        self.rows.get_mut(usize::try_from(index).ok()?)
    }

    fn grow_tiles(&mut self, growths: &[TileGrowth]) -> Result<(), StoreError> {
        for growth in growths {
            let tile = self.tiles.entry((growth.level, growth.index)).or_default();
            if tile.len() != usize::from(growth.start) {
                return Err(StoreError::tile(growth.level, growth.index));
            }
            tile.extend(&growth.hashes);
        }
        Ok(())
    }

    /// Leaves some rows of a commit that did not come to its end, the last of them not whole, and nothing else of it.
    fn tear(&mut self, disk: &MemoryDisk, appends: Vec<Append>, plan: &Plan, growth: &Growth) {
        let whole = self.rows.len();
        let bare = |append: Append| Append {
            rows: append.rows,
            expectations: append.expectations,
            ..Append::default()
        };
        let bare = appends.into_iter().map(bare).collect();
        self.take_in(bare, plan, growth);
        self.rows.truncate(whole + disk.below(self.rows.len() - whole + 1));
        if let Some(last) = self.rows.get_mut(whole..).and_then(<[Row]>::last_mut) {
            last.body.truncate(disk.below(last.body.len()));
        }
    }

    /// The head moves in the commit that writes the rows: what stands behind it was never committed.
    fn cut_torn_tail(&mut self) {
        self.rows.truncate(usize::try_from(self.frontier.size()).unwrap_or(usize::MAX));
    }

    fn take_in(&mut self, appends: Vec<Append>, plan: &Plan, growth: &Growth) {
        let standing = appends.into_iter().zip(&plan.outcomes).filter(|(_, outcome)| outcome.is_ok());
        let mut placed = plan.row_versions.iter().zip(&growth.entries);
        let mut places = plan.head_places.iter();
        for (append, _) in standing {
            for (row, (version, entry)) in append.rows.into_iter().zip(&mut placed) {
                self.rows.push(Row {
                    index: self.rows.len() as u64,
                    stream: row.stream,
                    version: *version,
                    body: row.body,
                    sealed_salt: Some(row.sealed_salt),
                    entry: entry.to_vec(),
                });
            }
            for paper in append.papers {
                self.papers.entry(paper.digest).or_insert(paper.bytes);
            }
            for (head, place) in append.heads.into_iter().zip(&mut places) {
                let kept = Head { place: *place, size: head.size, sealed: head.sealed };
                self.heads.entry(head.log).or_default().push(kept);
            }
            for one in append.cosignatures {
                self.cosignatures.entry(one.size).or_default().entry(one.by.clone()).or_insert(one);
            }
        }
    }
}

impl TileReader for State {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        Ok(self.tiles.get(&(level, index)).cloned().unwrap_or_default())
    }
}

impl MemoryReader {
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader for MemoryReader {
    fn head(&self) -> Result<LocalHead, StoreError> {
        Ok(head_of(&self.read().frontier))
    }

    fn rows(&self, from: u64, limit: usize) -> Result<Vec<Row>, StoreError> {
        let state = self.read();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let rows = state.rows.iter().skip(from).take(limit.min(MAX_READ_ROWS));
        let within = rows.take_while(|row| {
            let first_or_room = bytes < MAX_READ_BYTES;
            bytes += row.body.len();
            first_or_room
        });
        Ok(within.cloned().collect())
    }

    fn version(&self, stream: &Stream) -> Result<u64, StoreError> {
        Ok(self.read().version(stream))
    }

    fn paper(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().papers.get(digest).cloned())
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        TileReader::tile(&*self.read(), level, index)
    }

    fn published(&self) -> Result<Option<Published>, StoreError> {
        Ok(self.read().published.last().cloned())
    }

    fn published_at(&self, size: u64) -> Result<Option<Published>, StoreError> {
        Ok(self.read().published.iter().rev().find(|published| published.size <= size).cloned())
    }

    fn last_head(&self, log: &Stream) -> Result<Option<Head>, StoreError> {
        Ok(self.read().heads.get(log).and_then(|heads| heads.last()).cloned())
    }

    fn head_of_size(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
        let state = self.read();
        let heads = state.heads.get(log).into_iter().flatten();
        Ok(heads.rev().find(|head| head.size == size).cloned())
    }

    fn head_up_to(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
        let state = self.read();
        let heads = state.heads.get(log).into_iter().flatten();
        Ok(heads.filter(|head| head.size <= size).max_by_key(|head| (head.size, head.place)).cloned())
    }

    fn cosignatures(&self, size: u64) -> Result<Vec<Cosignature>, StoreError> {
        Ok(self.read().cosignatures.get(&size).into_iter().flat_map(|kept| kept.values().cloned()).collect())
    }

    fn cosigned_size(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.read().cosignatures.last_key_value().map(|(size, _)| *size))
    }

    fn cosigned_below(&self, size: u64) -> Result<Option<u64>, StoreError> {
        Ok(self.read().cosignatures.range(..size).next_back().map(|(size, _)| *size))
    }

    fn cosigned_from(&self, size: u64) -> Result<Option<u64>, StoreError> {
        Ok(self.read().cosignatures.range(size..).next().map(|(size, _)| *size))
    }

    fn last_cosignature(&self, by: &Stream) -> Result<Option<Cosignature>, StoreError> {
        let state = self.read();
        Ok(state.cosignatures.values().rev().find_map(|kept| kept.get(by)).cloned())
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(self.clone()))
    }

    fn integrity(&self) -> Result<(), StoreError> {
        let state = self.read();
        let mut counted: BTreeMap<&Stream, u64> = BTreeMap::new();
        for row in &state.rows {
            *counted.entry(&row.stream).or_default() += 1;
        }
        let origin = state.origin.clone();
        // Published before the log went on under this origin, too.
        let is_ours = |stated: &Origin| origin.continues(stated);
        let ours = |p: &Published| is_checkpoint_of(&*state, is_ours, p.size, &p.checkpoint);
        if let Some(wrong) = state.published.iter().find(|published| !ours(published)) {
            return Err(StoreError::damaged("published checkpoint", wrong.size));
        }
        let agree = |(stream, rows): (&Stream, &u64)| counted.get(stream) == Some(rows);
        if counted.len() != state.versions.len() || !state.versions.iter().all(agree) {
            return Err(StoreError::derived("stream versions", 0));
        }
        Ok(())
    }
}
