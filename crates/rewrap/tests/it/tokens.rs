//! Access tokens.

use attache_accord::Timestamp;
use attache_rewrap::token::{Bearer, TokenKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

const NOW: Timestamp = Timestamp(1_795_478_400_000);
const ISSUER: &str = "https://seoul.kor/auth";
const AUDIENCE: &str = "https://seoul.kor";

fn key() -> TokenKey {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    TokenKey::from_pkcs8_der(der.as_ref()).unwrap()
}

fn bearer() -> Bearer {
    Bearer {
        client: "client-1".to_owned(),
        credential: "mark".to_owned(),
        thumbprint: Some("print".to_owned()),
    }
}

#[test]
fn a_token_says_whom_it_is_for_while_it_lasts() {
    let key = key();
    let token = key.issue(ISSUER, AUDIENCE, &bearer(), NOW).unwrap();
    let read = |at| key.read(&token, ISSUER, AUDIENCE, at);
    assert_eq!(read(NOW), Some(bearer()));
    assert_eq!(read(NOW.plus_millis(299_000)), Some(bearer()));
    assert_eq!(read(NOW.plus_millis(300_000)), None);
}

#[test]
fn a_token_of_another_key_issuer_or_audience_is_none() {
    let key = key();
    let token = key.issue(ISSUER, AUDIENCE, &bearer(), NOW).unwrap();
    assert_eq!(self::key().read(&token, ISSUER, AUDIENCE, NOW), None);
    assert_eq!(key.read(&token, "https://tokyo.jpn/auth", AUDIENCE, NOW), None);
    assert_eq!(key.read(&token, ISSUER, "https://tokyo.jpn", NOW), None);
    assert_eq!(key.read(token.rsplit_once('.').unwrap().0, ISSUER, AUDIENCE, NOW), None);
}

#[test]
fn the_key_set_shows_no_private_part() {
    let set = key().key_set();
    let key = set["keys"][0].as_object().unwrap();
    assert!(!key.contains_key("d"));
    assert_eq!((key["alg"].as_str(), key["kty"].as_str()), (Some("ES256"), Some("EC")));
}
