//! Writes a SPIF of version 2.1 in the order of its schema.
//!
//! *Absent:* extensions and privacy marks, which reading passes over.

use super::{
    CategoryRef, Classification, EquivalentPolicy, NAMESPACE, Phrase, Qualifier, Required, Spif, Tag,
    TagCategory,
};
use crate::label::stanag::StanagError;
use crate::xml::Writer;

type Attributes<'a> = Vec<(&'a str, &'a str)>;

impl Spif {
    /// The policy as a document that the schema takes.
    ///
    /// # Errors
    /// [`StanagError`] where a text cannot be written, or something would be read back as another.
    pub fn write(&self) -> Result<String, StanagError> {
        let mut writer = Writer::new();
        let version = self.heading.version.to_string();
        let heading = &self.heading;
        writer.open(
            "spif:SPIF",
            &[
                ("xmlns:spif", NAMESPACE),
                ("schemaVersion", "2.1"),
                ("version", &version),
                ("creationDate", &heading.created),
                ("originatorDN", &heading.originator),
                ("keyIdentifier", &heading.key),
                ("privilegeId", &heading.privilege),
                ("rbacId", &heading.roles),
            ],
        );
        writer.empty("spif:securityPolicyId", &[("name", &self.policy.name), ("id", &self.policy.oid)]);
        writer.open("spif:securityClassifications", &[]);
        self.classifications.iter().for_each(|class| classification(&mut writer, class));
        writer.close();
        if !self.tag_sets.is_empty() {
            writer.open("spif:securityCategoryTagSets", &[]);
            for set in &self.tag_sets {
                writer.open("spif:securityCategoryTagSet", &[("name", &set.name), ("id", &set.oid)]);
                set.tags.iter().for_each(|one| tag(&mut writer, one));
                writer.close();
            }
            writer.close();
        }
        if !self.equivalent_policies.is_empty() {
            writer.open("spif:equivalentPolicies", &[]);
            self.equivalent_policies.iter().for_each(|policy| equivalent_policy(&mut writer, policy));
            writer.close();
        }
        phrases(&mut writer, &self.phrases);
        qualifiers(&mut writer, &self.qualifiers);
        let text = writer.finish()?;
        if Self::read(text.as_bytes())?.spif == *self {
            Ok(text)
        } else {
            Err(StanagError::value("SPIF", "writable in its one form", &self.policy.name))
        }
    }
}

fn classification(writer: &mut Writer, class: &Classification) {
    let (lacv, hierarchy) = (class.lacv.to_string(), class.hierarchy.to_string());
    let mut attributes: Attributes = vec![("name", &class.name), ("lacv", &lacv), ("hierarchy", &hierarchy)];
    attributes.extend(class.colour.as_deref().map(|colour| ("color", colour)));
    attributes.extend(class.is_obsolete.then_some(("obsolete", "true")));
    writer.open("spif:securityClassification", &attributes);
    for equivalent in &class.equivalents {
        let lacv = equivalent.lacv.to_string();
        let attributes = [
            ("policyRef", equivalent.policy.as_str()),
            ("lacv", &lacv),
            ("applied", equivalent.applied.as_str()),
        ];
        with_required(writer, "spif:equivalentClassification", &attributes, &equivalent.required);
    }
    phrases(writer, &class.phrases);
    qualifiers(writer, &class.qualifiers);
    required(writer, &class.required);
    writer.close();
}

fn tag(writer: &mut Writer, tag: &Tag) {
    let (most, fewest) = (tag.most.map(|n| n.to_string()), tag.fewest.map(|n| n.to_string()));
    let mut attributes: Attributes = Vec::new();
    attributes.extend(tag.name.as_deref().map(|name| ("name", name)));
    attributes.push(("tagType", &tag.tag_type.tag));
    attributes.extend(tag.tag_type.enumerated.as_deref().map(|kind| ("enumType", kind)));
    attributes.extend(tag.encoding.as_deref().map(|encoding| ("tag7Encoding", encoding)));
    attributes.extend(most.as_deref().map(|most| ("maxSelection", most)));
    attributes.extend(fewest.as_deref().map(|fewest| ("minSelection", fewest)));
    writer.open("spif:securityCategoryTag", &attributes);
    tag.categories.iter().for_each(|one| category(writer, one));
    qualifiers(writer, &tag.qualifiers);
    writer.close();
}

