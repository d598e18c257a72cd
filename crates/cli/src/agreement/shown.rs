//! The agreement as the node knows it: each Party apart, what differs, what is coming.
//!
//! *Absent:* one state for both.

use super::texts::{self, lines_or, of, word};
use crate::context::Context;
use crate::found::{Failed, Found};
use attache_gate::api;
use attache_release::{Language, visible};

/// Where the agreement stands.
pub(super) fn show(context: &Context) -> Result<Found, Failed> {
    let shown: api::Agreement = context.sign_in()?.get("/v1/agreement")?;
    let language = context.language;
    let mut lines = vec![
        format!(
            "{} {} · {} {}",
            shown.agreement,
            shown.pack_version,
            of(&texts::PACK, language),
            short(&shown.pack)
        ),
        word(texts::FORCE, &shown.force, language),
    ];
    for party in &shown.parties {
        lines.push(String::new());
        lines.extend(party_lines(party, shown.utc_offset_hours, language));
    }
    if shown.text.from.is_some() {
        lines.push(String::new());
        lines.push(format!(
            "{}: {}",
            of(&texts::TEXT_GIVES, language),
            effect(&shown.text, shown.utc_offset_hours)
        ));
        if shown.beyond_text {
            lines.push(format!("  {}", of(&texts::BEYOND, language)));
        }
    }
    if !shown.differing.is_empty() {
        lines.push(String::new());
        lines.push(format!("{}:", of(&texts::DIFFERS, language)));
        lines.extend(shown.differing.iter().map(|differing| {
            let party = differing.party.as_deref().unwrap_or_default();
            let what = word(texts::DIFFERING, &differing.what, language);
            format!("  {what} {party} ({})", differing.sides.join("; "))
        }));
    }
    lines.push(String::new());
    lines.push(format!("{}:", of(&texts::COMING, language)));
    lines.extend(deadlines(&shown.calendar, language));
    Found::of(lines.join("\n"), &shown)
}

/// What is coming.
pub(super) fn calendar(context: &Context) -> Result<Found, Failed> {
    let shown: api::Agreement = context.sign_in()?.get("/v1/agreement")?;
    Found::of(deadlines(&shown.calendar, context.language).join("\n"), &shown.calendar)
}

/// Every instrument, each Party's in order.
pub(super) fn record(context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let instruments: Vec<api::Instrument> = client.list("/v1/agreement/instruments")?;
    let agreement: api::Agreement = client.get("/v1/agreement")?;
    let (offset, language) = (agreement.utc_offset_hours, context.language);
    let line = |one: &api::Instrument| {
        let dated = one.dated.parse().map_or_else(|_| one.dated.clone(), |at| texts::civil(at, offset));
        let what = word(texts::STEP, &one.step, language);
        let about = one.about.as_deref().map(|about| format!(" {}", short(about))).unwrap_or_default();
        let remark =
            if one.remark.is_empty() { String::new() } else { format!(" — {}", on_one_line(&one.remark)) };
        format!(
            "{} {:>3}  {}  {what}{about}  ({}, {}){remark}  {}",
            one.party,
            one.number,
            dated,
            visible(&one.official),
            visible(&one.document),
            short(&one.digest)
        )
    };
    let lines: Vec<String> = instruments.iter().map(line).collect();
    Found::of(lines_or(&texts::NO_RECORD, &lines, language), &instruments)
}

fn party_lines(party: &api::PartyRecord, offset_hours: u8, language: Language) -> Vec<String> {
    let own = if party.own { format!(" ({})", of(&texts::OWN, language)) } else { String::new() };
    let mut lines = vec![format!("{}{own}  {}", party.party, word(texts::PHASE, &party.phase, language))];
    let mut add =
        |label: &texts::Three, text: String| lines.push(format!("  {}: {text}", of(label, language)));
    if party.length == 0 {
        add(&texts::DECLARES, of(&texts::NO_RECORD, language).to_owned());
        return lines;
    }
    add(&texts::DECLARES, effect(&party.declares, offset_hours));
    let gate = |gate: &api::Gate| {
        let day = gate.dated.parse().map_or_else(|_| gate.dated.clone(), |at| texts::civil(at, offset_hours));
        let skipped = gate
            .skipped
            .as_ref()
            .map(|why| format!(" {}: {}", of(&texts::SKIPPED, language), on_one_line(why)));
        let (gate, official, document) =
            (visible(&gate.gate), visible(&gate.official), visible(&gate.document));
        format!("{gate} {day} ({official}, {document}){}", skipped.unwrap_or_default())
    };
    if !party.gates.is_empty() {
        add(&texts::GATES, party.gates.iter().map(gate).collect::<Vec<_>>().join("; "));
    }
    if party.initialled.is_some() && !party.outstanding.is_empty() {
        add(&texts::OUTSTANDING, party.outstanding.join(", "));
    }
    if let Some(position) = &party.position {
        add(&texts::POSITION, on_one_line(position));
    }
    if !party.disputes.is_empty() {
        add(
            &texts::DISPUTES,
            party.disputes.iter().map(|dispute| short(dispute)).collect::<Vec<_>>().join(", "),
        );
    }
    lines
}

fn deadlines(calendar: &[api::Deadline], language: Language) -> Vec<String> {
    if calendar.is_empty() {
        return vec![format!("  {}", of(&texts::NOTHING, language))];
    }
    let line = |deadline: &api::Deadline| {
        let day = deadline.day.clone().unwrap_or_else(|| of(&texts::NO_DAY, language).to_owned());
        let party = deadline.party.as_deref().unwrap_or_default();
        let about = deadline.about.as_deref().map(short).unwrap_or_default();
        format!("  {day}  {} {party} {about}", word(texts::DUE, &deadline.due, language))
            .trim_end()
            .to_owned()
    };
    calendar.iter().map(line).collect()
}

fn effect(effect: &api::Effect, offset_hours: u8) -> String {
    let at = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    texts::span(at(&effect.from), at(&effect.until), offset_hours)
}

/// Words of a partner, which stand among lines of ours and may not look like one.
fn on_one_line(words: &str) -> String {
    visible(&words.replace('\n', " / "))
}

/// A digest by its first digits; anything else as it is, with nothing that hides.
fn short(text: &str) -> String {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { format!("{}…", text.get(..12).unwrap_or(text)) } else { visible(text) }
}
