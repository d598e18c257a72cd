//! Sealed segments surveyed as a vault holds them, and the key access that moves with them to another key.

use crate::samples::item::{apart, draft, key, seal};
use attache_accord::Timestamp;
use attache_seal::tdf::{
    Container, Frame, Integrity, KeyAccess, Manifest, Metadata, Survey, TdfError, survey,
};
use attache_seal::wrap::Encapsulation;
use attache_seal::{ContentKey, KemSecret};
use proptest::prelude::*;
use std::io::Cursor;

const NOON: Timestamp = Timestamp(1_795_478_400_000);

/// The sealed segments of an item, and the list of them.
fn raw(plain: &[u8]) -> (Vec<u8>, Integrity) {
    let (container, _) = seal(plain, 100);
    let integrity = Container::open(Cursor::new(&container)).unwrap().manifest().integrity.clone();
    (apart(&container).1, integrity)
}

fn found(sealed: &[u8], integrity: &Integrity) -> Result<Survey, TdfError> {
    survey(&mut &sealed[..], integrity)
}

#[test]
fn a_survey_of_raw_segments_finds_what_their_container_states() {
    let (container, digest) = seal(&[7; 250], 100);
    let opened = Container::open(Cursor::new(&container)).unwrap();
    let sealed = apart(&container).1;
    let survey = found(&sealed, &opened.manifest().integrity).unwrap();
    assert_eq!(survey.item_digest, digest);
    assert_eq!(survey.crc32, opened.payload_crc32());
    assert_eq!(survey.payload_bytes, sealed.len() as u64);
}

#[test]
fn a_frame_made_from_a_survey_is_that_of_a_container_that_opens() {
    let (sealed, integrity) = raw(&[7; 250]);
    let survey = found(&sealed, &integrity).unwrap();
    let json = Manifest::new(draft(&key()), integrity).unwrap().to_json().unwrap();
    let frame = Frame::new(survey.payload_bytes, survey.crc32, &json).unwrap();
    let again = [frame.head, sealed, frame.tail].concat();
    assert_eq!(Container::open(Cursor::new(again)).unwrap().item_digest().unwrap(), survey.item_digest);
}

#[test]
fn segments_cut_at_any_byte_are_too_few_for_their_list() {
    let (sealed, integrity) = raw(&[7; 250]);
    for end in 0..sealed.len() {
        let error = found(&sealed[..end], &integrity).unwrap_err();
        let whole = end as u64 / 128;
        assert!(
            matches!(error, TdfError::SegmentCount { found, listed: 3 } if found == whole),
            "{end}: {error}"
        );
    }
}

#[test]
fn one_byte_after_the_last_listed_segment_is_too_much() {
    let (sealed, integrity) = raw(&[7; 250]);
    let error = found(&[&sealed[..], &[0]].concat(), &integrity).unwrap_err();
    assert!(matches!(error, TdfError::SegmentCount { found: 4, listed: 3 }), "{error}");
}

#[test]
fn a_listed_segment_over_four_mebibytes_is_not_read() {
    let (sealed, mut integrity) = raw(&[7; 250]);
    integrity.segments[0].plain_bytes = (4 << 20) + 1;
    assert_eq!(found(&sealed, &integrity).unwrap_err().code(), "too-large");
}

#[test]
fn a_list_with_other_borders_gives_another_digest() {
    let (sealed, integrity) = raw(&[7; 250]);
    let mut moved = integrity.clone();
    moved.segments[0].plain_bytes += 1;
    moved.segments[2].plain_bytes -= 1;
    let [right, wrong] = [integrity, moved].map(|list| found(&sealed, &list).unwrap());
    assert_ne!(right.item_digest, wrong.item_digest);
    assert_eq!(right.crc32, wrong.crc32);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_byte_changed_in_a_segment_changes_the_item_digest(at in 0usize..334, flip in 1u8..=255) {
        let (mut sealed, integrity) = raw(&[7; 250]);
        let before = found(&sealed, &integrity).unwrap().item_digest;
        sealed[at] ^= flip;
        prop_assert_ne!(found(&sealed, &integrity).unwrap().item_digest, before);
    }
}

/// A key access object with sealed metadata, as a node keeps it for itself, and the policy.
fn kept(share: &ContentKey) -> (KeyAccess, String) {
    let draft = draft(share);
    let metadata = Metadata {
        title: "항만 촬영".to_owned(),
        file_name: "harbour.ntf".to_owned(),
        media_type: "application/vnd.nitf".to_owned(),
    };
    let object = draft.key_access[0].clone().with_encrypted_metadata(metadata.seal(share).unwrap());
    (object, draft.policy_base64)
}

#[test]
fn a_rewrapped_key_access_opens_for_the_new_key_and_keeps_binding_and_metadata() {
    let (object, policy) = kept(&key());
    let partner = KemSecret::generate().unwrap();
    let wrapped = Encapsulation::fresh(partner.public(), NOON).unwrap().wrap(&key(), NOON).unwrap();
    let moved = object.rewrapped("k2", "https://seoul.example/kas", &wrapped);
    let share = moved.unwrap_with_kem(&partner).unwrap();
    moved.check_binding(&share, &policy).unwrap();
    assert_eq!(moved.policy_binding, object.policy_binding);
    assert_eq!(moved.encrypted_metadata, object.encrypted_metadata);
    assert_eq!((moved.kid.as_deref(), moved.url.as_str()), (Some("k2"), "https://seoul.example/kas"));
}

#[test]
fn a_rewrapped_key_access_that_holds_another_share_breaks_its_binding() {
    let (object, policy) = kept(&key());
    let partner = KemSecret::generate().unwrap();
    let other = ContentKey::from_bytes(&[1; 32]);
    let wrapped = Encapsulation::fresh(partner.public(), NOON).unwrap().wrap(&other, NOON).unwrap();
    let share = object.rewrapped("k2", &object.url, &wrapped).unwrap_with_kem(&partner).unwrap();
    assert!(matches!(object.check_binding(&share, &policy), Err(TdfError::Binding)));
}

#[test]
fn a_key_access_rewrapped_for_a_node_carries_no_ephemeral_key_of_its_old_form() {
    let (mut object, _) = kept(&key());
    object.kind = attache_seal::tdf::KeyAccessKind::EcWrapped;
    object.ephemeral_public_key = Some("-----BEGIN PUBLIC KEY-----".to_owned());
    let moved = object.rewrapped("k2", &object.url, &[9; 1735]);
    assert_eq!(moved.kind, attache_seal::tdf::KeyAccessKind::HybridWrapped);
    assert_eq!(moved.ephemeral_public_key, None);
}
