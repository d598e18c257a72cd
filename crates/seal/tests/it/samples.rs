//! Fixed keys and papers that the other modules share.

use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_seal::papers::{Outcome, Receipt};
use attache_seal::{Expect, Head, Sign, SigningPair, Statement};

pub const AGREEMENT: &str = "gsomia-2016";
pub const EXPECT: Expect<'static> = Expect { network: Network::Exercise, agreement: AGREEMENT, pack: None };

/// The pair whose seeds are 64 times the same byte.
pub fn pair(byte: u8) -> SigningPair {
    SigningPair::from_seed_bytes(&[byte; 64]).unwrap()
}

pub fn head(pair: &SigningPair) -> Head {
    Head {
        network: Network::Exercise,
        agreement: AGREEMENT.to_owned(),
        pack: Digest([7; 32]),
        signer: "tokyo.jpn".to_owned(),
        key: pair.verifying().key_id(),
        at: Timestamp(1_795_478_400_000),
    }
}

pub fn receipt(pair: &SigningPair) -> Statement<Receipt> {
    Statement {
        head: head(pair),
        body: Receipt {
            dispatch: DispatchId([1; 16]),
            package: Digest([2; 32]),
            register_commitment: Digest([3; 32]),
            outcome: Outcome::Admitted,
            leaf_hash: Digest([4; 32]),
            leaf_index: 41,
            log_origin: "tokyo.jpn/log".to_owned(),
            proof_due: Timestamp(1_795_482_000_000),
            admission: Some(Digest([5; 32])),
            own_level: None,
            origin: None,
        },
    }
}

/// A small item sealed for one reader with a local share, as the other modules take it apart.
pub mod item {
    use attache_accord::Digest;
    use attache_seal::ContentKey;
    use attache_seal::tdf::{
        Container, ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, TdfError,
        open_stream, seal_stream,
    };
    use std::io::Cursor;

    pub fn key() -> ContentKey {
        ContentKey::from_bytes(&[0x42; 32])
    }

    pub fn draft(key: &ContentKey) -> ManifestDraft {
        let policy = Policy {
            uuid: "1f78ad2b-d26b-4b66-be58-1e72776b96eb".to_owned(),
            attributes: vec!["https://tokyo.example/attr/a/value/7f".to_owned()],
        };
        let policy_base64 = policy.to_base64().unwrap();
        let url = "https://tokyo.example/kas";
        let object = KeyAccess::new(KeyAccessKind::HybridWrapped, url, "k1", &[9; 1735], key, &policy_base64);
        ManifestDraft { key_access: vec![object], policy_base64, assertions: Vec::new() }
    }

    /// The container and the item digest.
    pub fn seal(plain: &[u8], segment_bytes: u32) -> (Vec<u8>, Digest) {
        let mut writer = ContainerWriter::begin(Vec::new(), None).unwrap();
        let (integrity, digest) = seal_stream(&mut &plain[..], &mut writer, &key(), segment_bytes).unwrap();
        let manifest = Manifest::new(draft(&key()), integrity).unwrap();
        (writer.finish(&manifest.to_json().unwrap()).unwrap(), digest)
    }

    /// The plaintext, as a reader who holds the content key gets it.
    pub fn open(container: &[u8], expected: Option<Digest>) -> Result<Vec<u8>, TdfError> {
        let mut container = Container::open(Cursor::new(container))?;
        let key = container.manifest().content_key(|_| Some(key()))?;
        let mut out = Vec::new();
        open_stream(&mut container, &key, expected, &mut out)?;
        Ok(out)
    }

    /// The manifest as JSON and the sealed segments, to be altered and put together again.
    pub fn apart(container: &[u8]) -> (serde_json::Value, Vec<u8>) {
        let opened = Container::open(Cursor::new(container)).unwrap();
        let at = usize::try_from(opened.payload_at()).unwrap();
        let bytes = usize::try_from(opened.manifest().integrity.payload_bytes()).unwrap();
        let manifest = serde_json::from_slice(opened.manifest_json()).unwrap();
        (manifest, container[at..at + bytes].to_vec())
    }

    pub fn together(manifest: &serde_json::Value, payload: &[u8]) -> Vec<u8> {
        together_raw(&serde_json::to_vec(manifest).unwrap(), payload)
    }

    pub fn together_raw(manifest: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut writer = ContainerWriter::begin(Vec::new(), Some(payload.len() as u64)).unwrap();
        writer.write_sealed(payload).unwrap();
        writer.finish(manifest).unwrap()
    }
}
