//! What the binary says of itself, and how it ends where there is nothing to talk to.
//!
//! *Absent:* a node.

use crate::{attache, text};
use std::path::{Path, PathBuf};

/// Words that stood beside the glossary's for the same thing: a receipt, a hub, a destruction.
const OTHER_WORDS: [&str; 5] = ["접수증", "경유국", "経由国", "破壊", "廃棄"];

/// The names under `Commands:` in a help text.
fn below(help: &str) -> Vec<String> {
    let list = help.split_once("Commands:\n").map(|(_, rest)| rest).unwrap_or_default();
    let lines = list.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn help(path: &[String]) -> String {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let output = attache(&arguments);
    assert!(output.status.success(), "{path:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn each_command_shows_an_example_of_itself() {
    let (mut waiting, mut leaves) = (vec![Vec::new()], 0);
    while let Some(path) = waiting.pop() {
        let told = help(&path);
        let names = below(&told);
        if names.is_empty() {
            let example = format!("Example: attache {}", path.join(" "));
            assert!(told.contains(&example), "{path:?} has no example of itself:\n{told}");
            leaves += 1;
        }
        waiting.extend(names.into_iter().map(|name| [path.clone(), vec![name]].concat()));
    }
    assert!(leaves > 25, "only {leaves} commands were looked at");
}

#[test]
fn the_help_says_what_each_exit_code_means() {
    let told = help(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    for code in ["0 done", "1 the agreement says no", "2 wrong", "3 a fault", "4 the node cannot be reached"]
    {
        assert!(told.contains(code), "{code} is not in:\n{told}");
    }
}

#[test]
fn verifying_says_what_its_exit_codes_and_its_checks_mean() {
    for path in [&["verify"][..], &["verify", "report"]] {
        let path: Vec<String> = path.iter().map(|word| (*word).to_owned()).collect();
        let told = help(&path).split_whitespace().collect::<Vec<_>>().join(" ");
        for meaning in ["0: everything is proved", "1: a fault was found", "2: the command is wrong"] {
            assert!(told.contains(meaning), "{meaning} is not in:\n{told}");
        }
    }
    let checks = attache(&["verify", "--checks", "--json", "--language", "ja"]);
    assert!(checks.status.success(), "{}", text(&checks.stderr));
    assert!(text(&checks.stdout).contains("\"V-071\"") && text(&checks.stdout).contains("裁定"));
    assert_eq!(attache(&["verify"]).status.code(), Some(2), "without a folder");
}

#[test]
fn a_missing_setting_is_named_with_both_ways_to_give_it() {
    let output = attache(&["item", "list"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("--as") && told.contains("ATTACHE_PERSON"), "{told}");
}

/// The files below a folder with Rust in them.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn one_thing_has_one_word_in_all_that_people_read() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut looked_at = 0;
    for folder in std::fs::read_dir(crates).unwrap() {
        let folder = folder.unwrap().path().join("src");
        for path in if folder.is_dir() { sources(&folder) } else { Vec::new() } {
            let text = std::fs::read_to_string(&path).unwrap();
            let found: Vec<&str> = OTHER_WORDS.into_iter().filter(|word| text.contains(word)).collect();
            assert_eq!(found, [""; 0], "{}", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "only {looked_at} files were looked at");
}
