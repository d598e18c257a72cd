//! What a hub may not do, however it lies: to the recipient with a chain that does not hold, to the originator with words that are not
//! true, and to both by silence.

use crate::crossing::{
    JAPAN, KOREA, Nation, admit, approved, assured, owed_by, pair, person, receipted, released, signed,
    staff, until,
};
use crate::nodes::{Running, Site, clock, is, site_under};
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::control::{Recall, Taken};
use attache_accord::dispatch::Dispatch;
use attache_accord::item::Item;
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, PASSAGE_OVERDUE, Standing};
use attache_accord::people::Role;
use attache_accord::view::Ask;
use attache_accord::{CaseId, Digest, DispatchId, ItemId, Timestamp};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_node::arrival::{Verified, Weighed};
use attache_node::chores::Chores;
use attache_node::desk;
use attache_node::engine::Plan;
use attache_node::link::State;
use attache_node::node::Node;
use attache_node::notices::{FALSE_NOTICE, FALSE_PASSAGE, Noting, notice_id};
use attache_release::Pack;
use attache_release::rule;
use attache_seal::label::{self, LABEL_ID};
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{self, Admission, Hop, Notice, PASSAGE_ID, Package, Passage, Receipt};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_seal::tdf::{Assertion, Container, Frame, Manifest, ManifestDraft};
use std::io::Cursor;
use std::sync::Arc;

pub const AMERICA: Nation = Nation { party: "USA", level: "USA:SECRET" };
/// What the hub's people decide of the first item.
pub const PASSED: CaseId = CaseId([0x71; 16]);

pub struct Three {
    pub seoul: Site,
    pub tokyo: Site,
    pub washington: Site,
    pub at_seoul: Running,
    pub at_tokyo: Running,
    pub at_washington: Running,
}

impl Three {
    pub async fn new() -> Self {
        let site = |name: &str, party: &str| site_under(name, party, Pack::tisa_2014());
        let (seoul, tokyo) = (site("seoul.kor", "KOR"), site("tokyo.jpn", "JPN"));
        let washington = site("washington.usa", "USA");
        let at_seoul = seoul.start().await;
        let at_tokyo = tokyo.start().await;
        let at_washington = washington.start().await;
        for (at, nation) in [(&at_seoul, &KOREA), (&at_tokyo, &JAPAN), (&at_washington, &AMERICA)] {
            staff(at, nation).await;
        }
        let all = [(&at_seoul, &seoul), (&at_tokyo, &tokyo), (&at_washington, &washington)];
        for (at, site) in all {
            for (_, other) in all.into_iter().filter(|(_, other)| other.name != site.name) {
                at.accept(other).await;
            }
        }
        for (at, site) in all {
            for (other, _) in all.into_iter().filter(|(_, other)| other.name != site.name) {
                assured(at, other).await;
            }
        }
        at_seoul.shows(is(State::Connected)).await;
        Self { seoul, tokyo, washington, at_seoul, at_tokyo, at_washington }
    }

    /// Gives item `id` to Washington, which admits it.
    pub async fn given(&self, id: u8) -> Item {
        released(&self.at_seoul, &KOREA, id, 64, &self.washington.name).await;
        admit(&self.at_washington, &AMERICA, 1).await;
        receipted(&self.at_seoul, usize::from(id)).await;
        let digest = item_digest(&self.at_seoul, ItemId([id; 16]));
        let view = self.at_washington.node.office.view.read();
        view.items.iter().find(|item| item.item_digest == digest).unwrap().clone()
    }

    /// Seoul approves that Washington passes it on to that Party.
    pub async fn let_go(&self, item_digest: Digest, to: &str, until_at: Option<Timestamp>) -> Digest {
        let what = Approved::ThirdParty(to.parse().unwrap());
        let step = Step::Given { what, until: until_at };
        self.said(item_digest, step).await
    }

