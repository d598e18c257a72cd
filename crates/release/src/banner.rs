//! The banner over an item: the reader's own level, the originator's name and level, and what the originator
//! wrote.
//!
//! Art. 4.2: what was received is marked with the originator's name and the recipient's corresponding level.
//! The originator's own marking stands beside it, unchanged; names of levels are never translated. Art. 4.3: what contains
//! another's information says whose.
//!
//! *Absent:* layout and colour, and any way to leave a caveat out.

use crate::language::Language;
use crate::pack::Pack;
use crate::visible::visible;
use attache_accord::control::{Answerer, Control};
use attache_accord::derivative::Contained;
use attache_accord::particulars::Purpose;
use attache_accord::{Level, Marking, Party};

/// The lines of a banner, the strictest information first. Each is plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// Own level (or the originator's where there is none yet), originator, release, kind, topics, purposes, originator control, caveats.
    pub lines: Vec<String>,
}

/// The words around names, in one language.
pub(crate) struct Words {
    pub(crate) originator: &'static str,
    via: &'static str,
    pub(crate) releasable: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) caveat: &'static str,
    by_rule: &'static str,
    by_person: &'static str,
    until: &'static str,
    rel: &'static str,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                originator: "생산국",
                via: "경유",
                releasable: "제공 가능",
                nobody: "생산국에 한함",
                kind: "종류",
                topic: "주제",
                purpose: "목적",
                caveat: "주의",
                by_rule: "생산국 통제(ORCON): 열람할 때마다 생산국의 동의",
                by_person: "생산국 통제(ORCON): 열람할 때마다 생산국 담당자의 동의",
                until: "열람 기한",
                rel: "제공",
            },
            Language::Ja => Self {
                originator: "作成国",
                via: "経由",
                releasable: "提供先",
                nobody: "作成国に限る",
                kind: "種類",
                topic: "主題",
                purpose: "目的",
                caveat: "注意",
                by_rule: "作成国統制（ORCON）：閲覧の都度、作成国の同意",
                by_person: "作成国統制（ORCON）：閲覧の都度、作成国担当者の同意",
                until: "閲覧期限",
                rel: "提供",
            },
            Language::En => Self {
                originator: "Originator",
                via: "By way of",
                releasable: "Releasable to",
                nobody: "originator only",
                kind: "Kind",
                topic: "Topic",
                purpose: "For",
                caveat: "Caveat",
                by_rule: "ORIGINATOR CONTROLLED (ORCON): each opening needs the originator's consent",
                by_person: "ORIGINATOR CONTROLLED (ORCON): each opening needs the consent of a person of the originator",
                until: "Opened until",
                rel: "REL",
            },
        }
    }
}

/// The banner for an item with `marking`, read at `own_level` in the reader's scheme; none before admission.
pub fn banner(marking: &Marking, own_level: Option<&Level>, pack: &Pack, language: Language) -> Banner {
    banner_via(marking, own_level, None, pack, language)
}

/// The same for an item that came by way of a hub, which gave it the level `via` of its own.
pub fn banner_via(
    marking: &Marking,
    own_level: Option<&Level>,
    via: Option<&Level>,
    pack: &Pack,
    language: Language,
) -> Banner {
    let words = Words::of(language);
    let mut lines = vec![level_name(own_level.unwrap_or(&marking.level), pack)];
    let originator = party_name(marking.originator(), pack, language);
    lines.push(format!("{}: {originator} · {}", words.originator, level_name(&marking.level, pack)));
    lines.extend(via.map(|level| {
        let hub = party_name(level.party(), pack, language);
        format!("{}: {hub} · {}", words.via, level_name(level, pack))
    }));
    lines.push(format!("{}: {}", words.releasable, nations(marking, pack, language)));
    lines.push(format!("{}: {}", words.kind, marking.kind));
    lines.extend(marking.topics.iter().map(|topic| format!("{}: {topic}", words.topic)));
    lines.extend(purposes(marking, pack, language).map(|purpose| format!("{}: {purpose}", words.purpose)));
    lines.extend(controlled(marking.control, &words));
    lines.extend(marking.caveats.iter().map(|caveat| format!("{}: {}", words.caveat, visible(caveat))));
    Banner { lines }
}

/// The purposes that it was given for, by name; the code where the pack does not know one.
pub(crate) fn purposes<'a>(
    marking: &'a Marking,
    pack: &'a Pack,
    language: Language,
) -> impl Iterator<Item = String> + 'a {
    let name =
        move |it: &Purpose| pack.purpose_name(it, language).map_or_else(|| it.to_string(), str::to_owned);
    marking.purposes.iter().map(name)
}

/// That each opening needs the originator's consent, and until when it is given at all.
fn controlled(control: Option<Control>, words: &Words) -> Vec<String> {
    let Some(Control { answerer, until }) = control else { return Vec::new() };
    let who = match answerer {
        Answerer::Rule => words.by_rule,
        Answerer::Person => words.by_person,
    };
    let until = until.map(|until| format!("{}: {until}", words.until));
    std::iter::once(who.to_owned()).chain(until).collect()
}

/// The mark of one portion of a text: the own level, the originator's, and for whom.
/// `(特定秘密 · KOR 군사II급비밀 · REL JPN)`.
pub fn portion(marking: &Marking, own_level: Option<&Level>, pack: &Pack, language: Language) -> String {
    let name = |level: &Level| match pack.terms().equivalence.name(level) {
        Some(found) => found.name.clone(),
        None => level.code().to_owned(),
    };
    let own = own_level.filter(|own| **own != marking.level).map(name);
    let originator = format!("{} {}", marking.originator(), name(&marking.level));
    let nations: Vec<&str> = marking.releasable_to.iter().map(Party::as_str).collect();
    let words = Words::of(language);
    let released = match nations.as_slice() {
        [] => words.nobody.to_owned(),
        nations => format!("{} {}", words.rel, nations.join(", ")),
    };
    let parts: Vec<String> = own.into_iter().chain([originator, released]).collect();
    format!("({})", parts.join(" · "))
}

/// What stands on a derivative besides its own banner: whose information it contains, at which levels (Art. 4.3).
pub fn contains(contained: &Contained, pack: &Pack, language: Language) -> Vec<String> {
    let line = |(originator, levels): (&Party, &std::collections::BTreeSet<Level>)| {
        let name = party_name(*originator, pack, language);
        let levels: Vec<String> = levels.iter().map(|level| level_name(level, pack)).collect();
        let levels = levels.join(", ");
        match language {
            Language::Ko => format!("{name}의 비밀정보를 포함함 · {levels}"),
            Language::Ja => format!("{name}の秘密情報を含む · {levels}"),
            Language::En => format!("Contains classified information of {name} · {levels}"),
        }
    };
    contained.iter().map(line).collect()
}

/// The Parties that may have it beside the originator, by name.
pub(crate) fn nations(marking: &Marking, pack: &Pack, language: Language) -> String {
    let named: Vec<String> = marking.releasable_to.iter().map(|p| party_name(*p, pack, language)).collect();
    if named.is_empty() { Words::of(language).nobody.to_owned() } else { named.join(", ") }
}

/// The national name with its reading; the code where the pack does not know the level.
pub(crate) fn level_name(level: &Level, pack: &Pack) -> String {
    match pack.terms().equivalence.name(level) {
        Some(found) => format!("{} ({})", found.name, found.reading),
        None => level.to_string(),
    }
}

/// The Party's name; the code of a third party, which the pack does not name.
pub(crate) fn party_name(party: Party, pack: &Pack, language: Language) -> String {
    pack.party_name(party, language).map_or_else(|| party.to_string(), str::to_owned)
}
