//! The check that every stored record carries, so that a flipped bit or a torn write is found at the read.
//!
//! It is a plain SHA-256 over the record with its place: it finds accidents, and a record moved elsewhere. It does
//! not stop somebody who can rewrite the file; the sealing of bodies and the log's published roots do that.
//!
//! *Absent:* keys. What must withstand a forger is sealed by the caller.

use attache_accord::Digest;
use attache_tlog::Hash;
use aws_lc_rs::digest::{Context, SHA256};

/// Length of a check, in bytes.
pub(crate) const CHECK_BYTES: usize = 32;

/// A check value.
pub(crate) type Check = [u8; CHECK_BYTES];

/// Check of a row: place, stream, place in the stream, leaf and body.
pub(crate) fn of_row(index: u64, stream: &str, version: u64, entry: &[u8], body: &[u8]) -> Check {
    let place = [index.to_be_bytes(), version.to_be_bytes()].concat();
    over(b"row", &[&place, stream.as_bytes(), entry, body])
}

/// Check of a sealed salt: place and bytes.
pub(crate) fn of_salt(index: u64, sealed: &[u8]) -> Check {
    over(b"salt", &[&index.to_be_bytes(), sealed])
}

/// Check of a sealed paper: its digest and bytes.
pub(crate) fn of_paper(digest: &Digest, bytes: &[u8]) -> Check {
    over(b"paper", &[digest.as_bytes(), bytes])
}

/// Check of a tile: place and hashes.
pub(crate) fn of_tile(level: u8, index: u64, hashes: &[u8]) -> Check {
    over(b"tile", &[&[level], &index.to_be_bytes(), hashes])
}

/// Check of a published checkpoint: its size and text.
pub(crate) fn of_published(size: u64, checkpoint: &str) -> Check {
    over(b"published", &[&size.to_be_bytes(), checkpoint.as_bytes()])
}

/// Check of a head of another log: its log, place and size, and the sealed checkpoint.
pub(crate) fn of_head(log: &str, place: u64, size: u64, sealed: &[u8]) -> Check {
    let place = [place.to_be_bytes(), size.to_be_bytes()].concat();
    over(b"head", &[&place, log.as_bytes(), sealed])
}

/// Check of a cosignature: the size of the checkpoint, the key and the sealed signature.
pub(crate) fn of_cosignature(size: u64, by: &str, sealed: &[u8]) -> Check {
    over(b"cosignature", &[&size.to_be_bytes(), by.as_bytes(), sealed])
}

/// Lengths go in before the parts, so that no two records run together into the same bytes.
fn over(kind: &[u8], parts: &[&[u8]]) -> Check {
    let mut context = Context::new(&SHA256);
    for part in [kind].iter().chain(parts) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(context.finish().as_ref());
    check
}

/// Hashes side by side, as a tile or frontier is stored.
pub(crate) fn joined(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The reverse of [`joined`]; `None` where the length is no whole number of hashes.
pub(crate) fn split(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}
