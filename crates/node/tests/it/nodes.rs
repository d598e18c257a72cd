//! Two whole nodes on real sockets: they find, greet, lose and find each other again.

use attache_accord::{Network, NodeName, PersonId, Timestamp};
use attache_custody::Keyring;
use attache_custody::keyring::Which;
use attache_node::founding::{self, Draft};
use attache_node::link::certificate::authority;
use attache_node::link::{Link, MAX_HANDSHAKES_OF_ONE, PeerStatus, State};
use attache_node::node::{Node, Parts, open_engine};
use attache_node::steward;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use attache_store::{MemoryVault, SqliteJournal, StoreError};
use attache_tlog::Origin;
use std::fs::DirEntry;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

/// A state must be reached so soon, in seconds; the machine may be busy.
pub const PATIENCE_SECONDS: u64 = 30;

/// An address of a site, bound for as long as the site is there, but not listened on: while the site is down whoever dials
/// it is refused, and the system gives the port to nobody else.
pub struct Place {
    pub at: SocketAddr,
    _bound: TcpSocket,
}

impl Place {
    pub fn free() -> Self {
        let bound = Self::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self { at: bound.local_addr().unwrap(), _bound: bound }
    }

    fn bind(at: SocketAddr) -> io::Result<TcpSocket> {
        let socket = TcpSocket::new_v4()?;
        // So that the site can bind it too, when it listens.
        socket.set_reuseaddr(true)?;
        socket.bind(at)?;
        Ok(socket)
    }

    /// A listener, once whoever listened before has let go.
    async fn listen(&self) -> TcpListener {
        let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
        loop {
            match TcpListener::bind(self.at).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < until => {
                    sleep(Duration::from_millis(20)).await;
                }
                bound => return bound.unwrap(),
            }
        }
    }
}

/// A founded node that can be started, stopped and started again at the same address.
pub struct Site {
    pub name: NodeName,
    place: Place,
    keys: Vec<u8>,
    root: SigningPair,
    draft: Draft,
    pub card: Signed,
    pub folder: TempDir,
    vault: MemoryVault,
    /// The clock that it goes by.
    pub clock: fn() -> Timestamp,
    pack: Pack,
}

pub struct Running {
    pub node: Arc<Node>,
    pub link: Link,
}

pub fn clock() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap())
}

pub fn administrator() -> PersonId {
    "admin-1".parse().unwrap()
}

pub async fn site(name: &str, party: &str) -> Site {
    site_since(name, party, clock()).await
}

/// A site that was founded at that time.
pub async fn site_since(name: &str, party: &str, since: Timestamp) -> Site {
    let place = Place::free();
    let endpoint = place.at;
    founded(name, party, (place, endpoint), since, Pack::gsomia_2016())
}

/// A site whose agreement has other terms.
pub fn site_under(name: &str, party: &str, pack: Pack) -> Site {
    let place = Place::free();
    let endpoint = place.at;
    founded(name, party, (place, endpoint), clock(), pack)
}

/// The agreement as it would be if its terms said something else.
pub fn pack_with(from: &str, to: &str) -> Pack {
    changed(&Pack::gsomia_2016(), from, to)
}

/// A pack as it would be if its files said something else.
pub fn changed(pack: &Pack, from: &str, to: &str) -> Pack {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("articles")).unwrap();
    for (file, text) in pack.files() {
        std::fs::write(folder.path().join(file), text.replace(from, to)).unwrap();
    }
    Pack::load(folder.path()).unwrap()
}

/// Terms that let an item be opened for a day after a consent, in the place of `[utc_offset_hours]`.
pub const GRACE: &str =
    "[offline_grace_hours]\nvalue = 24\narticle = \"product\"\nstatus = \"product\"\n\n[utc_offset_hours]";

/// A site that listens at its place while its partners are told to dial `endpoint`.
pub fn site_at(name: &str, party: &str, place: Place, endpoint: SocketAddr) -> Site {
    founded(name, party, (place, endpoint), clock(), Pack::gsomia_2016())
}

fn founded(
    name: &str,
    party: &str,
    (place, endpoint): (Place, SocketAddr),
    now: Timestamp,
    pack: Pack,
) -> Site {
    let name: NodeName = name.parse().unwrap();
    let pack = Arc::new(pack);
    let origin = founding::log_origin(&name);
    let keys = Arc::new(Keyring::generate(&origin).unwrap());
    let root = SigningPair::generate().unwrap();
    let key = SigningPair::generate().unwrap().verifying().clone();
    let draft = Draft {
        node: name.clone(),
        party: party.parse().unwrap(),
        network: Network::Exercise,
        endpoints: vec![endpoint.to_string()],
        administrator: (administrator(), key),
    };
    let ca = authority(&keys.tls_ca_pkcs8, &name, now, now.plus_hours(founding::CARD_HOURS)).unwrap();
    let card = founding::card(&draft, &pack, &keys, &root, ca, now).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::create(folder.path(), &Origin::new(&origin).unwrap()).unwrap();
    let mut engine = open_engine(Box::new(journal), &keys, &pack).unwrap();
    founding::found(&mut engine, &draft, &pack, now).unwrap();
    drop(engine);
    let keys = keys.to_secret_bytes().unwrap().to_vec();
    let pack = Arc::unwrap_or_clone(pack);
    Site { name, place, keys, root, draft, card, folder, vault: MemoryVault::new(), clock, pack }
}

