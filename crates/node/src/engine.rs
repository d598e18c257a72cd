//! The engine: the one place where acts become entries. It seals them, gives each its leaf, appends a group in one
//! transaction, and only then folds them into the view. The append is the commit point: what is not in the journal
//! did not happen, and after a crash the node folds its journal and carries on with what is owed.
//!
//! Recovery and normal running share one path: [`Engine::open`] folds rows exactly as [`Engine::commit`] does.
//!
//! *Absent:* rulings, clocks, sockets and threads. `sequencer` runs an engine; `exercise` drives one by hand.

use crate::fault::Fault;
use crate::snapshot::{Folded, Snapshots};
use attache_accord::act::{Act, ENTRY_VERSION, Entry, Unread, written_as};
use attache_accord::oversight::{
    self, Context, EXCHANGE_ARTICLES_SINCE, FIELD_ARTICLE, FIELD_CASE, FIELD_DAY, FIELD_DUE, FIELD_EVENT,
    FIELD_PAIR, LETTER_TAGS_SINCE, OWN_DUE_SINCE,
};
use attache_accord::view::View;
use attache_accord::{CaseId, Digest, Timestamp};
use attache_custody::rest::Purpose;
use attache_custody::{Custodian, RestKey};
use attache_seal::digest::sha256;
use attache_store::{
    Append, Committed, Conflict, Cosignature, Fence, Journal, NewHead, NewRow, Paper, Reader, Row, Stream,
    both, in_halves, remove_snapshot,
};
use attache_tlog::{LeafDraft, OpenedField, Origin};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// The entry version since which leaves show the tag of their case.
const CASE_TAGS_SINCE: u64 = 5;
/// Bytes of the year in a civil day.
const YEAR_BYTES: usize = "2026".len();

/// Rows read at a time when a journal is folded.
const FOLD_ROWS: usize = 1024;

/// Most acts in one plan.
pub const MAX_PLAN_ACTS: usize = 64;
/// Most bytes of papers in one plan: a manifest of 4 MiB and the statements beside it. A group of plans stays within
/// what the store takes in one transaction.
pub const MAX_PLAN_PAPER_BYTES: usize = 4 * 1024 * 1024 + 512 * 1024;
/// Bytes of papers after which a group is full.
pub const MAX_GROUP_PAPER_BYTES: usize = 32 * 1024 * 1024;

/// Acts to be committed together, with what they assume and the papers that they cite.
#[derive(Debug, Default)]
pub struct Plan {
    /// Streams that must still have as many entries as when the plan was made.
    pub expect: Vec<(String, u64)>,
    /// The acts, in order.
    pub acts: Vec<Act>,
    /// Papers by the digest that the acts cite.
    pub papers: Vec<(Digest, Vec<u8>)>,
    /// Heads of partners' logs that are about to be cosigned.
    pub heads: Vec<NewHead>,
    /// Others' cosignatures on this log's checkpoints.
    pub cosignatures: Vec<Cosignature>,
    /// The origin under which the log goes on, from the first of these acts on.
    pub succeeds: Option<Origin>,
}

impl Plan {
    /// A plan for these acts, which stands only while each act's stream is as `view` has it.
    pub fn new(view: &View, acts: Vec<Act>) -> Self {
        let mut expect: Vec<(String, u64)> = Vec::new();
        for act in &acts {
            let stream = act.stream();
            // The record stream holds facts that stand in any order.
            if stream != "record" && !expect.iter().any(|(seen, _)| *seen == stream) {
                let version = view.version(&stream);
                expect.push((stream, version));
            }
        }
        Self { expect, acts, ..Self::default() }
    }

