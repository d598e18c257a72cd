//! A report as CSV (RFC 4180): how far the log reaches, and for each count its table, the values that it counts as the leaves show them,
//! and what they mean.
//!
//! *Absent:* formulas. A value that a spreadsheet would calculate stands behind an apostrophe.

use super::{Sheet, Words};

pub(super) fn csv(sheet: &Sheet, words: &Words) -> String {
    let mut lines = vec![record(&["table", "of", words.counted, words.count].map(str::to_owned))];
    if let (Some(day), Some(said)) = (&sheet.reaches, sheet.reach(words)) {
        let said = format!("{}: {said}", words.reaches);
        lines.push(record(&["reaches".to_owned(), day.clone(), said, String::new()]));
    }
    for counts in &sheet.tables {
        for row in &counts.rows {
            let of = row.of.join(" · ");
            let label = format!("{}: {}", words.table(&counts.table), counts.label(row, words));
            lines.push(record(&[counts.table.clone(), of, label, sheet.told(row.count, words)]));
        }
        let total = format!("{}: {}", words.table(&counts.table), words.total);
        lines.push(record(&[
            counts.table.clone(),
            "total".to_owned(),
            total,
            sheet.told(counts.total, words),
        ]));
    }
    lines.concat()
}

fn record(fields: &[String; 4]) -> String {
    format!("{}\r\n", fields.each_ref().map(|field| quoted(field)).join(","))
}

fn quoted(field: &str) -> String {
    let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", field.replace('"', "\"\""))
}
