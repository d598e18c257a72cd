//! STANAG 4774: what comes back, what is refused, and what the samples of others become.

use crate::shared::{is_valid, sample, validated};
use attache_accord::agreement::Topic;
use attache_accord::equivalence::{Equivalence, LevelName, Row, Scheme};
use attache_accord::particulars::Purpose;
use attache_accord::{Kind, Level, Marking, Timestamp};
use attache_seal::label::stanag::{CategoryType, National, Role, StanagError, read, write};
use attache_seal::spif::Spif;
use proptest::prelude::*;
use std::collections::BTreeSet;

const REVIEW: Timestamp = Timestamp(1_953_158_400_000);
const NAMES: [(&str, &str, u8); 6] = [
    ("KOR:I", "군사I급비밀", 3),
    ("KOR:II", "군사II급비밀", 2),
    ("KOR:III", "군사III급비밀", 1),
    ("JPN:GOKUHI", "極秘", 2),
    ("JPN:TOKUTEI", "特定秘密", 2),
    ("JPN:HI", "秘", 1),
];

/// Schemes of two Parties, as a rule pack has them.
pub struct Terms {
    equivalence: Equivalence,
    kinds: BTreeSet<Kind>,
    topics: BTreeSet<Topic>,
    purposes: BTreeSet<Purpose>,
}

impl Terms {
    pub fn national(&self) -> National<'_> {
        let Self { equivalence, kinds, topics, purposes } = self;
        National { agreement: "gsomia-2016", version: "1.0.0", equivalence, kinds, topics, purposes }
    }
}

pub fn terms() -> Terms {
    let parties = ["KOR", "JPN"].map(|party| party.parse().unwrap());
    let scheme = |party: &str| {
        let own = NAMES.iter().filter(|(level, ..)| level.starts_with(party));
        let named = |(level, name, rank): &(&str, &str, u8)| {
            let level = level.parse().unwrap();
            (*rank, LevelName { level, name: (*name).to_owned(), reading: String::new() })
        };
        Scheme::new(own.map(named).collect())
    };
    let row = |english: &str, levels: &[&str]| Row {
        english: english.to_owned(),
        levels: parties
            .map(|party| {
                let own = levels.iter().map(|level| level.parse::<Level>().unwrap());
                (party, own.filter(|level| level.party() == party).collect())
            })
            .into(),
    };
    let rows = vec![
        row("SECRET", &["KOR:II", "JPN:GOKUHI", "JPN:TOKUTEI"]),
        row("CONFIDENTIAL", &["KOR:III", "JPN:HI"]),
    ];
    Terms {
        equivalence: Equivalence {
            schemes: [(parties[0], scheme("KOR")), (parties[1], scheme("JPN"))].into(),
            rows,
        },
        kinds: ["humint", "imagery"].map(|kind| kind.parse().unwrap()).into(),
        topics: ["missile", "nuclear"].map(|topic| topic.parse().unwrap()).into(),
        purposes: [].into(),
    }
}

pub fn marking() -> Marking {
    Marking {
        level: "KOR:II".parse().unwrap(),
        releasable_to: ["JPN".parse().unwrap()].into(),
        kind: "humint".parse().unwrap(),
        caveats: vec!["외부 반출 금지".to_owned(), "<EYES> & \"ONLY\"".to_owned()],
        marked_at: Timestamp(1_795_478_400_123),
        topics: ["missile".parse().unwrap()].into(),
        control: None,
        purposes: [].into(),
    }
}

#[test]
fn a_marking_comes_back_from_its_label_whole_and_the_schema_takes_it() {
    let terms = terms();
    let label = terms.national().originator_label(&marking(), REVIEW).unwrap();
    let text = write(&label).unwrap();
    let back = read(text.as_bytes()).unwrap();
    assert!(back.remarks.is_empty(), "{:?}", back.remarks);
    assert_eq!(back.label.review_at, Some(REVIEW));
    assert_eq!(terms.national().marking(&back.label).unwrap(), marking());
    validated(&text, "adatp-4774-label-1.3.xsd");
}

