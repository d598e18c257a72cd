//! B4 and B5: a document of 1 KiB from the decision to the receipt that the giver verified and keeps, durable at both
//! ends, one at a time and 64 outstanding; against PostgreSQL making three durable commits, the least that any design
//! must make: the giver's outbox, the receiver's register, the giver's receipt.
//!
//! Ours makes six in turn: the decision with its ruling, the package, the arrival, the admission with its ruling, the receipt
//! signed, the receipt kept; two more, that it was stored and that the receipt arrived, beside them. It signs, wraps and verifies
//! besides; the peer does none of it.

use crate::measure::{Report, target};
use crate::world::World;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

const SERIAL: usize = 200;
const LOADED: usize = 640;
const OUTSTANDING: usize = 64;
const CLIENTS: usize = 32;
const BYTES: u64 = 1024;
/// The account that the distribution's package makes; the server does not run as root.
const ACCOUNT: &str = "postgres";

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

const TABLES: [&str; 3] = ["outbox", "register", "receipts"];

/// A PostgreSQL server with its defaults, so with every commit synced, on the disk that our nodes use.
struct Server {
    folder: TempDir,
}

impl Server {
    fn start() -> Option<Self> {
        let id = |flag: &str| {
            let said = Command::new("id").args([flag, ACCOUNT]).stderr(Stdio::null()).output().ok()?;
            String::from_utf8_lossy(&said.stdout).trim().parse::<u32>().ok()
        };
        let (user, group) = (id("-u")?, id("-g")?);
        // Beside the build, but where another account can reach it.
        let folder = tempfile::tempdir_in(std::env::temp_dir()).expect("a folder");
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).ok()?;
        let run = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).uid(user).gid(group).current_dir(folder.path());
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|ended| ended.success())
        };
        let data = folder.path().join("data").to_string_lossy().into_owned();
        let at = folder.path().to_string_lossy().into_owned();
        let has_begun = run("initdb", &["-A", "trust", "-D", &data])
            && run(
                "pg_ctl",
                &["-D", &data, "-w", "-l", &format!("{at}/log"), "-o", &listening(&at), "start"],
            );
        if !has_begun {
            return None;
        }
        let server = Self { folder };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let client = server.connect().await;
            for table in TABLES {
                let text = format!("create table {table} (id bigserial primary key, body bytea not null)");
                client.batch_execute(&text).await.expect("a table");
            }
        });
        Some(server)
    }

    async fn connect(&self) -> Client {
        let settings = format!("host={} user={ACCOUNT} dbname=postgres", self.folder.path().display());
        let (client, connection) =
            tokio_postgres::connect(&settings, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client
    }
}

/// On a socket in its own folder, and no port.
fn listening(folder: &str) -> String {
    format!("-c listen_addresses='' -c unix_socket_directories='{folder}'")
}

impl Drop for Server {
    fn drop(&mut self) {
        let Ok(text) = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid")) else {
            return;
        };
        if let Some(pid) = text.lines().next() {
            // A fast shutdown; its folder goes when it has ended.
            drop(Command::new("kill").args(["-INT", pid]).status());
            while Path::new(&format!("/proc/{pid}")).exists() {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
}
