//! Signed notes: a text and the signatures below it (C2SP signed-note v1.0.0). The text is not to be believed before
//! [`SignedNote::verify`] has named a key that is trusted for it.
//!
//! *Absent:* what the text says.

use crate::key::{VerifierKey, check_name};
use crate::line;
use data_encoding::BASE64;
use std::fmt;
use thiserror::Error;

/// The longest note.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;
/// The most signatures on a note; the specification asks that at least 16 be accepted.
pub const MAX_SIGNATURES: usize = 32;

/// Em dash and space begin a signature line.
const LINE_START: &str = "\u{2014} ";
const KEY_ID_BYTES: usize = 4;

/// One signature line, whoever's it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: u32,
    blob: Vec<u8>,
}

impl NoteSignature {
    /// A line from a raw signature over [`VerifierKey::message`] made elsewhere. It is checked with the note, not here.
    ///
    /// # Errors
    /// The signature is empty.
    pub fn from_raw(key: &VerifierKey, time: u64, raw_signature: &[u8]) -> Result<Self, NoteError> {
        if raw_signature.is_empty() {
            return Err(NoteError::Signing);
        }
        Ok(Self { name: key.name().to_owned(), key_id: key.key_id(), blob: key.blob(time, raw_signature) })
    }

    /// A line as notes and witnesses' answers carry it, without its newline.
    ///
    /// # Errors
    /// It is not an em dash, a key name and the base64 of a key id and a signature.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let (name, blob) = line
            .strip_prefix(LINE_START)
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteError::SignatureLine)?;
        check_name(name).map_err(|_| NoteError::SignatureLine)?;
        let bytes = line::base64(blob).ok_or(NoteError::SignatureLine)?;
        match bytes.split_first_chunk::<KEY_ID_BYTES>() {
            Some((key_id, blob)) if !blob.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: u32::from_be_bytes(*key_id), blob: blob.to_vec() })
            }
            _ => Err(NoteError::SignatureLine),
        }
    }

    /// The name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that is said to have signed.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The time that a cosignature carries, in seconds since 1970. It says something for kinds that carry one, once it is verified.
    pub fn time(&self) -> Option<u64> {
        self.blob.first_chunk().map(|time| u64::from_be_bytes(*time))
    }

    /// Whether it names this key as its signer.
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.key_id == key.key_id()
    }
}

impl fmt::Display for NoteSignature {
    /// The line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.blob);
        writeln!(f, "{LINE_START}{} {}", self.name, BASE64.encode(&bytes))
    }
}

/// A signature that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key that signed.
    pub key: &'k VerifierKey,
    /// When it says it signed, in seconds since 1970, for kinds that carry a time. Where one key signed more than
    /// once, its latest time.
    pub time: Option<u64>,
}

/// A text and its signatures; the text ends in a newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// A note from its parts.
    ///
    /// # Errors
    /// The parts would not read back: no final newline, control characters, no signatures or too many, too long.
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        let note = Self { text, signatures };
        if Self::parse(&note.to_string())? == note { Ok(note) } else { Err(NoteError::Form) }
    }

    /// Reads a note. Every line below the last empty line must be a signature.
    ///
    /// # Errors
    /// The note is too long, has control characters or too many signatures, or is not of the form of a note.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::ControlCharacter);
        }
        let (text, signature_lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let lines = signature_lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The note with further signatures below.
    ///
    /// # Errors
    /// There are too many.
    pub fn with(mut self, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        self.signatures.extend(signatures);
        Self::new(self.text, self.signatures)
    }

    /// The note with one line of each of these keys at most, and no line of others.
    pub fn only_by(&self, keys: &[VerifierKey]) -> Self {
        let line_of = |key| self.signatures.iter().find(|line| NoteSignature::is_by(line, key)).cloned();
        Self { text: self.text.clone(), signatures: keys.iter().filter_map(line_of).collect() }
    }

    /// The text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, known and unknown.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature below the others, as a log does with a witness's answer. One that is there already is not
    /// added again.
    ///
    /// # Errors
    /// The note would have too many signatures or be too long.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        let mut signatures = self.signatures.clone();
        signatures.push(signature);
        *self = Self::new(self.text.clone(), signatures)?;
        Ok(())
    }

    /// Which of these keys signed, in their order on the note. Signatures by other keys are passed over, but a false
    /// signature by one of these fails the whole note. No key at all may have signed: use [`SignedNote::verify`]
    /// where one must.
    ///
    /// # Errors
    /// A signature by one of these keys is false.
    pub fn verified<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut all: Vec<Verified<'k>> = Vec::new();
        for signature in &self.signatures {
            for key in keys.iter().filter(|key| signature.is_by(key)) {
                let time = key.check(&self.text, &signature.blob).ok_or_else(|| {
                    NoteError::FalseSignature { name: key.name().to_owned(), key_id: key.key_id() }
                })?;
                match all.iter_mut().find(|verified| verified.key == key) {
                    Some(earlier) => earlier.time = earlier.time.max(time),
                    None => all.push(Verified { key, time }),
                }
            }
        }
        Ok(all)
    }

    /// As [`SignedNote::verified`], and at least one of these keys must have signed.
    ///
    /// # Errors
    /// A signature by one of these keys is false, or none of them signed.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let verified = self.verified(keys)?;
        if verified.is_empty() { Err(NoteError::NoKnownSignature) } else { Ok(verified) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

/// Why a text is no note, or a note is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE_BYTES`].
    #[error("the note is too long")]
    TooLong,
    /// Newline is the only control character of a note.
    #[error("the note has a control character other than newline")]
    ControlCharacter,
    /// A note is a text ending in a newline, an empty line, and signature lines.
    #[error("the note is not a text, an empty line and signature lines")]
    Form,
    /// More than [`MAX_SIGNATURES`].
    #[error("the note has too many signatures")]
    TooManySignatures,
    /// A signature line is an em dash, a key name and base64 of at least five bytes.
    #[error("a signature line is malformed")]
    SignatureLine,
    /// A known key's signature does not verify.
    #[error("the signature by {name}+{key_id:08x} is false")]
    FalseSignature {
        /// The key's name.
        name: String,
        /// The key's id.
        key_id: u32,
    },
    /// None of the keys that were asked about has signed.
    #[error("no known key has signed the note")]
    NoKnownSignature,
    /// Cosignatures are over checkpoints and nothing else.
    #[error("the note text is not a checkpoint")]
    NotACheckpoint,
    /// The time of a cosignature is over 2^63 − 1, or zero where a time must be stated.
    #[error("the time of the cosignature is out of range")]
    Time,
    /// The cryptographic library failed to sign.
    #[error("the signature could not be made")]
    Signing,
}
