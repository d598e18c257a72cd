//! Originator control by the binary alone: an item is opened with its originator's consent, on an earlier one while the originator
//! is down, by a person's decision, and not at all once it is recalled, at a level that is never shared, over its time, or
//! under an agreement that is suspended.

use crate::pair::{Nation, Pair, Post, SEOUL, TOKYO, approval, until};
use attache_accord::Timestamp;
use attache_release::PACK_FILES;
use std::path::Path;
use std::time::SystemTime;

/// For so long after the test begins an item may be opened, in milliseconds.
const SOON_MILLIS: u64 = 10_000;

/// The nations under an agreement that lets a consent serve for a day.
fn nations(folder: &Path) -> [&'static Nation; 2] {
    let shipped = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/gsomia-2016"));
    std::fs::create_dir(folder.join("articles")).unwrap();
    let grace = "[offline_grace_hours]\nvalue = 24\narticle = \"product\"\nstatus = \"product\"\n\n[utc_offset_hours]";
    for file in PACK_FILES {
        let said = std::fs::read_to_string(shipped.join(file)).unwrap();
        std::fs::write(folder.join(file), said.replace("[utc_offset_hours]", grace)).unwrap();
    }
    // A test's nations live as long as the test's process.
    let pack: &'static str = Box::leak(folder.to_str().unwrap().to_owned().into_boxed_str());
    [&SEOUL, &TOKYO].map(|nation| &*Box::leak(Box::new(Nation { pack, ..*nation })))
}

/// An item under control, released at Seoul and admitted at Tokyo: its ids here and there.
fn crossed(pair: &Pair, name: &str, control: &str) -> [String; 2] {
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    std::fs::write(seoul.file(name), name).unwrap();
    let here = seoul.must("analyst", &format!("item add {name} --title {name}")).text("/item");
    let said = control.replace(" until ", " --control-until ");
    let marked = seoul.must("analyst", &format!("{} --originator-control {said}", seoul.marking(&here)));
    assert_eq!(marked.text("/marking/control"), control);
    let case = seoul.must("analyst", &seoul.request(&here)).text("/case");
    seoul.must("officer", &approval(&case));
    pair.settle();
    let listed = tokyo.must("desk", "item list");
    let digest = marked.text("/item_digest");
    let there = listed.list().iter().find(|item| item["item_digest"] == digest.as_str()).unwrap();
    assert_eq!(there["marking"]["control"], control, "the label says it");
    [here, there["item"].as_str().unwrap().to_owned()]
}

/// What a node that is down brings back from a backup of this moment has no share that was lent.
fn is_in_no_backup(post: &Post) {
    std::fs::write(post.file("backup.lock"), [9; 32]).unwrap();
    post.must("admin", "backup create --lock backup.lock --out backup");
    let aside = post.file("aside");
    std::fs::rename(post.home(), &aside).unwrap();
    post.must("admin", "backup restore --lock backup.lock --network exercise backup");
    assert!(post.home().join("journal").exists() && !post.home().join("shares").exists());
    std::fs::remove_dir_all(post.home()).unwrap();
    std::fs::rename(aside, post.home()).unwrap();
}

