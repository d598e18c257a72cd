//! The originator's side: a request to open what went to a partner is verified, ruled on and recorded with its answer; only then
//! does custody, which rules again, lend the share of the key that this node kept.
//!
//! *Absent:* a second answer to one request. What changed since makes custody keep the share back.

use super::{BY_RULE, FALSE_ANSWER};
use crate::abroad::Unsaid;
use crate::desk::{self, Misuse, Step};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::notices::notice_id;
use crate::office::Office;
use crate::stocktaking::manifest_under;
use attache_accord::act::Act;
use attache_accord::agreement::was_in_force;
use attache_accord::control::{self, Answerer, Control, MAX_WAITING, Unopened};
use attache_accord::dispatch::Dispatch;
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{Digest, DispatchId, NodeName, PersonId, Timestamp};
use attache_courier::Code;
use attache_courier::frame;
use attache_courier::limits::CLOCK_BAR_SECONDS;
use attache_custody::{Recipient, Wrapped};
use attache_seal::kem::KemPublic;
use attache_seal::papers::{Answer, Opening, OpeningAnswer};
use attache_seal::statement::{Signed, Statement};

/// Code of the incident that it is when a partner tells of an opening without asking that no consent of ours and no term covers.
pub const UNFIT_REPORT: &str = "I-013";

/// What a request to open that came leads to.
pub enum Asking {
    /// To be recorded; then it is answered.
    Answer(Plan, Digest),
    /// It is answered already: the same answer again.
    Answered(Digest),
    /// A report that is on record and no longer at hand: this answer, of which nothing is recorded.
    Noted(frame::OpeningAnswer),
    /// To be recorded; a person decides.
    Wait(Plan),
    /// It waits for a person.
    Waits,
    /// Not taken, with the code to answer.
    Declined(Code),
    /// It is not the partner's: a breach, to be recorded.
    False(Plan),
    /// It says that it is signed under a card that is not accepted here yet. It is brought again.
    OtherCard,
}

/// A verified request about something that went to its node.
struct Asked<'a> {
    request: Digest,
    from: &'a NodeName,
    statement: Statement<Opening>,
    sent: Dispatch,
}

/// An answer before it is signed.
#[derive(Default)]
struct Answering {
    /// The ruling, where there is one.
    acts: Vec<Act>,
    papers: Vec<(Digest, Vec<u8>)>,
    refused: Option<Unopened>,
    decision: Option<(Digest, PersonId)>,
    /// What had been recalled as the rules saw it; none where they were not asked.
    recalls: Option<u64>,
}

impl Office {
    /// Weighs a request to open from the authenticated node `from`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn weigh_opening(
        &self,
        from: &NodeName,
        id: &DispatchId,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Asking, Fault> {
        let breach = || {
            let code = FALSE_ANSWER.to_owned();
            let act = Act::BreachRecorded { node: from.clone(), code, dispatch: None };
            Ok(Asking::False(Plan::new(&self.view.read(), vec![act])))
        };
        let Ok(signed) = Signed::from_bytes(bytes) else { return breach() };
        let (statement, _) = match self.said_by::<Opening>(from, &signed, |card| &card.node_key)? {
            Ok(said) => said,
            Err(Unsaid::OtherCard) => return Ok(Asking::OtherCard),
            Err(Unsaid::False) => return breach(),
        };
        let request = signed.digest();
        if notice_id(&request) != *id {
            return breach();
        }
        let view = self.view.read();
        if let Some(known) = view.controls.opening(&request).filter(|known| !known.is_own) {
            return Ok(if known.answer.is_some() { Asking::Answered(request) } else { Asking::Waits });
        }
        let Some((sent, control)) = went(&view, from, &statement.body) else {
            drop(view);
            return self.weigh_opening_of_letter(from, request, &statement, (bytes, now));
        };
        let is_report = statement.body.under.is_some();
        // A report that was kept and is no longer at hand is not counted once more. Its answer was lost.
        if is_report && self.papers.get(&request)?.is_some() {
            drop(view);
            return Ok(Asking::Noted(self.noted_again(&request, statement.body.until, now)?));
        }
        // A report tells of what is over, but not of what is to come, and keeps its place here no longer than a request.
        if !is_sound(&statement, control, now) || !is_report && statement.body.until <= now {
            return Ok(Asking::Declined(Code::Refused));
        }
        drop(view);
        let asked = Asked { request, from, statement, sent };
        let answering = match (is_report, control.answerer) {
            (true, _) => self.noted(&asked),
            (false, Answerer::Rule) => self.by_rule(&asked, now)?,
            // What no person could consent to is answered at once.
            (false, Answerer::Person) => match self.by_rule(&asked, now)? {
                refused @ Answering { refused: Some(_), .. } => refused,
                _ if self.view.read().controls.waiting_of(from, now) >= MAX_WAITING => {
                    return Ok(Asking::Declined(Code::NoRoom));
                }
                _ => {
                    let mut plan = Plan::new(&self.view.read(), vec![asked.received()]);
                    plan.paper(bytes.to_vec());
                    return Ok(Asking::Wait(plan));
                }
            },
        };
        let mut plan = self.answered(&asked.request, &asked.sent, asked.until(), from, answering, now)?;
        plan.acts.insert(0, asked.received());
        plan.paper(bytes.to_vec());
        Ok(Asking::Answer(plan, request))
    }

