//! The running node: the office, the sequencer beside it, and the workers that do what is owed without a person.
//!
//! *Absent:* listeners. `link` and `gate` are started on a node, not by it.

use crate::adoption::adopt;
use crate::chores::{CLOCK_BEHIND, Chores};
use crate::desk::{Misuse, Step};
use crate::engine::{Engine, Plan};
use crate::fault::{Failure, Fault};
use crate::forgetting::forget;
use crate::nightly::{nights, suspicions};
use crate::office::Office;
use crate::outside::{self, Outside};
use crate::papers::Papers;
use crate::sequencer::Sequencer;
use crate::settling::Restored;
use crate::snapshot;
use crate::words::take_up;
use attache_accord::act::Act;
use attache_accord::passage::Bar;
use attache_accord::ruling::Ruling;
use attache_accord::view::View;
use attache_accord::{Digest, DispatchId, Timestamp};
use attache_custody::{Custodian, Keyring, RestKey};
use attache_release::{Granted, Pack};
use attache_seal::statement::Signed;
use attache_store::{Committed, Conflict, Journal, Vault};
use attache_tlog::Origin;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How often a command is made anew when others were faster.
pub(crate) const MAX_CONFLICTS: usize = 8;
/// Most chores that are recorded together.
const MAX_CHORES: usize = 32;
/// How often the node looks for what time alone makes due, in seconds.
const LOOK_SECONDS: u64 = 5;

/// What a node is started from.
pub struct Parts {
    /// Its journal, founded.
    pub journal: Box<dyn Journal>,
    /// Its vault.
    pub vault: Arc<dyn Vault>,
    /// Its keys.
    pub keys: Keyring,
    /// The rule pack in force.
    pub pack: Pack,
    /// Those that were in force before it, as far as they are kept. Others among them do no harm.
    pub earlier_packs: Vec<Pack>,
    /// Its card.
    pub card: Signed,
    /// The cards before it, newest first. Those that the journal does not know yet are recorded.
    pub earlier: Vec<Signed>,
    /// How often a checkpoint is published, in seconds; at least 1.
    pub beat_seconds: u64,
    /// Leaves in one block of its growth, at most [`MAX_PAD_LEAVES`](crate::beat::MAX_PAD_LEAVES); 0 for a log that is not padded.
    pub pad_leaves: u64,
    /// The hour of the agreement's zone at which the node checks itself each night, 0 to 23; `None` for never.
    pub check_hour: Option<u8>,
    /// Witnesses of its log that are no partners, at most [`MAX_OUTSIDE`](crate::outside::MAX_OUTSIDE).
    pub witnesses: Vec<Outside>,
    /// Words of ours that a partner had, to be taken up again before anything else is recorded.
    pub words: Vec<Signed>,
    /// Where it was brought back from a backup and must ask its partners first what they have seen of its log, and what they have of
    /// its people's words; with what people have said of that.
    pub restored: Option<Restored>,
    /// Where shares that originators lent rest; with `None` they end with the process.
    pub shares: Option<PathBuf>,
    /// The clock.
    pub clock: fn() -> Timestamp,
}

/// What a command led to.
#[derive(Debug)]
pub struct Done {
    /// The ruling that it asked for, recorded either way.
    pub ruling: Option<Ruling>,
    /// Index of the first entry written: the ruling's, where there is one.
    pub first_index: Option<u64>,
    /// Why it was not done, where that is no question of the rules and on record all the same.
    pub barred: Option<Bar>,
}

