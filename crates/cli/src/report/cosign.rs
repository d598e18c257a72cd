//! `attache report cosign`: an inspector counts a report again and signs what the public is told of it.
//!
//! *Absent:* a signature on what was not counted again on this machine, and on a card that nobody compared.

use super::words;
use crate::agreement::texts::{Three, filled, of};
use crate::client::Client;
use crate::context::{Context, read_bounded};
use crate::evidence::no_folder;
use crate::found::{EXIT_MISUSE, EXIT_REFUSED, Failed, Found};
use crate::progress;
use attache_accord::Digest;
use attache_gate::api;
use attache_release::Language;
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Notice, ReportCosignature};
use attache_seal::statement::Signed;
use attache_verify::{Finding, MAX_FILE_BYTES, Outcome, Report, Trust, Verdict, verify_report};
use data_encoding::BASE64;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(folder: &Path, fingerprints: Vec<String>, context: &Context) -> Result<Found, Failed> {
    if !folder.is_dir() {
        return Err(no_folder(folder));
    }
    let trust = Trust { fingerprints, ..Trust::default() };
    let verified = progress::during(|| verify_report(folder, &trust));
    if verified.verdict == Verdict::Failed {
        // Whoever signs must see why not.
        let text = format!("{}\n\n{}", verified.told(context.language), of(&words::FAILED, context.language));
        return Ok(Found { text, json: verified.document(), code: EXIT_REFUSED });
    }
    let client = context.sign_in()?;
    let node: api::NodeFacts = client.get("/v1/node")?;
    let part = folder.join(&node.node);
    is_compared(&verified, &node.node)?;
    is_covered(&verified, &node.node)?;
    let report = signed(&part.join("report.cbor"))?.digest().to_string();
    let made = made(&client, &report)?;
    let named = made.public.ok_or_else(|| Failed::in_three(EXIT_MISUSE, &words::NOT_PUBLIC, &[]))?;
    let public = counted(&part, &named)?;
    let mut cosigned = made.cosigned;
    let me = context.person.as_ref().map(ToString::to_string).unwrap_or_default();
    if !cosigned.iter().any(|cosigned| cosigned.by == me) {
        let body = ReportCosignature { public };
        cosigned.push(client.post("/v1/reports/cosignatures", &client.sign(body)?)?);
    }
    // Others' as well: the folder then says all that the node knows.
    let mut files = Vec::new();
    let key = context.person_and_key()?.1.verifying().key_id().fingerprint();
    for one in &cosigned {
        let notice = BASE64.decode(one.notice.as_bytes()).map_err(Failed::fault)?;
        let own = (one.by == me).then_some(key.as_str());
        files.push(put(&part, &notice, &public, own)?);
    }
    let told = verified.findings.iter().filter(|found| matches!(found.outcome, Outcome::NotShown(_))).count();
    let places = [
        ("node", node.node),
        ("from", made.from),
        ("until", made.until),
        ("told", told.to_string()),
        ("me", me),
        ("public", public.to_string()),
        ("key", key.clone()),
        ("folder", folder.display().to_string()),
    ];
    let text = filled(&words::COSIGNED, context.language, &places);
    Found::of(
        text,
        &json!({ "report": report, "public": public.to_string(), "cosigned": cosigned, "key": key, "files": files }),
    )
}

/// The inspector compared this node's card, as whoever signs for the public must.
fn is_compared(verified: &Report, node: &str) -> Result<(), Failed> {
    let mut compared = verified.findings.iter().filter(|found| found.check == "V-003" && found.node == node);
    match compared.any(|found| found.outcome == Outcome::Proved) {
        true => Ok(()),
        false => Err(Failed::in_three(EXIT_MISUSE, &words::NOT_COMPARED, &[("node", node.to_owned())])),
    }
}

/// The tree goes on after the days of this node's report: no inspector signs for days of which something may be missing.
fn is_covered(verified: &Report, node: &str) -> Result<(), Failed> {
    let is_open = |found: &&Finding| {
        found.check == "V-077" && found.node == node && matches!(found.outcome, Outcome::NotShown(_))
    };
    let Some(open) = verified.findings.iter().find(is_open) else { return Ok(()) };
    let why = |language| open.outcome.why(language).unwrap_or_default();
    let places = [("ko", why(Language::Ko)), ("ja", why(Language::Ja)), ("en", why(Language::En))];
    Err(refused(&words::NOT_OVER, &places))
}

