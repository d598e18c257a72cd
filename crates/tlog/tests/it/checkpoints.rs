//! Who signed what: keys, notes, checkpoints and cosignatures.

use attache_tlog::*;
use data_encoding::BASE64;
use proptest::prelude::*;
use std::slice::from_ref;

pub const ORIGIN: &str = "node-a.example/log";

/// The keys of a log that signs twice, and of a witness that cosigns twice. The seeds are public: test keys only.
pub struct Keys {
    pub ed25519: NoteSigner,
    pub ml_dsa: NoteSigner,
    pub witness: NoteSigner,
    pub witness_ml_dsa: NoteSigner,
}

impl Keys {
    pub fn of_test() -> Self {
        let key = |name, kind, seed| NoteSigner::from_seed(name, kind, &[seed; 32]).unwrap();
        Self {
            ed25519: key(ORIGIN, KeyKind::Ed25519, 1),
            ml_dsa: key(ORIGIN, KeyKind::MlDsa44, 2),
            witness: key("witness.example", KeyKind::Ed25519Cosigner, 3),
            witness_ml_dsa: key("witness.example", KeyKind::MlDsa44, 4),
        }
    }

    pub fn log(&self) -> [VerifierKey; 2] {
        [self.ed25519.verifier().clone(), self.ml_dsa.verifier().clone()]
    }

    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        sign_checkpoint(checkpoint, &[&self.ed25519, &self.ml_dsa]).unwrap()
    }
}

pub fn checkpoint(size: u64) -> Checkpoint {
    let root = leaf_hash(&size.to_be_bytes());
    Checkpoint { origin: Origin::new(ORIGIN).unwrap(), size, root, extensions: vec![] }
}

#[test]
fn a_checkpoint_opens_only_with_both_signatures_of_the_log() {
    let keys = Keys::of_test();
    let (both, log) = (keys.sign(&checkpoint(9)), keys.log());
    assert_eq!(open_checkpoint(&both, &log), Ok(checkpoint(9)));
    for (signer, missing) in [(&keys.ed25519, &keys.ml_dsa), (&keys.ml_dsa, &keys.ed25519)] {
        let one = sign_checkpoint(&checkpoint(9), &[signer]).unwrap();
        let key_id = missing.verifier().key_id();
        assert_eq!(open_checkpoint(&one, &log), Err(CheckpointError::Unsigned { key_id }));
        assert_eq!(open_checkpoint_by_any(&one, &log), Ok(checkpoint(9)));
    }
}

#[test]
fn a_checkpoint_is_not_believed_without_a_known_key() {
    let signed = Keys::of_test().sign(&checkpoint(9));
    let stranger = NoteSigner::from_seed(ORIGIN, KeyKind::Ed25519, &[9; 32]).unwrap();
    let unknown = Err(CheckpointError::Note(NoteError::NoKnownSignature));
    assert_eq!(open_checkpoint(&signed, &[stranger.verifier().clone()]), unknown);
    assert_eq!(open_checkpoint(&signed, &[]), unknown);
    assert_eq!(open_checkpoint_by_any(&signed, &[]), unknown);
}

#[test]
fn a_false_signature_by_a_known_key_fails_the_note_however_many_others_are_true() {
    let keys = Keys::of_test();
    let signed = keys.sign(&checkpoint(9));
    let other = keys.sign(&checkpoint(10));
    let line = |note: &str, number: usize| SignedNote::parse(note).unwrap().signatures()[number].clone();
    for number in [0, 1] {
        let mut note = SignedNote::parse(&signed).unwrap();
        note.add(line(&other, number)).unwrap();
        let opened = open_checkpoint(&note.to_string(), &keys.log());
        let false_signature = matches!(opened, Err(CheckpointError::Note(NoteError::FalseSignature { .. })));
        assert!(false_signature, "{opened:?}");
    }
}

