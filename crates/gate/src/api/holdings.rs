//! What is done with an item beyond opening it, its copies, and its destruction.

use super::Explained;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A contractor's facility, as the Party's authority has ascertained.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Contractor {
    /// The facility.
    pub facility: String,
    /// Whose contractor; absent: the holder's.
    pub party: Option<String>,
    /// Up to which level it is cleared.
    pub level: Option<String>,
    /// Until when it is.
    pub cleared_until: Option<String>,
    /// Until when its last inspection is good.
    pub inspected_until: Option<String>,
    /// Who is responsible there.
    pub responsible: Option<String>,
    /// Whether everyone with access there is cleared, briefed and registered.
    pub staff_registered: bool,
}

/// What would be done with an item.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Handling {
    /// Pass it on to a Party outside.
    PassOn {
        /// The Party, such as `USA`.
        to: String,
    },
    /// Use it for another purpose.
    OtherPurpose {
        /// The purpose, such as `training`.
        purpose: String,
    },
    /// Give it a lower level.
    Downgrade {
        /// The level, in the holder's scheme.
        to: String,
    },
    /// Make its next copy.
    Copy {
        /// How many copies the official need calls for.
        needed: u32,
        /// Whether it bears every original marking.
        marked: bool,
    },
    /// Make a translation, which is its next copy.
    Translate {
        /// Who translates.
        translator: String,
        /// How many copies the official need calls for.
        needed: u32,
        /// Whether it bears every original marking.
        marked: bool,
        /// Whether it says in its own language whose information it holds.
        notation: bool,
    },
    /// Hand it to a contractor.
    GiveToContractor {
        /// The contractor.
        contractor: Contractor,
    },
    /// Show it to visitors.
    Visit {
        /// Whose people come.
        visitors: String,
        /// Whether the visit's purpose is official.
        official: bool,
        /// The Party that approved the visit.
        approved_by: Option<String>,
        /// When the visit is over.
        until: String,
        /// The highest level that may be disclosed.
        highest: Option<String>,
    },
}

/// A copy to be sealed for machine clients.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SealingCopy {
    /// How many copies the official need calls for.
    pub needed: u32,
    /// The key that it is wrapped for: `rsa:2048`, which every client reads and which is taken where none is named, or `ec:secp256r1`.
    pub algorithm: Option<String>,
}

/// What was done, and the ruling that permitted it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Handled {
    /// The item.
    pub item: String,
    /// The number of the copy that was made.
    pub number: Option<u32>,
    /// The ruling.
    pub ruling: Explained,
}

/// A numbered copy or translation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Copy {
    /// Its number, from 1.
    pub number: u32,
    /// Whether it is a translation.
    pub translation: bool,
    /// Who keeps it.
    pub keeper: String,
    /// When it was made.
    pub made_at: String,
    /// `out`, `returned` or `destroyed`.
    pub fate: String,
    /// Whether it is a container for machine clients.
    #[serde(default)]
    pub sealed: bool,
}

/// How the copies of an item balance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Balance {
    /// Numbers given.
    pub made: usize,
    /// With their keepers.
    pub out: usize,
    /// Back in the registry.
    pub returned: usize,
    /// Destroyed by two people.
    pub destroyed: usize,
}

/// One of the two who signed a destruction.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Witness {
    /// Who.
    pub by: String,
    /// When it came to be on record here.
    pub at: String,
    /// Digest of the signed statement.
    pub digest: String,
    /// Base64 of the signed statement.
    pub statement: String,
}

/// A destruction: its two signed statements are the certificate.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Destruction {
    /// The control or register number of what is destroyed.
    pub number: Option<String>,
    /// The item on this node, where it is or was here.
    pub item: Option<String>,
    /// The item's digest, the same at both nodes.
    pub item_digest: String,
    /// How it went or came; absent for an item that never left.
    pub dispatch: Option<String>,
    /// The copy's number; absent for the item itself.
    pub copy: Option<u32>,
    /// The node whose people destroyed it.
    pub node: String,
    /// The originator's node, where that is another.
    pub to: Option<String>,
    /// By what means.
    pub means: String,
    /// The written document.
    pub document: String,
    /// Whether both have signed.
    pub complete: bool,
    /// Who signed, in order.
    pub witnesses: Vec<Witness>,
}
