//! The rules of one action as tables: for each value of each fact the cubes that let it in, one bit a cube. A question's
//! cubes are what is left when the rows of its values are laid over each other.
//!
//! *Absent:* remembering. Every question is read anew.

use super::Decision;
use super::condition::{Condition, Test};
use super::cubes::{Cube, Vocabulary};
use super::fact::{Asked, Flag, MANIES, Many, ONES, One};
use super::words::{Number, Words};
use attache_accord::people::Role;
use std::collections::{BTreeMap, BTreeSet};

/// Words of bits that a row may have, so that laying one over another is a few steps without a loop; most agreements need one
/// or two.
const ROWS: [usize; 6] = [1, 2, 4, 8, 32, MAX_ROW];
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
    whole: Part,
    /// What does not look at the label, and what does.
    fixed: Part,
    of_label: Part,
    row: usize,
    /// The code of each cube.
    codes: Vec<u16>,
    /// Every cube, those that permit, and those of the pack's own that forbid.
    every: Vec<u64>,
    permits: Vec<u64>,
    pack_forbids: Vec<u64>,
}

/// The tables of some of the facts.
#[derive(Debug)]
struct Part {
    /// The facts that are one word and are looked at.
    facts: Vec<One>,
    /// Those of them, by their places, of which rules name words.
    ones: Vec<(usize, Words, Rows)>,
    sets: Vec<Set>,
    atoms: Vec<Atom>,
    /// Eight atoms a table.
    octets: Vec<Rows>,
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
    Same(usize, usize),
    Holds(Many, usize),
    HoldsAny(usize, u64),
    Within(usize, u64),
    Empty(usize),
    Is(Flag),
    CopyAtLeast(i64),
}

/// Most sets in one table, and most facts that are one word.
const MAX_SETS: usize = MANIES.len();
const MAX_FACTS: usize = ONES.len();

/// Calls a method for the number of words that a row of this table has.
macro_rules! in_row {
    ($table:ident.$method:ident($($argument:expr),*)) => {
        match $table.row {
            1 => $table.$method::<1>($($argument),*),
            2 => $table.$method::<2>($($argument),*),
            4 => $table.$method::<4>($($argument),*),
            8 => $table.$method::<8>($($argument),*),
            32 => $table.$method::<32>($($argument),*),
            _ => $table.$method::<MAX_ROW>($($argument),*),
        }
    };
}

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
        let row = ROWS.into_iter().find(|row| cubes.len() <= row * 64);
        let row = row.ok_or_else(|| format!("more than {} cases", MAX_ROW * 64))?;
        let part = |has: fn(bool) -> bool| Part::of(&vocabulary, &cubes, row, has);
        let (whole, fixed, of_label) = (part(|_| true)?, part(|is_of_label| !is_of_label)?, part(|it| it)?);
        let marked = |is_so: fn(&Source) -> bool| {
            let mut bits = vec![0_u64; row];
            for (at, _) in cubes.iter().enumerate().filter(|(_, (source, _))| is_so(source)) {
                bits[at / 64] |= 1 << (at % 64);
            }
            bits
        };
        Ok(Self {
            whole,
            fixed,
            of_label,
            row,
            codes: cubes.iter().map(|(source, _)| source.code).collect(),
            every: marked(|_| true),
            permits: marked(|source| source.permits),
            pack_forbids: marked(|source| source.is_of_pack && !source.permits),
        })
    }

    /// What the cubes that the question falls into say, in order. `nothing_permits` is said where none permits and none of the
    /// pack's own forbids.
    pub(super) fn decide(&self, asked: Asked<'_>, nothing_permits: Option<u16>) -> Decision {
        in_row!(self.decide_in(&self.whole, &self.every, asked, nothing_permits))
    }

    /// The cubes that are left whatever the label is.
    pub(super) fn before_label(&self, asked: Asked<'_>) -> Vec<u64> {
        in_row!(self.before_label_in(asked))
    }

    /// The same, going on from what [`before_label`](Self::before_label) left.
    pub(super) fn decide_after(
        &self,
        before: &[u64],
        asked: Asked<'_>,
        nothing_permits: Option<u16>,
    ) -> Decision {
        in_row!(self.decide_in(&self.of_label, before, asked, nothing_permits))
    }

    fn before_label_in<const ROW: usize>(&self, asked: Asked<'_>) -> Vec<u64> {
        let mut left = *row::<ROW>(&self.every);
        self.fixed.lay_over(asked, &mut left);
        left.to_vec()
    }

    fn decide_in<const ROW: usize>(
        &self,
        part: &Part,
        before: &[u64],
        asked: Asked<'_>,
        nothing_permits: Option<u16>,
    ) -> Decision {
        let mut left = *row::<ROW>(before);
        part.lay_over(asked, &mut left);
        self.said(&left, nothing_permits)
    }

    /// The decision of the cubes that are left: by those that forbid, or where none does by those that permit.
    fn said<const ROW: usize>(&self, left: &[u64; ROW], nothing_permits: Option<u16>) -> Decision {
        let (permits, pack_forbids) = (row::<ROW>(&self.permits), row::<ROW>(&self.pack_forbids));
        let (mut permit, mut forbid, mut forbid_by_pack) = (0, 0, 0);
        for ((left, permits), pack_forbids) in left.iter().zip(permits).zip(pack_forbids) {
            permit |= left & permits;
            forbid |= left & !permits;
            forbid_by_pack |= left & pack_forbids;
        }
        let mut decision = Decision::new();
        decision.granted = permit != 0 && forbid == 0;
        for ((left, permits), codes) in left.iter().zip(permits).zip(self.codes.chunks(64)) {
            let mut word = if decision.granted { *left } else { left & !permits };
            while word != 0 {
                // Below 64.
                decision.add(codes[word.trailing_zeros() as usize]);
                word &= word - 1;
            }
        }
        if let Some(code) = nothing_permits.filter(|_| permit == 0 && forbid_by_pack == 0) {
            decision.add(code);
        }
        decision
    }
}

