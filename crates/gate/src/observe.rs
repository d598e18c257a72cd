//! What every answer has: a correlation that stands in the log too, headers that keep it out of caches, and its count.
//!
//! *Absent:* paths and queries as they came, tokens, titles. The log names the route of the table.

use crate::access::Caller;
use crate::gate::Gate;
use crate::problem::{CORRELATION, Problem, correlation};
use attache_node::fault::Fault;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Instant;

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 3] = [
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
];

/// Lets a request through and notes what became of it.
pub(crate) async fn observe(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let begun = Instant::now();
    let mut response = in_shape(next.run(request).await);
    if let Some(fault) = response.extensions().get::<Arc<Fault>>() {
        gate.office().suspect(fault);
    }
    let seconds = begun.elapsed().as_secs_f64();
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let status = response.status().as_u16();
    let by = response.extensions().get::<Caller>().map_or("nobody", |caller| caller.person.as_str());
    let correlation = named(response.headers());
    tracing::info!(correlation, method, route, status, by, seconds, "answered");
    gate.metrics.count(method, &route, status, seconds);
    response
}

/// What the library refused by itself gets the shape of every problem, and every answer a correlation.
fn in_shape(mut response: Response) -> Response {
    if response.headers().contains_key(CORRELATION) {
        return response;
    }
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return Problem::of_status(status).into_response();
    }
    if let Ok(value) = correlation().parse() {
        response.headers_mut().insert(CORRELATION, value);
    }
    response
}

fn named(headers: &HeaderMap) -> &str {
    headers.get(CORRELATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A method's name; a word of the caller's own is none of ours to count or log.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
