//! A running node, made by its own commands.

use super::TEXT;
use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io::BufRead as _, io::BufReader};

/// How long what nodes do by themselves may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node's name, its Party, and who is on the roll beside the administrator: person, role and level of clearance, if any.
pub struct Nation {
    node: &'static str,
    party: &'static str,
    people: &'static [(&'static str, &'static str, &'static str)],
}

pub const SEOUL: Nation = Nation {
    node: "seoul.kor",
    party: "KOR",
    people: &[
        ("analyst-1", "analyst", "KOR:II"),
        ("analyst-2", "analyst", "KOR:III"),
        ("desk-1", "desk-officer", "KOR:II"),
        ("desk-2", "desk-officer", "KOR:II"),
        ("officer-1", "disclosure-officer", "KOR:II"),
        ("office-1", "agreement-office", ""),
    ],
};

pub const TOKYO: Nation = Nation {
    node: "tokyo.jpn",
    party: "JPN",
    people: &[
        ("desk-7", "desk-officer", "JPN:TOKUTEI"),
        ("desk-8", "desk-officer", "JPN:HI"),
        ("office-7", "agreement-office", ""),
    ],
};

/// A node with its people.
pub struct Node {
    folder: PathBuf,
    pub url: String,
    nation: &'static Nation,
    attache: PathBuf,
    running: Option<Child>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The node's binary; `None` where none is named.
fn attache() -> Option<PathBuf> {
    let found = std::env::var_os("ATTACHE").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: ATTACHE names no binary; cargo xtask interop builds it and does");
    }
    found
}

