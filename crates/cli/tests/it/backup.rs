//! Backups of real nodes: taken while they exchange, checked to the last byte, and brought back so that a log never has two
//! histories.

use crate::pair::{Answer, Pair, Post, SEOUL, TOKYO, approval, until};
use crate::syscalls::has_strace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const CREATE: &str = "backup create --lock backup.lock --out";
const VERIFY: &str = "backup verify --lock backup.lock";
const RESTORE: &str = "backup restore --lock backup.lock --network exercise";

/// Two nodes with an exchange behind them, a large item among it, and the lock of Seoul's backups beside them.
fn after_an_exchange() -> Pair {
    let pair = Pair::new();
    fs::write(pair.seoul.file("backup.lock"), [9; 32]).unwrap();
    assert!(pair.attempt("report", 300_000));
    pair.settle();
    pair
}

/// Takes the node down as a disk that burnt would, and keeps what was on it out of its way.
fn lose(post: &Post) {
    post.kill();
    let lost = post.home().with_extension("lost");
    let _ = fs::remove_dir_all(&lost);
    fs::rename(post.home(), lost).unwrap();
}

/// Waits until the node has nothing to do, and its partner has cosigned all that it did: what is recorded behind a backup is lost
/// with the node.
fn rest(post: &Post) {
    let seen = || {
        let logs = post.must("registrar", "log status").document;
        [logs["published"].as_u64(), logs["partners"][0]["cosigned"].as_u64(), Some(entries(post))]
    };
    until("a node at rest", || {
        let [published, cosigned, entries] = seen();
        let is_all = published == entries && cosigned == entries;
        // Some acts follow upon a beat.
        std::thread::sleep(Duration::from_secs(2));
        (is_all && seen() == [entries; 3]).then_some(())
    });
}

/// Whether the node records something when it is asked to.
fn records(post: &Post, name: &str) -> Answer {
    fs::write(post.file(name), name).unwrap();
    post.ask("analyst", &format!("item add {name} --title {name}"))
}

fn entries(post: &Post) -> u64 {
    post.must("admin", "rebuild --check").document["entries"].as_u64().unwrap()
}

#[test]
fn a_node_brought_back_from_its_newest_backup_goes_on_in_the_same_log() {
    let pair = after_an_exchange();
    let seoul = &pair.seoul;
    // While exchanges run.
    std::thread::scope(|scope| {
        let load = scope.spawn(|| (0..3).all(|number| pair.attempt(&format!("load-{number}"), 50_000)));
        let mut taken = 0;
        while !load.is_finished() {
            seoul.must("admin", &format!("{CREATE} busy-{taken}"));
            let checked = seoul.must("nobody", &format!("{VERIFY} busy-{taken}")).document;
            assert_eq!(checked["node"], "seoul.kor");
            taken += 1;
        }
        assert!(load.join().unwrap() && taken > 0);
    });
    pair.settle();
    pair.prove();
    rest(seoul);
    let created = seoul.must("admin", &format!("{CREATE} newest")).document;
    let before = seoul.must("registrar", "register list").document;
    lose(seoul);
    let restored = seoul.must("admin", &format!("{RESTORE} newest")).document;
    assert_eq!((&restored["root"], &restored["size"]), (&created["root"], &created["size"]));
    seoul.must("admin", "doctor");
    seoul.serve();
    until("the partner's word", || seoul.logged().contains("the log goes on").then_some(()));
    until("the mark's end", || (!seoul.home().join("restored.json").exists()).then_some(()));
    assert_eq!(seoul.must("registrar", "register list").document, before);
    assert!(pair.attempt("afterwards", 300_000));
    pair.settle();
    pair.prove();
    assert!(entries(seoul) > created["size"].as_u64().unwrap());
    assert!(!pair.tokyo.logged().contains("two histories"));
}

#[test]
fn a_node_brought_back_from_an_old_backup_names_what_is_lost_and_never_forks_its_log() {
    let pair = after_an_exchange();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let old = seoul.must("admin", &format!("{CREATE} old")).document["size"].as_u64().unwrap();
    assert!(pair.attempt("since", 1_000));
    pair.settle();
    rest(seoul);
    // Nothing is done from here on, so that this is all that was ever seen.
    seoul.must("admin", &format!("{CREATE} new"));
    lose(seoul);
    seoul.must("admin", &format!("{RESTORE} old"));
    seoul.serve();
    let said = format!("entries {old} to ");
    until("the loss", || seoul.logged().contains(&said).then_some(()));
    let refused = records(seoul, "too-late");
    assert_eq!(refused.code, 3, "{refused:?}");
    // Neither a restart nor time changes it, nor an operator who knows less than the node was told.
    let noted = || fs::read_to_string(seoul.home().join("restored.json")).unwrap().contains("lost");
    until("the note of it", || noted().then_some(()));
    seoul.kill();
    let denied = seoul.ask("admin", "backup settle --size 0");
    assert_eq!((denied.code, &denied.document["lost"][0]), (1, &serde_json::json!(old)), "{denied:?}");
    seoul.serve();
    assert_eq!(records(seoul, "too-late").code, 3);
    seoul.kill();
    assert_eq!(entries(seoul), old, "nothing was recorded");
    assert!(!tokyo.logged().contains("two histories"), "{}", tokyo.logged());
    // The newer backup is a beginning of what the partner has seen, up to its end.
    fs::remove_dir_all(seoul.home()).unwrap();
    seoul.must("admin", &format!("{RESTORE} new"));
    seoul.serve();
    until("the log to go on", || (records(seoul, "in-time").code == 0).then_some(()));
    assert!(pair.attempt("afterwards", 1_000));
    pair.settle();
    pair.prove();
}

