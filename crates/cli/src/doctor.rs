//! `attache doctor`: everything that can be wrong with a node, one line each, with what to do.
//!
//! *Absent:* repairs. It looks and says.

use crate::config::Oidc;
use crate::context::Context;
use crate::found::{EXIT_FAULT, Failed, Found};
use crate::guard::{self, Swap};
use crate::home::{Home, now};
use crate::{progress, remedy};
use attache_accord::Timestamp;
use attache_custody::{Keyring, RestKey};
use attache_gate::{CLOCK_RIGHT, provider_keys};
use attache_node::fault::Fault;
use attache_node::papers::Papers;
use attache_node::stocktaking::{Stock, take_stock};
use attache_release::Pack;
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Card, Succession};
use attache_seal::statement::{Expect, Head, Signed};
use attache_store::{FolderVault, Reader as _, SqliteJournal, audit};
use serde::Serialize;
use std::fmt::Display;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longest answer of the watchers' listener that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

#[derive(Serialize)]
struct Line {
    what: &'static str,
    /// `ok`, `warn` or `fail`.
    state: &'static str,
    says: String,
}

fn ok(what: &'static str, says: impl ToString) -> Line {
    Line { what, state: "ok", says: says.to_string() }
}

fn warn(what: &'static str, says: impl ToString) -> Line {
    Line { what, state: "warn", says: says.to_string() }
}

fn fail(what: &'static str, says: impl ToString) -> Line {
    Line { what, state: "fail", says: says.to_string() }
}

pub(crate) fn run(context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    let mut lines =
        vec![ok("configuration", format!("{} is sound", crate::config::FILE)), permissions(&home.path)];
    let keys = home.keys(context);
    lines.extend(cards(&home, keys.as_ref().ok(), now()));
    lines.extend(earlier_cards(&home));
    lines.push(match &keys {
        Ok(keys) => {
            ok("keys", format!("the node's keys open, {} retired ones with them", keys.retired.len()))
        }
        Err(failed) => fail("keys", &failed.text),
    });
    let pack = home.pack();
    lines.push(packs(&home, &pack));
    lines.extend(home.config.kas.oidc.as_ref().map(provider));
    lines.extend(memory());
    lines.push(match crate::key::ages::of(&home) {
        Err(failed) => fail("kem key", failed.text),
        Ok(ages) => match crate::key::ages::warning(&ages, now()) {
            Some(said) => warn("kem key", said),
            None => ok("kem key", format!("younger than {} days", crate::key::ages::KEM_DAYS + 1)),
        },
    });
    if home.path.join("keys/party-root.key").exists() {
        lines.push(warn(
            "party root",
            "keys/party-root.key is still here; take it offline, the node runs without it",
        ));
    }
    if home.is_restored() {
        lines.push(warn(
            "restore",
            "brought back from a backup, and its partners have not all said what they saw of its log and what its own people had signed since; it records nothing before: attache backup settle shows what is awaited",
        ));
    }
    lines.extend(watched(&home, keys.as_ref().ok(), &pack));
    let failed = lines.iter().any(|line| line.state == "fail");
    let text: Vec<String> =
        lines.iter().map(|line| format!("{:<5} {:<14} {}", line.state, line.what, line.says)).collect();
    let mut found = Found::of(text.join("\n"), &lines)?;
    if failed {
        found.code = EXIT_FAULT;
    }
    Ok(found)
}

/// Whether the keys of the identity provider outside can be had now.
fn provider(oidc: &Oidc) -> Line {
    let keys = oidc.read().and_then(|(expected, fetcher)| provider_keys(&fetcher, &expected));
    match keys {
        Ok(keys) => {
            ok("provider", format!("{}: {} keys that tokens are verified by", oidc.issuer, keys.count()))
        }
        Err(reason) => warn(
            "provider",
            format!(
                "{}: {reason}; its tokens are taken for an hour after its keys were had last",
                oidc.issuer
            ),
        ),
    }
}

