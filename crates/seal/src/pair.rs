//! Signing keys, which come in pairs: Ed25519 (RFC 8032) and ML-DSA-65 (FIPS 204). Both sign, both must verify,
//! so that a statement outlives the breaking of either.
//!
//! *Absent:* where keys are kept and who may use them; what the signed bytes say.

use crate::digest::sha256;
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ML_DSA_65, ML_DSA_65_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};
use minicbor::{Decode, Encode};
use std::fmt;
use zeroize::Zeroizing;

/// Length of an Ed25519 public key, in bytes.
pub const ED25519_KEY_BYTES: usize = 32;
/// Length of an ML-DSA-65 public key, in bytes (FIPS 204, table 2).
pub const MLDSA65_KEY_BYTES: usize = 1952;
/// Length of an Ed25519 signature, in bytes.
pub const ED25519_SIGNATURE_BYTES: usize = 64;
/// Length of an ML-DSA-65 signature, in bytes (FIPS 204, table 2).
pub const MLDSA65_SIGNATURE_BYTES: usize = 3309;
/// Length of the two seeds that a pair is made of, in bytes: Ed25519 first, ML-DSA-65 second.
pub const SEED_BYTES: usize = 64;

/// Which key: SHA-256 over `"attache/key/v1\n"`, the Ed25519 and the ML-DSA-65 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct KeyId(
    /// The digest.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub [u8; 32],
);

impl KeyId {
    /// What two people read to each other before a person's key is trusted, in the form of a card's fingerprint.
    pub fn fingerprint(&self) -> String {
        aloud(&self.0)
    }
}

/// A digest to be read aloud: 8 groups of 4 decimal digits, 13 bits each (`0000` to `8191`), together its first 104 bits.
pub(crate) fn aloud(digest: &[u8; 32]) -> String {
    // 104 bits fit in 13 bytes; a u128 of them is shifted so that each group stands lowest.
    let window = digest.iter().take(13).fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
    let group = |i: u32| format!("{:04}", window >> (13 * (7 - i)) & 0x1fff);
    (0..8).map(group).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The public halves of a pair. CBOR: a map of 0 (Ed25519, 32 bytes) and 1 (ML-DSA-65, 1952 bytes).
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VerifyingPair {
    #[cbor(n(0), with = "minicbor::bytes")]
    ed25519: [u8; ED25519_KEY_BYTES],
    #[cbor(n(1), with = "minicbor::bytes")]
    mldsa65: [u8; MLDSA65_KEY_BYTES],
}

impl VerifyingPair {
    /// A pair from its two public keys.
    pub fn new(ed25519: [u8; ED25519_KEY_BYTES], mldsa65: [u8; MLDSA65_KEY_BYTES]) -> Self {
        Self { ed25519, mldsa65 }
    }

    /// The Ed25519 public key.
    pub fn ed25519(&self) -> &[u8; ED25519_KEY_BYTES] {
        &self.ed25519
    }

    /// The ML-DSA-65 public key.
    pub fn mldsa65(&self) -> &[u8; MLDSA65_KEY_BYTES] {
        &self.mldsa65
    }

    /// The id by which statements name this key.
    pub fn key_id(&self) -> KeyId {
        KeyId(sha256(&[b"attache/key/v1\n", &self.ed25519, &self.mldsa65]).0)
    }

    /// Whether both signatures over `bytes` under `name` are this key's.
    ///
    /// # Errors
    /// [`BadSignature`] names the half that failed, the classical one first.
    pub fn verify(&self, name: &str, bytes: &[u8], signatures: &Signatures) -> Result<(), BadSignature> {
        let message = signed_bytes(name, bytes);
        ed25519_verifies(&self.ed25519, &message, &signatures.ed25519)?;
        mldsa65_verifies(&self.mldsa65, &message, &signatures.mldsa65)
    }
}

fn ed25519_verifies(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let key = UnparsedPublicKey::new(&ED25519, key);
    key.verify(message, signature).map_err(|_| BadSignature::Ed25519)
}

fn mldsa65_verifies(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let key = UnparsedPublicKey::new(&ML_DSA_65, key);
    key.verify(message, signature).map_err(|_| BadSignature::MlDsa65)
}

impl fmt::Debug for VerifyingPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingPair({})", self.key_id())
    }
}

/// The half of a pair whose signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// The Ed25519 signature.
    #[error("the Ed25519 signature does not verify")]
    Ed25519,
    /// The ML-DSA-65 signature.
    #[error("the ML-DSA-65 signature does not verify")]
    MlDsa65,
}

