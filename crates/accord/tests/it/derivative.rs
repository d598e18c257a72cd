//! What is made from others' information: a marking that follows from its sources (Art. 4.3).

use crate::equivalence::table;
use crate::samples::{NOON, kind, level, party};
use attache_accord::derivative::{Contained, Derivative, Source, Underivable, Wanted, derive};
use attache_accord::equivalence::Equivalents;
use attache_accord::{Level, Marking, Party};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::slice::from_ref;

fn source(at: &str, own: &str, releasable_to: &[&str], caveats: &[&str]) -> Source {
    let marking = Marking {
        level: level(at),
        releasable_to: releasable_to.iter().map(|text| party(text)).collect(),
        kind: kind("humint"),
        caveats: caveats.iter().map(|caveat| (*caveat).to_owned()).collect(),
        marked_at: NOON,
        topics: BTreeSet::new(),
        control: None,
        purposes: [].into(),
    };
    Source { marking, own_level: level(own), contains: Contained::new() }
}

fn wanted(at: Option<&str>) -> Wanted {
    Wanted {
        level: at.map(level),
        releasable_to: None,
        kind: kind("document"),
        topics: BTreeSet::new(),
        caveats: vec!["작성자 외 열람 금지".to_owned()],
        marked_at: NOON,
    }
}

fn japan(sources: &[Source], wanted: Wanted) -> Result<Derivative, Underivable> {
    derive(party("JPN"), sources, wanted, &table())
}

#[test]
fn a_japanese_paper_with_korean_information_says_so_and_may_go_back_to_korea_only() {
    let sources = [
        source("KOR:II", "JPN:TOKUTEI", &["JPN"], &["출처 보호"]),
        source("JPN:HI", "JPN:HI", &["KOR", "USA"], &["注意"]),
    ];
    let made = japan(&sources, wanted(None)).unwrap();
    assert_eq!(made.marking.level, level("JPN:TOKUTEI"));
    assert_eq!(made.marking.releasable_to, BTreeSet::from([party("KOR")]));
    assert_eq!(made.marking.caveats, ["출처 보호", "注意", "작성자 외 열람 금지"]);
    assert_eq!(made.contains, Contained::from([(party("KOR"), BTreeSet::from([level("KOR:II")]))]));
}

#[test]
fn a_derivative_serves_what_all_its_sources_were_given_for() {
    let given = |purposes: &[&str]| {
        let mut source = source("KOR:II", "JPN:TOKUTEI", &["JPN"], &[]);
        source.marking.purposes = purposes.iter().map(|purpose| purpose.parse().unwrap()).collect();
        source
    };
    let made = |sources: &[Source]| {
        japan(sources, wanted(None)).map(|made| made.marking.purposes.into_iter().collect::<Vec<_>>())
    };
    let said =
        |sources: &[Source]| made(sources).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    let (both, one, other) = (given(&["planning", "training"]), given(&["planning"]), given(&["training"]));
    assert_eq!(said(&[both.clone(), one.clone()]), ["planning"]);
    assert_eq!(
        said(&[both.clone(), given(&[])]),
        ["planning", "training"],
        "what says nothing binds nothing"
    );
    assert_eq!(made(&[both, one, other]), Err(Underivable::NoPurpose));
}

#[test]
fn between_two_levels_of_one_rank_a_person_chooses() {
    let sources =
        [source("KOR:II", "JPN:TOKUTEI", &["JPN"], &[]), source("JPN:GOKUHI", "JPN:GOKUHI", &["KOR"], &[])];
    let choice = Underivable::Choose(vec![level("JPN:GOKUHI"), level("JPN:TOKUTEI")]);
    assert_eq!(japan(&sources, wanted(None)), Err(choice));
    assert_eq!(japan(&sources, wanted(Some("JPN:GOKUHI"))).unwrap().marking.level, level("JPN:GOKUHI"));
}

