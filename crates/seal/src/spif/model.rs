//! What a security policy holds.
//!
//! *Absent:* what it answers.

use crate::label::stanag::CategoryType;

/// A policy by name and object identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyId {
    /// The name, which references use.
    pub name: String,
    /// The object identifier, such as `1.3.26.1.3.1`.
    pub oid: String,
}

/// Words of a marking, in one language or in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The words; none where the name itself is meant.
    pub text: Option<String>,
    /// The language, such as `ko`; none means any.
    pub language: Option<String>,
    /// Where and how it is shown.
    pub codes: Vec<String>,
}

/// What stands before, between or behind markings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualifier {
    /// The place it is for; none means any.
    pub code: Option<String>,
    /// `prefix`, `suffix` or `separator`, the words, and their language.
    pub words: Vec<(String, String, Option<String>)>,
}

/// When a translation applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// To what leaves.
    Encrypt,
    /// To what comes in.
    Decrypt,
    /// To both.
    Both,
}

impl Applied {
    pub(super) const ALL: [(Self, &'static str); 3] =
        [(Self::Encrypt, "encrypt"), (Self::Decrypt, "decrypt"), (Self::Both, "both")];

    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(applied, _)| *applied == self).map_or("", |(_, word)| word)
    }
}

/// Which of several categories a label needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Exactly one.
    OnlyOne,
    /// At least one.
    OneOrMore,
    /// Every one.
    All,
}

impl Operation {
    pub(super) const ALL: [(Self, &'static str); 3] =
        [(Self::OnlyOne, "onlyOne"), (Self::OneOrMore, "oneOrMore"), (Self::All, "all")];

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(operation, _)| *operation == self).map_or("", |(_, word)| word)
    }
}

/// How a tag's categories are written: the type of the format, with what it means for a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagType {
    /// `restrictive`, `enumerated`, `permissive`, `tagType7` or `notApplicable`.
    pub tag: String,
    /// Of an enumerated tag, `restrictive` or `permissive`.
    pub enumerated: Option<String>,
}

impl TagType {
    /// What it means for a label of STANAG 4774.
    pub fn kind(&self) -> CategoryType {
        match (self.tag.as_str(), self.enumerated.as_deref()) {
            ("restrictive", _) | ("enumerated", Some("restrictive")) => CategoryType::Restrictive,
            ("permissive", _) | ("enumerated", Some("permissive")) => CategoryType::Permissive,
            _ => CategoryType::Informative,
        }
    }
}

/// One category that another thing needs or excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRef {
    /// The name of its tag set.
    pub tag_set: String,
    /// The type of its tag.
    pub tag_type: TagType,
    /// Its value; none means any category there.
    pub lacv: Option<String>,
}

/// Categories of which a label needs one, some or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// How many.
    pub operation: Operation,
    /// Of these.
    pub groups: Vec<CategoryRef>,
}

/// A classification of another policy that this one is translated into, or from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivalent {
    /// The other policy, by name.
    pub policy: String,
    /// The value of the classification there.
    pub lacv: i64,
    /// In which direction.
    pub applied: Applied,
    /// Categories that the translation needs besides.
    pub required: Vec<Required>,
}

/// A classification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// Its name, which labels carry.
    pub name: String,
    /// Its value, unique in the policy.
    pub lacv: i64,
    /// Its place; higher is stricter.
    pub hierarchy: i64,
    /// Its colour.
    pub colour: Option<String>,
    /// Whether nothing new may be marked so.
    pub is_obsolete: bool,
    /// Translations.
    pub equivalents: Vec<Equivalent>,
    /// Words.
    pub phrases: Vec<Phrase>,
    /// What stands around them.
    pub qualifiers: Vec<Qualifier>,
    /// Categories that it needs.
    pub required: Vec<Required>,
}

/// A category's counterpart in another policy. Kept and shown; this software translates no categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquivalentCategory {
    /// The other policy, by name.
    pub policy: String,
    /// The object identifier of the tag set there.
    pub tag_set_oid: String,
    /// The type of the tag there.
    pub tag_type: TagType,
    /// The value there.
    pub lacv: String,
    /// In which direction.
    pub applied: Applied,
    /// `discard`, where the category falls away.
    pub action: Option<String>,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCategory {
    /// Its name, which labels carry.
    pub name: String,
    /// Its value.
    pub lacv: String,
    /// Whether people write the value: `string`, `integer` or `date`.
    pub user_input: Option<String>,
    /// The only classification that it may stand with.
    pub required_class: Option<String>,
    /// Whether nothing new may be marked so.
    pub is_obsolete: bool,
    /// Counterparts.
    pub equivalents: Vec<EquivalentCategory>,
    /// Words.
    pub phrases: Vec<Phrase>,
    /// What stands around them.
    pub qualifiers: Vec<Qualifier>,
    /// Classifications that it may not stand with.
    pub excluded_classes: Vec<String>,
    /// Categories that it needs.
    pub required: Vec<Required>,
    /// Categories that it may not stand with.
    pub excluded: Vec<CategoryRef>,
}

/// Categories of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub tag_type: TagType,
    /// The encoding of a tag of type 7.
    pub encoding: Option<String>,
    /// Most values in one label; none means any number.
    pub most: Option<usize>,
    /// Fewest values in one label; none means none is needed.
    pub fewest: Option<usize>,
    /// The categories.
    pub categories: Vec<TagCategory>,
    /// What stands around their words.
    pub qualifiers: Vec<Qualifier>,
}

/// Tags under one name and identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSet {
    /// Its name.
    pub name: String,
    /// Its object identifier.
    pub oid: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A policy that labels may be translated into, or from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquivalentPolicy {
    /// Which.
    pub id: PolicyId,
    /// Categories that every translation needs.
    pub required: Vec<Required>,
}
