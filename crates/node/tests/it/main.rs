//! The engine on real stores: what is committed is folded, sealed, logged and found again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod absences;
mod again;
mod altered;
mod beyond;
mod clocks;
mod consents;
mod control;
mod crossing;
mod dates;
mod derived;
mod desk;
mod disk;
mod document;
mod engine;
mod forks;
mod holdings;
mod hub_share;
mod leaving;
mod lies;
mod link;
mod nightly;
mod nodes;
mod offers;
mod onward;
mod padding;
mod passages;
mod promises;
mod proxy;
mod purposes;
mod recalls;
mod records;
mod relay;
mod replay;
mod sequencer;
mod snapshot;
mod successions;
mod suspended;
mod topics;
mod vouched;
mod witness;
mod world;
