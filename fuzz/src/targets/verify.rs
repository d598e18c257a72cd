//! The offline verifier: a folder that anyone may have written.

use super::needed;
use crate::Target;
use attache_verify::{Trust, Verdict, verify};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};
use std::sync::LazyLock;

pub const EVIDENCE: Target = Target {
    name: "evidence",
    reads: "verify: folder, cards, leaves, statements",
    run: evidence,
    rounds: 120,
    words: &["seoul.kor/", "tokyo.jpn/", "evidence.json", "card.cbor", "..", "{\"index\":0,"],
};

/// Files one after the other, each a path behind its length in two bytes and a content behind its length in four.
type Files = BTreeMap<String, Vec<u8>>;

static WHOLE: LazyLock<(Files, Vec<String>)> = LazyLock::new(|| {
    let fingerprints = include_str!("../../keys/fingerprints").lines().map(str::to_owned).collect();
    (unpacked(include_bytes!("../../corpus/evidence/exercise")), fingerprints)
});

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
    let (whole, fingerprints) = &*WHOLE;
    let files = unpacked(bytes);
    let folder = needed(tempfile::tempdir());
    let mut written = Files::new();
    for (path, content) in files {
        // The folder is ours to make: a path that leads out of it, or that no file can have, is not its reader's matter.
        let is_plain = Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
        let at = folder.path().join(&path);
        let made = at.parent().map(fs::create_dir_all);
        if is_plain && made.is_some_and(|made| made.is_ok()) && fs::write(&at, &content).is_ok() {
            written.insert(path, content);
        }
    }
    let report = verify(folder.path(), &Trust { fingerprints: fingerprints.clone() });
    assert_eq!(report.verdict == Verdict::Proved, written == *whole, "{}", report.plain());
}