#[test]
fn a_log_signs_in_its_own_name_only() {
    let keys = Keys::of_test();
    let elsewhere = Checkpoint { origin: Origin::new("node-b.example/log").unwrap(), ..checkpoint(9) };
    let refused = Err(CheckpointError::KeyName { name: ORIGIN.to_owned() });
    assert_eq!(sign_checkpoint(&elsewhere, &[&keys.ed25519]), refused);
    let text = elsewhere.encode().unwrap();
    let signature = keys.ed25519.sign(&text, 0).unwrap();
    let forged = SignedNote::new(text, vec![signature]).unwrap().to_string();
    let opened = open_checkpoint(&forged, from_ref(keys.ed25519.verifier()));
    assert_eq!(opened, Err(CheckpointError::KeyName { name: ORIGIN.to_owned() }));
}

#[test]
fn a_cosigner_key_is_no_log_key_nor_the_other_way_round() {
    let keys = Keys::of_test();
    let cosigner = NoteSigner::from_seed(ORIGIN, KeyKind::Ed25519Cosigner, &[1; 32]).unwrap();
    assert_eq!(sign_checkpoint(&checkpoint(9), &[&cosigner]), Err(CheckpointError::KeyKind));
    assert_eq!(cosign(&checkpoint(9), &keys.ed25519, 1), Err(CheckpointError::KeyKind));
    assert_ne!(cosigner.verifier().key_id(), keys.ed25519.verifier().key_id());
}

#[test]
fn a_checkpoint_without_signers_is_not_signed() {
    assert_eq!(sign_checkpoint(&checkpoint(9), &[]), Err(CheckpointError::Note(NoteError::Form)));
}

#[test]
fn a_witness_signs_the_time_with_the_checkpoint() {
    let keys = Keys::of_test();
    for signer in [&keys.witness, &keys.witness_ml_dsa] {
        let mut note = SignedNote::parse(&keys.sign(&checkpoint(9))).unwrap();
        note.add(cosign(&checkpoint(9), signer, 1_795_000_000).unwrap()).unwrap();
        let known = [signer.verifier().clone()];
        assert_eq!(note.verify(&known).unwrap()[0].time, Some(1_795_000_000));
        let mut forged = SignedNote::parse(&keys.sign(&checkpoint(9))).unwrap();
        forged.add(with_time_shifted(&note.signatures()[2])).unwrap();
        assert!(matches!(forged.verify(&known), Err(NoteError::FalseSignature { .. })));
    }
}

/// A cosignature that says another second: the eight bytes after the key id are the time.
fn with_time_shifted(cosignature: &NoteSignature) -> NoteSignature {
    let line = cosignature.to_string();
    let (start, blob) = line.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = BASE64.decode(blob.as_bytes()).unwrap();
    bytes[11] ^= 1;
    NoteSignature::parse(&format!("{start} {}", BASE64.encode(&bytes))).unwrap()
}

#[test]
fn a_witness_states_a_time_that_fits_63_bits() {
    let keys = Keys::of_test();
    let refused = Err(CheckpointError::Note(NoteError::Time));
    assert_eq!(cosign(&checkpoint(9), &keys.witness, 0), refused);
    assert_eq!(cosign(&checkpoint(9), &keys.witness_ml_dsa, 1 << 63), refused);
}

#[test]
fn only_checkpoints_are_cosigned() {
    let keys = Keys::of_test();
    assert_eq!(keys.witness.sign("I owe you a receipt\n", 1), Err(NoteError::NotACheckpoint));
    assert_eq!(keys.witness_ml_dsa.sign("I owe you a receipt\n", 1), Err(NoteError::NotACheckpoint));
}

#[test]
fn ml_dsa_signs_the_cosigned_message_of_the_specification() {
    let text = checkpoint(9).encode().unwrap();
    let message = Keys::of_test().witness_ml_dsa.verifier().message(&text, 7).unwrap();
    let mut expected = b"subtree/v1\n\0\x0fwitness.example\0\0\0\0\0\0\0\x07\x12node-a.example/log".to_vec();
    expected.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    expected.extend_from_slice(&checkpoint(9).root.0);
    assert_eq!(message, expected);
}

