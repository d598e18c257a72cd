//! B4 and B5: a document of 1 KiB from the decision to the receipt that the giver verified and keeps, durable at both
//! ends, one at a time and 64 outstanding; against PostgreSQL making three durable commits, the least that any design
//! must make: the giver's outbox, the receiver's register, the giver's receipt.
//!
//! Ours makes six in turn: the decision with its ruling, the package, the arrival, the admission with its ruling, the receipt
//! signed, the receipt kept; two more, that it was stored and that the receipt arrived, beside them. It signs, wraps and verifies
//! besides; the peer does none of it.

use crate::measure::{Report, target};
use crate::server::{Server, TABLES};
use crate::world::World;
use std::time::Instant;
use tokio_postgres::Client;

const SERIAL: usize = 200;
const LOADED: usize = 640;
const OUTSTANDING: usize = 64;
const CLIENTS: usize = 32;
const BYTES: u64 = 1024;

pub fn run(report: &mut Report) {
    let Some(server) = Server::start() else {
        report.skip("B4 exchange-serial", "PostgreSQL is not installed, or this is not root");
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    let world = runtime.block_on(World::begin(folder.path()));
    let clients: Vec<Client> = (0..CLIENTS).map(|_| runtime.block_on(server.connect())).collect();
    let own = |count: usize, outstanding: usize| {
        runtime.block_on(async {
            let mut waiting = Vec::new();
            for _ in 0..count {
                waiting.push(world.giver.ask(BYTES, &world.receiver.name).await);
            }
            let began = Instant::now();
            world.exchange(waiting, outstanding).await;
            count as f64 / began.elapsed().as_secs_f64()
        })
    };
    let peer = |count: usize, clients: &[Client]| {
        runtime.block_on(async {
            let began = Instant::now();
            let each = clients.iter().map(|client| three_commits(client, count / clients.len()));
            crate::world::futures(each).await;
            count as f64 / began.elapsed().as_secs_f64()
        })
    };
    // As rates: a latency of at most 1.8 times the peer's is a rate of at least 0.56.
    report.pairs("B4 exchange-serial", ("/s", 0.56), || own(SERIAL, 1), || peer(SERIAL, &clients[..1]));
    report.pairs("B5 exchange-load", ("/s", 0.4), || own(LOADED, OUTSTANDING), || peer(LOADED, &clients));
    runtime.block_on(world.end());
}

/// `count` exchanges as three durable rows each.
async fn three_commits(client: &Client, count: usize) {
    let row = vec![7_u8; BYTES as usize];
    let mut statements = Vec::new();
    for table in TABLES {
        let text = format!("insert into {table} (body) values ($1)");
        statements.push(client.prepare(&text).await.expect("a statement"));
    }
    for _ in 0..count {
        for statement in &statements {
            client.execute(statement, &[&row]).await.expect("a commit");
        }
    }
}
