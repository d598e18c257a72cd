//! The demo, as its user runs it, and what stands behind its refusals.

use attache_accord::ruling::Question;
use attache_release::{Pack, rule};
use serde_json::Value;
use std::process::Command;
use std::sync::LazyLock;

/// One run of the demo, for all tests.
static DEMO: LazyLock<Value> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.txt");
    std::fs::write(&own, vec![b'x'; 3_000_000]).unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_attache"));
    demo.args(["--json", "demo", "--folder"]).arg(folder.path().join("demo")).arg("--send").arg(&own);
    let output = demo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn questions() -> Vec<(String, Question)> {
    let refusals = DEMO["refusals"].as_array().unwrap();
    refusals
        .iter()
        .map(|refusal| {
            let hex = refusal["question_cbor"].as_str().unwrap();
            let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            (refusal["code"].as_str().unwrap().to_owned(), minicbor::decode(&bytes).unwrap())
        })
        .collect()
}

#[test]
fn four_kinds_of_items_cross_and_are_receipted() {
    let items = DEMO["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["imagery", "track", "patrol", "humint", "document"]);
    assert!(items.iter().all(|item| item["receipt"]["outcome"] == "admitted"));
}

#[test]
fn only_the_part_below_the_tearline_travels() {
    let humint = DEMO["items"].as_array().unwrap().iter().find(|item| item["kind"] == "humint").unwrap();
    assert_eq!(humint["tearline"], true);
    // The whole report is longer than what was received.
    assert!(humint["bytes"].as_u64().unwrap() < 2_000);
}

#[test]
fn each_refusal_cites_its_article_in_three_languages_and_stands_beside_a_permit() {
    let refusals = DEMO["refusals"].as_array().unwrap();
    let articles: Vec<_> = refusals.iter().map(|refusal| refusal["article"].as_str().unwrap()).collect();
    assert_eq!(articles, ["4", "6(a)", "7", "product"]);
    for refusal in refusals {
        assert!(
            ["ko", "ja", "en"]
                .iter()
                .all(|language| !refusal["reason"][language].as_str().unwrap().is_empty())
        );
        assert_eq!(refusal["nearest"]["granted"], true);
    }
}

#[test]
fn without_its_rule_each_refusal_becomes_a_permit() {
    let pack = Pack::gsomia_2016();
    for (code, question) in questions() {
        assert!(!rule(&question, &pack).is_granted(), "{code}");
        assert!(rule(&question, &pack.dangerously_without(&code)).is_granted(), "{code}");
    }
}

#[test]
fn the_evidence_is_proved_and_a_flipped_byte_is_noticed() {
    let verification = &DEMO["verification"];
    assert_eq!(verification["verdict"], "proved");
    assert_eq!(verification["altered"]["verdict"], "failed");
    assert_eq!(verification["altered"]["first"]["check"], "V-005");
    assert_eq!(verification["counts"]["receipts"], 6);
}

/// One run of the demo with three nodes.
static VIA: LazyLock<Value> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_attache"));
    demo.args(["--json", "demo", "--via-washington", "--folder"]).arg(folder.path().join("demo"));
    let output = demo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

#[test]
fn through_washington_both_hops_are_receipted_at_three_levels() {
    let seen: Vec<_> = VIA["hops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| ["to", "state", "level", "basis"].map(|what| hop[what].as_str().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            ["washington.usa", "receipted", "USA:SECRET", "kor-usa-1987"],
            ["tokyo.jpn", "receipted", "JPN:GOKUHI", "jpn-usa-2007"]
        ]
    );
    let banner = VIA["legs"][1]["banner"]["ko"].to_string();
    for marking in ["極秘", "군사II급비밀", "경유: 미합중국 국방부 · SECRET"] {
        assert!(banner.contains(marking), "{banner}");
    }
}

#[test]
fn through_washington_what_is_refused_is_told_and_a_missing_approval_is_noticed() {
    let codes: Vec<_> =
        VIA["refusals"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["R-024", "R-006"]);
    assert!(VIA["refusals"].as_array().unwrap().iter().all(|refusal| refusal["nearest"]["granted"] == true));
    assert_eq!(VIA["verification"]["verdict"], "proved");
    assert_eq!(VIA["verification"]["altered"]["check"], "V-060");
}
