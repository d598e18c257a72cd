//! XML of strangers: labels, sidecars and security policies.

use super::needed;
use crate::Target;
use attache_seal::label::sidecar::Sidecar;
use attache_seal::label::stanag::{ConfidentialityLabel, StanagError, read, write};
use attache_seal::spif::{Clearance, Place, Spif};
use attache_seal::xml::XmlError;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub const STANAG: Target = Target {
    name: "stanag",
    reads: "seal::xml, seal::label::stanag",
    run: stanag,
    rounds: 20_000,
    words: XML,
};

pub const SIDECAR: Target = Target {
    name: "sidecar",
    reads: "seal::xml, seal::label::sidecar",
    run: sidecar,
    rounds: 15_000,
    words: XML,
};

pub const SPIF: Target =
    Target { name: "spif", reads: "seal::xml, seal::spif", run: spif, rounds: 10_000, words: XML };

/// The words of XML, and what bombs are made of.
const XML: &[&str] = &[
    "<",
    "/>",
    "</",
    ">",
    "\"",
    "&amp;",
    "&#65;",
    "&a;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "<!DOCTYPE a [<!ENTITY a \"b\">]>",
    "xmlns=\"\"",
    "xmlns:slab=\"urn:x\"",
    "xml:lang=\"ko\"",
];

fn stanag(bytes: &[u8]) {
    let Ok(found) = read(bytes) else { return };
    match write(&found.label) {
        // Read back, it is the same and was not lenient: writing looks at that itself.
        Ok(text) => assert_eq!(read(text.as_bytes()).map(|again| again.label), Ok(found.label)),
        Err(error) => wants_more(&error, &found.label),
    }
}

/// What was read can be written, unless the standard wants more than it has or it grew beyond the bounds by being laid out.
fn wants_more(error: &StanagError, label: &ConfidentialityLabel) {
    let is_unreviewed = label.review_at.is_none() && label.body.successor.is_none();
    let is_expected = match error {
        StanagError::Missing(what) => *what == "ReviewDateTime" && is_unreviewed,
        StanagError::Xml(XmlError::Limit { .. }) => true,
        _ => false,
    };
    assert!(is_expected, "{error}");
}

fn sidecar(bytes: &[u8]) {
    let Ok(found) = Sidecar::read(bytes) else { return };
    let sidecar = found.sidecar;
    match sidecar.write() {
        Ok(text) => assert_eq!(Sidecar::read(text.as_bytes()).map(|again| again.sidecar), Ok(sidecar)),
        Err(StanagError::Missing(what)) => {
            assert_eq!(what, "ReviewDateTime");
            let mut labels = std::iter::once(sidecar.originator()).chain(sidecar.alternatives());
            assert!(labels.any(|label| label.review_at.is_none() && label.body.successor.is_none()));
        }
        Err(error) => wants_more(&error, sidecar.originator()),
    }
}

/// A label of the policy in the corpus.
static LABEL: LazyLock<ConfidentialityLabel> =
    LazyLock::new(|| needed(read(include_bytes!("../../corpus/stanag/control.xml"))).label);

fn spif(bytes: &[u8]) {
    let Ok(found) = Spif::read(bytes) else { return };
    let spif = found.spif;
    match spif.write() {
        Ok(text) => assert_eq!(Spif::read(text.as_bytes()).map(|again| again.spif), Ok(spif.clone())),
        Err(error) => assert!(matches!(error, StanagError::Xml(XmlError::Limit { .. })), "{error}"),
    }
    let label = &LABEL.body.information;
    let findings = spif.check(label);
    let clearance = Clearance { classification: label.classification.clone(), held: BTreeMap::new() };
    match spif.may_read(label, &clearance) {
        Ok(may) => {
            assert!(findings.is_empty());
            assert!(!may, "nobody without a nation reads what is for nations");
        }
        Err(found) => assert_eq!(found, findings),
    }
    for place in [Place::Page, Place::Portion] {
        let _ = spif.marking(label, place, "ko");
    }
}
