//! Pages of PDF on A4. Latin text is set in Helvetica; Korean and Japanese in fonts that are named with the
//! character collections and code tables that every viewer knows (ISO 32000, 9.7.5.2), so that none is embedded.
//!
//! What those cannot show is told by its number. Where there is a level, it stands in a bar at the top and bottom of each page.
//!
//! *Absent:* dates and ids: the same text is the same bytes.

use crate::language::Language;
use crate::script::Script;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Name, Pdf, Rect, Ref, Str, TextStr};
use std::collections::BTreeSet;

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
/// Where values begin; the words stand before them.
const VALUES: f32 = 190.0;
const BAR: f32 = 40.0;
/// Room between a bar and the text.
const BELOW_BAR: f32 = 34.0;
const ABOVE_BAR: f32 = 24.0;
const SIZE: f32 = 11.0;
const LEADING: f32 = 16.0;
const LEVEL_SIZE: f32 = 20.0;
/// The level is never set smaller than this, however long its name.
const LEAST_LEVEL_SIZE: f32 = 6.0;

/// Advance widths of Helvetica, the blank to the tilde, in thousandths of its size (Adobe's metrics of the standard fonts).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// What other Latin characters are taken to be wide.
const LATIN_WIDTH: u16 = 556;
/// The dot between the parts of a marking is narrow.
const MIDDLE_DOT: char = '\u{b7}';
const MIDDLE_DOT_WIDTH: u16 = 278;
/// Korean and Japanese characters fill a square.
const SQUARE: u16 = 1000;

/// A font that is named and not embedded.
struct Named {
    resource: &'static [u8],
    script: Script,
    font: &'static [u8],
    ordering: &'static [u8],
    supplement: i32,
    cmap: &'static [u8],
}

const NAMED: [Named; 2] = [
    Named {
        resource: b"F1",
        script: Script::Hangul,
        font: b"HYGoThic-Medium",
        ordering: b"Korea1",
        supplement: 1,
        cmap: b"UniKS-UTF16-H",
    },
    Named {
        resource: b"F2",
        script: Script::Japanese,
        font: b"HeiseiKakuGo-W5",
        ordering: b"Japan1",
        supplement: 4,
        cmap: b"UniJIS-UTF16-H",
    },
];
const LATIN: &[u8] = b"F0";

/// Where the bars of a chart begin, and where their counts end.
const CHART: f32 = 320.0;
/// Longest bar of a chart.
const LONGEST: f32 = 150.0;

/// Pages that fill from the top.
pub(crate) struct Pages {
    /// What stands in the bars, if anything does.
    level: Option<String>,
    pages: Vec<Content>,
    page: Content,
    y: f32,
    used: [BTreeSet<char>; 2],
}

impl Pages {
    pub(crate) fn new(level: Option<&str>) -> Self {
        let used = [BTreeSet::new(), BTreeSet::new()];
        let level = level.map(shown);
        let mut pages = Self { level, pages: Vec::new(), page: Content::new(), y: 0.0, used };
        pages.begin();
        pages
    }

    fn begin(&mut self) {
        self.y = HEIGHT - MARGIN;
        if let Some(level) = self.level.clone() {
            self.bars(&level);
            self.y -= BAR + BELOW_BAR;
        }
    }

    fn bottom(&self) -> f32 {
        MARGIN + if self.level.is_some() { BAR + ABOVE_BAR } else { 0.0 }
    }

    /// The level at the top and the bottom of this page, white on dark red.
    fn bars(&mut self, level: &str) {
        let room = WIDTH - 2.0 * MARGIN - 16.0;
        let fitting = LEVEL_SIZE * (room / width(level, LEVEL_SIZE)).min(1.0);
        let size = fitting.max(LEAST_LEVEL_SIZE);
        for bottom in [HEIGHT - MARGIN - BAR, MARGIN] {
            self.page.set_fill_rgb(0.545, 0.0, 0.0);
            self.page.rect(MARGIN, bottom, WIDTH - 2.0 * MARGIN, BAR);
            self.page.fill_nonzero();
            self.page.set_fill_rgb(1.0, 1.0, 1.0);
            let x = (WIDTH - width(level, size)) / 2.0;
            self.put(x, bottom + (BAR - size * 0.7) / 2.0, level, size);
            self.page.set_fill_rgb(0.0, 0.0, 0.0);
        }
    }

