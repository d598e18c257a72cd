//! What an act shows to oversight: the sixteen fields of its leaf, each of which can be opened alone.
//!
//! *Absent:* hashing and salts (that is `tlog::leaf`), and anything that names an item, a title or a person.

use crate::act::{Act, Answer};
use crate::agreement::Topic;
use crate::consent::Consent;
use crate::control::{Recall, Unopened};
use crate::destruction::{CERTIFICATE_OVERDUE, Destruction};
use crate::dispatch::{Case, Dispatches, PROMISE_BROKEN, Progress, RECEIPT_OVERDUE};
use crate::id::{CaseId, Digest, DispatchId, ItemId};
use crate::item::{Item, Items};
use crate::letters::Matter;
use crate::marking::Marking;
use crate::particulars::Approved;
use crate::party::NodeName;
use crate::ruling::Ruling;
use crate::time::Timestamp;
use crate::view::{Ask, Asked};

/// Number of fields of a leaf.
pub const FIELDS: usize = 16;

/// Field 0: which act.
pub const FIELD_ACT: usize = 0;
/// Field 1: the article that decided, of an exchange that of the ruling which permitted it.
pub const FIELD_ARTICLE: usize = 1;
/// Field 2: `in` or `out`.
pub const FIELD_DIRECTION: usize = 2;
/// Field 3: the partner's node.
pub const FIELD_PARTNER: usize = 3;
/// Field 4: kind of information.
pub const FIELD_KIND: usize = 4;
/// Field 5: the originator's level.
pub const FIELD_LEVEL: usize = 5;
/// Field 6: the civil day, `2026-11-23`.
pub const FIELD_DAY: usize = 6;
/// Field 7: outcome or state.
pub const FIELD_OUTCOME: usize = 7;
/// Field 8: how long a release took, in coarse buckets.
pub const FIELD_DURATION: usize = 8;
/// Field 9: whether something due was in time.
pub const FIELD_DUE: usize = 9;
/// What [`FIELD_DUE`] says of what came after its time.
pub const LATE: &str = "late";
/// What it says of what came before.
const IN_TIME: &str = "in time";
/// The entry version since which [`FIELD_DUE`] says of an incident whether it is about lateness, and of a recall nothing. Before, both
/// bore the due status of a receipt: that of the dispatch that they name.
pub const OWN_DUE_SINCE: u64 = 8;
/// Field 10: the tag of a release case, the same for all its acts of one year.
pub const FIELD_CASE: usize = 10;
/// Field 11: the tag that pairs sent with received across both logs.
pub const FIELD_PAIR: usize = 11;
/// The entry version since which acts about letters bear a pair tag.
pub const LETTER_TAGS_SINCE: u64 = 6;
/// The entry version since which an exchange shows in [`FIELD_ARTICLE`] the article under which it was permitted.
pub const EXCHANGE_ARTICLES_SINCE: u64 = 7;
/// Field 12: what it is about, with a letter that holds a package.
pub const FIELD_TOPICS: usize = 12;
/// Field 13: legal basis.
pub const FIELD_BASIS: usize = 13;
/// Field 15: SHA-256 of the event bytes.
pub const FIELD_EVENT: usize = 15;

/// What the fields are called in commands and reports, by their numbers.
pub const FIELD_NAMES: [&str; FIELDS] = [
    "act",
    "article",
    "direction",
    "partner",
    "kind",
    "level",
    "day",
    "outcome",
    "duration",
    "due",
    "case",
    "pair",
    "topics",
    "basis",
    "reserved",
    "event",
];

/// The folds that give an act its context.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Items and arrivals.
    pub items: &'a Items,
    /// Cases and dispatches.
    pub dispatches: &'a Dispatches,
    /// The acts that are committed together with this one and stand before it, where the folds do not have them yet.
    pub beside: &'a [Act],
    /// Index of the act, where the folds have gone on past it; none where they stand just before it. Looking back needs no folds of
    /// its own, so whoever reads a long journal holds none.
    pub looking_back: Option<u64>,
    /// The agreement's short name: the legal basis of every act under it.
    pub agreement: &'a str,
    /// Hours east of Greenwich of the agreement's civil day.
    pub utc_offset_hours: u8,
}

