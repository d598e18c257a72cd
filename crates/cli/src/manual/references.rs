//! What the documents point to: other places in documents, files, and the tests that bear what is said.

use super::{documents, root, sources};
use std::collections::BTreeSet;
use std::path::Path;

/// From so many words on a name in ticks is a sentence, and so a test's.
const WORDS_OF_A_TEST: usize = 5;

/// The texts between two marks.
fn between<'a>(text: &'a str, mark: &str, end: &str) -> Vec<&'a str> {
    text.split(mark).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0)).collect()
}

/// The texts in ticks, outside the blocks.
fn in_ticks(document: &str) -> Vec<&str> {
    let outside = document.split("```").step_by(2);
    outside.flat_map(|part| part.lines().flat_map(|line| line.split('`').skip(1).step_by(2))).collect()
}

/// A heading as links to it call it.
fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

fn has_anchor(path: &Path, wanted: &str) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    let heads = text.split("```").step_by(2).flat_map(str::lines).filter(|line| line.starts_with('#'));
    heads.map(|line| anchor(line.trim_start_matches('#'))).any(|anchor| anchor == wanted)
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut followed = 0;
    for (name, document) in documents() {
        for link in between(&document, "](", ")") {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.contains("://") {
                continue;
            }
            let path = Path::new(&name);
            let path = if file.is_empty() { path.to_owned() } else { path.parent().unwrap().join(file) };
            assert!(path.exists(), "{name}: {link}");
            assert!(anchor.is_empty() || has_anchor(&path, anchor), "{name}: {link}");
            followed += 1;
        }
    }
    assert!(followed > 50, "only {followed} links were followed");
}

#[test]
fn every_test_and_every_file_that_a_document_names_is_there() {
    let mut files = Vec::new();
    for folder in ["crates", "fuzz", "xtask"] {
        sources(&root().join(folder), &mut files);
    }
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let tests: BTreeSet<&str> = texts.iter().flat_map(|text| between(text, "fn ", "(")).collect();
    let is_sentence = |named: &&str| {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        named.split('_').all(is_word) && named.split('_').count() >= WORDS_OF_A_TEST
    };
    let is_path = |named: &&str| {
        let is_ours =
            ["crates/", "docs/", "vectors/", "agreements/"].iter().any(|folder| named.starts_with(folder));
        is_ours && named.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
    };
    let mut seen = 0;
    for (name, document) in documents() {
        for test in in_ticks(&document).into_iter().filter(is_sentence) {
            assert!(tests.contains(test), "{name}: no test {test}");
            seen += 1;
        }
        for path in in_ticks(&document).into_iter().filter(is_path) {
            assert!(root().join(path).exists(), "{name}: no file {path}");
        }
    }
    assert!(seen > 50, "only {seen} tests were looked for");
}