/// Brings Seoul back from `backup`, although Tokyo has cosigned more, and takes it down when it knows. What Tokyo has seen.
fn brought_back_too_old(pair: &Pair, backup: &str) -> (u64, String) {
    let seoul = &pair.seoul;
    lose(seoul);
    seoul.must("admin", &format!("{RESTORE} {backup}"));
    seoul.serve();
    let noted = || fs::read_to_string(seoul.home().join("restored.json")).unwrap().contains("lost");
    until("the note of the loss", || noted().then_some(()));
    seoul.kill();
    let seen = pair.tokyo.must("registrar", "log status").document["partners"][0].clone();
    (seen["seen"].as_u64().unwrap(), seen["seen_root"].as_str().unwrap().to_owned())
}

/// What Tokyo says of the succession of Seoul's log.
fn succession(tokyo: &Post) -> serde_json::Value {
    tokyo.must("registrar", "log status").document["partners"][0]["succession"].clone()
}

#[test]
fn a_log_that_lost_cosigned_entries_goes_on_under_a_new_origin_once_its_partner_follows_it() {
    let pair = after_an_exchange();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let old = seoul.must("admin", &format!("{CREATE} old")).document["size"].as_u64().unwrap();
    assert!(pair.attempt("since", 1_000) && tokyo.sends(seoul, "back", 1_000));
    let papers = "--official treaties --document note-2 --remark again";
    for post in pair.both() {
        post.must("office", &format!("agreement position --in-force-from 2016-11-23 {papers}"));
    }
    pair.settle();
    pair.prove();
    rest(seoul);
    let record = |post: &Post| post.must("office", "agreement show --record").list().len();
    until("both instruments at both", || (record(seoul) == record(tokyo)).then_some(()));
    let recorded = record(tokyo);
    let (size, root) = brought_back_too_old(&pair, "old");
    // Less than the partner itself said, and without the role.
    let less = format!("backup succeed --seen tokyo.jpn={}:{root} --reason disk-failed", size - 1);
    assert_eq!(seoul.ask("office", &less).code, 2);
    let succeed = format!("backup succeed --seen tokyo.jpn={size}:{root} --reason disk-failed");
    assert_eq!(seoul.ask("registrar", &succeed).code, 2);
    let done = seoul.must("office", &succeed).document;
    assert_eq!(
        (&done["origin"], &done["lost"]),
        (&"seoul.kor/log/2".into(), &serde_json::json!([old, size - 1]))
    );
    assert_eq!(seoul.ask("office", &succeed).code, 2, "it is done");
    // What Seoul's own people had signed since, only Tokyo has; it is asked, and nobody carries a file.
    let awaited = seoul.ask("admin", "backup settle");
    assert_eq!((awaited.code, &awaited.document["log_settled"]), (1, &true.into()), "{awaited:?}");
    seoul.serve();
    until("the words of its people", || (seoul.ask("admin", "backup settle").code == 0).then_some(()));
    let own = |post: &Post| {
        let record = post.must("office", "agreement show --record").list().to_vec();
        record.into_iter().filter(|instrument| instrument["party"] == "KOR").collect::<Vec<_>>()
    };
    assert_eq!(own(seoul).len(), own(tokyo).len());
    until("the succession at the partner", || (succession(tokyo)["state"] == "open").then_some(()));
    let told = succession(tokyo);
    assert_eq!([told["kept"].as_u64(), told["cosigned"].as_u64()], [Some(old), Some(size)]);
    assert_eq!(told["reason"], "disk-failed");
    // Of that log nothing is accepted yet, and nothing goes to its node.
    assert!(pair.attempt("early", 1_000));
    assert!(tokyo.must("desk", "inbox list").list().is_empty());
    assert!(!tokyo.sends(seoul, "withheld", 1_000));
    until("the code", || seoul.logged().contains("C-028").then_some(()));
    tokyo.must("office", "log accept seoul.kor --basis note-17");
    until("the log witnessed again", || {
        let status = tokyo.must("registrar", "log status").document["partners"][0].clone();
        (status["origin"] == "seoul.kor/log/2" && status["seen"].as_u64() > Some(old)).then_some(())
    });
    // What Tokyo had told it since is brought again.
    until("what was told since the backup", || (record(seoul) == recorded).then_some(()));
    assert_eq!(record(tokyo), recorded);
    assert!(pair.attempt("afterwards", 300_000) && tokyo.sends(seoul, "afterwards-back", 1_000));
    pair.settle();
    // Also one that Tokyo had delivered after the backup, which it takes for kept.
    until("the proof of every receipt", || {
        let receipts = seoul.must("registrar", "receipt list");
        receipts.list().iter().all(|receipt| receipt["promise"] == "proved").then_some(())
    });
    let report = pair.prove();
    let lost = |check: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|found| found["check"] == check && found["outcome"]["is"] == "lost")
            .collect::<Vec<_>>()
    };
    let ended = format!(
        "log seoul.kor/log/1 ended at size {old}; entries {old} to {} are lost, cosigned by tokyo.jpn",
        size - 1
    );
    assert!(lost("V-017")[0]["outcome"]["why"].as_str().unwrap().starts_with(&ended), "{report:#}");
    // What Seoul sent and what it admitted in that time: each is named, and the receipt is proved by what Tokyo holds.
    assert_eq!(["V-007", "V-008", "V-011"].map(|check| lost(check).len()), [1; 3], "{report:#}");
    lives_tell_the_loss(&pair);
    // A loss below the first one, whose own record is lost with it: Tokyo has that.
    rest(seoul);
    lose(seoul);
    // Its backup knows the log under a name that Tokyo answers no question about any more.
    seoul.must("admin", &format!("{RESTORE} old"));
    // By hand, where the partner could not be asked.
    let words = tokyo.must("admin", "backup words seoul.kor --out words-of-seoul").document;
    assert!(words["words"].as_u64() >= Some(1), "{words}");
    assert_eq!(seoul.ask("admin", "backup hear backup.lock").code, 2);
    let heard = seoul.must("admin", "backup hear words-of-seoul --of tokyo.jpn").document;
    assert_eq!(heard["words"], words["words"]);
    assert_eq!(seoul.ask("admin", "backup settle").document["heard"], serde_json::json!(["tokyo.jpn"]));
    let seen = tokyo.must("registrar", "log status").document["partners"][0].clone();
    let (size, root) = (&seen["seen"], seen["seen_root"].as_str().unwrap());
    let again =
        format!("--known-as seoul.kor/log/2 --seen tokyo.jpn={size}:{root} --reason disk-failed-again");
    let done = seoul.must("office", &format!("backup succeed {again}")).document;
    assert_eq!(done["origin"], "seoul.kor/log/3");
    seoul.serve();
    until("what is waiting is taken up", || {
        (fs::read_dir(seoul.home().join("heard")).unwrap().count() == 0).then_some(())
    });
    until("the second succession", || (succession(tokyo)["state"] == "open").then_some(()));
    tokyo.must("office", "log accept seoul.kor --basis note-18");
    assert!(pair.attempt("after-both", 1_000));
    pair.settle();
    let report = pair.prove();
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.filter(|found| found["check"] == "V-017" && found["outcome"]["is"] == "lost");
    assert_eq!(told.count(), 2, "{report:#}");
    // It is a log like any other: it folds, it is backed up, and it is brought back.
    seoul.must("admin", &format!("{CREATE} newest"));
    seoul.must("nobody", &format!("{VERIFY} newest"));
    rest(seoul);
    seoul.must("admin", &format!("{CREATE} last"));
    lose(seoul);
    seoul.must("admin", &format!("{RESTORE} last"));
    seoul.must("admin", "rebuild");
    seoul.serve();
    until("the log to go on", || (records(seoul, "in-time").code == 0).then_some(()));
    assert!(!tokyo.logged().contains("two histories") && !tokyo.logged().contains("does not continue"));
}

