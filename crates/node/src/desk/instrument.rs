//! The agreement office's acts: what the own Party does about the agreement, signed by a person of that office.
//!
//! *Absent:* the partner's acts, which arrive by `notices`, and any way to take an instrument back. Another one follows it.

use super::{Misuse, Step, opened, state};
use crate::engine::Plan;
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::lifecycle::Instrument;
use attache_accord::people::Role;
use attache_accord::view::{Unknown, View};
use attache_release::Pack;
use attache_seal::papers::MAX_NOTED_BYTES;
use attache_seal::statement::Signed;

/// Adds an instrument to the own Party's record.
///
/// # Errors
/// [`Misuse`] names the field and what the record or the pack demands first.
pub fn instrument(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Instrument>(view, now, signed)?;
    let instrument = statement.body;
    let own = view.identity.as_ref().ok_or(Unknown::Unfounded)?.party;
    if !view.person(&by)?.has(Role::AgreementOffice) {
        return Err(state("signer", "an instrument needs the role agreement-office"));
    }
    if instrument.party != own {
        return Err(state(
            "party",
            "each Party keeps its own record; the partner's comes from the partner's node",
        ));
    }
    if signed.to_bytes().len() > MAX_NOTED_BYTES {
        return Err(state(
            "remark",
            "the instrument is longer than can be brought to a partner; shorten its texts",
        ));
    }
    if instrument.dated > now {
        return Err(state("dated", "a document is dated on the day it is recorded or before"));
    }
    let records = view.lifecycle.records();
    let empty = Default::default();
    records.get(&own).unwrap_or(&empty).admits(&instrument, records, pack.terms())?;
    let act = Act::InstrumentMade { instrument, statement: signed.digest(), by };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}
