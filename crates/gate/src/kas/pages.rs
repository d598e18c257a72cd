//! Web pages that call the service from a browser (CORS): those of the origins that the configuration names, and no others.
//!
//! *Absent:* cookies, and any right of a page. Whoever calls needs a token as everyone does.

use super::Kas;
use super::calls::header;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// What clients of this protocol send beside what every page may.
const HEADERS: &str = "authorization, connect-protocol-version, connect-timeout-ms, content-encoding, content-type, dpop, \
     virtru-ntdf-version, x-rewrap-additional-context, x-user-agent, x-virtrupubkey";
/// How long a browser need not ask again, in seconds.
const MAX_AGE: &str = "600";

impl Kas {
    /// The origin of the page that calls, where it is a listed one.
    pub(super) fn page(&self, request: &Request) -> Option<HeaderValue> {
        let origin = header(request.headers(), ORIGIN.as_str())?;
        self.pages.iter().find(|page| *page == origin)?;
        HeaderValue::from_str(origin).ok()
    }
}

/// The answer to a browser that asks whether a page may call.
pub(super) fn preflight(page: Option<HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = if page.is_some() { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN };
    if page.is_some() {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    }
    allow(&mut response, page);
    response
}

/// Lets a page read an answer.
pub(super) fn allow(response: &mut Response, page: Option<HeaderValue>) {
    if let Some(page) = page {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, page);
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
}
