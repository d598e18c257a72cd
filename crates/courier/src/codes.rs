//! The stable codes of the protocol, in one table. Codes travel, prose does not; nobody matches on text.
//!
//! *Absent:* reasons of substance. Why a Party refuses a document is the ruling's to say, at home; abroad it is
//! one code for all of them, so that an answer never tells "no such document" from "not for you".

use minicbor::{Decode, Encode};
use std::fmt;

/// A code. On the wire its number; for people `C-` and three digits. The list is closed within a protocol version:
/// a peer that sends another number broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
#[repr(u16)]
pub enum Code {
    /// Nothing more to say.
    #[n(1)]
    Finished = 1,
    /// The node is going down; come back later.
    #[n(2)]
    GoingAway = 2,
    /// No protocol version in common.
    #[n(3)]
    NoCommonVersion = 3,
    /// The peer is on another network (live, exercise, demo).
    #[n(4)]
    OtherNetwork = 4,
    /// The peer acts under another agreement.
    #[n(5)]
    OtherAgreement = 5,
    /// The Hello names another node than the one that the connection was authenticated for.
    #[n(6)]
    OtherNode = 6,
    /// Not a frame of this protocol.
    #[n(7)]
    Malformed = 7,
    /// A length or a field above its limit.
    #[n(8)]
    Oversize = 8,
    /// A frame that its state does not allow.
    #[n(9)]
    OutOfTurn = 9,
    /// A frame about an exchange that is not open.
    #[n(10)]
    NoSuchExchange = 10,
    /// More exchanges open than the window allows.
    #[n(11)]
    WindowExceeded = 11,
    /// Data with a gap, an overlap or past the end.
    #[n(12)]
    WrongOffset = 12,
    /// A dispatch id that came before with another package digest.
    #[n(13)]
    OtherPackage = 13,
    /// The peer kept silent past a time limit.
    #[n(14)]
    TooLate = 14,
    /// The rule packs differ, so nothing new is taken.
    #[n(20)]
    OtherPack = 20,
    /// The clocks differ too much to release.
    #[n(21)]
    ClocksApart = 21,
    /// Refused; more is not said abroad.
    #[n(22)]
    Refused = 22,
    /// No room now; offer it again later.
    #[n(23)]
    NoRoom = 23,
    /// What arrived is not what the package statement says; it was discarded.
    #[n(24)]
    NotAsStated = 24,
    /// The answer to a Done before the last byte: the sender withdrew.
    #[n(25)]
    Withdrawn = 25,
    /// Signed under a key of no card that is accepted here. After a rotation the new card may not be here yet.
    #[n(26)]
    OtherCard = 26,
    /// The sender's log showed two histories here, and nobody has decided to believe it again.
    #[n(27)]
    LogStopped = 27,
    /// The sender's log lost entries and goes on under a new origin, and nobody here has decided to follow it.
    #[n(28)]
    LogSucceeded = 28,
    /// What another Party made came without a chain that holds: its originator's approval, package or label, or the hub's receipt,
    /// is missing, false, of another item or ended.
    #[n(29)]
    ChainBroken = 29,
    /// A person of the originator decides about this opening; ask again later.
    #[n(30)]
    AwaitsPerson = 30,
    /// A hub may not carry a letter, or not there.
    #[n(31)]
    LetterRefused = 31,
    /// A letter hides from the hub what it is about, or is about what the agreement does not cover.
    #[n(32)]
    TopicHidden = 32,
    /// A letter's time is over: a hub does not take it any more, or whoever has it does not give it on.
    #[n(48)]
    LetterLate = 48,
    /// The dispatch whose package is in a letter has ended meanwhile, and its sender keeps the letter.
    #[n(49)]
    LetterClosed = 49,
}

/// Where a code may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travels {
    /// In a Close.
    InClose,
    /// In a Decline.
    InDecline,
    /// In a hop receipt, by which a hub refuses a letter or says that it gave one up.
    InHopReceipt,
    /// Nowhere: it is for the operator at home.
    Nowhere,
}

