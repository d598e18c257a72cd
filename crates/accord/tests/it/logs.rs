//! Logs that went on under new origins, and what a node is brought again that lost what it was told.

use crate::samples::{decided as ruled, *};
use attache_accord::act::{Act, Answer, Entry};
use attache_accord::dispatch::LOG_LOST;
use attache_accord::logs::{origin_at, stretches};
use attache_accord::view::View;
use attache_accord::{Digest, Timestamp};

#[test]
fn a_leaf_stands_under_the_name_that_the_log_had_and_what_a_later_loss_cut_off_is_gone() {
    let all = stretches("log/1", [("log/2", 40), ("log/3", 60), ("log/4", 20)]);
    let named: Vec<_> = all.iter().map(|one| (one.from, one.origin.as_str())).collect();
    assert_eq!(named, [(0, "log/1"), (20, "log/4")]);
    let all = stretches("log/1", [("log/2", 40), ("log/3", 60)]);
    let under = |index| origin_at(&all, index).unwrap();
    assert_eq!([0, 39, 40, 59, 60, 999].map(under), ["log/1", "log/1", "log/2", "log/2", "log/3", "log/3"]);
}

fn folded(acts: &[(Timestamp, Act)]) -> View {
    let mut view = View::new(9);
    for (at, act) in acts {
        view.apply(&Entry { version: attache_accord::act::ENTRY_VERSION, at: *at, act: act.clone() });
    }
    view
}

fn shown(since: Timestamp) -> Act {
    let (node, origin) = (node("tokyo.jpn"), "tokyo.jpn/log/2".to_owned());
    Act::SuccessionShown {
        node,
        origin,
        kept: 4,
        cosigned: 9,
        since,
        statement: digest(35),
        notice: digest(28),
    }
}

fn decided(answer: Answer) -> Act {
    let (node, basis, by) = (node("tokyo.jpn"), "note 3 (fictitious)".to_owned(), person_id("office-1"));
    Act::SuccessionDecided { node, statement: digest(35), answer, basis, by }
}

#[test]
fn a_log_that_goes_on_is_stopped_until_a_person_follows_it() {
    let tokyo = node("tokyo.jpn");
    let told = folded(&[(NOON, shown(NOON))]);
    assert!(told.logs.is_stopped(&tokyo) && told.logs.awaits_decision(&tokyo));
    assert_eq!(told.logs.stretches(&tokyo, "tokyo.jpn/log/1").len(), 1);
    let refused = folded(&[(NOON, shown(NOON)), (NOON, decided(Answer::Refuse))]);
    assert!(refused.logs.is_stopped(&tokyo) && refused.logs.followed(&tokyo).is_none());
    let followed =
        folded(&[(NOON, shown(NOON)), (NOON, decided(Answer::Refuse)), (NOON, decided(Answer::Approve))]);
    assert!(!followed.logs.is_stopped(&tokyo));
    assert_eq!(followed.logs.stretches(&tokyo, "tokyo.jpn/log/1").last().unwrap().from, 4);
}

#[test]
fn whoever_lost_entries_is_brought_again_what_it_was_told_since_once_its_log_is_followed() {
    let tokyo = node("tokyo.jpn");
    let delivered = |digest: Digest| Act::StatementDelivered { statement: digest, to: node("tokyo.jpn") };
    let late = NOON.plus_hours(100);
    let mut acts = vec![
        (NOON, delivered(digest(1))),
        (NOON.plus_hours(60), delivered(digest(2))),
        (late, delivered(digest(3))),
        (late, shown(NOON.plus_hours(70))),
    ];
    assert!(folded(&acts).correspondence.owed_to(&tokyo).is_empty());
    acts.push((late, decided(Answer::Approve)));
    // A day before the time that the partner's clock says is taken with it.
    assert_eq!(folded(&acts).correspondence.owed_to(&tokyo), [digest(2), digest(3)]);
    acts.push((late, delivered(digest(2))));
    assert_eq!(folded(&acts).correspondence.owed_to(&tokyo), [digest(3)]);
}

#[test]
fn what_a_partner_had_receipted_and_lost_is_sent_again_once_its_log_is_followed_unless_it_is_destroyed_here()
{
    let tokyo = node("tokyo.jpn");
    let lost = |d| Act::IncidentRaised { code: LOG_LOST.to_owned(), dispatch: Some(dispatch(d)) };
    let mut acts = vec![added(1)];
    for d in [1, 2] {
        acts.extend([requested(d, 1), ruled(d, Answer::Approve), owed(d, d), receipt_kept(d)]);
    }
    acts.extend([shown(NOON), lost(1)]);
    let after = |more: &[Act]| {
        let acts: Vec<_> = acts.iter().chain(more).map(|act| (NOON, act.clone())).collect();
        let view = folded(&acts);
        let owed: Vec<_> = view.dispatches.owed_to(&tokyo).map(|sent| sent.id).collect();
        (owed, view.dispatches.counts())
    };
    assert_eq!(after(&[]), (vec![], [0, 0, 0, 2]));
    assert_eq!(after(&[decided(Answer::Refuse)]), (vec![], [0, 0, 0, 2]));
    let again = [decided(Answer::Approve)];
    assert_eq!(after(&again), (vec![dispatch(1)], [1, 0, 0, 1]), "the other one's entry is left");
    let taken = [decided(Answer::Approve), Act::DispatchStored { dispatch: dispatch(1) }, receipt_kept(1)];
    assert_eq!(after(&taken), (vec![], [0, 0, 0, 2]));
    // It may come by itself, from a partner that had only lost the admission.
    assert_eq!(after(&[decided(Answer::Approve), receipt_kept(1)]), (vec![], [0, 0, 0, 2]));
    let mut whole = destruction();
    whole.what.copy = None;
    let (item, statement, by) = (item(1), digest(39), person_id("registrar-1"));
    let destroyed = Act::DestructionSigned { item, destruction: whole, statement, by };
    assert_eq!(after(&[destroyed, decided(Answer::Approve)]), (vec![], [0, 0, 0, 2]));
}
