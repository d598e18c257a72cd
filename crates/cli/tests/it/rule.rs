//! What the rules would say: no node, no record.

use crate::{attache, text};
use std::process::Output;

const RELEASE: &[&str] = &[
    "--what-if",
    "release",
    "--level",
    "KOR:II",
    "--kind",
    "imagery",
    "--releasable-to",
    "JPN",
    "--to",
    "JPN",
    "--assured",
    "JPN:GOKUHI",
    "--role",
    "disclosure-officer",
    "--duty",
    "imagery",
    "--clearance",
    "KOR:II",
    "--requester",
    "analyst-1",
    "--at",
    "2026-11-23",
];

const PASS_ON: &[&str] = &[
    "--what-if",
    "pass-on",
    "--level",
    "KOR:II",
    "--kind",
    "humint",
    "--party",
    "JPN",
    "--own-level",
    "JPN:GOKUHI",
    "--to",
    "USA",
    "--role",
    "disclosure-officer",
    "--duty",
    "humint",
    "--clearance",
    "JPN:GOKUHI",
    "--at",
    "2026-11-23",
];

fn rule(supposed: &[&str], further: &[&str]) -> Output {
    attache(&[&["rule"], supposed, further].concat())
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_would_be_permitted_exits_with_0_and_names_its_article_and_the_facts() {
    let output = rule(RELEASE, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = json(&output);
    assert_eq!((&told["granted"], &told["recorded"]), (&true.into(), &false.into()));
    let reason = &told["reasons"][0];
    assert_eq!((&reason["code"], &reason["article"]), (&"R-102".into(), &"1".into()));
    let facts = reason["facts"].as_array().unwrap();
    let fact = |name: &str| facts.iter().find(|fact| fact["name"] == name).unwrap()["value"].clone();
    assert_eq!((fact("originator"), fact("recipient")), ("KOR".into(), "JPN".into()));
    assert!(fact("positions").as_str().unwrap().contains("JPN: in force since"));
    assert!(told["nearest"].is_null());
}

#[test]
fn what_would_be_refused_exits_with_1_and_says_whose_approval_it_needs_in_three_languages() {
    for (language, wanted) in [
        ("en", "prior written approval of Republic of Korea under 6(a), for USA"),
        ("ko", "협정 6(a)에 따라 대한민국 측이 USA"),
        ("ja", "協定6(a)により、大韓民国がUSA"),
    ] {
        let output = rule(PASS_ON, &["--lang", language]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stdout);
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn an_approval_for_the_very_third_party_permits_and_another_does_not() {
    for (approved, code) in
        [("third-party=USA", 0), ("third-party=GBR", 1), ("purpose=training", 1), ("downgrade=KOR:III", 1)]
    {
        assert_eq!(rule(PASS_ON, &["--approved", approved]).status.code(), Some(code), "{approved}");
    }
}

#[test]
fn the_nearest_permitted_change_names_each_fact_before_and_after() {
    let told = json(&rule(PASS_ON, &["--position", "JPN=none", "--json"]));
    let nearest = told["nearest"].as_array().unwrap();
    let codes: Vec<_> = nearest.iter().map(|change| change["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["R-002", "R-005"]);
    let approvals = &nearest[1]["facts"][0];
    assert_eq!(
        (&approvals["from"]["value"], &approvals["from"]["name"]),
        (&"none".into(), &"approvals".into())
    );
    assert!(approvals["to"]["value"].as_str().unwrap().starts_with("KOR: USA"));
}

#[test]
fn where_no_change_of_facts_helps_that_is_said() {
    let output = rule(RELEASE, &["--holder", "JPN"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("No change of these facts"), "{}", text(&output.stdout));
}

#[test]
fn each_action_can_be_supposed() {
    let held = ["--level", "KOR:II", "--kind", "humint", "--party", "JPN", "--own-level", "JPN:GOKUHI"];
    let person = [
        "--duty",
        "humint",
        "--clearance",
        "JPN:GOKUHI",
        "--role",
        "desk-officer",
        "--role",
        "disclosure-officer",
    ];
    for (action, further) in [
        ("open", &[][..]),
        ("other-purpose", &["--purpose", "training", "--approved", "purpose=training"]),
        ("downgrade", &["--choose", "JPN:HI", "--approved", "downgrade=KOR:III"]),
        ("copy", &["--copy", "1/2"]),
        ("translate", &["--copy", "1/1", "--translator", "JPN:GOKUHI"]),
        (
            "give-to-contractor",
            &[
                "--contractor",
                "yard",
                "--facility-clearance",
                "JPN:GOKUHI",
                "--inspected-until",
                "2099-01-01",
                "--responsible",
                "chief",
                "--staff-registered",
            ],
        ),
    ] {
        let supposed = [&["--what-if", action], &held[..], &person].concat();
        let output = rule(&supposed, further);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{action}: {}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
    }
    let visit = ["--official", "--visit-approved-by", "KOR", "--highest", "KOR:II"];
    for (action, further) in [("visit", &visit[..]), ("dispatch", &[])] {
        let supposed = [&["--what-if", action], &RELEASE[2..]].concat();
        assert_eq!(rule(&supposed, further).status.code(), Some(0), "{action}");
    }
    let request = [&["--what-if", "request"], &RELEASE[2..]].concat();
    assert_eq!(rule(&request, &["--role", "analyst"]).status.code(), Some(0));
    let arrival = ["--level", "KOR:II", "--kind", "humint", "--party", "JPN", "--releasable-to", "JPN"];
    let admit = [&["--what-if", "admit"], &arrival[..], &person].concat();
    assert_eq!(rule(&admit, &["--choose", "JPN:TOKUTEI"]).status.code(), Some(0));
    assert_eq!(rule(&admit, &["--choose", "JPN:HI"]).status.code(), Some(1));
}

#[test]
fn another_pack_answers_by_its_own_terms() {
    let output = rule(RELEASE, &["--pack", "tisa-2014", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let told = json(&output);
    assert_eq!(told["agreement"], "tisa-2014");
    let codes: Vec<_> = told["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect();
    assert!(codes.contains(&&"R-013".into()), "{codes:?}");
}

#[test]
fn a_slip_of_the_keys_names_its_field_and_exits_with_2() {
    for (further, field) in [
        (&["--position", "KOR=always"][..], "position"),
        (&["--position", "Korea=none"], "position"),
        (&["--approved", "everything"], "approved"),
        (&["--approved", "third-party=usa"], "approved"),
        (&["--copy", "two"], "copy"),
        (&["--assured", "GOKUHI"], "assured"),
        (&["--unmarked"], "--copy"),
        (&["--pack", "no-such-pack"], "pack"),
    ] {
        let output = rule(RELEASE, further);
        assert_eq!(output.status.code(), Some(2), "{further:?}");
        assert!(text(&output.stderr).contains(field), "{}", text(&output.stderr));
    }
    for supposed in
        [&[][..], &["--what-if", "fly"], &["--what-if", "open"], &["--what-if", "open", "--level", "KOR:II"]]
    {
        assert_eq!(rule(supposed, &[]).status.code(), Some(2), "{supposed:?}");
    }
}

#[test]
fn a_code_is_explained_without_a_node_in_three_languages() {
    let told = ["ko", "ja", "en"]
        .map(|language| text(&attache(&["explain", "R-005", "--language", language]).stdout));
    assert!(told.iter().all(|text| text.contains("R-005") && text.contains("6(a)") && !text.contains('{')));
    assert!(told[0] != told[1] && told[1] != told[2]);
}
