//! Versions of entries: which are read, how an older one becomes the current form, and what a newer one is called.
//!
//! The version is read before anything else of an entry. An older entry goes through the upcaster of its version; a newer
//! one is unfit for this build, which is not the same as damaged: it stays sealed where it is. An upcaster may change the
//! form of an act, never what [`crate::oversight::shown`] says of it, for the leaves of old entries commit to that.
//!
//! *Absent:* the journal. Only the newest version is ever written, and no entry is written again.

use super::{Act, Entry};
use crate::form::is_written_as;
use crate::letters::Matter;
use crate::people::Role;
use crate::view::Ask;

/// The version of [`Entry`] that this build writes, and the newest that it reads.
pub const ENTRY_VERSION: u8 = 8;

/// Why an entry cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A newer build wrote it: unfit, to be left as it is.
    #[error("it is of entry version {found}, and this build reads up to {ENTRY_VERSION}")]
    Unfit {
        /// Its version.
        found: u64,
    },
    /// It is no entry of the version that it says.
    #[error("it is no entry")]
    Form,
}

impl Entry {
    /// Reads an entry of this version or an older one.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn read(bytes: &[u8]) -> Result<Self, Unread> {
        match version(bytes)? {
            older @ 1..=7 => upcast(exact(bytes)?, older),
            found if found == u64::from(ENTRY_VERSION) => exact(bytes),
            found if found > u64::from(ENTRY_VERSION) => Err(Unread::Unfit { found }),
            _ => Err(Unread::Form),
        }
    }
}

impl Act {
    /// The entry version in which an act first stood in this form.
    pub fn since(&self) -> u8 {
        match self {
            Self::LetterOwed { matter: Matter::Opening(_), .. } => 7,
            Self::LetterDecided { .. } | Self::LetterTaken { share: Some(_), .. } => 7,
            Self::LossSigned { .. } | Self::LossKept { .. } => 6,
            Self::CaseClosed { .. } | Self::PassageBarred { .. } => 6,
            Self::CopySealed { .. } => 6,
            Self::LogSucceeded { .. } | Self::SuccessionDecided { .. } | Self::SuccessionShown { .. } => 5,
            Self::ReportCosigned { .. } => 5,
            Self::PassageOwed { .. }
            | Self::PassageVerified { .. }
            | Self::PassageTold { .. }
            | Self::PassageMirrored { .. } => 5,
            Self::LetterOwed { .. } | Self::LetterTaken { .. } | Self::LetterPassed { .. } => 5,
            Self::HopSigned { .. } | Self::HopDelivered { .. } | Self::HopKept { .. } => 5,
            Self::LogForked { .. }
            | Self::LogDecided { .. }
            | Self::ProofKept { .. }
            | Self::ProofDelivered { .. } => 4,
            Self::MandateGiven { .. } | Self::MandateEnded { .. } | Self::ReportMade { .. } => 4,
            Self::ConsentMade { .. } | Self::ConsentMirrored { .. } | Self::StatementDelivered { .. } => 4,
            Self::ClientAdded { .. } | Self::ClientRevoked { .. } | Self::KeyTakenOver { .. } => 4,
            Self::Handled { .. } | Self::CopyReturned { .. } | Self::ItemDerived { .. } => 4,
            Self::DestructionSigned { .. } | Self::DestructionMirrored { .. } => 4,
            Self::RecallMade { .. } | Self::RecallMirrored { .. } => 5,
            Self::OpeningAsked { .. } | Self::OpeningAnswered { .. } => 5,
            Self::OpeningReceived { .. } | Self::OpeningDecided { .. } => 5,
            Self::Ruled { asked: Some(asked), .. }
                if matches!(asked.ask, Ask::Open { purpose: Some(_), .. }) =>
            {
                6
            }
            Self::Ruled { asked: Some(asked), .. } if matches!(asked.ask, Ask::Opening { .. }) => 5,
            Self::ItemMarked { marking, .. } | Self::ArrivalVerified { marking, .. }
                if !marking.purposes.is_empty() =>
            {
                6
            }
            Self::ItemMarked { marking, .. } | Self::ArrivalVerified { marking, .. }
                if marking.control.is_some() =>
            {
                5
            }
            Self::PersonEnrolled { person, .. } if person.has(Role::AgreementOffice) => 3,
            Self::InstrumentMade { .. }
            | Self::InstrumentMirrored { .. }
            | Self::InstrumentContested { .. }
            | Self::InstrumentDelivered { .. }
            | Self::PackAdopted { .. } => 3,
            Self::Ruled { asked: Some(_), .. } => 3,
            Self::ItemMarked { marking, .. } | Self::ArrivalVerified { marking, .. }
                if !marking.topics.is_empty() =>
            {
                3
            }
            Self::CardShown { .. } => 2,
            _ => 1,
        }
    }
}

/// The entry version under which these bytes were written; none where they are no entry.
pub fn written_as(bytes: &[u8]) -> Option<u64> {
    version(bytes).ok()
}

/// The version, which stands first in every version there will be.
fn version(bytes: &[u8]) -> Result<u64, Unread> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let read = decoder.map().and_then(|_| Ok((decoder.u8()?, decoder.u64()?)));
    match read {
        Ok((0, version)) => Ok(version),
        _ => Err(Unread::Form),
    }
}

/// Every version so far added acts and fields, and changed none: an older entry is one of this version without them. Version
/// 1 had the acts up to the revocation of a partner. Successions and revocations were added to it without a new version, and
/// journals hold them so; see the decision of 2026-11-25. Version 2 added the showing of a card. Version 3 added the
/// instruments of the agreement's life, what a ruling answered, and what an item is about. Version 4 added what became of a
/// partner's log and of its promises, the mandates of oversight, and the machine clients of the key access service. Version
/// 5 added the succession of a log that lost entries, and the cosignatures of inspectors, passages, recalls, openings and
/// letters. Version 6 added what follows on these. Version 7 added openings that are asked for in letters, and the share of a
/// key that a hub keeps. Since version 8 a leaf says of fewer acts whether they were in time ([`crate::oversight::OWN_DUE_SINCE`]).
fn upcast(entry: Entry, version: u64) -> Result<Entry, Unread> {
    if u64::from(entry.act.since()) > version {
        return Err(Unread::Form);
    }
    Ok(Entry { version: ENTRY_VERSION, ..entry })
}

/// An entry in the one form that is written for it: a field that this build does not know would be lost without a word.
fn exact(bytes: &[u8]) -> Result<Entry, Unread> {
    let entry: Entry = minicbor::decode(bytes).map_err(|_| Unread::Form)?;
    if is_written_as(&entry, bytes) { Ok(entry) } else { Err(Unread::Form) }
}
