//! What the public is told of a report, verified by somebody who has nothing else: the card, the figures, and who cosigned them.

use crate::binary::BINARY;
use crate::folder::{failed, write};
use crate::reports::{Files, WHOLE};
use attache_release::Sheet;
use attache_seal::papers::PublicFigures;
use attache_seal::statement::{Signed, Statement};
use attache_verify::{Outcome, Report, Trust, Verdict, verify_any, verify_report};
use std::process::Command;
use std::sync::LazyLock;

/// Whatever the page of this node hands out, from the folder of its report.
fn told(node: &str) -> Files {
    let files = WHOLE.played.files.iter().filter_map(|(path, bytes)| {
        let path = match path.strip_prefix(node)?.strip_prefix('/')? {
            "public.cbor" => "figures.cbor".to_owned(),
            path if path == "card.cbor" || path.starts_with("cosignatures/") => path.to_owned(),
            _ => return None,
        };
        Some((path, bytes.clone()))
    });
    files.collect()
}

static TOLD: LazyLock<Files> = LazyLock::new(|| told("seoul.kor"));

fn trust() -> Trust {
    Trust { fingerprints: WHOLE.played.fingerprints.clone(), ..Trust::default() }
}

fn verified(files: &Files) -> Report {
    verify_any(write(files).path(), &trust())
}

fn changed(change: impl FnOnce(&mut Files)) -> Report {
    let mut files = TOLD.clone();
    change(&mut files);
    verified(&files)
}

/// The figures with something else in them, signed by the node.
fn lie(files: &mut Files, change: impl FnOnce(&mut Sheet)) {
    let signed = Signed::from_bytes(&files["figures.cbor"]).unwrap();
    let Statement { head, mut body } = signed.dangerously_unverified::<PublicFigures>().unwrap();
    let mut sheet: Sheet = serde_json::from_slice(&body.figures).unwrap();
    change(&mut sheet);
    body.figures = sheet.to_json().unwrap();
    let signed = Signed::seal(&Statement { head, body }, &WHOLE.keys["seoul.kor"].node).unwrap();
    files.insert("figures.cbor".to_owned(), signed.to_bytes());
}

#[test]
fn cosigned_totals_are_verified_from_what_the_page_hands_out_and_told_in_numbers() {
    assert_eq!(TOLD.len(), 3, "{:?}", TOLD.keys());
    let report = verified(&TOLD);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    assert_eq!(report.cosigned[0].by, "inspector-kor");
    let exchanges = report.figures.unwrap().tables.into_iter().find(|table| table.table == "exchanges");
    assert!(exchanges.is_some());
    let folder = write(&TOLD);
    let fingerprints = WHOLE.played.fingerprints.iter().flat_map(|known| ["--fingerprint", known]);
    let output = Command::new(BINARY).arg(folder.path()).args(fingerprints).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("cosigned by inspector-kor"), "{text}");
}

#[test]
fn a_key_that_nobody_compared_and_figures_that_nobody_cosigned_are_not_shown() {
    let trust = Trust { fingerprints: WHOLE.played.fingerprints[..2].to_vec(), ..Trust::default() };
    let unknown = verify_report(write(&TOLD).path(), &trust);
    let alone = changed(|files| files.retain(|path, _| !path.starts_with("cosignatures/")));
    for (report, check) in [(unknown, "V-051"), (alone, "V-067")] {
        assert_eq!(report.verdict, Verdict::Incomplete, "{}", report.plain());
        let is_open = |outcome: &Outcome| matches!(outcome, Outcome::NotShown(_));
        assert!(report.findings.iter().any(|found| found.check == check && is_open(&found.outcome)));
    }
}

#[test]
fn what_is_anothers_or_belongs_to_nothing_is_refused() {
    let tokyo = told("tokyo.jpn");
    let figures = changed(|files| drop(files.insert("figures.cbor".into(), tokyo["figures.cbor"].clone())));
    assert!(failed(&figures).starts_with(&["V-066"]), "{}", figures.plain());
    let cosignature = changed(|files| {
        files.retain(|path, _| !path.starts_with("cosignatures/"));
        let theirs = tokyo.iter().filter(|(path, _)| path.starts_with("cosignatures/"));
        files.extend(theirs.map(|(path, bytes)| (path.clone(), bytes.clone())));
    });
    assert_eq!(failed(&cosignature), ["V-067"]);
    let stranger = changed(|files| drop(files.insert("public.json".into(), b"{}".to_vec())));
    assert_eq!(failed(&stranger), ["V-001"]);
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    for (path, bytes) in TOLD.iter() {
        for at in (0..bytes.len()).step_by(bytes.len().div_ceil(24)) {
            let report = changed(|files| files.get_mut(path).unwrap()[at] ^= 1 << (at % 8));
            assert_ne!(report.verdict, Verdict::Proved, "byte {at} of {path}");
        }
    }
}

#[test]
fn figures_that_the_node_signed_and_that_are_not_for_the_public_are_refused() {
    let count = |sheet: &mut Sheet, to| {
        let mut rows = sheet.tables.iter_mut().flat_map(|table| &mut table.rows);
        rows.find(|row| row.count.is_some()).unwrap().count = to;
    };
    type Change<'c> = &'c dyn Fn(&mut Sheet);
    let changes: [Change<'_>; 9] = [
        &|sheet| count(sheet, Some(1)),
        &|sheet| count(sheet, None),
        &|sheet| count(sheet, Some(u64::MAX)),
        &|sheet| sheet.mandate = Some("0".repeat(64)),
        &|sheet| sheet.leaves = Some(40),
        &|sheet| sheet.suppress_below = None,
        &|sheet| sheet.suppress_below = Some(2),
        &|sheet| sheet.reaches = Some(sheet.until.clone()),
        &|sheet| sheet.node = "tokyo.jpn".to_owned(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let report = changed(|files| lie(files, change));
        // The inspector signed others.
        assert_eq!(failed(&report)[0], "V-066", "{number}: {}", report.plain());
        assert_eq!(failed(&report).last(), Some(&"V-067"), "{number}");
    }
    let same = changed(|files| lie(files, |_| ()));
    assert_eq!(failed(&same), ["V-067"], "the control: signed once more, nobody cosigned it");
}
