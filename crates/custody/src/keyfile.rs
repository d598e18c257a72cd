//! Key files: secrets at rest under a passphrase (Argon2id, RFC 9106) or a key file (HKDF-SHA-256, RFC 5869),
//! sealed with AES-256-GCM whose associated data is the file's own header.
//!
//! *Absent:* reading from disk, prompting, and any default passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use attache_seal::digest::hkdf;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use minicbor::{Decode, Encode};
use std::fmt;
use zeroize::Zeroizing;

/// Shortest passphrase, in characters.
pub const MIN_PASSPHRASE_CHARS: usize = 12;
/// Shortest and longest content of a key file, in bytes.
pub const KEY_FILE_BYTES: std::ops::RangeInclusive<usize> = 32..=4096;
/// Longest sealed key file that is read, in bytes: a keyring with as many retired keys as it may hold.
pub const MAX_SEALED_BYTES: usize = 512 * 1024;
/// Argon2id memory in KiB, passes and lanes: the second recommended option of RFC 9106 section 4.
const ARGON_MEMORY_KIB: u32 = 65_536;
const ARGON_PASSES: u32 = 3;
const ARGON_LANES: u32 = 4;
const SALT_BYTES: usize = 16;
const FORM: &str = "attache/keyfile/v1";

/// What opens a key file.
pub enum Lock {
    /// A passphrase that a person knows.
    Passphrase(Zeroizing<String>),
    /// The content of a key file, such as one on a removable medium.
    KeyFile(Zeroizing<Vec<u8>>),
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase(_) => "Lock::Passphrase(..)",
            Self::KeyFile(_) => "Lock::KeyFile(..)",
        })
    }
}

