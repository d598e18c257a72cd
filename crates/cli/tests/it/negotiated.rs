//! An agreement's life by hand, at two nodes: from a draft to force, through an amendment, a notice and its suspension.

use crate::pair::{Pair, Post};
use crate::played::clock;
use serde_json::Value;

/// The papers of an act.
const PAPERS: &str = "--official treaties --document note-1";

fn acts(post: &Post, words: &str) {
    post.must("office", &format!("agreement {words} {PAPERS}"));
}

/// Refused as a wrong command, with these words.
fn refused(post: &Post, words: &str, why: &str) {
    let answer = post.ask("office", &format!("agreement {words} {PAPERS}"));
    assert_eq!(answer.code, 2, "{words}: {answer:?}");
    let said = answer.document.to_string();
    assert!(said.contains(why), "{words}: {said}");
}

fn shown(post: &Post) -> Value {
    post.must("office", "agreement show").document
}

/// Waits until both nodes have so many instruments on record.
fn on_record(pair: &Pair, count: usize) {
    pair.until("every instrument at both nodes", |post| {
        post.must("office", "agreement show --record").list().len() == count
    });
}

/// The phase of the Party at `at` in the list, at both nodes.
fn phases(pair: &Pair, party: &str, phase: &str) {
    for post in pair.both() {
        let shown = shown(post);
        let parties = shown["parties"].as_array().unwrap();
        let found = parties.iter().find(|one| one["party"] == party).unwrap();
        assert_eq!(found["phase"], phase, "{}: {found}", post.nation.node);
    }
}

/// A copy of the built-in pack with one thing changed.
fn changed(pair: &Pair, name: &str, from: &str, to: &str) -> String {
    pair.seoul.must("office", &format!("agreement export gsomia-2016 --out {name}"));
    let terms = pair.seoul.file(name).join("terms.toml");
    let text = std::fs::read_to_string(&terms).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(&terms, text.replace(from, to)).unwrap();
    name.to_owned()
}