impl<'a> Context<'a> {
    /// The marking that an item bore just before the act.
    fn marking(&self, item: &ItemId) -> Option<&'a Marking> {
        let item = self.items.get(item)?;
        let is_before = |index| item.marked_index.is_some_and(|marked| marked < index);
        self.looking_back.is_none_or(is_before).then(|| item.marked()).flatten().map(|marked| &marked.marking)
    }

    /// The article of the ruling that permitted a dispatch.
    fn sent_under(&self, case: &CaseId) -> Option<&'a str> {
        let case = self.dispatches.case(case)?;
        let is_before = |index| case.ruling_index.is_some_and(|ruled| ruled < index);
        self.looking_back.is_none_or(is_before).then_some(case.article.as_str())
    }

    /// The article of the ruling that permitted an admission. It is recorded together with it, just before.
    fn admitted_under(&self, dispatch: &DispatchId) -> Option<&'a str> {
        let given = self.dispatches.given(dispatch)?;
        let admitted = given.admitted.as_ref().map(|(_, index)| *index);
        // Admitted by another act, it did not wait any more.
        if admitted != self.looking_back {
            return None;
        }
        let beside = self.beside.iter().rev().filter_map(admitting).find(|(of, _)| *of == dispatch);
        Some(beside.map_or(given.article.as_str(), |(_, ruling)| ruling.article()))
    }

    /// The arrival that waited just before the act which admitted it.
    fn arrival(&self, dispatch: &DispatchId) -> Option<(&'a NodeName, &'a Marking, Digest)> {
        let Some(index) = self.looking_back else {
            let arrival = self.items.arrival(dispatch)?;
            return Some((&arrival.from, &arrival.marked.marking, arrival.package));
        };
        // Admitted by another act, it did not wait any more.
        let given = self.dispatches.given(dispatch)?;
        let (item, _) = given.admitted.as_ref().filter(|(_, admitted)| *admitted == index)?;
        Some((&given.to, &self.items.get(item)?.marked()?.marking, given.package))
    }
}

/// What one act shows, before hashing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The fields; both tags and the event digest are left empty for the caller, who hashes.
    pub fields: [String; FIELDS],
    /// The release case whose tag belongs in [`FIELD_CASE`].
    pub case: Option<CaseId>,
    /// Article under which an exchange was permitted, which belongs in [`FIELD_ARTICLE`] since [`EXCHANGE_ARTICLES_SINCE`].
    pub permitted: Option<String>,
    /// What belongs in [`FIELD_DUE`] since [`OWN_DUE_SINCE`], where that is something else than before.
    pub own_due: Option<&'static str>,
    /// Digest of the package, or of the request to open, whose pair tag belongs in [`FIELD_PAIR`].
    pub package: Option<Digest>,
    /// Digest of the waybill or hop receipt whose pair tag belongs there, since [`LETTER_TAGS_SINCE`].
    pub letter: Option<Digest>,
}

