//! A running node as the key access service of clients that nobody here wrote, over TLS: the `opentdf` crate, and otdf-python
//! where `OTDF_PYTHON` names a Python that has it. The node is the binary that `ATTACHE` names.

use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::{fs, io::BufRead as _, io::BufReader};

const TEXT: &[u8] = b"From a client that we did not write (fictitious).\n";

/// A node in Seoul with two analysts, one cleared for what is sealed here and one for less, and a desk officer.
struct Node {
    folder: PathBuf,
    url: String,
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
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Node {
    fn start(name: &str) -> Option<Self> {
        let attache = attache()?;
        let folder = std::env::temp_dir().join(format!("attache-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("unlock"), [7; 64]).unwrap();
        fs::write(folder.join("text"), TEXT).unwrap();
        let [partner, people, admin, kas] = [(); 4].map(|()| port());
        let url = format!("https://127.0.0.1:{kas}");
        let mut node = Self { folder, url: url.clone(), attache, running: None };
        let at = |port: u16| format!("127.0.0.1:{port}");
        let (partner, people, admin, kas) = (at(partner), at(people), at(admin), at(kas));
        let founding = [
            "init",
            "--node",
            "seoul.kor",
            "--party",
            "KOR",
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
        let mut running =
            node.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(ready.contains("\"ready\""), "{ready}");
        node.running = Some(running);
        for (person, role, level) in [
            ("analyst-1", "analyst", "KOR:II"),
            ("analyst-2", "analyst", "KOR:III"),
            ("desk-1", "desk-officer", "KOR:II"),
        ] {
            node.does(&["person", "key", person]);
            let public = node.path("keys").join(format!("{person}.pub"));
            node.does(&[
                "person",
                "add",
                person,
                "--public",
                public.to_str().unwrap(),
                "--role",
                role,
                "--clearance",
                level,
                "--until",
                "2099-01-01T00:00:00Z",
                "--duty",
                "humint",
                "--as",
                "admin-1",
            ]);
        }
        let authority = fs::read(node.path("home").join("api-authority.der")).unwrap();
        let base64 = data_encoding::BASE64.encode(&authority);
        let lines: Vec<_> =
            base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        fs::write(node.path("authority.pem"), pem).unwrap();
        Some(node)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.attache);
        command.args(words).env("ATTACHE_HOME", self.path("home")).env("ATTACHE_KEYS", self.path("keys"));
        command.env("ATTACHE_UNLOCK", self.path("unlock"));
        command
    }

    /// Has the node's own command do something; what it says as JSON.
    fn does(&self, words: &[&str]) -> Value {
        let done = self.command(words).arg("--json").output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap_or_default()
    }

    /// A credential for a client that acts for `person`.
    fn credential(&self, person: &str, name: &str, is_legacy: bool) -> (String, String) {
        let mut words = vec!["client", "add", name, "--as", person];
        words.extend(is_legacy.then_some("--legacy"));
        let made = self.does(&words);
        (made["client"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }

    /// Takes what a client sealed in, and marks it as its policy says.
    fn takes_in(&self, file: &Path) -> String {
        let file = file.to_str().unwrap();
        let added =
            self.does(&["item", "add", file, "--tdf", "--title", "from a client", "--as", "analyst-1"]);
        self.marked(&added)
    }

    /// Marks what was added; its id.
    fn marked(&self, added: &Value) -> String {
        let item = added["item"].as_str().unwrap().to_owned();
        let marking =
            ["--level", "KOR:II", "--kind", "humint", "--releasable-to", "JPN", "--as", "analyst-1"];
        self.does(&[&["item", "mark", &item], marking.as_slice()].concat());
        item
    }

    /// Takes a file in that no client sealed, and makes copies of it that clients open, one for each key of the service.
    fn copies(&self, text: &Path) -> [PathBuf; 2] {
        let text = text.to_str().unwrap();
        let item = self.marked(&self.does(&["item", "add", text, "--title", "ours", "--as", "analyst-1"]));
        ["rsa:2048", "ec:secp256r1"].map(|algorithm| {
            let out = self.path(&algorithm.replace(':', "-"));
            let sealing = ["--needed", "2", "--algorithm", algorithm, "--as", "desk-1", "--out"];
            self.does(&[&["item", "seal-copy", &item], &sealing[..], &[out.to_str().unwrap()]].concat());
            out
        })
    }
}

/// A foreign client: its verb, credential, input and output, and attributes.
type Client<'a> = &'a dyn Fn(&Node, &str, &(String, String), &Path, &Path, &[&str]) -> Output;

/// What clients repeat of every denial.
const DENIED: &str = "code = PermissionDenied desc = forbidden";

const ATTRIBUTES: [&str; 3] = [
    "https://seoul.kor/attr/level/value/kor-ii",
    "https://seoul.kor/attr/kind/value/humint",
    "https://seoul.kor/attr/releasable-to/value/jpn",
];

/// What every client is to do: seal, be denied what is no item, open what is one, be denied what its person may not open, and open the
/// sealed copies of an item that no client sealed.
fn seals_and_opens(name: &str, is_legacy: bool, client: Client<'_>) {
    let Some(node) = Node::start(name) else { return };
    let cleared = node.credential("analyst-1", "laptop-1", is_legacy);
    let uncleared = node.credential("analyst-2", "laptop-2", is_legacy);
    let [text, tdf, out] = ["text", "sealed.tdf", "out"].map(|name| node.path(name));
    let sealed = client(&node, "encrypt", &cleared, &text, &tdf, &ATTRIBUTES);
    assert!(sealed.status.success(), "{}", String::from_utf8_lossy(&sealed.stderr));
    let denied = |who, words: &str| {
        let denied = client(&node, "decrypt", who, &tdf, &out, &[]);
        assert!(!denied.status.success() && !out.exists(), "it was not denied");
        let said = String::from_utf8_lossy(&denied.stderr);
        assert!(said.contains(words), "denied for another reason than {words}: {said}");
    };
    denied(&cleared, DENIED);
    let item = node.takes_in(&tdf);
    let opened = client(&node, "decrypt", &cleared, &tdf, &out, &[]);
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    assert_eq!(fs::read(&out).unwrap(), TEXT);
    fs::remove_file(&out).unwrap();
    denied(&uncleared, DENIED);
    let out = out.to_str().unwrap();
    node.does(&["open", &item, "--out", out, "--as", "analyst-1"]);
    assert_eq!(fs::read(out).unwrap(), TEXT, "its person opens it as any other item");
    for copy in node.copies(&text) {
        let out = node.path("out-of-copy");
        let uncleared = client(&node, "decrypt", &uncleared, &copy, &out, &[]);
        assert!(!uncleared.status.success() && !out.exists(), "a copy opened for whom it is not");
        let opened = client(&node, "decrypt", &cleared, &copy, &out, &[]);
        assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
        assert_eq!(fs::read(&out).unwrap(), TEXT, "what no client sealed opens with one");
        fs::remove_file(&out).unwrap();
    }
    node.does(&["client", "revoke", "laptop-1", "--as", "analyst-1"]);
    fs::remove_file(out).unwrap();
    denied(&cleared, "invalid_client");
}

fn opentdf(
    node: &Node,
    verb: &str,
    who: &(String, String),
    source: &Path,
    target: &Path,
    more: &[&str],
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kas_client"));
    command.env("SSL_CERT_FILE", node.path("authority.pem")).args([verb, &node.url, &who.0, &who.1]);
    command.args([source, target]).args(more);
    command
}

#[test]
fn the_crate_seals_and_opens_through_a_node_and_proves_its_key() {
    seals_and_opens("opentdf", false, &|node, verb, who, source, target, more| {
        opentdf(node, verb, who, source, target, more).output().unwrap()
    });
}

#[test]
fn the_crate_seals_and_opens_through_a_node_as_a_listed_client_that_proves_nothing() {
    seals_and_opens("opentdf-legacy", true, &|node, verb, who, source, target, more| {
        opentdf(node, verb, who, source, target, more).env("LEGACY", "1").output().unwrap()
    });
}

#[test]
fn otdf_python_seals_and_opens_through_a_node() {
    let Some(python) = std::env::var_os("OTDF_PYTHON") else {
        return eprintln!("skipped: OTDF_PYTHON names no Python with otdf-python");
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/kas.py");
    seals_and_opens("otdf-python", true, &|node, verb, who, source, target, more| {
        let mut command = Command::new(&python);
        command.arg(script).args([verb, &node.url]).arg(node.path("authority.pem")).args([&who.0, &who.1]);
        command.args([source, target]).args(more).output().unwrap()
    });
}
