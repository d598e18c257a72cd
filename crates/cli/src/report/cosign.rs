//! `attache report cosign`: an inspector counts a report again and signs what the public is told of it.
//!
//! *Absent:* a signature on what was not counted again on this machine, and on a card that nobody compared.

use crate::client::Client;
use crate::context::{Context, read_bounded};
use crate::found::{EXIT_REFUSED, Failed, Found};
use attache_gate::api;
use attache_seal::papers::{Notice, ReportCosignature};
use attache_seal::statement::Signed;
use attache_verify::{MAX_FILE_BYTES, Outcome, Report, Trust, Verdict, verify_report};
use data_encoding::BASE64;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(folder: &Path, fingerprints: Vec<String>, context: &Context) -> Result<Found, Failed> {
    if !folder.is_dir() {
        return Err(Failed::misuse(format!("{}: not a folder", folder.display())));
    }
    let verified = verify_report(folder, &Trust { fingerprints, ..Trust::default() });
    if verified.verdict == Verdict::Failed {
        // Whoever signs must see why not.
        let text = format!("{}\n\nIt does not hold, so nothing was signed.", verified.told(context.language));
        return Ok(Found { text, json: verified.document(), code: EXIT_REFUSED });
    }
    let client = context.sign_in()?;
    let node: api::NodeFacts = client.get("/v1/node")?;
    let part = folder.join(&node.node);
    is_compared(&verified, &node.node)?;
    let report = signed(&part.join("report.cbor"))?.digest().to_string();
    let made = made(&client, &report)?;
    let public = made.public.ok_or_else(|| {
        Failed::misuse("report: it tells the public nothing, so there is nothing to cosign")
    })?;
    let mut cosigned = made.cosigned;
    let me = context.person.as_ref().map(ToString::to_string).unwrap_or_default();
    if !cosigned.iter().any(|cosigned| cosigned.by == me) {
        let body = ReportCosignature { public: public.parse().map_err(Failed::fault)? };
        cosigned.push(client.post("/v1/reports/cosignatures", &client.sign(body)?)?);
    }
    // Others' as well: the folder then says all that the node knows.
    let mut files = Vec::new();
    let mut key = String::new();
    for one in &cosigned {
        let notice = BASE64.decode(one.notice.as_bytes()).map_err(Failed::fault)?;
        let (path, fingerprint) = put(&part, &notice)?;
        files.push(path);
        if one.by == me {
            key = fingerprint;
        }
    }
    let shown = folder.display();
    let told = verified.findings.iter().filter(|found| matches!(found.outcome, Outcome::NotShown(_))).count();
    let text = format!(
        "Every figure of {} for {} to {} was counted again and holds; {told} things are not shown by this folder (attache verify \
         report {shown}).\nCosigned by {me}: the figures for the public {public}.\n\n  {key}\n\nThis is the fingerprint of your key. Let \
         your body tell it to whoever is to believe the cosignature.",
        node.node, made.from, made.until
    );
    Found::of(
        text,
        &json!({ "report": report, "public": public, "cosigned": cosigned, "key": key, "files": files }),
    )
}

/// The inspector compared this node's card, as whoever signs for the public must.
fn is_compared(verified: &Report, node: &str) -> Result<(), Failed> {
    let mut compared = verified.findings.iter().filter(|found| found.check == "V-003" && found.node == node);
    match compared.any(|found| found.outcome == Outcome::Proved) {
        true => Ok(()),
        false => Err(Failed::misuse(format!(
            "fingerprint: none of them is that of {node}'s card in this folder; compare it with the node by another way"
        ))),
    }
}

fn made(client: &Client, report: &str) -> Result<api::MadeReport, Failed> {
    let made: Vec<api::MadeReport> = client.list("/v1/reports")?;
    made.into_iter().find(|made| made.report == report).ok_or_else(|| {
        Failed::misuse("report: this node did not make it, or under a mandate that does not name you")
    })
}

fn signed(path: &Path) -> Result<Signed, Failed> {
    let bytes = read_bounded(path, MAX_FILE_BYTES)?;
    Signed::from_bytes(&bytes).map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))
}

/// Writes a cosignature under its digest; its path, and the fingerprint of its key.
fn put(part: &Path, notice: &[u8]) -> Result<(PathBuf, String), Failed> {
    let signed = Signed::from_bytes(notice).map_err(Failed::fault)?;
    let brought = signed.dangerously_unverified::<Notice>().map_err(Failed::fault)?.body;
    let into = part.join("cosignatures");
    fs::create_dir_all(&into).map_err(|error| Failed::file(&into, &error))?;
    let path = into.join(format!("{}.cbor", signed.digest()));
    fs::write(&path, notice).map_err(|error| Failed::file(&path, &error))?;
    Ok((path, brought.verifying.key_id().fingerprint()))
}
