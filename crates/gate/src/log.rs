//! The published log, for whoever wants to check it: the checkpoint that the node published last, with its cosignatures, and the hashes and leaves
//! below it, under the paths of C2SP tlog-tiles. Leaves are commitments and show nothing of what they commit to.
//!
//! Plain HTTP: nothing here is secret, and whoever reads it checks it by the log's signatures and hashes, which say more than
//! a certificate would. Whoever wants TLS towards the outside puts a proxy before it, as is usual for such logs.
//!
//! *Absent:* the local head and whatever the log grew by since the last beat. They are answered as if they did not exist.

use attache_custody::RestKey;
use attache_node::fault::Fault;
use attache_node::office::Office;
use attache_node::papers::with_cosignatures;
use attache_store::Reader;
use attache_tlog::{BundleId, TileId, encode_bundle};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::str::FromStr;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long a checkpoint may be kept by a cache, in seconds: a beat takes at least one, usually sixty.
pub const CHECKPOINT_SECONDS: u32 = 5;
/// What is said of tiles and bundles: under one path there are always the same bytes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// What is said of every refusal: what is not there yet may be there after the next beat.
const NEVER: &str = "no-store";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// A reader of its own, so that strangers keep nobody of the node waiting. One read at a time: a bundle holds up to
/// [`MAX_READ_BYTES`](attache_store::MAX_READ_BYTES) of sealed events while their leaves are taken from them.
type Shared = (Arc<Office>, Arc<Mutex<Box<dyn Reader>>>, Arc<RestKey>);

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Checkpoint,
    Tile(TileId),
    Bundle(BundleId),
}

/// The routes of the log of `office`.
pub(crate) fn router(office: Arc<Office>) -> Result<Router, Fault> {
    let papers = &office.papers;
    let (reader, rest) = (Arc::new(Mutex::new(papers.another_reader()?)), Arc::clone(papers.rest()));
    let shared: Shared = (office, reader, rest);
    // The paths are of C2SP's own form and each has one spelling, so they are not taken apart by patterns.
    Ok(Router::new().fallback(answer).with_state(shared))
}

async fn answer(State((office, reader, rest)): State<Shared>, method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        let mut refused = refusal(StatusCode::METHOD_NOT_ALLOWED, "the log is only read\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let Some(wanted) = wanted(&uri) else { return not_here() };
    let reader = reader.lock_owned().await;
    match tokio::task::spawn_blocking(move || read(reader.as_ref(), &rest, wanted)).await {
        Ok(Ok(Some(bytes))) => found(wanted, bytes),
        Ok(Ok(None)) => not_here(),
        Ok(Err(fault)) => {
            tracing::error!(%fault, "the published log could not be read");
            office.suspect(&fault);
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "the log cannot be read at present\n")
        }
        Err(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "the log cannot be read at present\n"),
    }
}

/// What the path names; a query would be a further name of the same thing, and names nothing.
fn wanted(uri: &Uri) -> Option<Wanted> {
    if uri.query().is_some() {
        return None;
    }
    let path = uri.path().strip_prefix('/')?;
    if path == "checkpoint" {
        return Some(Wanted::Checkpoint);
    }
    let bundle = || BundleId::from_str(path).map(Wanted::Bundle);
    TileId::from_str(path).map(Wanted::Tile).or_else(|_| bundle()).ok()
}

/// The bytes of what is wanted, as far as it was published.
fn read(reader: &dyn Reader, rest: &RestKey, wanted: Wanted) -> Result<Option<Vec<u8>>, Fault> {
    let Some(published) = reader.published()? else { return Ok(None) };
    match wanted {
        Wanted::Checkpoint => Ok(Some(with_cosignatures(reader, rest, published)?.checkpoint.into_bytes())),
        Wanted::Tile(id) => {
            let there = TileId::in_tree(id.level, id.index, published.size);
            if there.is_none_or(|there| there.width < id.width) {
                return Ok(None);
            }
            // The store's tile grows with the local head; what goes out ends where the path says.
            let hashes = reader.tile(id.level, id.index)?;
            let hashes = hashes.get(..usize::from(id.width)).ok_or(Fault::Missing("tile"))?;
            Ok(Some(hashes.iter().flat_map(|hash| hash.0).collect()))
        }
        Wanted::Bundle(id) => {
            let there = BundleId::in_tree(id.index, published.size);
            if there.is_none_or(|there| there.width < id.width) {
                return Ok(None);
            }
            let entries = entries(reader, id)?;
            encode_bundle(&entries).map(Some).map_err(|_| Fault::Encoding)
        }
    }
}

/// The leaves of a bundle that is published.
fn entries(reader: &dyn Reader, id: BundleId) -> Result<Vec<Vec<u8>>, Fault> {
    let width = usize::from(id.width);
    // In range, for the bundle is in the tree.
    let first = id.index * u64::from(attache_tlog::TILE_WIDTH);
    let mut entries = Vec::with_capacity(width);
    while entries.len() < width {
        let rows = reader.rows(first + entries.len() as u64, width - entries.len())?;
        if rows.is_empty() {
            return Err(Fault::Missing("entry"));
        }
        entries.extend(rows.into_iter().map(|row| row.entry));
    }
    Ok(entries)
}

fn found(wanted: Wanted, bytes: Vec<u8>) -> Response {
    match wanted {
        Wanted::Checkpoint => {
            respond(StatusCode::OK, TEXT, &format!("public, max-age={CHECKPOINT_SECONDS}"), bytes)
        }
        Wanted::Tile(_) | Wanted::Bundle(_) => respond(StatusCode::OK, BYTES, FOREVER, bytes),
    }
}

fn not_here() -> Response {
    refusal(StatusCode::NOT_FOUND, "nothing published is here\n")
}

fn refusal(status: StatusCode, text: &'static str) -> Response {
    respond(status, TEXT, NEVER, text)
}

fn respond(status: StatusCode, kind: &str, caching: &str, body: impl Into<Body>) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, caching), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, body.into()).into_response()
}
