//! Who may hold what, and the roll (Art. 6(e)).

use crate::samples::{level, officer, person_id};
use attache_accord::act::Act;
use attache_accord::people::{Person, Role, Roll, Unsuitable};
use std::collections::BTreeSet;

fn with_roles(roles: &[Role]) -> Person {
    Person { roles: roles.iter().copied().collect(), ..officer() }
}

#[test]
fn an_administrator_holds_no_other_role() {
    let person = Person { clearance: None, ..with_roles(&[Role::Administrator, Role::Analyst]) };
    assert_eq!(person.check(), Err(Unsuitable::AdministratorReads));
}

#[test]
fn an_administrator_holds_no_clearance() {
    assert_eq!(with_roles(&[Role::Administrator]).check(), Err(Unsuitable::AdministratorReads));
}

#[test]
fn an_inspector_holds_no_other_role() {
    assert_eq!(with_roles(&[Role::Inspector, Role::Registrar]).check(), Err(Unsuitable::InspectorActs));
}

#[test]
fn a_person_without_a_role_is_not_enrolled() {
    assert_eq!(with_roles(&[]).check(), Err(Unsuitable::NoRole));
}

#[test]
fn a_clearance_is_of_the_own_party() {
    let mut person = officer();
    person.clearance.iter_mut().for_each(|c| c.level = level("JPN:HI"));
    assert_eq!(person.check(), Err(Unsuitable::ForeignClearance(level("JPN:HI"))));
}

#[test]
fn an_analyst_may_also_be_a_disclosure_officer() {
    assert_eq!(officer().check(), Ok(()));
}

fn enrolled(person: Person, key: u8) -> Act {
    Act::PersonEnrolled { person, verifying: vec![key].into(), by: None }
}

#[test]
fn enrolling_anew_replaces_facts_and_keys() {
    let mut roll = Roll::default();
    roll.apply(&enrolled(officer(), 1));
    roll.apply(&enrolled(Person { duties: BTreeSet::new(), ..officer() }, 2));
    let found = roll.get(&person_id("fdo-2")).unwrap();
    assert_eq!((found.person.duties.len(), found.verifying.as_slice()), (0, &[2][..]));
}

#[test]
fn who_was_removed_is_not_on_the_roll() {
    let mut roll = Roll::default();
    roll.apply(&enrolled(officer(), 1));
    roll.apply(&Act::PersonRemoved { person: person_id("fdo-2"), by: person_id("admin-1") });
    assert_eq!(roll.iter().count(), 0);
}
