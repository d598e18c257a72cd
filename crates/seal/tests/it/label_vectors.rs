//! `vectors/label`: every file becomes what the index says, remarks and all.

use attache_seal::label::sidecar::Sidecar;
use attache_seal::label::stanag::{StanagError, read, write};
use attache_seal::spif::Spif;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/label");
/// How many files the index has. None is ever removed.
const FILES: usize = 170;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    files: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    file: String,
    outcome: String,
    why: String,
    #[serde(default)]
    remarks: usize,
}

fn index() -> Vec<Row> {
    serde_json::from_slice::<Index>(&fs::read(format!("{FOLDER}/index.json")).unwrap()).unwrap().files
}

/// Remarks, and what writing it again gives.
fn outcome(row: &Row) -> Result<(usize, Result<String, StanagError>), StanagError> {
    let bytes = fs::read(format!("{FOLDER}/{}", row.file)).unwrap();
    match row.file.split('/').next().unwrap() {
        "label" => read(&bytes).map(|found| (found.remarks.len(), write(&found.label))),
        "sidecar" => Sidecar::read(&bytes).map(|found| (found.remarks.len(), found.sidecar.write())),
        _ => Spif::read(&bytes).map(|found| (found.remarks.len(), found.spif.write())),
    }
}

#[test]
fn every_file_becomes_what_the_index_says() {
    let mut wrong = Vec::new();
    for row in index() {
        let found = match outcome(&row) {
            Ok((remarks, written)) => {
                // What is read is written again, unless the standard wants more than the label has.
                let wants_more = written == Err(StanagError::Missing("ReviewDateTime"));
                assert!(written.is_ok() || wants_more, "{}: {written:?}", row.file);
                format!("ok {remarks}")
            }
            Err(error) => format!("{} {}", error.code(), 0),
        };
        if found != format!("{} {}", row.outcome, row.remarks) {
            wrong.push(format!("{}: {found}, not {} {} ({})", row.file, row.outcome, row.remarks, row.why));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_folder_is_in_the_index_once_and_most_are_refused() {
    let index = index();
    assert!(index.len() >= FILES, "{}", index.len());
    let refused = index.iter().filter(|row| row.outcome != "ok").count();
    assert!(refused > index.len() / 2);
    let listed: BTreeSet<String> = index.iter().map(|row| row.file.clone()).collect();
    assert_eq!(listed.len(), index.len());
    let mut found = BTreeSet::new();
    for folder in fs::read_dir(FOLDER).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            found.insert(format!("{}/{name}", folder.file_name().into_string().unwrap()));
        }
    }
    assert_eq!(found, listed);
}
