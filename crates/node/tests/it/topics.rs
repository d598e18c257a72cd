//! What a hub that cannot read is shown of packages: their topics, however small they are. What hides them is refused there, or at the
//! other end.

use crate::crossing::{admit, receipted, released, until};
use crate::leaving::holds_until;
use crate::nodes::{Running, Site, clock};
use crate::relay::{JAPAN, KOREA, Three, hop_receipt, letters, signed_by, three, weighed};
use attache_accord::act::Act;
use attache_accord::dispatch::Dispatch;
use attache_accord::letters::{Letter, Matter, Stand};
use attache_accord::oversight::FIELD_TOPICS;
use attache_accord::{Digest, DispatchId};
use attache_courier::Code;
use attache_courier::frame::{Frame, Offer};
use attache_node::arrival::Weighed;
use attache_node::relay::{Docket, ShownTopics, TOPIC_HIDDEN};
use attache_seal::digest::sha256;
use attache_seal::kem::KemPublic;
use attache_seal::letter;
use attache_seal::papers::Waybill;
use attache_seal::tdf::{
    self, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, SegmentKey, Tally, container_bytes,
    segment_bytes_for,
};
use attache_tlog::LeafDraft;
use minicbor::bytes::ByteArray;

const WORD_BYTES: u64 = 64 * 1024;
const MAX_READ_BYTES: usize = 4096;

fn is_package(letter: &Letter) -> bool {
    matches!(letter.matter, Some(Matter::Package(_)))
}

fn size(running: &Running, letter: &Letter) -> u64 {
    running.node.office.letter_shown(letter).unwrap().size
}

