//! Keys that verify notes: their names, ids and text form ("vkey"), and for each kind of signature the exact bytes that
//! are signed (C2SP signed-note v1.0.0, tlog-cosignature v1.0.1).
//!
//! *Absent:* private keys, and which keys are to be trusted.

use crate::checkpoint::Checkpoint;
use crate::hash::sha256;
use crate::line;
use crate::note::NoteError;
use aws_lc_rs::signature::{ED25519, ML_DSA_44, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The longest name of a key, and the longest origin: a name goes behind a one-byte length in what ML-DSA-44 signs.
pub const MAX_NAME_BYTES: usize = 255;

/// A time in a signature is at most 2^63 − 1 seconds (tlog-cosignature, "Format").
const MAX_TIME: u64 = i64::MAX as u64;
/// The longest vkey: the longest name and an ML-DSA-44 key in base64.
const MAX_VKEY_BYTES: usize = MAX_NAME_BYTES + 10 + 1752;
/// Begins every message that ML-DSA-44 signs; 12 bytes.
const SUBTREE_LABEL: &[u8] = b"subtree/v1\n\0";

/// A kind of signature on a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the note text itself, as logs sign.
    Ed25519,
    /// Type 0x04, cosignature/v1: Ed25519 over `cosignature/v1\ntime <seconds>\n` and the note text. The key's name is
    /// not in the message, so a public key must serve one cosigner only.
    Ed25519Cosigner,
    /// Type 0x06: ML-DSA-44 (FIPS 204, pure, empty context) over the `cosigned_message`
    /// `"subtree/v1\n\0" ‖ u8 len ‖ key name ‖ u64 time ‖ u8 len ‖ origin ‖ u64 0 ‖ u64 size ‖ root`, integers
    /// big-endian. Extension lines of a checkpoint are *not* covered. Time 0 says nothing about when, nor that the
    /// tree was the largest seen; logs sign their own checkpoints so.
    MlDsa44,
}

impl KeyKind {
    /// The signature type byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Ed25519Cosigner => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::Ed25519Cosigner, Self::MlDsa44].into_iter().find(|kind| kind.byte() == byte)
    }

    /// Whether signatures carry a time.
    pub fn is_timed(self) -> bool {
        self != Self::Ed25519
    }

    fn public_key_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::Ed25519Cosigner => 32,
            Self::MlDsa44 => 1312,
        }
    }

    fn signature_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::Ed25519Cosigner => 64,
            Self::MlDsa44 => 2420,
        }
    }
}

/// A public key with its name and kind. Its text form is `name+id+base64(type ‖ key)`, id in 8 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public_key: Vec<u8>,
    key_id: u32,
}

impl VerifierKey {
    /// A key from its raw public key: 32 bytes for Ed25519, 1312 for ML-DSA-44.
    ///
    /// # Errors
    /// The name is not a key name, or the key has a wrong length.
    pub fn new(name: &str, kind: KeyKind, public_key: &[u8]) -> Result<Self, KeyError> {
        check_name(name)?;
        if public_key.len() != kind.public_key_bytes() {
            return Err(KeyError::PublicKeyLength { found: public_key.len() });
        }
        let key_id = key_id(name, kind, public_key);
        Ok(Self { name: name.to_owned(), kind, public_key: public_key.to_vec(), key_id })
    }

