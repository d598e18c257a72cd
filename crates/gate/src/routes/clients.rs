//! Machine clients: a person's own, and an administrator's to end.

use super::{Answer, carry_out};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::sent::Sent;
use attache_accord::PersonId;
use attache_accord::clients::ClientName;
use attache_accord::people::Role;
use attache_node::fault::Fault;
use attache_node::service;
use attache_seal::digest::sha256;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use data_encoding::BASE64URL_NOPAD;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zeroize::Zeroizing;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(revoke))
}

/// Your machine clients; for an administrator everyone's.
#[utoipa::path(get, path = "/v1/clients",
    responses((status = 200, body = Vec<api::Client>), (status = "default", body = api::Problem)))]
async fn list(State(gate): State<Gate>, Extension(caller): Extension<Caller>) -> Answer<Vec<api::Client>> {
    let view = gate.office().view.read();
    let is_shown =
        |person: &PersonId| caller.roles.contains(&Role::Administrator) || *person == caller.person;
    let shown = view.clients.iter().filter(|client| is_shown(&client.person)).map(|client| api::Client {
        client: client.name.to_string(),
        person: client.person.to_string(),
        legacy: client.is_legacy,
    });
    Ok(Json(shown.collect()))
}

/// Gives you a credential for a machine client that acts for you. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/clients", request_body = api::NewClient,
    responses((status = 200, body = api::Credential), (status = "default", body = api::Problem)))]
async fn add(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(wanted): Sent<api::NewClient>,
) -> Answer<api::Credential> {
    let client: ClientName = wanted.client.parse()?;
    let mut bytes = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| Fault::Randomness)?;
    let secret = BASE64URL_NOPAD.encode(bytes.as_slice());
    let digest = sha256(&[secret.as_bytes()]);
    let make = |view: &_, _| service::add_client(view, &caller.person, &client, digest, wanted.legacy);
    carry_out(&gate, make).await?;
    Ok(Json(api::Credential { client: client.to_string(), secret }))
}

/// Ends a machine client's credential.
#[utoipa::path(delete, path = "/v1/clients/{client}",
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn revoke(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(client): Path<String>,
) -> Answer<api::Recorded> {
    let client: ClientName = client.parse()?;
    let make = |view: &_, _| service::revoke_client(view, &caller.person, &client);
    let done = carry_out(&gate, make).await?;
    Ok(Json(api::Recorded { index: done.first_index.unwrap_or_default() }))
}
