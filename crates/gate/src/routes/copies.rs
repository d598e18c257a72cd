//! Copies that are sealed for machine clients: made as any copy is, and fetched by whoever keeps them.
//!
//! *Absent:* plaintext. What goes out is sealed, and opens by the key access service only.

use super::holdings::{number_of, numbered};
use super::{Answer, carry_out, ruling_of};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::stream::Pieces;
use attache_accord::ItemId;
use attache_accord::particulars::Reproduction;
use attache_accord::view::{Ask, View};
use attache_custody::ServiceKind;
use attache_node::desk;
use attache_rewrap::message::{EC_P256, RSA_2048};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes of a container that are read at once.
const PIECE_BYTES: usize = 1 << 20;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(seal)).routes(routes!(fetch))
}

/// Makes the next copy of an item as a TDF that clients of OpenTDF open by this node's key access service. Its keeper is whoever
/// asks. Its policy bears the marking.
#[utoipa::path(post, path = "/v1/items/{item}/sealed-copies", request_body = api::SealingCopy,
    responses((status = 200, body = api::Handled), (status = "default", body = api::Problem)))]
async fn seal(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
    Sent(wanted): Sent<api::SealingCopy>,
) -> Answer<api::Handled> {
    let id: ItemId = item.parse()?;
    let kind = match wanted.algorithm.as_deref() {
        None | Some(RSA_2048) => ServiceKind::Rsa,
        Some(EC_P256) => ServiceKind::Ec,
        Some(_) => return Err(Problem::misuse("algorithm", "rsa:2048 or ec:secp256r1")),
    };
    // Looked at before a number is given.
    let url = gate.key_service().ok_or_else(|| {
        Problem::misuse(
            "kas",
            "this node serves no key access service, by which such a copy opens; see docs/KEY-SERVICE.md",
        )
    })?;
    let office = gate.office();
    let pack = Arc::clone(&office.pack);
    let make = |view: &View, now| {
        // Its policy bears every marking.
        let copy = Reproduction { number: 0, needed: wanted.needed, is_marked: true };
        desk::handle(view, &pack, now, &caller.person, numbered(view, Ask::Copy { item: id, copy }))
    };
    let done = carry_out(&gate, make).await?;
    let ruling = ruling_of(&gate, &done)?.ok_or_else(|| Problem::unknown("no ruling was recorded"))?;
    let number = number_of(&gate, &done)?;
    let index = done.first_index.unwrap_or_default();
    // From here on the number is on record, and whoever asked must hear it.
    let unsealed = |problem: Problem| match number {
        Some(number) => problem.of_unsealed(number),
        None => problem,
    };
    let plan = tokio::task::block_in_place(|| office.seal_copy(index, (kind, &url), gate.now()));
    let plan = plan.map_err(|failure| unsealed(failure.into()))?;
    let sealed = gate.node.commit(plan).await.map_err(|fault| unsealed(fault.into()))?;
    if sealed.is_err() {
        return Err(unsealed(Problem::busy("the copy could not be sealed")));
    }
    Ok(Json(api::Handled { item: id.to_string(), number, ruling }))
}

/// The container of a sealed copy, for its keeper, while it is out.
#[utoipa::path(get, path = "/v1/items/{item}/sealed-copies/{number}",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = api::Problem)))]
async fn fetch(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path((item, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id: ItemId = item.parse()?;
    let number: u32 =
        number.parse().map_err(|_| Problem::misuse("number", "the number of a copy, from 1"))?;
    let place = gate.opening()?;
    let office = Arc::clone(gate.office());
    let outgoing = tokio::task::block_in_place(|| office.sealed_copy(&caller.person, id, number))?;
    let length = outgoing.container_bytes();
    let pieces = Pieces::of(place, move |take| {
        let mut at = 0;
        while at < length {
            let piece = office.read_outgoing(&outgoing, at, PIECE_BYTES)?;
            at += piece.len() as u64;
            if !take(piece) {
                break;
            }
        }
        Ok(())
    });
    let mut response = Body::new(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, length.into());
    Ok(response)
}
