//! Who may call what: one table, and the check that every request passes first. A route that is not in the table is
//! answered to nobody.
//!
//! *Absent:* rulings. This says who may see a list or hand something in; whether it may be done is ruled.

use crate::gate::Gate;
use crate::problem::Problem;
use attache_accord::PersonId;
use attache_accord::people::Role::{
    self, Administrator, AgreementOffice, Analyst, DeskOfficer, DisclosureOfficer, Inspector, Registrar,
};
use attache_seal::digest::sha256;
use axum::body::to_bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;

/// Most bytes of a refused request that are read before it is answered.
const MAX_DRAINED_BYTES: usize = 256 * 1024;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everyone, signed in or not.
    Anyone,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has signed in, but no inspector: an inspector changes nothing, and a question that is ruled on is recorded.
    Staff,
    /// Whoever has one of these roles.
    Roles(&'static [Role]),
}

use Who::{Anyone, Roles, SignedIn, Staff};

/// Those who handle items.
const READERS: &[Role] = &[Analyst, DisclosureOfficer, DeskOfficer];
/// Those who may know what is on record. An inspector knows what a mandate opens, which is less.
const RECORD: &[Role] = &[Analyst, DisclosureOfficer, DeskOfficer, Registrar];

/// The table: method, path, who.
pub const ACCESS: &[(&str, &str, Who)] = &[
    ("GET", "/openapi.json", Anyone),
    ("POST", "/v1/challenges", Anyone),
    ("POST", "/v1/sessions", Anyone),
    ("DELETE", "/v1/sessions/current", SignedIn),
    ("GET", "/v1/node", SignedIn),
    ("GET", "/v1/card", SignedIn),
    ("POST", "/v1/items", Roles(&[Analyst])),
    ("GET", "/v1/items", Roles(RECORD)),
    ("GET", "/v1/items/{item}", Roles(RECORD)),
    ("POST", "/v1/searches", Roles(READERS)),
    ("POST", "/v1/items/{item}/marking", Roles(&[Analyst])),
    ("POST", "/v1/items/{item}/derivation", Roles(&[Analyst])),
    // To open is a question, and the rules answer it: whoever asks gets a ruling.
    ("POST", "/v1/items/{item}/opening", Staff),
    ("POST", "/v1/items/{item}/handlings", Staff),
    ("POST", "/v1/items/{item}/sealed-copies", Staff),
    // Its keeper has it, and nobody else.
    ("GET", "/v1/items/{item}/sealed-copies/{number}", Staff),
    ("POST", "/v1/items/{item}/copies/{number}/return", Roles(&[Registrar])),
    ("GET", "/v1/destructions", Roles(RECORD)),
    ("POST", "/v1/destructions", Roles(&[Registrar, DeskOfficer])),
    ("GET", "/v1/releases", Roles(RECORD)),
    ("GET", "/v1/releases/{case}", Roles(RECORD)),
    ("POST", "/v1/releases", Staff),
    ("POST", "/v1/releases/{case}/reviews", Staff),
    ("POST", "/v1/releases/{case}/decision", Staff),
    ("GET", "/v1/approvals", Roles(RECORD)),
    ("GET", "/v1/approvals/{digest}", Roles(RECORD)),
    ("POST", "/v1/approvals", Roles(&[DisclosureOfficer, DeskOfficer])),
    ("GET", "/v1/recalls", Roles(RECORD)),
    ("POST", "/v1/recalls", Roles(&[DisclosureOfficer])),
    ("GET", "/v1/openings", Roles(RECORD)),
    ("POST", "/v1/openings/{request}/decision", Roles(&[DisclosureOfficer])),
    ("GET", "/v1/letters", Roles(RECORD)),
    ("POST", "/v1/letters/{letter}/decision", Roles(&[DisclosureOfficer])),
    ("GET", "/v1/arrivals", Roles(READERS)),
    ("POST", "/v1/arrivals/{dispatch}/admission", Staff),
    ("GET", "/v1/register", Roles(RECORD)),
    ("GET", "/v1/register/{number}", Roles(RECORD)),
    ("GET", "/v1/receipts", Roles(RECORD)),
    ("GET", "/v1/receipts/{dispatch}", Roles(RECORD)),
    ("GET", "/v1/rulings", Roles(RECORD)),
    ("GET", "/v1/rulings/{index}", Roles(RECORD)),
    ("GET", "/v1/peers", SignedIn),
    ("POST", "/v1/peers", Roles(&[Administrator])),
    ("POST", "/v1/peers/{node}/revocation", Roles(&[Administrator])),
    ("GET", "/v1/persons", Roles(&[Administrator])),
    ("POST", "/v1/persons", Roles(&[Administrator])),
    ("DELETE", "/v1/persons/{person}", Roles(&[Administrator])),
    ("GET", "/v1/clients", Staff),
    ("POST", "/v1/clients", Roles(READERS)),
    ("DELETE", "/v1/clients/{client}", Staff),
    ("GET", "/v1/agreement", SignedIn),
    ("GET", "/v1/agreement/instruments", SignedIn),
    ("POST", "/v1/agreement/instruments", Roles(&[AgreementOffice])),
    ("POST", "/v1/assurances", Roles(&[Administrator])),
    ("POST", "/v1/assurances/given", Roles(&[Administrator])),
    ("GET", "/v1/mandates", Roles(&[AgreementOffice, Administrator, Registrar, Inspector])),
    ("POST", "/v1/mandates", Roles(&[AgreementOffice])),
    ("POST", "/v1/mandates/{mandate}/ending", Roles(&[AgreementOffice])),
    // What an inspector was given is on record, as an opening is.
    ("POST", "/v1/reports", Roles(&[Inspector])),
    ("GET", "/v1/reports", Roles(&[AgreementOffice, Administrator, Registrar, Inspector])),
    // What an inspector says of a report is on record as well, and all that an inspector ever adds.
    ("POST", "/v1/reports/cosignatures", Roles(&[Inspector])),
    ("GET", "/v1/logs", SignedIn),
    ("GET", "/v1/logs/{node}/fork", Roles(&[AgreementOffice, Administrator, Registrar])),
    // What contradicts what was seen, or proves two histories, stops that log.
    ("POST", "/v1/logs/{node}/fork", Roles(&[AgreementOffice, Administrator, Registrar])),
    ("POST", "/v1/logs/{node}/comparison", Roles(&[AgreementOffice, Administrator, Registrar])),
    ("POST", "/v1/logs/{node}/decision", Roles(&[AgreementOffice])),
    ("GET", "/v1/evidence", Roles(&[Registrar, Administrator])),
    ("GET", "/v1/items/{item}/evidence", Roles(&[Registrar, Administrator])),
];

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) person: PersonId,
    pub(crate) roles: BTreeSet<Role>,
}

