//! A pack as generated Cedar: the floor as `forbid`s, the pack's policies with every computed fact written out, and
//! the Parties, rows and kinds of `terms.toml` as lists. It rules on raw facts alone, so it can be read as a whole,
//! analysed by `cedar-policy-symcc`, and compared with [`rule`](crate::rule), which it must equal.
//!
//! *Absent:* authority. The node rules by [`rule`](crate::rule); this says the same in another way.

mod derived;
mod facts;
mod floor;
mod words;

use crate::floor::FloorRule;
use crate::language::Language;
use crate::pack::Pack;
use crate::policies::{CODE_NOT_EVALUATED, CODE_NOTHING_PERMITS};
use crate::terms::Standing;
use attache_accord::ruling::{Action, Question};
use cedar_policy::{
    Authorizer, Decision, Effect, Entities, Policy, PolicyId, PolicySet, Request, Schema, ValidationMode,
    Validator,
};
use facts::Vocabulary;
use floor::{About, Clause};
use std::collections::{BTreeMap, BTreeSet};
use words::Table;

/// Width of a line of generated Cedar.
const LINE_WIDTH: usize = 110;
/// Indent of generated Cedar.
const INDENT_WIDTH: isize = 2;

/// Why a pack has no generated form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule pack, generated Cedar: {what}")]
pub struct NotGenerated {
    /// The rule, fact or word that has no form.
    pub what: String,
}

impl NotGenerated {
    pub(crate) fn of(what: impl std::fmt::Display) -> Self {
        Self { what: what.to_string() }
    }
}

/// What generated Cedar answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it may be done.
    pub granted: bool,
    /// Codes of the rules that decided.
    pub codes: BTreeSet<String>,
}

/// One pack as generated Cedar.
#[derive(Debug, Clone)]
pub struct Generated {
    text: String,
    schema_text: String,
    set: PolicySet,
    /// The pack's own policies, for the one question that the whole cannot answer: whether nothing permits.
    of_pack: PolicySet,
    schema: Schema,
    vocabulary: Vocabulary,
    codes: BTreeMap<PolicyId, String>,
}

impl Generated {
    /// Writes a pack out.
    ///
    /// # Errors
    /// A rule of the floor or a fact of a policy that has no generated form, by its name.
    pub fn of(pack: &Pack) -> Result<Self, NotGenerated> {
        let schema_text = facts::schema_text();
        let text = written(pack)?;
        let (schema, _) = Schema::from_cedarschema_str(&schema_text).map_err(NotGenerated::of)?;
        let vocabulary =
            Vocabulary::new().ok_or_else(|| NotGenerated::of("the generated vocabulary is malformed"))?;
        let parsed: PolicySet = text.parse().map_err(NotGenerated::of)?;
        let (mut set, mut of_pack, mut codes) = (PolicySet::new(), PolicySet::new(), BTreeMap::new());
        for policy in parsed.policies() {
            let id = PolicyId::new(policy.annotation("id").unwrap_or_default());
            let code = policy.annotation("code").or(policy.annotation("id")).unwrap_or_default().to_owned();
            let policy = policy.new_id(id.clone());
            if pack.policies().annotated().contains_key(&code) {
                of_pack.add(policy.clone()).map_err(NotGenerated::of)?;
            }
            set.add(policy).map_err(NotGenerated::of)?;
            codes.insert(id, code);
        }
        let validated = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        if let Some(error) = validated.validation_errors().next() {
            return Err(NotGenerated::of(error));
        }
        Ok(Self { text, schema_text, set, of_pack, schema, vocabulary, codes })
    }

    /// The policies, as a lawyer reads them.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Their vocabulary.
    pub fn schema_text(&self) -> &str {
        &self.schema_text
    }

    /// The policies, as Cedar evaluates and analyses them.
    pub fn policies(&self) -> &PolicySet {
        &self.set
    }

    /// Those of them that the pack wrote; the others are the floor's.
    pub fn policies_of_pack(&self) -> &PolicySet {
        &self.of_pack
    }

    /// Their vocabulary, parsed.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The actions that it rules on.
    pub fn actions(&self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().map(|(action, _)| action)
    }

    /// The code of the rule that a policy states; several policies may state one rule.
    pub fn code(&self, policy: &PolicyId) -> Option<&str> {
        self.codes.get(policy).map(String::as_str)
    }

    /// The facts of a question in this vocabulary; none where Cedar does not take them.
    pub fn facts(&self, question: &Question) -> Option<(Request, Entities)> {
        self.vocabulary.put(question, &self.schema)
    }

