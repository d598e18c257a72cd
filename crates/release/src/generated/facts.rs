//! A question as raw facts in the generated vocabulary. What needs a clock is told as it stands at the time of the
//! question: who holds the agreement in force, whether a clearance is live, which assurances are.
//!
//! *Absent:* the table. Levels are given as they are written.

use attache_accord::particulars::Approved;
use attache_accord::people::Clearance;
use attache_accord::ruling::{Action, Question};
use attache_accord::{Marking, Timestamp};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

/// The generated vocabulary up to its actions.
const SCHEMA: &str = r#"// The raw facts of a question, as the policies beside this file speak of them.

// Whoever asks, on the roll of the node that is asked.
entity Person = {
  "party": String,
  "roles": Set<String>,
  "duties": Set<String>,
};

// A marked item. Its originator is the Party of its level.
entity Item = {
  "originator": String,
  "level": String,
  "releasable_to": Set<String>,
  "kind": String,
  "topics": Set<String>,
  // What its originator approved in writing and has not lapsed: third parties that it may go to, other purposes that it
  // may be used for, and lower levels of the originator that it has from then on.
  "may_go_to": Set<String>,
  "other_purposes": Set<String>,
  "lowered_to": Set<String>,
};

// An item that bears no marking yet.
entity Draft;

type Facts = {
  // The Party whose node is asked, which holds the item.
  "holder": String,
  // The Parties that hold the agreement to be in force at the time of the question.
  "in_force": Set<String>,
  // The asker's clearance, and whether it has not lapsed.
  "clearance"?: { "level": String, "live": Bool },
  // Where it would go, with the levels of that Party's live assurances in its own scheme.
  "recipient"?: { "party": String, "assured": Set<String> },
  // The holder's own level beside the originator's.
  "own_level"?: String,
  // The level chosen: from the table, when admitting; the lower one, when downgrading.
  "chosen"?: String,
  // Who asked for the release that is decided.
  "requester"?: Person,
  // What else it would be used for.
  "purpose"?: String,
  // The copy that would be made: which one of how many that are needed, and whether it bears every marking.
  "copy"?: { "number": Long, "needed": Long, "is_marked": Bool },
  // The translator of the translation that would be made, and whether it says in its language what it holds.
  "translation"?: { "party": String, "clearance"?: { "level": String, "live": Bool }, "has_notation": Bool },
  // The contractor that would get it, as its Party ascertained.
  "contractor"?: {
    "party": String,
    "clearance"?: { "level": String, "live": Bool },
    "is_inspected": Bool,
    "has_responsible": Bool,
    "is_staff_registered": Bool,
  },
  // The visit at which it would be shown: who approved it, and the highest level that the host lets be disclosed.
  "visit"?: { "is_official": Bool, "is_on": Bool, "approved_by"?: String, "highest"?: String },
};
"#;

/// The vocabulary as text.
pub(super) fn schema_text() -> String {
    let names: Vec<_> = Action::ALL.iter().map(|(_, word)| format!("\"{word}\"")).collect();
    let mut text = SCHEMA.to_owned();
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "\naction {} appliesTo {{\n  principal: Person,\n  resource: [Item, Draft],\n  context: Facts,\n}};",
        names.join(", ")
    );
    text
}

/// Names of the vocabulary, parsed once.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    person: EntityTypeName,
    item: EntityTypeName,
    draft: EntityTypeName,
    action: EntityTypeName,
}

impl Vocabulary {
    pub(super) fn new() -> Option<Self> {
        let name = |text: &str| text.parse().ok();
        Some(Self {
            person: name("Person")?,
            item: name("Item")?,
            draft: name("Draft")?,
            action: name("Action")?,
        })
    }

