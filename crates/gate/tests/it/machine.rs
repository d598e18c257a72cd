//! A machine client that writes its requests itself: it seals for a node's key access service and asks it for keys.

use crate::client::{Answered, Door};
use crate::world::{World, clock};
use attache_seal::tdf::{
    ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, seal_stream,
};
use attache_seal::wrap::{EcSecret, RsaSecret, wrap_ec, wrap_rsa};
use attache_seal::{ContentKey, digest::sha256, pem};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

pub const TOKENS: &str = "/auth/protocol/openid-connect/token";
pub const REWRAP: &str = "/kas.AccessService/Rewrap";
const JSON: (&str, &str) = ("content-type", "application/json");

/// An item that a client sealed, and what it knows of it.
pub struct SealedItem {
    pub tdf: Vec<u8>,
    pub key: ContentKey,
    pub policy: String,
    pub object: KeyAccess,
}

impl SealedItem {
    /// What a client asks for this item's key with.
    pub fn asked(&self, client_key: &str) -> Value {
        json!({ "clientPublicKey": client_key, "requests": [{
            "policy": { "id": "policy", "body": self.policy },
            "keyAccessObjects": [{ "keyAccessObjectId": "kao-0", "keyAccessObject": self.object }] }] })
    }
}

/// The name of an attribute of the node in Seoul.
pub fn attribute(name: &str) -> String {
    format!("https://seoul.kor/attr/{name}")
}

/// A text of secret level that Japan may have.
pub fn secret() -> Vec<String> {
    ["level/value/kor-ii", "kind/value/humint", "releasable-to/value/jpn"].map(attribute).into()
}

/// Seals a text for the service's key of this algorithm, under a policy with these attributes.
pub async fn sealed(door: &Door, algorithm: &str, attributes: Vec<String>, text: &[u8]) -> SealedItem {
    let asked = json!({ "algorithm": algorithm }).to_string();
    let answer = door.send(("POST", "/kas.AccessService/PublicKey"), &[JSON], asked.as_bytes()).await.good();
    let spki = pem::decode(answer["publicKey"].as_str().unwrap(), "PUBLIC KEY").unwrap();
    let kid = answer["kid"].as_str().unwrap();
    let key = ContentKey::generate().unwrap();
    let policy = Policy::fresh(attributes).unwrap().to_base64().unwrap();
    let url = "https://seoul.kor/kas";
    let object = match algorithm {
        "rsa:2048" => {
            let wrapped = wrap_rsa(&spki, &key).unwrap();
            KeyAccess::new(KeyAccessKind::Wrapped, url, kid, &wrapped, &key, &policy)
        }
        _ => KeyAccess::new_ec(url, kid, &wrap_ec(&spki, &key).unwrap(), &key, &policy),
    };
    let mut writer = ContainerWriter::begin(Vec::new(), None).unwrap();
    let (integrity, _) = seal_stream(&mut &text[..], &mut writer, &key, 1 << 20).unwrap();
    let draft = ManifestDraft {
        key_access: vec![object.clone()],
        policy_base64: policy.clone(),
        assertions: Vec::new(),
    };
    let manifest = Manifest::new(draft, integrity).unwrap().to_json().unwrap();
    SealedItem { tdf: writer.finish(&manifest).unwrap(), key, policy, object }
}

/// Takes what a client sealed in and marks it; its id.
pub async fn taken_in(world: &World, item: &SealedItem) -> String {
    let analyst = world.sign_in("analyst-1").await;
    let added = analyst.add(json!({ "title": "from a client", "tdf": true }), &item.tdf).await.good();
    let id = added["item"].as_str().unwrap().to_owned();
    let marking = json!({ "level": "KOR:II", "kind": "humint", "releasable_to": ["JPN"] });
    analyst.post(&format!("/v1/items/{id}/marking"), marking).await.good();
    id
}

/// A machine client with its credential, a key that its token is bound to, and the service that it asks.
pub struct Machine {
    pub door: Door,
    pub name: String,
    pub secret: String,
    key: Option<EcdsaKeyPair>,
    opening: RsaSecret,
}

