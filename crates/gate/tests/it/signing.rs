//! Signing in and out.

use crate::world::{ADMIN, World, clock, pair, seoul, staffed, verifying};
use attache_accord::Timestamp;
use attache_gate::sessions::{CHALLENGE_MILLIS, IDLE_MILLIS};
use attache_seal::pair::Sign as _;
use attache_seal::papers::SignIn;
use attache_seal::statement::{Head, Signed, Statement};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// A sign-in whose parts may contradict each other.
async fn forged(world: &World, head: Head, key_of: &str, challenge: [u8; 32], node: &str) -> Value {
    let key = pair(key_of);
    let head = Head { key: key.verifying().key_id(), ..head };
    let body = SignIn { challenge, node: node.parse().unwrap() };
    let signed = Signed::seal(&Statement { head, body }, &key).unwrap();
    let stated = json!({ "statement": BASE64.encode(&signed.to_bytes()) });
    let mut answer = world.call("POST", "/v1/sessions", Some(stated)).await.json();
    assert_eq!(answer["code"], "unauthenticated", "{answer}");
    // The only part that differs from answer to answer.
    answer.as_object_mut().unwrap().remove("correlation").unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_the_challenge_gets_a_session_with_their_roles() {
    let world = seoul().await;
    let challenge = world.challenge("analyst-1").await;
    let session = world.answer("analyst-1", challenge).await.good();
    assert_eq!((&session["person"], &session["roles"]), (&json!("analyst-1"), &json!(["analyst"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_answers_one_sign_in_only() {
    let world = seoul().await;
    let challenge = world.challenge("analyst-1").await;
    world.answer("analyst-1", challenge).await.good();
    assert_eq!(world.answer("analyst-1", challenge).await.problem(), (401, "unauthenticated".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failed_sign_in_looks_alike() {
    let world = seoul().await;
    let mut answers = Vec::new();
    let known = world.head("analyst-1");
    let here = "seoul.kor";
    let c = world.challenge("analyst-1").await;
    answers.push(forged(&world, known.clone(), "analyst-2", c, here).await);
    let c = world.challenge("stranger-1").await;
    answers.push(forged(&world, world.head("stranger-1"), "stranger-1", c, here).await);
    let c = world.challenge("analyst-1").await;
    answers.push(forged(&world, known.clone(), "analyst-1", c, "tokyo.jpn").await);
    answers.push(forged(&world, known, "analyst-1", [7; 32], here).await);
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_does_not_exist_gets_a_challenge_of_the_same_shape() {
    let world = seoul().await;
    let mut shapes = Vec::new();
    for person in ["analyst-1", "nobody-1"] {
        let given = world.call("POST", "/v1/challenges", Some(json!({ "person": person }))).await.good();
        let keys: Vec<String> = given.as_object().unwrap().keys().cloned().collect();
        shapes.push((keys, given["challenge"].as_str().unwrap().len()));
    }
    assert_eq!(shapes[0], shapes[1]);
}

static LATE_FOR_CHALLENGE: AtomicU64 = AtomicU64::new(0);

fn challenge_clock() -> Timestamp {
    clock().plus_millis(LATE_FOR_CHALLENGE.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_lapses() {
    let world = staffed("seoul.kor", "KOR", challenge_clock).await;
    let challenge = world.challenge("analyst-1").await;
    LATE_FOR_CHALLENGE.store(CHALLENGE_MILLIS, Ordering::SeqCst);
    assert_eq!(world.answer("analyst-1", challenge).await.status, 401);
}

static LATE_FOR_SESSION: AtomicU64 = AtomicU64::new(0);

fn session_clock() -> Timestamp {
    clock().plus_millis(LATE_FOR_SESSION.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_ends() {
    let world = staffed("seoul.kor", "KOR", session_clock).await;
    let analyst = world.sign_in("analyst-1").await;
    analyst.get("/v1/node").await;
    LATE_FOR_SESSION.store(IDLE_MILLIS, Ordering::SeqCst);
    assert_eq!(analyst.call("GET", "/v1/node", None).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signed_out_is_nobody() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    assert_eq!(analyst.call("DELETE", "/v1/sessions/current", None).await.status, 204);
    assert_eq!(analyst.call("GET", "/v1/node", None).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_the_roll_loses_the_session_at_once() {
    let world = seoul().await;
    let (admin, analyst) = (world.sign_in(ADMIN).await, world.sign_in("analyst-1").await);
    analyst.get("/v1/node").await;
    admin.call("DELETE", "/v1/persons/analyst-1", None).await.good();
    assert_eq!(analyst.call("GET", "/v1/node", None).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_enrolled_with_another_key_loses_the_sessions_of_the_old_one() {
    let world = seoul().await;
    let (admin, analyst) = (world.sign_in(ADMIN).await, world.sign_in("analyst-1").await);
    let anew = json!({
        "person": "analyst-1", "roles": ["analyst"], "verifying": verifying(&pair("another key")),
    });
    admin.post("/v1/persons", anew).await.good();
    assert_eq!(analyst.call("GET", "/v1/node", None).await.status, 401);
}

#[test]
fn a_session_does_not_show_its_token() {
    let session = attache_gate::api::Session {
        token: "5ec2e7".into(),
        person: "analyst-1".into(),
        roles: vec![],
        expires_at: String::new(),
    };
    assert_eq!(format!("{session:?}"), "Session(analyst-1)");
}
