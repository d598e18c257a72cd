//! From a recorded ruling to a permit: the question is read back, ruled on again, and must come out as recorded.
//!
//! *Absent:* any other way to a permit.

use crate::engine::decode_event;
use crate::fault::Fault;
use crate::office::Office;
use crate::papers::Logged;
use attache_accord::act::Act;
use attache_accord::ruling::Question;
use attache_accord::view::Ask;
use attache_accord::{Digest, ItemId, PersonId, Timestamp};
use attache_custody::Shown;
use attache_release::{Outcome, Permit, question_digest, rule};

/// How long a permit made here lives, in hours: from the ruling to the key there are seconds, or a restart.
const PERMIT_HOURS: u64 = 24;

/// Who asked what a ruling answered.
pub(crate) struct Recorded {
    /// Who.
    pub by: PersonId,
    /// What; none in entries of before this was recorded.
    pub ask: Option<Ask>,
}

impl Recorded {
    /// What it answered about the opening of `item`. Custody asks about this item, whatever that was about.
    pub(crate) fn opening_of(&self, item: ItemId) -> Ask {
        let purpose = match &self.ask {
            Some(Ask::Open { purpose, .. }) => purpose.clone(),
            _ => None,
        };
        Ask::Open { item, purpose }
    }
}

impl Office {
    fn permit(&self, index: u64, recipient_key: Digest) -> Result<(Permit, Logged, Recorded), Fault> {
        let logged = self.papers.logged(index)?;
        let entry = decode_event(index, &logged.event)?;
        let Act::Ruled { ruling, asked, by, .. } = entry.act else { return Err(Fault::Altered("ruling")) };
        let bytes = self.papers.cited(&ruling.question, "question")?;
        let question: Question = minicbor::decode(&bytes).map_err(|_| Fault::Altered("question"))?;
        if question_digest(&question) != ruling.question {
            return Err(Fault::Altered("question"));
        }
        let expires = Timestamp(question.at.0).plus_hours(PERMIT_HOURS);
        let recorded = Recorded { by, ask: asked.map(|asked| asked.ask) };
        let make = match recorded.ask {
            Some(Ask::Opening { .. }) => Permit::of_opening,
            Some(Ask::Copy { .. }) => Permit::of_copy,
            _ => Permit::new,
        };
        let permit = match rule(&question, &self.pack) {
            Outcome::Granted(granted) if *granted.ruling() == ruling => {
                make(granted, index, recipient_key, expires)
            }
            _ => None,
        };
        Ok((permit.ok_or(Fault::Altered("ruling"))?, logged, recorded))
    }

    /// Does what the ruling at `index` permits to whoever holds `recipient_key`, with what custody wants shown and what that ruling
    /// answered.
    ///
    /// # Errors
    /// [`Fault::Altered`] where the entry there is no granted ruling, or its question does not give it again; those of `work`.
    pub(crate) fn with_permit<T>(
        &self,
        index: u64,
        recipient_key: Digest,
        work: impl FnOnce(&Permit, &Shown<'_>, &Recorded) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (permit, logged, recorded) = self.permit(index, recipient_key)?;
        let prove = |size| self.papers.prove(logged.index, size);
        let shown = Shown { event: &logged.event, leaf: &logged.leaf, opened: &logged.opened, prove: &prove };
        work(&permit, &shown, &recorded)
    }
}
