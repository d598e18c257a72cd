//! Connect RPC, unary, over HTTP: in which form a message comes and goes, how a body is inflated within bounds, and how an
//! error is said (connectrpc.com/docs/protocol).
//!
//! *Absent:* streams, timeouts, and compression of answers: each of ours is short.

use crate::limits::{MAX_BODY_BYTES, MAX_MESSAGE_BYTES};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use std::io::Read;

/// In which form a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// JSON as protobuf maps to it.
    Json,
    /// Protobuf.
    Proto,
}

impl Codec {
    /// The form that a `content-type` names.
    pub fn of_content_type(value: &str) -> Option<Self> {
        let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
        let is_utf8 = parameters.is_empty() || parameters.trim().eq_ignore_ascii_case("charset=utf-8");
        match kind.trim().to_ascii_lowercase().as_str() {
            "application/json" if is_utf8 => Some(Self::Json),
            "application/proto" if parameters.is_empty() => Some(Self::Proto),
            _ => None,
        }
    }

    /// The `content-type` of this form.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Proto => "application/proto",
        }
    }
}

/// Why a call is not done. The words are for people; clients look at code and status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}", code = self.code())]
pub struct CallError {
    kind: Kind,
    message: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    InvalidArgument,
    Unauthenticated,
    NotFound,
    ResourceExhausted,
    UnsupportedMediaType,
    MethodNotAllowed,
    Internal,
    Unavailable,
}

impl CallError {
    /// The request is not of its form.
    pub fn invalid(message: &'static str) -> Self {
        Self { kind: Kind::InvalidArgument, message }
    }

    /// The caller is nobody whom the node knows.
    pub fn unauthenticated(message: &'static str) -> Self {
        Self { kind: Kind::Unauthenticated, message }
    }

    /// There is no such procedure or document.
    pub fn not_found(message: &'static str) -> Self {
        Self { kind: Kind::NotFound, message }
    }

    /// More than is taken.
    pub fn too_large(message: &'static str) -> Self {
        Self { kind: Kind::ResourceExhausted, message }
    }

    /// The message comes in no form that is read.
    pub fn media_type() -> Self {
        Self {
            kind: Kind::UnsupportedMediaType,
            message: "content-type: application/json or application/proto",
        }
    }

    /// The procedure is not called by this method.
    pub fn method() -> Self {
        Self { kind: Kind::MethodNotAllowed, message: "this is called by POST" }
    }

    /// The node failed.
    pub fn internal() -> Self {
        Self { kind: Kind::Internal, message: "the node failed; its operator finds the cause in the log" }
    }

    /// Not now.
    pub fn unavailable(message: &'static str) -> Self {
        Self { kind: Kind::Unavailable, message }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self.kind {
            Kind::InvalidArgument => 400,
            Kind::Unauthenticated => 401,
            Kind::NotFound => 404,
            Kind::MethodNotAllowed => 405,
            Kind::UnsupportedMediaType => 415,
            Kind::ResourceExhausted => 429,
            Kind::Internal => 500,
            Kind::Unavailable => 503,
        }
    }

    /// Connect's word for it.
    pub fn code(&self) -> &'static str {
        match self.kind {
            Kind::InvalidArgument => "invalid_argument",
            Kind::Unauthenticated => "unauthenticated",
            Kind::NotFound => "not_found",
            Kind::MethodNotAllowed | Kind::UnsupportedMediaType => "unknown",
            Kind::ResourceExhausted => "resource_exhausted",
            Kind::Internal => "internal",
            Kind::Unavailable => "unavailable",
        }
    }

    /// The body, which is JSON whatever form the request had.
    pub fn body(&self) -> Vec<u8> {
        json!({ "code": self.code(), "message": self.message }).to_string().into_bytes()
    }
}

/// The message in a body, inflated where it comes so.
///
/// # Errors
/// An encoding that is not read, a body that is not of it, or more bytes than are taken, before or after.
pub fn message(body: &[u8], content_encoding: Option<&str>) -> Result<Vec<u8>, CallError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(CallError::too_large("the body is longer than 512 KiB"));
    }
    match content_encoding.map(str::trim).unwrap_or("identity") {
        "identity" | "" => Ok(body.to_vec()),
        "gzip" => inflated(body),
        _ => Err(CallError::invalid("content-encoding: gzip or identity")),
    }
}

fn inflated(body: &[u8]) -> Result<Vec<u8>, CallError> {
    let mut message = Vec::new();
    // One byte more than is taken tells that there was more, whatever the body claims.
    let mut bounded = MultiGzDecoder::new(body).take(MAX_MESSAGE_BYTES as u64 + 1);
    bounded.read_to_end(&mut message).map_err(|_| CallError::invalid("the body is not gzip"))?;
    if message.len() > MAX_MESSAGE_BYTES {
        return Err(CallError::too_large("the message is longer than 1 MiB"));
    }
    Ok(message)
}

/// A call by GET, which Connect has for what changes nothing: the message stands in the query.
///
/// # Errors
/// As [`message`]; a query that lacks a part.
pub fn of_query(parameters: &[(String, String)]) -> Result<(Codec, Vec<u8>), CallError> {
    let get =
        |name: &str| parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    if get("connect").is_some_and(|version| version != "v1") {
        return Err(CallError::invalid("connect: v1"));
    }
    let codec = match get("encoding") {
        Some("json") => Codec::Json,
        Some("proto") => Codec::Proto,
        _ => return Err(CallError::invalid("encoding: json or proto")),
    };
    let text = get("message").ok_or(CallError::invalid("message: it is missing"))?;
    if text.len() > MAX_BODY_BYTES {
        return Err(CallError::too_large("the body is longer than 512 KiB"));
    }
    let bytes = match get("base64") {
        Some("1") => base64(text).ok_or(CallError::invalid("message: not base64"))?,
        _ => text.as_bytes().to_vec(),
    };
    Ok((codec, message(&bytes, get("compression"))?))
}

/// Base64 in any of its spellings: of URLs or not, filled up or not.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    [&BASE64, &BASE64_NOPAD, &BASE64URL, &BASE64URL_NOPAD]
        .into_iter()
        .find_map(|form| form.decode(bytes).ok())
}

/// JSON of a message. Whatever is not an object is none; nothing at all is the empty message.
pub(crate) fn object(bytes: &[u8]) -> Option<serde_json::Map<String, Value>> {
    if bytes.is_empty() {
        return Some(serde_json::Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}