#[test]
fn what_its_originator_controls_opens_by_its_consent_and_no_more_once_it_is_recalled() {
    let folder = tempfile::tempdir().unwrap();
    let [seoul, tokyo] = nations(folder.path());
    let pair = Pair::of(seoul, tokyo);
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let [by_rule_here, by_rule] = crossed(&pair, "by-rule.txt", "rule");
    let [_, by_person] = crossed(&pair, "by-person.txt", "person");
    let (shown, _) = tokyo.reads("desk", "ja", &format!("item show {by_rule}"));
    assert!(shown.contains("作成国統制（ORCON）"), "{shown}");

    std::fs::write(tokyo.file("taken.txt"), "mine").unwrap();
    for nowhere in ["taken.txt", "no-such-folder/first.txt"] {
        assert_eq!(tokyo.ask("desk", &format!("open {by_rule} --out {nowhere}")).code, 2);
    }
    assert_eq!(
        seoul.must("officer", "opening list").list().len(),
        0,
        "nothing is asked for that has no place"
    );
    assert_eq!(std::fs::read_to_string(tokyo.file("taken.txt")).unwrap(), "mine");

    tokyo.must("desk", &format!("open {by_rule} --purpose warning --out first.txt"));
    assert_eq!(std::fs::read_to_string(tokyo.file("first.txt")).unwrap(), "by-rule.txt");
    let asked = seoul.must("officer", "opening list").list()[0].clone();
    assert_eq!((&asked["state"], &asked["purpose"]), (&"consented".into(), &"warning".into()));

    let waits = tokyo.ask("desk", &format!("open {by_person} --out second.txt"));
    assert_eq!((waits.code, waits.text("/error/code").as_str()), (2, "originator-decides"));
    assert!(!tokyo.file("second.txt").exists());
    let waiting = |post: &Post| {
        let openings = post.must("officer", "opening list");
        let found = openings.list().iter().find(|it| it["state"] == "waits").cloned();
        found.map(|it| it["request"].as_str().unwrap().to_owned())
    };
    let request = waiting(seoul).unwrap();
    let not_ours = tokyo.ask("officer", &format!("opening approve {request}"));
    assert_eq!(not_ours.code, 2, "{not_ours:?}");
    seoul.must("officer", &format!("opening approve {request} --reason agreed"));
    tokyo.must("desk", &format!("open {by_person} --out second.txt"));
    assert_eq!(std::fs::read_to_string(tokyo.file("second.txt")).unwrap(), "by-person.txt");
    tokyo.ask("desk", &format!("open {by_person} --out third.txt"));
    seoul.must("officer", &format!("opening deny {} --reason twice", waiting(seoul).unwrap()));
    let denied = tokyo.ask("desk", &format!("open {by_person} --out third.txt"));
    assert_eq!((denied.code, denied.text("/error/code").as_str()), (1, "originator-refused"));

    seoul.kill();
    let (away, code) = tokyo.reads("desk", "ko", &format!("open {by_person} --out third.txt"));
    assert!(away.contains("생산국 노드에 연결할 수 없어") && code == Some(4), "{away}");
    tokyo.must("desk", &format!("open {by_rule} --out fourth.txt"));
    assert_eq!(std::fs::read_to_string(tokyo.file("fourth.txt")).unwrap(), "by-rule.txt");
    // By SIGKILL: the share that was lent is on disk, sealed, and serves on.
    tokyo.kill();
    let resting: Vec<_> = std::fs::read_dir(tokyo.home().join("shares")).unwrap().collect();
    assert_eq!(resting.len(), 1, "what a person decided has no grace");
    is_in_no_backup(tokyo);
    tokyo.serve();
    tokyo.must("desk", &format!("open {by_rule} --out restarted.txt"));
    assert_eq!(std::fs::read_to_string(tokyo.file("restarted.txt")).unwrap(), "by-rule.txt");
    let person = tokyo.ask("desk", &format!("open {by_person} --out fifth.txt"));
    assert_eq!(person.text("/error/code"), "originator-unreachable");
    seoul.serve();
    until("the report of what was opened without asking", || {
        let openings = seoul.must("officer", "opening list");
        openings.list().iter().any(|it| it["without_asking"] == true && it["state"] == "noted").then_some(())
    });

    let recalled = seoul.must("officer", &format!("item recall {by_rule_here} --document letter-9"));
    assert_eq!(recalled.list()[0]["taken"], "recalled");
    let again = seoul.ask("officer", &format!("item recall {by_rule_here} --document letter-9"));
    assert_eq!(again.code, 2, "{again:?}");
    until("the refusal at Tokyo", || {
        let refused = tokyo.ask("desk", &format!("open {by_rule} --out fifth.txt"));
        let is_told = refused.document.pointer("/error/code").is_some_and(|code| code == "recalled");
        assert_ne!(refused.code, 0);
        (is_told && refused.code == 1).then_some(())
    });
    let (shown, _) = tokyo.reads("desk", "ko", &format!("item show {by_rule}"));
    until("the recall in the item's own words", || {
        tokyo.reads("desk", "ko", &format!("item show {by_rule}")).0.contains("회수됨").then_some(())
    });
    let shares = tokyo.home().join("shares");
    until("the end of the share", || std::fs::read_dir(&shares).unwrap().next().is_none().then_some(()));
    assert!(!tokyo.file("fifth.txt").exists() && !tokyo.file("third.txt").exists(), "{shown}");
    pair.prove();
    for post in pair.both() {
        post.kill();
        post.must("admin", "rule replay");
        post.must("admin", "doctor");
    }
}

#[test]
fn what_was_reclassified_what_has_expired_and_under_a_suspended_agreement_nothing_controlled_opens() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let soon = Timestamp(u64::try_from(since.as_millis()).unwrap()).plus_millis(SOON_MILLIS);
    let [_, expiring] = crossed(&pair, "expiring.txt", &format!("rule until {soon}"));
    let [here, kept] = crossed(&pair, "kept.txt", "rule");
    let open = |item: &str| {
        let _ = std::fs::remove_file(tokyo.file("opened.txt"));
        tokyo.ask("desk", &format!("open {item} --out opened.txt"))
    };
    let is_closed = |item: &str, code: &str, said: [(&str, &str); 2]| {
        let answer = open(item);
        assert_eq!((answer.code, answer.text("/error/code").as_str()), (1, code), "{answer:?}");
        assert!(!tokyo.file("opened.txt").exists());
        for (language, line) in said {
            let (read, code) = tokyo.reads("desk", language, &format!("open {item} --out opened.txt"));
            assert!(code == Some(1) && read.contains(line), "{read}");
        }
    };

    // A level that is never shared, and then one that is.
    assert_eq!(open(&kept).code, 0);
    let reclassify = |level: &str| {
        let words = format!("item reclassify {here} --level {level} --document letter-10");
        let said = seoul.must("officer", &words).list()[0].clone();
        assert_eq!((&said["taken"], &said["level"]), (&"reclassified".into(), &level.into()));
    };
    reclassify("KOR:I");
    let said = [("ko", "생산국이 이번 열람에 동의하지 않았다"), ("ja", "作成国が今回の閲覧に同意しなかった")];
    is_closed(&kept, "originator-refused", said);
    reclassify("KOR:III");
    assert_eq!(open(&kept).code, 0);

    until("the end of its time", || (open(&expiring).code != 0).then_some(()));
    let said = [("ko", "생산국이 정한 열람 기한이 지났다"), ("ja", "作成国が定めた閲覧期限が過ぎた")];
    is_closed(&expiring, "expired", said);
    assert_eq!(open(&kept).code, 0, "what has no end opens");

    // Seoul holds the agreement to have ended; the next opening is refused, whether or not Tokyo's node has heard of it.
    let papers = "--official treaties --document note-2 --remark suspended";
    seoul.must(
        "office",
        &format!("agreement position --in-force-from 2016-11-23 --in-force-until 2026-01-01 {papers}"),
    );
    assert_eq!(open(&kept).code, 1);
    until("Seoul's position at Tokyo", || {
        (tokyo.must("office", "agreement show").text("/force") != "in-force").then_some(())
    });
    let said =
        [("ko", "협정이 모든 당사국의 입장에서 발효 중인 것은"), ("ja", "協定がすべての締約国の立場で効力")];
    is_closed(&kept, "agreement-not-in-force", said);
    pair.prove();
}
