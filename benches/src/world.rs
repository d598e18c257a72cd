//! Two whole nodes in this process, as the binary runs them: SQLite journals and folder vaults on the disk, and the
//! partner link over real sockets. Their people sign as people do.
//!
//! *Absent:* the HTTP interface, which no workload here asks about.

use attache_accord::act::Act;
use attache_accord::agreement::Position;
use attache_accord::control::Control;
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::view::{Ask, View};
use attache_accord::{CaseId, ItemId, Marking, Network, NodeName, PersonId, Timestamp};
use attache_custody::Keyring;
use attache_node::desk::{self, Misuse, Step};
use attache_node::engine::{Engine, Plan};
use attache_node::founding::{self, Draft};
use attache_node::intake::{Described, Intake};
use attache_node::link::certificate::authority;
use attache_node::link::{Link, State};
use attache_node::node::{Node, Parts, open_engine};
use attache_node::steward;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Admission, Answer, Card, Decision, Request};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_seal::tdf::Metadata;
use attache_store::{FolderVault, SqliteJournal, StoreError};
use attache_tlog::Origin;
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::sleep;

const OFFICERS: [Role; 3] = [Role::Analyst, Role::DisclosureOfficer, Role::DeskOfficer];

/// The time, by the machine's clock.
pub fn clock() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock past 1970");
    Timestamp(elapsed.as_millis() as u64)
}

pub fn person(role: Role) -> PersonId {
    format!("{}-1", role.as_str()).parse().expect("a name")
}

fn administrator() -> PersonId {
    "admin-1".parse().expect("a name")
}

/// One node and its people.
pub struct Post {
    pub node: Arc<Node>,
    pub keys: Arc<Keyring>,
    pub card: Signed,
    pub name: NodeName,
    link: Link,
    pairs: Vec<(Role, SigningPair)>,
    level: &'static str,
    partner: &'static str,
    pub folder: Option<TempDir>,
}

/// What a process needs, beside the folder, to be the node that another process was.
#[derive(Encode, Decode)]
struct Kept {
    #[n(0)]
    keys: ByteVec,
    #[n(1)]
    card: ByteVec,
    #[n(2)]
    name: String,
    #[n(3)]
    at: String,
    #[n(4)]
    seeds: Vec<ByteArray<64>>,
}

/// Where it lies.
const KEPT_FILE: &str = "kept";
/// Levels and partners by node.
const SIDES: [(&str, &str, &str, &str); 2] =
    [("seoul.kor", "KOR", "KOR:II", "JPN"), ("tokyo.jpn", "JPN", "JPN:TOKUTEI", "KOR")];

/// The giver, then the receiver.
pub struct World {
    pub giver: Post,
    pub receiver: Post,
}

/// A case that lacks a decision, which is signed already.
pub struct Waiting {
    decision: Signed,
}

impl World {
    /// Founds both in `base`, with a cleared officer of each role, and lets them greet each other.
    pub async fn begin(base: &Path) -> Self {
        let [giver, receiver] = SIDES.map(|(name, party, ..)| Post::found(base, name, party));
        let (giver, receiver) = (giver.await, receiver.await);
        for (one, other) in [(&giver, &receiver), (&receiver, &giver)] {
            let fingerprint = Card::fingerprint(&other.card);
            one.must(|view, now| steward::add_peer(view, now, &administrator(), &other.card, &fingerprint))
                .await;
        }
        for (one, other) in [(&giver, &receiver), (&receiver, &giver)] {
            let (now, office) = (clock(), &one.node.office);
            let officer = person(Role::DeskOfficer);
            let given = other.node.office.assure(now, &officer, "exercise", now.plus_hours(24));
            let given = given.expect("an assurance");
            let card_of = |node: &NodeName| office.card_of(node).expect("a card");
            one.must(|view, now| steward::record_assurance(view, now, &administrator(), &given, card_of))
                .await;
        }
        for post in [&giver, &receiver] {
            while !post.link.status().iter().any(|status| status.state == State::Connected) {
                sleep(Duration::from_millis(5)).await;
            }
        }
        Self { giver, receiver }
    }

