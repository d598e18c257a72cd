//! `attache doctor`: everything that can be wrong with a node, one line each, with what to do.
//!
//! *Absent:* repairs. It looks and says.

use crate::context::Context;
use crate::found::{EXIT_FAULT, Failed, Found};
use crate::home::{Home, now};
use attache_accord::Timestamp;
use attache_seal::papers::Card;
use attache_store::audit;
use serde::Serialize;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
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
    lines.push(card(&home, now()));
    lines.push(match home.keys(context) {
        Ok(_) => ok("keys", "the node's keys open"),
        Err(failed) => fail("keys", failed.text),
    });
    if home.path.join("keys/party-root.key").exists() {
        lines.push(warn(
            "party root",
            "keys/party-root.key is still here; take it offline, the node runs without it",
        ));
    }
    lines.extend(watched(&home));
    let failed = lines.iter().any(|line| line.state == "fail");
    let text: Vec<String> =
        lines.iter().map(|line| format!("{:<5} {:<14} {}", line.state, line.what, line.says)).collect();
    let mut found = Found::of(text.join("\n"), &lines)?;
    if failed {
        found.code = EXIT_FAULT;
    }
    Ok(found)
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

fn card(home: &Home, now: Timestamp) -> Line {
    let read = home
        .card()
        .and_then(|signed| Ok(signed.dangerously_unverified::<Card>().map_err(Failed::misuse)?.body));
    match read {
        Err(failed) => fail("card", failed.text),
        Ok(card) => match crate::key::warning(&card, now) {
            Some(said) if !card.in_force(now) => fail("card", said),
            Some(said) => warn("card", said),
            None => ok("card", format!("valid until {}", card.not_after)),
        },
    }
}

/// The running node as its watchers see it; where none runs, the journal itself.
fn watched(home: &Home) -> Vec<Line> {
    let address = home.config.listen.admin;
    let Ok(answer) = get(address, "/readyz") else {
        let mut lines =
            vec![warn("serving", format!("nothing answers on {address}; attache serve starts the node"))];
        lines.push(match home.journal() {
            Ok(journal) => match audit(&journal) {
                Ok(head) => ok("journal", format!("{} entries, each one whole", head.size)),
                Err(error) => fail("journal", error),
            },
            Err(failed) => fail("journal", failed.text),
        });
        return lines;
    };
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim();
    let ready = answer.starts_with("HTTP/1.1 200");
    vec![if ready { ok("serving", body) } else { fail("serving", body) }]
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
