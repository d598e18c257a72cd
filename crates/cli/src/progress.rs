//! Progress of long work, drawn on the terminal's error stream and nowhere else.
//!
//! *Absent:* drawing where nobody looks: a pipe, a log, and whoever wants JSON get none.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often what has no measure shows that it goes on, in milliseconds.
const BEAT_MILLIS: u64 = 100;
/// Whether nothing is drawn, for the rest of this process.
static IS_SILENT: AtomicBool = AtomicBool::new(false);

/// Draws nothing from here on: a program reads what this process says, or its log goes to the terminal.
pub(crate) fn silence() {
    IS_SILENT.store(true, Ordering::Relaxed);
}

/// Does work of which nobody knows how much is left, and shows meanwhile that it goes on, and since when.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> T {
    waiting("", work)
}

/// The same, and says what is waited for.
pub(crate) fn waiting<T>(text: &'static str, work: impl FnOnce() -> T) -> T {
    let bar = styled(ProgressBar::new_spinner, "{spinner} {msg} {elapsed}").with_message(text);
    bar.tick();
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(BEAT_MILLIS));
    }
    let done = work();
    bar.finish_and_clear();
    done
}

/// A bar for a transfer of `total_bytes`.
pub(crate) fn bar(total_bytes: u64) -> ProgressBar {
    of(total_bytes, "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
}

/// A bar for so many entries of the journal.
pub(crate) fn entries(total: u64) -> ProgressBar {
    of(total, "{bar:40} {pos}/{len} entries {per_sec} {eta}")
}

fn of(total: u64, form: &str) -> ProgressBar {
    styled(|| ProgressBar::new(total), form)
}

fn styled(bar: impl FnOnce() -> ProgressBar, form: &str) -> ProgressBar {
    if IS_SILENT.load(Ordering::Relaxed) || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = bar();
    // The form is a constant; where it were wrong the plain bar would do.
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar
}
