//! The holder's side: after the own ruling is on record the originator's node is asked; with its consent the opening is recorded
//! and its share joined in custody. Where it cannot be reached and the agreement's terms let it be, a share that was lent before
//! serves once more, which is recorded and told to the originator afterwards.
//!
//! *Absent:* where such a share rests, which is custody's.

use super::by_share::{KeptByHub, Sealed, nobody_named};
use super::{BY_RULE, FALSE_ANSWER, Place, Told};
use crate::desk::{self, Misuse, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::node::Node;
use crate::notices::notice_id;
use crate::office::Office;
use crate::reading::Reading;
use crate::relay::{Underway, Way};
use attache_accord::act::Act;
use attache_accord::agreement::{Force, force};
use attache_accord::control::{Answerer, Control, Unopened};
use attache_accord::{Digest, DispatchId, ItemId, NodeName, PersonId, Timestamp};
use attache_courier::Code;
use attache_courier::frame;
use attache_seal::papers::{Opening, OpeningAnswer};
use attache_seal::statement::Signed;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::block_in_place;
use tokio::time::timeout;

/// How often a request is made anew when a recall was faster.
const MAX_CONFLICTS: usize = 8;
/// The originator's node must answer so soon, in seconds, or counts as not to be reached. So soon the hub must have a request that goes in
/// a letter.
pub const ANSWER_SECONDS: u64 = 10;
/// So long a reader waits for an answer in a letter, in seconds; whoever opens later finds it.
pub const LETTER_SECONDS: u64 = 45;
/// So often it is looked for, in milliseconds.
const LOOK_MILLIS: u64 = 200;

/// An item that may be read.
pub struct Opened {
    /// Index of the ruling that permits it.
    pub ruling_index: u64,
    /// The reading.
    pub reading: Reading,
}

/// Why an item is not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The own rules refuse, and that is on record.
    #[error("refused by the ruling at {0}")]
    Ruled(u64),
    /// The originator does not consent.
    #[error("the item is under its originator's control, and the originator does not consent ({})", .0.code())]
    Originator(Unopened),
    /// A person of the originator decides, and has not yet.
    #[error("a person of the originator decides about this opening; open it again later")]
    Waits,
    /// As many requests of this node wait for a person of the originator as may, so this one was not even taken.
    #[error(
        "as many requests of this node wait for a person of the originator as may at once; open it again once some are answered"
    )]
    Crowded,
    /// The originator is asked in a letter, and has not answered yet.
    #[error(
        "the originator is asked in a letter and has not answered yet; open it again later, the same request stands"
    )]
    Asked,
    /// The originator is reached in letters by a hub only, and the one that asks did not come to it, or its node does not know such letters.
    #[error(
        "the item's originator is reached through a hub in letters only, and the letter that asks it was not taken"
    )]
    ByHub,
    /// The agreement is not in force in the position of every Party as it is recorded here, and no consent serves meanwhile.
    #[error(
        "the agreement is not in force in every Party's position, and what its originator controls opens only while it is"
    )]
    NotInForce,
    /// The originator's node gave no answer, and no share that was lent before may serve.
    #[error("the originator's node cannot be reached, and nothing opens without its consent")]
    Unreachable,
    /// The originator's node answered that it does not answer.
    #[error("the originator's node did not answer the question ({0})")]
    Declined(Code),
    /// A hub does not lend its share of the key.
    #[error("the hub that keeps a share of the item's key does not lend it ({})", .0.code())]
    Hub(Unopened),
    /// The hub gave no answer.
    #[error("the hub that keeps a share of the item's key cannot be reached, and nothing opens without it")]
    HubUnreachable,
    /// The hub answered that it does not answer.
    #[error("the hub that keeps a share of the item's key did not answer the question ({0})")]
    HubDeclined(Code),
    /// The consent was over before it came.
    #[error("the originator's consent is over; open the item again")]
    Over,
    /// The caller erred, or we failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<Fault> for NotOpened {
    fn from(fault: Fault) -> Self {
        Self::Failure(fault.into())
    }
}

impl From<Misuse> for NotOpened {
    fn from(misuse: Misuse) -> Self {
        Self::Failure(misuse.into())
    }
}

/// A reader of an item under control, whom the own rules let open it.
pub struct Reader<'a> {
    by: &'a PersonId,
    item: ItemId,
    purpose: &'a str,
    control: Control,
    dispatch: DispatchId,
    /// Whoever keeps the other share of the key: the originator's node, or a hub.
    keeper: NodeName,
    /// The letter in which it came, where that is a hub.
    letter: Option<Sealed>,
    /// The own ruling.
    ruling_index: u64,
    /// To be recorded with the consent.
    opened: Act,
}

