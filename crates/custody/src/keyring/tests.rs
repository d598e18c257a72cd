//! Keyrings: as stored, rotated, and as older builds wrote them.

use super::*;
use attache_seal::pair::Sign as _;

#[test]
fn a_keyring_comes_back_from_its_bytes() {
    let made = Keyring::generate("log.example/seoul").unwrap();
    let bytes = made.to_secret_bytes().unwrap();
    let read = Keyring::from_secret_bytes(&bytes, "log.example/seoul").unwrap();
    assert_eq!(made.node.verifying(), read.node.verifying());
    assert_eq!(made.kem.public().to_spki_der(), read.kem.public().to_spki_der());
    assert_eq!(made.label_es256_public(), read.label_es256_public());
    assert_eq!(*made.storage, *read.storage);
    let verifiers = |keys: &Keyring| keys.witness.iter().map(|s| s.verifier().clone()).collect::<Vec<_>>();
    assert_eq!((verifiers(&made), verifiers(&made).len()), (verifiers(&read), 2));
    assert!(verifiers(&read).iter().all(|key| key.name() == "log.example/seoul/witness"));
    assert!(Keyring::from_secret_bytes(&bytes[1..], "log.example/seoul").is_err());
}

/// As the build before rotation wrote it.
const OLD: &[u8] = include_bytes!("old.cbor");

#[test]
fn a_keyring_of_the_build_before_rotation_opens_and_is_written_as_it_was() {
    let read = Keyring::from_secret_bytes(OLD, "log.example/seoul").unwrap();
    assert!(read.retired.is_empty() && read.advanced().unwrap().is_none());
    assert_eq!(read.to_secret_bytes().unwrap().as_slice(), OLD);
    // It is no witness before a card can name its keys.
    let [kem, link] = [true, false].map(|kem| Which { kem, link: !kem, ..Which::default() });
    assert!(read.witness.is_empty());
    assert!(read.prepared(link).unwrap().advanced().unwrap().unwrap().witness.is_empty());
    let next = read.prepared(kem).unwrap().advanced().unwrap().unwrap();
    let after = next.prepared(kem).unwrap().advanced().unwrap().unwrap();
    let key = |keys: &Keyring| keys.witness[0].verifier().clone();
    assert_eq!(key(&next), key(&after), "and keeps the key that it is known by");
}

#[test]
fn a_rotation_keeps_what_it_does_not_name_and_retires_the_key_agreement_key() {
    let made = Keyring::generate("log.example/seoul").unwrap();
    let all = Which { kem: true, label: true, node: true, link: true };
    for which in [all, Which { kem: true, ..Which::default() }, Which { link: true, ..Which::default() }] {
        let prepared = made.prepared(which).unwrap();
        assert_eq!(prepared.node.verifying(), made.node.verifying(), "nothing changes before the card");
        let read = Keyring::from_secret_bytes(&prepared.to_secret_bytes().unwrap(), "log.example/seoul");
        let next = read.unwrap().advanced().unwrap().unwrap();
        assert_eq!(next.node.verifying() != made.node.verifying(), which.node);
        assert_eq!(next.label.verifying() != made.label.verifying(), which.label);
        assert_eq!(next.label_es256_public() != made.label_es256_public(), which.label);
        assert_eq!(next.kem.public() != made.kem.public(), which.kem);
        assert_eq!(next.tls_node_pkcs8 != made.tls_node_pkcs8, which.link);
        assert_eq!(next.tls_ca_pkcs8, made.tls_ca_pkcs8);
        assert_eq!(*next.storage, *made.storage);
        assert_eq!(next.log_ed25519.verifier(), made.log_ed25519.verifier());
        let retired: Vec<_> = next.retired.iter().map(KemSecret::public).collect();
        assert_eq!(retired, if which.kem { vec![made.kem.public()] } else { vec![] });
        assert!(next.advanced().unwrap().is_none());
    }
}

#[test]
fn retired_keys_are_kept_in_order_up_to_a_bound_and_the_key_file_has_room_for_them() {
    let kem = Which { kem: true, ..Which::default() };
    let mut keys = Keyring::generate("log.example/seoul").unwrap();
    let first = keys.kem.public().clone();
    for _ in 0..2 {
        keys = keys.prepared(kem).unwrap().advanced().unwrap().unwrap();
    }
    assert_eq!((keys.retired.len(), keys.retired[0].public()), (2, &first));
    let one = keys.stored.retired.as_ref().unwrap()[0].clone();
    keys.stored.retired = Some(vec![one; MAX_RETIRED]);
    let bytes = keys.to_secret_bytes().unwrap();
    assert!(bytes.len() + 4096 < crate::keyfile::MAX_SEALED_BYTES);
    let full = Keyring::from_secret_bytes(&bytes, "log.example/seoul").unwrap();
    assert!(matches!(full.prepared(kem), Err(KeyringError::Full)));
}

#[test]
fn debug_shows_no_key() {
    let shown = format!("{:?}", Keyring::generate("log.example/seoul").unwrap());
    assert!(shown.len() < 120, "{shown}");
}

#[test]
fn service_keys_made_anew_stand_behind_those_before_and_survive_a_rotation() {
    let made = Keyring::generate("log.example/seoul").unwrap();
    assert!(made.service_keys().unwrap().is_empty() && made.token_pkcs8().is_none());
    let first = made.with_service().unwrap();
    let both = first.with_service().unwrap();
    let read = Keyring::from_secret_bytes(&both.to_secret_bytes().unwrap(), "log.example/seoul").unwrap();
    let kids = |keys: &Keyring| -> Vec<String> {
        keys.service_keys().unwrap().into_iter().map(|keys| keys.rsa_public.kid).collect()
    };
    assert_eq!((kids(&read).len(), &kids(&read)[0]), (2, &kids(&first)[0]));
    assert_ne!(read.token_pkcs8(), first.token_pkcs8());
    let link = Which { link: true, ..Which::default() };
    let rotated = read.prepared(link).unwrap().advanced().unwrap().unwrap();
    assert_eq!(kids(&rotated), kids(&read));
}
