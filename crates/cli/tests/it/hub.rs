//! The arrangement of 2014 with three nodes: Seoul and Tokyo share by giving to Washington.
//!
//! *Absent:* passing on. The hub's node cannot do that yet; the rules for it are in the matrix of the pack.

use crate::pair::{Nation, Post, approval, until};

static SEOUL: Nation = nation("seoul", "seoul.kor", "KOR", "USA", "washington.usa", "KOR:II");
static TOKYO: Nation = nation("tokyo", "tokyo.jpn", "JPN", "USA", "washington.usa", "JPN:GOKUHI");
static WASHINGTON: Nation = nation("washington", "washington.usa", "USA", "KOR", "seoul.kor", "USA:SECRET");

const fn nation(
    folder: &'static str,
    node: &'static str,
    party: &'static str,
    partner: &'static str,
    peer: &'static str,
    level: &'static str,
) -> Nation {
    Nation { folder, node, party, partner, peer, pack: "tisa-2014", level }
}

/// Adds an item at Seoul that may go to both others, about `topic`.
fn marked(seoul: &Post, topic: &str) -> String {
    let item = seoul.must("analyst", "item add report --title report").text("/item");
    let to = "--releasable-to USA --releasable-to JPN";
    seoul.must("analyst", &format!("item mark {item} --level KOR:II --kind document {topic} {to}"));
    item
}

#[test]
fn seoul_gives_to_washington_on_the_topics_of_2014_and_to_tokyo_never() {
    let folder = tempfile::tempdir().unwrap();
    let [seoul, tokyo, washington] =
        [&SEOUL, &TOKYO, &WASHINGTON].map(|nation| Post::found(folder.path(), nation));
    let posts = [&seoul, &tokyo, &washington];
    for post in posts {
        post.serve();
        post.staff();
    }
    for post in posts {
        posts.into_iter().filter(|other| other.nation.node != post.nation.node).for_each(|other| {
            post.befriend(other);
        });
    }
    let force = |post: &Post| post.must("office", "agreement show").text("/force");
    seoul.declare();
    washington.declare();
    until("two of three positions at Seoul", || (force(&seoul) == "divergent").then_some(()));
    tokyo.declare();
    until("all three positions at each node", || {
        posts.into_iter().all(|post| force(post) == "in-force").then_some(())
    });

    std::fs::write(seoul.file("report"), "A launcher has left its shelter.\n").unwrap();
    let item = marked(&seoul, "--topic north-korean-missile");
    let refused = |asked: &str, code: &str| {
        let answer = seoul.ask("analyst", asked);
        assert_eq!(answer.code, 1, "{asked}: {answer:?}");
        assert!(answer.document.to_string().contains(code), "{code}: {answer:?}");
    };
    refused(&format!("release request {item} tokyo.jpn --purpose warning"), "R-024");
    let other = marked(&seoul, "");
    refused(&format!("release request {other} washington.usa --purpose warning"), "R-013");

    let case = seoul.must("analyst", &seoul.request(&item)).text("/case");
    seoul.must("officer", &approval(&case));
    let arrived = until("the report at Washington", || {
        let inbox = washington.must("desk", "inbox list");
        inbox.list().first().map(|arrival| arrival["dispatch"].as_str().unwrap().to_owned())
    });
    washington.must("desk", &washington.admission(&arrived));
    until("the receipt at Seoul", || {
        let cases = seoul.must("officer", "release list");
        (cases.list()[0]["dispatch"]["progress"] == "receipted").then_some(())
    });
    assert!(tokyo.must("desk", "inbox list").list().is_empty());
}
