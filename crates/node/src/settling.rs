//! What a node that was brought back from a backup must know before it goes on: what its partners have seen of its log. Entries that
//! came after the backup are lost; where a partner has cosigned any of them, going on would show two histories of one log.
//!
//! Each partner, and each witness outside, is asked to cosign the log as it was brought back. That is signed without danger, for it is
//! a beginning of what the log was; and whoever has seen more says so. Until all have answered nothing is recorded, published or
//! exchanged. Where the
//! log that was brought back knows no partner, nobody answers, and an operator must say what was seen.
//!
//! Then each partner is asked for what our own people had signed since the backup, which only partners still have, and that is taken up
//! before anything else is recorded; see `words`.
//!
//! *Absent:* a decision to go on in spite of a loss; see `succession`.

use crate::fault::Fault;
use crate::words::MAX_WORDS_BACK;
use attache_accord::{Digest, NodeName};
use attache_seal::statement::Signed;
use attache_store::{LocalHead, Reader, Tiles};
use attache_tlog::{Hash, root_at};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// What people have said of a node that was brought back, before it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// What was seen of its log, or that it goes on under a new origin: nobody is asked that any more.
    pub is_seen: bool,
    /// Of which partners they have the words on a file, or do without: these are not waited for.
    pub heard: BTreeSet<NodeName>,
    /// The first index behind the entries that the node itself had promised and are lost, where it came to know of some.
    pub promised: Option<u64>,
}

/// What is known of a log that was brought back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Partners that have not answered.
    pub waits_for: BTreeSet<NodeName>,
    /// Witnesses outside that have not answered, by the names that their cosignatures bear.
    pub witnesses: BTreeSet<String>,
    /// No partner was on the roll when the backup was taken. There may be some since, and none of them can be asked: only people
    /// can say what was seen.
    pub knows_no_partner: bool,
    /// Entries that a partner or a witness has cosigned and that are lost: the first, and the first behind them.
    pub lost: Option<(u64, u64)>,
    /// Entries that nobody is known to have cosigned, and that are lost although something names them which this node had itself signed, such
    /// as a receipt: the first, and the first behind them. Another in their place would belie it.
    pub promised: Option<(u64, u64)>,
    /// One of them has seen another history than this.
    pub is_other: bool,
    /// Words of ours that a partner had are still to be taken up again; see `words`.
    pub awaits_words: bool,
    /// Partners that have not said all that they have of our words.
    pub words_of: BTreeSet<NodeName>,
    /// Those among them that run an older build, which cannot be asked.
    pub cannot_say: BTreeSet<NodeName>,
}

impl Standing {
    /// Whether the node may go on.
    pub fn is_settled(&self) -> bool {
        self.may_hear() && !self.awaits_words
    }

    /// Whether the words that came back may be recorded: the log goes on, and there are no more of them.
    pub fn may_hear(&self) -> bool {
        self.goes_on() && self.words_of.is_empty()
    }

    /// Whether the log may go on from where it is.
    pub fn goes_on(&self) -> bool {
        let has_lost = self.lost.is_some() || self.promised.is_some();
        self.waits_for_nobody() && !self.knows_no_partner && !has_lost && !self.is_other
    }

    /// Who has not said all that it has, of the log or of our words.
    fn awaited(&self) -> Vec<String> {
        let partners: BTreeSet<_> = self.waits_for.union(&self.words_of).map(ToString::to_string).collect();
        partners.into_iter().chain(self.witnesses.iter().cloned()).collect()
    }

    fn waits_for_nobody(&self) -> bool {
        self.waits_for.is_empty() && self.witnesses.is_empty()
    }

