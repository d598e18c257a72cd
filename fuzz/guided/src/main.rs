//! One fuzz target under libFuzzer: which one, `ATTACHE_FUZZ` says. `cargo xtask fuzz` builds this with coverage counters.
//!
//! *Absent:* targets. They are plain functions of `attache-fuzz`, and the ordinary tests run them too.

#![no_main]

use attache_fuzz::{TARGETS, Target, target};
use std::sync::LazyLock;

/// The target that the environment names.
static CHOSEN: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("ATTACHE_FUZZ").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("ATTACHE_FUZZ: one of {}", names.join(", "));
        std::process::exit(2)
    })
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (CHOSEN.run)(bytes));
