//! A partner's words that an item of ours, or a copy of it, is destroyed there: kept as they were signed, by two people.
//!
//! *Absent:* any doubt in the deed. What is verified is who signed, and that it is about what was sent there.

use super::{Brought, Noting, head_of};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::PersonId;
use attache_accord::act::Act;
use attache_accord::destruction::{Destruction, Unwitnessed};
use attache_seal::statement::Signed;

impl Office {
    /// Weighs one signature of a destruction that a partner's node brought.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn weigh_destruction(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let Brought { from, notice, inner, verifying, .. } = brought;
        let Ok(statement) = inner.open::<Destruction>(verifying, &self.expect(None)) else {
            return Ok(self.false_notice(from));
        };
        let (head, destruction) = (statement.head, statement.body);
        let Ok(signer) = head.signer.parse::<PersonId>() else { return Ok(self.false_notice(from)) };
        if destruction.to.as_ref() != Some(&self.identity.node)
            || self.is_of_one_key(&destruction, &head.key)?
        {
            return Ok(self.false_notice(from));
        }
        let (what, digest) = (destruction.what, inner.digest());
        let view = self.view.read();
        if view.destructions.has(&what, &digest) {
            return Ok(Noting::Kept);
        }
        if !view.sent_to(&what.item_digest, from).any(|sent| Some(sent.id) == what.dispatch) {
            return Ok(Noting::Refused);
        }
        match view.destructions.admits(&destruction, &signer) {
            Ok(()) => {}
            Err(Unwitnessed::SamePerson) => {
                drop(view);
                return Ok(self.false_notice(from));
            }
            Err(_) => return Ok(Noting::Refused),
        }
        let act = Act::DestructionMirrored {
            destruction,
            signer,
            statement: digest,
            notice: notice.digest(),
            from: (*from).clone(),
        };
        let mut plan = Plan::new(&view, vec![act]);
        plan.paper(inner.to_bytes());
        plan.paper(notice.to_bytes());
        Ok(Noting::Keep(plan))
    }

    /// Whether the statement before was signed with this very key: two names of one person.
    fn is_of_one_key(
        &self,
        destruction: &Destruction,
        key: &attache_seal::pair::KeyId,
    ) -> Result<bool, Fault> {
        let Some(first) = &destruction.first else { return Ok(false) };
        let Some(bytes) = self.papers.get(first)? else { return Ok(false) };
        let first = Signed::from_bytes(&bytes).and_then(|first| head_of(&first));
        Ok(first.is_ok_and(|head| head.key == *key))
    }
}
