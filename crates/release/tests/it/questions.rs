//! Questions for the other tests: one that is granted for each action, and random ones near them.

use attache_accord::agreement::Position;
use attache_accord::particulars::{
    Approval, Approved, Contractor, Purpose, Reproduction, Translation, Visit,
};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Assured, Question, Recipient, Subject};
use attache_accord::{Digest, Kind, Level, Marking, Party, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// When every question here is asked: a day in 2026.
pub const NOW: Timestamp = Timestamp(1_795_000_000_000);

pub const ACTIONS: [Action; 12] = {
    let mut actions = [Action::Request; 12];
    let mut at = 0;
    while at < actions.len() {
        actions[at] = Action::ALL[at].0;
        at += 1;
    }
    actions
};

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

pub const COPY: Reproduction = Reproduction { number: 2, needed: 2, is_marked: true };

pub fn approval(approved: Approved) -> Approval {
    Approval { from: party("KOR"), approved, given: NOW, until: None, document: "note 1".to_owned() }
}

pub fn contractor() -> Contractor {
    Contractor {
        facility: "optics-yard-2".parse().unwrap(),
        party: party("JPN"),
        cleared: Some(Clearance { level: level("JPN:GOKUHI"), until: NOW.plus_hours(1) }),
        inspected_until: Some(NOW.plus_hours(1)),
        responsible: Some("chief-1".parse().unwrap()),
        is_staff_registered: true,
    }
}

pub fn visit() -> Visit {
    Visit {
        is_official: true,
        approved_by: Some(party("KOR")),
        until: NOW.plus_hours(1),
        highest: Some(level("KOR:II")),
    }
}

fn purpose() -> Purpose {
    "criminal-inquiry".parse().unwrap()
}

/// A question that is granted: Seoul releases 군사II급비밀 to Tokyo, where it is admitted, opened, passed on and used as Seoul
/// approved; and Seoul shows it to visitors.
pub fn granted(action: Action) -> Question {
    let in_seoul = matches!(action, Action::Request | Action::Release | Action::Dispatch | Action::Visit);
    let (holder, cleared) = if in_seoul { (party("KOR"), "KOR:II") } else { (party("JPN"), "JPN:GOKUHI") };
    let (role, recipient) = match action {
        Action::Request => (Role::Analyst, Some("JPN")),
        Action::Release | Action::Dispatch | Action::Visit => (Role::DisclosureOfficer, Some("JPN")),
        Action::Admit | Action::Downgrade => (Role::DeskOfficer, None),
        Action::Open => (Role::Analyst, None),
        Action::PassOn => (Role::DisclosureOfficer, Some("USA")),
        Action::OtherPurpose | Action::GiveToContractor => (Role::DisclosureOfficer, None),
        Action::Copy | Action::Translate => (Role::Registrar, None),
    };
    let assured = Assured {
        person: "reader-1".parse().unwrap(),
        level: level("JPN:GOKUHI"),
        expires: NOW.plus_hours(10),
    };
    let approved = match action {
        Action::PassOn => Some(Approved::ThirdParty(party("USA"))),
        Action::OtherPurpose => Some(Approved::OtherPurpose(purpose())),
        Action::Downgrade => Some(Approved::Downgrade(level("KOR:III"))),
        _ => None,
    };
    let translator = person("translator-1", holder, Role::Analyst, cleared);
    let chosen = match action {
        Action::Admit => Some(level("JPN:TOKUTEI")),
        Action::Downgrade => Some(level("JPN:HI")),
        _ => None,
    };
    let subject = Subject {
        item_digest: Digest([3; 32]),
        marking: Some(Marking {
            level: level("KOR:II"),
            releasable_to: BTreeSet::from([party("JPN")]),
            kind: kind("humint"),
            caveats: vec!["source protected".to_owned()],
            marked_at: Timestamp(NOW.0 - 1000),
            topics: BTreeSet::new(),
            control: None,
            purposes: [].into(),
        }),
        own_level: (action != Action::Admit).then(|| level(cleared)),
        approvals: approved.map(approval).into_iter().collect(),
    };
    let decided = matches!(action, Action::Release | Action::Dispatch);
    let copies = matches!(action, Action::Copy | Action::Translate);
    Question {
        recipient: recipient.map(|to| Recipient { party: party(to), node: None, assurances: vec![assured] }),
        requester: decided.then(|| "asker-1".parse().unwrap()),
        chosen,
        positions: ["KOR", "JPN"]
            .map(|p| Position { party: party(p), from: Some(Timestamp(1)), until: None })
            .to_vec(),
        purpose: (action == Action::OtherPurpose).then(purpose),
        copy: copies.then_some(COPY),
        translation: (action == Action::Translate).then_some(Translation { translator, has_notation: true }),
        contractor: (action == Action::GiveToContractor).then(contractor),
        visit: (action == Action::Visit).then(visit),
        ..Question::new(action, NOW, holder, person("decider-2", holder, role, cleared), subject)
    }
}

/// One to three approvals, some of them another Party's, lapsed, or not given yet.
fn any_approvals() -> impl Strategy<Value = Vec<Approval>> {
    let what = prop_oneof![
        any_party().prop_map(Approved::ThirdParty),
        prop::sample::select(vec!["criminal-inquiry", "training"])
            .prop_map(|p| Approved::OtherPurpose(p.parse().unwrap())),
        any_level().prop_map(Approved::Downgrade),
    ];
    let one = (any_party(), what, any_time(), prop::option::of(any_time()));
    let one =
        one.prop_map(|(from, approved, given, until)| Approval { from, given, until, ..approval(approved) });
    prop::collection::vec(one, 0..3)
}

fn any_clearance() -> impl Strategy<Value = Option<Clearance>> {
    let held = (any_level(), any_time()).prop_map(|(level, until)| Clearance { level, until });
    prop::option::of(held)
}

fn any_particular() -> impl Strategy<Value = Change> {
    let contractor_of = (any_party(), any_clearance(), prop::option::of(any_time()), any::<[bool; 2]>());
    let visit_of = (any::<bool>(), prop::option::of(any_party()), any_time(), prop::option::of(any_level()));
    prop_oneof![
        any_approvals().prop_map(|a| shared(move |q| q.subject.approvals = a.clone())),
        prop::sample::select(vec![None, Some("training"), Some("criminal-inquiry")])
            .prop_map(|p| shared(move |q| q.purpose = p.map(|p| p.parse().unwrap()))),
        prop::option::of((0_u32..4, 0_u32..4, any::<bool>())).prop_map(|c| shared(move |q| {
            q.copy = c.map(|(number, needed, is_marked)| Reproduction { number, needed, is_marked });
        })),
        (any_party(), any_clearance(), any::<bool>()).prop_map(|(at, held, notation)| shared(move |q| {
            q.translation.iter_mut().for_each(|it| {
                (it.translator.party, it.translator.clearance) = (at, held.clone());
                it.has_notation = notation;
            });
        })),
        Just(shared(|q| q.translation = None)),
        contractor_of.prop_map(|(at, held, inspected_until, [named, registered])| shared(move |q| {
            q.contractor.iter_mut().for_each(|it| {
                (it.party, it.cleared, it.inspected_until) = (at, held.clone(), inspected_until);
                it.is_staff_registered = registered;
                it.responsible = it.responsible.take().filter(|_| named);
            });
        })),
        Just(shared(|q| q.contractor = None)),
        visit_of.prop_map(|(is_official, approved_by, until, highest)| shared(move |q| {
            q.visit.iter_mut().for_each(|it| {
                *it = Visit { is_official, approved_by, until, highest: highest.clone() };
            });
        })),
        Just(shared(|q| q.visit = None)),
    ]
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
        any_clearance().prop_map(|c| shared(move |q| q.asker.clearance = c.clone())),
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
        any_particular(),
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