    /// Checks the size of the plan.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn check(&self) -> Result<(), Fault> {
        let most = self.acts.len().max(self.expect.len()).max(self.heads.len()).max(self.cosignatures.len());
        if most > MAX_PLAN_ACTS {
            return Err(Fault::TooLarge { what: "acts", limit: MAX_PLAN_ACTS });
        }
        if self.paper_bytes() > MAX_PLAN_PAPER_BYTES {
            return Err(Fault::TooLarge { what: "bytes of papers", limit: MAX_PLAN_PAPER_BYTES });
        }
        Ok(())
    }

    /// Bytes of all papers.
    pub fn paper_bytes(&self) -> usize {
        self.papers.iter().map(|(_, paper)| paper.len()).sum()
    }

    /// Adds a paper and returns its digest.
    pub fn paper(&mut self, bytes: Vec<u8>) -> Digest {
        let digest = sha256(&[&bytes]);
        self.papers.push((digest, bytes));
        digest
    }
}

/// The view that everyone reads and only the engine writes.
#[derive(Clone)]
pub struct SharedView(Arc<RwLock<View>>);

impl SharedView {
    /// Reads. A panic elsewhere while writing cannot happen half-way through an entry that matters: folds are
    /// rebuilt from the journal at the next start, so a poisoned lock is read all the same.
    pub fn read(&self) -> RwLockReadGuard<'_, View> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Journal, view and sealing keys of one node.
pub struct Engine {
    journal: Box<dyn Journal>,
    fence: Fence,
    rest: Arc<RestKey>,
    origin: Origin,
    agreement: String,
    utc_offset_hours: u8,
    view: SharedView,
    custodian: Arc<Custodian>,
    resumed: u64,
}

impl Engine {
    /// Takes the journal's lease and folds it.
    ///
    /// # Errors
    /// When the journal is damaged, newer than this build, or sealed under another key.
    pub fn open(
        mut journal: Box<dyn Journal>,
        holder: &str,
        rest: Arc<RestKey>,
        origin: Origin,
        custodian: Arc<Custodian>,
    ) -> Result<Self, Fault> {
        let fence = journal.lease(holder)?;
        let terms = custodian.pack().terms();
        let utc_offset_hours = terms.utc_offset_hours;
        let mut engine = Self {
            journal,
            fence,
            rest,
            origin,
            agreement: terms.agreement.clone(),
            utc_offset_hours,
            view: SharedView(Arc::new(RwLock::new(View::new(utc_offset_hours)))),
            custodian,
            resumed: 0,
        };
        engine.resumed = engine.resume()?;
        engine.fold_from(engine.resumed)?;
        if engine.may_fold().is_err() {
            engine.start_over()?;
        }
        let view = engine.view();
        if view.read().logs.own().last().is_some_and(|last| last.origin != engine.origin.as_str()) {
            return Err(Fault::Altered("log origin"));
        }
        Ok(engine)
    }

    /// Goes on from the snapshot of the folds, where there is one that fits; gives the first entry that is not in it.
    fn resume(&mut self) -> Result<u64, Fault> {
        let Some(Folded { view, log }) = self.snapshots().load() else { return Ok(0) };
        let size = view.size;
        // Each its own from here on, sharing what rests.
        self.custodian.resume(view.clone(), log)?;
        *self.view.0.write().unwrap_or_else(PoisonError::into_inner) = view;
        Ok(size)
    }

    /// Folds the whole journal, where what was gone on from could not be read.
    fn start_over(&mut self) -> Result<(), Fault> {
        tracing::error!(
            "the snapshot of the folds opens and yet cannot be read; the whole journal is folded"
        );
        self.custodian.start_over();
        *self.view.0.write().unwrap_or_else(PoisonError::into_inner) = View::new(self.utc_offset_hours);
        self.resumed = 0;
        self.fold_from(0)
    }

    fn snapshots(&self) -> Snapshots<'_> {
        Snapshots { reader: self.journal.as_ref(), rest: &self.rest, utc_offset_hours: self.utc_offset_hours }
    }

    /// The view, for reading.
    pub fn view(&self) -> SharedView {
        self.view.clone()
    }

    /// How many entries were not folded at the start, since a snapshot had them.
    pub fn resumed(&self) -> u64 {
        self.resumed
    }

    /// The custodian that folds this journal.
    pub fn custodian(&self) -> Arc<Custodian> {
        Arc::clone(&self.custodian)
    }

    /// The keys that seal what rests.
    pub fn rest(&self) -> Arc<RestKey> {
        Arc::clone(&self.rest)
    }

