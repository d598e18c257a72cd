//! Content keys wrapped for a recipient: the key access forms of TDF, `hybrid-wrapped` between our nodes, `wrapped`
//! (RSA) and `ec-wrapped` (P-256) for foreign clients.
//!
//! *Absent:* whether the recipient may have the key. Custody asks that first, every time.

use crate::content_key::{CONTENT_KEY_BYTES, ContentKey};
use crate::digest::{hkdf, sha256};
use crate::kem::{CIPHERTEXT_BYTES, KemError, KemPublic, KemSecret, SHARED_BYTES};
use crate::pair::KeyId;
use crate::{gcm, pem};
use attache_accord::Timestamp;
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use std::fmt;
use zeroize::Zeroizing;

/// Longest use of one encapsulation, in milliseconds: one hour.
pub const MAX_ENCAPSULATION_AGE_MILLIS: u64 = 3_600_000;
/// Most content keys under one encapsulation. Random 96-bit IVs stay far from collision.
pub const MAX_ENCAPSULATION_USES: u32 = 10_000;

/// Length of a content key sealed with AES-GCM, in bytes.
const SEALED_KEY_BYTES: usize = CONTENT_KEY_BYTES + gcm::OVERHEAD_BYTES;
/// DER before the KEM ciphertext: SEQUENCE of 1731 bytes, `[0]` of 1665 bytes.
const HYBRID_HEAD: [u8; 8] = [0x30, 0x82, 0x06, 0xc3, 0x80, 0x82, 0x06, 0x81];
/// DER before the sealed key: `[1]` of 60 bytes.
const HYBRID_MIDDLE: [u8; 2] = [0x81, 0x3c];
/// All of a P-256 SubjectPublicKeyInfo before the uncompressed point (RFC 5480).
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Label of public keys in PEM.
const PUBLIC_PEM: &str = "PUBLIC KEY";
/// Largest RSA modulus, in bytes (RSA-4096 is the largest that TDF names).
const MAX_RSA_BYTES: usize = 512;
/// Smallest RSA modulus, in bytes (RSA-2048).
const MIN_RSA_BYTES: usize = 256;

/// Why a key was not wrapped or unwrapped. A caller abroad hears one answer for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// The encapsulation is too old, was used too often, or comes from the future.
    #[error("the encapsulation has been used for an hour or 10000 keys")]
    Spent,
    /// The key given is not of the form that this wrapping needs.
    #[error("not a {0}")]
    Key(&'static str),
    /// The wrapped key is not of its form.
    #[error("wrappedKey is not of the form of {0}")]
    Form(&'static str),
    /// It does not open with this key.
    #[error("wrappedKey does not open with this key")]
    Closed,
    /// The library failed.
    #[error("the cryptographic library failed")]
    Library,
}

impl From<KemError> for WrapError {
    fn from(error: KemError) -> Self {
        match error {
            KemError::PublicKey => Self::Key("MLKEM1024-P384 public key"),
            KemError::SecretKey => Self::Key("MLKEM1024-P384 secret key"),
            KemError::Ciphertext => Self::Form("hybrid-wrapped"),
            KemError::Library => Self::Library,
        }
    }
}

/// One encapsulation for one recipient, used for many items within its limits. The wire form is the same as with a
/// fresh one for each: same `kemCiphertext`, fresh IV.
pub struct Encapsulation {
    recipient: KeyId,
    ciphertext: [u8; CIPHERTEXT_BYTES],
    shared: Zeroizing<[u8; SHARED_BYTES]>,
    made_at: Timestamp,
    uses: u32,
}

impl Encapsulation {
    /// A fresh encapsulation.
    ///
    /// # Errors
    /// [`WrapError::Library`].
    pub fn fresh(recipient: &KemPublic, now: Timestamp) -> Result<Self, WrapError> {
        let (shared, ciphertext) = recipient.encapsulate()?;
        Ok(Self { recipient: recipient.key_id(), ciphertext, shared, made_at: now, uses: 0 })
    }

    /// For whom it is.
    pub fn recipient(&self) -> KeyId {
        self.recipient
    }

    /// Whether another key may be wrapped with it at `now`. A clock that went back ends it too.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.uses < MAX_ENCAPSULATION_USES
            && self.made_at <= now
            && now <= self.made_at.plus_millis(MAX_ENCAPSULATION_AGE_MILLIS)
    }

    /// Wraps a content key in the form `hybrid-wrapped`: DER SEQUENCE of `[0]` KEM ciphertext and `[1]` sealed key.
    ///
    /// # Errors
    /// [`WrapError::Spent`] past the limits.
    pub fn wrap(&mut self, content: &ContentKey, now: Timestamp) -> Result<Vec<u8>, WrapError> {
        if !self.is_usable(now) {
            return Err(WrapError::Spent);
        }
        self.uses += 1;
        let sealed = seal_key(&self.shared, content)?;
        Ok([HYBRID_HEAD.as_slice(), &self.ciphertext, &HYBRID_MIDDLE, &sealed].concat())
    }
}

