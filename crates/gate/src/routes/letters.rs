//! Letters by way of a hub.
//!
//! *Absent:* what is in them. A hub does not have it, and at their ends it stands where it belongs.

use super::page::{Listed, Page};
use super::releases::{check_signer, unfit};
use super::{Answer, carry_out, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::show;
use attache_accord::DispatchId;
use attache_accord::letters::Letter;
use attache_node::desk;
use attache_seal::papers::OpeningDecision;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(decide))
}

/// At a hub that keeps a share of a key of it: stops the openings of what is in a letter, or lets them go on.
#[utoipa::path(post, path = "/v1/letters/{letter}/decision", request_body = api::Stated,
    responses((status = 200, body = api::Letter), (status = "default", body = api::Problem)))]
async fn decide(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(letter): Path<String>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Letter> {
    let letter: DispatchId = letter.parse()?;
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<OpeningDecision>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    carry_out(&gate, |view, now| desk::decide_letter(view, now, &letter, &signed)).await?;
    let found = gate.office().view.read().letters.get(&letter).cloned();
    let found = found.ok_or_else(|| Problem::busy("it is recorded and not shown yet; see the list"))?;
    let shown = tokio::task::block_in_place(|| gate.office().letter_shown(&found))?;
    Ok(Json(show::letter(&found, shown)))
}

/// All letters that this node wrote, carried or was sent.
#[utoipa::path(get, path = "/v1/letters", params(Page),
    responses((status = 200, body = Vec<api::Letter>), (status = "default", body = api::Problem)))]
async fn list(State(gate): State<Gate>, Query(page): Query<Page>) -> Listed<api::Letter> {
    let after = page.after::<DispatchId>()?;
    let view = gate.office().view.read();
    let letters = page.cut(after, view.letters.all(), |letter| letter.id);
    let letters = letters.map(std::borrow::Cow::into_owned);
    drop(view);
    // Each is a paper or two.
    let shown = |letter: Letter| Ok(show::letter(&letter, gate.office().letter_shown(&letter)?));
    tokio::task::block_in_place(|| letters.shown(shown))
}
