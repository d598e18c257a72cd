//! The nightly check: once a day, at an hour of the agreement's zone, the running node compares what it stores and folded with
//! what the journal gives; and at once, where something that it stores came out damaged while it served. Where anything differs it
//! records an incident and stops; it never guesses which is right.
//!
//! *Absent:* repair, and anything that waits for the check.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::node::Node;
use crate::refold::{self, Refold};
use attache_accord::act::Act;
use attache_accord::{CivilDay, Timestamp};
use attache_store::{LocalHead, remove_snapshot};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Code of the incident that it is, when what the node stores or folded is not what its journal gives.
pub const NOT_AS_RECORDED: &str = "I-020";
/// How often the hour is looked at, in seconds.
const LOOK_SECONDS: u64 = 20;
/// How long it is left alone after a check that damage called for, in seconds.
const SUSPECT_AGAIN_SECONDS: u64 = 600;
/// That it is so is raised again after so long, in hours: whoever starts the node anew after each stop adds no act each time.
const RAISE_AGAIN_HOURS: u64 = 24;
/// How long recording the incident may keep the node from stopping, in seconds: what is wrong may be the journal itself.
const RECORD_SECONDS: u64 = 10;

/// The day, if the check is due now and was not made on it yet.
fn due(last: Option<CivilDay>, now: Timestamp, hour: u8, utc_offset_hours: u8) -> Option<CivilDay> {
    let there = now.plus_hours(utc_offset_hours.into());
    let (today, is_hour) =
        (CivilDay::of(now, utc_offset_hours), there.seconds() / 3600 % 24 == u64::from(hour));
    (is_hour && last != Some(today)).then_some(today)
}

/// Checks each night until the node goes down.
pub(crate) async fn nights(node: Arc<Node>, hour: u8) {
    let mut shutdown = node.shutdown();
    let offset = node.office.pack.terms().utc_offset_hours;
    let mut last = None;
    if !node.settled().await {
        return;
    }
    while !*shutdown.borrow() {
        if let Some(today) = due(last, node.now(), hour, offset) {
            last = Some(today);
            check_and_tell(&node).await;
        }
        tokio::select! {
            _ = shutdown.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

/// Checks whenever something that is kept came out damaged while the node served, until it goes down. However often that is said
/// meanwhile, one check answers it.
pub(crate) async fn suspicions(node: Arc<Node>) {
    let mut shutdown = node.shutdown();
    loop {
        tokio::select! {
            () = node.office.suspicion.notified() => {}
            _ = shutdown.wait_for(|is_down| *is_down) => return,
        }
        tracing::warn!("something that is kept came out damaged; everything is checked");
        check_and_tell(&node).await;
        // What the check does not find, such as a paper that is gone, would else be looked for at each request.
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(SUSPECT_AGAIN_SECONDS)) => {}
            _ = shutdown.wait_for(|is_down| *is_down) => return,
        }
    }
}

async fn check_and_tell(node: &Arc<Node>) {
    let began = Instant::now();
    match node.check().await {
        Ok(head) => {
            let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(entries = head.size, millis, "the check found everything as recorded");
        }
        Err(fault) if fault.is_damage() => {}
        Err(fault) => {
            tracing::error!(%fault, "the check could not be made; it is tried again at the next occasion")
        }
    }
}

impl Node {
    /// Compares what this node stores and folded with what its journal gives, beside its other work. Where it differs, an incident
    /// is recorded and the node stops: [`Node::stopped`] says why.
    ///
    /// # Errors
    /// [`Fault`] says what differs, or why it could not be told.
    pub async fn check(self: &Arc<Self>) -> Result<LocalHead, Fault> {
        let _alone = self.checking.lock().await;
        let node = Arc::clone(self);
        let looked = tokio::task::spawn_blocking(move || {
            let office = &node.office;
            let (reader, rest) = (office.papers.another_reader()?, Arc::clone(office.papers.rest()));
            let refold = Refold::new(reader, rest, office.pack.terms().utc_offset_hours);
            refold::check(refold, &office.view, &office.custodian)
        });
        let found = looked.await.unwrap_or(Err(Fault::Stopped));
        if let Err(fault) = &found
            && fault.is_damage()
        {
            tracing::error!(%fault, "what this node holds is not what its journal says; it stops");
            let raised = self.office.view.read().raised.get(NOT_AS_RECORDED).copied();
            if raised.is_none_or(|at| at.plus_hours(RAISE_AGAIN_HOURS) <= self.now()) {
                self.raise_not_as_recorded().await;
            }
            self.stop(fault.to_string());
            // Whatever it is, the next start folds the whole journal.
            if let Some(Err(error)) = self.office.papers.folder().map(|folder| remove_snapshot(&folder)) {
                tracing::error!(%error, "the snapshot of the folds could not be removed; remove it by hand");
            }
        }
        found
    }

    async fn raise_not_as_recorded(&self) {
        let act = Act::IncidentRaised { code: NOT_AS_RECORDED.to_owned(), dispatch: None };
        let plan = Plan::new(&self.office.view.read(), vec![act]);
        let recorded = tokio::time::timeout(Duration::from_secs(RECORD_SECONDS), self.commit(plan)).await;
        if !recorded.is_ok_and(|recorded| recorded.is_ok_and(|committed| committed.is_ok())) {
            tracing::error!("the incident could not be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_is_due_once_a_day_at_its_hour_of_the_agreements_zone() {
        // 2026-11-26 02:30 in Seoul and Tokyo.
        let night = Timestamp(1_795_627_800_000);
        let today = due(None, night, 2, 9).unwrap();
        assert_eq!(today.to_string(), "2026-11-26");
        assert_eq!(due(Some(today), night, 2, 9), None);
        assert_eq!(due(None, night, 3, 9), None);
        assert_eq!(due(None, night, 2, 0), None);
        assert!(due(Some(today), night.plus_hours(24), 2, 9).is_some());
    }
}
