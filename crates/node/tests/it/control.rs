//! Originator control between two real nodes: every opening asks the originator, by rule or by a person; what is recalled, expired or
//! reclassified stays closed from the next opening on; and what happens while the originator cannot be reached.

use crate::crossing::{JAPAN, KOREA, admit, befriended, person, receipted, released_under, signed, until};
use crate::holdings::{both_destroy, held, registrar};
use crate::nodes::{GRACE, Running, Site, clock, is, pack_with, site, site_under};
use attache_accord::act::Act;
use attache_accord::control::{Answerer, Control, MAX_WAITING, Recall, Taken, Unopened};
use attache_accord::people::Role;
use attache_accord::view::Unknown;
use attache_accord::{Digest, DispatchId, ItemId, Timestamp};
use attache_courier::frame;
use attache_node::desk::{self, Misuse};
use attache_node::engine::Plan;
use attache_node::fault::Failure;
use attache_node::link::State;
use attache_node::notices::notice_id;
use attache_node::openings::{Answered, Asking, NotOpened, Opened, Told, UNFIT_REPORT};
use attache_node::replay::replay;
use attache_release::Pack;
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Answer, Opening, OpeningAnswer, OpeningDecision};
use attache_seal::statement::{Body, Head, Signed, Statement};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub const BY_RULE: Control = Control { answerer: Answerer::Rule, until: None };
pub const BY_PERSON: Control = Control { answerer: Answerer::Person, until: None };
const SIZE: usize = 3_000_000;

/// Two nodes; Tokyo holds one item that Seoul controls.
pub struct Scene {
    pub seoul: Site,
    pub tokyo: Site,
    pub at_seoul: Running,
    pub at_tokyo: Running,
    pub item: ItemId,
    pub item_digest: Digest,
    pub dispatch: DispatchId,
}

pub async fn scene(control: Control) -> Scene {
    scene_of((site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await), control).await
}

/// The same under an agreement that lets an item be opened for a day after a consent.
pub async fn graceful() -> Scene {
    let pack = || pack_with("[utc_offset_hours]", GRACE);
    scene_of((site_under("seoul.kor", "KOR", pack()), site_under("tokyo.jpn", "JPN", pack())), BY_RULE).await
}

async fn scene_of((seoul, tokyo): (Site, Site), control: Control) -> Scene {
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    released_under(&at_seoul, &KOREA, 1, SIZE, &tokyo.name, Some(control)).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    at_tokyo.shows(is(State::Connected)).await;
    let held = {
        let view = at_tokyo.node.office.view.read();
        let item = view.items.iter().next().unwrap();
        let (found, dispatch, _) = item.controlled().unwrap();
        assert_eq!(found, control, "the label says it");
        (item.id, item.item_digest, *dispatch)
    };
    let (item, item_digest, dispatch) = held;
    Scene { seoul, tokyo, at_seoul, at_tokyo, item, item_digest, dispatch }
}

impl Scene {
    pub async fn open(&self) -> Result<Opened, NotOpened> {
        self.at_tokyo.node.open_item(&person(Role::DeskOfficer), self.item, "warning (fictitious)").await
    }

    pub async fn opens(&self) {
        let mut bytes = 0;
        let opened = self.open().await.unwrap_or_else(|why| panic!("{why}"));
        let take = |plain: &[u8]| {
            bytes += plain.len();
            plain.iter().all(|byte| *byte == 1)
        };
        opened.reading.each_segment(take).unwrap();
        assert_eq!(bytes, SIZE);
    }

    pub async fn recall(&self, taken: Taken) -> Result<Digest, String> {
        let to = self.at_tokyo.node.office.identity.node.clone();
        let document = "letter 9 (fictitious)".to_owned();
        let recall = Recall { item_digest: self.item_digest, dispatch: self.dispatch, to, taken, document };
        let pack = Arc::clone(&self.at_seoul.node.office.pack);
        let signed = signed(&self.at_seoul, Role::DisclosureOfficer, recall);
        let made = self.at_seoul.node.carry_out(|view, now| desk::recall(view, &pack, now, &signed)).await;
        made.map(|_| signed.digest()).map_err(|failure| failure.to_string())
    }

