//! Witnessing: what this node answers to a partner's log that asks to be cosigned, and what it asks of a partner for its own.
//!
//! What is cosigned is kept first, one head behind the other and each with the log's signatures, so that a second history is
//! seen wherever it starts and can be proved to anyone.
//!
//! *Absent:* the connection, a proof of two histories that somebody else made (`forks`), and what a person decides on such a log.

use crate::engine::Plan;
use crate::exchange::ASK_PACE;
use crate::fault::Fault;
use crate::office::Office;
use crate::pace::Pace;
use crate::papers::seal_cosignature;
use crate::succession::keys_under;
use attache_accord::act::Act;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_courier::frame::Witnessed;
use attache_courier::limits::MAX_COSIGNATURE_BYTES;
use attache_custody::rest::Purpose;
use attache_seal::papers::{Card, LogSuccession};
use attache_store::{Head, NewHead, Published, Stream};
use attache_tlog::{
    AddCheckpoint, Checkpoint, ForkProof, Hash, KeptHead, NoteSignature, Origin, SignedNote, VerifierKey,
    Weighed, WitnessRefusal, cosign, open_checkpoint,
};
use std::sync::PoisonError;

/// Code of the incident that it is when a partner has cosigned more of our log than there is.
pub const LOG_SHORT: &str = "I-010";
/// Code of the incident that it is when a partner's witness stands below what it has cosigned of our log.
pub const WITNESS_FORGOT: &str = "I-011";

/// Code of the incident that it is when our own log is seen to have two histories: a witness outside has cosigned another one than it is
/// shown, or holds a proof, or somebody hands one over here.
pub const NOT_OUR_HISTORY: &str = "I-015";
/// How often a partner may ask for its log to be witnessed. It asks once a beat, and twice more where it had forgotten where it stands; a
/// beat takes a second at least.
pub const WITNESS_PACE: Pace = Pace { in_a_row: 60, per_minute: 120 };
/// What is answered to a partner that asks more often: nothing of it was looked at.
pub const TOO_OFTEN: u16 = 429;
/// What stays as it is until a person acts is raised again after so long, in hours.
const RAISE_AGAIN_HOURS: u64 = 24;

/// What a witness's answer on our checkpoint comes to.
pub(crate) enum Answered {
    /// It cosigned: to be kept.
    Cosigned(Plan),
    /// It said so, and not under its keys.
    NotTheirs,
    /// It stands at another size, from which it is to be asked.
    Elsewhere {
        /// The size.
        size: u64,
        /// Whether that is below what it has cosigned. What it signs it has on disk before its line leaves, so it must have been
        /// brought back.
        has_forgotten: bool,
    },
    /// It does not cosign.
    Refused(u16),
}

/// What a log's request to be witnessed leads to.
pub enum Witnessing {
    /// To be answered at once; nothing is to be kept.
    Answer(Witnessed),
    /// To be answered once the plan is committed. Where that meets a conflict, it is weighed again.
    Keep(Plan, Witnessed),
}

/// A checkpoint of a partner's log, compared with what was seen of that log before.
pub enum Seen {
    /// It is the head that was seen at its size.
    Same,
    /// Nothing is known that contradicts it: no head of its size was seen.
    Consistent,
    /// It contradicts what was seen: to be recorded.
    Forked(Plan),
    /// It contradicts what was seen, and that the log shows two histories is on record and not decided.
    Stopped,
    /// It is not signed by the log.
    NotTheirs,
}

/// The cosigned head of another log that was kept last.
struct Kept {
    /// How many heads were kept with it.
    count: u64,
    head: KeptHead,
}

/// The keys of a log, and the keys under which its node cosigns other logs.
///
/// # Errors
/// When a card does not name keys of the form and kind that it must.
pub fn log_keys(card: &Card) -> Result<Vec<VerifierKey>, Fault> {
    let keys: Result<Vec<VerifierKey>, _> = card.log_vkeys.iter().map(|text| text.parse()).collect();
    keys.map_err(|_| Fault::Altered("log keys of a card"))
}

impl Office {
    /// Whether a partner, by whatever connection, may ask once more for its log to be witnessed.
    pub(crate) fn may_ask_witness(&self, from: &NodeName, now: Timestamp) -> bool {
        let mut paces = self.witness_paces.lock().unwrap_or_else(PoisonError::into_inner);
        WITNESS_PACE.allows(paces.entry(from.clone()).or_insert_with(|| WITNESS_PACE.rested(now)), now)
    }

