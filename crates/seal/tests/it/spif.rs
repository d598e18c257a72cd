//! XML SPIF: what a policy answers about labels, and what the samples of others become.

use crate::shared::{is_valid, sample, validated};
use crate::stanag::{marking, terms};
use attache_accord::Timestamp;
use attache_seal::label::stanag::{Category, CategoryType, Information, PolicyIdentifier, ValueForm, read};
use attache_seal::spif::{
    Applied, CategoryRef, Clearance, Finding, Operation, Place, Required, Spif, TagType,
};

const AT: Timestamp = Timestamp(1_795_478_400_000);
const SCHEMA: &str = "xmlspif-2.1.xsd";

fn korea() -> Spif {
    let names = [("ko", "대한민국"), ("ja", "大韓民国"), ("en", "Republic of Korea")];
    Spif::of_scheme(&terms().national(), "KOR".parse().unwrap(), &names, AT).unwrap()
}

fn japan() -> Spif {
    let names = [("ko", "일본국"), ("ja", "日本国"), ("en", "Japan")];
    Spif::of_scheme(&terms().national(), "JPN".parse().unwrap(), &names, AT).unwrap()
}

fn label() -> Information {
    let terms = terms();
    terms.national().originator_label(&marking(), AT).unwrap().body.information
}

fn nato(name: &str) -> Option<Spif> {
    Some(Spif::read(&sample(&format!("spif/{name}.spif.xml"))?).unwrap().spif)
}