/// The log's beat of a node that is down, in seconds.
fn beat(post: &Post, seconds: u32) {
    let path = post.home().join("attache.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = text.lines().find(|line| line.starts_with("beat_seconds")).unwrap();
    fs::write(&path, text.replace(line, &format!("beat_seconds = {seconds}"))).unwrap();
}

/// Seoul's disk fails between a receipt and the next beat: Tokyo has the receipt, and nobody has cosigned the entry that it names.
/// An item of Tokyo's, and the dispatch under which it waits at Seoul to be admitted.
fn arrived(Pair { seoul, tokyo, .. }: &Pair) -> (String, String) {
    fs::write(tokyo.file("waiting"), [7; 1_000]).unwrap();
    let item = tokyo.must("analyst", "item add waiting --title waiting").text("/item");
    tokyo.must("analyst", &tokyo.marking(&item));
    let case = tokyo.must("analyst", &tokyo.request(&item)).text("/case");
    tokyo.must("officer", &approval(&case));
    (item, until("the arrival", || waiting(seoul)))
}

/// The dispatch of what waits at a node to be admitted.
fn waiting(post: &Post) -> Option<String> {
    Some(post.must("desk", "inbox list").list().first()?["dispatch"].as_str()?.to_owned())
}

#[test]
fn a_receipt_of_an_entry_that_nobody_had_cosigned_is_told_as_lost_and_belied_by_no_other_entry() {
    let pair = after_an_exchange();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    rest(seoul);
    seoul.kill();
    beat(seoul, 86_400);
    seoul.serve();
    let (_, dispatch) = arrived(&pair);
    let old = seoul.must("admin", &format!("{CREATE} old")).document["size"].as_u64().unwrap();
    seoul.must("desk", &seoul.admission(&dispatch));
    // And one that the backup does not know at all.
    assert!(tokyo.sends(seoul, "since", 1_000));
    let receipts = || {
        let releases = tokyo.must("officer", "release list");
        releases.list().iter().filter(|case| case["dispatch"]["progress"] == "receipted").count()
    };
    until("the receipts", || {
        for arrival in seoul.must("desk", "inbox list").list() {
            seoul.must("desk", &seoul.admission(arrival["dispatch"].as_str().unwrap()));
        }
        (receipts() == 2).then_some(())
    });
    let status = seoul.must("registrar", "log status").document;
    assert!(status["partners"][0]["cosigned"].as_u64().unwrap() <= old, "nobody saw more: {status}");
    lose(seoul);
    seoul.must("admin", &format!("{RESTORE} old"));
    beat(seoul, 1);
    seoul.serve();
    let noted = || Some(seoul.ask("admin", "backup settle").document["promised"].clone());
    let lost = until("the note of what it had promised", || noted().filter(|noted| noted.is_array()));
    assert_eq!(lost[0], old);
    assert_eq!(records(seoul, "too-late").code, 3);
    for (language, said) in [("en", "had itself signed"), ("ko", "스스로 서명한"), ("ja", "自らが署名した")]
    {
        let (text, code) = seoul.reads("admin", language, "backup settle");
        assert!(text.contains(said) && code == Some(1), "{text}");
    }
    seoul.kill();
    assert_eq!(entries(seoul), old, "nothing was recorded");
    // Nobody has seen more, which is true and does not help; nor does doing without the partner's words.
    let cosigned = tokyo.must("registrar", "log status").document["partners"][0].clone();
    let (size, root) = (&cosigned["seen"], cosigned["seen_root"].as_str().unwrap());
    let settle = format!("backup settle --size {size} --root {root} --unheard tokyo.jpn");
    let refused = seoul.ask("admin", &settle);
    assert_eq!((refused.code, &refused.document["promised"]), (1, &lost), "{refused:?}");
    assert_eq!(seoul.ask("admin", "backup settle --unheard tokyo.jpn").document["heard"][0], "tokyo.jpn");
    seoul.serve();
    assert_eq!(records(seoul, "too-late").code, 3);
    // It asks once more at each start.
    let answer = || seoul.ask("admin", "backup settle").document["awaits"]["seen"].clone();
    until("the partner's answer", || (answer() == serde_json::json!([])).then_some(()));
    seoul.kill();
    // A second partner that has not answered may have cosigned more.
    let path = seoul.home().join("restored.json");
    let answered = fs::read_to_string(&path).unwrap();
    let mut mark: serde_json::Value = serde_json::from_str(&answered).unwrap();
    mark["awaits"]["seen"] = serde_json::json!(["washington.usa"]);
    fs::write(&path, mark.to_string()).unwrap();
    let succeed = "backup succeed --reason disk-failed";
    for (language, said) in [("en", "by washington.usa."), ("ko", "답하지 않았고"), ("ja", "答えておらず")]
    {
        let (text, code) = seoul.reads("office", language, succeed);
        assert!(text.contains(said) && text.contains("washington.usa") && code == Some(2), "{text}");
    }
    assert_eq!(entries(seoul), old, "nothing was recorded");
    fs::write(&path, answered).unwrap();
    let done = seoul.must("office", succeed).document;
    assert_eq!((&done["origin"], &done["lost"]), (&"seoul.kor/log/2".into(), &lost));
    seoul.serve();
    until("the succession at the partner", || (succession(tokyo)["state"] == "open").then_some(()));
    assert_eq!(succession(tokyo)["kept"].as_u64(), Some(old));
    tokyo.must("office", "log accept seoul.kor --basis note-17");
    // What had arrived waits again, and the other is sent again by itself.
    let waiting = || Some(seoul.must("desk", "inbox list").list().len()).filter(|count| *count == 2);
    until("both items to be there again", waiting);
    pair.settle();
    assert!(pair.attempt("afterwards", 1_000));
    pair.settle();
    let register = seoul.must("registrar", "register list");
    assert_eq!(register.list().iter().filter(|entry| entry["direction"] == "in").count(), 2);
    let report = until("evidence of both", || {
        let _ = fs::remove_dir_all(seoul.file("evidence"));
        pair.both().iter().for_each(|post| drop(post.must("registrar", "evidence --out evidence")));
        let report = seoul.ask("nobody", "verify evidence").document;
        let of = |check: &'static str| {
            let all = report["findings"].as_array().unwrap().iter();
            all.filter(move |found| found["check"] == check).map(|found| found["outcome"].clone())
        };
        let receipts: Vec<_> = of("V-008").collect();
        let is_told = of("V-017")
            .any(|told| told["why"].as_str().is_some_and(|why| why.contains("by what the node had signed")));
        let count = |outcome: &str| receipts.iter().filter(|told| told["is"] == outcome).count();
        let is_whole = count("not-shown") == 2 && count("proved") == receipts.len() - 2;
        (is_told && is_whole && receipts.len() == 6).then_some(report)
    });
    assert!(!report.to_string().contains("\"failed\""), "{report:#}");
    assert!(!tokyo.logged().contains("two histories") && !tokyo.logged().contains("does not continue"));
}

