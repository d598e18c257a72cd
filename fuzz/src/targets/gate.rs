//! The gate: requests of people's clients, in any form, from anyone.

use super::{JSON, needed};
use crate::Target;
use attache_accord::people::Role;
use attache_accord::{Network, NodeName, Timestamp};
use attache_custody::Keyring;
use attache_gate::api::Described;
use attache_gate::{Gate, people_router};
use attache_node::founding::{self, Draft};
use attache_node::intake::TEARLINE;
use attache_node::link::certificate::authority;
use attache_node::node::{Node, Parts, open_engine};
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::SignIn;
use attache_seal::statement::{Head, Signed, Statement};
use attache_store::{MemoryJournal, MemoryVault};
use attache_tlog::Origin;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Method, Request, Uri};
use data_encoding::{BASE64, HEXLOWER};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

pub(super) const REQUEST: Target = Target {
    name: "request",
    reads: "gate::routes: method, path, query and JSON body",
    run: request,
    rounds: 7_500,
    words: &[
        "GET ", "POST ", "DELETE ", "/v1/", "?limit=0", "?after=", "%00", "..", "{\"", "null", "\\ud800",
    ],
};

pub(super) const UPLOAD: Target = Target {
    name: "upload",
    reads: "gate::routes::items: attache-metadata, the item's bytes, the tearline",
    run: upload,
    rounds: 4_500,
    words: JSON,
};

const NOW: Timestamp = Timestamp(1_780_000_000_000);
/// After so many requests the node is founded anew, since what it takes in it keeps.
const MAX_REQUESTS: u32 = 4_000;
/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 << 20;
const ADMINISTRATOR: &str = "administrator-1";
const ANALYST: &str = "analyst-1";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| needed(Builder::new_multi_thread().worker_threads(1).enable_all().build()));
static WORLD: Mutex<Option<World>> = Mutex::new(None);

struct World {
    node: Arc<Node>,
    router: Router,
    administrator: String,
    analyst: String,
    requests: u32,
}

fn pair(person: &str) -> SigningPair {
    let mut seed = [0; 64];
    seed.iter_mut().zip(person.bytes()).for_each(|(slot, byte)| *slot = byte);
    needed(SigningPair::from_seed_bytes(&seed))
}

impl World {
    async fn found() -> Self {
        let name: NodeName = needed("seoul.kor".parse());
        let pack = Pack::gsomia_2016();
        let administrator = (needed(ADMINISTRATOR.parse()), pair(ADMINISTRATOR).verifying().clone());
        let party = needed("KOR".parse());
        let draft =
            Draft { node: name.clone(), party, network: Network::Exercise, endpoints: vec![], administrator };
        let origin = founding::log_origin(&name);
        let secret = include_bytes!("../../corpus/keyring/seoul");
        let keys = needed(Keyring::from_secret_bytes(secret, &origin));
        let ca = needed(authority(&keys.tls_ca_pkcs8, &name, NOW, NOW.plus_hours(founding::CARD_HOURS)));
        let card = needed(founding::card(&draft, &pack, &keys, &pair("root"), ca, NOW));
        let keys = Arc::new(keys);
        let journal = Box::new(MemoryJournal::new(needed(Origin::new(&origin))));
        let mut engine = needed(open_engine(journal, &keys, &Arc::new(pack.clone())));
        needed(founding::found(&mut engine, &draft, &pack, NOW));
        let journal = engine.into_journal();
        let Some(keys) = Arc::into_inner(keys) else { unreachable!("the engine is gone") };
        let vault = Arc::new(MemoryVault::new());
        let clock = || NOW;
        let node = needed(Node::start(Parts {
            journal,
            vault,
            keys,
            pack,
            earlier_packs: Vec::new(),
            words: Vec::new(),
            card,
            earlier: Vec::new(),
            beat_seconds: 3600,
            pad_leaves: 0,
            check_hour: None,
            restored: None,
            shares: None,
            witnesses: Vec::new(),
            clock,
        }));
        let router = people_router(Gate::new(Arc::clone(&node), None));
        let mut world =
            Self { node, router, administrator: String::new(), analyst: String::new(), requests: 0 };
        world.administrator = world.sign_in(ADMINISTRATOR).await;
        let roles = [Role::Analyst, Role::DisclosureOfficer, Role::DeskOfficer, Role::Registrar];
        let verifying = needed(minicbor::to_vec(pair(ANALYST).verifying()));
        let enrolled = json!({
            "person": ANALYST,
            "roles": roles.map(Role::as_str),
            "clearance": { "level": "KOR:II", "until": NOW.plus_hours(1000).to_string() },
            "duties": ["humint"],
            "verifying": BASE64.encode(&verifying),
        });
        let body = enrolled.to_string().into_bytes();
        let (status, answer) =
            world.ask(Method::POST, "/v1/persons", Some(&world.administrator), None, body).await;
        assert_eq!(status, 200, "{answer}");
        world.analyst = world.sign_in(ANALYST).await;
        world
    }

