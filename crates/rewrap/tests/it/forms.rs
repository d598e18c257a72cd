//! Both forms of the messages, and the words of the denial.

use attache_accord::Timestamp;
use attache_rewrap::answer::{ClientKey, DENIAL, Outcome, PolicyAnswer, Wrapping, rewrap_response};
use attache_rewrap::limits::MAX_BODY_BYTES;
use attache_rewrap::{Codec, Rewrap, connect, message};
use attache_seal::wrap::{EcSecret, RsaSecret};
use attache_seal::{ContentKey, pem};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsDer, EcPrivateKeyRfc5915Der, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use data_encoding::BASE64;
use serde_json::Value;

fn answers(wrapped_key: Vec<u8>) -> Vec<PolicyAnswer> {
    let obligations = vec!["https://seoul.kor/obl/banner/value/kor-ii".to_owned()];
    let permit = Outcome::Permit { wrapped_key, obligations };
    let results = vec![("kao-0".to_owned(), permit), ("kao-1".to_owned(), Outcome::Denied)];
    vec![PolicyAnswer { id: "policy".to_owned(), results }]
}

fn rsa_client() -> (RsaSecret, ClientKey) {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der = key.as_der().unwrap();
    let spki: PublicKeyX509Der = key.public_key().as_der().unwrap();
    let client = ClientKey::read(&pem::encode(spki.as_ref(), "PUBLIC KEY")).unwrap();
    (RsaSecret::from_pkcs8_der(der.as_ref()).unwrap(), client)
}

#[test]
fn an_answer_in_json_has_the_members_that_clients_read() {
    let (secret, client) = rsa_client();
    let wrapping = Wrapping::begin(&client).unwrap();
    let key = ContentKey::from_bytes(&[7; 32]);
    let answers = answers(wrapping.wrap(&key).unwrap());
    let answered: Value =
        serde_json::from_slice(&rewrap_response(Codec::Json, &wrapping, &answers, false)).unwrap();
    let results = &answered["responses"][0]["results"];
    let wrapped = BASE64.decode(results[0]["kasWrappedKey"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(secret.unwrap(&wrapped).unwrap().dangerously_expose(), &[7; 32]);
    let obligations = &results[0]["metadata"]["X-Required-Obligations"];
    assert_eq!(obligations[0], "https://seoul.kor/obl/banner/value/kor-ii");
    assert_eq!(results[1]["error"], DENIAL);
    assert_eq!(answered.get("sessionPublicKey"), None);
}

#[test]
fn a_client_with_a_p256_key_opens_every_result_with_the_one_session_key() {
    let own = PrivateKey::generate(&ECDH_P256).unwrap();
    let der: EcPrivateKeyRfc5915Der = own.as_der().unwrap();
    let spki: PublicKeyX509Der = own.compute_public_key().unwrap().as_der().unwrap();
    let client = ClientKey::read(&pem::encode(spki.as_ref(), "PUBLIC KEY")).unwrap();
    assert!(matches!(client, ClientKey::P256(_)));
    let wrapping = Wrapping::begin(&client).unwrap();
    let keys = [[1; 32], [2; 32]].map(|bytes| ContentKey::from_bytes(&bytes));
    let wrapped = keys.each_ref().map(|key| wrapping.wrap(key).unwrap());
    let bytes = rewrap_response(Codec::Json, &wrapping, &answers(Vec::new()), false);
    let answered: Value = serde_json::from_slice(&bytes).unwrap();
    let session = answered["sessionPublicKey"].as_str().unwrap();
    let secret = EcSecret::from_der(der.as_ref()).unwrap();
    for (key, wrapped) in keys.iter().zip(&wrapped) {
        let opened = secret.unwrap(wrapped, session).unwrap();
        assert_eq!(opened.dangerously_expose(), key.dangerously_expose());
    }
}

/// Fields of a protobuf message, read by hand: number, and content of those that hold their length.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (first, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        assert_eq!(tag & 7, 2, "a field that holds its length");
        let length = varint(&mut bytes) as usize;
        let (content, rest) = bytes.split_at(length);
        found.push((tag >> 3, content));
        bytes = rest;
    }
    found
}

