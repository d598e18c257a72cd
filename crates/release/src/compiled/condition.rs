//! Generated Cedar read into conditions on raw facts, for one action and one kind of resource. Only recognised forms are
//! read; one that is not makes the action fall back to the engine.
//!
//! *Absent:* guesses. A form without a meaning here is an error with its text.

use super::fact::{FLAGS, Flag, MANIES, MAYBE_FLAGS, MAYBE_ONES, Many, ONES, One};
use serde_json::Value;
use std::collections::BTreeSet;

/// One test of raw facts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    /// The fact is there and is one of these words.
    OneOf(One, BTreeSet<String>),
    /// The fact is there.
    Has(One),
    /// Two facts are one word.
    Same(One, One),
    /// The set holds the word that the fact is.
    Holds(Many, One),
    /// The set holds one of these words.
    HoldsAny(Many, BTreeSet<String>),
    /// The set holds none but these words.
    Within(Many, BTreeSet<String>),
    /// The set holds nothing.
    Empty(Many),
    /// Yes.
    Is(Flag),
    /// The number of the copy is at least this.
    CopyAtLeast(i64),
}

impl Test {
    /// Whether it looks at the label.
    pub(super) fn is_of_label(&self) -> bool {
        match self {
            Self::OneOf(one, _) | Self::Has(one) => one.is_of_label(),
            Self::Same(one, other) => one.is_of_label() || other.is_of_label(),
            Self::Holds(many, one) => many.is_of_label() || one.is_of_label(),
            Self::HoldsAny(many, _) | Self::Within(many, _) | Self::Empty(many) => many.is_of_label(),
            Self::Is(_) | Self::CopyAtLeast(_) => false,
        }
    }
}

/// A condition on raw facts.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Known(bool),
    If(Test),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// A policy's effect conditions, for one action.
pub(super) struct Reader<'a> {
    /// The action's word.
    pub(super) action: &'a str,
    /// The type of the resource.
    pub(super) resource: &'a str,
}

/// Something of which a condition speaks.
enum Term {
    Word(String),
    Words(BTreeSet<String>),
    One(One),
    Many(Many),
    Number(i64),
    CopyNumber,
    CopyNeeded,
    Asker,
    Requester,
    Either(Box<Condition>, Box<Term>, Box<Term>),
}

type Read<T> = Result<T, String>;

fn unknown<T>(json: &Value) -> Read<T> {
    Err(format!("not a recognised form: {json}"))
}

