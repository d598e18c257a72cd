//! Reads a SPIF of version 1.0 to 2.1, in any order of its parts.
//!
//! *Absent:* extensions, which are passed over with a remark.

use super::parts::{
    Remarks, applied, category_ref, fields, flag, name, number, oid, optional, phrases, qualifiers, required,
    tag_type, word,
};
use super::{
    CategoryRef, Classification, Equivalent, EquivalentCategory, EquivalentPolicy, Heading, LIMITS,
    NAMESPACE, PolicyId, Spif, SpifRead, Tag, TagCategory, TagSet,
};
use crate::label::stanag::{Fields, StanagError};
use crate::xml::{self, Element, cut};
use std::collections::BTreeSet;

const VERSIONS: [&str; 3] = ["1.0", "2.0", "2.1"];

pub(super) fn read(bytes: &[u8]) -> Result<SpifRead, StanagError> {
    let root = xml::read(bytes, &LIMITS)?;
    if !root.name.is(NAMESPACE, "SPIF") {
        return Err(StanagError::Root { wanted: "SPIF", found: cut(&root.name.local) });
    }
    let mut remarks = Remarks::new();
    let mut parts = fields(&root);
    let heading = heading(&mut parts)?;
    // The policy of labels that name none. Labels of ours name one.
    if let Some(default) = parts.maybe("defaultSecurityPolicyId")? {
        policy_id(default, &mut remarks)?;
    }
    let own = parts.one("securityPolicyId")?;
    let mut inner = fields(own);
    let policy = PolicyId { name: name(&mut inner, "name")?, oid: oid(&mut inner, "id")? };
    let mut words = inner.all("markingData");
    let mut around = inner.all("markingQualifier");
    inner.done(&mut remarks)?;
    parts.maybe("updateInfo")?;
    let classes = parts.one("securityClassifications")?;
    let classifications = classifications(classes, &mut remarks)?;
    let tag_sets = match parts.maybe("securityCategoryTagSets")? {
        None => Vec::new(),
        Some(sets) => tag_sets(sets, &mut remarks)?,
    };
    if let Some(marks) = parts.maybe("privacyMarks")? {
        remarks
            .push(format!("line {}: privacy marks are passed over; a label with one is refused", marks.line));
    }
    let equivalent_policies = match parts.maybe("equivalentPolicies")? {
        None => Vec::new(),
        Some(element) => equivalent_policies(element, &mut remarks)?,
    };
    words.extend(parts.all("markingData"));
    around.extend(parts.all("markingQualifier"));
    let phrases = phrases(words, &mut remarks)?;
    let qualifiers = qualifiers(around, &mut remarks)?;
    if let Some(extensions) = parts.maybe("extensions")? {
        remarks.push(format!("line {}: extensions are passed over", extensions.line));
    }
    parts.done(&mut remarks)?;
    let spif = Spif { heading, policy, classifications, tag_sets, equivalent_policies, phrases, qualifiers };
    references(&spif, &mut remarks);
    Ok(SpifRead { spif, remarks })
}

fn heading(parts: &mut Fields) -> Result<Heading, StanagError> {
    word(parts, "schemaVersion", &VERSIONS)?.ok_or(StanagError::Missing("schemaVersion"))?;
    for known in ["userRefURI", "docRefURI", "notBefore", "notAfter"] {
        parts.attribute(known);
    }
    let mut attribute = |name| optional(parts, name).map(Option::unwrap_or_default);
    Ok(Heading {
        created: attribute("creationDate")?,
        originator: attribute("originatorDN")?,
        key: attribute("keyIdentifier")?,
        privilege: attribute("privilegeId")?,
        roles: attribute("rbacId")?,
        version: match parts.attribute("version") {
            None => 1,
            Some(_) => number(parts, "version")?,
        },
    })
}

fn policy_id(element: &Element, remarks: &mut Remarks) -> Result<PolicyId, StanagError> {
    let mut inner = fields(element);
    let id = PolicyId { name: name(&mut inner, "name")?, oid: oid(&mut inner, "id")? };
    inner.all("markingData");
    inner.all("markingQualifier");
    inner.done(remarks)?;
    Ok(id)
}

