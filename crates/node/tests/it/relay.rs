//! Letters by way of a hub that cannot read them: three nodes on real sockets.

use crate::crossing::{Nation, admit, assured, owed_by, receipted, released, staff, until};
use crate::nodes::{Running, Site, administrator, clock, is, site_under};
use attache_accord::act::Act;
use attache_accord::agreement::Position;
use attache_accord::dispatch::{Progress, Promise};
use attache_accord::letters::{Letter, Matter, Stand};
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_node::arrival::{Verified, Weighed};
use attache_node::chores::Chores;
use attache_node::engine::Plan;
use attache_node::hops::Hop;
use attache_node::link::State;
use attache_node::node::Node;
use attache_node::office::Office;
use attache_node::receipts::Weighing;
use attache_node::relay::{
    Docket, LETTER_CLOSED, LETTER_LATE, LETTER_REFUSED, TOPIC_HIDDEN, WRITE_AGAIN_HOURS,
};
use attache_release::Pack;
use attache_seal::digest::sha256;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{HopReceipt, Waybill};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_seal::tdf::{Frame, Manifest, survey};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

pub const KOREA: Nation = Nation { party: "KOR", level: "KOR:II" };
pub const JAPAN: Nation = Nation { party: "JPN", level: "JPN:GOKUHI" };
pub const HUB: Nation = Nation { party: "USA", level: "USA:SECRET" };

pub struct Three {
    pub sites: [Site; 3],
    pub seoul: Running,
    pub hub: Running,
    pub tokyo: Running,
}

pub async fn three() -> Three {
    three_under(Pack::tisa_2014_blind).await
}

pub async fn three_under(pack: impl Fn() -> Pack) -> Three {
    let sites = [("seoul.kor", "KOR"), ("washington.usa", "USA"), ("tokyo.jpn", "JPN")]
        .map(|(name, party)| site_under(name, party, pack()));
    let [seoul, hub, tokyo] = [sites[0].start().await, sites[1].start().await, sites[2].start().await];
    for running in [&seoul, &hub, &tokyo] {
        for other in sites.iter().filter(|other| other.name != running.node.office.identity.node) {
            running.accept(other).await;
        }
    }
    for (running, nation) in [(&seoul, &KOREA), (&hub, &HUB), (&tokyo, &JAPAN)] {
        staff(running, nation).await;
    }
    assured(&seoul, &tokyo).await;
    assured(&tokyo, &seoul).await;
    seoul.shows(is(State::Connected)).await;
    tokyo.shows(is(State::Connected)).await;
    Three { sites, seoul, hub, tokyo }
}

impl Three {
    pub async fn stop(self) {
        for running in [self.seoul, self.hub, self.tokyo] {
            running.stop().await;
        }
    }
}

