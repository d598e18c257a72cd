//! The key access protocol: requests as they come over HTTP, proofs of possession and access tokens, names of attributes, and what
//! an identity provider outside says.

use super::{JSON, needed, text};
use crate::Target;
use attache_accord::{NodeName, Timestamp};
use attache_rewrap::answer::{DENIAL, Outcome, PolicyAnswer, Wrapping, rewrap_response};
use attache_rewrap::definition::definitions_request;
use attache_rewrap::limits::{
    MAX_FQNS, MAX_ID_BYTES, MAX_MESSAGE_BYTES, MAX_OBJECTS, MAX_POLICIES, MAX_PROVIDER_KEYS,
    MAX_WRAPPED_KEY_BYTES,
};
use attache_rewrap::proof::{Call, Proof};
use attache_rewrap::provider::{Expected, KeySet, named};
use attache_rewrap::token::TokenKey;
use attache_rewrap::{Attributes, Codec, Rewrap, connect, message};
use std::sync::LazyLock;

pub const REWRAP: Target = Target {
    name: "rewrap",
    reads: "rewrap: bodies, gzip, protobuf, signed request tokens, client keys",
    run: rewrap,
    rounds: 9_000,
    words: JSON,
};

pub const POSSESSION: Target = Target {
    name: "possession",
    reads: "rewrap: proofs of possession, access tokens, JWK, attribute names",
    run: possession,
    rounds: 12_000,
    words: &["eyJ", ".", "https://seoul.kor/attr/", "/value/", "level", "kind", "kor-ii"],
};

pub const PROVIDER: Target = Target {
    name: "provider",
    reads: "rewrap: an identity provider's description, its keys, its access tokens",
    run: provider,
    rounds: 8_000,
    words: JSON,
};

/// When the requests of the vectors were made.
const NOW: Timestamp = Timestamp(1_795_478_400_000);
/// When the example of RFC 9449 was.
const THEN: Timestamp = Timestamp(1_562_262_616_000);

/// The first byte says in which form the rest is: its last bit protobuf, the one before it gzip.
fn rewrap(bytes: &[u8]) {
    let Some((form, body)) = bytes.split_first() else { return };
    let codec = if form & 1 == 0 { Codec::Json } else { Codec::Proto };
    let encoding = (form & 2 != 0).then_some("gzip");
    let Ok(message) = connect::message(body, encoding) else { return };
    assert!(message.len() <= MAX_MESSAGE_BYTES);
    let _ = message::public_key_request(codec, &message);
    if let Ok(names) = definitions_request(codec, &message) {
        assert!(names.len() <= MAX_FQNS);
    }
    let Ok(token) = message::rewrap_request(codec, &message) else { return };
    let Ok(rewrap) = Rewrap::read(&token, None, NOW) else { return };
    let objects: Vec<_> = rewrap.policies.iter().flat_map(|policy| &policy.objects).collect();
    assert!(rewrap.policies.len() <= MAX_POLICIES && objects.len() <= MAX_OBJECTS);
    assert!(objects.iter().all(|object| object.id.len() <= MAX_ID_BYTES));
    assert!(objects.iter().all(|object| object.wrapped_key.len() <= MAX_WRAPPED_KEY_BYTES));
    let wrapping = needed(Wrapping::begin(&rewrap.client_key));
    let denied = |policy: &attache_rewrap::PolicyAsked| PolicyAnswer {
        id: policy.id.clone(),
        results: policy.objects.iter().map(|object| (object.id.clone(), Outcome::Denied)).collect(),
    };
    let answers: Vec<_> = rewrap.policies.iter().map(denied).collect();
    let json = rewrap_response(Codec::Json, &wrapping, &answers, rewrap.is_first_form);
    let answered: serde_json::Value = needed(serde_json::from_slice(&json));
    let results = answered["responses"].as_array().into_iter().flatten().map(|one| &one["results"]);
    let errors = results.flat_map(|results| results.as_array().into_iter().flatten());
    assert!(errors.clone().all(|result| result["error"] == DENIAL), "one denial and no other");
    assert_eq!(errors.count(), objects.len(), "an answer to each");
}

static KEY: LazyLock<Option<TokenKey>> =
    LazyLock::new(|| TokenKey::from_pkcs8_der(include_bytes!("../../keys/p256.der")));

fn possession(bytes: &[u8]) {
    let text = text(bytes);
    let (path, origin) = ("/token", "https://server.example.com");
    let call = Call { method: "POST", origin, path, token: None };
    if let Some(proof) = Proof::read(text, call, THEN) {
        assert!(!proof.jti.is_empty());
        assert_eq!(proof.key.thumbprint().len(), 43);
        // Nobody mutates their way to a signature: only the example itself holds.
        assert_eq!(proof.jti, "-BwC3ESc6acc2lTc");
    }
    let key = KEY.as_ref().unwrap_or_else(|| unreachable!("a key of the target's own"));
    assert_eq!(key.read(text, "issuer", "audience", NOW), None, "it signed nothing");
    let node: NodeName = needed("seoul.kor".parse());
    if let Ok(stated) = Attributes::of(&node).read(text.lines()) {
        let names = Attributes::of(&node);
        let mut again = vec![names.level(&stated.level), names.kind(&stated.kind)];
        again.extend(stated.releasable_to.iter().map(|party| names.releasable_to(*party)));
        assert_eq!(names.read(again.iter().map(String::as_str)), Ok(stated));
    }
}

/// The provider of the vectors, its keys, and the tokens that it made.
struct Provider {
    expected: Expected,
    keys: KeySet,
    made: Vec<String>,
}

static PROVIDER_OF_VECTORS: LazyLock<Provider> = LazyLock::new(|| {
    let file: serde_json::Value =
        needed(serde_json::from_slice(include_bytes!("../../../vectors/rewrap/tokens.json")));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let expected = Expected {
        issuer: text(&file["issuer"]),
        audience: text(&file["audience"]),
        claim: text(&file["claim"]),
        takes_bearer: false,
    };
    let cases = file["cases"].as_array().into_iter().flatten();
    let made = cases.filter(|case| case["result"] == "named").map(|case| text(&case["token"])).collect();
    let keys = KeySet::read(file["keys"].to_string().as_bytes());
    Provider { expected, keys: needed(keys.ok_or("keys")), made }
});

/// All three at once: none begins as another does.
fn provider(bytes: &[u8]) {
    let Provider { expected, keys, made } = &*PROVIDER_OF_VECTORS;
    if let Some(keys) = KeySet::read(bytes) {
        assert!((1..=MAX_PROVIDER_KEYS).contains(&keys.count()));
    }
    if let Some(address) = expected.keys_address(bytes) {
        assert!(address.starts_with(&format!("{}/", expected.issuer)), "{address}");
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let token = text(bytes);
    if named(token, keys, expected, NOW).is_ok() {
        assert!(made.iter().any(|one| one == token), "nobody but the provider signs for it");
    }
}
