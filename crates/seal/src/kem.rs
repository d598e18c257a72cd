//! The composite KEM of draft-ietf-lamps-pq-composite-kem-14: ML-KEM-1024 (FIPS 203) with ECDH on P-384, combined by
//! SHA3-256; OID 1.3.6.1.5.5.7.6.63, known to TDF as `hpqt:secp384r1-mlkem1024`. A content key wrapped with it stays
//! hidden while either half holds.
//!
//! Public keys are ML-KEM key ‖ P-384 point, ciphertexts ML-KEM ciphertext ‖ P-384 point. The secret is kept in our
//! own form, expanded ML-KEM key ‖ P-384 scalar, because the library imports no ML-KEM seed; the public half stands
//! inside the expanded key (FIPS 203, algorithm 16).
//!
//! A sender may use one encapsulation for many keys, so a secret key remembers what the last few ciphertexts hold.
//!
//! *Absent:* what the shared secret encrypts, and for how long one encapsulation is used.

use crate::digest::sha256;
use crate::pair::KeyId;
use aws_lc_rs::agreement::{self, ECDH_P384, ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::digest::{Context, SHA3_256, digest};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::kem::{DecapsulationKey, EncapsulationKey, ML_KEM_1024};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// The label that the combiner ends with (draft-14, section 6).
const LABEL: &[u8] = b"MLKEM1024-P384";
/// Length of an uncompressed P-384 point, in bytes.
const POINT_BYTES: usize = 97;
/// Length of a P-384 scalar, in bytes.
const SCALAR_BYTES: usize = 48;
/// Length of an ML-KEM-1024 encapsulation key, in bytes.
const MLKEM_PUBLIC_BYTES: usize = 1568;
/// Length of an ML-KEM-1024 ciphertext, in bytes.
const MLKEM_CIPHERTEXT_BYTES: usize = 1568;
/// Length of an expanded ML-KEM-1024 decapsulation key, in bytes: PKE key, encapsulation key, its hash, z.
const MLKEM_SECRET_BYTES: usize = 3168;
/// Where the encapsulation key stands inside the expanded decapsulation key.
const MLKEM_PUBLIC_AT: usize = 1536;
/// Length of a public key, in bytes.
pub const PUBLIC_BYTES: usize = MLKEM_PUBLIC_BYTES + POINT_BYTES;
/// Length of a ciphertext, in bytes.
pub const CIPHERTEXT_BYTES: usize = MLKEM_CIPHERTEXT_BYTES + POINT_BYTES;
/// Length of a secret in our stored form, in bytes.
pub const SECRET_BYTES: usize = MLKEM_SECRET_BYTES + SCALAR_BYTES;
/// Length of the shared secret, in bytes.
pub const SHARED_BYTES: usize = 32;
/// Ciphertexts whose shared secret a secret key remembers: one for each partner that sends, and our own.
const MAX_REMEMBERED: usize = 16;

/// All of a SubjectPublicKeyInfo before the key: every length is fixed, so it is one constant. The algorithm has no
/// parameters, as section 5 of the draft asks.
const SPKI_PREFIX: [u8; 21] = [
    0x30, 0x82, 0x06, 0x92, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x06, 0x3f, 0x03,
    0x82, 0x06, 0x82, 0x00,
];

/// Why a key or a ciphertext was not used. Says nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KemError {
    /// Not a SubjectPublicKeyInfo of this algorithm, or a key that is none.
    #[error("not a public key of MLKEM1024-P384 (OID 1.3.6.1.5.5.7.6.63)")]
    PublicKey,
    /// Not a stored secret of this module.
    #[error("not a secret key of MLKEM1024-P384: 3216 bytes, consistent in itself")]
    SecretKey,
    /// Not a ciphertext: wrong length, or a point that is not on the curve.
    #[error("not a ciphertext of MLKEM1024-P384: 1665 bytes")]
    Ciphertext,
    /// The library failed.
    #[error("the cryptographic library failed")]
    Library,
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct KemPublic([u8; PUBLIC_BYTES]);

impl KemPublic {
    /// Reads a SubjectPublicKeyInfo in DER. Nothing but this algorithm, no parameters, no byte more.
    ///
    /// # Errors
    /// [`KemError::PublicKey`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KemError> {
        let raw = der.strip_prefix(SPKI_PREFIX.as_slice()).ok_or(KemError::PublicKey)?;
        Self::from_raw(raw)
    }

    /// Reads ML-KEM key ‖ point, and checks both halves: the modulus check of FIPS 203 §7.2, the point on the curve.
    ///
    /// # Errors
    /// [`KemError::PublicKey`].
    pub fn from_raw(raw: &[u8]) -> Result<Self, KemError> {
        let public = Self(raw.try_into().map_err(|_| KemError::PublicKey)?);
        if !is_reduced(public.mlkem()) {
            return Err(KemError::PublicKey);
        }
        let parsed = ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P384, public.point()));
        let on_curve = parsed.is_ok_and(|key| key.alg() == &ECDH_P384);
        if on_curve && public.point().first() == Some(&4) { Ok(public) } else { Err(KemError::PublicKey) }
    }

    /// The SubjectPublicKeyInfo in DER, as cards carry it.
    pub fn to_spki_der(&self) -> Vec<u8> {
        [SPKI_PREFIX.as_slice(), &self.0].concat()
    }

    /// The id by which permits and key access objects name this key: SHA-256 over `"attache/kem/v1\n"` and the
    /// SubjectPublicKeyInfo.
    pub fn key_id(&self) -> KeyId {
        KeyId(sha256(&[b"attache/kem/v1\n", &SPKI_PREFIX, &self.0]).0)
    }

    /// A fresh shared secret and the ciphertext that carries it.
    ///
    /// # Errors
    /// [`KemError::Library`].
    pub fn encapsulate(&self) -> Result<(Zeroizing<[u8; SHARED_BYTES]>, [u8; CIPHERTEXT_BYTES]), KemError> {
        let quantum_key =
            EncapsulationKey::new(&ML_KEM_1024, self.mlkem()).map_err(|_| KemError::PublicKey)?;
        let (mlkem_ct, mlkem_ss) = quantum_key.encapsulate().map_err(|_| KemError::Library)?;
        let ephemeral = PrivateKey::generate(&ECDH_P384).map_err(|_| KemError::Library)?;
        let point = ephemeral.compute_public_key().map_err(|_| KemError::Library)?;
        let mut ciphertext = [0; CIPHERTEXT_BYTES];
        let (head, tail) = ciphertext.split_at_mut(MLKEM_CIPHERTEXT_BYTES);
        head.copy_from_slice(mlkem_ct.as_ref());
        tail.copy_from_slice(point.as_ref());
        let peer = UnparsedPublicKey::new(&ECDH_P384, self.point());
        let shared = agreement::agree(&ephemeral, peer, KemError::Library, |trad_ss| {
            Ok(combine(mlkem_ss.as_ref(), trad_ss, point.as_ref(), self.point()))
        })?;
        Ok((shared, ciphertext))
    }

    fn mlkem(&self) -> &[u8] {
        self.0.split_at(MLKEM_PUBLIC_BYTES).0
    }

    fn point(&self) -> &[u8] {
        self.0.split_at(MLKEM_PUBLIC_BYTES).1
    }
}

