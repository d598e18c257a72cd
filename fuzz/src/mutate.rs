//! Bytes from bytes, from a seed: what a careless or a hostile writer does to a file.
//!
//! *Absent:* coverage. `cargo xtask fuzz` is guided by it; this is not.

/// Longest input that mutation makes, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// Most changes to one input.
const MAX_CHANGES: u64 = 4;
/// Lengths and counts at which parsers go wrong.
const EDGES: [u64; 14] = [
    0,
    1,
    0x17,
    0x18,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// Makes inputs. The same number and the same seeds give the same inputs, on every machine.
pub struct Mutator(u64);

impl Mutator {
    /// A mutator that begins with `number`.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// A changed copy of `seed`. `other` gives pieces, as do `words`.
    pub fn change(&mut self, seed: &[u8], other: &[u8], words: &[&str]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(MAX_CHANGES) {
            self.change_once(&mut bytes, other, words);
        }
        bytes.truncate(MAX_BYTES);
        bytes
    }

    fn change_once(&mut self, bytes: &mut Vec<u8>, other: &[u8], words: &[&str]) {
        let at = self.place(bytes.len());
        match self.below(10) {
            0 => self.set(bytes, at, |byte, chance| byte ^ 1 << (chance % 8)),
            1 => self.set(bytes, at, |_, chance| chance as u8),
            2 => self.set(bytes, at, |byte, chance| byte.wrapping_add((chance % 3) as u8).wrapping_sub(1)),
            3 => {
                let piece = self.piece(bytes);
                bytes.splice(at..at, piece);
            }
            4 => {
                let piece = self.piece(other);
                bytes.splice(at..at, piece);
            }
            5 => {
                let end = at + self.piece(bytes).len().min(bytes.len() - at);
                bytes.drain(at..end);
            }
            6 => bytes.truncate(at),
            7 => self.edge(bytes, at),
            8 => {
                let word = words.get(self.place(words.len())).copied().unwrap_or("\0");
                let end = if self.below(2) == 0 { at } else { (at + word.len()).min(bytes.len()) };
                bytes.splice(at..end, word.bytes());
            }
            _ => {
                let run = [self.next() as u8].repeat(self.below(64) as usize);
                bytes.splice(at..at, run);
            }
        }
    }

    /// Overwrites one to eight bytes with a number from the edges, in either order of bytes.
    fn edge(&mut self, bytes: &mut [u8], at: usize) {
        let value = EDGES.get(self.place(EDGES.len())).copied().unwrap_or_default();
        let width = 1 << self.below(4);
        let is_little = self.below(2) == 0;
        let written = value.to_le_bytes();
        for (i, slot) in bytes.iter_mut().skip(at).take(width).enumerate() {
            let i = if is_little { i } else { width - 1 - i };
            *slot = written.get(i).copied().unwrap_or_default();
        }
    }

    fn set(&mut self, bytes: &mut [u8], at: usize, change: impl Fn(u8, u64) -> u8) {
        let chance = self.next();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = change(*byte, chance);
        }
    }

    fn piece(&mut self, of: &[u8]) -> Vec<u8> {
        let at = self.place(of.len());
        let longest = 1 << self.below(10);
        let length = self.place(longest);
        of.iter().skip(at).take(length).copied().collect()
    }

    /// A place in something of this length; 0 where it is empty.
    pub fn place(&mut self, length: usize) -> usize {
        self.below(length.max(1) as u64) as usize
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}
