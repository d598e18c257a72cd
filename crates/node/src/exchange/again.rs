//! Both ends of asking again: a node that was brought back asks its partners for what its own people had signed since the backup, and any
//! node for the proof of a receipt that is not here though checkpoints came and went. The partner keeps both as delivered and would never
//! bring them by itself.
//!
//! Nothing is believed for having been asked for: a word is weighed by our own signature in it, a proof by what the receipt promised.
//! *Absent:* what becomes of the words, which is `words`'s, and partners that are reached by letters: people carry a file.

use super::{Conduct, Errand, Then, at_length};
use crate::fault::Fault;
use crate::named::{Furthest, Named};
use crate::pace::Pace;
use crate::promises::Proving;
use crate::words::{Look, MAX_WORDS_BACK, first_since, next_word};
use attache_accord::act::Act;
use attache_accord::{DispatchId, Timestamp};
use attache_courier::frame::{Ask, Given};
use attache_courier::limits::MAX_OUTSTANDING;
use attache_courier::{Calling, Listening};
use attache_seal::statement::Signed;
use std::collections::{BTreeMap, VecDeque};

/// Beats for which a receipt is unproved before its proof is asked for: its partner brings it after the next.
const BEATS_BEFORE: u8 = 2;
/// Receipts without a proof that are looked at in one beat. The next beat goes on behind them.
const MAX_UNPROVED: usize = 1024;
/// Where a partner has no word to give yet, it is asked again after so long, in milliseconds.
const AGAIN_MILLIS: u64 = 1_000;
/// Answers of one connection in which a partner may say all that it has of our words.
const MAX_ANSWERS: usize = 4 * MAX_WORDS_BACK;
/// How often a partner may ask for what it had before.
pub const ASK_PACE: Pace = Pace { in_a_row: 256, per_minute: 240 };
/// So many entries that are looked through for an answer count as one more request.
const ENTRIES_A_REQUEST: u64 = 1_024;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Words,
    Proof(DispatchId),
}

/// What the calling end remembers of it.
#[derive(Default)]
pub(super) struct Again {
    asked: Option<Asked>,
    /// The words are not asked for before that time.
    pause: Option<Timestamp>,
    /// The partner has begun to say its words, in so many answers.
    answers: Option<usize>,
    /// It gave what does not verify, or does not end: nothing more is asked of it on this connection.
    is_distrusted: bool,
    /// When unproved receipts are looked at again.
    next_look: Timestamp,
    /// Receipts that were unproved at the last look, for how many beats.
    unproved: BTreeMap<DispatchId, u8>,
    /// Behind which the next look goes on, where it did not come to the end.
    looked_at: Option<DispatchId>,
    /// Proofs to be asked for in this beat.
    wanted: VecDeque<DispatchId>,
}

impl Again {
    /// When to ask or to look again, where that is later than `now`: no checkpoint of our own need wake the connection until then.
    pub(super) fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let look = (!self.unproved.is_empty()).then_some(self.next_look);
        [self.pause, look].into_iter().flatten().filter(|at| *at > now).min()
    }
}

/// What the listening end remembers of it.
#[derive(Default)]
pub(super) struct Asker {
    /// What waits for its answer; the session takes one at a time.
    pub(super) ask: Option<Ask>,
    /// Since when the partner's words are looked for, until that was looked up.
    since: Option<Timestamp>,
    /// The entry from which they are looked for next.
    from: Option<u64>,
    /// The papers of the partner's that name the furthest entries of its log, which it is given behind its words.
    furthest: Furthest,
}

/// What a partner gave that this node signed.
enum Own {
    /// A word of its people.
    Word(Box<Signed>),
    /// A paper that names an entry of its log.
    Named(Named),
}

