//! Keys that are made anew, between two real nodes: what was sealed, signed and recorded before stays good.

use crate::pair::{Pair, Post, approval, until};
use crate::syscalls::has_strace;
use serde_json::Value;

const ROTATE: &str = "key rotate --root";

/// Adds and marks an item, and gives its id.
fn marked(post: &Post, name: &str) -> String {
    std::fs::write(post.file(name), name).unwrap();
    let item = post.must("analyst", &format!("item add {name} --title {name}")).text("/item");
    post.must("analyst", &post.marking(&item));
    item
}

fn release(post: &Post, item: &str) {
    let case = post.must("analyst", &post.request(item)).text("/case");
    post.must("officer", &approval(&case));
}

/// Opens an item and gives what it says.
fn opened(post: &Post, person: &str, item: &str) -> String {
    let out = post.file("opened");
    // It is there from the second time on.
    let _ = std::fs::remove_file(&out);
    post.must(person, &format!("open {item} --out opened"));
    std::fs::read_to_string(out).unwrap()
}

/// The item that arrived last.
fn last_arrived(post: &Post) -> String {
    let register = post.must("registrar", "register list");
    register.list().last().unwrap()["item"].as_str().unwrap().to_owned()
}

/// Rotates while the node is down, and starts it anew.
fn rotate(post: &Post, flags: &str) -> Value {
    post.kill();
    let root = format!("{}/keys/party-root.key", post.nation.folder);
    let rotated = post.must("admin", &format!("{ROTATE} {root} {flags}"));
    post.serve();
    rotated.document
}

/// `other` takes the new card with its succession.
fn succeed(post: &Post, other: &Post) {
    let name = post.nation.folder;
    post.must("admin", &format!("peer card --out {name}.next"));
    other.must("admin", &format!("peer add {name}.next --succession {name}.succession"));
}

fn verify_all_receipts(post: &Post) -> usize {
    let receipts = post.must("registrar", "receipt list");
    for receipt in receipts.list() {
        post.must("registrar", &format!("receipt verify {}", receipt["dispatch"].as_str().unwrap()));
    }
    receipts.list().len()
}

/// Each received receipt's proof, once it came, holds under the card of then, and is a file that is made once.
fn save_all_proofs(post: &Post) {
    until("the proof of every receipt", || {
        let receipts = post.must("registrar", "receipt list");
        receipts.list().iter().all(|receipt| receipt["promise"] == "proved").then_some(())
    });
    for receipt in post.must("registrar", "receipt list").list() {
        let dispatch = receipt["dispatch"].as_str().unwrap();
        let name = format!("{}-{dispatch}.tlog-proof", post.nation.folder);
        let saving = format!("receipt proof {dispatch} --out {name}");
        let shown = post.must("registrar", &format!("receipt verify {dispatch}")).document["in_log"].clone();
        if receipt["direction"] == "given" {
            assert!(shown.is_null(), "{shown}");
            assert_eq!(post.ask("registrar", &saving).code, 2, "its partner has it");
            assert!(!post.file(&name).exists());
            continue;
        }
        assert_eq!(shown["origin"], receipt["log_origin"]);
        assert!(shown["size"].as_u64() > receipt["leaf_index"].as_u64(), "{shown} {receipt}");
        let saved = post.must("registrar", &saving);
        assert_eq!(saved.document["leaf_hash"], receipt["leaf_hash"]);
        let proof = std::fs::read_to_string(post.file(&name)).unwrap();
        assert!(proof.starts_with("c2sp.org/tlog-proof@v1\n"), "{proof}");
        assert_eq!(post.ask("registrar", &saving).code, 2, "it is there");
        assert_eq!(std::fs::read_to_string(post.file(&name)).unwrap(), proof);
    }
}

