//! The desk: one function per command of the release workflow. Each takes the view, the time and a statement that
//! the person signed, and returns a plan for the engine with the ruling that it would record.
//!
//! A command is the person's own: the node checks the signature under the key on the roll and refuses a statement
//! about another item, label, recipient or case than the one that it names. A refusal by the rules is no error:
//! it comes back as a plan that records it.
//!
//! *Absent:* I/O, clocks, and any way to act for a person.

use crate::engine::Plan;
use attache_accord::act::{Act, Answer};
use attache_accord::dispatch::{Case, CaseState};
use attache_accord::item::Item;
use attache_accord::party::Malformed;
use attache_accord::people::Role;
use attache_accord::ruling::{Question, Ruling};
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{Digest, PersonId, Timestamp};
use attache_release::{Pack, rule};
use attache_seal::digest::sha256;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{self, Decision, Request, Review};
use attache_seal::statement::{Body, Expect, Signed, Statement, StatementError};

/// Furthest that a statement's own time may lie from the node's, in milliseconds. Older ones may be replays.
pub const MAX_STATEMENT_AGE_MILLIS: u64 = 300_000;

/// The caller erred: something named is not here, not in the right state, or not signed as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// Something named is not here.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// The statement does not verify.
    #[error("statement: {0}")]
    Statement(#[from] StatementError),
    /// The signer's name has the wrong form.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The signer's key on the roll cannot be read.
    #[error("signer: the key on the roll cannot be read; enrol the person anew")]
    Key,
    /// The statement is too old, or from the future.
    #[error("statement: its time is more than 5 minutes from this node's; set the clock and sign again")]
    Stale,
    /// A field of the statement contradicts what is here.
    #[error("{field}: {rule}")]
    State {
        /// The field.
        field: &'static str,
        /// The rule broken, and what to do next.
        rule: &'static str,
    },
}

/// What a command leads to.
#[derive(Debug)]
#[must_use = "nothing happened until the plan is committed"]
pub struct Step {
    /// To be committed.
    pub plan: Plan,
    /// The ruling that the plan records, where the command asks a question.
    pub ruling: Option<Ruling>,
}

/// Digest of the facts behind a question, without its time: what a person is shown before deciding. A decision that
/// names other facts than those of the moment is sent back.
pub fn facts_digest(question: &Question) -> Digest {
    let timeless = Question { at: Timestamp(0), ..question.clone() };
    let bytes = encoded(&timeless);
    sha256(&[b"attache/facts/v1\n", &bytes])
}

/// A person asks that an item be released.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn request(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Request>(view, now, signed)?;
    let asked = statement.body;
    if view.dispatches.case(&asked.case).is_some() {
        return Err(state("case", "this case is open already; use a fresh id"));
    }
    let item = view
        .items
        .iter()
        .find(|item| item.item_digest == asked.item_digest)
        .ok_or_else(|| state("item digest", "no such item here"))?;
    check_label(item, &asked.label_digest)?;
    let ask = Ask::Request { item: item.id, recipient: asked.recipient.clone() };
    let question = view.question(&by, &ask, now)?;
    let ruled = Ruled { question, by: by.clone(), item: item.id, case: asked.case };
    let requested = Act::ReleaseRequested {
        case: asked.case,
        item: item.id,
        recipient: asked.recipient,
        request: signed.digest(),
        by,
    };
    Ok(ruled.step(view, pack, signed, requested))
}

/// Someone other than the requester looks at a case and says what they found. A review permits nothing.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn review(view: &View, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Review>(view, now, signed)?;
    let case = waiting(view, &statement.body.case, &statement.body.request)?;
    if case.requester == by {
        return Err(state("signer", "a review is another person's, not the requester's"));
    }
    if !view.person(&by)?.has(Role::DisclosureOfficer) {
        return Err(state("signer", "a review needs the role disclosure-officer"));
    }
    let act = Act::ReleaseReviewed { case: case.id, review: signed.digest(), by };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}

