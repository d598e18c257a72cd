//! Problems: every way in which a request is not done, with one shape and a stable code.
//!
//! A fault of our own is logged here, once, and told to the caller only by its correlation.
//!
//! *Absent:* content and titles; no message repeats what an item says.

mod control;

use crate::api;
use attache_accord::control::Unopened;
use attache_accord::party::Malformed;
use attache_accord::passage::Bar;
use attache_accord::view::Unknown;
use attache_node::desk::Misuse;
use attache_node::fault::{Failure, Fault};
use attache_node::openings::NotOpened;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The header that names an answer in the node's own log.
pub(crate) const CORRELATION: &str = "attache-correlation";

/// A request that was not done.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    body: Box<api::Problem>,
    /// The fault behind it, for whoever sees the answer go.
    fault: Option<Arc<Fault>>,
}

impl Problem {
    fn new(status: StatusCode, code: &str, message: impl ToString) -> Self {
        let body = api::Problem {
            code: code.to_owned(),
            message: message.to_string(),
            field: None,
            ruling: None,
            said: None,
            correlation: correlation(),
        };
        Self { status, body: Box::new(body), fault: None }
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

    /// A field has not the form that it must have.
    pub(crate) fn malformed(field: &str, malformed: &Malformed) -> Self {
        Self::misuse(field, format!("must be {}, not {:?}", malformed.form, malformed.found))
    }

    /// What was asked for goes to nobody, whatever the rules say; that it was asked for is on record.
    pub(crate) fn barred(bar: Bar) -> Self {
        Self::of_text(StatusCode::FORBIDDEN, "misuse", &bar.says())
    }

    /// An error whose text begins with its field.
    fn of_text(status: StatusCode, code: &str, error: &impl ToString) -> Self {
        let text = error.to_string();
        match text.split_once(": ") {
            Some((field, rule)) => {
                let mut problem = Self::new(status, code, rule);
                problem.body.field = Some(field.to_owned());
                problem
            }
            None => Self::new(status, code, text),
        }
    }

    /// What the library answered where no route did: a path or query that cannot be read, or a method that is not there.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::unknown("no such path; see /openapi.json"),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large("the request is longer than this path takes"),
            _ if status.is_server_error() => Self::new(status, "fault", "the node failed; try again"),
            _ => Self::new(status, "misuse", "the path or query is not as /openapi.json says"),
        }
    }

    /// More than is taken.
    pub(crate) fn too_large(message: impl ToString) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    /// No room on the node's disk. Nothing was done.
    fn full() -> Self {
        let message =
            "the node's disk is full and nothing was recorded; its operator must make room, then try again";
        let problem = Self::new(StatusCode::INSUFFICIENT_STORAGE, "full", message);
        tracing::error!(correlation = problem.body.correlation, "a request met a full disk");
        problem
    }

    /// New releases are held by the agreement's terms.
    pub(crate) fn held() -> Self {
        let message = "new releases are held: a witness has not cosigned this node's log for longer than the agreement allows; it ends by itself when the cosignature is here";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "held", message)
    }

    /// An item that its originator controls is not opened, for a reason that has its texts.
    fn of_control(status: StatusCode, code: &str) -> Self {
        let texts = control::texts(code);
        let mut problem = Self::new(status, code, texts.map_or(code, |[_, _, en]| en));
        problem.body.said = texts.map(|[ko, ja, en]| {
            Box::new(api::Texts { ko: (*ko).into(), ja: (*ja).into(), en: (*en).into() })
        });
        problem
    }

    /// The same, of a copy that has its number already: what its keeper does about it.
    pub(crate) fn of_unsealed(mut self, number: u32) -> Self {
        let message = &self.body.message;
        self.body.message = format!(
            "{message}; copy {number} is on record and not sealed: have it taken back or destroyed, and make another one"
        );
        self
    }

    /// Not now.
    pub(crate) fn busy(message: impl ToString) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }
}

/// 64 random bits; the same number stands in the log. Where the random generator fails there is none, and that fault is
/// answered anyhow.
pub(crate) fn correlation() -> String {
    let mut bytes = [0; 8];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Busy(_) | Fault::Unsettled(_) => return Self::busy(fault),
            Fault::TooLarge { .. } => return Self::too_large(fault),
            _ if fault.is_full_disk() => return Self::full(),
            _ => {}
        }
        let message = "the node failed; its operator finds the cause in the log under this correlation";
        let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", message);
        tracing::error!(%fault, correlation = problem.body.correlation, "a request met a fault");
        problem.fault = Some(Arc::new(fault));
        problem
    }
}

