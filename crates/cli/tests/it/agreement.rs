//! What the binary says about the rule pack, as a user runs it.
//!
//! *Absent:* a node; these commands need none.

use crate::{attache, text};
use attache_release::PACK_FILES;
use std::path::Path;

#[test]
fn the_shipped_folder_and_the_built_in_pack_have_one_digest() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/gsomia-2016");
    let built_in = attache(&["agreement", "check", "--json"]);
    let loaded = attache(&["agreement", "check", folder, "--json"]);
    assert!(built_in.status.success() && loaded.status.success(), "{}", text(&loaded.stderr));
    assert_eq!(text(&built_in.stdout), text(&loaded.stdout));
}

#[test]
fn the_arrangement_of_2014_is_built_in() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/tisa-2014");
    let built_in = attache(&["agreement", "check", "tisa-2014", "--json"]);
    let loaded = attache(&["agreement", "check", folder, "--json"]);
    assert!(built_in.status.success() && loaded.status.success(), "{}", text(&loaded.stdout));
    assert_eq!(text(&built_in.stdout), text(&loaded.stdout));
    let choice = attache(&["agreement", "equivalent", "USA:SECRET", "JPN", "--pack", "tisa-2014"]);
    assert!(text(&choice.stdout).contains("must choose"), "{}", text(&choice.stdout));
}

#[test]
fn a_faulty_pack_is_answered_no_with_the_line_of_each_fault() {
    let shipped = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/gsomia-2016"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("articles")).unwrap();
    for file in PACK_FILES {
        let text = std::fs::read_to_string(shipped.join(file)).unwrap();
        let text = text.replace("value = 90", "value = 0").replace("@article(\"2\")", "@article(\"99\")");
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let told = attache(&["agreement", "check", folder.path().to_str().unwrap()]);
    assert_eq!(told.status.code(), Some(1));
    let lines = text(&told.stdout);
    let line_of = |file: &str, needle: &str| {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        text.lines().position(|line| line.contains(needle)).unwrap() + 1
    };
    let terms = format!("terms.toml:{}: 0 is not between", line_of("terms.toml", "value = 0"));
    assert!(lines.contains(&terms), "{lines}");
    assert!(lines.contains("policies.cedar:") && lines.contains("\"99\""), "{lines}");

    let json = attache(&["agreement", "check", folder.path().to_str().unwrap(), "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["sound"], false);
    assert!(json["faults"].as_array().unwrap().iter().all(|fault| fault["line"].is_u64()), "{json}");
}

#[test]
fn a_sound_pack_is_told_in_three_languages() {
    let told = ["ko", "ja", "en"].map(|language| {
        text(&attache(&["agreement", "check", "gsomia-2016", "--language", language]).stdout)
    });
    assert!(told[0].contains("법제처 심사 → 차관회의") && told[1].contains("閣議決定"), "{told:?}");
    assert!(told[2].starts_with("The pack is sound."));
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
fn bad_input_names_the_field_and_exits_with_2() {
    for (arguments, field) in [
        (["agreement", "equivalent", "KOR:XX", "JPN"], "level"),
        (["agreement", "equivalent", "secret", "JPN"], "level"),
        (["explain", "R-999", "--json", "--language=ko"], "code"),
        (["agreement", "check", "/nonexistent", "--json"], "nonexistent"),
    ] {
        let output = attache(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(told.contains(field), "{told}");
    }
}
