//! Logs that went on under new origins, and what a node is brought again that lost what it was told.

use crate::samples::*;
use attache_accord::act::{Act, Answer, Entry};
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
