//! The evidence of one item: its acts, each opened and under a checkpoint, what was signed and proved about it, and the life that
//! follows from them.
//!
//! *Absent:* acts that were left out. An act that is not here is missed only where another one cites it.

mod acts;
mod papers;
mod story;
mod succeeded;
mod witnessed;

pub use acts::MAX_ACTS;
pub use story::{Life, Step};

use crate::Trust;
use crate::cards::{self, Known};
use crate::folder::Folder;
use crate::held::{Held, KeyOf, Told};
use crate::proofs::{self, Proofs};
use crate::report::{Counts, Findings, Report};
use crate::statements::{self, Statements};
use crate::{destroyed, leaves, passages, rulings};
use attache_accord::act::Act;
use attache_accord::{Digest, NodeName, Party, Timestamp};
use attache_seal::papers::{Card, Receipt};
use attache_seal::statement::Head;
use std::collections::BTreeMap;
use std::path::Path;

/// The form of the folder.
const FORM: &str = "attache/item-evidence/v1";
/// The heading of such a folder.
pub(crate) const HEADING: &str = "item.json";

/// One node's part of the folder, as far as it could be checked.
pub(crate) struct Part {
    pub(crate) known: Known,
    /// How many leaves its checkpoint counts; 0 where that did not hold.
    pub(crate) size: u64,
    pub(crate) acts: Vec<Told>,
    pub(crate) statements: Statements,
    pub(crate) proofs: Proofs,
    /// Cards of partners who signed what is here.
    pub(crate) partners: Vec<Known>,
}

/// Verifies a folder about one item. Never fails: what is wrong stands in the report.
pub fn verify_item(path: &Path, trust: &Trust) -> Report {
    let (mut findings, mut counts) = (Findings::default(), Counts::default());
    let folder = match Folder::open_as(path, HEADING, FORM) {
        Ok(folder) => folder,
        Err(wrong) => {
            findings.failed("V-001", "", None, wrong);
            return findings.into_report(counts);
        }
    };
    let mut parts: BTreeMap<NodeName, Part> = BTreeMap::new();
    for name in folder.nodes() {
        let Some(known) = cards::check(&folder, name, trust, &mut findings) else { continue };
        let partners = papers::partners(&folder, name, trust, &mut findings);
        let checkpoint = leaves::published(&folder, &known, &mut findings);
        succeeded::own(&folder, &known, checkpoint.as_ref(), &mut findings);
        let size = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
        let acts = checkpoint.map(|checkpoint| acts::check(&folder, &known, &checkpoint, &mut findings));
        let acts = acts.unwrap_or_default();
        let packs = rulings::packs(&folder, &known, trust, &mut findings);
        counts.leaves += acts.len() as u64;
        counts.fields += acts.len() as u64;
        counts.rulings += acts::ask_again(name, &acts, &packs, &mut findings);
        let statements = statements::read(&folder, name, "statements", &papers::ALLOWED, &mut findings);
        let proofs = proofs::read(&folder, name, &mut findings);
        parts.insert(name.clone(), Part { known, size, acts, statements, proofs, partners });
    }
    let logs = witnessed::check(&folder, &parts, trust, &mut findings);
    crate::brought::none_here(trust, &mut findings);
    folder.check_rest(&mut findings);
    papers::check(&parts, &mut counts, &mut findings);
    destroyed::check(&parts, passages::cites, &mut findings);
    passages::check(&parts, &mut findings);
    succeeded::told(&parts, &mut findings);
    let life = Life::of(parts.iter().map(|(name, part)| (name, part.acts.as_slice())));
    Report { life: Some(life), logs, ..findings.into_report(counts) }
}

impl Held for Part {
    fn known(&self) -> &Known {
        &self.known
    }

    fn acts(&self) -> impl Iterator<Item = &Told> {
        self.acts.iter()
    }

    fn papers(&self) -> &Statements {
        &self.statements
    }

    /// What a partner signed is here with the card of that time.
    fn signer(&self, node: &NodeName, head: &Head, _: KeyOf) -> Result<Option<(&Known, &Card)>, String> {
        papers::signed_under(self, node, head.at).map(Some)
    }

    fn party(&self, node: &NodeName, at: Timestamp) -> Option<Party> {
        papers::signed_under(self, node, at).ok().map(|(_, card)| card.party)
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn signed(&self, receipt: &Digest) -> bool {
        self.statements.contains_key(receipt)
    }

    fn is_admission(&self, receipt: &Receipt) -> bool {
        let arrived = self.acts().any(|act| {
            matches!(act, Act::ArrivalVerified { dispatch, package, .. }
                if *dispatch == receipt.dispatch && *package == receipt.package)
        });
        let admitted = self.acts.iter().any(|told| {
            let is_it = matches!(&told.act, Act::Admitted { dispatch, .. } if *dispatch == receipt.dispatch);
            is_it && told.index == receipt.leaf_index && told.leaf.0 == receipt.leaf_hash.0
        });
        arrived && admitted
    }
}

impl Part {
    fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().map(|told| &told.act)
    }

    /// The cards of a node that are here: this node's own, or those of a partner who signed something.
    fn signer(&self, node: &NodeName) -> impl Iterator<Item = &Known> {
        let all = std::iter::once(&self.known).chain(&self.partners);
        all.filter(|known| known.node == *node).collect::<Vec<_>>().into_iter()
    }
}
