//! The binary as one file for any Linux on x86-64: built for musl, without any library beside it, it finds what the other one finds.

use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-musl";
/// What compiles the C part of the cryptography for it, and the variable that says so.
const COMPILER: (&str, &str) = ("CC_x86_64_unknown_linux_musl", "musl-gcc");
/// The program header that names a loader of libraries.
const INTERPRETER: u32 = 3;

/// Why it cannot be built here, if it cannot.
fn missing() -> Option<String> {
    let rustc = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(rustc.stdout).ok()?.trim());
    if !sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Some(format!("rustup target add {TARGET}"));
    }
    let has_compiler =
        Command::new(COMPILER.1).arg("--version").output().is_ok_and(|ran| ran.status.success());
    (!has_compiler).then(|| format!("{} is not installed", COMPILER.1))
}

/// Builds it as the page on evidence says.
fn build() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let target = workspace.join(target);
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "-p", "attache-verify", "--bin", "attache-verify"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(&target)
        .env(COMPILER.0, COMPILER.1)
        .current_dir(&workspace)
        .status();
    assert!(built.unwrap().success());
    target.join(TARGET).join("release/attache-verify")
}

/// The kinds of the program headers of a little-endian ELF file of 64 bits.
fn program_headers(elf: &[u8]) -> Vec<u32> {
    assert_eq!(elf[..6], *b"\x7fELF\x02\x01");
    let number = |at: usize, bytes: usize| {
        elf[at..at + bytes].iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (begin, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).map(|nth| number(begin + nth * size, 4) as u32).collect()
}

mod long {
    use super::*;
    use crate::binary::BINARY;
    use crate::folder::{RULED, write};
    use serde_json::Value;

    #[test]
    #[ignore = "long: it builds the binary once more, for another target"]
    fn the_binary_without_libraries_is_one_and_finds_what_the_other_one_finds() {
        if let Some(why) = missing() {
            eprintln!("skipped: {why}");
            return;
        }
        let single = build();
        let asks_for_libraries = |path: &Path| {
            let headers = program_headers(&std::fs::read(path).unwrap());
            assert!(headers.len() > 1, "{headers:?}");
            headers.contains(&INTERPRETER)
        };
        assert!(asks_for_libraries(Path::new(BINARY)), "the control");
        assert!(!asks_for_libraries(&single));

        let verified = |binary: &Path, folder: &Path| {
            let fingerprints = RULED.fingerprints.iter().flat_map(|known| ["--fingerprint", known]);
            // Nothing of this machine but the folder.
            let mut command = Command::new(binary);
            let output = command.env_clear().arg(folder).arg("--json").args(fingerprints).output().unwrap();
            let document: Value = serde_json::from_slice(&output.stdout).unwrap();
            (output.status.code(), document)
        };
        let folder = write(&RULED.files);
        let (code, document) = verified(&single, folder.path());
        assert_eq!(code, Some(0), "{document:#}");
        assert!(
            document["counts"]["rulings"].as_u64().unwrap() > 0,
            "the rules are evaluated, on musl's stacks"
        );
        assert_eq!((code, document), verified(Path::new(BINARY), folder.path()));
        let altered = RULED.changed(|files| {
            let path = RULED.path("entries/000000");
            files.get_mut(&path).unwrap()[600] ^= 1;
        });
        let folder = write(&altered);
        let (code, document) = verified(&single, folder.path());
        assert_eq!((code, &document["first_fault"]["check"]), (Some(1), &"V-005".into()));
        assert_eq!((code, document), verified(Path::new(BINARY), folder.path()));
    }
}