fn made(client: &Client, report: &str) -> Result<api::MadeReport, Failed> {
    let made: Vec<api::MadeReport> = client.list("/v1/reports")?;
    let made = made.into_iter().find(|made| made.report == report);
    made.ok_or_else(|| Failed::in_three(EXIT_MISUSE, &words::NOT_MADE, &[]))
}

fn signed(path: &Path) -> Result<Signed, Failed> {
    let bytes = read_bounded(path, MAX_FILE_BYTES)?;
    Signed::from_bytes(&bytes).map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))
}

fn refused(text: &Three, places: &[(&str, String)]) -> Failed {
    Failed::in_three(EXIT_REFUSED, text, places)
}

/// Digest of the figures for the public that were counted again, which the node must name as its report's: of a digest that only the
/// node says, nothing was counted.
fn counted(part: &Path, named: &str) -> Result<Digest, Failed> {
    let public = signed(&part.join("public.cbor"))?.digest();
    match named.parse::<Digest>() {
        Ok(named) if named == public => Ok(public),
        _ => Err(refused(
            &words::OTHER_FIGURES,
            &[("named", named.to_owned()), ("public", public.to_string())],
        )),
    }
}

/// Writes a cosignature of these figures under its digest; its path. One in this person's own name must be under their key, `own`.
fn put(part: &Path, notice: &[u8], public: &Digest, own: Option<&str>) -> Result<PathBuf, Failed> {
    let signed = Signed::from_bytes(notice).map_err(Failed::fault)?;
    let brought = signed.dangerously_unverified::<Notice>().map_err(Failed::fault)?.body;
    let inner = Signed::from_bytes(&brought.statement).map_err(Failed::fault)?;
    let said = inner.dangerously_unverified::<ReportCosignature>().map_err(Failed::fault)?.body;
    if said.public != *public {
        let places = [("of", said.public.to_string()), ("public", public.to_string())];
        return Err(refused(&words::OTHER_COSIGNATURE, &places));
    }
    if own.is_some_and(|own| own != brought.verifying.key_id().fingerprint()) {
        return Err(refused(&words::OTHER_KEY, &[]));
    }
    let into = part.join("cosignatures");
    fs::create_dir_all(&into).map_err(|error| Failed::file(&into, &error))?;
    let path = into.join(format!("{}.cbor", signed.digest()));
    fs::write(&path, notice).map_err(|error| Failed::file(&path, &error))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use attache_accord::{Network, Timestamp};
    use attache_seal::pair::SigningPair;
    use attache_seal::statement::{Body, Head, Statement};

    fn sealed<B: Body>(pair: &SigningPair, body: B) -> Signed {
        let head = Head {
            network: Network::Exercise,
            agreement: "a".into(),
            pack: Digest([0; 32]),
            signer: "inspector-1".into(),
            key: pair.verifying().key_id(),
            at: Timestamp::default(),
        };
        Signed::seal(&Statement { head, body }, pair).unwrap()
    }

    #[test]
    fn figures_that_only_the_node_names_are_neither_signed_nor_kept() {
        let folder = tempfile::tempdir().unwrap();
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let [ours, other] = [1, 2].map(|byte| ReportCosignature { public: Digest([byte; 32]) });
        // Whatever is signed there: what counts is its digest.
        let counted_again = sealed(&pair, ours.clone());
        fs::write(folder.path().join("public.cbor"), counted_again.to_bytes()).unwrap();
        let public = counted(folder.path(), &counted_again.digest().to_string()).unwrap();
        assert_eq!(public, counted_again.digest());
        let refused = counted(folder.path(), &other.public.to_string()).unwrap_err();
        assert_eq!(refused.code, EXIT_REFUSED);

        let notice = |of: &ReportCosignature| {
            let statement = sealed(&pair, of.clone()).to_bytes();
            sealed(&pair, Notice { statement, verifying: pair.verifying().clone() }).to_bytes()
        };
        let key = pair.verifying().key_id().fingerprint();
        let put = |of, own| put(folder.path(), &notice(of), &ours.public, Some(own));
        assert_eq!(put(&other, &key).unwrap_err().code, EXIT_REFUSED);
        assert_eq!(put(&ours, "another").unwrap_err().code, EXIT_REFUSED);
        assert!(!folder.path().join("cosignatures").exists());
        assert!(put(&ours, &key).unwrap().is_file());
    }
}
