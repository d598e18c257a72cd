//! The worker that asks one witness outside, beat after beat.
//!
//! *Absent:* what an answer comes to, which `witness` says, and what is owed when a witness stays away, which `logs` says.

use super::Outside;
use crate::fault::Fault;
use crate::link::Backoff;
use crate::node::Node;
use crate::witness::{Answered, LOG_SHORT, NOT_OUR_HISTORY, WITNESS_FORGOT};
use attache_store::Published;
use std::sync::Arc;
use std::time::Duration;

/// So often in a row a witness may say that it stands elsewhere before that counts as leading nowhere.
const MAX_ELSEWHERE: u32 = 2;

/// What came of one look.
enum Turn {
    /// Nothing is to be asked before the next checkpoint.
    Done,
    /// It stands elsewhere, and is asked from there at once.
    Elsewhere,
    /// It is asked again after a pause.
    Later,
}

/// What is remembered of a witness between two questions.
struct Asking {
    witness: Outside,
    /// Where it stands by what we know; looked up first.
    stands: Option<u64>,
}

/// Asks `witness` to cosign what the node publishes, until it goes down.
pub(crate) async fn ask(node: Arc<Node>, witness: Outside) {
    if !node.settled().await {
        return;
    }
    let (mut nudge, mut shutdown) = (node.nudge(), node.shutdown());
    let (mut backoff, mut elsewhere) = (Backoff::new(), 0);
    let mut asking = Asking { witness, stands: None };
    while !*shutdown.borrow() {
        nudge.mark_unchanged();
        // A call that is under way when the node goes down is left to end by itself.
        let turn = tokio::select! {
            turn = asking.look(&node) => turn,
            _ = shutdown.wait_for(|is_down| *is_down) => return,
        };
        let pause = match turn {
            Ok(Turn::Done) => {
                (backoff, elsewhere) = (Backoff::new(), 0);
                None
            }
            Ok(Turn::Elsewhere) if elsewhere < MAX_ELSEWHERE => {
                elsewhere += 1;
                continue;
            }
            Ok(_) => {
                elsewhere = 0;
                Some(backoff.after(Duration::ZERO))
            }
            Err(fault) => {
                tracing::error!(witness = %asking.witness, %fault, "the witness could not be asked for a fault of our own");
                Some(backoff.after(Duration::ZERO))
            }
        };
        tokio::select! {
            () = async { match pause { Some(pause) => tokio::time::sleep(pause).await, None => std::future::pending().await } } => {}
            changed = nudge.changed(), if pause.is_none() => if changed.is_err() { return },
            _ = shutdown.changed() => {}
        }
    }
}

impl Asking {
    /// Asks, if there is anything to be cosigned.
    async fn look(&mut self, node: &Arc<Node>) -> Result<Turn, Fault> {
        let (office, keys) = (&node.office, self.witness.keys());
        let cosigned = office.cosigned_by(keys)?.map_or(0, |(size, _)| size);
        if office.published_size() <= cosigned {
            return Ok(Turn::Done);
        }
        let Some(published) = office.papers.published()? else { return Ok(Turn::Done) };
        let old = *self.stands.get_or_insert(cosigned);
        let Some(request) = office.head_request(old, &published.checkpoint, published.size)? else {
            tracing::error!(witness = %self.witness, size = old, "the witness has cosigned more of this log than is published; entries were lost, or the witness errs");
            self.stands = None;
            return self.raise(node, LOG_SHORT).await.map(|()| Turn::Later);
        };
        let caller = self.witness.caller.clone();
        let asked = tokio::task::spawn_blocking(move || caller.ask(&request)).await;
        match asked.map_err(|_| Fault::Stopped)? {
            Ok(answer) => {
                let answered = office.weigh_answer(keys, (&published, old), &answer)?;
                self.answered(node, &published, answered).await
            }
            Err(reason) => {
                tracing::warn!(witness = %self.witness, reason, "the witness could not be asked");
                Ok(Turn::Later)
            }
        }
    }

    async fn answered(
        &mut self,
        node: &Arc<Node>,
        published: &Published,
        answered: Answered,
    ) -> Result<Turn, Fault> {
        match answered {
            Answered::Cosigned(plan) => {
                // Nothing is expected of it, so it meets no conflict.
                let _ = node.commit(plan).await?;
                self.stands = Some(published.size);
                Ok(Turn::Done)
            }
            Answered::Elsewhere { size, has_forgotten } => {
                self.stands = Some(size);
                if has_forgotten {
                    tracing::error!(witness = %self.witness, size, "the witness stands below what it has cosigned of this log; it was brought back from a copy, or began anew");
                    self.raise(node, WITNESS_FORGOT).await?;
                }
                Ok(Turn::Elsewhere)
            }
            Answered::NotTheirs => {
                tracing::warn!(witness = %self.witness, "the cosignature is not under the keys that the configuration names");
                Ok(Turn::Later)
            }
            Answered::Refused(status) => {
                tracing::warn!(witness = %self.witness, status, "the witness did not cosign this log's checkpoint");
                if status == 422 {
                    self.raise(node, NOT_OUR_HISTORY).await?;
                }
                Ok(Turn::Later)
            }
        }
    }

    /// Records an incident, once a day at most.
    async fn raise(&self, node: &Arc<Node>, code: &str) -> Result<(), Fault> {
        match node.office.daily(code, node.now()) {
            Some(plan) => node.commit(plan).await.map(drop),
            None => Ok(()),
        }
    }
}
