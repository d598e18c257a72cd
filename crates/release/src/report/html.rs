//! A report as HTML: a chart as inline SVG and beside it the table that says the same, every text escaped, no script, nothing loaded.
//!
//! *Absent:* colours that mean something. A bar is as long as its count, and the count stands at its end.

use super::{Counts, Sheet, Words};
use crate::markup::{escape, in_language};
use std::fmt::Write as _;

/// Most rows of a chart; the table has all.
const MAX_BARS: usize = 24;
const BAR_HEIGHT: usize = 22;
/// Where bars begin, and the length of the longest.
const BARS: usize = 300;
const LONGEST: u64 = 280;
const WIDTH: usize = 660;
/// Longest label in a chart, in characters; the table has it whole.
const MAX_LABEL_CHARS: usize = 34;

/// Dark on light; the bars contrast 8 to 1.
pub(crate) const STYLE: &str = "\
:root{color:#000;background:#fff;font:16px/1.5 sans-serif}\
body{max-width:56rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;margin:1rem 0}\
caption{text-align:left;font-weight:bold;padding:.4rem 0}\
th,td{border:1px solid #767676;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
td.n,th.n{text-align:right}\
svg{max-width:100%;height:auto}\
figure{margin:1rem 0}\
a{color:#00449e}\
@media print{body{margin:0;max-width:none}section{break-inside:avoid}}";

pub(super) fn html(sheet: &Sheet, words: &Words) -> String {
    let heading = sheet.heading(words);
    let mut out = begin(heading, words);
    let _ = writeln!(out, "<header><h1>{}</h1></header>\n<main>", escape(heading));
    out.push_str(&body(sheet, words, 2));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// The head of a page.
pub(crate) fn begin(title: &str, words: &Words) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        words.language,
        escape(title)
    )
}

/// What the report is about, and its tables under headings of this level.
pub(crate) fn body(sheet: &Sheet, words: &Words, level: u8) -> String {
    let mut out = String::from("<table>\n");
    for (word, value) in sheet.about(words) {
        let value = in_language("td", "", &value, words.language);
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th>{value}</tr>", escape(word));
    }
    out.push_str("</table>\n");
    for (number, counts) in sheet.tables.iter().enumerate() {
        section(&mut out, sheet, (number, level), counts, words);
    }
    out
}

// A `String` takes whatever is written.
fn section(out: &mut String, sheet: &Sheet, (number, level): (usize, u8), counts: &Counts, words: &Words) {
    let title = escape(words.table(&counts.table));
    let _ = writeln!(out, "<section>\n<h{level}>{title}</h{level}>");
    if counts.drawn().next().is_some() {
        chart(out, sheet, number, counts, words);
    }
    let _ = write!(out, "<table>\n<caption>{title}</caption>\n<thead><tr>");
    for by in &counts.by {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(words.by(by)));
    }
    let _ = writeln!(out, "<th scope=\"col\" class=\"n\">{}</th></tr></thead>\n<tbody>", escape(words.count));
    for row in &counts.rows {
        out.push_str("<tr>");
        for (by, value) in counts.by.iter().zip(&row.of) {
            out.push_str(&in_language("td", "", &words.value(by, value), words.language));
        }
        let _ = writeln!(out, "<td class=\"n\">{}</td></tr>", escape(&sheet.told(row.count, words)));
    }
    let _ = writeln!(
        out,
        "</tbody>\n<tfoot><tr><th scope=\"row\" colspan=\"{}\">{}</th><td class=\"n\">{}</td></tr></tfoot>\n</table>\n</section>",
        counts.by.len(),
        escape(words.total),
        escape(&sheet.told(counts.total, words))
    );
}

fn chart(out: &mut String, sheet: &Sheet, number: usize, counts: &Counts, words: &Words) {
    let mut rows: Vec<_> = counts.drawn().collect();
    if rows.len() > MAX_BARS {
        // The longest ones; what is left out stands in the table.
        rows.sort_by_key(|row| std::cmp::Reverse(row.count));
        rows.truncate(MAX_BARS);
    }
    let height = rows.len() * BAR_HEIGHT + 4;
    let title = escape(&words.chart(words.table(&counts.table)));
    let _ = writeln!(
        out,
        "<figure><svg role=\"img\" aria-labelledby=\"chart-{number}\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\"><title id=\"chart-{number}\">{title}</title>"
    );
    let most = counts.most();
    for (place, row) in rows.iter().enumerate() {
        let (top, line) = (place * BAR_HEIGHT + 4, place * BAR_HEIGHT + 18);
        let count = row.count.unwrap_or_default();
        // In 128 bits, for a count may be anything.
        let length = (u128::from(count) * u128::from(LONGEST) / u128::from(most)) as usize;
        let label = short(&counts.label(row, words));
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{line}\" text-anchor=\"end\">{}</text><rect x=\"{BARS}\" y=\"{top}\" width=\"{length}\" \
             height=\"16\" fill=\"#1f4e79\"/><text x=\"{}\" y=\"{line}\">{}</text>",
            BARS - 8,
            escape(&label),
            BARS + length + 6,
            escape(&sheet.told(row.count, words))
        );
    }
    out.push_str("</svg></figure>\n");
}

fn short(label: &str) -> String {
    if label.chars().count() <= MAX_LABEL_CHARS {
        return label.to_owned();
    }
    let kept: String = label.chars().take(MAX_LABEL_CHARS - 1).collect();
    format!("{kept}…")
}
