//! Letters at their end, or at a hub: a complete container is verified against its waybill. A hub lays it down as it came; its
//! recipient opens it, weighs the message as if its sender had dialled, and owes an answer.
//!
//! *Absent:* any trust in a hub. What is in a letter carries its own signatures.

use super::Docket;
use super::carrying::{MAX_WORD_BYTES, Read as Waybilled, TOPIC_HIDDEN};
use crate::arrival::{Envelope, Rejected, Verified, Weighed};
use crate::coming::Gathered;
use crate::engine::Plan;
use crate::fault::Fault;
use crate::notices::{NOTICE_REFUSED, Noted, Noting, notice_id};
use crate::office::Office;
use crate::promises::{PROOF_REFUSED, Proving};
use crate::receipts::Weighing;
use crate::resting::Resting;
use attache_accord::act::Act;
use attache_accord::dispatch::Progress;
use attache_accord::letters::Matter;
use attache_accord::{DispatchId, NodeName, Timestamp};
use attache_courier::Code;
use attache_courier::frame::{About, Decline, Frame, Offer, Slip};
use attache_courier::limits::{FRAME_ROOM_BYTES, MAX_CONTROL_BYTES};
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::tdf::{Container, Manifest, container_bytes, open_segments, tally_segments};
use std::io::{Cursor, Read, Seek};

/// Longest message in a letter, in bytes.
const MAX_MESSAGE_BYTES: usize = MAX_CONTROL_BYTES + FRAME_ROOM_BYTES;

impl Office {
    /// Verifies a complete letter, promised by the docket `papers`, and takes it on or reads it.
    pub(crate) fn verify_letter(
        &self,
        envelope: Envelope,
        container: Gathered,
        papers: Vec<u8>,
        now: Timestamp,
    ) -> Result<Verified, Fault> {
        let Envelope { letter: id, by: from } = envelope;
        let mut docket = Docket::from_bytes(&papers).ok_or(Fault::Altered("papers of a letter"))?;
        // A hub keeps its share by itself, so that it can be removed when its time is over.
        let share = docket.share.take().map(Vec::from);
        let papers = docket.to_bytes();
        // Verified when it was offered; a card may have been revoked since.
        let outcome = match (self.docket_of(&from, docket)?, container) {
            (None, _) => Err(Rejected::As(Code::NotAsStated)),
            (Some(read), Gathered::Memory(bytes)) => {
                let length = bytes.len() as u64;
                self.take_letter(&from, &read, Cursor::new(bytes), length, now)
            }
            (Some(read), Gathered::File(file)) => {
                self.take_letter(&from, &read, file.source(), file.partial.written(), now)
            }
        };
        match outcome {
            Ok(mut plan) => {
                plan.papers.push((sha256(&[&papers]), papers));
                self.keep_hub_share(share, &mut plan);
                Ok(Verified::Taken(plan))
            }
            Err(Rejected::Fault(fault)) => Err(fault),
            Err(Rejected::As(code)) => {
                self.vault.abandon(&id)?;
                let act = Act::ArrivalDeclined { dispatch: id, from, code: code.to_string() };
                Ok(Verified::Discarded(Plan::new(&self.view.read(), vec![act]), code))
            }
        }
    }

    fn take_letter(
        &self,
        from: &NodeName,
        read: &Waybilled,
        source: impl Read + Seek + Send,
        length: u64,
        now: Timestamp,
    ) -> Result<Plan, Rejected> {
        let mut container = Container::open(source)?;
        let (waybill, json) = (&read.waybill, container.manifest_json().to_vec());
        let integrity = container.manifest().integrity.clone();
        let is_stated = length == waybill.size
            && Manifest::digest(&json) == waybill.manifest_digest
            && container_bytes(integrity.payload_bytes(), &json)? == length;
        if !is_stated {
            return Err(Rejected::As(Code::NotAsStated));
        }
        let papers = sha256(&[&read.docket.to_bytes()]);
        if waybill.to != self.identity.node {
            let mut resting = Resting::begin(&self.vault);
            let next = |sealed: &mut Vec<u8>| Ok(container.next_sealed(sealed)?);
            let keep = |sealed: &[u8]| resting.append(sealed).map_err(Rejected::Fault);
            if tally_segments(&integrity, next, keep)?.item_digest() != waybill.outer_digest {
                return Err(Rejected::As(Code::NotAsStated));
            }
            let act = self.letter_taken(from, read, None, None, papers);
            let mut plan = Plan::new(&self.view.read(), vec![act]);
            plan.paper(json);
            resting.finish(waybill.outer_digest, &mut plan)?;
            return Ok(plan);
        }
        let key = self.key_of_letter(&waybill.letter, container.manifest())?;
        // Of a longer one the hub saw what it is about, or refused it.
        let may_hold_package = self.pack.terms().topics.is_empty() || waybill.size > MAX_WORD_BYTES;
        let mut hearing = Hearing::of(self, &waybill.from, may_hold_package, now);
        let next = |sealed: &mut Vec<u8>| Ok::<_, Rejected>(container.next_sealed(sealed)?);
        open_segments(&key, &integrity, Some(waybill.outer_digest), next, |plain| hearing.push(plain))?;
        let Heard { mut plan, answer, declines } = hearing.finish()?;
        let answer = answer.map(|answer| plan.paper(answer));
        let mut act = self.letter_taken(from, read, answer, None, papers);
        if let Act::LetterTaken { declines: declined, .. } = &mut act {
            *declined = declines;
        }
        let stream = act.stream();
        let version = self.view.read().version(&stream);
        plan.expect.push((stream, version));
        // First, and what came in it right behind: the fold of letters tells by that which letter brought a package.
        plan.acts.insert(0, act);
        Ok(plan)
    }

