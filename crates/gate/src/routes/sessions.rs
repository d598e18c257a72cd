//! Signing in and out.

use super::{Answer, statement};
use crate::access::token;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use attache_accord::PersonId;
use attache_seal::digest::sha256;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::SignIn;
use attache_seal::statement::{Expect, Statement};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use data_encoding::HEXLOWER;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(challenge)).routes(routes!(open)).routes(routes!(close))
}

/// Asks for a challenge to sign. Whether the person exists is not told.
#[utoipa::path(post, path = "/v1/challenges", request_body = api::SigningIn,
    responses((status = 200, body = api::Challenge), (status = "default", body = api::Problem)))]
async fn challenge(State(gate): State<Gate>, Sent(asked): Sent<api::SigningIn>) -> Answer<api::Challenge> {
    let _: PersonId = asked.person.parse().map_err(|error| Problem::malformed("person", &error))?;
    let (challenge, expires_at) = gate
        .sessions
        .challenge(gate.now())
        .ok_or_else(|| Problem::busy("no challenge can be made; try again later"))?;
    let identity = &gate.office().identity;
    Ok(Json(api::Challenge {
        challenge: HEXLOWER.encode(&challenge),
        node: identity.node.to_string(),
        network: identity.network.as_str().to_owned(),
        agreement: identity.agreement.clone(),
        pack: identity.pack.to_string(),
        expires_at: expires_at.to_string(),
    }))
}

/// Opens a session with a challenge signed by the person's own key. Every failure is answered alike.
#[utoipa::path(post, path = "/v1/sessions", request_body = api::Stated,
    responses((status = 200, body = api::Session), (status = "default", body = api::Problem)))]
async fn open(State(gate): State<Gate>, Sent(stated): Sent<api::Stated>) -> Answer<api::Session> {
    let wrong =
        || Problem::unauthenticated("the sign-in was not accepted; ask for a challenge and sign it again");
    let signed = statement(&stated)?;
    let claimed: Statement<SignIn> = signed.dangerously_unverified().map_err(|_| wrong())?;
    // Used up before anything else, so that a wrong key cannot try twice.
    let is_fresh = gate.sessions.answer(&claimed.body.challenge, gate.now());
    let person: PersonId = claimed.head.signer.parse().map_err(|_| wrong())?;
    let enrolled = gate.office().view.read().roll.get(&person).cloned();
    let key: VerifyingPair = match &enrolled {
        Some(enrolled) => minicbor::decode(&enrolled.verifying).map_err(|_| wrong())?,
        // Checked under some key all the same, so that the time of the answer does not tell who is enrolled.
        None => gate.office().own().node_key.clone(),
    };
    let identity = &gate.office().identity;
    let expect =
        Expect { network: identity.network, agreement: &identity.agreement, pack: Some(identity.pack) };
    let opened = signed.open::<SignIn>(&key, &expect).map_err(|_| wrong())?;
    let enrolled = enrolled.filter(|_| is_fresh && opened.body.node == identity.node).ok_or_else(wrong)?;
    let roles = enrolled.person.roles.iter().map(|role| role.as_str().to_owned()).collect();
    let (token, ends_at) = gate
        .sessions
        .open(person.clone(), sha256(&[&enrolled.verifying]), gate.now())
        .ok_or_else(|| Problem::busy("too many sessions; try again later"))?;
    Ok(Json(api::Session { token, person: person.to_string(), roles, expires_at: ends_at.to_string() }))
}

/// Ends the session.
#[utoipa::path(delete, path = "/v1/sessions/current",
    responses((status = 204), (status = "default", body = api::Problem)))]
async fn close(State(gate): State<Gate>, headers: HeaderMap) -> StatusCode {
    if let Some(token) = token(&headers) {
        gate.sessions.close(token);
    }
    StatusCode::NO_CONTENT
}
