//! Containers written to and read from a stream. Memory stays that of one segment and the manifest.
//!
//! *Absent:* keys. Whoever carries a container reads it no further than this.

use super::frame::{head, tail};
use super::stream::tally_segments;
use super::zip::{
    DESCRIPTOR_SIGNATURE, Entry, FLAG_DESCRIPTOR, Fields, IN_ZIP64, LOCAL_BYTES, LOCAL_SIGNATURE,
    MANIFEST_NAME, MANIFEST_NAME_IN_PROSE, MAX_CENTRAL_BYTES, PAYLOAD_NAME, TAIL_BYTES, find_directory,
    is_wide, read_directory,
};
use super::{MAX_MANIFEST_BYTES, Manifest, TdfError};
use attache_accord::Digest;
use std::io::{Read, Seek, SeekFrom, Write};

/// Longest extra field of a local header that is read, in bytes. ZIP64 and time stamps take 60.
const MAX_LOCAL_EXTRA_BYTES: u16 = 256;

/// Writes a container front to back, without seeking.
#[derive(Debug)]
pub struct ContainerWriter<W> {
    out: W,
    promised_bytes: Option<u64>,
    payload_bytes: u64,
    crc32: crc32fast::Hasher,
    is_zip64: bool,
}

impl<W: Write> ContainerWriter<W> {
    /// Begins a container. Where the length of all sealed segments is not known yet, ZIP64 is written to be safe.
    ///
    /// # Errors
    /// [`TdfError::Io`].
    pub fn begin(mut out: W, payload_bytes: Option<u64>) -> Result<Self, TdfError> {
        let is_zip64 = payload_bytes.is_none_or(is_wide);
        out.write_all(&head(is_zip64))?;
        let crc32 = crc32fast::Hasher::new();
        Ok(Self { out, promised_bytes: payload_bytes, payload_bytes: 0, crc32, is_zip64 })
    }

    /// Writes the next sealed segment, or any next part of them.
    ///
    /// # Errors
    /// [`TdfError::Io`].
    pub fn write_sealed(&mut self, bytes: &[u8]) -> Result<(), TdfError> {
        self.crc32.update(bytes);
        self.payload_bytes += bytes.len() as u64;
        Ok(self.out.write_all(bytes)?)
    }

