//! An item of 2 GiB, between two real nodes whose memory is looked at.

use crate::pair::{Pair, Post, until};
use std::fs::File;
use std::io::{BufWriter, Write as _};

/// Most resident memory that a node may ever have had, in KiB: 128 MiB.
const MAX_RESIDENT_KIB: u64 = 128 * 1024;

/// The most memory that the node's process had resident so far, in KiB.
fn peak_kib(post: &Post) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", post.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn send(bytes: u64) {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let mut file = BufWriter::new(File::create(seoul.file("large.bin")).unwrap());
    for number in 0..bytes / 8 {
        file.write_all(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    let item = seoul.must("analyst", "item add large.bin --title large").text("/item");
    seoul.must("analyst", &seoul.marking(&item));
    let case = seoul.must("analyst", &seoul.request(&item)).text("/case");
    seoul.must("officer", &crate::pair::approval(&case));
    until("the item", || tokyo.must("desk", "inbox list").list().first().map(|_| ()));
    pair.settle();
    let received = tokyo.must("desk", "item list").list()[0]["item"].as_str().unwrap().to_owned();
    tokyo.must("desk", &format!("open {received} --out seen.bin"));
    let same =
        std::process::Command::new("cmp").arg(seoul.file("large.bin")).arg(tokyo.file("seen.bin")).status();
    assert!(same.unwrap().success(), "what was opened is not what was sent");
    for post in pair.both() {
        let peak = peak_kib(post);
        println!("{}: {peak} KiB at most", post.nation.node);
        assert!(peak < MAX_RESIDENT_KIB, "{}: {peak} KiB", post.nation.node);
    }
}

#[test]
fn a_large_item_crosses_in_little_memory() {
    send(160 << 20);
}

/// Run by `cargo xtask test --long`.
mod long {
    #[test]
    #[ignore = "long"]
    fn two_gibibytes_cross_in_little_memory() {
        super::send(2 << 30);
    }
}
