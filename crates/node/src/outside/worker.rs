//! The worker that asks one witness outside, beat after beat.
//!
//! *Absent:* what an answer comes to, which `witness` says, and what is owed when a witness stays away, which `logs` says.

use super::{Called, Outside};
use crate::fault::Fault;
use crate::link::Backoff;
use crate::node::Node;
use crate::settling::Compared;
use crate::witness::{Answered, LOG_SHORT, NOT_OUR_HISTORY, WITNESS_FORGOT};
use attache_store::{LocalHead, Published};
use attache_tlog::STOPPED_STATUS;
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
    /// It has said what it has seen of a log that was brought back.
    Settled,
    /// It is asked again after a pause.
    Later,
}

/// What is remembered of a witness between two questions.
struct Asking {
    witness: Outside,
    /// Where it stands by what we know; looked up first.
    stands: Option<u64>,
    /// The size at which it cosigned the log as it was brought back, of which nothing is kept.
    brought_back: u64,
    /// Whether it is on the disk since when it is waited for.
    is_awaited: bool,
}

/// Asks `witness` to cosign what the node publishes, until it goes down; of a log that was brought back first what it has seen.
pub(crate) async fn ask(node: Arc<Node>, witness: Outside) {
    let (mut nudge, mut shutdown) = (node.nudge(), node.shutdown());
    let (mut backoff, mut elsewhere) = (Backoff::new(), 0);
    let mut asking = Asking { witness, stands: None, brought_back: 0, is_awaited: false };
    while !*shutdown.borrow() {
        // Once it has answered, the others may have to.
        if asking.is_settled(&node) && !node.settled().await {
            return;
        }
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
            Ok(Turn::Settled) => {
                (backoff, elsewhere) = (Backoff::new(), 0);
                continue;
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
    fn is_settled(&self, node: &Node) -> bool {
        node.office.settling.asks_witness(self.witness.name()).is_none()
    }

    /// Asks, if there is anything to be cosigned.
    async fn look(&mut self, node: &Arc<Node>) -> Result<Turn, Fault> {
        let (office, keys) = (&node.office, self.witness.keys());
        let cosigned = office.cosigned_by(keys)?.map_or(0, |(size, _)| size);
        let old = *self.stands.get_or_insert(cosigned);
        if let Some(head) = office.settling.asks_witness(self.witness.name()) {
            return self.ask_what_was_seen(node, &head, old).await;
        }
        // A clock that is years ahead would give it years.
        if !self.is_awaited && office.own().in_force(node.now()) {
            if let Some(plan) = office.await_outside(&self.witness, node.now())? {
                // Nothing else keeps it, so it meets no conflict.
                let _ = node.commit(plan).await?;
            }
            self.is_awaited = true;
        }
        if office.published_size() <= cosigned.max(self.brought_back) {
            return Ok(Turn::Done);
        }
        let Some(published) = office.papers.published()? else { return Ok(Turn::Done) };
        let Some(request) = office.head_request(old, &published.checkpoint, published.size)? else {
            tracing::error!(witness = %self.witness, size = old, "the witness has cosigned more of this log than is published; entries were lost, or the witness errs");
            self.stands = None;
            return self.raise(node, LOG_SHORT).await.map(|()| Turn::Later);
        };
        let Some(Called { answer, said }) = self.called(request).await? else { return Ok(Turn::Later) };
        let answered = office.weigh_answer(keys, (&published, old), &answer)?;
        self.answered(node, &published, (answered, &said)).await
    }

    /// Asks it to cosign the log as it was brought back from a backup, which is published to nobody else.
    async fn ask_what_was_seen(
        &mut self,
        node: &Arc<Node>,
        head: &LocalHead,
        old: u64,
    ) -> Result<Turn, Fault> {
        let office = &node.office;
        let checkpoint = office.checkpoint(head)?;
        let compared = match office.head_request(old, &checkpoint, head.size)? {
            None => Compared::Lost(head.size, old),
            Some(request) => {
                let Some(Called { answer, said }) = self.called(request).await? else {
                    return Ok(Turn::Later);
                };
                let asked = Published { size: head.size, checkpoint };
                match office.weigh_answer(self.witness.keys(), (&asked, old), &answer)? {
                    Answered::Cosigned(_) => {
                        // Kept with the first checkpoint that is published again.
                        (self.stands, self.brought_back) = (Some(head.size), head.size);
                        Compared::GoesOn
                    }
                    Answered::Elsewhere { size, .. } => {
                        self.stands = Some(size);
                        return Ok(Turn::Elsewhere);
                    }
                    Answered::Refused(422) => {
                        tracing::error!(witness = %self.witness, said, "the witness has seen another history of this log");
                        Compared::Other
                    }
                    // One that waits for its people says nothing of what it is shown, and is asked again.
                    Answered::NotTheirs | Answered::Refused(_) => {
                        tracing::warn!(
                            witness = %self.witness, status = answer.status, said,
                            "the witness does not say what it has seen of this log; ask its people, and say it by attache backup settle"
                        );
                        return Ok(Turn::Later);
                    }
                }
            }
        };
        office.settling.witness_answered(self.witness.name(), compared);
        Ok(Turn::Settled)
    }

    /// Its answer; `None` where it could not be asked.
    async fn called(&self, request: Vec<u8>) -> Result<Option<Called>, Fault> {
        let caller = self.witness.caller.clone();
        let asked = tokio::task::spawn_blocking(move || caller.ask(&request)).await;
        Ok(asked.map_err(|_| Fault::Stopped)?.map_or_else(
            |reason| {
                tracing::warn!(witness = %self.witness, reason, "the witness could not be asked");
                None
            },
            Some,
        ))
    }

    async fn answered(
        &mut self,
        node: &Arc<Node>,
        published: &Published,
        (answered, said): (Answered, &str),
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
                tracing::warn!(witness = %self.witness, status, said, "the witness did not cosign this log's checkpoint");
                if [422, STOPPED_STATUS].contains(&status) {
                    // It counts as away meanwhile. It has seen another history, now or before, and may wait for its people's decision.
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