/// Both signatures over one statement.
#[derive(Clone, PartialEq, Eq)]
pub struct Signatures {
    /// Ed25519, RFC 8032.
    pub ed25519: [u8; ED25519_SIGNATURE_BYTES],
    /// ML-DSA-65, FIPS 204, empty context.
    pub mldsa65: [u8; MLDSA65_SIGNATURE_BYTES],
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signatures(..)")
    }
}

/// The bytes that both keys sign: a domain line, so that a signature under one name is none under another, the
/// length, so that nothing can be moved across the border, and the statement.
pub fn signed_bytes(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(name.len() + bytes.len() + 20);
    message.extend_from_slice(b"attache/");
    message.extend_from_slice(name.as_bytes());
    message.extend_from_slice(b"/v1\n");
    message.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    message.extend_from_slice(bytes);
    message
}

/// Whoever can sign as a pair: keys in memory, or keys in a token.
pub trait Sign {
    /// The public halves.
    fn verifying(&self) -> &VerifyingPair;

    /// Signs [`signed_bytes`] of `name` and `bytes` with both keys.
    ///
    /// # Errors
    /// When the key store refuses or fails.
    fn sign(&self, name: &str, bytes: &[u8]) -> Result<Signatures, SignError>;
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The keys are not there or failed.
    #[error("the signing key failed: {0}")]
    Key(&'static str),
    /// The head names another key than the one that was to sign.
    #[error("head.key is not the key that signs")]
    OtherKey,
    /// The statement breaks a limit of its own kind.
    #[error(transparent)]
    Limit(#[from] attache_accord::party::Malformed),
    /// The statement is longer than [`crate::statement::MAX_STATEMENT_BYTES`].
    #[error("a statement of {0} bytes is longer than 262144")]
    TooLong(usize),
}

/// A pair of signing keys in memory. Shows nothing in `Debug` but its key id; its seeds are wiped on drop.
pub struct SigningPair {
    seeds: Zeroizing<[u8; SEED_BYTES]>,
    ed25519: Ed25519KeyPair,
    mldsa65: PqdsaKeyPair,
    verifying: VerifyingPair,
}

impl SigningPair {
    /// A fresh pair from the library's random generator.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn generate() -> Result<Self, SignError> {
        let mut seeds = Zeroizing::new([0; SEED_BYTES]);
        aws_lc_rs::rand::fill(seeds.as_mut_slice()).map_err(|_| SignError::Key("no randomness"))?;
        Self::from_seed_bytes(&seeds)
    }

    /// The pair that these seeds stand for: 32 bytes for Ed25519, then 32 for ML-DSA-65.
    ///
    /// # Errors
    /// When the library refuses a seed.
    pub fn from_seed_bytes(seeds: &[u8; SEED_BYTES]) -> Result<Self, SignError> {
        let (first, second) = seeds.split_at(SEED_BYTES / 2);
        let ed25519 =
            Ed25519KeyPair::from_seed_unchecked(first).map_err(|_| SignError::Key("Ed25519 seed"))?;
        let mldsa65 = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, second)
            .map_err(|_| SignError::Key("ML-DSA-65 seed"))?;
        let verifying = VerifyingPair {
            ed25519: ed25519
                .public_key()
                .as_ref()
                .try_into()
                .map_err(|_| SignError::Key("Ed25519 length"))?,
            mldsa65: mldsa65
                .public_key()
                .as_ref()
                .try_into()
                .map_err(|_| SignError::Key("ML-DSA-65 length"))?,
        };
        Ok(Self { seeds: Zeroizing::new(*seeds), ed25519, mldsa65, verifying })
    }

    /// The seeds, to be sealed away by the caller.
    pub fn to_seed_bytes(&self) -> Zeroizing<[u8; SEED_BYTES]> {
        self.seeds.clone()
    }
}

impl Sign for SigningPair {
    fn verifying(&self) -> &VerifyingPair {
        &self.verifying
    }

    fn sign(&self, name: &str, bytes: &[u8]) -> Result<Signatures, SignError> {
        let message = signed_bytes(name, bytes);
        let classical = self.ed25519.try_sign(&message).map_err(|_| SignError::Key("Ed25519 signing"))?;
        let mut signatures = Signatures { ed25519: [0; 64], mldsa65: [0; MLDSA65_SIGNATURE_BYTES] };
        signatures.ed25519.copy_from_slice(classical.as_ref());
        self.mldsa65
            .sign(&message, &mut signatures.mldsa65)
            .map_err(|_| SignError::Key("ML-DSA-65 signing"))?;
        Ok(signatures)
    }
}

impl fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningPair({})", self.verifying.key_id())
    }
}

#[cfg(test)]
mod wycheproof;
