//! The beat: what a checkpoint counts when it goes out. Where weeks pass between acts a fixed beat alone hides nothing, so
//! each checkpoint grows by whole blocks of leaves, by at least one, and what is missing is filled with acts that say nothing.
//!
//! *Absent:* the clock that strikes, and the signature.

use crate::engine::{MAX_PLAN_ACTS, Plan};
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::Timestamp;
use attache_accord::act::Act;

/// Leaves in one block of a checkpoint's growth, unless the node is set otherwise.
pub const PAD_LEAVES: u64 = 16;
/// Most leaves in one block: a whole tile. More would hide nothing more, and the journal keeps each.
pub const MAX_PAD_LEAVES: u64 = 256;

/// What is due at a beat.
pub struct Due {
    /// The size of the checkpoint. Whatever is recorded meanwhile is counted by the next.
    pub size: u64,
    /// Padding, to be committed before.
    pub padding: Vec<Plan>,
}

impl Office {
    /// What is due at a beat whose blocks are of `pad_leaves`; 0 for a log that is not padded. `None` where nothing is: a log
    /// that is not padded did not grow.
    ///
    /// Nothing is padded while this node's own card is not in force: a clock that is years ahead would date the journal for years.
    ///
    /// # Errors
    /// When the store fails.
    pub fn due(&self, pad_leaves: u64, now: Timestamp) -> Result<Option<Due>, Fault> {
        let head = self.papers.head()?.size;
        let published = self.papers.published()?.map_or(0, |published| published.size);
        let size = match pad_leaves {
            0 => head,
            _ if !self.own().in_force(now) => head,
            block => grown(head, published, block.min(MAX_PAD_LEAVES)),
        };
        let missing = usize::try_from(size - head).unwrap_or_default();
        let acts = vec![Act::Padded {}; missing];
        let padding = acts.chunks(MAX_PLAN_ACTS).map(|acts| Plan { acts: acts.to_vec(), ..Plan::default() });
        Ok((size > published).then(|| Due { size, padding: padding.collect() }))
    }
}

/// The next size in whole blocks that counts everything and is at least one block above the last.
fn grown(head: u64, published: u64, block: u64) -> u64 {
    head.max(published.saturating_add(block)).next_multiple_of(block)
}

#[cfg(test)]
mod tests {
    use super::grown;

    #[test]
    fn a_checkpoint_grows_by_whole_blocks_and_at_least_one_however_little_was_done() {
        assert_eq!([0, 1, 16, 17].map(|head| grown(head, 0, 16)), [16, 16, 16, 32]);
        // Nothing, one act, and a block of them look the same from outside.
        assert_eq!([32, 33, 48].map(|head| grown(head, 32, 16)), [48; 3]);
        assert_eq!(grown(49, 32, 16), 64);
        // Once after the setting was changed the block is larger, never smaller.
        assert_eq!(grown(35, 35, 16), 64);
    }
}
