//! Cards that are renewed and revoked, between two real nodes.

use crate::pair::{Pair, Post, until};

/// How the link to the partner stands, as the operator sees it.
fn link(post: &Post) -> Option<String> {
    let peers = post.must("admin", "peer list");
    peers.list().first().map(|peer| peer["link"].as_str().unwrap().to_owned())
}

fn connected(post: &Post) {
    until("a connection", || (link(post).as_deref() == Some("connected")).then_some(()));
}

#[test]
fn a_renewed_card_takes_the_place_of_the_one_before_without_a_comparison() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    connected(seoul);
    let first = seoul.must("admin", "key list");
    assert_eq!(
        (first.text("/node").as_str(), &first.document["warning"]),
        ("seoul.kor", &serde_json::Value::Null)
    );
    seoul.must("admin", "key renew --root seoul/keys/party-root.key");
    // The node still serves under the card before; both files of the renewal go to Tokyo meanwhile.
    let second = seoul.must("admin", "peer card --out renewed.card");
    assert_ne!(first.text("/fingerprint"), second.text("/fingerprint"));
    let add = "peer add renewed.card --succession renewed.succession";
    let misused = tokyo.ask("desk", add);
    assert_eq!(misused.code, 2, "only an administrator: {misused:?}");
    tokyo.must("admin", add);
    let again = tokyo.ask("admin", add);
    assert_eq!((again.code, again.text("/error/field").as_str()), (2, "card"), "{again:?}");
    seoul.kill();
    seoul.serve();
    pair.both().into_iter().for_each(connected);
    assert!(pair.attempt("under-the-renewed-card", 1000));
    pair.settle();
    assert_eq!(pair.sent_and_registered(), [1, 1]);
    pair.prove();
}

#[test]
fn a_card_that_does_not_follow_is_refused() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    for (renewed, root) in [(1, "seoul"), (2, "seoul")] {
        seoul.must("admin", &format!("key renew --root {root}/keys/party-root.key"));
        seoul.must("admin", &format!("peer card --out card-{renewed}.txt"));
    }
    // The second follows the first, which Tokyo never saw; and each has a succession of its own.
    for (card, succession, field) in
        [("card-2", "card-2", "card"), ("card-1", "card-2", "succession"), ("seoul", "card-1", "card")]
    {
        let file = if card == "seoul" { "seoul.card".to_owned() } else { format!("{card}.txt") };
        let refused = tokyo.ask("admin", &format!("peer add {file} --succession {succession}.succession"));
        assert_eq!((refused.code, refused.text("/error/field").as_str()), (2, field), "{card}: {refused:?}");
    }
    // Nor does another Party's root renew a card.
    let other = seoul.ask("admin", "key renew --root tokyo/keys/party-root.key");
    assert_eq!(other.code, 2, "{other:?}");
}

#[test]
fn a_revoked_partner_is_cut_off_and_comes_back_only_by_its_fingerprint() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    pair.both().into_iter().for_each(connected);
    tokyo.must("admin", "key revoke seoul.kor --reason reported-lost");
    assert_eq!(link(tokyo), None);
    until("the end of the connection", || (link(seoul)? != "connected").then_some(()));
    let approved = pair.attempt("while-revoked", 1000);
    assert!(approved, "what is approved waits at home");
    assert!(tokyo.must("desk", "inbox list").list().is_empty());
    let card = seoul.must("admin", "peer card --out again.card");
    let digits = card.text("/fingerprint").replace(' ', "");
    tokyo.must("admin", &format!("peer add again.card --fingerprint {digits}"));
    pair.settle();
    assert_eq!(pair.sent_and_registered(), [1, 1]);
    pair.prove();
}

#[test]
fn two_of_three_custodians_renew_a_card_and_one_cannot() {
    let pair = Pair::new();
    let seoul = &pair.seoul;
    for name in ["park", "lee", "kim"] {
        std::fs::write(seoul.file(&format!("{name}.unlock")), [name.as_bytes()[0]; 48]).unwrap();
    }
    let hands = "--custodian park=park.unlock --custodian lee=lee.unlock --custodian kim=kim.unlock";
    let ceremony = format!("key ceremony --root seoul/keys/party-root.key --out shares {hands}");
    let none = seoul.ask("admin", &format!("{ceremony} --threshold 1"));
    assert_eq!((none.code, seoul.file("shares").exists()), (2, false), "{none:?}");
    seoul.must("admin", &format!("{ceremony} --threshold 2"));
    let seen = seoul.must("admin", "key transcript shares/transcript.cbor");
    assert_eq!((seen.document["threshold"].as_u64(), seen.text("/custodians/2").as_str()), (Some(2), "kim"));
    let foreign = pair.tokyo.ask("admin", "key transcript shares/transcript.cbor");
    assert_eq!(foreign.code, 1, "another node's root signed it: {foreign:?}");
    std::fs::remove_file(seoul.file("seoul/keys/party-root.key")).unwrap();
    let before = seoul.must("admin", "key list").text("/fingerprint");
    for (shares, code) in [
        ("--share shares/park.share=park.unlock", 2),
        ("--share shares/park.share=park.unlock --share shares/park.share=park.unlock", 2),
        ("--share shares/park.share=park.unlock --share shares/kim.share=lee.unlock", 2),
        ("--share shares/park.share=park.unlock --share shares/kim.share=kim.unlock", 0),
    ] {
        let renewed = seoul.ask("admin", &format!("key renew {shares}"));
        assert_eq!(renewed.code, code, "{shares}: {renewed:?}");
        let is_renewed = seoul.must("admin", "key list").text("/fingerprint") != before;
        assert_eq!(is_renewed, code == 0, "{shares}");
    }
}
