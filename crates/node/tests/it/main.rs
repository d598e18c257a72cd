//! The engine on real stores: what is committed is folded, sealed, logged and found again.

mod engine;
mod sequencer;
mod world;
