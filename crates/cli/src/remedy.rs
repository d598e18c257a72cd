//! What to do about a fault of the node's own: said beside what is wrong.
//!
//! *Absent:* doing it.

use crate::found::Failed;
use attache_node::fault::Fault;
use attache_store::StoreError;

/// What the node holds, and follows from its journal.
const REBUILD: &str = "it follows from the journal: with the node down, attache rebuild makes it anew";
/// What nothing else says.
const RESTORE: &str = "nothing else says what it was: bring back the newest backup";

/// What to do about what is damaged, if anything is.
pub(crate) fn of(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Store(StoreError::Damaged(damage)) if damage.is_derived => Some(REBUILD),
        fault if fault.is_damage() => Some(RESTORE),
        _ => None,
    }
}

/// A fault with what to do about it.
pub(crate) fn failed(fault: impl Into<Fault>) -> Failed {
    let fault = fault.into();
    match of(&fault) {
        Some(next) => Failed::fault(format!("{fault}; {next}")),
        None => Failed::fault(fault),
    }
}
