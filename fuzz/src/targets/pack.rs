//! Rule packs: what a lawyer writes, and what someone may have changed.

use super::{needed, text};
use crate::Target;
use attache_release::{MAX_FAULTS, PACK_FILES, Pack, PackError};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::{fs, io};
use tempfile::TempDir;

pub const PACK: Target = Target {
    name: "pack",
    reads: "release::Pack: terms, articles, reasons, policies, schema",
    run: pack,
    rounds: 150,
    words: &["[[row]]", "[equivalence]", "permit", "forbid", "when", "{", "}", "=", "\"", "\n#", "status: "],
};

/// The embedded pack as a folder, whose files are changed one at a time.
static FOLDER: LazyLock<Mutex<TempDir>> = LazyLock::new(|| {
    let folder = needed(tempfile::tempdir());
    needed(fs::create_dir(folder.path().join("articles")));
    for file in PACK_FILES {
        needed(fs::write(folder.path().join(file), needed(original(file))));
    }
    Mutex::new(folder)
});

/// A file of the embedded pack.
fn original(file: &str) -> io::Result<Vec<u8>> {
    fs::read(agreement().join(file))
}

fn agreement() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../agreements/gsomia-2016")
}

/// The first byte says which file; the others are its content. A pack that reads has a digest of its own.
fn pack(bytes: &[u8]) {
    let Some((which, content)) = bytes.split_first() else { return };
    let Some(file) = PACK_FILES.get(usize::from(*which) % PACK_FILES.len()) else { return };
    // A panic while it was held left one changed file, which is written back below or found to differ.
    let folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    let path = folder.path().join(file);
    needed(fs::write(&path, content));
    let read = Pack::check(folder.path());
    let original = needed(original(file));
    needed(fs::write(&path, &original));
    match read {
        Ok(pack) => {
            let is_same = pack.digest() == Pack::gsomia_2016().digest();
            assert_eq!(is_same, content == original, "two packs, one digest");
            assert!(!pack.terms().parties.is_empty() && !pack.version().is_empty());
            assert_eq!(text(content).len(), content.len(), "a pack is text");
        }
        Err(faults) => told(&faults, content, file),
    }
}

/// At least one fault, each of a file of the pack and at a line that the file has.
fn told(faults: &[PackError], content: &[u8], changed: &str) {
    assert!((1..=MAX_FAULTS).contains(&faults.len()) && faults.is_sorted());
    for fault in faults {
        assert!(PACK_FILES.contains(&fault.file.as_str()), "it names its file: {fault}");
        let lines = content.split(|byte| *byte == b'\n').count();
        let is_there = |line| line >= 1 && (fault.file != changed || line <= lines);
        assert!(fault.line.is_none_or(is_there), "the file has {lines} lines: {fault}");
    }
}
