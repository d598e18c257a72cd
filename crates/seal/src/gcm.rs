//! AES-256-GCM as TDF writes it everywhere: 12 random bytes of IV, the ciphertext, the 16-byte tag, no associated
//! data (NIST SP 800-38D).
//!
//! *Absent:* what is sealed, and any other use of a nonce: every one is fresh from the random generator.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// Length of the IV before a ciphertext, in bytes.
pub const IV_BYTES: usize = 12;
/// Length of the tag after a ciphertext, in bytes.
pub const TAG_BYTES: usize = 16;
/// What sealing adds, in bytes.
pub const OVERHEAD_BYTES: usize = IV_BYTES + TAG_BYTES;

/// A key made ready once and used for many seals, from any thread.
pub(crate) fn key(bytes: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).ok().map(LessSafeKey::new)
}

/// IV, ciphertext and tag in one buffer.
pub(crate) fn seal(key: &LessSafeKey, plain: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; plain.len() + OVERHEAD_BYTES];
    seal_into(key, plain, &mut out)?;
    Some(out)
}

/// As [`seal`], into a buffer of exactly the length needed.
pub(crate) fn seal_into(key: &LessSafeKey, plain: &[u8], out: &mut [u8]) -> Option<()> {
    let (iv, rest) = out.split_at_mut_checked(IV_BYTES)?;
    let (text, tag) = rest.split_at_mut_checked(plain.len())?;
    aws_lc_rs::rand::fill(iv).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    key.seal_out_of_place_scatter(nonce, Aad::empty(), plain, text, &[], tag).ok()
}

/// Seals what stands between room for the IV and room for the tag.
pub(crate) fn seal_in_place(key: &LessSafeKey, buffer: &mut [u8]) -> Option<()> {
    let (iv, rest) = buffer.split_at_mut_checked(IV_BYTES)?;
    let (text, tag) = rest.split_at_mut_checked(rest.len().checked_sub(TAG_BYTES)?)?;
    aws_lc_rs::rand::fill(iv).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    let made = key.seal_in_place_separate_tag(nonce, Aad::empty(), text).ok()?;
    tag.copy_from_slice(made.as_ref());
    Some(())
}

/// Opens in place, where the tag is right: the plaintext then stands where the ciphertext stood, behind the IV. Where it is
/// not, the buffer holds nothing that may be used.
pub(crate) fn open_in_place(key: &LessSafeKey, buffer: &mut [u8]) -> Option<()> {
    let (iv, sealed) = buffer.split_at_mut_checked(IV_BYTES)?;
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    key.open_in_place(nonce, Aad::empty(), sealed).ok().map(drop)
}

/// The plaintext, where the tag is right.
pub(crate) fn open(key: &LessSafeKey, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; sealed.len().checked_sub(OVERHEAD_BYTES)?]);
    open_into(key, sealed, &mut out)?;
    Some(out)
}

/// As [`open`], into a buffer of exactly the length needed.
pub(crate) fn open_into(key: &LessSafeKey, sealed: &[u8], out: &mut [u8]) -> Option<()> {
    let (iv, rest) = sealed.split_at_checked(IV_BYTES)?;
    let (text, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_BYTES)?)?;
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    key.open_separate_gather(nonce, Aad::empty(), text, tag, out).ok()
}

#[cfg(test)]
mod wycheproof;
