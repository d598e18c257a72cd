//! log-append: acts of a node that are durable and whose leaves a witness cosigned, against SQLite alone, committed in groups of 32
//! rows with a sync each: once the same bytes as rows of one table in order, and once a register of documents of 1 KiB under scattered
//! ids with a row of a log beside each. Ours seals each act and its salt, commits to sixteen fields of a leaf, grows the tree and folds
//! besides; a checkpoint is published on the beat and its partner's node cosigns it over the link.

use crate::measure::{Report, target};
use crate::world::World;
use attache_accord::DispatchId;
use attache_accord::act::Act;
use attache_node::engine::Plan;
use attache_node::node::Node;
use rusqlite::Connection;
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

/// Commands under way at one time, each with one act.
const OUTSTANDING: usize = 256;
/// The beat, in seconds.
const BEAT: f64 = 1.0;
/// Beats that one pass takes.
const BEATS: f64 = 3.0;
/// Rows in one of the peer's commits.
const GROUP: u64 = 32;
/// Bytes of one of its rows: a leaf, and what an act and its salt take sealed.
const ROW_BYTES: usize = 528 + 256;
/// Bytes of a document in the peer's register.
const DOCUMENT_BYTES: usize = 1024;
/// How often it is looked how old the newest cosigned checkpoint is, in milliseconds.
const LOOK_MILLIS: u64 = 20;

pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    let world = runtime.block_on(World::begin(folder.path()));
    let oldest = Cell::new(0.0_f64);
    let own = || {
        let (rate, age) = runtime.block_on(append(&world));
        oldest.set(oldest.get().max(age));
        rate
    };
    let peer = |name: &str| folder.path().join(name);
    report.pairs("log-append", ("acts/s", 1.0), own, || groups(&peer("rows.db"), ROWS, row));
    report.pairs("log-append register", ("acts/s", 1.0), own, || {
        groups(&peer("register.db"), REGISTER, document)
    });
    report.limit("log-append age", "beats", oldest.get() / BEAT, 2.0);
    runtime.block_on(world.end());
}

/// Acts a second until the last leaf is cosigned, and how old the newest cosigned checkpoint ever was, in seconds.
async fn append(world: &World) -> (f64, f64) {
    let node = &world.giver.node;
    let began = Instant::now();
    let is_over = move || began.elapsed().as_secs_f64() >= BEATS * BEAT;
    // So that no pass names what another did.
    let before = node.office.view.read().size;
    let appending = async {
        let mut tasks = JoinSet::new();
        for number in 0..OUTSTANDING {
            let node = Arc::clone(node);
            tasks.spawn(async move {
                let mut count = 0_u64;
                while !is_over() {
                    commit(&node, number as u64, before + count).await;
                    count += 1;
                }
                count
            });
        }
        tasks.join_all().await.into_iter().sum::<u64>()
    };
    let published = std::cell::RefCell::new(vec![(cosigned(node), Instant::now())]);
    let publish = async || {
        node.publish().await.expect("a checkpoint");
        published.borrow_mut().push((node.office.published_size(), Instant::now()));
    };
    let beating = async {
        let mut beats = interval(Duration::from_secs_f64(BEAT));
        beats.tick().await;
        while !is_over() {
            beats.tick().await;
            publish().await;
        }
    };
    let looking = async {
        let mut oldest = 0.0_f64;
        loop {
            let size = cosigned(node);
            let all = published.borrow();
            let newest = all.iter().rev().find(|(published, _)| *published <= size);
            oldest = oldest.max(newest.map_or(0.0, |(_, at)| at.elapsed().as_secs_f64()));
            let is_whole = is_over() && all.last().is_some_and(|(last, _)| *last == size);
            drop(all);
            if is_whole && size == node.office.view.read().size {
                return oldest;
            }
            sleep(Duration::from_millis(LOOK_MILLIS)).await;
        }
    };
    let ending = async {
        let (count, ()) = tokio::join!(appending, beating);
        // What came after the last beat.
        publish().await;
        count
    };
    let (count, oldest) = tokio::join!(ending, looking);
    (count as f64 / began.elapsed().as_secs_f64(), oldest)
}

async fn commit(node: &Arc<Node>, task: u64, number: u64) {
    let mut dispatch = [0; 16];
    dispatch[..8].copy_from_slice(&task.to_be_bytes());
    dispatch[8..].copy_from_slice(&number.to_be_bytes());
    let (dispatch, from) = (DispatchId(dispatch), "tokyo.jpn".parse().expect("a name"));
    let act = Act::ArrivalDeclined { dispatch, from, code: "C-022".to_owned() };
    let plan = Plan { acts: vec![act], ..Plan::default() };
    node.commit(plan).await.expect("the journal").expect("no conflict");
}

/// How much of the node's log its partner cosigned.
fn cosigned(node: &Arc<Node>) -> u64 {
    let standing = node.office.logs().expect("the log's standing");
    standing.cosigned().flatten().map(|cosigned| cosigned.size).max().unwrap_or_default()
}

/// Rows in order, of the bytes that an act takes.
const ROWS: &str = "CREATE TABLE IF NOT EXISTS act (idx INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT";
/// A register under scattered ids, and a log.
const REGISTER: &str = "CREATE TABLE IF NOT EXISTS register
        (id BLOB PRIMARY KEY, place INTEGER, label TEXT, digest BLOB, body BLOB) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS log (place INTEGER PRIMARY KEY, leaf BLOB) STRICT";

/// Rows a second in groups of [`GROUP`], each by `write`.
fn groups(path: &Path, tables: &str, write: fn(&Connection) -> rusqlite::Result<usize>) -> f64 {
    let mut peer = Connection::open(path).expect("a database");
    let settings = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
    peer.execute_batch(&format!("{settings} {tables}")).expect("its tables");
    let (began, mut count) = (Instant::now(), 0_u64);
    while began.elapsed().as_secs_f64() < BEATS * BEAT {
        let transaction = peer.transaction().expect("a transaction");
        for _ in 0..GROUP {
            write(&transaction).expect("a row");
        }
        transaction.commit().expect("a commit");
        count += GROUP;
    }
    count as f64 / began.elapsed().as_secs_f64()
}

fn row(peer: &Connection) -> rusqlite::Result<usize> {
    peer.prepare_cached("INSERT INTO act (body) VALUES (?1)")?.execute([[7_u8; ROW_BYTES]])
}

fn document(peer: &Connection) -> rusqlite::Result<usize> {
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).expect("randomness");
    let logged = peer.prepare_cached("INSERT INTO log (leaf) VALUES (?1)")?.execute([[2_u8; 32]]);
    logged?;
    let mut insert = peer.prepare_cached("INSERT INTO register VALUES (?1, ?2, ?3, ?4, ?5)")?;
    insert.execute((id, peer.last_insert_rowid(), "SECRET REL TO KOR", [1_u8; 32], [9_u8; DOCUMENT_BYTES]))
}
