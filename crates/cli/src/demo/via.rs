//! Through Washington: one report of Seoul's that reaches Tokyo by way of the hub, and not without Seoul's word. Two legs, each under
//! its own agreement; three markings; two receipts, which both ends see.
//!
//! *Absent:* a way around the hub. The demo asks for it, and is refused.

use super::cast::{Cast, SEOUL, TOKYO, VIA_WASHINGTON, WASHINGTON};
use super::refusals::{Pair, refusal, ruling};
use super::stage::Stage;
use super::story::Story;
use super::{patiently, proof, same};
use crate::evidence;
use crate::found::{Failed, Found};
use crate::inbox;
use attache_accord::Digest;
use attache_accord::consent::{Consent, Step};
use attache_gate::api;
use attache_seal::papers::{self, Answer};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Instant;

const TITLE: &str = "발사대 이동 관측 (가상)";
const REPORT: &str = "An exercise. A launcher that does not exist has left a shelter that does not exist.\n";
const TOPIC: &str = "north-korean-missile";
const LEVEL: &str = "KOR:II";
const KIND: &str = "document";
/// How often the report went from one node to another, each with a receipt that was proved later.
const LEGS: u64 = 2;

/// The item at each node.
struct Report {
    digest: String,
    at_seoul: String,
    at_washington: String,
    at_tokyo: String,
}

pub(super) fn run(
    folder: &Path,
    (begun, keep): (Instant, bool),
    story: &Story,
    is_json: bool,
) -> Result<Found, Failed> {
    story.title("Three nodes, of fictitious units of three ministries");
    let stage = Stage::set(folder, &VIA_WASHINGTON, story)?;
    let cast = Cast::enrol(&stage, story)?;
    let (at_seoul, digest) = report(&cast)?;
    story.title("Seoul gives to Washington, and to Tokyo never directly");
    let (around, leg) = around(&cast, &at_seoul)?;
    let mut refusals = vec![around.told(story)?];
    let (at_washington, first) = first_leg(&cast, &at_seoul, &digest, &leg, story)?;
    story.title("Washington passes on with Seoul's written approval, and not without");
    let (without, case) = with_seouls_word(&cast, &at_seoul, &at_washington, &digest)?;
    refusals.push(without.told(story)?);
    let (at_tokyo, second) = second_leg(&cast, &case, &digest, story)?;
    let report = Report { digest, at_seoul, at_washington, at_tokyo };
    story.title("What Seoul and Tokyo each know of both legs");
    let hops = hops(&cast, &report, story)?;
    let verification = verify(&cast, &stage, &report, story)?;
    story.next(&stage, begun.elapsed(), keep);
    let document = json!({
        "folder": folder,
        "item_digest": report.digest,
        "legs": [first, second],
        "hops": hops,
        "refusals": refusals,
        "verification": verification,
        "seconds": begun.elapsed().as_secs_f64(),
    });
    if keep {
        stage.wait_for_interrupt(is_json.then_some(&document))?;
    }
    stage.strike()?;
    Found::of(String::new(), &document)
}

/// A report of Seoul's, on a topic of the arrangement, that may go to both others.
fn report(cast: &Cast) -> Result<(String, String), Failed> {
    let described = api::Described { title: TITLE.to_owned(), ..api::Described::default() };
    let analyst = cast.analyst(&SEOUL)?;
    let added = analyst.upload(&described, REPORT.len() as u64, &mut REPORT.as_bytes())?;
    let marking = api::Marking {
        level: LEVEL.to_owned(),
        kind: KIND.to_owned(),
        topics: vec![TOPIC.to_owned()],
        releasable_to: vec![WASHINGTON.party.to_owned(), TOKYO.party.to_owned()],
        caveats: Vec::new(),
        marked_at: None,
        control: None,
        purposes: Vec::new(),
    };
    let _: api::Item = analyst.post(&format!("/v1/items/{}/marking", added.item), &marking)?;
    Ok((added.item, added.item_digest))
}

/// Paragraph 4: what is asked around the hub, and the case for the way through it.
fn around(cast: &Cast, item: &str) -> Result<(Pair<'static>, String), Failed> {
    let refused = refusal(cast.request(&SEOUL, item, TOKYO.node))?;
    let asked = cast.request(&SEOUL, item, WASHINGTON.node)?;
    let case = asked.case.clone();
    let pair = Pair {
        asked: "An analyst in Seoul asks to give the report to Tokyo directly.",
        code: "R-024",
        refused,
        nearest: "The same report to Washington.",
        permitted: ruling(asked)?,
    };
    Ok((pair, case))
}

