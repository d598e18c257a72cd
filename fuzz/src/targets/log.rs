//! The transparency log: notes, checkpoints, proofs, keys, paths and bundles.

use super::text;
use crate::Target;
use attache_tlog::{
    AddCheckpoint, BundleId, Checkpoint, FIELDS, ForkProof, Hash, MAX_NOTE_BYTES, MAX_PROOF_HASHES,
    MAX_SIGNATURES, NoteSignature, ProofFile, SignedNote, TileId, VerifierKey, encode_bundle,
    open_checkpoint_by_any, parse_bundle, parse_opened, verify_consistency, verify_inclusion,
};

pub const NOTE: Target = Target {
    name: "note",
    reads: "tlog: notes, checkpoints, cosignatures",
    run: note,
    rounds: 36_000,
    words: &["\u{2014} ", "\n\n", "\n", "18446744073709551615", "00", "+"],
};

pub const PROOF_FILE: Target = Target {
    name: "proof-file",
    reads: "tlog::ProofFile",
    run: proof_file,
    rounds: 36_000,
    words: &["c2sp.org/tlog-proof@v1\n", "extra ", "index ", "\n\n"],
};

pub const WITNESS: Target = Target {
    name: "witness",
    reads: "tlog::AddCheckpoint",
    run: witness,
    rounds: 36_000,
    words: &["old ", "\n\n", "0"],
};

pub const FORK: Target = Target {
    name: "fork",
    reads: "tlog::ForkProof",
    run: fork,
    rounds: 24_000,
    words: &["attache/fork/v1\n", "kept ", "shown ", "proof ", "none\n", "\n\n", "0"],
};

pub const VKEY: Target =
    Target { name: "vkey", reads: "tlog::VerifierKey", run: vkey, rounds: 60_000, words: &["+", "=", "AQ"] };

pub const PATH: Target = Target {
    name: "path",
    reads: "tlog::TileId, tlog::BundleId",
    run: path,
    rounds: 60_000,
    words: &["tile/", "entries/", "x001/", ".p/", "0", "255", "256"],
};

pub const BUNDLE: Target =
    Target { name: "bundle", reads: "tlog::parse_bundle", run: bundle, rounds: 36_000, words: &[] };

pub const OPENED: Target =
    Target { name: "opened", reads: "tlog::parse_opened", run: opened, rounds: 36_000, words: &[] };

pub const PROOF: Target = Target {
    name: "proof",
    reads: "tlog::verify_inclusion, tlog::verify_consistency",
    run: proof,
    rounds: 36_000,
    words: &[],
};

fn note(bytes: &[u8]) {
    let whole = text(bytes);
    if let Ok(note) = SignedNote::parse(whole) {
        assert_eq!(note.to_string(), whole, "a note has one form");
        assert!(whole.len() <= MAX_NOTE_BYTES && note.signatures().len() <= MAX_SIGNATURES);
        if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
            assert_eq!(checkpoint.encode().as_deref(), Ok(note.text()), "a checkpoint has one form");
        }
    }
    // A key that nobody has: whatever it is, it is not signed by that.
    let key = VerifierKey::new("node-a.example/log", attache_tlog::KeyKind::Ed25519, &[7; 32]);
    assert!(key.is_ok_and(|key| open_checkpoint_by_any(whole, &[key]).is_err()));
    for line in whole.lines() {
        if let Ok(signature) = NoteSignature::parse(line) {
            assert_eq!(signature.to_string().trim_end_matches('\n'), line, "a signature line has one form");
        }
    }
}

fn proof_file(bytes: &[u8]) {
    let whole = text(bytes);
    let Ok(file) = whole.parse::<ProofFile>() else { return };
    assert_eq!(file.to_string(), whole, "a proof file has one form");
    assert!(file.proof().len() <= MAX_PROOF_HASHES);
}

