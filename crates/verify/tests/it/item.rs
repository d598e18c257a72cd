//! The evidence of one item: its life as both nodes hand it out, whole, from one side alone, and altered.

use crate::folder::{Evidence, failed, write};
use attache_verify::{Finding, Outcome, Report, Trust, Verdict, verify_any};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Most places of one file at which a bit is flipped; each costs that the item's rulings are asked again.
const PLACES: usize = 2;

static ITEM: LazyLock<Evidence> = LazyLock::new(|| {
    let played = attache_exercise::item_evidence(7, 60).unwrap();
    Evidence { files: played.files, fingerprints: played.fingerprints }
});

fn report(files: &BTreeMap<String, Vec<u8>>) -> Report {
    verify_any(write(files).path(), &ITEM.trust())
}

fn acts(report: &Report) -> Vec<(String, &'static str)> {
    report.life.iter().flat_map(|life| &life.steps).map(|step| (step.node.clone(), step.act)).collect()
}

#[test]
fn the_whole_life_of_an_item_is_proved_from_both_nodes_and_told_in_order() {
    let report = report(&ITEM.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    let acts = acts(&report);
    let wanted = [
        "item added",
        "item marked",
        "release requested",
        "release decided",
        "key moved",
        "dispatch owed",
        "arrival verified",
        "admitted",
        "receipt kept",
        "proof kept",
    ];
    let mut rest = acts.iter();
    for act in wanted {
        assert!(rest.any(|(_, told)| *told == act), "{act} in {acts:?}");
    }
    assert!(report.counts.rulings > 0 && report.counts.proofs == 1 && report.counts.receipts == 2);
    assert!(report.plain().contains("no destruction on record"));
}

#[test]
fn an_items_acts_stand_under_a_tree_that_a_witness_cosigned_or_that_continues_one() {
    let trust = Trust { must_be_cosigned: true, ..ITEM.trust() };
    let demanded = |files: &BTreeMap<String, Vec<u8>>| verify_any(write(files).path(), &trust);
    let whole = demanded(&ITEM.files);
    assert_eq!(whole.verdict, Verdict::Proved, "{}", whole.plain());
    for log in &whole.logs {
        assert!(log.cosigned > 0 && log.by.iter().all(|by| by.contains("/witness ")), "{log:?}");
    }
    assert_eq!(whole.logs.len(), 2);
    let bare = ITEM.changed(|files| {
        files.retain(|path, _| {
            !path.starts_with("seoul.kor/cosigned") && !path.starts_with("seoul.kor/grown/")
        });
    });
    assert_eq!(failed(&demanded(&bare)), ["V-030"], "a fault where it is demanded");
    assert_eq!(report(&bare).verdict, Verdict::Proved, "and nothing that is missing elsewhere");
    // Without the proof nothing says that the acts' tree continues the cosigned one.
    let apart = ITEM.changed(|files| files.retain(|path, _| !path.starts_with("seoul.kor/grown/")));
    assert_eq!(failed(&demanded(&apart)), ["V-014", "V-030"]);
    let leaves = |report: &Report| report.logs.iter().map(|log| log.leaves).collect::<Vec<_>>();
    assert!(leaves(&whole).iter().all(|leaves| *leaves > 0));
    for files in [bare, apart] {
        assert_eq!(leaves(&demanded(&files)), leaves(&whole), "of the published tree, which held");
    }
}

#[test]
fn one_nodes_part_is_proved_with_the_partners_receipt_and_its_proof() {
    let senders =
        |path: &str| ITEM.files.keys().any(|file| file.starts_with(path) && file.contains("/proofs/"));
    let sender = if senders("seoul") { "seoul.kor" } else { "tokyo.jpn" };
    let alone = ITEM.changed(|files| {
        files.retain(|path, _| path == "item.json" || path.starts_with(sender));
        let heading = String::from_utf8(files["item.json"].clone()).unwrap();
        let at = heading.find("\"nodes\":").unwrap();
        files
            .insert("item.json".into(), format!("{}\"nodes\":[\"{sender}\"]}}", &heading[..at]).into_bytes());
    });
    let report = report(&alone);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    assert!(report.counts.proofs == 1 && report.counts.receipts == 1);
}

#[test]
fn a_flipped_bit_anywhere_in_the_evidence_of_an_item_is_noticed() {
    for (path, bytes) in ITEM.files.iter().filter(|(path, _)| !path.contains("/packs/")) {
        for at in (0..bytes.len()).step_by(bytes.len().div_ceil(PLACES)) {
            let files = ITEM.changed(|files| files.get_mut(path).unwrap()[at] ^= 1 << (at % 8));
            assert_ne!(report(&files).verdict, Verdict::Proved, "byte {at} of {path}");
        }
    }
}

#[test]
fn what_another_act_cites_is_missed_and_what_nobody_vouches_for_is_named() {
    for wanted in ["/statements/", "/proofs/", "/partners/", "/checkpoint", "/card.cbor"] {
        let path = ITEM.files.keys().find(|path| path.contains(wanted)).unwrap();
        let files = ITEM.changed(|files| drop(files.remove(path)));
        assert_ne!(report(&files).verdict, Verdict::Proved, "{path}");
    }
    let files = ITEM.changed(|files| drop(files.insert("seoul.kor/note.txt".into(), b"hello".to_vec())));
    assert!(failed(&report(&files)).contains(&"V-001"));
}

#[test]
fn an_act_of_another_item_or_under_another_index_is_refused() {
    let other = attache_exercise::item_evidence(8, 60).unwrap();
    let theirs = other.files.iter().find(|(path, _)| path.contains("/acts/")).unwrap();
    let files = ITEM.changed(|files| drop(files.insert(theirs.0.clone(), theirs.1.clone())));
    assert!(failed(&report(&files)).contains(&"V-020"), "an act of another log");
    let (path, bytes) = ITEM.files.iter().find(|(path, _)| path.contains("/acts/")).unwrap();
    let moved = path.replace("/acts/", "/acts/9");
    let files = ITEM.changed(|files| {
        files.remove(path);
        files.insert(moved, bytes.clone());
    });
    assert!(failed(&report(&files)).contains(&"V-020"));
}

#[test]
fn without_the_act_that_begins_it_an_items_life_is_not_one() {
    let control = report(&ITEM.files);
    let life = control.life.as_ref().unwrap();
    for begin in life.steps.iter().filter(|step| ["item added", "admitted"].contains(&step.act)) {
        let path = format!("{}/acts/{}.json", begin.node, begin.index);
        let files = ITEM.changed(|files| drop(files.remove(&path).unwrap()));
        assert!(failed(&report(&files)).contains(&"V-021"), "{path}");
    }
    let files = ITEM.changed(|files| files.retain(|path, _| !path.starts_with("tokyo.jpn/acts/")));
    let report = report(&files);
    let of_life = |it: &&Finding| it.check == "V-021" && it.node == "tokyo.jpn";
    let finding = report.findings.iter().find(of_life).unwrap();
    assert!(
        matches!(finding.outcome, Outcome::NotShown(_)),
        "without any, its node has not published them yet: {finding:?}"
    );
}
