//! The report as a page to be read and printed, such as by a judge: one HTML document in one language, without scripts, that loads
//! nothing.
//!
//! *Absent:* more than the plain words say, and colours that mean something.

use super::{Words, counted, meaning_in, told};
use crate::item::Life;
use crate::report::{Finding, Outcome, Report, Verdict};
use attache_release::{Language, PAGE_STYLE, escape};
use std::fmt::Write as _;

/// Beside the style of the other pages: what stands first in a row is one word.
const STYLE: &str = "th{overflow-wrap:normal}td:first-child{white-space:nowrap}";

/// The words of one language that only the page needs.
struct PageWords {
    title: &'static str,
    when: &'static str,
    node: &'static str,
    act: &'static str,
    detail: &'static str,
    by: &'static str,
    check: &'static str,
    meaning: &'static str,
    times: &'static str,
    life: &'static str,
}

impl PageWords {
    fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                title: "증거 검증 결과",
                when: "때",
                node: "노드와 기록 번호",
                act: "행위",
                detail: "내용",
                by: "한 사람(가명)",
                check: "검사",
                meaning: "뜻",
                times: "횟수",
                life: "이 자료의 이력",
            },
            Language::Ja => Self {
                title: "証拠の検証結果",
                when: "時",
                node: "ノードと記録番号",
                act: "行為",
                detail: "内容",
                by: "行った者（仮名）",
                check: "検査",
                meaning: "意味",
                times: "回数",
                life: "この資料の経歴",
            },
            Language::En => Self {
                title: "What the evidence shows",
                when: "When",
                node: "Node and entry",
                act: "Act",
                detail: "What",
                by: "By (pseudonym)",
                check: "Check",
                meaning: "What it means",
                times: "Times",
                life: "The life of this item",
            },
        }
    }
}

// A `String` takes whatever is written.
impl Report {
    /// The report as one HTML document: see [`Self::told`], whose words it has.
    pub fn page(&self, language: Language) -> String {
        let (words, page) = (Words::of(language), PageWords::of(language));
        let verdict = match self.verdict {
            Verdict::Proved => words.proved,
            Verdict::Failed => words.failed,
            Verdict::Incomplete => words.incomplete,
        };
        let mut out = format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{PAGE_STYLE}{STYLE}</style>\n</head>\n<body>\n\
             <header><h1>{}</h1>\n<p><strong>{}</strong></p>\n<p>{}</p>\n",
            escape(page.title),
            escape(page.title),
            escape(verdict),
            escape(&counted(self.counts, language))
        );
        if let Some(fault) = self.first_fault() {
            let _ = writeln!(out, "<p>{}: {}</p>", escape(words.first_fault), escape(&told(fault, language)));
        }
        out.push_str("</header>\n<main>\n");
        if let Some(life) = &self.life {
            table_of(&mut out, life, &page, language);
        }
        if let Some(figures) = &self.figures {
            let _ = writeln!(out, "<section>\n<pre>{}</pre>\n</section>", escape(&figures.text(language)));
        }
        let lines = self.said_of_logs(language);
        if !lines.is_empty() {
            list(&mut out, "", lines.into_iter());
        }
        for (heading, is) in [
            (words.failed_heading, (|outcome| matches!(outcome, Outcome::Failed(_))) as fn(&Outcome) -> bool),
            (words.lost_heading, |outcome| matches!(outcome, Outcome::Lost(_))),
            (words.not_shown_heading, |outcome| matches!(outcome, Outcome::NotShown(_))),
        ] {
            let found: Vec<&Finding> = self.findings.iter().filter(|found| is(&found.outcome)).collect();
            if !found.is_empty() {
                // All of them: whoever prints a page has no JSON at hand.
                list(&mut out, heading, found.iter().map(|found| told(found, language)));
            }
        }
        let proved = self.proved_checks();
        if !proved.is_empty() {
            let heads = [page.check, page.meaning, page.times];
            begin(&mut out, words.proved_heading, &heads);
            for (check, count) in proved {
                row(&mut out, &[check.to_owned(), meaning_in(check, language).to_owned(), count.to_string()]);
            }
            out.push_str("</tbody>\n</table>\n</section>\n");
        }
        let limits = words.limits.iter().copied().chain(self.life.as_ref().map(|_| words.item_limit));
        list(&mut out, words.limits_heading, limits.map(str::to_owned));
        out.push_str("</main>\n</body>\n</html>\n");
        out
    }
}

fn table_of(out: &mut String, life: &Life, page: &PageWords, language: Language) {
    begin(out, page.life, &[page.when, page.node, page.act, page.detail, page.by]);
    for step in &life.steps {
        let node = format!("{} #{}", step.node, step.index);
        let by = step.by.clone().unwrap_or_default();
        row(out, &[step.at.clone(), node, step.act_in(language).to_owned(), step.detail.clone(), by]);
    }
    let _ = writeln!(out, "</tbody>\n</table>\n<p>{}</p>\n</section>", escape(life.ends(language).trim()));
}

fn begin(out: &mut String, heading: &str, columns: &[&str]) {
    let _ = write!(out, "<section>\n<h2>{}</h2>\n<table>\n<thead><tr>", escape(heading));
    for column in columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(column));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

fn row(out: &mut String, cells: &[String]) {
    out.push_str("<tr>");
    for cell in cells {
        let _ = write!(out, "<td>{}</td>", escape(cell));
    }
    out.push_str("</tr>\n");
}

fn list(out: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    out.push_str("<section>\n");
    if !heading.is_empty() {
        let _ = writeln!(out, "<h2>{}</h2>", escape(heading));
    }
    out.push_str("<ul>\n");
    for line in lines {
        let _ = writeln!(out, "<li>{}</li>", escape(&line));
    }
    out.push_str("</ul>\n</section>\n");
}
