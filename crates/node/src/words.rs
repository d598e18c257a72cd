//! Words of ours that only a partner still has: what our own people signed for it after the backup from which this node was brought
//! back, as our node brought it to the partner. The node asks its partners for them, and they come on a file from those that cannot be
//! asked; they are taken up again before anything is served: what was destroyed since is destroyed again, what was withdrawn is withdrawn.
//!
//! With them come the papers of our own that name the furthest entries of our log, which are weighed first; see `named`.
//!
//! Each is weighed as it was when it was signed: by whoever the roll has under that key, and by what stands here. Nothing is believed for
//! having been at a partner: our node must have signed the notice, and our person the statement in it.
//!
//! *Absent:* what the partner said itself, which its node brings, and what was signed for nobody, which nobody has.

use crate::desk::{Step, consent, destroy, instrument, recall};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::named::Furthest;
use crate::node::Node;
use crate::notices::head_of;
use crate::office::Office;
use crate::papers::Papers;
use attache_accord::act::Act;
use attache_accord::control::Recall;
use attache_accord::destruction::Destruction;
use attache_accord::lifecycle::Instrument;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::VerifyingPair;
use attache_seal::papers::{Card, Consent, Notice};
use attache_seal::statement::{Body, Signed, Statement};
use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;

/// Code of the incident that it is when a word of ours that a partner had cannot be taken up again: a person must see to it.
pub const WORD_NOT_TAKEN: &str = "I-017";
/// Most words that are taken up at one start.
pub const MAX_WORDS_BACK: usize = 4096;

/// Entries that are looked through for one request of a node for its words.
pub const MAX_ENTRIES_A_REQUEST: u64 = 4096;
/// The clock of a partner, by which it dates what it has of our words, may have stood so far behind ours, in hours.
const MAX_CLOCKS_APART_HOURS: u64 = 24;

/// What a word that came back leads to.
enum Back {
    /// To be recorded, as if it had just been signed.
    Again(Plan),
    /// It is on record.
    Kept,
    /// It is not ours, or cannot follow upon what is here; and why.
    Not(String),
}

/// The notices by which the node `from` brought what its people signed, recorded at `since` or later, in their order, and behind them the
/// papers of its own that name the furthest entries of its log: what that node lost if it was brought back from a backup of then. At most
/// [`MAX_WORDS_BACK`].
///
/// # Errors
/// When the store fails, and where there are more.
pub fn words_of(papers: &Papers, from: &NodeName, since: Timestamp) -> Result<Vec<Signed>, Fault> {
    let (mut words, mut furthest) = (Vec::new(), Furthest::default());
    let too_many = || Fault::Busy("more words than are taken up at one start; name a later time");
    papers.look_through(first_since(papers, since)?, |_, entry| {
        furthest.see(papers, from, &entry.act)?;
        let Some(notice) = brought_by(&entry.act, from) else { return Ok(Continue::<()>(())) };
        let notice = papers.cited(notice, "notice")?;
        words.push(Signed::from_bytes(&notice).map_err(|_| Fault::Altered("notice"))?);
        if words.len() > MAX_WORDS_BACK { Err(too_many()) } else { Ok(Continue(())) }
    })?;
    while let Some(paper) = furthest.take(papers)? {
        words.push(Signed::from_bytes(&paper).map_err(|_| Fault::Altered("paper of a partner"))?);
    }
    if words.len() > MAX_WORDS_BACK { Err(too_many()) } else { Ok(words) }
}

/// What one request of a node for its words found.
#[derive(Default)]
pub(crate) struct Look {
    /// The next of them.
    pub(crate) word: Option<Vec<u8>>,
    /// From which entry to go on; `None` behind the last.
    pub(crate) next: Option<u64>,
    /// How many entries were looked through.
    pub(crate) looked: u64,
}