#[test]
fn what_no_marking_follows_for_is_not_marked() {
    let second = source("KOR:II", "JPN:TOKUTEI", &["JPN"], &[]);
    assert_eq!(japan(&[], wanted(None)), Err(Underivable::NoSource));
    let lower = japan(from_ref(&second), wanted(Some("JPN:HI")));
    assert!(matches!(lower, Err(Underivable::Lower { .. })), "{lower:?}");
    for other in ["KOR:II", "JPN:XX"] {
        let other = japan(from_ref(&second), wanted(Some(other)));
        assert!(matches!(other, Err(Underivable::OtherScheme(_))), "{other:?}");
    }
    let understated = Source { own_level: level("JPN:HI"), ..second.clone() };
    assert!(matches!(japan(&[understated], wanted(None)), Err(Underivable::NotOwn { .. })));
    let never = source("KOR:I", "JPN:TOKUTEI", &["JPN"], &[]);
    assert!(matches!(japan(&[never], wanted(None)), Err(Underivable::NotOwn { .. })));
    let kept = source("KOR:II", "JPN:TOKUTEI", &[], &[]);
    assert_eq!(japan(&[kept], wanted(None)), Err(Underivable::NotForMaker(party("KOR"))));
    let caveats: Vec<String> = (0..16).map(|n| format!("caveat {n}")).collect();
    let full =
        source("KOR:II", "JPN:TOKUTEI", &["JPN"], &caveats.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(matches!(japan(&[full], wanted(None)), Err(Underivable::Marking(_))), "17 caveats");
}

const LEVELS: [&str; 6] = ["KOR:I", "KOR:II", "KOR:III", "JPN:GOKUHI", "JPN:TOKUTEI", "JPN:HI"];
const PARTIES: [&str; 4] = ["KOR", "JPN", "USA", "AUS"];

/// Sources that the maker holds, at a level that the table gives it.
fn held(maker: Party) -> impl Strategy<Value = Source> {
    let parties = || prop::collection::btree_set(prop::sample::select(PARTIES.to_vec()), 0..4);
    let caveats = prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d"]), 0..3);
    let contains = prop::option::of(prop::sample::select(vec!["USA:S", "AUS:S", "KOR:II"]));
    let all =
        (prop::sample::select(LEVELS.to_vec()), parties(), caveats, contains, any::<prop::sample::Index>());
    all.prop_filter_map("a level without a row", move |(at, releasable_to, caveats, contains, index)| {
        let own = match table().equivalents(&level(at), maker) {
            Equivalents::None => return None,
            Equivalents::One(only) => only,
            Equivalents::Choice(several) => index.get(&several).clone(),
        };
        let originator = level(at).party();
        let mut found = source(at, own.as_str(), &[], &caveats);
        found.marking.releasable_to = releasable_to.iter().map(|text| party(text)).collect();
        found.marking.releasable_to.insert(maker);
        found.marking.releasable_to.remove(&originator);
        let inside: Option<Level> = contains.map(level);
        found.contains.extend(inside.map(|level| (level.party(), BTreeSet::from([level]))));
        Some(found)
    })
}

fn sources() -> impl Strategy<Value = (Party, Vec<Source>)> {
    prop::sample::select(vec!["KOR", "JPN"]).prop_flat_map(|maker| {
        let maker = party(maker);
        (Just(maker), prop::collection::vec(held(maker), 1..5))
    })
}

/// A derivative, with a person who chooses the first where there is a choice.
fn made(maker: Party, sources: &[Source], wanted: Wanted) -> Derivative {
    match derive(maker, sources, wanted.clone(), &table()) {
        Err(Underivable::Choose(options)) => {
            let chosen = Wanted { level: options.first().cloned(), ..wanted };
            derive(maker, sources, chosen, &table()).unwrap()
        }
        made => made.unwrap(),
    }
}

proptest! {
    #[test]
    fn a_derivative_is_never_lower_nor_wider_than_any_source((maker, sources) in sources()) {
        let derivative = made(maker, &sources, wanted(None));
        let scheme = &table().schemes[&maker];
        prop_assert_eq!(derivative.marking.originator(), maker);
        for source in &sources {
            prop_assert!(scheme.rank(&derivative.marking.level) >= scheme.rank(&source.own_level));
            let mut admitted = source.marking.releasable_to.clone();
            admitted.insert(source.marking.originator());
            prop_assert!(derivative.marking.releasable_to.is_subset(&admitted));
            prop_assert!(source.marking.caveats.iter().all(|caveat| derivative.marking.caveats.contains(caveat)));
            let originator = source.marking.originator();
            if originator != maker {
                prop_assert!(derivative.contains[&originator].contains(&source.marking.level));
            }
            for (inside, levels) in &source.contains {
                prop_assert!(levels.is_subset(&derivative.contains[inside]));
            }
        }
        prop_assert!(!derivative.marking.releasable_to.contains(&maker));
    }

    #[test]
    fn everyone_whom_all_sources_admit_is_admitted((maker, sources) in sources()) {
        let derivative = made(maker, &sources, wanted(None));
        for text in PARTIES {
            let asked = party(text);
            let all = sources.iter().all(|s| s.marking.originator() == asked || s.marking.releasable_to.contains(&asked));
            prop_assert_eq!(derivative.marking.releasable_to.contains(&asked), all && asked != maker);
        }
    }

    #[test]
    fn the_order_of_the_sources_changes_nothing_but_the_order_of_the_caveats((maker, sources) in sources()) {
        let reversed: Vec<Source> = sources.iter().rev().cloned().collect();
        let (mut one, mut other) = (made(maker, &sources, wanted(None)), made(maker, &reversed, wanted(None)));
        one.marking.caveats.sort();
        other.marking.caveats.sort();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn in_two_steps_or_in_one_it_is_the_same((maker, sources) in sources()) {
        let wanted = |at: &Level| Wanted { level: Some(at.clone()), ..wanted(None) };
        let at_once = made(maker, &sources, self::wanted(None));
        let first = made(maker, &sources[..1], self::wanted(None));
        let step = Source { own_level: first.marking.level.clone(), marking: first.marking, contains: first.contains };
        let rest: Vec<Source> = std::iter::once(step).chain(sources[1..].iter().cloned()).collect();
        let mut in_two = derive(maker, &rest, wanted(&at_once.marking.level), &table()).unwrap();
        let mut at_once = at_once;
        at_once.marking.caveats.sort();
        in_two.marking.caveats.sort();
        prop_assert_eq!(at_once, in_two);
    }

    #[test]
    fn what_the_maker_wants_only_narrows((maker, sources) in sources(), keep in prop::collection::btree_set(prop::sample::select(PARTIES.to_vec()), 0..4)) {
        let keep: BTreeSet<Party> = keep.iter().map(|text| party(text)).collect();
        let wide = made(maker, &sources, wanted(None)).marking.releasable_to;
        let narrow = made(maker, &sources, Wanted { releasable_to: Some(keep.clone()), ..wanted(None) });
        prop_assert_eq!(narrow.marking.releasable_to, &wide & &keep);
    }
}