    /// A reader of the journal for other threads.
    ///
    /// # Errors
    /// When the store cannot open one.
    pub fn reader(&self) -> Result<Box<dyn Reader>, Fault> {
        Ok(self.journal.reader()?)
    }

    /// Commits plans as one group at `now`: one transaction, one sync. A plan whose streams have moved on is left
    /// out and answered with its conflict. No entry is earlier than the one before it.
    ///
    /// # Errors
    /// When the store fails, or what the folds went on from cannot be read; then nothing may be acknowledged, and the engine must be
    /// opened anew.
    pub fn commit(
        &mut self,
        now: Timestamp,
        plans: &[Plan],
    ) -> Result<Vec<Result<Committed, Conflict>>, Fault> {
        let at = self.may_fold()?.max(now);
        let (appends, events): (Vec<_>, Vec<_>) = self.appends_of(at, plans)?.into_iter().unzip();
        // The leaves were made by the folds, and stay.
        self.may_fold()?;
        let outcomes = self.journal.append(self.fence, appends)?;
        let mut stand = plans.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
        if let Some(origin) = stand.find_map(|(plan, _)| plan.succeeds.clone()) {
            self.origin = origin;
        }
        let committed = events.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
        let events: Vec<_> = committed.flat_map(|(events, _)| events).map(Vec::as_slice).collect();
        let leaves = self.journal.appended();
        if leaves.len() != events.len() {
            return Err(Fault::Missing("leaf of an entry"));
        }
        // From the very bytes that were sealed; reading them back would tell no more.
        observe(&self.custodian, &self.view, &events, leaves)?;
        self.may_fold()?;
        Ok(outcomes)
    }

    /// The time of the last entry, where nothing of the folds is amiss. Otherwise the snapshot is removed, so that the next start does
    /// not go on from it again.
    fn may_fold(&self) -> Result<Timestamp, Fault> {
        let view = self.view.read();
        if !view.is_torn() {
            return Ok(view.last_at);
        }
        if let Some(Err(error)) = self.journal.folder().map(remove_snapshot) {
            tracing::error!(%error, "the snapshot of the folds could not be removed; remove it by hand");
        }
        Err(Fault::Differs("the snapshot of the folds"))
    }

    /// Plans as the store takes them, each with the events of its acts, and all made on the view of the moment.
    fn appends_of(&self, at: Timestamp, plans: &[Plan]) -> Result<Vec<Sealed>, Fault> {
        let (view, rest) = (&*self.view.read(), &*self.rest);
        let desk =
            Sealing { rest, view, agreement: &self.agreement, utc_offset_hours: self.utc_offset_hours };
        in_halves(plans, |plan| desk.append_of(at, plan)).into_iter().collect()
    }

    fn fold_from(&mut self, mut from: u64) -> Result<(), Fault> {
        loop {
            let rows = self.journal.rows(from, FOLD_ROWS)?;
            if rows.is_empty() {
                return Ok(());
            }
            let events = in_halves(&rows, |row| open_event(&self.rest, row));
            let events: Vec<_> = events.into_iter().collect::<Result<_, _>>()?;
            let events: Vec<_> = events.iter().map(Vec::as_slice).collect();
            let leaves: Vec<_> = rows.iter().map(|row| row.entry.as_slice()).collect();
            observe(&self.custodian, &self.view, &events, &leaves)?;
            from += rows.len() as u64;
        }
    }

    /// Keeps a published checkpoint.
    ///
    /// # Errors
    /// When the store refuses it.
    pub fn put_published(&mut self, size: u64, checkpoint: &str) -> Result<(), Fault> {
        Ok(self.journal.put_published(self.fence, size, checkpoint)?)
    }

    /// Removes papers for good, and says whether no trace of them is left in the journal's own files.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget(&mut self, papers: &[Digest]) -> Result<bool, Fault> {
        Ok(self.journal.forget(self.fence, papers, &[])?.settled)
    }

    /// Gives the journal back, for whoever opens the next engine on it.
    pub fn into_journal(self) -> Box<dyn Journal> {
        self.journal
    }

    /// The log's origin line.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// A plan as the store takes it, and the event of each of its acts.
