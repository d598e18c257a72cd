//! The leaf: one fixed form of 528 bytes for every act, sixteen salted commitments that can be opened one at a time.
//! All leaves look alike, so the log shows that something was done and when, and nothing else until a field is opened.
//!
//! ```text
//! entry  = "attache/leaf/v1\n" ‖ C_0 … C_15
//! C_i    = SHA-256("attache/field/v1\n" ‖ origin_hash32 ‖ u64 index ‖ u8 i ‖ salt_i32 ‖ u32 len ‖ value)
//! salt_i = HMAC-SHA256(entry_salt, "attache/salt/v1\n" ‖ u8 i)
//! ```
//! Integers are big-endian; an absent field is an empty value. The origin and the index are inside every commitment:
//! a leaf cannot be copied to another log or another place and still be opened there.
//!
//! *Absent:* what the fields mean, where the entry salt is kept, and who may open which field.

use crate::checkpoint::Origin;
use crate::hash::{put, sha256};
use aws_lc_rs::hmac;
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Fields of a leaf.
pub const FIELDS: usize = 16;
/// Bytes of a leaf entry: the heading and sixteen commitments.
pub const LEAF_BYTES: usize = HEADING.len() + FIELDS * COMMITMENT_BYTES;

const HEADING: &[u8; 16] = b"attache/leaf/v1\n";
const FIELD_DOMAIN: &[u8] = b"attache/field/v1\n";
const SALT_DOMAIN: &[u8] = b"attache/salt/v1\n";
const COMMITMENT_BYTES: usize = 32;

/// What a leaf commits to, before it has a place in the log. Whoever has the salt can open every field, so it is kept
/// sealed; destroying it makes the leaf say nothing for ever.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct LeafDraft {
    /// 32 random bytes, fresh for each entry.
    pub salt: [u8; 32],
    /// The values by field number; an absent field is empty.
    pub fields: [Vec<u8>; FIELDS],
}

impl LeafDraft {
    /// The entry for the log `origin` at `index`.
    pub fn entry(&self, origin: &Origin, index: u64) -> [u8; LEAF_BYTES] {
        let (origin_hash, key) = (origin.hash(), hmac::Key::new(hmac::HMAC_SHA256, &self.salt));
        let mut entry = [0; LEAF_BYTES];
        let (heading, commitments) = entry.split_at_mut(HEADING.len());
        heading.copy_from_slice(HEADING);
        let slots = commitments.chunks_exact_mut(COMMITMENT_BYTES);
        for ((field, value), slot) in (0u8..).zip(&self.fields).zip(slots) {
            let salt = salt_under(&key, field);
            slot.copy_from_slice(&commitment(&origin_hash, index, field, &salt, value));
        }
        entry
    }

    /// What shows one field and only that one: its own salt and its value. A number that is not below [`FIELDS`]
    /// gives an opening that no leaf bears out.
    pub fn open(&self, field: u8) -> OpenedField {
        let value = self.fields.get(usize::from(field)).cloned().unwrap_or_default();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.salt);
        OpenedField { field, salt: salt_under(&key, field), value }
    }

    /// The same of several fields, in the order given.
    pub fn open_all(&self, fields: &[u8]) -> Vec<OpenedField> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.salt);
        let value = |field: u8| self.fields.get(usize::from(field)).cloned().unwrap_or_default();
        let open =
            |field: &u8| OpenedField { field: *field, salt: salt_under(&key, *field), value: value(*field) };
        fields.iter().map(open).collect()
    }
}

impl fmt::Debug for LeafDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeafDraft(sealed)")
    }
}

/// One field of a leaf, opened. It proves its value to whoever holds the entry, and says nothing of the other fields.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct OpenedField {
    /// The field's number, below [`FIELDS`].
    pub field: u8,
    /// The salt of this field alone.
    pub salt: [u8; 32],
    /// The value; empty says that the field is absent.
    pub value: Vec<u8>,
}

