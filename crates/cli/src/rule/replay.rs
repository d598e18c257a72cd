//! `attache rule replay`: every recorded ruling asked again from the journal, by the rule pack of its day.
//!
//! *Absent:* writing. The node is down while its journal is read.

use crate::context::Context;
use crate::explain::Words;
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::home::Home;
use crate::{pack, progress};
use attache_accord::Digest;
use attache_custody::RestKey;
use attache_node::papers::Papers;
use attache_node::replay::{Replayed, Verdict, replay};
use attache_release::{Language, Pack};
use attache_store::Reader as _;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Most rulings that are listed one by one; the counts are of all.
const MAX_LISTED: usize = 1000;

#[derive(Args)]
#[command(after_help = "Example: attache rule replay --home seoul --unlock unlock.bin\n\n\
    Exit codes: 0 every ruling came out as it is recorded, 1 one did not or could not be replayed, 2 wrong command or input,\n\
    3 the journal cannot be read.")]
pub(super) struct Replay {
    /// A further pack of an earlier day, by its folder; several times for several. Those that the node keeps are at hand.
    #[arg(long = "with")]
    packs: Vec<PathBuf>,
}

pub(super) fn run(asked: &Replay, context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    let packs = at_hand(asked, &home)?;
    let keys = home.keys(context)?;
    let journal =
        home.journal().map_err(|failed| Failed::fault(format!("stop the node first: {}", failed.text)))?;
    let rest = RestKey::new(&keys.storage).map_err(Failed::fault)?;
    let papers = Papers::new(journal.reader().map_err(Failed::fault)?, Arc::new(rest));
    let offset = home.pack()?.terms().utc_offset_hours;
    let mut told = Told::default();
    let pack_of = |digest: &Digest| packs.get(digest).cloned();
    progress::during(|| replay(&papers, offset, &pack_of, &mut |one| told.count(one)))
        .map_err(Failed::fault)?;
    Ok(told.found(context.language))
}

/// The packs that rulings may be of: the built-in ones, what the node keeps, and what was named.
fn at_hand(asked: &Replay, home: &Home) -> Result<BTreeMap<Digest, Pack>, Failed> {
    let mut packs: Vec<Pack> = Pack::built_in().into();
    packs.push(home.pack()?);
    // A draft that is kept need not be sound.
    packs.extend(home.texts().into_iter().filter_map(|digest| home.text(digest).ok()));
    for folder in &asked.packs {
        packs.push(pack::load(Some(folder))?);
    }
    Ok(packs.into_iter().map(|pack| (pack.digest(), pack)).collect())
}

#[derive(Default)]
struct Told {
    rulings: u64,
    counts: BTreeMap<Verdict, u64>,
    /// Those that did not come out as recorded, at most [`MAX_LISTED`].
    others: Vec<Replayed>,
}

impl Told {
    fn count(&mut self, one: Replayed) {
        self.rulings += 1;
        *self.counts.entry(one.verdict).or_default() += 1;
        if !one.verdict.is_same() && self.others.len() < MAX_LISTED {
            self.others.push(one);
        }
    }

    fn found(mut self, language: Language) -> Found {
        self.others.sort_by_key(|one| one.index);
        let is_same = self.others.is_empty();
        let (head, same, differs) = match language {
            Language::Ko => {
                ("다시 물은 판정", "모두 기록된 대로 나왔다.", "기록된 대로 나오지 않은 판정이 있다.")
            }
            Language::Ja => {
                ("再び照会した裁定", "すべて記録のとおりになった。", "記録のとおりにならない裁定がある。")
            }
            Language::En => (
                "Rulings replayed",
                "Each came out as it is recorded.",
                "Not every one came out as it is recorded.",
            ),
        };
        let words = Words::of(language);
        let mut text = vec![format!("{head}: {}. {}", self.rulings, if is_same { same } else { differs })];
        text.extend(
            self.counts.iter().map(|(verdict, count)| format!("  {count:>8}  {}", told(*verdict, language))),
        );
        text.extend(self.others.iter().map(|one| {
            let (action, answer) = (one.action.as_str(), words.answer(one.granted));
            let (pack, verdict) = (words.pack, told(one.verdict, language));
            let (entry, index) = (words.entry, one.index);
            format!(
                "  {entry} {index}, {}: {action}, {answer}, {pack} {}: {verdict}",
                one.at, one.pack_version
            )
        }));
        let others: Vec<Value> = self.others.iter().map(listed).collect();
        let counts: BTreeMap<_, _> =
            self.counts.iter().map(|(verdict, count)| (verdict.as_str(), count)).collect();
        let json =
            json!({ "rulings": self.rulings, "as_recorded": is_same, "counts": counts, "others": others });
        Found { text: text.join("\n"), json, code: if is_same { EXIT_DONE } else { EXIT_REFUSED } }
    }
}

/// What came of a ruling, in the reader's language.
fn told(verdict: Verdict, language: Language) -> &'static str {
    let (ko, ja) = match verdict {
        Verdict::Same => ("같음", "同じ"),
        Verdict::SameFromItsPaper => ("보존된 질의로 같음", "保存された照会により同じ"),
        Verdict::OtherFacts => ("다름: 행위 기록부의 사실이 다르다", "相違: 行為記録簿の事実が異なる"),
        Verdict::OtherAnswer => ("다름: 규칙집의 답이 다르다", "相違: 規則パックの答えが異なる"),
        Verdict::NoPack => {
            ("재판정할 수 없음: 그날의 규칙집이 없다", "再裁定できない: 当日の規則パックがない")
        }
        Verdict::NoQuestion => {
            ("재판정할 수 없음: 질의가 보존되지 않은 옛 기입", "再裁定できない: 照会が保存されていない旧記入")
        }
    };
    match language {
        Language::Ko => ko,
        Language::Ja => ja,
        Language::En => verdict.as_str(),
    }
}

fn listed(one: &Replayed) -> Value {
    json!({
        "index": one.index,
        "at": one.at.to_string(),
        "action": one.action.as_str(),
        "granted": one.granted,
        "pack_version": one.pack_version,
        "verdict": one.verdict.as_str(),
    })
}
