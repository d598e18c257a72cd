//! A running node as the key access service of clients that nobody here wrote, over TLS: the `opentdf` crate, otdf-python where
//! `OTDF_PYTHON` names a Python that has it, and clients in JavaScript where `INTEROP_NODE` names a folder with `interop/node` and
//! what it needs. The node is the binary that `ATTACHE` names.

mod node;
mod partner;
mod provider;

use attache_seal::tdf::Container;
use node::Node;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TEXT: &[u8] = b"From a client that we did not write (fictitious).\n";

/// A foreign client: its verb, credential, input and output, and attributes.
type Client<'a> = &'a dyn Fn(&Node, &str, &(String, String), &Path, &Path, &[&str]) -> Output;

/// What clients repeat of every denial.
const DENIED: &str = "code = PermissionDenied desc = forbidden";

/// And what of a revoked credential, where it repeats more than the status.
const REVOKED: &str = "invalid_client";

const ATTRIBUTES: [&str; 3] = [
    "https://seoul.kor/attr/level/value/kor-ii",
    "https://seoul.kor/attr/kind/value/humint",
    "https://seoul.kor/attr/releasable-to/value/jpn",
];

/// That a client is denied what is in `sealed`, and says so in these words.
fn denied(
    (client, node): (Client<'_>, &Node),
    who: &(String, String),
    sealed: &Path,
    out: &Path,
    words: &str,
) {
    let denied = client(node, "decrypt", who, sealed, out, &[]);
    assert!(!denied.status.success() && !out.exists(), "it was not denied");
    let said = String::from_utf8_lossy(&denied.stderr);
    assert!(said.contains(words), "denied for another reason than {words}: {said}");
}

/// What every client is to do: seal, be denied what is no item, open what is one, be denied what its person may not open, open the
/// sealed copies of an item that no client sealed, and be denied what is destroyed. What it says once it is revoked is its own.
fn seals_and_opens(name: &str, is_legacy: bool, revoked: &str, client: Client<'_>) {
    let Some(node) = Node::start(name) else { return };
    let cleared = node.credential("analyst-1", "laptop-1", is_legacy);
    let uncleared = node.credential("analyst-2", "laptop-2", is_legacy);
    let [text, tdf, out] = ["text", "sealed.tdf", "out"].map(|name| node.path(name));
    let sealed = client(&node, "encrypt", &cleared, &text, &tdf, &ATTRIBUTES);
    assert!(sealed.status.success(), "{}", String::from_utf8_lossy(&sealed.stderr));
    let denied = |who, words| denied((client, &node), who, &tdf, &out, words);
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
    fs::remove_file(out).unwrap();
    node.destroys(&item);
    denied(&cleared, DENIED);
    node.does(&["client", "revoke", "laptop-1", "--as", "analyst-1"]);
    denied(&cleared, revoked);
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
    seals_and_opens("opentdf", false, REVOKED, &|node, verb, who, source, target, more| {
        opentdf(node, verb, who, source, target, more).output().unwrap()
    });
}

#[test]
fn the_crate_seals_and_opens_through_a_node_as_a_listed_client_that_proves_nothing() {
    seals_and_opens("opentdf-legacy", true, REVOKED, &|node, verb, who, source, target, more| {
        opentdf(node, verb, who, source, target, more).env("LEGACY", "1").output().unwrap()
    });
}

/// The crate's own program, as it comes from the registry, where `XTEST_CLI` names one. It writes no attributes, so that a person says
/// the whole marking.
fn xtest_cli(
    program: &OsStr,
    node: &Node,
    verb: &str,
    who: &(String, String),
    source: &Path,
    target: &Path,
) -> Command {
    let mut command = Command::new(program);
    command.env("SSL_CERT_FILE", node.path("authority.pem")).env("PLATFORMURL", &node.url);
    command.env("KASURL", format!("{}/kas", node.url)).env("CLIENTID", &who.0).env("CLIENTSECRET", &who.1);
    command.env("TOKENENDPOINT", format!("{}/auth/protocol/openid-connect/token", node.url));
    command.arg(verb).args([source, target]).arg("tdf");
    command
}

/// The program; `None` where there is none.
fn program_of_the_crate() -> Option<OsString> {
    let found = std::env::var_os("XTEST_CLI");
    if found.is_none() {
        eprintln!("skipped: XTEST_CLI names no xtest_cli; cargo xtask interop installs it and does");
    }
    found
}

#[test]
fn the_program_of_the_crate_seals_and_opens_through_a_node() {
    let Some(program) = program_of_the_crate() else { return };
    seals_and_opens("xtest", true, "HTTP 401", &|node, verb, who, source, target, _| {
        xtest_cli(&program, node, verb, who, source, target).output().unwrap()
    });
}

/// `interop/python/kas.py` in the Python that `OTDF_PYTHON` names.
fn otdf_python(
    python: &OsStr,
    node: &Node,
    verb: &str,
    who: &(String, String),
    source: &Path,
    target: &Path,
    more: &[&str],
) -> Command {
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/kas.py")).args([verb, &node.url]);
    command.arg(node.path("authority.pem")).args([&who.0, &who.1]).args([source, target]).args(more);
    command
}

#[test]
fn otdf_python_seals_and_opens_through_a_node() {
    let Some(python) = std::env::var_os("OTDF_PYTHON") else {
        return eprintln!("skipped: OTDF_PYTHON names no Python with otdf-python");
    };
    seals_and_opens("otdf-python", true, REVOKED, &|node, verb, who, source, target, more| {
        otdf_python(&python, node, verb, who, source, target, more).output().unwrap()
    });
}

/// The folder with clients in JavaScript; `None` where there is none.
fn javascript() -> Option<PathBuf> {
    let found = std::env::var_os("INTEROP_NODE").map(PathBuf::from);
    if found.is_none() {
        eprintln!(
            "skipped: INTEROP_NODE names no folder with interop/node; cargo xtask interop fills one and does"
        );
    }
    found
}

/// A script of `interop/node` for a node.
fn script(folder: &Path, name: &str, node: &Node, who: &(String, String)) -> Command {
    let mut command = Command::new("node");
    command.env("NODE_EXTRA_CA_CERTS", node.path("authority.pem")).arg(folder.join(name));
    command.args([&node.url, &who.0, &who.1]);
    command
}

/// Opens a container by the script `open.mjs`, which wants its parts.
fn opens(folder: &Path, node: &Node, who: &(String, String), source: &Path, target: &Path) -> Command {
    let mut container = Container::open(Cursor::new(fs::read(source).unwrap())).unwrap();
    let [manifest, payload] = ["manifest.json", "payload"].map(|name| node.path(name));
    fs::write(&manifest, container.manifest_json()).unwrap();
    let (mut sealed, mut whole) = (Vec::new(), Vec::new());
    while container.next_sealed(&mut sealed).unwrap() {
        whole.extend_from_slice(&sealed);
    }
    fs::write(&payload, whole).unwrap();
    let mut command = script(folder, "open.mjs", node, who);
    command.args([&manifest, &payload]).arg(target);
    command
}

/// What the parts of the newest client in JavaScript are to do: open what another client sealed.
fn opens_in_javascript(name: &str, is_legacy: bool, form: &str) {
    let Some(folder) = javascript() else { return };
    seals_and_opens(name, is_legacy, REVOKED, &|node, verb, who, source, target, more| {
        let mut command = match verb {
            "encrypt" => opentdf(node, verb, who, source, target, more),
            _ => opens(&folder, node, who, source, target),
        };
        if is_legacy {
            command.env("LEGACY", "1");
        }
        command.env("FORM", form).output().unwrap()
    });
}

#[test]
fn javascript_opens_through_a_node_by_json_and_proves_its_key() {
    opens_in_javascript("javascript-json", false, "json");
}

#[test]
fn javascript_opens_through_a_node_by_protobuf_and_proves_its_key() {
    opens_in_javascript("javascript-proto", false, "proto");
}

#[test]
fn javascript_opens_through_a_node_as_a_listed_client_that_proves_nothing() {
    opens_in_javascript("javascript-legacy", true, "json");
}

/// The client in JavaScript that came before `@opentdf/sdk` seals in the form of before 4.3, which no node takes in. What it does beside
/// that is shown: it gets the key to seal for, a token, and the one denial, by the forms of before Connect.
#[test]
fn the_client_of_before_in_javascript_is_answered_and_what_it_sealed_is_not_taken() {
    let Some(folder) = javascript() else { return };
    let Some(node) = Node::start("javascript-before") else { return };
    let [text, out] = ["text", "out"].map(|name| node.path(name));
    for is_legacy in [false, true] {
        let name = if is_legacy { "laptop-2" } else { "laptop-1" };
        let (who, tdf) = (node.credential("analyst-1", name, is_legacy), node.path(&format!("{name}.tdf")));
        let run = |verb: &str, source: &Path, target: &Path, more: &[&str]| {
            let mut command = Command::new("node");
            command.env("NODE_EXTRA_CA_CERTS", node.path("authority.pem")).arg(folder.join("sdk.cjs"));
            if is_legacy {
                command.env("LEGACY", "1");
            }
            command
                .args([verb, &node.url, &who.0, &who.1])
                .args([source, target])
                .args(more)
                .output()
                .unwrap()
        };
        let sealed = run("encrypt", &text, &tdf, &ATTRIBUTES);
        assert!(sealed.status.success(), "{}", String::from_utf8_lossy(&sealed.stderr));
        let denied = run("decrypt", &tdf, &out, &[]);
        let said = String::from_utf8_lossy(&denied.stderr);
        assert!(!denied.status.success() && !out.exists() && said.contains(DENIED), "{said}");
        let taken =
            ["item", "add", tdf.to_str().unwrap(), "--tdf", "--title", "of before", "--as", "analyst-1"];
        assert!(node.refuses(&taken).contains("schemaVersion is absent"));
        node.does(&["client", "revoke", name, "--as", "analyst-1"]);
        let gone = run("decrypt", &tdf, &out, &[]);
        assert!(String::from_utf8_lossy(&gone.stderr).contains("invalid_client"));
    }
}

#[test]
fn the_connect_library_reads_every_list_in_json_and_in_protobuf() {
    let Some(folder) = javascript() else { return };
    let Some(node) = Node::start("connect") else { return };
    let who = node.credential("analyst-1", "laptop-1", true);
    let done = script(&folder, "lists.mjs", &node, &who).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
