//! `attache register`, `attache receipt` and `attache explain`: what is on record.
//!
//! *Absent:* changes. Nothing here writes.

use crate::context::Context;
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::handled::told_copies;
use crate::items::{MORE, search, whole_id};
use attache_accord::Digest;
use attache_gate::api;
use attache_seal::papers::{Card, Receipt};
use attache_seal::statement::{Expect, Signed};
use clap::Subcommand;
use data_encoding::BASE64;
use serde_json::json;

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

#[derive(Subcommand)]
pub(crate) enum ReceiptVerb {
    /// List receipts, received and given.
    #[command(after_help = "Example: attache receipt list --as registrar-1")]
    List,
    /// Show the receipt for one dispatch.
    #[command(after_help = "Example: attache receipt show 90ab12 --as registrar-1")]
    Show {
        /// The dispatch, or at least 6 digits of it.
        dispatch: String,
    },
    /// Verify a receipt here, under the card of the node that signed it.
    #[command(after_help = "Example: attache receipt verify 90ab12 --as registrar-1")]
    Verify {
        /// The dispatch, or at least 6 digits of it.
        dispatch: String,
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

pub(crate) fn receipt(verb: &ReceiptVerb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let receipts: Vec<api::ReceiptFacts> = client.list("/v1/receipts")?;
    let one = |given: &str| -> Result<api::ReceiptFacts, Failed> {
        let id = whole_id("dispatch", given, receipts.iter().map(|receipt| receipt.dispatch.as_str()))?;
        client.get(&format!("/v1/receipts/{id}"))
    };
    match verb {
        ReceiptVerb::List => {
            let lines: Vec<String> = receipts.iter().map(line).collect();
            let text = if lines.is_empty() { "No receipts yet.".to_owned() } else { lines.join("\n") };
            Found::of(text, &receipts)
        }
        ReceiptVerb::Show { dispatch } => {
            let receipt = one(dispatch)?;
            let text = format!(
                "{}\n  package    {}\n  admission  entry {} of {}\n  leaf hash  {}\n  proof due  {}\n  promise    {}",
                line(&receipt),
                receipt.package,
                receipt.leaf_index,
                receipt.log_origin,
                receipt.leaf_hash,
                receipt.proof_due,
                receipt.promise
            );
            Found::of(text, &receipt)
        }
        ReceiptVerb::Verify { dispatch } => {
            let receipt = one(dispatch)?;
            let gone = || Failed::misuse("signer: no card of that day is accepted here any more");
            let card = receipt.card.clone().ok_or_else(gone)?;
            verify(&receipt, &card)
        }
    }
}

fn verify(receipt: &api::ReceiptFacts, card: &str) -> Result<Found, Failed> {
    let checked = check(receipt, card);
    let document = json!({
        "dispatch": receipt.dispatch,
        "proved": checked.is_ok(),
        "signer": receipt.signer,
        "problem": checked.as_ref().err(),
    });
    match checked {
        Ok(()) => Found::of(
            format!(
                "Proved: {} signed that package {} was {} as entry {} of its log.\n\
                 Not shown here: that the entry is in the log; attache evidence and attache verify show it.",
                receipt.signer, receipt.package, receipt.outcome, receipt.leaf_index
            ),
            &document,
        ),
        Err(problem) => {
            Ok(Found { text: format!("Not proved: {problem}"), json: document, code: EXIT_REFUSED })
        }
    }
}

/// Signature under the card's node key, package named by its digest, both for the same dispatch.
fn check(receipt: &api::ReceiptFacts, card: &str) -> Result<(), String> {
    let signed = |text: &str| -> Result<Signed, String> {
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| "not base64".to_owned())?;
        Signed::from_bytes(&bytes).map_err(|error| error.to_string())
    };
    let card = signed(card)?.dangerously_unverified::<Card>().map_err(|error| error.to_string())?;
    let expect = Expect { network: card.head.network, agreement: &card.head.agreement, pack: None };
    let stated = signed(&receipt.statement)?
        .open::<Receipt>(&card.body.node_key, &expect)
        .map_err(|error| error.to_string())?;
    let package: Digest = signed(&receipt.package_statement)?.digest();
    if stated.body.package != package {
        return Err("the receipt names another package".to_owned());
    }
    if stated.body.dispatch.to_string() != receipt.dispatch {
        return Err("the receipt is for another dispatch".to_owned());
    }
    Ok(())
}

fn line(receipt: &api::ReceiptFacts) -> String {
    let short: String = receipt.dispatch.chars().take(8).collect();
    let number = receipt.number.as_deref().unwrap_or("-");
    format!("{short}  {:<8} {number:<20} {:<9} by {}", receipt.direction, receipt.outcome, receipt.signer)
}
