//! `attache release`: ask, review, decide. What is signed is shown first, and signed with the person's own key.
//!
//! *Absent:* a way to decide without having seen the case: the facts that it names are the ones shown.

use crate::client::Client;
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::hops;
use crate::items::{item_id, whole_id};
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

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    match verb {
        Verb::Request { item, recipient, purpose } => {
            let id = item_id(&client, &item)?;
            let acted = request(&client, &id, &recipient, purpose)?;
            let text = format!(
                "Case {} waits for a second person.\nNext: attache release approve {} or refuse, by a disclosure officer.",
                acted.case, acted.case
            );
            Found::of(text, &acted)
        }
        Verb::Review { case, remark } => {
            let case = one(&client, &case)?;
            let body = Review { case: case_id(&case)?, request: parsed(&case.request)?, remark };
            let stated = client.sign(body)?;
            let acted: api::Acted = client.post(&format!("/v1/releases/{}/reviews", case.case), &stated)?;
            Found::of(format!("The review of case {} is on record.", acted.case), &acted)
        }
        Verb::Approve { case, reason, article } => {
            let case = one(&client, &case)?;
            eprintln!("{}", shown(&case, context.language));
            let acted = decide(&client, &case, Answer::Approve, reason, article)?;
            let number = acted.control_number.clone().unwrap_or_default();
            Found::of(
                format!("Approved under control number {number}; the package goes out by itself."),
                &acted,
            )
        }
        Verb::Refuse { case, reason, article } => {
            let case = one(&client, &case)?;
            let acted = decide(&client, &case, Answer::Refuse, reason, article)?;
            Found::of(format!("Case {} is refused, and that is on record.", acted.case), &acted)
        }
        Verb::Show { case } => {
            let case = one(&client, &case)?;
            Found::of(shown(&case, context.language), &case)
        }
        Verb::List => {
            let cases: Vec<api::Release> = client.list("/v1/releases")?;
            let with_hops =
                |case| std::iter::once(line(case)).chain(hops::lines(&case.hops, context.language));
            let lines: Vec<String> = cases.iter().flat_map(with_hops).collect();
            let text = if lines.is_empty() { "No cases.".to_owned() } else { lines.join("\n") };
            Found::of(text, &cases)
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
    let label = item.label_digest.ok_or_else(|| Failed::misuse("item: it is a draft; mark it first"))?;
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
    let facts = case.facts.as_ref().ok_or_else(|| Failed::misuse("case: it is decided already"))?;
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

fn line(case: &api::Release) -> String {
    let short: String = case.case.chars().take(8).collect();
    let number = case.control_number.as_deref().unwrap_or("-");
    let closed_by = case.closed_by.as_deref().unwrap_or_default();
    let progress = case.dispatch.as_ref().map_or(closed_by, |dispatch| dispatch.progress.as_str());
    format!(
        "{short}  {:<11} {progress:<10} {number:<20} {} -> {}",
        case.state, case.requester, case.recipient
    )
}

fn shown(case: &api::Release, language: Language) -> String {
    let mut lines = vec![
        line(case),
        format!("  case     {}", case.case),
        format!("  item     {}", case.item_digest),
        format!("  label    {}", case.label_digest),
        format!("  purpose  {}", case.purpose),
    ];
    if let Some(facts) = &case.facts {
        lines.push(format!("  facts    {facts}"));
    }
    if let Some(dispatch) = &case.dispatch {
        lines.push(format!(
            "  dispatch {} ({}), receipt due {}",
            dispatch.dispatch, dispatch.progress, dispatch.due
        ));
    }
    lines.extend(hops::lines(&case.hops, language));
    lines.join("\n")
}
