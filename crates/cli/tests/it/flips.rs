//! Every byte of a small node's folder flipped in turn: the node, `attache doctor` or the command that reads the file says
//! what is wrong and where, or the byte says nothing.
//!
//! *Absent:* what an open journal hands out after a flip, which `store` tests, and the configuration's meaning. A port that
//! became another one is what an administrator may have written.

use crate::pair::{Answer, Pair, Post};
use std::fs;
use std::path::{Path, PathBuf};

/// In the ordinary run so many places of each file are flipped, spread over it.
const PLACES: usize = 16;

/// Bytes of an item that gets a file of the vault.
const LARGE_BYTES: usize = 20_000;

/// How the flips of one file came out.
#[derive(Debug, Default, PartialEq)]
struct Flips {
    found: usize,
    harmless: usize,
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Flips one bit of each `step`-th byte of `path`, asks `look` each time, and puts the byte back.
fn flip(path: &Path, step: usize, mut look: impl FnMut(&str) -> bool) -> Flips {
    let sound = fs::read(path).unwrap();
    let mut flips = Flips::default();
    for at in (0..sound.len()).step_by(step) {
        let mut altered = sound.clone();
        altered[at] ^= 1 << (at % 8);
        fs::write(path, &altered).unwrap();
        if look(&format!("byte {at} of {}", path.display())) {
            flips.found += 1;
        } else {
            flips.harmless += 1;
        }
    }
    fs::write(path, &sound).unwrap();
    flips
}

/// Whether doctor fails, and then says so under `what`.
fn is_named(post: &Post, what: &str, case: &str) -> bool {
    let answer = post.ask("admin", "doctor");
    let failed = answer.code != 0;
    let is_named = |line: &serde_json::Value| line["state"] == "fail" && line["what"] == what;
    let said = answer.document.as_array().is_some_and(|lines| lines.iter().any(is_named));
    // An altered journal may also not lead to its items any more; no other line may fail.
    assert_eq!(failed, said, "{case}: {answer:?}");
    failed
}

fn refuses(answer: &Answer, case: &str) -> bool {
    assert!((2..=3).contains(&answer.code), "{case}: {answer:?}");
    true
}

/// Two nodes at rest, the one with received items and a renewed card.
fn at_rest() -> Pair {
    let pair = Pair::new();
    // The one rests in the vault, the other in the journal.
    for (name, size) in [("report", LARGE_BYTES), ("note", 100)] {
        assert!(pair.attempt(name, size));
        pair.settle();
    }
    pair.both().into_iter().for_each(Post::kill);
    pair.tokyo.must("admin", "key renew --root tokyo/keys/party-root.key");
    for post in pair.both() {
        let sound = post.must("admin", "doctor");
        assert!(
            !post.home().join("journal/journal.db-wal").exists(),
            "doctor leaves no log behind: {sound:?}"
        );
    }
    pair
}

/// Flips each file of Tokyo's folder, which holds a received item. `step` gives the distance of the flips in a file of so
/// many bytes.
fn flip_all(step: impl Fn(usize) -> usize) {
    let pair = at_rest();
    let tokyo = &pair.tokyo;
    let home = tokyo.home();
    let configured = tokyo.must("admin", "config check");
    let mut seen = Vec::new();
    for path in files(&home) {
        let name = path.strip_prefix(&home).unwrap().to_str().unwrap().to_owned();
        let bytes = fs::read(&path).unwrap().len();
        let step = step(bytes);
        let flips = match name.as_str() {
            "card.cbor" => flip(&path, step, |case| is_named(tokyo, "card", case)),
            "api-authority.der" => flip(&path, step, |case| is_named(tokyo, "authority", case)),
            "keys/node.key" => flip(&path, step, |case| is_named(tokyo, "keys", case)),
            name if name.starts_with("succession") => {
                flip(&path, step, |case| is_named(tokyo, "succession", case))
            }
            name if name.starts_with("card-") => {
                flip(&path, step, |case| is_named(tokyo, "earlier card", case))
            }
            "keys/party-root.key" => flip(&path, step, |case| {
                refuses(&tokyo.ask("admin", "key renew --root tokyo/keys/party-root.key"), case)
            }),
            "attache.toml" => flip(&path, step, |case| {
                let checked = tokyo.ask("admin", "config check");
                let is_other = checked.document["config"]["node"] != configured.document["config"]["node"];
                match checked.code {
                    0 if is_other => is_named(tokyo, "card", case),
                    // Another address or number, which the check shows.
                    0 => checked.document != configured.document,
                    _ => refuses(&checked, case),
                }
            }),
            "pack.digest" => flip(&path, step, |case| is_named(tokyo, "pack", case)),
            name if name.starts_with("texts/") => flip(&path, step, |case| is_named(tokyo, "pack", case)),
            "journal/journal.db" => flip(&path, step, |case| is_named(tokyo, "journal", case)),
            "journal/lock" | "vault/lock" => {
                assert_eq!(bytes, 0, "{name} holds nothing");
                continue;
            }
            name if name.starts_with("vault/") => flip(&path, step, |case| is_named(tokyo, "vault", case)),
            other => panic!("nobody says what happens where {other} is flipped"),
        };
        println!("{name}: {flips:?}");
        // Only a database has space that nothing uses.
        assert!(flips.harmless == 0 || name == "journal/journal.db", "{name}: {flips:?}");
        assert!(flips.found > 0, "{name}: {flips:?}");
        seen.push(name);
    }
    assert!(seen.iter().any(|name| name.starts_with("vault/")), "{seen:?}");
    // Everything was put back: the node is as it was.
    tokyo.must("admin", "doctor");
    tokyo.serve();
    let registered = tokyo.must("registrar", "register list");
    assert_eq!(registered.list().len(), 2);
}

#[test]
fn a_flipped_bit_of_a_nodes_folder_is_found_or_says_nothing() {
    flip_all(|bytes| bytes.div_ceil(PLACES));
}

#[test]
fn an_item_that_was_altered_at_rest_is_not_opened_and_its_missing_file_is_named() {
    let pair = at_rest();
    let tokyo = &pair.tokyo;
    let item = files(&tokyo.home().join("vault")).into_iter().find(|path| !path.ends_with("lock")).unwrap();
    let sound = fs::read(&item).unwrap();
    tokyo.serve();
    let received = tokyo.must("desk", "register list").list()[0]["item"].as_str().unwrap().to_owned();
    let open = |out: &str| tokyo.ask("desk", &format!("open {received} --out {out}"));
    for (at, is_sound) in [(0, false), (sound.len() / 2, false), (sound.len() - 1, false), (0, true)] {
        let mut bytes = sound.clone();
        bytes[at] ^= u8::from(!is_sound);
        fs::write(&item, bytes).unwrap();
        let opened = open(&format!("opened-{at}-{is_sound}"));
        let out = tokyo.file(&format!("opened-{at}-{is_sound}"));
        assert_eq!(opened.code == 0, is_sound, "byte {at}: {opened:?}");
        assert_eq!(
            fs::read(out).ok().as_deref() == Some(&[LARGE_BYTES as u8; LARGE_BYTES]),
            is_sound,
            "byte {at}"
        );
    }
    tokyo.kill();
    fs::remove_file(&item).unwrap();
    assert!(is_named(tokyo, "vault", "the item's file removed"));
}

/// Run by `cargo xtask test --long`.
mod long {
    #[test]
    #[ignore = "long: doctor looks at the whole folder for each of some 35,000 bytes"]
    fn a_flipped_bit_of_every_byte_of_a_nodes_folder_is_found_or_says_nothing() {
        // Each byte of a journal is flipped in `store`; those of a sealed segment are alike.
        super::flip_all(|bytes| if bytes > 16 * 1024 { 101 } else { 1 });
    }
}
