//! The transparency page, for anyone: on a listener of its own, plain and only to be read.
//!
//! A page is made anew at most every [`PAGE_SECONDS`] for each language, however many ask, so that strangers keep nobody of the node
//! waiting. Whoever wants TLS towards the outside puts a proxy before it.
//!
//! *Absent:* anything of a person or an item, cookies, scripts, and whatever the node was asked or answered elsewhere.

use crate::gate::Gate;
use attache_accord::Digest;
use attache_node::fault::Fault;
use attache_release::{Language, PAGE_STYLE, Sheet, Transparency};
use attache_seal::digest::sha256;
use attache_seal::papers::{Card, PublicFigures};
use attache_seal::statement::Signed;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a page is shown before it is made anew, in seconds.
pub const PAGE_SECONDS: u64 = 5;
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const CBOR: &str = "application/cbor";

/// What the listener has at hand. One page is made at a time.
#[derive(Clone)]
struct Shown {
    gate: Gate,
    pages: Arc<Mutex<BTreeMap<Language, (Instant, Bytes)>>>,
    policy: HeaderValue,
}

/// The routes of the page.
pub(crate) fn router(gate: Gate) -> Result<Router, Fault> {
    let style = BASE64.encode(sha256(&[PAGE_STYLE.as_bytes()]).as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy).map_err(|_| Fault::Encoding)?;
    Ok(Router::new().fallback(answer).with_state(Shown { gate, pages: Arc::default(), policy }))
}

async fn answer(State(shown): State<Shown>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut answered = if method != Method::GET && method != Method::HEAD {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "this is only read\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        refused
    } else if uri.query().is_some() {
        nothing()
    } else {
        match uri.path() {
            "/" => page(&shown, preferred(&headers)).await,
            "/ko" => page(&shown, Language::Ko).await,
            "/ja" => page(&shown, Language::Ja).await,
            "/en" => page(&shown, Language::En).await,
            "/checkpoint" => file(checkpoint(&shown.gate), TEXT),
            "/figures.cbor" => file(figures(&shown.gate).map(|found| found.map(|(_, bytes)| bytes)), CBOR),
            _ => nothing(),
        }
    };
    let strict = [
        (CONTENT_SECURITY_POLICY, shown.policy.clone()),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (VARY, HeaderValue::from_static("accept-language")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ),
    ];
    answered.headers_mut().extend(strict);
    answered
}

/// The first of the three languages that the reader names; English where none is named.
fn preferred(headers: &HeaderMap) -> Language {
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = wanted.split(',').filter_map(|tag| tag.trim().get(..2)?.to_ascii_lowercase().parse().ok());
    tags.next().unwrap_or(Language::En)
}

async fn page(shown: &Shown, language: Language) -> Response {
    let mut pages = shown.pages.lock().await;
    let kept = pages.get(&language).filter(|(made, _)| made.elapsed() < Duration::from_secs(PAGE_SECONDS));
    if let Some((_, bytes)) = kept {
        return found(bytes.clone(), HTML);
    }
    let gate = shown.gate.clone();
    match tokio::task::spawn_blocking(move || made(&gate, language)).await {
        Ok(Ok(html)) => {
            let bytes = Bytes::from(html);
            pages.insert(language, (Instant::now(), bytes.clone()));
            found(bytes, HTML)
        }
        Ok(Err(fault)) => {
            tracing::error!(%fault, "the transparency page could not be made");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be made at present\n")
        }
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be made at present\n"),
    }
}

fn made(gate: &Gate, language: Language) -> Result<String, Fault> {
    let office = gate.office();
    let (public, checkpoint) = (figures(gate)?.map(|(sheet, _)| sheet), office.papers.published()?);
    let records = office.view.read().lifecycle.records().clone();
    let page = Transparency {
        pack: &office.pack,
        node: office.identity.node.as_str(),
        network: office.identity.network.as_str(),
        records: &records,
        at: gate.now(),
        public: public.as_ref(),
        checkpoint: checkpoint.as_ref().map(|published| published.checkpoint.as_str()),
        fingerprint: &Card::fingerprint(office.own_card()),
        log_keys: &office.log_vkeys(),
    };
    Ok(page.html(language))
}

/// The figures for the public that were signed last, and the signed statement.
fn figures(gate: &Gate) -> Result<Option<(Sheet, Vec<u8>)>, Fault> {
    let office = gate.office();
    let digest: Option<Digest> = office.view.read().mandates.public();
    let Some(bytes) = digest.map(|digest| office.papers.get(&digest)).transpose()?.flatten() else {
        return Ok(None);
    };
    let altered = || Fault::Altered("figures for the public");
    let signed = Signed::from_bytes(&bytes).map_err(|_| altered())?;
    let said = signed.dangerously_unverified::<PublicFigures>().map_err(|_| altered())?.body;
    Ok(Some((serde_json::from_slice(&said.figures).map_err(|_| altered())?, bytes)))
}

fn checkpoint(gate: &Gate) -> Result<Option<Vec<u8>>, Fault> {
    Ok(gate.office().papers.published()?.map(|published| published.checkpoint.into_bytes()))
}

fn file(read: Result<Option<Vec<u8>>, Fault>, kind: &'static str) -> Response {
    match read {
        Ok(Some(bytes)) => found(bytes, kind),
        Ok(None) => nothing(),
        Err(fault) => {
            tracing::error!(%fault, "what the transparency page names could not be read");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "this cannot be read at present\n")
        }
    }
}

fn found(body: impl Into<Body>, kind: &'static str) -> Response {
    let caching = format!("public, max-age={PAGE_SECONDS}");
    (StatusCode::OK, [(CONTENT_TYPE, kind.to_owned()), (CACHE_CONTROL, caching)], body.into()).into_response()
}

fn nothing() -> Response {
    plain(StatusCode::NOT_FOUND, "nothing is here; the page is at /\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-store")];
    (status, headers, text).into_response()
}
