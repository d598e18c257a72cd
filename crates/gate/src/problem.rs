//! Problems: every way in which a request is not done, with one shape and a stable code.
//!
//! A fault of our own is logged here, once, and told to the caller only by its correlation.
//!
//! *Absent:* content and titles; no message repeats what an item says.

use crate::api;
use attache_accord::party::Malformed;
use attache_accord::view::Unknown;
use attache_node::desk::Misuse;
use attache_node::fault::{Failure, Fault};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// A request that was not done.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    body: Box<api::Problem>,
}

impl Problem {
    fn new(status: StatusCode, code: &str, message: impl ToString) -> Self {
        let body = api::Problem {
            code: code.to_owned(),
            message: message.to_string(),
            field: None,
            ruling: None,
            correlation: correlation(),
        };
        Self { status, body: Box::new(body) }
    }

    /// The request itself is wrong.
    pub(crate) fn misuse(field: &str, message: impl ToString) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "misuse", message);
        problem.body.field = Some(field.to_owned());
        problem
    }

    /// No session, or one that has ended.
    pub(crate) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    /// Another role is needed.
    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// Not here, or not for the caller: one answer for both.
    pub(crate) fn unknown(message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown", message)
    }

    /// The rules refused; the refusal is on record.
    pub(crate) fn refused(ruling: api::Explained) -> Self {
        let why: Vec<String> = ruling
            .reasons
            .iter()
            .map(|reason| format!("{} ({}): {}", reason.code, reason.article, reason.reason.en))
            .collect();
        let mut problem = Self::new(StatusCode::FORBIDDEN, "refused", why.join("; "));
        problem.body.ruling = Some(Box::new(ruling));
        problem
    }

    pub(crate) fn too_large(message: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    pub(crate) fn busy(message: impl ToString) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }
}

/// 64 random bits; the same number stands in the log. Where the random generator fails there is none, and that fault is
/// answered anyhow.
fn correlation() -> String {
    let mut bytes = [0; 8];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        if let Fault::Busy(_) | Fault::TooLarge { .. } = fault {
            return Self::busy(fault);
        }
        let message = "the node failed; its operator finds the cause in the log under this correlation";
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", message);
        tracing::error!(%fault, correlation = problem.body.correlation, "a request met a fault");
        problem
    }
}

impl From<Misuse> for Problem {
    fn from(misuse: Misuse) -> Self {
        match &misuse {
            Misuse::Unknown(unknown) => Self::unknown(unknown),
            Misuse::State { field, rule } => Self::misuse(field, rule),
            Misuse::Statement(_) | Misuse::Stale => Self::misuse("statement", misuse),
            Misuse::Malformed(malformed) => Self::misuse("", malformed),
            Misuse::Unsuitable(_) | Misuse::Key => Self::misuse("person", misuse),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Misuse(misuse) => misuse.into(),
            Failure::Fault(fault) => fault.into(),
        }
    }
}

impl From<Unknown> for Problem {
    fn from(unknown: Unknown) -> Self {
        Self::unknown(unknown)
    }
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::misuse("", malformed)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let correlation = self.body.correlation.clone();
        let mut response = (self.status, Json(self.body)).into_response();
        if let Ok(value) = correlation.parse() {
            response.headers_mut().insert("attache-correlation", value);
        }
        response
    }
}
