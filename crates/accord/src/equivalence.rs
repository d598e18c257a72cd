//! National schemes of levels and the table of Art. 4.2 that sets them side by side.
//!
//! *Absent:* a common scale. A level is compared only within its own Party's scheme; between Parties there is
//! the table, row by row, and where it has no row there is no equivalent.

use crate::marking::Level;
use crate::party::Party;
use std::collections::BTreeMap;

/// One level of a national scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelName {
    /// The level.
    pub level: Level,
    /// What people write, untranslated: `군사II급비밀`, `特定秘密`.
    pub name: String,
    /// How it is read in Latin letters.
    pub reading: String,
}

/// The levels of one Party, lowest first. Two levels may share a rank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scheme {
    ranks: Vec<(u8, LevelName)>,
}

impl Scheme {
    /// A scheme from its levels with their ranks; a higher rank is the stricter level.
    pub fn new(mut ranks: Vec<(u8, LevelName)>) -> Self {
        ranks.sort_by_key(|(rank, _)| *rank);
        Self { ranks }
    }

    /// The rank of a level, if the scheme has it.
    pub fn rank(&self, level: &Level) -> Option<u8> {
        self.ranks.iter().find(|(_, l)| l.level == *level).map(|(rank, _)| *rank)
    }

    /// What people call a level.
    pub fn name(&self, level: &Level) -> Option<&LevelName> {
        self.ranks.iter().map(|(_, l)| l).find(|l| l.level == *level)
    }

    /// All levels, lowest first.
    pub fn levels(&self) -> impl Iterator<Item = &LevelName> {
        self.ranks.iter().map(|(_, l)| l)
    }
}

/// One row of the table: levels that the Parties agreed to treat alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The English word of the row, such as `SECRET`.
    pub english: String,
    /// Each Party's levels in this row; more than one where a person must choose.
    pub levels: BTreeMap<Party, Vec<Level>>,
}

/// What the table says for one level and one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Equivalents {
    /// No row: this level is not shared.
    None,
    /// Exactly one level of the recipient.
    One(Level),
    /// Several; a person of the recipient must choose one of them.
    Choice(Vec<Level>),
}

impl Equivalents {
    /// Whether `level` is one that the table allows here.
    pub fn allows(&self, level: &Level) -> bool {
        match self {
            Self::None => false,
            Self::One(only) => only == level,
            Self::Choice(options) => options.contains(level),
        }
    }
}

/// The table of Art. 4.2 with the schemes of its Parties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Equivalence {
    /// The scheme of each Party.
    pub schemes: BTreeMap<Party, Scheme>,
    /// The rows, strictest first.
    pub rows: Vec<Row>,
}

impl Equivalence {
    /// The levels of `to` that stand in the row of `level`. Within a Party a level is its own equivalent.
    pub fn equivalents(&self, level: &Level, to: Party) -> Equivalents {
        if level.party() == to {
            return Equivalents::One(level.clone());
        }
        let row = self.row(level);
        match row.and_then(|r| r.levels.get(&to)).map(Vec::as_slice) {
            None | Some([]) => Equivalents::None,
            Some([only]) => Equivalents::One(only.clone()),
            Some(several) => Equivalents::Choice(several.to_vec()),
        }
    }

    /// The row in which a level stands.
    pub fn row(&self, level: &Level) -> Option<&Row> {
        self.rows.iter().find(|r| r.levels.get(&level.party()).is_some_and(|ls| ls.contains(level)))
    }

    /// Whether someone cleared to `held` may see `needed`: both of one Party, and `held` at least as strict.
    /// Levels of different Parties, or unknown ones, never cover each other.
    pub fn covers(&self, held: &Level, needed: &Level) -> bool {
        let Some(scheme) = self.schemes.get(&held.party()).filter(|_| held.party() == needed.party()) else {
            return false;
        };
        matches!((scheme.rank(held), scheme.rank(needed)), (Some(h), Some(n)) if h >= n)
    }

    /// Whether a clearance `held` of the reading Party covers an item of `level`, through the table where the
    /// item is another Party's. Where the table gives a choice and none is made yet, every option must be covered.
    pub fn clears(&self, held: &Level, level: &Level) -> bool {
        match self.equivalents(level, held.party()) {
            Equivalents::None => false,
            Equivalents::One(own) => self.covers(held, &own),
            Equivalents::Choice(options) => options.iter().all(|own| self.covers(held, own)),
        }
    }

    /// What people call a level, in its own Party's words.
    pub fn name(&self, level: &Level) -> Option<&LevelName> {
        self.schemes.get(&level.party())?.name(level)
    }
}
