//! Writes a label as the schema and the prose of the standard want it.
//!
//! *Absent:* anything that [`read`](super::read) would remark on; what cannot be written so is refused.

use super::{ConfidentialityLabel, Information, LabelBody, NAMESPACE, StanagError};
use crate::xml::Writer;

/// Writes a document whose root is this label.
///
/// # Errors
/// [`StanagError`] where something the standard wants is missing, or a text cannot be written.
pub fn write(label: &ConfidentialityLabel) -> Result<String, StanagError> {
    let mut writer = Writer::new();
    write_into(label, &mut writer)?;
    let text = writer.finish()?;
    // What is written is what is meant: read back, it is the same label, and nothing in it had to be read leniently.
    let back = super::read(text.as_bytes())?;
    if back.label == *label && back.remarks.is_empty() {
        Ok(text)
    } else {
        Err(StanagError::value("label", "writable in its one form", &label.body.information.classification))
    }
}

/// Writes a label inside another document. What it cannot say strictly, the caller's reading back finds.
pub(crate) fn write_into(label: &ConfidentialityLabel, writer: &mut Writer) -> Result<(), StanagError> {
    let review = label.review_at.map(|at| at.to_string());
    if review.is_none() && label.body.successor.is_none() {
        return Err(StanagError::Missing("ReviewDateTime"));
    }
    let mut attributes = vec![("xmlns:slab", NAMESPACE)];
    attributes.extend(review.as_deref().map(|at| ("ReviewDateTime", at)));
    let element = match label.role {
        super::Role::Originator => "slab:originatorConfidentialityLabel",
        super::Role::Alternative => "slab:alternativeConfidentialityLabel",
        super::Role::Metadata => "slab:metadataConfidentialityLabel",
    };
    writer.open(element, &attributes);
    body(&label.body, writer);
    writer.close();
    Ok(())
}

fn body(body: &LabelBody, writer: &mut Writer) {
    information(&body.information, writer);
    if let Some(originator) = &body.originator {
        writer.text("slab:OriginatorID", &[("IDType", &originator.kind)], &originator.name);
    }
    writer.text("slab:CreationDateTime", &[], &body.created_at.to_string());
    if let Some((at, next)) = &body.successor {
        writer.open("slab:SuccessionHandling", &[]);
        writer.text("slab:SuccessionDateTime", &[], &at.to_string());
        writer.open("slab:SuccessorConfidentialityLabel", &[]);
        self::body(next, writer);
        writer.close();
        writer.close();
    }
}

fn information(information: &Information, writer: &mut Writer) {
    writer.open("slab:ConfidentialityInformation", &[]);
    let uri: Vec<_> = information.policy.uri.as_deref().map(|uri| ("URI", uri)).into_iter().collect();
    writer.text("slab:PolicyIdentifier", &uri, &information.policy.name);
    writer.text("slab:Classification", &[], &information.classification);
    if let Some(mark) = &information.privacy_mark {
        writer.text("slab:PrivacyMark", &[], mark);
    }
    for category in &information.categories {
        let mut attributes = vec![("Type", category.kind.as_str()), ("TagName", category.tag.as_str())];
        attributes.extend(category.uri.as_deref().map(|uri| ("URI", uri)));
        writer.open("slab:Category", &attributes);
        let element = match category.form {
            super::ValueForm::Generic => "slab:GenericValue",
            super::ValueForm::Integer => "slab:IntegerValue",
            super::ValueForm::Bits => "slab:BitStringValue",
        };
        for value in &category.values {
            writer.text(element, &[], value);
        }
        writer.close();
    }
    writer.close();
}
