//! A civil day, as agreements count them: notice periods and terms run in days of one fixed offset from Greenwich.
//!
//! *Absent:* hours, and time zones whose offset changes.

use crate::party::Malformed;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

const DAY_MILLIS: u64 = 86_400_000;
const HOUR_MILLIS: u64 = 3_600_000;

/// A day of the proleptic Gregorian calendar from 1970-01-01 on, counted from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct CivilDay(#[n(0)] u64);

impl CivilDay {
    /// The day in which the end of time lies.
    pub const END: Self = Self(u64::MAX / DAY_MILLIS);

    /// The day that it is at `at`, `offset_hours` east of Greenwich.
    pub fn of(at: Timestamp, offset_hours: u8) -> Self {
        Self(at.0.saturating_add(u64::from(offset_hours) * HOUR_MILLIS) / DAY_MILLIS)
    }

    /// Its first moment, `offset_hours` east of Greenwich. The day before ends then.
    pub fn start(self, offset_hours: u8) -> Timestamp {
        Timestamp((self.0.saturating_mul(DAY_MILLIS)).saturating_sub(u64::from(offset_hours) * HOUR_MILLIS))
    }

    /// So many days later, saturating at the end of time.
    pub fn plus_days(self, days: u64) -> Self {
        Self(self.0.saturating_add(days).min(Self::END.0))
    }

    /// So many days earlier, 1970-01-01 at the earliest.
    pub fn minus_days(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// How many days this is after `other`; 0 where it is not after it.
    pub fn days_after(self, other: Self) -> u64 {
        self.0.saturating_sub(other.0)
    }

    /// The same day so many years later; 1 March for 29 February of a year that has none.
    pub fn plus_years(self, years: u64) -> Self {
        let (year, month, day) = self.start(0).civil_date(0);
        let year = u64::try_from(year).unwrap_or_default().saturating_add(years);
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let (month, day) = if (month, day) == (2, 29) && !is_leap { (3, 1) } else { (month, day) };
        // A date that exists, within the four digits that can be written: anything later is the end of time.
        format!("{year:04}-{month:02}-{day:02}").parse().unwrap_or(Self::END)
    }
}

impl fmt::Display for CivilDay {
    /// `2019-08-24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.start(0).civil_date(0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for CivilDay {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let time = (text.len() == 10).then(|| text.parse::<Timestamp>().ok()).flatten();
        time.map(|at| Self::of(at, 0)).ok_or_else(|| Malformed::new("day", "a date such as 2019-08-24", text))
    }
}