impl fmt::Debug for Encapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encapsulation(for {}, {} uses)", self.recipient, self.uses)
    }
}

/// Unwraps the form `hybrid-wrapped`.
///
/// # Errors
/// [`WrapError::Form`], or [`WrapError::Closed`] where it was wrapped for another key or altered.
pub fn unwrap_hybrid(secret: &KemSecret, wrapped: &[u8]) -> Result<ContentKey, WrapError> {
    let form = || WrapError::Form("hybrid-wrapped");
    let rest = wrapped.strip_prefix(HYBRID_HEAD.as_slice()).ok_or_else(form)?;
    let (ciphertext, rest) = rest.split_at_checked(CIPHERTEXT_BYTES).ok_or_else(form)?;
    let sealed = rest.strip_prefix(HYBRID_MIDDLE.as_slice()).ok_or_else(form)?;
    if sealed.len() != SEALED_KEY_BYTES {
        return Err(form());
    }
    open_key(&*secret.decapsulate(ciphertext)?, sealed)
}

/// Whether this is an RSA key (SubjectPublicKeyInfo, DER) that [`wrap_rsa`] wraps for.
pub fn is_rsa(public_spki_der: &[u8]) -> bool {
    rsa_public(public_spki_der).is_ok()
}

fn rsa_public(public_spki_der: &[u8]) -> Result<PublicEncryptingKey, WrapError> {
    let bad_key = WrapError::Key("RSA public key of 2048 to 4096 bits");
    let public = PublicEncryptingKey::from_der(public_spki_der).map_err(|_| bad_key)?;
    let is_of_size = (MIN_RSA_BYTES..=MAX_RSA_BYTES).contains(&public.key_size_bytes());
    if is_of_size { Ok(public) } else { Err(bad_key) }
}

/// Wraps for an RSA key (SubjectPublicKeyInfo, DER, 2048 to 4096 bits) in the form `wrapped`: RSA-OAEP with SHA-1 and
/// MGF1-SHA-1, empty label. SHA-1 is what every TDF client speaks here; OAEP does not rest on its collisions.
///
/// # Errors
/// [`WrapError::Key`].
pub fn wrap_rsa(public_spki_der: &[u8], content: &ContentKey) -> Result<Vec<u8>, WrapError> {
    let public = rsa_public(public_spki_der)?;
    let key = OaepPublicEncryptingKey::new(public).map_err(|_| WrapError::Library)?;
    let mut out = vec![0; key.ciphertext_size()];
    key.encrypt(&OAEP_SHA1_MGF1SHA1, content.dangerously_expose(), &mut out, None)
        .map_err(|_| WrapError::Library)?;
    Ok(out)
}

/// An RSA key that unwraps the form `wrapped`.
pub struct RsaSecret {
    key: OaepPrivateDecryptingKey,
    public_spki_der: Vec<u8>,
}