    /// Room for a line of this height, on a further page where this one is full.
    fn advance(&mut self, height: f32) {
        if self.y - height < self.bottom() {
            self.pages.push(std::mem::replace(&mut self.page, Content::new()));
            self.begin();
        }
        self.y -= height;
    }

    pub(crate) fn paragraph(&mut self, text: &str, size: f32) {
        for line in wrapped(&shown(text), size, WIDTH - 2.0 * MARGIN) {
            self.advance(size * 1.5);
            self.put(MARGIN, self.y, &line, size);
        }
        self.y -= size * 0.7;
    }

    pub(crate) fn row(&mut self, word: &str, value: &str) {
        for (n, line) in wrapped(&shown(value), SIZE, WIDTH - MARGIN - VALUES).iter().enumerate() {
            self.advance(LEADING);
            if n == 0 {
                self.put(MARGIN, self.y, &shown(word), SIZE);
            }
            self.put(VALUES, self.y, line, SIZE);
        }
        self.page.set_line_width(0.5);
        self.page.move_to(MARGIN, self.y - 5.0);
        self.page.line_to(WIDTH - MARGIN, self.y - 5.0);
        self.page.stroke();
        self.y -= 4.0;
    }

    /// What was counted, with a bar of `share` of the longest one where it is told, and the count at the right.
    pub(crate) fn counted(&mut self, label: &str, count: &str, share: Option<f32>) {
        for (n, line) in wrapped(&shown(label), SIZE, CHART - MARGIN - 8.0).iter().enumerate() {
            self.advance(LEADING);
            if n == 0 {
                if let Some(share) = share.filter(|share| *share > 0.0) {
                    self.page.set_fill_rgb(0.12, 0.31, 0.47);
                    self.page.rect(CHART, self.y - 1.0, LONGEST * share, SIZE * 0.8);
                    self.page.fill_nonzero();
                    self.page.set_fill_rgb(0.0, 0.0, 0.0);
                }
                let count = shown(count);
                self.put(WIDTH - MARGIN - width(&count, SIZE), self.y, &count, SIZE);
            }
            self.put(MARGIN, self.y, line, SIZE);
        }
    }

    /// One line, in as many pieces as it has fonts.
    fn put(&mut self, x: f32, y: f32, text: &str, size: f32) {
        let mut x = x;
        for piece in pieces(text) {
            let script = piece.chars().next().map_or(Script::Latin, Script::of);
            let named = NAMED.iter().zip(&mut self.used).find(|(named, _)| named.script == script);
            let (font, bytes) = match named {
                None => (LATIN, piece.chars().filter_map(latin).collect::<Vec<u8>>()),
                Some((named, used)) => {
                    used.extend(piece.chars());
                    (named.resource, piece.encode_utf16().flat_map(u16::to_be_bytes).collect())
                }
            };
            self.page.begin_text();
            self.page.set_font(Name(font), size);
            self.page.next_line(x, y);
            self.page.show(Str(&bytes));
            self.page.end_text();
            x += width(piece, size);
        }
    }

