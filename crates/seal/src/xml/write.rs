//! Writes what this software means and nothing else: elements in the order given, every text escaped.
//!
//! *Absent:* namespaces that nobody declared, comments, CDATA.

use super::reading::is_xml_char;
use super::{XmlError, cut};
use std::fmt::Write as _;

/// Writes a document from its front to its end.
#[derive(Debug)]
pub struct Writer {
    text: String,
    open: Vec<&'static str>,
    error: Option<XmlError>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// A document with its declaration.
    pub fn new() -> Self {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        Self { text, open: Vec::new(), error: None }
    }

    /// Opens an element whose children follow.
    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Closes the element opened last.
    pub fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            let _ = writeln!(self.text, "</{name}>");
        }
    }

    /// An element with a text.
    pub fn text(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes);
        self.text.push('>');
        self.escape(text);
        let _ = writeln!(self.text, "</{name}>");
    }

    /// An element without content.
    pub fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push_str("/>\n");
    }

    /// The document, whose elements are all closed.
    ///
    /// # Errors
    /// [`XmlError::Unwritable`] for the first text that XML cannot carry.
    pub fn finish(mut self) -> Result<String, XmlError> {
        while !self.open.is_empty() {
            self.close();
        }
        match self.error {
            None => Ok(self.text),
            Some(error) => Err(error),
        }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len()));
    }

    fn start(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"");
            self.escape(value);
            self.text.push('"');
        }
    }

    /// White space but the blank is written by number, so that no reader folds it.
    fn escape(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' | '\r' => {
                    let _ = write!(self.text, "&#{};", u32::from(c));
                }
                c if is_xml_char(c) => self.text.push(c),
                _ => {
                    self.error.get_or_insert_with(|| XmlError::Unwritable { text: cut(text) });
                }
            }
        }
    }
}