#[test]
fn what_was_sealed_and_signed_before_a_rotation_stays_good_and_new_items_go_to_the_new_keys() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let before = marked(seoul, "before");
    release(seoul, &before);
    pair.settle();
    let arrived = last_arrived(tokyo);
    assert_eq!(opened(tokyo, "desk", &arrived), "before");
    let waits = marked(seoul, "marked-before");
    // Made and signed under the keys of before, and still under way when they retire.
    tokyo.kill();
    let under_way = marked(seoul, "under-way");
    release(seoul, &under_way);
    until("the package", || {
        let cases = seoul.must("officer", "release list");
        cases.list().iter().any(|case| case["dispatch"]["progress"] == "owed").then_some(())
    });
    tokyo.serve();
    let running = tokyo.ask("admin", "key rotate --root tokyo/keys/party-root.key");
    assert_eq!(running.code, 2, "the node runs: {running:?}");
    seoul.kill();
    tokyo.kill();
    for post in pair.both() {
        assert_eq!(rotate(post, "--all")["rotated"], serde_json::json!(["kem", "label", "node", "link"]));
    }
    succeed(seoul, tokyo);
    succeed(tokyo, seoul);
    pair.settle();
    for (item, content) in [(&before, "before"), (&waits, "marked-before"), (&under_way, "under-way")] {
        assert_eq!(opened(seoul, "analyst", item), content);
    }
    assert_eq!(opened(tokyo, "desk", &arrived), "before");
    // Marked under the label key of before, released under the one of now.
    release(seoul, &waits);
    pair.settle();
    assert_eq!(opened(tokyo, "desk", &last_arrived(tokyo)), "marked-before");
    assert!(pair.attempt("after", 3000));
    pair.settle();
    assert_eq!(pair.sent_and_registered(), [4, 4]);
    for post in pair.both() {
        assert_eq!(verify_all_receipts(post), 4);
        save_all_proofs(post);
        let listed = post.must("admin", "key list");
        let keys = listed.document["keys"].as_array().unwrap();
        let retired: Vec<_> = keys.iter().filter(|key| key["retired_at"].is_string()).collect();
        assert_eq!(retired.iter().map(|key| &key["name"]).collect::<Vec<_>>(), ["node", "label", "kem"]);
        post.must("admin", "doctor");
    }
    pair.prove();
    // A second rotation, of the default key alone, and with one more keyring on top.
    assert_eq!(rotate(tokyo, "")["rotated"], serde_json::json!(["kem"]));
    // And another before the partner has its card: it takes the one between first.
    rotate(tokyo, "--label");
    tokyo.must("admin", "peer card --out between.card --back 1");
    seoul.must("admin", "peer add between.card --succession between.succession");
    assert_eq!(tokyo.ask("admin", "peer card --back 9").code, 2);
    succeed(tokyo, seoul);
    assert!(pair.attempt("after-both", 3000));
    pair.settle();
    assert_eq!(opened(tokyo, "desk", &arrived), "before");
    assert_eq!(verify_all_receipts(seoul), 5);
    pair.prove();
    // Without the cards of before nobody can say whose the old signatures are; and no other card may lie beside them.
    let cards = seoul.file("evidence/tokyo.jpn/cards");
    let kept: Vec<_> = std::fs::read_dir(&cards).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 3);
    std::fs::write(cards.join("stranger.cbor"), "nobody's").unwrap();
    assert_eq!(seoul.ask("nobody", "verify evidence").code, 1);
    std::fs::remove_file(cards.join("stranger.cbor")).unwrap();
    std::fs::remove_dir_all(&cards).unwrap();
    let failed = seoul.ask("nobody", "verify evidence");
    assert!((failed.code, failed.document.to_string().contains("no card of its")) == (1, true), "{failed:?}");
}

#[test]
fn what_a_node_signs_under_a_card_that_its_partner_does_not_have_yet_waits_and_is_not_lost() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    rotate(seoul, "--label --node");
    // A package of Seoul's under its new label key, and a receipt under its new node key.
    let item = marked(seoul, "too-early");
    release(seoul, &item);
    let reply = marked(tokyo, "reply");
    release(tokyo, &reply);
    until("the reply", || {
        let arrivals = seoul.must("desk", "inbox list");
        let arrival = arrivals.list().first()?["dispatch"].as_str()?.to_owned();
        seoul.must("desk", &seoul.admission(&arrival));
        Some(())
    });
    until("two answers that wait", || {
        let declined = seoul.logged().matches("C-026").count();
        (declined >= 2 && tokyo.logged().contains("ask the partner for its new card")).then_some(())
    });
    assert!(tokyo.must("desk", "inbox list").list().is_empty());
    succeed(seoul, tokyo);
    pair.settle();
    assert_eq!(pair.sent_and_registered(), [1, 1]);
    let report = pair.prove();
    assert_eq!(report["counts"]["receipts"], 2, "{report}");
    assert!(!tokyo.logged().contains("B-001"), "no breach is on record");
}

#[test]
fn a_rotation_that_is_cut_off_anywhere_leaves_a_node_that_starts_and_rotates() {
    if !has_strace() {
        return;
    }
    let pair = Pair::new();
    let seoul = &pair.seoul;
    assert!(pair.attempt("before", 1000));
    pair.settle();
    let mut cut = 0;
    for nth in 1.. {
        seoul.kill();
        let rotate = format!("{ROTATE} seoul/keys/party-root.key --all");
        let ended = seoul.ends_though_killed_at("rename,renameat,renameat2", nth, &rotate);
        seoul.serve();
        let listed = seoul.must("admin", "key list");
        println!("rename {nth}: ended {ended}, {}", listed.text("/fingerprint"));
        if ended {
            break;
        }
        cut += 1;
    }
    // The keyring twice, and five files of the card.
    assert_eq!(cut, 7, "as many as there are files to put in place");
    // Cards that were put in place without their partner's knowledge: the chain is too long for a succession.
    let card = seoul.must("admin", "peer card --out last.card").text("/fingerprint").replace(' ', "");
    pair.tokyo.must("admin", "key revoke seoul.kor --reason many-cards");
    pair.tokyo.must("admin", &format!("peer add last.card --fingerprint {card}"));
    assert!(pair.attempt("after", 1000));
    pair.settle();
    assert_eq!(pair.sent_and_registered(), [2, 2]);
    pair.prove();
}

#[test]
fn the_key_under_the_links_certificates_needs_no_card() {
    let pair = Pair::new();
    let seoul = &pair.seoul;
    let before = seoul.must("admin", "key list").text("/fingerprint");
    seoul.kill();
    let none = seoul.ask("admin", "key rotate");
    assert_eq!((none.code, none.text("/error/message").contains("root")), (2, true), "{none:?}");
    seoul.must("admin", "key rotate --link");
    seoul.serve();
    assert_eq!(seoul.must("admin", "key list").text("/fingerprint"), before);
    assert!(pair.attempt("under-a-new-link-key", 1000));
    pair.settle();
}
