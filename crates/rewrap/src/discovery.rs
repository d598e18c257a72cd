//! The documents by which clients find the service: the well-known configuration of OpenTDF, that of OpenID Connect, and the
//! list of key access servers, of which this node is the one.
//!
//! *Absent:* authorization of people. The issuer knows machine clients only.

use crate::connect::Codec;
use crate::wire::{Message, entries};
use serde_json::{Value, json};

/// Below the service's address: the issuer of tokens.
pub const ISSUER_PATH: &str = "/auth";
/// Below the issuer: where tokens are had. One SDK knows no other path.
pub const TOKEN_PATH: &str = "/protocol/openid-connect/token";
/// Below the issuer: the keys that tokens are signed by.
pub const KEYS_PATH: &str = "/protocol/openid-connect/certs";

/// Where the service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Reads an address without a path, such as `https://kas.seoul.example:8444`.
    pub fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (host, port) = host_and_port(rest)?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
        let is_port = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
        };
        let fits = matches!(scheme, "https" | "http") && !host.is_empty() && host.chars().all(is_host);
        (fits && port.is_none_or(is_port)).then(|| Self(text.to_owned()))
    }

    /// Scheme, host and port.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached without TLS.
    pub fn is_plain(&self) -> bool {
        self.0.starts_with("http://")
    }

    /// The host's name or address, without port and brackets.
    pub fn host(&self) -> &str {
        let found = self.0.split_once("://").and_then(|(_, rest)| host_and_port(rest));
        found.map_or("", |(host, _)| host)
    }

    /// What key access objects name as the service.
    pub fn kas(&self) -> String {
        format!("{}/kas", self.0)
    }

    /// The issuer of tokens.
    pub fn issuer(&self) -> String {
        format!("{}{ISSUER_PATH}", self.0)
    }
}

/// A host without its brackets, and what stands behind its colon.
fn host_and_port(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(rest) = text.strip_prefix('[') else {
        return Some(text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))));
    };
    let (host, after) = rest.split_once(']')?;
    if after.is_empty() { Some((host, None)) } else { Some((host, Some(after.strip_prefix(':')?))) }
}

/// The well-known configuration of OpenTDF. `base_key` is the RSA key, for one SDK takes that whatever was asked for.
pub fn configuration(origin: &Origin, (algorithm, kid, pem): (&str, &str, &str)) -> Value {
    json!({
        "platform_issuer": origin.issuer(),
        "platform_endpoint": origin.as_str(),
        "idp": openid_configuration(origin),
        "base_key": {
            "kas_uri": origin.kas(),
            "public_key": { "algorithm": algorithm, "kid": kid, "pem": pem },
        },
        "supports_dpop": true,
    })
}

/// The configuration of OpenID Connect, as far as machine clients need it.
pub fn openid_configuration(origin: &Origin) -> Value {
    let issuer = origin.issuer();
    json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN_PATH}"),
        "jwks_uri": format!("{issuer}{KEYS_PATH}"),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
    })
}

/// The same configuration as a `GetWellKnownConfigurationResponse`.
pub fn configuration_response(codec: Codec, configuration: &Value) -> Vec<u8> {
    match codec {
        Codec::Json => json!({ "configuration": configuration }).to_string().into_bytes(),
        Codec::Proto => {
            let members = configuration.as_object().into_iter().flatten();
            let fields = entries(1, members.map(|(name, one)| (name.as_str(), one)));
            Message::default().with(1, &fields).bytes()
        }
    }
}

/// The list of key access servers, a `ListKeyAccessServersResponse`: this one.
pub fn key_access_servers(codec: Codec, origin: &Origin) -> Vec<u8> {
    const ID: &str = "1";
    match codec {
        Codec::Json => {
            let server = json!({ "id": ID, "uri": origin.kas() });
            json!({ "keyAccessServers": [server], "pagination": {} }).to_string().into_bytes()
        }
        Codec::Proto => {
            let server = Message::default().with(1, ID.as_bytes()).with(2, origin.kas().as_bytes());
            let mut answer = Message::default();
            answer.put(1, &server.bytes());
            answer.bytes()
        }
    }
}
