//! One document on one running node: taken in, marked, opened; and what stops it.

use attache_accord::act::Act;
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::{ItemId, Marking, Network, Party, PersonId, Timestamp};
use attache_custody::Keyring;
use attache_node::desk::{self, Misuse};
use attache_node::engine::Plan;
use attache_node::exchange::{Conduct, Errand};
use attache_node::fault::Failure;
use attache_node::founding::{self, Draft};
use attache_node::intake::{Described, Intake};
use attache_node::node::{Node, Parts, open_engine};
use attache_node::resting::MAX_JOURNALED_BYTES;
use attache_node::steward;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::tdf::Metadata;
use attache_store::{MemoryJournal, MemoryVault, Vault as _};
use attache_tlog::Origin;
use std::io::Read as _;
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_780_000_000_000);
const WHOLE: ItemId = ItemId([1; 16]);
const BELOW: ItemId = ItemId([2; 16]);
const REPORT: &[u8] = b"source MAGPIE (fictitious)\n=== TEARLINE ===\nThe exercise begins at dawn.\n";

fn person(text: &str) -> PersonId {
    text.parse().unwrap()
}

fn party() -> Party {
    "KOR".parse().unwrap()
}

/// A node with an administrator, an analyst cleared to II, and a second one without any clearance.
async fn node() -> (Arc<Node>, MemoryVault) {
    let pack = Pack::gsomia_2016();
    let administrator = SigningPair::generate().unwrap();
    let draft = Draft {
        node: "seoul.kor".parse().unwrap(),
        party: party(),
        network: Network::Demo,
        endpoints: vec!["127.0.0.1:7443".into()],
        administrator: (person("admin-1"), administrator.verifying().clone()),
    };
    let origin = founding::log_origin(&draft.node);
    let keys = Keyring::generate(&origin).unwrap();
    let root = SigningPair::generate().unwrap();
    let card = founding::card(&draft, &pack, &keys, &root, vec![0], NOW).unwrap();
    let journal = Box::new(MemoryJournal::new(Origin::new(&origin).unwrap()));
    let keys = Arc::new(keys);
    let mut engine = open_engine(journal, &keys, &Arc::new(pack.clone())).unwrap();
    founding::found(&mut engine, &draft, &pack, NOW).unwrap();
    let journal = engine.into_journal();
    let keys = Arc::into_inner(keys).unwrap();
    let vault = MemoryVault::new();
    let parts = Parts {
        journal,
        vault: Arc::new(vault.clone()),
        keys,
        pack,
        earlier_packs: Vec::new(),
        card,
        earlier: Vec::new(),
        beat_seconds: 3600,
        pad_leaves: 0,
        check_hour: None,
        words: Vec::new(),
        restored: None,
        shares: None,
        witnesses: Vec::new(),
        clock: || NOW,
    };
    let node = Node::start(parts).unwrap();
    enrol(&node, "analyst-1", Some("KOR:II")).await;
    enrol(&node, "analyst-2", None).await;
    (node, vault)
}

async fn enrol(node: &Node, id: &str, level: Option<&str>) {
    let until = NOW.plus_hours(24);
    let member = Person {
        id: person(id),
        party: party(),
        roles: [Role::Analyst].into(),
        clearance: level.map(|level| Clearance { level: level.parse().unwrap(), until }),
        duties: ["humint".parse().unwrap()].into(),
    };
    let pair = SigningPair::generate().unwrap();
    let make = |view: &_, _| steward::enrol(view, &person("admin-1"), member.clone(), pair.verifying());
    node.carry_out(make).await.unwrap();
}

async fn add(node: &Node, tearline: bool) -> attache_node::intake::Added {
    add_text(node, REPORT, tearline).await
}

