//! A blind hub that keeps a share of each key: what came by it opens with its answer of that moment and not otherwise. Three nodes on real
//! sockets.

use crate::control::{acts, consented, count, opened};
use crate::crossing::{JAPAN, KOREA, admit, controlled, owed_by, person, receipted, released, signed, until};
use crate::leaving::holds_until;
use crate::nodes::{Running, Site, clock, is};
use crate::relay::{Three, brought, held, letters, offer, signed_by, three_under, weighed};
use attache_accord::act::Act;
use attache_accord::control::Unopened;
use attache_accord::letters::{HOP_REFUSED, Letter, Matter, Stand};
use attache_accord::people::Role;
use attache_accord::view::Unknown;
use attache_accord::{CaseId, Digest, DispatchId, ItemId, Timestamp};
use attache_courier::Code;
use attache_node::arrival::Weighed;
use attache_node::desk::{self, Misuse};
use attache_node::engine::Plan;
use attache_node::link::State;
use attache_node::node::Node;
use attache_node::notices::notice_id;
use attache_node::openings::{Asking, NotOpened};
use attache_node::relay::{Docket, LETTER_LATE};
use attache_release::Pack;
use attache_seal::papers::{Answer, Opening, OpeningDecision, Request, Waybill};
use attache_seal::statement::Signed;

const SIZE: usize = 70_000;
const DAY_HOURS: u64 = 24;

/// Tokyo holds one item of Seoul's, which came by way of Washington.
struct Scene {
    three: Three,
    item: ItemId,
    /// As it is at the hub.
    letter: Letter,
    /// How many entries hub and sender had before.
    since: [u64; 2],
}

async fn scene() -> Scene {
    let three = three_under(Pack::tisa_2014_share).await;
    let Three { sites, seoul, hub, tokyo } = &three;
    let since = [hub, seoul].map(|running| running.node.office.view.read().size);
    released(seoul, &KOREA, 1, SIZE, &sites[2].name).await;
    owed_by(seoul, 1).await;
    admit(tokyo, &JAPAN, 1).await;
    receipted(seoul, 1).await;
    let item = tokyo.node.office.view.read().items.iter().next().unwrap().id;
    let is_package = |letter: &Letter| matches!(letter.matter, Some(Matter::Package(_)));
    let sent = letters(seoul).into_iter().find(is_package).unwrap().id;
    let letter = letters(hub).into_iter().find(|letter| letter.id == sent).unwrap();
    Scene { three, item, letter, since }
}

impl Scene {
    async fn open(&self) -> Result<usize, NotOpened> {
        let by = person(Role::DeskOfficer);
        let opened = self.three.tokyo.node.open_item(&by, self.item, "").await?;
        let mut bytes = 0;
        let take = |plain: &[u8]| {
            bytes += plain.len();
            plain.iter().all(|byte| *byte == 1)
        };
        opened.reading.each_segment(take).unwrap();
        Ok(bytes)
    }

    async fn opens(&self) {
        assert_eq!(self.open().await.unwrap_or_else(|why| panic!("{why}")), SIZE);
    }

    async fn is_refused(&self, why: Unopened) {
        let found = self.open().await.unwrap_err();
        assert!(matches!(found, NotOpened::Hub(found) if found == why), "{found}");
    }

    async fn decide(&self, role: Role, answer: Answer) -> Result<(), String> {
        let decision = OpeningDecision { request: self.letter.waybill, answer, reason: "inquiry 4".into() };
        let signed = signed(&self.three.hub, role, decision);
        let made = self
            .three
            .hub
            .node
            .carry_out(|view, now| desk::decide_letter(view, now, &self.letter.id, &signed));
        made.await.map(drop).map_err(|failure| failure.to_string())
    }

    /// What Tokyo would ask the hub, signed by it.
    fn asked(&self, at: Timestamp, change: impl FnOnce(&mut Opening)) -> Signed {
        let mut body = Opening {
            item_digest: self.letter.outer_digest,
            dispatch: self.letter.id,
            person: "reader".parse().unwrap(),
            purpose: String::new(),
            ruling_leaf: Digest([7; 32]),
            ruling_index: 7,
            until: at.plus_hours(1),
            under: None,
        };
        change(&mut body);
        signed_by(&self.three.tokyo, &self.three.sites[2], body)
    }

    fn weigh(&self, from: &Site, request: &Signed, now: Timestamp) -> Asking {
        let id = notice_id(&request.digest());
        self.three.hub.node.office.weigh_opening(&from.name, &id, &request.to_bytes(), now).unwrap()
    }
}

