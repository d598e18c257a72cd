//! One suite for every backend, and what is particular to disks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod disk;
mod group;
mod journal;
mod rebuild;
mod sample;
mod torn;
mod vault;
mod vault_folder;
