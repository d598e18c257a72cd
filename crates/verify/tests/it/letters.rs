//! Letters by way of a hub that cannot read them, from the evidence of all three nodes.

use crate::folder::{Evidence, failed};
use attache_exercise::evidence_through_blind_hub;
use attache_seal::papers::{HopReceipt, Waybill};
use attache_verify::{Outcome, Report, Verdict};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const HUB: &str = "washington.usa";

/// A run in which no letter was given up.
static LETTERS: LazyLock<Evidence> = LazyLock::new(|| played(2));

fn played(seed: u64) -> Evidence {
    let played = evidence_through_blind_hub(seed, 200).unwrap();
    Evidence { files: played.files, fingerprints: played.fingerprints }
}

fn proved(report: &Report, check: &str) -> usize {
    let of_check = report.findings.iter().filter(|found| found.check == check);
    of_check.filter(|found| found.outcome == Outcome::Proved).count()
}

/// How many there are, each held by all who have to do with it.
fn count(paths: &[&String]) -> usize {
    paths.iter().filter_map(|path| path.rsplit('/').next()).collect::<BTreeSet<_>>().len()
}

#[test]
fn every_letter_is_proved_with_what_the_hub_signed_of_it_and_is_at_its_end() {
    let report = LETTERS.report(&LETTERS.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    let (letters, hops) = (LETTERS.statements::<Waybill>(), LETTERS.statements::<HopReceipt>());
    assert!(
        count(&letters) > 10 && letters.len() == 3 * count(&letters),
        "its sender, the hub and its recipient"
    );
    assert_eq!([proved(&report, "V-063"), proved(&report, "V-064")], [count(&letters), count(&hops)]);
    assert_eq!(proved(&report, "V-065"), 3);
}

#[test]
fn whoever_leaves_out_a_waybill_or_a_hop_receipt_of_which_its_log_speaks_is_missed() {
    // A recipient has a letter's hop receipt beside it, and no act about that.
    let hops = LETTERS.statements::<HopReceipt>().into_iter().filter(|path| path.starts_with(HUB));
    for path in LETTERS.statements::<Waybill>().into_iter().chain(hops).step_by(29) {
        let files = LETTERS.changed(|files| drop(files.remove(path)));
        assert_eq!(failed(&LETTERS.report(&files)), ["V-065"], "{path}");
    }
}

/// All three together deny a letter; their logs do not.
#[test]
fn a_letter_that_all_three_deny_is_missed_in_all_three_logs() {
    let name = LETTERS.statements::<Waybill>()[0].rsplit('/').next().unwrap().to_owned();
    let files = LETTERS.changed(|files| files.retain(|path, _| !path.ends_with(&name)));
    let mut codes = failed(&LETTERS.report(&files));
    codes.dedup();
    assert_eq!(codes, ["V-064", "V-065"]);
}

/// A hub whose log is that of another time has taken none of these letters.
#[test]
fn a_hub_that_shows_another_log_than_the_one_that_it_signed_for_is_found() {
    let other = played(3);
    let files = LETTERS.changed(|files| {
        let is_log = |path: &&String| {
            path.starts_with(HUB) && !path.contains("/statements/") && !path.contains("/proofs/")
        };
        files.retain(|path, _| !is_log(&path));
        let theirs = other.files.iter().filter(|(path, _)| is_log(path));
        files.extend(theirs.map(|(path, bytes)| (path.clone(), bytes.clone())));
    });
    // Under another card too: the keys are another hub's.
    let report = LETTERS.report(&files);
    assert_eq!(report.verdict, Verdict::Failed);
    assert!(failed(&report).contains(&"V-064"), "{:?}", failed(&report));
}

#[test]
fn letters_that_their_hub_gave_up_are_at_their_end_by_its_word() {
    let played = played(3);
    let report = played.report(&played.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    let (letters, hops) = (played.statements::<Waybill>(), played.statements::<HopReceipt>());
    assert!(
        count(&hops) > count(&letters),
        "it said of some that it took them, and then that it gave them up"
    );
}
