//! The pack loads whole or not at all, and its digest covers every byte. What is refused at which line, one fault at a time, is
//! in `bad_packs`.

use attache_accord::agreement::Effect;
use attache_accord::obligation::{Due, Obligation};
use attache_release::{FLOOR, Language, MAX_FAULTS, PACK_FILES, Pack, PackError, Standing};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn shipped() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/gsomia-2016")).to_owned()
}

/// Writes the shipped pack into a folder, each file changed as told.
pub fn write_changed(folder: &Path, change: impl Fn(&str, String) -> String) {
    std::fs::create_dir(folder.join("articles")).unwrap();
    for path in PACK_FILES {
        let text = std::fs::read_to_string(shipped().join(path)).unwrap();
        std::fs::write(folder.join(path), change(path, text)).unwrap();
    }
}

/// Loads the shipped pack with one file changed.
pub fn load_changed(file: &str, change: impl Fn(String) -> String) -> Result<Pack, PackError> {
    let folder = tempfile::tempdir().unwrap();
    write_changed(folder.path(), |path, text| if path == file { change(text) } else { text });
    Pack::load(folder.path())
}

/// Every fault of the shipped pack with one file changed.
fn faults(file: &str, change: impl Fn(String) -> String) -> Vec<PackError> {
    let folder = tempfile::tempdir().unwrap();
    write_changed(folder.path(), |path, text| if path == file { change(text) } else { text });
    Pack::check(folder.path()).map(|pack| pack.digest()).unwrap_err()
}

fn refused(file: &str, from: &str, to: &str) -> PackError {
    let changed = load_changed(file, |text| {
        assert!(text.contains(from), "{file} no longer says {from:?}");
        text.replacen(from, to, 1)
    });
    changed.map(|pack| pack.digest()).unwrap_err()
}

#[test]
fn the_folders_and_the_binary_hold_the_same_packs() {
    let agreements = shipped().parent().unwrap().to_owned();
    let named = |folder: &std::fs::DirEntry| folder.file_name().into_string().unwrap();
    let folders: BTreeSet<_> =
        std::fs::read_dir(&agreements).unwrap().map(|entry| named(&entry.unwrap())).collect();
    let built_in = Pack::built_in();
    assert_eq!(folders, built_in.iter().map(|pack| pack.terms().agreement.clone()).collect());
    for pack in built_in {
        let folder = agreements.join(&pack.terms().agreement);
        assert_eq!(Pack::check(&folder).unwrap().digest(), pack.digest());
    }
}

#[test]
fn a_comment_added_to_the_terms_changes_the_digest() {
    let changed = load_changed("terms.toml", |text| format!("{text}# nothing\n")).unwrap();
    assert_ne!(changed.digest(), Pack::gsomia_2016().digest());
}

#[test]
fn files_are_digested_in_ascending_order_of_path() {
    assert!(PACK_FILES.is_sorted());
}

#[test]
fn every_missing_file_names_itself() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Pack::check(folder.path()).map(|pack| pack.digest()).unwrap_err();
    let files: Vec<_> = faults.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(files, ["policies.cedar", "reasons.toml", "schema.cedarschema", "terms.toml"]);
}

#[test]
fn an_obligation_that_the_terms_leave_out_is_named() {
    let fault = load_changed("terms.toml", |text| {
        let (start, end) =
            (text.find("# The text says at once").unwrap(), text.rfind("[[obligation]]").unwrap());
        format!("{}{}", &text[..start], &text[end..])
    });
    assert!(fault.unwrap_err().rule.contains("obligation loss-findings"));
}

#[test]
fn an_agreement_of_one_party_is_refused() {
    let fault = load_changed("terms.toml", |text| {
        let start = text.rfind("[[party]]").unwrap();
        let end = text.find("# The table").unwrap();
        format!("{}{}", &text[..start], &text[end..])
            .replace(", JPN = [\"GOKUHI\", \"TOKUTEI\"]", "")
            .replace(", JPN = [\"HI\"]", "")
    });
    assert!(fault.unwrap_err().rule.contains("two Parties"));
}

