//! A destruction as two people sign it, and as it is shown.
//!
//! *Absent:* a signature for anyone but who types.

use super::COPY;
use crate::agreement::texts::{Three, of};
use crate::client::Client;
use crate::found::{Failed, Found};
use crate::items::item_id;
use attache_accord::destruction::{Destroyed, Destruction};
use attache_gate::api;
use attache_release::Language;

/// Signs as the first of two, or as the second what the first one signed.
pub(super) fn destroy(
    client: &Client,
    item: &str,
    copy: Option<u32>,
    (means, document): (String, String),
    second: bool,
    language: Language,
) -> Result<Found, Failed> {
    let id = item_id(client, item)?;
    let destruction = if second {
        let all: Vec<api::Destruction> = client.list("/v1/destructions")?;
        let is_it = |one: &&api::Destruction| {
            one.item.as_deref() == Some(id.as_str()) && one.copy == copy && !one.complete
        };
        let waits = all.iter().find(is_it);
        let waits = waits
            .ok_or_else(|| Failed::misuse("second: nobody has signed first; give --means and --document"))?;
        let first =
            waits.witnesses.first().ok_or_else(|| Failed::fault("the node shows no first signature"))?;
        eprintln!("{}", line(waits, language));
        Destruction {
            what: Destroyed {
                item_digest: parsed(&waits.item_digest)?,
                dispatch: waits.dispatch.as_deref().map(parsed).transpose()?,
                copy,
            },
            to: waits.to.as_deref().map(parsed).transpose()?,
            means: waits.means.clone(),
            document: waits.document.clone(),
            first: Some(parsed(&first.digest)?),
        }
    } else {
        let item: api::Item = client.get(&format!("/v1/items/{id}"))?;
        let (dispatch, to) = (item.dispatch.as_deref(), item.from.as_deref());
        Destruction {
            what: Destroyed {
                item_digest: parsed(&item.item_digest)?,
                dispatch: dispatch.map(parsed).transpose()?,
                copy,
            },
            to: to.map(parsed).transpose()?,
            means,
            document,
            first: None,
        }
    };
    let signed: api::Destruction = client.post("/v1/destructions", &client.sign(destruction)?)?;
    let next: &Three = match (signed.complete, signed.to.is_some()) {
        (false, _) => &[
            "다음: 다른 사람이 attache item destroy --second 로 서명한다.",
            "次: もう一人が attache item destroy --second で署名する。",
            "Next: another person signs, by attache item destroy --second.",
        ],
        (true, true) => &[
            "파기되었다. 증명서는 제공국 노드로 자동으로 전달된다.",
            "破棄された。証明書は提供国のノードへ自動で届く。",
            "Destroyed. The certificate goes to the originator's node by itself.",
        ],
        (true, false) => &["파기되었다.", "破棄された。", "Destroyed."],
    };
    Found::of(format!("{}\n{}", line(&signed, language), of(next, language)), &signed)
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Failed> {
    text.parse().map_err(Failed::fault)
}

pub(super) fn line(one: &api::Destruction, language: Language) -> String {
    let what = one.number.as_deref().or(one.item.as_deref()).unwrap_or("-");
    let copy = one.copy.map(|copy| format!(" {} {copy}", of(&COPY, language))).unwrap_or_default();
    let state = of(if one.complete { &DESTROYED } else { &ONE_SIGNED }, language);
    let signers: Vec<&str> = one.witnesses.iter().map(|witness| witness.by.as_str()).collect();
    format!("{what}{copy}  {}  {state}: {}  {} ({})", one.node, signers.join(", "), one.means, one.document)
}

const DESTROYED: Three = ["두 사람이 파기를 서명함", "二人が破棄に署名", "destroyed, signed by"];
const ONE_SIGNED: Three = ["한 사람이 서명함", "一人が署名", "signed by one"];