fn nato_label(class: &str, categories: &[(CategoryType, &str, &[&str])]) -> Information {
    let category = |(kind, tag, values): &(CategoryType, &str, &[&str])| Category {
        kind: *kind,
        tag: (*tag).to_owned(),
        uri: None,
        form: ValueForm::Generic,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    Information {
        policy: PolicyIdentifier { name: "NATO".to_owned(), uri: None },
        classification: class.to_owned(),
        privacy_mark: None,
        categories: categories.iter().map(category).collect(),
    }
}

#[test]
fn a_scheme_comes_back_from_its_spif_and_the_schema_takes_it() {
    for spif in [korea(), japan()] {
        let text = spif.write().unwrap();
        let back = Spif::read(text.as_bytes()).unwrap();
        assert_eq!(back.spif, spif);
        assert!(back.remarks.is_empty(), "{:?}", back.remarks);
        validated(&text, SCHEMA);
    }
}

#[test]
fn two_levels_of_one_row_are_two_values_of_one_place() {
    let japan = japan();
    let class = |name| japan.classification(name).unwrap();
    assert_ne!(class("極秘").lacv, class("特定秘密").lacv);
    assert_eq!(class("極秘").hierarchy, class("特定秘密").hierarchy);
    let korea = korea();
    let to: Vec<i64> = korea.outgoing("군사II급비밀", &japan.policy).map(|e| e.lacv).collect();
    assert_eq!(to, [class("極秘").lacv, class("特定秘密").lacv], "a person chooses");
    let from: Vec<&str> = korea.incoming(&japan.policy, to[1]).map(|class| class.name.as_str()).collect();
    assert_eq!(from, ["군사II급비밀"]);
    assert_eq!(korea.outgoing("군사I급비밀", &japan.policy).count(), 0, "never shared");
}

#[test]
fn every_label_of_ours_is_valid_under_the_spif_of_its_party() {
    assert_eq!(korea().check(&label()), []);
    let terms = terms();
    let own = "JPN:TOKUTEI".parse().unwrap();
    let beside = terms.national().alternative_label(&marking(), &own, AT, AT).unwrap();
    assert_eq!(japan().check(&beside.body.information), []);
    assert_eq!(japan().check(&label()).len(), 1, "of another policy");
}

#[test]
fn what_the_policy_does_not_have_is_a_finding_and_never_passed_over() {
    let spif = korea();
    let found = |change: &dyn Fn(&mut Information)| {
        let mut other = label();
        change(&mut other);
        spif.check(&other)
    };
    assert!(matches!(found(&|l| l.policy.name = "NATO".to_owned())[..], [Finding::OtherPolicy(_)]));
    let other_id = found(&|l| l.policy.uri = Some("urn:oid:1.3.26.1.3.1".to_owned()));
    assert!(matches!(other_id[..], [Finding::OtherPolicy(_)]));
    let class = found(&|l| l.classification = "SECRET".to_owned());
    assert!(matches!(class[..], [Finding::UnknownClassification(_)]));
    let mark = found(&|l| l.privacy_mark = Some("minister".to_owned()));
    assert!(matches!(mark[..], [Finding::UnknownPrivacyMark(_)]));
    let tag = found(&|l| l.categories[0].tag = "Eyes Only".to_owned());
    assert!(matches!(tag[..], [Finding::UnknownCategory(_)]));
    let uri = found(&|l| l.categories[0].uri = l.categories[1].uri.clone());
    assert!(matches!(uri[..], [Finding::UnknownCategory(_)]));
    let kind = found(&|l| l.categories[0].kind = CategoryType::Restrictive);
    assert!(matches!(kind[..], [Finding::OtherType(_)]));
    let value = found(&|l| l.categories[0].values.push("USA".to_owned()));
    assert!(matches!(value[..], [Finding::UnknownValue { .. }]));
    let count = found(&|l| l.categories[1].values = vec!["humint".to_owned(), "imagery".to_owned()]);
    assert!(matches!(count[..], [Finding::Count { found: 2, .. }]));
    let never = found(&|l| l.classification = "군사I급비밀".to_owned());
    assert!(matches!(&never[..], [Finding::Excluded { value, .. }] if value == "JPN"));
}

/// A reference to the nation of this value, or to any.
fn nation(lacv: Option<&str>) -> CategoryRef {
    CategoryRef {
        tag_set: "Releasable To".to_owned(),
        tag_type: TagType { tag: "enumerated".to_owned(), enumerated: Some("permissive".to_owned()) },
        lacv: lacv.map(str::to_owned),
    }
}

#[test]
fn what_a_classification_needs_and_does_not_have_is_a_finding() {
    let needs = |operation, groups: Vec<CategoryRef>| {
        let mut spif = korea();
        let class = spif.classifications.iter_mut().find(|class| class.name == "군사II급비밀").unwrap();
        class.required.push(Required { operation, groups });
        let text = spif.write().unwrap();
        validated(&text, SCHEMA);
        Spif::read(text.as_bytes()).unwrap().spif.check(&label())
    };
    let met = |operation, groups: Vec<CategoryRef>| needs(operation, groups).is_empty();
    // The label names both nations, of the values 1 and 2; a third does not exist.
    let [first, second, third, any] = [Some("1"), Some("2"), Some("3"), None].map(nation);
    let two = || vec![first.clone(), second.clone()];
    assert!(
        met(Operation::All, two()) && met(Operation::OneOrMore, two()) && !met(Operation::OnlyOne, two())
    );
    let one = || vec![first.clone(), third.clone()];
    assert!(
        !met(Operation::All, one()) && met(Operation::OneOrMore, one()) && met(Operation::OnlyOne, one())
    );
    let none = || vec![third.clone()];
    assert!(
        !met(Operation::All, none())
            && !met(Operation::OneOrMore, none())
            && !met(Operation::OnlyOne, none())
    );
    assert!(met(Operation::All, vec![any.clone()]));
    let other = CategoryRef { tag_type: TagType { tag: "permissive".to_owned(), enumerated: None }, ..any };
    assert!(!met(Operation::All, vec![other]), "a tag of another type");
    assert!(
        matches!(&needs(Operation::All, none())[..], [Finding::Needs { of, .. }] if of == "군사II급비밀")
    );
}

#[test]
fn what_a_category_does_not_stand_with_is_a_finding() {
    let checked = |change: &dyn Fn(&mut attache_seal::spif::TagCategory)| {
        let mut spif = korea();
        // The first nation is Japan.
        change(&mut spif.tag_sets[0].tags[0].categories[0]);
        validated(&spif.write().unwrap(), SCHEMA);
        spif.check(&label())
    };
    let excluded = checked(&|category| category.excluded.push(nation(Some("2"))));
    assert!(matches!(&excluded[..], [Finding::Excluded { value, .. }] if value == "JPN"));
    assert!(checked(&|category| category.excluded.push(nation(Some("3")))).is_empty());
    let only = checked(&|category| category.required_class = Some("군사III급비밀".to_owned()));
    assert!(matches!(only[..], [Finding::Excluded { .. }]));
    assert!(checked(&|category| category.required_class = Some("군사II급비밀".to_owned())).is_empty());
    let obsolete = checked(&|category| category.is_obsolete = true);
    assert_eq!(obsolete, [Finding::Obsolete("JPN".to_owned())]);
    let needs = checked(&|category| {
        category.required.push(Required { operation: Operation::All, groups: vec![nation(Some("3"))] });
    });
    assert!(matches!(&needs[..], [Finding::Needs { of, .. }] if of == "JPN"));
}

#[test]
fn too_few_values_obsolete_classes_and_numbers_are_looked_at() {
    let mut spif = korea();
    spif.tag_sets[0].tags[0].fewest = Some(2);
    assert!(spif.check(&label()).is_empty());
    let mut one = label();
    one.categories[0].values.truncate(1);
    assert!(matches!(spif.check(&one)[..], [Finding::Count { found: 1, .. }]));
    let mut by_number = label();
    by_number.categories[0].form = ValueForm::Integer;
    by_number.categories[0].values = vec!["1".to_owned(), "02".to_owned()];
    assert!(spif.check(&by_number).is_empty(), "{:?}", spif.check(&by_number));
    by_number.categories[0].values = vec!["1".to_owned(), "3".to_owned()];
    assert!(matches!(spif.check(&by_number)[..], [Finding::UnknownValue { .. }, Finding::Count { .. }]));
    let mut by_bits = label();
    by_bits.categories[0].form = ValueForm::Bits;
    assert!(!spif.check(&by_bits).is_empty(), "strings of bits are not understood");
    spif.classifications.iter_mut().for_each(|class| class.is_obsolete = true);
    assert_eq!(spif.check(&label()), [Finding::Obsolete("군사II급비밀".to_owned())]);
}

#[test]
fn a_reader_needs_the_classification_and_any_one_of_the_nations() {
    let spif = korea();
    let clearance = |class: &str, nations: &[&str]| Clearance {
        classification: class.to_owned(),
        held: [("Releasable To".to_owned(), nations.iter().map(|n| (*n).to_owned()).collect())].into(),
    };
    assert_eq!(spif.may_read(&label(), &clearance("군사II급비밀", &["JPN"])), Ok(true));
    assert_eq!(spif.may_read(&label(), &clearance("군사I급비밀", &["KOR", "USA"])), Ok(true));
    assert_eq!(spif.may_read(&label(), &clearance("군사III급비밀", &["JPN"])), Ok(false));
    assert_eq!(spif.may_read(&label(), &clearance("군사II급비밀", &["USA"])), Ok(false));
    assert_eq!(spif.may_read(&label(), &clearance("SECRET", &["JPN"])), Ok(false));
    let mut other = label();
    other.categories[0].values.push("USA".to_owned());
    assert!(spif.may_read(&other, &clearance("군사II급비밀", &["JPN"])).is_err());
}

#[test]
fn equivalence_has_a_direction() {
    let text = korea().write().unwrap();
    for (applied, out, back) in [(Applied::Encrypt, 2, 0), (Applied::Decrypt, 0, 1), (Applied::Both, 2, 1)] {
        let text = text.replace("applied=\"both\"", &format!("applied=\"{}\"", applied.as_str()));
        let spif = Spif::read(text.as_bytes()).unwrap().spif;
        assert_eq!(spif.outgoing("군사II급비밀", &japan().policy).count(), out, "{applied:?}");
        assert_eq!(spif.incoming(&japan().policy, 20).count(), back, "{applied:?}");
    }
}

#[test]
fn a_policy_is_meant_by_its_identifier_and_not_by_the_name_that_another_gives_it() {
    let (Some(tlp), Some(uk)) = (nato("tlp-plus"), nato("uk-demo")) else { return };
    // What the one calls UK-DEMO calls itself UK.
    let out: Vec<i64> = tlp.outgoing("GREEN", &uk.policy).map(|e| e.lacv).collect();
    assert_eq!(out, [uk.classification("OFFICIAL").unwrap().lacv]);
    assert_eq!(tlp.incoming(&uk.policy, out[0]).count(), 0, "for what leaves only");
    let mut impostor = uk.policy.clone();
    impostor.name = "UK-DEMO".to_owned();
    impostor.oid = "1.2.3".to_owned();
    assert_eq!(tlp.outgoing("GREEN", &impostor).count(), 0);
}

#[test]
fn a_marking_is_the_originators_name_and_the_untranslated_level() {
    let words = |language| korea().marking(&label(), Place::Page, language);
    assert!(words("ko").starts_with("대한민국 군사II급비밀 "), "{}", words("ko"));
    assert!(words("ja").starts_with("大韓民国 군사II급비밀 "), "{}", words("ja"));
    assert!(words("en").starts_with("Republic of Korea 군사II급비밀 KOR, JPN"), "{}", words("en"));
    assert_eq!(korea().marking(&label(), Place::Portion, "en"), "Republic of Korea 군사II급비밀");
}

#[test]
fn the_samples_are_read_and_valid_or_not_as_their_notes_say() {
    let valid = ["nato-policy-v88", "nato-4774-policy", "nato-public-policy-v1"];
    let invalid = ["tlp-plus", "uk-demo", "acme"];
    for name in valid.iter().chain(&invalid) {
        let Some(bytes) = sample(&format!("spif/{name}.spif.xml")) else { return };
        let found = Spif::read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(is_valid(&bytes, SCHEMA), Some(!valid.contains(name)), "{name}");
        // What was read leniently is remarked on, and written strictly.
        let is_lenient =
            found.remarks.iter().any(|remark| remark.contains("order") || remark.contains("without"));
        assert_eq!(is_lenient, invalid.contains(name), "{name}: {:?}", found.remarks);
        assert_eq!(Spif::read(found.spif.write().unwrap().as_bytes()).unwrap().spif, found.spif, "{name}");
    }
    for name in ["own/kr-demo", "own/jp-demo"] {
        let bytes = sample(&format!("{name}.spif.xml")).unwrap();
        let found = Spif::read(&bytes).unwrap();
        assert!(found.remarks.is_empty(), "{:?}", found.remarks);
        assert_ne!(is_valid(&bytes, SCHEMA), Some(false));
        validated(&found.spif.write().unwrap(), SCHEMA);
    }
}

#[test]
fn the_own_samples_of_labels_are_valid_under_the_own_samples_of_policies() {
    for (policy, name) in [("kr-demo", "label-kr-originator"), ("jp-demo", "label-jp-alternative")] {
        let Some(bytes) = sample(&format!("own/{policy}.spif.xml")) else { return };
        let spif = Spif::read(&bytes).unwrap().spif;
        let label = read(&sample(&format!("own/{name}.xml")).unwrap()).unwrap().label;
        assert_eq!(spif.check(&label.body.information), []);
    }
}

#[test]
fn a_nato_policy_answers_about_nato_labels() {
    use CategoryType::{Informative, Permissive, Restrictive};
    let Some(spif) = nato("nato-policy-v88") else { return };
    let valid = nato_label("SECRET", &[(Permissive, "Releasable To", &["NATO", "JPN", "KOR"])]);
    let atomal = nato_label("SECRET", &[(Restrictive, "Special Category Designators", &["ATOMAL"])]);
    let staff = nato_label("RESTRICTED", &[(Informative, "Administrative", &["STAFF"])]);
    assert!([&valid, &atomal, &staff].iter().all(|label| spif.check(label).is_empty()));
    let unknown = nato_label("SECRET", &[(Restrictive, "Special Category Designators", &["ULTRA"])]);
    assert!(matches!(spif.check(&unknown)[..], [Finding::UnknownValue { .. }]));
    assert!(spif.marking(&valid, Place::Page, "fr").ends_with("NATO, Japon, République de Corée"));
    assert_eq!(spif.marking(&atomal, Place::Portion, "fr"), "NATO NS");
}

#[test]
fn a_value_that_a_policy_words_by_classification_is_worded_so() {
    let mut spif = korea();
    let tag = &mut spif.tag_sets[0].tags[0];
    let mut other = tag.categories[0].clone();
    assert_eq!(other.name, "JPN");
    tag.categories[0].excluded_classes.push("군사II급비밀".to_owned());
    other.phrases.push(attache_seal::spif::Phrase {
        text: Some("일본에 한함".to_owned()),
        language: None,
        codes: vec!["pageTop".to_owned()],
    });
    tag.categories.push(other);
    assert!(spif.check(&label()).is_empty());
    assert!(spif.marking(&label(), Place::Page, "en").contains("KOR, 일본에 한함"));
    let third = Information { classification: "군사III급비밀".to_owned(), ..label() };
    assert!(spif.marking(&third, Place::Page, "en").contains("KOR, JPN"));
    let text = spif.write().unwrap();
    let remarks = Spif::read(text.as_bytes()).unwrap().remarks;
    assert!(remarks.len() == 1 && remarks[0].contains("JPN"), "{remarks:?}");
}
