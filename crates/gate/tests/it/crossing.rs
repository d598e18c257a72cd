//! One item from one government to another, by nothing but the interface that people have.

use crate::client::Answered;
use crate::world::{ADMIN, Session, World, clock, staffed};
use attache_accord::lifecycle::{Holds, Instrument, Step};
use attache_accord::{CaseId, Digest, Party};
use attache_seal::papers::{Admission, Answer, Decision, Request, Review};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const REPORT: &[u8] = b"The exercise begins at dawn (fictitious).\n";
const CASE: CaseId = CaseId([7; 16]);

fn digest(value: &Value) -> Digest {
    value.as_str().unwrap().parse().unwrap()
}

/// Asks until the answer is as wanted; the machine may be busy.
pub async fn until(session: &Session<'_>, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let seen = session.get(path).await;
        if wanted(&seen) {
            return seen;
        }
        assert!(Instant::now() < end, "{path}: {seen}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A Party's declaration that the agreement is in force.
fn in_force(party: Party) -> Instrument {
    let from = "2016-11-23".parse().unwrap();
    Instrument {
        party,
        number: 1,
        previous: None,
        seen: BTreeMap::new(),
        step: Step::PositionTaken {},
        official: "Office of Treaties (fictitious)".into(),
        document: "note 1 (fictitious)".into(),
        dated: from,
        holds: Holds { from: Some(from), until: None },
        remark: "in force".into(),
    }
}

/// Two nodes whose administrators have done their part.
async fn two() -> (World, World) {
    introduced(staffed("seoul.kor", "KOR", clock).await).await
}

/// This node in Seoul, and one in Tokyo.
pub async fn introduced(seoul: World) -> (World, World) {
    introduced_to(seoul, staffed("tokyo.jpn", "JPN", clock).await).await
}

/// A node in Seoul and one in Tokyo.
pub async fn introduced_to(seoul: World, tokyo: World) -> (World, World) {
    let (at_seoul, at_tokyo) = (seoul.sign_in(ADMIN).await, tokyo.sign_in(ADMIN).await);
    for (ours, theirs) in [(&at_seoul, &at_tokyo), (&at_tokyo, &at_seoul)] {
        let card = theirs.get("/v1/card").await;
        let mistaken = json!({ "card": card["card"], "fingerprint": "0000 ".repeat(8) });
        assert_eq!(ours.post("/v1/peers", mistaken).await.field(), (400, "fingerprint".into()));
        let compared = json!({ "card": card["card"], "fingerprint": card["fingerprint"] });
        ours.post("/v1/peers", compared).await.good();
    }
    for world in [&seoul, &tokyo] {
        let office = world.sign_in("agreement-office-1").await;
        let declared = world.stated("agreement-office-1", in_force(world.node.office.identity.party));
        office.post("/v1/agreement/instruments", declared).await.good();
    }
    for admin in [&at_seoul, &at_tokyo] {
        until(admin, "/v1/agreement", |agreement| agreement["force"] == "in-force").await;
    }
    let expires_at = clock().plus_hours(24).to_string();
    let wanted = json!({ "person": "desk-officer-1", "purpose": "exercise", "expires_at": expires_at });
    let given = at_tokyo.post("/v1/assurances/given", wanted).await.good();
    at_seoul.post("/v1/assurances", given).await.good();
    until(&at_seoul, "/v1/peers", |peers| peers[0]["link"] == "connected").await;
    drop((at_seoul, at_tokyo));
    (seoul, tokyo)
}

/// A release of a fresh item, asked for by the analyst.
async fn requested(seoul: &World) -> Answered {
    let item = seoul.sign_in("analyst-1").await.marked("early warning", REPORT, "KOR:II", &["JPN"]).await;
    asked_for(seoul, &item).await
}

/// The release of an item, asked for by the analyst.
pub async fn asked_for(seoul: &World, item: &str) -> Answered {
    let analyst = seoul.sign_in("analyst-1").await;
    let shown = analyst.get(&format!("/v1/items/{item}")).await;
    let request = Request {
        case: CASE,
        item_digest: digest(&shown["item_digest"]),
        label_digest: digest(&shown["label_digest"]),
        recipient: "tokyo.jpn".parse().unwrap(),
        purpose: "early warning (fictitious)".into(),
    };
    analyst.post("/v1/releases", seoul.stated("analyst-1", request)).await
}

/// What `person` decides, from the case as the person is shown it.
async fn decided(seoul: &World, person: &str) -> Answered {
    let session = seoul.sign_in(person).await;
    let case = session.get(&format!("/v1/releases/{CASE}")).await;
    let decision = Decision {
        case: CASE,
        request: digest(&case["request"]),
        item_digest: digest(&case["item_digest"]),
        label_digest: digest(&case["label_digest"]),
        recipient: case["recipient"].as_str().unwrap().parse().unwrap(),
        answer: Answer::Approve,
        reason: "as agreed".into(),
        article: "1".into(),
        facts: digest(&case["facts"]),
    };
    session.post(&format!("/v1/releases/{CASE}/decision"), seoul.stated(person, decision)).await
}

/// The control number of the case, once it was reviewed and approved.
pub async fn approved(seoul: &World) -> Value {
    let officer = seoul.sign_in("disclosure-officer-1").await;
    let case = officer.get(&format!("/v1/releases/{CASE}")).await;
    let review = Review { case: CASE, request: digest(&case["request"]), remark: "seen".into() };
    let review = seoul.stated("disclosure-officer-1", review);
    officer.post(&format!("/v1/releases/{CASE}/reviews"), review).await.good();
    decided(seoul, "disclosure-officer-1").await.good()["control_number"].clone()
}

/// What arrives in Tokyo, as the desk officer admits it.
pub async fn admitted(tokyo: &World) -> Value {
    let desk = tokyo.sign_in("desk-officer-1").await;
    let arrival = until(&desk, "/v1/arrivals", |all| !all.as_array().unwrap().is_empty()).await[0].clone();
    assert_eq!((&arrival["from"], &arrival["marking"]["level"]), (&json!("seoul.kor"), &json!("KOR:II")));
    let own_level = arrival["own_levels"][0].as_str().unwrap();
    let admission = Admission {
        dispatch: arrival["dispatch"].as_str().unwrap().parse().unwrap(),
        package: digest(&arrival["package"]),
        own_level: own_level.parse().unwrap(),
    };
    let path = format!("/v1/arrivals/{}/admission", arrival["dispatch"].as_str().unwrap());
    desk.post(&path, tokyo.stated("desk-officer-1", admission)).await.good()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_released_arrives_is_admitted_opened_and_receipted() {
    let (seoul, tokyo) = two().await;
    assert_eq!(requested(&seoul).await.good()["ruling"]["granted"], true);

    let officer = seoul.sign_in("disclosure-officer-1").await;
    let case = officer.get(&format!("/v1/releases/{CASE}")).await;
    assert_eq!(
        (&case["state"], &case["purpose"]),
        (&json!("requested"), &json!("early warning (fictitious)"))
    );
    let number = approved(&seoul).await;
    assert!(number.as_str().unwrap().starts_with("KOR-C-"), "{number}");

    let admitted = admitted(&tokyo).await;
    let desk = tokyo.sign_in("desk-officer-1").await;
    assert!(admitted["register_number"].as_str().unwrap().starts_with("JPN-R-"), "{admitted}");
    assert_eq!(desk.get("/v1/arrivals").await, json!([]));

    let item = admitted["item"].as_str().unwrap();
    let opened = desk.call("POST", &format!("/v1/items/{item}/opening"), None).await;
    assert_eq!((opened.status, opened.body.as_slice()), (200, REPORT));

    let registrar = seoul.sign_in("registrar-1").await;
    let is_receipted = |case: &Value| case["dispatch"]["progress"] == "receipted";
    let case = until(&registrar, &format!("/v1/releases/{CASE}"), is_receipted).await;
    assert_eq!(case["purpose"], "", "a registrar keeps the register and reads no purposes");
    let dispatch = case["dispatch"]["dispatch"].as_str().unwrap();
    let receipt = registrar.get(&format!("/v1/receipts/{dispatch}")).await;
    assert_eq!(
        (&receipt["direction"], &receipt["signer"], &receipt["outcome"], &receipt["number"]),
        (&json!("received"), &json!("tokyo.jpn"), &json!("admitted"), &number)
    );
    let entry = registrar.get(&format!("/v1/register/{}", number.as_str().unwrap())).await;
    let moved: Vec<_> = entry["movements"].as_array().unwrap().iter().map(|one| &one["movement"]).collect();
    assert_eq!(moved, ["sent", "receipted"]);
    let given = tokyo.sign_in("registrar-1").await.get("/v1/receipts").await;
    assert_eq!((&given[0]["direction"], &given[0]["statement"]), (&json!("given"), &receipt["statement"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_what_they_asked_for() {
    let (seoul, _tokyo) = two().await;
    requested(&seoul).await.good();
    let refused = decided(&seoul, "analyst-1").await;
    assert_eq!(refused.problem(), (403, "refused".into()));
    let reasons = refused.json()["ruling"]["reasons"].clone();
    assert!(reasons.as_array().unwrap().iter().any(|reason| reason["code"] == "R-009"), "{reasons}");
    let case = seoul.sign_in("disclosure-officer-1").await.get(&format!("/v1/releases/{CASE}")).await;
    assert_eq!((&case["state"], &case["decision"]), (&json!("requested"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_comes_line_by_line_to_its_end() {
    let seoul = staffed("seoul.kor", "KOR", clock).await;
    seoul.node.publish().await.unwrap();
    let registrar = seoul.sign_in("registrar-1").await;
    let answer = registrar.call("GET", "/v1/evidence", None).await;
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let text = String::from_utf8(answer.unchunked()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, files) = lines.split_last().unwrap();
    assert_eq!((&last["path"], &last["base64"]), (&json!(""), &json!("")));
    assert!(files.iter().all(|file| !file["path"].as_str().unwrap().is_empty()) && files.len() > 2);
}
