//! From rows to leaves: what a commit adds to the log, worked out before any of it is written.
//!
//! *Absent:* the order of rows, which the plan fixes, and signatures, which cover published heads only.

use crate::halves::in_halves;
use crate::journal::{Append, LocalHead};
use crate::plan::Plan;
use attache_tlog::{Frontier, LEAF_BYTES, Origin, TileGrowth, leaf_hash, tile_growth};

/// The leaves of a group and the log after them.
pub(crate) struct Growth {
    /// One entry for each row that stands, in order of index.
    pub entries: Vec<[u8; LEAF_BYTES]>,
    /// The tiles that change.
    pub tiles: Vec<TileGrowth>,
    /// The right edge after the group.
    pub frontier: Frontier,
}

impl Growth {
    /// Works out what the standing rows of `appends` add behind `frontier`.
    pub fn of(origin: &Origin, frontier: &Frontier, appends: &[Append], plan: &Plan) -> Self {
        let mut frontier = frontier.clone();
        let rows = plan.standing(appends).flat_map(|append| &append.rows);
        let placed: Vec<_> = (frontier.size()..).zip(rows).collect();
        let made = in_halves(&placed, |(index, row)| {
            let entry = row.leaf.entry(origin, *index);
            (entry, leaf_hash(&entry))
        });
        let (entries, leaves): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        let tiles = tile_growth(&mut frontier, &leaves);
        Self { entries, tiles, frontier }
    }
}

/// The head that a frontier stands for.
pub(crate) fn head_of(frontier: &Frontier) -> LocalHead {
    LocalHead { size: frontier.size(), root: frontier.root() }
}
