//! Words of generated Cedar: lists, choices, and the pack's table of Art. 4.2 as lists of levels.
//!
//! *Absent:* comparing levels. `accord::equivalence` does that; here its answers are written out.

use attache_accord::agreement::Terms;
use attache_accord::{Level, Party};
use std::collections::BTreeMap;

/// A Cedar string literal.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

/// Whether `fact` is one of these.
pub(super) fn is_one_of<'t>(fact: &str, values: impl IntoIterator<Item = &'t str>) -> String {
    listed(values).map_or("false".to_owned(), |list| format!("{list}.contains({fact})"))
}

/// Whether one of these is in the set `fact`.
pub(super) fn holds_one_of<'t>(fact: &str, values: impl IntoIterator<Item = &'t str>) -> String {
    listed(values).map_or("false".to_owned(), |list| format!("{fact}.containsAny({list})"))
}

/// Whether all of the set `fact` are among these; none where there are none.
pub(super) fn contains_all_of<'t>(fact: &str, values: impl IntoIterator<Item = &'t str>) -> Option<String> {
    listed(values).map(|list| format!("{list}.containsAll({fact})"))
}

/// A Cedar set of strings; none where it would be empty, since Cedar does not know what an empty set is a set of.
fn listed<'t>(values: impl IntoIterator<Item = &'t str>) -> Option<String> {
    let values: Vec<_> = values.into_iter().map(quoted).collect();
    (!values.is_empty()).then(|| format!("[{}]", values.join(", ")))
}

/// All of these, in brackets where there are several.
pub(super) fn all_of(conditions: impl IntoIterator<Item = String>) -> String {
    joined(conditions, " && ", "true")
}

/// One of these, in brackets where there are several.
pub(super) fn any_of(conditions: impl IntoIterator<Item = String>) -> String {
    joined(conditions, " || ", "false")
}

fn joined(conditions: impl IntoIterator<Item = String>, word: &str, of_none: &str) -> String {
    let conditions: Vec<_> = conditions.into_iter().collect();
    match conditions.as_slice() {
        [] => of_none.to_owned(),
        [only] => only.clone(),
        several => format!("({})", several.join(word)),
    }
}

/// Levels, and the clearances each of which covers every one of them.
pub(super) struct Covered<'a> {
    levels: Vec<&'a str>,
    by: Vec<&'a str>,
}

impl Covered<'_> {
    /// Whether the fact is one of the levels and the clearance `held` one of those that cover it.
    pub(super) fn by_one(&self, fact: &str, held: &str) -> String {
        all_of([is_one_of(fact, self.levels.iter().copied()), is_one_of(held, self.by.iter().copied())])
    }

    /// Whether the fact is one of the levels and the set `held` holds one that covers it.
    pub(super) fn by_one_in(&self, fact: &str, held: &str) -> String {
        all_of([is_one_of(fact, self.levels.iter().copied()), holds_one_of(held, self.by.iter().copied())])
    }
}

/// The pack's levels and rows, in order of its schemes.
pub(super) struct Table<'a> {
    terms: &'a Terms,
    levels: BTreeMap<Party, Vec<&'a Level>>,
}

impl<'a> Table<'a> {
    pub(super) fn of(terms: &'a Terms) -> Self {
        let levels = terms
            .equivalence
            .schemes
            .iter()
            .map(|(party, scheme)| (*party, scheme.levels().map(|name| &name.level).collect()))
            .collect();
        Self { terms, levels }
    }

    pub(super) fn parties(&self) -> impl Iterator<Item = Party> {
        self.terms.parties.iter().copied()
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &'a str> {
        self.terms.parties.iter().map(Party::as_str)
    }

    /// The levels of one Party, lowest first.
    pub(super) fn scheme(&self, party: Party) -> &[&'a Level] {
        self.levels.get(&party).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every level of every scheme.
    pub(super) fn levels(&self) -> impl Iterator<Item = &'a Level> {
        self.levels.values().flatten().copied()
    }

    /// Levels that stand in a row.
    pub(super) fn with_row(&self) -> impl Iterator<Item = &'a Level> {
        self.levels().filter(|level| self.terms.equivalence.row(level).is_some())
    }

    /// The levels of `party` in the row of `level`.
    pub(super) fn in_row(&self, level: &Level, party: Party) -> Vec<&'a Level> {
        let row = self.terms.equivalence.row(level);
        row.and_then(|row| row.levels.get(&party)).into_iter().flatten().collect()
    }

    /// Levels with the clearances that cover them in their own scheme.
    pub(super) fn covering(&self) -> Vec<Covered<'a>> {
        self.covered(self.levels(), |held, needed| self.terms.equivalence.covers(held, needed))
    }

    /// Levels of items with the clearances that cover them, through the table where an item is another Party's.
    pub(super) fn clearing(&self) -> Vec<Covered<'a>> {
        self.covered(self.levels(), |held, level| self.terms.equivalence.clears(held, level))
    }

    /// The same for levels that stand in a row.
    pub(super) fn clearing_rows(&self) -> Vec<Covered<'a>> {
        self.covered(self.with_row(), |held, level| self.terms.equivalence.clears(held, level))
    }

    /// Levels in a row with those that cover them in their own scheme.
    pub(super) fn covering_rows(&self) -> Vec<Covered<'a>> {
        self.covered(self.with_row(), |held, needed| self.terms.equivalence.covers(held, needed))
    }

    /// Levels with the lower ones of their own scheme, under which nothing is left of them.
    pub(super) fn lower(&self) -> Vec<Covered<'a>> {
        let table = &self.terms.equivalence;
        let mut lower =
            self.covered(self.levels(), |low, level| table.covers(level, low) && !table.covers(low, level));
        lower.retain(|it| !it.by.is_empty());
        lower
    }

    /// Levels that the same clearances cover stand together.
    fn covered(
        &self,
        levels: impl Iterator<Item = &'a Level>,
        covers: impl Fn(&Level, &Level) -> bool,
    ) -> Vec<Covered<'a>> {
        let mut groups: Vec<Covered<'a>> = Vec::new();
        for level in levels {
            let by: Vec<_> = self.levels().filter(|held| covers(held, level)).map(Level::as_str).collect();
            match groups.iter_mut().find(|group| group.by == by) {
                Some(group) => group.levels.push(level.as_str()),
                None => groups.push(Covered { levels: vec![level.as_str()], by }),
            }
        }
        groups
    }

    /// Whether a clearance `held` covers the level that the item has in the own scheme, where the fact `given` says it,
    /// or else every level that the table allows.
    pub(super) fn held_covers_item(&self, held: &str, given: &str) -> String {
        let covers = any_of(self.covering().iter().map(|it| it.by_one(&format!("context.{given}"), held)));
        let clears = any_of(self.clearing().iter().map(|it| it.by_one("resource.level", held)));
        format!("(if context has {given} then {covers} else {clears})")
    }

    /// The Party through which the others share.
    pub(super) fn hub(&self) -> Option<Party> {
        self.terms.hub
    }

    /// The matters that may be shared; none: any.
    pub(super) fn topics(&self) -> impl Iterator<Item = &'a str> {
        self.terms.topics.iter().map(|topic| topic.as_str())
    }

    /// The kinds that the Parties exchange.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'a str> {
        self.terms.kinds.iter().map(|kind| kind.as_str())
    }
}
