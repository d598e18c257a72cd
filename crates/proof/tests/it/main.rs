//! Each shipped pack is proved; each proof fails for a pack without the rule that keeps it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod compared;
mod proved;
mod undecided;

use attache_proof::Solver;

/// The solver; none where it is not installed, which is said.
fn solver() -> Option<Solver> {
    match Solver::find() {
        Ok(solver) => {
            if !solver.is_tested() {
                eprintln!("warning: cvc5 {} is not a version that was tested", solver.version());
            }
            Some(solver)
        }
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}