impl Machine {
    /// A client of `person` that proves its key, or a legacy one that cannot.
    pub async fn of(world: &World, person: &str, is_legacy: bool) -> Self {
        let name = format!("{person}-machine");
        let wanted = json!({ "client": name, "legacy": is_legacy });
        let made = world.sign_in(person).await.post("/v1/clients", wanted).await.good();
        let key = (!is_legacy).then(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
        let opening = RsaSecret::generate_pkcs8_der().unwrap();
        Self {
            door: world.kas.clone().unwrap(),
            name,
            secret: made["secret"].as_str().unwrap().to_owned(),
            key,
            opening: RsaSecret::from_pkcs8_der(&opening).unwrap(),
        }
    }

    /// The PEM of the key that it wants keys wrapped for.
    pub fn client_key(&self) -> String {
        pem::encode(self.opening.public_spki_der(), "PUBLIC KEY").to_string()
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let input = format!("{}.{}", part(header), part(claims));
        let signature = match &self.key {
            Some(key) => key.sign(&SystemRandom::new(), input.as_bytes()).unwrap().as_ref().to_vec(),
            None => vec![0; 64],
        };
        format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    /// A proof that it holds its key, for a call of `path` with `token`.
    pub fn proof(&self, path: &str, token: Option<&str>) -> Option<String> {
        let point = self.key.as_ref()?.public_key().as_ref().to_vec();
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]) });
        let mut jti = [0; 16];
        aws_lc_rs::rand::fill(&mut jti).unwrap();
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
        let mut claims = json!({ "htm": "POST", "htu": path, "iat": clock().seconds(), "jti": text(&jti) });
        if let Some(token) = token {
            claims["ath"] = json!(text(sha256(&[token.as_bytes()]).as_bytes()));
        }
        Some(self.signed(&header, &claims))
    }

    pub async fn asked_for_token(&self) -> Answered {
        let form =
            format!("grant_type=client_credentials&client_id={}&client_secret={}", self.name, self.secret);
        let proof = self.proof(TOKENS, None);
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(proof.as_deref().map(|proof| ("dpop", proof)));
        self.door.send(("POST", TOKENS), &headers, form.as_bytes()).await
    }

    pub async fn token(&self) -> String {
        self.asked_for_token().await.good()["access_token"].as_str().unwrap().to_owned()
    }

    /// The body of a rewrap, signed.
    pub fn request(&self, asked: &Value) -> Vec<u8> {
        let now = clock().seconds();
        let claims = json!({ "requestBody": asked.to_string(), "iat": now, "exp": now + 60 });
        let token = self.signed(&json!({ "alg": "ES256", "typ": "JWT" }), &claims);
        json!({ "signedRequestToken": token }).to_string().into_bytes()
    }

    /// Asks for keys as it should.
    pub async fn ask(&self, asked: &Value) -> Answered {
        let token = self.token().await;
        let proof = self.proof(REWRAP, Some(&token));
        let scheme = if proof.is_some() { "DPoP" } else { "Bearer" };
        let authorization = format!("{scheme} {token}");
        let mut headers = vec![JSON, ("authorization", authorization.as_str())];
        headers.extend(proof.as_deref().map(|proof| ("dpop", proof)));
        self.door.send(("POST", REWRAP), &headers, &self.request(asked)).await
    }

    /// The key in the first result of an answer.
    pub fn key_in(&self, answer: &Value) -> ContentKey {
        let result = &answer["responses"][0]["results"][0];
        assert_eq!(result["status"], "permit", "{answer}");
        let wrapped = BASE64.decode(result["kasWrappedKey"].as_str().unwrap().as_bytes()).unwrap();
        self.opening.unwrap(&wrapped).unwrap()
    }
}

/// A key of P-256 that a client opens by, and its PEM.
pub fn p256() -> (EcSecret, String) {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let secret = EcSecret::from_der(der.as_ref()).unwrap();
    let pem = pem::encode(&secret.public_spki_der().unwrap(), "PUBLIC KEY").to_string();
    (secret, pem)
}
