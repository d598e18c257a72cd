//! Whether the pack's vocabulary has the words that this software says.
//!
//! Without this a schema that lacks one would load, and policies would be asked about facts of other types than they were
//! validated for. Questions differ in their words only, never in the types of their facts, so that one of each action is enough.
//!
//! *Absent:* what the policies do with the words.

use super::facts::{Facts, Told};
use super::{Policies, SCHEMA_FILE};
use crate::faults::Faults;
use attache_accord::agreement::Terms;
use attache_accord::people::{Person, Role};
use attache_accord::ruling::{Action, Question, Subject};
use attache_accord::{Digest, Marking, Timestamp};
use std::collections::BTreeSet;

impl Policies {
    /// Puts a question of each action, with no set empty that may hold something.
    pub(crate) fn check_vocabulary(&self, schema: &str, terms: &Terms, faults: &mut Faults) {
        let Some(marking) = marking(terms) else { return };
        for (action, word) in Action::ALL {
            let Some(question) = question(action, &marking) else { continue };
            let facts = Facts { question: &question, marking: &marking, terms };
            if let Err(rule) = self.put(facts, &Told::all(), Some(&self.schema)) {
                faults.at(
                    SCHEMA_FILE,
                    line_of_action(schema, word),
                    format!("{word} cannot be asked: {rule}"),
                );
            }
        }
    }
}

/// Any marking that the agreement knows; none where its terms have no level or no kind, which is told of them.
fn marking(terms: &Terms) -> Option<Marking> {
    let level = terms.equivalence.schemes.values().find_map(|scheme| scheme.levels().next())?.level.clone();
    Some(Marking {
        level,
        releasable_to: BTreeSet::new(),
        kind: terms.kinds.first()?.clone(),
        caveats: Vec::new(),
        marked_at: Timestamp(0),
        topics: terms.topics.iter().cloned().chain(["anything".parse().ok()?]).collect(),
        control: None,
        purposes: [].into(),
    })
}

/// Any question of that action.
fn question(action: Action, marking: &Marking) -> Option<Question> {
    let party = marking.originator();
    let asker = Person {
        id: "anyone".parse().ok()?,
        party,
        roles: Role::ALL.into_iter().map(|(role, _)| role).collect(),
        clearance: None,
        duties: BTreeSet::from([marking.kind.clone()]),
    };
    let subject = Subject {
        item_digest: Digest([0; 32]),
        marking: Some(marking.clone()),
        own_level: None,
        approvals: Vec::new(),
    };
    Some(Question::new(action, Timestamp(0), party, asker, subject))
}

/// The line, from 1, on which the schema declares an action; where it does not, that of its actions.
fn line_of_action(schema: &str, word: &str) -> usize {
    let with = |text: &str| schema.lines().position(|line| line.contains(text));
    with(&format!("\"{word}\"")).or_else(|| with("action ")).map_or(1, |at| at + 1)
}