/// The fields of an act done at `at`.
pub fn shown(act: &Act, at: Timestamp, context: Context<'_>) -> Shown {
    let mut shown = Shown {
        fields: Default::default(),
        case: case_of(act, context.dispatches),
        permitted: None,
        own_due: None,
        package: None,
        letter: None,
    };
    let (year, month, day) = at.civil_date(context.utc_offset_hours);
    shown.set(FIELD_ACT, word(act));
    shown.set(FIELD_DAY, &format!("{year:04}-{month:02}-{day:02}"));
    shown.set(FIELD_BASIS, context.agreement);
    match act {
        Act::Ruled { ruling, item, .. } => {
            shown.set(FIELD_OUTCOME, if ruling.granted { "granted" } else { "refused" });
            shown.set(FIELD_ARTICLE, ruling.article());
            shown.item(item.as_ref(), context);
        }
        Act::ReleaseRequested { item, recipient, .. } => shown.outward(Some(item), recipient, context),
        Act::ReleaseReviewed { case, .. } => shown.case(context.dispatches.case(case), context),
        Act::ReleaseDecided { case, answer, .. } => {
            shown.set(FIELD_OUTCOME, answer_word(*answer));
            let case = context.dispatches.case(case);
            shown.case(case, context);
            let taken = case.map(|c| at.0.saturating_sub(c.requested_at.0));
            shown.set(FIELD_DURATION, taken.map_or("", bucket));
        }
        Act::DispatchOwed { case, item, recipient, package, .. } => {
            shown.outward(Some(item), recipient, context);
            shown.permitted = context.sent_under(case).map(str::to_owned);
            shown.package = Some(*package);
        }
        Act::DispatchStored { dispatch } | Act::DispatchDeclined { dispatch, .. } => {
            shown.sent(dispatch, at, context)
        }
        Act::ReceiptKept { dispatch, admitted, .. } => {
            shown.sent(dispatch, at, context);
            shown.set(FIELD_OUTCOME, if *admitted { "admitted" } else { "refused" });
        }
        Act::ArrivalVerified { from, package, marking, .. } => {
            shown.inward(from, Some(marking));
            shown.package = Some(*package);
        }
        Act::ArrivalDeclined { from, code, .. } => {
            shown.inward(from, None);
            shown.set(FIELD_OUTCOME, code);
        }
        Act::Admitted { dispatch, .. } => {
            shown.arrival(dispatch, context);
            shown.permitted = context.admitted_under(dispatch).map(str::to_owned);
        }
        Act::ReceiptOwed { dispatch, .. }
        | Act::ReceiptDelivered { dispatch }
        | Act::ProofDelivered { dispatch } => shown.given(dispatch, context),
        Act::Opened { item, .. } | Act::ItemMarked { item, .. } | Act::KeyMoved { item, .. } => {
            shown.item(Some(item), context);
        }
        Act::BreachRecorded { node, code, .. } => {
            shown.set(FIELD_PARTNER, node.as_str());
            shown.set(FIELD_OUTCOME, code);
        }
        Act::IncidentRaised { code, dispatch } => {
            match dispatch {
                Some(dispatch) if code == CERTIFICATE_OVERDUE => {
                    shown.given(dispatch, context);
                    shown.set(FIELD_DUE, LATE);
                }
                Some(dispatch) => {
                    shown.sent(dispatch, at, context);
                    let is_late = [RECEIPT_OVERDUE, PROMISE_BROKEN].contains(&code.as_str());
                    shown.own_due = Some(if is_late { LATE } else { "" });
                }
                None => {}
            }
            shown.set(FIELD_OUTCOME, code);
        }
        Act::InstrumentMade { instrument, .. } => {
            shown.set(FIELD_OUTCOME, instrument.step.as_str());
            shown.set(FIELD_ARTICLE, instrument.step.article());
        }
        Act::InstrumentMirrored { instrument, from, .. } => {
            shown.set(FIELD_DIRECTION, "in");
            shown.set(FIELD_PARTNER, from.as_str());
            shown.set(FIELD_OUTCOME, instrument.step.as_str());
            shown.set(FIELD_ARTICLE, instrument.step.article());
        }
        Act::InstrumentContested { from, .. } => {
            shown.set(FIELD_DIRECTION, "in");
            shown.set(FIELD_PARTNER, from.as_str());
        }
        Act::PackAdopted { version, .. } => {
            shown.set(FIELD_OUTCOME, version);
            shown.set(FIELD_ARTICLE, "21");
        }
        Act::LogForked { node, .. } | Act::SuccessionShown { node, .. } => {
            shown.set(FIELD_PARTNER, node.as_str());
        }
        Act::LogDecided { node, answer, .. } | Act::SuccessionDecided { node, answer, .. } => {
            shown.set(FIELD_PARTNER, node.as_str());
            shown.set(FIELD_OUTCOME, answer_word(*answer));
        }
        Act::ProofKept { dispatch, .. } => {
            shown.sent(dispatch, at, context);
            if let Some(Progress::Receipted { proof_due, .. }) =
                context.dispatches.sent(dispatch).map(|sent| &sent.progress)
            {
                shown.set(FIELD_DUE, if at <= *proof_due { IN_TIME } else { LATE });
            }
        }
        Act::Handled { item, handling, .. } => {
            shown.item(Some(item), context);
            shown.set(FIELD_OUTCOME, handling.as_str());
            shown.set(FIELD_ARTICLE, handling.article());
        }
        Act::CopyReturned { item, .. } => shown.item(Some(item), context),
        Act::CopySealed { item, .. } => {
            shown.item(Some(item), context);
            shown.set(FIELD_ARTICLE, "14");
        }
        Act::ItemDerived { .. } => shown.set(FIELD_ARTICLE, "4.3"),
        Act::DestructionSigned { item, destruction, .. } => {
            shown.item(Some(item), context);
            shown.destruction(destruction);
        }
        Act::DestructionMirrored { destruction, from, .. } => {
            let sent = destruction.what.dispatch.and_then(|dispatch| context.dispatches.sent(&dispatch));
            shown.inward(from, None);
            shown.item(sent.map(|sent| &sent.item), context);
            shown.destruction(destruction);
        }
        Act::RecallMade { recall, .. } => {
            shown.sent(&recall.dispatch, at, context);
            shown.own_due = Some("");
            shown.recall(recall);
        }
        Act::RecallMirrored { recall, from, .. } => {
            shown.inward(from, None);
            shown.recall(recall);
        }
        Act::OpeningAsked { request, item, originator, under, .. } => {
            shown.outward(Some(item), originator, context);
            shown.set(FIELD_OUTCOME, asked_word(under.as_ref()));
            shown.package = Some(*request);
        }
        Act::OpeningReceived { request, item, from, under, .. } => {
            shown.inward(from, None);
            shown.item(Some(item), context);
            shown.set(FIELD_OUTCOME, asked_word(under.as_ref()));
            shown.package = Some(*request);
        }
        Act::OpeningAnswered { request, refused, from, .. } => {
            shown.inward(from, None);
            shown.set(FIELD_OUTCOME, consent_word(*refused));
            shown.package = Some(*request);
        }
        Act::OpeningDecided { request, refused, to, .. } => {
            shown.outward(None, to, context);
            shown.set(FIELD_OUTCOME, consent_word(*refused));
            shown.package = Some(*request);
        }
        Act::ConsentMade { consent, .. } => shown.consent(consent, "out", &consent.to),
        Act::ConsentMirrored { consent, from, .. } => shown.consent(consent, "in", from),
        Act::InstrumentDelivered { to, .. } | Act::StatementDelivered { to, .. } => {
            shown.set(FIELD_DIRECTION, "out");
            shown.set(FIELD_PARTNER, to.as_str());
        }
        Act::PassageOwed { case, basis, .. } => {
            shown.case(context.dispatches.case(case), context);
            shown.leg(basis);
        }
        Act::PassageVerified { origin, level, basis, .. } => {
            shown.inward(origin, None);
            shown.set(FIELD_LEVEL, level.as_str());
            shown.leg(basis);
        }
        Act::PassageTold { hop, to, .. } => {
            let origin = context.dispatches.given(&hop.dispatch).and_then(|given| given.admitted);
            shown.outward(origin.as_ref().map(|(item, _)| item), to, context);
            shown.set(FIELD_OUTCOME, hop.fate.as_str());
        }
        Act::PassageMirrored { hop, from, basis, .. } => {
            let sent = context.dispatches.sent(&hop.dispatch);
            shown.inward(from, None);
            shown.item(sent.map(|sent| &sent.item), context);
            shown.set(FIELD_OUTCOME, hop.fate.as_str());
            shown.leg(basis);
        }
        Act::MandateGiven { mandate, .. } => shown.set(FIELD_BASIS, &mandate.basis),
        Act::LetterOwed { to, matter, waybill, .. } => {
            shown.letter = Some(*waybill);
            shown.set(FIELD_DIRECTION, "out");
            shown.set(FIELD_PARTNER, to.as_str());
            if let Matter::Package(dispatch) = matter {
                let sent = context.dispatches.sent(dispatch);
                shown.set(FIELD_TOPICS, &topics(sent.and_then(|sent| context.items.get(&sent.item))));
            }
        }
        Act::LetterTaken { from, refused, waybill, .. } => {
            shown.letter = Some(*waybill);
            shown.set(FIELD_DIRECTION, "in");
            shown.set(FIELD_PARTNER, from.as_str());
            shown.set(FIELD_OUTCOME, refused.as_deref().unwrap_or("taken"));
        }
        Act::HopKept { refused, hop, .. } => {
            shown.letter = Some(*hop);
            shown.set(FIELD_OUTCOME, refused.as_deref().unwrap_or("taken"));
        }
        Act::HopSigned { hop, .. } => shown.letter = Some(*hop),
        Act::LetterDecided { answer, .. } => {
            shown.set(FIELD_OUTCOME, if *answer == Answer::Approve { "allowed" } else { "stopped" });
        }
        Act::LossSigned { hop, .. } => shown.letter = Some(*hop),
        Act::LossKept { hop, code, .. } => {
            shown.letter = Some(*hop);
            shown.set(FIELD_OUTCOME, code);
        }
        Act::CaseClosed { case, code } => {
            shown.case(context.dispatches.case(case), context);
            shown.set(FIELD_OUTCOME, code);
        }
        Act::PassageBarred { item, recipient, bar, .. } => {
            shown.outward(Some(item), recipient, context);
            shown.set(FIELD_OUTCOME, bar.as_str());
        }
        Act::Founded { .. }
        | Act::PersonEnrolled { .. }
        | Act::PersonRemoved { .. }
        | Act::PeerAdded { .. }
        | Act::PeerSucceeded { .. }
        | Act::PeerRevoked { .. }
        | Act::CardShown { .. }
        | Act::PositionRecorded { .. }
        | Act::AssuranceRecorded { .. }
        | Act::ItemAdded { .. }
        | Act::MandateEnded { .. }
        | Act::ReportMade { .. }
        | Act::ReportCosigned { .. }
        | Act::LogSucceeded { .. }
        | Act::ClientAdded { .. }
        | Act::ClientRevoked { .. }
        | Act::KeyTakenOver { .. }
        | Act::HopDelivered { .. }
        | Act::LetterPassed { .. }
        | Act::Padded {} => {}
    }
    shown
}