    pub async fn said(&self, item_digest: Digest, step: Step) -> Digest {
        let (to, document) = (self.washington.name.clone(), "letter 7 (fictitious)".to_owned());
        let consent = Consent { item_digest, to, step, document };
        let pack = Arc::clone(&self.at_seoul.node.office.pack);
        let consent = papers::Consent { consent, words: String::new() };
        let signed = signed(&self.at_seoul, Role::DisclosureOfficer, consent);
        let make = |view: &_, now| desk::consent(view, &pack, now, &signed);
        self.at_seoul.node.carry_out(make).await.unwrap();
        let digest = signed.digest();
        until(|| self.at_washington.node.office.view.read().consents.get(&digest).map(|_| ())).await;
        digest
    }

    pub async fn end(self) {
        self.at_seoul.stop().await;
        self.at_tokyo.stop().await;
        self.at_washington.stop().await;
    }
}

fn item_digest(running: &Running, item: ItemId) -> Digest {
    running.node.office.view.read().items.get(&item).unwrap().item_digest
}

/// A statement under the agreement of that node, signed with a key in a name.
pub fn said_as<B: Body>(
    running: &Running,
    signer: &str,
    key: &SigningPair,
    at: Timestamp,
    body: B,
) -> Signed {
    let office = &running.node.office;
    let head = Head {
        network: office.identity.network,
        agreement: office.identity.agreement.clone(),
        pack: office.pack.digest(),
        signer: signer.to_owned(),
        key: key.verifying().key_id(),
        at,
    };
    Signed::seal(&Statement { head, body }, key).unwrap()
}

fn paper(running: &Running, digest: &Digest) -> Vec<u8> {
    running.node.office.papers.cited(digest, "paper").unwrap()
}

/// Tokyo's node without its link, and what the hub made for it, to be altered.
struct Scene {
    seoul: Site,
    washington: Site,
    at_seoul: Running,
    at_washington: Running,
    tokyo: Arc<Node>,
    package: Package,
    bytes: Vec<u8>,
    passage: Passage,
}

impl Scene {
    async fn set() -> Self {
        let three = Three::new().await;
        let item = three.given(1).await;
        three.let_go(item.item_digest, "JPN", None).await;
        let Three { seoul, tokyo, washington, at_seoul, at_tokyo, at_washington } = three;
        at_tokyo.stop().await;
        approved(&at_washington, item.id, PASSED, &tokyo.name).await;
        let sent = owed_by(&at_washington, 1).await.remove(0);
        let office = &at_washington.node.office;
        let signed = Signed::from_bytes(&paper(&at_washington, &sent.package)).unwrap();
        let package = signed.dangerously_unverified::<Package>().unwrap().body;
        let outgoing = office.outgoing(&sent).unwrap();
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < outgoing.container_bytes() {
            bytes.extend(office.read_outgoing(&outgoing, bytes.len() as u64, 4096).unwrap());
        }
        let passage = Passage::from_assertion(&assertion(&bytes, PASSAGE_ID)).unwrap();
        let tokyo = Node::start(tokyo.parts(tokyo.card.clone())).unwrap();
        Self { seoul, washington, at_seoul, at_washington, tokyo, package, bytes, passage }
    }

    fn label(&self) -> Assertion {
        assertion(&self.bytes, LABEL_ID)
    }

