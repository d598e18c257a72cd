//! The offline verifier: a folder that anyone may have written.

use super::needed;
use crate::Target;
use attache_verify::{Trust, Verdict, verify_any};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};
use std::sync::LazyLock;

pub const EVIDENCE: Target = Target {
    name: "evidence",
    reads: "verify: folder, cards, leaves, statements, proofs, witnesses",
    run: evidence,
    rounds: 120,
    words: &["seoul.kor/", "tokyo.jpn/", "evidence.json", "card.cbor", "..", "{\"index\":0,"],
};

pub const ITEM: Target = Target {
    name: "item",
    reads: "verify::item: acts, papers, rulings and their packs",
    run: item,
    rounds: 60,
    words: &[
        "seoul.kor/acts/",
        "tokyo.jpn/partners/",
        "item.json",
        "{\"index\":",
        "\"question\":null",
        "\"proof\":[",
    ],
};

/// Files one after the other, each a path behind its length in two bytes and a content behind its length in four.
type Files = BTreeMap<String, Vec<u8>>;

/// A folder as the nodes wrote it, with the fingerprints of their cards.
type Whole = LazyLock<(Files, Vec<String>)>;

static WHOLE: Whole = LazyLock::new(|| {
    (
        unpacked(include_bytes!("../../corpus/evidence/exercise")),
        lines(include_str!("../../keys/fingerprints")),
    )
});

static WHOLE_ITEM: Whole = LazyLock::new(|| {
    (
        unpacked(include_bytes!("../../corpus/item/exercise")),
        lines(include_str!("../../keys/item-fingerprints")),
    )
});

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn unpacked(bytes: &[u8]) -> Files {
    let mut files = Files::new();
    let mut rest = bytes;
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let (path, tail) = tail.split_at(usize::from(u16::from_be_bytes(*length)).min(tail.len()));
        let Some((length, tail)) = tail.split_first_chunk::<4>() else { break };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (content, tail) = tail.split_at(length.min(tail.len()));
        files.insert(String::from_utf8_lossy(path).into_owned(), content.to_vec());
        rest = tail;
    }
    files
}

/// A folder is proved only where every file of it is as the nodes wrote it.
fn evidence(bytes: &[u8]) {
    let (whole, _) = &*WHOLE;
    let (is_proved, written) = verified(bytes, &WHOLE);
    assert_eq!(is_proved, written == *whole);
}

/// What is proved of an item is as the nodes wrote it; an act that no other cites may be missing.
fn item(bytes: &[u8]) {
    let (whole, _) = &*WHOLE_ITEM;
    let (is_proved, written) = verified(bytes, &WHOLE_ITEM);
    assert!(!is_proved || is_part(&written, whole));
    assert!(is_proved || written != *whole);
}

fn is_part(written: &Files, whole: &Files) -> bool {
    written.iter().all(|(path, content)| whole.get(path) == Some(content))
}

/// Whether the folder of these files is proved, and what of them a folder can have.
fn verified(bytes: &[u8], of: &Whole) -> (bool, Files) {
    let (_, fingerprints) = &**of;
    let folder = needed(tempfile::tempdir());
    let mut written = Files::new();
    for (path, content) in unpacked(bytes) {
        // The folder is ours to make: a path that leads out of it, or that no file can have, is not its reader's matter.
        let is_plain = Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
        let at = folder.path().join(&path);
        let made = at.parent().map(fs::create_dir_all);
        if is_plain && made.is_some_and(|made| made.is_ok()) && fs::write(&at, &content).is_ok() {
            written.insert(path, content);
        }
    }
    let report = verify_any(folder.path(), &Trust { fingerprints: fingerprints.clone(), ..Trust::default() });
    (report.verdict == Verdict::Proved, written)
}
