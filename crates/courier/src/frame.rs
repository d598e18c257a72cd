//! The frames of versions 1 and 2: their fields, their bytes, and the strict reading of them.
//!
//! A control frame is the deterministic CBOR (RFC 8949 §4.2.1) of `[type, {…}]`; what does not encode back to the
//! very bytes that came is refused, so one meaning has one form. Data is not CBOR: 0x00, dispatch id, offset,
//! content, so that bulk bytes are never copied through a decoder.
//!
//! *Absent:* order. Whether a frame may come now is `session.rs`; lengths before reading are `reader.rs`.

use crate::codes::{Code, Travels};
use crate::limits::{
    DATA_HEAD_BYTES, MAX_AGREEMENT_BYTES, MAX_CONTAINER_BYTES, MAX_CONTROL_BYTES, MAX_COSIGNATURE_BYTES,
    MAX_GIVEN_BYTES, MAX_NOTICE_BYTES, MAX_OPENING_BYTES, MAX_OUTSTANDING, MAX_PACKAGE_BYTES,
    MAX_PROOF_BYTES, MAX_RECEIPT_BYTES, MAX_SHARE_BYTES, MAX_SMALL_BYTES, MAX_VERSIONS, MAX_WITNESS_BYTES,
};
use crate::trouble::{Trouble, breach};
use attache_accord::form::Same;
use attache_accord::{Digest, DispatchId, Network, NodeName, Timestamp};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// First byte of a data frame.
pub(crate) const DATA_MARK: u8 = 0x00;
/// First byte of a control frame: a CBOR array of two.
pub(crate) const CONTROL_MARK: u8 = 0x82;
/// Type of a Hello.
pub(crate) const HELLO: u8 = 1;
/// Type of a Close.
pub(crate) const CLOSE: u8 = 13;

/// The first frame in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// Protocol versions spoken, ascending, 1 to [`MAX_VERSIONS`] of them.
    #[n(0)]
    pub versions: Vec<u16>,
    /// The node that speaks.
    #[n(1)]
    pub node: NodeName,
    /// Its network.
    #[n(2)]
    pub network: Network,
    /// The agreement acted under, 1 to [`MAX_AGREEMENT_BYTES`] bytes.
    #[n(3)]
    pub agreement: String,
    /// Digest of the rule pack in force at the node.
    #[n(4)]
    pub pack: Digest,
    /// The node's clock.
    #[n(5)]
    pub clock: Timestamp,
    /// How many exchanges the other side may have open, 1 to [`MAX_OUTSTANDING`].
    #[n(6)]
    pub window: u16,
}

/// An offer of one package.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Offer {
    /// The dispatch, the same at every attempt.
    #[n(0)]
    pub dispatch: DispatchId,
    /// The signed package statement, opaque here, at most [`MAX_PACKAGE_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub package: Vec<u8>,
    /// SHA-256 over `package`. The courier compares, the node computes: it must check this before it answers.
    #[n(2)]
    pub package_digest: Digest,
    /// Length of the container, at most [`MAX_CONTAINER_BYTES`]; 0 where the statement is all there is.
    #[n(3)]
    pub size: u64,
    /// When the receipt is due.
    #[n(4)]
    pub due: Timestamp,
}

impl std::fmt::Debug for Offer {
    /// Without the package, which names what is sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Offer({}, {} bytes)", self.dispatch, self.size)
    }
}

/// A frame that says no more than which dispatch it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct About {
    /// The dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
}

/// The receiver takes the package and says what it has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Accept {
    /// The dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
    /// The bytes from 0 that are durably here already.
    #[n(1)]
    pub have: u64,
}

/// The receiver does not take it, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Decline {
    /// The dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
    /// One of the codes for a Decline.
    #[n(1)]
    pub code: Code,
}

/// A receipt for a dispatch.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Slip {
    /// The dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
    /// The signed receipt, opaque here, 1 to [`MAX_RECEIPT_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub receipt: Vec<u8>,
}

impl std::fmt::Debug for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slip({})", self.dispatch)
    }
}