fn fact<T: Copy>(facts: &[(&str, T)], path: &str) -> Option<T> {
    facts.iter().find(|(known, _)| *known == path).map(|(_, fact)| *fact)
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// `context.recipient.party` as text.
fn path(json: &Value) -> Option<String> {
    if let Some(variable) = json.get("Var").and_then(Value::as_str) {
        return Some(variable.to_owned());
    }
    let access = json.get(".")?;
    Some(format!("{}.{}", path(access.get("left")?)?, access.get("attr")?.as_str()?))
}

fn entity_id(json: &Value) -> Option<&str> {
    let entity = json.pointer("/Value/__entity").or(json.get("__entity")).unwrap_or(json);
    (entity.get("type")?.as_str()? == "Action").then(|| entity.get("id")?.as_str())?
}

impl Reader<'_> {
    /// When the policy applies; never where its scope excludes the action or the resource.
    pub(super) fn policy(&self, json: &Value) -> Read<Condition> {
        let scope = |name: &str| json.get(name).cloned().unwrap_or_default();
        let (principal, action, resource) = (scope("principal"), scope("action"), scope("resource"));
        let is_person = match principal["op"].as_str() {
            Some("All") => true,
            Some("is") if principal.get("in").is_none() => principal["entity_type"] == "Person",
            _ => return unknown(&principal),
        };
        let is_action = match action["op"].as_str() {
            Some("All") => true,
            Some("==") => entity_id(&action["entity"]) == Some(self.action),
            Some("in") => match (action.get("entities").and_then(Value::as_array), action.get("entity")) {
                (Some(entities), _) => entities.iter().any(|it| entity_id(it) == Some(self.action)),
                (None, Some(entity)) => entity_id(entity) == Some(self.action),
                _ => return unknown(&action),
            },
            _ => return unknown(&action),
        };
        let is_resource = match resource["op"].as_str() {
            Some("All") => true,
            Some("is") if resource.get("in").is_none() => resource["entity_type"] == self.resource,
            _ => return unknown(&resource),
        };
        if !(is_person && is_action && is_resource) {
            return Ok(Condition::Known(false));
        }
        let conditions = json["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let all = conditions.iter().map(|condition| {
            let body = self.condition(&condition["body"])?;
            Ok(if condition["kind"] == "when" { body } else { not(body) })
        });
        Ok(Condition::All(all.collect::<Read<_>>()?))
    }

    fn condition(&self, json: &Value) -> Read<Condition> {
        let Some((form, inner)) = json.as_object().and_then(|object| object.iter().next()) else {
            return unknown(json);
        };
        let (left, right) = (&inner["left"], &inner["right"]);
        match form.as_str() {
            "Value" => inner.as_bool().map_or_else(|| unknown(json), |known| Ok(Condition::Known(known))),
            "&&" => Ok(Condition::All(vec![self.condition(left)?, self.condition(right)?])),
            "||" => Ok(Condition::Any(vec![self.condition(left)?, self.condition(right)?])),
            "!" => Ok(not(self.condition(&inner["arg"])?)),
            "if-then-else" => {
                let test = self.condition(&inner["if"])?;
                Ok(either(test, self.condition(&inner["then"])?, self.condition(&inner["else"])?))
            }
            "has" => {
                let attribute = inner["attr"].as_str().unwrap_or_default();
                let whole = path(left).map(|left| format!("{left}.{attribute}")).unwrap_or_default();
                let one = fact(&MAYBE_ONES, &whole).map(Test::Has);
                let flag = fact(&MAYBE_FLAGS, &whole).map(Test::Is);
                one.or(flag).map_or_else(|| unknown(json), |test| Ok(Condition::If(test)))
            }
            "." => match path(json).and_then(|path| fact(&FLAGS, &path)) {
                Some(flag) => Ok(Condition::If(Test::Is(flag))),
                None => unknown(json),
            },
            "in" | "==" if path(left).as_deref() == Some("action") => {
                let single = std::slice::from_ref(right);
                let named = right.get("Set").and_then(Value::as_array).map_or(single, Vec::as_slice);
                Ok(Condition::Known(named.iter().any(|it| entity_id(it) == Some(self.action))))
            }
            "==" => same(json, self.term(left)?, self.term(right)?),
            "!=" => Ok(not(same(json, self.term(left)?, self.term(right)?)?)),
            ">=" | "<=" => number(json, form, &self.term(left)?, &self.term(right)?),
            "contains" => holds(json, self.term(left)?, self.term(right)?),
            "containsAny" => match (self.term(left)?, self.term(right)?) {
                (Term::Many(many), Term::Words(words)) => Ok(Condition::If(Test::HoldsAny(many, words))),
                _ => unknown(json),
            },
            "containsAll" => match (self.term(left)?, self.term(right)?) {
                (Term::Words(words), Term::Many(many)) => Ok(Condition::If(Test::Within(many, words))),
                (Term::Many(many), Term::Words(words)) => {
                    let each = words.into_iter().map(|word| Test::HoldsAny(many, BTreeSet::from([word])));
                    Ok(Condition::All(each.map(Condition::If).collect()))
                }
                _ => unknown(json),
            },
            "isEmpty" => match self.term(&inner["arg"])? {
                Term::Many(many) => Ok(Condition::If(Test::Empty(many))),
                _ => unknown(json),
            },
            _ => unknown(json),
        }
    }

    fn term(&self, json: &Value) -> Read<Term> {
        if let Some(value) = json.get("Value") {
            let word = value.as_str().map(|word| Term::Word(word.to_owned()));
            return word.or(value.as_i64().map(Term::Number)).map_or_else(|| unknown(json), Ok);
        }
        if let Some(values) = json.get("Set").and_then(Value::as_array) {
            let words = values.iter().map(|value| value.get("Value")?.as_str().map(str::to_owned));
            return words
                .collect::<Option<_>>()
                .map_or_else(|| unknown(json), |words| Ok(Term::Words(words)));
        }
        if let Some(chosen) = json.get("if-then-else") {
            let (then, other) = (self.term(&chosen["then"])?, self.term(&chosen["else"])?);
            return Ok(Term::Either(
                Box::new(self.condition(&chosen["if"])?),
                Box::new(then),
                Box::new(other),
            ));
        }
        let path = path(json).unwrap_or_default();
        let named = match path.as_str() {
            "principal" => Some(Term::Asker),
            "context.requester" => Some(Term::Requester),
            "context.copy.number" => Some(Term::CopyNumber),
            "context.copy.needed" => Some(Term::CopyNeeded),
            _ => None,
        };
        let one = || fact(&ONES, &path).map(Term::One);
        let many = || fact(&MANIES, &path).map(Term::Many);
        named.or_else(one).or_else(many).map_or_else(|| unknown(json), Ok)
    }
}

