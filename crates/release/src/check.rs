//! What no file of a pack shows alone: the same articles in every language, a text for every code, and an article for
//! every citation.
//!
//! *Absent:* the form of each file; that is told where the file is read.

use crate::faults::Faults;
use crate::floor::FLOOR;
use crate::language::Language;
use crate::policies::{OWN_CODES, POLICIES_FILE, Policies};
use crate::terms::{Agreed, TERMS_FILE};
use crate::texts::{Articles, REASONS_FILE, Reasons, article_of, articles_file};
use std::collections::BTreeMap;

/// The codes that this software itself may give as a reason.
pub(crate) fn own_codes() -> impl Iterator<Item = &'static str> {
    FLOOR.iter().map(|rule| rule.code).chain(OWN_CODES)
}

/// Every language restates the same articles with the same standing. English, which every pack has, sets the list.
pub(crate) fn check_articles(articles: &BTreeMap<Language, Articles>, faults: &mut Faults) {
    let Some(english) = articles.get(&Language::En) else { return };
    if english.is_empty() {
        faults.of_file(articles_file(Language::En), "there is no article");
    }
    for (language, own) in articles {
        let file = articles_file(*language);
        for number in english.keys().filter(|number| !own.contains_key(*number)) {
            faults.of_file(file, format!("article {number} is missing"));
        }
        for (number, article) in own {
            match english.get(number) {
                None => faults.at(file, article.line, format!("article {number} is not in English")),
                Some(other) if other.standing != article.standing => {
                    let rule = format!("article {number} has another status than in English");
                    faults.at(file, article.line, rule);
                }
                Some(_) => {}
            }
        }
    }
}

/// Every citation, of a term, of the floor or of a policy, names an article and a paragraph that every language has.
pub(crate) fn check_citations(
    agreed: Option<&Agreed>,
    policies: Option<&Policies>,
    articles: &BTreeMap<Language, Articles>,
    faults: &mut Faults,
) {
    let mut check = |file: &str, line: usize, what: &str, citation: &str| {
        for (language, own) in articles {
            match own.get(article_of(citation)) {
                None => {
                    let rule = format!("{what} cites article {citation:?}, which does not exist");
                    faults.at(file, line, rule);
                }
                Some(article) if !article.has_paragraph_of(citation) => {
                    let rule =
                        format!("{what} cites {citation:?}, a paragraph that {language} does not have");
                    faults.at(file, line, rule);
                }
                Some(_) => {}
            }
        }
    };
    for cited in agreed.iter().flat_map(|agreed| &agreed.cited) {
        check(TERMS_FILE, cited.line, &cited.term, &cited.article);
    }
    let annotated = policies.iter().flat_map(|policies| policies.annotated());
    for (code, notes) in annotated.filter(|(_, notes)| !notes.article.is_empty()) {
        check(POLICIES_FILE, notes.line, code, &notes.article);
    }
}

/// Every code has one owner and a text, and every text a code.
pub(crate) fn check_codes(policies: &Policies, reasons: &Reasons, faults: &mut Faults) {
    for (code, notes) in policies.annotated() {
        if own_codes().any(|own| own == code) {
            faults.at(POLICIES_FILE, notes.line, format!("{code} belongs to the floor"));
        }
        if !reasons.contains_key(code) {
            faults.at(POLICIES_FILE, notes.line, format!("{code} has no text in {REASONS_FILE}"));
        }
    }
    for code in own_codes().filter(|code| !reasons.contains_key(*code)) {
        faults.of_file(REASONS_FILE, format!("{code} of the floor has no text"));
    }
    for (code, said) in reasons {
        if !policies.annotated().contains_key(code) && !own_codes().any(|own| own == code) {
            faults.at(REASONS_FILE, said.line, format!("no rule has the code {code}"));
        }
    }
}