/// What the hub was shown with a letter, as it recorded it.
fn shown(hub: &Running, letter: &DispatchId) -> Docket {
    let office = &hub.node.office;
    let index = office.view.read().letters.get(letter).unwrap().index;
    let Some(Act::LetterTaken { papers, .. }) = office.papers.entry(index).unwrap().map(|entry| entry.act)
    else {
        panic!("it took no letter there")
    };
    Docket::from_bytes(&office.papers.cited(&papers, "papers").unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_package_shows_the_hub_its_topics_and_a_word_shows_nothing() {
    let three = three().await;
    let Three { sites, seoul, hub, tokyo } = &three;
    released(seoul, &KOREA, 1, 70, &sites[2].name).await;
    admit(tokyo, &JAPAN, 1).await;
    receipted(seoul, 1).await;
    let mut words = 0;
    for letter in letters(seoul).iter().chain(&letters(tokyo)).filter(|letter| letter.previous.is_none()) {
        let at = if letter.from == sites[0].name { seoul } else { tokyo };
        until(|| hub.node.office.view.read().letters.get(&letter.id).map(|_| ())).await;
        let topics = shown(hub, &letter.id).topics;
        if is_package(letter) {
            let agreed = &hub.node.office.pack.terms().topics;
            let told = topics.unwrap().topics;
            assert!(size(at, letter) > WORD_BYTES && told.split(' ').count() == agreed.len(), "{told}");
        } else {
            words += 1;
            assert!(size(at, letter) <= WORD_BYTES && topics.is_none());
        }
    }
    assert!(words > 0);
    // They were for the hub alone.
    for letter in letters(tokyo) {
        let papers = tokyo.node.office.papers.cited(&letter.papers, "papers").unwrap();
        assert_eq!(Docket::from_bytes(&papers).unwrap().topics, None);
    }
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_carries_no_package_whose_topic_is_not_agreed_or_not_the_one_in_its_senders_leaf() {
    let three = three().await;
    let Three { sites, seoul, hub, .. } = &three;
    released(seoul, &KOREA, 1, 70, &sites[2].name).await;
    let letter = until(|| letters(hub).into_iter().find(|letter| size(hub, letter) > WORD_BYTES)).await;
    let docket = shown(hub, &letter.id);
    let genuine = docket.topics.clone().unwrap();
    let body = docket.waybill().unwrap().dangerously_unverified::<Waybill>().unwrap().body;
    let mut number = 0;
    let mut weighs = |topics: Option<ShownTopics>| {
        number += 1;
        let waybill = Waybill { letter: DispatchId([number; 16]), ..body.clone() };
        let (id, due, size) = (waybill.letter, waybill.due, waybill.size);
        let mut docket = Docket::new(&signed_by(seoul, &sites[0], waybill));
        docket.topics = topics;
        let package = docket.to_bytes();
        let offer = Offer { dispatch: id, package_digest: sha256(&[&package]), package, size, due };
        match hub.node.office.weigh(&sites[0].name, &offer, clock()).unwrap() {
            Weighed::Take(_) => None,
            Weighed::Turned(plan, Code::Refused) => match &plan.acts[..] {
                [Act::LetterTaken { refused, .. }] => refused.clone(),
                acts => panic!("{acts:?}"),
            },
            _ => panic!("neither taken nor refused"),
        }
    };
    // A leaf as the sender's log would have it, that says it is about this.
    let of = |topics: &str| {
        let mut draft = LeafDraft { salt: [7; 32], fields: Default::default() };
        draft.fields[FIELD_TOPICS] = topics.as_bytes().to_vec();
        let leaf = draft.entry(&sites[0].origin(), genuine.index).to_vec();
        let salt = draft.open(FIELD_TOPICS as u8).salt;
        ShownTopics { leaf: leaf.into(), index: genuine.index, salt: salt.into(), topics: topics.to_owned() }
    };
    let agreed = genuine.topics.split(' ').next().unwrap();
    let hidden = Some(TOPIC_HIDDEN.to_owned());
    assert_eq!((weighs(Some(genuine.clone())), weighs(Some(of(agreed)))), (None, None));
    for (what, topics) in [
        ("hidden", None),
        ("about the weather", Some(of("weather"))),
        ("partly about the weather", Some(of(&format!("{agreed} weather")))),
        ("about nothing", Some(of(""))),
        ("of another salt", Some(ShownTopics { salt: ByteArray::from([9; 32]), ..genuine.clone() })),
        ("of another leaf", Some(ShownTopics { leaf: of(agreed).leaf, ..genuine.clone() })),
        ("of another place", Some(ShownTopics { index: genuine.index + 1, ..genuine.clone() })),
        ("of other words", Some(ShownTopics { topics: agreed.to_owned(), ..of("weather") })),
    ] {
        assert_eq!(weighs(topics), hidden, "{what}");
    }
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_waits_while_the_hub_holds_that_the_agreement_is_not_in_force_and_goes_afterwards() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    holds_until(&hub, "USA", Some(clock())).await;
    released(&seoul, &KOREA, 1, 70, &sites[2].name).await;
    let owed = until(|| letters(&seoul).into_iter().find(is_package)).await;
    // It offers it, and the hub says each time that it comes later.
    let answered = |hub: &Running| {
        let (offer, _) = seoul.node.office.letter_offer(&owed.id).unwrap().unwrap();
        hub.node.office.weigh(&sites[0].name, &offer, clock()).unwrap()
    };
    assert!(matches!(answered(&hub), Weighed::Declined(Code::NoRoom)));
    assert!(letters(&hub).iter().all(|letter| letter.id != owed.id));
    assert_eq!(seoul.node.office.view.read().letters.get(&owed.id).unwrap().stand, Stand::Owed);
    holds_until(&hub, "USA", None).await;
    assert!(!matches!(answered(&hub), Weighed::Declined(_)));
    // On this connection it would wait a minute.
    hub.stop().await;
    let hub = sites[1].start().await;
    admit(&tokyo, &JAPAN, 1).await;
    receipted(&seoul, 1).await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

/// A letter with a package in it that is as short as a word, with its waybill: what a sender would have to make to hide the topic.
fn disguised(seoul: &Running, from: &Site, to: &Site, sent: &Dispatch) -> (Docket, Offer, Vec<u8>) {
    let (office, id, now) = (&seoul.node.office, DispatchId([5; 16]), clock());
    let outgoing = office.outgoing(sent).unwrap();
    let inner = Offer {
        dispatch: sent.id,
        package: office.papers.cited(&sent.package, "package").unwrap(),
        package_digest: sent.package,
        size: outgoing.container_bytes(),
        due: sent.due,
    };
    let mut text = Frame::Offer(inner).to_wire();
    let mut at = 0;
    while at < outgoing.container_bytes() {
        let here = office.read_outgoing(&outgoing, at, MAX_READ_BYTES).unwrap();
        at += here.len() as u64;
        text.extend(here);
    }
    let length = letter::padded(text.len() as u64);
    text.resize(usize::try_from(length).unwrap(), 0);
    let card = office.card_of(&to.name).unwrap().unwrap();
    let recipient = KemPublic::from_spki_der(&card.kem_key).unwrap();
    let (key, wrapped) = office.custodian.seal_letter(&recipient, &id, now).unwrap();
    let (segment_key, mut tally, mut payload) = (SegmentKey::new(&key).unwrap(), Tally::new(), Vec::new());
    for plain in text.chunks(segment_bytes_for(Some(length)) as usize) {
        let mut sealed = Vec::new();
        tally.append(&segment_key.seal_into(plain, &mut sealed).unwrap()).unwrap();
        payload.extend(sealed);
    }
    let (integrity, outer_digest) = tally.finish(&key);
    let policy = Policy::fresh(Vec::new()).unwrap().to_base64().unwrap();
    let kid = letter::kid(&recipient.key_id(), &id);
    let url = format!("https://{}/kas", to.name);
    let access = KeyAccess::new(KeyAccessKind::HybridWrapped, &url, &kid, &wrapped, &key, &policy);
    let draft = ManifestDraft { key_access: vec![access], policy_base64: policy, assertions: Vec::new() };
    let json = Manifest::new(draft, integrity.clone()).unwrap().to_json().unwrap();
    let size = container_bytes(integrity.payload_bytes(), &json).unwrap();
    let waybill = Waybill {
        letter: id,
        from: from.name.clone(),
        to: to.name.clone(),
        outer_digest,
        manifest_digest: Manifest::digest(&json),
        size,
        hop_limit: 1,
        due: now.plus_hours(24),
    };
    let found = tdf::survey(&mut payload.as_slice(), &integrity).unwrap();
    let frame = tdf::Frame::new(payload.len() as u64, found.crc32, &json).unwrap();
    let container = [frame.head, payload, frame.tail].concat();
    let due = waybill.due;
    let docket = Docket::new(&signed_by(seoul, from, waybill));
    let package = docket.to_bytes();
    let offer = Offer { dispatch: id, package_digest: sha256(&[&package]), package, size, due };
    (docket, offer, container)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_is_hidden_from_the_hub_as_a_word_is_declined_at_the_other_end() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    // Both are away, so that nothing goes by itself.
    tokyo.stop().await;
    holds_until(&hub, "USA", Some(clock())).await;
    released(&seoul, &KOREA, 1, 70, &sites[2].name).await;
    let sent = until(|| seoul.node.office.view.read().dispatches.all_sent().next().cloned()).await;
    let (docket, offered, container) = disguised(&seoul, &sites[0], &sites[2], &sent);
    assert!(offered.size <= WORD_BYTES);
    // The hub takes it for a word.
    assert!(matches!(hub.node.office.weigh(&sites[0].name, &offered, clock()).unwrap(), Weighed::Take(_)));
    let waybill = docket.waybill().unwrap();
    let hop = signed_by(&hub, &sites[1], hop_receipt(&sites[1], waybill.digest(), None));
    let package = docket.with_hop(&hop).to_bytes();
    let offered = Offer { package_digest: sha256(&[&package]), package, ..offered };
    let tokyo = attache_node::node::Node::start(sites[2].parts(sites[2].card.clone())).unwrap();
    let plan = weighed(&tokyo, &sites[1], &offered, &container).unwrap();
    let [Act::LetterTaken { answer: Some(answer), .. }, Act::ArrivalDeclined { dispatch, from, code }] =
        &plan.acts[..]
    else {
        panic!("{:?}", plan.acts)
    };
    assert_eq!((dispatch, from, code.as_str()), (&sent.id, &sites[0].name, TOPIC_HIDDEN));
    let told: &(Digest, Vec<u8>) = plan.papers.iter().find(|(digest, _)| digest == answer).unwrap();
    let Frame::Decline(decline) = Frame::from_bytes(&told.1[4..]).unwrap() else { panic!("not declined") };
    assert_eq!((decline.dispatch, decline.code), (sent.id, Code::Refused));
    tokyo.commit(plan).await.unwrap().unwrap();
    assert_eq!(tokyo.office.view.read().items.arrivals().count(), 0);
    tokyo.shut_down().await;
    seoul.stop().await;
    hub.stop().await;
}
