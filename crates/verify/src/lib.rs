//! The offline verifier: checks an evidence folder (`docs/EVIDENCE.md`) without keys, without a network, and without
//! believing the node that wrote it.
//!
//! ```no_run
//! use attache_verify::{Trust, verify};
//! let report = verify(std::path::Path::new("evidence"), &Trust::default());
//! println!("{}", report.plain());
//! ```
//! *Absent:* node, store and custody. What they write is only read here.

mod ahead;
mod brought;
mod cards;
mod cosigned;
mod destroyed;
mod exchanged;
mod folder;
mod handed;
mod held;
mod item;
mod leaves;
mod letters;
mod moments;
mod opened;
mod openings;
mod pairing;
mod passages;
mod proofs;
mod report;
mod reports;
mod rulings;
mod statements;
mod successions;
mod told;
mod witnesses;

pub use brought::Brought;
pub use cosigned::CosignedLog;
pub use folder::{MAX_BUNDLES, MAX_FILE_BYTES, MAX_NODES, MAX_STATEMENTS};
pub use item::{Life, MAX_ACTS, Step, verify_item};
pub use report::{Cosigner, Counts, Finding, Outcome, Report, Verdict};
pub use reports::{verify_public, verify_report};
pub use rulings::{MAX_PACKS, MAX_RULINGS};
pub use told::{checks, checks_document, checks_told};

use attache_accord::{Digest, NodeName};
use attache_seal::digest::sha256;
use attache_tlog::VerifierKey;
use cards::Known;
use exchanged::Exchanged;
use folder::Folder;
use leaves::Log;
use moments::Moments;
use proofs::Proofs;
use report::Findings;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;
use witnesses::Forks;

/// What the reader knows beforehand.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Fingerprints of cards, and of inspectors' keys, that the reader compared by another way. Digits count, spaces do not.
    pub fingerprints: Vec<String>,
    /// Rule packs that the reader trusts, beside those of this build and those that a node's card names.
    pub packs: Vec<Digest>,
    /// Keys of witnesses that the reader believes, beside those that a node's card names.
    pub witnesses: Vec<VerifierKey>,
    /// Checkpoints that the reader has from elsewhere, against which the logs are held.
    pub checkpoints: Vec<Brought>,
    /// Whether a log that no witness cosigned is a fault.
    pub must_be_cosigned: bool,
}

/// One node of the folder, as far as it could be checked.
struct Node {
    known: Known,
    log: Option<Log>,
    papers: Exchanged,
    proofs: Proofs,
    forks: Forks,
}

type Nodes = BTreeMap<NodeName, Node>;

/// The pair tag of leaf field 11, in hexadecimal.
fn tag(package: &Digest) -> String {
    sha256(&[b"attache/pair/v1\n", package.as_bytes()]).to_string()
}

/// Verifies a folder of whatever form its heading says: evidence, evidence of one item, reports, or what the public is told of one.
pub fn verify_any(path: &Path, trust: &Trust) -> Report {
    let has = |heading: &str| path.join(heading).is_file();
    match () {
        () if has(item::HEADING) => verify_item(path, trust),
        () if has(reports::HEADING) || reports::is_public(path) => verify_report(path, trust),
        () => verify(path, trust),
    }
}

/// What is checked of a node without the others.
struct Alone {
    node: Option<(Known, Option<Log>)>,
    counts: Counts,
    findings: Findings,
}

impl Alone {
    fn of(folder: &Folder, name: &NodeName, trust: &Trust) -> Self {
        let (mut counts, mut findings) = (Counts::default(), Findings::default());
        let node = cards::check(folder, name, trust, &mut findings).map(|known| {
            let mut log = leaves::check(folder, &known, &mut findings);
            if let Some(log) = &mut log {
                log.acts = handed::read(folder, &known, log, &mut findings);
                counts.leaves = log.leaves.len() as u64;
                counts.fields = log.fields;
            }
            rulings::check(folder, &known, trust, log.as_ref(), &mut counts, &mut findings);
            (known, log)
        });
        Self { node, counts, findings }
    }
}

/// Checks the nodes at once, each on a thread of its own, since their logs take longest and do not concern each other.
fn each_alone(folder: &Folder, trust: &Trust) -> Vec<Alone> {
    thread::scope(|scope| {
        let begin = |name| {
            let check = move || Alone::of(folder, name, trust);
            let begun = thread::Builder::new().spawn_scoped(scope, check);
            begun.map_err(|_| check)
        };
        let begun: Vec<_> = folder.nodes().iter().map(begin).collect();
        let ended = begun.into_iter().map(|begun| match begun {
            Ok(begun) => begun.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // Where there is no thread for it, the node is checked in turn.
            Err(check) => check(),
        });
        ended.collect()
    })
}

/// Verifies an evidence folder. Never fails: what is wrong stands in the report.
pub fn verify(path: &Path, trust: &Trust) -> Report {
    let mut findings = Findings::default();
    let mut counts = Counts::default();
    let folder = match Folder::open(path) {
        Ok(folder) => folder,
        Err(wrong) => {
            findings.failed("V-001", "", None, wrong);
            return findings.into_report(counts);
        }
    };
    let mut nodes = BTreeMap::new();
    for (name, alone) in folder.nodes().iter().zip(each_alone(&folder, trust)) {
        findings.append(alone.findings);
        counts.leaves += alone.counts.leaves;
        counts.fields += alone.counts.fields;
        counts.rulings += alone.counts.rulings;
        let Some((known, log)) = alone.node else { continue };
        let papers = exchanged::read(&folder, name, &nodes, &mut findings);
        let proofs = proofs::read(&folder, name, &mut findings);
        let forks = witnesses::forks(&folder, name, &mut findings);
        nodes.insert(name.clone(), Node { known, log, papers, proofs, forks });
    }
    successions::take_up_lost(&mut nodes);
    successions::take_up_later(&mut nodes);
    let shown = witnesses::check(&folder, &nodes, trust, &mut findings);
    let logs = cosigned::check(&nodes, &shown, trust, &mut findings);
    let moments = Moments::of(&nodes);
    let bounds = successions::check(&folder, (&nodes, &moments), &mut findings);
    folder.check_rest(&mut findings);
    witnesses::judge(&nodes, &mut findings);
    brought::check(&nodes, trust, &mut findings);
    pairing::check((&nodes, &moments), &bounds, &mut counts, &mut findings);
    proofs::check(&nodes, &mut counts, &mut findings);
    letters::check((&nodes, &moments), &mut findings);
    openings::check(&folder, (&nodes, &moments), &mut findings);
    handed::check(&nodes, &mut findings);
    Report { logs, ..findings.into_report(counts) }
}
