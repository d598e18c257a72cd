//! Mandates of oversight, given and ended by the agreement office under the own key of one of its people, and what an inspector
//! signs under one.
//!
//! *Absent:* any other act of an inspector, who reads within a mandate and changes nothing.

use super::{Misuse, Step, opened, state};
use crate::engine::Plan;
use attache_accord::act::Act;
use attache_accord::mandate::Mandate;
use attache_accord::people::Role;
use attache_accord::view::View;
use attache_accord::{PersonId, Timestamp};
use attache_seal::papers::{MAX_MANDATE_BYTES, MandateEnd, Notice, ReportCosignature};
use attache_seal::statement::Signed;

/// Gives a mandate.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn give_mandate(view: &View, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Mandate>(view, now, signed)?;
    office(view, &by)?;
    let mandate = statement.body;
    for inspector in &mandate.inspectors {
        if !view.person(inspector)?.has(Role::Inspector) {
            return Err(state("inspectors", "each is on the roll with the role inspector; enrol them first"));
        }
    }
    if signed.to_bytes().len() > MAX_MANDATE_BYTES {
        return Err(state("mandate", "it is longer than fits into a report; shorten its words"));
    }
    if view.mandates.get(&signed.digest()).is_some() {
        return Err(state("mandate", "it was given already"));
    }
    Ok(step(view, Act::MandateGiven { mandate, statement: signed.digest(), by }, signed))
}

/// Ends a mandate.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn end_mandate(view: &View, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<MandateEnd>(view, now, signed)?;
    office(view, &by)?;
    let mandate = statement.body.mandate;
    let given =
        view.mandates.get(&mandate).ok_or_else(|| state("mandate", "no such mandate was given here"))?;
    if given.ended.is_some() {
        return Err(state("mandate", "it has ended already"));
    }
    Ok(step(view, Act::MandateEnded { mandate, statement: signed.digest(), by }, signed))
}

/// Records that an inspector cosigned what the public is told of a report. In `notice` the node vouches for the inspector's keys.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn cosign_report(view: &View, now: Timestamp, signed: &Signed, notice: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<ReportCosignature>(view, now, signed)?;
    if !view.person(&by)?.has(Role::Inspector) {
        return Err(state("signer", "this needs the role inspector"));
    }
    let vouched = notice.dangerously_unverified::<Notice>()?.body;
    if vouched.verifying.key_id() != statement.head.key || vouched.statement != signed.to_bytes() {
        // The inspector was enrolled anew in this very moment.
        return Err(Misuse::Key);
    }
    let public = statement.body.public;
    let report = *view.mandates.cosignable(&public, &by)?;
    let act = Act::ReportCosigned { report, public, statement: signed.digest(), notice: notice.digest(), by };
    let mut step = step(view, act, signed);
    step.plan.paper(notice.to_bytes());
    Ok(step)
}

fn office(view: &View, by: &PersonId) -> Result<(), Misuse> {
    match view.person(by)?.has(Role::AgreementOffice) {
        true => Ok(()),
        false => Err(state("signer", "this needs the role agreement-office")),
    }
}

fn step(view: &View, act: Act, signed: &Signed) -> Step {
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Step { plan, ruling: None }
}
