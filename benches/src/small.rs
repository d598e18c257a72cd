//! B2: objects of 1 KiB, created and read in one process against the `opentdf` crate, with keys at hand.
//!
//! Ours bear a signed label and a key wrapped with ML-KEM-1024 and P-384, once with a fresh encapsulation for each object and
//! once with one encapsulation for all, as the protocol allows for an hour; read so, it is decapsulated once. Theirs bear no label and a key wrapped with
//! RSA-2048; both sides use the same library for it.

use crate::measure::Report;
use attache_accord::{Marking, Timestamp};
use attache_seal::label::{self, Es256Secret, Label};
use attache_seal::tdf::{
    Container, ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, open_stream,
    seal_stream, segment_bytes_for,
};
use attache_seal::wrap::{Encapsulation, RsaSecret, wrap_rsa};
use attache_seal::{ContentKey, KemPublic, KemSecret};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use data_encoding::BASE64;
use opentdf::prelude::*;
use opentdf::{Segment, TdfArchive, TdfArchiveMemoryBuilder, TdfEncryption, TdfManifest};
use std::io::{Cursor, Read, Write};
use std::time::Instant;

const OBJECTS: usize = 1000;
const BYTES: usize = 1024;
const URL: &str = "https://kas.example/kas";
const POLICY: &str =
    r#"{"uuid":"1f78ad2b-d26b-4b66-be58-1e72776b96eb","body":{"dataAttributes":[],"dissem":[]}}"#;
const NOW: Timestamp = Timestamp(1_780_000_000_000);

/// A content key, and how it is wrapped for the recipient.
pub struct Key {
    content: ContentKey,
    kid: String,
    wrapped: Vec<u8>,
}

impl Key {
    /// A fresh key under a fresh encapsulation.
    pub fn fresh(recipient: &KemPublic) -> Self {
        Self::under(&mut Encapsulation::fresh(recipient, NOW).expect("an encapsulation"))
    }

    fn under(encapsulation: &mut Encapsulation) -> Self {
        let content = ContentKey::generate().expect("a key");
        let kid = encapsulation.recipient().to_string();
        let wrapped = encapsulation.wrap(&content, NOW).expect("it wraps");
        Self { content, kid, wrapped }
    }
}

/// A label and the key that signs it.
pub fn label() -> (Label, Es256Secret) {
    let marking = Marking {
        level: "JPN:HI".parse().expect("a level"),
        releasable_to: ["KOR".parse().expect("a Party")].into(),
        kind: "track".parse().expect("a kind"),
        caveats: vec![],
        marked_at: NOW,
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    };
    let label = Label { policy: "urn:example:policy".into(), classification: "HI".into(), marking };
    (label, Es256Secret::generate().expect("a key"))
}

/// Seals what `source` gives into a labelled container.
pub fn sealed<W: Write + Send>(
    source: &mut (impl Read + Send),
    out: W,
    key: &Key,
    item_bytes: Option<u64>,
    (label, signer): &(Label, Es256Secret),
) -> W {
    let mut writer =
        ContainerWriter::begin(out, item_bytes.filter(|bytes| *bytes > 1 << 31)).expect("a head");
    let segment_bytes = segment_bytes_for(item_bytes);
    let (integrity, _) = seal_stream(source, &mut writer, &key.content, segment_bytes).expect("it seals");
    let assertion = label.to_assertion().expect("a label");
    let assertion = label::sign(assertion, &integrity, signer).expect("it signs");
    let policy_base64 = Policy::fresh(Vec::new()).expect("a policy").to_base64().expect("a policy");
    let object = KeyAccess::new(
        KeyAccessKind::HybridWrapped,
        URL,
        &key.kid,
        &key.wrapped,
        &key.content,
        &policy_base64,
    );
    let draft = ManifestDraft { key_access: vec![object], policy_base64, assertions: vec![assertion] };
    let manifest = Manifest::new(draft, integrity).expect("a manifest").to_json().expect("a manifest");
    writer.finish(&manifest).expect("a container")
}

fn read(container: &[u8], secret: &KemSecret, trusted: &[[u8; 65]]) {
    let mut container = Container::open(Cursor::new(container)).expect("a container");
    let manifest = container.manifest().clone();
    label::verify(&manifest.assertions[0], &manifest.integrity, trusted).expect("the label holds");
    let content = manifest.content_key(|object| object.unwrap_with_kem(secret).ok()).expect("it unwraps");
    let mut out = Vec::new();
    open_stream(&mut container, &content, None, &mut out).expect("it opens");
    assert_eq!(out.len(), BYTES);
}

