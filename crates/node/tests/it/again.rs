//! What partners keep as delivered is asked for again: a node that was brought back asks for its own people's words before it serves, and
//! any node for the proof of a receipt that never came. Partners that lie, and partners of an older build.

use crate::control::acts;
use crate::crossing::{JAPAN, KOREA, admit, receipted, released, signed, two, until};
use crate::holdings::{both_destroy, destruction, holding};
use crate::nodes::{Running, Site, clock};
use attache_accord::act::Act;
use attache_accord::dispatch::{Progress, Promise};
use attache_accord::item::Item;
use attache_accord::people::Role;
use attache_accord::{DispatchId, NodeName, Timestamp};
use attache_courier::frame::{Ask, Given};
use attache_courier::limits::VERSION;
use attache_courier::{Calling, Event, Listener, Ours, Output};
use attache_node::desk;
use attache_node::engine::Plan;
use attache_node::exchange::{ASK_PACE, Conduct};
use attache_node::node::Parts;
use attache_node::office::Office;
use attache_node::settling::{Restored, Standing};
use attache_node::words::{WORD_NOT_TAKEN, words_of};
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Notice, Receipt};
use attache_seal::statement::{Head, Signed, Statement};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A beat that does not come while a test runs, behind the one at the start.
const NO_BEAT_SECONDS: u64 = 86_400;

/// Two nodes of which Tokyo holds an item of Seoul's, was backed up, destroyed the item, and lost its disk.
struct Lost {
    seoul: Site,
    tokyo: Site,
    at_seoul: Running,
    item: Item,
}

async fn lost() -> Lost {
    let (seoul, tokyo, at_seoul, at_tokyo, item) = holding().await;
    at_tokyo.stop().await;
    let backup = tokyo.backup();
    // Nothing that comes after the backup is published.
    let unpublished = |parts: &mut Parts| parts.beat_seconds = NO_BEAT_SECONDS;
    let at_tokyo = tokyo.start_as(unpublished).await;
    until(|| (at_tokyo.node.office.published_size() > 0).then_some(())).await;
    both_destroy(&at_tokyo, &item, None).await;
    let what = desk::destroyed(&item, None);
    until(|| at_seoul.node.office.view.read().destructions.of(&what)?.1.map(|_| ())).await;
    at_tokyo.stop().await;
    tokyo.brought_back(&backup);
    Lost { seoul, tokyo, at_seoul, item }
}

fn is_destroyed(running: &Running, item: &Item) -> bool {
    let view = running.node.office.view.read();
    view.live(&item.id).is_err()
}

async fn settles(running: &Running) {
    let mut standing = running.node.office.settling.standing();
    standing.wait_for(|standing| standing.is_settled()).await.unwrap();
}

