//! The pack's texts for people: the articles in our own words and what each code says, in the pack's languages.
//!
//! *Absent:* meaning for machines. Codes travel, this text does not.

use crate::explain::unknown_place;
use crate::faults::{Faults, line_of};
use crate::language::Language;
use crate::terms::Standing;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// The pack's file of what each code says.
pub(crate) const REASONS_FILE: &str = "reasons.toml";

/// What a code says to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonText {
    /// A few words.
    pub title: String,
    /// Why.
    pub reason: String,
    /// What would have to change.
    pub remedy: String,
}

/// One article in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleText {
    /// Its heading.
    pub title: String,
    /// What it asks for.
    pub text: String,
    /// How well its source is known.
    pub standing: Standing,
    /// The line of its file that it starts on, from 1.
    pub line: usize,
}

impl ArticleText {
    /// Whether the article has the paragraph that a citation names: `4.2` and `6(a)` stand in the text as they are
    /// cited. A citation of the whole article needs no mark.
    pub(crate) fn has_paragraph_of(&self, citation: &str) -> bool {
        let (marks, is_mark): (Vec<String>, fn(char) -> bool) = match citation.split_once('(') {
            Some((_, letters)) => (letters.split('(').map(|letter| format!("({letter}")).collect(), |_| true),
            None if citation.contains('.') => (vec![citation.to_owned()], |before| !before.is_ascii_digit()),
            None => return true,
        };
        let stands = |mark: &String| {
            let before = |at: usize| self.text.get(..at).and_then(|text| text.chars().next_back());
            self.text.match_indices(mark.as_str()).any(|(at, _)| before(at).is_none_or(is_mark))
        };
        marks.iter().all(stands)
    }
}

/// Longest article, in bytes: citations are looked for in it.
pub const MAX_ARTICLE_BYTES: usize = 16 * 1024;

/// Articles by their number, or `product`.
pub(crate) type Articles = BTreeMap<String, ArticleText>;
/// Texts by code.
pub(crate) type Reasons = BTreeMap<String, Said>;

/// One code's texts.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    texts: BTreeMap<Language, ReasonText>,
    /// The line that its English title stands on, from 1.
    pub(crate) line: usize,
}

impl Said {
    pub(crate) fn get(&self, language: Language) -> Option<&ReasonText> {
        self.texts.get(&language)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidFile {
    ko: Option<TextFile>,
    ja: Option<TextFile>,
    en: TextFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextFile {
    title: Spanned<String>,
    reason: Spanned<String>,
    remedy: Spanned<String>,
}

/// Reads `reasons.toml`: every code in exactly the languages of the pack.
pub(crate) fn read_reasons(
    text: &str,
    languages: &BTreeSet<Language>,
    faults: &mut Faults,
) -> Option<Reasons> {
    let file: BTreeMap<String, SaidFile> = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            faults.of_toml(REASONS_FILE, text, &error);
            return None;
        }
    };
    let mut reasons = Reasons::new();
    for (code, said) in file {
        let line = line_of(text, said.en.title.span().start);
        let mut texts = BTreeMap::new();
        for (language, found) in
            [(Language::Ko, said.ko), (Language::Ja, said.ja), (Language::En, Some(said.en))]
        {
            let is_wanted = languages.contains(&language);
            match found {
                Some(found) if is_wanted => {
                    texts.insert(language, filled(&code, found, text, faults));
                }
                Some(found) => {
                    let at = line_of(text, found.title.span().start);
                    faults.at(REASONS_FILE, at, format!("{code}: {language} is no language of the pack"));
                }
                None if is_wanted => {
                    faults.at(REASONS_FILE, line, format!("{code} has no text in {language}"));
                }
                None => {}
            }
        }
        reasons.insert(code, Said { texts, line });
    }
    Some(reasons)
}

fn filled(code: &str, file: TextFile, text: &str, faults: &mut Faults) -> ReasonText {
    for part in [&file.title, &file.reason, &file.remedy] {
        if part.get_ref().trim().is_empty() {
            faults.at(REASONS_FILE, line_of(text, part.span().start), format!("{code} has an empty text"));
        }
        if let Some(name) = unknown_place(part.get_ref()) {
            let rule = format!("{code} has a place {{{name}}} that nothing fills");
            faults.at(REASONS_FILE, line_of(text, part.span().start), rule);
        }
    }
    ReasonText {
        title: file.title.into_inner(),
        reason: file.reason.into_inner(),
        remedy: file.remedy.into_inner(),
    }
}

/// The file of the articles in one language.
pub(crate) fn articles_file(language: Language) -> &'static str {
    match language {
        Language::Ko => "articles/ko.md",
        Language::Ja => "articles/ja.md",
        Language::En => "articles/en.md",
    }
}

/// Reads the articles: each a heading `## NUMBER. Title [standing]` with its text below.
pub(crate) fn read_articles(file: &str, text: &str, faults: &mut Faults) -> Articles {
    let mut articles = Articles::new();
    for (line, section) in sections(text) {
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        let Some((number, title, status)) = read_heading(heading) else {
            let rule = format!("heading must be \"## NUMBER. Title [status]\", not {heading:?}");
            faults.at(file, line, rule);
            continue;
        };
        let standing = match status.parse() {
            Ok(standing) => standing,
            Err(fault) => {
                faults.at(file, line, fault);
                continue;
            }
        };
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        if body.is_empty() {
            faults.at(file, line, format!("article {number} says nothing"));
        }
        if body.len() > MAX_ARTICLE_BYTES {
            faults.at(file, line, format!("article {number} is longer than {MAX_ARTICLE_BYTES} bytes"));
            continue;
        }
        let article = ArticleText { title: title.to_owned(), text: body, standing, line };
        if articles.insert(number.to_owned(), article).is_some() {
            faults.at(file, line, format!("article {number} stands twice"));
        }
    }
    articles
}

/// Number, title and status. A number is what a citation can name: without a paragraph in it.
fn read_heading(heading: &str) -> Option<(&str, &str, &str)> {
    let (number, rest) = heading.split_once(". ")?;
    let (title, status) = rest.strip_suffix(']')?.rsplit_once(" [")?;
    let fits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    fits.then_some((number, title, status))
}

/// Each `## ` section without its marker, with the line (from 1) at which it starts.
fn sections(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = text.match_indices("\n## ").map(|(at, _)| at + 1);
    let ends = text.match_indices("\n## ").map(|(at, _)| at).skip(1).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| {
        let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
        let section = text.get(start + 3..end).unwrap_or_default();
        (line, section)
    })
}

/// The article that a citation belongs to: `6(a)` is in 6, `4.2` in 4.
pub(crate) fn article_of(citation: &str) -> &str {
    citation.split(['(', '.']).next().unwrap_or(citation).trim()
}