/// Why a key file cannot be made or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// The passphrase is too short to protect anything.
    #[error("passphrase: at least {MIN_PASSPHRASE_CHARS} characters are needed")]
    ShortPassphrase,
    /// The key file is too short, or not a key file.
    #[error("key file: 32 to 4096 bytes are needed, not {0}")]
    KeyFileSize(usize),
    /// The passphrase or key file is wrong, or the sealed file was altered. Which of them cannot be told.
    #[error("the passphrase or key file does not open this, or the file was altered")]
    Wrong,
    /// The file is locked by the other kind of lock.
    #[error("this is locked with a {0}; give that instead")]
    OtherLock(&'static str),
    /// The bytes are not a sealed key file.
    #[error("not a sealed key file: {0}")]
    Form(&'static str),
    /// It holds another kind of secret.
    #[error("it holds {found:?}, not {wanted:?}")]
    Kind {
        /// What it holds.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// The library failed.
    #[error("cryptography failed: {0}")]
    Library(&'static str),
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Header {
    #[n(0)]
    form: String,
    /// What is inside, so that a person's key is never taken for a node's.
    #[n(1)]
    kind: String,
    #[n(2)]
    passphrase: bool,
    #[cbor(n(3), with = "minicbor::bytes")]
    salt: [u8; SALT_BYTES],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Sealed {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    nonce: [u8; NONCE_LEN],
    #[cbor(n(2), with = "minicbor::bytes")]
    ciphertext: Vec<u8>,
}

/// Seals `secret` of the given kind.
///
/// # Errors
/// When the lock is too weak, or the library fails.
pub fn seal(lock: &Lock, kind: &str, secret: &[u8]) -> Result<Vec<u8>, KeyFileError> {
    let mut salt = [0; SALT_BYTES];
    let mut nonce = [0; NONCE_LEN];
    fill(&mut salt)?;
    fill(&mut nonce)?;
    let passphrase = matches!(lock, Lock::Passphrase(_));
    let header = Header { form: FORM.to_owned(), kind: kind.to_owned(), passphrase, salt };
    let header = minicbor::to_vec(&header).map_err(|_| KeyFileError::Form("header"))?;
    let key = derive(lock, &salt)?;
    let mut ciphertext = secret.to_vec();
    aead(&key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&header), &mut ciphertext)
        .map_err(|_| KeyFileError::Library("sealing"))?;
    minicbor::to_vec(Sealed { header, nonce, ciphertext }).map_err(|_| KeyFileError::Form("file"))
}

/// Opens what [`seal`] made for the same kind and lock.
///
/// # Errors
/// When the bytes are not such a file, the lock is another, or anything was altered.
pub fn open(lock: &Lock, kind: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    if sealed.len() > MAX_SEALED_BYTES {
        return Err(KeyFileError::Form("longer than 512 KiB"));
    }
    let Sealed { header: header_bytes, nonce, ciphertext } = decode(sealed, "file")?;
    let header: Header = decode(&header_bytes, "header")?;
    if header.form != FORM {
        return Err(KeyFileError::Form("another version"));
    }
    if header.kind != kind {
        return Err(KeyFileError::Kind {
            found: header.kind.chars().take(32).collect(),
            wanted: kind.to_owned(),
        });
    }
    match (lock, header.passphrase) {
        (Lock::KeyFile(_), true) => return Err(KeyFileError::OtherLock("passphrase")),
        (Lock::Passphrase(_), false) => return Err(KeyFileError::OtherLock("key file")),
        _ => {}
    }
    unseal(&*derive(lock, &header.salt)?, &header_bytes, nonce, ciphertext)
}

fn unseal(
    key: &[u8; 32],
    header: &[u8],
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let mut plain = Zeroizing::new(ciphertext);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = aead(key)?.open_in_place(nonce, Aad::from(header), &mut plain);
    let length = opened.map_err(|_| KeyFileError::Wrong)?.len();
    plain.truncate(length);
    Ok(plain)
}

/// Decodes, and refuses every form but the one that [`seal`] writes: bytes after the end would be under no tag.
fn decode<T: Encode<()> + for<'b> Decode<'b, ()>>(
    bytes: &[u8],
    part: &'static str,
) -> Result<T, KeyFileError> {
    let form = KeyFileError::Form(part);
    match minicbor::decode::<T>(bytes) {
        Ok(read) if minicbor::to_vec(&read).is_ok_and(|written| written == bytes) => Ok(read),
        _ => Err(form),
    }
}

fn derive(lock: &Lock, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut key = Zeroizing::new([0; 32]);
    match lock {
        Lock::Passphrase(words) => {
            if words.chars().count() < MIN_PASSPHRASE_CHARS {
                return Err(KeyFileError::ShortPassphrase);
            }
            let params = Params::new(ARGON_MEMORY_KIB, ARGON_PASSES, ARGON_LANES, Some(32))
                .map_err(|_| KeyFileError::Library("Argon2 parameters"))?;
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(words.as_bytes(), salt, key.as_mut_slice())
                .map_err(|_| KeyFileError::Library("Argon2"))?;
        }
        Lock::KeyFile(content) => {
            if !KEY_FILE_BYTES.contains(&content.len()) {
                return Err(KeyFileError::KeyFileSize(content.len()));
            }
            key = hkdf(salt, content, FORM.as_bytes()).ok_or(KeyFileError::Library("HKDF"))?;
        }
    }
    Ok(key)
}

fn aead(key: &[u8; 32]) -> Result<LessSafeKey, KeyFileError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| KeyFileError::Library("AES"))
}

fn fill(bytes: &mut [u8]) -> Result<(), KeyFileError> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| KeyFileError::Library("randomness"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_file(byte: u8) -> Lock {
        Lock::KeyFile(Zeroizing::new(vec![byte; 32]))
    }

    fn passphrase(words: &str) -> Lock {
        Lock::Passphrase(Zeroizing::new(words.to_owned()))
    }

    #[test]
    fn a_secret_comes_back_under_its_own_lock() {
        for lock in [key_file(7), passphrase("correct horse battery")] {
            let sealed = seal(&lock, "node", b"the secret").unwrap();
            assert_eq!(open(&lock, "node", &sealed).unwrap().as_slice(), b"the secret");
            assert!(!sealed.windows(10).any(|w| w == b"the secret"));
        }
    }

    #[test]
    fn another_lock_or_kind_opens_nothing() {
        let sealed = seal(&key_file(7), "node", b"secret").unwrap();
        assert_eq!(open(&key_file(8), "node", &sealed).unwrap_err(), KeyFileError::Wrong);
        let other_lock = open(&passphrase("correct horse battery"), "node", &sealed).unwrap_err();
        assert_eq!(other_lock, KeyFileError::OtherLock("key file"));
        assert!(matches!(open(&key_file(7), "person", &sealed), Err(KeyFileError::Kind { .. })));
    }

    #[test]
    fn no_altered_byte_is_accepted() {
        let sealed = seal(&key_file(7), "node", b"secret").unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(open(&key_file(7), "node", &altered).is_err(), "byte {at}");
        }
        for end in 0..sealed.len() {
            assert!(open(&key_file(7), "node", &sealed[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn what_is_sealed_opens_with_its_header_as_wycheproof_says() {
        crate::wycheproof::each_vector_opens_or_not_as_it_says(|key, nonce, header, ciphertext| {
            unseal(key, header, nonce, ciphertext).ok()
        });
    }

    #[test]
    fn the_same_file_in_another_form_is_refused() {
        let sealed = seal(&key_file(7), "node", b"secret").unwrap();
        let longer = [sealed.as_slice(), &[0xf6]].concat();
        assert_eq!(open(&key_file(7), "node", &longer).unwrap_err(), KeyFileError::Form("file"));
        // A further member of the map, and the map of no stated length.
        let further = [&[0xa4], &sealed[1..], &[0x03, 0xf6]].concat();
        assert_eq!(open(&key_file(7), "node", &further).unwrap_err(), KeyFileError::Form("file"));
        let unbounded = [&[0xbf], &sealed[1..], &[0xff]].concat();
        assert_eq!(open(&key_file(7), "node", &unbounded).unwrap_err(), KeyFileError::Form("file"));
    }

    #[test]
    fn a_weak_lock_is_refused() {
        assert_eq!(seal(&passphrase("short"), "node", b"s").unwrap_err(), KeyFileError::ShortPassphrase);
        let short = Lock::KeyFile(Zeroizing::new(vec![1; 31]));
        assert_eq!(seal(&short, "node", b"s").unwrap_err(), KeyFileError::KeyFileSize(31));
    }
}
