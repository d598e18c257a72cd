//! The key of one item, and the shares that it may be split into.
//!
//! *Absent:* for whom it is wrapped, and where it is kept.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use std::fmt;
use zeroize::Zeroizing;

/// Length of a content key and of each of its shares, in bytes.
pub const CONTENT_KEY_BYTES: usize = 32;

/// An AES-256 key, one for each item, or one share of it. Wiped on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct ContentKey(Zeroizing<[u8; CONTENT_KEY_BYTES]>);

impl ContentKey {
    /// A fresh key from the library's random generator, or nothing where that fails.
    pub fn generate() -> Option<Self> {
        let mut bytes = Zeroizing::new([0; CONTENT_KEY_BYTES]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// The key that these bytes are.
    pub fn from_bytes(bytes: &[u8; CONTENT_KEY_BYTES]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The key that this slice is, where it has 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    /// The bytes. They must go nowhere but into a wrapping.
    pub fn dangerously_expose(&self) -> &[u8; CONTENT_KEY_BYTES] {
        &self.0
    }

    /// Splits the key in two shares: either alone says nothing, both XORed are the key. In a manifest they bear
    /// different `sid`s, so that two custodians must agree before anyone reads.
    pub fn split(&self) -> Option<(Self, Self)> {
        let first = Self::generate()?;
        let second = self.xor(&first);
        Some((first, second))
    }

    /// The key that two shares make, or a share taken out of a key.
    pub fn xor(&self, other: &Self) -> Self {
        let mut out = self.0.clone();
        out.iter_mut().zip(other.0.iter()).for_each(|(a, b)| *a ^= b);
        Self(out)
    }

    pub(crate) fn hmac(&self) -> hmac::Key {
        hmac::Key::new(HMAC_SHA256, self.0.as_slice())
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(..)")
    }
}
