//! The form of `terms.toml`. Each value keeps its place, so that a fault can name its line.
//!
//! *Absent:* meaning, and defaults.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A text with its place.
pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermsFile {
    pub agreement: Text,
    pub version: Text,
    pub languages: Spanned<Vec<Text>>,
    pub kinds: Codes,
    pub topics: Codes,
    pub binding: Word,
    pub effect: EffectFile,
    pub term_years: Amount,
    pub notice_days: Amount,
    pub hub: Word,
    pub relay: Option<Word>,
    pub utc_offset_hours: Amount,
    pub suppress_below: Option<Amount>,
    pub cosignature_hours: Option<Amount>,
    pub on_overdue: Option<Word>,
    pub offline_grace_hours: Option<Amount>,
    pub hub_share_days: Option<Amount>,
    pub party: Vec<PartyFile>,
    pub equivalence: Vec<RowFile>,
    pub obligation: Vec<ObligationFile>,
    #[serde(default)]
    pub leg: Vec<LegFile>,
    #[serde(default)]
    pub purpose: Vec<PurposeFile>,
    pub floor: BTreeMap<String, Source>,
}

/// Something that information is given for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PurposeFile {
    pub code: Text,
    pub name: Names,
    pub article: Text,
    pub status: Text,
}

/// Where a rule comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub article: Text,
    pub status: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Codes {
    pub codes: Vec<Text>,
    pub article: Text,
    pub status: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    pub value: Text,
    pub article: Text,
    pub status: Text,
}

/// What brings the agreement into force; a deposit names with whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectFile {
    pub value: Text,
    pub depositary: Option<Text>,
    pub article: Text,
    pub status: Text,
}

/// A number, or the word `none` where the agreement sets none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Amount {
    pub value: Spanned<toml::Value>,
    pub article: Text,
    pub status: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyFile {
    pub code: Text,
    pub name: Names,
    pub article: Text,
    pub status: Text,
    pub level: Vec<LevelFile>,
    pub authority: Vec<AuthorityFile>,
    pub gate: Vec<GateFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub ko: Option<Text>,
    pub ja: Option<Text>,
    pub en: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelFile {
    pub code: Text,
    pub name: Text,
    pub reading: Text,
    pub rank: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthorityFile {
    pub code: Text,
    pub name: Names,
    pub notification: Text,
    pub article: Text,
    pub status: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GateFile {
    pub code: Text,
    pub name: Names,
    pub source: Text,
    pub article: Text,
    pub status: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowFile {
    pub english: Text,
    pub levels: BTreeMap<String, Spanned<Vec<Text>>>,
    pub article: Text,
    pub status: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObligationFile {
    pub duty: Text,
    pub name: Names,
    pub due: Text,
    pub article: Text,
    pub status: Text,
}

/// The agreement between two Parties of an arrangement among more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LegFile {
    pub basis: Text,
    pub parties: Spanned<Vec<Text>>,
    pub article: Text,
    pub status: Text,
}