impl RsaSecret {
    /// A fresh key of 2048 bits, in PKCS#8, to be sealed away by the caller.
    ///
    /// # Errors
    /// [`WrapError::Library`].
    pub fn generate_pkcs8_der() -> Result<Zeroizing<Vec<u8>>, WrapError> {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| WrapError::Library)?;
        let der: Pkcs8V1Der<'_> = private.as_der().map_err(|_| WrapError::Library)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// Reads PKCS#8 in DER.
    ///
    /// # Errors
    /// [`WrapError::Key`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, WrapError> {
        let private =
            PrivateDecryptingKey::from_pkcs8(der).map_err(|_| WrapError::Key("RSA key in PKCS#8"))?;
        let spki: PublicKeyX509Der<'_> = private.public_key().as_der().map_err(|_| WrapError::Library)?;
        let public_spki_der = spki.as_ref().to_vec();
        let key = OaepPrivateDecryptingKey::new(private).map_err(|_| WrapError::Library)?;
        Ok(Self { key, public_spki_der })
    }

    /// The public half, SubjectPublicKeyInfo in DER.
    pub fn public_spki_der(&self) -> &[u8] {
        &self.public_spki_der
    }

    /// Reads PKCS#8 in PEM.
    ///
    /// # Errors
    /// [`WrapError::Key`].
    pub fn from_pem(text: &str) -> Result<Self, WrapError> {
        let der = pem::decode(text, "PRIVATE KEY").ok_or(WrapError::Key("PRIVATE KEY in PEM"))?;
        Self::from_pkcs8_der(&der)
    }

    /// Unwraps a content key.
    ///
    /// # Errors
    /// [`WrapError::Closed`], whatever is wrong.
    pub fn unwrap(&self, wrapped: &[u8]) -> Result<ContentKey, WrapError> {
        self.open(wrapped).and_then(|plain| ContentKey::from_slice(&plain)).ok_or(WrapError::Closed)
    }

    /// What was encrypted, of any length.
    fn open(&self, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut out = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let length = self.key.decrypt(&OAEP_SHA1_MGF1SHA1, wrapped, &mut out, None).ok()?.len();
        out.truncate(length);
        Some(out)
    }
}

impl fmt::Debug for RsaSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaSecret(..)")
    }
}

/// A content key wrapped in the form `ec-wrapped`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcWrapped {
    /// IV, ciphertext and tag.
    pub wrapped_key: Vec<u8>,
    /// The ephemeral key, SubjectPublicKeyInfo in PEM: `ephemeralPublicKey` in a manifest, `sessionPublicKey` in an
    /// answer to a rewrap.
    pub ephemeral_public_key: String,
}

/// Wraps for a P-256 key (SubjectPublicKeyInfo, DER) in the form `ec-wrapped`: ECDH with a fresh key, HKDF-SHA-256 with
/// salt SHA-256("TDF"), AES-256-GCM.
///
/// # Errors
/// [`WrapError::Key`].
pub fn wrap_ec(public_spki_der: &[u8], content: &ContentKey) -> Result<EcWrapped, WrapError> {
    let session = EcSession::begin(public_spki_der)?;
    let wrapped_key = session.wrap(content)?;
    Ok(EcWrapped { wrapped_key, ephemeral_public_key: session.ephemeral_public_key })
}

/// One fresh key with which several content keys are wrapped for one P-256 key, each as in [`wrap_ec`]: an answer to a
/// rewrap has one `sessionPublicKey` for all of its results.
pub struct EcSession {
    key: Zeroizing<[u8; 32]>,
    ephemeral_public_key: String,
}

impl EcSession {
    /// A fresh key for a P-256 key (SubjectPublicKeyInfo, DER).
    ///
    /// # Errors
    /// [`WrapError::Key`].
    pub fn begin(public_spki_der: &[u8]) -> Result<Self, WrapError> {
        let point = p256_point(public_spki_der).ok_or(WrapError::Key("P-256 public key"))?;
        let ephemeral = PrivateKey::generate(&ECDH_P256).map_err(|_| WrapError::Library)?;
        let own_point = ephemeral.compute_public_key().map_err(|_| WrapError::Library)?;
        let key = ec_wrapping_key(&ephemeral, point, WrapError::Key("P-256 public key"))?;
        let spki = [P256_SPKI_PREFIX.as_slice(), own_point.as_ref()].concat();
        Ok(Self { key, ephemeral_public_key: pem::encode(&spki, PUBLIC_PEM).to_string() })
    }

