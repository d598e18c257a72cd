//! Cases and dispatches: decided once, owed once, receipted once.

use crate::samples::{
    NOON, admitted, any_journal, arrival, case, decided, digest, dispatch, node, owed, receipt_kept,
    requested, ruled,
};
use attache_accord::act::{Act, Answer};
use attache_accord::dispatch::{CaseState, Dispatches, PROMISE_BROKEN, Progress, Promise};
use attache_accord::ruling::Action;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn fold(acts: &[Act]) -> Dispatches {
    let mut dispatches = Dispatches::default();
    for (index, act) in (0..).zip(acts) {
        dispatches.apply(index, NOON, act);
    }
    dispatches
}

fn sent(then: &[Act]) -> Dispatches {
    let mut acts = vec![requested(1, 1), decided(1, Answer::Approve), owed(1, 1)];
    acts.extend_from_slice(then);
    fold(&acts)
}

fn stored() -> Act {
    Act::DispatchStored { dispatch: dispatch(1) }
}

fn declined() -> Act {
    Act::DispatchDeclined { dispatch: dispatch(1), code: "C-002".to_owned() }
}

fn progress(dispatches: &Dispatches) -> &Progress {
    &dispatches.sent(&dispatch(1)).unwrap().progress
}

#[test]
fn an_approved_case_owes_a_package() {
    let dispatches = fold(&[requested(1, 1), decided(1, Answer::Approve)]);
    assert_eq!(dispatches.packages_owed().map(|c| c.id).collect::<Vec<_>>(), [case(1)]);
}

#[test]
fn a_refused_case_owes_nothing() {
    assert_eq!(fold(&[requested(1, 1), decided(1, Answer::Refuse)]).packages_owed().count(), 0);
}

#[test]
fn a_refusal_is_not_reopened_by_a_later_approval() {
    let dispatches = fold(&[requested(1, 1), decided(1, Answer::Refuse), decided(1, Answer::Approve)]);
    assert_eq!(dispatches.case(&case(1)).unwrap().state, CaseState::Refused);
    assert_eq!(dispatches.packages_owed().count(), 0);
}

#[test]
fn a_case_approved_twice_owes_one_package() {
    assert_eq!(sent(&[decided(1, Answer::Approve)]).packages_owed().count(), 0);
}

#[test]
fn a_case_asked_for_again_keeps_its_requester_and_its_decision() {
    let dispatches = fold(&[requested(1, 1), decided(1, Answer::Refuse), requested(1, 2)]);
    assert_eq!(dispatches.case(&case(1)).unwrap().state, CaseState::Refused);
}

#[test]
fn nothing_is_sent_that_was_not_approved() {
    assert_eq!(fold(&[requested(1, 1), owed(1, 1)]).owed_to(&node("tokyo.jpn")).count(), 0);
}

#[test]
fn only_a_granted_release_gives_a_case_its_ruling() {
    let acts = [
        requested(1, 1),
        ruled(1, Action::Request, true),
        ruled(1, Action::Release, false),
        ruled(1, Action::Release, true),
    ];
    assert_eq!(fold(&acts[..3]).case(&case(1)).unwrap().ruling_index, None);
    assert_eq!(fold(&acts).case(&case(1)).unwrap().ruling_index, Some(3));
}

#[test]
fn what_the_partner_stored_is_not_sent_again() {
    assert_eq!(sent(&[stored()]).owed_to(&node("tokyo.jpn")).count(), 0);
}

#[test]
fn what_the_partner_stored_still_waits_for_its_receipt() {
    assert_eq!(sent(&[stored()]).overdue(NOON.plus_hours(24)).count(), 1);
}

#[test]
fn a_dispatch_is_overdue_from_its_due_time_on() {
    assert_eq!(sent(&[]).overdue(NOON.plus_hours(24)).count(), 1);
    assert_eq!(sent(&[]).overdue(NOON.plus_hours(23)).count(), 0);
}

#[test]
fn an_overdue_dispatch_is_raised_once() {
    let raised = Act::IncidentRaised { code: "I-001".to_owned(), dispatch: Some(dispatch(1)) };
    assert_eq!(sent(&[raised]).overdue(NOON.plus_hours(24)).count(), 0);
}

