//! A crowd of slow callers at a real node, and a partner that is not slow: it is served, and not much later than without them.
//!
//! What is timed is an exchange of 1 KiB on the wire, from the offer to the answer that follows a durable record. The container
//! is none, so the answer is a Decline; the node has read, verified and recorded as for any other.
//!
//! *Absent:* seconds. What counts is the ratio of the same node's times with and without the crowd.

use crate::pair::{Pair, Post, free_address};
use crate::played::{Line, Met, Played, clock};
use crate::slow::{half_a_frame, half_a_handshake};
use attache_courier::Caller;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Strangers at the partners' door, from so many addresses: the node takes 8 handshakes from one and 64 together.
const STRANGERS: usize = 240;
/// Strangers at the people's door. The node takes 64 connections from one address and 512 together.
const CLIENTS: usize = 240;
/// Strangers that share an address.
const OF_ONE: usize = 8;
/// Partners that greet and then send one byte a second of a frame.
const PARTNERS: usize = 20;
const EXCHANGE_BYTES: usize = 1024;
/// By how much the crowd may lengthen the time that 99 of 100 exchanges stay under.
const MAX_RATIO: f64 = 2.0;
/// The node gives a handshake up within 10 s; the machine may be busy.
const DROPPED_SECONDS: u64 = 60;

/// Where the node listens for its people, as its configuration says.
fn people_of(post: &Post) -> SocketAddr {
    let text = std::fs::read_to_string(post.home().join("attache.toml")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("people = ")).unwrap();
    line.trim_matches('"').parse().unwrap()
}

fn address(street: u8, number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, street, 1 + (number / OF_ONE) as u8))
}

/// A stranger that sends a byte a second, and comes again whenever it is turned away.
async fn insists(from: IpAddr, to: SocketAddr) {
    loop {
        let mut stream = half_a_handshake(from, to).await;
        while stream.write_all(&[7]).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    }
}

/// The crowd, until it is dropped.
async fn crowd(met: &Met, people: SocketAddr, partners: &[Played]) -> JoinSet<()> {
    let mut all = JoinSet::new();
    for number in 0..STRANGERS {
        all.spawn(insists(address(1, number), met.at()));
    }
    for number in 0..CLIENTS {
        all.spawn(insists(address(2, number), people));
    }
    for partner in partners {
        let mut line = half_a_frame(partner, met, 1000).await;
        all.spawn(async move {
            while line.stream.write_all(&[0]).await.is_ok() && line.stream.flush().await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
    }
    // Until all have come, and the first of them again.
    sleep(Duration::from_secs(2)).await;
    all
}

/// One exchange, and how long it took.
async fn exchange(fast: &Played, met: &Met, line: &mut Line<Caller>, number: u32) -> Duration {
    let offer = fast.offer(met, number, EXCHANGE_BYTES as u64);
    let (dispatch, began) = (offer.dispatch, Instant::now());
    line.session.offer(offer, clock()).unwrap();
    line.says_all().await;
    assert_eq!(line.next().await, ["Accepted"]);
    line.session.feed(dispatch, vec![3; EXCHANGE_BYTES], clock()).unwrap();
    line.says_all().await;
    assert_eq!(line.next().await, ["Declined"]);
    began.elapsed()
}

/// The time that 99 of 100 stay under.
fn p99(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[(times.len() * 99).div_ceil(100) - 1]
}

/// Rounds without and with the crowd in turn, and the ratio of their p99.
fn with_and_without(rounds: u32, exchanges: u32) -> f64 {
    let pair = Pair::new();
    let (seoul, runtime) = (&pair.seoul, Runtime::new().unwrap());
    let (met, people) = (Met::of(seoul), people_of(seoul));
    let played: Vec<_> = (0..=PARTNERS).map(|number| Played::new(number, free_address())).collect();
    played.iter().for_each(|partner| partner.befriends(seoul));
    let (fast, partners) = played.split_first().unwrap();
    let ratio = runtime.block_on(async {
        let (mut line, mut number) = (fast.calls(&met).await, 0);
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..2 * rounds {
            let with = round % 2 == 1;
            let present = if with { Some(crowd(&met, people, partners).await) } else { None };
            for _ in 0..exchanges {
                number += 1;
                times[usize::from(with)].push(exchange(fast, &met, &mut line, number).await);
            }
            assert!(present.is_none_or(|crowd| crowd.len() == STRANGERS + CLIENTS + PARTNERS));
            // The node is to have noticed that they are gone.
            sleep(Duration::from_secs(1)).await;
        }
        let [without, with] = times.map(|mut times| p99(&mut times));
        let ratio = with.as_secs_f64() / without.as_secs_f64();
        println!(
            "p99 of {}: {without:?} without and {with:?} with the crowd, {ratio:.2}",
            rounds * exchanges
        );
        for door in [met.at(), people] {
            given_up(half_a_handshake(address(3, 0), door).await).await;
        }
        ratio
    });
    // And by the way that people go.
    assert!(pair.attempt("after", 1024));
    pair.settle();
    ratio
}

/// Waits until the node has had enough of a caller that sends a byte now and then.
async fn given_up(mut stream: TcpStream) {
    let ends = async {
        let mut byte = [0; 64];
        loop {
            let read = timeout(Duration::from_millis(500), stream.read(&mut byte)).await;
            if matches!(read, Ok(Ok(0) | Err(_))) || stream.write_all(&[7]).await.is_err() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(DROPPED_SECONDS), ends).await.expect("the node keeps a slow caller");
}

#[test]
fn a_partner_is_served_while_500_slow_callers_insist_and_each_of_them_is_dropped_in_the_end() {
    with_and_without(1, 40);
}

/// Run by `cargo xtask test --long`.
mod long {
    #[test]
    #[ignore = "long"]
    fn five_hundred_slow_callers_at_most_double_the_time_of_an_exchange() {
        let ratio = super::with_and_without(5, 300);
        assert!(ratio <= super::MAX_RATIO, "{ratio}");
    }
}
