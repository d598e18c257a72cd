//! `attache inbox`: what arrived and waits for a desk officer.
//!
//! *Absent:* content. An arrival is sealed; it is opened only after it is admitted.

use crate::client::Client;
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::items::{banner, whole_id};
use attache_accord::Level;
use attache_gate::api;
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

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let arrivals: Vec<api::Arrival> = client.list("/v1/arrivals")?;
    match verb {
        Verb::List => {
            let lines: Vec<String> = arrivals.iter().map(line).collect();
            let text = if lines.is_empty() { "Nothing waits.".to_owned() } else { lines.join("\n") };
            Found::of(text, &arrivals)
        }
        Verb::Admit { dispatch, level } => {
            let id =
                whole_id("dispatch", &dispatch, arrivals.iter().map(|arrival| arrival.dispatch.as_str()))?;
            let arrival = arrivals.iter().find(|arrival| arrival.dispatch == id);
            let arrival = arrival.ok_or_else(|| Failed::misuse("dispatch: it does not wait here"))?;
            let admitted = admit(&client, arrival, level)?;
            let text = format!(
                "Admitted as {}; the receipt goes out by itself.\n{}\nNext: attache open {}",
                admitted.register_number,
                banner(&admitted.banner, context.language),
                admitted.item
            );
            Found::of(text, &admitted)
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
            let rule =
                format!("level: the table of Art. 4.2 leaves a choice; give one of {}", several.join(", "));
            return Err(Failed::misuse(rule));
        }
    };
    let body = Admission {
        dispatch: arrival.dispatch.parse().map_err(Failed::fault)?,
        package: arrival.package.parse().map_err(Failed::fault)?,
        own_level,
    };
    client.post(&format!("/v1/arrivals/{}/admission", arrival.dispatch), &client.sign(body)?)
}

fn line(arrival: &api::Arrival) -> String {
    let short: String = arrival.dispatch.chars().take(8).collect();
    let (level, levels) = (&arrival.marking.level, arrival.own_levels.join(" or "));
    let line = format!(
        "{short}  {:<12} {level:<12} {:<9} {:>12}  own level: {levels}",
        arrival.from, arrival.marking.kind, arrival.size
    );
    match (&arrival.origin, &arrival.hub_level) {
        (Some(origin), Some(hub)) => format!("{line}\n          of {origin}, passed on at {hub}"),
        _ => line,
    }
}
