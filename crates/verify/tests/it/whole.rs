//! The positive control, and what the report says of what it cannot show.

use crate::folder::{EVIDENCE, failed, report, write};
use attache_release::Language;
use attache_tlog::{Checkpoint, KeyKind, NoteSigner, ProofFile, SignedNote, cosign};
use attache_verify::{Trust, Verdict, verify};

#[test]
fn the_evidence_of_two_nodes_that_obeyed_is_proved() {
    let report = report(&EVIDENCE.files);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    assert!(report.counts.receipts > 0 && report.counts.receipts == report.counts.packages);
    assert_eq!(report.counts.proofs, report.counts.receipts);
}

#[test]
fn without_a_compared_fingerprint_nothing_is_proved_and_nothing_failed() {
    let folder = write(&EVIDENCE.files);
    let report = verify(folder.path(), &Trust::default());
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(report.plain().contains("compare it"));
}

#[test]
fn one_nodes_evidence_alone_says_what_only_the_other_could_show() {
    let alone = EVIDENCE.changed(|files| {
        files.retain(|path, _| !path.starts_with("tokyo"));
        let heading = files.get_mut("evidence.json").unwrap();
        let text = String::from_utf8(heading.clone()).unwrap().replace(",\"tokyo.jpn\"", "");
        *heading = text.into_bytes();
    });
    let report = report(&alone);
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", report.plain());
}

#[test]
fn evidence_shows_no_title_and_no_person() {
    for (path, bytes) in &EVIDENCE.files {
        for word in ["exercise\u{0}", "analyst-kor", "desk-officer-jpn", "early warning"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} in {path}");
        }
    }
}

#[test]
fn what_is_no_evidence_folder_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(verify(folder.path(), &Trust::default()).verdict, Verdict::Failed);
}

#[test]
fn each_log_is_told_with_who_cosigned_it_and_how_far() {
    let report = report(&EVIDENCE.files);
    assert_eq!(report.logs.len(), 2);
    for (log, witness) in report.logs.iter().zip(["tokyo.jpn/witness ", "seoul.kor/witness "]) {
        assert!(log.cosigned > 0 && log.cosigned <= log.leaves, "{log:?}");
        assert!(!log.by.is_empty() && log.by.iter().all(|by| by.starts_with(witness)), "{log:?}");
        let told =
            format!("{} of the {} leaves of its log are cosigned by {witness}", log.cosigned, log.leaves);
        assert!(report.plain().contains(&told), "{}", report.plain());
    }
}

#[test]
fn cosignatures_that_were_left_out_are_missed_and_a_fault_where_they_are_demanded() {
    let bare = EVIDENCE.changed(|files| drop(files.remove(&EVIDENCE.path("seoul.kor/cosigned"))));
    let folder = write(&bare);
    let left_out = report(&bare);
    assert_eq!(left_out.verdict, Verdict::Incomplete);
    assert_eq!((left_out.logs[0].cosigned, left_out.logs[0].by.len()), (0, 0));
    for (language, told) in [
        (Language::En, "seoul.kor: nobody cosigned its log"),
        (Language::Ko, "seoul.kor: 로그에 부서한 증인이 여기에 없다"),
        (Language::Ja, "seoul.kor: ログに連署した証人はここにない"),
    ] {
        assert!(left_out.told(language).contains(told), "{}", left_out.told(language));
    }
    assert!(left_out.plain().contains("tokyo.jpn/witness"), "who is its witness by a card that is here");
    let trust = Trust { must_be_cosigned: true, ..EVIDENCE.trust() };
    let demanded = verify(folder.path(), &trust);
    assert_eq!((demanded.verdict, failed(&demanded)), (Verdict::Failed, vec!["V-030"]));
    let whole = write(&EVIDENCE.files);
    assert_eq!(verify(whole.path(), &trust).verdict, Verdict::Proved, "the control");
}

