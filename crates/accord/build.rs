//! Names what the folds of this build are made by: a digest of this crate's sources. A snapshot of the folds is believed only by a build
//! that would have folded the same, and nobody has to think of a version.
//!
//! *Absent:* anything a forger would meet. A snapshot is sealed; this tells builds apart, not people.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// FNV-1a, 128 bits.
const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    gather(&root.join("src"), &mut files)?;
    files.sort();
    let mut hash = BASIS;
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let content = fs::read(&file)?;
        let length = content.len().to_string();
        for byte in [name.as_bytes(), b"\0", length.as_bytes(), b"\0", &content].concat() {
            hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
    println!("cargo::rustc-env=ATTACHE_FOLDS={hash:032x}");
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
