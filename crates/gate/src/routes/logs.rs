//! How the logs stand, and what is decided on one that showed two histories or lost entries.
//!
//! *Absent:* the logs themselves; the published one is served on a listener of its own.

use super::Answer;
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use attache_accord::NodeName;
use attache_accord::act::Answer as Decided;
use attache_accord::logs;
use attache_node::fault::Fault;
use attache_node::forks::{Handed, HandedFork};
use attache_node::grounds::Comparison;
use attache_node::logs::{OutsideStanding, Partner, Uncosigned};
use attache_node::witness::Seen;
use attache_tlog::{Checkpoint, SignedNote};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often a checkpoint is compared again where another was faster with a proof: once, and then that log is stopped.
const COMPARISONS: usize = 2;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(standing))
        .routes(routes!(fork, hand_fork))
        .routes(routes!(comparison))
        .routes(routes!(decision))
}

/// How this node's log and the partners' logs stand.
#[utoipa::path(get, path = "/v1/logs",
    responses((status = 200, body = api::Logs), (status = "default", body = api::Problem)))]
async fn standing(State(gate): State<Gate>) -> Answer<api::Logs> {
    let standing = gate.office().logs()?;
    let now = gate.now();
    Ok(Json(api::Logs {
        origin: standing.origin,
        published: standing.published,
        published_at: standing.published_at.map(|at| at.to_string()),
        proof: standing.forked.as_ref().map(|forked| forked.proof.to_string()),
        forked_at: standing.forked.as_ref().map(|forked| forked.at.to_string()),
        age_seconds: standing.published_at.map(|at| now.0.saturating_sub(at.0) / 1000),
        partners: standing
            .partners
            .into_iter()
            .map(|partner| show(&gate, partner))
            .collect::<Result<_, _>>()?,
        witnesses: standing.witnesses.into_iter().map(|witness| outside(&gate, witness)).collect(),
    }))
}

fn is_overdue(gate: &Gate, uncosigned: Option<Uncosigned>) -> bool {
    uncosigned.is_some_and(|uncosigned| uncosigned.due <= gate.now())
}

fn outside(gate: &Gate, witness: OutsideStanding) -> api::OutsideWitness {
    api::OutsideWitness {
        cosigned: witness.cosigned.as_ref().map(|cosigned| cosigned.size),
        cosigned_at: witness.cosigned.as_ref().map(|cosigned| cosigned.at.to_string()),
        uncosigned_since: witness.uncosigned.map(|uncosigned| uncosigned.since.to_string()),
        is_overdue: is_overdue(gate, witness.uncosigned),
        name: witness.name,
    }
}

fn show(gate: &Gate, partner: Partner) -> Result<api::PartnerLog, Fault> {
    let succession =
        partner.succeeded.as_ref().map(|last| show_succession(gate, &partner.node, last)).transpose()?;
    let state = partner.forked.as_ref().map_or("sound", |forked| match forked.decided {
        logs::Decided::Open => "stopped",
        logs::Decided::Refused => "refused",
        logs::Decided::Believed => "believed",
    });
    Ok(api::PartnerLog {
        node: partner.node.to_string(),
        is_witness: partner.is_witness,
        cosigned: partner.cosigned.as_ref().map(|cosigned| cosigned.size),
        cosigned_at: partner.cosigned.as_ref().map(|cosigned| cosigned.at.to_string()),
        uncosigned_since: partner.uncosigned.map(|uncosigned| uncosigned.since.to_string()),
        is_overdue: is_overdue(gate, partner.uncosigned),
        origin: partner.origin,
        seen: partner.seen.map(|(size, _)| size),
        seen_root: partner.seen.map(|(_, root)| root.to_string()),
        state: state.to_owned(),
        proof: partner.forked.as_ref().map(|forked| forked.proof.to_string()),
        forked_at: partner.forked.as_ref().map(|forked| forked.at.to_string()),
        succession,
    })
}

fn show_succession(
    gate: &Gate,
    node: &NodeName,
    succeeded: &logs::Succeeded,
) -> Result<api::LogSuccession, Fault> {
    let state = match succeeded.decided {
        logs::Decided::Open => "open",
        logs::Decided::Refused => "refused",
        logs::Decided::Believed => "accepted",
    };
    Ok(api::LogSuccession {
        origin: succeeded.origin.clone(),
        kept: succeeded.kept,
        cosigned: succeeded.cosigned,
        since: succeeded.since.to_string(),
        reason: gate.office().succession(&succeeded.statement)?.reason,
        statement: succeeded.statement.to_string(),
        state: state.to_owned(),
        unknown: gate
            .office()
            .unknown_of(node)?
            .map(|unknown| api::ComparedLog { size: unknown.said.size, root: unknown.said.root.to_string() }),
    })
}

fn named(node: &str) -> Result<NodeName, Problem> {
    node.parse().map_err(|error| Problem::malformed("node", &error))
}

/// The proof that a partner's log showed two histories.
#[utoipa::path(get, path = "/v1/logs/{node}/fork", params(("node" = String, Path, description = "The partner.")),
    responses((status = 200, body = api::ForkFile), (status = "default", body = api::Problem)))]
async fn fork(State(gate): State<Gate>, Path(node): Path<String>) -> Answer<api::ForkFile> {
    let node = named(&node)?;
    let proof = gate.office().view.read().logs.get(&node).map(|forked| forked.proof);
    let proof = proof.ok_or_else(|| Problem::unknown("its log never showed two histories here"))?;
    let bytes = gate.office().papers.cited(&proof, "proof of a fork")?;
    let file = String::from_utf8(bytes).map_err(|_| Fault::Altered("proof of a fork"))?;
    let log_keys = gate.office().card_of_any(&node)?.ok_or_else(no_card)?.log_vkeys;
    Ok(Json(api::ForkFile { node: node.to_string(), file, log_keys }))
}