#[test]
fn a_receipt_closes_a_dispatch_for_good() {
    for late in [stored(), declined(), owed(1, 1)] {
        let dispatches = sent(&[receipt_kept(1), late]);
        assert!(matches!(progress(&dispatches), Progress::Receipted { .. }));
        assert_eq!(dispatches.overdue(NOON.plus_hours(1000)).count(), 0);
        assert_eq!(dispatches.owed_to(&node("tokyo.jpn")).count(), 0);
    }
}

#[test]
fn a_second_receipt_does_not_replace_the_first() {
    let second =
        Act::ReceiptKept { dispatch: dispatch(1), receipt: digest(77), admitted: false, proof_due: NOON };
    let dispatches = sent(&[receipt_kept(1), second]);
    assert_eq!(
        *progress(&dispatches),
        Progress::Receipted { receipt: digest(10), proof_due: NOON.plus_hours(48) }
    );
}

fn proof(n: u8) -> Act {
    Act::ProofKept { dispatch: dispatch(1), proof: digest(n) }
}

fn broken() -> Act {
    Act::IncidentRaised { code: PROMISE_BROKEN.to_owned(), dispatch: Some(dispatch(1)) }
}

fn promise(dispatches: &Dispatches) -> Promise {
    dispatches.sent(&dispatch(1)).unwrap().promise
}

#[test]
fn a_receipt_without_its_proof_is_a_broken_promise_past_its_time_and_told_once() {
    let due = NOON.plus_hours(48);
    let waits = sent(&[receipt_kept(1)]);
    assert_eq!(waits.broken_promises(due).count(), 0);
    let unproved = |of: &Dispatches| of.unproved(&node("tokyo.jpn"), None).count();
    assert_eq!(unproved(&waits), 1, "it may be asked for before it is due");
    assert_eq!(waits.broken_promises(due.plus_millis(1)).count(), 1);
    let told = sent(&[receipt_kept(1), broken()]);
    assert_eq!((told.broken_promises(due.plus_hours(1)).count(), promise(&told)), (0, Promise::Broken));
    assert_eq!(unproved(&told), 1, "and after it was told");
    assert_eq!(unproved(&sent(&[receipt_kept(1), broken(), proof(1)])), 0);
    assert_eq!(sent(&[stored()]).broken_promises(due.plus_hours(1)).count(), 0, "nothing was promised");
}

#[test]
fn a_proof_keeps_the_promise_and_the_first_one_stays() {
    let kept = sent(&[receipt_kept(1), proof(1), proof(2)]);
    assert_eq!(promise(&kept), Promise::Proved(digest(1)));
    assert_eq!(kept.broken_promises(NOON.plus_hours(1000)).count(), 0);
    let late = sent(&[receipt_kept(1), broken(), proof(1)]);
    assert_eq!(promise(&late), Promise::ProvedLate(digest(1)));
    assert_eq!(promise(&sent(&[receipt_kept(1), proof(1), broken()])), Promise::Proved(digest(1)));
}

#[test]
fn a_proof_before_its_receipt_and_an_incident_of_another_kind_say_nothing_of_the_promise() {
    let other = Act::IncidentRaised { code: "I-001".to_owned(), dispatch: Some(dispatch(1)) };
    assert_eq!(promise(&sent(&[proof(1), receipt_kept(1), other])), Promise::Waits);
    let overdue = sent(&[broken()]).overdue(NOON.plus_hours(24)).count();
    assert_eq!(overdue, 1, "a broken promise hides no overdue receipt");
}

#[test]
fn what_was_declined_is_not_stored_later() {
    assert!(matches!(progress(&sent(&[declined(), stored()])), Progress::Declined(_)));
}

fn received(then: &[Act]) -> Dispatches {
    let mut acts = vec![arrival(1), admitted(1, 1)];
    acts.extend_from_slice(then);
    fold(&acts)
}

fn receipt(n: u8) -> Act {
    Act::ReceiptOwed { dispatch: dispatch(1), receipt: digest(n) }
}

fn delivered() -> Act {
    Act::ReceiptDelivered { dispatch: dispatch(1) }
}