    /// What an operator reads of it.
    pub fn says(&self) -> String {
        if let (None, Some((from, behind)), false) = (self.lost, self.promised, self.is_other) {
            let awaited = self.awaited();
            let once = if awaited.is_empty() {
                String::new()
            } else {
                format!(", once all have answered: {}", awaited.join(", "))
            };
            return format!(
                "entries {from} to {} of this log are lost, and although nobody is known to have cosigned them, this node had signed what \
                 names them, such as a receipt; bring back a newer backup, or where there is none, let the log go on under a new origin by \
                 attache backup succeed{once}",
                behind.saturating_sub(1)
            );
        }
        match (self.lost, self.is_other) {
            (Some((from, behind)), _) => format!(
                "entries {from} to {} of this log are lost, and a partner or a witness has cosigned them; bring back a newer backup, or where there \
                 is none, let the log go on under a new origin by attache backup succeed",
                behind.saturating_sub(1)
            ),
            (None, true) => {
                "a partner or a witness has seen another history of this log; ask who had the backup".to_owned()
            }
            (None, false) if self.knows_no_partner => {
                "this node was brought back from a backup of before it had a partner, and can ask nobody what was seen of its log; \
                 ask the people of each partner that it had since, and say it by attache backup settle, with --size 0 where nobody \
                 has seen anything"
                    .to_owned()
            }
            (None, false) if self.waits_for_nobody() && !self.words_of.is_empty() => {
                let all: Vec<_> = self.words_of.iter().map(ToString::to_string).collect();
                let old: Vec<_> = self.cannot_say.iter().map(ToString::to_string).collect();
                let older = match &old[..] {
                    [] => String::new(),
                    old => format!(" {} cannot be asked, since it runs an older build.", old.join(", ")),
                };
                format!(
                    "this node was brought back from a backup, and asks {} what its own people had signed since; nothing is served before.{older} \
                     What cannot be asked writes a file (attache backup words), which is taken up by attache backup hear --of; to do without: \
                     attache backup settle --unheard",
                    all.join(", ")
                )
            }
            (None, false) if self.waits_for_nobody() && self.awaits_words => {
                "words of ours that a partner had are taken up again".to_owned()
            }
            (None, false) if self.waits_for_nobody() => {
                "nothing that a partner or a witness has cosigned is lost".to_owned()
            }
            (None, false) => {
                let partners = self.waits_for.iter().map(ToString::to_string);
                let all: Vec<_> = partners.chain(self.witnesses.iter().cloned()).collect();
                format!(
                    "this node was brought back from a backup, and asks {} what was seen of its log; where that cannot be \
                     reached, ask its people and say it by attache backup settle",
                    all.join(", ")
                )
            }
        }
    }
}

/// Has a stretch begin at `from`, and end at `behind` or where it ended, whichever is further.
fn reach(stretch: &mut Option<(u64, u64)>, from: u64, behind: u64) {
    let before = stretch.map_or(behind, |(_, before)| before);
    *stretch = Some((from, behind.max(before)));
}

impl Standing {
    fn hear(&mut self, from: &dyn fmt::Display, compared: Compared) {
        match compared {
            Compared::GoesOn => {}
            Compared::Lost(from, behind) => {
                reach(&mut self.lost, from, behind);
            }
            Compared::Other => self.is_other = true,
        }
        if self.goes_on() {
            tracing::info!(%from, "{}; the log goes on", self.says());
        } else {
            tracing::error!(%from, "{}", self.says());
        }
    }
}

/// How a log that was brought back compares with what was seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// It goes on from what was seen.
    GoesOn,
    /// These entries were seen and are not in it: the first, and the first behind them.
    Lost(u64, u64),
    /// What was seen is another history.
    Other,
}

/// Compares the log at `head` with the size and root of it that someone has seen.
///
/// # Errors
/// When the store fails.
pub fn compare(reader: &dyn Reader, head: &LocalHead, seen: &LocalHead) -> Result<Compared, Fault> {
    if seen.size > head.size {
        return Ok(Compared::Lost(head.size, seen.size));
    }
    let root: Hash = root_at(&Tiles(reader), seen.size).map_err(|_| Fault::Altered("tile"))?;
    Ok(if root == seen.root { Compared::GoesOn } else { Compared::Other })
}

