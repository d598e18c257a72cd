//! Reports of two real nodes, counted again; and in every way in which a holder of the folder, or the node itself, could lie.

use crate::binary::BINARY;
use crate::folder::{failed, write};
use attache_exercise::{Days, Reported, reports};
use attache_release::{BESIDE, Extent, Language, Sheet};
use attache_seal::digest::sha256;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers;
use attache_seal::statement::{Signed, Statement};
use attache_tlog::{Checkpoint, Hash, OpenedField, SignedNote, parse_opened, sign_checkpoint};
use attache_verify::{Outcome, Report, Trust, Verdict, verify_report};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

pub type Files = BTreeMap<String, Vec<u8>>;

const FIELDS: [u8; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11];

pub static WHOLE: LazyLock<Reported> = LazyLock::new(|| reports(7, 150, Days::All, &FIELDS).unwrap());
static MIDDLE: LazyLock<Reported> = LazyLock::new(|| reports(11, 150, Days::Middle, &FIELDS).unwrap());

fn verified(reported: &Reported, files: &Files) -> Report {
    let folder = write(files);
    verify_report(
        folder.path(),
        &Trust { fingerprints: reported.played.fingerprints.clone(), ..Trust::default() },
    )
}

/// What the report says of these files with one change.
fn changed(reported: &Reported, change: impl FnOnce(&mut Files)) -> Report {
    let mut files = reported.played.files.clone();
    change(&mut files);
    verified(reported, &files)
}

