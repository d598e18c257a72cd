//! A ruling in the reader's language: which code, which article, why, and what would have to change.
//!
//! *Absent:* anything that the ruling does not say. The item and the people stay out of it.

use crate::language::Language;
use crate::pack::Pack;
use crate::terms::Standing;
use attache_accord::ruling::Ruling;

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
    /// What would have to change; empty where this pack does not know the code.
    pub remedy: String,
}

/// Explains each reason of a ruling, in its order. A ruling by another version of the pack keeps its codes
/// and articles, and gets texts where this pack knows the code.
pub fn explain(ruling: &Ruling, pack: &Pack, language: Language) -> Vec<Explained> {
    let explained = |reason: &attache_accord::ruling::Reason| {
        let text = pack.reason_text(&reason.code, language).cloned();
        let (title, why, remedy) = match text {
            Some(text) => (text.title, text.reason, text.remedy),
            None => (reason.code.clone(), String::new(), String::new()),
        };
        Explained {
            code: reason.code.clone(),
            article: reason.article.clone(),
            standing: pack.standing(&reason.code),
            title,
            reason: why,
            remedy,
        }
    };
    ruling.reasons.iter().map(explained).collect()
}
