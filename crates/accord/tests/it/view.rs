//! All folds together: the same journal gives the same view, and a question takes its facts from it.

use crate::samples::{NOON, any_journal, entry, every_act, founded, item, officer, person_id};
use attache_accord::Digest;
use attache_accord::act::Act;
use attache_accord::clients::ClientName;
use attache_accord::view::{Ask, Unknown, View};
use proptest::prelude::*;

#[test]
fn a_node_that_was_never_founded_answers_no_question() {
    let asked = View::new(9).question(&person_id("fdo-2"), &Ask::Open { item: item(1), purpose: None }, NOON);
    assert_eq!(asked, Err(Unknown::Unfounded));
}

#[test]
fn someone_not_on_the_roll_asks_nothing() {
    let mut view = View::new(9);
    view.apply(&entry(founded("KOR")));
    let asked = view.question(&person_id("fdo-2"), &Ask::Open { item: item(1), purpose: None }, NOON);
    assert_eq!(asked, Err(Unknown::Person(person_id("fdo-2"))));
}

#[test]
fn an_item_that_is_not_here_is_named_as_unknown() {
    let mut view = View::new(9);
    view.apply(&entry(founded("KOR")));
    view.apply(&entry(Act::PersonEnrolled { person: officer(), verifying: vec![1].into(), by: None }));
    let asked = view.question(&person_id("fdo-2"), &Ask::Open { item: item(1), purpose: None }, NOON);
    assert_eq!(asked, Err(Unknown::Item(item(1))));
}

#[test]
fn whoever_is_enrolled_with_another_key_keeps_no_machine_client() {
    let enrolled =
        |key: u8| entry(Act::PersonEnrolled { person: officer(), verifying: vec![key].into(), by: None });
    let client: ClientName = "laptop".parse().unwrap();
    let added = Act::ClientAdded {
        client: client.clone(),
        secret: Digest([1; 32]),
        is_legacy: false,
        by: officer().id,
    };
    let mut view = View::new(9);
    [enrolled(1), entry(added), enrolled(1)].iter().for_each(|entry| view.apply(entry));
    assert!(view.clients.get(&client).is_some(), "the key is the same");
    view.apply(&enrolled(2));
    assert_eq!(view.clients.get(&client), None);
}

#[test]
fn every_act_belongs_to_a_stream() {
    for act in every_act() {
        assert!(!act.stream().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_journal_gives_the_same_view(journal in any_journal()) {
        let fold = || {
            let mut view = View::new(9);
            journal.iter().for_each(|entry| view.apply(entry));
            view
        };
        prop_assert_eq!(fold(), fold());
    }

    #[test]
    fn a_view_can_be_rebuilt_from_the_journals_bytes(journal in any_journal()) {
        let (mut first, mut rebuilt) = (View::new(9), View::new(9));
        for entry in &journal {
            first.apply(entry);
            rebuilt.apply(&minicbor::decode(&minicbor::to_vec(entry).unwrap()).unwrap());
        }
        prop_assert_eq!(first, rebuilt);
    }

    #[test]
    fn the_versions_of_all_streams_add_up_to_the_journal(journal in any_journal()) {
        let mut view = View::new(9);
        journal.iter().for_each(|entry| view.apply(entry));
        let streams: std::collections::BTreeSet<String> = journal.iter().map(|entry| entry.act.stream()).collect();
        prop_assert_eq!(streams.iter().map(|stream| view.version(stream)).sum::<u64>(), journal.len() as u64);
    }
}
