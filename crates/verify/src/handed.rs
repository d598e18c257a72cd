//! The acts of destructions and passages that whole logs hand out opened, where rulings are asked for: each is what its leaf commits to, and every leaf
//! that speaks of one has it, with what was signed.
//!
//! *Absent:* what they say. See `destroyed` and `passages`.

use crate::cards::Known;
use crate::folder::{Folder, MAX_STATEMENTS};
use crate::held::{Held, Told, Whole};
use crate::leaves::{Again, Log};
use crate::report::Findings;
use crate::statements::{self, Statements};
use crate::{Nodes, destroyed, passages, rulings};
use attache_accord::act::{Act, Entry};
use attache_accord::destruction::Destruction;
use attache_accord::oversight::word;
use attache_accord::{Digest, NodeName};
use attache_seal::papers::{Consent, Hop, Notice, Package, Receipt};
use attache_seal::statement::Body as _;
use attache_tlog::Hash;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The acts that are handed out with what they cite.
const SPOKEN: [&str; 6] = [
    "destruction signed",
    "destruction mirrored",
    "passage owed",
    "passage verified",
    "passage told",
    "passage mirrored",
];
/// Statements that they cite.
const ALLOWED: [&str; 6] =
    [Destruction::NAME, Notice::NAME, Consent::NAME, Hop::NAME, Package::NAME, Receipt::NAME];
const ACTS: &str = "acts";
const CITED: &str = "cited";

const NOT_ASKED_FOR: &str = "what the log says of destructions and passages is not handed out: take this evidence once more with --rulings, or that of \
                             the item with attache item bundle";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenedAct {
    index: u64,
    salt: String,
    event: String,
}

/// What one node hands out of destructions and passages.
#[derive(Default)]
pub(crate) struct Acts {
    /// In the order of its log.
    pub(crate) told: Vec<Told>,
    /// What they cite.
    pub(crate) cited: Statements,
}

/// Reads the acts of one log, and tells of leaves whose act is not here.
pub(crate) fn read(folder: &Folder, known: &Known, log: &Log, findings: &mut Findings) -> Acts {
    let (node, path) = (known.node.as_str(), format!("{}/{ACTS}", known.node));
    let names = folder.names(&path, MAX_STATEMENTS).unwrap_or_else(|why| {
        findings.failed("V-020", node, Some(path.clone()), why);
        Vec::new()
    });
    let (mut told, mut again) = (Vec::new(), Again::new(folder, node));
    for name in &names {
        let place = format!("{path}/{name}");
        match opened(folder, name, &place, known, (log, &mut again)) {
            Ok(one) => told.push(one),
            Err(why) => findings.failed("V-020", node, Some(place), why),
        }
    }
    if !names.is_empty() && told.len() == names.len() {
        findings.proved("V-020", node, Some(path));
    }
    told.sort_unstable_by_key(|one| one.index);
    let cited = statements::read(folder, &known.node, CITED, &ALLOWED, findings);
    let acts = Acts { told, cited };
    let mut spoken = (0..).zip(&log.leaves).filter(|(_, leaf)| leaf.one_of(SPOKEN).is_some()).peekable();
    if spoken.peek().is_none() {
        return acts;
    }
    let missing = spoken.find(|(index, _)| !acts.has(*index)).map(|(index, _)| format!("leaf {index}"));
    match missing {
        Some(leaf) if names.is_empty() => findings.not_shown("V-078", node, Some(leaf), NOT_ASKED_FOR),
        Some(leaf) => {
            let why = "of all destructions and passages this one is not handed out, or did not open";
            findings.failed("V-078", node, Some(leaf), why);
        }
        None => acts.check_cited(node, findings),
    }
    acts
}

impl Acts {
    fn has(&self, index: u64) -> bool {
        self.told.binary_search_by_key(&index, |told| told.index).is_ok()
    }

    /// That what they cite is here.
    fn check_cited(&self, node: &str, findings: &mut Findings) {
        let cited = self
            .told
            .iter()
            .flat_map(|told| cited(&told.act).into_iter().map(move |digest| (told.index, digest)));
        match cited.into_iter().find(|(_, digest)| !self.cited.contains_key(*digest)) {
            None => findings.proved("V-078", node, None),
            Some((index, digest)) => {
                let why = format!("act {index} speaks of it, and it is not here");
                findings.failed("V-078", node, Some(digest.to_string()), why);
            }
        }
    }
}

/// What was signed of which an act speaks.
fn cited(act: &Act) -> Vec<&Digest> {
    match act {
        Act::DestructionSigned { statement, .. } => vec![statement],
        Act::DestructionMirrored { statement, notice, .. } => vec![statement, notice],
        other => passages::papers_of(other),
    }
}

/// Tells of statements of which no act speaks: nobody looks at those.
fn strangers(name: &NodeName, node: &Whole<'_>, findings: &mut Findings) {
    let spoken: BTreeSet<&Digest> = node.acts().flat_map(|told| cited(&told.act)).collect();
    // Of an approval that was given to a hub its act does not name the notice.
    let owed = node.acts().filter_map(|told| match &told.act {
        Act::PassageOwed { consent, .. } => Some(*consent),
        _ => None,
    });
    let owed: BTreeSet<Digest> = owed.collect();
    let is_brought = |notice| passages::brought(notice).is_some_and(|it| owed.contains(&it.digest()));
    let others = node.papers().iter().filter(|(digest, _)| !spoken.contains(digest));
    for (digest, _) in others.filter(|(_, signed)| !is_brought(signed)) {
        let why = "no act speaks of this statement";
        findings.failed("V-078", name.as_str(), Some(digest.to_string()), why);
    }
}

fn opened(
    folder: &Folder,
    name: &str,
    place: &str,
    known: &Known,
    (log, again): (&Log, &mut Again<'_>),
) -> Result<Told, String> {
    let file: OpenedAct = folder.json(place)?;
    let (leaf, entry) = rulings::behind(known, (name, file.index), (&file.salt, &file.event), (log, again))?;
    let Entry { at, act, .. } = entry;
    let is_asked_for = leaf.one_of(SPOKEN).is_some()
        || matches!(
            act,
            // What the others rest on.
            Act::PersonEnrolled { .. }
                | Act::ItemAdded { .. }
                | Act::DispatchOwed { .. }
                | Act::ArrivalVerified { .. }
        );
    // What a leaf shows and what it is of are two values that its node committed to.
    if !is_asked_for || !leaf.is(word(&act)) {
        return Err(
            "its entry is no act of a destruction or a passage, or its leaf shows another act".to_owned()
        );
    }
    Ok(Told { index: file.index, at, act, leaf: Hash(leaf.hash), question: None })
}

/// Checks what each node says of destructions and passages.
pub(crate) fn check(nodes: &Nodes, findings: &mut Findings) {
    let all = nodes.iter().map(|(name, node)| (name.clone(), Whole::of(nodes, node)));
    let all: BTreeMap<NodeName, Whole<'_>> = all.collect();
    for (name, node) in &all {
        strangers(name, node, findings);
    }
    destroyed::check(&all, |_, _, _| true, findings);
    passages::check(&all, findings);
}
