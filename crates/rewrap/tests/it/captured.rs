//! Requests that real clients sent (`vectors/rewrap/captured.json`, with where they are from): each is read, opened with the key that
//! was made for them, and answered.

use crate::shared::{answer, read};
use attache_accord::Timestamp;
use attache_rewrap::answer::DENIAL;
use attache_rewrap::{Codec, Rewrap};
use attache_seal::wrap::RsaSecret;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/rewrap/captured.json"));

/// The requests as tokens, with the second at which each was made, and the service's key.
fn captured() -> (RsaSecret, Vec<(String, u64)>) {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let token = |request: &Value| {
        let mut claims = request["srtClaims"].clone();
        claims["requestBody"] = json!(request["requestBody"].to_string());
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let token = format!("{}.{}.AAAA", part(&request["srtHeader"]), part(&claims));
        // Made an hour before it says, or at its time.
        (token, claims["exp"].as_u64().unwrap() - 3600)
    };
    let tokens = file["requests"].as_array().unwrap().iter().map(token).collect();
    let key = BASE64.decode(file["service_key_pkcs8"].as_str().unwrap().as_bytes()).unwrap();
    (RsaSecret::from_pkcs8_der(&key).unwrap(), tokens)
}

#[test]
fn what_real_clients_sent_is_opened_and_wrapped_for_them() {
    let (service, tokens) = captured();
    assert_eq!(tokens.len(), 3);
    for (token, seconds) in tokens {
        let rewrap = Rewrap::read(&token, None, Timestamp(seconds * 1000)).unwrap();
        let answered: Value = serde_json::from_slice(&answer(Codec::Json, &rewrap, &service)).unwrap();
        assert_eq!(answered["responses"][0]["policyId"], "policy");
        assert_eq!(answered["responses"][0]["results"][0]["keyAccessObjectId"], "kao-0");
        assert_eq!(answered["responses"][0]["results"][0]["status"], "permit");
    }
}

#[test]
fn what_a_real_client_sent_is_denied_once_its_policy_is_another() {
    let (service, tokens) = captured();
    let mut rewrap = Rewrap::read(&tokens[0].0, None, Timestamp(tokens[0].1 * 1000)).unwrap();
    rewrap.policies[0].policy_base64.push(' ');
    let answered: Value = serde_json::from_slice(&answer(Codec::Json, &rewrap, &service)).unwrap();
    let result = &answered["responses"][0]["results"][0];
    assert_eq!((&result["status"], &result["error"]), (&json!("fail"), &json!(DENIAL)));
    assert_eq!(result.get("kasWrappedKey"), None);
}

#[test]
fn a_request_is_read_as_it_went_over_the_wire() {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let request = &file["wire"];
    let kind = request["headers"]["Content-Type"].as_str().unwrap();
    let body = request["body"].as_str().unwrap().as_bytes();
    let (codec, rewrap) = read(kind, "identity", body, None, Timestamp(1_795_472_000_000)).unwrap();
    assert_eq!((codec, rewrap.policies.len()), (Codec::Json, 1));
}
