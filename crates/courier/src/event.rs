//! What a session tells its node.
//!
//! *Absent:* anything verified. Papers and bytes here are what the peer sent, no more.

use crate::codes::Code;
use crate::frame::{Ask, Given, Offer, OpeningAnswer, Witnessed};
use crate::greeting::Greeting;
use attache_accord::DispatchId;

/// Something happened. Content borrows from the input, so that it is copied once: to where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Event<'b> {
    /// The peer's Hello is here and fits. Always the first event.
    Greeted(Greeting),
    /// The peer offers a package. Answer with `accept`, `decline`, `held`, `receipted` or `contradicts`.
    Offered(Offer),
    /// An Offer was declined by the session itself, with this code. Nothing to answer; record it.
    Turned {
        /// The dispatch.
        dispatch: DispatchId,
        /// Why: [`Code::OtherPack`].
        code: Code,
    },
    /// Bytes of an accepted container, in order and without gaps, from `offset` on.
    Data {
        /// The dispatch.
        dispatch: DispatchId,
        /// Where in the container they stand.
        offset: u64,
        /// The bytes.
        bytes: &'b [u8],
    },
    /// The whole container is here. Verify it, make it durable, then answer with `stored` or `decline`.
    Complete {
        /// The dispatch.
        dispatch: DispatchId,
    },
    /// The sender stopped before the last byte. Answered already; what is here may be kept for a later offer.
    Withdrawn {
        /// The dispatch.
        dispatch: DispatchId,
    },
    /// Our Offer is accepted; `wants` will ask for bytes from `have` on.
    Accepted {
        /// The dispatch.
        dispatch: DispatchId,
        /// Bytes that the receiver has.
        have: u64,
    },
    /// What we offered or brought is declined and its exchange over.
    Declined {
        /// The dispatch.
        dispatch: DispatchId,
        /// Why, as far as it is told.
        code: Code,
    },
    /// All of our offered package is there and waits for a person; the receipt will come. The exchange is over.
    Held {
        /// The dispatch.
        dispatch: DispatchId,
    },
    /// Our offered package was admitted before; this is its receipt again. The exchange is over.
    Receipted {
        /// The dispatch.
        dispatch: DispatchId,
        /// The signed receipt.
        receipt: Vec<u8>,
    },
    /// Our package is verified and durable at the other end; the receipt will come. The exchange is over.
    Stored {
        /// The dispatch.
        dispatch: DispatchId,
    },
    /// The peer brings a receipt. Make it durable, then answer with `receipt_kept` or `decline`.
    Receipt {
        /// The dispatch that it is for.
        dispatch: DispatchId,
        /// The signed receipt.
        receipt: Vec<u8>,
    },
    /// Our Receipt is durable at the other end. The exchange is over.
    ReceiptKept {
        /// The dispatch.
        dispatch: DispatchId,
    },
    /// The peer brings word of what its Party did. Make it durable, then answer with `notice_kept` or `decline`.
    Notice {
        /// What the answer names.
        id: DispatchId,
        /// The signed notice.
        notice: Vec<u8>,
    },
    /// Our Notice is durable at the other end. The exchange is over.
    NoticeKept {
        /// What the Notice named.
        id: DispatchId,
    },
    /// The peer's log asks to be witnessed. Make durable what is cosigned, then answer with `witnessed`.
    Witness {
        /// The body of the `add-checkpoint` request.
        request: Vec<u8>,
    },
    /// The peer's answer to our log's request.
    Witnessed(Witnessed),
    /// The peer proves that its receipt's leaf is in its log. Make it durable, then answer with `proof_kept` or `decline`.
    Proof {
        /// The dispatch that the receipt was for.
        dispatch: DispatchId,
        /// The C2SP tlog-proof.
        proof: Vec<u8>,
    },
    /// Our Proof is durable at the other end. The exchange is over.
    ProofKept {
        /// The dispatch.
        dispatch: DispatchId,
    },
    /// The peer asks to open an item of ours, or reports that it did. Make the answer durable, then answer with
    /// `answer_opening` or `decline`.
    Opening {
        /// What the answer names.
        id: DispatchId,
        /// The signed request.
        request: Vec<u8>,
    },
    /// The peer's answer to a request of ours to open an item. The exchange is over.
    OpeningAnswered(OpeningAnswer),
    /// The peer asks for what this node has of it, or gave it before. Answer with `given`.
    Ask(Ask),
    /// The peer's answer to an Ask of ours. Nothing of it is verified.
    Given(Given),
    /// The peer closed. Nothing follows.
    Closed {
        /// Why.
        code: Code,
    },
}

impl Event<'_> {
    /// The name of the event, as the specification uses it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Greeted(_) => "Greeted",
            Self::Offered(_) => "Offered",
            Self::Turned { .. } => "Turned",
            Self::Data { .. } => "Data",
            Self::Complete { .. } => "Complete",
            Self::Withdrawn { .. } => "Withdrawn",
            Self::Accepted { .. } => "Accepted",
            Self::Declined { .. } => "Declined",
            Self::Held { .. } => "Held",
            Self::Receipted { .. } => "Receipted",
            Self::Stored { .. } => "Stored",
            Self::Receipt { .. } => "Receipt",
            Self::ReceiptKept { .. } => "ReceiptKept",
            Self::Notice { .. } => "Notice",
            Self::NoticeKept { .. } => "NoticeKept",
            Self::Witness { .. } => "Witness",
            Self::Witnessed(_) => "Witnessed",
            Self::Proof { .. } => "Proof",
            Self::ProofKept { .. } => "ProofKept",
            Self::Opening { .. } => "Opening",
            Self::OpeningAnswered(_) => "OpeningAnswered",
            Self::Ask(_) => "Ask",
            Self::Given(_) => "Given",
            Self::Closed { .. } => "Closed",
        }
    }
}

impl std::fmt::Debug for Event<'_> {
    /// The name alone: what is carried belongs in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
