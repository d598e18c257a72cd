//! Rulings that were handed out are asked again, and whatever of them is altered shows.

use crate::folder::{Evidence, RULED, failed};
use attache_verify::{Outcome, Verdict};
use std::collections::BTreeMap;

/// Most places of one file at which a bit is flipped; each costs that every ruling is asked again.
const PLACES: usize = 2;

fn of_rulings(path: &str) -> bool {
    path.contains("/rulings/") || path.contains("/packs/")
}

#[test]
fn every_ruling_comes_out_the_same_from_evidence_alone() {
    let report = RULED.report(&RULED.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    let rulings = RULED.files.keys().filter(|path| path.contains("/rulings/")).count() as u64;
    assert!(rulings > 0 && report.counts.rulings == rulings, "{:?}", report.counts);
}

#[test]
fn a_flipped_bit_of_a_ruling_or_of_a_pack_is_noticed() {
    for (path, bytes) in RULED.files.iter().filter(|(path, _)| of_rulings(path)) {
        for at in (0..bytes.len()).step_by(bytes.len().div_ceil(PLACES)) {
            let files = RULED.changed(|files| {
                files.get_mut(path).unwrap()[at] ^= 1 << (at % 8);
            });
            assert_ne!(RULED.report(&files).verdict, Verdict::Proved, "byte {at} of {path}");
        }
    }
}

/// The path of the first ruling, and what its file says.
fn first(evidence: &Evidence) -> (String, String) {
    let path = evidence.files.keys().find(|path| path.contains("/rulings/")).unwrap().clone();
    let text = String::from_utf8(evidence.files[&path].clone()).unwrap();
    (path, text)
}

#[test]
fn a_ruling_left_out_under_another_name_or_with_anothers_question_is_missed() {
    let (path, text) = first(&RULED);
    let others: Vec<String> = RULED.files.keys().filter(|path| path.contains("/rulings/")).cloned().collect();
    let question = |text: &str| text.split("\"question\":").nth(1).unwrap().to_owned();
    let other = others.iter().map(|path| String::from_utf8(RULED.files[path].clone()).unwrap());
    let other = other.map(|text| question(&text)).find(|other| *other != question(&text)).unwrap();
    let swapped = text.replace(&question(&text), &other);
    for change in [
        &(|files: &mut BTreeMap<String, Vec<u8>>| drop(files.remove(&path))) as &dyn Fn(&mut BTreeMap<_, _>),
        &|files| drop(files.insert(path.replace("/rulings/", "/rulings/9"), text.clone().into_bytes())),
        &|files| drop(files.insert(path.clone(), swapped.clone().into_bytes())),
    ] {
        let files = RULED.changed(change);
        assert!(failed(&RULED.report(&files)).contains(&"V-012"));
    }
}

#[test]
fn a_ruling_whose_pack_or_question_is_not_here_is_said_to_be_not_shown() {
    let without_pack = RULED.changed(|files| files.retain(|path, _| !path.contains("/packs/")));
    let (path, text) = first(&RULED);
    let question = text.split("\"question\":").nth(1).unwrap();
    let without_question = RULED.changed(|files| {
        files.insert(path, text.replace(question, "null}").into_bytes());
    });
    for files in [without_pack, without_question] {
        let report = RULED.report(&files);
        assert_eq!(report.verdict, Verdict::Incomplete, "{}", report.plain());
        let is_told = |outcome: &Outcome| matches!(outcome, Outcome::NotShown(_));
        assert!(report.findings.iter().any(|found| found.check == "V-012" && is_told(&found.outcome)));
    }
}

#[test]
fn a_pack_with_a_rule_less_is_not_the_one_of_that_day() {
    let path = RULED.files.keys().find(|path| path.ends_with("/policies.cedar")).unwrap().clone();
    let files = RULED.changed(|files| {
        let text = String::from_utf8(files[&path].clone()).unwrap();
        let cut = text.rfind("\n@id(").unwrap();
        files.insert(path, text.as_bytes()[..cut].to_vec());
    });
    let report = RULED.report(&files);
    assert!(failed(&report).contains(&"V-013"), "{}", report.plain());
    assert!(report.counts.rulings < RULED.report(&RULED.files).counts.rulings);
}

#[test]
fn rulings_are_not_handed_out_unless_they_are_asked_for() {
    assert!(!crate::folder::EVIDENCE.files.keys().any(|path| of_rulings(path)));
}
