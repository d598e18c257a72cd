//! `attache log`: how the logs stand, and what is done about one that showed two histories.
//!
//! *Absent:* trust. A proof of a fork is checked here by the log's keys, without the node.

mod words;

use crate::context::{Context, read_bounded};
use crate::found::{EXIT_REFUSED, Failed, Found};
use attache_accord::NodeName;
use attache_gate::api;
use attache_node::grounds::MAX_SHOWN_BYTES;
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use attache_tlog::{FORK_HEADING, Fork, ForkError, ForkProof, MAX_FORK_BYTES, SignedNote, VerifierKey};
use clap::{Args, Subcommand};
use data_encoding::BASE64;
use serde_json::json;
use std::path::{Path, PathBuf};
use words::Words;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show what is published, who cosigned how far, and which partners' logs are believed.
    #[command(after_help = "Example: attache log status --as registrar-1")]
    Status,
    /// Compare a checkpoint of a partner's log that you have from elsewhere with what was cosigned of that log here, or hand over the proof
    /// that it signed two histories.
    #[command(
        after_help = "The file is a signed checkpoint, whoever handed it out: another witness, the partner's transparency page or log listener, \
                      or evidence (NODE/checkpoint, NODE/cosigned). Where it is of another history than the one cosigned here, that is recorded \
                      with a proof that anybody can check, and nothing more of that log is believed until the agreement office decides.\n\
                      A proof of a fork (attache/fork/v1), such as a witness keeps, and two checkpoints of one size with two roots, which come from \
                      two places, prove that by the keys of the node's card alone, whatever was cosigned here. They may be about this node's own log, too.\n\
                      Exit code 1: it is of another history.\n\nExample: attache log compare tokyo.jpn checkpoint --as registrar-1\n\
                      Example: attache log compare tokyo.jpn tokyo.fork --as registrar-1"
    )]
    Compare {
        /// The partner's node.
        node: NodeName,
        /// The checkpoint, or the proof of a fork.
        file: PathBuf,
        /// Another checkpoint of that log, of the same size.
        other: Option<PathBuf>,
    },
    /// The proof that a partner's log showed two histories.
    #[command(subcommand)]
    Fork(ForkVerb),
    /// Believe a partner's log again, from whatever it shows next, or follow one that lost entries under its new origin. Needs the
    /// agreement office.
    #[command(
        after_help = "Example: attache log accept tokyo.jpn --basis \"note 17 of 3 December\" --as office-1"
    )]
    Accept {
        #[command(flatten)]
        decision: Decision,
        #[command(flatten)]
        compared: Compared,
    },
    /// Decide that a partner's log stays stopped, or is not followed under its new origin. Needs the agreement office.
    #[command(
        after_help = "Example: attache log refuse tokyo.jpn --basis \"no explanation by 10 December\" --as office-1"
    )]
    Refuse(Decision),
}

#[derive(Args)]
pub(crate) struct Decision {
    /// The partner's node.
    node: NodeName,
    /// What the decision rests on: a document of the partner.
    #[arg(long)]
    basis: String,
}

#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct Compared {
    /// Where the partner says that this node had cosigned more than it knows of: a checkpoint of the log that ended which bears a
    /// cosignature of this node, or of a witness outside that it knows, such as the file `cosigned` of older evidence.
    #[arg(long, value_name = "FILE")]
    cosigned: Option<PathBuf>,
    /// The same where nobody has such a checkpoint: the size and root that people know by another way, as in an older `attache log status`.
    #[arg(long, value_name = "SIZE:ROOT", value_parser = compared_log)]
    compared: Option<api::ComparedLog>,
}

fn compared_log(text: &str) -> Result<api::ComparedLog, String> {
    let parsed = text.split_once(':').and_then(|(size, root)| Some((size.parse().ok()?, root.to_owned())));
    let (size, root) = parsed.ok_or("a size and a root, such as 64:0f1e...")?;
    Ok(api::ComparedLog { size, root })
}