type Sealed = (Append, Vec<Vec<u8>>);

/// What rows are made with.
struct Sealing<'a> {
    rest: &'a RestKey,
    view: &'a View,
    agreement: &'a str,
    utc_offset_hours: u8,
}

impl Sealing<'_> {
    fn append_of(&self, at: Timestamp, plan: &Plan) -> Result<Sealed, Fault> {
        let (heads, cosignatures) = (plan.heads.clone(), plan.cosignatures.clone());
        let succeeds = plan.succeeds.clone();
        let mut append = Append { heads, cosignatures, succeeds, ..Append::default() };
        let mut events = Vec::with_capacity(plan.acts.len());
        for (stream, version) in &plan.expect {
            append.expectations.push((Stream::new(self.rest.blind(stream))?, *version));
        }
        for (index, act) in plan.acts.iter().enumerate() {
            let beside = plan.acts.get(..index).unwrap_or_default();
            let (row, event) = self.row_of(at, act, beside)?;
            append.rows.push(row);
            events.push(event);
        }
        for (digest, bytes) in &plan.papers {
            let bytes = self.rest.seal(Purpose::Paper, digest.as_bytes(), bytes)?;
            append.papers.push(Paper { digest: *digest, bytes });
        }
        Ok((append, events))
    }

    fn row_of(&self, at: Timestamp, act: &Act, beside: &[Act]) -> Result<(NewRow, Vec<u8>), Fault> {
        let entry = Entry { version: ENTRY_VERSION, at, act: act.clone() };
        let event = minicbor::to_vec(&entry).map_err(|_| Fault::Encoding)?;
        let stream = self.rest.blind(&act.stream());
        let mut salt = [0; 32];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| Fault::Randomness)?;
        let context = Context { beside, ..context(self.view, self.agreement, self.utc_offset_hours) };
        let fields = fields_in(context, at, act, &event);
        let row = NewRow {
            body: self.rest.seal(Purpose::Event, stream.as_bytes(), &event)?,
            sealed_salt: self.rest.seal(Purpose::Salt, stream.as_bytes(), &salt)?,
            stream: Stream::new(stream)?,
            leaf: LeafDraft { salt, fields },
        };
        Ok((row, event))
    }
}

/// Folds the next entries, with their leaves, into custody's view and the node's: neither needs anything of the other.
fn observe<L: AsRef<[u8]> + Sync>(
    custodian: &Custodian,
    view: &SharedView,
    events: &[&[u8]],
    leaves: &[L],
) -> Result<(), Fault> {
    let in_custody =
        || events.iter().zip(leaves).try_for_each(|(event, leaf)| custodian.observe(event, leaf.as_ref()));
    // Until both are done: whoever sees an entry here may ask custody about it.
    let mut view = view.0.write().unwrap_or_else(PoisonError::into_inner);
    let here = || {
        events.iter().try_for_each(|event| {
            let entry = decode_event(view.size, event)?;
            view.apply(&entry);
            Ok(())
        })
    };
    let (there, here) = both(events.len(), in_custody, here);
    here.and_then(|()| Ok(there?))
}

/// The sixteen values of an act's leaf, seen against the view before the act.
pub fn fields(
    at: Timestamp,
    act: &Act,
    event: &[u8],
    view: &View,
    agreement: &str,
    utc_offset_hours: u8,
) -> [Vec<u8>; oversight::FIELDS] {
    fields_in(context(view, agreement, utc_offset_hours), at, act, event)
}

/// What gives the next act of a view its context.
fn context<'a>(view: &'a View, agreement: &'a str, utc_offset_hours: u8) -> Context<'a> {
    let (items, dispatches) = (&view.items, &view.dispatches);
    Context { items, dispatches, beside: &[], looking_back: None, agreement, utc_offset_hours }
}