/// The next of those notices from entry `from` on, among so many entries as are looked through for one request; with what is `furthest` of
/// the papers that were passed.
///
/// # Errors
/// When the store fails.
pub(crate) fn next_word(
    papers: &Papers,
    node: &NodeName,
    from: u64,
    furthest: &mut Furthest,
) -> Result<Look, Fault> {
    let end = from.saturating_add(MAX_ENTRIES_A_REQUEST);
    let (mut next, mut looked) = (None, 0);
    let found = papers.look_through(from, |index, entry| {
        if index >= end {
            next = Some(index);
            return Ok(Break(None));
        }
        looked += 1;
        furthest.see(papers, node, &entry.act)?;
        Ok(match brought_by(&entry.act, node) {
            Some(notice) => {
                next = Some(index + 1);
                Break(Some(*notice))
            }
            None => Continue(()),
        })
    })?;
    let word = found.flatten().map(|notice| papers.cited(&notice, "notice")).transpose()?;
    Ok(Look { word, next, looked })
}

/// The first entry of `since` or later: entries are in the order of their times.
pub(crate) fn first_since(papers: &Papers, since: Timestamp) -> Result<u64, Fault> {
    let (mut low, mut high) = (0, papers.head()?.size);
    while low < high {
        let middle = low + (high - low) / 2;
        let is_before = papers.entry(middle)?.is_some_and(|entry| entry.at < since);
        if is_before { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// The notice by which a node brought a word of its people.
fn brought_by<'a>(act: &'a Act, node: &NodeName) -> Option<&'a Digest> {
    match act {
        Act::InstrumentMirrored { notice, from, .. }
        | Act::ConsentMirrored { notice, from, .. }
        | Act::DestructionMirrored { notice, from, .. }
        | Act::RecallMirrored { notice, from, .. } => (from == node).then_some(notice),
        _ => None,
    }
}

impl Office {
    /// Since when partners are asked for our words: a word that came after the backup was dated by the partner's own clock.
    pub(crate) fn words_since(&self, now: Timestamp) -> Timestamp {
        let margin = MAX_CLOCKS_APART_HOURS * 3_600_000;
        Timestamp(self.view.read().last_at.min(now).0.saturating_sub(margin))
    }

    /// The notice that this node signed, if it is one.
    pub(crate) fn own_notice(&self, notice: &Signed) -> Result<Option<Notice>, Fault> {
        Ok(self.open_own::<Notice>(notice, |card| &card.node_key)?.map(|opened| opened.body))
    }

    /// What is signed under this key of the card that this node had then.
    pub(crate) fn open_own<B: Body>(
        &self,
        paper: &Signed,
        key: fn(&Card) -> &VerifyingPair,
    ) -> Result<Option<Statement<B>>, Fault> {
        let Ok(claimed) = paper.dangerously_unverified::<B>() else { return Ok(None) };
        let card = self.signed_card_at(&self.identity.node, claimed.head.at)?;
        let card = card.and_then(|card| card.dangerously_unverified::<Card>().ok());
        Ok(card.and_then(|card| paper.open::<B>(key(&card.body), &self.expect(None)).ok()))
    }

    /// Takes up what papers on files name of our log, before anything is recorded; the words that are left.
    fn hear_files(&self, papers: Vec<Signed>) -> Result<Vec<Signed>, Fault> {
        let mut words = Vec::new();
        for paper in papers {
            match self.own_named(&paper)? {
                Some(named) => self.hear_named("a file", &named)?,
                None => words.push(paper),
            }
        }
        Ok(words)
    }

    /// Weighs a word that came back.
    fn weigh_back(&self, notice: &Signed) -> Result<Back, Fault> {
        let not = |why: &str| Ok(Back::Not(why.to_owned()));
        let Some(own) = self.own_notice(notice)? else { return not("it is no notice that this node signed") };
        let Ok(inner) = Signed::from_bytes(&own.statement) else {
            return not("it holds no statement");
        };
        if self.papers.has(&inner.digest())? {
            return Ok(Back::Kept);
        }
        let Ok(head) = head_of(&inner) else { return not("its statement cannot be read") };
        let (view, pack, at) = (self.view.read(), &self.pack, head.at);
        // By the clock of the moment in which it was signed: it counted from then on.
        let step = match inner.name() {
            Destruction::NAME => destroy(&view, pack, at, &inner),
            Consent::NAME => consent(&view, pack, at, &inner),
            Instrument::NAME => instrument(&view, pack, at, &inner),
            Recall::NAME => recall(&view, pack, at, &inner),
            _ => return not("it is no word that comes back"),
        };
        Ok(step.map_or_else(|misuse| Back::Not(misuse.to_string()), |Step { plan, .. }| Back::Again(plan)))
    }
}

/// When the statement in a word was signed, as it says. One that cannot be read is refused whenever it comes.
fn said_at(word: &Signed) -> Timestamp {
    let notice = word.dangerously_unverified::<Notice>().ok();
    let inner = notice.and_then(|notice| Signed::from_bytes(&notice.body.statement).ok());
    inner.and_then(|inner| head_of(&inner).ok()).map_or(Timestamp(0), |head| head.at)
}

/// Takes up the words that came back, once the log may go on, and before anything else is recorded.
pub(crate) async fn take_up(node: Arc<Node>, words: Vec<Signed>) {
    let mut words = match node.office.hear_files(words) {
        Ok(words) => words,
        Err(fault) => {
            return tracing::error!(%fault, "words of ours that a partner had could not be taken up again");
        }
    };
    if !node.may_hear().await {
        return;
    }
    words.extend(node.office.settling.words());
    let (mut taken, mut refused) = (0_usize, node.office.settling.belied());
    // They come on several files, in no order: what was withdrawn must be given before.
    words.sort_by_cached_key(said_at);
    for word in &words {
        let outcome = match node.office.weigh_back(word) {
            Ok(Back::Again(plan)) => node.commit_heard(plan).await.map(|()| taken += 1),
            Ok(Back::Kept) => Ok(()),
            Ok(Back::Not(why)) => {
                tracing::error!(word = %word.digest(), why, "a word of ours that a partner had cannot be taken up again; see to it before people work");
                refused += 1;
                Ok(())
            }
            Err(fault) => Err(Failure::Fault(fault)),
        };
        // Nothing more is recorded: at the next start it begins anew.
        if let Err(failure) = outcome {
            return tracing::error!(%failure, "words of ours that a partner had could not be taken up again");
        }
    }
    if refused > 0
        && let Some(plan) = node.office.daily(WORD_NOT_TAKEN, node.now())
        && let Err(failure) = node.commit_heard(plan).await
    {
        return tracing::error!(%failure, "that words of ours could not be taken up again could not be recorded");
    }
    tracing::info!(taken, refused, "words of ours that a partner had are taken up again");
    node.office.settling.heard();
    node.stir();
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_accord::DispatchId;
    use attache_accord::control::Taken;
    use attache_accord::party::Network;
    use attache_seal::statement::{Head, Statement};
    use attache_seal::{Sign as _, SigningPair};

    /// A word signed at `signed`, in a notice of which the node says that it signed it at `noted`.
    fn word(key: &SigningPair, signed: u64, noted: u64) -> Signed {
        let head = |at| Head {
            network: Network::Exercise,
            agreement: "gsomia-2016".to_owned(),
            pack: Digest([0; 32]),
            signer: "seoul.kor".to_owned(),
            key: key.verifying().key_id(),
            at: Timestamp(at),
        };
        let recall = Recall {
            item_digest: Digest([1; 32]),
            dispatch: DispatchId([2; 16]),
            to: "tokyo.jpn".parse().unwrap(),
            taken: Taken::Back {},
            document: "letter 9 (fictitious)".to_owned(),
        };
        let inner = Signed::seal(&Statement { head: head(signed), body: recall }, key).unwrap();
        let notice = Notice { statement: inner.to_bytes(), verifying: key.verifying().clone() };
        Signed::seal(&Statement { head: head(noted), body: notice }, key).unwrap()
    }

    #[test]
    fn words_of_several_files_are_in_the_order_in_which_people_signed_them() {
        let key = SigningPair::generate().unwrap();
        let [first, second, third] = [word(&key, 10, 90), word(&key, 20, 80), word(&key, 30, 70)];
        let mut words = [third.clone(), first.clone(), second.clone()];
        words.sort_by_cached_key(said_at);
        assert_eq!(
            words.iter().map(Signed::digest).collect::<Vec<_>>(),
            [&first, &second, &third].map(Signed::digest)
        );
    }
}