/// A Party's instrument, brought by its node.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Word {
    /// The first 16 bytes of the instrument's digest: what the answer names, the same at every attempt.
    #[n(0)]
    pub id: DispatchId,
    /// The signed notice, opaque here, 1 to [`MAX_NOTICE_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub notice: Vec<u8>,
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Word({})", self.id)
    }
}

/// A log's request that the other node cosign its checkpoint.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Witness {
    /// The body of a C2SP tlog-witness `add-checkpoint` request, opaque here, 1 to [`MAX_WITNESS_BYTES`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub request: Vec<u8>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witness({} bytes)", self.request.len())
    }
}

/// What the witness answers, as C2SP tlog-witness has it over HTTP.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Witnessed {
    /// 200, or the status of the refusal: 400, 403, 404, 409, 422 or 429.
    #[n(0)]
    pub status: u16,
    /// With 409, and only then: the size that the witness last cosigned.
    #[n(1)]
    pub size: Option<u64>,
    /// With 200, and only then: the cosignature lines, opaque here, 1 to [`MAX_COSIGNATURE_BYTES`].
    #[n(2)]
    pub lines: Option<ByteVec>,
}

impl Witnessed {
    /// The checkpoint was cosigned.
    pub fn cosigned(lines: Vec<u8>) -> Self {
        Self { status: 200, size: None, lines: Some(lines.into()) }
    }

    /// It was not, for a reason that has this status.
    pub fn refused(status: u16) -> Self {
        Self { status, size: None, lines: None }
    }

    /// It was not, for the witness stands at another size.
    pub fn stands_at(size: u64) -> Self {
        Self { status: 409, size: Some(size), lines: None }
    }

    pub(crate) fn check(&self) -> Result<(), Trouble> {
        match (self.status, self.size, &self.lines) {
            (200, None, Some(lines)) => at_most("cosignature lines", lines.len(), MAX_COSIGNATURE_BYTES),
            (409, Some(_), None) | (400 | 403 | 404 | 422 | 429, None, None) => Ok(()),
            _ => breach(Code::Malformed, "an answer that no witness gives"),
        }
    }
}

impl std::fmt::Debug for Witnessed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witnessed({})", self.status)
    }
}

/// That a receipt's leaf is in its signer's log, as the receipt promised.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Proof {
    /// The dispatch that the receipt was for.
    #[n(0)]
    pub dispatch: DispatchId,
    /// The C2SP tlog-proof, opaque here, 1 to [`MAX_PROOF_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub proof: Vec<u8>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proof({})", self.dispatch)
    }
}

/// A node asks the originator's node to let an item be opened, or reports that it was opened under an earlier consent.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Opening {
    /// The first 16 bytes of the request's digest: what the answer names, the same at every attempt.
    #[n(0)]
    pub id: DispatchId,
    /// The signed request, opaque here, 1 to [`MAX_OPENING_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub request: Vec<u8>,
    /// In a letter, and only there: the signed key for which the share of a consent is to be wrapped, opaque here, 1 to
    /// [`MAX_OPENING_BYTES`]; absent in a report, which asks for none.
    #[n(2)]
    pub key: Option<ByteVec>,
}

impl Opening {
    fn check(&self) -> Result<(), Trouble> {
        at_most("opening", self.request.len(), MAX_OPENING_BYTES)?;
        self.key.as_ref().map_or(Ok(()), |key| at_most("key of an opening", key.len(), MAX_OPENING_BYTES))
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opening({})", self.id)
    }
}

/// What the originator's node answers.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OpeningAnswer {
    /// What the Opening named.
    #[n(0)]
    pub id: DispatchId,
    /// The signed answer, opaque here, 1 to [`MAX_OPENING_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub answer: Vec<u8>,
    /// The originator's share of the content key, wrapped for the node that asked, 1 to [`MAX_SHARE_BYTES`]; absent where none
    /// moves.
    #[n(2)]
    pub share: Option<ByteVec>,
}

impl OpeningAnswer {
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        at_most("answer to an opening", self.answer.len(), MAX_OPENING_BYTES)?;
        self.share.as_ref().map_or(Ok(()), |share| at_most("share", share.len(), MAX_SHARE_BYTES))
    }
}

impl std::fmt::Debug for OpeningAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpeningAnswer({})", self.id)
    }
}

