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
