//! `attache marking`: cover sheets, portion marks and the marking of a derivative, without a node.
//!
//! *Absent:* changing a marking. What is derived is shown; `attache item mark` marks.

use crate::context::{Context, write_new};
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::home::now;
use crate::label::Labels;
use crate::marked::{Marked, known};
use crate::pack;
use attache_accord::derivative::{Contained, Derivative, Source, Wanted, derive};
use attache_accord::{Kind, Level, Party};
use attache_release::{Cover, Language, Pack, banner, contains, portion};
use attache_seal::label::stanag::{National, Role};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make the cover sheet of a marking, in the language of --language.
    #[command(
        after_help = "Example: attache marking cover --level KOR:II --kind humint --releasable-to JPN --own-level JPN:TOKUTEI --format pdf --out cover.pdf --language ja"
    )]
    Cover {
        #[command(flatten)]
        marked: Marked,
        /// The holder's own level, such as JPN:TOKUTEI.
        #[arg(long)]
        own_level: Option<Level>,
        #[command(flatten)]
        form: Form,
    },
    /// Show the mark of one portion of a text.
    #[command(
        after_help = "Example: attache marking portion --level KOR:II --kind humint --releasable-to JPN --own-level JPN:TOKUTEI"
    )]
    Portion {
        #[command(flatten)]
        marked: Marked,
        /// The holder's own level, such as JPN:TOKUTEI.
        #[arg(long)]
        own_level: Option<Level>,
    },
    /// Show the marking of what a Party makes from labelled sources (Art. 4.3): labels of its own, sidecars of others'.
    #[command(after_help = "Example: attache marking derive JPN report.pdf.bdo own.xml --kind document")]
    Derive {
        /// The Party that makes it, such as JPN.
        maker: Party,
        /// Files with the labels of the sources; another's with the maker's own level beside the originator's.
        #[arg(required = true)]
        sources: Vec<PathBuf>,
        /// The kind of information.
        #[arg(long)]
        kind: Kind,
        /// The level, where the sources leave a choice or it is to be higher.
        #[arg(long)]
        level: Option<Level>,
        /// A Party that may have it, of those whom all sources allow; several times for several.
        #[arg(long)]
        releasable_to: Option<Vec<Party>>,
        /// A further caveat; several times for several.
        #[arg(long = "caveat")]
        caveats: Vec<String>,
        /// Folder of the rule pack, or the name of a built-in one; without it that of 2016.
        #[arg(long)]
        pack: Option<PathBuf>,
        /// Make its cover sheet, in the form of --format.
        #[arg(long)]
        sheet: bool,
        #[command(flatten)]
        form: Form,
    },
}

/// The form of a sheet.
#[derive(clap::Args)]
pub(crate) struct Form {
    /// As plain text, as HTML, or as PDF.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where to write it; without it, the standard output. PDF needs a file.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Html,
    Pdf,
}