    /// Whether a partner, by whatever connection, may ask once more for what it had before.
    pub(crate) fn may_ask_again(&self, from: &NodeName, now: Timestamp) -> bool {
        let mut paces = self.ask_paces.lock().unwrap_or_else(PoisonError::into_inner);
        ASK_PACE.allows(paces.entry(from.clone()).or_insert_with(|| ASK_PACE.rested(now)), now)
    }

    /// What a partner that was allowed to ask was answered took as much work as `more` such requests besides.
    pub(crate) fn charge_asker(&self, from: &NodeName, more: u32) {
        let mut paces = self.ask_paces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(paced) = paces.get_mut(from) {
            ASK_PACE.charge(paced, more);
        }
    }

    /// Weighs the request of the authenticated node `from` that this one cosign a checkpoint of its log.
    ///
    /// # Errors
    /// When the store fails or signing does.
    pub fn weigh_head(&self, from: &NodeName, request: &[u8], now: Timestamp) -> Result<Witnessing, Fault> {
        let refused = |refusal: WitnessRefusal| {
            Ok(Witnessing::Answer(match refusal {
                WitnessRefusal::OtherSize { size } => Witnessed::stands_at(size),
                refusal => Witnessed::refused(refusal.http_status()),
            }))
        };
        let request = std::str::from_utf8(request).ok().and_then(|text| text.parse::<AddCheckpoint>().ok());
        let Some(request) = request else { return refused(WitnessRefusal::Malformed) };
        let Some(card) = self.card_of(from)?.filter(|_| !self.keys.witness.is_empty()) else {
            return Ok(Witnessing::Answer(Witnessed::refused(404)));
        };
        let Ok(claimed) = Checkpoint::parse(request.checkpoint().text()) else {
            return refused(WitnessRefusal::Malformed);
        };
        let (origin, keys) = self.log_of(from, &card)?;
        // One that ended is closed for ever, and one that nobody decided to follow is not known.
        if claimed.origin.as_str() != origin {
            return Ok(Witnessing::Answer(Witnessed::refused(404)));
        }
        if self.view.read().logs.is_stopped(from) {
            return refused(WitnessRefusal::Inconsistent);
        }
        let log = self.log_id(from, &claimed.origin)?;
        let last = self.last_seen(&log)?;
        if last.is_none()
            && let Some((said, kept)) = self.left_of(from)?
        {
            return match self.first_of_left(from, &card, (&said, kept), &request, &keys)? {
                Ok((checkpoint, note)) => self.keep(log, None, &checkpoint, &note, now),
                Err(refusal) => refused(refusal),
            };
        }
        let of_its_size = self.seen_at(&log, claimed.size)?;
        let heads = [last.as_ref(), of_its_size.as_ref()].map(|kept| kept.map(|kept| &kept.head));
        let (checkpoint, note) = match request.weigh(&keys, heads[0], heads[1]) {
            Weighed::Refused(refusal) => return refused(refusal),
            Weighed::Contradicts(proof) => {
                return Ok(Witnessing::Keep(self.fork(from, &proof), Witnessed::refused(422)));
            }
            Weighed::Again(checkpoint, _) => {
                return Ok(Witnessing::Answer(Witnessed::cosigned(self.cosigned(&checkpoint, now)?)));
            }
            Weighed::Next(checkpoint, note) => (checkpoint, note),
        };
        self.keep(log, last.as_ref(), &checkpoint, &note, now)
    }

    /// What is kept before a head is cosigned, and the cosignatures.
    fn keep(
        &self,
        log: Stream,
        last: Option<&Kept>,
        checkpoint: &Checkpoint,
        note: &SignedNote,
        now: Timestamp,
    ) -> Result<Witnessing, Fault> {
        let answer = Witnessed::cosigned(self.cosigned(checkpoint, now)?);
        let head = self.new_head(log, last, checkpoint, note)?;
        Ok(Witnessing::Keep(Plan { heads: vec![head], ..Plan::default() }, answer))
    }

    fn new_head(
        &self,
        log: Stream,
        last: Option<&Kept>,
        checkpoint: &Checkpoint,
        note: &SignedNote,
    ) -> Result<NewHead, Fault> {
        let note = note.to_string();
        let sealed = self.papers.rest().seal(Purpose::Paper, log.as_str().as_bytes(), note.as_bytes())?;
        Ok(NewHead { log, expected: last.map_or(0, |last| last.count), size: checkpoint.size, sealed })
    }

