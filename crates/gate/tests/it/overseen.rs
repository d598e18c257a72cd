//! A node's log under a witness that is no partner, over TLS: who sees how far it cosigned, and what is raised about it.

use crate::published::{get, grow};
use crate::watch::watch;
use crate::world::{World, brought_back, clock, overseen};
use attache_accord::NodeName;
use attache_custody::{Keyring, keyring};
use attache_gate::witness::{Witness, WitnessAnswer, accept_fork, serve_witness, witness_tls};
use attache_node::founding::CARD_HOURS;
use attache_node::link::certificate::{authority, leaf_at};
use attache_node::logs::COSIGNATURE_OVERDUE;
use attache_node::outside::{Caller, Outside};
use attache_node::witness::{LOG_SHORT, NOT_OUR_HISTORY, WITNESS_FORGOT};
use attache_store::MemoryJournal;
use attache_tlog::{AddCheckpoint, Checkpoint, Hash, NoteSigner, Origin, sign_checkpoint};
use data_encoding::BASE64;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch::Sender;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const NAME: &str = "overseer.example";
/// How long something may take that a node does by itself, in seconds.
const PATIENCE_SECONDS: u64 = 60;
/// So long a witness stays stopped that a node asks at least once, in seconds.
const STOPPED_SECONDS: u64 = 5;

/// A witness with its keys and certificates, which serves or not.
struct Overseer {
    at: SocketAddr,
    seeds: Vec<u8>,
    keys: Keyring,
    name: NodeName,
    folder: TempDir,
    running: Option<Running>,
}

struct Running {
    shutdown: Sender<bool>,
    ends: JoinHandle<Result<(), &'static str>>,
    witness: Arc<Witness>,
}

fn pem(kind: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {kind}-----\n");
    for line in BASE64.encode(der).as_bytes().chunks(64) {
        let _ = writeln!(text, "{}", std::str::from_utf8(line).unwrap());
    }
    format!("{text}-----END {kind}-----\n")
}

