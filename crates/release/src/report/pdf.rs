//! A report as PDF on A4: each count with a bar.
//!
//! *Absent:* a marking at the top and bottom. Figures name no item; what they are worth protecting for, the Parties' own rules say.

use super::{Sheet, Words};
use crate::pages::Pages;

pub(super) fn pdf(sheet: &Sheet, words: &Words) -> Vec<u8> {
    let mut pages = Pages::new(None);
    let heading = sheet.heading(words);
    pages.paragraph(heading, 16.0);
    for (word, value) in sheet.about(words) {
        pages.row(word, &value);
    }
    pages.paragraph("", 8.0);
    for counts in &sheet.tables {
        pages
            .paragraph(&format!("{}: {}", words.table(&counts.table), sheet.told(counts.total, words)), 13.0);
        let most = counts.most();
        for row in &counts.rows {
            // A bar has no more places than a screen.
            let share = |count| (count as f64 / most as f64) as f32;
            let share = row.count.filter(|_| counts.drawn().any(|drawn| drawn == row)).map(share);
            pages.counted(&counts.label(row, words), &sheet.told(row.count, words), share);
        }
        pages.paragraph("", 8.0);
    }
    pages.finish(words.language, heading)
}