/// Seoul's node burns, and Tokyo's behind it, before Seoul's log goes on: Tokyo knows no more how much it had cosigned.
#[test]
fn a_partner_that_was_itself_brought_back_follows_the_log_by_a_checkpoint_that_it_had_cosigned() {
    let pair = after_an_exchange();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    fs::write(tokyo.file("backup.lock"), [9; 32]).unwrap();
    // What arrived before Seoul's backup is admitted after it.
    let (item, dispatch) = arrived(&pair);
    rest(seoul);
    seoul.must("admin", &format!("{CREATE} old"));
    seoul.must("desk", &seoul.admission(&dispatch));
    let is_proved = || tokyo.must("registrar", "receipt list").list()[0]["promise"] == "proved";
    until("the proof of its receipt", || is_proved().then_some(()));
    rest(tokyo);
    tokyo.must("admin", &format!("{CREATE} newest"));
    let of_tokyo = seoul.must("registrar", "log status").document["partners"][0].clone();
    assert_eq!(records(seoul, "since").code, 0);
    rest(seoul);
    seoul.must("registrar", "evidence --out earlier");
    let (size, root) = brought_back_too_old(&pair, "old");
    lose(tokyo);
    tokyo.must("admin", &format!("{RESTORE} newest"));
    let (seen, seen_root) = (&of_tokyo["seen"], of_tokyo["seen_root"].as_str().unwrap());
    // Seoul comes back too, under a log that is not followed here yet: Tokyo does not wait for what it would say.
    tokyo.must("admin", &format!("backup settle --size {seen} --root {seen_root} --unheard seoul.kor"));
    seoul.must("office", &format!("backup succeed --seen tokyo.jpn={size}:{root} --reason disk-failed"));
    tokyo.serve();
    seoul.serve();
    until("the succession at the partner", || (succession(tokyo)["state"] == "open").then_some(()));
    let told = succession(tokyo);
    assert!(told["cosigned"].as_u64() < Some(size), "{told}");
    assert_eq!(
        (told["unknown"]["size"].as_u64(), told["unknown"]["root"].as_str()),
        (Some(size), Some(&*root))
    );
    // Not blindly, and not by what shows something else.
    let accept = "log accept seoul.kor --basis note-17";
    assert_eq!(tokyo.ask("office", accept).code, 2);
    assert_eq!(
        tokyo.ask("office", &format!("{accept} --cosigned earlier/tokyo.jpn/cosigned")).code,
        2,
        "no such file"
    );
    assert_eq!(tokyo.ask("office", &format!("{accept} --compared {size}:{seen_root}")).code, 2);
    fs::copy(seoul.file("earlier/seoul.kor/checkpoint"), tokyo.file("bare")).unwrap();
    assert_eq!(tokyo.ask("office", &format!("{accept} --cosigned bare")).code, 2, "nobody cosigned it");
    assert_eq!(succession(tokyo)["state"], "open");
    tokyo.must("office", &format!("{accept} --cosigned earlier/seoul.kor/cosigned"));
    assert!(succession(tokyo)["unknown"].is_null());
    let again = until("the arrival to be there again", || waiting(seoul));
    assert_eq!(again, dispatch);
    seoul.must("desk", &seoul.admission(&dispatch));
    assert!(pair.attempt("afterwards", 1_000));
    pair.settle();
    let report = pair.prove();
    let findings = |check: &'static str, report: &serde_json::Value| -> Vec<String> {
        let all = report["findings"].as_array().unwrap().iter().filter(|found| found["check"] == check);
        all.map(|found| found["outcome"]["is"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(findings("V-018", &report), ["proved"]);
    // Both lives of the item in one folder: the first receipt is about what is lost, and the second one holds.
    let register = seoul.must("registrar", "register list");
    let admitted = register.list().iter().find(|entry| entry["direction"] == "in").unwrap();
    let admitted = admitted["item"].as_str().unwrap();
    until("both lives", || {
        let _ = fs::remove_dir_all(seoul.file("life"));
        seoul.must("registrar", &format!("item bundle {admitted} --out life"));
        tokyo.must("registrar", &format!("item bundle {item} --out life"));
        let report = seoul.ask("nobody", "verify life").document;
        let receipts = findings("V-008", &report);
        (receipts.len() == 3).then(|| {
            let told = |outcome: &str| receipts.iter().filter(|told| *told == outcome).count();
            assert_eq!((told("lost"), told("proved")), (1, 2), "{report:#}");
            assert!(!report.to_string().contains("\"failed\""), "{report:#}");
        })
    });
}

/// The evidence of single items tells of the loss as well: at Seoul as its log bears it out, at Tokyo as Seoul told it, with what of the
/// item was lost there.
fn lives_tell_the_loss(pair: &Pair) {
    let trusted: Vec<String> = pair
        .both()
        .map(|post| {
            post.must("admin", "peer list").list()[0]["card"]["fingerprint"]
                .as_str()
                .unwrap()
                .replace(' ', "")
        })
        .into();
    let trusted = format!("--fingerprint {}", trusted.join(" --fingerprint "));
    let told = |folder: &str| {
        let report = pair.seoul.ask("nobody", &format!("verify {folder} {trusted}")).document;
        let findings =
            report["findings"].as_array().unwrap().iter().filter(|found| found["check"] == "V-019");
        let outcomes: Vec<String> =
            findings.map(|found| found["outcome"]["is"].as_str().unwrap().to_owned()).collect();
        (report["verdict"].as_str().unwrap().to_owned(), outcomes)
    };
    let bundle = |post: &Post, direction: &str, nth: usize| {
        let register = post.must("registrar", "register list");
        let mut entries = register.list().iter().filter(|entry| entry["direction"] == direction);
        let item = entries.nth(nth).unwrap()["item"].as_str().unwrap().to_owned();
        let folder = format!("life-{}", &item[..8]);
        post.must("registrar", &format!("item bundle {item} --out {folder}"));
        folder
    };
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let own = bundle(seoul, "out", 0);
    let lost = |count| ("proved".to_owned(), vec!["lost".to_owned(); count]);
    assert_eq!(told(&own), lost(1), "the log's own word");
    // What came before the backup, what came since, and what Seoul admitted since.
    let kept = bundle(tokyo, "in", 0);
    assert_eq!(told(&kept), lost(1));
    assert_eq!(told(&bundle(tokyo, "in", 1)), lost(2));
    assert_eq!(told(&bundle(tokyo, "out", 0)), lost(2));
    let succeeded =
        fs::read_dir(seoul.file(&own).join("seoul.kor/succeeded")).unwrap().next().unwrap().unwrap();
    let text = fs::read_to_string(succeeded.path()).unwrap();
    let at = text.find("\"consistency\":[\"").unwrap() + 16;
    let turned = if &text[at..=at] == "0" { "1" } else { "0" };
    fs::write(succeeded.path(), format!("{}{turned}{}", &text[..at], &text[at + 1..])).unwrap();
    assert_eq!(told(&own), ("failed".to_owned(), vec!["failed".to_owned()]));
    fs::remove_file(succeeded.path()).unwrap();
    assert_eq!(told(&own), ("incomplete".to_owned(), vec!["not-shown".to_owned()]));
    let notices = seoul.file(&kept).join("tokyo.jpn/successions");
    for notice in fs::read_dir(notices).unwrap() {
        let path = notice.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    assert_eq!(told(&kept).0, "failed");
}

#[test]
fn while_its_partner_is_away_a_node_that_was_brought_back_waits_or_is_told() {
    let pair = after_an_exchange();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    rest(seoul);
    let created = seoul.must("admin", &format!("{CREATE} newest")).document;
    let (size, root) = (created["size"].as_u64().unwrap(), created["root"].as_str().unwrap());
    // What its people read from their node.
    let logs = tokyo.must("registrar", "log status").document;
    let seen = logs["partners"][0].clone();
    tokyo.kill();
    lose(seoul);
    seoul.must("admin", &format!("{RESTORE} newest"));
    seoul.serve();
    let held = records(seoul, "unsettled");
    assert_eq!((held.code, held.text("/error/code").as_str()), (3, "busy"));
    assert_eq!(seoul.ask("admin", "doctor").code, 3, "it is not ready");
    assert!(seoul.logged().contains("attache backup settle"), "{}", seoul.logged());
    let awaited = until("what is awaited", || {
        let awaited = seoul.ask("admin", "backup settle").document["awaits"].clone();
        awaited.is_object().then_some(awaited)
    });
    assert_eq!([&awaited["seen"], &awaited["words"]], [&serde_json::json!(["tokyo.jpn"]); 2]);
    assert_eq!(seoul.ask("admin", "backup settle --unheard tokyo.jpn").code, 3, "it runs");
    seoul.kill();
    let more = seoul.ask("admin", &format!("backup settle --size {} --root {root}", size + 1));
    assert_eq!((more.code, &more.document["lost"]), (1, &serde_json::json!([size, size])));
    let other = "0".repeat(64);
    assert_eq!(seoul.ask("admin", &format!("backup settle --size {size} --root {other}")).code, 1);
    assert_eq!(seoul.ask("admin", &format!("backup settle --size {size}")).code, 2);
    let (seen, root) = (&seen["seen"], seen["seen_root"].as_str().unwrap());
    seoul.must("admin", &format!("backup settle --size {seen} --root {root}"));
    seoul.serve();
    assert_eq!(records(seoul, "unheard").code, 3, "what its people had signed since is still to come");
    seoul.kill();
    assert_eq!(seoul.ask("admin", "backup settle --unheard tokyo.jpn").document["heard"][0], "tokyo.jpn");
    seoul.serve();
    assert_eq!(records(seoul, "settled").code, 0);
    assert_eq!(seoul.ask("admin", "backup settle --size 0").code, 2);
}

#[test]
fn a_node_brought_back_from_before_it_had_a_partner_goes_on_only_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let [seoul, tokyo] = [&SEOUL, &TOKYO].map(|nation| Post::found(folder.path(), nation));
    for post in [&seoul, &tokyo] {
        post.serve();
        post.staff();
    }
    fs::write(seoul.file("backup.lock"), [9; 32]).unwrap();
    let early = seoul.must("admin", &format!("{CREATE} early")).document["size"].as_u64().unwrap();
    let brought_back = || {
        lose(&seoul);
        seoul.must("admin", &format!("{RESTORE} early"));
        seoul.serve();
        // It has nobody to ask.
        assert_eq!(records(&seoul, "too-early").code, 3);
        assert!(seoul.logged().contains("before it had a partner"), "{}", seoul.logged());
        seoul.kill();
        assert_eq!(entries(&seoul), early, "nothing was recorded");
    };
    // Nobody has seen anything, and someone who answers for it says so.
    brought_back();
    seoul.must("admin", "backup settle --size 0");
    seoul.serve();
    assert_eq!(records(&seoul, "told").code, 0);
    seoul.befriend(&tokyo);
    tokyo.befriend(&seoul);
    let seen = until("the partner to see more", || {
        let logs = tokyo.must("registrar", "log status").document;
        let seen = logs["partners"][0].clone();
        (seen["seen"].as_u64() > Some(early)).then_some(seen)
    });
    brought_back();
    let (size, root) = (&seen["seen"], seen["seen_root"].as_str().unwrap());
    assert_eq!(seoul.ask("admin", &format!("backup settle --size {size} --root {root}")).code, 1);
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let pair = after_an_exchange();
    let seoul = &pair.seoul;
    seoul.must("admin", &format!("{CREATE} taken"));
    assert_eq!(seoul.ask("admin", &format!("{CREATE} taken")).code, 2, "it is there");
    fs::write(seoul.file("other.lock"), [8; 32]).unwrap();
    let elsewhere = "--home elsewhere";
    for (command, code) in [
        ("backup verify --lock other.lock taken".into(), 2),
        ("backup verify taken --lock nowhere".into(), 2),
        (format!("backup restore --lock other.lock --network exercise taken {elsewhere}"), 2),
        (format!("backup restore --lock backup.lock --network live taken {elsewhere}"), 2),
        // It holds the node.
        (format!("{RESTORE} taken"), 2),
        // Another node's keys.
        (format!("{RESTORE} taken {elsewhere} --unlock tokyo.unlock"), 2),
        (format!("{RESTORE} nowhere {elsewhere}"), 3),
    ] {
        let refused = seoul.ask("admin", &command);
        assert_eq!(refused.code, code, "{command}: {refused:?}");
        assert!(
            !seoul.file("elsewhere").exists() && !seoul.file("elsewhere.unfinished").exists(),
            "{command}"
        );
    }
    // The keys part of another backup.
    seoul.must("admin", &format!("{CREATE} other"));
    fs::copy(seoul.file("other/keys.backup"), seoul.file("taken/keys.backup")).unwrap();
    assert_eq!(seoul.ask("admin", &format!("{VERIFY} taken")).code, 3);
    // An empty folder gives way.
    fs::create_dir(seoul.file("elsewhere")).unwrap();
    seoul.must("admin", &format!("{RESTORE} other {elsewhere}"));
    assert!(!seoul.file("elsewhere/keys/party-root.key").exists());
    assert!(seoul.file("elsewhere/keys/node.key").exists());
}

#[test]
fn a_flipped_byte_anywhere_in_a_backup_is_found() {
    let pair = after_an_exchange();
    let seoul = &pair.seoul;
    seoul.must("admin", &format!("{CREATE} taken"));
    for part in ["log.backup", "keys.backup"] {
        let path = seoul.file("taken").join(part);
        let sound = fs::read(&path).unwrap();
        // Each byte is under a tag, which `custody` tests; here at the edges and in between.
        let places = (0..24).chain((24..sound.len()).step_by(sound.len() / 12)).chain([sound.len() - 1]);
        for at in places {
            let mut altered = sound.clone();
            altered[at] ^= 1 << (at % 8);
            fs::write(&path, &altered).unwrap();
            let found = seoul.ask("nobody", &format!("{VERIFY} taken"));
            assert!(matches!(found.code, 2 | 3), "byte {at} of {part}: {found:?}");
        }
        fs::write(&path, &sound[..sound.len() - 1]).unwrap();
        assert_ne!(seoul.ask("nobody", &format!("{VERIFY} taken")).code, 0);
        fs::write(&path, &sound).unwrap();
    }
    seoul.must("nobody", &format!("{VERIFY} taken"));
}

#[test]
fn a_backup_and_a_restore_that_are_cut_off_leave_nothing_or_all() {
    if !has_strace() {
        return;
    }
    let pair = after_an_exchange();
    let seoul = &pair.seoul;
    let is_there = |name: &str| seoul.file(name).exists();
    for (calls, step) in [("fsync", 1), ("rename", 1), ("write", 11)] {
        let mut nth = 1;
        while !seoul.ends_though_killed_at(calls, nth, &format!("{CREATE} {calls}")) {
            // Only the last sync comes after its name.
            if is_there(calls) {
                seoul.must("nobody", &format!("{VERIFY} {calls}"));
                fs::remove_dir_all(seoul.file(calls)).unwrap();
            }
            nth += step;
            assert!(nth < 1000, "{calls}: it never ends");
        }
        assert!(nth > 1);
        seoul.must("nobody", &format!("{VERIFY} {calls}"));
    }
    seoul.kill();
    let whole = entries(seoul);
    for (calls, step) in [("fsync,fdatasync", 23), ("rename", 1)] {
        let mut nth = 1;
        while !seoul.ends_though_killed_at(calls, nth, &format!("{RESTORE} fsync --home again")) {
            if is_there("again") {
                fs::remove_dir_all(seoul.file("again")).unwrap();
            }
            nth += step;
            assert!(nth < 1000, "{calls}: it never ends");
        }
        assert!(nth > 1);
        let again = seoul.must("admin", "rebuild --check --home again").document;
        assert!(again["entries"].as_u64().unwrap() <= whole);
        fs::remove_dir_all(seoul.file("again")).unwrap();
    }
}

#[test]
fn a_backup_while_which_an_item_is_destroyed_is_none_and_the_next_one_can_be_brought_back() {
    if !has_strace() {
        return;
    }
    let pair = after_an_exchange();
    let tokyo = &pair.tokyo;
    let register = tokyo.must("registrar", "register list");
    let item = register.list().iter().find(|entry| entry["direction"] == "in").unwrap();
    let item = item["item"].as_str().unwrap().to_owned();
    tokyo.must("desk", &format!("item destroy {item} --means shredded --document protocol-1"));
    std::thread::scope(|scope| {
        // Its log part is written when it first syncs, and its papers are not read yet.
        let taken = scope.spawn(|| {
            let mut typed = Command::new("strace");
            typed.args(["-f", "-o", "/dev/null", "-e", "trace=fsync"]);
            typed.args(["-e", "inject=fsync:delay_enter=8000000:when=1", env!("CARGO_BIN_EXE_attache")]);
            typed.args(format!("{CREATE} meanwhile").split_whitespace());
            tokyo.settings(&mut typed).output().unwrap()
        });
        let log = tokyo.file("meanwhile.unfinished/log.backup");
        until("the log part", || fs::metadata(&log).is_ok_and(|log| log.len() > 300_000).then_some(()));
        tokyo.must("registrar", &format!("item destroy {item} --second"));
        let output = taken.join().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("destroyed while the backup was taken"), "{said}");
    });
    assert!(!tokyo.file("meanwhile").exists() && !tokyo.file("meanwhile.unfinished").exists());
    tokyo.must("admin", &format!("{CREATE} again"));
    tokyo.must("admin", &format!("{RESTORE} again --home elsewhere"));
}

/// A small disk of its own; `None` where this may not mount.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: &Path, bytes: usize) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let size = format!("size={bytes},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "attache-test"]).arg(path).output();
        let is_there = mounted.is_ok_and(|mounted| mounted.status.success());
        if !is_there {
            eprintln!("skipped: this may not mount a disk");
        }
        is_there.then(|| Self(path.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_disk_without_room_is_told_and_half_a_backup_or_node_never_stays() {
    let pair = after_an_exchange();
    let seoul = &pair.seoul;
    seoul.must("admin", &format!("{CREATE} whole"));
    let Some(disk) = SmallDisk::at(&seoul.file("small"), 256 << 10) else { return };
    for command in [format!("{CREATE} small/taken"), format!("{RESTORE} whole --home small/again")] {
        let full = seoul.ask("admin", &command);
        assert_eq!(full.code, 3, "{full:?}");
        assert!(full.text("/error/message").contains("the disk is full"), "{full:?}");
        assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0, "{command}");
    }
    seoul.must("admin", &format!("{CREATE} again"));
}
