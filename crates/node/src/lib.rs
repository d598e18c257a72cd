//! The node: the shell around the agreement. The desk turns a person's signed statement into a plan, the engine turns
//! plans into durable, sealed and logged entries, and the sequencer lets many commands share one sync to disk. Around
//! them stand the steps of one document: intake, marking, packing, the exchange with a partner, arrival, receipts, reading.
//!
//! Each step takes the office, the time and fresh ids and returns a plan; [`node::Node`] runs them on threads and
//! sockets, `exercise` by hand on a seeded clock.
//!
//! *Absent:* rules (they are `release`'s), keys (they are `custody`'s), and prose for people.

mod abroad;
mod adoption;
pub mod arrival;
pub mod backup;
pub mod beat;
pub mod chores;
pub mod coming;
pub mod copies;
pub mod desk;
pub mod engine;
pub mod evidence;
pub mod exchange;
pub mod fault;
pub mod foreign;
pub mod forgetting;
pub mod forks;
pub mod founding;
pub mod grounds;
pub mod hops;
pub mod intake;
pub mod link;
pub mod logs;
pub mod nightly;
pub mod node;
pub mod notices;
pub mod office;
pub mod openings;
pub mod outside;
pub mod pace;
pub mod packing;
pub mod papers;
pub mod promises;
pub mod reading;
pub mod receipts;
pub mod refold;
pub mod relay;
pub mod replay;
pub mod report;
pub mod resting;
pub mod room;
pub mod sequencer;
pub mod service;
pub mod settling;
pub mod snapshot;
pub mod steward;
pub mod stocktaking;
pub mod succession;
pub mod titles;
pub mod witness;
pub mod words;

mod chain;
mod mark;
mod named;
mod passing;
mod permits;
