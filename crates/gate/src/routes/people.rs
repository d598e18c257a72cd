//! People, partners and assurances: the administrator's.

use super::{Answer, carry_out, paper, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use attache_accord::people::{Clearance, Person};
use attache_accord::{PersonId, Timestamp};
use attache_node::link::PeerStatus;
use attache_node::node::Done;
use attache_node::steward;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use data_encoding::BASE64;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(card))
        .routes(routes!(peers, add_peer))
        .routes(routes!(revoke))
        .routes(routes!(persons, enrol))
        .routes(routes!(remove))
        .routes(routes!(record_assurance))
        .routes(routes!(assure))
}

fn recorded(done: &Done) -> Json<api::Recorded> {
    Json(api::Recorded { index: done.first_index.unwrap_or_default() })
}

fn show_card(signed: &Signed) -> Result<api::CardFacts, Problem> {
    let card = signed.dangerously_unverified::<Card>().map_err(|_| Problem::unknown("card"))?.body;
    Ok(api::CardFacts {
        node: card.node.to_string(),
        party: card.party.to_string(),
        fingerprint: Card::fingerprint(signed),
        not_before: card.not_before.to_string(),
        not_after: card.not_after.to_string(),
        endpoints: card.endpoints,
        card: BASE64.encode(&signed.to_bytes()),
    })
}

/// This node's card, to be given to a partner.
#[utoipa::path(get, path = "/v1/card",
    responses((status = 200, body = api::CardFacts), (status = "default", body = api::Problem)))]
async fn card(State(gate): State<Gate>) -> Answer<api::CardFacts> {
    Ok(Json(show_card(gate.office().own_card())?))
}

/// Partners, and how the link to each stands.
#[utoipa::path(get, path = "/v1/peers",
    responses((status = 200, body = Vec<api::Peer>), (status = "default", body = api::Problem)))]
async fn peers(State(gate): State<Gate>) -> Answer<Vec<api::Peer>> {
    let known: Vec<_> = gate.office().view.read().peers.values().cloned().collect();
    let states = gate.link.as_ref().map(|link| link.status()).unwrap_or_default();
    let show = |peer: attache_accord::view::Peer| -> Result<api::Peer, Problem> {
        let signed = Signed::from_bytes(&paper(&gate, &peer.card)?).map_err(|_| Problem::unknown("card"))?;
        let state = states.iter().find(|state| state.node == peer.node);
        Ok(show_peer(show_card(&signed)?, state))
    };
    Ok(Json(known.into_iter().map(show).collect::<Result<_, _>>()?))
}

fn show_peer(card: api::CardFacts, state: Option<&PeerStatus>) -> api::Peer {
    api::Peer {
        card,
        link: state.map_or("none", |state| state.state.as_str()).to_owned(),
        reason: state.map(|state| state.reason.clone()).unwrap_or_default(),
        since: state.map(|state| state.since.to_string()),
        clocks_apart_millis: state.and_then(|state| state.clocks_apart_millis),
    }
}

/// Accepts a partner's card.
#[utoipa::path(post, path = "/v1/peers", request_body = api::NewPeer,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn add_peer(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(peer): Sent<api::NewPeer>,
) -> Answer<api::Recorded> {
    let signed = statement(&api::Stated { statement: peer.card })?;
    let by = &caller.person;
    let Some(succession) = peer.succession else {
        let make = |view: &_, now| steward::add_peer(view, now, by, &signed, &peer.fingerprint);
        return Ok(recorded(&carry_out(&gate, make).await?));
    };
    let succession = statement(&api::Stated { statement: succession })?;
    let node = signed.dangerously_unverified::<Card>().map_err(|_| Problem::unknown("card"))?.body.node;
    // Read before the view is: both look into it.
    let held = gate.office().card_of(&node)?;
    let make = |view: &_, now| steward::succeed_peer(view, now, by, (&signed, &succession), |_| held.clone());
    Ok(recorded(&carry_out(&gate, make).await?))
}

/// Believes a partner's card no longer.
#[utoipa::path(post, path = "/v1/peers/{node}/revocation", params(("node" = String, Path, description = "The partner.")),
    request_body = api::Revoking,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn revoke(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(node): Path<String>,
    Sent(revoking): Sent<api::Revoking>,
) -> Answer<api::Recorded> {
    let node = node.parse().map_err(|error| Problem::malformed("node", &error))?;
    let make = |view: &_, _| steward::revoke_peer(view, &caller.person, &node, &revoking.reason);
    Ok(recorded(&carry_out(&gate, make).await?))
}

