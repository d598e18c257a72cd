//! Every recorded ruling is replayed from the journal, and a ruling that does not come out as recorded is noticed.

use crate::crossing::{JAPAN, KOREA, admit, receipted, released, two};
use crate::nodes::{Running, clock};
use attache_accord::act::Act;
use attache_accord::ruling::{Action, Ruling};
use attache_accord::view::{Ask, Asked};
use attache_accord::{Digest, ItemId, PersonId};
use attache_node::desk;
use attache_node::engine::Plan;
use attache_node::replay::{Replayed, Verdict, replay};
use attache_release::Pack;
use std::collections::BTreeSet;

fn replayed(running: &Running, pack_of: &dyn Fn(&Digest) -> Option<Pack>) -> Vec<Replayed> {
    let office = &running.node.office;
    let mut all = Vec::new();
    replay(&office.papers, office.pack.terms().utc_offset_hours, pack_of, &mut |one| all.push(one)).unwrap();
    all
}

fn by_its_pack(running: &Running) -> Vec<Replayed> {
    let pack = running.node.office.pack.clone();
    replayed(running, &|digest| (*digest == pack.digest()).then(|| (*pack).clone()))
}

fn verdicts(replayed: &[Replayed]) -> BTreeSet<Verdict> {
    replayed.iter().map(|one| one.verdict).collect()
}

fn fdo() -> PersonId {
    "disclosure-officer-1".parse().unwrap()
}

/// Seoul releases two items and refuses to pass one on; Tokyo admits them.
async fn history() -> (Running, Running) {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    for id in 1..=2 {
        released(&at_seoul, &KOREA, id, 1000, &tokyo.name).await;
    }
    admit(&at_tokyo, &JAPAN, 2).await;
    receipted(&at_seoul, 2).await;
    let pack = at_seoul.node.office.pack.clone();
    let to = "USA".parse().unwrap();
    let done = at_seoul.node.carry_out(|view, now| {
        desk::handle(view, &pack, now, &fdo(), Ask::PassOn { item: ItemId([1; 16]), to })
    });
    assert!(!done.await.unwrap().ruling.unwrap().granted);
    (at_seoul, at_tokyo)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ruling_is_replayed_from_the_journal_with_the_same_question_answer_and_reasons() {
    let (at_seoul, at_tokyo) = history().await;
    let told = by_its_pack(&at_seoul);
    let seen: BTreeSet<_> = told.iter().map(|one| (one.action, one.granted)).collect();
    let expected = [(Action::Request, true), (Action::Release, true), (Action::PassOn, false)];
    assert_eq!(seen, expected.into());
    assert_eq!(told.len(), 5);
    assert_eq!(verdicts(&told), [Verdict::Same].into());
    let there = by_its_pack(&at_tokyo);
    assert_eq!((there.len(), verdicts(&there)), (2, [Verdict::Same].into()));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_with_a_rule_missing_is_noticed_and_one_that_is_not_at_hand_is_told() {
    let (at_seoul, at_tokyo) = history().await;
    let of = |told: Vec<Replayed>| -> BTreeSet<_> {
        told.into_iter().map(|one| (one.action, one.verdict)).collect()
    };
    let without = |code: &str| {
        let mutant = at_seoul.node.office.pack.dangerously_without(code);
        of(replayed(&at_seoul, &|_| Some(mutant.clone())))
    };
    let [requested, decided] = [Action::Request, Action::Release].map(|action| (action, Verdict::Same));
    // The refusal loses its reason, the request its permit.
    assert_eq!(without("R-006"), [requested, decided, (Action::PassOn, Verdict::OtherAnswer)].into());
    let same = (Action::PassOn, Verdict::Same);
    assert_eq!(without("R-101"), [(Action::Request, Verdict::OtherAnswer), decided, same].into());
    assert_eq!(without("R-034"), [requested, decided, same].into(), "a rule that decided nothing here");
    assert_eq!(verdicts(&replayed(&at_seoul, &|_| None)), [Verdict::NoPack].into());
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_on_other_facts_than_the_journals_is_noticed_and_older_entries_are_told_apart() {
    let (at_seoul, at_tokyo) = history().await;
    let office = &at_seoul.node.office;
    let (item, now) = (ItemId([1; 16]), clock());
    let step = {
        let view = office.view.read();
        desk::handle(&view, &office.pack, now, &fdo(), Ask::PassOn { item, to: "USA".parse().unwrap() })
            .unwrap()
    };
    let question = step.plan.papers[0].clone();
    let ruling = step.ruling.unwrap();
    let size = office.view.read().size;
    let asked =
        |to: &str, at, size| Some(Asked { ask: Ask::PassOn { item, to: to.parse().unwrap() }, at, size });
    let other = |ruling: &Ruling| Ruling { question: Digest([9; 32]), ..ruling.clone() };
    let mut acts = Vec::new();
    for (ruling, asked) in [
        (ruling.clone(), asked("USA", now, size)),
        (ruling.clone(), asked("GBR", now, size)),
        (ruling.clone(), asked("USA", now.plus_millis(1), size)),
        (ruling.clone(), asked("USA", now, u64::MAX)),
        (Ruling { granted: true, ..ruling.clone() }, asked("USA", now, size)),
        (ruling.clone(), None),
        (other(&ruling), None),
    ] {
        let recipient = Some("USA".parse().unwrap());
        acts.push(Act::Ruled { ruling, by: fdo(), item: Some(item), case: None, recipient, asked });
    }
    let mut plan = Plan::new(&office.view.read(), acts);
    plan.papers.push(question);
    at_seoul.node.commit(plan).await.unwrap().unwrap();
    let mut told = by_its_pack(&at_seoul);
    told.retain(|one| one.index >= size);
    told.sort_by_key(|one| one.index);
    let told: Vec<_> = told.iter().map(|one| one.verdict).collect();
    let expected = [
        Verdict::Same,
        Verdict::OtherFacts,
        Verdict::OtherFacts,
        Verdict::OtherFacts,
        Verdict::OtherAnswer,
        Verdict::SameFromItsPaper,
        Verdict::NoQuestion,
    ];
    assert_eq!(told, expected);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
