//! When. A point in time as whole milliseconds, always given by the caller.
//!
//! *Absent:* any way to ask what time it is, and time zones other than a fixed offset.

use crate::party::Malformed;
use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub u64);

impl Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// This point `hours` later, saturating at the end of time.
    pub fn plus_hours(self, hours: u64) -> Self {
        self.plus_millis(hours.saturating_mul(3_600_000))
    }

    /// This point `millis` later, saturating at the end of time.
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This point `millis` earlier, saturating at 1970.
    pub fn minus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// The civil date (year, month, day) of this point at `offset_hours` east of Greenwich.
    pub fn civil_date(self, offset_hours: u8) -> (i64, u8, u8) {
        civil_from_days((self.seconds() / 3600).saturating_add(u64::from(offset_hours)) / 24)
    }
}

/// Days since 1970-01-01 to the proleptic Gregorian date (year, month, day).
fn civil_from_days(days: u64) -> (i64, u8, u8) {
    // Years start on 1 March here, so that the leap day is the last of its year.
    let shifted = days.saturating_add(719_468);
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (i64::try_from(year).unwrap_or(i64::MAX), month as u8, day as u8)
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil_date(0);
        let in_day = self.0 % 86_400_000;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
            in_day / 3_600_000,
            in_day / 60_000 % 60,
            in_day / 1000 % 60,
            in_day % 1000
        )
    }
}

impl FromStr for Timestamp {
    type Err = Malformed;

    /// Reads RFC 3339 in UTC with or without milliseconds (`2026-11-23T09:00:00Z`), or a date alone, which means its
    /// midnight in UTC.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let whole = match text.len() {
            10 => format!("{text}T00:00:00.000Z"),
            20 => format!("{}.000Z", text.get(..19).unwrap_or_default()),
            _ => text.to_owned(),
        };
        let malformed = || Malformed::new("time", "RFC 3339 in UTC, such as 2026-11-23T09:00:00Z", text);
        // What is no date comes out as another text, or as none.
        let time = read(&whole).filter(|time| time.to_string() == whole && text.len() <= whole.len());
        let ends_in_utc = text.len() == 10 || text.ends_with('Z');
        time.filter(|_| ends_in_utc).ok_or_else(malformed)
    }
}

/// The fields of `YYYY-MM-DDTHH:MM:SS.mmmZ`, from 1970 on, not yet checked for a date that exists.
fn read(text: &str) -> Option<Timestamp> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second, millis) = (number(11..13)?, number(14..16)?, number(17..19)?, number(20..23)?);
    // Days since 1970, years from March on so that the leap day is the last.
    let shifted_year = if month > 2 { year } else { year.checked_sub(1)? };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let days = 365 * shifted_year + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + day_of_year;
    let seconds = days.checked_sub(719_468)? * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp(seconds * 1_000 + millis))
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
