//! Which appends of a group stand. Every backend decides by this one function, so that they cannot differ.
//!
//! *Absent:* writing. A plan says what would be committed; the backend commits it or nothing.

use crate::error::StoreError;
use crate::journal::{
    Append, Committed, Conflict, MAX_APPENDS, MAX_CHECKPOINT_BYTES, MAX_GROUP_BYTES, MAX_GROUP_ROWS, Stream,
};
use attache_tlog::{Checkpoint, Origin, SignedNote, TileReader, root_at};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The decision over a group.
pub(crate) struct Plan {
    /// One answer for each append, in order.
    pub outcomes: Vec<Result<Committed, Conflict>>,
    /// The position in its stream of each row that stands, in order of index.
    pub row_versions: Vec<u64>,
    /// The streams that move on, and how many rows they hold afterwards.
    pub versions: BTreeMap<Stream, u64>,
    /// The place of each head that stands among those of its log, in order.
    pub head_places: Vec<u64>,
}

impl Plan {
    /// Decides over `appends` upon a journal of `size` rows; `version_of` reads how many rows a stream holds, `heads_of` how many
    /// heads of another log are kept.
    pub fn decide(
        appends: &[Append],
        size: u64,
        version_of: impl FnMut(&Stream) -> Result<u64, StoreError>,
        heads_of: impl FnMut(&Stream) -> Result<u64, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut streams = Streams { read: version_of, seen: BTreeMap::new() };
        let mut logs = Streams { read: heads_of, seen: BTreeMap::new() };
        let mut plan = Self {
            outcomes: Vec::with_capacity(appends.len()),
            row_versions: vec![],
            versions: BTreeMap::new(),
            head_places: vec![],
        };
        let mut next_index = size;
        for append in appends {
            let expectations = append.expectations.iter().map(|(stream, expected)| (stream, *expected));
            let heads = append.heads.iter().map(|head| (&head.log, head.expected));
            let conflict = match streams.conflict(expectations)? {
                None => logs.conflict(heads)?,
                conflict => conflict,
            };
            let outcome = match conflict {
                Some(conflict) => Err(conflict),
                None => {
                    let first_index = next_index;
                    for row in &append.rows {
                        plan.row_versions.push(streams.advance(&row.stream)?);
                    }
                    for head in &append.heads {
                        plan.head_places.push(logs.advance(&head.log)?);
                    }
                    next_index += append.rows.len() as u64;
                    Ok(Committed { first_index, count: append.rows.len() as u64 })
                }
            };
            plan.outcomes.push(outcome);
        }
        plan.versions = streams.moved();
        Ok(plan)
    }

    /// The origin under which the log goes on with this group, where it does.
    pub fn succeeds<'a>(&'a self, appends: &'a [Append]) -> Option<&'a Origin> {
        self.standing(appends).find_map(|append| append.succeeds.as_ref())
    }

    /// The appends that stand.
    pub fn standing<'a>(&'a self, appends: &'a [Append]) -> impl Iterator<Item = &'a Append> {
        appends
            .iter()
            .zip(&self.outcomes)
            .filter_map(|(append, outcome)| outcome.as_ref().ok().map(|_| append))
    }
}

/// Stream versions within a group: what is stored, and what it has become by the appends before.
struct Streams<F> {
    read: F,
    seen: BTreeMap<Stream, (u64, u64)>,
}

impl<F: FnMut(&Stream) -> Result<u64, StoreError>> Streams<F> {
    fn now(&mut self, stream: &Stream) -> Result<&mut u64, StoreError> {
        match self.seen.entry(stream.clone()) {
            Entry::Occupied(seen) => Ok(&mut seen.into_mut().1),
            Entry::Vacant(unseen) => {
                let stored = (self.read)(stream)?;
                Ok(&mut unseen.insert((stored, stored)).1)
            }
        }
    }

    fn conflict<'a>(
        &mut self,
        expectations: impl Iterator<Item = (&'a Stream, u64)>,
    ) -> Result<Option<Conflict>, StoreError> {
        for (stream, expected) in expectations {
            let found = *self.now(stream)?;
            if found != expected {
                return Ok(Some(Conflict { stream: stream.clone(), expected, found }));
            }
        }
        Ok(None)
    }

    /// The row's position in the stream.
    fn advance(&mut self, stream: &Stream) -> Result<u64, StoreError> {
        let now = self.now(stream)?;
        let position = *now;
        *now += 1;
        Ok(position)
    }

    fn moved(self) -> BTreeMap<Stream, u64> {
        self.seen
            .into_iter()
            .filter(|(_, (stored, now))| stored != now)
            .map(|(s, (_, now))| (s, now))
            .collect()
    }
}

/// Refuses a group over any limit, before anything of it is written.
pub(crate) fn check_group(appends: &[Append]) -> Result<(), StoreError> {
    StoreError::within("appends in a group", MAX_APPENDS as u64, appends.len() as u64)?;
    appends.iter().try_for_each(Append::check)?;
    if appends.iter().any(|append| append.succeeds.is_some()) {
        StoreError::within("appends beside one that renames the log", 1, appends.len() as u64)?;
    }
    let rows = appends.iter().map(|append| append.rows.len() as u64).sum();
    StoreError::within("rows in a group", MAX_GROUP_ROWS as u64, rows)?;
    StoreError::within("group, bytes", MAX_GROUP_BYTES as u64, appends.iter().map(Append::byte_count).sum())
}

/// Refuses a checkpoint that is too long, shrinks, covers what is not committed, or is not one of this very log:
/// to publish a root other than our own would be a fork by our own hand.
pub(crate) fn check_published<R: TileReader>(
    tiles: &R,
    origin: &Origin,
    sizes: std::ops::RangeInclusive<u64>,
    size: u64,
    checkpoint: &str,
) -> Result<(), StoreError> {
    StoreError::within("checkpoint, bytes", MAX_CHECKPOINT_BYTES as u64, checkpoint.len() as u64)?;
    if !sizes.contains(&size) {
        return Err(StoreError::CheckpointSize {
            given: size,
            lowest: *sizes.start(),
            highest: *sizes.end(),
        });
    }
    let is_ours = is_checkpoint_of(tiles, |stated| stated == origin, size, checkpoint);
    if is_ours { Ok(()) } else { Err(StoreError::NotOurs { size }) }
}

/// Whether `checkpoint` names a log that `is_ours`, this size and the root that the tiles give. Signatures are not looked at.
pub(crate) fn is_checkpoint_of<R: TileReader>(
    tiles: &R,
    is_ours: impl Fn(&Origin) -> bool,
    size: u64,
    checkpoint: &str,
) -> bool {
    let Ok(note) = SignedNote::parse(checkpoint) else { return false };
    let Ok(stated) = Checkpoint::parse(note.text()) else { return false };
    is_ours(&stated.origin)
        && stated.size == size
        && root_at(tiles, size).is_ok_and(|root| root == stated.root)
}
