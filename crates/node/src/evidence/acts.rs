//! Acts of destructions and what was signed about them, in evidence where rulings are asked for: they name by pseudonym who signed, and
//! the item that is destroyed by its digest.
//!
//! *Absent:* titles and content, which none of these acts has, and what an act says of anything else.

use super::json;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::{Digest, PersonId};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::BTreeSet;

/// One act: what opens field 15 of its leaf.
#[derive(Serialize)]
struct OpenedAct {
    index: u64,
    /// Salt of field 15, whose value is the digest of the event.
    salt: String,
    event: String,
}

/// What a log says of destructions.
#[derive(Default)]
pub(super) struct Acts {
    indices: BTreeSet<u64>,
    papers: BTreeSet<Digest>,
    /// Own people who signed, whose keys stand in the acts by which they were enrolled.
    signers: BTreeSet<PersonId>,
}

impl Acts {
    pub(super) fn note(&mut self, index: u64, act: &Act) {
        let papers = papers_of(act);
        if !papers.is_empty() {
            self.indices.insert(index);
            self.papers.extend(papers);
        }
        if let Act::DestructionSigned { by, .. } = act {
            self.signers.insert(by.clone());
        }
    }

    /// Whether what they say rests on this act of before.
    fn rest_on(&self, act: &Act) -> bool {
        matches!(act, Act::PersonEnrolled { person, .. } if self.signers.contains(&person.id))
    }
}

/// What was signed of which an act of a destruction speaks.
pub(super) fn papers_of(act: &Act) -> Vec<Digest> {
    match act {
        Act::DestructionSigned { statement, .. } => vec![*statement],
        Act::DestructionMirrored { statement, notice, .. } => vec![*statement, *notice],
        _ => Vec::new(),
    }
}

impl Office {
    /// Opens these acts and those that they rest on, and writes what they cite; how many statements.
    pub(super) fn acts(
        &self,
        mut acts: Acts,
        size: u64,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<usize, Fault> {
        let node = &self.identity.node;
        if acts.indices.is_empty() {
            return Ok(0);
        }
        let mut before = Vec::new();
        self.each_below(size, &mut |index, act| before.extend(acts.rest_on(act).then_some(index)))?;
        acts.indices.extend(before);
        for index in acts.indices {
            let logged = self.papers.logged(index)?;
            let (salt, event) = (HEXLOWER.encode(&logged.opened.salt), HEXLOWER.encode(&logged.event));
            put(&format!("{node}/acts/{index}.json"), &json(&OpenedAct { index, salt, event })?)?;
        }
        for digest in &acts.papers {
            put(&format!("{node}/cited/{digest}.cbor"), &self.papers.cited(digest, "statement")?)?;
        }
        Ok(acts.papers.len())
    }
}
