//! The one pass over a document.
//!
//! *Absent:* recursion; what is open stands on a list as long as the bound on depth.

use super::{Element, Limits, MAX_NAMESPACES, Name, XmlError, cut};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceError, ResolveResult};
use quick_xml::{NsReader, XmlVersion};
use std::sync::Arc;

/// The namespace of `xml:lang` and its like.
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of declarations of namespaces.
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Reads a document within `limits`.
///
/// # Errors
/// [`XmlError`] says which bound or rule, and in which line.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    if bytes.len() > limits.bytes {
        return Err(XmlError::Limit { what: "bytes", limit: limits.bytes, line: 1 });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| XmlError::Encoding {
        line: 1 + lines(bytes.get(..error.valid_up_to()).unwrap_or_default()),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    reader.config_mut().allow_dangling_amp = false;
    reader.resolver_mut().set_max_namespace_bindings(MAX_NAMESPACES);
    let mut building = Building { limits, open: Vec::new(), root: None, elements: 0, spaces: Vec::new() };
    let mut at = At { offset: 0, line: 1 };
    loop {
        at = at.moved_to(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX), text);
        let event = reader.read_event().map_err(|error| match error {
            quick_xml::Error::Namespace(NamespaceError::TooManyBindings(limit)) => {
                at.limit("namespaces", limit)
            }
            _ => at.form("not well-formed"),
        })?;
        match event {
            Event::Eof => return building.done(at),
            Event::Decl(declaration) => check_declaration(&declaration, at)?,
            Event::DocType(_) => return Err(XmlError::Doctype { line: at.line }),
            Event::Start(start) => building.begin(&start, &reader, at)?,
            Event::Empty(start) => {
                building.begin(&start, &reader, at)?;
                building.end();
            }
            Event::End(_) => building.end(),
            Event::Text(text) if text.contains("]]>") => return Err(at.form("]]> stands in a text")),
            Event::Text(text) => building.add(&text.xml10_content(), false, at)?,
            Event::CData(data) => building.add_apart(&data.xml10_content(), at)?,
            Event::GeneralRef(reference) => building.add(&resolve(&reference, at)?, true, at)?,
            Event::Comment(_) | Event::PI(_) => building.interrupt(),
        }
    }
}

/// A place in the document.
#[derive(Clone, Copy)]
struct At {
    offset: usize,
    line: usize,
}

impl At {
    /// Counts on from here, so that every line is counted once.
    fn moved_to(self, offset: usize, text: &str) -> Self {
        let between = text.as_bytes().get(self.offset..offset).unwrap_or_default();
        Self { offset, line: self.line + lines(between) }
    }

    fn form(self, rule: &'static str) -> XmlError {
        XmlError::Form { rule, line: self.line }
    }

