//! Sealed items and a node's keys against the `opentdf` crate, and against the program that comes with it.
//!
//! *Absent:* what that program is built of. It is installed under the target directory; where it cannot be had, that part is
//! skipped, and said to be.

use crate::{run_cargo, succeeds, target};
use std::process::Command;

/// The version of the crate whose program is run.
const VERSION: &str = "=0.17.0";
/// The program seals to a key of the service; with the system's TLS library it trusts what `SSL_CERT_FILE` names.
const FEATURES: &str = "kas-client,cbor,native-tls";

/// The crate's containers, and the crate itself as a client of a node that was built before.
pub fn against_the_crate() -> Result<(), String> {
    println!("xtask: interoperability, opentdf");
    let attache = target().join("debug/attache");
    let arguments = ["test", "--manifest-path", "interop/Cargo.toml", "--locked"];
    run_cargo(&arguments, [("ATTACHE", attache.as_os_str())])
}

/// The crate's program as a client of a node that was built before. `Ok(Some(reason))` where the program cannot be had.
pub fn against_its_program() -> Result<Option<String>, String> {
    println!("xtask: interoperability, xtest_cli");
    // In a folder of its version: another one is not taken for it.
    let root = target().join(format!("interop-xtest-{}", VERSION.trim_start_matches('=')));
    let program = root.join("bin/xtest_cli");
    let mut install = Command::new(env!("CARGO"));
    install.args([
        "install",
        "opentdf",
        "--version",
        VERSION,
        "--example",
        "xtest_cli",
        "--features",
        FEATURES,
    ]);
    install.args(["--debug", "--quiet", "--root"]).arg(&root).arg("--target-dir").arg(root.join("target"));
    if !program.is_file() && !succeeds(&mut install) {
        return Ok(Some("cargo could not install it; it needs OpenSSL and pkg-config".to_owned()));
    }
    let attache = target().join("debug/attache");
    let arguments = [
        "test",
        "--manifest-path",
        "interop/Cargo.toml",
        "--locked",
        "--test",
        "kas",
        "the_program_of_the_crate",
    ];
    run_cargo(&arguments, [("ATTACHE", attache.as_os_str()), ("XTEST_CLI", program.as_os_str())])?;
    Ok(None)
}
