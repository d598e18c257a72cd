//! The rules of one action as tables: for each value of each fact the cubes that let it in, one bit a cube. A question's
//! cubes are what is left when the rows of its values are laid over each other.
//!
//! *Absent:* remembering. Every question is read anew.

use super::condition::{Condition, Test};
use super::cubes::Vocabulary;
use super::fact::{Flag, Many, One};
use super::words::Words;
use attache_accord::people::Role;
use attache_accord::ruling::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Most words of bits in a row; an action with more cubes falls back to the engine.
pub(super) const MAX_ROW: usize = 128;

/// What a cube belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    /// The code, by its number.
    pub(super) code: u16,
    /// Whether it is the pack's own; else it is the floor's.
    pub(super) is_of_pack: bool,
    /// Whether it permits.
    pub(super) permits: bool,
}

/// The rules of one action.
#[derive(Debug)]
pub(super) struct Table {
    ones: Vec<(One, Words, Rows)>,
    sets: Vec<Set>,
    atoms: Vec<Atom>,
    /// Eight atoms a table.
    octets: Vec<Rows>,
    row: usize,
    sources: Vec<Source>,
}

/// A row of bits for each value.
#[derive(Debug)]
struct Rows(Vec<u64>);

/// A set, with the words of it that are tested.
#[derive(Debug)]
struct Set {
    many: Many,
    words: Words,
    /// For roles, which have numbers: their bits.
    roles: Vec<u64>,
}

/// What a set of a question holds.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    named: u64,
    has_other: bool,
}

#[derive(Debug)]
enum Atom {
    Same(One, One),
    Holds(Many, One),
    HoldsAny(usize, u64),
    Within(usize, u64),
    Empty(usize),
    Is(Flag),
    CopyAtLeast(i64),
}

/// Most sets in one table.
const MAX_SETS: usize = 9;

impl Table {
    /// Compiles conditions with what each belongs to.
    pub(super) fn of(rules: &[(Source, Condition)]) -> Result<Self, String> {
        let vocabulary = Vocabulary::of(rules.iter().map(|(_, condition)| condition));
        if vocabulary.ones.values().any(|words| words.len() >= Words::MAX) {
            return Err(format!("{} words or more of one fact", Words::MAX));
        }
        let mut cubes = Vec::new();
        for (source, condition) in rules {
            cubes.extend(vocabulary.cubes(condition, true)?.into_iter().map(|cube| (*source, cube)));
        }
        cubes.sort_by_key(|(source, _)| *source);
        let row = cubes.len().div_ceil(64).max(1);
        if row > MAX_ROW {
            return Err(format!("more than {} cases", MAX_ROW * 64));
        }
        let rows = |values: usize, lets_in: &dyn Fn(usize, usize) -> bool| {
            let mut bits = vec![0_u64; values * row];
            for value in 0..values {
                for cube in 0..cubes.len() {
                    if lets_in(cube, value) {
                        bits[value * row + cube / 64] |= 1 << (cube % 64);
                    }
                }
            }
            Rows(bits)
        };
        let sets = sets(&vocabulary.atoms)?;
        let atoms = vocabulary.atoms.iter().map(|test| atom(test, &sets)).collect::<Result<Vec<_>, _>>()?;
        let octets = (0..atoms.len().div_ceil(8))
            .map(|octet| {
                rows(256, &|cube, value| {
                    let asked = cubes[cube].1.atoms.range(octet * 8..octet * 8 + 8);
                    asked.into_iter().all(|(at, is_so)| (value >> (at % 8) & 1 == 1) == *is_so)
                })
            })
            .collect();
        let mut ones: Vec<_> = vocabulary
            .ones
            .into_iter()
            .map(|(one, words)| {
                let rows = rows(words.values(), &|cube, value| {
                    cubes[cube].1.ones.get(&one).is_none_or(|values| values.has(value))
                });
                (one, words, rows)
            })
            .collect();
        // The fact with the most words leaves the fewest cubes.
        ones.sort_by_key(|(_, words, _)| std::cmp::Reverse(words.len()));
        Ok(Self {
            ones,
            sets,
            atoms,
            octets,
            row,
            sources: cubes.iter().map(|(source, _)| *source).collect(),
        })
    }

