//! A disk that is full: what cannot be recorded is refused with a code, reading goes on, and nobody restarts anything
//! once there is room.
//!
//! The disk is a `tmpfs` of a fixed size, which takes the right to mount. Without it this is skipped, and says so.
//!
//! The disks that we could mount hand out whole blocks, so none has a single byte free. What a program would see of one is
//! a write of which one byte was taken, and then that the disk is full. So the disk is full, and `strace` answers the
//! first write with 1, to a stream of the vault and to the journal's write-ahead log; the rest of it meets the disk itself.
//! The byte is not there, which is worse than it would be.

use crate::pair::{Answer, Pair, Post};
use crate::syscalls::{Traced, may_attach};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Size of the disk in bytes.
const DISK_BYTES: usize = 12 << 20;
/// What is left free, in bytes.
const FREE: [u64; 3] = [0, 1, 4096];
/// Where the vault writes what has no digest yet, and where a commit is written first.
const STREAM: &str = "vault/writing-";
const WRITE_AHEAD_LOG: &str = "journal/journal.db-wal";
/// Streams that the vault may have begun by the time the disk is full.
const STREAMS: usize = 64;

/// A node's folder on a small disk of its own.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Moves the folder of `post`, which must be down, onto the disk. `None` where this may not mount.
    fn under(post: &Post) -> Option<Self> {
        let at = post.home();
        let aside = at.with_extension("aside");
        std::fs::rename(&at, &aside).unwrap();
        std::fs::create_dir(&at).unwrap();
        let size = format!("size={DISK_BYTES},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "attache-test"]).arg(&at).output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            eprintln!("skipped: this may not mount a disk");
            return None;
        }
        let disk = Self { at };
        let copied = Command::new("cp").arg("-a").arg(aside.join(".")).arg(&disk.at).status().unwrap();
        assert!(copied.success());
        Some(disk)
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }

    /// Fills the disk up to `free` bytes; a single one is left by [`with_one_byte_free`].
    fn fill(&self, free: u64) {
        let mut filler = OpenOptions::new().create(true).append(true).open(self.filler()).unwrap();
        while filler.write_all(&[0x55; 4096]).is_ok() {}
        let length = filler.metadata().unwrap().len();
        filler.set_len(length - if free == 1 { 0 } else { free }).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the node may still run where the test has failed.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

/// Does `ask` while the first write of each thread to the file, or to any stream, takes one byte, and sees that the rest of
/// it met the disk.
fn with_one_byte_free(post: &Post, (call, file): (&str, &str), ask: impl FnOnce() -> Answer) -> Answer {
    let files = match file {
        STREAM => (0..STREAMS).map(|number| post.home().join(format!("{STREAM}{number}"))).collect(),
        file => vec![post.home().join(file)],
    };
    let traced = Traced::attach_to(post, call, "retval=1:when=1", &files);
    let answer = ask();
    let calls = traced.all();
    let mut from_one = calls.iter().skip_while(|line| !line.ends_with("= 1 (INJECTED)"));
    let thread = from_one.next().and_then(|line| line.split_whitespace().next());
    let is_rest = |line: &String| line.split_whitespace().next() == thread && line.contains("ENOSPC");
    assert!(thread.is_some() && from_one.any(is_rest), "{calls:#?}");
    answer
}

#[test]
fn a_full_disk_refuses_with_a_code_reads_on_and_recovers_without_a_restart() {
    let pair = Pair::new();
    let tokyo = &pair.tokyo;
    tokyo.kill();
    let Some(disk) = SmallDisk::under(tokyo) else { return };
    tokyo.serve();
    assert!(pair.attempt("before", 300_000));
    pair.settle();
    let received = tokyo.must("desk", "item list").list()[0]["item"].as_str().unwrap().to_owned();
    let process = tokyo.pid();
    File::create(tokyo.file("own.bin")).unwrap().write_all(&[1; 300_000]).unwrap();
    for (round, free) in FREE.into_iter().enumerate() {
        disk.fill(free);
        let is_traced = free == 1 && may_attach();
        assert!(pair.attempt(&format!("while-{free}-bytes-are-free"), 300_000));
        // What must be recorded is refused: taking in, marking, and even opening.
        for (person, command, written) in [
            ("analyst", "item add own.bin --title own", ("write", STREAM)),
            ("desk", &format!("open {received} --out seen-{round}"), ("pwrite64", WRITE_AHEAD_LOG)),
        ] {
            let ask = || tokyo.ask(person, command);
            let refused = if is_traced { with_one_byte_free(tokyo, written, ask) } else { ask() };
            assert_eq!((refused.code, refused.text("/error/code").as_str()), (3, "full"), "{refused:?}");
        }
        assert!(!tokyo.file(&format!("seen-{round}")).exists(), "opened without a record");
        for (person, command) in
            [("desk", "item list"), ("registrar", "register list"), ("registrar", "evidence --out e")]
        {
            tokyo.must(person, command);
        }
        disk.make_room();
        pair.settle();
        tokyo.must("desk", &format!("open {received} --out seen-again-{round}"));
        let [sent, registered] = pair.sent_and_registered();
        assert_eq!((sent, registered), (round + 2, round + 2));
        std::fs::remove_dir_all(tokyo.file("e")).unwrap();
    }
    assert_eq!(tokyo.pid(), process);
    assert!(!tokyo.logged().contains("panicked"));
    pair.prove();
    tokyo.kill();
}
