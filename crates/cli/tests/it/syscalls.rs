//! Calls to the operating system that fail, and kills at each of them, while an exchange runs between two real nodes.
//!
//! `strace` is attached to both and makes the Nth call of one kind fail on every thread, for N from 1 until exchanges pass
//! without having met one. After each round both nodes are started anew, and what was approved must have arrived
//! once. Where `strace` is not installed this is skipped, and says so.

use crate::pair::{Pair, Post};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

/// Sent in each round: more than one segment, so that the vault writes several times.
const ITEM_BYTES: usize = 1_300_000;

/// `strace` is given so long to let go of a node, in seconds.
const LET_GO_SECONDS: u64 = 5;

/// Calls by which something becomes durable or is taken back: where a kill falls, that step has not happened yet.
const DURABLE: [&str; 5] = ["fsync", "fdatasync", "rename", "unlink", "pwrite64"];
/// Calls that fail. `write` is looked at where it goes to the vault: elsewhere it only wakes the node's own threads.
const FAILING: [&str; 6] = ["fsync", "fdatasync", "rename", "openat", "pwrite64", "write"];
/// So many rounds without one end a series: calls fall to the threads by chance, so one round proves little.
const UNTOUCHED: usize = 3;
/// How they fail.
const ERRORS: [&str; 3] = ["EIO", "ENOSPC", "EINTR"];

/// Whether `strace` may be attached to a node: it closes its memory to whoever has no privilege.
pub fn may_attach() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let is_root = status.lines().any(|line| line.starts_with("Uid:\t0\t"));
    if !is_root {
        eprintln!("skipped: only root may attach to a node");
    }
    is_root && has_strace()
}

pub fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = found.is_ok_and(|status| status.success());
    if !is_there {
        eprintln!("skipped: strace is not installed");
    }
    is_there
}

/// One node with `strace` attached.
pub struct Traced {
    strace: Child,
    /// Kept open: it says a word about each new thread, and would end of a closed pipe.
    _said: BufReader<ChildStderr>,
    seen: PathBuf,
}

impl Traced {
    /// Attaches to `post`; from now on every thread's `nth` call of this kind meets `fate`.
    fn attach(post: &Post, call: &str, fate: &str, nth: usize) -> Self {
        let streams = (0..4).map(|number| post.home().join(format!("vault/writing-{number}")));
        let only = if call == "write" { streams.collect() } else { Vec::new() };
        Self::attach_to(post, call, &format!("{fate}:when={nth}"), &only)
    }

    /// The same, and where files are given, for calls on those only.
    pub fn attach_to(post: &Post, call: &str, fate: &str, only: &[PathBuf]) -> Self {
        let seen = post.file(&format!("{}.strace", post.nation.folder));
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-o"]).arg(&seen);
        command.args(["-e", &format!("trace={call}"), "-e", &format!("inject={call}:{fate}")]);
        for file in only {
            command.arg("-P").arg(file);
        }
        command.args(["-p", &post.pid().to_string()]);
        let mut strace = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut attached = String::new();
        let mut said = BufReader::new(strace.stderr.take().unwrap());
        said.read_line(&mut attached).unwrap();
        assert!(attached.contains("attached"), "{attached}");
        Self { strace, _said: said, seen }
    }

    /// What was injected, one line for each.
    fn end(self) -> Vec<String> {
        let is_one = |line: &String| line.contains("INJECTED") || line.contains("killed by SIGKILL");
        self.all().into_iter().filter(is_one).collect()
    }

