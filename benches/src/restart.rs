//! B12: a node that holds a million registered items is killed and started again; timed until its first exchange is accepted: an item
//! taken in, marked, asked for, decided, sent, admitted by the partner, and its receipt verified and kept. Against PostgreSQL with as many
//! rows, killed and started, until its first commit.
//!
//! The items stand in the journal as exchanges leave them. The last entries are not in the snapshot: as many as a quiet node has at most.
//!
//! *Absent:* a cold disk. The machine stays up, so files that were read are in its memory, for both.

use crate::history::{register, registered};
use crate::measure::{Report, target};
use crate::server::Server;
use crate::world::{Post, World, clock};
use attache_accord::act::{ENTRY_VERSION, Entry};
use attache_accord::oversight::FIELD_EVENT;
use attache_custody::RestKey;
use attache_custody::rest::Purpose;
use attache_node::snapshot::{SNAPSHOT_ENTRIES, Snapshots};
use attache_release::Pack;
use attache_seal::digest::sha256;
use attache_store::{MAX_READ_ROWS, Reader as _, Reassembly, Row, SqliteReader, Stream, Table};
use attache_tlog::LeafDraft;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

/// Registered items; another number for trying things out.
const ITEMS: u64 = 1_000_000;
const ITEMS_VARIABLE: &str = "RESTART_ITEMS";
/// Exchanges that are put into the journal together.
const GROUP: u64 = 512;
/// The first exchange must be accepted so soon, in seconds.
const MAX_SECONDS: f64 = 2.0;
const BYTES: u64 = 1024;

pub fn run(report: &mut Report) {
    let Some(server) = Server::start() else {
        report.skip("B12 restart", "PostgreSQL is not installed, or this is not root");
        return;
    };
    let items = std::env::var(ITEMS_VARIABLE).ok().and_then(|items| items.parse().ok()).unwrap_or(ITEMS);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let base = tempfile::tempdir_in(target()).expect("a folder");
    let world = runtime.block_on(World::begin(base.path()));
    let World { giver, receiver } = world;
    let folder = runtime.block_on(giver.end()).expect("its folder");
    let tail = fill(folder.path(), items);
    runtime.block_on(fill_rows(&server, items, tail));
    let mut seconds = Vec::new();
    let own = || {
        let began = Instant::now();
        let path = folder.path().to_owned();
        let starting = runtime.spawn_blocking(move || start(&path));
        let (started, ()) = runtime.block_on(async { tokio::join!(starting, receiver.admit(1)) });
        let (mut child, said) = started.expect("it is started");
        let took = began.elapsed().as_secs_f64();
        child.kill().and_then(|()| child.wait()).expect("it is killed");
        println!("  {took:.2} s; {said}");
        seconds.push(took);
        1.0 / took
    };
    let peer = || {
        server.crash();
        let began = Instant::now();
        assert!(server.begin(), "PostgreSQL starts");
        runtime.block_on(async {
            let client = server.connect().await;
            let row = vec![7_u8; BYTES as usize];
            let said = client.execute("insert into register (body) values ($1)", &[&row]).await;
            said.expect("a commit");
        });
        1.0 / began.elapsed().as_secs_f64()
    };
    report.pairs("B12 restart", ("starts/s", 1.0), own, peer);
    seconds.sort_by(f64::total_cmp);
    report.limit("B12 restart", "s", seconds[seconds.len() / 2], MAX_SECONDS);
    runtime.block_on(async { receiver.end().await });
}

/// Starts the node as a process of its own, and waits until its exchange was accepted.
fn start(folder: &Path) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let command = command.args(["work", "restart"]).arg(folder).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut said = String::new();
    BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut said).expect("it says so");
    assert!(!said.is_empty(), "it ended");
    (child, said.trim().to_owned())
}

/// The node: one exchange, and then whatever it does until it is killed.
pub fn work(folder: &str) -> ExitCode {
    let began = Instant::now();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let post = Post::open(Path::new(folder)).await;
        let started = began.elapsed().as_secs_f64();
        let waiting = post.ask(BYTES, &"tokyo.jpn".parse().expect("a name")).await;
        let mut nudge = post.node.nudge();
        post.decide(&waiting).await;
        while post.outstanding() > 0 {
            nudge.changed().await.expect("the node runs");
        }
        let status = std::fs::read_to_string("/proc/self/status").expect("the kernel says");
        let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak").trim();
        println!(
            "started after {started:.2} s, receipt after {:.2}, {kib} at most",
            began.elapsed().as_secs_f64()
        );
        std::future::pending::<()>().await;
    });
    ExitCode::SUCCESS
}