fn files(folder: &Path) -> Vec<DirEntry> {
    let found = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    found.filter(|file| file.file_type().unwrap().is_file()).collect()
}

fn copy_files(from: &Path, to: &Path) {
    for file in files(from) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

impl Site {
    pub fn keyring(&self) -> Keyring {
        Keyring::from_secret_bytes(&self.keys, &founding::log_origin(&self.name)).unwrap()
    }

    /// Keys that follow those of now, the card that names them from `at` on, and its succession.
    pub fn next(&self, at: Timestamp) -> (Keyring, Signed, Signed) {
        let keys = self.keyring();
        let all = Which { kem: true, label: true, node: true, link: true };
        let next = keys.prepared(all).unwrap().advanced().unwrap().unwrap();
        let authority = authority(&keys.tls_ca_pkcs8, &self.name, at, at.plus_hours(1)).unwrap();
        let (card, succession) =
            founding::renewed(&self.card, (&keys, &next), &self.root, authority, at).unwrap();
        (next, card, succession)
    }

    /// The journal, once the thread of the node that went down has let it go.
    fn free_journal(&self, origin: &Origin) -> SqliteJournal {
        let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
        loop {
            match SqliteJournal::open(self.folder.path(), origin) {
                Err(StoreError::InUse(_)) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                opened => return opened.unwrap(),
            }
        }
    }

    /// Where shares that partners lent rest.
    pub fn shares(&self) -> std::path::PathBuf {
        self.folder.path().join("shares")
    }

    /// The names of those that rest there.
    pub fn resting(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.shares()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    pub fn parts(&self, card: Signed) -> Parts {
        Parts {
            journal: Box::new(self.free_journal(&self.origin())),
            vault: Arc::new(self.vault.clone()),
            keys: self.keyring(),
            pack: self.pack.clone(),
            card,
            earlier: Vec::new(),
            earlier_packs: Vec::new(),
            beat_seconds: 60,
            pad_leaves: 0,
            check_hour: None,
            words: Vec::new(),
            restored: None,
            shares: Some(self.shares()),
            witnesses: Vec::new(),
            clock: self.clock,
        }
    }

    /// A copy of its folder, once whoever wrote there has let it go. Lent shares, in a folder of their own, are in no backup.
    pub fn backup(&self) -> TempDir {
        drop(self.free_journal(&self.origin()));
        let backup = tempfile::tempdir().unwrap();
        copy_files(self.folder.path(), backup.path());
        backup
    }

    /// Its disk is lost, and what is brought back is that backup.
    pub fn brought_back(&self, backup: &TempDir) {
        drop(self.free_journal(&self.origin()));
        files(self.folder.path()).iter().for_each(|file| std::fs::remove_file(file.path()).unwrap());
        copy_files(backup.path(), self.folder.path());
    }

    /// The name of its log.
    pub fn origin(&self) -> Origin {
        Origin::new(&founding::log_origin(&self.name)).unwrap()
    }

    /// Bytes of the journal's files.
    pub fn journal_bytes(&self) -> u64 {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
    }

    pub async fn start(&self) -> Running {
        self.start_with(Vec::new()).await
    }

    /// Starts it with words of its own that a partner had.
    pub async fn start_with(&self, words: Vec<Signed>) -> Running {
        self.start_as(|parts| parts.words = words).await
    }

    /// Starts it from other parts.
    pub async fn start_as(&self, alter: impl FnOnce(&mut Parts)) -> Running {
        let mut parts = self.parts(self.card.clone());
        alter(&mut parts);
        let node = Node::start(parts).unwrap();
        let listener = self.place.listen().await;
        let link = Link::start(Arc::clone(&node), listener).unwrap();
        Running { node, link }
    }
}

impl Running {
    pub async fn accept(&self, other: &Site) {
        let fingerprint = Card::fingerprint(&other.card);
        self.node
            .carry_out(|view, now| steward::add_peer(view, now, &administrator(), &other.card, &fingerprint))
            .await
            .unwrap();
    }

    /// Waits until what the operator sees is as wanted.
    pub async fn shows(&self, wanted: impl Fn(&PeerStatus) -> bool) -> PeerStatus {
        let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
        loop {
            let seen = self.link.status();
            if let Some(status) = seen.iter().find(|status| wanted(status)) {
                return status.clone();
            }
            assert!(Instant::now() < until, "{seen:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn stop(self) {
        self.node.shut_down().await;
        timeout(Duration::from_secs(PATIENCE_SECONDS), self.link.stopped()).await.unwrap();
    }
}

pub fn is(state: State) -> impl Fn(&PeerStatus) -> bool {
    move |status| status.state == state
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_added_while_both_nodes_run_greet_each_other() {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_seoul.accept(&tokyo).await;
    at_tokyo.accept(&seoul).await;
    for (running, other) in [(&at_seoul, &tokyo), (&at_tokyo, &seoul)] {
        let status = running.shows(|status| status.state == State::Connected && status.inbound == 1).await;
        assert_eq!((status.node, status.reason.as_str()), (other.name.clone(), ""));
        assert!(status.clocks_apart_millis.unwrap() < 5_000);
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_not_accepted_is_refused_and_sees_it() {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_seoul.accept(&tokyo).await;
    let status = at_seoul.shows(is(State::Refused)).await;
    assert!(status.reason.contains("refused us"), "{}", status.reason);
    assert!(at_tokyo.link.status().is_empty());
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_party_is_outside_the_agreement_is_not_dialled() {
    let (seoul, other) = (site("seoul.kor", "KOR").await, site("elsewhere.xxx", "XXX").await);
    let at_seoul = seoul.start().await;
    at_seoul.accept(&other).await;
    let status = at_seoul.shows(is(State::Refused)).await;
    assert_eq!(status.reason, "XXX is not a Party to the agreement");
    at_seoul.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_went_down_and_came_back_is_greeted_again() {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_seoul.accept(&tokyo).await;
    at_tokyo.accept(&seoul).await;
    at_seoul.shows(is(State::Connected)).await;
    at_tokyo.shows(is(State::Connected)).await;
    at_tokyo.stop().await;
    at_seoul.shows(is(State::Dialling)).await;
    let at_tokyo = tokyo.start().await;
    at_seoul.shows(is(State::Connected)).await;
    at_tokyo.shows(is(State::Connected)).await;
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

/// After so many losses in a row a node waits longer than a state may take, by its pauses alone.
const LOSSES: usize = 7;

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_back_and_calls_is_dialled_however_often_it_was_lost_before() {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, mut at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_seoul.accept(&tokyo).await;
    at_tokyo.accept(&seoul).await;
    at_seoul.shows(is(State::Connected)).await;
    for _ in 0..LOSSES {
        at_tokyo.stop().await;
        at_seoul.shows(is(State::Dialling)).await;
        at_tokyo = tokyo.start().await;
        at_seoul.shows(is(State::Connected)).await;
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_the_whole_doorstep() {
    let seoul = site("seoul.kor", "KOR").await;
    let at_seoul = seoul.start().await;
    let mut silent = Vec::new();
    for _ in 0..MAX_HANDSHAKES_OF_ONE {
        silent.push(TcpStream::connect(seoul.place.at).await.unwrap());
    }
    let mut further = TcpStream::connect(seoul.place.at).await.unwrap();
    let read = timeout(Duration::from_secs(5), further.read(&mut [0; 1])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "the ninth is dropped at once");
    at_seoul.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_card_names_another_link_authority_does_not_start_its_link() {
    let (seoul, other) = (site("seoul.kor", "KOR").await, site("seoul.kor", "KOR").await);
    let (keys, now) = (seoul.keyring(), clock());
    let ca = authority(&other.keyring().tls_ca_pkcs8, &seoul.name, now, now.plus_hours(1)).unwrap();
    let root = SigningPair::generate().unwrap();
    let card = founding::card(&seoul.draft, &Pack::gsomia_2016(), &keys, &root, ca, now).unwrap();
    let node = Node::start(seoul.parts(card)).unwrap();
    let listener = seoul.place.listen().await;
    let refused = Link::start(Arc::clone(&node), listener).err().unwrap();
    assert!(refused.to_string().contains("another link authority"), "{refused}");
    node.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_of_a_site_that_is_down_refuses_callers_and_is_given_to_nobody_else() {
    let place = Place::free();
    for _ in 0..2 {
        let refused = TcpStream::connect(place.at).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        let plain = TcpSocket::new_v4().unwrap();
        assert_eq!(plain.bind(place.at).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let listener = place.listen().await;
        let (called, accepted) = tokio::join!(TcpStream::connect(place.at), listener.accept());
        assert!(called.is_ok() && accepted.is_ok());
    }
}
