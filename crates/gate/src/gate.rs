//! The gate of one node: what every route has at hand.
//!
//! *Absent:* rules. What may be done is ruled behind it; the gate only knows who may see which list.

use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::sessions::Sessions;
use attache_accord::Timestamp;
use attache_node::link::Link;
use attache_node::node::Node;
use attache_node::office::Office;
use std::sync::{Arc, OnceLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most uploads under way. Each holds two segments of plaintext and two of ciphertext, at most 16 MiB.
pub const MAX_UPLOADS: usize = 16;
/// Most TDFs of foreign clients that are being taken in. Each is held whole, at most 32 MiB.
pub const MAX_TDFS: usize = 4;
/// Most items and evidence on their way out. Each holds three segments of plaintext and one of ciphertext, at most 16 MiB.
pub const MAX_OPENINGS: usize = 32;

/// One node's gate. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    pub(crate) node: Arc<Node>,
    pub(crate) link: Option<Arc<Link>>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) metrics: Arc<Metrics>,
    uploads: Arc<Semaphore>,
    tdfs: Arc<Semaphore>,
    openings: Arc<Semaphore>,
    key_service: Arc<OnceLock<String>>,
}

impl Gate {
    /// The gate of `node`, with the link whose state it shows.
    pub fn new(node: Arc<Node>, link: Option<Arc<Link>>) -> Self {
        Self {
            node,
            link,
            sessions: Arc::default(),
            metrics: Arc::default(),
            uploads: Arc::new(Semaphore::new(MAX_UPLOADS)),
            tdfs: Arc::new(Semaphore::new(MAX_TDFS)),
            openings: Arc::new(Semaphore::new(MAX_OPENINGS)),
            key_service: Arc::default(),
        }
    }

    pub(crate) fn office(&self) -> &Arc<Office> {
        &self.node.office
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.node.now()
    }

    /// By what address the key access service is reached, once it is served.
    pub(crate) fn key_service(&self) -> Option<String> {
        self.key_service.get().cloned()
    }

    /// From here on the key access service is reached at `url`.
    pub(crate) fn serves_keys_at(&self, url: String) {
        // One gate is served once.
        let _ = self.key_service.set(url);
    }

    /// A place for one upload.
    pub(crate) fn upload(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.uploads).try_acquire_owned();
        place.map_err(|_| Problem::busy("as many uploads are under way as may be; try again in a minute"))
    }

    /// A place for one upload that is held whole.
    pub(crate) fn tdf(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.tdfs).try_acquire_owned();
        place.map_err(|_| Problem::busy("as many TDFs are being taken in as may be; try again in a minute"))
    }

    /// A place for an item or evidence on its way out.
    pub(crate) fn opening(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.openings).try_acquire_owned();
        place
            .map_err(|_| Problem::busy("as many items are on their way out as may be; try again in a minute"))
    }
}
