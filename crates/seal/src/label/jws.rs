//! The signature of an assertion as TDF writes it: a compact JWS (RFC 7515), ES256, over the assertion's canonical hash
//! and the segment hashes. Verified against keys that the caller names, never against one that the JWS brings along.
//!
//! The segment hashes in it bind the label to the item only as far as GMAC goes; the package binds label and item
//! digest.
//!
//! *Absent:* HS256 with the content key, which SDKs fall back to: every reader could forge it.

use super::jcs::canonical;
use crate::digest::sha256;
use crate::tdf::{Assertion, AssertionBinding, Integrity};
use attache_accord::party::Malformed;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Length of an uncompressed P-256 point, in bytes.
pub const ES256_KEY_BYTES: usize = 65;
/// Longest JWS, in bytes: the segment hashes of a 64 GiB item take 350 KiB of it.
const MAX_JWS_BYTES: usize = 2 * 1024 * 1024;

/// Why a label is not taken, or was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Not of the form that a label has.
    #[error("{0}")]
    Form(&'static str),
    /// A name in the marking is malformed.
    #[error(transparent)]
    Marking(#[from] Malformed),
    /// There is no signature, or not a JWS.
    #[error("binding is not a compact JWS")]
    Unsigned,
    /// The header names anything but ES256, or brings a key along.
    #[error("the JWS header has other members than alg ES256, typ and kid")]
    Header,
    /// No key given made this signature.
    #[error("no trusted key made this signature")]
    Signature,
    /// Signed, but for another assertion.
    #[error("assertionHash is of another assertion")]
    OtherAssertion,
    /// Signed, but for another item.
    #[error("assertionSig is of another item")]
    OtherItem,
    /// The key or the library failed.
    #[error("the label key failed")]
    Key,
}

/// A label key in memory: ECDSA on P-256. Shows nothing in `Debug`.
pub struct Es256Secret {
    key: EcdsaKeyPair,
    public: [u8; ES256_KEY_BYTES],
}

impl Es256Secret {
    /// A fresh key.
    ///
    /// # Errors
    /// [`LabelError::Key`].
    pub fn generate() -> Result<Self, LabelError> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| LabelError::Key)
            .and_then(Self::new)
    }

    /// Reads PKCS#8 in DER.
    ///
    /// # Errors
    /// [`LabelError::Key`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, LabelError> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
        key.map_err(|_| LabelError::Key).and_then(Self::new)
    }

    /// The key in PKCS#8, to be sealed away by the caller.
    ///
    /// # Errors
    /// [`LabelError::Key`].
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, LabelError> {
        let document = self.key.to_pkcs8v1().map_err(|_| LabelError::Key)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The public key as cards carry it: an uncompressed point.
    pub fn public(&self) -> &[u8; ES256_KEY_BYTES] {
        &self.public
    }

    fn new(key: EcdsaKeyPair) -> Result<Self, LabelError> {
        let public = key.public_key().as_ref().try_into().map_err(|_| LabelError::Key)?;
        Ok(Self { key, public })
    }
}

impl fmt::Debug for Es256Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Es256Secret(..)")
    }
}

/// A header that carries a key (`jwk`, `x5c`, `jku`, `x5u`) or a rule that we do not know (`crit`) has a member that is
/// not here, and is refused whole.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    assertion_hash: String,
    assertion_sig: String,
}

/// Signs an assertion for the item whose segments these are.
///
/// # Errors
/// [`LabelError::Form`] where it cannot be made canonical, [`LabelError::Key`].
pub fn sign(assertion: Assertion, integrity: &Integrity, key: &Es256Secret) -> Result<Assertion, LabelError> {
    let header = Header { alg: "ES256".to_owned(), typ: None, kid: None };
    let claims = claims(&assertion, integrity)?;
    let input = format!("{}.{}", part(&header)?, part(&claims)?);
    let signature = key.key.sign(&SystemRandom::new(), input.as_bytes()).map_err(|_| LabelError::Key)?;
    let signature = format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
    Ok(Assertion { binding: Some(AssertionBinding { method: "jws".to_owned(), signature }), ..assertion })
}

/// Whether one of `keys` (uncompressed P-256 points that the caller trusts for labels) signed this assertion for the item
/// whose segments these are.
///
/// # Errors
/// The first rule broken.
pub fn verify(
    assertion: &Assertion,
    integrity: &Integrity,
    keys: &[[u8; ES256_KEY_BYTES]],
) -> Result<(), LabelError> {
    let binding = assertion.binding.as_ref().filter(|b| b.method == "jws").ok_or(LabelError::Unsigned)?;
    let jws = binding.signature.as_str();
    if jws.len() > MAX_JWS_BYTES {
        return Err(LabelError::Unsigned);
    }
    let (input, signature) = jws.rsplit_once('.').ok_or(LabelError::Unsigned)?;
    let (header, payload) = input.split_once('.').ok_or(LabelError::Unsigned)?;
    let header: Header = read(header).ok_or(LabelError::Header)?;
    if header.alg != "ES256" {
        return Err(LabelError::Header);
    }
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| LabelError::Unsigned)?;
    if !keys.iter().any(|key| es256_verifies(key, input.as_bytes(), &signature)) {
        return Err(LabelError::Signature);
    }
    let stated: Claims = read(payload).ok_or(LabelError::Unsigned)?;
    let expected = claims(assertion, integrity)?;
    if stated.assertion_hash != expected.assertion_hash {
        return Err(LabelError::OtherAssertion);
    }
    if stated.assertion_sig == expected.assertion_sig { Ok(()) } else { Err(LabelError::OtherItem) }
}

fn es256_verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature).is_ok()
}

/// What is signed: the hash of the assertion without its binding, and that hash after all segment hashes.
fn claims(assertion: &Assertion, integrity: &Integrity) -> Result<Claims, LabelError> {
    let bare = Assertion { binding: None, ..assertion.clone() };
    let value = serde_json::to_value(bare).map_err(|_| LabelError::Form("assertion"))?;
    let bytes = canonical(&value).ok_or(LabelError::Form("assertion with a fraction"))?;
    let hash = sha256(&[&bytes]);
    let bound = [integrity.hashes().as_slice(), &hash.0].concat();
    Ok(Claims { assertion_hash: HEXLOWER.encode(&hash.0), assertion_sig: BASE64.encode(&bound) })
}

fn part(value: &impl Serialize) -> Result<String, LabelError> {
    let json = serde_json::to_vec(value).map_err(|_| LabelError::Key)?;
    Ok(BASE64URL_NOPAD.encode(&json))
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod wycheproof;
