//! Each alteration fails, with the code of the check that it breaks.

use crate::folder::{EVIDENCE, failed, report, report_at, write};
use attache_verify::Verdict;
use std::fs;

/// Most places of one file at which a bit is flipped; each costs the verification of every signature.
const PLACES: usize = 12;

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let folder = write(&EVIDENCE.files);
    for (path, bytes) in &EVIDENCE.files {
        let whole = folder.path().join(path);
        let step = bytes.len().div_ceil(PLACES);
        for at in (0..bytes.len()).step_by(step) {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            fs::write(&whole, &altered).unwrap();
            let report = report_at(folder.path());
            assert_ne!(report.verdict, Verdict::Proved, "byte {at} of {path}");
        }
        fs::write(&whole, bytes).unwrap();
    }
    assert_eq!(report_at(folder.path()).verdict, Verdict::Proved);
}

#[test]
fn a_file_that_nobody_vouches_for_is_named() {
    for stranger in ["note.txt", "seoul.kor/key", "seoul.kor/statements/note.txt", "other.xxx/card.cbor"] {
        let files = EVIDENCE.changed(|files| {
            files.insert(stranger.into(), b"hello".to_vec());
        });
        let report = report(&files);
        assert_eq!(report.verdict, Verdict::Failed, "{stranger}");
    }
}

#[test]
fn a_missing_file_is_no_proof() {
    for path in EVIDENCE.files.keys() {
        let files = EVIDENCE.changed(|files| {
            files.remove(path);
        });
        assert_ne!(report(&files).verdict, Verdict::Proved, "{path}");
    }
}

#[test]
fn a_log_cut_short_is_not_the_checkpoints() {
    let path = EVIDENCE.path("entries/000000");
    let files = EVIDENCE.changed(|files| {
        let bundle = files.get_mut(&path).unwrap();
        // A leaf of 528 bytes behind its length in two.
        bundle.truncate(bundle.len() - 530);
    });
    assert!(failed(&report(&files)).contains(&"V-005"));
}

#[test]
fn an_act_that_is_not_opened_is_missed() {
    let path = EVIDENCE.path("opened/000000.json");
    let files = EVIDENCE.changed(|files| {
        let text = String::from_utf8(files[&path].clone()).unwrap();
        let second = text.find(",{\"index\":1,").unwrap();
        let third = text.find(",{\"index\":2,").unwrap();
        let cut = format!("{}{}", &text[..second], &text[third..]);
        files.insert(path.clone(), cut.into_bytes());
    });
    assert!(failed(&report(&files)).contains(&"V-006"));
}

#[test]
fn the_card_of_one_node_does_not_speak_for_the_other() {
    let files = EVIDENCE.changed(|files| {
        let tokyo = files["tokyo.jpn/card.cbor"].clone();
        files.insert("seoul.kor/card.cbor".into(), tokyo);
    });
    assert!(failed(&report(&files)).contains(&"V-002"));
}

#[test]
fn the_checkpoint_of_one_log_does_not_stand_for_the_other() {
    let files = EVIDENCE.changed(|files| {
        let tokyo = files["tokyo.jpn/checkpoint"].clone();
        files.insert("seoul.kor/checkpoint".into(), tokyo);
    });
    assert!(failed(&report(&files)).contains(&"V-004"));
}

#[test]
fn a_statement_under_another_name_is_refused() {
    let statements: Vec<String> =
        EVIDENCE.files.keys().filter(|path| path.starts_with("seoul.kor/statements/")).cloned().collect();
    let files = EVIDENCE.changed(|files| {
        let other = files[&statements[1]].clone();
        files.insert(statements[0].clone(), other);
    });
    assert!(failed(&report(&files)).contains(&"V-010"));
}

/// Each proof in turn, with what it may be made into and still bears the digest of what it holds.
#[test]
fn a_proof_that_proves_another_leaf_or_that_carries_more_is_refused_under_its_own_digest() {
    let proofs: Vec<&String> = EVIDENCE.files.keys().filter(|path| path.contains("/proofs/")).collect();
    let text = |path: &str| String::from_utf8(EVIDENCE.files[path].clone()).unwrap();
    for path in &proofs {
        let (folder, _) = path.rsplit_once('/').unwrap();
        let heading = "c2sp.org/tlog-proof@v1\n";
        let mut hashes: Vec<String> = text(path).split('\n').map(str::to_owned).collect();
        hashes.swap(2, 3);
        for other in [
            text(path).replacen("index ", "index 1", 1),
            hashes.join("\n"),
            text(path).replacen(heading, &format!("{heading}extra bW9yZQ==\n"), 1),
            format!("{}\n", text(path)),
        ] {
            let files = EVIDENCE.changed(|files| {
                files.remove(*path);
                let digest = attache_seal::digest::sha256(&[other.as_bytes()]);
                files.insert(format!("{folder}/{digest}"), other.clone().into_bytes());
            });
            assert!(failed(&report(&files)).contains(&"V-011"), "{other}");
        }
    }
    assert!(!proofs.is_empty());
}

#[test]
fn another_form_of_the_same_json_is_refused() {
    let files = EVIDENCE.changed(|files| {
        files.get_mut("evidence.json").unwrap().push(b'\n');
    });
    assert!(failed(&report(&files)).contains(&"V-001"));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let folder = write(&EVIDENCE.files);
    let card = folder.path().join("seoul.kor/card.cbor");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(&card, elsewhere.path().join("card")).unwrap();
    fs::remove_file(&card).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("card"), &card).unwrap();
    assert!(failed(&report_at(folder.path())).contains(&"V-002"));
}

#[test]
fn a_cosigned_checkpoint_of_another_log_without_a_cosignature_or_by_a_stranger_proves_nothing() {
    let path = EVIDENCE.path("seoul.kor/cosigned");
    let text = String::from_utf8(EVIDENCE.files[&path].clone()).unwrap();
    let bare: String = text.split_inclusive('\n').filter(|line| !line.contains("/witness ")).collect();
    let tokyo = EVIDENCE.files["tokyo.jpn/cosigned"].clone();
    for other in [bare.into_bytes(), tokyo] {
        let files = EVIDENCE.changed(|files| drop(files.insert(path.clone(), other)));
        assert!(failed(&report(&files)).contains(&"V-014"));
    }
    let stranger = text.replace("tokyo.jpn/witness ", "osaka.jpn/witness ");
    let files = EVIDENCE.changed(|files| drop(files.insert(path.clone(), stranger.into_bytes())));
    assert_eq!(report(&files).verdict, Verdict::Incomplete);
}
