//! The published log over HTTP: what is under which path, and what is nowhere.

use crate::client::{Answered, exchange, head};
use crate::world::{World, clock, world};
use attache_accord::act::Act;
use attache_gate::listen::{MAX_HEAD_BYTES, MAX_LOG_READERS};
use attache_node::engine::{MAX_PLAN_ACTS, Plan};
use attache_tlog::{
    BundleId, Hash, LEAF_BYTES, TileId, TileReader, VerifierKey, leaf_hash, open_checkpoint, parse_bundle,
    prove_consistency, root_at,
};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// More than two full bundles, so that there are full tiles, a tile above them, and a partial one at the edge.
const PUBLISHED: u64 = 600;

/// Writes padding until the log has `size` entries.
pub async fn grow(world: &World, size: u64) {
    // The first beat falls at the start of the node; what is published after it, a test publishes.
    while world.node.office.papers.published().unwrap().is_none() {
        sleep(Duration::from_millis(5)).await;
    }
    loop {
        let left = size - world.node.office.view.read().size;
        let acts: Vec<_> = (0..left.min(MAX_PLAN_ACTS as u64)).map(|_| Act::Padded {}).collect();
        if acts.is_empty() {
            return;
        }
        world.node.commit(Plan { acts, ..Plan::default() }).await.unwrap().unwrap();
    }
}

pub async fn get(world: &World, path: &str) -> Answered {
    ask(world, "GET", path).await
}

async fn ask(world: &World, method: &str, path: &str) -> Answered {
    let mut stream = TcpStream::connect(world.log).await.unwrap();
    exchange(&mut stream, head((method, path), &[], 0).as_bytes()).await
}

/// A log of [`PUBLISHED`] published entries and many more that are not.
async fn published() -> World {
    let world = world("seoul.kor", "KOR", clock).await;
    grow(&world, PUBLISHED).await;
    world.node.publish().await.unwrap();
    grow(&world, PUBLISHED + 300).await;
    world
}

/// Tiles as they were served.
struct Served(BTreeMap<(u8, u64), Vec<Hash>>);

impl TileReader for Served {
    type Error = String;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, String> {
        self.0.get(&(level, index)).cloned().ok_or_else(|| format!("tile {level}/{index} was not served"))
    }
}

