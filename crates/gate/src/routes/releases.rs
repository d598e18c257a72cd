//! Release cases: asked for, reviewed and decided by signed statements.

use super::page::{Listed, Page};
use super::{Answer, carry_out, paper, ruling_of, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::show;
use attache_accord::dispatch::{Case, CaseState};
use attache_accord::view::Ask;
use attache_accord::{CaseId, PersonId};
use attache_node::desk::{self, facts_digest};
use attache_node::node::Done;
use attache_seal::papers::{Answer as PaperAnswer, Decision, Request, Review};
use attache_seal::statement::{Signed, StatementError};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list, request))
        .routes(routes!(one))
        .routes(routes!(review))
        .routes(routes!(decide))
}

/// All cases.
#[utoipa::path(get, path = "/v1/releases", params(Page),
    responses((status = 200, body = Vec<api::Release>), (status = "default", body = api::Problem)))]
async fn list(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
) -> Listed<api::Release> {
    let after = page.after::<CaseId>()?;
    let cases = page.cut(after, gate.office().view.read().dispatches.cases().cloned(), |case| case.id);
    // Each request is a paper of its own.
    tokio::task::block_in_place(|| cases.shown(|case| show_case(&gate, &caller, &case)))
}

/// One case, with the facts as they would be put to the rules for the caller now.
#[utoipa::path(get, path = "/v1/releases/{case}",
    responses((status = 200, body = api::Release), (status = "default", body = api::Problem)))]
async fn one(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(case): Path<String>,
) -> Answer<api::Release> {
    let id: CaseId = case.parse()?;
    let case = gate.office().view.read().dispatches.case(&id).cloned();
    let case = case.ok_or_else(|| Problem::unknown(format!("case: no case {id} here")))?;
    Ok(Json(show_case(&gate, &caller, &case)?))
}

fn show_case(gate: &Gate, caller: &Caller, case: &Case) -> Result<api::Release, Problem> {
    let purpose = match caller.reads() {
        true => purpose(gate, case)?,
        false => String::new(),
    };
    let now = gate.now();
    let hops = match &case.state {
        CaseState::Dispatched(dispatch) => gate.office().hops_of(dispatch)?,
        _ => Vec::new(),
    };
    let view = gate.office().view.read();
    let facts = match case.state {
        CaseState::Requested => view.question(&caller.person, &Ask::Release { case: case.id }, now).ok(),
        _ => None,
    };
    let facts = facts.map(|question| facts_digest(&question).to_string());
    let shown = show::release(case, &view, purpose, facts)?;
    Ok(api::Release { hops: hops.into_iter().map(show::hop).collect(), ..shown })
}

fn purpose(gate: &Gate, case: &Case) -> Result<String, Problem> {
    let signed = Signed::from_bytes(&paper(gate, &case.request)?);
    let stated = signed.and_then(|signed| signed.dangerously_unverified::<Request>());
    // Verified when it was taken; destroyed since, it says nothing.
    Ok(stated.map(|statement| statement.body.purpose).unwrap_or_default())
}

/// Asks for a release, by a signed `request`.
#[utoipa::path(post, path = "/v1/releases", request_body = api::Stated,
    responses((status = 200, body = api::Acted), (status = "default", body = api::Problem)))]
async fn request(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Acted> {
    check_held(&gate)?;
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Request>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    let pack = Arc::clone(&gate.office().pack);
    let done = carry_out(&gate, |view, now| desk::request(view, &pack, now, &signed)).await?;
    acted(&gate, claimed.body.case, &done)
}

/// Reviews a case, by a signed `review`.
#[utoipa::path(post, path = "/v1/releases/{case}/reviews", request_body = api::Stated,
    responses((status = 200, body = api::Acted), (status = "default", body = api::Problem)))]
async fn review(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(case): Path<String>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Acted> {
    let case: CaseId = case.parse()?;
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Review>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    check_case(case, claimed.body.case)?;
    let done = carry_out(&gate, |view, now| desk::review(view, now, &signed)).await?;
    acted(&gate, case, &done)
}

/// Decides a case, by a signed `decision`.
#[utoipa::path(post, path = "/v1/releases/{case}/decision", request_body = api::Stated,
    responses((status = 200, body = api::Acted), (status = "default", body = api::Problem)))]
async fn decide(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(case): Path<String>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Acted> {
    let case: CaseId = case.parse()?;
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Decision>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    check_case(case, claimed.body.case)?;
    if claimed.body.answer == PaperAnswer::Approve {
        check_held(&gate)?;
    }
    let pack = Arc::clone(&gate.office().pack);
    let done = carry_out(&gate, |view, now| desk::decide(view, &pack, now, &signed)).await?;
    acted(&gate, case, &done)
}

fn acted(gate: &Gate, case: CaseId, done: &Done) -> Answer<api::Acted> {
    let control_number = gate.office().view.read().register.control_number(&case).map(str::to_owned);
    Ok(Json(api::Acted { case: case.to_string(), ruling: ruling_of(gate, done)?, control_number }))
}

pub(super) fn unfit(error: StatementError) -> Problem {
    Problem::misuse("statement", error)
}

/// A statement is handed in by whoever signed it.
pub(super) fn check_signer(caller: &Caller, signer: &str) -> Result<(), Problem> {
    let signer: PersonId = signer.parse()?;
    if signer == caller.person {
        Ok(())
    } else {
        Err(Problem::misuse("statement", "signed by another person than the one who is signed in"))
    }
}

/// A refusal may be decided at any time.
fn check_held(gate: &Gate) -> Result<(), Problem> {
    if gate.office().is_held() { Err(Problem::held()) } else { Ok(()) }
}

fn check_case(path: CaseId, stated: CaseId) -> Result<(), Problem> {
    if path == stated { Ok(()) } else { Err(Problem::misuse("case", "the statement is about another case")) }
}
