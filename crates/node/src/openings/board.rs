//! Readers who wait for an originator's answer, each with its request; the connection to the originator's node finds them here. An answer
//! that came in a letter lies here until its reader comes back.
//!
//! *Absent:* anything durable. What was asked and answered is in the journal; a reader who is gone waits no longer.

use attache_accord::act::Act;
use attache_accord::control::Unopened;
use attache_accord::{Digest, ItemId, NodeName, PersonId, Timestamp};
use attache_courier::Code;
use attache_courier::frame::OpeningAnswer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Most readers that wait at once.
pub const MAX_READERS: usize = 256;
/// Most answers that lie here for readers who are to come back.
pub const MAX_AT_HAND: usize = 256;
/// An answer that came in a letter lies here for so long, in minutes. After that the same request is asked once more, and custody of the
/// originator is.
pub const AT_HAND_MINUTES: u64 = 60;

/// What a reader is told.
#[derive(Debug)]
pub enum Told {
    /// The originator consents; the opening is on record. Its share of the key, wrapped for this node.
    Lent(Vec<u8>),
    /// It does not.
    Refused(Unopened),
    /// It consented, and lends no share any more: its consent is over, or was used. To be asked anew.
    Over,
    /// It says no more than this.
    Declined(Code),
}

struct Reader {
    node: NodeName,
    opened: Act,
    tell: oneshot::Sender<Told>,
}

/// All readers that wait. Clones are of one board.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Places>>);

#[derive(Default)]
struct Places {
    readers: BTreeMap<Digest, Reader>,
    /// Answers that came in letters, each with its share under this node's own key, and when it came.
    at_hand: BTreeMap<Digest, (OpeningAnswer, Timestamp)>,
    /// Readers who are about to have a person asked, each with the item. There are no more of them than openings under way.
    turns: BTreeSet<(ItemId, PersonId)>,
}

/// A reader's place; it is given up when this is dropped.
pub struct Place {
    board: Board,
    request: Digest,
    told: oneshot::Receiver<Told>,
}

/// A reader's turn to have a person asked about an item; it is given up when this is dropped.
pub(crate) struct Turn {
    board: Board,
    of: (ItemId, PersonId),
}

impl Board {
    /// The turn of `reader` to have a person asked about that item; `None` where another opening of theirs has it.
    pub(crate) fn turn(&self, item: ItemId, reader: &PersonId) -> Option<Turn> {
        let of = (item, reader.clone());
        self.places().turns.insert(of.clone()).then(|| Turn { board: self.clone(), of })
    }

    /// A place for whoever waits for the answer of `node` to a request; with a consent `opened` is to be recorded. `None` where
    /// another waits for the same answer, or too many wait.
    pub fn wait(&self, request: Digest, node: NodeName, opened: Act) -> Option<Place> {
        let readers = &mut self.places().readers;
        if readers.len() >= MAX_READERS || readers.contains_key(&request) {
            return None;
        }
        let (tell, told) = oneshot::channel();
        readers.insert(request, Reader { node, opened, tell });
        Some(Place { board: self.clone(), request, told })
    }

    /// Whether as many wait as may.
    pub(crate) fn is_full(&self) -> bool {
        self.places().readers.len() >= MAX_READERS
    }

    /// The requests whose answer of that node is waited for.
    pub fn asked_of(&self, node: &NodeName) -> Vec<Digest> {
        let readers = &self.places().readers;
        readers.iter().filter(|(_, reader)| reader.node == *node).map(|(request, _)| *request).collect()
    }

    /// What is to be recorded with a consent to this request, while its reader waits.
    pub fn opened(&self, request: &Digest) -> Option<Act> {
        let readers = &self.places().readers;
        readers.get(request).filter(|reader| !reader.tell.is_closed()).map(|reader| reader.opened.clone())
    }

    /// Tells the reader, if one still waits.
    pub fn tell(&self, request: &Digest, told: Told) {
        if let Some(reader) = self.places().readers.remove(request) {
            // It may have gone just now.
            drop(reader.tell.send(told));
        }
    }

    /// Lays an answer that came in a letter beside its reader, or where the next one finds it.
    pub(crate) fn lay(&self, request: Digest, answer: OpeningAnswer, now: Timestamp) {
        let at_hand = &mut self.places().at_hand;
        at_hand.retain(|_, (_, came)| lies(*came, now));
        // One that finds no room is asked for again.
        if at_hand.len() < MAX_AT_HAND || at_hand.contains_key(&request) {
            at_hand.insert(request, (answer, now));
        }
    }

    /// The answer to a request that came in a letter, and when.
    pub(crate) fn at_hand(&self, request: &Digest, now: Timestamp) -> Option<(OpeningAnswer, Timestamp)> {
        self.places().at_hand.get(request).filter(|(_, came)| lies(*came, now)).cloned()
    }

    /// Takes an answer away that is on record, or that serves no more.
    pub(crate) fn clear(&self, request: &Digest) {
        self.places().at_hand.remove(request);
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        // Each change is one insertion or removal, so a panic elsewhere leaves nothing half-made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By a clock that was set back nothing lies here.
fn lies(came: Timestamp, now: Timestamp) -> bool {
    came <= now && now < came.plus_millis(AT_HAND_MINUTES * 60_000)
}

impl Place {
    /// Waits for the answer; `None` where nobody is left to give one.
    pub async fn told(&mut self) -> Option<Told> {
        (&mut self.told).await.ok()
    }

    /// The answer, if it is here.
    pub fn told_already(&mut self) -> Option<Told> {
        self.told.try_recv().ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.told.close();
        let readers = &mut self.board.places().readers;
        // Whoever was told has no place any more, and another may wait there by now.
        if readers.get(&self.request).is_some_and(|reader| reader.tell.is_closed()) {
            readers.remove(&self.request);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.board.places().turns.remove(&self.of);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_told_and_goes_leaves_the_place_to_who_waits_there_since() {
        let (board, request) = (Board::default(), Digest([1; 32]));
        let opened =
            || Act::Opened { item: ItemId([2; 16]), question: Digest([3; 32]), by: "desk".parse().unwrap() };
        let wait = || board.wait(request, "seoul.kor".parse().unwrap(), opened());
        let mut first = wait().unwrap();
        assert!(wait().is_none());
        board.tell(&request, Told::Over);
        let mut second = wait().unwrap();
        assert!(first.told_already().is_some());
        drop(first);
        board.tell(&request, Told::Over);
        assert!(second.told_already().is_some());
        let third = wait().unwrap();
        drop(third);
        assert!(wait().is_some(), "who goes untold gives the place up");
    }
}