fn category(writer: &mut Writer, category: &TagCategory) {
    let mut attributes: Attributes = vec![("name", &category.name), ("lacv", &category.lacv)];
    attributes.extend(category.user_input.as_deref().map(|input| ("userInput", input)));
    attributes.extend(category.required_class.as_deref().map(|class| ("requiredClass", class)));
    attributes.extend(category.is_obsolete.then_some(("obsolete", "true")));
    writer.open("spif:tagCategory", &attributes);
    for equivalent in &category.equivalents {
        let mut attributes: Attributes = vec![
            ("policyRef", &equivalent.policy),
            ("tagSetId", &equivalent.tag_set_oid),
            ("tagType", &equivalent.tag_type.tag),
        ];
        attributes.extend(equivalent.tag_type.enumerated.as_deref().map(|kind| ("enumType", kind)));
        attributes.extend([("lacv", equivalent.lacv.as_str()), ("applied", equivalent.applied.as_str())]);
        attributes.extend(equivalent.action.as_deref().map(|action| ("action", action)));
        writer.empty("spif:equivalentSecCategoryTag", &attributes);
    }
    phrases(writer, &category.phrases);
    qualifiers(writer, &category.qualifiers);
    for class in &category.excluded_classes {
        writer.text("spif:excludedClass", &[], class);
    }
    required(writer, &category.required);
    category.excluded.iter().for_each(|one| reference(writer, "spif:excludedCategory", one));
    writer.close();
}

fn equivalent_policy(writer: &mut Writer, policy: &EquivalentPolicy) {
    let attributes = [("name", policy.id.name.as_str()), ("id", policy.id.oid.as_str())];
    with_required(writer, "spif:equivalentPolicy", &attributes, &policy.required);
}

fn with_required(writer: &mut Writer, name: &'static str, attributes: &[(&str, &str)], rules: &[Required]) {
    if rules.is_empty() {
        return writer.empty(name, attributes);
    }
    writer.open(name, attributes);
    required(writer, rules);
    writer.close();
}

fn required(writer: &mut Writer, rules: &[Required]) {
    for rule in rules {
        writer.open("spif:requiredCategory", &[("operation", rule.operation.as_str())]);
        rule.groups.iter().for_each(|group| reference(writer, "spif:categoryGroup", group));
        writer.close();
    }
}

fn reference(writer: &mut Writer, name: &'static str, group: &CategoryRef) {
    let mut attributes: Attributes = vec![("tagSetRef", &group.tag_set), ("tagType", &group.tag_type.tag)];
    attributes.extend(group.tag_type.enumerated.as_deref().map(|kind| ("enumType", kind)));
    attributes.push(match &group.lacv {
        Some(lacv) => ("lacv", lacv),
        None => ("all", "true"),
    });
    writer.empty(name, &attributes);
}

fn phrases(writer: &mut Writer, phrases: &[Phrase]) {
    for phrase in phrases {
        let mut attributes: Attributes = Vec::new();
        attributes.extend(phrase.text.as_deref().map(|text| ("phrase", text)));
        attributes.extend(phrase.language.as_deref().map(|language| ("xml:lang", language)));
        writer.open("spif:markingData", &attributes);
        phrase.codes.iter().for_each(|code| writer.text("spif:code", &[], code));
        writer.close();
    }
}

fn qualifiers(writer: &mut Writer, qualifiers: &[Qualifier]) {
    for qualifier in qualifiers {
        let code: Attributes =
            qualifier.code.as_deref().map(|code| ("markingCode", code)).into_iter().collect();
        writer.open("spif:markingQualifier", &code);
        for (place, words, language) in &qualifier.words {
            let mut attributes: Attributes = vec![("markingQualifier", words), ("qualifierCode", place)];
            attributes.extend(language.as_deref().map(|language| ("xml:lang", language)));
            writer.empty("spif:qualifier", &attributes);
        }
        writer.close();
    }
}
