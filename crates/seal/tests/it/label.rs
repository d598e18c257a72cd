//! Labels: the marking comes back whole, and only a trusted key's signature counts.

use crate::samples::item::{key, seal};
use attache_accord::{Marking, Timestamp};
use attache_seal::Label;
use attache_seal::label::{Es256Secret, LabelError, label_digest, sign, verify};
use attache_seal::tdf::{Assertion, AssertionBinding, Container, Integrity};
use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Cursor;

fn label() -> Label {
    let marking = Marking {
        level: "KOR:II".parse().unwrap(),
        releasable_to: ["JPN".parse().unwrap()].into(),
        kind: "imagery".parse().unwrap(),
        caveats: vec!["외부 반출 금지".to_owned(), "EYES ONLY".to_owned()],
        marked_at: Timestamp(1_795_478_400_123),
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    };
    let policy = "urn:oid:1.3.6.1.4.1.99999.1".to_owned();
    Label { marking, policy, classification: "SECRET".to_owned() }
}

fn integrity(plain: &[u8]) -> Integrity {
    Container::open(Cursor::new(seal(plain, 100).0)).unwrap().manifest().integrity.clone()
}

fn signed(key: &Es256Secret, integrity: &Integrity) -> Assertion {
    sign(label().to_assertion().unwrap(), integrity, key).unwrap()
}

#[test]
fn a_marking_comes_back_from_its_label_whole() {
    assert_eq!(Label::from_value(&label().to_value().unwrap()).unwrap(), label());
}

