//! The two primitives that every C2SP text form is made of: a decimal number and a hash, each alone on its line and
//! each with exactly one spelling. A second spelling would let two different texts say the same thing.
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

/// A hash in standard base64, its unused trailing bits zero.
pub(crate) fn hash(line: &str) -> Option<Hash> {
    if line.len() != HASH_CHARACTERS {
        return None;
    }
    let bytes = BASE64.decode(line.as_bytes()).ok()?;
    bytes.try_into().ok().map(Hash)
}
