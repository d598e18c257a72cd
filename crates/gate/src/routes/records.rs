//! What is on record: the node, the register, receipts and rulings.

use super::page::{Cut, Listed, MAX_LIST, Page};
use super::{Answer, paper};
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::show;
use attache_accord::act::{Act, Entry};
use attache_accord::dispatch::Progress;
use attache_accord::{Digest, DispatchId};
use attache_seal::papers::{Outcome, Receipt};
use attache_seal::statement::{Signed, Statement};
use axum::Json;
use axum::extract::{Path, Query, State};
use data_encoding::BASE64;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(node))
        .routes(routes!(register))
        .routes(routes!(registered))
        .routes(routes!(receipts))
        .routes(routes!(receipt))
        .routes(routes!(rulings))
        .routes(routes!(ruling))
}

/// The node.
#[utoipa::path(get, path = "/v1/node",
    responses((status = 200, body = api::NodeFacts), (status = "default", body = api::Problem)))]
async fn node(State(gate): State<Gate>) -> Answer<api::NodeFacts> {
    let office = gate.office();
    let identity = &office.identity;
    Ok(Json(api::NodeFacts {
        node: identity.node.to_string(),
        party: identity.party.to_string(),
        network: identity.network.as_str().to_owned(),
        agreement: identity.agreement.clone(),
        pack: identity.pack.to_string(),
        pack_version: office.pack.version().to_owned(),
        log_origin: office.log_origin().to_string(),
        entries: office.view.read().size,
        published: office.papers.published()?.map(|published| published.size),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}

/// The register, by number.
#[utoipa::path(get, path = "/v1/register", params(Page),
    responses((status = 200, body = Vec<api::Registered>), (status = "default", body = api::Problem)))]
async fn register(State(gate): State<Gate>, Query(page): Query<Page>) -> Listed<api::Registered> {
    let view = gate.office().view.read();
    let entries = page.cut(page.after.clone(), view.register.iter(), |entry| entry.number.clone());
    entries.shown(|entry| Ok(show::registered(entry, &view)))
}

/// One entry of the register.
#[utoipa::path(get, path = "/v1/register/{number}",
    responses((status = 200, body = api::Registered), (status = "default", body = api::Problem)))]
async fn registered(State(gate): State<Gate>, Path(number): Path<String>) -> Answer<api::Registered> {
    let view = gate.office().view.read();
    let entry = view.register.get(&number);
    let entry = entry.ok_or_else(|| Problem::unknown("number: no such entry in the register"))?;
    Ok(Json(show::registered(entry, &view)))
}

/// All receipts, received and given.
#[utoipa::path(get, path = "/v1/receipts", params(Page),
    responses((status = 200, body = Vec<api::ReceiptFacts>), (status = "default", body = api::Problem)))]
async fn receipts(State(gate): State<Gate>, Query(page): Query<Page>) -> Listed<api::ReceiptFacts> {
    let after = page.after::<DispatchId>()?;
    let receipts = page.cut(after, held(&gate).into_iter(), |held| held.dispatch);
    // Each is two papers.
    tokio::task::block_in_place(|| receipts.shown(|held| show_receipt(&gate, &held)))
}

/// The receipt for one dispatch.
#[utoipa::path(get, path = "/v1/receipts/{dispatch}",
    responses((status = 200, body = api::ReceiptFacts), (status = "default", body = api::Problem)))]
async fn receipt(State(gate): State<Gate>, Path(dispatch): Path<String>) -> Answer<api::ReceiptFacts> {
    let id: DispatchId = dispatch.parse()?;
    let found = held(&gate).into_iter().find(|held| held.dispatch == id);
    let found = found.ok_or_else(|| Problem::unknown("dispatch: no receipt for it is here yet"))?;
    Ok(Json(show_receipt(&gate, &found)?))
}

struct Held {
    dispatch: DispatchId,
    package: Digest,
    receipt: Digest,
    given: bool,
    delivered: bool,
    promise: &'static str,
    proof: Option<Digest>,
}