impl fmt::Debug for KemPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KemPublic({})", self.key_id())
    }
}

/// A secret key. `Debug` shows only the id of its public half.
pub struct KemSecret {
    mlkem: DecapsulationKey,
    scalar: PrivateKey,
    public: KemPublic,
    stored: Zeroizing<Vec<u8>>,
    /// What was decapsulated last, the latest first. It lives no longer than the key that would give it again.
    remembered: Mutex<VecDeque<Decapsulated>>,
}

/// A ciphertext and the shared secret inside it.
struct Decapsulated {
    ciphertext: Vec<u8>,
    shared: Zeroizing<[u8; SHARED_BYTES]>,
}

impl KemSecret {
    /// A fresh key.
    ///
    /// # Errors
    /// [`KemError::Library`].
    pub fn generate() -> Result<Self, KemError> {
        let mlkem = DecapsulationKey::generate(&ML_KEM_1024).map_err(|_| KemError::Library)?;
        let expanded = mlkem.key_bytes().map_err(|_| KemError::Library)?;
        let scalar = PrivateKey::generate(&ECDH_P384).map_err(|_| KemError::Library)?;
        let bytes: EcPrivateKeyBin = scalar.as_be_bytes().map_err(|_| KemError::Library)?;
        let mut stored = Zeroizing::new(Vec::with_capacity(SECRET_BYTES));
        stored.extend_from_slice(expanded.as_ref());
        stored.extend_from_slice(bytes.as_ref());
        Self::from_secret_bytes(&stored)
    }

