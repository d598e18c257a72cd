//! The agreement's life: each Party's record, where they differ, and what is coming.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// From when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    /// From when the agreement is held to be in force; absent: not.
    pub from: Option<String>,
    /// Until when; absent: no end is set.
    pub until: Option<String>,
}

/// A domestic gate that was dealt with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Gate {
    /// Its code in the pack.
    pub gate: String,
    /// Who answers for it.
    pub official: String,
    /// The document.
    pub document: String,
    /// Its date.
    pub dated: String,
    /// Why it was left out; absent where it was passed.
    pub skipped: Option<String>,
}

/// A text with the date of what was done to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DatedText {
    /// Digest of the rule pack that holds the text.
    pub text: String,
    /// The date.
    pub dated: String,
}

/// Something in words with the instrument that says it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Announced {
    /// Digest of the instrument.
    pub instrument: String,
    /// What it says.
    pub remark: String,
}

/// Where one Party stands, by its own record as this node has it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartyRecord {
    /// The Party.
    pub party: String,
    /// Whether this is the node's own Party.
    pub own: bool,
    /// Instruments on record.
    pub length: u64,
    /// Digest of the last one.
    pub head: Option<String>,
    /// A word for where it stands, such as `in-force` or `notice-suspended`.
    pub phase: String,
    /// Whether it holds the agreement to be in force now.
    pub in_force: bool,
    /// What it declares about the effect.
    pub declares: Effect,
    /// The text initialled.
    pub initialled: Option<DatedText>,
    /// Gates dealt with, in order.
    pub gates: Vec<Gate>,
    /// Gates outstanding, in order.
    pub outstanding: Vec<String>,
    /// When and why it withdrew before it signed.
    pub withdrew: Option<String>,
    /// The text signed.
    pub signed: Option<DatedText>,
    /// When it notified that its requirements are met.
    pub notified: Option<String>,
    /// Its notice of termination: `none`, `given` or `suspended`.
    pub notice: String,
    /// The instrument that gave that notice.
    pub notice_instrument: Option<String>,
    /// Its legal position in its own words.
    pub position: Option<String>,
    /// Amended texts that it consented to.
    pub amendments: Vec<DatedText>,
    /// Changes of law that it announced.
    pub law_changes: Vec<Announced>,
    /// Disputes that it raised and has not settled: the instruments.
    pub disputes: Vec<String>,
}

/// One difference between the records, or between a record and the text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Differing {
    /// `text`, `effect`, `reading`, `undelivered` or `contested`.
    pub what: String,
    /// Whose record it is about; absent where it is about several.
    pub party: Option<String>,
    /// Each Party's side of it, or what the text gives.
    pub sides: Vec<String>,
}

/// What is coming.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// The day; absent where the text sets none.
    pub day: Option<String>,
    /// `last-notice`, `term-ends`, `notice-takes-effect`, `gate`, `signature`, `notification`, `declaration`, `consent`,
    /// `acknowledgement` or `suspended-notice`.
    pub due: String,
    /// Whose it is.
    pub party: Option<String>,
    /// The gate's code, or the digest that it is about.
    pub about: Option<String>,
}

/// The agreement as this node knows it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Agreement {
    /// Its short name.
    pub agreement: String,
    /// Digest of the rule pack in force at this node.
    pub pack: String,
    /// Version of the rule pack.
    pub pack_version: String,
    /// `in-force`, `divergent` or `not-in-force`: the Parties' recorded positions read together. A release needs `in-force`.
    pub force: String,
    /// Hours east of Greenwich of the civil time that the agreement counts in.
    pub utc_offset_hours: u8,
    /// Each Party's record.
    pub parties: Vec<PartyRecord>,
    /// What the text's own rule gives from the records.
    pub text: Effect,
    /// Whether a document on record is one that the text does not know.
    pub beyond_text: bool,
    /// Where the records differ.
    pub differing: Vec<Differing>,
    /// What is coming, soonest first.
    pub calendar: Vec<Deadline>,
}

/// One instrument of a Party's record.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Instrument {
    /// Whose record.
    pub party: String,
    /// Its place in it.
    pub number: u64,
    /// Digest of the signed instrument.
    pub digest: String,
    /// What was done, such as `gate skipped`.
    pub step: String,
    /// The gate, version, milestone or digest that the step names.
    pub about: Option<String>,
    /// Who did it.
    pub official: String,
    /// The document.
    pub document: String,
    /// Its date.
    pub dated: String,
    /// What is declared with it.
    pub declares: Effect,
    /// Words to it.
    pub remark: String,
    /// The last instrument of each other Party that was seen.
    pub seen: Vec<String>,
    /// Base64 of the signed instrument.
    pub statement: String,
}
