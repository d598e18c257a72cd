//! A provider outside: its documents, and its tokens in `vectors/rewrap/tokens.json`.

use attache_accord::Timestamp;
use attache_rewrap::limits::{MAX_KEY_SET_BYTES, MAX_PROVIDER_KEYS};
use attache_rewrap::provider::{Expected, KeySet, Named, Untaken, named};
use serde_json::{Value, json};

const TOKENS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/rewrap/tokens.json"));

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}

fn expected(file: &Value) -> Expected {
    let (issuer, audience, claim) = (text(file, "issuer"), text(file, "audience"), text(file, "claim"));
    Expected { issuer, audience, claim, takes_bearer: false }
}

fn read(keys: &Value) -> Option<KeySet> {
    KeySet::read(keys.to_string().as_bytes())
}

#[test]
fn every_token_vector_ends_as_its_file_says() {
    let file: Value = serde_json::from_str(TOKENS).unwrap();
    let now = Timestamp(file["now_seconds"].as_u64().unwrap() * 1000);
    let (expected, keys) = (expected(&file), read(&file["keys"]).unwrap());
    assert_eq!(keys.count(), 3, "those that are for signatures of a kind that is taken");
    let good = Named { person: text(&file, "person"), thumbprint: Some(text(&file, "thumbprint")) };
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let result = match named(&text(case, "token"), &keys, &expected, now) {
            Ok(found) if found == good => "named",
            Ok(_) => "somebody else",
            Err(Untaken::UnknownKey) => "unknown key",
            Err(Untaken::Refused) => "refused",
        };
        assert_eq!(result, text(case, "result"), "{}", text(case, "name"));
    }
    assert!(cases.len() > 35);
}

#[test]
fn a_token_that_is_bound_to_no_key_names_somebody_only_where_that_is_taken() {
    let file: Value = serde_json::from_str(TOKENS).unwrap();
    let now = Timestamp(file["now_seconds"].as_u64().unwrap() * 1000);
    let unbound = |case: &&Value| case["name"] == "bound to no key";
    let token = text(file["cases"].as_array().unwrap().iter().find(unbound).unwrap(), "token");
    let takes = Expected { takes_bearer: true, ..expected(&file) };
    let found = named(&token, &read(&file["keys"]).unwrap(), &takes, now);
    assert_eq!(found, Ok(Named { person: text(&file, "person"), thumbprint: None }));
}

#[test]
fn a_set_of_keys_is_one_within_its_bounds_and_without_two_of_a_name() {
    let file: Value = serde_json::from_str(TOKENS).unwrap();
    let key = file["keys"]["keys"][0].clone();
    let numbered = |count: usize| {
        let with = |number: usize| {
            let mut key = key.clone();
            key["kid"] = json!(number.to_string());
            key
        };
        json!({ "keys": (0..count).map(with).collect::<Vec<_>>() })
    };
    assert_eq!(read(&numbered(MAX_PROVIDER_KEYS)).unwrap().count(), MAX_PROVIDER_KEYS);
    assert_eq!(read(&numbered(MAX_PROVIDER_KEYS + 1)), None);
    assert_eq!(read(&json!({ "keys": [key, key] })), None);
    for nothing in
        [json!({}), json!([]), json!({ "keys": [] }), json!({ "keys": [{ "kty": "oct", "k": "AA" }] })]
    {
        assert_eq!(read(&nothing), None, "{nothing}");
    }
    let padded = format!("{}{}", numbered(1), " ".repeat(MAX_KEY_SET_BYTES));
    assert_eq!(KeySet::read(padded.as_bytes()), None);
    let mut private = key.clone();
    private["d"] = json!("AAAA");
    assert_eq!(
        read(&json!({ "keys": [private] })),
        None,
        "a provider that shows its private key has lost it"
    );
}

#[test]
fn the_keys_lie_where_the_issuer_does() {
    let issuer = "https://login.seoul.kor/realms/a".to_owned();
    let (audience, claim) = ("https://seoul.kor:8444".to_owned(), "sub".to_owned());
    let expected = Expected { issuer, audience, claim, takes_bearer: false };
    assert!(expected.is_sound());
    assert_eq!(expected.discovery(), "https://login.seoul.kor/realms/a/.well-known/openid-configuration");
    let address = |issuer: &str, keys: &str| {
        let document = json!({ "issuer": issuer, "jwks_uri": keys }).to_string();
        expected.keys_address(document.as_bytes())
    };
    let keys = "https://login.seoul.kor/realms/a/certs";
    assert_eq!(address(&expected.issuer, keys).as_deref(), Some(keys));
    assert_eq!(address("https://login.seoul.kor", keys), None, "it names itself otherwise");
    for keys in [
        "https://login.seoul.kor.evil.example/certs",
        "https://login.seoul.kor@evil.example/certs",
        "https://login.seoul.kor:444/certs",
        "http://login.seoul.kor/certs",
        "https://login.seoul.kor/certs\r\nx: y",
        "https://login.seoul.kor",
        "",
    ] {
        assert_eq!(address(&expected.issuer, keys), None, "{keys}");
    }
    for issuer in ["", "http://login.seoul.kor", "https://", "https://a?b", "https://a@b", "https://a b"] {
        assert!(!Expected { issuer: issuer.to_owned(), ..expected.clone() }.is_sound(), "{issuer}");
    }
    assert!(!Expected { claim: String::new(), ..expected.clone() }.is_sound());
}
