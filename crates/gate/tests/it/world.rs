//! A node with its people, its link and its gate, on real sockets.

use crate::client::{Answered, Door};
use attache_accord::people::Role;
use attache_accord::{Network, NodeName, Timestamp};
use attache_custody::Keyring;
use attache_gate::{Gate, Listeners, serve};
use attache_node::founding::{self, Draft};
use attache_node::link::Link;
use attache_node::link::certificate::authority;
use attache_node::node::{Node, Parts, open_engine};
use attache_node::outside::Outside;
use attache_node::settling::Restored;
use attache_release::Pack;
use attache_rewrap::discovery::Origin as ServiceOrigin;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::SignIn;
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_store::{Journal, MemoryJournal, MemoryVault};
use attache_tlog::Origin;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::net::TcpListener;

/// Where the web pages are from that may call the key access service.
pub const PAGE: &str = "https://desk.seoul.kor";
pub const ADMIN: &str = "administrator-1";

/// One node as its people see it.
pub struct World {
    pub node: Arc<Node>,
    pub door: Door,
    pub admin: SocketAddr,
    pub log: SocketAddr,
    /// Where machine clients reach it, if it has a key access service.
    pub kas: Option<Door>,
    pub public: SocketAddr,
}

/// A person who has signed in.
pub struct Session<'a> {
    pub world: &'a World,
    pub token: String,
}

pub fn clock() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap())
}

/// Everyone's key follows from their pseudonym, so that tests need not carry keys.
pub fn pair(person: &str) -> SigningPair {
    let mut seed = [0; 64];
    seed[..person.len()].copy_from_slice(person.as_bytes());
    SigningPair::from_seed_bytes(&seed).unwrap()
}

pub fn verifying(pair: &SigningPair) -> String {
    BASE64.encode(&minicbor::to_vec(pair.verifying()).unwrap())
}

/// The same with a key access service.
pub async fn serving() -> World {
    serving_as("seoul.kor", "KOR").await
}

pub async fn serving_as(name: &str, party: &'static str) -> World {
    let memory = |origin| -> Box<dyn Journal> { Box::new(MemoryJournal::new(origin)) };
    staff(founded(name, party, clock, memory, true, (Vec::new(), None)).await, party).await
}

/// The same whose log these witness.
pub async fn overseen(witnesses: Vec<Outside>) -> World {
    let memory = |origin| -> Box<dyn Journal> { Box::new(MemoryJournal::new(origin)) };
    staff(founded("seoul.kor", "KOR", clock, memory, false, (witnesses, None)).await, "KOR").await
}

/// A node that was brought back from a backup of its first day, and asks these witnesses what they have seen of its log.
pub async fn brought_back(witnesses: Vec<Outside>) -> World {
    let memory = |origin| -> Box<dyn Journal> { Box::new(MemoryJournal::new(origin)) };
    let restored = Some(Restored::default());
    founded("seoul.kor", "KOR", clock, memory, false, (witnesses, restored)).await
}

/// A node in Seoul with one person of each role, named after it: `analyst-1` and so on. Who handles items is cleared.
pub async fn seoul() -> World {
    staffed("seoul.kor", "KOR", clock).await
}

pub async fn staffed(name: &str, party: &'static str, clock: fn() -> Timestamp) -> World {
    staff(world(name, party, clock).await, party).await
}

async fn staff(world: World, party: &str) -> World {
    let level = if party == "KOR" { "KOR:II" } else { "JPN:TOKUTEI" };
    let admin = world.sign_in(ADMIN).await;
    for (role, word) in Role::ALL.iter().filter(|(role, _)| *role != Role::Administrator) {
        let reads = matches!(role, Role::Analyst | Role::DisclosureOfficer | Role::DeskOfficer);
        admin.enrol(&format!("{word}-1"), word, reads.then_some(level)).await;
    }
    drop(admin);
    world
}

pub async fn world(name: &str, party: &'static str, clock: fn() -> Timestamp) -> World {
    world_on(name, party, clock, |origin| Box::new(MemoryJournal::new(origin))).await
}

/// A node with an empty journal of the caller's.
pub async fn world_on(
    name: &str,
    party: &'static str,
    clock: fn() -> Timestamp,
    journal: impl FnOnce(Origin) -> Box<dyn Journal>,
) -> World {
    founded(name, party, clock, journal, false, (Vec::new(), None)).await
}

