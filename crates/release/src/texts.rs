//! The pack's texts for people: the articles in our own words and what each code says, in three languages.
//!
//! *Absent:* meaning for machines. Codes travel, this text does not.

use crate::faults::PackError;
use crate::language::Language;
use crate::terms::Standing;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The pack's file of what each code says.
pub(crate) const REASONS_FILE: &str = "reasons.toml";

/// What a code says to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
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
}

/// Articles by their number, or `product`.
pub(crate) type Articles = BTreeMap<String, ArticleText>;
/// Texts by code and language.
pub(crate) type Reasons = BTreeMap<String, InLanguages>;

/// One code's texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InLanguages {
    ko: ReasonText,
    ja: ReasonText,
    en: ReasonText,
}

impl InLanguages {
    pub(crate) fn get(&self, language: Language) -> &ReasonText {
        match language {
            Language::Ko => &self.ko,
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// Reads `reasons.toml`.
pub(crate) fn read_reasons(text: &str) -> Result<Reasons, PackError> {
    let reasons: Reasons = toml::from_str(text).map_err(|e| PackError::of_toml(REASONS_FILE, text, &e))?;
    let empty = |t: &ReasonText| [&t.title, &t.reason, &t.remedy].iter().any(|s| s.trim().is_empty());
    match reasons.iter().find(|(_, texts)| Language::ALL.iter().any(|l| empty(texts.get(*l)))) {
        Some((code, _)) => Err(PackError::of(REASONS_FILE, format!("{code} has an empty text"))),
        None => Ok(reasons),
    }
}

/// The file of the articles in one language.
pub(crate) fn articles_file(language: Language) -> String {
    format!("articles/{language}.md")
}

/// Reads the articles: each a heading `## NUMBER. Title [standing]` with its text below.
pub(crate) fn read_articles(file: &str, text: &str) -> Result<Articles, PackError> {
    let mut articles = Articles::new();
    for (line, section) in sections(text) {
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        let wrong = |rule: String| PackError { file: file.to_owned(), line: Some(line), rule };
        let form = || wrong(format!("heading must be \"## NUMBER. Title [status]\", not {heading:?}"));
        let (number, rest) = heading.split_once(". ").ok_or_else(form)?;
        let (title, status) = rest.strip_suffix(']').and_then(|r| r.rsplit_once(" [")).ok_or_else(form)?;
        let standing = status.parse().map_err(|e| wrong(format!("{e}")))?;
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        if body.is_empty() {
            return Err(wrong(format!("article {number} says nothing")));
        }
        let article = ArticleText { title: title.to_owned(), text: body, standing };
        if articles.insert(number.to_owned(), article).is_some() {
            return Err(wrong(format!("article {number} stands twice")));
        }
    }
    Ok(articles)
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
