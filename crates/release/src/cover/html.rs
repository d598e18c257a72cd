//! A cover sheet as HTML: every text escaped, each in its language, dark on light, no script, nothing loaded.
//!
//! *Absent:* fonts; a closed network has its own.

use super::Cover;
use crate::markup::{escape, in_language};
use std::fmt::Write as _;

/// Black and white but for the level, which is white on a dark red that contrasts 10 to 1.
const STYLE: &str = "\
:root{color:#000;background:#fff;font:16px/1.5 sans-serif}\
body{max-width:42rem;margin:2rem auto;padding:0 1rem}\
.level{background:#8b0000;color:#fff;border:3px solid #000;font-size:1.75rem;font-weight:bold;text-align:center;padding:.5rem;margin:0}\
.contains{border:3px solid #000;font-weight:bold;padding:.5rem 1rem;margin:1rem 0}\
table{border-collapse:collapse;width:100%;margin:1rem 0}\
th,td{border:1px solid #000;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{width:30%}\
@media print{body{margin:0;max-width:none}.level{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

pub(super) fn html(cover: &Cover) -> String {
    let page = cover.language;
    let level = in_language("p", " class=\"level\"", &cover.level, page);
    let mut out = String::new();
    // A `String` takes whatever is written.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{page}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<header>{level}</header>\n<main>\n<h1>{}</h1>\n",
        escape(cover.heading),
        escape(cover.heading),
    );
    for line in &cover.contains {
        let _ = writeln!(out, "{}", in_language("p", " class=\"contains\"", line, page));
    }
    out.push_str("<table>\n");
    for row in &cover.rows {
        let value = in_language("td", "", &row.value, page);
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th>{value}</tr>", escape(row.word));
    }
    let _ = write!(out, "</table>\n</main>\n<footer>{level}</footer>\n</body>\n</html>\n");
    out
}
