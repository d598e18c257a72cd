//! An inspector at the gate: what a mandate opens, and nothing else.

use crate::world::{ADMIN, Session, World, clock, seoul, staffed};
use attache_accord::act::Act;
use attache_accord::mandate::Mandate;
use attache_accord::people::Role;
use attache_accord::{CivilDay, Timestamp};
use attache_gate::access::{ACCESS, Who};
use attache_node::engine::Plan;
use attache_seal::papers::{MandateEnd, ReportCosignature};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// A mandate of a whole year for one inspector.
pub fn mandate(inspector: &str) -> Mandate {
    Mandate {
        body: "Committee (fictitious)".to_owned(),
        body_ko: Some("위원회 (가상)".to_owned()),
        body_ja: None,
        inspectors: [inspector.parse().unwrap()].into(),
        from: "2026-01-01".parse().unwrap(),
        until: "2036-12-31".parse().unwrap(),
        fields: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11].into(),
        basis: "resolution 12 (fictitious)".to_owned(),
    }
}

/// Gives a mandate; what the inspector then sees of it.
pub async fn given(world: &World, mandate: Mandate) -> Value {
    let inspector = mandate.inspectors.first().unwrap().to_string();
    let office = world.sign_in("agreement-office-1").await;
    office.post("/v1/mandates", world.stated("agreement-office-1", mandate)).await.good();
    world.sign_in(&inspector).await.get("/v1/mandates").await[0].clone()
}

