//! A node's keys for clients in JavaScript, and tokens of an identity provider outside, in a folder of its own under the target
//! directory.
//!
//! *Absent:* a Node.js that the product needs. Where none can be had, the step is skipped, and said to be.

use crate::{root, run_cargo, succeeds, target};
use std::fs;
use std::process::{Command, Stdio};

/// What is needed beside the programs, and the programs.
const FILES: [&str; 8] = [
    ".npmrc",
    "package.json",
    "package-lock.json",
    "sdk.cjs",
    "platform.mjs",
    "lists.mjs",
    "open.mjs",
    "provider.mjs",
];

/// Runs the clients of `interop/node` against a node that was built before. `Ok(Some(reason))` where Node.js or what they need
/// cannot be had.
pub fn against_javascript() -> Result<Option<String>, String> {
    println!("xtask: interoperability, JavaScript");
    for program in ["node", "npm"] {
        if !succeeds(Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null())) {
            return Ok(Some(format!("{program} cannot be had")));
        }
    }
    let folder = target().join("interop-node");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let locked = folder.join("package-lock.json");
    // npm writes this one last.
    let is_installed = folder.join("node_modules/.package-lock.json").is_file()
        && fs::read(&locked).ok() == fs::read(root().join("interop/node/package-lock.json")).ok();
    for file in FILES {
        let source = root().join("interop/node").join(file);
        fs::copy(&source, folder.join(file)).map_err(|error| format!("{}: {error}", source.display()))?;
    }
    let install = ["ci", "--silent", "--prefix"];
    if !is_installed && !succeeds(Command::new("npm").args(install).arg(&folder)) {
        // A next run is not to take half of it for all.
        let _ = fs::remove_dir_all(folder.join("node_modules"));
        return Ok(Some("npm could not install interop/node/package-lock.json".to_owned()));
    }
    let attache = target().join("debug/attache");
    let variables = [("ATTACHE", attache.as_os_str()), ("INTEROP_NODE", folder.as_os_str())];
    let tests = ["javascript", "connect_library", "provider_outside"];
    let arguments = ["test", "--manifest-path", "interop/Cargo.toml", "--locked", "--test", "kas", "--"];
    run_cargo(&[arguments.as_slice(), &tests].concat(), variables)?;
    Ok(None)
}
