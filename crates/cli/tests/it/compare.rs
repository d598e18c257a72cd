//! `attache agreement compare`, as the agreement office runs it on two versions of a text.
//!
//! *Absent:* a node; and where cvc5 is not installed all but what is said then.

use crate::{attache, text};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Whether there is a solver; said where there is none.
fn has_solver() -> bool {
    let found = attache_proof::Solver::find();
    if let Err(why) = &found {
        eprintln!("skipped: {why}");
    }
    found.is_ok()
}

/// The shipped pack in a folder, with one thing in one of its files written in another way.
fn amended(folder: &Path, file: &str, (from, to): (&str, &str)) -> String {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../agreements/gsomia-2016");
    std::fs::create_dir_all(folder.join("articles")).unwrap();
    for name in attache_release::PACK_FILES {
        let mut text = std::fs::read_to_string(pack.join(name)).unwrap();
        if name == file {
            assert!(text.contains(from), "{file} has no {from:?} any more");
            text = text.replace(from, to);
        }
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder.display().to_string()
}

/// Visitors may also be shown something by an analyst.
const LOOSER: (&str, &str) = (
    "  action == Action::\"dispatch\"\n",
    "  action == Action::\"dispatch\" ||\n  (action == Action::\"visit\" && principal.roles.contains(\"analyst\"))\n",
);

#[test]
fn an_amendment_that_permits_more_is_shown_with_an_example_and_its_reverse_is_not_refused() {
    if !has_solver() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let looser = amended(folder.path(), "policies.cedar", LOOSER);
    let found = attache(&["agreement", "compare", "gsomia-2016", &looser, "--json"]);
    assert_eq!(found.status.code(), Some(1), "{}", text(&found.stderr));
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    for action in json["actions"].as_array().unwrap() {
        let is_visit = action["action"] == "visit";
        assert_eq!(action["more"]["verdict"], if is_visit { "example" } else { "nothing" }, "{action}");
        assert_eq!(action["less"]["verdict"], "nothing", "{action}");
        if is_visit {
            assert_eq!(action["more"]["refused_by"][0]["code"], "R-022");
            assert_eq!(action["more"]["granted_by"][0]["code"], "R-112");
            let facts = action["more"]["facts"].as_array().unwrap();
            assert!(
                facts.iter().any(|fact| fact["name"] == "roles" && fact["value"] == "analyst"),
                "{facts:?}"
            );
        }
    }
    let back = attache(&["agreement", "compare", &looser, "gsomia-2016", "--language", "ja"]);
    assert_eq!(back.status.code(), Some(0));
    assert!(text(&back.stdout).contains("許可されていたものをもはや許可しない"), "{}", text(&back.stdout));
}

#[test]
fn a_text_that_changes_words_only_permits_the_same() {
    if !has_solver() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let reworded = amended(folder.path(), "terms.toml", ("version = \"1.0.0\"", "version = \"1.0.1\""));
    let found = attache(&["agreement", "compare", "gsomia-2016", &reworded]);
    assert_eq!(found.status.code(), Some(0), "{}", text(&found.stderr));
    assert!(text(&found.stdout).contains("Proved for every question"), "{}", text(&found.stdout));
}

#[test]
fn agreements_that_differ_and_a_solver_that_is_not_there_are_said_plainly() {
    let absent = Command::new(env!("CARGO_BIN_EXE_attache"))
        .args(["agreement", "compare", "gsomia-2016", "gsomia-2016"])
        .env("CVC5", "/nonexistent/cvc5")
        .output()
        .unwrap();
    assert_eq!(absent.status.code(), Some(3));
    assert!(text(&absent.stderr).contains("cvc5 is not here"), "{}", text(&absent.stderr));
    if has_solver() {
        let others = attache(&["agreement", "compare", "gsomia-2016", "tisa-2014"]);
        assert_eq!(others.status.code(), Some(2));
        assert!(text(&others.stderr).contains("different agreements"), "{}", text(&others.stderr));
    }
}
