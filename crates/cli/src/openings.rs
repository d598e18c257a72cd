//! `attache opening`, and recalls: what an originator does about items that it controls after their release.
//!
//! *Absent:* the opening itself, `attache open`, which asks the originator by itself.

use crate::agreement::texts::{Three, lines_or, of, word};
use crate::client::Client;
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::ids::whole_id;
use crate::items::item_id;
use attache_accord::control::{Recall, Taken};
use attache_accord::{Level, NodeName};
use attache_gate::api;
use attache_release::Language;
use attache_seal::papers::{Answer, OpeningDecision};
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Recalled {
    /// Take an own item back from whom it was released to, and to whom a hub passed it on: nobody opens it there any more. Only a new
    /// release undoes it.
    #[command(after_help = "Example: attache item recall 3f9a01 --document \"letter 9\" --as fdo-1")]
    Recall {
        #[command(flatten)]
        about: About,
    },
    /// Give an own item another level from here on. Its label stays; openings that it consents to are ruled on by the new level.
    #[command(
        after_help = "Example: attache item reclassify 3f9a01 --level KOR:III --document \"letter 10\" --as fdo-1"
    )]
    Reclassify {
        #[command(flatten)]
        about: About,
        /// The level, in the own scheme.
        #[arg(long)]
        level: Level,
    },
}

#[derive(Args)]
pub(crate) struct About {
    /// The item, or at least 6 digits of it.
    item: String,
    /// The written document: its number or reference.
    #[arg(long)]
    document: String,
    /// One node that holds it; without it, every one.
    #[arg(long = "at", value_name = "NODE")]
    node: Option<NodeName>,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List requests to open items under originator control, own and the partners'.
    #[command(after_help = "Example: attache opening list --as fdo-1")]
    List,
    /// Consent to one opening. A disclosure officer signs; the rules must permit it as well.
    #[command(after_help = "Example: attache opening approve 5ae1c0 --as fdo-1")]
    Approve {
        /// At least 6 digits of the request.
        request: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Do not consent to one opening.
    #[command(
        after_help = "Example: attache opening deny 5ae1c0 --reason \"ask for the summary\" --as fdo-1"
    )]
    Deny {
        /// At least 6 digits of the request.
        request: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let (request, answer, reason) = match verb {
        Verb::List => {
            let openings: Vec<api::Opening> = client.list("/v1/openings")?;
            let lines: Vec<String> = openings.iter().map(|it| line(it, context.language)).collect();
            let none = ["열람 요청이 없다.", "閲覧の要請はない。", "No requests to open."];
            return Found::of(lines_or(&none, &lines, context.language), &openings);
        }
        Verb::Approve { request, reason } => (request, Answer::Approve, reason),
        Verb::Deny { request, reason } => (request, Answer::Refuse, reason),
    };
    let openings: Vec<api::Opening> = client.list("/v1/openings")?;
    let request = whole_id("request", &request, openings.iter().map(|it| it.request.as_str()))?;
    let decision = OpeningDecision { request: request.parse().map_err(Failed::fault)?, answer, reason };
    let path = format!("/v1/openings/{request}/decision");
    let decided: api::Opening = client.post(&path, &client.sign(decision)?)?;
    Found::of(line(&decided, context.language), &decided)
}

