//! `attache witness`: a witness that is no node, for an oversight body. It cosigns the logs that it is told of and notices one that
//! shows two histories.
//!
//! *Absent:* an agreement, people, and anything secret of a log: a witness sees sizes and roots.

mod folder;
mod serve;
mod words;

use crate::context::{Context, read_bounded};
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::home::now;
use attache_accord::Timestamp;
use attache_gate::witness::{MAX_LOGS_BYTES, WitnessedLog};
use attache_tlog::{Origin, VerifierKey};
use clap::{Args, Subcommand};
use folder::Folder;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use words::Words;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a witness in a new folder, with keys of its own.
    #[command(after_help = "Example: attache witness init --home overseer --name overseer.example \
        --unlock unlock.bin")]
    Init(Init),
    /// Cosign the logs in the list, until it is told to stop.
    #[command(after_help = "Example: attache witness serve --home overseer --unlock unlock.bin")]
    Serve {
        /// Stop when the standard input ends, as it does when the process that started this one is gone.
        #[arg(long, hide = true)]
        with_parent: bool,
    },
    /// Show its keys, and how far each log was cosigned. Needs no passphrase.
    #[command(after_help = "Example: attache witness show --home overseer")]
    Show,
    /// Add a log to the list. A witness that runs knows it from the next request on.
    #[command(after_help = "Example: attache witness add-log --card seoul.card --home overseer")]
    AddLog(AddLog),
    /// Cosign a log again that signed two histories: by the one that was cosigned here first, and never by the other. Needs no passphrase.
    #[command(
        after_help = "A witness that runs goes on from the next request on. Where the log is to go on by its other history, it takes a new \
                      name: see attache backup succeed. To end it for good, strike its lines from the file `logs`.\n\n\
                      Example: attache witness accept seoul.kor/log/1 --basis \"note 17 of 3 December\" --home overseer"
    )]
    Accept {
        /// The log, by its name in attache witness show.
        #[arg(value_parser = log_name)]
        origin: Origin,
        /// What the decision rests on: a document of whoever runs that log.
        #[arg(long)]
        basis: String,
    },
}

#[derive(Args)]
pub(crate) struct Init {
    /// The name that its cosignatures bear, such as overseer.example; no spaces, no plus.
    #[arg(long)]
    name: String,
    /// Where logs reach it, over plain HTTP unless a certificate is given.
    #[arg(long, default_value_t = folder::default_listen())]
    listen: SocketAddr,
    /// A certificate chain in PEM, for HTTPS.
    #[arg(long, requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// The private key to it, in PEM.
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct AddLog {
    /// The card of the node whose log it is, which you have compared by another way.
    #[arg(long, required_unless_present = "keys_of_log")]
    card: Option<PathBuf>,
    /// A verifier key of the log, in place of the card; each of them.
    #[arg(long = "key", conflicts_with = "card", value_name = "VKEY")]
    keys_of_log: Vec<String>,
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::Init(init) => self::init(&init, context),
        Verb::Serve { with_parent } => serve::run(context, with_parent),
        Verb::Show => show(context),
        Verb::AddLog(added) => add_log(added, context),
        Verb::Accept { origin, basis } => accept(&origin, &basis, context),
    }
}

fn init(init: &Init, context: &Context) -> Result<Found, Failed> {
    let tls = init.tls_certificate.clone().zip(init.tls_key.clone());
    let folder = Folder::create(context, &init.name, init.listen, tls)?;
    let keys = folder.verifiers()?;
    let (home, public) = (folder.path.display(), folder.public());
    let made = Words::of(context.language).made.replace("{name}", &init.name);
    let text = format!(
        "{}\n\n  attache witness add-log --home {home} --card seoul.card\n  attache witness serve --home {home}",
        made.replace("{file}", &public.display().to_string())
    );
    Found::of(
        text,
        &json!({ "name": init.name, "home": folder.path, "public": public, "keys": texts(&keys) }),
    )
}

fn add_log(added: AddLog, context: &Context) -> Result<Found, Failed> {
    let folder = Folder::open(context.home_path()?)?;
    let keys = match added.card {
        Some(card) => crate::log::keys_of(&card, context)?,
        None => added.keys_of_log,
    };
    let keys: Result<Vec<VerifierKey>, _> = keys.iter().map(|key| key.parse()).collect();
    let keys = keys.map_err(|error| Failed::misuse(format!("key: {error}")))?;
    let (Some(first), true) = (keys.first(), keys.iter().all(|key| key.name() == keys[0].name())) else {
        return Err(Failed::misuse("key: all keys of one log, each of which bears its name"));
    };
    folder.add_log(&keys)?;
    let text = Words::of(context.language).added.replace("{origin}", first.name());
    Found::of(text, &json!({ "origin": first.name(), "keys": texts(&keys) }))
}

fn log_name(text: &str) -> Result<Origin, String> {
    Origin::new(text).map_err(|error| error.to_string())
}

fn accept(origin: &Origin, basis: &str, context: &Context) -> Result<Found, Failed> {
    let proof = Folder::open(context.home_path()?)?.accept(origin, basis)?;
    let text = Words::of(context.language).accepted.replace("{origin}", origin.as_str());
    let text = text.replace("{proof}", &proof.display().to_string());
    Found::of(text, &json!({ "origin": origin.as_str(), "proof": proof, "basis": basis }))
}

fn show(context: &Context) -> Result<Found, Failed> {
    let folder = Folder::open(context.home_path()?)?;
    let (keys, logs) = (folder.verifiers()?, folder.logs()?);
    let words = Words::of(context.language);
    let mut lines = vec![format!("{}  {}", folder.config.name, folder.public().display())];
    lines.extend(logs.iter().map(|log| words.stands(log)));
    let has_forked = logs.iter().any(|log| log.fork.is_some());
    let document = json!({
        "name": folder.config.name,
        "keys": texts(&keys),
        "logs": logs.iter().map(told).collect::<Vec<_>>(),
    });
    let code = if has_forked { EXIT_REFUSED } else { crate::found::EXIT_DONE };
    Ok(Found { text: lines.join("\n"), json: document, code })
}

fn told(log: &WitnessedLog) -> Value {
    let cosigned = log.cosigned.as_ref();
    json!({
        "origin": log.origin.as_str(),
        "size": cosigned.map(|checkpoint| checkpoint.size),
        "root": cosigned.map(|checkpoint| checkpoint.root.to_base64()),
        "fork": log.fork,
        "decided": log.decided,
    })
}

fn texts(keys: &[VerifierKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

/// The time by which it cosigns.
fn clock() -> Timestamp {
    now()
}

/// The list of logs as it is, which may be empty.
fn list(path: &std::path::Path) -> Result<String, Failed> {
    let bytes = read_bounded(path, MAX_LOGS_BYTES)?;
    String::from_utf8(bytes).map_err(|_| Failed::misuse(format!("{}: not UTF-8", path.display())))
}