/// A node asks for what the other gave before, or has of its own: since both keep what was brought once, one that lost a part of its
/// journal would never see it again. Since version 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ask {
    /// The proof of the receipt for this dispatch.
    #[n(0)]
    pub dispatch: Option<DispatchId>,
    /// The notices that the asking node itself signed and that are on record at the other since that time, one after the other. With
    /// neither field: the next of them.
    #[n(1)]
    pub since: Option<Timestamp>,
}

/// What an Ask leads to. Since version 2.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Given {
    /// The proof, or a notice as it came, opaque here, 1 to [`MAX_GIVEN_BYTES`]; absent where there is none, or none now.
    #[n(0)]
    pub paper: Option<ByteVec>,
    /// Whether there may be more to ask for.
    #[n(1)]
    pub more: bool,
}

impl Given {
    /// A paper, or none.
    pub fn new(paper: Option<Vec<u8>>, more: bool) -> Self {
        Self { paper: paper.map(Into::into), more }
    }

    pub(crate) fn check(&self) -> Result<(), Trouble> {
        self.paper.as_ref().map_or(Ok(()), |paper| at_most("paper", paper.len(), MAX_GIVEN_BYTES))
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.paper.as_ref().map_or(0, |paper| paper.len());
        write!(f, "Given({length} bytes, more: {})", self.more)
    }
}

/// A frame without fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Nothing {}

/// The end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Close {
    /// One of the codes for a Close.
    #[n(0)]
    pub code: Code,
}

/// A control frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Type 1, both ways, first.
    Hello(Hello),
    /// Type 2, caller to listener.
    Offer(Offer),
    /// Type 3, listener to caller.
    Accept(Accept),
    /// Type 4, answers an Offer, a Done, a Receipt, a Notice or a Proof, or stops data.
    Decline(Decline),
    /// Type 5, listener to caller: all of it is here and waits for a person.
    Held(About),
    /// Type 6, listener to caller: admitted before; the same receipt again.
    Receipted(Slip),
    /// Type 7, caller to listener: no more data.
    Done(About),
    /// Type 8, listener to caller: verified and durable.
    Stored(About),
    /// Type 9, by whoever owes one.
    Receipt(Slip),
    /// Type 10, answers a Receipt: durable here.
    ReceiptKept(About),
    /// Type 11, both ways.
    Ping,
    /// Type 12, answers a Ping.
    Pong,
    /// Type 13, both ways, last.
    Close(Close),
    /// Type 14, caller to listener: what its Party did about the agreement.
    Notice(Word),
    /// Type 15, answers a Notice: durable here.
    NoticeKept(About),
    /// Type 16, caller to listener: its log asks to be witnessed.
    Witness(Witness),
    /// Type 17, answers a Witness.
    Witnessed(Witnessed),
    /// Type 18, caller to listener: what a receipt of its node promised.
    Proof(Proof),
    /// Type 19, answers a Proof: durable here.
    ProofKept(About),
    /// Type 22, caller to listener: may this item be opened now?
    Opening(Opening),
    /// Type 23, answers an Opening.
    OpeningAnswer(OpeningAnswer),
    /// Type 24, caller to listener: what of this is there? Since version 2.
    Ask(Ask),
    /// Type 25, answers an Ask. Since version 2.
    Given(Given),
}

/// The longest frame of a type, by the first byte of its number, and `None` for a type that there is not.
pub(crate) fn longest(kind: u8) -> Option<usize> {
    match kind {
        2 => Some(MAX_CONTROL_BYTES),
        6 | 9 => Some(MAX_RECEIPT_BYTES + crate::limits::FRAME_ROOM_BYTES),
        14 => Some(MAX_NOTICE_BYTES + crate::limits::FRAME_ROOM_BYTES),
        16 => Some(MAX_WITNESS_BYTES + crate::limits::FRAME_ROOM_BYTES),
        17 => Some(MAX_COSIGNATURE_BYTES + crate::limits::FRAME_ROOM_BYTES),
        18 => Some(MAX_PROOF_BYTES + crate::limits::FRAME_ROOM_BYTES),
        22 => Some(MAX_OPENING_BYTES + crate::limits::FRAME_ROOM_BYTES),
        23 => Some(MAX_OPENING_BYTES + MAX_SHARE_BYTES + crate::limits::FRAME_ROOM_BYTES),
        // Begins every type above 23, whose number is in the next byte.
        24 => Some(MAX_GIVEN_BYTES + crate::limits::FRAME_ROOM_BYTES),
        1..=15 | 19 => Some(MAX_SMALL_BYTES),
        _ => None,
    }
}