    /// Decides all of `waiting`, `outstanding` at a time, and waits until the giver has the receipt of each.
    pub async fn exchange(&self, waiting: Vec<Waiting>, outstanding: usize) {
        let count = waiting.len();
        let admitting = self.receiver.admit(count);
        let deciding = async {
            let mut nudge = self.giver.node.nudge();
            let (mut decided, mut waiting) = (0, waiting.into_iter());
            loop {
                let done = decided - self.giver.outstanding();
                let free = outstanding - (decided - done);
                let more: Vec<_> = waiting.by_ref().take(free).collect();
                decided += more.len();
                let all = more.iter().map(|case| self.giver.decide(case));
                futures(all).await;
                if done == count {
                    return;
                }
                nudge.changed().await.expect("the node runs");
            }
        };
        tokio::join!(admitting, deciding);
    }

    pub async fn end(self) {
        for post in [self.giver, self.receiver] {
            drop(post.end().await);
        }
    }
}

/// Runs all of them at once, on this task.
pub async fn futures(all: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

impl Kept {
    fn read(folder: &Path) -> (Self, Keyring, Origin) {
        let kept = std::fs::read(folder.join(KEPT_FILE)).expect("what is kept");
        let kept: Self = minicbor::decode(&kept).expect("what is kept");
        let origin = founding::log_origin(&kept.name.parse().expect("a name"));
        let keys = Keyring::from_secret_bytes(&kept.keys, &origin).expect("keys");
        (kept, keys, Origin::new(&origin).expect("an origin"))
    }
}

impl Post {
    /// Founds a node in `base` with its officers.
    pub async fn found(base: &Path, name: &str, party: &str) -> Self {
        let name: NodeName = name.parse().expect("a name");
        let pack = Arc::new(Pack::gsomia_2016());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = founding::log_origin(&name);
        // With a key access service, which costs a node that nobody asks for keys nothing.
        let keys = Keyring::generate(&origin).and_then(|keys| keys.with_service());
        let keys = Arc::new(keys.expect("keys"));
        let root = SigningPair::generate().expect("a key");
        let admin = SigningPair::generate().expect("a key");
        let draft = Draft {
            node: name.clone(),
            party: party.parse().expect("a Party"),
            network: Network::Exercise,
            endpoints: vec![listener.local_addr().expect("an address").to_string()],
            administrator: (administrator(), admin.verifying().clone()),
        };
        let now = clock();
        let until = now.plus_hours(founding::CARD_HOURS);
        let ca = authority(&keys.tls_ca_pkcs8, &name, now, until).expect("an authority");
        let card = founding::card(&draft, &pack, &keys, &root, ca, now).expect("a card");
        let folder = tempfile::tempdir_in(base).expect("a folder");
        let at = |part: &str| folder.path().join(part);
        let log = Origin::new(&origin).expect("an origin");
        let mut engine = {
            let journal = SqliteJournal::create(&at("journal"), &log).expect("a journal");
            open_engine(Box::new(journal), &keys, &pack).expect("an engine")
        };
        founding::found(&mut engine, &draft, &pack, now).expect("a founded node");
        drop(engine);
        drop(FolderVault::create(&at("vault")).expect("a vault"));
        let seeds = OFFICERS.map(|_| {
            let mut seed = [0; 64];
            aws_lc_rs::rand::fill(&mut seed).expect("randomness");
            ByteArray::from(seed)
        });
        let kept = Kept {
            keys: keys.to_secret_bytes().expect("bytes").to_vec().into(),
            card: card.to_bytes().into(),
            name: name.to_string(),
            at: listener.local_addr().expect("an address").to_string(),
            seeds: seeds.into(),
        };
        std::fs::write(at(KEPT_FILE), minicbor::to_vec(kept).expect("bytes")).expect("a file");
        drop(listener);
        let mut post = Self::open(folder.path()).await;
        post.folder = Some(folder);
        post.staff(party).await;
        post
    }

    /// Its keys and its log's origin.
    pub fn secrets(folder: &Path) -> (NodeName, Keyring, Origin) {
        let (kept, keys, log) = Kept::read(folder);
        (kept.name.parse().expect("a name"), keys, log)
    }

    /// The engine of the node in `folder`, which is down.
    pub fn engine(folder: &Path) -> Engine {
        let (_, keys, log) = Kept::read(folder);
        // Whoever had it is told to go, and may not have gone yet.
        let journal = loop {
            match SqliteJournal::open(&folder.join("journal"), &log) {
                Err(StoreError::InUse(_)) => std::thread::sleep(Duration::from_millis(20)),
                opened => break opened.expect("the journal"),
            }
        };
        let engine = open_engine(Box::new(journal), &Arc::new(keys), &Arc::new(Pack::gsomia_2016()));
        engine.expect("an engine")
    }

    /// Starts the node in `folder`.
    pub async fn open(folder: &Path) -> Self {
        let (kept, keys, log) = Kept::read(folder);
        let listener = TcpListener::bind(&kept.at).await.expect("its port");
        let card = Signed::from_bytes(&kept.card).expect("a card");
        let parts = Parts {
            journal: Box::new(SqliteJournal::open(&folder.join("journal"), &log).expect("the journal")),
            vault: Arc::new(FolderVault::open(&folder.join("vault")).expect("a vault")),
            keys,
            pack: Pack::gsomia_2016(),
            card: card.clone(),
            earlier: Vec::new(),
            earlier_packs: Vec::new(),
            beat_seconds: 60,
            pad_leaves: 0,
            check_hour: None,
            words: Vec::new(),
            restored: None,
            shares: None,
            witnesses: Vec::new(),
            clock,
        };
        let node = Node::start(parts).expect("it starts");
        let link = Link::start(Arc::clone(&node), listener).expect("it listens");
        let pair = |seed: &ByteArray<64>| SigningPair::from_seed_bytes(seed).expect("a key");
        let pairs = OFFICERS.into_iter().zip(kept.seeds.iter().map(pair)).collect();
        let (_, _, level, partner) = SIDES.into_iter().find(|side| side.0 == kept.name).expect("a side");
        let name = kept.name.parse().expect("a name");
        let keys = Kept::read(folder).1.into();
        Self { node, keys, card, name, link, pairs, level, partner, folder: None }
    }

    /// Goes down, and gives its folder.
    pub async fn end(self) -> Option<TempDir> {
        let Self { node, link, folder, .. } = self;
        node.shut_down().await;
        link.stopped().await;
        folder
    }

    async fn staff(&self, party: &str) {
        let pack = Arc::clone(&self.node.office.pack);
        for (role, pair) in &self.pairs {
            let clearance =
                Clearance { level: self.level.parse().expect("a level"), until: clock().plus_hours(1000) };
            let member = Person {
                id: person(*role),
                party: party.parse().expect("a Party"),
                roles: [*role].into(),
                clearance: Some(clearance),
                duties: pack.terms().kinds.clone(),
            };
            self.must(|view, _| steward::enrol(view, &administrator(), member.clone(), pair.verifying()))
                .await;
        }
        for party in pack.terms().parties.clone() {
            let position = Position { party, from: Some(Timestamp(0)), until: None };
            let (basis, by) = ("note 1 (fictitious)".to_owned(), administrator());
            let act = Act::PositionRecorded { position, basis, by };
            let plan = Plan::new(&self.node.office.view.read(), vec![act]);
            self.node.commit(plan).await.expect("a journal").expect("no conflict");
        }
    }

    /// Does what can be done, and is granted where it is ruled on.
    pub async fn must(&self, make: impl Fn(&View, Timestamp) -> Result<Step, Misuse>) {
        let done = self.node.carry_out(make).await.expect("it can be done");
        assert!(done.ruling.is_none_or(|ruling| ruling.granted));
    }

    fn signed<B: Body>(&self, role: Role, body: B) -> Signed {
        let (_, pair) = self.pairs.iter().find(|(found, _)| *found == role).expect("an officer");
        let head = Head {
            network: Network::Exercise,
            agreement: self.node.office.identity.agreement.clone(),
            pack: self.node.office.pack.digest(),
            signer: person(role).to_string(),
            key: pair.verifying().key_id(),
            at: clock(),
        };
        Signed::seal(&Statement { head, body }, pair).expect("it signs")
    }

    /// An item of `size` bytes taken in, marked and asked for; a signed decision lies ready.
    pub async fn ask(&self, size: u64, to: &NodeName) -> Waiting {
        self.ask_under(size, to, None).await
    }

    /// The same with originator control, where there is any.
    pub async fn ask_under(&self, size: u64, to: &NodeName, control: Option<Control>) -> Waiting {
        let (office, pack) = (Arc::clone(&self.node.office), Arc::clone(&self.node.office.pack));
        let (item, case, analyst) = (ItemId(fresh()), CaseId(fresh()), person(Role::Analyst));
        let metadata = Metadata { title: "exercise".into(), ..Metadata::default() };
        let described = Described { metadata, tearline: false, item_bytes: Some(size) };
        let mut intake = Intake::begin(Arc::clone(&office), analyst.clone(), described).expect("an intake");
        let piece = vec![0x5a; size.min(1 << 20) as usize];
        let mut left = size;
        while left > 0 {
            let now = left.min(piece.len() as u64);
            intake.push(&piece[..now as usize]).expect("it is taken");
            left -= now;
        }
        let added = intake.finish([item, ItemId(fresh())], clock()).expect("it is sealed");
        self.node.commit(added.plan).await.expect("the journal").expect("no conflict");
        let marking = Marking {
            level: self.level.parse().expect("a level"),
            releasable_to: [self.partner.parse().expect("a Party")].into(),
            kind: pack.terms().kinds.iter().next().expect("a kind").clone(),
            caveats: vec![],
            marked_at: clock(),
            topics: Default::default(),
            control,
            purposes: [].into(),
        };
        let marked = office.mark(&analyst, item, marking).expect("it is marked");
        self.node.commit(marked.plan).await.expect("the journal").expect("no conflict");
        let found = office.view.read().item(&item).expect("the item").clone();
        let label_digest = found.marked().expect("its label").label;
        let (item_digest, recipient) = (found.item_digest, to.clone());
        let purpose = "early warning (fictitious)".to_owned();
        let request = Request { case, item_digest, label_digest, recipient: recipient.clone(), purpose };
        let request = self.signed(Role::Analyst, request);
        self.must(|view, now| desk::request(view, &pack, now, &request)).await;
        let facts = {
            let view = office.view.read();
            let ask = Ask::Release { case };
            let question = view.question(&person(Role::DisclosureOfficer), &ask, clock());
            desk::facts_digest(&question.expect("a question"))
        };
        let decision = Decision {
            case,
            request: request.digest(),
            item_digest,
            label_digest,
            recipient,
            answer: Answer::Approve,
            reason: "as agreed".into(),
            article: "1".into(),
            facts,
        };
        Waiting { decision: self.signed(Role::DisclosureOfficer, decision) }
    }

    /// The desk officer opens an item of `size` bytes and reads it to its end.
    pub async fn read(&self, item: ItemId, size: u64) {
        let officer = person(Role::DeskOfficer);
        let opened = self.node.open_item(&officer, item, "early warning (fictitious)").await;
        let reading = opened.map_err(|why| why.to_string()).expect("it opens").reading;
        let read = tokio::task::block_in_place(|| reading.each_segment(|_| true));
        assert_eq!(read.map_err(|why| why.to_string()), Ok(size));
    }

    /// The decision reaches the desk, is ruled on and recorded.
    pub async fn decide(&self, waiting: &Waiting) {
        let pack = Arc::clone(&self.node.office.pack);
        self.must(|view, now| desk::decide(view, &pack, now, &waiting.decision)).await;
    }

    /// The desk officer admits the next `count` arrivals as they come.
    pub async fn admit(&self, count: usize) {
        let (office, pack) = (Arc::clone(&self.node.office), Arc::clone(&self.node.office.pack));
        let mut nudge = self.node.nudge();
        let mut admitted = 0;
        while admitted < count {
            let waiting: Vec<_> = office
                .view
                .read()
                .items
                .arrivals()
                .map(|arrival| (arrival.dispatch, arrival.package))
                .collect();
            if waiting.is_empty() {
                nudge.changed().await.expect("the node runs");
                continue;
            }
            admitted += waiting.len();
            let own_level: attache_accord::Level = self.level.parse().expect("a level");
            let all = waiting.into_iter().map(|(dispatch, package)| {
                let body = Admission { dispatch, package, own_level: own_level.clone() };
                let (admission, item, pack) =
                    (self.signed(Role::DeskOfficer, body), ItemId(fresh()), Arc::clone(&pack));
                async move { self.must(|view, now| desk::admit(view, &pack, now, &admission, item)).await }
            });
            futures(all).await;
        }
    }

    /// How many approved cases still wait for their receipt.
    pub fn outstanding(&self) -> usize {
        let dispatches = &self.node.office.view.read().dispatches;
        dispatches.packages_owed().count() + dispatches.overdue(Timestamp(u64::MAX)).count()
    }
}

pub fn fresh() -> [u8; 16] {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("randomness");
    bytes
}