/// The standing of one node, which is settled unless it was brought back.
#[derive(Default)]
pub struct Settling {
    /// The log as it was brought back.
    head: Option<LocalHead>,
    /// Whether the node was brought back.
    is_restored: bool,
    standing: watch::Sender<Standing>,
    /// Words of ours that partners have said over the link, by their digests.
    words: Mutex<BTreeMap<Digest, Signed>>,
    /// How often a paper of ours named an entry of the log whose place another has.
    belied: AtomicUsize,
}

impl Settling {
    /// Of a node that was brought back with its log at `head` and has these partners and witnesses outside.
    pub fn of(head: LocalHead, waits_for: BTreeSet<NodeName>, witnesses: BTreeSet<String>) -> Self {
        let knows_no_partner = waits_for.is_empty();
        let standing = Standing { waits_for, witnesses, knows_no_partner, ..Standing::default() };
        let standing = watch::Sender::new(standing);
        Self { head: Some(head), is_restored: true, standing, ..Self::default() }
    }

    /// Of a node of which people have said what was seen of its log.
    pub(crate) fn seen() -> Self {
        Self { is_restored: true, ..Self::default() }
    }

    /// Something that this node had signed, which `from` has, names entries up to `behind` of its log, which ends at `size`. `false` where it
    /// is too late for that: the log has gone on.
    pub(crate) fn hear_promised(&self, from: &str, size: u64, behind: u64) -> bool {
        let is_in_time = self.is_restored && !self.is_settled();
        if is_in_time {
            self.know_promised(size, behind);
            tracing::error!(from, "{}", self.standing.borrow().says());
        }
        is_in_time
    }

    /// What is known of that.
    pub(crate) fn know_promised(&self, size: u64, behind: u64) {
        self.standing.send_modify(|standing| reach(&mut standing.promised, size, behind));
    }

    /// Nothing is recorded before each of these partners has said what it has of our words.
    pub(crate) fn await_words_of(&mut self, partners: BTreeSet<NodeName>) {
        self.standing.send_modify(|standing| {
            standing.awaits_words |= !partners.is_empty();
            standing.words_of = partners;
        });
    }

    /// Whether `partner` is to be asked for words of ours: where it is settled with it what was seen of the log, and nothing is lost.
    pub(crate) fn wants_words_of(&self, partner: &NodeName) -> bool {
        let standing = self.standing.borrow();
        standing.words_of.contains(partner)
            && !standing.waits_for.contains(partner)
            && standing.lost.is_none()
            && !standing.is_other
    }

    /// Keeps a word of ours that a partner has said, until all have. `false` where there are more than are taken up at one start.
    pub(crate) fn keep_word(&self, word: &Signed) -> bool {
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = word.digest();
        let has_room = words.len() < MAX_WORDS_BACK || words.contains_key(&digest);
        if has_room {
            words.insert(digest, word.clone());
        }
        has_room
    }

    /// The words that partners have said.
    pub(crate) fn words(&self) -> Vec<Signed> {
        std::mem::take(&mut *self.words.lock().unwrap_or_else(PoisonError::into_inner))
            .into_values()
            .collect()
    }

    /// A paper of ours names an entry of the log whose place another has: a person must see to it.
    pub(crate) fn count_belied(&self) {
        self.belied.fetch_add(1, Ordering::Relaxed);
    }

    /// How often there was such a paper; it is asked for once.
    pub(crate) fn belied(&self) -> usize {
        self.belied.swap(0, Ordering::Relaxed)
    }

    /// A partner has said all that it has.
    pub(crate) fn said_all(&self, partner: &NodeName) {
        self.standing.send_modify(|standing| {
            standing.words_of.remove(partner);
            standing.cannot_say.remove(partner);
        });
    }

    /// A partner cannot be asked. Its node may be of a newer build when it is there again.
    pub(crate) fn cannot_say(&self, partner: &NodeName) {
        self.standing.send_modify(|standing| {
            standing.cannot_say.insert(partner.clone());
        });
    }

