//! `attache agreement compare`: what a version of a pack permits that another refused, action by action.
//!
//! *Absent:* a judgement whether that is wanted, and anything that was not replayed by the engine.

use super::kept;
use crate::context::Context;
use crate::explain;
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use attache_accord::ruling::{Question, Ruling};
use attache_gate::{facts, reasoned};
use attache_proof::{Change, Comparison, NotComparable, Solver, TESTED_VERSIONS};
use attache_release::{Language, Pack, described};
use data_encoding::BASE64;
use serde_json::{Value, json};

/// The words around what is found.
struct Words {
    more: &'static str,
    less: &'static str,
    no_more: &'static str,
    no_less: &'static str,
    not_proved: &'static str,
    refused: &'static str,
    permitted: &'static str,
    same: &'static str,
    solver: &'static str,
    untested: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                more: "거부되던 것을 새로 허가한다. 예:",
                less: "허가되던 것을 더는 허가하지 않는다. 예:",
                no_more: "거부되던 것 가운데 새로 허가되는 것이 없다",
                no_less: "허가되던 것은 모두 그대로 허가된다",
                not_proved: "증명되지 않음",
                refused: "거부한 규칙",
                permitted: "허가한 규칙",
                same: "모든 질문에 대하여 증명됨: 새로 허가되는 것도, 더는 허가되지 않는 것도 없다.",
                solver: "증명기",
                untested: "시험하지 않은 판이다. 시험한 판:",
            },
            Language::Ja => Self {
                more: "拒否されていたものを新たに許可する。例:",
                less: "許可されていたものをもはや許可しない。例:",
                no_more: "拒否されていたもので新たに許可されるものはない",
                no_less: "許可されていたものはすべて引き続き許可される",
                not_proved: "証明されていない",
                refused: "拒否した規則",
                permitted: "許可した規則",
                same: "すべての照会について証明済み: 新たに許可されるものも、許可されなくなるものもない。",
                solver: "ソルバー",
                untested: "試験していない版である。試験した版:",
            },
            Language::En => Self {
                more: "permits what was refused, for example:",
                less: "no longer permits what was permitted, for example:",
                no_more: "permits nothing that was refused",
                no_less: "still permits all that was permitted",
                not_proved: "not proved",
                refused: "refused by",
                permitted: "permitted by",
                same: "Proved for every question: nothing new is permitted, and nothing is permitted no longer.",
                solver: "solver",
                untested: "is not a version that was tested; tested:",
            },
        }
    }
}

/// Compares two packs.
pub(super) fn run(context: &Context, old: &str, new: &str) -> Result<Found, Failed> {
    let (old, new) = (kept::text(context, old)?, kept::text(context, new)?);
    let solver = Solver::find().map_err(Failed::fault)?;
    let compared = attache_proof::compare(&old, &new, &solver).map_err(|error| match error {
        NotComparable::Agreements(..) | NotComparable::Days(..) => Failed::misuse(format!("packs: {error}")),
        NotComparable::NotGenerated(_) => Failed::misuse(error),
    })?;
    Ok(found(&compared, (&old, &new), &solver, context.language))
}

fn found(compared: &[Comparison], (old, new): (&Pack, &Pack), solver: &Solver, language: Language) -> Found {
    let words = Words::of(language);
    let is_nothing = |change: &Change| matches!(change, Change::Nothing);
    let permits_no_more = compared.iter().all(|it| is_nothing(&it.more));
    let mut lines = vec![format!("{} → {}", named(old), named(new))];
    lines.push(format!("{} cvc5 {}", words.solver, solver.version()));
    if !solver.is_tested() {
        let tested = TESTED_VERSIONS.join(", ");
        lines.push(format!("  cvc5 {} {} {tested}", solver.version(), words.untested));
    }
    if permits_no_more && compared.iter().all(|it| is_nothing(&it.less)) {
        lines.extend([String::new(), words.same.to_owned()]);
    } else {
        for it in compared {
            lines.extend([String::new(), it.action.as_str().to_owned()]);
            lines.extend(change(&it.more, (words.no_more, words.more), (new, old), &words, language));
            lines.extend(change(&it.less, (words.no_less, words.less), (old, new), &words, language));
        }
    }
    let json = json!({
        "old": identity(old),
        "new": identity(new),
        "solver": { "name": "cvc5", "version": solver.version(), "tested": solver.is_tested() },
        "permits_nothing_new": permits_no_more,
        "actions": compared.iter().map(|it| json!({
            "action": it.action.as_str(),
            "more": change_json(&it.more, (new, old)),
            "less": change_json(&it.less, (old, new)),
        })).collect::<Vec<_>>(),
    });
    let code = if permits_no_more { EXIT_DONE } else { EXIT_REFUSED };
    Found { text: lines.join("\n"), json, code }
}

fn named(pack: &Pack) -> String {
    format!("{} {} ({})", pack.terms().agreement, pack.version(), pack.digest())
}

fn identity(pack: &Pack) -> Value {
    let agreement = &pack.terms().agreement;
    json!({ "agreement": agreement, "version": pack.version(), "digest": pack.digest().to_string() })
}

/// A change in words. The first of the packs is the one that grants the example.
fn change(
    change: &Change,
    (nothing, example): (&str, &str),
    (granting, refusing): (&Pack, &Pack),
    words: &Words,
    language: Language,
) -> Vec<String> {
    let (question, granted, refused) = match change {
        Change::Nothing => return vec![format!("  {nothing}")],
        Change::NotProved(why) => return vec![format!("  {}: {why}", words.not_proved)],
        Change::Permits(found) => found.as_ref(),
    };
    let mut lines = vec![format!("  {example}")];
    for fact in described(question, best_named(question, granting, refusing), language) {
        lines.push(format!("    {}: {}", fact.label, fact.text));
    }
    // What a permit rests on is the whole example, which stands above.
    for (label, ruling, pack, facts) in
        [(words.refused, refused, refusing, Some(question)), (words.permitted, granted, granting, None)]
    {
        lines.push(format!("    {label} {}", pack.version()));
        let reasons = reasoned(&ruling.reasons, facts, pack);
        lines.extend(explain::lines(&reasons, false, language).into_iter().map(|line| format!("    {line}")));
    }
    lines
}

/// The pack that knows the item's level, for its names.
fn best_named<'a>(question: &Question, granting: &'a Pack, refusing: &'a Pack) -> &'a Pack {
    let level = question.subject.marking.as_ref().map(|marking| &marking.level);
    let knows = |pack: &Pack| level.is_none_or(|level| pack.terms().equivalence.name(level).is_some());
    if knows(granting) { granting } else { refusing }
}

fn change_json(change: &Change, (granting, refusing): (&Pack, &Pack)) -> Value {
    let (question, granted, refused) = match change {
        Change::Nothing => return json!({ "verdict": "nothing" }),
        Change::NotProved(why) => return json!({ "verdict": "not-proved", "why": why }),
        Change::Permits(found) => found.as_ref(),
    };
    let pack = best_named(question, granting, refusing);
    let reasons = |ruling: &Ruling, pack: &Pack| reasoned(&ruling.reasons, Some(question), pack);
    json!({
        "verdict": "example",
        "facts": facts(Language::ALL.map(|language| described(question, pack, language))),
        "question_cbor": minicbor::to_vec(question).map(|bytes| BASE64.encode(&bytes)).unwrap_or_default(),
        "granted_by": reasons(granted, granting),
        "refused_by": reasons(refused, refusing),
    })
}
