//! The papers of oversight: a mandate and its end, signed by a person of the agreement office, the report that a node signs, what the
//! public is told of it, and the inspector's signature on that.
//!
//! *Absent:* figures. A report names them by their digest.

use super::prose;
use crate::pair::VerifyingPair;
use crate::statement::Body;
use attache_accord::mandate::Mandate;
use attache_accord::party::Malformed;
use attache_accord::{CivilDay, Digest};
use minicbor::{Decode, Encode};

/// Longest signed mandate, in bytes: its words and names at their limits, and two signatures.
pub const MAX_MANDATE_BYTES: usize = 8 * 1024;

/// Longest figures for the public, in bytes.
pub const MAX_PUBLIC_BYTES: usize = 128 * 1024;

/// A person of the agreement office says what an oversight body may see.
impl Body for Mandate {
    const NAME: &'static str = "mandate";

    fn check(&self) -> Result<(), Malformed> {
        Self::check(self)
    }
}

/// A person of the agreement office ends a mandate.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MandateEnd {
    /// Digest of the signed mandate.
    #[n(0)]
    pub mandate: Digest,
    /// Why, in the person's words.
    #[n(1)]
    pub reason: String,
}

impl Body for MandateEnd {
    const NAME: &'static str = "mandate-end";

    fn check(&self) -> Result<(), Malformed> {
        prose("reason", &self.reason)
    }
}

/// A node reports to an oversight body on the acts of some days: which leaves they are, of which published tree, and what was
/// counted of them. It vouches for the key of the person who gave the mandate, which is on no card.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Report {
    /// The signed mandate.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub mandate: Vec<u8>,
    /// The public keys of the person who signed it.
    #[n(1)]
    pub giver: VerifyingPair,
    /// The first day.
    #[n(2)]
    pub from: CivilDay,
    /// The last day.
    #[n(3)]
    pub until: CivilDay,
    /// Index of the first leaf of those days.
    #[n(4)]
    pub first: u64,
    /// Index behind their last leaf.
    #[n(5)]
    pub end: u64,
    /// Size of the published tree in which they stand.
    #[n(6)]
    pub size: u64,
    /// Its root.
    #[n(7)]
    pub root: Digest,
    /// SHA-256 of the figures.
    #[n(8)]
    pub figures: Digest,
    /// SHA-256 of the figures for the public, where the Parties agreed how those are told.
    #[n(9)]
    pub public: Option<Digest>,
}

impl Body for Report {
    const NAME: &'static str = "report";

    fn check(&self) -> Result<(), Malformed> {
        let wrong = |what, form, found: String| Err(Malformed::new(what, form, &found));
        if self.mandate.len() > MAX_MANDATE_BYTES {
            return wrong("mandate", "at most 8192 bytes", self.mandate.len().to_string());
        }
        if self.until < self.from {
            return wrong("period", "a first day and a last one not before it", self.until.to_string());
        }
        if self.first > self.end || self.end > self.size {
            let found = format!("{}, {}, {}", self.first, self.end, self.size);
            return wrong("leaves", "first, end and size in this order", found);
        }
        Ok(())
    }
}

/// A node tells the public what it may of a report. It names no mandate and no person, so that it can be shown to anyone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PublicFigures {
    /// Digest of the signed report.
    #[n(0)]
    pub report: Digest,
    /// Root of the published tree that it was counted from.
    #[n(1)]
    pub root: Digest,
    /// The figures, as their JSON.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub figures: Vec<u8>,
}

impl Body for PublicFigures {
    const NAME: &'static str = "figures";

    fn check(&self) -> Result<(), Malformed> {
        if self.figures.len() > MAX_PUBLIC_BYTES {
            return Err(Malformed::new("figures", "at most 131072 bytes", &self.figures.len().to_string()));
        }
        Ok(())
    }
}

/// An inspector has counted a report again and signs what the public is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReportCosignature {
    /// Digest of the signed figures for the public, which name the report and the tree.
    #[n(0)]
    pub public: Digest,
}

impl Body for ReportCosignature {
    const NAME: &'static str = "report-cosignature";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
