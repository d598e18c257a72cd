//! SHA-256 as the rest of the node writes it: over parts, to a [`Digest`]; and keys derived with it.
//!
//! *Absent:* message authentication and trees; those stand where they are used.

use attache_accord::Digest;
use aws_lc_rs::digest::{Context, SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

/// SHA-256 (FIPS 180-4) over the parts, one after the other. The caller separates them, by a domain line or a
/// length, where two ways of cutting must not give the same digest.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut out = [0; 32];
    if let [whole] = parts {
        out.copy_from_slice(digest(&SHA256, whole).as_ref());
        return Digest(out);
    }
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}

/// 32 bytes of HKDF-SHA-256 (RFC 5869), or nothing where the library fails.
pub fn hkdf(salt: &[u8], secret: &[u8], info: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let extracted = Salt::new(HKDF_SHA256, salt).extract(secret);
    extracted.expand(&[info], HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice())).ok()?;
    Some(key)
}

#[cfg(test)]
mod wycheproof;
