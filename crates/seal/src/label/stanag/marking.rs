//! Labels from markings and markings from labels, under the schemes of one agreement.
//!
//! The classification is the national name of the level, untranslated; the nations stand in the permissive category
//! `Releasable To` with the originator first, since to a reader a missing category would mean no restriction. Kind, topics
//! and caveats are informative. The recipient's own level is an alternative label beside the originator's (Art. 4.2).
//!
//! *Absent:* a level without a name in its scheme, and any category that a marking cannot hold.

use super::{
    Category, CategoryType, ConfidentialityLabel, Information, LabelBody, PolicyIdentifier, Role,
    StanagError, ValueForm,
};
use crate::digest::sha256;
use attache_accord::agreement::{Terms, Topic};
use attache_accord::equivalence::Equivalence;
use attache_accord::particulars::Purpose;
use attache_accord::party::Malformed;
use attache_accord::{Kind, Level, Marking, Party, Timestamp};
use std::collections::BTreeSet;

pub(crate) const RELEASABLE_TO: &str = "Releasable To";
pub(crate) const KIND: &str = "Kind";
pub(crate) const CAVEAT: &str = "Caveat";
pub(crate) const TOPIC: &str = "Topic";
/// ORCON: each opening at a recipient's needs the originator's consent.
pub(crate) const CONTROL: &str = "Originator Control";
/// For what it is given.
pub(crate) const PURPOSE: &str = "Purpose";
/// The categories of our policies with the arc of each below the policy's identifier.
pub(crate) const CATEGORIES: [(CategoryType, &str, u8); 6] = [
    (CategoryType::Permissive, RELEASABLE_TO, 1),
    (CategoryType::Informative, KIND, 2),
    (CategoryType::Informative, CAVEAT, 3),
    (CategoryType::Informative, TOPIC, 4),
    (CategoryType::Informative, CONTROL, 5),
    (CategoryType::Informative, PURPOSE, 6),
];

/// The national schemes of one agreement, as far as labels need them.
#[derive(Debug, Clone, Copy)]
pub struct National<'a> {
    /// The agreement's short name.
    pub agreement: &'a str,
    /// The version of its terms.
    pub version: &'a str,
    /// The schemes and the table of Art. 4.2.
    pub equivalence: &'a Equivalence,
    /// The kinds of information that it names.
    pub kinds: &'a BTreeSet<Kind>,
    /// The topics that it covers; empty where it covers any.
    pub topics: &'a BTreeSet<Topic>,
    /// For what information is given; empty where the agreement does not name it.
    pub purposes: &'a BTreeSet<Purpose>,
}

impl<'a> National<'a> {
    /// Those of these terms.
    pub fn of(terms: &'a Terms) -> Self {
        let Terms { agreement, version, equivalence, kinds, topics, purposes, .. } = terms;
        Self { agreement, version, equivalence, kinds, topics, purposes }
    }

    /// The policy of a Party to the agreement.
    ///
    /// # Errors
    /// [`StanagError::Unknown`] for anyone else.
    pub fn policy(&self, party: Party) -> Result<PolicyIdentifier, StanagError> {
        if !self.equivalence.schemes.contains_key(&party) {
            return Err(StanagError::unknown("Party", party.as_str()));
        }
        let uri = format!("urn:oid:{}", policy_oid(self.agreement, party));
        Ok(PolicyIdentifier { name: policy_name(self.agreement, party), uri: Some(uri) })
    }

    /// The originator's label of a marking, to be looked at again at `review_at`.
    ///
    /// # Errors
    /// [`StanagError`] for a marking out of bounds or a level without a name.
    pub fn originator_label(
        &self,
        marking: &Marking,
        review_at: Timestamp,
    ) -> Result<ConfidentialityLabel, StanagError> {
        let originator = marking.originator();
        marking.check()?;
        if marking.releasable_to.contains(&originator) {
            return Err(StanagError::value(
                "releasable to",
                "other Parties than the originator",
                originator.as_str(),
            ));
        }
        let mut categories = vec![self.nations(marking, originator)];
        categories.push(self.category(KIND, originator, vec![marking.kind.to_string()]));
        let topics = marking.topics.iter().map(ToString::to_string).collect::<Vec<_>>();
        let purposes = marking.purposes.iter().map(ToString::to_string).collect();
        let control = marking.control.iter().map(ToString::to_string).collect();
        for (tag, values) in
            [(TOPIC, topics), (PURPOSE, purposes), (CONTROL, control), (CAVEAT, marking.caveats.clone())]
        {
            if !values.is_empty() {
                categories.push(self.category(tag, originator, values));
            }
        }
        self.label(Role::Originator, &marking.level, categories, marking.marked_at, review_at)
    }

