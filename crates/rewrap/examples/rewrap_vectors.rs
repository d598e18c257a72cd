//! Writes the vectors of the key access protocol into the folder given: `requests.json`, requests as clients send them with
//! what a service makes of each. The file is kept; keys and signatures are random, so a second run gives other bytes of the
//! same meaning.

use attache_seal::wrap::wrap_rsa;
use attache_seal::{ContentKey, binding, pem};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::error::Error;
use std::io::Write;

type Answer<T> = Result<T, Box<dyn Error>>;

const KEY: [u8; 32] = [0x42; 32];
/// 2026-11-24T00:00:00Z.
const NOW: u64 = 1_795_478_400;
const POLICY: &str = r#"{"uuid":"1f78ad2b-d26b-4b66-be58-1e72776b96eb","body":{"dataAttributes":[{"attribute":"https://seoul.kor/attr/level/value/kor-ii"},{"attribute":"https://seoul.kor/attr/kind/value/humint"}],"dissem":[]}}"#;

struct Maker {
    signer: EcdsaKeyPair,
    client_pem: String,
    policy: String,
    wrapped: String,
    binding: String,
}

impl Maker {
    fn access(&self) -> Value {
        json!({ "type": "wrapped", "url": "https://seoul.kor/kas", "protocol": "kas", "kid": "r1",
            "wrappedKey": self.wrapped, "policyBinding": { "alg": "HS256", "hash": self.binding } })
    }

    fn body(&self) -> Value {
        json!({ "clientPublicKey": self.client_pem, "requests": [{
            "policy": { "id": "policy", "body": self.policy },
            "keyAccessObjects": [{ "keyAccessObjectId": "kao-0", "keyAccessObject": self.access() }] }] })
    }

    fn token(&self, header: &Value, body: &Value, times: &Value) -> Answer<String> {
        let mut claims = times.clone();
        claims["requestBody"] = json!(body.to_string());
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let input = format!("{}.{}", part(header), part(&claims));
        let signed = self.signer.sign(&SystemRandom::new(), input.as_bytes()).map_err(|_| "signing")?;
        Ok(format!("{input}.{}", BASE64URL_NOPAD.encode(signed.as_ref())))
    }
}

fn gzip(bytes: &[u8]) -> Answer<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A `RewrapRequest` in protobuf.
fn proto(token: &str) -> Vec<u8> {
    let mut out = vec![0x0a];
    let mut length = token.len();
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(token.as_bytes());
    out
}

