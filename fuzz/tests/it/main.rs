//! Every target on its corpus and on mutations of it, on the ordinary toolchain.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod hostile;
mod replay;
