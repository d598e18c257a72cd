//! One connection: what may come now, what goes out, and how it ends.
//!
//! *Absent:* I/O, time and judgement. Which package to take is the node's to say, through the answers.

use crate::clockwork::{Pulse, Waits};
use crate::codes::{Code, Travels};
use crate::event::Event;
use crate::frame::{Accept, Close, Decline, Frame, Hello, Offer, Opening, Proof, Slip, Witness, Word};
use crate::greeting::{Greeting, Ours};
use crate::inbound::{Done, Inbound};
use crate::limits::{MAX_AGREEMENT_BYTES, MAX_OUTSTANDING, MAX_RECEIPT_BYTES};
use crate::outbound::Outbound;
use crate::output::{Mark, Output, Queue};
use crate::reader::{Piece, Reader};
use crate::trouble::{Misuse, Trouble, breach};
use attache_accord::{DispatchId, Timestamp};
use std::marker::PhantomData;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Calling {}
    impl Sealed for super::Listening {}
}

/// Which end of the connection a session is. Only the caller offers.
pub trait Role: sealed::Sealed {
    /// Whether offers may come in.
    const TAKES_OFFERS: bool;
}

/// The end that dialled.
pub enum Calling {}
/// The end that listens.
pub enum Listening {}

impl Role for Calling {
    const TAKES_OFFERS: bool = false;
}

impl Role for Listening {
    const TAKES_OFFERS: bool = true;
}

/// The session of the node that dialled: it offers what it owes.
pub type Caller = Session<Calling>;
/// The session of the node that listens: it answers.
pub type Listener = Session<Listening>;

/// One connection of one protocol partner, from Hello to Close.
pub struct Session<R: Role> {
    pub(crate) ours: Ours,
    pub(crate) greeting: Option<Greeting>,
    closed: bool,
    reader: Reader,
    pub(crate) queue: Queue,
    pub(crate) outbound: Outbound,
    pub(crate) inbound: Inbound,
    pulse: Pulse,
    /// A Pong of ours has not left the queue.
    pong_waits: bool,
    role: PhantomData<R>,
}

impl<R: Role> Session<R> {
    /// A session on a connection that came up at `now`; our Hello is the first output.
    ///
    /// # Errors
    /// [`Misuse::OutsideLimit`] for a window or an agreement's name outside its limits.
    pub fn new(ours: Ours, now: Timestamp) -> Result<Self, Misuse> {
        if !(1..=MAX_OUTSTANDING).contains(&ours.window) {
            return Err(Misuse::OutsideLimit("window"));
        }
        if !(1..=MAX_AGREEMENT_BYTES).contains(&ours.agreement.len()) {
            return Err(Misuse::OutsideLimit("agreement"));
        }
        let mut queue = Queue::default();
        queue.push(Output::Control(Frame::Hello(ours.hello(now)).to_wire()), Mark::Nothing);
        Ok(Self {
            ours,
            greeting: None,
            closed: false,
            reader: Reader::new(),
            queue,
            outbound: Outbound::default(),
            inbound: Inbound::default(),
            pulse: Pulse::new(now),
            pong_waits: false,
            role: PhantomData,
        })
    }

