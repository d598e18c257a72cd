//! The project's own tasks: `cargo xtask test` is the one command that checks everything.
//!
//! *Absent:* anything that the product needs at run time.

mod fuzz;
mod javascript;
mod opentdf;
mod python;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const HELP: &str = "\
Usage: cargo xtask <TASK>

Tasks:
  test          format, lints, all tests, the demo, documentation, and other implementations
  test --long   the same, then the tests that take longer
  interop       sealed items, the key access service and the log against other implementations, alone
  fuzz          every parser of foreign bytes under libFuzzer; cargo xtask fuzz --help says more
  bench         own work against peers, in pairs; cargo xtask bench --help says more
  help          this text

Needs: the Rust toolchain with rustfmt and clippy, and a C compiler. With Python 3 and venv, sealed items are also
exchanged with otdf-python, which also seals and opens through a running node; with Node.js and npm, clients in JavaScript do, also
with tokens of an identity provider outside; with Go and golang.org/x/mod (Debian: golang, golang-golang-x-mod-dev), the published log is
verified by Go's own implementation; with strace, system calls are made to fail; with cvc5, the shipped packs are proved.
Without, that is skipped and said so.
";

/// Where distributions put the Go package that the log is verified by.
const GO_PACKAGE: &str = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog";

/// One step: what it is called and the cargo arguments that do it.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    /// An environment variable to set.
    variable: Option<(&'static str, &'static str)>,
}

const STEPS: [Step; 5] = [
    Step { name: "format", arguments: &["fmt", "--all", "--check"], variable: None },
    Step {
        name: "lints",
        arguments: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        variable: None,
    },
    Step { name: "tests", arguments: &["test", "--workspace", "--all-features", "--locked"], variable: None },
    Step { name: "demo", arguments: &["run", "--locked", "--", "demo"], variable: None },
    Step {
        name: "documentation",
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        variable: Some(("RUSTDOCFLAGS", "-D warnings")),
    },
];

const INTEROP_STEPS: [Step; 1] = [Step {
    name: "a node for foreign clients",
    arguments: &["build", "-p", "attache", "--locked"],
    variable: None,
}];

const GO_STEPS: [Step; 1] = [Step {
    name: "interoperability, Go's sumdb",
    arguments: &["test", "-p", "attache-gate", "--locked", "--test", "it", "--", "reference::"],
    variable: None,
}];

const LONG_STEPS: [Step; 1] = [Step {
    name: "long tests",
    arguments: &[
        "test",
        "--workspace",
        "--all-features",
        "--locked",
        "--release",
        "--",
        "--ignored",
        "long::",
    ],
    variable: None,
}];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test(&STEPS, &[]),
        ["test", "--long"] => test(&STEPS, &LONG_STEPS),
        ["interop"] => test(&[], &[]),
        ["bench", words @ ..] => bench(words),
        ["fuzz", "--help"] => {
            print!("{}", fuzz::HELP);
            ExitCode::SUCCESS
        }
        ["fuzz", words @ ..] => match fuzz::fuzz(words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(what) => {
                eprintln!("xtask: {what}");
                ExitCode::FAILURE
            }
        },
        ["help" | "--help"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}

/// Runs the benchmarks; their exit code is this one's.
fn bench(words: &[&str]) -> ExitCode {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--release", "--locked", "--manifest-path", "benches/Cargo.toml", "--"]).args(words);
    let ended = command.current_dir(root()).status();
    let code = ended.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Runs `first`, the exchange with other implementations and `last`, stops at the first failure, and names at the end
/// what was skipped.
fn test(first: &[Step], last: &[Step]) -> ExitCode {
    let mut skipped = Vec::new();
    if !first.is_empty() && !has_strace() {
        skipped.push("xtask: skipped failing system calls: strace is not installed".to_owned());
    }
    if !has_go() {
        skipped.push(format!("xtask: skipped interoperability, Go's sumdb: no go, or not {GO_PACKAGE}"));
    }
    // Among all tests it has run already.
    let go = if first.is_empty() { &GO_STEPS[..] } else { &[] };
    let result = run(first)
        .and_then(|()| if first.is_empty() { Ok(()) } else { apart() })
        .and_then(|()| run(&INTEROP_STEPS))
        .and_then(|()| opentdf::against_the_crate())
        .and_then(|()| opentdf::against_its_program())
        .map(|reason| skipped.extend(reason.map(|reason| unmet("xtest_cli", &reason))))
        .and_then(|()| run(go))
        .and_then(|()| python::against_otdf_python())
        .map(|reason| skipped.extend(reason.map(|reason| unmet("otdf-python", &reason))))
        .and_then(|()| javascript::against_javascript())
        .map(|reason| {
            skipped.extend(reason.map(|reason| unmet("JavaScript", &reason)));
            skipped.iter().for_each(|line| eprintln!("{line}"));
        })
        .and_then(|()| run(last));
    match &result {
        Ok(()) => println!("xtask: all steps that ran passed"),
        Err(what) => eprintln!("xtask: {what} failed"),
    }
    skipped.iter().for_each(|line| eprintln!("{line}"));
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn unmet(what: &str, reason: &str) -> String {
    format!("xtask: skipped interoperability, {what}: {reason}")
}

/// That what is no member of the workspace goes with it: the benchmarks compile, and the fuzzer's versions are those of its lock file. The
/// latter needs a C++ compiler to be built, and is one file around targets that are members.
fn apart() -> Result<(), String> {
    println!("xtask: benchmarks");
    // Built beside the workspace, so that what both need is built once.
    let target = target();
    let beside = [("CARGO_TARGET_DIR", target.as_os_str())];
    run_cargo(&["check", "--manifest-path", "benches/Cargo.toml", "--locked"], beside)?;
    println!("xtask: fuzzer");
    run_cargo(
        &["tree", "--manifest-path", "fuzz/guided/Cargo.toml", "--locked", "--quiet", "--depth", "0"],
        [],
    )
}

fn run(steps: &[Step]) -> Result<(), String> {
    for step in steps {
        println!("xtask: {}", step.name);
        run_cargo(step.arguments, step.variable.map(|(name, value)| (name, OsStr::new(value))))?;
    }
    Ok(())
}

/// Runs cargo at the root of the workspace; the error says what was run.
fn run_cargo<'a>(
    arguments: &[&str],
    variables: impl IntoIterator<Item = (&'a str, &'a OsStr)>,
) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).envs(variables);
    if succeeds(&mut command) { Ok(()) } else { Err(format!("cargo {}", arguments.join(" "))) }
}

fn has_strace() -> bool {
    let mut strace = Command::new("strace");
    succeeds(strace.arg("-V").stdout(Stdio::null()).stderr(Stdio::null()))
}

fn has_go() -> bool {
    let mut go = Command::new("go");
    Path::new(GO_PACKAGE).is_dir() && succeeds(go.arg("version").stdout(Stdio::null()).stderr(Stdio::null()))
}

/// Whether a program can be started at the root of the workspace and ends well.
fn succeeds(command: &mut Command) -> bool {
    command.current_dir(root()).status().is_ok_and(|status| status.success())
}

/// Where cargo puts what it builds, as a path that holds from any folder.
fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let target = root().join(target);
    target.canonicalize().unwrap_or(target)
}

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
