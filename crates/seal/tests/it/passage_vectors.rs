//! `vectors/passage`: chains as a manifest carries them and words of a hub, which other implementations read too.

use crate::samples::{EXPECT, head, pair};
use attache_accord::passage::{self, Fate};
use attache_accord::{CaseId, Digest, DispatchId, Timestamp};
use attache_seal::papers::{Hop, MAX_PASSAGE_BYTES, Passage};
use attache_seal::tdf::Assertion;
use attache_seal::{Sign as _, Signed, Statement};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/passage")).join(name)
}

fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file(name)).unwrap()).unwrap()
}

fn chain() -> Passage {
    let level = "USA:SECRET".parse().unwrap();
    Passage { package: vec![1; 3], consent: vec![2; 4], receipt: vec![3; 5], level }
}

fn hop(fate: Fate) -> Hop {
    let receipt = matches!(fate, Fate::Receipted { .. }).then(|| vec![7; 9]);
    let consent = (!matches!(fate, Fate::Refused {})).then_some(Digest([3; 32]));
    let hop = passage::Hop {
        passage: CaseId([1; 16]),
        dispatch: DispatchId([2; 16]),
        package: Digest([4; 32]),
        level: "USA:SECRET".parse().unwrap(),
        recipient: "tokyo.jpn".parse().unwrap(),
        party: "JPN".parse().unwrap(),
        consent,
        fate,
    };
    Hop { hop, receipt }
}

fn receipted() -> Fate {
    Fate::Receipted { receipt: Digest([5; 32]), level: Some("JPN:GOKUHI".parse().unwrap()) }
}

#[test]
fn every_chain_is_read_or_refused_as_its_file_says() {
    let cases = read("chains.json");
    let cases = cases.as_array().unwrap();
    for case in cases {
        let assertion: Assertion = serde_json::from_value(case["assertion"].clone()).unwrap();
        let found = Passage::from_assertion(&assertion);
        assert_eq!(found.is_ok(), case["is_read"] == true, "{}: {found:?}", case["name"]);
        if let Ok(passage) = found {
            assert_eq!(passage, chain());
            assert_eq!(passage.to_assertion().unwrap(), assertion);
        }
    }
    assert!(cases.len() >= 8 && cases.iter().filter(|case| case["is_read"] == true).count() == 1);
}

#[test]
fn every_hop_is_opened_or_refused_as_its_file_says() {
    let cases = read("hops.json");
    for case in cases["cases"].as_array().unwrap() {
        let bytes = BASE64.decode(case["statement_base64"].as_str().unwrap().as_bytes()).unwrap();
        let opened =
            Signed::from_bytes(&bytes).and_then(|signed| signed.open::<Hop>(pair(3).verifying(), &EXPECT));
        let found = opened.as_ref().map_or_else(|error| error.code(), |_| "ok");
        assert_eq!(found, case["result"], "{}", case["name"]);
    }
}

#[test]
fn a_chain_longer_than_the_limit_is_not_written() {
    let long = Passage { package: vec![0; MAX_PASSAGE_BYTES], ..chain() };
    assert!(long.to_assertion().is_err());
}

