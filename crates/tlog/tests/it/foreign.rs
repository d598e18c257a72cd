//! Bytes from abroad: no parser panics, and whatever is accepted has only that one spelling.

use crate::checkpoints::{Keys, checkpoint};
use attache_tlog::*;
use proptest::prelude::*;
use std::str::FromStr;
use std::sync::LazyLock;

/// One good text of each form, to be spoiled.
static GOOD: LazyLock<Vec<String>> = LazyLock::new(|| {
    let keys = Keys::of_test();
    let note = keys.sign(&checkpoint(300));
    let hashes = vec![leaf_hash(b"a"), leaf_hash(b"b")];
    let file = ProofFile::new(260, hashes.clone(), &note).unwrap().with_extra(b"extra".to_vec()).unwrap();
    vec![
        file.to_string(),
        AddCheckpoint::new(100, hashes, &note).unwrap().to_string(),
        note,
        checkpoint(300).encode().unwrap(),
        keys.ed25519.verifier().to_string(),
        "tile/3/x001/x234/067.p/44".to_owned(),
        "tile/entries/x001/234.p/44".to_owned(),
    ]
});

fn spoiled() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "",
        "\n",
        "\n\n",
        "0",
        " ",
        "\u{2014} ",
        "=",
        "A",
        "x000/",
        "/",
        "\r",
        "+",
        "é",
    ]);
    let cut = (any::<prop::sample::Index>(), 0usize..5, piece);
    (any::<prop::sample::Index>(), prop::collection::vec(cut, 1..4)).prop_map(|(which, cuts)| {
        let mut characters: Vec<char> = which.get(&GOOD).chars().collect();
        for (at, length, piece) in cuts {
            let start = at.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            characters.splice(start..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

fn reads_back<T: FromStr + ToString>(text: &str) -> bool {
    text.parse::<T>().map_or(true, |value| value.to_string() == text)
}

fn every_parser_is_strict(text: &str) {
    assert!(reads_back::<ProofFile>(text), "{text}");
    assert!(reads_back::<AddCheckpoint>(text), "{text}");
    assert!(reads_back::<VerifierKey>(text), "{text}");
    assert!(reads_back::<TileId>(text), "{text}");
    assert!(reads_back::<BundleId>(text), "{text}");
    assert!(SignedNote::parse(text).map_or(true, |note| note.to_string() == text), "{text}");
    assert!(
        Checkpoint::parse(text).map_or(true, |checkpoint| checkpoint.encode().unwrap() == text),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_spoiled_text_is_refused_or_reads_back_as_itself(text in spoiled()) {
        every_parser_is_strict(&text);
    }

    #[test]
    fn any_text_is_refused_or_reads_back_as_itself(text in any::<String>()) {
        every_parser_is_strict(&text);
    }

    #[test]
    fn any_bytes_are_refused_or_are_one_bundle(bytes in prop::collection::vec(0u8..4, 0..900)) {
        if let Ok(entries) = parse_bundle(&bytes) {
            prop_assert_eq!(encode_bundle(&entries).unwrap(), bytes);
        }
    }
}

#[test]
fn every_good_text_is_accepted_by_its_parser() {
    let [file, request, note, text, vkey, tile, bundle] = GOOD.as_slice() else { panic!("seven forms") };
    assert!(file.parse::<ProofFile>().is_ok() && request.parse::<AddCheckpoint>().is_ok());
    assert!(SignedNote::parse(note).is_ok() && Checkpoint::parse(text).is_ok());
    assert!(vkey.parse::<VerifierKey>().is_ok() && tile.parse::<TileId>().is_ok());
    assert!(bundle.parse::<BundleId>().is_ok());
}

#[test]
fn base64_has_one_spelling() {
    let parse = |blob: &str| NoteSignature::parse(&format!("\u{2014} a {blob}"));
    assert!(parse("AAAAAAA=").is_ok());
    // Padded pieces, set unused bits, missing padding, the alphabet for URLs, and white space.
    for blob in ["AAA=AAAAAAA=", "AA==AA==AA==", "AAAAAAB=", "AAAAAAA", "AAAAAA-=", " AAAAAAA=", "AAAAAAA=\n"]
    {
        assert_eq!(parse(blob), Err(NoteError::SignatureLine), "{blob}");
    }
}

#[test]
fn texts_over_their_limits_are_refused() {
    let line = "\u{2014} a AAAAAAA=\n";
    let note = |count| format!("text\n\n{}", line.repeat(count));
    assert!(SignedNote::parse(&note(MAX_SIGNATURES)).is_ok());
    assert_eq!(SignedNote::parse(&note(MAX_SIGNATURES + 1)), Err(NoteError::TooManySignatures));
    let long = "x".repeat(MAX_NOTE_BYTES) + &note(1);
    assert_eq!(SignedNote::parse(&long), Err(NoteError::TooLong));
    let hashes = vec![leaf_hash(b""); MAX_PROOF_HASHES + 1];
    assert_eq!(ProofFile::new(0, hashes, &note(1)), Err(ProofFileError::TooManyHashes));
    let extra = ProofFile::new(0, vec![], &note(1)).unwrap().with_extra(vec![0; MAX_EXTRA_BYTES + 1]);
    assert_eq!(extra, Err(ProofFileError::Extra));
    let extensions = vec!["x".to_owned(); MAX_EXTENSIONS + 1];
    let extended = Checkpoint { extensions, ..checkpoint(1) };
    assert_eq!(extended.encode(), Err(CheckpointError::Extension));
}