/// A second person decides a case. To approve is a question, and the rules answer it; to refuse is the person's own.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn decide(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Decision>(view, now, signed)?;
    let decision = statement.body;
    let case = waiting(view, &decision.case, &decision.request)?;
    let item = view.item(&case.item)?;
    if item.item_digest != decision.item_digest {
        return Err(state("item digest", "the case is about another item"));
    }
    check_label(item, &decision.label_digest)?;
    if case.recipient != decision.recipient {
        return Err(state("recipient", "the case is for another node"));
    }
    let question = view.question(&by, &Ask::Release { case: case.id }, now)?;
    if facts_digest(&question) != decision.facts {
        return Err(state(
            "facts",
            "they changed since you saw them; look at the case again and decide anew",
        ));
    }
    let decided =
        |answer| Act::ReleaseDecided { case: case.id, answer, decision: signed.digest(), by: by.clone() };
    match decision.answer {
        papers::Answer::Approve => {
            let ruled = Ruled { question, by: by.clone(), item: item.id, case: case.id };
            Ok(ruled.step(view, pack, signed, decided(Answer::Approve)))
        }
        papers::Answer::Refuse => {
            if !view.person(&by)?.has(Role::DisclosureOfficer) {
                return Err(state("signer", "a decision needs the role disclosure-officer"));
            }
            let mut plan = Plan::new(view, vec![decided(Answer::Refuse)]);
            plan.paper(signed.to_bytes());
            Ok(Step { plan, ruling: None })
        }
    }
}

/// A question that was asked in a case.
struct Ruled {
    question: Question,
    by: PersonId,
    item: attache_accord::ItemId,
    case: attache_accord::CaseId,
}

impl Ruled {
    /// The ruling recorded first; what it permits in the same append, or nothing after it.
    fn step(self, view: &View, pack: &Pack, signed: &Signed, then: Act) -> Step {
        let outcome = rule(&self.question, pack);
        let ruling = outcome.ruling().clone();
        let recorded = Act::Ruled {
            ruling: ruling.clone(),
            by: self.by,
            item: Some(self.item),
            case: Some(self.case),
            recipient: self.question.recipient.as_ref().map(|r| r.party),
        };
        let acts = if outcome.is_granted() { vec![recorded, then] } else { vec![recorded] };
        let mut plan = Plan::new(view, acts);
        // Kept so that the ruling can be replayed later with the pack of its day.
        plan.papers.push((ruling.question, encoded(&self.question)));
        plan.paper(signed.to_bytes());
        Step { plan, ruling: Some(ruling) }
    }
}

/// Opens a statement under the key that the roll has for whoever it says signed it.
fn opened<B: Body>(view: &View, now: Timestamp, signed: &Signed) -> Result<(PersonId, Statement<B>), Misuse> {
    let identity = view.identity.as_ref().ok_or(Unknown::Unfounded)?;
    let claimed: Statement<B> = signed.dangerously_unverified()?;
    let by: PersonId = claimed.head.signer.parse()?;
    let enrolled = view.roll.get(&by).ok_or_else(|| Unknown::Person(by.clone()))?;
    let key: VerifyingPair = minicbor::decode(&enrolled.verifying).map_err(|_| Misuse::Key)?;
    let expect =
        Expect { network: identity.network, agreement: &identity.agreement, pack: Some(identity.pack) };
    let statement = signed.open::<B>(&key, &expect)?;
    if statement.head.at.0.abs_diff(now.0) > MAX_STATEMENT_AGE_MILLIS {
        return Err(Misuse::Stale);
    }
    Ok((by, statement))
}

/// The case, if it waits for a decision and was opened by that request.
fn waiting<'a>(view: &'a View, id: &attache_accord::CaseId, request: &Digest) -> Result<&'a Case, Misuse> {
    let case = view.dispatches.case(id).ok_or(Unknown::Case(*id))?;
    if case.request != *request {
        return Err(state("request", "the case was opened by another request"));
    }
    match case.state {
        CaseState::Requested => Ok(case),
        _ => Err(state("case", "it is decided already")),
    }
}

fn check_label(item: &Item, label: &Digest) -> Result<(), Misuse> {
    match item.marked() {
        Some(marked) if marked.label == *label => Ok(()),
        Some(_) => Err(state("label digest", "the item bears another label")),
        None => Err(state("item", "it is a draft; mark it first")),
    }
}

fn state(field: &'static str, rule: &'static str) -> Misuse {
    Misuse::State { field, rule }
}

fn encoded(question: &Question) -> Vec<u8> {
    // A Vec takes every write, so encoding our own types cannot fail.
    minicbor::to_vec(question).unwrap_or_default()
}