    async fn decide(&self, request: Digest, answer: Answer) -> Result<(), String> {
        let decision = OpeningDecision { request, answer, reason: "as asked".into() };
        let signed = signed(&self.at_seoul, Role::DisclosureOfficer, decision);
        let step = self.at_seoul.node.office.decide_opening(clock(), &signed).map_err(|it| it.to_string())?;
        self.at_seoul.node.commit(step.plan).await.unwrap().unwrap();
        Ok(())
    }

    /// The one request that waits at Seoul.
    fn waiting(&self) -> Digest {
        let view = self.at_seoul.node.office.view.read();
        let mut waiting = view.controls.openings().filter(|asked| asked.answer.is_none());
        let only = waiting.next().unwrap().request;
        assert!(waiting.next().is_none());
        only
    }

    /// What Tokyo's node would say about an opening, signed by it.
    pub fn asked(&self, at: Timestamp, under: Option<Digest>) -> Signed {
        let office = &self.at_tokyo.node.office;
        let body = Opening {
            item_digest: self.item_digest,
            dispatch: self.dispatch,
            person: person(Role::DeskOfficer),
            purpose: String::new(),
            ruling_leaf: Digest([7; 32]),
            ruling_index: 7,
            until: at.plus_hours(1),
            under,
        };
        said(office, at, body)
    }

    fn weigh(&self, request: &Signed) -> Asking {
        self.weigh_at(request, clock())
    }

    pub fn weigh_at(&self, request: &Signed, now: Timestamp) -> Asking {
        let (from, id) = (&self.at_tokyo.node.office.identity.node, notice_id(&request.digest()));
        self.at_seoul.node.office.weigh_opening(from, &id, &request.to_bytes(), now).unwrap()
    }

    pub async fn stop(self) {
        self.at_seoul.stop().await;
        self.at_tokyo.stop().await;
    }
}

fn said<B: Body>(office: &attache_node::office::Office, at: Timestamp, body: B) -> Signed {
    let head = Head {
        network: office.identity.network,
        agreement: office.identity.agreement.clone(),
        pack: office.pack.digest(),
        signer: office.identity.node.to_string(),
        key: office.keys.node.verifying().key_id(),
        at,
    };
    Signed::seal(&Statement { head, body }, &office.keys.node).unwrap()
}

/// The kinds of the entries of a node, in order.
pub fn acts(running: &Running) -> Vec<Act> {
    let entries = running.node.office.papers.entries(0, 10_000).unwrap();
    entries.into_iter().map(|(_, entry)| entry.act).collect()
}

/// How many entries are like that.
pub fn count(running: &Running, is_one: impl Fn(&Act) -> bool) -> usize {
    acts(running).iter().filter(|act| is_one(act)).count()
}

pub fn opened(act: &Act) -> bool {
    matches!(act, Act::Opened { .. })
}

pub fn consented(act: &Act) -> bool {
    matches!(act, Act::OpeningDecided { refused: None, .. })
}

pub fn raised(act: &Act) -> bool {
    matches!(act, Act::IncidentRaised { code, .. } if code == UNFIT_REPORT)
}

