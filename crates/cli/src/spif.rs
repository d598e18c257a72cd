//! `attache spif`: security policies as files, without a node.
//!
//! *Absent:* rules. The agreement's table decides what may be released; a SPIF is a view of it for other systems.

use crate::context::{Context, read_bounded};
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::home::now;
use crate::label::{policy, put};
use crate::pack;
use attache_accord::{Party, Timestamp};
use attache_release::Language;
use attache_seal::label::stanag::{self, National};
use attache_seal::spif::{self, Place, Spif};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Write the scheme of a Party as a security policy, for guards and label tools of others.
    #[command(after_help = "Example: attache spif export KOR --out kor.spif.xml")]
    Export {
        /// The Party, such as KOR.
        party: Party,
        /// Folder of the rule pack, or the name of a built-in one; without it that of 2016.
        #[arg(long)]
        pack: Option<PathBuf>,
        /// When it was made; without it, now.
        #[arg(long)]
        at: Option<Timestamp>,
        /// Where to write it; without it, the standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Show what a security policy holds.
    #[command(after_help = "Example: attache spif show kor.spif.xml")]
    Show {
        /// The file.
        file: PathBuf,
    },
    /// Into which classifications of another policy one is translated when it leaves, or from which when it comes in.
    #[command(after_help = "Example: attache spif equivalent kor.spif.xml 군사II급비밀 jpn.spif.xml")]
    Equivalent {
        /// The security policy.
        file: PathBuf,
        /// The classification, by name: of the first policy, or with --incoming of the other.
        classification: String,
        /// The other security policy.
        other: PathBuf,
        /// The label comes in from the other policy.
        #[arg(long)]
        incoming: bool,
    },
    /// In which words a label is marked under a security policy.
    #[command(after_help = "Example: attache spif mark kor.spif.xml report.xml --language ja")]
    Mark {
        /// The security policy.
        file: PathBuf,
        /// The label.
        label: PathBuf,
        /// As at a portion of a text, not at the top of a page.
        #[arg(long)]
        portion: bool,
    },
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::Export { party, pack, at, out } => export(party, pack.as_deref(), at, out.as_deref()),
        Verb::Show { file } => show(&file),
        Verb::Equivalent { file, classification, other, incoming } => {
            equivalent(&policy(&file)?, &classification, &policy(&other)?, incoming)
        }
        Verb::Mark { file, label, portion } => mark(&policy(&file)?, &label, portion, context.language),
    }
}

fn export(
    party: Party,
    named: Option<&Path>,
    at: Option<Timestamp>,
    out: Option<&Path>,
) -> Result<Found, Failed> {
    let pack = pack::load(named)?;
    let names: Vec<_> = Language::ALL
        .iter()
        .filter_map(|language| Some((language.as_str(), pack.party_name(party, *language)?)))
        .collect();
    let spif = Spif::of_scheme(&National::of(pack.terms()), party, &names, at.unwrap_or_else(now));
    let text =
        spif.and_then(|spif| spif.write()).map_err(|error| Failed::misuse(format!("party: {error}")))?;
    put(out, text, "policy")
}

fn show(path: &Path) -> Result<Found, Failed> {
    let bytes = read_bounded(path, spif::LIMITS.bytes as u64)?;
    let read = Spif::read(&bytes).map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))?;
    let (spif, remarks) = (read.spif, read.remarks);
    let mut lines = vec![format!("{} ({})", spif.policy.name, spif.policy.oid)];
    let mut classes: Vec<_> = spif.classifications.iter().collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.hierarchy));
    for class in &classes {
        let obsolete = if class.is_obsolete { ", obsolete" } else { "" };
        lines.push(format!("  {}  value {}, place {}{obsolete}", class.name, class.lacv, class.hierarchy));
        lines.extend(class.equivalents.iter().map(|equivalent| {
            let needs = if equivalent.required.is_empty() { "" } else { ", with further categories" };
            let applied = equivalent.applied.as_str();
            format!("    = {} {}, {applied}{needs}", equivalent.policy, equivalent.lacv)
        }));
    }
    for set in &spif.tag_sets {
        for tag in &set.tags {
            let name = tag.name.as_ref().unwrap_or(&set.name);
            let kind = tag.tag_type.kind().as_str();
            let count = tag.categories.len();
            let values = if count == 1 { "value" } else { "values" };
            lines.push(format!("  {name}  {kind}, {count} {values}"));
        }
    }
    lines.extend(remarks.iter().map(|remark| format!("  remark: {remark}")));
    let json = json!({
        "policy": spif.policy.name,
        "oid": spif.policy.oid,
        "classifications": classes.iter().map(|class| json!({
            "name": class.name,
            "value": class.lacv,
            "place": class.hierarchy,
            "obsolete": class.is_obsolete,
            "equivalents": class.equivalents.iter().map(|equivalent| json!({
                "policy": equivalent.policy,
                "value": equivalent.lacv,
                "applied": equivalent.applied.as_str(),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "categories": spif.tag_sets.iter().flat_map(|set| set.tags.iter().map(|tag| json!({
            "name": tag.name.as_ref().unwrap_or(&set.name),
            "type": tag.tag_type.kind().as_str(),
            "values": tag.categories.iter().map(|category| &category.name).collect::<Vec<_>>(),
        }))).collect::<Vec<_>>(),
        "equivalent_policies": spif.equivalent_policies.iter().map(|policy| &policy.id.name).collect::<Vec<_>>(),
        "remarks": remarks,
    });
    Ok(Found { text: lines.join("\n"), json, code: EXIT_DONE })
}

fn equivalent(spif: &Spif, class: &str, other: &Spif, incoming: bool) -> Result<Found, Failed> {
    let source = if incoming { other } else { spif };
    let known = source.classification(class);
    let known = known
        .ok_or_else(|| Failed::misuse(format!("classification: {} has no {class:?}", source.policy.name)))?;
    let found: Vec<String> = if incoming {
        spif.incoming(&other.policy, known.lacv).map(|class| class.name.clone()).collect()
    } else {
        // A value that the other policy does not have is told as a value.
        let named = |lacv: i64| other.classifications.iter().find(|class| class.lacv == lacv);
        spif.outgoing(class, &other.policy)
            .map(|e| named(e.lacv).map_or_else(|| format!("value {}", e.lacv), |class| class.name.clone()))
            .collect()
    };
    let (text, code) = match found.as_slice() {
        [] => (format!("{class} has no equivalent and is not translated"), EXIT_REFUSED),
        [only] => (format!("{class} corresponds to {only}"), EXIT_DONE),
        several => {
            (format!("{class} corresponds to {}; a person must choose", several.join(" or ")), EXIT_DONE)
        }
    };
    Ok(Found { text, json: json!({ "classification": class, "equivalents": found }), code })
}

fn mark(spif: &Spif, path: &Path, portion: bool, language: Language) -> Result<Found, Failed> {
    let bytes = read_bounded(path, stanag::LIMITS.bytes as u64)?;
    let label =
        stanag::read(&bytes).map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))?;
    let information = label.label.body.information;
    let findings = spif.check(&information);
    if let Some(first) = findings.first() {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let json = json!({ "valid": false, "findings": findings });
        return Ok(Found { text: format!("The label is not valid: {first}"), json, code: EXIT_REFUSED });
    }
    let place = if portion { Place::Portion } else { Place::Page };
    let words = spif.marking(&information, place, language.as_str());
    Found::of(words.clone(), &json!({ "marking": words }))
}
