//! The keys of one node, and how they become bytes to be sealed in a key file.
//!
//! The Party root is not among them: it certifies these and stays offline, in a key file of its own.
//!
//! *Absent:* certificates and cards, which are public.

use attache_seal::kem::{KemError, KemSecret};
use attache_seal::label::Es256Secret;
use attache_seal::pair::{SEED_BYTES, SignError, SigningPair};
use attache_tlog::{KeyError, KeyKind, NoteSigner};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use minicbor::{Decode, Encode};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The kind under which a node's key file is sealed.
pub const NODE_KIND: &str = "node";
/// The kind under which a Party root's key file is sealed.
pub const ROOT_KIND: &str = "party-root";
/// The kind under which a person's key file is sealed.
pub const PERSON_KIND: &str = "person";

/// A keyring cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The bytes are no keyring.
    #[error("the key file does not hold a keyring of this build's form")]
    Form,
    /// A signing pair.
    #[error("keyring: {0}")]
    Pair(#[from] SignError),
    /// The key agreement key.
    #[error("keyring: {0}")]
    Kem(#[from] KemError),
    /// A log key.
    #[error("keyring: {0}")]
    Log(#[from] KeyError),
    /// The library failed.
    #[error("keyring: {0}")]
    Library(&'static str),
}

/// The stored form. Wiped when dropped.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct Stored {
    #[cbor(n(0), with = "minicbor::bytes")]
    node: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    label: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    label_es256_pkcs8: Vec<u8>,
    #[cbor(n(3), with = "minicbor::bytes")]
    log_ed25519: Vec<u8>,
    #[cbor(n(4), with = "minicbor::bytes")]
    log_mldsa44: Vec<u8>,
    #[cbor(n(5), with = "minicbor::bytes")]
    kem: Vec<u8>,
    #[cbor(n(6), with = "minicbor::bytes")]
    storage: Vec<u8>,
    #[cbor(n(7), with = "minicbor::bytes")]
    tls_ca_pkcs8: Vec<u8>,
    #[cbor(n(8), with = "minicbor::bytes")]
    tls_node_pkcs8: Vec<u8>,
}

/// The keys of one node, ready for use.
pub struct Keyring {
    /// Signs what the node says.
    pub node: SigningPair,
    /// Signs packages.
    pub label: SigningPair,
    /// Signs labels for TDF clients (JWS ES256).
    pub label_es256: Es256Secret,
    /// Signs the log with Ed25519.
    pub log_ed25519: NoteSigner,
    /// Signs the log with ML-DSA-44.
    pub log_mldsa44: NoteSigner,
    /// Opens what was wrapped for this node.
    pub kem: KemSecret,
    /// Seals what rests.
    pub storage: Zeroizing<[u8; 32]>,
    /// The TLS certificate authority's key, PKCS#8.
    pub tls_ca_pkcs8: Zeroizing<Vec<u8>>,
    /// The TLS key, PKCS#8.
    pub tls_node_pkcs8: Zeroizing<Vec<u8>>,
    stored: Stored,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({:?})", self.node)
    }
}

impl Keyring {
    /// Fresh keys for a node whose log has the given origin.
    ///
    /// # Errors
    /// When the library fails.
    pub fn generate(log_origin: &str) -> Result<Self, KeyringError> {
        let pair =
            || -> Result<Vec<u8>, KeyringError> { Ok(SigningPair::generate()?.to_seed_bytes().to_vec()) };
        let stored = Stored {
            node: pair()?,
            label: pair()?,
            label_es256_pkcs8: fresh_p256()?,
            log_ed25519: fresh_seed()?,
            log_mldsa44: fresh_seed()?,
            kem: KemSecret::generate()?.to_secret_bytes().to_vec(),
            storage: fresh_seed()?,
            tls_ca_pkcs8: fresh_p256()?,
            tls_node_pkcs8: fresh_p256()?,
        };
        Self::from_stored(stored, log_origin)
    }

    /// Reads what [`Self::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are no keyring.
    pub fn from_secret_bytes(bytes: &[u8], log_origin: &str) -> Result<Self, KeyringError> {
        Self::from_stored(minicbor::decode(bytes).map_err(|_| KeyringError::Form)?, log_origin)
    }

    /// All keys as bytes, to be sealed in a key file at once.
    ///
    /// # Errors
    /// When encoding fails.
    pub fn to_secret_bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        minicbor::to_vec(&self.stored).map(Zeroizing::new).map_err(|_| KeyringError::Form)
    }

    fn from_stored(stored: Stored, log_origin: &str) -> Result<Self, KeyringError> {
        Ok(Self {
            node: signing_pair(&stored.node)?,
            label: signing_pair(&stored.label)?,
            label_es256: Es256Secret::from_pkcs8_der(&stored.label_es256_pkcs8)
                .map_err(|_| KeyringError::Form)?,
            log_ed25519: NoteSigner::from_seed(log_origin, KeyKind::Ed25519, &seed(&stored.log_ed25519)?)?,
            log_mldsa44: NoteSigner::from_seed(log_origin, KeyKind::MlDsa44, &seed(&stored.log_mldsa44)?)?,
            kem: KemSecret::from_secret_bytes(&stored.kem)?,
            storage: Zeroizing::new(seed(&stored.storage)?),
            tls_ca_pkcs8: Zeroizing::new(stored.tls_ca_pkcs8.clone()),
            tls_node_pkcs8: Zeroizing::new(stored.tls_node_pkcs8.clone()),
            stored,
        })
    }

    /// The ES256 label key's public point, uncompressed, 65 bytes.
    pub fn label_es256_public(&self) -> Vec<u8> {
        self.label_es256.public().to_vec()
    }
}

/// A pair from the seeds in a person's or root's key file.
///
/// # Errors
/// When the bytes are not the seeds of a pair.
pub fn signing_pair(bytes: &[u8]) -> Result<SigningPair, KeyringError> {
    let seeds: Zeroizing<[u8; SEED_BYTES]> =
        Zeroizing::new(bytes.try_into().map_err(|_| KeyringError::Form)?);
    Ok(SigningPair::from_seed_bytes(&seeds)?)
}

fn fresh_p256() -> Result<Vec<u8>, KeyringError> {
    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map(|document| document.as_ref().to_vec())
        .map_err(|_| KeyringError::Library("P-256 generation"))
}

fn fresh_seed() -> Result<Vec<u8>, KeyringError> {
    let mut seed = vec![0; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| KeyringError::Library("randomness"))?;
    Ok(seed)
}

fn seed(bytes: &[u8]) -> Result<[u8; 32], KeyringError> {
    bytes.try_into().map_err(|_| KeyringError::Form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_seal::pair::Sign as _;

    #[test]
    fn a_keyring_comes_back_from_its_bytes() {
        let made = Keyring::generate("log.example/seoul").unwrap();
        let bytes = made.to_secret_bytes().unwrap();
        let read = Keyring::from_secret_bytes(&bytes, "log.example/seoul").unwrap();
        assert_eq!(made.node.verifying(), read.node.verifying());
        assert_eq!(made.kem.public().to_spki_der(), read.kem.public().to_spki_der());
        assert_eq!(made.label_es256_public(), read.label_es256_public());
        assert_eq!(*made.storage, *read.storage);
        assert!(Keyring::from_secret_bytes(&bytes[1..], "log.example/seoul").is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", Keyring::generate("log.example/seoul").unwrap());
        assert!(shown.len() < 120, "{shown}");
    }
}
