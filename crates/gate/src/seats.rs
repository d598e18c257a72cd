//! Seats for connections: so many in all, so many from one address. Whoever finds none is turned away at once rather
//! than kept waiting.
//!
//! *Absent:* who is believed. A seat says nothing of its holder.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The seats of one listener.
pub(crate) struct Seats {
    max: usize,
    max_of_one: usize,
    taken: Mutex<BTreeMap<IpAddr, usize>>,
}

/// One seat, until it is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    from: IpAddr,
}

impl Seats {
    pub(crate) fn new(max: usize, max_of_one: usize) -> Arc<Self> {
        Arc::new(Self { max, max_of_one, taken: Mutex::default() })
    }

    /// A seat for a caller from `from`, if there is one.
    pub(crate) fn take(self: &Arc<Self>, from: IpAddr) -> Option<Seat> {
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= self.max {
            return None;
        }
        let of_one = taken.entry(from).or_default();
        if *of_one >= self.max_of_one {
            return None;
        }
        *of_one += 1;
        Some(Seat { seats: Arc::clone(self), from })
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        // Each change is one number, so a panic elsewhere leaves nothing half-made.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(of_one) = taken.get_mut(&self.from) {
            *of_one = of_one.saturating_sub(1);
            if *of_one == 0 {
                taken.remove(&self.from);
            }
        }
    }
}