    /// A recipient's own level as an alternative label beside the originator's.
    ///
    /// # Errors
    /// [`StanagError::Apart`] where the table does not set the levels side by side.
    pub fn alternative_label(
        &self,
        marking: &Marking,
        own_level: &Level,
        created_at: Timestamp,
        review_at: Timestamp,
    ) -> Result<ConfidentialityLabel, StanagError> {
        self.check_own(marking, own_level)?;
        let categories = vec![self.nations(marking, own_level.party())];
        self.label(Role::Alternative, own_level, categories, created_at, review_at)
    }

    /// The marking that an originator's label carries.
    ///
    /// # Errors
    /// [`StanagError::Unknown`] for a policy, classification or category that this agreement does not have.
    pub fn marking(&self, label: &ConfidentialityLabel) -> Result<Marking, StanagError> {
        if label.role != Role::Originator {
            return Err(StanagError::Apart("only the originator's label carries its marking"));
        }
        self.check_body(&label.body)?;
        let information = &label.body.information;
        let level = self.level(information)?;
        let values = |tag| {
            let found = information.categories.iter().find(|category| category.tag == tag);
            found.map(|category| category.values.clone()).unwrap_or_default()
        };
        let Ok([kind]) = <[String; 1]>::try_from(values(KIND)) else {
            return Err(StanagError::value("Kind", "one value", &values(KIND).join(", ")));
        };
        let mut releasable_to = nations(information)?;
        if !releasable_to.remove(&level.party()) {
            return Err(StanagError::value(
                RELEASABLE_TO,
                "nations with the originator among them",
                &values(RELEASABLE_TO).join(", "),
            ));
        }
        let kind = kind.parse()?;
        let topics = values(TOPIC).iter().map(|topic| topic.parse()).collect::<Result<_, Malformed>>()?;
        let purposes =
            values(PURPOSE).iter().map(|purpose| purpose.parse()).collect::<Result<_, Malformed>>()?;
        let control = match <[String; 1]>::try_from(values(CONTROL)) {
            Ok([control]) => Some(control.parse()?),
            Err(none) if none.is_empty() => None,
            Err(several) => return Err(StanagError::value(CONTROL, "one value", &several.join(", "))),
        };
        let (caveats, marked_at) = (values(CAVEAT), label.body.created_at);
        let marking = Marking { level, releasable_to, kind, caveats, marked_at, topics, control, purposes };
        marking.check()?;
        Ok(marking)
    }

    /// The own level that an alternative label sets beside `marking`.
    ///
    /// # Errors
    /// [`StanagError::Apart`] where it widens the nations or the table does not have the two levels in one row.
    pub fn own_level(
        &self,
        marking: &Marking,
        alternative: &ConfidentialityLabel,
    ) -> Result<Level, StanagError> {
        if alternative.role != Role::Alternative {
            return Err(StanagError::Apart("only an alternative label carries an own level"));
        }
        self.check_body(&alternative.body)?;
        let information = &alternative.body.information;
        let level = self.level(information)?;
        self.check_own(marking, &level)?;
        let mut theirs = marking.releasable_to.clone();
        theirs.insert(marking.originator());
        if nations(information)? != theirs {
            return Err(StanagError::Apart(
                "the alternative label names other nations than the originator's",
            ));
        }
        Ok(level)
    }

    fn check_own(&self, marking: &Marking, own_level: &Level) -> Result<(), StanagError> {
        let table = self.equivalence;
        if own_level.party() == marking.originator() {
            return Err(StanagError::Apart("an alternative label is of another Party than the originator"));
        }
        if table.equivalents(&marking.level, own_level.party()).allows(own_level) {
            Ok(())
        } else {
            Err(StanagError::Apart("the table of equivalents does not have both levels in one row"))
        }
    }

