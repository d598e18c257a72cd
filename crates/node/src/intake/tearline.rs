//! The tearline: a line of its own in a report, below which stands the part that the originator lets others have.
//!
//! *Absent:* any judgement of what stands below it.

/// The line, exactly, with LF or CRLF behind it.
pub const TEARLINE: &str = "=== TEARLINE ===";

/// Looks for the line in a stream.
#[derive(Default)]
pub(super) struct Tearline {
    /// The line so far, as long as it may still be the tearline.
    line: Vec<u8>,
    is_passed: bool,
}

impl Tearline {
    /// Whether the line has gone by.
    pub(super) fn is_passed(&self) -> bool {
        self.is_passed
    }

    /// The part of `bytes` that stands below the line.
    pub(super) fn pass<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.is_passed {
            return bytes;
        }
        for (at, byte) in bytes.iter().enumerate() {
            if *byte != b'\n' {
                // One byte more than the line with its carriage return is enough to tell that it is another.
                if self.line.len() <= TEARLINE.len() + 1 {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
            self.is_passed = line == TEARLINE.as_bytes();
            self.line.clear();
            if self.is_passed {
                return bytes.get(at + 1..).unwrap_or_default();
            }
        }
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(report: &[u8], piece: usize) -> Option<Vec<u8>> {
        let mut tearline = Tearline::default();
        let kept: Vec<u8> =
            report.chunks(piece).flat_map(|part| tearline.pass(part).to_vec()).collect::<Vec<_>>();
        tearline.is_passed().then_some(kept)
    }

    #[test]
    fn only_what_stands_below_the_line_goes_on_however_the_report_is_cut() {
        for report in ["source\n=== TEARLINE ===\nbelow\n", "source\r\n=== TEARLINE ===\r\nbelow\n"] {
            for piece in 1..report.len() {
                assert_eq!(below(report.as_bytes(), piece).unwrap(), b"below\n", "pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_line_that_only_looks_like_the_tearline_is_none() {
        for report in
            ["x=== TEARLINE ===\nb", "=== TEARLINE === \nb", "=== TEARLINE ===", "=== TEARLINE ===\r\r\nb"]
        {
            assert_eq!(below(report.as_bytes(), 3), None, "{report:?}");
        }
    }
}
