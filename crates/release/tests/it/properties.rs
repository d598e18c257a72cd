//! What holds for every question.

use crate::permit::pack_with;
use crate::questions::{NOW, any_question};
use attache_accord::people::Role;
use attache_accord::ruling::{Action, Question};
use attache_accord::{Level, Party};
use attache_release::{FLOOR, Pack, rule};
use proptest::prelude::*;

/// Rows of the table, by hand: row number of a level that has one.
fn row(level: &Level) -> Option<u8> {
    match level.as_str() {
        "KOR:II" | "JPN:GOKUHI" | "JPN:TOKUTEI" => Some(2),
        "KOR:III" | "JPN:HI" => Some(1),
        _ => None,
    }
}

/// Ranks in a Party's own scheme, by hand.
fn rank(level: &Level) -> Option<u8> {
    if level.as_str() == "KOR:I" { Some(3) } else { row(level) }
}

fn is_party(party: &Party) -> bool {
    ["KOR", "JPN"].contains(&party.as_str())
}

fn both_in_force(question: &Question) -> bool {
    ["KOR", "JPN"].iter().all(|party| {
        let last = question.positions.iter().rfind(|p| p.party.as_str() == *party);
        last.is_some_and(|p| {
            p.from.is_some_and(|from| from <= NOW) && p.until.is_none_or(|until| until > NOW)
        })
    })
}

fn recipient_is_ready(question: &Question) -> bool {
    let (Some(recipient), Some(marking)) = (&question.recipient, &question.subject.marking) else {
        return false;
    };
    recipient.party != question.holder
        && is_party(&recipient.party)
        && marking.releasable_to.contains(&recipient.party)
        && recipient.assurances.iter().any(|assured| {
            assured.expires > NOW
                && assured.level.party() == recipient.party
                && rank(&assured.level).is_some_and(|held| row(&marking.level).is_some_and(|row| held >= row))
        })
}

/// The agreement for Korea and Japan written a second time, without the table, the floor or a policy engine.
fn reference(question: &Question) -> bool {
    let Some(marking) = &question.subject.marking else { return false };
    let own = marking.originator() == question.holder;
    let own_level = question.subject.own_level.as_ref();
    let fits = |level: &Level| {
        level.party() == question.holder
            && if own { *level == marking.level } else { row(level) == row(&marking.level) }
    };
    let has = |role: Role| question.asker.roles.contains(&role);
    let action_allows = match question.action {
        Action::Request => {
            has(Role::Analyst) && own && both_in_force(question) && recipient_is_ready(question)
        }
        Action::Release => {
            let by_another = question.requester.as_ref().is_some_and(|r| *r != question.asker.id);
            let ready = both_in_force(question) && recipient_is_ready(question);
            has(Role::DisclosureOfficer) && own && by_another && ready
        }
        Action::Admit => {
            let chosen = question
                .chosen
                .as_ref()
                .map_or(marking.level.as_str() == "KOR:III" || question.holder.as_str() == "KOR", fits);
            has(Role::DeskOfficer) && !own && chosen && marking.releasable_to.contains(&question.holder)
        }
        Action::Open => {
            let reads = has(Role::Analyst) || has(Role::DisclosureOfficer) || has(Role::DeskOfficer);
            reads && (own || own_level.is_some())
        }
        Action::PassOn => {
            let away = question.recipient.as_ref().is_some_and(|r| r.party != question.holder);
            let to_party_with_row = away && row(&marking.level).is_some();
            let consent = question.subject.third_party_consent;
            has(Role::DisclosureOfficer)
                && !own
                && own_level.is_some()
                && to_party_with_row
                && consent
                && both_in_force(question)
        }
    };
    let shared = row(&marking.level).is_some() || (own && question.action == Action::Open);
    let level_fits = question.action == Action::Admit || own_level.is_none_or(fits);
    let needed = match question.action {
        Action::Admit => question.chosen.as_ref(),
        _ => own_level,
    };
    let cleared = question.asker.clearance.as_ref().is_some_and(|clearance| {
        let needed = needed.map_or(if own { rank(&marking.level) } else { row(&marking.level) }, rank);
        let held = rank(&clearance.level);
        let covers = matches!((held, needed), (Some(held), Some(needed)) if held >= needed);
        clearance.until > NOW && clearance.level.party() == question.asker.party && covers
    });
    is_party(&question.holder)
        && question.asker.party == question.holder
        && action_allows
        && shared
        && level_fits
        && cleared
        && marking.kind.as_str() != "gossip"
        && question.asker.duties.contains(&marking.kind)
}

/// A condition that a policy may set, in the pack's vocabulary.
fn any_condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "true",
        "context.clearance_live",
        "!context.clearance_covers",
        "principal.roles.contains(\"analyst\")",
        "principal.party == resource.originator",
        "resource.kind == \"humint\"",
        "principal.duties.contains(resource.kind)",
        "context.kinds_agreed.contains(resource.kind)",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["&&", "||"]), inner)
            .prop_map(|(a, op, b)| format!("({a} {op} {b})"))
    })
}

/// A permit as broad as any, or narrowed by an action and a condition.
fn any_permit() -> impl Strategy<Value = String> {
    let action = prop::sample::select(vec![
        "action",
        "action == Action::\"release\"",
        "action == Action::\"pass-on\"",
    ]);
    (action, prop::option::of(any_condition())).prop_map(|(action, condition)| {
        let when = condition.map(|c| format!(" when {{ {c} }}")).unwrap_or_default();
        format!("permit (principal, {action}, resource){when};")
    })
}

fn floor_codes(question: &Question, pack: &Pack) -> Vec<String> {
    let codes =
        rule(question, pack).ruling().reasons.iter().map(|reason| reason.code.clone()).collect::<Vec<_>>();
    codes.into_iter().filter(|code| FLOOR.iter().any(|rule| rule.code == code)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_agree_with_the_agreement_written_a_second_time(question in any_question()) {
        let outcome = rule(&question, &Pack::gsomia_2016());
        prop_assert_eq!(outcome.is_granted(), reference(&question), "{:?}", outcome.ruling().reasons);
    }

    #[test]
    fn a_question_that_a_floor_rule_refuses_is_never_granted(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let outcome = rule(&question, &pack);
        prop_assert!(!outcome.is_granted() || floor_codes(&question, &pack).is_empty());
    }

    #[test]
    fn the_same_question_gets_the_same_ruling(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let (first, second) = (rule(&question, &pack), rule(&question, &pack));
        prop_assert_eq!(first.ruling(), second.ruling());
    }

    #[test]
    fn a_refusal_always_has_a_reason_that_readers_have_a_text_for(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let outcome = rule(&question, &pack);
        prop_assert!(!outcome.ruling().reasons.is_empty());
        for reason in &outcome.ruling().reasons {
            prop_assert!(pack.reason_text(&reason.code, attache_release::Language::Ko).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_policy_permits_what_the_floor_forbids(
        permit in any_permit(),
        questions in prop::collection::vec(any_question(), 64),
    ) {
        let (shipped, widened) = (Pack::gsomia_2016(), pack_with(&permit));
        for question in &questions {
            let refused = floor_codes(question, &shipped);
            prop_assert_eq!(&floor_codes(question, &widened), &refused);
            prop_assert!(refused.is_empty() || !rule(question, &widened).is_granted(), "{}", permit);
        }
    }
}
