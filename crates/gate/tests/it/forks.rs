//! Two histories of one log: a witness that is no node stops it, and so does a node that is handed the proof; each until its people decide.

use crate::crossing::{introduced, until};
use crate::witness::{Log, NAME, ORIGIN, Serving, serving, verifiers, witness, witness_of};
use crate::world::{World, seoul};
use attache_gate::witness::{DecideError, WitnessedLog, accept_fork, witnessed_logs};
use attache_node::forks::LOG_FORKED;
use attache_node::witness::NOT_OUR_HISTORY;
use attache_store::{LocalHead, SqliteReader};
use attache_tlog::{
    AddCheckpoint, Fork, ForkProof, Hash, Origin, STOPPED_STATUS, SignedNote, VerifierKey, open_checkpoint,
};
use serde_json::{Value, json};
use std::path::Path;

fn stands(folder: &Path) -> WitnessedLog {
    let reader = SqliteReader::open(&folder.join("journal"), &Origin::new(NAME).unwrap()).unwrap();
    witnessed_logs(&reader, &folder.join("logs"), &folder.join("forks")).unwrap().remove(0)
}

fn accepts(folder: &Path, basis: &str) -> Result<std::path::PathBuf, DecideError> {
    accept_fork(&folder.join("logs"), &folder.join("forks"), &Origin::new(ORIGIN).unwrap(), basis)
}

