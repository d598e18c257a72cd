//! STANAG 4778 sidecars: labels beside a document, and what the samples of others become.

use crate::shared::{is_valid, sample, validated};
use crate::stanag::{marking, terms};
use attache_accord::Timestamp;
use attache_seal::label::sidecar::{Document, DocumentDigest, Sidecar};
use attache_seal::label::stanag::StanagError;

const REVIEW: Timestamp = Timestamp(1_953_158_400_000);

fn bound() -> Sidecar {
    let terms = terms();
    let national = terms.national();
    let mut digest = DocumentDigest::default();
    digest.update(b"a document");
    let document = Document::beside("보고서 7%.pdf", Some("application/pdf".to_owned()), digest.finish());
    let beside =
        national.alternative_label(&marking(), &"JPN:TOKUTEI".parse().unwrap(), REVIEW, REVIEW).unwrap();
    let originator = national.originator_label(&marking(), REVIEW).unwrap();
    Sidecar::new(originator, document).unwrap().with_alternative(beside).unwrap()
}

#[test]
fn a_sidecar_comes_back_and_the_schema_takes_it() {
    let text = bound().write().unwrap();
    let back = Sidecar::read(text.as_bytes()).unwrap();
    assert_eq!(back.sidecar, bound());
    assert!(back.remarks.is_empty());
    assert!(text.contains("URI=\"./%EB%B3%B4%EA%B3%A0%EC%84%9C%207%25.pdf\""));
    validated(&text, "adatp-4778-binding-1.4.xsd");
}

#[test]
fn the_originators_label_is_never_overwritten() {
    let terms = terms();
    let national = terms.national();
    let mut other = marking();
    other.level = "KOR:III".parse().unwrap();
    let lower = national.originator_label(&other, REVIEW).unwrap();
    assert!(matches!(bound().with_alternative(lower.clone()), Err(StanagError::Apart(_))));
    let beside = bound().alternatives()[0].clone();
    assert!(matches!(bound().with_alternative(beside.clone()), Err(StanagError::Twice(_))));
    assert!(matches!(Sidecar::new(beside, bound().document().clone()), Err(StanagError::Apart(_))));
    let mut disguised = lower;
    disguised.role = attache_seal::label::stanag::Role::Alternative;
    assert!(matches!(bound().with_alternative(disguised), Err(StanagError::Twice(_))), "same policy");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let text = bound().write().unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Sidecar::read(text.replacen(from, to, 1).as_bytes()).unwrap_err().code()
    };
    assert_eq!(refused("ds:Reference URI=\"./", "ds:Reference URI=\"./another"), "apart");
    assert_eq!(refused("xmldsig-more#sha384", "xmldsig-more#sha224"), "unknown");
    assert_eq!(refused("<ds:DigestValue>", "<ds:DigestValue>AAAA"), "value");
    assert_eq!(refused("<mb:Metadata>\n", "<mb:Metadata/><mb:Metadata>\n"), "value");
    assert_eq!(refused("slab:alternativeConf", "slab:anotherConf"), "form", "end tag of another name");
    assert_eq!(refused("<mb:DataReference", "<mb:Data/><mb:DataReference"), "unknown");
    assert_eq!(refused("<mb:DataReference", "<mb:DataReference URI=\"\"/><mb:DataReference"), "twice");
    assert_eq!(refused("</mb:MetadataBinding>", "</mb:MetadataBinding><mb:MetadataBinding/>"), "twice");
    assert_eq!(
        refused(
            "mb:BindingInformation xmlns:mb=\"urn:nato:stanag:4778",
            "mb:BindingInformation xmlns:mb=\"urn:x"
        ),
        "root"
    );
}

#[test]
fn the_samples_are_read_as_their_notes_say() {
    for (name, beside) in [("own/binding-two-labels.bdo.xml", 1), ("stanag4778-binding/sidecar-test1.bdo", 0)]
    {
        let Some(bytes) = sample(name) else { return };
        let found = Sidecar::read(&bytes).unwrap();
        assert_eq!(found.sidecar.alternatives().len(), beside, "{name}");
        assert_eq!(found.sidecar.document().sha384, None);
        assert_ne!(is_valid(&bytes, "adatp-4778-binding-1.4.xsd"), Some(false));
    }
}

#[test]
fn a_signature_is_remarked_on_and_not_verified() {
    let text = bound().write().unwrap();
    let signature =
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/><mb:MetadataBindingContainer>";
    let signed = text.replacen("<mb:MetadataBindingContainer>", signature, 1);
    let found = Sidecar::read(signed.as_bytes()).unwrap();
    assert_eq!(found.remarks, ["the signature is not verified"]);
}
