//! `attache release`: ask, review, decide. What is signed is shown first, and signed with the person's own key.
//!
//! *Absent:* a way to decide without having seen the case: the facts that it names are the ones shown.

use crate::agreement::texts::{Three, filled, lines_or, of, word};
use crate::client::Client;
use crate::context::Context;
use crate::found::{EXIT_MISUSE, Failed, Found};
use crate::hops;
use crate::ids::whole_id;
use crate::items::{item_id, words::ITEM};
use attache_accord::{CaseId, NodeName};
use attache_gate::api;
use attache_release::Language;
use attache_seal::papers::{Answer, Decision, Request, Review};
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Ask that an item be released to a partner's node.
    #[command(
        after_help = "Example: attache release request 3f9a01 tokyo.jpn --purpose \"early warning\" --as analyst-1"
    )]
    Request {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The node to receive it.
        recipient: NodeName,
        /// For what use.
        #[arg(long)]
        purpose: String,
    },
    /// Say what you found in a case. A review permits nothing.
    #[command(
        after_help = "Example: attache release review 77c2d0 --remark \"source is protected\" --as fdo-2"
    )]
    Review {
        /// The case, or at least 6 digits of it.
        case: String,
        /// What you found.
        #[arg(long)]
        remark: String,
    },
    /// Approve a case, as another person than the one who asked.
    #[command(
        after_help = "Example: attache release approve 77c2d0 --reason \"as agreed\" --article 1 --as fdo-1"
    )]
    Approve {
        /// The case, or at least 6 digits of it.
        case: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The article relied on.
        #[arg(long, default_value = "1")]
        article: String,
    },
    /// Refuse a case.
    #[command(
        after_help = "Example: attache release refuse 77c2d0 --reason \"no duty to provide\" --article 1 --as fdo-1"
    )]
    Refuse {
        /// The case, or at least 6 digits of it.
        case: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The article relied on.
        #[arg(long, default_value = "1")]
        article: String,
    },
    /// Show one case.
    #[command(after_help = "Example: attache release show 77c2d0 --as fdo-1")]
    Show {
        /// The case, or at least 6 digits of it.
        case: String,
    },
    /// List all cases.
    #[command(after_help = "Example: attache release list --as fdo-1")]
    List,
}

const WAITS: Three = [
    "심사 건 {case}이(가) 두 번째 사람을 기다린다.\n다음: 제공 담당(disclosure-officer)이 attache release approve {case} 또는 refuse",
    "案件 {case} は二人目を待っている。\n次に: 提供担当 (disclosure-officer) が attache release approve {case} または refuse",
    "Case {case} waits for a second person.\nNext: attache release approve {case} or refuse, by a disclosure officer.",
];
const REVIEWED: Three = [
    "심사 건 {case}의 검토가 기록되었다.",
    "案件 {case} の審査は記録された。",
    "The review of case {case} is on record.",
];
const APPROVED: Three = [
    "관리번호 {number}(으)로 승인했다. 제공 꾸러미는 저절로 나간다.",
    "管理番号 {number} として承認した。提供パッケージは自動的に送られる。",
    "Approved under control number {number}; the package goes out by itself.",
];
const REFUSED: Three = [
    "심사 건 {case}을(를) 거부했고, 그것이 기록되었다.",
    "案件 {case} を拒否し、そのことは記録された。",
    "Case {case} is refused, and that is on record.",
];
const NONE: Three = ["심사 건이 없다.", "案件はない。", "No cases."];
const DRAFT: Three = [
    "item: 초안이다. 먼저 표지를 붙인다",
    "item: 草案である。まず表示を付けること",
    "item: it is a draft; mark it first",
];
const DECIDED: Three = ["case: 이미 결정되었다", "case: 既に決定されている", "case: it is decided already"];
const STATE: &[(&str, Three)] = &[
    ("requested", ["요청됨", "要請済み", "requested"]),
    ("refused", ["거부됨", "拒否", "refused"]),
    ("approved", ["승인됨", "承認済み", "approved"]),
    ("dispatched", ["발송됨", "発送済み", "dispatched"]),
    ("closed", ["종결", "終結", "closed"]),
];
const PROGRESS: &[(&str, Three)] = &[
    ("owed", ["발송 대기", "発送待ち", "owed"]),
    ("stored", ["상대측 도착", "相手側に到着", "stored"]),
    ("declined", ["받지 않음", "不受領", "declined"]),
    ("receipted", ["수령증 받음", "受領証あり", "receipted"]),
];
const CASE: Three = ["심사 건", "案件", "case"];
const LABEL: Three = ["라벨", "ラベル", "label"];
const PURPOSE: Three = ["목적", "目的", "purpose"];
const FACTS: Three = ["사실", "事実", "facts"];
const DISPATCH: Three = [
    "발송 {dispatch} ({progress}), 수령증 기한 {due}",
    "発送 {dispatch} ({progress})、受領証の期限 {due}",
    "dispatch {dispatch} ({progress}), receipt due {due}",
];

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let language = context.language;
    let of_case = |text, case: &str| filled(text, language, &[("case", case.to_owned())]);
    match verb {
        Verb::Request { item, recipient, purpose } => {
            let id = item_id(&client, &item)?;
            let acted = request(&client, &id, &recipient, purpose)?;
            Found::of(of_case(&WAITS, &acted.case), &acted)
        }
        Verb::Review { case, remark } => {
            let case = one(&client, &case)?;
            let body = Review { case: case_id(&case)?, request: parsed(&case.request)?, remark };
            let stated = client.sign(body)?;
            let acted: api::Acted = client.post(&format!("/v1/releases/{}/reviews", case.case), &stated)?;
            Found::of(of_case(&REVIEWED, &acted.case), &acted)
        }
        Verb::Approve { case, reason, article } => {
            let case = one(&client, &case)?;
            eprintln!("{}", shown(&case, language));
            let acted = decide(&client, &case, Answer::Approve, reason, article)?;
            let places = [("number", acted.control_number.clone().unwrap_or_default())];
            Found::of(filled(&APPROVED, language, &places), &acted)
        }
        Verb::Refuse { case, reason, article } => {
            let case = one(&client, &case)?;
            let acted = decide(&client, &case, Answer::Refuse, reason, article)?;
            Found::of(of_case(&REFUSED, &acted.case), &acted)
        }
        Verb::Show { case } => {
            let case = one(&client, &case)?;
            Found::of(shown(&case, language), &case)
        }
        Verb::List => {
            let cases: Vec<api::Release> = client.list("/v1/releases")?;
            let with_hops =
                |case| std::iter::once(line(case, language)).chain(hops::lines(&case.hops, language));
            let lines: Vec<String> = cases.iter().flat_map(with_hops).collect();
            Found::of(lines_or(&NONE, &lines, language), &cases)
        }
    }
}

