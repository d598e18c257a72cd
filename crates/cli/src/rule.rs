//! `attache rule`: what the rules would say of an item and a reader that need not exist, and whether they still say what is on
//! record.
//!
//! *Absent:* a record. A question that is only supposed is answered on this machine and written nowhere.

mod replay;
mod supposed;

use crate::context::Context;
use crate::explain::{Words, lines, pick};
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::pack;
use attache_accord::ruling::{Question, Reason};
use attache_gate::{api, facts, reasoned};
use attache_release::{Change, Language, Pack, nearest, question_digest, rule};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use supposed::Supposed;

#[derive(Args)]
#[command(
    after_help = "What is not said is not there: no role, no clearance, no assurance, no approval. Unless --position says otherwise the\n\
    agreement is in force for every Party. Nothing is recorded, and no node is needed.\n\n\
    Example: attache rule --what-if release --level KOR:II --kind imagery --releasable-to JPN --to JPN \\\n    \
    --assured JPN:GOKUHI --role disclosure-officer --duty imagery --clearance KOR:II --requester analyst-1\n\
    Example: attache rule --what-if pass-on --level KOR:II --kind humint --party JPN --own-level JPN:GOKUHI --to USA \\\n    \
    --approved third-party=USA --role disclosure-officer --duty humint --clearance JPN:GOKUHI\n\
    Example: attache rule --what-if copy --level KOR:III --kind track --party JPN --own-level JPN:HI --copy 3/2\n\n\
    Exit codes: 0 it would be permitted, 1 it would be refused, 2 wrong command or input."
)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Rule {
    #[command(flatten)]
    supposed: Supposed,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Ask every recorded ruling again, from the journal of a node that is down and by the rule pack of its day.
    Replay(replay::Replay),
}

pub(crate) fn run(rule: &Rule, context: &Context) -> Result<Found, Failed> {
    match &rule.verb {
        Some(Verb::Replay(replay)) => replay::run(replay, context),
        None => {
            let pack = pack::load(rule.supposed.pack.as_deref())?;
            Ok(answer(&rule.supposed.question(&pack)?, &pack, context.language))
        }
    }
}

/// The words around a supposed ruling.
struct Said {
    unrecorded: &'static str,
    nearest: &'static str,
    no_nearest: &'static str,
}

impl Said {
    fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                unrecorded: "가정한 질의이며 기록되지 않았다.",
                nearest: "다음이 달라지면 허가된다",
                no_nearest: "이 사실들을 어떻게 바꾸어도 허가되지 않는다.",
            },
            Language::Ja => Self {
                unrecorded: "仮定の照会であり、記録されていない。",
                nearest: "次が変われば許可される",
                no_nearest: "これらの事実をどう変えても許可されない。",
            },
            Language::En => Self {
                unrecorded: "This was only supposed, and nothing was recorded.",
                nearest: "It would be permitted if this were otherwise",
                no_nearest: "No change of these facts makes it permitted.",
            },
        }
    }
}

fn answer(question: &Question, pack: &Pack, language: Language) -> Found {
    let outcome = rule(question, pack);
    let ruling = outcome.ruling();
    let reasons = reasoned(&ruling.reasons, Some(question), pack);
    let changes = if ruling.granted { None } else { nearest(question, pack) };
    let changes: Option<Vec<Otherwise>> =
        changes.map(|changes| changes.iter().map(|change| Otherwise::of(change, pack)).collect());
    let (words, said) = (Words::of(language), Said::of(language));
    let agreement = &pack.terms().agreement;
    let head = format!(
        "{}: {}, {} {agreement} {}. {}",
        question.action.as_str(),
        words.answer(ruling.granted),
        words.pack,
        pack.version(),
        said.unrecorded
    );
    let mut text = vec![head];
    text.extend(lines(&reasons, true, language));
    match &changes {
        Some(changes) => {
            text.push(format!("{}:", said.nearest));
            text.extend(changes.iter().flat_map(|change| change.lines(language)));
        }
        None if ruling.granted => {}
        None => text.push(said.no_nearest.to_owned()),
    }
    let json = json!({
        "action": question.action.as_str(),
        "granted": ruling.granted,
        "recorded": false,
        "agreement": agreement,
        "pack_version": pack.version(),
        "pack": pack.digest().to_string(),
        "question": question_digest(question).to_string(),
        "reasons": reasons,
        "nearest": changes.map(|changes| changes.iter().map(Otherwise::to_json).collect::<Vec<_>>()),
    });
    Found { text: text.join("\n"), json, code: if ruling.granted { EXIT_DONE } else { EXIT_REFUSED } }
}

/// One thing that would be otherwise, and who must see to it.
struct Otherwise {
    reason: api::Reasoned,
    facts: Vec<(api::Fact, api::Fact)>,
}

impl Otherwise {
    fn of(change: &Change, pack: &Pack) -> Self {
        let article = pack.article_of_rule(&change.code).unwrap_or_default().to_owned();
        let reason = Reason { code: change.code.clone(), article };
        let mut told = reasoned(&[reason], Some(&change.from), pack);
        let changed = Language::ALL.map(|language| change.facts(pack, language).into_iter().unzip());
        let [(ko, ko_after), (ja, ja_after), (en, en_after)]: [(Vec<_>, Vec<_>); 3] = changed;
        let facts = facts([ko, ja, en]).into_iter().zip(facts([ko_after, ja_after, en_after]));
        Self { reason: told.remove(0), facts: facts.collect() }
    }

    fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = vec![format!("  {}: {}", self.reason.code, pick(&self.reason.remedy, language))];
        for (before, after) in &self.facts {
            let [label, from, to] =
                [&before.label, &before.text, &after.text].map(|texts| pick(texts, language));
            lines.push(format!("    {label}: {from} -> {to}"));
        }
        lines
    }

    fn to_json(&self) -> Value {
        let facts: Vec<_> = self.facts.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
        json!({ "code": self.reason.code, "article": self.reason.article, "remedy": self.reason.remedy, "facts": facts })
    }
}