    fn key_of_letter(&self, letter: &DispatchId, manifest: &Manifest) -> Result<ContentKey, Rejected> {
        let [access] = manifest.key_access.as_slice() else { return Err(Rejected::As(Code::NotAsStated)) };
        let wrapped = access.wrapped_key_bytes().map_err(|_| Rejected::As(Code::NotAsStated))?;
        let kid = access.kid.as_deref().unwrap_or_default();
        let opened = self.custodian.open_letter(letter, kid, &wrapped);
        opened.map_err(|_| Rejected::As(Code::NotAsStated))
    }
}

/// What a message led to.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) plan: Plan,
    /// The answering message, or the paper by which it is made when its turn comes.
    pub(super) answer: Option<Vec<u8>>,
    /// The message of ours that it declines for good.
    pub(super) declines: Option<Matter>,
}

impl Heard {
    pub(super) fn new(plan: Plan, answer: Frame) -> Self {
        Self { plan, answer: Some(answer.to_wire()), declines: None }
    }
}

/// The plaintext of a letter while it is opened: a message, behind an offer its container, and zeros.
struct Hearing<'a> {
    office: &'a Office,
    from: &'a NodeName,
    may_hold_package: bool,
    now: Timestamp,
    head: Vec<u8>,
    message: Option<Frame>,
    /// What is still to come of the container.
    left: u64,
    /// What of the container is here already.
    skip: u64,
    weighed: Option<Weighed>,
}

impl<'a> Hearing<'a> {
    fn of(office: &'a Office, from: &'a NodeName, may_hold_package: bool, now: Timestamp) -> Self {
        let (head, message) = (Vec::new(), None);
        Self { office, from, may_hold_package, now, head, message, left: 0, skip: 0, weighed: None }
    }

    fn push(&mut self, mut plain: &[u8]) -> Result<(), Rejected> {
        if self.message.is_none() {
            plain = self.hear(plain)?;
        }
        let ours = usize::try_from(self.left).unwrap_or(usize::MAX).min(plain.len());
        let (container, padding) = plain.split_at(ours);
        self.left -= container.len() as u64;
        if let Some(Weighed::Take(coming)) = &mut self.weighed {
            let here = usize::try_from(self.skip).unwrap_or(usize::MAX).min(container.len());
            self.skip -= here as u64;
            coming.append(container.get(here..).unwrap_or_default())?;
        }
        if padding.iter().any(|byte| *byte != 0) { Err(Rejected::As(Code::NotAsStated)) } else { Ok(()) }
    }

    /// Takes bytes of the message; what is left of them is behind it.
    fn hear<'b>(&mut self, plain: &'b [u8]) -> Result<&'b [u8], Rejected> {
        let (head, rest) = plain.split_at(4_usize.saturating_sub(self.head.len()).min(plain.len()));
        self.head.extend_from_slice(head);
        let Some((length, _)) = self.head.split_first_chunk::<4>() else { return Ok(rest) };
        let whole = 4 + u32::from_be_bytes(*length) as usize;
        if whole > MAX_MESSAGE_BYTES {
            return Err(Rejected::As(Code::NotAsStated));
        }
        let (more, rest) = rest.split_at(whole.saturating_sub(self.head.len()).min(rest.len()));
        self.head.extend_from_slice(more);
        if self.head.len() == whole {
            let frame = self.head.get(4..).unwrap_or_default();
            let frame = Frame::from_bytes(frame).map_err(|_| Rejected::As(Code::NotAsStated))?;
            if let Frame::Offer(offer) = &frame {
                self.left = offer.size;
                let weighed = match self.may_hold_package {
                    true => self.office.weigh_package(self.from, offer, self.now)?,
                    false => self.office.disguised(self.from, offer.dispatch),
                };
                if let Weighed::Take(coming) = &weighed {
                    self.skip = coming.durable();
                }
                self.weighed = Some(weighed);
            }
            self.message = Some(frame);
        }
        Ok(rest)
    }

    fn finish(self) -> Result<Heard, Rejected> {
        let Self { office, from, now, message, left, weighed, .. } = self;
        match (message, weighed) {
            (Some(Frame::Offer(offer)), Some(weighed)) if left == 0 => {
                Ok(office.offered_in_letter(from, offer, weighed, now)?)
            }
            (Some(message), None) => office.heard(from, message, now),
            _ => Err(Rejected::As(Code::NotAsStated)),
        }
    }
}

