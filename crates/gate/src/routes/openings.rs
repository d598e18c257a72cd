//! Originator control: recalls of what was given, and requests to open that a person of the originator decides.
//!
//! *Absent:* the opening itself, which is the item's.

use super::page::{Listed, Page};
use super::releases::{check_signer, unfit};
use super::{Answer, carry_out, paper, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::show;
use attache_accord::Digest;
use attache_accord::control::{Opening, Recall};
use attache_node::desk;
use attache_seal::papers::{Opening as Request, OpeningDecision};
use attache_seal::statement::Signed;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(recalls, recall)).routes(routes!(list)).routes(routes!(decide))
}

/// All recalls, own and the partners'.
#[utoipa::path(get, path = "/v1/recalls", params(Page),
    responses((status = 200, body = Vec<api::Recall>), (status = "default", body = api::Problem)))]
async fn recalls(State(gate): State<Gate>, Query(page): Query<Page>) -> Listed<api::Recall> {
    let after = page.after::<Digest>()?;
    let mut words: Vec<_> = gate.office().view.read().controls.iter().cloned().collect();
    words.sort_by_key(|word| word.statement);
    let words = page.cut(after, words.into_iter(), |word| word.statement);
    words.shown(|word| Ok(show::recall(&word, &gate.office().view.read())))
}

/// Takes back what went by a dispatch, or gives it another level. The node that holds it is told by itself.
#[utoipa::path(post, path = "/v1/recalls", request_body = api::Stated,
    responses((status = 200, body = api::Recall), (status = "default", body = api::Problem)))]
async fn recall(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Recall> {
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Recall>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    let pack = Arc::clone(&gate.office().pack);
    carry_out(&gate, |view, now| desk::recall(view, &pack, now, &signed)).await?;
    let view = gate.office().view.read();
    let word = view.controls.get(&signed.digest());
    let word = word.ok_or_else(|| Problem::busy("it is recorded and not shown yet; see the list"))?;
    Ok(Json(show::recall(word, &view)))
}

/// Requests to open that are still good for something, own and the partners'.
#[utoipa::path(get, path = "/v1/openings", params(Page),
    responses((status = 200, body = Vec<api::Opening>), (status = "default", body = api::Problem)))]
async fn list(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
) -> Listed<api::Opening> {
    let after = page.after::<Digest>()?;
    let openings: Vec<Opening> = gate.office().view.read().controls.openings().cloned().collect();
    let openings = page.cut(after, openings.into_iter(), |asked| asked.request);
    // Each is a paper.
    tokio::task::block_in_place(|| openings.shown(|asked| opening(&gate, &caller, &asked)))
}

/// Consents to a request to open, or does not. To consent is a question as well, and the rules answer it.
#[utoipa::path(post, path = "/v1/openings/{request}/decision", request_body = api::Stated,
    responses((status = 200, body = api::Opening), (status = "default", body = api::Problem)))]
async fn decide(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(request): Path<String>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Opening> {
    let request: Digest = request.parse()?;
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<OpeningDecision>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    if claimed.body.request != request {
        return Err(Problem::misuse("request", "the decision is about another request"));
    }
    let now = gate.now();
    let step = tokio::task::block_in_place(|| gate.office().decide_opening(now, &signed))?;
    if gate.node.commit(step.plan).await?.is_err() {
        return Err(Problem::busy("it was answered or recalled meanwhile; look at it again"));
    }
    let asked = gate.office().view.read().controls.opening(&request).cloned();
    let asked = asked.ok_or_else(|| Problem::unknown("request: it is no longer at hand"))?;
    Ok(Json(opening(&gate, &caller, &asked)?))
}

fn opening(gate: &Gate, caller: &Caller, asked: &Opening) -> Result<api::Opening, Problem> {
    let bytes = paper(gate, &asked.request)?;
    let said = || Signed::from_bytes(&bytes).and_then(|signed| signed.dangerously_unverified::<Request>());
    let purpose = said().ok().filter(|_| caller.reads()).map(|said| said.body.purpose).unwrap_or_default();
    Ok(show::opening(asked, purpose))
}
