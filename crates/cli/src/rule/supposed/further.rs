//! What a supposed question is about beside an item and a person: where it would go, a copy, a translation, a contractor, a
//! visit.
//!
//! *Absent:* whether they suffice.

use super::{cleared, parsed};
use crate::found::Failed;
use attache_accord::Timestamp;
use attache_accord::marking::Level;
use attache_accord::particulars::{Contractor, Purpose, Reproduction, Translation, Visit};
use attache_accord::party::{FacilityName, Party, PersonId};
use attache_accord::people::{Clearance, Person};
use attache_accord::ruling::{Assured, Recipient};
use clap::Args;

#[derive(Args)]
pub(super) struct Further {
    /// The Party that would receive it.
    #[arg(long)]
    to: Option<Party>,
    /// What the recipient assured of one of its people: a level, or a level and its end.
    #[arg(long = "assured", value_name = "LEVEL..UNTIL")]
    assurances: Vec<String>,
    /// Who asked for the release.
    #[arg(long)]
    pub(super) requester: Option<PersonId>,
    /// The level chosen, on admission or for a lower level.
    #[arg(long, value_name = "LEVEL")]
    pub(super) choose: Option<Level>,
    /// What else it would be used for.
    #[arg(long)]
    pub(super) purpose: Option<Purpose>,
    /// Which copy of how many that are needed, as 2/3.
    #[arg(long, value_name = "NUMBER/NEEDED")]
    copy: Option<String>,
    /// The copy lacks the original markings.
    #[arg(long, requires = "copy")]
    unmarked: bool,
    /// The translator's clearance, as that of whoever asks.
    #[arg(long, value_name = "LEVEL..UNTIL")]
    translator: Option<String>,
    /// The translation lacks its notation.
    #[arg(long, requires = "translator")]
    without_notation: bool,
    /// The contractor's facility.
    #[arg(long)]
    contractor: Option<FacilityName>,
    /// Whose contractor; without it, the holder's.
    #[arg(long, requires = "contractor")]
    contractor_party: Option<Party>,
    /// Up to which level the facility is cleared, and until when.
    #[arg(long, requires = "contractor", value_name = "LEVEL..UNTIL")]
    facility_clearance: Option<String>,
    /// Until when the facility's last inspection is good.
    #[arg(long, requires = "contractor", value_name = "DATE")]
    inspected_until: Option<Timestamp>,
    /// Who is responsible at the facility.
    #[arg(long, requires = "contractor")]
    responsible: Option<PersonId>,
    /// Everyone with access at the facility is cleared, briefed and registered.
    #[arg(long, requires = "contractor")]
    staff_registered: bool,
    /// The visit's purpose is official.
    #[arg(long)]
    official: bool,
    /// The Party that approved the visit.
    #[arg(long, value_name = "PARTY")]
    visit_approved_by: Option<Party>,
    /// The highest level that may be disclosed at the visit.
    #[arg(long, value_name = "LEVEL")]
    highest: Option<Level>,
}

impl Further {
    pub(super) fn recipient(&self, soon: Timestamp) -> Result<Option<Recipient>, Failed> {
        let Some(party) = self.to else { return Ok(None) };
        let mut assurances = Vec::new();
        for text in &self.assurances {
            let Clearance { level, until } = cleared("assured", text, soon)?;
            assurances.push(Assured { person: parsed("assured", "their-person")?, level, expires: until });
        }
        Ok(Some(Recipient { party, node: None, assurances }))
    }

    pub(super) fn copy(&self) -> Result<Option<Reproduction>, Failed> {
        let Some(text) = &self.copy else { return Ok(None) };
        let numbers = text.split_once('/').map(|(number, needed)| (number.parse(), needed.parse()));
        let Some((Ok(number), Ok(needed))) = numbers else {
            return Err(Failed::misuse(format!("copy: NUMBER/NEEDED, such as 2/3, not {text:?}")));
        };
        Ok(Some(Reproduction { number, needed, is_marked: !self.unmarked }))
    }

    pub(super) fn translation(&self, holder: Party, soon: Timestamp) -> Result<Option<Translation>, Failed> {
        let Some(text) = &self.translator else { return Ok(None) };
        let translator = Person {
            id: parsed("translator", "translator")?,
            party: holder,
            roles: Default::default(),
            clearance: Some(cleared("translator", text, soon)?),
            duties: Default::default(),
        };
        Ok(Some(Translation { translator, has_notation: !self.without_notation }))
    }

    pub(super) fn contractor(&self, holder: Party, soon: Timestamp) -> Result<Option<Contractor>, Failed> {
        let Some(facility) = &self.contractor else { return Ok(None) };
        let held = self.facility_clearance.as_deref();
        Ok(Some(Contractor {
            facility: facility.clone(),
            party: self.contractor_party.unwrap_or(holder),
            cleared: held.map(|text| cleared("facility-clearance", text, soon)).transpose()?,
            inspected_until: self.inspected_until,
            responsible: self.responsible.clone(),
            is_staff_registered: self.staff_registered,
        }))
    }

    pub(super) fn visit(&self, soon: Timestamp) -> Visit {
        Visit {
            is_official: self.official,
            approved_by: self.visit_approved_by,
            until: soon,
            highest: self.highest.clone(),
        }
    }
}
