//! The answer to a rewrap: a key wrapped for the client, or the one denial.
//!
//! *Absent:* reasons. Who is not cleared, what is recalled, what is not here and what does not fit together are told apart
//! by the journal of the node, never by its answer.

use crate::connect::Codec;
use crate::wire::{Message, entries};
use attache_seal::ContentKey;
use attache_seal::pem;
use attache_seal::wrap::{EcSession, WrapError, is_rsa, wrap_rsa};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

/// What every denial says, to the letter: one SDK looks for its words, and another takes those of a bad request for
/// tampering, so that it would tell more than a denial may.
pub const DENIAL: &str =
    "permission_denied: request error\nrpc error: code = PermissionDenied desc = forbidden";
/// The member of the metadata that holds what a reader must keep.
const OBLIGATIONS: &str = "X-Required-Obligations";

/// For whom keys are wrapped: the key that a client brought for this one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientKey {
    /// RSA, SubjectPublicKeyInfo in DER.
    Rsa(Vec<u8>),
    /// P-256, SubjectPublicKeyInfo in DER.
    P256(Vec<u8>),
}

impl ClientKey {
    /// Reads the PEM that a client brought. Line ends may be CRLF.
    pub fn read(text: &str) -> Option<Self> {
        let spki = pem::decode(text, "PUBLIC KEY")?.to_vec();
        if is_rsa(&spki) {
            return Some(Self::Rsa(spki));
        }
        // Whether a point is on the curve, an agreement with it tells.
        EcSession::begin(&spki).is_ok().then_some(Self::P256(spki))
    }
}

/// Wraps keys for the client of one request.
#[derive(Debug)]
pub struct Wrapping<'a>(Way<'a>);

#[derive(Debug)]
enum Way<'a> {
    Rsa(&'a [u8]),
    P256(EcSession),
}

impl<'a> Wrapping<'a> {
    /// For `client`; with a fresh key of this side where it is P-256.
    ///
    /// # Errors
    /// [`WrapError`] where the library fails.
    pub fn begin(client: &'a ClientKey) -> Result<Self, WrapError> {
        Ok(Self(match client {
            ClientKey::Rsa(spki) => Way::Rsa(spki),
            ClientKey::P256(spki) => Way::P256(EcSession::begin(spki)?),
        }))
    }

    /// Wraps one key.
    ///
    /// # Errors
    /// [`WrapError`] where the library fails.
    pub fn wrap(&self, key: &ContentKey) -> Result<Vec<u8>, WrapError> {
        match &self.0 {
            Way::Rsa(spki) => wrap_rsa(spki, key),
            Way::P256(session) => session.wrap(key),
        }
    }

    fn session_public_key(&self) -> &str {
        match &self.0 {
            Way::Rsa(_) => "",
            Way::P256(session) => session.ephemeral_public_key(),
        }
    }
}

/// What became of one wrapped key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was opened, and wrapped for the client.
    Permit {
        /// The key, wrapped.
        wrapped_key: Vec<u8>,
        /// What the reader must keep, as attribute names.
        obligations: Vec<String>,
    },
    /// It was not.
    Denied,
}

/// The results under one policy, by the ids that the client gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// The client's id of the policy.
    pub id: String,
    /// The client's id of each object, and what became of it.
    pub results: Vec<(String, Outcome)>,
}

/// Writes a `RewrapResponse`.
pub fn rewrap_response(
    codec: Codec,
    wrapping: &Wrapping<'_>,
    policies: &[PolicyAnswer],
    is_first_form: bool,
) -> Vec<u8> {
    let session = wrapping.session_public_key();
    // The first form had one result only, and its client looks nowhere else.
    let results = || policies.iter().flat_map(|policy| &policy.results);
    let single = results().next().filter(|_| is_first_form).and_then(|(_, outcome)| match outcome {
        Outcome::Permit { wrapped_key, .. } => Some(wrapped_key.as_slice()),
        Outcome::Denied => None,
    });
    match codec {
        Codec::Json => {
            let mut answer = Map::new();
            if let Some(single) = single {
                answer.insert("entityWrappedKey".into(), BASE64.encode(single).into());
            }
            if !session.is_empty() {
                answer.insert("sessionPublicKey".into(), session.into());
            }
            answer.insert("responses".into(), policies.iter().map(policy_json).collect());
            Value::Object(answer).to_string().into_bytes()
        }
        Codec::Proto => {
            let mut answer =
                Message::default().with(2, single.unwrap_or_default()).with(3, session.as_bytes());
            policies.iter().for_each(|policy| answer.put(5, &policy_proto(policy)));
            answer.bytes()
        }
    }
}

fn metadata(obligations: &[String]) -> Map<String, Value> {
    let mut metadata = Map::new();
    if !obligations.is_empty() {
        metadata.insert(OBLIGATIONS.into(), obligations.into());
    }
    metadata
}

fn policy_json(policy: &PolicyAnswer) -> Value {
    let result = |(id, outcome): &(String, Outcome)| match outcome {
        Outcome::Permit { wrapped_key, obligations } => json!({
            "keyAccessObjectId": id,
            "status": "permit",
            "kasWrappedKey": BASE64.encode(wrapped_key),
            "metadata": metadata(obligations),
        }),
        Outcome::Denied => json!({ "keyAccessObjectId": id, "status": "fail", "error": DENIAL }),
    };
    json!({ "policyId": policy.id, "results": policy.results.iter().map(result).collect::<Vec<_>>() })
}

fn policy_proto(policy: &PolicyAnswer) -> Vec<u8> {
    let mut message = Message::default().with(1, policy.id.as_bytes());
    for (id, outcome) in &policy.results {
        let result = match outcome {
            Outcome::Permit { wrapped_key, obligations } => {
                let metadata = metadata(obligations);
                let entries = entries(1, metadata.iter().map(|(name, one)| (name.as_str(), one)));
                [
                    entries,
                    Message::default().with(2, id.as_bytes()).with(3, b"permit").with(4, wrapped_key).bytes(),
                ]
                .concat()
            }
            Outcome::Denied => {
                Message::default().with(2, id.as_bytes()).with(3, b"fail").with(5, DENIAL.as_bytes()).bytes()
            }
        };
        message.put(2, &result);
    }
    message.bytes()
}
