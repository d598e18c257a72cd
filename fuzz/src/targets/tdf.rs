//! Sealed items: the container, its manifest, and what stands in it for each recipient.

use super::{JSON, needed, text};
use crate::Target;
use attache_seal::tdf::{
    Container, Frame, KeyAccess, MAX_ASSERTIONS, MAX_KEY_ACCESS, MAX_MANIFEST_BYTES, Manifest, Metadata,
    Policy, SegmentOpener, open_stream,
};
use attache_seal::wrap::{EcSecret, RsaSecret};
use attache_seal::{ContentKey, KemSecret, binding};
use std::io::Cursor;
use std::sync::LazyLock;

pub const CONTAINER: Target = Target {
    name: "container",
    reads: "seal::tdf::Container: zip, manifest, segments",
    run: container,
    rounds: 18_000,
    words: &["0.payload", "0.manifest.json", "manifest.json", "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}"],
};

pub const MANIFEST: Target =
    Target { name: "manifest", reads: "seal::tdf::Manifest", run: manifest, rounds: 24_000, words: JSON };

pub const POLICY: Target =
    Target { name: "policy", reads: "seal::tdf::Policy", run: policy, rounds: 60_000, words: JSON };

pub const KEY_ACCESS: Target = Target {
    name: "key-access",
    reads: "seal::tdf::KeyAccess, seal::tdf::Metadata, seal::wrap",
    run: key_access,
    rounds: 9_000,
    words: &["wrapped", "ec-wrapped", "hybrid-wrapped", "HS256", "null", "\\n"],
};

/// The content key of the vectors.
const CONTENT_KEY: [u8; 32] = [0x42; 32];

/// Segments are at most what the manifest lists, and lie where the file has them.
fn container(bytes: &[u8]) {
    let Ok(mut container) = Container::open(Cursor::new(bytes)) else { return };
    let manifest = container.manifest().clone();
    assert_eq!(Manifest::from_json(container.manifest_json()).ok().as_ref(), Some(&manifest));
    let at = container.payload_at();
    let end = at.checked_add(manifest.integrity.payload_bytes());
    assert!(end.is_some_and(|end| end <= bytes.len() as u64), "segments beyond the file");
    let (mut sealed, mut read) = (Vec::new(), 0);
    while let Ok(true) = container.next_sealed(&mut sealed) {
        let from = usize::try_from(at).unwrap_or(usize::MAX) + read;
        assert_eq!(bytes.get(from..from + sealed.len()), Some(sealed.as_slice()));
        read += sealed.len();
    }
    assert_eq!(read as u64, manifest.integrity.payload_bytes());
    let digest = needed(container.item_digest());
    let key = ContentKey::from_bytes(&CONTENT_KEY);
    let mut plain = Vec::new();
    if open_stream(&mut container, &key, Some(digest), &mut plain).is_ok() {
        assert_eq!(plain.len() as u64, manifest.integrity.item_bytes());
        let crc32 = container.payload_crc32();
        let sealed = bytes.get(from_usize(at)..from_usize(at) + read).unwrap_or_default();
        let frame = needed(Frame::new(read as u64, crc32, container.manifest_json()));
        let again = [frame.head.as_slice(), sealed, &frame.tail].concat();
        let mut again = needed(Container::open(Cursor::new(again)));
        assert_eq!(again.item_digest().ok(), Some(digest), "the same segments in a frame of ours");
    }
}

fn from_usize(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn manifest(bytes: &[u8]) {
    let Ok(manifest) = Manifest::from_json(bytes) else { return };
    assert!(bytes.len() <= MAX_MANIFEST_BYTES);
    assert!((1..=MAX_KEY_ACCESS).contains(&manifest.key_access.len()));
    assert!(manifest.assertions.len() <= MAX_ASSERTIONS);
    // Foreign clients write JSON in many ways; ours is read back as the same manifest.
    let written = needed(manifest.to_json());
    assert_eq!(Manifest::from_json(&written).ok().as_ref(), Some(&manifest));
    let key = ContentKey::from_bytes(&CONTENT_KEY);
    let opened = manifest.content_key(|_| Some(key.clone()));
    if opened.is_ok() {
        let bound = |access: &KeyAccess| access.check_binding(&key, &manifest.policy_base64).is_ok();
        assert!(manifest.key_access.iter().any(bound), "a key without a bound policy");
    }
    let _ = SegmentOpener::new(&key, &manifest.integrity).map(|opener| opener.open(0, bytes).is_ok());
}

fn policy(bytes: &[u8]) {
    let policy = data_encoding::BASE64.encode(bytes);
    for text in [policy.as_str(), text(bytes)] {
        let Ok(policy) = Policy::from_base64(text) else { continue };
        let written = needed(policy.to_base64());
        assert_eq!(Policy::from_base64(&written).ok(), Some(policy));
    }
}

static KEM: LazyLock<KemSecret> = LazyLock::new(|| needed(KemSecret::from_secret_bytes(KEM_SECRET)));
const KEM_SECRET: &[u8] = include_bytes!("../../keys/kem.bin");
static RSA: LazyLock<RsaSecret> =
    LazyLock::new(|| needed(RsaSecret::from_pkcs8_der(include_bytes!("../../keys/rsa.der"))));
static EC: LazyLock<EcSecret> =
    LazyLock::new(|| needed(EcSecret::from_der(include_bytes!("../../keys/p256.der"))));

fn key_access(bytes: &[u8]) {
    let key = ContentKey::from_bytes(&CONTENT_KEY);
    let Ok(access) = serde_json::from_slice::<KeyAccess>(bytes) else {
        let _ = Metadata::open(text(bytes), &key);
        return;
    };
    let unwrapped = [access.unwrap_with_kem(&KEM), access.unwrap_with_rsa(&RSA), access.unwrap_with_ec(&EC)];
    let opened = unwrapped.into_iter().flatten().collect::<Vec<_>>();
    assert!(opened.len() <= 1, "an object is of one kind");
    for opened in &opened {
        // Nobody mutates their way to a ciphertext of another key.
        assert_eq!(opened.dangerously_expose(), &CONTENT_KEY);
    }
    let holds = access.check_binding(&key, "e30=").is_ok();
    let hash = &access.policy_binding.hash;
    assert_eq!(holds, binding::verify(&key, "e30=", hash));
    if let Some(sealed) = &access.encrypted_metadata {
        let _ = Metadata::open(sealed, &key);
    }
}