/// The report at Washington, admitted and receipted.
fn first_leg(
    cast: &Cast,
    item: &str,
    digest: &str,
    case: &str,
    story: &Story,
) -> Result<(String, Value), Failed> {
    let decided = cast.decide(&SEOUL, case, Answer::Approve)?;
    let size = cast.analyst(&SEOUL)?.get::<api::Item>(&format!("/v1/items/{item}"))?.size;
    let arrival = cast.arrival(&WASHINGTON, digest, size)?;
    let admitted = inbox::admit(cast.desk(&WASHINGTON)?, &arrival, None)?;
    // It is a reading hub: it reads what it passes on.
    let opened = cast.analyst(&WASHINGTON)?.open(&admitted.item, "")?;
    if !same(opened.bytes, &mut REPORT.as_bytes())? {
        return Err(Failed::fault("what was opened is not what was sent"));
    }
    cast.receipt(&SEOUL, &arrival.dispatch)?;
    let control = decided.control_number.unwrap_or_default();
    story.crossed(TITLE, &SEOUL, &WASHINGTON, (&control, &admitted.register_number), &admitted.banner, false);
    let leg = json!({
        "from": SEOUL.node, "to": WASHINGTON.node, "dispatch": arrival.dispatch, "control_number": control,
        "register_number": admitted.register_number, "received_item": admitted.item, "banner": admitted.banner,
    });
    Ok((admitted.item, leg))
}

/// Passing on: refused before Seoul approves it, permitted after.
fn with_seouls_word(
    cast: &Cast,
    at_seoul: &str,
    at_washington: &str,
    digest: &str,
) -> Result<(Pair<'static>, String), Failed> {
    let refused = refusal(cast.request(&WASHINGTON, at_washington, TOKYO.node))?;
    approve(cast, digest)?;
    let asked = cast.request(&WASHINGTON, at_washington, TOKYO.node)?;
    let case = asked.case.clone();
    let shown: api::Item = cast.analyst(&SEOUL)?.get(&format!("/v1/items/{at_seoul}"))?;
    if shown.item_digest != digest {
        return Err(Failed::fault("the report is not the same at Seoul"));
    }
    let pair = Pair {
        asked: "An analyst in Washington asks to pass the report on to Tokyo.",
        code: "R-006",
        refused,
        nearest: "The same, once Seoul has approved it in writing for Tokyo.",
        permitted: ruling(asked)?,
    };
    Ok((pair, case))
}

/// Seoul's disclosure officer approves in writing that Washington passes the report on to Tokyo; the approval goes there by itself.
fn approve(cast: &Cast, digest: &str) -> Result<(), Failed> {
    let item_digest: Digest = digest.parse().map_err(Failed::fault)?;
    let what = format!("third-party={}", TOKYO.party).parse().map_err(Failed::misuse)?;
    let consent = Consent {
        item_digest,
        to: WASHINGTON.node.parse().map_err(Failed::misuse)?,
        step: Step::Given { what, until: Some(crate::home::now().plus_hours(30 * 24)) },
        document: "note verbale 2014-1 (fictitious)".to_owned(),
    };
    let fdo = cast.client(&SEOUL.person("fdo"))?;
    let said: api::Consent =
        fdo.post("/v1/approvals", &fdo.sign(papers::Consent { consent, words: String::new() })?)?;
    let there = cast.client(&WASHINGTON.person("fdo"))?;
    patiently("Seoul's approval", || {
        let words: Vec<api::Consent> = there.list("/v1/approvals")?;
        Ok(words.iter().any(|word| word.digest == said.digest).then_some(()))
    })
}

/// The report at Tokyo, with the whole chain verified, admitted, opened and receipted.
fn second_leg(cast: &Cast, case: &str, digest: &str, story: &Story) -> Result<(String, Value), Failed> {
    let decided = cast.decide(&WASHINGTON, case, Answer::Approve)?;
    let arrival = cast.arrival(&TOKYO, digest, REPORT.len() as u64)?;
    if arrival.origin.as_deref() != Some(SEOUL.node) {
        return Err(Failed::fault("Tokyo does not see whose report it is"));
    }
    // One level of Korea, two of Japan: a person in Tokyo chooses.
    let level = "JPN:GOKUHI".parse().map_err(Failed::fault)?;
    let admitted = inbox::admit(cast.desk(&TOKYO)?, &arrival, Some(level))?;
    let opened = cast.analyst(&TOKYO)?.open(&admitted.item, "")?;
    if !same(opened.bytes, &mut REPORT.as_bytes())? {
        return Err(Failed::fault("what was opened is not what was sent"));
    }
    cast.receipt(&WASHINGTON, &arrival.dispatch)?;
    let control = decided.control_number.unwrap_or_default();
    story.crossed(TITLE, &WASHINGTON, &TOKYO, (&control, &admitted.register_number), &admitted.banner, false);
    let leg = json!({
        "from": WASHINGTON.node, "to": TOKYO.node, "dispatch": arrival.dispatch, "control_number": control,
        "register_number": admitted.register_number, "received_item": admitted.item, "banner": admitted.banner,
    });
    Ok((admitted.item, leg))
}