    pub(crate) fn finish(mut self, language: Language, title: &str) -> Vec<u8> {
        self.pages.push(self.page);
        let mut ids = (1..).map(Ref::new);
        let mut next = || ids.next().unwrap_or(Ref::new(1));
        let (catalog, tree, information, latin) = (next(), next(), next(), next());
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree).lang(TextStr(language.as_str()));
        pdf.document_info(information).title(TextStr(title));
        pdf.type1_font(latin).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
        let fonts = [0, 1].map(|_| [next(), next(), next(), next()]);
        for ((named, used), ids) in NAMED.iter().zip(&self.used).zip(fonts) {
            named_font(&mut pdf, named, used, ids);
        }
        let pages: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (next(), next())).collect();
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(count);
        for ((id, content_id), content) in pages.into_iter().zip(self.pages) {
            let mut page = pdf.page(id);
            page.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content_id);
            let mut resources = page.resources();
            let mut listed = resources.fonts();
            listed.pair(Name(LATIN), latin);
            for (named, ids) in NAMED.iter().zip(fonts) {
                listed.pair(Name(named.resource), ids[0]);
            }
            drop(listed);
            drop(resources);
            drop(page);
            pdf.stream(content_id, &content.finish());
        }
        pdf.finish()
    }
}

/// The four objects of a font that is not embedded.
fn named_font(pdf: &mut Pdf, named: &Named, used: &BTreeSet<char>, ids: [Ref; 4]) {
    let [font, descendant, descriptor, to_unicode] = ids;
    let system_info = || SystemInfo {
        registry: Str(b"Adobe"),
        ordering: Str(named.ordering),
        supplement: named.supplement,
    };
    pdf.type0_font(font)
        .base_font(Name(named.font))
        .encoding_predefined(Name(named.cmap))
        .descendant_font(descendant)
        .to_unicode(to_unicode);
    pdf.cid_font(descendant)
        .subtype(CidFontType::Type0)
        .base_font(Name(named.font))
        .system_info(system_info())
        .default_width(f32::from(SQUARE))
        .font_descriptor(descriptor);
    pdf.font_descriptor(descriptor)
        .name(Name(named.font))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(0.0, -200.0, 1000.0, 900.0))
        .italic_angle(0.0)
        .ascent(880.0)
        .descent(-120.0)
        .cap_height(700.0)
        .stem_v(90.0);
    let info = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"UCS"), supplement: 0 };
    let mut cmap = UnicodeCmap::new(Name(b"Adobe-Identity-UCS"), info);
    for c in used {
        // All of both scripts stand in the basic plane.
        cmap.pair(u16::try_from(u32::from(*c)).unwrap_or_default(), *c);
    }
    pdf.cmap(to_unicode, cmap.finish().as_slice());
}

/// The text as the fonts here show it: what they do not have is told by its number.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match Script::of(c) {
            Script::Other => out.push_str(&format!("[U+{:04X}]", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// The code of a Latin character in the Windows encoding, which has these where Latin-1 does.
fn latin(c: char) -> Option<u8> {
    u8::try_from(u32::from(c)).ok()
}

/// Runs of one script. What stands between two of one script, such as a blank, is of the Latin one.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let script = Script::of(c);
        if before.is_some_and(|before| before != script) {
            pieces.extend(text.get(start..at));
            start = at;
        }
        before = Some(script);
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|c| f32::from(advance(c))).sum::<f32>() * size / 1000.0
}

fn advance(c: char) -> u16 {
    match Script::of(c) {
        Script::Hangul | Script::Japanese => SQUARE,
        Script::Latin | Script::Other => {
            let place = usize::try_from(u32::from(c)).unwrap_or_default().checked_sub(usize::from(b' '));
            let known = place.and_then(|place| HELVETICA.get(place)).copied();
            known.unwrap_or(if c == MIDDLE_DOT { MIDDLE_DOT_WIDTH } else { LATIN_WIDTH })
        }
    }
}

/// Lines of at most `room`, broken behind blanks where there are any; at least one.
fn wrapped(text: &str, size: f32, room: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for c in text.chars() {
        line.push(c);
        if width(&line, size) <= room || line.chars().count() == 1 {
            continue;
        }
        // Where no blank stands, the line ends before the character that is too much.
        let end = line.rfind(' ').map_or(line.len() - c.len_utf8(), |blank| blank + 1);
        let rest = line.split_off(end);
        lines.push(std::mem::replace(&mut line, rest));
    }
    lines.push(line);
    lines
}
