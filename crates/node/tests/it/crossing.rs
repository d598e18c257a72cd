//! Items that cross real sockets, and the receipts that come back.

use crate::nodes::{PATIENCE_SECONDS, Running, Site, administrator, clock, is, site};
use attache_accord::act::Act;
use attache_accord::agreement::Position;
use attache_accord::control::{Answerer, Control};
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::view::{Ask, View};
use attache_accord::{
    CaseId, Digest, DispatchId, ItemId, Marking, Network, NodeName, Party, PersonId, Timestamp,
};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_node::arrival::Weighed;
use attache_node::desk::{self, Misuse, Step};
use attache_node::engine::Plan;
use attache_node::intake::{Described, Intake};
use attache_node::link::State;
use attache_node::receipts::Weighing;
use attache_node::steward;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Admission, Answer, Decision, Request};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_seal::tdf::Metadata;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What differs between the two ends.
pub struct Nation {
    pub party: &'static str,
    pub level: &'static str,
}

pub const KOREA: Nation = Nation { party: "KOR", level: "KOR:II" };
pub const JAPAN: Nation = Nation { party: "JPN", level: "JPN:TOKUTEI" };

pub fn person(role: Role) -> PersonId {
    format!("{}-1", role.as_str()).parse().unwrap()
}

pub fn pair(role: Role) -> SigningPair {
    SigningPair::from_seed_bytes(&[role.as_str().len() as u8; 64]).unwrap()
}

/// The people and the Parties' positions, so that the rules permit an exchange.
pub async fn staff(running: &Running, nation: &Nation) {
    let pack = Arc::clone(&running.node.office.pack);
    let until = clock().plus_hours(24 * 300);
    for role in [Role::Analyst, Role::DisclosureOfficer, Role::DeskOfficer] {
        let member = Person {
            id: person(role),
            party: nation.party.parse().unwrap(),
            roles: [role].into(),
            clearance: Some(Clearance { level: nation.level.parse().unwrap(), until }),
            duties: pack.terms().kinds.clone(),
        };
        must(running, |view, _| {
            steward::enrol(view, &administrator(), member.clone(), pair(role).verifying())
        })
        .await;
    }
    for party in pack.terms().parties.clone() {
        let position = Position { party, from: Some(Timestamp(0)), until: None };
        let (basis, by) = ("note 1 (fictitious)".to_owned(), administrator());
        let act = Act::PositionRecorded { position, basis, by };
        let plan = Plan::new(&running.node.office.view.read(), vec![act]);
        running.node.commit(plan).await.unwrap().unwrap();
    }
}

pub async fn must(running: &Running, make: impl Fn(&View, Timestamp) -> Result<Step, Misuse>) {
    let done = running.node.carry_out(make).await.unwrap();
    assert!(done.ruling.is_none_or(|ruling| ruling.granted));
}

/// `running` records the assurance that `other` gives for its desk officer.
pub async fn assured(running: &Running, other: &Running) {
    let now = clock();
    let office = &running.node.office;
    let expires = now.plus_hours(24);
    let given = other.node.office.assure(now, &person(Role::DeskOfficer), "exercise", expires).unwrap();
    // Looked up before the view is read: the card is read through the same view.
    let card = office.card_of(&other.node.office.identity.node).unwrap();
    let card_of = |_: &NodeName| card.clone();
    must(running, |view, now| steward::record_assurance(view, now, &administrator(), &given, card_of)).await;
}

pub fn signed<B: Body>(running: &Running, role: Role, body: B) -> Signed {
    let head = Head {
        network: Network::Exercise,
        agreement: running.node.office.identity.agreement.clone(),
        pack: running.node.office.pack.digest(),
        signer: person(role).to_string(),
        key: pair(role).verifying().key_id(),
        at: clock(),
    };
    Signed::seal(&Statement { head, body }, &pair(role)).unwrap()
}

/// An item of `size` bytes, taken in, marked, asked for and approved.
pub async fn released(running: &Running, nation: &Nation, id: u8, size: usize, to: &NodeName) {
    released_under(running, nation, id, size, to, None).await;
}

/// The same with originator control, where there is any.
pub async fn released_under(
    running: &Running,
    nation: &Nation,
    id: u8,
    size: usize,
    to: &NodeName,
    control: Option<Control>,
) {
    let item = marked(running, nation, id, size, control).await;
    approved(running, item, CaseId([id; 16]), to).await;
}

/// An item of `size` bytes under originator control by rule, taken in and marked.
pub async fn controlled(running: &Running, nation: &Nation, id: u8, size: usize) -> ItemId {
    marked(running, nation, id, size, Some(Control { answerer: Answerer::Rule, until: None })).await
}

