//! The outer envelope of a relay: how a letter's length is padded, how its key follows from what is wrapped, and by what name
//! the recipient's key is named on it.
//!
//! *Absent:* what a letter says, and the container, which is [`crate::tdf`]'s.

use crate::content_key::ContentKey;
use crate::digest::{hkdf, sha256};
use crate::pair::KeyId;
use attache_accord::{Digest, DispatchId};
use data_encoding::HEXLOWER;

/// Domain of a letter's key.
const KEY_DOMAIN: &[u8] = b"attache/letter/v1\n";
/// Domain of the name of a recipient's key.
const KID_DOMAIN: &[u8] = b"attache/letter-kid/v1\n";
/// Bytes of that name.
const KID_BYTES: usize = 16;

/// The length to which `bytes` are padded: Padmé (Nikitin et al., PURBs, 2019, §5). It adds at most 12 per cent, and lets no more
/// be told than the order of magnitude and its leading digits.
pub fn padded(bytes: u64) -> u64 {
    let Some(exponent) = bytes.checked_ilog2().filter(|exponent| *exponent > 0) else { return bytes };
    let kept = exponent.ilog2() + 1;
    let mask = (1_u64 << (exponent - kept)) - 1;
    bytes.saturating_add(mask) & !mask
}

/// The key under which a letter is sealed. It is not the wrapped key itself but follows from it, so that whoever may open letters
/// with a key can open nothing else that was wrapped for it.
pub fn key(wrapped: &ContentKey, letter: &DispatchId) -> Option<ContentKey> {
    let key = hkdf(KEY_DOMAIN, wrapped.dangerously_expose(), letter.as_bytes())?;
    Some(ContentKey::from_bytes(&key))
}

/// By what name a letter names its recipient's key: another one on each letter.
pub fn kid(recipient: &KeyId, letter: &DispatchId) -> String {
    let Digest(name) = sha256(&[KID_DOMAIN, &recipient.0, letter.as_bytes()]);
    HEXLOWER.encode(name.get(..KID_BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_adds_at_most_an_eighth_and_leaves_few_lengths() {
        for (bytes, wanted) in
            [(0, 0), (1, 1), (2, 2), (9, 10), (100, 104), (1000, 1024), (1025, 1088), (65_537, 67_584)]
        {
            assert_eq!(padded(bytes), wanted, "{bytes}");
        }
        let mut lengths = std::collections::BTreeSet::new();
        for bytes in 1..=100_000_u64 {
            let long = padded(bytes);
            assert!(long >= bytes && long * 8 <= bytes * 9 + 8, "{bytes} became {long}");
            assert_eq!(padded(long), long);
            lengths.insert(long);
        }
        assert!(lengths.len() < 250, "{} lengths", lengths.len());
        assert_eq!(padded(u64::MAX), !((1 << 57) - 1));
    }

    #[test]
    fn a_letters_key_is_neither_what_is_wrapped_nor_that_of_another_letter() {
        let wrapped = ContentKey::from_bytes(&[7; 32]);
        let [one, other] = [1, 2].map(|n| key(&wrapped, &DispatchId([n; 16])).unwrap());
        assert_ne!(one.dangerously_expose(), wrapped.dangerously_expose());
        assert_ne!(one.dangerously_expose(), other.dangerously_expose());
        let recipient = KeyId([3; 32]);
        assert_ne!(kid(&recipient, &DispatchId([1; 16])), kid(&recipient, &DispatchId([2; 16])));
        assert_ne!(kid(&recipient, &DispatchId([1; 16])), kid(&KeyId([4; 32]), &DispatchId([1; 16])));
    }
}
