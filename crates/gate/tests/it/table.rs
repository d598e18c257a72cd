//! The table of who may call what, walked row by row.

use crate::world::seoul;
use attache_accord::people::Role;
use attache_gate::access::{ACCESS, Who};
use std::collections::{BTreeMap, BTreeSet};

/// A path with something in each of its places.
fn filled(path: &str) -> String {
    let words = path.split('/').map(|word| if word.starts_with('{') { "0" } else { word });
    words.collect::<Vec<_>>().join("/")
}

#[test]
fn what_is_described_is_what_the_table_lists() {
    let document = serde_json::to_value(attache_gate::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let listed: BTreeSet<_> = ACCESS
        .iter()
        .filter(|(_, path, _)| *path != "/openapi.json")
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(described, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_only_what_anyone_may_call_answers() {
    let world = seoul().await;
    for (method, path, who) in ACCESS {
        let status = world.call(method, &filled(path), None).await.status;
        assert_eq!(status == 401, *who != Who::Anyone, "{method} {path}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_roles_of_the_table_are_let_in() {
    let world = seoul().await;
    let mut sessions = BTreeMap::new();
    for (role, word) in Role::ALL {
        sessions.insert(role, world.sign_in(&format!("{word}-1")).await);
    }
    for (method, path, who) in ACCESS {
        let Who::Roles(roles) = who else { continue };
        for (role, session) in &sessions {
            let answer = session.call(method, &filled(path), None).await;
            let is_shut_out = answer.status == 403 && answer.problem().1 == "forbidden";
            assert_eq!(is_shut_out, !roles.contains(role), "{method} {path} {role:?}: {}", answer.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_does_not_list_is_answered_to_nobody() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    for (method, path) in [("GET", "/v1/keys"), ("GET", "/"), ("GET", "/v1/items/0/../../node")] {
        assert_eq!(analyst.call(method, path, None).await.problem(), (404, "unknown".into()), "{path}");
    }
    for method in ["PUT", "PATCH", "BREW"] {
        let refused = analyst.call(method, "/v1/node", None).await;
        assert_eq!(refused.problem(), (403, "forbidden".into()), "{method}");
    }
    assert_eq!(analyst.call("HEAD", "/v1/node", None).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_releases_are_held_nobody_asks_for_one_and_everything_else_goes_on() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let stated = serde_json::json!({ "statement": "AAAA" });
    let held = loop {
        world.node.office.hold(true);
        let asked = analyst.call("POST", "/v1/releases", Some(stated.clone())).await;
        // The node itself finds that no witness is missing, and ends it.
        if world.node.office.is_held() {
            break asked.problem();
        }
    };
    assert_eq!(held, (503, "held".into()));
    assert_eq!(analyst.call("GET", "/v1/releases", None).await.status, 200);
    world.node.office.hold(false);
    assert_eq!(analyst.call("POST", "/v1/releases", Some(stated)).await.problem().1, "misuse");
}
