//! Openings under originator control in letters. A request goes with a key that was made for its answer and that rests nowhere; the
//! originator's node answers it in a letter of its own, and its custody, which rules again when that letter is written, wraps its share for
//! this key. So what rests of the letters at a hub, and in its backups, opens no share with any key that rests.
//!
//! ```text
//!   reader waits ─► request + key ─► letter ─► ruling, answer on record ─► letter with the share ─► at hand ─► answer and opening on record
//! ```
//! *Absent:* whoever waits for an answer, which is the asking node's [`crate::openings`].

use super::reading::Heard;
use crate::abroad::Unsaid;
use crate::engine::Plan;
use crate::fault::Fault;
use crate::notices::notice_id;
use crate::office::Office;
use crate::openings::{Answered, Asking, FALSE_ANSWER, Told};
use attache_accord::act::Act;
use attache_accord::letters::{Matter, Stand};
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
use attache_courier::Code;
use attache_courier::frame::{Decline, Frame, Opening, OpeningAnswer};
use attache_seal::papers::{self, OpeningKey};
use attache_seal::statement::{Body, Signed};

/// While a reader waits, a request that was not answered is sent in another letter so many minutes after its last one was given on.
pub const ASK_AGAIN_MINUTES: u64 = 10;

/// How far a request in a letter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Underway {
    /// It is still here: the hub is away, or its letter is about to be written.
    Here,
    /// The hub has its letter.
    Given,
    /// Its letter did not come to the originator's node, or that does not know what is in it.
    Refused,
}

impl Office {
    /// What readers wait for that is to be asked of a node beyond the hub in letters now.
    pub(super) fn asked_in_letters(&self, to: &NodeName, now: Timestamp) -> Vec<Matter> {
        let waited_for = self.openings.asked_of(to).into_iter();
        waited_for.filter(|request| self.is_to_be_asked(request, now)).map(Matter::Opening).collect()
    }

    /// Whether a request for which a reader waits is to be written into a letter: there is no answer at hand, and none under way for a
    /// key that this node still has.
    fn is_to_be_asked(&self, request: &Digest, now: Timestamp) -> bool {
        if self.answer_at_hand(request, now).is_some() {
            return false;
        }
        let has_key = self.custodian.has_lending_key(request, now);
        let view = self.view.read();
        view.letters.about(&Matter::Opening(*request)).is_none_or(|last| {
            let is_old = last.at.plus_millis(ASK_AGAIN_MINUTES * 60_000) <= now;
            !has_key || last.stand != Stand::Owed && is_old
        })
    }

    /// How far a request of a reader has come.
    pub(crate) fn underway(&self, request: &Digest, now: Timestamp) -> Underway {
        if self.is_to_be_asked(request, now) {
            return Underway::Here;
        }
        match self.view.read().letters.about(&Matter::Opening(*request)).map(|letter| &letter.stand) {
            None | Some(Stand::Owed) => Underway::Here,
            Some(Stand::Refused(_)) => Underway::Refused,
            Some(Stand::Passed | Stand::Arrived) => Underway::Given,
        }
    }

    /// A request as it goes in a letter. A report asks for no share, and goes without a key.
    pub(super) fn opening_for_letter(&self, request: &Digest, now: Timestamp) -> Result<Opening, Fault> {
        let asked = self.view.read().controls.opening(request).cloned();
        let asked = asked.ok_or(Fault::Missing("request to open"))?;
        let key = match asked.under {
            Some(_) => None,
            None => {
                let key = self.custodian.lending_key(*request, asked.until, now)?;
                let kem_key = key.ok_or(Fault::Busy("answers in letters"))?.to_spki_der();
                Some(self.say(&self.keys.node, now, OpeningKey { request: *request, kem_key })?)
            }
        };
        let bytes = self.papers.cited(request, "request to open")?;
        let key = key.map(|key| key.to_bytes().into());
        Ok(Opening { id: notice_id(request), request: bytes, key })
    }

    /// A request, or a report, that came in a letter.
    pub(super) fn opening_in_letter(
        &self,
        from: &NodeName,
        asked: Opening,
        now: Timestamp,
    ) -> Result<Heard, Fault> {
        let Opening { id, request, key } = asked;
        let decline = |plan, code| Ok(Heard::new(plan, Frame::Decline(Decline { dispatch: id, code })));
        let basis = match key {
            Some(key) => match self.key_shown(from, &request, &key)? {
                Ok(()) => Vec::from(key),
                Err(Unsaid::OtherCard) => return decline(Plan::default(), Code::OtherCard),
                Err(Unsaid::False) => {
                    let code = FALSE_ANSWER.to_owned();
                    let act = Act::BreachRecorded { node: from.clone(), code, dispatch: None };
                    return decline(Plan::new(&self.view.read(), vec![act]), Code::Refused);
                }
            },
            None if is_report(&request) => request.clone(),
            // Its share would rest at the hub under a key that rests.
            None => return decline(Plan::default(), Code::Refused),
        };
        // The answer is made when its letter is written: only then is what it rests on recorded, and custody asked.
        let answer = |plan| Ok(Heard { plan, answer: Some(basis), ..Heard::default() });
        match self.weigh_opening(from, &id, &request, now)? {
            Asking::Answer(plan, _) => answer(plan),
            Asking::Answered(_) => answer(Plan::default()),
            Asking::Noted(noted) => Ok(Heard::new(Plan::default(), Frame::OpeningAnswer(noted))),
            Asking::Wait(plan) => decline(plan, Code::AwaitsPerson),
            Asking::Waits => decline(Plan::default(), Code::AwaitsPerson),
            Asking::Declined(code) => decline(Plan::default(), code),
            Asking::False(plan) => decline(plan, Code::Refused),
            Asking::OtherCard => decline(Plan::default(), Code::OtherCard),
        }
    }

