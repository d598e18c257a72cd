//! Characters that move others about or do not show: told by their number on screen, and refused in a pack, since what the
//! Parties sign must be what they saw.
//!
//! *Absent:* letters that look like others. Names are written in several scripts here.

use crate::faults::{Faults, line_of};
use toml::de::{DeTable, DeValue};

/// Whether a character moves others about, or does not show.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text in which nothing hides: characters that move others about, or do not show, are told by their number.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hides(c) {
            shown.push_str(&told(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

fn told(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

/// Notes what hides in a file of a pack, as it stands there and as TOML spells it.
pub(crate) fn check(file: &str, text: &str, faults: &mut Faults) {
    let lines = text.replace("\r\n", "\n");
    for (at, line) in lines.split('\n').enumerate() {
        if let Some(c) = line.chars().find(|c| hides(*c) && *c != '\t') {
            note(file, at + 1, c, faults);
        }
    }
    if file.ends_with(".toml")
        // What is no TOML is told by whoever reads it.
        && let Ok(table) = DeTable::parse(text)
    {
        in_table(table.get_ref(), &mut |said, at| {
            if let Some(c) = said.chars().find(|c| hides(*c) && *c != '\n' && *c != '\t') {
                note(file, line_of(text, at), c, faults);
            }
        });
    }
}

fn note(file: &str, line: usize, c: char, faults: &mut Faults) {
    faults.at(file, line, format!("a character that does not show, {}", told(c)));
}

fn in_table(table: &DeTable<'_>, each: &mut impl FnMut(&str, usize)) {
    for (key, value) in table {
        each(key.get_ref(), key.span().start);
        in_value(value.get_ref(), value.span().start, each);
    }
}

fn in_value(value: &DeValue<'_>, at: usize, each: &mut impl FnMut(&str, usize)) {
    match value {
        DeValue::String(said) => each(said, at),
        DeValue::Array(values) => {
            values.iter().for_each(|value| in_value(value.get_ref(), value.span().start, each));
        }
        DeValue::Table(table) => in_table(table, each),
        _ => {}
    }
}