fn held(gate: &Gate) -> Vec<Held> {
    let view = gate.office().view.read();
    let sent = view.dispatches.all_sent().filter_map(|sent| match sent.progress {
        Progress::Receipted { receipt, .. } => {
            let (dispatch, package, promise) = (sent.id, sent.package, sent.promise);
            let (proof, promise) = (promise.proof(), promise.as_str());
            Some(Held { dispatch, package, receipt, given: false, delivered: true, promise, proof })
        }
        _ => None,
    });
    let given = view.dispatches.all_given().filter_map(|(dispatch, given)| {
        let receipt = given.receipt?;
        let (dispatch, package, delivered) = (*dispatch, given.package, given.delivered);
        let promise = if given.is_proved { "proved" } else { "owed" };
        Some(Held { dispatch, package, receipt, given: true, delivered, promise, proof: None })
    });
    let mut all: Vec<_> = sent.chain(given).collect();
    all.sort_by_key(|held| held.dispatch);
    all
}

fn show_receipt(gate: &Gate, held: &Held) -> Result<api::ReceiptFacts, Problem> {
    let bytes = paper(gate, &held.receipt)?;
    let signed = Signed::from_bytes(&bytes);
    let stated: Result<Statement<Receipt>, _> = signed.and_then(|signed| signed.dangerously_unverified());
    // Verified when it was kept or given; destroyed since, it cannot be shown.
    let Statement { head, body } = stated.map_err(|_| Problem::unknown("the receipt was destroyed"))?;
    let number = gate.office().view.read().register.number_of(&held.dispatch).map(str::to_owned);
    let card = gate.office().signed_card_at(&head.signer.parse()?, head.at)?;
    Ok(api::ReceiptFacts {
        dispatch: held.dispatch.to_string(),
        direction: if held.given { "given" } else { "received" }.to_owned(),
        signer: head.signer,
        number,
        outcome: match body.outcome {
            Outcome::Admitted => "admitted",
            Outcome::Refused => "refused",
        }
        .to_owned(),
        package: held.package.to_string(),
        log_origin: body.log_origin,
        leaf_index: body.leaf_index,
        leaf_hash: body.leaf_hash.to_string(),
        proof_due: body.proof_due.to_string(),
        promise: held.promise.to_owned(),
        proof: held.proof.map(|proof| paper(gate, &proof)).transpose()?.map(|proof| BASE64.encode(&proof)),
        signed_at: head.at.to_string(),
        delivered: held.delivered,
        card: card.map(|card| BASE64.encode(&card.to_bytes())),
        statement: BASE64.encode(&bytes),
        package_statement: BASE64.encode(&paper(gate, &held.package)?),
    })
}

/// Where a list of rulings begins.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct From {
    /// Index of the journal to begin at.
    #[serde(default)]
    from: u64,
}

/// Rulings among the next 1,000 entries of the journal. `attache-next` is where the next list begins.
#[utoipa::path(get, path = "/v1/rulings", params(From),
    responses((status = 200, body = Vec<api::Explained>), (status = "default", body = api::Problem)))]
async fn rulings(State(gate): State<Gate>, Query(query): Query<From>) -> Listed<api::Explained> {
    tokio::task::block_in_place(|| {
        let entries = gate.office().papers.entries(query.from, MAX_LIST)?;
        let last = entries.last().filter(|_| entries.len() == MAX_LIST);
        let next = last.map(|(index, _)| (index + 1).to_string());
        let is_ruling = |entry: &Entry| matches!(entry.act, Act::Ruled { .. });
        let ruled = entries.iter().filter(|(_, entry)| is_ruling(entry)).map(|(index, _)| *index).collect();
        let shown = |index| show::ruling_at(gate.office(), index);
        let gone = || Problem::unknown("index: no ruling stands there");
        Cut { found: ruled, next }.shown(|index| shown(index)?.ok_or_else(gone))
    })
}

/// The ruling at an index of the journal.
#[utoipa::path(get, path = "/v1/rulings/{index}",
    responses((status = 200, body = api::Explained), (status = "default", body = api::Problem)))]
async fn ruling(State(gate): State<Gate>, Path(index): Path<u64>) -> Answer<api::Explained> {
    let found = show::ruling_at(gate.office(), index)?;
    found.map(Json).ok_or_else(|| Problem::unknown("index: no ruling stands there"))
}
