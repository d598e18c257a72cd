//! Archives: a stream of any length, sealed so that it can be written and read with flat memory and no byte of it be altered, left
//! out, repeated, moved or cut off.
//!
//! ```text
//! "attache/archive/v1\n" ‖ len32 ‖ key file (kind "archive"), which holds 32 random bytes under the lock
//! segments of 256 KiB, the last one shorter or as long: AES-256-GCM, tag behind the ciphertext
//! ```
//! The segments' key is HKDF-SHA-256 of those bytes with the SHA-256 of everything before the segments as salt, so that the head
//! is bound; a segment's nonce is its number (11 bytes, big-endian) and 1 for the last or 0 (the STREAM construction, as age
//! has it). A key is used for one archive only, so that no nonce is used twice.
//!
//! *Absent:* what the stream says, files, and any other cipher.

use crate::keyfile::{self, KeyFileError, Lock};
use attache_seal::digest::{hkdf, sha256};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// What an archive begins with.
const FORM: &[u8] = b"attache/archive/v1\n";
/// What its key file holds.
const KIND: &str = "archive";
/// Longest key file at its head, in bytes.
const MAX_HEAD_BYTES: usize = 4096;
/// Plaintext in a segment, in bytes.
pub const SEGMENT_BYTES: usize = 256 * 1024;
/// Length of a tag, in bytes.
const TAG_BYTES: usize = 16;

/// Why an archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The lock does not open it, or is too weak to make one.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// It is no archive.
    #[error("not an archive: {0}")]
    Form(&'static str),
    /// A segment is not what was written.
    #[error("the archive is damaged in the 256 KiB from byte {at} on: altered, left out, moved or cut off")]
    Damaged {
        /// Where the segment begins in the file.
        at: u64,
    },
    /// The disk.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// The library failed.
    #[error("cryptography failed: {0}")]
    Library(&'static str),
}

/// The segments' key and number.
struct Segments {
    key: LessSafeKey,
    next: u64,
    /// Where the next segment begins in the file.
    at: u64,
}

impl Segments {
    fn of(secret: &[u8], head: &[u8]) -> Result<Self, ArchiveError> {
        let key = hkdf(sha256(&[head]).as_bytes(), secret, FORM).ok_or(ArchiveError::Library("HKDF"))?;
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| ArchiveError::Library("AES"))?;
        Ok(Self { key: LessSafeKey::new(key), next: 0, at: head.len() as u64 })
    }

    fn nonce(&self, is_last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        let number = self.next.to_be_bytes();
        if let Some(place) = nonce.get_mut(NONCE_LEN - 1 - number.len()..NONCE_LEN - 1) {
            place.copy_from_slice(&number);
        }
        nonce[NONCE_LEN - 1] = u8::from(is_last);
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&mut self, segment: &mut Vec<u8>, is_last: bool) -> Result<(), ArchiveError> {
        let sealed = self.key.seal_in_place_append_tag(self.nonce(is_last), Aad::empty(), segment);
        sealed.map_err(|_| ArchiveError::Library("sealing"))?;
        self.next += 1;
        Ok(())
    }

    fn open(&mut self, segment: &mut Vec<u8>, is_last: bool) -> Result<(), ArchiveError> {
        let opened = self.key.open_in_place(self.nonce(is_last), Aad::empty(), segment);
        let length = opened.map_err(|_| ArchiveError::Damaged { at: self.at })?.len();
        self.at += segment.len() as u64;
        self.next += 1;
        segment.truncate(length);
        Ok(())
    }
}

