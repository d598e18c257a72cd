//! `xs:dateTime`, from the milliseconds of this software and back.
//!
//! *Absent:* years before 1970, and leap seconds.

use super::StanagError;
use attache_accord::Timestamp;

/// Largest offset of a time zone, in minutes (XML Schema part 2, 3.2.7).
const MAX_OFFSET_MINUTES: u64 = 14 * 60;

/// Reads a date and time; one without a time zone is taken for UTC, with a remark.
pub(super) fn read(
    what: &'static str,
    text: &str,
    remarks: &mut Vec<String>,
) -> Result<Timestamp, StanagError> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let found = parse(text);
    // In another zone the last year that has four digits may end earlier.
    let found = found.filter(|(at, _)| at.to_string().len() == "2026-11-23T00:00:00.000Z".len());
    let (at, has_zone) =
        found.ok_or_else(|| StanagError::value(what, "a date and time of XML Schema since 1970", text))?;
    if !has_zone {
        remarks.push(format!("{what} has no time zone and is taken for UTC"));
    }
    Ok(at)
}

/// The moment, and whether the text names its zone. What is finer than a millisecond is cut off.
fn parse(text: &str) -> Option<(Timestamp, bool)> {
    let (head, rest) = text.split_at_checked(19)?;
    let local: Timestamp = format!("{head}Z").parse().ok()?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, zone) = rest.split_at(end);
            if digits.is_empty() {
                return None;
            }
            (digits, zone)
        }
    };
    let millis = format!("{fraction:0<3}").get(..3)?.parse::<u64>().ok()?;
    let local = local.0.checked_add(millis)?;
    match zone.as_bytes() {
        [] => Some((Timestamp(local), false)),
        [b'Z'] => Some((Timestamp(local), true)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(|d| d.is_ascii_digit()) =>
        {
            let digit = |d: &u8| u64::from(d - b'0');
            let minutes = digit(m1) * 10 + digit(m2);
            let offset = (digit(h1) * 10 + digit(h2)) * 60 + minutes;
            if minutes > 59 || offset > MAX_OFFSET_MINUTES {
                return None;
            }
            let offset = offset * 60_000;
            // East of Greenwich the clock is ahead.
            let at = if *sign == b'+' { local.checked_sub(offset) } else { local.checked_add(offset) };
            Some((Timestamp(at?), true))
        }
        _ => None,
    }
}
