//! The pack's policies, prepared once, and one decision by them.
//!
//! Cedar skips a policy that errs while it is evaluated, even a `forbid`. Here any error is a refusal
//! (invariant 2).
//!
//! *Absent:* comparing levels and telling the time. Facts that need the table or the clock are computed here
//! and given to the policies as yes or no.

mod facts;
mod source;
mod vocabulary;

use crate::faults::Faults;
use crate::terms::Standing;
use attache_accord::agreement::Terms;
use attache_accord::ruling::{Action, Question};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, Schema,
};
use facts::{Facts, Told};
use std::collections::BTreeMap;

/// The code of a refusal because no policy permits the action (Art. 1: no duty to provide).
pub const CODE_NOTHING_PERMITS: &str = "R-029";
/// The code of a refusal because a policy could not be evaluated.
pub const CODE_NOT_EVALUATED: &str = "R-090";
/// The codes that belong to no policy of the pack.
pub(crate) const OWN_CODES: [&str; 2] = [CODE_NOTHING_PERMITS, CODE_NOT_EVALUATED];

/// The pack's file of policies.
pub(crate) const POLICIES_FILE: &str = "policies.cedar";
/// The pack's file of the policies' vocabulary.
pub(crate) const SCHEMA_FILE: &str = "schema.cedarschema";

/// What the policies say, by their codes.
pub(crate) enum Verdict {
    /// Permitted, by these.
    Permitted(Vec<String>),
    /// Not permitted. Empty where there was nothing to decide on.
    Forbidden(Vec<String>),
}

/// What stands at one policy.
#[derive(Debug, Clone)]
pub(crate) struct Annotated {
    pub(crate) article: String,
    pub(crate) standing: Standing,
    /// The line, from 1, on which the policy starts.
    pub(crate) line: usize,
}

/// Policies, vocabulary and names, ready to decide.
#[derive(Debug, Clone)]
pub(crate) struct Policies {
    set: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    person: EntityTypeName,
    item: EntityTypeName,
    actions: BTreeMap<Action, EntityUid>,
    /// Actions that the schema puts into groups, with these.
    grouped: BTreeMap<Action, Entity>,
    /// What the policies look at.
    told: Told,
    annotated: BTreeMap<String, Annotated>,
}

impl Policies {
    /// Reads and strictly validates policies against their schema. None where either cannot be read at all.
    pub(crate) fn read(policies: &str, schema: &str, faults: &mut Faults) -> Option<Self> {
        let schema = source::read_schema(schema, faults)?;
        let (set, annotated) = source::read(policies, &schema, faults)?;
        let name = |text: &str| text.parse::<EntityTypeName>().ok();
        let action_type = name("Action")?;
        let uid = |action: Action| {
            EntityUid::from_type_name_and_id(action_type.clone(), EntityId::new(action.as_str()))
        };
        let actions: BTreeMap<_, _> =
            Action::ALL.into_iter().map(|(action, _)| (action, uid(action))).collect();
        let entities = schema.action_entities().ok()?;
        let has_group = |uid: &EntityUid| entities.ancestors(uid).is_some_and(|mut it| it.next().is_some());
        let grouped = actions.iter().filter(|(_, uid)| has_group(uid));
        let grouped =
            grouped.filter_map(|(action, uid)| Some((*action, entities.get(uid)?.clone()))).collect();
        let (person, item) = (name("Person")?, name("Item")?);
        let told = Told::to(&set);
        let authorizer = Authorizer::new();
        Some(Self { set, schema, authorizer, person, item, actions, grouped, told, annotated })
    }

    /// Each policy's code with its article and standing.
    pub(crate) fn annotated(&self) -> &BTreeMap<String, Annotated> {
        &self.annotated
    }

    /// The policy of that code.
    pub(crate) fn policy(&self, code: &str) -> Option<&Policy> {
        self.set.policy(&PolicyId::new(code))
    }

    /// The same without the policy of that code.
    #[cfg(feature = "mutants")]
    pub(crate) fn without(&self, code: &str) -> Self {
        let mut changed = self.clone();
        // Absent already: then there is nothing to take out.
        let _ = changed.set.remove_static(cedar_policy::PolicyId::new(code));
        changed.annotated.remove(code);
        changed
    }

    /// Decides a question on its facts. Without a marking there is nothing to decide on.
    pub(crate) fn decide(&self, question: &Question, terms: &Terms) -> Verdict {
        let Some(marking) = &question.subject.marking else { return Verdict::Forbidden(Vec::new()) };
        // Every question has the same facts, of the same types: that they fit was seen when the pack was read.
        let facts = Facts { question, marking, terms };
        let Ok((request, entities)) = self.put(facts, &self.told, None) else { return not_evaluated() };
        let response = self.authorizer.is_authorized(&request, &self.set, &entities);
        if response.diagnostics().errors().next().is_some() {
            return not_evaluated();
        }
        let mut codes: Vec<String> =
            response.diagnostics().reason().map(|id| AsRef::<str>::as_ref(id).to_owned()).collect();
        codes.sort();
        match response.decision() {
            Decision::Allow => Verdict::Permitted(codes),
            Decision::Deny if codes.is_empty() => Verdict::Forbidden(vec![CODE_NOTHING_PERMITS.to_owned()]),
            Decision::Deny => Verdict::Forbidden(codes),
        }
    }

    /// The question in the policies' vocabulary; where that is given and does not fit, what Cedar says.
    fn put(
        &self,
        facts: Facts<'_>,
        told: &Told,
        vocabulary: Option<&Schema>,
    ) -> Result<(Request, Entities), String> {
        let question = facts.question;
        let asker = EntityId::new(question.asker.id.as_str());
        let person = EntityUid::from_type_name_and_id(self.person.clone(), asker);
        let item_id = question.subject.item_digest.to_string();
        let item = EntityUid::from_type_name_and_id(self.item.clone(), EntityId::new(item_id));
        let entities = [
            Entity::new_with_tags(person.clone(), facts.tell(&told.of_person), [], []).map_err(reason)?,
            Entity::new_with_tags(item.clone(), facts.tell(&told.of_item), [], []).map_err(reason)?,
        ];
        // A vocabulary brings its actions itself.
        let action = self.grouped.get(&question.action).filter(|_| vocabulary.is_none());
        let entities = entities.into_iter().chain(action.cloned());
        let entities = Entities::from_entities(entities, vocabulary).map_err(reason)?;
        let context = Context::from_pairs(facts.tell(&told.of_context)).map_err(reason)?;
        let action = self.actions.get(&question.action).ok_or("this action is not known")?.clone();
        let request = Request::new(person, action, item, context, vocabulary).map_err(reason)?;
        Ok((request, entities))
    }
}

/// What Cedar says, with what it says of why.
fn reason(error: impl std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

fn not_evaluated() -> Verdict {
    Verdict::Forbidden(vec![CODE_NOT_EVALUATED.to_owned()])
}