/// What an answer that came leads to.
pub enum Answered {
    /// To be recorded; then the reader is told.
    Keep(Plan, Told),
    /// It is on record: nothing opens by it once more.
    Kept,
    /// It is not the originator's: a breach, to be recorded.
    False(Plan),
}

impl Node {
    /// Opens an item for a reader: rules, records, asks its originator where it is under control, and hands out the reading.
    /// Called within a Tokio runtime of several threads.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub async fn open_item(&self, by: &PersonId, item: ItemId, purpose: &str) -> Result<Opened, NotOpened> {
        let pack = Arc::clone(&self.office.pack);
        let is_controlled =
            self.office.view.read().items.get(&item).is_some_and(|item| item.controlled().is_some());
        let kept = self.office.kept_by_hub(item)?;
        if !is_controlled && kept.is_none() {
            let done = self.carry_out(|view, now| desk::open(view, &pack, now, by, item, purpose)).await?;
            let ruling_index = granted(&done)?;
            let reading = block_in_place(|| self.office.reading(self.now(), by, item, ruling_index))?;
            return Ok(Opened { ruling_index, reading });
        }
        let done = self.carry_out(|view, now| desk::ask_to_open(view, &pack, now, by, item, purpose)).await?;
        let ruling_index = granted(&done)?;
        self.office.holds_in_force(self.now())?;
        // On the heap: whoever opens what nobody else controls is spared the room that this takes.
        let Some(kept) = kept else {
            return Box::pin(self.open_asked(self.office.reader(by, item, purpose, ruling_index)?)).await;
        };
        let reader = self.office.reader_of_letter(by, (item, kept), ruling_index)?;
        Box::pin(self.open_asked(reader)).await.map_err(NotOpened::by_hub)
    }

    /// Asks whoever keeps the other share of the key, and opens with that.
    async fn open_asked(&self, reader: Reader<'_>) -> Result<Opened, NotOpened> {
        let (request, place) = self.asked(&reader).await?;
        match self.answer_to(request, place, &reader).await? {
            Some(Told::Lent(share)) => self.lent(&reader, &share),
            Some(Told::Refused(why)) => Err(NotOpened::Originator(why)),
            Some(Told::Over) => Err(NotOpened::Over),
            Some(Told::Declined(Code::AwaitsPerson)) => Err(NotOpened::Waits),
            Some(Told::Declined(Code::NoRoom)) => Err(NotOpened::Crowded),
            Some(Told::Declined(code)) => Err(NotOpened::Declined(code)),
            None => self.without_asking(&reader).await,
        }
    }

    /// The request, on record, and a place for its answer: one that was not answered yet, unless another reader waits for that, or a new
    /// one. Each opening has a consent of its own; only a person is not asked twice at once.
    async fn asked(&self, reader: &Reader<'_>) -> Result<(Digest, Place), NotOpened> {
        // Two that both look for a request before either is on record would each record one.
        let _turn = match reader.control.answerer {
            Answerer::Person => {
                Some(self.office.openings.turn(reader.item, reader.by).ok_or(NotOpened::Waits)?)
            }
            Answerer::Rule => None,
        };
        for _ in 0..MAX_CONFLICTS {
            let now = self.now();
            let pending = self.office.pending(reader, now);
            let is_asked = !pending.is_empty();
            if let Some(taken_up) = self.office.take_up(reader, pending) {
                return Ok(taken_up);
            }
            if is_asked && reader.control.answerer == Answerer::Person {
                return Err(NotOpened::Waits);
            }
            if self.office.openings.is_full() {
                return Err(Fault::Busy("readers who wait for an originator").into());
            }
            let (plan, request) = self.office.request_opening(reader, None, now)?;
            // A recall that came in this moment is the originator's to say, and another reader may have taken the request up, or even have
            // been told its answer.
            if self.commit(plan).await?.is_ok()
                && let Some(taken_up) = self.office.take_up(reader, vec![request])
            {
                return Ok(taken_up);
            }
        }
        Err(Fault::Busy("a request to open").into())
    }

    /// The originator's answer: on the connection with it, or in a letter by the hub. `None` where it has not come in time.
    async fn answer_to(
        &self,
        request: Digest,
        mut place: Place,
        reader: &Reader<'_>,
    ) -> Result<Option<Told>, NotOpened> {
        self.stir();
        if !self.office.asks_in_letters(reader) {
            return Ok(timeout(Duration::from_secs(ANSWER_SECONDS), place.told()).await.ok().flatten());
        }
        let since = Instant::now();
        loop {
            let now = self.now();
            if let Some(answer) = self.office.answer_at_hand(&request, now) {
                return self.take_answer(request, reader, &mut place, answer).await.map(Some);
            }
            let waits = match self.office.underway(&request, now) {
                Underway::Here => ANSWER_SECONDS,
                Underway::Given => LETTER_SECONDS,
                Underway::Refused => return Err(NotOpened::ByHub),
            };
            if since.elapsed() >= Duration::from_secs(waits) {
                return Ok(None);
            }
            if let Ok(told) = timeout(Duration::from_millis(LOOK_MILLIS), place.told()).await {
                return Ok(told);
            }
        }
    }

    /// Records an answer that came in a letter, and with a consent the opening.
    async fn take_answer(
        &self,
        request: Digest,
        reader: &Reader<'_>,
        place: &mut Place,
        answer: frame::OpeningAnswer,
    ) -> Result<Told, NotOpened> {
        for _ in 0..MAX_CONFLICTS {
            let now = self.now();
            // A position may have come in another letter meanwhile.
            self.office.holds_in_force(now)?;
            let weighed = self.office.weigh_opening_answer(&reader.keeper, &request, answer.clone(), now)?;
            if let Answered::Keep(plan, told) = weighed {
                // A recall came in this moment: it is weighed by that.
                if self.commit(plan).await?.is_err() {
                    continue;
                }
                self.office.answer_kept(&request, told);
            }
            self.office.openings.clear(&request);
            return Ok(place.told_already().unwrap_or(Told::Over));
        }
        Err(Fault::Busy("an answer to a request to open").into())
    }

    fn lent(&self, reader: &Reader<'_>, share: &[u8]) -> Result<Opened, NotOpened> {
        let Reader { by, item, ruling_index, .. } = *reader;
        let read = || self.office.reading_lent(self.now(), by, item, ruling_index, share);
        Ok(Opened { ruling_index, reading: block_in_place(read)? })
    }

    /// Opens on a consent that was given before, where the terms let it be and no person decides.
    async fn without_asking(&self, reader: &Reader<'_>) -> Result<Opened, NotOpened> {
        let now = self.now();
        // A position may have come while the originator was waited for.
        self.office.holds_in_force(now)?;
        let kept = self.office.custodian.kept_share(&reader.dispatch, now);
        let is_by_rule = reader.control.answerer == Answerer::Rule;
        let Some((consent, share)) = kept.filter(|_| is_by_rule && !self.office.is_clock_behind(now)) else {
            return Err(match self.office.way_to(&reader.keeper) {
                Way::By(_) => NotOpened::Asked,
                Way::Direct | Way::Nowhere => NotOpened::Unreachable,
            });
        };
        let (plan, _) = self.office.request_opening(reader, Some(consent), now)?;
        if self.commit(plan).await?.is_err() {
            // A recall came in this moment, most likely.
            return Err(NotOpened::Over);
        }
        self.lent(reader, &share)
    }
}

