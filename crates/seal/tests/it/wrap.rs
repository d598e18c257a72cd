//! Content keys wrapped and unwrapped, and everything that must not unwrap.

use attache_accord::Timestamp;
use attache_seal::kem::{KemError, KemPublic, KemSecret};
use attache_seal::wrap::{EcSecret, Encapsulation, RsaSecret, WrapError, unwrap_hybrid, wrap_ec, wrap_rsa};
use attache_seal::{ContentKey, binding, pem};

const NOON: Timestamp = Timestamp(1_795_478_400_000);
const HOUR_MILLIS: u64 = 3_600_000;

fn key() -> ContentKey {
    ContentKey::from_bytes(&[0x5a; 32])
}

fn same(a: &ContentKey, b: &ContentKey) -> bool {
    a.dangerously_expose() == b.dangerously_expose()
}

/// P-256 and RSA keys made for the tests, in PKCS#8 and SubjectPublicKeyInfo.
fn p256() -> (EcSecret, Vec<u8>) {
    use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
    use aws_lc_rs::encoding::{AsDer, EcPrivateKeyRfc5915Der, PublicKeyX509Der};
    let private = PrivateKey::generate(&ECDH_P256).unwrap();
    let der: EcPrivateKeyRfc5915Der = private.as_der().unwrap();
    let spki: PublicKeyX509Der = private.compute_public_key().unwrap().as_der().unwrap();
    (EcSecret::from_der(der.as_ref()).unwrap(), spki.as_ref().to_vec())
}

fn rsa(size: aws_lc_rs::rsa::KeySize) -> (RsaSecret, Vec<u8>) {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    let private = aws_lc_rs::rsa::PrivateDecryptingKey::generate(size).unwrap();
    let der: Pkcs8V1Der = private.as_der().unwrap();
    let spki: PublicKeyX509Der = private.public_key().as_der().unwrap();
    (RsaSecret::from_pkcs8_der(der.as_ref()).unwrap(), spki.as_ref().to_vec())
}

#[test]
fn the_partners_node_unwraps_what_was_wrapped_for_it() {
    let secret = KemSecret::generate().unwrap();
    let wrapped = Encapsulation::fresh(secret.public(), NOON).unwrap().wrap(&key(), NOON).unwrap();
    assert!(same(&unwrap_hybrid(&secret, &wrapped).unwrap(), &key()));
}

#[test]
fn another_node_does_not_unwrap_it() {
    let secret = KemSecret::generate().unwrap();
    let other = KemSecret::generate().unwrap();
    let wrapped = Encapsulation::fresh(secret.public(), NOON).unwrap().wrap(&key(), NOON).unwrap();
    assert_eq!(unwrap_hybrid(&other, &wrapped).unwrap_err(), WrapError::Closed);
}

#[test]
fn a_wrapped_key_with_any_byte_changed_does_not_unwrap() {
    let secret = KemSecret::generate().unwrap();
    let wrapped = Encapsulation::fresh(secret.public(), NOON).unwrap().wrap(&key(), NOON).unwrap();
    for at in (0..wrapped.len()).step_by(13).chain(wrapped.len() - 62..wrapped.len()) {
        let mut altered = wrapped.clone();
        altered[at] ^= 1;
        assert!(unwrap_hybrid(&secret, &altered).is_err(), "byte {at}");
    }
}

#[test]
fn a_wrapped_key_cut_short_or_lengthened_is_refused_by_its_form() {
    let secret = KemSecret::generate().unwrap();
    let wrapped = Encapsulation::fresh(secret.public(), NOON).unwrap().wrap(&key(), NOON).unwrap();
    let form = WrapError::Form("hybrid-wrapped");
    for end in 0..wrapped.len() {
        assert_eq!(unwrap_hybrid(&secret, &wrapped[..end]).unwrap_err(), form);
    }
    assert_eq!(unwrap_hybrid(&secret, &[wrapped, vec![0]].concat()).unwrap_err(), form);
}

