//! The positive control, and what the report says of what it cannot show.

use crate::folder::{EVIDENCE, report, write};
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
