//! `attache report`: reports to oversight under a mandate, as a folder that anyone can verify.
//!
//! *Absent:* counting. The node counts, and `attache verify report` counts again.

mod cosign;
mod words;

use crate::agreement::texts::{filled, lines_or, of};
use crate::context::{Context, read_bounded};
use crate::evidence::save_files;
use crate::found::{EXIT_MISUSE, Failed, Found};
use crate::ids::whole_id;
use crate::progress;
use attache_accord::CivilDay;
use attache_gate::api;
use attache_release::{Language, Sheet};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Longest file of figures, in bytes.
const MAX_FIGURES_BYTES: u64 = 8 * 1024 * 1024;
/// Most nodes whose reports lie in one folder.
const MAX_NODES: usize = 16;
const HEADING: &str = "report.json";

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a report on the acts of some days. Needs an inspector whom the mandate names.
    #[command(
        after_help = "Example: attache report make --mandate 5d0c1e --from 2026-01-01 --until 2026-06-30 --out report \
        --as inspector-1"
    )]
    Make {
        /// The mandate, or at least 6 digits of it.
        #[arg(long)]
        mandate: String,
        /// The first day.
        #[arg(long)]
        from: CivilDay,
        /// The last day.
        #[arg(long)]
        until: CivilDay,
        /// Without figures for the public.
        #[arg(long)]
        not_public: bool,
        /// The folder. A second node's report may go into the same one.
        #[arg(long)]
        out: PathBuf,
    },
    /// Count a report of this node again, and sign what the public is told of it. Needs an inspector whom its mandate names.
    #[command(
        after_help = "Example: attache report cosign report --fingerprint \"0123 4567 ...\" --as inspector-1"
    )]
    Cosign {
        /// The folder.
        folder: PathBuf,
        /// A card's fingerprint that you compared by another way; one for each node.
        #[arg(long = "fingerprint", required = true)]
        fingerprints: Vec<String>,
    },
    /// List the reports that were made, and who cosigned what the public is told; an inspector sees those under own mandates.
    #[command(after_help = "Example: attache report list --as inspector-1")]
    List,
    /// Show the figures of a report in the language of --language.
    #[command(after_help = "Example: attache report show report --language ja")]
    Show {
        /// The folder.
        folder: PathBuf,
        /// What the public is told of it.
        #[arg(long)]
        public: bool,
    },
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::Make { mandate, from, until, not_public, out } => {
            let client = context.sign_in()?;
            let given: Vec<api::Mandate> = client.list("/v1/mandates")?;
            let mandate = whole_id("mandate", &mandate, given.iter().map(|given| given.mandate.as_str()))?;
            // No report is recorded that could not be written.
            std::fs::create_dir_all(&out).map_err(|error| Failed::file(&out, &error))?;
            let (from, until) = (from.to_string(), until.to_string());
            let wanted = api::WantedReport { mandate, from, until, not_public };
            let files = progress::during(|| save_files(client.report(&wanted)?, HEADING, &out))?;
            let places = [("files", files.to_string()), ("folder", out.display().to_string())];
            let said = |text| filled(text, context.language, &places);
            let sheets = sheets(&out, "figures.json")?;
            let mut lines = vec![said(&words::MADE)];
            lines.extend(sheets.iter().filter_map(|sheet| sheet.open_period(context.language)));
            lines.push(said(&words::NEXT));
            let logs = sheets.iter().map(
                |sheet| json!({ "node": sheet.node, "reaches": sheet.reaches, "covers": sheet.is_covered() }),
            );
            let logs: Vec<_> = logs.collect();
            Found::of(lines.join("\n"), &json!({ "folder": out, "files": files, "logs": logs }))
        }
        Verb::Cosign { folder, fingerprints } => cosign::run(&folder, fingerprints, context),
        Verb::List => {
            let mut made: Vec<api::MadeReport> = context.sign_in()?.list("/v1/reports")?;
            made.sort_by_key(|made| made.index);
            let lines: Vec<String> = made.iter().map(|made| shown(made, context.language)).collect();
            Found::of(lines_or(&words::NONE, &lines, context.language), &made)
        }
        Verb::Show { folder, public } => {
            let name = if public { "public.json" } else { "figures.json" };
            let sheets = sheets(&folder, name)?;
            let texts: Vec<String> = sheets.iter().map(|sheet| sheet.text(context.language)).collect();
            Found::of(texts.join("\n\n"), &sheets)
        }
    }
}

fn shown(made: &api::MadeReport, language: Language) -> String {
    let cosigners: Vec<&str> = made.cosigned.iter().map(|cosigned| cosigned.by.as_str()).collect();
    let public = match (&made.public, cosigners.is_empty()) {
        (None, _) => of(&words::NO_FIGURES, language).to_owned(),
        (Some(_), true) => of(&words::NOT_COSIGNED, language).to_owned(),
        (Some(_), false) => filled(&words::COSIGNED_BY, language, &[("cosigners", cosigners.join(", "))]),
    };
    let places = [
        ("report", made.report.clone()),
        ("from", made.from.clone()),
        ("until", made.until.clone()),
        ("by", made.by.clone()),
        ("index", made.index.to_string()),
        ("public", public),
    ];
    filled(&words::LISTED, language, &places)
}

/// The figures of each node in the folder.
fn sheets(folder: &Path, name: &str) -> Result<Vec<Sheet>, Failed> {
    let listed = std::fs::read_dir(folder).map_err(|error| Failed::file(folder, &error))?;
    let mut paths: Vec<PathBuf> = listed.flatten().map(|entry| entry.path().join(name)).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.truncate(MAX_NODES);
    if paths.is_empty() {
        let places = [("folder", folder.display().to_string()), ("name", name.to_owned())];
        return Err(Failed::in_three(EXIT_MISUSE, &words::NO_REPORT, &places));
    }
    let read = |path: &PathBuf| -> Result<Sheet, Failed> {
        let bytes = read_bounded(path, MAX_FIGURES_BYTES)?;
        let places =
            |error: serde_json::Error| [("path", path.display().to_string()), ("error", error.to_string())];
        let wrong = |error| Failed::in_three(EXIT_MISUSE, &words::NO_SHEET, &places(error));
        serde_json::from_slice(&bytes).map_err(wrong)
    };
    paths.iter().map(read).collect()
}
