//! People: roles, clearances, need-to-know, and the roll that Art. 6(e) wants at each facility.
//!
//! *Absent:* real names, and keys as anything but opaque bytes.

use crate::act::Act;
use crate::marking::{Kind, Level};
use crate::party::{Party, PersonId};
use crate::time::Timestamp;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// What a person is appointed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Adds and marks items, asks for release, reads what came.
    #[n(0)]
    Analyst,
    /// Reviews and decides releases (foreign disclosure officer).
    #[n(1)]
    DisclosureOfficer,
    /// Admits what arrived and gives it the own marking.
    #[n(2)]
    DeskOfficer,
    /// Keeps the register.
    #[n(3)]
    Registrar,
    /// Runs the node: people, peers, keys. Never reads content.
    #[n(4)]
    Administrator,
    /// Reads acts and evidence; changes nothing.
    #[n(5)]
    Inspector,
    /// Answers for the Party's acts about the agreement itself: initials, signature, notices, positions.
    #[n(6)]
    AgreementOffice,
}

impl Role {
    /// Every role with its word.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Analyst, "analyst"),
        (Self::DisclosureOfficer, "disclosure-officer"),
        (Self::DeskOfficer, "desk-officer"),
        (Self::Registrar, "registrar"),
        (Self::Administrator, "administrator"),
        (Self::Inspector, "inspector"),
        (Self::AgreementOffice, "agreement-office"),
    ];

    /// The word used in commands and on screen.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, word)| word)
    }
}

impl FromStr for Role {
    type Err = crate::party::Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(role, _)| *role).ok_or_else(|| {
            crate::party::Malformed::new(
                "role",
                "analyst, disclosure-officer, desk-officer, registrar, administrator, inspector or agreement-office",
                text,
            )
        })
    }
}

/// Eligibility granted to an individual (Art. 2).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Clearance {
    /// The highest level, in the own Party's scheme.
    #[n(0)]
    pub level: Level,
    /// When it lapses.
    #[n(1)]
    pub until: Timestamp,
}

/// A person on the roll.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Person {
    /// Pseudonym.
    #[n(0)]
    pub id: PersonId,
    /// Whose person.
    #[n(1)]
    pub party: Party,
    /// Appointments.
    #[n(2)]
    pub roles: BTreeSet<Role>,
    /// Clearance, if any.
    #[n(3)]
    pub clearance: Option<Clearance>,
    /// Need-to-know: the kinds of information that the person's duties call for (Art. 7).
    #[n(4)]
    pub duties: BTreeSet<Kind>,
}

/// Why a person cannot be enrolled as described.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    /// The administrator never reads: that role stands alone and without clearance.
    #[error(
        "roles: an administrator holds no other role and no clearance, since the administrator never reads"
    )]
    AdministratorReads,
    /// An inspector changes nothing, so holds no other role.
    #[error("roles: an inspector holds no other role, since the inspector changes nothing")]
    InspectorActs,
    /// No role at all.
    #[error("roles: at least one is needed")]
    NoRole,
    /// A clearance of another Party's scheme.
    #[error("clearance: {0} is not a level of the person's own Party")]
    ForeignClearance(Level),
}

impl Person {
    /// Checks that the roles can be held by one person.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn check(&self) -> Result<(), Unsuitable> {
        let alone = |role| !self.roles.contains(&role) || self.roles.len() == 1;
        if self.roles.is_empty() {
            return Err(Unsuitable::NoRole);
        }
        if !alone(Role::Administrator) || (self.has(Role::Administrator) && self.clearance.is_some()) {
            return Err(Unsuitable::AdministratorReads);
        }
        if !alone(Role::Inspector) {
            return Err(Unsuitable::InspectorActs);
        }
        match &self.clearance {
            Some(c) if c.level.party() != self.party => Err(Unsuitable::ForeignClearance(c.level.clone())),
            _ => Ok(()),
        }
    }

    /// Whether the person holds a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// A person together with the public keys that their statements verify under.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Enrolled {
    /// The person.
    #[n(0)]
    pub person: Person,
    /// The public keys, as `seal` encodes them.
    #[n(1)]
    pub verifying: ByteVec,
}

/// The roll: everyone enrolled and not removed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Roll {
    #[n(0)]
    people: BTreeMap<PersonId, Enrolled>,
}

impl Roll {
    /// Folds one act.
    pub fn apply(&mut self, act: &Act) {
        match act {
            Act::PersonEnrolled { person, verifying, .. } => {
                let enrolled = Enrolled { person: person.clone(), verifying: verifying.clone() };
                self.people.insert(person.id.clone(), enrolled);
            }
            Act::PersonRemoved { person, .. } => {
                self.people.remove(person);
            }
            _ => {}
        }
    }

    /// Someone on the roll.
    pub fn get(&self, id: &PersonId) -> Option<&Enrolled> {
        self.people.get(id)
    }

    /// Everyone, by pseudonym.
    pub fn iter(&self) -> impl Iterator<Item = &Enrolled> {
        self.people.values()
    }
}