impl Overseer {
    async fn new() -> Self {
        // Nobody listens there for now.
        let at = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (seeds, keys) = (keyring::fresh_witness().unwrap(), Keyring::generate("overseer.example/log"));
        let (name, folder) = ("overseer.example".parse().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(folder.path().join("forks")).unwrap();
        Self { at, seeds, keys: keys.unwrap(), name, folder, running: None }
    }

    fn signers(&self) -> Vec<NoteSigner> {
        keyring::witness_signers(NAME, &self.seeds).unwrap()
    }

    /// How a node names it.
    fn outside(&self) -> Outside {
        let until = clock().plus_hours(CARD_HOURS);
        let root = authority(&self.keys.tls_ca_pkcs8, &self.name, clock(), until).unwrap();
        let root = pem("CERTIFICATE", &root);
        let caller = Caller::new(&format!("https://{}", self.at), Some(root.as_bytes())).unwrap();
        let keys = self.signers().iter().map(|signer| signer.verifier().clone()).collect();
        Outside::new(keys, caller).unwrap()
    }

    /// With nothing in its journal.
    fn witness(&self, world: &World) -> Witness {
        let places = (self.folder.path().join("logs"), self.folder.path().join("forks"));
        std::fs::write(&places.0, world.node.office.own().log_vkeys.join("\n")).unwrap();
        let journal = Box::new(MemoryJournal::new(Origin::new(NAME).unwrap()));
        Witness::new(self.signers(), journal, places, clock).unwrap()
    }

    /// Serves with nothing in its journal.
    async fn serve(&mut self, world: &World) {
        let witness = Arc::new(self.witness(world));
        let (ca, own) = (&self.keys.tls_ca_pkcs8, &self.keys.tls_node_pkcs8);
        let leaf = leaf_at(ca, own, &self.name, Some(self.at.ip()), clock()).unwrap();
        let (chain, key) = (pem("CERTIFICATE", &leaf.der), pem("PRIVATE KEY", own));
        let tls = witness_tls(chain.as_bytes(), key.as_bytes()).unwrap();
        let listener = TcpListener::bind(self.at).await.unwrap();
        let shutdown = Sender::new(false);
        let serving = serve_witness(Arc::clone(&witness), listener, Some(tls), shutdown.subscribe());
        self.running = Some(Running { shutdown, ends: tokio::spawn(serving), witness });
    }

    async fn stop(&mut self) {
        let Running { shutdown, ends, .. } = self.running.take().unwrap();
        shutdown.send_replace(true);
        ends.await.unwrap().unwrap();
    }
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
    while !holds().await {
        assert!(Instant::now() < until, "{what} did not come");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A number that watchers see; `None` where it is left out.
async fn number(world: &World, name: &str) -> Option<u64> {
    let text = String::from_utf8(watch(world, "/metrics").await.body).unwrap();
    let lines =
        text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).collect::<Vec<_>>();
    assert!(lines.len() < 2, "{name} twice");
    lines.first().map(|number| number.parse().unwrap())
}

async fn publish(world: &World, more: u64) {
    let size = world.node.office.view.read().size;
    grow(world, size + more).await;
    world.node.publish().await.unwrap();
}

/// The size that the witness cosigned last, as the node keeps it.
fn cosigned(world: &World) -> Option<u64> {
    let standing = world.node.office.logs().unwrap();
    standing.witnesses[0].cosigned.as_ref().map(|cosigned| cosigned.size)
}

fn is_raised(world: &World, code: &str) -> bool {
    world.node.office.view.read().raised.contains_key(code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_cosigned_from_outside_over_tls_and_watchers_see_how_long_ago() {
    const MISSING: &str = "attache_log_cosignatures_missing";
    const AGE: &str = "attache_log_cosignature_age_seconds";
    let mut overseer = Overseer::new().await;
    let world = overseen(vec![overseer.outside()]).await;
    publish(&world, 3).await;
    assert_eq!((number(&world, MISSING).await, number(&world, AGE).await), (Some(1), None));
    overseer.serve(&world).await;
    until("a cosignature", async || number(&world, MISSING).await == Some(0)).await;
    let age = number(&world, AGE).await.unwrap();
    assert!(age < PATIENCE_SECONDS, "{age}");

    let published = world.node.office.published_size();
    let logs = world.sign_in("registrar-1").await.get("/v1/logs").await;
    assert_eq!(
        (&logs["witnesses"][0]["name"], &logs["witnesses"][0]["cosigned"]),
        (&NAME.into(), &published.into())
    );
    assert!(logs["witnesses"][0]["uncosigned_since"].is_null(), "it cosigned all: {logs}");
    let checkpoint = String::from_utf8(get(&world, "/checkpoint").await.body).unwrap();
    assert!(
        checkpoint.contains(&format!("\n\u{2014} {NAME} ")),
        "whoever reads the log sees it too: {checkpoint}"
    );

    // Away, it delays nothing; back, it is asked from where it stands.
    overseer.stop().await;
    publish(&world, 3).await;
    assert_eq!(number(&world, MISSING).await, Some(1));
    assert!(number(&world, AGE).await.is_some(), "the age of the last one");
    assert!(!is_raised(&world, COSIGNATURE_OVERDUE), "two days may pass");
    let away = world.sign_in("registrar-1").await.get("/v1/logs").await["witnesses"][0].clone();
    assert!(away["uncosigned_since"].is_string() && away["is_overdue"] == false, "{away}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_outside_that_forgot_and_one_that_saw_another_history_are_raised() {
    let mut overseer = Overseer::new().await;
    let world = overseen(vec![overseer.outside()]).await;
    overseer.serve(&world).await;
    publish(&world, 3).await;
    until("a cosignature", async || cosigned(&world) == Some(world.node.office.published_size())).await;
    assert!(![WITNESS_FORGOT, LOG_SHORT, NOT_OUR_HISTORY].iter().any(|code| is_raised(&world, code)));

    overseer.stop().await;
    overseer.serve(&world).await;
    publish(&world, 3).await;
    until("that it forgot", async || is_raised(&world, WITNESS_FORGOT)).await;
    until("a cosignature", async || cosigned(&world) == Some(world.node.office.published_size())).await;

    // Someone with the node's keys shows it a longer log.
    overseer.stop().await;
    overseer.serve(&world).await;
    let (office, size) = (&world.node.office, world.node.office.view.read().size + 30);
    let origin = Origin::new(&office.own().log_origin).unwrap();
    let other = Checkpoint { origin, size, root: Hash([7; 32]), extensions: Vec::new() };
    let note = sign_checkpoint(&other, &[&office.keys.log_ed25519, &office.keys.log_mldsa44]).unwrap();
    let request = AddCheckpoint::new(0, Vec::new(), &note).unwrap().to_string();
    let witness = Arc::clone(&overseer.running.as_ref().unwrap().witness);
    witness.add_checkpoint(request.as_bytes()).unwrap();
    publish(&world, 1).await;
    until("that entries were lost", async || is_raised(&world, LOG_SHORT)).await;
    assert!(!is_raised(&world, NOT_OUR_HISTORY));
    publish(&world, 40).await;
    until("the other history", async || is_raised(&world, NOT_OUR_HISTORY)).await;
    let latest = witness.latest(&other.origin.hash()).unwrap().unwrap();
    assert_eq!(latest.lines().nth(1), Some(size.to_string().as_str()), "what it cosigned first counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_outside_that_was_shown_a_second_tree_is_away_until_its_people_decide() {
    const MISSING: &str = "attache_log_cosignatures_missing";
    let mut overseer = Overseer::new().await;
    let world = overseen(vec![overseer.outside()]).await;
    overseer.serve(&world).await;
    publish(&world, 3).await;
    until("a cosignature", async || number(&world, MISSING).await == Some(0)).await;
    // Someone with the node's keys shows it another tree of the size that it cosigned.
    let (office, size) = (&world.node.office, cosigned(&world).unwrap());
    let origin = Origin::new(&office.own().log_origin).unwrap();
    let other = Checkpoint { origin: origin.clone(), size, root: Hash([7; 32]), extensions: Vec::new() };
    let note = sign_checkpoint(&other, &[&office.keys.log_ed25519, &office.keys.log_mldsa44]).unwrap();
    let request = AddCheckpoint::new(0, Vec::new(), &note).unwrap().to_string();
    let witness = Arc::clone(&overseer.running.as_ref().unwrap().witness);
    assert_eq!(witness.add_checkpoint(request.as_bytes()).unwrap(), WitnessAnswer::Stopped);

    publish(&world, 3).await;
    until("the incident", async || is_raised(&world, NOT_OUR_HISTORY)).await;
    assert_eq!(number(&world, MISSING).await, Some(1), "it counts as away");
    assert_eq!(cosigned(&world), Some(size));
    let folder = overseer.folder.path();
    accept_fork(&folder.join("logs"), &folder.join("forks"), &origin, "note 17 (fictitious)").unwrap();
    until("a cosignature", async || number(&world, MISSING).await == Some(0)).await;
    assert!(cosigned(&world) > Some(size), "the history that it cosigned goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_brought_back_asks_a_witness_that_waits_for_its_people_again_until_they_decided() {
    let mut overseer = Overseer::new().await;
    let world = brought_back(vec![overseer.outside()]).await;
    let office = &world.node.office;
    let origin = Origin::new(&office.own().log_origin).unwrap();
    // Before it is there to be asked, someone with the node's keys shows it two trees of one size.
    let witness = overseer.witness(&world);
    let shown = [3, 4].map(|root| {
        let head = Checkpoint { origin: origin.clone(), size: 9, root: Hash([root; 32]), extensions: vec![] };
        let note = sign_checkpoint(&head, &[&office.keys.log_ed25519, &office.keys.log_mldsa44]).unwrap();
        let request = AddCheckpoint::new(0, Vec::new(), &note).unwrap().to_string();
        witness.add_checkpoint(request.as_bytes()).unwrap()
    });
    assert_eq!(shown[1], WitnessAnswer::Stopped);
    let seen = office.settling.standing();
    overseer.serve(&world).await;
    sleep(Duration::from_secs(STOPPED_SECONDS)).await;
    let waits = seen.borrow().clone();
    assert!(waits.witnesses.contains(NAME), "it is asked again: {waits:?}");
    assert!(!waits.is_other, "what it said is no word about this history");

    let folder = overseer.folder.path();
    accept_fork(&folder.join("logs"), &folder.join("forks"), &origin, "note 17 (fictitious)").unwrap();
    until("what it has seen", async || seen.borrow().witnesses.is_empty()).await;
    let seen = seen.borrow().clone();
    assert!(!seen.is_other && seen.lost.is_none(), "without a restart: {seen:?}");
}
