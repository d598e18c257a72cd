//! Work on a large group by two threads, where its parts need nothing of each other.
//!
//! *Absent:* a pool. A thread is begun for a group and ends with it, which costs less than what it takes over.

use std::panic::resume_unwind;
use std::thread::{self, Builder};

/// Fewest pieces of work for which a thread is begun.
const MIN_SHARED: usize = 32;

/// Does `aside` on a thread of its own where there are `count` pieces of work in it and that is enough, and `here` meanwhile.
pub fn both<A: Send, B>(count: usize, aside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    if count < MIN_SHARED {
        return (aside(), here());
    }
    thread::scope(|scope| {
        let begun = Builder::new().spawn_scoped(scope, &aside);
        let done = here();
        match begun.map(|thread| thread.join()) {
            Ok(Ok(made)) => (made, done),
            Ok(Err(panicked)) => resume_unwind(panicked),
            // There are no more threads to be had.
            Err(_) => (aside(), done),
        }
    })
}

/// What `work` makes of each of `all`, in their order.
pub fn in_halves<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (first, second) = all.split_at(all.len() / 2);
    let each = |half: &[T]| half.iter().map(&work).collect::<Vec<_>>();
    let (rest, mut made) = both(all.len(), || each(second), || each(first));
    made.extend(rest);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_many_comes_in_their_order() {
        for count in [0, 1, 2, MIN_SHARED - 1, MIN_SHARED, 1001] {
            let all: Vec<usize> = (0..count).collect();
            let made = in_halves(&all, |one| one * 2);
            assert_eq!(made, (0..count).map(|one| one * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn many_are_shared_by_two_threads_and_few_stay_on_one() {
        for (count, threads) in [(MIN_SHARED - 1, 1), (MIN_SHARED, 2)] {
            let all: Vec<usize> = (0..count).collect();
            let mut ids: Vec<_> = in_halves(&all, |_| format!("{:?}", thread::current().id()));
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), threads);
        }
    }
}