    /// The fresh key's public half, SubjectPublicKeyInfo in PEM.
    pub fn ephemeral_public_key(&self) -> &str {
        &self.ephemeral_public_key
    }

    /// Wraps one content key: IV, ciphertext and tag.
    ///
    /// # Errors
    /// [`WrapError::Library`].
    pub fn wrap(&self, content: &ContentKey) -> Result<Vec<u8>, WrapError> {
        seal_key(&self.key, content)
    }
}

impl fmt::Debug for EcSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcSession(..)")
    }
}

/// A P-256 key that unwraps the form `ec-wrapped`.
pub struct EcSecret(PrivateKey);

impl EcSecret {
    /// Reads PKCS#8 or RFC 5915 in DER.
    ///
    /// # Errors
    /// [`WrapError::Key`].
    pub fn from_der(der: &[u8]) -> Result<Self, WrapError> {
        let key = PrivateKey::from_private_key_der(&ECDH_P256, der);
        key.map(Self).map_err(|_| WrapError::Key("P-256 private key"))
    }

    /// Reads PKCS#8 in PEM.
    ///
    /// # Errors
    /// [`WrapError::Key`].
    pub fn from_pem(text: &str) -> Result<Self, WrapError> {
        let der = pem::decode(text, "PRIVATE KEY").ok_or(WrapError::Key("PRIVATE KEY in PEM"))?;
        Self::from_der(&der)
    }

    /// The public half, SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`WrapError::Library`].
    pub fn public_spki_der(&self) -> Result<Vec<u8>, WrapError> {
        let point = self.0.compute_public_key().map_err(|_| WrapError::Library)?;
        Ok([P256_SPKI_PREFIX.as_slice(), point.as_ref()].concat())
    }

    /// Unwraps a content key, given the ephemeral key in PEM that came with it.
    ///
    /// # Errors
    /// [`WrapError::Form`] or [`WrapError::Closed`].
    pub fn unwrap(&self, wrapped: &[u8], ephemeral_public_key: &str) -> Result<ContentKey, WrapError> {
        let form = WrapError::Form("ec-wrapped");
        let spki = pem::decode(ephemeral_public_key, PUBLIC_PEM).ok_or(form)?;
        let key = ec_wrapping_key(&self.0, p256_point(&spki).ok_or(form)?, form)?;
        if wrapped.len() != SEALED_KEY_BYTES {
            return Err(form);
        }
        open_key(&key, wrapped)
    }
}

impl fmt::Debug for EcSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcSecret(..)")
    }
}

/// The uncompressed point of a P-256 SubjectPublicKeyInfo.
fn p256_point(spki_der: &[u8]) -> Option<&[u8]> {
    spki_der.strip_prefix(P256_SPKI_PREFIX.as_slice()).filter(|point| point.len() == 65)
}

fn ec_wrapping_key(
    own: &PrivateKey,
    point: &[u8],
    bad_point: WrapError,
) -> Result<Zeroizing<[u8; 32]>, WrapError> {
    agreement::agree(own, UnparsedPublicKey::new(&ECDH_P256, point), bad_point, |x| {
        hkdf(&sha256(&[b"TDF"]).0, x, &[]).ok_or(WrapError::Library)
    })
}

fn seal_key(wrapping: &[u8; 32], content: &ContentKey) -> Result<Vec<u8>, WrapError> {
    let key = gcm::key(wrapping).ok_or(WrapError::Library)?;
    gcm::seal(&key, content.dangerously_expose()).ok_or(WrapError::Library)
}

fn open_key(wrapping: &[u8; 32], sealed: &[u8]) -> Result<ContentKey, WrapError> {
    let key = gcm::key(wrapping).ok_or(WrapError::Library)?;
    let plain = gcm::open(&key, sealed).ok_or(WrapError::Closed)?;
    ContentKey::from_slice(&plain).ok_or(WrapError::Closed)
}

#[cfg(test)]
mod wycheproof;
