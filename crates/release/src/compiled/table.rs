//! The rules of one action as tables: for each value of each fact the cubes that let it in, one bit a cube. A question's
//! cubes are what is left when the rows of its values are laid over each other.
//!
//! *Absent:* remembering. Every question is read anew.

use super::Decision;
use super::condition::{Condition, Test};
use super::cubes::{Cube, Vocabulary};
use super::fact::{Asked, Flag, Many, One};
use super::words::Words;
use attache_accord::people::Role;
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
    /// What does not look at the label, and what does.
    fixed: Part,
    of_label: Part,
    row: usize,
    sources: Vec<Source>,
    /// Cubes that permit, and cubes of the pack's own that forbid.
    permits: Vec<u64>,
    pack_forbids: Vec<u64>,
}

/// The tables of some of the facts.
#[derive(Debug)]
struct Part {
    ones: Vec<(One, Words, Rows)>,
    sets: Vec<Set>,
    atoms: Vec<Atom>,
    /// Eight atoms a table.
    octets: Vec<Rows>,
}

/// Words of bits in the short form of a row, which most agreements need, and in the middle one.
const SHORT_ROW: usize = 8;
const MIDDLE_ROW: usize = 32;

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
        let part = |is_of_label: bool| Part::of(&vocabulary, &cubes, row, is_of_label);
        let (fixed, of_label) = (part(false)?, part(true)?);
        let marked = |is_so: fn(&Source) -> bool| {
            let mut bits = vec![0_u64; row];
            for (at, _) in cubes.iter().enumerate().filter(|(_, (source, _))| is_so(source)) {
                bits[at / 64] |= 1 << (at % 64);
            }
            bits
        };
        Ok(Self {
            fixed,
            of_label,
            row,
            sources: cubes.iter().map(|(source, _)| *source).collect(),
            permits: marked(|source| source.permits),
            pack_forbids: marked(|source| source.is_of_pack && !source.permits),
        })
    }

    /// What the cubes that the question falls into say, in order. `nothing_permits` is said where none permits and none of the
    /// pack's own forbids.
    pub(super) fn decide(&self, asked: Asked<'_>, nothing_permits: Option<u16>) -> Decision {
        self.decide_after(&[], asked, nothing_permits)
    }

    /// The cubes that are left whatever the label is.
    pub(super) fn before_label(&self, asked: Asked<'_>) -> Vec<u64> {
        let mut left = vec![0; self.row];
        self.lay_fixed_over(asked, &mut left);
        left
    }

    /// The same, going on from what [`before_label`](Self::before_label) left.
    pub(super) fn decide_after(
        &self,
        before: &[u64],
        asked: Asked<'_>,
        nothing_permits: Option<u16>,
    ) -> Decision {
        match self.row {
            row if row <= SHORT_ROW => self.decide_in::<SHORT_ROW>(before, asked, nothing_permits),
            row if row <= MIDDLE_ROW => self.decide_in::<MIDDLE_ROW>(before, asked, nothing_permits),
            _ => self.decide_in::<MAX_ROW>(before, asked, nothing_permits),
        }
    }

    /// Of every cube, those that are left whatever the label is.
    fn lay_fixed_over(&self, asked: Asked<'_>, left: &mut [u64]) {
        left.fill(u64::MAX);
        let tail = self.sources.len() % 64;
        if tail != 0 || self.sources.is_empty() {
            left[self.row - 1] = (1 << tail) - 1;
        }
        self.fixed.lay_over(asked, left);
    }

    fn decide_in<const ROW: usize>(
        &self,
        before: &[u64],
        asked: Asked<'_>,
        nothing_permits: Option<u16>,
    ) -> Decision {
        let mut left = [0_u64; ROW];
        let left = &mut left[..self.row];
        if before.len() == left.len() {
            left.copy_from_slice(before);
        } else {
            self.lay_fixed_over(asked, left);
        }
        self.of_label.lay_over(asked, left);
        self.said(left, nothing_permits)
    }

    /// The decision of the cubes that are left: by those that forbid, or where none does by those that permit.
    fn said(&self, left: &[u64], nothing_permits: Option<u16>) -> Decision {
        let any = |of: &[u64]| left.iter().zip(of).any(|(left, of)| left & of != 0);
        let permits = any(&self.permits);
        let forbids = left.iter().zip(&self.permits).any(|(left, permits)| left & !permits != 0);
        let mut decision = Decision::new();
        decision.granted = permits && !forbids;
        for (place, (left, permits)) in left.iter().zip(&self.permits).enumerate() {
            let mut word = if decision.granted { *left } else { left & !permits };
            while word != 0 {
                // Below 64.
                decision.add(self.sources[place * 64 + word.trailing_zeros() as usize].code);
                word &= word - 1;
            }
        }
        if let Some(code) = nothing_permits.filter(|_| !permits && !any(&self.pack_forbids)) {
            decision.add(code);
        }
        decision
    }
}