/// The arrival that an act permits to admit, with the ruling.
pub(crate) fn admitting(act: &Act) -> Option<(&DispatchId, &Ruling)> {
    match act {
        Act::Ruled { ruling, asked: Some(Asked { ask: Ask::Admit { dispatch, .. }, .. }), .. }
            if ruling.granted =>
        {
            Some((dispatch, ruling))
        }
        _ => None,
    }
}

/// The release case that an act belongs to, at the sender.
fn case_of(act: &Act, dispatches: &Dispatches) -> Option<CaseId> {
    match act {
        Act::Ruled { case, .. } => *case,
        Act::ReleaseRequested { case, .. }
        | Act::ReleaseReviewed { case, .. }
        | Act::ReleaseDecided { case, .. }
        | Act::CaseClosed { case, .. }
        | Act::DispatchOwed { case, .. } => Some(*case),
        Act::DispatchStored { dispatch }
        | Act::DispatchDeclined { dispatch, .. }
        | Act::ReceiptKept { dispatch, .. }
        | Act::ProofKept { dispatch, .. }
        | Act::IncidentRaised { dispatch: Some(dispatch), .. } => {
            dispatches.sent(dispatch).map(|sent| sent.case)
        }
        _ => None,
    }
}

/// What an item is about, as field 12 shows it to a hub that may carry what is about some topics only.
pub fn topics(item: Option<&Item>) -> String {
    let marked = item.and_then(Item::marked);
    let topics: Vec<_> =
        marked.into_iter().flat_map(|marked| &marked.marking.topics).map(Topic::as_str).collect();
    topics.join(" ")
}

