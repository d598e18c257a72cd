//! Progress of long transfers, drawn on the terminal's error stream and nowhere else.
//!
//! *Absent:* drawing where nobody looks: a pipe or a log gets none.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar for a transfer of `total_bytes`.
pub(crate) fn bar(total_bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total_bytes);
    let form = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    // The form is a constant; where it were wrong the plain bar would do.
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar
}