#[test]
fn two_items_under_one_encapsulation_share_the_kem_ciphertext_and_nothing_else() {
    let secret = KemSecret::generate().unwrap();
    let mut encapsulation = Encapsulation::fresh(secret.public(), NOON).unwrap();
    let first = encapsulation.wrap(&key(), NOON).unwrap();
    let second = encapsulation.wrap(&key(), NOON).unwrap();
    assert_eq!(first[..1673], second[..1673]);
    assert_ne!(first[1675..1687], second[1675..1687]);
}

#[test]
fn an_encapsulation_is_spent_after_an_hour() {
    let secret = KemSecret::generate().unwrap();
    let mut encapsulation = Encapsulation::fresh(secret.public(), NOON).unwrap();
    assert!(encapsulation.wrap(&key(), NOON.plus_millis(HOUR_MILLIS)).is_ok());
    let later = encapsulation.wrap(&key(), NOON.plus_millis(HOUR_MILLIS + 1));
    assert_eq!(later.unwrap_err(), WrapError::Spent);
}

#[test]
fn an_encapsulation_is_spent_after_ten_thousand_keys() {
    let secret = KemSecret::generate().unwrap();
    let mut encapsulation = Encapsulation::fresh(secret.public(), NOON).unwrap();
    for _ in 0..10_000 {
        encapsulation.wrap(&key(), NOON).unwrap();
    }
    assert_eq!(encapsulation.wrap(&key(), NOON).unwrap_err(), WrapError::Spent);
}

#[test]
fn an_encapsulation_from_the_future_is_spent() {
    let secret = KemSecret::generate().unwrap();
    let mut encapsulation = Encapsulation::fresh(secret.public(), NOON).unwrap();
    let before = Timestamp(NOON.0 - 1);
    assert_eq!(encapsulation.wrap(&key(), before).unwrap_err(), WrapError::Spent);
}

#[test]
fn a_stored_kem_key_comes_back_with_its_public_half() {
    let secret = KemSecret::generate().unwrap();
    let again = KemSecret::from_secret_bytes(&secret.to_secret_bytes()).unwrap();
    assert_eq!(again.public(), secret.public());
    let (shared, ciphertext) = secret.public().encapsulate().unwrap();
    assert_eq!(again.decapsulate(&ciphertext).unwrap(), shared);
}

#[test]
fn a_stored_kem_key_whose_halves_do_not_fit_is_refused() {
    let mut bytes = KemSecret::generate().unwrap().to_secret_bytes();
    bytes[1600] ^= 1;
    assert_eq!(KemSecret::from_secret_bytes(&bytes).unwrap_err(), KemError::SecretKey);
}

#[test]
fn a_public_kem_key_travels_as_the_spki_of_the_draft() {
    let secret = KemSecret::generate().unwrap();
    let der = secret.public().to_spki_der();
    assert_eq!(&KemPublic::from_spki_der(&der).unwrap(), secret.public());
    // 1.3.6.1.5.5.7.6.63 in DER, and no parameters after it.
    assert_eq!(der[4..16], [0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 6, 63]);
}

#[test]
fn a_public_kem_key_of_another_algorithm_or_with_a_point_off_the_curve_is_refused() {
    let der = KemSecret::generate().unwrap().public().to_spki_der();
    let refused = |at: usize, value: u8| {
        let mut altered = der.clone();
        altered[at] = value;
        KemPublic::from_spki_der(&altered).is_err()
    };
    assert!(refused(15, 59), "OID");
    assert!(refused(21 + 1568, 2), "compressed point");
    assert!(refused(der.len() - 1, der[der.len() - 1] ^ 1), "off the curve");
    assert!(refused(22, 0xff) && refused(23, 0xff), "coefficient above the modulus");
    assert!(KemPublic::from_spki_der(&der[..der.len() - 1]).is_err());
}

#[test]
fn a_foreign_client_with_an_rsa_key_unwraps() {
    let (secret, public) = rsa(aws_lc_rs::rsa::KeySize::Rsa2048);
    assert!(same(&secret.unwrap(&wrap_rsa(&public, &key()).unwrap()).unwrap(), &key()));
}

