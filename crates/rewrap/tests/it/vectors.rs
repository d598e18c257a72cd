//! `vectors/rewrap`, which other implementations read too.

use crate::shared::{answer, read};
use attache_accord::Timestamp;
use attache_rewrap::Codec;
use attache_rewrap::jws::Jwk;
use attache_seal::wrap::RsaSecret;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

const REQUESTS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/rewrap/requests.json"));

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}"))
}

#[test]
fn every_request_vector_ends_as_its_file_says() {
    let file: Value = serde_json::from_str(REQUESTS).unwrap();
    let now = Timestamp(file["now_seconds"].as_u64().unwrap() * 1000);
    let key = Jwk::read(&file["signed_by"]).unwrap();
    let service = RsaSecret::from_pem(text(&file, "service_private_pem")).unwrap();
    let client = RsaSecret::from_pem(text(&file, "client_private_pem")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let body = BASE64.decode(text(case, "body_base64").as_bytes()).unwrap();
        let result = read(text(case, "content_type"), text(case, "content_encoding"), &body, Some(&key), now);
        let code = result.as_ref().map_or_else(|error| error.code(), |_| "read");
        assert_eq!(code, text(case, "result"), "{}", text(case, "name"));
        let Ok((_, rewrap)) = result else { continue };
        let answered: Value = serde_json::from_slice(&answer(Codec::Json, &rewrap, &service)).unwrap();
        let result = &answered["responses"][0]["results"][0];
        assert_eq!(result["status"], "permit", "{}", text(case, "name"));
        let wrapped = BASE64.decode(text(result, "kasWrappedKey").as_bytes()).unwrap();
        let content = client.unwrap(&wrapped).unwrap();
        assert_eq!(HEXLOWER.encode(content.dangerously_expose()), text(&file, "content_key_hex"));
        assert_eq!(answered.get("entityWrappedKey").is_some(), rewrap.is_first_form);
    }
    assert!(cases.len() > 25);
}
