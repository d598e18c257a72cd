//! The sequencer: one thread that owns the engine and commits what has gathered since the last sync, so that many
//! outstanding commands share one.
//!
//! *Absent:* decisions. A plan arrives made; a conflict goes back to whoever made it.

use crate::engine::{Engine, MAX_GROUP_PAPER_BYTES, MAX_PLAN_ACTS, Plan};
use crate::fault::Fault;
use attache_accord::{Digest, Timestamp};
use attache_store::{Committed, Conflict, MAX_GROUP_ROWS, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

/// Most plans that wait for the thread.
const MAX_WAITING: usize = 1024;
/// Most plans in one group.
const MAX_GROUP: usize = 512;
/// Acts after which a group is full, so that one plan more is within what the store takes in one transaction.
const MAX_GROUP_ACTS: usize = MAX_GROUP_ROWS - MAX_PLAN_ACTS;

type Answer = Result<Result<Committed, Conflict>, Fault>;

enum Work {
    Commit(Plan, oneshot::Sender<Answer>),
    Beside(Beside, oneshot::Sender<Result<bool, Fault>>),
}

/// What is done between two groups.
enum Beside {
    Publish { size: u64, checkpoint: String },
    Forget(Vec<Digest>),
}

impl Beside {
    fn carry_out(self, engine: &mut Engine) -> Result<bool, Fault> {
        match self {
            Self::Publish { size, checkpoint } => engine.put_published(size, &checkpoint).map(|()| true),
            Self::Forget(papers) => engine.forget(&papers),
        }
    }
}

/// A handle to the sequencer's thread. When the last one goes, the thread ends.
#[derive(Clone)]
pub struct Sequencer {
    work: mpsc::SyncSender<Work>,
    running: Arc<AtomicBool>,
}

impl Sequencer {
    /// Starts the thread. `clock` is asked once a group.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(engine: Engine, clock: fn() -> Timestamp) -> Result<Self, Fault> {
        let (work, arrivals) = mpsc::sync_channel(MAX_WAITING);
        let running = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&running);
        std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || {
                run(engine, clock, &arrivals);
                told.store(false, Ordering::Release);
            })
            .map_err(Fault::Thread)?;
        Ok(Self { work, running })
    }

    /// Commits a plan and waits until it is durable.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] for this plan alone, [`Fault::Busy`] when too many wait, [`Fault::Stopped`] after a fault
    /// of the store, or that fault itself.
    pub async fn commit(&self, plan: Plan) -> Result<Result<Committed, Conflict>, Fault> {
        // Checked before it joins a group, so that one plan cannot spoil the others.
        plan.check()?;
        let (done, answer) = oneshot::channel();
        self.work.try_send(Work::Commit(plan, done)).map_err(full_or_stopped)?;
        answer.await.map_err(|_| Fault::Stopped)?
    }

    /// Whether the thread still commits: a fault of the store ends it.
    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire)
    }

    /// Keeps a published checkpoint.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub async fn publish(&self, size: u64, checkpoint: String) -> Result<(), Fault> {
        self.beside(Beside::Publish { size, checkpoint }).await.map(|_| ())
    }

    /// Removes papers for good; those that are gone are passed over. `false` while a trace of them is left in the journal's own
    /// files, because a reader still looks at it: to be asked again.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub async fn forget(&self, papers: Vec<Digest>) -> Result<bool, Fault> {
        self.beside(Beside::Forget(papers)).await
    }

    async fn beside(&self, beside: Beside) -> Result<bool, Fault> {
        let (done, answer) = oneshot::channel();
        self.work.try_send(Work::Beside(beside, done)).map_err(full_or_stopped)?;
        answer.await.map_err(|_| Fault::Stopped)?
    }
}

fn full_or_stopped(error: mpsc::TrySendError<Work>) -> Fault {
    match error {
        mpsc::TrySendError::Full(_) => Fault::Busy("waiting commands"),
        mpsc::TrySendError::Disconnected(_) => Fault::Stopped,
    }
}

fn run(mut engine: Engine, clock: fn() -> Timestamp, arrivals: &mpsc::Receiver<Work>) {
    while let Ok(first) = arrivals.recv() {
        let mut next = Some(first);
        let (mut plans, mut answers) = (Vec::new(), Vec::new());
        let mut besides = Vec::new();
        let (mut paper_bytes, mut acts) = (0, 0);
        while let Some(work) = next {
            match work {
                Work::Commit(plan, done) => {
                    paper_bytes += plan.paper_bytes();
                    acts += plan.acts.len();
                    plans.push(plan);
                    answers.push(done);
                }
                Work::Beside(beside, done) => besides.push((beside, done)),
            }
            let is_full =
                plans.len() >= MAX_GROUP || acts > MAX_GROUP_ACTS || paper_bytes >= MAX_GROUP_PAPER_BYTES;
            next = if is_full { None } else { arrivals.try_recv().ok() };
        }
        if !plans.is_empty() && !commit(&mut engine, clock(), &plans, answers) {
            // A failed sync is never retried and believed: whoever still waits learns that the journal stopped.
            return;
        }
        for (beside, done) in besides {
            let carried_out = beside.carry_out(&mut engine);
            let has_failed = carried_out.as_ref().is_err_and(Fault::is_of_the_disk);
            if let Err(fault) = &carried_out
                && has_failed
            {
                tracing::error!(%fault, "the journal has stopped");
            }
            // Whoever asked may have gone away; it is done all the same.
            let _ = done.send(carried_out);
            if has_failed {
                return;
            }
        }
    }
}

/// Commits and answers. `false` when the store failed, save for want of room: then each plan is refused, and the next
/// may find room.
fn commit(
    engine: &mut Engine,
    now: Timestamp,
    plans: &[Plan],
    answers: Vec<oneshot::Sender<Answer>>,
) -> bool {
    match engine.commit(now, plans) {
        Ok(outcomes) => {
            for (done, outcome) in answers.into_iter().zip(outcomes) {
                // Whoever asked may have gone away; the commit stands.
                let _ = done.send(Ok(outcome));
            }
            true
        }
        Err(fault) if fault.is_full_disk() => {
            tracing::error!(%fault, plans = plans.len(), "nothing could be recorded");
            for done in answers {
                let full = StoreError::Full { doing: "committing a group" };
                let _ = done.send(Err(full.into()));
            }
            true
        }
        Err(fault) => {
            tracing::error!(%fault, "the journal has stopped");
            let mut fault = Some(fault);
            for done in answers {
                let _ = done.send(Err(fault.take().unwrap_or(Fault::Stopped)));
            }
            false
        }
    }
}