impl Caller {
    /// Whether the caller handles items, and so may see what is said about them.
    pub(crate) fn reads(&self) -> bool {
        READERS.iter().any(|role| self.roles.contains(role))
    }
}

/// Lets a request in, or not.
pub(crate) async fn check(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(path) = path else { return Problem::unknown("no such path; see /openapi.json").into_response() };
    let method = request.method().as_str();
    let row = ACCESS.iter().find(|(found, at, _)| *found == method && *at == path);
    let Some((_, _, who)) = row else {
        return Problem::forbidden("nobody may call this").into_response();
    };
    if *who == Anyone {
        return next.run(request).await;
    }
    match admitted(&gate, &request, *who) {
        Ok(caller) => {
            request.extensions_mut().insert(caller.clone());
            let mut response = next.run(request).await;
            // For the log.
            response.extensions_mut().insert(caller);
            response
        }
        Err(problem) => {
            // A client that still writes while the connection closes would see a broken pipe instead of the answer. What
            // is longer than a paper is not worth the wait.
            let _ = to_bytes(request.into_body(), MAX_DRAINED_BYTES).await;
            problem.into_response()
        }
    }
}

/// The caller, where it may call a route that is for `who`.
fn admitted(gate: &Gate, request: &Request, who: Who) -> Result<Caller, Problem> {
    let caller = caller(gate, request)?;
    match who {
        Staff if caller.roles.contains(&Inspector) => {
            Err(Problem::forbidden("an inspector reads within a mandate and changes nothing"))
        }
        Roles(roles) if !roles.iter().any(|role| caller.roles.contains(role)) => {
            let words: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            Err(Problem::forbidden(&format!("this needs one of the roles {}", words.join(", "))))
        }
        _ => Ok(caller),
    }
}

/// The token of a request.
pub(crate) fn token(headers: &axum::http::HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn caller(gate: &Gate, request: &Request) -> Result<Caller, Problem> {
    let ended = || Problem::unauthenticated("sign in first; a session ends after 15 idle minutes or 8 hours");
    let token = token(request.headers()).ok_or_else(ended)?;
    let (person, key) = gate.sessions.person(token, gate.now()).ok_or_else(ended)?;
    // Whoever left the roll, or was enrolled anew with another key, has no session any more.
    let view = gate.office().view.read();
    let enrolled = view.roll.get(&person).filter(|enrolled| sha256(&[&enrolled.verifying]) == key);
    let roles = enrolled.ok_or_else(ended)?.person.roles.clone();
    Ok(Caller { person, roles })
}
