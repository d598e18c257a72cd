//! Rulings in evidence, where they are asked for: each with its entry opened, the question that was ruled on, and the rule packs
//! by which they can be asked again.
//!
//! A question names people by pseudonym, and repeats what was written into markings and particulars. So rulings are handed out to
//! whoever asks for them, and are no part of what goes to a partner by default.
//!
//! *Absent:* titles and content, which no question has.

use super::acts::OpenedAct;
use super::json;
use crate::fault::Fault;
use crate::office::Office;
use crate::papers::Papers;
use crate::replay::{question_of, walk};
use attache_accord::act::Act;
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::BTreeSet;

/// One ruling, or the adoption of a rule pack: what opens its entry, and the question.
#[derive(Serialize)]
struct OpenedRuling {
    #[serde(flatten)]
    act: OpenedAct,
    /// The question's CBOR; none where the journal no longer gives the one that was ruled on.
    question: Option<String>,
}

impl OpenedRuling {
    fn of(papers: &Papers, index: u64, question: Option<Vec<u8>>) -> Result<Self, Fault> {
        let question = question.map(|question| HEXLOWER.encode(&question));
        Ok(Self { act: OpenedAct::of(papers, index)?, question })
    }
}

impl Office {
    /// Opens the entries by which another rule pack came into force, so that the pack of each ruling's day is known.
    pub(super) fn adoptions(
        &self,
        indices: &[u64],
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for index in indices {
            let opened = OpenedRuling::of(&self.papers, *index, None)?;
            put(&format!("{}/rulings/{index}.json", self.identity.node), &json(&opened)?)?;
        }
        Ok(())
    }

    /// Writes the rulings below `size`, and the texts of the packs by which they were made as far as they are here; how many.
    pub(super) fn rulings(
        &self,
        size: u64,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<usize, Fault> {
        let node = &self.identity.node;
        let (mut packs, mut count) = (BTreeSet::new(), 0);
        walk(&self.papers, self.pack.terms().utc_offset_hours, size, &mut |view, index| {
            let entry = self.papers.entry(index)?.ok_or(Fault::Missing("ruling"))?;
            let Act::Ruled { ruling, by, asked, .. } = &entry.act else {
                return Err(Fault::Altered("ruling"));
            };
            let question = question_of(&self.papers, view, ruling, by, asked.as_ref())?;
            let question = question.map(|question| minicbor::to_vec(&question)).transpose();
            let question = question.map_err(|_| Fault::Encoding)?;
            let opened = OpenedRuling::of(&self.papers, index, question)?;
            packs.insert(ruling.pack);
            count += 1;
            put(&format!("{node}/rulings/{index}.json"), &json(&opened)?)
        })?;
        self.put_packs(&packs, put)?;
        Ok(count)
    }
}
