//! Keys that sign notes. The private key stays inside the cryptographic library; only its public half and signatures
//! come out.
//!
//! *Absent:* where the key is kept, and the decision to sign.

use crate::key::{KeyError, KeyKind, VerifierKey};
use crate::note::{NoteError, NoteSignature};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, PqdsaKeyPair};
use std::fmt;

/// A named private key in software.
pub struct NoteSigner {
    verifier: VerifierKey,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    MlDsa44(PqdsaKeyPair),
}

impl NoteSigner {
    /// A signer from a seed of 32 bytes: the Ed25519 private key of RFC 8032, or ξ of FIPS 204.
    ///
    /// # Errors
    /// The name is not a key name, or the library does not accept the key.
    pub fn from_seed(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = match kind {
            KeyKind::Ed25519 | KeyKind::Ed25519Cosigner => {
                Ed25519KeyPair::from_seed_unchecked(seed).map(Pair::Ed25519).ok()
            }
            KeyKind::MlDsa44 => PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed).map(Pair::MlDsa44).ok(),
        };
        Self::named(name, kind, pair.ok_or(KeyError::PrivateKey)?)
    }

    /// A signer from a private key in PKCS#8 (DER).
    ///
    /// # Errors
    /// The name is not a key name, or the key is not of this kind.
    pub fn from_pkcs8(name: &str, kind: KeyKind, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = match kind {
            KeyKind::Ed25519 | KeyKind::Ed25519Cosigner => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map(Pair::Ed25519).ok()
            }
            KeyKind::MlDsa44 => PqdsaKeyPair::from_pkcs8(&ML_DSA_44_SIGNING, pkcs8).map(Pair::MlDsa44).ok(),
        };
        Self::named(name, kind, pair.ok_or(KeyError::PrivateKey)?)
    }

    fn named(name: &str, kind: KeyKind, pair: Pair) -> Result<Self, KeyError> {
        let verifier = match &pair {
            Pair::Ed25519(pair) => VerifierKey::new(name, kind, pair.public_key().as_ref()),
            Pair::MlDsa44(pair) => VerifierKey::new(name, kind, pair.public_key().as_ref()),
        }?;
        Ok(Self { verifier, pair })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a note text. `time` is in seconds since 1970; kinds that carry no time do not look at it.
    ///
    /// # Errors
    /// As [`VerifierKey::message`]; or the library failed.
    pub fn sign(&self, text: &str, time: u64) -> Result<NoteSignature, NoteError> {
        let message = self.verifier.message(text, time)?;
        let raw = match &self.pair {
            Pair::Ed25519(pair) => pair.try_sign(&message).map_err(|_| NoteError::Signing)?.as_ref().to_vec(),
            Pair::MlDsa44(pair) => {
                let mut raw = vec![0; ML_DSA_44_SIGNING.signature_len()];
                let length = pair.sign(&message, &mut raw).map_err(|_| NoteError::Signing)?;
                raw.truncate(length);
                raw
            }
        };
        NoteSignature::from_raw(&self.verifier, time, &raw)
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({:?})", self.verifier)
    }
}
