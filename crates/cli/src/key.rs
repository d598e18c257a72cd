//! `attache key`: how long the keys of this node and its partners are believed, and what is done about it.
//!
//! *Absent:* the Party root at rest in the node. It is brought from its safe, or by its custodians, and taken back.

mod ceremony;

use crate::context::Context;
use crate::found::{Failed, Found};
use crate::home::now;
use attache_accord::{NodeName, Timestamp};
use attache_gate::api;
use attache_seal::pair::SigningPair;
use attache_seal::papers::Card;
use clap::Subcommand;
use data_encoding::HEXLOWER;
use serde_json::json;
use std::path::PathBuf;

/// Days before a card's end at which the warning becomes more urgent.
const WARN_DAYS: [u64; 3] = [30, 7, 1];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List this node's keys and until when its card holds.
    #[command(after_help = "Example: attache key list --home seoul")]
    List,
    /// Give the Party root into the hands of several: any THRESHOLD of the custodians together are the root, fewer learn
    /// nothing of it. Each share is sealed under its custodian's own key file, or a passphrase that they type here.
    #[command(
        after_help = "Example: attache key ceremony --root safe/party-root.key --threshold 2 --custodian park \
        --custodian lee --custodian kim=kim.unlock --out shares"
    )]
    Ceremony {
        /// The Party root's key file.
        #[arg(long)]
        root: PathBuf,
        /// How many custodians it takes.
        #[arg(long)]
        threshold: u8,
        /// A custodian, and with = the key file that seals their share; several times for several.
        #[arg(long = "custodian", required = true, value_name = "NAME[=FILE]")]
        custodians: Vec<Hand>,
        /// Folder for the shares and the transcript.
        #[arg(long)]
        out: PathBuf,
    },
    /// Show and check the transcript of a ceremony.
    #[command(after_help = "Example: attache key transcript shares/transcript.cbor --home seoul")]
    Transcript {
        /// The transcript.
        file: PathBuf,
    },
    /// Have the Party root sign a new card for the same keys. Partners take it with its succession, without comparing
    /// fingerprints.
    #[command(
        after_help = "Example: attache key renew --share shares/park.share --share shares/kim.share=kim.unlock"
    )]
    Renew {
        /// The Party root's key file, where it was not given to custodians.
        #[arg(long, conflicts_with = "shares", required_unless_present = "shares")]
        root: Option<PathBuf>,
        /// A custodian's share, and with = the key file that opens it; as many as the ceremony says.
        #[arg(long = "share", value_name = "FILE[=FILE]")]
        shares: Vec<Hand>,
    },
    /// Believe a partner's card no longer: its connections end and it is let in no more. Needs an administrator.
    #[command(after_help = "Example: attache key revoke tokyo.jpn --reason \"reported lost\" --as admin-1")]
    Revoke {
        /// The partner's node.
        node: NodeName,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
    },
}

/// A name or file, and the key file that opens what it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Hand {
    name: String,
    unlock: Option<PathBuf>,
}

impl std::str::FromStr for Hand {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, unlock) =
            text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file.into())));
        Ok(Self { name: name.to_owned(), unlock })
    }
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::List => list(context),
        Verb::Ceremony { root, threshold, custodians, out } => {
            ceremony::hold(&root, threshold, &custodians, &out, context)
        }
        Verb::Transcript { file } => ceremony::transcript(&file, context),
        Verb::Renew { root, shares } => {
            let root = match root {
                Some(root) => ceremony::whole(&root, context)?,
                None => ceremony::together(&shares, context)?,
            };
            renew(&root, context)
        }
        Verb::Revoke { node, reason } => {
            let path = format!("/v1/peers/{node}/revocation");
            let recorded: api::Recorded = context.sign_in()?.post(&path, &api::Revoking { reason })?;
            let text = format!(
                "The card of {node} is believed no longer, by entry {}.\nNext: attache peer add FILE --fingerprint \"...\" once its new card was compared",
                recorded.index
            );
            Found::of(text, &recorded)
        }
    }
}

fn list(context: &Context) -> Result<Found, Failed> {
    let signed = context.home()?.card()?;
    let card = signed.dangerously_unverified::<Card>().map_err(Failed::misuse)?.body;
    let keys = [
        ("Party root", &card.root, "signs this card; offline"),
        ("node", &card.node_key, "signs rulings, permits and receipts"),
        ("label", &card.label_key, "signs packages"),
    ];
    let shown: Vec<_> = keys
        .iter()
        .map(|(name, key, purpose)| {
            json!({ "name": name, "id": HEXLOWER.encode(&key.key_id().0), "purpose": purpose })
        })
        .collect();
    let mut lines: Vec<String> = keys
        .iter()
        .map(|(name, key, purpose)| format!("{name:<11} {}  {purpose}", HEXLOWER.encode(&key.key_id().0)))
        .collect();
    let warning = warning(&card, now());
    lines.push(format!(
        "card        {}, from {} until {}",
        Card::fingerprint(&signed),
        card.not_before,
        card.not_after
    ));
    lines.push(match &warning {
        Some(warning) => format!("warning     {warning}"),
        None => format!("renewal     due {}", card.renewal_due()),
    });
    let document = json!({
        "node": card.node.to_string(),
        "keys": shown,
        "fingerprint": Card::fingerprint(&signed),
        "not_before": card.not_before.to_string(),
        "not_after": card.not_after.to_string(),
        "renewal_due": card.renewal_due().to_string(),
        "previous": card.previous.map(|digest| digest.to_string()),
        "warning": warning,
    });
    Found::of(lines.join("\n"), &document)
}

fn renew(root: &SigningPair, context: &Context) -> Result<Found, Failed> {
    let signed = context.home()?.renew(context, root)?;
    let card = signed.dangerously_unverified::<Card>().map_err(Failed::fault)?.body;
    let text = format!(
        "The card of {} is renewed until {}. Take the Party root, or its shares, back to the safe.\n\
         Next: start the node anew; attache peer card --out FILE, and give FILE and its succession to each partner",
        card.node, card.not_after
    );
    let document = json!({
        "node": card.node.to_string(),
        "fingerprint": Card::fingerprint(&signed),
        "not_after": card.not_after.to_string(),
        "previous": card.previous.map(|digest| digest.to_string()),
    });
    Found::of(text, &document)
}

/// What is to be said about a card's end: from two thirds of its life on, and louder at 30, 7 and 1 days.
pub(crate) fn warning(card: &Card, now: Timestamp) -> Option<String> {
    if !card.in_force(now) {
        return Some(format!("not in force: it held from {} until {}", card.not_before, card.not_after));
    }
    let days = card.not_after.0.saturating_sub(now.0) / 86_400_000;
    let within = WARN_DAYS.iter().rev().find(|limit| days < **limit);
    match within {
        Some(limit) => Some(format!("ends in {days} days, less than {limit}; attache key renew")),
        None if now >= card.renewal_due() => {
            Some(format!("two thirds of its life are over, {days} days are left; attache key renew"))
        }
        None => None,
    }
}
