//! The binary as a user runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod agreement;
mod backup;
mod by_hand;
mod compare;
mod control;
mod crowd;
mod demo;
mod flips;
mod forked;
mod full;
mod guard;
mod help;
mod holdings;
mod hub;
mod keys;
mod kill;
mod label;
mod large;
mod log;
mod marking;
mod negotiated;
mod other_pair;
mod overseen;
mod oversight;
mod pair;
mod played;
mod published;
mod rebuild;
mod rotate;
mod rule;
mod slow;
mod stolen;
mod syscalls;
mod terminal;

use std::process::{Command, Output};

fn attache(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attache")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
