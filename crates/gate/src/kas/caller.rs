//! Who calls: an access token of this node or of the provider that it takes tokens of, with a proof that the client holds the key
//! that it is bound to. Without one only where the client is on record as one that cannot make any, or the provider's tokens are
//! taken so.

use super::Kas;
use super::calls::{body, header};
use super::tokens::mark;
use attache_accord::clients::{Client, ClientName};
use attache_accord::{PersonId, Timestamp};
use attache_rewrap::CallError;
use attache_rewrap::jws::Jwk;
use attache_rewrap::proof::{Call, Proof};
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

/// A machine client that was recognised.
pub(super) struct Machine {
    /// For whom it acts.
    pub(super) person: PersonId,
    /// The key that it proved to hold.
    pub(super) key: Option<Jwk>,
}

impl Kas {
    /// Who calls, and the request again.
    ///
    /// # Errors
    /// [`CallError`], the same for whatever is wrong.
    pub(super) async fn caller(&self, request: Request) -> Result<(Machine, Request), CallError> {
        let unknown = CallError::unauthenticated(
            "an access token that this node takes, with the proof of the key that it is bound to; without, for listed clients only",
        );
        let (parts, sent) = request.into_parts();
        match self.recognised(&parts).await {
            Some(machine) => Ok((machine, Request::from_parts(parts, sent))),
            None => {
                // An answer before the request is whole closes the connection, and one library takes that for a failure.
                let _ = body(sent).await;
                Err(unknown)
            }
        }
    }

    async fn recognised(&self, request: &Parts) -> Option<Machine> {
        let value = header(&request.headers, AUTHORIZATION.as_str())?;
        // A client that nobody here wrote says Bearer of a token that it proves its key for. The proof counts, not the word.
        let token = value.strip_prefix("DPoP ").or_else(|| value.strip_prefix("Bearer "))?;
        let is_bearer = value.starts_with("Bearer ");
        let now = self.gate.now();
        let (person, thumbprint) = match self.own(token, now) {
            Some((client, thumbprint)) if thumbprint.is_some() || client.is_legacy => {
                (client.person, thumbprint)
            }
            Some(_) => return None,
            None => self.named(token, now).await?,
        };
        let key = match thumbprint {
            Some(thumbprint) => {
                let proof = self.proof(request, Some(token))?;
                if proof.key.thumbprint() != thumbprint || !self.seen.first(&proof, &person, now) {
                    return None;
                }
                Some(proof.key)
            }
            None if is_bearer => None,
            None => return None,
        };
        Some(Machine { person, key })
    }

    /// The client of a token that this node gave, and the key that it is bound to.
    fn own(&self, token: &str, now: Timestamp) -> Option<(Client, Option<String>)> {
        let token = self.shown.signed(&self.tokens, token)?;
        let bearer = token.bearer(&self.origin.issuer(), self.origin.as_str(), now)?;
        let client = self.client(&bearer.client).filter(|client| mark(client) == bearer.credential)?;
        Some((client, bearer.thumbprint))
    }

    /// The person whom a token of the provider outside names, where that is somebody on the roll.
    async fn named(&self, token: &str, now: Timestamp) -> Option<(PersonId, Option<String>)> {
        let named = self.provider.as_ref()?.named(token, now).await?;
        let person: PersonId = named.person.parse().ok()?;
        self.gate.office().view.read().person(&person).ok()?;
        Some((person, named.thumbprint))
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
    pub(super) fn proof(&self, request: &Parts, token: Option<&str>) -> Option<Proof> {
        let text = header(&request.headers, "dpop")?;
        let call = Call {
            method: request.method.as_str(),
            origin: self.origin.as_str(),
            path: request.uri.path(),
            token,
        };
        Proof::read(text, call, self.gate.now())
    }
}