async fn marked(running: &Running, nation: &Nation, id: u8, size: usize, control: Option<Control>) -> ItemId {
    let (office, pack) = (Arc::clone(&running.node.office), Arc::clone(&running.node.office.pack));
    let (item, analyst) = (ItemId([id; 16]), person(Role::Analyst));
    let own: Party = nation.party.parse().unwrap();
    let metadata = Metadata { title: "exercise".into(), ..Metadata::default() };
    let described = Described { metadata, tearline: false, item_bytes: Some(size as u64) };
    let mut intake = Intake::begin(Arc::clone(&office), analyst.clone(), described).unwrap();
    intake.push(&vec![id; size]).unwrap();
    let added = intake.finish([item, ItemId([id ^ 0x80; 16])], clock()).unwrap();
    running.node.commit(added.plan).await.unwrap().unwrap();
    let may_go = |party: Party| party != own && (control.is_none() || pack.terms().controls_at(own, party));
    let marking = Marking {
        level: nation.level.parse().unwrap(),
        releasable_to: pack.terms().parties.iter().copied().filter(|party| may_go(*party)).collect(),
        kind: pack.terms().kinds.iter().next().unwrap().clone(),
        caveats: vec![],
        marked_at: clock(),
        topics: pack.terms().topics.clone(),
        control,
        // All but one, where the pack names some.
        purposes: pack.terms().purposes.iter().skip(1).cloned().collect(),
    };
    running.node.commit(office.mark(&analyst, item, marking).unwrap().plan).await.unwrap().unwrap();
    item
}

/// An item that is here is asked for and approved.
pub async fn approved(running: &Running, item: ItemId, case: CaseId, to: &NodeName) {
    let (office, pack) = (Arc::clone(&running.node.office), Arc::clone(&running.node.office.pack));
    let found = office.view.read().item(&item).unwrap().clone();
    let label_digest = found.marked().unwrap().label;
    let (item_digest, recipient) = (found.item_digest, to.clone());
    let purpose = "early warning (fictitious)".to_owned();
    let request = Request { case, item_digest, label_digest, recipient: recipient.clone(), purpose };
    let request = signed(running, Role::Analyst, request);
    must(running, |view, now| desk::request(view, &pack, now, &request)).await;
    let facts = {
        let view = office.view.read();
        let question = view.question(&person(Role::DisclosureOfficer), &Ask::Release { case }, clock());
        desk::facts_digest(&question.unwrap())
    };
    let decision = Decision {
        case,
        request: request.digest(),
        item_digest,
        label_digest,
        recipient,
        answer: Answer::Approve,
        reason: "as agreed".into(),
        article: "1".into(),
        facts,
    };
    let decision = signed(running, Role::DisclosureOfficer, decision);
    must(running, |view, now| desk::decide(view, &pack, now, &decision)).await;
}

/// The desk officer admits the next `count` items that come.
pub async fn admit(running: &Running, nation: &Nation, count: usize) {
    let (office, pack) = (Arc::clone(&running.node.office), Arc::clone(&running.node.office.pack));
    for _ in 0..count {
        let next =
            until(|| office.view.read().items.arrivals().next().map(|a| (a.dispatch, a.package))).await;
        let (dispatch, package) = next;
        let own_level = nation.level.parse().unwrap();
        let admission = signed(running, Role::DeskOfficer, Admission { dispatch, package, own_level });
        let registered = office.view.read().register.iter().count();
        let item = ItemId([0x40 + registered as u8; 16]);
        must(running, |view, now| desk::admit(view, &pack, now, &admission, item)).await;
    }
}

/// What `running` owes once it has packed `count` packages.
pub async fn owed_by(running: &Running, count: usize) -> Vec<Dispatch> {
    let office = &running.node.office;
    until(|| {
        let sent: Vec<_> = office.view.read().dispatches.all_sent().cloned().collect();
        (sent.len() == count).then_some(sent)
    })
    .await
}

pub async fn receipted(running: &Running, count: usize) {
    let office = &running.node.office;
    until(|| {
        let view = office.view.read();
        let closed = |progress: &Progress| matches!(progress, Progress::Receipted { .. });
        (view.dispatches.all_sent().filter(|sent| closed(&sent.progress)).count() == count).then_some(())
    })
    .await;
}

pub async fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(Instant::now() < end, "nothing came");
        sleep(Duration::from_millis(10)).await;
    }
}

pub async fn two() -> (Site, Site, Running, Running) {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    at_seoul.shows(is(State::Connected)).await;
    at_tokyo.shows(is(State::Connected)).await;
    (seoul, tokyo, at_seoul, at_tokyo)
}

