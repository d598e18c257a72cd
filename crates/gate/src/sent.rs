//! What a request sends as JSON: bounded in length and time, and complained about by field.
//!
//! *Absent:* items. They are streamed.

use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The whole body must be here so soon, in seconds.
pub const BODY_SECONDS: u64 = 30;

/// The body of a request, read from JSON.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Json::<T>::from_request(request, state);
        let read = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), read).await;
        let read = read.map_err(|_| Problem::misuse("body", "it was not complete within 30 seconds"))?;
        read.map(|Json(sent)| Self(sent)).map_err(|rejection| unfit(&rejection))
    }
}

fn unfit(rejection: &JsonRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large("the body is longer than 512 KiB");
    }
    let JsonRejection::JsonDataError(error) = rejection else {
        return Problem::misuse("body", "JSON is wanted, with content-type: application/json");
    };
    match std::error::Error::source(error) {
        Some(cause) => {
            let (field, rule) = field(&cause.to_string());
            Problem::misuse(&field, rule)
        }
        None => Problem::misuse("body", "a field is missing or of another type; see /openapi.json"),
    }
}

/// The field that a complaint is about, and the rule without what was found there: it may be a secret.
fn field(complaint: &str) -> (String, &'static str) {
    let missing = complaint.split_once("missing field `").and_then(|(_, rest)| rest.split_once('`'));
    let path = complaint.split_once(": ").map(|(path, _)| path);
    let path = path.filter(|path| !path.is_empty() && !path.contains(' '));
    match (path, missing) {
        (Some(path), Some((name, _))) if !path.ends_with(name) => (format!("{path}.{name}"), "it is missing"),
        (_, Some((name, _))) => (name.to_owned(), "it is missing"),
        (Some(path), None) => (path.to_owned(), "it is of another type; see /openapi.json"),
        (None, None) => ("body".to_owned(), "a field is missing or of another type; see /openapi.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_complaint_names_its_field() {
        for (complaint, named) in [
            ("missing field `level` at line 1 column 2", "level"),
            ("clearance: missing field `until` at line 1 column 9", "clearance.until"),
            ("roles[0]: invalid type: integer `1`, expected a string at line 1 column 12", "roles[0]"),
            ("invalid type: sequence, expected struct Marking at line 1 column 0", "body"),
        ] {
            assert_eq!(field(complaint).0, named, "{complaint}");
        }
    }
}