/// Takes a proof that a log signed two trees of one size, which somebody else made. It is judged by the keys of that node's card alone,
/// and recorded as if it had been seen here: that log is stopped until the agreement office decides.
#[utoipa::path(post, path = "/v1/logs/{node}/fork",
    params(("node" = String, Path, description = "The partner, or this node itself.")), request_body = api::ShownFork,
    responses((status = 200, body = api::ComparedCheckpoint), (status = "default", body = api::Problem)))]
async fn hand_fork(
    State(gate): State<Gate>,
    Path(node): Path<String>,
    Sent(shown): Sent<api::ShownFork>,
) -> Answer<api::ComparedCheckpoint> {
    let node = named(&node)?;
    if gate.office().card_of_any(&node)?.is_none() {
        return Err(no_card());
    }
    for _ in 0..COMPARISONS {
        let (office, of, file) = (Arc::clone(gate.office()), node.clone(), shown.file.clone());
        // It may look through the journal.
        let weighed = tokio::task::spawn_blocking(move || office.weigh_fork(&of, &file)).await;
        let HandedFork { size, outcome } = weighed.map_err(|_| Fault::Stopped)???;
        let outcome = match outcome {
            Handed::New(plan) => gate.node.commit(plan).await?.is_ok().then_some("forked"),
            Handed::Stopped => Some("stopped"),
            Handed::Believed => Some("believed"),
        };
        let Some(outcome) = outcome else { continue };
        if outcome == "forked" {
            tracing::error!(log = %node, size, "a proof was handed over that the log signed two histories");
        }
        let outcome = if node == gate.office().identity.node { "own" } else { outcome };
        return Ok(Json(api::ComparedCheckpoint {
            node: node.to_string(),
            size,
            outcome: outcome.to_owned(),
        }));
    }
    Err(decided_on())
}

fn no_card() -> Problem {
    Problem::unknown("no card of that node is accepted")
}

fn decided_on() -> Problem {
    Problem::busy("that log is being decided about; try again")
}

/// Compares a checkpoint of a partner's log that came by another way with what this node cosigned of that log. Where both cannot be of
/// one history, that is recorded with its proof, and the log is stopped.
#[utoipa::path(post, path = "/v1/logs/{node}/comparison", params(("node" = String, Path, description = "The partner.")),
    request_body = api::ShownCheckpoint,
    responses((status = 200, body = api::ComparedCheckpoint), (status = "default", body = api::Problem)))]
async fn comparison(
    State(gate): State<Gate>,
    Path(node): Path<String>,
    Sent(shown): Sent<api::ShownCheckpoint>,
) -> Answer<api::ComparedCheckpoint> {
    let node = named(&node)?;
    if gate.office().card_of(&node)?.is_none() {
        return Err(no_card());
    }
    let checkpoint = SignedNote::parse(&shown.note).ok();
    let checkpoint = checkpoint.and_then(|note| Checkpoint::parse(note.text()).ok());
    let checkpoint = checkpoint.ok_or_else(|| Problem::misuse("note", "must be a signed checkpoint"))?;
    let mut outcome = None;
    for _ in 0..COMPARISONS {
        outcome = match gate.office().compare_head(&node, &shown.note)? {
            Seen::Same => Some("same"),
            Seen::Consistent => Some("unseen"),
            Seen::Stopped => Some("stopped"),
            Seen::NotTheirs => {
                return Err(Problem::misuse(
                    "note",
                    "must be signed by that node's log, under a name by which it is followed here",
                ));
            }
            Seen::Forked(plan) => gate.node.commit(plan).await?.is_ok().then_some("forked"),
        };
        if outcome.is_some() {
            break;
        }
    }
    let outcome = outcome.ok_or_else(decided_on)?;
    let compared = api::ComparedCheckpoint {
        node: node.to_string(),
        size: checkpoint.size,
        outcome: outcome.to_owned(),
    };
    Ok(Json(compared))
}

/// What a succession was compared with, if anything was said.
fn compared(wanted: &api::LogDecision) -> Result<Option<Comparison>, Problem> {
    match (&wanted.cosigned, &wanted.compared) {
        (Some(_), Some(_)) => Err(Problem::misuse("compared", "must not stand beside cosigned")),
        (Some(note), None) => Ok(Some(Comparison::Checkpoint(note.clone()))),
        (None, Some(api::ComparedLog { size, root })) => {
            let root = root.parse().map_err(|error| Problem::malformed("root", &error))?;
            Ok(Some(Comparison::Said { size: *size, root }))
        }
        (None, None) => Ok(None),
    }
}

/// Decides on a partner's log that showed two histories, or lost entries and goes on under a new origin.
#[utoipa::path(post, path = "/v1/logs/{node}/decision", params(("node" = String, Path, description = "The partner.")),
    request_body = api::LogDecision,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn decision(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(node): Path<String>,
    Sent(wanted): Sent<api::LogDecision>,
) -> Answer<api::Recorded> {
    let node = named(&node)?;
    let answer = if wanted.believe { Decided::Approve } else { Decided::Refuse };
    let compared = compared(&wanted)?;
    let on = (wanted.basis.as_str(), compared.as_ref());
    let done = gate.node.decide_on_log(&caller.person, &node, answer, on).await?;
    Ok(Json(api::Recorded { index: done.first_index.unwrap_or_default() }))
}
