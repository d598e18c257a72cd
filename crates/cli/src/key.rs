//! `attache key`: how long the keys of this node and its partners are believed, and what is done about it.
//!
//! *Absent:* the Party root at rest in the node. It is brought from its safe, or by its custodians, and taken back.

pub(crate) mod ages;
mod ceremony;

use crate::context::Context;
use crate::found::{Failed, Found};
use crate::home::now;
use attache_accord::{NodeName, Timestamp};
use attache_custody::keyring::Which;
use attache_gate::api;
use attache_seal::pair::SigningPair;
use attache_seal::papers::Card;
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

/// Days before a card's end at which the warning becomes more urgent.
const WARN_DAYS: [u64; 3] = [30, 7, 1];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List this node's keys, retired ones too, with their ages, and until when its card holds.
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
    Renew(Root),
    /// Make keys anew: without a flag the key that items are wrapped for, due every 90 days. Its retired key stays in the
    /// keyring and opens what was wrapped for it. The Party root signs a card for the new keys, which partners take with its
    /// succession; until they have it, what this node signs waits. The node must be down. The keys of the log and of the
    /// link's authority stay: a log has its name by its keys.
    #[command(
        after_help = "Example: attache key rotate --root safe/party-root.key\nExample: attache key rotate --all --share \
        shares/park.share --share shares/kim.share=kim.unlock"
    )]
    Rotate {
        /// The key that items are wrapped for.
        #[arg(long)]
        kem: bool,
        /// The keys that sign packages and labels.
        #[arg(long)]
        label: bool,
        /// The key that signs rulings, permits and receipts.
        #[arg(long)]
        node: bool,
        /// The key under the link's certificates. Alone it needs no card and no root.
        #[arg(long)]
        link: bool,
        /// All four.
        #[arg(long, conflicts_with_all = ["kem", "label", "node", "link"])]
        all: bool,
        #[command(flatten)]
        root: Root,
    },
    /// Make the keys of the key access service, for clients of OpenTDF: RSA-2048 and P-256, and the one under its access
    /// tokens. Done again, it makes them anew; those before stay and open what was wrapped for them. No card names them. The
    /// node must be down.
    #[command(after_help = "Example: attache key service --home seoul --unlock unlock.bin")]
    Service,
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

/// The Party root, as it is brought.
#[derive(Args)]
pub(crate) struct Root {
    /// The Party root's key file, where it was not given to custodians.
    #[arg(long, conflicts_with = "shares")]
    root: Option<PathBuf>,
    /// A custodian's share, and with = the key file that opens it; as many as the ceremony says.
    #[arg(long = "share", value_name = "FILE[=FILE]")]
    shares: Vec<Hand>,
}

impl Root {
    fn bring(&self, context: &Context) -> Result<SigningPair, Failed> {
        match &self.root {
            Some(root) => ceremony::whole(root, context),
            None if self.shares.is_empty() => Err(Failed::misuse(
                "root: bring the Party root by --root, or its custodians' shares by --share",
            )),
            None => ceremony::together(&self.shares, context),
        }
    }
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
        Verb::Renew(root) => renew(&root.bring(context)?, context),
        Verb::Rotate { kem, label, node, link, all, root } => {
            let kem = kem || !(label || node || link);
            let named = Which { kem, label, node, link };
            let which = if all { Which { kem: true, label: true, node: true, link: true } } else { named };
            rotate(which, &root, context)
        }
        Verb::Service => service(context),
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
    let home = context.home()?;
    let signed = home.card()?;
    let card = signed.dangerously_unverified::<Card>().map_err(Failed::misuse)?.body;
    let (now, keys) = (now(), ages::of(&home)?);
    let mut lines: Vec<String> = keys.iter().map(|key| key.line(now)).collect();
    let warnings: Vec<String> =
        [warning(&card, now), ages::warning(&keys, now)].into_iter().flatten().collect();
    lines.push(format!(
        "card        {}, from {} until {}",
        Card::fingerprint(&signed),
        card.not_before,
        card.not_after
    ));
    lines.push(format!("renewal     due {}", card.renewal_due()));
    lines.extend(warnings.iter().map(|warning| format!("warning     {warning}")));
    let document = json!({
        "node": card.node.to_string(),
        "keys": keys.iter().map(|key| key.document(now)).collect::<Vec<_>>(),
        "fingerprint": Card::fingerprint(&signed),
        "not_before": card.not_before.to_string(),
        "not_after": card.not_after.to_string(),
        "renewal_due": card.renewal_due().to_string(),
        "previous": card.previous.map(|digest| digest.to_string()),
        "warning": warnings.first(),
        "warnings": warnings,
    });
    Found::of(lines.join("\n"), &document)
}

fn rotate(which: Which, root: &Root, context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    let root = which.needs_card().then(|| root.bring(context)).transpose()?;
    home.rotate(context, which, root.as_ref())?;
    let signed = home.card()?;
    let card = signed.dangerously_unverified::<Card>().map_err(Failed::fault)?.body;
    let named = [(which.kem, "kem"), (which.label, "label"), (which.node, "node"), (which.link, "link")];
    let named: Vec<&str> = named.into_iter().filter(|(is_new, _)| *is_new).map(|(_, name)| name).collect();
    let next = match root {
        Some(_) => {
            "Take the Party root, or its shares, back to the safe.\nNext: attache serve; attache peer card --out FILE, and \
             give FILE and its succession to each partner soon: until they have it, what this node signs waits"
        }
        None => "No card names it, so partners need nothing.\nNext: attache serve",
    };
    let text = format!("The keys of {} are new: {}. {next}", card.node, named.join(", "));
    let document = json!({
        "node": card.node.to_string(),
        "rotated": named,
        "fingerprint": Card::fingerprint(&signed),
        "not_before": card.not_before.to_string(),
        "not_after": card.not_after.to_string(),
    });
    Found::of(text, &document)
}

fn service(context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    let (rsa, ec) = home.make_service_keys(context)?;
    let node = home.node()?;
    let text = format!(
        "The key access service of {node} has new keys: {rsa} (rsa:2048) and {ec} (ec:secp256r1).\n\
         Next: set listen.kas and kas.url in attache.toml, then attache serve"
    );
    Found::of(text, &json!({ "node": node.to_string(), "rsa": rsa, "ec": ec }))
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
