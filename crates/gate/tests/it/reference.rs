//! The published log as Go's own implementation of such logs reads it: `interop/go/log.go` on golang.org/x/mod/sumdb.
//! Where Go or that package is not installed this is skipped, and says so.

use crate::published::{get, grow};
use crate::world::{World, clock, world_on};
use attache_store::{LocalHead, SqliteJournal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where distributions put the sources of Go packages.
const GO_PACKAGES: &str = "/usr/share/gocode";
/// Published one after another: within one tile, across its edge, and with a tile of the level above.
const SIZES: [u64; 4] = [70, 256, 300, 700];

fn has_go() -> bool {
    let package = Path::new(GO_PACKAGES).join("src/golang.org/x/mod/sumdb/tlog");
    let is_there = package.is_dir() && Command::new("go").arg("version").output().is_ok();
    if !is_there {
        eprintln!("skipped: Go with golang.org/x/mod is not installed");
    }
    is_there
}

/// What the reference says of the log of `world` under the key `vkey`, having seen `earlier` checkpoints.
async fn ask(world: &World, vkey: &str, earlier: &[PathBuf]) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/go/log.go");
    let mut command = Command::new("go");
    command.arg("run").arg(program).arg(format!("http://{}", world.log)).arg(vkey).args(earlier);
    command.env("GO111MODULE", "off").env("GOPATH", GO_PACKAGES);
    command.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"));
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn vkey(world: &World) -> String {
    world.node.office.keys.log_ed25519.verifier().to_string()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_go_reference_verifies_the_published_log_and_refuses_another() {
    if !has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let on_disk = |origin| Box::new(SqliteJournal::create(&journal, &origin).unwrap()) as Box<_>;
    let world = world_on("seoul.kor", "KOR", clock, on_disk).await;
    let mut earlier = Vec::new();
    for size in SIZES {
        grow(&world, size).await;
        world.node.publish().await.unwrap();
        let kept = folder.path().join(format!("checkpoint.{size}"));
        std::fs::write(&kept, get(&world, "/checkpoint").await.body).unwrap();
        earlier.push(kept);
    }
    // The log goes on, and no reader notices.
    grow(&world, SIZES[3] + 100).await;
    let verified = ask(&world, &vkey(&world), &earlier).await;
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}{}", String::from_utf8_lossy(&verified.stderr));
    assert!(said.contains("checkpoint of 700: signature, root and all records verified"), "{said}");
    assert!(SIZES.iter().all(|size| said.contains(&format!("growth from {size} verified"))), "{said}");
    // Three tiles of level 0 and the one above.
    assert!(said.contains("each of 4 tiles with a byte changed"), "{said}");

    // Another node of the same name, with keys of its own.
    let stranger = crate::world::world("seoul.kor", "KOR", clock).await;
    assert!(refused(&ask(&world, &vkey(&stranger), &[]).await).contains("checkpoint: "));
    // A second head of one size, signed by the log's own keys.
    let mut forked = LocalHead { size: SIZES[1], root: attache_tlog::empty_root() };
    forked.root.0[0] ^= 1;
    let note = world.node.office.checkpoint(&forked).unwrap();
    let fork = folder.path().join("fork");
    std::fs::write(&fork, note).unwrap();
    assert!(refused(&ask(&world, &vkey(&world), &[fork]).await).contains("growth from 256: "));
}
