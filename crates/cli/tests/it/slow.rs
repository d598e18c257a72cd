//! Peers that are slow, with or without ill will: what they cost a real node, and what others notice of them.

use crate::pair::{Pair, Post, approval, free_address, until};
use crate::played::{Line, Met, Played, clock};
use attache_accord::DispatchId;
use attache_courier::frame::Frame;
use attache_courier::{Caller, Event, Listener};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// Most memory that a slow peer may cost, in KiB, over all kinds of them.
const MAX_COST_KIB: u64 = 64;
/// And of one kind alone: what the allocator holds on to for a moment is spread over few there.
const MAX_COST_OF_KIND_KIB: u64 = 4 * MAX_COST_KIB;
/// Slow peers of each kind. A node lets 64 connections of partners in, and 8 handshakes from one address.
const OF_EACH: usize = 16;
/// The first of each kind are not charged: each thread of the node that serves one for the first time keeps some memory for
/// the next. They stay, so that what they cost is not used again by those who are.
const NOT_CHARGED: usize = 4;
/// Offers that one of them makes: as many as all of them together have room for, two each and 128 that they share.
const OFFERS: u32 = 10;
/// Handshakes that come to nothing, and the addresses from which they come.
const HANDSHAKES: usize = 32;
const ADDRESSES: u8 = 4;
/// An item that fills the network's buffers and waits.
const LARGE_BYTES: usize = 6 << 20;

/// After so long the last that came has come.
const SETTLING: Duration = Duration::from_millis(1500);
/// Stack of a thread, as this language's library makes it, in KiB.
const STACK_KIB: u64 = 2048;

/// Memory that the node's process has resident, in KiB: all of it, and all but the stacks of its threads. There are as
/// many threads whoever calls, and each stack stays as large as the deepest call that ever ran on it.
fn resident_kib(post: &Post) -> (u64, u64) {
    let maps = std::fs::read_to_string(format!("/proc/{}/smaps", post.pid())).unwrap();
    let number = |line: &str, name: &str| {
        let number = line.strip_prefix(name)?.trim().strip_suffix(" kB")?;
        number.parse::<u64>().ok()
    };
    let (mut all, mut stacks, mut size) = (0, 0, 0);
    for line in maps.lines() {
        size = number(line, "Size:").unwrap_or(size);
        if let Some(resident) = number(line, "Rss:") {
            all += resident;
            stacks += if size == STACK_KIB { resident } else { 0 };
        }
    }
    (all, all - stacks)
}

/// What peers cost a node, kind by kind.
struct Bill<'a> {
    post: &'a Post,
    peers: u64,
    kib: u64,
}

impl Bill<'_> {
    /// Lets peers of one kind come, and says what each cost.
    fn charge<P>(&mut self, kind: &str, mut peers: impl Iterator<Item = P>) -> Vec<P> {
        let mut come: Vec<P> = peers.by_ref().take(NOT_CHARGED).collect();
        std::thread::sleep(SETTLING);
        let before = resident_kib(self.post);
        come.extend(peers);
        std::thread::sleep(SETTLING);
        let count = (come.len() - NOT_CHARGED) as u64;
        let now = resident_kib(self.post);
        let kib = now.1.saturating_sub(before.1);
        println!("{count} that {kind}: {} KiB each; {} -> {} KiB resident", kib / count, before.0, now.0);
        assert!(kib / count < MAX_COST_OF_KIND_KIB, "each that {kind} costs {} KiB", kib / count);
        self.peers += count;
        self.kib += kib;
        come
    }

    fn pay(self) {
        let each = self.kib / self.peers;
        println!("{} slow peers cost {each} KiB each", self.peers);
        assert!(each < MAX_COST_KIB, "a slow peer costs {each} KiB");
    }
}

/// Runs the node so that what its threads have given back is used again by whoever asks next, and large buffers go back to
/// the system at once. Otherwise each thread keeps some of it, a bounded amount that is not the peers'.
fn with_one_arena(post: &Post) {
    const ALLOCATOR: [&str; 4] =
        ["env", "MALLOC_ARENA_MAX=1", "MALLOC_MMAP_THRESHOLD_=65536", "MALLOC_TRIM_THRESHOLD_=65536"];
    post.kill();
    assert!(post.try_serve(&ALLOCATOR), "{}", post.logged());
}

/// A caller that begins its longest frame and sends all but `rest` of it.
pub async fn half_a_frame(played: &Played, met: &Met, rest: usize) -> Line<Caller> {
    let mut line = played.calls(met).await;
    let mut offer = played.offer(met, 1, 1);
    offer.package = vec![0; attache_courier::limits::MAX_PACKAGE_BYTES];
    let frame = Frame::Offer(offer).to_wire();
    line.stream.write_all(&frame[..frame.len() - rest]).await.unwrap();
    line.stream.flush().await.unwrap();
    line
}