fn either(test: Condition, then: Condition, other: Condition) -> Condition {
    let otherwise = Condition::All(vec![not(test.clone()), other]);
    Condition::Any(vec![Condition::All(vec![test, then]), otherwise])
}

fn same(json: &Value, left: Term, right: Term) -> Read<Condition> {
    Ok(match (left, right) {
        (Term::One(one), Term::Word(word)) | (Term::Word(word), Term::One(one)) => {
            Condition::If(Test::OneOf(one, BTreeSet::from([word])))
        }
        (Term::One(one), Term::One(other)) => Condition::If(Test::Same(one.min(other), one.max(other))),
        (Term::Word(word), Term::Word(other)) => Condition::Known(word == other),
        (Term::Requester, Term::Asker) | (Term::Asker, Term::Requester) => {
            Condition::If(Test::Is(Flag::RequesterIsAsker))
        }
        (Term::Either(test, then, other), Term::Word(word))
        | (Term::Word(word), Term::Either(test, then, other)) => {
            let (then, other) =
                (same(json, *then, Term::Word(word.clone()))?, same(json, *other, Term::Word(word))?);
            either(*test, then, other)
        }
        _ => return unknown(json),
    })
}

fn holds(json: &Value, set: Term, word: Term) -> Read<Condition> {
    Ok(match (set, word) {
        (Term::Words(words), Term::One(one)) => Condition::If(Test::OneOf(one, words)),
        (Term::Words(words), Term::Word(word)) => Condition::Known(words.contains(&word)),
        (Term::Words(words), Term::Either(test, then, other)) => {
            let then = holds(json, Term::Words(words.clone()), *then)?;
            either(*test, then, holds(json, Term::Words(words), *other)?)
        }
        (Term::Many(many), Term::One(one)) => Condition::If(Test::Holds(many, one)),
        (Term::Many(many), Term::Word(word)) => Condition::If(Test::HoldsAny(many, BTreeSet::from([word]))),
        _ => return unknown(json),
    })
}

fn number(json: &Value, form: &str, left: &Term, right: &Term) -> Read<Condition> {
    match (form, left, right) {
        (">=", Term::CopyNumber, Term::Number(least)) => Ok(Condition::If(Test::CopyAtLeast(*least))),
        ("<=", Term::CopyNumber, Term::CopyNeeded) => Ok(Condition::If(Test::Is(Flag::CopyIsWithinNeed))),
        _ => unknown(json),
    }
}
