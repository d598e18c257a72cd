//! Pauses between dials: 1 s, doubling to 60 s, each cut by chance so that nodes do not dial in step.
//!
//! *Absent:* giving up. What is owed stays owed.

use std::time::Duration;

/// First pause, in seconds. Nothing dials the same partner more often.
pub const FIRST_SECONDS: u64 = 1;
/// Longest pause, in seconds.
pub const MAX_SECONDS: u64 = 60;

/// The pauses before one partner.
pub(crate) struct Backoff {
    seconds: u64,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { seconds: FIRST_SECONDS }
    }

    /// The next pause, after a connection that `lasted` so long, greeting included. One that ended at once does not
    /// start the count anew, so that two nodes that cannot agree do not dial every second for ever.
    pub(crate) fn after(&mut self, lasted: Duration) -> Duration {
        if lasted >= Duration::from_secs(MAX_SECONDS) {
            self.seconds = FIRST_SECONDS;
        }
        let pause = Duration::from_secs(self.seconds);
        self.seconds = (self.seconds * 2).min(MAX_SECONDS);
        (pause / 2 + pause.mul_f64(chance() / 2.0)).max(Duration::from_secs(FIRST_SECONDS))
    }
}

/// At random from 0 to 1; without randomness 1, which is only the longer pause.
fn chance() -> f64 {
    let mut bytes = [0; 2];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_never_fall_below_a_second() {
        let mut backoff = Backoff::new();
        for longest in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let pause = backoff.after(Duration::ZERO).as_secs_f64();
            assert!(pause <= f64::from(longest) && pause >= 1.0_f64.max(f64::from(longest) / 2.0), "{pause}");
        }
    }

    #[test]
    fn a_connection_that_lasted_starts_the_count_anew_and_one_that_ended_at_once_does_not() {
        let mut backoff = Backoff::new();
        for _ in 0..9 {
            backoff.after(Duration::from_secs(1));
        }
        assert!(backoff.after(Duration::from_secs(1)) >= Duration::from_secs(30));
        assert!(backoff.after(Duration::from_secs(61)) <= Duration::from_secs(1));
    }
}
