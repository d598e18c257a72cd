//! `vectors/report/`: folders of reports for other implementers, as they are and altered, verified by the binary.
//!
//! *Absent:* the pages for people. They are a build's, not the format's, so V-046 is not in question here.

use crate::binary::BINARY;
use crate::folder::write;
use crate::reports::{Files, cosign, lie};
use attache_exercise::{Days, Reported, reports};
use attache_release::{Extent, Sheet};
use attache_seal::digest::sha256;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// The file of one folder and its cases.
fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/report")).join(format!("{name}.json"))
}

/// Of days that are over in the log, and of such as are not.
const FOLDERS: [(&str, usize); 2] = [("folder", CHANGES.len()), ("open", OPEN_CHANGES.len())];

#[derive(Serialize, Deserialize)]
struct Vectors {
    /// Of both cards and of both inspectors' keys.
    fingerprints: Vec<String>,
    /// Base64 by path.
    files: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Serialize, Deserialize)]
struct Case {
    name: String,
    /// What is there instead; null where a file is taken away.
    changes: BTreeMap<String, Option<String>>,
    failed: BTreeSet<String>,
    not_shown: BTreeSet<String>,
}

fn decoded(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).unwrap()
}

/// The codes that failed and those that are not shown, by the binary.
fn verified(files: &Files, fingerprints: &[String]) -> [BTreeSet<String>; 2] {
    let folder = write(files);
    let mut command = Command::new(BINARY);
    command.arg(folder.path()).arg("--json");
    command.args(fingerprints.iter().flat_map(|fingerprint| ["--fingerprint", fingerprint]));
    let document: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let codes = |is: &str| {
        let found = document["findings"].as_array().unwrap().iter();
        let found = found.filter(|found| found["outcome"]["is"] == is && found["check"] != "V-046");
        found.map(|found| found["check"].as_str().unwrap().to_owned()).collect()
    };
    [codes("failed"), codes("not-shown")]
}

#[test]
fn each_vector_comes_out_as_it_says() {
    for (name, changes) in FOLDERS {
        comes_out_as_it_says(name, changes);
    }
}

fn comes_out_as_it_says(name: &str, changes: usize) {
    let vectors: Vectors = serde_json::from_slice(&std::fs::read(file(name)).unwrap()).unwrap();
    let whole: Files = vectors.files.iter().map(|(path, text)| (path.clone(), decoded(text))).collect();
    assert!(vectors.cases.len() == changes && vectors.cases[0].changes.is_empty(), "{name}");
    for Case { name, changes, failed, not_shown } in vectors.cases {
        let mut files = whole.clone();
        for (path, text) in changes {
            match text {
                Some(text) => drop(files.insert(path, decoded(&text))),
                None => drop(files.remove(&path)),
            }
        }
        let [fails, mut unshown] = verified(&files, &vectors.fingerprints);
        // A pack that this build no longer has is nothing that the folder could show.
        unshown.remove("V-045");
        assert_eq!([fails, unshown], [failed, not_shown], "{name}");
    }
}

