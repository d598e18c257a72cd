//! What the node signed: the report, and in it the mandate.
//!
//! *Absent:* a key of the person who gave the mandate that anyone but the node vouches for.

use crate::cards::Known;
use crate::folder::Folder;
use attache_accord::Digest;
use attache_accord::mandate::Mandate;
use attache_accord::oversight::FIELD_NAMES;
use attache_release::Extent;
use attache_seal::papers::{PublicFigures, Report};
use attache_seal::statement::{Signed, Statement};
use attache_tlog::Checkpoint;

/// A report that its node signed.
pub(super) struct Said {
    pub(super) report: Report,
    /// The rule pack under which it was signed.
    pub(super) pack: Digest,
    /// Digest of the signed mandate.
    pub(super) mandate: Digest,
    digest: Digest,
}

pub(super) fn read(
    folder: &Folder,
    known: &Known,
    checkpoint: &Checkpoint,
    place: &str,
) -> Result<Said, String> {
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    let claimed = signed.dangerously_unverified::<Report>().map_err(|error| error.to_string())?;
    let card = known.card_at(claimed.head.at).ok_or("signed while no card of its node was in force")?;
    let statement =
        signed.open::<Report>(&card.node_key, &known.expect()).map_err(|error| error.to_string())?;
    if statement.head.signer != known.node.as_str() {
        return Err("signed in another node's name".to_owned());
    }
    let report = statement.body;
    if (report.size, report.root.0) != (checkpoint.size, checkpoint.root.0) {
        return Err("it speaks of another tree than the checkpoint's".to_owned());
    }
    let mandate = Signed::from_bytes(&report.mandate).map_err(|error| format!("mandate: {error}"))?;
    Ok(Said { pack: statement.head.pack, mandate: mandate.digest(), digest: signed.digest(), report })
}

/// Figures for the public that their node signed, the pack under which it did, and their digest.
pub(super) fn public(
    folder: &Folder,
    known: &Known,
    place: &str,
) -> Result<(PublicFigures, Digest, Digest), String> {
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    let claimed = signed.dangerously_unverified::<PublicFigures>().map_err(|error| error.to_string())?;
    let card = known.card_at(claimed.head.at).ok_or("signed while no card of its node was in force")?;
    let opened = signed.open::<PublicFigures>(&card.node_key, &known.expect());
    let Statement { head, body } = opened.map_err(|error| error.to_string())?;
    if head.signer != known.node.as_str() {
        return Err("signed in another node's name".to_owned());
    }
    Ok((body, head.pack, signed.digest()))
}

impl Said {
    /// That the node signed these very figures for the public, of this report.
    pub(super) fn told(
        &self,
        folder: &Folder,
        known: &Known,
        place: &str,
        json: &[u8],
    ) -> Result<(), String> {
        let (body, ..) = public(folder, known, place)?;
        if body.report != self.digest || body.root != self.report.root || body.figures != json {
            return Err("it is of another report, or of other figures".to_owned());
        }
        Ok(())
    }

    /// The mandate, where it reaches the days of the report and names the fields that are opened.
    pub(super) fn mandate(&self, known: &Known, extent: &Extent) -> Result<Mandate, String> {
        let Report { mandate, giver, from, until, .. } = &self.report;
        let signed = Signed::from_bytes(mandate).map_err(|error| error.to_string())?;
        let opened = signed.open::<Mandate>(giver, &known.expect());
        let mandate = opened.map_err(|error| error.to_string())?.body;
        if *from < mandate.from || *until > mandate.until {
            return Err(format!(
                "the report is on {from} to {until}, the mandate on {} to {}",
                mandate.from, mandate.until
            ));
        }
        if let Some(field) = extent.fields.iter().find(|field| !mandate.fields.contains(field)) {
            let name = FIELD_NAMES.get(usize::from(*field)).copied().unwrap_or("none");
            return Err(format!("field {field} ({name}) is opened, and the mandate does not name it"));
        }
        if let Some(field) = mandate.fields.iter().find(|field| !extent.fields.contains(field)) {
            return Err(format!("field {field} is named by the mandate and not opened"));
        }
        if !extent.fields.is_sorted_by(|one, other| one < other) {
            return Err("the fields that are opened do not stand in order".to_owned());
        }
        Ok(mandate)
    }
}
