//! The policy inside a manifest: opaque attributes, bound byte for byte.
//!
//! *Absent:* what an attribute means. Between Parties the label and the signed package say that; attributes are opaque
//! ids, because a manifest is read by every relay.

use super::TdfError;
use super::strict::Strict;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// Longest policy, in bytes of JSON.
const MAX_POLICY_BYTES: usize = 64 * 1024;
/// Most attributes in one policy.
const MAX_ATTRIBUTES: usize = 256;

/// A policy: who it is, and the attributes that a reader must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// A UUID in its 36-character form, random.
    pub uuid: String,
    /// Attribute FQNs, `{namespace}/attr/{name}/value/{value}`.
    pub attributes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    uuid: String,
    body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    // Some clients write null for an empty list.
    data_attributes: Option<Vec<Attribute>>,
    dissem: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct Attribute {
    attribute: String,
}

impl Policy {
    /// A policy with a fresh random UUID (RFC 9562, version 4), or nothing where the random generator fails.
    pub fn fresh(attributes: Vec<String>) -> Option<Self> {
        let mut bytes = [0u8; 16];
        aws_lc_rs::rand::fill(&mut bytes).ok()?;
        let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let hex = format!("{number:032x}");
        let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
        let uuid = [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-");
        Some(Self { uuid, attributes })
    }

    /// The base64 that stands in a manifest and that bindings cover.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`].
    pub fn to_base64(&self) -> Result<String, TdfError> {
        let attributes = self.attributes.iter().map(|fqn| Attribute { attribute: fqn.clone() }).collect();
        let body = Body { data_attributes: Some(attributes), dissem: Some(Vec::new()) };
        let json = serde_json::to_vec(&Wire { uuid: self.uuid.clone(), body })?;
        self.check(json.len())?;
        Ok(BASE64.encode(&json))
    }

    /// Reads the base64 of a manifest. A `dissem` list is not read: we know no such rule.
    ///
    /// # Errors
    /// [`TdfError::Manifest`] or [`TdfError::TooLarge`]; [`TdfError::Unfit`] for a policy with a `dissem` list, which
    /// would be a restriction that we do not keep.
    pub fn from_base64(text: &str) -> Result<Self, TdfError> {
        let json = BASE64.decode(text.as_bytes()).map_err(|_| TdfError::Manifest("policy is not base64"))?;
        let _: Strict = serde_json::from_slice(&json)?;
        let wire: Wire = serde_json::from_slice(&json)?;
        if wire.body.dissem.is_some_and(|list| !list.is_empty()) {
            return Err(TdfError::Unfit("policy.body.dissem is not empty"));
        }
        let attributes = wire.body.data_attributes.unwrap_or_default();
        let policy =
            Self { uuid: wire.uuid, attributes: attributes.into_iter().map(|a| a.attribute).collect() };
        policy.check(json.len())?;
        Ok(policy)
    }

    fn check(&self, json_bytes: usize) -> Result<(), TdfError> {
        if json_bytes > MAX_POLICY_BYTES {
            return Err(TdfError::TooLarge { what: "policy", limit: MAX_POLICY_BYTES as u64 });
        }
        if self.attributes.len() > MAX_ATTRIBUTES {
            return Err(TdfError::TooLarge { what: "policy attributes", limit: MAX_ATTRIBUTES as u64 });
        }
        Ok(())
    }
}