    /// The same public key under another name: a log's, where the log goes on under another origin.
    ///
    /// # Errors
    /// The name is not a key name.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        Self::new(name, self.kind, &self.public_key)
    }

    /// The key's name; a log's own keys bear its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind of signature it verifies.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The first four bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ type ‖ public key). It finds a key, it does not
    /// authenticate one.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The raw public key.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The exact bytes that a key of this kind and name signs for a note text; for signers that hold the private key
    /// elsewhere. `time` is in seconds since 1970 and is not looked at where the kind carries no time.
    ///
    /// # Errors
    /// The kind signs checkpoints only and the text is none, or the time is over 2^63 − 1.
    pub fn message(&self, text: &str, time: u64) -> Result<Vec<u8>, NoteError> {
        if self.kind == KeyKind::Ed25519 {
            return Ok(text.as_bytes().to_vec());
        }
        if time > MAX_TIME {
            return Err(NoteError::Time);
        }
        let checkpoint = Checkpoint::parse(text).map_err(|_| NoteError::NotACheckpoint)?;
        if self.kind == KeyKind::Ed25519Cosigner {
            return Ok(format!("cosignature/v1\ntime {time}\n{text}").into_bytes());
        }
        let mut message = SUBTREE_LABEL.to_vec();
        push_short(&mut message, &self.name);
        message.extend_from_slice(&time.to_be_bytes());
        push_short(&mut message, checkpoint.origin.as_str());
        message.extend_from_slice(&0u64.to_be_bytes());
        message.extend_from_slice(&checkpoint.size.to_be_bytes());
        message.extend_from_slice(&checkpoint.root.0);
        Ok(message)
    }

    /// The signature blob of a line: the time, where the kind has one, and the raw signature.
    pub(crate) fn blob(&self, time: u64, raw_signature: &[u8]) -> Vec<u8> {
        let mut blob = Vec::new();
        if self.kind.is_timed() {
            blob.extend_from_slice(&time.to_be_bytes());
        }
        blob.extend_from_slice(raw_signature);
        blob
    }

    /// Checks a blob against a note text; the time it carries, where the kind has one. `None` for a false signature.
    pub(crate) fn check(&self, text: &str, blob: &[u8]) -> Option<Option<u64>> {
        let (time, raw) = match self.kind.is_timed() {
            false => (None, blob),
            true => blob.split_first_chunk().map(|(time, raw)| (Some(u64::from_be_bytes(*time)), raw))?,
        };
        if raw.len() != self.kind.signature_bytes() {
            return None;
        }
        let message = self.message(text, time.unwrap_or(0)).ok()?;
        let verified = match self.kind {
            KeyKind::Ed25519 | KeyKind::Ed25519Cosigner => {
                UnparsedPublicKey::new(&ED25519, &self.public_key).verify(&message, raw)
            }
            KeyKind::MlDsa44 => UnparsedPublicKey::new(&ML_DSA_44, &self.public_key).verify(&message, raw),
        };
        verified.ok().map(|()| time)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = vec![self.kind.byte()];
        typed.extend_from_slice(&self.public_key);
        write!(f, "{}+{:08x}+{}", self.name, self.key_id, BASE64.encode(&typed))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({}+{:08x})", self.name, self.key_id)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_VKEY_BYTES {
            return Err(KeyError::Form);
        }
        let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
        let id: [u8; 4] =
            HEXLOWER.decode(id.as_bytes()).ok().and_then(|id| id.try_into().ok()).ok_or(KeyError::Form)?;
        let typed = line::base64(key).ok_or(KeyError::Form)?;
        let (kind, public_key) = typed.split_first().ok_or(KeyError::Form)?;
        let kind = KeyKind::from_byte(*kind).ok_or(KeyError::Kind { found: *kind })?;
        let key = Self::new(name, kind, public_key)?;
        if key.key_id == u32::from_be_bytes(id) { Ok(key) } else { Err(KeyError::Id) }
    }
}

/// A key name is not empty and has neither spaces, plus signs nor control characters (signed-note, "Format").
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.contains(forbidden) {
        return Err(KeyError::Name);
    }
    Ok(())
}

fn key_id(name: &str, kind: KeyKind, public_key: &[u8]) -> u32 {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[kind.byte()], public_key]);
    u32::from_be_bytes([a, b, c, d])
}

/// A string behind its length in one byte. Names and origins are at most [`MAX_NAME_BYTES`] by construction.
fn push_short(message: &mut Vec<u8>, text: &str) {
    message.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    message.extend_from_slice(text.as_bytes());
}

/// Why something is not a note key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The text is not `name+id+base64`.
    #[error("the key is not of the form name+id+base64")]
    Form,
    /// The name is empty, longer than 255 bytes, or has a space, plus sign or control character.
    #[error("the key name is empty, too long, or has a space, plus sign or control character")]
    Name,
    /// The signature type is none of 0x01, 0x04, 0x06.
    #[error("signature type {found:#04x} is not supported")]
    Kind {
        /// The type byte.
        found: u8,
    },
    /// The public key has a wrong length for its kind.
    #[error("a public key of {found} bytes does not fit its signature type")]
    PublicKeyLength {
        /// Bytes found.
        found: usize,
    },
    /// The id is not the hash of name, type and key.
    #[error("the key id does not belong to the name and the key")]
    Id,
    /// The private key is not what its kind calls for.
    #[error("the private key was not accepted")]
    PrivateKey,
}