/// A partner whose people have said what was seen of the log, and nothing of its words.
fn unheard(parts: &mut Parts) {
    parts.restored = Some(Restored { is_seen: true, ..Restored::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_destroyed_after_the_backup_is_destroyed_again_before_a_node_serves_and_nobody_carries_a_file()
 {
    let Lost { tokyo, at_seoul, item, .. } = lost().await;
    let before = {
        let at_tokyo = tokyo.start_as(|parts| {
            unheard(parts);
            parts.restored.as_mut().unwrap().heard = [at_seoul.node.office.identity.node.clone()].into();
        });
        let at_tokyo = at_tokyo.await;
        // The control: people do without.
        settles(&at_tokyo).await;
        assert!(!is_destroyed(&at_tokyo, &item));
        let size = acts(&at_tokyo).len();
        at_tokyo.stop().await;
        size
    };
    let at_tokyo = tokyo.start_as(unheard).await;
    settles(&at_tokyo).await;
    assert!(is_destroyed(&at_tokyo, &item));
    let recorded = acts(&at_tokyo);
    let is_word = |act: &Act| matches!(act, Act::DestructionSigned { .. });
    assert_eq!(recorded.iter().filter(|act| is_word(act)).count(), 2, "each of the two signed");
    assert!(
        recorded[before..].iter().take(2).all(is_word),
        "nothing else came before: {:?}",
        &recorded[before..]
    );
    at_tokyo.stop().await;
    // What it has it is not told twice.
    let at_tokyo = tokyo.start_as(unheard).await;
    settles(&at_tokyo).await;
    assert_eq!(acts(&at_tokyo).iter().filter(|act| is_word(act)).count(), 2);
    at_tokyo.stop().await;
    at_seoul.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_asks_what_was_seen_of_its_log_and_then_what_its_people_said() {
    let Lost { tokyo, at_seoul, item, .. } = lost().await;
    let at_tokyo = tokyo.start_as(|parts| parts.restored = Some(Restored::default())).await;
    settles(&at_tokyo).await;
    assert!(is_destroyed(&at_tokyo, &item));
    at_tokyo.stop().await;
    at_seoul.stop().await;
}

/// What `node`, played by hand, says of itself where it greets the node of `office`.
fn ours(office: &Office, node: &NodeName, highest: u16) -> Ours {
    Ours {
        node: node.clone(),
        network: office.identity.network,
        agreement: office.identity.agreement.clone(),
        pack: office.pack.digest(),
        window: 8,
        peer: office.identity.node.clone(),
        highest,
    }
}

/// A connection of a node to a partner that is played by hand, and speaks no version above.
fn played(running: &Running, by: &Site, highest: u16) -> (Listener, Conduct<Calling>) {
    let office = &running.node.office;
    let calling = Conduct::calling(Arc::clone(office), by.name.clone(), clock()).unwrap();
    (Listener::new(ours(office, &by.name, highest), clock()).unwrap(), calling)
}

/// Everything moves that can at `now`, and each question is answered so; what was asked.
fn pump(
    (listener, calling): &mut (Listener, Conduct<Calling>),
    now: Timestamp,
    mut answer: impl FnMut(Ask) -> Given,
) -> Vec<Ask> {
    let mut asked = Vec::new();
    calling.tick(now);
    loop {
        let mut moved = false;
        while let Some(Output::Control(bytes)) = listener.poll_output() {
            calling.received(now, &bytes);
            moved = true;
        }
        while let Some(Output::Control(bytes)) = calling.poll_output(now) {
            moved = true;
            let mut input = bytes.as_slice();
            while let Some(event) = listener.receive(now, &mut input).unwrap() {
                if let Event::Ask(ask) = event {
                    asked.push(ask);
                    listener.given(answer(ask)).unwrap();
                }
            }
        }
        if !moved {
            return asked;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_partner_that_lies_no_word_is_taken_that_this_node_did_not_sign() {
    let Lost { seoul, tokyo, at_seoul, item } = lost().await;
    let own = words_of(&at_seoul.node.office.papers, &tokyo.name, Timestamp(0)).unwrap();
    assert_eq!(own.len(), 3, "two words, and behind them the last receipt");
    let inner = signed(&at_seoul, Role::DeskOfficer, destruction(&item, None, None));
    let vouched = Notice {
        statement: inner.to_bytes(),
        verifying: crate::crossing::pair(Role::DeskOfficer).verifying().clone(),
    };
    // The partner's own node says that Tokyo's people signed it.
    let forged = crate::relay::signed_with(&seoul.keyring().node, &at_seoul.node.office, &seoul, vouched);
    // Nor has Tokyo promised what another says in its name.
    let receipt = own[2].dangerously_unverified::<Receipt>().unwrap();
    let body = Receipt { leaf_index: 1_000_000, ..receipt.body };
    let promised =
        Statement { head: Head { key: seoul.keyring().node.verifying().key_id(), ..receipt.head }, body };
    let promised = Signed::seal(&promised, &seoul.keyring().node).unwrap();
    let mut flipped = own[0].to_bytes();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    at_seoul.stop().await;

    let at_tokyo = tokyo.start_as(unheard).await;
    let mut line = played(&at_tokyo, &seoul, VERSION);
    let mut said = vec![
        b"no statement".to_vec(),
        forged.to_bytes(),
        promised.to_bytes(),
        flipped,
        own[0].to_bytes(),
        own[0].to_bytes(),
        own[2].to_bytes(),
    ];
    said.reverse();
    let asked = pump(&mut line, clock(), |_| {
        let paper = said.pop();
        Given::new(paper, !said.is_empty())
    });
    assert_eq!(asked.len(), 7);
    assert!(asked[0].since.is_some() && asked[1..].iter().all(|ask| ask.since.is_none()), "{asked:?}");
    settles(&at_tokyo).await;
    let recorded = acts(&at_tokyo);
    let words = recorded.iter().filter(|act| matches!(act, Act::DestructionSigned { .. })).count();
    assert_eq!(words, 1, "of its own, once");
    assert!(!is_destroyed(&at_tokyo, &item), "one signature destroys nothing");
    assert!(!recorded.iter().any(|act| matches!(act, Act::IncidentRaised { code, .. } if code == "I-017")));
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_never_comes_to_an_end_is_asked_no_more_and_the_node_goes_on_waiting() {
    let Lost { seoul, tokyo, at_seoul, item } = lost().await;
    at_seoul.stop().await;
    let at_tokyo = tokyo.start_as(unheard).await;
    let mut line = played(&at_tokyo, &seoul, VERSION);
    let (mut now, mut count) = (clock(), 0_usize);
    loop {
        let asked = pump(&mut line, now, |_| Given::new(None, true)).len();
        if asked == 0 {
            break;
        }
        count += asked;
        now = now.plus_millis(1_001);
        assert!(count < 100_000, "it is asked for ever");
        // A connection that lasts needs a sign of life.
        line.0.on_time(now).unwrap();
    }
    let standing = at_tokyo.node.office.settling.standing().borrow().clone();
    assert!(!standing.is_settled() && standing.words_of.contains(&seoul.name));
    assert!(!is_destroyed(&at_tokyo, &item) && !at_tokyo.node.is_writable());
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_of_an_older_build_is_sent_no_frame_that_it_does_not_know_and_is_named() {
    let Lost { seoul, tokyo, at_seoul, .. } = lost().await;
    at_seoul.stop().await;
    let at_tokyo = tokyo.start_as(unheard).await;
    let mut line = played(&at_tokyo, &seoul, 1);
    assert!(pump(&mut line, clock(), |_| Given::new(None, false)).is_empty());
    assert!(!line.0.is_closed(), "the link stands");
    let standing = at_tokyo.node.office.settling.standing().borrow().clone();
    assert!(standing.cannot_say.contains(&seoul.name) && !standing.is_settled());
    assert!(
        standing.says().contains("seoul.kor cannot be asked, since it runs an older build"),
        "{}",
        standing.says()
    );
    // It was replaced meanwhile.
    drop(line);
    let mut line = played(&at_tokyo, &seoul, VERSION);
    assert_eq!(pump(&mut line, clock(), |_| Given::new(None, false)).len(), 1);
    settles(&at_tokyo).await;
    at_tokyo.stop().await;
}

/// Tokyo, which did something after its backup, and lost its disk before anybody had cosigned that. What it had recorded until the backup.
async fn unseen(since: impl AsyncFnOnce(&Running, &Running, [&Site; 2])) -> (Site, Site, Running, u64) {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    until(|| at_tokyo.node.office.view.read().items.arrivals().next().map(|_| ())).await;
    at_tokyo.stop().await;
    let backup = tokyo.backup();
    let at_tokyo = tokyo.start_as(|parts| parts.beat_seconds = NO_BEAT_SECONDS).await;
    let size = at_tokyo.node.office.view.read().size;
    until(|| (at_tokyo.node.office.published_size() >= size).then_some(())).await;
    let published = at_tokyo.node.office.published_size();
    since(&at_seoul, &at_tokyo, [&seoul, &tokyo]).await;
    assert_eq!(
        (at_tokyo.node.office.published_size(), size),
        (published, published),
        "nobody has cosigned it"
    );
    at_tokyo.stop().await;
    tokyo.brought_back(&backup);
    (seoul, tokyo, at_seoul, size)
}

async fn gives_a_receipt(at_seoul: &Running, at_tokyo: &Running, _: [&Site; 2]) {
    admit(at_tokyo, &JAPAN, 1).await;
    receipted(at_seoul, 1).await;
}

/// Waits until a node that was brought back has asked everything, and knows that it had signed what names entries that it lost.
async fn knows_promised(running: &Running) -> (u64, u64) {
    let mut standing = running.node.office.settling.standing();
    let is_asked = |standing: &Standing| standing.promised.is_some() && standing.words_of.is_empty();
    let standing = standing.wait_for(is_asked).await.unwrap().clone();
    assert!(!standing.is_settled() && !standing.may_hear() && !running.node.is_writable());
    assert!(standing.says().contains("attache backup succeed"), "{}", standing.says());
    standing.promised.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_an_entry_that_nobody_had_cosigned_is_not_belied_by_another_entry_after_a_restore() {
    let (seoul, tokyo, at_seoul, size) = unseen(gives_a_receipt).await;
    let receipt = at_seoul.node.office.view.read().dispatches.all_sent().next().cloned().unwrap();
    let Progress::Receipted { receipt, .. } = receipt.progress else { panic!("not receipted") };
    let receipt = at_seoul.node.office.papers.cited(&receipt, "receipt").unwrap();
    let receipt = Signed::from_bytes(&receipt).unwrap().dangerously_unverified::<Receipt>().unwrap().body;
    assert!(receipt.leaf_index >= size, "it names an entry behind the backup");
    let lost = (size, receipt.leaf_index + 1);
    let at_tokyo = tokyo.start_as(|parts| parts.restored = Some(Restored::default())).await;
    assert_eq!(knows_promised(&at_tokyo).await, lost);
    at_tokyo.stop().await;
    // By a file, which is taken up although people have said that nothing more was seen.
    let words = words_of(&at_seoul.node.office.papers, &tokyo.name, Timestamp(0)).unwrap();
    at_seoul.stop().await;
    let heard: BTreeSet<_> = [seoul.name.clone()].into();
    let at_tokyo = tokyo.start_as(|parts| {
        parts.restored = Some(Restored { is_seen: true, heard: heard.clone(), promised: None });
        parts.words = words.clone();
    });
    let at_tokyo = at_tokyo.await;
    assert_eq!(knows_promised(&at_tokyo).await, lost);
    at_tokyo.stop().await;
    // What it knew once, it knows at the next start.
    let at_tokyo = tokyo.start_as(|parts| {
        parts.restored = Some(Restored { is_seen: true, heard, promised: Some(lost.1) });
    });
    let at_tokyo = at_tokyo.await;
    assert_eq!(knows_promised(&at_tokyo).await, lost);
    assert_eq!(acts(&at_tokyo).len() as u64, size, "nothing was recorded");
    at_tokyo.stop().await;
    // A log that has gone on cannot take it back: a person must see to it.
    let at_tokyo = tokyo.start_with(words).await;
    settles(&at_tokyo).await;
    assert_eq!(words_not_taken(&at_tokyo), 1);
    at_tokyo.stop().await;
}

/// How often it is on record that a paper of the node's own could not be taken up.
fn words_not_taken(running: &Running) -> usize {
    let is_it = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == WORD_NOT_TAKEN);
    acts(running).iter().filter(|act| is_it(act)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_gives_over_the_link_and_another_entry_belies_is_an_incident() {
    let (seoul, tokyo, at_seoul, size) = unseen(gives_a_receipt).await;
    let words = words_of(&at_seoul.node.office.papers, &tokyo.name, Timestamp(0)).unwrap();
    at_seoul.stop().await;
    let receipt = words.last().unwrap();
    let lost = receipt.dangerously_unverified::<Receipt>().unwrap().body.leaf_index;
    // People do without what the partner has, and the log goes on.
    let without = |parts: &mut Parts| {
        unheard(parts);
        parts.restored.as_mut().unwrap().heard = [seoul.name.clone()].into();
    };
    let at_tokyo = tokyo.start_as(without).await;
    settles(&at_tokyo).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    let recorded = acts(&at_tokyo).len() as u64;
    assert!(size <= lost && lost < recorded, "another entry has the place {lost} of {recorded}");
    at_tokyo.stop().await;
    let at_tokyo = tokyo.start_as(unheard).await;
    let mut line = played(&at_tokyo, &seoul, VERSION);
    assert_eq!(pump(&mut line, clock(), |_| Given::new(Some(receipt.to_bytes()), false)).len(), 1);
    settles(&at_tokyo).await;
    assert_eq!(words_not_taken(&at_tokyo), 1);
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_left_is_known_as_lost_although_nobody_had_cosigned_its_entry() {
    let sends = async |at_seoul: &Running, at_tokyo: &Running, [seoul, _]: [&Site; 2]| {
        released(at_tokyo, &JAPAN, 9, 100, &seoul.name).await;
        until(|| at_seoul.node.office.view.read().items.arrivals().next().map(|_| ())).await;
    };
    let (_seoul, tokyo, at_seoul, size) = unseen(sends).await;
    let at_tokyo = tokyo.start_as(|parts| parts.restored = Some(Restored::default())).await;
    let (from, behind) = knows_promised(&at_tokyo).await;
    assert!(from == size && behind > size, "{from} {behind}");
    at_tokyo.stop().await;
    at_seoul.stop().await;
}

fn promise(running: &Running) -> (DispatchId, Promise) {
    let view = running.node.office.view.read();
    let sent = view.dispatches.all_sent().next().unwrap();
    (sent.id, sent.promise)
}

/// Seoul has a receipt of Tokyo's, which takes its proof for delivered before there is one.
async fn unproved() -> (Site, Site, Running, Running) {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    until(|| at_tokyo.node.office.view.read().dispatches.owes_proof_to(&seoul.name).then_some(())).await;
    let (dispatch, waits) = promise(&at_seoul);
    assert_eq!(waits, Promise::Waits, "no checkpoint counts the admission yet");
    let delivered = Plan::new(&at_tokyo.node.office.view.read(), vec![Act::ProofDelivered { dispatch }]);
    at_tokyo.node.commit(delivered).await.unwrap().unwrap();
    (seoul, tokyo, at_seoul, at_tokyo)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_its_partner_believes_delivered_is_asked_for_again() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = unproved().await;
    at_seoul.stop().await;
    at_tokyo.node.publish().await.unwrap();
    let at_seoul = seoul.start_as(|parts| parts.beat_seconds = 1).await;
    let proved = until(|| Some(promise(&at_seoul).1).filter(|promise| promise.proof().is_some())).await;
    assert!(matches!(proved, Promise::Proved(_)));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_asked_for_once_a_beat_and_one_that_proves_nothing_is_not_kept() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = unproved().await;
    at_tokyo.stop().await;
    let (dispatch, _) = promise(&at_seoul);
    let before = acts(&at_seoul).len();
    let mut line = played(&at_seoul, &tokyo, VERSION);
    let mut now = clock();
    let mut counts = Vec::new();
    for beat in 0..5 {
        let mut asked = 0;
        // Often looked at, once asked.
        for _ in 0..3 {
            let given = Given::new((beat == 4).then(|| b"proves nothing".to_vec()), false);
            let asks = pump(&mut line, now, |_| given.clone());
            assert!(asks.iter().all(|ask| ask.dispatch == Some(dispatch)));
            asked += asks.len();
        }
        counts.push(asked);
        now = now.plus_millis(60_001);
        line.0.on_time(now).unwrap();
    }
    assert_eq!(counts, [0, 0, 1, 1, 1], "its partner brings it by itself after the next beat");
    // Nothing is believed, nobody accused, and nothing more asked.
    assert!(pump(&mut line, now, |_| Given::new(None, false)).is_empty());
    assert!(line.1.next_errand().is_none());
    assert_eq!((acts(&at_seoul).len(), promise(&at_seoul).1), (before, Promise::Waits));
    at_seoul.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_given_again_to_whoever_the_receipt_was_given_and_so_often_only() {
    let (seoul, tokyo, at_seoul, at_tokyo) = unproved().await;
    let (dispatch, _) = promise(&at_seoul);
    let office = &at_tokyo.node.office;
    assert!(office.proof_again(&seoul.name, &dispatch).unwrap().is_none(), "nothing published counts it");
    at_tokyo.node.publish().await.unwrap();
    until(|| office.proof_again(&seoul.name, &dispatch).unwrap()).await;
    assert!(office.proof_again(&tokyo.name, &dispatch).unwrap().is_none(), "another's");
    assert!(office.proof_again(&seoul.name, &DispatchId([9; 16])).unwrap().is_none(), "no such dispatch");
    at_seoul.stop().await;
    // By the wire, without rest.
    let mut conduct = Conduct::listening(Arc::clone(office), seoul.name.clone(), clock()).unwrap();
    let now = clock();
    let mut caller = attache_courier::Caller::new(ours(office, &seoul.name, VERSION), now).unwrap();
    let (mut given, mut asked) = (0, 0);
    loop {
        if caller.greeting().is_some() && !caller.is_asking_again() {
            asked += 1;
            if asked > ASK_PACE.in_a_row + 10 {
                break;
            }
            caller.ask(Ask { dispatch: Some(dispatch), since: None }, now).unwrap();
        }
        while let Some(Output::Control(bytes)) = caller.poll_output() {
            conduct.received(now, &bytes);
        }
        while let Some(Output::Control(bytes)) = conduct.poll_output(now) {
            let mut input = bytes.as_slice();
            while let Some(event) = caller.receive(now, &mut input).unwrap() {
                given += u32::from(matches!(event, Event::Given(Given { paper: Some(_), .. })));
            }
        }
    }
    assert!((1..=ASK_PACE.in_a_row).contains(&given), "{given}");
    at_tokyo.stop().await;
}