pub fn letters(running: &Running) -> Vec<Letter> {
    running.node.office.view.read().letters.all().map(Cow::into_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_crosses_by_the_hub_and_its_receipt_and_proof_come_back_by_it() {
    let three = three().await;
    let Three { sites, seoul, hub, tokyo } = &three;
    let since = [hub, seoul].map(|running| running.node.office.view.read().size);
    for (id, size) in [(1, 70), (2, 3 << 20)] {
        released(seoul, &KOREA, id, size, &sites[2].name).await;
    }
    owed_by(seoul, 2).await;
    admit(tokyo, &JAPAN, 2).await;
    receipted(seoul, 2).await;
    // Nobody dials past the hub.
    let names =
        |running: &Running| running.link.status().into_iter().map(|status| status.node).collect::<Vec<_>>();
    assert_eq!(names(seoul), [sites[1].name.clone()]);
    assert_eq!(names(tokyo), [sites[1].name.clone()]);
    // The hub carried every letter, signed for each, and its receipts are at those who wrote them.
    let signed = until(|| {
        let of_seoul: Vec<_> =
            letters(seoul).into_iter().filter(|letter| letter.previous.is_none()).collect();
        of_seoul
            .iter()
            .all(|letter| letter.hop.is_some() && letter.stand == Stand::Passed)
            .then_some(of_seoul)
    })
    .await;
    let packages = signed.iter().filter(|letter| matches!(letter.matter, Some(Matter::Package(_)))).count();
    assert_eq!(packages, 2);
    for letter in &signed {
        let at_hub = letters(hub).into_iter().find(|carried| carried.id == letter.id).unwrap();
        assert_eq!(at_hub.hop, letter.hop);
        let arrived = || letters(tokyo).into_iter().find(|came| came.id == letter.id);
        let arrived = until(arrived).await;
        assert_eq!((arrived.stand, arrived.previous), (Stand::Arrived, Some(sites[1].name.clone())));
    }
    // What a person is shown of a letter: at the hub what stands outside, at its ends what it is about.
    let shown = |running: &Running| {
        let of_one = |letter: &Letter| running.node.office.letter_shown(letter).unwrap();
        letters(running).iter().map(|letter| (letter.id, of_one(letter))).collect::<BTreeMap<_, _>>()
    };
    let [at_seoul, at_hub, at_tokyo] = [seoul, hub, tokyo].map(shown);
    for letter in signed.iter().filter(|letter| matches!(letter.matter, Some(Matter::Package(_)))) {
        let Some(Matter::Package(dispatch)) = &letter.matter else { unreachable!() };
        let [seen, carried, came] = [&at_seoul, &at_hub, &at_tokyo].map(|shown| &shown[&letter.id]);
        assert_eq!(seen.about, Some(("package", dispatch.to_string())));
        assert_eq!((&carried.about, &came.about), (&None, &seen.about));
        assert!(seen.size > 70 && seen.size == carried.size && seen.size == came.size);
        let [(digest, by, hop)] = &seen.hops[..] else { panic!("{seen:?}") };
        assert_eq!((Some(*digest), by, &hop.refused), (letter.hop, &sites[1].name, &None));
        assert!(carried.hops == seen.hops && came.hops == seen.hops);
    }
    // Both ends see both hops, with what the hub signed of the first and the receipt of the second.
    let first = |running: &Running| {
        let items: Vec<_> = running.node.office.view.read().items.iter().cloned().collect();
        items.into_iter().min_by_key(|item| item.item_digest).unwrap()
    };
    let [out, back] = [seoul, tokyo].map(|running| running.node.office.hops(&first(running)).unwrap());
    for hops in [&out, &back] {
        let seen: Vec<_> = hops.iter().map(|hop| (hop.from.as_str(), hop.state, hop.to.as_str())).collect();
        let washington = "washington.usa";
        assert_eq!(seen, [("seoul.kor", "taken", washington), (washington, "receipted", "tokyo.jpn")]);
        assert_eq!(hops[1].level, Some(JAPAN.level.parse().unwrap()));
        assert!(signed.iter().any(|letter| letter.hop.is_some() && letter.hop == hops[0].receipt));
        assert_eq!([&*hops[0].basis, &*hops[1].basis], ["kor-usa-1987", "jpn-usa-2007"]);
    }
    let receipts = |hops: &[Hop]| hops.iter().map(|hop| hop.receipt.unwrap()).collect::<Vec<_>>();
    assert_eq!(receipts(&out), receipts(&back));
    assert!(hub.node.office.view.read().items.iter().next().is_none());
    tokyo.node.publish().await.unwrap();
    until(|| {
        let view = seoul.node.office.view.read();
        view.dispatches.all_sent().all(|sent| matches!(sent.promise, Promise::Proved(_))).then_some(())
    })
    .await;
    // The hub held nothing that says what was in them. The same search finds it at the sender.
    let (at_hub, at_seoul) = (held(hub, since[0]), held(seoul, since[1]));
    let control = seoul.node.office.view.read().register.iter().next().unwrap().number.clone();
    for marker in ["humint", "exercise", "KOR:II", "handling", "early warning", control.as_str()] {
        let is_in = |bytes: &[u8]| bytes.windows(marker.len()).any(|part| part == marker.as_bytes());
        assert!(is_in(&at_seoul), "{marker} is not where it must be");
        assert!(!is_in(&at_hub), "{marker} is at the hub");
    }
    let digests: Vec<_> = seoul.node.office.view.read().items.iter().map(|item| item.item_digest).collect();
    for digest in digests {
        let is_in = |bytes: &[u8]| bytes.windows(32).any(|part| part == digest.as_bytes());
        assert!(is_in(&at_seoul) && !is_in(&at_hub));
    }
    three.stop().await;
}

/// Every byte that a node holds since the entry `since`, opened as far as it can open it: entries, papers, and sealed bytes in its vault.
pub fn held(running: &Running, since: u64) -> Vec<u8> {
    let office = &running.node.office;
    let entries = office.papers.entries(since, 10_000).unwrap();
    let mut all: Vec<u8> = entries.iter().flat_map(|(_, entry)| minicbor::to_vec(entry).unwrap()).collect();
    // Whatever 32 bytes an entry names may be the digest of a paper.
    let named = |bytes: &[u8]| -> BTreeSet<Digest> {
        let digests = bytes.windows(34).filter(|part| part[..2] == [0x58, 0x20]);
        digests.map(|part| Digest(part[2..].try_into().unwrap())).collect()
    };
    let mut seen = BTreeSet::new();
    loop {
        let new: Vec<Digest> = named(&all).into_iter().filter(|digest| seen.insert(*digest)).collect();
        if new.is_empty() {
            return all;
        }
        for digest in new {
            all.extend(office.papers.get(&digest).unwrap().unwrap_or_default());
            if let Some(mut sealed) = office.vault.open(&digest).unwrap() {
                sealed.read_to_end(&mut all).unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_was_down_between_taking_and_giving_on_loses_nothing() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    tokyo.stop().await;
    released(&seoul, &KOREA, 1, 40_000, &sites[2].name).await;
    until(|| letters(&hub).first().is_some_and(|letter| letter.hop.is_some()).then_some(())).await;
    hub.stop().await;
    let hub = sites[1].start().await;
    assert_eq!(letters(&hub)[0].stand, Stand::Owed);
    let tokyo = sites[2].start().await;
    admit(&tokyo, &JAPAN, 1).await;
    receipted(&seoul, 1).await;
    // What went on does not rest at the hub any more, at the next start at the latest.
    let gone = until(|| {
        let all = letters(&hub);
        all.iter().all(|letter| letter.stand == Stand::Passed).then_some(all)
    })
    .await;
    hub.stop().await;
    let hub = sites[1].start().await;
    let rests = |letter: &Letter| hub.node.office.sealed(&letter.outer_digest).is_ok();
    assert!(gone.len() > 1 && !gone.iter().any(rests));
    Three { sites, seoul, hub, tokyo }.stop().await;
}

/// What the hub would bring to Tokyo of a letter that it holds.
pub fn brought(hub: &Running, letter: &Letter) -> (Offer, Vec<u8>) {
    let office = &hub.node.office;
    let package = office.papers.cited(&letter.papers, "papers").unwrap();
    let json = office.papers.cited(&letter.manifest, "manifest").unwrap();
    let mut payload = Vec::new();
    office.sealed(&letter.outer_digest).unwrap().read_to_end(&mut payload).unwrap();
    let integrity = Manifest::from_json(&json).unwrap().integrity;
    let found = survey(&mut payload.as_slice(), &integrity).unwrap();
    let frame = Frame::new(payload.len() as u64, found.crc32, &json).unwrap();
    let container = [frame.head, payload, frame.tail].concat();
    (offer(letter, package, container.len()), container)
}

pub fn offer(letter: &Letter, package: Vec<u8>, size: usize) -> Offer {
    let package_digest = sha256(&[&package]);
    Offer { dispatch: letter.id, package, package_digest, size: size as u64, due: letter.due }
}

/// What Tokyo makes of it.
pub fn weighed(tokyo: &Node, from: &Site, offer: &Offer, container: &[u8]) -> Result<Plan, Option<Code>> {
    let mut coming = match tokyo.office.weigh(&from.name, offer, clock()).unwrap() {
        Weighed::Take(coming) => coming,
        Weighed::Declined(code) | Weighed::Turned(_, code) => return Err(Some(code)),
        Weighed::Held | Weighed::Receipted(_) | Weighed::Contradicted => return Err(None),
    };
    coming.append(container).unwrap();
    match tokyo.office.verify_arrival(*coming, offer.package.clone(), clock()).unwrap() {
        Verified::Taken(plan) => Ok(plan),
        Verified::Discarded(_, code) => Err(Some(code)),
    }
}

/// The bytes of a statement with one byte of what it says or of its signatures changed, at each of some places.
pub fn altered(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).step_by(97).map(|at| {
        let mut altered = bytes.to_vec();
        altered[at] ^= 1;
        altered
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_lies_is_believed_in_nothing_and_what_it_drops_is_missed() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    tokyo.stop().await;
    for id in [1, 2] {
        released(&seoul, &KOREA, id, 700, &sites[2].name).await;
    }
    let carried = until(|| {
        let at_hub = letters(&hub);
        let are_signed = at_hub.iter().filter(|letter| letter.hop.is_some()).count() == 2;
        let has_hops = letters(&seoul).iter().all(|letter| letter.hop.is_some());
        (are_signed && has_hops).then_some(at_hub)
    })
    .await;
    let tokyo = Node::start(sites[2].parts(sites[2].card.clone())).unwrap();
    let [(one, first), (other, second)] = [&carried[0], &carried[1]].map(|letter| brought(&hub, letter));
    let by_hub = |offer: &Offer, container: &[u8]| weighed(&tokyo, &sites[1], offer, container);

    // Swapped for another, altered, cut short.
    assert_eq!(by_hub(&one, &second).unwrap_err(), Some(Code::NotAsStated));
    let mut turned = first.clone();
    turned[200] ^= 1;
    assert_eq!(by_hub(&one, &turned).unwrap_err(), Some(Code::NotAsStated));
    // A docket with any byte changed, and one of which the hub's own receipt is left out.
    for package in altered(&one.package) {
        let offer = offer(&carried[0], package, first.len());
        // Of a key that no card names it may be said that a later one will.
        let answer = by_hub(&offer, &first).unwrap_err();
        assert!(matches!(answer, Some(Code::Refused | Code::OtherCard)), "{answer:?}");
    }
    let waybill = Docket::from_bytes(&one.package).unwrap().waybill().unwrap();
    let bare = offer(&carried[0], Docket::new(&waybill).to_bytes(), first.len());
    assert_eq!(by_hub(&bare, &first).unwrap_err(), Some(Code::Refused));
    // The same from a node that is not the hub.
    assert_eq!(weighed(&tokyo, &sites[0], &one, &first).unwrap_err(), Some(Code::Refused));
    // Under another number than its waybill's.
    let renamed = Offer { dispatch: DispatchId([9; 16]), ..one.clone() };
    assert_eq!(by_hub(&renamed, &first).unwrap_err(), Some(Code::Refused));
    // A letter that the hub wrote itself, as if it were Seoul's.
    let body: Waybill = waybill.dangerously_unverified::<Waybill>().unwrap().body;
    let forged = signed_by(&hub, &sites[0], body.clone());
    let docket = Docket::new(&forged).with_hop(&hop(&hub, &sites[1], &forged, None));
    assert_eq!(
        by_hub(&offer(&carried[0], docket.to_bytes(), first.len()), &first).unwrap_err(),
        Some(Code::OtherCard)
    );

    // In another order they are taken; brought again, they are here already.
    for (offer, container) in [(&other, &second), (&one, &first)] {
        let plan = by_hub(offer, container).unwrap();
        tokyo.commit(plan).await.unwrap().unwrap();
        assert_eq!(by_hub(offer, container).unwrap_err(), None);
    }
    assert_eq!(tokyo.office.view.read().items.arrivals().count(), 2);

    // HopReceipt receipts that are not the hub's, not for this letter, or say something else than before.
    let letter = letters(&seoul)[0].clone();
    let kept = seoul.node.office.papers.cited(&letter.hop.unwrap(), "hop").unwrap();
    let says = |bytes: &[u8]| seoul.node.office.weigh_receipt(&sites[1].name, &letter.id, bytes).unwrap();
    assert!(matches!(says(&kept), Weighing::Kept));
    // Of a key that no card names it may be said that a later one will.
    let is_false = |bytes: Vec<u8>| matches!(says(&bytes), Weighing::False(_) | Weighing::OtherCard);
    assert!(altered(&kept).all(is_false), "one is kept already");
    let refused = hop(&hub, &sites[1], &waybill, Some("C-031"));
    assert!(matches!(says(&refused.to_bytes()), Weighing::False(_)));

    // What the hub drops is missed when its receipt is due.
    let later = clock().plus_hours(25);
    assert!(seoul.node.office.view.read().dispatches.overdue(later).count() == 2);
    tokyo.shut_down().await;
    seoul.stop().await;
    hub.stop().await;
}

/// A statement under the node key of `running`, in the name of `site`.
pub fn signed_by<B: Body>(running: &Running, site: &Site, body: B) -> Signed {
    let office = &running.node.office;
    signed_with(&office.keys.node, office, site, body)
}

pub fn signed_with<B: Body>(keys: &SigningPair, office: &Office, site: &Site, body: B) -> Signed {
    let head = Head {
        network: office.identity.network,
        agreement: office.identity.agreement.clone(),
        pack: office.pack.digest(),
        signer: site.name.to_string(),
        key: keys.verifying().key_id(),
        at: clock(),
    };
    Signed::seal(&Statement { head, body }, keys).unwrap()
}

/// The letters that a node writes of so many releases, while nobody takes them.
pub async fn written(running: &Running, to: &NodeName, count: u8) -> Vec<Letter> {
    for id in 1..=count {
        released(running, &KOREA, id, 700, to).await;
    }
    until(|| Some(letters(running)).filter(|written| written.len() == usize::from(count))).await
}

/// What a hub would sign of a letter that it was given first.
pub fn hop_receipt(hub: &Site, waybill: Digest, refused: Option<&str>) -> HopReceipt {
    HopReceipt {
        waybill,
        previous: None,
        refused: refused.map(str::to_owned),
        leaf_hash: Digest([1; 32]),
        leaf_index: 1,
        log_origin: hub.origin().as_str().to_owned(),
    }
}

pub fn hop(hub: &Running, site: &Site, waybill: &Signed, refused: Option<&str>) -> Signed {
    signed_by(hub, site, hop_receipt(site, waybill.digest(), refused))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_refuses_what_is_about_something_else_and_its_reason_comes_to_the_sender() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    tokyo.stop().await;
    // The sender's own rules keep it back as a rule. Here its leaf says nothing of topics, and it is as large as a package.
    released(&seoul, &KOREA, 1, 200_000, &sites[2].name).await;
    let letter = until(|| letters(&hub).first().cloned()).await;
    let (offer, container) = brought(&hub, &letter);
    let waybill = Docket::from_bytes(&offer.package).unwrap().waybill().unwrap();
    let body: Waybill = waybill.dangerously_unverified::<Waybill>().unwrap().body;
    let strange =
        Waybill { letter: DispatchId([6; 16]), to: "elsewhere.xxx".parse().unwrap(), ..body.clone() };
    let silent = Waybill { letter: DispatchId([7; 16]), ..body.clone() };
    let late = Waybill { letter: DispatchId([8; 16]), due: clock(), ..body };
    for (waybill, reason) in [(strange, LETTER_REFUSED), (silent, TOPIC_HIDDEN), (late, LETTER_LATE)] {
        let (id, due) = (waybill.letter, waybill.due);
        let package = Docket::new(&signed_by(&seoul, &sites[0], waybill)).to_bytes();
        let package_digest = sha256(&[&package]);
        let offer = Offer { dispatch: id, package, package_digest, size: container.len() as u64, due };
        let Weighed::Turned(plan, Code::Refused) =
            hub.node.office.weigh(&sites[0].name, &offer, clock()).unwrap()
        else {
            panic!("it is not turned away");
        };
        hub.node.commit(plan).await.unwrap().unwrap();
        let signed =
            until(|| letters(&hub).into_iter().find(|letter| letter.id == id && letter.hop.is_some())).await;
        assert_eq!(signed.stand, Stand::Refused(reason.to_owned()));
        let hop = hub.node.office.papers.cited(&signed.hop.unwrap(), "hop").unwrap();
        let hop = Signed::from_bytes(&hop).unwrap().dangerously_unverified::<HopReceipt>().unwrap().body;
        assert_eq!(hop.refused.as_deref(), Some(reason));
        assert!(matches!(
            hub.node.office.weigh(&sites[0].name, &offer, clock()).unwrap(),
            Weighed::Declined(Code::Refused)
        ));
    }
    let tokyo = sites[2].start().await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hubs_refusal_ends_the_senders_dispatch_with_its_reason() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    let written = written(&seoul, &sites[2].name, 2).await;
    let office = &seoul.node.office;
    let Some(Matter::Package(owed)) = written[1].matter else { panic!("it holds a package") };
    let [hop] = &office.hops_of(&owed).unwrap()[..] else { panic!("another hop than the first") };
    assert_eq!((hop.to.as_str(), hop.state), ("washington.usa", "owed"));
    // While the last one is here no other is written, however long the hub is away.
    let later = clock().plus_hours(WRITE_AGAIN_HOURS + 1);
    assert!(Chores::owed(office, later).is_none());
    // A hub that refuses signs why, and the dispatch ends with that.
    let keys = sites[1].keyring();
    let body = hop_receipt(&sites[1], written[0].waybill, Some(TOPIC_HIDDEN));
    let refusal = signed_with(&keys.node, office, &sites[1], body);
    let weighing = office.weigh_receipt(&sites[1].name, &written[0].id, &refusal.to_bytes()).unwrap();
    let Weighing::Keep(plan) = weighing else { panic!("the refusal is not kept") };
    seoul.node.commit(plan).await.unwrap().unwrap();
    let Some(Matter::Package(refused)) = written[0].matter else { panic!("it holds a package") };
    // What it refused got no further.
    let [hop] = &office.hops_of(&refused).unwrap()[..] else { panic!("another hop than the first") };
    assert_eq!(
        (hop.to.as_str(), hop.state, hop.code.as_deref()),
        ("washington.usa", "declined", Some(TOPIC_HIDDEN))
    );
    let progress = office.view.read().dispatches.sent(&refused).unwrap().progress.clone();
    assert_eq!(progress, Progress::Declined(TOPIC_HIDDEN.to_owned()));
    // The other one goes its way.
    let hub = sites[1].start().await;
    admit(&tokyo, &JAPAN, 1).await;
    receipted(&seoul, 1).await;
    assert!(letters(&hub).iter().all(|letter| letter.id != written[0].id), "what is refused is not given on");
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_dispatch_has_ended_stays_and_says_so() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    let [letter] = &written(&seoul, &sites[2].name, 1).await[..] else { panic!("there is one") };
    let Some(Matter::Package(dispatch)) = letter.matter else { panic!("it holds a package") };
    let act = Act::DispatchDeclined { dispatch, code: Code::Refused.to_string() };
    let plan = Plan::new(&seoul.node.office.view.read(), vec![act]);
    seoul.node.commit(plan).await.unwrap().unwrap();
    let hub = sites[1].start().await;
    let given_up = Stand::Refused(LETTER_CLOSED.to_owned());
    until(|| (letters(&seoul)[0].stand == given_up).then_some(())).await;
    assert!(letters(&hub).is_empty());
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_in_a_letter_is_ruled_on_once_more_when_its_turn_comes() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    until(|| Some(()).filter(|()| letters(&seoul).len() == 1)).await;
    // Tokyo's position ends before the hub is back.
    let ended =
        Position { party: "JPN".parse().unwrap(), from: Some(Timestamp(0)), until: Some(Timestamp(1)) };
    let (basis, by) = ("note 2 (fictitious)".to_owned(), administrator());
    let act = Act::PositionRecorded { position: ended, basis, by };
    let plan = Plan::new(&seoul.node.office.view.read(), vec![act]);
    seoul.node.commit(plan).await.unwrap().unwrap();
    let hub = sites[1].start().await;
    until(|| {
        let view = seoul.node.office.view.read();
        view.dispatches.all_sent().all(|sent| sent.is_barred).then_some(())
    })
    .await;
    assert!(letters(&hub).is_empty() && letters(&seoul)[0].stand == Stand::Owed);
    Three { sites, seoul, hub, tokyo }.stop().await;
}
