//! The protocol driven by two machines and a pipe: what arrives, what a cut costs, and what is a breach.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod breaches;
mod document;
mod exchange;
mod golden;
mod pipe;
mod slow;