    fn limit(self, what: &'static str, limit: usize) -> XmlError {
        XmlError::Limit { what, limit, line: self.line }
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// A declaration stands at the very front and says XML 1.0 in UTF-8 or does not say.
fn check_declaration(declaration: &BytesDecl, at: At) -> Result<(), XmlError> {
    let is_utf8 = match declaration.encoding() {
        None => true,
        Some(encoding) => encoding.is_ok_and(|encoding| encoding.eq_ignore_ascii_case("utf-8")),
    };
    if at.offset > 0 {
        return Err(at.form("a declaration that is not at the front"));
    }
    if is_utf8 && declaration.version().is_ok_and(|version| version == "1.0") {
        Ok(())
    } else {
        Err(XmlError::Encoding { line: at.line })
    }
}

/// One of the five predefined entities, or a character by its number.
fn resolve(reference: &BytesRef, at: At) -> Result<String, XmlError> {
    let name = reference.borrow().into_inner();
    if name.starts_with('#') {
        let found = reference.resolve_char_ref().ok().flatten().filter(|c| is_xml_char(*c));
        return found.map(String::from).ok_or_else(|| at.form("a number that is no character of XML"));
    }
    let found = quick_xml::escape::resolve_predefined_entity(&name);
    found.map(str::to_owned).ok_or_else(|| XmlError::Entity { name: cut(&name), line: at.line })
}

/// A character that XML 1.0 allows.
pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// An element that is open.
struct Open {
    element: Element,
    /// Whether its text is more than white space.
    has_text: bool,
    /// Whether something stood behind its text, so that no more may follow.
    is_interrupted: bool,
}

struct Building<'a> {
    limits: &'a Limits,
    open: Vec<Open>,
    root: Option<Element>,
    elements: usize,
    /// Namespaces seen, so that each stands in memory once.
    spaces: Vec<Arc<str>>,
}

impl Building<'_> {
    fn begin(&mut self, start: &BytesStart, reader: &NsReader<&[u8]>, at: At) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(at.limit("elements", self.limits.elements));
        }
        if self.open.len() >= self.limits.depth {
            return Err(at.limit("elements deep", self.limits.depth));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(at.form("a second root"));
        }
        if let Some(parent) = self.open.last_mut() {
            if parent.has_text {
                return Err(at.form("text and elements mixed"));
            }
            parent.element.text.clear();
        }
        let (space, local) = reader.resolver().resolve_element(start.name());
        let name = self.name(space, start.name().0, local.into_inner(), at)?;
        let attributes = self.attributes(start, reader, at)?;
        let element = Element { name, attributes, text: String::new(), children: Vec::new(), line: at.line };
        self.open.push(Open { element, has_text: false, is_interrupted: false });
        Ok(())
    }

    fn attributes(
        &mut self,
        start: &BytesStart,
        reader: &NsReader<&[u8]>,
        at: At,
    ) -> Result<Vec<(Name, String)>, XmlError> {
        let mut found: Vec<(Name, String)> = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count >= self.limits.attributes {
                return Err(at.limit("attributes", self.limits.attributes));
            }
            let attribute =
                attribute.map_err(|_| at.form("an attribute that is not well-formed, or twice"))?;
            if attribute.value.contains('<') {
                return Err(at.form("< stands in an attribute"));
            }
            let value = match attribute.normalized_value(XmlVersion::Explicit1_0) {
                Ok(value) => value.into_owned(),
                Err(quick_xml::Error::Escape(_)) => {
                    return Err(XmlError::Entity { name: cut(&attribute.value), line: at.line });
                }
                Err(_) => return Err(at.form("an attribute that is not well-formed")),
            };
            self.check_text(&value, at)?;
            if attribute.key.as_namespace_binding().is_some() {
                check_binding(attribute.key.0, &value, self.limits, at)?;
                continue;
            }
            let (space, local) = reader.resolver().resolve_attribute(attribute.key);
            let name = self.name(space, attribute.key.0, local.into_inner(), at)?;
            if found.iter().any(|(other, _)| *other == name) {
                return Err(at.form("an attribute that is not well-formed, or twice"));
            }
            found.push((name, value));
        }
        Ok(found)
    }

    fn name(&mut self, space: ResolveResult, whole: &str, local: &str, at: At) -> Result<Name, XmlError> {
        if whole.len() > self.limits.name_bytes {
            return Err(at.limit("bytes of a name", self.limits.name_bytes));
        }
        if !is_name(local) || whole.matches(':').count() > 1 || whole.starts_with(':') {
            return Err(at.form("a name that is none"));
        }
        let namespace = match space {
            ResolveResult::Unbound => None,
            ResolveResult::Bound(Namespace("")) => None,
            ResolveResult::Bound(Namespace(space)) if space.len() > self.limits.name_bytes => {
                return Err(at.limit("bytes of a namespace", self.limits.name_bytes));
            }
            ResolveResult::Bound(Namespace(space)) => Some(self.shared(space)),
            ResolveResult::Unknown(_) => return Err(at.form("a prefix that is not declared")),
        };
        Ok(Name { namespace, local: local.to_owned() })
    }

    /// Bounded by the number of namespaces that were in force together; beyond it a copy is as good.
    fn shared(&mut self, space: &str) -> Arc<str> {
        if let Some(known) = self.spaces.iter().find(|known| ***known == *space) {
            return known.clone();
        }
        let fresh: Arc<str> = Arc::from(space);
        if self.spaces.len() < MAX_NAMESPACES {
            self.spaces.push(fresh.clone());
        }
        fresh
    }

    fn check_text(&self, text: &str, at: At) -> Result<(), XmlError> {
        if text.len() > self.limits.text_bytes {
            return Err(at.limit("bytes of one text", self.limits.text_bytes));
        }
        if text.chars().all(is_xml_char) { Ok(()) } else { Err(at.form("a character that is none of XML")) }
    }

    /// A piece of text; one that was written as a reference counts even where it is white space.
    fn add(&mut self, piece: &str, is_reference: bool, at: At) -> Result<(), XmlError> {
        let counts = is_reference || !is_blank(piece);
        let Some(open) = self.open.last_mut() else {
            return if counts { Err(at.form("text outside the root")) } else { Ok(()) };
        };
        if !open.element.children.is_empty() {
            return if counts { Err(at.form("text and elements mixed")) } else { Ok(()) };
        }
        if open.is_interrupted && counts {
            return Err(at.form("a text in pieces"));
        }
        if open.element.text.len() + piece.len() > self.limits.text_bytes {
            return Err(at.limit("bytes of one text", self.limits.text_bytes));
        }
        if !piece.chars().all(is_xml_char) {
            return Err(at.form("a character that is none of XML"));
        }
        open.has_text |= counts;
        open.element.text.push_str(piece);
        Ok(())
    }

    /// CDATA: good where it is all the text there is.
    fn add_apart(&mut self, piece: &str, at: At) -> Result<(), XmlError> {
        if self.open.last().is_some_and(|open| open.has_text) {
            return Err(at.form("a text in pieces"));
        }
        self.add(piece, true, at)?;
        self.interrupt();
        Ok(())
    }

    /// What stands in between: where there is text already, more may not follow.
    fn interrupt(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.is_interrupted |= open.has_text;
        }
    }

    fn end(&mut self) {
        let Some(Open { element, .. }) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn done(self, at: At) -> Result<Element, XmlError> {
        if !self.open.is_empty() {
            return Err(at.form("an element that does not end"));
        }
        self.root.ok_or_else(|| at.form("no element"))
    }
}

/// Names are checked here: the library takes any run of bytes for one.
fn is_name(local: &str) -> bool {
    let mut chars = local.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}'))
}

/// A declaration of a namespace: of a prefix it may not be empty, and nobody takes the two reserved ones.
fn check_binding(key: &str, space: &str, limits: &Limits, at: At) -> Result<(), XmlError> {
    if space.len() > limits.name_bytes || key.len() > limits.name_bytes {
        return Err(at.limit("bytes of a namespace", limits.name_bytes));
    }
    let prefix = key.strip_prefix("xmlns:");
    let is_reserved = (prefix == Some("xml")) != (space == XML_NAMESPACE) || space == XMLNS_NAMESPACE;
    if is_reserved || prefix.is_some_and(|prefix| space.is_empty() || !is_name(prefix)) {
        return Err(at.form("a namespace that may not be declared so"));
    }
    Ok(())
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}
