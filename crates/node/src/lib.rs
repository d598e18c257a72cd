//! The node: the shell around the agreement. Today it holds the desk, which turns a person's signed
//! statement into a plan, the engine, which turns plans into durable, sealed and logged entries, and the sequencer,
//! which lets many commands share one sync to disk.
//!
//! *Absent:* rules (they are `release`'s), keys (they are `custody`'s), and prose for people.

pub mod desk;
pub mod engine;
pub mod fault;
pub mod sequencer;