    /// Writes manifest and directory, and gives the stream back.
    ///
    /// # Errors
    /// [`TdfError::Container`] where other than the promised bytes were written; [`TdfError::TooLarge`];
    /// [`TdfError::Io`].
    pub fn finish(mut self, manifest_json: &[u8]) -> Result<W, TdfError> {
        if self.promised_bytes.is_some_and(|promised| promised != self.payload_bytes) {
            return Err(TdfError::Container("more or fewer payload bytes than promised"));
        }
        let rest = tail(self.payload_bytes, self.crc32.finalize(), self.is_zip64, manifest_json)?;
        self.out.write_all(&rest)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A container open for reading.
#[derive(Debug)]
pub struct Container<R> {
    source: R,
    manifest: Manifest,
    manifest_json: Vec<u8>,
    payload_at: u64,
    payload_crc32: u32,
    next_segment: usize,
    next_at: u64,
}

impl<R: Read + Seek> Container<R> {
    /// Reads the frame and the manifest: two entries, stored, end to end, no byte before, between or after them that
    /// ZIP does not ask for. Entry order is free, as is which of the two manifest names is used.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn open(mut source: R) -> Result<Self, TdfError> {
        let file_bytes = source.seek(SeekFrom::End(0))?;
        let tail_bytes = file_bytes.min(TAIL_BYTES as u64);
        let last = read_at(&mut source, file_bytes - tail_bytes, tail_bytes)?;
        let directory = find_directory(&last, file_bytes)?;
        if directory.bytes > MAX_CENTRAL_BYTES {
            return Err(TdfError::Container("a directory too long for two entries"));
        }
        let [first, second] = read_directory(&read_at(&mut source, directory.at, directory.bytes)?)?;
        let (first, second) = if first.at <= second.at { (first, second) } else { (second, first) };
        if first.at != 0 {
            return Err(TdfError::Container("bytes before the first entry"));
        }
        if second.at > directory.at {
            return Err(TdfError::Container("an entry behind the directory"));
        }
        let first_data = check_entry(&mut source, &first, second.at)?;
        let second_data = check_entry(&mut source, &second, directory.at)?;
        let ((payload, payload_at), (manifest, manifest_at)) = match first.name.as_str() {
            PAYLOAD_NAME => ((&first, first_data), (&second, second_data)),
            _ => ((&second, second_data), (&first, first_data)),
        };
        let is_manifest = [MANIFEST_NAME, MANIFEST_NAME_IN_PROSE].contains(&manifest.name.as_str());
        if payload.name != PAYLOAD_NAME || !is_manifest {
            return Err(TdfError::Container("other entries than 0.payload and 0.manifest.json"));
        }
        let payload_crc32 = payload.crc32;
        let (manifest, manifest_json) = read_manifest(&mut source, manifest, manifest_at, payload.bytes)?;
        let next_at = payload_at;
        Ok(Self { source, manifest, manifest_json, payload_at, payload_crc32, next_segment: 0, next_at })
    }

    /// What the manifest says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The manifest's bytes; [`Manifest::digest`] of them stands in the package.
    pub fn manifest_json(&self) -> &[u8] {
        &self.manifest_json
    }

    /// Where the sealed segments begin, in bytes from the start.
    pub fn payload_at(&self) -> u64 {
        self.payload_at
    }

    /// CRC-32 of the sealed segments as the directory states it; not checked, since tags and digest say more.
    pub fn payload_crc32(&self) -> u32 {
        self.payload_crc32
    }

    /// Reads the next sealed segment into `out`; `false` after the last.
    ///
    /// # Errors
    /// [`TdfError::Io`].
    pub fn next_sealed(&mut self, out: &mut Vec<u8>) -> Result<bool, TdfError> {
        let Some(segment) = self.manifest.integrity.segments.get(self.next_segment) else { return Ok(false) };
        let sealed_bytes = segment.sealed_bytes();
        // A segment has at most 4 MiB + 28, checked when the manifest was read.
        out.resize(sealed_bytes as usize, 0);
        self.source.seek(SeekFrom::Start(self.next_at))?;
        self.source.read_exact(out)?;
        self.next_segment += 1;
        self.next_at += sealed_bytes;
        Ok(true)
    }

    /// Goes back to the first segment.
    pub fn rewind(&mut self) {
        self.next_segment = 0;
        self.next_at = self.payload_at;
    }

    /// The item digest, computed over all sealed segments without any key. The next segment is the first again.
    ///
    /// # Errors
    /// [`TdfError::Io`].
    pub fn item_digest(&mut self) -> Result<Digest, TdfError>
    where
        R: Send,
    {
        self.rewind();
        let integrity = self.manifest.integrity.clone();
        let tally = tally_segments(&integrity, |sealed| self.next_sealed(sealed), |_| Ok::<_, TdfError>(()))?;
        self.rewind();
        Ok(tally.item_digest())
    }
}

fn read_at<R: Read + Seek>(source: &mut R, at: u64, bytes: u64) -> Result<Vec<u8>, TdfError> {
    source.seek(SeekFrom::Start(at))?;
    let mut out = Vec::new();
    source.take(bytes).read_to_end(&mut out)?;
    if out.len() as u64 == bytes { Ok(out) } else { Err(TdfError::Container("a record is cut short")) }
}

/// Checks an entry's local header and descriptor against the directory, and that it ends at `end`. Gives where its
/// data begins.
fn check_entry<R: Read + Seek>(source: &mut R, entry: &Entry, end: u64) -> Result<u64, TdfError> {
    let header = read_at(source, entry.at, LOCAL_BYTES as u64)?;
    let mut fields = Fields(&header);
    let signature = fields.u32()?;
    fields.take(2)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(4)?;
    let (crc32, compressed, plain) = (fields.u32()?, fields.u32()?, fields.u32()?);
    let (name_bytes, extra_bytes) = (fields.u16()?, fields.u16()?);
    let has_descriptor = flags & FLAG_DESCRIPTOR != 0;
    if signature != LOCAL_SIGNATURE
        || flags != entry.flags
        || method != 0
        || extra_bytes > MAX_LOCAL_EXTRA_BYTES
    {
        return Err(TdfError::Container("a local header that contradicts the directory"));
    }
    let agrees =
        |size: u32| u64::from(size) == entry.bytes || size == IN_ZIP64 || has_descriptor && size == 0;
    let is_crc_right = crc32 == entry.crc32 || has_descriptor && crc32 == 0;
    if !agrees(compressed) || !agrees(plain) || !is_crc_right {
        return Err(TdfError::Container("a local header that contradicts the directory"));
    }
    let name_at = entry.at + LOCAL_BYTES as u64;
    if read_at(source, name_at, name_bytes.into())? != entry.name.as_bytes() {
        return Err(TdfError::Container("an entry with two names"));
    }
    let data_at = name_at + u64::from(name_bytes) + u64::from(extra_bytes);
    let data_end = data_at.checked_add(entry.bytes).filter(|data_end| *data_end <= end);
    let data_end = data_end.ok_or(TdfError::Container("entries overlap"))?;
    check_gap(source, entry, data_end, end - data_end, has_descriptor)?;
    Ok(data_at)
}

/// Between an entry's data and what follows stands its descriptor, or nothing.
fn check_gap<R: Read + Seek>(
    source: &mut R,
    entry: &Entry,
    at: u64,
    gap_bytes: u64,
    has_descriptor: bool,
) -> Result<(), TdfError> {
    let wrong = TdfError::Container("bytes between the entries that are no descriptor");
    if !has_descriptor {
        return if gap_bytes == 0 { Ok(()) } else { Err(wrong) };
    }
    // With or without a signature, sizes in 4 or 8 bytes: APPNOTE 4.3.9.
    let (has_signature, is_wide) = match gap_bytes {
        12 => (false, false),
        16 => (true, false),
        20 => (false, true),
        24 => (true, true),
        _ => return Err(wrong),
    };
    let bytes = read_at(source, at, gap_bytes)?;
    let mut fields = Fields(&bytes);
    let is_signed = !has_signature || fields.u32()? == DESCRIPTOR_SIGNATURE;
    let crc32 = fields.u32()?;
    let mut size = || if is_wide { fields.u64() } else { fields.u32().map(u64::from) };
    let sizes = (size()?, size()?);
    if is_signed && crc32 == entry.crc32 && sizes == (entry.bytes, entry.bytes) { Ok(()) } else { Err(wrong) }
}

fn read_manifest<R: Read + Seek>(
    source: &mut R,
    entry: &Entry,
    at: u64,
    payload_bytes: u64,
) -> Result<(Manifest, Vec<u8>), TdfError> {
    if entry.bytes > MAX_MANIFEST_BYTES as u64 {
        return Err(TdfError::TooLarge { what: "manifest", limit: MAX_MANIFEST_BYTES as u64 });
    }
    let json = read_at(source, at, entry.bytes)?;
    if crc32fast::hash(&json) != entry.crc32 {
        return Err(TdfError::Container("the manifest does not have its CRC-32"));
    }
    let manifest = Manifest::from_json(&json)?;
    if manifest.integrity.payload_bytes() != payload_bytes {
        return Err(TdfError::Manifest("the segments together are not as long as the payload"));
    }
    Ok((manifest, json))
}
