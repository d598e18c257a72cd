//! `attache mandate`: what an oversight body may see of this node's acts.
//!
//! *Absent:* rules. The node says whether a mandate may be given.

use crate::agreement::texts::{Three, filled, lines_or, of};
use crate::context::Context;
use crate::explain::pick;
use crate::found::{EXIT_FAULT, Failed, Found};
use crate::ids::whole_id;
use attache_accord::mandate::Mandate;
use attache_accord::oversight::FIELD_NAMES;
use attache_accord::{CivilDay, PersonId};
use attache_gate::api;
use attache_release::Language;
use attache_seal::papers::MandateEnd;
use clap::{Args, Subcommand};
use std::collections::BTreeSet;
use std::str::FromStr;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Give an oversight body a mandate. Needs the agreement office.
    #[command(
        after_help = "Example: attache mandate give --body \"Committee on Intelligence\" --inspector inspector-1 --from \
        2026-01-01 --until 2026-12-31 --basis \"resolution 12\" --as office-1"
    )]
    Give(Box<Give>),
    /// List mandates; an inspector sees their own.
    #[command(after_help = "Example: attache mandate list --as inspector-1")]
    List,
    /// End a mandate. Needs the agreement office.
    #[command(
        after_help = "Example: attache mandate end 5d0c1e --reason \"the inquiry is closed\" --as office-1"
    )]
    End {
        /// The mandate, or at least 6 digits of it.
        mandate: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args)]
pub(crate) struct Give {
    /// The oversight body, in English.
    #[arg(long)]
    body: String,
    /// Its name in Korean.
    #[arg(long)]
    body_ko: Option<String>,
    /// Its name in Japanese.
    #[arg(long)]
    body_ja: Option<String>,
    /// An inspector who acts for it; several times for several.
    #[arg(long = "inspector", required = true)]
    inspectors: Vec<PersonId>,
    /// The first day whose acts may be asked about.
    #[arg(long)]
    from: CivilDay,
    /// The last such day.
    #[arg(long)]
    until: CivilDay,
    /// A field of leaves that is opened, by its name; several times for several. Act and day are always among them. Without
    /// this: act, article, direction, partner, kind, level, day, outcome, duration, due and pair.
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<Field>,
    /// The law or decision that the mandate rests on.
    #[arg(long)]
    basis: String,
}

/// A field of leaves by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field(u8);

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = (0..).zip(FIELD_NAMES).find(|(_, name)| *name == text).map(|(number, _)| Self(number));
        found.ok_or_else(|| format!("one of {}", FIELD_NAMES.join(", ")))
    }
}

const SHOWN: Three = [
    "{mandate}  {body}\n  {from}부터 {until}까지, {state}. 근거: {basis} (항목 {index}, {by})\n  감사관      {inspectors}\n  여는 필드   \
     {fields}",
    "{mandate}  {body}\n  {from}から{until}まで、{state}。根拠: {basis} (項目{index}、{by})\n  監察官      {inspectors}\n  開く欄      \
     {fields}",
    "{mandate}  {body}\n  {from} to {until}, {state}; {basis} (entry {index}, by {by})\n  inspectors  {inspectors}\n  opens       \
     {fields}",
];
const LASTS: Three = ["유효함", "有効", "lasts"];
const ENDED_BY: Three = ["항목 {index}(으)로 종료", "項目{index}により終了", "ended by entry {index}"];
const NEXT: Three = [
    "다음: 감사관이 보고서를 만든다. attache report make --mandate {mandate}",
    "次に: 監察官が報告書を作る。attache report make --mandate {mandate}",
    "Next: an inspector makes a report by attache report make --mandate {mandate}",
];
const NONE: Three = ["기록된 감독 위임이 없다.", "記録された監督委任はない。", "No mandate is on record."];
const ENDED: Three = [
    "감독 위임 {mandate}이(가) 종료되었다. 항목 {index}이다.",
    "監督委任 {mandate} は終了した。項目{index}である。",
    "Mandate {mandate} has ended; that is entry {index}.",
];
const MISSING: Three = [
    "감독 위임이 기록된 것 가운데 없다",
    "監督委任が記録されたものの中にない",
    "the mandate is not among those on record",
];

/// What is opened where nothing else is said: what the figures of a report are counted from.
const USUAL: [u8; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11];
/// What no report can do without.
const ALWAYS: [u8; 2] = [0, 6];

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    match verb {
        Verb::Give(give) => {
            let stated = client.sign(give.mandate())?;
            let recorded: api::Recorded = client.post("/v1/mandates", &stated)?;
            let given: Vec<api::Mandate> = client.list("/v1/mandates")?;
            let given = given.into_iter().find(|given| given.index == recorded.index);
            let given = given.ok_or_else(|| Failed::in_three(EXIT_FAULT, &MISSING, &[]))?;
            let next = filled(&NEXT, context.language, &[("mandate", given.mandate.clone())]);
            Found::of(format!("{}\n{next}", shown(&given, context.language)), &given)
        }
        Verb::List => {
            let given: Vec<api::Mandate> = client.list("/v1/mandates")?;
            let lines: Vec<String> = given.iter().map(|given| shown(given, context.language)).collect();
            Found::of(lines_or(&NONE, &lines, context.language), &given)
        }
        Verb::End { mandate, reason } => {
            let given: Vec<api::Mandate> = client.list("/v1/mandates")?;
            let whole = whole_id("mandate", &mandate, given.iter().map(|given| given.mandate.as_str()))?;
            let body = MandateEnd { mandate: whole.parse().map_err(Failed::misuse)?, reason };
            let stated = client.sign(body)?;
            let ended: api::Recorded = client.post(&format!("/v1/mandates/{whole}/ending"), &stated)?;
            let places = [("mandate", whole), ("index", ended.index.to_string())];
            Found::of(filled(&ENDED, context.language, &places), &ended)
        }
    }
}

impl Give {
    fn mandate(self) -> Mandate {
        let named: BTreeSet<u8> = self.fields.iter().map(|field| field.0).chain(ALWAYS).collect();
        Mandate {
            body: self.body,
            body_ko: self.body_ko,
            body_ja: self.body_ja,
            inspectors: self.inspectors.into_iter().collect(),
            from: self.from,
            until: self.until,
            fields: if self.fields.is_empty() { USUAL.into() } else { named },
            basis: self.basis,
        }
    }
}

fn shown(given: &api::Mandate, language: Language) -> String {
    let state = match given.ended {
        None => of(&LASTS, language).to_owned(),
        Some(index) => filled(&ENDED_BY, language, &[("index", index.to_string())]),
    };
    let places = [
        ("mandate", given.mandate.clone()),
        ("from", given.from.clone()),
        ("until", given.until.clone()),
        ("state", state),
        ("index", given.index.to_string()),
        ("by", given.by.clone()),
        ("inspectors", given.inspectors.join(", ")),
        ("fields", given.fields.join(", ")),
        // Last: what people wrote may look like a place.
        ("body", pick(&given.body, language).to_owned()),
        ("basis", given.basis.clone()),
    ];
    filled(&SHOWN, language, &places)
}