fn classifications(element: &Element, remarks: &mut Remarks) -> Result<Vec<Classification>, StanagError> {
    let mut parts = fields(element);
    parts.attribute("name");
    let mut found: Vec<Classification> = Vec::new();
    let (mut names, mut values) = (BTreeSet::new(), BTreeSet::new());
    for class in parts.all("securityClassification") {
        let class = classification(class, remarks)?;
        if !names.insert(class.name.clone()) || !values.insert(class.lacv) {
            return Err(StanagError::Twice(format!("the classification {}", cut(&class.name))));
        }
        found.push(class);
    }
    if !parts.all("markingData").is_empty() || !parts.all("markingQualifier").is_empty() {
        remarks.push(format!("line {}: markings of all classifications are passed over", element.line));
    }
    parts.done(remarks)?;
    if found.is_empty() { Err(StanagError::Missing("securityClassification")) } else { Ok(found) }
}

fn classification(element: &Element, remarks: &mut Remarks) -> Result<Classification, StanagError> {
    let mut parts = fields(element);
    let mut equivalents = Vec::new();
    for equivalent in parts.all("equivalentClassification") {
        let mut inner = fields(equivalent);
        equivalents.push(Equivalent {
            policy: name(&mut inner, "policyRef")?,
            lacv: number(&mut inner, "lacv")?,
            applied: applied(&mut inner)?,
            required: required(inner.all("requiredCategory"), remarks)?,
        });
        inner.done(remarks)?;
    }
    let class = Classification {
        name: name(&mut parts, "name")?,
        lacv: number(&mut parts, "lacv")?,
        hierarchy: number(&mut parts, "hierarchy")?,
        colour: optional(&mut parts, "color")?,
        is_obsolete: flag(&mut parts, "obsolete")?,
        equivalents,
        phrases: phrases(parts.all("markingData"), remarks)?,
        qualifiers: qualifiers(parts.all("markingQualifier"), remarks)?,
        required: required(parts.all("requiredCategory"), remarks)?,
    };
    parts.done(remarks)?;
    Ok(class)
}

fn tag_sets(element: &Element, remarks: &mut Remarks) -> Result<Vec<TagSet>, StanagError> {
    let mut sets: Vec<TagSet> = Vec::new();
    let (mut names, mut oids) = (BTreeSet::new(), BTreeSet::new());
    let mut parts = fields(element);
    for set in parts.all("securityCategoryTagSet") {
        let mut inner = fields(set);
        let (name, oid) = (name(&mut inner, "name")?, oid(&mut inner, "id")?);
        if !names.insert(name.clone()) || !oids.insert(oid.clone()) {
            return Err(StanagError::Twice(format!("the tag set {}", cut(&name))));
        }
        let tags = inner.all("securityCategoryTag");
        let tags = tags.into_iter().map(|found| tag(found, remarks)).collect::<Result<_, _>>()?;
        if !inner.all("equivalentSecurityCategoryTagSet").is_empty() {
            remarks.push(format!("line {}: equivalent tag sets are passed over", set.line));
        }
        inner.done(remarks)?;
        sets.push(TagSet { name, oid, tags });
    }
    parts.done(remarks)?;
    Ok(sets)
}

fn tag(element: &Element, remarks: &mut Remarks) -> Result<Tag, StanagError> {
    let mut parts = fields(element);
    let is_single = flag(&mut parts, "singleSelection")?;
    let most = selection(&mut parts, "maxSelection")?;
    let categories = parts.all("tagCategory");
    let categories: Vec<TagCategory> =
        categories.into_iter().map(|found| category(found, remarks)).collect::<Result<_, _>>()?;
    let tag = Tag {
        name: optional(&mut parts, "name")?,
        tag_type: tag_type(&mut parts)?,
        encoding: word(&mut parts, "tag7Encoding", &["bitSetAttributes", "securityAttributes"])?,
        most: if is_single { Some(1) } else { most },
        fewest: selection(&mut parts, "minSelection")?.filter(|fewest| *fewest > 0),
        categories,
        qualifiers: qualifiers(parts.all("markingQualifier"), remarks)?,
    };
    parts.done(remarks)?;
    let mut seen = BTreeSet::new();
    let twice = tag.categories.iter().filter(|category| !seen.insert(&category.name));
    remarks.extend(twice.map(|category| {
        format!(
            "the category {:?} stands twice; the first that stands with a label is taken",
            cut(&category.name)
        )
    }));
    Ok(tag)
}

fn selection(parts: &mut Fields, attribute: &'static str) -> Result<Option<usize>, StanagError> {
    match parts.attribute(attribute) {
        None | Some("unbounded") => Ok(None),
        Some(found) => {
            let count =
                found.parse().map_err(|_| StanagError::value(attribute, "a number or unbounded", found));
            count.map(Some)
        }
    }
}

