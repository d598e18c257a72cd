//! Originator control beyond a hub that cannot read: three real nodes, and each opening asked and answered in letters.

use crate::control::{BY_PERSON, BY_RULE, acts, consented, count, opened};
use crate::crossing::{admit, person, receipted, released_under, signed, until};
use crate::nodes::{GRACE, Running, Site, changed, clock};
use crate::relay::{
    JAPAN, KOREA, Three, brought, held, hop, hop_receipt, letters, offer, signed_by, signed_with, three,
    three_under, weighed,
};
use attache_accord::act::Act;
use attache_accord::control::{Control, Recall, Taken, Unopened};
use attache_accord::letters::{Letter, Matter, Stand};
use attache_accord::people::Role;
use attache_accord::{Digest, DispatchId, ItemId};
use attache_courier::Code;
use attache_courier::frame::{self, Decline, Frame};
use attache_node::desk;
use attache_node::engine::Plan;
use attache_node::node::Node;
use attache_node::notices::notice_id;
use attache_node::openings::{Answered, FALSE_ANSWER, NotOpened, Opened};
use attache_node::receipts::Weighing;
use attache_node::relay::{Docket, LETTER_REFUSED};
use attache_release::Pack;
use attache_seal::kem::{KemPublic, KemSecret};
use attache_seal::letter;
use attache_seal::papers::{Answer, Card, Opening, OpeningDecision, OpeningKey, Waybill};
use attache_seal::statement::Signed;
use attache_seal::tdf::{
    self, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, SegmentKey, Tally, open_segments, survey,
};
use attache_seal::wrap::unwrap_hybrid;
use std::sync::Arc;
use tokio::task::JoinHandle;

const SIZE: usize = 70_000;
const PURPOSE: &str = "warning of the north coast (fictitious)";

/// Three nodes; Tokyo holds one item that Seoul controls, which came by the hub.
async fn scene(control: Control) -> (Three, ItemId) {
    with_item(three().await, control).await
}

async fn with_item(three: Three, control: Control) -> (Three, ItemId) {
    released_under(&three.seoul, &KOREA, 1, SIZE, &three.sites[2].name, Some(control)).await;
    admit(&three.tokyo, &JAPAN, 1).await;
    receipted(&three.seoul, 1).await;
    let item = three.tokyo.node.office.view.read().items.iter().next().unwrap().id;
    (three, item)
}

async fn open(tokyo: &Running, item: ItemId) -> Result<Opened, NotOpened> {
    tokyo.node.open_item(&person(Role::DeskOfficer), item, PURPOSE).await
}

async fn opens(tokyo: &Running, item: ItemId) {
    let mut bytes = 0;
    let opened = open(tokyo, item).await.unwrap_or_else(|why| panic!("{why}"));
    opened
        .reading
        .each_segment(|plain| {
            bytes += plain.len();
            plain.iter().all(|byte| *byte == 1)
        })
        .unwrap();
    assert_eq!(bytes, SIZE);
}

/// A reader who waits; who it is that waits goes with the task.
fn reader(tokyo: &Running, item: ItemId) -> JoinHandle<Result<Opened, NotOpened>> {
    let node = Arc::clone(&tokyo.node);
    tokio::spawn(async move { node.open_item(&person(Role::DeskOfficer), item, PURPOSE).await })
}

async fn decide(seoul: &Running, answer: Answer) {
    let request = {
        let view = seoul.node.office.view.read();
        let mut waiting = view.controls.openings().filter(|asked| asked.answer.is_none());
        waiting.next().unwrap().request
    };
    let decision = OpeningDecision { request, answer, reason: "as asked".into() };
    let signed = signed(seoul, Role::DisclosureOfficer, decision);
    let step = seoul.node.office.decide_opening(clock(), &signed).unwrap_or_else(|why| panic!("{why}"));
    seoul.node.commit(step.plan).await.unwrap().unwrap();
}

async fn recall(three: &Three) -> Digest {
    says(three, Taken::Back {}).await
}