fn permissions(path: &Path) -> Line {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path.join("keys")) {
        Ok(about) if about.permissions().mode() & 0o077 != 0 => {
            fail("permissions", "keys/ can be read by others; chmod -R go= on the node's folder")
        }
        Ok(_) => ok("permissions", "only the owner reads the keys"),
        Err(error) => fail("permissions", format!("keys/: {error}")),
    }
}

/// What this very process could do, after it opened the keys; a node that is started with other limits may do other.
fn memory() -> [Line; 2] {
    let core = match guard::is_undumpable() {
        true => ok("core dumps", "none is written, and the memory of a node is closed to other processes"),
        false => fail("core dumps", "they cannot be turned off; look what confines this process"),
    };
    let swap = match guard::lock() {
        Swap::Locked => ok("swap", "keys are locked in memory"),
        Swap::None => ok("swap", "keys cannot be locked in memory, and there is no swap"),
        Swap::Possible => warn("swap", guard::ADVICE),
    };
    [core, swap]
}

/// The card, and what must agree with it: the keys that it names, the authority that clients pin, its succession.
fn cards(home: &Home, keys: Option<&Keyring>, now: Timestamp) -> Vec<Line> {
    let card = match own_card(home) {
        Ok(card) => card,
        Err(failed) => return vec![fail("card", failed.text)],
    };
    if keys.is_some_and(|keys| card.node_key != *keys.node.verifying()) {
        return vec![fail("card", "card.cbor: it names other keys than keys/node.key holds")];
    }
    let mut lines = vec![match crate::key::warning(&card, now) {
        Some(said) if !card.in_force(now) => fail("card", said),
        Some(said) => warn("card", said),
        None => ok("card", format!("valid until {}", card.not_after)),
    }];
    lines.push(match home.authority() {
        Ok(authority) if authority == card.tls_ca => ok("authority", "the card's"),
        Ok(_) => fail("authority", "api-authority.der: not the card's; clients that pin it cannot connect"),
        Err(failed) => fail("authority", failed.text),
    });
    if home.path.join("succession.cbor").exists() {
        lines.push(match follows(home) {
            Ok(()) => ok("succession", "the card follows the one before"),
            Err(failed) => fail("succession", failed.text),
        });
    }
    lines
}

/// The card under the root that it names itself, which is all that can be asked of a card alone.
fn own_card(home: &Home) -> Result<Card, Failed> {
    let wrong = |error: &dyn Display| Failed::fault(format!("card.cbor: {error}"));
    let signed = home.card()?;
    let head = signed.dangerously_unverified::<Card>().map_err(|error| wrong(&error))?.head;
    let card =
        Card::dangerously_self_signed(&signed, &surroundings(&head)).map_err(|error| wrong(&error))?.body;
    if card.node == home.node()? {
        Ok(card)
    } else {
        Err(wrong(&format!("it is {}'s, and attache.toml is {}'s", card.node, home.node()?)))
    }
}

/// Cards of earlier times are named by their digests.
fn earlier_cards(home: &Home) -> Vec<Line> {
    let Ok(listed) = std::fs::read_dir(&home.path) else { return Vec::new() };
    let names = listed.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_wrong = |name: &String| {
        let digest = name.strip_prefix("card-").and_then(|rest| rest.strip_suffix(".cbor"));
        digest.is_some_and(|digest| !home.signed(name).is_ok_and(|card| card.digest().to_string() == digest))
    };
    let wrong = names.filter(is_wrong);
    wrong.map(|name| fail("earlier card", format!("{name}: not the card of this digest"))).collect()
}

/// What a statement beside the card must be about: what the card itself says.
fn surroundings(head: &Head) -> Expect<'_> {
    Expect { network: head.network, agreement: &head.agreement, pack: None }
}

