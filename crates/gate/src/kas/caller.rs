//! Who calls: an access token of this node, with a proof that its client holds the key that it is bound to, or without one
//! where the client is on record as one that cannot make any.

use super::Kas;
use super::calls::header;
use super::tokens::mark;
use attache_accord::PersonId;
use attache_accord::clients::{Client, ClientName};
use attache_rewrap::CallError;
use attache_rewrap::jws::Jwk;
use attache_rewrap::proof::{Call, Proof};
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;

/// A machine client that was recognised.
pub(super) struct Machine {
    /// For whom it acts.
    pub(super) person: PersonId,
    /// The key that it proved to hold.
    pub(super) key: Option<Jwk>,
}

impl Kas {
    /// Who calls.
    ///
    /// # Errors
    /// [`CallError`], the same for whatever is wrong.
    pub(super) fn caller(&self, request: &Request) -> Result<Machine, CallError> {
        let unknown = CallError::unauthenticated(
            "an access token of this node, as DPoP with its proof; as Bearer for listed clients only",
        );
        let value = header(request.headers(), AUTHORIZATION.as_str()).ok_or(unknown)?;
        let (scheme, token) = value.split_once(' ').ok_or(unknown)?;
        let now = self.gate.now();
        let issuer = self.origin.issuer();
        let bearer = self.tokens.read(token, &issuer, self.origin.as_str(), now).ok_or(unknown)?;
        let client = self.client(&bearer.client).filter(|client| mark(client) == bearer.credential);
        let client = client.ok_or(unknown)?;
        let key = match (scheme, &bearer.thumbprint) {
            ("DPoP", Some(thumbprint)) => {
                let proof = self.proof(request, Some(token)).ok_or(unknown)?;
                if proof.key.thumbprint() != *thumbprint || !self.seen.first(&proof, &client.person, now) {
                    return Err(unknown);
                }
                Some(proof.key)
            }
            ("Bearer", None) if client.is_legacy => None,
            _ => return Err(unknown),
        };
        Ok(Machine { person: client.person, key })
    }

    /// A client by its name, while its person is on the roll.
    pub(super) fn client(&self, name: &str) -> Option<Client> {
        let name: ClientName = name.parse().ok()?;
        let view = self.gate.office().view.read();
        let client = view.clients.get(&name)?;
        view.person(&client.person).ok()?;
        Some(client.clone())
    }

    /// The proof that comes with a request, where it holds.
    pub(super) fn proof(&self, request: &Request, token: Option<&str>) -> Option<Proof> {
        let text = header(request.headers(), "dpop")?;
        let call = Call {
            method: request.method().as_str(),
            origin: self.origin.as_str(),
            path: request.uri().path(),
            token,
        };
        Proof::read(text, call, self.gate.now())
    }
}