/// The roll.
#[utoipa::path(get, path = "/v1/persons",
    responses((status = 200, body = Vec<api::Person>), (status = "default", body = api::Problem)))]
async fn persons(State(gate): State<Gate>) -> Answer<Vec<api::Person>> {
    let view = gate.office().view.read();
    let shown = view.roll.iter().map(|enrolled| {
        let person = &enrolled.person;
        api::Person {
            person: person.id.to_string(),
            roles: person.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            clearance: person.clearance.as_ref().map(|clearance| api::Clearance {
                level: clearance.level.to_string(),
                until: clearance.until.to_string(),
            }),
            duties: person.duties.iter().map(ToString::to_string).collect(),
            verifying: BASE64.encode(&enrolled.verifying),
        }
    });
    Ok(Json(shown.collect()))
}

/// Enrols a person, or enrols one anew.
#[utoipa::path(post, path = "/v1/persons", request_body = api::Person,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn enrol(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(wanted): Sent<api::Person>,
) -> Answer<api::Recorded> {
    let wrong = |rule: &str| Problem::misuse("verifying", rule);
    let bytes = BASE64.decode(wanted.verifying.as_bytes()).map_err(|_| wrong("not base64"))?;
    let verifying: VerifyingPair = minicbor::decode(&bytes).map_err(|_| wrong("not a public key pair"))?;
    if minicbor::to_vec(&verifying).ok().as_ref() != Some(&bytes) {
        return Err(wrong("not in its one form"));
    }
    let clearance = wanted.clearance.map(|clearance| -> Result<Clearance, Problem> {
        Ok(Clearance {
            level: clearance.level.parse().map_err(|error| Problem::malformed("clearance", &error))?,
            until: time("clearance", &clearance.until)?,
        })
    });
    let roles = wanted.roles.iter().map(|role| role.parse());
    let duties = wanted.duties.iter().map(|kind| kind.parse());
    let person = Person {
        id: wanted.person.parse().map_err(|error| Problem::malformed("person", &error))?,
        party: gate.office().identity.party,
        roles: roles.collect::<Result<_, _>>().map_err(|error| Problem::malformed("roles", &error))?,
        clearance: clearance.transpose()?,
        duties: duties.collect::<Result<_, _>>().map_err(|error| Problem::malformed("duties", &error))?,
    };
    let make = |view: &_, _| steward::enrol(view, &caller.person, person.clone(), &verifying);
    Ok(recorded(&carry_out(&gate, make).await?))
}

/// Takes a person off the roll.
#[utoipa::path(delete, path = "/v1/persons/{person}",
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn remove(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(person): Path<String>,
) -> Answer<api::Recorded> {
    let person: PersonId = person.parse()?;
    let make = |view: &_, _| steward::remove(view, &caller.person, &person);
    Ok(recorded(&carry_out(&gate, make).await?))
}

/// Records a partner's signed assurance.
#[utoipa::path(post, path = "/v1/assurances", request_body = api::Stated,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn record_assurance(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Recorded> {
    let signed = statement(&stated)?;
    let office = Arc::clone(gate.office());
    // Looked up before the view is read: the card is read through the same view.
    let signer = signed.dangerously_unverified::<attache_seal::papers::Assurance>();
    let head = signer.map_err(|error| Problem::misuse("statement", error))?.head;
    let card = office.card_at(&head.signer.parse()?, head.at)?;
    let make =
        |view: &_, now| steward::record_assurance(view, now, &caller.person, &signed, |_| card.clone());
    Ok(recorded(&carry_out(&gate, make).await?))
}

/// Signs an assurance for one of this node's own cleared people, to be given to the partner.
#[utoipa::path(post, path = "/v1/assurances/given", request_body = api::Assuring,
    responses((status = 200, body = api::Stated), (status = "default", body = api::Problem)))]
async fn assure(State(gate): State<Gate>, Sent(wanted): Sent<api::Assuring>) -> Answer<api::Stated> {
    let person: PersonId = wanted.person.parse().map_err(|error| Problem::malformed("person", &error))?;
    let expires = time("expires_at", &wanted.expires_at)?;
    let signed = gate.office().assure(gate.now(), &person, &wanted.purpose, expires)?;
    Ok(Json(api::Stated { statement: BASE64.encode(&signed.to_bytes()) }))
}

fn time(field: &str, text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|error| Problem::malformed(field, &error))
}
