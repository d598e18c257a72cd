//! Packages altered on their way, or made by a partner that is not honest: each is refused with a recorded reason, or what
//! was altered says nothing.
//!
//! *Absent:* altered frames, which `courier` tests, and TLS, which would not let them through.

use crate::crossing::{KOREA, owed_by, released, two};
use crate::nodes::{Running, Site, administrator, clock};
use attache_accord::act::Act;
use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_node::arrival::{Verified, Weighed};
use attache_node::coming::MAX_GATHERED_BYTES;
use attache_node::founding::CARD_HOURS;
use attache_node::node::Node;
use attache_node::room::MAX_PARTIALS_OF_ONE;
use attache_node::steward;
use attache_seal::digest::sha256;
use attache_seal::kem::KemSecret;
use attache_seal::label::{LABEL_ID, Label};
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Card, Package};
use attache_seal::statement::{Expect, Head, Signed, Statement};
use attache_seal::tdf::{Container, Frame, Manifest};
use std::io::{Cursor, Read as _};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of each item: one small segment.
const ITEM_BYTES: usize = 64;
/// In a manifest every so many-th byte is altered; elsewhere every byte.
const MANIFEST_STEP: usize = 13;

/// Tokyo as it stands when what Seoul owes it comes, and what comes.
struct Scene {
    seoul: Site,
    tokyo: Arc<Node>,
    at_seoul: Running,
    sent: Vec<Sent>,
}

/// A package and its container, as Seoul made them.
#[derive(Clone)]
struct Sent {
    package: Package,
    bytes: Vec<u8>,
}

impl Sent {
    fn container(&self) -> Container<Cursor<&[u8]>> {
        Container::open(Cursor::new(self.bytes.as_slice())).unwrap()
    }

    fn manifest(&self) -> Manifest {
        self.container().manifest().clone()
    }

    /// Where the sealed segment lies, and where the manifest.
    fn places(&self) -> (Range<usize>, Range<usize>) {
        let container = self.container();
        let at = usize::try_from(container.payload_at()).unwrap();
        let json = container.manifest_json();
        let manifest_at = self.bytes.windows(json.len()).position(|window| window == json).unwrap();
        (at..at + ITEM_BYTES + 28, manifest_at..manifest_at + json.len())
    }

    /// The same sealed segment under another manifest, with a package that says so.
    fn under(&self, manifest: &Manifest) -> Self {
        let json = manifest.to_json().unwrap();
        let (segment, _) = self.places();
        let crc32 = self.container().payload_crc32();
        let frame = Frame::new(segment.len() as u64, crc32, &json).unwrap();
        let bytes = [frame.head.as_slice(), &self.bytes[segment], &frame.tail].concat();
        let assertion = manifest.assertions.iter().find(|assertion| assertion.id == LABEL_ID);
        let label_digest =
            assertion.map_or(self.package.label_digest, |found| Label::from_assertion(found).unwrap().1);
        let manifest_digest = Manifest::digest(&json);
        let size = bytes.len() as u64;
        Self { package: Package { size, manifest_digest, label_digest, ..self.package.clone() }, bytes }
    }
}

/// What became of an offer and of the bytes that followed.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// The offer was declined.
    Declined(Code),
    /// The bytes were discarded, and this recorded.
    Discarded(Code, Vec<Act>),
    /// They were taken, and this recorded.
    Taken(Vec<Act>),
}

impl Scene {
    async fn set(count: u8) -> Self {
        Self::set_with(count, ITEM_BYTES).await
    }