    /// What Tokyo answers to the item under these assertions, in a package that the hub signs and that comes at `at`.
    fn brought(&self, assertions: Vec<Assertion>, at: Timestamp) -> Result<Vec<Act>, Code> {
        let mut container = Container::open(Cursor::new(self.bytes.as_slice())).unwrap();
        let manifest = container.manifest().clone();
        let draft = ManifestDraft {
            key_access: manifest.key_access.clone(),
            policy_base64: manifest.policy_base64.clone(),
            assertions,
        };
        let json = manifest.rewrapped(draft).unwrap().to_json().unwrap();
        let mut sealed = Vec::new();
        assert!(container.next_sealed(&mut sealed).unwrap());
        let length = sealed.len();
        while container.next_sealed(&mut Vec::new()).unwrap() {}
        let frame = Frame::new(length as u64, container.payload_crc32(), &json).unwrap();
        let bytes = [frame.head.as_slice(), &sealed, &frame.tail].concat();
        let package = Package {
            size: bytes.len() as u64,
            manifest_digest: Manifest::digest(&json),
            ..self.package.clone()
        };
        let hub = &self.washington.keyring().label;
        let signed = said_as(&self.at_washington, self.washington.name.as_str(), hub, at, package.clone());
        let offer = Offer {
            dispatch: package.dispatch,
            package: signed.to_bytes(),
            package_digest: signed.digest(),
            size: package.size,
            due: at.plus_hours(24),
        };
        let (office, from) = (&self.tokyo.office, &self.washington.name);
        let mut coming = match office.weigh(from, &offer, at).unwrap() {
            Weighed::Take(coming) => coming,
            Weighed::Declined(code) => return Err(code),
            _ => panic!("it is new"),
        };
        coming.append(&bytes).unwrap();
        match office.verify_arrival(*coming, signed.to_bytes(), at).unwrap() {
            Verified::Taken(plan) => Ok(plan.acts),
            Verified::Discarded(plan, code) => {
                let [Act::ArrivalDeclined { code: recorded, .. }] = &plan.acts[..] else {
                    panic!("{:?}", plan.acts)
                };
                assert_eq!(*recorded, code.to_string());
                Err(code)
            }
        }
    }

    /// The same with another chain.
    fn chained(&self, passage: &Passage) -> Result<Vec<Act>, Code> {
        self.brought(vec![self.label(), passage.to_assertion().unwrap()], clock())
    }

    fn refuses(&self, what: &str, passage: &Passage) {
        assert_eq!(self.chained(passage), Err(Code::ChainBroken), "{what}");
    }

    /// What Seoul would say to let the item go to that Party.
    fn consent(&self, to: &str) -> Consent {
        Consent {
            item_digest: self.package.item_digest,
            to: self.washington.name.clone(),
            step: Step::Given { what: Approved::ThirdParty(to.parse().unwrap()), until: None },
            document: "letter 7 (fictitious)".to_owned(),
        }
    }

    /// A chain with this approval, brought by `node`'s key as Seoul's node.
    fn approving(&self, consent: Consent, node: &SigningPair, at: Timestamp) -> Passage {
        let keys = pair(Role::DisclosureOfficer);
        let inner = papers::Consent { consent, words: String::new() };
        let by = person(Role::DisclosureOfficer);
        let statement = said_as(&self.at_seoul, by.as_str(), &keys, at, inner).to_bytes();
        let notice = Notice { statement, verifying: keys.verifying().clone() };
        let consent = said_as(&self.at_seoul, self.seoul.name.as_str(), node, at, notice).to_bytes();
        Passage { consent, ..self.passage.clone() }
    }

    async fn end(self) {
        self.tokyo.shut_down().await;
        self.at_seoul.stop().await;
        self.at_washington.stop().await;
    }
}

