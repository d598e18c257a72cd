//! Progress of long transfers, drawn on the terminal's error stream and nowhere else.
//!
//! *Absent:* drawing where nobody looks: a pipe or a log gets none.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar for a transfer of `total_bytes`.
pub(crate) fn bar(total_bytes: u64) -> ProgressBar {
    of(total_bytes, "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
}

/// A bar for so many entries of the journal.
pub(crate) fn entries(total: u64) -> ProgressBar {
    of(total, "{bar:40} {pos}/{len} entries {per_sec} {eta}")
}

fn of(total: u64, form: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    // The form is a constant; where it were wrong the plain bar would do.
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar
}
