//! Reports to an oversight body: the figures as one JSON form that is signed and counted again, and the same for people, in one
//! language, as text, HTML, PDF or CSV.
//!
//! *Absent:* anything that was not counted from opened fields, and dates of making: the same figures are the same bytes.

mod csv;
mod html;
mod pdf;
mod text;
mod words;

use crate::language::Language;
use attache_accord::CivilDay;
use attache_accord::figures::{Figures, TABLES};
use attache_accord::oversight::{FIELD_ACT, FIELD_DAY};
use attache_accord::suppression::{Told, suppressed};
pub(crate) use html::{STYLE, begin, body};
use serde::{Deserialize, Serialize};
pub(crate) use words::Words;

/// The form of a report's folder.
pub const REPORT_FORM: &str = "attache/report/v1";
/// The form of the figures.
pub const FIGURES_FORM: &str = "attache/figures/v1";

/// Which leaves a report brings along, and how they stand in the published tree. Hashes are in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extent {
    /// The fields that are opened of each leaf of the report's days, ascending.
    pub fields: Vec<u8>,
    /// Index of the first leaf that is here: the beginning of a bundle, at or before [`Self::from`].
    pub start: u64,
    /// Index of the first leaf of which [`BESIDE`] is opened: the size of the cosigned checkpoint before the days, or 0 where there is
    /// none. In a log that nobody cosigned, that of the leaf before the days.
    pub from: u64,
    /// Index of the first leaf of the report's days.
    pub first: u64,
    /// Index behind their last leaf.
    pub end: u64,
    /// Index behind the last leaf that is here: the size of the cosigned tree, or of a log that nobody cosigned the leaf behind the days.
    pub to: u64,
    /// The roots of the complete subtrees of the leaves before [`Self::start`], largest first.
    pub peaks: Vec<String>,
    /// The proof that the tree of the first [`Self::to`] leaves is the start of the published one.
    pub consistency: Vec<String>,
}

/// What is opened of the leaves beside the report's days, as far as they stand between the same checkpoints: the act and the day.
pub const BESIDE: [u8; 2] = [FIELD_ACT as u8, FIELD_DAY as u8];

/// A name in three languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Korean.
    pub ko: String,
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Names {
    /// The name in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Ko => &self.ko,
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// The figures of a report, with what they are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// [`FIGURES_FORM`].
    pub form: String,
    /// The network.
    pub network: String,
    /// The agreement.
    pub agreement: String,
    /// The node that reports.
    pub node: String,
    /// The oversight body.
    pub body: Names,
    /// Digest of its signed mandate. The public is not told which it was.
    pub mandate: Option<String>,
    /// What the mandate rests on. The public is not told.
    pub basis: Option<String>,
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// Size of the published tree in which the leaves of those days stand.
    pub size: u64,
    /// The day of the last leaf in it that the report opens. Where that is none after [`Self::until`], the period is not over in the tree, and
    /// what was done since is in no figure. Older builds did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaches: Option<String>,
    /// Leaves of those days. The public is not told: it is the total of all that its tables leave out.
    pub leaves: Option<u64>,
    /// How many of them nobody can open any more, since their salt was destroyed. The public is not told: it may be a small count.
    pub unopened: Option<u64>,
    /// Below which counts nothing is told. Figures for the public say it, and no others.
    pub suppress_below: Option<u64>,
    /// The tables, in order.
    pub tables: Vec<Counts>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Its stable name.
    pub table: String,
    /// By what leaves are told apart.
    pub by: Vec<String>,
    /// All of them together; none where it is suppressed.
    pub total: Option<u64>,
    /// The rows, ascending.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The values that it counts, as leaves show them.
    pub of: Vec<String>,
    /// How many; none where it is suppressed.
    pub count: Option<u64>,
}

/// The tables as they were counted.
pub(crate) fn tables(figures: &Figures) -> Vec<Counts> {
    let counts = figures.tables().map(|(table, rows)| Counts {
        table: table.name.to_owned(),
        by: table.by.iter().map(|by| by.name().to_owned()).collect(),
        total: Some(rows.values().sum()),
        rows: rows.iter().map(|(of, count)| Row { of: of.clone(), count: Some(*count) }).collect(),
    });
    counts.collect()
}

impl Sheet {
    /// This sheet with what was counted.
    pub fn counted(self, figures: &Figures) -> Self {
        let leaves = figures.leaves() + self.unopened.unwrap_or_default();
        Self { leaves: Some(leaves), tables: tables(figures), ..self }
    }

