//! Reads a label, telling what was lenient.
//!
//! *Absent:* guesses. A missing time, an unknown type and an unknown element are refused.

use super::fields::{Fields, name, plain, text};
use super::{
    Category, CategoryType, ConfidentialityLabel, Information, LIMITS, LabelBody, MAX_CATEGORIES,
    MAX_SUCCESSORS, MAX_VALUES, NAMESPACE, OriginatorId, PolicyIdentifier, Role, StanagError, ValueForm,
    time,
};
use crate::xml::{self, Element, cut};

/// Kinds of names that a label's originator may have.
const ORIGINATOR_KINDS: [&str; 8] = [
    "rfc822Name",
    "dNSName",
    "directoryName",
    "uniformResourceIdentifier",
    "iPAddress",
    "x400Address",
    "userPrincipalName",
    "jID",
];
/// The element of the first edition, which the schema keeps.
const FIRST_EDITION: &str = "ConfidentialityLabel";

/// A label, and what in it was read leniently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRead {
    /// The label.
    pub label: ConfidentialityLabel,
    /// What another reader may take amiss, in words.
    pub remarks: Vec<String>,
}

/// Reads a document whose root is a label.
///
/// # Errors
/// [`StanagError`].
pub fn read(bytes: &[u8]) -> Result<LabelRead, StanagError> {
    read_element(&xml::read(bytes, &LIMITS)?)
}

/// Reads a label that stands in another document.
pub(crate) fn read_element(element: &Element) -> Result<LabelRead, StanagError> {
    let mut remarks = Vec::new();
    let wanted = "label of STANAG 4774";
    let other = || StanagError::Root { wanted, found: cut(&element.name.local) };
    if element.name.namespace.as_deref() != Some(NAMESPACE) {
        return Err(other());
    }
    let found = Role::ALL.iter().find(|(_, name)| *name == element.name.local);
    let role = match found {
        Some((role, _)) => *role,
        None if element.name.local == FIRST_EDITION => {
            remarks.push(
                "the label is written as in the first edition; it is read as the originator's".to_owned(),
            );
            Role::Originator
        }
        None => return Err(other()),
    };
    let mut fields = Fields::of(element, NAMESPACE);
    fields.attribute("Id");
    let review_at = fields.attribute("ReviewDateTime");
    let review_at = review_at.map(|text| time::read("ReviewDateTime", text, &mut remarks)).transpose()?;
    let body = body(fields, 0, &mut remarks)?;
    if review_at.is_none() && body.successor.is_none() {
        remarks.push("neither ReviewDateTime nor SuccessionHandling says when to look again".to_owned());
    }
    Ok(LabelRead { label: ConfidentialityLabel { role, review_at, body }, remarks })
}

fn body(mut fields: Fields, before: usize, remarks: &mut Vec<String>) -> Result<LabelBody, StanagError> {
    let information = information(fields.one("ConfidentialityInformation")?, remarks)?;
    let originator = fields.maybe("OriginatorID")?.map(|element| originator(element, remarks)).transpose()?;
    let created = fields.one("CreationDateTime")?;
    let created_at = time::read("CreationDateTime", leaf(created, remarks)?, remarks)?;
    let successor = match fields.maybe("SuccessionHandling")? {
        None => None,
        Some(_) if before >= MAX_SUCCESSORS => {
            return Err(StanagError::value("SuccessionHandling", "at most 2, one behind the other", "more"));
        }
        Some(element) => {
            let mut inner = Fields::of(element, NAMESPACE);
            let at = leaf(inner.one("SuccessionDateTime")?, remarks)?;
            let at = time::read("SuccessionDateTime", at, remarks)?;
            let next = inner.one("SuccessorConfidentialityLabel")?;
            inner.done(remarks)?;
            Some((at, Box::new(body(Fields::of(next, NAMESPACE), before + 1, remarks)?)))
        }
    };
    fields.done(remarks)?;
    Ok(LabelBody { information, originator, created_at, successor })
}

/// The text of an element that has nothing else.
fn leaf<'a>(element: &'a Element, remarks: &mut Vec<String>) -> Result<&'a str, StanagError> {
    Fields::of(element, NAMESPACE).done(remarks)?;
    Ok(&element.text)
}

