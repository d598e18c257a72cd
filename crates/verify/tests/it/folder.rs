//! An evidence folder of an exercise: two nodes that exchanged, each with its log published.

use attache_exercise::Extent;
use attache_seal::statement::{Body, Signed};
use attache_verify::{Report, Trust, verify};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// The files of one exercise and the fingerprints of its cards.
pub struct Evidence {
    pub files: BTreeMap<String, Vec<u8>>,
    pub fingerprints: Vec<String>,
}

/// One exercise, played once for all tests.
pub static EVIDENCE: LazyLock<Evidence> = LazyLock::new(|| {
    let played = attache_exercise::evidence(7, 150, Extent::Acts).unwrap();
    Evidence { files: played.files, fingerprints: played.fingerprints }
});

/// Another one, whose rulings were handed out as well.
pub static RULED: LazyLock<Evidence> = LazyLock::new(|| {
    let played = attache_exercise::evidence(7, 20, Extent::Rulings).unwrap();
    Evidence { files: played.files, fingerprints: played.fingerprints }
});

impl Evidence {
    /// The files with one change.
    pub fn changed(&self, change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files.clone();
        change(&mut files);
        files
    }

    pub fn trust(&self) -> Trust {
        Trust { fingerprints: self.fingerprints.clone(), ..Trust::default() }
    }

    /// The paths of the statements of a kind.
    pub fn statements<B: Body>(&self) -> Vec<&String> {
        let is_one = |(path, bytes): &(&String, &Vec<u8>)| {
            path.contains("/statements/")
                && Signed::from_bytes(bytes).is_ok_and(|signed| signed.name() == B::NAME)
        };
        self.files.iter().filter(is_one).map(|(path, _)| path).collect()
    }

    /// The first file whose path has this end.
    pub fn path(&self, end: &str) -> String {
        self.files.keys().find(|path| path.ends_with(end)).unwrap().clone()
    }
}

/// Writes the files into a fresh folder.
pub fn write(files: &BTreeMap<String, Vec<u8>>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let whole = folder.path().join(path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(whole, bytes).unwrap();
    }
    folder
}

impl Evidence {
    /// Verifies files of this exercise under its fingerprints.
    pub fn report(&self, files: &BTreeMap<String, Vec<u8>>) -> Report {
        let folder = write(files);
        verify(folder.path(), &self.trust())
    }
}

/// Verifies these files under the exercise's own fingerprints.
pub fn report(files: &BTreeMap<String, Vec<u8>>) -> Report {
    let folder = write(files);
    verify(folder.path(), &EVIDENCE.trust())
}

/// The codes of the checks that failed.
pub fn failed(report: &Report) -> Vec<&'static str> {
    let is_failed = |outcome: &_| matches!(outcome, attache_verify::Outcome::Failed(_));
    report
        .findings
        .iter()
        .filter(|finding| is_failed(&finding.outcome))
        .map(|finding| finding.check)
        .collect()
}

/// Verifies a folder at a path.
pub fn report_at(path: &Path) -> Report {
    verify(path, &EVIDENCE.trust())
}