impl Frame {
    /// The type number.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Hello(_) => HELLO,
            Self::Offer(_) => 2,
            Self::Accept(_) => 3,
            Self::Decline(_) => 4,
            Self::Held(_) => 5,
            Self::Receipted(_) => 6,
            Self::Done(_) => 7,
            Self::Stored(_) => 8,
            Self::Receipt(_) => 9,
            Self::ReceiptKept(_) => 10,
            Self::Ping => 11,
            Self::Pong => 12,
            Self::Close(_) => CLOSE,
            Self::Notice(_) => 14,
            Self::NoticeKept(_) => 15,
            Self::Proof(_) => 18,
            Self::ProofKept(_) => 19,
            Self::Witness(_) => 16,
            Self::Witnessed(_) => 17,
            Self::Opening(_) => 22,
            Self::OpeningAnswer(_) => 23,
            Self::Ask(_) => 24,
            Self::Given(_) => 25,
        }
    }

    fn write<W: minicbor::encode::Write>(&self, w: W) -> Result<(), minicbor::encode::Error<W::Error>> {
        let mut e = Encoder::new(w);
        e.array(2)?.u8(self.kind())?;
        match self {
            Self::Hello(f) => e.encode(f)?,
            Self::Offer(f) => e.encode(f)?,
            Self::Accept(f) => e.encode(f)?,
            Self::Decline(f) => e.encode(f)?,
            Self::Receipted(f) | Self::Receipt(f) => e.encode(f)?,
            Self::Held(f)
            | Self::Done(f)
            | Self::Stored(f)
            | Self::ReceiptKept(f)
            | Self::NoticeKept(f)
            | Self::ProofKept(f) => e.encode(f)?,
            Self::Notice(f) => e.encode(f)?,
            Self::Proof(f) => e.encode(f)?,
            Self::Witness(f) => e.encode(f)?,
            Self::Witnessed(f) => e.encode(f)?,
            Self::Opening(f) => e.encode(f)?,
            Self::OpeningAnswer(f) => e.encode(f)?,
            Self::Ask(f) => e.encode(f)?,
            Self::Given(f) => e.encode(f)?,
            Self::Ping | Self::Pong => e.encode(Nothing {})?,
            Self::Close(f) => e.encode(f)?,
        };
        Ok(())
    }

    /// The frame with its length before it, ready for the wire.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut bytes = vec![0; 4];
        // Writing to a Vec cannot fail and no field of ours has an encoder that does.
        let written = self.write(&mut bytes);
        debug_assert!(written.is_ok());
        let length = u32::try_from(bytes.len() - 4).unwrap_or(u32::MAX);
        bytes[..4].copy_from_slice(&length.to_be_bytes());
        bytes
    }

    /// Reads one control frame, without its length.
    ///
    /// # Errors
    /// A breach: [`Code::Malformed`] for bytes that are not the one form of a frame, [`Code::Oversize`] for a field
    /// above its limit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Trouble> {
        let Ok(frame) = read(bytes) else { return breach(Code::Malformed, "not a frame of this protocol") };
        let mut same = Same::new(bytes);
        if frame.write(&mut same).is_err() || !same.is_whole() {
            return breach(Code::Malformed, "not the deterministic form");
        }
        frame.check()?;
        Ok(frame)
    }

    /// The limits that no type carries.
    fn check(&self) -> Result<(), Trouble> {
        match self {
            Self::Hello(hello) => hello.check(),
            Self::Offer(offer) => {
                at_most("package", offer.package.len(), MAX_PACKAGE_BYTES)?;
                match offer.size {
                    0..=MAX_CONTAINER_BYTES => Ok(()),
                    _ => breach(Code::Oversize, "size of an Offer"),
                }
            }
            Self::Receipted(slip) | Self::Receipt(slip) => {
                at_most("receipt", slip.receipt.len(), MAX_RECEIPT_BYTES)
            }
            Self::Notice(word) => at_most("notice", word.notice.len(), MAX_NOTICE_BYTES),
            Self::Witness(asked) => at_most("witness request", asked.request.len(), MAX_WITNESS_BYTES),
            Self::Witnessed(answer) => answer.check(),
            Self::Proof(proof) => at_most("proof", proof.proof.len(), MAX_PROOF_BYTES),
            Self::Opening(opening) => opening.check(),
            Self::OpeningAnswer(answer) => answer.check(),
            Self::Ask(Ask { dispatch: Some(_), since: Some(_) }) => {
                breach(Code::Malformed, "an Ask about two things")
            }
            Self::Given(given) => given.check(),
            Self::Decline(decline) if decline.code.row().travels != Travels::InDecline => {
                breach(Code::Malformed, "a code that does not travel in a Decline")
            }
            Self::Close(close) if close.code.row().travels != Travels::InClose => {
                breach(Code::Malformed, "a code that does not travel in a Close")
            }
            _ => Ok(()),
        }
    }
}