impl From<Misuse> for Problem {
    fn from(misuse: Misuse) -> Self {
        match &misuse {
            Misuse::Unknown(unknown) => unknown.clone().into(),
            Misuse::State { field, rule } => Self::misuse(field, rule),
            Misuse::BeyondHub(_) => {
                let mut problem = Self::of_control(StatusCode::BAD_REQUEST, "control-beyond-hub");
                problem.body.field = Some("releasable to".to_owned());
                problem
            }
            Misuse::Statement(_) | Misuse::Stale => Self::misuse("statement", misuse),
            Misuse::Malformed(malformed) => malformed.clone().into(),
            Misuse::Unsuitable(_)
            | Misuse::Key
            | Misuse::Unlawful(_)
            | Misuse::Unsaid(_)
            | Misuse::Unwitnessed(_)
            | Misuse::Uncosigned(_)
            | Misuse::Told { .. }
            | Misuse::Open { .. }
            | Misuse::Underivable(_) => Self::of_text(StatusCode::BAD_REQUEST, "misuse", &misuse),
        }
    }
}

impl From<NotOpened> for Problem {
    /// A refusal by the own rules is shown by whoever asked; see [`crate::routes`].
    fn from(not_opened: NotOpened) -> Self {
        let (status, code) = match not_opened {
            NotOpened::Failure(failure) => return failure.into(),
            NotOpened::Ruled(_) => return Self::forbidden("refused"),
            NotOpened::Originator(Unopened::Recalled) => (StatusCode::FORBIDDEN, "recalled"),
            NotOpened::Originator(Unopened::Expired) => (StatusCode::FORBIDDEN, "expired"),
            NotOpened::Originator(_) => (StatusCode::FORBIDDEN, "originator-refused"),
            NotOpened::Declined(_) => (StatusCode::FORBIDDEN, "originator-declined"),
            NotOpened::Waits => (StatusCode::CONFLICT, "originator-decides"),
            NotOpened::Crowded => (StatusCode::CONFLICT, "originator-crowded"),
            NotOpened::Asked => (StatusCode::CONFLICT, "originator-asked"),
            NotOpened::Unreachable => (StatusCode::SERVICE_UNAVAILABLE, "originator-unreachable"),
            NotOpened::ByHub => (StatusCode::FORBIDDEN, "originator-by-hub"),
            NotOpened::NotInForce => (StatusCode::FORBIDDEN, "agreement-not-in-force"),
            NotOpened::Hub(Unopened::Expired) => (StatusCode::FORBIDDEN, "hub-share-over"),
            NotOpened::Hub(_) => (StatusCode::FORBIDDEN, "hub-refused"),
            NotOpened::HubDeclined(_) => (StatusCode::FORBIDDEN, "hub-declined"),
            NotOpened::HubUnreachable => (StatusCode::SERVICE_UNAVAILABLE, "hub-unreachable"),
            NotOpened::Over => (StatusCode::CONFLICT, "consent-over"),
        };
        Self::of_control(status, code)
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
        match unknown {
            Unknown::Recalled(_) => Self::of_control(StatusCode::FORBIDDEN, "recalled"),
            Unknown::Expired(_) => Self::of_control(StatusCode::FORBIDDEN, "expired"),
            Unknown::Unconsented { .. }
            | Unknown::PassedOn(_)
            | Unknown::KeptShare(_)
            | Unknown::HasIt { .. } => Self::of_text(StatusCode::FORBIDDEN, "misuse", &unknown),
            _ => Self::of_text(StatusCode::NOT_FOUND, "unknown", &unknown),
        }
    }
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::malformed(malformed.what, &malformed)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let correlation = self.body.correlation.clone();
        let mut response = (self.status, Json(self.body)).into_response();
        if let Ok(value) = correlation.parse() {
            response.headers_mut().insert(CORRELATION, value);
        }
        if let Some(fault) = self.fault {
            response.extensions_mut().insert(fault);
        }
        response
    }
}
