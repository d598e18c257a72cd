//! The project's own tasks: `cargo xtask test` is the one command that checks everything.
//!
//! *Absent:* anything that the product needs at run time.

use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask <TASK>

Tasks:
  test          format, lints, documentation and all tests
  test --long   the same, then the tests that take longer
  help          this text

Needs: the Rust toolchain with rustfmt and clippy, and a C compiler.
";

/// One step: what it is called and the cargo arguments that do it.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    /// An environment variable to set.
    variable: Option<(&'static str, &'static str)>,
}

const STEPS: [Step; 4] = [
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
    Step {
        name: "documentation",
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        variable: Some(("RUSTDOCFLAGS", "-D warnings")),
    },
];

const LONG_STEPS: [Step; 1] = [Step {
    name: "long tests",
    arguments: &["test", "--workspace", "--all-features", "--locked", "--release", "--", "--include-ignored"],
    variable: None,
}];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => run(&STEPS),
        ["test", "--long"] => match run(&STEPS) {
            ExitCode::SUCCESS => run(&LONG_STEPS),
            failure => failure,
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

/// Runs the steps in order and stops at the first that fails.
fn run(steps: &[Step]) -> ExitCode {
    for (number, step) in steps.iter().enumerate() {
        println!("xtask: {} ({} of {})", step.name, number + 1, steps.len());
        let mut command = Command::new(env!("CARGO"));
        command.args(step.arguments);
        if let Some((name, value)) = step.variable {
            command.env(name, value);
        }
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(status) => {
                eprintln!("xtask: {} failed: cargo {} ({status})", step.name, step.arguments.join(" "));
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("xtask: cargo cannot be started: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("xtask: all {} steps passed", steps.len());
    ExitCode::SUCCESS
}