/// The first row of bits; a table has no shorter one.
fn row<const ROW: usize>(bits: &[u64]) -> &[u64; ROW] {
    bits.first_chunk().unwrap_or(const { &[0; ROW] })
}

impl Part {
    fn of(
        vocabulary: &Vocabulary,
        cubes: &[(Source, Cube)],
        row: usize,
        has: fn(bool) -> bool,
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
        let tests: Vec<(usize, &Test)> =
            vocabulary.atoms.iter().enumerate().filter(|(_, test)| has(test.is_of_label())).collect();
        let sets = sets(tests.iter().map(|(_, test)| *test))?;
        let named = vocabulary.ones.keys().copied().filter(|one| has(one.is_of_label()));
        let compared = tests.iter().flat_map(|(_, test)| match test {
            Test::Same(one, other) => vec![*one, *other],
            Test::Holds(_, one) => vec![*one],
            _ => Vec::new(),
        });
        let facts: Vec<One> = named.chain(compared).collect::<BTreeSet<_>>().into_iter().collect();
        let atoms = tests.iter().map(|(_, test)| atom(test, &sets, &facts)).collect::<Result<Vec<_>, _>>()?;
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
        let ones = vocabulary.ones.iter().filter(|(one, _)| has(one.is_of_label()));
        let ones = ones.filter_map(|(one, words)| {
            let lets_in = |cube: &Cube, value| cube.ones.get(one).is_none_or(|values| values.has(value));
            Some((place(&facts, one)?, words.clone(), rows(words.values(), &lets_in)))
        });
        Ok(Self { ones: ones.collect(), facts, sets, atoms, octets })
    }

    fn lay_over<const ROW: usize>(&self, asked: Asked<'_>, left: &mut [u64; ROW]) {
        let mut numbers = [Number::ABSENT; MAX_FACTS];
        for (number, one) in numbers.iter_mut().zip(&self.facts) {
            *number = one.read(asked);
        }
        for (at, words, rows) in &self.ones {
            rows.lay_over(words.value(numbers[*at]), left);
        }
        let mut held = [Held::default(); MAX_SETS];
        for (held, set) in held.iter_mut().zip(&self.sets) {
            *held = set.held(asked);
        }
        for (octet, atoms) in self.octets.iter().zip(self.atoms.chunks(8)) {
            let mut value = 0;
            for (bit, atom) in atoms.iter().enumerate() {
                value |= usize::from(atom.is_so(asked, &numbers, &held)) << bit;
            }
            octet.lay_over(value, left);
        }
    }
}

impl Rows {
    fn lay_over<const ROW: usize>(&self, value: usize, left: &mut [u64; ROW]) {
        if let Some(row) = self.0.as_chunks::<ROW>().0.get(value) {
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
    #[inline]
    fn is_so(&self, asked: Asked<'_>, numbers: &[Number; MAX_FACTS], held: &[Held; MAX_SETS]) -> bool {
        let set = |at: &usize| held.get(*at).copied().unwrap_or_default();
        match self {
            Self::Same(one, other) => numbers[*one] == numbers[*other],
            Self::Holds(many, one) => many.holds(asked, numbers[*one]),
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
            if let (Some(bits), Some(value)) = (roles.get_mut(role as usize), words.named(Number::of(word))) {
                *bits = 1 << (value - 1);
            }
        }
        Ok(Set { many, words, roles })
    };
    named.into_iter().map(set).collect()
}

/// Where a fact stands.
fn place(facts: &[One], one: &One) -> Option<usize> {
    facts.iter().position(|fact| fact == one).filter(|at| *at < MAX_FACTS)
}

fn atom(test: &Test, sets: &[Set], facts: &[One]) -> Result<Atom, String> {
    let one = |one: &One| place(facts, one).ok_or_else(|| "a word without its fact".to_owned());
    let place = |many: &Many| {
        let at = sets.iter().position(|set| set.many == *many).filter(|at| *at < MAX_SETS);
        at.ok_or_else(|| "a set without its words".to_owned())
    };
    let bits = |at: usize, words: &BTreeSet<String>| {
        let values = words.iter().filter_map(|word| sets.get(at)?.words.named(Number::of(word)));
        values.fold(0, |bits, value| bits | 1 << (value - 1))
    };
    Ok(match test {
        Test::Same(first, other) => Atom::Same(one(first)?, one(other)?),
        Test::Holds(many, word) => Atom::Holds(*many, one(word)?),
        Test::HoldsAny(many, words) => Atom::HoldsAny(place(many)?, bits(place(many)?, words)),
        Test::Within(many, words) => Atom::Within(place(many)?, bits(place(many)?, words)),
        Test::Empty(many) => Atom::Empty(place(many)?),
        Test::Is(flag) => Atom::Is(*flag),
        Test::CopyAtLeast(least) => Atom::CopyAtLeast(*least),
        Test::OneOf(..) | Test::Has(_) => return Err("a word is no atom".to_owned()),
    })
}
