//! `attache approval`: what an originator approves of its item in writing, and what its holder asks for.
//!
//! *Absent:* the rules. An approval permits nothing by itself; whoever rests on it asks, and the rules answer.

use crate::agreement::texts::{Three, lines_or, of, word};
use crate::client::Client;
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::ids::whole_id;
use crate::items::item_id;
use attache_accord::consent::{Consent, Step};
use attache_accord::particulars::Approved;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_gate::api;
use attache_release::Language;
use attache_seal::papers;
use clap::{Args, Subcommand};
use std::collections::BTreeSet;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Approve something about an own item that a partner's node holds. A disclosure officer signs.
    #[command(
        after_help = "Example: attache approval give 3f9a01 purpose=training --document \"letter 7\" --until 2027-06-30 \
        --words \"one course only\" --as fdo-1"
    )]
    Give {
        #[command(flatten)]
        about: About,
        /// When it lapses; without it, it does not.
        #[arg(long, value_name = "DATE")]
        until: Option<Timestamp>,
        #[command(flatten)]
        letter: Letter,
    },
    /// Ask the originator of a received item for an approval.
    #[command(
        after_help = "Example: attache approval ask 77c2d0 third-party=USA --document \"note 12\" --words \"joint \
        exercise\" --as desk-7"
    )]
    Ask {
        #[command(flatten)]
        about: About,
        #[command(flatten)]
        letter: Letter,
    },
    /// Withdraw an approval. What was done under it stays done.
    #[command(after_help = "Example: attache approval withdraw 5ae1c0 --document \"letter 9\" --as fdo-1")]
    Withdraw {
        /// The approval, or at least 6 digits of its digest.
        approval: String,
        #[command(flatten)]
        letter: Letter,
    },
    /// Decline what a holder asked for.
    #[command(after_help = "Example: attache approval decline 5ae1c0 --document \"letter 8\" --as fdo-1")]
    Decline {
        /// The request, or at least 6 digits of its digest.
        request: String,
        #[command(flatten)]
        letter: Letter,
    },
    /// List requests and approvals, own and the partners'.
    #[command(after_help = "Example: attache approval list --language ja --as fdo-1")]
    List,
    /// Show one of them with its conditions.
    #[command(after_help = "Example: attache approval show 5ae1c0 --as fdo-1")]
    Show {
        /// At least 6 digits of its digest.
        digest: String,
    },
}

#[derive(Args)]
pub(crate) struct About {
    /// The item, or at least 6 digits of it.
    item: String,
    /// What: third-party=USA, purpose=training or downgrade=KOR:III.
    what: Approved,
    /// The other node; needed where several hold the item.
    #[arg(long, value_name = "NODE")]
    to: Option<NodeName>,
}

#[derive(Args)]
pub(crate) struct Letter {
    /// The written document: its number or reference.
    #[arg(long)]
    document: String,
    /// Words to it: conditions, or a reason.
    #[arg(long, default_value = "")]
    words: String,
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let said = match verb {
        Verb::Give { about, until, letter } => {
            let (item, to) = party_to(&client, &about, sent_to)?;
            say(&client, item, to, Step::Given { what: about.what, until }, letter)?
        }
        Verb::Ask { about, letter } => {
            let (item, to) = party_to(&client, &about, came_from)?;
            say(&client, item, to, Step::Asked { what: about.what }, letter)?
        }
        Verb::Withdraw { approval, letter } => {
            let ended = one(&client, &approval)?;
            say_of(&client, &ended, |approval| Step::Withdrawn { approval }, letter)?
        }
        Verb::Decline { request, letter } => {
            let ended = one(&client, &request)?;
            say_of(&client, &ended, |request| Step::Declined { request }, letter)?
        }
        Verb::List => {
            let words: Vec<api::Consent> = client.list("/v1/approvals")?;
            let lines: Vec<String> = words.iter().map(|word| line(word, context.language)).collect();
            let none = ["승인이 없다.", "承認はない。", "No approvals."];
            return Found::of(lines_or(&none, &lines, context.language), &words);
        }
        Verb::Show { digest } => {
            let word = one(&client, &digest)?;
            return Found::of(shown(&word, context.language), &word);
        }
    };
    let goes = [
        "상대국 노드로 자동으로 전달된다.",
        "相手国のノードへ自動で届く。",
        "It goes to the partner's node by itself.",
    ];
    Found::of(format!("{}\n{}", shown(&said, context.language), of(&goes, context.language)), &said)
}

