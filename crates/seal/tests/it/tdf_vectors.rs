//! `vectors/tdf`, which other implementations read too.

use crate::samples::item::open;
use attache_accord::Digest;
use attache_seal::label::{Label, verify};
use attache_seal::tdf::{Container, TdfError, open_stream};
use attache_seal::{ContentKey, KemSecret};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;
use std::io::Cursor;

const CONTAINERS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/tdf/containers.json"));
const ONE_TAG: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/tdf/one_tag_two_texts.json"));

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}"))
}

fn bytes(value: &Value, field: &str) -> Vec<u8> {
    let text = text(value, field);
    if field.ends_with("hex") { HEXLOWER.decode(text.as_bytes()) } else { BASE64.decode(text.as_bytes()) }
        .unwrap()
}

fn open_with_kem(container: &[u8], kem: &KemSecret, expected: Digest) -> Result<Vec<u8>, TdfError> {
    let mut container = Container::open(Cursor::new(container))?;
    let key = container.manifest().content_key(|object| object.unwrap_with_kem(kem).ok())?;
    let mut out = Vec::new();
    open_stream(&mut container, &key, Some(expected), &mut out)?;
    Ok(out)
}

#[test]
fn every_container_vector_ends_as_its_file_says() {
    let file: Value = serde_json::from_str(CONTAINERS).unwrap();
    let kem = KemSecret::from_secret_bytes(&bytes(&file, "kem_secret_base64")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let expected: Digest = text(case, "item_digest_hex").parse().unwrap();
        let result = open_with_kem(&bytes(case, "container_base64"), &kem, expected);
        let code = result.as_ref().map_or_else(TdfError::code, |_| "ok");
        assert_eq!(code, text(case, "result"), "{}", text(case, "name"));
        if let Ok(plain) = result {
            assert_eq!(plain, bytes(case, "plain_hex"));
        }
    }
    assert!(cases.len() > 35);
}

#[test]
fn the_content_key_of_the_vectors_is_the_one_that_is_wrapped_in_them() {
    let file: Value = serde_json::from_str(CONTAINERS).unwrap();
    let kem = KemSecret::from_secret_bytes(&bytes(&file, "kem_secret_base64")).unwrap();
    let container = Container::open(Cursor::new(bytes(&file["cases"][0], "container_base64"))).unwrap();
    let key = container.manifest().content_key(|object| object.unwrap_with_kem(&kem).ok()).unwrap();
    assert_eq!(key.dangerously_expose().to_vec(), bytes(&file, "content_key_hex"));
}

#[test]
fn the_label_in_the_vectors_is_signed_and_reads_as_its_file_says() {
    let file: Value = serde_json::from_str(CONTAINERS).unwrap();
    let container = Container::open(Cursor::new(bytes(&file["cases"][1], "container_base64"))).unwrap();
    let manifest = container.manifest();
    let key = bytes(&file, "label_es256_hex").try_into().unwrap();
    assert_eq!(verify(&manifest.assertions[0], &manifest.integrity, &[key]), Ok(()));
    let (label, _) = Label::from_assertion(&manifest.assertions[0]).unwrap();
    assert_eq!(label.to_value().unwrap(), text(&file, "label_value"));
}

#[test]
fn of_two_texts_with_one_tag_only_the_one_that_the_package_names_is_the_item() {
    let file: Value = serde_json::from_str(ONE_TAG).unwrap();
    let named: Digest = text(&file, "item_digest_hex").parse().unwrap();
    let (accepted, refused) = (&file["accepted"], &file["refused"]);
    let accepted_container = bytes(accepted, "container_base64");
    let refused_container = bytes(refused, "container_base64");
    assert_eq!(open(&accepted_container, Some(named)).unwrap(), bytes(accepted, "plain_hex"));
    // All that TDF itself checks is satisfied: this is the point of the vector.
    assert_eq!(open(&refused_container, None).unwrap(), bytes(refused, "plain_hex"));
    assert_eq!(open(&refused_container, Some(named)).unwrap_err().code(), text(refused, "result"));
    let key = ContentKey::from_slice(&bytes(&file, "content_key_hex")).unwrap();
    assert_eq!(key.dangerously_expose(), crate::samples::item::key().dangerously_expose());
}
