//! Pieces that stand in several places of a SPIF.
//!
//! *Absent:* what they mean.

use super::{
    Applied, CategoryRef, MAX_NAME_CHARS, NAMESPACE, Operation, Phrase, Qualifier, Required, TagType,
};
use crate::label::stanag::{Fields, StanagError, plain};
use crate::xml::Element;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const TAG_TYPES: [&str; 5] = ["notApplicable", "restrictive", "enumerated", "permissive", "tagType7"];
const ENUMERATED: [&str; 2] = ["restrictive", "permissive"];
const QUALIFIERS: [&str; 3] = ["prefix", "suffix", "separator"];
const CODES: [&str; 16] = [
    "pageTop",
    "pageBottom",
    "pageTopBottom",
    "documentStart",
    "documentEnd",
    "noNameDisplay",
    "noMarkingDisplay",
    "suppressClassName",
    "firstLineOfText",
    "lastLineOfText",
    "subject",
    "xHeader",
    "portionMarking",
    "inputTitle",
    "waterMark",
    "replacePolicy",
];

pub(super) type Remarks = Vec<String>;

pub(super) fn fields(element: &Element) -> Fields<'_> {
    Fields::lenient(element, NAMESPACE)
}

/// A required attribute that is a name.
pub(super) fn name(fields: &mut Fields, attribute: &'static str) -> Result<String, StanagError> {
    let found = optional(fields, attribute)?.ok_or(StanagError::Missing(attribute))?;
    if found.is_empty() { Err(StanagError::value(attribute, "a name", &found)) } else { Ok(found) }
}

/// An attribute that may be absent.
pub(super) fn optional(fields: &mut Fields, attribute: &'static str) -> Result<Option<String>, StanagError> {
    let Some(found) = fields.folded(attribute) else { return Ok(None) };
    if found.chars().count() > MAX_NAME_CHARS {
        return Err(StanagError::value(attribute, "at most 256 characters", &found));
    }
    plain(attribute, found).map(Some)
}

/// An attribute that is one of a few words.
pub(super) fn word(
    fields: &mut Fields,
    attribute: &'static str,
    words: &[&str],
) -> Result<Option<String>, StanagError> {
    match fields.attribute(attribute) {
        None => Ok(None),
        Some(found) if words.contains(&found) => Ok(Some(found.to_owned())),
        Some(found) => Err(StanagError::unknown(attribute, found)),
    }
}

pub(super) fn number(fields: &mut Fields, attribute: &'static str) -> Result<i64, StanagError> {
    let found = fields.attribute(attribute).ok_or(StanagError::Missing(attribute))?;
    found.trim().parse().map_err(|_| StanagError::value(attribute, "a whole number", found))
}

pub(super) fn flag(fields: &mut Fields, attribute: &'static str) -> Result<bool, StanagError> {
    match fields.attribute(attribute) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(StanagError::value(attribute, "true or false", other)),
    }
}

/// An object identifier: 0 to 2 and further numbers.
pub(super) fn oid(fields: &mut Fields, attribute: &'static str) -> Result<String, StanagError> {
    let found = name(fields, attribute)?;
    let mut arcs = found.split('.');
    let is_oid = arcs.next().is_some_and(|first| matches!(first, "0" | "1" | "2"))
        && found.contains('.')
        && arcs.all(|arc| !arc.is_empty() && arc.bytes().all(|digit| digit.is_ascii_digit()));
    if is_oid { Ok(found) } else { Err(StanagError::value(attribute, "an object identifier", &found)) }
}

pub(super) fn applied(fields: &mut Fields) -> Result<Applied, StanagError> {
    let found = fields.attribute("applied").ok_or(StanagError::Missing("applied"))?;
    let known = Applied::ALL.iter().find(|(_, word)| *word == found).map(|(applied, _)| *applied);
    known.ok_or_else(|| StanagError::unknown("applied", found))
}

pub(super) fn tag_type(fields: &mut Fields) -> Result<TagType, StanagError> {
    let tag = word(fields, "tagType", &TAG_TYPES)?.ok_or(StanagError::Missing("tagType"))?;
    let enumerated = word(fields, "enumType", &ENUMERATED)?;
    if tag == "enumerated" && enumerated.is_none() {
        return Err(StanagError::Missing("enumType of an enumerated tag"));
    }
    Ok(TagType { tag, enumerated })
}

pub(super) fn category_ref(element: &Element, remarks: &mut Remarks) -> Result<CategoryRef, StanagError> {
    let mut fields = fields(element);
    let tag_set = name(&mut fields, "tagSetRef")?;
    let tag_type = tag_type(&mut fields)?;
    let lacv = optional(&mut fields, "lacv")?;
    let is_all = flag(&mut fields, "all")?;
    fields.done(remarks)?;
    if is_all && lacv.is_some() {
        return Err(StanagError::value("categoryGroup", "one value or all", "both"));
    }
    Ok(CategoryRef { tag_set, tag_type, lacv })
}

pub(super) fn required(found: Vec<&Element>, remarks: &mut Remarks) -> Result<Vec<Required>, StanagError> {
    let one = |element: &Element| {
        let mut fields = fields(element);
        let found = fields.attribute("operation").ok_or(StanagError::Missing("operation"))?;
        let operation =
            Operation::ALL.iter().find(|(_, word)| *word == found).map(|(operation, _)| *operation);
        let operation = operation.ok_or_else(|| StanagError::unknown("operation", found))?;
        let groups = fields.all("categoryGroup");
        let groups: Vec<_> =
            groups.into_iter().map(|group| category_ref(group, remarks)).collect::<Result<_, _>>()?;
        fields.done(remarks)?;
        if groups.is_empty() {
            Err(StanagError::Missing("categoryGroup"))
        } else {
            Ok(Required { operation, groups })
        }
    };
    found.into_iter().map(one).collect()
}

pub(super) fn phrases(found: Vec<&Element>, remarks: &mut Remarks) -> Result<Vec<Phrase>, StanagError> {
    let one = |element: &Element| {
        let mut fields = fields(element);
        let text = optional(&mut fields, "phrase")?;
        let mut codes = Vec::new();
        for code in fields.all("code") {
            let code = code.text.trim();
            let known = CODES.contains(&code).then(|| code.to_owned());
            codes.push(known.ok_or_else(|| StanagError::unknown("code", code))?);
        }
        fields.done(remarks)?;
        Ok(Phrase { text, language: language(element)?, codes })
    };
    found.into_iter().map(one).collect()
}

pub(super) fn qualifiers(found: Vec<&Element>, remarks: &mut Remarks) -> Result<Vec<Qualifier>, StanagError> {
    let mut qualifiers = Vec::new();
    for element in found {
        let mut outer = fields(element);
        let code = word(&mut outer, "markingCode", &CODES)?;
        let mut words = Vec::new();
        for qualifier in outer.all("qualifier") {
            let mut inner = fields(qualifier);
            let place = word(&mut inner, "qualifierCode", &QUALIFIERS)?;
            let place = place.ok_or(StanagError::Missing("qualifierCode"))?;
            let text = optional(&mut inner, "markingQualifier")?;
            let text = text.ok_or(StanagError::Missing("markingQualifier"))?;
            inner.done(remarks)?;
            words.push((place, text, language(qualifier)?));
        }
        outer.done(remarks)?;
        qualifiers.push(Qualifier { code, words });
    }
    Ok(qualifiers)
}

fn language(element: &Element) -> Result<Option<String>, StanagError> {
    let found = element.attributes.iter().find(|(name, _)| name.is(XML, "lang"));
    found.map(|(_, language)| plain("xml:lang", language.clone())).transpose()
}
