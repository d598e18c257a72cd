//! Benchmarks of Attaché's own work against peers that do the same, in pairs.
//!
//! *Absent:* the product's code. What is timed is its public interface, as the node uses it.

mod append;
mod bulk;
mod decide;
mod evidence;
mod exchange;
mod handshake;
mod history;
mod measure;
mod openings;
mod oversight;
mod restart;
mod rewrap;
mod server;
mod small;
mod transfer;
mod world;

use measure::{Outcome, Report};
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask bench [--check | --record] [WORKLOAD...]

Workloads:
  B1   1 GiB sealed and opened, against age
  B2   objects of 1 KiB created and read, against the opentdf crate
  B3   256 MiB from node to node, against bare HTTP/2 under the same TLS
  B4   documents of 1 KiB from decision to receipt, one at a time and (B5) 64 outstanding, against PostgreSQL
  B6   20,000 questions under 4, 100 and 1,000 policies, against plain Cedar and regorus
  B10  evidence of a million leaves verified, against its hashes and signatures alone
  B11  handshakes, against the bare TLS library
  B12  a node with a million registered items killed and started, against PostgreSQL
  B13  memory that 4 GiB from node to node take
  log-append  acts durable and cosigned by a witness, against SQLite in groups of 32 rows
  rewrap   keys ruled on, recorded, opened and wrapped for clients, 64 outstanding, against the primitives alone
  B14  openings with the originator's live consent, against openings without
  report  reports to oversight on 100,000 and a million acts

  --check    fail where a ratio is below 0.8 of the recorded one
  --record   keep the ratios of this run in benches/recorded.json

Exit codes: 0 done, 1 a ratio fell, 2 wrong command, 3 void: the disk was too slow for the figures to mean anything.
";

/// A workload adds its figures to the report.
type Run = fn(&mut Report);

const WORKLOADS: [(&str, Run); 13] = [
    ("B1", bulk::run),
    ("B2", small::run),
    ("B3", transfer::run),
    ("B4", exchange::run),
    ("B6", decide::run),
    ("B10", evidence::run),
    ("B11", handshake::run),
    ("B12", restart::run),
    ("B13", transfer::run_memory),
    ("B14", openings::run),
    ("report", oversight::run),
    ("log-append", append::run),
    ("rewrap", rewrap::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        // One side of a pair, as a process of its own.
        ["work", "restart", folder] => return restart::work(folder),
        ["work", "register", folder, items] => return restart::work_register(folder, items),
        ["work", "report", folder, acts] => return oversight::work(folder, acts),
        ["work", "memory"] => return transfer::work(),
        ["work", work @ ..] => return bulk::work(work),
        ["help" | "--help"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let (flags, wanted): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with("--"));
    if wanted.iter().any(|name| !WORKLOADS.iter().any(|(known, _)| known == name))
        || flags.iter().any(|flag| !["--check", "--record"].contains(flag))
    {
        eprint!("{HELP}");
        return ExitCode::from(2);
    }
    let mut report = Report::begin();
    for (name, run) in WORKLOADS {
        if wanted.is_empty() || wanted.contains(&name) {
            run(&mut report);
        }
    }
    match report.end(flags.contains(&"--check"), flags.contains(&"--record")) {
        Outcome::Good => ExitCode::SUCCESS,
        Outcome::Fell => ExitCode::FAILURE,
        Outcome::Void => ExitCode::from(3),
    }
}
