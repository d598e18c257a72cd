//! Letters by way of a hub that cannot read them: which way a message goes, what is shown with a letter, and how it is written,
//! carried and read.
//!
//! ```text
//!   what is owed ─► writing ─► letter + waybill ─► hub: carrying, hop receipt ─► recipient: reading ─► answer, a letter too
//! ```
//! *Absent:* the messages themselves. What is in a letter is weighed as if its sender had dialled.

mod carrying;
mod docket;
mod openings;
mod reading;
mod share;
mod shown;
mod writing;

pub use carrying::{LETTER_CLOSED, LETTER_LATE, LETTER_REFUSED, TOPIC_HIDDEN};
pub use docket::{Docket, ShownTopics};
pub use openings::ASK_AGAIN_MINUTES;
pub(crate) use openings::Underway;
pub use shown::Shown;
pub use writing::WRITE_AGAIN_HOURS;

use crate::office::Office;
use attache_accord::{NodeName, Party};

/// How a message gets to a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// On the connection with it.
    Direct,
    /// In letters, by this hub.
    By(NodeName),
    /// In letters, and no card of the hub is accepted here yet.
    Nowhere,
}

impl Office {
    /// How messages get to the node `to`.
    pub fn way_to(&self, to: &NodeName) -> Way {
        let view = self.view.read();
        let Some(peer) = view.peers.get(to) else { return Way::Direct };
        let Some(hub) = self.pack.terms().carrier(self.identity.party, peer.party) else {
            return Way::Direct;
        };
        match view.peers.values().find(|peer| peer.party == hub) {
            Some(hub) => Way::By(hub.node.clone()),
            None => Way::Nowhere,
        }
    }

    /// Whether a connection with nodes of this Party would go past the hub.
    pub fn goes_by_hub(&self, party: Party) -> bool {
        self.pack.terms().carrier(self.identity.party, party).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{LETTER_CLOSED, LETTER_LATE, LETTER_REFUSED, TOPIC_HIDDEN};
    use attache_courier::Code;

    #[test]
    fn the_codes_of_a_hub_are_those_of_the_protocols_table() {
        let table = [Code::LetterRefused, Code::TopicHidden, Code::LetterLate, Code::LetterClosed];
        let told = [LETTER_REFUSED, TOPIC_HIDDEN, LETTER_LATE, LETTER_CLOSED];
        assert_eq!(table.map(|code| code.to_string()), told);
    }
}
