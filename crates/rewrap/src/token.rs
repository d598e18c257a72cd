//! Access tokens for machine clients: JWT (RFC 9068) that this node signs and nobody else reads, good for some minutes, for
//! one client, and bound to that client's key where it proved that it has one (RFC 9449).
//!
//! *Absent:* what the client may do. The token says who calls; roll and rules of the moment say the rest.

use crate::jws::{Jwk, Jws};
use crate::limits::{MAX_SKEW_SECONDS, MAX_TOKEN_BYTES, TOKEN_LIFE_SECONDS};
use attache_accord::Timestamp;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// The type of an access token.
const TYPE: &str = "at+jwt";

/// The node's key under its access tokens.
pub struct TokenKey {
    key: EcdsaKeyPair,
    public: Jwk,
    kid: String,
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({})", self.kid)
    }
}

/// Whom a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The client.
    pub client: String,
    /// What tells the credential that it was given for apart from any other that the name had or will have.
    pub credential: String,
    /// The thumbprint of the key that it is bound to, if any.
    pub thumbprint: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    credential: String,
    iat: u64,
    exp: u64,
    jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

#[derive(Serialize, Deserialize)]
struct Confirmation {
    jkt: String,
}

impl TokenKey {
    /// Reads PKCS#8 of a P-256 key; `None` where it is none.
    pub fn from_pkcs8_der(der: &[u8]) -> Option<Self> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?;
        let (x, y) = key.public_key().as_ref().strip_prefix(&[4])?.split_at_checked(32)?;
        let public = Jwk::P256(x.try_into().ok()?, y.try_into().ok()?);
        let kid = public.thumbprint();
        Some(Self { key, public, kid })
    }

    /// The public half, as a set of keys.
    pub fn key_set(&self) -> Value {
        let mut key = self.public.to_value();
        if let Some(fields) = key.as_object_mut() {
            fields.extend([
                ("kid".to_owned(), json!(self.kid)),
                ("use".to_owned(), json!("sig")),
                ("alg".to_owned(), json!("ES256")),
            ]);
        }
        json!({ "keys": [key] })
    }

    /// A token of `issuer` for itself, bound to the key with `thumbprint` where there is one. `None` where the library fails.
    pub fn issue(&self, issuer: &str, audience: &str, bearer: &Bearer, now: Timestamp) -> Option<String> {
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).ok()?;
        let claims = Claims {
            iss: issuer.to_owned(),
            aud: audience.to_owned(),
            sub: bearer.client.clone(),
            client_id: bearer.client.clone(),
            credential: bearer.credential.clone(),
            iat: now.seconds(),
            exp: now.seconds() + TOKEN_LIFE_SECONDS,
            jti: BASE64URL_NOPAD.encode(&id),
            cnf: bearer.thumbprint.clone().map(|jkt| Confirmation { jkt }),
        };
        let header = json!({ "alg": "ES256", "typ": TYPE, "kid": self.kid });
        let part = |json: &[u8]| BASE64URL_NOPAD.encode(json);
        let input =
            format!("{}.{}", part(header.to_string().as_bytes()), part(&serde_json::to_vec(&claims).ok()?));
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes()).ok()?;
        Some(format!("{input}.{}", part(signature.as_ref())))
    }

    /// A token that this key signed as an access token; `None` for any other. What it says must still be looked at each time.
    pub fn signed(&self, token: &str) -> Option<SignedToken> {
        let jws = Jws::parse(token, MAX_TOKEN_BYTES)?;
        let is_ours = jws.header.typ.as_deref() == Some(TYPE)
            && jws.header.kid.as_deref() == Some(&self.kid)
            && jws.is_signed_by(&self.public);
        if !is_ours {
            return None;
        }
        serde_json::from_slice(&jws.payload).ok().map(SignedToken)
    }

    /// Whom a token is for, where this key signed it as an access token of `issuer` for `audience` and it is in its time.
    pub fn read(&self, token: &str, issuer: &str, audience: &str, now: Timestamp) -> Option<Bearer> {
        self.signed(token)?.bearer(issuer, audience, now)
    }
}

/// An access token whose signature was verified. Nothing else of it was.
pub struct SignedToken(Claims);

impl fmt::Debug for SignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedToken(..)")
    }
}

impl SignedToken {
    /// Whom it is for, where it is of `issuer` for `audience` and in its time.
    pub fn bearer(&self, issuer: &str, audience: &str, now: Timestamp) -> Option<Bearer> {
        let (claims, now) = (&self.0, now.seconds());
        let is_timely = now < claims.exp && claims.iat <= now + MAX_SKEW_SECONDS;
        let is_right = claims.iss == issuer && claims.aud == audience && claims.sub == claims.client_id;
        (is_timely && is_right).then(|| Bearer {
            client: claims.sub.clone(),
            credential: claims.credential.clone(),
            thumbprint: claims.cnf.as_ref().map(|cnf| cnf.jkt.clone()),
        })
    }
}