/// The first failure of a check.
fn why(report: &Report, check: &str) -> String {
    let found = report.findings.iter().find_map(|finding| match &finding.outcome {
        Outcome::Failed(why) if finding.check == check => {
            Some(format!("{} {why}", finding.place.clone().unwrap_or_default()))
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{check} did not fail:\n{}", report.plain()))
}

fn json<T: serde::de::DeserializeOwned>(files: &Files, path: &str) -> T {
    serde_json::from_slice(&files[path]).unwrap()
}

fn put(files: &mut Files, path: &str, value: &impl serde::Serialize) {
    files.insert(path.to_owned(), serde_json::to_vec(value).unwrap());
}

/// The node of Seoul signs another report than the one that it should.
pub fn lie(reported: &Reported, files: &mut Files, change: impl FnOnce(&mut papers::Report)) {
    let place = "seoul.kor/report.cbor";
    let signed = Signed::from_bytes(&files[place]).unwrap();
    let Statement { head, mut body } = signed.dangerously_unverified::<papers::Report>().unwrap();
    change(&mut body);
    let signed = Signed::seal(&Statement { head, body }, &reported.keys["seoul.kor"].node).unwrap();
    files.insert(place.to_owned(), signed.to_bytes());
}

/// Figures that the node signed although it counted others, with pages that say the same.
fn lie_in_figures(reported: &Reported, name: &str, change: impl FnOnce(&mut Sheet)) -> Report {
    changed(reported, |files| {
        let path = format!("seoul.kor/{name}.json");
        let mut sheet: Sheet = json(files, &path);
        change(&mut sheet);
        put(files, &path, &sheet);
        signed_again(reported, files);
    })
}

/// The node signs the figures that are here, and the report with their digests.
fn signed_again(reported: &Reported, files: &mut Files) {
    let digests = ["figures", "public"].map(|name| sha256(&[&files[&format!("seoul.kor/{name}.json")]]));
    lie(reported, files, |report| {
        report.figures = digests[0];
        report.public = Some(digests[1]);
    });
    let report = Signed::from_bytes(&files["seoul.kor/report.cbor"]).unwrap().digest();
    let public = Signed::from_bytes(&files["seoul.kor/public.cbor"]).unwrap();
    let Statement { head, body } = public.dangerously_unverified::<papers::PublicFigures>().unwrap();
    let figures = files["seoul.kor/public.json"].clone();
    let body = papers::PublicFigures { report, figures, ..body };
    let signed = Signed::seal(&Statement { head, body }, &reported.keys["seoul.kor"].node).unwrap();
    files.insert("seoul.kor/public.cbor".to_owned(), signed.to_bytes());
}

#[test]
fn the_reports_of_two_nodes_that_obeyed_are_proved() {
    for (reported, days) in [(&*WHOLE, "all"), (&*MIDDLE, "the middle")] {
        let report = verified(reported, &reported.played.files);
        assert_eq!(report.verdict, Verdict::Proved, "{days}: {}", report.plain());
        let sheet: Sheet = json(&reported.played.files, "seoul.kor/figures.json");
        let exchanges = sheet.tables.iter().find(|counts| counts.table == "exchanges").unwrap();
        assert!(exchanges.total > Some(0), "{days}: nothing was exchanged");
        let by_article = sheet.tables.iter().find(|counts| counts.table == "exchanges-by-article").unwrap();
        assert_eq!(by_article.total, exchanges.total, "{days}");
        for row in &by_article.rows {
            assert!(!row.of[0].is_empty(), "{days}: under no article: {row:?}");
        }
    }
    let sheet: Sheet = json(&WHOLE.played.files, "seoul.kor/figures.json");
    let by_article = sheet.tables.iter().find(|counts| counts.table == "exchanges-by-article").unwrap();
    for direction in ["in", "out"] {
        assert!(by_article.rows.iter().any(|row| row.of[1] == direction), "{direction}: {by_article:?}");
    }
    let extent: Extent = json(&MIDDLE.played.files, "seoul.kor/extent.json");
    let Extent { from, first, end, to, .. } = extent;
    assert!(0 < from && from < first && first < end && end < to, "{extent:?}");
}

/// The reasons that a check gives for what is not shown.
fn unshown(report: &Report, check: &str) -> Vec<String> {
    let of = |found: &attache_verify::Finding| match &found.outcome {
        Outcome::NotShown(why) if found.check == check => Some(why.clone()),
        _ => None,
    };
    report.findings.iter().filter_map(of).collect()
}

#[test]
fn a_report_whose_tree_ends_before_its_days_do_or_before_they_begin_is_not_proved() {
    for days in [Days::Open, Days::Ahead] {
        let reported = reports(11, 150, days, &FIELDS).unwrap();
        let report = verified(&reported, &reported.played.files);
        let sheet: Sheet = json(&reported.played.files, "seoul.kor/figures.json");
        let reaches = sheet.reaches.clone().unwrap();
        assert!(reaches < sheet.until && sheet.is_covered() == Some(false), "{days:?}: {reaches}");
        let exchanges = sheet.tables.iter().find(|counts| counts.table == "exchanges").unwrap();
        assert_eq!(exchanges.total == Some(0), days == Days::Ahead, "{days:?}");
        assert_eq!(report.verdict, Verdict::Incomplete, "{days:?}: {}", report.plain());
        let said = unshown(&report, "V-077");
        assert_eq!(said.len(), 2, "{days:?}: {said:?}");
        assert!(said[0].starts_with(&format!("the tree ends with a leaf of {reaches};")), "{said:?}");
        // Everything else holds: nothing but this tells it.
        let elsewhere = report.findings.iter().filter(|found| found.outcome != Outcome::Proved);
        assert!(elsewhere.clone().all(|found| found.check == "V-077"), "{days:?}: {}", report.plain());
        // What people read says it too.
        for page in ["figures.en.html", "figures.en.csv"] {
            let page =
                String::from_utf8(reported.played.files[&format!("seoul.kor/{page}")].clone()).unwrap();
            assert!(page.contains(&reaches) && page.contains("is in no figure"), "{days:?}: {page}");
        }
    }
}

#[test]
fn a_tree_said_to_reach_further_than_it_does_is_found_although_its_node_signed_it() {
    for name in ["figures", "public"] {
        let report = lie_in_figures(&MIDDLE, name, |sheet| sheet.reaches = Some("2099-12-31".to_owned()));
        let check = if name == "public" { "V-045" } else { "V-044" };
        assert!(why(&report, check).contains("about"), "{}", report.plain());
    }
}

#[test]
fn figures_of_a_build_that_did_not_say_how_far_the_tree_reaches_are_counted_as_before() {
    let report = changed(&MIDDLE, |files| {
        for name in ["figures", "public"] {
            let path = format!("seoul.kor/{name}.json");
            let mut sheet: Sheet = json(files, &path);
            sheet.reaches = None;
            put(files, &path, &sheet);
            for language in Language::ALL {
                let mut page = |ending: &str, bytes: Vec<u8>| {
                    files.insert(format!("seoul.kor/{name}.{language}.{ending}"), bytes);
                };
                page("html", sheet.html(language).into_bytes());
                page("pdf", sheet.pdf(language));
                page("csv", sheet.csv(language).into_bytes());
            }
        }
        signed_again(&MIDDLE, files);
    });
    // The inspector cosigned the figures that said it.
    assert_eq!(failed(&report), ["V-050"], "{}", report.plain());
    assert!(unshown(&report, "V-077").is_empty(), "{}", report.plain());
}

#[test]
fn a_report_of_a_log_that_lost_entries_says_so() {
    let report = changed(&WHOLE, |files| {
        let key = &WHOLE.keys["seoul.kor"].node;
        let signed = Signed::from_bytes(&files["seoul.kor/report.cbor"]).unwrap();
        let head = signed.dangerously_unverified::<papers::Report>().unwrap().head;
        let said = papers::LogSuccession {
            node: "seoul.kor".parse().unwrap(),
            previous: "seoul.kor/log/1".into(),
            origin: "seoul.kor/log/2".into(),
            size: 5,
            root: sha256(&[b"left"]),
            since: head.at,
            seen: vec![papers::SeenLog {
                by: "tokyo.jpn".parse().unwrap(),
                size: 9,
                root: sha256(&[b"seen"]),
            }],
            reason: "disk".into(),
            promised: None,
        };
        let statement = Signed::seal(&Statement { head: head.clone(), body: said }, key).unwrap().to_bytes();
        let body = papers::Notice { statement, verifying: key.verifying().clone() };
        let notice = Signed::seal(&Statement { head, body }, key).unwrap();
        files.insert(format!("seoul.kor/successions/{}.cbor", notice.digest()), notice.to_bytes());
    });
    let told = report.findings.iter().find(|found| found.check == "V-017").unwrap();
    assert!(
        matches!(&told.outcome, Outcome::Lost(why) if why.contains("entries 5 to 8 are lost")),
        "{told:?}"
    );
}

#[test]
fn a_mandate_for_two_fields_gives_one_figure_and_is_proved() {
    let reported = reports(7, 60, Days::All, &[0, 6]).unwrap();
    let report = verified(&reported, &reported.played.files);
    // Without pair tags nobody can pair.
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", report.plain());
    let sheet: Sheet = json(&reported.played.files, "seoul.kor/figures.json");
    assert_eq!(sheet.tables.iter().map(|counts| counts.table.as_str()).collect::<Vec<_>>(), ["acts"]);
}

#[test]
fn a_wrong_figure_is_found_although_its_node_signed_it_and_is_named() {
    let report = lie_in_figures(&WHOLE, "figures", |sheet| {
        let acts = sheet.tables.iter_mut().find(|counts| counts.table == "acts").unwrap();
        let refused = acts.rows.iter_mut().find(|row| row.of == ["ruled"]).unwrap();
        refused.count = refused.count.map(|count| count - 1);
    });
    let why = why(&report, "V-044");
    assert!(why.contains("acts: ruled:") && why.contains("is counted"), "{why}");
}

#[test]
fn an_exchange_told_under_another_article_than_its_leaf_shows_is_found() {
    let report = lie_in_figures(&WHOLE, "figures", |sheet| {
        let counts = sheet.tables.iter_mut().find(|counts| counts.table == "exchanges-by-article").unwrap();
        counts.rows[0].of[0] = "99".into();
    });
    assert!(why(&report, "V-044").contains("exchanges-by-article"), "{}", report.plain());
}

#[test]
fn a_row_that_is_left_out_a_wrong_total_and_other_days_in_the_heading_are_found() {
    let without = lie_in_figures(&WHOLE, "figures", |sheet| drop(sheet.tables[0].rows.pop()));
    assert!(why(&without, "V-044").contains("no row is stated"));
    let total = lie_in_figures(&WHOLE, "figures", |sheet| sheet.tables[0].total = Some(1));
    assert!(why(&total, "V-044").contains("a total of 1 is stated"));
    let days = lie_in_figures(&WHOLE, "figures", |sheet| sheet.from = "2000-01-01".to_owned());
    assert!(why(&days, "V-044").contains("about"));
    let tables = lie_in_figures(&WHOLE, "figures", |sheet| drop(sheet.tables.remove(0)));
    assert!(why(&tables, "V-044").contains("tables"));
}

#[test]
fn figures_that_the_node_did_not_sign_are_not_its_figures() {
    let report = changed(&WHOLE, |files| {
        let mut sheet: Sheet = json(files, "seoul.kor/figures.json");
        sheet.tables[0].rows[0].count = Some(999);
        put(files, "seoul.kor/figures.json", &sheet);
    });
    assert!(why(&report, "V-044").contains("signed"));
}

/// How long the opened fields of each leaf are.
fn lengths(opened: &[u8], fields: &[u8]) -> Vec<usize> {
    let leaves = parse_opened(opened, fields).unwrap();
    let length = |leaf: &Option<Vec<OpenedField>>| {
        1 + leaf.iter().flatten().map(|field| 34 + field.value.len()).sum::<usize>()
    };
    leaves.iter().map(length).collect()
}

#[test]
fn a_leaf_left_out_at_the_beginning_of_the_days_is_found_although_its_node_signed_it() {
    let report = changed(&MIDDLE, |files| {
        let mut extent: Extent = json(files, "seoul.kor/extent.json");
        let (opened, beside) = (
            format!("seoul.kor/opened/{:06}", extent.first / 256),
            format!("seoul.kor/beside/{:06}", extent.first / 256),
        );
        let left_out = parse_opened(&files[&opened], &extent.fields).unwrap()[0].clone().unwrap();
        let length = lengths(&files[&opened], &extent.fields)[0];
        files.get_mut(&opened).unwrap().drain(..length);
        // The first leaf of these days becomes the last one before them, behind those that are in this bundle.
        let ahead = extent.first - extent.from.max(extent.first / 256 * 256);
        let at: usize = lengths(&files[&beside], &BESIDE)[..usize::try_from(ahead).unwrap()].iter().sum();
        let mut shown = vec![1];
        for field in left_out.iter().filter(|field| BESIDE.contains(&field.field)) {
            shown.extend_from_slice(&field.salt);
            shown.extend_from_slice(&u16::try_from(field.value.len()).unwrap().to_be_bytes());
            shown.extend_from_slice(&field.value);
        }
        files.get_mut(&beside).unwrap().splice(at..at, shown);
        extent.first += 1;
        put(files, "seoul.kor/extent.json", &extent);
        lie(&MIDDLE, files, |report| report.first += 1);
    });
    let why = why(&report, "V-043");
    assert!(why.starts_with("leaf ") && why.contains("was left out"), "{why}");
}

#[test]
fn an_act_of_these_days_that_stands_further_behind_is_found() {
    // What shows the day of each leaf between the checkpoints is left out of the last one.
    let report = changed(&MIDDLE, |files| {
        let path = files.keys().rfind(|path| path.starts_with("seoul.kor/beside/")).unwrap().clone();
        let bytes = files.get_mut(&path).unwrap();
        let last = *lengths(bytes, &BESIDE).last().unwrap();
        bytes.truncate(bytes.len() - last);
    });
    assert!(why(&report, "V-043").starts_with("leaf "), "{}", report.plain());
    // Or said to be beyond what the report needs.
    let report = changed(&MIDDLE, |files| {
        let mut extent: Extent = json(files, "seoul.kor/extent.json");
        extent.from = extent.first;
        put(files, "seoul.kor/extent.json", &extent);
    });
    assert!(why(&report, "V-042").contains("checkpoint") || why(&report, "V-042").contains("needs"));
}

#[test]
fn between_which_cosigned_checkpoints_the_leaves_stand_is_shown_and_a_false_one_is_found() {
    let whole = verified(&MIDDLE, &MIDDLE.played.files);
    let shown: Vec<String> = whole
        .findings
        .iter()
        .filter(|found| found.check == "V-052")
        .map(|found| found.place.clone().unwrap())
        .collect();
    for end in ["seoul.kor/before, tokyo.jpn/witness", "seoul.kor/checkpoint, tokyo.jpn/witness"] {
        assert!(shown.iter().any(|place| place.starts_with(end)), "{shown:?}");
    }
    // Nobody cosigned what is here.
    let bare = changed(&MIDDLE, |files| {
        let path = "seoul.kor/checkpoint";
        let note = String::from_utf8(files[path].clone()).unwrap();
        let kept: Vec<&str> = note.split_inclusive('\n').filter(|line| !line.contains("/witness ")).collect();
        assert!(kept.concat().len() < note.len());
        files.insert(path.to_owned(), kept.concat().into_bytes());
    });
    assert_eq!(bare.verdict, Verdict::Incomplete, "{}", bare.plain());
    assert!(bare.plain().contains("no witness cosigned it"));
    // Another tree before the days: an earlier one of the same log, said to be there.
    let other = changed(&MIDDLE, |files| {
        let other = WHOLE.played.files["seoul.kor/checkpoint"].clone();
        files.insert("seoul.kor/before".to_owned(), other);
    });
    assert!(failed(&other).contains(&"V-004"), "{}", other.plain());
    let moved = changed(&MIDDLE, |files| {
        let other = files["seoul.kor/checkpoint"].clone();
        files.insert("seoul.kor/before".to_owned(), other);
    });
    assert!(why(&moved, "V-042").contains("do not begin at the checkpoint"));
    let gone = changed(&MIDDLE, |files| drop(files.remove("seoul.kor/before")));
    assert_eq!(gone.verdict, Verdict::Incomplete, "{}", gone.plain());
    assert!(gone.plain().contains("before these days"), "{}", gone.plain());
}

#[test]
fn a_history_before_the_days_that_its_log_signed_and_that_is_not_of_this_tree_is_found() {
    let report = changed(&MIDDLE, |files| {
        let path = "seoul.kor/before";
        let note = String::from_utf8(files[path].clone()).unwrap();
        let keys = &MIDDLE.keys["seoul.kor"];
        let signers = [&keys.log_ed25519, &keys.log_mldsa44];
        let mut checkpoint = Checkpoint::parse(SignedNote::parse(&note).unwrap().text()).unwrap();
        checkpoint.root = Hash([7; 32]);
        files.insert(path.to_owned(), sign_checkpoint(&checkpoint, &signers).unwrap().into_bytes());
    });
    assert!(why(&report, "V-052").contains("another history"), "{}", report.plain());
}

#[test]
fn a_leaf_left_out_of_what_is_opened_or_of_the_leaves_is_found() {
    let opened = changed(&WHOLE, |files| {
        let path = files.keys().find(|path| path.starts_with("seoul.kor/opened/")).unwrap().clone();
        let bytes = files.get_mut(&path).unwrap();
        let fields = parse_opened(bytes, &FIELDS).unwrap();
        let last = fields.last().unwrap().as_ref().unwrap();
        let length: usize = 1 + last.iter().map(|field| 34 + field.value.len()).sum::<usize>();
        bytes.truncate(bytes.len() - length);
    });
    assert!(why(&opened, "V-043").starts_with("leaf "));
    let leaves = changed(&WHOLE, |files| {
        let bytes = files.get_mut("seoul.kor/entries/000000").unwrap();
        let cut = bytes.len() - 530;
        bytes.truncate(cut);
    });
    assert!(failed(&leaves).contains(&"V-042"), "{}", leaves.plain());
    let swapped = changed(&WHOLE, |files| {
        let bytes = files.get_mut("seoul.kor/entries/000000").unwrap();
        let (one, other) = (bytes[..530].to_vec(), bytes[530..1060].to_vec());
        bytes[..1060].copy_from_slice(&[other, one].concat());
    });
    assert_eq!(swapped.verdict, Verdict::Failed);
}

#[test]
fn an_altered_field_is_found_and_its_leaf_is_named() {
    let report = changed(&WHOLE, |files| {
        let bytes = files.get_mut("seoul.kor/opened/000000").unwrap();
        let word = b"founded";
        let at = bytes.windows(word.len()).position(|window| window == word).unwrap();
        bytes[at..at + word.len()].copy_from_slice(b"padding");
    });
    let why = why(&report, "V-043");
    assert!(why.starts_with("leaf 0 ") && why.contains("field 0"), "{why}");
}

#[test]
fn a_field_outside_the_mandate_is_found_and_named() {
    let report = changed(&WHOLE, |files| {
        let mut extent: Extent = json(files, "seoul.kor/extent.json");
        extent.fields.push(13);
        put(files, "seoul.kor/extent.json", &extent);
    });
    assert!(why(&report, "V-041").contains("field 13 (basis) is opened, and the mandate does not name it"));
}

#[test]
fn a_report_on_days_that_its_mandate_does_not_reach_is_found() {
    let report =
        changed(&WHOLE, |files| lie(&WHOLE, files, |report| report.from = report.from.minus_days(1)));
    assert!(why(&report, "V-041").contains("the mandate on"));
}

#[test]
fn a_mandate_that_nobody_signed_is_found() {
    let report = changed(&WHOLE, |files| {
        lie(&WHOLE, files, |report| {
            let at = report.mandate.windows(9).position(|window| window == b"Committee").unwrap();
            report.mandate[at] = b'c';
        });
    });
    assert!(failed(&report).contains(&"V-041"), "{}", report.plain());
}

#[test]
fn what_the_public_is_told_follows_from_the_figures_by_the_number_that_the_pack_agrees() {
    let more = lie_in_figures(&WHOLE, "public", |sheet| sheet.tables[0].rows[0].count = Some(1));
    assert!(failed(&more).contains(&"V-045"));
    let whole: Sheet = json(&WHOLE.played.files, "seoul.kor/figures.json");
    let lenient = lie_in_figures(&WHOLE, "public", |sheet| *sheet = whole.for_the_public(1));
    assert!(why(&lenient, "V-045").contains("not the one that the pack agrees"));
}

#[test]
fn figures_for_the_public_of_another_report_are_found() {
    let report = changed(&WHOLE, |files| {
        let other = MIDDLE.played.files["seoul.kor/public.cbor"].clone();
        files.insert("seoul.kor/public.cbor".to_owned(), other);
    });
    assert!(why(&report, "V-045").starts_with("seoul.kor/public.cbor"));
}

/// The path of Seoul's cosignature.
fn cosignature(files: &Files) -> String {
    files.keys().find(|path| path.starts_with("seoul.kor/cosignatures/")).unwrap().clone()
}

/// Puts another notice in the place of Seoul's cosignature: under the node's key, with what `inspector` signed.
pub fn cosign(
    reported: &Reported,
    files: &mut Files,
    inspector: &SigningPair,
    change: impl FnOnce(&mut Statement<papers::ReportCosignature>),
) {
    let path = cosignature(files);
    let notice = Signed::from_bytes(&files.remove(&path).unwrap()).unwrap();
    let Statement { head, body } = notice.dangerously_unverified::<papers::Notice>().unwrap();
    let signed = Signed::from_bytes(&body.statement).unwrap();
    let mut said = signed.dangerously_unverified::<papers::ReportCosignature>().unwrap();
    said.head.key = inspector.verifying().key_id();
    change(&mut said);
    let statement = Signed::seal(&said, inspector).unwrap().to_bytes();
    let body = papers::Notice { statement, verifying: inspector.verifying().clone() };
    let notice = Signed::seal(&Statement { head, body }, &reported.keys["seoul.kor"].node).unwrap();
    files.insert(format!("seoul.kor/cosignatures/{}.cbor", notice.digest()), notice.to_bytes());
}

#[test]
fn whoever_cosigned_is_named_with_the_key_that_was_compared() {
    let report = verified(&WHOLE, &WHOLE.played.files);
    let named: Vec<_> = report.cosigned.iter().map(|one| (one.node.as_str(), one.by.as_str())).collect();
    assert_eq!(named, [("seoul.kor", "inspector-kor"), ("tokyo.jpn", "inspector-jpn")]);
    let key = WHOLE.inspectors["seoul.kor"].verifying().key_id().fingerprint();
    for (language, words) in
        [(Language::En, "cosigned by inspector-kor"), (Language::Ko, "연서함"), (Language::Ja, "連署")]
    {
        let told = report.told(language);
        assert!(told.contains(words) && told.contains(&key), "{told}");
    }
}

#[test]
fn an_inspector_whose_key_nobody_compared_is_the_nodes_word() {
    let folder = write(&WHOLE.played.files);
    let fingerprints = WHOLE.played.fingerprints[..2].to_vec();
    let report = verify_report(folder.path(), &Trust { fingerprints, ..Trust::default() });
    assert_eq!(report.verdict, Verdict::Incomplete);
    let unshown = |found: &&attache_verify::Finding| matches!(found.outcome, Outcome::NotShown(_));
    assert!(report.findings.iter().filter(unshown).all(|found| found.check == "V-051"), "{}", report.plain());
}

#[test]
fn a_cosignature_of_nobody_of_other_figures_or_of_someone_else_is_found() {
    let inspector = &WHOLE.inspectors["seoul.kor"];
    let again = changed(&WHOLE, |files| cosign(&WHOLE, files, inspector, |_| {}));
    assert_eq!(again.verdict, Verdict::Proved, "the control: {}", again.plain());
    let other = changed(&WHOLE, |files| {
        cosign(&WHOLE, files, inspector, |said| said.body.public = sha256(&[b"other figures"]));
    });
    assert!(why(&other, "V-050").contains("other figures"));
    let unnamed = changed(&WHOLE, |files| {
        cosign(&WHOLE, files, inspector, |said| said.head.signer = "inspector-9".to_owned());
    });
    assert!(why(&unnamed, "V-050").contains("inspector-9 cosigned it, whom the mandate does not name"));
    // The node vouches for a key of its own in the inspector's name.
    let invented = changed(&WHOLE, |files| cosign(&WHOLE, files, &SigningPair::generate().unwrap(), |_| {}));
    assert_eq!(invented.verdict, Verdict::Incomplete);
    assert!(invented.plain().contains("nobody said that"), "{}", invented.plain());
    // Nobody vouches: the notice is signed by the inspector.
    let unvouched = changed(&WHOLE, |files| {
        let path = cosignature(files);
        let notice = Signed::from_bytes(&files.remove(&path).unwrap()).unwrap();
        let mut notice = notice.dangerously_unverified::<papers::Notice>().unwrap();
        notice.head.key = inspector.verifying().key_id();
        let notice = Signed::seal(&notice, inspector).unwrap();
        files.insert(format!("seoul.kor/cosignatures/{}.cbor", notice.digest()), notice.to_bytes());
    });
    assert!(failed(&unvouched).contains(&"V-050"), "{}", unvouched.plain());
}

#[test]
fn a_cosignature_of_a_report_without_figures_for_the_public_or_a_second_one_is_found() {
    let renamed = changed(&WHOLE, |files| {
        let path = cosignature(files);
        let bytes = files.remove(&path).unwrap();
        files.insert(format!("seoul.kor/cosignatures/{}.cbor", "0".repeat(64)), bytes);
    });
    assert!(why(&renamed, "V-050").contains("its name"));
    let twice = changed(&WHOLE, |files| {
        let first = cosignature(files);
        let kept = files[&first].clone();
        cosign(&WHOLE, files, &WHOLE.inspectors["seoul.kor"], |said| {
            said.head.at = said.head.at.plus_hours(1)
        });
        files.insert(first, kept);
    });
    assert!(why(&twice, "V-050").contains("one inspector cosigns once"));
}

#[test]
fn a_page_that_says_something_else_is_found() {
    for page in ["figures.ko.html", "figures.ja.pdf", "public.en.csv"] {
        let path = format!("seoul.kor/{page}");
        let report = changed(&WHOLE, |files| files.get_mut(&path).unwrap().push(b' '));
        assert!(why(&report, "V-046").starts_with(&path));
    }
}

/// Seoul's log of one run beside Tokyo's of another, each whole by itself, and the fingerprints of both.
fn strangers(one: &Reported, other: &Reported) -> (Files, Vec<String>) {
    let is_tokyos = |path: &str| path.starts_with("tokyo.jpn/");
    let mut files = one.played.files.clone();
    files.retain(|path, _| !is_tokyos(path));
    let tokyos = other.played.files.iter().filter(|(path, _)| is_tokyos(path));
    files.extend(tokyos.map(|(path, bytes)| (path.clone(), bytes.clone())));
    (files, one.played.fingerprints.iter().chain(&other.played.fingerprints).cloned().collect())
}

#[test]
fn a_node_that_never_recorded_what_it_exchanged_is_found_by_the_others_log() {
    let (files, fingerprints) = strangers(&WHOLE, &reports(8, 150, Days::All, &FIELDS).unwrap());
    let folder = write(&files);
    let mut command = Command::new(BINARY);
    command.arg(folder.path());
    command.args(fingerprints.iter().flat_map(|fingerprint| ["--fingerprint", fingerprint]));
    let report = verify_report(folder.path(), &Trust { fingerprints, ..Trust::default() });
    assert_eq!(failed(&report).iter().filter(|check| **check != "V-047").count(), 0, "{}", report.plain());
    assert!(why(&report, "V-047").contains("never recorded"));
    // So says the binary.
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("The first fault: V-047"), "{told}");
    assert!(told.contains("its admission tokyo.jpn never recorded"), "{told}");
}

#[test]
fn an_admission_that_is_missing_in_a_report_of_some_days_is_a_fault_where_it_can_lie_in_no_others() {
    // That those of nodes that obeyed are proved, of the same days: `the_reports_of_two_nodes_that_obeyed_are_proved`.
    let (files, fingerprints) = strangers(&MIDDLE, &reports(12, 150, Days::Middle, &FIELDS).unwrap());
    let folder = write(&files);
    let report = verify_report(folder.path(), &Trust { fingerprints, ..Trust::default() });
    assert!(failed(&report).iter().all(|check| *check == "V-047"), "{}", report.plain());
    assert!(why(&report, "V-047").contains("its admission"));
    // What arrived may have been sent before these days.
    let arrived = report.findings.iter().filter(|finding| match &finding.outcome {
        Outcome::Failed(why) | Outcome::NotShown(why) => why.contains("it arrived"),
        _ => false,
    });
    let mut arrived = arrived.peekable();
    assert!(arrived.peek().is_some(), "{}", report.plain());
    assert!(arrived.all(|finding| matches!(finding.outcome, Outcome::NotShown(_))), "{}", report.plain());
}

#[test]
fn a_flipped_bit_anywhere_in_a_report_is_noticed() {
    const PLACES: usize = 6;
    let folder = write(&MIDDLE.played.files);
    let trust = Trust { fingerprints: MIDDLE.played.fingerprints.clone(), ..Trust::default() };
    for (path, bytes) in &MIDDLE.played.files {
        let whole = folder.path().join(path);
        let step = bytes.len().div_ceil(PLACES);
        for at in (0..bytes.len()).step_by(step.max(1)) {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            std::fs::write(&whole, &altered).unwrap();
            assert_ne!(verify_report(folder.path(), &trust).verdict, Verdict::Proved, "byte {at} of {path}");
        }
        std::fs::write(&whole, bytes).unwrap();
    }
    assert_eq!(verify_report(folder.path(), &trust).verdict, Verdict::Proved);
}

#[test]
fn a_report_shows_no_title_and_no_person_but_those_of_its_mandate() {
    for (path, bytes) in &WHOLE.played.files {
        for word in ["exercise\u{0}", "analyst-kor", "desk-officer-jpn", "early warning"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} in {path}");
        }
    }
}
