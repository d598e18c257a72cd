//! Keys stay out of core dumps, and out of swap where the system lets the node lock them.

use crate::pair::{Post, SEOUL, until};
use std::process::{Command, Stdio};

/// A line of a file about a process.
fn told(pid: u32, file: &str, line: &str) -> String {
    let text = std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    found.unwrap_or_else(|| panic!("no {line} in {text}")).trim().to_owned()
}

fn locked_kib(pid: u32) -> u64 {
    told(pid, "status", "VmLck:").trim_end_matches(" kB").parse().unwrap()
}

fn is_root() -> bool {
    told(std::process::id(), "status", "Uid:").starts_with('0')
}

/// Whose processes the nodes of a test are that must not be root's: root may read everything.
const NOBODY: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/// Whether another process of the same person may look into this one.
fn is_open_to_its_owner(pid: u32) -> bool {
    let mut reader = Command::new(NOBODY[0]);
    reader.args(&NOBODY[1..]).args(["cat", &format!("/proc/{pid}/environ")]);
    reader.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn a_node_may_leave_no_core_dump_and_not_even_its_owner_looks_into_it() {
    let folder = tempfile::tempdir().unwrap();
    let post = Post::found(folder.path(), &SEOUL);
    let lines = post.must("admin", "doctor");
    let core = lines.list().iter().find(|line| line["what"] == "core dumps").unwrap().clone();
    assert_eq!(core["state"], "ok", "{core}");
    if !is_root() {
        return eprintln!("skipped: only root may start a node as somebody else");
    }
    let given = Command::new("chown").args(["-R", "65534:65534"]).arg(folder.path()).status().unwrap();
    assert!(given.success());
    if !post.try_serve(&NOBODY) {
        let said = post.logged();
        assert!(said.contains("failed to execute"), "{said}");
        return eprintln!("skipped: nobody else may run this build: {said}");
    }
    let limit = told(post.pid(), "limits", "Max core file size");
    assert_eq!(limit.split_whitespace().collect::<Vec<_>>(), ["0", "0", "bytes"]);
    assert!(!is_open_to_its_owner(post.pid()));
    // The control: into another process of the same person it may.
    let mut sleeper = Command::new(NOBODY[0]).args(&NOBODY[1..]).args(["sleep", "60"]).spawn().unwrap();
    until("a process that its owner may look into", || is_open_to_its_owner(sleeper.id()).then_some(()));
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}

#[test]
fn keys_are_locked_in_memory_where_the_system_allows_it_and_it_is_said_where_not() {
    let folder = tempfile::tempdir().unwrap();
    let post = Post::found(folder.path(), &SEOUL);
    if !is_root() {
        return eprintln!("skipped: only root surely may lock memory, and give the right up");
    }
    post.serve();
    assert!(locked_kib(post.pid()) > 1000, "{} KiB", locked_kib(post.pid()));
    post.kill();
    let confined = ["setpriv", "--bounding-set=-ipc_lock", "prlimit", "--memlock=65536:65536"];
    assert!(post.try_serve(&confined), "{}", post.logged());
    assert_eq!(locked_kib(post.pid()), 0);
    let mut doctor = Command::new(confined[0]);
    doctor.args(&confined[1..]).args([env!("CARGO_BIN_EXE_attache"), "doctor"]).stdin(Stdio::null());
    let told = String::from_utf8(post.settings(&mut doctor).output().unwrap().stdout).unwrap();
    assert!(told.contains("keys cannot be locked in memory"), "{told}");
    let has_swap = std::fs::read_to_string("/proc/swaps").unwrap().lines().count() > 1;
    assert_eq!(post.logged().contains("LimitMEMLOCK"), has_swap, "{}", post.logged());
    assert_eq!(told.lines().any(|line| line.starts_with("warn") && line.contains("LimitMEMLOCK")), has_swap);
}
