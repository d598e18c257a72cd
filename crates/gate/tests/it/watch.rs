//! What watchers see, in plain HTTP on the loopback interface.

use crate::client::{Answered, exchange, head};
use crate::world::{World, seoul};
use serde_json::json;
use tokio::net::TcpStream;

pub async fn watch(world: &World, path: &str) -> Answered {
    let mut stream = TcpStream::connect(world.admin).await.unwrap();
    exchange(&mut stream, head(("GET", path), &[], 0).as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_runs_is_alive_and_ready() {
    let world = seoul().await;
    assert_eq!(watch(&world, "/healthz").await.status, 200);
    let ready = watch(&world, "/readyz").await.good();
    assert_eq!((&ready["ready"], &ready["journal"]), (&json!(true), &json!(true)));
    assert_eq!(ready["clock"], attache_gate::CLOCK_RIGHT);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_say_what_was_done_and_never_about_what() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("early warning", b"report", "KOR:II", &[]).await;
    analyst.call("BREW", "/v1/node", None).await;
    let text = String::from_utf8(watch(&world, "/metrics").await.body).unwrap();
    for line in [
        "attache_requests_total{method=\"POST\",route=\"/v1/items\",status=\"200\"} 1",
        "attache_requests_total{method=\"other\",route=\"/v1/node\",status=\"403\"} 1",
        "attache_arrivals_waiting 0",
        "attache_dispatches{progress=\"owed\"} 0",
        "attache_receipts_overdue 0",
        "attache_logs_stopped 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let entries = world.node.office.view.read().size;
    assert!(text.contains(&format!("attache_journal_entries {entries}\n")), "{text}");
    assert!([item.as_str(), "early", "analyst", "BREW"].iter().all(|word| !text.contains(word)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_reach_none_of_the_peoples_routes() {
    let world = seoul().await;
    assert_eq!(watch(&world, "/v1/node").await.status, 404);
}
