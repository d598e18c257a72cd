//! `vectors/packs`: packs that are refused, each at the line that is wrong, and the digest of one that is not.

use attache_release::{PACK_FILES, Pack};
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Case {
    name: String,
    file: String,
    from: String,
    to: String,
    fault: Fault,
}

#[derive(Deserialize)]
struct Fault {
    file: String,
    line: usize,
    rule: String,
}

#[derive(Deserialize)]
struct DigestVector {
    pack: String,
    files: Vec<Listed>,
    digest: String,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    bytes: usize,
}

fn packs() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/packs")).to_owned()
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(packs().join(name)).unwrap()).unwrap()
}

/// The faults of the fictitious pack with one text changed.
fn told(case: &Case) -> Vec<attache_release::PackError> {
    let (good, folder) = (packs().join("arvonia-belmark-2031"), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("articles")).unwrap();
    for file in PACK_FILES.iter().filter(|file| good.join(file).exists()) {
        let mut text = std::fs::read_to_string(good.join(file)).unwrap();
        if *file == case.file {
            assert!(text.contains(&case.from), "{}: {file} no longer says {:?}", case.name, case.from);
            text = text.replacen(&case.from, &case.to, 1);
        }
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    Pack::check(folder.path()).map(|pack| pack.digest()).unwrap_err()
}

#[test]
fn every_bad_pack_is_refused_at_the_file_and_line_that_are_wrong() {
    let cases: Vec<Case> = read("bad.json");
    let mut wrong = Vec::new();
    for case in &cases {
        let (faults, fault) = (told(case), &case.fault);
        let fits = |found: &attache_release::PackError| {
            found.file == fault.file && found.line == Some(fault.line) && found.rule.contains(&fault.rule)
        };
        if !faults.iter().any(fits) {
            wrong.push(format!("{}: {}:{} is not in {faults:?}", case.name, fault.file, fault.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 60);
}

#[test]
fn the_digest_of_a_pack_is_that_of_the_vector() {
    let vector: DigestVector = read("digest.json");
    let folder = packs().join(&vector.pack);
    for listed in &vector.files {
        assert_eq!(std::fs::read(folder.join(&listed.path)).unwrap().len(), listed.bytes, "{}", listed.path);
    }
    assert_eq!(Pack::load(&folder).unwrap().digest().to_string(), vector.digest);
}
