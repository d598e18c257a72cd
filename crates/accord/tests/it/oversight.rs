//! What an act shows to oversight: never an item, a title or a person.

use crate::samples::{
    NOON, added, admitted, any_journal, arrival, decided, dispatch, every_act, marked, opened, owed,
    receipt_kept, requested, ruled, ruled_on,
};
use attache_accord::act::{Act, Answer};
use attache_accord::dispatch::Dispatches;
use attache_accord::item::Items;
use attache_accord::oversight::{Context, FIELD_ACT, FIELD_DAY, shown, word};
use attache_accord::ruling::Action;
use attache_accord::view::Ask;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn context<'a>(items: &'a Items, dispatches: &'a Dispatches) -> Context<'a> {
    Context {
        items,
        dispatches,
        beside: &[],
        looking_back: None,
        agreement: "gsomia-2016",
        utc_offset_hours: 9,
    }
}

#[test]
fn every_act_has_its_own_word() {
    let words: BTreeSet<&str> = every_act().iter().map(word).collect();
    let kinds: BTreeSet<_> =
        every_act().iter().map(std::mem::discriminant).map(|kind| format!("{kind:?}")).collect();
    assert_eq!(words.len(), kinds.len());
}

#[test]
fn every_act_shows_its_word_and_its_day() {
    for act in every_act() {
        let fields = shown(&act, NOON, context(&Items::default(), &Dispatches::default())).fields;
        assert_eq!((fields[FIELD_ACT].as_str(), fields[FIELD_DAY].as_str()), (word(&act), "2026-11-23"));
    }
}

/// What is asked of a draft comes before its marking, one arrival is admitted twice, and one receipt is given after all.
fn exchanges() -> Vec<Act> {
    let digest = crate::samples::digest(20);
    vec![
        added(1),
        ruled(1, Action::Request, false),
        marked(1, "KOR:II"),
        marked(1, "KOR:III"),
        ruled(1, Action::Request, true),
        requested(1, 1),
        arrival(3),
        ruled(1, Action::Release, true),
        decided(1, Answer::Approve),
        owed(1, 1),
        Act::DispatchStored { dispatch: dispatch(1) },
        ruled_on(Ask::Admit { dispatch: dispatch(3), chosen: None }),
        admitted(3, 3),
        ruled_on(Ask::Admit { dispatch: dispatch(3), chosen: None }),
        admitted(3, 4),
        ruled(1, Action::Release, true),
        Act::ReceiptOwed { dispatch: dispatch(3), receipt: digest },
        receipt_kept(1),
        opened(3),
        opened(4),
        Act::ReceiptDelivered { dispatch: dispatch(3) },
        Act::ProofKept { dispatch: dispatch(1), proof: digest },
        Act::ProofDelivered { dispatch: dispatch(3) },
    ]
}

#[test]
fn looking_back_an_act_shows_what_it_showed_when_it_was_done() {
    let (mut items, mut dispatches) = (Items::default(), Dispatches::default());
    let mut then = Vec::new();
    for (index, act) in (0..).zip(&exchanges()) {
        then.push(shown(act, NOON, context(&items, &dispatches)));
        items.apply(index, act);
        dispatches.apply(index, NOON, act);
    }
    for ((index, act), then) in (0..).zip(&exchanges()).zip(then) {
        let now = Context { looking_back: Some(index), ..context(&items, &dispatches) };
        assert_eq!(shown(act, NOON, now), then, "{index}");
    }
}

#[test]
fn an_exchange_shows_the_article_of_the_ruling_that_permitted_it() {
    let under = |mut act: Act, article: &str| {
        let Act::Ruled { ruling, .. } = &mut act else { panic!("a ruling") };
        ruling.reasons[0].article = article.to_owned();
        act
    };
    let admit = || ruled_on(Ask::Admit { dispatch: dispatch(3), chosen: None });
    let (mut items, mut dispatches) = (Items::default(), Dispatches::default());
    let mut refused = admit();
    let Act::Ruled { ruling, .. } = &mut refused else { panic!("a ruling") };
    ruling.granted = false;
    let acts = [
        requested(1, 1),
        arrival(3),
        under(ruled(1, Action::Request, true), "2"),
        under(ruled(1, Action::Release, true), "6(a)"),
        decided(1, Answer::Approve),
        under(admit(), "4.2"),
        under(refused, "7"),
    ];
    for (index, act) in (0..).zip(&acts) {
        items.apply(index, act);
        dispatches.apply(index, NOON, act);
    }
    let permitted = |act: &Act, beside: &[Act], dispatches: &Dispatches| {
        shown(act, NOON, Context { beside, ..context(&items, dispatches) }).permitted
    };
    let article = |article: &str| Some(article.to_owned());
    assert_eq!(permitted(&owed(1, 1), &[], &dispatches), article("6(a)"));
    assert_eq!(permitted(&admitted(3, 3), &[], &dispatches), article("4.2"));
    assert_eq!(permitted(&owed(1, 2), &[], &dispatches), None, "of no case");
    // The ruling that is recorded together with the admission is not in the folds yet, and is the one that counts.
    let beside = [under(admit(), "4.3"), under(ruled(1, Action::Release, true), "5")];
    assert_eq!(permitted(&admitted(3, 3), &beside, &dispatches), article("4.3"));
    // What comes behind an exchange changes nothing about it.
    for (index, act) in (7..).zip([owed(1, 1), admitted(3, 3), under(ruled(1, Action::Release, true), "5")]) {
        dispatches.apply(index, NOON, &act);
    }
    let looking_back = Context { looking_back: Some(7), ..context(&items, &dispatches) };
    assert_eq!(shown(&owed(1, 1), NOON, looking_back).permitted, article("6(a)"));
    assert_eq!(permitted(&admitted(3, 4), &beside, &dispatches), None, "admitted before");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_field_names_a_person_an_item_or_a_caveat(journal in any_journal()) {
        let (mut items, mut dispatches) = (Items::default(), Dispatches::default());
        for (index, entry) in (0..).zip(journal.iter()) {
            let fields = shown(&entry.act, entry.at, context(&items, &dispatches)).fields;
            for secret in ["fdo-", "analyst-1", "desk-1", "reader-1", "admin-1", "출처", "0101", "0202", "0303"] {
                prop_assert!(fields.iter().all(|field| !field.contains(secret)), "{} in {:?}", secret, fields);
            }
            items.apply(index, &entry.act);
            dispatches.apply(index, entry.at, &entry.act);
        }
    }
}

#[test]
fn the_acts_of_a_release_case_belong_to_it_and_no_other_act_does() {
    let mut dispatches = Dispatches::default();
    let case =
        |act: &Act, dispatches: &Dispatches| shown(act, NOON, context(&Items::default(), dispatches)).case;
    for act in [requested(1, 1), decided(1, Answer::Approve), owed(1, 1)] {
        assert_eq!(case(&act, &dispatches), Some(crate::samples::case(1)), "{}", word(&act));
        dispatches.apply(0, NOON, &act);
    }
    for act in [receipt_kept(1), Act::DispatchStored { dispatch: dispatch(1) }] {
        assert_eq!(case(&act, &dispatches), Some(crate::samples::case(1)), "{}", word(&act));
    }
    for act in [added(1), marked(1, "KOR:II"), Act::Padded {}, Act::DispatchStored { dispatch: dispatch(2) }]
    {
        assert_eq!(case(&act, &dispatches), None, "{}", word(&act));
    }
}
