//! rewrap: keys that clients ask the key access service for, 64 requests outstanding, through the service's own code from the
//! HTTP request to its answer: access token, proof of possession and request token verified, the ruling made and durably recorded
//! with the opening, custody's own ruling, the key opened, its binding verified, and wrapped for the client's RSA key.
//!
//! The peer is the sum of the primitives, on as many threads as there are cores: three ES256 signatures verified, one ruling, a
//! key of RSA-2048 opened, an HMAC, a key wrapped for RSA-2048, and two rows of SQLite durable, committed in groups by a thread of
//! their own as they gather.
//!
//! *Absent:* sockets, TLS and the token endpoint on both sides.

use crate::measure::{Report, target};
use crate::world::{Post, clock, fresh, person};
use attache_accord::people::Role;
use attache_accord::ruling::Question;
use attache_accord::view::Ask;
use attache_accord::{ItemId, Marking};
use attache_gate::{Door, Gate, machine_router};
use attache_node::service;
use attache_release::{Pack, rule};
use attache_rewrap::discovery::Origin;
use attache_seal::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::pem;
use attache_seal::tdf::{
    ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Metadata, Policy, seal_stream,
};
use attache_seal::wrap::{RsaSecret, wrap_rsa};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{available_parallelism, scope};
use std::time::Instant;
use tokio::task::JoinSet;
use tower_service::Service as _;

/// Requests under way at one time.
const OUTSTANDING: usize = 64;
/// Requests of one pass. All that a client may make within a minute are more.
const REQUESTS: usize = 2_000;
/// Items whose keys are asked for in turn.
const ITEMS: usize = 100;
const BYTES: usize = 1024;
/// Bytes of one of the peer's rows: a leaf, and what an act and its salt take sealed.
const ROW_BYTES: usize = 528 + 256;
const URL: &str = "http://127.0.0.1:8444";
const TOKENS: &str = "/auth/protocol/openid-connect/token";
const REWRAP: &str = "/kas.AccessService/Rewrap";
const LARGEST_ANSWER: usize = 1 << 20;

/// A machine client and the service that it asks.
struct Client {
    router: Router,
    key: EcdsaKeyPair,
    opening: RsaSecret,
    secret: String,
    token: String,
    /// Policy and wrapped key of each item.
    items: Vec<(String, KeyAccess)>,
}

pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    let post = runtime.block_on(Post::found(folder.path(), "seoul.kor", "KOR"));
    let (mut client, question) = runtime.block_on(Client::begin(&post));
    let primitives = Primitives::of(&client, question, &post.node.office.pack);
    let own = || runtime.block_on(client.pass());
    let path = folder.path().join("peer.db");
    report.pairs("rewrap", ("/s", 0.7), own, || primitives.pass(&path));
    runtime.block_on(async { drop(post.end().await) });
}

