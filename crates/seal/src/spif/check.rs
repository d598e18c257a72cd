//! Whether a label is valid under a policy, and whether somebody may read it.
//!
//! What the policy does not have is a finding: an unknown policy, classification, category or value is never passed over.
//!
//! *Absent:* translation, and the agreement: a label that is valid under a national policy may still not be released.

use super::{CategoryRef, Classification, Operation, Required, Spif, Tag, TagCategory, TagSet};
use crate::label::stanag::{Category, Information, ValueForm};
use crate::xml::cut;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a label under a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// Of another policy.
    #[error("the label is of the policy {0:?}")]
    OtherPolicy(String),
    /// A classification that the policy does not have.
    #[error("the policy has no classification {0:?}")]
    UnknownClassification(String),
    /// A category that the policy does not have.
    #[error("the policy has no category {0:?}")]
    UnknownCategory(String),
    /// A category of another type.
    #[error("the category {0:?} is of another type in the policy")]
    OtherType(String),
    /// A value that the category does not have, or not in this form.
    #[error("the category {tag:?} has no value {value:?}")]
    UnknownValue {
        /// The category.
        tag: String,
        /// The value.
        value: String,
    },
    /// A word to readers, which policies here have none of.
    #[error("the policy has no privacy mark {0:?}")]
    UnknownPrivacyMark(String),
    /// Out of use.
    #[error("{0:?} is obsolete")]
    Obsolete(String),
    /// Not with this classification.
    #[error("{value:?} does not stand with {class:?}")]
    Excluded {
        /// The value.
        value: String,
        /// What it does not stand with.
        class: String,
    },
    /// Not without another category.
    #[error("{of:?} needs a category that is not there: {needs}")]
    Needs {
        /// What needs it.
        of: String,
        /// Which, in words.
        needs: String,
    },
    /// Too many or too few values.
    #[error("{tag:?} has {found} values, which the policy does not allow")]
    Count {
        /// The category.
        tag: String,
        /// How many.
        found: usize,
    },
}

/// What a reader may see: a classification, and what they hold of each category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    /// The classification, by name.
    pub classification: String,
    /// Values held, by the name of the category.
    pub held: BTreeMap<String, BTreeSet<String>>,
}

/// A value of the label with where the policy has it.
struct Chosen<'a> {
    set: &'a TagSet,
    tag: &'a Tag,
    category: &'a TagCategory,
}

impl Spif {
    /// Everything that is wrong with a label under this policy. Nothing means that it is valid.
    pub fn check(&self, label: &Information) -> Vec<Finding> {
        let policy = &label.policy;
        let is_other = |uri: &String| *uri != format!("urn:oid:{}", self.policy.oid);
        if policy.name != self.policy.name || policy.uri.as_ref().is_some_and(is_other) {
            return vec![Finding::OtherPolicy(cut(policy.uri.as_deref().unwrap_or(&policy.name)))];
        }
        let Some(class) = self.classification(&label.classification) else {
            return vec![Finding::UnknownClassification(cut(&label.classification))];
        };
        let mut findings = Vec::new();
        if class.is_obsolete {
            findings.push(Finding::Obsolete(class.name.clone()));
        }
        if let Some(mark) = &label.privacy_mark {
            findings.push(Finding::UnknownPrivacyMark(cut(mark)));
        }
        let mut chosen = Vec::new();
        for category in &label.categories {
            self.choose(category, class, &mut chosen, &mut findings);
        }
        self.check_counts(&chosen, &mut findings);
        needs(&class.name, &class.required, &chosen, &mut findings);
        // Where people write a value in, a label has many of one category; what it asks for is looked at once.
        let mut seen = BTreeSet::new();
        for one in chosen.iter().filter(|one| seen.insert(std::ptr::from_ref(one.category))) {
            check_chosen(one, class, &chosen, &mut findings);
        }
        findings
    }

    /// Whether a reader passes a label: valid, cleared at least as high, and held of each category what its type asks for.
    ///
    /// # Errors
    /// The findings where the label is not valid; an unknown clearance covers nothing.
    pub fn may_read(&self, label: &Information, clearance: &Clearance) -> Result<bool, Vec<Finding>> {
        let findings = self.check(label);
        if !findings.is_empty() {
            return Err(findings);
        }
        let needed = self.classification(&label.classification);
        let held = self.classification(&clearance.classification);
        let (Some(needed), Some(held)) = (needed, held) else { return Ok(false) };
        let nothing = BTreeSet::new();
        let passes = |c: &Category| c.admits(clearance.held.get(&c.tag).unwrap_or(&nothing));
        Ok(held.hierarchy >= needed.hierarchy && label.categories.iter().all(passes))
    }

