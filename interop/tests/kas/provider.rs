//! A node that takes tokens of an identity provider outside: panva's oidc-provider, which is certified, in a process of its own.
//! The clients are the same as elsewhere; only their tokens come from another place.

use super::node::{Node, SEOUL, port};
use super::{ATTRIBUTES, DENIED, TEXT, javascript, opens, opentdf};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{fs, process};

/// This service as the provider names it.
const AUDIENCE: &str = "https://seoul.kor";
/// Clients of the provider, whom each acts for, and by what their tokens are signed. Nobody is called analyst-9.
const CLIENTS: [(&str, &str, &str); 5] = [
    ("laptop-rs", "analyst-1", "RS256"),
    ("laptop-es", "analyst-1", "ES256"),
    ("laptop-ps", "analyst-1", "PS256"),
    ("laptop-2", "analyst-2", "ES256"),
    ("laptop-9", "analyst-9", "ES256"),
];

struct Provider {
    running: Child,
    issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

impl Provider {
    /// Starts one with a certificate of its own, which it leaves in `folder`.
    fn start(scripts: &Path, folder: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let [certificate, key] = ["provider.pem", "provider.key"].map(|name| folder.join(name));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let port = port();
        let mut command = Command::new("node");
        command
            .arg(scripts.join("provider.mjs"))
            .arg(port.to_string())
            .args([&certificate, &key])
            .arg(AUDIENCE);
        command.args(CLIENTS.map(|(client, person, algorithm)| format!("{client}={person}={algorithm}")));
        let mut running = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(running.stdout.take().unwrap()).lines();
        let is_ready = lines.map_while(Result::ok).any(|line| line.contains("ready"));
        assert!(is_ready, "the provider did not start");
        Self { running, issuer: format!("https://127.0.0.1:{port}") }
    }
}

#[test]
fn a_node_takes_tokens_of_a_provider_outside_for_who_is_on_the_roll() {
    let Some(scripts) = javascript() else { return };
    let folder = std::env::temp_dir().join(format!("attache-provider-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let provider = Provider::start(&scripts, &folder);
    let roots = fs::read_to_string(folder.join("provider.pem")).unwrap();
    let settings = format!(
        "\n[kas.oidc]\nissuer = \"{}\"\naudience = \"{AUDIENCE}\"\nclaim = \"person\"\nroots = \"\"\"{roots}\"\"\"\n",
        provider.issuer
    );
    let Some(node) = Node::started(&SEOUL, "provider", &settings) else { return };
    // A client trusts both.
    let authority = fs::read_to_string(node.path("authority.pem")).unwrap();
    fs::write(node.path("authority.pem"), authority + &roots).unwrap();
    let [text, tdf, out] = ["text", "sealed.tdf", "out"].map(|name| node.path(name));
    let by_node = node.credential("analyst-1", "laptop-1", true);
    let sealed = opentdf(&node, "encrypt", &by_node, &text, &tdf, &ATTRIBUTES).output().unwrap();
    assert!(sealed.status.success(), "{}", String::from_utf8_lossy(&sealed.stderr));
    node.takes_in(&tdf);
    let opened = |who: &str, is_legacy: bool| {
        let mut command = opens(&scripts, &node, &(who.to_owned(), who.repeat(2)), &tdf, &out);
        if is_legacy {
            command.env("LEGACY", "1");
        }
        let done = command.env("TOKENS", &provider.issuer).output().unwrap();
        let found = fs::read(&out).ok();
        let _ = fs::remove_file(&out);
        assert_eq!(done.status.success(), found.is_some());
        found.ok_or_else(|| String::from_utf8_lossy(&done.stderr).into_owned())
    };
    for who in ["laptop-rs", "laptop-es", "laptop-ps"] {
        assert_eq!(opened(who, false).as_deref(), Ok(TEXT), "{who}");
    }
    let refused = |who, is_legacy, words: &str| {
        let said = opened(who, is_legacy).unwrap_err();
        assert!(said.contains(words), "{who}: refused for another reason than {words}: {said}");
    };
    refused("laptop-2", false, DENIED);
    refused("laptop-9", false, "unauthenticated");
    refused("laptop-es", true, "unauthenticated");
    let _ = fs::remove_dir_all(&folder);
}
