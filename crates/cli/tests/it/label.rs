//! Labels, sidecars and security policies as files, as a user of the binary makes and checks them.
//!
//! *Absent:* a node; these commands need none.

use crate::{attache, text};
use std::path::Path;

const MARKING: [&str; 8] =
    ["--level", "KOR:II", "--kind", "humint", "--releasable-to", "JPN", "--at", "2026-11-23"];

fn with(before: &[&str], after: &[&str]) -> std::process::Output {
    attache(&[before, &MARKING, after].concat())
}

fn in_folder(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_label_that_is_written_is_read_and_checked_in_three_languages() {
    let folder = tempfile::tempdir().unwrap();
    let label = in_folder(folder.path(), "label.xml");
    let written = with(&["label", "write"], &["--out", &label]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    let again = with(&["label", "write"], &["--out", &label]);
    assert_eq!(again.status.code(), Some(2), "a label is never overwritten");
    let told: Vec<_> = ["ko", "ja", "en"]
        .map(|language| text(&attache(&["label", "read", &label, "--language", language]).stdout))
        .into();
    assert!(told.iter().all(|told| told.contains("군사II급비밀") && told.contains("KOR · JPN")), "{told:?}");
    assert!(told[0] != told[1] && told[1] != told[2]);
    let checked = attache(&["label", "check", &label, "--json"]);
    assert!(checked.status.success() && text(&checked.stdout).contains("\"valid\": true"));
}

#[test]
fn a_sidecar_tells_a_changed_document_from_the_one_that_was_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let document = in_folder(folder.path(), "report.txt");
    let sidecar = format!("{document}.bdo");
    std::fs::write(&document, "a report").unwrap();
    let bound = with(&["label", "bind", &document], &["--own-level", "JPN:TOKUTEI"]);
    assert!(bound.status.success(), "{}", text(&bound.stderr));
    let check = || attache(&["label", "check", &sidecar, "--document", &document]);
    assert!(check().status.success());
    std::fs::write(&document, "a report.").unwrap();
    let changed = check();
    assert_eq!(changed.status.code(), Some(1));
    assert!(text(&changed.stdout).contains("another document"));
    let read = attache(&["label", "read", &sidecar]);
    assert!(text(&read.stdout).contains("特定秘密") && text(&read.stdout).contains("군사II급비밀"));
}

#[test]
fn a_level_that_the_table_does_not_set_beside_another_is_not_written() {
    for own in ["JPN:HI", "KOR:III", "JPN:XX", "USA:S"] {
        let refused = with(&["label", "write"], &["--own-level", own]);
        assert_eq!(refused.status.code(), Some(2), "{own}");
    }
}

#[test]
fn a_label_of_another_policy_is_not_valid_and_bad_xml_is_named_by_its_line() {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/label");
    let other = attache(&["label", "check", &format!("{vectors}/label/control.xml")]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stdout).contains("policy"));
    let policy = format!("{vectors}/spif/control.xml");
    let by_policy = attache(&["label", "check", &format!("{vectors}/label/control.xml"), "--spif", &policy]);
    assert_eq!(by_policy.status.code(), Some(1), "another identifier");
    for (file, told) in [
        ("label/entity-bomb.xml", "document type"),
        ("label/no-creation-time.xml", "CreationDateTime is missing"),
        ("sidecar/weak-digest.bdo", "digest method"),
    ] {
        let refused = attache(&["label", "read", &format!("{vectors}/{file}")]);
        assert_eq!(refused.status.code(), Some(2), "{file}");
        assert!(text(&refused.stderr).contains(told), "{}", text(&refused.stderr));
    }
}

#[test]
fn a_scheme_is_exported_and_answers_which_level_is_equivalent() {
    let folder = tempfile::tempdir().unwrap();
    let (korea, japan) = (in_folder(folder.path(), "kor.xml"), in_folder(folder.path(), "jpn.xml"));
    for (party, file) in [("KOR", &korea), ("JPN", &japan)] {
        assert!(attache(&["spif", "export", party, "--out", file]).status.success());
    }
    let two = attache(&["spif", "equivalent", &korea, "군사II급비밀", &japan]);
    assert!(text(&two.stdout).contains("極秘 or 特定秘密; a person must choose"));
    let back = attache(&["spif", "equivalent", &korea, "極秘", &japan, "--incoming"]);
    assert_eq!(text(&back.stdout).trim(), "極秘 corresponds to 군사II급비밀");
    let never = attache(&["spif", "equivalent", &korea, "군사I급비밀", &japan]);
    assert_eq!(never.status.code(), Some(1));

    let label = in_folder(folder.path(), "label.xml");
    assert!(with(&["label", "write"], &["--out", &label]).status.success());
    let marked = attache(&["spif", "mark", &korea, &label, "--language", "ja"]);
    assert!(text(&marked.stdout).starts_with("大韓民国 군사II급비밀 KOR, JPN"));
    assert!(attache(&["label", "check", &label, "--spif", &korea]).status.success());
    assert_eq!(attache(&["label", "check", &label, "--spif", &japan]).status.code(), Some(1));
    let shown = attache(&["spif", "show", &japan, "--json"]);
    assert!(text(&shown.stdout).contains("gsomia-2016:KOR"));
    assert_eq!(attache(&["spif", "export", "USA"]).status.code(), Some(2));
}

#[test]
fn labels_of_every_pack_are_valid_under_the_spif_of_their_party() {
    let folder = tempfile::tempdir().unwrap();
    let third = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/packs/arvonia-belmark-2031");
    let markings: [(&str, &str, &[&str]); 4] = [
        ("gsomia-2016", "JPN:HI", &["--releasable-to", "KOR", "--kind", "track"]),
        (
            "tisa-2014",
            "KOR:II",
            &["--releasable-to", "USA", "--kind", "imagery", "--topic", "north-korean-missile"],
        ),
        (
            "tisa-2014",
            "USA:SECRET",
            &["--releasable-to", "KOR", "--releasable-to", "JPN", "--kind", "imagery"],
        ),
        (third, "XAA:AMBER", &["--releasable-to", "XBB", "--kind", "weather"]),
    ];
    for (number, (pack, level, more)) in markings.into_iter().enumerate() {
        let (policy, label) = (
            in_folder(folder.path(), &format!("{number}.spif")),
            in_folder(folder.path(), &format!("{number}.xml")),
        );
        let exported = attache(&["spif", "export", &level[..3], "--pack", pack, "--out", &policy]);
        assert!(exported.status.success(), "{}", text(&exported.stderr));
        let shown = text(&attache(&["spif", "show", &policy, "--json"]).stdout);
        assert!(shown.contains("\"remarks\": []"), "{shown}");
        let write = [&["label", "write", "--level", level, "--pack", pack, "--out", &label], more].concat();
        let written = attache(&write);
        assert!(written.status.success(), "{}", text(&written.stderr));
        for by in [["--spif", policy.as_str()], ["--pack", pack]] {
            let checked = attache(&[&["label", "check", &label], by.as_slice()].concat());
            assert!(checked.status.success(), "{level} {by:?}: {}", text(&checked.stdout));
        }
    }
}
