//! Tests of the release question: the pack, the floor, the policies, the matrix that a lawyer reads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod bad_packs;
mod compiled;
mod cover;
mod explain;
mod generated;
mod matrix;
mod mutants;
mod nearest;
mod pack;
mod pair;
mod permit;
mod properties;
mod questions;
mod report;
mod second;
mod tisa;
mod whole;