    /// What is no dispatch of this node's may be a letter that it carried, with a share of the key beside it.
    fn weigh_opening_of_letter(
        &self,
        from: &NodeName,
        request: Digest,
        statement: &Statement<Opening>,
        (bytes, now): (&[u8], Timestamp),
    ) -> Result<Asking, Fault> {
        let Opening { under, until, .. } = &statement.body;
        if under.is_some() || *until <= now || !is_sound(statement, BY_RULE, now) {
            return Ok(Asking::Declined(Code::Refused));
        }
        Ok(match self.answer_of_hub(from, &request, statement, now)? {
            Some(mut plan) => {
                plan.paper(bytes.to_vec());
                Asking::Answer(plan, request)
            }
            None => Asking::Declined(Code::Refused),
        })
    }

    /// The rules' answer, on the facts of now, as whoever released it.
    fn by_rule(&self, asked: &Asked<'_>, now: Timestamp) -> Result<Answering, Fault> {
        let view = self.view.read();
        let case = view.dispatches.case(&asked.sent.case).and_then(|case| case.decision.clone());
        let (by, _) = case.ok_or(Fault::Missing("decision of the case"))?;
        Ok(ruled(&view, self, &by, &asked.sent, now))
    }

    /// An opening without asking is kept as it is told. What no consent and no term covers is an incident.
    fn noted(&self, asked: &Asked<'_>) -> Answering {
        let mut answering = Answering { refused: Some(Unopened::Noted), ..Answering::default() };
        if !self.is_covered(asked) {
            let (peer, dispatch) = (asked.from, asked.sent.id);
            tracing::error!(%peer, %dispatch, "the partner opened an item without asking, under no consent that covers it");
            let raised = Act::IncidentRaised { code: UNFIT_REPORT.to_owned(), dispatch: Some(dispatch) };
            answering.acts.push(raised);
        }
        answering
    }