    /// The key stored as [`KemSecret::to_secret_bytes`] gave it. The hash check of FIPS 203 §7.3 is made.
    ///
    /// # Errors
    /// [`KemError::SecretKey`].
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KemError> {
        if bytes.len() != SECRET_BYTES {
            return Err(KemError::SecretKey);
        }
        let (expanded, scalar_bytes) = bytes.split_at(MLKEM_SECRET_BYTES);
        let (mlkem_public, tail) = expanded.split_at(MLKEM_PUBLIC_AT).1.split_at(MLKEM_PUBLIC_BYTES);
        if !tail.starts_with(digest(&SHA3_256, mlkem_public).as_ref()) {
            return Err(KemError::SecretKey);
        }
        let mlkem = DecapsulationKey::new(&ML_KEM_1024, expanded).map_err(|_| KemError::SecretKey)?;
        let scalar =
            PrivateKey::from_private_key(&ECDH_P384, scalar_bytes).map_err(|_| KemError::SecretKey)?;
        let point = scalar.compute_public_key().map_err(|_| KemError::SecretKey)?;
        let public =
            KemPublic::from_raw(&[mlkem_public, point.as_ref()].concat()).map_err(|_| KemError::SecretKey)?;
        let (stored, remembered) = (Zeroizing::new(bytes.to_vec()), Mutex::default());
        Ok(Self { mlkem, scalar, public, stored, remembered })
    }

    /// The key to be sealed away by the caller: expanded ML-KEM key ‖ P-384 scalar, [`SECRET_BYTES`].
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.stored.clone()
    }

    /// The public half.
    pub fn public(&self) -> &KemPublic {
        &self.public
    }

    /// The shared secret inside a ciphertext. A forged ML-KEM half gives another secret and no error (implicit
    /// rejection, FIPS 203 §6.3); what it opens must be authenticated.
    ///
    /// # Errors
    /// [`KemError::Ciphertext`].
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<[u8; SHARED_BYTES]>, KemError> {
        if ciphertext.len() != CIPHERTEXT_BYTES {
            return Err(KemError::Ciphertext);
        }
        if let Some(shared) = self.recall(ciphertext) {
            return Ok(shared);
        }
        let shared = self.open(ciphertext)?;
        let mut remembered = self.remembered();
        remembered.truncate(MAX_REMEMBERED - 1);
        remembered.push_front(Decapsulated { ciphertext: ciphertext.to_vec(), shared: shared.clone() });
        Ok(shared)
    }

    /// The shared secret of a ciphertext that came of late, which becomes the latest.
    fn recall(&self, ciphertext: &[u8]) -> Option<Zeroizing<[u8; SHARED_BYTES]>> {
        let mut remembered = self.remembered();
        let place = remembered.iter().position(|known| known.ciphertext == ciphertext)?;
        let known = remembered.remove(place)?;
        let shared = known.shared.clone();
        remembered.push_front(known);
        Some(shared)
    }

    fn remembered(&self) -> MutexGuard<'_, VecDeque<Decapsulated>> {
        // Every entry is whole before it is put in.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, ciphertext: &[u8]) -> Result<Zeroizing<[u8; SHARED_BYTES]>, KemError> {
        let (mlkem_ct, point) = ciphertext.split_at(MLKEM_CIPHERTEXT_BYTES);
        if point.first() != Some(&4) {
            return Err(KemError::Ciphertext);
        }
        let mlkem_ss = self.mlkem.decapsulate(mlkem_ct.into()).map_err(|_| KemError::Ciphertext)?;
        let peer = UnparsedPublicKey::new(&ECDH_P384, point);
        agreement::agree(&self.scalar, peer, KemError::Ciphertext, |trad_ss| {
            Ok(combine(mlkem_ss.as_ref(), trad_ss, point, self.public.point()))
        })
    }
}

