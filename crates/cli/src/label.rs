//! `attache label`: confidentiality labels of STANAG 4774 and sidecars of STANAG 4778, without a node.
//!
//! *Absent:* signatures. A label in a file proves nothing; the signed package does.

mod shown;

use crate::context::{read_bounded, write_new};
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::home::now;
use crate::marked::{Marked, known};
use crate::{context::Context, pack};
use attache_accord::{Level, Marking, Timestamp};
use attache_release::{Language, Pack};
use attache_seal::label::sidecar::{self, Document, DocumentDigest, Sidecar};
use attache_seal::label::stanag::{self, ConfidentialityLabel, National, Role, StanagError};
use attache_seal::spif::{self, Spif};
use clap::{Args, Subcommand};
use serde_json::json;
use shown::Words;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A label is looked at again after so many hours, where nobody says when: five years.
const REVIEW_HOURS: u64 = (5 * 365 + 1) * 24;
/// So much of a document is read at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show the labels in a file, a label or a sidecar, with what in it was read leniently.
    #[command(after_help = "Example: attache label read report.pdf.bdo --language ko")]
    Read {
        /// The file.
        file: PathBuf,
    },
    /// Write a marking as a label; with an own level, the label that a recipient sets beside it.
    #[command(
        after_help = "Example: attache label write --level KOR:II --kind humint --releasable-to JPN --out report.xml"
    )]
    Write {
        #[command(flatten)]
        marked: Marked,
        #[command(flatten)]
        beside: Beside,
        /// Where to write it; without it, the standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Check a label or a sidecar against a rule pack, or a security policy, and the document that it is bound to.
    #[command(after_help = "Example: attache label check report.pdf.bdo --document report.pdf")]
    Check {
        /// The file.
        file: PathBuf,
        /// A security policy (SPIF) to check against in place of a rule pack.
        #[arg(long, conflicts_with = "pack")]
        spif: Option<PathBuf>,
        /// The document, whose digest must be the sidecar's.
        #[arg(long)]
        document: Option<PathBuf>,
        /// Folder of the rule pack, or the name of a built-in one; without it that of 2016.
        #[arg(long)]
        pack: Option<PathBuf>,
    },
    /// Bind labels to a document by a sidecar beside it, with the document's digest.
    #[command(
        after_help = "Example: attache label bind report.pdf --level KOR:II --kind humint --releasable-to JPN --own-level JPN:TOKUTEI"
    )]
    Bind {
        /// The document.
        document: PathBuf,
        #[command(flatten)]
        marked: Marked,
        #[command(flatten)]
        beside: Beside,
        /// The document's media type.
        #[arg(long)]
        media_type: Option<String>,
        /// Where to write the sidecar; without it, beside the document with `.bdo` behind its name.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

/// What a label has besides its marking.
#[derive(Args)]
pub(crate) struct Beside {
    /// The recipient's own level, such as JPN:TOKUTEI: the alternative label beside the originator's.
    #[arg(long)]
    own_level: Option<Level>,
    /// When to look at the label again; without it, five years after it was marked.
    #[arg(long)]
    review: Option<Timestamp>,
}

/// When a label is looked at again, unless somebody says when.
pub(crate) fn review(said: Option<Timestamp>, marking: &Marking) -> Timestamp {
    said.unwrap_or_else(|| marking.marked_at.plus_hours(REVIEW_HOURS))
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::Read { file } => Ok(shown::shown(&Labels::open(&file)?, context.language)),
        Verb::Write { marked, beside, out } => write(marked, beside, out.as_deref()),
        Verb::Check { file, spif, document, pack } => {
            let labels = Labels::open(&file)?;
            let mut findings = match spif {
                Some(spif) => by_policy(&labels, &policy(&spif)?),
                None => by_pack(&labels, pack.as_deref())?,
            };
            findings.extend(document.map(|document| by_digest(&labels, &document)).transpose()?.flatten());
            Ok(checked(&findings, &labels, context.language))
        }
        Verb::Bind { document, marked, beside, media_type, out } => {
            bind(&document, marked, &beside, media_type, out)
        }
    }
}

/// What a file held.
pub(crate) struct Labels {
    pub(crate) labels: Vec<ConfidentialityLabel>,
    document: Option<Document>,
    remarks: Vec<String>,
}

impl Labels {
    pub(crate) fn open(path: &Path) -> Result<Self, Failed> {
        let bytes = read_bounded(path, sidecar::LIMITS.bytes as u64)?;
        let wrong = |error: StanagError| Failed::misuse(format!("{}: {error}", path.display()));
        match stanag::read(&bytes) {
            Ok(found) => Ok(Self { labels: vec![found.label], document: None, remarks: found.remarks }),
            Err(first) => match Sidecar::read(&bytes) {
                Ok(found) => {
                    let labels = [found.sidecar.originator()].into_iter().chain(found.sidecar.alternatives());
                    Ok(Self {
                        labels: labels.cloned().collect(),
                        document: Some(found.sidecar.document().clone()),
                        remarks: found.remarks,
                    })
                }
                // What is no sidecar either is told as a label's fault.
                Err(StanagError::Root { .. }) => Err(wrong(first)),
                Err(second) if matches!(first, StanagError::Root { .. } | StanagError::Xml(_)) => {
                    Err(wrong(second))
                }
                Err(_) => Err(wrong(first)),
            },
        }
    }

    pub(crate) fn originator(&self) -> Option<&ConfidentialityLabel> {
        self.labels.iter().find(|label| label.role == Role::Originator)
    }
}