/// One bit of a file, in its middle.
fn flip(files: &mut Files, path: &str) {
    let path = files.keys().find(|found| found.starts_with(path)).unwrap().clone();
    let bytes = files.get_mut(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
}

/// Other figures, which the node signed.
fn figures(reported: &Reported, files: &mut Files, change: impl FnOnce(&mut Sheet)) {
    let mut sheet: Sheet = serde_json::from_slice(&files["seoul.kor/figures.json"]).unwrap();
    change(&mut sheet);
    let json = sheet.to_json().unwrap();
    lie(reported, files, |report| report.figures = sha256(&[&json]));
    files.insert("seoul.kor/figures.json".to_owned(), json);
}

/// A change of the folder.
type Change = fn(&Reported, &mut Files);

const CHANGES: [(&str, Change); 18] = [
    ("as it is", |_, _| {}),
    ("a bit of a card", |_, files| flip(files, "seoul.kor/card.cbor")),
    ("a bit of a checkpoint", |_, files| flip(files, "seoul.kor/checkpoint")),
    ("a bit of the checkpoint before the days", |_, files| flip(files, "seoul.kor/before")),
    ("without the checkpoint before the days", |_, files| drop(files.remove("seoul.kor/before"))),
    ("a bit of the signed report", |_, files| flip(files, "seoul.kor/report.cbor")),
    ("a bit of the leaves", |_, files| flip(files, "seoul.kor/entries/")),
    ("a bit of what is opened", |_, files| flip(files, "seoul.kor/opened/")),
    ("a bit of what is opened beside the days", |_, files| flip(files, "seoul.kor/beside/")),
    ("a bit of the signed figures for the public", |_, files| flip(files, "seoul.kor/public.cbor")),
    ("a bit of a cosignature", |_, files| flip(files, "seoul.kor/cosignatures/")),
    ("a file that nobody vouches for", |_, files| drop(files.insert("seoul.kor/note".to_owned(), vec![1]))),
    ("a field that the mandate does not name", |_, files| {
        let mut extent: Extent = serde_json::from_slice(&files["seoul.kor/extent.json"]).unwrap();
        extent.fields.push(13);
        files.insert("seoul.kor/extent.json".to_owned(), serde_json::to_vec(&extent).unwrap());
    }),
    ("a figure that the node signed and did not count", |reported, files| {
        figures(reported, files, |sheet| sheet.tables[0].rows[0].count = Some(999));
    }),
    ("days that the mandate does not reach, signed by the node", |reported, files| {
        lie(reported, files, |report| report.from = report.from.minus_days(900));
    }),
    ("a cosignature by whom the mandate does not name", |reported, files| {
        let inspector = &reported.inspectors["seoul.kor"];
        cosign(reported, files, inspector, |said| said.head.signer = "inspector-9".to_owned());
    }),
    ("a cosignature of other figures", |reported, files| {
        let inspector = &reported.inspectors["seoul.kor"];
        cosign(reported, files, inspector, |said| said.body.public = sha256(&[b"other figures"]));
    }),
    ("the other node's report alone", |_, files| {
        files.retain(|path, _| !path.starts_with("seoul.kor/"));
        let heading = String::from_utf8_lossy(&files["report.json"]).replace("\"seoul.kor\",", "");
        files.insert("report.json".to_owned(), heading.into_bytes());
    }),
];

const OPEN_CHANGES: [(&str, Change); 3] = [
    ("as it is", |_, _| {}),
    ("a later day to which the tree reaches, signed by the node", |reported, files| {
        figures(reported, files, |sheet| sheet.reaches = Some("2099-12-31".to_owned()));
    }),
    ("figures that do not say how far the tree reaches, signed by the node", |reported, files| {
        figures(reported, files, |sheet| sheet.reaches = None);
    }),
];

/// The fields that the mandates of vectors open.
const OPENED: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

#[test]
#[ignore = "writes the vectors anew; run it by hand when the form changes"]
fn write_the_vectors() {
    let cases = written("folder", &reports(11, 30, Days::Middle, &OPENED).unwrap(), &CHANGES);
    assert!(cases[0].failed.is_empty() && cases[0].not_shown.is_empty(), "{:?}", cases[0].failed);
    // The last one is of one node, and whole by itself.
    let altered = &cases[1..cases.len() - 1];
    assert!(altered.iter().all(|case| !case.failed.is_empty() || !case.not_shown.is_empty()));
}

#[test]
#[ignore = "writes the vectors of days that are not over anew; run it by hand when the form changes"]
fn write_the_vectors_of_days_that_are_not_over() {
    let cases = written("open", &reports(11, 30, Days::Ahead, &OPENED).unwrap(), &OPEN_CHANGES);
    let open = BTreeSet::from(["V-077".to_owned()]);
    assert!(cases.iter().all(|case| case.not_shown == open));
    let failed: Vec<usize> = cases.iter().map(|case| case.failed.len()).collect();
    assert_eq!(failed, [0, 1, 0]);
}

/// Writes a folder with its changes, and what came of each.
fn written(name: &str, reported: &Reported, changes: &[(&str, Change)]) -> Vec<Case> {
    let mut whole = reported.played.files.clone();
    whole.retain(|path, _| !path.ends_with(".html") && !path.ends_with(".pdf") && !path.ends_with(".csv"));
    let fingerprints = reported.played.fingerprints.clone();
    let cases = changes.iter().map(|(name, change)| {
        let mut files = whole.clone();
        change(reported, &mut files);
        let there = files.iter().filter(|(path, bytes)| whole.get(*path) != Some(bytes));
        let there = there.map(|(path, bytes)| (path.clone(), Some(BASE64.encode(bytes))));
        let gone = whole.keys().filter(|path| !files.contains_key(*path)).map(|path| (path.clone(), None));
        let [failed, not_shown] = verified(&files, &fingerprints);
        Case { name: (*name).to_owned(), changes: there.chain(gone).collect(), failed, not_shown }
    });
    let cases: Vec<Case> = cases.collect();
    let files = whole.iter().map(|(path, bytes)| (path.clone(), BASE64.encode(bytes))).collect();
    let vectors = Vectors { fingerprints, files, cases };
    let mut json = serde_json::to_vec_pretty(&vectors).unwrap();
    json.push(b'\n');
    std::fs::write(file(name), json).unwrap();
    vectors.cases
}