async fn refused(session: &Session<'_>, path: &str, body: Value, code: &str) {
    let answer = session.post(path, body).await;
    assert_eq!(answer.problem().1, code, "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspector_is_refused_whatever_changes_and_whatever_no_mandate_opens() {
    let world = seoul().await;
    given(&world, mandate("inspector-1")).await;
    let inspector = world.sign_in("inspector-1").await;
    let before = world.node.office.view.read().size;
    // What says who the node is and how the agreement stands is for everyone; a session is the inspector's own to end.
    let open = [
        "/v1/node",
        "/v1/card",
        "/v1/peers",
        "/v1/agreement",
        "/v1/logs",
        "/v1/agreement/instruments",
        "/v1/mandates",
        "/v1/reports",
    ];
    let mut asked = 0;
    for (method, path, who) in ACCESS.iter().filter(|(_, _, who)| *who != Who::Anyone) {
        let is_own = *path == "/v1/sessions/current"
            || matches!(who, Who::Roles(roles) if *roles == [Role::Inspector]);
        if is_own || (*method == "GET" && open.contains(path)) {
            continue;
        }
        let place = path.split('/').map(|word| if word.starts_with('{') { "0" } else { word });
        let answer = inspector.call(method, &place.collect::<Vec<_>>().join("/"), None).await;
        assert_eq!(answer.problem(), (403, "forbidden".into()), "{method} {path}");
        asked += 1;
    }
    assert!(asked > 25, "only {asked} were asked");
    assert_eq!(world.node.office.view.read().size, before, "something was recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agreement_office_gives_a_mandate_and_ends_it() {
    let world = seoul().await;
    let shown = given(&world, mandate("inspector-1")).await;
    assert_eq!(
        (&shown["body"]["ko"], &shown["body"]["ja"]),
        (&json!("위원회 (가상)"), &json!("Committee (fictitious)"))
    );
    assert_eq!((&shown["fields"][1], &shown["ended"]), (&json!("article"), &Value::Null));
    let digest = shown["mandate"].as_str().unwrap();
    let office = world.sign_in("agreement-office-1").await;
    let end = || MandateEnd { mandate: digest.parse().unwrap(), reason: "closed".to_owned() };
    let path = format!("/v1/mandates/{digest}/ending");
    let other = format!("/v1/mandates/{}/ending", "0".repeat(64));
    refused(&office, &other, world.stated("agreement-office-1", end()), "misuse").await;
    office.post(&path, world.stated("agreement-office-1", end())).await.good();
    assert!(office.get("/v1/mandates").await[0]["ended"].is_u64());
    refused(&office, &path, world.stated("agreement-office-1", end()), "misuse").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mandate_is_for_inspectors_on_the_roll_and_is_seen_by_those_whom_it_names() {
    let world = seoul().await;
    world.sign_in(ADMIN).await.enrol("inspector-2", "inspector", None).await;
    given(&world, mandate("inspector-1")).await;
    assert_eq!(world.sign_in("inspector-2").await.get("/v1/mandates").await, json!([]));
    let office = world.sign_in("agreement-office-1").await;
    for wrong in ["analyst-1", "inspector-9"] {
        let answer = office.post("/v1/mandates", world.stated("agreement-office-1", mandate(wrong))).await;
        assert!(answer.status >= 400, "{wrong}");
    }
    // Signed by someone of another office, brought by this one.
    refused(&office, "/v1/mandates", world.stated("registrar-1", mandate("inspector-1")), "misuse").await;
}

/// So many days before the node's today, by the calendar of its agreement.
fn ago(world: &World, days: u64) -> String {
    let offset = world.node.office.pack.terms().utc_offset_hours;
    CivilDay::of(world.node.now(), offset).minus_days(days).to_string()
}

fn wanted(mandate: &str, from: &str, until: &str) -> Value {
    json!({ "mandate": mandate, "from": from, "until": until })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_comes_line_by_line_to_its_end_and_is_on_record_before() {
    let world = seoul().await;
    let shown = given(&world, mandate("inspector-1")).await;
    let inspector = world.sign_in("inspector-1").await;
    let mut asked = wanted(shown["mandate"].as_str().unwrap(), "2026-01-01", "2036-12-31");
    asked["not_public"] = true.into();
    // On a log that was published before the mandate was given, and on one that holds it.
    assert_eq!(inspector.post("/v1/reports", asked.clone()).await.status, 200);
    world.node.publish().await.unwrap();
    let size = world.node.office.view.read().size;
    let answer = inspector.post("/v1/reports", asked).await;
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let text = String::from_utf8(answer.unchunked()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, files) = lines.split_last().unwrap();
    assert_eq!((&last["path"], &last["base64"]), (&json!(""), &json!("")));
    for wanted in
        ["report.json", "seoul.kor/report.cbor", "seoul.kor/figures.ko.html", "seoul.kor/opened/000000"]
    {
        assert!(files.iter().any(|file| file["path"] == wanted), "{wanted}");
    }
    let entry = world.node.office.papers.entry(size).unwrap().unwrap();
    assert_eq!(attache_accord::oversight::word(&entry.act), "report made");
}

/// Makes a report for the public under this mandate, of all days that are over, and what the node then says of it.
pub async fn made(world: &World, mandate: &Value) -> Value {
    world.node.publish().await.unwrap();
    let inspector = world.sign_in("inspector-1").await;
    let asked = wanted(mandate["mandate"].as_str().unwrap(), "2026-01-01", &ago(world, 1));
    assert_eq!(inspector.post("/v1/reports", asked).await.status, 200);
    inspector.get("/v1/reports").await[0].clone()
}

static DAYS_LATER: AtomicU64 = AtomicU64::new(0);

fn days_later() -> Timestamp {
    clock().plus_hours(24 * DAYS_LATER.load(Ordering::SeqCst))
}

/// The node's next day but one, with an act of its own in the published log.
async fn act_two_days_later(world: &World) {
    DAYS_LATER.fetch_add(2, Ordering::SeqCst);
    let plan = Plan { acts: vec![Act::Padded {}], ..Plan::default() };
    world.node.commit(plan).await.unwrap().unwrap();
    world.node.publish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reports_that_could_be_subtracted_from_each_other_are_not_both_told_to_the_public() {
    let world = staffed("seoul.kor", "KOR", days_later).await;
    let shown = given(&world, mandate("inspector-1")).await;
    let asked = |from: &str, until: &str| wanted(shown["mandate"].as_str().unwrap(), from, until);
    act_two_days_later(&world).await;
    let inspector = world.sign_in("inspector-1").await;
    // Acts of the days up to the day before yesterday. The same again say nothing new, whatever the days are called that have no others.
    for (from, until) in [("2026-01-01", ago(&world, 1)), ("2026-01-02", ago(&world, 2))] {
        assert_eq!(inspector.post("/v1/reports", asked(from, &until)).await.status, 200);
    }
    let first = ago(&world, 2);
    act_two_days_later(&world).await;
    let inspector = world.sign_in("inspector-1").await;
    // Acts of one day more.
    let before = world.node.office.view.read().size;
    let answer = inspector.post("/v1/reports", asked("2026-01-01", &ago(&world, 1))).await;
    let said = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(answer.status == 400 && said.contains(&format!("2026-01-02 to {first}")), "{said}");
    assert_eq!(world.node.office.view.read().size, before, "something was recorded");
    // Those that are apart, and a report for the inspector alone.
    let apart = asked(&ago(&world, 3), &ago(&world, 1));
    assert_eq!(inspector.post("/v1/reports", apart).await.status, 200);
    let mut alone = asked("2026-01-01", "2036-12-31");
    alone["not_public"] = true.into();
    assert_eq!(inspector.post("/v1/reports", alone).await.status, 200);
    let made = inspector.get("/v1/reports").await;
    let public = made.as_array().unwrap().iter().filter(|made| made["public"].is_string()).count();
    assert_eq!((made.as_array().unwrap().len(), public), (4, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_is_told_nothing_of_days_that_are_not_over_in_the_log() {
    let world = seoul().await;
    let shown = given(&world, mandate("inspector-1")).await;
    world.node.publish().await.unwrap();
    let inspector = world.sign_in("inspector-1").await;
    let before = world.node.office.view.read().size;
    let today = ago(&world, 0);
    for until in [today.as_str(), "2036-12-31"] {
        let asked = wanted(shown["mandate"].as_str().unwrap(), "2026-01-01", until);
        let answer = inspector.post("/v1/reports", asked).await;
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        let told = said.contains(&format!("ends with a leaf of {today}")) && said.contains(until);
        assert!(answer.status == 400 && told, "{said}");
    }
    assert_eq!(world.node.office.view.read().size, before, "something was recorded");
}

/// What an inspector signs of a report.
pub fn cosignature(world: &World, inspector: &str, made: &Value) -> Value {
    let public = made["public"].as_str().unwrap().parse().unwrap();
    world.stated(inspector, ReportCosignature { public })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspector_whom_the_mandate_names_cosigns_a_report_once_and_it_is_on_record() {
    let world = seoul().await;
    world.sign_in(ADMIN).await.enrol("inspector-2", "inspector", None).await;
    let shown = given(&world, mandate("inspector-1")).await;
    let report = made(&world, &shown).await;
    assert_eq!(report["cosigned"], json!([]));
    let path = "/v1/reports/cosignatures";
    let inspector = world.sign_in("inspector-1").await;
    // Another one's signature, one whom the mandate does not name, and figures that were never told.
    let other = world.sign_in("inspector-2").await;
    refused(&other, path, cosignature(&world, "inspector-2", &report), "misuse").await;
    refused(&inspector, path, cosignature(&world, "analyst-1", &report), "misuse").await;
    let unknown = json!({ "public": "0".repeat(64) });
    refused(&inspector, path, cosignature(&world, "inspector-1", &unknown), "misuse").await;
    assert_eq!(other.get("/v1/reports").await, json!([]), "reports under mandates of others");
    inspector.post(path, cosignature(&world, "inspector-1", &report)).await.good();
    let size = world.node.office.view.read().size;
    let entry = world.node.office.papers.entry(size - 1).unwrap().unwrap();
    assert_eq!(attache_accord::oversight::word(&entry.act), "report cosigned");
    assert_eq!(inspector.get("/v1/reports").await[0]["cosigned"][0]["by"], "inspector-1");
    refused(&inspector, path, cosignature(&world, "inspector-1", &report), "misuse").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cosigned_once_the_mandate_has_ended() {
    let world = seoul().await;
    let shown = given(&world, mandate("inspector-1")).await;
    let report = made(&world, &shown).await;
    let digest = shown["mandate"].as_str().unwrap();
    let end = MandateEnd { mandate: digest.parse().unwrap(), reason: "closed".to_owned() };
    let office = world.sign_in("agreement-office-1").await;
    let ending = format!("/v1/mandates/{digest}/ending");
    office.post(&ending, world.stated("agreement-office-1", end)).await.good();
    let inspector = world.sign_in("inspector-1").await;
    let signed = cosignature(&world, "inspector-1", &report);
    refused(&inspector, "/v1/reports/cosignatures", signed, "misuse").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_outside_the_mandate_is_refused_and_nothing_is_recorded() {
    let world = seoul().await;
    world.sign_in(ADMIN).await.enrol("inspector-2", "inspector", None).await;
    world.node.publish().await.unwrap();
    let shown = given(&world, mandate("inspector-1")).await;
    let digest = shown["mandate"].as_str().unwrap();
    let before = world.node.office.view.read().size;
    let inspector = world.sign_in("inspector-1").await;
    for (from, until) in
        [("2025-12-31", "2026-02-01"), ("2026-01-01", "2037-01-01"), ("2026-02-02", "2026-02-01")]
    {
        refused(&inspector, "/v1/reports", wanted(digest, from, until), "misuse").await;
    }
    for wrong in
        [wanted("0", "2026-01-01", "2026-02-01"), wanted(digest, "yesterday", "2026-02-01"), json!({})]
    {
        refused(&inspector, "/v1/reports", wrong, "misuse").await;
    }
    let unknown = wanted(&"0".repeat(64), "2026-01-01", "2026-02-01");
    refused(&inspector, "/v1/reports", unknown, "misuse").await;
    let other = world.sign_in("inspector-2").await;
    refused(&other, "/v1/reports", wanted(digest, "2026-01-01", "2026-02-01"), "misuse").await;
    assert_eq!(world.node.office.view.read().size, before, "something was recorded");
    let end = MandateEnd { mandate: digest.parse().unwrap(), reason: "closed".to_owned() };
    let office = world.sign_in("agreement-office-1").await;
    let path = format!("/v1/mandates/{digest}/ending");
    office.post(&path, world.stated("agreement-office-1", end)).await.good();
    refused(&inspector, "/v1/reports", wanted(digest, "2026-01-01", "2026-02-01"), "misuse").await;
}