    /// Whether `from` shows this key, for the answer to this very request.
    fn key_shown(&self, from: &NodeName, request: &[u8], key: &[u8]) -> Result<Result<(), Unsaid>, Fault> {
        let (Ok(request), Ok(key)) = (Signed::from_bytes(request), Signed::from_bytes(key)) else {
            return Ok(Err(Unsaid::False));
        };
        let said = self.said_by::<OpeningKey>(from, &key, |card| &card.node_key)?;
        Ok(match said {
            Ok((said, _)) if said.body.request == request.digest() => Ok(()),
            Ok(_) => Err(Unsaid::False),
            Err(unsaid) => Err(unsaid),
        })
    }

    /// The answer to a letter, from what was recorded to be answered: the message itself, or the key or report by which it is made.
    pub(super) fn answer_in_letter(&self, recorded: &Digest, now: Timestamp) -> Result<Vec<u8>, Fault> {
        let bytes = self.papers.cited(recorded, "answer to a letter")?;
        // A message begins with its length, and no statement does. It was verified before it was recorded.
        let Ok(signed) = Signed::from_bytes(&bytes) else { return Ok(bytes) };
        let altered = || Fault::Altered("answer to a letter");
        let answer = match signed.name() {
            OpeningKey::NAME => {
                let said = signed.dangerously_unverified::<OpeningKey>().map_err(|_| altered())?.body;
                let key = said.public().map_err(|_| altered())?;
                self.opening_answer_for(&said.request, Some(&key), now)?
            }
            papers::Opening::NAME => self.opening_answer(&signed.digest(), now)?,
            _ => return Err(altered()),
        };
        Ok(Frame::OpeningAnswer(answer).to_wire())
    }

    /// An answer to a request of ours. It is laid beside its reader, who records it with the opening; that of a report is recorded here.
    pub(super) fn opening_answered_in_letter(
        &self,
        from: &NodeName,
        mut answer: OpeningAnswer,
        now: Timestamp,
    ) -> Result<Heard, Fault> {
        let Some(request) = self.request_called(from, &answer.id) else { return Ok(Heard::default()) };
        let is_report = self.view.read().controls.untold(from).any(|told| *told == request);
        match self.weigh_opening_answer(from, &request, answer.clone(), now)? {
            Answered::Kept => Ok(Heard::default()),
            Answered::False(plan) => Ok(Heard { plan, ..Heard::default() }),
            Answered::Keep(plan, _) if is_report => Ok(Heard { plan, ..Heard::default() }),
            Answered::Keep(..) => {
                if let Some(share) = answer.share.take() {
                    match self.custodian.take_lent(&request, &share, now) {
                        Ok(share) => answer.share = Some(share.into()),
                        // For a key that a restart ended, or came twice: whoever opens asks with another key.
                        Err(denied) => {
                            tracing::info!(peer = %from, %request, %denied, "an answer in a letter opens nothing");
                            return Ok(Heard::default());
                        }
                    }
                }
                self.custodian.end_lending_key(&request);
                self.openings.lay(request, answer, now);
                Ok(Heard::default())
            }
        }
    }

    /// Tells whoever waits that a request of ours has no answer; `false` where what is declined is no request.
    pub(super) fn opening_declined_in_letter(&self, from: &NodeName, id: &DispatchId, code: Code) -> bool {
        let Some(request) = self.request_called(from, id) else { return false };
        tracing::info!(peer = %from, %request, %code, "the partner has no answer to a request to open");
        self.openings.tell(&request, Told::Declined(code));
        self.custodian.end_lending_key(&request);
        true
    }

    /// The request of ours to a node that its answers name so.
    fn request_called(&self, node: &NodeName, id: &DispatchId) -> Option<Digest> {
        let view = self.view.read();
        let mut asked = view.controls.openings().filter(|asked| asked.is_own && asked.node == *node);
        asked.find(|asked| notice_id(&asked.request) == *id).map(|asked| asked.request)
    }
}

fn is_report(request: &[u8]) -> bool {
    let signed = Signed::from_bytes(request).ok();
    let said = signed.and_then(|signed| signed.dangerously_unverified::<papers::Opening>().ok());
    said.is_some_and(|said| said.body.under.is_some())
}
