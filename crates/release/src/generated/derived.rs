//! Facts that the node computes for the pack's policies, written out in raw facts, so that generated Cedar needs
//! neither table nor clock: whoever reads or proves it sees the whole rule.
//!
//! *Absent:* facts of its own. Each expression says what `crate::policies` computes.

use super::NotGenerated;
use super::words::{Table, all_of, any_of, is_one_of, quoted};
use attache_accord::Party;
use cedar_policy::Policy;
use serde_json::Value;
use std::collections::BTreeMap;

/// A computed fact's name in `context` with its expression.
fn expressions(table: &Table<'_>) -> [(&'static str, String); 6] {
    let set = |values: Vec<String>| format!("[{}]", values.join(", "));
    [
        ("clearance_live", "context has clearance && context.clearance.live".to_owned()),
        ("clearance_covers", clearance_covers(table)),
        ("kinds_agreed", set(table.kinds().map(quoted).collect())),
        ("topics_agreed", set(table.topics().map(quoted).collect())),
        ("recipient", "if context has recipient then context.recipient.party else \"\"".to_owned()),
        ("hub", quoted(table.hub().as_ref().map_or("", Party::as_str))),
    ]
}

/// Art. 7 with Art. 4.2: in the asker's own scheme, and as strict as the level that the item has or is about to
/// get there; where it has none yet, as every level that the table allows.
fn clearance_covers(table: &Table<'_>) -> String {
    const HELD: &str = "context.clearance.level";
    let own_scheme = any_of(table.parties().map(|party| {
        let levels = table.scheme(party).iter().map(|level| level.as_str());
        all_of([format!("principal.party == {}", quoted(party.as_str())), is_one_of(HELD, levels)])
    }));
    let given = |name: &str| table.held_covers_item(HELD, name);
    let level_covered =
        format!("(if action == Action::\"admit\" then {} else {})", given("chosen"), given("own_level"));
    all_of(["context has clearance".to_owned(), own_scheme, level_covered])
}

/// Puts the expressions in place of the computed facts, everywhere in a policy.
pub(super) fn written_out(policy: &Policy, table: &Table<'_>) -> Result<Policy, NotGenerated> {
    let mut parsed = BTreeMap::new();
    // An empty set has no type in Cedar: a policy that asks for one is refused when the whole is validated.
    for (name, expression) in expressions(table) {
        parsed.insert(name, expression_json(&expression)?);
    }
    let mut json = policy.to_json().map_err(NotGenerated::of)?;
    if let Some(conditions) = json.get_mut("conditions") {
        replace(conditions, &parsed);
    }
    // Policies are asked about marked items only.
    if json.pointer("/resource/op") == Some(&Value::from("All")) {
        json["resource"] = serde_json::json!({ "op": "is", "entity_type": "Item" });
    }
    Policy::from_json(Some(policy.id().clone()), json).map_err(NotGenerated::of)
}

fn expression_json(text: &str) -> Result<Value, NotGenerated> {
    let policy = Policy::parse(None, format!("permit (principal, action, resource) when {{ {text} }};"));
    let json = policy.map_err(NotGenerated::of)?.to_json().map_err(NotGenerated::of)?;
    let body = json.pointer("/conditions/0/body").cloned();
    body.ok_or_else(|| NotGenerated::of("an expression has no body"))
}

fn replace(json: &mut Value, parsed: &BTreeMap<&'static str, Value>) {
    if let Some(expression) = context_attribute(json).and_then(|name| parsed.get(name)) {
        *json = expression.clone();
        return;
    }
    match json {
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, parsed)),
        Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, parsed)),
        _ => {}
    }
}

/// The name in `context.name`, where the expression is that.
fn context_attribute(json: &Value) -> Option<&str> {
    let access = json.get(".")?;
    (access.pointer("/left/Var")? == "context").then_some(())?;
    access.get("attr")?.as_str()
}
