//! How it is measured: own and peer in turn, five pairs, the median of the pairs' ratios. Two runs of one program on a
//! shared machine differ more than most improvements; the two sides of a pair have the machine in the same state.
//!
//! *Absent:* absolute promises. A figure means something beside its peer's only.

use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Pairs of each workload.
const PAIRS: usize = 5;
/// A run on a disk whose median sync takes longer is void, in milliseconds: contention, not the programs, decides then.
const MAX_SYNC_MILLIS: f64 = 1.0;
/// A ratio may fall to so much of the recorded one.
const TOLERANCE: f64 = 0.8;
/// Syncs whose median is taken.
const SYNCS: usize = 200;

/// How a run ended.
pub enum Outcome {
    Good,
    /// A ratio fell below what was recorded, or a limit was passed.
    Fell,
    /// The disk was too slow.
    Void,
}

/// What has been measured so far.
pub struct Report {
    began: Machine,
    rows: Vec<Value>,
    /// Whether a limit was passed.
    is_over: bool,
}

/// The machine beside the figures.
struct Machine {
    load: String,
    sync_millis: f64,
}

impl Machine {
    fn look() -> Self {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
        Self { load, sync_millis: sync_millis() }
    }

    fn shown(&self) -> Value {
        json!({ "load": self.load, "sync_p50_millis": self.sync_millis })
    }
}

/// The median of appending 4 KiB and syncing it, in the folder where builds go.
fn sync_millis() -> f64 {
    let path = target().join("sync.probe");
    let mut file = File::create(&path).expect("the target folder can be written");
    let mut times: Vec<f64> = (0..SYNCS)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[0xab; 4096]).and_then(|()| file.sync_data()).expect("the disk can be written");
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    drop(fs::remove_file(&path));
    median(&mut times)
}

pub fn target() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    fs::create_dir_all(&folder).expect("the target folder can be made");
    folder
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Report {
    pub fn begin() -> Self {
        let began = Machine::look();
        println!("load {}, sync p50 {:.2} ms", began.load, began.sync_millis);
        Self { began, rows: Vec::new(), is_over: false }
    }

    /// Says that a workload was left out.
    pub fn skip(&mut self, name: &str, reason: &str) {
        println!("{name:<22} skipped: {reason}");
        self.rows.push(json!({ "workload": name, "skipped": reason }));
    }

    /// Runs `own` and `peer` in turn; each gives its throughput in `unit`.
    pub fn pairs(
        &mut self,
        name: &str,
        (unit, goal): (&str, f64),
        mut own: impl FnMut() -> f64,
        mut peer: impl FnMut() -> f64,
    ) {
        // Once each to fill caches.
        own();
        peer();
        let runs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (own(), peer())).collect();
        let mut ratios: Vec<f64> = runs.iter().map(|(own, peer)| own / peer).collect();
        let ratio = median(&mut ratios);
        let side = |pick: fn(&(f64, f64)) -> f64| median(&mut runs.iter().map(pick).collect::<Vec<_>>());
        let (owns, peers) = (side(|run| run.0), side(|run| run.1));
        println!("{name:<22} {owns:>10.2} {peers:>10.2} {unit:<8} ratio {ratio:.2}  (goal {goal:.2})");
        self.rows.push(json!({
            "workload": name,
            "unit": unit,
            "own": runs.iter().map(|run| run.0).collect::<Vec<_>>(),
            "peer": runs.iter().map(|run| run.1).collect::<Vec<_>>(),
            "ratio": ratio,
            "goal": goal,
        }));
    }

    /// Notes a measured value that must stay below a limit, beside which there is no peer.
    pub fn limit(&mut self, name: &str, unit: &str, own: f64, limit: f64) {
        println!("{name:<22} {own:>10.2} {:>10} {unit:<8} limit {limit:.2}", "");
        self.rows.push(json!({ "workload": name, "unit": unit, "own": [own], "limit": limit }));
        self.is_over |= own > limit;
    }

    /// Writes the report, and holds it to what was recorded.
    pub fn end(self, check: bool, record: bool) -> Outcome {
        let ended = Machine::look();
        let path = target().join("bench.json");
        let document =
            json!({ "before": self.began.shown(), "after": ended.shown(), "workloads": self.rows });
        fs::write(&path, format!("{document:#}\n")).expect("the report can be written");
        println!(
            "load {}, sync p50 {:.2} ms; all of it in {}",
            ended.load,
            ended.sync_millis,
            path.display()
        );
        if self.began.sync_millis.max(ended.sync_millis) > MAX_SYNC_MILLIS {
            println!("VOID: a sync took more than {MAX_SYNC_MILLIS} ms; run it again on a quiet machine");
            return Outcome::Void;
        }
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded.json");
        let mut recorded: Map<String, Value> =
            serde_json::from_slice(&fs::read(&kept).expect("recorded.json is there")).expect("it is JSON");
        let mut outcome = if check && self.is_over { Outcome::Fell } else { Outcome::Good };
        for row in &self.rows {
            let (Some(name), Some(ratio)) = (row["workload"].as_str(), row["ratio"].as_f64()) else {
                continue;
            };
            let before = recorded.get(name).and_then(Value::as_f64);
            if check && before.is_some_and(|before| ratio < TOLERANCE * before) {
                println!("FELL: {name} is {ratio:.2}, recorded {:.2}", before.unwrap_or_default());
                outcome = Outcome::Fell;
            }
            if record {
                recorded.insert(name.to_owned(), json!((ratio * 100.0).round() / 100.0));
            }
        }
        if record {
            fs::write(&kept, format!("{:#}\n", Value::Object(recorded)))
                .expect("recorded.json can be written");
        }
        outcome
    }
}
