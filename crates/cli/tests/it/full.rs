//! A disk that is full: what cannot be recorded is refused with a code, reading goes on, and nobody restarts anything
//! once there is room.
//!
//! The disk is a `tmpfs` of a fixed size, which takes the right to mount. Without it this is skipped, and says so. It
//! hands out whole pages, so a single free byte is no state of its own there: it is a full disk.

use crate::pair::{Pair, Post};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Size of the disk in bytes.
const DISK_BYTES: usize = 12 << 20;
/// What is left free, in bytes.
const FREE: [u64; 2] = [0, 4096];

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

    /// Fills the disk up to `free` bytes.
    fn fill(&self, free: u64) {
        let mut filler = OpenOptions::new().create(true).append(true).open(self.filler()).unwrap();
        while filler.write_all(&[0x55; 4096]).is_ok() {}
        let length = filler.metadata().unwrap().len();
        filler.set_len(length - free).unwrap();
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
        assert!(pair.attempt(&format!("while-{free}-bytes-are-free"), 300_000));
        // What must be recorded is refused: taking in, marking, and even opening.
        for (person, command) in [
            ("analyst", "item add own.bin --title own"),
            ("desk", &format!("open {received} --out seen-{round}")),
        ] {
            let refused = tokyo.ask(person, command);
            assert_eq!((refused.code, refused.text("/error/code").as_str()), (3, "full"), "{refused:?}");
        }
        assert!(!tokyo.file(&format!("seen-{round}")).exists(), "opened without a record");
        for (person, command) in
            [("desk", "item list"), ("registrar", "register list"), ("inspector", "evidence --out e")]
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