impl Shown {
    fn set(&mut self, field: usize, value: &str) {
        if let Some(slot) = self.fields.get_mut(field) {
            value.clone_into(slot);
        }
    }

    fn marking(&mut self, marking: &Marking) {
        self.set(FIELD_KIND, marking.kind.as_str());
        self.set(FIELD_LEVEL, marking.level.as_str());
    }

    fn item(&mut self, item: Option<&ItemId>, context: Context<'_>) {
        if let Some(marking) = item.and_then(|id| context.marking(id)) {
            self.marking(marking);
        }
    }

    fn outward(&mut self, item: Option<&ItemId>, partner: &NodeName, context: Context<'_>) {
        self.set(FIELD_DIRECTION, "out");
        self.set(FIELD_PARTNER, partner.as_str());
        self.item(item, context);
    }

    fn inward(&mut self, partner: &NodeName, marking: Option<&Marking>) {
        self.set(FIELD_DIRECTION, "in");
        self.set(FIELD_PARTNER, partner.as_str());
        if let Some(marking) = marking {
            self.marking(marking);
        }
    }

    /// The agreement of one leg, where it has one of its own beside that under which the node acts.
    fn leg(&mut self, basis: &str) {
        if !basis.is_empty() {
            self.set(FIELD_BASIS, basis);
        }
    }