    /// The same with items of so many bytes.
    async fn set_with(count: u8, item_bytes: usize) -> Self {
        let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
        at_tokyo.stop().await;
        for id in 1..=count {
            released(&at_seoul, &KOREA, id, item_bytes, &tokyo.name).await;
        }
        let office = &at_seoul.node.office;
        let expect = Expect { network: Network::Exercise, agreement: &office.identity.agreement, pack: None };
        let mut sent = Vec::new();
        for dispatch in owed_by(&at_seoul, usize::from(count)).await {
            let signed = office.papers.cited(&dispatch.package, "package").unwrap();
            let signed = Signed::from_bytes(&signed).unwrap();
            let package = signed.open::<Package>(office.keys.label.verifying(), &expect).unwrap().body;
            let outgoing = office.outgoing(&dispatch).unwrap();
            let mut bytes = Vec::new();
            while (bytes.len() as u64) < outgoing.container_bytes() {
                bytes.extend(office.read_outgoing(&outgoing, bytes.len() as u64, 4096).unwrap());
            }
            sent.push(Sent { package, bytes });
        }
        let tokyo = Node::start(tokyo.parts(tokyo.card.clone())).unwrap();
        Self { seoul, tokyo, at_seoul, sent }
    }

    fn signed(&self, package: &Package, key: &SigningPair, network: Network) -> Signed {
        self.signed_at(package, key, network, clock())
    }

    fn signed_at(&self, package: &Package, key: &SigningPair, network: Network, at: Timestamp) -> Signed {
        let head = Head {
            network,
            agreement: self.tokyo.office.identity.agreement.clone(),
            pack: self.tokyo.office.pack.digest(),
            signer: self.seoul.name.to_string(),
            key: key.verifying().key_id(),
            at,
        };
        Signed::seal(&Statement { head, body: package.clone() }, key).unwrap()
    }

    /// Tokyo is offered the package as Seoul's own label key signs it, and sent the bytes.
    fn brought(&self, sent: &Sent) -> Outcome {
        let signed = self.signed(&sent.package, &self.seoul.keyring().label, Network::Exercise);
        self.offered(&signed, sent, clock())
    }

    fn offer(&self, signed: &Signed, sent: &Sent, now: Timestamp) -> Offer {
        Offer {
            dispatch: sent.package.dispatch,
            package: signed.to_bytes(),
            package_digest: signed.digest(),
            size: sent.package.size,
            due: now.plus_hours(24),
        }
    }

    /// As [`Self::brought`], but the connection breaks when `first` bytes are here, and the next one goes on behind what is
    /// durable.
    fn brought_in_two(&self, sent: &Sent, first: usize) -> Outcome {
        let signed = self.signed(&sent.package, &self.seoul.keyring().label, Network::Exercise);
        let (office, now) = (&self.tokyo.office, clock());
        let offer = self.offer(&signed, sent, now);
        let weighed = || match office.weigh(&self.seoul.name, &offer, now).unwrap() {
            Weighed::Take(coming) => coming,
            _ => panic!("it is taken"),
        };
        let mut coming = weighed();
        sent.bytes[..first].chunks(60_000).for_each(|piece| coming.append(piece).unwrap());
        drop(coming);
        let mut coming = weighed();
        let durable = coming.durable() as usize;
        assert!(durable > first / 2 && durable <= first, "{durable} of {first} were durable");
        coming.append(&sent.bytes[durable..]).unwrap();
        match office.verify_arrival(*coming, signed.to_bytes(), now).unwrap() {
            Verified::Taken(plan) => Outcome::Taken(plan.acts),
            Verified::Discarded(plan, code) => Outcome::Discarded(code, plan.acts),
        }
    }

    fn offered(&self, signed: &Signed, sent: &Sent, now: Timestamp) -> Outcome {
        let office = &self.tokyo.office;
        let offer = self.offer(signed, sent, now);
        // Gathered in memory, and in a file, as it would be if the partner sent it piecemeal.
        let [whole, piecemeal] = [false, true].map(|in_file| {
            let mut coming = match office.weigh(&self.seoul.name, &offer, now).unwrap() {
                Weighed::Take(coming) => coming,
                Weighed::Declined(code) => return Outcome::Declined(code),
                _ => panic!("nothing of it was here"),
            };
            let (first, rest) = sent.bytes.split_at(sent.bytes.len() / 2);
            coming.append(first).unwrap();
            if in_file {
                coming.put_down(office, &self.seoul.name, &offer.dispatch).unwrap();
                assert!(coming.is_large());
            }
            coming.append(rest).unwrap();
            let outcome = match office.verify_arrival(*coming, signed.to_bytes(), now).unwrap() {
                Verified::Taken(plan) => Outcome::Taken(plan.acts),
                Verified::Discarded(plan, code) => Outcome::Discarded(code, plan.acts),
            };
            office.forget_partial(&sent.package.dispatch).unwrap();
            outcome
        });
        assert_eq!(whole, piecemeal);
        whole
    }

