//! As much of ZIP (APPNOTE 6.3.10) as a TDF uses: stored entries, data descriptors, ZIP64. Records here, files in
//! [`super::frame`] and [`super::container`].
//!
//! *Absent:* compression, encryption, comments, several disks: refused.

use super::TdfError;

/// Name of the payload entry.
pub(super) const PAYLOAD_NAME: &str = "0.payload";
/// Name of the manifest entry that every SDK but one writes, and we too.
pub(super) const MANIFEST_NAME: &str = "0.manifest.json";
/// Name that the prose of the specification gives; read, never written.
pub(super) const MANIFEST_NAME_IN_PROSE: &str = "manifest.json";

pub(super) const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
pub(super) const DESCRIPTOR_SIGNATURE: u32 = 0x0807_4b50;
const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
const END_SIGNATURE: u32 = 0x0605_4b50;
const END64_SIGNATURE: u32 = 0x0606_4b50;
const LOCATOR64_SIGNATURE: u32 = 0x0706_4b50;

pub(super) const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
pub(super) const END_BYTES: usize = 22;
const END64_BYTES: usize = 56;
const LOCATOR64_BYTES: usize = 20;
/// The three records at the end, where all are there, in bytes.
pub(super) const TAIL_BYTES: usize = END64_BYTES + LOCATOR64_BYTES + END_BYTES;
/// Longest central directory that two entries of ours or of a known SDK have, in bytes.
pub(super) const MAX_CENTRAL_BYTES: u64 = 4096;

/// Sizes and CRC follow the data.
pub(super) const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// The name is UTF-8.
const FLAG_UTF8: u16 = 1 << 11;
/// 1980-01-01, the first day of DOS time: when a file was made is nobody's business outside.
const DOS_DATE: u16 = 0x0021;
const ZIP64_EXTRA: u16 = 0x0001;
/// The value that says: look into the ZIP64 field.
pub(super) const IN_ZIP64: u32 = u32::MAX;

/// An entry as its central record describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) flags: u16,
    pub(super) crc32: u32,
    pub(super) bytes: u64,
    pub(super) at: u64,
}

/// Where the central directory lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) at: u64,
    pub(super) bytes: u64,
}