impl Conduct<Calling> {
    /// Asks for what is missing, if there is room for a paper and nothing is asked.
    pub(super) fn ask_again(&mut self, now: Timestamp) -> Result<(), Fault> {
        self.part.again.pause.take_if(|until| *until <= now);
        let Some(greeting) = self.session.greeting() else { return Ok(()) };
        if !self.session.takes_paper() || self.session.is_asking_again() || self.part.again.is_distrusted {
            return Ok(());
        }
        if self.office.settling.wants_words_of(&self.peer) {
            if !greeting.may_ask() {
                self.part.again.is_distrusted = true;
                tracing::error!(peer = %self.peer, "the partner runs an older build and cannot be asked what this node's people had signed since the backup; have its people write a file (attache backup words)");
                self.office.settling.cannot_say(&self.peer);
                return Ok(());
            }
            return self.ask_words(now);
        }
        if !greeting.may_ask() || !self.office.settling.is_settled() {
            return Ok(());
        }
        self.look_for_unproved(now);
        while let Some(dispatch) = self.part.again.wanted.pop_front() {
            let sent = self.office.view.read().dispatches.sent(&dispatch).map(|sent| sent.promise);
            if sent.is_some_and(|promise| promise.proof().is_none()) {
                return self.ask(Asked::Proof(dispatch), Ask { dispatch: Some(dispatch), since: None }, now);
            }
        }
        Ok(())
    }

    fn ask(&mut self, asked: Asked, ask: Ask, now: Timestamp) -> Result<(), Fault> {
        self.session.ask(ask, now).map_err(|_| Fault::Encoding)?;
        self.part.again.asked = Some(asked);
        Ok(())
    }

    fn ask_words(&mut self, now: Timestamp) -> Result<(), Fault> {
        if self.part.again.pause.is_some() {
            return Ok(());
        }
        let since = self.part.again.answers.is_none().then(|| self.office.words_since(now));
        self.ask(Asked::Words, Ask { dispatch: None, since }, now)
    }

    /// Once a beat: which receipts have been without their proof for long enough to ask for it. Those of a partner that does not answer
    /// are asked for again, behind those that were not yet.
    fn look_for_unproved(&mut self, now: Timestamp) {
        let again = &mut self.part.again;
        if now < again.next_look {
            return;
        }
        again.next_look = now.plus_millis(self.office.beat_millis);
        let view = self.office.view.read();
        let found = view.dispatches.unproved(&self.peer, again.looked_at).take(MAX_UNPROVED);
        let beats = |id: DispatchId| (id, again.unproved.get(&id).map_or(0, |beats| beats.saturating_add(1)));
        let found: BTreeMap<DispatchId, u8> = found.map(beats).collect();
        let due = found.iter().filter(|(_, beats)| **beats >= BEATS_BEFORE).map(|(id, _)| *id);
        again.wanted = due.take(MAX_OUTSTANDING.into()).collect();
        // Whoever is asked for stands back until all others were looked at.
        again.looked_at = match again.wanted.back() {
            Some(last) if again.wanted.len() == usize::from(MAX_OUTSTANDING) => Some(*last),
            _ if found.len() == MAX_UNPROVED => again.looked_at,
            _ => None,
        };
        again.unproved = found;
    }

    /// The partner's answer.
    pub(super) fn given_there(&mut self, given: Given, now: Timestamp) -> Result<(), Fault> {
        match (self.part.again.asked.take(), given.paper) {
            (Some(Asked::Words), paper) => self.word_given(paper.map(Vec::from), given.more, now),
            (Some(Asked::Proof(dispatch)), Some(proof)) => self.proof_given(dispatch, &proof),
            (Some(Asked::Proof(_)) | None, _) => Ok(()),
        }
    }

    fn word_given(&mut self, paper: Option<Vec<u8>>, more: bool, now: Timestamp) -> Result<(), Fault> {
        let has_none = paper.is_none();
        match paper.map(|bytes| self.own_word(&bytes)).transpose()? {
            None => {}
            Some(Some(Own::Named(named))) => {
                self.office.hear_named(self.peer.as_str(), &named)?;
            }
            Some(Some(Own::Word(word))) if self.office.settling.keep_word(&word) => {}
            Some(Some(Own::Word(_))) => {
                tracing::error!(peer = %self.peer, "partners have more words of ours than are taken up at one start; take them up from files (attache backup words, with --since)");
                self.part.again.is_distrusted = true;
                return Ok(());
            }
            // It says nothing of what else the partner has.
            Some(None) => {
                tracing::error!(peer = %self.peer, "the partner gave as a word of ours what this node did not sign; it is passed over");
            }
        }
        let answers = self.part.again.answers.unwrap_or_default() + 1;
        self.part.again.answers = Some(answers);
        if !more {
            tracing::info!(peer = %self.peer, "the partner has said what this node's people had signed since the backup");
            self.part.again.answers = None;
            self.office.settling.said_all(&self.peer);
        } else if answers >= MAX_ANSWERS {
            tracing::error!(peer = %self.peer, "the partner does not come to an end with words of ours; have its people write a file (attache backup words)");
            self.part.again.is_distrusted = true;
        } else if has_none {
            self.part.again.pause = Some(now.plus_millis(AGAIN_MILLIS));
        }
        Ok(())
    }

