//! The transparency page, for anyone: on a listener of its own, plain and only to be read.
//!
//! Whatever is shown is read or made anew at most every [`PAGE_SECONDS`], however many ask, on a thread and by a reader of its own, so
//! that strangers keep nobody of the node waiting. Whoever wants TLS towards the outside puts a proxy before it.
//!
//! *Absent:* anything of a person or an item, cookies, scripts, and whatever the node was asked or answered elsewhere.

use crate::gate::Gate;
use attache_accord::mandate::Made;
use attache_accord::{CivilDay, Digest};
use attache_node::fault::Fault;
use attache_node::papers::Papers;
use attache_release::{Cosigner, Language, PAGE_STYLE, Sheet, ToldReport, Transparency};
use attache_seal::digest::sha256;
use attache_seal::papers::{Card, Notice, PublicFigures, ReportCosignature};
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
/// Most reports that a page names. The newest ones; the others stay under their digests.
const MAX_REPORTS: usize = 24;
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const CBOR: &str = "application/cbor";

/// What is asked for by a path, where it is no card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Page(Language),
    Checkpoint,
    /// The figures for the public that were signed last.
    Newest,
    /// Those of any report.
    Figures(Digest),
    Cosignature(Digest),
}

impl Wanted {
    fn kind(self) -> &'static str {
        match self {
            Self::Page(_) => HTML,
            Self::Checkpoint => TEXT,
            Self::Newest | Self::Figures(_) | Self::Cosignature(_) => CBOR,
        }
    }
}

/// What was read or made, and when.
type Kept = BTreeMap<Wanted, (Instant, Bytes)>;

/// What the listener has at hand.
#[derive(Clone)]
struct Shown {
    gate: Gate,
    /// With a reader of its own, so that strangers keep nobody of the node waiting.
    papers: Arc<Papers>,
    /// The node's card and those before it, by their paths. They change only while the node is down; under them the figures are signed.
    cards: Arc<BTreeMap<String, Bytes>>,
    /// What was asked for of late. One thing is read or made at a time.
    kept: Arc<Mutex<Kept>>,
    policy: HeaderValue,
}

/// The routes of the page.
pub(crate) fn router(gate: Gate) -> Result<Router, Fault> {
    let style = BASE64.encode(sha256(&[PAGE_STYLE.as_bytes()]).as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy).map_err(|_| Fault::Encoding)?;
    let papers = &gate.office().papers;
    let papers = Arc::new(Papers::new(papers.another_reader()?, Arc::clone(papers.rest())));
    let earlier = gate.office().earlier_cards()?;
    let earlier = earlier.iter().map(|card| (format!("/cards/{}.cbor", card.digest()), card.to_bytes()));
    let own = ("/card.cbor".to_owned(), gate.office().own_card().to_bytes());
    let cards = earlier.chain([own]).map(|(path, bytes)| (path, Bytes::from(bytes)));
    let cards = Arc::new(cards.collect());
    let shown = Shown { gate, papers, cards, kept: Arc::default(), policy };
    Ok(Router::new().fallback(answer).with_state(shown))
}

