//! `attache rebuild` on real nodes: what follows from the journal is compared while the node serves, told precisely, and made anew.

use crate::pair::{Pair, Post, SEOUL, until};
use crate::syscalls::has_strace;
use crate::text;
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

/// Changes what is stored, past the node. The change must hit one row.
fn by_hand(post: &Post, change: &str) {
    let hand = Connection::open(post.home().join("journal/journal.db")).unwrap();
    assert_eq!(hand.execute(change, []).unwrap(), 1, "{change}");
}

const TILE: &str = "UPDATE tile SET hashes = zeroblob(32) WHERE level = 0";
const STREAM: &str = "UPDATE stream SET version = 99 WHERE name = (SELECT stream FROM journal WHERE idx = 0)";

/// Two nodes with an exchange behind them.
fn after_an_exchange() -> Pair {
    let pair = Pair::new();
    assert!(pair.attempt("report", 30_000));
    pair.settle();
    pair
}

/// What a command writes on a terminal of its own.
fn typed(post: &Post, command: &str) -> String {
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &format!("{} {command}", env!("CARGO_BIN_EXE_attache")), "/dev/null"]);
    text(&post.settings(&mut terminal).stdin(Stdio::null()).output().unwrap().stdout)
}

#[test]
fn long_work_is_seen_to_go_on_on_a_terminal_and_nowhere_else() {
    if !Command::new("script").arg("--version").output().is_ok_and(|told| told.status.success()) {
        return eprintln!("skipped: script is not installed, and there is no terminal");
    }
    let folder = tempfile::tempdir().unwrap();
    let post = Post::found(folder.path(), &SEOUL);
    for command in ["rebuild --check", "rebuild", "rule replay", "doctor"] {
        let seen = typed(&post, command);
        assert!(seen.contains("\u{1b}[2K"), "{command}: a line is drawn and taken away: {seen:?}");
        let read = typed(&post, &format!("{command} --json"));
        assert!(serde_json::from_str::<Value>(&read).is_ok(), "{command}: {read:?}");
        let mut piped = Command::new(env!("CARGO_BIN_EXE_attache"));
        let piped = post.settings(&mut piped).args(command.split_whitespace()).output().unwrap();
        assert_eq!(text(&piped.stderr), "", "{command}");
    }
}

#[test]
fn what_follows_from_the_journal_is_told_precisely_and_made_anew() {
    let pair = after_an_exchange();
    let tokyo = &pair.tokyo;
    let running = tokyo.must("admin", "rebuild --check").document;
    assert_eq!(running["rebuilt"], false);
    let refused = tokyo.ask("admin", "rebuild");
    assert_eq!(refused.code, 2, "{refused:?}");
    tokyo.kill();
    // What the node stopped with: nothing is sent any more.
    let sound = tokyo.must("admin", "rebuild --check").document;
    for (change, said) in [
        (TILE, "damaged: tile of level 0 (tile/0/000) at 0; it follows from the journal"),
        (STREAM, "damaged: stream version at 0; it follows from the journal"),
        ("DELETE FROM head", "damaged: head missing at 0; it follows from the journal"),
    ] {
        by_hand(tokyo, change);
        let told = tokyo.ask("admin", "rebuild --check");
        assert_eq!(told.code, 3, "{change}");
        assert!(told.text("/error/message").starts_with(said), "{told:?}");
        if change != STREAM {
            assert!(!tokyo.try_serve(&[]), "{change}");
            assert!(tokyo.logged().contains(said), "{}", tokyo.logged());
            tokyo.kill();
        }
        let rebuilt = tokyo.must("admin", "rebuild").document;
        assert_eq!((&rebuilt["root"], &rebuilt["entries"]), (&sound["root"], &sound["entries"]), "{change}");
        tokyo.must("admin", "doctor");
    }
    tokyo.serve();
    assert!(pair.attempt("afterwards", 1_000));
    pair.settle();
    pair.prove();
}

#[test]
fn a_damaged_entry_is_named_and_nothing_is_made_up_for_it() {
    let pair = after_an_exchange();
    let tokyo = &pair.tokyo;
    tokyo.kill();
    let hand = Connection::open(tokyo.home().join("journal/journal.db")).unwrap();
    hand.execute_batch("DROP TRIGGER journal_is_fixed").unwrap();
    drop(hand);
    by_hand(tokyo, "UPDATE journal SET body = x'00' WHERE idx = 5");
    let said = "damaged: row at 5; nothing else says what it was: bring back the newest backup";
    for command in ["rebuild --check", "rebuild"] {
        let told = tokyo.ask("admin", command);
        assert_eq!((told.code, told.text("/error/message").as_str()), (3, said));
    }
    assert!(!tokyo.try_serve(&[]));
    assert!(tokyo.logged().contains(said));
}

#[test]
fn a_node_that_finds_a_difference_at_night_stops_by_itself() {
    let pair = after_an_exchange();
    let tokyo = &pair.tokyo;
    tokyo.kill();
    // It is night now, or soon, and for long enough.
    let hour = || (std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 100) / 3600 % 24;
    let path = tokyo.home().join("attache.toml");
    let configured = fs::read_to_string(&path).unwrap();
    let hour = (hour() + 9) % 24;
    fs::write(&path, configured.replace("check_hour = 3", &format!("check_hour = {hour}"))).unwrap();
    tokyo.serve();
    until("the nightly check", || tokyo.logged().contains("found everything as recorded").then_some(()));
    tokyo.kill();
    by_hand(tokyo, STREAM);
    tokyo.serve();
    until("the stop", || {
        tokyo.logged().contains("the node stopped by itself: damaged: stream version at 0").then_some(())
    });
    assert_eq!(tokyo.ask("desk", "inbox list").code, 4, "nobody serves");
    tokyo.kill();
    tokyo.must("admin", "rebuild");
}

#[test]
fn a_rebuild_that_is_cut_off_anywhere_leaves_one_whole_journal() {
    if !has_strace() {
        return;
    }
    let pair = after_an_exchange();
    let tokyo = &pair.tokyo;
    tokyo.kill();
    let sound = tokyo.must("admin", "rebuild --check").document;
    for calls in ["fsync,fdatasync", "rename", "unlink"] {
        let mut nth = 1;
        while !tokyo.ends_though_killed_at(calls, nth, "rebuild") {
            assert_eq!(tokyo.must("admin", "rebuild --check").document, sound, "{calls} {nth}");
            nth += 1;
        }
        assert!(nth > 1, "{calls}");
    }
    tokyo.serve();
    pair.settle();
    pair.prove();
}
