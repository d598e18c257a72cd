//! What the sealing crate promises, seen from outside.

mod samples;
mod statement;
mod statement_vectors;
mod wrap;
