//! What needs no ruling: documents, public keys, the list of services, definitions of attributes.

use super::{Kas, bytes, json};
use attache_rewrap::connect::{message, of_query};
use attache_rewrap::definition::{definitions_request, definitions_response};
use attache_rewrap::discovery::{
    configuration, configuration_response, key_access_servers, openid_configuration,
};
use attache_rewrap::limits::MAX_BODY_BYTES;
use attache_rewrap::message::{EC_P256, RSA_2048, algorithm_named, public_key_request, public_key_response};
use attache_rewrap::{CallError, Codec};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::Value;
use std::time::Duration;

/// Longest wait for the whole of a request, in seconds.
const BODY_SECONDS: u64 = 30;

impl Kas {
    pub(super) fn configuration(&self) -> Value {
        configuration(&self.origin, (RSA_2048, &self.rsa.kid, &self.rsa.pem))
    }

    pub(super) fn openid(&self) -> Response {
        json(&openid_configuration(&self.origin))
    }

    pub(super) async fn well_known(&self, request: Request) -> Result<Response, CallError> {
        let (codec, _) = call(request).await?;
        Ok(bytes(200, codec.content_type(), configuration_response(codec, &self.configuration())))
    }

    pub(super) async fn public_key(&self, request: Request) -> Result<Response, CallError> {
        let (codec, message) = call(request).await?;
        let algorithm = public_key_request(codec, &message)?;
        Ok(self.key_in(codec, algorithm))
    }

    pub(super) fn public_key_by_rest(&self, request: &Request) -> Result<Response, CallError> {
        let wanted = query(request).into_iter().find(|(name, _)| name == "algorithm");
        let algorithm = algorithm_named(&wanted.map(|(_, value)| value).unwrap_or_default())?;
        Ok(self.key_in(Codec::Json, algorithm))
    }

    fn key_in(&self, codec: Codec, algorithm: &str) -> Response {
        let key = if algorithm == EC_P256 { &self.ec } else { &self.rsa };
        bytes(200, codec.content_type(), public_key_response(codec, &key.pem, &key.kid))
    }

    pub(super) async fn servers_by_rest(&self, request: Request) -> Result<Response, CallError> {
        self.caller(request).await?;
        Ok(bytes(200, Codec::Json.content_type(), key_access_servers(Codec::Json, &self.origin)))
    }

    pub(super) async fn servers(&self, request: Request) -> Result<Response, CallError> {
        let (_, request) = self.caller(request).await?;
        let (codec, _) = call(request).await?;
        Ok(bytes(200, codec.content_type(), key_access_servers(codec, &self.origin)))
    }

    pub(super) async fn definitions(&self, request: Request) -> Result<Response, CallError> {
        let (_, request) = self.caller(request).await?;
        let (codec, message) = call(request).await?;
        let names = definitions_request(codec, &message)?;
        let answer = definitions_response(codec, &self.attributes, &self.values, &names);
        Ok(bytes(200, codec.content_type(), answer))
    }
}

/// The message of a call, by POST or by GET, and its form.
pub(super) async fn call(request: Request) -> Result<(Codec, Vec<u8>), CallError> {
    if request.method() == Method::GET {
        return of_query(&query(&request));
    }
    let codec = header(request.headers(), CONTENT_TYPE.as_str()).and_then(Codec::of_content_type);
    let codec = codec.ok_or_else(CallError::media_type)?;
    let encoding = header(request.headers(), CONTENT_ENCODING.as_str()).map(str::to_owned);
    let body = body(request.into_body()).await?;
    Ok((codec, message(&body, encoding.as_deref())?))
}

/// The body of a request.
pub(super) async fn body(body: Body) -> Result<Vec<u8>, CallError> {
    let whole = to_bytes(body, MAX_BODY_BYTES);
    let came = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), whole).await;
    let came = came.map_err(|_| CallError::invalid("the body did not come within 30 seconds"))?;
    Ok(came.map_err(|_| CallError::too_large("the body broke off, or is longer than 512 KiB"))?.to_vec())
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The parameters of a query.
fn query(request: &Request) -> Vec<(String, String)> {
    parameters(request.uri().query().unwrap_or_default().as_bytes())
}

/// Parameters as a form writes them; those that are not UTF-8 are left out.
pub(super) fn parameters(form: &[u8]) -> Vec<(String, String)> {
    let pair = |pair: &[u8]| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        Some((decoded(name)?, decoded(value.strip_prefix(b"=").unwrap_or_default())?))
    };
    form.split(|byte| *byte == b'&').filter_map(pair).collect()
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<&u8>| (*byte? as char).to_digit(16);
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next())?, hex(rest.next())?);
                u8::try_from(high << 4 | low).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Name and secret of the scheme `Basic`.
pub(super) fn basic(value: &str) -> Option<(String, String)> {
    let encoded = value.strip_prefix("Basic ")?.as_bytes();
    let text = BASE64.decode(encoded).or_else(|_| BASE64URL_NOPAD.decode(encoded)).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((decoded(name.as_bytes())?, decoded(secret.as_bytes())?))
}
