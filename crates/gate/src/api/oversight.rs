//! Mandates of oversight, and reports under them.

use super::Texts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an oversight body may see.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Mandate {
    /// Digest of the signed mandate, by which it is named.
    pub mandate: String,
    /// The oversight body; in English where it has no name in a language.
    pub body: Texts,
    /// The inspectors who act for it.
    pub inspectors: Vec<String>,
    /// The first day whose acts they may ask about, such as `2026-01-01`.
    pub from: String,
    /// The last one.
    pub until: String,
    /// The fields of leaves that are opened to them, by name: `act`, `article`, `direction` and so on.
    pub fields: Vec<String>,
    /// The law or decision that it rests on.
    pub basis: String,
    /// Who gave it.
    pub by: String,
    /// Index of the entry that recorded it.
    pub index: u64,
    /// Index of the entry that ended it; absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// Base64 of the signed mandate.
    pub statement: String,
}

/// A report that an inspector wants.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedReport {
    /// The mandate.
    pub mandate: String,
    /// The first day, such as `2026-01-01`.
    pub from: String,
    /// The last one.
    pub until: String,
    /// Whether it is to be without figures for the public. A report with them is refused where its days are not over in the published log,
    /// and where another one told the public of some of its acts, and of others.
    #[serde(default)]
    pub not_public: bool,
}

/// A report that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MadeReport {
    /// Digest of the report that the node signed.
    pub report: String,
    /// The mandate.
    pub mandate: String,
    /// The first day.
    pub from: String,
    /// The last one.
    pub until: String,
    /// The inspector to whom it was given.
    pub by: String,
    /// Index of the entry that recorded it.
    pub index: u64,
    /// Digest of the signed figures for the public; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// Who counted it again and signed what the public is told.
    pub cosigned: Vec<Cosigned>,
}

/// One inspector's signature on what the public is told of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Cosigned {
    /// The inspector.
    pub by: String,
    /// Base64 of the notice in which the node vouches for the inspector's keys, with what was signed.
    pub notice: String,
}