impl Office {
    /// A package that was hidden from the hub in a letter as short as a word.
    fn disguised(&self, from: &NodeName, dispatch: DispatchId) -> Weighed {
        tracing::error!(peer = %from, %dispatch, "a package came in a letter that did not show the hub what it is about");
        let act = Act::ArrivalDeclined { dispatch, from: from.clone(), code: TOPIC_HIDDEN.to_owned() };
        Weighed::Turned(Plan::new(&self.view.read(), vec![act]), Code::Refused)
    }

    /// A package that came whole in a letter.
    fn offered_in_letter(
        &self,
        from: &NodeName,
        offer: Offer,
        weighed: Weighed,
        now: Timestamp,
    ) -> Result<Heard, Fault> {
        let dispatch = offer.dispatch;
        let decline = |code| Frame::Decline(Decline { dispatch, code });
        let record = |act| Plan::new(&self.view.read(), vec![act]);
        Ok(match weighed {
            Weighed::Take(coming) => match self.verify_arrival(*coming, offer.package, now)? {
                Verified::Taken(plan) => Heard::new(plan, Frame::Stored(About { dispatch })),
                Verified::Discarded(plan, code) => Heard::new(plan, decline(code)),
            },
            Weighed::Held => Heard::new(Plan::default(), Frame::Held(About { dispatch })),
            Weighed::Receipted(receipt) => {
                let receipt = self.papers.cited(&receipt, "receipt")?;
                Heard::new(Plan::default(), Frame::Receipted(Slip { dispatch, receipt }))
            }
            Weighed::Turned(plan, code) => Heard::new(plan, decline(code)),
            Weighed::Declined(Code::Refused) => {
                let code = Code::Refused.to_string();
                let act = Act::ArrivalDeclined { dispatch, from: from.clone(), code };
                Heard::new(record(act), decline(Code::Refused))
            }
            Weighed::Declined(code) => Heard::new(Plan::default(), decline(code)),
            Weighed::Contradicted => {
                let code = Code::OtherPackage.to_string();
                let act = Act::BreachRecorded { node: from.clone(), code, dispatch: Some(dispatch) };
                Heard::new(record(act), decline(Code::Refused))
            }
        })
    }

    /// Any other message that came in a letter.
    fn heard(&self, from: &NodeName, message: Frame, now: Timestamp) -> Result<Heard, Rejected> {
        let decline = |dispatch, code| Frame::Decline(Decline { dispatch, code });
        let nothing = Plan::default;
        Ok(match message {
            Frame::Receipt(Slip { dispatch, receipt }) => {
                let kept = Frame::ReceiptKept(About { dispatch });
                match self.weigh_receipt(from, &dispatch, &receipt)? {
                    Weighing::Keep(plan) => Heard::new(plan, kept),
                    Weighing::Kept => Heard::new(nothing(), kept),
                    Weighing::False(plan) => Heard::new(plan, decline(dispatch, Code::Refused)),
                    Weighing::OtherCard => Heard::new(nothing(), decline(dispatch, Code::OtherCard)),
                    Weighing::OtherLog => Heard::new(nothing(), decline(dispatch, Code::LogSucceeded)),
                }
            }
            Frame::Notice(word) => {
                let (id, kept) = (word.id, Frame::NoticeKept(About { dispatch: word.id }));
                match self.weigh_notice(from, &id, &word.notice)? {
                    Noting::Keep(plan) => Heard::new(plan, kept),
                    Noting::Kept => Heard::new(nothing(), kept),
                    Noting::Contested(plan) | Noting::False(plan) => {
                        Heard::new(plan, decline(id, Code::Refused))
                    }
                    Noting::Refused => Heard::new(nothing(), decline(id, Code::Refused)),
                    Noting::Early => Heard::new(nothing(), decline(id, Code::NoRoom)),
                    Noting::OtherCard => Heard::new(nothing(), decline(id, Code::OtherCard)),
                }
            }
            Frame::Proof(proof) => {
                let (dispatch, kept) = (proof.dispatch, Frame::ProofKept(About { dispatch: proof.dispatch }));
                match self.weigh_proof(from, &dispatch, &proof.proof)? {
                    Proving::Keep(plan) => Heard::new(plan, kept),
                    Proving::Kept => Heard::new(nothing(), kept),
                    Proving::Early => Heard::new(nothing(), decline(dispatch, Code::NoRoom)),
                    Proving::Unknown => Heard::new(nothing(), decline(dispatch, Code::Refused)),
                    Proving::False(plan) => Heard::new(plan, decline(dispatch, Code::Refused)),
                }
            }
            Frame::Opening(asked) => self.opening_in_letter(from, asked, now)?,
            Frame::OpeningAnswer(answer) => self.opening_answered_in_letter(from, answer, now)?,
            Frame::Decline(Decline { dispatch, code })
                if self.opening_declined_in_letter(from, &dispatch, code) =>
            {
                Heard::default()
            }
            answer => {
                let declines = self.declined_in_letter(from, &answer);
                Heard { plan: self.answered_in_letter(from, answer)?, answer: None, declines }
            }
        })
    }