async fn answer(State(shown): State<Shown>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut answered = if method != Method::GET && method != Method::HEAD {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "this is only read\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        refused
    } else {
        let card = path(&uri).and_then(|path| shown.cards.get(path)).cloned();
        if let Some(card) = card {
            found(card, CBOR)
        } else if let Some(wanted) = wanted(&uri, &headers) {
            shown.answer(wanted).await
        } else {
            nothing()
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

/// The path without a query: that would be a further name of the same thing, and names nothing.
fn path(uri: &Uri) -> Option<&str> {
    uri.query().is_none().then(|| uri.path())
}

/// The digest that names a file of a folder.
fn under(folder: &str, path: &str) -> Option<Digest> {
    path.strip_prefix(folder)?.strip_suffix(".cbor")?.parse().ok()
}

/// What the path names beside a card.
fn wanted(uri: &Uri, headers: &HeaderMap) -> Option<Wanted> {
    match path(uri)? {
        "/" => Some(Wanted::Page(preferred(headers))),
        "/ko" => Some(Wanted::Page(Language::Ko)),
        "/ja" => Some(Wanted::Page(Language::Ja)),
        "/en" => Some(Wanted::Page(Language::En)),
        "/checkpoint" => Some(Wanted::Checkpoint),
        "/figures.cbor" => Some(Wanted::Newest),
        path => under("/figures/", path)
            .map(Wanted::Figures)
            .or_else(|| under("/cosignatures/", path).map(Wanted::Cosignature)),
    }
}

/// The first of the three languages that the reader names; English where none is named.
fn preferred(headers: &HeaderMap) -> Language {
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = wanted.split(',').filter_map(|tag| tag.trim().get(..2)?.to_ascii_lowercase().parse().ok());
    tags.next().unwrap_or(Language::En)
}

impl Shown {
    async fn answer(&self, wanted: Wanted) -> Response {
        // Before its turn comes: a miss keeps nobody waiting.
        if !is_public(&self.gate, wanted) {
            return nothing();
        }
        let mut kept = self.kept.lock().await;
        kept.retain(|_, (made, _)| made.elapsed() < Duration::from_secs(PAGE_SECONDS));
        if let Some((_, bytes)) = kept.get(&wanted) {
            return found(bytes.clone(), wanted.kind());
        }
        let (gate, papers) = (self.gate.clone(), Arc::clone(&self.papers));
        match tokio::task::spawn_blocking(move || made(&gate, &papers, wanted)).await {
            Ok(Ok(Some(bytes))) => {
                let bytes = Bytes::from(bytes);
                kept.insert(wanted, (Instant::now(), bytes.clone()));
                found(bytes, wanted.kind())
            }
            Ok(Ok(None)) => nothing(),
            Ok(Err(fault)) => {
                tracing::error!(%fault, "what the transparency page shows could not be read");
                self.gate.office().suspect(&fault);
                plain(StatusCode::INTERNAL_SERVER_ERROR, "this cannot be read at present\n")
            }
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "this cannot be read at present\n"),
        }
    }
}

/// The bytes of what is wanted, which is for the public; none where there is no such thing.
fn made(gate: &Gate, papers: &Papers, wanted: Wanted) -> Result<Option<Vec<u8>>, Fault> {
    match wanted {
        Wanted::Page(language) => {
            let view = gate.office().view.read();
            let told: Vec<Made> =
                view.mandates.public().take(MAX_REPORTS).map(|(_, made)| made.clone()).collect();
            drop(view);
            page(gate, papers, &told, language).map(|html| Some(html.into_bytes()))
        }
        Wanted::Checkpoint => Ok(checkpoint(papers)?.map(String::into_bytes)),
        Wanted::Newest => {
            let newest = gate.office().view.read().mandates.public().next().and_then(|(_, made)| made.public);
            newest.map_or(Ok(None), |public| papers.get(&public))
        }
        Wanted::Figures(digest) | Wanted::Cosignature(digest) => papers.get(&digest),
    }
}

/// Whether a path that names a digest names something for the public. It is looked up where it stands, for strangers can ask for any
/// number of digests that nothing has.
fn is_public(gate: &Gate, wanted: Wanted) -> bool {
    let view = gate.office().view.read();
    let mut told = view.mandates.public().map(|(_, made)| made);
    match wanted {
        Wanted::Page(_) | Wanted::Checkpoint | Wanted::Newest => true,
        Wanted::Figures(public) => told.any(|made| made.public == Some(public)),
        Wanted::Cosignature(notice) => {
            told.any(|made| made.cosigned.iter().any(|cosigned| cosigned.notice == notice))
        }
    }
}

fn page(gate: &Gate, papers: &Papers, told: &[Made], language: Language) -> Result<String, Fault> {
    let office = gate.office();
    let offset = office.pack.terms().utc_offset_hours;
    let reports = told.iter().map(|made| report(papers, made, offset));
    let reports: Vec<ToldReport> = reports.collect::<Result<_, Fault>>()?;
    let checkpoint = checkpoint(papers)?;
    let records = office.view.read().lifecycle.records().clone();
    let page = Transparency {
        pack: &office.pack,
        node: office.identity.node.as_str(),
        network: office.identity.network.as_str(),
        records: &records,
        at: gate.now(),
        reports: &reports,
        checkpoint: checkpoint.as_deref(),
        fingerprint: &Card::fingerprint(office.own_card()),
        log_keys: &office.log_vkeys(),
    };
    Ok(page.html(language))
}

/// The newest checkpoint that is cosigned, or the one published last where none is.
fn checkpoint(papers: &Papers) -> Result<Option<String>, Fault> {
    let shown = match papers.cosigned()? {
        Some(cosigned) => Some(cosigned),
        None => papers.published()?,
    };
    Ok(shown.map(|published| published.checkpoint))
}

/// What the public is told of a report, and who cosigned that.
fn report(papers: &Papers, made: &Made, utc_offset_hours: u8) -> Result<ToldReport, Fault> {
    let figures = made.public.ok_or(Fault::Missing("figures for the public"))?;
    let altered = || Fault::Altered("figures for the public");
    let signed = Signed::from_bytes(&papers.cited(&figures, "figures for the public")?);
    let said =
        signed.and_then(|signed| signed.dangerously_unverified::<PublicFigures>()).map_err(|_| altered())?;
    let sheet: Sheet = serde_json::from_slice(&said.body.figures).map_err(|_| altered())?;
    let cosigned = made.cosigned.iter().map(|cosigned| {
        let altered = |_| Fault::Altered("cosignature of a report");
        let notice = Signed::from_bytes(&papers.cited(&cosigned.notice, "cosignature of a report")?)
            .map_err(altered)?;
        let brought = notice.dangerously_unverified::<Notice>().map_err(altered)?.body;
        let inner = Signed::from_bytes(&brought.statement).map_err(altered)?;
        let head = inner.dangerously_unverified::<ReportCosignature>().map_err(altered)?.head;
        let on = CivilDay::of(head.at, utc_offset_hours);
        Ok(Cosigner { key: head.key.fingerprint(), on, notice: cosigned.notice })
    });
    let cosigned = cosigned.collect::<Result<_, Fault>>()?;
    Ok(ToldReport { sheet, figures, cosigned })
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
