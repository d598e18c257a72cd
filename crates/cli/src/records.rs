//! `attache register`: what is entered.
//!
//! *Absent:* changes. Nothing here writes.

use crate::context::Context;
use crate::found::{Failed, Found};
use crate::handled::told_copies;
use crate::items::{MORE, search};
use attache_gate::api;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum RegisterVerb {
    /// List the register, or the entries of own items whose titles have all of the words.
    #[command(
        after_help = "Example: attache register list --as registrar-1\nExample: attache register list --search 야간 --as \
        analyst-1"
    )]
    List {
        /// A word that must be in the title; several times for several. For those who may see titles.
        #[arg(long = "search", value_name = "WORD")]
        words: Vec<String>,
    },
    /// Show one entry with its movements.
    #[command(after_help = "Example: attache register show JPN-R-2026-000001 --as registrar-1")]
    Show {
        /// Control or register number.
        number: String,
    },
}

pub(crate) fn register(verb: &RegisterVerb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    match verb {
        RegisterVerb::List { words } => {
            let mut entries: Vec<api::Registered> = client.list("/v1/register")?;
            let found = (!words.is_empty()).then(|| search(&client, words)).transpose()?;
            if let Some(found) = &found {
                entries.retain(|entry| found.items.iter().any(|item| item.item == entry.item));
            }
            let mut lines: Vec<String> = entries.iter().map(registered).collect();
            if found.is_some_and(|found| !found.is_all) {
                lines.push(MORE.to_owned());
            }
            let none = if words.is_empty() { "The register is empty." } else { "No entry has these words." };
            let text = if lines.is_empty() { none.to_owned() } else { lines.join("\n") };
            Found::of(text, &entries)
        }
        RegisterVerb::Show { number } => {
            let entry: api::Registered = client.get(&format!("/v1/register/{number}"))?;
            let mut lines = vec![registered(&entry), format!("  item     {}", entry.item)];
            lines.extend(entry.movements.iter().map(|moved| {
                format!(
                    "  {}  {:<10} {}",
                    moved.at,
                    moved.movement,
                    moved.what.as_deref().unwrap_or_default()
                )
            }));
            if !entry.copies.is_empty() {
                lines.push(told_copies(&entry.copies, context.language));
            }
            Found::of(lines.join("\n"), &entry)
        }
    }
}

fn registered(entry: &api::Registered) -> String {
    let partner = entry.partner.as_deref().unwrap_or("-");
    let level = entry.level.as_deref().unwrap_or("-");
    let own = entry.own_level.as_ref().map(|own| format!(" / {own}")).unwrap_or_default();
    let last = entry.movements.last().map_or("entered", |moved| moved.movement.as_str());
    format!(
        "{}  {:<3} {partner:<12} {level}{own}  {}  {last}",
        entry.number, entry.direction, entry.entered_at
    )
}
