//! `attache evidence` and `attache verify`.
//!
//! *Absent:* checks of its own; `attache-verify` makes them.

use crate::client::Client;
use crate::context::{Context, read_bounded};
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::progress;
use attache_gate::api;
use attache_tlog::VerifierKey;
use attache_verify::{MAX_FILE_BYTES, Report, Trust, Verdict};
use clap::Subcommand;
use data_encoding::BASE64;
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Component, Path, PathBuf};

/// Longest line of the stream, in bytes: a file in base64 and what stands around it.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
const HEADING: &str = "evidence.json";
const ITEM_HEADING: &str = "item.json";

pub(crate) fn fetch(out: &Path, with_rulings: bool, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let files = progress::during(|| save(&client, with_rulings, out))?;
    let text = format!(
        "{files} files of evidence are in {}.\nNext: attache verify {}, on any machine.",
        out.display(),
        out.display()
    );
    Found::of(text, &json!({ "folder": out, "files": files }))
}

/// Saves the evidence of one item beside what is in the folder already: the same item at the other node, from there.
pub(crate) fn bundle(item: &str, out: &Path, client: &Client) -> Result<Found, Failed> {
    let files = progress::during(|| save_files(client.item_evidence(item)?, ITEM_HEADING, out))?;
    let text = format!(
        "{files} files about this item are in {}. They name people by pseudonym, and show neither title nor content.\n\
         Next: attache-verify {}, on any machine; with --html it writes a page to be printed.",
        out.display(),
        out.display()
    );
    Found::of(text, &json!({ "folder": out, "files": files }))
}

/// Saves a node's evidence beside what is in the folder already, and gives the number of files.
pub(crate) fn save(client: &Client, with_rulings: bool, out: &Path) -> Result<usize, Failed> {
    save_files(client.evidence(with_rulings)?, HEADING, out)
}

/// Saves files that come one a line. `heading` is the one that says whose they are, and that two nodes' files share.
pub(crate) fn save_files(lines: impl Read, heading: &str, out: &Path) -> Result<usize, Failed> {
    let mut lines = BufReader::new(lines);
    let mut files = 0;
    loop {
        let mut line = String::new();
        lines.by_ref().take(MAX_LINE_BYTES).read_line(&mut line).map_err(Failed::unreachable)?;
        let file: api::EvidenceFile = serde_json::from_str(&line)
            .map_err(|_| Failed::fault("the answer broke off before its end; fetch it again"))?;
        if file.path.is_empty() {
            return Ok(files);
        }
        let bytes = BASE64.decode(file.base64.as_bytes()).map_err(Failed::fault)?;
        put(out, heading, (&file.path, &bytes))?;
        files += 1;
    }
}

fn put(out: &Path, heading: &str, (path, bytes): (&str, &[u8])) -> Result<(), Failed> {
    // The node is ours; a path that leaves the folder is refused all the same.
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Failed::fault("the node's answer names a path outside its folder"));
    }
    let whole = out.join(path);
    if let Some(folder) = whole.parent() {
        fs::create_dir_all(folder).map_err(|error| Failed::file(folder, &error))?;
    }
    let joined = if path == heading && whole.exists() { Some(join(&whole, bytes)?) } else { None };
    fs::write(&whole, joined.as_deref().unwrap_or(bytes)).map_err(|error| Failed::file(&whole, &error))
}

/// The heading of a folder that holds evidence of several nodes.
fn join(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, Failed> {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Heading {
        form: String,
        network: String,
        agreement: String,
        nodes: Vec<String>,
    }
    let odd =
        |_| Failed::misuse(format!("{}: not a heading of evidence; use another folder", path.display()));
    let before: Heading = serde_json::from_slice(&read_bounded(path, MAX_FILE_BYTES)?).map_err(odd)?;
    let mut both: Heading = serde_json::from_slice(bytes).map_err(odd)?;
    let are_alike = (&before.network, &before.agreement) == (&both.network, &both.agreement);
    if !are_alike {
        return Err(Failed::misuse(
            "out: the folder holds evidence under another agreement; use another folder",
        ));
    }
    both.nodes.extend(before.nodes);
    both.nodes.sort();
    both.nodes.dedup();
    serde_json::to_vec(&both).map_err(Failed::fault)
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Verify a folder of reports: count every figure again, without keys and without a network. Or a folder of what the public is told of
    /// one: card, figures and cosignatures, as the transparency page hands them out.
    #[command(
        after_help = "Example: attache verify report report --fingerprint \"0123 4567 ...\"\n\nExit code 0: everything is proved. 1: a fault \
                            was found, or something is not shown. 2: the command is wrong, or there is no folder to read."
    )]
    Report {
        /// The folder.
        folder: PathBuf,
        /// A fingerprint of a card, or of an inspector's key, that you compared by another way; once for each.
        #[arg(long = "fingerprint")]
        fingerprints: Vec<String>,
        /// A verifier key of a witness that you believe although no card names it; one for each key.
        #[arg(long = "witness", value_name = "VKEY", value_parser = crate::key_of_witness)]
        witnesses: Vec<VerifierKey>,
        /// Say it as one HTML document, to be printed.
        #[arg(long)]
        html: bool,
    },
}

/// Verifies a folder by `check`.
pub(crate) fn verify(
    folder: &Path,
    trust: &Trust,
    check: fn(&Path, &Trust) -> Report,
    is_page: bool,
    context: &Context,
) -> Result<Found, Failed> {
    if !folder.is_dir() {
        return Err(Failed::misuse(format!("{}: not a folder", folder.display())));
    }
    let report = progress::during(|| check(folder, trust));
    let json = report.document();
    let code = if report.verdict == Verdict::Proved { crate::found::EXIT_DONE } else { EXIT_REFUSED };
    let language = context.language;
    let text = if is_page { report.page(language) } else { report.told(language) };
    Ok(Found { text, json, code })
}