fn main() -> Answer<()> {
    let folder = std::env::args().nth(1).ok_or("usage: rewrap_vectors FOLDER")?;
    let service = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
    let client = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
    let private = |key: &PrivateDecryptingKey| -> Answer<String> {
        let der: Pkcs8V1Der = key.as_der()?;
        Ok(pem::encode(der.as_ref(), "PRIVATE KEY").to_string())
    };
    let service_spki: PublicKeyX509Der = service.public_key().as_der()?;
    let client_spki: PublicKeyX509Der = client.public_key().as_der()?;
    let content = ContentKey::from_bytes(&KEY);
    let policy = BASE64.encode(POLICY.as_bytes());
    let maker = Maker {
        signer: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
        client_pem: pem::encode(client_spki.as_ref(), "PUBLIC KEY").to_string(),
        wrapped: BASE64.encode(&wrap_rsa(service_spki.as_ref(), &content)?),
        binding: binding::bind(&content, &policy),
        policy,
    };
    let point = maker.signer.public_key().as_ref().get(1..).unwrap_or_default().to_vec();
    let (x, y) = point.split_at(32);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y) });

    let header = json!({ "alg": "ES256", "typ": "JWT" });
    let times = json!({ "iat": NOW, "exp": NOW + 60 });
    let body = maker.body();
    let good = maker.token(&header, &body, &times)?;
    let mut cases = Vec::new();
    let mut case = |name: &str, kind: &str, encoding: &str, body: Vec<u8>, result: &str| {
        cases.push(json!({ "name": name, "content_type": kind, "content_encoding": encoding,
            "body_base64": BASE64.encode(&body), "result": result }));
    };
    let json_body = |token: &str| json!({ "signedRequestToken": token }).to_string().into_bytes();
    let (json_kind, proto_kind) = ("application/json", "application/proto");
    case("json", json_kind, "identity", json_body(&good), "read");
    case("json-gzip", json_kind, "gzip", gzip(&json_body(&good))?, "read");
    case("proto", proto_kind, "identity", proto(&good), "read");
    case("proto-gzip", proto_kind, "gzip", gzip(&proto(&good))?, "read");
    case("json-with-charset", "application/json; charset=utf-8", "identity", json_body(&good), "read");
    case("proto-unknown-field", proto_kind, "identity", [proto(&good), vec![0x10, 7]].concat(), "read");
    case("not-gzip", json_kind, "gzip", json_body(&good), "invalid_argument");
    case("other-encoding", json_kind, "br", json_body(&good), "invalid_argument");
    case("other-type", "text/plain", "identity", json_body(&good), "unknown");
    case("inflates-past-the-bound", json_kind, "gzip", gzip(&vec![b' '; 2 << 20])?, "resource_exhausted");
    case("proto-cut", proto_kind, "identity", proto(&good)[..100].to_vec(), "invalid_argument");
    case("empty", json_kind, "identity", Vec::new(), "invalid_argument");
    let mut forms: Vec<(&str, Value, Value, Value, &str)> = Vec::new();
    let at = |iat: i64, exp: i64| json!({ "iat": NOW as i64 + iat, "exp": NOW as i64 + exp });
    forms.push(("made-an-hour-back", header.clone(), body.clone(), at(-3600, 3600), "read"));
    forms.push(("good-for-two-hours", header.clone(), body.clone(), at(0, 7200), "read"));
    forms.push(("over", header.clone(), body.clone(), at(-600, -300), "unauthenticated"));
    forms.push(("not-begun", header.clone(), body.clone(), at(600, 900), "unauthenticated"));
    forms.push(("made-two-hours-back", header.clone(), body.clone(), at(-7200, 60), "unauthenticated"));
    forms.push(("good-for-a-day", header.clone(), body.clone(), at(0, 86400), "unauthenticated"));
    forms.push(("without-end", header.clone(), body.clone(), json!({ "iat": NOW }), "invalid_argument"));
    forms.push((
        "crit",
        json!({ "alg": "ES256", "crit": ["b64"] }),
        body.clone(),
        times.clone(),
        "invalid_argument",
    ));
    forms.push(("alg-none", json!({ "alg": "none" }), body.clone(), times.clone(), "unauthenticated"));
    forms.push((
        "alg-of-another-kind",
        json!({ "alg": "RS256" }),
        body.clone(),
        times.clone(),
        "unauthenticated",
    ));
    let first =
        json!({ "clientPublicKey": maker.client_pem, "keyAccess": maker.access(), "policy": maker.policy });
    forms.push(("first-form", header.clone(), first, times.clone(), "read"));
    let mut crlf = body.clone();
    crlf["clientPublicKey"] = json!(maker.client_pem.replace('\n', "\r\n"));
    forms.push(("key-with-crlf", header.clone(), crlf, times.clone(), "read"));
    let mut bare = body.clone();
    bare["requests"][0]["keyAccessObjects"][0]["keyAccessObject"]["policyBinding"] = json!(maker.binding);
    forms.push(("binding-as-text", header.clone(), bare, times.clone(), "read"));
    let mut unknown = body.clone();
    unknown["requests"][0]["keyAccessObjects"][0]["keyAccessObject"]["schemaVersion"] = json!("1.0");
    unknown["further"] = json!({ "member": [1, null] });
    forms.push(("unknown-members", header.clone(), unknown, times.clone(), "read"));
    let mut no_key = body.clone();
    no_key["clientPublicKey"] = json!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    forms.push(("client-key-that-is-none", header.clone(), no_key, times.clone(), "invalid_argument"));
    let mut many = body.clone();
    let object = body["requests"][0]["keyAccessObjects"][0].clone();
    many["requests"][0]["keyAccessObjects"] = json!(vec![object; 33]);
    forms.push(("too-many-objects", header.clone(), many, times.clone(), "resource_exhausted"));
    let none = json!({ "clientPublicKey": maker.client_pem, "requests": [] });
    forms.push(("nothing-asked", header.clone(), none, times.clone(), "invalid_argument"));
    for (name, header, body, times, result) in forms {
        case(name, json_kind, "identity", json_body(&maker.token(&header, &body, &times)?), result);
    }
    let mut altered = good.clone().into_bytes();
    let last = altered.len() - 5;
    altered[last] = if altered[last] == b'A' { b'B' } else { b'A' };
    case(
        "signature-altered",
        json_kind,
        "identity",
        json_body(&String::from_utf8(altered)?),
        "unauthenticated",
    );

    let file = json!({
        "now_seconds": NOW,
        "signed_by": jwk,
        "service_private_pem": private(&service)?,
        "client_private_pem": private(&client)?,
        "content_key_hex": HEXLOWER.encode(&KEY),
        "policy_base64": maker.policy,
        "cases": cases,
    });
    std::fs::write(format!("{folder}/requests.json"), serde_json::to_string_pretty(&file)? + "\n")?;
    Ok(())
}
