//! Scripted connections: one order of events, or one place for the cut.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use crate::site::Site;
use crate::world::{BEGIN, NATIONS};
use attache_accord::{CaseId, DispatchId};
use attache_node::exchange::Then;
use attache_seal::papers::Answer;
use attache_store::MemoryDisk;

/// Later than every waiting time of an exchange.
const LATER_MILLIS: u64 = 61_000;

struct Two {
    seoul: Site,
    tokyo: Site,
    now: Timestamp,
    sent: u64,
}

impl Two {
    fn new() -> Self {
        let [at_seoul, at_tokyo] = &NATIONS;
        let mut seoul = Site::found(at_seoul, 0x10, MemoryDisk::default(), BEGIN).unwrap();
        let mut tokyo = Site::found(at_tokyo, 0x20, MemoryDisk::default(), BEGIN).unwrap();
        seoul.befriend(&tokyo, BEGIN).unwrap();
        tokyo.befriend(&seoul, BEGIN).unwrap();
        Self { seoul, tokyo, now: BEGIN, sent: 0 }
    }

    /// Seoul approves and packs one more item of so many bytes.
    fn send(&mut self, size: usize) -> DispatchId {
        self.sent += 1;
        let id = |kind: u8| {
            let mut id = [kind; 16];
            id[8..].copy_from_slice(&self.sent.to_be_bytes());
            id
        };
        let (item, spare, case, dispatch) = (id(1), id(2), id(3), id(4));
        self.seoul.offer_item((item, spare, case), size, &self.tokyo.name, self.now).unwrap();
        self.seoul.decide(CaseId(case), Answer::Approve, self.now).unwrap();
        assert!(self.seoul.chore(dispatch, self.now).unwrap());
        DispatchId(dispatch)
    }

    fn admit(&mut self, dispatch: DispatchId) {
        let mut item = dispatch.0;
        item[0] = 5;
        self.tokyo.admit(dispatch, item, self.now).unwrap();
        assert!(self.tokyo.chore([0; 16], self.now).unwrap());
    }

    fn dial(&self, caller: End) -> Wire {
        let (seoul, tokyo) = (self.seoul.office().unwrap(), self.tokyo.office().unwrap());
        match caller {
            End::Caller => Wire::dial(seoul, tokyo, self.now).unwrap(),
            End::Listener => Wire::dial(tokyo, seoul, self.now).unwrap(),
        }
    }

    fn carry_out(&mut self, wire: &mut Wire, side: End, errand: Errand) {
        let site = if *wire.site(side) == self.seoul.name { &mut self.seoul } else { &mut self.tokyo };
        let outcome = site.commit(errand.plan, self.now).unwrap();
        match side {
            End::Caller => wire.calling.done(errand.then, &outcome),
            End::Listener => wire.listening.done(errand.then, &outcome),
        }
    }

    /// Bytes move both ways until an errand is there at `end`; errands at the other end are carried out.
    fn until_errand(&mut self, wire: &mut Wire, end: End) -> Errand {
        for _ in 0..200 {
            for side in [End::Caller, End::Listener] {
                wire.tick(side, self.now);
                wire.write(side, 8, self.now);
                wire.deliver(side, 1 << 20, self.now);
                match wire.next_errand(side) {
                    Some(errand) if side == end => return errand,
                    Some(errand) => self.carry_out(wire, side, errand),
                    None => {}
                }
            }
        }
        panic!("nothing came")
    }

    /// Everything moves until nothing does, or until `limit` bytes have come to that end: then the connection is cut.
    /// Returns the bytes that came to the listener and to the caller.
    fn run(&mut self, mut wire: Wire, limit: Option<(End, usize)>) -> [usize; 2] {
        let mut came = [0, 0];
        loop {
            let mut moved = false;
            for (place, side) in [End::Listener, End::Caller].into_iter().enumerate() {
                wire.tick(side, self.now);
                moved |= wire.write(side, 4, self.now);
                let left = match limit {
                    Some((end, bytes)) if end == side => bytes - came[place],
                    _ => usize::MAX,
                };
                let count = wire.underway(side).min(left);
                came[place] += count;
                moved |= wire.deliver(side, count, self.now);
                if count == left {
                    return came;
                }
                while let Some(errand) = wire.next_errand(side) {
                    self.carry_out(&mut wire, side, errand);
                    moved = true;
                }
            }
            if !moved {
                return came;
            }
        }
    }

