//! The facts of a question as policies get them.
//!
//! *Absent:* what no policy of the pack looks at. It decides nothing, and making it costs as much as deciding.

use attache_accord::agreement::Terms;
use attache_accord::marking::Marking;
use attache_accord::party::Party;
use attache_accord::ruling::{Action, Question};
use cedar_policy::{PolicySet, RestrictedExpression};

/// A question with what it is answered from.
#[derive(Clone, Copy)]
pub(super) struct Facts<'q> {
    pub(super) question: &'q Question,
    pub(super) marking: &'q Marking,
    pub(super) terms: &'q Terms,
}

/// A fact's name and how it is told.
type Fact = (&'static str, fn(Facts<'_>) -> RestrictedExpression);

const OF_PERSON: [Fact; 3] = [
    ("party", |facts| text(facts.question.asker.party.as_str())),
    ("roles", |facts| set(facts.question.asker.roles.iter().map(|role| role.as_str()))),
    ("duties", |facts| set(facts.question.asker.duties.iter().map(|kind| kind.as_str()))),
];
const OF_ITEM: [Fact; 3] = [
    ("originator", |facts| text(facts.marking.originator().as_str())),
    ("kind", |facts| text(facts.marking.kind.as_str())),
    ("topics", |facts| set(facts.marking.topics.iter().map(|topic| topic.as_str()))),
];
const OF_CONTEXT: [Fact; 6] = [
    ("clearance_live", |facts| RestrictedExpression::new_bool(clearance_live(facts))),
    ("clearance_covers", |facts| RestrictedExpression::new_bool(clearance_covers(facts))),
    ("kinds_agreed", |facts| set(facts.terms.kinds.iter().map(|kind| kind.as_str()))),
    ("topics_agreed", |facts| set(facts.terms.topics.iter().map(|topic| topic.as_str()))),
    ("recipient", |facts| {
        text(facts.question.recipient.as_ref().map_or("", |recipient| recipient.party.as_str()))
    }),
    ("hub", |facts| text(facts.terms.hub.as_ref().map_or("", Party::as_str))),
];

/// The facts that are told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) of_person: Vec<Fact>,
    pub(super) of_item: Vec<Fact>,
    pub(super) of_context: Vec<Fact>,
}

impl Told {
    /// All of them.
    pub(super) fn all() -> Self {
        Self { of_person: OF_PERSON.into(), of_item: OF_ITEM.into(), of_context: OF_CONTEXT.into() }
    }

    /// Those whose names stand anywhere in the policies; all where these cannot be written out.
    pub(super) fn to(policies: &PolicySet) -> Self {
        let texts: Option<Vec<String>> =
            policies.policies().map(|policy| Some(policy.to_json().ok()?.to_string())).collect();
        let Some(texts) = texts else { return Self::all() };
        let mut told = Self::all();
        for facts in [&mut told.of_person, &mut told.of_item, &mut told.of_context] {
            facts.retain(|(name, _)| {
                let name = format!("\"{name}\"");
                texts.iter().any(|text| text.contains(&name))
            });
        }
        told
    }
}

impl Facts<'_> {
    pub(super) fn tell(self, facts: &[Fact]) -> impl Iterator<Item = (String, RestrictedExpression)> {
        facts.iter().map(move |(name, fact)| ((*name).to_owned(), fact(self)))
    }
}

/// Art. 7: a lapsed clearance is none.
fn clearance_live(Facts { question, .. }: Facts<'_>) -> bool {
    question.asker.clearance.as_ref().is_some_and(|clearance| question.at < clearance.until)
}

/// Art. 7 with Art. 4.2: whether the asker's clearance covers the level that the item has, or is about to
/// get, in the asker's own scheme.
fn clearance_covers(Facts { question, marking, terms }: Facts<'_>) -> bool {
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
