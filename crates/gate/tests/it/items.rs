//! Items as people take them in, mark, list and open them, and what refuses.

use crate::world::{ADMIN, Session, seoul};
use data_encoding::BASE64;
use serde_json::{Value, json};

const REPORT: &[u8] = b"source MAGPIE (fictitious)\n=== TEARLINE ===\nThe exercise begins at dawn.\n";

async fn open(session: &Session<'_>, item: &str) -> crate::client::Answered {
    session.call("POST", &format!("/v1/items/{item}/opening"), None).await
}

fn unwrapped(header: Option<&str>) -> Value {
    serde_json::from_slice(&BASE64.decode(header.unwrap().as_bytes()).unwrap()).unwrap()
}

/// The texts of a reason, in the three languages, each its own.
fn speaks_three_languages(texts: &Value) {
    let words: Vec<&str> = ["ko", "ja", "en"].iter().map(|l| texts[l].as_str().unwrap()).collect();
    assert!(words.iter().all(|text| !text.is_empty()), "{texts}");
    assert!(words[0] != words[1] && words[1] != words[2] && words[0] != words[2], "{texts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_and_marked_opens_to_the_same_bytes() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    // Several segments, and no round number of them.
    let bytes: Vec<u8> = (0..2_500_000u32).map(|n| (n % 251) as u8).collect();
    let item = analyst.marked("early warning", &bytes, "KOR:II", &["JPN"]).await;
    let opened = open(&analyst, &item).await;
    assert_eq!((opened.status, opened.body == bytes), (200, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_says_title_banner_and_its_ruling() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("조기 경보 (가상)", REPORT, "KOR:II", &[]).await;
    let opened = open(&analyst, &item).await;
    assert_eq!(unwrapped(opened.header("attache-metadata"))["title"], "조기 경보 (가상)");
    let banner = unwrapped(opened.header("attache-banner"));
    assert!(["ko", "ja", "en"].iter().all(|language| banner[language].as_array().unwrap().len() > 2));
    let index = opened.header("attache-ruling").unwrap();
    let ruling = analyst.get(&format!("/v1/rulings/{index}")).await;
    assert_eq!(
        (&ruling["granted"], &ruling["action"], &ruling["by"]),
        (&json!(true), &json!("open"), &json!("analyst-1"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_its_article_in_three_languages_and_is_on_record() {
    let world = seoul().await;
    world.sign_in(ADMIN).await.enrol("analyst-2", "analyst", None).await;
    let (analyst, other) = (world.sign_in("analyst-1").await, world.sign_in("analyst-2").await);
    let item = analyst.marked("early warning", REPORT, "KOR:II", &[]).await;
    let refused = open(&other, &item).await;
    assert_eq!(refused.problem(), (403, "refused".into()));
    let ruling = &refused.json()["ruling"];
    let reason = &ruling["reasons"][0];
    assert_eq!((&reason["code"], &reason["article"]), (&json!("R-020"), &json!("7")), "{ruling}");
    for texts in [&reason["title"], &reason["reason"], &reason["remedy"]] {
        speaks_three_languages(texts);
    }
    let recorded = other.get(&format!("/v1/rulings/{}", ruling["index"])).await;
    assert_eq!((&recorded["granted"], &recorded["question"]), (&json!(false), &ruling["question"]));
    assert!(other.get("/v1/rulings").await.as_array().unwrap().contains(&recorded));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_who_tries_to_read_is_refused_by_a_ruling() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("early warning", REPORT, "KOR:II", &[]).await;
    let refused = open(&world.sign_in(ADMIN).await, &item).await;
    assert_eq!(refused.problem(), (403, "refused".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_passed_on_to_a_third_party() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("early warning", REPORT, "KOR:II", &["JPN"]).await;
    let refused = analyst
        .post(&format!("/v1/items/{item}/handlings"), json!({ "action": "pass-on", "to": "USA" }))
        .await;
    assert_eq!(refused.problem(), (403, "refused".into()));
    let reasons = refused.json()["ruling"]["reasons"].clone();
    assert!(reasons.as_array().unwrap().iter().any(|reason| reason["code"] == "R-006"), "{reasons}");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_made_at_once_are_each_told_their_own_number() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("early warning", REPORT, "KOR:II", &[]).await;
    let desk = world.sign_in("desk-officer-1").await;
    let path = format!("/v1/items/{item}/handlings");
    let copy = || desk.post(&path, json!({ "action": "copy", "needed": 4, "marked": true }));
    let (one, two, three, four) = tokio::join!(copy(), copy(), copy(), copy());
    let told = [one, two, three, four].map(|answer| answer.good()["number"].as_u64());
    let numbers: std::collections::BTreeSet<_> = told.into_iter().flatten().collect();
    assert_eq!(numbers, (1..=4).collect(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_part_below_the_tearline_is_an_item_of_its_own() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let added = analyst.add(json!({ "title": "report", "tearline": true }), REPORT).await.good();
    let extract = analyst.get(&format!("/v1/items/{}", added["extract"]["item"].as_str().unwrap())).await;
    assert_eq!((&extract["extract_of"], &extract["size"]), (&added["item"], &json!(29)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_for_whoever_is_cleared_and_handles_items() {
    let world = seoul().await;
    let admin = world.sign_in(ADMIN).await;
    admin.enrol("analyst-2", "analyst", Some("KOR:III")).await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("early warning", REPORT, "KOR:II", &[]).await;
    let path = format!("/v1/items/{item}");
    for (person, sees) in
        [("analyst-1", true), ("disclosure-officer-1", true), ("analyst-2", false), ("registrar-1", false)]
    {
        let shown = world.sign_in(person).await.get(&path).await;
        assert_eq!(shown["title"] == "early warning", sees, "{person} {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_title_of_a_draft_is_for_whoever_added_it() {
    let world = seoul().await;
    let added = world.sign_in("analyst-1").await.add(json!({ "title": "draft" }), REPORT).await.good();
    let path = format!("/v1/items/{}", added["item"].as_str().unwrap());
    assert_eq!(world.sign_in("analyst-1").await.get(&path).await["title"], "draft");
    assert_eq!(world.sign_in("desk-officer-1").await.get(&path).await["title"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn input_that_is_wrong_is_named_by_its_field() {
    let world = seoul().await;
    let (analyst, admin) = (world.sign_in("analyst-1").await, world.sign_in(ADMIN).await);
    let added = analyst.add(json!({ "title": "draft" }), REPORT).await.good();
    let marking = format!("/v1/items/{}/marking", added["item"].as_str().unwrap());
    let of = |field: &str| (400, field.to_owned());
    let missing = json!({ "level": "KOR:II" });
    assert_eq!(analyst.post(&marking, missing).await.field(), of("kind"));
    let malformed = json!({ "level": "II", "kind": "humint" });
    assert_eq!(analyst.post(&marking, malformed).await.field(), of("level"));
    let foreign = json!({ "level": "JPN:TOKUTEI", "kind": "humint" });
    assert_eq!(analyst.post(&marking, foreign).await.field(), of("level"));
    let typed = json!({ "level": "KOR:II", "kind": "humint", "caveats": [1] });
    assert_eq!(analyst.post(&marking, typed).await.field(), of("caveats[0]"));
    assert_eq!(analyst.post("/v1/items/xyz/opening", json!({})).await.field(), of("item id"));
    assert_eq!(analyst.add(json!({ "file_name": "a" }), b"").await.field(), of("attache-metadata"));
    assert_eq!(analyst.add(json!({ "title": "" }), b"").await.field(), of("title"));
    assert_eq!(analyst.post("/v1/releases", json!({ "statement": "!" })).await.field(), of("statement"));
    let both = json!({
        "person": "a-1", "roles": ["analyst", "administrator"], "verifying": crate::world::verifying(&crate::world::pair("a-1")),
    });
    assert_eq!(admin.post("/v1/persons", both).await.field(), of("roles"));
    let absent = format!("/v1/items/{}", "0".repeat(32));
    assert_eq!(analyst.call("GET", &absent, None).await.problem(), (404, "unknown".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_wrong_is_not_said_again() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let secret = json!({ "level": { "MAGPIE": 1 }, "kind": "humint" });
    let wrong = analyst.post(&format!("/v1/items/{}/marking", "0".repeat(32)), secret).await;
    assert_eq!(wrong.field(), (400, "level".into()));
    assert!(!String::from_utf8(wrong.body).unwrap().contains("MAGPIE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_in_pieces() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    for _ in 0..3 {
        analyst.add(json!({ "title": "draft" }), REPORT).await.good();
    }
    let first = analyst.call("GET", "/v1/items?limit=2", None).await;
    let next = first.header("attache-next").unwrap().to_owned();
    let rest = analyst.call("GET", &format!("/v1/items?limit=2&after={next}"), None).await;
    assert_eq!((first.good().as_array().unwrap().len(), rest.header("attache-next")), (2, None));
    let [last] = rest.good().as_array().unwrap().clone().try_into().unwrap();
    assert!(last["item"].as_str().unwrap() > next.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_handed_in_by_its_signer() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let request = attache_seal::papers::Request {
        case: attache_accord::CaseId([1; 16]),
        item_digest: attache_accord::Digest([2; 32]),
        label_digest: attache_accord::Digest([3; 32]),
        recipient: "tokyo.jpn".parse().unwrap(),
        purpose: "exercise".into(),
    };
    let anothers = world.stated("desk-officer-1", request);
    assert_eq!(analyst.post("/v1/releases", anothers).await.field(), (400, "statement".into()));
}
