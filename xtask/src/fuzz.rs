//! The fuzz targets under libFuzzer, guided by coverage, on the ordinary stable toolchain: the counters are put in by LLVM's
//! own pass, so that no sanitizer and no nightly is needed.
//!
//! *Absent:* the targets; they stand in `fuzz/` and the ordinary tests run them too.

use crate::root;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

pub const HELP: &str = "\
Usage: cargo xtask fuzz [TARGET] [--seconds N]

Runs one target, or one after the other, each for N seconds (60). What is found stands in target/fuzz-found; put it into
fuzz/corpus/TARGET under a name that says what it is, and mend what it broke. Needs a C++ compiler.
";

/// How long each target runs, in seconds, where nothing else is said.
const SECONDS: u64 = 60;
/// Longest input, in bytes.
const MAX_INPUT_BYTES: u32 = 256 * 1024;
/// Most memory that a target may need, in MiB.
const MAX_MEMORY_MIB: u32 = 1024;
/// Longest time that one input may take, in seconds.
const MAX_INPUT_SECONDS: u32 = 20;

/// What `cargo fuzz --sanitizer none` passes, all of it stable.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Runs what the words ask for.
///
/// # Errors
/// Says what failed, or how it is used.
pub fn fuzz(words: &[&str]) -> Result<(), String> {
    let (only, seconds) = read(words).ok_or_else(|| HELP.to_owned())?;
    let all = targets()?;
    let chosen: Vec<String> =
        all.iter().filter(|name| only.is_none_or(|only| only == *name)).cloned().collect();
    if chosen.is_empty() {
        return Err(format!("TARGET: one of {}", all.join(", ")));
    }
    let program = build()?;
    let broken: Vec<String> = chosen.into_iter().filter(|name| !run(&program, name, seconds)).collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("broken promises: {}", broken.join(", "))) }
}

fn read<'a>(words: &[&'a str]) -> Option<(Option<&'a str>, u64)> {
    match words {
        [] => Some((None, SECONDS)),
        ["--seconds", number] => Some((None, number.parse().ok()?)),
        [name] if !name.starts_with('-') => Some((Some(*name), SECONDS)),
        [name, "--seconds", number] => Some((Some(*name), number.parse().ok()?)),
        _ => None,
    }
}

/// The targets, each of which has a folder in the corpus.
fn targets() -> Result<Vec<String>, String> {
    let corpus = root().join("fuzz/corpus");
    let listed = fs::read_dir(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let mut names: Vec<String> =
        listed.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn target_folder() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target")))
}

/// Builds all targets into one program. With a triple named, build scripts and macros are built without counters.
fn build() -> Result<PathBuf, String> {
    let host = host()?;
    let folder = target_folder().join("fuzz-guided");
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--locked", "--manifest-path", "fuzz/guided/Cargo.toml"]);
    command.args(["--target", &host, "--target-dir"]).arg(&folder);
    command.env("RUSTFLAGS", COVERAGE).current_dir(root());
    match command.status() {
        Ok(status) if status.success() => Ok(folder.join(host).join("release").join("attache-fuzz-guided")),
        _ => Err("fuzz/guided could not be built".to_owned()),
    }
}

fn host() -> Result<String, String> {
    let asked = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc -vV: {error}"))?;
    let told = String::from_utf8_lossy(&asked.stdout).into_owned();
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

/// Whether a target kept its promises. What it learnt stays under the target folder, and helps the next time.
fn run(program: &PathBuf, name: &str, seconds: u64) -> bool {
    println!("xtask: fuzz {name} for {seconds} s");
    let learnt = target_folder().join("fuzz-learnt").join(name);
    let found = target_folder().join("fuzz-found");
    for folder in [&learnt, &found] {
        if let Err(error) = fs::create_dir_all(folder) {
            eprintln!("xtask: {}: {error}", folder.display());
            return false;
        }
    }
    let mut command = Command::new(program);
    command.env("ATTACHE_FUZZ", name).current_dir(root());
    command.arg(&learnt).arg(root().join("fuzz/corpus").join(name));
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-max_len={MAX_INPUT_BYTES}"));
    command.arg(format!("-rss_limit_mb={MAX_MEMORY_MIB}"));
    command.arg(format!("-timeout={MAX_INPUT_SECONDS}"));
    command.arg(format!("-artifact_prefix={}/{name}-", found.display()));
    command.args(["-print_final_stats=1", "-verbosity=0"]);
    command.status().is_ok_and(|status| status.success())
}
