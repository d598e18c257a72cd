//! One connection, run: what its conduct wants written is written, what comes is given to it, its plans are committed
//! and their outcomes told. It reads while it writes, so that two ends that both have much to say cannot block each other.
//!
//! *Absent:* the protocol, which `courier` holds, and what is owed, which `exchange` finds.

use super::Shared;
use super::errands::{Errands, Outcome};
use super::inbox::Inbox;
use super::outgoing::Outgoing;
use super::standing::Standing;
use super::tls::rejection;
use crate::chores::CLOCKS_APART;
use crate::exchange::{Conduct, Part, Then};
use crate::fault::Fault;
use attache_accord::Timestamp;
use attache_courier::{Clocks, Code};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// A peer must take a frame that is ready for it within so many seconds.
pub const WRITE_SECONDS: u64 = 120;
/// A connection that is closing must be over so soon, in seconds.
pub const CLOSING_SECONDS: u64 = 30;
/// After the last word, what the peer still sends is read and dropped for so many seconds, so that the network does not
/// take that last word back.
pub const LINGER_SECONDS: u64 = 2;
/// After so long a connection is made anew, in hours, so that certificates are looked at again.
pub const MAX_CONNECTION_HOURS: u64 = 24;
/// While the clocks differ too much to release, a connection is made anew so often, in seconds: they are compared at the
/// greeting, and may have been set since.
pub const CLOCKS_AGAIN_SECONDS: u64 = 20;
/// So many bytes are written before the peer is listened to again.
const BURST_BYTES: usize = 256 * 1024;
/// The clock is looked at so often at least, in milliseconds: it may have been set.
const MAX_WAIT_MILLIS: u64 = 30_000;
/// And so often at most, in milliseconds.
const MIN_WAIT_MILLIS: u64 = 10;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// In order, or by the protocol: with the code that the peer or the protocol ended it with, if not our own will.
    Closed(Option<Code>),
    /// The peer does not believe our certificate.
    Refused(String),
    /// It broke, or the peer fell silent.
    Lost(String),
    /// Our own journal failed.
    Ours(Fault),
}

/// What happened while a connection waited.
enum Woke {
    Read(io::Result<bool>),
    Wrote(io::Result<()>),
    Done(Then, Outcome),
    Nudged,
    Down,
    Late,
}

/// One connection with one authenticated peer.
pub(super) struct Drive<R: Part> {
    link: Arc<Shared>,
    peer: Arc<Standing>,
    conduct: Conduct<R>,
    errands: Errands,
    outgoing: Outgoing,
    nudge: watch::Receiver<u64>,
    shutdown: watch::Receiver<bool>,
    until: Timestamp,
    /// Something changed that the conduct should look at.
    stirred: bool,
    greeted_at: Option<Instant>,
    closing_since: Option<Instant>,
    end: Option<End>,
}

impl<R: Part> Drive<R> {
    pub(super) fn new(link: &Arc<Shared>, peer: Arc<Standing>, conduct: Conduct<R>) -> Self {
        let now = link.node.now();
        Self {
            link: Arc::clone(link),
            peer,
            conduct,
            errands: Errands::default(),
            outgoing: Outgoing::default(),
            nudge: link.node.nudge(),
            shutdown: link.node.shutdown(),
            until: now.plus_hours(MAX_CONNECTION_HOURS),
            stirred: true,
            greeted_at: None,
            closing_since: None,
            end: None,
        }
    }

