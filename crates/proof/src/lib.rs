//! What holds for *every* question under a rule pack: that its invariants do, and what one version of a pack permits
//! that another refused. The pack is taken as generated Cedar (`release::Generated`), compiled to logic by
//! `cedar-policy-symcc` and decided by the solver cvc5, a process beside this one.
//!
//! *Absent:* belief in an example. Whatever the solver finds is put as a question to the real engine, and shown only
//! where the engine says the same; "unknown" is told as not proved.

mod compare;
mod example;
mod invariant;
mod prove;
mod simpler;
mod solver;

pub use compare::{Change, Comparison, NotComparable, compare};
pub use invariant::{INVARIANTS, Invariant};
pub use prove::{Permitted, Proof, Verdict, keeps, prove};
pub use solver::{NoSolver, Solver, TESTED_VERSIONS};
