//! Takes values out of `terms.toml` and notes each fault at its line.
//!
//! *Absent:* stopping at the first fault. What cannot be read is left out, and the pack is not loaded.

use super::file::{Amount, Names, Text};
use super::{Cited, Standing, TERMS_FILE};
use crate::faults::{Faults, line_of};
use crate::language::Language;
use attache_accord::Level;
use attache_accord::party::Malformed;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

/// Where the agreement sets nothing, the file says so.
pub(super) const NONE: &str = "none";

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) faults: &'a mut Faults,
    pub(super) languages: &'a BTreeSet<Language>,
    pub(super) cited: Vec<Cited>,
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, at: Range<usize>, rule: impl Display) {
        self.faults.at(TERMS_FILE, line_of(self.text, at.start), rule);
    }

    /// A fault of what is not there: at the end of the file, where it could be added.
    pub(super) fn missing(&mut self, rule: impl Display) {
        let end = self.text.trim_end().len();
        self.wrong(end..end, rule);
    }

    pub(super) fn parse<T: FromStr<Err = Malformed>>(&mut self, value: &Text) -> Option<T> {
        let read = value.get_ref().parse();
        read.map_err(|fault| self.wrong(value.span(), fault)).ok()
    }

    pub(super) fn level(&mut self, party: &str, code: &Text) -> Option<Level> {
        let read = format!("{party}:{}", code.get_ref()).parse();
        read.map_err(|fault: Malformed| self.wrong(code.span(), fault)).ok()
    }

    /// A text that says something.
    pub(super) fn filled(&mut self, value: &Text) -> String {
        if value.get_ref().trim().is_empty() {
            self.wrong(value.span(), "an empty text");
        }
        value.get_ref().clone()
    }

    /// A name in each language of the pack, and in no other.
    pub(super) fn names(&mut self, names: &Names) -> Vec<(Language, String)> {
        let mut said = Vec::new();
        for (language, name) in [
            (Language::Ko, names.ko.as_ref()),
            (Language::Ja, names.ja.as_ref()),
            (Language::En, Some(&names.en)),
        ] {
            match (name, self.languages.contains(&language)) {
                (Some(name), true) => said.push((language, self.filled(name))),
                (Some(name), false) => {
                    self.wrong(name.span(), format!("{language} is no language of the pack"));
                }
                (None, true) => self.wrong(names.en.span(), format!("there is no name in {language}")),
                (None, false) => {}
            }
        }
        said
    }

    /// Each code once.
    pub(super) fn codes<T: FromStr<Err = Malformed> + Ord>(&mut self, codes: &[Text]) -> BTreeSet<T> {
        let mut read = BTreeSet::new();
        for code in codes {
            let Some(value) = self.parse::<T>(code) else { continue };
            if !read.insert(value) {
                self.wrong(code.span(), format!("{} stands twice", code.get_ref()));
            }
        }
        read
    }

    /// A number within bounds, or `none`.
    pub(super) fn amount(&mut self, amount: &Amount, bounds: RangeInclusive<u64>) -> Option<u64> {
        let value = amount.value.get_ref();
        if value.as_str() == Some(NONE) {
            return None;
        }
        let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
        let fits = number.filter(|number| bounds.contains(number));
        if fits.is_none() {
            let (least, most) = bounds.into_inner();
            self.wrong(
                amount.value.span(),
                format!("{value} is not between {least} and {most}, and not \"none\""),
            );
        }
        fits
    }

    /// Notes where a term comes from.
    pub(super) fn cite(&mut self, term: impl Into<String>, article: &Text, status: &Text) {
        let line = line_of(self.text, article.span().start);
        if let Some(standing) = self.parse::<Standing>(status) {
            let article = article.get_ref().clone();
            self.cited.push(Cited { term: term.into(), article, standing, line });
        }
    }
}