    /// The question in Cedar; none where Cedar does not take it.
    pub(super) fn put(&self, question: &Question, schema: &Schema) -> Option<(Request, Entities)> {
        let asker = &question.asker;
        let uid = |kind: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
        };
        let person = uid(&self.person, asker.id.as_str());
        let person_facts = HashMap::from([
            ("party".to_owned(), text(asker.party.as_str())),
            ("roles".to_owned(), set(asker.roles.iter().map(|role| role.as_str()))),
            ("duties".to_owned(), set(asker.duties.iter().map(|kind| kind.as_str()))),
        ]);
        let id = question.subject.item_digest.to_string();
        let (resource, item_facts) = match &question.subject.marking {
            None => (uid(&self.draft, &id), HashMap::new()),
            Some(marking) => {
                let facts = HashMap::from([
                    ("originator".to_owned(), text(marking.originator().as_str())),
                    ("level".to_owned(), text(marking.level.as_str())),
                    ("releasable_to".to_owned(), set(marking.releasable_to.iter().map(|p| p.as_str()))),
                    ("kind".to_owned(), text(marking.kind.as_str())),
                    ("topics".to_owned(), set(marking.topics.iter().map(|topic| topic.as_str()))),
                    (
                        "may_go_to".to_owned(),
                        approved(question, marking, |what| match what {
                            Approved::ThirdParty(party) => Some(party.as_str()),
                            _ => None,
                        }),
                    ),
                    (
                        "other_purposes".to_owned(),
                        approved(question, marking, |what| match what {
                            Approved::OtherPurpose(purpose) => Some(purpose.as_str()),
                            _ => None,
                        }),
                    ),
                    (
                        "lowered_to".to_owned(),
                        approved(question, marking, |what| match what {
                            Approved::Downgrade(level) => Some(level.as_str()),
                            _ => None,
                        }),
                    ),
                ]);
                (uid(&self.item, &id), facts)
            }
        };
        let entities = [
            Entity::new(person.clone(), person_facts, HashSet::new()).ok()?,
            Entity::new(resource.clone(), item_facts, HashSet::new()).ok()?,
        ];
        let entities = Entities::from_entities(entities, Some(schema)).ok()?;
        let action = uid(&self.action, question.action.as_str());
        let context = Context::from_pairs(self.context(question)?).ok()?;
        Some((Request::new(person, action, resource, context, Some(schema)).ok()?, entities))
    }

    fn context(&self, question: &Question) -> Option<Vec<(String, RestrictedExpression)>> {
        let at = question.at;
        // The last position of each Party counts.
        let positions: BTreeMap<_, _> =
            question.positions.iter().map(|position| (position.party, position.in_force(at))).collect();
        let in_force = positions.iter().filter(|(_, held)| **held).map(|(party, _)| party.as_str());
        let mut facts = vec![
            ("holder".to_owned(), text(question.holder.as_str())),
            ("in_force".to_owned(), set(in_force)),
        ];
        if let Some(held) = &question.asker.clearance {
            facts.push(("clearance".to_owned(), clearance(held, at)?));
        }
        if let Some(recipient) = &question.recipient {
            let live = recipient
                .assurances
                .iter()
                .filter(|assured| assured.expires > at && assured.level.party() == recipient.party);
            let assured = set(live.map(|assured| assured.level.as_str()));
            let to = [("party", text(recipient.party.as_str())), ("assured", assured)];
            facts.push(("recipient".to_owned(), record(to)?));
        }
        if let Some(level) = &question.subject.own_level {
            facts.push(("own_level".to_owned(), text(level.as_str())));
        }
        if let Some(level) = &question.chosen {
            facts.push(("chosen".to_owned(), text(level.as_str())));
        }
        if let Some(requester) = &question.requester {
            let uid =
                EntityUid::from_type_name_and_id(self.person.clone(), EntityId::new(requester.as_str()));
            facts.push(("requester".to_owned(), RestrictedExpression::new_entity_uid(uid)));
        }
        facts.extend(particulars(question)?.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Some(facts)
    }
}

/// What the question is about beside the item.
fn particulars(question: &Question) -> Option<Vec<(&'static str, RestrictedExpression)>> {
    let at = question.at;
    let mut facts = Vec::new();
    if let Some(purpose) = &question.purpose {
        facts.push(("purpose", text(purpose.as_str())));
    }
    if let Some(copy) = &question.copy {
        let copy = [
            ("number", RestrictedExpression::new_long(copy.number.into())),
            ("needed", RestrictedExpression::new_long(copy.needed.into())),
            ("is_marked", flag(copy.is_marked)),
        ];
        facts.push(("copy", record(copy)?));
    }
    if let Some(translation) = &question.translation {
        let translator = &translation.translator;
        let mut fields = vec![
            ("party", text(translator.party.as_str())),
            ("has_notation", flag(translation.has_notation)),
        ];
        if let Some(held) = &translator.clearance {
            fields.push(("clearance", clearance(held, at)?));
        }
        facts.push(("translation", record(fields)?));
    }
    if let Some(contractor) = &question.contractor {
        let mut fields = vec![
            ("party", text(contractor.party.as_str())),
            ("is_inspected", flag(contractor.inspected_until.is_some_and(|until| at < until))),
            ("has_responsible", flag(contractor.responsible.is_some())),
            ("is_staff_registered", flag(contractor.is_staff_registered)),
        ];
        if let Some(held) = &contractor.cleared {
            fields.push(("clearance", clearance(held, at)?));
        }
        facts.push(("contractor", record(fields)?));
    }
    if let Some(visit) = &question.visit {
        let mut fields = vec![("is_official", flag(visit.is_official)), ("is_on", flag(at < visit.until))];
        fields.extend(visit.approved_by.as_ref().map(|party| ("approved_by", text(party.as_str()))));
        fields.extend(visit.highest.as_ref().map(|level| ("highest", text(level.as_str()))));
        facts.push(("visit", record(fields)?));
    }
    Some(facts)
}

fn clearance(held: &Clearance, at: Timestamp) -> Option<RestrictedExpression> {
    record([("level", text(held.level.as_str())), ("live", flag(at < held.until))])
}

/// What the originator approved, of one sort, as far as it holds.
fn approved<'q>(
    question: &'q Question,
    marking: &Marking,
    sort: impl Fn(&'q Approved) -> Option<&'q str>,
) -> RestrictedExpression {
    let holding = question.subject.approvals.iter().filter(|it| it.holds(marking.originator(), question.at));
    set(holding.filter_map(|it| sort(&it.approved)))
}

fn flag(value: bool) -> RestrictedExpression {
    RestrictedExpression::new_bool(value)
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn set<'a>(values: impl Iterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.map(text))
}

fn record<'a>(
    fields: impl IntoIterator<Item = (&'a str, RestrictedExpression)>,
) -> Option<RestrictedExpression> {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    RestrictedExpression::new_record(fields).ok()
}
