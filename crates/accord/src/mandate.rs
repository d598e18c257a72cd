//! Mandates: what an oversight body may see of this node's acts. A mandate names the body and the inspectors who act for it,
//! the days whose acts they may ask about, and the coarse fields of leaves that are opened to them.
//!
//! *Absent:* field 15, which commits to the whole act. No mandate opens it, and none shows an item, a title or a person.

use crate::act::Act;
use crate::day::CivilDay;
use crate::id::Digest;
use crate::oversight::{FIELD_ACT, FIELD_DAY, FIELD_EVENT};
use crate::party::{Malformed, PersonId};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// Most inspectors of one mandate.
pub const MAX_INSPECTORS: usize = 16;
/// Longest name of a body and longest legal basis, in bytes.
pub const MAX_WORDS_BYTES: usize = 256;

/// What an oversight body may see.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Mandate {
    /// The oversight body, in English.
    #[n(0)]
    pub body: String,
    /// Its name in Korean.
    #[n(1)]
    pub body_ko: Option<String>,
    /// Its name in Japanese.
    #[n(2)]
    pub body_ja: Option<String>,
    /// The inspectors who act for it.
    #[n(3)]
    pub inspectors: BTreeSet<PersonId>,
    /// The first day whose acts they may ask about.
    #[n(4)]
    pub from: CivilDay,
    /// The last such day.
    #[n(5)]
    pub until: CivilDay,
    /// The fields of leaves that are opened to them.
    #[n(6)]
    pub fields: BTreeSet<u8>,
    /// The law or decision that the mandate rests on.
    #[n(7)]
    pub basis: String,
}

/// Why a mandate does not reach what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outside {
    /// It was ended.
    #[error("mandate: it has ended")]
    Ended,
    /// Someone else's.
    #[error("mandate: it does not name this inspector")]
    Inspector,
    /// The days asked about are not within its own, or run backwards.
    #[error("period: the days from first to last must lie within those of the mandate")]
    Period,
}

impl Mandate {
    /// Checks what no type carries.
    ///
    /// # Errors
    /// The first field that breaks a rule.
    pub fn check(&self) -> Result<(), Malformed> {
        words("body", &self.body)?;
        [&self.body_ko, &self.body_ja].into_iter().flatten().try_for_each(|name| words("body", name))?;
        words("basis", &self.basis)?;
        let count = self.inspectors.len();
        if count == 0 || count > MAX_INSPECTORS {
            return Err(Malformed::new("inspectors", "1 to 16 people", &count.to_string()));
        }
        if self.until < self.from || self.until > CivilDay::END {
            let found = format!("{} to {}", self.from, self.until);
            return Err(Malformed::new("period", "a first day and a last one not before it", &found));
        }
        self.check_fields()
    }

    fn check_fields(&self) -> Result<(), Malformed> {
        let wrong = |rule, field: usize| Err(Malformed::new("fields", rule, &field.to_string()));
        if let Some(field) = self.fields.iter().find(|field| usize::from(**field) >= FIELD_EVENT) {
            return wrong("fields 0 to 14; no mandate opens field 15", usize::from(*field));
        }
        // Without the act no leaf can be counted, without the day no period be shown complete.
        let opens = |field: usize| self.fields.iter().any(|opened| usize::from(*opened) == field);
        match [FIELD_ACT, FIELD_DAY].into_iter().find(|field| !opens(*field)) {
            Some(field) => wrong("fields with the act (0) and the day (6) among them", field),
            None => Ok(()),
        }
    }
}

fn words(what: &'static str, text: &str) -> Result<(), Malformed> {
    if text.trim().is_empty() || text.len() > MAX_WORDS_BYTES || text.chars().any(char::is_control) {
        return Err(Malformed::new(what, "1 to 256 bytes without control characters", text));
    }
    Ok(())
}

/// A mandate on record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Given {
    /// What it says.
    #[n(0)]
    pub mandate: Mandate,
    /// By whom it was given.
    #[n(1)]
    pub by: PersonId,
    /// Index of the entry that recorded it.
    #[n(2)]
    pub index: u64,
    /// Index of the entry that ended it.
    #[n(3)]
    pub ended: Option<u64>,
}

impl Given {
    /// Whether the inspector may ask about the days from `from` to `until`, both included.
    ///
    /// # Errors
    /// What the mandate does not reach.
    pub fn reaches(&self, inspector: &PersonId, from: CivilDay, until: CivilDay) -> Result<(), Outside> {
        if self.ended.is_some() {
            return Err(Outside::Ended);
        }
        if !self.mandate.inspectors.contains(inspector) {
            return Err(Outside::Inspector);
        }
        if from < self.mandate.from || until > self.mandate.until || until < from {
            return Err(Outside::Period);
        }
        Ok(())
    }
}

