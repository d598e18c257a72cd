//! The protocol, from the bytes of a client to the bytes of the answer.

// What several tests need stands outside `#[test]` functions, where the lint does not look for tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attributes;
mod captured;
mod forms;
mod proofs;
mod provider;
mod shared;
mod tokens;
mod vectors;