    fn discards(&self, sent: &Sent) {
        let is_declined =
            |acts: &[Act]| matches!(acts, [Act::ArrivalDeclined { from, .. }] if *from == self.seoul.name);
        match self.brought(sent) {
            Outcome::Discarded(Code::NotAsStated, acts) if is_declined(&acts) => {}
            other => panic!("{other:?}"),
        }
    }

    async fn end(self) {
        self.tokyo.shut_down().await;
        self.at_seoul.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_byte_of_a_container_is_altered_it_is_refused_or_means_the_same() {
    let scene = Scene::set(1).await;
    let sent = scene.sent[0].clone();
    let signed = scene.signed(&sent.package, &scene.seoul.keyring().label, Network::Exercise);
    let Outcome::Taken(unaltered) = scene.offered(&signed, &sent, clock()) else { panic!("not taken") };
    let (segment, manifest) = sent.places();
    let mut refused = 0;
    let mut harmless = Vec::new();
    for at in 0..sent.bytes.len() {
        if manifest.contains(&at) && (at - manifest.start) % MANIFEST_STEP != 0 {
            continue;
        }
        let mut altered = sent.clone();
        altered.bytes[at] ^= 0x20;
        match scene.offered(&signed, &altered, clock()) {
            Outcome::Discarded(Code::NotAsStated, _) => refused += 1,
            // What the zip format repeats, or says of dates and hosts: nothing of it is kept.
            Outcome::Taken(acts) if acts == unaltered => harmless.push(at),
            other => panic!("byte {at}: {other:?}"),
        }
    }
    println!("{refused} altered bytes refused, {} in zip records without meaning", harmless.len());
    assert!(harmless.iter().all(|at| !segment.contains(at) && !manifest.contains(at)), "{harmless:?}");
    assert!(refused > 300 && harmless.len() < 100, "{refused} refused, {harmless:?}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_cut_short_or_with_more_behind_it_is_refused() {
    let scene = Scene::set(1).await;
    let sent = &scene.sent[0];
    let (segment, manifest) = sent.places();
    let length = sent.bytes.len();
    for end in [0, 1, segment.start, segment.end, manifest.start, manifest.end, length - 22, length - 1] {
        let mut cut = sent.clone();
        cut.bytes.truncate(end);
        scene.discards(&cut);
        // Even where the package promises no more.
        cut.package.size = end as u64;
        scene.discards(&cut);
    }
    let mut more = sent.clone();
    more.bytes.extend([0; 16]);
    more.package.size += 16;
    scene.discards(&more);
    assert!(matches!(scene.brought(sent), Outcome::Taken(_)));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dishonest_partner_cannot_swap_label_policy_key_or_segment() {
    let scene = Scene::set(2).await;
    let (first, second) = (&scene.sent[0], &scene.sent[1]);
    let own = first.manifest();
    // The whole way of making a package anew is sound: with nothing changed it is taken.
    assert!(matches!(scene.brought(&first.under(&own)), Outcome::Taken(_)));

    let swapped_label = Manifest { assertions: second.manifest().assertions, ..own.clone() };
    scene.discards(&first.under(&swapped_label));

    let without_label = Manifest { assertions: vec![], ..own.clone() };
    scene.discards(&first.under(&without_label));

    let mut twice = own.clone();
    twice.assertions.push(second.manifest().assertions[0].clone());
    if twice.to_json().is_ok_and(|json| Manifest::from_json(&json).is_ok()) {
        scene.discards(&first.under(&twice));
    }

    let foreign = KemSecret::generate().unwrap().public().key_id().to_string();
    let for_another = own.key_access.iter().map(|access| access.rewrapped(&foreign, "kas", &[1; 1665]));
    scene.discards(&first.under(&Manifest { key_access: for_another.collect(), ..own.clone() }));

    let other_segments = Manifest { integrity: second.manifest().integrity, ..own.clone() };
    scene.discards(&first.under(&other_segments));

    let mut wrong_label_named = first.clone();
    wrong_label_named.package.label_digest = Digest([9; 32]);
    scene.discards(&wrong_label_named);

    let mut wrong_item_named = first.clone();
    wrong_item_named.package.item_digest = second.package.item_digest;
    scene.discards(&wrong_item_named);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_of_another_key_network_or_time_is_not_even_begun() {
    let scene = Scene::set(1).await;
    let sent = &scene.sent[0];
    let label = scene.seoul.keyring().label;
    let refused = Outcome::Declined(Code::Refused);
    let stranger = SigningPair::generate().unwrap();
    let by_stranger = scene.signed(&sent.package, &stranger, Network::Exercise);
    // It may be the key of a card that is still to come, so it is not called false yet.
    assert_eq!(scene.offered(&by_stranger, sent, clock()), Outcome::Declined(Code::OtherCard));
    let by_node_key = scene.signed(&sent.package, &scene.seoul.keyring().node, Network::Exercise);
    assert_eq!(scene.offered(&by_node_key, sent, clock()), refused);
    let of_the_live_network = scene.signed(&sent.package, &label, Network::Live);
    assert_eq!(scene.offered(&of_the_live_network, sent, clock()), refused);
    let signed = scene.signed(&sent.package, &label, Network::Exercise);
    let after_the_card = clock().plus_hours(CARD_HOURS + 1);
    assert_eq!(scene.offered(&signed, sent, after_the_card), refused);
    let mut elsewhere = sent.clone();
    elsewhere.package.recipient = "osaka.jpn".parse().unwrap();
    assert_eq!(scene.brought(&elsewhere), refused);
    assert!(matches!(scene.offered(&signed, sent, clock()), Outcome::Taken(_)));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_byte_of_a_signed_package_is_altered_nothing_of_it_is_begun() {
    let scene = Scene::set(1).await;
    let (office, package) = (&scene.tokyo.office, &scene.sent[0].package);
    let signed = scene.signed(package, &scene.seoul.keyring().label, Network::Exercise);
    let (sound, size, due) = (signed.to_bytes(), package.size, clock().plus_hours(24));
    let weigh = |package: Vec<u8>, package_digest| {
        let offer = Offer { dispatch: scene.sent[0].package.dispatch, package, package_digest, size, due };
        office.weigh(&scene.seoul.name, &offer, clock()).unwrap()
    };
    // Where the id of the key was hit, a card that is still to come may name it.
    let is_refused = |weighed| matches!(weighed, Weighed::Declined(Code::Refused | Code::OtherCard));
    for at in 0..sound.len() {
        let mut altered = sound.clone();
        altered[at] ^= 1 << (at % 8);
        let own_digest = sha256(&[&altered]);
        assert!(is_refused(weigh(altered.clone(), own_digest)), "byte {at}");
        // Nor under the digest of what was signed.
        assert!(at % 64 != 0 || is_refused(weigh(altered, signed.digest())), "byte {at}");
    }
    for end in (0..sound.len()).step_by(61) {
        assert!(is_refused(weigh(sound[..end].to_vec(), sha256(&[&sound[..end]]))), "cut at {end}");
    }
    assert!(office.vault.partials().unwrap().is_empty(), "nothing was begun");
    assert!(matches!(weigh(sound, signed.digest()), Weighed::Take(_)));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_key_speaks_for_its_own_time_only_and_for_none_once_its_card_was_compared_anew() {
    let scene = Scene::set(1).await;
    let sent = &scene.sent[0];
    // A moment that has passed, and one at which both cards were made.
    let (then, later) = (clock(), clock().plus_millis(50));
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    let (next, card, succession) = scene.seoul.next(later);
    let (office, by) = (&scene.tokyo.office, administrator());
    let held = office.card_of(&scene.seoul.name).unwrap();
    let accept =
        |view: &_, now| steward::succeed_peer(view, now, &by, (&card, &succession), |_| held.clone());
    scene.tokyo.carry_out(accept).await.unwrap();
    let (old, new) = (scene.seoul.keyring().label, next.label);
    let offered = |key: &SigningPair, at| {
        scene.offered(&scene.signed_at(&sent.package, key, Network::Exercise, at), sent, clock())
    };
    assert!(matches!(offered(&old, then), Outcome::Taken(_)));
    assert_eq!(offered(&old, later), Outcome::Declined(Code::OtherCard));
    assert_eq!(offered(&new, then), Outcome::Declined(Code::Refused));
    let before_any_card = Timestamp(then.0 - 3_600_000);
    assert_eq!(offered(&old, before_any_card), Outcome::Declined(Code::Refused));
    // Begun, and its label is under the key of before: not as the card of its day says.
    assert!(matches!(offered(&new, later), Outcome::Discarded(Code::NotAsStated, _)));
    // Compared anew: nothing before this card is believed.
    let digits = Card::fingerprint(&card);
    let anew = |view: &_, now| steward::add_peer(view, now, &by, &card, &digits);
    scene.tokyo.carry_out(anew).await.unwrap();
    assert_eq!(offered(&old, then), Outcome::Declined(Code::Refused));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_arrival_goes_on_after_a_break_and_is_still_verified_whole() {
    const LARGE_BYTES: usize = 10 << 20;
    const BROKEN_AT: usize = 9 << 20;
    let scene = Scene::set_with(1, LARGE_BYTES).await;
    let sent = &scene.sent[0];
    for at in [1 << 20, BROKEN_AT + 1000] {
        let mut altered = sent.clone();
        altered.bytes[at] ^= 1;
        let outcome = scene.brought_in_two(&altered, BROKEN_AT);
        assert!(matches!(outcome, Outcome::Discarded(Code::NotAsStated, _)), "byte {at}: {outcome:?}");
    }
    assert!(matches!(scene.brought_in_two(sent, BROKEN_AT), Outcome::Taken(_)));
    let mut kept = Vec::new();
    let mut sealed = scene.tokyo.office.vault.open(&sent.package.item_digest).unwrap().unwrap();
    sealed.read_to_end(&mut kept).unwrap();
    let at = sent.bytes.windows(64).position(|window| window == &kept[..64]).unwrap();
    assert!(sent.bytes[at..].starts_with(&kept) && kept.len() > LARGE_BYTES);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_begins_many_arrivals_and_ends_none_takes_no_room_of_another() {
    let scene = Scene::set(1).await;
    let (office, label) = (&scene.tokyo.office, scene.seoul.keyring().label);
    let weighed = |number: usize| {
        let mut large = scene.sent[0].clone();
        large.package.dispatch = DispatchId([number as u8; 16]);
        large.package.size = MAX_GATHERED_BYTES + 1;
        let signed = scene.signed(&large.package, &label, Network::Exercise);
        office.weigh(&scene.seoul.name, &scene.offer(&signed, &large, clock()), clock()).unwrap()
    };
    for number in 0..MAX_PARTIALS_OF_ONE {
        assert!(matches!(weighed(number), Weighed::Take(_)), "{number}");
    }
    assert!(matches!(weighed(MAX_PARTIALS_OF_ONE), Weighed::Declined(Code::NoRoom)));
    for number in 100..100 + MAX_PARTIALS_OF_ONE {
        assert!(office.partial(&"busan.kor".parse().unwrap(), &DispatchId([number as u8; 16])).is_ok());
    }
    // What it began it may bring, and what it gives up makes room.
    assert!(matches!(weighed(7), Weighed::Take(_)));
    office.forget_partial(&DispatchId([7; 16])).unwrap();
    assert!(matches!(weighed(MAX_PARTIALS_OF_ONE), Weighed::Take(_)));
    scene.end().await;
}
