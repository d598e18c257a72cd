//! What is done with an item beyond opening it: asked, ruled on and recorded; its copies; and its destruction by two people.
//!
//! *Absent:* the doing itself.

use super::page::{Listed, Page};
use super::releases::{check_signer, unfit};
use super::{Answer, carry_out, paper, ruling_of, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::show;
use attache_accord::act::Act;
use attache_accord::destruction::{Destroyed, Destruction, Witness};
use attache_accord::handling::Handling;
use attache_accord::particulars::{Contractor, Reproduction, Visit};
use attache_accord::party::Malformed;
use attache_accord::people::Clearance;
use attache_accord::view::{Ask, View};
use attache_accord::{Digest, ItemId, Party, Timestamp};
use attache_node::desk;
use attache_node::node::Done;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use data_encoding::BASE64;
use std::str::FromStr;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(handle))
        .routes(routes!(take_back))
        .routes(routes!(destructions, destroy))
}

/// Asks to do something with an item beyond opening it. Granted, it is recorded as done.
#[utoipa::path(post, path = "/v1/items/{item}/handlings", request_body = api::Handling,
    responses((status = 200, body = api::Handled), (status = "default", body = api::Problem)))]
async fn handle(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
    Sent(wanted): Sent<api::Handling>,
) -> Answer<api::Handled> {
    let id: ItemId = item.parse()?;
    let party = gate.office().identity.party;
    let ask = ask_of(id, &wanted, party)?;
    let pack = Arc::clone(&gate.office().pack);
    let make = |view: &View, now| desk::handle(view, &pack, now, &caller.person, numbered(view, ask.clone()));
    let done = carry_out(&gate, make).await?;
    let ruling = ruling_of(&gate, &done)?.ok_or_else(|| Problem::unknown("no ruling was recorded"))?;
    let number = number_of(&gate, &done)?;
    Ok(Json(api::Handled { item: id.to_string(), number, ruling }))
}

/// The number that a copy or translation got, from the very acts that were committed: the item may have further ones by now.
pub(super) fn number_of(gate: &Gate, done: &Done) -> Result<Option<u32>, Problem> {
    let Some(index) = done.first_index else { return Ok(None) };
    // The ruling comes first, and in the same append what it permits.
    let handled = gate.office().papers.entry(index + 1)?;
    Ok(match handled.map(|entry| entry.act) {
        Some(Act::Handled { handling: Handling::Copied { number, .. }, .. })
        | Some(Act::Handled { handling: Handling::Translated { number, .. }, .. }) => Some(number),
        _ => None,
    })
}

/// A copy or translation gets the item's next number.
pub(super) fn numbered(view: &View, mut ask: Ask) -> Ask {
    if let Ask::Copy { item, copy } | Ask::Translate { item, copy, .. } = &mut ask {
        copy.number = view.holdings.of(item).next_number();
    }
    ask
}

fn parsed<T: FromStr<Err = Malformed>>(field: &'static str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::malformed(field, &error))
}

fn maybe<T: FromStr<Err = Malformed>>(
    field: &'static str,
    text: Option<&String>,
) -> Result<Option<T>, Problem> {
    text.map(|text| parsed(field, text)).transpose()
}

fn ask_of(item: ItemId, wanted: &api::Handling, holder: Party) -> Result<Ask, Problem> {
    let copy = |needed, is_marked| Reproduction { number: 0, needed, is_marked };
    Ok(match wanted {
        api::Handling::PassOn { to } => Ask::PassOn { item, to: parsed("to", to)? },
        api::Handling::OtherPurpose { purpose } => {
            Ask::OtherPurpose { item, purpose: parsed("purpose", purpose)? }
        }
        api::Handling::Downgrade { to } => Ask::Downgrade { item, to: parsed("to", to)? },
        api::Handling::Copy { needed, marked } => Ask::Copy { item, copy: copy(*needed, *marked) },
        api::Handling::Translate { translator, needed, marked, notation } => Ask::Translate {
            item,
            copy: copy(*needed, *marked),
            translator: parsed("translator", translator)?,
            has_notation: *notation,
        },
        api::Handling::GiveToContractor { contractor } => {
            Ask::GiveToContractor { item, contractor: contractor_of(contractor, holder)? }
        }
        api::Handling::Visit { visitors, official, approved_by, until, highest } => Ask::Visit {
            item,
            visitors: parsed("visitors", visitors)?,
            visit: Visit {
                is_official: *official,
                approved_by: maybe("approved_by", approved_by.as_ref())?,
                until: parsed("until", until)?,
                highest: maybe("highest", highest.as_ref())?,
            },
        },
    })
}