/// Both sites started, staffed and accepted by each other, whether or not they can reach each other yet.
pub async fn befriended(seoul: &Site, tokyo: &Site) -> (Running, Running) {
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    staff(&at_seoul, &KOREA).await;
    staff(&at_tokyo, &JAPAN).await;
    at_seoul.accept(tokyo).await;
    at_tokyo.accept(seoul).await;
    assured(&at_seoul, &at_tokyo).await;
    assured(&at_tokyo, &at_seoul).await;
    (at_seoul, at_tokyo)
}

#[tokio::test(flavor = "multi_thread")]
async fn items_cross_both_ways_at_once_and_every_receipt_comes_back() {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    for id in 1..=3 {
        released(&at_seoul, &KOREA, id, 3_000_000, &tokyo.name).await;
        released(&at_tokyo, &JAPAN, id + 8, 3_000_000, &seoul.name).await;
    }
    tokio::join!(admit(&at_tokyo, &JAPAN, 3), admit(&at_seoul, &KOREA, 3));
    tokio::join!(receipted(&at_seoul, 3), receipted(&at_tokyo, 3));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_released_while_the_partner_was_down_crosses_when_it_is_back() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    at_tokyo.stop().await;
    at_seoul.shows(is(State::Dialling)).await;
    released(&at_seoul, &KOREA, 1, 100_000, &tokyo.name).await;
    let at_tokyo = tokyo.start().await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_counts_for_its_own_dispatch_and_from_its_own_partner_only() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    for id in 1..=2 {
        released(&at_seoul, &KOREA, id, 100, &tokyo.name).await;
    }
    admit(&at_tokyo, &JAPAN, 2).await;
    receipted(&at_seoul, 2).await;
    let office = &at_seoul.node.office;
    let sent: Vec<_> = office.view.read().dispatches.all_sent().cloned().collect();
    let receipt_of = |sent: &Dispatch| match sent.progress {
        Progress::Receipted { receipt, .. } => office.papers.cited(&receipt, "receipt").unwrap(),
        _ => panic!("not receipted"),
    };
    let (first, second) = (receipt_of(&sent[0]), receipt_of(&sent[1]));
    let weigh =
        |from: &NodeName, dispatch, bytes: &[u8]| office.weigh_receipt(from, dispatch, bytes).unwrap();
    assert!(matches!(weigh(&tokyo.name, &sent[0].id, &first), Weighing::Kept));
    let other: NodeName = "osaka.jpn".parse().unwrap();
    let unknown = DispatchId([9; 16]);
    for (from, dispatch, bytes) in [
        (&tokyo.name, &sent[0].id, second.as_slice()),
        (&other, &sent[0].id, &first),
        (&tokyo.name, &unknown, &first),
        (&tokyo.name, &sent[0].id, &first[..first.len() - 1]),
    ] {
        let Weighing::False(plan) = weigh(from, dispatch, bytes) else {
            panic!("a false receipt was believed")
        };
        assert!(matches!(&plan.acts[..], [Act::BreachRecorded { node, .. }] if node == from));
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_weighed_by_what_is_here_already() {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let sent = at_seoul.node.office.view.read().dispatches.all_sent().next().cloned().unwrap();
    let package = at_seoul.node.office.papers.cited(&sent.package, "package").unwrap();
    let size = at_seoul.node.office.outgoing(&sent).unwrap().container_bytes();
    let (dispatch, due) = (sent.id, sent.due);
    let offer = Offer { dispatch, package, package_digest: sent.package, size, due };
    let office = &at_tokyo.node.office;
    let weigh = |from: &NodeName, offer: &Offer| office.weigh(from, offer, clock()).unwrap();
    let Progress::Receipted { receipt, .. } = sent.progress else { panic!("not receipted") };
    assert!(matches!(weigh(&seoul.name, &offer), Weighed::Receipted(same) if same == receipt));
    let other_digest = Offer { package_digest: Digest([7; 32]), ..offer.clone() };
    assert!(matches!(weigh(&seoul.name, &other_digest), Weighed::Contradicted));
    // Under a fresh id the statement names another dispatch; cut short it is none; from another it is not signed by it.
    let renamed = Offer { dispatch: DispatchId([9; 16]), ..offer.clone() };
    let cut = Offer { package: offer.package[..100].to_vec(), ..renamed.clone() };
    for (from, false_offer) in [(&seoul.name, &renamed), (&seoul.name, &cut), (&tokyo.name, &renamed)] {
        assert!(matches!(weigh(from, false_offer), Weighed::Declined(Code::Refused)));
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
