//! The agreement's life: the histories of 2012 to 2023 replayed on two records' holders, and what holds of every history.

use crate::history::{History, Line, holds};
use crate::samples::party;
use attache_accord::act::Act;
use attache_accord::agreement::{Effect, OnOverdue, Position, Relay, Terms};
use attache_accord::equivalence::Equivalence;
use attache_accord::lifecycle::{
    Divergence, Holds, Instrument, Kept, Lifecycle, Record, Step, Unlawful, divergences, is_timely,
    last_timely_day, reading_from, term_end,
};
use attache_accord::{CivilDay, Digest, Party, Timestamp};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Every history.
const HISTORIES: [&str; 5] = ["2012", "2014", "2016", "2019-late", "beside"];

/// The terms that a life is ruled by, as the packs have them.
fn terms(pack: &str) -> Terms {
    let (codes, gates, effect): (&[&str], &[(&str, &[&str])], _) = match pack {
        "gsomia-2016" => (
            &["KOR", "JPN"],
            &[
                ("KOR", &["legal-review", "vice-ministers", "state-council", "president"]),
                ("JPN", &["cabinet"]),
            ],
            Effect::LaterNotice,
        ),
        _ => (&["KOR", "JPN", "USA"], &[], Effect::Deposit(party("USA"))),
    };
    let is_gsomia = pack == "gsomia-2016";
    Terms {
        agreement: pack.to_owned(),
        version: "1.0.0".to_owned(),
        parties: codes.iter().map(|code| party(code)).collect(),
        equivalence: Equivalence::default(),
        kinds: BTreeSet::new(),
        receipt_due_hours: 24,
        proof_due_hours: 48,
        utc_offset_hours: 9,
        is_binding: is_gsomia,
        effect,
        term_years: is_gsomia.then_some(1),
        notice_days: is_gsomia.then_some(90),
        hub: None,
        topics: BTreeSet::new(),
        purposes: BTreeSet::new(),
        gates: gates
            .iter()
            .map(|(code, gates)| (party(code), gates.iter().map(|gate| gate.parse().unwrap()).collect()))
            .collect(),
        authorities: BTreeMap::new(),
        suppress_below: None,
        cosignature_hours: 48,
        on_overdue: OnOverdue::Alarm,
        legs: BTreeMap::new(),
        offline_grace_hours: None,
        hub_share_days: None,
        relay: Relay::Reading,
        obligations: BTreeMap::new(),
    }
}

/// One Party's node: its fold, and the positions that follow.
#[derive(Default, Clone)]
struct Node {
    lifecycle: Lifecycle,
    positions: Vec<Position>,
}

impl Node {
    fn apply(&mut self, act: &Act) {
        self.positions.extend(self.lifecycle.apply(act));
    }
}

/// The Parties' nodes, each of which gets what the others made.
struct Nodes {
    nodes: BTreeMap<Party, Node>,
    made: u8,
}

impl Nodes {
    fn of(terms: &Terms) -> Self {
        Self { nodes: terms.parties.iter().map(|party| (*party, Node::default())).collect(), made: 0 }
    }

    fn make(&mut self, instrument: Instrument, terms: &Terms) -> Result<(), Unlawful> {
        let party = instrument.party;
        let own = &self.nodes[&party].lifecycle;
        let empty = Record::default();
        own.record(party).unwrap_or(&empty).admits(&instrument, own.records(), terms)?;
        self.made += 1;
        let statement = Digest([self.made; 32]);
        for (at, node) in &mut self.nodes {
            let instrument = instrument.clone();
            node.apply(&match *at == party {
                true => Act::InstrumentMade { instrument, statement, by: "office-1".parse().unwrap() },
                false => {
                    let notice = Digest([0; 32]);
                    let from = "partner.node".parse().unwrap();
                    Act::InstrumentMirrored { instrument, statement, notice, from }
                }
            });
        }
        Ok(())
    }
}

#[test]
fn every_history_arrives_where_the_record_says_on_every_node() {
    for name in HISTORIES {
        let history = History::read(name);
        let terms = terms(&history.pack);
        let mut nodes = Nodes::of(&terms);
        for (text, line) in &history.lines {
            match line {
                Line::Made { party, wanted } => {
                    let instrument = wanted.instrument(*party, &nodes.nodes[party].lifecycle);
                    nodes.make(instrument, &terms).unwrap_or_else(|why| panic!("{name}: {text}: {why}"));
                }
                Line::Refused { party, wanted, why } => {
                    let instrument = wanted.instrument(*party, &nodes.nodes[party].lifecycle);
                    let refused = nodes.make(instrument, &terms).expect_err(text).to_string();
                    assert!(refused.contains(why), "{name}: {text}: {refused}");
                }
                Line::Expect { at, about, value } => {
                    for (party, node) in &nodes.nodes {
                        let held = holds(&node.lifecycle, &node.positions, &terms, *at, about, value);
                        assert_eq!(held, Ok(()), "{name}, at {party}: {text}");
                    }
                }
            }
        }
    }
}

