//! Segments: each sealed and opened by itself, in any order and on any thread, and the tally that puts them in order
//! again and gives the item digest.
//!
//! *Absent:* where segments lie; a segment here is a slice.

use super::{LARGE_ITEM_BYTES, MAX_ITEM_BYTES, MAX_SEGMENT_BYTES, SMALL_SEGMENT_BYTES, TdfError};
use crate::content_key::ContentKey;
use crate::gcm;
use attache_accord::Digest;
use attache_tlog::{Frontier, Hash, leaf_hash};
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::{constant_time, hmac};
use std::fmt;
use zeroize::Zeroizing;

/// The segment size for an item of `item_bytes`, in bytes: 1 MiB up to 4 GiB, else 4 MiB. An item whose size is not
/// known yet is taken for a large one.
pub fn segment_bytes_for(item_bytes: Option<u64>) -> u32 {
    match item_bytes {
        Some(bytes) if bytes <= LARGE_ITEM_BYTES => SMALL_SEGMENT_BYTES,
        _ => MAX_SEGMENT_BYTES,
    }
}

/// A content key made ready for segments. Shared between workers by reference.
pub struct SegmentKey(LessSafeKey);

impl fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SegmentKey(..)")
    }
}

/// What is remembered of a segment once its bytes have gone on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentMark {
    /// RFC 6962 leaf hash of IV ‖ ciphertext ‖ tag.
    pub leaf: Hash,
    /// The GCM tag, which TDF lists as GMAC segment hash.
    pub tag: [u8; gcm::TAG_BYTES],
    /// Length before sealing, in bytes.
    pub plain_bytes: u32,
}

/// A sealed segment: IV ‖ ciphertext ‖ tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSegment {
    /// The bytes that travel.
    pub bytes: Vec<u8>,
    /// What is remembered.
    pub mark: SegmentMark,
}

impl SegmentKey {
    /// Makes a content key ready.
    ///
    /// # Errors
    /// [`TdfError::Library`].
    pub fn new(key: &ContentKey) -> Result<Self, TdfError> {
        gcm::key(key.dangerously_expose()).map(Self).ok_or(TdfError::Library)
    }

    /// Seals one segment with a fresh random IV.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`] over 4 MiB, [`TdfError::Library`].
    pub fn seal(&self, plain: &[u8]) -> Result<SealedSegment, TdfError> {
        let mut bytes = Vec::new();
        let mark = self.seal_into(plain, &mut bytes)?;
        Ok(SealedSegment { bytes, mark })
    }

    /// As [`SegmentKey::seal`], into a buffer that is used again and again.
    ///
    /// # Errors
    /// As [`SegmentKey::seal`].
    pub fn seal_into(&self, plain: &[u8], out: &mut Vec<u8>) -> Result<SegmentMark, TdfError> {
        let plain_bytes = u32::try_from(plain.len()).unwrap_or(u32::MAX);
        if plain_bytes > MAX_SEGMENT_BYTES {
            return Err(TdfError::TooLarge { what: "segment", limit: u64::from(MAX_SEGMENT_BYTES) });
        }
        out.resize(plain.len() + gcm::OVERHEAD_BYTES, 0);
        gcm::seal_into(&self.0, plain, out).ok_or(TdfError::Library)?;
        mark(out).ok_or(TdfError::Library)
    }

    /// Seals what stands in `buffer` behind room for the IV, and adds the tag. With room for the tag nothing is moved, so that
    /// no plaintext is left behind.
    ///
    /// # Errors
    /// As [`SegmentKey::seal`].
    pub(super) fn seal_in_place(&self, buffer: &mut Vec<u8>) -> Result<SegmentMark, TdfError> {
        buffer.resize(buffer.len() + gcm::TAG_BYTES, 0);
        if buffer.len() > MAX_SEGMENT_BYTES as usize + gcm::OVERHEAD_BYTES {
            return Err(TdfError::TooLarge { what: "segment", limit: u64::from(MAX_SEGMENT_BYTES) });
        }
        gcm::seal_in_place(&self.0, buffer).ok_or(TdfError::Library)?;
        mark(buffer).ok_or(TdfError::Library)
    }
}

