//! Approvals: asked for, given, withdrawn and declined by signed statements, and the partner's as they came.
//!
//! *Absent:* a change of any of them.

use super::page::{Listed, Page};
use super::releases::{check_signer, unfit};
use super::{Answer, carry_out, paper, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use attache_accord::Digest;
use attache_accord::consent::{Step, Word};
use attache_node::desk;
use attache_seal::papers::Consent;
use attache_seal::statement::Signed;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use data_encoding::BASE64;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list, say)).routes(routes!(one))
}

/// All words about approvals, own and the partners'.
#[utoipa::path(get, path = "/v1/approvals", params(Page),
    responses((status = 200, body = Vec<api::Consent>), (status = "default", body = api::Problem)))]
async fn list(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
) -> Listed<api::Consent> {
    let after = page.after::<Digest>()?;
    let mut words: Vec<Word> = gate.office().view.read().consents.iter().cloned().collect();
    words.sort_by_key(|word| word.statement);
    let words = page.cut(after, words.into_iter(), |word| word.statement);
    // Each is a paper.
    tokio::task::block_in_place(|| words.shown(|word| show(&gate, &caller, &word)))
}

/// One of them.
#[utoipa::path(get, path = "/v1/approvals/{digest}",
    responses((status = 200, body = api::Consent), (status = "default", body = api::Problem)))]
async fn one(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(digest): Path<String>,
) -> Answer<api::Consent> {
    let word = gate.office().view.read().consents.get(&digest.parse()?).cloned();
    let word = word.ok_or_else(|| Problem::unknown("digest: no such word about an approval here"))?;
    Ok(Json(show(&gate, &caller, &word)?))
}

/// Says something to a partner's node: asks, approves, withdraws or declines. It is brought there by itself.
#[utoipa::path(post, path = "/v1/approvals", request_body = api::Stated,
    responses((status = 200, body = api::Consent), (status = "default", body = api::Problem)))]
async fn say(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Consent> {
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Consent>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    let pack = Arc::clone(&gate.office().pack);
    carry_out(&gate, |view, now| desk::consent(view, &pack, now, &signed)).await?;
    let word = gate.office().view.read().consents.get(&signed.digest()).cloned();
    let word = word.ok_or_else(|| Problem::busy("it is recorded and not shown yet; see the list"))?;
    Ok(Json(show(&gate, &caller, &word)?))
}

fn show(gate: &Gate, caller: &Caller, word: &Word) -> Result<api::Consent, Problem> {
    let bytes = paper(gate, &word.statement)?;
    let words = || Signed::from_bytes(&bytes).and_then(|signed| signed.dangerously_unverified::<Consent>());
    let words = words().ok().filter(|_| caller.reads()).map(|said| said.body.words).unwrap_or_default();
    let (now, view) = (gate.now(), gate.office().view.read());
    let own = word.party == gate.office().identity.party;
    let item = view.items.of_digest(&word.consent.item_digest).next();
    let until = match &word.consent.step {
        Step::Given { until, .. } => *until,
        _ => None,
    };
    let owed = view.correspondence.owed_to(&word.node);
    Ok(api::Consent {
        digest: word.statement.to_string(),
        step: word.consent.step.as_str().to_owned(),
        item_digest: word.consent.item_digest.to_string(),
        item: item.map(|item| item.id.to_string()),
        what: word.consent.step.what().map(ToString::to_string),
        ends: match &word.consent.step {
            Step::Withdrawn { approval: ends } | Step::Declined { request: ends } => Some(ends.to_string()),
            _ => None,
        },
        until: until.map(|until| until.to_string()),
        ended: word.ended.map(|at| at.to_string()),
        holds: word.approval().is_some_and(|approval| approval.holds(word.party, now)),
        document: word.consent.document.clone(),
        words,
        party: word.party.to_string(),
        node: word.node.to_string(),
        own,
        delivered: own.then(|| !owed.contains(&word.statement)),
        signed_at: word.signed_at.to_string(),
        by: word.by.as_ref().map(ToString::to_string),
        statement: BASE64.encode(&bytes),
    })
}
