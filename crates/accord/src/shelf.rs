//! A map of what the folds hold of each item, each dispatch, each stream: in order of its keys, divided into blocks that may rest as the
//! bytes that a snapshot has of them, until something of them is asked for. A node that starts from a snapshot of a million items so
//! reads a few blocks instead of all.
//!
//! *Absent:* where the bytes come from and whether they may be believed. Whoever hands them over has verified them.

use minicbor::data::Type;
use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};
use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::Range;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Most entries of a block as a snapshot has it. Asking for one decodes its block, and ids are scattered: what is folded behind a
/// snapshot wakes a block for nearly each of its items, so they are few.
pub const BLOCK_ENTRIES: usize = 16;

/// What may stand in a shelf, as key or as value.
pub trait Shelved: Clone + Eq + Encode<()> + for<'b> Decode<'b, ()> {}

impl<T: Clone + Eq + Encode<()> + for<'b> Decode<'b, ()>> Shelved for T {}

/// Where a block lies among the chunks of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Place {
    /// Which chunk.
    #[n(0)]
    pub chunk: u32,
    /// Where in it.
    #[n(1)]
    pub start: u32,
    /// How many bytes.
    #[n(2)]
    pub length: u32,
}

/// What takes the blocks of shelves that are written, and gives those of shelves that are read.
pub trait Rack {
    /// Takes a block; none where there is no more room.
    fn put(&mut self, block: &[u8]) -> Option<Place>;

    /// The block at a place; none where there is no such place.
    fn take(&self, place: Place) -> Option<Resting>;
}

/// Whether a block could not be read, although it was verified: a defect of this program. The folds are incomplete from then on, and
/// nothing may be recorded by them.
#[derive(Debug, Clone, Default)]
pub struct Torn(Arc<AtomicBool>);

impl Torn {
    /// Whether it is so.
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// It is about a process, not about what is folded.
impl PartialEq for Torn {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Torn {}

/// A block that rests.
#[derive(Clone)]
pub struct Resting {
    chunk: Arc<Vec<u8>>,
    range: Range<usize>,
    torn: Torn,
}

impl Resting {
    /// The bytes of `chunk` in `range`; none where it has no such bytes. What cannot be read of them tells `torn`.
    pub fn new(chunk: Arc<Vec<u8>>, range: Range<usize>, torn: Torn) -> Option<Self> {
        chunk.get(range.clone())?;
        Some(Self { chunk, range, torn })
    }

    fn bytes(&self) -> &[u8] {
        self.chunk.get(self.range.clone()).unwrap_or_default()
    }

    fn read<K: Shelved + Ord, V: Shelved>(&self) -> BTreeMap<K, V> {
        read(self.bytes()).unwrap_or_else(|_| {
            self.torn.0.store(true, Ordering::Release);
            BTreeMap::new()
        })
    }
}

fn read<K: Shelved + Ord, V: Shelved>(bytes: &[u8]) -> Result<BTreeMap<K, V>, decode::Error> {
    let mut decoder = Decoder::new(bytes);
    let mut left = decoder.map()?.ok_or_else(|| decode::Error::message("a block of no known length"))?;
    let mut entries = Vec::new();
    while left > 0 {
        entries.push((decoder.decode()?, decoder.decode()?));
        left -= 1;
    }
    // They come in order, of which this makes use.
    Ok(entries.into_iter().collect())
}

/// The bytes of a block, of which it is seen that they say the same again.
fn written<K: Shelved + Ord, V: Shelved>(entries: &[(&K, &V)]) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(entries.len() as u64).ok()?;
    for (key, value) in entries {
        encoder.encode(key).ok()?.encode(value).ok()?;
    }
    let bytes = encoder.into_writer();
    let again = read::<K, V>(&bytes).ok()?;
    again.iter().eq(entries.iter().copied()).then_some(bytes)
}

struct Block<K, V> {
    /// Its first key as the snapshot has it; keys of the block before are smaller. The only block of a shelf that was never in a
    /// snapshot has none.
    first: Option<K>,
    /// As the snapshot has it, as long as nothing was changed.
    resting: Option<Resting>,
    awake: OnceLock<BTreeMap<K, V>>,
}

impl<K: Shelved + Ord, V: Shelved> Block<K, V> {
    fn entries(&self) -> &BTreeMap<K, V> {
        self.awake.get_or_init(|| self.resting.as_ref().map(Resting::read).unwrap_or_default())
    }

    /// The same to be changed; there always are some.
    fn entries_mut(&mut self) -> Option<&mut BTreeMap<K, V>> {
        self.entries();
        self.resting = None;
        self.awake.get_mut()
    }

    fn walk(&self) -> Blockwise<'_, K, V> {
        match (self.awake.get(), &self.resting) {
            (None, Some(resting)) => Blockwise::Resting(resting.read().into_iter()),
            _ => Blockwise::Awake(self.entries().iter()),
        }
    }
}

impl<K: Clone, V: Clone> Clone for Block<K, V> {
    fn clone(&self) -> Self {
        Self { first: self.first.clone(), resting: self.resting.clone(), awake: self.awake.clone() }
    }
}

/// A map in blocks.
pub struct Shelf<K, V> {
    /// One at least.
    blocks: Vec<Block<K, V>>,
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self { blocks: vec![Block { first: None, resting: None, awake: OnceLock::from(BTreeMap::new()) }] }
    }
}

impl<K: Shelved + Ord, V: Shelved> Shelf<K, V> {
    fn place(&self, key: &K) -> usize {
        let begins = |block: &Block<K, V>| block.first.as_ref().is_some_and(|first| first <= key);
        self.blocks.partition_point(begins).saturating_sub(1)
    }

