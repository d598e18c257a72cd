//! What the listeners do not put up with.

use crate::client::{exchange, head};
use crate::world::{World, seoul, world};
use attache_gate::listen::{MAX_CONNECTIONS_OF_ONE, MAX_HEAD_BYTES, Unservable};
use attache_gate::{Gate, Listeners, MAX_UPLOADS, serve};
use rustls::crypto::SupportedKxGroup;
use rustls::crypto::aws_lc_rs::kx_group::{SECP256R1, X25519, X25519MLKEM768};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

async fn bare() -> World {
    world("seoul.kor", "KOR", crate::world::clock).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_not_read_to_its_end() {
    let world = bare().await;
    let long = json!({ "person": "a".repeat(600 * 1024) });
    let refused = world.call("POST", "/v1/challenges", Some(long)).await;
    assert_eq!(refused.problem(), (413, "too-large".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_announced_as_too_long_is_refused_before_its_first_byte() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let bearer = format!("Bearer {}", analyst.token);
    let described = data_encoding::BASE64.encode(br#"{"title":"vast"}"#);
    let headers = [("authorization", bearer.as_str()), ("attache-metadata", &described)];
    let head = head(("POST", "/v1/items"), &headers, (64 << 30) + 1);
    let mut stream = world.door.connect().await;
    let refused = exchange(&mut stream, head.as_bytes()).await;
    assert_eq!(refused.problem(), (413, "too-large".into()));
}

/// The head of an upload of 100 bytes.
fn upload(token: &str) -> String {
    let bearer = format!("Bearer {token}");
    let described = data_encoding::BASE64.encode(br#"{"title":"half"}"#);
    let headers = [("authorization", bearer.as_str()), ("attache-metadata", &described)];
    head(("POST", "/v1/items"), &headers, 100)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_upload_too_many_is_asked_to_come_again() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let mut uploads = Vec::new();
    for _ in 0..MAX_UPLOADS {
        let mut stream = world.door.connect().await;
        stream.write_all(upload(&analyst.token).as_bytes()).await.unwrap();
        uploads.push(stream);
    }
    let busy = async {
        // Those before may not have been read yet.
        while analyst.add(json!({ "title": "one more" }), b"bytes").await.status != 503 {}
    };
    timeout(Duration::from_secs(10), busy).await.unwrap();
    drop(uploads);
    let taken = async { while analyst.add(json!({ "title": "one more" }), b"bytes").await.status != 200 {} };
    timeout(Duration::from_secs(10), taken).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let described = data_encoding::BASE64.encode(br#"{"title":"half","tearline":true}"#);
    let bearer = format!("Bearer {}", analyst.token);
    let with_tearline = [("authorization", bearer.as_str()), ("attache-metadata", &described)];
    let with_tearline = head(("POST", "/v1/items"), &with_tearline, 100);
    let in_pieces = upload(&analyst.token).replace("content-length: 100", "transfer-encoding: chunked");
    let before = world.node.office.view.read().size;
    for request in [
        upload(&analyst.token),
        upload(&analyst.token) + "only this much",
        with_tearline.clone() + "above\n=== TEARLINE ===\nbelow",
        with_tearline + "above\n=== TEARL",
        in_pieces.clone(),
        in_pieces.clone() + "5\r\nwhole\r\n",
        in_pieces.clone() + "5\r\nwho",
        in_pieces + "5\r\nwhole\r\nzzz\r\n",
    ] {
        let mut stream = world.door.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{request}");
        assert_eq!(analyst.get("/v1/items").await, json!([]), "{request}");
    }
    assert_eq!(world.node.office.view.read().size, before, "nothing was recorded");
    // And every place that they took is free again.
    assert_eq!(analyst.add(json!({ "title": "whole" }), b"bytes").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_long_is_refused() {
    let world = bare().await;
    let padding = "a".repeat(2 * MAX_HEAD_BYTES);
    let refused = world.door.send(("GET", "/openapi.json"), &[("padding", &padding)], b"").await;
    assert_eq!(refused.status, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_seat() {
    let world = bare().await;
    let mut silent = Vec::new();
    for _ in 0..MAX_CONNECTIONS_OF_ONE {
        silent.push(TcpStream::connect(world.door.at).await.unwrap());
    }
    let mut further = TcpStream::connect(world.door.at).await.unwrap();
    let read = timeout(Duration::from_secs(5), further.read(&mut [0; 1])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "a further one is dropped at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_are_served_on_the_loopback_interface_only() {
    let world = bare().await;
    let people = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let everywhere = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let listeners = Listeners { people, admin: everywhere, log: None, kas: None, public: None };
    let served = serve(Gate::new(Arc::clone(&world.node), None), listeners).await;
    assert!(matches!(served, Err(Unservable::NotLoopback)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_names_the_hybrid_group_first_gets_it() {
    let world = bare().await;
    let both: Vec<&'static dyn SupportedKxGroup> = vec![X25519MLKEM768, X25519];
    for offered in [both.clone(), both[1..].to_vec()] {
        let first = offered[0].name();
        let stream = world.door.connect_by(offered).await.unwrap();
        assert_eq!(stream.get_ref().1.negotiated_key_exchange_group().unwrap().name(), first);
    }
    assert!(world.door.connect_by(vec![SECP256R1]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_correlation_and_stays_out_of_caches() {
    let world = bare().await;
    for (method, path, status) in
        [("GET", "/openapi.json", 200), ("GET", "/v1/node", 401), ("GET", "/none", 404)]
    {
        let answer = world.call(method, path, None).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("attache-correlation").map(str::len), Some(16), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_goes_down_lets_no_further_person_in() {
    let world = bare().await;
    world.call("GET", "/openapi.json", None).await.good();
    world.node.shut_down().await;
    let gone = async {
        while TcpStream::connect(world.door.at).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), gone).await.unwrap();
}