    /// What was given, where this node signed it.
    fn own_word(&self, bytes: &[u8]) -> Result<Option<Own>, Fault> {
        let Ok(paper) = Signed::from_bytes(bytes) else { return Ok(None) };
        if let Some(named) = self.office.own_named(&paper)? {
            return Ok(Some(Own::Named(named)));
        }
        Ok(self.office.own_notice(&paper)?.map(|_| Own::Word(Box::new(paper))))
    }

    fn proof_given(&mut self, dispatch: DispatchId, proof: &[u8]) -> Result<(), Fault> {
        let peer = &self.peer;
        match self.office.weigh_proof(peer, &dispatch, proof)? {
            Proving::Keep(plan) => {
                tracing::info!(%peer, %dispatch, "the proof of a receipt came that was asked for again");
                self.errands.push_back(Errand { plan, then: Then::Recorded });
            }
            // Two histories are on record whoever asked. Anything else may be of a log that this node lost sight of with its backup.
            Proving::False(plan) => {
                tracing::warn!(%peer, %dispatch, "what was given as the proof of a receipt does not prove it; nothing more is asked on this connection");
                self.part.again.is_distrusted = true;
                if plan.acts.iter().any(|act| matches!(act, Act::LogForked { .. })) {
                    self.errands.push_back(Errand { plan, then: Then::Recorded });
                }
            }
            Proving::Kept | Proving::Early | Proving::Unknown => {}
        }
        Ok(())
    }
}

impl Conduct<Listening> {
    /// Answers what the partner asked, where it waits and there is room for a paper.
    pub(super) fn give_again(&mut self, now: Timestamp) -> Result<(), Fault> {
        if !self.session.takes_paper() {
            return Ok(());
        }
        let Some(ask) = self.part.asker.ask.take() else { return Ok(()) };
        self.part.asker.since = ask.since.or(self.part.asker.since);
        let given = match (ask.dispatch, self.office.may_ask_again(&self.peer, now)) {
            (Some(dispatch), true) => Given::new(self.office.proof_again(&self.peer, &dispatch)?, false),
            (Some(_), false) => Given::new(None, false),
            (None, true) => self.next_word_of()?,
            // Nothing was looked at: it asks on from there.
            (None, false) => Given::new(None, true),
        };
        self.session.given(given).map_err(|_| Fault::Encoding)
    }

    fn next_word_of(&mut self) -> Result<Given, Fault> {
        let asker = &mut self.part.asker;
        let (since, from) = (asker.since.take(), asker.from.take());
        let (papers, peer, furthest) = (&self.office.papers, &self.peer, &mut asker.furthest);
        if since.is_some() {
            *furthest = Furthest::default();
        }
        let look = || {
            let from = since.map(|since| first_since(papers, since)).transpose()?.or(from);
            from.map(|from| next_word(papers, peer, from, furthest)).transpose()
        };
        // Whoever has few words here, or none, has long stretches looked through.
        let looked = at_length(self.is_awaited, look)?.unwrap_or_default();
        let Look { word, next, looked } = looked;
        self.office.charge_asker(peer, u32::try_from(looked / ENTRIES_A_REQUEST).unwrap_or(u32::MAX));
        asker.from = next;
        let paper = if next.is_some() { word } else { asker.furthest.take(papers)? };
        Ok(Given::new(paper, next.is_some() || !asker.furthest.is_empty()))
    }
}