    /// What is to be kept of a head of a node's log that this node had cosigned, or whoever else it believes, and that is not kept here.
    pub(crate) fn head_to_keep(
        &self,
        node: &NodeName,
        checkpoint: &Checkpoint,
        note: &SignedNote,
    ) -> Result<NewHead, Fault> {
        let log = self.log_id(node, &checkpoint.origin)?;
        let last = self.last_seen(&log)?;
        self.new_head(log, last.as_ref(), checkpoint, note)
    }

    /// The first head of a log that goes on under a new origin: the very tree that its succession says is left, as a continuation of
    /// what was cosigned here of that.
    fn first_of_left(
        &self,
        from: &NodeName,
        card: &Card,
        (said, kept): (&LogSuccession, u64),
        request: &AddCheckpoint,
        keys: &[VerifierKey],
    ) -> Result<Result<(Checkpoint, SignedNote), WitnessRefusal>, Fault> {
        let stood = self.stood_before(from, card)?;
        let Ok(claimed) = Checkpoint::parse(request.checkpoint().text()) else {
            return Ok(Err(WitnessRefusal::Malformed));
        };
        if claimed.size != kept {
            return Ok(Err(WitnessRefusal::OtherSize { size: stood.map_or(0, |(size, _)| size) }));
        }
        if Digest(claimed.root.0) != said.root {
            return Ok(Err(WitnessRefusal::Inconsistent));
        }
        let note = request.checkpoint().only_by(keys);
        Ok(request.check(keys, stood).map(|checkpoint| (checkpoint, note)))
    }

    /// Compares a checkpoint of the log of `from` that came by any way with what was seen of that log: in evidence, beside a
    /// receipt, or where it is published. Seen is what was cosigned here, and under what a partner beyond a hub proved its receipts.
    ///
    /// # Errors
    /// When the store fails.
    pub fn compare_head(&self, from: &NodeName, note: &str) -> Result<Seen, Fault> {
        let Some(card) = self.card_of(from)? else { return Ok(Seen::NotTheirs) };
        let Ok(shown) = SignedNote::parse(note) else { return Ok(Seen::NotTheirs) };
        let Ok(claimed) = Checkpoint::parse(shown.text()) else { return Ok(Seen::NotTheirs) };
        let origin = claimed.origin.as_str();
        if !self.is_followed(from, &card, origin, claimed.size) {
            return Ok(Seen::NotTheirs);
        }
        let Ok(checkpoint) = open_checkpoint(note, &keys_under(&card, origin)?) else {
            return Ok(Seen::NotTheirs);
        };
        let log = self.log_id(from, &checkpoint.origin)?;
        let seen = match self.seen_at(&log, checkpoint.size)? {
            None => self.seen_at(&self.proved_id(from, &checkpoint.origin)?, checkpoint.size)?,
            seen => seen,
        };
        match seen {
            None => Ok(Seen::Consistent),
            Some(kept) if kept.head.checkpoint().root == checkpoint.root => Ok(Seen::Same),
            Some(_) if self.view.read().logs.has_forked(from) => Ok(Seen::Stopped),
            Some(kept) => {
                let proof = ForkProof::new(kept.head.note().clone(), shown, None);
                Ok(Seen::Forked(self.fork(from, &proof.map_err(|_| Fault::Encoding)?)))
            }
        }
    }

    /// Whether partners ask this node to witness their logs: its card says so, and it has the keys.
    pub(crate) fn is_witness(&self) -> bool {
        !self.keys.witness.is_empty() && !self.own().witness_keys().is_empty()
    }

