//! The nightly check: a node that is as its journal says goes on, whatever it does meanwhile; one that is not records an incident
//! and stops.

use crate::crossing::{JAPAN, KOREA, admit, befriended, receipted, released};
use crate::nodes::{Running, site};
use crate::world::{self, NOW, commit, custodian, engine_on};
use attache_accord::act::{Act, ENTRY_VERSION, Entry};
use attache_accord::oversight::FIELD_EVENT;
use attache_custody::rest::Purpose;
use attache_node::desk::Step;
use attache_node::engine::Plan;
use attache_node::fault::{Failure, Fault};
use attache_node::nightly::NOT_AS_RECORDED;
use attache_node::refold::{Refold, check};
use attache_seal::digest::sha256;
use attache_store::{Append, Journal, MemoryJournal, NewRow, Stream};
use attache_tlog::LeafDraft;
use std::path::Path;
use std::time::Duration;

/// Changes what is stored, past the node.
fn by_hand(folder: &Path, change: &str) {
    let hand = rusqlite::Connection::open(folder.join("journal.db")).unwrap();
    hand.busy_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(hand.execute(change, []).unwrap(), 1, "{change}");
}

fn incidents(running: &Running) -> usize {
    let entries = running.node.office.papers.entries(0, 4096).unwrap();
    let is_it = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == NOT_AS_RECORDED);
    entries.iter().filter(|(_, entry)| is_it(&entry.act)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_exchanges_meanwhile_checks_itself_and_goes_on() {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    let checking = {
        let node = at_seoul.node.clone();
        tokio::spawn(async move {
            let mut sizes = Vec::new();
            for _ in 0..20 {
                sizes.push(node.check().await.unwrap().size);
            }
            sizes
        })
    };
    for number in 1..=3 {
        released(&at_seoul, &KOREA, number, 1_000, &tokyo.name).await;
        admit(&at_tokyo, &JAPAN, 1).await;
        receipted(&at_seoul, number.into()).await;
    }
    let sizes = checking.await.unwrap();
    assert!(sizes.is_sorted());
    let all = at_seoul.node.check().await.unwrap();
    assert_eq!(all.size, at_seoul.node.office.view.read().size);
    assert!(at_seoul.node.is_writable() && at_seoul.node.stopped().borrow().is_none());
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

/// Changes what `seoul.kor` stores while it runs, and answers what its check said and how many incidents are on record.
async fn checked_after(change: &str) -> (String, usize) {
    let seoul = site("seoul.kor", "KOR").await;
    let running = seoul.start().await;
    // The first beat writes; a hand that wrote at the same moment would have stopped the journal.
    while running.node.office.papers.published().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.node.check().await.unwrap();
    by_hand(seoul.folder.path(), change);
    let found = running.node.check().await.unwrap_err().to_string();
    assert_eq!(running.node.stopped().borrow().as_ref(), Some(&found));
    assert!(!running.node.is_writable());
    let step = |_: &_, _| Ok(Step { plan: Plan::default(), ruling: None });
    assert!(matches!(running.node.carry_out(step).await, Err(Failure::Fault(Fault::Stopped))));
    // Nor does it sign its log any more.
    assert!(matches!(running.node.publish().await, Err(Fault::Stopped)));
    let recorded = incidents(&running);
    running.stop().await;
    // A supervisor starts it anew, where it comes up at all.
    if recorded > 0 {
        let running = seoul.start().await;
        assert_eq!(running.node.check().await.unwrap_err().to_string(), found);
        assert_eq!(incidents(&running), recorded, "the same day it is not raised again");
        running.stop().await;
    }
    (found, recorded)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_as_its_journal_says_stops_and_records_an_incident_where_it_can() {
    let counted = "UPDATE stream SET version = 9 WHERE name = (SELECT stream FROM journal WHERE idx = 0)";
    assert_eq!(checked_after(counted).await, ("damaged: stream version at 0".into(), 1));
    // A log whose edge is damaged takes no incident any more.
    let tile = "UPDATE tile SET checksum = zeroblob(32) WHERE level = 0";
    assert_eq!(checked_after(tile).await, ("damaged: tile of level 0 (tile/0/000) at 0".into(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_is_met_while_serving_stops_the_node_at_once_and_a_fault_that_is_none_does_not() {
    let seoul = site("seoul.kor", "KOR").await;
    let running = seoul.start().await;
    while running.node.office.papers.published().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let office = &running.node.office;
    office.suspect(&Fault::Busy("nothing"));
    let counted = "UPDATE stream SET version = 9 WHERE name = (SELECT stream FROM journal WHERE idx = 0)";
    by_hand(seoul.folder.path(), counted);
    assert!(running.node.stopped().borrow().is_none());
    // Whoever meets it says so, each time.
    for _ in 0..100 {
        office.suspect(&Fault::Missing("entry"));
    }
    let mut stopped = running.node.stopped();
    let why = tokio::time::timeout(Duration::from_secs(60), stopped.wait_for(Option::is_some)).await;
    assert!(why.unwrap().unwrap().as_ref().unwrap().starts_with("damaged: "), "it says what differs");
    assert!(!running.node.is_writable());
    assert_eq!(incidents(&running), 1);
    running.stop().await;
}

/// What a check says of folds of `ours` against a journal of `theirs`.
fn compared(ours: Vec<Act>, theirs: Vec<Act>) -> Result<u64, Fault> {
    let folded = |acts| {
        let custodian = custodian();
        let mut engine = engine_on(Box::new(MemoryJournal::new(world::origin())), &custodian);
        world::found(&mut engine);
        commit(&mut engine, acts);
        (engine, custodian)
    };
    let ((ours, custodian), (theirs, _)) = (folded(ours), folded(theirs));
    let refold = Refold::new(theirs.reader().unwrap(), world::rest(), 9);
    check(refold, &ours.view(), &custodian).map(|head| head.size)
}

#[test]
fn a_fold_in_memory_that_the_journal_does_not_give_is_found() {
    // No view folds a breach.
    let breach = |code: &str| Act::BreachRecorded {
        node: "tokyo.jpn".parse().unwrap(),
        code: code.into(),
        dispatch: None,
    };
    let removed = |id| Act::PersonRemoved { person: world::person(id), by: world::person("admin-1") };
    let other = compared(vec![removed("analyst-1")], vec![removed("fdo-1")]).unwrap_err();
    assert_eq!((other.is_damage(), matches!(other, Fault::Differs("the running view"))), (true, true));
    // The same view, but another log under it.
    let other = compared(vec![breach("B-001")], vec![breach("B-002")]).unwrap_err();
    assert!(matches!(other, Fault::Differs("what custody folded")), "{other}");
}

#[test]
fn an_entry_whose_leaf_commits_to_another_is_named() {
    let mut journal: Box<dyn Journal> = Box::new(MemoryJournal::new(world::origin()));
    let (rest, fence) = (world::rest(), journal.lease("a forger").unwrap());
    // Which log a leaf is of the journal says itself.
    let founded = Act::Founded {
        node: "seoul.kor".parse().unwrap(),
        party: "KOR".parse().unwrap(),
        network: attache_accord::Network::Exercise,
        agreement: "gsomia-2016".to_owned(),
        pack: attache_accord::Digest([2; 32]),
        log_origin: world::origin().to_string(),
    };
    let entry = Entry { version: ENTRY_VERSION, at: NOW, act: founded };
    let stream = rest.blind(&entry.act.stream());
    for salt in [[7; 32], [8; 32]] {
        let event = minicbor::to_vec(&entry).unwrap();
        let mut leaf = LeafDraft { salt: [7; 32], fields: Default::default() };
        leaf.fields[FIELD_EVENT] = sha256(&[&event]).as_bytes().to_vec();
        let row = NewRow {
            body: rest.seal(Purpose::Event, stream.as_bytes(), &event).unwrap(),
            // The second leaf was made under another salt than the one that is kept.
            sealed_salt: rest.seal(Purpose::Salt, stream.as_bytes(), &salt).unwrap(),
            stream: Stream::new(stream.clone()).unwrap(),
            leaf,
        };
        journal.append(fence, vec![Append { rows: vec![row], ..Append::default() }]).unwrap();
    }
    let mut refold = Refold::new(journal.reader().unwrap(), rest, 9);
    refold.go_on(1, &mut |_| {}).unwrap();
    assert!(matches!(refold.go_on(2, &mut |_| {}), Err(Fault::Leaf(1))));
}
