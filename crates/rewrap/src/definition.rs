//! What clients are told of attributes: for each value that they ask about, its attribute with all values that the rule pack has
//! (`GetAttributeValuesByFqns` of opentdf/platform, package `policy.attributes`).
//!
//! *Absent:* identifiers of records, grants of keys and mappings of subjects. The rule pack has none.

use crate::attribute::{Attributes, Values};
use crate::connect::{CallError, Codec};
use crate::limits::MAX_FQNS;
use crate::wire::{Message, repeated};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How the values of an attribute relate to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Any of them will do.
    AnyOf,
    /// Each includes those after it.
    Hierarchy,
}

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::AnyOf => "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",
            Self::Hierarchy => "ATTRIBUTE_RULE_TYPE_ENUM_HIERARCHY",
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::AnyOf => 2,
            Self::Hierarchy => 3,
        }
    }
}

/// An attribute and one of its values.
pub(crate) struct Definition {
    pub(crate) attribute: String,
    pub(crate) rule: Rule,
    /// The names of its values, whole.
    pub(crate) names: Vec<String>,
    /// The one that was asked about.
    pub(crate) wanted: String,
}

/// The last part of a value's name.
fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

impl Definition {
    fn to_json(&self, namespace: &str) -> Value {
        let value = |name: &String| json!({ "value": short(name), "fqn": name });
        json!({
            "attribute": {
                "namespace": { "name": host(namespace), "fqn": namespace },
                "name": self.attribute,
                "rule": self.rule.name(),
                "fqn": format!("{namespace}/attr/{}", self.attribute),
                "values": self.names.iter().map(value).collect::<Vec<_>>(),
            },
            "value": value(&self.wanted),
        })
    }

    fn to_proto(&self, namespace: &str) -> Vec<u8> {
        let value =
            |name: &str| Message::default().with(3, short(name).as_bytes()).with(6, name.as_bytes()).bytes();
        let space = Message::default().with(2, host(namespace).as_bytes()).with(3, namespace.as_bytes());
        let mut attribute = Message::default()
            .with(2, &space.bytes())
            .with(3, self.attribute.as_bytes())
            .with_number(4, self.rule.number());
        self.names.iter().for_each(|name| attribute.put(5, &value(name)));
        let attribute = attribute.with(7, format!("{namespace}/attr/{}", self.attribute).as_bytes());
        Message::default().with(1, &attribute.bytes()).with(2, &value(&self.wanted)).bytes()
    }
}

fn host(namespace: &str) -> &str {
    namespace.trim_start_matches("https://")
}

/// Reads a `GetAttributeValuesByFqnsRequest`: the names that are asked about.
///
/// # Errors
/// A message that is not of its form, or too many names.
pub fn definitions_request(codec: Codec, message: &[u8]) -> Result<Vec<String>, CallError> {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        fqns: Vec<String>,
    }
    let names = match codec {
        Codec::Json => serde_json::from_slice(message).ok().map(|wanted: Wanted| wanted.fqns),
        // One more than is taken tells that there were more.
        Codec::Proto => repeated(message, 1, MAX_FQNS + 1),
    };
    let names = names.ok_or(CallError::invalid("not a GetAttributeValuesByFqnsRequest"))?;
    if names.len() > MAX_FQNS {
        return Err(CallError::too_large("more than 256 attribute names"));
    }
    Ok(names)
}

/// Writes the `GetAttributeValuesByFqnsResponse` about `names`; those that the rule pack does not know are left out.
pub fn definitions_response(
    codec: Codec,
    attributes: &Attributes,
    values: &Values,
    names: &[String],
) -> Vec<u8> {
    let known = names.iter().filter_map(|name| Some((name, attributes.definition(values, name)?)));
    let namespace = attributes.namespace();
    match codec {
        Codec::Json => {
            let found: Map<_, _> =
                known.map(|(name, found)| (name.clone(), found.to_json(namespace))).collect();
            json!({ "fqnAttributeValues": found }).to_string().into_bytes()
        }
        Codec::Proto => {
            let mut answer = Message::default();
            for (name, found) in known {
                let entry = Message::default().with(1, name.as_bytes()).with(2, &found.to_proto(namespace));
                answer.put(1, &entry.bytes());
            }
            answer.bytes()
        }
    }
}
