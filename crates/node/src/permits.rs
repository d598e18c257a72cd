//! From a recorded ruling to a permit: the grant must be what is recorded. One that is not at hand any more is made again: the question
//! is read back and ruled on once more.
//!
//! *Absent:* any other way to a permit.

use crate::engine::decode_event;
use crate::fault::Fault;
use crate::office::Office;
use crate::papers::Logged;
use attache_accord::act::Act;
use attache_accord::ruling::{Question, Ruling};
use attache_accord::view::Ask;
use attache_accord::{Digest, ItemId, PersonId};
use attache_custody::Shown;
use attache_release::{Granted, Outcome, Permit, question_digest, rule};

/// How long a permit made here lives, in hours: from the ruling to the key there are seconds, or a restart.
const PERMIT_HOURS: u64 = 24;

/// A granted ruling that stands in the journal.
pub(crate) struct OnRecord {
    index: u64,
    /// The grant, of a moment ago.
    granted: Option<Granted>,
}

impl OnRecord {
    /// The grant whose ruling was recorded at `index`.
    pub(crate) fn now(granted: Granted, index: u64) -> Self {
        Self { index, granted: Some(granted) }
    }
}

impl From<u64> for OnRecord {
    fn from(index: u64) -> Self {
        Self { index, granted: None }
    }
}

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
    fn permit(
        &self,
        OnRecord { index, granted }: OnRecord,
        recipient_key: Digest,
    ) -> Result<(Permit, Logged, Recorded), Fault> {
        let logged = self.papers.logged(index)?;
        let entry = decode_event(index, &logged.event)?;
        let Act::Ruled { ruling, asked, by, .. } = entry.act else { return Err(Fault::Altered("ruling")) };
        let granted = granted.map_or_else(|| self.granted_again(&ruling), Ok)?;
        if *granted.ruling() != ruling {
            return Err(Fault::Altered("ruling"));
        }
        let expires = granted.at().plus_hours(PERMIT_HOURS);
        let recorded = Recorded { by, ask: asked.map(|asked| asked.ask) };
        let make = match recorded.ask {
            Some(Ask::Opening { .. }) => Permit::of_opening,
            Some(Ask::Copy { .. }) => Permit::of_copy,
            _ => Permit::new,
        };
        let permit = make(granted, index, recipient_key, expires);
        Ok((permit.ok_or(Fault::Altered("ruling"))?, logged, recorded))
    }

    fn granted_again(&self, ruling: &Ruling) -> Result<Granted, Fault> {
        let bytes = self.papers.cited(&ruling.question, "question")?;
        let question: Question = minicbor::decode(&bytes).map_err(|_| Fault::Altered("question"))?;
        if question_digest(&question) != ruling.question {
            return Err(Fault::Altered("question"));
        }
        match rule(&question, &self.pack) {
            Outcome::Granted(granted) => Ok(granted),
            Outcome::Refused(_) => Err(Fault::Altered("ruling")),
        }
    }

    /// Does what `ruling` permits to whoever holds `recipient_key`, with what custody wants shown and what that ruling
    /// answered.
    ///
    /// # Errors
    /// [`Fault::Altered`] where the entry there is no granted ruling, or its question does not give it again; those of `work`.
    pub(crate) fn with_permit<T>(
        &self,
        ruling: impl Into<OnRecord>,
        recipient_key: Digest,
        work: impl FnOnce(&Permit, &Shown<'_>, &Recorded) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (permit, logged, recorded) = self.permit(ruling.into(), recipient_key)?;
        let prove = |size| self.papers.prove(logged.index, size);
        let shown = Shown { event: &logged.event, leaf: &logged.leaf, opened: &logged.opened, prove: &prove };
        work(&permit, &shown, &recorded)
    }
}