#[test]
fn purposes_stand_in_the_label_and_the_scheme_lists_them_where_the_agreement_names_some() {
    let mut terms = terms();
    let schemes = |terms: &Terms| {
        let party = "KOR".parse().unwrap();
        let scheme =
            Spif::of_scheme(&terms.national(), party, &[("en", "Republic of Korea")], REVIEW).unwrap();
        scheme.tag_sets.into_iter().map(|set| set.name).collect::<Vec<_>>()
    };
    assert!(!schemes(&terms).contains(&"Purpose".to_owned()));
    terms.purposes = ["early-warning", "planning"].map(|purpose| purpose.parse().unwrap()).into();
    assert!(schemes(&terms).contains(&"Purpose".to_owned()));
    let given = Marking { purposes: terms.purposes.clone(), ..marking() };
    let text = write(&terms.national().originator_label(&given, REVIEW).unwrap()).unwrap();
    assert_eq!(terms.national().marking(&read(text.as_bytes()).unwrap().label).unwrap(), given);
    validated(&text, "adatp-4774-label-1.3.xsd");
}

#[test]
fn an_own_level_stands_beside_the_originators_label_and_leaves_it_as_it_is() {
    let terms = terms();
    let national = terms.national();
    for own in ["JPN:GOKUHI", "JPN:TOKUTEI"] {
        let own = own.parse().unwrap();
        let beside = national.alternative_label(&marking(), &own, REVIEW, REVIEW).unwrap();
        let text = write(&beside).unwrap();
        assert_eq!(beside.role, Role::Alternative);
        assert_eq!(national.own_level(&marking(), &read(text.as_bytes()).unwrap().label).unwrap(), own);
        assert!(matches!(national.marking(&beside), Err(StanagError::Apart(_))));
        validated(&text, "adatp-4774-label-1.3.xsd");
    }
}

#[test]
fn an_own_level_that_the_table_does_not_have_is_refused() {
    let terms = terms();
    let national = terms.national();
    for own in ["JPN:HI", "KOR:II", "KOR:III", "USA:S"] {
        let made = national.alternative_label(&marking(), &own.parse().unwrap(), REVIEW, REVIEW);
        assert!(matches!(made, Err(StanagError::Apart(_))), "{own}");
    }
    let mut narrower = marking();
    narrower.releasable_to.clear();
    let own = "JPN:TOKUTEI".parse().unwrap();
    let beside = national.alternative_label(&narrower, &own, REVIEW, REVIEW).unwrap();
    assert!(national.own_level(&marking(), &beside).is_err(), "other nations");
}

#[test]
fn what_a_marking_cannot_hold_is_refused_and_not_left_out() {
    let terms = terms();
    let national = terms.national();
    let label = national.originator_label(&marking(), REVIEW).unwrap();
    let information = || label.body.information.clone();
    let refused = |information| {
        let mut other = label.clone();
        other.body.information = information;
        national.marking(&other).unwrap_err()
    };

    let mut other = information();
    other.policy.uri = Some("urn:oid:1.3.26.1.3.1".to_owned());
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.policy.name = "NATO".to_owned();
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.classification = "SECRET".to_owned();
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.privacy_mark = Some("for the minister".to_owned());
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.categories[0].kind = CategoryType::Restrictive;
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.categories[1].tag = "Sensitivity".to_owned();
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.categories[0].uri = other.categories[1].uri.clone();
    assert_eq!(refused(other).code(), "unknown");
    let mut other = information();
    other.categories.remove(0);
    assert_eq!(refused(other).code(), "missing");
    let mut other = information();
    other.categories[0].values.remove(0);
    assert_eq!(refused(other).code(), "value");
    let mut other = label.clone();
    other.body.successor = Some((REVIEW, Box::new(label.body.clone())));
    assert_eq!(national.marking(&other).unwrap_err().code(), "unknown");
}

#[test]
fn permissive_means_any_one_value_and_restrictive_all() {
    let terms = terms();
    let mut category =
        terms.national().originator_label(&marking(), REVIEW).unwrap().body.information.categories.remove(0);
    let held = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<BTreeSet<_>>();
    assert!(category.admits(&held(&["JPN"])) && category.admits(&held(&["KOR", "USA"])));
    assert!(!category.admits(&held(&["USA"])) && !category.admits(&held(&[])));
    category.kind = CategoryType::Restrictive;
    assert!(category.admits(&held(&["JPN", "KOR"])));
    assert!(!category.admits(&held(&["JPN"])) && !category.admits(&held(&[])));
    category.kind = CategoryType::Informative;
    assert!(category.admits(&held(&[])));
}

#[test]
fn a_label_that_says_neither_review_nor_successor_is_not_written() {
    let terms = terms();
    let mut label = terms.national().originator_label(&marking(), REVIEW).unwrap();
    label.review_at = None;
    assert_eq!(write(&label), Err(StanagError::Missing("ReviewDateTime")));
    label.body.successor = Some((REVIEW, Box::new(label.body.clone())));
    let text = write(&label).unwrap();
    assert_eq!(read(text.as_bytes()).unwrap().label, label);
    validated(&text, "adatp-4774-label-1.3.xsd");
}