async fn says(three: &Three, taken: Taken) -> Digest {
    let (item_digest, dispatch) = {
        let view = three.seoul.node.office.view.read();
        let sent = view.dispatches.all_sent().next().unwrap().clone();
        (view.items.get(&sent.item).unwrap().item_digest, sent.id)
    };
    let (to, document) = (three.sites[2].name.clone(), "letter 9 (fictitious)".to_owned());
    let recall = Recall { item_digest, dispatch, to, taken, document };
    let signed = signed(&three.seoul, Role::DisclosureOfficer, recall);
    let pack = Arc::clone(&three.seoul.node.office.pack);
    three.seoul.node.carry_out(|view, now| desk::recall(view, &pack, now, &signed)).await.unwrap();
    signed.digest()
}

fn asked(act: &Act) -> bool {
    matches!(act, Act::OpeningAsked { .. })
}

/// The letters of a node about requests to open.
fn requests(running: &Running) -> Vec<Letter> {
    let all = letters(running).into_iter();
    all.filter(|letter| matches!(letter.matter, Some(Matter::Opening(_)))).collect()
}

/// The letter in which a node answers another one.
fn answer_to(running: &Running, asking: &Letter) -> Option<Letter> {
    letters(running).into_iter().find(|letter| letter.matter == Some(Matter::Answer(asking.id)))
}

