//! Four refusals, each through the same interface as the permits, and each beside the nearest question that is permitted.
//!
//! *Absent:* pretence. A refusal that does not come, or comes for another reason, fails the demo.

use super::cast::{Cast, SEOUL, TOKYO, WASHINGTON};
use super::story::Story;
use crate::found::Failed;
use crate::inbox;
use attache_gate::api;
use attache_seal::papers::Answer;
use serde_json::{Value, json};

/// What is refused, and what is permitted instead.
pub(super) struct Pair<'a> {
    pub(super) asked: &'a str,
    pub(super) code: &'a str,
    pub(super) refused: Box<api::Explained>,
    pub(super) nearest: &'a str,
    pub(super) permitted: api::Explained,
}

pub(super) fn all(cast: &Cast, humint: &Value, story: &Story) -> Result<Vec<Value>, Failed> {
    story.title("Four refusals, each beside the nearest question that is permitted");
    let extract = humint["item"].as_str().unwrap_or_default();
    let received = humint["received_item"].as_str().unwrap_or_default();
    let pairs = [
        no_equivalent(cast)?,
        third_country(cast, extract)?,
        no_clearance(cast, received)?,
        own_request(cast)?,
    ];
    pairs.into_iter().map(|pair| pair.told(story)).collect()
}

impl Pair<'_> {
    /// Tells both, if the refusal came for its own reason and no other.
    pub(super) fn told(self, story: &Story) -> Result<Value, Failed> {
        let pair = self;
        let codes: Vec<_> = pair.refused.reasons.iter().map(|reason| reason.code.as_str()).collect();
        if codes != [pair.code] {
            return Err(Failed::fault(format!("refused for {codes:?}, not for {} alone", pair.code)));
        }
        let reason =
            pair.refused.reasons.first().ok_or_else(|| Failed::fault("a refusal without a reason"))?;
        story.refused(pair.asked, reason, pair.nearest, &pair.permitted);
        Ok(json!({
            "asked": pair.asked,
            "code": reason.code,
            "article": reason.article,
            "title": reason.title,
            "reason": reason.reason,
            "ruling_index": pair.refused.index,
            "question": pair.refused.question,
            "question_cbor": pair.refused.question_cbor,
            "nearest": { "asked": pair.nearest, "granted": pair.permitted.granted, "ruling_index": pair.permitted.index },
        }))
    }
}

/// Art. 4: the highest Korean level has no equivalent and is not shared.
fn no_equivalent(cast: &Cast) -> Result<Pair<'static>, Failed> {
    let top = item(cast, "Order of battle (fictitious)", "KOR:I")?;
    let lower = item(cast, "Order of battle, lower part (fictitious)", "KOR:II")?;
    Ok(Pair {
        asked: "An analyst in Seoul asks to release 군사I급비밀 to Tokyo.",
        code: "R-004",
        refused: refusal(cast.request(&SEOUL, &top, TOKYO.node))?,
        nearest: "The same question about 군사II급비밀.",
        permitted: ruling(cast.request(&SEOUL, &lower, TOKYO.node)?)?,
    })
}

/// Art. 6(a): nothing goes to a third party.
fn third_country(cast: &Cast, extract: &str) -> Result<Pair<'static>, Failed> {
    Ok(Pair {
        asked: "The report that went to Tokyo is to go to Washington as well.",
        code: "R-005",
        refused: refusal(cast.request(&SEOUL, extract, WASHINGTON.node))?,
        nearest: "The same report to Tokyo once more.",
        permitted: ruling(cast.request(&SEOUL, extract, TOKYO.node)?)?,
    })
}

/// Art. 7: whoever reads is cleared.
fn no_clearance(cast: &Cast, received: &str) -> Result<Pair<'static>, Failed> {
    let refused = cast.client(&TOKYO.person("novice"))?.open(received, "").map(|_| ());
    let opened = cast.analyst(&TOKYO)?.open(received, "")?;
    let permitted = cast.analyst(&TOKYO)?.get(&format!("/v1/rulings/{}", opened.ruling_index))?;
    Ok(Pair {
        asked: "A reader in Tokyo without a clearance opens the report.",
        code: "R-020",
        refused: refusal(refused)?,
        nearest: "A cleared reader with the same duties opens it.",
        permitted,
    })
}

/// Two persons for every release.
fn own_request(cast: &Cast) -> Result<Pair<'static>, Failed> {
    let item = item(cast, "Weekly summary (fictitious)", "KOR:III")?;
    let lead = SEOUL.person("lead");
    let case = cast.request_as(&lead, &item, TOKYO.node)?.case;
    let refused = refusal(cast.decide_as(&lead, &case, Answer::Approve))?;
    let permitted = ruling(cast.decide(&SEOUL, &case, Answer::Approve)?)?;
    // What was approved goes out by itself: it is admitted too, so that nothing is left open.
    let digest: api::Item = cast.analyst(&SEOUL)?.get(&format!("/v1/items/{item}"))?;
    let arrival = cast.arrival(&TOKYO, &digest.item_digest, digest.size)?;
    inbox::admit(cast.desk(&TOKYO)?, &arrival, None)?;
    cast.receipt(&SEOUL, &arrival.dispatch)?;
    Ok(Pair {
        asked: "The person who asked for a release approves it.",
        code: "R-009",
        refused,
        nearest: "Another disclosure officer approves the same case.",
        permitted,
    })
}

/// A short report of Seoul, marked and releasable to Tokyo.
fn item(cast: &Cast, title: &str, level: &str) -> Result<String, Failed> {
    let described = api::Described { title: title.to_owned(), ..api::Described::default() };
    let text = format!("{title}\n");
    let added = cast.analyst(&SEOUL)?.upload(&described, text.len() as u64, &mut text.as_bytes())?;
    cast.mark(&SEOUL, &added.item, level, "document", true)?;
    Ok(added.item)
}

pub(super) fn refusal<T>(answer: Result<T, Failed>) -> Result<Box<api::Explained>, Failed> {
    match answer {
        Ok(_) => Err(Failed::fault("what must be refused was permitted")),
        Err(failed) => match failed.problem {
            Some(problem) if problem.ruling.is_some() => {
                problem.ruling.ok_or_else(|| Failed::fault("no ruling"))
            }
            _ => Err(Failed::fault(format!("refused without a ruling: {}", failed.text))),
        },
    }
}

pub(super) fn ruling(acted: api::Acted) -> Result<api::Explained, Failed> {
    acted.ruling.filter(|ruling| ruling.granted).ok_or_else(|| Failed::fault("permitted without a ruling"))
}
