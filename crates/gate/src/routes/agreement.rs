//! The agreement's life: what is on record, and the agreement office's own instruments.
//!
//! *Absent:* one state of the agreement. Each Party's record is shown as its own, with what differs.

use super::{Answer, carry_out, paper, statement};
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use attache_accord::agreement::{Force, Position, Terms, force};
use attache_accord::lifecycle::{
    Deadline, Divergence, Due, Holds, Instrument, Kept, Notice, Record, Step, calendar, divergences, reading,
};
use attache_accord::{Party, Timestamp};
use attache_node::desk;
use axum::Json;
use axum::extract::State;
use data_encoding::BASE64;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(agreement)).routes(routes!(instruments, instrument))
}

/// The agreement as this node knows it: each Party's record, what differs, what is coming.
#[utoipa::path(get, path = "/v1/agreement",
    responses((status = 200, body = api::Agreement), (status = "default", body = api::Problem)))]
async fn agreement(State(gate): State<Gate>) -> Answer<api::Agreement> {
    let (office, at) = (gate.office(), gate.now());
    let (view, terms) = (office.view.read(), office.pack.terms());
    let records = view.lifecycle.records();
    let empty = Record::default();
    let parties = terms.parties.iter().map(|party| {
        let own = *party == office.identity.party;
        party_record(*party, own, records.get(party).unwrap_or(&empty), at, terms)
    });
    let text = reading(records, terms);
    Ok(Json(api::Agreement {
        agreement: terms.agreement.clone(),
        pack: office.pack.digest().to_string(),
        pack_version: office.pack.version().to_owned(),
        force: match force(&terms.parties, &view.positions, at) {
            Force::InForce => "in-force",
            Force::Divergent => "divergent",
            Force::NotInForce => "not-in-force",
        }
        .to_owned(),
        utc_offset_hours: terms.utc_offset_hours,
        parties: parties.collect(),
        text: effect(&text.holds),
        beyond_text: text.beyond_text,
        differing: divergences(&view.lifecycle, terms).iter().map(differing).collect(),
        calendar: calendar(records, at, terms).iter().map(deadline).collect(),
    }))
}

/// Every instrument on record, each Party's in order.
#[utoipa::path(get, path = "/v1/agreement/instruments",
    responses((status = 200, body = Vec<api::Instrument>), (status = "default", body = api::Problem)))]
async fn instruments(State(gate): State<Gate>) -> Answer<Vec<api::Instrument>> {
    let records = gate.office().view.read().lifecycle.records().clone();
    let kept = records.values().flat_map(Record::kept);
    Ok(Json(kept.map(|kept| show(&gate, kept)).collect::<Result<_, Problem>>()?))
}

/// Adds an instrument to the own Party's record. It is brought to the partners by itself.
#[utoipa::path(post, path = "/v1/agreement/instruments", request_body = api::Stated,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn instrument(State(gate): State<Gate>, Sent(stated): Sent<api::Stated>) -> Answer<api::Recorded> {
    let signed = statement(&stated)?;
    let pack = Arc::clone(&gate.office().pack);
    let done = carry_out(&gate, |view, now| desk::instrument(view, &pack, now, &signed)).await?;
    Ok(Json(api::Recorded { index: done.first_index.unwrap_or_default() }))
}

fn show(gate: &Gate, kept: &Kept) -> Result<api::Instrument, Problem> {
    let Instrument { party, number, seen, step, official, document, dated, holds, remark, .. } =
        &kept.instrument;
    let about = match step {
        Step::Proposed { text, .. }
        | Step::Initialled { text }
        | Step::Signed { text }
        | Step::AmendmentConsented { text, .. } => Some(text.to_string()),
        Step::GatePassed { gate } | Step::GateSkipped { gate } => Some(gate.clone()),
        Step::NoticeSuspended { notice }
        | Step::NoticeWithdrawn { notice }
        | Step::LawChangeAcknowledged { notice } => Some(notice.to_string()),
        Step::DisputeSettled { dispute } => Some(dispute.to_string()),
        Step::MilestoneReached { milestone } => Some(milestone.clone()),
        _ => None,
    };
    Ok(api::Instrument {
        party: party.to_string(),
        number: *number,
        digest: kept.digest.to_string(),
        step: step.as_str().to_owned(),
        about,
        official: official.clone(),
        document: document.clone(),
        dated: dated.to_string(),
        declares: effect(holds),
        remark: remark.clone(),
        seen: seen.iter().map(|(party, digest)| format!("{party} {digest}")).collect(),
        statement: BASE64.encode(&paper(gate, &kept.digest)?),
    })
}

