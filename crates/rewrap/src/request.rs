//! The signed request token: a JWS whose claims hold the request as a JSON text.
//!
//! Its signature counts only together with a proof of possession, which names the key; without one nothing says whose it
//! should be, and the access token alone stands for the caller. Its times always count.
//!
//! *Absent:* whether anything in it is true. A wrapped key and a policy are what the client says they are, until the item
//! that they belong to is found.

use crate::answer::ClientKey;
use crate::connect::{CallError, base64};
use crate::jws::{Jwk, Jws};
use crate::limits::{
    MAX_ID_BYTES, MAX_OBJECTS, MAX_POLICIES, MAX_POLICY_BYTES, MAX_REQUEST_AGE_SECONDS,
    MAX_REQUEST_LIFE_SECONDS, MAX_REQUEST_TOKEN_BYTES, MAX_SKEW_SECONDS, MAX_WRAPPED_KEY_BYTES,
};
use attache_accord::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A request for keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrap {
    /// For whom the keys are to be wrapped.
    pub client_key: ClientKey,
    /// What is wanted.
    pub policies: Vec<PolicyAsked>,
    /// Whether it came in the first form, whose answer has one key beside the results.
    pub is_first_form: bool,
}

/// The keys wanted under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAsked {
    /// The client's own id of it.
    pub id: String,
    /// The policy, base64, byte for byte.
    pub policy_base64: String,
    /// The wrapped keys.
    pub objects: Vec<ObjectAsked>,
}

/// One wrapped key that a client wants opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectAsked {
    /// The client's own id of it.
    pub id: String,
    /// The wrapped key; empty where it is not base64, so that it is denied as any other that nobody knows.
    pub wrapped_key: Vec<u8>,
    /// The policy binding as it stands there.
    pub binding: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    request_body: String,
    iat: f64,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    client_public_key: String,
    #[serde(default)]
    requests: Option<Vec<Request>>,
    #[serde(default)]
    key_access: Option<Access>,
    #[serde(default)]
    policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    key_access_objects: Vec<Object>,
    #[serde(default)]
    policy: Option<Policy>,
}

#[derive(Deserialize)]
struct Policy {
    #[serde(default)]
    id: String,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    #[serde(default)]
    key_access_object_id: String,
    #[serde(default)]
    key_access_object: Option<Access>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    #[serde(default)]
    wrapped_key: String,
    /// An object with `hash`; a bare text in files of before 4.3.
    #[serde(default)]
    policy_binding: Value,
}

impl Access {
    fn asked(self, id: String) -> ObjectAsked {
        let wrapped_key = base64(&self.wrapped_key).filter(|bytes| bytes.len() <= MAX_WRAPPED_KEY_BYTES);
        let binding = self.policy_binding.get("hash").unwrap_or(&self.policy_binding);
        ObjectAsked {
            id,
            wrapped_key: wrapped_key.unwrap_or_default(),
            binding: binding.as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl Rewrap {
    /// Reads a signed request token at `now`, and verifies its signature where the key that must have made it is known.
    ///
    /// # Errors
    /// [`CallError`]: not of its form, over a bound, out of its time, or signed by another key.
    pub fn read(token: &str, key: Option<&Jwk>, now: Timestamp) -> Result<Self, CallError> {
        let form =
            CallError::invalid("signedRequestToken: not a JWS with the claims requestBody, iat and exp");
        let jws = Jws::parse(token, MAX_REQUEST_TOKEN_BYTES).ok_or(form)?;
        if key.is_some_and(|key| !jws.is_signed_by(key)) {
            return Err(CallError::unauthenticated(
                "signedRequestToken: not signed by the key of the proof of possession",
            ));
        }
        let claims: Claims = serde_json::from_slice(&jws.payload).map_err(|_| form)?;
        if !is_timely(&claims, now) {
            return Err(CallError::unauthenticated("signedRequestToken: out of its time; look at the clock"));
        }
        let body: Body = serde_json::from_str(&claims.request_body)
            .map_err(|_| CallError::invalid("requestBody: not the JSON of a request"))?;
        Self::of(body)
    }

    fn of(body: Body) -> Result<Self, CallError> {
        let client_key = ClientKey::read(&body.client_public_key)
            .ok_or(CallError::invalid("clientPublicKey: RSA of 2048 to 4096 bits or P-256, in PEM"))?;
        let (policies, is_first_form) = match (body.requests, body.key_access) {
            (Some(requests), _) if !requests.is_empty() => {
                (requests.into_iter().map(policy_asked).collect::<Vec<_>>(), false)
            }
            (_, Some(access)) => {
                let policy_base64 = body.policy.unwrap_or_default();
                let objects = vec![access.asked(String::new())];
                (vec![PolicyAsked { id: String::new(), policy_base64, objects }], true)
            }
            _ => return Err(CallError::invalid("requestBody: no requests")),
        };
        let ids = |policy: &PolicyAsked| {
            let objects = policy.objects.iter().map(|object| object.id.len());
            objects.chain([policy.id.len()]).max().unwrap_or_default()
        };
        let objects: usize = policies.iter().map(|policy| policy.objects.len()).sum();
        if policies.len() > MAX_POLICIES || objects > MAX_OBJECTS {
            return Err(CallError::too_large("requestBody: more than 16 policies or 32 key access objects"));
        }
        if policies.iter().any(|policy| policy.policy_base64.len() > MAX_POLICY_BYTES)
            || policies.iter().map(ids).max().unwrap_or_default() > MAX_ID_BYTES
        {
            return Err(CallError::too_large("requestBody: a policy or an id is too long"));
        }
        Ok(Self { client_key, policies, is_first_form })
    }
}

fn policy_asked(request: Request) -> PolicyAsked {
    let policy = request.policy.unwrap_or(Policy { id: String::new(), body: String::new() });
    let object = |object: Object| {
        let access = object.key_access_object;
        let access = access.unwrap_or(Access { wrapped_key: String::new(), policy_binding: Value::Null });
        access.asked(object.key_access_object_id)
    };
    let objects = request.key_access_objects.into_iter().map(object).collect();
    PolicyAsked { id: policy.id, policy_base64: policy.body, objects }
}

/// Whether now is within the token's time, and its time within what clients are seen to say.
fn is_timely(claims: &Claims, now: Timestamp) -> bool {
    let (now, skew) = (now.seconds() as f64, MAX_SKEW_SECONDS as f64);
    let begun = claims.iat <= now + skew && claims.nbf.is_none_or(|nbf| nbf <= now + skew);
    let is_new = now - claims.iat <= MAX_REQUEST_AGE_SECONDS as f64 + skew;
    let ends_soon = claims.exp - now <= MAX_REQUEST_LIFE_SECONDS as f64 + skew;
    begun && is_new && ends_soon && now < claims.exp + skew
}
