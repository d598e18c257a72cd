//! RFC 6962 hashing: how an entry becomes a leaf hash, two hashes a node, and no entries a root.
//!
//! *Absent:* which hashes belong together; that is the frontier's and the proofs' concern.

use aws_lc_rs::digest;
use data_encoding::{BASE64, HEXLOWER};
use std::fmt;

/// The largest tree: 2^62 entries. Every size and index then fits the signed 64-bit integers of databases and of the
/// reference implementation, and no proof has more than the 63 hashes that a witness accepts (tlog-witness).
pub const MAX_TREE_SIZE: u64 = 1 << 62;

/// A SHA-256 hash of a leaf, an inner node or a whole tree. People see it in hexadecimal, notes carry it in base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The standard base64 form (RFC 4648 section 4), 44 characters, as checkpoints and proofs carry it.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.0)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The hash of a log entry: SHA-256(0x00 ‖ entry), RFC 6962 section 2.1. The prefix keeps an entry from being passed
/// off as an inner node.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(sha256(&[&[0x00], entry]))
}

/// The same of an entry that comes in parts.
pub struct LeafHasher(digest::Context);

impl LeafHasher {
    /// Nothing of the entry yet.
    pub fn new() -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&[0x00]);
        Self(context)
    }

    /// The next part.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The hash of all parts.
    pub fn finish(self) -> Hash {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        Hash(out)
    }
}

impl Default for LeafHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(sha256(&[&[0x01], &left.0, &right.0]))
}

/// The root of the tree without entries: SHA-256 of nothing, RFC 6962 section 2.1.
pub fn empty_root() -> Hash {
    Hash(sha256(&[]))
}

/// Parts of so many bytes at most are put together and hashed at once, which takes half the time: a node and a field are.
const SHORT_BYTES: usize = 192;
/// And a leaf is.
const LONG_BYTES: usize = 640;

/// SHA-256 over the parts in turn.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    if let [whole] = parts {
        return of(whole);
    }
    match parts.iter().map(|part| part.len()).sum::<usize>() {
        short if short <= SHORT_BYTES => sha256_together::<SHORT_BYTES>(parts, short),
        long if long <= LONG_BYTES => sha256_together::<LONG_BYTES>(parts, long),
        _ => sha256_in_turn(parts),
    }
}

/// Of `length` bytes in all.
fn sha256_together<const MOST: usize>(parts: &[&[u8]], length: usize) -> [u8; 32] {
    let mut together = [0; MOST];
    put(&mut together, parts);
    of(together.get(..length).unwrap_or_default())
}

/// Puts parts one after the other, where there is room for them.
pub(crate) fn put(mut place: &mut [u8], parts: &[&[u8]]) {
    for part in parts {
        let Some((here, rest)) = place.split_at_mut_checked(part.len()) else { return };
        here.copy_from_slice(part);
        place = rest;
    }
}

fn of(whole: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, whole).as_ref());
    out
}

fn sha256_in_turn(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}