impl SegmentMark {
    /// The mark of the sealed segment `index`; needs no key.
    ///
    /// # Errors
    /// [`TdfError::Segment`] where it is too short or too long to be one.
    pub fn of(index: u64, sealed: &[u8]) -> Result<Self, TdfError> {
        let mark = mark(sealed).filter(|mark| mark.plain_bytes <= MAX_SEGMENT_BYTES);
        mark.ok_or(TdfError::Segment(index))
    }
}

fn mark(sealed: &[u8]) -> Option<SegmentMark> {
    let plain_bytes = sealed.len().checked_sub(gcm::OVERHEAD_BYTES)?;
    let (_, tag) = sealed.split_at(plain_bytes + gcm::IV_BYTES);
    Some(SegmentMark {
        leaf: leaf_hash(sealed),
        tag: tag.try_into().ok()?,
        plain_bytes: u32::try_from(plain_bytes).ok()?,
    })
}

/// One line of a manifest's segment list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// 16 bytes of GMAC or 32 of HMAC, as [`Integrity::is_gmac`] says.
    pub hash: Vec<u8>,
    /// Length before sealing, in bytes.
    pub plain_bytes: u32,
}

impl Segment {
    /// Length of IV, ciphertext and tag, in bytes.
    pub fn sealed_bytes(&self) -> u64 {
        u64::from(self.plain_bytes) + gcm::OVERHEAD_BYTES as u64
    }
}

/// What a manifest says of the segments. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// In order.
    pub segments: Vec<Segment>,
    /// Whether segment hashes are GMAC; otherwise HMAC-SHA-256 over the sealed segment. We write GMAC.
    pub is_gmac: bool,
    /// HMAC-SHA-256 under the content key over all segment hashes.
    pub root_signature: Vec<u8>,
}

impl Integrity {
    /// Length of the item before sealing, in bytes.
    pub fn item_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.plain_bytes)).sum()
    }

    /// Length of all sealed segments, in bytes.
    pub fn payload_bytes(&self) -> u64 {
        self.segments.iter().map(Segment::sealed_bytes).sum()
    }

    /// All segment hashes, one after the other: what the root signature and the bindings of assertions cover.
    pub fn hashes(&self) -> Vec<u8> {
        self.segments.iter().flat_map(|segment| segment.hash.iter().copied()).collect()
    }
}

/// Puts marks in order: the segment list and the item digest grow, memory by 17 bytes a segment.
#[derive(Debug, Default)]
pub struct Tally {
    tree: Frontier,
    segments: Vec<Segment>,
    item_bytes: u64,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next segment's mark.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`] past 64 GiB.
    pub fn append(&mut self, mark: &SegmentMark) -> Result<(), TdfError> {
        self.item_bytes += u64::from(mark.plain_bytes);
        if self.item_bytes > MAX_ITEM_BYTES {
            return Err(TdfError::TooLarge { what: "item", limit: MAX_ITEM_BYTES });
        }
        self.tree.append(mark.leaf);
        self.segments.push(Segment { hash: mark.tag.to_vec(), plain_bytes: mark.plain_bytes });
        Ok(())
    }

    /// How many segments so far.
    pub fn segments(&self) -> u64 {
        self.tree.size()
    }

    /// The item digest: the RFC 6962 root over the sealed segments so far.
    pub fn item_digest(&self) -> Digest {
        Digest(self.tree.root().0)
    }

    /// The segment list with its root signature, and the item digest.
    pub fn finish(self, key: &ContentKey) -> (Integrity, Digest) {
        let digest = self.item_digest();
        let mut integrity = Integrity { segments: self.segments, is_gmac: true, root_signature: Vec::new() };
        integrity.root_signature = hmac::sign(&key.hmac(), &integrity.hashes()).as_ref().to_vec();
        (integrity, digest)
    }
}

