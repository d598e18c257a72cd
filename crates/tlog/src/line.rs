//! The primitives that every C2SP text form is made of: decimal numbers, hashes and base64, each with exactly one
//! spelling. A second spelling would let two different texts say the same thing.
//!
//! *Absent:* what the lines mean.

use crate::hash::{Hash, MAX_TREE_SIZE};
use data_encoding::BASE64;

const HASH_CHARACTERS: usize = 44;

/// A size or an index: decimal digits without leading zeros or sign, at most [`MAX_TREE_SIZE`].
pub(crate) fn decimal(line: &str) -> Option<u64> {
    let digits_only = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only || (line.len() > 1 && line.starts_with('0')) {
        return None;
    }
    line.parse().ok().filter(|number| *number <= MAX_TREE_SIZE)
}

/// A hash in standard base64.
pub(crate) fn hash(line: &str) -> Option<Hash> {
    if line.len() != HASH_CHARACTERS {
        return None;
    }
    base64(line)?.try_into().ok().map(Hash)
}

/// Bytes in standard base64 (RFC 4648 section 4) in their only spelling: padded at the end alone, unused bits zero.
/// The library by itself would also read padded pieces one after another, and with them a second text for the same
/// signature.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    if text.trim_end_matches('=').contains('=') {
        return None;
    }
    BASE64.decode(text.as_bytes()).ok()
}
