//! The policy binding of a key access object: an HMAC under the content key (or its share) over the policy, so that
//! a policy cannot be exchanged by whoever does not hold the key.
//!
//! It binds the policy against outsiders only. Between Parties, who both hold the key, the signed package binds.
//!
//! *Absent:* the meaning of a policy.

use crate::content_key::ContentKey;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

/// The binding of the base64 policy, byte for byte as it stands in the manifest: base64 of the lowercase hexadecimal of
/// HMAC-SHA-256, 88 characters. All released key access services take this form.
pub fn bind(key: &ContentKey, policy_base64: &str) -> String {
    let tag = hmac::sign(&key.hmac(), policy_base64.as_bytes());
    BASE64.encode(data_encoding::HEXLOWER.encode(tag.as_ref()).as_bytes())
}

/// Whether `hash` binds the policy: the 88-character form, or the 44-character one of the specification's prose
/// (base64 of the HMAC itself). Compared in constant time.
pub fn verify(key: &ContentKey, policy_base64: &str, hash: &str) -> bool {
    tag(hash).is_some_and(|tag| hmac::verify(&key.hmac(), policy_base64.as_bytes(), &tag).is_ok())
}

/// Whether two bindings are one, whichever encoding each has. Compared in constant time.
pub fn is_same(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (tag(one), tag(other)) else { return false };
    verify_slices_are_equal(&one, &other).is_ok()
}

/// The HMAC in a binding of either encoding.
fn tag(hash: &str) -> Option<Vec<u8>> {
    let decoded = BASE64.decode(hash.as_bytes()).ok()?;
    match decoded.len() {
        64 => HEXLOWER_PERMISSIVE.decode(&decoded).ok(),
        _ => Some(decoded),
    }
}

#[cfg(test)]
mod wycheproof;
