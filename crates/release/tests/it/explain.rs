//! What readers see: a ruling and a banner in their language.

use crate::questions::{granted, level, party};
use attache_accord::ruling::{Action, Reason};
use attache_release::{Language, Outcome, Pack, Standing, banner, explain, rule};

fn refusal() -> attache_accord::ruling::Ruling {
    let mut question = granted(Action::Release);
    question.requester = Some(question.asker.id.clone());
    question.recipient.iter_mut().for_each(|r| r.assurances.clear());
    match rule(&question, &Pack::gsomia_2016()) {
        Outcome::Refused(refused) => refused.ruling().clone(),
        Outcome::Granted(_) => panic!("granted"),
    }
}

#[test]
fn a_refusal_is_explained_reason_by_reason_in_its_order() {
    let explained = explain(&refusal(), &Pack::gsomia_2016(), Language::En);
    let seen: Vec<_> = explained.iter().map(|e| (e.code.as_str(), e.article.as_str(), e.standing)).collect();
    let expected = [("R-008", "7", Some(Standing::Verified)), ("R-009", "product", Some(Standing::Product))];
    assert_eq!(seen, expected);
}

#[test]
fn each_language_explains_in_its_own_words() {
    let titles = Language::ALL.map(|l| explain(&refusal(), &Pack::gsomia_2016(), l)[1].title.clone());
    assert_eq!(titles, ["두 사람 원칙", "二人の原則", "Two persons"]);
}

#[test]
fn every_explanation_says_what_would_have_to_change() {
    for language in Language::ALL {
        for explained in explain(&refusal(), &Pack::gsomia_2016(), language) {
            assert!(!explained.remedy.is_empty(), "{} in {language}", explained.code);
        }
    }
}

#[test]
fn a_code_of_another_pack_is_shown_as_it_is() {
    let mut ruling = refusal();
    ruling.reasons = vec![Reason { code: "R-777".to_owned(), article: "3".to_owned() }];
    let explained = explain(&ruling, &Pack::gsomia_2016(), Language::Ja);
    assert_eq!((explained[0].title.as_str(), explained[0].reason.as_str()), ("R-777", ""));
}

fn received() -> attache_accord::Marking {
    granted(Action::Open).subject.marking.unwrap()
}

#[test]
fn a_japanese_reader_sees_the_own_level_then_the_originator() {
    let lines = banner(&received(), Some(&level("JPN:TOKUTEI")), &Pack::gsomia_2016(), Language::Ja).lines;
    assert_eq!(
        lines,
        [
            "特定秘密 (Tokutei Himitsu)",
            "作成国: 大韓民国 · 군사II급비밀 (Gunsa II-Kup Bi Mil)",
            "提供先: 日本国",
            "種類: humint",
            "注意: source protected",
        ]
    );
}

#[test]
fn a_korean_reader_sees_korean_around_the_same_names() {
    let lines = banner(&received(), None, &Pack::gsomia_2016(), Language::Ko).lines;
    assert_eq!(
        lines[..2],
        ["군사II급비밀 (Gunsa II-Kup Bi Mil)", "생산국: 대한민국 · 군사II급비밀 (Gunsa II-Kup Bi Mil)"]
    );
}

#[test]
fn names_of_levels_are_never_translated() {
    for language in Language::ALL {
        let lines = banner(&received(), Some(&level("JPN:GOKUHI")), &Pack::gsomia_2016(), language).lines;
        assert!(lines[0].contains("極秘") && lines[1].contains("군사II급비밀"), "{language}");
    }
}

#[test]
fn a_marking_for_nobody_else_says_so() {
    let mut marking = received();
    marking.releasable_to.clear();
    let lines = banner(&marking, None, &Pack::gsomia_2016(), Language::En).lines;
    assert_eq!(lines[2], "Releasable to: originator only");
}

#[test]
fn names_that_the_pack_does_not_know_are_shown_as_codes() {
    let mut marking = received();
    marking.level = level("USA:SECRET");
    marking.releasable_to = [party("USA")].into();
    let lines = banner(&marking, None, &Pack::gsomia_2016(), Language::En).lines;
    assert_eq!(lines[..3], ["USA:SECRET", "Originator: USA · USA:SECRET", "Releasable to: USA"]);
}

#[test]
fn every_caveat_is_shown() {
    let mut marking = received();
    marking.caveats = (1..=16).map(|n| format!("caveat {n}")).collect();
    assert_eq!(banner(&marking, None, &Pack::gsomia_2016(), Language::En).lines.len(), 4 + 16);
}