/// Reads little-endian fields off the front of a slice.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], TdfError> {
        let (head, rest) =
            self.0.split_at_checked(count).ok_or(TdfError::Container("a record is cut short"))?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn u16(&mut self) -> Result<u16, TdfError> {
        Ok(self.take(2)?.iter().rev().fold(0, |sum, byte| sum << 8 | u16::from(*byte)))
    }

    pub(super) fn u32(&mut self) -> Result<u32, TdfError> {
        Ok(self.take(4)?.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    pub(super) fn u64(&mut self) -> Result<u64, TdfError> {
        Ok(self.take(8)?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

/// A 32-bit field, or the sign to look into the ZIP64 field.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(IN_ZIP64)
}

/// Whether a value stands in the ZIP64 field.
pub(super) fn is_wide(value: u64) -> bool {
    narrow(value) == IN_ZIP64
}

/// Version needed: 4.5 with ZIP64 fields, else 2.0.
fn version(is_zip64: bool) -> u16 {
    if is_zip64 { 45 } else { 20 }
}

/// The local header of an entry whose data is followed by a descriptor.
pub(super) fn local_with_descriptor(name: &str, is_zip64: bool) -> Vec<u8> {
    let size = if is_zip64 { IN_ZIP64 } else { 0 };
    let extra: Vec<u8> = if is_zip64 { zip64_extra(&[0, 0]) } else { Vec::new() };
    local(name, FLAG_DESCRIPTOR, 0, size, version(is_zip64), &extra)
}

/// The local header of an entry whose data is known, and short.
pub(super) fn local_of_known(name: &str, crc32: u32, bytes: u32) -> Vec<u8> {
    local(name, 0, crc32, bytes, version(false), &[])
}

fn local(name: &str, flags: u16, crc32: u32, bytes: u32, version: u16, extra: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(LOCAL_BYTES + name.len() + extra.len());
    out.extend(LOCAL_SIGNATURE.to_le_bytes());
    // Version, flags, method, time, date.
    for field in [version, flags, 0, 0, DOS_DATE] {
        out.extend(field.to_le_bytes());
    }
    for field in [crc32, bytes, bytes] {
        out.extend(field.to_le_bytes());
    }
    for length in [name.len(), extra.len()] {
        out.extend((length as u16).to_le_bytes());
    }
    out.extend(name.as_bytes());
    out.extend(extra);
    out
}

/// The descriptor after the data.
pub(super) fn descriptor(crc32: u32, bytes: u64, is_zip64: bool) -> Vec<u8> {
    let mut out = [DESCRIPTOR_SIGNATURE.to_le_bytes(), crc32.to_le_bytes()].concat();
    for _ in ["compressed", "uncompressed"] {
        if is_zip64 {
            out.extend(bytes.to_le_bytes());
        } else {
            out.extend(narrow(bytes).to_le_bytes());
        }
    }
    out
}

/// The central directory and the end records.
pub(super) fn directory(entries: &[Entry], at: u64) -> Vec<u8> {
    let mut out: Vec<u8> = entries.iter().flat_map(central).collect();
    let bytes = out.len() as u64;
    let count = entries.len() as u64;
    if is_wide(at) {
        out.extend(end64(count, bytes, at));
    }
    out.extend(END_SIGNATURE.to_le_bytes());
    for field in [0, 0, count as u16, count as u16] {
        out.extend(field.to_le_bytes());
    }
    out.extend(narrow(bytes).to_le_bytes());
    out.extend(narrow(at).to_le_bytes());
    out.extend(0u16.to_le_bytes());
    out
}

fn central(entry: &Entry) -> Vec<u8> {
    let wide: Vec<u64> =
        [entry.bytes, entry.bytes, entry.at].into_iter().filter(|value| is_wide(*value)).collect();
    let extra = if wide.is_empty() { Vec::new() } else { zip64_extra(&wide) };
    let needed = version(!wide.is_empty());
    let mut out = Vec::with_capacity(CENTRAL_BYTES + entry.name.len() + extra.len());
    out.extend(CENTRAL_SIGNATURE.to_le_bytes());
    for field in [needed, needed, entry.flags, 0, 0, DOS_DATE] {
        out.extend(field.to_le_bytes());
    }
    for field in [entry.crc32, narrow(entry.bytes), narrow(entry.bytes)] {
        out.extend(field.to_le_bytes());
    }
    for field in [entry.name.len() as u16, extra.len() as u16, 0, 0, 0] {
        out.extend(field.to_le_bytes());
    }
    out.extend(0u32.to_le_bytes());
    out.extend(narrow(entry.at).to_le_bytes());
    out.extend(entry.name.as_bytes());
    out.extend(extra);
    out
}

fn zip64_extra(values: &[u64]) -> Vec<u8> {
    let mut out = ZIP64_EXTRA.to_le_bytes().to_vec();
    out.extend(((values.len() * 8) as u16).to_le_bytes());
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    out
}

fn end64(count: u64, bytes: u64, at: u64) -> Vec<u8> {
    let mut out = END64_SIGNATURE.to_le_bytes().to_vec();
    out.extend((END64_BYTES as u64 - 12).to_le_bytes());
    out.extend([45, 0, 45, 0]);
    out.extend([0; 8]);
    for field in [count, count, bytes, at] {
        out.extend(field.to_le_bytes());
    }
    out.extend(LOCATOR64_SIGNATURE.to_le_bytes());
    out.extend(0u32.to_le_bytes());
    out.extend((at + bytes).to_le_bytes());
    out.extend(1u32.to_le_bytes());
    out
}

/// Finds the central directory from the last bytes of a file of `file_bytes`. The end record must be the very end, and
/// nothing may stand between it and the directory but the ZIP64 records.
pub(super) fn find_directory(tail: &[u8], file_bytes: u64) -> Result<Directory, TdfError> {
    let end_at = tail.len().checked_sub(END_BYTES).ok_or(TdfError::Container("too short for a zip"))?;
    let (before, end) = tail.split_at(end_at);
    let mut fields = Fields(end);
    if fields.u32()? != END_SIGNATURE {
        return Err(TdfError::Container("does not end with an end-of-directory record without comment"));
    }
    let disks = (fields.u16()?, fields.u16()?);
    let counts = (fields.u16()?, fields.u16()?);
    let (bytes, at) = (fields.u32()?, fields.u32()?);
    let is_comment_empty = fields.u16()? == 0;
    let count_in_zip64 = counts == (u16::MAX, u16::MAX);
    if disks != (0, 0) || counts != (2, 2) && !count_in_zip64 || !is_comment_empty {
        return Err(TdfError::Container("not two entries on one disk without comment"));
    }
    let mut directory = Directory { at: at.into(), bytes: bytes.into() };
    let mut directory_end = file_bytes - END_BYTES as u64;
    // Some SDKs write the ZIP64 records though every value fits, so the locator decides, not the values.
    if let Some(locator_at) = before.len().checked_sub(LOCATOR64_BYTES)
        && let (rest, locator) = before.split_at(locator_at)
        && locator.starts_with(&LOCATOR64_SIGNATURE.to_le_bytes())
    {
        directory_end = directory_end
            .checked_sub((LOCATOR64_BYTES + END64_BYTES) as u64)
            .ok_or(TdfError::Container("the ZIP64 end records are cut short"))?;
        directory = read_end64(rest, locator, directory_end, directory)?;
    } else if count_in_zip64 {
        return Err(TdfError::Container("points to ZIP64 records that are not there"));
    }
    if directory.at.checked_add(directory.bytes) != Some(directory_end) {
        return Err(TdfError::Container("the directory does not end where the end record begins"));
    }
    Ok(directory)
}

fn read_end64(rest: &[u8], locator: &[u8], end64_at: u64, narrow: Directory) -> Result<Directory, TdfError> {
    let wrong = TdfError::Container("the ZIP64 end records contradict the file");
    let mut fields = Fields(locator);
    let _signature = fields.u32()?;
    let place = (fields.u32()?, fields.u64()?, fields.u32()?);
    let Some(record_at) = rest.len().checked_sub(END64_BYTES) else { return Err(wrong) };
    let mut fields = Fields(rest.split_at(record_at).1);
    let head = (fields.u32()?, fields.u64()?);
    fields.take(4)?;
    let disks = (fields.u32()?, fields.u32()?);
    let counts = (fields.u64()?, fields.u64()?);
    let directory = Directory { bytes: fields.u64()?, at: fields.u64()? };
    let agrees = |wide: u64, short: u64| short == u64::from(IN_ZIP64) || wide == short;
    let is_right = place == (0, end64_at, 1)
        && head == (END64_SIGNATURE, END64_BYTES as u64 - 12)
        && disks == (0, 0)
        && counts == (2, 2)
        && agrees(directory.bytes, narrow.bytes)
        && agrees(directory.at, narrow.at);
    if is_right { Ok(directory) } else { Err(wrong) }
}

/// Reads the two central records, and nothing after them.
pub(super) fn read_directory(bytes: &[u8]) -> Result<[Entry; 2], TdfError> {
    let mut fields = Fields(bytes);
    let entries = [read_central(&mut fields)?, read_central(&mut fields)?];
    if fields.0.is_empty() { Ok(entries) } else { Err(TdfError::Container("bytes after the second entry")) }
}

fn read_central(fields: &mut Fields<'_>) -> Result<Entry, TdfError> {
    if fields.u32()? != CENTRAL_SIGNATURE {
        return Err(TdfError::Container("a directory entry without its signature"));
    }
    fields.take(4)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(4)?;
    let crc32 = fields.u32()?;
    let (compressed, plain) = (fields.u32()?, fields.u32()?);
    let (name_bytes, extra_bytes, comment_bytes) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let disk = fields.u16()?;
    fields.take(6)?;
    let at = fields.u32()?;
    let name = std::str::from_utf8(fields.take(name_bytes.into())?);
    let name = name.map_err(|_| TdfError::Container("a name that is not UTF-8"))?.to_owned();
    let extra = fields.take(extra_bytes.into())?;
    if flags & !(FLAG_DESCRIPTOR | FLAG_UTF8) != 0 || method != 0 || comment_bytes != 0 || disk != 0 {
        return Err(TdfError::Container("an entry that is not stored plainly"));
    }
    let [plain, compressed, at] = widen(extra, [plain, compressed, at])?;
    if plain != compressed {
        return Err(TdfError::Container("an entry whose two sizes differ"));
    }
    Ok(Entry { name, flags, crc32, bytes: plain, at })
}

/// Replaces the fields that point into the ZIP64 field, in the order of APPNOTE 4.5.3.
fn widen(extra: &[u8], narrow: [u32; 3]) -> Result<[u64; 3], TdfError> {
    let mut zip64: &[u8] = &[];
    let mut fields = Fields(extra);
    while !fields.0.is_empty() {
        let (id, length) = (fields.u16()?, fields.u16()?);
        let body = fields.take(length.into())?;
        if id == ZIP64_EXTRA {
            zip64 = body;
        }
    }
    let mut wide = Fields(zip64);
    let mut out = [0; 3];
    for (slot, value) in out.iter_mut().zip(narrow) {
        *slot = if value == IN_ZIP64 { wide.u64()? } else { value.into() };
    }
    Ok(out)
}
