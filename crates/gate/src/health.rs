//! For whoever watches the node: is it alive, is it ready, and what does it count.
//!
//! *Absent:* anything classified, and anything that changes the node.

use crate::gate::Gate;
use crate::metrics;
use attache_node::link::PeerStatus;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

/// What is said of the clock where nothing is wrong with it.
pub const CLOCK_RIGHT: &str = "right, as far as seen";
const CLOCK_BEHIND: &str = "behind the last entry";
const CLOCK_APART: &str = "too far from a partner's to release";

pub(crate) fn router(gate: Gate) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(text))
        .with_state(gate)
}

/// Ready: the journal takes commits and reads, and the own card is in force. A partner that is away is no reason to be
/// unready; it is told beside.
async fn ready(State(gate): State<Gate>) -> impl IntoResponse {
    let journal = gate.node.is_writable() && gate.office().papers.head().is_ok();
    let vault = gate.office().vault.partials().is_ok();
    let card = gate.office().own().in_force(gate.now());
    let links = gate.link.as_ref().map(|link| link.status()).unwrap_or_default();
    let link: Vec<_> = links.iter().map(|peer| peer.state.as_str()).collect();
    let clock = match () {
        () if gate.office().is_clock_behind(gate.now()) => CLOCK_BEHIND,
        () if links.iter().any(PeerStatus::is_clock_apart) => CLOCK_APART,
        () => CLOCK_RIGHT,
    };
    let ready = journal && vault && card;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (
        status,
        Json(
            json!({ "ready": ready, "journal": journal, "vault": vault, "card": card, "clock": clock, "link": link }),
        ),
    )
}

async fn text(State(gate): State<Gate>) -> impl IntoResponse {
    ([("content-type", "text/plain; version=0.0.4")], metrics::text(&gate))
}