async fn tiles(world: &World, size: u64) -> Served {
    let mut served = BTreeMap::new();
    for level in 0..=1 {
        for id in (0..).map_while(|index| TileId::in_tree(level, index, size)) {
            let bytes = get(world, &format!("/{}", id.path())).await.body;
            assert_eq!(bytes.len(), usize::from(id.width) * 32, "{id}");
            let hashes = bytes.chunks(32).map(|hash| Hash(hash.try_into().unwrap())).collect();
            served.insert((level, id.index), hashes);
        }
    }
    Served(served)
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoint_tiles_and_entries_are_one_log() {
    let world = published().await;
    let answer = get(&world, "/checkpoint").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    let short = format!("public, max-age={}", attache_gate::CHECKPOINT_SECONDS);
    assert_eq!(answer.header("cache-control"), Some(short.as_str()));
    let keys = &world.node.office.keys;
    let keys: Vec<VerifierKey> =
        [&keys.log_ed25519, &keys.log_mldsa44].map(|signer| signer.verifier().clone()).into();
    let checkpoint = open_checkpoint(std::str::from_utf8(&answer.body).unwrap(), &keys).unwrap();
    assert_eq!(checkpoint.size, PUBLISHED);
    let served = tiles(&world, PUBLISHED).await;
    assert_eq!(root_at(&served, PUBLISHED).unwrap(), checkpoint.root);
    assert!(prove_consistency(&served, 256, PUBLISHED).is_ok());
    for id in (0..).map_while(|index| BundleId::in_tree(index, PUBLISHED)) {
        let answer = get(&world, &format!("/{}", id.path())).await;
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let entries = parse_bundle(&answer.body).unwrap();
        assert!(entries.iter().all(|entry| entry.len() == LEAF_BYTES));
        let hashes: Vec<_> = entries.into_iter().map(leaf_hash).collect();
        assert_eq!(hashes, served.0[&(0, id.index)], "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_after_the_beat_is_nowhere() {
    let world = published().await;
    // 600 is two full tiles and 88; the log itself is 300 further by now.
    for path in ["tile/0/002.p/88", "tile/0/002.p/1", "tile/1/000.p/2", "tile/entries/002.p/88", "tile/0/001"]
    {
        let answer = get(&world, &format!("/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    for path in [
        "tile/0/002.p/89",
        "tile/0/002",
        "tile/0/003.p/1",
        "tile/1/000.p/3",
        "tile/1/000",
        "tile/2/000.p/1",
        "tile/entries/002.p/89",
        "tile/entries/002",
        "tile/entries/003.p/1",
    ] {
        let answer = get(&world, &format!("/{path}")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")), "{path}");
    }
    world.node.publish().await.unwrap();
    assert_eq!(get(&world, "/tile/0/002").await.status, 200, "the next beat shows it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_size_keeps_its_partial_tiles() {
    let world = published().await;
    let before = get(&world, "/tile/0/002.p/88").await.body;
    world.node.publish().await.unwrap();
    assert_eq!(get(&world, "/tile/0/002.p/88").await.body, before);
    assert!(get(&world, "/tile/0/002").await.body.starts_with(&before));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_and_other_things_are_not_here() {
    let world = published().await;
    for path in [
        "/",
        "//checkpoint",
        "/checkpoint/",
        "/checkpoint?",
        "/checkpoint?after=1",
        "/Checkpoint",
        "/%63heckpoint",
        "/tile/0/1",
        "/tile/0/000/",
        "/tile//0/000",
        "/tile/00/000",
        "/tile/-1/000",
        "/tile/64/000",
        "/tile/256/000",
        "/tile/0/x000/000",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/+1",
        "/tile/0/000.p/01",
        "/tile/0/000.p/1/",
        "/tile/0/000.p/1.p/1",
        "/tile/0/0%300",
        "/tile/63/x999/x999/x999/x999/x999/x999/999",
        "/tile/entries/x999/x999/x999/x999/x999/x999/x999/999",
        "/tile/data/000",
        "/tile/entries/../0/000",
        "/tile/0/../../checkpoint",
        "/v1/node",
        "/v1/evidence",
        "/openapi.json",
        "/metrics",
        "/healthz",
        "/add-checkpoint",
    ] {
        let answer = get(&world, path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")), "{path}");
    }
    let long = format!("/tile/0/{}000", "x001/".repeat(4000));
    assert_eq!(get(&world, &long).await.status, 404);
    let beyond = format!("/tile/0/{}000", "x001/".repeat(2 * MAX_HEAD_BYTES / 5));
    assert!([414, 431].contains(&get(&world, &beyond).await.status));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_only_read() {
    let world = published().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        let answer = ask(&world, method, "/checkpoint").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    let whole = get(&world, "/tile/0/000").await;
    let head = ask(&world, "HEAD", "/tile/0/000").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_who_say_nothing_keep_neither_people_nor_watchers_out() {
    let world = published().await;
    let mut silent = Vec::new();
    for _ in 0..MAX_LOG_READERS {
        silent.push(TcpStream::connect(world.log).await.unwrap());
    }
    let mut further = TcpStream::connect(world.log).await.unwrap();
    let read = timeout(Duration::from_secs(5), further.read(&mut [0; 1])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "a further one is dropped at once");
    assert_eq!(world.call("GET", "/openapi.json", None).await.status, 200);
    let mut watcher = TcpStream::connect(world.admin).await.unwrap();
    assert_eq!(exchange(&mut watcher, head(("GET", "/healthz"), &[], 0).as_bytes()).await.status, 200);
    drop(silent);
    let served = async {
        loop {
            let mut stream = TcpStream::connect(world.log).await.unwrap();
            let mut first = [0; 1];
            let asked = head(("GET", "/checkpoint"), &[], 0);
            // A seat is free once the node has seen that its holder hung up.
            if stream.write_all(asked.as_bytes()).await.is_ok()
                && stream.read(&mut first).await.is_ok_and(|n| n > 0)
            {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), served).await.unwrap();
}
