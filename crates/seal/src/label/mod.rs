//! Labels: a marking written as STANAG 5636 JSON inside a TDF handling assertion, and its digest, which the signed
//! package names.
//!
//! Foreign clients read classification, policy and "Releasable To"; we read back the whole marking, which stands beside
//! them as informative categories.
//!
//! *Absent:* which classification word and policy a level has (the rule pack's), and who may read.

mod jcs;
mod jws;
pub mod sidecar;
pub mod stanag;

pub use jws::{Es256Secret, LabelError, sign, verify};

use crate::digest::sha256;
use crate::tdf::{Assertion, Statement};
use attache_accord::party::Malformed;
use attache_accord::{Digest, Marking, Party, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Id of the label's assertion in a manifest.
pub const LABEL_ID: &str = "label-1";
/// Longest label value, in bytes.
pub const MAX_LABEL_BYTES: usize = 32 * 1024;

const FORMAT: &str = "json+stanag5636";
const SCHEMA: &str = "urn:nato:stanag:5636:A:1:elements:json";
/// The permissive category of STANAG 4774: a reader of any one of the nations may read.
const RELEASABLE_TO: &str = "Releasable To";
const LEVEL: &str = "Level";
const KIND: &str = "Kind";
const TOPIC: &str = "Topic";
const CAVEAT: &str = "Caveat";
/// For what it is given, where the agreement names purposes.
const PURPOSE: &str = "Purpose";
/// ORCON: who answers for the originator at each opening, and until when it may be opened.
const CONTROL: &str = "Originator Control";

/// A marking with the words that foreign clients know for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The marking.
    pub marking: Marking,
    /// The security policy of the originator, such as `urn:oid:1.3.6.1.4.1.99999.1`.
    pub policy: String,
    /// The classification in that policy, such as `SECRET`.
    pub classification: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    ocl: Ocl,
    context: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ocl {
    pol: String,
    cls: String,
    catl: Vec<Category>,
    dcr: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    vals: Vec<String>,
}

impl Label {
    /// The statement value: the text that is signed, shown and digested. The originator stands first in "Releasable
    /// To", since to a reader of STANAG 4774 a missing category would mean no restriction.
    ///
    /// # Errors
    /// [`LabelError::Marking`].
    pub fn to_value(&self) -> Result<String, LabelError> {
        let marking = &self.marking;
        marking.check()?;
        let originator = marking.originator();
        if marking.releasable_to.contains(&originator) {
            return Err(LabelError::Form("releasable_to names the originator"));
        }
        let nations = [originator].iter().chain(&marking.releasable_to).map(Party::to_string).collect();
        let mut catl = vec![
            category("P", RELEASABLE_TO, nations),
            category("I", LEVEL, vec![marking.level.to_string()]),
            category("I", KIND, vec![marking.kind.to_string()]),
        ];
        if !marking.topics.is_empty() {
            catl.push(category("I", TOPIC, marking.topics.iter().map(ToString::to_string).collect()));
        }
        if !marking.purposes.is_empty() {
            catl.push(category("I", PURPOSE, marking.purposes.iter().map(ToString::to_string).collect()));
        }
        if let Some(control) = &marking.control {
            catl.push(category("I", CONTROL, vec![control.to_string()]));
        }
        if !marking.caveats.is_empty() {
            catl.push(category("I", CAVEAT, marking.caveats.clone()));
        }
        let dcr = marking.marked_at.to_string();
        let ocl = Ocl { pol: self.policy.clone(), cls: self.classification.clone(), catl, dcr };
        let context = BTreeMap::from([("@base".to_owned(), SCHEMA.to_owned())]);
        let text = serde_json::to_string(&Wire { ocl, context }).map_err(|_| LabelError::Form("label"))?;
        if text.len() > MAX_LABEL_BYTES {
            Err(LabelError::Form("label longer than 32768 bytes"))
        } else {
            Ok(text)
        }
    }

    /// Reads a statement value of ours. Exactly what [`Label::to_value`] writes and nothing else: a label that could
    /// be read in two ways is no label.
    ///
    /// # Errors
    /// [`LabelError::Form`] or [`LabelError::Marking`].
    pub fn from_value(text: &str) -> Result<Self, LabelError> {
        if text.len() > MAX_LABEL_BYTES {
            return Err(LabelError::Form("label longer than 32768 bytes"));
        }
        let wire: Wire =
            serde_json::from_str(text).map_err(|_| LabelError::Form("label is not STANAG 5636 JSON"))?;
        let label = Self::from_wire(wire)?;
        if label.to_value()? == text {
            Ok(label)
        } else {
            Err(LabelError::Form("label is not in its one form"))
        }
    }

    fn from_wire(wire: Wire) -> Result<Self, LabelError> {
        let Ocl { pol: policy, cls: classification, catl, dcr } = wire.ocl;
        let mut values: BTreeMap<String, Vec<String>> =
            catl.into_iter().map(|category| (category.name, category.vals)).collect();
        let mut take = |name: &str| values.remove(name).unwrap_or_default();
        let nations: Vec<Party> =
            take(RELEASABLE_TO).iter().map(|text| text.parse()).collect::<Result<_, Malformed>>()?;
        let (level, kind) = (one(take(LEVEL))?, one(take(KIND))?);
        let marking = Marking {
            level: level.parse()?,
            // The first is the originator; written back and compared, so a wrong first one is refused.
            releasable_to: nations.into_iter().skip(1).collect::<BTreeSet<_>>(),
            kind: kind.parse()?,
            caveats: take(CAVEAT),
            marked_at: timestamp(&dcr)
                .ok_or(LabelError::Form("dcr is not a time in UTC with milliseconds"))?,
            topics: take(TOPIC).iter().map(|text| text.parse()).collect::<Result<_, Malformed>>()?,
            control: at_most_one(take(CONTROL))?.map(|text| text.parse()).transpose()?,
            purposes: take(PURPOSE).iter().map(|text| text.parse()).collect::<Result<_, Malformed>>()?,
        };
        Ok(Self { marking, policy, classification })
    }

    /// The assertion to go into a manifest, not yet signed.
    ///
    /// # Errors
    /// As [`Label::to_value`].
    pub fn to_assertion(&self) -> Result<Assertion, LabelError> {
        let statement = Statement {
            format: FORMAT.to_owned(),
            schema: Some(SCHEMA.to_owned()),
            value: Value::String(self.to_value()?),
            others: BTreeMap::new(),
        };
        Ok(Assertion {
            id: LABEL_ID.to_owned(),
            kind: "handling".to_owned(),
            scope: "tdo".to_owned(),
            applies_to_state: Some("encrypted".to_owned()),
            statement,
            binding: None,
            others: BTreeMap::new(),
        })
    }

    /// Reads the label out of an assertion, and its digest. Whether it is signed is [`verify`]'s word and the signed
    /// package's.
    ///
    /// # Errors
    /// [`LabelError::Form`] or [`LabelError::Marking`].
    pub fn from_assertion(assertion: &Assertion) -> Result<(Self, Digest), LabelError> {
        let statement = &assertion.statement;
        let is_ours = assertion.kind == "handling"
            && assertion.scope == "tdo"
            && statement.format == FORMAT
            && statement.schema.as_deref() == Some(SCHEMA);
        let Value::String(text) = &statement.value else {
            return Err(LabelError::Form("statement.value is not a string"));
        };
        if !is_ours {
            return Err(LabelError::Form("not a handling assertion of json+stanag5636 on the tdo"));
        }
        Ok((Self::from_value(text)?, label_digest(text)))
    }
}

/// How statements name a label: SHA-256 over `"attache/label/v1\n"`, the length as u64 and the statement value.
pub fn label_digest(value: &str) -> Digest {
    sha256(&[b"attache/label/v1\n", &(value.len() as u64).to_be_bytes(), value.as_bytes()])
}

fn category(kind: &str, name: &str, vals: Vec<String>) -> Category {
    Category { kind: kind.to_owned(), name: name.to_owned(), vals }
}

fn one(values: Vec<String>) -> Result<String, LabelError> {
    match <[String; 1]>::try_from(values) {
        Ok([value]) => Ok(value),
        Err(_) => Err(LabelError::Form("Level, Kind and Originator Control have one value each")),
    }
}

fn at_most_one(values: Vec<String>) -> Result<Option<String>, LabelError> {
    if values.is_empty() { Ok(None) } else { one(values).map(Some) }
}

/// Reads `YYYY-MM-DDTHH:MM:SS.mmmZ` and no other way to write it.
fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|time: &Timestamp| time.to_string() == text)
}