/// A port that was free a moment ago.
pub fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Node {
    /// One of Seoul.
    pub fn start(name: &str) -> Option<Self> {
        Self::started(&SEOUL, name, "")
    }

    /// One of a nation, with what `settings` adds to its configuration.
    pub fn started(nation: &'static Nation, name: &str, settings: &str) -> Option<Self> {
        let attache = attache()?;
        let folder = std::env::temp_dir().join(format!("attache-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("unlock"), [7; 64]).unwrap();
        fs::write(folder.join("text"), TEXT).unwrap();
        let [partner, people, admin, kas] = [(); 4].map(|()| port());
        let url = format!("https://127.0.0.1:{kas}");
        let at = |port: u16| format!("127.0.0.1:{port}");
        let (partner, people, admin, kas) = (at(partner), at(people), at(admin), at(kas));
        let mut node = Self { folder, url: url.clone(), nation, attache, running: None };
        let founding = [
            "init",
            "--node",
            nation.node,
            "--party",
            nation.party,
            "--network",
            "demo",
            "--administrator",
            "admin-1",
            "--listen-partner",
            &partner,
            "--listen-people",
            &people,
            "--listen-admin",
            &admin,
            "--listen-kas",
            &kas,
            "--kas-url",
            &url,
        ];
        node.does(&founding);
        node.does(&["key", "service"]);
        let configuration = node.path("home").join("attache.toml");
        let whole = fs::read_to_string(&configuration).unwrap() + settings;
        fs::write(&configuration, whole).unwrap();
        node.does(&["config", "check"]);
        let mut running =
            node.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(ready.contains("\"ready\""), "{ready}");
        node.running = Some(running);
        for (person, role, level) in nation.people {
            node.does(&["person", "key", person]);
            let public = node.path("keys").join(format!("{person}.pub"));
            let public = public.to_str().unwrap();
            let mut words = vec!["person", "add", person, "--public", public, "--role", role];
            let cleared = ["--clearance", level, "--until", "2099-01-01T00:00:00Z", "--duty", "humint"];
            words.extend((!level.is_empty()).then_some(cleared).into_iter().flatten());
            node.does(&[words.as_slice(), &["--as", "admin-1"]].concat());
        }
        let authority = fs::read(node.path("home").join("api-authority.der")).unwrap();
        let base64 = data_encoding::BASE64.encode(&authority);
        let lines: Vec<_> =
            base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        fs::write(node.path("authority.pem"), pem).unwrap();
        Some(node)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.attache);
        command.args(words).env("ATTACHE_HOME", self.path("home")).env("ATTACHE_KEYS", self.path("keys"));
        command.env("ATTACHE_UNLOCK", self.path("unlock"));
        command
    }

    /// Has the node's own command do something; what it says as JSON.
    pub fn does(&self, words: &[&str]) -> Value {
        let done = self.command(words).arg("--json").output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap_or_default()
    }

    /// Has it refuse to do something; what it says.
    pub fn refuses(&self, words: &[&str]) -> String {
        let done = self.command(words).arg("--json").output().unwrap();
        assert!(!done.status.success(), "{words:?}");
        String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
    }

    /// A credential for a client that acts for `person`.
    pub fn credential(&self, person: &str, name: &str, is_legacy: bool) -> (String, String) {
        let mut words = vec!["client", "add", name, "--as", person];
        words.extend(is_legacy.then_some("--legacy"));
        let made = self.does(&words);
        (made["client"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }

    /// Takes what a client sealed in, and marks it as its policy says.
    pub fn takes_in(&self, file: &Path) -> String {
        let file = file.to_str().unwrap();
        let added =
            self.does(&["item", "add", file, "--tdf", "--title", "from a client", "--as", "analyst-1"]);
        self.marked(&added)
    }

    /// Marks what was added; its id.
    fn marked(&self, added: &Value) -> String {
        let item = added["item"].as_str().unwrap().to_owned();
        let marking = ["--level", "KOR:II", "--kind", "humint", "--releasable-to", "JPN"];
        let caveat = ["--caveat", "구두 전달 금지. NO FURTHER USE", "--as", "analyst-1"];
        self.does(&[&["item", "mark", &item], &marking[..], &caveat].concat());
        item
    }

    /// Takes a file in that no client sealed, and makes copies of it that clients open, one for each key of the service.
    pub fn copies(&self, text: &Path) -> [PathBuf; 2] {
        let text = text.to_str().unwrap();
        let item = self.marked(&self.does(&["item", "add", text, "--title", "ours", "--as", "analyst-1"]));
        ["rsa:2048", "ec:secp256r1"].map(|algorithm| {
            let out = self.path(&algorithm.replace(':', "-"));
            let sealing = ["--needed", "2", "--algorithm", algorithm, "--as", "desk-1", "--out"];
            self.does(&[&["item", "seal-copy", &item], &sealing[..], &[out.to_str().unwrap()]].concat());
            out
        })
    }

    /// Accepts the other's card, and the word of the other's administrator that `cleared` is.
    pub fn befriends(&self, other: &Self, cleared: &str) {
        let [card, assurance] = ["card", "assurance"].map(|name| other.path(name));
        let [card, assurance] = [&card, &assurance].map(|path| path.to_str().unwrap());
        let theirs = other.does(&["peer", "card", "--out", card]);
        let typed = theirs["fingerprint"].as_str().unwrap().replace(' ', "");
        self.does(&["peer", "add", card, "--fingerprint", &typed, "--as", "admin-1"]);
        let words = ["agreement", "assure", cleared, "--expires", "2099-01-01", "--out", assurance];
        other.does(&[words.as_slice(), &["--as", "admin-1"]].concat());
        self.does(&["agreement", "assurance", assurance, "--as", "admin-1"]);
    }

    /// Its agreement office declares that the agreement is in force.
    pub fn declares(&self, office: &str) {
        let papers =
            ["--official", "Office of Treaties", "--document", "note 1 (fictitious)", "--remark", "in force"];
        let words = ["agreement", "position", "--in-force-from", "2016-11-23", "--as", office];
        self.does(&[words.as_slice(), &papers].concat());
    }

    /// Asks for the release of an item to another node and approves it.
    pub fn releases(&self, item: &str, to: &Self) {
        let name = to.nation.node;
        let asking = ["release", "request", item, name, "--purpose", "early warning", "--as", "analyst-1"];
        let case = self.does(&asking)["case"].as_str().unwrap().to_owned();
        let deciding = ["--reason", "as agreed", "--article", "1", "--as", "officer-1"];
        self.does(&[&["release", "approve", &case], deciding.as_slice()].concat());
    }

    /// What `look` finds, as soon as it finds something.
    pub fn waits_for<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "{}: {what} did not come", self.nation.node);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Two desk officers sign that an item is destroyed.
    pub fn destroys(&self, item: &str) {
        let document = ["--means", "erased", "--document", "minute 1 (fictitious)", "--as", "desk-1"];
        self.does(&[&["item", "destroy", item], document.as_slice()].concat());
        self.does(&["item", "destroy", item, "--second", "--as", "desk-2"]);
    }
}
