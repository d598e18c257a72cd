//! The end that dialled asks its partner to witness this node's log: each checkpoint that was published, from where the
//! partner stands. After an absence it goes on from there by itself.
//!
//! *Absent:* the beat, which publishes, and what is owed when a witness stays away.

use super::{Conduct, Errand, Then};
use crate::fault::Fault;
use crate::settling::Compared;
use crate::witness::{Answered, LOG_SHORT, WITNESS_FORGOT};
use attache_accord::Timestamp;
use attache_courier::Calling;
use attache_courier::frame::Witnessed;
use attache_store::{LocalHead, Published};
use attache_tlog::VerifierKey;

/// After an answer that leads nowhere the partner is asked again after so long, in milliseconds.
const AGAIN_MILLIS: u64 = 60_000;
/// So often in a row a partner may say that it stands elsewhere before that counts as leading nowhere.
const MAX_ELSEWHERE: u32 = 2;

/// What one connection remembers of the partner as a witness.
#[derive(Default)]
pub(super) struct Asking {
    /// The keys under which the partner cosigns, and where it stands by what we know, once that was looked up.
    stands: Option<(Vec<VerifierKey>, u64)>,
    /// The checkpoint that it was asked to cosign.
    asked: Option<Published>,
    /// The size that it cosigned last on this connection, or that is known from before.
    cosigned: u64,
    /// It has cosigned, on this connection, what is left of the log that this one goes on from.
    has_left: bool,
    elsewhere: u32,
    /// It is not asked before that time.
    not_before: Timestamp,
}

impl Asking {
    fn pause(&mut self, now: Timestamp) {
        self.elsewhere = 0;
        self.not_before = now.plus_millis(AGAIN_MILLIS);
    }
}

impl Conduct<Calling> {
    /// Asks for what is published and not cosigned, if there is room for a paper.
    pub(super) fn ask_witness(&mut self, now: Timestamp) -> Result<(), Fault> {
        let is_open = self.session.greeting().is_some() && self.session.takes_paper();
        let brought_back = self.office.settling.asks(&self.peer);
        if !is_open || brought_back.is_none() && !self.office.settling.is_settled() {
            return Ok(());
        }
        if let Some(head) = brought_back {
            return self.ask_what_was_seen(&head, now);
        }
        let published = self.office.published_size();
        let asking = &self.part.witness;
        if self.session.is_asking() || published <= asking.cosigned || now < asking.not_before {
            return Ok(());
        }
        let Some(old) = self.stands()? else {
            self.part.witness.pause(now);
            return Ok(());
        };
        if published <= self.part.witness.cosigned {
            return Ok(());
        }
        let kept = self.office.view.read().logs.last_kept();
        let published = match kept > 0 && old <= kept && !self.part.witness.has_left {
            // A witness that follows the log under its new origin looks first at what is left of the one before.
            true => {
                let checkpoint = self.office.checkpoint(&self.office.papers.head_at(kept)?)?;
                Some(Published { size: kept, checkpoint })
            }
            false => self.office.papers.published()?,
        };
        let Some(published) = published else { return Ok(()) };
        match self.office.head_request(old, &published.checkpoint, published.size)? {
            Some(request) => {
                self.session.witness(request, now).map_err(|_| Fault::Encoding)?;
                self.part.witness.asked = Some(published);
            }
            None => {
                tracing::error!(peer = %self.peer, size = old, "the partner has cosigned more of this log than is published; entries were lost, or the witness errs");
                // It stays so until a person acts, and is asked each minute.
                self.raise_daily(LOG_SHORT, now);
                self.part.witness.pause(now);
            }
        }
        Ok(())
    }

    /// Asks it to cosign the log as it was brought back from a backup. The checkpoint is not published: others may not see a size
    /// that is no beat's.
    fn ask_what_was_seen(&mut self, head: &LocalHead, now: Timestamp) -> Result<(), Fault> {
        if self.session.is_asking() || now < self.part.witness.not_before {
            return Ok(());
        }
        let Some(old) = self.stands()? else {
            tracing::error!(peer = %self.peer, "the partner is no witness; ask its people what they have seen of this log, and say it by attache backup settle");
            self.part.witness.pause(now);
            return Ok(());
        };
        let checkpoint = self.office.checkpoint(head)?;
        match self.office.head_request(old, &checkpoint, head.size)? {
            Some(request) => {
                self.session.witness(request, now).map_err(|_| Fault::Encoding)?;
                self.part.witness.asked = Some(Published { size: head.size, checkpoint });
            }
            None => self.office.settling.answered(&self.peer, Compared::Lost(head.size, old)),
        }
        Ok(())
    }

    /// Where the partner stands; `None` for one that is no witness.
    fn stands(&mut self) -> Result<Option<u64>, Fault> {
        if self.part.witness.stands.is_none() {
            let card = self.office.card_of(&self.peer)?;
            let keys = card.as_ref().map(|card| card.witness_keys()).unwrap_or_default();
            let cosigned = self.office.cosigned_by(&keys)?.map_or(0, |(size, _)| size);
            self.part.witness.cosigned = cosigned;
            self.part.witness.stands = Some((keys, cosigned));
        }
        let stands = self.part.witness.stands.as_ref();
        Ok(stands.filter(|(keys, _)| !keys.is_empty()).map(|(_, old)| *old))
    }

    /// The partner's answer.
    pub(super) fn witnessed_there(&mut self, answer: Witnessed, now: Timestamp) -> Result<(), Fault> {
        let asking = &mut self.part.witness;
        let (Some(asked), Some((keys, old))) = (asking.asked.take(), &mut asking.stands) else {
            return Ok(());
        };
        match self.office.weigh_answer(keys, (&asked, *old), &answer)? {
            Answered::Cosigned(plan) => {
                *old = asked.size;
                asking.cosigned = asked.size;
                asking.elsewhere = 0;
                if self.office.settling.asks(&self.peer).is_some() {
                    // Kept with the first checkpoint that is published again.
                    self.office.settling.answered(&self.peer, Compared::GoesOn);
                    return Ok(());
                }
                // Of what is left of the log before no checkpoint is published; the next one counts it.
                let is_left = asked.size == self.office.view.read().logs.last_kept();
                asking.has_left |= is_left;
                if !is_left {
                    self.errands.push_back(Errand { plan, then: Then::Recorded });
                }
                return Ok(());
            }
            Answered::NotTheirs => {
                tracing::warn!(peer = %self.peer, "the partner's cosignature is not under the keys of its card");
            }
            Answered::Elsewhere { size, has_forgotten } if asking.elsewhere < MAX_ELSEWHERE => {
                // Its answer was lost once, or it began anew: it is asked from there.
                *old = size;
                asking.elsewhere += 1;
                // A log that was itself brought back records nothing until that is settled.
                if has_forgotten && self.office.settling.is_settled() {
                    tracing::error!(peer = %self.peer, size, "the partner's witness stands below what it has cosigned of this log; it was brought back from a backup, or began anew");
                    self.raise_daily(WITNESS_FORGOT, now);
                }
                return Ok(());
            }
            Answered::Refused(422) if self.office.settling.asks(&self.peer).is_some() => {
                self.office.settling.answered(&self.peer, Compared::Other);
            }
            Answered::Elsewhere { .. } | Answered::Refused(_) => {
                tracing::warn!(peer = %self.peer, status = answer.status, "the partner did not cosign this log's checkpoint");
            }
        }
        asking.pause(now);
        Ok(())
    }
}