#[test]
fn the_terms_of_2016_say_what_the_lifecycle_needs() {
    let pack = Pack::gsomia_2016();
    let terms = pack.terms();
    let gates = |party: &str| -> Vec<_> {
        terms.gates[&party.parse().unwrap()].iter().map(|gate| gate.as_str()).collect()
    };
    assert_eq!(gates("KOR"), ["legal-review", "vice-ministers", "state-council", "president"]);
    assert_eq!(gates("JPN"), ["cabinet"]);
    assert_eq!((terms.notice_days, terms.term_years), (Some(90), Some(1)));
    assert_eq!((terms.effect, terms.is_binding, terms.hub), (Effect::LaterNotice, true, None));
    assert_eq!((terms.receipt_due_hours, terms.proof_due_hours), (24, 48));
    assert_eq!(terms.obligations[&Obligation::LossReport], Due::Immediately);
}

#[test]
fn every_gate_authority_and_duty_has_a_name_in_each_language() {
    for (pack, language) in Pack::built_in().iter().flat_map(|pack| Language::ALL.map(|l| (pack, l))) {
        for (party, gates) in &pack.terms().gates {
            assert!(gates.iter().all(|gate| pack.gate_name(*party, gate, language).is_some()));
            assert!(gates.iter().all(|gate| pack.gate_source(*party, gate).is_some()));
        }
        for (party, named) in &pack.terms().authorities {
            assert!(named.iter().all(|a| pack.authority_name(*party, &a.code, language).is_some()));
        }
        for (duty, _) in Obligation::ALL {
            assert!(pack.obligation_name(duty, language).is_some(), "{duty} in {language}");
        }
    }
}

#[test]
fn a_term_says_where_it_comes_from() {
    let pack = Pack::gsomia_2016();
    let cited = pack.cited().iter().find(|cited| cited.term == "gate JPN cabinet").unwrap();
    assert_eq!((cited.article.as_str(), cited.standing), ("21", Standing::Family));
}

#[test]
fn a_vocabulary_that_lacks_a_word_of_this_software_is_refused_at_its_action() {
    for (from, to) in [
        ("  \"hub\": String,\n", ""),
        ("  \"topics\": Set<String>,\n", ""),
        ("  \"kind\": String,\n", "  \"kind\": Long,\n"),
        ("  \"kind\": String,\n", "  \"kind\": String,\n  \"colour\": String,\n"),
        ("\"request\", ", ""),
    ] {
        let faults = faults("schema.cedarschema", |text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let told = |fault: &PackError| {
            fault.file == "schema.cedarschema"
                && fault.line.is_some()
                && fault.rule.contains("cannot be asked")
        };
        assert!(faults.iter().any(told), "{from}: {faults:?}");
    }
}

#[test]
fn a_missing_article_is_refused_in_any_language() {
    for (language, rule) in [
        (Language::Ko, "article 17 is missing"),
        (Language::Ja, "article 17 is missing"),
        (Language::En, "article 17 is not in English"),
    ] {
        let faults = faults(&format!("articles/{language}.md"), |text| {
            let (start, end) = (text.find("## 17.").unwrap(), text.find("## 18.").unwrap());
            format!("{}{}", &text[..start], &text[end..])
        });
        assert!(faults.iter().any(|fault| fault.rule == rule), "{language}: {faults:?}");
        assert!(faults.iter().any(|fault| fault.rule.contains("cites article \"17\"")), "{faults:?}");
    }
}

#[test]
fn a_citation_of_a_paragraph_that_an_article_does_not_have_is_refused() {
    let faults = faults("articles/ja.md", |text| text.replacen("(g)", "", 1));
    let told = |fault: &PackError| fault.rule.contains("cites \"6(g)\", a paragraph that ja does not have");
    assert!(faults.iter().all(told), "{faults:?}");
    for file in ["policies.cedar", "terms.toml"] {
        assert!(faults.iter().any(|fault| fault.file == file), "{faults:?}");
    }
}

#[test]
fn all_faults_are_told_at_once_in_order_of_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    write_changed(folder.path(), |path, text| match path {
        "terms.toml" => {
            text.replace("value = 90", "value = 0").replace("due = \"30 days\"", "due = \"soon\"")
        }
        "policies.cedar" => {
            text.replace("@article(\"1\")\n@status(\"press\")", "@article(\"1\")\n@status(\"rumour\")")
        }
        "reasons.toml" => text.replacen("title = \"No marking\"", "title = \"\"", 1),
        _ => text,
    });
    let faults = Pack::check(folder.path()).map(|pack| pack.digest()).unwrap_err();
    assert!(faults.is_sorted() && faults.iter().all(|fault| fault.line.is_some()), "{faults:?}");
    let of = |file: &str| faults.iter().filter(|fault| fault.file == file).count();
    assert_eq!((of("policies.cedar"), of("reasons.toml"), of("terms.toml")), (2, 1, 3), "{faults:?}");
}

