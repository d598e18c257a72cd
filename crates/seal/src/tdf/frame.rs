//! What stands around the sealed segments of a container: the bytes before them and the bytes after them. With the
//! length of the segments and their CRC-32 known, the whole length is known before a byte is sent, and any part can
//! be sent again.
//!
//! *Absent:* the segments.

use super::zip::{
    Entry, FLAG_DESCRIPTOR, MANIFEST_NAME, PAYLOAD_NAME, descriptor, directory, is_wide, local_of_known,
    local_with_descriptor,
};
use super::{MAX_MANIFEST_BYTES, TdfError};

/// The bytes before and after the sealed segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Before the segments.
    pub head: Vec<u8>,
    /// After them: descriptor, manifest, directory.
    pub tail: Vec<u8>,
}

impl Frame {
    /// The frame of a container whose segments have `payload_bytes` together and this CRC-32 (as an older container
    /// of the same segments has it: [`super::Container::payload_crc32`]).
    ///
    /// # Errors
    /// [`TdfError::TooLarge`] for the manifest.
    pub fn new(payload_bytes: u64, payload_crc32: u32, manifest_json: &[u8]) -> Result<Self, TdfError> {
        let is_zip64 = is_wide(payload_bytes);
        let tail = tail(payload_bytes, payload_crc32, is_zip64, manifest_json)?;
        Ok(Self { head: head(is_zip64), tail })
    }

    /// Length of the container, in bytes.
    pub fn container_bytes(&self, payload_bytes: u64) -> u64 {
        self.head.len() as u64 + payload_bytes + self.tail.len() as u64
    }
}

/// Length of a container whose payload length is known before it is written, in bytes.
///
/// # Errors
/// [`TdfError::TooLarge`] for the manifest.
pub fn container_bytes(payload_bytes: u64, manifest_json: &[u8]) -> Result<u64, TdfError> {
    // No length depends on the value of a CRC.
    Ok(Frame::new(payload_bytes, 0, manifest_json)?.container_bytes(payload_bytes))
}

pub(super) fn head(is_zip64: bool) -> Vec<u8> {
    local_with_descriptor(PAYLOAD_NAME, is_zip64)
}

pub(super) fn tail(
    payload_bytes: u64,
    payload_crc32: u32,
    is_zip64: bool,
    manifest_json: &[u8],
) -> Result<Vec<u8>, TdfError> {
    let too_large = TdfError::TooLarge { what: "manifest", limit: MAX_MANIFEST_BYTES as u64 };
    let Ok(manifest_bytes) = u32::try_from(manifest_json.len()) else { return Err(too_large) };
    if manifest_json.len() > MAX_MANIFEST_BYTES {
        return Err(too_large);
    }
    let manifest_crc32 = crc32fast::hash(manifest_json);
    let mut out = descriptor(payload_crc32, payload_bytes, is_zip64);
    let manifest_at = head(is_zip64).len() as u64 + payload_bytes + out.len() as u64;
    out.extend(local_of_known(MANIFEST_NAME, manifest_crc32, manifest_bytes));
    out.extend_from_slice(manifest_json);
    let entries = [
        Entry {
            name: PAYLOAD_NAME.to_owned(),
            flags: FLAG_DESCRIPTOR,
            crc32: payload_crc32,
            bytes: payload_bytes,
            at: 0,
        },
        Entry {
            name: MANIFEST_NAME.to_owned(),
            flags: 0,
            crc32: manifest_crc32,
            bytes: manifest_bytes.into(),
            at: manifest_at,
        },
    ];
    let directory_at = head(is_zip64).len() as u64 + payload_bytes + out.len() as u64;
    out.extend(directory(&entries, directory_at));
    Ok(out)
}
