//! XML under bounds: each bound holds exactly, and what is written is read back.

use attache_seal::xml::{Limits, Writer, XmlError, read};
use proptest::prelude::*;

const LIMITS: Limits =
    Limits { bytes: 400, depth: 3, elements: 5, attributes: 2, name_bytes: 8, text_bytes: 10 };

fn is_read(text: &str) -> bool {
    match read(text.as_bytes(), &LIMITS) {
        Ok(_) => true,
        Err(XmlError::Limit { .. }) => false,
        Err(other) => panic!("{text}: {other}"),
    }
}

#[test]
fn each_bound_lets_in_what_reaches_it_and_nothing_beyond() {
    let blanks = |count: usize| format!("<a/>{}", " ".repeat(count));
    for (within, beyond) in [
        (blanks(396), blanks(397)),
        ("<a><b><c/></b></a>".to_owned(), "<a><b><c><d/></c></b></a>".to_owned()),
        ("<a><b/><b/><b/><b/></a>".to_owned(), "<a><b/><b/><b/><b/><b/></a>".to_owned()),
        ("<a b=\"1\" c=\"2\"/>".to_owned(), "<a b=\"1\" c=\"2\" d=\"3\"/>".to_owned()),
        ("<a xmlns=\"u\" c=\"2\"/>".to_owned(), "<a xmlns=\"u\" c=\"2\" d=\"3\"/>".to_owned()),
        ("<abcdefgh/>".to_owned(), "<abcdefghi/>".to_owned()),
        ("<a abcdefgh=\"\"/>".to_owned(), "<a abcdefghi=\"\"/>".to_owned()),
        ("<a xmlns=\"abcdefgh\"/>".to_owned(), "<a xmlns=\"abcdefghi\"/>".to_owned()),
        ("<a>0123456789</a>".to_owned(), "<a>0123456789a</a>".to_owned()),
        (
            "<a>&amp;&amp;&#44032;&#44032;&amp;&amp;</a>".to_owned(),
            "<a>&#44032;&#44032;&#44032;&#44032;</a>".to_owned(),
        ),
        ("<a><![CDATA[0123456789]]></a>".to_owned(), "<a><![CDATA[0123456789a]]></a>".to_owned()),
        ("<a b=\"0123456789\"/>".to_owned(), "<a b=\"0123456789a\"/>".to_owned()),
    ] {
        assert!(is_read(&within), "{within}");
        assert!(!is_read(&beyond), "{beyond}");
    }
}

#[test]
fn an_error_says_the_line_where_it_stands() {
    let line = |text: &str| match read(text.as_bytes(), &LIMITS).unwrap_err() {
        XmlError::Form { line, .. } | XmlError::Doctype { line } | XmlError::Entity { line, .. } => line,
        other => panic!("{other}"),
    };
    assert_eq!(line("<a>\n\n<b>&x;</b></a>"), 3);
    assert_eq!(line("\n<!DOCTYPE a><a/>"), 2);
    assert_eq!(line("<a>\n<b/>\ntext</a>"), 2, "the text begins behind <b/>");
}

#[test]
fn white_space_between_elements_is_nothing_and_inside_a_text_is_kept() {
    let root = read(b"<a>\n <b> x  y </b>\n <!-- c -->\n</a>", &LIMITS).unwrap();
    assert_eq!((root.text.as_str(), root.children.len()), ("", 1));
    assert_eq!(root.children[0].text, " x  y ");
}

proptest! {
    #[test]
    fn every_text_that_xml_can_carry_comes_back(text in any::<String>(), value in any::<String>()) {
        let limits = Limits { bytes: 1 << 16, text_bytes: 1 << 14, ..LIMITS };
        let mut writer = Writer::new();
        writer.open("a", &[("b", &value)]);
        writer.text("c", &[], &text);
        match writer.finish() {
            Ok(written) => {
                let root = read(written.as_bytes(), &limits).unwrap();
                prop_assert_eq!(root.attribute("b"), Some(value.as_str()));
                prop_assert_eq!(&root.children[0].text, &text);
            }
            Err(error) => {
                prop_assert_eq!(error.code(), "unwritable");
                let can = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
                prop_assert!(!text.chars().chain(value.chars()).all(can));
            }
        }
    }
}
