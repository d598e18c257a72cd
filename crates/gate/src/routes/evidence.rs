//! The node's evidence, as a stream of files.
//!
//! *Absent:* content. What goes out are leaves, opened fields and signed statements.

use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::stream::Pieces;
use attache_accord::ItemId;
use attache_node::evidence::Extent;
use attache_node::fault::Fault;
use attache_node::office::Office;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde::Deserialize;
use std::io;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Takes one file by its path.
type Write<'a> = &'a mut dyn FnMut(&str, &[u8]) -> io::Result<()>;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(evidence)).routes(routes!(item_evidence))
}

/// How much of it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Whether the rulings as well, with the questions that they answer, and what was signed of destructions and passages: these name people by pseudonym.
    #[serde(default)]
    rulings: bool,
}

/// Evidence up to the checkpoint published last: one `EvidenceFile` as JSON a line. The last line has an empty path and says
/// that all of it came.
#[utoipa::path(get, path = "/v1/evidence", params(Wanted),
    responses((status = 200, body = api::EvidenceFile, content_type = "application/x-ndjson"),
        (status = "default", body = api::Problem)))]
async fn evidence(State(gate): State<Gate>, Query(query): Query<Wanted>) -> Result<Response, Problem> {
    if gate.office().papers.published()?.is_none() {
        return Err(Problem::busy("no checkpoint is published yet; wait for the next beat"));
    }
    let extent = if query.rulings { Extent::Rulings } else { Extent::Acts };
    let place = gate.opening()?;
    Ok(files(gate, place, move |office, write| office.evidence(extent, write).map(drop)))
}

/// Evidence of the life of one item at this node, up to the checkpoint published last, in the same form.
#[utoipa::path(get, path = "/v1/items/{item}/evidence", params(("item" = String, Path, description = "The item.")),
    responses((status = 200, body = api::EvidenceFile, content_type = "application/x-ndjson"),
        (status = "default", body = api::Problem)))]
async fn item_evidence(State(gate): State<Gate>, Path(item): Path<String>) -> Result<Response, Problem> {
    let item: ItemId = item.parse()?;
    gate.office().view.read().item(&item)?;
    if gate.office().papers.published()?.is_none() {
        return Err(Problem::busy("no checkpoint is published yet; wait for the next beat"));
    }
    let place = gate.opening()?;
    Ok(files(gate, place, move |office, write| office.item_evidence(&item, write).map(drop)))
}

/// An answer of files, one a line, and at its end one without a path.
pub(super) fn files(
    gate: Gate,
    place: OwnedSemaphorePermit,
    give: impl FnOnce(&Office, Write<'_>) -> Result<(), Fault> + Send + 'static,
) -> Response {
    let lines = Pieces::of(place, move |line| {
        let mut write = |path: &str, bytes: &[u8]| {
            let file = api::EvidenceFile { path: path.to_owned(), base64: BASE64.encode(bytes) };
            let mut json = serde_json::to_vec(&file).map_err(io::Error::other)?;
            json.push(b'\n');
            if line(json) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        };
        give(gate.office(), &mut write).inspect_err(|fault| gate.office().suspect(fault))?;
        write("", b"").map_err(Fault::Export)
    });
    let mut response = Body::new(lines).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}