fn contractor_of(told: &api::Contractor, holder: Party) -> Result<Contractor, Problem> {
    let level = maybe("level", told.level.as_ref())?;
    let until: Option<Timestamp> = maybe("cleared_until", told.cleared_until.as_ref())?;
    let cleared = match (level, until) {
        (Some(level), Some(until)) => Some(Clearance { level, until }),
        (None, None) => None,
        _ => return Err(Problem::misuse("cleared_until", "a clearance has a level and an end")),
    };
    Ok(Contractor {
        facility: parsed("facility", &told.facility)?,
        party: maybe("party", told.party.as_ref())?.unwrap_or(holder),
        cleared,
        inspected_until: maybe("inspected_until", told.inspected_until.as_ref())?,
        responsible: maybe("responsible", told.responsible.as_ref())?,
        is_staff_registered: told.staff_registered,
    })
}

/// Takes a copy back into the registry.
#[utoipa::path(post, path = "/v1/items/{item}/copies/{number}/return",
    responses((status = 200, body = Vec<api::Copy>), (status = "default", body = api::Problem)))]
async fn take_back(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path((item, number)): Path<(String, String)>,
) -> Answer<Vec<api::Copy>> {
    let id: ItemId = item.parse()?;
    let number: u32 =
        number.parse().map_err(|_| Problem::misuse("number", "the number of a copy, from 1"))?;
    carry_out(&gate, |view, _| desk::take_back(view, &caller.person, id, number)).await?;
    let holding = gate.office().view.read().holdings.of(&id);
    Ok(Json(holding.copies.iter().map(show::copy).collect()))
}

/// All destructions, here and at partners' nodes, with the statements that certify them.
#[utoipa::path(get, path = "/v1/destructions", params(Page),
    responses((status = 200, body = Vec<api::Destruction>), (status = "default", body = api::Problem)))]
async fn destructions(State(gate): State<Gate>, Query(page): Query<Page>) -> Listed<api::Destruction> {
    let after = page.after::<Digest>()?;
    let mut all: Vec<(Destroyed, Witness, Option<Witness>)> = {
        let view = gate.office().view.read();
        view.destructions
            .iter()
            .map(|(what, first, second)| (*what, first.clone(), second.cloned()))
            .collect()
    };
    all.sort_by_key(|(_, first, _)| first.statement);
    let all = page.cut(after, all.into_iter(), |(_, first, _)| first.statement);
    // Each has two papers.
    tokio::task::block_in_place(|| {
        all.shown(|(what, first, second)| show(&gate, &what, &first, second.as_ref()))
    })
}

/// Signs that an item or a copy of it is destroyed, as the first or the second of two people.
#[utoipa::path(post, path = "/v1/destructions", request_body = api::Stated,
    responses((status = 200, body = api::Destruction), (status = "default", body = api::Problem)))]
async fn destroy(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Destruction> {
    let signed = statement(&stated)?;
    let claimed = signed.dangerously_unverified::<Destruction>().map_err(unfit)?;
    check_signer(&caller, &claimed.head.signer)?;
    let pack = Arc::clone(&gate.office().pack);
    carry_out(&gate, |view, now| desk::destroy(view, &pack, now, &signed)).await?;
    let what = claimed.body.what;
    let found = {
        let view = gate.office().view.read();
        view.destructions.of(&what).map(|(first, second)| (first.clone(), second.cloned()))
    };
    let (first, second) =
        found.ok_or_else(|| Problem::busy("it is recorded and not shown yet; see the list"))?;
    Ok(Json(show(&gate, &what, &first, second.as_ref())?))
}

fn show(
    gate: &Gate,
    what: &Destroyed,
    first: &Witness,
    second: Option<&Witness>,
) -> Result<api::Destruction, Problem> {
    let witness = |one: &Witness| -> Result<api::Witness, Problem> {
        Ok(api::Witness {
            by: one.by.to_string(),
            at: one.at.to_string(),
            digest: one.statement.to_string(),
            statement: BASE64.encode(&paper(gate, &one.statement)?),
        })
    };
    let witnesses = [Some(first), second].into_iter().flatten().map(witness).collect::<Result<_, _>>()?;
    let office = gate.office();
    let view = office.view.read();
    let item = view.items.of_digest(&what.item_digest).find(|item| desk::destroyed(item, what.copy) == *what);
    let sent = what.dispatch.and_then(|dispatch| view.dispatches.sent(&dispatch)).map(|sent| sent.item);
    let number = what.dispatch.and_then(|dispatch| view.register.number_of(&dispatch));
    let node = first.node.as_ref().unwrap_or(&office.identity.node);
    Ok(api::Destruction {
        number: number.map(str::to_owned),
        item: item.map(|item| item.id).or(sent).map(|id| id.to_string()),
        item_digest: what.item_digest.to_string(),
        dispatch: what.dispatch.map(|dispatch| dispatch.to_string()),
        copy: what.copy,
        node: node.to_string(),
        to: first.destruction.to.as_ref().map(ToString::to_string),
        means: first.destruction.means.clone(),
        document: first.destruction.document.clone(),
        complete: second.is_some(),
        witnesses,
    })
}
