//! B3: 256 MiB from one node to the other, sealed before, then packed, sent over the partner link, verified, admitted and
//! receipted; against the same bytes posted over bare HTTP/2 under the same TLS, and dropped. B13: what 4 GiB cost in memory.

use crate::handshake::Ends;
use crate::measure::{Report, target};
use crate::world::World;
use bytes::Bytes;
use std::process::{Command, ExitCode};
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};

const BYTES: u64 = 256 << 20;
/// What the peer sends at once.
const PIECE_BYTES: usize = 1 << 20;
/// Windows of the peer's HTTP/2, so that they do not slow it.
const WINDOW_BYTES: u32 = 16 << 20;
/// For memory.
const LARGE_BYTES: u64 = 4 << 30;
/// Both nodes together may take so much, in MiB.
const MAX_MEMORY_MIB: f64 = 256.0;

pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    let world = runtime.block_on(World::begin(folder.path()));
    let own = || {
        runtime.block_on(async {
            let waiting = vec![world.giver.ask(BYTES, &world.receiver.name).await];
            let began = Instant::now();
            world.exchange(waiting, 1).await;
            mib_a_second(began)
        })
    };
    let ends = Ends::of(&world);
    let peer = || runtime.block_on(post(&ends));
    report.pairs("B3 transfer-256m", ("MiB/s", 0.6), own, peer);
    runtime.block_on(world.end());
}

/// Peak memory of both nodes in one process, against the limit.
pub fn run_memory(report: &mut Report) {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let said = command.args(["work", "memory"]).output().expect("it starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let peak: f64 = String::from_utf8_lossy(&said.stdout).trim().parse().expect("a number");
    report.limit("B13 memory-4g", "MiB", peak, MAX_MEMORY_MIB);
}

/// One item of 4 GiB from node to node; prints this process's peak memory in MiB.
pub fn work() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    runtime.block_on(async {
        let world = World::begin(folder.path()).await;
        let waiting = vec![world.giver.ask(LARGE_BYTES, &world.receiver.name).await];
        world.exchange(waiting, 1).await;
        world.end().await;
    });
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel says");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kib: f64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    println!("{:.1}", kib / 1024.0);
    ExitCode::SUCCESS
}

fn mib_a_second(began: Instant) -> f64 {
    (BYTES >> 20) as f64 / began.elapsed().as_secs_f64()
}

/// Posts the bytes over a fresh connection.
async fn post(ends: &Ends) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let began = Instant::now();
    let answering = async {
        let (stream, _) = listener.accept().await.expect("a caller");
        stream.set_nodelay(true).expect("a socket");
        let stream = ends.acceptor().accept(stream).await.expect("a handshake");
        let mut server = h2::server::Builder::new()
            .initial_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .max_frame_size(PIECE_BYTES as u32)
            .handshake::<_, Bytes>(stream)
            .await
            .expect("HTTP/2");
        let (request, mut respond) = server.accept().await.expect("a request").expect("a request");
        let receiving = async {
            let mut body = request.into_body();
            let mut left = BYTES;
            while let Some(piece) = body.data().await {
                let length = piece.expect("a piece").len();
                left -= length as u64;
                body.flow_control().release_capacity(length).expect("a window");
            }
            assert_eq!(left, 0);
            let answer = http::Response::builder().status(204).body(()).expect("an answer");
            respond.send_response(answer, true).expect("it is sent");
        };
        let serving = async { while server.accept().await.is_some() {} };
        tokio::join!(receiving, serving);
    };
    let sending = async {
        let stream = TcpStream::connect(at).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let stream = ends.connector().connect(ends.name(), stream).await.expect("a handshake");
        let built = h2::client::Builder::new()
            .initial_connection_window_size(WINDOW_BYTES)
            .max_frame_size(PIECE_BYTES as u32)
            .handshake::<_, Bytes>(stream);
        let (mut client, connection) = built.await.expect("HTTP/2");
        let connection = tokio::spawn(connection);
        let request = http::Request::post("https://peer.example/item").body(()).expect("a request");
        let (answer, mut body) = client.send_request(request, false).expect("it is sent");
        let piece = Bytes::from(vec![0x5a; PIECE_BYTES]);
        let mut left = BYTES as usize;
        while left > 0 {
            body.reserve_capacity(PIECE_BYTES.min(left));
            let room = std::future::poll_fn(|context| body.poll_capacity(context)).await;
            let room = room.expect("the stream stands").expect("a window").min(left);
            left -= room;
            body.send_data(piece.slice(..room), left == 0).expect("it is sent");
        }
        assert_eq!(answer.await.expect("an answer").status(), 204);
        drop((client, body));
        connection.await.expect("it ends").expect("in order");
    };
    // On two threads, as ours are.
    tokio::join!(answering, sending);
    mib_a_second(began)
}
