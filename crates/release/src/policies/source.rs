//! Reads the policies and their vocabulary, and tells every fault with the line of the policy that it is in.
//!
//! *Absent:* deciding.

use super::{Annotated, POLICIES_FILE, SCHEMA_FILE};
use crate::faults::{Faults, line_of};
use crate::terms::Standing;
use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;
use std::collections::BTreeMap;
use std::fmt::Display;

/// How many digits a code has after `R-`.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 3..=5;

/// Reads the vocabulary.
pub(super) fn read_schema(text: &str, faults: &mut Faults) -> Option<Schema> {
    match Schema::from_cedarschema_str(text) {
        Ok((schema, _)) => Some(schema),
        Err(error) => {
            faults.at(SCHEMA_FILE, line(text, &error).unwrap_or(1), &error);
            None
        }
    }
}

/// Reads and strictly validates the policies. Warnings count as faults: a policy that can never apply is not what its
/// author meant.
pub(super) fn read(
    text: &str,
    schema: &Schema,
    faults: &mut Faults,
) -> Option<(PolicySet, BTreeMap<String, Annotated>)> {
    let parsed: PolicySet = match text.parse() {
        Ok(parsed) => parsed,
        Err(errors) => {
            let errors: cedar_policy::ParseErrors = errors;
            errors.iter().for_each(|error| {
                faults.at(POLICIES_FILE, line(text, error).unwrap_or(1), error);
            });
            return None;
        }
    };
    let starts = starts(text);
    for template in parsed.templates() {
        faults.at(POLICIES_FILE, start(template.id(), &starts), "a policy holds no slots");
    }
    let mut set = PolicySet::new();
    let mut annotated = BTreeMap::new();
    for policy in parsed.policies() {
        let at = start(policy.id(), &starts);
        let mut wrong = |rule: String| faults.at(POLICIES_FILE, at, rule);
        let Some((code, notes)) = read_annotations(policy, at, &mut wrong) else { continue };
        if set.add(policy.new_id(PolicyId::new(&code))).is_err() {
            wrong(format!("{code} stands twice"));
            continue;
        }
        annotated.insert(code, notes);
    }
    validate(text, &set, schema, &annotated, faults);
    Some((set, annotated))
}

/// The code, article and standing written at a policy. The code's form keeps permits apart from refusals.
fn read_annotations(
    policy: &Policy,
    line: usize,
    wrong: &mut impl FnMut(String),
) -> Option<(String, Annotated)> {
    let mut wants = |name: &str| {
        let found = policy.annotation(name).map(str::to_owned);
        if found.is_none() {
            wrong(format!("a policy needs @{name}(\"…\")"));
        }
        found
    };
    let (code, article, status) = (wants("id"), wants("article"), wants("status"));
    let code = code?;
    let series = match policy.effect() {
        Effect::Permit => '1',
        Effect::Forbid => '0',
    };
    let digits = code
        .strip_prefix("R-")
        .filter(|d| CODE_DIGITS.contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()));
    if !digits.is_some_and(|d| d.starts_with(series)) {
        wrong(format!("{code}: a permit has a code R-1nn and a forbid R-0nn"));
    }
    let standing = status.map(|status| status.parse());
    if let Some(Err(fault)) = &standing {
        wrong(format!("{code}: {fault}"));
    }
    // What is missing was told; the policy is kept, so that its code does not seem to be missing too.
    let standing = standing.and_then(Result::ok).unwrap_or(Standing::Product);
    Some((code, Annotated { article: article.unwrap_or_default(), standing, line }))
}

fn validate(
    text: &str,
    set: &PolicySet,
    schema: &Schema,
    annotated: &BTreeMap<String, Annotated>,
    faults: &mut Faults,
) {
    let found = Validator::new(schema.clone()).validate(set, ValidationMode::Strict);
    let mut note = |fault: &(dyn Diagnostic + 'static), id: &PolicyId, rule: &dyn Display| {
        let code: &str = id.as_ref();
        let policy = || annotated.get(code).map_or(1, |notes| notes.line);
        faults.at(POLICIES_FILE, line(text, fault).unwrap_or_else(policy), rule);
    };
    found.validation_errors().for_each(|error| note(error, error.policy_id(), error));
    found.validation_warnings().for_each(|warning| note(warning, warning.policy_id(), warning));
}

/// The line, from 1, that Cedar points at.
fn line(text: &str, fault: &(dyn Diagnostic + 'static)) -> Option<usize> {
    let at = fault.labels()?.next()?.offset();
    Some(line_of(text, at))
}

/// The line of a policy that Cedar numbered in the order of the file.
fn start(id: &PolicyId, starts: &[usize]) -> usize {
    let id: &str = id.as_ref();
    let number = id.strip_prefix("policy").and_then(|number| number.parse::<usize>().ok());
    number.and_then(|number| starts.get(number)).copied().unwrap_or(1)
}

/// The line, from 1, on which each statement starts, its annotations included.
fn starts(text: &str) -> Vec<usize> {
    let (mut lines, mut is_inside, mut is_quoted) = (Vec::new(), false, false);
    for (number, line) in text.lines().enumerate() {
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                // What is escaped ends no string.
                '\\' if is_quoted => drop(letters.next()),
                '"' => is_quoted = !is_quoted,
                _ if is_quoted => {}
                '/' if letters.peek() == Some(&'/') => break,
                ';' => is_inside = false,
                _ if !is_inside && !letter.is_whitespace() => {
                    is_inside = true;
                    lines.push(number + 1);
                }
                _ => {}
            }
        }
    }
    lines
}