    fn destruction(&mut self, destruction: &Destruction) {
        let is_copy = destruction.what.copy.is_some();
        self.set(
            FIELD_OUTCOME,
            match (destruction.first, is_copy) {
                (None, _) => "one signature",
                (Some(_), false) => "destroyed",
                (Some(_), true) => "copy destroyed",
            },
        );
        self.set(FIELD_ARTICLE, "13");
    }

    fn recall(&mut self, recall: &Recall) {
        self.set(FIELD_OUTCOME, recall.taken.as_str());
        self.set(FIELD_ARTICLE, "6(g)");
    }

    fn consent(&mut self, consent: &Consent, direction: &str, partner: &NodeName) {
        self.set(FIELD_DIRECTION, direction);
        self.set(FIELD_PARTNER, partner.as_str());
        self.set(FIELD_OUTCOME, consent.step.as_str());
        self.set(FIELD_ARTICLE, consent.step.what().map_or("", Approved::article));
    }

    fn case(&mut self, case: Option<&Case>, context: Context<'_>) {
        if let Some(case) = case {
            self.outward(Some(&case.item), &case.recipient, context);
        }
    }

    fn sent(&mut self, dispatch: &DispatchId, at: Timestamp, context: Context<'_>) {
        let Some(sent) = context.dispatches.sent(dispatch) else { return };
        self.outward(Some(&sent.item), &sent.recipient, context);
        self.set(FIELD_DUE, if at <= sent.due { IN_TIME } else { LATE });
        self.package = Some(sent.package);
    }

    fn arrival(&mut self, dispatch: &DispatchId, context: Context<'_>) {
        if let Some((from, marking, package)) = context.arrival(dispatch) {
            self.inward(from, Some(marking));
            self.package = Some(package);
        }
    }

    fn given(&mut self, dispatch: &DispatchId, context: Context<'_>) {
        let Some(given) = context.dispatches.given(dispatch) else { return };
        self.inward(&given.to, None);
        self.item(given.admitted.as_ref().map(|(item, _)| item), context);
        self.package = Some(given.package);
    }
}