fn in_force_from() -> Timestamp {
    // 12:00 on 23 November 2016 at UTC+9.
    "2016-11-23T03:00:00Z".parse().unwrap()
}

fn noon(day: &str) -> Timestamp {
    Timestamp(day.parse::<CivilDay>().unwrap().start(9).0 + 12 * 3_600_000)
}

#[test]
fn the_24th_of_august_2019_is_timely_and_the_25th_is_late() {
    let terms = terms("gsomia-2016");
    let timely = |day| is_timely(in_force_from(), noon(day), &terms);
    assert_eq!((timely("2019-08-24"), timely("2019-08-25")), (Some(true), Some(false)));
}

#[test]
fn notice_in_the_last_minute_of_the_24th_is_timely() {
    let terms = terms("gsomia-2016");
    let last = Timestamp("2019-08-25".parse::<CivilDay>().unwrap().start(9).0 - 1);
    assert_eq!(is_timely(in_force_from(), last, &terms), Some(true));
    assert_eq!(is_timely(in_force_from(), Timestamp(last.0 + 1), &terms), Some(false));
}

#[test]
fn a_term_ends_with_the_22nd_of_november() {
    let terms = terms("gsomia-2016");
    for (day, end) in
        [("2016-11-23", "2017-11-22"), ("2017-11-22", "2017-11-22"), ("2017-11-23", "2018-11-22")]
    {
        let found = term_end(in_force_from(), day.parse().unwrap(), &terms).unwrap();
        assert_eq!(found.to_string(), end, "{day}");
    }
}

#[test]
fn an_agreement_in_force_on_a_leap_day_ends_its_terms_on_a_day_that_exists() {
    let terms = terms("gsomia-2016");
    let found = |day: &str| term_end(noon("2024-02-29"), day.parse().unwrap(), &terms).unwrap().to_string();
    assert_eq!((found("2024-03-01"), found("2028-01-01")), ("2025-02-28".into(), "2028-02-28".into()));
}

#[test]
fn a_day_at_the_end_of_time_has_no_term_and_keeps_nobody_busy() {
    let terms = terms("gsomia-2016");
    for at in [Timestamp(u64::MAX), Timestamp(u64::MAX - 90 * 86_400_000)] {
        let day = CivilDay::of(at, terms.utc_offset_hours);
        assert_eq!(term_end(in_force_from(), day, &terms), None);
        assert_eq!(term_end(at, day, &terms), None);
        assert_eq!(is_timely(in_force_from(), at, &terms), None);
        let notice = Instrument {
            step: Step::NoticeGiven {},
            dated: at,
            ..position(1, None, party("JPN"), Holds::default())
        };
        let mut record = Record::default();
        record.push(Kept { digest: Digest([1; 32]), instrument: notice });
        let records = BTreeMap::from([(party("JPN"), record)]);
        // The text says when it would end, at the end of time and no sooner.
        let until = reading_from(in_force_from(), &records, &terms).holds.until;
        assert!(until.is_some_and(|until| until > Timestamp(u64::MAX / 2)), "{until:?}");
    }
}

#[test]
fn a_text_without_terms_has_no_last_day_for_notice() {
    assert_eq!(last_timely_day(in_force_from(), "2019-08-24".parse().unwrap(), &terms("tisa-2014")), None);
}

fn position(number: u64, previous: Option<Digest>, party: Party, holds: Holds) -> Instrument {
    Instrument {
        party,
        number,
        previous,
        seen: BTreeMap::new(),
        step: Step::PositionTaken {},
        official: "Office of Treaties".into(),
        document: "note 1".into(),
        dated: in_force_from(),
        holds,
        remark: "in force".into(),
    }
}

#[test]
fn a_record_takes_only_what_continues_its_chain() {
    let mut nodes = Nodes::of(&terms("gsomia-2016"));
    let kor = party("KOR");
    let first = position(1, None, kor, Holds::default());
    nodes.make(first.clone(), &terms("gsomia-2016")).unwrap();
    let refused = |instrument| nodes.nodes[&kor].lifecycle.record(kor).unwrap().continues(&instrument);
    assert_eq!(refused(first.clone()), Err(Unlawful::Number { stands: 1, found: 1 }));
    assert_eq!(
        refused(Instrument { number: 3, ..first.clone() }),
        Err(Unlawful::Number { stands: 1, found: 3 })
    );
    assert_eq!(refused(Instrument { number: 2, ..first.clone() }), Err(Unlawful::Previous));
    let second = Instrument { number: 2, previous: Some(Digest([1; 32])), ..first };
    let early = Instrument { dated: Timestamp(second.dated.0 - 1), ..second.clone() };
    assert_eq!(refused(early), Err(Unlawful::Dated(second.dated)));
    assert_eq!(refused(second), Ok(()));
}

