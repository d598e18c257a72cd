//! How what the node holds is shown: accord's types as the API's.
//!
//! *Absent:* who may see it; the caller has passed the table, and titles are added by the routes.

use crate::api;
use crate::problem::Problem;
use attache_accord::act::Act;
use attache_accord::control::{Opening, Taken, Unopened, Word};
use attache_accord::derivative::Contained;
use attache_accord::dispatch::{Case, CaseState, Dispatch, Progress};
use attache_accord::equivalence::Equivalents;
use attache_accord::handling::{Copy, Fate};
use attache_accord::item::{Arrival, Item, Stage};
use attache_accord::letters::{Letter, Stand};
use attache_accord::passage::{Came, Told};
use attache_accord::register::{Direction, Movement, Registered};
use attache_accord::ruling::{Question, Reason, Ruling};
use attache_accord::view::View;
use attache_accord::{Digest, Level, Marking, NodeName, PersonId, Timestamp};
use attache_node::hops::Hop;
use attache_node::office::Office;
use attache_node::relay::Shown;
use attache_release::{Fact, Language, Pack, banner_via, explain_reason};
use attache_seal::papers::HopReceipt;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn marking(marking: &Marking) -> api::Marking {
    api::Marking {
        level: marking.level.to_string(),
        kind: marking.kind.to_string(),
        topics: marking.topics.iter().map(ToString::to_string).collect(),
        releasable_to: marking.releasable_to.iter().map(ToString::to_string).collect(),
        caveats: marking.caveats.clone(),
        purposes: marking.purposes.iter().map(ToString::to_string).collect(),
        control: marking.control.map(|control| control.to_string()),
        marked_at: Some(marking.marked_at.to_string()),
    }
}

/// The banner of an item, with the hub's level where it came by way of one.
pub(crate) fn banners(
    marking: &Marking,
    own_level: Option<&Level>,
    came: Option<&Came>,
    pack: &Pack,
) -> api::Banners {
    let via = came.map(|came| &came.level);
    let lines = |language| banner_via(marking, own_level, via, pack, language).lines;
    api::Banners { ko: lines(Language::Ko), ja: lines(Language::Ja), en: lines(Language::En) }
}

/// The banner of an item that is here; none for a draft.
pub(crate) fn banners_of(item: &Item, view: &View, pack: &Pack) -> Option<api::Banners> {
    let marked = item.marked()?;
    Some(banners(&marked.marking, item.own_level(), came(item, view), pack))
}

fn came<'a>(item: &Item, view: &'a View) -> Option<&'a Came> {
    match &item.stage {
        Stage::Admitted { dispatch, .. } => view.passages.came(dispatch),
        Stage::Draft | Stage::Marked(_) => None,
    }
}

pub(crate) fn hop(hop: Hop) -> api::Hop {
    api::Hop {
        from: hop.from.to_string(),
        to: hop.to.to_string(),
        state: hop.state.to_owned(),
        code: hop.code,
        level: hop.level.map(|level| level.to_string()),
        due: hop.due.map(|due| due.to_string()),
        receipt: hop.receipt.map(|digest| digest.to_string()),
        consent: hop.consent.map(|digest| digest.to_string()),
        basis: hop.basis,
    }
}

