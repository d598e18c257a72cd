//! The pack's policies, prepared once, and one decision by them.
//!
//! Cedar skips a policy that errs while it is evaluated, even a `forbid`. Here any error is a refusal
//! (invariant 2).
//!
//! *Absent:* comparing levels and telling the time. Facts that need the table or the clock are computed here
//! and given to the policies as yes or no.

mod source;
mod vocabulary;

use crate::faults::Faults;
use crate::terms::Standing;
use attache_accord::agreement::Terms;
use attache_accord::marking::Marking;
use attache_accord::party::Party;
use attache_accord::ruling::{Action, Question};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema,
};
use std::collections::{BTreeMap, HashMap, HashSet};

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
        let actions = Action::ALL.into_iter().map(|(action, _)| (action, uid(action))).collect();
        let (person, item) = (name("Person")?, name("Item")?);
        Some(Self { set, schema, authorizer: Authorizer::new(), person, item, actions, annotated })
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
        let Ok((request, entities)) = self.put(question, marking, terms) else { return not_evaluated() };
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

    /// The question in the policies' vocabulary; where it does not fit, which is an error of evaluation, what Cedar says.
    fn put(
        &self,
        question: &Question,
        marking: &Marking,
        terms: &Terms,
    ) -> Result<(Request, Entities), String> {
        let asker = &question.asker;
        let person = EntityUid::from_type_name_and_id(self.person.clone(), EntityId::new(asker.id.as_str()));
        let item_id = question.subject.item_digest.to_string();
        let item = EntityUid::from_type_name_and_id(self.item.clone(), EntityId::new(item_id));
        let person_facts = HashMap::from([
            ("party".to_owned(), text(asker.party.as_str())),
            ("roles".to_owned(), set(asker.roles.iter().map(|role| role.as_str()))),
            ("duties".to_owned(), set(asker.duties.iter().map(|kind| kind.as_str()))),
        ]);
        let item_facts = HashMap::from([
            ("originator".to_owned(), text(marking.originator().as_str())),
            ("kind".to_owned(), text(marking.kind.as_str())),
            ("topics".to_owned(), set(marking.topics.iter().map(|topic| topic.as_str()))),
        ]);
        let entities = [
            Entity::new(person.clone(), person_facts, HashSet::new()).map_err(told)?,
            Entity::new(item.clone(), item_facts, HashSet::new()).map_err(told)?,
        ];
        let entities = Entities::from_entities(entities, Some(&self.schema)).map_err(told)?;
        let recipient = question.recipient.as_ref().map(|recipient| recipient.party);
        let context = Context::from_pairs([
            ("clearance_live".to_owned(), RestrictedExpression::new_bool(clearance_live(question))),
            (
                "clearance_covers".to_owned(),
                RestrictedExpression::new_bool(clearance_covers(question, marking, terms)),
            ),
            ("kinds_agreed".to_owned(), set(terms.kinds.iter().map(|kind| kind.as_str()))),
            ("topics_agreed".to_owned(), set(terms.topics.iter().map(|topic| topic.as_str()))),
            ("recipient".to_owned(), text(recipient.as_ref().map_or("", Party::as_str))),
            ("hub".to_owned(), text(terms.hub.as_ref().map_or("", Party::as_str))),
        ])
        .map_err(told)?;
        let action = self.actions.get(&question.action).ok_or("this action is not known")?.clone();
        let request = Request::new(person, action, item, context, Some(&self.schema)).map_err(told)?;
        Ok((request, entities))
    }
}

/// What Cedar says, with what it says of why.
fn told(error: impl std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

/// Art. 7: a lapsed clearance is none.
fn clearance_live(question: &Question) -> bool {
    question.asker.clearance.as_ref().is_some_and(|clearance| question.at < clearance.until)
}

/// Art. 7 with Art. 4.2: whether the asker's clearance covers the level that the item has, or is about to
/// get, in the asker's own scheme.
fn clearance_covers(question: &Question, marking: &Marking, terms: &Terms) -> bool {
    let Some(clearance) = &question.asker.clearance else { return false };
    let held = &clearance.level;
    if held.party() != question.asker.party {
        return false;
    }
    let own = match question.action {
        Action::Admit => question.chosen.as_ref(),
        _ => question.subject.own_level.as_ref(),
    };
    match own {
        Some(level) => terms.equivalence.covers(held, level),
        None => terms.equivalence.clears(held, &marking.level),
    }
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn set<'a>(values: impl Iterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.map(text))
}

fn not_evaluated() -> Verdict {
    Verdict::Forbidden(vec![CODE_NOT_EVALUATED.to_owned()])
}