fn category(element: &Element, remarks: &mut Remarks) -> Result<TagCategory, StanagError> {
    let mut parts = fields(element);
    for known in ["notBefore", "notAfter"] {
        if parts.attribute(known).is_some() {
            remarks.push(format!("line {}: {known} is not looked at", element.line));
        }
    }
    parts.attribute("dateFormat");
    let mut equivalents = Vec::new();
    for equivalent in parts.all("equivalentSecCategoryTag") {
        equivalents.push(equivalent_category(equivalent, remarks)?);
    }
    let category = TagCategory {
        name: name(&mut parts, "name")?,
        lacv: optional(&mut parts, "lacv")?.ok_or(StanagError::Missing("lacv"))?,
        user_input: word(&mut parts, "userInput", &["string", "integer", "date"])?,
        required_class: optional(&mut parts, "requiredClass")?,
        is_obsolete: flag(&mut parts, "obsolete")?,
        equivalents,
        phrases: phrases(parts.all("markingData"), remarks)?,
        qualifiers: qualifiers(parts.all("markingQualifier"), remarks)?,
        excluded_classes: parts
            .all("excludedClass")
            .iter()
            .map(|class| class.text.trim().to_owned())
            .collect(),
        required: required(parts.all("requiredCategory"), remarks)?,
        excluded: excluded(parts.all("excludedCategory"), remarks)?,
    };
    parts.done(remarks)?;
    Ok(category)
}

fn excluded(found: Vec<&Element>, remarks: &mut Remarks) -> Result<Vec<CategoryRef>, StanagError> {
    found.into_iter().map(|element| category_ref(element, remarks)).collect()
}

fn equivalent_category(element: &Element, remarks: &mut Remarks) -> Result<EquivalentCategory, StanagError> {
    let mut inner = fields(element);
    let found = EquivalentCategory {
        policy: name(&mut inner, "policyRef")?,
        tag_set_oid: oid(&mut inner, "tagSetId")?,
        tag_type: tag_type(&mut inner)?,
        lacv: optional(&mut inner, "lacv")?.unwrap_or_default(),
        applied: applied(&mut inner)?,
        action: word(&mut inner, "action", &["discard"])?,
    };
    inner.done(remarks)?;
    Ok(found)
}

fn equivalent_policies(
    element: &Element,
    remarks: &mut Remarks,
) -> Result<Vec<EquivalentPolicy>, StanagError> {
    let mut parts = fields(element);
    let mut policies: Vec<EquivalentPolicy> = Vec::new();
    let (mut names, mut oids) = (BTreeSet::new(), BTreeSet::new());
    for found in parts.all("equivalentPolicy") {
        let mut inner = fields(found);
        for known in ["userRefURI", "docRefURI"] {
            inner.attribute(known);
        }
        let id = PolicyId { name: name(&mut inner, "name")?, oid: oid(&mut inner, "id")? };
        let required = required(inner.all("requiredCategory"), remarks)?;
        inner.done(remarks)?;
        if !names.insert(id.name.clone()) || !oids.insert(id.oid.clone()) {
            return Err(StanagError::Twice(format!("the policy {}", cut(&id.name))));
        }
        policies.push(EquivalentPolicy { id, required });
    }
    parts.done(remarks)?;
    Ok(policies)
}

/// What refers to something that is not there has no effect, and somebody should know.
fn references(spif: &Spif, remarks: &mut Remarks) {
    let policies: BTreeSet<_> =
        spif.equivalent_policies.iter().map(|policy| policy.id.name.as_str()).collect();
    let classes: BTreeSet<_> = spif.classifications.iter().map(|class| class.name.as_str()).collect();
    let named = spif.classifications.iter().flat_map(|class| &class.equivalents).map(|e| e.policy.as_str());
    let unknown: BTreeSet<_> = named.filter(|policy| !policies.contains(policy)).collect();
    remarks.extend(unknown.into_iter().map(|policy| {
        format!("classifications are translated for {:?}, which is not among the equivalent policies and means nothing", cut(policy))
    }));
    let categories = spif.tag_sets.iter().flat_map(|set| &set.tags).flat_map(|tag| &tag.categories);
    let named = categories.flat_map(|c| c.excluded_classes.iter().chain(&c.required_class));
    let unknown: BTreeSet<_> = named.filter(|class| !classes.contains(class.as_str())).collect();
    remarks.extend(
        unknown
            .into_iter()
            .map(|class| format!("a category names the classification {:?}, which is not there", cut(class))),
    );
}