/// Signs and hands in a request.
pub(crate) fn request(
    client: &Client,
    item: &str,
    recipient: &NodeName,
    purpose: String,
) -> Result<api::Acted, Failed> {
    let item: api::Item = client.get(&format!("/v1/items/{item}"))?;
    let label = item.label_digest.ok_or_else(|| Failed::in_three(EXIT_MISUSE, &DRAFT, &[]))?;
    let mut case = [0; 16];
    aws_lc_rs::rand::fill(&mut case).map_err(|_| Failed::fault("the random generator failed"))?;
    let body = Request {
        case: CaseId(case),
        item_digest: parsed(&item.item_digest)?,
        label_digest: parsed(&label)?,
        recipient: recipient.clone(),
        purpose,
    };
    client.post("/v1/releases", &client.sign(body)?)
}

/// Signs and hands in a decision on a case as it was shown.
pub(crate) fn decide(
    client: &Client,
    case: &api::Release,
    answer: Answer,
    reason: String,
    article: String,
) -> Result<api::Acted, Failed> {
    let facts = case.facts.as_ref().ok_or_else(|| Failed::in_three(EXIT_MISUSE, &DECIDED, &[]))?;
    let body = Decision {
        case: case_id(case)?,
        request: parsed(&case.request)?,
        item_digest: parsed(&case.item_digest)?,
        label_digest: parsed(&case.label_digest)?,
        recipient: case.recipient.parse().map_err(Failed::fault)?,
        answer,
        reason,
        article,
        facts: parsed(facts)?,
    };
    client.post(&format!("/v1/releases/{}/decision", case.case), &client.sign(body)?)
}

fn one(client: &Client, given: &str) -> Result<api::Release, Failed> {
    let cases: Vec<api::Release> = client.list("/v1/releases")?;
    let id = whole_id("case", given, cases.iter().map(|case| case.case.as_str()))?;
    client.get(&format!("/v1/releases/{id}"))
}

fn case_id(case: &api::Release) -> Result<CaseId, Failed> {
    case.case.parse().map_err(Failed::fault)
}

fn parsed(digest: &str) -> Result<attache_accord::Digest, Failed> {
    digest.parse().map_err(Failed::fault)
}

fn line(case: &api::Release, language: Language) -> String {
    let short: String = case.case.chars().take(8).collect();
    let number = case.control_number.as_deref().unwrap_or("-");
    let closed_by = || case.closed_by.clone().unwrap_or_default();
    let progress = case.dispatch.as_ref().map_or_else(closed_by, |it| word(PROGRESS, &it.progress, language));
    let state = word(STATE, &case.state, language);
    format!("{short}  {state:<11} {progress:<10} {number:<20} {} -> {}", case.requester, case.recipient)
}

fn shown(case: &api::Release, language: Language) -> String {
    let with = |what, value: &str| format!("  {:<8} {value}", of(what, language));
    let mut lines = vec![
        line(case, language),
        with(&CASE, &case.case),
        with(&ITEM, &case.item_digest),
        with(&LABEL, &case.label_digest),
        with(&PURPOSE, &case.purpose),
    ];
    lines.extend(case.facts.as_ref().map(|facts| with(&FACTS, facts)));
    if let Some(dispatch) = &case.dispatch {
        let places = [
            ("dispatch", dispatch.dispatch.clone()),
            ("progress", word(PROGRESS, &dispatch.progress, language)),
            ("due", dispatch.due.clone()),
        ];
        lines.push(format!("  {}", filled(&DISPATCH, language, &places)));
    }
    lines.extend(hops::lines(&case.hops, language));
    lines.join("\n")
}