    /// Takes bytes that came at `now` and gives the next event, moving `input` past what it used. Call again until
    /// it gives `None`: then `input` is used up. Bytes after a Close are passed over.
    ///
    /// # Errors
    /// The session is over and a Close waits in the output.
    pub fn receive<'b>(
        &mut self,
        now: Timestamp,
        input: &mut &'b [u8],
    ) -> Result<Option<Event<'b>>, Trouble> {
        if self.closed {
            *input = &[];
            return Ok(None);
        }
        if !input.is_empty() {
            self.pulse.heard(now);
        }
        let event = self.next_event(now, input);
        if let Err(trouble) = &event {
            *input = &[];
            self.give_up(trouble.code());
        }
        self.pulse.amid(self.reader.is_amid_control(), now);
        event
    }

    fn next_event<'b>(&mut self, now: Timestamp, input: &mut &'b [u8]) -> Result<Option<Event<'b>>, Trouble> {
        while let Some(piece) = self.reader.next(input)? {
            let event = match piece {
                Piece::Control(frame) => {
                    self.pulse.whole();
                    self.control(now, frame)?
                }
                Piece::DataBegins { dispatch, offset, length } => {
                    self.inbound.data_begins(dispatch, offset, length)?;
                    None
                }
                Piece::Data { dispatch, offset, bytes } => {
                    let wanted = self.inbound.data(dispatch, bytes.len() as u64, now);
                    wanted.then_some(Event::Data { dispatch, offset, bytes })
                }
            };
            if event.is_some() {
                return Ok(event);
            }
            if self.closed {
                *input = &[];
            }
        }
        Ok(None)
    }

    fn control(&mut self, now: Timestamp, frame: Frame) -> Result<Option<Event<'static>>, Trouble> {
        match frame {
            Frame::Hello(hello) => self.hello(&hello, now).map(Some),
            Frame::Offer(offer) => self.offered(offer).map(Some),
            Frame::Accept(Accept { dispatch, have }) => {
                if self.outbound.accepted(dispatch, have, now)? {
                    self.send_done(dispatch);
                }
                Ok(Some(Event::Accepted { dispatch, have }))
            }
            Frame::Decline(Decline { dispatch, code }) => {
                if self.outbound.declined(dispatch)? {
                    self.send_done(dispatch);
                }
                Ok(Some(Event::Declined { dispatch, code }))
            }
            Frame::Held(about) => {
                self.outbound.had_before(about.dispatch)?;
                Ok(Some(Event::Held { dispatch: about.dispatch }))
            }
            Frame::Receipted(Slip { dispatch, receipt }) => {
                self.outbound.had_before(dispatch)?;
                Ok(Some(Event::Receipted { dispatch, receipt }))
            }
            Frame::Done(about) => self.done(about.dispatch),
            Frame::Stored(about) => {
                self.outbound.stored(about.dispatch)?;
                Ok(Some(Event::Stored { dispatch: about.dispatch }))
            }
            Frame::Receipt(Slip { dispatch, receipt }) => {
                self.inbound.receipt(dispatch, self.ours.window)?;
                Ok(Some(Event::Receipt { dispatch, receipt }))
            }
            Frame::ReceiptKept(about) => {
                self.outbound.kept(about.dispatch)?;
                Ok(Some(Event::ReceiptKept { dispatch: about.dispatch }))
            }
            Frame::Notice(Word { id, notice }) => {
                if !R::TAKES_OFFERS {
                    return breach(Code::OutOfTurn, "a Notice to the caller");
                }
                self.inbound.notice(id, self.ours.window)?;
                Ok(Some(Event::Notice { id, notice }))
            }
            Frame::NoticeKept(about) => {
                self.outbound.notice_kept(about.dispatch)?;
                Ok(Some(Event::NoticeKept { id: about.dispatch }))
            }
            Frame::Witness(Witness { request }) => {
                if !R::TAKES_OFFERS {
                    return breach(Code::OutOfTurn, "a Witness to the caller");
                }
                self.inbound.witness()?;
                Ok(Some(Event::Witness { request }))
            }
            Frame::Witnessed(answer) => {
                self.outbound.witnessed()?;
                Ok(Some(Event::Witnessed(answer)))
            }
            Frame::Proof(Proof { dispatch, proof }) => {
                if !R::TAKES_OFFERS {
                    return breach(Code::OutOfTurn, "a Proof to the caller");
                }
                self.inbound.proof(dispatch, self.ours.window)?;
                Ok(Some(Event::Proof { dispatch, proof }))
            }
            Frame::ProofKept(about) => {
                self.outbound.proof_kept(about.dispatch)?;
                Ok(Some(Event::ProofKept { dispatch: about.dispatch }))
            }
            Frame::Opening(Opening { id, request, key }) => {
                if !R::TAKES_OFFERS || key.is_some() {
                    return breach(Code::OutOfTurn, "an Opening to the caller, or one with a key");
                }
                self.inbound.opening(id, self.ours.window)?;
                Ok(Some(Event::Opening { id, request }))
            }
            Frame::OpeningAnswer(answer) => {
                self.outbound.opening_answered(answer.id)?;
                Ok(Some(Event::OpeningAnswered(answer)))
            }
            Frame::Ask(ask) => {
                if !R::TAKES_OFFERS || !self.greeting.is_some_and(|greeting| greeting.may_ask()) {
                    return breach(Code::OutOfTurn, "an Ask to the caller, or in version 1");
                }
                self.inbound.ask()?;
                Ok(Some(Event::Ask(ask)))
            }
            Frame::Given(given) => {
                self.outbound.given()?;
                Ok(Some(Event::Given(given)))
            }
            Frame::Ping => self.ping().map(|()| None),
            Frame::Pong => self.pong().map(|()| None),
            Frame::Close(Close { code }) => {
                self.closed = true;
                self.queue.clear();
                Ok(Some(Event::Closed { code }))
            }
        }
    }

    fn hello(&mut self, hello: &Hello, now: Timestamp) -> Result<Event<'static>, Trouble> {
        if self.greeting.is_some() {
            return breach(Code::OutOfTurn, "a second Hello");
        }
        let greeting = self.ours.greet(hello, now)?;
        self.greeting = Some(greeting);
        self.reader.greeted();
        self.pulse.greeted();
        Ok(Event::Greeted(greeting))
    }

    fn offered(&mut self, offer: Offer) -> Result<Event<'static>, Trouble> {
        if !R::TAKES_OFFERS {
            return breach(Code::OutOfTurn, "an Offer to the caller");
        }
        let dispatch = offer.dispatch;
        self.inbound.offer(dispatch, offer.size, self.ours.window)?;
        // Differing packs may differ on this very release. Differing clocks bar the sender, never reception.
        if self.greeting.is_some_and(|greeting| !greeting.same_pack) {
            // It waits for an answer: it came in one line above.
            let _ = self.decline(dispatch, Code::OtherPack);
            return Ok(Event::Turned { dispatch, code: Code::OtherPack });
        }
        Ok(Event::Offered(offer))
    }

    fn done(&mut self, dispatch: DispatchId) -> Result<Option<Event<'static>>, Trouble> {
        Ok(match self.inbound.done(dispatch)? {
            Done::Complete => Some(Event::Complete { dispatch }),
            Done::Withdrawn => {
                self.answer(dispatch, &Frame::Decline(Decline { dispatch, code: Code::Withdrawn }));
                Some(Event::Withdrawn { dispatch })
            }
            Done::Drained => None,
        })
    }

    fn ping(&mut self) -> Result<(), Trouble> {
        if self.pong_waits {
            return breach(Code::OutOfTurn, "a Ping before the last was answered");
        }
        self.pong_waits = true;
        self.queue.push(Output::Control(Frame::Pong.to_wire()), Mark::Pong);
        Ok(())
    }

    fn pong(&mut self) -> Result<(), Trouble> {
        if !self.pulse.pinged {
            return breach(Code::OutOfTurn, "a Pong without a Ping");
        }
        self.pulse.pinged = false;
        Ok(())
    }

    /// The next frame to write, whole and in order. After a Close there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        let (output, mark) = self.queue.pop()?;
        match mark {
            Mark::Nothing => {}
            Mark::Answered(dispatch) => self.inbound.answered(dispatch),
            Mark::Pong => self.pong_waits = false,
            Mark::Witnessed => self.inbound.witnessed(),
            Mark::Given => self.inbound.given(),
        }
        Some(output)
    }

    /// When [`Session::on_time`] must be called at the latest; `None` once the session is over.
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.closed { None } else { self.pulse.deadline(&self.waits()) }
    }

    /// Looks at the clock: sends a Ping, or gives up.
    ///
    /// # Errors
    /// [`Trouble::Fault`] with [`Code::TooLate`]: a limit passed. The session is over and a Close waits.
    pub fn on_time(&mut self, now: Timestamp) -> Result<(), Trouble> {
        if self.closed {
            return Ok(());
        }
        match self.pulse.on_time(&self.waits(), now) {
            Ok(true) => {
                self.pulse.pinged = true;
                self.send(&Frame::Ping);
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(trouble) => {
                self.give_up(trouble.code());
                Err(trouble)
            }
        }
    }

    fn waits(&self) -> Waits {
        Waits { answer: self.outbound.waiting_since(), data: self.inbound.starved_since() }
    }

    /// Brings a receipt that we owe. Wait for [`Event::ReceiptKept`].
    ///
    /// # Errors
    /// The misuse: not open, window or queue full, already open, or a receipt outside its limit.
    pub fn receipt(&mut self, dispatch: DispatchId, receipt: Vec<u8>, now: Timestamp) -> Result<(), Misuse> {
        self.may_begin()?;
        within("receipt", receipt.len(), MAX_RECEIPT_BYTES)?;
        self.outbound.receipt(dispatch, now)?;
        self.send(&Frame::Receipt(Slip { dispatch, receipt }));
        Ok(())
    }

    /// Says that a receipt that came is durable here.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where no receipt waits for this.
    pub fn receipt_kept(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        self.open()?;
        self.inbound.kept(dispatch)?;
        self.answer(dispatch, &Frame::ReceiptKept(crate::frame::About { dispatch }));
        Ok(())
    }

    /// Declines an Offer, a container that is coming or is complete, a Receipt, a Notice, a Proof or an Opening.
    ///
    /// # Errors
    /// [`Misuse::NotWaiting`] where nothing waits; [`Misuse::WrongCode`] for a code that is not a Decline's.
    pub fn decline(&mut self, dispatch: DispatchId, code: Code) -> Result<(), Misuse> {
        self.open()?;
        if code.row().travels != Travels::InDecline {
            return Err(Misuse::WrongCode(code));
        }
        self.inbound.decline(dispatch)?;
        self.answer(dispatch, &Frame::Decline(Decline { dispatch, code }));
        Ok(())
    }

    /// Ends the session in order: what is queued goes out, then the Close.
    ///
    /// # Errors
    /// [`Misuse::WrongCode`] for a code that is not a Close's. Closing twice is nothing.
    pub fn close(&mut self, code: Code) -> Result<(), Misuse> {
        if code.row().travels != Travels::InClose {
            return Err(Misuse::WrongCode(code));
        }
        if !self.closed {
            self.closed = true;
            self.send(&Frame::Close(Close { code }));
        }
        Ok(())
    }

    /// What the Hellos amount to, once the peer's is here.
    pub fn greeting(&self) -> Option<Greeting> {
        self.greeting
    }

    /// Whether the session is over; a Close may still wait in the output.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Bytes that this session holds, at most [`crate::limits::MAX_HELD_BYTES`].
    pub fn held_bytes(&self) -> usize {
        self.queue.held_bytes() + self.reader.held_bytes()
    }

    /// Exchanges that we began and that are not over.
    pub fn outstanding(&self) -> usize {
        self.outbound.count()
    }

    /// Whether the peer's window and the queue let us begin one more exchange now.
    pub fn has_room(&self) -> bool {
        self.may_begin().is_ok()
    }

    /// Whether a paper or data may be brought now. Otherwise ask again when output has gone: what a peer does not read
    /// is not fetched for it.
    pub fn takes_paper(&self) -> bool {
        !self.closed && self.queue.has_room()
    }

    pub(crate) fn open(&self) -> Result<Greeting, Misuse> {
        match self.greeting {
            Some(greeting) if !self.closed => Ok(greeting),
            _ => Err(Misuse::NotOpen),
        }
    }

    pub(crate) fn may_begin(&self) -> Result<Greeting, Misuse> {
        let greeting = self.open()?;
        if self.outbound.count() >= usize::from(greeting.window) {
            return Err(Misuse::WindowFull);
        }
        self.room_for_paper()?;
        Ok(greeting)
    }

    pub(crate) fn room_for_paper(&self) -> Result<(), Misuse> {
        if self.queue.has_room() { Ok(()) } else { Err(Misuse::QueueFull) }
    }

    pub(crate) fn send(&mut self, frame: &Frame) {
        self.queue.push(Output::Control(frame.to_wire()), Mark::Nothing);
    }

    pub(crate) fn send_done(&mut self, dispatch: DispatchId) {
        self.send(&Frame::Done(crate::frame::About { dispatch }));
    }

    pub(crate) fn answer(&mut self, dispatch: DispatchId, frame: &Frame) {
        self.queue.push(Output::Control(frame.to_wire()), Mark::Answered(dispatch));
    }

    /// Drops what waits and closes: the peer is to learn nothing more than the code.
    pub(crate) fn give_up(&mut self, code: Code) {
        self.closed = true;
        self.queue.clear();
        self.send(&Frame::Close(Close { code }));
    }
}

pub(crate) fn within(what: &'static str, length: usize, limit: usize) -> Result<(), Misuse> {
    if (1..=limit).contains(&length) { Ok(()) } else { Err(Misuse::OutsideLimit(what)) }
}
