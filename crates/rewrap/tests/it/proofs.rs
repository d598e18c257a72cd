//! Proofs of possession.

use attache_accord::Timestamp;
use attache_rewrap::proof::{Call, Proof};
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
