//! Replay: every recorded ruling is asked again, on the facts that the journal had and by the rule pack of its day, and must come
//! out as it is recorded: the same question, the same answer, the same reasons.
//!
//! *Absent:* a record of it. Replaying writes nothing.

use crate::fault::Fault;
use crate::papers::Papers;
use attache_accord::act::Act;
use attache_accord::ruling::{Action, Question, Ruling};
use attache_accord::view::{Asked, View};
use attache_accord::{Digest, PersonId, Timestamp};
use attache_release::{Pack, question_digest, rule};
use std::collections::BTreeMap;
use std::ops::ControlFlow::Continue;

/// What came of one ruling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The journal gives the same question, and the pack the same answer with the same reasons.
    Same,
    /// An older entry does not say what was asked; but its question is kept, and the pack gives the same answer to that.
    SameFromItsPaper,
    /// The journal gives another question than the one that was ruled on.
    OtherFacts,
    /// The same question gets another answer, or other reasons.
    OtherAnswer,
    /// The pack of that day is not at hand.
    NoPack,
    /// An older entry, and its question is not kept.
    NoQuestion,
}

impl Verdict {
    /// The word for it in every document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::SameFromItsPaper => "same from its kept question",
            Self::OtherFacts => "differs: the journal gives other facts",
            Self::OtherAnswer => "differs: the pack answers otherwise",
            Self::NoPack => "unreplayable: the rule pack of that day is not at hand",
            Self::NoQuestion => "unreplayable: an older entry whose question is not kept",
        }
    }

    /// Whether the ruling came out as it is recorded.
    pub fn is_same(self) -> bool {
        matches!(self, Self::Same | Self::SameFromItsPaper)
    }
}

/// One ruling, replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Index of its entry.
    pub index: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What was asked.
    pub action: Action,
    /// Whether it was granted.
    pub granted: bool,
    /// Version of the rule pack of that day.
    pub pack_version: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// Replays every ruling of the journal, in the order in which their facts were gathered. `pack_of` brings the pack of a digest,
/// `utc_offset_hours` is the agreement's.
///
/// # Errors
/// When the store fails, or an entry or paper was altered.
pub fn replay(
    papers: &Papers,
    utc_offset_hours: u8,
    pack_of: &dyn Fn(&Digest) -> Option<Pack>,
    each: &mut dyn FnMut(Replayed),
) -> Result<(), Fault> {
    walk(papers, utc_offset_hours, u64::MAX, &mut |view, index| {
        each(replayed(papers, view, index, pack_of)?);
        Ok(())
    })
}

/// Comes by every ruling among the first `limit` entries, with the view on which its facts were gathered.
pub(crate) fn walk(
    papers: &Papers,
    utc_offset_hours: u8,
    limit: u64,
    each: &mut dyn FnMut(&View, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    // Of each ruling only its place, by the size of the view that gathered its facts: a journal may hold millions.
    let mut places: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    papers.look_through(0, |index, entry| {
        if let Act::Ruled { asked, .. } = &entry.act
            && index < limit
        {
            let size = asked.as_ref().map_or(index, |asked| asked.size);
            // What claims to rest on entries after its own is replayed before it, where it differs.
            places.entry(size.min(index)).or_default().push(index);
        }
        Ok(Continue::<()>(()))
    })?;
    let mut view = View::new(utc_offset_hours);
    papers.look_through(0, |_, entry| {
        for index in places.remove(&view.size).unwrap_or_default() {
            each(&view, index)?;
        }
        view.apply(entry);
        Ok(Continue::<()>(()))
    })?;
    Ok(())
}

fn replayed(
    papers: &Papers,
    view: &View,
    index: u64,
    pack_of: &dyn Fn(&Digest) -> Option<Pack>,
) -> Result<Replayed, Fault> {
    let entry = papers.entry(index)?.ok_or(Fault::Missing("ruling"))?;
    let Act::Ruled { ruling, by, asked, .. } = &entry.act else { return Err(Fault::Altered("ruling")) };
    let question = question_of(papers, view, ruling, by, asked.as_ref())?;
    let verdict = match (pack_of(&ruling.pack), question, asked) {
        (None, ..) => Verdict::NoPack,
        (Some(pack), Some(question), Some(_)) => compared(&question, ruling, &pack, Verdict::Same),
        (Some(pack), Some(question), None) => compared(&question, ruling, &pack, Verdict::SameFromItsPaper),
        (Some(_), None, Some(_)) => Verdict::OtherFacts,
        (Some(_), None, None) => Verdict::NoQuestion,
    };
    let Ruling { action, granted, pack_version, .. } = ruling.clone();
    Ok(Replayed { index, at: entry.at, action, granted, pack_version, verdict })
}

/// The question that was ruled on: as the journal gives it on the view of that time, or for an older entry as it was kept. `None`
/// where the journal gives another one, or none was kept.
pub(crate) fn question_of(
    papers: &Papers,
    view: &View,
    ruling: &Ruling,
    by: &PersonId,
    asked: Option<&Asked>,
) -> Result<Option<Question>, Fault> {
    let Some(asked) = asked else { return kept(papers, &ruling.question, by) };
    let question = (asked.size == view.size).then(|| view.question(by, &asked.ask, asked.at));
    Ok(question.and_then(Result::ok).filter(|question| question_digest(question) == ruling.question))
}

/// The question that was kept beside an older ruling, if it is that person's and that digest's.
fn kept(papers: &Papers, digest: &Digest, by: &PersonId) -> Result<Option<Question>, Fault> {
    let Some(bytes) = papers.get(digest)? else { return Ok(None) };
    let question: Question = minicbor::decode(&bytes).map_err(|_| Fault::Altered("question"))?;
    let is_its_own = question_digest(&question) == *digest && question.asker.id == *by;
    if is_its_own { Ok(Some(question)) } else { Err(Fault::Altered("question")) }
}

fn compared(question: &Question, ruling: &Ruling, pack: &Pack, same: Verdict) -> Verdict {
    let outcome = rule(question, pack);
    let again = outcome.ruling();
    let as_recorded =
        again.action == ruling.action && again.granted == ruling.granted && again.reasons == ruling.reasons;
    if as_recorded { same } else { Verdict::OtherAnswer }
}
