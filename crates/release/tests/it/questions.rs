//! Questions for the other tests: one that is granted for each action, and random ones near them.

use attache_accord::agreement::Position;
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Assured, Question, Recipient, Subject};
use attache_accord::{Digest, Kind, Level, Marking, Party, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// When every question here is asked: a day in 2026.
pub const NOW: Timestamp = Timestamp(1_795_000_000_000);

pub const ACTIONS: [Action; 5] =
    [Action::Request, Action::Release, Action::Admit, Action::Open, Action::PassOn];

pub fn level(text: &str) -> Level {
    text.parse().unwrap()
}

pub fn party(text: &str) -> Party {
    text.parse().unwrap()
}

pub fn kind(text: &str) -> Kind {
    text.parse().unwrap()
}

fn person(name: &str, at: Party, role: Role, cleared: &str) -> Person {
    Person {
        id: name.parse().unwrap(),
        party: at,
        roles: BTreeSet::from([role]),
        clearance: Some(Clearance { level: level(cleared), until: NOW.plus_hours(100) }),
        duties: BTreeSet::from([kind("humint")]),
    }
}

/// A question that is granted: Seoul releases 군사II급비밀 to Tokyo, where it is admitted, opened and passed on.
pub fn granted(action: Action) -> Question {
    let in_seoul = matches!(action, Action::Request | Action::Release);
    let (holder, cleared) = if in_seoul { (party("KOR"), "KOR:II") } else { (party("JPN"), "JPN:GOKUHI") };
    let (role, recipient) = match action {
        Action::Request => (Role::Analyst, Some("JPN")),
        Action::Release => (Role::DisclosureOfficer, Some("JPN")),
        Action::Admit => (Role::DeskOfficer, None),
        Action::Open => (Role::Analyst, None),
        Action::PassOn => (Role::DisclosureOfficer, Some("USA")),
    };
    let assured = Assured {
        person: "reader-1".parse().unwrap(),
        level: level("JPN:GOKUHI"),
        expires: NOW.plus_hours(10),
    };
    Question {
        action,
        at: NOW,
        holder,
        asker: person("decider-2", holder, role, cleared),
        subject: Subject {
            item_digest: Digest([3; 32]),
            marking: Some(Marking {
                level: level("KOR:II"),
                releasable_to: BTreeSet::from([party("JPN")]),
                kind: kind("humint"),
                caveats: vec!["source protected".to_owned()],
                marked_at: Timestamp(NOW.0 - 1000),
            }),
            own_level: (action != Action::Admit).then(|| level(cleared)),
            third_party_consent: action == Action::PassOn,
        },
        recipient: recipient.map(|to| Recipient { party: party(to), node: None, assurances: vec![assured] }),
        requester: (action == Action::Release).then(|| "asker-1".parse().unwrap()),
        chosen: (action == Action::Admit).then(|| level("JPN:TOKUTEI")),
        positions: ["KOR", "JPN"]
            .map(|p| Position { party: party(p), from: Some(Timestamp(1)), until: None })
            .to_vec(),
    }
}

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(vec![
        "KOR:I",
        "KOR:II",
        "KOR:III",
        "KOR:IV",
        "JPN:GOKUHI",
        "JPN:TOKUTEI",
        "JPN:HI",
        "USA:SECRET",
    ])
    .prop_map(level)
}

fn any_party() -> impl Strategy<Value = Party> {
    prop::sample::select(vec!["KOR", "JPN", "USA"]).prop_map(party)
}

/// A time around now, on the very edge as often as not.
fn any_time() -> impl Strategy<Value = Timestamp> {
    prop::sample::select(vec![
        Timestamp(0),
        Timestamp(NOW.0 - 1),
        NOW,
        Timestamp(NOW.0 + 1),
        Timestamp(u64::MAX),
    ])
}

/// One change to one fact.
#[derive(Clone)]
struct Change(Arc<dyn Fn(&mut Question) + Send + Sync>);

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a change")
    }
}

fn shared(change: impl Fn(&mut Question) + Send + Sync + 'static) -> Change {
    Change(Arc::new(change))
}

fn change() -> impl Strategy<Value = Change> {
    let roles =
        prop::collection::btree_set(prop::sample::select(Role::ALL.map(|(role, _)| role).to_vec()), 0..3);
    let kinds = prop::sample::select(vec!["humint", "imagery", "gossip"]);
    let from = prop::option::of(any_time());
    let until = prop::option::of(any_time());
    prop_oneof![
        any_party().prop_map(|p| shared(move |q| q.holder = p)),
        any_party().prop_map(|p| shared(move |q| q.asker.party = p)),
        roles.prop_map(|r| shared(move |q| q.asker.roles = r.clone())),
        prop::option::of((any_level(), any_time())).prop_map(|c| {
            shared(move |q| q.asker.clearance = c.clone().map(|(level, until)| Clearance { level, until }))
        }),
        kinds.clone().prop_map(|k| shared(move |q| q.asker.duties = BTreeSet::from([kind(k)]))),
        Just(shared(|q| q.subject.marking = None)),
        any_level().prop_map(|l| shared(move |q| q
            .subject
            .marking
            .iter_mut()
            .for_each(|m| m.level = l.clone()))),
        prop::collection::btree_set(any_party(), 0..3).prop_map(|r| {
            shared(move |q| q.subject.marking.iter_mut().for_each(|m| m.releasable_to = r.clone()))
        }),
        kinds.prop_map(|k| shared(move |q| q.subject.marking.iter_mut().for_each(|m| m.kind = kind(k)))),
        prop::option::of(any_level()).prop_map(|l| shared(move |q| q.subject.own_level = l.clone())),
        any::<bool>().prop_map(|c| shared(move |q| q.subject.third_party_consent = c)),
        Just(shared(|q| q.recipient = None)),
        any_party().prop_map(|p| shared(move |q| q.recipient.iter_mut().for_each(|r| r.party = p))),
        prop::collection::vec((any_level(), any_time()), 0..3).prop_map(|given| {
            shared(move |q| {
                let assured = |(level, expires): &(Level, Timestamp)| Assured {
                    person: "reader-1".parse().unwrap(),
                    level: level.clone(),
                    expires: *expires,
                };
                q.recipient.iter_mut().for_each(|r| r.assurances = given.iter().map(assured).collect());
            })
        }),
        prop::sample::select(vec![None, Some("asker-1"), Some("decider-2")])
            .prop_map(|r| shared(move |q| q.requester = r.map(|name| name.parse().unwrap()))),
        prop::option::of(any_level()).prop_map(|l| shared(move |q| q.chosen = l.clone())),
        (any_party(), from, until).prop_map(|(party, from, until)| shared(move |q| q
            .positions
            .push(Position { party, from, until }))),
        Just(shared(|q| q.positions.clear())),
        prop::sample::select(ACTIONS.to_vec()).prop_map(|a| shared(move |q| q.action = a)),
    ]
}

/// A question that is granted, with up to four of its facts changed.
pub fn any_question() -> impl Strategy<Value = Question> {
    (prop::sample::select(ACTIONS.to_vec()), prop::collection::vec(change(), 0..4)).prop_map(
        |(action, changes)| {
            let mut question = granted(action);
            changes.iter().for_each(|change| (change.0)(&mut question));
            question
        },
    )
}
