//! What keeps keys out of files that nobody meant to write: core dumps, and swap as far as the system lets us.
//!
//! Locked is what is mapped when keys have just been opened, and with a node once more when it serves. What is mapped later
//! is not, so that neither a long item nor a limit of the system can end the node.
//!
//! *Absent:* hibernation, and whoever may read the memory of a running process.

use crate::found::Failed;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior, setrlimit,
};

/// Longest table of swap areas that is read, in bytes.
const MAX_SWAPS_BYTES: u64 = 64 * 1024;

/// Whether memory with keys can come to lie in swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Swap {
    /// It is locked.
    Locked,
    /// It is not locked, and there is no swap.
    None,
    /// It is not locked, and there is swap, or it cannot be told.
    Possible,
}

/// Before anything else: this process leaves no core dump, and nobody without privilege may read its memory.
pub(crate) fn no_core_dump() -> Result<(), Failed> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let set =
        setrlimit(Resource::Core, none).and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
    set.map_err(|error| Failed::fault(format!("core dumps cannot be turned off: {error}")))
}

/// Whether [`no_core_dump`] holds, as the system tells it.
pub(crate) fn is_undumpable() -> bool {
    let limit = getrlimit(Resource::Core);
    dumpable_behavior().is_ok_and(|found| found == DumpableBehavior::NotDumpable)
        && (limit.current, limit.maximum) == (Some(0), Some(0))
}

/// Locks what is mapped now, if the system lets us.
pub(crate) fn lock() -> Swap {
    // On fault: what was never touched holds no key, and would only cost memory.
    match mlockall(MlockAllFlags::CURRENT | MlockAllFlags::ONFAULT) {
        Ok(()) => Swap::Locked,
        Err(_) if has_no_swap() => Swap::None,
        Err(_) => Swap::Possible,
    }
}

/// What to do about memory that may be swapped.
pub(crate) const ADVICE: &str = "keys cannot be locked in memory, and there is swap; allow it (LimitMEMLOCK=infinity, or \
    CAP_IPC_LOCK), or turn swap off or encrypt it";

fn has_no_swap() -> bool {
    let table = crate::context::read_bounded(std::path::Path::new("/proc/swaps"), MAX_SWAPS_BYTES);
    // A heading, and a line for each area.
    table.is_ok_and(|table| table.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() == 1)
}
