//! `attache agreement check`: whether a rule pack is sound, and where it is not.
//!
//! *Absent:* repair, and trust; who signs a pack compares its digest.

use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use attache_accord::Party;
use attache_accord::marking::Level;
use attache_release::{Language, Pack, PackError};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// The pack in a folder, or the built-in one of that name; without either that of 2016.
pub(crate) fn load(named: Option<&Path>) -> Result<Pack, Failed> {
    let Some(named) = named else { return Ok(Pack::gsomia_2016()) };
    match built_in(named) {
        Some(pack) => Ok(pack),
        None => {
            Pack::load(named).map_err(|error| Failed::misuse(format!("pack {}: {error}", named.display())))
        }
    }
}

/// A folder of that name goes before a built-in pack.
fn built_in(named: &Path) -> Option<Pack> {
    let name = named.to_str().filter(|_| !named.exists())?;
    Pack::built_in().into_iter().find(|pack| pack.terms().agreement == name)
}

/// The words around what is found. What is wrong is told in English, as the files are.
struct Words {
    sound: &'static str,
    faults: &'static str,
    agreement: &'static str,
    parties: &'static str,
    digest: &'static str,
    sources: &'static str,
    gates: &'static str,
    none: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                sound: "규칙집에 이상이 없다.",
                faults: "규칙집의 잘못",
                agreement: "협정",
                parties: "당사국",
                digest: "요약값",
                sources: "근거",
                gates: "국내 절차",
                none: "없음",
            },
            Language::Ja => Self {
                sound: "規則パックに誤りはない。",
                faults: "規則パックの誤り",
                agreement: "協定",
                parties: "締約国",
                digest: "ダイジェスト",
                sources: "根拠",
                gates: "国内手続",
                none: "なし",
            },
            Language::En => Self {
                sound: "The pack is sound.",
                faults: "Faults of the pack",
                agreement: "agreement",
                parties: "parties",
                digest: "digest",
                sources: "sources",
                gates: "gates",
                none: "none",
            },
        }
    }
}

/// Checks a pack and prints its digest, or every fault that can be told.
pub(crate) fn check(named: Option<&Path>, language: Language) -> Result<Found, Failed> {
    let words = Words::of(language);
    let Some(folder) = named.filter(|named| built_in(named).is_none()) else {
        return Ok(sound(&load(named)?, &words, language));
    };
    if !folder.is_dir() {
        let known: Vec<_> = Pack::built_in().iter().map(|pack| pack.terms().agreement.clone()).collect();
        let rule = format!("no such folder, and no built-in pack ({})", known.join(", "));
        return Err(Failed::misuse(format!("pack {}: {rule}", folder.display())));
    }
    match Pack::check(folder) {
        Ok(pack) => Ok(sound(&pack, &words, language)),
        Err(faults) => Ok(faulty(folder, &faults, &words)),
    }
}

/// Each fault on a line of its own, `FILE:LINE: RULE`, as editors take it.
fn faulty(folder: &Path, faults: &[PackError], words: &Words) -> Found {
    let told = |fault: &PackError| {
        let file = folder.join(&fault.file);
        let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
        // Cedar's sentences may have several lines.
        let rule = fault.rule.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{}{line}: {rule}", file.display())
    };
    let lines: Vec<_> = faults.iter().map(told).collect();
    let json = json!({
        "sound": false,
        "faults": faults
            .iter()
            .map(|fault| json!({ "file": fault.file, "line": fault.line, "rule": fault.rule }))
            .collect::<Vec<_>>(),
    });
    let text = format!("{}: {}\n\n{}", words.faults, faults.len(), lines.join("\n"));
    Found { text, json, code: EXIT_REFUSED }
}

fn sound(pack: &Pack, words: &Words, language: Language) -> Found {
    let terms = pack.terms();
    let parties: Vec<_> = terms.parties.iter().map(ToString::to_string).collect();
    let row = |row: &attache_accord::equivalence::Row| {
        let levels = row.levels.values().flatten().map(|level| named(pack, level));
        format!("{}: {}", row.english, levels.collect::<Vec<_>>().join(" = "))
    };
    let rows: Vec<_> = terms.equivalence.rows.iter().map(row).collect();
    let gates = |party: &Party| -> Vec<&str> {
        let gates = terms.gates.get(party).into_iter().flatten();
        gates.filter_map(|gate| pack.gate_name(*party, gate, language)).collect()
    };
    let passed = |party: &Party| {
        let gates = gates(party);
        let told = if gates.is_empty() { words.none.to_owned() } else { gates.join(" → ") };
        format!("{} {party}: {told}", words.gates)
    };
    let text = format!(
        "{}\n\n  {}  {} {}\n  {}  {}\n  {}  {}\n  {}  {}\n\n  {}\n\n  {}",
        words.sound,
        words.agreement,
        terms.agreement,
        pack.version(),
        words.parties,
        parties.join(", "),
        words.digest,
        pack.digest(),
        words.sources,
        sources(pack),
        rows.join("\n  "),
        terms.parties.iter().map(passed).collect::<Vec<_>>().join("\n  "),
    );
    let json = json!({
        "sound": true,
        "agreement": terms.agreement,
        "version": pack.version(),
        "languages": pack.languages().iter().map(|language| language.as_str()).collect::<Vec<_>>(),
        "parties": parties,
        "digest": pack.digest().to_string(),
        "equivalence": rows,
        "cited": pack.cited().iter().map(|cited| json!({
            "term": cited.term,
            "article": cited.article,
            "status": cited.standing.as_str(),
            "line": cited.line,
        })).collect::<Vec<_>>(),
        "gates": terms.gates.iter().map(|(party, gates)| {
            (party.to_string(), json!(gates.iter().map(|gate| gate.as_str()).collect::<Vec<_>>()))
        }).collect::<serde_json::Map<_, _>>(),
    });
    Found { text, json, code: EXIT_DONE }
}

/// How many terms rest on a source of each status: what is not verified is for a lawyer to look at.
fn sources(pack: &Pack) -> String {
    let mut counts = BTreeMap::new();
    pack.cited().iter().for_each(|cited| *counts.entry(cited.standing.as_str()).or_insert(0) += 1);
    counts.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
}

/// A level with its national name and its reading.
pub(crate) fn named(pack: &Pack, level: &Level) -> String {
    match pack.terms().equivalence.name(level) {
        Some(name) => format!("{} ({level}, {})", name.name, name.reading),
        None => level.to_string(),
    }
}