fn information(element: &Element, remarks: &mut Vec<String>) -> Result<Information, StanagError> {
    let mut fields = Fields::of(element, NAMESPACE);
    let policy = fields.one("PolicyIdentifier")?;
    let policy =
        PolicyIdentifier { name: name("PolicyIdentifier", &policy.text)?, uri: uri(policy, remarks)? };
    let classification = fields.one("Classification")?;
    // Its identifier names nothing that the name does not.
    uri(classification, remarks)?;
    let classification = name("Classification", &classification.text)?;
    let privacy_mark = match fields.maybe("PrivacyMark")? {
        None => None,
        Some(mark) => {
            leaf(mark, remarks)?;
            Some(text("PrivacyMark", mark, remarks)?)
        }
    };
    let mut categories: Vec<Category> = Vec::new();
    for found in fields.all("Category") {
        let category = category(found, remarks)?;
        if categories.len() >= MAX_CATEGORIES {
            return Err(StanagError::value("Category", "at most 64", "more"));
        }
        // Two of one name could be read as one with more values or as two that must both pass.
        if categories.iter().any(|other| (other.kind, &other.tag) == (category.kind, &category.tag)) {
            return Err(StanagError::Twice(format!("Category {}", cut(&category.tag))));
        }
        categories.push(category);
    }
    fields.done(remarks)?;
    Ok(Information { policy, classification, privacy_mark, categories })
}

/// The attribute `URI` of an element that has a text and nothing else.
fn uri(element: &Element, remarks: &mut Vec<String>) -> Result<Option<String>, StanagError> {
    let mut fields = Fields::of(element, NAMESPACE);
    let found = fields.attribute("URI").map(|uri| name("URI", uri)).transpose()?;
    fields.done(remarks)?;
    Ok(found)
}

fn category(element: &Element, remarks: &mut Vec<String>) -> Result<Category, StanagError> {
    let mut fields = Fields::of(element, NAMESPACE);
    let kind = fields.attribute("Type").ok_or(StanagError::Missing("Category Type"))?;
    let kind =
        CategoryType::ALL.iter().find(|(_, word)| *word == kind.trim()).map(|(kind, _)| *kind).ok_or_else(
            || StanagError::value("Category Type", "RESTRICTIVE, PERMISSIVE or INFORMATIVE", kind),
        )?;
    let written = fields.attribute("TagName").ok_or(StanagError::Missing("Category TagName"))?;
    let tag = name("Category TagName", written)?;
    // To the schema a tag's name is a text and no token: another reader may take it for another tag.
    if tag != written {
        remarks.push(format!("line {}: white space in the tag name {:?} is folded", element.line, cut(&tag)));
    }
    let uri = fields.attribute("URI").map(|uri| name("URI", uri)).transpose()?;
    let (mut form, mut values) = (None, Vec::new());
    for (candidate, element) in ValueForm::ALL {
        for value in fields.all(element) {
            if form.is_some_and(|form| form != candidate) {
                return Err(StanagError::value("Category", "values of one form", &tag));
            }
            form = Some(candidate);
            leaf(value, remarks)?;
            take_value(&mut values, value, candidate, remarks)?;
        }
    }
    fields.done(remarks)?;
    // Without a value a permissive category would admit nobody or everybody, as one likes.
    let form = form.ok_or(StanagError::Missing("a value of Category"))?;
    Ok(Category { kind, tag, uri, form, values })
}

fn take_value(
    values: &mut Vec<String>,
    element: &Element,
    form: ValueForm,
    remarks: &mut Vec<String>,
) -> Result<(), StanagError> {
    let value = text("a value of Category", element, remarks)?;
    let fits = match form {
        ValueForm::Generic => true,
        ValueForm::Integer => value.bytes().all(|byte| byte.is_ascii_digit()),
        ValueForm::Bits => value.bytes().all(|byte| matches!(byte, b'0' | b'1')),
    };
    if !fits {
        return Err(StanagError::value("a value of Category", "digits, as its element says", &value));
    }
    if values.len() >= MAX_VALUES {
        return Err(StanagError::value("Category", "at most 512 values", "more"));
    }
    if values.contains(&value) {
        remarks.push(format!("line {}: the value {:?} stands twice", element.line, cut(&value)));
    } else {
        values.push(value);
    }
    Ok(())
}

fn originator(element: &Element, remarks: &mut Vec<String>) -> Result<OriginatorId, StanagError> {
    let mut fields = Fields::of(element, NAMESPACE);
    let kind = fields.attribute("IDType").ok_or(StanagError::Missing("OriginatorID IDType"))?;
    fields.done(remarks)?;
    if !ORIGINATOR_KINDS.contains(&kind) {
        return Err(StanagError::unknown("OriginatorID IDType", kind));
    }
    let named = plain("OriginatorID", element.text.trim().to_owned())?;
    Ok(OriginatorId { kind: kind.to_owned(), name: named })
}
