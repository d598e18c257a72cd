//! What the gate promises, seen by clients over real TLS, with real nodes behind it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod copies;
mod crossing;
mod document;
mod forks;
mod items;
mod kas;
mod limits;
mod log;
mod machine;
mod overseen;
mod oversight;
mod published;
mod reference;
mod search;
mod signing;
mod table;
mod transparency;
mod watch;
mod witness;
mod world;
