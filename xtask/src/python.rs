//! Sealed items and a node's keys against otdf-python, in a Python environment of its own under the target directory.
//!
//! *Absent:* a Python that the product needs. Where none can be had, the step is skipped, and said to be.

use crate::{root, run_cargo, succeeds, target};
use std::process::Command;

/// Runs `interop/python/roundtrip.py`, and otdf-python as a client of a node that was built before. `Ok(Some(reason))` where Python or the package cannot be had.
pub fn against_otdf_python() -> Result<Option<String>, String> {
    println!("xtask: interoperability, otdf-python");
    let target = target();
    let venv = target.join("interop-venv");
    if !succeeds(Command::new("python3").args(["-m", "venv"]).arg(&venv)) {
        return Ok(Some("python3 with venv cannot be had".to_owned()));
    }
    let python = venv.join("bin/python");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    if !succeeds(Command::new(&python).args(install).arg(root().join("interop/python/requirements.txt"))) {
        return Ok(Some("pip could not install interop/python/requirements.txt".to_owned()));
    }
    run_cargo(&["build", "-p", "attache-seal", "--example", "tdf_local", "--locked"], None)?;
    let script = root().join("interop/python/roundtrip.py");
    if !succeeds(Command::new(&python).arg(script).arg(target.join("debug/examples/tdf_local"))) {
        return Err("interop/python/roundtrip.py".to_owned());
    }
    let arguments =
        ["test", "--manifest-path", "interop/Cargo.toml", "--locked", "--test", "kas", "otdf_python"];
    let attache = target.join("debug/attache");
    run_cargo(&arguments, [("ATTACHE", attache.as_os_str()), ("OTDF_PYTHON", python.as_os_str())])?;
    Ok(None)
}
