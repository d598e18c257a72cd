//! The keys of one node, and how they become bytes to be sealed in a key file.
//!
//! A rotation goes by way of `next`: the new keys lie in the key file before a card names them, so that whichever card a
//! crash leaves in place, the keyring holds the keys that it names. Key agreement keys are kept when they retire, for what
//! was wrapped for them; signing keys are not, since only their public half is ever needed again.
//!
//! The Party root is not among them: it certifies these and stays offline, in a key file of its own.
//!
//! *Absent:* certificates and cards, which are public.

use crate::service::ServiceKeys;
use attache_seal::kem::{KemError, KemSecret};
use attache_seal::label::Es256Secret;
use attache_seal::pair::{SEED_BYTES, SignError, SigningPair};
use attache_seal::wrap::RsaSecret;
use attache_tlog::{KeyError, KeyKind, NoteSigner};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use minicbor::{Decode, Encode};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Most retired key agreement keys in one keyring: thirty years of one every 90 days.
pub const MAX_RETIRED: usize = 128;
/// Most generations of the key access service's keys in one keyring.
pub const MAX_SERVICE_KEYS: usize = 16;
/// The kind under which a node's key file is sealed.
pub const NODE_KIND: &str = "node";
/// The kind under which a Party root's key file is sealed.
pub const ROOT_KIND: &str = "party-root";
/// The kind under which a person's key file is sealed.
pub const PERSON_KIND: &str = "person";
/// The kind of the key file of a witness that is no node.
pub const WITNESS_KIND: &str = "witness";

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
    /// No room for another retired key.
    #[error("keyring: it holds as many retired keys as have room")]
    Full,
}

/// Which keys a rotation makes anew. The keys of the log stay, for the log's name goes with them, and so does the link's
/// authority, for a partner believes nothing else of a node that dials it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Which {
    /// The key that items are wrapped for.
    pub kem: bool,
    /// The keys that sign packages and labels.
    pub label: bool,
    /// The key that signs what the node says.
    pub node: bool,
    /// The key under the link's certificates.
    pub link: bool,
}

impl Which {
    /// Whether a card names any of them, so that a new card is needed.
    pub fn needs_card(self) -> bool {
        self.kem || self.label || self.node
    }
}

/// The stored form. Wiped when dropped.
#[derive(Clone, Encode, Decode, Zeroize, ZeroizeOnDrop)]
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
    /// Key agreement keys of earlier times, oldest first. Absent before the first rotation.
    #[n(9)]
    retired: Option<Vec<Secret>>,
    /// Keys for the next card. Absent but while a rotation is under way.
    #[n(10)]
    next: Option<Next>,
    /// Generations of the key access service's keys, oldest first. Absent before the first.
    #[n(11)]
    service: Option<Vec<Service>>,
    /// Seeds of the witness's keys, Ed25519 and ML-DSA-44. Absent from key files of builds that were no witness, until a rotation.
    #[n(12)]
    witness: Option<Secret>,
}

#[derive(Clone, Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct Secret {
    #[cbor(n(0), with = "minicbor::bytes")]
    bytes: Vec<u8>,
}

#[derive(Clone, Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct Service {
    #[n(0)]
    rsa_pkcs8: Secret,
    #[n(1)]
    ec_pkcs8: Secret,
    #[n(2)]
    token_pkcs8: Secret,
}

