//! The partner protocol: one frame, and whole connections cut anywhere.

use super::needed;
use crate::Target;
use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_courier::frame::{Ask, Frame, Given, Offer, OpeningAnswer, Witnessed};
use attache_courier::limits::{MAX_CONTROL_BYTES, MAX_HELD_BYTES, VERSION};
use attache_courier::{Caller, Code, Event, Listener, Misuse, Ours, Output, Role, Session};
use attache_node::relay::Docket;
use attache_seal::papers::MAX_HOPS;
use attache_tlog::Origin;
use std::fmt::Write as _;

pub const FRAME: Target = Target {
    name: "frame",
    reads: "courier::frame",
    run: frame,
    rounds: 60_000,
    words: &["gsomia-2016", "seoul.kor"],
};

pub const SESSION: Target = Target {
    name: "session",
    reads: "courier::reader, courier::session, from either end",
    run: session,
    rounds: 18_000,
    words: &["\0\0\0\u{3}"],
};

pub const DOCKET: Target = Target {
    name: "docket",
    reads: "node::relay::Docket: what is shown with a letter",
    run: docket,
    rounds: 30_000,
    words: &["north-korean-missile"],
};

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn frame(bytes: &[u8]) {
    let Ok(frame) = Frame::from_bytes(bytes) else { return };
    assert!(bytes.len() <= MAX_CONTROL_BYTES);
    assert_eq!(frame.to_wire().get(4..), Some(bytes), "a frame has one form");
}

fn docket(bytes: &[u8]) {
    let Some(docket) = Docket::from_bytes(bytes) else { return };
    assert_eq!(docket.to_bytes(), bytes, "a docket has one form");
    assert!(docket.hops().is_none_or(|hops| hops.len() <= usize::from(MAX_HOPS)));
    // Of a leaf that nobody logged, no topic is believed.
    let origin = needed(Origin::new("seoul.kor/log"));
    assert!(docket.topics.is_none_or(|shown| shown.verified(&origin).is_none()));
}

/// The first byte says which end we are and how the bytes are cut. However they are, the same is heard and said, where what
/// waits goes to the socket at the same places of the stream.
fn session(bytes: &[u8]) {
    let Some((how, stream)) = bytes.split_first() else { return };
    let pieces = [1, 2, 3, 7, 64, 1000].get(usize::from(how >> 1) % 6).copied().unwrap_or(1);
    if how & 1 == 0 {
        assert_eq!(listen(stream, stream.len().max(1)), listen(stream, pieces));
    } else {
        assert_eq!(call(stream, stream.len().max(1)), call(stream, pieces));
    }
}

fn ours(node: &str, peer: &str) -> Ours {
    Ours {
        node: needed(node.parse()),
        network: Network::Demo,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([1; 32]),
        window: 8,
        peer: needed(peer.parse()),
        highest: VERSION,
    }
}

/// What a session heard and said, in order; content of data together, however it came.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    events: String,
    said: Vec<u8>,
    content: Vec<u8>,
}

impl Heard {
    /// Whether it was more than content, which comes in as many pieces as the stream is cut into.
    fn note(&mut self, event: &Event<'_>) -> bool {
        if let Event::Data { bytes, .. } = event {
            self.content.extend_from_slice(bytes);
            return false;
        }
        needed(write!(self.events, "{event:?} after {}; ", self.content.len()));
        true
    }

    /// What a session makes of a stream, given what it answers to each event.
    fn all<R: Role>(
        mut session: Session<R>,
        stream: &[u8],
        pieces: usize,
        mut answer: impl FnMut(&mut Session<R>, Event<'_>) -> Result<(), Misuse>,
    ) -> Self {
        let mut heard = Self::default();
        for mut piece in stream.chunks(pieces) {
            loop {
                match session.receive(NOW, &mut piece) {
                    Ok(None) => break,
                    Ok(Some(event)) => {
                        let is_whole = heard.note(&event);
                        assert_eq!(answer(&mut session, event), Ok(()), "what is heard can be answered");
                        if is_whole {
                            heard.say(&mut session);
                        }
                    }
                    Err(trouble) => {
                        assert!(session.is_closed());
                        needed(write!(heard.events, "{}", trouble.code()));
                    }
                }
                assert!(session.held_bytes() <= MAX_HELD_BYTES);
            }
        }
        heard.say(&mut session);
        heard
    }

    fn say<R: Role>(&mut self, session: &mut Session<R>) {
        while let Some(output) = session.poll_output() {
            match output {
                Output::Control(bytes) => self.said.extend(bytes),
                Output::Data { head, content } => {
                    self.said.extend(head);
                    self.said.extend(content);
                }
            }
        }
    }
}

/// A listener that takes everything: each offer from its begin, each container as stored, each receipt, notice and proof as
/// kept, each request to open with a share; and cosigns every other checkpoint, by the length of what it is asked.
fn listen(stream: &[u8], pieces: usize) -> Heard {
    let session = needed(Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW));
    Heard::all(session, stream, pieces, |session, event| match event {
        Event::Offered(Offer { dispatch, .. }) => session.accept(dispatch, 0, NOW),
        Event::Complete { dispatch } => session.stored(dispatch),
        Event::Receipt { dispatch, .. } => session.receipt_kept(dispatch),
        Event::Notice { id, .. } => session.notice_kept(id),
        Event::Proof { dispatch, .. } => session.proof_kept(dispatch),
        Event::Witness { request } if request.len().is_multiple_of(2) => {
            session.witnessed(Witnessed::stands_at(request.len() as u64))
        }
        Event::Witness { .. } => session.witnessed(Witnessed::cosigned(vec![7; 40])),
        Event::Opening { id, .. } => {
            let share = Some(vec![8; 40].into());
            session.answer_opening(OpeningAnswer { id, answer: vec![7; 40], share })
        }
        Event::Ask(ask) => {
            session.given(Given::new(ask.dispatch.map(|id| id.0.to_vec()), ask.since.is_some()))
        }
        _ => Ok(()),
    })
}

/// A caller that asks to be witnessed, asks what is there of its own where the peer knows the frame, owes one container and asks to open one item, and declines each receipt.
fn call(stream: &[u8], pieces: usize) -> Heard {
    let session = needed(Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW));
    let (dispatch, package_digest) = (DispatchId([1; 16]), Digest([4; 32]));
    Heard::all(session, stream, pieces, |session, event| match event {
        Event::Greeted(greeting) => {
            session.witness(vec![6; 40], NOW)?;
            if greeting.may_ask() {
                session.ask(Ask { dispatch: None, since: Some(NOW) }, NOW)?;
            }
            if session.bar().is_some() {
                return Ok(());
            }
            let offer = Offer { dispatch, package: vec![3; 40], package_digest, size: 100, due: NOW };
            session.offer(offer, NOW)?;
            // A window may be of one.
            if session.has_room() { session.opening(DispatchId([5; 16]), vec![6; 40], NOW) } else { Ok(()) }
        }
        Event::Accepted { .. } => match session.wants() {
            Some(want) => session.feed(want.dispatch, vec![5; want.max], NOW),
            None => Ok(()),
        },
        Event::Given(given) if given.more => session.ask(Ask { dispatch: None, since: None }, NOW),
        Event::Receipt { dispatch, .. } => session.decline(dispatch, Code::Refused),
        _ => Ok(()),
    })
}