/// Fills the journal in a process of its own, whose memory is then free again; gives the entries that are not in the snapshot.
fn fill(folder: &Path, items: u64) -> u64 {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let said = command
        .args(["work", "register"])
        .arg(folder)
        .arg(items.to_string())
        .stderr(Stdio::inherit())
        .output();
    let said = said.expect("it starts");
    assert!(said.status.success());
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    println!("  {said}");
    let tail = said.split_whitespace().next().and_then(|tail| tail.parse().ok());
    tail.expect("a number")
}

/// Registers items, writes the snapshot, and registers more until the next is due.
pub fn work_register(folder: &str, items: &str) -> ExitCode {
    let folder = Path::new(folder);
    // Waits until whoever had the journal has gone.
    drop(Post::engine(folder));
    let items: u64 = items.parse().expect("a number");
    let began = Instant::now();
    put_together(folder, items);
    let filled = began.elapsed().as_secs_f64();
    let (_, keys, log) = Post::secrets(folder);
    let rest = RestKey::new(&keys.storage).expect("keys");
    let began = Instant::now();
    {
        let reader = SqliteReader::open(&folder.join("journal"), &log).expect("a reader");
        let utc_offset_hours = Pack::gsomia_2016().terms().utc_offset_hours;
        Snapshots { reader: &reader, rest: &rest, utc_offset_hours }.write().expect("a snapshot");
    }
    let written = began.elapsed().as_secs_f64();
    let mut engine = Post::engine(folder);
    let size = engine.resumed();
    let mut number = items;
    while engine.view().read().size < size + SNAPSHOT_ENTRIES {
        register(&mut engine, clock(), number..number + GROUP).expect("they stand");
        number += GROUP;
    }
    let tail = engine.view().read().size - size;
    let bytes = std::fs::metadata(folder.join("journal/snapshot")).expect("the snapshot").len();
    println!(
        "{tail} entries behind a snapshot of {size}, {} MiB, written in {written:.1} s; all registered in {filled:.1} s",
        bytes >> 20
    );
    ExitCode::SUCCESS
}

/// The journal with these items behind what it has. Committed one after the other they would take many minutes; so the file is put
/// together, as a rebuild does it. Their leaves commit to the entries and to nothing else.
fn put_together(folder: &Path, items: u64) {
    let (journal, (_, keys, log)) = (folder.join("journal"), Post::secrets(folder));
    let rest = RestKey::new(&keys.storage).expect("keys");
    let reader = SqliteReader::open(&journal, &log).expect("a reader");
    let mut whole = Reassembly::begin(&journal, &log).expect("a new file");
    let rows = reader.rows(0, MAX_READ_ROWS).expect("its rows");
    rows.iter().for_each(|row| whole.row(row).expect("a row"));
    for table in Table::ALL {
        let mut place = 0;
        while let Some((next, records)) = reader.kept(table, place).expect("what is kept") {
            records.iter().for_each(|record| whole.kept(table, record).expect("a record"));
            place = next;
        }
    }
    drop(reader);
    let (mut index, at) = (rows.len() as u64, clock());
    for number in 0..items {
        for (version, act) in (0..).zip(registered(number).expect("acts")) {
            let stream = rest.blind(&act.stream());
            let event = minicbor::to_vec(Entry { version: ENTRY_VERSION, at, act }).expect("bytes");
            let mut draft = LeafDraft { salt: sha256(&[&index.to_be_bytes()]).0, fields: Default::default() };
            draft.fields[FIELD_EVENT] = sha256(&[&event]).0.into();
            let row = Row {
                index,
                version,
                body: rest.seal(Purpose::Event, stream.as_bytes(), &event).expect("it seals"),
                sealed_salt: Some(rest.seal(Purpose::Salt, stream.as_bytes(), &draft.salt).expect("it seals")),
                entry: draft.entry(&log, index).to_vec(),
                stream: Stream::new(stream).expect("a stream"),
            };
            whole.row(&row).expect("a row");
            index += 1;
        }
    }
    let whole = whole.complete().expect("a journal");
    for left in ["journal.db-wal", "journal.db-shm"] {
        drop(std::fs::remove_file(journal.join(left)));
    }
    whole.put_in_place().expect("its name");
}

/// As many rows, and as many since its last checkpoint.
async fn fill_rows(server: &Server, items: u64, tail: u64) {
    let client = server.connect().await;
    let fill = |rows: u64| {
        format!(
            "insert into register (body) select decode(repeat('5a', {BYTES}), 'hex') from generate_series(1, {rows})"
        )
    };
    client.batch_execute(&fill(items)).await.expect("rows");
    client.batch_execute("checkpoint").await.expect("a checkpoint");
    client.batch_execute(&fill(tail)).await.expect("rows");
}
