//! Originator control: what is recalled, expired or reclassified, and which openings were asked for and answered.

use crate::samples::{
    NOON, about_control, digest, dispatch, item, level, node, person_id, recall, recall_made,
};
use attache_accord::act::Act;
use attache_accord::control::{
    AT_HAND_HOURS, Answerer, Control, Controls, MAX_CONSENTS, RULE_HOURS, Taken, Unopened,
};
use attache_accord::{Digest, Timestamp};
use std::collections::BTreeSet;

fn folded(acts: impl IntoIterator<Item = (Timestamp, Act)>) -> Controls {
    let mut controls = Controls::default();
    acts.into_iter().enumerate().for_each(|(index, (at, act))| controls.apply(index as u64, at, &act));
    controls
}

fn asked(request: Digest, at: Timestamp, under: Option<Digest>) -> Act {
    Act::OpeningAsked {
        request,
        item: item(1),
        dispatch: dispatch(1),
        originator: node("seoul.kor"),
        until: at.plus_hours(RULE_HOURS),
        under,
        by: person_id("reader-1"),
    }
}

fn received(request: Digest) -> Act {
    Act::OpeningReceived {
        request,
        item: item(1),
        dispatch: dispatch(1),
        from: node("tokyo.jpn"),
        person: person_id("reader-1"),
        until: NOON.plus_hours(RULE_HOURS),
        under: None,
    }
}

fn decided(request: Digest, answer: Digest, refused: Option<Unopened>) -> Act {
    Act::OpeningDecided { request, answer, refused, decision: None, by: None, to: node("tokyo.jpn") }
}

#[test]
fn a_control_is_read_as_it_is_written() {
    for text in
        ["rule", "person", "rule until 2026-12-01T00:00:00.000Z", "person until 2026-12-01T00:00:00.000Z"]
    {
        assert_eq!(text.parse::<Control>().unwrap().to_string(), text);
    }
    for text in
        ["", "Rule", "rule until", "rule until tomorrow", "nobody", "rule  until 2026-12-01T00:00:00.000Z"]
    {
        assert!(text.parse::<Control>().is_err(), "{text:?}");
    }
}

#[test]
fn of_two_controls_the_stricter_answerer_and_the_earlier_end_are_kept() {
    let rule = Control { answerer: Answerer::Rule, until: Some(NOON) };
    let person = Control { answerer: Answerer::Person, until: None };
    let both = Control { answerer: Answerer::Person, until: Some(NOON) };
    assert_eq!((rule.stricter(person), person.stricter(rule)), (both, both));
}

#[test]
fn a_recall_takes_back_what_went_by_its_dispatch_and_nothing_else() {
    let controls = folded([(NOON, recall_made(1, Taken::Back {}))]);
    assert!(controls.recalled(&dispatch(1)).is_some() && controls.recalled(&dispatch(2)).is_none());
}

#[test]
fn a_new_level_takes_nothing_back_and_the_last_one_counts() {
    let lower = recall_made(1, Taken::ToLevel { level: level("KOR:III") });
    let Act::RecallMade { signed_at, by, .. } = lower.clone() else { unreachable!() };
    let higher = recall(1, Taken::ToLevel { level: level("KOR:I") });
    let higher = Act::RecallMade { recall: higher, signed_at, statement: digest(99), by };
    let controls = folded([(NOON, lower), (NOON, higher)]);
    assert_eq!(controls.level(&dispatch(1)), Some(&level("KOR:I")));
    assert!(controls.recalled(&dispatch(1)).is_none());
}

#[test]
fn a_request_is_answered_once_whatever_comes_after() {
    let again = decided(digest(1), digest(3), None);
    let first = decided(digest(1), digest(2), Some(Unopened::Rules));
    let controls = folded([(NOON, received(digest(1))), (NOON, first), (NOON, again)]);
    let answer = controls.opening(&digest(1)).unwrap().answer.unwrap();
    assert_eq!((answer.statement, answer.refused, answer.index), (digest(2), Some(Unopened::Rules), 1));
}