    /// What the public is told of it, by the rule of the Parties: counts below `below` are left out, and what would give them
    /// away, and so is whatever names the mandate.
    pub fn for_the_public(&self, below: u64) -> Self {
        let is_public =
            |counts: &&Counts| TABLES.iter().any(|table| table.is_public && table.name == counts.table);
        let tables = self.tables.iter().filter(is_public).map(|counts| counts.suppressed(below));
        Self {
            mandate: None,
            basis: None,
            leaves: None,
            unopened: None,
            suppress_below: Some(below),
            tables: tables.collect(),
            ..self.clone()
        }
    }

    /// Whether the tree goes on after the last day, so that no act of the period can be missing; none where nothing says so.
    pub fn is_covered(&self) -> Option<bool> {
        let day = |text: &str| text.parse::<CivilDay>().ok();
        Some(day(self.reaches.as_deref()?)? > day(&self.until)?)
    }

    /// What people are told of a period that is not over in the tree.
    pub fn open_period(&self, language: Language) -> Option<String> {
        let words = Words::of(language);
        let said = self.reach(&words).filter(|_| self.is_covered() == Some(false))?;
        Some(format!("{}: {}: {said}", self.node, words.reaches))
    }

    /// How far the tree reaches, in words.
    fn reach(&self, words: &Words) -> Option<String> {
        let day = self.reaches.clone()?;
        Some(if self.is_covered() == Some(true) { day } else { words.ends_within(&day, &self.until) })
    }

    /// The one form that is signed.
    ///
    /// # Errors
    /// None of our own types gives one.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// For people, as plain text.
    pub fn text(&self, language: Language) -> String {
        text::text(self, &Words::of(language))
    }

    /// For people, as one HTML document without scripts that loads nothing, with a chart beside each table.
    pub fn html(&self, language: Language) -> String {
        html::html(self, &Words::of(language))
    }

    /// For spreadsheets: RFC 4180, one row a count.
    pub fn csv(&self, language: Language) -> String {
        csv::csv(self, &Words::of(language))
    }

    /// For people, as PDF on A4.
    pub fn pdf(&self, language: Language) -> Vec<u8> {
        pdf::pdf(self, &Words::of(language))
    }

    /// What the report is about, a word and a value a line.
    fn about(&self, words: &Words) -> Vec<(&'static str, String)> {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let lines = [
            (words.body, Some(self.body.in_language(words.language).to_owned())),
            (words.basis, self.basis.clone()),
            (words.node, Some(format!("{} ({})", self.node, self.network))),
            (words.agreement, Some(self.agreement.clone())),
            (words.period, Some(format!("{} / {}", self.from, self.until))),
            (words.leaves, number(self.leaves)),
            (words.unopened, number(self.unopened)),
            (words.size, Some(self.size.to_string())),
            (words.reaches, self.reach(words)),
            (words.mandate, self.mandate.clone()),
            (words.suppression, self.suppress_below.map(|below| words.below(below))),
        ];
        lines.into_iter().filter_map(|(word, value)| Some((word, value?))).collect()
    }

    fn heading<'a>(&self, words: &'a Words) -> &'a str {
        if self.suppress_below.is_some() { words.public_heading } else { words.heading }
    }

    /// A count as people read it.
    fn told(&self, count: Option<u64>, words: &Words) -> String {
        match (count, self.suppress_below) {
            (Some(count), _) => count.to_string(),
            (None, Some(_)) => words.left_out.to_owned(),
            (None, None) => String::new(),
        }
    }
}

impl Counts {
    fn suppressed(&self, below: u64) -> Self {
        let counts: Vec<u64> = self.rows.iter().map(|row| row.count.unwrap_or_default()).collect();
        let (told, total) = suppressed(&counts, below);
        let count = |told: &Told| match told {
            Told::Count(count) => Some(*count),
            Told::Suppressed => None,
        };
        let rows = self.rows.iter().zip(&told);
        let rows = rows.map(|(row, told)| Row { of: row.of.clone(), count: count(told) }).collect();
        Self { total: count(&total), rows, ..self.clone() }
    }

    /// The rows of its chart: those that are told. Padding hides the tempo of acts; as a bar it would hide the others.
    fn drawn(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.count.is_some() && row.of != ["padding"])
    }

    /// The longest bar of its chart.
    fn most(&self) -> u64 {
        self.drawn().filter_map(|row| row.count).max().unwrap_or_default().max(1)
    }

    /// What a row counts, in words.
    fn label(&self, row: &Row, words: &Words) -> String {
        let values = self.by.iter().zip(&row.of).map(|(by, value)| words.value(by, value));
        values.collect::<Vec<_>>().join(" · ")
    }
}