/// Opens the segments of one manifest. The root signature is checked before it exists, so that a list cut or
/// shuffled by someone without the key never gets as far as plaintext.
pub struct SegmentOpener<'a> {
    key: SegmentKey,
    hmac: hmac::Key,
    integrity: &'a Integrity,
}

impl fmt::Debug for SegmentOpener<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SegmentOpener(..)")
    }
}

impl<'a> SegmentOpener<'a> {
    /// An opener for a manifest's segments.
    ///
    /// # Errors
    /// [`TdfError::RootSignature`] or [`TdfError::Library`].
    pub fn new(key: &ContentKey, integrity: &'a Integrity) -> Result<Self, TdfError> {
        hmac::verify(&key.hmac(), &integrity.hashes(), &integrity.root_signature)
            .map_err(|_| TdfError::RootSignature)?;
        Ok(Self { key: SegmentKey::new(key)?, hmac: key.hmac(), integrity })
    }

    /// Opens segment `index`. Any thread, any order; the marks go to a [`Tally`] in order.
    ///
    /// # Errors
    /// [`TdfError::Segment`] where it does not open or is not the one listed.
    pub fn open(&self, index: u64, sealed: &[u8]) -> Result<(Zeroizing<Vec<u8>>, SegmentMark), TdfError> {
        let mut plain = Zeroizing::new(Vec::new());
        let mark = self.open_into(index, sealed, &mut plain)?;
        Ok((plain, mark))
    }

    /// As [`SegmentOpener::open`], into a buffer that is used again and again and that the caller wipes.
    ///
    /// # Errors
    /// As [`SegmentOpener::open`]; the buffer then holds nothing that may be used.
    pub fn open_into(&self, index: u64, sealed: &[u8], plain: &mut Vec<u8>) -> Result<SegmentMark, TdfError> {
        let mark = self.listed(index, sealed)?;
        plain.resize(sealed.len() - gcm::OVERHEAD_BYTES, 0);
        gcm::open_into(&self.key.0, sealed, plain).ok_or(TdfError::Segment(index))?;
        Ok(mark)
    }

    /// As [`SegmentOpener::open_into`], but the plaintext comes to stand in `sealed`, where the ciphertext stood.
    ///
    /// # Errors
    /// As [`SegmentOpener::open`]; the buffer then holds nothing that may be used.
    pub(super) fn open_in_place(&self, index: u64, sealed: &mut [u8]) -> Result<SegmentMark, TdfError> {
        let mark = self.listed(index, sealed)?;
        gcm::open_in_place(&self.key.0, sealed).ok_or(TdfError::Segment(index))?;
        Ok(mark)
    }

    /// The mark of a sealed segment that is the one listed.
    fn listed(&self, index: u64, sealed: &[u8]) -> Result<SegmentMark, TdfError> {
        let wrong = || TdfError::Segment(index);
        let at = usize::try_from(index).map_err(|_| wrong())?;
        let listed = self.integrity.segments.get(at).ok_or_else(wrong)?;
        let mark = mark(sealed).ok_or_else(wrong)?;
        let is_listed = if self.integrity.is_gmac {
            constant_time::verify_slices_are_equal(&mark.tag, &listed.hash).is_ok()
        } else {
            hmac::verify(&self.hmac, sealed, &listed.hash).is_ok()
        };
        if !is_listed || mark.plain_bytes != listed.plain_bytes {
            return Err(wrong());
        }
        Ok(mark)
    }

    /// Whether all listed segments came, and the item is the expected one. Until this is said, a reader has seen a
    /// part of an item and nobody's item.
    ///
    /// # Errors
    /// [`TdfError::SegmentCount`] or [`TdfError::ItemDigest`].
    pub fn finish(&self, tally: &Tally, expected: Option<Digest>) -> Result<(), TdfError> {
        let listed = self.integrity.segments.len() as u64;
        if tally.segments() != listed {
            return Err(TdfError::SegmentCount { found: tally.segments(), listed });
        }
        if expected.is_some_and(|digest| digest != tally.item_digest()) {
            return Err(TdfError::ItemDigest);
        }
        Ok(())
    }
}
