//! Containers to and from the `opentdf` crate, its layer below the key access service.

use attache_interop::sealed_by_opentdf;
use attache_seal::ContentKey;
use attache_seal::tdf::{
    Container, ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, open_stream,
    seal_stream,
};
use attache_seal::wrap::{RsaSecret, wrap_rsa};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use data_encoding::BASE64;
use opentdf::{TdfArchive, TdfEncryption};
use std::io::Cursor;

const URL: &str = "https://kas.example/kas";
const KEY: [u8; 32] = [0x42; 32];

/// One byte, the border of our segments, and several segments.
const SIZES: [usize; 4] = [1, 1 << 20, (1 << 20) + 1, (3 << 20) + 17];

fn plain(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (7 * i + i / 251) as u8).collect()
}

fn rsa() -> (RsaSecret, Vec<u8>) {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der = private.as_der().unwrap();
    let spki: PublicKeyX509Der = private.public_key().as_der().unwrap();
    (RsaSecret::from_pkcs8_der(der.as_ref()).unwrap(), spki.as_ref().to_vec())
}

fn ours(text: &[u8]) -> Vec<u8> {
    let key = ContentKey::from_bytes(&KEY);
    let policy_base64 = Policy::fresh(Vec::new()).unwrap().to_base64().unwrap();
    let wrapped = wrap_rsa(&rsa().1, &key).unwrap();
    let object = KeyAccess::new(KeyAccessKind::Wrapped, URL, "r1", &wrapped, &key, &policy_base64);
    let mut writer = ContainerWriter::begin(Vec::new(), None).unwrap();
    let (integrity, _) = seal_stream(&mut &text[..], &mut writer, &key, 1 << 20).unwrap();
    let draft = ManifestDraft { key_access: vec![object], policy_base64, assertions: Vec::new() };
    writer.finish(&Manifest::new(draft, integrity).unwrap().to_json().unwrap()).unwrap()
}

fn read_by_them(container: Vec<u8>) -> Result<Vec<u8>, opentdf::TdfError> {
    TdfArchive::new(Cursor::new(container))?.by_index()?.decrypt_with_key(&KEY)
}

#[test]
fn the_crate_reads_what_we_write() {
    for bytes in SIZES {
        assert_eq!(read_by_them(ours(&plain(bytes))).unwrap(), plain(bytes), "{bytes} bytes");
    }
}

#[test]
fn the_crate_refuses_what_we_wrote_once_it_is_altered() {
    let mut container = ours(&plain(100));
    container[100] ^= 1;
    assert!(read_by_them(container).is_err());
}

fn theirs(text: &[u8], spki: &[u8]) -> Vec<u8> {
    let encryption = TdfEncryption::with_payload_key(&KEY).unwrap();
    let policy =
        r#"{"uuid":"1f78ad2b-d26b-4b66-be58-1e72776b96eb","body":{"dataAttributes":null,"dissem":null}}"#;
    let wrapped_key = BASE64.encode(&wrap_rsa(spki, &ContentKey::from_bytes(&KEY)).unwrap());
    sealed_by_opentdf(&encryption, text, URL, policy, (wrapped_key, None)).unwrap()
}

#[test]
fn we_read_what_the_crate_writes() {
    let (secret, spki) = rsa();
    for bytes in SIZES {
        let mut container = Container::open(Cursor::new(theirs(&plain(bytes), &spki))).unwrap();
        let key = container.manifest().content_key(|object| object.unwrap_with_rsa(&secret).ok()).unwrap();
        let mut out = Vec::new();
        open_stream(&mut container, &key, None, &mut out).unwrap();
        assert_eq!(out, plain(bytes), "{bytes} bytes");
    }
}
