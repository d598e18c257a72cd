//! A log of 300 entries and proof vectors that others made; nothing here was written by this crate.

use attache_tlog::*;
use data_encoding::BASE64;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/tlog");

/// The samples' folder, or a word that the test skips.
fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(SAMPLES);
    if !folder.is_dir() {
        println!("skipped: {SAMPLES} is absent");
        return None;
    }
    Some(folder)
}

fn text(name: &str) -> Option<String> {
    samples().map(|folder| fs::read_to_string(folder.join(name)).unwrap())
}

fn key(label: &str) -> Option<VerifierKey> {
    let keys = text("keys.txt")?;
    let line = keys.lines().find_map(|line| line.strip_prefix(label)).unwrap();
    Some(line.trim().parse().unwrap())
}

struct SampleTiles(PathBuf);

impl TileReader for SampleTiles {
    type Error = std::io::Error;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, std::io::Error> {
        let tile = TileId::in_tree(level, index, 300).unwrap();
        let bytes = fs::read(self.0.join(tile.path()))?;
        Ok(bytes.as_chunks().0.iter().copied().map(Hash).collect())
    }
}

#[test]
fn the_sample_keys_read_and_write_the_same() {
    let Some(log) = key("log vkey:") else { return };
    let witness = key("witness vkey:").unwrap();
    assert_eq!((log.name(), log.kind(), log.key_id()), ("node-a.example/log", KeyKind::Ed25519, 0x62fa8651));
    assert_eq!((witness.kind(), witness.key_id()), (KeyKind::Ed25519Cosigner, 0x351830ff));
    for key in [log, witness] {
        assert!(text("keys.txt").unwrap().contains(&key.to_string()));
    }
}

#[test]
fn the_sample_checkpoints_open_with_the_log_key_and_show_the_witness() {
    let Some(log) = key("log vkey:") else { return };
    let witness = key("witness vkey:").unwrap();
    for (name, size) in [("checkpoint", 300), ("checkpoint.100", 100)] {
        let text = text(name).unwrap();
        let checkpoint = open_checkpoint(&text, std::slice::from_ref(&log)).unwrap();
        assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("node-a.example/log", size));
        let note = SignedNote::parse(&text).unwrap();
        assert_eq!(note.to_string(), text);
        let both = [log.clone(), witness.clone()];
        let verified = note.verify(&both).unwrap();
        assert_eq!(verified.len(), 2);
        assert!(verified[1].time.is_some_and(|time| time > 1_700_000_000));
    }
}

#[test]
fn the_sample_log_key_signs_the_very_same_signature() {
    let Some(sample) = text("checkpoint") else { return };
    let seed = leafless_sha256(b"test log key");
    let signer = NoteSigner::from_seed("node-a.example/log", KeyKind::Ed25519, &seed).unwrap();
    let checkpoint = open_checkpoint(&sample, &[signer.verifier().clone()]).unwrap();
    let signed = sign_checkpoint(&checkpoint, &[&signer]).unwrap();
    assert_eq!(signed.lines().collect::<Vec<_>>(), sample.lines().take(5).collect::<Vec<_>>());
}

#[test]
fn the_sample_witness_cosigns_the_very_same_line() {
    let Some(sample) = text("checkpoint") else { return };
    let seed = leafless_sha256(b"test witness key");
    let signer = NoteSigner::from_seed("witness.node-b.example", KeyKind::Ed25519Cosigner, &seed).unwrap();
    let note = SignedNote::parse(&sample).unwrap();
    let keys = [signer.verifier().clone()];
    let time = note.verify(&keys).unwrap()[0].time.unwrap();
    let line = cosign(&Checkpoint::parse(note.text()).unwrap(), &signer, time).unwrap();
    assert_eq!(line, note.signatures()[1]);
}

fn leafless_sha256(text: &[u8]) -> [u8; 32] {
    Origin::new(std::str::from_utf8(text).unwrap()).unwrap().hash()
}

