//! Ids and digests: fixed-size values that travel as hexadecimal for people and as bytes in statements.
//!
//! *Absent:* how a digest is computed, and where fresh ids come from.

use crate::party::{Malformed, text_form_hex};
use std::str::FromStr;

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = text.as_bytes();
    if bytes.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *slot = hex_digit(high)? << 4 | hex_digit(low)?;
    }
    Some(out)
}

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                from_hex(text).map(Self).ok_or_else(|| {
                    Malformed::new($what, concat!($len, " bytes in lowercase hexadecimal"), text)
                })
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = Malformed;

            fn try_from(bytes: &[u8]) -> Result<Self, Malformed> {
                bytes.try_into().map(Self).map_err(|_| Malformed::new($what, concat!($len, " bytes"), ""))
            }
        }

        text_form_hex!($name);
    };
}

bytes_id! {
    /// A SHA-256 digest. Which bytes it covers stands where it is used.
    Digest, 32, "digest"
}
impl Digest {
    /// Its first 16 bytes, where something is called by a digest and 32 are too many.
    pub fn first_half(&self) -> [u8; 16] {
        self.0.first_chunk().copied().unwrap_or_default()
    }
}

bytes_id! {
    /// An item on one node: random, never sent to the partner.
    ItemId, 16, "item id"
}
bytes_id! {
    /// A release case on one node: random.
    CaseId, 16, "case id"
}
bytes_id! {
    /// A dispatch, the same at both ends: random, so that it tells nothing outside the envelope.
    DispatchId, 16, "dispatch id"
}