fn effect(holds: &Holds) -> api::Effect {
    let shown = |at: Option<Timestamp>| at.map(|at| at.to_string());
    api::Effect { from: shown(holds.from), until: shown(holds.until) }
}

fn party_record(party: Party, own: bool, record: &Record, at: Timestamp, terms: &Terms) -> api::PartyRecord {
    let facts = record.facts();
    let dated = |text: &(attache_accord::Digest, Timestamp)| api::DatedText {
        text: text.0.to_string(),
        dated: text.1.to_string(),
    };
    let Holds { from, until } = facts.holds;
    api::PartyRecord {
        party: party.to_string(),
        own,
        length: record.len(),
        head: record.head().map(|head| head.to_string()),
        phase: record.phase(party, at, terms).as_str().to_owned(),
        in_force: Position { party, from, until }.in_force(at),
        declares: effect(&facts.holds),
        initialled: facts.initialled.as_ref().map(dated),
        gates: facts
            .gates
            .iter()
            .map(|passage| api::Gate {
                gate: passage.gate.clone(),
                official: passage.official.clone(),
                document: passage.document.clone(),
                dated: passage.dated.to_string(),
                skipped: passage.skipped.clone(),
            })
            .collect(),
        outstanding: record.outstanding(party, terms).into_iter().map(str::to_owned).collect(),
        withdrew: facts.withdrew.as_ref().map(|(at, why)| format!("{at}: {why}")),
        signed: facts.signed.as_ref().map(dated),
        notified: facts.notified.map(|at| at.to_string()),
        notice: match facts.notice {
            Notice::None => "none",
            Notice::Given { .. } => "given",
            Notice::Suspended { .. } => "suspended",
        }
        .to_owned(),
        notice_instrument: facts.notice.instrument().map(|digest| digest.to_string()),
        position: facts.position.clone(),
        amendments: facts.amendments.iter().map(dated).collect(),
        law_changes: facts
            .law_changes
            .iter()
            .map(|(digest, remark)| api::Announced { instrument: digest.to_string(), remark: remark.clone() })
            .collect(),
        disputes: facts.disputes.iter().map(ToString::to_string).collect(),
    }
}

fn span(holds: &Holds) -> String {
    let shown = |at: Option<Timestamp>| at.map_or_else(|| "…".to_owned(), |at| at.to_string());
    format!("{} – {}", shown(holds.from), shown(holds.until))
}

fn differing(divergence: &Divergence) -> api::Differing {
    let (what, party, sides) = match divergence {
        Divergence::Text { texts } => {
            ("text", None, texts.iter().map(|(party, text)| format!("{party} {text}")).collect())
        }
        Divergence::Effect { declared } => {
            let sides = declared.iter().map(|(party, holds)| format!("{party} {}", span(holds)));
            ("effect", None, sides.collect())
        }
        Divergence::Reading { party, declared, text, beyond_text } => {
            let by = if *beyond_text { "text (goes beyond it)" } else { "text" };
            (
                "reading",
                Some(party),
                vec![format!("{party} {}", span(declared)), format!("{by} {}", span(text))],
            )
        }
        Divergence::Undelivered { count } => ("undelivered", None, vec![count.to_string()]),
        Divergence::Contested(contested) => {
            ("contested", Some(&contested.party), vec![format!("{} {}", contested.number, contested.other)])
        }
    };
    api::Differing { what: what.to_owned(), party: party.map(ToString::to_string), sides }
}

fn deadline(deadline: &Deadline) -> api::Deadline {
    let (due, party, about) = match &deadline.due {
        Due::LastNotice => ("last-notice", None, None),
        Due::TermEnds => ("term-ends", None, None),
        Due::NoticeTakesEffect(party) => ("notice-takes-effect", Some(party), None),
        Due::Gate(party, gate) => ("gate", Some(party), Some(gate.clone())),
        Due::Signature(party) => ("signature", Some(party), None),
        Due::Notification(party) => ("notification", Some(party), None),
        Due::Declaration(party) => ("declaration", Some(party), None),
        Due::SuspendedNotice(party) => ("suspended-notice", Some(party), None),
        Due::Consent(party, text) => ("consent", Some(party), Some(text.to_string())),
        Due::Acknowledgement(party, notice) => ("acknowledgement", Some(party), Some(notice.to_string())),
    };
    api::Deadline {
        day: deadline.day.map(|day| day.to_string()),
        due: due.to_owned(),
        party: party.map(ToString::to_string),
        about,
    }
}
