//! What the binary says about the rule pack, as a user runs it.
//!
//! *Absent:* a node; these commands need none.

use crate::{attache, text};

#[test]
fn the_shipped_folder_and_the_built_in_pack_have_one_digest() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/gsomia-2016");
    let built_in = attache(&["agreement", "check", "--json"]);
    let loaded = attache(&["agreement", "check", folder, "--json"]);
    assert!(built_in.status.success() && loaded.status.success(), "{}", text(&loaded.stderr));
    assert_eq!(text(&built_in.stdout), text(&loaded.stdout));
}

#[test]
fn a_level_without_a_row_is_answered_no() {
    let top = attache(&["agreement", "equivalent", "KOR:I", "JPN"]);
    assert_eq!(top.status.code(), Some(1));
    assert!(text(&top.stdout).contains("no equivalent"));
    let second = attache(&["agreement", "equivalent", "KOR:II", "JPN"]);
    assert_eq!(second.status.code(), Some(0));
    assert!(text(&second.stdout).contains("特定秘密") && text(&second.stdout).contains("must choose"));
}

#[test]
fn a_reason_is_told_in_three_languages() {
    let told: Vec<_> = ["ko", "ja", "en"]
        .map(|language| text(&attache(&["agreement", "reason", "R-005", "--language", language]).stdout))
        .into();
    assert!(told.iter().all(|text| text.starts_with("R-005 ")));
    assert!(told[0] != told[1] && told[1] != told[2]);
}

#[test]
fn bad_input_names_the_field_and_exits_with_2() {
    for (arguments, field) in [
        (["agreement", "equivalent", "KOR:XX", "JPN"], "level"),
        (["agreement", "equivalent", "secret", "JPN"], "level"),
        (["agreement", "reason", "R-999", "--json"], "code"),
        (["agreement", "check", "/nonexistent", "--json"], "nonexistent"),
    ] {
        let output = attache(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(told.contains(field), "{told}");
    }
}
