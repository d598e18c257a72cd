//! Readers who wait for an originator's answer, each with its request; the connection to the originator's node finds them here.
//!
//! *Absent:* anything durable. What was asked and answered is in the journal; a reader who is gone waits no longer.

use attache_accord::act::Act;
use attache_accord::control::Unopened;
use attache_accord::{Digest, NodeName};
use attache_courier::Code;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Most readers that wait at once.
pub const MAX_READERS: usize = 256;

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
pub struct Board(Arc<Mutex<BTreeMap<Digest, Reader>>>);

/// A reader's place; it is given up when this is dropped.
pub struct Place {
    board: Board,
    request: Digest,
    told: oneshot::Receiver<Told>,
}

impl Board {
    /// A place for whoever waits for the answer of `node` to a request; with a consent `opened` is to be recorded. `None` where
    /// another waits for the same answer, or too many wait.
    pub fn wait(&self, request: Digest, node: NodeName, opened: Act) -> Option<Place> {
        let mut readers = self.readers();
        if readers.len() >= MAX_READERS || readers.contains_key(&request) {
            return None;
        }
        let (tell, told) = oneshot::channel();
        readers.insert(request, Reader { node, opened, tell });
        Some(Place { board: self.clone(), request, told })
    }

    /// The requests whose answer of that node is waited for.
    pub fn asked_of(&self, node: &NodeName) -> Vec<Digest> {
        let readers = self.readers();
        readers.iter().filter(|(_, reader)| reader.node == *node).map(|(request, _)| *request).collect()
    }

    /// What is to be recorded with a consent to this request, while its reader waits.
    pub fn opened(&self, request: &Digest) -> Option<Act> {
        let readers = self.readers();
        readers.get(request).filter(|reader| !reader.tell.is_closed()).map(|reader| reader.opened.clone())
    }

    /// Tells the reader, if one still waits.
    pub fn tell(&self, request: &Digest, told: Told) {
        if let Some(reader) = self.readers().remove(request) {
            // It may have gone just now.
            drop(reader.tell.send(told));
        }
    }

    fn readers(&self) -> MutexGuard<'_, BTreeMap<Digest, Reader>> {
        // Each change is one insertion or removal, so a panic elsewhere leaves nothing half-made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        self.board.readers().remove(&self.request);
    }
}