#[test]
fn a_label_says_for_what_it_is_given_and_is_as_before_where_nothing_is_said() {
    let mut given = label();
    given.marking.purposes = ["planning", "early-warning"].map(|purpose| purpose.parse().unwrap()).into();
    let text = given.to_value().unwrap();
    assert!(text.contains(r#"{"type":"I","name":"Purpose","vals":["early-warning","planning"]}"#), "{text}");
    assert_eq!(Label::from_value(&text).unwrap(), given);
    assert!(!label().to_value().unwrap().contains("Purpose"));
}

#[test]
fn a_label_is_the_stanag_5636_json_that_foreign_clients_read() {
    let value: Value = serde_json::from_str(&label().to_value().unwrap()).unwrap();
    assert_eq!(value["ocl"]["pol"], "urn:oid:1.3.6.1.4.1.99999.1");
    assert_eq!(value["ocl"]["cls"], "SECRET");
    let releasable = json!({"type": "P", "name": "Releasable To", "vals": ["KOR", "JPN"]});
    assert_eq!(value["ocl"]["catl"][0], releasable);
    assert_eq!(value["ocl"]["dcr"], Timestamp(1_795_478_400_123).to_string());
    assert_eq!(value["context"]["@base"], "urn:nato:stanag:5636:A:1:elements:json");
}

#[test]
fn what_stays_with_the_originator_says_so_to_foreign_clients() {
    let mut own = label();
    own.marking.releasable_to.clear();
    let text = own.to_value().unwrap();
    assert!(text.contains(r#""name":"Releasable To","vals":["KOR"]"#));
    assert_eq!(Label::from_value(&text).unwrap(), own);
}

#[test]
fn a_label_written_in_any_other_way_is_refused() {
    let text = label().to_value().unwrap();
    let others = [
        text.replace("KOR\",\"JPN", "JPN\",\"KOR"),
        text.replace("\"vals\":[\"KOR\",\"JPN\"]", "\"vals\":[\"KOR\",\"JPN\",\"JPN\"]"),
        text.replace("\"vals\":[\"KOR\",\"JPN\"]", "\"vals\":[]"),
        text.replace("\"type\":\"P\"", "\"type\":\"R\""),
        text.replace("KOR:II", "KOR:ii"),
        text.replace("KOR:II", "JPN:II"),
        text.replace(".123Z", "Z"),
        text.replace("-11-", "-13-"),
        text.replace("\"cls\"", "\"cls\":\"TOP SECRET\",\"cls\""),
        text.replace("\"ocl\":{", "\"ocl\":{\"more\":1,"),
        text.replace("elements:json", "elements:xml"),
        text.replace("imagery", "imagery\",\"humint"),
        format!("{text} "),
        text.replacen('{', "{ ", 1),
        "{}".to_owned(),
        String::new(),
    ];
    for other in others {
        assert_ne!(other, text);
        assert!(Label::from_value(&other).is_err(), "{other}");
    }
}

#[test]
fn two_labels_have_two_digests() {
    let mut other = label();
    other.marking.caveats.pop();
    let (first, second) = (label().to_value().unwrap(), other.to_value().unwrap());
    assert_ne!(label_digest(&first), label_digest(&second));
}

#[test]
fn a_label_signed_by_a_trusted_key_for_this_item_holds() {
    let secret = Es256Secret::generate().unwrap();
    let integrity = integrity(b"one");
    let assertion = signed(&secret, &integrity);
    let others = *Es256Secret::generate().unwrap().public();
    assert_eq!(verify(&assertion, &integrity, &[others, *secret.public()]), Ok(()));
    assert_eq!(Label::from_assertion(&assertion).unwrap().0, label());
}

#[test]
fn a_label_signed_by_another_key_or_by_none_does_not_hold() {
    let integrity = integrity(b"one");
    let assertion = signed(&Es256Secret::generate().unwrap(), &integrity);
    let trusted = *Es256Secret::generate().unwrap().public();
    assert_eq!(verify(&assertion, &integrity, &[trusted]), Err(LabelError::Signature));
    assert_eq!(verify(&assertion, &integrity, &[]), Err(LabelError::Signature));
    assert_eq!(verify(&label().to_assertion().unwrap(), &integrity, &[trusted]), Err(LabelError::Unsigned));
}

#[test]
fn a_label_moved_to_another_item_does_not_hold() {
    let secret = Es256Secret::generate().unwrap();
    let assertion = signed(&secret, &integrity(b"one"));
    let moved = verify(&assertion, &integrity(b"two"), &[*secret.public()]);
    assert_eq!(moved, Err(LabelError::OtherItem));
}

#[test]
fn a_label_changed_after_signing_does_not_hold() {
    let secret = Es256Secret::generate().unwrap();
    let integrity = integrity(b"one");
    let changes: [fn(&mut Assertion); 4] = [
        |a| a.statement.value = json!(a.statement.value.as_str().unwrap().replace("SECRET", "RESTRICTED")),
        |a| a.id = "label-2".to_owned(),
        |a| a.applies_to_state = Some("unencrypted".to_owned()),
        |a| drop(a.others.insert("more".to_owned(), json!(1))),
    ];
    for change in changes {
        let mut assertion = signed(&secret, &integrity);
        change(&mut assertion);
        assert_eq!(verify(&assertion, &integrity, &[*secret.public()]), Err(LabelError::OtherAssertion));
    }
}

/// The same claims under another header, signed by `signer`.
fn with_header(assertion: &Assertion, header: &Value, signer: impl Fn(&[u8]) -> Vec<u8>) -> Assertion {
    let jws = &assertion.binding.as_ref().unwrap().signature;
    let payload = jws.split('.').nth(1).unwrap();
    let input = format!("{}.{payload}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()));
    let signature = format!("{input}.{}", BASE64URL_NOPAD.encode(&signer(input.as_bytes())));
    Assertion { binding: Some(AssertionBinding { method: "jws".to_owned(), signature }), ..assertion.clone() }
}

fn es256(secret: &Es256Secret) -> impl Fn(&[u8]) -> Vec<u8> {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    let der = secret.to_pkcs8_der().unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
    move |input| pair.sign(&aws_lc_rs::rand::SystemRandom::new(), input).unwrap().as_ref().to_vec()
}

#[test]
fn a_key_that_the_signature_brings_along_is_not_trusted() {
    let (ours, theirs) = (Es256Secret::generate().unwrap(), Es256Secret::generate().unwrap());
    let integrity = integrity(b"one");
    let assertion = signed(&ours, &integrity);
    let (x, y) = theirs.public()[1..].split_at(32);
    let jwk =
        json!({"kty": "EC", "crv": "P-256", "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y)});
    for header in [json!({"alg": "ES256", "jwk": jwk}), json!({"alg": "ES256", "x5c": ["AAAA"]})] {
        let forged = with_header(&assertion, &header, es256(&theirs));
        assert_eq!(verify(&forged, &integrity, &[*ours.public()]), Err(LabelError::Header));
        let even_by_us = with_header(&assertion, &header, es256(&ours));
        assert_eq!(verify(&even_by_us, &integrity, &[*ours.public()]), Err(LabelError::Header));
    }
}

#[test]
fn no_other_algorithm_is_taken_for_es256() {
    let ours = Es256Secret::generate().unwrap();
    let integrity = integrity(b"one");
    let assertion = signed(&ours, &integrity);
    // HS256 with the content key, and with the public key as secret: the two classical confusions.
    for secret in [key().dangerously_expose().to_vec(), ours.public().to_vec()] {
        let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let forged = with_header(&assertion, &json!({"alg": "HS256"}), |input| {
            aws_lc_rs::hmac::sign(&hmac, input).as_ref().to_vec()
        });
        assert_eq!(verify(&forged, &integrity, &[*ours.public()]), Err(LabelError::Header));
    }
    for header in
        [json!({"alg": "none"}), json!({"alg": "es256"}), json!({}), json!({"alg": "ES256", "crit": []})]
    {
        let forged = with_header(&assertion, &header, |_| Vec::new());
        assert_eq!(verify(&forged, &integrity, &[*ours.public()]), Err(LabelError::Header), "{header}");
    }
    let empty = with_header(&assertion, &json!({"alg": "ES256"}), |_| Vec::new());
    assert_eq!(verify(&empty, &integrity, &[*ours.public()]), Err(LabelError::Signature));
}

#[test]
fn a_label_key_comes_back_from_its_file() {
    let secret = Es256Secret::generate().unwrap();
    let again = Es256Secret::from_pkcs8_der(&secret.to_pkcs8_der().unwrap()).unwrap();
    assert_eq!(again.public(), secret.public());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn every_time_up_to_the_year_9999_comes_back(millis in 0u64..253_402_300_800_000) {
        let mut timed = label();
        timed.marking.marked_at = Timestamp(millis);
        prop_assert_eq!(Label::from_value(&timed.to_value().unwrap()).unwrap(), timed);
    }

    #[test]
    fn caveats_in_any_words_come_back(caveats in proptest::collection::vec("[^\\p{Cc}]{1,60}", 0..8)) {
        let mut worded = label();
        worded.marking.caveats = caveats;
        prop_assert_eq!(Label::from_value(&worded.to_value().unwrap()).unwrap(), worded);
    }

    #[test]
    fn arbitrary_text_is_no_label(text in "\\PC{0,200}") {
        prop_assert!(Label::from_value(&text).is_err());
    }
}
