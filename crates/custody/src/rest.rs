//! What rests in the journal and beside it: rows, salts and papers, each sealed with AES-256-GCM under a key
//! derived for its purpose, bound to what it is; and blind names for the columns that must be searched.
//!
//! *Absent:* the journal itself.

use attache_seal::digest::hkdf;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use std::fmt;
use std::ops::Range;
use zeroize::Zeroizing;

/// Bytes of a blind name, before they are written in hexadecimal.
const BLIND_BYTES: usize = 16;

/// What a sealed value is. Each purpose has its own key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The event bytes of a row.
    Event,
    /// The salt of a leaf.
    Salt,
    /// A statement, label, title or manifest.
    Paper,
    /// A part of a snapshot of the folds.
    Folds,
    /// A share of a content key that an originator lent.
    Share,
}

/// Sealing failed, or what was sealed is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// The bytes were altered, moved, or sealed under another key.
    #[error("a sealed value does not open: altered, moved or under another storage key")]
    Altered,
    /// The library failed.
    #[error("cryptography failed: {0}")]
    Library(&'static str),
}

/// The keys that seal what rests, derived from the storage key.
pub struct RestKey {
    event: LessSafeKey,
    salt: LessSafeKey,
    paper: LessSafeKey,
    folds: LessSafeKey,
    share: LessSafeKey,
    blind: hmac::Key,
}

impl fmt::Debug for RestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RestKey(..)")
    }
}

impl RestKey {
    /// Derives the keys from a storage key.
    ///
    /// # Errors
    /// When the library fails.
    pub fn new(storage_key: &[u8; 32]) -> Result<Self, RestError> {
        let blind = derive(storage_key, "blind")?;
        Ok(Self {
            event: aead(storage_key, "event")?,
            salt: aead(storage_key, "salt")?,
            paper: aead(storage_key, "paper")?,
            folds: aead(storage_key, "folds")?,
            share: aead(storage_key, "share")?,
            blind: hmac::Key::new(hmac::HMAC_SHA256, blind.as_slice()),
        })
    }

    /// Seals `plain`, bound to `about`, which must be given again to open it: nonce, ciphertext, tag.
    ///
    /// # Errors
    /// When the library fails.
    pub fn seal(&self, purpose: Purpose, about: &[u8], plain: &[u8]) -> Result<Vec<u8>, RestError> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| RestError::Library("randomness"))?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let body = sealed.get_mut(NONCE_LEN..).unwrap_or_default();
        let tag = self
            .key(purpose)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), body)
            .map_err(|_| RestError::Library("sealing"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    /// [`RestError::Altered`] where anything differs.
    pub fn open(
        &self,
        purpose: Purpose,
        about: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, RestError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(RestError::Altered)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self
            .key(purpose)
            .open_in_place(nonce, Aad::from(about), &mut plain)
            .map_err(|_| RestError::Altered)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Opens what [`Self::seal`] made where it stands, and says where in `sealed` the plain bytes are then: for large parts of what is
    /// in memory anyway, and is not wiped.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_in_place(
        &self,
        purpose: Purpose,
        about: &[u8],
        sealed: &mut [u8],
    ) -> Result<Range<usize>, RestError> {
        let (nonce, body) = sealed.split_first_chunk_mut::<NONCE_LEN>().ok_or(RestError::Altered)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.key(purpose).open_in_place(nonce, Aad::from(about), body);
        let length = opened.map_err(|_| RestError::Altered)?.len();
        Ok(NONCE_LEN..NONCE_LEN + length)
    }

    /// A blind name: the same for equal names, and telling nothing without the key. 32 hexadecimal digits.
    pub fn blind(&self, name: &str) -> String {
        let tag = hmac::sign(&self.blind, name.as_bytes());
        HEXLOWER.encode(tag.as_ref().get(..BLIND_BYTES).unwrap_or_default())
    }

    fn key(&self, purpose: Purpose) -> &LessSafeKey {
        match purpose {
            Purpose::Event => &self.event,
            Purpose::Salt => &self.salt,
            Purpose::Paper => &self.paper,
            Purpose::Folds => &self.folds,
            Purpose::Share => &self.share,
        }
    }
}

fn aead(storage_key: &[u8; 32], purpose: &str) -> Result<LessSafeKey, RestError> {
    let key = derive(storage_key, purpose)?;
    UnboundKey::new(&AES_256_GCM, key.as_slice()).map(LessSafeKey::new).map_err(|_| RestError::Library("AES"))
}

fn derive(storage_key: &[u8; 32], purpose: &str) -> Result<Zeroizing<[u8; 32]>, RestError> {
    hkdf(b"attache/rest/v1\n", storage_key, purpose.as_bytes()).ok_or(RestError::Library("HKDF"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_for_its_purpose_place_and_key() {
        let key = RestKey::new(&[1; 32]).unwrap();
        let sealed = key.seal(Purpose::Event, b"7", b"plain").unwrap();
        assert_eq!(key.open(Purpose::Event, b"7", &sealed).unwrap().as_slice(), b"plain");
        assert_eq!(key.open(Purpose::Paper, b"7", &sealed).unwrap_err(), RestError::Altered);
        assert_eq!(key.open(Purpose::Event, b"8", &sealed).unwrap_err(), RestError::Altered);
        let other = RestKey::new(&[2; 32]).unwrap();
        assert_eq!(other.open(Purpose::Event, b"7", &sealed).unwrap_err(), RestError::Altered);
        assert_eq!(key.open(Purpose::Event, b"7", &sealed[..11]).unwrap_err(), RestError::Altered);
    }

    #[test]
    fn a_value_opens_with_what_it_is_about_as_wycheproof_says() {
        crate::wycheproof::each_vector_opens_or_not_as_it_says(|key, nonce, about, ciphertext| {
            let paper = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
            let key = RestKey { paper, ..RestKey::new(&[1; 32]).unwrap() };
            key.open(Purpose::Paper, about, &[nonce.as_slice(), &ciphertext].concat()).ok()
        });
    }

    #[test]
    fn a_blind_name_is_stable_and_keyed() {
        let key = RestKey::new(&[1; 32]).unwrap();
        assert_eq!(key.blind("tokyo.jpn"), key.blind("tokyo.jpn"));
        assert_ne!(key.blind("tokyo.jpn"), key.blind("seoul.kor"));
        assert_ne!(key.blind("tokyo.jpn"), RestKey::new(&[2; 32]).unwrap().blind("tokyo.jpn"));
    }
}