#[test]
fn a_witness_that_is_on_no_card_counts_for_a_reader_who_names_its_key() {
    let path = EVIDENCE.path("seoul.kor/cosigned");
    let text = String::from_utf8(EVIDENCE.files[&path].clone()).unwrap();
    let overseer = NoteSigner::from_seed("overseer.example", KeyKind::Ed25519Cosigner, &[9; 32]).unwrap();
    let note = SignedNote::parse(&text).unwrap();
    let line = cosign(&Checkpoint::parse(note.text()).unwrap(), &overseer, 1).unwrap();
    let files = EVIDENCE.changed(|files| {
        let bare: String = text.split_inclusive('\n').filter(|line| !line.contains("/witness ")).collect();
        drop(files.insert(path.clone(), format!("{bare}{line}").into_bytes()));
    });
    let folder = write(&files);
    let with =
        |witnesses| verify(folder.path(), &Trust { must_be_cosigned: true, witnesses, ..EVIDENCE.trust() });
    assert_eq!(failed(&with(Vec::new())), ["V-030"], "to anyone else it is a stranger");
    let named = with(vec![overseer.verifier().clone()]);
    assert_eq!(named.verdict, Verdict::Proved, "{}", named.plain());
    assert!(named.logs[0].by[0].starts_with("overseer.example "), "{:?}", named.logs);
    let other = NoteSigner::from_seed("overseer.example", KeyKind::Ed25519Cosigner, &[8; 32]).unwrap();
    assert_eq!(failed(&with(vec![other.verifier().clone()])), ["V-030"]);
}

#[test]
fn a_witness_that_is_behind_the_others_is_told_with_how_far_it_cosigned() {
    // An earlier checkpoint as the log signed it, which the partner has with a proof.
    let proofs = EVIDENCE.files.iter().filter(|(path, _)| path.starts_with("seoul.kor/proofs/"));
    let read = |bytes: &Vec<u8>| -> (Checkpoint, ProofFile) {
        let proof: ProofFile = String::from_utf8(bytes.clone()).unwrap().parse().unwrap();
        (Checkpoint::parse(proof.checkpoint().text()).unwrap(), proof)
    };
    let (checkpoint, proof) =
        proofs.map(|(_, bytes)| read(bytes)).min_by_key(|(checkpoint, _)| checkpoint.size).unwrap();
    let overseer = NoteSigner::from_seed("overseer.example", KeyKind::Ed25519Cosigner, &[9; 32]).unwrap();
    let line = cosign(&checkpoint, &overseer, 1).unwrap();
    let of = |note: String| {
        let place = format!("tokyo.jpn/witnessed/{}", checkpoint.size);
        let files = EVIDENCE.changed(|files| drop(files.insert(place, note.into_bytes())));
        let witnesses = vec![overseer.verifier().clone()];
        verify(write(&files).path(), &Trust { witnesses, ..EVIDENCE.trust() })
    };
    let told = of(format!("{}{line}", proof.checkpoint()));
    assert_eq!(told.verdict, Verdict::Proved, "{}", told.plain());
    let log = told.logs.iter().find(|log| log.node == "tokyo.jpn").unwrap();
    assert!(log.cosigned > checkpoint.size, "the newest one stays");
    let is_told =
        |by: &String| by.starts_with("overseer.example ") && by.ends_with(&format!("({})", checkpoint.size));
    assert!(log.by.iter().any(is_told) && log.by[0].starts_with("seoul.kor/witness "), "{:?}", log.by);
    // What nobody cosigned, or somebody cosigned of another tree, is no such checkpoint.
    assert_eq!(failed(&of(proof.checkpoint().to_string())), ["V-014"]);
    let other = Checkpoint { size: checkpoint.size + 1, ..checkpoint.clone() };
    let other = cosign(&other, &overseer, 1).unwrap();
    assert_eq!(failed(&of(format!("{}{other}", proof.checkpoint()))), ["V-014"]);
}
