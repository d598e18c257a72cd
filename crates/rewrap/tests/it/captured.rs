//! Requests that real clients sent, where the samples are there: each is read, opened with the sample's key, and answered.

use crate::shared::{answer, read};
use attache_accord::Timestamp;
use attache_rewrap::answer::DENIAL;
use attache_rewrap::{Codec, Rewrap};
use attache_seal::wrap::RsaSecret;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The requests as tokens, with the second at which each was made, and the service's key.
fn samples() -> Option<(RsaSecret, Vec<(String, u64)>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/tdf"));
    let Ok(pem) = std::fs::read_to_string(folder.join("kas-r1-private.pem")) else {
        eprintln!("skipped: the samples are not there");
        return None;
    };
    let file = std::fs::read(folder.join("captured-rewraps.json")).unwrap();
    let requests: Value = serde_json::from_slice(&file).unwrap();
    let token = |request: &Value| {
        let mut claims = request["srtClaims"].clone();
        claims["requestBody"] = json!(request["requestBody"].to_string());
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let token = format!("{}.{}.AAAA", part(&request["srtHeader"]), part(&claims));
        // Made an hour before it says, or at its time.
        (token, claims["exp"].as_u64().unwrap() - 3600)
    };
    let tokens = requests.as_array().unwrap().iter().map(token).collect();
    Some((RsaSecret::from_pem(&pem).unwrap(), tokens))
}

#[test]
fn what_real_clients_sent_is_opened_and_wrapped_for_them() {
    let Some((service, tokens)) = samples() else { return };
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
    let Some((service, tokens)) = samples() else { return };
    let mut rewrap = Rewrap::read(&tokens[0].0, None, Timestamp(tokens[0].1 * 1000)).unwrap();
    rewrap.policies[0].policy_base64.push(' ');
    let answered: Value = serde_json::from_slice(&answer(Codec::Json, &rewrap, &service)).unwrap();
    let result = &answered["responses"][0]["results"][0];
    assert_eq!((&result["status"], &result["error"]), (&json!("fail"), &json!(DENIAL)));
    assert_eq!(result.get("kasWrappedKey"), None);
}

#[test]
fn a_request_is_read_as_it_went_over_the_wire() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/tdf"));
    let Ok(file) = std::fs::read(folder.join("captured-rewrap-http.json")) else {
        return eprintln!("skipped: the samples are not there");
    };
    let request: Value = serde_json::from_slice(&file).unwrap();
    let kind = request["headers"]["Content-Type"].as_str().unwrap();
    let body = request["body"].as_str().unwrap().as_bytes();
    let (codec, rewrap) = read(kind, "identity", body, None, Timestamp(1_795_472_000_000)).unwrap();
    assert_eq!((codec, rewrap.policies.len()), (Codec::Json, 1));
}