#[test]
#[ignore = "writes files; run it by hand when the form changes"]
fn write_the_vectors_of_passages() {
    let good = chain().to_assertion().unwrap();
    let as_json = |assertion: &Assertion| serde_json::to_value(assertion).unwrap();
    let with = |member: &str, value: Value| {
        let mut changed = as_json(&good);
        changed["statement"][member] = value;
        changed
    };
    let bytes = minicbor::to_vec(chain()).unwrap();
    let text = |bytes: &[u8]| Value::from(BASE64.encode(bytes));
    let mut kind = as_json(&good);
    kind["type"] = "handling".into();
    let mut scope = as_json(&good);
    scope["scope"] = "payload".into();
    let mut bound = as_json(&good);
    bound["binding"] = json!({ "method": "jws", "signature": "e30.e30.AA" });
    let mut longer = bytes.clone();
    longer.push(0);
    let mut indefinite = bytes.clone();
    indefinite[0] = 0xbf;
    indefinite.push(0xff);
    let chains = json!([
        { "name": "a chain", "is_read": true, "assertion": as_json(&good) },
        { "name": "of another type", "is_read": false, "assertion": kind },
        { "name": "of another scope", "is_read": false, "assertion": scope },
        { "name": "with a binding", "is_read": false, "assertion": bound },
        { "name": "in another format", "is_read": false, "assertion": with("format", "cbor".into()) },
        { "name": "under another schema", "is_read": false, "assertion": with("schema", "urn:attache:passage:2".into()) },
        { "name": "no text", "is_read": false, "assertion": with("value", json!({})) },
        { "name": "no base64", "is_read": false, "assertion": with("value", "*".into()) },
        { "name": "cut by one byte", "is_read": false, "assertion": with("value", text(&bytes[..bytes.len() - 1])) },
        { "name": "a byte behind it", "is_read": false, "assertion": with("value", text(&longer)) },
        { "name": "a map of indefinite length", "is_read": false, "assertion": with("value", text(&indefinite)) },
        { "name": "longer than 32768 bytes", "is_read": false, "assertion": with("value", text(&vec![0; MAX_PASSAGE_BYTES + 1])) },
    ]);
    let pair = pair(3);
    let seal = |body: Hop| Signed::seal(&Statement { head: head(&pair), body }, &pair).unwrap().to_bytes();
    let raw = |body: Hop| {
        // Past the checks of the form, which a foreign signer may not make.
        let inner = minicbor::to_vec(Statement { head: head(&pair), body }).unwrap();
        let signatures = pair.sign("hop", &inner).unwrap();
        let mut bytes = Vec::new();
        let mut encoder = minicbor::Encoder::new(&mut bytes);
        encoder.map(4).unwrap().u8(0).unwrap().str("hop").unwrap().u8(1).unwrap().bytes(&inner).unwrap();
        encoder
            .u8(2)
            .unwrap()
            .bytes(&signatures.ed25519)
            .unwrap()
            .u8(3)
            .unwrap()
            .bytes(&signatures.mldsa65)
            .unwrap();
        bytes
    };
    let without_receipt = Hop { receipt: None, ..hop(receipted()) };
    let with_receipt = Hop { receipt: Some(vec![7; 9]), ..hop(Fate::Overdue {}) };
    let mut unapproved = hop(Fate::Overdue {});
    unapproved.hop.consent = None;
    let mut approved = hop(Fate::Refused {});
    approved.hop.consent = Some(Digest([3; 32]));
    let case = |name: &str, result: &str, bytes: Vec<u8>| json!({ "name": name, "result": result, "statement_base64": BASE64.encode(&bytes) });
    let mut bent = seal(hop(receipted()));
    let last = bent.len() - 1;
    bent[last] ^= 1;
    let hops = json!({
        "about": "statements of the name hop, by the pair whose 64 seed bytes are all 3, under gsomia-2016 on the network exercise",
        "cases": [
            case("decided against", "ok", seal(hop(Fate::Refused {}))),
            case("begun", "ok", seal(hop(Fate::Begun { due: Timestamp(1_795_482_000_000) }))),
            case("declined", "ok", seal(hop(Fate::Declined { code: "C-029".to_owned() }))),
            case("overdue", "ok", seal(hop(Fate::Overdue {}))),
            case("receipted", "ok", seal(hop(receipted()))),
            case("receipted without the receipt", "limit", raw(without_receipt)),
            case("overdue with a receipt", "limit", raw(with_receipt)),
            case("overdue without an approval", "limit", raw(unapproved)),
            case("decided against with an approval", "limit", raw(approved)),
            case("declined with an empty code", "limit", raw(hop(Fate::Declined { code: String::new() }))),
            case("one bit of the ML-DSA-65 signature", "ml-dsa-65", bent),
            case("nothing", "malformed", Vec::new()),
        ],
    });
    std::fs::create_dir_all(file("")).unwrap();
    for (name, value) in [("chains.json", chains), ("hops.json", hops)] {
        std::fs::write(file(name), format!("{value:#}\n")).unwrap();
    }
}
