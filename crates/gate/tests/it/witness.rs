//! A witness that is no node, over HTTP as C2SP tlog-witness says: what it cosigns, what it refuses and how, and that it forgets nothing.

use crate::client::{Answered, exchange, head};
use crate::crossing::{introduced, until};
use crate::world::{clock, seoul};
use attache_gate::witness::{MAX_LOGS, WITNESS_PACE, Witness, read_logs, serve_witness};
use attache_store::{LocalHead, SqliteJournal, StoreError};
use attache_tlog::*;
use data_encoding::HEXLOWER;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const NAME: &str = "overseer.example";
pub const ORIGIN: &str = "seoul.kor/log/1";

fn signers(name: &str, first: KeyKind, seed: u8) -> Vec<NoteSigner> {
    let kinds = [(first, seed), (KeyKind::MlDsa44, seed + 1)];
    kinds.map(|(kind, seed)| NoteSigner::from_seed(name, kind, &[seed; 32]).unwrap()).into()
}

pub fn verifiers(signers: &[NoteSigner]) -> Vec<VerifierKey> {
    signers.iter().map(|signer| signer.verifier().clone()).collect()
}

/// A log of at most one tile.
pub struct Log {
    leaves: Vec<Hash>,
    pub signers: Vec<NoteSigner>,
}

impl TileReader for Log {
    type Error = String;

    fn tile(&self, _: u8, _: u64) -> Result<Vec<Hash>, String> {
        Ok(self.leaves.clone())
    }
}

impl Log {
    /// A log whose history is its own from the `own`th leaf on.
    pub fn new(own: u8) -> Self {
        let leaf = |n: u8| leaf_hash(&[n, u8::from(n >= own)]);
        Self { leaves: (0..200).map(leaf).collect(), signers: signers(ORIGIN, KeyKind::Ed25519, 1) }
    }

    pub fn checkpoint(&self, size: u64) -> String {
        let (origin, root) = (Origin::new(ORIGIN).unwrap(), root_at(self, size).unwrap());
        let signers: Vec<_> = self.signers.iter().collect();
        sign_checkpoint(&Checkpoint { origin, size, root, extensions: vec![] }, &signers).unwrap()
    }

    pub fn asks(&self, old: u64, new: u64) -> String {
        let proof = prove_consistency(self, old, new).unwrap();
        AddCheckpoint::new(old, proof, &self.checkpoint(new)).unwrap().to_string()
    }
}

/// A witness that serves, from a folder that outlives it.
pub struct Serving {
    at: SocketAddr,
    shutdown: watch::Sender<bool>,
    ends: JoinHandle<Result<(), &'static str>>,
}

fn journal(folder: &Path) -> Result<SqliteJournal, StoreError> {
    let (path, origin) = (folder.join("journal"), Origin::new(NAME).unwrap());
    if path.exists() { SqliteJournal::open(&path, &origin) } else { SqliteJournal::create(&path, &origin) }
}

pub async fn serving(folder: &Path) -> Serving {
    let places = (folder.join("logs"), folder.join("forks"));
    std::fs::create_dir_all(&places.1).unwrap();
    let own = signers(NAME, KeyKind::Ed25519Cosigner, 7);
    let witness = Witness::new(own, Box::new(journal(folder).unwrap()), places, clock).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, shutdown) = (listener.local_addr().unwrap(), watch::Sender::new(false));
    let ends = tokio::spawn(serve_witness(Arc::new(witness), listener, None, shutdown.subscribe()));
    Serving { at, shutdown, ends }
}

/// One that knows the log.
pub async fn witness() -> (TempDir, Serving) {
    witness_of(&verifiers(&Log::new(200).signers)).await
}