/// Records at the hub that the package of a letter came once more in the letter `id`, as if it was written again, and went on or was given up.
async fn came_again(hub: &Node, letter: &Letter, id: DispatchId, given_up: Option<String>) {
    let Letter { papers, waybill, outer_digest, manifest, due, share, .. } = letter.clone();
    let taken = Act::LetterTaken {
        letter: id,
        from: letter.from.clone(),
        to: letter.to.clone(),
        previous: letter.previous.clone().unwrap(),
        papers,
        waybill,
        outer_digest,
        manifest,
        due,
        answer: None,
        next: letter.next.clone(),
        refused: None,
        declines: None,
        share,
    };
    let passed = Act::LetterPassed { letter: id, given_up };
    let plan = Plan::new(&hub.office.view.read(), vec![taken, passed]);
    hub.commit(plan).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_letter_counts_for_every_letter_with_its_share() {
    let scene = scene().await;
    let Three { sites, hub, .. } = &scene.three;
    let [before, after] = [1, 2].map(|byte| DispatchId([byte; 16]));
    let now = clock();
    let rule = |id| {
        let view = hub.node.office.view.read();
        view.unopened(hub.node.office.pack.terms(), &id, &sites[2].name, now).unwrap()
    };
    came_again(&hub.node, &scene.letter, before, None).await;
    assert_eq!(rule(before), None);
    // An answer about another letter does not stand once this one is stopped.
    let request = scene.asked(now, |body| body.dispatch = before);
    let Asking::Answer(plan, _) = scene.weigh(&sites[2], &request, now) else { panic!("not answered") };
    scene.decide(Role::DisclosureOfficer, Answer::Refuse).await.unwrap();
    assert!(hub.node.commit(plan).await.unwrap().is_err());
    came_again(&hub.node, &scene.letter, after, None).await;
    assert_eq!([scene.letter.id, before, after].map(rule), [Some(Unopened::Person); 3]);
    scene.decide(Role::DisclosureOfficer, Answer::Approve).await.unwrap();
    assert_eq!([scene.letter.id, before, after].map(rule), [None; 3]);
    scene.three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_by_a_hub_opens_with_its_answer_and_not_after_its_people_stopped_it() {
    let scene = scene().await;
    scene.opens().await;
    scene.opens().await;
    assert!(scene.decide(Role::Analyst, Answer::Refuse).await.unwrap_err().contains("disclosure-officer"));
    assert!(
        scene.decide(Role::DisclosureOfficer, Answer::Approve).await.unwrap_err().contains("not stopped")
    );
    scene.decide(Role::DisclosureOfficer, Answer::Refuse).await.unwrap();
    assert!(scene.decide(Role::DisclosureOfficer, Answer::Refuse).await.unwrap_err().contains("already"));
    scene.is_refused(Unopened::Person).await;
    scene.decide(Role::DisclosureOfficer, Answer::Approve).await.unwrap();
    scene.opens().await;
    // Each opening is on record at both ends under one digest, and the refusal too.
    let Scene { three: Three { hub, tokyo, .. }, .. } = &scene;
    assert_eq!((count(hub, consented), count(tokyo, opened)), (3, 3));
    let named = |running: &Running| {
        let requests = acts(running).into_iter().filter_map(|act| match act {
            Act::OpeningAnswered { request, refused, .. } | Act::OpeningDecided { request, refused, .. } => {
                Some((request, refused))
            }
            _ => None,
        });
        requests.collect::<Vec<_>>()
    };
    assert_eq!(named(hub), named(tokyo));
    // The hub was told nothing of the item by any of it. The same search finds it at the sender.
    let Scene { three: Three { seoul, .. }, since, .. } = &scene;
    let (at_hub, at_seoul) = (held(hub, since[0]), held(seoul, since[1]));
    let control = seoul.node.office.view.read().register.iter().next().unwrap().number.clone();
    for marker in ["humint", "exercise", "KOR:II", "early warning", control.as_str()] {
        let is_in = |bytes: &[u8]| bytes.windows(marker.len()).any(|part| part == marker.as_bytes());
        assert!(is_in(&at_seoul) && !is_in(&at_hub), "{marker}");
    }
    let (item_digest, manifest) = {
        let view = seoul.node.office.view.read();
        (view.items.iter().next().unwrap().item_digest, view.dispatches.all_sent().next().unwrap().manifest)
    };
    for digest in [item_digest, manifest] {
        let is_in = |bytes: &[u8]| bytes.windows(32).any(|part| part == digest.as_bytes());
        assert!(is_in(&at_seoul) && !is_in(&at_hub));
    }
    // What the hub holds is the share, which goes no further with the letter.
    let share = hub.node.office.papers.get(&scene.letter.share.unwrap()).unwrap().unwrap();
    let is_in = |bytes: &[u8]| bytes.windows(share.len()).any(|part| part == share);
    assert!(is_in(&at_hub));
    let on = letters(tokyo).into_iter().find(|letter| letter.id == scene.letter.id).unwrap();
    let papers = tokyo.node.office.papers.cited(&on.papers, "papers").unwrap();
    assert!(Docket::from_bytes(&papers).unwrap().share.is_none());
    scene.three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_opens_while_the_hub_is_down_and_all_of_it_once_it_is_back() {
    let Scene { three, item, letter, since } = scene().await;
    let Three { sites, seoul, hub, tokyo } = three;
    hub.stop().await;
    let by = person(Role::DeskOfficer);
    let away = tokyo.node.open_item(&by, item, "").await.map(drop).unwrap_err();
    assert!(matches!(away, NotOpened::HubUnreachable), "{away}");
    assert_eq!(count(&tokyo, opened), 0);
    // Both ends of the question start again.
    tokyo.stop().await;
    let hub = sites[1].start().await;
    let tokyo = sites[2].start().await;
    tokyo.shows(is(State::Connected)).await;
    let scene = Scene { three: Three { sites, seoul, hub, tokyo }, item, letter, since };
    scene.opens().await;
    scene.three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_lends_nothing_without_the_agreement_in_force_or_after_the_time_that_it_gives() {
    let scene = scene().await;
    let Three { sites, hub, .. } = &scene.three;
    let now = clock();
    // After a year by the hub's clock.
    let over = a_year_later();
    let late = scene.asked(over, |_| {});
    assert!(
        matches!(scene.weigh(&sites[2], &late, over), Asking::Declined(Code::Refused)),
        "of a later time"
    );
    {
        let view = hub.node.office.view.read();
        let rule = |now| view.unopened(hub.node.office.pack.terms(), &scene.letter.id, &sites[2].name, now);
        assert_eq!((rule(now), rule(over)), (Ok(None), Ok(Some(Unopened::Expired))));
    }
    holds_until(hub, "JPN", Some(Timestamp(1))).await;
    scene.is_refused(Unopened::Rules).await;
    scene.three.stop().await;
}

fn tomorrow() -> Timestamp {
    clock().plus_hours(DAY_HOURS + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_opens_though_the_word_of_it_was_lost_and_the_letters_time_is_over_and_what_did_not_is_given_up()
 {
    let Three { mut sites, seoul, hub, tokyo } = three_under(Pack::tisa_2014_share).await;
    tokyo.stop().await;
    for id in [1, 2] {
        released(&seoul, &KOREA, id, SIZE, &sites[2].name).await;
    }
    let is_package = |letter: &Letter| matches!(letter.matter, Some(Matter::Package(_)));
    let taken = until(|| {
        let both: Vec<_> = letters(&seoul).into_iter().filter(is_package).collect();
        (both.len() == 2 && both.iter().all(|letter| letter.hop.is_some())).then_some(both)
    })
    .await;
    let [came, lost] = [&taken[0], &taken[1]].map(|letter| letter.id);
    let at_hub = letters(&hub).into_iter().find(|letter| letter.id == came).unwrap();
    let (offer, container) = brought(&hub, &at_hub);
    for running in [seoul, hub] {
        running.stop().await;
    }
    // One letter comes, and the hub hears nothing of that until the time of both is over.
    let tokyo = sites[2].start().await;
    let plan = weighed(&tokyo.node, &sites[1], &offer, &container).unwrap();
    tokyo.node.commit(plan).await.unwrap().unwrap();
    admit(&tokyo, &JAPAN, 1).await;
    let item = tokyo.node.office.view.read().items.iter().next().unwrap().id;
    tokyo.stop().await;
    for site in &mut sites {
        site.clock = tomorrow;
    }
    let [hub, tokyo] = [sites[1].start().await, sites[2].start().await];
    let stood = |id| letters(&hub).into_iter().find(|letter| letter.id == id).unwrap().stand;
    until(|| (stood(lost) != Stand::Owed && stood(came) != Stand::Owed).then_some(())).await;
    assert_eq!((stood(came), stood(lost)), (Stand::Passed, Stand::Refused(LETTER_LATE.to_owned())));
    assert!(letters(&tokyo).iter().all(|letter| letter.id != lost), "it is not given any more");
    tokyo.shows(is(State::Connected)).await;
    let opens = tokyo.node.open_item(&person(Role::DeskOfficer), item, "").await;
    assert!(opens.is_ok(), "{}", opens.map(drop).unwrap_err());
    // Its sender is told of the loss of that one only.
    let seoul = sites[0].start().await;
    let lost_is_told = |act: &Act| matches!(act, Act::LossKept { letter, .. } if *letter == lost);
    until(|| (count(&seoul, lost_is_told) == 1).then_some(())).await;
    assert_eq!(count(&seoul, |act| matches!(act, Act::LossKept { .. })), 1);
    assert_eq!(
        count(&seoul, |act| matches!(act, Act::IncidentRaised { code, .. } if code == HOP_REFUSED)),
        1
    );
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_was_given_up_is_lent_for_to_whoever_asks_as_its_recipient() {
    let scene = scene().await;
    let Three { sites, hub, .. } = &scene.three;
    let id = DispatchId([1; 16]);
    came_again(&hub.node, &scene.letter, id, Some(LETTER_LATE.to_owned())).await;
    let office = &hub.node.office;
    let rule = |to: &Site, now| office.view.read().unopened(office.pack.terms(), &id, &to.name, now);
    assert_eq!(rule(&sites[2], clock()), Ok(None));
    assert_eq!(rule(&sites[2], a_year_later()), Ok(Some(Unopened::Expired)));
    assert_eq!(rule(&sites[0], clock()), Err(Unknown::Dispatch(id)));
    let request = scene.asked(clock(), |body| body.dispatch = id);
    let Asking::Answer(plan, digest) = scene.weigh(&sites[2], &request, clock()) else {
        panic!("unanswered")
    };
    hub.node.commit(plan).await.unwrap().unwrap();
    assert!(office.opening_answer(&digest, clock()).unwrap().share.is_some(), "custody lends it");
    scene.three.stop().await;
}

fn half_a_year_later() -> Timestamp {
    clock().plus_hours(180 * DAY_HOURS)
}

fn a_year_later() -> Timestamp {
    clock().plus_hours(366 * DAY_HOURS)
}

fn two_years_later() -> Timestamp {
    clock().plus_hours(732 * DAY_HOURS)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_keeps_its_share_for_the_time_that_the_agreement_gives_and_the_waybill_for_ever() {
    let Scene { three, letter, .. } = scene().await;
    let Three { mut sites, seoul, hub, tokyo } = three;
    for running in [seoul, tokyo, hub] {
        running.stop().await;
    }
    // After half a year its package comes once more.
    for (later, comes, is_there) in [
        (clock as fn() -> Timestamp, false, true),
        (half_a_year_later, true, true),
        (a_year_later, false, true),
        (two_years_later, false, false),
        (two_years_later, false, false),
    ] {
        sites[1].clock = later;
        let node = Node::start(sites[1].parts(sites[1].card.clone())).unwrap();
        let papers = &node.office.papers;
        assert_eq!(papers.has(&letter.share.unwrap()).unwrap(), is_there);
        let docket = Docket::from_bytes(&papers.cited(&letter.papers, "papers").unwrap()).unwrap();
        assert_eq!(docket.waybill().unwrap().digest(), letter.waybill);
        if comes {
            came_again(&node, &letter, DispatchId([1; 16]), None).await;
        }
        node.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_another_letter_or_for_another_node_moves_no_share() {
    let scene = scene().await;
    let Three { sites, seoul, hub, tokyo } = &scene.three;
    let now = clock();
    let declined =
        |request, from: &Site| matches!(scene.weigh(from, &request, now), Asking::Declined(Code::Refused));
    // A letter that was never here, one that went the other way, other sealed bytes, and a report of an opening without asking.
    assert!(declined(scene.asked(now, |body| body.dispatch.0[0] ^= 1), &sites[2]));
    let back = letters(hub).into_iter().find(|letter| letter.to == sites[0].name).unwrap();
    let other_way = |body: &mut Opening| (body.dispatch, body.item_digest) = (back.id, back.outer_digest);
    assert!(declined(scene.asked(now, other_way), &sites[2]));
    assert!(declined(scene.asked(now, |body| body.item_digest = Digest([1; 32])), &sites[2]));
    assert!(declined(scene.asked(now, |body| body.under = Some(Digest([1; 32]))), &sites[2]));
    assert!(declined(scene.asked(now, |body| body.until = body.until.plus_hours(1)), &sites[2]));
    // Tokyo's request, brought by Seoul.
    let brought = scene.weigh(&sites[0], &scene.asked(now, |_| {}), now);
    assert!(matches!(brought, Asking::False(_) | Asking::OtherCard));
    // The sender's own letter is not the sender's to open by the hub.
    let own = Opening { person: "reader".parse().unwrap(), ..body_of(&scene.asked(now, |_| {})) };
    assert!(declined(signed_by(seoul, &sites[0], own), &sites[0]));
    // One request, one answer; the share of an answer that is kept goes with it again, until the letter is stopped.
    let request = scene.asked(now, |_| {});
    let Asking::Answer(plan, digest) = scene.weigh(&sites[2], &request, now) else { panic!("not answered") };
    hub.node.commit(plan).await.unwrap().unwrap();
    assert!(matches!(scene.weigh(&sites[2], &request, now), Asking::Answered(same) if same == digest));
    let office = &hub.node.office;
    let first = office.opening_answer(&digest, now).unwrap();
    assert!(first.share.is_some());
    assert!(office.opening_answer(&digest, now.plus_hours(2)).unwrap().share.is_none(), "it is over");
    scene.decide(Role::DisclosureOfficer, Answer::Refuse).await.unwrap();
    let again = office.opening_answer(&digest, now).unwrap();
    assert!(again.answer == first.answer && again.share.is_none(), "custody keeps it back");
    // What waits for nobody opens nothing at its end.
    assert_eq!(count(tokyo, opened), 0);
    scene.three.stop().await;
}

fn body_of(signed: &Signed) -> Opening {
    signed.dangerously_unverified::<Opening>().unwrap().body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_without_a_share_is_refused_and_words_have_one_like_packages() {
    let scene = scene().await;
    let Three { sites, seoul, hub, tokyo } = &scene.three;
    let shares: Vec<Option<Digest>> = letters(hub).iter().map(|letter| letter.share).collect();
    assert!(shares.len() > 2 && shares.iter().all(Option::is_some), "of receipts and answers as well");
    assert!(letters(tokyo).iter().chain(&letters(seoul)).all(|letter| letter.share.is_none()));
    let sent = letters(seoul).into_iter().find(|letter| letter.id == scene.letter.id).unwrap();
    let papers = seoul.node.office.papers.cited(&sent.papers, "papers").unwrap();
    let docket = Docket::from_bytes(&papers).unwrap();
    let waybill = docket.waybill().unwrap().dangerously_unverified::<Waybill>().unwrap().body;
    let mut bare = waybill.clone();
    bare.letter.0[0] ^= 1;
    // It is of the size of words: what is missing is the share.
    bare.size = 4096;
    let signed = signed_by(seoul, &sites[0], bare.clone());
    let with = |share| Docket::new(&signed).with_share(share).to_bytes();
    let letter = Letter { id: bare.letter, due: bare.due, ..sent };
    let weighed = |package: Vec<u8>| {
        let offer = offer(&letter, package, 4096);
        hub.node.office.weigh(&sites[0].name, &offer, clock()).unwrap()
    };
    assert!(matches!(weighed(with(None)), Weighed::Turned(_, Code::Refused)));
    assert!(matches!(weighed(with(Some(vec![1; 4096]))), Weighed::Take(_)));
    assert!(matches!(weighed(with(Some(vec![1; 4097]))), Weighed::Declined(Code::Refused)));
    scene.three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_with_a_share_of_the_hub_is_not_passed_on_nor_is_it_under_its_originators_control() {
    let scene = scene().await;
    let Three { sites, seoul, tokyo, .. } = &scene.three;
    let refused = |running: &Running, item: ItemId, to: &Site| {
        let view = running.node.office.view.read();
        let found = view.item(&item).unwrap();
        let request = Request {
            case: CaseId([9; 16]),
            item_digest: found.item_digest,
            label_digest: found.marked().unwrap().label,
            recipient: to.name.clone(),
            purpose: "early warning (fictitious)".to_owned(),
        };
        let request = signed(running, Role::Analyst, request);
        match desk::request(&view, &running.node.office.pack, clock(), &request) {
            Err(Misuse::State { field, .. }) => field,
            _ => "",
        }
    };
    assert_eq!(refused(tokyo, scene.item, &sites[1]), "item", "Tokyo has one share only");
    let item = controlled(seoul, &KOREA, 7, 70).await;
    assert_eq!(refused(seoul, item, &sites[2]), "recipient", "a key opens with two shares");
    assert_eq!(refused(seoul, item, &sites[1]), "", "the hub itself is dialled");
    scene.three.stop().await;
}