impl Client {
    /// Its items are taken in and marked, and it has its credential. The question is one that opening them asks.
    async fn begin(post: &Post) -> (Self, Question) {
        let node = &post.node;
        let origin = Origin::read(URL).expect("an origin");
        let router = machine_router(&Gate::new(node.clone(), None), Door::new(origin, true))
            .expect("keys of the service");
        let analyst = person(Role::Analyst);
        let (name, secret) = ("laptop-1".parse().expect("a name"), BASE64URL_NOPAD.encode(&[7; 32]));
        let digest = sha256(&[secret.as_bytes()]);
        post.must(|view, _| service::add_client(view, &analyst, &name, digest, false)).await;
        let opening = RsaSecret::generate_pkcs8_der().expect("a key");
        let mut client = Self {
            router,
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
            opening: RsaSecret::from_pkcs8_der(&opening).expect("a key"),
            secret,
            token: String::new(),
            items: Vec::new(),
        };
        let mut question = None;
        for _ in 0..ITEMS {
            let (policy, object, tdf) = sealed(post);
            let office = &node.office;
            let (item, metadata) =
                (ItemId(fresh()), Metadata { title: "exercise".into(), ..Metadata::default() });
            let added = office.take_in(&analyst, &metadata, &tdf, item, clock()).expect("it is taken in");
            node.commit(added.plan).await.expect("the journal").expect("no conflict");
            let marking = Marking {
                level: "KOR:II".parse().expect("a level"),
                releasable_to: ["JPN".parse().expect("a Party")].into(),
                kind: "humint".parse().expect("a kind"),
                caveats: vec![],
                marked_at: clock(),
                topics: Default::default(),
                control: None,
                purposes: Default::default(),
            };
            let marked = office.mark(&analyst, item, marking).expect("it is marked");
            node.commit(marked.plan).await.expect("the journal").expect("no conflict");
            question = Some(office.view.read().question(&analyst, &Ask::Open { item, purpose: None }, clock()));
            client.items.push((policy, object));
        }
        (client, question.expect("items").expect("a question"))
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let input = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes()).expect("a signature");
        format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    fn proof(&self, path: &str) -> String {
        let point = self.key.public_key().as_ref();
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]) });
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
        let jti: [u8; 16] = fresh();
        let ath = text(sha256(&[self.token.as_bytes()]).as_bytes());
        let claims = json!({
            "htm": "POST", "htu": format!("{URL}{path}"), "iat": clock().seconds(), "jti": text(&jti), "ath": ath,
        });
        self.signed(&header, &claims)
    }

    async fn renew(&mut self) {
        let form = format!("grant_type=client_credentials&client_id=laptop-1&client_secret={}", self.secret);
        let request = Request::post(TOKENS).header("dpop", self.proof(TOKENS)).body(Body::from(form));
        let answer = ask(self.router.clone(), request.expect("a request")).await;
        self.token = answer["access_token"].as_str().expect("a token").to_owned();
    }

    fn request(&self, (policy, object): &(String, KeyAccess)) -> Request<Body> {
        let client_key = pem::encode(self.opening.public_spki_der(), "PUBLIC KEY").to_string();
        let asked = json!({ "clientPublicKey": client_key, "requests": [{
            "policy": { "id": "policy", "body": policy },
            "keyAccessObjects": [{ "keyAccessObjectId": "kao-0", "keyAccessObject": object }] }] });
        let now = clock().seconds();
        let claims = json!({ "requestBody": asked.to_string(), "iat": now, "exp": now + 60 });
        let token = self.signed(&json!({ "alg": "ES256", "typ": "JWT" }), &claims);
        let body = json!({ "signedRequestToken": token }).to_string();
        let request = Request::post(REWRAP)
            .header("content-type", "application/json")
            .header("authorization", format!("DPoP {}", self.token))
            .header("dpop", self.proof(REWRAP));
        request.body(Body::from(body)).expect("a request")
    }

    /// Keys a second.
    async fn pass(&mut self) -> f64 {
        self.renew().await;
        let items = self.items.iter().cycle().take(REQUESTS);
        let requests: Vec<_> = items.map(|item| self.request(item)).collect();
        let requests = Arc::new(Mutex::new(requests.into_iter()));
        let began = Instant::now();
        let mut connections = JoinSet::new();
        for _ in 0..OUTSTANDING {
            let (router, requests) = (self.router.clone(), Arc::clone(&requests));
            connections.spawn(async move {
                let next = || requests.lock().expect("requests").next();
                while let Some(request) = next() {
                    let answer = ask(router.clone(), request).await;
                    assert_eq!(answer["responses"][0]["results"][0]["status"], "permit", "{answer}");
                }
            });
        }
        while let Some(ended) = connections.join_next().await {
            ended.expect("a connection");
        }
        REQUESTS as f64 / began.elapsed().as_secs_f64()
    }
}

