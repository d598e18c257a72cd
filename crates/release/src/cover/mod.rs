//! Cover sheets: what stands on paper over an item, in one language, as text, HTML or PDF.
//!
//! The level stands at the top and at the bottom of each page, with the originator's name where it is another's (Art. 4.2). The
//! sheet says what the banner says, whose information a derivative contains, and the numbers by which a registry finds the
//! item. It never has the item's title.
//!
//! *Absent:* a title, content, and any way to leave a caveat out.

mod html;

use crate::banner::{Words, contains, level_name, nations, party_name, portion, purposes};
use crate::language::Language;
use crate::pack::Pack;
use crate::pages::Pages;
use crate::visible::visible;
use attache_accord::derivative::Contained;
use attache_accord::{Level, Marking};

/// Most references on one sheet.
pub const MAX_REFERENCES: usize = 8;
/// Longest reference, in characters.
const MAX_REFERENCE_CHARS: usize = 128;

/// A number by which a registry finds the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The register's number for what left.
    ControlNumber,
    /// The register's number for what came.
    RegisterNumber,
    /// The item on this node.
    Item,
    /// The item's digest.
    ItemDigest,
    /// Which copy of how many.
    Copy,
}

/// Why a sheet is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CoverError {
    /// More references than a sheet holds, or one that is too long.
    #[error("at most 8 references of 128 characters")]
    References,
}

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    word: &'static str,
    value: String,
}

/// A cover sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    language: Language,
    heading: &'static str,
    level: String,
    rows: Vec<Row>,
    contains: Vec<String>,
}

struct SheetWords {
    heading: &'static str,
    own_level: &'static str,
    level: &'static str,
    portion: &'static str,
    marked_at: &'static str,
    agreement: &'static str,
    control_number: &'static str,
    register_number: &'static str,
    item: &'static str,
    item_digest: &'static str,
    copy: &'static str,
}

impl SheetWords {
    fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                heading: "비밀 표지",
                own_level: "상응 등급",
                level: "생산국의 등급",
                portion: "부분 표시",
                marked_at: "표시 일시",
                agreement: "협정",
                control_number: "관리번호",
                register_number: "접수번호",
                item: "자료",
                item_digest: "자료 요약값",
                copy: "사본",
            },
            Language::Ja => Self {
                heading: "秘密表紙",
                own_level: "対応区分",
                level: "作成国の区分",
                portion: "部分表示",
                marked_at: "表示日時",
                agreement: "協定",
                control_number: "管理番号",
                register_number: "登録番号",
                item: "資料",
                item_digest: "資料ダイジェスト",
                copy: "写し",
            },
            Language::En => Self {
                heading: "Cover sheet",
                own_level: "Own level",
                level: "Originator's level",
                portion: "Portion mark",
                marked_at: "Marked",
                agreement: "Agreement",
                control_number: "Control number",
                register_number: "Register number",
                item: "Item",
                item_digest: "Item digest",
                copy: "Copy",
            },
        }
    }

    fn reference(&self, reference: Reference) -> &'static str {
        match reference {
            Reference::ControlNumber => self.control_number,
            Reference::RegisterNumber => self.register_number,
            Reference::Item => self.item,
            Reference::ItemDigest => self.item_digest,
            Reference::Copy => self.copy,
        }
    }
}

impl Cover {
    /// A sheet for what is marked so, held at `own_level` (none before admission), and contains others' information.
    ///
    /// # Errors
    /// [`CoverError`].
    pub fn new(
        marking: &Marking,
        own_level: Option<&Level>,
        contained: &Contained,
        references: &[(Reference, String)],
        pack: &Pack,
        language: Language,
    ) -> Result<Self, CoverError> {
        let fits = |(_, value): &(Reference, String)| value.chars().count() <= MAX_REFERENCE_CHARS;
        if references.len() > MAX_REFERENCES || !references.iter().all(fits) {
            return Err(CoverError::References);
        }
        let (words, sheet) = (Words::of(language), SheetWords::of(language));
        let row = |word, value| Row { word, value };
        let mut rows = Vec::new();
        if let Some(own) = own_level.filter(|own| **own != marking.level) {
            rows.push(row(sheet.own_level, level_name(own, pack)));
        }
        rows.push(row(words.originator, party_name(marking.originator(), pack, language)));
        rows.push(row(sheet.level, level_name(&marking.level, pack)));
        rows.push(row(words.releasable, nations(marking, pack, language)));
        rows.push(row(words.kind, marking.kind.to_string()));
        rows.extend(marking.topics.iter().map(|topic| row(words.topic, topic.to_string())));
        rows.extend(purposes(marking, pack, language).map(|purpose| row(words.purpose, purpose)));
        rows.extend(marking.caveats.iter().map(|caveat| row(words.caveat, visible(caveat))));
        rows.push(row(sheet.portion, portion(marking, own_level, pack, language)));
        rows.push(row(sheet.marked_at, marking.marked_at.to_string()));
        rows.extend(references.iter().map(|(kind, value)| row(sheet.reference(*kind), visible(value))));
        rows.push(row(sheet.agreement, format!("{} {}", pack.terms().agreement, pack.version())));
        // Art. 4.2: what was received is marked with the originator's name and the own corresponding level.
        let level = match own_level.filter(|own| **own != marking.level) {
            None => level_name(&marking.level, pack),
            Some(own) => {
                format!("{} · {}", level_name(own, pack), party_name(marking.originator(), pack, language))
            }
        };
        Ok(Self {
            language,
            heading: sheet.heading,
            level,
            rows,
            contains: contains(contained, pack, language),
        })
    }

    /// The sheet as plain text.
    pub fn text(&self) -> String {
        let mut lines = vec![self.level.clone(), String::new(), self.heading.to_owned(), String::new()];
        lines.extend(self.contains.iter().cloned());
        if !self.contains.is_empty() {
            lines.push(String::new());
        }
        lines.extend(self.rows.iter().map(|row| format!("{}: {}", row.word, row.value)));
        lines.extend([String::new(), self.level.clone()]);
        lines.join("\n")
    }

    /// The sheet as one HTML document without scripts that loads nothing.
    pub fn html(&self) -> String {
        html::html(self)
    }

    /// The sheet as PDF on A4. Fonts for Korean and Japanese are named, not embedded: a viewer that has none shows no
    /// such glyphs, and the text can still be searched and copied.
    pub fn pdf(&self) -> Vec<u8> {
        let mut pages = Pages::new(Some(&self.level));
        pages.paragraph(self.heading, 16.0);
        for line in &self.contains {
            pages.paragraph(line, 13.0);
        }
        for row in &self.rows {
            pages.row(row.word, &row.value);
        }
        pages.finish(self.language, self.heading)
    }
}
