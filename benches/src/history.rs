//! Exchanges as their acts stand in a journal, without the people, packages and papers behind them: for journals too long to be made
//! by exchanging.
//!
//! *Absent:* what a partner would believe. Only folds look at these.

use attache_accord::act::{Act, Answer};
use attache_accord::ruling::{Action, Reason, Ruling};
use attache_accord::{CaseId, Digest, DispatchId, ItemId, Marking, PersonId, Timestamp};
use attache_node::engine::{Engine, Plan};
use std::error::Error;
use std::ops::Range;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Commits plans that must all stand.
pub fn commit(engine: &mut Engine, now: Timestamp, plans: Vec<Plan>) -> Outcome<()> {
    for outcome in engine.commit(now, &plans)? {
        outcome?;
    }
    Ok(())
}

/// Exchanges of these numbers, every second one sent, the others received.
pub fn exchange(engine: &mut Engine, now: Timestamp, numbers: Range<u64>) -> Outcome<()> {
    let acts = |number: u64| if number.is_multiple_of(2) { sent(number, now) } else { received(number) };
    step_by_step(engine, now, numbers.map(acts))
}

/// An item that came, with the acts that it takes to register, receipt and prove it, and no others: one stream of its own.
pub fn registered(number: u64) -> Outcome<Vec<Act>> {
    let is_beside = |act: &Act| matches!(act, Act::Ruled { .. } | Act::Opened { .. } | Act::Padded {});
    Ok(received(number)?.into_iter().filter(|act| !is_beside(act)).collect())
}

/// Such items, by the engine.
pub fn register(engine: &mut Engine, now: Timestamp, numbers: Range<u64>) -> Outcome<()> {
    step_by_step(engine, now, numbers.map(registered))
}

fn step_by_step(
    engine: &mut Engine,
    now: Timestamp,
    all: impl Iterator<Item = Outcome<Vec<Act>>>,
) -> Outcome<()> {
    let exchanges: Outcome<Vec<_>> = all.map(|acts| Ok(acts?.into_iter())).collect();
    let mut exchanges = exchanges?;
    // One act of each at a time: what is committed together sees nothing of each other.
    loop {
        let next = exchanges.iter_mut().filter_map(Iterator::next);
        let plans: Vec<_> = next.map(|act| Plan { acts: vec![act], ..Plan::default() }).collect();
        if plans.is_empty() {
            return Ok(());
        }
        commit(engine, now, plans)?;
    }
}

/// Scattered, as ids are.
fn id(number: u64) -> [u8; 16] {
    let mut id = [0x5a; 16];
    id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id
}

fn digest(number: u64, of: u8) -> Digest {
    let mut digest = [of; 32];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    Digest(digest)
}

fn marking(number: u64, level: [&str; 2]) -> Outcome<Marking> {
    let kinds = ["humint", "imagery", "track", "patrol", "document"];
    Ok(Marking {
        level: level[(number % 2) as usize].parse()?,
        releasable_to: [["JPN", "KOR"][usize::from(level[0].starts_with("JPN"))].parse()?].into(),
        kind: kinds[(number % 5) as usize].parse()?,
        caveats: Vec::new(),
        marked_at: Timestamp(1_780_000_000_000),
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    })
}

fn ruled(number: u64, item: Option<ItemId>, granted: bool) -> Outcome<Act> {
    let articles = ["1", "4.2", "6(a)", "7"];
    let reason = Reason { code: "R-102".to_owned(), article: articles[(number % 4) as usize].to_owned() };
    let ruling = Ruling {
        action: Action::Release,
        question: digest(number, 1),
        granted,
        reasons: vec![reason],
        pack: digest(0, 2),
        pack_version: "1.0.0".to_owned(),
    };
    Ok(Act::Ruled { ruling, by: person()?, item, case: None, recipient: None, asked: None })
}

fn person() -> Outcome<PersonId> {
    Ok("analyst-1".parse()?)
}

/// What one item sent leaves in the journal, and every second time a refusal.
fn sent(number: u64, now: Timestamp) -> Outcome<Vec<Act>> {
    let (item, case, dispatch) = (ItemId(id(number)), CaseId(id(number)), DispatchId(id(number)));
    let (by, recipient) = (person()?, "tokyo.jpn".parse()?);
    let mut acts = vec![
        Act::ItemAdded {
            item,
            size: 1_000_000,
            item_digest: digest(number, 3),
            manifest: digest(number, 4),
            title: digest(number, 5),
            extract_of: None,
            by: by.clone(),
        },
        Act::ItemMarked {
            item,
            marking: marking(number, ["KOR:II", "KOR:III"])?,
            label: digest(number, 6),
            manifest: digest(number, 7),
            by: by.clone(),
        },
        ruled(number, Some(item), true)?,
        Act::ReleaseRequested { case, item, recipient, request: digest(number, 8), by: by.clone() },
        Act::ReleaseDecided { case, answer: Answer::Approve, decision: digest(number, 9), by },
        Act::DispatchOwed {
            dispatch,
            case,
            item,
            recipient: "tokyo.jpn".parse()?,
            package: digest(number, 10),
            manifest: digest(number, 11),
            due: now.plus_hours(24),
        },
        Act::DispatchStored { dispatch },
        Act::ReceiptKept {
            dispatch,
            receipt: digest(number, 12),
            admitted: true,
            proof_due: now.plus_hours(48),
        },
        Act::ProofKept { dispatch, proof: digest(number, 20) },
    ];
    if number.is_multiple_of(4) {
        acts.push(ruled(number, Some(item), false)?);
    }
    Ok(acts)
}

/// What one item received leaves in the journal.
fn received(number: u64) -> Outcome<Vec<Act>> {
    let (item, dispatch) = (ItemId(id(number)), DispatchId(id(number)));
    Ok(vec![
        Act::ArrivalVerified {
            dispatch,
            from: "tokyo.jpn".parse()?,
            package: digest(number, 13),
            item_digest: digest(number, 14),
            size: 1_000_000,
            manifest: digest(number, 15),
            marking: marking(number, ["JPN:GOKUHI", "JPN:HI"])?,
            label: digest(number, 16),
        },
        ruled(number, None, true)?,
        Act::Admitted {
            dispatch,
            item,
            own_level: "KOR:II".parse()?,
            admission: digest(number, 17),
            by: person()?,
        },
        Act::ReceiptOwed { dispatch, receipt: digest(number, 18) },
        Act::ReceiptDelivered { dispatch },
        Act::ProofDelivered { dispatch },
        Act::Opened { item, question: digest(number, 19), by: person()? },
        Act::Padded {},
    ])
}