    /// Nothing else is recorded before the words that came back are.
    pub(crate) fn await_words(&mut self) {
        self.standing.send_modify(|standing| standing.awaits_words = true);
    }

    /// They are on record.
    pub(crate) fn heard(&self) {
        self.standing.send_modify(|standing| standing.awaits_words = false);
    }

    /// The log as it was brought back, while that is not settled with `partner`.
    pub(crate) fn asks(&self, partner: &NodeName) -> Option<LocalHead> {
        self.head.filter(|_| self.standing.borrow().waits_for.contains(partner))
    }

    /// The same with a witness outside.
    pub(crate) fn asks_witness(&self, name: &str) -> Option<LocalHead> {
        self.head.filter(|_| self.standing.borrow().witnesses.contains(name))
    }

    /// Whether the node may go on.
    pub fn is_settled(&self) -> bool {
        self.standing.borrow().is_settled()
    }

    /// Follows the standing.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// What a partner has seen, once it has said so.
    pub(crate) fn answered(&self, partner: &NodeName, compared: Compared) {
        self.standing.send_modify(|standing| {
            standing.waits_for.remove(partner);
            standing.hear(partner, compared);
        });
    }

    /// The same of a witness outside.
    pub(crate) fn witness_answered(&self, name: &str, compared: Compared) {
        self.standing.send_modify(|standing| {
            standing.witnesses.remove(name);
            standing.hear(&name, compared);
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn waiting() -> (Settling, [NodeName; 2]) {
        let partners: [NodeName; 2] = ["tokyo.jpn", "seoul.kor"].map(|name| name.parse().unwrap());
        let head = LocalHead { size: 7, root: Hash([1; 32]) };
        (Settling::of(head, partners.clone().into(), BTreeSet::new()), partners)
    }

    #[test]
    fn a_node_that_was_brought_back_goes_on_when_every_partner_has_answered() {
        let (settling, [one, other]) = waiting();
        settling.answered(&one, Compared::GoesOn);
        assert!(!settling.is_settled() && settling.asks(&one).is_none() && settling.asks(&other).is_some());
        settling.answered(&other, Compared::GoesOn);
        assert!(settling.is_settled());
    }

    #[test]
    fn what_one_partner_has_seen_and_is_lost_is_not_made_good_by_the_other() {
        let (settling, [one, other]) = waiting();
        settling.answered(&one, Compared::Lost(7, 12));
        settling.answered(&other, Compared::GoesOn);
        assert!(!settling.is_settled());
        assert!(settling.standing().borrow().says().starts_with("entries 7 to 11 of this log are lost"));
    }

    #[test]
    fn a_witness_outside_is_waited_for_and_what_it_alone_has_seen_is_lost() {
        let (head, name) = (LocalHead { size: 7, root: Hash([1; 32]) }, "overseer.example");
        let partner: NodeName = "tokyo.jpn".parse().unwrap();
        for (seen, is_settled) in [(Compared::GoesOn, true), (Compared::Lost(7, 9), false)] {
            let settling = Settling::of(head, [partner.clone()].into(), [name.to_owned()].into());
            settling.answered(&partner, Compared::GoesOn);
            assert!(!settling.is_settled() && settling.asks_witness(name).is_some());
            assert!(settling.standing().borrow().says().contains("asks overseer.example what was seen"));
            settling.witness_answered(name, seen);
            assert_eq!((settling.is_settled(), settling.asks_witness(name)), (is_settled, None));
        }
    }

    #[test]
    fn a_node_that_knows_no_partner_to_ask_does_not_go_on_by_itself() {
        let settling =
            Settling::of(LocalHead { size: 7, root: Hash([1; 32]) }, BTreeSet::new(), BTreeSet::new());
        assert!(!settling.is_settled());
        assert!(settling.standing().borrow().says().contains("attache backup settle, with --size 0"));
    }

    #[test]
    fn a_node_that_was_not_brought_back_waits_for_nobody() {
        assert!(Settling::default().is_settled());
    }
}
