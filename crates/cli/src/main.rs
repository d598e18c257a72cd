//! The binary `attache`: reads what was typed, calls the crates below, prints for people or as JSON.
//!
//! *Absent:* rules. Whatever this program says about the agreement comes from the rule pack.

use attache_accord::equivalence::Equivalents;
use attache_accord::marking::Level;
use attache_accord::party::Party;
use attache_release::{Language, Pack};
use clap::{Parser, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What was asked for was done.
const EXIT_DONE: u8 = 0;
/// The answer is no: the agreement has no such row.
const EXIT_REFUSED: u8 = 1;
/// The command or its input is wrong.
const EXIT_MISUSE: u8 = 2;

#[derive(Parser)]
#[command(name = "attache", version, about = "Exchange classified information under a signed agreement")]
#[command(after_help = "Exit codes: 0 done, 1 the agreement says no, 2 wrong command or input.")]
struct Arguments {
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Subcommand)]
enum Noun {
    /// The agreement and its rule pack.
    #[command(subcommand)]
    Agreement(Agreement),
}

#[derive(Subcommand)]
enum Agreement {
    /// Check a rule pack and print its digest, which is what the Parties sign.
    #[command(after_help = "Example: attache agreement check agreements/gsomia-2016")]
    Check {
        /// Folder of the pack; without it the built-in pack of 2016.
        pack: Option<PathBuf>,
    },
    /// What the table of Art. 4.2 says for one level and one recipient.
    #[command(after_help = "Example: attache agreement equivalent KOR:II JPN")]
    Equivalent {
        /// The originator's level, such as KOR:II.
        level: Level,
        /// The Party that would receive it, such as JPN.
        to: Party,
        /// Folder of the pack; without it the built-in pack of 2016.
        #[arg(long)]
        pack: Option<PathBuf>,
    },
    /// Why a rule refuses, and what would have to change.
    #[command(after_help = "Example: attache agreement reason R-005 --language ko")]
    Reason {
        /// The rule's code, such as R-005.
        code: String,
        /// ko, ja or en.
        #[arg(long, default_value = "en", value_parser = language)]
        language: Language,
    },
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "ko" => Ok(Language::Ko),
        "ja" => Ok(Language::Ja),
        "en" => Ok(Language::En),
        _ => Err("ko, ja or en".to_owned()),
    }
}

/// What a command found: the text for people, the same as JSON, and the exit code.
struct Found {
    text: String,
    json: serde_json::Value,
    code: u8,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Noun::Agreement(verb) = arguments.noun;
    match agreement(verb) {
        Ok(found) if arguments.json => {
            println!("{:#}", found.json);
            ExitCode::from(found.code)
        }
        Ok(found) => {
            println!("{}", found.text);
            ExitCode::from(found.code)
        }
        Err(problem) => {
            eprintln!("attache: {problem}");
            ExitCode::from(EXIT_MISUSE)
        }
    }
}

fn agreement(verb: Agreement) -> Result<Found, String> {
    match verb {
        Agreement::Check { pack } => Ok(check(&load(pack)?)),
        Agreement::Equivalent { level, to, pack } => equivalent(&load(pack)?, &level, to),
        Agreement::Reason { code, language } => reason(&Pack::gsomia_2016(), &code, language),
    }
}

fn load(folder: Option<PathBuf>) -> Result<Pack, String> {
    match folder {
        None => Ok(Pack::gsomia_2016()),
        Some(folder) => Pack::load(&folder).map_err(|error| format!("pack {}: {error}", folder.display())),
    }
}

fn check(pack: &Pack) -> Found {
    let terms = pack.terms();
    let parties: Vec<_> = terms.parties.iter().map(ToString::to_string).collect();
    let rows: Vec<_> = terms
        .equivalence
        .rows
        .iter()
        .map(|row| {
            let levels = row.levels.values().flatten().map(|level| named(pack, level));
            format!("{}: {}", row.english, levels.collect::<Vec<_>>().join(" = "))
        })
        .collect();
    let text = format!(
        "The pack is sound.\n\n  agreement  {} {}\n  parties    {}\n  digest     {}\n\n  {}",
        terms.agreement,
        pack.version(),
        parties.join(", "),
        pack.digest(),
        rows.join("\n  "),
    );
    let json = json!({
        "agreement": terms.agreement,
        "version": pack.version(),
        "parties": parties,
        "digest": pack.digest().to_string(),
        "equivalence": rows,
    });
    Found { text, json, code: EXIT_DONE }
}

fn equivalent(pack: &Pack, level: &Level, to: Party) -> Result<Found, String> {
    let table = &pack.terms().equivalence;
    if table.name(level).is_none() {
        return Err(format!("level: {level} is not in the scheme of a Party to {}", pack.terms().agreement));
    }
    let (options, code, said) = match table.equivalents(level, to) {
        Equivalents::None => {
            (vec![], EXIT_REFUSED, "has no equivalent and is not shared (Art. 4)".to_owned())
        }
        Equivalents::One(only) => {
            let said = format!("corresponds to {}", named(pack, &only));
            (vec![only], EXIT_DONE, said)
        }
        Equivalents::Choice(options) => {
            let names: Vec<_> = options.iter().map(|option| named(pack, option)).collect();
            let said =
                format!("corresponds to {}; a person of {to} must choose (Art. 4.2)", names.join(" or "));
            (options, EXIT_DONE, said)
        }
    };
    let json = json!({
        "level": level.as_str(),
        "to": to.to_string(),
        "equivalents": options.iter().map(Level::as_str).collect::<Vec<_>>(),
        "article": "4.2",
    });
    Ok(Found { text: format!("{} {said}", named(pack, level)), json, code })
}

fn reason(pack: &Pack, code: &str, language: Language) -> Result<Found, String> {
    let text = pack.reason_text(code, language).ok_or_else(|| {
        format!("code: the pack {} has no rule {code:?}; codes look like R-005", pack.terms().agreement)
    })?;
    let json = json!({ "code": code, "title": text.title, "reason": text.reason, "remedy": text.remedy });
    Ok(Found {
        text: format!("{code} {}\n{}\n{}", text.title, text.reason, text.remedy),
        json,
        code: EXIT_DONE,
    })
}

fn named(pack: &Pack, level: &Level) -> String {
    match pack.terms().equivalence.name(level) {
        Some(name) => format!("{} ({level}, {})", name.name, name.reading),
        None => level.to_string(),
    }
}
