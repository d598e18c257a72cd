//! Exercises with the saboteur at work, a fixed set of seeds in the short run and many in the long one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use attache_exercise::run;

/// Seeds that once found something, for good.
const FOUND: [u64; 1] = [1240];
/// Seeds of the short run.
const SEEDS: u64 = 24;
/// Seeds of the long run.
const LONG_SEEDS: u64 = 10_000;
const STEPS: usize = 600;

fn play(seeds: impl IntoIterator<Item = u64>) -> usize {
    seeds.into_iter().map(|seed| run(seed, STEPS).unwrap_or_else(|found| panic!("{found}")).closed).sum()
}

#[test]
fn every_dispatch_is_receipted_once_whatever_the_saboteur_does() {
    let closed = play((0..SEEDS).chain(FOUND));
    // Something must have crossed, or nothing was shown.
    assert!(closed > SEEDS as usize, "{closed} dispatches crossed");
}

#[test]
fn what_is_owed_and_arrives_between_two_looks_is_no_foul() {
    // So short that everything happens once the saboteur rests.
    assert_eq!((0..40).filter(|seed| run(*seed, 20).is_err()).count(), 0);
}

#[test]
fn a_seed_replays_to_the_same_trace() {
    for seed in [3, 7] {
        assert_eq!(run(seed, STEPS).unwrap().trace, run(seed, STEPS).unwrap().trace);
    }
}

/// Run by `cargo xtask test --long`.
mod long {
    use super::*;

    #[test]
    #[ignore = "long"]
    fn ten_thousand_seeds_keep_every_rule() {
        assert!(play(0..LONG_SEEDS) > LONG_SEEDS as usize);
    }
}
