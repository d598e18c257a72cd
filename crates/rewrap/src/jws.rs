//! Compact JWS (RFC 7515) as clients and this node's own tokens use it, and keys as JWK (RFC 7517) with their thumbprint
//! (RFC 7638).
//!
//! *Absent:* `none`, HMAC, keys fetched from anywhere, and any trust in a key that came along: whoever calls says which key
//! must have signed.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::Value;

/// Longest modulus of an RSA key, in bytes: RSA-4096.
const MAX_MODULUS_BYTES: usize = 512;

/// A public key of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jwk {
    /// RSA, for `RS256` and `PS256`: modulus and exponent, big-endian.
    Rsa(Vec<u8>, Vec<u8>),
    /// P-256, for `ES256`: the two coordinates.
    P256([u8; 32], [u8; 32]),
    /// Ed25519, for `EdDSA`.
    Ed25519([u8; 32]),
}

impl Jwk {
    /// Reads a JWK. One that holds a private part is refused: whoever sends that has lost the key.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let bytes = |name: &str| BASE64URL_NOPAD.decode(text(name)?.as_bytes()).ok();
        let exact = |name: &str| -> Option<[u8; 32]> { bytes(name)?.try_into().ok() };
        if ["d", "p", "q", "k"].iter().any(|name| value.get(name).is_some()) {
            return None;
        }
        match (text("kty")?, text("crv")) {
            ("RSA", None) => {
                let modulus = bytes("n").filter(|modulus| modulus.len() <= MAX_MODULUS_BYTES)?;
                Some(Self::Rsa(modulus, bytes("e").filter(|exponent| exponent.len() <= 8)?))
            }
            ("EC", Some("P-256")) => Some(Self::P256(exact("x")?, exact("y")?)),
            ("OKP", Some("Ed25519")) => Some(Self::Ed25519(exact("x")?)),
            _ => None,
        }
    }

    /// The required members in the order of RFC 7638, which is also a JWK.
    fn canonical(&self) -> String {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        match self {
            Self::Rsa(n, e) => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)),
            Self::P256(x, y) => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y))
            }
            Self::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
        }
    }

    /// The SHA-256 thumbprint, base64url.
    pub fn thumbprint(&self) -> String {
        BASE64URL_NOPAD.encode(attache_seal::digest::sha256(&[self.canonical().as_bytes()]).as_bytes())
    }

    /// The key as JSON.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(&self.canonical()).unwrap_or_default()
    }

    /// Whether this key made `signature` over `message`. An algorithm belongs to a kind of key, so that a signature cannot
    /// be read by another rule than its own.
    fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Rsa(n, e), "RS256") => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            (Self::Rsa(n, e), "PS256") => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PSS_2048_8192_SHA256, message, signature).is_ok()
            }
            (Self::P256(x, y), "ES256") => {
                let point = [&[4], x.as_slice(), y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            (Self::Ed25519(x), "EdDSA") => {
                UnparsedPublicKey::new(&ED25519, x).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// The members of a header that are looked at.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    #[serde(default)]
    pub(crate) typ: Option<String>,
    #[serde(default)]
    pub(crate) kid: Option<String>,
    #[serde(default)]
    pub(crate) jwk: Option<Value>,
    /// Rules that a reader must know. We know none.
    #[serde(default)]
    crit: Option<Value>,
}

/// A compact JWS that was taken apart and not verified.
#[derive(Debug, Clone)]
pub(crate) struct Jws<'a> {
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
    input: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a JWS of at most `max` bytes apart.
    pub(crate) fn parse(text: &'a str, max: usize) -> Option<Self> {
        if text.len() > max {
            return None;
        }
        let (input, signature) = text.rsplit_once('.')?;
        let (header, payload) = input.split_once('.')?;
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        if header.crit.is_some() {
            return None;
        }
        Some(Self { header, payload: decode(payload)?, input, signature: decode(signature)? })
    }

    /// Whether `key` signed it.
    pub(crate) fn is_signed_by(&self, key: &Jwk) -> bool {
        key.verifies(&self.header.alg, self.input.as_bytes(), &self.signature)
    }
}