#[test]
fn two_instruments_for_one_place_are_shown_and_neither_replaces_the_other() {
    let terms = terms("gsomia-2016");
    let mut nodes = Nodes::of(&terms);
    let (kor, jpn) = (party("KOR"), party("JPN"));
    nodes.make(position(1, None, jpn, Holds::default()), &terms).unwrap();
    let node = nodes.nodes.get_mut(&kor).unwrap();
    let before = node.lifecycle.record(jpn).cloned();
    node.apply(&Act::InstrumentContested {
        party: jpn,
        number: 1,
        statement: Digest([7; 32]),
        notice: Digest([8; 32]),
        from: "tokyo.jpn".parse().unwrap(),
    });
    assert_eq!(node.lifecycle.record(jpn).cloned(), before);
    let shown = divergences(&node.lifecycle, &terms);
    assert!(
        shown.iter().any(|one| matches!(one, Divergence::Contested(found) if found.number == 1)),
        "{shown:?}"
    );
}

#[test]
fn an_amendment_stands_by_the_word_of_every_party_and_one_that_was_replaced_does_not_come_back() {
    let (first, second, founding) = (Digest([1; 32]), Digest([2; 32]), Digest([9; 32]));
    let mut lifecycle = Lifecycle::default();
    let mut consents = |code: &str, text: Digest| {
        let step = Step::AmendmentConsented { text, version: "1.1.0".to_owned() };
        let instrument = Instrument { step, ..position(1, None, party(code), Holds::default()) };
        let (statement, notice, from) = (text, text, "tokyo.jpn".parse().unwrap());
        lifecycle.apply(&Act::InstrumentMirrored { instrument, statement, notice, from });
        lifecycle.clone()
    };
    let parties: BTreeSet<Party> = ["KOR", "JPN"].into_iter().map(party).collect();
    consents("USA", second);
    assert!(!consents("KOR", first).is_agreed(&first, &founding, &parties), "one Party alone");
    assert!(
        !consents("JPN", first).is_agreed(&first, &founding, &parties),
        "a Party that the text leaves out"
    );
    assert!(consents("USA", first).is_agreed(&first, &founding, &parties));
    for code in ["KOR", "JPN"] {
        consents(code, second);
    }
    let lifecycle = consents("USA", second);
    assert!(lifecycle.is_agreed(&second, &first, &parties));
    assert!(!lifecycle.is_agreed(&first, &second, &parties), "the one before");
    assert!(!lifecycle.is_agreed(&first, &founding, &BTreeSet::new()), "nobody's text");
    for code in ["KOR", "JPN"] {
        consents(code, first);
    }
    assert!(consents("USA", first).is_agreed(&first, &second, &parties), "every Party said so anew");
}

#[test]
fn own_instruments_are_owed_in_order_until_each_is_delivered() {
    let terms = terms("gsomia-2016");
    let mut nodes = Nodes::of(&terms);
    let (kor, tokyo) = (party("KOR"), "tokyo.jpn".parse().unwrap());
    nodes.make(position(1, None, kor, Holds::default()), &terms).unwrap();
    nodes.make(position(2, Some(Digest([1; 32])), kor, Holds::default()), &terms).unwrap();
    let node = nodes.nodes.get_mut(&kor).unwrap();
    assert!(divergences(&node.lifecycle, &terms).contains(&Divergence::Undelivered { count: 2 }));
    for number in 1..=2_u8 {
        assert_eq!(node.lifecycle.owed_to(&tokyo).unwrap().instrument.number, u64::from(number));
        node.apply(&Act::InstrumentDelivered { statement: Digest([number; 32]), to: tokyo.clone() });
    }
    assert_eq!(node.lifecycle.owed_to(&tokyo), None);
    assert_eq!(node.lifecycle.undelivered(), 0);
}