    async fn sign_in(&self, person: &str) -> String {
        let asked = json!({ "person": person }).to_string().into_bytes();
        let (_, given) = self.ask(Method::POST, "/v1/challenges", None, None, asked).await;
        let challenge = HEXLOWER.decode(given["challenge"].as_str().unwrap_or_default().as_bytes());
        let challenge = needed(needed(challenge).try_into());
        let identity = &self.node.office.identity;
        let head = Head {
            network: identity.network,
            agreement: identity.agreement.clone(),
            pack: identity.pack,
            signer: person.to_owned(),
            key: pair(person).verifying().key_id(),
            at: NOW,
        };
        let body = SignIn { challenge, node: identity.node.clone() };
        let signed = needed(Signed::seal(&Statement { head, body }, &pair(person)));
        let stated = json!({ "statement": BASE64.encode(&signed.to_bytes()) }).to_string().into_bytes();
        let (status, session) = self.ask(Method::POST, "/v1/sessions", None, None, stated).await;
        assert_eq!(status, 200, "{session}");
        session["token"].as_str().unwrap_or_default().to_owned()
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        metadata: Option<HeaderValue>,
        body: Vec<u8>,
    ) -> (u16, Value) {
        let Ok(uri) = path.parse::<Uri>() else { return (400, Value::Null) };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            headers.insert("authorization", needed(format!("Bearer {token}").parse()));
        }
        if let Some(metadata) = metadata {
            headers.insert("attache-metadata", metadata);
        }
        let answer = needed(TowerToHyperService::new(self.router.clone()).call(request).await);
        let status = answer.status().as_u16();
        // An answer that breaks off is one that does not verify; none of these can.
        let bytes = needed(to_bytes(answer.into_body(), MAX_ANSWER_BYTES).await);
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

/// Asks the node, which is founded before the first request and after some thousands: as the administrator (`a`), as
/// nobody (`-`) or as someone with every other role. Status and JSON of the answer.
pub fn ask(
    person: u8,
    method: Method,
    path: &str,
    metadata: Option<HeaderValue>,
    body: &[u8],
) -> (u16, Value) {
    // A panic while it was held has said what it had to say; the next one begins anew.
    let mut world = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
    RUNTIME.block_on(async {
        let world = match world.take() {
            Some(old) if old.requests < MAX_REQUESTS => world.insert(old),
            old => {
                if let Some(old) = old {
                    old.node.shut_down().await;
                }
                world.insert(World::found().await)
            }
        };
        world.requests += 1;
        let token = match person {
            b'a' => Some(world.administrator.as_str()),
            b'-' => None,
            _ => Some(world.analyst.as_str()),
        };
        world.ask(method, path, token, metadata, body.to_vec()).await
    })
}

/// `a POST /v1/persons`, a line feed, and the body. Whatever comes, the node answers that it is the client's fault, or
/// does it; never that it failed itself.
fn request(bytes: &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == b'\n');
    let line = String::from_utf8_lossy(halves.next().unwrap_or_default()).into_owned();
    let body = halves.next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let person = words.next().and_then(|word| word.bytes().next()).unwrap_or(b'-');
    let Ok(method) = words.next().unwrap_or("GET").parse::<Method>() else { return };
    let path = words.next().unwrap_or("/");
    let (status, answer) = ask(person, method, path, None, body);
    assert!(status < 500 || status == 503, "{status} {answer} to {line:?}");
    if status >= 400 && path.starts_with("/v1/") && status != 404 && status != 405 {
        let code = answer["code"].as_str().unwrap_or_default();
        assert!(!code.is_empty() || answer.is_null(), "{status} {answer} to {line:?}");
    }
}

/// The length of the metadata in two bytes, the metadata, and the item.
fn upload(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let (metadata, item) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
    let header = HeaderValue::from_bytes(BASE64.encode(metadata).as_bytes()).ok();
    let (status, answer) = ask(b'e', Method::POST, "/v1/items", header, item);
    assert!(status < 500 || status == 503, "{status} {answer}");
    if status != 200 {
        return;
    }
    assert_eq!(answer["size"].as_u64(), Some(item.len() as u64));
    let wants_extract = needed(serde_json::from_slice::<Described>(metadata)).tearline;
    let expected = if wants_extract { below(item) } else { None };
    assert_eq!(wants_extract, expected.is_some(), "a tearline was found where none is");
    assert_eq!(answer["extract"]["size"].as_u64(), expected.map(|below| below.len() as u64));
}

/// The part below the tearline, found in the simplest way.
fn below(item: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    for line in item.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let line = line.strip_suffix(b"\n")?;
        if line.strip_suffix(b"\r").unwrap_or(line) == TEARLINE.as_bytes() {
            return item.get(at..);
        }
    }
    None
}
