//! Evidence of two real nodes, whole and altered in every way that a holder of the folder could try.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod altered;
mod binary;
mod folder;
mod forked;
mod item;
mod letters;
mod moments;
mod openings;
mod passages;
mod public;
mod report_vectors;
mod reports;
mod rulings;
mod single_file;
mod whole;
