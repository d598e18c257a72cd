//! The published log at a node's own listener, where the configuration names one.

use crate::pair::{Post, SEOUL, free_address, until};
use rusqlite::Connection;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// What is answered to a request for `path`.
fn get(at: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(at).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: log\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn a_node_shows_its_published_log_where_its_configuration_says_and_nowhere_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let post = Post::found(folder.path(), &SEOUL);
    let (file, at) = (post.home().join("attache.toml"), free_address());
    let without = std::fs::read_to_string(&file).unwrap();
    assert!(!without.contains("log = "), "{without}");
    post.serve();
    assert!(TcpStream::connect(at).is_err());
    post.kill();

    let with = without.replace("[listen]\n", &format!("[listen]\nlog = \"{at}\"\n"));
    std::fs::write(&file, with.replace("pad_leaves = 0", "pad_leaves = 200")).unwrap();
    let checked = post.must("admin", "config check");
    assert_eq!(checked.text("/config/listen/log"), at.to_string());
    post.serve();
    let of_size = |answer: &str, fits: fn(u64) -> bool| {
        let size = answer.split_once("\r\n\r\n").and_then(|(_, note)| note.lines().nth(1)?.parse().ok());
        answer.starts_with("HTTP/1.1 200 ") && size.is_some_and(fits)
    };
    // It tells how much was done in blocks only, from the first beat on at which it is told to.
    let published = until("a checkpoint in whole blocks", || {
        get(at, "/checkpoint").filter(|answer| of_size(answer, |size| size % 200 == 0))
    });
    // The log is named in its own checkpoint, and its keys bear that name.
    let key = post.must("admin", "peer card").text("/log_keys/0");
    let origin = key.split('+').next().unwrap();
    assert!(published.contains(&format!("\r\n\r\n{origin}\n")), "{published}");
    assert!(get(at, "/v1/node").unwrap().starts_with("HTTP/1.1 404 "));
}

#[test]
fn a_tile_that_was_altered_stops_the_node_when_a_stranger_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let post = Post::found(folder.path(), &SEOUL);
    let (file, at) = (post.home().join("attache.toml"), free_address());
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.replace("[listen]\n", &format!("[listen]\nlog = \"{at}\"\n"));
    // Two beats fill the first tile, to which nothing is added then.
    std::fs::write(&file, config.replace("pad_leaves = 0", "pad_leaves = 200")).unwrap();
    post.serve();
    let whole = until("a whole tile", || get(at, "/tile/0/000").filter(|answer| !answer.contains(" 404 ")));
    assert!(whole.starts_with("HTTP/1.1 200 "));
    let journal = post.home().join("journal/journal.db");
    let turn = "UPDATE tile SET checksum = ?1 WHERE level = 0 AND idx = 0";
    let sound: Vec<u8> = {
        let hand = Connection::open(&journal).unwrap();
        hand.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        let found = "SELECT checksum FROM tile WHERE level = 0 AND idx = 0";
        let sound: Vec<u8> = hand.query_row(found, [], |row| row.get(0)).unwrap();
        let mut other = sound.clone();
        other[0] ^= 1;
        assert_eq!(hand.execute(turn, [&other]).unwrap(), 1);
        sound
    };
    assert!(get(at, "/tile/0/000").unwrap().starts_with("HTTP/1.1 500 "));
    let code = until("the end of the node", || post.ended());
    assert_eq!(code, 3, "{}", post.logged());
    assert!(post.logged().contains("the node stopped by itself: damaged: tile"), "{}", post.logged());
    // Whoever repairs it finds the incident on record.
    Connection::open(&journal).unwrap().execute(turn, [&sound]).unwrap();
    post.serve();
    post.staff();
    post.must("registrar", "evidence --out evidence");
    let opened = std::fs::read_dir(post.file("evidence/seoul.kor/opened")).unwrap();
    let told = opened.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    assert!(told.into_iter().any(|told| told.contains("\"I-020\"")), "the incident is on record");
}