fn assertion(container: &[u8], id: &str) -> Assertion {
    let container = Container::open(Cursor::new(container)).unwrap();
    container.manifest().assertions.iter().find(|assertion| assertion.id == id).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_takes_what_was_passed_on_by_the_whole_chain_and_by_no_part_of_it() {
    let scene = Scene::set().await;
    let acts = scene.chained(&scene.passage).unwrap();
    let [Act::ArrivalVerified { .. }, Act::PassageVerified { origin, level, basis, .. }] = &acts[..] else {
        panic!("{acts:?}")
    };
    let found = (origin.as_str(), level.to_string(), basis.as_str());
    assert_eq!(found, ("seoul.kor", "USA:SECRET".to_owned(), "kor-usa-1987"));

    assert_eq!(scene.brought(vec![scene.label()], clock()), Err(Code::ChainBroken), "no chain at all");
    let mut cut = scene.passage.to_assertion().unwrap();
    cut.statement.format = "cbor".to_owned();
    assert_eq!(scene.brought(vec![scene.label(), cut], clock()), Err(Code::ChainBroken), "in another form");
    let honest = &scene.passage;
    for (what, passage) in [
        ("no package", Passage { package: Vec::new(), ..honest.clone() }),
        ("no approval", Passage { consent: Vec::new(), ..honest.clone() }),
        ("no receipt", Passage { receipt: Vec::new(), ..honest.clone() }),
        ("a receipt for a package", Passage { package: honest.receipt.clone(), ..honest.clone() }),
        (
            "another level than receipted",
            Passage { level: "USA:CONFIDENTIAL".parse().unwrap(), ..honest.clone() },
        ),
        ("another Party's level", Passage { level: "KOR:II".parse().unwrap(), ..honest.clone() }),
    ] {
        scene.refuses(what, &passage);
    }
    for at in (0..honest.consent.len()).step_by(97) {
        let mut passage = honest.clone();
        passage.consent[at] ^= 1;
        scene.refuses("one bit of the approval", &passage);
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_counts_for_its_item_its_party_and_its_days_and_from_its_originator() {
    let scene = Scene::set().await;
    let (seoul, hub) = (scene.seoul.keyring().node, scene.washington.keyring().node);
    let now = clock();
    let honest = scene.approving(scene.consent("JPN"), &seoul, now);
    assert!(scene.brought(vec![scene.label(), honest.to_assertion().unwrap()], now.plus_millis(1)).is_ok());

    scene.refuses("another Party", &scene.approving(scene.consent("USA"), &seoul, now));
    let other_item = Consent { item_digest: Digest([9; 32]), ..scene.consent("JPN") };
    scene.refuses("another item", &scene.approving(other_item, &seoul, now));
    let other_hub = Consent { to: scene.seoul.name.clone(), ..scene.consent("JPN") };
    scene.refuses("another holder", &scene.approving(other_hub, &seoul, now));
    let asked = Step::Asked { what: Approved::ThirdParty("JPN".parse().unwrap()) };
    let only_asked = Consent { step: asked, ..scene.consent("JPN") };
    scene.refuses("asked for only", &scene.approving(only_asked, &seoul, now));
    scene.refuses("invented by the hub", &scene.approving(scene.consent("JPN"), &hub, now));
    let until = now.plus_hours(1);
    let what = Approved::ThirdParty("JPN".parse().unwrap());
    let limited = Consent { step: Step::Given { what, until: Some(until) }, ..scene.consent("JPN") };
    let limited = scene.approving(limited, &seoul, now).to_assertion().unwrap();
    let comes = |at| scene.brought(vec![scene.label(), limited.clone()], at);
    assert!(comes(Timestamp(until.0 - 1)).is_ok());
    assert_eq!(comes(until), Err(Code::ChainBroken), "lapsed");
    scene.refuses("given afterwards", &scene.approving(scene.consent("JPN"), &seoul, now.plus_hours(1)));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_believes_no_label_of_the_hubs_for_the_originators() {
    let scene = Scene::set().await;
    let chain = scene.passage.to_assertion().unwrap();
    let container = Container::open(Cursor::new(scene.bytes.as_slice())).unwrap();
    let integrity = container.manifest().integrity.clone();
    let bare = Assertion { binding: None, ..scene.label() };
    let hub = label::sign(bare.clone(), &integrity, &scene.washington.keyring().label_es256).unwrap();
    assert_eq!(scene.brought(vec![hub, chain.clone()], clock()), Err(Code::ChainBroken));
    assert_eq!(scene.brought(vec![bare, chain], clock()), Err(Code::ChainBroken), "unsigned");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_originator_withdrew_is_not_taken() {
    let scene = Scene::set().await;
    let acts = scene.chained(&scene.passage).unwrap();
    // Seoul tells Tokyo directly that it withdrew what the hub would rest on.
    let Act::PassageVerified { consent: approval, .. } = acts[1] else { panic!("{acts:?}") };
    let withdrawn = Consent { step: Step::Withdrawn { approval }, ..scene.consent("JPN") };
    let passage = scene.approving(withdrawn, &scene.seoul.keyring().node, clock());
    let notice = Signed::from_bytes(&passage.consent).unwrap();
    let inner =
        Signed::from_bytes(&notice.dangerously_unverified::<Notice>().unwrap().body.statement).unwrap();
    let id = notice_id(&inner.digest());
    let weighed = scene.tokyo.office.weigh_notice(&scene.seoul.name, &id, &passage.consent).unwrap();
    let Noting::Keep(plan) = weighed else { panic!("it is kept") };
    scene.tokyo.commit(plan).await.unwrap().unwrap();
    scene.refuses("withdrawn", &scene.passage);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_already_is_not_taken_under_another_dispatch() {
    let scene = Scene::set().await;
    let acts = scene.chained(&scene.passage).unwrap();
    let plan = Plan::new(&scene.tokyo.office.view.read(), acts);
    scene.tokyo.commit(plan).await.unwrap().unwrap();
    let package = Package { dispatch: DispatchId([0x34; 16]), ..scene.package.clone() };
    let again = Scene { package, ..scene };
    let brought = again.brought(vec![again.label(), again.passage.to_assertion().unwrap()], clock());
    assert_eq!(brought, Err(Code::ChainBroken), "under another dispatch");
    again.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recalled_is_not_taken_again_by_the_package_by_which_it_came() {
    let scene = Scene::set().await;
    let office = &scene.tokyo.office;
    let acts = scene.chained(&scene.passage).unwrap();
    let Act::ArrivalVerified { dispatch, package, .. } = acts[0] else { panic!("{acts:?}") };
    let mut plan = Plan::new(&office.view.read(), acts);
    let given = Signed::from_bytes(&scene.passage.package).unwrap();
    plan.papers.push((given.digest(), scene.passage.package.clone()));
    scene.tokyo.commit(plan).await.unwrap().unwrap();
    let own_level = JAPAN.level.parse().unwrap();
    let admission = signed(&scene.at_seoul, Role::DeskOfficer, Admission { dispatch, package, own_level });
    let make = |view: &_, now| desk::admit(view, &office.pack, now, &admission, ItemId([0x40; 16]));
    scene.tokyo.carry_out(make).await.unwrap();

    let recall = Recall {
        item_digest: scene.package.item_digest,
        dispatch: given.dangerously_unverified::<Package>().unwrap().body.dispatch,
        to: scene.washington.name.clone(),
        taken: Taken::Back {},
        document: "letter 9 (fictitious)".to_owned(),
    };
    let (keys, node) = (pair(Role::DisclosureOfficer), scene.seoul.keyring().node);
    let inner = signed(&scene.at_seoul, Role::DisclosureOfficer, recall);
    let notice = Notice { statement: inner.to_bytes(), verifying: keys.verifying().clone() };
    let notice = said_as(&scene.at_seoul, scene.seoul.name.as_str(), &node, clock(), notice).to_bytes();
    let weighed = office.weigh_notice(&scene.seoul.name, &notice_id(&inner.digest()), &notice).unwrap();
    let Noting::Keep(plan) = weighed else { panic!("it is kept") };
    scene.tokyo.commit(plan).await.unwrap().unwrap();
    {
        let view = office.view.read();
        assert!(view.is_closed(view.items.get(&ItemId([0x40; 16])).unwrap()));
    }

    // Seoul withdrew no approval, and its recall does not come a second time.
    let package = Package { dispatch: DispatchId([0x34; 16]), ..scene.package.clone() };
    let again = Scene { package, ..scene };
    again.refuses("the same chain under another dispatch", &again.passage);
    again.end().await;
}

/// The whole way, and what the hub told Seoul last.
pub async fn passed() -> (Three, Dispatch, papers::Hop) {
    let three = Three::new().await;
    let item = three.given(1).await;
    three.let_go(item.item_digest, "JPN", None).await;
    approved(&three.at_washington, item.id, PASSED, &three.tokyo.name).await;
    admit(&three.at_tokyo, &JAPAN, 1).await;
    let sent = owed_by(&three.at_seoul, 1).await.remove(0);
    let office = &three.at_seoul.node.office;
    let told = until(|| {
        let view = office.view.read();
        let told = view.passages.told_of(&sent.id, &PASSED).cloned();
        told.filter(|told| told.hop.fate.standing() == Standing::Receipted)
    })
    .await;
    let signed = Signed::from_bytes(&paper(&three.at_seoul, &told.statement)).unwrap();
    let hop = signed.dangerously_unverified::<Hop>().unwrap().body;
    (three, sent, hop)
}

/// What Seoul makes of a hub's word.
pub fn weighed(three: &Three, key: &SigningPair, hop: Hop) -> Noting {
    weighed_of(three, key, hop, clock())
}

/// The same of a word that the hub signed at that time.
fn weighed_of(three: &Three, key: &SigningPair, hop: Hop, now: Timestamp) -> Noting {
    let name = three.washington.name.as_str();
    let statement = said_as(&three.at_washington, name, key, now, hop);
    let id = notice_id(&statement.digest());
    let notice = Notice { statement: statement.to_bytes(), verifying: key.verifying().clone() };
    let notice =
        said_as(&three.at_washington, name, &three.washington.keyring().node, now, notice).to_bytes();
    three.at_seoul.node.office.weigh_notice(&three.washington.name, &id, &notice).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_originator_believes_no_word_of_a_hub_that_it_cannot_check() {
    let (three, _, honest) = passed().await;
    let hub = three.washington.keyring().node;
    let breach = |what: &str, key: &SigningPair, hop: Hop, code: &str| {
        let Noting::False(plan) = weighed(&three, key, hop) else { panic!("{what}") };
        let [Act::BreachRecorded { node, code: found, .. }] = &plan.acts[..] else { panic!("{what}") };
        assert_eq!((node, found.as_str()), (&three.washington.name, code), "{what}");
    };
    let of = |change: &dyn Fn(&mut attache_accord::passage::Hop)| {
        let mut told = honest.clone();
        told.hop.passage = CaseId([0x72; 16]);
        change(&mut told.hop);
        told
    };
    let begun = |change: &dyn Fn(&mut attache_accord::passage::Hop)| {
        let mut told = of(change);
        told.hop.fate = Fate::Begun { due: clock() };
        told.receipt = None;
        told
    };
    assert!(
        matches!(weighed(&three, &hub, begun(&|_| {})), Noting::Keep(_)),
        "the control: another passage of it"
    );
    breach("a receipt again, for another passage", &hub, of(&|_| {}), FALSE_PASSAGE);
    breach("another package", &hub, begun(&|hop| hop.package = Digest([9; 32])), FALSE_PASSAGE);
    breach(
        "a dispatch that is not its own",
        &hub,
        begun(&|hop| hop.dispatch = DispatchId([9; 16])),
        FALSE_PASSAGE,
    );
    breach("an invented approval", &hub, begun(&|hop| hop.consent = Some(Digest([9; 32]))), FALSE_PASSAGE);
    breach(
        "an approval of another Party",
        &hub,
        begun(&|hop| hop.party = "USA".parse().unwrap()),
        FALSE_PASSAGE,
    );
    breach(
        "back to its originator",
        &hub,
        begun(&|hop| {
            hop.party = "KOR".parse().unwrap();
            hop.recipient = "seoul.kor".parse().unwrap();
        }),
        FALSE_PASSAGE,
    );
    breach(
        "a level that the table does not give",
        &hub,
        begun(&|hop| hop.level = "USA:CONFIDENTIAL".parse().unwrap()),
        FALSE_PASSAGE,
    );
    breach("a key that is not the hub's", &three.tokyo.keyring().node, begun(&|_| {}), FALSE_NOTICE);
    let mut after = honest.clone();
    after.hop.fate = Fate::Overdue {};
    after.receipt = None;
    breach("another last word", &hub, after.clone(), FALSE_PASSAGE);
    after.hop.fate = Fate::Begun { due: clock() };
    breach("the first word after the last", &hub, after, FALSE_PASSAGE);
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_under_an_approval_that_lapsed_or_whose_withdrawal_the_hub_has() {
    let (three, _, honest) = passed().await;
    let office = &three.at_seoul.node.office;
    let hours = office.pack.terms().receipt_due_hours;
    let item = item_digest(&three.at_seoul, ItemId([1; 16]));
    let until_at = clock().plus_hours(1);
    let limited = three.let_go(item, "JPN", Some(until_at)).await;
    let is_true = |consent, began: Timestamp, signed_at| {
        let mut told = honest.clone();
        (told.hop.passage, told.hop.consent) = (CaseId([0x72; 16]), Some(consent));
        told.hop.fate = Fate::Begun { due: began.plus_hours(hours) };
        told.receipt = None;
        match weighed_of(&three, &three.washington.keyring().node, told, signed_at) {
            Noting::Keep(_) => true,
            Noting::False(_) => false,
            _ => panic!("neither"),
        }
    };
    assert!(is_true(limited, until_at, until_at.plus_hours(2)), "it began in time, and was told later");
    assert!(!is_true(limited, until_at.plus_hours(1), until_at.plus_hours(2)), "lapsed");

    let open = three.let_go(item, "JPN", None).await;
    let later = clock().plus_hours(1);
    assert!(is_true(open, later, later));
    let withdrawn = three.said(item, Step::Withdrawn { approval: open }).await;
    until(|| office.view.read().correspondence.delivered_at(&three.washington.name, &withdrawn)).await;
    assert!(!is_true(open, later, later), "withdrawn, and the hub has that");
    assert!(is_true(open, clock(), later), "under way when the withdrawal came");
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_counts_for_the_originators_package_and_from_the_recipients_node_only() {
    let (three, ..) = passed().await;
    let (_, second) = (three.given(2).await, owed_by(&three.at_seoul, 2).await);
    let second = second.into_iter().find(|sent| sent.item == ItemId([2; 16])).unwrap();
    let consent = three.let_go(item_digest(&three.at_seoul, second.item), "JPN", None).await;
    let (_, told) = {
        let view = three.at_seoul.node.office.view.read();
        let told = view.passages.told(&DispatchId([0; 16])).next().cloned();
        let all: Vec<_> =
            view.dispatches.all_sent().filter(|sent| sent.item == ItemId([1; 16])).cloned().collect();
        (told, view.passages.told(&all[0].id).next().cloned().unwrap())
    };
    let signed = Signed::from_bytes(&paper(&three.at_seoul, &told.statement)).unwrap();
    let honest = signed.dangerously_unverified::<Hop>().unwrap().body;
    let receipt = Signed::from_bytes(honest.receipt.as_ref().unwrap()).unwrap();
    let receipt = receipt.dangerously_unverified::<Receipt>().unwrap().body;

    // The hub dropped the second item and shows the receipt for the first, or one that it made itself.
    let hub = three.washington.keyring().node;
    let word = |bytes: Vec<u8>| {
        let digest = Signed::from_bytes(&bytes).unwrap().digest();
        let mut hop = honest.hop.clone();
        hop.passage = CaseId([0x72; 16]);
        (hop.dispatch, hop.package, hop.consent) = (second.id, second.package, Some(consent));
        hop.fate = Fate::Receipted { receipt: digest, level: receipt.own_level.clone() };
        Hop { hop, receipt: Some(bytes) }
    };
    let forged = Receipt { origin: Some(second.package), ..receipt.clone() };
    let as_tokyo = |key: &SigningPair, body: &Receipt| {
        said_as(&three.at_tokyo, three.tokyo.name.as_str(), key, clock(), body.clone()).to_bytes()
    };
    let true_key = three.tokyo.keyring().node;
    let raised = Receipt { own_level: Some("JPN:HI".parse().unwrap()), ..forged.clone() };
    for (what, bytes) in [
        ("for the first item", honest.receipt.clone().unwrap()),
        ("made by the hub", as_tokyo(&hub, &forged)),
        ("at another level than it says", as_tokyo(&true_key, &raised)),
    ] {
        let Noting::False(plan) = weighed(&three, &hub, word(bytes)) else { panic!("{what}") };
        assert!(
            matches!(&plan.acts[..], [Act::BreachRecorded { code, .. }] if code == FALSE_PASSAGE),
            "{what}"
        );
    }
    let made = weighed(&three, &hub, word(as_tokyo(&true_key, &forged)));
    assert!(matches!(made, Noting::Keep(_)), "the control: Tokyo's own");
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_keeps_silent_is_raised_and_one_that_says_it_failed_is_believed() {
    let three = Three::new().await;
    let item = three.given(1).await;
    let consent = three.let_go(item.item_digest, "JPN", None).await;
    let office = &three.at_seoul.node.office;
    let hours = office.pack.terms().receipt_due_hours;
    let raised = |now| {
        let fresh = [7, 8, 9, 10].map(|id| DispatchId([id; 16]));
        let acts = Chores::default().next(office, &fresh, now).into_iter().flat_map(|plan| plan.acts);
        let of_passages =
            |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == PASSAGE_OVERDUE);
        acts.filter(of_passages).collect::<Vec<_>>()
    };
    assert_eq!(raised(clock().plus_hours(2 * hours - 1)), []);
    let late = raised(clock().plus_hours(2 * hours));
    assert!(matches!(&late[..], [Act::IncidentRaised { dispatch: Some(_), .. }]), "{late:?}");

    // Tokyo does not take it: Seoul is told with the code, and an incident is on record.
    let sent = owed_by(&three.at_seoul, 1).await.remove(0);
    let hop = attache_accord::passage::Hop {
        passage: PASSED,
        dispatch: sent.id,
        package: sent.package,
        level: "USA:SECRET".parse().unwrap(),
        recipient: three.tokyo.name.clone(),
        party: "JPN".parse().unwrap(),
        consent: Some(consent),
        fate: Fate::Declined { code: "C-029".to_owned() },
    };
    let word = Hop { hop, receipt: None };
    let Noting::Keep(plan) = weighed(&three, &three.washington.keyring().node, word) else {
        panic!("it is true")
    };
    let [Act::PassageMirrored { .. }, Act::IncidentRaised { code, .. }] = &plan.acts[..] else {
        panic!("{plan:?}")
    };
    assert_eq!(code, PASSAGE_OVERDUE);
    three.at_seoul.node.commit(plan).await.unwrap().unwrap();
    assert_eq!(raised(clock().plus_hours(3 * hours)), []);
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_recipient_only_the_originators_word_lets_anything_more_be_done() {
    let (three, ..) = passed().await;
    let office = &three.at_tokyo.node.office;
    let item = office.view.read().items.iter().next().unwrap().clone();
    let ask = Ask::OtherPurpose { item: item.id, purpose: "training".parse().unwrap() };
    let would = || {
        let view = office.view.read();
        let question = view.question(&person(Role::DisclosureOfficer), &ask, clock()).unwrap();
        rule(&question, &office.pack).is_granted()
    };
    assert!(!would());
    let step = Step::Given { what: "purpose=training".parse().unwrap(), until: None };
    let consent = Consent {
        item_digest: item.item_digest,
        to: three.tokyo.name.clone(),
        step,
        document: "letter 8 (fictitious)".to_owned(),
    };
    // The hub is no originator: its own office does not say it, nor does Tokyo believe it.
    let inner = papers::Consent { consent, words: String::new() };
    let at_hub = signed(&three.at_washington, Role::DisclosureOfficer, inner.clone());
    let pack = Arc::clone(&three.at_washington.node.office.pack);
    let refused =
        three.at_washington.node.carry_out(|view, now| desk::consent(view, &pack, now, &at_hub)).await;
    assert!(refused.unwrap_err().to_string().contains("only its originator approves"));
    let by_seoul = signed(&three.at_seoul, Role::DisclosureOfficer, inner);
    let make = |view: &_, now| desk::consent(view, &pack, now, &by_seoul);
    three.at_seoul.node.carry_out(make).await.unwrap();
    until(|| would().then_some(())).await;
    three.end().await;
}