#[test]
fn texts_that_deceive_or_would_be_folded_are_not_written() {
    let terms = terms();
    for caveat in ["a\u{202e}b", "two\nlines", ""] {
        let marking = Marking { caveats: vec![caveat.to_owned()], ..marking() };
        let label = terms.national().originator_label(&marking, REVIEW);
        assert!(label.and_then(|label| write(&label)).is_err(), "{caveat:?}");
    }
}

#[test]
fn a_time_in_another_zone_is_the_same_moment() {
    let terms = terms();
    let label = terms.national().originator_label(&marking(), REVIEW).unwrap();
    let text = write(&label).unwrap();
    let at = marking().marked_at.to_string();
    for (written, is_read) in [
        ("2026-11-24T09:00:00.123+09:00", true),
        ("2026-11-23T19:00:00.1239-05:00", true),
        ("2026-11-24T00:00:00.123", true),
        ("2026-11-24T00:00:00.123+15:00", false),
        ("2026-11-24T24:00:00.123Z", false),
        ("2026-11-24", false),
        ("1969-11-24T00:00:00.123Z", false),
        ("2026-11-24T00:00:00.Z", false),
        ("２026-11-24T00:00:00.Z", false),
    ] {
        let other = text.replace(&at, written);
        let found = read(other.as_bytes()).map(|found| found.label.body.created_at);
        assert_eq!(found.ok(), is_read.then_some(marking().marked_at), "{written}");
    }
}

#[test]
fn the_samples_are_read_or_refused_as_their_notes_say() {
    for name in ["label-kr-originator.xml", "label-jp-alternative.xml"] {
        let Some(bytes) = sample(&format!("own/{name}")) else { return };
        let found = read(&bytes).unwrap();
        assert!(found.remarks.is_empty());
        let nations =
            found.label.body.information.category(CategoryType::Permissive, "Releasable To").unwrap();
        assert_eq!(nations.values, ["JPN", "KOR"]);
        let terms = terms();
        let other = terms.national().marking(&found.label);
        assert!(other.is_err(), "of another policy, or no originator's");
    }
    let code = |name: &str| read(&sample(name).unwrap()).unwrap_err();
    assert_eq!(code("own/BAD-no-creation-time.xml"), StanagError::Missing("CreationDateTime"));
    assert_eq!(code("own/BAD-lowercase-type.xml").code(), "value");
    for number in 1..=6 {
        let missing = code(&format!("stanag4774-labels/spiffing-nato-17-{number}.xml"));
        assert_eq!(missing, StanagError::Missing("CreationDateTime"));
    }
    assert_eq!(code("stanag4774-labels/food-clearance.xml").code(), "root");
}

#[test]
fn reader_and_schema_agree_on_the_samples() {
    let names = ["label-kr-originator", "label-jp-alternative", "BAD-no-creation-time", "BAD-lowercase-type"];
    for name in names {
        let Some(bytes) = sample(&format!("own/{name}.xml")) else { return };
        let Some(valid) = is_valid(&bytes, "adatp-4774-label-1.3.xsd") else { return };
        assert_eq!(valid, read(&bytes).is_ok(), "{name}");
    }
}

proptest! {
    #[test]
    fn every_marking_that_can_be_written_comes_back(
        level in prop::sample::select(vec!["KOR:I", "KOR:II", "KOR:III", "JPN:GOKUHI", "JPN:TOKUTEI", "JPN:HI"]),
        nations in prop::collection::btree_set("[A-Z]{3}", 0..4),
        caveats in prop::collection::btree_set("\\PC{1,40}", 0..4),
        topics in prop::collection::btree_set("[a-z]{1,8}", 0..3),
        at in 0_u64..4_000_000_000_000,
    ) {
        let level: Level = level.parse().unwrap();
        let nations = nations.iter().map(|nation| nation.parse().unwrap()).filter(|nation| *nation != level.party());
        let marking = Marking {
            releasable_to: nations.collect(),
            level,
            kind: "humint".parse().unwrap(),
            caveats: caveats.into_iter().collect(),
            marked_at: Timestamp(at),
            topics: topics.iter().map(|topic| topic.parse().unwrap()).collect(), control: None, purposes: [].into(),
        };
        let terms = terms();
        let national = terms.national();
        if let Ok(text) = national.originator_label(&marking, REVIEW).and_then(|label| write(&label)) {
            prop_assert_eq!(national.marking(&read(text.as_bytes()).unwrap().label).unwrap(), marking);
        }
    }

    #[test]
    fn no_bytes_crash_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }
}
