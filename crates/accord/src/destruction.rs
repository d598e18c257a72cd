//! Destruction (Art. 13): two people sign that an item, or one copy of it, is destroyed. Their statements together are the
//! certificate, which goes to the originator's node and stays there.
//!
//! *Absent:* the deed. The node forgets the item's key, title and sealed bytes once both have signed; paper is people's to burn.

use crate::act::Act;
use crate::consent::document;
use crate::id::{Digest, DispatchId};
use crate::party::{Malformed, NodeName, PersonId};
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// Most statements about the destruction of what came with one dispatch, its copies included, that are kept of a partner.
pub const MAX_STATEMENTS: usize = 4_096;
/// Longest means of destruction, in bytes.
pub const MAX_MEANS_BYTES: usize = 128;

/// What is destroyed: the item with all that is left of it, or one copy. The same at both nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Destroyed {
    /// The item, by its encrypted segments.
    #[n(0)]
    pub item_digest: Digest,
    /// How it came; absent for an own item.
    #[n(1)]
    pub dispatch: Option<DispatchId>,
    /// The copy's number; absent for the item itself.
    #[n(2)]
    pub copy: Option<u32>,
}

/// What one of the two signs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Destruction {
    /// What is destroyed.
    #[n(0)]
    pub what: Destroyed,
    /// The originator's node; absent for an own item.
    #[n(1)]
    pub to: Option<NodeName>,
    /// By what means nothing of it can be made again, such as `keys deleted`. 1 to [`MAX_MEANS_BYTES`] bytes.
    #[n(2)]
    pub means: String,
    /// The written document.
    #[n(3)]
    pub document: String,
    /// Digest of the statement that the other one signed before; absent for the first.
    #[n(4)]
    pub first: Option<Digest>,
}

impl Destruction {
    /// Checks the limits that no type carries.
    ///
    /// # Errors
    /// The first field that breaks one.
    pub fn check(&self) -> Result<(), Malformed> {
        document(&self.document)?;
        let means = &self.means;
        if !(1..=MAX_MEANS_BYTES).contains(&means.trim().len()) || means.chars().any(char::is_control) {
            return Err(Malformed::new("means", "1 to 128 bytes without control characters", means));
        }
        Ok(())
    }

    /// The same as the first of the two signed, but for who signed first.
    fn agrees(&self, first: &Self) -> bool {
        Self { first: None, ..self.clone() } == *first
    }
}

/// A statement on record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Witness {
    /// Digest of the signed statement.
    #[n(0)]
    pub statement: Digest,
    /// What it says.
    #[n(1)]
    pub destruction: Destruction,
    /// Who signed it, on which Party's roll.
    #[n(2)]
    pub by: PersonId,
    /// The node whose people destroy it; absent for this node's own.
    #[n(3)]
    pub node: Option<NodeName>,
    /// When it came to be on record here.
    #[n(4)]
    pub at: Timestamp,
}

/// Why a statement cannot come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwitnessed {
    /// Both have signed.
    #[error("item: two people have signed already that it is destroyed")]
    Done,
    /// There is no such first statement, or it says something else.
    #[error("first: the statement before must be the other person's, and say the same")]
    First,
    /// One person twice.
    #[error("signer: a second person signs, not the first one again")]
    SamePerson,
    /// Too many.
    #[error("item: at most {MAX_STATEMENTS} statements about its destruction are kept")]
    TooMany,
}

/// All destructions, own and the partners'.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Destructions {
    #[n(0)]
    witnessed: Shelf<Destroyed, (Witness, Option<Witness>)>,
    #[n(1)]
    counts: Shelf<(Digest, Option<DispatchId>), usize>,
    /// Own people's statements that the originator's node does not have yet.
    #[n(2)]
    underway: BTreeSet<Digest>,
    /// Own destructions of a partner's items, signed twice, of which the originator does not have the whole certificate: since when.
    #[n(3)]
    owed: BTreeMap<Destroyed, Timestamp>,
    /// By which dispatch items came of whose destruction it was raised already that the certificate is late.
    #[n(4)]
    raised: BTreeSet<DispatchId>,
}