    /// Runs the connection to its end, and says how long it stood after the greeting. Needs a Tokio runtime of several
    /// threads: what may take long is announced to it, what is short is done on its threads.
    pub(super) async fn run<S: AsyncRead + AsyncWrite>(mut self, stream: S) -> (End, Duration) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut inbox = Inbox::new(Arc::clone(&self.link.rooms));
        let end = loop {
            self.turn(&mut writer);
            if let Some(end) = self.over() {
                break end;
            }
            let (wake, closing) = (self.wake(), self.closing_since.is_some());
            let woke = tokio::select! {
                read = inbox.fill(&mut reader), if self.end.is_none() => Woke::Read(read),
                wrote = self.outgoing.write(&mut writer), if !self.outgoing.is_idle() => Woke::Wrote(wrote),
                (then, outcome) = self.errands.next() => Woke::Done(then, outcome),
                _ = self.nudge.changed() => Woke::Nudged,
                () = down(&mut self.shutdown), if !closing => Woke::Down,
                () = sleep_until(wake) => Woke::Late,
            };
            self.take(woke, &mut inbox);
        };
        let stood = self.greeted_at.map_or(Duration::ZERO, |at| at.elapsed());
        let end = match end {
            End::Closed(code) => {
                farewell(reader, writer).await;
                End::Closed(code)
            }
            End::Lost(why) => last_word(&mut inbox, reader, why).await,
            end => end,
        };
        (end, stood)
    }

    /// Lets the conduct say what it has to say, and writes it as far as the peer reads.
    fn turn<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) {
        let now = self.link.node.now();
        if std::mem::take(&mut self.stirred) {
            self.conduct.tick(now);
            let compare = self.barred_since().is_some_and(|since| passed(since, CLOCKS_AGAIN_SECONDS));
            if compare || now >= self.until || !self.link.partners.still(&self.peer, now) {
                self.conduct.close(Code::GoingAway);
            }
        }
        self.write(now, writer);
        self.greet(now);
        while self.errands.has_room()
            && let Some(errand) = self.conduct.next_errand()
        {
            self.errands.take(errand, &self.link.node);
        }
        // A session that is over has no deadline.
        if self.conduct.deadline().is_none() {
            self.closing_since.get_or_insert_with(Instant::now);
        }
    }

    /// What the peer takes at once is written here, and not where everything is waited for, which may cost a change of
    /// threads for each frame.
    fn write<W: AsyncWrite + Unpin>(&mut self, now: Timestamp, writer: &mut W) {
        let mut pulled = 0;
        loop {
            while self.outgoing.has_room()
                && let Some(frame) = self.conduct.poll_output(now)
            {
                // What is lost is still taken from the conduct, and goes nowhere.
                if self.end.is_none() {
                    pulled += frame.len();
                    self.outgoing.push(frame);
                }
            }
            // After a while the peer is to be listened to again.
            if self.outgoing.is_idle() || pulled > BURST_BYTES {
                return;
            }
            match self.outgoing.write_now(writer) {
                Some(Ok(())) => {}
                Some(Err(error)) => return self.lost(error.to_string()),
                None => return,
            }
        }
    }

    /// Since when this connection could bring nothing because the clocks differ.
    fn barred_since(&self) -> Option<Instant> {
        let bar = self.conduct.greeting()?.bars_release()?;
        self.greeted_at.filter(|_| bar == Code::ClocksApart && !R::TAKES_OFFERS)
    }

    /// Only on the connection that this node dialled does anything move that it owes, so only that one counts as connected.
    fn greet(&mut self, now: Timestamp) {
        if let Some(greeting) = self.conduct.greeting().filter(|_| self.greeted_at.is_none()) {
            self.greeted_at = Some(Instant::now());
            tracing::info!(peer = %self.peer.node, dialled = !R::TAKES_OFFERS, "connected");
            if R::TAKES_OFFERS {
                self.link.board.greeted(&self.peer.node);
            } else {
                let changed = self.link.board.connected(&self.peer.node, greeting, now);
                self.clocks_changed(changed, greeting.clocks_apart_millis);
            }
        }
    }

    /// Once for a fault, however often the connection is made anew meanwhile.
    fn clocks_changed(&mut self, changed: Option<Clocks>, millis: u64) {
        let peer = &self.peer.node;
        match changed {
            None => {}
            Some(Clocks::Agree) => tracing::info!(%peer, "the partner's clock and ours agree again"),
            Some(clocks) => {
                tracing::warn!(%peer, millis, "the partner's clock differs; set both by a common source");
                if clocks == Clocks::Apart {
                    self.conduct.raise(CLOCKS_APART);
                }
            }
        }
    }

    fn take(&mut self, woke: Woke, inbox: &mut Inbox) {
        self.stirred |= !matches!(woke, Woke::Wrote(_)) && !inbox.is_full();
        match woke {
            Woke::Read(Ok(true)) => self.conduct.received(self.link.node.now(), inbox.take()),
            Woke::Read(Ok(false)) => self.lost("the peer hung up".into()),
            Woke::Read(Err(error)) => match rejection(&error) {
                Some(reason) => self.stop(End::Refused(reason)),
                None => self.lost(error.to_string()),
            },
            Woke::Wrote(Ok(())) | Woke::Nudged | Woke::Late => {}
            Woke::Wrote(Err(error)) => self.lost(error.to_string()),
            Woke::Done(then, Ok(outcome)) => self.conduct.done(then, &outcome),
            Woke::Done(_, Err(fault)) => self.end = Some(End::Ours(fault)),
            Woke::Down => self.conduct.close(Code::GoingAway),
        }
    }

    fn lost(&mut self, why: String) {
        self.stop(match self.conduct.ending() {
            Some(code) => End::Closed(Some(code)),
            None => End::Lost(why),
        });
    }

    /// Nothing more is read or written; the plans under way are still carried out.
    fn stop(&mut self, end: End) {
        self.end.get_or_insert(end);
        self.outgoing = Outgoing::default();
        self.conduct.close(Code::GoingAway);
    }

    fn over(&mut self) -> Option<End> {
        if matches!(self.end, Some(End::Ours(_))) {
            return self.end.take();
        }
        if self.conduct.is_over() && self.outgoing.is_idle() {
            return Some(self.end.take().unwrap_or(End::Closed(self.conduct.ending())));
        }
        let passed = |since: Option<Instant>, seconds| since.is_some_and(|since| passed(since, seconds));
        if passed(self.closing_since, CLOSING_SECONDS) {
            return Some(End::Lost(format!("not over {CLOSING_SECONDS} s after its Close")));
        }
        if passed(self.outgoing.since(), WRITE_SECONDS) {
            return Some(End::Lost(format!("the peer took nothing for {WRITE_SECONDS} s")));
        }
        None
    }

    /// When to look again at the latest.
    fn wake(&self) -> Instant {
        let now = Instant::now();
        let due =
            self.conduct.deadline().map_or(MAX_WAIT_MILLIS, |at| at.0.saturating_sub(self.link.node.now().0));
        let mut wake = now + Duration::from_millis(due.clamp(MIN_WAIT_MILLIS, MAX_WAIT_MILLIS));
        for (since, seconds) in [
            (self.closing_since, CLOSING_SECONDS),
            (self.outgoing.since(), WRITE_SECONDS),
            (self.barred_since().filter(|_| self.closing_since.is_none()), CLOCKS_AGAIN_SECONDS),
        ] {
            wake = since.map_or(wake, |since| wake.min(since + Duration::from_secs(seconds)));
        }
        wake
    }
}

fn passed(since: Instant, seconds: u64) -> bool {
    since.elapsed() >= Duration::from_secs(seconds)
}

/// Waits until the node goes down.
pub(super) async fn down(shutdown: &mut watch::Receiver<bool>) {
    // An error means that the node is gone already.
    let _ = shutdown.wait_for(|down| *down).await;
}

async fn farewell<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(mut reader: R, mut writer: W) {
    let mut dropped = [0; 4096];
    let parting = async {
        writer.shutdown().await?;
        while reader.read(&mut dropped).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // Whatever goes wrong now, the connection is over.
    let _ = timeout(Duration::from_secs(LINGER_SECONDS), parting).await;
}

/// A peer that does not believe our certificate says so and hangs up; our own writing may fail before we read it.
async fn last_word<R: AsyncRead + Unpin>(inbox: &mut Inbox, mut reader: R, why: String) -> End {
    let reading = async {
        loop {
            inbox.take();
            match inbox.fill(&mut reader).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return rejection(&error),
            }
        }
    };
    match timeout(Duration::from_secs(LINGER_SECONDS), reading).await {
        Ok(Some(reason)) => End::Refused(reason),
        _ => End::Lost(why),
    }
}
