//! `vectors/statement/statements.json`, which other implementations read too.

use crate::samples::EXPECT;
use attache_accord::control::Recall;
use attache_seal::papers::{
    Admission, Decision, HopReceipt, LogSuccession, Opening, OpeningAnswer, OpeningDecision, OpeningKey,
    Receipt, SignIn, Waybill,
};
use attache_seal::{Body, Signed, StatementError, VerifyingPair};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

const FILE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/statement/statements.json"));
const OPENINGS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/statement/openings.json"));
const RELAY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/statement/relay.json"));

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}"))
}

fn key(file: &Value) -> VerifyingPair {
    let ed25519 = HEXLOWER.decode(text(&file["key"], "ed25519_hex").as_bytes()).unwrap();
    let mldsa65 = BASE64.decode(text(&file["key"], "mldsa65_base64").as_bytes()).unwrap();
    VerifyingPair::new(ed25519.try_into().unwrap(), mldsa65.try_into().unwrap())
}

fn open<B: Body>(bytes: &[u8], key: &VerifyingPair) -> Result<(), StatementError> {
    Signed::from_bytes(bytes)?.open::<B>(key, &EXPECT).map(|_| ())
}

#[test]
fn every_statement_vector_ends_as_its_file_says() {
    let counts = [FILE, OPENINGS, RELAY].map(ends_as_it_says);
    assert!(counts[0] > 30 && counts[1] > 20 && counts[2] > 10);
}

/// Opens every case of a file, and says how many there are.
fn ends_as_it_says(file: &str) -> usize {
    let file: Value = serde_json::from_str(file).unwrap();
    let key = key(&file);
    assert_eq!(key.key_id().to_string(), text(&file["key"], "key_id_hex"));
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let bytes = BASE64.decode(text(case, "statement_base64").as_bytes()).unwrap();
        let result = match text(case, "kind") {
            "receipt" => open::<Receipt>(&bytes, &key),
            "decision" => open::<Decision>(&bytes, &key),
            "admission" => open::<Admission>(&bytes, &key),
            "sign-in" => open::<SignIn>(&bytes, &key),
            "waybill" => open::<Waybill>(&bytes, &key),
            "hop-receipt" => open::<HopReceipt>(&bytes, &key),
            "recall" => open::<Recall>(&bytes, &key),
            "opening" => open::<Opening>(&bytes, &key),
            "opening-key" => open::<OpeningKey>(&bytes, &key),
            "opening-answer" => open::<OpeningAnswer>(&bytes, &key),
            "opening-decision" => open::<OpeningDecision>(&bytes, &key),
            "log-succession" => open::<LogSuccession>(&bytes, &key),
            other => panic!("no such kind: {other}"),
        };
        let found = result.as_ref().map_or_else(StatementError::code, |()| "ok");
        assert_eq!(found, text(case, "result"), "{}", text(case, "name"));
        if found == "ok" {
            assert_eq!(Signed::from_bytes(&bytes).unwrap().digest().to_string(), text(case, "digest_hex"));
        }
    }
    cases.len()
}