    /// Calls `each` with what every cube that the question falls into belongs to, in order.
    pub(super) fn applying(&self, question: &Question, mut each: impl FnMut(Source)) {
        let mut left = [0_u64; MAX_ROW];
        let left = &mut left[..self.row];
        left.fill(u64::MAX);
        let tail = self.sources.len() % 64;
        if tail != 0 || self.sources.is_empty() {
            left[self.row - 1] = (1 << tail) - 1;
        }
        let mut ones = self.ones.iter().map(|(one, words, rows)| (words.value(one.read(question)), rows));
        if let Some((value, rows)) = ones.next() {
            rows.lay_over(value, left);
        }
        // Most words of a long row are empty by now.
        let mut places = [0_u8; MAX_ROW];
        let mut count = 0;
        for (place, word) in (0_u8..).zip(&*left) {
            if *word != 0 {
                places[count] = place;
                count += 1;
            }
        }
        let places = &places[..count];
        for (value, rows) in ones {
            rows.lay_over_at(value, left, places);
        }
        let mut held = [Held::default(); MAX_SETS];
        for (held, set) in held.iter_mut().zip(&self.sets) {
            *held = set.held(question);
        }
        for (octet, atoms) in self.octets.iter().zip(self.atoms.chunks(8)) {
            let value = atoms
                .iter()
                .enumerate()
                .fold(0, |value, (bit, atom)| value | usize::from(atom.is_so(question, &held)) << bit);
            octet.lay_over_at(value, left, places);
        }
        for place in places.iter().map(|place| usize::from(*place)) {
            let mut word = left[place];
            while word != 0 {
                // Below 64.
                each(self.sources[place * 64 + word.trailing_zeros() as usize]);
                word &= word - 1;
            }
        }
    }
}

impl Rows {
    fn lay_over(&self, value: usize, left: &mut [u64]) {
        let at = value * left.len();
        if let Some(row) = self.0.get(at..at + left.len()) {
            left.iter_mut().zip(row).for_each(|(left, row)| *left &= row);
        }
    }

    fn lay_over_at(&self, value: usize, left: &mut [u64], places: &[u8]) {
        let at = value * left.len();
        let Some(row) = self.0.get(at..at + left.len()) else { return };
        for place in places.iter().map(|place| usize::from(*place)) {
            left[place] &= row[place];
        }
    }
}

impl Set {
    fn held(&self, question: &Question) -> Held {
        let mut held = Held::default();
        if self.many == Many::Roles {
            for role in &question.asker.roles {
                let bits = self.roles.get(*role as usize).copied().unwrap_or_default();
                held.named |= bits;
                held.has_other |= bits == 0;
            }
            return held;
        }
        self.many.read(question, |word| match self.words.named(word) {
            Some(value) => held.named |= 1 << (value - 1),
            None => held.has_other = true,
        });
        held
    }
}

impl Atom {
    fn is_so(&self, question: &Question, held: &[Held; MAX_SETS]) -> bool {
        let set = |at: &usize| held.get(*at).copied().unwrap_or_default();
        match self {
            Self::Same(one, other) => one.read(question) == other.read(question),
            Self::Holds(many, one) => one.read(question).is_some_and(|word| {
                let mut found = false;
                many.read(question, |held| found |= held == word);
                found
            }),
            Self::HoldsAny(at, words) => set(at).named & words != 0,
            Self::Within(at, words) => set(at).named & !words == 0 && !set(at).has_other,
            Self::Empty(at) => set(at).named == 0 && !set(at).has_other,
            Self::Is(flag) => flag.read(question),
            Self::CopyAtLeast(least) => question.copy.is_some_and(|copy| i64::from(copy.number) >= *least),
        }
    }
}

/// The sets that tests are about, each with the words that any of them names.
fn sets(atoms: &[Test]) -> Result<Vec<Set>, String> {
    let mut named: BTreeMap<Many, BTreeSet<String>> = BTreeMap::new();
    for test in atoms {
        match test {
            Test::HoldsAny(many, words) | Test::Within(many, words) => {
                named.entry(*many).or_default().extend(words.iter().cloned());
            }
            Test::Empty(many) => drop(named.entry(*many).or_default()),
            _ => {}
        }
    }
    let set = |(many, words): (Many, BTreeSet<String>)| {
        if words.len() > 64 {
            return Err(format!("{} words tested in one set", words.len()));
        }
        let words = Words::of(words);
        let mut roles = vec![0; Role::ALL.len()];
        for (role, word) in Role::ALL {
            if let (Some(bits), Some(value)) = (roles.get_mut(role as usize), words.named(word)) {
                *bits = 1 << (value - 1);
            }
        }
        Ok(Set { many, words, roles })
    };
    named.into_iter().map(set).collect()
}

fn atom(test: &Test, sets: &[Set]) -> Result<Atom, String> {
    let place = |many: &Many| {
        let at = sets.iter().position(|set| set.many == *many).filter(|at| *at < MAX_SETS);
        at.ok_or_else(|| "a set without its words".to_owned())
    };
    let bits = |at: usize, words: &BTreeSet<String>| {
        let values = words.iter().filter_map(|word| sets.get(at)?.words.named(word));
        values.fold(0, |bits, value| bits | 1 << (value - 1))
    };
    Ok(match test {
        Test::Same(one, other) => Atom::Same(*one, *other),
        Test::Holds(many, one) => Atom::Holds(*many, *one),
        Test::HoldsAny(many, words) => Atom::HoldsAny(place(many)?, bits(place(many)?, words)),
        Test::Within(many, words) => Atom::Within(place(many)?, bits(place(many)?, words)),
        Test::Empty(many) => Atom::Empty(place(many)?),
        Test::Is(flag) => Atom::Is(*flag),
        Test::CopyAtLeast(least) => Atom::CopyAtLeast(*least),
        Test::OneOf(..) | Test::Has(_) => return Err("a word is no atom".to_owned()),
    })
}
