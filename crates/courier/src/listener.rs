//! What only the listener does: answer offers.
//!
//! *Absent:* the judgement behind the answer.

use crate::codes::Code;
use crate::frame::{About, Accept, Frame, Given, OpeningAnswer, Slip, Witnessed};
use crate::limits::MAX_RECEIPT_BYTES;
use crate::output::{Mark, Output};
use crate::session::{Listener, within};
use crate::trouble::{Misuse, Trouble};
use attache_accord::{DispatchId, Timestamp};

impl Listener {
    /// Takes an offered package, of which `have` bytes are durably here. Data follows from there.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no Offer waits; [`Misuse::OutsideLimit`] for more bytes than were offered.
    pub fn accept(&mut self, dispatch: DispatchId, have: u64, now: Timestamp) -> Result<(), Misuse> {
        self.open()?;
        self.inbound.accept(dispatch, have, now)?;
        self.send(&Frame::Accept(Accept { dispatch, have }));
        Ok(())
    }

    /// Says that an offered package is here already, verified and durable, and waits for a person.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no Offer waits.
    pub fn held(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        self.open()?;
        self.inbound.had_before(dispatch)?;
        self.answer(dispatch, &Frame::Held(About { dispatch }));
        Ok(())
    }

    /// Answers an Offer of what was receipted before with the same receipt.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no Offer waits; [`Misuse::QueueFull`]; [`Misuse::OutsideLimit`] for the receipt.
    pub fn receipted(&mut self, dispatch: DispatchId, receipt: Vec<u8>) -> Result<(), Misuse> {
        self.open()?;
        self.room_for_paper()?;
        within("receipt", receipt.len(), MAX_RECEIPT_BYTES)?;
        self.inbound.had_before(dispatch)?;
        self.answer(dispatch, &Frame::Receipted(Slip { dispatch, receipt }));
        Ok(())
    }

    /// Says that a complete container is verified and durable. Never before it is both.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no complete container waits.
    pub fn stored(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        self.open()?;
        self.inbound.stored(dispatch)?;
        self.answer(dispatch, &Frame::Stored(About { dispatch }));
        Ok(())
    }

    /// Says that a notice that came is durable here.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no notice waits for this.
    pub fn notice_kept(&mut self, id: DispatchId) -> Result<(), Misuse> {
        self.open()?;
        self.inbound.notice_kept(id)?;
        self.answer(id, &Frame::NoticeKept(About { dispatch: id }));
        Ok(())
    }

    /// Answers a log's request to be witnessed. Never with a cosignature before what it covers is durable.
    ///
    /// # Errors
    /// [`Misuse::NotAsked`] where none waits; [`Misuse::QueueFull`]; [`Misuse::OutsideLimit`] for an answer that no witness gives.
    pub fn witnessed(&mut self, answer: Witnessed) -> Result<(), Misuse> {
        self.open()?;
        self.room_for_paper()?;
        answer.check().map_err(|_| Misuse::OutsideLimit("witness answer"))?;
        if !self.inbound.is_asked() {
            return Err(Misuse::NotAsked);
        }
        self.queue.push(Output::Control(Frame::Witnessed(answer).to_wire()), Mark::Witnessed);
        Ok(())
    }

    /// Says that a proof that came is durable here.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no proof waits for this.
    pub fn proof_kept(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        self.open()?;
        self.inbound.proof_kept(dispatch)?;
        self.answer(dispatch, &Frame::ProofKept(About { dispatch }));
        Ok(())
    }

    /// Answers a request to open an item. Never with a share before the answer is durable.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where none waits for this; [`Misuse::QueueFull`]; [`Misuse::OutsideLimit`] for the answer.
    pub fn answer_opening(&mut self, answer: OpeningAnswer) -> Result<(), Misuse> {
        self.open()?;
        self.room_for_paper()?;
        answer.check().map_err(|_| Misuse::OutsideLimit("answer to an opening"))?;
        self.inbound.opening_answered(answer.id)?;
        self.answer(answer.id, &Frame::OpeningAnswer(answer));
        Ok(())
    }

    /// Answers an Ask.
    ///
    /// # Errors
    /// [`Misuse::NotAsked`] where none waits; [`Misuse::QueueFull`]; [`Misuse::OutsideLimit`] for the paper.
    pub fn given(&mut self, given: Given) -> Result<(), Misuse> {
        self.open()?;
        self.room_for_paper()?;
        given.check().map_err(|_| Misuse::OutsideLimit("paper"))?;
        if !self.inbound.is_asked_again() {
            return Err(Misuse::NotAsked);
        }
        self.queue.push(Output::Control(Frame::Given(given).to_wire()), Mark::Given);
        Ok(())
    }

    /// The node knows the offered dispatch with another package digest, from whatever connection. Closes, and gives
    /// back the breach to record.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no Offer of it waits.
    pub fn contradicts(&mut self, dispatch: DispatchId) -> Result<Trouble, Misuse> {
        self.open()?;
        if !self.inbound.is_weighing(dispatch) {
            return Err(Misuse::NotWaiting(dispatch));
        }
        self.give_up(Code::OtherPackage);
        Ok(Trouble::Breach { code: Code::OtherPackage, what: "package digest" })
    }
}