/// Each card here follows the one before by that one's own word.
fn follows(home: &Home) -> Result<(), Failed> {
    let cards = [vec![home.card()?], home.earlier()?].concat();
    for pair in cards.windows(2) {
        let [next, previous] = pair else { continue };
        announces(&home.succession(next.digest())?, next, previous)?;
    }
    match cards.as_slice() {
        [next, previous, ..] => announces(&home.signed("succession.cbor")?, next, previous),
        _ => Err(Failed::fault("succession.cbor: the card before this one is not here")),
    }
}

fn announces(succession: &Signed, next: &Signed, previous: &Signed) -> Result<(), Failed> {
    let wrong = |why: &dyn Display| Failed::fault(format!("succession to card {}: {why}", next.digest()));
    let held = previous.dangerously_unverified::<Card>().map_err(|error| wrong(&error))?;
    let said = succession.open::<Succession>(&held.body.node_key, &surroundings(&held.head));
    let said = said.map_err(|error| wrong(&error))?.body;
    let is_of_it = said.next == next.digest() && said.previous == previous.digest();
    if is_of_it { Ok(()) } else { Err(wrong(&"it speaks of another card")) }
}

/// What the journal says is here, compared with what is here. Every item is read.
fn stock(home: &Home, journal: &SqliteJournal, keys: &Keyring, pack: &Pack) -> Line {
    let taken = || -> Result<Stock, Fault> {
        let vault = FolderVault::open(&home.path.join("vault"))?;
        let papers = Papers::new(journal.reader()?, Arc::new(RestKey::new(&keys.storage)?));
        take_stock(&papers, &vault, pack)
    };
    match taken() {
        Ok(stock) => ok("vault", format!("{} items, each one whole", stock.items)),
        Err(fault) => fail("vault", fault),
    }
}

/// The rule pack in force, and every other text that is kept under its digest.
fn packs(home: &Home, pack: &Result<Pack, Failed>) -> Line {
    let pack = match pack {
        Ok(pack) => pack,
        Err(failed) => return fail("pack", &failed.text),
    };
    let texts = home.texts();
    match texts.iter().find_map(|digest| home.text(*digest).err()) {
        Some(failed) => fail("pack", failed.text),
        None => {
            let terms = pack.terms();
            ok(
                "pack",
                format!(
                    "{} {} is in force; {} texts kept, each one whole",
                    terms.agreement,
                    terms.version,
                    texts.len()
                ),
            )
        }
    }
}

/// The running node as its watchers see it; where none runs, the journal and the vault themselves.
fn watched(home: &Home, keys: Option<&Keyring>, pack: &Result<Pack, Failed>) -> Vec<Line> {
    let address = home.config.listen.admin;
    let Ok(answer) = get(address, "/readyz") else {
        let mut lines =
            vec![warn("serving", format!("nothing answers on {address}; attache serve starts the node"))];
        match home.journal() {
            Ok(journal) => {
                lines.push(match progress::during(|| audit(&journal)) {
                    Ok(head) => ok("journal", format!("{} entries, each one whole", head.size)),
                    Err(error) => fail("journal", remedy::failed(error).text),
                });
                // A pack that does not load has its own line.
                let both = keys.zip(pack.as_ref().ok());
                let stock = |(keys, pack)| progress::during(|| stock(home, &journal, keys, pack));
                lines.extend(both.map(stock));
            }
            Err(failed) => lines.push(fail("journal", failed.text)),
        }
        return lines;
    };
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim();
    let ready = answer.starts_with("HTTP/1.1 200");
    let mut lines = vec![if ready { ok("serving", body) } else { fail("serving", body) }];
    let said: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    lines.extend(said["clock"].as_str().map(|clock| match clock {
        CLOCK_RIGHT => ok("clock", clock),
        wrong => warn("clock", format!("{wrong}; set it by a common source, here and at the partner")),
    }));
    lines
}

/// A bare request: the watchers' listener is plain HTTP on the loopback interface.
fn get(address: std::net::SocketAddr, path: &str) -> std::io::Result<String> {
    let patience = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
    Ok(answer)
}
