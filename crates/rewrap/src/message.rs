//! The messages of the key access service, in JSON and in protobuf (opentdf/platform, package `kas`).
//!
//! *Absent:* `Info` and the forms for NanoTDF.

use crate::connect::{CallError, Codec, object};
use crate::limits::MAX_REQUEST_TOKEN_BYTES;
use crate::wire::{Message, strings};
use serde_json::json;

/// The algorithms of the service's keys, as clients name them.
pub const RSA_2048: &str = "rsa:2048";
/// P-256.
pub const EC_P256: &str = "ec:secp256r1";

/// Reads a `PublicKeyRequest`: which algorithm is asked for, [`RSA_2048`] where none is.
///
/// # Errors
/// A message that is not of its form, or an algorithm that the service has no key of.
pub fn public_key_request(codec: Codec, message: &[u8]) -> Result<&'static str, CallError> {
    let form = CallError::invalid("not a PublicKeyRequest");
    let algorithm = match codec {
        Codec::Proto => strings::<1>(message).map(|[algorithm]| algorithm),
        Codec::Json => object(message).map(|fields| {
            fields.get("algorithm").and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        }),
    };
    algorithm_named(&algorithm.ok_or(form)?)
}

/// The algorithm of that name, [`RSA_2048`] for the empty one.
///
/// # Errors
/// A name that the service has no key of.
pub fn algorithm_named(name: &str) -> Result<&'static str, CallError> {
    match name {
        "" | RSA_2048 => Ok(RSA_2048),
        EC_P256 => Ok(EC_P256),
        _ => Err(CallError::not_found("algorithm: rsa:2048 or ec:secp256r1")),
    }
}

/// Writes a `PublicKeyResponse`.
pub fn public_key_response(codec: Codec, pem: &str, kid: &str) -> Vec<u8> {
    match codec {
        Codec::Json => json!({ "publicKey": pem, "kid": kid }).to_string().into_bytes(),
        Codec::Proto => Message::default().with(1, pem.as_bytes()).with(2, kid.as_bytes()).bytes(),
    }
}

/// Reads a `RewrapRequest`: the signed request token.
///
/// # Errors
/// A message that is not of its form, or too long a token.
pub fn rewrap_request(codec: Codec, message: &[u8]) -> Result<String, CallError> {
    let token = match codec {
        Codec::Proto => strings::<1>(message).map(|[token]| token),
        Codec::Json => object(message).and_then(|fields| {
            let token = fields.get("signedRequestToken").or_else(|| fields.get("signed_request_token"));
            token.and_then(|value| value.as_str()).map(str::to_owned)
        }),
    };
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or(CallError::invalid("not a RewrapRequest with a signedRequestToken"))?;
    if token.len() > MAX_REQUEST_TOKEN_BYTES {
        return Err(CallError::too_large("the signed request token is longer than 768 KiB"));
    }
    Ok(token)
}
