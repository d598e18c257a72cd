//! Figures: what a report counts, and the one fold that counts it. The node and the offline verifier fold the same opened fields
//! of leaves through it, so a figure is what anyone can count again.
//!
//! A figure whose fields a mandate does not open is not there at all: it is not told as zero.
//!
//! *Absent:* items, cases and people. Nothing but opened fields comes in, one leaf at a time, and only counts stay.

use crate::oversight::{
    FIELD_ACT, FIELD_ARTICLE, FIELD_DAY, FIELD_DIRECTION, FIELD_DUE, FIELD_DURATION, FIELD_KIND, FIELD_LEVEL,
    FIELD_NAMES, FIELD_OUTCOME, FIELD_PARTNER, FIELDS, LATE,
};
use std::collections::{BTreeMap, BTreeSet};

/// Most different rows of all tables together. What a report counts by is coarse; whoever has more writes something else there.
pub const MAX_ROWS: usize = 65_536;
/// Longest value that is counted by, in bytes.
pub const MAX_VALUE_BYTES: usize = 256;

/// By what the leaves of a table are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The value of a field.
    Field(usize),
    /// The month of the day, `2026-11`.
    Month,
}

impl By {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => FIELD_NAMES.get(field).copied().unwrap_or_default(),
            Self::Month => "month",
        }
    }

    fn field(self) -> usize {
        match self {
            Self::Field(field) => field,
            Self::Month => FIELD_DAY,
        }
    }

    fn of<'a>(self, leaf: &[&'a str; FIELDS]) -> &'a str {
        let value = leaf.get(self.field()).copied().unwrap_or_default();
        match self {
            Self::Field(_) => value,
            Self::Month => value.get(..MONTH_BYTES).unwrap_or(value),
        }
    }
}

const MONTH_BYTES: usize = "2026-11".len();

/// Which acts a table counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Every act.
    All,
    /// These acts.
    Only(&'static [&'static str]),
    /// Every act with a due status but these, which another table counts.
    DueBut(&'static [&'static str]),
    /// These acts, where they say that something was late.
    Late(&'static [&'static str]),
}

impl Counted {
    fn holds(self, leaf: &[&str; FIELDS]) -> bool {
        let is = |acts: &[&str]| acts.contains(&leaf.get(FIELD_ACT).copied().unwrap_or_default());
        match self {
            Self::All => true,
            Self::Only(acts) => is(acts),
            Self::DueBut(acts) => !is(acts) && leaf.get(FIELD_DUE).is_some_and(|due| !due.is_empty()),
            Self::Late(acts) => is(acts) && leaf.get(FIELD_DUE).is_some_and(|due| *due == LATE),
        }
    }
}

/// One table of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its stable name.
    pub name: &'static str,
    /// Which acts it counts.
    pub counted: Counted,
    /// By what.
    pub by: &'static [By],
    /// Whether it stands in the figures for the public. No two of those count the same act, so that none can be worked out
    /// from another.
    pub is_public: bool,
}

/// What was exchanged: sent when the package was made, received when a desk officer admitted it.
const EXCHANGED: Counted = Counted::Only(&["dispatch owed", "admitted"]);
const RAISED: &[&str] = &["incident raised", "breach recorded"];

