//! A partner's consents: a holder that asks, an originator that approves, withdraws or declines. Kept as they were signed.
//!
//! *Absent:* what follows from them. The rules are given every approval on record with its dates.

use super::{Brought, Noting};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::view::View;
use attache_seal::papers;

impl Office {
    /// Weighs a consent that a partner's node brought.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn weigh_consent(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let opened = brought.inner.open::<papers::Consent>(&brought.verifying, &self.expect(None));
        let Ok(statement) = opened else { return Ok(self.false_notice(brought.from)) };
        let (consent, signed_at): (Consent, Timestamp) = (statement.body.consent, statement.head.at);
        let digest = brought.inner.digest();
        let view = self.view.read();
        if view.consents.get(&digest).is_some() {
            return Ok(Noting::Kept);
        }
        if self.is_of_another_hub(&view, brought, &consent) {
            // Of what came under it, it stays told; what is still to come is not taken.
            if !view.consents.has_room_elsewhere(&consent.item_digest, brought.party, brought.from) {
                return Ok(Noting::Refused);
            }
            return Ok(Noting::Keep(self.mirrored(&view, brought, consent, signed_at)));
        }
        match self.suits(&view, brought, &consent) {
            Suits::Not => return Ok(Noting::Refused),
            Suits::NotTheirs => {
                drop(view);
                return Ok(self.false_notice(brought.from));
            }
            Suits::Well => {}
        }
        Ok(Noting::Keep(self.mirrored(&view, brought, consent, signed_at)))
    }

    fn mirrored(&self, view: &View, brought: &Brought<'_>, consent: Consent, signed_at: Timestamp) -> Plan {
        let act = Act::ConsentMirrored {
            consent,
            party: brought.party,
            signed_at,
            statement: brought.inner.digest(),
            notice: brought.notice.digest(),
            from: brought.from.clone(),
        };
        let mut plan = Plan::new(view, vec![act]);
        plan.paper(brought.inner.to_bytes());
        plan.paper(brought.notice.to_bytes());
        plan
    }

    /// Whether an originator says that it withdrew an approval by which another node, a partner of ours, could have passed an item
    /// on to us.
    fn is_of_another_hub(&self, view: &View, brought: &Brought<'_>, consent: &Consent) -> bool {
        let originator = view.originator(&consent.item_digest);
        matches!(consent.step, Step::Withdrawn { .. })
            && consent.to != self.identity.node
            && view.peers.contains_key(&consent.to)
            && originator.is_none_or(|originator| originator == brought.party)
    }

    fn suits(&self, view: &View, brought: &Brought<'_>, consent: &Consent) -> Suits {
        if consent.to != self.identity.node {
            return Suits::NotTheirs;
        }
        let originator = view.originator(&consent.item_digest);
        let speaks = match consent.step {
            Step::Asked { .. } => self.identity.party,
            _ => brought.party,
        };
        // What is not here, or not theirs to speak of as its holder, is told by one answer.
        let is_about_theirs = match (&consent.step, originator) {
            (_, None) => return Suits::Not,
            (Step::Asked { .. }, Some(_)) => {
                view.sent_to(&consent.item_digest, brought.from).next().is_some()
                    || view.passed_to(&consent.item_digest, brought.from)
            }
            _ => true,
        };
        if originator != Some(speaks) {
            return Suits::NotTheirs;
        }
        match view.consents.admits(consent, brought.party, brought.from) {
            Ok(()) if is_about_theirs => Suits::Well,
            _ => Suits::Not,
        }
    }
}

/// Whether a consent is one that its bringer may make.
enum Suits {
    Well,
    /// Nothing here that it could be about, or too much: refused, and no more said.
    Not,
    /// It speaks for another: a breach.
    NotTheirs,
}