pub(crate) fn item(item: &Item, view: &View, pack: &Pack, title: Option<String>) -> api::Item {
    let (marked, derived) = (item.marked(), item.derived.as_ref());
    let (from, dispatch) = match &item.stage {
        Stage::Admitted { from, dispatch, .. } => (Some(from.to_string()), Some(dispatch.to_string())),
        Stage::Draft | Stage::Marked(_) => (None, None),
    };
    api::Item {
        sources: derived.map(|it| it.sources.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        contains: derived.map(|it| contained(&it.contains)).unwrap_or_default(),
        from,
        dispatch,
        recalls: recalls(item, view),
        item: item.id.to_string(),
        stage: match item.stage {
            Stage::Draft => "draft",
            Stage::Marked(_) => "marked",
            Stage::Admitted { .. } => "admitted",
        }
        .to_owned(),
        destroyed: item.is_destroyed,
        title,
        size: item.size,
        item_digest: item.item_digest.to_string(),
        label_digest: marked.map(|marked| marked.label.to_string()),
        marking: marked.map(|marked| marking(&marked.marking)),
        own_level: item.own_level().map(ToString::to_string),
        register_number: view.register.received_number(&item.id).map(str::to_owned),
        extract_of: item.extract_of.map(|id| id.to_string()),
        by: item.by.to_string(),
        banner: banners_of(item, view, pack),
        origin: came(item, view).map(|came| came.origin.to_string()),
        hub_level: came(item, view).map(|came| came.level.to_string()),
        hops: Vec::new(),
    }
}

/// What was said about a received item, or about each dispatch of an own one.
fn recalls(item: &Item, view: &View) -> Vec<api::Recall> {
    let of = |dispatch| view.controls.about(dispatch).iter().map(|word| recall(word, view));
    match &item.stage {
        Stage::Admitted { dispatch, .. } => of(dispatch).collect(),
        Stage::Draft => Vec::new(),
        Stage::Marked(_) => {
            let sent = view.dispatches.all_sent().filter(|sent| sent.item == item.id);
            sent.flat_map(|sent| of(&sent.id)).collect()
        }
    }
}

pub(crate) fn recall(word: &Word, view: &View) -> api::Recall {
    let (recall, own) = (&word.recall, word.by.is_some());
    api::Recall {
        digest: word.statement.to_string(),
        taken: recall.taken.as_str().to_owned(),
        level: match &recall.taken {
            Taken::Back {} => None,
            Taken::ToLevel { level } => Some(level.to_string()),
        },
        item_digest: recall.item_digest.to_string(),
        dispatch: recall.dispatch.to_string(),
        to: recall.to.to_string(),
        document: recall.document.clone(),
        own,
        delivered: own.then(|| !view.correspondence.owed_to(&recall.to).contains(&word.statement)),
        signed_at: word.signed_at.to_string(),
        by: word.by.as_ref().map(ToString::to_string),
        onward: if own { recalled_onward(word, view) } else { Vec::new() },
    }
}

/// Whoever beyond a hub has what this node's people recalled, or is to have it.
fn recalled_onward(word: &Word, view: &View) -> Vec<api::RecalledOnward> {
    let told = view.passages.told(&word.recall.dispatch);
    let goes_on = |told: &&Told| told.is_receipted() || !told.hop.fate.standing().is_final();
    let onward = told.filter(goes_on).map(|told| api::RecalledOnward {
        to: told.hop.recipient.to_string(),
        state: told.hop.fate.as_str().to_owned(),
        delivered: view.correspondence.delivered_at(&told.hop.recipient, &word.statement).is_some(),
    });
    onward.collect()
}

pub(crate) fn opening(asked: &Opening, purpose: String) -> api::Opening {
    let state = match asked.answer {
        None => "waits",
        Some(answered) => answered.refused.map_or("consented", Unopened::as_str),
    };
    api::Opening {
        request: asked.request.to_string(),
        item: asked.item.to_string(),
        dispatch: asked.dispatch.to_string(),
        node: asked.node.to_string(),
        person: asked.person.to_string(),
        purpose,
        own: asked.is_own,
        without_asking: asked.under.is_some(),
        at: asked.at.to_string(),
        until: asked.until.to_string(),
        state: state.to_owned(),
    }
}

pub(crate) fn letter(letter: &Letter, shown: Shown) -> api::Letter {
    let (state, code) = match &letter.stand {
        Stand::Owed => ("owed", None),
        Stand::Passed => ("passed", None),
        Stand::Arrived => ("arrived", None),
        Stand::Refused(code) => ("refused", Some(code.clone())),
    };
    let hop = |(digest, hub, hop): (Digest, NodeName, HopReceipt)| api::HopReceipt {
        digest: digest.to_string(),
        hub: hub.to_string(),
        refused: hop.refused,
        log: hop.log_origin,
        leaf: hop.leaf_index,
    };
    api::Letter {
        letter: letter.id.to_string(),
        from: letter.from.to_string(),
        to: letter.to.to_string(),
        size: shown.size,
        state: state.to_owned(),
        code,
        at: letter.at.to_string(),
        due: letter.due.to_string(),
        previous: letter.previous.as_ref().map(ToString::to_string),
        next: letter.next.as_ref().map(ToString::to_string),
        waybill: letter.waybill.to_string(),
        share: letter.share.map(|_| if shown.is_stopped { "stopped" } else { "lent" }.to_owned()),
        hops: shown.hops.into_iter().map(hop).collect(),
        about: shown.about.map(|(kind, id)| api::Matter { kind: kind.to_owned(), id }),
    }
}

pub(crate) fn arrival(arrival: &Arrival, office: &Office) -> api::Arrival {
    let (pack, view) = (&office.pack, office.view.read());
    let came = view.passages.came(&arrival.dispatch);
    let levels = pack.terms().equivalence.equivalents(&arrival.marked.marking.level, office.identity.party);
    api::Arrival {
        dispatch: arrival.dispatch.to_string(),
        from: arrival.from.to_string(),
        package: arrival.package.to_string(),
        size: arrival.size,
        item_digest: arrival.item_digest.to_string(),
        marking: marking(&arrival.marked.marking),
        own_levels: match levels {
            Equivalents::None => Vec::new(),
            Equivalents::One(level) => vec![level.to_string()],
            Equivalents::Choice(levels) => levels.iter().map(ToString::to_string).collect(),
        },
        banner: banners(&arrival.marked.marking, None, came, pack),
        origin: came.map(|came| came.origin.to_string()),
        hub_level: came.map(|came| came.level.to_string()),
    }
}

fn dispatched(dispatch: &Dispatch) -> api::Dispatched {
    let (progress, code) = match &dispatch.progress {
        Progress::Owed => ("owed", None),
        Progress::Stored => ("stored", None),
        Progress::Declined(code) => ("declined", Some(code.clone())),
        Progress::Receipted { .. } => ("receipted", None),
    };
    api::Dispatched {
        dispatch: dispatch.id.to_string(),
        progress: progress.to_owned(),
        code,
        due: dispatch.due.to_string(),
        incident: dispatch.incident,
    }
}

/// A case, with the purpose from its signed request and the facts as they are for the reader.
pub(crate) fn release(
    case: &Case,
    view: &View,
    purpose: String,
    facts: Option<String>,
) -> Result<api::Release, Problem> {
    let item = view.item(&case.item)?;
    let dispatch = match &case.state {
        CaseState::Dispatched(id) => view.dispatches.sent(id).map(dispatched),
        _ => None,
    };
    let signed = |(by, statement): &(PersonId, attache_accord::Digest)| api::SignedBy {
        by: by.to_string(),
        statement: statement.to_string(),
    };
    Ok(api::Release {
        case: case.id.to_string(),
        item: case.item.to_string(),
        item_digest: item.item_digest.to_string(),
        label_digest: item.marked().map(|marked| marked.label.to_string()).unwrap_or_default(),
        recipient: case.recipient.to_string(),
        state: match case.state {
            CaseState::Requested => "requested",
            CaseState::Refused => "refused",
            CaseState::Approved => "approved",
            CaseState::Dispatched(_) => "dispatched",
            CaseState::Closed(_) => "closed",
        }
        .to_owned(),
        closed_by: match &case.state {
            CaseState::Closed(code) => Some(code.clone()),
            _ => None,
        },
        requester: case.requester.to_string(),
        requested_at: case.requested_at.to_string(),
        request: case.request.to_string(),
        purpose,
        facts,
        reviews: case.reviews.iter().map(signed).collect(),
        decision: case.decision.as_ref().map(signed),
        ruling_index: case.ruling_index,
        control_number: view.register.control_number(&case.id).map(str::to_owned),
        dispatch,
        hops: Vec::new(),
    })
}

pub(crate) fn registered(entry: &Registered, view: &View) -> api::Registered {
    let marking = view.items.get(&entry.item).and_then(Item::marked).map(|marked| &marked.marking);
    let moved = |(at, movement): &(Timestamp, Movement)| {
        let (word, what) = match movement {
            Movement::Sent(dispatch) => ("sent", Some(dispatch.to_string())),
            Movement::Receipted => ("receipted", None),
            Movement::Opened(person) => ("opened", Some(person.to_string())),
            Movement::Handled(handling, person) => {
                (handling.as_str(), Some(format!("{} by {person}", handling.what())))
            }
            Movement::Returned(number, person) => ("copy returned", Some(format!("{number} to {person}"))),
            Movement::Destroyed(copy, is_done, person) => (
                if *is_done { "destroyed" } else { "destruction signed" },
                Some(format!("{}by {person}", of_copy(*copy))),
            ),
            Movement::DestroyedThere(copy, is_done, person) => (
                if *is_done { "destroyed there" } else { "destruction signed there" },
                Some(format!("{}by {person}", of_copy(*copy))),
            ),
        };
        api::Moved { at: at.to_string(), movement: word.to_owned(), what }
    };
    let copies = view.holdings.of(&entry.item).copies;
    api::Registered {
        balance: balance(&copies),
        copies: copies.iter().map(copy).collect(),
        destroyed: view.items.get(&entry.item).is_some_and(|item| item.is_destroyed),
        number: entry.number.clone(),
        direction: match entry.direction {
            Direction::Out => "out",
            Direction::In => "in",
        }
        .to_owned(),
        item: entry.item.to_string(),
        partner: entry.partner.as_ref().map(ToString::to_string),
        level: marking.map(|marking| marking.level.to_string()),
        own_level: entry.own_level.as_ref().map(ToString::to_string),
        kind: marking.map(|marking| marking.kind.to_string()),
        entered_at: entry.entered_at.to_string(),
        index: entry.index,
        movements: entry.movements.iter().map(moved).collect(),
    }
}

fn contained(contains: &Contained) -> BTreeMap<String, Vec<String>> {
    let levels = |levels: &BTreeSet<Level>| levels.iter().map(ToString::to_string).collect();
    contains.iter().map(|(party, of)| (party.to_string(), levels(of))).collect()
}

fn of_copy(number: Option<u32>) -> String {
    number.map(|number| format!("copy {number} ")).unwrap_or_default()
}

pub(crate) fn copy(copy: &Copy) -> api::Copy {
    api::Copy {
        number: copy.number,
        translation: copy.is_translation,
        keeper: copy.keeper.to_string(),
        made_at: copy.made_at.to_string(),
        fate: copy.fate.as_str().to_owned(),
        sealed: copy.sealed.is_some(),
    }
}

/// Each number that was given is out, back, or destroyed.
fn balance(copies: &[Copy]) -> api::Balance {
    let mut balance = api::Balance { made: copies.len(), ..Default::default() };
    for copy in copies {
        let account = match copy.fate {
            Fate::Out => &mut balance.out,
            Fate::Returned(_) => &mut balance.returned,
            Fate::Destroyed(_) => &mut balance.destroyed,
        };
        *account += 1;
    }
    balance
}

/// The ruling at `index` of the journal; `None` where another act stands there.
pub(crate) fn ruling_at(office: &Office, index: u64) -> Result<Option<api::Explained>, Problem> {
    let Some(entry) = office.papers.entry(index)? else { return Ok(None) };
    let Act::Ruled { ruling, by, .. } = &entry.act else { return Ok(None) };
    let question = office.papers.get(&ruling.question)?;
    Ok(Some(explained(ruling, &office.pack, index, by, entry.at, question)))
}

/// Reasons in every language, with the facts of the question that decided, where it is at hand.
pub fn reasoned(reasons: &[Reason], question: Option<&Question>, pack: &Pack) -> Vec<api::Reasoned> {
    let one = |reason: &Reason| {
        let [ko, ja, en] = Language::ALL.map(|language| explain_reason(reason, question, pack, language));
        api::Reasoned {
            facts: facts([ko.facts, ja.facts, en.facts]),
            code: en.code,
            article: en.article,
            standing: en.standing.map(|standing| standing.as_str().to_owned()).unwrap_or_default(),
            title: api::Texts { ko: ko.title, ja: ja.title, en: en.title },
            reason: api::Texts { ko: ko.reason, ja: ja.reason, en: en.reason },
            remedy: api::Texts { ko: ko.remedy, ja: ja.remedy, en: en.remedy },
        }
    };
    reasons.iter().map(one).collect()
}

/// The same facts in Korean, Japanese and English as one.
pub fn facts([ko, ja, en]: [Vec<Fact>; 3]) -> Vec<api::Fact> {
    let facts = ko.into_iter().zip(ja).zip(en);
    let told = facts.map(|((ko, ja), en)| api::Fact {
        name: en.matter.as_str().to_owned(),
        value: en.value,
        label: api::Texts { ko: ko.label, ja: ja.label, en: en.label },
        text: api::Texts { ko: ko.text, ja: ja.text, en: en.text },
    });
    told.collect()
}

fn explained(
    ruling: &Ruling,
    pack: &Pack,
    index: u64,
    by: &PersonId,
    at: Timestamp,
    question: Option<Vec<u8>>,
) -> api::Explained {
    let asked: Option<Question> = question.as_deref().and_then(|bytes| minicbor::decode(bytes).ok());
    api::Explained {
        action: ruling.action.as_str().to_owned(),
        granted: ruling.granted,
        index,
        by: by.to_string(),
        at: at.to_string(),
        question: ruling.question.to_string(),
        question_cbor: question.map(|bytes| data_encoding::HEXLOWER.encode(&bytes)),
        pack_version: ruling.pack_version.clone(),
        pack: ruling.pack.to_string(),
        reasons: reasoned(&ruling.reasons, asked.as_ref(), pack),
    }
}
