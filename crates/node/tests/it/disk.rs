//! The engine on SQLite: what was committed is there after the process is gone, and on disk it shows no name.

use crate::world::{self, engine_on};
use attache_node::engine::Engine;
use attache_store::{SqliteJournal, audit};
use std::path::Path;

fn journal(folder: &Path) -> Box<SqliteJournal> {
    Box::new(SqliteJournal::open(folder, &world::origin()).unwrap())
}

/// A folder with the journal of a small node, whose process ended without closing anything.
fn stopped() -> (tempfile::TempDir, attache_accord::view::View) {
    let folder = tempfile::tempdir().unwrap();
    let created = Box::new(SqliteJournal::create(folder.path(), &world::origin()).unwrap());
    let mut engine = engine_on(created, &world::custodian());
    world::found(&mut engine);
    let view = engine.view().read().clone();
    (folder, view)
}

#[test]
fn the_view_after_a_restart_is_the_view_before_it() {
    let (folder, before) = stopped();
    let engine = engine_on(journal(folder.path()), &world::custodian());
    assert_eq!(*engine.view().read(), before);
    assert_eq!(audit(engine.reader().unwrap().as_ref()).unwrap().size, before.size);
}

#[test]
fn a_stolen_folder_shows_no_name() {
    let (folder, _) = stopped();
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let finds = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    for word in ["tokyo.jpn", "analyst-1", "fdo-1", "KOR:II", "humint"] {
        assert!(!finds(word), "{word}");
    }
    // The control: the search does find what stands there in the open.
    assert!(finds("log.example/seoul"));
}

#[test]
fn a_flipped_byte_of_the_journal_stops_the_node() {
    let (folder, _) = stopped();
    let file = folder.path().join("journal.db");
    // Everything into the one file, so that the byte flipped is one that counts.
    drop(Engine::open(journal(folder.path()), "test", world::rest(), world::origin(), world::custodian()));
    let sound = std::fs::read(&file).unwrap();
    let row = sound.len() / 2;
    let mut refused = 0;
    for at in (row..sound.len()).step_by(997) {
        let mut altered = sound.clone();
        altered[at] ^= 0x40;
        std::fs::write(&file, &altered).unwrap();
        let opened = SqliteJournal::open(folder.path(), &world::origin()).and_then(|journal| audit(&journal));
        refused += usize::from(opened.is_err());
    }
    assert!(refused > 0, "no altered byte of a used page was noticed");
}