    /// A label that becomes another by itself, or says what a marking has no room for, is not understood.
    fn check_body(&self, body: &LabelBody) -> Result<(), StanagError> {
        if body.successor.is_some() {
            return Err(StanagError::unknown("element", "SuccessionHandling"));
        }
        if let Some(mark) = &body.information.privacy_mark {
            return Err(StanagError::unknown("PrivacyMark", mark));
        }
        for category in &body.information.categories {
            let known =
                CATEGORIES.iter().find(|(kind, tag, _)| (*kind, *tag) == (category.kind, &category.tag));
            let Some((_, _, arc)) = known.filter(|_| category.form == ValueForm::Generic) else {
                return Err(StanagError::unknown("category", &category.tag));
            };
            let party = self.party(&body.information.policy)?;
            let is_ours = |uri: &String| *uri == category_uri(self.agreement, party, *arc);
            if category.uri.as_ref().is_some_and(|uri| !is_ours(uri)) {
                return Err(StanagError::unknown("category", category.uri.as_deref().unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// Whose policy this is. A name with another's identifier is nobody's.
    fn party(&self, policy: &PolicyIdentifier) -> Result<Party, StanagError> {
        let parties = self.equivalence.schemes.keys().copied();
        let found = parties.into_iter().find(|party| {
            self.policy(*party)
                .is_ok_and(|own| own.name == policy.name && (policy.uri.is_none() || own.uri == policy.uri))
        });
        found.ok_or_else(|| StanagError::unknown("policy", policy.uri.as_deref().unwrap_or(&policy.name)))
    }

    fn level(&self, information: &Information) -> Result<Level, StanagError> {
        let party = self.party(&information.policy)?;
        let scheme = self.equivalence.schemes.get(&party);
        let mut named =
            scheme.iter().flat_map(|s| s.levels()).filter(|l| l.name == information.classification);
        match (named.next(), named.next()) {
            (Some(only), None) => Ok(only.level.clone()),
            _ => Err(StanagError::unknown("classification", &information.classification)),
        }
    }

    fn nations(&self, marking: &Marking, party: Party) -> Category {
        let nations = [marking.originator()].into_iter().chain(marking.releasable_to.iter().copied());
        self.category(RELEASABLE_TO, party, nations.map(|nation| nation.to_string()).collect())
    }

    fn category(&self, tag: &'static str, party: Party, values: Vec<String>) -> Category {
        let (kind, _, arc) =
            CATEGORIES.into_iter().find(|(_, known, _)| *known == tag).unwrap_or(CATEGORIES[0]);
        let uri = Some(category_uri(self.agreement, party, arc));
        Category { kind, tag: tag.to_owned(), uri, form: ValueForm::Generic, values }
    }

    fn label(
        &self,
        role: Role,
        level: &Level,
        categories: Vec<Category>,
        created_at: Timestamp,
        review_at: Timestamp,
    ) -> Result<ConfidentialityLabel, StanagError> {
        let named = self.equivalence.name(level);
        let named = named.ok_or_else(|| StanagError::unknown("level", level.as_str()))?;
        let policy = self.policy(level.party())?;
        let classification = named.name.clone();
        let information = Information { policy, classification, privacy_mark: None, categories };
        // Two levels of one name could not be told apart again.
        if self.level(&information)? != *level {
            return Err(StanagError::unknown("classification", &information.classification));
        }
        let body = LabelBody { information, originator: None, created_at, successor: None };
        Ok(ConfidentialityLabel { role, review_at: Some(review_at), body })
    }
}

/// The name of a Party's policy under an agreement.
pub(crate) fn policy_name(agreement: &str, party: Party) -> String {
    format!("{agreement}:{party}")
}

/// The object identifier of a Party's policy under an agreement: `2.25` and the number of a UUID (ITU-T X.667) of
/// version 8, the first 16 bytes of SHA-256 over `"attache/policy-oid/v1\n"`, the agreement, `:` and the Party. No government
/// gave it; one that has an identifier of its own would put that in its place.
pub fn policy_oid(agreement: &str, party: Party) -> String {
    let digest = sha256(&[b"attache/policy-oid/v1\n", agreement.as_bytes(), b":", party.as_str().as_bytes()]);
    // Version 8 and the variant of RFC 9562.
    let marked =
        u128::from_be_bytes(digest.first_half()) & !(0xf << 76) & !(0x3 << 62) | (8 << 76) | (2 << 62);
    format!("2.25.{marked}")
}

fn category_uri(agreement: &str, party: Party, arc: u8) -> String {
    format!("urn:oid:{}.{arc}", policy_oid(agreement, party))
}

fn nations(information: &Information) -> Result<BTreeSet<Party>, StanagError> {
    let found = information.category(CategoryType::Permissive, RELEASABLE_TO);
    let found = found.ok_or(StanagError::Missing(RELEASABLE_TO))?;
    Ok(found.values.iter().map(|nation| nation.parse()).collect::<Result<_, Malformed>>()?)
}
