//! Writes `vectors/hostile`: files for each entry point, with what must become of them and why. A file that is there is not
//! written again, since others may have read it; the index is.
//!
//! `cargo run -p attache-fuzz --example hostile`
//!
//! *Absent:* the product's opinion. What is expected is said here by hand, and the crates' own tests compare.

mod items;
mod keys;
mod labels;
mod log;
mod requests;
mod statements;

use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

type Made = Result<(), Box<dyn Error>>;

/// The files so far, and what the index says of them.
struct Shelf {
    root: PathBuf,
    rows: Vec<Value>,
}

impl Shelf {
    /// Puts a file on the shelf: for which entry point, under which name, what must become of it, and why.
    fn put(&mut self, entry: &str, name: &str, outcome: &str, why: &str, bytes: &[u8]) -> Made {
        let file = format!("{entry}/{name}");
        let path = self.root.join(&file);
        fs::create_dir_all(path.parent().ok_or("a path without a folder")?)?;
        if !path.exists() {
            fs::write(&path, bytes)?;
        }
        self.rows.push(json!({ "file": file, "entry": entry, "outcome": outcome, "why": why }));
        Ok(())
    }
}

fn main() -> Made {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/hostile");
    let mut shelf = Shelf { root, rows: Vec::new() };
    statements::put(&mut shelf)?;
    items::put(&mut shelf)?;
    labels::put(&mut shelf)?;
    log::put(&mut shelf)?;
    keys::put(&mut shelf)?;
    requests::put(&mut shelf)?;
    // One row a line, so that a change is read as one.
    let rows: Vec<String> = shelf.rows.iter().map(Value::to_string).collect();
    let index = format!("{{\"files\":[\n{}\n]}}\n", rows.join(",\n"));
    Ok(fs::write(shelf.root.join("index.json"), index)?)
}
