//! Whether a package that is owed may leave now. Its release was ruled on and recorded; between that day and this the agreement
//! may have ended, an assurance lapsed.
//!
//! *Absent:* the sending. A package that may not leave stays owed.

use super::{Misuse, Ruled};
use crate::engine::Plan;
use attache_accord::Timestamp;
use attache_accord::dispatch::Dispatch;
use attache_accord::view::{Ask, Unknown, View};
use attache_release::{Pack, rule};

/// What becomes of a package when its turn comes.
#[derive(Debug)]
pub enum Leaving {
    /// It goes: the ruling that is on record permits it still.
    Goes,
    /// It stays: the ruling that is on record refuses it still.
    Stays,
    /// The answer is another than the one on record. Nothing moves before the plan is committed.
    Changed {
        /// Records the ruling.
        plan: Plan,
        /// Whether it may leave once that is done.
        is_granted: bool,
    },
}

/// Rules on a package whose turn has come. Nothing is recorded while the answer stays what it was: the release itself permits
/// the first attempt.
///
/// # Errors
/// [`Misuse`] where something that it rests on is here no longer.
pub fn leave(view: &View, pack: &Pack, now: Timestamp, sent: &Dispatch) -> Result<Leaving, Misuse> {
    let case = view.dispatches.case(&sent.case).ok_or(Unknown::Case(sent.case))?;
    let (by, _) = case.decision.as_ref().ok_or(Unknown::Case(sent.case))?;
    let ask = Ask::Dispatch { dispatch: sent.id };
    let ruled = Ruled { item: Some(sent.item), case: Some(sent.case), ..Ruled::new(view, by, ask, now)? };
    let is_granted = rule(&ruled.question, pack).is_granted();
    Ok(match (is_granted, sent.is_barred) {
        (true, false) => Leaving::Goes,
        (false, true) => Leaving::Stays,
        _ => Leaving::Changed { plan: ruled.step(view, pack, None, Vec::new()).plan, is_granted },
    })
}
