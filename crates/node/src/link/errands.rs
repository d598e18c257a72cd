//! Plans that a connection waits for. Several are under way at once, so that they share one sync to disk; each is handed
//! to the sequencer in the order in which it came.
//!
//! *Absent:* retries. A plan that met a conflict is made anew by whoever made it.

use crate::exchange::{Errand, Then};
use crate::fault::Fault;
use crate::node::Node;
use attache_store::{Committed, Conflict};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Most plans of one connection that are under way.
const MAX_ERRANDS: usize = 64;

/// What became of a plan.
pub(super) type Outcome = Result<Result<Committed, Conflict>, Fault>;

type UnderWay = Pin<Box<dyn Future<Output = (Then, Outcome)> + Send>>;

/// Plans under way.
#[derive(Default)]
pub(super) struct Errands {
    under_way: Vec<UnderWay>,
}

impl Errands {
    /// Whether one more may be taken.
    pub(super) fn has_room(&self) -> bool {
        self.under_way.len() < MAX_ERRANDS
    }

    pub(super) fn take(&mut self, errand: Errand, node: &Arc<Node>) {
        let node = Arc::clone(node);
        let Errand { plan, then } = errand;
        self.under_way.push(Box::pin(async move { (then, node.commit(plan).await) }));
    }

    /// The next outcome; waits for ever when nothing is under way. May be cancelled and called again.
    pub(super) async fn next(&mut self) -> (Then, Outcome) {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(Then, Outcome)> {
        // A plan is handed over when it is first polled, so they are polled in order.
        let mut ready = None;
        for (place, errand) in self.under_way.iter_mut().enumerate() {
            if let Poll::Ready(outcome) = errand.as_mut().poll(cx) {
                ready = Some((place, outcome));
                break;
            }
        }
        match ready {
            Some((place, outcome)) => {
                drop(self.under_way.remove(place));
                Poll::Ready(outcome)
            }
            None => Poll::Pending,
        }
    }
}
