//! How the logs stand, as a user sees it, and proof of a fork checked on any machine.

use crate::pair::{Pair, until};
use crate::{attache, text};
use serde_json::Value;
use std::path::Path;

#[test]
fn the_log_status_of_two_nodes_shows_what_each_cosigned_and_nothing_is_to_be_decided() {
    let pair = Pair::new();
    for (post, other) in [(&pair.seoul, &pair.tokyo), (&pair.tokyo, &pair.seoul)] {
        let logs = until("a cosignature", || {
            let logs = post.must("registrar", "log status").document;
            let partner = &logs["partners"][0];
            let is_whole = partner["cosigned"].is_u64() && partner["cosigned"] == logs["published"];
            (is_whole && partner["seen"].is_u64()).then_some(logs)
        });
        assert_eq!(logs["partners"][0]["node"], other.nation.node);
        assert_eq!(logs["partners"][0]["state"], "sound");
        assert!(logs["age_seconds"].is_u64(), "{logs}");
        let accept = format!("log accept {} --basis note-17", other.nation.node);
        let none = post.ask("office", &accept);
        assert_eq!((none.code, none.text("/error/field")), (2, "node".into()));
        assert_eq!(post.ask("registrar", &accept).text("/error/code"), "forbidden");
        let fork = format!("log fork save {} --out fork", other.nation.node);
        assert_eq!(post.ask("registrar", &fork).text("/error/code"), "unknown");
    }
    let inspected = pair.seoul.must("inspector", "log status");
    assert_eq!(inspected.text("/origin"), "seoul.kor/log/1");
}

#[test]
fn a_checkpoint_from_elsewhere_is_compared_with_what_was_cosigned_here() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    until("a cosignature of Seoul", || {
        let cosigned = &tokyo.must("registrar", "log status").document["partners"][0]["cosigned"];
        cosigned.as_u64()
    });
    tokyo.must("registrar", "evidence --out tree");
    let cosigned = tokyo.file("tree/tokyo.jpn/cosigned");
    let compare = |file: &Path| seoul.ask("registrar", &format!("log compare tokyo.jpn {}", file.display()));
    let same = compare(&cosigned);
    assert_eq!((same.code, same.text("/outcome")), (0, "same".into()));
    let comparison = format!("log compare tokyo.jpn {}", cosigned.display());
    let (told, code) = seoul.reads("registrar", "ja", &comparison);
    assert!(code == Some(0) && told.contains("同じである"), "{told}");
    // Offline, by the tree that it is of.
    let held = |file: &Path| {
        let verify = format!("verify {} --checkpoint {}", tokyo.file("tree").display(), file.display());
        let document = tokyo.ask("nobody", &verify).document;
        let found = document["findings"].as_array().unwrap().iter().find(|found| found["check"] == "V-076");
        found.unwrap()["outcome"]["is"].as_str().unwrap().to_owned()
    };
    assert_eq!(held(&cosigned), "proved");

    let cut = seoul.file("cut");
    let whole = std::fs::read(&cosigned).unwrap();
    std::fs::write(&cut, &whole[..whole.len() - 1]).unwrap();
    let wrong = compare(&cut);
    assert_eq!((wrong.code, wrong.text("/error/field")), (2, "note".into()));
    assert_eq!(held(&cut), "failed");
    assert_eq!(compare(&seoul.file("nothing")).code, 2);
    let own = format!("log compare seoul.kor {}", cosigned.display());
    assert_eq!(seoul.ask("registrar", &own).text("/error/code"), "unknown");
    assert_eq!(seoul.ask("inspector", &comparison).text("/error/code"), "forbidden");
}

/// A file of the fork vectors, and its key.
fn vector(name: &str, folder: &Path) -> (String, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/tlog/fork.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let case = file["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    let path = folder.join("fork");
    std::fs::write(&path, case["file"].as_str().unwrap()).unwrap();
    (path.to_str().unwrap().to_owned(), case["keys"][0].as_str().unwrap().to_owned())
}

#[test]
fn a_proof_of_a_fork_is_told_in_three_languages_and_what_is_none_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = vector("two roots of one size", folder.path());
    let show = |more: &[&str]| attache(&[&["log", "fork", "show", &file, "--key", &key], more].concat());
    let told = ["en", "ko", "ja"].map(|language| text(&show(&["--language", language]).stdout));
    assert!(
        told[0].contains("PROVED") && told[1].contains("증명됨") && told[2].contains("証明された"),
        "{told:?}"
    );
    let json: Value = serde_json::from_slice(&show(&["--json"]).stdout).unwrap();
    assert_eq!((&json["proves"], &json["kept"]["size"]), (&"two roots".into(), &9.into()));

    vector("no proof from the smaller to the larger", folder.path());
    assert!(text(&show(&[]).stdout).contains("can refute"));
    vector("one history with its proof", folder.path());
    let none = show(&[]);
    assert_eq!((none.status.code(), text(&none.stdout).contains("No fork")), (Some(1), true));
    vector("a second checkpoint by another signer", folder.path());
    assert_eq!(show(&[]).status.code(), Some(2));
    vector("cut by a byte", folder.path());
    assert_eq!(show(&[]).status.code(), Some(2));
    let bare = attache(&["log", "fork", "show", &file]);
    assert_eq!(bare.status.code(), Some(2), "without keys nothing is shown");
}
