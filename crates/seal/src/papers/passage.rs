//! Papers of a passage: the chain that travels in the manifest of what is passed on, and the hub's word on what became of it.
//!
//! ```text
//!   manifest ─ label-1    the originator's, as it was signed
//!            └ passage-1  its package for the hub · its approval, as its node brought it · the hub's receipt · the hub's level
//! ```
//! The manifest is named by the hub's signed package, so the chain needs no signature of its own.
//!
//! *Absent:* whether the chain holds. Whoever receives it verifies each link under the card of who made it.

use crate::label::LabelError;
use crate::statement::Body;
use crate::tdf::{Assertion, Statement};
use attache_accord::party::Malformed;
use attache_accord::passage::{self, Standing};
use attache_accord::{Digest, Level};
use data_encoding::BASE64;
use minicbor::{Decode, Encode};
use serde_json::Value;
use std::collections::BTreeMap;

/// Id of the chain's assertion in a manifest.
pub const PASSAGE_ID: &str = "passage-1";
/// Longest chain, in bytes: three signed statements, one of them in a notice.
pub const MAX_PASSAGE_BYTES: usize = 32 * 1024;

const KIND: &str = "other";
const FORMAT: &str = "cbor+base64";
const SCHEMA: &str = "urn:attache:passage:1";

/// What a hub shows of where an item comes from and why it may be passed on. Each statement as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Passage {
    /// The originator's package for the hub.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub package: Vec<u8>,
    /// The notice in which the originator's node brought its approval.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub consent: Vec<u8>,
    /// The hub's receipt for the originator.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub receipt: Vec<u8>,
    /// The hub's own level for the item.
    #[n(3)]
    pub level: Level,
}

impl Passage {
    /// The assertion to go into a manifest.
    ///
    /// # Errors
    /// [`LabelError::Form`] where the chain is too long.
    pub fn to_assertion(&self) -> Result<Assertion, LabelError> {
        let bytes = minicbor::to_vec(self).map_err(|_| LabelError::Form("passage"))?;
        if bytes.len() > MAX_PASSAGE_BYTES {
            return Err(LabelError::Form("passage longer than 32768 bytes"));
        }
        let statement = Statement {
            format: FORMAT.to_owned(),
            schema: Some(SCHEMA.to_owned()),
            value: Value::String(BASE64.encode(&bytes)),
            others: BTreeMap::new(),
        };
        Ok(Assertion {
            id: PASSAGE_ID.to_owned(),
            kind: KIND.to_owned(),
            scope: "tdo".to_owned(),
            applies_to_state: None,
            statement,
            binding: None,
            others: BTreeMap::new(),
        })
    }

    /// Reads the chain out of an assertion: the one form that is written for it. Nothing in it is verified.
    ///
    /// # Errors
    /// [`LabelError::Form`].
    pub fn from_assertion(assertion: &Assertion) -> Result<Self, LabelError> {
        let Value::String(text) = &assertion.statement.value else {
            return Err(LabelError::Form("statement.value is not a string"));
        };
        if text.len() > BASE64.encode_len(MAX_PASSAGE_BYTES) {
            return Err(LabelError::Form("passage longer than 32768 bytes"));
        }
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| LabelError::Form("passage is not base64"))?;
        let passage: Self =
            minicbor::decode(&bytes).map_err(|_| LabelError::Form("passage is not of its form"))?;
        if passage.to_assertion()? == *assertion {
            Ok(passage)
        } else {
            Err(LabelError::Form("passage is not in its one form"))
        }
    }
}

/// The hub tells an originator what became of a passage, with the recipient's receipt where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hop {
    /// What it says.
    #[n(0)]
    pub hop: passage::Hop,
    /// The recipient's signed receipt. There exactly when the passage is receipted.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub receipt: Option<Vec<u8>>,
}

impl Body for Hop {
    const NAME: &'static str = "hop";

    fn check(&self) -> Result<(), Malformed> {
        let standing = self.hop.fate.standing();
        if self.receipt.is_some() != (standing == Standing::Receipted) {
            return Err(Malformed::new("receipt", "there exactly when the passage is receipted", ""));
        }
        let none = |consent: &Option<Digest>| consent.is_none();
        if none(&self.hop.consent) != (standing == Standing::Refused) {
            return Err(Malformed::new("consent", "there unless the passage was decided against", ""));
        }
        match &self.hop.fate {
            passage::Fate::Declined { code } => super::term("code", code),
            _ => Ok(()),
        }
    }
}