/// Whose fault it is, in the words of the error types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nobody's: the ordinary end of something.
    Nobody,
    /// The peer broke the protocol.
    Breach,
    /// An honest peer cannot.
    Unfit,
    /// A network, a disk or a clock failed.
    Fault,
    /// A ruling.
    Refusal,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The code.
    pub code: Code,
    /// Where it may stand.
    pub travels: Travels,
    /// Whose fault.
    pub blame: Blame,
    /// Whether the same thing may be tried again on another connection without a person having acted.
    pub again: bool,
    /// One sentence in English, for the specification and the operator.
    pub says: &'static str,
}

const fn row(code: Code, travels: Travels, blame: Blame, again: bool, says: &'static str) -> Row {
    Row { code, travels, blame, again, says }
}

use Blame::{Breach, Fault, Nobody, Refusal, Unfit};
use Travels::{InClose, InDecline, InHopReceipt, Nowhere};

/// All codes, ascending.
pub const CODES: [Row; 29] = [
    row(Code::Finished, InClose, Nobody, true, "nothing more to say"),
    row(Code::GoingAway, InClose, Nobody, true, "the node is going down; come back later"),
    row(Code::NoCommonVersion, InClose, Unfit, false, "no protocol version in common"),
    row(Code::OtherNetwork, InClose, Breach, false, "the peer is on another network"),
    row(Code::OtherAgreement, InClose, Breach, false, "the peer acts under another agreement"),
    row(Code::OtherNode, InClose, Breach, false, "the Hello names another node than the certificate"),
    row(Code::Malformed, InClose, Breach, false, "not a frame of this protocol"),
    row(Code::Oversize, InClose, Breach, false, "a length or a field above its limit"),
    row(Code::OutOfTurn, InClose, Breach, false, "a frame that its state does not allow"),
    row(Code::NoSuchExchange, InClose, Breach, false, "a frame about an exchange that is not open"),
    row(Code::WindowExceeded, InClose, Breach, false, "more exchanges open than the window allows"),
    row(Code::WrongOffset, InClose, Breach, false, "data with a gap, an overlap or past the end"),
    row(Code::OtherPackage, InClose, Breach, false, "a dispatch id seen before with another package digest"),
    row(Code::TooLate, InClose, Fault, true, "silence past a time limit"),
    row(Code::OtherPack, InDecline, Unfit, true, "the rule packs differ, so nothing new is taken"),
    row(Code::ClocksApart, Nowhere, Fault, true, "the clocks differ too much to release"),
    row(Code::Refused, InDecline, Refusal, false, "refused; more is not said abroad"),
    row(Code::NoRoom, InDecline, Fault, true, "no room now; offer it again later"),
    row(
        Code::NotAsStated,
        InDecline,
        Fault,
        true,
        "what arrived is not what the package states; it was discarded",
    ),
    row(Code::Withdrawn, InDecline, Nobody, true, "the sender withdrew before the last byte"),
    row(Code::OtherCard, InDecline, Unfit, true, "signed under a key of no card that is accepted here yet"),
    row(
        Code::LogStopped,
        InDecline,
        Refusal,
        true,
        "the sender's log showed two histories; a person decides",
    ),
    row(
        Code::LogSucceeded,
        InDecline,
        Refusal,
        true,
        "the sender's log lost entries and goes on under a new origin; a person decides",
    ),
    row(
        Code::ChainBroken,
        InDecline,
        Refusal,
        false,
        "the chain of what was passed on does not hold; it was discarded",
    ),
    row(
        Code::AwaitsPerson,
        InDecline,
        Nobody,
        true,
        "a person of the originator decides about this opening; ask again later",
    ),
    row(Code::LetterRefused, InHopReceipt, Refusal, false, "the hub may not carry this letter, or not there"),
    row(
        Code::TopicHidden,
        InHopReceipt,
        Refusal,
        false,
        "the letter hides from the hub what it is about, or is about what the agreement does not cover",
    ),
    row(Code::LetterLate, InHopReceipt, Fault, true, "the letter's time is over"),
    row(Code::LetterClosed, Nowhere, Nobody, false, "the dispatch in the letter has ended meanwhile"),
];

impl Code {
    /// The number on the wire.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// Its row of [`CODES`].
    pub fn row(self) -> &'static Row {
        // Every variant has its row; a test walks all of them.
        CODES.iter().find(|row| row.code == self).unwrap_or(&CODES[0])
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C-{:03}", self.number())
    }
}
