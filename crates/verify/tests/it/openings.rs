//! Openings under originator control, as the logs of both ends tell them.

use crate::folder::{Evidence, failed};
use attache_exercise::{Extent, evidence_of_openings};
use attache_seal::papers::{Opening, OpeningAnswer};
use attache_verify::{Finding, Outcome, Verdict};
use std::sync::LazyLock;

static ACTS: LazyLock<Evidence> = LazyLock::new(|| played(Extent::Acts));
static RULINGS: LazyLock<Evidence> = LazyLock::new(|| played(Extent::Rulings));

fn played(extent: Extent) -> Evidence {
    let played = evidence_of_openings(1, 60, extent).unwrap();
    Evidence { files: played.files, fingerprints: played.fingerprints }
}

#[test]
fn openings_are_paired_in_both_logs_and_name_nobody_unless_rulings_are_asked_for() {
    let report = ACTS.report(&ACTS.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    assert_eq!(report.findings.iter().filter(|found| found.check == "V-070").count(), 2);
    assert!(ACTS.statements::<Opening>().is_empty());
}

#[test]
fn what_both_nodes_signed_about_each_opening_is_as_their_logs_say() {
    let report = RULINGS.report(&RULINGS.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    let signed = RULINGS.statements::<Opening>().len() + RULINGS.statements::<OpeningAnswer>().len();
    assert_eq!(report.findings.iter().filter(|found| found.check == "V-071").count(), signed);
    assert!(signed > 8);
}

#[test]
fn a_statement_about_an_opening_that_is_left_out_with_the_rulings_or_taken_from_the_other_node_is_missed() {
    let (asked, answered) = (RULINGS.statements::<Opening>()[0], RULINGS.statements::<OpeningAnswer>()[0]);
    for path in [asked, answered] {
        let files = RULINGS.changed(|files| drop(files.remove(path)));
        assert_eq!(failed(&RULINGS.report(&files)), ["V-071"], "{path}");
        let foreign = path.replace("seoul.kor", "tokyo.jpn");
        assert!(foreign != **path && RULINGS.files.contains_key(&foreign), "each end brings it along");
    }
}

/// A log that does not have the other end's tag: one whose leaves are those of another run. The receipts that the other end has are not
/// of its card, so they do not show how far it reaches.
#[test]
fn the_log_of_another_run_does_not_pair() {
    let other = played(Extent::Acts);
    let files = ACTS.changed(|files| {
        files.retain(|path, _| !path.starts_with("tokyo.jpn/"));
        let theirs = other.files.iter().filter(|(path, _)| path.starts_with("tokyo.jpn/"));
        files.extend(theirs.map(|(path, bytes)| (path.clone(), bytes.clone())));
    });
    let report = ACTS.report(&files);
    assert!(failed(&report).contains(&"V-008"));
    let missed = |found: &Finding| found.check == "V-070" && matches!(found.outcome, Outcome::NotShown(_));
    assert!(report.findings.iter().any(missed), "{}", report.plain());
}