/// A running node.
pub struct Node {
    /// What its steps read.
    pub office: Arc<Office>,
    sequencer: Sequencer,
    pad_leaves: u64,
    /// One checkpoint at a time, or two would count each other's padding.
    publishing: tokio::sync::Mutex<()>,
    clock: fn() -> Timestamp,
    nudge: watch::Sender<u64>,
    shutdown: watch::Sender<bool>,
    /// One look at everything at a time: each holds as much memory as the folds.
    pub(crate) checking: tokio::sync::Mutex<()>,
    /// Why it takes no more commits, once it stopped by itself.
    stopped: watch::Sender<Option<String>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Node {
    /// Folds the journal and starts the workers. Called within a Tokio runtime of several threads.
    ///
    /// # Errors
    /// [`Fault`] when the journal is damaged, sealed under another key or not founded, or the card is another node's.
    pub fn start(parts: Parts) -> Result<Arc<Self>, Fault> {
        let Parts { journal, vault, keys, pack, card, earlier, beat_seconds, pad_leaves, check_hour, .. } =
            parts;
        let (restored, clock, witnesses) = (parts.restored, parts.clock, parts.witnesses);
        let words = parts.words;
        let pack = Arc::new(pack);
        let keys = Arc::new(keys);
        let mut engine = open_engine(journal, &keys, &pack)?;
        // Until it is known what was seen of its log, and what it had promised, nothing may be recorded.
        let is_unsettled = restored.as_ref().is_some_and(|restored| {
            let unheard = engine.view().read().peers.keys().any(|node| !restored.heard.contains(node));
            !restored.is_seen || restored.promised.is_some() || unheard || !words.is_empty()
        });
        if !is_unsettled {
            adopt(&mut engine, &pack, clock())?;
        }
        let custodian = engine.custodian();
        let papers = Papers::new(engine.reader()?, engine.rest());
        let mut office =
            Office::new((Arc::clone(&keys), pack), custodian, vault, engine.view(), papers, card)?;
        office.outside = witnesses.clone();
        office.earlier_packs = parts.earlier_packs;
        if let Some(restored) = &restored {
            office.await_partners(restored)?;
        }
        office.beat_millis = beat_seconds.max(1).saturating_mul(1000);
        if let Some(folder) = parts.shares
            && let Err(error) = office.custodian.rest_shares_in(folder, engine.rest(), clock())
        {
            tracing::error!(%error, "lent shares cannot be taken up or laid down; a restart ends what they serve for");
        }
        if !words.is_empty() {
            office.settling.await_words();
        }
        let office = Arc::new(office);
        office.tidy()?;
        if let Some(plan) = office.show_cards(&earlier)?.filter(|_| !is_unsettled) {
            engine.commit(clock(), &[plan])?;
        }
        let forgotten = office.forget_destroyed(&mut engine, clock())?;
        let (size, resumed) = (office.view.read().size, engine.resumed());
        let node = Arc::new(Self {
            office,
            sequencer: Sequencer::start(engine, clock)?,
            pad_leaves,
            publishing: tokio::sync::Mutex::default(),
            clock,
            nudge: watch::Sender::new(size),
            shutdown: watch::Sender::new(false),
            checking: tokio::sync::Mutex::default(),
            stopped: watch::Sender::new(None),
            workers: Mutex::default(),
        });
        let mut workers = vec![
            tokio::spawn(chores(Arc::clone(&node))),
            tokio::spawn(beat(Arc::clone(&node), Duration::from_secs(beat_seconds.max(1)))),
            tokio::spawn(suspicions(Arc::clone(&node))),
            tokio::spawn(forget(Arc::clone(&node), forgotten)),
            tokio::spawn(snapshot::keep(Arc::clone(&node), resumed)),
        ];
        if node.office.settling.standing().borrow().awaits_words {
            workers.push(tokio::spawn(take_up(Arc::clone(&node), words)));
        }
        workers.extend(check_hour.map(|hour| tokio::spawn(nights(Arc::clone(&node), hour))));
        workers.extend(witnesses.into_iter().map(|one| tokio::spawn(outside::ask(Arc::clone(&node), one))));
        *node.workers.lock().unwrap_or_else(PoisonError::into_inner) = workers;
        let office = Arc::clone(&node.office);
        tokio::task::spawn_blocking(move || {
            if let Err(fault) = office.follow_titles() {
                tracing::error!(%fault, "titles could not be made ready for searching; the first search tries again");
            }
        });
        Ok(node)
    }

    /// Makes a step on the view of the moment and commits it; where another command was faster, makes it anew.
    ///
    /// # Errors
    /// [`Failure::Misuse`] where the step cannot be made; [`Failure::Fault`] when the journal fails or is too busy.
    pub async fn carry_out(
        &self,
        make: impl Fn(&View, Timestamp) -> Result<Step, Misuse>,
    ) -> Result<Done, Failure> {
        let make = |view: &View, now| Ok((make(view, now)?, None));
        self.carry_out_at_once(make).await.map(|(done, _)| done)
    }

    /// The same with the grant of the step that was committed, for whoever uses it as soon as it is on record.
    pub(crate) async fn carry_out_at_once(
        &self,
        make: impl Fn(&View, Timestamp) -> Result<(Step, Option<Granted>), Misuse>,
    ) -> Result<(Done, Option<Granted>), Failure> {
        for _ in 0..MAX_CONFLICTS {
            let (step, granted) = make(&self.office.view.read(), (self.clock)())?;
            let barred = step.barred();
            if let Ok(committed) = self.commit(step.plan).await? {
                let first_index = Some(committed.first_index);
                return Ok((Done { ruling: step.ruling, first_index, barred }, granted));
            }
        }
        Err(Fault::Busy("commands about the same thing").into())
    }

    /// Commits a plan that was made already.
    ///
    /// # Errors
    /// [`Fault`] when the journal fails or is too busy.
    pub async fn commit(&self, plan: Plan) -> Result<Result<Committed, Conflict>, Fault> {
        self.may_record()?;
        let outcome = self.sequencer.commit(plan).await.inspect_err(|fault| self.office.suspect(fault))?;
        if outcome.is_ok() {
            let size = self.office.view.read().size;
            self.nudge.send_replace(size);
        }
        Ok(outcome)
    }

    /// Commits what a word of ours that came back leads to, while everything else waits for that.
    pub(crate) async fn commit_heard(&self, plan: Plan) -> Result<(), Failure> {
        if self.stopped.borrow().is_some() || !self.office.settling.standing().borrow().goes_on() {
            return Err(Fault::Stopped.into());
        }
        match self.sequencer.commit(plan).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault::Busy("words that came back").into()),
        }
    }

    /// Waits until words of ours that came back may be recorded; `false` where the node goes down before.
    pub(crate) async fn may_hear(&self) -> bool {
        self.reaches(crate::settling::Standing::may_hear).await
    }

    /// Removes papers for good. `false` while a trace of them is left.
    pub(crate) async fn forget_papers(&self, papers: Vec<Digest>) -> Result<bool, Fault> {
        // What is destroyed by folds that are not the journal's might be another item.
        self.may_record()?;
        self.sequencer.forget(papers).await
    }

    /// Wakes whoever waits for something to do.
    pub(crate) fn stir(&self) {
        let size = self.office.view.read().size;
        self.nudge.send_replace(size);
    }

    /// Changes at every commit and every checkpoint.
    pub fn nudge(&self) -> watch::Receiver<u64> {
        self.nudge.subscribe()
    }

    /// Becomes `true` when the node goes down.
    pub fn shutdown(&self) -> watch::Receiver<bool> {
        self.shutdown.subscribe()
    }

    /// Whether the journal takes commits: not after a fault, nor while it is not settled what was seen of its log.
    pub fn is_writable(&self) -> bool {
        self.sequencer.is_running() && self.stopped.borrow().is_none() && self.office.settling.is_settled()
    }

    /// From here on nothing is committed, because of `why`. Whoever serves the node ends it.
    pub(crate) fn stop(&self, why: String) {
        self.stopped.send_replace(Some(why));
    }

    /// Whether the node may go on with its log: not once it stopped by itself, nor while it is not settled what was seen of it.
    fn may_record(&self) -> Result<(), Fault> {
        if self.stopped.borrow().is_some() {
            return Err(Fault::Stopped);
        }
        let standing = self.office.settling.standing();
        let standing = standing.borrow();
        if standing.is_settled() { Ok(()) } else { Err(Fault::Unsettled(standing.says())) }
    }

    /// Waits until the node may go on with its log; `false` where it goes down before.
    pub(crate) async fn settled(&self) -> bool {
        self.reaches(crate::settling::Standing::is_settled).await
    }

    async fn reaches(&self, state: impl Fn(&crate::settling::Standing) -> bool) -> bool {
        let (mut standing, mut shutdown) = (self.office.settling.standing(), self.shutdown());
        tokio::select! {
            reached = standing.wait_for(state) => reached.is_ok(),
            _ = shutdown.wait_for(|is_down| *is_down) => false,
        }
    }

    /// Says why the node stopped by itself, once it did.
    pub fn stopped(&self) -> watch::Receiver<Option<String>> {
        self.stopped.subscribe()
    }

    /// The time by this node's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Publishes a checkpoint of the log as it is now, padded to whole blocks. A log that is not padded has none while it does
    /// not grow.
    ///
    /// # Errors
    /// [`Fault`] when signing or the store fails.
    pub async fn publish(&self) -> Result<(), Fault> {
        let _alone = self.publishing.lock().await;
        self.may_record()?;
        let Some(due) = self.office.due(self.pad_leaves, self.now())? else { return Ok(()) };
        for plan in due.padding {
            // Nobody is woken for it: it says nothing, and it expects nothing that could have moved on.
            if self.sequencer.commit(plan).await?.is_err() {
                return Err(Fault::Busy("padding"));
            }
        }
        let note = self.office.checkpoint(&self.office.papers.head_at(due.size)?)?;
        self.sequencer.publish(due.size, note).await?;
        self.office.has_published(due.size, self.now());
        // Connections ask their partners to cosign it, and prove by it what receipts promised.
        let size = self.office.view.read().size;
        self.nudge.send_replace(size);
        Ok(())
    }

    /// Stops the workers. What is owed stays owed.
    pub async fn shut_down(&self) {
        self.shutdown.send_replace(true);
        let workers = std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner));
        for worker in workers {
            if worker.await.is_err() {
                tracing::error!("a worker had failed before the node went down");
            }
        }
    }
}

