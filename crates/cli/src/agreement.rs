//! `attache agreement`: the rule pack, and what an administrator records about the agreement.
//!
//! *Absent:* rules. Whatever this program says about the agreement comes from the rule pack.

use crate::context::Context;
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use attache_accord::equivalence::Equivalents;
use attache_accord::marking::Level;
use attache_accord::party::Party;
use attache_accord::{PersonId, Timestamp};
use attache_gate::api;
use attache_release::{Language, Pack};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Record from when to when a Party holds the agreement to be in force (Art. 21). Needs an administrator.
    #[command(
        after_help = "Example: attache agreement position KOR --from 2016-11-23 --basis \"note 1 (fictitious)\""
    )]
    Position {
        /// The Party, such as KOR.
        party: Party,
        /// From when, such as 2016-11-23.
        #[arg(long)]
        from: Option<Timestamp>,
        /// Until when.
        #[arg(long)]
        until: Option<Timestamp>,
        /// The diplomatic document that says so.
        #[arg(long)]
        basis: String,
    },
    /// Sign an assurance for one of our own cleared people, to be given to the partner (Art. 7).
    #[command(
        after_help = "Example: attache agreement assure desk-1 --expires 2027-06-30 --out desk-1.assurance"
    )]
    Assure {
        /// The pseudonym.
        person: PersonId,
        /// For what use.
        #[arg(long, default_value = "the agreement's purposes")]
        purpose: String,
        /// Until when, at most as long as the clearance.
        #[arg(long)]
        expires: Timestamp,
        /// Where to write it.
        #[arg(long)]
        out: PathBuf,
    },
    /// Record an assurance that the partner gave (Art. 7).
    #[command(after_help = "Example: attache agreement assurance desk-1.assurance")]
    Assurance {
        /// The file that the partner gave.
        file: PathBuf,
    },
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
    },
}

fn position(
    context: &Context,
    party: Party,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    basis: String,
) -> Result<Found, Failed> {
    let position = api::Position {
        party: party.to_string(),
        from: from.map(|at| at.to_string()),
        until: until.map(|at| at.to_string()),
        basis,
    };
    let recorded: api::Recorded = context.sign_in()?.post("/v1/positions", &position)?;
    Found::of(format!("The position of {party} is recorded as entry {}.", recorded.index), &recorded)
}

fn assure(
    context: &Context,
    person: &PersonId,
    purpose: String,
    expires: Timestamp,
    out: &Path,
) -> Result<Found, Failed> {
    let assuring = api::Assuring { person: person.to_string(), purpose, expires_at: expires.to_string() };
    let stated: api::Stated = context.sign_in()?.post("/v1/assurances/given", &assuring)?;
    std::fs::write(out, &stated.statement).map_err(|error| Failed::file(out, &error))?;
    let text = format!("The assurance for {person} is in {}; give it to the partner.", out.display());
    Found::of(text, &json!({ "person": person.to_string(), "file": out }))
}

fn assurance(context: &Context, file: &Path) -> Result<Found, Failed> {
    let statement = context.read_text(file)?;
    let stated = api::Stated { statement };
    let recorded: api::Recorded = context.sign_in()?.post("/v1/assurances", &stated)?;
    Found::of(format!("The assurance is recorded as entry {}.", recorded.index), &recorded)
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::Position { party, from, until, basis } => position(context, party, from, until, basis),
        Verb::Assure { person, purpose, expires, out } => assure(context, &person, purpose, expires, &out),
        Verb::Assurance { file } => assurance(context, &file),
        Verb::Check { pack } => Ok(check(&load(pack)?)),
        Verb::Equivalent { level, to, pack } => equivalent(&load(pack)?, &level, to),
        Verb::Reason { code } => reason(&Pack::gsomia_2016(), &code, context.language),
    }
}

fn load(folder: Option<PathBuf>) -> Result<Pack, Failed> {
    match folder {
        None => Ok(Pack::gsomia_2016()),
        Some(folder) => {
            Pack::load(&folder).map_err(|error| Failed::misuse(format!("pack {}: {error}", folder.display())))
        }
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

fn equivalent(pack: &Pack, level: &Level, to: Party) -> Result<Found, Failed> {
    let table = &pack.terms().equivalence;
    if table.name(level).is_none() {
        return Err(Failed::misuse(format!(
            "level: {level} is not in the scheme of a Party to {}",
            pack.terms().agreement
        )));
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

fn reason(pack: &Pack, code: &str, language: Language) -> Result<Found, Failed> {
    let text = pack.reason_text(code, language).ok_or_else(|| {
        let agreement = &pack.terms().agreement;
        Failed::misuse(format!("code: the pack {agreement} has no rule {code:?}; codes look like R-005"))
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