/// Writes an archive.
pub struct ArchiveWriter<W> {
    to: W,
    segments: Segments,
    /// What is not sealed yet: at most one segment.
    pending: Vec<u8>,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive under `lock`.
    ///
    /// # Errors
    /// [`ArchiveError::Key`] where the lock is too weak; [`ArchiveError::Disk`].
    pub fn begin(lock: &Lock, mut to: W) -> Result<Self, ArchiveError> {
        let mut secret = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(secret.as_mut_slice()).map_err(|_| ArchiveError::Library("randomness"))?;
        let key_file = keyfile::seal(lock, KIND, secret.as_slice())?;
        let length = u32::try_from(key_file.len()).map_err(|_| ArchiveError::Form("head"))?;
        let head = [FORM, &length.to_be_bytes(), &key_file].concat();
        to.write_all(&head)?;
        let segments = Segments::of(secret.as_slice(), &head)?;
        Ok(Self { to, segments, pending: Vec::with_capacity(SEGMENT_BYTES + TAG_BYTES) })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Disk`]; the archive is then lost.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), ArchiveError> {
        while !bytes.is_empty() {
            // A full segment waits until it is known not to be the last.
            if self.pending.len() == SEGMENT_BYTES {
                self.put(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(SEGMENT_BYTES - self.pending.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn put(&mut self, is_last: bool) -> Result<(), ArchiveError> {
        self.segments.seal(&mut self.pending, is_last)?;
        self.to.write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Ends the archive and gives back where it went.
    ///
    /// # Errors
    /// [`ArchiveError::Disk`].
    pub fn finish(mut self) -> Result<W, ArchiveError> {
        self.put(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

/// Reads an archive. Nothing is handed out before its segment was verified; that the end is the end is known with the last one.
pub struct ArchiveReader<R> {
    from: R,
    segments: Segments,
    /// Verified, and read up to `read`.
    open: Vec<u8>,
    read: usize,
    is_last: bool,
}

impl<R: Read> ArchiveReader<R> {
    /// Opens an archive under `lock`.
    ///
    /// # Errors
    /// [`ArchiveError`] says whether it is none, the lock is another, or it was altered.
    pub fn open(lock: &Lock, mut from: R) -> Result<Self, ArchiveError> {
        let mut head = vec![0; FORM.len() + 4];
        from.read_exact(&mut head).map_err(|error| short(error, "too short"))?;
        let (form, length) = head.split_at(FORM.len());
        if form != FORM {
            return Err(ArchiveError::Form("it begins otherwise"));
        }
        let length = length.try_into().map_or(0, |length| u32::from_be_bytes(length) as usize);
        if length > MAX_HEAD_BYTES {
            return Err(ArchiveError::Form("its head is too long"));
        }
        let mut key_file = vec![0; length];
        from.read_exact(&mut key_file).map_err(|error| short(error, "too short"))?;
        let secret = keyfile::open(lock, KIND, &key_file)?;
        let segments = Segments::of(&secret, &[head, key_file].concat())?;
        Ok(Self { from, segments, open: Vec::new(), read: 0, is_last: false })
    }

    /// Fills `buffer`, unless the archive ends before: then it says `false`, and `buffer` holds nothing.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`], also where the archive ends within `buffer`.
    pub fn read_exact(&mut self, buffer: &mut [u8]) -> Result<bool, ArchiveError> {
        let mut filled = 0;
        while filled < buffer.len() {
            let there = self.open.get(self.read..).unwrap_or_default();
            if there.is_empty() {
                if self.is_last {
                    let at = self.segments.at;
                    return if filled == 0 { Ok(false) } else { Err(ArchiveError::Damaged { at }) };
                }
                self.next_segment()?;
                continue;
            }
            let rest = buffer.get_mut(filled..).unwrap_or_default();
            let now = rest.len().min(there.len());
            rest.iter_mut().zip(there).for_each(|(to, byte)| *to = *byte);
            (filled, self.read) = (filled + now, self.read + now);
        }
        Ok(true)
    }

    fn next_segment(&mut self) -> Result<(), ArchiveError> {
        self.open.clear();
        self.read = 0;
        let most = (SEGMENT_BYTES + TAG_BYTES) as u64;
        (&mut self.from).take(most).read_to_end(&mut self.open)?;
        // Whether it is the last is not asked of the file: only the right answer opens it.
        let is_short = (self.open.len() as u64) < most;
        let mut tried = self.open.clone();
        match self.segments.open(&mut tried, is_short) {
            Ok(()) => self.is_last = is_short,
            Err(damaged) if is_short => return Err(damaged),
            Err(_) => {
                tried = self.open.clone();
                self.segments.open(&mut tried, true)?;
                self.is_last = true;
            }
        }
        self.open = tried;
        if self.is_last && self.from.read(&mut [0])? > 0 {
            return Err(ArchiveError::Damaged { at: self.segments.at });
        }
        Ok(())
    }
}

fn short(error: io::Error, what: &'static str) -> ArchiveError {
    match error.kind() {
        ErrorKind::UnexpectedEof => ArchiveError::Form(what),
        _ => ArchiveError::Disk(error),
    }
}

#[cfg(test)]
mod tests;