async fn founded(
    name: &str,
    party: &'static str,
    clock: fn() -> Timestamp,
    journal: impl FnOnce(Origin) -> Box<dyn Journal>,
    has_service: bool,
    (witnesses, restored): (Vec<Outside>, Option<Restored>),
) -> World {
    let name: NodeName = name.parse().unwrap();
    let [partners, people, admin, log, kas, public] = [(); 6].map(|()| TcpListener::bind("127.0.0.1:0"));
    let (partners, people) = (partners.await.unwrap(), people.await.unwrap());
    let (admin, log, kas) = (admin.await.unwrap(), log.await.unwrap(), kas.await.unwrap());
    let public = public.await.unwrap();
    let pack = Pack::gsomia_2016();
    let draft = Draft {
        node: name.clone(),
        party: party.parse().unwrap(),
        network: Network::Exercise,
        endpoints: vec![partners.local_addr().unwrap().to_string()],
        administrator: (ADMIN.parse().unwrap(), pair(ADMIN).verifying().clone()),
    };
    let origin = founding::log_origin(&name);
    let keys = Keyring::generate(&origin).unwrap();
    let keys = Arc::new(if has_service { keys.with_service().unwrap() } else { keys });
    let now = clock();
    let ca = authority(&keys.tls_ca_pkcs8, &name, now, now.plus_hours(founding::CARD_HOURS)).unwrap();
    let root = SigningPair::generate().unwrap();
    let card = founding::card(&draft, &pack, &keys, &root, ca.clone(), now).unwrap();
    let journal = journal(Origin::new(&origin).unwrap());
    let mut engine = open_engine(journal, &keys, &Arc::new(pack.clone())).unwrap();
    founding::found(&mut engine, &draft, &pack, now).unwrap();
    let journal = engine.into_journal();
    let keys = Arc::into_inner(keys).unwrap();
    let vault = Arc::new(MemoryVault::new());
    let node = Node::start(Parts {
        journal,
        vault,
        keys,
        pack,
        card,
        earlier: Vec::new(),
        earlier_packs: Vec::new(),
        beat_seconds: 3600,
        pad_leaves: 0,
        check_hour: None,
        words: Vec::new(),
        restored,
        shares: None,
        witnesses,
        clock,
    })
    .unwrap();
    let link = Arc::new(Link::start(Arc::clone(&node), partners).unwrap());
    let door = Door { at: people.local_addr().unwrap(), name: name.to_string(), authority: ca };
    let public_at = public.local_addr().unwrap();
    let (admin_at, log_at) = (admin.local_addr().unwrap(), log.local_addr().unwrap());
    let at = kas.local_addr().unwrap();
    let origin = ServiceOrigin::read(&format!("https://{name}:{}", at.port())).unwrap();
    let kas = has_service.then_some((
        kas,
        attache_gate::Door { pages: vec![PAGE.to_owned()], ..attache_gate::Door::new(origin, false) },
    ));
    let for_machines = has_service.then(|| Door { at, ..door.clone() });
    let listeners = Listeners { people, admin, log: Some(log), kas, public: Some(public) };
    tokio::spawn(serve(Gate::new(Arc::clone(&node), Some(link)), listeners));
    World { node, door, admin: admin_at, log: log_at, kas: for_machines, public: public_at }
}

impl World {
    pub fn head(&self, person: &str) -> Head {
        let office = &self.node.office;
        Head {
            network: office.identity.network,
            agreement: office.identity.agreement.clone(),
            pack: office.pack.digest(),
            signer: person.to_owned(),
            key: pair(person).verifying().key_id(),
            at: self.node.now(),
        }
    }

    /// What a person signed, as a request states it.
    pub fn stated<B: Body>(&self, person: &str, body: B) -> Value {
        let signed = Signed::seal(&Statement { head: self.head(person), body }, &pair(person)).unwrap();
        json!({ "statement": BASE64.encode(&signed.to_bytes()) })
    }

    /// A request of nobody in particular.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answered {
        call(&self.door, (method, path), &[], body).await
    }

    /// A fresh challenge.
    pub async fn challenge(&self, person: &str) -> [u8; 32] {
        let given = self.call("POST", "/v1/challenges", Some(json!({ "person": person }))).await.good();
        let hex = given["challenge"].as_str().unwrap();
        HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
    }

    /// Answers a challenge as `person`.
    pub async fn answer(&self, person: &str, challenge: [u8; 32]) -> Answered {
        let node = self.node.office.identity.node.clone();
        let stated = self.stated(person, SignIn { challenge, node });
        self.call("POST", "/v1/sessions", Some(stated)).await
    }

    pub async fn sign_in(&self, person: &str) -> Session<'_> {
        let challenge = self.challenge(person).await;
        let session = self.answer(person, challenge).await.good();
        Session { world: self, token: session["token"].as_str().unwrap().to_owned() }
    }
}

impl Session<'_> {
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answered {
        let bearer = format!("Bearer {}", self.token);
        call(&self.world.door, (method, path), &[("authorization", &bearer)], body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call("GET", path, None).await.good()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.call("POST", path, Some(body)).await
    }

    /// Takes an item in.
    pub async fn add(&self, described: Value, bytes: &[u8]) -> Answered {
        let bearer = format!("Bearer {}", self.token);
        let described = BASE64.encode(described.to_string().as_bytes());
        let headers = [("authorization", bearer.as_str()), ("attache-metadata", &described)];
        self.world.door.send(("POST", "/v1/items"), &headers, bytes).await
    }

    /// Takes an item in and marks it; its id.
    pub async fn marked(&self, title: &str, bytes: &[u8], level: &str, to: &[&str]) -> String {
        let added = self.add(json!({ "title": title }), bytes).await.good();
        let item = added["item"].as_str().unwrap().to_owned();
        let marking = json!({ "level": level, "kind": "humint", "releasable_to": to });
        self.post(&format!("/v1/items/{item}/marking"), marking).await.good();
        item
    }

    /// Enrols someone, cleared to `level` and with a need to know of human intelligence.
    pub async fn enrol(&self, person: &str, role: &str, level: Option<&str>) {
        let until = self.world.node.now().plus_hours(24 * 300).to_string();
        let clearance = level.map(|level| json!({ "level": level, "until": until }));
        let wanted = json!({
            "person": person,
            "roles": [role],
            "clearance": clearance,
            "duties": ["humint"],
            "verifying": verifying(&pair(person)),
        });
        self.post("/v1/persons", wanted).await.good();
    }
}

async fn call(door: &Door, line: (&str, &str), headers: &[(&str, &str)], body: Option<Value>) -> Answered {
    let mut headers = headers.to_vec();
    if body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    door.send(line, &headers, body.as_bytes()).await
}
