//! A log that really forked: one node, started twice from one disk, whose histories parted and were both signed.

use crate::folder::{EVIDENCE, failed, report, write};
use attache_exercise::{Forked, Played, forked};
use attache_seal::digest::sha256;
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use attache_tlog::{Fork, ForkProof, SignedNote, VerifierKey};
use attache_verify::{Brought, Outcome, Report, Trust, Verdict, verify};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The second history is as long as the first one.
static SAME: LazyLock<Forked> = LazyLock::new(|| forked(11, 0).unwrap());
/// It is longer by two beats.
static LONGER: LazyLock<Forked> = LazyLock::new(|| forked(11, 8).unwrap());

fn told(played: &Played, files: &BTreeMap<String, Vec<u8>>) -> Report {
    let trust = Trust { fingerprints: played.fingerprints.clone(), ..Trust::default() };
    verify(write(files).path(), &trust)
}

/// The codes that failed, each once.
fn faults(played: &Played, files: &BTreeMap<String, Vec<u8>>) -> Vec<&'static str> {
    let mut faults = failed(&told(played, files));
    faults.sort_unstable();
    faults.dedup();
    faults
}

#[test]
fn the_history_that_a_witness_did_not_cosign_has_not_what_the_log_signed_for_receipts() {
    for Forked { unseen, .. } in [&*SAME, &*LONGER] {
        assert_eq!(faults(unseen, &unseen.files), ["V-011"], "nobody had seen the other one yet");
    }
}

#[test]
fn two_histories_are_proved_beside_either_one_by_what_the_partner_kept() {
    for Forked { cosigned, other, .. } in [&*SAME, &*LONGER] {
        assert_eq!(faults(cosigned, &cosigned.files), ["V-015"]);
        assert_eq!(faults(other, &other.files), ["V-011", "V-015"]);
        for played in [cosigned, other] {
            let fault = told(played, &played.files);
            let accused = fault.findings.iter().filter(|found| found.check == "V-015");
            assert_eq!(accused.map(|found| found.node.as_str()).collect::<Vec<_>>(), ["tokyo.jpn"]);
        }
    }
}

#[test]
fn a_reader_who_was_shown_another_tree_finds_it_out_with_the_checkpoint_of_that_alone() {
    let Forked { cosigned, unseen, .. } = &*LONGER;
    let held_against = |played: &Played, brought: &Played| {
        let note = String::from_utf8(brought.files["tokyo.jpn/checkpoint"].clone()).unwrap();
        let checkpoints = vec![Brought { name: "brought".to_owned(), note }];
        let trust = Trust { fingerprints: played.fingerprints.clone(), checkpoints, ..Trust::default() };
        let report = verify(write(&played.files).path(), &trust);
        let found = report.findings.into_iter().find(|found| found.check == "V-076").unwrap();
        assert_eq!((found.node.as_str(), found.place.as_deref()), ("tokyo.jpn", Some("brought")));
        found.outcome
    };
    for played in [cosigned, unseen] {
        assert_eq!(held_against(played, played), Outcome::Proved, "the control");
    }
    let Outcome::Failed(why) = held_against(unseen, cosigned) else { panic!("it was not found out") };
    assert!(why.contains("two histories"), "{why}");
    // Whoever has the shorter one must fetch it anew.
    let Outcome::NotShown(why) = held_against(cosigned, unseen) else { panic!("the shorter one") };
    assert!(why.contains("ends before it"), "{why}");
}

