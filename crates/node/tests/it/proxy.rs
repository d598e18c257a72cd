//! A bad network between two nodes: everything they say passes through a proxy that cuts, delays, trickles, and goes deaf.
//!
//! *Absent:* altered bytes, which TLS refuses (`altered` shows what would happen behind it), and a cut at each single byte,
//! which `exercise` makes below TLS.

use crate::crossing::{JAPAN, KOREA, admit, befriended, receipted, released};
use crate::nodes::{Place, Running, Site, site_at};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// What the network does to a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Weather {
    /// Nothing.
    Fair,
    /// Cuts it after so many bytes to the listener.
    CutThere(usize),
    /// Cuts it after so many bytes to the caller.
    CutBack(usize),
    /// Passes each piece on after so many milliseconds.
    Late(u64),
    /// Passes on one byte a second.
    Trickle,
    /// After so many bytes the caller is cut off, and the listener is not told.
    HalfOpen(usize),
}

/// A proxy before one node.
#[derive(Clone)]
struct Proxy {
    at: SocketAddr,
    /// What the next connections meet; after them it is fair.
    next: Arc<Mutex<VecDeque<Weather>>>,
}

impl Proxy {
    async fn before(listener: SocketAddr) -> Self {
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { at: door.local_addr().unwrap(), next: Arc::default() };
        let next = Arc::clone(&proxy.next);
        tokio::spawn(async move {
            while let Ok((caller, _)) = door.accept().await {
                // A node that is down refuses the connection, here as without a proxy.
                if let Ok(called) = TcpStream::connect(listener).await {
                    let weather = next.lock().unwrap().pop_front().unwrap_or(Weather::Fair);
                    tokio::spawn(carry(caller, called, weather));
                }
            }
        });
        proxy
    }

    fn expect(&self, weathers: impl IntoIterator<Item = Weather>) {
        self.next.lock().unwrap().extend(weathers);
    }

    /// Whether every weather that was expected has come.
    fn is_clear(&self) -> bool {
        self.next.lock().unwrap().is_empty()
    }
}

async fn carry(caller: TcpStream, called: TcpStream, weather: Weather) {
    let (from_caller, to_caller) = caller.into_split();
    let (from_called, to_called) = called.into_split();
    // Where one direction ends, both do.
    tokio::select! {
        () = pass(from_caller, to_called, weather, false) => {}
        () = pass(from_called, to_caller, weather, true) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, weather: Weather, is_back: bool) {
    let end = match (weather, is_back) {
        (Weather::CutThere(end) | Weather::HalfOpen(end), false) | (Weather::CutBack(end), true) => end,
        _ => usize::MAX,
    };
    let (mut passed, mut piece) = (0, [0; 16 * 1024]);
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let left = length.min(end - passed);
        let parts = if weather == Weather::Trickle { 1 } else { left.max(1) };
        for part in piece[..left].chunks(parts) {
            match weather {
                Weather::Late(millis) => sleep(Duration::from_millis(millis)).await,
                Weather::Trickle => sleep(Duration::from_secs(1)).await,
                _ => {}
            }
            if to.write_all(part).await.is_err() {
                return;
            }
        }
        passed += left;
        if passed == end {
            if matches!(weather, Weather::HalfOpen(_)) {
                // Kept until the test ends: the listener hears nothing more, and no farewell.
                tokio::spawn(async move { drop((std::future::pending::<()>().await, to)) });
            }
            return;
        }
    }
}

/// Two nodes that reach each other through a proxy each.
struct Stage {
    tokyo: Site,
    _seoul: Site,
    at_seoul: Running,
    at_tokyo: Running,
    to_seoul: Proxy,
    to_tokyo: Proxy,
}

impl Stage {
    async fn set(to_seoul: &[Weather], to_tokyo: &[Weather]) -> Self {
        let (by_seoul, by_tokyo) = (Place::free(), Place::free());
        let weathers = (to_seoul, to_tokyo);
        let (to_seoul, to_tokyo) = (Proxy::before(by_seoul.at).await, Proxy::before(by_tokyo.at).await);
        let seoul = site_at("seoul.kor", "KOR", by_seoul, to_seoul.at);
        let tokyo = site_at("tokyo.jpn", "JPN", by_tokyo, to_tokyo.at);
        to_seoul.expect(weathers.0.iter().copied());
        to_tokyo.expect(weathers.1.iter().copied());
        let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
        Self { tokyo, _seoul: seoul, at_seoul, at_tokyo, to_seoul, to_tokyo }
    }

    /// One item goes from Seoul and its receipt comes back, and the weather had its way.
    async fn crosses(self, size: usize) {
        released(&self.at_seoul, &KOREA, 1, size, &self.tokyo.name).await;
        admit(&self.at_tokyo, &JAPAN, 1).await;
        receipted(&self.at_seoul, 1).await;
        let entries = self.at_tokyo.node.office.view.read().register.iter().count();
        assert_eq!(entries, 1, "lost or doubled");
        assert!(self.to_seoul.is_clear() && self.to_tokyo.is_clear(), "a weather did not come");
        self.at_seoul.stop().await;
        self.at_tokyo.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_network_is_only_late() {
    let late = [Weather::Late(40); 8];
    let stage = Stage::set(&late, &late).await;
    stage.to_seoul.next.lock().unwrap().clear();
    stage.to_tokyo.next.lock().unwrap().clear();
    stage.crosses(400_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_on_the_way_there_costs_nothing_but_time() {
    let cuts = [900, 7_000, 40_000].map(Weather::CutThere);
    Stage::set(&[], &cuts).await.crosses(400_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_on_the_way_back_costs_nothing_but_time() {
    let cuts = [900, 3_000].map(Weather::CutBack);
    Stage::set(&[Weather::CutThere(9_000)], &cuts).await.crosses(400_000).await;
}

/// The listener learns nothing of the caller's end; without more it would hold what is half here until it gave the
/// connection up for silence, and turn the same item away meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_connection_gives_way_to_the_next() {
    Stage::set(&[], &[Weather::HalfOpen(200_000)]).await.crosses(1_000_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_one_byte_a_second_is_given_up_and_the_next_one_serves() {
    Stage::set(&[], &[Weather::Trickle]).await.crosses(1_000).await;
}
