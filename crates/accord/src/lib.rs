//! The agreement as pure functions.
//!
//! What two governments signed, written so that it can be tested: parties, markings and their equivalence,
//! clearances, the acts that the journal records and what follows from them (register, dispatch, people).
//! Everything here is a function of its arguments.
//!
//! *Absent:* I/O, clocks, randomness, async, foreign syntax, cryptography. Time and ids are arguments.

pub mod act;
pub mod agreement;
pub mod clients;
pub mod consent;
pub mod control;
pub mod correspondence;
pub mod day;
pub mod derivative;
pub mod destruction;
pub mod dispatch;
pub mod equivalence;
pub mod figures;
pub mod form;
pub mod handling;
pub mod id;
pub mod item;
pub mod letters;
pub mod life;
pub mod lifecycle;
pub mod logs;
pub mod mandate;
pub mod marking;
pub mod obligation;
pub mod oversight;
pub mod particulars;
pub mod party;
pub mod passage;
pub mod people;
pub mod register;
pub mod ruling;
pub mod shelf;
pub mod suppression;
pub mod time;
pub mod view;
pub mod word;

pub use day::CivilDay;
pub use id::{CaseId, Digest, DispatchId, ItemId};
pub use marking::{Kind, Level, Marking};
pub use party::{Network, NodeName, Party, PersonId};
pub use time::Timestamp;

/// What the folds of this build are made by, in 32 hexadecimal digits. Builds of the same digest fold the same.
pub const FOLDS: &str = env!("ATTACHE_FOLDS");
