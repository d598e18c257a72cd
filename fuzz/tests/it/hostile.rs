//! `vectors/hostile`: every file at its entry point becomes what the index says, and every entry point takes its controls.

mod entries;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/hostile");
/// How many files the index has. None is ever removed.
const FILES: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    files: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    file: String,
    entry: String,
    outcome: String,
    why: String,
}

impl Row {
    /// A file that must be taken.
    fn is_control(&self) -> bool {
        ["ok", "200"].contains(&self.outcome.as_str())
    }
}

fn index() -> Vec<Row> {
    let text = fs::read(Path::new(FOLDER).join("index.json")).unwrap();
    serde_json::from_slice::<Index>(&text).unwrap().files
}

#[test]
fn every_hostile_file_becomes_what_the_index_says() {
    let mut wrong = Vec::new();
    for row in index() {
        let (_, bring) = entries::ENTRIES.iter().find(|(entry, _)| *entry == row.entry).unwrap();
        let found = bring(&fs::read(Path::new(FOLDER).join(&row.file)).unwrap());
        if found != row.outcome {
            wrong.push(format!("{}: {found}, not {} ({})", row.file, row.outcome, row.why));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_entry_point_has_a_control_and_something_to_refuse() {
    let mut taken: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for row in index() {
        taken.entry(row.entry.clone()).or_default().insert(row.is_control());
    }
    for (entry, _) in entries::ENTRIES {
        assert_eq!(taken.get(*entry).map(BTreeSet::len), Some(2), "{entry}");
    }
}

#[test]
fn every_file_of_the_folder_is_in_the_index_once() {
    let index = index();
    let listed: BTreeSet<String> = index.iter().map(|row| row.file.clone()).collect();
    assert_eq!(listed.len(), index.len());
    assert!(index.len() >= FILES, "{}", index.len());
    let mut found = BTreeSet::new();
    for folder in fs::read_dir(FOLDER).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            found.insert(format!("{}/{name}", folder.file_name().into_string().unwrap()));
        }
    }
    assert_eq!(found, listed);
}