    fn block(&self, key: &K) -> Option<&BTreeMap<K, V>> {
        Some(self.blocks.get(self.place(key))?.entries())
    }

    fn block_mut(&mut self, key: &K) -> Option<&mut BTreeMap<K, V>> {
        let place = self.place(key);
        self.blocks.get_mut(place)?.entries_mut()
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.block(key)?.get(key)
    }

    /// The same with the key as it stands here.
    pub fn get_key_value(&self, key: &K) -> Option<(&K, &V)> {
        self.block(key)?.get_key_value(key)
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        // A block in which nothing is changed goes on resting.
        if self.contains_key(key) { self.block_mut(key)?.get_mut(key) } else { None }
    }

    /// Puts a value in, in place of one that there was.
    pub fn insert(&mut self, key: K, value: V) {
        if let Some(block) = self.block_mut(&key) {
            block.insert(key, value);
        }
    }

    /// Puts a value in where there is none of that key; `false` where there is.
    pub fn insert_new(&mut self, key: K, value: V) -> bool {
        let is_new = !self.contains_key(&key);
        if is_new {
            self.insert(key, value);
        }
        is_new
    }

    /// Takes a value out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        if self.contains_key(key) { self.block_mut(key)?.remove(key) } else { None }
    }

    /// All, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.blocks.iter().flat_map(Block::entries)
    }

    /// All values, in the order of keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// All, in the order of keys; what rests goes on resting.
    pub fn walk(&self) -> Walk<'_, K, V> {
        Walk { now: Blockwise::None, blocks: self.blocks.iter() }
    }
}

impl<K: Shelved + Ord, V: Shelved + Default> Shelf<K, V> {
    /// Changes the value of a key, which is the default where there was none.
    pub fn change(&mut self, key: K, change: impl FnOnce(&mut V)) {
        if let Some(block) = self.block_mut(&key) {
            change(block.entry(key).or_default());
        }
    }
}

/// Entries of one block.
enum Blockwise<'s, K, V> {
    None,
    Awake(btree_map::Iter<'s, K, V>),
    Resting(btree_map::IntoIter<K, V>),
}

/// All entries of a shelf, see [`Shelf::walk`].
pub struct Walk<'s, K, V> {
    now: Blockwise<'s, K, V>,
    blocks: slice::Iter<'s, Block<K, V>>,
}

impl<'s, K: Shelved + Ord, V: Shelved> Iterator for Walk<'s, K, V> {
    type Item = (Cow<'s, K>, Cow<'s, V>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let next = match &mut self.now {
                Blockwise::None => None,
                Blockwise::Awake(entries) => {
                    entries.next().map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)))
                }
                Blockwise::Resting(entries) => {
                    entries.next().map(|(key, value)| (Cow::Owned(key), Cow::Owned(value)))
                }
            };
            if next.is_some() {
                return next;
            }
            self.now = self.blocks.next()?.walk();
        }
    }
}

impl<K: Clone, V: Clone> Clone for Shelf<K, V> {
    fn clone(&self) -> Self {
        Self { blocks: self.blocks.clone() }
    }
}

/// How it is divided and what rests is no difference.
impl<K: Shelved + Ord, V: Shelved> PartialEq for Shelf<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.walk().eq(other.walk())
    }
}

impl<K: Shelved + Ord, V: Shelved> Eq for Shelf<K, V> {}

impl<K, V> fmt::Debug for Shelf<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shelf({} blocks)", self.blocks.len())
    }
}

/// The blocks go to the rack; what stands in the encoding is each first key and where its block lies.
impl<C: Rack, K: Shelved + Ord, V: Shelved> Encode<C> for Shelf<K, V> {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, rack: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.begin_array()?;
        for block in &self.blocks {
            match (&block.first, &block.resting) {
                (Some(first), Some(resting)) => put(e, rack, first, resting.bytes())?,
                _ => {
                    let entries: Vec<_> = block.entries().iter().collect();
                    for piece in entries.chunks(BLOCK_ENTRIES) {
                        let unread = || encode::Error::message("a block that does not say the same again");
                        let bytes = written(piece).ok_or_else(unread)?;
                        if let Some((first, _)) = piece.first() {
                            put(e, rack, *first, &bytes)?;
                        }
                    }
                }
            }
        }
        e.end()?;
        Ok(())
    }
}

fn put<C: Rack, K: Encode<()>, W: Write>(
    e: &mut Encoder<W>,
    rack: &mut C,
    first: &K,
    block: &[u8],
) -> Result<(), encode::Error<W::Error>> {
    let place = rack.put(block).ok_or_else(|| encode::Error::message("no more room for blocks"))?;
    e.encode(first)?.encode(place)?;
    Ok(())
}

impl<'b, C: Rack, K: Shelved + Ord, V: Shelved> Decode<'b, C> for Shelf<K, V> {
    fn decode(d: &mut Decoder<'b>, rack: &mut C) -> Result<Self, decode::Error> {
        if d.array()?.is_some() {
            return Err(decode::Error::message("a shelf of known length"));
        }
        let mut blocks: Vec<Block<K, V>> = Vec::new();
        while d.datatype()? != Type::Break {
            let first: Option<K> = Some(d.decode()?);
            let resting = rack.take(d.decode()?);
            let resting = resting.ok_or_else(|| decode::Error::message("a block that is not there"))?;
            if blocks.last().is_some_and(|before| before.first >= first) {
                return Err(decode::Error::message("blocks out of order"));
            }
            blocks.push(Block { first, resting: Some(resting), awake: OnceLock::new() });
        }
        d.skip()?;
        Ok(if blocks.is_empty() { Self::default() } else { Self { blocks } })
    }
}