/// Opens the engine of the node that holds these keys.
///
/// # Errors
/// [`Fault`] when the journal is damaged or sealed under another key.
pub fn open_engine(
    journal: Box<dyn Journal>,
    keys: &Arc<Keyring>,
    pack: &Arc<Pack>,
) -> Result<Engine, Fault> {
    let origin = Origin::new(keys.log_ed25519.verifier().name()).map_err(|_| Fault::Altered("log origin"))?;
    let (kem, retired) = keys.kem_keys().map_err(|_| Fault::Altered("key ring"))?;
    let service = keys.service_keys().map_err(|_| Fault::Altered("key ring"))?;
    let custodian = Custodian::new(Arc::clone(pack), kem).with_retired(retired);
    let custodian = custodian.with_service(service);
    let custodian = Arc::new(custodian);
    let rest = Arc::new(RestKey::new(&keys.storage)?);
    // An older build that refuses this journal says by this which one to use.
    let holder = format!("attache {}, process {}", env!("CARGO_PKG_VERSION"), std::process::id());
    Engine::open(journal, &holder, rest, origin, custodian)
}

/// Does what is owed, again after every commit.
async fn chores(node: Arc<Node>) {
    let (mut nudge, mut shutdown) = (node.nudge(), node.shutdown());
    let chores = Arc::new(Mutex::new(Chores::default()));
    let mut is_behind = false;
    if !node.settled().await {
        return;
    }
    let mut looked_at = None;
    while !*shutdown.borrow() {
        nudge.mark_unchanged();
        watch_clock(&node, &mut is_behind).await;
        if looked_at.is_none_or(|at: Instant| at.elapsed() >= Duration::from_secs(LOOK_SECONDS)) {
            looked_at = Some(Instant::now());
            watch_witnesses(&node).await;
        }
        let plans = next_chores(&node, &chores).await;
        if !plans.is_empty() {
            // Handed over together, so that they share a sync.
            let mut commits: JoinSet<_> =
                plans.into_iter().map(|plan| commit(Arc::clone(&node), plan)).collect();
            let mut has_failed = false;
            while let Some(ended) = commits.join_next().await {
                // A conflict means that it was done by another way; it is picked again if not.
                if let Ok(Err(fault)) = ended {
                    tracing::error!(%fault, "a chore could not be recorded");
                    has_failed = true;
                }
            }
            if has_failed {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            continue;
        }
        tokio::select! {
            _ = nudge.changed() => {}
            _ = shutdown.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

/// Records once that the clock stands before the last entry, and again only after it was right.
async fn watch_clock(node: &Arc<Node>, was_behind: &mut bool) {
    let is_behind = node.office.is_clock_behind(node.now());
    if is_behind && !*was_behind {
        tracing::error!("this node's clock is behind its last entry; set it by a common source");
        let act = Act::IncidentRaised { code: CLOCK_BEHIND.to_owned(), dispatch: None };
        let plan = Plan::new(&node.office.view.read(), vec![act]);
        if let Err(fault) = node.commit(plan).await {
            tracing::error!(%fault, "that the clock is behind could not be recorded");
        }
    }
    *was_behind = is_behind;
}

/// Records once that a witness stays away for longer than agreed. Nothing is while this node's own card is not in force: a clock
/// that is years ahead would miss everybody.
async fn watch_witnesses(node: &Arc<Node>) {
    if !node.office.own().in_force(node.now()) {
        return;
    }
    let watched = match node.office.watch_witnesses(node.now()) {
        Ok(None) => return,
        Ok(Some(overdue)) => {
            let witnesses = overdue.witnesses.join(", ");
            tracing::error!(
                witnesses,
                "a witness has not cosigned this node's log for longer than the agreement allows"
            );
            node.commit(overdue.plan).await.map(drop)
        }
        Err(fault) => Err(fault),
    };
    if let Err(fault) = watched {
        tracing::error!(%fault, "whether the witnesses are there could not be seen or recorded");
    }
}

async fn commit(node: Arc<Node>, plan: Plan) -> Result<(), Fault> {
    node.commit(plan).await.map(drop)
}

async fn next_chores(node: &Arc<Node>, chores: &Arc<Mutex<Chores>>) -> Vec<Plan> {
    let Some(owed) = Chores::owed(&node.office, node.now()) else { return Vec::new() };
    let (node, chores) = (Arc::clone(node), Arc::clone(chores));
    let look = move || {
        let mut ids = [[0; 16]; MAX_CHORES];
        if aws_lc_rs::rand::fill(ids.as_flattened_mut()).is_err() {
            return Vec::new();
        }
        let mut chores = chores.lock().unwrap_or_else(PoisonError::into_inner);
        chores.plans(&owed, &node.office, &ids.map(DispatchId), node.now())
    };
    // Making a package reads the whole item.
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

/// Publishes a checkpoint on a fixed beat.
async fn beat(node: Arc<Node>, every: Duration) {
    if !node.settled().await {
        return;
    }
    let mut shutdown = node.shutdown();
    let mut beats = tokio::time::interval(every);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !*shutdown.borrow() {
        tokio::select! {
            _ = beats.tick() => {
                if let Err(fault) = node.publish().await {
                    node.office.suspect(&fault);
                    tracing::error!(%fault, "no checkpoint could be published");
                }
            }
            _ = shutdown.changed() => {}
        }
    }
}