/// Every table, in the order of a report.
pub const TABLES: [Table; 11] = [
    Table { name: "acts", counted: Counted::All, by: &[By::Field(FIELD_ACT)], is_public: false },
    Table {
        name: "exchanges",
        counted: EXCHANGED,
        by: &[By::Field(FIELD_DIRECTION), By::Field(FIELD_KIND), By::Field(FIELD_LEVEL)],
        is_public: true,
    },
    // The same exchanges, so not for the public.
    Table {
        name: "exchanges-by-article",
        counted: EXCHANGED,
        by: &[
            By::Field(FIELD_ARTICLE),
            By::Field(FIELD_DIRECTION),
            By::Field(FIELD_KIND),
            By::Field(FIELD_LEVEL),
        ],
        is_public: false,
    },
    Table {
        name: "reciprocity",
        counted: EXCHANGED,
        by: &[By::Field(FIELD_PARTNER), By::Field(FIELD_DIRECTION)],
        is_public: false,
    },
    Table {
        name: "months",
        counted: EXCHANGED,
        by: &[By::Month, By::Field(FIELD_DIRECTION)],
        is_public: false,
    },
    Table {
        name: "rulings",
        counted: Counted::Only(&["ruled"]),
        by: &[By::Field(FIELD_OUTCOME), By::Field(FIELD_ARTICLE)],
        is_public: true,
    },
    Table {
        name: "time-to-release",
        counted: Counted::Only(&["release decided"]),
        by: &[By::Field(FIELD_OUTCOME), By::Field(FIELD_DURATION)],
        is_public: true,
    },
    Table {
        name: "due",
        counted: Counted::DueBut(RAISED),
        by: &[By::Field(FIELD_ACT), By::Field(FIELD_DUE)],
        is_public: true,
    },
    Table {
        name: "incidents",
        counted: Counted::Only(RAISED),
        by: &[By::Field(FIELD_ACT), By::Field(FIELD_OUTCOME)],
        is_public: true,
    },
    // The same incidents, so not for the public.
    Table {
        name: "overdue",
        counted: Counted::Late(RAISED),
        by: &[By::Field(FIELD_OUTCOME), By::Field(FIELD_PARTNER)],
        is_public: false,
    },
    Table {
        name: "procedure",
        counted: Counted::Only(&["instrument made", "instrument mirrored"]),
        by: &[By::Field(FIELD_ACT), By::Field(FIELD_OUTCOME), By::Field(FIELD_ARTICLE)],
        is_public: true,
    },
];

/// Why the counting stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncountable {
    /// More than [`MAX_ROWS`].
    #[error("more than 65536 different rows")]
    Rows,
    /// A value longer than [`MAX_VALUE_BYTES`], or with a control character.
    #[error("a value that no act shows")]
    Value,
}

/// The counts of one table by the values that they are told apart by.
pub type Rows = BTreeMap<Vec<String>, u64>;

/// Counts, as leaves come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    tables: Vec<(Table, Rows)>,
    rows: usize,
    leaves: u64,
}

impl Figures {
    /// No leaf yet, for whoever sees these fields of each.
    pub fn new(opened: &BTreeSet<u8>) -> Self {
        let is_opened = |field: usize| opened.iter().any(|opened| usize::from(*opened) == field);
        let fits = |table: &Table| {
            let needs_due = matches!(table.counted, Counted::DueBut(_) | Counted::Late(_));
            table.by.iter().all(|by| is_opened(by.field())) && (!needs_due || is_opened(FIELD_DUE))
        };
        let tables = TABLES.into_iter().filter(|table| fits(table) && is_opened(FIELD_ACT));
        Self { tables: tables.map(|table| (table, Rows::new())).collect(), rows: 0, leaves: 0 }
    }

    /// Counts one leaf by its opened fields; those that are not opened are empty.
    ///
    /// # Errors
    /// [`Uncountable`]; then the figures are of no use.
    pub fn count(&mut self, leaf: &[&str; FIELDS]) -> Result<(), Uncountable> {
        self.leaves += 1;
        for (table, rows) in self.tables.iter_mut().filter(|(table, _)| table.counted.holds(leaf)) {
            let mut key = Vec::with_capacity(table.by.len());
            for by in table.by {
                let value = by.of(leaf);
                if value.len() > MAX_VALUE_BYTES || value.chars().any(char::is_control) {
                    return Err(Uncountable::Value);
                }
                key.push(value.to_owned());
            }
            if let Some(count) = rows.get_mut(&key) {
                *count += 1;
                continue;
            }
            if self.rows >= MAX_ROWS {
                return Err(Uncountable::Rows);
            }
            self.rows += 1;
            rows.insert(key, 1);
        }
        Ok(())
    }

    /// The tables that the opened fields give, in order.
    pub fn tables(&self) -> impl Iterator<Item = (&Table, &Rows)> {
        self.tables.iter().map(|(table, rows)| (table, rows))
    }

    /// Leaves counted.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }
}
