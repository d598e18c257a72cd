//! SHA-256 as the rest of the node writes it: over parts, to a [`Digest`].
//!
//! *Absent:* keyed hashes and trees; those stand where they are used.

use attache_accord::Digest;
use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 (FIPS 180-4) over the parts, one after the other. The caller separates them, by a domain line or a
/// length, where two ways of cutting must not give the same digest.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}