    /// The request that `peer` cosign our checkpoint, which was published at `size`, from where it stands by what we know.
    /// `None` where it stands further than our log reaches.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn head_request(&self, old: u64, note: &str, size: u64) -> Result<Option<Vec<u8>>, Fault> {
        if old > size {
            return Ok(None);
        }
        let proof = self.papers.prove_growth(old, size)?;
        let request = AddCheckpoint::new(old, proof, note).map_err(|_| Fault::Encoding)?;
        Ok(Some(request.to_string().into_bytes()))
    }

    /// What is to be kept of a witness's cosignature lines on our checkpoint, which was published at `size`; `None` where one of
    /// them is not the witness's.
    pub fn weigh_cosignatures(
        &self,
        keys: &[VerifierKey],
        lines: &[u8],
        note: &str,
        size: u64,
    ) -> Option<Plan> {
        let text = std::str::from_utf8(lines).ok()?.strip_suffix('\n')?;
        let lines: Result<Vec<_>, _> = text.split('\n').map(NoteSignature::parse).collect();
        let lines = lines.ok()?;
        let cosigned = SignedNote::parse(note).ok()?.with(lines.clone()).ok()?;
        // Each key that it knows must verify, and one that has a time must be among them.
        let verified = cosigned.verify(keys).ok()?;
        let known = |line| Some((line, keys.iter().find(|key| NoteSignature::is_by(line, key))?));
        let known = lines.iter().filter_map(known);
        let sealed = known.map(|(line, key)| seal_cosignature(self.papers.rest(), size, key, line).ok());
        let cosignatures: Vec<_> = sealed.collect::<Option<_>>()?;
        let is_timed = verified.iter().any(|verified| verified.time.is_some_and(|time| time > 0));
        (is_timed && !cosignatures.is_empty()).then(|| Plan { cosignatures, ..Plan::default() })
    }

    /// What the answer of the witness with these keys comes to, which was asked to cosign `asked` and was believed to stand at `old`.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn weigh_answer(
        &self,
        keys: &[VerifierKey],
        (asked, old): (&Published, u64),
        answer: &Witnessed,
    ) -> Result<Answered, Fault> {
        Ok(match (answer.status, answer.size, &answer.lines) {
            (200, _, Some(lines)) => self
                .weigh_cosignatures(keys, lines, &asked.checkpoint, asked.size)
                .map_or(Answered::NotTheirs, Answered::Cosigned),
            (409, Some(size), _) if size != old => {
                let signed = self.cosigned_by(keys)?.map_or(0, |(signed, _)| signed);
                Answered::Elsewhere { size, has_forgotten: size < signed }
            }
            (status, ..) => Answered::Refused(status),
        })
    }

    /// Records an incident that is not about one dispatch, unless it was recorded within a day.
    pub(crate) fn daily(&self, code: &str, now: Timestamp) -> Option<Plan> {
        let view = self.view.read();
        let is_new = view.raised.get(code).is_none_or(|at| at.plus_hours(RAISE_AGAIN_HOURS) <= now);
        let raised = || Act::IncidentRaised { code: code.to_owned(), dispatch: None };
        is_new.then(|| Plan::new(&view, vec![raised()]))
    }

    /// How far `keys` cosigned our log, and when, in seconds since 1970.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cosigned_by(&self, keys: &[VerifierKey]) -> Result<Option<(u64, u64)>, Fault> {
        let mut last = None;
        for key in keys {
            let found = self.papers.last_cosignature(key)?;
            last = last.max(found.map(|(size, signature)| (size, signature.time().unwrap_or(0))));
        }
        Ok(last)
    }

    /// The size and root at which this node stands as a witness of a node's log.
    pub(crate) fn seen(&self, node: &NodeName, origin: &str) -> Result<Option<(u64, Hash)>, Fault> {
        let origin = Origin::new(origin).map_err(|_| Fault::Altered("log origin"))?;
        let last = self.last_seen(&self.log_id(node, &origin)?)?;
        Ok(last.map(|kept| (kept.head.checkpoint().size, kept.head.checkpoint().root)))
    }

    /// The root of a node's log that this node cosigned at that very size.
    pub(crate) fn head_seen_at(
        &self,
        node: &NodeName,
        origin: &str,
        size: u64,
    ) -> Result<Option<Hash>, Fault> {
        let origin = Origin::new(origin).map_err(|_| Fault::Altered("log origin"))?;
        let kept = self.seen_at(&self.log_id(node, &origin)?, size)?;
        Ok(kept.map(|kept| kept.head.checkpoint().root))
    }

    /// The largest head that this node cosigned of what is left of a node's log, under whichever name it grew then.
    fn stood_before(&self, node: &NodeName, card: &Card) -> Result<Option<(u64, Hash)>, Fault> {
        let followed = self.view.read().logs.followed_all(node);
        let named =
            std::iter::once(card.log_origin.clone()).chain(followed.iter().map(|(name, _)| name.clone()));
        let mut stood = None;
        for (at, origin) in named.take(followed.len()).enumerate() {
            // Whatever came later may have cut more of it off.
            let left = followed.iter().skip(at).map(|(_, kept)| *kept).min().unwrap_or_default();
            stood = stood.max(self.seen_up_to(node, &origin, left)?);
        }
        Ok(stood)
    }

    /// The largest head of a node's log that this node cosigned and that counts no more than `size` entries.
    fn seen_up_to(&self, node: &NodeName, origin: &str, size: u64) -> Result<Option<(u64, Hash)>, Fault> {
        let origin = Origin::new(origin).map_err(|_| Fault::Altered("log origin"))?;
        let log = self.log_id(node, &origin)?;
        let head =
            self.papers.head_up_to(&log, size)?.map(|head| self.opened_head(&log, &head)).transpose()?;
        Ok(head.map(|kept| (kept.head.checkpoint().size, kept.head.checkpoint().root)))
    }

    /// The checkpoint that this node cosigned last of the log that a succession ended, as that log signed it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn last_cosigned_of(&self, statement: &Digest) -> Result<Option<String>, Fault> {
        let said = self.succession(statement)?;
        let previous = Origin::new(&said.previous).map_err(|_| Fault::Altered("log origin"))?;
        let last = self.last_seen(&self.log_id(&said.node, &previous)?)?;
        Ok(last.map(|last| last.head.note().to_string()))
    }

    /// Our cosignature lines.
    fn cosigned(&self, checkpoint: &Checkpoint, now: Timestamp) -> Result<Vec<u8>, Fault> {
        let mut lines = String::new();
        for signer in &self.keys.witness {
            let line = cosign(checkpoint, signer, now.0 / 1000).map_err(|_| Fault::Encoding)?;
            lines.push_str(&line.to_string());
        }
        if lines.len() > MAX_COSIGNATURE_BYTES {
            return Err(Fault::Encoding);
        }
        Ok(lines.into_bytes())
    }

    /// The id under which the heads of a node's log are kept. A log that was believed again after a fork begins anew, from
    /// whatever it shows next.
    fn log_id(&self, node: &NodeName, origin: &Origin) -> Result<Stream, Fault> {
        let believed = self.view.read().logs.believed(node);
        Ok(Stream::new(self.papers.rest().blind(&format!("witness/{origin}/{believed}")))?)
    }

    /// The same of heads that this node did not cosign, under which a partner beyond a hub proved its receipts. What a witness cosigned
    /// is a promise of its own and is not mixed with them.
    fn proved_id(&self, node: &NodeName, origin: &Origin) -> Result<Stream, Fault> {
        let believed = self.view.read().logs.believed(node);
        Ok(Stream::new(self.papers.rest().blind(&format!("proved/{origin}/{believed}")))?)
    }

    /// What is to be kept of a checkpoint under which a partner beyond a hub proved a receipt, so that another tree of its size is a fork.
    pub(crate) fn proved_head(&self, from: &NodeName, note: &str) -> Result<Option<NewHead>, Fault> {
        let head = KeptHead::parse(note).map_err(|_| Fault::Encoding)?;
        let checkpoint = head.checkpoint();
        let log = self.proved_id(from, &checkpoint.origin)?;
        if self.seen_at(&log, checkpoint.size)?.is_some() {
            return Ok(None);
        }
        let last = self.last_seen(&log)?;
        self.new_head(log, last.as_ref(), checkpoint, head.note()).map(Some)
    }

    fn last_seen(&self, log: &Stream) -> Result<Option<Kept>, Fault> {
        self.papers.last_head(log)?.map(|head| self.opened_head(log, &head)).transpose()
    }

    fn seen_at(&self, log: &Stream, size: u64) -> Result<Option<Kept>, Fault> {
        self.papers.head_of_size(log, size)?.map(|head| self.opened_head(log, &head)).transpose()
    }

    fn opened_head(&self, log: &Stream, head: &Head) -> Result<Kept, Fault> {
        let altered = || Fault::Altered("head of another log");
        let note = self.papers.rest().open(Purpose::Paper, log.as_str().as_bytes(), &head.sealed)?;
        let note = std::str::from_utf8(&note).map_err(|_| altered())?;
        let kept = KeptHead::parse(note).map_err(|_| altered())?;
        if kept.checkpoint().size != head.size {
            return Err(altered());
        }
        Ok(Kept { count: head.place + 1, head: kept })
    }
}
