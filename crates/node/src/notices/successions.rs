//! A partner's word that its log lost entries and goes on under a new origin: compared with what was witnessed of it, and kept for a
//! person to decide.
//!
//! *Absent:* the decision, and what is followed after it.

use super::{Brought, Noting};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::succession::{FALSE_SUCCESSION, LOG_LOST};
use attache_accord::act::Act;
use attache_seal::papers::LogSuccession;

impl Office {
    /// Weighs a succession of its log that a partner's node brought.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn weigh_succession(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let Brought { from, notice, inner, verifying, .. } = brought;
        let opened = inner.open::<LogSuccession>(verifying, &self.expect(None));
        let Ok(statement) = opened else { return Ok(self.false_notice(from)) };
        let (said, digest) = (statement.body, inner.digest());
        if self.view.read().logs.succeeded(from).iter().any(|one| one.statement == digest) {
            return Ok(Noting::Kept);
        }
        if said.node != **from {
            return Ok(self.false_notice(from));
        }
        let cosigned = match self.compare_succession(from, &said)? {
            Ok(cosigned) => cosigned,
            Err(why) => {
                tracing::error!(peer = %from, why, "the partner tells a succession of its log that is not of what was witnessed here");
                let (node, code) = ((*from).clone(), FALSE_SUCCESSION.to_owned());
                let breach = Act::BreachRecorded { node, code, dispatch: None };
                let mut plan = Plan::new(&self.view.read(), vec![breach]);
                plan.paper(inner.to_bytes());
                return Ok(Noting::False(plan));
            }
        };
        let touched = self.touched_by_loss(from, said.size)?;
        let raised = |dispatch| Act::IncidentRaised { code: LOG_LOST.to_owned(), dispatch };
        let shown = Act::SuccessionShown {
            node: (*from).clone(),
            origin: said.origin.clone(),
            kept: said.size,
            cosigned,
            since: said.since,
            statement: digest,
            notice: notice.digest(),
        };
        let (lost_from, lost_behind) = said.missed();
        tracing::error!(
            peer = %from, lost_from, lost_behind, origin = said.origin, dispatches = touched.len(),
            "the partner's log lost entries and goes on under a new origin; nothing of it is accepted until a person decides"
        );
        let told = touched.into_iter().map(|dispatch| raised(Some(dispatch)));
        let acts = [shown, raised(None)].into_iter().chain(told).collect();
        let mut plan = Plan::new(&self.view.read(), acts);
        plan.paper(inner.to_bytes());
        plan.paper(notice.to_bytes());
        Ok(Noting::Keep(plan))
    }
}