#[test]
fn two_governments_negotiate_sign_share_amend_and_give_notice() {
    let pair = Pair::negotiating();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let draft = changed(&pair, "draft", "version = \"1.0.0\"", "version = \"0.9.0\"");
    refused(seoul, "initial", "no Party has put one forward");
    acts(tokyo, &format!("new {draft}"));
    on_record(&pair, 1);
    refused(seoul, "initial", "not at hand");
    acts(seoul, "new gsomia-2016");
    let differing = tokyo.ask("office", "agreement diff draft gsomia-2016");
    assert_eq!(differing.code, 1);
    assert!(differing.document["changed"][0]["diff"].as_str().unwrap().contains("-version = \"0.9.0\""));
    on_record(&pair, 2);
    let text = seoul.must("office", "agreement check").text("/digest");
    for post in pair.both() {
        acts(post, &format!("initial {}", &text[..8]));
    }
    on_record(&pair, 4);
    refused(seoul, "sign", "gate");
    refused(seoul, "gate president", "legal-review");
    acts(seoul, "gate legal-review");
    refused(seoul, "gate vice-ministers --skip", "remark");
    acts(seoul, "gate vice-ministers --skip --remark urgent");
    acts(seoul, "gate state-council");
    acts(seoul, "gate president");
    acts(tokyo, "gate cabinet");
    on_record(&pair, 9);
    phases(&pair, "KOR", "authorised");
    let skipped =
        shown(tokyo)["parties"].as_array().unwrap().iter().any(|one| one["gates"][1]["skipped"] == "urgent");
    assert!(skipped, "the partner sees which gate was left out, and why");
    for post in pair.both() {
        acts(post, "sign");
    }
    on_record(&pair, 11);
    refused(seoul, "notice", "in force");
    acts(seoul, "notify");
    on_record(&pair, 12);
    assert_eq!(shown(tokyo)["force"], "not-in-force");
    // The later of the two notices brings it into force, and the one who gives it declares so with it.
    acts(tokyo, "notify");
    on_record(&pair, 13);
    assert_eq!(shown(seoul)["force"], "divergent");
    acts(seoul, "position --as-text --remark in-force");
    on_record(&pair, 14);
    for post in pair.both() {
        assert_eq!(shown(post)["force"], "in-force");
        assert_eq!(shown(post)["differing"], Value::Array(vec![]));
    }
    assert!(pair.attempt("after", 100), "the agreement is in force, and items cross");

    // A pack that nobody consented to is not taken; one that both consented to is.
    let amended = changed(&pair, "amended", "version = \"1.0.0\"", "version = \"1.1.0\"");
    acts(seoul, &format!("amend {amended}"));
    on_record(&pair, 15);
    let refused_while_up = seoul.ask("office", &format!("agreement adopt {amended}"));
    assert_eq!(refused_while_up.code, 2, "{refused_while_up:?}");
    let elsewhere =
        changed(&pair, "elsewhere", "[utc_offset_hours]\nvalue = 9", "[utc_offset_hours]\nvalue = 8");
    seoul.kill();
    let other_days = seoul.ask("office", &format!("agreement adopt {elsewhere}"));
    assert_eq!((other_days.code, other_days.text("/error/message").contains("utc_offset_hours")), (2, true));
    let later = seoul.must("office", &format!("agreement adopt {amended}")).text("/pack");
    assert!(!seoul.try_serve(&[]), "served under a pack that only one Party consented to");
    assert!(seoul.logged().contains("not every Party"), "{}", seoul.logged());
    seoul.must("office", &format!("agreement adopt {}", &text[..8]));
    seoul.serve();
    acts(tokyo, &format!("amend {amended}"));
    on_record(&pair, 16);
    for post in pair.both() {
        post.kill();
        post.must("office", &format!("agreement adopt {amended}"));
        post.serve();
    }
    assert_eq!(shown(seoul)["pack_version"], "1.1.0");
    assert!(pair.attempt("under-the-amended", 100), "both rule by the amended pack, and items cross");

    acts(seoul, "notice");
    on_record(&pair, 17);
    phases(&pair, "KOR", "notice-given");
    phases(&pair, "JPN", "in-force");
    assert!(pair.attempt("noticed", 100), "notice ends nothing before its time");
    acts(seoul, "suspend --remark suspended");
    on_record(&pair, 18);
    phases(&pair, "KOR", "notice-suspended");
    acts(seoul, "withdraw");
    on_record(&pair, 19);
    phases(&pair, "KOR", "in-force");
    // A Party that holds the agreement to have ended releases nothing, and neither does the other.
    acts(tokyo, &format!("position --in-force-until {} --remark ended", clock()));
    on_record(&pair, 20);
    assert_eq!(shown(seoul)["force"], "divergent");
    assert!(!pair.attempt("ended", 100), "released while the positions differ");
    pair.settle();
    let proof = pair.prove();
    assert_eq!(proof["verdict"], "proved", "{proof}");

    // Each ruling is asked again by the pack of its day: the evidence has both, and says which was in force from where on.
    let trusted = format!("--pack {later}");
    let ruled = pair.prove_with("--rulings", &trusted);
    assert_eq!(ruled["verdict"], "proved", "{ruled}");
    let evidence = seoul.file("evidence");
    for node in ["seoul.kor", "tokyo.jpn"] {
        let packs = evidence.join(node).join("packs");
        assert_eq!(std::fs::read_dir(&packs).unwrap().count(), 2, "{}", packs.display());
    }
    let earlier = evidence.join("seoul.kor/packs").join(&text);
    let moved = seoul.file("moved");
    std::fs::rename(&earlier, &moved).unwrap();
    let without = seoul.ask("nobody", &format!("verify evidence {trusted}"));
    assert_eq!(without.document["verdict"], "incomplete", "{without:?}");
    assert!(without.document.to_string().contains("the rule pack of that day"), "{without:?}");
}