    /// A statement of ours, by what it is called while it is brought, that `node` does not have yet.
    fn statement_called(&self, node: &NodeName, id: &DispatchId) -> Option<Noted> {
        let view = self.view.read();
        let instrument = view.lifecycle.owed_to(node).map(|kept| Noted::Instrument(kept.digest));
        let statements = view.correspondence.owed_to(node).iter().copied().map(Noted::Statement);
        instrument.into_iter().chain(statements).find(|noted| notice_id(&noted.digest()) == *id)
    }

    /// The statement of ours that an answer declines for good: it is not sent again, and those behind it go on.
    fn declined_in_letter(&self, from: &NodeName, answer: &Frame) -> Option<Matter> {
        let Frame::Decline(Decline { dispatch, code }) = answer else { return None };
        let noted = self.statement_called(from, dispatch).filter(|_| !code.row().again)?;
        Some(Matter::Notice(noted.digest()))
    }

    /// What an answer to a letter of ours leads to.
    fn answered_in_letter(&self, from: &NodeName, answer: Frame) -> Result<Plan, Rejected> {
        let noted = match &answer {
            Frame::NoticeKept(About { dispatch }) | Frame::Decline(Decline { dispatch, .. }) => {
                self.statement_called(from, dispatch)
            }
            _ => None,
        };
        let view = self.view.read();
        let sent = |id: &DispatchId| view.dispatches.sent(id).filter(|sent| sent.recipient == *from);
        let given = |id: &DispatchId| view.dispatches.given(id).filter(|given| given.to == *from);
        let act = match answer {
            Frame::Stored(About { dispatch }) | Frame::Held(About { dispatch }) => sent(&dispatch)
                .filter(|sent| sent.progress == Progress::Owed)
                .map(|_| Act::DispatchStored { dispatch }),
            Frame::Receipted(Slip { dispatch, receipt }) => {
                drop(view);
                return Ok(match self.weigh_receipt(from, &dispatch, &receipt)? {
                    Weighing::Keep(plan) | Weighing::False(plan) => plan,
                    Weighing::Kept | Weighing::OtherCard | Weighing::OtherLog => Plan::default(),
                });
            }
            Frame::ReceiptKept(About { dispatch }) => given(&dispatch)
                .filter(|given| given.receipt.is_some() && !given.delivered)
                .map(|_| Act::ReceiptDelivered { dispatch }),
            Frame::ProofKept(About { dispatch }) => given(&dispatch)
                .filter(|given| given.delivered && !given.is_proved)
                .map(|_| Act::ProofDelivered { dispatch }),
            Frame::NoticeKept(_) => noted.map(|noted| noted.delivered(from.clone())),
            Frame::Decline(Decline { dispatch, code }) if !code.row().again => {
                tracing::warn!(peer = %from, %dispatch, %code, "the partner declined what was in a letter");
                let raised = |code: &str| Act::IncidentRaised { code: code.to_owned(), dispatch: None };
                if sent(&dispatch).is_some_and(|sent| sent.progress == Progress::Owed) {
                    Some(Act::DispatchDeclined { dispatch, code: code.to_string() })
                } else if noted.is_some() {
                    Some(raised(NOTICE_REFUSED))
                } else {
                    given(&dispatch)
                        .filter(|given| given.delivered && !given.is_proved)
                        .map(|_| raised(PROOF_REFUSED))
                }
            }
            Frame::Decline(_) => None,
            _ => return Err(Rejected::As(Code::NotAsStated)),
        };
        Ok(act.map(|act| Plan::new(&view, vec![act])).unwrap_or_default())
    }
}