/// Code of the incident that a certificate of destruction is which the originator does not have when it is due.
pub const CERTIFICATE_OVERDUE: &str = "I-016";

impl Destructions {
    /// Folds one act, done at `at`.
    pub fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::StatementDelivered { statement, .. } if self.underway.remove(statement) => self.settle(),
            Act::IncidentRaised { code, dispatch: Some(dispatch) } if code == CERTIFICATE_OVERDUE => {
                self.raised.insert(*dispatch);
            }
            _ => {}
        }
        let (statement, destruction, by, node) = match act {
            Act::DestructionSigned { destruction, statement, by, .. } => (statement, destruction, by, None),
            Act::DestructionMirrored { destruction, signer, statement, from, .. } => {
                (statement, destruction, signer, Some(from.clone()))
            }
            _ => return,
        };
        let witness =
            Witness { statement: *statement, destruction: destruction.clone(), by: by.clone(), node, at };
        let what = destruction.what;
        if witness.node.is_none() && destruction.to.is_some() {
            self.underway.insert(*statement);
            if destruction.first.is_some() && self.witnessed.get(&what).is_some() {
                self.owed.entry(what).or_insert(at);
            }
        }
        self.counts.change((what.item_digest, what.dispatch), |count| *count += 1);
        match (self.witnessed.get_mut(&what), destruction.first) {
            (Some((_, second)), Some(_)) => *second = Some(witness),
            // Whoever signs anew as the first takes the place of one whom nobody followed.
            (_, None) => self.witnessed.insert(what, (witness, None)),
            (None, Some(_)) => {}
        }
    }

    /// Whether `by` may sign this next.
    ///
    /// # Errors
    /// [`Unwitnessed`].
    pub fn admits(&self, destruction: &Destruction, by: &PersonId) -> Result<(), Unwitnessed> {
        let what = destruction.what;
        if self.counts.get(&(what.item_digest, what.dispatch)).is_some_and(|count| *count >= MAX_STATEMENTS) {
            return Err(Unwitnessed::TooMany);
        }
        match (self.witnessed.get(&what), destruction.first) {
            (Some((_, Some(_))), _) => Err(Unwitnessed::Done),
            (_, None) => Ok(()),
            (Some((first, None)), Some(named))
                if first.statement == named && destruction.agrees(&first.destruction) =>
            {
                if first.by == *by {
                    Err(Unwitnessed::SamePerson)
                } else {
                    Ok(())
                }
            }
            _ => Err(Unwitnessed::First),
        }
    }

    /// Drops what is owed of which the originator has both statements.
    fn settle(&mut self) {
        let (witnessed, underway) = (&self.witnessed, &self.underway);
        let is_underway = |witness: &Witness| underway.contains(&witness.statement);
        self.owed.retain(|what, _| {
            witnessed
                .get(what)
                .is_some_and(|(first, second)| is_underway(first) || second.as_ref().is_some_and(is_underway))
        });
    }

    /// The dispatches by which items came that were destroyed here `hours` ago or earlier, of which the originator still has no whole
    /// certificate, and of which that was not raised yet.
    pub fn overdue(&self, hours: u64, now: Timestamp) -> impl Iterator<Item = DispatchId> {
        let late = self.owed.iter().filter(move |(_, since)| since.plus_hours(hours) <= now);
        late.filter_map(|(what, _)| what.dispatch).filter(|dispatch| !self.raised.contains(dispatch))
    }

    /// Who signed that this is destroyed: the first, and the second once there is one.
    pub fn of(&self, what: &Destroyed) -> Option<(&Witness, Option<&Witness>)> {
        self.witnessed.get(what).map(|(first, second)| (first, second.as_ref()))
    }

    /// Whether the statement is on record and counts.
    pub fn has(&self, what: &Destroyed, statement: &Digest) -> bool {
        self.of(what).is_some_and(|(first, second)| {
            first.statement == *statement || second.is_some_and(|second| second.statement == *statement)
        })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Destroyed, &Witness, Option<&Witness>)> {
        self.witnessed.iter().map(|(what, (first, second))| (what, first, second.as_ref()))
    }
}
