//! What readers see: a ruling and a banner in their language.

use crate::questions::{ACTIONS, approval, granted, level, party};
use attache_accord::particulars::Approved;
use attache_accord::ruling::{Action, Question, Reason, Ruling};
use attache_release::{
    Explained, FLOOR, Language, Matter, Pack, Standing, banner, explain, explain_reason, facts, rule,
};

fn refused() -> (Question, Ruling) {
    let mut question = granted(Action::Release);
    question.requester = Some(question.asker.id.clone());
    question.recipient.iter_mut().for_each(|r| r.assurances.clear());
    let outcome = rule(&question, &Pack::gsomia_2016());
    assert!(!outcome.is_granted());
    let ruling = outcome.ruling().clone();
    (question, ruling)
}

fn explained(language: Language) -> Vec<Explained> {
    let (question, ruling) = refused();
    explain(&ruling, Some(&question), &Pack::gsomia_2016(), language)
}

#[test]
fn a_refusal_is_explained_reason_by_reason_in_its_order() {
    let explained = explained(Language::En);
    let seen: Vec<_> = explained.iter().map(|e| (e.code.as_str(), e.article.as_str(), e.standing)).collect();
    let expected = [("R-008", "7", Some(Standing::Verified)), ("R-009", "product", Some(Standing::Product))];
    assert_eq!(seen, expected);
}

#[test]
fn each_language_explains_in_its_own_words() {
    let titles = Language::ALL.map(|l| explained(l)[1].title.clone());
    assert_eq!(titles, ["두 사람 원칙", "二人の原則", "Two persons"]);
}

#[test]
fn every_explanation_says_what_would_have_to_change() {
    for language in Language::ALL {
        for explained in explained(language) {
            assert!(!explained.remedy.is_empty(), "{} in {language}", explained.code);
        }
    }
}

#[test]
fn a_code_of_another_pack_is_shown_as_it_is() {
    let (question, mut ruling) = refused();
    ruling.reasons = vec![Reason { code: "R-777".to_owned(), article: "3".to_owned() }];
    let explained = explain(&ruling, Some(&question), &Pack::gsomia_2016(), Language::Ja);
    assert_eq!((explained[0].title.as_str(), explained[0].reason.as_str()), ("R-777", ""));
}

fn passed_on_without_approval() -> Explained {
    let mut question = granted(Action::PassOn);
    question.subject.approvals = vec![approval(Approved::ThirdParty(party("GBR")))];
    let ruling = rule(&question, &Pack::gsomia_2016()).ruling().clone();
    explain(&ruling, Some(&question), &Pack::gsomia_2016(), Language::En).remove(0)
}

#[test]
fn a_refusal_says_who_must_do_what_under_which_paragraph() {
    let said = passed_on_without_approval().remedy;
    assert_eq!(
        said,
        "It needs the prior written approval of Republic of Korea under 6(a), for USA. Silence is not approval. \
         With it, the item is passed on, not released."
    );
}

#[test]
fn the_facts_that_decided_are_listed_in_codes_and_in_words() {
    let told = passed_on_without_approval().facts;
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.matter.as_str(), it.value.as_str(), it.label.as_str(), it.text.as_str()))
        .collect();
    let expected = [
        ("originator", "KOR", "Originator", "Republic of Korea"),
        ("third-party", "USA", "Third party", "USA"),
        ("approvals", "KOR: GBR, note 1", "Written approvals", "Republic of Korea: GBR, note 1"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_refusal_for_want_of_force_names_whose_position_is_missing_and_what_each_holds() {
    let mut question = granted(Action::Release);
    question.positions.truncate(1);
    let ruling = rule(&question, &Pack::gsomia_2016()).ruling().clone();
    let told = explain(&ruling, Some(&question), &Pack::gsomia_2016(), Language::Ko).remove(0);
    assert!(told.remedy.contains("일본국 측의") || told.remedy.contains("일본국 측이"), "{}", told.remedy);
    let positions = told.facts.iter().find(|it| it.matter == Matter::Positions).unwrap();
    assert_eq!(positions.value, "JPN: not in force; KOR: in force since 1970-01-01T00:00:00.001Z");
    assert_eq!(positions.text, "일본국: 발효 입장 없음; 대한민국: 1970-01-01T00:00:00.001Z부터 발효 중");
}

#[test]
fn every_code_is_explained_with_and_without_a_question_in_every_language_and_no_place_is_left_open() {
    let pack = Pack::gsomia_2016();
    let permits = (101..=112).map(|n| format!("R-{n}"));
    let policies = [20, 21, 22, 23, 29, 90].map(|n| format!("R-0{n}"));
    for code in FLOOR.iter().map(|rule| rule.code.to_owned()).chain(policies).chain(permits) {
        let reason = Reason { article: pack.article_of_rule(&code).unwrap().to_owned(), code: code.clone() };
        for language in Language::ALL {
            let questions = ACTIONS.map(granted);
            for question in questions.iter().map(Some).chain([None]) {
                let told = explain_reason(&reason, question, &pack, language);
                for text in [&told.title, &told.reason, &told.remedy] {
                    assert!(!text.is_empty() && !text.contains(['{', '}']), "{code} in {language}: {text}");
                }
                assert_eq!(told.facts.is_empty(), question.is_none(), "{code}");
            }
        }
    }
}

#[test]
fn each_rule_of_the_floor_tells_the_facts_that_it_looks_at_and_not_those_of_the_action() {
    let pack = Pack::gsomia_2016();
    let matters = |code: &str, action| -> Vec<Matter> {
        facts(code, &granted(action), &pack, Language::En).iter().map(|fact| fact.matter).collect()
    };
    for code in FLOOR.iter().map(|rule| rule.code) {
        assert_eq!(matters(code, Action::Release), matters(code, Action::Open), "{code}");
    }
    assert_ne!(matters("R-777", Action::Release), matters("R-777", Action::Open));
}

#[test]
fn the_shipped_texts_list_every_place_that_they_may_have() {
    let text = include_str!("../../../../agreements/gsomia-2016/reasons.toml");
    let header: String = text.lines().take_while(|line| line.starts_with('#')).collect::<Vec<_>>().join(" ");
    let listed: Vec<_> = header.split_once("The places:").unwrap().1.split_whitespace().collect();
    for action in ACTIONS {
        for code in FLOOR.iter().map(|rule| rule.code).chain(["R-102"]) {
            for fact in facts(code, &granted(action), &Pack::gsomia_2016(), Language::En) {
                let word = fact.matter.as_str();
                assert!(listed.iter().any(|place| place.trim_end_matches('.') == word), "{word}");
            }
        }
    }
}

#[test]
fn each_language_says_the_same_facts_in_its_own_words_and_the_same_codes() {
    let question = granted(Action::Release);
    let pack = Pack::gsomia_2016();
    let [ko, ja, en] = Language::ALL.map(|language| facts("R-102", &question, &pack, language));
    for ((ko, ja), en) in ko.iter().zip(&ja).zip(&en) {
        assert_eq!((&ko.value, ko.matter), (&en.value, en.matter));
        assert_eq!((&ja.value, ja.matter), (&en.value, en.matter));
        assert!(ko.label != en.label && ja.label != en.label, "{}", en.label);
    }
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