#[derive(Subcommand)]
pub(crate) enum ForkVerb {
    /// Save it to a file that can be handed on.
    #[command(after_help = "Example: attache log fork save tokyo.jpn --out tokyo.fork --as registrar-1")]
    Save {
        /// The partner's node.
        node: NodeName,
        /// The file.
        #[arg(long)]
        out: PathBuf,
    },
    /// Check such a file and say what it proves, without a node and without a network.
    #[command(after_help = "Example: attache log fork show tokyo.fork --card tokyo.card")]
    Show {
        /// The file.
        file: PathBuf,
        /// The card of the node whose log it is, which you have by another way.
        #[arg(long, required_unless_present = "keys_of_log")]
        card: Option<PathBuf>,
        /// A verifier key of the log, in place of the card; both of them.
        #[arg(long = "key", conflicts_with = "card", value_name = "VKEY")]
        keys_of_log: Vec<String>,
    },
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let words = Words::of(context.language);
    match verb {
        Verb::Status => {
            let logs: api::Logs = context.sign_in()?.get("/v1/logs")?;
            Found::of(words.status(&logs), &logs)
        }
        Verb::Compare { node, file, other } => compare(&node, &file, other.as_deref(), context),
        Verb::Accept { decision, compared } => {
            let cosigned =
                compared.cosigned.as_deref().map(|file| text_of(file, MAX_SHOWN_BYTES as u64)).transpose()?;
            decide(&decision, true, (cosigned, compared.compared), context)
        }
        Verb::Refuse(decision) => decide(&decision, false, (None, None), context),
        Verb::Fork(ForkVerb::Save { node, out }) => {
            let fork: api::ForkFile = context.sign_in()?.get(&format!("/v1/logs/{node}/fork"))?;
            std::fs::write(&out, &fork.file).map_err(|error| Failed::file(&out, &error))?;
            let keys = fork.log_keys.iter().map(|key| format!(" --key {key}")).collect::<String>();
            let text = format!("{}\n  attache log fork show {}{keys}", words.saved, out.display());
            Found::of(text, &json!({ "node": fork.node, "file": out, "log_keys": fork.log_keys }))
        }
        Verb::Fork(ForkVerb::Show { file, card, keys_of_log }) => {
            let keys = match card {
                Some(card) => keys_of(&card, context)?,
                None => keys_of_log,
            };
            show(&file, &keys, context)
        }
    }
}

fn text_of(path: &Path, most_bytes: u64) -> Result<String, Failed> {
    let text = String::from_utf8(read_bounded(path, most_bytes)?);
    text.map_err(|_| Failed::misuse(format!("{}: not UTF-8", path.display())))
}

fn decide(
    decision: &Decision,
    believe: bool,
    (cosigned, compared): (Option<String>, Option<api::ComparedLog>),
    context: &Context,
) -> Result<Found, Failed> {
    let body = api::LogDecision { believe, basis: decision.basis.clone(), cosigned, compared };
    let path = format!("/v1/logs/{}/decision", decision.node);
    let recorded: api::Recorded = context.sign_in()?.post(&path, &body)?;
    let words = Words::of(context.language);
    let said = if believe { words.believed_now } else { words.refused_now };
    Found::of(format!("{}: {said} ({} {})", decision.node, words.entry, recorded.index), &recorded)
}

