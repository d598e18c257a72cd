//! People, sessions, partners, and what an administrator records.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who wants to sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SigningIn {
    /// The pseudonym.
    pub person: String,
}

/// What is to be signed to sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    /// 32 bytes in hexadecimal, good once.
    pub challenge: String,
    /// The node, to be named in the statement.
    pub node: String,
    /// The network, to be named in the statement.
    pub network: String,
    /// The agreement, to be named in the statement.
    pub agreement: String,
    /// Digest of the rule pack, to be named in the statement.
    pub pack: String,
    /// Until when it is good.
    pub expires_at: String,
}

/// A session. `Debug` does not show the token.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// For the header `Authorization: Bearer`.
    pub token: String,
    /// Who.
    pub person: String,
    /// Appointments.
    pub roles: Vec<String>,
    /// When it ends at the latest.
    pub expires_at: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.person)
    }
}

/// A clearance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Clearance {
    /// The highest level, in the own scheme.
    pub level: String,
    /// Until when.
    pub until: String,
}

/// A person on the roll.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The pseudonym.
    pub person: String,
    /// Appointments: `analyst`, `disclosure-officer`, `desk-officer`, `registrar`, `administrator`, `inspector`.
    pub roles: Vec<String>,
    /// Clearance, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance: Option<Clearance>,
    /// Need-to-know: kinds of information.
    #[serde(default)]
    pub duties: Vec<String>,
    /// The public half of the person's key: base64 of its CBOR.
    pub verifying: String,
}

/// A partner's card to be accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewPeer {
    /// Base64 of the signed card.
    pub card: String,
    /// The fingerprint that two people compared aloud. Empty where a succession is given.
    #[serde(default)]
    pub fingerprint: String,
    /// Base64 of the signed succession, where the card takes the place of an accepted one.
    #[serde(default)]
    pub succession: Option<String>,
}

/// Why a partner's card is believed no longer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Revoking {
    /// 1 to 256 bytes for the record.
    pub reason: String,
}

/// A card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CardFacts {
    /// The node.
    pub node: String,
    /// Its Party.
    pub party: String,
    /// What two people compare aloud.
    pub fingerprint: String,
    /// Valid from.
    pub not_before: String,
    /// Valid until.
    pub not_after: String,
    /// Where it is reached.
    pub endpoints: Vec<String>,
    /// Base64 of the signed card.
    pub card: String,
}

/// A partner, and how the link to it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Peer {
    /// Its card.
    pub card: CardFacts,
    /// `connected` (greeted), `dialling`, `refused` or `none` where it is not dialled.
    pub link: String,
    /// Why, in words.
    pub reason: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How far its clock is from ours, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clocks_apart_millis: Option<u64>,
}

/// For whom the node is to sign an assurance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Assuring {
    /// The pseudonym.
    pub person: String,
    /// For what use.
    pub purpose: String,
    /// Until when, at most as long as the clearance.
    pub expires_at: String,
}

/// That something was recorded, and where.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Recorded {
    /// Index of the first entry.
    pub index: u64,
}
