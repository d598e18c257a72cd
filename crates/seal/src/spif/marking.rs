//! The words in which a label is marked, in one language.
//!
//! *Absent:* layout. Codes other than those of the place asked for are not looked at.

use super::{Phrase, Qualifier, Spif, Tag, TagCategory};
use crate::label::stanag::{CategoryType, Information};

/// Where a marking is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the top of each page.
    Page,
    /// At a portion of a text.
    Portion,
}

impl Place {
    fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Page => &["pageTop", "pageTopBottom", "documentStart"],
            Self::Portion => &["portionMarking"],
        }
    }
}

impl Spif {
    /// The words for a label that is valid under this policy, in `language` where the policy has it.
    pub fn marking(&self, label: &Information, place: Place, language: &str) -> String {
        let mut words = vec![self.policy_words(language)];
        let class = self.classification(&label.classification);
        let chosen: Vec<(&Tag, Vec<&TagCategory>)> = self.chosen(label);
        let suppresses = |category: &&TagCategory| {
            category.phrases.iter().any(|phrase| phrase.codes.iter().any(|code| code == "suppressClassName"))
        };
        if let Some(class) = class.filter(|_| !chosen.iter().flat_map(|(_, all)| all).any(suppresses)) {
            words.extend(words_of(&class.phrases, &class.name, place, language));
        }
        for (tag, categories) in chosen {
            let each: Vec<String> =
                categories.iter().filter_map(|c| words_of(&c.phrases, &c.name, place, language)).collect();
            if !each.is_empty() {
                words.push(around(&tag.qualifiers, place, language, &each, ", "));
            }
        }
        words.retain(|piece| !piece.is_empty());
        around(&self.qualifiers, place, language, &words, " ")
    }

    /// The policy's name, or what its policy says in its place.
    fn policy_words(&self, language: &str) -> String {
        let replaces = |phrase: &&Phrase| phrase.codes.iter().any(|code| code == "replacePolicy");
        let said = self.phrases.iter().filter(replaces);
        match best(said, language) {
            Some(phrase) => phrase.text.clone().unwrap_or_default(),
            None => self.policy.name.clone(),
        }
    }

    /// The policy's categories that a label has: tags in the policy's order, values in the label's. Informative ones are
    /// shown too; what people wrote themselves, such as a caveat, stands in the label alone.
    fn chosen<'a>(&'a self, label: &Information) -> Vec<(&'a Tag, Vec<&'a TagCategory>)> {
        let mut found = Vec::new();
        for (set, tag) in self.tag_sets.iter().flat_map(|set| set.tags.iter().map(move |tag| (set, tag))) {
            let kind: CategoryType = tag.tag_type.kind();
            let named = label.categories.iter().filter(|category| {
                category.kind == kind
                    && (tag.name.as_ref() == Some(&category.tag) || set.name == category.tag)
            });
            let values =
                named.flat_map(|category| category.values.iter().map(|value| (category.form, value)));
            // What people write themselves has no words in the policy.
            let known = values.filter_map(|(form, value)| tag.find(value, form, &label.classification));
            let chosen = known.filter(|category| category.user_input.is_none()).collect();
            found.push((tag, chosen));
        }
        found
    }
}

/// The phrase for a place; the name itself where a phrase has no words. None where the policy shows nothing there.
fn words_of(phrases: &[Phrase], name: &str, place: Place, language: &str) -> Option<String> {
    let here = |phrase: &&Phrase| phrase.codes.iter().any(|code| place.codes().contains(&code.as_str()));
    if phrases.iter().any(|phrase| phrase.codes.iter().any(|code| code == "noMarkingDisplay")) {
        return None;
    }
    match best(phrases.iter().filter(here), language) {
        Some(phrase) => Some(phrase.text.clone().unwrap_or_else(|| name.to_owned())),
        // A page shows what has no words of its own by its name; a portion only what the policy abbreviates.
        None => (place == Place::Page).then(|| name.to_owned()),
    }
}

/// In the language asked for, else in any, else in the first.
fn best<'a>(phrases: impl Iterator<Item = &'a Phrase>, language: &str) -> Option<&'a Phrase> {
    let all: Vec<_> = phrases.collect();
    let of = |wanted: Option<&str>| all.iter().find(|phrase| phrase.language.as_deref() == wanted).copied();
    of(Some(language)).or_else(|| of(None)).or_else(|| all.first().copied())
}

fn around(
    qualifiers: &[Qualifier],
    place: Place,
    language: &str,
    words: &[String],
    otherwise: &str,
) -> String {
    let fits = |q: &&Qualifier| q.code.as_deref().is_none_or(|code| place.codes().contains(&code));
    let here: Vec<_> = qualifiers.iter().filter(fits).flat_map(|q| &q.words).collect();
    let word = |kind: &str| {
        let of = |wanted: Option<&str>| {
            here.iter()
                .find(|(code, _, lang)| code == kind && lang.as_deref() == wanted)
                .map(|(_, text, _)| text.as_str())
        };
        of(Some(language)).or_else(|| of(None))
    };
    let joined = words.join(word("separator").unwrap_or(otherwise));
    format!("{}{joined}{}", word("prefix").unwrap_or_default(), word("suffix").unwrap_or_default())
}