fn compare(node: &NodeName, path: &Path, other: Option<&Path>, context: &Context) -> Result<Found, Failed> {
    let shown = text_of(path, MAX_FORK_BYTES as u64)?;
    let fork = match other {
        None => is_fork(&shown).then_some(shown.clone()),
        Some(other) => {
            let second = text_of(other, MAX_FORK_BYTES as u64)?;
            let notes = (checkpoint(path, &shown)?, checkpoint(other, &second)?);
            let proof = ForkProof::new(notes.0, notes.1, None).map_err(Failed::misuse)?;
            Some(proof.to_string())
        }
    };
    let is_proof = fork.is_some();
    let client = context.sign_in()?;
    let compared: api::ComparedCheckpoint = match fork {
        Some(file) => client.post(&format!("/v1/logs/{node}/fork"), &api::ShownFork { file })?,
        None => client.post(&format!("/v1/logs/{node}/comparison"), &api::ShownCheckpoint { note: shown })?,
    };
    let words = Words::of(context.language);
    let (said, is_other) = match (compared.outcome.as_str(), is_proof) {
        ("same", _) => (words.same, false),
        ("unseen", _) => (words.not_seen, false),
        ("forked", false) => (words.forked, true),
        (_, false) => (words.forked_before, true),
        ("forked", true) => (words.proved, true),
        ("believed", true) => (words.proved_believed, true),
        ("own", true) => (words.proved_own, true),
        (_, true) => (words.proved_before, true),
    };
    let text = said.replace("{node}", node.as_str()).replace("{size}", &compared.size.to_string());
    let found = Found::of(text, &compared)?;
    Ok(Found { code: if is_other { EXIT_REFUSED } else { found.code }, ..found })
}

/// Whether the text is meant to be a proof of a fork, and no checkpoint.
fn is_fork(text: &str) -> bool {
    text.lines().next() == Some(FORK_HEADING)
}

/// One of two checkpoints that are to be held against each other.
fn checkpoint(path: &Path, text: &str) -> Result<SignedNote, Failed> {
    let wrong = |rule: &str| Failed::misuse(format!("{}: {rule}", path.display()));
    if is_fork(text) {
        return Err(wrong("a proof of a fork has both checkpoints in it; compare it by itself"));
    }
    SignedNote::parse(text).map_err(|_| wrong("not a signed checkpoint"))
}

/// The keys of a log, as a card's file names them.
pub(crate) fn keys_of(path: &Path, context: &Context) -> Result<Vec<String>, Failed> {
    let wrong = || Failed::misuse(format!("{}: not a card", path.display()));
    let bytes = BASE64.decode(context.read_text(path)?.as_bytes()).map_err(|_| wrong())?;
    let signed = Signed::from_bytes(&bytes).map_err(|_| wrong())?;
    Ok(signed.dangerously_unverified::<Card>().map_err(|_| wrong())?.body.log_vkeys)
}

fn show(path: &Path, keys: &[String], context: &Context) -> Result<Found, Failed> {
    let keys: Result<Vec<VerifierKey>, _> = keys.iter().map(|key| key.parse()).collect();
    let keys = keys.map_err(|error| Failed::misuse(format!("key: {error}")))?;
    let text = text_of(path, MAX_FORK_BYTES as u64)?;
    let wrong = |error: &ForkError| Failed::misuse(format!("{}: {error}", path.display()));
    let proof: ForkProof = text.parse().map_err(|error| wrong(&error))?;
    let words = Words::of(context.language);
    let (fork, [kept, shown]) = match proof.judge(&keys) {
        Ok(judged) => judged,
        Err(ForkError::Consistent) => {
            let document = json!({ "fork": false, "proves": "one history" });
            return Ok(Found { text: words.consistent.to_owned(), json: document, code: EXIT_REFUSED });
        }
        Err(error) => return Err(wrong(&error)),
    };
    let (proves, said) = match &fork {
        Fork::TwoRoots { size } => ("two roots", words.two_roots.replace("{size}", &size.to_string())),
        Fork::NotShown { old, new } => {
            let said = words.not_shown.replace("{old}", &old.to_string()).replace("{new}", &new.to_string());
            ("not shown", said)
        }
    };
    let line = |checkpoint: &attache_tlog::Checkpoint| {
        format!("  {:>10}  {}", checkpoint.size, checkpoint.root.to_base64())
    };
    let text = format!("{}\n{}\n{}\n{said}", kept.origin, line(&kept), line(&shown));
    let side = |checkpoint: &attache_tlog::Checkpoint| json!({ "size": checkpoint.size, "root": checkpoint.root.to_base64() });
    let document = json!({
        "fork": true, "proves": proves, "origin": kept.origin.as_str(), "kept": side(&kept), "shown": side(&shown),
    });
    Found::of(text, &document)
}
