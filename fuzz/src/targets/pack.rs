//! Rule packs: what a lawyer writes, and what someone may have changed.

use super::{needed, text};
use crate::Target;
use attache_release::{PACK_FILES, Pack};
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
    let read = Pack::load(folder.path());
    let original = needed(original(file));
    needed(fs::write(&path, &original));
    match read {
        Ok(pack) => {
            let is_same = pack.digest() == Pack::gsomia_2016().digest();
            assert_eq!(is_same, content == original, "two packs, one digest");
            assert!(!pack.terms().parties.is_empty() && !pack.version().is_empty());
            assert_eq!(text(content).len(), content.len(), "a pack is text");
        }
        Err(error) => assert!(PACK_FILES.contains(&error.file.as_str()), "it names its file: {error}"),
    }
}
