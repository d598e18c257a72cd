//! Samples and schemas that stand beside the project, and the validator of another hand.
//!
//! *Absent:* a copy of either; their terms of reuse are unclear. Where they are missing, tests say so and go on.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples"))
}

/// A sample, unless it is not there.
pub fn sample(name: &str) -> Option<Vec<u8>> {
    let found = std::fs::read(folder().join(name)).ok();
    if found.is_none() {
        eprintln!("skipped: ../shared/samples/{name} is not there");
    }
    found
}

/// Whether `xmllint` takes a text under a schema; none where either is not there.
pub fn is_valid(text: &[u8], schema: &str) -> Option<bool> {
    let schema = folder().join("xsd").join(schema);
    let told = |what: &str| eprintln!("skipped: {what} is not there, so nothing is validated");
    if !schema.is_file() {
        told("../shared/samples/xsd");
        return None;
    }
    let started = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(&schema)
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        told("xmllint");
        return None;
    };
    child.stdin.take().unwrap().write_all(text).unwrap();
    Some(child.wait().unwrap().success())
}

/// That `xmllint` takes a text under a schema, where both are there.
pub fn validated(text: &str, schema: &str) {
    assert_ne!(is_valid(text.as_bytes(), schema), Some(false), "{schema}:\n{text}");
}