pub async fn witness_of(keys: &[impl std::fmt::Display]) -> (TempDir, Serving) {
    let folder = tempfile::tempdir().unwrap();
    let keys: String = keys.iter().map(|key| format!("{key}\n")).collect();
    std::fs::write(folder.path().join("logs"), format!("# one log\n\n{keys}")).unwrap();
    let serving = serving(folder.path()).await;
    (folder, serving)
}

impl Serving {
    async fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answered {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let whole = [head((method, path), &[], body.len() as u64).as_bytes(), body].concat();
        exchange(&mut stream, &whole).await
    }

    pub async fn add(&self, body: &str) -> (u16, String) {
        let answered = self.ask("POST", "/add-checkpoint", body.as_bytes()).await;
        (answered.status, String::from_utf8(answered.body).unwrap())
    }

    pub async fn latest(&self) -> Option<String> {
        let hash = HEXLOWER.encode(&Origin::new(ORIGIN).unwrap().hash());
        let answered = self.ask("GET", &format!("/{hash}/checkpoint"), b"").await;
        (answered.status == 200).then(|| String::from_utf8(answered.body).unwrap())
    }

    pub async fn stop(self) {
        self.shutdown.send_replace(true);
        self.ends.await.unwrap().unwrap();
    }
}

/// Whether the lines are cosignatures of the witness, under both its keys, on this checkpoint.
fn are_cosignatures(lines: &str, note: &str) -> bool {
    let lines: Result<Vec<_>, _> = lines.lines().map(NoteSignature::parse).collect();
    let note = SignedNote::parse(note).unwrap().with(lines.unwrap()).unwrap();
    let keys = verifiers(&signers(NAME, KeyKind::Ed25519Cosigner, 7));
    let verified = note.verify(&keys).unwrap();
    verified.len() == 2 && verified.iter().all(|one| one.time.is_some_and(|time| time > 0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_cosigned_from_where_the_witness_stands_and_told_where_that_is() {
    let (_folder, witness) = witness().await;
    let log = Log::new(200);
    assert_eq!(witness.latest().await, None, "nothing was cosigned");
    for (old, new) in [(0, 16), (16, 48), (48, 48)] {
        let (status, lines) = witness.add(&log.asks(old, new)).await;
        assert_eq!(status, 200, "{old} to {new}: {lines}");
        assert!(are_cosignatures(&lines, &log.checkpoint(new)));
    }
    let answered = witness.ask("POST", "/add-checkpoint", log.asks(16, 64).as_bytes()).await;
    assert_eq!((answered.status, answered.body.as_slice()), (409, b"48\n".as_slice()));
    assert_eq!(answered.header("content-type"), Some("text/x.tlog.size"));

    let latest = witness.latest().await.unwrap();
    let opened = open_checkpoint(&latest, &verifiers(&log.signers)).unwrap();
    assert_eq!((opened.size, opened.root), (48, root_at(&log, 48).unwrap()));
    let lines: Vec<_> = latest.lines().filter(|line| line.contains(NAME)).collect();
    assert!(are_cosignatures(&lines.join("\n"), &log.checkpoint(48)), "monitors see who cosigned");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_the_status_of_the_specification_and_changes_nothing() {
    let (_folder, witness) = witness().await;
    let log = Log::new(200);
    assert_eq!(witness.add(&log.asks(0, 48)).await.0, 200);
    let before = witness.latest().await;

    let unsigned = sign_checkpoint(
        &Checkpoint::parse(SignedNote::parse(&log.checkpoint(64)).unwrap().text()).unwrap(),
        &[&log.signers[0]],
    );
    let half = AddCheckpoint::new(48, vec![], &unsigned.unwrap()).unwrap().to_string();
    let of_stranger = log.asks(48, 64).replace(ORIGIN, "other.example/log");
    let backwards = AddCheckpoint::new(49, vec![], &log.checkpoint(48)).unwrap().to_string();
    let unproved = AddCheckpoint::new(48, vec![], &log.checkpoint(64)).unwrap().to_string();
    let other = Log::new(20);
    for (what, body, status) in [
        ("no request", "old 48\n".to_owned(), 400),
        ("nothing", String::new(), 400),
        ("an old size over the new one", backwards, 400),
        ("another log", of_stranger, 404),
        ("one key of two", half, 403),
        ("another size", log.asks(16, 64), 409),
        ("no proof", unproved, 422),
        ("another history", other.asks(48, 64), 422),
    ] {
        let (found, said) = witness.add(&body).await;
        assert_eq!(found, status, "{what}: {said}");
    }
    assert_eq!(witness.latest().await, before, "nothing that was refused is kept as a head");
    assert_eq!(witness.add(&log.asks(48, 64)).await.0, 200, "the history that was cosigned goes on");

    for (method, path, status) in [
        ("GET", "/add-checkpoint", 405),
        ("POST", "/", 404),
        ("POST", "/add-checkpoint?x", 404),
        ("GET", "/add-checkpoint/", 404),
        ("GET", "/00/checkpoint", 404),
        ("GET", "/checkpoint", 404),
    ] {
        assert_eq!(witness.ask(method, path, b"").await.status, status, "{method} {path}");
    }
    let long = "x".repeat(MAX_REQUEST_BYTES + 1);
    assert_eq!(witness.add(&long).await.0, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cosigned_outlives_the_witness_and_no_two_share_a_folder() {
    let (folder, witness) = witness().await;
    let log = Log::new(200);
    assert_eq!(witness.add(&log.asks(0, 48)).await.0, 200);
    assert!(matches!(journal(folder.path()), Err(StoreError::InUse(_))));
    witness.stop().await;

    let witness = serving(folder.path()).await;
    assert_eq!(witness.add(&log.asks(0, 64)).await, (409, "48\n".to_owned()), "it remembers");
    let latest = witness.latest().await.unwrap();
    assert!(latest.contains(NAME) && open_checkpoint(&latest, &verifiers(&log.signers)).is_ok());
    assert_eq!(witness.add(&log.asks(48, 64)).await.0, 200);

    // The list is read as it is: a log that was struck from it is known no more.
    std::fs::write(folder.path().join("logs"), "# none\n").unwrap();
    assert_eq!(witness.add(&log.asks(64, 80)).await.0, 404);
    assert_eq!(witness.latest().await, None);
    witness.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_may_ask_so_often_and_no_more() {
    let (_folder, witness) = witness().await;
    let mut refused = None;
    // More than it may in a row, and what the time meanwhile allows.
    for _ in 0..WITNESS_PACE.in_a_row * 20 {
        let answered = witness.ask("GET", "/nothing", b"").await;
        if answered.status != 404 {
            refused = Some(answered);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")));
}

#[test]
fn a_list_of_logs_names_its_first_wrong_line_and_has_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs");
    let wrong = |text: &str| {
        std::fs::write(&path, text).unwrap();
        read_logs(&path).map(|keys| keys.len()).map_err(|error| error.to_string())
    };
    let log = verifiers(&Log::new(200).signers);
    let cosigner = verifiers(&signers(NAME, KeyKind::Ed25519Cosigner, 7)).remove(0);
    assert_eq!(wrong(&format!("# logs\n{}\n{}\n{0}\n", log[0], log[1])), Ok(2));
    assert!(wrong(&format!("{}\nkey\n", log[0])).unwrap_err().contains("line 2"));
    assert!(wrong(&format!("{cosigner}\n")).unwrap_err().contains("line 1"), "a witness is no log");
    let many = |logs: usize| {
        let key = |n| NoteSigner::from_seed(&format!("{n}.example/log"), KeyKind::Ed25519, &[1; 32]).unwrap();
        (0..logs).map(|n| format!("{}\n", key(n).verifier())).collect::<String>()
    };
    assert_eq!(wrong(&many(MAX_LOGS)), Ok(MAX_LOGS));
    assert!(wrong(&many(MAX_LOGS + 1)).unwrap_err().contains("more than"));
}

/// The request of the sample log that others made, from 100 to 300 entries.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_request_is_cosigned_where_the_witness_stands_at_its_old_size() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/tlog");
    let read = |name: &str| std::fs::read_to_string(samples.join(name)).unwrap();
    if !samples.is_dir() {
        println!("skipped: the samples are absent");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let keys = read("keys.txt");
    let key = keys.lines().find_map(|line| line.strip_prefix("log vkey:")).unwrap();
    std::fs::write(folder.path().join("logs"), key.trim()).unwrap();
    let witness = serving(folder.path()).await;
    let request = read("add-checkpoint-100-to-300.txt");
    assert_eq!(witness.add(&request).await, (409, "0\n".to_owned()));
    let first = AddCheckpoint::new(0, vec![], &read("checkpoint.100")).unwrap().to_string();
    assert_eq!(witness.add(&first).await.0, 200);
    let (status, lines) = witness.add(&request).await;
    assert_eq!(status, 200);
    assert!(are_cosignatures(&lines, &read("checkpoint")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_trees_shown_to_two_witnesses_are_found_out_once_the_checkpoint_of_one_is_handed_to_the_other() {
    let (seoul, tokyo) = introduced(seoul().await).await;
    let log = &seoul.node.office;
    let registrar = tokyo.sign_in("registrar-1").await;
    let size = until(&registrar, "/v1/logs", |logs| logs["partners"][0]["seen"].is_u64()).await;
    let size = size["partners"][0]["seen"].as_u64().unwrap();
    let mut head = log.papers.head_at(size).unwrap();
    let (first, beyond) = (log.checkpoint(&head).unwrap(), head.size + 1_000);
    head.root.0[0] ^= 1;
    // Oversight's witness is shown the other tree, and cosigns: it never saw the first.
    let (_folder, overseer) = witness_of(&log.log_vkeys()).await;
    let asked = AddCheckpoint::new(0, vec![], &log.checkpoint(&head).unwrap()).unwrap().to_string();
    assert_eq!(overseer.add(&asked).await.0, 200);
    let handed = overseer.latest().await.unwrap();

    let path = "/v1/logs/seoul.kor/comparison";
    let compare = async |note: &str| registrar.post(path, serde_json::json!({ "note": note })).await;
    assert_eq!(compare(&first).await.good()["outcome"], "same");
    let unseen = LocalHead { size: beyond, ..head };
    assert_eq!(compare(&log.checkpoint(&unseen).unwrap()).await.good()["outcome"], "unseen");
    let others = tokyo.node.office.checkpoint(&head).unwrap();
    for wrong in [&others, "no checkpoint", &handed[..handed.len() - 1]] {
        assert_eq!(compare(wrong).await.field(), (400, "note".into()));
    }
    let stranger =
        registrar.post("/v1/logs/busan.kor/comparison", serde_json::json!({ "note": first })).await;
    assert_eq!(stranger.problem(), (404, "unknown".into()));

    let forked = compare(&handed).await.good();
    assert_eq!((&forked["outcome"], forked["size"].as_u64()), (&"forked".into(), Some(size)));
    assert_eq!(compare(&handed).await.good()["outcome"], "stopped", "it is on record once");
    assert_eq!(registrar.get("/v1/logs").await["partners"][0]["state"], "stopped");
    let kept = registrar.get("/v1/logs/seoul.kor/fork").await;
    let proof: ForkProof = kept["file"].as_str().unwrap().parse().unwrap();
    let keys: Vec<VerifierKey> = log.log_vkeys().iter().map(|key| key.parse().unwrap()).collect();
    assert_eq!(proof.judge(&keys).unwrap().0, Fork::TwoRoots { size });
    assert_eq!(proof.notes()[1].to_string(), handed, "with the cosignature of whom it was shown to");
    overseer.stop().await;
}
