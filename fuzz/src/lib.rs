//! Every parser of foreign bytes, given bytes that nobody meant.
//!
//! A [`Target`] is one plain function of bytes that panics where a promise is broken: what parses is written back as the
//! same bytes or is refused, what is cut elsewhere says the same, what is held stays bounded, and what opens is what was
//! sealed. The ordinary tests replay the corpus (`fuzz/corpus`) and mutate it from a printed seed; `cargo xtask fuzz` runs
//! the same functions under libFuzzer, guided by coverage.
//!
//! *Absent:* anything that the product needs.

mod corpus;
mod mutate;
mod targets;

pub use corpus::{Seed, corpus, folder};
pub use mutate::Mutator;
pub use targets::{TARGETS, gate, link};

/// One parser, or a few that read the same bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// What of the product reads these bytes.
    pub reads: &'static str,
    /// Gives it bytes. Panics where a promise is broken.
    pub run: fn(&[u8]),
    /// How many mutations the ordinary tests try.
    pub rounds: u32,
    /// Pieces that its form knows, for the mutator.
    pub words: &'static [&'static str],
}

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
