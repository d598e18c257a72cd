//! Proofs of possession.

use attache_accord::Timestamp;
use attache_rewrap::proof::{Call, Proof};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use std::sync::LazyLock;

/// The example of RFC 9449, figure 2.
const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/rewrap/proof.json"));
const MADE: u64 = 1_562_262_616;

static EXAMPLE: LazyLock<String> = LazyLock::new(|| {
    let file: serde_json::Value = serde_json::from_str(FILE).unwrap();
    file["proof"].as_str().unwrap().to_owned()
});

fn call() -> Call<'static> {
    Call { method: "POST", origin: "https://server.example.com", path: "/token", token: None }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp(seconds * 1000)
}

#[test]
fn the_example_of_the_standard_holds_and_has_its_thumbprint() {
    let proof = Proof::read(&EXAMPLE, call(), at(MADE)).unwrap();
    assert_eq!(proof.jti, "-BwC3ESc6acc2lTc");
    assert_eq!(proof.key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

#[test]
fn a_proof_holds_for_its_call_and_its_minute_only() {
    let read = |call, seconds| Proof::read(&EXAMPLE, call, at(seconds)).is_some();
    assert!(read(call(), MADE + 60));
    assert!(!read(call(), MADE + 61));
    assert!(read(call(), MADE - 120));
    assert!(!read(call(), MADE - 121));
    assert!(!read(Call { method: "GET", ..call() }, MADE));
    assert!(!read(Call { path: "/kas.AccessService/Rewrap", ..call() }, MADE));
    assert!(!read(Call { origin: "https://server.example.co", ..call() }, MADE));
    // It says nothing of a token, so it proves nothing about one.
    assert!(!read(Call { token: Some("token"), ..call() }, MADE));
}

#[test]
fn a_proof_that_was_altered_holds_nowhere() {
    for at_byte in (0..EXAMPLE.len()).step_by(7) {
        let mut altered = EXAMPLE.as_bytes().to_vec();
        altered[at_byte] = if altered[at_byte] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        assert!(altered == *EXAMPLE || Proof::read(&altered, call(), at(MADE)).is_none(), "byte {at_byte}");
    }
}

/// A proof for [`call`], by a key of its own, that says it was made at `iat`.
fn made(iat: f64) -> String {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) });
    let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
    let claims = json!({ "htm": "POST", "htu": "https://server.example.com/token", "iat": iat, "jti": "1" });
    let input = format!("{}.{}", part(header.to_string().as_bytes()), part(claims.to_string().as_bytes()));
    let signature = key.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", part(signature.as_ref()))
}

#[test]
fn a_proof_of_no_time_that_there_is_holds_nowhere() {
    assert!(Proof::read(&made(MADE as f64), call(), at(MADE)).is_some());
    for iat in [1e300, -1e300, u64::MAX as f64, f64::MAX] {
        assert_eq!(Proof::read(&made(iat), call(), at(MADE)), None, "{iat}");
    }
}