fn granted(done: &crate::node::Done) -> Result<u64, NotOpened> {
    let index = done.first_index.unwrap_or_default();
    match &done.ruling {
        Some(ruling) if ruling.granted => Ok(index),
        _ => Err(NotOpened::Ruled(index)),
    }
}

impl Office {
    /// Someone whom the ruling at `ruling_index` lets open an item that its originator controls.
    ///
    /// # Errors
    /// [`Misuse`] where the item is not here or not under control; [`Fault`] where that is no ruling.
    pub fn reader<'a>(
        &self,
        by: &'a PersonId,
        item: ItemId,
        purpose: &'a str,
        ruling_index: u64,
    ) -> Result<Reader<'a>, Failure> {
        let opened = self.opened_by(by, item, ruling_index)?;
        let view = self.view.read();
        let controlled = view.item(&item).map_err(Misuse::from)?.controlled();
        let (control, dispatch, from) =
            controlled.ok_or_else(|| state("item", "it is not under its originator's control"))?;
        let (dispatch, keeper) = (*dispatch, from.clone());
        Ok(Reader { by, item, purpose, control, dispatch, keeper, letter: None, ruling_index, opened })
    }

    /// The same for what opens with the share that a hub keeps.
    ///
    /// # Errors
    /// [`Fault`] where that is no ruling.
    pub(super) fn reader_of_letter<'a>(
        &self,
        by: &'a PersonId,
        (item, kept): (ItemId, KeptByHub),
        ruling_index: u64,
    ) -> Result<Reader<'a>, Fault> {
        let opened = self.opened_by(by, item, ruling_index)?;
        let KeptByHub { hub: keeper, dispatch, letter } = kept;
        let (letter, purpose) = (Some(letter), "");
        Ok(Reader { by, item, purpose, control: BY_RULE, dispatch, keeper, letter, ruling_index, opened })
    }

    fn opened_by(&self, by: &PersonId, item: ItemId, ruling_index: u64) -> Result<Act, Fault> {
        match self.papers.entry(ruling_index)?.map(|entry| entry.act) {
            Some(Act::Ruled { ruling, .. }) => {
                Ok(Act::Opened { item, question: ruling.question, by: by.clone() })
            }
            _ => Err(Fault::Missing("ruling")),
        }
    }

    /// Whether the originator is asked in letters, and not on a connection with it.
    fn asks_in_letters(&self, reader: &Reader<'_>) -> bool {
        self.way_to(&reader.keeper) != Way::Direct
    }

    /// Whether every Party's position of now, as it is recorded here, is that the agreement is in force.
    fn holds_in_force(&self, now: Timestamp) -> Result<(), NotOpened> {
        match force(&self.pack.terms().parties, &self.view.read().positions, now) {
            Force::InForce => Ok(()),
            Force::Divergent | Force::NotInForce => Err(NotOpened::NotInForce),
        }
    }

    /// The answer to a request that came in a letter, unless its originator said something about the item since: then it is asked again.
    pub(crate) fn answer_at_hand(&self, request: &Digest, now: Timestamp) -> Option<frame::OpeningAnswer> {
        let (answer, came) = self.openings.at_hand(request, now)?;
        let is_latest = {
            let view = self.view.read();
            let asked = view.controls.opening(request)?;
            // One request has one answer, whenever it is given: it is the share in it that custody lent of late.
            view.controls.about(&asked.dispatch).iter().all(|word| word.recorded_at < came)
        };
        if !is_latest {
            self.openings.clear(request);
        }
        is_latest.then_some(answer)
    }

    /// The requests of that reader that are on record and were not answered.
    pub fn pending(&self, reader: &Reader<'_>, now: Timestamp) -> Vec<Digest> {
        let view = self.view.read();
        view.controls.pending(&reader.item, reader.by, now).map(|asked| asked.request).collect()
    }

    /// The first of these requests for whose answer nobody waits, and a place for that reader.
    pub fn take_up(&self, reader: &Reader<'_>, pending: Vec<Digest>) -> Option<(Digest, Place)> {
        pending.into_iter().find_map(|request| {
            // An answer that came since they were looked up does not come again. While the view is held none is recorded, and so none told.
            let view = self.view.read();
            let asked = view.controls.opening(&request).filter(|asked| asked.answer.is_none());
            asked.and_then(|_| Some((request, self.await_answer(request, reader)?)))
        })
    }

    /// A place for that reader until the request is answered; see [`Board::wait`](super::Board::wait).
    pub fn await_answer(&self, request: Digest, reader: &Reader<'_>) -> Option<Place> {
        self.openings.wait(request, reader.keeper.clone(), reader.opened.clone())
    }

    /// The signed request of a reader, to be recorded, and its digest. With `under` it tells of an opening without asking.
    ///
    /// # Errors
    /// [`Misuse`] for an item that is destroyed or a purpose that is too long; [`Fault`] when signing or the store fails.
    pub fn request_opening(
        &self,
        asked: &Reader<'_>,
        under: Option<Digest>,
        now: Timestamp,
    ) -> Result<(Plan, Digest), Failure> {
        let view = self.view.read();
        let item = view.live(&asked.item).map_err(Misuse::from)?;
        let (item_digest, dispatch) = (item.item_digest, asked.dispatch);
        drop(view);
        let until = now.plus_hours(asked.control.good_hours());
        let (item_digest, dispatch, person) = match &asked.letter {
            Some(letter) => (letter.digest, letter.number, nobody_named()?),
            None => (item_digest, dispatch, asked.by.clone()),
        };
        let body = Opening {
            item_digest,
            dispatch,
            person,
            purpose: asked.purpose.to_owned(),
            ruling_leaf: self.papers.logged(asked.ruling_index)?.leaf_hash(),
            ruling_index: asked.ruling_index,
            until,
            under,
        };
        attache_seal::statement::Body::check(&body).map_err(Misuse::from)?;
        let signed = self.say(&self.keys.node, now, body)?;
        let act = Act::OpeningAsked {
            request: signed.digest(),
            item: asked.item,
            dispatch: asked.dispatch,
            originator: asked.keeper.clone(),
            until,
            under,
            by: asked.by.clone(),
        };
        let opened = under.map(|_| asked.opened.clone());
        let view = self.view.read();
        let mut plan = Plan::new(&view, std::iter::once(act).chain(opened).collect());
        let recalls = desk::opening::recalls_of(&asked.dispatch);
        let version = view.version(&recalls);
        plan.expect.push((recalls, version));
        drop(view);
        plan.paper(signed.to_bytes());
        Ok((plan, signed.digest()))
    }

    /// The requests to bring to an originator's node: of readers who wait, then what was opened there without asking.
    pub(crate) fn openings_for(&self, node: &NodeName) -> Vec<Digest> {
        let mut requests = self.openings.asked_of(node);
        requests.extend(self.view.read().controls.untold(node).copied());
        requests
    }

    /// Weighs the answer of `from` to a request of ours.
    ///
    /// # Errors
    /// When the store fails.
    pub fn weigh_opening_answer(
        &self,
        from: &NodeName,
        request: &Digest,
        answer: frame::OpeningAnswer,
        now: Timestamp,
    ) -> Result<Answered, Fault> {
        let code = FALSE_ANSWER.to_owned();
        let breach = || {
            let act = Act::BreachRecorded { node: from.clone(), code: code.clone(), dispatch: None };
            Ok(Answered::False(Plan::new(&self.view.read(), vec![act])))
        };
        let Ok(signed) = Signed::from_bytes(&answer.answer) else { return breach() };
        let Ok((opened, _)) = self.said_by::<OpeningAnswer>(from, &signed, |card| &card.node_key)? else {
            return breach();
        };
        let said = opened.body;
        if said.request != *request || answer.id != notice_id(request) {
            return breach();
        }
        let view = self.view.read();
        let asked = view.controls.opening(request).filter(|asked| asked.is_own && asked.node == *from);
        let Some(asked) = asked.filter(|asked| asked.answer.is_none()) else { return Ok(Answered::Kept) };
        let recalls = desk::opening::recalls_of(&asked.dispatch);
        let reader = self.openings.opened(request);
        let told = match (said.refused, answer.share) {
            (Some(why), _) => Told::Refused(why),
            // The consent was under way while the recall came.
            (None, _) if view.controls.recalled(&asked.dispatch).is_some() => {
                Told::Refused(Unopened::Recalled)
            }
            (None, Some(share)) if now < said.until && reader.is_some() => Told::Lent(share.into()),
            (None, _) => Told::Over,
        };
        let act = Act::OpeningAnswered {
            request: *request,
            answer: signed.digest(),
            refused: said.refused,
            from: from.clone(),
        };
        let opened = reader.filter(|_| matches!(told, Told::Lent(_)));
        let mut plan = Plan::new(&view, std::iter::once(act).chain(opened).collect());
        // Nothing is on record as opened that a recall in this moment keeps closed.
        plan.expect.push((recalls.clone(), view.version(&recalls)));
        plan.paper(signed.to_bytes());
        Ok(Answered::Keep(plan, told))
    }

    /// An answer is on record: its reader is told, and its share kept as far as the terms let it be.
    pub(crate) fn answer_kept(&self, request: &Digest, told: Told) {
        if let Told::Lent(share) = &told
            && let Err(error) = self.keep_lent(request, share)
        {
            tracing::warn!(%error, "a lent share is not laid down; a restart ends what it serves for");
        }
        self.openings.tell(request, told);
    }

    /// Keeps the share that came with the answer to a request, where no person decides.
    fn keep_lent(&self, request: &Digest, share: &[u8]) -> io::Result<()> {
        let kept = {
            let view = self.view.read();
            let asked = view.controls.opening(request);
            asked.and_then(|asked| {
                let (control, ..) = view.items.get(&asked.item)?.controlled()?;
                (control.answerer == Answerer::Rule).then_some((asked.dispatch, asked.answer?, control.until))
            })
        };
        let Some((dispatch, consent, ends)) = kept else { return Ok(()) };
        // The originator counts from its answer, which may have been under way for a while, or have lain here.
        let said = self.papers.cited(&consent.statement, "answer to an opening").map_err(io::Error::other)?;
        let said = Signed::from_bytes(&said).and_then(|said| said.dangerously_unverified::<OpeningAnswer>());
        let said = said.map_err(io::Error::other)?.head.at;
        let most = self.pack.terms().offline_grace_hours.map(|hours| said.plus_hours(hours));
        let ends = ends.into_iter().chain(most).min();
        // What the originator said since then ends it, and this node may have heard that meanwhile.
        let entry = self.papers.entry(consent.index).map_err(io::Error::other)?;
        let at = entry.ok_or_else(|| io::Error::other(Fault::Missing("answer to an opening")))?.at;
        self.custodian.keep_share(dispatch, consent.statement, share.to_vec(), ends, at)
    }
}