#[test]
fn an_rsa_wrapped_key_that_was_altered_stays_closed() {
    let (secret, public) = rsa(aws_lc_rs::rsa::KeySize::Rsa2048);
    let mut wrapped = wrap_rsa(&public, &key()).unwrap();
    wrapped[100] ^= 1;
    assert_eq!(secret.unwrap(&wrapped).unwrap_err(), WrapError::Closed);
    assert_eq!(secret.unwrap(&[]).unwrap_err(), WrapError::Closed);
}

#[test]
fn an_elliptic_curve_key_is_not_taken_for_rsa_nor_the_other_way_round() {
    let (_, rsa_public) = rsa(aws_lc_rs::rsa::KeySize::Rsa2048);
    let (_, ec_public) = p256();
    assert!(matches!(wrap_rsa(&ec_public, &key()), Err(WrapError::Key(_))));
    assert!(matches!(wrap_ec(&rsa_public, &key()), Err(WrapError::Key(_))));
}

#[test]
fn a_foreign_client_with_a_p256_key_unwraps() {
    let (secret, public) = p256();
    let wrapped = wrap_ec(&public, &key()).unwrap();
    let opened = secret.unwrap(&wrapped.wrapped_key, &wrapped.ephemeral_public_key).unwrap();
    assert!(same(&opened, &key()));
}

#[test]
fn a_p256_wrapped_key_needs_its_own_ephemeral_key() {
    let (secret, public) = p256();
    let first = wrap_ec(&public, &key()).unwrap();
    let second = wrap_ec(&public, &key()).unwrap();
    let crossed = secret.unwrap(&first.wrapped_key, &second.ephemeral_public_key);
    assert_eq!(crossed.unwrap_err(), WrapError::Closed);
    let none = secret.unwrap(&first.wrapped_key, "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n");
    assert_eq!(none.unwrap_err(), WrapError::Form("ec-wrapped"));
}

#[test]
fn two_shares_make_the_key_and_one_share_is_another_key() {
    let (first, second) = key().split().unwrap();
    assert!(same(&first.xor(&second), &key()));
    assert!(!same(&first, &key()) && !same(&second, &key()));
}

#[test]
fn a_binding_is_written_in_the_form_of_88_characters_and_read_in_both() {
    let hash = binding::bind(&key(), "cG9saWN5");
    assert_eq!(hash.len(), 88);
    assert!(binding::verify(&key(), "cG9saWN5", &hash));
    let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[0x5a; 32]);
    let short = data_encoding::BASE64.encode(aws_lc_rs::hmac::sign(&hmac, b"cG9saWN5").as_ref());
    assert_eq!(short.len(), 44);
    assert!(binding::verify(&key(), "cG9saWN5", &short));
}

#[test]
fn a_binding_of_another_policy_or_under_another_key_does_not_hold() {
    let hash = binding::bind(&key(), "cG9saWN5");
    assert!(!binding::verify(&key(), "cG9saWN6", &hash));
    assert!(!binding::verify(&ContentKey::from_bytes(&[1; 32]), "cG9saWN5", &hash));
    for broken in ["", "AAAA", "not base64", &hash[..84]] {
        assert!(!binding::verify(&key(), "cG9saWN5", broken), "{broken:?}");
    }
}

#[test]
fn pem_with_windows_line_ends_is_read_and_a_wrong_label_is_not() {
    let text = pem::encode(&[7; 100], "PUBLIC KEY").replace('\n', "\r\n");
    assert_eq!(pem::decode(&text, "PUBLIC KEY").unwrap().as_slice(), [7; 100]);
    assert!(pem::decode(&text, "PRIVATE KEY").is_none());
    assert!(pem::decode(&text.replace("-----END", "----END"), "PUBLIC KEY").is_none());
}

#[test]
fn no_secret_shows_in_debug() {
    let secret = KemSecret::generate().unwrap();
    assert!(format!("{secret:?}").len() < 80);
    assert_eq!(format!("{:?}", key()), "ContentKey(..)");
}