/// A caller that offers much, one thing after the other, and sends nothing of it.
async fn many_offers(played: &Played, met: &Met) -> Line<Caller> {
    let mut line = played.calls(met).await;
    for number in 1..=OFFERS {
        line.session.offer(played.offer(met, number, 1 << 20), clock()).unwrap();
        line.says_all().await;
        assert_eq!(line.next().await, ["Accepted"]);
    }
    line
}

/// A listener that accepts what it is offered and does not read on.
async fn deaf(played: &Played, met: &Met, door: &TcpListener) -> Line<Listener> {
    let mut line = played.answers(met, door).await;
    let mut offered: Option<DispatchId> = None;
    while offered.is_none() {
        let take = |event: Event<'_>| {
            if let Event::Offered(offer) = event {
                offered = Some(offer.dispatch);
            }
        };
        line.each(take).await;
    }
    line.session.accept(offered.unwrap(), 0, clock()).unwrap();
    line.says_all().await;
    line
}

/// A stranger from `from` that begins a handshake, sends some of what belongs to it and no more.
pub async fn half_a_handshake(from: IpAddr, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from, 0)).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    // A record of a ClientHello of 16,000 bytes, of which 1,500 come.
    let mut begun = vec![0x16, 3, 1, 0x3e, 0x80, 1, 0, 0x3e, 0x7c, 3, 3];
    begun.resize(1500, 7);
    stream.write_all(&begun).await.unwrap();
    stream
}

/// The address of one of several strangers.
fn address(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2 + (number % usize::from(ADDRESSES)) as u8))
}

/// Packages of `item` that wait for `partners`, made and not yet fetched.
fn owed(post: &Post, item: &str, partners: &[Played]) {
    for partner in partners {
        let asked = format!("release request {item} {} --purpose exercise", partner.name);
        let case = post.must("analyst", &asked).text("/case");
        post.must("officer", &approval(&case));
    }
    until("the packages", || {
        let cases = post.must("officer", "release list");
        let made = cases.list().iter().filter(|case| case["dispatch"]["progress"] == "owed").count();
        (made == partners.len()).then_some(())
    });
}

#[test]
fn a_slow_peer_costs_a_node_under_64_kib_and_a_fast_one_is_served_meanwhile() {
    let pair = Pair::new();
    let seoul = &pair.seoul;
    with_one_arena(seoul);
    let runtime = Runtime::new().unwrap();
    let met = Met::of(seoul);
    let doors: Vec<TcpListener> =
        (0..OF_EACH).map(|_| runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap()).collect();
    let endpoints = doors.iter().map(|door| door.local_addr().unwrap());
    let nowhere = std::iter::repeat_with(free_address).take(3 * OF_EACH);
    let played: Vec<_> = (1..).zip(endpoints.chain(nowhere)).map(|(n, at)| Played::new(n, at)).collect();
    played.iter().for_each(|partner| partner.befriends(seoul));
    let kinds: Vec<&[Played]> = played.chunks(OF_EACH).collect();
    let [listeners, silent, halves, offerers] = kinds[..] else { unreachable!() };
    assert!(pair.attempt("before", 300_000));
    std::fs::write(seoul.file("large"), vec![7; LARGE_BYTES]).unwrap();
    let item = seoul.must("analyst", "item add large --title large").text("/item");
    seoul.must("analyst", &seoul.marking(&item));
    pair.settle();
    owed(seoul, &item, listeners);

    let mut bill = Bill { post: seoul, peers: 0, kib: 0 };
    let calls = silent.iter().map(|one| runtime.block_on(one.calls(&met)));
    let mut lines = bill.charge("say nothing more", calls);
    let calls = halves.iter().map(|one| runtime.block_on(half_a_frame(one, &met, 1)));
    lines.extend(bill.charge("never finish a frame", calls));
    let calls = offerers.iter().map(|one| runtime.block_on(many_offers(one, &met)));
    lines.extend(bill.charge("offer much and send nothing", calls));
    let begun = (0..HANDSHAKES).map(|number| runtime.block_on(half_a_handshake(address(number), met.at())));
    let strangers = bill.charge("never finish a handshake", begun);
    let calls = listeners.iter().zip(&doors).map(|(one, door)| runtime.block_on(deaf(one, &met, door)));
    let deafened = bill.charge("accept and do not read", calls);
    bill.pay();

    // They are all still there, and somebody who is not slow is served.
    for line in &mut lines {
        let says = runtime.block_on(async { timeout(Duration::from_millis(20), line.next()).await });
        assert!(says.is_err(), "the node has nothing to say and has not hung up: {says:?}");
    }
    assert!(pair.attempt("meanwhile", 300_000));
    until("a receipt", || {
        for arrival in pair.tokyo.must("desk", "inbox list").list() {
            pair.tokyo.must("desk", &pair.tokyo.admission(arrival["dispatch"].as_str().unwrap()));
        }
        (pair.sent_and_registered() == [2, 2]).then_some(())
    });
    drop((lines, strangers, deafened));
}