#[test]
fn an_answer_in_protobuf_has_the_fields_of_the_definition() {
    let (_, client) = rsa_client();
    let wrapping = Wrapping::begin(&client).unwrap();
    let bytes = rewrap_response(Codec::Proto, &wrapping, &answers(vec![9; 200]), false);
    let policies = fields(&bytes);
    assert_eq!(policies[0].0, 5);
    let policy = fields(policies[0].1);
    assert_eq!(policy[0], (1, b"policy".as_slice()));
    let permit = fields(policy[1].1);
    assert_eq!(permit[1..], [(2, b"kao-0".as_slice()), (3, b"permit"), (4, &[9; 200])]);
    let entry = fields(permit[0].1);
    assert_eq!((permit[0].0, entry[0]), (1, (1, b"X-Required-Obligations".as_slice())));
    // Value.list_value, its values, Value.string_value.
    let list = fields(entry[1].1);
    let text = fields(fields(list[0].1)[0].1);
    assert_eq!((list[0].0, text[0]), (6, (3, b"https://seoul.kor/obl/banner/value/kor-ii".as_slice())));
    let denied = fields(policy[2].1);
    assert_eq!(denied, [(2, b"kao-1".as_slice()), (3, b"fail"), (5, DENIAL.as_bytes())]);
}

#[test]
fn a_public_key_is_asked_for_by_its_algorithm_in_either_form() {
    let ask = |codec, bytes: &[u8]| message::public_key_request(codec, bytes).map_err(|error| error.code());
    assert_eq!(ask(Codec::Json, b"{}"), Ok("rsa:2048"));
    assert_eq!(ask(Codec::Proto, b""), Ok("rsa:2048"));
    assert_eq!(ask(Codec::Json, br#"{"algorithm":"ec:secp256r1","v":"2"}"#), Ok("ec:secp256r1"));
    assert_eq!(ask(Codec::Proto, b"\x0a\x0cec:secp256r1\x1a\x012"), Ok("ec:secp256r1"));
    assert_eq!(ask(Codec::Json, br#"{"algorithm":"mlkem:768"}"#), Err("not_found"));
    assert_eq!(ask(Codec::Json, b"[]"), Err("invalid_argument"));
    assert_eq!(ask(Codec::Proto, b"\x0a\x0cec"), Err("invalid_argument"));
    assert_eq!(ask(Codec::Proto, b"\x0b"), Err("invalid_argument"));
}

#[test]
fn a_call_by_get_is_read_from_its_query() {
    let query = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        connect::of_query(&pairs).map_err(|error| error.code())
    };
    assert_eq!(
        query(&[("connect", "v1"), ("encoding", "json"), ("message", "{}")]),
        Ok((Codec::Json, b"{}".to_vec()))
    );
    assert_eq!(
        query(&[("encoding", "proto"), ("base64", "1"), ("message", "Cgg_Pz8_Pz8_Pw")]),
        Ok((Codec::Proto, b"\x0a\x08????????".to_vec()))
    );
    assert_eq!(query(&[("encoding", "json")]), Err("invalid_argument"));
    assert_eq!(query(&[("connect", "v2"), ("encoding", "json"), ("message", "")]), Err("invalid_argument"));
}

#[test]
fn a_body_is_refused_once_it_is_longer_than_is_taken() {
    let long = vec![b' '; MAX_BODY_BYTES + 1];
    assert_eq!(connect::message(&long, None).unwrap_err().status(), 429);
    assert!(connect::message(&long[1..], None).is_ok());
}

#[test]
fn the_denial_has_the_words_that_clients_look_for() {
    assert!(DENIAL.contains("PermissionDenied"));
    assert!(!DENIAL.contains("bad request"), "one client takes these words for tampering");
}

#[test]
fn what_is_no_token_is_no_request() {
    for token in ["", "a.b", "a.b.c", "e30.e30.AAAA"] {
        assert_eq!(Rewrap::read(token, None, Timestamp(0)).unwrap_err().code(), "invalid_argument");
    }
}