impl fmt::Debug for KemSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KemSecret({})", self.public.key_id())
    }
}

/// The modulus check of FIPS 203 §7.2: every 12-bit coefficient is below q = 3329. The library makes it only when it
/// encapsulates; we want it when a card is read. The last 32 bytes are a seed and have no coefficients.
fn is_reduced(mlkem_public: &[u8]) -> bool {
    mlkem_public.split_at(MLKEM_PUBLIC_BYTES - 32).0.chunks_exact(3).all(|bytes| {
        let &[a, b, c] = bytes else { return false };
        let low = u16::from(a) | u16::from(b & 0x0f) << 8;
        let high = u16::from(b >> 4) | u16::from(c) << 4;
        low < 3329 && high < 3329
    })
}

/// The combiner of draft-14, section 3.4: SHA3-256(mlkemSS ‖ tradSS ‖ tradCT ‖ tradPK ‖ label).
fn combine(mlkem_ss: &[u8], trad_ss: &[u8], trad_ct: &[u8], trad_pk: &[u8]) -> Zeroizing<[u8; SHARED_BYTES]> {
    let mut context = Context::new(&SHA3_256);
    [mlkem_ss, trad_ss, trad_ct, trad_pk, LABEL].iter().for_each(|part| context.update(part));
    let mut shared = Zeroizing::new([0; SHARED_BYTES]);
    shared.copy_from_slice(context.finish().as_ref());
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_ciphertext_among_many_gives_its_own_secret_whether_remembered_or_not() {
        let secret = KemSecret::generate().unwrap();
        let made: Vec<_> = (0..MAX_REMEMBERED + 3).map(|_| secret.public().encapsulate().unwrap()).collect();
        for _ in 0..2 {
            for (shared, ciphertext) in &made {
                assert_eq!(secret.decapsulate(ciphertext).unwrap(), *shared);
                assert_eq!(secret.decapsulate(ciphertext).unwrap(), *shared);
            }
        }
        assert_eq!(secret.remembered().len(), MAX_REMEMBERED);
        let mut altered = made.last().unwrap().1;
        altered[7] ^= 1;
        assert_ne!(secret.decapsulate(&altered).unwrap(), made.last().unwrap().0);
    }

    /// The working group's combiner vector (lamps-wg/draft-composite-kem, kemCombiner_MLKEM1024_ECDH_P384_SHA3_256).
    #[test]
    fn the_combiner_gives_the_working_groups_answer() {
        let shared = combine(
            &hex("c0f87f0c53fa8e2ba192a494694d37d1e3cf99c65e0dc5f69b2cc044b3fb205d"),
            &hex(concat!(
                "4d52b7ef430382f479603207c0b8f7aa5bc35d8758835007e39a2642ad65e635",
                "d674db7a5513889657fb24e4e228a098"
            )),
            &hex(concat!(
                "0401a5b81dcb51290a0eb142b9032d5a37503164b7a20ac0e3b52dc54f9b0b7c9f",
                "dd2699a59563a0b9ad0e54478846faeab72b92275e1fbb8b963bcc6e80e30c089",
                "fbe4ed8d47ec76951db94aede46e679d5692eeb1d1b150d5b2e6660dc67c469"
            )),
            &hex(concat!(
                "0468cc4acc5dd85edbcbf25bae7ee7dcacec2968ea7ee57fc91311cb9c47d4a24c",
                "3854e5ce3e5d0b309fda493224520f2870496eb16571108b3deafd72c1df17edc",
                "302fbb8b60bae44d93177e6df5278e4667a090a2d59a2076f41d693975e8d19"
            )),
        );
        let expected = hex("eb60f6c80a309ad4158d7b02f2cf8c947faead96ebbd85c3f62a94868ffddca4");
        assert_eq!(shared.as_slice(), expected);
    }
}

#[cfg(test)]
mod wycheproof;
