//! The rewrap: each key that is asked for is a question, ruled on and recorded; only then does custody open it, and it goes
//! out under the client's own key.

use super::calls::call;
use super::{Kas, bytes};
use attache_accord::{ItemId, PersonId};
use attache_custody::Denied;
use attache_node::fault::{Failure, Fault};
use attache_node::service::KeyAsked;
use attache_rewrap::answer::{Outcome, PolicyAnswer, Wrapping, rewrap_response};
use attache_rewrap::message::rewrap_request;
use attache_rewrap::{CallError, ObjectAsked, PolicyAsked, Rewrap};
use axum::extract::Request;
use axum::response::Response;

impl Kas {
    /// Answers a rewrap.
    pub(super) async fn rewrap(&self, request: Request) -> Result<Response, CallError> {
        let (machine, request) = self.caller(request).await?;
        let (codec, message) = call(request).await?;
        let token = rewrap_request(codec, &message)?;
        let rewrap = Rewrap::read(&token, machine.key.as_ref(), self.gate.now())?;
        // Taken before anything is recorded: what is on record as opened was opened.
        let busy = |_| CallError::unavailable("as many keys are being opened as may be; try again");
        let _place = self.rewraps.try_acquire().map_err(busy)?;
        let wrapping = Wrapping::begin(&rewrap.client_key).map_err(|_| CallError::internal())?;
        let mut answers = Vec::with_capacity(rewrap.policies.len());
        let mut failed = None;
        for policy in &rewrap.policies {
            let mut results = Vec::with_capacity(policy.objects.len());
            for object in &policy.objects {
                let outcome = self.opened(&machine.person, policy, object, &wrapping).await;
                results.push((
                    object.id.clone(),
                    outcome.unwrap_or_else(|failure| {
                        failed = Some(self.failed(&failure));
                        Outcome::Denied
                    }),
                ));
            }
            answers.push(PolicyAnswer { id: policy.id.clone(), results });
        }
        // What is on record as opened is given, whatever became of what was asked for beside it.
        let is_opened = |answer: &PolicyAnswer| answer.results.iter().any(|(_, it)| *it != Outcome::Denied);
        if let Some(failed) = failed.filter(|_| !answers.iter().any(is_opened)) {
            return Err(failed);
        }
        let body = rewrap_response(codec, &wrapping, &answers, rewrap.is_first_form);
        Ok(bytes(200, codec.content_type(), body))
    }

    async fn opened(
        &self,
        by: &PersonId,
        policy: &PolicyAsked,
        object: &ObjectAsked,
        wrapping: &Wrapping<'_>,
    ) -> Result<Outcome, Failure> {
        let asked = KeyAsked {
            wrapped_key: &object.wrapped_key,
            policy_base64: &policy.policy_base64,
            binding: &object.binding,
        };
        let office = self.gate.office();
        let Some(found) = office.item_asked(&asked)? else { return Ok(Outcome::Denied) };
        let Some(key) = self.gate.node.open_key(by, &found, &asked).await? else {
            return Ok(Outcome::Denied);
        };
        let wrapped_key = wrapping.wrap(&key).map_err(|error| Fault::from(Denied::from(error)))?;
        Ok(Outcome::Permit { wrapped_key, obligations: self.obligations(found.item) })
    }

    fn failed(&self, failure: &Failure) -> CallError {
        if matches!(failure, Failure::Fault(Fault::Busy(_))) {
            return CallError::unavailable("as much is under way as may be; try again");
        }
        tracing::error!(%failure, "a key that may be opened could not be");
        if let Failure::Fault(fault) = failure {
            self.gate.office().suspect(fault);
        }
        CallError::internal()
    }

    /// What a reader must keep: the item is shown under the banner of its level.
    fn obligations(&self, item: ItemId) -> Vec<String> {
        let view = self.gate.office().view.read();
        let level = view.items.get(&item).and_then(|item| item.own_level());
        let value = level.map(|level| level.as_str().replace(':', "-"));
        value.map(|value| self.attributes.obligation("banner", &value)).into_iter().collect()
    }
}
