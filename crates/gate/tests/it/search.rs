//! Items found by words of their titles, and by whom.

use crate::world::{ADMIN, Session, seoul};
use serde_json::{Value, json};

/// The ids of what a search gives, in its order.
async fn found(session: &Session<'_>, words: &str) -> Vec<String> {
    let result = session.post("/v1/searches", json!({ "words": words })).await.good();
    assert_eq!(result["is_all"], true, "{result}");
    let items = result["items"].as_array().unwrap();
    items.iter().map(|item| item["item"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_two_letters_finds_a_title_as_soon_as_its_item_is_there() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let korean = analyst.marked("가상 항구의 야간 하역", b"1", "KOR:II", &[]).await;
    assert_eq!(found(&analyst, "야간").await, [korean]);
    let japanese = analyst.marked("ﾐｻｲﾙ発射の兆候", b"2", "KOR:II", &[]).await;
    assert_eq!(found(&analyst, "発射 ミサイル").await, [japanese]);
    let english = analyst.marked("NIGHT at the harbour", b"3", "KOR:II", &[]).await;
    assert_eq!(found(&analyst, "night").await, [english]);
    assert_eq!(found(&analyst, "발사").await, [""; 0]);
    let both = analyst.post("/v1/searches", json!({ "words": "의" })).await.good();
    assert_eq!(both["items"][0]["title"], "가상 항구의 야간 하역");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_titles_that_the_caller_may_see_are_found() {
    let world = seoul().await;
    world.sign_in(ADMIN).await.enrol("analyst-2", "analyst", None).await;
    world.sign_in(ADMIN).await.enrol("analyst-3", "analyst", Some("KOR:III")).await;
    let analyst = world.sign_in("analyst-1").await;
    let marked = analyst.marked("하역 보고", b"1", "KOR:II", &[]).await;
    let draft = analyst.add(json!({ "title": "하역 초안" }), b"2").await.good();
    let draft = draft["item"].as_str().unwrap().to_owned();
    assert_eq!(found(&analyst, "하역").await, [draft.clone(), marked.clone()]);
    for (person, expected) in [
        ("analyst-2", vec![]),
        ("analyst-3", vec![]),
        ("desk-officer-1", vec![marked.clone()]),
        ("disclosure-officer-1", vec![marked]),
    ] {
        assert_eq!(found(&world.sign_in(person).await, "하역").await, expected, "{person}");
    }
    for person in [ADMIN, "registrar-1", "inspector-1"] {
        let refused = world.sign_in(person).await.post("/v1/searches", json!({ "words": "하역" })).await;
        assert_eq!(refused.problem(), (403, "forbidden".into()), "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_words_and_too_many_are_said_to_be_wrong() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    for words in [String::new(), "\u{3000} ".to_owned(), "가".repeat(171)] {
        let wrong = analyst.post("/v1/searches", json!({ "words": words })).await;
        assert_eq!((wrong.status, wrong.json()["field"].clone()), (400, Value::from("words")), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_search_gives_is_said() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    for number in 0..201 {
        analyst.add(json!({ "title": format!("초안 {number}") }), b"draft").await.good();
    }
    let result = analyst.post("/v1/searches", json!({ "words": "초안" })).await.good();
    assert_eq!((result["items"].as_array().unwrap().len(), &result["is_all"]), (200, &json!(false)));
    assert_eq!(found(&analyst, "초안 200").await.len(), 1);
}
