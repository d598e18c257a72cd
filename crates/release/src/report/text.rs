//! A report as plain text.
//!
//! *Absent:* charts.

use super::{Sheet, Words};
use crate::visible::visible;

pub(super) fn text(sheet: &Sheet, words: &Words) -> String {
    let mut lines = vec![sheet.heading(words).to_owned()];
    lines.extend(sheet.about(words).iter().map(|(word, value)| format!("  {word}: {}", visible(value))));
    for counts in &sheet.tables {
        lines.push(String::new());
        lines.push(format!("{}: {}", words.table(&counts.table), sheet.told(counts.total, words)));
        lines.extend(counts.rows.iter().map(|row| {
            format!("  {:>9}  {}", sheet.told(row.count, words), visible(&counts.label(row, words)))
        }));
    }
    lines.join("\n")
}
