//! The corpus: a folder a target, a file a seed. Every input that ever broke a promise is among them.
//!
//! *Absent:* writing. `examples/seeds.rs` makes the first ones; a crash is added by hand, under a name that says what it was.

use crate::Target;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// One input.
pub struct Seed {
    /// The file's name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Where the seeds of a target stand.
pub fn folder(target: &Target) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).join(target.name)
}

/// The seeds of a target, by name.
///
/// # Errors
/// When the folder or a file of it cannot be read.
pub fn corpus(target: &Target) -> io::Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for entry in fs::read_dir(folder(target))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        seeds.push(Seed { name, bytes: fs::read(&path)? });
    }
    // The order of a folder differs between machines, and a printed seed must find the same inputs again.
    seeds.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(seeds)
}
