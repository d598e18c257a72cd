//! Nodes of two states that do not exist, founded on the folder of their own rule pack.
//!
//! *Absent:* the agreement of 2016.

use crate::pair::{Nation, Pair, Post, SEOUL, approval};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/packs/arvonia-belmark-2031");

static ARVONIA: Nation = Nation {
    folder: "arvonia",
    node: "registry.xaa",
    party: "XAA",
    partner: "XBB",
    peer: "chancery.xbb",
    pack: PACK,
    level: "XAA:AMBER",
};
static BELMARK: Nation = Nation {
    folder: "belmark",
    node: "chancery.xbb",
    party: "XBB",
    partner: "XAA",
    peer: "registry.xaa",
    pack: PACK,
    level: "XBB:GUARDED",
};

#[test]
fn two_other_states_exchange_a_report_under_their_own_agreement_and_prove_it() {
    let pair = Pair::of(&ARVONIA, &BELMARK);
    let (arvonia, belmark) = (&pair.seoul, &pair.tokyo);
    std::fs::write(arvonia.file("report"), "Two ships.\n").unwrap();
    let item = arvonia.must("analyst", "item add report --title ships").text("/item");
    arvonia.must("analyst", &arvonia.marking(&item));
    let case = arvonia.must("analyst", &arvonia.request(&item)).text("/case");
    arvonia.must("officer", &approval(&case));
    pair.settle();
    let here = belmark.must("registrar", "register list");
    assert_eq!(here.list()[0]["direction"], "in", "{here:?}");
    pair.prove();

    // Their agreement has no level for this, and Korea's levels mean nothing here.
    let other = arvonia.must("analyst", "item add report --title others").text("/item");
    let mark = |level: &str| format!("item mark {other} --level {level} --kind document --releasable-to XBB");
    assert_ne!(arvonia.ask("analyst", &mark("KOR:II")).code, 0);
    arvonia.must("analyst", &mark("XAA:WHITE"));
    let refused = arvonia.ask("analyst", &arvonia.request(&other));
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.document.to_string().contains("R-004"), "{refused:?}");
    assert!(refused.document.to_string().contains("\"2.2\""), "the article is their own: {refused:?}");
    every_ruling_is_replayed_by_the_pack_of_its_day(arvonia);
}

/// While the node is down, and after another text took the place of the one that the rulings are of.
fn every_ruling_is_replayed_by_the_pack_of_its_day(post: &Post) {
    let running = post.ask("admin", "rule replay");
    assert_eq!(running.code, 3, "a node that runs has its journal to itself: {running:?}");
    post.kill();
    let told = post.must("admin", "rule replay");
    let rulings = told.document["rulings"].as_u64().unwrap();
    assert!(rulings >= 3, "a request, a release and a refusal: {told:?}");
    assert_eq!(told.document["counts"], serde_json::json!({ "same": rulings }));

    let earlier = std::fs::read_dir(post.home().join("texts")).unwrap().next().unwrap().unwrap().path();
    let digest = earlier.file_name().unwrap().to_str().unwrap();
    post.must("admin", &format!("agreement export {digest} --out amended"));
    let terms = post.file("amended").join("terms.toml");
    let text = std::fs::read_to_string(&terms).unwrap();
    std::fs::write(&terms, text + "# Amended.\n").unwrap();
    post.must("admin", "agreement adopt amended");
    post.must("admin", "rule replay");
    std::fs::rename(earlier, post.file("earlier")).unwrap();
    let lost = post.ask("admin", "rule replay");
    assert_eq!(lost.code, 1, "{lost:?}");
    assert_eq!(lost.document["others"].as_array().unwrap().len() as u64, rulings);
    assert!(lost.document.to_string().contains("the rule pack of that day is not at hand"), "{lost:?}");
    post.must("admin", "rule replay --with earlier");
}

#[test]
fn a_node_whose_kept_pack_was_changed_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let arvonia = Post::found(folder.path(), &ARVONIA);
    let kept = std::fs::read_dir(arvonia.home().join("texts")).unwrap().next().unwrap().unwrap().path();
    let terms = kept.join("terms.toml");
    let text = std::fs::read_to_string(&terms).unwrap();
    std::fs::write(&terms, text.replace("value = 180", "value = 1")).unwrap();
    assert!(!arvonia.try_serve(&[]));
    assert!(arvonia.logged().contains("holds another pack"), "{}", arvonia.logged());
    let found = arvonia.ask("admin", "doctor");
    assert!(found.code != 0 && found.document.to_string().contains("holds another pack"), "{found:?}");

    std::fs::write(&terms, text).unwrap();
    arvonia.serve();
}

#[test]
fn nobody_founds_a_node_for_a_state_that_is_no_party() {
    let folder = tempfile::tempdir().unwrap();
    let seoul = Post::found(folder.path(), &SEOUL);
    let init = "init --home other --node a.xcc --party XCC --network exercise --administrator other-admin";
    let refused = seoul.ask("admin", &format!("{init} --pack {PACK}"));
    assert_eq!(refused.code, 2);
    assert!(refused.document.to_string().contains("XCC is no Party to arvonia-belmark-2031, but XAA, XBB"));
    let hub = "init --home hub --node pentagon.usa --party USA --network exercise --administrator hub-admin";
    seoul.must("admin", &format!("{hub} --pack tisa-2014"));
}