    fn noted_again(
        &self,
        request: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<frame::OpeningAnswer, Fault> {
        let body = OpeningAnswer { request: *request, refused: Some(Unopened::Noted), until };
        let answer = self.say(&self.keys.node, now, body)?.to_bytes();
        Ok(frame::OpeningAnswer { id: notice_id(request), answer, share: None })
    }

    fn is_covered(&self, asked: &Asked<'_>) -> bool {
        let (Some(hours), Some(under)) = (self.pack.terms().offline_grace_hours, &asked.statement.body.under)
        else {
            return false;
        };
        let view = self.view.read();
        let Some(consent) = view.controls.consent(&asked.sent.id, under) else { return false };
        // By the partner's clock, which may differ a little from ours.
        let (opened, slack) = (asked.statement.head.at, CLOCK_BAR_SECONDS * 1000);
        let in_time = consent.at <= opened.plus_millis(slack)
            && opened < consent.at.plus_hours(hours).plus_millis(slack);
        let held = |at| was_in_force(&self.pack.terms().parties, &view.positions, at);
        if !held(opened) && !held(opened.minus_millis(slack)) {
            return false;
        }
        let told = view.controls.recalled(&asked.sent.id).and_then(|recall| recall.delivered_at);
        in_time && told.is_none_or(|told| opened < told.plus_millis(slack))
    }

    /// The answer, signed, with what it rests on before it. It stands only while nothing is recalled meanwhile.
    fn answered(
        &self,
        request: &Digest,
        sent: &Dispatch,
        until: Timestamp,
        to: &NodeName,
        answering: Answering,
        now: Timestamp,
    ) -> Result<Plan, Fault> {
        let Answering { mut acts, papers, refused, decision, recalls } = answering;
        let body = OpeningAnswer { request: *request, refused, until };
        let signed = self.say(&self.keys.node, now, body)?;
        let (decision, by) = decision.unzip();
        let (answer, to) = (signed.digest(), to.clone());
        acts.push(Act::OpeningDecided { request: *request, answer, refused, decision, by, to });
        let view = self.view.read();
        let mut plan = Plan { papers, ..Plan::new(&view, acts) };
        let stream = desk::opening::recalls_of(&sent.id);
        let version = recalls.unwrap_or_else(|| view.version(&stream));
        plan.expect.push((stream, version));
        plan.paper(signed.to_bytes());
        Ok(plan)
    }

    /// A person answers a request that waits. To consent is a question as well, and the rules answer it.
    ///
    /// # Errors
    /// [`Misuse`] names the field. A refusal by the rules is a step.
    pub fn decide_opening(&self, now: Timestamp, signed: &Signed) -> Result<Step, Failure> {
        let view = self.view.read();
        let (by, decision, asked) = desk::opening::decided(&view, now, signed)?;
        let (request, until, node) = (asked.request, asked.until, asked.node.clone());
        let dispatch = asked.dispatch;
        let sent =
            view.dispatches.sent(&dispatch).cloned().ok_or(Misuse::from(Unknown::Dispatch(dispatch)))?;
        let mut answering = match decision.answer {
            Answer::Approve => ruled(&view, self, &by, &sent, now),
            Answer::Refuse => Answering { refused: Some(Unopened::Person), ..Answering::default() },
        };
        drop(view);
        let ruling = answering.acts.iter().find_map(|act| match act {
            Act::Ruled { ruling, .. } => Some(ruling.clone()),
            _ => None,
        });
        answering.decision = Some((signed.digest(), by));
        let mut plan = self.answered(&request, &sent, until, &node, answering, now)?;
        plan.paper(signed.to_bytes());
        Ok(Step { plan, ruling })
    }

    /// The recorded answer to a request, as it goes out: with the share of the key that this node kept, where it is a consent, is
    /// not over, and custody still grants it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn opening_answer(&self, request: &Digest, now: Timestamp) -> Result<frame::OpeningAnswer, Fault> {
        self.opening_answer_for(request, None, now)
    }

    /// The same with the share under a key that was made for this answer.
    pub(crate) fn opening_answer_for(
        &self,
        request: &Digest,
        key: Option<&KemPublic>,
        now: Timestamp,
    ) -> Result<frame::OpeningAnswer, Fault> {
        let asked = self.view.read().controls.opening(request).cloned();
        let asked = asked.ok_or(Fault::Missing("request to open"))?;
        let answered = asked.answer.ok_or(Fault::Missing("answer to an opening"))?;
        let answer = self.papers.cited(&answered.statement, "answer to an opening")?;
        let share = match answered.refused {
            Some(_) => None,
            None if asked.until <= now => None,
            None if self.view.read().letters.get(&asked.dispatch).is_some() => {
                self.lend_of_letter(&asked, now)?
            }
            None => self.lend(&asked, answered.index, key, now)?,
        };
        Ok(frame::OpeningAnswer { id: notice_id(request), answer, share: share.map(Into::into) })
    }