/// What a client seals for the service of `post`.
fn sealed(post: &Post) -> (String, KeyAccess, Vec<u8>) {
    let keys = post.node.office.custodian.service().expect("keys of the service");
    let spki = pem::decode(&keys.rsa_public.pem, "PUBLIC KEY").expect("a key");
    let key = ContentKey::generate().expect("a key");
    let attributes = ["level/value/kor-ii", "kind/value/humint", "releasable-to/value/jpn"];
    let attributes = attributes.map(|name| format!("https://{}/attr/{name}", post.name));
    let policy = Policy::fresh(attributes.into()).expect("a policy").to_base64().expect("a policy");
    let wrapped = wrap_rsa(&spki, &key).expect("it wraps");
    let (url, kid) = (format!("{URL}/kas"), &keys.rsa_public.kid);
    let object = KeyAccess::new(KeyAccessKind::Wrapped, &url, kid, &wrapped, &key, &policy);
    let mut writer = ContainerWriter::begin(Vec::new(), None).expect("a container");
    let (integrity, _) = seal_stream(&mut &[0x5a; BYTES][..], &mut writer, &key, 1 << 20).expect("it seals");
    let draft = ManifestDraft {
        key_access: vec![object.clone()],
        policy_base64: policy.clone(),
        assertions: Vec::new(),
    };
    let manifest = Manifest::new(draft, integrity).and_then(|manifest| manifest.to_json());
    (policy, object, writer.finish(&manifest.expect("a manifest")).expect("a container"))
}

async fn ask(mut router: Router, request: Request<Body>) -> Value {
    let answer: Response<Body> = router.call(request).await.expect("an answer");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), LARGEST_ANSWER).await.expect("a body");
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("JSON")
}

/// What nobody who answers such a request can do without.
struct Primitives<'p> {
    pack: &'p Pack,
    question: Question,
    /// A text of a token's length, its signature, and the point that made it.
    signed: (Vec<u8>, Vec<u8>, Vec<u8>),
    rsa: RsaSecret,
    wrapped: Vec<u8>,
    client: Vec<u8>,
    policy: String,
}

impl<'p> Primitives<'p> {
    fn of(client: &Client, question: Question, pack: &'p Pack) -> Self {
        let der = RsaSecret::generate_pkcs8_der().expect("a key");
        let rsa = RsaSecret::from_pkcs8_der(&der).expect("a key");
        let key = ContentKey::generate().expect("a key");
        let text = vec![0x61; 1_000];
        let signature = client.key.sign(&SystemRandom::new(), &text).expect("a signature");
        Self {
            pack,
            question,
            signed: (text, signature.as_ref().to_vec(), client.key.public_key().as_ref().to_vec()),
            wrapped: wrap_rsa(rsa.public_spki_der(), &key).expect("it wraps"),
            rsa,
            client: client.opening.public_spki_der().to_vec(),
            policy: client.items[0].0.clone(),
        }
    }

    fn once(&self) {
        let (text, signature, point) = &self.signed;
        for _ in 0..3 {
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            key.verify(text, signature).expect("it verifies");
        }
        assert!(black_box(rule(&self.question, self.pack)).is_granted());
        let key = self.rsa.unwrap(&self.wrapped).expect("it opens");
        let mac = hmac::Key::new(hmac::HMAC_SHA256, key.dangerously_expose());
        black_box(BASE64.encode(hmac::sign(&mac, self.policy.as_bytes()).as_ref()));
        black_box(wrap_rsa(&self.client, &key).expect("it wraps"));
    }

    /// All of them so often a second, as many threads as cores, [`OUTSTANDING`] of them not durable yet.
    fn pass(&self, path: &Path) -> f64 {
        let mut journal = Connection::open(path).expect("a database");
        let settings = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS act (idx INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;";
        journal.execute_batch(settings).expect("a table");
        let threads = available_parallelism().map_or(1, usize::from);
        let (done, gathered) = mpsc::sync_channel::<()>(OUTSTANDING);
        let row = vec![7_u8; ROW_BYTES];
        let began = Instant::now();
        scope(|scope| {
            for thread in 0..threads {
                let done = done.clone();
                scope.spawn(move || {
                    for _ in (thread..REQUESTS).step_by(threads) {
                        self.once();
                        done.send(()).expect("a journal");
                    }
                });
            }
            drop(done);
            while gathered.recv().is_ok() {
                let count = 1 + gathered.try_iter().take(OUTSTANDING - 1).count();
                let transaction = journal.transaction().expect("a transaction");
                for _ in 0..2 * count {
                    let mut insert = transaction
                        .prepare_cached("INSERT INTO act (body) VALUES (?1)")
                        .expect("a statement");
                    insert.execute([&row]).expect("a row");
                }
                transaction.commit().expect("a commit");
            }
        });
        REQUESTS as f64 / began.elapsed().as_secs_f64()
    }
}
