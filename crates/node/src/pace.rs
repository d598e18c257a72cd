//! A pace: how often somebody may ask. So many requests in a row, and then so many a minute.
//!
//! *Absent:* who asks, and what is said to whoever asks too often.

use attache_accord::Timestamp;

/// What a request costs, in units of which a minute brings so many for each request that it allows.
const COST: u64 = 60_000;

/// How often one may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Requests in a row.
    pub in_a_row: u32,
    /// Requests a minute, for long.
    pub per_minute: u32,
}

/// How often one has asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paced {
    left: u64,
    at: Timestamp,
}

impl Pace {
    /// Someone who has not asked yet.
    pub fn rested(&self, now: Timestamp) -> Paced {
        Paced { left: self.most(), at: now }
    }

    /// Whether `asker` may ask once more at `now`; it has then asked.
    pub fn allows(&self, asker: &mut Paced, now: Timestamp) -> bool {
        asker.left = self.left(asker, now);
        // A clock that was set back brings nothing, and takes nothing away.
        asker.at = now;
        let Some(left) = asker.left.checked_sub(COST) else { return false };
        asker.left = left;
        true
    }

    /// What `asker` was answered took as much work as `more` requests besides the one that was allowed.
    pub fn charge(&self, asker: &mut Paced, more: u32) {
        asker.left = asker.left.saturating_sub(u64::from(more).saturating_mul(COST));
    }

    /// Whether `asker` may ask as often as one who never did.
    pub fn is_rested(&self, asker: &Paced, now: Timestamp) -> bool {
        self.left(asker, now) == self.most()
    }

    fn left(&self, asker: &Paced, now: Timestamp) -> u64 {
        let since = now.0.saturating_sub(asker.at.0);
        asker.left.saturating_add(since.saturating_mul(u64::from(self.per_minute))).min(self.most())
    }

    fn most(&self) -> u64 {
        u64::from(self.in_a_row) * COST
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use attache_accord::Timestamp;

    #[test]
    fn so_many_in_a_row_and_then_so_many_a_minute() {
        let pace = Pace { in_a_row: 3, per_minute: 2 };
        let mut asker = pace.rested(Timestamp(1_000));
        let answers = |asker: &mut _, at| [(); 4].map(|()| pace.allows(asker, Timestamp(at)));
        assert_eq!(answers(&mut asker, 1_000), [true, true, true, false]);
        assert_eq!(answers(&mut asker, 30_999), [false; 4]);
        assert!(pace.allows(&mut asker, Timestamp(31_000)), "half a minute later");
        assert!(!pace.is_rested(&asker, Timestamp(120_999)));
        assert!(pace.is_rested(&asker, Timestamp(121_000)));
        assert_eq!(answers(&mut asker, 999_000), [true, true, true, false], "rest adds up to no more");
        assert!(!pace.allows(&mut asker, Timestamp(1)), "a clock that was set back brings nothing");
        assert!(pace.allows(&mut asker, Timestamp(30_001)), "and it goes on from there");
    }

    #[test]
    fn what_takes_more_work_counts_as_more_requests() {
        let pace = Pace { in_a_row: 5, per_minute: 2 };
        let mut asker = pace.rested(Timestamp(1_000));
        assert!(pace.allows(&mut asker, Timestamp(1_000)));
        pace.charge(&mut asker, 3);
        assert!(pace.allows(&mut asker, Timestamp(1_000)));
        assert!(!pace.allows(&mut asker, Timestamp(1_000)));
        // Nobody owes more than all.
        pace.charge(&mut asker, u32::MAX);
        assert!(pace.allows(&mut asker, Timestamp(31_000)));
    }
}