    /// Every call of this kind, one line for each, as `strace` shows it.
    pub fn all(mut self) -> Vec<String> {
        // It ends with the node, where that was killed; and it may hang on a thread that was being killed as it let go.
        let _ = Command::new("kill").arg(self.strace.id().to_string()).stderr(Stdio::null()).status();
        let began = Instant::now();
        while self.strace.try_wait().unwrap().is_none() {
            if began.elapsed() > Duration::from_secs(LET_GO_SECONDS) {
                let _ = self.strace.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let seen = std::fs::read_to_string(&self.seen).unwrap_or_default();
        seen.lines().map(str::to_owned).collect()
    }
}

/// Two nodes, and how many approvals people there were told of.
struct Scene {
    pair: Pair,
    acknowledged: usize,
}

impl Scene {
    fn new() -> Self {
        Self { pair: Pair::new(), acknowledged: 0 }
    }
}

/// Sends an item in rounds in which the Nth call of this kind meets `fate`, for the `rounds` given, and until some pass
/// untouched. Returns how many met it.
fn meet(scene: &mut Scene, call: &str, fate: &str, rounds: impl Iterator<Item = usize>) -> usize {
    let (pair, mut met, mut untouched) = (&scene.pair, 0, 0);
    for nth in rounds {
        let traced = pair.both().map(|post| Traced::attach(post, call, fate, nth));
        let name = format!("{call}-{}-{nth}", fate.replace('=', "-"));
        let acknowledged = pair.attempt(&name, ITEM_BYTES);
        scene.acknowledged += usize::from(acknowledged);
        let injected = traced.map(Traced::end);
        let was_met = injected.iter().any(|lines| !lines.is_empty());
        println!("{name}: {}", injected.iter().map(Vec::len).sum::<usize>());
        for (post, lines) in pair.both().into_iter().zip(&injected) {
            let log = post.logged();
            assert!(!log.contains("panicked"), "{name}: {}\n{log}", post.nation.node);
            // A sync of the journal that failed must end all writing: the next one would succeed and prove nothing.
            let sync_failed = |line: &String| line.contains("sync(") && line.contains("journal.db");
            if fate.starts_with("error=E") && lines.iter().any(sync_failed) {
                assert!(log.contains("the journal has stopped"), "{name}: {lines:?}\n{log}");
            }
            post.kill();
            std::fs::remove_file(post.file(&format!("{}.log", post.nation.folder))).unwrap();
            post.serve();
        }
        pair.settle();
        let [sent, registered] = pair.sent_and_registered();
        assert_eq!(sent, registered, "{name}: something was lost or came twice");
        assert!(sent >= scene.acknowledged, "{name}: an approval is lost");
        if was_met {
            (met, untouched) = (met + 1, 0);
            continue;
        }
        assert!(acknowledged, "{name}: untouched, and yet not approved");
        untouched += 1;
        if untouched == UNTOUCHED {
            return met;
        }
    }
    met
}

fn all_rounds() -> std::ops::RangeFrom<usize> {
    1..
}

#[test]
fn a_call_that_fails_loses_nothing_and_doubles_nothing() {
    if !may_attach() {
        return;
    }
    let mut scene = Scene::new();
    for (call, fate, rounds) in [
        ("fsync", "error=EIO", vec![1, 2, 4]),
        ("fdatasync", "error=EIO", vec![1, 2]),
        ("pwrite64", "error=ENOSPC", vec![1, 9]),
        ("write", "error=EIO", vec![1, 2]),
        ("openat", "error=EINTR", vec![1, 3]),
        ("rename", "error=EIO", vec![1]),
        ("fsync", "signal=KILL", vec![1, 3]),
        ("rename", "signal=KILL", vec![1]),
    ] {
        let count = rounds.len();
        assert!(
            meet(&mut scene, call, fate, rounds.into_iter()) > 0,
            "{call} {fate}: none of {count} rounds met it"
        );
    }
    scene.pair.prove();
}

/// Run by `cargo xtask test --long`.
mod long {
    use super::*;

    #[test]
    #[ignore = "long"]
    fn every_call_that_fails_loses_nothing_and_doubles_nothing() {
        if !may_attach() {
            return;
        }
        let mut scene = Scene::new();
        for call in FAILING {
            for error in ERRORS {
                assert!(meet(&mut scene, call, &format!("error={error}"), all_rounds()) > 0);
            }
        }
        scene.pair.prove();
    }

    #[test]
    #[ignore = "long"]
    fn a_kill_at_every_durable_step_loses_nothing_and_doubles_nothing() {
        if !may_attach() {
            return;
        }
        let mut scene = Scene::new();
        for call in DURABLE {
            assert!(meet(&mut scene, call, "signal=KILL", all_rounds()) > 0);
        }
        scene.pair.prove();
    }
}
