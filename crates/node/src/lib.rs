//! The node: the shell around the agreement. Today it holds the engine, which turns acts into durable, sealed and
//! logged entries, and the sequencer, which lets many commands share one sync to disk.
//!
//! *Absent:* rulings (that is `release`), keys (that is `custody`), and prose for people.

pub mod engine;
pub mod fault;
pub mod sequencer;