fn is_recalled(not_opened: &NotOpened) -> bool {
    let of_this_side =
        |failure: &Failure| matches!(failure, Failure::Misuse(Misuse::Unknown(Unknown::Recalled(_))));
    match not_opened {
        NotOpened::Originator(why) => *why == Unopened::Recalled,
        NotOpened::Failure(failure) => of_this_side(failure),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_opening_has_the_originators_consent_and_both_logs_have_it_by_one_digest() {
    let scene = scene(BY_RULE).await;
    scene.opens().await;
    scene.opens().await;
    for (running, act) in [(&scene.at_tokyo, opened as fn(&Act) -> bool), (&scene.at_seoul, consented)] {
        assert_eq!(count(running, act), 2);
    }
    let requests = |running: &Running| {
        let named = acts(running).into_iter().filter_map(|act| match act {
            Act::OpeningAsked { request, .. } | Act::OpeningDecided { request, .. } => Some(request),
            _ => None,
        });
        named.collect::<Vec<_>>()
    };
    let (asked, decided) = (requests(&scene.at_tokyo), requests(&scene.at_seoul));
    assert!(asked == decided && asked.len() == 2 && asked[0] != asked[1], "by one digest on both sides");
    for running in [&scene.at_seoul, &scene.at_tokyo] {
        let office = &running.node.office;
        let mut verdicts = Vec::new();
        let pack_of = |_: &Digest| Some(Pack::gsomia_2016());
        let offset = office.pack.terms().utc_offset_hours;
        replay(&office.papers, offset, &pack_of, &mut |one| verdicts.push(one.verdict)).unwrap();
        assert!(verdicts.len() >= 2 && verdicts.iter().all(|verdict| verdict.is_same()), "{verdicts:?}");
    }
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_originators_share_nothing_opens_whatever_the_own_rules_say() {
    let scene = scene(BY_RULE).await;
    let (office, by) = (&scene.at_tokyo.node.office, person(Role::DeskOfficer));
    let pack = Arc::clone(&office.pack);
    let plain = desk::open(&office.view.read(), &pack, clock(), &by, scene.item, "");
    assert!(plain.unwrap_err().to_string().contains("consents to each opening"));
    let asks = |view: &_, now| desk::ask_to_open(view, &pack, now, &by, scene.item, "");
    let index = scene.at_tokyo.node.carry_out(asks).await.unwrap().first_index.unwrap();
    assert!(office.reading(clock(), &by, scene.item, index).is_err(), "with one share");
    // A share of another key: custody finds that it is not the one that the policy is bound to.
    let other = attache_seal::content_key::ContentKey::generate().unwrap();
    let forged = office.custodian.keep(&other, clock()).unwrap();
    let lent = office.reading_lent(clock(), &by, scene.item, index, &forged);
    assert!(
        lent.is_err_and(|failure| failure.to_string().contains("not the one that the policy is bound to"))
    );
    assert_eq!(count(&scene.at_tokyo, opened), 0);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recalled_stays_closed_from_the_next_opening_on_and_a_new_release_opens() {
    let scene = scene(BY_RULE).await;
    scene.opens().await;
    let statement = scene.recall(Taken::Back {}).await.unwrap();
    assert!(is_recalled(&scene.open().await.err().unwrap()), "at once, whether or not Tokyo knows");
    until(|| scene.at_tokyo.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    assert!(is_recalled(&scene.open().await.err().unwrap()), "and once Tokyo knows");
    assert_eq!((count(&scene.at_tokyo, opened), count(&scene.at_seoul, consented)), (1, 1));
    let again = scene.recall(Taken::Back {}).await.unwrap_err();
    assert!(again.contains("only a new release undoes that"), "{again}");

    let tokyo = scene.at_tokyo.node.office.identity.node.clone();
    released_under(&scene.at_seoul, &KOREA, 2, 100, &tokyo, Some(BY_RULE)).await;
    admit(&scene.at_tokyo, &JAPAN, 1).await;
    let newer = {
        let view = scene.at_tokyo.node.office.view.read();
        view.items.iter().map(|item| item.id).find(|item| *item != scene.item).unwrap()
    };
    scene.at_tokyo.node.open_item(&person(Role::DeskOfficer), newer, "").await.unwrap();
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_whose_level_became_one_that_is_never_shared_is_refused_by_the_originators_rules() {
    let scene = scene(BY_RULE).await;
    scene.recall(Taken::ToLevel { level: "KOR:III".parse().unwrap() }).await.unwrap();
    scene.opens().await;
    scene.recall(Taken::ToLevel { level: "KOR:I".parse().unwrap() }).await.unwrap();
    let why = scene.open().await.err().unwrap();
    assert!(matches!(why, NotOpened::Originator(Unopened::Rules)), "{why}");
    let refused = |act: &Act| matches!(act, Act::Ruled { ruling, .. } if !ruling.granted);
    assert_eq!(count(&scene.at_seoul, refused), 1, "with a ruling that says why");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_opens_after_the_time_that_its_originator_set() {
    let until = Some(clock().plus_millis(1_500));
    let scene = scene(Control { answerer: Answerer::Rule, until }).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let why = scene.open().await.err().unwrap().to_string();
    assert!(why.contains("which has passed"), "{why}");
    let Asking::Answer(plan, _) = scene.weigh(&scene.asked(clock(), None)) else { panic!("unanswered") };
    let expired = |act: &Act| matches!(act, Act::OpeningDecided { refused: Some(Unopened::Expired), .. });
    assert!(plan.acts.iter().any(expired), "and the originator says the same");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_the_originator_decides_each_opening_where_the_marking_says_so() {
    let scene = scene(BY_PERSON).await;
    for _ in 0..2 {
        assert!(matches!(scene.open().await, Err(NotOpened::Waits)));
    }
    let request = scene.waiting();
    scene.decide(request, Answer::Approve).await.unwrap();
    scene.opens().await;
    assert!(matches!(scene.open().await, Err(NotOpened::Waits)), "one consent, one opening");
    let request = scene.waiting();
    scene.decide(request, Answer::Refuse).await.unwrap();
    assert!(matches!(scene.open().await, Err(NotOpened::Originator(Unopened::Person))));
    let twice = scene.decide(request, Answer::Approve).await.unwrap_err();
    assert!(twice.contains("answered already"), "{twice}");
    assert_eq!((count(&scene.at_tokyo, opened), count(&scene.at_seoul, consented)), (1, 1));
    scene.stop().await;
}

/// As many requests of Tokyo's as may wait for a person at Seoul, on record there.
async fn crowd(scene: &Scene) {
    let office = &scene.at_tokyo.node.office;
    let (now, asked) = (clock(), scene.asked(clock(), None));
    let body = asked.dangerously_unverified::<Opening>().unwrap().body;
    for ruling_index in 0..MAX_WAITING as u64 {
        let body = Opening { ruling_index, ..body.clone() };
        let Asking::Wait(plan) = scene.weigh(&said(office, now, body)) else { panic!("{ruling_index}") };
        scene.at_seoul.node.commit(plan).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_nobody_answers_keep_out_what_would_wait_too_and_nothing_else_and_no_longer_than_they_are_good()
 {
    let mut scene = scene(BY_PERSON).await;
    crowd(&scene).await;
    let full = scene.open().await.err().unwrap();
    assert!(matches!(full, NotOpened::Crowded), "{full}");
    let report = scene.asked(clock(), Some(Digest([9; 32])));
    assert!(matches!(scene.weigh(&report), Asking::Answer(..)), "what was opened is told of");
    // All of them are over, and nothing came since.
    let later = clock().plus_hours(2);
    assert!(matches!(scene.weigh_at(&scene.asked(later, None), later), Asking::Wait(_)));

    let by_person = scene.item;
    released_under(&scene.at_seoul, &KOREA, 2, SIZE, &scene.tokyo.name, Some(BY_RULE)).await;
    admit(&scene.at_tokyo, &JAPAN, 1).await;
    let by_rule = {
        let view = scene.at_tokyo.node.office.view.read();
        view.items.iter().find(|item| item.id != by_person).unwrap().id
    };
    scene.item = by_rule;
    assert!(scene.open().await.is_ok());
    // What no person could consent to is answered.
    scene.item = by_person;
    scene.recall(Taken::Back {}).await.unwrap();
    let Asking::Answer(plan, _) = scene.weigh(&scene.asked(clock(), None)) else { panic!("unanswered") };
    let is_recalled =
        |act: &Act| matches!(act, Act::OpeningDecided { refused: Some(Unopened::Recalled), .. });
    assert!(plan.acts.iter().any(is_recalled));
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_one_item_twice_at_once_has_a_consent_for_each_opening() {
    let scene = scene(BY_RULE).await;
    // Each comes while the ones before ask, wait, or are answered.
    let later = async |millis| {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        scene.opens().await;
    };
    let one = async |from: u64| tokio::join!(later(from), later(from + 4), later(from + 8), later(from + 12));
    tokio::join!(one(0), one(16), one(32), one(48));
    assert_eq!((count(&scene.at_tokyo, opened), count(&scene.at_seoul, consented)), (16, 16));
    let asked = |act: &Act| matches!(act, Act::OpeningAsked { .. });
    assert_eq!(count(&scene.at_tokyo, asked), 16);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_an_answer_that_another_reader_was_told() {
    let scene = scene(BY_RULE).await;
    let ruling_index = scene.open().await.unwrap().ruling_index;
    let office = &scene.at_tokyo.node.office;
    let by = person(Role::DeskOfficer);
    let reader = office.reader(&by, scene.item, "", ruling_index).unwrap();
    let request = |act: &Act| match act {
        Act::OpeningAsked { request, .. } => Some(*request),
        _ => None,
    };
    let asked = acts(&scene.at_tokyo).iter().find_map(request).unwrap();
    assert!(office.take_up(&reader, vec![asked]).is_none());
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_not_asked_twice_at_once() {
    let Scene { at_seoul, at_tokyo, item, .. } = scene(BY_PERSON).await;
    at_seoul.stop().await;
    let open = async || {
        let by = person(Role::DeskOfficer);
        at_tokyo.node.open_item(&by, item, "").await.map(drop).unwrap_err().to_string()
    };
    let asked = || count(&at_tokyo, |act| matches!(act, Act::OpeningAsked { .. }));
    let later = async {
        until(|| (asked() > 0).then_some(())).await;
        open().await
    };
    // None of the first four is on record when the others look for a request. Whichever of them is, the others wait with it.
    let (first, second, third, fourth, later) = tokio::join!(open(), open(), open(), open(), later);
    let mut told = [first, second, third, fourth, later];
    told.sort();
    let waits = NotOpened::Waits.to_string();
    assert_eq!(
        told,
        [waits.clone(), waits.clone(), waits.clone(), waits, NotOpened::Unreachable.to_string()]
    );
    assert_eq!(asked(), 1);
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_has_one_answer_and_after_a_recall_no_share_moves_on_it() {
    let scene = scene(BY_RULE).await;
    let request = scene.asked(clock(), None);
    let Asking::Answer(plan, digest) = scene.weigh(&request) else { panic!("unanswered") };
    scene.at_seoul.node.commit(plan).await.unwrap().unwrap();
    let office = &scene.at_seoul.node.office;
    let first = office.opening_answer(&digest, clock()).unwrap();
    assert!(matches!(scene.weigh(&request), Asking::Answered(same) if same == digest));
    let again = office.opening_answer(&digest, clock()).unwrap();
    assert!(first.answer == again.answer && first.share.is_some() && again.share.is_some());
    assert_eq!(count(&scene.at_seoul, consented), 1, "however often it is brought");
    scene.recall(Taken::Back {}).await.unwrap();
    let late = office.opening_answer(&digest, clock()).unwrap();
    assert!(late.answer == first.answer && late.share.is_none(), "custody is stricter now");
    let over = office.opening_answer(&digest, clock().plus_hours(2)).unwrap();
    assert!(over.share.is_none());
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_its_partners_or_not_of_now_is_not_answered() {
    let scene = scene(BY_RULE).await;
    let good = scene.asked(clock(), None);
    let office = &scene.at_seoul.node.office;
    let (tokyo, seoul) = (&scene.at_tokyo.node.office.identity.node, &office.identity.node);
    let id = notice_id(&good.digest());
    let weigh = |from, id: &DispatchId, bytes: &[u8]| office.weigh_opening(from, id, bytes, clock()).unwrap();
    for breach in [
        weigh(seoul, &id, &good.to_bytes()),
        weigh(tokyo, &DispatchId([9; 16]), &good.to_bytes()),
        weigh(tokyo, &id, &good.to_bytes()[1..]),
    ] {
        let Asking::False(plan) = breach else { panic!("believed") };
        assert!(matches!(&plan.acts[..], [Act::BreachRecorded { .. }]));
    }
    let now = clock();
    let changed = |change: &dyn Fn(&mut Opening)| {
        let mut body = good.dangerously_unverified::<Opening>().unwrap().body;
        change(&mut body);
        scene.weigh(&said(&scene.at_tokyo.node.office, now, body))
    };
    for (what, asking) in [
        ("of another item", changed(&|body| body.item_digest = Digest([9; 32]))),
        ("of another dispatch", changed(&|body| body.dispatch = DispatchId([9; 16]))),
        ("over", changed(&|body| body.until = now)),
        ("good for too long", changed(&|body| body.until = now.plus_hours(2))),
    ] {
        assert!(matches!(asking, Asking::Declined(_)), "{what}");
    }
    assert!(matches!(scene.weigh(&scene.asked(now.plus_hours(1), None)), Asking::Declined(_)), "of later");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_originator_is_away_nothing_opens_where_the_terms_do_not_say_so() {
    let Scene { seoul, at_seoul, at_tokyo, item, .. } = {
        let scene = scene(BY_RULE).await;
        scene.opens().await;
        scene
    };
    at_seoul.stop().await;
    at_tokyo.shows(is(State::Dialling)).await;
    let open = || async { at_tokyo.node.open_item(&person(Role::DeskOfficer), item, "").await };
    assert!(matches!(open().await, Err(NotOpened::Unreachable)));
    assert_eq!(count(&at_tokyo, opened), 1);
    // The same request is answered once it is back, and counted once.
    let at_seoul = seoul.start().await;
    at_tokyo.shows(is(State::Connected)).await;
    assert!(open().await.is_ok());
    assert_eq!((count(&at_tokyo, opened), count(&at_seoul, consented)), (2, 2));
    let asked = |act: &Act| matches!(act, Act::OpeningAsked { .. });
    assert_eq!(count(&at_tokyo, asked), 2);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_terms_let_it_be_a_consent_serves_for_a_while_and_the_originator_is_told_afterwards() {
    let Scene { seoul, at_seoul, at_tokyo, item, dispatch, .. } = {
        let scene = graceful().await;
        scene.opens().await;
        scene
    };
    at_seoul.stop().await;
    at_tokyo.shows(is(State::Dialling)).await;
    let open = || async { at_tokyo.node.open_item(&person(Role::DeskOfficer), item, "").await };
    open().await.unwrap();
    assert_eq!(count(&at_tokyo, opened), 2);
    let custodian = &at_tokyo.node.office.custodian;
    assert!(
        custodian.kept_share(&dispatch, clock().plus_hours(24)).is_none(),
        "for as long as the terms say"
    );
    assert!(custodian.kept_share(&dispatch, Timestamp(0)).is_none(), "by no clock that was set back");
    let at_seoul = seoul.start().await;
    let noted = |act: &Act| matches!(act, Act::OpeningDecided { refused: Some(Unopened::Noted), .. });
    until(|| (count(&at_seoul, noted) == 1).then_some(())).await;
    until(|| at_tokyo.node.office.view.read().controls.untold(&seoul.name).next().is_none().then_some(()))
        .await;
    assert_eq!(count(&at_seoul, raised), 0);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_that_has_arrived_ends_what_a_consent_serves_for() {
    let scene = graceful().await;
    scene.opens().await;
    let custodian = Arc::clone(&scene.at_tokyo.node.office.custodian);
    assert!(custodian.kept_share(&scene.dispatch, clock()).is_some());
    assert_eq!(scene.tokyo.resting(), [scene.dispatch.to_string()]);
    let statement = scene.recall(Taken::Back {}).await.unwrap();
    until(|| scene.at_tokyo.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    assert!(custodian.kept_share(&scene.dispatch, clock()).is_none());
    until(|| scene.tokyo.resting().is_empty().then_some(())).await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_consent_serves_for_ends_when_the_item_is_destroyed() {
    let scene = graceful().await;
    scene.opens().await;
    registrar(&scene.at_tokyo, &JAPAN).await;
    let custodian = Arc::clone(&scene.at_tokyo.node.office.custodian);
    assert!(custodian.kept_share(&scene.dispatch, clock()).is_some());
    assert_eq!(scene.tokyo.resting(), [scene.dispatch.to_string()]);
    both_destroy(&scene.at_tokyo, &held(&scene.at_tokyo), None).await;
    assert!(custodian.kept_share(&scene.dispatch, clock()).is_none());
    until(|| scene.tokyo.resting().is_empty().then_some(())).await;
    scene.stop().await;
}

/// Tokyo alone, restarted after an opening, with what was done to the share that it keeps.
async fn restarted(change: impl Fn(&Path)) -> (Site, Running, ItemId) {
    let Scene { tokyo, at_seoul, at_tokyo, item, dispatch, .. } = {
        let scene = graceful().await;
        scene.opens().await;
        scene
    };
    at_seoul.stop().await;
    at_tokyo.stop().await;
    change(&tokyo.shares().join(dispatch.to_string()));
    let at_tokyo = tokyo.start().await;
    (tokyo, at_tokyo, item)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_does_not_end_what_a_consent_serves_for_and_its_end_does() {
    let (tokyo, at_tokyo, item) = restarted(|_| {}).await;
    at_tokyo.node.open_item(&person(Role::DeskOfficer), item, "").await.unwrap();
    assert_eq!(count(&at_tokyo, opened), 2);
    let custodian = &at_tokyo.node.office.custodian;
    custodian.drop_shares(clock().plus_hours(23)).unwrap();
    assert_eq!(tokyo.resting().len(), 1);
    custodian.drop_shares(clock().plus_hours(24)).unwrap();
    assert!(tokyo.resting().is_empty());
    let again = at_tokyo.node.open_item(&person(Role::DeskOfficer), item, "").await;
    assert!(matches!(again, Err(NotOpened::Unreachable)));
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_altered_or_is_of_another_dispatch_serves_nobody_and_is_removed() {
    let altered = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes[40] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let renamed =
        |path: &Path| fs::rename(path, path.with_file_name(DispatchId([9; 16]).to_string())).unwrap();
    for change in [&altered as &dyn Fn(&Path), &renamed] {
        let (tokyo, at_tokyo, item) = restarted(change).await;
        let opened = at_tokyo.node.open_item(&person(Role::DeskOfficer), item, "").await;
        assert!(matches!(opened, Err(NotOpened::Unreachable)));
        assert!(tokyo.resting().is_empty());
        at_tokyo.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_without_asking_that_no_consent_and_no_term_covers_is_an_incident() {
    let scene = graceful().await;
    scene.opens().await;
    let answer = acts(&scene.at_seoul).iter().find_map(|act| match act {
        Act::OpeningDecided { answer, .. } => Some(*answer),
        _ => None,
    });
    let reported = |at, under| {
        let Asking::Answer(plan, _) = scene.weigh_at(&scene.asked(at, Some(under)), at) else {
            panic!("unanswered")
        };
        plan.acts.iter().any(raised)
    };
    let answer = answer.unwrap();
    assert!(!reported(clock(), answer));
    assert!(reported(clock(), Digest([9; 32])), "under no consent of ours");
    assert!(reported(clock().plus_hours(25), answer), "later than the terms say");
    let statement = scene.recall(Taken::Back {}).await.unwrap();
    let told = || {
        let view = scene.at_seoul.node.office.view.read();
        view.controls.get(&statement).and_then(|word| word.delivered_at)
    };
    let told = until(told).await;
    assert!(reported(told.plus_hours(1), answer), "after the recall was there");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_of_no_later_time_stays_no_longer_than_a_request_and_is_noted_again() {
    let scene = graceful().await;
    let (now, under) = (clock(), Some(Digest([9; 32])));
    assert!(matches!(scene.weigh(&scene.asked(now.plus_hours(1), under)), Asking::Declined(_)), "of later");
    let mut body = scene.asked(now, under).dangerously_unverified::<Opening>().unwrap().body;
    body.until = Timestamp(u64::MAX);
    let endless = said(&scene.at_tokyo.node.office, now, body);
    assert!(matches!(scene.weigh(&endless), Asking::Declined(_)), "for ever");

    // One that is on record and that the fold has forgotten.
    let report = scene.asked(now, under);
    assert!(matches!(scene.weigh_at(&report, now.plus_hours(40)), Asking::Answer(..)), "over, and told of");
    let act = Act::IncidentRaised { code: "I-013".to_owned(), dispatch: None };
    let mut plan = Plan::new(&scene.at_seoul.node.office.view.read(), vec![act]);
    plan.paper(report.to_bytes());
    scene.at_seoul.node.commit(plan).await.unwrap().unwrap();
    let Asking::Noted(answer) = scene.weigh(&report) else { panic!("unanswered") };
    let answer = Signed::from_bytes(&answer.answer).unwrap();
    let answer = answer.dangerously_unverified::<OpeningAnswer>().unwrap().body;
    assert_eq!((answer.request, answer.refused), (report.digest(), Some(Unopened::Noted)));
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_was_under_way_while_the_recall_came_opens_nothing() {
    let scene = scene(BY_PERSON).await;
    assert!(matches!(scene.open().await, Err(NotOpened::Waits)));
    let request = scene.waiting();
    scene.decide(request, Answer::Approve).await.unwrap();
    let answer = scene.at_seoul.node.office.opening_answer(&request, clock()).unwrap();
    assert!(answer.share.is_some());
    let statement = scene.recall(Taken::Back {}).await.unwrap();
    let office = &scene.at_tokyo.node.office;
    until(|| office.view.read().controls.get(&statement).map(|_| ())).await;
    let weighed = office.weigh_opening_answer(&scene.seoul.name, &request, answer, clock()).unwrap();
    let Answered::Keep(plan, told) = weighed else { panic!("not kept") };
    assert!(matches!(told, Told::Refused(Unopened::Recalled)) && !plan.acts.iter().any(opened));
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_the_originators_opens_nothing() {
    let scene = scene(BY_PERSON).await;
    assert!(matches!(scene.open().await, Err(NotOpened::Waits)));
    let (request, until) = (scene.waiting(), clock().plus_hours(1));
    let (at_tokyo, at_seoul) = (&scene.at_tokyo.node.office, &scene.at_seoul.node.office);
    let yes = OpeningAnswer { request, refused: None, until };
    let other = OpeningAnswer { request: Digest([9; 32]), ..yes.clone() };
    let weigh = |answer: Signed| {
        let frame = frame::OpeningAnswer { id: notice_id(&request), answer: answer.to_bytes(), share: None };
        at_tokyo.weigh_opening_answer(&scene.seoul.name, &request, frame, clock()).unwrap()
    };
    for forged in [said(at_tokyo, clock(), yes.clone()), said(at_seoul, clock(), other)] {
        let Answered::False(plan) = weigh(forged) else { panic!("believed") };
        assert!(matches!(&plan.acts[..], [Act::BreachRecorded { .. }]));
    }
    // The originator's own, without a share: on record, and nothing opens.
    let Answered::Keep(plan, told) = weigh(said(at_seoul, clock(), yes)) else { panic!("not kept") };
    assert!(matches!(told, Told::Over) && !plan.acts.iter().any(opened));
    scene.stop().await;
}
