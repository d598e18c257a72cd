//! The banner over an item: the reader's own level, the originator's name and level, and what the originator
//! wrote.
//!
//! Art. 4.2: what was received is marked with the originator's name and the recipient's corresponding level.
//! The originator's own marking stands beside it, unchanged; names of levels are never translated.
//!
//! *Absent:* layout and colour, and any way to leave a caveat out.

use crate::language::Language;
use crate::pack::Pack;
use attache_accord::{Level, Marking, Party};

/// The lines of a banner, the strictest information first. Each is plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// Own level (or the originator's where there is none yet), originator, release, kind, caveats.
    pub lines: Vec<String>,
}

/// The words around names, in one language.
struct Words {
    originator: &'static str,
    releasable: &'static str,
    nobody: &'static str,
    kind: &'static str,
    caveat: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                originator: "생산국",
                releasable: "제공 가능",
                nobody: "생산국에 한함",
                kind: "종류",
                caveat: "주의",
            },
            Language::Ja => Self {
                originator: "作成国",
                releasable: "提供先",
                nobody: "作成国に限る",
                kind: "種類",
                caveat: "注意",
            },
            Language::En => Self {
                originator: "Originator",
                releasable: "Releasable to",
                nobody: "originator only",
                kind: "Kind",
                caveat: "Caveat",
            },
        }
    }
}

/// The banner for an item with `marking`, read at `own_level` in the reader's scheme; none before admission.
pub fn banner(marking: &Marking, own_level: Option<&Level>, pack: &Pack, language: Language) -> Banner {
    let words = Words::of(language);
    let mut lines = vec![level_name(own_level.unwrap_or(&marking.level), pack)];
    let originator = party_name(marking.originator(), pack, language);
    lines.push(format!("{}: {originator} · {}", words.originator, level_name(&marking.level, pack)));
    let releasable: Vec<String> =
        marking.releasable_to.iter().map(|p| party_name(*p, pack, language)).collect();
    let releasable = if releasable.is_empty() { words.nobody.to_owned() } else { releasable.join(", ") };
    lines.push(format!("{}: {releasable}", words.releasable));
    lines.push(format!("{}: {}", words.kind, marking.kind));
    lines.extend(marking.caveats.iter().map(|caveat| format!("{}: {caveat}", words.caveat)));
    Banner { lines }
}

/// The national name with its reading; the code where the pack does not know the level.
fn level_name(level: &Level, pack: &Pack) -> String {
    match pack.terms().equivalence.name(level) {
        Some(found) => format!("{} ({})", found.name, found.reading),
        None => level.to_string(),
    }
}

/// The Party's name; the code of a third party, which the pack does not name.
fn party_name(party: Party, pack: &Pack, language: Language) -> String {
    pack.party_name(party, language).map_or_else(|| party.to_string(), str::to_owned)
}