fn steps() -> impl Strategy<Value = Step> {
    let text = || (0_u8..3).prop_map(|n| Digest([n; 32]));
    let gate =
        || prop_oneof![Just("legal-review"), Just("vice-ministers"), Just("cabinet")].prop_map(str::to_owned);
    let about = || (0_u8..9).prop_map(|n| Digest([n; 32]));
    prop_oneof![
        text().prop_map(|text| Step::Proposed { text, version: "1.0.0".into() }),
        text().prop_map(|text| Step::Initialled { text }),
        gate().prop_map(|gate| Step::GatePassed { gate }),
        gate().prop_map(|gate| Step::GateSkipped { gate }),
        Just(Step::Withdrew {}),
        text().prop_map(|text| Step::Signed { text }),
        Just(Step::Notified {}),
        Just(Step::NoticeGiven {}),
        about().prop_map(|notice| Step::NoticeSuspended { notice }),
        about().prop_map(|notice| Step::NoticeWithdrawn { notice }),
        Just(Step::PositionTaken {}),
        text().prop_map(|text| Step::AmendmentConsented { text, version: "1.1.0".into() }),
        Just(Step::LawChanged {}),
        about().prop_map(|notice| Step::LawChangeAcknowledged { notice }),
        Just(Step::Disputed {}),
        about().prop_map(|dispute| Step::DisputeSettled { dispute }),
        Just(Step::MilestoneReached { milestone: "the text is published".into() }),
    ]
}

fn instruments() -> impl Strategy<Value = Instrument> {
    let holds = (any::<Option<u32>>(), any::<Option<u32>>()).prop_map(|(from, until)| Holds {
        from: from.map(|from| Timestamp(u64::from(from))),
        until: until.map(|until| Timestamp(u64::from(until))),
    });
    (any::<bool>(), steps(), any::<u16>(), holds).prop_map(|(is_kor, step, dated, holds)| Instrument {
        party: party(if is_kor { "KOR" } else { "JPN" }),
        step,
        dated: Timestamp(u64::from(dated)),
        ..position(1, None, party("KOR"), holds)
    })
}

proptest! {
    #[test]
    fn an_instrument_comes_back_from_its_bytes(instrument in instruments()) {
        let bytes = minicbor::to_vec(&instrument).unwrap();
        prop_assert_eq!(minicbor::decode::<Instrument>(&bytes).unwrap(), instrument);
    }

    /// Whatever comes in whatever order: what one Party does changes no other Party's record or position, every node folds the
    /// same, and a Party's position is what it declared last.
    #[test]
    fn no_party_ever_moves_another(wanted in prop::collection::vec(instruments(), 0..40)) {
        let terms = terms("gsomia-2016");
        let mut nodes = Nodes::of(&terms);
        for mut instrument in wanted {
            let party = instrument.party;
            let record = nodes.nodes[&party].lifecycle.record(party).cloned().unwrap_or_default();
            (instrument.number, instrument.previous) = (record.len() + 1, record.head());
            let others = |nodes: &Nodes| {
                let mut records = nodes.nodes[&party].lifecycle.records().clone();
                records.remove(&party);
                records
            };
            let before = others(&nodes);
            if nodes.make(instrument.clone(), &terms).is_ok() {
                prop_assert_eq!(others(&nodes), before);
                let facts = nodes.nodes[&party].lifecycle.record(party).unwrap().facts().clone();
                prop_assert_eq!(facts.holds, instrument.holds);
            }
            let mut records = nodes.nodes.values().map(|node| node.lifecycle.records());
            let first = records.next().unwrap();
            prop_assert!(records.all(|other| other == first));
        }
    }

    #[test]
    fn a_day_comes_back_from_its_text_and_is_followed_by_the_next(day in 0_u64..100_000) {
        let first: CivilDay = "1970-01-01".parse().unwrap();
        let found = first.plus_days(day);
        prop_assert_eq!(found.to_string().parse::<CivilDay>().unwrap(), found);
        prop_assert_eq!(CivilDay::of(found.start(9), 9), found);
        prop_assert_eq!(CivilDay::of(Timestamp(found.plus_days(1).start(9).0 - 1), 9), found);
        prop_assert_eq!(found.plus_days(1).days_after(first), day + 1);
    }

    #[test]
    fn notice_on_the_last_timely_day_ends_the_term_and_a_day_later_the_next(days in 0_u64..20_000) {
        let terms = terms("gsomia-2016");
        let from = in_force_from();
        let day = CivilDay::of(from, 9).plus_days(days);
        let last = last_timely_day(from, day, &terms).unwrap();
        let at = |day: CivilDay| Timestamp(day.start(9).0 + 1);
        if last >= CivilDay::of(from, 9) {
            prop_assert_eq!(is_timely(from, at(last), &terms), Some(true));
            prop_assert_eq!(is_timely(from, at(last.plus_days(1)), &terms), Some(false));
        }
    }
}
