//! Whether a hub that keeps a share of a key lends it, from what such a hub can know: the letter, its people's word about that, and
//! the positions of the agreement.
//!
//! *Absent:* what is in the letter. The hub rules without that.

use super::{Unknown, View};
use crate::agreement::{Force, Terms, force};
use crate::control::Unopened;
use crate::id::DispatchId;
use crate::letters::Letter;
use crate::party::NodeName;
use crate::time::Timestamp;

/// Hours of a day.
const DAY_HOURS: u64 = 24;

/// Until when a hub lends the share that came beside a letter which went on `at` that time; nothing is lent where the terms know no such
/// share.
pub fn share_ends(terms: &Terms, at: Timestamp) -> Timestamp {
    at.plus_hours(terms.hub_share_days.unwrap_or_default().saturating_mul(DAY_HOURS))
}

impl View {
    /// Why `node` does not open what is in a letter; `None` where this hub lends its share for that. That the letter came there follows
    /// from the question, which names what is in no other place: this hub may not have heard of it, and have given the letter up.
    ///
    /// # Errors
    /// [`Unknown::Dispatch`] where no letter of this number was taken for that node with a share kept of it.
    pub fn unopened(
        &self,
        terms: &Terms,
        letter: &DispatchId,
        node: &NodeName,
        now: Timestamp,
    ) -> Result<Option<Unopened>, Unknown> {
        let is_for_it = |letter: &&Letter| letter.share.is_some() && letter.next.as_ref() == Some(node);
        let found = self.letters.get(letter).filter(is_for_it);
        let found = found.ok_or(Unknown::Dispatch(*letter))?;
        Ok(if self.letters.is_stopped(found) {
            Some(Unopened::Person)
        } else if share_ends(terms, found.at) <= now {
            Some(Unopened::Expired)
        } else if force(&terms.parties, &self.positions, now) != Force::InForce {
            Some(Unopened::Rules)
        } else {
            None
        })
    }
}