    /// What Cedar makes of a question under these policies.
    pub fn answer(&self, question: &Question) -> Answer {
        let refused = |codes: BTreeSet<String>| Answer { granted: false, codes };
        let not_evaluated = CODE_NOT_EVALUATED.to_owned();
        let Some((request, entities)) = self.facts(question) else {
            return refused(BTreeSet::from([not_evaluated]));
        };
        let authorizer = Authorizer::new();
        let response = authorizer.is_authorized(&request, &self.set, &entities);
        let mut fired: BTreeSet<&PolicyId> = response.diagnostics().reason().collect();
        let code = |id: &PolicyId| self.code(id).unwrap_or_default().to_owned();
        if response.diagnostics().errors().next().is_some() {
            fired.retain(|id| self.of_pack.policy(id).is_none());
            return refused(fired.into_iter().map(code).chain([not_evaluated]).collect());
        }
        let mut codes: BTreeSet<String> = fired.iter().map(|id| code(id)).collect();
        if response.decision() == Decision::Allow {
            return Answer { granted: true, codes };
        }
        if question.subject.marking.is_some() && fired.iter().all(|id| self.of_pack.policy(id).is_none()) {
            let own = authorizer.is_authorized(&request, &self.of_pack, &entities);
            if own.decision() == Decision::Deny {
                codes.insert(CODE_NOTHING_PERMITS.to_owned());
            }
        }
        refused(codes)
    }

    /// The same without one policy, by its id.
    #[cfg(feature = "mutants")]
    pub fn dangerously_without(&self, policy: &PolicyId) -> Self {
        let mut changed = self.clone();
        // Absent already: then there is nothing to take out.
        let _ = changed.set.remove_static(policy.clone());
        let _ = changed.of_pack.remove_static(policy.clone());
        changed
    }
}

/// The whole text: floor, then policies.
fn written(pack: &Pack) -> Result<String, NotGenerated> {
    let table = Table::of(pack.terms());
    let first_lines = format!(
        "// {} {}, as one set of rules on raw facts. Generated from its terms, its policies and the floor; not to be\n\
         // edited. A question is permitted where a permit applies and no forbid does.\n\n",
        pack.terms().agreement,
        pack.version()
    );
    let mut text = String::new();
    for rule in pack.floor() {
        let clauses = floor::clauses(rule.code, &table)
            .ok_or_else(|| NotGenerated::of(format!("{} of the floor has no generated form", rule.code)))?;
        text.push_str(&written_rule(pack, rule, &clauses));
    }
    for code in pack.policies().annotated().keys() {
        let policy =
            pack.policies().policy(code).ok_or_else(|| NotGenerated::of(format!("{code} is not there")))?;
        text.push_str(&heading(pack, code, code));
        text.push_str(&body(&derived::written_out(policy, &table)?));
        text.push_str("\n\n");
    }
    let layout = cedar_policy_formatter::Config { line_width: LINE_WIDTH, indent_width: INDENT_WIDTH };
    let rules = cedar_policy_formatter::policies_str_to_pretty(&text, &layout).map_err(NotGenerated::of)?;
    Ok(first_lines + &rules)
}

/// A policy without its annotations, which its heading states.
fn body(policy: &Policy) -> String {
    let text = policy.to_string();
    let effect = match policy.effect() {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
    };
    text.find(&format!("\n{effect}(")).map_or(text.clone(), |at| text[at + 1..].to_owned())
}

fn heading(pack: &Pack, id: &str, code: &str) -> String {
    let article = pack.article_of_rule(code).unwrap_or_default();
    let standing = pack.standing(code).map(Standing::as_str).unwrap_or_default();
    let words = pack.reason_text(code, Language::En);
    // The title alone: the reason has places for the facts of a question, and here there is none.
    let words = words.map(|text| format!("// {}.\n", text.title)).unwrap_or_default();
    format!("{words}@id(\"{id}\") @code(\"{code}\") @article(\"{article}\") @status(\"{standing}\")\n")
}

fn written_rule(pack: &Pack, rule: &FloorRule, clauses: &[Clause]) -> String {
    let of_rule = |clause: &Clause| -> Vec<Action> {
        rule.actions.iter().copied().filter(|action| (clause.applies)(*action)).collect()
    };
    let applying: Vec<_> =
        clauses.iter().map(|c| (c, of_rule(c))).filter(|(_, actions)| !actions.is_empty()).collect();
    let mut text = String::new();
    for (number, (clause, actions)) in (1..).zip(&applying) {
        let id = if applying.len() == 1 { rule.code.to_owned() } else { format!("{}.{number}", rule.code) };
        text.push_str(&heading(pack, &id, rule.code));
        text.push_str(&written_clause(clause, actions));
    }
    text
}

fn written_clause(clause: &Clause, actions: &[Action]) -> String {
    let named: Vec<_> = actions.iter().map(|action| format!("Action::\"{}\"", action.as_str())).collect();
    let scope = match named.as_slice() {
        [only] => format!("action == {only}"),
        several => format!("action in [{}]", several.join(", ")),
    };
    let resource = match clause.about {
        About::Anything => "resource",
        About::Item => "resource is Item",
        About::Draft => "resource is Draft",
    };
    let when = match clause.when.as_slice() {
        [] => String::new(),
        all => format!("\nwhen {{ {} }}", all.join(" && ")),
    };
    let unless = clause.unless.as_ref().map(|saved| format!("\nunless {{ {saved} }}")).unwrap_or_default();
    format!("forbid (principal is Person, {scope}, {resource}){when}{unless};\n\n")
}
