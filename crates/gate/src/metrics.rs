//! What is counted, in the text form of Prometheus. Names of people, partners and items are never labels.
//!
//! *Absent:* anything per document.

use crate::gate::Gate;
use attache_accord::Timestamp;
use attache_node::link::State as LinkState;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 8] = [0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Counters of one gate.
#[derive(Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// By method, route and status. Methods and routes are the table's, so there are few.
    requests: BTreeMap<(&'static str, String, u16), u64>,
    buckets: [u64; BUCKETS.len()],
    seconds: f64,
    count: u64,
}

/// All metrics as text.
pub(crate) fn text(gate: &Gate) -> String {
    let mut out = String::new();
    let view = gate.office().view.read();
    let now = gate.now();
    gauge(&mut out, "attache_journal_entries", "Entries in the journal.", view.size);
    head(&mut out, "attache_dispatches", "gauge", "Dispatches sent, by progress.");
    for (state, number) in
        ["owed", "stored", "declined", "receipted"].into_iter().zip(view.dispatches.counts())
    {
        let _ = writeln!(out, "attache_dispatches{{progress=\"{state}\"}} {number}");
    }
    let late = view.dispatches.late(now).count() as u64;
    gauge(&mut out, "attache_receipts_overdue", "Receipts that are due and not here.", late);
    let waiting = view.items.arrivals().count() as u64;
    gauge(&mut out, "attache_arrivals_waiting", "Arrivals that wait for a desk officer.", waiting);
    let stopped = view.peers.keys().filter(|node| view.logs.is_stopped(node)).count() as u64;
    gauge(
        &mut out,
        "attache_logs_stopped",
        "Partners' logs that showed two histories and are not believed.",
        stopped,
    );
    drop(view);
    logs(&mut out, gate, now);
    gauge(&mut out, "attache_sessions", "People signed in.", gate.sessions.count(now) as u64);
    let links = gate.link.as_ref().map(|link| link.status()).unwrap_or_default();
    let up = links.iter().filter(|peer| peer.state == LinkState::Connected).count() as u64;
    gauge(&mut out, "attache_link_partners", "Partners to be reached.", links.len() as u64);
    gauge(&mut out, "attache_link_connected", "Partners greeted.", up);
    gate.metrics.write(&mut out);
    out
}

/// How the log stands. What cannot be read is left out, as it is while a node has published nothing.
fn logs(out: &mut String, gate: &Gate, now: Timestamp) {
    let Ok(standing) = gate.office().logs() else { return };
    gauge(
        out,
        "attache_log_published_entries",
        "Entries that the last checkpoint counts.",
        standing.published,
    );
    if let Some(at) = standing.published_at {
        let age = now.0.saturating_sub(at.0) / 1000;
        gauge(out, "attache_log_checkpoint_age_seconds", "Age of the last checkpoint of this run.", age);
    }
    let (mut behind, mut oldest) = (0, None);
    for cosigned in standing.cosigned() {
        behind += u64::from(cosigned.map_or(0, |cosigned| cosigned.size) < standing.published);
        oldest = oldest.max(cosigned.map(|cosigned| now.0.saturating_sub(cosigned.at.0) / 1000));
    }
    let help = "Witnesses whose cosignature of the last checkpoint is missing.";
    gauge(out, "attache_log_cosignatures_missing", help, behind);
    if let Some(age) = oldest {
        gauge(
            out,
            "attache_log_cosignature_age_seconds",
            "Age of the oldest witness's last cosignature.",
            age,
        );
    }
}

impl Metrics {
    /// Counts a request to a route of the table, and the time until its answer began.
    pub(crate) fn count(&self, method: &'static str, route: &str, status: u16, seconds: f64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.requests.entry((method, route.to_owned(), status)).or_default() += 1;
        for (bound, bucket) in BUCKETS.iter().zip(counts.buckets.iter_mut()) {
            *bucket += u64::from(seconds <= *bound);
        }
        counts.seconds += seconds;
        counts.count += 1;
    }

    fn write(&self, out: &mut String) {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        head(out, "attache_requests_total", "counter", "Requests of people, by route and status.");
        for ((method, route, status), number) in &counts.requests {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let _ = writeln!(out, "attache_requests_total{{{labels}}} {number}");
        }
        head(out, "attache_request_seconds", "histogram", "Time until an answer begins.");
        for (bound, number) in BUCKETS.iter().zip(counts.buckets) {
            let _ = writeln!(out, "attache_request_seconds_bucket{{le=\"{bound}\"}} {number}");
        }
        let _ = writeln!(out, "attache_request_seconds_bucket{{le=\"+Inf\"}} {}", counts.count);
        let _ = writeln!(out, "attache_request_seconds_sum {}", counts.seconds);
        let _ = writeln!(out, "attache_request_seconds_count {}", counts.count);
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: u64) {
    head(out, name, "gauge", help);
    let _ = writeln!(out, "{name} {value}");
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