impl OpenedField {
    /// That the entry at `index` of the log `origin` commits to this very value. That the entry is in the log is for
    /// an inclusion proof to say.
    ///
    /// # Errors
    /// The entry is not a leaf of this form, there is no such field, or the commitment is to something else.
    pub fn verify(&self, origin: &Origin, index: u64, entry: &[u8]) -> Result<(), LeafError> {
        LeafOpening::new(origin, index, entry)?.verify(self.field, &self.salt, &self.value)
    }
}

impl fmt::Debug for OpenedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedField({}, sealed)", self.field)
    }
}

/// Bytes of a committed text before the value, and of those the ones that a leaf's fields have in common.
const BEFORE_VALUE: usize = IN_COMMON + 1 + 32 + 4;
const IN_COMMON: usize = FIELD_DOMAIN.len() + 32 + 8;
/// A committed text of so many bytes is put together in one place that all fields of a leaf use in turn.
const TOGETHER_BYTES: usize = 256;

/// A leaf against which the fields that are opened of it are held, one after the other. What their commitments have in common is written
/// once.
pub struct LeafOpening<'e> {
    commitments: &'e [[u8; COMMITMENT_BYTES]],
    text: [u8; TOGETHER_BYTES],
}

impl<'e> LeafOpening<'e> {
    /// The entry at `index` of the log `origin`.
    ///
    /// # Errors
    /// The entry is not a leaf of this form.
    pub fn new(origin: &Origin, index: u64, entry: &'e [u8]) -> Result<Self, LeafError> {
        let commitments = entry.strip_prefix(HEADING).ok_or(LeafError::Heading)?;
        if entry.len() != LEAF_BYTES {
            return Err(LeafError::Length { found: entry.len() });
        }
        let mut text = [0; TOGETHER_BYTES];
        put(&mut text, &[FIELD_DOMAIN, &origin.hash(), &index.to_be_bytes()]);
        Ok(Self { commitments: commitments.as_chunks().0, text })
    }

    /// As [`OpenedField::verify`].
    ///
    /// # Errors
    /// There is no such field, or the commitment is to something else.
    pub fn verify(&mut self, field: u8, salt: &[u8; 32], value: &[u8]) -> Result<(), LeafError> {
        let found = self.commitments.get(usize::from(field)).ok_or(LeafError::NoSuchField { field })?;
        let length = length(value);
        let parts: [&[u8]; 4] = [&[field], salt, &length, value];
        let (common, rest) = self.text.split_at_mut(IN_COMMON);
        let made = match value.len() <= TOGETHER_BYTES - BEFORE_VALUE {
            true => {
                put(rest, &parts);
                sha256(&[self.text.get(..BEFORE_VALUE + value.len()).unwrap_or_default()])
            }
            false => sha256(&[common, &[field], salt, &length, value]),
        };
        if *found == made { Ok(()) } else { Err(LeafError::Commitment { field }) }
    }
}

/// The salt of one field, under the key that the entry's salt is.
fn salt_under(key: &hmac::Key, field: u8) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    context.update(SALT_DOMAIN);
    context.update(&[field]);
    let mut salt = [0; 32];
    salt.copy_from_slice(context.sign().as_ref());
    salt
}

fn commitment(origin_hash: &[u8; 32], index: u64, field: u8, salt: &[u8; 32], value: &[u8]) -> [u8; 32] {
    sha256(&[FIELD_DOMAIN, origin_hash, &index.to_be_bytes(), &[field], salt, &length(value), value])
}

/// The length comes last but for the value, which runs to the end, so even one past u32 stays unambiguous.
fn length(value: &[u8]) -> [u8; 4] {
    u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// Why a field is not what an entry commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LeafError {
    /// The entry does not start with `attache/leaf/v1`.
    #[error("the entry is not a leaf of version 1")]
    Heading,
    /// A leaf is exactly [`LEAF_BYTES`] long.
    #[error("a leaf has 528 bytes, not {found}")]
    Length {
        /// The length that was found.
        found: usize,
    },
    /// Fields are numbered from 0 to 15.
    #[error("a leaf has no field {field}")]
    NoSuchField {
        /// The number that was given.
        field: u8,
    },
    /// The value, the salt, the log or the index is not the one committed to.
    #[error("field {field} does not open the leaf's commitment")]
    Commitment {
        /// The field that failed.
        field: u8,
    },
}