pub(crate) fn recall(verb: Recalled, client: &Client, context: &Context) -> Result<Found, Failed> {
    let (about, taken) = match verb {
        Recalled::Recall { about } => (about, Taken::Back {}),
        Recalled::Reclassify { about, level } => (about, Taken::ToLevel { level }),
    };
    let id = item_id(client, &about.item)?;
    let item: api::Item = client.get(&format!("/v1/items/{id}"))?;
    let cases: Vec<api::Release> = client.list("/v1/releases")?;
    let is_meant = |recipient: &str| about.node.as_ref().is_none_or(|node| node.as_str() == recipient);
    let taken_back = |dispatch: &str| {
        item.recalls.iter().any(|recall| recall.dispatch == dispatch && recall.taken == "recalled")
    };
    let mut said = Vec::new();
    for case in cases.iter().filter(|case| case.item == id && is_meant(&case.recipient)) {
        let Some(sent) = &case.dispatch else { continue };
        if !matches!(sent.progress.as_str(), "stored" | "receipted") || taken_back(&sent.dispatch) {
            continue;
        }
        let recall = Recall {
            item_digest: item.item_digest.parse().map_err(Failed::fault)?,
            dispatch: sent.dispatch.parse().map_err(Failed::fault)?,
            to: case.recipient.parse().map_err(Failed::fault)?,
            taken: taken.clone(),
            document: about.document.clone(),
        };
        said.push(client.post::<api::Recall>("/v1/recalls", &client.sign(recall)?)?);
    }
    if said.is_empty() {
        return Err(Failed::misuse(
            "item: no node holds it that it is not recalled from; see attache release list",
        ));
    }
    let goes = of(
        &[
            "상대국 노드로 자동으로 전달된다.",
            "相手国のノードへ自動で届く。",
            "It goes to the partner's node by itself.",
        ],
        context.language,
    );
    let lines = said.iter().map(|recall| recalled(recall, context.language));
    Found::of(lines.chain([goes.to_owned()]).collect::<Vec<_>>().join("\n"), &said)
}

const TAKEN: &[(&str, Three)] = &[
    ("recalled", ["회수됨", "回収済み", "RECALLED by its originator"]),
    ("reclassified", ["재분류됨", "再区分済み", "reclassified by its originator"]),
];
const ON_ITS_WAY: Three = ["전달 중", "送達中", "on its way"];
const HAS_IT: Three = ["전달됨", "送達済み", "delivered"];
const ONCE_RECEIPTED: Three = [
    "중계 당사자가 수령증을 제시하면 전달됨",
    "中継当事者が受領証を示せば送達される",
    "brought there once the hub shows its receipt",
];
const STATE: &[(&str, Three)] = &[
    ("waits", ["결정 대기", "決定待ち", "waits"]),
    ("consented", ["동의", "同意", "consented"]),
    ("recalled", ["회수로 거부", "回収により拒否", "refused: recalled"]),
    ("expired", ["기한 경과로 거부", "期限切れにより拒否", "refused: expired"]),
    ("refused by rule", ["규칙으로 거부", "規則により拒否", "refused by the rules"]),
    ("refused by a person", ["담당자가 거부", "担当者が拒否", "refused by a person"]),
    ("noted", ["사후 통보 기록", "事後通報の記録", "noted afterwards"]),
];

/// What the originator said about an item, and in lines below it where else that goes.
pub(crate) fn recalled(recall: &api::Recall, language: Language) -> String {
    let (taken, to) = (word(TAKEN, &recall.taken, language), &recall.to);
    let level = recall.level.as_ref().map(|level| format!(" {level}")).unwrap_or_default();
    let way = if recall.delivered == Some(false) { of(&ON_ITS_WAY, language) } else { "" };
    let first = format!("  {taken}{level}  {to}  {} ({})  {way}", recall.document, recall.signed_at);
    let onward = recall.onward.iter().map(|onward| {
        let how = match (onward.delivered, onward.state.as_str()) {
            (true, _) => &HAS_IT,
            (false, "receipted") => &ON_ITS_WAY,
            (false, _) => &ONCE_RECEIPTED,
        };
        format!("    {to} -> {}  {}", onward.to, of(how, language))
    });
    let lines: Vec<String> = std::iter::once(first.trim_end().to_owned()).chain(onward).collect();
    lines.join("\n")
}

fn line(asked: &api::Opening, language: Language) -> String {
    let short = |id: &str| id.chars().take(8).collect::<String>();
    let way = if asked.own { "->" } else { "<-" };
    let state = word(STATE, &asked.state, language);
    let (request, item) = (short(&asked.request), short(&asked.item));
    format!("{request}  {item}  {way} {}  {}  {state}  {}", asked.node, asked.person, asked.purpose)
        .trim_end()
        .to_owned()
}
