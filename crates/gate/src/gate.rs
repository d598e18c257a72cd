//! The gate of one node: what every route has at hand.
//!
//! *Absent:* rules. What may be done is ruled behind it; the gate only knows who may see which list.

use crate::metrics::Metrics;
use crate::sessions::Sessions;
use attache_accord::Timestamp;
use attache_node::link::Link;
use attache_node::node::Node;
use attache_node::office::Office;
use std::sync::Arc;

/// One node's gate. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    pub(crate) node: Arc<Node>,
    pub(crate) link: Option<Arc<Link>>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Gate {
    /// The gate of `node`, with the link whose state it shows.
    pub fn new(node: Arc<Node>, link: Option<Arc<Link>>) -> Self {
        Self { node, link, sessions: Arc::default(), metrics: Arc::default() }
    }

    pub(crate) fn office(&self) -> &Arc<Office> {
        &self.node.office
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.node.now()
    }
}