/// What takes the place of the key of the same name.
#[derive(Default, Clone, Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct Next {
    #[n(0)]
    node: Option<Secret>,
    #[n(1)]
    label: Option<Secret>,
    #[n(2)]
    label_es256_pkcs8: Option<Secret>,
    #[n(3)]
    kem: Option<Secret>,
    #[n(4)]
    tls_node_pkcs8: Option<Secret>,
    #[n(5)]
    witness: Option<Secret>,
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
    /// Cosign other logs, with Ed25519 and with ML-DSA-44, and nothing else. None in a key file that is older than they are.
    pub witness: Vec<NoteSigner>,
    /// Opens what was wrapped for this node.
    pub kem: KemSecret,
    /// Open what was wrapped for this node in earlier times, oldest first.
    pub retired: Vec<KemSecret>,
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
        let stored = Stored {
            node: fresh_pair()?,
            label: fresh_pair()?,
            label_es256_pkcs8: fresh_p256()?,
            log_ed25519: fresh_seed()?,
            log_mldsa44: fresh_seed()?,
            kem: KemSecret::generate()?.to_secret_bytes().to_vec(),
            storage: fresh_seed()?,
            tls_ca_pkcs8: fresh_p256()?,
            tls_node_pkcs8: fresh_p256()?,
            retired: None,
            next: None,
            service: None,
            witness: Some(Secret { bytes: fresh_witness()? }),
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

    /// This keyring with fresh keys laid ready for the next card. It goes to disk before that card does.
    ///
    /// # Errors
    /// [`KeyringError::Full`]; as [`Self::generate`].
    pub fn prepared(&self, which: Which) -> Result<Self, KeyringError> {
        if which.kem && self.retired.len() >= MAX_RETIRED {
            return Err(KeyringError::Full);
        }
        let made = |is_wanted: bool, make: fn() -> Result<Vec<u8>, KeyringError>| {
            is_wanted.then(make).transpose().map(|bytes| bytes.map(|bytes| Secret { bytes }))
        };
        let next = Next {
            node: made(which.node, fresh_pair)?,
            label: made(which.label, fresh_pair)?,
            label_es256_pkcs8: made(which.label, fresh_p256)?,
            kem: made(which.kem, fresh_kem)?,
            tls_node_pkcs8: made(which.link, fresh_p256)?,
            // The one that there is stays: whoever trusts a witness knows it by its key.
            witness: made(self.stored.witness.is_none() && which.needs_card(), fresh_witness)?,
        };
        self.changed(|stored| stored.next = Some(next))
    }

    /// This keyring once the card that names the keys laid ready is in place; `None` where none are.
    ///
    /// # Errors
    /// When the keys laid ready are none.
    pub fn advanced(&self) -> Result<Option<Self>, KeyringError> {
        let Some(mut next) = self.stored.next.clone() else { return Ok(None) };
        let advanced = self.changed(|stored| {
            stored.next = None;
            let swap = |key: &mut Vec<u8>, next: &mut Option<Secret>| {
                if let Some(secret) = next {
                    std::mem::swap(key, &mut secret.bytes);
                }
            };
            swap(&mut stored.node, &mut next.node);
            swap(&mut stored.label, &mut next.label);
            swap(&mut stored.label_es256_pkcs8, &mut next.label_es256_pkcs8);
            swap(&mut stored.tls_node_pkcs8, &mut next.tls_node_pkcs8);
            swap(&mut stored.kem, &mut next.kem);
            // After the swap it is the key of before. The others are wiped with what is left of `next`.
            stored.retired.get_or_insert_default().extend(next.kem.take());
            if next.witness.is_some() {
                stored.witness = next.witness.take();
            }
        });
        advanced.map(Some)
    }

    /// This keyring with keys for the key access service, made anew. Earlier ones stay and open what was wrapped for them.
    ///
    /// # Errors
    /// [`KeyringError::Full`]; when the library fails.
    pub fn with_service(&self) -> Result<Self, KeyringError> {
        let rsa = RsaSecret::generate_pkcs8_der().map_err(|_| KeyringError::Library("RSA generation"))?;
        let made = Service {
            rsa_pkcs8: Secret { bytes: rsa.to_vec() },
            ec_pkcs8: Secret { bytes: fresh_p256()? },
            token_pkcs8: Secret { bytes: fresh_p256()? },
        };
        if self.stored.service.as_ref().is_some_and(|held| held.len() >= MAX_SERVICE_KEYS) {
            return Err(KeyringError::Full);
        }
        self.changed(|stored| stored.service.get_or_insert_default().push(made))
    }

    /// The key access service's keys, for the custodian: oldest first, none where the node has no such service.
    ///
    /// # Errors
    /// [`KeyringError::Form`].
    pub fn service_keys(&self) -> Result<Vec<ServiceKeys>, KeyringError> {
        let keys = |held: &Service| ServiceKeys::from_pkcs8_der(&held.rsa_pkcs8.bytes, &held.ec_pkcs8.bytes);
        let held = self.stored.service.as_deref().unwrap_or_default();
        held.iter().map(keys).collect::<Result<_, _>>().map_err(|_| KeyringError::Form)
    }

    /// The key under the service's access tokens, PKCS#8, where the node has such a service.
    pub fn token_pkcs8(&self) -> Option<&[u8]> {
        let newest = self.stored.service.as_deref().unwrap_or_default().last();
        newest.map(|held| held.token_pkcs8.bytes.as_slice())
    }

    fn changed(&self, change: impl FnOnce(&mut Stored)) -> Result<Self, KeyringError> {
        let mut stored = self.stored.clone();
        change(&mut stored);
        Self::from_stored(stored, self.log_ed25519.verifier().name())
    }

    /// A second copy of the key agreement keys, for the custodian: the current one, and the retired ones.
    ///
    /// # Errors
    /// When the library fails.
    pub fn kem_keys(&self) -> Result<(KemSecret, Vec<KemSecret>), KeyringError> {
        kem_keys(&self.stored)
    }

    fn from_stored(stored: Stored, log_origin: &str) -> Result<Self, KeyringError> {
        let (kem, retired) = kem_keys(&stored)?;
        Ok(Self {
            node: signing_pair(&stored.node)?,
            label: signing_pair(&stored.label)?,
            label_es256: Es256Secret::from_pkcs8_der(&stored.label_es256_pkcs8)
                .map_err(|_| KeyringError::Form)?,
            log_ed25519: NoteSigner::from_seed(log_origin, KeyKind::Ed25519, &seed(&stored.log_ed25519)?)?,
            log_mldsa44: NoteSigner::from_seed(log_origin, KeyKind::MlDsa44, &seed(&stored.log_mldsa44)?)?,
            witness: witness(stored.witness.as_ref(), log_origin)?,
            kem,
            retired,
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

fn kem_keys(stored: &Stored) -> Result<(KemSecret, Vec<KemSecret>), KeyringError> {
    let retired = stored.retired.as_deref().unwrap_or_default();
    if retired.len() > MAX_RETIRED {
        return Err(KeyringError::Full);
    }
    let retired: Result<_, _> = retired.iter().map(|key| KemSecret::from_secret_bytes(&key.bytes)).collect();
    Ok((KemSecret::from_secret_bytes(&stored.kem)?, retired?))
}

/// The name of the witness that a node is: it goes with the node, and stays when its log takes another name.
pub fn witness_name(log_origin: &str) -> String {
    let node = log_origin.split_once("/log").map_or(log_origin, |(node, _)| node);
    format!("{node}/witness")
}

fn witness(stored: Option<&Secret>, log_origin: &str) -> Result<Vec<NoteSigner>, KeyringError> {
    stored.map_or(Ok(Vec::new()), |stored| witness_signers(&witness_name(log_origin), &stored.bytes))
}

/// The keys of the witness `name`, from the seeds that [`fresh_witness`] made.
///
/// # Errors
/// They are no such seeds, or the name is no key's.
pub fn witness_signers(name: &str, seeds: &[u8]) -> Result<Vec<NoteSigner>, KeyringError> {
    let (ed25519, mldsa44) = seeds.split_at_checked(32).ok_or(KeyringError::Form)?;
    Ok(vec![
        NoteSigner::from_seed(name, KeyKind::Ed25519Cosigner, &seed(ed25519)?)?,
        NoteSigner::from_seed(name, KeyKind::MlDsa44, &seed(mldsa44)?)?,
    ])
}

/// The seeds of both keys of a new witness, Ed25519 and ML-DSA-44.
///
/// # Errors
/// Where the library gives no random bytes.
pub fn fresh_witness() -> Result<Vec<u8>, KeyringError> {
    Ok([fresh_seed()?, fresh_seed()?].concat())
}

fn fresh_pair() -> Result<Vec<u8>, KeyringError> {
    Ok(SigningPair::generate()?.to_seed_bytes().to_vec())
}

fn fresh_kem() -> Result<Vec<u8>, KeyringError> {
    Ok(KemSecret::generate()?.to_secret_bytes().to_vec())
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
mod tests;
