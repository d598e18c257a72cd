//! The binary `attache-verify`: its exit codes, its three languages, and what it does without.

use crate::folder::{EVIDENCE, write};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub const BINARY: &str = env!("CARGO_BIN_EXE_attache-verify");

fn run(folder: &Path, with: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.env_remove("ATTACHE_LANGUAGE").arg(folder).args(with);
    for fingerprint in &EVIDENCE.fingerprints {
        command.args(["--fingerprint", fingerprint]);
    }
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn what_is_proved_what_is_not_and_where_the_first_fault_lies_is_told_in_three_languages() {
    let folder = write(&EVIDENCE.files);
    for (language, proved, first) in
        [("ko", "증명됨", "첫 결함"), ("ja", "証明された", "最初の不備"), ("en", "PROVED", "The first fault")]
    {
        let output = run(folder.path(), &["--language", language]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output).starts_with(proved) && !text(&output).contains(first), "{}", text(&output));
    }
    let entries = folder.path().join("seoul.kor/entries/000000");
    let mut bytes = std::fs::read(&entries).unwrap();
    // In the first commitment of the fourth leaf, each behind two bytes of its length and sixteen of its form.
    bytes[530 * 3 + 20] ^= 1;
    std::fs::write(&entries, bytes).unwrap();
    for (language, first) in
        [("ko", "첫 결함: V-005"), ("ja", "最初の不備: V-005"), ("en", "The first fault: V-005")]
    {
        let output = run(folder.path(), &["--lang", language]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(first) && text(&output).contains("leaf 3"), "{}", text(&output));
    }
    let document: Value = serde_json::from_str(&text(&run(folder.path(), &["--json"]))).unwrap();
    assert_eq!(
        (&document["verdict"], &document["first_fault"]["check"]),
        (&"failed".into(), &"V-005".into())
    );
}

#[test]
fn the_page_for_a_judge_says_the_same_in_three_languages_and_loads_nothing() {
    let item = item_folder();
    for (language, heading) in
        [("ko", "이 자료의 이력"), ("ja", "この資料の経歴"), ("en", "The life of this item")]
    {
        let mut command = Command::new(BINARY);
        command.env_remove("ATTACHE_LANGUAGE").arg(item.path()).args(["--html", "--language", language]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "no fingerprint was compared");
        let page = text(&output);
        assert!(page.starts_with("<!doctype html>\n<html lang=") && page.ends_with("</html>\n\n"), "{page}");
        for word in [heading, "V-020", "tokyo.jpn #", "default-src 'none'", "@media print"] {
            assert!(page.contains(word), "{word}: {page}");
        }
        for word in ["<script", "src=", "href=", "url(", "@import", "http"] {
            // The policy's own name has "http" in it.
            let body = page.replace("http-equiv", "");
            assert!(!body.contains(word), "{word}: {page}");
        }
    }
}

#[test]
fn what_exactly_was_found_is_told_in_the_language_of_the_reader() {
    let folder = write(&EVIDENCE.files);
    std::fs::write(folder.path().join("seoul.kor/note"), "x").unwrap();
    for (language, why) in [
        ("ko", "이 파일을 보증하는 것이 없다"),
        ("ja", "このファイルを裏付けるものがない"),
        ("en", "nobody vouches for this file"),
    ] {
        let told = text(&run(folder.path(), &["--language", language]));
        assert!(told.contains(why), "{told}");
    }
    let document: Value =
        serde_json::from_slice(&run(folder.path(), &["--json", "--lang", "ko"]).stdout).unwrap();
    assert_eq!(document["first_fault"]["outcome"]["why"], "nobody vouches for this file");
}

#[test]
fn each_check_is_told_by_its_code_in_three_languages() {
    let told = |with: &[&str]| {
        let output =
            Command::new(BINARY).env_remove("ATTACHE_LANGUAGE").arg("--checks").args(with).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        text(&output)
    };
    for (language, first) in [("ko", "V-003  지문을"), ("ja", "V-003  指紋を"), ("en", "V-003  the card is")]
    {
        let told = told(&["--language", language]);
        assert!(told.lines().count() > 40 && told.contains(first), "{told}");
    }
    let document: Value = serde_json::from_str(&told(&["--json"])).unwrap();
    assert_eq!(document["checks"][0]["check"], "V-001");
}

/// The evidence of one item.
fn item_folder() -> tempfile::TempDir {
    write(&attache_exercise::item_evidence(7, 60).unwrap().files)
}

#[test]
fn a_wrong_command_and_a_folder_that_is_not_there_are_told_apart_from_a_fault() {
    let folder = write(&EVIDENCE.files);
    for wrong in [
        vec!["--colour"],
        vec!["--language", "fr"],
        vec!["another"],
        vec!["--pack", "lax"],
        vec!["--fingerprint"],
    ] {
        let output = Command::new(BINARY).arg(folder.path()).args(&wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(Command::new(BINARY).output().unwrap().status.code(), Some(2));
    assert_eq!(run(&folder.path().join("nowhere"), &[]).status.code(), Some(2));
    let unread = Command::new(BINARY).arg(folder.path()).output().unwrap();
    assert_eq!(unread.status.code(), Some(1), "no fingerprint was compared");
}

/// What system calls of the network a command makes, by `strace`; `None` where that is not installed.
fn sockets(command: &[&str]) -> Option<String> {
    let traced = Command::new("strace").args(["-f", "-e", "trace=%network"]).args(command).output().ok()?;
    Some(String::from_utf8_lossy(&traced.stderr).into_owned())
}

#[test]
fn no_socket_is_opened() {
    // The control: a command that does open one is seen.
    let dial = "exec 3<>/dev/tcp/127.0.0.1/1";
    let Some(seen) = sockets(&["bash", "-c", dial]) else {
        eprintln!("skipped: strace is not installed");
        return;
    };
    if !seen.contains("socket(") {
        eprintln!("skipped: strace may not trace here");
        return;
    }
    let folder = write(&EVIDENCE.files);
    let seen = sockets(&[BINARY, folder.path().to_str().unwrap()]).unwrap();
    assert!(seen.contains("exited with 1") && !seen.contains("socket"), "{seen}");
}

#[test]
fn it_is_built_of_no_node_no_store_no_custody_and_no_network() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-p", "attache-verify", "-e", "normal", "--prefix", "none"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let tree = text(&tree);
    assert!(tree.contains("attache-tlog"), "the control: {tree}");
    for other in [
        "attache-node",
        "attache-store",
        "attache-custody",
        "attache-gate",
        "attache-courier",
        "tokio",
        "rustls",
        "hyper",
        "rusqlite",
        "socket2",
    ] {
        let is_it = |line: &str| line.split(' ').next() == Some(other);
        assert!(!tree.lines().any(is_it), "{other}");
    }
}
