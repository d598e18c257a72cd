//! The log as its users and its adversaries see it.

#![allow(clippy::unwrap_used, clippy::panic)] // A check fails by panicking, in its helpers too.

mod checkpoints;
mod foreign;
mod leaves;
mod naive;
mod samples;
mod tiles;
mod trees;
mod vectors;
mod witnesses;
