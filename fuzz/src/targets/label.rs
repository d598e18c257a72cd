//! Labels, the signatures on them, and public keys.

use super::{JSON, needed, text};
use crate::Target;
use attache_seal::label::{Label, LabelError, MAX_LABEL_BYTES, label_digest, verify};
use attache_seal::papers::{MAX_PASSAGE_BYTES, Passage};
use attache_seal::tdf::{Assertion, Container};
use attache_seal::{KemPublic, pem};
use data_encoding::BASE64;
use std::io::Cursor;
use std::sync::LazyLock;

pub const LABEL: Target =
    Target { name: "label", reads: "seal::label::Label", run: label, rounds: 60_000, words: JSON };

pub const ASSERTION: Target = Target {
    name: "assertion",
    reads: "seal::tdf::Assertion, seal::label::verify: canonical JSON and the JWS",
    run: assertion,
    rounds: 12_000,
    words: JSON,
};

pub const PASSAGE: Target = Target {
    name: "passage",
    reads: "seal::papers::Passage, as a manifest carries it",
    run: passage,
    rounds: 30_000,
    words: &["USA:SECRET", "KOR:II"],
};

pub const KEYS: Target = Target {
    name: "keys",
    reads: "seal::pem, seal::kem::KemPublic",
    run: keys,
    rounds: 60_000,
    words: &["-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----", "\r\n", "="],
};

fn label(bytes: &[u8]) {
    let value = text(bytes);
    let Ok(label) = Label::from_value(value) else { return };
    assert!(value.len() <= MAX_LABEL_BYTES);
    assert_eq!(label.to_value().as_deref(), Ok(value), "a label has one form");
    let assertion = needed(label.to_assertion());
    let read = Label::from_assertion(&assertion);
    assert_eq!(read, Ok((label, label_digest(value))));
}

/// A container of the corpus whose label is signed, and the point of the key that signed it.
type Signed = (Container<Cursor<&'static [u8]>>, [u8; 65]);
static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let container = include_bytes!("../../corpus/container/labelled");
    (needed(Container::open(Cursor::new(container.as_slice()))), *include_bytes!("../../keys/label.point"))
});

fn assertion(bytes: &[u8]) {
    let Ok(assertion) = serde_json::from_slice::<Assertion>(bytes) else { return };
    let (container, key) = &*SIGNED;
    let manifest = container.manifest();
    match verify(&assertion, &manifest.integrity, &[*key]) {
        Ok(()) => {
            let signed = manifest.assertions.first();
            let bare = |assertion: &Assertion| Assertion { binding: None, ..assertion.clone() };
            assert_eq!(Some(bare(&assertion)), signed.map(bare), "signed was another");
        }
        Err(LabelError::Key) => unreachable!("no key of ours is used"),
        Err(_) => {}
    }
    let _ = Label::from_assertion(&assertion);
}

/// The chain's own bytes, in the assertion that carries them.
fn passage(bytes: &[u8]) {
    let level = needed("USA:SECRET".parse());
    let empty = Passage { package: Vec::new(), consent: Vec::new(), receipt: Vec::new(), level };
    let mut assertion = needed(empty.to_assertion());
    assertion.statement.value = BASE64.encode(bytes).into();
    let Ok(read) = Passage::from_assertion(&assertion) else { return };
    assert!(bytes.len() <= MAX_PASSAGE_BYTES);
    assert_eq!(needed(read.to_assertion()), assertion, "a chain has one form");
}

fn keys(bytes: &[u8]) {
    if let Ok(key) = KemPublic::from_spki_der(bytes) {
        assert_eq!(key.to_spki_der(), bytes, "a public key has one form");
    }
    let Some(der) = pem::decode(text(bytes), "PUBLIC KEY") else { return };
    let written = pem::encode(&der, "PUBLIC KEY");
    assert_eq!(pem::decode(&written, "PUBLIC KEY"), Some(der));
}
