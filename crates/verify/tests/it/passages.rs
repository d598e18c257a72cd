//! What a hub passed on, as the whole logs of all three nodes tell it where rulings are handed out.

use crate::folder::{Evidence, failed};
use attache_exercise::{Extent, evidence_through_hub};
use attache_seal::papers::{Consent, Hop, Notice, Package, Receipt};
use attache_seal::statement::{Body, Signed};
use attache_verify::{Outcome, Report, Verdict};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// So many acts are left out and put in another one's place, one after the other.
const PLACES: usize = 8;

static RULINGS: LazyLock<Evidence> = LazyLock::new(|| played(Extent::Rulings));

fn played(extent: Extent) -> Evidence {
    let played = evidence_through_hub(9, 300, extent).unwrap();
    Evidence { files: played.files, fingerprints: played.fingerprints }
}

fn proved(report: &Report, check: &str) -> usize {
    let is_it = |found: &&attache_verify::Finding| found.check == check && found.outcome == Outcome::Proved;
    report.findings.iter().filter(is_it).count()
}

/// The files without what takes longest and is another matter: asking each ruling again.
fn unruled(change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Report {
    RULINGS.report(&RULINGS.changed(|files| {
        files.retain(|path, _| !path.contains("/rulings/") && !path.contains("/packs/"));
        change(files);
    }))
}

/// The paths of the statements of a kind that acts cite.
fn cited<B: Body>() -> Vec<&'static String> {
    let is_one = |(path, bytes): &(&String, &Vec<u8>)| {
        path.contains("/cited/") && Signed::from_bytes(bytes).is_ok_and(|signed| signed.name() == B::NAME)
    };
    RULINGS.files.iter().filter(is_one).map(|(path, _)| path).collect()
}

#[test]
fn what_a_hub_passed_on_is_proved_by_whole_logs_with_its_approval_its_chain_and_its_word() {
    let report = RULINGS.report(&RULINGS.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    for check in ["V-060", "V-061", "V-062"] {
        assert!(proved(&report, check) > 0, "{check}: {}", report.plain());
    }
    assert_eq!(proved(&report, "V-078"), 3);
    assert_eq!(unruled(|_| ()).verdict, Verdict::Proved, "the control of the others");
}

#[test]
fn passages_that_are_not_handed_out_are_said_to_be_not_shown() {
    let acts = played(Extent::Acts);
    let older =
        unruled(|files| files.retain(|path, _| !path.contains("/acts/") && !path.contains("/cited/")));
    for report in [acts.report(&acts.files), older] {
        assert_eq!(report.verdict, Verdict::Incomplete, "{}", report.plain());
        assert!(report.plain().contains("attache item bundle"), "{}", report.plain());
    }
    assert!(!acts.files.keys().any(|path| path.contains("/acts/") || path.contains("/cited/")));
}

#[test]
fn what_was_signed_of_a_passage_is_missed_where_it_is_left_out_altered_or_in_anothers_place() {
    // The hub's notice of an approval is named by no act of its own, and the recipient has it too.
    let mut notices = cited::<Notice>();
    notices.retain(|path| !path.starts_with("washington.usa"));
    for all in [cited::<Consent>(), cited::<Hop>(), notices, cited::<Package>(), cited::<Receipt>()] {
        let (path, other) = (all[0], all[all.len() - 1]);
        let missing = unruled(|files| drop(files.remove(path)));
        assert!(failed(&missing).contains(&"V-078"), "{path}: {}", missing.plain());
        let altered = unruled(|files| {
            let bytes = files.get_mut(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        assert!(failed(&altered).contains(&"V-010"), "{path}: {}", altered.plain());
        let swapped = unruled(|files| drop(files.insert(path.clone(), RULINGS.files[other].clone())));
        assert!(path == other || failed(&swapped).contains(&"V-010"), "{path}: {}", swapped.plain());
    }
    // One of another node, of which no act here speaks.
    let stranger = cited::<Hop>()[0];
    let node = stranger.split('/').next().unwrap();
    let elsewhere = ["seoul.kor", "tokyo.jpn", "washington.usa"].map(|to| stranger.replace(node, to));
    let to = elsewhere.iter().find(|path| !RULINGS.files.contains_key(*path)).unwrap();
    let laid = unruled(|files| drop(files.insert(to.clone(), RULINGS.files[stranger].clone())));
    assert_eq!(failed(&laid), ["V-078"], "{}", laid.plain());
}

#[test]
fn an_act_of_a_passage_that_is_left_out_or_is_another_one_is_missed() {
    let acts: Vec<&String> = RULINGS.files.keys().filter(|path| path.contains("/acts/")).collect();
    assert!(acts.len() > PLACES);
    for (at, path) in acts.iter().enumerate().step_by(acts.len() / PLACES) {
        let missing = unruled(|files| drop(files.remove(*path)));
        assert_eq!(missing.verdict, Verdict::Failed, "without {path}: {}", missing.plain());
        let other = acts[(at + 1) % acts.len()];
        let swapped = unruled(|files| drop(files.insert((*path).clone(), RULINGS.files[other].clone())));
        assert!(failed(&swapped).contains(&"V-020"), "{other} in place of {path}");
    }
}
