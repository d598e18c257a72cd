//! The routes, one file a noun.
//!
//! *Absent:* decisions. A route reads what came, lets the desk make a step, and shows what was recorded.

mod agreement;
mod arrivals;
mod clients;
mod consents;
mod copies;
mod evidence;
mod holdings;
mod items;
mod letters;
mod logs;
mod openings;
mod oversight;
mod page;
mod people;
mod records;
mod releases;
mod sessions;

use crate::access;
use crate::api;
use crate::gate::Gate;
use crate::observe::observe;
use crate::openapi;
use crate::problem::Problem;
use crate::show;
use attache_accord::view::View;
use attache_accord::{Digest, Timestamp};
use attache_node::desk::{Misuse, Step};
use attache_node::node::Done;
use attache_seal::statement::Signed;
use axum::extract::DefaultBodyLimit;
use axum::{Json, Router, middleware};
use data_encoding::BASE64;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// Longest body of a request other than an item, in bytes.
pub const MAX_BODY_BYTES: usize = 512 * 1024;

/// What a route answers.
pub(crate) type Answer<T> = Result<Json<T>, Problem>;

/// All routes, behind the table of who may call them.
pub fn router(gate: Gate) -> Router {
    let (router, paths) = described().split_for_parts();
    let document = Arc::new(openapi::complete(paths));
    router
        .route("/openapi.json", axum::routing::get(|| async move { Json(document) }))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(gate.clone(), access::check))
        .layer(middleware::from_fn_with_state(gate.clone(), observe))
        .with_state(gate)
}

/// The routes with what the document says of them.
pub(crate) fn described() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .merge(sessions::routes())
        .merge(items::routes())
        .merge(releases::routes())
        .merge(arrivals::routes())
        .merge(consents::routes())
        .merge(openings::routes())
        .merge(letters::routes())
        .merge(holdings::routes())
        .merge(copies::routes())
        .merge(records::routes())
        .merge(people::routes())
        .merge(clients::routes())
        .merge(agreement::routes())
        .merge(oversight::routes())
        .merge(logs::routes())
        .merge(evidence::routes())
}

/// Reads a signed statement of a request.
fn statement(stated: &api::Stated) -> Result<Signed, Problem> {
    let wrong = |rule: &str| Problem::misuse("statement", rule);
    let bytes = BASE64.decode(stated.statement.as_bytes()).map_err(|_| wrong("not base64"))?;
    Signed::from_bytes(&bytes).map_err(|error| wrong(&error.to_string()))
}

/// Carries a step out. A refusal by the rules is recorded and becomes the answer.
async fn carry_out(
    gate: &Gate,
    make: impl Fn(&View, Timestamp) -> Result<Step, Misuse>,
) -> Result<Done, Problem> {
    let done = gate.node.carry_out(make).await?;
    if let Some(bar) = done.barred {
        return Err(Problem::barred(bar));
    }
    match (&done.ruling, done.first_index) {
        (Some(ruling), Some(index)) if !ruling.granted => {
            let explained = show::ruling_at(gate.office(), index)?;
            Err(explained.map_or_else(|| Problem::forbidden("refused"), Problem::refused))
        }
        _ => Ok(done),
    }
}

/// The ruling that a step recorded, explained.
fn ruling_of(gate: &Gate, done: &Done) -> Result<Option<api::Explained>, Problem> {
    match (&done.ruling, done.first_index) {
        (Some(_), Some(index)) => show::ruling_at(gate.office(), index),
        _ => Ok(None),
    }
}

/// A signed statement among the papers, in base64; empty where it was destroyed.
fn paper(gate: &Gate, digest: &Digest) -> Result<Vec<u8>, Problem> {
    Ok(gate.office().papers.get(digest)?.unwrap_or_default())
}

/// A fresh id.
fn fresh() -> Result<[u8; 16], Problem> {
    let mut id = [0; 16];
    let filled = aws_lc_rs::rand::fill(&mut id).map_err(|_| attache_node::fault::Fault::Randomness);
    filled.map_err(Problem::from)?;
    Ok(id)
}