fn witness(bytes: &[u8]) {
    let whole = text(bytes);
    let Ok(asked) = whole.parse::<AddCheckpoint>() else { return };
    assert_eq!(asked.to_string(), whole, "a request to a witness has one form");
    assert!(asked.check(&[], Some((asked.old(), Hash([0; 32])))).is_err(), "no key, no cosignature");
}

fn fork(bytes: &[u8]) {
    let whole = text(bytes);
    let Ok(file) = whole.parse::<ForkProof>() else { return };
    assert_eq!(file.to_string(), whole, "a proof of a fork has one form");
    assert!(file.judge(&[]).is_err(), "no key, no fork");
}

fn vkey(bytes: &[u8]) {
    let whole = text(bytes);
    let Ok(key) = whole.parse::<VerifierKey>() else { return };
    assert_eq!(key.to_string(), whole, "a verifier key has one form");
    let again = VerifierKey::new(key.name(), key.kind(), key.public_key());
    assert_eq!(again.as_ref().map(VerifierKey::key_id), Ok(key.key_id()));
}

fn path(bytes: &[u8]) {
    let whole = text(bytes);
    if let Ok(tile) = whole.parse::<TileId>() {
        assert_eq!(tile.path(), whole, "a tile has one path");
        assert!((1..=256).contains(&tile.width));
    }
    if let Ok(bundle) = whole.parse::<BundleId>() {
        assert_eq!(bundle.path(), whole, "a bundle has one path");
        assert!((1..=256).contains(&bundle.width));
    }
}

fn bundle(bytes: &[u8]) {
    let Ok(entries) = parse_bundle(bytes) else { return };
    assert!((1..=256).contains(&entries.len()));
    assert_eq!(encode_bundle(&entries).as_deref(), Ok(bytes), "a bundle has one form");
}

/// The first byte says how many fields are opened; the rest is what is opened of them.
fn opened(bytes: &[u8]) {
    let Some((count, rest)) = bytes.split_first() else { return };
    let fields: Vec<u8> = (0..count % (FIELDS as u8 + 2)).collect();
    let Ok(leaves) = parse_opened(rest, &fields) else { return };
    assert!(leaves.len() <= 256 && fields.len() <= FIELDS);
    let mut written = Vec::new();
    for leaf in &leaves {
        written.push(u8::from(leaf.is_some()));
        for (field, number) in leaf.iter().flatten().zip(&fields) {
            assert_eq!(field.field, *number);
            written.extend_from_slice(&field.salt);
            written.extend_from_slice(&(field.value.len() as u16).to_be_bytes());
            written.extend_from_slice(&field.value);
        }
    }
    assert_eq!(written, rest, "opened fields have one form");
}

/// Two numbers of 8 bytes, two hashes, and the proof: any sizes at all.
fn proof(bytes: &[u8]) {
    let Some((numbers, rest)) = bytes.split_first_chunk::<16>() else { return };
    let (hashes, _) = rest.as_chunks::<32>();
    let [first, second, proof @ ..] = hashes else { return };
    let (one, other) =
        (u128::from_be_bytes(*numbers) >> 64, u128::from_be_bytes(*numbers) & u128::from(u64::MAX));
    let (one, other) = (one as u64, other as u64);
    let proof: Vec<Hash> = proof.iter().copied().map(Hash).collect();
    let (first, second) = (Hash(*first), Hash(*second));
    if verify_inclusion(&first, one, other, &proof, &second).is_ok() {
        assert!(one < other && proof.len() <= MAX_PROOF_HASHES);
        let mut longer = proof.clone();
        longer.push(first);
        assert!(verify_inclusion(&first, one, other, &longer, &second).is_err(), "a proof has one length");
    }
    if verify_consistency(one, other, &first, &second, &proof).is_ok() {
        assert!(one <= other && proof.len() <= MAX_PROOF_HASHES);
        assert!(one != other || first == second, "one size, two roots");
    }
}