/// Reads a security policy; what in it was read leniently is not told here.
pub(crate) fn policy(path: &Path) -> Result<Spif, Failed> {
    let bytes = read_bounded(path, spif::LIMITS.bytes as u64)?;
    let read = Spif::read(&bytes).map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))?;
    Ok(read.spif)
}

fn write(marked: Marked, beside: Beside, out: Option<&Path>) -> Result<Found, Failed> {
    let (pack, marking) = marked.read()?;
    let own = beside.own_level;
    own.as_ref().map_or(Ok(()), |own| known(&pack, own))?;
    put_label(&pack, &marking, own.as_ref(), beside.review, out)
}

/// The originator's label of a marking, or with an own level the one that stands beside it.
pub(crate) fn put_label(
    pack: &Pack,
    marking: &Marking,
    own_level: Option<&Level>,
    said: Option<Timestamp>,
    out: Option<&Path>,
) -> Result<Found, Failed> {
    let (national, review) = (National::of(pack.terms()), review(said, marking));
    let label = match own_level {
        None => national.originator_label(marking, review),
        Some(own) => national.alternative_label(marking, own, marking.marked_at, review),
    };
    let text = label.and_then(|label| stanag::write(&label)).map_err(Failed::misuse)?;
    put(out, text, "label")
}

/// Into a new file, or onto the standard output.
pub(crate) fn put(out: Option<&Path>, text: String, what: &str) -> Result<Found, Failed> {
    match out {
        None => {
            let json = json!({ what: text });
            Ok(Found { text: text.trim_end().to_owned(), json, code: EXIT_DONE })
        }
        Some(path) => {
            write_new(path, text.as_bytes())?;
            Found::of(format!("The {what} is in {}.", path.display()), &json!({ "file": path }))
        }
    }
}

fn by_policy(labels: &Labels, policy: &Spif) -> Vec<String> {
    let ours = labels.labels.iter().filter(|label| label.body.information.policy.name == policy.policy.name);
    let mut findings: Vec<String> =
        ours.clone().flat_map(|label| policy.check(&label.body.information)).map(|f| f.to_string()).collect();
    if ours.count() == 0 {
        findings.push(format!("no label is of the policy {:?}", policy.policy.name));
    }
    findings
}

fn by_pack(labels: &Labels, named: Option<&Path>) -> Result<Vec<String>, Failed> {
    let pack = pack::load(named)?;
    let national = National::of(pack.terms());
    let Some(originator) = labels.originator() else {
        return Err(Failed::misuse(
            "file: an alternative label is checked in a sidecar, beside the originator's",
        ));
    };
    let marking = match national.marking(originator) {
        Ok(marking) => marking,
        Err(error) => return Ok(vec![error.to_string()]),
    };
    let beside = labels.labels.iter().filter(|label| label.role == Role::Alternative);
    let wrong = beside.filter_map(|label| national.own_level(&marking, label).err());
    Ok(wrong.map(|error| error.to_string()).collect())
}

fn by_digest(labels: &Labels, document: &Path) -> Result<Option<String>, Failed> {
    let bound = labels.document.as_ref();
    let bound =
        bound.ok_or_else(|| Failed::misuse("document: a label alone is bound to none; give a sidecar"))?;
    Ok(match bound.sha384 {
        None => Some("the sidecar has no digest, so it fits any document".to_owned()),
        Some(sha384) if sha384 == digest(document)? => None,
        Some(_) => Some("the digest is of another document".to_owned()),
    })
}

fn digest(path: &Path) -> Result<[u8; 48], Failed> {
    let mut file = File::open(path).map_err(|error| Failed::file(path, &error))?;
    let mut digest = DocumentDigest::default();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk).map_err(|error| Failed::file(path, &error))? {
            0 => return Ok(digest.finish()),
            read => digest.update(chunk.get(..read).unwrap_or_default()),
        }
    }
}

fn checked(findings: &[String], labels: &Labels, language: Language) -> Found {
    let words = Words::of(language);
    let json = json!({ "valid": findings.is_empty(), "findings": findings, "remarks": labels.remarks });
    let told: Vec<String> =
        labels.remarks.iter().map(|remark| format!("  {}: {remark}", words.remark)).collect();
    let (heading, code) =
        if findings.is_empty() { (words.valid, EXIT_DONE) } else { (words.invalid, EXIT_REFUSED) };
    let mut lines = vec![heading.to_owned()];
    lines.extend(findings.iter().map(|finding| format!("  {finding}")));
    lines.extend(told);
    Found { text: lines.join("\n"), json, code }
}

fn bind(
    document: &Path,
    marked: Marked,
    beside: &Beside,
    media_type: Option<String>,
    out: Option<PathBuf>,
) -> Result<Found, Failed> {
    let (pack, marking) = marked.read()?;
    let (national, review) = (National::of(pack.terms()), review(beside.review, &marking));
    let name = document.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| Failed::misuse("document: a file"))?;
    let bound = Document::beside(&name, media_type, digest(document)?);
    let originator = national.originator_label(&marking, review).map_err(Failed::misuse)?;
    let mut sidecar = Sidecar::new(originator, bound).map_err(Failed::misuse)?;
    if let Some(own) = &beside.own_level {
        known(&pack, own)?;
        let alternative = national.alternative_label(&marking, own, now(), review);
        sidecar = alternative
            .and_then(|alternative| sidecar.with_alternative(alternative))
            .map_err(Failed::misuse)?;
    }
    let text = sidecar.write().map_err(Failed::misuse)?;
    let out = out.unwrap_or_else(|| document.with_file_name(format!("{name}.bdo")));
    put(Some(&out), text, "sidecar")
}