impl Part {
    fn of(
        vocabulary: &Vocabulary,
        cubes: &[(Source, Cube)],
        row: usize,
        is_of_label: bool,
    ) -> Result<Self, String> {
        let rows = |values: usize, lets_in: &dyn Fn(&Cube, usize) -> bool| {
            let mut bits = vec![0_u64; values * row];
            for value in 0..values {
                for (at, (_, cube)) in cubes.iter().enumerate() {
                    if lets_in(cube, value) {
                        bits[value * row + at / 64] |= 1 << (at % 64);
                    }
                }
            }
            Rows(bits)
        };
        let tests: Vec<(usize, &Test)> = vocabulary
            .atoms
            .iter()
            .enumerate()
            .filter(|(_, test)| test.is_of_label() == is_of_label)
            .collect();
        let sets = sets(tests.iter().map(|(_, test)| *test))?;
        let atoms = tests.iter().map(|(_, test)| atom(test, &sets)).collect::<Result<Vec<_>, _>>()?;
        let octets = tests
            .chunks(8)
            .map(|octet| {
                rows(256, &|cube, value| {
                    octet.iter().enumerate().all(|(bit, (at, _))| {
                        cube.atoms.get(at).is_none_or(|is_so| (value >> bit & 1 == 1) == *is_so)
                    })
                })
            })
            .collect();
        let ones = vocabulary.ones.iter().filter(|(one, _)| one.is_of_label() == is_of_label);
        let mut ones: Vec<_> = ones
            .map(|(one, words)| {
                let lets_in = |cube: &Cube, value| cube.ones.get(one).is_none_or(|values| values.has(value));
                (*one, words.clone(), rows(words.values(), &lets_in))
            })
            .collect();
        // The fact with the most words leaves the fewest cubes.
        ones.sort_by_key(|(_, words, _)| std::cmp::Reverse(words.len()));
        Ok(Self { ones, sets, atoms, octets })
    }

    fn lay_over(&self, asked: Asked<'_>, left: &mut [u64]) {
        let mut ones = self.ones.iter().map(|(one, words, rows)| (words.value(one.read(asked)), rows));
        if let Some((value, rows)) = ones.next() {
            rows.lay_over(value, left);
        }
        // Most words of a long row are empty by now.
        let (from, to) = filled(left);
        let left_row = left.len();
        let left = &mut left[from..to];
        for (value, rows) in ones {
            rows.lay_over_part(value, left_row, from, left);
        }
        let mut held = [Held::default(); MAX_SETS];
        for (held, set) in held.iter_mut().zip(&self.sets) {
            *held = set.held(asked);
        }
        for (octet, atoms) in self.octets.iter().zip(self.atoms.chunks(8)) {
            let value = atoms
                .iter()
                .enumerate()
                .fold(0, |value, (bit, atom)| value | usize::from(atom.is_so(asked, &held)) << bit);
            octet.lay_over_part(value, left_row, from, left);
        }
    }
}

/// From which to which word a row is not empty.
fn filled(left: &[u64]) -> (usize, usize) {
    let from = left.iter().position(|word| *word != 0).unwrap_or(left.len());
    let to = left.iter().rposition(|word| *word != 0).map_or(from, |last| last + 1);
    (from, to)
}

impl Rows {
    fn lay_over(&self, value: usize, left: &mut [u64]) {
        let at = value * left.len();
        if let Some(row) = self.0.get(at..at + left.len()) {
            left.iter_mut().zip(row).for_each(|(left, row)| *left &= row);
        }
    }

    /// The same for the words of a row of `row` that begin at `from`.
    fn lay_over_part(&self, value: usize, row: usize, from: usize, left: &mut [u64]) {
        let at = value * row + from;
        if let Some(row) = self.0.get(at..at + left.len()) {
            left.iter_mut().zip(row).for_each(|(left, row)| *left &= row);
        }
    }
}

impl Set {
    fn held(&self, asked: Asked<'_>) -> Held {
        let mut held = Held::default();
        if self.many == Many::Roles {
            for role in &asked.question.asker.roles {
                let bits = self.roles.get(*role as usize).copied().unwrap_or_default();
                held.named |= bits;
                held.has_other |= bits == 0;
            }
            return held;
        }
        self.many.read(asked, |word| match self.words.named(word) {
            Some(value) => held.named |= 1 << (value - 1),
            None => held.has_other = true,
        });
        held
    }
}

impl Atom {
    fn is_so(&self, asked: Asked<'_>, held: &[Held; MAX_SETS]) -> bool {
        let set = |at: &usize| held.get(*at).copied().unwrap_or_default();
        match self {
            Self::Same(one, other) => one.read(asked) == other.read(asked),
            Self::Holds(many, one) => one.read(asked).is_some_and(|word| {
                let mut found = false;
                many.read(asked, |held| found |= held == word);
                found
            }),
            Self::HoldsAny(at, words) => set(at).named & words != 0,
            Self::Within(at, words) => set(at).named & !words == 0 && !set(at).has_other,
            Self::Empty(at) => set(at).named == 0 && !set(at).has_other,
            Self::Is(flag) => flag.read(asked.question),
            Self::CopyAtLeast(least) => {
                asked.question.copy.is_some_and(|copy| i64::from(copy.number) >= *least)
            }
        }
    }
}

/// The sets that tests are about, each with the words that any of them names.
fn sets<'t>(atoms: impl Iterator<Item = &'t Test>) -> Result<Vec<Set>, String> {
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