impl Hello {
    fn check(&self) -> Result<(), Trouble> {
        if self.versions.is_empty() || !self.versions.is_sorted_by(|a, b| a < b) {
            return breach(Code::Malformed, "versions must ascend");
        }
        if self.versions.len() > MAX_VERSIONS {
            return breach(Code::Oversize, "versions");
        }
        at_most("agreement", self.agreement.len(), MAX_AGREEMENT_BYTES)?;
        match self.window {
            1..=MAX_OUTSTANDING => Ok(()),
            0 => breach(Code::Malformed, "window of none"),
            _ => breach(Code::Oversize, "window"),
        }
    }
}

fn at_most(what: &'static str, length: usize, limit: usize) -> Result<(), Trouble> {
    match length {
        0 => breach(Code::Malformed, what),
        n if n > limit => breach(Code::Oversize, what),
        _ => Ok(()),
    }
}

fn read(bytes: &[u8]) -> Result<Frame, minicbor::decode::Error> {
    let mut d = Decoder::new(bytes);
    if d.array()? != Some(2) {
        return Err(minicbor::decode::Error::message("array of two"));
    }
    Ok(match d.u8()? {
        HELLO => Frame::Hello(d.decode()?),
        2 => Frame::Offer(d.decode()?),
        3 => Frame::Accept(d.decode()?),
        4 => Frame::Decline(d.decode()?),
        5 => Frame::Held(d.decode()?),
        6 => Frame::Receipted(d.decode()?),
        7 => Frame::Done(d.decode()?),
        8 => Frame::Stored(d.decode()?),
        9 => Frame::Receipt(d.decode()?),
        10 => Frame::ReceiptKept(d.decode()?),
        11 => d.decode::<Nothing>().map(|_| Frame::Ping)?,
        12 => d.decode::<Nothing>().map(|_| Frame::Pong)?,
        CLOSE => Frame::Close(d.decode()?),
        14 => Frame::Notice(d.decode()?),
        15 => Frame::NoticeKept(d.decode()?),
        18 => Frame::Proof(d.decode()?),
        19 => Frame::ProofKept(d.decode()?),
        16 => Frame::Witness(d.decode()?),
        17 => Frame::Witnessed(d.decode()?),
        22 => Frame::Opening(d.decode()?),
        23 => Frame::OpeningAnswer(d.decode()?),
        24 => Frame::Ask(d.decode()?),
        25 => Frame::Given(d.decode()?),
        _ => return Err(minicbor::decode::Error::message("type")),
    })
}

/// Length and head of a data frame, to be followed by `length` bytes of content.
pub(crate) fn data_head(dispatch: DispatchId, offset: u64, length: usize) -> [u8; 4 + DATA_HEAD_BYTES] {
    let mut head = [0; 4 + DATA_HEAD_BYTES];
    let total = u32::try_from(DATA_HEAD_BYTES + length).unwrap_or(u32::MAX);
    head[..4].copy_from_slice(&total.to_be_bytes());
    head[4] = DATA_MARK;
    head[5..21].copy_from_slice(dispatch.as_bytes());
    head[21..].copy_from_slice(&offset.to_be_bytes());
    head
}
