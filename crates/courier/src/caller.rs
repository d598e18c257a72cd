//! What only the caller does: offer, feed, withdraw.
//!
//! *Absent:* the choice of what is owed, and reading it from the vault.

use crate::codes::Code;
use crate::frame::{Ask, Frame, Offer, Opening, Proof, Witness, Word, data_head};
use crate::limits::{
    MAX_CONTAINER_BYTES, MAX_NOTICE_BYTES, MAX_OPENING_BYTES, MAX_PACKAGE_BYTES, MAX_PROOF_BYTES,
    MAX_WITNESS_BYTES,
};
use crate::outbound::Want;
use crate::output::{Mark, Output};
use crate::session::{Caller, within};
use crate::trouble::Misuse;
use attache_accord::{DispatchId, Timestamp};

impl Caller {
    /// Why nothing may be offered on this connection, if so: [`Code::OtherPack`] or [`Code::ClocksApart`].
    pub fn bar(&self) -> Option<Code> {
        self.greeting.and_then(|greeting| greeting.bars_release())
    }

    /// Offers a package. The answer is Accepted, Declined, Held or Receipted.
    ///
    /// # Errors
    /// The misuse: not open, barred, window or queue full, already open, or a field outside its limit.
    pub fn offer(&mut self, offer: Offer, now: Timestamp) -> Result<(), Misuse> {
        let greeting = self.may_begin()?;
        if let Some(code) = greeting.bars_release() {
            return Err(Misuse::Barred(code));
        }
        within("package", offer.package.len(), MAX_PACKAGE_BYTES)?;
        if offer.size > MAX_CONTAINER_BYTES {
            return Err(Misuse::OutsideLimit("size"));
        }
        self.outbound.offer(offer.dispatch, offer.size, now)?;
        self.send(&Frame::Offer(offer));
        Ok(())
    }

    /// Brings word of what our Party did about the agreement. Neither another pack nor another clock bars it. Wait for
    /// [`crate::Event::NoticeKept`].
    ///
    /// # Errors
    /// The misuse: not open, window or queue full, already open, or a notice outside its limit.
    pub fn notice(&mut self, id: DispatchId, notice: Vec<u8>, now: Timestamp) -> Result<(), Misuse> {
        self.may_begin()?;
        within("notice", notice.len(), MAX_NOTICE_BYTES)?;
        self.outbound.notice(id, now)?;
        self.send(&Frame::Notice(Word { id, notice }));
        Ok(())
    }

    /// Asks the peer to cosign a checkpoint of our log. Neither another pack nor another clock bars it, and it takes no place in
    /// the window. Wait for [`crate::Event::Witnessed`].
    ///
    /// # Errors
    /// The misuse: not open, queue full, asked already, or a request outside its limit.
    pub fn witness(&mut self, request: Vec<u8>, now: Timestamp) -> Result<(), Misuse> {
        self.open()?;
        self.room_for_paper()?;
        within("witness request", request.len(), MAX_WITNESS_BYTES)?;
        self.outbound.witness(now)?;
        self.send(&Frame::Witness(Witness { request }));
        Ok(())
    }

    /// Whether a request to be witnessed waits for its answer.
    pub fn is_asking(&self) -> bool {
        self.outbound.is_asking()
    }

    /// Asks the peer for what it has of us, or gave us before. Neither another pack nor another clock bars it, and it takes no place in
    /// the window. Wait for [`crate::Event::Given`].
    ///
    /// # Errors
    /// The misuse: not open, a peer of version 1, queue full, asked already, or two things at once.
    pub fn ask(&mut self, ask: Ask, now: Timestamp) -> Result<(), Misuse> {
        let greeting = self.open()?;
        if !greeting.may_ask() || ask.dispatch.is_some() && ask.since.is_some() {
            return Err(Misuse::OutsideLimit("ask"));
        }
        self.room_for_paper()?;
        self.outbound.ask(now)?;
        self.send(&Frame::Ask(ask));
        Ok(())
    }

    /// Whether an Ask waits for its answer.
    pub fn is_asking_again(&self) -> bool {
        self.outbound.is_asking_again()
    }

    /// Brings the proof that a receipt of ours promised. Wait for [`crate::Event::ProofKept`].
    ///
    /// # Errors
    /// The misuse: not open, window or queue full, already open, or a proof outside its limit.
    pub fn proof(&mut self, dispatch: DispatchId, proof: Vec<u8>, now: Timestamp) -> Result<(), Misuse> {
        self.may_begin()?;
        within("proof", proof.len(), MAX_PROOF_BYTES)?;
        self.outbound.proof(dispatch, now)?;
        self.send(&Frame::Proof(Proof { dispatch, proof }));
        Ok(())
    }

    /// Asks the originator's node to let an item be opened, or reports that it was. Neither another pack nor another clock bars it:
    /// the originator rules. Wait for [`crate::Event::OpeningAnswered`].
    ///
    /// # Errors
    /// The misuse: not open, window or queue full, already open, or a request outside its limit.
    pub fn opening(&mut self, id: DispatchId, request: Vec<u8>, now: Timestamp) -> Result<(), Misuse> {
        self.may_begin()?;
        within("opening", request.len(), MAX_OPENING_BYTES)?;
        self.outbound.opening(id, now)?;
        self.send(&Frame::Opening(Opening { id, request, key: None }));
        Ok(())
    }

    /// Which bytes to feed next. Exchanges take turns, one data frame each, so that a large container does not keep
    /// small ones waiting. `None` while nothing is accepted or enough waits for the socket.
    pub fn wants(&self) -> Option<Want> {
        if self.is_closed() || !self.queue.has_room() { None } else { self.outbound.wants() }
    }

    /// Feeds bytes that [`Caller::wants`] asked for. After the last of them the Done goes out by itself.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] for an exchange that wants none; [`Misuse::QueueFull`]; [`Misuse::OutsideLimit`] for none or
    /// too many bytes.
    pub fn feed(&mut self, dispatch: DispatchId, content: Vec<u8>, now: Timestamp) -> Result<(), Misuse> {
        self.open()?;
        self.room_for_paper()?;
        let (offset, last) = self.outbound.feed(dispatch, content.len(), now)?;
        let head = data_head(dispatch, offset, content.len());
        self.queue.push(Output::Data { head, content }, Mark::Nothing);
        if last {
            self.send_done(dispatch);
        }
        Ok(())
    }

    /// Withdraws an offer: no more data goes out. The exchange ends with Declined ([`Code::Withdrawn`]), or with the
    /// answer that was on its way.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] when all bytes have gone, or none are offered.
    pub fn withdraw(&mut self, dispatch: DispatchId, now: Timestamp) -> Result<(), Misuse> {
        self.open()?;
        if self.outbound.withdraw(dispatch, now)? {
            self.send_done(dispatch);
        }
        Ok(())
    }
}
