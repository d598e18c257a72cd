//! Pieces taken in order, worked on at the same time, and given on in order: what sealing and opening have in common.
//!
//! *Absent:* what a piece is. Each worker holds one, so memory stays that of two segments.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many pieces are worked on at once: one core for each, and a node has other work too.
const WORKERS: usize = 2;

/// Where pieces come from.
struct Source<F> {
    take: F,
    next: u64,
    is_done: bool,
}

/// Where results go.
struct Sink<F, E> {
    give: F,
    turn: u64,
    is_stopped: bool,
    error: Option<E>,
}

/// Takes pieces until `take` answers `false`, works on up to two of them at once, and gives each on when all before it
/// were given. `take` and `give` are never called by two workers at once; a `many` of `false` starts no thread.
///
/// # Errors
/// The first in the order of the pieces; nothing behind it is given on.
pub(super) fn in_order<B: Default, M, E: Send>(
    many: bool,
    take: impl FnMut(&mut B) -> Result<bool, E> + Send,
    work: impl Fn(u64, &mut B) -> Result<M, E> + Sync,
    give: impl FnMut(&B, M) -> Result<(), E> + Send,
) -> Result<(), E> {
    let source = Mutex::new(Source { take, next: 0, is_done: false });
    let sink = Mutex::new(Sink { give, turn: 0, is_stopped: false, error: None });
    let turned = Condvar::new();
    let worker = || {
        let _guard = StopOnPanic { sink: &sink, turned: &turned };
        let mut piece = B::default();
        while let Some((number, taken)) = next(&source, &mut piece) {
            let made = taken.and_then(|()| work(number, &mut piece));
            let mut sink = lock(&sink);
            while sink.turn != number && !sink.is_stopped {
                sink = turned.wait(sink).unwrap_or_else(PoisonError::into_inner);
            }
            if sink.is_stopped {
                return;
            }
            match made.and_then(|made| (sink.give)(&piece, made)) {
                Ok(()) => sink.turn += 1,
                Err(error) => {
                    sink.error = Some(error);
                    sink.is_stopped = true;
                }
            }
            turned.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 1..if many { WORKERS } else { 1 } {
            scope.spawn(worker);
        }
        worker();
    });
    match sink.into_inner().unwrap_or_else(PoisonError::into_inner).error {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The next piece and its number; an error takes the place of its piece, so that those before it still go on.
fn next<B, E, F: FnMut(&mut B) -> Result<bool, E>>(
    source: &Mutex<Source<F>>,
    piece: &mut B,
) -> Option<(u64, Result<(), E>)> {
    let mut source = lock(source);
    if source.is_done {
        return None;
    }
    let taken = match (source.take)(piece) {
        Ok(true) => Ok(()),
        Ok(false) => {
            source.is_done = true;
            return None;
        }
        Err(error) => {
            source.is_done = true;
            Err(error)
        }
    };
    let number = source.next;
    source.next += 1;
    Some((number, taken))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A worker that panicked stops the others and the panic goes on when the scope ends.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets no worker wait for the turn of one that is gone.
struct StopOnPanic<'a, F, E> {
    sink: &'a Mutex<Sink<F, E>>,
    turned: &'a Condvar,
}

impl<F, E> Drop for StopOnPanic<'_, F, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.sink).is_stopped = true;
            self.turned.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_order;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Squares of 0 to `count`, with an error at one place of each kind.
    fn squares(count: u64, take_fails: u64, work_fails: u64) -> (Vec<u64>, Result<(), &'static str>) {
        let (mut next, mut given) = (0, Vec::new());
        let result = in_order(
            true,
            |piece: &mut u64| {
                *piece = next;
                next += 1;
                if *piece == take_fails { Err("take") } else { Ok(*piece < count) }
            },
            |number, piece| {
                assert_eq!(number, *piece);
                // The even ones are slow, so that the odd ones overtake them.
                if number % 2 == 0 {
                    std::thread::yield_now();
                }
                if number == work_fails { Err("work") } else { Ok(number * number) }
            },
            |piece, square| {
                assert_eq!(*piece * *piece, square);
                given.push(square);
                Ok(())
            },
        );
        (given, result)
    }

    #[test]
    fn results_come_in_the_order_of_the_pieces() {
        let expected: Vec<u64> = (0..1000).map(|number| number * number).collect();
        assert_eq!(squares(1000, u64::MAX, u64::MAX), (expected, Ok(())));
        assert_eq!(squares(0, u64::MAX, u64::MAX), (Vec::new(), Ok(())));
    }

    #[test]
    fn the_first_error_in_order_counts_and_nothing_behind_it_is_given() {
        for at in 0..20 {
            let before: Vec<u64> = (0..at).map(|number| number * number).collect();
            assert_eq!(squares(1000, at, at + 1), (before.clone(), Err("take")));
            assert_eq!(squares(1000, at + 1, at), (before, Err("work")));
        }
    }

    #[test]
    fn a_worker_that_panics_takes_the_others_with_it() {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let (mut left, work) =
                (100, |number, _: &mut ()| if number == 7 { panic!("7") } else { Ok::<_, ()>(()) });
            let take = |_: &mut ()| {
                left -= 1;
                Ok(left > 0)
            };
            in_order(true, take, work, |(), ()| Ok(()))
        }));
        assert!(result.is_err());
    }
}
