//! The policy binding of a key access object: an HMAC under the content key (or its share) over the policy, so that
//! a policy cannot be exchanged by whoever does not hold the key.
//!
//! It binds the policy against outsiders only. Between Parties, who both hold the key, the signed package binds.
//!
//! *Absent:* the meaning of a policy.

use crate::content_key::ContentKey;
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
    let Ok(decoded) = BASE64.decode(hash.as_bytes()) else { return false };
    let tag = match decoded.len() {
        64 => HEXLOWER_PERMISSIVE.decode(&decoded).unwrap_or_default(),
        _ => decoded,
    };
    hmac::verify(&key.hmac(), policy_base64.as_bytes(), &tag).is_ok()
}

#[cfg(test)]
mod wycheproof;