fn created_by_them(text: &[u8], spki: &[u8]) -> Vec<u8> {
    let encryption = TdfEncryption::new().expect("a key");
    let sealed = encryption.encrypt_with_segments(text, 1 << 20).expect("it seals");
    let mut manifest = TdfManifest::new("0.payload".to_owned(), URL.to_owned());
    let information = &mut manifest.encryption_information;
    information.policy = BASE64.encode(POLICY.as_bytes());
    information.method.algorithm = "AES-256-GCM".to_owned();
    let key = ContentKey::from_slice(encryption.payload_key()).expect("a key of 32 bytes");
    let object = &mut information.key_access[0];
    object.wrapped_key = BASE64.encode(&wrap_rsa(spki, &key).expect("it wraps"));
    object.generate_policy_binding_raw(POLICY, encryption.payload_key()).expect("a binding");
    let integrity = &mut information.integrity_information;
    integrity.segments = sealed
        .segment_info
        .iter()
        .map(|info| Segment {
            hash: info.hash.clone(),
            segment_size: Some(info.plaintext_size),
            encrypted_segment_size: Some(info.encrypted_size),
        })
        .collect();
    integrity.segment_size_default = 1 << 20;
    integrity.encrypted_segment_size_default = (1 << 20) + 28;
    integrity.generate_root_signature(&sealed.gmac_tags, encryption.payload_key()).expect("a signature");
    let mut builder = TdfArchiveMemoryBuilder::new();
    builder.add_entry_with_segments(&manifest, &sealed.segments, 0).expect("an entry");
    builder.finish().expect("an archive")
}

fn read_by_them(container: &[u8], secret: &RsaSecret) {
    let mut archive = TdfArchive::new(Cursor::new(container)).expect("an archive");
    let entry = archive.by_index().expect("an entry");
    let wrapped = &entry.manifest.encryption_information.key_access[0].wrapped_key;
    let key = secret.unwrap(&BASE64.decode(wrapped.as_bytes()).expect("base64")).expect("it unwraps");
    let text = entry.decrypt_with_key(key.dangerously_expose()).expect("it opens");
    assert_eq!(text.len(), BYTES);
}

/// How often a second `each` can be done.
fn rate(mut each: impl FnMut(usize)) -> f64 {
    let began = Instant::now();
    (0..OBJECTS).for_each(&mut each);
    OBJECTS as f64 / began.elapsed().as_secs_f64()
}

pub fn run(report: &mut Report) {
    let text = vec![7; BYTES];
    let secret = KemSecret::generate().expect("a key");
    let label = label();
    let trusted = [*label.1.public()];
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der = private.as_der().expect("a key");
    let spki: PublicKeyX509Der = private.public_key().as_der().expect("a key");
    let rsa = RsaSecret::from_pkcs8_der(der.as_ref()).expect("a key");
    let create = |key: &Key| sealed(&mut text.as_slice(), Vec::new(), key, Some(BYTES as u64), &label);
    let theirs = || rate(|_| drop(created_by_them(&text, spki.as_ref())));
    report.pairs(
        "B2 create, fresh",
        ("/s", 1.0),
        || rate(|_| drop(create(&Key::fresh(secret.public())))),
        theirs,
    );
    report.pairs(
        "B2 create, reused",
        ("/s", 2.0),
        || {
            let mut encapsulation = Encapsulation::fresh(secret.public(), NOW).expect("an encapsulation");
            rate(|_| drop(create(&Key::under(&mut encapsulation))))
        },
        theirs,
    );
    let other = created_by_them(&text, spki.as_ref());
    // As they come: each under an encapsulation of its own, or all of an hour under one.
    let fresh: Vec<_> = (0..OBJECTS).map(|_| create(&Key::fresh(secret.public()))).collect();
    let mut encapsulation = Encapsulation::fresh(secret.public(), NOW).expect("an encapsulation");
    let reused: Vec<_> = (0..OBJECTS).map(|_| create(&Key::under(&mut encapsulation))).collect();
    for (name, own) in [("B2 read, fresh", fresh), ("B2 read, reused", reused)] {
        report.pairs(
            name,
            ("/s", 8.0),
            || rate(|at| read(&own[at], &secret, &trusted)),
            || rate(|_| read_by_them(&other, &rsa)),
        );
    }
}