    /// The kept share under the key of the node that asked, or under the one that it made for this; `None` where custody is stricter now
    /// than the answer was.
    fn lend(
        &self,
        asked: &control::Opening,
        decided: u64,
        key: Option<&KemPublic>,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let (dispatch, to) = (&asked.dispatch, &asked.node);
        let sent = self.view.read().dispatches.sent(dispatch).cloned().ok_or(Fault::Missing("dispatch"))?;
        let Some(lasting) = self.key_of_partner(to, now)? else { return Ok(None) };
        let recipient = key.map_or(Recipient::Lasting(&lasting), Recipient::Once);
        let manifest = manifest_under(&self.papers, &sent.manifest)?;
        let kept = manifest.originator_share().ok_or(Fault::Missing("own share of a key"))?;
        let bytes = kept.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?;
        let wrapped =
            Wrapped { key: kept.kid.as_deref().unwrap_or_default(), bytes: &bytes, ephemeral: None };
        // The ruling stands before the answer in one append.
        let index = decided.saturating_sub(1);
        let lent =
            self.with_permit(index, Digest(recipient.key().key_id().0), |permit, shown, recorded| {
                let basis = (&recorded.by, &Ask::Opening { dispatch: *dispatch });
                Ok(self.custodian.rewrap(permit, shown, basis, recipient, wrapped, now))
            })?;
        match lent {
            Ok(share) => Ok(Some(share)),
            Err(denied) => {
                tracing::warn!(%to, %dispatch, %denied, "custody lends no share for an opening that was consented to");
                Ok(None)
            }
        }
    }
}

/// What the rules answer, with the ruling to be recorded. What was recalled or has expired is no question any more.
fn ruled(view: &View, office: &Office, by: &PersonId, sent: &Dispatch, now: Timestamp) -> Answering {
    let recalls = Some(view.version(&desk::opening::recalls_of(&sent.id)));
    match desk::opening::consent(view, &office.pack, now, by, sent) {
        Ok(Step { plan, ruling }) => {
            let is_granted = ruling.is_some_and(|ruling| ruling.granted);
            let refused = (!is_granted).then_some(Unopened::Rules);
            Answering { acts: plan.acts, papers: plan.papers, refused, decision: None, recalls }
        }
        Err(unknown) => {
            let refused = Some(match unknown {
                Unknown::Recalled(_) => Unopened::Recalled,
                Unknown::Expired(_) => Unopened::Expired,
                _ => Unopened::Rules,
            });
            Answering { refused, recalls, ..Answering::default() }
        }
    }
}

/// The dispatch that a request is about, and how it is controlled; `None` where nothing of this went there under control.
fn went(view: &View, from: &NodeName, asked: &Opening) -> Option<(Dispatch, Control)> {
    let sent = view.dispatches.sent(&asked.dispatch).filter(|sent| sent.recipient == *from)?;
    let item = view.items.get(&sent.item).filter(|item| item.item_digest == asked.item_digest)?;
    Some((sent.clone(), item.marked()?.marking.control?))
}

/// What is of a later time, or says that it is good for longer than any may be, is answered by nobody.
fn is_sound(statement: &Statement<Opening>, control: Control, now: Timestamp) -> bool {
    let (at, until) = (statement.head.at, statement.body.until);
    at <= now.plus_millis(CLOCK_BAR_SECONDS * 1000) && until <= at.plus_hours(control.good_hours())
}

/// Whether what is to be recorded has a report that nothing covers in it. Each costs two entries, so a connection brings few.
pub(crate) fn is_unfit(plan: &Plan) -> bool {
    let is_raised = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == UNFIT_REPORT);
    plan.acts.iter().any(is_raised)
}

impl Asked<'_> {
    fn until(&self) -> Timestamp {
        self.statement.body.until
    }

    fn received(&self) -> Act {
        let Opening { dispatch, person, until, under, .. } = &self.statement.body;
        Act::OpeningReceived {
            request: self.request,
            item: self.sent.item,
            dispatch: *dispatch,
            from: self.from.clone(),
            person: person.clone(),
            until: *until,
            under: *under,
        }
    }
}
