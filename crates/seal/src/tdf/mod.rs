//! Sealed items as TDF 4.3 (opentdf/spec): a ZIP of `0.payload`, the encrypted segments, and `0.manifest.json`.
//!
//! What binds between Parties is the item digest, a tree over the encrypted segments. The GMAC segment hashes and the
//! root signature are written and checked because every TDF client does so; whoever holds the content key can make
//! another text that fits them.
//!
//! *Absent:* keys at rest, policy decisions, and any trust in a manifest beyond what a signed package says of it.

mod container;
mod frame;
mod key_access;
mod manifest;
mod metadata;
mod passing;
mod policy;
mod segment;
mod stream;
mod strict;
mod survey;
mod workers;
mod zip;

pub use container::{Container, ContainerWriter};
pub use frame::{Frame, container_bytes};
pub use key_access::{HUB_SHARE, KeyAccess, KeyAccessKind, ORIGINATOR_SHARE, PolicyBinding, RECIPIENT_SHARE};
pub use manifest::{Assertion, AssertionBinding, Manifest, ManifestDraft, Statement};
pub use metadata::Metadata;
pub use passing::{Passing, front_bytes};
pub use policy::Policy;
pub use segment::{
    Integrity, SealedSegment, Segment, SegmentKey, SegmentMark, SegmentOpener, Tally, segment_bytes_for,
};

pub use stream::{open_segments, open_stream, seal_stream, tally_segments};
pub use survey::{Survey, survey};

use std::io;

/// Longest manifest, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;
/// Longest item before sealing, in bytes: 64 GiB.
pub const MAX_ITEM_BYTES: u64 = 64 << 30;
/// Largest segment before sealing, in bytes: 4 MiB.
pub const MAX_SEGMENT_BYTES: u32 = 4 << 20;
/// Segment size of items up to [`LARGE_ITEM_BYTES`], in bytes: 1 MiB.
pub const SMALL_SEGMENT_BYTES: u32 = 1 << 20;
/// Up to this size items have 1 MiB segments, in bytes: 4 GiB.
pub const LARGE_ITEM_BYTES: u64 = 4 << 30;
/// Most key access objects in one manifest.
pub const MAX_KEY_ACCESS: usize = 64;
/// Most assertions in one manifest.
pub const MAX_ASSERTIONS: usize = 16;

/// Why a sealed item is not taken, or was not made.
#[derive(Debug, thiserror::Error)]
pub enum TdfError {
    /// Reading or writing failed: ours to retry.
    #[error("reading or writing failed: {0}")]
    Io(#[from] io::Error),
    /// Not a ZIP of exactly our two entries, laid end to end.
    #[error("container: {0}")]
    Container(&'static str),
    /// The manifest breaks a rule of its form.
    #[error("manifest: {0}")]
    Manifest(&'static str),
    /// The manifest is not JSON of its shape. The text is the parser's and names a place, never a value.
    #[error("manifest: not the JSON of a manifest, at line {line} column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Honest, but of a version or with an algorithm that we do not take.
    #[error("unfit: {0}")]
    Unfit(&'static str),
    /// Over a limit.
    #[error("{what} is over its limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in the unit of the thing: bytes or pieces.
        limit: u64,
    },
    /// No key access object gave a key, or not one for every share.
    #[error("no key access object of some share opens")]
    NoKey,
    /// A policy binding does not hold.
    #[error("policyBinding does not hold for this policy and key")]
    Binding,
    /// The root signature does not hold.
    #[error("rootSignature does not hold for these segment hashes")]
    RootSignature,
    /// A segment does not open, or is not the one that the manifest lists.
    #[error("segment {0} does not open or is not the one listed")]
    Segment(u64),
    /// Segments are missing at the end or more came than the manifest lists.
    #[error("{found} segments where the manifest lists {listed}")]
    SegmentCount {
        /// How many came.
        found: u64,
        /// How many are listed.
        listed: u64,
    },
    /// The encrypted segments are not those that the package names.
    #[error("the item digest is not the expected one")]
    ItemDigest,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Library,
}

impl TdfError {
    /// A stable code, the same in every implementation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "io",
            Self::Container(_) => "container",
            Self::Manifest(_) | Self::Json { .. } => "manifest",
            Self::Unfit(_) => "unfit",
            Self::TooLarge { .. } => "too-large",
            Self::NoKey => "no-key",
            Self::Binding => "binding",
            Self::RootSignature => "root-signature",
            Self::Segment(_) => "segment",
            Self::SegmentCount { .. } => "segment-count",
            Self::ItemDigest => "item-digest",
            Self::Library => "library",
        }
    }
}

impl From<serde_json::Error> for TdfError {
    /// Keeps the place and drops the text, which may quote what stands in the manifest.
    fn from(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column() }
    }
}
