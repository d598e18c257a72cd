//! A node's log under the eyes of a witness that is no node: two processes over TCP, of which either may go down.

use crate::pair::{Answer, Post, SEOUL, free_address, until};
use crate::{attache, text};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const NAME: &str = "overseer.example";

/// A witness and its process while it runs.
pub struct Overseer {
    pub home: PathBuf,
    unlock: PathBuf,
    address: String,
    keys: Value,
    running: Option<Child>,
}

impl Overseer {
    fn made(base: &Path) -> Self {
        let (home, unlock) = (base.join("overseer"), base.join("overseer.unlock"));
        std::fs::write(&unlock, [b'o'; 64]).unwrap();
        let address = free_address().to_string();
        let mut made = Self { home, unlock, address, keys: Value::Null, running: None };
        let address = made.address.clone();
        made.keys = made.must(&["init", "--name", NAME, "--listen", &address])["keys"].clone();
        made
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
        let (home, unlock) = (self.home.to_str().unwrap(), self.unlock.to_str().unwrap());
        command.arg("witness").args(words).args(["--home", home, "--unlock", unlock, "--json"]);
        command
    }

    pub fn must(&self, words: &[&str]) -> Value {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn serve(&mut self) {
        let mut command = self.command(&["serve"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        self.running = Some(child);
        assert!(ready.contains("ready"), "{ready}");
    }

    /// Takes it down at once, as a power cut would take the process.
    pub fn kill(&mut self) {
        let mut child = self.running.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The size and root of the one log that it cosigns.
    fn stands(&self) -> (Option<u64>, Value) {
        // It ends with another code where a log showed two histories.
        let shown: Value = serde_json::from_slice(&self.command(&["show"]).output().unwrap().stdout).unwrap();
        let log = &shown["logs"][0];
        (log["size"].as_u64(), log["root"].clone())
    }
}

impl Drop for Overseer {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
    }
}

/// A node whose configuration names the witness, and the witness that knows its log. Both serve.
pub fn overseen(base: &Path) -> (Post, Overseer) {
    let (seoul, mut overseer) = (Post::found(base, &SEOUL), Overseer::made(base));
    let config = seoul.home().join("attache.toml");
    let before = std::fs::read_to_string(&config).unwrap();
    let witness = format!("\n[[witness]]\nurl = \"http://{}\"\nkeys = {}\n", overseer.address, overseer.keys);
    std::fs::write(&config, before + &witness).unwrap();
    let card = seoul.must("admin", "peer card --out seoul.card");
    assert!(card.document["fingerprint"].is_string());
    overseer.serve();
    // It runs, and knows the log all the same.
    overseer.must(&["add-log", "--card", seoul.file("seoul.card").to_str().unwrap()]);
    seoul.serve();
    (seoul, overseer)
}

/// Whoever reads how the log stands.
pub fn registrar(seoul: &Post) {
    act(seoul, "registrar", "registrar");
}

/// An act of the node, for its log to grow.
pub fn act(seoul: &Post, person: &str, role: &str) {
    seoul.must(person, &format!("person key {person}"));
    let public = format!("seoul-keys/{person}.pub");
    seoul.must("admin", &format!("person add {person} --public {public} --role {role}"));
}

fn status(seoul: &Post) -> Answer {
    seoul.must("registrar", "log status")
}

/// Waits until the witness cosigned all that is published, which is more than `past`; the size.
fn cosigned(seoul: &Post, past: u64) -> u64 {
    until("a cosignature", || {
        let logs = status(seoul).document;
        let (published, witness) = (logs["published"].as_u64()?, &logs["witnesses"][0]);
        assert_eq!(witness["name"], NAME);
        (published > past && witness["cosigned"].as_u64() == Some(published)).then_some(published)
    })
}

/// The size of the log once everything that is recorded is published and cosigned: two beats bring nothing more.
pub fn all_cosigned(seoul: &Post) -> u64 {
    let mut size = cosigned(seoul, 0);
    loop {
        std::thread::sleep(Duration::from_millis(2500));
        match cosigned(seoul, 0) {
            same if same == size => return size,
            grown => size = grown,
        }
    }
}

#[test]
fn a_log_is_cosigned_by_a_witness_outside_which_is_killed_and_goes_on_from_where_it_stood() {
    let base = tempfile::tempdir().unwrap();
    let (seoul, mut overseer) = overseen(base.path());
    registrar(&seoul);
    let first = all_cosigned(&seoul);
    assert_eq!(overseer.stands().0, Some(first));
    let told = text(
        &seoul
            .settings(Command::new(env!("CARGO_BIN_EXE_attache")).args([
                "log",
                "status",
                "--as",
                "registrar",
            ]))
            .output()
            .unwrap()
            .stdout,
    );
    assert!(told.contains(&format!("{NAME} cosigned our log up to entry {first}")), "{told}");

    // No second process takes the folder.
    let second = overseer.command(&["serve"]).output().unwrap();
    assert_eq!(second.status.code(), Some(3), "{}", text(&second.stdout));

    let before = overseer.stands();
    overseer.kill();
    act(&seoul, "officer", "disclosure-officer");
    let published = until("a checkpoint", || {
        let published = status(&seoul).document["published"].as_u64()?;
        (published > first).then_some(published)
    });
    assert_eq!(
        status(&seoul).document["witnesses"][0]["cosigned"],
        first,
        "it is away, and nothing waits for it"
    );
    assert_eq!(overseer.stands(), before);
    overseer.serve();
    assert!(cosigned(&seoul, first) >= published);

    // The node goes down as well, and asks from where the witness stands.
    seoul.kill();
    overseer.kill();
    overseer.serve();
    seoul.serve();
    act(&seoul, "desk", "desk-officer");
    let last = cosigned(&seoul, published);
    assert_eq!(overseer.stands().0, Some(last));
}

#[test]
fn a_node_that_shows_a_second_history_of_its_log_is_not_cosigned_and_raises_it_against_itself() {
    let base = tempfile::tempdir().unwrap();
    let (seoul, overseer) = overseen(base.path());
    registrar(&seoul);
    let at_the_copy = all_cosigned(&seoul);
    // The node's folder is copied while it is down, as it is where a machine is cloned.
    seoul.kill();
    let (home, copy) = (seoul.home(), base.path().join("copy"));
    copied(&home, &copy);
    seoul.serve();
    for (person, role) in
        [("officer", "disclosure-officer"), ("desk", "desk-officer"), ("analyst", "analyst")]
    {
        act(&seoul, person, role);
    }
    // What the copy does not have must have been published before it goes on.
    let size = all_cosigned(&seoul);
    assert!(size > at_the_copy);
    let before = overseer.stands();
    seoul.kill();

    // The copy goes on by itself, with other acts under the same keys.
    std::fs::rename(&home, base.path().join("original")).unwrap();
    copied(&copy, &home);
    seoul.serve();
    // The witness says that it stands further, or has seen another root of the very size; it ends at the latest where the copy has
    // more entries than it cosigned.
    let refused = || ["status=422", "status=423"].iter().any(|status| seoul.logged().contains(status));
    for number in 0..=size {
        if refused() {
            break;
        }
        act(&seoul, &format!("person-{number}"), "analyst");
    }
    until("the refusal", || refused().then_some(()));
    assert_eq!(overseer.stands(), before, "the history that was seen first is the one that counts");
    let logs = status(&seoul).document;
    assert!(logs["witnesses"][0]["cosigned"].as_u64().unwrap() < size, "{logs}");
}

#[test]
fn a_node_brought_back_from_a_backup_asks_its_witness_outside_what_was_seen_of_its_log() {
    let base = tempfile::tempdir().unwrap();
    let (seoul, overseer) = overseen(base.path());
    registrar(&seoul);
    act(&seoul, "office", "agreement-office");
    std::fs::write(seoul.file("backup.lock"), [9; 32]).unwrap();
    let kept = all_cosigned(&seoul);
    let backup = |name: &str| seoul.must("admin", &format!("{CREATE} {name}")).document["size"].as_u64();
    assert_eq!(backup("old"), Some(kept));
    act(&seoul, "desk", "desk-officer");
    let size = all_cosigned(&seoul);
    assert_eq!(backup("newest"), Some(size));
    let stood = overseer.stands();

    // Nothing that it cosigned is lost, and only the people of partners that the backup may not know are still to be asked.
    brought_back(&seoul, "newest");
    until("the witness's answer", || seoul.logged().contains("before it had a partner").then_some(()));
    until("the witness to be asked", || seoul.logged().contains(&format!("from={NAME}")).then_some(()));
    seoul.kill();
    seoul.must("admin", "backup settle --size 0");
    seoul.serve();
    act(&seoul, "analyst", "analyst");
    let more = cosigned(&seoul, size);
    assert!(!seoul.logged().contains("I-009") && !seoul.logged().contains("entries were lost"));

    // What it alone has seen is lost all the same.
    brought_back(&seoul, "old");
    let lost = format!("entries {kept} to {} of this log are lost", more - 1);
    until("the loss", || seoul.logged().contains(&lost).then_some(()));
    // What it says it writes down a moment later, for whoever settles it while it is down.
    let mark = seoul.home().join("restored.json");
    until("the mark", || {
        std::fs::read_to_string(&mark).is_ok_and(|mark| mark.contains("\"lost\":[")).then_some(())
    });
    seoul.kill();
    assert_eq!(seoul.ask("admin", &format!("backup settle --size {kept} --root {}", root(&seoul))).code, 1);
    let stands = overseer.stands();
    assert!(stands.0 > stood.0 && stands.0 == Some(more));
    let seen = format!("{NAME}={more}:{}", stands.1.as_str().unwrap());
    let done = seoul.must("office", &format!("backup succeed --seen {seen} --reason disk-failed")).document;
    assert_eq!(done["witnesses"], serde_json::json!([NAME]));
    let told = |home: &str| {
        ["en", "ko", "ja"].map(|language| {
            let mut typed = Command::new(env!("CARGO_BIN_EXE_attache"));
            typed.args(home.split_whitespace()).args(["--language", language]);
            text(&seoul.settings(&mut typed).output().unwrap().stdout)
        })
    };
    let [en, ko, ja] = told("backup verify --lock backup.lock old");
    assert!(en.contains("is whole") && ko.contains("온전하다") && ja.contains("完全である"), "{en}{ko}{ja}");
    let [en, ko, ja] = told("rebuild --check");
    assert!(
        en.contains("entries open") && ko.contains("모두 열리고") && ja.contains("すべて開き"),
        "{en}{ko}{ja}"
    );

    // The witness is told of the new name as the command says, and follows it from nothing.
    let keys = done["log_keys"].as_array().unwrap().iter().flat_map(|key| ["--key", key.as_str().unwrap()]);
    let added = overseer.must(&["add-log"].into_iter().chain(keys).collect::<Vec<_>>());
    assert_eq!(added["origin"], done["origin"]);
    seoul.serve();
    until("the new log cosigned", || {
        let witness = status(&seoul).document["witnesses"][0].clone();
        (witness["cosigned"].as_u64() > Some(kept)).then_some(())
    });
}

const CREATE: &str = "backup create --lock backup.lock --out";

/// Loses the node's folder, and starts what was brought back from the backup.
fn brought_back(seoul: &Post, backup: &str) {
    seoul.kill();
    std::fs::remove_dir_all(seoul.home()).unwrap();
    seoul.must("admin", &format!("backup restore --lock backup.lock --network exercise {backup}"));
    seoul.serve();
}

/// The root of the log of a node that is down, as its last backup has it.
fn root(seoul: &Post) -> String {
    seoul.must("admin", "backup verify --lock backup.lock old").text("/root")
}

pub fn copied(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-r").args([from, to]).status().unwrap();
    assert!(copied.success());
}

#[test]
fn a_witness_is_configured_soundly_or_the_node_does_not_start() {
    let base = tempfile::tempdir().unwrap();
    let (seoul, overseer) = (Post::found(base.path(), &SEOUL), Overseer::made(base.path()));
    let config = seoul.home().join("attache.toml");
    let before = std::fs::read_to_string(&config).unwrap();
    let (keys, key) = (overseer.keys.to_string(), overseer.keys[1].to_string());
    for (what, lines) in [
        ("https without certificates", format!("url = \"https://overseer.example\"\nkeys = {keys}")),
        ("no address", format!("url = \"overseer.example\"\nkeys = {keys}")),
        ("no keys", "url = \"http://127.0.0.1:1\"\nkeys = []".to_owned()),
        ("no Ed25519 key", format!("url = \"http://127.0.0.1:1\"\nkeys = [{key}]")),
        ("no key", "url = \"http://127.0.0.1:1\"\nkeys = [\"overseer.example\"]".to_owned()),
    ] {
        std::fs::write(&config, format!("{before}\n[[witness]]\n{lines}\n")).unwrap();
        let checked = attache(&["config", "check", "--home", seoul.home().to_str().unwrap()]);
        let said = text(&checked.stderr);
        assert_eq!((checked.status.code(), said.contains("witness: ")), (Some(2), true), "{what}: {said}");
    }
    let once = format!("\n[[witness]]\nurl = \"http://127.0.0.1:1\"\nkeys = {keys}\n");
    std::fs::write(&config, format!("{before}{once}{once}")).unwrap();
    let checked = attache(&["config", "check", "--home", seoul.home().to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(2), "one name twice");
    std::fs::write(&config, format!("{before}{once}")).unwrap();
    let checked = attache(&["config", "check", "--home", seoul.home().to_str().unwrap()]);
    assert!(checked.status.success(), "the control: {}", text(&checked.stderr));
}