    /// One exchange whose first connection from `caller` is cut when `limit` bytes have come to `end`. Afterwards the
    /// item is here once and receipted. Returns what came on the connection that was to be cut.
    fn exchange(&mut self, caller: End, limit: Option<(End, usize)>) -> [usize; 2] {
        let dispatch = self.send(600);
        let mut came = [0, 0];
        if caller == End::Caller {
            came = self.run(self.dial(End::Caller), limit);
            self.now = self.now.plus_millis(LATER_MILLIS);
        }
        self.run(self.dial(End::Caller), None);
        self.admit(dispatch);
        if caller == End::Listener {
            came = self.run(self.dial(End::Listener), limit);
            self.now = self.now.plus_millis(LATER_MILLIS);
        }
        self.run(self.dial(End::Listener), None);
        let (seoul, tokyo) =
            (self.seoul.office().unwrap().view.read(), self.tokyo.office().unwrap().view.read());
        assert!(seoul.dispatches.is_receipted(&dispatch), "{caller:?} {limit:?}: lost");
        assert_eq!(tokyo.register.iter().count() as u64, self.sent, "{caller:?} {limit:?}: doubled");
        assert_eq!(tokyo.dispatches.receipts_owed_to(&self.seoul.name).count(), 0, "{caller:?} {limit:?}");
        came
    }
}

/// The sender hears on its own connection that a package is stored, and on the other that it is receipted. Both are
/// facts of one dispatch, so where both wait for one commit the second meets a conflict: it must be weighed again at
/// once, not declined until the partner brings it again a minute later.
#[test]
fn a_receipt_that_overtakes_the_record_of_storage_is_kept_at_once() {
    let mut two = Two::new();
    // What the Parties have to say about the agreement goes first.
    for caller in [End::Caller, End::Listener] {
        two.run(two.dial(caller), None);
    }
    let dispatch = two.send(100);
    let mut out = two.dial(End::Caller);
    let stored = two.until_errand(&mut out, End::Caller);
    two.admit(dispatch);
    let mut back = two.dial(End::Listener);
    let kept = two.until_errand(&mut back, End::Listener);
    assert_eq!((stored.then, kept.then), (Then::Recorded, Then::Kept(dispatch)));
    let first = two.seoul.commit(stored.plan, BEGIN).unwrap();
    out.calling.done(stored.then, &first);
    let second = two.seoul.commit(kept.plan, BEGIN).unwrap();
    assert!(first.is_ok() && second.is_err());
    back.listening.done(kept.then, &second);
    let again = two.until_errand(&mut back, End::Listener);
    two.carry_out(&mut back, End::Listener, again);
    let delivered = two.until_errand(&mut back, End::Caller);
    assert_eq!(delivered.then, Then::Recorded);
    assert!(two.seoul.office().unwrap().view.read().dispatches.is_receipted(&dispatch));
}

/// Cuts each of the four streams of one exchange after every `step`-th byte. Returns how many cuts there were.
fn cut_everywhere(step: usize) -> usize {
    let mut two = Two::new();
    let mut cuts = 0;
    for caller in [End::Caller, End::Listener] {
        let whole = two.exchange(caller, None);
        for (end, bytes) in [End::Listener, End::Caller].into_iter().zip(whole) {
            assert!(bytes > 100, "{caller:?} {end:?}: only {bytes} bytes");
            for after in (0..bytes).step_by(step) {
                two.exchange(caller, Some((end, after)));
                cuts += 1;
            }
        }
    }
    cuts
}

#[test]
fn an_exchange_cut_at_many_bytes_of_both_directions_arrives_once() {
    let cuts = cut_everywhere(113);
    println!("{cuts} cuts");
    assert!(cuts > 100);
}

/// Run by `cargo xtask test --long`.
mod long {
    #[test]
    #[ignore = "long"]
    fn an_exchange_cut_at_every_byte_of_both_directions_arrives_once() {
        let cuts = super::cut_everywhere(1);
        println!("{cuts} cuts");
        assert!(cuts > 10_000);
    }
}