impl Form {
    /// Writes a sheet.
    pub(crate) fn write(&self, cover: &Cover) -> Result<Found, Failed> {
        let bytes = match self.format {
            Format::Text => cover.text().into_bytes(),
            Format::Html => cover.html().into_bytes(),
            Format::Pdf if self.out.is_none() => return Err(Failed::misuse("out: PDF is written to a file")),
            Format::Pdf => cover.pdf(),
        };
        let Some(out) = &self.out else {
            let text = String::from_utf8(bytes).map_err(Failed::fault)?;
            let json = json!({ "cover": text });
            return Ok(Found { text, json, code: EXIT_DONE });
        };
        write_new(out, &bytes)?;
        Found::of(format!("The cover sheet is in {}.", out.display()), &json!({ "file": out }))
    }
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let language = context.language;
    match verb {
        Verb::Cover { marked, own_level, form } => {
            let (pack, marking) = marked.read()?;
            check_own(&pack, &marking.level, own_level.as_ref())?;
            let cover = Cover::new(&marking, own_level.as_ref(), &Contained::new(), &[], &pack, language);
            form.write(&cover.map_err(Failed::misuse)?)
        }
        Verb::Portion { marked, own_level } => {
            let (pack, marking) = marked.read()?;
            check_own(&pack, &marking.level, own_level.as_ref())?;
            let mark = portion(&marking, own_level.as_ref(), &pack, language);
            Found::of(mark.clone(), &json!({ "portion": mark }))
        }
        Verb::Derive { maker, sources, kind, level, releasable_to, caveats, pack, sheet, form } => {
            let pack = pack::load(pack.as_deref())?;
            let sources: Vec<Source> =
                sources.iter().map(|path| source(path, maker, &pack)).collect::<Result<_, _>>()?;
            let wanted = Wanted {
                level,
                releasable_to: releasable_to.map(|parties| parties.into_iter().collect()),
                kind,
                topics: [].into(),
                caveats,
                marked_at: now(),
            };
            match derive(maker, &sources, wanted, &pack.terms().equivalence) {
                Ok(Derivative { marking, contains }) if sheet => {
                    let cover = Cover::new(&marking, None, &contains, &[], &pack, language);
                    form.write(&cover.map_err(Failed::misuse)?)
                }
                Ok(derivative) => Ok(derived(&derivative, &pack, language)),
                Err(error) => {
                    let json = json!({ "marking": null, "why": error.to_string() });
                    Ok(Found { text: format!("No marking follows: {error}"), json, code: EXIT_REFUSED })
                }
            }
        }
    }
}

/// An own level must be one that the table sets beside the originator's.
fn check_own(pack: &Pack, level: &Level, own_level: Option<&Level>) -> Result<(), Failed> {
    let Some(own) = own_level else { return Ok(()) };
    known(pack, own)?;
    if pack.terms().equivalence.equivalents(level, own.party()).allows(own) {
        return Ok(());
    }
    Err(Failed::misuse(format!("own level: the table does not set {own} beside {level}")))
}

/// A source by its labels: the maker's own by one, another's by two.
fn source(path: &Path, maker: Party, pack: &Pack) -> Result<Source, Failed> {
    let wrong = |error: &dyn std::fmt::Display| Failed::misuse(format!("{}: {error}", path.display()));
    let labels = Labels::open(path)?;
    let national = National::of(pack.terms());
    let originator = labels.originator().ok_or_else(|| wrong(&"no label of the originator"))?;
    let marking = national.marking(originator).map_err(|error| wrong(&error))?;
    if marking.originator() == maker {
        return Ok(Source { own_level: marking.level.clone(), marking, contains: Contained::new() });
    }
    for label in labels.labels.iter().filter(|label| label.role == Role::Alternative) {
        let own_level = national.own_level(&marking, label).map_err(|error| wrong(&error))?;
        if own_level.party() == maker {
            return Ok(Source { marking, own_level, contains: Contained::new() });
        }
    }
    Err(wrong(&format!("no label of {maker} stands beside the originator's")))
}

fn derived(derivative: &Derivative, pack: &Pack, language: Language) -> Found {
    let Derivative { marking, contains: contained } = derivative;
    let mut lines = banner(marking, None, pack, language).lines;
    let inside = contains(contained, pack, language);
    lines.extend(inside.iter().cloned());
    let json = json!({
        "marking": {
            "level": marking.level.as_str(),
            "releasable_to": marking.releasable_to.iter().map(Party::as_str).collect::<Vec<_>>(),
            "kind": marking.kind.as_str(),
            "topics": marking.topics.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "caveats": marking.caveats,
        },
        "contains": contained.iter().map(|(originator, levels)| json!({
            "originator": originator.as_str(),
            "levels": levels.iter().map(Level::as_str).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "lines": lines,
    });
    Found { text: lines.join("\n"), json, code: EXIT_DONE }
}