/// The same, also for an act that lies behind the folds.
pub fn fields_in(
    context: Context<'_>,
    at: Timestamp,
    act: &Act,
    event: &[u8],
) -> [Vec<u8>; oversight::FIELDS] {
    let shown = oversight::shown(act, at, context);
    let year = shown.fields[FIELD_DAY].get(..YEAR_BYTES).unwrap_or_default().to_owned();
    let mut fields = shown.fields.map(String::into_bytes);
    // Leaves of older entries commit to an empty field there.
    if let Some(case) = shown.case.filter(|_| written_as(event) >= Some(CASE_TAGS_SINCE)) {
        fields[FIELD_CASE] = case_tag(&year, &case).to_string().into_bytes();
    }
    if let Some(due) = shown.own_due.filter(|_| written_as(event) >= Some(OWN_DUE_SINCE)) {
        fields[FIELD_DUE] = due.into();
    }
    if let Some(article) = shown.permitted.filter(|_| written_as(event) >= Some(EXCHANGE_ARTICLES_SINCE)) {
        fields[FIELD_ARTICLE] = article.into_bytes();
    }
    let letter = shown.letter.filter(|_| written_as(event) >= Some(LETTER_TAGS_SINCE));
    if let Some(paper) = shown.package.or(letter) {
        fields[FIELD_PAIR] = pair_tag(&paper).as_bytes().to_vec();
    }
    fields[FIELD_EVENT] = sha256(&[event]).as_bytes().to_vec();
    fields
}

/// Opens the salt of a row's leaf, for opening single fields of it.
///
/// # Errors
/// When it was destroyed or altered.
pub fn open_salt(rest: &RestKey, row: &Row) -> Result<[u8; 32], Fault> {
    let sealed = row.sealed_salt.as_deref().ok_or(Fault::SealedRow(row.index))?;
    let salt = rest.open(Purpose::Salt, row.stream.as_str().as_bytes(), sealed);
    salt.ok().and_then(|salt| salt.as_slice().try_into().ok()).ok_or(Fault::SealedRow(row.index))
}

/// Fields opened for their leaf. Nothing is opened that the leaf does not commit to: acts that were committed together saw none of each
/// other, but for the ruling before an admission, so what the folds say of one by the other is not in its leaf, and such a field is empty
/// there.
///
/// # Errors
/// [`Fault::Leaf`] where the leaf commits to another value.
pub(crate) fn open_committed(
    draft: &LeafDraft,
    fields: &[u8],
    origin: &Origin,
    row: &Row,
) -> Result<Vec<OpenedField>, Fault> {
    let mut opened = draft.open_all(fields);
    for field in &mut opened {
        if field.verify(origin, row.index, &row.entry).is_err() {
            field.value.clear();
            field.verify(origin, row.index, &row.entry).map_err(|_| Fault::Leaf(row.index))?;
        }
    }
    Ok(opened)
}

/// The tag of a release case in one civil year. Acts of one case can be told together within a year, and over two years not even by
/// whoever sees both: its id is known to the node alone.
pub fn case_tag(year: &str, case: &CaseId) -> Digest {
    sha256(&[b"attache/case/v1\n", year.as_bytes(), &case.0])
}

/// The tag that pairs a dispatch in one log with its arrival in the other (`formats.md`, leaf field 11), and so a letter with what a hub
/// says of it, by the digest of what was signed.
pub fn pair_tag(paper: &Digest) -> Digest {
    sha256(&[b"attache/pair/v1\n", paper.as_bytes()])
}

/// Opens the event bytes of a row.
///
/// # Errors
/// When the row was altered or sealed under another key.
pub fn open_event(rest: &RestKey, row: &Row) -> Result<Vec<u8>, Fault> {
    let event = rest.open(Purpose::Event, row.stream.as_str().as_bytes(), &row.body);
    event.map(|plain| plain.to_vec()).map_err(|_| Fault::SealedRow(row.index))
}

/// Reads an entry.
///
/// # Errors
/// When it is newer than this build or not an entry.
pub fn decode_event(index: u64, event: &[u8]) -> Result<Entry, Fault> {
    Entry::read(event).map_err(|unread| match unread {
        Unread::Unfit { found } => Fault::NewerEntry { index, found },
        Unread::Form => Fault::Entry(index),
    })
}