#[test]
fn a_request_waits_for_its_answer_and_no_longer_than_it_is_good() {
    let (item, person) = (item(1), person_id("reader-1"));
    let pending = |controls: &Controls, at| controls.pending(&item, &person, at).next().is_some();
    let mut controls = folded([(NOON, asked(digest(1), NOON, None))]);
    assert!(pending(&controls, NOON) && !pending(&controls, NOON.plus_hours(RULE_HOURS)));
    let answer = digest(2);
    let from = node("seoul.kor");
    controls.apply(1, NOON, &Act::OpeningAnswered { request: digest(1), answer, refused: None, from });
    assert!(!pending(&controls, NOON), "answered, it asks for nothing");
}

#[test]
fn what_is_over_waits_for_nobody_though_nothing_new_came_since() {
    let controls = folded((1..=3).map(|byte| (NOON, received(digest(byte)))));
    let waiting = |at| controls.waiting_of(&node("tokyo.jpn"), at);
    let over = NOON.plus_hours(RULE_HOURS);
    assert_eq!([waiting(NOON), waiting(over.minus_millis(1)), waiting(over)], [3, 3, 0]);
    assert_eq!(controls.waiting_of(&node("seoul.kor"), NOON), 0, "each node has a place of its own");
}

#[test]
fn an_opening_without_asking_is_owed_to_the_originator_until_it_is_answered_however_late() {
    let (seoul, late) = (node("seoul.kor"), NOON.plus_hours(1_000));
    let mut controls =
        folded([(NOON, asked(digest(1), NOON, Some(digest(9)))), (late, asked(digest(2), late, None))]);
    assert_eq!(controls.untold(&seoul).collect::<Vec<_>>(), [&digest(1)]);
    assert!(controls.opening(&digest(1)).is_some(), "it is held as long as it is owed");
    let refused = Some(Unopened::Noted);
    let told = Act::OpeningAnswered { request: digest(1), answer: digest(3), refused, from: seoul.clone() };
    controls.apply(2, late, &told);
    assert_eq!(controls.untold(&seoul).count(), 0);
}

#[test]
fn as_much_is_held_as_is_open_however_much_was_opened() {
    let hours = 0..500_u64;
    let controls = folded(hours.flat_map(|hour| {
        let at = NOON.plus_hours(hour);
        let mut id = [0; 32];
        id[..8].copy_from_slice(&hour.to_be_bytes());
        let (request, answer, from) = (Digest(id), digest(2), node("seoul.kor"));
        [(at, asked(request, at, None)), (at, Act::OpeningAnswered { request, answer, refused: None, from })]
    }));
    assert!(controls.openings().count() <= AT_HAND_HOURS as usize + 2, "{}", controls.openings().count());
}

#[test]
fn the_newest_consents_about_a_dispatch_may_be_named_and_no_others() {
    let answers: Vec<Digest> = (0..=MAX_CONSENTS as u8).map(|n| digest(100 + n)).collect();
    let acts = answers.iter().enumerate().flat_map(|(n, answer)| {
        let request = digest(1 + n as u8);
        [(NOON, received(request)), (NOON, decided(request, *answer, None))]
    });
    let controls = folded(acts);
    let known: BTreeSet<bool> =
        answers[1..].iter().map(|answer| controls.consent(&dispatch(1), answer).is_some()).collect();
    assert_eq!(known, [true].into());
    assert!(controls.consent(&dispatch(1), &answers[0]).is_none());
    assert!(controls.consent(&dispatch(2), &answers[1]).is_none(), "of another dispatch");
}

#[test]
fn every_act_of_both_ends_says_in_one_word_what_became_of_it_and_bears_the_tag_that_pairs_them() {
    use attache_accord::oversight::{Context, FIELD_OUTCOME, shown};
    let (items, dispatches) = Default::default();
    let context = Context {
        items: &items,
        dispatches: &dispatches,
        beside: &[],
        agreement: "gsomia-2016",
        utc_offset_hours: 9,
        looking_back: None,
    };
    let outcomes = about_control(1).into_iter().map(|act| {
        let shown = shown(&act, NOON, context);
        (shown.fields[FIELD_OUTCOME].clone(), shown.package)
    });
    let tag = Some(digest(71));
    let expected = [
        ("recalled", None),
        ("reclassified", None),
        ("asked", tag),
        ("consented", tag),
        ("under an earlier consent", tag),
        ("refused by a person", tag),
    ];
    assert_eq!(outcomes.collect::<Vec<_>>(), expected.map(|(word, tag)| (word.to_owned(), tag)));
}
