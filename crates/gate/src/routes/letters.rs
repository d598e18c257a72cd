//! Letters by way of a hub.
//!
//! *Absent:* what is in them. A hub does not have it, and at their ends it stands where it belongs.

use super::page::{Listed, Page};
use crate::api;
use crate::gate::Gate;
use crate::show;
use attache_accord::DispatchId;
use attache_accord::letters::Letter;
use axum::extract::{Query, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list))
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
