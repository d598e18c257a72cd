//! What a partner's accepted card amounts to at a moment: its standing, or why it is barred.
//!
//! *Absent:* acceptance of cards; that is a person's act.

use crate::fault::Fault;
use attache_accord::view::Peer;
use attache_accord::{Digest, NodeName, Party, Timestamp};
use attache_seal::papers::Card;
use rustls::pki_types::CertificateDer;
use std::collections::BTreeSet;

/// A partner that may be dialled or let in.
#[derive(Clone)]
pub struct Standing {
    /// Its node.
    pub node: NodeName,
    /// Digest of the card that says so.
    pub card: Digest,
    /// The authority that alone vouches for it.
    pub authority: CertificateDer<'static>,
    /// Where it is reached, `host:port`, in order of preference.
    pub endpoints: Vec<String>,
    /// When its card ends, exclusive.
    pub until: Timestamp,
}

/// Why a partner is neither dialled nor let in.
#[derive(Debug, thiserror::Error)]
pub enum Barred {
    /// No card was accepted.
    #[error("no card of this node was accepted; add it")]
    NoCard,
    /// The card's time has not come, or is over.
    #[error("its card is in force from {from} until {until}; ask for a new card, or check the clock")]
    NotInForce {
        /// First moment.
        from: Timestamp,
        /// End, exclusive.
        until: Timestamp,
    },
    /// The card is not what the journal says of the partner.
    #[error("its card is of another node or Party than was recorded; add the right card")]
    OtherCard,
    /// Its Party is not a Party to the agreement.
    #[error("{0} is not a Party to the agreement")]
    NoParty(Party),
    /// Messages with its Party go by the hub.
    #[error(
        "the agreement has a hub carry between {0} and this node's Party; nothing is said to it directly"
    )]
    ByHub(Party),
    /// This very node.
    #[error("it is this node itself")]
    Ourselves,
    /// The card cannot be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Standing {
    /// The standing of `peer` at `now` by its accepted `card`.
    ///
    /// # Errors
    /// [`Barred`].
    pub fn of(peer: &Peer, card: &Card, parties: &BTreeSet<Party>, now: Timestamp) -> Result<Self, Barred> {
        if !parties.contains(&peer.party) {
            return Err(Barred::NoParty(peer.party));
        }
        if card.node != peer.node || card.party != peer.party {
            return Err(Barred::OtherCard);
        }
        if !card.in_force(now) {
            return Err(Barred::NotInForce { from: card.not_before, until: card.not_after });
        }
        Ok(Self {
            node: peer.node.clone(),
            card: peer.card,
            authority: CertificateDer::from(card.tls_ca.clone()),
            endpoints: card.endpoints.clone(),
            until: card.not_after,
        })
    }
}