    /// Finds the values of one category of the label. Labels name the tag or its set.
    fn choose<'a>(
        &'a self,
        category: &Category,
        class: &Classification,
        chosen: &mut Vec<Chosen<'a>>,
        findings: &mut Vec<Finding>,
    ) {
        let tag = || cut(&category.tag);
        let of_set =
            |set: &TagSet| category.uri.as_ref().is_none_or(|uri| *uri == format!("urn:oid:{}", set.oid));
        let all = self
            .tag_sets
            .iter()
            .filter(|set| of_set(set))
            .flat_map(|set| set.tags.iter().map(move |t| (set, t)));
        let named: Vec<_> = all
            .filter(|(set, tag)| tag.name.as_ref() == Some(&category.tag) || set.name == category.tag)
            .collect();
        if named.is_empty() {
            return findings.push(Finding::UnknownCategory(tag()));
        }
        let typed: Vec<_> =
            named.into_iter().filter(|(_, tag)| tag.tag_type.kind() == category.kind).collect();
        if typed.is_empty() {
            return findings.push(Finding::OtherType(tag()));
        }
        for value in &category.values {
            let found = typed.iter().find_map(|(set, tag)| {
                let category = tag.find(value, category.form, &class.name)?;
                Some(Chosen { set, tag, category })
            });
            match found {
                Some(found) => chosen.push(found),
                None => findings.push(Finding::UnknownValue { tag: tag(), value: cut(value) }),
            }
        }
    }

    fn check_counts(&self, chosen: &[Chosen], findings: &mut Vec<Finding>) {
        for (set, tag) in self.tag_sets.iter().flat_map(|set| set.tags.iter().map(move |tag| (set, tag))) {
            let found = chosen.iter().filter(|one| std::ptr::eq(one.tag, tag)).count();
            if tag.most.is_some_and(|most| found > most) || tag.fewest.is_some_and(|fewest| found < fewest) {
                let tag = tag.name.clone().unwrap_or_else(|| set.name.clone());
                findings.push(Finding::Count { tag, found });
            }
        }
    }
}

impl Tag {
    /// The category of this value. Policies list one twice to word it by classification (`NATO SECRET`, `COSMIC TOP
    /// SECRET`): the first that stands with `class`, else the first.
    pub(super) fn find(&self, value: &str, form: ValueForm, class: &str) -> Option<&TagCategory> {
        let named = || self.categories.iter().filter(|known| is_value(known, value, form));
        named().find(|known| !excludes(known, class)).or_else(|| named().next())
    }
}

fn excludes(category: &TagCategory, class: &str) -> bool {
    category.excluded_classes.iter().any(|excluded| excluded == class)
        || category.required_class.as_ref().is_some_and(|only| only != class)
}

/// By name, or by number where the label writes numbers. Strings of bits are not understood.
fn is_value(known: &TagCategory, value: &str, form: ValueForm) -> bool {
    match (form, known.user_input.as_deref()) {
        (ValueForm::Bits, _) => false,
        (ValueForm::Integer, _) => known.lacv.parse::<u64>().ok() == value.parse().ok(),
        (ValueForm::Generic, None) => known.name == value,
        (ValueForm::Generic, Some("integer")) => value.bytes().all(|byte| byte.is_ascii_digit()),
        (ValueForm::Generic, Some(_)) => true,
    }
}

fn check_chosen(one: &Chosen, class: &Classification, chosen: &[Chosen], findings: &mut Vec<Finding>) {
    let category = one.category;
    let excluded = |with: &str| Finding::Excluded { value: category.name.clone(), class: with.to_owned() };
    if category.is_obsolete {
        findings.push(Finding::Obsolete(category.name.clone()));
    }
    if excludes(category, &class.name) {
        findings.push(excluded(&class.name));
    }
    for other in &category.excluded {
        if chosen.iter().any(|one| refers(other, one)) {
            findings.push(excluded(&other.tag_set));
        }
    }
    needs(&category.name, &category.required, chosen, findings);
}

fn needs(of: &str, required: &[Required], chosen: &[Chosen], findings: &mut Vec<Finding>) {
    for rule in required {
        let met = rule.groups.iter().filter(|group| chosen.iter().any(|one| refers(group, one))).count();
        let is_met = match rule.operation {
            Operation::OnlyOne => met == 1,
            Operation::OneOrMore => met > 0,
            Operation::All => met == rule.groups.len(),
        };
        if !is_met {
            let groups: Vec<_> = rule.groups.iter().map(told).collect();
            let needs = format!("{} of {}", rule.operation.as_str(), groups.join(", "));
            findings.push(Finding::Needs { of: of.to_owned(), needs });
        }
    }
}

fn told(group: &CategoryRef) -> String {
    match &group.lacv {
        Some(lacv) => format!("{} {lacv}", group.tag_set),
        None => group.tag_set.clone(),
    }
}

fn refers(group: &CategoryRef, one: &Chosen) -> bool {
    group.tag_set == one.set.name
        && group.tag_type.tag == one.tag.tag_type.tag
        && group.tag_type.enumerated == one.tag.tag_type.enumerated
        && group.lacv.as_ref().is_none_or(|lacv| *lacv == one.category.lacv)
}
