//! Tests of the agreement's nouns, acts and folds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod agreement;
mod clients;
mod consent;
mod control;
mod derivative;
mod derived;
mod dispatch;
mod equivalence;
mod figures;
mod golden;
mod history;
mod holdings;
mod items;
mod lifecycle;
mod logs;
mod mandate;
mod names;
mod oversight;
mod passage;
mod people;
mod register;
mod samples;
mod shelf;
mod view;
