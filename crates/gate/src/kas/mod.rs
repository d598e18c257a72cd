//! The key access service: what clients that we did not write reach, on a listener of its own (opentdf/platform).
//!
//! Whoever asks for a key acts for a person on the roll. Each key is a question whether that person may open the item, ruled
//! on and recorded before custody opens anything; whatever stands against it, the answer is the same.
//!
//! *Absent:* people's own interface and its sessions, and any key that is wrapped for something else than this service.

mod caller;
mod calls;
mod keys;
mod pages;
mod provider;
mod seen;
mod shown;
mod tokens;

use crate::gate::Gate;
use crate::listen::Door;
use attache_accord::{Level, Party};
use attache_custody::ServicePublic;
use attache_release::Pack;
use attache_rewrap::attribute::Values;
use attache_rewrap::discovery::{ISSUER_PATH, KEYS_PATH, Origin, TOKEN_PATH};
use attache_rewrap::token::TokenKey;
use attache_rewrap::{Attributes, CallError};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
pub use provider::{Provider, fetched};
use seen::Seen;
use shown::Shown;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Most requests for keys under way. Each waits for the journal most of the time.
const MAX_REWRAPS: usize = 128;
/// The Connect procedures.
const WELL_KNOWN: &str = "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration";
const PUBLIC_KEY: &str = "/kas.AccessService/PublicKey";
const REWRAP: &str = "/kas.AccessService/Rewrap";
const SERVERS: &str = "/policy.kasregistry.KeyAccessServerRegistryService/ListKeyAccessServers";
const ATTRIBUTES: &str = "/policy.attributes.AttributesService/GetAttributeValuesByFqns";
/// The forms before Connect, which older clients fall back to.
const REST_PUBLIC_KEY: &str = "/kas/v2/kas_public_key";
/// An SDK of before asks here, whatever version of the answer it wants.
const FIRST_PUBLIC_KEY: &str = "/kas/kas_public_key";
const REST_REWRAP: &str = "/kas/v2/rewrap";
const REST_SERVERS: &str = "/key-access-servers";
const CONFIGURATION: &str = "/.well-known/opentdf-configuration";
const OPENID: &str = "/.well-known/openid-configuration";

/// What every call has at hand.
struct Kas {
    gate: Gate,
    origin: Origin,
    attributes: Attributes,
    values: Values,
    tokens: TokenKey,
    shown: Shown,
    rsa: ServicePublic,
    ec: ServicePublic,
    seen: Seen,
    /// Whose tokens are taken beside the node's own.
    provider: Option<Arc<Provider>>,
    /// Web pages of these origins may call.
    pages: Vec<String>,
    /// Requests for keys under way.
    rewraps: Semaphore,
}

/// The service of a node that clients reach by `door`; `None` where the node has no keys for it.
pub fn router(gate: &Gate, door: Door) -> Option<Router> {
    let office = gate.office();
    let keys = office.custodian.service()?;
    let kas = Kas {
        gate: gate.clone(),
        origin: door.origin,
        provider: door.provider,
        pages: door.pages,
        rewraps: Semaphore::new(MAX_REWRAPS),
        attributes: Attributes::of(&office.identity.node),
        values: values(&office.pack, office.identity.party),
        tokens: TokenKey::from_pkcs8_der(office.keys.token_pkcs8()?)?,
        rsa: keys.rsa_public.clone(),
        ec: keys.ec_public.clone(),
        seen: Seen::default(),
        shown: Shown::default(),
    };
    // Paths have one spelling each, so they are compared and not taken apart.
    Some(Router::new().fallback(answer).with_state(Arc::new(kas)))
}

/// What the rule pack names, for attributes of a node of `party`.
fn values(pack: &Pack, party: Party) -> Values {
    let terms = pack.terms();
    let scheme = terms.equivalence.schemes.get(&party);
    let mut levels: Vec<Level> =
        scheme.into_iter().flat_map(|scheme| scheme.levels()).map(|name| name.level.clone()).collect();
    levels.reverse();
    Values {
        levels,
        kinds: terms.kinds.iter().cloned().collect(),
        purposes: terms.purposes.iter().cloned().collect(),
        parties: terms.parties.iter().copied().filter(|other| *other != party).collect(),
    }
}

async fn answer(State(kas): State<Arc<Kas>>, request: Request) -> Response {
    let page = kas.page(&request);
    if request.method() == Method::OPTIONS {
        return pages::preflight(page);
    }
    let mut response = kas.answered(request).await;
    pages::allow(&mut response, page);
    response
}

impl Kas {
    async fn answered(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let is_read = request.method() == Method::GET;
        let issuer = path.strip_prefix(ISSUER_PATH);
        let answered = match (path.as_str(), is_read) {
            (CONFIGURATION, true) => Ok(json(&self.configuration())),
            (OPENID, true) => Ok(self.openid()),
            (_, true) if issuer == Some(OPENID) => Ok(self.openid()),
            (_, true) if issuer == Some(KEYS_PATH) => Ok(json(&self.tokens.key_set())),
            (_, false) if issuer == Some(TOKEN_PATH) => return self.token(request).await,
            (WELL_KNOWN, _) => self.well_known(request).await,
            (PUBLIC_KEY, _) => self.public_key(request).await,
            (REST_PUBLIC_KEY | FIRST_PUBLIC_KEY, true) => self.public_key_by_rest(&request),
            (REWRAP | REST_REWRAP, false) => self.rewrap(request).await,
            (REST_SERVERS, true) => self.servers_by_rest(request).await,
            (SERVERS, _) => self.servers(request).await,
            (ATTRIBUTES, _) => self.definitions(request).await,
            (REWRAP | REST_REWRAP, true) => Err(CallError::method()),
            _ => Err(CallError::not_found("no such procedure")),
        };
        let response = answered.unwrap_or_else(|error| refused(&error));
        tracing::info!(
            status = response.status().as_u16(),
            procedure = known(&path),
            "a machine client was answered"
        );
        response
    }
}

/// A path that is known, for the log; a word of the caller's own is none of ours to keep.
fn known(path: &str) -> &'static str {
    let all =
        [WELL_KNOWN, PUBLIC_KEY, REWRAP, SERVERS, ATTRIBUTES, REST_PUBLIC_KEY, REST_REWRAP, REST_SERVERS];
    all.into_iter()
        .chain([FIRST_PUBLIC_KEY, CONFIGURATION, OPENID])
        .find(|known| *known == path)
        .unwrap_or("other")
}

fn refused(error: &CallError) -> Response {
    bytes(error.status(), "application/json", error.body())
}

fn json(value: &serde_json::Value) -> Response {
    bytes(200, "application/json", value.to_string().into_bytes())
}

fn bytes(status: u16, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