/// The word for an act, as oversight reads it.
pub fn word(act: &Act) -> &'static str {
    match act {
        Act::Founded { .. } => "founded",
        Act::PersonEnrolled { .. } => "person enrolled",
        Act::PersonRemoved { .. } => "person removed",
        Act::PeerAdded { .. } => "peer added",
        Act::PeerSucceeded { .. } => "peer succeeded",
        Act::PeerRevoked { .. } => "peer revoked",
        Act::CardShown { .. } => "card shown",
        Act::PositionRecorded { .. } => "position recorded",
        Act::AssuranceRecorded { .. } => "assurance recorded",
        Act::ItemAdded { .. } => "item added",
        Act::ItemMarked { .. } => "item marked",
        Act::Ruled { .. } => "ruled",
        Act::ReleaseRequested { .. } => "release requested",
        Act::ReleaseReviewed { .. } => "release reviewed",
        Act::ReleaseDecided { .. } => "release decided",
        Act::KeyMoved { .. } => "key moved",
        Act::DispatchOwed { .. } => "dispatch owed",
        Act::DispatchStored { .. } => "dispatch stored",
        Act::DispatchDeclined { .. } => "dispatch declined",
        Act::ReceiptKept { .. } => "receipt kept",
        Act::ArrivalVerified { .. } => "arrival verified",
        Act::ArrivalDeclined { .. } => "arrival declined",
        Act::Admitted { .. } => "admitted",
        Act::ReceiptOwed { .. } => "receipt owed",
        Act::ReceiptDelivered { .. } => "receipt delivered",
        Act::Opened { .. } => "opened",
        Act::BreachRecorded { .. } => "breach recorded",
        Act::IncidentRaised { .. } => "incident raised",
        Act::InstrumentMade { .. } => "instrument made",
        Act::InstrumentMirrored { .. } => "instrument mirrored",
        Act::InstrumentContested { .. } => "instrument contested",
        Act::InstrumentDelivered { .. } => "instrument delivered",
        Act::PackAdopted { .. } => "pack adopted",
        Act::LogForked { .. } => "log forked",
        Act::LogDecided { .. } => "log decided",
        Act::LetterOwed { .. } => "letter owed",
        Act::LetterTaken { .. } => "letter taken",
        Act::LetterPassed { .. } => "letter passed",
        Act::HopSigned { .. } => "hop signed",
        Act::HopDelivered { .. } => "hop delivered",
        Act::HopKept { .. } => "hop kept",
        Act::LossSigned { .. } => "loss signed",
        Act::LossKept { .. } => "loss kept",
        Act::LetterDecided { .. } => "letter decided",
        Act::CaseClosed { .. } => "case closed",
        Act::PassageBarred { .. } => "passage barred",
        Act::LogSucceeded { .. } => "log succeeded",
        Act::SuccessionShown { .. } => "succession shown",
        Act::SuccessionDecided { .. } => "succession decided",
        Act::ProofKept { .. } => "proof kept",
        Act::MandateGiven { .. } => "mandate given",
        Act::MandateEnded { .. } => "mandate ended",
        Act::ReportMade { .. } => "report made",
        Act::ReportCosigned { .. } => "report cosigned",
        Act::ConsentMade { .. } => "consent made",
        Act::ConsentMirrored { .. } => "consent mirrored",
        Act::StatementDelivered { .. } => "statement delivered",
        Act::ProofDelivered { .. } => "proof delivered",
        Act::ClientAdded { .. } => "client added",
        Act::ClientRevoked { .. } => "client revoked",
        Act::KeyTakenOver { .. } => "key taken over",
        Act::Handled { .. } => "handled",
        Act::CopyReturned { .. } => "copy returned",
        Act::CopySealed { .. } => "copy sealed",
        Act::ItemDerived { .. } => "item derived",
        Act::DestructionSigned { .. } => "destruction signed",
        Act::DestructionMirrored { .. } => "destruction mirrored",
        Act::PassageOwed { .. } => "passage owed",
        Act::PassageVerified { .. } => "passage verified",
        Act::PassageTold { .. } => "passage told",
        Act::PassageMirrored { .. } => "passage mirrored",
        Act::RecallMade { .. } => "recall made",
        Act::RecallMirrored { .. } => "recall mirrored",
        Act::OpeningAsked { .. } => "opening asked",
        Act::OpeningAnswered { .. } => "opening answered",
        Act::OpeningReceived { .. } => "opening received",
        Act::OpeningDecided { .. } => "opening decided",
        Act::Padded {} => "padding",
    }
}

fn asked_word(under: Option<&Digest>) -> &'static str {
    if under.is_some() { "under an earlier consent" } else { "asked" }
}

fn consent_word(refused: Option<Unopened>) -> &'static str {
    refused.map_or("consented", Unopened::as_str)
}

fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Approve => "approved",
        Answer::Refuse => "refused",
    }
}

/// Coarse, so that a duration does not identify a case.
fn bucket(millis: u64) -> &'static str {
    match millis / 3_600_000 {
        0 => "under 1 hour",
        1..24 => "under 1 day",
        24..168 => "under 1 week",
        _ => "1 week or more",
    }
}