async fn is_stopped(witness: &Serving, body: &str) -> bool {
    let (status, said) = witness.add(body).await;
    status == STOPPED_STATUS && said.contains("until the people of this witness decide")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_roots_of_one_size_stop_a_log_at_its_witness_until_a_person_decides_and_a_spoilt_proof_does_not()
{
    let (folder, witness) = witness().await;
    let folder = folder.path();
    let (log, other, third) = (Log::new(200), Log::new(20), Log::new(30));
    for (old, new) in [(0, 32), (32, 48)] {
        assert_eq!(witness.add(&log.asks(old, new)).await.0, 200);
    }
    let spoilt = AddCheckpoint::new(48, vec![Hash([7; 32])], &log.checkpoint(64)).unwrap().to_string();
    let (status, said) = witness.add(&spoilt).await;
    assert!(status == 422 && !said.contains("decide"), "anyone could have brought that: {said}");
    assert_eq!(stands(folder).fork, None);
    assert!(matches!(accepts(folder, "note 17"), Err(DecideError::None(_))));

    // Wherever it is said to go on from.
    assert!(is_stopped(&witness, &other.asks(0, 48)).await);
    let found = stands(folder);
    assert_eq!(found.cosigned.map(|checkpoint| checkpoint.size), Some(48));
    let proof: ForkProof = std::fs::read_to_string(found.fork.unwrap()).unwrap().parse().unwrap();
    let (fork, _) = proof.judge(&verifiers(&log.signers)).unwrap();
    assert_eq!(fork, Fork::TwoRoots { size: 48 });
    for body in [log.asks(48, 48), log.asks(48, 64), log.asks(32, 64), other.asks(0, 32)] {
        assert!(is_stopped(&witness, &body).await, "nothing of it is cosigned, not the first history either");
    }
    assert_eq!(witness.add(&log.asks(48, 64).replace(ORIGIN, "other.example/log")).await.0, 404);
    witness.stop().await;

    let witness = serving(folder).await;
    assert!(is_stopped(&witness, &log.asks(48, 64)).await, "a restart decides nothing");
    let shown = witness.latest().await.unwrap();
    let opened = open_checkpoint(&shown, &verifiers(&log.signers)).unwrap();
    assert!(
        opened.size == 48 && !shown.contains(NAME),
        "whoever compares has it, and no cosignature of today"
    );

    for wrong in ["", "two\nlines", &"x".repeat(257)] {
        assert!(matches!(accepts(folder, wrong), Err(DecideError::Basis)), "{wrong:?}");
    }
    let proof = accepts(folder, "note 17 of 3 December").unwrap();
    assert_eq!((stands(folder).fork, stands(folder).decided), (None, vec![proof.clone()]));
    assert_eq!(std::fs::read_to_string(proof.with_extension("basis")).unwrap(), "note 17 of 3 December\n");
    assert!(matches!(accepts(folder, "note 17"), Err(DecideError::None(_))), "once");
    assert_eq!(
        witness.add(&log.asks(48, 64)).await.0,
        200,
        "it goes on by the history that was cosigned first"
    );

    // What was decided on may be shown again by anyone.
    let (status, said) = witness.add(&other.asks(0, 48)).await;
    assert!(status == 422 && !said.contains("decide"), "{said}");
    assert_eq!(witness.add(&log.asks(64, 80)).await.0, 200);
    // What nobody has seen yet is to be decided anew.
    assert!(is_stopped(&witness, &third.asks(0, 48)).await);
    assert!(is_stopped(&witness, &log.asks(80, 96)).await);
    witness.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_cannot_be_kept_stops_its_log_all_the_same() {
    let (folder, witness) = witness().await;
    let (log, other, forks) = (Log::new(200), Log::new(20), folder.path().join("forks"));
    assert_eq!(witness.add(&log.asks(0, 48)).await.0, 200);
    // No file can be made there.
    std::fs::remove_dir(&forks).unwrap();
    assert_eq!(witness.add(&other.asks(0, 48)).await.0, 500);
    assert_eq!(witness.add(&log.asks(48, 64)).await.0, 500, "not before it is kept");
    std::fs::create_dir(&forks).unwrap();
    assert!(is_stopped(&witness, &log.asks(48, 64)).await);
    assert!(stands(folder.path()).fork.is_some());
    witness.stop().await;
}

/// Two checkpoints of this size that Seoul's log signed.
fn two_of(world: &World, size: u64) -> [String; 2] {
    let office = &world.node.office;
    [3, 4].map(|root| office.checkpoint(&LocalHead { size, root: Hash([root; 32]) }).unwrap())
}

fn fork_of([kept, shown]: [&str; 2]) -> Value {
    let [kept, shown] = [kept, shown].map(|note| SignedNote::parse(note).unwrap());
    json!({ "file": ForkProof::new(kept, shown, None).unwrap().to_string() })
}

const SEOULS: &str = "/v1/logs/seoul.kor/fork";

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_a_witness_kept_stops_the_log_at_a_node_that_saw_neither_tree() {
    let (seoul, tokyo) = introduced(seoul().await).await;
    let log = &seoul.node.office;
    let registrar = tokyo.sign_in("registrar-1").await;
    until(&registrar, "/v1/logs", |logs| logs["partners"][0]["seen"].is_u64()).await;
    let size = log.view.read().size + 1_000;
    let [first, second] = two_of(&seoul, size);
    let (folder, overseer) = witness_of(&log.log_vkeys()).await;
    for (note, status) in [(&first, 200), (&second, STOPPED_STATUS)] {
        let asked = AddCheckpoint::new(0, vec![], note).unwrap().to_string();
        assert_eq!(overseer.add(&asked).await.0, status);
    }
    let file = std::fs::read_to_string(stands(folder.path()).fork.unwrap()).unwrap();
    for note in [&first, &second] {
        let compared = registrar.post("/v1/logs/seoul.kor/comparison", json!({ "note": note })).await.good();
        assert_eq!(compared["outcome"], "unseen", "neither was seen in Tokyo");
    }
    let raised = || tokyo.node.office.view.read().raised.contains_key(LOG_FORKED);
    assert!(!raised());
    let handed = async |fork: &Value| registrar.post(SEOULS, fork.clone()).await.good();
    let proof = json!({ "file": file });
    let forked = handed(&proof).await;
    assert_eq!((&forked["outcome"], forked["size"].as_u64()), (&"forked".into(), Some(size)));
    assert!(raised());
    let entries = || tokyo.node.office.view.read().size;
    let recorded = entries();
    for again in
        [&proof, &fork_of([&second, &first]), &fork_of([&two_of(&seoul, 5)[0], &two_of(&seoul, 5)[1]])]
    {
        assert_eq!(handed(again).await["outcome"], "stopped", "it is on record once");
    }
    assert_eq!(registrar.get("/v1/logs").await["partners"][0]["state"], "stopped");
    let kept = registrar.get(SEOULS).await;
    assert_eq!(kept["file"], file, "as it was handed over");
    assert!(entries() < recorded + 2, "nothing of it is recorded again");

    // Only its own office decides, and what it decided on is no news.
    let office = tokyo.sign_in("agreement-office-1").await;
    let decision = json!({ "believe": true, "basis": "note 17 (fictitious)" });
    office.post("/v1/logs/seoul.kor/decision", decision).await.good();
    for known in [&proof, &fork_of([&second, &first])] {
        assert_eq!(handed(known).await["outcome"], "believed");
    }
    assert_eq!(registrar.get("/v1/logs").await["partners"][0]["state"], "believed");
    let [third, fourth] = two_of(&seoul, size + 1);
    assert_eq!(handed(&fork_of([&third, &fourth])).await["outcome"], "forked", "another one is");
    assert_eq!(registrar.get("/v1/logs").await["partners"][0]["state"], "stopped");
    overseer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_proof_about_that_log_stops_nothing_and_one_about_the_own_log_is_said_and_kept() {
    let (seoul, tokyo) = introduced(seoul().await).await;
    let registrar = tokyo.sign_in("registrar-1").await;
    let [first, second] = two_of(&seoul, 5_000);
    let beyond = two_of(&seoul, 5_001);
    let [own, other] = two_of(&tokyo, 5_000);
    let one_key = |note: &str| note.rsplit_once("\u{2014} ").unwrap().0.to_owned();
    let stranger = {
        let signed = SignedNote::parse(&own).unwrap().signatures().to_vec();
        let text = SignedNote::parse(&second).unwrap().text().to_owned();
        format!("{text}\n{}", signed.iter().map(ToString::to_string).collect::<String>())
    };
    let good = fork_of([&first, &second]);
    for (what, fork, rule) in [
        ("no file", json!({ "file": "attache/fork/v1\n" }), "of the form"),
        ("a checkpoint", json!({ "file": first }), "of the form"),
        ("cut", json!({ "file": good["file"].as_str().unwrap().trim_end() }), "of the form"),
        ("one history", fork_of([&first, &first]), "contradict"),
        ("two sizes", fork_of([&first, &beyond[1]]), "of one size"),
        ("another log", fork_of([&own, &other]), "about the log of the node that is named"),
        ("one of each log", fork_of([&first, &other]), "signed by that node's log"),
        ("one key of two", fork_of([&first, &one_key(&second)]), "signed by that node's log"),
        ("other keys", fork_of([&first, &stranger]), "signed by that node's log"),
    ] {
        let refused = registrar.post(SEOULS, fork).await;
        assert_eq!(refused.field(), (400, "file".into()), "{what}");
        let said = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(said.contains(rule) && !said.contains("  "), "{what}: {said}");
    }
    assert_eq!(registrar.post("/v1/logs/busan.kor/fork", good.clone()).await.problem().0, 404);
    assert_eq!(registrar.get("/v1/logs").await["partners"][0]["state"], "sound");
    for outsider in ["analyst-1", "inspector-1"] {
        let refused = tokyo.sign_in(outsider).await.post(SEOULS, good.clone()).await;
        assert_eq!(refused.problem().1, "forbidden", "{outsider}");
    }

    // Of its own log a node says so. It stops nothing, and is its people's to answer for.
    let at_home = seoul.sign_in("registrar-1").await;
    assert!(at_home.get("/v1/logs").await["proof"].is_null());
    for _ in 0..2 {
        assert_eq!(at_home.post(SEOULS, good.clone()).await.good()["outcome"], "own");
    }
    let view = || seoul.node.office.view.read();
    assert!(view().raised.contains_key(NOT_OUR_HISTORY) && !view().raised.contains_key(LOG_FORKED));
    assert!(at_home.get("/v1/logs").await["proof"].is_string());
    let kept = at_home.get(SEOULS).await;
    let keys: Vec<VerifierKey> = kept["log_keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key.as_str().unwrap().parse().unwrap())
        .collect();
    let proof: ForkProof = kept["file"].as_str().unwrap().parse().unwrap();
    assert_eq!(proof.judge(&keys).unwrap().0, Fork::TwoRoots { size: 5_000 });
    let office = seoul.sign_in("agreement-office-1").await;
    let decision = json!({ "believe": true, "basis": "note 17 (fictitious)" });
    assert_eq!(office.post("/v1/logs/seoul.kor/decision", decision).await.field(), (400, "node".into()));
}