#[test]
fn a_cosigned_checkpoint_of_another_history_of_a_larger_log_or_of_none_that_is_here_is_told_as_such() {
    let Forked { cosigned, unseen, .. } = &*LONGER;
    // Of each place with a cosigned checkpoint why it failed, where these are beside what the folder has.
    let why = |played: &Played, others: &[(&str, &Played)], is_here: bool| {
        let mut files = played.files.clone();
        for (place, other) in others {
            files.insert((*place).to_owned(), other.files["tokyo.jpn/checkpoint"].clone());
        }
        files.retain(|path, _| is_here || !path.starts_with("tokyo.jpn/entries/"));
        let told = told(played, &files).findings.into_iter().filter(|found| found.node == "tokyo.jpn");
        let told = told.filter_map(|found| match (found.check, found.outcome) {
            ("V-014", Outcome::Failed(why)) => Some((found.place.unwrap(), why)),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    const NEWEST: &str = "tokyo.jpn/cosigned";
    let [first, second] = ["tokyo.jpn/witnessed/1", "tokyo.jpn/witnessed/2"];
    let at = |place: &str, why: &str| (place.to_owned(), why.to_owned());
    let other = "witnesses cosigned another history than the one that is here";
    let own = "no witness other than its own node cosigned it";
    assert_eq!(
        why(unseen, &[(NEWEST, unseen), (first, cosigned), (second, unseen)], true),
        [at(NEWEST, own), at(first, other), at(second, own)]
    );
    let larger = "witnesses cosigned a larger log than the one that is here";
    assert_eq!(why(cosigned, &[(first, unseen)], true), [at(first, larger)]);
    let none = "this node's log is not here, or did not hold";
    assert_eq!(why(cosigned, &[(first, unseen)], false), [at(NEWEST, none), at(first, none)]);
}

#[test]
fn a_checkpoint_from_elsewhere_that_is_no_logs_here_is_told_as_such() {
    let outcome = |files: &BTreeMap<String, Vec<u8>>, note: &str| {
        let brought = Brought { name: "brought".to_owned(), note: note.to_owned() };
        let report = verify(write(files).path(), &Trust { checkpoints: vec![brought], ..EVIDENCE.trust() });
        let found = report.findings.into_iter().find(|found| found.check == "V-076").unwrap();
        (found.outcome, report.verdict)
    };
    let note = String::from_utf8(EVIDENCE.files["seoul.kor/checkpoint"].clone()).unwrap();
    assert_eq!(outcome(&EVIDENCE.files, &note), (Outcome::Proved, Verdict::Proved));
    let strangers = note.replace("seoul.kor/log/1", "busan.kor/log/1");
    assert!(matches!(outcome(&EVIDENCE.files, &strangers), (Outcome::NotShown(_), Verdict::Incomplete)));
    for wrong in ["no checkpoint", &note[..note.len() - 1], note.rsplit_once('\u{2014}').unwrap().0] {
        assert!(matches!(outcome(&EVIDENCE.files, wrong), (Outcome::Failed(_), Verdict::Failed)), "{wrong}");
    }
}

#[test]
fn a_history_is_not_saved_by_leaving_the_proof_out() {
    let Forked { cosigned, .. } = &*SAME;
    let mut files = cosigned.files.clone();
    files.retain(|path, _| !path.contains("/forks/"));
    assert_eq!(faults(cosigned, &files), ["V-015"], "the partner's log speaks of it");
}

#[test]
fn the_proof_that_the_partner_kept_holds_alone_for_whoever_has_the_logs_keys() {
    let Forked { other, .. } = &*SAME;
    let (_, bytes) = other.files.iter().find(|(path, _)| path.contains("/forks/")).unwrap();
    let proof: ForkProof = std::str::from_utf8(bytes).unwrap().parse().unwrap();
    let card = Signed::from_bytes(&other.files["tokyo.jpn/card.cbor"]).unwrap();
    let card = card.dangerously_unverified::<Card>().unwrap().body;
    let keys: Vec<VerifierKey> = card.log_vkeys.iter().map(|key| key.parse().unwrap()).collect();
    let (fork, [kept, shown]) = proof.judge(&keys).unwrap();
    assert_eq!(fork, Fork::TwoRoots { size: kept.size });
    assert_ne!(kept.root, shown.root);
}

/// An honest log that was asked for a proof and was silent: the log itself is the proof.
#[test]
fn a_log_that_has_both_checkpoints_refutes_that_it_forked() {
    let text = |path: &str| String::from_utf8(EVIDENCE.files[path].clone()).unwrap();
    let note = |path: &str| SignedNote::parse(&text(path)).unwrap();
    let [kept, shown] = ["tokyo.jpn/cosigned", "tokyo.jpn/checkpoint"].map(note);
    assert_ne!(kept.text(), shown.text());
    let claimed = ForkProof::new(kept, shown, None).unwrap().to_string();
    let place = format!("seoul.kor/forks/{}", sha256(&[claimed.as_bytes()]));
    let files = EVIDENCE.changed(|files| drop(files.insert(place, claimed.clone().into_bytes())));
    let whole = report(&files);
    assert_eq!(whole.verdict, Verdict::Proved, "{}", whole.plain());
    let refuted = whole.findings.iter().find(|found| found.check == "V-015").unwrap();
    assert_eq!((refuted.node.as_str(), &refuted.outcome), ("tokyo.jpn", &Outcome::Proved));
}
