//! The entry points: each takes the bytes of a file as a user of the product would bring them, and says what became of them.

use attache_accord::{Digest, Network, Timestamp};
use attache_courier::limits::VERSION;
use attache_courier::{Listener, Ours};
use attache_custody::ceremony::{SHARE_KIND, combine};
use attache_custody::keyring::signing_pair;
use attache_custody::{Lock, keyfile};
use attache_fuzz::{gate, link};
use attache_release::{PACK_FILES, Pack};
use attache_seal::label::{self, Label};
use attache_seal::pair::Sign as _;
use attache_seal::papers::Receipt;
use attache_seal::statement::{Expect, Signed, StatementError};
use attache_seal::tdf::{Assertion, Container, TdfError, open_stream};
use attache_seal::{KemSecret, SigningPair};
use attache_tlog::{
    AddCheckpoint, KeyKind, NoteSigner, ProofFile, TileId, VerifierKey, WitnessRefusal, leaf_hash,
    open_checkpoint,
};
use axum::http::{HeaderValue, Method};
use data_encoding::BASE64;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use zeroize::Zeroizing;

type Bring = fn(&[u8]) -> String;

pub const ENTRIES: &[(&str, Bring)] = &[
    ("statement", statement),
    ("container", container),
    ("label", |bytes| taken(text(bytes).is_some_and(|value| Label::from_value(value).is_ok()))),
    ("assertion", assertion),
    ("checkpoint", checkpoint),
    ("add-checkpoint", add_checkpoint),
    ("proof-file", proof_file),
    ("vkey", |bytes| taken(text(bytes).is_some_and(|text| text.parse::<VerifierKey>().is_ok()))),
    ("tile-path", |bytes| taken(text(bytes).is_some_and(|text| text.parse::<TileId>().is_ok()))),
    ("wire", wire),
    ("key-file", key_file),
    ("shares", shares),
    ("terms", terms),
    ("certificate", |bytes| taken(link::is_let_in(bytes))),
    ("enrolment", enrolment),
    ("upload", upload),
];

fn taken(is_taken: bool) -> String {
    if is_taken { "ok" } else { "refused" }.to_owned()
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn pair() -> SigningPair {
    signing_pair(&[1; 64]).unwrap()
}

fn statement(bytes: &[u8]) -> String {
    let expect = Expect { network: Network::Exercise, agreement: "gsomia-2016", pack: None };
    let opened =
        Signed::from_bytes(bytes).and_then(|signed| signed.open::<Receipt>(pair().verifying(), &expect));
    opened.as_ref().map_or_else(StatementError::code, |_| "ok").to_owned()
}

fn container(bytes: &[u8]) -> String {
    let kem = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/keys/kem.bin")).unwrap();
    let kem = KemSecret::from_secret_bytes(&kem).unwrap();
    let open = || -> Result<u64, TdfError> {
        let mut container = Container::open(Cursor::new(bytes))?;
        let key = container.manifest().content_key(|access| access.unwrap_with_kem(&kem).ok())?;
        open_stream(&mut container, &key, None, &mut Vec::new())
    };
    open().as_ref().map_or_else(TdfError::code, |_| "ok").to_owned()
}

fn assertion(bytes: &[u8]) -> String {
    let stored = |path: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let container = Container::open(Cursor::new(stored("corpus/container/labelled"))).unwrap();
    let key = stored("keys/label.point").try_into().unwrap();
    let read = serde_json::from_slice::<Assertion>(bytes);
    taken(read.is_ok_and(|read| label::verify(&read, &container.manifest().integrity, &[key]).is_ok()))
}

fn log_keys() -> [VerifierKey; 2] {
    [KeyKind::Ed25519, KeyKind::MlDsa44]
        .map(|kind| NoteSigner::from_seed("node-a.example/log", kind, &[1; 32]).unwrap().verifier().clone())
}

fn checkpoint(bytes: &[u8]) -> String {
    taken(text(bytes).is_some_and(|note| open_checkpoint(note, &log_keys()).is_ok()))
}

fn add_checkpoint(bytes: &[u8]) -> String {
    let asked = text(bytes).ok_or(WitnessRefusal::Malformed).and_then(|text| text.parse::<AddCheckpoint>());
    let checked = asked.and_then(|asked| asked.check(&log_keys(), Some((1, leaf_hash(b"one")))));
    checked.map_or_else(|refusal| refusal.http_status().to_string(), |_| "ok".to_owned())
}

fn proof_file(bytes: &[u8]) -> String {
    let file = text(bytes).and_then(|text| text.parse::<ProofFile>().ok());
    taken(file.is_some_and(|file| file.verify(&leaf_hash(b"one"), &log_keys()).is_ok()))
}

fn wire(mut bytes: &[u8]) -> String {
    const NOW: Timestamp = Timestamp(1_780_000_000_000);
    let ours = Ours {
        node: "tokyo.jpn".parse().unwrap(),
        network: Network::Demo,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([1; 32]),
        window: 8,
        peer: "seoul.kor".parse().unwrap(),
        highest: VERSION,
    };
    let mut session = Listener::new(ours, NOW).unwrap();
    loop {
        match session.receive(NOW, &mut bytes) {
            Ok(Some(_)) => {}
            Ok(None) => return "ok".to_owned(),
            Err(trouble) => return trouble.code().to_string(),
        }
    }
}

fn key_file(bytes: &[u8]) -> String {
    let lock = Lock::KeyFile(Zeroizing::new(vec![7; 32]));
    taken(keyfile::open(&lock, SHARE_KIND, bytes).is_ok())
}

fn shares(mut bytes: &[u8]) -> String {
    let mut shares = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (share, rest) = rest.split_at(u16::from_be_bytes(*length).into());
        shares.push(Zeroizing::new(share.to_vec()));
        bytes = rest;
    }
    taken(combine(&shares).is_ok_and(|root| root.verifying() == pair().verifying()))
}

fn terms(bytes: &[u8]) -> String {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agreements/gsomia-2016");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("articles")).unwrap();
    for file in PACK_FILES {
        fs::copy(pack.join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("terms.toml"), bytes).unwrap();
    match Pack::load(folder.path()) {
        Ok(_) => taken(true),
        Err(error) => {
            assert_eq!(error.file, "terms.toml", "the file that is wrong is named");
            taken(false)
        }
    }
}

fn enrolment(bytes: &[u8]) -> String {
    gate::ask(b'a', Method::POST, "/v1/persons", None, bytes).0.to_string()
}

fn upload(bytes: &[u8]) -> String {
    let metadata = HeaderValue::from_str(&BASE64.encode(bytes)).unwrap();
    gate::ask(b'e', Method::POST, "/v1/items", Some(metadata), b"item\r\n").0.to_string()
}
