//! Arrivals: what waits for a desk officer, and its admission by a signed statement.

use super::page::{Listed, Page};
use super::releases::check_signer;
use super::{Answer, carry_out, fresh, ruling_of, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::show;
use attache_accord::{DispatchId, ItemId};
use attache_node::desk;
use attache_seal::papers::Admission;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(admit))
}

/// Arrivals that wait.
#[utoipa::path(get, path = "/v1/arrivals", params(Page),
    responses((status = 200, body = Vec<api::Arrival>), (status = "default", body = api::Problem)))]
async fn list(State(gate): State<Gate>, Query(page): Query<Page>) -> Listed<api::Arrival> {
    let after = page.after::<DispatchId>()?;
    let arrivals =
        page.cut(after, gate.office().view.read().items.arrivals().cloned(), |arrival| arrival.dispatch);
    arrivals.shown(|arrival| Ok(show::arrival(&arrival, gate.office())))
}

/// Admits an arrival, by a signed `admission`.
#[utoipa::path(post, path = "/v1/arrivals/{dispatch}/admission", request_body = api::Stated,
    responses((status = 200, body = api::Admitted), (status = "default", body = api::Problem)))]
async fn admit(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(dispatch): Path<String>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Admitted> {
    let dispatch: DispatchId = dispatch.parse()?;
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Admission>();
    let claimed = claimed.map_err(|error| Problem::misuse("statement", error))?;
    check_signer(&caller, &claimed.head.signer)?;
    if claimed.body.dispatch != dispatch {
        return Err(Problem::misuse("dispatch", "the statement is about another dispatch"));
    }
    let item = ItemId(fresh()?);
    let pack = Arc::clone(&gate.office().pack);
    let done = carry_out(&gate, |view, now| desk::admit(view, &pack, now, &signed, item)).await?;
    let ruling = ruling_of(&gate, &done)?.ok_or_else(|| Problem::unknown("no ruling was recorded"))?;
    let view = gate.office().view.read();
    let found = view.item(&item)?;
    let banner = show::banners_of(found, &view, &pack).ok_or_else(|| Problem::unknown("item"))?;
    Ok(Json(api::Admitted {
        item: item.to_string(),
        register_number: view.register.received_number(&item).unwrap_or_default().to_owned(),
        ruling,
        banner,
    }))
}
