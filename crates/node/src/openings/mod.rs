//! Openings of items under originator control (ORCON), at both ends of one partner link.
//!
//! ```text
//!   holder: ruling, request on record ──Opening──► originator: request, ruling, answer on record
//!   holder: answer and opening on record ◄─OpeningAnswer + share─┘ (custody rules again, then lends)
//! ```
//! Where the originator is beyond a blind hub both go in letters; see [`crate::relay`].
//! Where a blind hub keeps a share of the key it is asked the same way, about the letter that it carried.
//!
//! One request has one answer however often it is brought, and at most one opening. A share moves only while custody of its
//! originator still grants it, on its own view.
//!
//! *Absent:* what a reader does with what was read.

mod answering;
mod asking;
mod board;
mod by_share;

pub(crate) use answering::is_unfit;
pub use answering::{Asking, UNFIT_REPORT};
pub use asking::{ANSWER_SECONDS, Answered, LETTER_SECONDS, NotOpened, Opened, Reader};
pub use board::{AT_HAND_MINUTES, Board, MAX_AT_HAND, MAX_READERS, Place, Told};

use attache_accord::control::{Answerer, Control};

/// How a hub answers: at once, and for as long as a rule's answer is good.
const BY_RULE: Control = Control { answerer: Answerer::Rule, until: None };
/// Code of the breach that a request to open, or an answer to one, is which is not signed as its partner signs.
pub const FALSE_ANSWER: &str = "B-006";
