//! `attache inbox`: what arrived and waits for a desk officer.
//!
//! *Absent:* content. An arrival is sealed; it is opened only after it is admitted.

use crate::agreement::texts::{Three, filled, lines_or, of};
use crate::client::Client;
use crate::context::Context;
use crate::found::{EXIT_MISUSE, Failed, Found};
use crate::ids::whole_id;
use crate::items::banner;
use attache_accord::Level;
use attache_gate::api;
use attache_release::Language;
use attache_seal::papers::Admission;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List what waits.
    #[command(after_help = "Example: attache inbox list --as desk-1")]
    List,
    /// Admit an arrival and give it the own level beside the originator's (Art. 4.2).
    #[command(after_help = "Example: attache inbox admit 90ab12 --level JPN:TOKUTEI --as desk-1")]
    Admit {
        /// The dispatch, or at least 6 digits of it.
        dispatch: String,
        /// The own level; needed where the table of Art. 4.2 leaves a choice.
        #[arg(long)]
        level: Option<Level>,
    },
}

const NOTHING: Three = ["기다리는 것이 없다.", "待っているものはない。", "Nothing waits."];
const NOT_HERE: Three =
    ["dispatch: 여기에서 기다리지 않는다", "dispatch: ここで待っていない", "dispatch: it does not wait here"];
const ADMITTED: Three = [
    "접수번호 {number}(으)로 접수했다. 수령증은 저절로 나간다.\n{banner}\n다음: attache open {item}",
    "登録番号 {number} として受け入れた。受領証は自動的に送られる。\n{banner}\n次に: attache open {item}",
    "Admitted as {number}; the receipt goes out by itself.\n{banner}\nNext: attache open {item}",
];
const CHOICE: Three = [
    "level: 제4조 2항의 표가 하나로 정하지 않는다. {levels} 가운데 하나를 준다",
    "level: 第4条2の表は一つに定めていない。{levels} のうち一つを与えること",
    "level: the table of Art. 4.2 leaves a choice; give one of {levels}",
];
const OWN_LEVEL: Three = ["자국 등급", "自国の区分", "own level"];
const OR: Three = [" 또는 ", " または ", " or "];
const PASSED_ON: Three = [
    "{origin}의 것, {hub}(으)로 전달됨",
    "{origin} のもの、{hub} として転送",
    "of {origin}, passed on at {hub}",
];

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let arrivals: Vec<api::Arrival> = client.list("/v1/arrivals")?;
    match verb {
        Verb::List => {
            let lines: Vec<String> = arrivals.iter().map(|it| line(it, context.language)).collect();
            Found::of(lines_or(&NOTHING, &lines, context.language), &arrivals)
        }
        Verb::Admit { dispatch, level } => {
            let id =
                whole_id("dispatch", &dispatch, arrivals.iter().map(|arrival| arrival.dispatch.as_str()))?;
            let arrival = arrivals.iter().find(|arrival| arrival.dispatch == id);
            let arrival = arrival.ok_or_else(|| Failed::in_three(EXIT_MISUSE, &NOT_HERE, &[]))?;
            let admitted = admit(&client, arrival, level)?;
            let places = [
                ("number", admitted.register_number.clone()),
                ("item", admitted.item.clone()),
                ("banner", banner(&admitted.banner, context.language)),
            ];
            Found::of(filled(&ADMITTED, context.language, &places), &admitted)
        }
    }
}

/// Signs and hands in an admission.
pub(crate) fn admit(
    client: &Client,
    arrival: &api::Arrival,
    level: Option<Level>,
) -> Result<api::Admitted, Failed> {
    let own_level = match (level, arrival.own_levels.as_slice()) {
        (Some(level), _) => level,
        (None, [only]) => only.parse().map_err(Failed::fault)?,
        (None, several) => {
            let places = [("levels", several.join(", "))];
            return Err(Failed::in_three(EXIT_MISUSE, &CHOICE, &places));
        }
    };
    let body = Admission {
        dispatch: arrival.dispatch.parse().map_err(Failed::fault)?,
        package: arrival.package.parse().map_err(Failed::fault)?,
        own_level,
    };
    client.post(&format!("/v1/arrivals/{}/admission", arrival.dispatch), &client.sign(body)?)
}

fn line(arrival: &api::Arrival, language: Language) -> String {
    let short: String = arrival.dispatch.chars().take(8).collect();
    let (level, levels) = (&arrival.marking.level, arrival.own_levels.join(of(&OR, language)));
    let line = format!(
        "{short}  {:<12} {level:<12} {:<9} {:>12}  {}: {levels}",
        arrival.from,
        arrival.marking.kind,
        arrival.size,
        of(&OWN_LEVEL, language)
    );
    match (&arrival.origin, &arrival.hub_level) {
        (Some(origin), Some(hub)) => {
            let places = [("origin", origin.clone()), ("hub", hub.clone())];
            format!("{line}\n          {}", filled(&PASSED_ON, language, &places))
        }
        _ => line,
    }
}