/// Both hops as each end shows them, once both are receipted.
fn hops(cast: &Cast, report: &Report, story: &Story) -> Result<Value, Failed> {
    let at_seoul = patiently("the word of both receipts at Seoul", || {
        let shown: api::Item = cast.analyst(&SEOUL)?.get(&format!("/v1/items/{}", report.at_seoul))?;
        let receipted = shown.hops.iter().filter(|hop| hop.state == "receipted").count();
        Ok((receipted == 2).then_some(shown.hops))
    })?;
    let there: api::Item = cast.analyst(&TOKYO)?.get(&format!("/v1/items/{}", report.at_tokyo))?;
    let known = |hops: &[api::Hop]| -> Vec<_> {
        hops.iter().map(|hop| (hop.to.clone(), hop.level.clone(), hop.receipt.clone())).collect()
    };
    if known(&at_seoul) != known(&there.hops) {
        return Err(Failed::fault("the two ends know different hops"));
    }
    story.hops(&at_seoul);
    Ok(json!(at_seoul))
}

/// The life of the report at all three nodes, verified by a process that is given nothing else; then without Seoul's approval.
fn verify(cast: &Cast, stage: &Stage, report: &Report, story: &Story) -> Result<Value, Failed> {
    story.title("What anyone can verify of this report, without keys and without a network");
    let folder = stage.folder.join("evidence");
    let mut fingerprints = Vec::new();
    for nation in VIA_WASHINGTON.nations {
        fingerprints.push(stage.fingerprint(nation)?);
    }
    let held = [(&SEOUL, &report.at_seoul), (&WASHINGTON, &report.at_washington), (&TOKYO, &report.at_tokyo)];
    // The proofs of the receipts follow with the next checkpoint of each log.
    let proved = patiently("the proofs of both receipts", || {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Failed::file(&folder, &error))?;
        }
        for (nation, item) in held {
            evidence::save_item(item, &folder, cast.registrar(nation)?)?;
        }
        let (code, report) = proof::verified(&folder, &fingerprints)?;
        // One of before the last beat is proved as well, and has less to show.
        let is_whole = report["counts"]["proofs"].as_u64() == Some(LEGS);
        Ok((code == Some(0) && is_whole).then_some(report))
    })?;
    let count = |name: &str| proved["counts"][name].as_u64().unwrap_or_default();
    story.done(&format!(
        "{} acts at three nodes, {} packages, {} receipts, {} proofs: PROVED",
        count("leaves"),
        count("packages"),
        count("receipts"),
        count("proofs")
    ));
    let altered = without_approval(&folder, &fingerprints)?;
    let why = altered["outcome"]["why"].as_str().unwrap_or_default();
    story.done(&format!("Without the statement of Seoul's approval: FAILED\n  V-060: {why}"));
    Ok(
        json!({ "verdict": proved["verdict"], "counts": proved["counts"], "folder": folder, "altered": altered }),
    )
}

/// What is found where Seoul's approval is missing from the hub's part.
fn without_approval(folder: &Path, fingerprints: &[String]) -> Result<Value, Failed> {
    let altered = folder.with_file_name("evidence-without-approval");
    proof::copy(folder, &altered)?;
    let statements = altered.join(WASHINGTON.node).join("statements");
    let listed = fs::read_dir(&statements).map_err(|error| Failed::file(&statements, &error))?;
    for file in listed {
        let path = file.map_err(|error| Failed::file(&statements, &error))?.path();
        let bytes = fs::read(&path).map_err(|error| Failed::file(&path, &error))?;
        let signed = attache_seal::statement::Signed::from_bytes(&bytes).map_err(Failed::fault)?;
        if signed.name() == <papers::Consent as attache_seal::statement::Body>::NAME {
            fs::remove_file(&path).map_err(|error| Failed::file(&path, &error))?;
        }
    }
    let (code, broken) = proof::verified(&altered, fingerprints)?;
    let failed = broken["findings"].as_array().into_iter().flatten();
    let mut failed = failed.filter(|finding| finding["outcome"]["is"] == "failed");
    let found = failed.find(|finding| finding["check"] == "V-060").cloned();
    found.filter(|_| code == Some(1)).ok_or_else(|| Failed::fault("a missing approval was not noticed"))
}
