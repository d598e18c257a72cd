//! The transparency page: what a node shows to anyone about the agreement, in one language, as one HTML document.
//!
//! The text of the agreement in the pack's words, how far each Party has come and which steps it skipped, counts as the Parties agreed to
//! tell them, the published checkpoint, and how to check all that.
//!
//! *Absent:* titles, content, people, the numbers of documents and what officials remarked; and anything to click but a language.

mod words;

use crate::language::Language;
use crate::markup::{escape, in_language};
use crate::pack::Pack;
use crate::report::{STYLE, Sheet, Words, begin, body};
use attache_accord::agreement::GateCode;
use attache_accord::lifecycle::{Kept, Record, Step};
use attache_accord::{CivilDay, Digest, Party, Timestamp};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use words::PageWords;

/// The only style of the page, for whoever says by its digest that no other may be.
pub const PAGE_STYLE: &str = STYLE;

/// What the page shows.
pub struct Transparency<'a> {
    /// The rule pack in force.
    pub pack: &'a Pack,
    /// The node.
    pub node: &'a str,
    /// The network: an exercise must not be taken for the live exchange.
    pub network: &'a str,
    /// Each Party's record.
    pub records: &'a BTreeMap<Party, Record>,
    /// Now.
    pub at: Timestamp,
    /// The reports of which the public is told something, the newest first.
    pub reports: &'a [ToldReport],
    /// The newest checkpoint that is cosigned, or the one published last where none is, with its signatures.
    pub checkpoint: Option<&'a str>,
    /// The fingerprint of the node's card.
    pub fingerprint: &'a str,
    /// The keys of its log, as verifiers take them.
    pub log_keys: &'a [String],
}

/// A report of which the public is told something.
pub struct ToldReport {
    /// What it is told.
    pub sheet: Sheet,
    /// Digest of the signed figures, under which they are shown.
    pub figures: Digest,
    /// Inspectors who counted it again and signed this, by their keys. Their names are no matter of the page.
    pub cosigned: Vec<Cosigner>,
}

/// An inspector's signature on what the public is told.
pub struct Cosigner {
    /// The fingerprint of the inspector's key.
    pub key: String,
    /// The day of the signature.
    pub on: CivilDay,
    /// Digest of the notice that brings it, under which it is shown.
    pub notice: Digest,
}

