//! Writes `tokens.json` into the folder given: the keys of a provider outside, tokens that it signed and tokens that somebody
//! forged, with what a service makes of each. The file is kept; keys and signatures are random, so a second run gives other
//! bytes of the same meaning.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::error::Error;

type Answer<T> = Result<T, Box<dyn Error>>;

/// 2026-11-24T00:00:00Z.
const NOW: u64 = 1_795_478_400;
const ISSUER: &str = "https://login.seoul.kor";
const AUDIENCE: &str = "https://seoul.kor:8444";

fn part(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

struct Maker {
    rsa: RsaKeyPair,
    other: RsaKeyPair,
    ec: EcdsaKeyPair,
}

impl Maker {
    fn begin() -> Answer<Self> {
        Ok(Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
            other: RsaKeyPair::generate(KeySize::Rsa2048)?,
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
        })
    }

    fn jwk(key: &RsaKeyPair) -> Value {
        // RSAPublicKey in DER of 2048 bits: nine bytes before the modulus, and after it the exponent 65537.
        let der = key.public_key().as_ref();
        json!({ "kty": "RSA", "n": part(&der[9..9 + 256]), "e": part(&der[der.len() - 3..]) })
    }

    fn keys(&self) -> Value {
        let with = |mut key: Value, more: Value| {
            for (name, value) in more.as_object().into_iter().flatten() {
                key[name] = value.clone();
            }
            key
        };
        let point = self.ec.public_key().as_ref();
        let ec = json!({ "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) });
        json!({ "keys": [
            with(Self::jwk(&self.rsa), json!({ "kid": "rsa", "use": "sig" })),
            with(Self::jwk(&self.rsa), json!({ "kid": "pss", "use": "sig", "alg": "PS256" })),
            with(Self::jwk(&self.other), json!({ "kid": "sealing", "use": "enc" })),
            with(ec, json!({ "kid": "ec", "key_ops": ["verify"], "alg": "ES256" })),
            { "kty": "EC", "crv": "P-384", "kid": "larger", "x": "AA", "y": "AA" },
            { "kty": "oct", "kid": "secret", "k": "AAAA" },
        ] })
    }

    fn rsa_signed(key: &RsaKeyPair, by: &'static dyn RsaEncoding, input: &str) -> Answer<Vec<u8>> {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(by, &SystemRandom::new(), input.as_bytes(), &mut signature)?;
        Ok(signature)
    }

    /// A token with this header, signed as `by` says.
    fn token(&self, by: &str, header: &Value, claims: &Value) -> Answer<String> {
        let input =
            format!("{}.{}", part(header.to_string().as_bytes()), part(claims.to_string().as_bytes()));
        let modulus = Self::jwk(&self.rsa)["n"].as_str().unwrap_or_default().to_owned();
        let signature = match by {
            "RS256" => Self::rsa_signed(&self.rsa, &RSA_PKCS1_SHA256, &input)?,
            "PS256" => Self::rsa_signed(&self.rsa, &RSA_PSS_SHA256, &input)?,
            "stranger" => Self::rsa_signed(&self.other, &RSA_PKCS1_SHA256, &input)?,
            "ES256" => self.ec.sign(&SystemRandom::new(), input.as_bytes())?.as_ref().to_vec(),
            "HS256" => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, modulus.as_bytes());
                hmac::sign(&key, input.as_bytes()).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        Ok(format!("{input}.{}", part(&signature)))
    }
}

fn claims(more: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "analyst-1", "iat": NOW, "exp": NOW + 300,
        "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        match value {
            Value::Null => _ = claims.as_object_mut().map(|claims| claims.remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn main() -> Answer<()> {
    let folder = std::env::args().nth(1).ok_or("usage: token_vectors FOLDER")?;
    let maker = Maker::begin()?;
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "typ": "at+jwt", "kid": kid });
    let nothing = json!({});
    let rs256 = header("RS256", "rsa");
    let mut cases = Vec::new();
    let mut case = |name: &str, result: &str, by: &str, header: &Value, more: &Value| -> Answer<()> {
        let token = maker.token(by, header, &claims(more))?;
        cases.push(json!({ "name": name, "result": result, "token": token }));
        Ok(())
    };
    case("RS256", "named", "RS256", &rs256, &nothing)?;
    case("PS256 by a key that is for it", "named", "PS256", &header("PS256", "pss"), &nothing)?;
    case("PS256 by a key that is for no one algorithm", "named", "PS256", &header("PS256", "rsa"), &nothing)?;
    case("ES256", "named", "ES256", &header("ES256", "ec"), &nothing)?;
    case(
        "one audience of several",
        "named",
        "RS256",
        &rs256,
        &json!({ "aud": ["https://other.example", AUDIENCE] }),
    )?;
    let long_type = json!({ "alg": "RS256", "typ": "application/at+JWT", "kid": "rsa" });
    case("the type in full", "named", "RS256", &long_type, &nothing)?;
    case(
        "a clock that is two minutes ahead",
        "named",
        "RS256",
        &rs256,
        &json!({ "iat": NOW + 120, "nbf": NOW + 120 }),
    )?;

    case("no algorithm", "refused", "none", &header("none", "rsa"), &nothing)?;
    case(
        "the public modulus as the secret of an HMAC",
        "refused",
        "HS256",
        &header("HS256", "rsa"),
        &nothing,
    )?;
    case("an HMAC that says RS256", "refused", "HS256", &rs256, &nothing)?;
    case("ES256 that says RS256", "refused", "ES256", &header("RS256", "ec"), &nothing)?;
    case("RS256 that says ES256", "refused", "RS256", &header("ES256", "rsa"), &nothing)?;
    case("RS256 by a key that is for PS256", "refused", "RS256", &header("RS256", "pss"), &nothing)?;
    case("an algorithm in small letters", "refused", "RS256", &header("rs256", "rsa"), &nothing)?;
    case("signed by a stranger", "refused", "stranger", &rs256, &nothing)?;
    let brought = json!({ "alg": "RS256", "typ": "at+jwt", "kid": "rsa", "jwk": Maker::jwk(&maker.other) });
    case("a stranger's key beside it", "refused", "stranger", &brought, &nothing)?;
    case("a key that is for sealing", "unknown key", "stranger", &header("RS256", "sealing"), &nothing)?;
    case("a key that nobody knows", "unknown key", "RS256", &header("RS256", "next"), &nothing)?;
    case(
        "a key that nobody knows, of another issuer",
        "refused",
        "RS256",
        &header("RS256", "next"),
        &json!({ "iss": "https://tokyo.jpn" }),
    )?;
    case("no name of a key", "refused", "RS256", &json!({ "alg": "RS256", "typ": "at+jwt" }), &nothing)?;
    case("no type", "refused", "RS256", &json!({ "alg": "RS256", "kid": "rsa" }), &nothing)?;
    case(
        "an identity token",
        "refused",
        "RS256",
        &json!({ "alg": "RS256", "typ": "JWT", "kid": "rsa" }),
        &nothing,
    )?;
    case(
        "a rule that nobody knows",
        "refused",
        "RS256",
        &json!({ "alg": "RS256", "typ": "at+jwt", "kid": "rsa", "crit": ["b64"] }),
        &nothing,
    )?;
    case("another issuer", "refused", "RS256", &rs256, &json!({ "iss": "https://login.tokyo.jpn" }))?;
    case(
        "the issuer with a stroke more",
        "refused",
        "RS256",
        &rs256,
        &json!({ "iss": format!("{ISSUER}/") }),
    )?;
    case("another audience", "refused", "RS256", &rs256, &json!({ "aud": "https://tokyo.jpn:8444" }))?;
    case("no audience", "refused", "RS256", &rs256, &json!({ "aud": null }))?;
    case("over", "refused", "RS256", &rs256, &json!({ "iat": NOW - 300, "exp": NOW }))?;
    case("without an end", "refused", "RS256", &rs256, &json!({ "exp": null }))?;
    case("without a beginning", "refused", "RS256", &rs256, &json!({ "iat": null }))?;
    case("not begun", "refused", "RS256", &rs256, &json!({ "nbf": NOW + 121 }))?;
    case("of the future", "refused", "RS256", &rs256, &json!({ "iat": NOW + 121 }))?;
    case("good for more than a day", "refused", "RS256", &rs256, &json!({ "exp": NOW + 86_401 }))?;
    case("a time that is no number", "refused", "RS256", &rs256, &json!({ "exp": "1795478700" }))?;
    case("bound to no key", "refused", "RS256", &rs256, &json!({ "cnf": null }))?;
    case("bound by a certificate", "refused", "RS256", &rs256, &json!({ "cnf": { "x5t#S256": "AAAA" } }))?;
    case("nobody", "refused", "RS256", &rs256, &json!({ "sub": null }))?;
    case("a name that is no text", "refused", "RS256", &rs256, &json!({ "sub": ["analyst-1"] }))?;
    let altered = maker.token("RS256", &rs256, &claims(&nothing))?;
    let other = part(claims(&json!({ "sub": "analyst-2" })).to_string().as_bytes());
    let parts: Vec<&str> = altered.split('.').collect();
    cases.push(json!({ "name": "another name under the same signature", "result": "refused",
        "token": format!("{}.{other}.{}", parts[0], parts[2]) }));
    cases.push(json!({ "name": "no signature", "result": "refused", "token": format!("{}.{}.", parts[0], parts[1]) }));
    let file = json!({
        "now_seconds": NOW, "issuer": ISSUER, "audience": AUDIENCE, "claim": "sub", "person": "analyst-1",
        "thumbprint": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "keys": maker.keys(), "cases": cases,
    });
    std::fs::write(format!("{folder}/tokens.json"), format!("{file:#}\n"))?;
    Ok(())
}