#[test]
fn languages_that_differ_on_the_standing_of_an_article_are_refused() {
    let fault = load_changed("articles/ko.md", |text| text.replacen("[press]", "[verified]", 1));
    assert!(fault.unwrap_err().rule.contains("another status"));
}

#[test]
fn a_text_with_a_place_that_nothing_fills_is_refused_at_its_line() {
    let fault = refused("reasons.toml", "{third-party}", "{third party}");
    assert!(fault.rule.contains("R-005") && fault.rule.contains("{third party}"), "{fault}");
    assert!(fault.line.is_some());
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    write_changed(folder.path(), |_, text| text);
    std::fs::write(folder.path().join("reasons.toml"), b"# one\n# two\n\xff\n").unwrap();
    let fault = Pack::load(folder.path()).map(|pack| pack.digest()).unwrap_err();
    assert_eq!((fault.file.as_str(), fault.line), ("reasons.toml", Some(3)), "{fault}");
}

#[test]
fn lists_longer_than_the_limit_are_refused_before_they_are_compared() {
    let row = "[[equivalence]]\nenglish = \"A\"\nlevels = {}\narticle = \"1\"\nstatus = \"product\"\n";
    let fault = load_changed("terms.toml", |text| text.replace("[floor]", &(row.repeat(10_000) + "[floor]")));
    let fault = fault.unwrap_err();
    assert!(fault.line.is_some() && fault.rule == "more than 256 rows", "{fault}");
    let kinds: String = (0..300).map(|number| format!("\"kind-{number}\", ")).collect();
    let fault = refused("terms.toml", "\"imagery\", ", &kinds);
    assert_eq!(fault.rule, "more than 256 kinds");
}

#[test]
fn an_article_longer_than_the_limit_is_refused_at_its_heading() {
    let faults = faults("articles/en.md", |text| {
        text.replacen("[press]\n", &format!("[press]\n{}\n", "word ".repeat(4_000)), 1)
    });
    let told = |fault: &PackError| fault.line.is_some() && fault.rule.contains("article 1 is longer than");
    assert!(faults.iter().any(told), "{faults:?}");
}

#[test]
fn no_more_faults_are_told_than_the_limit() {
    let faults = faults("reasons.toml", |text| text.replace("title = \"", "title = \"{nothing}"));
    assert_eq!(faults.len(), MAX_FAULTS);
}

#[test]
fn a_file_larger_than_the_limit_is_refused() {
    let fault = load_changed("terms.toml", |text| text + &"#".repeat(1 << 20));
    assert!(fault.unwrap_err().rule.contains("larger"));
}

#[test]
fn every_floor_rule_speaks_to_readers_in_each_language() {
    for (pack, language) in Pack::built_in().iter().flat_map(|pack| Language::ALL.map(|l| (pack, l))) {
        for rule in &FLOOR {
            assert!(pack.reason_text(rule.code, language).is_some(), "{} in {language}", rule.code);
            let article = pack.article_of_rule(rule.code).unwrap();
            assert!(pack.article_text(article, language).is_some(), "{article} in {language}");
        }
    }
}

#[test]
fn a_citation_with_a_paragraph_finds_its_article() {
    let pack = Pack::gsomia_2016();
    assert_eq!(pack.article_text("6(a)", Language::En), pack.article_text("6", Language::En));
    assert_eq!(pack.article_text("6(a)", Language::En).unwrap().title, "Principles of protection");
}

#[test]
fn the_top_korean_level_stands_in_no_row() {
    let pack = Pack::gsomia_2016();
    assert_eq!(pack.terms().equivalence.row(&"KOR:I".parse().unwrap()), None);
}

#[test]
fn a_mutant_never_passes_for_the_true_pack() {
    let pack = Pack::gsomia_2016();
    let mutant = pack.dangerously_without("R-004");
    assert_ne!(mutant.digest(), pack.digest());
    assert_eq!(mutant.version(), "1.0.0-without-R-004");
}
