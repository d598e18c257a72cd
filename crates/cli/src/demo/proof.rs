//! What a stranger can verify: the evidence of both nodes, in a folder without keys, checked by a process of its own that is
//! given nothing else. Then one byte is flipped.
//!
//! *Absent:* the nodes' help. They could be gone by now.

use super::cast::{Cast, SEOUL, TOKYO};
use super::patiently;
use super::stage::Stage;
use super::story::Story;
use crate::evidence;
use crate::found::Failed;
use attache_tlog::LEAF_BYTES;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The file in which a byte is flipped.
const ALTERED: &str = "seoul.kor/entries/000000";
/// Bytes of the length before each leaf in it.
const LENGTH_BYTES: usize = 2;

/// Verifies the evidence of both nodes once it reaches as far as `dispatches` receipts.
///
/// # Errors
/// When it does not verify, or a flipped bit does.
pub(super) fn verify(cast: &Cast, stage: &Stage, dispatches: usize, story: &Story) -> Result<Value, Failed> {
    story.title("What anyone can verify, without keys and without a network");
    let folder = stage.folder.join("evidence");
    let fingerprints = [stage.fingerprint(&SEOUL)?, stage.fingerprint(&TOKYO)?];
    // The last acts are proved by the next checkpoint of each log.
    let report = patiently("a checkpoint over everything", || {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Failed::file(&folder, &error))?;
        }
        for nation in [&SEOUL, &TOKYO] {
            evidence::save(cast.registrar(nation)?, false, &folder)?;
        }
        let (code, report) = verified(&folder, &fingerprints)?;
        Ok((code == Some(0) && is_whole(&report, dispatches)).then_some(report))
    })?;
    story.proved(&report["counts"], &folder);
    let altered = stage.folder.join("evidence-altered");
    copy(&folder, &altered)?;
    let path = altered.join(ALTERED);
    let mut bytes = fs::read(&path).map_err(|error| Failed::file(&path, &error))?;
    let offset = within_a_leaf(bytes.len());
    if let Some(byte) = bytes.get_mut(offset) {
        *byte ^= 1;
    }
    fs::write(&path, &bytes).map_err(|error| Failed::file(&path, &error))?;
    let (code, broken) = verified(&altered, &fingerprints)?;
    let failed = broken["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|finding| finding["outcome"]["is"] == "failed");
    let Some(failed) = failed.filter(|_| code == Some(1)) else {
        return Err(Failed::fault("a flipped byte was not noticed"));
    };
    story.noticed(ALTERED, offset, failed);
    Ok(json!({
        "verdict": report["verdict"],
        "counts": report["counts"],
        "fingerprints": fingerprints,
        "folder": folder,
        "altered": { "folder": altered, "file": ALTERED, "offset": offset, "verdict": broken["verdict"], "first": failed },
    }))
}

/// The place of a commitment in the file's middle leaf. A flip there is one of what the log says; elsewhere it may be one of a length, and
/// whoever reads on from a wrong one finds something else.
fn within_a_leaf(file_bytes: usize) -> usize {
    let leaf = LENGTH_BYTES + LEAF_BYTES;
    file_bytes / leaf / 2 * leaf + leaf / 2
}

/// That all dispatches and their receipts are among what was proved.
fn is_whole(report: &Value, dispatches: usize) -> bool {
    let counts = &report["counts"];
    counts["receipts"] == dispatches && counts["packages"] == dispatches
}

/// Verifies in a process of its own, with no environment but the path of its libraries.
pub(super) fn verified(folder: &Path, fingerprints: &[String]) -> Result<(Option<i32>, Value), Failed> {
    let program = std::env::current_exe().map_err(Failed::fault)?;
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder).args(["--json", "verify", "."]);
    for fingerprint in fingerprints {
        command.arg("--fingerprint").arg(fingerprint);
    }
    let output = command.output().map_err(Failed::fault)?;
    let report = serde_json::from_slice(&output.stdout);
    Ok((output.status.code(), report.map_err(|_| Failed::fault("the verifier gave no report"))?))
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::create_dir_all(to).map_err(|error| Failed::file(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| Failed::file(from, &error))? {
        let entry = entry.map_err(|error| Failed::file(from, &error))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).map_err(|error| Failed::file(&target, &error))?;
        }
    }
    Ok(())
}
