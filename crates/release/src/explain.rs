//! A ruling in the reader's language: which code, which article, which facts decided, why, and what would have to change and
//! by whom.
//!
//! The texts are the pack's, with places such as `{originator}` that the question fills. Where no question is at hand a general
//! word fills them.
//!
//! *Absent:* anything that the ruling and its question do not say.

use crate::facts::{Fact, Matter, Voice, facts, generic, said};
use crate::language::Language;
use crate::pack::Pack;
use crate::terms::Standing;
use attache_accord::ruling::{Question, Reason, Ruling};

/// One reason of a ruling, for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The stable code.
    pub code: String,
    /// Article and paragraph, or `product`.
    pub article: String,
    /// How well that source is known; none for a code that this pack does not know.
    pub standing: Option<Standing>,
    /// A few words; the code itself where this pack does not know it.
    pub title: String,
    /// Why; empty where this pack does not know the code.
    pub reason: String,
    /// What would have to change, and who must do it; empty where this pack does not know the code.
    pub remedy: String,
    /// The facts that decided; none where no question is at hand.
    pub facts: Vec<Fact>,
}

/// Explains each reason of a ruling on `question`, in its order. A ruling by another version of the pack keeps its codes and
/// articles, and gets texts where this pack knows the code.
pub fn explain(
    ruling: &Ruling,
    question: Option<&Question>,
    pack: &Pack,
    language: Language,
) -> Vec<Explained> {
    ruling.reasons.iter().map(|reason| explain_reason(reason, question, pack, language)).collect()
}

/// Explains one code, with the facts of a question or in general.
pub fn explain_reason(
    reason: &Reason,
    question: Option<&Question>,
    pack: &Pack,
    language: Language,
) -> Explained {
    let text = pack.reason_text(&reason.code, language);
    let fill = |template: &str| filled(template, &reason.article, question, pack, language);
    let told =
        |pick: fn(&crate::ReasonText) -> &String| text.map(|text| fill(pick(text))).unwrap_or_default();
    Explained {
        code: reason.code.clone(),
        article: reason.article.clone(),
        standing: pack.standing(&reason.code),
        title: text.map_or_else(|| reason.code.clone(), |text| fill(&text.title)),
        reason: told(|text| &text.reason),
        remedy: told(|text| &text.remedy),
        facts: question.map(|question| facts(&reason.code, question, pack, language)).unwrap_or_default(),
    }
}

/// The place of the article that is cited.
const ARTICLE: &str = "article";

/// A template with its places filled. What has no such name stays as it stands; a pack with one does not load.
fn filled(
    template: &str,
    article: &str,
    question: Option<&Question>,
    pack: &Pack,
    language: Language,
) -> String {
    let mut out = String::with_capacity(template.len());
    for part in places(template) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Place(ARTICLE) => out.push_str(article),
            Part::Place(name) => match (Matter::named(name), question) {
                (Some(matter), Some(question)) => {
                    out.push_str(&said(matter, question, &Voice::of(pack, language)))
                }
                (Some(matter), None) => push_general(&mut out, generic(matter, language)),
                (None, _) => out.push_str(name),
            },
        }
    }
    out
}

/// A general word, which may open the sentence; a name or an id is never written otherwise than it is.
fn push_general(out: &mut String, word: &str) {
    let mut letters = word.chars();
    match letters.next().filter(|_| out.is_empty()) {
        Some(first) => out.extend(first.to_uppercase().chain(letters)),
        None => out.push_str(word),
    }
}

enum Part<'a> {
    Text(&'a str),
    Place(&'a str),
}

/// The text and the places of a template, in order. An opening brace without its end is text.
fn places(template: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        parts.push(Part::Text(before));
        parts.push(Part::Place(name));
        rest = behind;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The first place of a text that nothing fills, if there is one.
pub(crate) fn unknown_place(text: &str) -> Option<&str> {
    let unfilled = |part| match part {
        Part::Place(name) if name != ARTICLE && Matter::named(name).is_none() => Some(name),
        _ => None,
    };
    places(text).into_iter().find_map(unfilled)
}
