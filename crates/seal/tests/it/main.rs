//! What the sealing crate promises, seen from outside.

// Helpers of tests stand outside `#[test]` functions, where the lint does not look for tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod label;
mod label_vectors;
mod passage_vectors;
mod samples;
mod shared;
mod sidecar;
mod spif;
mod stanag;
mod statement;
mod statement_vectors;
mod survey;
mod tdf;
mod tdf_samples;
mod tdf_vectors;
mod wrap;
mod xml;
