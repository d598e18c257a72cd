//! The particulars of a question: what was approved in writing, and the copy, translation, contractor or visit that it is
//! about.
//!
//! *Absent:* whether they suffice. That is `release::floor`.

use crate::marking::Level;
use crate::party::{FacilityName, Malformed, Party, PersonId, plain_name};
use crate::people::{Clearance, Person};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

plain_name! {
    /// A use of information, such as `criminal-inquiry`.
    Purpose, "purpose", 32
}

/// What an originator approves about its item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Approved {
    /// That it goes to this third party (Art. 6(a)).
    #[n(0)]
    ThirdParty(#[n(0)] Party),
    /// That it is used for this other purpose (Art. 6(c)).
    #[n(1)]
    OtherPurpose(#[n(0)] Purpose),
    /// That it has this lower level of the originator from now on (Art. 6(g)).
    #[n(2)]
    Downgrade(#[n(0)] Level),
}

impl Approved {
    /// The article that wants it in writing.
    pub fn article(&self) -> &'static str {
        match self {
            Self::ThirdParty(_) => "6(a)",
            Self::OtherPurpose(_) => "6(c)",
            Self::Downgrade(_) => "6(g)",
        }
    }
}

impl fmt::Display for Approved {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThirdParty(party) => write!(f, "third-party={party}"),
            Self::OtherPurpose(purpose) => write!(f, "purpose={purpose}"),
            Self::Downgrade(level) => write!(f, "downgrade={level}"),
        }
    }
}

impl FromStr for Approved {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text.split_once('=') {
            Some(("third-party", party)) => Ok(Self::ThirdParty(party.parse()?)),
            Some(("purpose", purpose)) => Ok(Self::OtherPurpose(purpose.parse()?)),
            Some(("downgrade", level)) => Ok(Self::Downgrade(level.parse()?)),
            _ => {
                Err(Malformed::new("approval", "third-party=PARTY, purpose=PURPOSE or downgrade=LEVEL", text))
            }
        }
    }
}

/// One written approval.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Approval {
    /// The Party that gave it. Only the originator's counts.
    #[n(0)]
    pub from: Party,
    /// What it approves.
    #[n(1)]
    pub approved: Approved,
    /// From when it holds: approval comes beforehand.
    #[n(2)]
    pub given: Timestamp,
    /// When it lapses, if it does.
    #[n(3)]
    pub until: Option<Timestamp>,
    /// The written document, at most [`MAX_DOCUMENT_BYTES`].
    #[n(4)]
    pub document: String,
}

/// Longest reference of a written document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 128;

impl Approval {
    /// Whether it holds at `at` as an approval of `originator`.
    pub fn holds(&self, originator: Party, at: Timestamp) -> bool {
        self.from == originator && self.given <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether it is this that `originator` approves at `at`.
    pub fn grants(&self, what: &Approved, originator: Party, at: Timestamp) -> bool {
        self.holds(originator, at) && self.approved == *what
    }

    /// Checks the limit that no type carries.
    ///
    /// # Errors
    /// When the document is named by nothing, by too much, or by control characters.
    pub fn check(&self) -> Result<(), Malformed> {
        crate::consent::document(&self.document)
    }
}

/// A copy of an item (Art. 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reproduction {
    /// Which copy this would be, from 1.
    #[n(0)]
    pub number: u32,
    /// How many copies the official need calls for.
    #[n(1)]
    pub needed: u32,
    /// Whether it bears every original marking.
    #[n(2)]
    pub is_marked: bool,
}

/// A translation of an item (Art. 15).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Translation {
    /// Who would translate.
    #[n(0)]
    pub translator: Person,
    /// Whether it says in its own language that it holds classified information of the originator.
    #[n(1)]
    pub has_notation: bool,
}

/// A contractor's facility, as its Party's authority has ascertained (Art. 16).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Contractor {
    /// The facility.
    #[n(0)]
    pub facility: FacilityName,
    /// Whose contractor it is.
    #[n(1)]
    pub party: Party,
    /// Up to which level it can protect information, and until when that holds.
    #[n(2)]
    pub cleared: Option<Clearance>,
    /// Until when its last inspection counts; absent: never inspected (16(g)).
    #[n(3)]
    pub inspected_until: Option<Timestamp>,
    /// The individual named as responsible (16(j)).
    #[n(4)]
    pub responsible: Option<PersonId>,
    /// Whether everyone with access is cleared, briefed and on the facility's registry (16(i)).
    #[n(5)]
    pub is_staff_registered: bool,
}

/// A visit of another Party's people (Art. 8).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Visit {
    /// Whether its purpose is official.
    #[n(0)]
    pub is_official: bool,
    /// Who approved it. Only the host's approval counts.
    #[n(1)]
    pub approved_by: Option<Party>,
    /// When the visit is over.
    #[n(2)]
    pub until: Timestamp,
    /// The highest level that the host lets the facility disclose, in the host's scheme.
    #[n(3)]
    pub highest: Option<Level>,
}

/// Approvals as they stand in a question. None at all is written `false`, which is what stood there before approvals were
/// named, so that the questions of older journals keep their digests.
pub(crate) mod approvals {
    use super::Approval;
    use minicbor::data::Type;
    use minicbor::decode::{Decoder, Error};
    use minicbor::encode::{self, Encoder, Write};

    pub fn encode<C, W: Write>(
        approvals: &[Approval],
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        if approvals.is_empty() {
            return encoder.bool(false)?.ok();
        }
        encoder.array(approvals.len() as u64)?;
        approvals.iter().try_for_each(|approval| encoder.encode_with(approval, context).map(|_| ()))
    }

    pub fn decode<'b, C>(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Vec<Approval>, Error> {
        let at = decoder.position();
        let read = match decoder.datatype()? {
            // A consent without a document was never written.
            Type::Bool if !decoder.bool()? => return Ok(Vec::new()),
            Type::Array => decoder.decode_with::<C, Vec<Approval>>(context)?,
            _ => Vec::new(),
        };
        if read.is_empty() {
            Err(Error::message("approvals: false or at least one").at(at))
        } else {
            Ok(read)
        }
    }
}
