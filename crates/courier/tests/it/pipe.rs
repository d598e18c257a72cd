//! Two nodes with durable state of their own, and connections between them that can be cut at any byte.

use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_courier::frame::Offer;
use attache_courier::limits::VERSION;
use attache_courier::{Caller, Event, Listener, Ours, Output};

pub const NOW: Timestamp = Timestamp(1_780_000_000_000);
pub const PACKAGE: &[u8] = b"a signed package statement";

pub fn ours(node: &str, peer: &str) -> Ours {
    Ours {
        node: node.parse().unwrap(),
        network: Network::Demo,
        agreement: "gsomia-2016".into(),
        pack: Digest([1; 32]),
        window: 8,
        peer: peer.parse().unwrap(),
        highest: VERSION,
    }
}

pub fn dispatch(number: u8) -> DispatchId {
    DispatchId([number; 16])
}

pub fn offer(number: u8, size: u64) -> Offer {
    Offer {
        dispatch: dispatch(number),
        package: PACKAGE.to_vec(),
        package_digest: Digest([number; 32]),
        size,
        due: NOW.plus_hours(24),
    }
}

pub fn bytes_of(output: Output) -> Vec<u8> {
    match output {
        Output::Control(bytes) => bytes,
        Output::Data { head, content } => [head.as_slice(), &content].concat(),
    }
}

/// What one item is at both ends, across connections.
pub struct Item {
    pub number: u8,
    pub container: Vec<u8>,
    /// At the sender: nothing more is owed.
    pub sent: bool,
    /// At the receiver: the durable bytes, and how often the whole was stored.
    pub here: Vec<u8>,
    pub stored: usize,
}

impl Item {
    pub fn new(number: u8, size: usize) -> Self {
        let container = (0..size).map(|at| (at % 251) as u8 ^ number).collect();
        Self { number, container, sent: false, here: Vec::new(), stored: 0 }
    }
}

/// Where a connection breaks: after so many bytes from the caller, or from the listener.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    Never,
    FromCaller(usize),
    FromListener(usize),
}

/// Runs one connection until nothing moves or it is cut. Gives the bytes that went each way.
pub fn connect(items: &mut [Item], cut: Cut, chunk: usize) -> (usize, usize) {
    let mut caller = Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW).unwrap();
    let mut listener = Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW).unwrap();
    let (mut from_caller, mut from_listener) = (0, 0);
    loop {
        feed(&mut caller, items);
        let mut moved = false;
        while let Some(output) = caller.poll_output() {
            let (bytes, whole) = kept(bytes_of(output), from_caller, cut, true);
            from_caller += bytes.len();
            for piece in bytes.chunks(chunk) {
                at_listener(&mut listener, items, piece);
            }
            moved = true;
            if !whole {
                return (from_caller, from_listener);
            }
        }
        while let Some(output) = listener.poll_output() {
            let (bytes, whole) = kept(bytes_of(output), from_listener, cut, false);
            from_listener += bytes.len();
            for piece in bytes.chunks(chunk) {
                at_caller(&mut caller, items, piece);
            }
            moved = true;
            if !whole {
                return (from_caller, from_listener);
            }
        }
        if !moved {
            return (from_caller, from_listener);
        }
    }
}

/// The part of `bytes` that still passes, and whether that is all of them.
fn kept(mut bytes: Vec<u8>, gone: usize, cut: Cut, from_caller: bool) -> (Vec<u8>, bool) {
    let limit = match cut {
        Cut::FromCaller(limit) if from_caller => limit,
        Cut::FromListener(limit) if !from_caller => limit,
        _ => usize::MAX,
    };
    let whole = gone + bytes.len() <= limit;
    bytes.truncate(limit.saturating_sub(gone));
    (bytes, whole)
}

fn feed(caller: &mut Caller, items: &[Item]) {
    while let Some(want) = caller.wants() {
        let item = items.iter().find(|item| dispatch(item.number) == want.dispatch).unwrap();
        let from = usize::try_from(want.offset).unwrap();
        // Small pieces, so that exchanges take turns and a cut falls between them too.
        let until = (from + want.max.min(7)).min(item.container.len());
        caller.feed(want.dispatch, item.container[from..until].to_vec(), NOW).unwrap();
    }
}

fn find(items: &mut [Item], id: DispatchId) -> &mut Item {
    items.iter_mut().find(|item| dispatch(item.number) == id).unwrap()
}

fn at_caller(caller: &mut Caller, items: &mut [Item], mut input: &[u8]) {
    while let Some(event) = caller.receive(NOW, &mut input).unwrap() {
        match event {
            Event::Greeted(_) => {
                for item in items.iter().filter(|item| !item.sent) {
                    caller.offer(offer(item.number, item.container.len() as u64), NOW).unwrap();
                }
            }
            Event::Stored { dispatch } | Event::Held { dispatch } => find(items, dispatch).sent = true,
            Event::Accepted { .. } => {}
            other => panic!("{}", other.name()),
        }
    }
}

fn at_listener(listener: &mut Listener, items: &mut [Item], mut input: &[u8]) {
    while let Some(event) = listener.receive(NOW, &mut input).unwrap() {
        match event {
            Event::Greeted(_) => {}
            Event::Offered(offer) => {
                assert_eq!(offer.package, PACKAGE);
                let item = find(items, offer.dispatch);
                if item.stored > 0 {
                    listener.held(offer.dispatch).unwrap();
                } else {
                    listener.accept(offer.dispatch, item.here.len() as u64, NOW).unwrap();
                }
            }
            Event::Data { dispatch, offset, bytes } => {
                let item = find(items, dispatch);
                assert_eq!(offset, item.here.len() as u64);
                item.here.extend_from_slice(bytes);
            }
            Event::Complete { dispatch } => {
                find(items, dispatch).stored += 1;
                listener.stored(dispatch).unwrap();
            }
            other => panic!("{}", other.name()),
        }
    }
}