#[test]
fn extension_lines_are_believed_only_under_ed25519() {
    let keys = Keys::of_test();
    let extended = Checkpoint { extensions: vec!["a line".to_owned()], ..checkpoint(9) };
    let signed = sign_checkpoint(&extended, &[&keys.ed25519]).unwrap();
    assert_eq!(open_checkpoint(&signed, from_ref(keys.ed25519.verifier())), Ok(extended.clone()));
    let refused = Err(CheckpointError::ExtensionNotCovered);
    assert_eq!(sign_checkpoint(&extended, &[&keys.ed25519, &keys.ml_dsa]), refused);
    let plain = sign_checkpoint(&checkpoint(9), &[&keys.ml_dsa]).unwrap();
    let slipped_in = plain.replacen("\n\n", "\na line\n\n", 1);
    let opened = open_checkpoint(&slipped_in, from_ref(keys.ml_dsa.verifier()));
    assert_eq!(opened, Err(CheckpointError::ExtensionNotCovered));
}

#[test]
fn keys_do_not_show_themselves() {
    let shown = format!("{:?}", Keys::of_test().ed25519);
    assert!(shown.starts_with("NoteSigner(VerifierKey(node-a.example/log+"), "{shown}");
    assert!(shown.len() < 64, "{shown}");
}

#[test]
fn a_vkey_must_fit_its_name_kind_and_id() {
    let vkey = Keys::of_test().ed25519.verifier().to_string();
    let (name, rest) = vkey.split_once('+').unwrap();
    let (id, key) = rest.split_once('+').unwrap();
    let with_type = |byte: u8| {
        let mut typed = BASE64.decode(key.as_bytes()).unwrap();
        typed[0] = byte;
        BASE64.encode(&typed)
    };
    let parse = |text: String| text.parse::<VerifierKey>().map(|_| ());
    assert_eq!(parse(vkey.clone()), Ok(()));
    assert_eq!(parse(format!("{name}x+{id}+{key}")), Err(KeyError::Id));
    assert_eq!(parse(format!("{name}+{id}+{}", with_type(4))), Err(KeyError::Id));
    assert_eq!(parse(format!("{name}+{id}+{}", with_type(2))), Err(KeyError::Kind { found: 2 }));
    assert_eq!(parse(format!("{name}+{}+{key}", id.to_uppercase() + "0")), Err(KeyError::Form));
    assert_eq!(parse(format!("+{id}+{key}")), Err(KeyError::Name));
    assert_eq!(parse(format!("a b+{id}+{key}")), Err(KeyError::Name));
    assert_eq!(parse(format!("{name}+{id}+{}", &key[..40])), Err(KeyError::PublicKeyLength { found: 29 }));
    assert_eq!(parse(format!("{name}+{id}")), Err(KeyError::Form));
    assert_eq!(parse("x".repeat(4000)), Err(KeyError::Form));
}

#[test]
fn a_key_comes_from_its_pkcs8_as_from_its_seed() {
    // RFC 8410 section 7 and RFC 9881: a fixed head, then the seed.
    let heads = [
        (KeyKind::Ed25519, "302e020100300506032b657004220420"),
        (KeyKind::MlDsa44, "3034020100300b0609608648016503040311042280 20"),
    ];
    for (kind, head) in heads {
        let mut pkcs8 = data_encoding::HEXLOWER.decode(head.replace(' ', "").as_bytes()).unwrap();
        pkcs8.extend_from_slice(&[5; 32]);
        let from_pkcs8 = NoteSigner::from_pkcs8(ORIGIN, kind, &pkcs8).unwrap();
        let from_seed = NoteSigner::from_seed(ORIGIN, kind, &[5; 32]).unwrap();
        assert_eq!(from_pkcs8.verifier(), from_seed.verifier());
    }
    let refused = NoteSigner::from_pkcs8(ORIGIN, KeyKind::MlDsa44, b"no key").map(|_| ());
    assert_eq!(refused, Err(KeyError::PrivateKey));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_bit_changed_anywhere_in_a_signed_checkpoint_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let keys = Keys::of_test();
        let signed = keys.sign(&checkpoint(9));
        let mut bytes = signed.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // What is no longer UTF-8 does not even reach the parser.
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(open_checkpoint(&changed, &keys.log()).is_err());
        }
    }
}
