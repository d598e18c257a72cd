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
use attache_accord::{Digest, Timestamp};
use attache_release::{Outcome, Permit, question_digest, rule};

/// How long a permit made here lives, in hours: from the ruling to the key there are seconds, or a restart.
const PERMIT_HOURS: u64 = 24;

impl Office {
    /// The permit of the ruling at `index`, for the key with digest `recipient_key`, and what custody wants shown.
    ///
    /// # Errors
    /// [`Fault::Altered`] where the entry there is no granted ruling, or its question does not give it again.
    pub(crate) fn permit(&self, index: u64, recipient_key: Digest) -> Result<(Permit, Logged), Fault> {
        let logged = self.papers.logged(index)?;
        let entry = decode_event(index, &logged.event)?;
        let Act::Ruled { ruling, asked, .. } = entry.act else { return Err(Fault::Altered("ruling")) };
        let bytes = self.papers.cited(&ruling.question, "question")?;
        let question: Question = minicbor::decode(&bytes).map_err(|_| Fault::Altered("question"))?;
        if question_digest(&question) != ruling.question {
            return Err(Fault::Altered("question"));
        }
        let expires = Timestamp(question.at.0).plus_hours(PERMIT_HOURS);
        let make = match asked.map(|asked| asked.ask) {
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
        Ok((permit.ok_or(Fault::Altered("ruling"))?, logged))
    }
}