/// The item, and the one node that it is about.
fn party_to(
    client: &Client,
    about: &About,
    nodes: fn(&Client, &api::Item) -> Result<BTreeSet<String>, Failed>,
) -> Result<(Digest, NodeName), Failed> {
    let id = item_id(client, &about.item)?;
    let item: api::Item = client.get(&format!("/v1/items/{id}"))?;
    let to = match &about.to {
        Some(to) => to.clone(),
        None => {
            let nodes: Vec<String> = nodes(client, &item)?.into_iter().collect();
            match nodes.as_slice() {
                [only] => only.parse().map_err(Failed::fault)?,
                [] => return Err(Failed::misuse("to: no partner's node has this item")),
                several => return Err(Failed::misuse(format!("to: give one of {}", several.join(", ")))),
            }
        }
    };
    Ok((item.item_digest.parse().map_err(Failed::fault)?, to))
}

fn sent_to(client: &Client, item: &api::Item) -> Result<BTreeSet<String>, Failed> {
    let cases: Vec<api::Release> = client.list("/v1/releases")?;
    let sent = cases.into_iter().filter(|case| case.item == item.item && case.dispatch.is_some());
    Ok(sent.map(|case| case.recipient).collect())
}

fn came_from(_: &Client, item: &api::Item) -> Result<BTreeSet<String>, Failed> {
    // A hub cannot approve what is its originator's.
    Ok(item.origin.iter().chain(&item.from).take(1).cloned().collect())
}

fn say(
    client: &Client,
    item_digest: Digest,
    to: NodeName,
    step: Step,
    letter: Letter,
) -> Result<api::Consent, Failed> {
    let consent = Consent { item_digest, to, step, document: letter.document };
    client.post("/v1/approvals", &client.sign(papers::Consent { consent, words: letter.words })?)
}

/// Says what becomes of an earlier word.
fn say_of(
    client: &Client,
    ended: &api::Consent,
    step: impl FnOnce(Digest) -> Step,
    letter: Letter,
) -> Result<api::Consent, Failed> {
    let parsed = |text: &str| text.parse::<Digest>().map_err(Failed::fault);
    let to = ended.node.parse().map_err(Failed::fault)?;
    say(client, parsed(&ended.item_digest)?, to, step(parsed(&ended.digest)?), letter)
}

fn one(client: &Client, given: &str) -> Result<api::Consent, Failed> {
    let words: Vec<api::Consent> = client.list("/v1/approvals")?;
    let id = whole_id("approval", given, words.iter().map(|word| word.digest.as_str()))?;
    client.get(&format!("/v1/approvals/{id}"))
}

const STEP: &[(&str, Three)] = &[
    ("asked", ["승인 요청", "承認の要請", "asked for"]),
    ("given", ["승인", "承認", "approved"]),
    ("withdrawn", ["승인 철회", "承認の撤回", "approval withdrawn"]),
    ("declined", ["승인 거절", "承認の拒否", "request declined"]),
];
const HOLDS: Three = ["유효", "有効", "holds"];
const LAPSED: Three = ["유효하지 않음", "無効", "does not hold"];
const ENDED: Three = ["종료", "終了", "ended"];
const UNTIL: Three = ["기한", "期限", "until"];
const ON_ITS_WAY: Three = ["전달 중", "送達中", "on its way"];
const CONDITIONS: Three = ["조건·사유", "条件・理由", "words"];
const DOCUMENT: Three = ["문서", "文書", "document"];

/// Whether it counts, or how it ended.
fn state(word: &api::Consent, language: Language) -> String {
    let mut parts = Vec::new();
    match (&word.ended, word.step.as_str()) {
        (Some(at), _) => parts.push(format!("{} {at}", of(&ENDED, language))),
        (None, "given") => parts.push(of(if word.holds { &HOLDS } else { &LAPSED }, language).to_owned()),
        _ => {}
    }
    if let Some(until) = &word.until {
        parts.push(format!("{} {until}", of(&UNTIL, language)));
    }
    if word.delivered == Some(false) {
        parts.push(of(&ON_ITS_WAY, language).to_owned());
    }
    parts.join(", ")
}

fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

fn line(said: &api::Consent, language: Language) -> String {
    let what = said.what.clone().or_else(|| said.ends.as_deref().map(short)).unwrap_or_default();
    let (digest, item) = (short(&said.digest), said.item.as_deref().map_or_else(|| "-".to_owned(), short));
    let way = if said.own { "->" } else { "<-" };
    let step = word(STEP, &said.step, language);
    format!("{digest}  {} {way} {}  {item}  {step} {what}  {}", said.party, said.node, state(said, language))
}

fn shown(said: &api::Consent, language: Language) -> String {
    let mut lines = vec![
        line(said, language),
        format!("  digest  {}", said.digest),
        format!("  {}  {} ({})", of(&DOCUMENT, language), said.document, said.signed_at),
    ];
    if !said.words.is_empty() {
        lines.push(format!("  {}  {}", of(&CONDITIONS, language), said.words));
    }
    lines.join("\n")
}