async fn add_text(node: &Node, text: &[u8], tearline: bool) -> attache_node::intake::Added {
    let metadata = Metadata { title: "A report".into(), ..Metadata::default() };
    let described = Described { metadata, tearline, item_bytes: None };
    let mut intake = Intake::begin(Arc::clone(&node.office), person("analyst-1"), described).unwrap();
    for piece in text.chunks(7) {
        intake.push(piece).unwrap();
    }
    let mut added = intake.finish([WHOLE, BELOW], NOW).unwrap();
    node.commit(std::mem::take(&mut added.plan)).await.unwrap().unwrap();
    added
}

fn marking(releasable: bool) -> Marking {
    Marking {
        level: "KOR:II".parse().unwrap(),
        releasable_to: releasable.then(|| "JPN".parse().unwrap()).into_iter().collect(),
        kind: "humint".parse().unwrap(),
        caveats: vec![],
        marked_at: NOW,
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    }
}

async fn mark(node: &Node, item: ItemId, releasable: bool) {
    let step = node.office.mark(&person("analyst-1"), item, marking(releasable)).unwrap();
    node.commit(step.plan).await.unwrap().unwrap();
}

async fn open(node: &Node, by: &str, item: ItemId) -> Result<Vec<u8>, Vec<String>> {
    let pack = Arc::clone(&node.office.pack);
    let done = node.carry_out(|view, now| desk::open(view, &pack, now, &person(by), item, "")).await.unwrap();
    let ruling = done.ruling.unwrap();
    if !ruling.granted {
        return Err(ruling.reasons.into_iter().map(|reason| reason.code).collect());
    }
    let reading = node.office.reading(NOW, &person(by), item, done.first_index.unwrap()).unwrap();
    let mut bytes = Vec::new();
    reading
        .each_segment(|segment| {
            bytes.extend_from_slice(segment);
            true
        })
        .unwrap();
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_opens_to_the_same_bytes() {
    let (node, _) = node().await;
    let _ = add(&node, false).await;
    mark(&node, WHOLE, true).await;
    assert_eq!(open(&node, "analyst-1", WHOLE).await.unwrap(), REPORT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_item_rests_in_the_journal_and_a_large_one_in_the_vault_and_neither_in_plaintext() {
    let large = [REPORT.repeat(MAX_JOURNALED_BYTES / REPORT.len()), vec![b'.'; REPORT.len()]].concat();
    for (text, in_vault) in [(REPORT, false), (large.as_slice(), true)] {
        let (node, vault) = node().await;
        let _ = add_text(&node, text, false).await;
        let digest = node.office.view.read().item(&WHOLE).unwrap().item_digest;
        assert_eq!(vault.open(&digest).unwrap().is_some(), in_vault);
        let mut sealed = Vec::new();
        node.office.sealed(&digest).unwrap().read_to_end(&mut sealed).unwrap();
        let finds = |bytes: &[u8]| bytes.windows(6).any(|window| window == b"MAGPIE");
        assert!(!finds(&sealed) && finds(text));
        mark(&node, WHOLE, true).await;
        assert_eq!(open(&node, "analyst-1", WHOLE).await.unwrap(), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_part_below_the_tearline_may_be_marked_releasable() {
    let (node, _) = node().await;
    let added = add(&node, true).await;
    assert_eq!(added.extract, Some(BELOW));
    let refused = node.office.mark(&person("analyst-1"), WHOLE, marking(true)).unwrap_err();
    assert!(matches!(refused, Failure::Misuse(Misuse::State { field: "releasable to", .. })), "{refused}");
    mark(&node, BELOW, true).await;
    assert_eq!(open(&node, "analyst-1", BELOW).await.unwrap(), b"The exercise begins at dawn.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_tearline_is_said_before_anything_is_recorded() {
    let (node, _) = node().await;
    let metadata = Metadata { title: "A report".into(), ..Metadata::default() };
    let described = Described { metadata, tearline: true, item_bytes: None };
    let mut intake = Intake::begin(Arc::clone(&node.office), person("analyst-1"), described).unwrap();
    intake.push(b"no line here\n").unwrap();
    let refused = intake.finish([WHOLE, BELOW], NOW).unwrap_err();
    assert!(matches!(refused, Failure::Misuse(Misuse::State { field: "tearline", .. })), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marking_is_never_changed_in_place() {
    let (node, _) = node().await;
    let _ = add(&node, false).await;
    mark(&node, WHOLE, false).await;
    assert!(node.office.mark(&person("analyst-1"), WHOLE, marking(true)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_opens_without_a_clearance_and_the_refusal_is_recorded() {
    let (node, _) = node().await;
    let _ = add(&node, false).await;
    mark(&node, WHOLE, false).await;
    let before = node.office.view.read().size;
    assert_eq!(open(&node, "analyst-2", WHOLE).await.unwrap_err(), ["R-020"]);
    let last = node.office.papers.entry(before).unwrap().unwrap().act;
    assert!(matches!(last, Act::Ruled { ruling, .. } if !ruling.granted));
}

#[tokio::test(flavor = "multi_thread")]
async fn custody_denies_what_was_withdrawn_between_the_ruling_and_the_key() {
    let (node, _) = node().await;
    let _ = add(&node, false).await;
    mark(&node, WHOLE, false).await;
    let pack = Arc::clone(&node.office.pack);
    let by = person("analyst-1");
    let done = node.carry_out(|view, now| desk::open(view, &pack, now, &by, WHOLE, "")).await.unwrap();
    let remove = |view: &_, _| steward::remove(view, &person("admin-1"), &by);
    node.carry_out(remove).await.unwrap();
    assert!(node.office.reading(NOW, &by, WHOLE, done.first_index.unwrap()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_on_one_item_opens_no_other() {
    let (node, _) = node().await;
    let _ = add(&node, true).await;
    mark(&node, WHOLE, false).await;
    mark(&node, BELOW, false).await;
    let pack = Arc::clone(&node.office.pack);
    let by = person("analyst-1");
    let done = node.carry_out(|view, now| desk::open(view, &pack, now, &by, BELOW, "")).await.unwrap();
    assert!(node.office.reading(NOW, &by, WHOLE, done.first_index.unwrap()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    let (node, _) = node().await;
    let admin = person("admin-1");
    let refused = node.carry_out(|view, _| steward::remove(view, &admin, &admin)).await.unwrap_err();
    assert!(matches!(refused, Failure::Misuse(Misuse::State { field: "person", .. })), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_checkpoint_is_the_log_of_the_moment() {
    let (node, _) = node().await;
    node.publish().await.unwrap();
    let head = node.office.papers.head().unwrap();
    let published = node.office.papers.published().unwrap().unwrap();
    assert_eq!(published.size, head.size);
    let plan = Plan::new(&node.office.view.read(), vec![Act::Padded {}]);
    node.commit(plan).await.unwrap().unwrap();
    node.publish().await.unwrap();
    assert_eq!(node.office.papers.published().unwrap().unwrap().size, head.size + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_goes_down_ends_its_workers() {
    let (node, _) = node().await;
    node.shut_down().await;
    // Only this handle and none of a worker is left.
    assert_eq!(Arc::strong_count(&node), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_breaks_the_protocol_is_cut_off_and_recorded() {
    let (node, _) = node().await;
    let peer: attache_accord::NodeName = "tokyo.jpn".parse().unwrap();
    let mut conduct = Conduct::listening(Arc::clone(&node.office), peer.clone(), NOW).unwrap();
    conduct.received(NOW, &[0, 0, 0, 2, 0xff, 0xff]);
    let Errand { plan, then } = conduct.next_errand().unwrap();
    assert!(matches!(&plan.acts[..], [Act::BreachRecorded { node, .. }] if *node == peer));
    let outcome = node.commit(plan).await.unwrap();
    conduct.done(then, &outcome);
    // Our Hello and the Close still go out, and then nothing.
    while conduct.poll_output(NOW).is_some() {}
    assert!(conduct.is_over());
}
