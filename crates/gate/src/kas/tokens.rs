//! Where a machine client gets its access token: the grant of client credentials (RFC 6749, 4.4).

use super::calls::{basic, body, header, parameters};
use super::{Kas, bytes};
use attache_accord::clients::Client;
use attache_rewrap::limits::TOKEN_LIFE_SECONDS;
use attache_rewrap::token::Bearer;
use attache_seal::digest::sha256;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use serde_json::json;

/// Keeps what a mark is taken of apart from other digests.
const MARK: &[u8] = b"attache/credential/v1\n";

impl Kas {
    /// Answers a request for a token.
    pub(super) async fn token(&self, request: Request) -> Response {
        let (parts, sent) = request.into_parts();
        let has_proof = parts.headers.contains_key("dpop");
        let proof = self.proof(&parts, None);
        let in_header = header(&parts.headers, AUTHORIZATION.as_str()).and_then(basic);
        let Ok(body) = body(sent).await else { return refused(400, "invalid_request") };
        let form = parameters(&body);
        let get = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
        if get("grant_type").as_deref() != Some("client_credentials") {
            return refused(400, "unsupported_grant_type");
        }
        let credential = in_header.or_else(|| get("client_id").zip(get("client_secret")));
        let Some(client) = credential.and_then(|(name, secret)| self.known(&name, &secret)) else {
            return refused(401, "invalid_client");
        };
        // Only now: a stranger's proof takes no place in the memory of those that were shown.
        let proof = proof.filter(|proof| self.seen.first(proof, &client.person, self.gate.now()));
        if proof.is_none() && (has_proof || !client.is_legacy) {
            return refused(400, "invalid_dpop_proof");
        }
        let thumbprint = proof.map(|proof| proof.key.thumbprint());
        let kind = if thumbprint.is_some() { "DPoP" } else { "Bearer" };
        let bearer = Bearer { client: client.name.to_string(), credential: mark(&client), thumbprint };
        let (issuer, now) = (self.origin.issuer(), self.gate.now());
        let Some(token) = self.tokens.issue(&issuer, self.origin.as_str(), &bearer, now) else {
            return refused(500, "server_error");
        };
        let answer = json!({ "access_token": token, "token_type": kind, "expires_in": TOKEN_LIFE_SECONDS });
        bytes(200, "application/json", answer.to_string().into_bytes())
    }

    /// The client whose secret this is.
    fn known(&self, name: &str, secret: &str) -> Option<Client> {
        let digest = sha256(&[secret.as_bytes()]);
        let client = self.client(name)?;
        verify_slices_are_equal(client.secret.as_bytes(), digest.as_bytes()).ok()?;
        Some(client)
    }
}

/// What a token says of the credential that it was given for, so that it ends with that one, and does not come back where the name is
/// given anew. Secrets are drawn, so no two credentials have the same mark, and nothing that opens anything can be told from it.
pub(super) fn mark(client: &Client) -> String {
    sha256(&[MARK, client.secret.as_bytes()]).to_string()
}

fn refused(status: u16, error: &str) -> Response {
    bytes(status, "application/json", json!({ "error": error }).to_string().into_bytes())
}