/// The newest request of Tokyo's, and its letter once the hub holds or has given it on.
async fn underway(tokyo: &Running, hub: &Running) -> Letter {
    until(|| {
        let letter = requests(tokyo).into_iter().max_by_key(|letter| letter.index)?;
        letters(hub).into_iter().find(|carried| carried.id == letter.id && carried.hop.is_some())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_opening_is_asked_and_answered_in_letters_of_which_the_hub_learns_nothing() {
    let three = three().await;
    let since = [&three.hub, &three.tokyo].map(|running| running.node.office.view.read().size);
    let (three, item) = with_item(three, BY_RULE).await;
    opens(&three.tokyo, item).await;
    opens(&three.tokyo, item).await;
    assert_eq!((count(&three.tokyo, opened), count(&three.seoul, consented)), (2, 2));
    assert_eq!(requests(&three.tokyo).len(), 2, "one letter an opening");
    let kinds: Vec<_> = {
        let shown = |letter: &Letter| three.seoul.node.office.letter_shown(letter).unwrap().about;
        letters(&three.seoul).iter().filter_map(|letter| Some(shown(letter)?.0)).collect()
    };
    assert_eq!(kinds.iter().filter(|kind| **kind == "opening").count(), 2, "{kinds:?}");
    let (at_hub, at_tokyo) = (held(&three.hub, since[0]), held(&three.tokyo, since[1]));
    let is_in = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|found| found == part);
    for marker in [PURPOSE, person(Role::DeskOfficer).as_str()] {
        assert!(is_in(&at_tokyo, marker.as_bytes()), "{marker} is not where it must be");
        assert!(!is_in(&at_hub, marker.as_bytes()), "{marker} is at the hub");
    }
    let item_digest = three.tokyo.node.office.view.read().items.get(&item).unwrap().item_digest;
    let named = acts(&three.tokyo).into_iter().filter_map(|act| match act {
        Act::OpeningAsked { request, .. } => Some(request),
        _ => None,
    });
    for digest in named.chain([item_digest]) {
        assert!(is_in(&at_tokyo, digest.as_bytes()) && !is_in(&at_hub, digest.as_bytes()));
    }
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_decides_an_opening_that_was_asked_in_a_letter() {
    let (three, item) = scene(BY_PERSON).await;
    for _ in 0..2 {
        let why = open(&three.tokyo, item).await.err().unwrap();
        assert!(matches!(why, NotOpened::Waits), "{why}");
    }
    decide(&three.seoul, Answer::Approve).await;
    opens(&three.tokyo, item).await;
    assert_eq!(count(&three.tokyo, asked), 1, "the same request stood");
    assert!(matches!(open(&three.tokyo, item).await, Err(NotOpened::Waits)), "one consent, one opening");
    decide(&three.seoul, Answer::Refuse).await;
    let why = open(&three.tokyo, item).await.err().unwrap();
    assert!(matches!(why, NotOpened::Originator(Unopened::Person)), "{why}");
    assert_eq!((count(&three.tokyo, opened), count(&three.seoul, consented)), (1, 1));
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recalled_after_a_person_consented_does_not_open_by_any_letter() {
    let (three, item) = scene(BY_PERSON).await;
    assert!(matches!(open(&three.tokyo, item).await, Err(NotOpened::Waits)));
    decide(&three.seoul, Answer::Approve).await;
    let statement = recall(&three).await;
    // Custody of the originator lends nothing, or the recall has come; whichever letter is the faster one.
    assert!(open(&three.tokyo, item).await.is_err());
    until(|| three.tokyo.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    assert!(open(&three.tokyo, item).await.is_err());
    assert_eq!(count(&three.tokyo, opened), 0);
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_reader_has_gone_lies_ready_and_a_recall_that_came_keeps_it_closed() {
    let (Three { sites, seoul, hub, tokyo }, item) = scene(BY_RULE).await;
    seoul.stop().await;
    let gone = reader(&tokyo, item);
    underway(&tokyo, &hub).await;
    gone.abort();
    let seoul = sites[0].start().await;
    // The answer came, and nobody waits.
    let asking = requests(&tokyo)[0].clone();
    let (first, answer) = (asking.id, until(|| answer_to(&seoul, &asking)).await);
    until(|| letters(&tokyo).iter().any(|came| came.id == answer.id).then_some(())).await;
    assert_eq!(count(&tokyo, opened), 0);
    let three = Three { sites, seoul, hub, tokyo };
    opens(&three.tokyo, item).await;
    assert_eq!((count(&three.tokyo, asked), requests(&three.tokyo).len()), (1, 1), "nothing was asked again");

    // Another answer lies ready. What its originator says of the item before the reader comes back makes it ask again.
    let gone = reader(&three.tokyo, item);
    let asking = until(|| {
        requests(&three.tokyo).into_iter().max_by_key(|letter| letter.index).filter(|last| last.id != first)
    })
    .await;
    gone.abort();
    let answer = until(|| answer_to(&three.seoul, &asking)).await;
    until(|| letters(&three.tokyo).iter().any(|came| came.id == answer.id).then_some(())).await;
    let statement = says(&three, Taken::ToLevel { level: "KOR:III".parse().unwrap() }).await;
    until(|| three.tokyo.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    opens(&three.tokyo, item).await;
    assert_eq!(requests(&three.tokyo).len(), 3);
    // A recall that came keeps it closed, whatever lies ready.
    let statement = says(&three, Taken::Back {}).await;
    until(|| three.tokyo.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    let before = count(&three.tokyo, opened);
    assert!(open(&three.tokyo, item).await.is_err());
    assert_eq!(count(&three.tokyo, opened), before);
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_hub_is_away_a_request_waits_and_it_is_answered_once_the_hub_is_back() {
    let (Three { sites, seoul, hub, tokyo }, item) = scene(BY_RULE).await;
    hub.stop().await;
    let why = open(&tokyo, item).await.err().unwrap();
    assert!(matches!(why, NotOpened::Asked), "{why}");
    let [letter] = &requests(&tokyo)[..] else { panic!("one letter") };
    assert_eq!(letter.stand, Stand::Owed);
    // A hub that goes down with the letter gives it on when it is back.
    let hub = sites[1].start().await;
    opens(&tokyo, item).await;
    assert_eq!((count(&tokyo, asked), count(&tokyo, opened), count(&seoul, consented)), (1, 1, 1));
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_terms_let_it_be_a_consent_that_came_in_a_letter_serves_while_the_hub_is_away() {
    let pack = || changed(&Pack::tisa_2014_blind(), "[utc_offset_hours]", GRACE);
    let (Three { sites, seoul, hub, tokyo }, item) = with_item(three_under(pack).await, BY_RULE).await;
    opens(&tokyo, item).await;
    hub.stop().await;
    opens(&tokyo, item).await;
    let untold = || tokyo.node.office.view.read().controls.untold(&sites[0].name).count();
    assert_eq!((count(&tokyo, opened), count(&seoul, consented), untold()), (2, 1, 1));
    // Its originator is told in a letter, and what it answers ends it.
    let hub = sites[1].start().await;
    until(|| (untold() == 0).then_some(())).await;
    let noted = |act: &Act| matches!(act, Act::OpeningDecided { refused: Some(Unopened::Noted), .. });
    let raised = |act: &Act| matches!(act, Act::IncidentRaised { .. });
    assert_eq!((count(&seoul, noted), count(&seoul, raised)), (1, 0));
    // The request that waited for the hub was answered as well, and is used next.
    opens(&tokyo, item).await;
    assert_eq!((count(&tokyo, opened), count(&seoul, consented)), (3, 2));
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_letter_that_asks_is_not_taken_a_reader_is_told_so() {
    let (Three { sites, seoul, hub, tokyo }, item) = scene(BY_RULE).await;
    hub.stop().await;
    let waits = reader(&tokyo, item);
    let letter = until(|| requests(&tokyo).pop()).await;
    // What its hub signs where the other end is of an older build, or where it does not carry it.
    let body = hop_receipt(&sites[1], letter.waybill, Some(LETTER_REFUSED));
    let office = &tokyo.node.office;
    let refusal = signed_with(&sites[1].keyring().node, office, &sites[1], body).to_bytes();
    let Weighing::Keep(plan) = office.weigh_receipt(&sites[1].name, &letter.id, &refusal).unwrap() else {
        panic!("the refusal is not kept")
    };
    tokyo.node.commit(plan).await.unwrap().unwrap();
    let why = waits.await.unwrap().err().unwrap();
    assert!(matches!(why, NotOpened::ByHub), "{why}");
    let hub = sites[1].start().await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

/// What is in a letter of `from`, opened with the keys that rest at its recipient.
fn inside(at: &Node, letter: &Letter, (offer, container): &(frame::Offer, Vec<u8>)) -> Vec<u8> {
    let mut container = tdf::Container::open(std::io::Cursor::new(container.clone())).unwrap();
    let manifest = container.manifest().clone();
    let [access] = &manifest.key_access[..] else { panic!("one key") };
    let (kid, wrapped) = (access.kid.as_deref().unwrap(), access.wrapped_key_bytes().unwrap());
    let key = at.office.custodian.open_letter(&letter.id, kid, &wrapped).unwrap();
    let mut plain = Vec::new();
    let next = |sealed: &mut Vec<u8>| container.next_sealed(sealed);
    let take = |part: &[u8]| {
        plain.extend_from_slice(part);
        Ok::<_, tdf::TdfError>(())
    };
    open_segments(&key, &manifest.integrity, None, next, take).unwrap();
    assert_eq!(offer.dispatch, letter.id);
    plain
}

fn message(plain: &[u8]) -> Frame {
    let length = u32::from_be_bytes(plain[..4].try_into().unwrap()) as usize;
    Frame::from_bytes(&plain[4..4 + length]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_share_in_a_letter_opens_with_no_key_that_rests_and_after_a_restart_the_same_request_is_answered_anew()
 {
    let (Three { sites, seoul, hub, tokyo }, item) = scene(BY_RULE).await;
    // The request reaches the hub while Seoul is away, and its answer while Tokyo is.
    seoul.stop().await;
    let waits = reader(&tokyo, item);
    let request = underway(&tokyo, &hub).await;
    waits.abort();
    tokyo.stop().await;
    // The hub is restarted with it.
    hub.stop().await;
    let hub = sites[1].start().await;
    let seoul = sites[0].start().await;
    let answering = until(|| {
        let answer = answer_to(&seoul, &request)?;
        letters(&hub).into_iter().find(|carried| carried.id == answer.id && carried.hop.is_some())
    })
    .await;
    let resting = brought(&hub, &answering);
    // Whoever has the hub's backup and, later, every key of all three nodes that rests.
    let tokyo = Node::start(sites[2].parts(sites[2].card.clone())).unwrap();
    let Frame::OpeningAnswer(answer) = message(&inside(&tokyo, &answering, &resting)) else {
        panic!("an answer")
    };
    let share = answer.share.unwrap();
    let keys =
        || sites.iter().flat_map(|site| std::iter::once(site.keyring().kem).chain(site.keyring().retired));
    assert!(keys().all(|secret: KemSecret| unwrap_hybrid(&secret, &share).is_err()));
    // The control: each of the shares in the manifests that rest opens with one of them.
    let manifest = {
        let found = tokyo.office.view.read().items.get(&item).unwrap().manifest;
        Manifest::from_json(&tokyo.office.papers.cited(&found, "manifest").unwrap()).unwrap()
    };
    for access in &manifest.key_access {
        let wrapped = access.wrapped_key_bytes().unwrap();
        assert!(keys().any(|secret| unwrap_hybrid(&secret, &wrapped).is_ok()));
    }
    tokyo.shut_down().await;
    drop(tokyo);
    let tokyo = sites[2].start().await;
    until(|| letters(&tokyo).iter().any(|letter| letter.id == answering.id).then_some(())).await;
    opens(&tokyo, item).await;
    assert_eq!((count(&tokyo, asked), requests(&tokyo).len()), (1, 2), "one request, in two letters");
    assert_eq!((count(&seoul, consented), count(&tokyo, opened)), (1, 1), "with one answer");
    Three { sites, seoul, hub, tokyo }.stop().await;
}

/// A letter of `by` in the name of `from` for Seoul, with any message, as the hub would bring it.
fn written(three: &Three, by: &Running, from: &Site, number: u8, message: &[u8]) -> (frame::Offer, Vec<u8>) {
    let (id, office) = (DispatchId([number; 16]), &by.node.office);
    let card = three.sites[0].card.dangerously_unverified::<Card>().unwrap().body;
    let recipient = KemPublic::from_spki_der(&card.kem_key).unwrap();
    let (key, wrapped) = office.custodian.seal_letter(&recipient, &id, clock()).unwrap();
    let mut plain = message.to_vec();
    plain.resize(usize::try_from(letter::padded(plain.len() as u64)).unwrap(), 0);
    let (mut tally, mut sealed) = (Tally::new(), Vec::new());
    tally.append(&SegmentKey::new(&key).unwrap().seal_into(&plain, &mut sealed).unwrap()).unwrap();
    let (integrity, outer_digest) = tally.finish(&key);
    let policy = Policy::fresh(Vec::new()).unwrap().to_base64().unwrap();
    let kid = letter::kid(&recipient.key_id(), &id);
    let access =
        KeyAccess::new(KeyAccessKind::HybridWrapped, "https://seoul.kor", &kid, &wrapped, &key, &policy);
    let draft = ManifestDraft { key_access: vec![access], policy_base64: policy, assertions: Vec::new() };
    let json = Manifest::new(draft, integrity.clone()).unwrap().to_json().unwrap();
    let crc32 = survey(&mut sealed.as_slice(), &integrity).unwrap().crc32;
    let around = tdf::Frame::new(sealed.len() as u64, crc32, &json).unwrap();
    let container = [around.head, sealed, around.tail].concat();
    let waybill = Waybill {
        letter: id,
        from: from.name.clone(),
        to: three.sites[0].name.clone(),
        outer_digest,
        manifest_digest: Manifest::digest(&json),
        size: container.len() as u64,
        hop_limit: 1,
        due: clock().plus_hours(24),
    };
    let due = waybill.due;
    let waybill = signed_by(by, from, waybill);
    let docket = Docket::new(&waybill).with_hop(&hop(&three.hub, &three.sites[1], &waybill, None));
    let like = letters(&three.seoul)[0].clone();
    (offer(&Letter { id, due, ..like }, docket.to_bytes(), container.len()), container)
}

/// What Seoul's node makes of such a letter: the plan, and the code with which it declines what is in it.
fn heard(three: &Three, (offer, container): &(frame::Offer, Vec<u8>)) -> (Plan, Option<Code>) {
    let plan = weighed(&three.seoul.node, &three.sites[1], offer, container).unwrap();
    let Some(Act::LetterTaken { answer, .. }) = plan.acts.first() else { panic!("{:?}", plan.acts) };
    let paper =
        answer.map(|answer| plan.papers.iter().find(|(digest, _)| *digest == answer).unwrap().1.clone());
    let code = match paper.and_then(|paper| Frame::from_bytes(paper.get(4..)?).ok()) {
        Some(Frame::Decline(Decline { code, .. })) => Some(code),
        _ => None,
    };
    (plan, code)
}

fn is_breach(plan: &Plan, node: &Site) -> bool {
    plan.acts.iter().any(|act| {
        matches!(act, Act::BreachRecorded { node: found, code, .. } if *found == node.name && code == FALSE_ANSWER)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_a_letter_counts_with_its_own_key_from_its_own_node_only() {
    let (three, item) = scene(BY_RULE).await;
    let (tokyo, hub) = (&three.tokyo, &three.hub);
    let (item_digest, dispatch) = {
        let view = tokyo.node.office.view.read();
        let found = view.items.get(&item).unwrap();
        (found.item_digest, *found.controlled().unwrap().1)
    };
    let asked = |by: &Running| {
        let body = Opening {
            item_digest,
            dispatch,
            person: person(Role::DeskOfficer),
            purpose: PURPOSE.to_owned(),
            ruling_leaf: Digest([7; 32]),
            ruling_index: 7,
            until: clock().plus_hours(1),
            under: None,
        };
        signed_by(by, &three.sites[2], body)
    };
    let kem_key = KemSecret::generate().unwrap().public().to_spki_der();
    let key = |by: &Running, request: &Signed| {
        let body = OpeningKey { request: request.digest(), kem_key: kem_key.clone() };
        signed_by(by, &three.sites[2], body)
    };
    let frame = |request: &Signed, key: Option<&Signed>| {
        let key = key.map(|key| key.to_bytes().into());
        let id = notice_id(&request.digest());
        Frame::Opening(frame::Opening { id, request: request.to_bytes(), key }).to_wire()
    };
    let request = asked(tokyo);
    let by_tokyo = |number, message: &[u8]| written(&three, tokyo, &three.sites[2], number, message);

    let bare = by_tokyo(0x11, &frame(&request, None));
    let (plan, code) = heard(&three, &bare);
    assert_eq!(
        (plan.acts.len(), code),
        (1, Some(Code::Refused)),
        "a share would rest under a key that rests"
    );
    let other = asked(hub);
    for (number, what, message) in [
        (0x12, "for another request", frame(&request, Some(&key(tokyo, &other)))),
        (0x13, "no statement", {
            let id = notice_id(&request.digest());
            let key = Some(vec![1, 2, 3].into());
            Frame::Opening(frame::Opening { id, request: request.to_bytes(), key }).to_wire()
        }),
    ] {
        let (plan, code) = heard(&three, &by_tokyo(number, &message));
        assert!(is_breach(&plan, &three.sites[2]) && code == Some(Code::Refused), "a key {what}");
    }
    // Of keys that no card names it may be said that a later one will.
    for (number, message) in
        [(0x14, frame(&request, Some(&key(hub, &request)))), (0x15, frame(&other, Some(&key(tokyo, &other))))]
    {
        let (plan, code) = heard(&three, &by_tokyo(number, &message));
        assert_eq!((plan.acts.len(), code), (1, Some(Code::OtherCard)));
    }
    // The hub writes letters in nobody's name.
    let good = frame(&request, Some(&key(tokyo, &request)));
    let (offer, container) = written(&three, hub, &three.sites[2], 0x16, &good);
    assert_eq!(
        weighed(&three.seoul.node, &three.sites[1], &offer, &container).unwrap_err(),
        Some(Code::OtherCard)
    );

    // The control: it is answered once however often it comes, and a letter that comes twice is here already.
    for number in [0x17, 0x18] {
        let letter = by_tokyo(number, &good);
        let (plan, code) = heard(&three, &letter);
        assert_eq!(code, None);
        three.seoul.node.commit(plan).await.unwrap().unwrap();
        assert_eq!(weighed(&three.seoul.node, &three.sites[1], &letter.0, &letter.1).unwrap_err(), None);
    }
    assert_eq!(count(&three.seoul, consented), 1);
    three.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_hub_is_believed_in_nothing() {
    let (Three { sites, seoul, hub, tokyo }, item) = scene(BY_RULE).await;
    seoul.stop().await;
    let waits = reader(&tokyo, item);
    underway(&tokyo, &hub).await;
    let Some(Matter::Opening(request)) = requests(&tokyo)[0].matter else { panic!("a request") };
    let answer = |by: &Running, site: &Site| {
        let body =
            attache_seal::papers::OpeningAnswer { request, refused: None, until: clock().plus_hours(1) };
        let answer = signed_by(by, site, body).to_bytes();
        frame::OpeningAnswer { id: notice_id(&request), answer, share: Some(vec![1; 64].into()) }
    };
    for site in [&sites[1], &sites[0]] {
        for from in [&sites[1], &sites[0]] {
            let weighed =
                tokyo.node.office.weigh_opening_answer(&from.name, &request, answer(&hub, site), clock());
            match weighed.unwrap() {
                Answered::False(plan) => assert!(is_breach(&plan, from)),
                // It was not asked.
                Answered::Kept => assert!(from.name == sites[1].name && site.name == sites[1].name),
                Answered::Keep(..) => panic!("believed"),
            }
        }
    }
    let seoul = sites[0].start().await;
    assert!(waits.await.unwrap().is_ok(), "and the true one comes");
    Three { sites, seoul, hub, tokyo }.stop().await;
}
