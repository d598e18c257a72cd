//! Text in HTML: escaped, and each in its language.
//!
//! *Absent:* markup from anyone. Whatever comes in goes out as text.

use crate::language::Language;
use crate::script::spoken;

/// An element with this text, which says the text's language where it is not the page's.
pub(crate) fn in_language(element: &str, attributes: &str, text: &str, page: Language) -> String {
    let language = spoken(text, page).map(|language| format!(" lang=\"{language}\"")).unwrap_or_default();
    format!("<{element}{attributes}{language}>{}</{element}>", escape(text))
}

/// The text as it stands between tags and in attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
