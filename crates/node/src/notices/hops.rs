//! A hub's word on what became of a passage of our item. It is believed as far as it shows: the approval that it names is ours, and a
//! receipt is the recipient's own, for our very package.
//!
//! *Absent:* any trust in silence. Of what a hub does not tell in time an incident is raised.

use super::{Brought, Noting};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::consent::{Step, Word};
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, Hop, MAX_TOLD, PASSAGE_OVERDUE, Standing};
use attache_accord::view::View;
use attache_accord::{Digest, DispatchId, Timestamp};
use attache_courier::limits::CLOCK_BAR_SECONDS;
use attache_seal::papers::{self, Outcome, Receipt};

/// Code of the breach that a hub's word about a passage is which is not true by what is on record here, or by what it shows.
pub const FALSE_PASSAGE: &str = "B-004";
const MILLIS_AN_HOUR: u64 = 3_600_000;

impl Office {
    /// Weighs what a hub brought about a passage.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn weigh_hop(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let opened = brought.inner.open::<papers::Hop>(&brought.verifying, &self.expect(None));
        let Ok(statement) = opened else { return Ok(self.false_notice(brought.from)) };
        let (head, papers::Hop { hop, receipt }) = (statement.head, statement.body);
        let card = self.card_at(brought.from, head.at)?;
        // The node says it, and no person for it.
        if head.signer != brought.from.as_str() || card.is_none_or(|card| card.node_key != brought.verifying)
        {
            return Ok(self.false_notice(brought.from));
        }
        let digest = brought.inner.digest();
        let (said, is_known) = {
            let view = self.view.read();
            if let Some(told) = view.passages.told_of(&hop.dispatch, &hop.passage)
                && told.statement == digest
            {
                return Ok(Noting::Kept);
            }
            let is_known = view.peers.get(&hop.recipient).map(|peer| peer.party);
            (self.agrees_with(&view, brought, &hop, head.at), is_known)
        };
        match said {
            Said::Again => return Ok(Noting::Refused),
            Said::False => return Ok(self.false_passage(brought, &hop)),
            Said::True => {}
        }
        match is_known {
            // Its card may come later; then it is brought again.
            None => return Ok(Noting::OtherCard),
            Some(party) if party != hop.party => return Ok(self.false_passage(brought, &hop)),
            Some(_) => {}
        }
        if let (Fate::Receipted { .. }, bytes) = (&hop.fate, receipt.unwrap_or_default())
            && !self.is_receipt_for(&hop, &bytes)?
        {
            return Ok(self.false_passage(brought, &hop));
        }
        let mirrored = Act::PassageMirrored {
            hop: hop.clone(),
            statement: digest,
            notice: brought.notice.digest(),
            from: brought.from.clone(),
            basis: self.pack.terms().basis_between(brought.party, hop.party).to_owned(),
        };
        let failed = matches!(hop.fate, Fate::Declined { .. } | Fate::Overdue {});
        let raised = failed
            .then(|| Act::IncidentRaised { code: PASSAGE_OVERDUE.to_owned(), dispatch: Some(hop.dispatch) });
        let acts = [mirrored].into_iter().chain(raised).collect();
        let mut plan = Plan::new(&self.view.read(), acts);
        plan.paper(brought.inner.to_bytes());
        plan.paper(brought.notice.to_bytes());
        Ok(Noting::Keep(plan))
    }

    /// Whether what a hub says agrees with what is on record here.
    fn agrees_with(&self, view: &View, brought: &Brought<'_>, hop: &Hop, signed_at: Timestamp) -> Said {
        let sent = view.dispatches.sent(&hop.dispatch).filter(|sent| sent.recipient == *brought.from);
        let Some(sent) = sent.filter(|sent| sent.package == hop.package) else { return Said::False };
        let Some(item) = view.items.get(&sent.item) else { return Said::False };
        let level = item.marked().map(|marked| &marked.marking.level);
        let table = &self.pack.terms().equivalence;
        let is_marked = level.is_some_and(|level| table.equivalents(level, brought.party).allows(&hop.level));
        // None is named only of what was decided against: the statement's form says so.
        let is_approved = hop.consent.is_none_or(|consent| {
            view.consents.get(&consent).is_some_and(|word| {
                let what = Approved::ThirdParty(hop.party);
                word.party == self.identity.party
                    && word.node == *brought.from
                    && word.consent.item_digest == item.item_digest
                    && word.signed_at <= signed_at
                    && matches!(&word.consent.step, Step::Given { what: given, .. } if *given == what)
                    && self.began_in_time(view, word, &hop.fate, signed_at)
            })
        });
        if !is_marked || !is_approved || hop.party == self.identity.party {
            return Said::False;
        }
        let (mut others, mut count) = (view.passages.told(&sent.id), 0);
        let is_of_another = others.any(|told| {
            count += 1;
            told.hop.passage != hop.passage && is_same_receipt(&told.hop.fate, &hop.fate)
        });
        match view.passages.told_of(&sent.id, &hop.passage).map(|told| &told.hop) {
            _ if is_of_another => Said::False,
            None if count >= MAX_TOLD => Said::Again,
            None => Said::True,
            Some(before) => {
                let is_same = (&before.recipient, before.consent) == (&hop.recipient, hop.consent);
                let (before, after) = (before.fate.standing(), hop.fate.standing());
                if is_same && after.follows(before) { Said::True } else { Said::False }
            }
        }
    }

    /// Whether a passage that began did so before our approval lapsed, and before the hub had our withdrawal. A word about it may come
    /// later than it began, so of its time and of what it says is due the earlier counts, by the hub's clock.
    fn began_in_time(&self, view: &View, approval: &Word, fate: &Fate, signed_at: Timestamp) -> bool {
        let (Fate::Begun { due }, Step::Given { until, .. }) = (fate, &approval.consent.step) else {
            return true;
        };
        let hours = self.pack.terms().receipt_due_hours;
        let began = signed_at.min(due.minus_millis(hours.saturating_mul(MILLIS_AN_HOUR)));
        let withdrawal = view.consents.about(&approval.consent.item_digest).iter().find(|word| {
            let withdraws = |of: &Digest| *of == approval.statement && word.party == approval.party;
            matches!(&word.consent.step, Step::Withdrawn { approval } if withdraws(approval))
        });
        let told =
            withdrawal.and_then(|word| view.correspondence.delivered_at(&approval.node, &word.statement));
        let ended = until.iter().chain(&told).min().copied();
        ended.is_none_or(|ended| began < ended.plus_millis(CLOCK_BAR_SECONDS * 1000))
    }

    /// Whether these bytes are the receipt that the hub names: by the recipient's node, for our package, at that level.
    fn is_receipt_for(&self, hop: &Hop, bytes: &[u8]) -> Result<bool, Fault> {
        let Fate::Receipted { receipt, level } = &hop.fate else { return Ok(false) };
        let found = self.made_abroad::<Receipt>(bytes, |card| &card.node_key)?;
        Ok(found.is_some_and(|(signed, statement, _)| {
            statement.head.signer == hop.recipient.as_str()
                && signed.digest() == *receipt
                && statement.body.origin == Some(hop.package)
                && statement.body.outcome == Outcome::Admitted
                && statement.body.own_level == *level
        }))
    }

    fn false_passage(&self, brought: &Brought<'_>, hop: &Hop) -> Noting {
        let view = self.view.read();
        // A dispatch that is not the hub's is not named: the record is about what the hub did.
        let sent = view.dispatches.sent(&hop.dispatch).filter(|sent| sent.recipient == *brought.from);
        let dispatch = sent.map(|sent| sent.id);
        let (node, code) = (brought.from.clone(), FALSE_PASSAGE.to_owned());
        tracing::error!(peer = %brought.from, "a hub's word about a passage is not true by what is on record here");
        Noting::False(Plan::new(&view, vec![Act::BreachRecorded { node, code, dispatch }]))
    }

    /// The dispatches of whose passages hubs should have told by now.
    pub(crate) fn missed_passages<'a>(
        &self,
        view: &'a View,
        now: Timestamp,
    ) -> impl Iterator<Item = DispatchId> + 'a {
        let terms = self.pack.terms();
        let (hub, hours) = (terms.hub, terms.receipt_due_hours);
        let awaited = view.passages.overdue(now, hours).filter(move |awaited| {
            hub.is_some() && view.peers.get(&awaited.hub).map(|peer| peer.party) == hub
        });
        awaited
            .filter_map(|awaited| view.sent_to(&awaited.item_digest, &awaited.hub).next().map(|sent| sent.id))
    }
}

/// What a hub's word is worth.
enum Said {
    True,
    /// Not true, or a second last word.
    False,
    /// Too much of it.
    Again,
}

fn is_same_receipt(one: &Fate, other: &Fate) -> bool {
    let receipt = |fate: &Fate| match fate {
        Fate::Receipted { receipt, .. } => Some(*receipt),
        _ => None,
    };
    one.standing() == Standing::Receipted && receipt(one) == receipt(other)
}