// A `String` takes whatever is written.
impl Transparency<'_> {
    /// The page in one language.
    pub fn html(&self, language: Language) -> String {
        let (words, page) = (Words::of(language), PageWords::of(language));
        let title = format!("{} · {} · {}", page.heading, self.pack.terms().agreement, self.node);
        let mut out = begin(&title, &words);
        let _ = writeln!(out, "<header><h1>{}</h1>\n<p>{}</p>", escape(&title), escape(page.intro));
        if self.network != "live" {
            let _ =
                writeln!(out, "<p><strong>{} ({})</strong></p>", escape(page.not_live), escape(self.network));
        }
        out.push_str("<nav><ul>");
        for (other, name) in [(Language::Ko, "한국어"), (Language::Ja, "日本語"), (Language::En, "English")]
        {
            let current = if other == language { " aria-current=\"page\"" } else { "" };
            let _ = write!(
                out,
                "<li><a href=\"/{other}\" lang=\"{other}\" hreflang=\"{other}\"{current}>{name}</a></li>"
            );
        }
        out.push_str("</ul></nav></header>\n<main>\n");
        self.state(&mut out, language, &page);
        self.milestones(&mut out, &words, &page);
        self.counts(&mut out, &words, &page);
        self.log(&mut out, &page);
        self.articles(&mut out, language, &page);
        out.push_str("</main>\n</body>\n</html>\n");
        out
    }

    fn name(&self, party: Party, language: Language) -> String {
        self.pack.party_name(party, language).map_or_else(|| party.to_string(), str::to_owned)
    }

    fn gate(&self, party: Party, code: &str, language: Language) -> String {
        let gate: Option<GateCode> = code.parse().ok();
        let named = gate.and_then(|gate| self.pack.gate_name(party, &gate, language));
        named.unwrap_or(code).to_owned()
    }

    /// How far each Party has come, by its own record.
    fn state(&self, out: &mut String, language: Language, page: &PageWords) {
        let _ =
            writeln!(out, "<section>\n<h2>{}</h2>\n<p>{}</p>", escape(page.state), escape(page.state_note));
        table(out, page.state, &[page.party, page.phase, page.from, page.until, page.outstanding]);
        let terms = self.pack.terms();
        let empty = Record::default();
        for party in &terms.parties {
            let record = self.records.get(party).unwrap_or(&empty);
            let holds = record.facts().holds;
            let phase = record.phase(*party, self.at, terms).as_str();
            let outstanding = record.outstanding(*party, terms);
            let outstanding: Vec<String> =
                outstanding.iter().map(|gate| self.gate(*party, gate, language)).collect();
            row(
                out,
                language,
                &[
                    self.name(*party, language),
                    page.phase_of(phase).to_owned(),
                    self.day(holds.from),
                    self.day(holds.until),
                    if outstanding.is_empty() { "-".to_owned() } else { outstanding.join(", ") },
                ],
            );
        }
        out.push_str("</tbody>\n</table>\n</section>\n");
    }

    fn day(&self, at: Option<Timestamp>) -> String {
        let offset = self.pack.terms().utc_offset_hours;
        at.map_or_else(|| "-".to_owned(), |at| CivilDay::of(at, offset).to_string())
    }

    /// Every instrument of every Party by its date, and which gates were left out.
    fn milestones(&self, out: &mut String, words: &Words, page: &PageWords) {
        let language = words.language;
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(page.milestones));
        table(out, page.milestones, &[page.date, page.party, page.step, page.what]);
        let mut kept: Vec<&Kept> = self.records.values().flat_map(Record::kept).collect();
        kept.sort_by_key(|kept| (kept.instrument.dated, kept.instrument.party, kept.instrument.number));
        for Kept { instrument, .. } in kept {
            let what = match &instrument.step {
                Step::GatePassed { gate } | Step::GateSkipped { gate } => {
                    self.gate(instrument.party, gate, language)
                }
                Step::MilestoneReached { milestone } => milestone.clone(),
                _ => "-".to_owned(),
            };
            let step = words.value("outcome", instrument.step.as_str());
            let step = match instrument.step {
                Step::GateSkipped { .. } => format!("⚠ {step}"),
                _ => step,
            };
            row(
                out,
                language,
                &[self.day(Some(instrument.dated)), self.name(instrument.party, language), step, what],
            );
        }
        out.push_str("</tbody>\n</table>\n</section>\n");
    }

    fn counts(&self, out: &mut String, words: &Words, page: &PageWords) {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(page.counts));
        match self.reports.first() {
            Some(newest) => {
                let is_cosigned = !newest.cosigned.is_empty();
                let standing = if is_cosigned { page.is_cosigned } else { page.is_not_cosigned };
                let _ = writeln!(
                    out,
                    "<p>{}</p>\n<p><strong>{}</strong></p>",
                    escape(page.counts_note),
                    escape(standing)
                );
                out.push_str(&body(&newest.sheet, words, 3));
                self.reports(out, words, page);
            }
            None => {
                let _ = writeln!(out, "<p>{}</p>", escape(page.no_counts));
            }
        }
        out.push_str("</section>\n");
    }

    /// Every report of which something is told here, and who cosigned it.
    fn reports(&self, out: &mut String, words: &Words, page: &PageWords) {
        let _ = writeln!(out, "<h3>{}</h3>\n<p>{}</p>", escape(page.reports), escape(page.reports_note));
        table(out, page.reports, &[words.period, words.body, page.figures, page.cosigned]);
        for ToldReport { sheet, figures, cosigned } in self.reports {
            let signed = cosigned
                .iter()
                .map(|Cosigner { key, on, notice }| format!("{on}: {key} (/cosignatures/{notice}.cbor)"));
            let signed: Vec<String> = signed.collect();
            let cells = [
                format!("{} / {}", sheet.from, sheet.until),
                sheet.body.in_language(words.language).to_owned(),
                format!("/figures/{figures}.cbor"),
                if signed.is_empty() { "-".to_owned() } else { signed.join("; ") },
            ];
            row(out, words.language, &cells);
        }
        out.push_str("</tbody>\n</table>\n");
    }

    /// The published checkpoint, and how all of this is checked.
    fn log(&self, out: &mut String, page: &PageWords) {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>\n<p>{}</p>", escape(page.log), escape(page.log_note));
        match self.checkpoint {
            Some(checkpoint) => {
                let _ = writeln!(out, "<pre tabindex=\"0\">{}</pre>", escape(checkpoint));
            }
            None => {
                let _ = writeln!(out, "<p>{}</p>", escape(page.no_checkpoint));
            }
        }
        let _ = writeln!(out, "<h3>{}</h3>\n<ol>", escape(page.how));
        for line in page.how_lines {
            let _ = writeln!(out, "<li>{}</li>", escape(line));
        }
        let _ = writeln!(
            out,
            "</ol>\n<table>\n<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
            escape(page.fingerprint),
            escape(self.fingerprint)
        );
        for key in self.log_keys {
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                escape(page.log_key),
                escape(key)
            );
        }
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{} {}</td></tr>\n</table>\n</section>",
            escape(page.pack),
            escape(self.pack.version()),
            self.pack.digest()
        );
    }

    fn articles(&self, out: &mut String, language: Language, page: &PageWords) {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>\n<p>{}</p>", escape(page.text), escape(page.text_note));
        for (number, article) in self.pack.articles(language) {
            let heading = match number.parse::<u64>() {
                Ok(_) => format!("{number}. {}", article.title),
                Err(_) => article.title.clone(),
            };
            out.push_str(&in_language("h3", "", &heading, language));
            let _ = writeln!(out, " <p><small>{}</small></p>", escape(page.standing_of(article.standing)));
            out.push_str(&in_language("p", "", &article.text, language));
            out.push('\n');
        }
        out.push_str("</section>\n");
    }
}

fn table(out: &mut String, caption: &str, columns: &[&str]) {
    let _ = write!(out, "<table>\n<caption>{}</caption>\n<thead><tr>", escape(caption));
    for column in columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(column));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

fn row(out: &mut String, language: Language, cells: &[String]) {
    out.push_str("<tr>");
    for cell in cells {
        out.push_str(&in_language("td", "", cell, language));
    }
    out.push_str("</tr>\n");
}
