//! Conditions as cubes: each cube says of every fact which values it may have, and a condition holds where one of its
//! cubes does.
//!
//! *Absent:* order. Cubes are a set; which of them a question falls into is read from tables.

use super::condition::{Condition, Test};
use super::fact::One;
use super::words::Words;
use std::collections::{BTreeMap, BTreeSet};

/// Most cubes of one policy for one action; one that needs more falls back to the engine.
const MAX_CUBES: usize = 2_048;

/// Which values of one fact are let in, one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Values(pub(super) Vec<u64>);

impl Values {
    fn none(words: &Words) -> Self {
        Self(vec![0; words.values().div_ceil(64)])
    }

    fn set(&mut self, value: u16, is_in: bool) {
        if let Some(word) = self.0.get_mut(usize::from(value) / 64) {
            let bit = 1 << (value % 64);
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }

    pub(super) fn has(&self, value: usize) -> bool {
        self.0.get(value / 64).is_some_and(|word| word & (1 << (value % 64)) != 0)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    fn is_within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }
}

/// One case in which a condition holds. What is not named may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cube {
    pub(super) ones: BTreeMap<One, Values>,
    pub(super) atoms: BTreeMap<usize, bool>,
}

impl Cube {
    /// What both let in; none where that is nothing.
    fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        for (atom, is_so) in &other.atoms {
            if both.atoms.insert(*atom, *is_so).is_some_and(|before| before != *is_so) {
                return None;
            }
        }
        for (one, values) in &other.ones {
            let values = both.ones.get(one).map_or_else(|| values.clone(), |before| before.and(values));
            if values.is_empty() {
                return None;
            }
            both.ones.insert(*one, values);
        }
        Some(both)
    }

    /// Whether every case of this is one of the other's.
    fn is_within(&self, other: &Self) -> bool {
        other.atoms.iter().all(|(atom, is_so)| self.atoms.get(atom) == Some(is_so))
            && other
                .ones
                .iter()
                .all(|(one, values)| self.ones.get(one).is_some_and(|own| own.is_within(values)))
    }
}

/// The words and atoms that the conditions of one action are about.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    pub(super) ones: BTreeMap<One, Words>,
    pub(super) atoms: Vec<Test>,
}

impl Vocabulary {
    /// Collects what the conditions name.
    pub(super) fn of<'c>(conditions: impl Iterator<Item = &'c Condition>) -> Self {
        let mut words: BTreeMap<One, BTreeSet<String>> = BTreeMap::new();
        let mut atoms = BTreeSet::new();
        for condition in conditions {
            collect(condition, &mut |test| match test {
                Test::OneOf(one, named) => words.entry(*one).or_default().extend(named.iter().cloned()),
                Test::Has(one) => drop(words.entry(*one).or_default()),
                other => drop(atoms.insert(other.clone()).then_some(())),
            });
        }
        let ones = words.into_iter().map(|(one, words)| (one, Words::of(words))).collect();
        Self { ones, atoms: atoms.into_iter().collect() }
    }

    /// The cubes of a condition.
    pub(super) fn cubes(&self, condition: &Condition, holds: bool) -> Result<Vec<Cube>, String> {
        match condition {
            Condition::Known(known) => Ok(if *known == holds { vec![Cube::default()] } else { Vec::new() }),
            Condition::If(test) => Ok(self.cube(test, holds).into_iter().collect()),
            Condition::Not(inner) => self.cubes(inner, !holds),
            Condition::All(parts) if holds => self.product(parts, holds),
            Condition::Any(parts) if !holds => self.product(parts, holds),
            Condition::All(parts) | Condition::Any(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.cubes(part, holds)?);
                }
                largest(all)
            }
        }
    }

    fn product(&self, parts: &[Condition], holds: bool) -> Result<Vec<Cube>, String> {
        let mut all = vec![Cube::default()];
        for part in parts {
            let further = self.cubes(part, holds)?;
            all = largest(all.iter().flat_map(|cube| further.iter().filter_map(|it| cube.and(it))))?;
        }
        Ok(all)
    }

    fn cube(&self, test: &Test, holds: bool) -> Option<Cube> {
        let mut cube = Cube::default();
        let (one, named) = match test {
            Test::OneOf(one, named) => (one, Some(named)),
            Test::Has(one) => (one, None),
            other => {
                cube.atoms.insert(self.atoms.iter().position(|atom| atom == other)?, holds);
                return Some(cube);
            }
        };
        let words = self.ones.get(one)?;
        let mut values = Values::none(words);
        for value in words.all() {
            let is_in = match named {
                Some(named) => words.text(value).is_some_and(|text| named.contains(text)),
                None => value != Words::ABSENT,
            };
            values.set(value, is_in == holds);
        }
        if values.is_empty() {
            return None;
        }
        cube.ones.insert(*one, values);
        Some(cube)
    }
}

fn collect(condition: &Condition, each: &mut impl FnMut(&Test)) {
    match condition {
        Condition::Known(_) => {}
        Condition::If(test) => each(test),
        Condition::Not(inner) => collect(inner, each),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| collect(part, each)),
    }
}

/// Without cubes that lie within another; each is made only when the ones before it were found to be few enough.
fn largest(cubes: impl IntoIterator<Item = Cube>) -> Result<Vec<Cube>, String> {
    let mut kept: Vec<Cube> = Vec::new();
    for cube in cubes {
        if kept.iter().any(|other| cube.is_within(other)) {
            continue;
        }
        kept.retain(|other| !other.is_within(&cube));
        kept.push(cube);
        if kept.len() > MAX_CUBES {
            return Err(format!("more than {MAX_CUBES} cases"));
        }
    }
    Ok(kept)
}