/// A report on record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Made {
    /// The mandate.
    #[n(0)]
    pub mandate: Digest,
    /// The first day that it is on.
    #[n(1)]
    pub from: CivilDay,
    /// The last day.
    #[n(2)]
    pub until: CivilDay,
    /// The signed figures for the public, where the Parties agreed how those are told.
    #[n(3)]
    pub public: Option<Digest>,
    /// The inspector to whom it was given.
    #[n(4)]
    pub by: PersonId,
    /// Index of the entry that recorded it.
    #[n(5)]
    pub index: u64,
    /// Who counted it again and signed what the public is told of it, in the order in which they did.
    #[n(6)]
    pub cosigned: Vec<Cosigned>,
}

/// One inspector's signature on what the public is told of a report.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Cosigned {
    /// The inspector.
    #[n(0)]
    pub by: PersonId,
    /// Digest of the notice in which the node vouches for the inspector's keys, with the signed statement in it.
    #[n(1)]
    pub notice: Digest,
}

/// Why an inspector cannot cosign a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncosigned {
    /// No such report, or of a mandate that names others. One answer for both: an inspector learns nothing of others' mandates.
    #[error(
        "report: no report with these figures for the public was made under a mandate that names this inspector"
    )]
    Unknown,
    /// Its mandate was ended.
    #[error("mandate: it has ended")]
    Ended,
    /// One inspector twice.
    #[error("signer: this inspector has cosigned it already")]
    Twice,
}

/// Every mandate, by the digest of the statement that gave it, and every report under them, by its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Mandates {
    #[n(0)]
    given: BTreeMap<Digest, Given>,
    #[n(1)]
    made: BTreeMap<Digest, Made>,
    /// Reports with figures for the public, in order.
    #[n(2)]
    public: Vec<Digest>,
}

impl Mandates {
    /// Folds entry number `index`.
    pub fn apply(&mut self, index: u64, act: &Act) {
        match act {
            Act::MandateGiven { mandate, statement, by } => {
                let given = Given { mandate: mandate.clone(), by: by.clone(), index, ended: None };
                self.given.entry(*statement).or_insert(given);
            }
            Act::MandateEnded { mandate, .. } => {
                if let Some(given) = self.given.get_mut(mandate) {
                    given.ended.get_or_insert(index);
                }
            }
            Act::ReportMade { mandate, from, until, report, public, by } => {
                let (from, until, by) = (*from, *until, by.clone());
                let (mandate, cosigned) = (*mandate, Vec::new());
                self.made
                    .insert(*report, Made { mandate, from, until, public: *public, by, index, cosigned });
                self.public.extend(public.map(|_| *report));
            }
            Act::ReportCosigned { report, notice, by, .. } => {
                if let Some(made) = self.made.get_mut(report) {
                    made.cosigned.push(Cosigned { by: by.clone(), notice: *notice });
                }
            }
            _ => {}
        }
    }

    /// The reports with figures for the public, the newest first.
    pub fn public(&self) -> impl Iterator<Item = (&Digest, &Made)> {
        self.public.iter().rev().filter_map(|report| self.made.get_key_value(report))
    }

    /// Every report, in order of their digests.
    pub fn made(&self) -> impl Iterator<Item = (&Digest, &Made)> {
        self.made.iter()
    }

    /// The report whose signed figures for the public these are, where `by` may cosign it.
    ///
    /// # Errors
    /// [`Uncosigned`].
    pub fn cosignable(&self, public: &Digest, by: &PersonId) -> Result<&Digest, Uncosigned> {
        let mut made = self.made.iter();
        let (report, made) =
            made.find(|(_, made)| made.public.as_ref() == Some(public)).ok_or(Uncosigned::Unknown)?;
        let given = self.given.get(&made.mandate).filter(|given| given.mandate.inspectors.contains(by));
        match given.ok_or(Uncosigned::Unknown)?.ended {
            Some(_) => Err(Uncosigned::Ended),
            None if made.cosigned.iter().any(|cosigned| cosigned.by == *by) => Err(Uncosigned::Twice),
            None => Ok(report),
        }
    }

    /// The mandate that this statement gave.
    pub fn get(&self, statement: &Digest) -> Option<&Given> {
        self.given.get(statement)
    }

    /// All of them with their statements, in order of these.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Given)> {
        self.given.iter()
    }
}
