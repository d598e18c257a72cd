//! Access tokens of an identity provider outside (OpenID Connect): the two documents by which its keys are found, and its
//! tokens, which are JWT (RFC 9068) for this service, bound to a key of the client's (RFC 9449) unless it is said otherwise.
//!
//! *Absent:* fetching, and the memory of what was fetched. A token says a name; whether that is anybody, the roll says.

use crate::jws::{Jwk, Jws};
use crate::limits::{
    MAX_CLAIM_BYTES, MAX_KEY_SET_BYTES, MAX_PROVIDER_KEYS, MAX_PROVIDER_TOKEN_SECONDS, MAX_SKEW_SECONDS,
    MAX_TOKEN_BYTES,
};
use attache_accord::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The type of an access token, also with `application/` before it.
const TYPE: &str = "at+jwt";
/// The algorithms that are taken. Each belongs to one kind of key, and none of them is symmetric.
const ALGORITHMS: [&str; 3] = ["ES256", "PS256", "RS256"];
/// Where a provider describes itself, below its issuer.
const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// What a token must be for, as the configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The provider, as it names itself.
    pub issuer: String,
    /// This service, as the provider names it.
    pub audience: String,
    /// The claim that holds the person's name on the roll.
    pub claim: String,
    /// Whether tokens are taken that are bound to no key.
    pub takes_bearer: bool,
}

impl Expected {
    /// Whether it can be said so: an issuer at an https address without query, and nothing that is empty or too long.
    pub fn is_sound(&self) -> bool {
        let is_text = |text: &str| (1..=MAX_CLAIM_BYTES).contains(&text.len());
        let is_address =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte));
        is_text(&self.issuer)
            && is_text(&self.audience)
            && is_text(&self.claim)
            && is_address(&self.issuer)
            && origin(&self.issuer).is_some_and(|origin| origin.len() > "https://".len())
    }

    /// Where the provider describes itself.
    pub fn discovery(&self) -> String {
        format!("{}{DISCOVERY_PATH}", self.issuer.trim_end_matches('/'))
    }

    /// Where its keys are, as its description says. They must lie where the issuer does: what is fetched goes to no other place
    /// than the configuration names.
    pub fn keys_address(&self, document: &[u8]) -> Option<String> {
        #[derive(Deserialize)]
        struct Document {
            issuer: String,
            jwks_uri: String,
        }
        let document: Document = serde_json::from_slice(document).ok()?;
        let path = document.jwks_uri.strip_prefix(origin(&self.issuer)?)?;
        let is_path = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        (document.issuer == self.issuer && is_path).then_some(document.jwks_uri)
    }
}

/// Scheme and authority of an https address.
fn origin(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    address.get(..address.len() - rest.len() + authority.len())
}

/// The keys of a provider, by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet(BTreeMap<String, Key>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    key: Jwk,
    /// The one algorithm that it is for, where the provider says so.
    algorithm: Option<String>,
}

impl KeySet {
    /// Reads a set of keys (RFC 7517). Keys that are for something else, or of a kind that is not taken, are passed over; `None`
    /// where none is left, or two that are left have one name.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        if bytes.len() > MAX_KEY_SET_BYTES {
            return None;
        }
        let set: Set = serde_json::from_slice(bytes).ok()?;
        if set.keys.len() > MAX_PROVIDER_KEYS {
            return None;
        }
        let mut keys = BTreeMap::new();
        for (name, key) in set.keys.iter().filter_map(Key::read) {
            if keys.insert(name, key).is_some() {
                return None;
            }
        }
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    fn read(value: &Value) -> Option<(String, Self)> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let is_for_signatures = value.get("use").is_none_or(|used| used == "sig");
        let may_verify = value.get("key_ops").is_none_or(|operations| {
            operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
        });
        let key = Jwk::read(value).filter(|key| matches!(key, Jwk::Rsa(..) | Jwk::P256(..)))?;
        let algorithm = match value.get("alg") {
            None => None,
            Some(_) => Some(text("alg").filter(|name| ALGORITHMS.contains(name))?.to_owned()),
        };
        let name = text("kid").filter(|name| (1..=MAX_CLAIM_BYTES).contains(&name.len()))?;
        (is_for_signatures && may_verify).then(|| (name.to_owned(), Self { key, algorithm }))
    }
}

/// Whom a token of a provider names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What the claim says.
    pub person: String,
    /// The thumbprint of the key that it is bound to; none only where that is taken.
    pub thumbprint: Option<String>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untaken {
    /// It fits but for its key, which is none of the set: the provider may have a new one.
    UnknownKey,
    /// Anything else.
    Refused,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: f64,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    cnf: Option<Confirmation>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(all) => all.iter().any(|one| one == name),
        }
    }
}

#[derive(Deserialize)]
struct Confirmation {
    jkt: String,
}

/// Whom a token names, where one of `keys` signed it as an access token that is what is `expected`, and it is in its time.
///
/// # Errors
/// [`Untaken`].
pub fn named(token: &str, keys: &KeySet, expected: &Expected, now: Timestamp) -> Result<Named, Untaken> {
    let jws = Jws::parse(token, MAX_TOKEN_BYTES).ok_or(Untaken::Refused)?;
    let claims: Claims = serde_json::from_slice(&jws.payload).map_err(|_| Untaken::Refused)?;
    let typ = jws.header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_of_form = typ.strip_prefix("application/").unwrap_or(&typ) == TYPE
        && ALGORITHMS.contains(&jws.header.alg.as_str())
        && claims.iss == expected.issuer
        && claims.aud.has(&expected.audience)
        && is_timely(&claims, now);
    let name = jws.header.kid.as_deref().filter(|_| is_of_form).ok_or(Untaken::Refused)?;
    // Only a token that is right in all else has the keys looked for anew.
    let key = keys.0.get(name).ok_or(Untaken::UnknownKey)?;
    let is_its_algorithm = key.algorithm.as_ref().is_none_or(|algorithm| *algorithm == jws.header.alg);
    let thumbprint = claims.cnf.map(|bound| bound.jkt);
    if !is_its_algorithm || !jws.is_signed_by(&key.key) || (thumbprint.is_none() && !expected.takes_bearer) {
        return Err(Untaken::Refused);
    }
    let person = claims.others.get(&expected.claim).and_then(Value::as_str);
    let person = person.filter(|person| (1..=MAX_CLAIM_BYTES).contains(&person.len()));
    Ok(Named { person: person.ok_or(Untaken::Refused)?.to_owned(), thumbprint })
}

/// Whether now is within the token's time, and its time no longer than one may be good.
fn is_timely(claims: &Claims, now: Timestamp) -> bool {
    let (now, skew) = (now.seconds() as f64, MAX_SKEW_SECONDS as f64);
    claims.iat <= now + skew
        && claims.nbf.is_none_or(|nbf| nbf <= now + skew)
        && now < claims.exp
        && claims.exp - claims.iat <= MAX_PROVIDER_TOKEN_SECONDS as f64
}