#[test]
fn the_sample_entries_are_the_leaves_of_the_sample_tiles() {
    let Some(folder) = samples() else { return };
    let mut frontier = Frontier::new();
    for index in 0..2 {
        let path = BundleId::in_tree(index, 300).unwrap().path();
        let bytes = fs::read(folder.join(path)).unwrap();
        let entries = parse_bundle(&bytes).unwrap();
        assert_eq!(encode_bundle(&entries).unwrap(), bytes);
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        assert_eq!(leaves, SampleTiles(folder.clone()).tile(0, index).unwrap());
        for growth in tile_growth(&mut frontier, &leaves) {
            let tile = SampleTiles(folder.clone()).tile(growth.level, growth.index).unwrap();
            assert_eq!(growth.hashes, tile);
        }
    }
    let root =
        Checkpoint::parse(SignedNote::parse(&text("checkpoint").unwrap()).unwrap().text()).unwrap().root;
    assert_eq!(frontier.root(), root);
    assert_eq!(root_at(&SampleTiles(folder), 300).unwrap(), root);
}

#[test]
fn the_sample_proof_file_proves_entry_260_and_no_other() {
    let Some(log) = key("log vkey:") else { return };
    let text = text("proof-260.tlog-proof").unwrap();
    let file: ProofFile = text.parse().unwrap();
    assert_eq!(file.to_string(), text);
    let entry = |number| format!(r#"{{"seq":{number},"event":"release","object":"obj-{number:04}"}}"#);
    let (leaf, other) = (leaf_hash(entry(260).as_bytes()), leaf_hash(entry(261).as_bytes()));
    let keys = [log];
    assert_eq!(file.verify(&leaf, &keys).unwrap().size, 300);
    assert_eq!(file.verify(&other, &keys), Err(ProofFileError::Proof(ProofError::Root)));
    let made = prove_inclusion(&SampleTiles(samples().unwrap()), 300, 260).unwrap();
    assert_eq!(made, file.proof());
}

#[test]
fn the_sample_witness_request_may_be_cosigned() {
    let Some(body) = text("add-checkpoint-100-to-300.txt") else { return };
    let request: AddCheckpoint = body.parse().unwrap();
    assert_eq!(request.to_string(), body);
    let keys = [key("log vkey:").unwrap()];
    let before = open_checkpoint(&text("checkpoint.100").unwrap(), &keys).unwrap();
    assert_eq!(request.check(&keys, Some((100, before.root))).unwrap().size, 300);
    let made = prove_consistency(&SampleTiles(samples().unwrap()), 100, 300).unwrap();
    assert_eq!(AddCheckpoint::new(100, made, &text("checkpoint").unwrap()), Ok(request));
}

/// A hash of a vector; `None` where it has not 32 bytes, which in our types cannot even be said.
fn vector_hash(value: &Value) -> Option<Hash> {
    BASE64.decode(value.as_str()?.as_bytes()).ok()?.try_into().ok().map(Hash)
}

fn vector_proof(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |hashes| hashes.iter().map(vector_hash).collect())
}

fn inclusion_holds(vector: &Value) -> Option<bool> {
    let (leaf, root) = (vector_hash(&vector["leafHash"])?, vector_hash(&vector["root"])?);
    let (index, size) = (vector["leafIdx"].as_u64()?, vector["treeSize"].as_u64()?);
    Some(verify_inclusion(&leaf, index, size, &vector_proof(&vector["proof"])?, &root).is_ok())
}

fn consistency_holds(vector: &Value) -> Option<bool> {
    let (old_root, new_root) = (vector_hash(&vector["root1"])?, vector_hash(&vector["root2"])?);
    let (old, new) = (vector["size1"].as_u64()?, vector["size2"].as_u64()?);
    Some(verify_consistency(old, new, &old_root, &new_root, &vector_proof(&vector["proof"])?).is_ok())
}

#[test]
fn the_transparency_dev_vectors_come_out_as_they_should() {
    let Some(text) = text("rfc6962-proof-vectors.json") else { return };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    type Holds = fn(&Value) -> Option<bool>;
    for (kind, holds) in [("inclusion", inclusion_holds as Holds), ("consistency", consistency_holds)] {
        let cases = vectors[kind].as_array().unwrap();
        assert_eq!(cases.len(), 49);
        for vector in cases {
            let expected = !vector["wantErr"].as_bool().unwrap();
            assert_eq!(holds(vector).unwrap_or(false), expected, "{}", vector["file"]);
        }
    }
}
