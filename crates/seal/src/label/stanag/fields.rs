//! The children of one element, taken one by one, so that what nobody took is known.
//!
//! *Absent:* an order. The standard's is written and any is read, with a remark.

use super::{MAX_TEXT_BYTES, StanagError};
use crate::xml::{Element, cut};

/// Children and attributes of one element that are still to be taken.
pub(crate) struct Fields<'a> {
    namespace: &'static str,
    element: &'a Element,
    children: Vec<Option<&'a Element>>,
    attributes: Vec<&'a str>,
    /// Where the last one taken stood.
    last: usize,
    is_out_of_order: bool,
    /// Whether children without a namespace are taken, with a remark.
    is_lenient: bool,
    is_unqualified: bool,
    notes: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(element: &'a Element, namespace: &'static str) -> Self {
        let children = element.children.iter().map(Some).collect();
        Self {
            namespace,
            element,
            children,
            attributes: Vec::new(),
            last: 0,
            is_out_of_order: false,
            is_lenient: false,
            is_unqualified: false,
            notes: Vec::new(),
        }
    }

    /// The same where children without a namespace are meant to have this one.
    pub(crate) fn lenient(element: &'a Element, namespace: &'static str) -> Self {
        Self { is_lenient: true, ..Self::of(element, namespace) }
    }

    /// The one child of this name.
    pub(crate) fn one(&mut self, name: &'static str) -> Result<&'a Element, StanagError> {
        self.maybe(name)?.ok_or(StanagError::Missing(name))
    }

    /// The child of this name, if there is one.
    pub(crate) fn maybe(&mut self, name: &'static str) -> Result<Option<&'a Element>, StanagError> {
        let mut found = self.all(name);
        match (found.pop(), found.pop()) {
            (_, Some(_)) => Err(StanagError::Twice(name.to_owned())),
            (only, None) => Ok(only),
        }
    }

    /// All children of this name.
    pub(crate) fn all(&mut self, name: &'static str) -> Vec<&'a Element> {
        let mut found = Vec::new();
        for (place, child) in self.children.iter_mut().enumerate() {
            let bare = self.is_lenient && child.is_some_and(|c| c.name.namespace.is_none());
            let is_meant = |child: &mut &Element| {
                child.name.is(self.namespace, name) || (bare && child.name.local == name)
            };
            if let Some(taken) = child.take_if(is_meant) {
                self.is_unqualified |= bare;
                self.is_out_of_order |= place < self.last;
                self.last = place;
                found.push(taken);
            }
        }
        found
    }

    /// The value of an attribute that is known here.
    pub(crate) fn attribute(&mut self, name: &'static str) -> Option<&'a str> {
        self.attributes.push(name);
        self.element.attribute(name)
    }

    /// The value of an attribute that is a name: lines and tabs in it are folded, with a remark.
    pub(crate) fn folded(&mut self, name: &'static str) -> Option<String> {
        let found = self.attribute(name)?;
        if !found.contains(['\n', '\t', '\r']) {
            return Some(found.to_owned());
        }
        self.notes.push(format!("line {}: white space in {name} is folded", self.element.line));
        Some(found.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Children that nobody took are refused; attributes that nobody asked for are remarked on, since the schemas let any
    /// stand there.
    pub(crate) fn done(self, remarks: &mut Vec<String>) -> Result<(), StanagError> {
        if let Some(left) = self.children.into_iter().flatten().next() {
            return Err(StanagError::unknown("element", &left.name.local));
        }
        remarks.extend(self.notes);
        if self.is_unqualified {
            let inside = &self.element.name.local;
            remarks.push(format!("line {}: {inside} has an element without a namespace", self.element.line));
        }
        if self.is_out_of_order {
            remarks.push(format!(
                "line {}: the elements of {} are out of order",
                self.element.line, self.element.name.local
            ));
        }
        for (name, _) in &self.element.attributes {
            let is_known = name.namespace.is_none() && self.attributes.contains(&name.local.as_str());
            // `xml:lang`, `xml:id`, `xsi:schemaLocation` and their like say nothing about confidentiality.
            if !is_known && name.namespace.is_none() {
                remarks.push(format!(
                    "line {}: the attribute {:?} of {} is not known and says nothing",
                    self.element.line,
                    cut(&name.local),
                    self.element.name.local
                ));
            }
        }
        Ok(())
    }
}

/// A name: white space folded, and something left of it.
pub(crate) fn name(what: &'static str, text: &str) -> Result<String, StanagError> {
    let folded = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if folded.is_empty() {
        return Err(StanagError::value(what, "a name", text));
    }
    plain(what, folded)
}

/// A text as it stands, unless lines or tabs show that it was laid out; then white space is folded, with a remark.
pub(crate) fn text(
    what: &'static str,
    element: &Element,
    remarks: &mut Vec<String>,
) -> Result<String, StanagError> {
    if element.text.contains(['\n', '\t', '\r']) {
        remarks.push(format!("line {}: white space around {what} is folded", element.line));
        return name(what, &element.text);
    }
    if element.text.is_empty() {
        return Err(StanagError::value(what, "a text", ""));
    }
    plain(what, element.text.clone())
}

/// A text that looks like what it is: no control characters, and none that turn the direction of what follows.
pub(crate) fn plain(what: &'static str, text: String) -> Result<String, StanagError> {
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.len() > MAX_TEXT_BYTES || text.chars().any(deceives) {
        return Err(StanagError::value(what, "1 to 1024 bytes without control characters", &text));
    }
    Ok(text)
}
