//! Items, their markings, and arrivals.

use super::{Banners, Explained, Hop};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Title, file name and media type: base64 of this as JSON stands in the header `attache-metadata`, so that no title
/// is ever part of a URL.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Described {
    /// The title.
    pub title: String,
    /// The file name, without a path.
    #[serde(default)]
    pub file_name: String,
    /// The media type.
    #[serde(default)]
    pub media_type: String,
    /// Whether to make the part below the tearline an item of its own.
    #[serde(default)]
    pub tearline: bool,
    /// Whether the bytes are a TDF that a foreign client sealed for this node's key access service.
    #[serde(default)]
    pub tdf: bool,
}

/// An item that was taken in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Added {
    /// The item.
    pub item: String,
    /// Its digest, over the encrypted segments.
    pub item_digest: String,
    /// Its size in bytes.
    pub size: u64,
    /// The part below the tearline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub extract: Option<Box<Added>>,
}

/// A marking, as its originator writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Marking {
    /// The level, such as `KOR:II`.
    pub level: String,
    /// The kind of information, such as `humint`.
    pub kind: String,
    /// What it is about, where the agreement covers some topics only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Parties that may have it beside the originator.
    #[serde(default)]
    pub releasable_to: Vec<String>,
    /// Caveats in the originator's words.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// For which of the agreement's purposes it is given, where it names some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// Originator control, where each opening at a recipient's needs the originator's consent: `rule` or `person`, and until when
    /// it is opened at all, such as `rule until 2027-06-30T00:00:00.000Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// When it was marked; set by the node.
    #[serde(default)]
    pub marked_at: Option<String>,
}

/// How a draft is marked that was made from other items.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Derivation {
    /// The items that it was made from.
    pub sources: Vec<String>,
    /// The level, where the sources leave a choice or it is to be higher.
    pub level: Option<String>,
    /// The kind of information.
    pub kind: String,
    /// Further topics.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Whom to release it to at most; absent: all that the sources allow.
    pub releasable_to: Option<Vec<String>>,
    /// Further caveats.
    #[serde(default)]
    pub caveats: Vec<String>,
}

/// An item as lists show it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// Its id on this node.
    pub item: String,
    /// `draft`, `marked` or `admitted`.
    pub stage: String,
    /// Whether two people signed that it is destroyed.
    #[serde(default)]
    pub destroyed: bool,
    /// Its title, where the node holds it and the reader may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest, over the encrypted segments.
    pub item_digest: String,
    /// Digest of the bound label, once marked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_digest: Option<String>,
    /// The originator's marking, once marked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marking: Option<Marking>,
    /// The level of the holding Party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_level: Option<String>,
    /// The items that it was made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Whose information it contains besides, at which levels of theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contains: BTreeMap<String, Vec<String>>,
    /// The node that it came from, where it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The dispatch by which it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<String>,
    /// What its originator took back or reclassified of it since, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalls: Vec<super::Recall>,
    /// The register number, where it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_number: Option<String>,
    /// The item that it is the releasable part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extract_of: Option<String>,
    /// Who added or admitted it.
    pub by: String,
    /// The banner to show with it, once marked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banner: Option<Banners>,
    /// The originator's node, where a hub passed it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The level of that hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_level: Option<String>,
    /// Its hops, as far as this node was told; in the item itself, and not in lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
}

/// Words of a title. They stand in a body, so that no title is ever part of a URL or of a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Searching {
    /// Every one of these must be in the title; at most 512 bytes.
    pub words: String,
}

/// What a search gave.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchResult {
    /// This node's own items, youngest first, that the caller may see the titles of; at most 200.
    pub items: Vec<Item>,
    /// Whether these are all.
    pub is_all: bool,
}

/// An arrival that waits for a desk officer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Arrival {
    /// Its dispatch.
    pub dispatch: String,
    /// Who sent it.
    pub from: String,
    /// Digest of the signed package, to be named in the admission.
    pub package: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest, over the encrypted segments.
    pub item_digest: String,
    /// The originator's marking.
    pub marking: Marking,
    /// The levels of the own scheme that the table of Art. 4.2 allows; a person chooses one.
    pub own_levels: Vec<String>,
    /// The banner as it came, without an own level.
    pub banner: Banners,
    /// The originator's node, where a hub passed it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The level of that hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_level: Option<String>,
}

/// An arrival that was admitted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Admitted {
    /// The item on this node.
    pub item: String,
    /// Its register number.
    pub register_number: String,
    /// The ruling.
    pub ruling: Explained,
    /// The banner with the own level beside the originator's.
    pub banner: Banners,
}
