//! Opened fields of many leaves, in a compact form: for each leaf in order one byte, 1 or 0, and behind a 1 for each of the fields that
//! are opened of every leaf, ascending, its salt (32 bytes), the length of its value (two bytes, big-endian) and the value. A 0 is a leaf
//! that nobody can open any more, since its salt was destroyed.
//!
//! *Absent:* which fields those are and which leaf is the first; whoever hands it over says so beside it. And whether a leaf bears
//! them out: [`OpenedField::verify`] says that.

use crate::leaf::{FIELDS, OpenedField};
use crate::tile::TILE_WIDTH;
use thiserror::Error;

const SALT_BYTES: usize = 32;
const LENGTH_BYTES: usize = 2;

/// Adds the opened fields of one leaf to a bundle; `None` is one that nobody can open.
///
/// # Errors
/// [`OpenedError::ValueTooLong`].
pub fn encode_opened(opened: Option<&[OpenedField]>, out: &mut Vec<u8>) -> Result<(), OpenedError> {
    let Some(opened) = opened else {
        out.push(0);
        return Ok(());
    };
    out.push(1);
    for field in opened {
        let length = u16::try_from(field.value.len()).map_err(|_| OpenedError::ValueTooLong)?;
        out.extend_from_slice(&field.salt);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&field.value);
    }
    Ok(())
}

/// The opened fields of each leaf of a bundle, at most as many as a tile is wide.
///
/// # Errors
/// [`OpenedError`] names what is not of the form. What follows the last leaf is an error, never ignored.
pub fn parse_opened(bytes: &[u8], fields: &[u8]) -> Result<Vec<Option<Vec<OpenedField>>>, OpenedError> {
    if fields.len() > FIELDS {
        return Err(OpenedError::Fields);
    }
    let mut leaves = Vec::new();
    let mut rest = bytes;
    while let Some((mark, after)) = rest.split_first() {
        if leaves.len() == usize::from(TILE_WIDTH) {
            return Err(OpenedError::TooMany);
        }
        let place = leaves.len();
        rest = after;
        leaves.push(match mark {
            0 => None,
            1 => {
                let mut opened = Vec::with_capacity(fields.len());
                for field in fields {
                    let (one, after) = one(*field, rest).ok_or(OpenedError::CutShort { place })?;
                    opened.push(one);
                    rest = after;
                }
                Some(opened)
            }
            _ => return Err(OpenedError::Mark { place }),
        });
    }
    Ok(leaves)
}

fn one(field: u8, bytes: &[u8]) -> Option<(OpenedField, &[u8])> {
    let (salt, rest) = bytes.split_first_chunk::<SALT_BYTES>()?;
    let (length, rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
    let (value, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    Some((OpenedField { field, salt: *salt, value: value.to_vec() }, rest))
}

/// Why bytes are no opened fields, or fields cannot be written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenedError {
    /// A leaf has sixteen fields.
    #[error("more fields than a leaf has")]
    Fields,
    /// A bundle goes with one of leaves.
    #[error("the opened fields of more than 256 leaves")]
    TooMany,
    /// Neither opened nor unopened.
    #[error("leaf {place} of the bundle is marked neither 0 nor 1")]
    Mark {
        /// Which leaf, from 0.
        place: usize,
    },
    /// The bytes end within a field.
    #[error("leaf {place} of the bundle is cut short")]
    CutShort {
        /// Which leaf, from 0.
        place: usize,
    },
    /// A value has a length of two bytes.
    #[error("a value is longer than 65535 bytes")]
    ValueTooLong,
}
