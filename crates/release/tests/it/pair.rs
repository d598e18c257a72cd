//! Two states that do not exist, with an agreement of their own: nothing here is Korea's or Japan's.

use crate::matrix::Matrix;
use attache_accord::obligation::{Due, Obligation};
use attache_release::{Language, Pack};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/packs/arvonia-belmark-2031");

fn pack() -> Pack {
    Pack::check(Path::new(FOLDER)).unwrap()
}

#[test]
fn every_cell_of_another_pairs_matrix_is_answered_as_written() {
    Matrix { pack: pack(), folder: "release/arvonia-belmark-2031", files: 1 }.is_answered_as_written();
}

#[test]
fn another_pair_has_other_articles_gates_times_and_notice() {
    let pack = pack();
    let terms = pack.terms();
    assert_eq!((terms.term_years, terms.notice_days), (Some(5), Some(180)));
    assert_eq!(terms.receipt_due_hours, 72);
    assert_eq!(terms.obligations[&Obligation::LossReport], Due::Hours(6));
    assert_eq!(terms.gates[&"XBB".parse().unwrap()].len(), 1);
    assert!(pack.article_text("9(c)", Language::En).is_some());
    assert!(pack.article_text("10", Language::En).is_none());
    assert_eq!(pack.article_of_rule("R-001"), Some("9(a)"));
}

#[test]
fn a_reader_of_a_language_that_the_pack_does_not_have_gets_english() {
    let pack = pack();
    assert_eq!(pack.languages().iter().collect::<Vec<_>>(), [&Language::En]);
    let english = pack.reason_text("R-025", Language::En).unwrap();
    assert_eq!(pack.reason_text("R-025", Language::Ko), Some(english));
    assert_eq!(pack.party_name("XAA".parse().unwrap(), Language::Ja), Some("Republic of Arvonia"));
    assert_eq!(pack.article_text("4", Language::Ja), pack.article_text("4", Language::En));
}

#[test]
fn articles_in_a_language_that_the_pack_does_not_declare_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("articles")).unwrap();
    for file in ["articles/en.md", "policies.cedar", "reasons.toml", "schema.cedarschema", "terms.toml"] {
        std::fs::copy(Path::new(FOLDER).join(file), folder.path().join(file)).unwrap();
    }
    assert_eq!(Pack::load(folder.path()).unwrap().digest(), pack().digest());
    std::fs::copy(folder.path().join("articles/en.md"), folder.path().join("articles/ko.md")).unwrap();
    let fault = Pack::load(folder.path()).map(|pack| pack.digest()).unwrap_err();
    assert_eq!(
        (fault.file.as_str(), fault.rule.as_str()),
        ("articles/ko.md", "ko is no language of the pack")
    );
}