#[test]
fn a_proof_is_owed_once_the_receipt_is_delivered_and_its_leaf_published() {
    let seoul = node("seoul.kor");
    let owed = |then: &[Act], size| received(then).proofs_owed_to(&seoul, size).count();
    assert_eq!(owed(&[receipt(1)], 100), 0);
    assert_eq!(owed(&[receipt(1), delivered()], 100), 1);
    let (_, index) = received(&[]).given(&dispatch(1)).unwrap().admitted.unwrap();
    assert_eq!(owed(&[receipt(1), delivered()], index), 0, "not published yet");
    assert_eq!(owed(&[receipt(1), delivered()], index + 1), 1);
    let proved = Act::ProofDelivered { dispatch: dispatch(1) };
    assert_eq!(owed(&[receipt(1), delivered(), proved.clone()], 100), 0);
    assert_eq!(owed(&[receipt(1), delivered(), proved, delivered()], 100), 0, "told again, nothing is owed");
}

#[test]
fn an_admission_owes_a_receipt() {
    assert_eq!(received(&[]).receipts_to_sign().count(), 1);
}

#[test]
fn an_arrival_alone_owes_none() {
    assert_eq!(fold(&[arrival(1)]).receipts_to_sign().count(), 0);
}

#[test]
fn a_signed_receipt_is_owed_to_the_sender_until_delivered() {
    assert_eq!(received(&[receipt(1)]).receipts_owed_to(&node("seoul.kor")).count(), 1);
    assert_eq!(received(&[receipt(1), delivered()]).receipts_owed_to(&node("seoul.kor")).count(), 0);
}

#[test]
fn a_resend_gets_the_same_receipt() {
    let dispatches = received(&[receipt(1), arrival(1), admitted(1, 2), receipt(2)]);
    assert_eq!(dispatches.given(&dispatch(1)).unwrap().receipt, Some(digest(1)));
    assert_eq!(dispatches.receipts_to_sign().count(), 0);
}

#[test]
fn a_receipt_is_not_delivered_before_it_is_signed() {
    let dispatches = received(&[delivered(), receipt(1)]);
    assert_eq!(dispatches.receipts_owed_to(&node("seoul.kor")).count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_receipt_once_kept_or_given_never_changes(journal in any_journal()) {
        let mut dispatches = Dispatches::default();
        let (mut kept, mut given) = (BTreeMap::new(), BTreeMap::new());
        for (index, entry) in (0..).zip(journal.iter()) {
            dispatches.apply(index, entry.at, &entry.act);
            for sent in dispatches.all_sent() {
                if let Progress::Receipted { receipt, .. } = sent.progress {
                    prop_assert_eq!(*kept.entry(sent.id).or_insert(receipt), receipt);
                } else {
                    prop_assert!(!kept.contains_key(&sent.id), "a closed dispatch was reopened");
                }
            }
            for (id, gave) in dispatches.all_given() {
                if let Some(receipt) = gave.receipt {
                    prop_assert_eq!(*given.entry(*id).or_insert(receipt), receipt);
                }
            }
        }
    }

    #[test]
    fn every_dispatch_belongs_to_a_case_that_was_approved_and_no_case_has_two(journal in any_journal()) {
        let mut dispatches = Dispatches::default();
        for (index, entry) in (0..).zip(journal.iter()) {
            dispatches.apply(index, entry.at, &entry.act);
        }
        for sent in dispatches.all_sent() {
            let state = dispatches.case(&sent.case).map(|case| case.state.clone());
            prop_assert_eq!(state, Some(CaseState::Dispatched(sent.id)));
        }
    }

    #[test]
    fn nothing_owed_is_closed_and_nothing_closed_is_owed(journal in any_journal()) {
        let mut dispatches = Dispatches::default();
        for (index, entry) in (0..).zip(journal.iter()) {
            dispatches.apply(index, entry.at, &entry.act);
        }
        let mut counts = [0; 4];
        for sent in dispatches.all_sent() {
            let at = match sent.progress {
                Progress::Owed => 0,
                Progress::Stored => 1,
                Progress::Declined(_) => 2,
                Progress::Receipted { .. } => 3,
            };
            counts[at] += 1;
        }
        prop_assert_eq!(dispatches.counts(), counts);
        let owed: Vec<_> = dispatches.owed_to(&node("tokyo.jpn")).map(|d| d.id).collect();
        for sent in dispatches.all_sent() {
            prop_assert_eq!(owed.contains(&sent.id), sent.progress == Progress::Owed);
        }
    }
}
