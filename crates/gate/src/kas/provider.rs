//! The identity provider outside whose tokens are taken, and its keys: fetched when they are needed, kept for a while, fetched
//! anew when a token names one that is not among them, and believed no longer than for an hour. One question at a time is under way, by
//! itself: calls wait for it for a while and then go on with the keys that are known.
//!
//! *Absent:* any other trust in what a token brings along, and any copy that outlasts the process.

use attache_accord::Timestamp;
use attache_node::outside::Fetcher;
use attache_rewrap::limits::MAX_KEY_SET_BYTES;
use attache_rewrap::provider::{Expected, KeySet, Named, Untaken, named};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Longest description of a provider, in bytes.
const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// Keys of this age are fetched anew before they are used, in seconds: so long a key counts that the provider took back, where it
/// answers.
pub const RENEWAL_SECONDS: u64 = 600;
/// Keys are believed so long while no newer ones can be had, in seconds.
pub const MAX_AGE_SECONDS: u64 = 3_600;
/// The provider is asked so often at most, in seconds, whatever comes with tokens.
pub const PAUSE_SECONDS: u64 = 60;
/// Calls wait so long at most for a question that is under way, from when it was asked, where keys are known with which they go on, in
/// seconds.
pub const RENEWAL_WAIT_SECONDS: u64 = 2;
/// The same where no key is known that would do, in seconds.
pub const WAIT_SECONDS: u64 = 10;

/// How often what is fetched, how long it counts, and how long it is waited for.
#[derive(Debug, Clone, Copy)]
struct Pace {
    renewal: Duration,
    max_age: Duration,
    pause: Duration,
    renewal_wait: Duration,
    wait: Duration,
}

const PACE: Pace = Pace {
    renewal: Duration::from_secs(RENEWAL_SECONDS),
    max_age: Duration::from_secs(MAX_AGE_SECONDS),
    pause: Duration::from_secs(PAUSE_SECONDS),
    renewal_wait: Duration::from_secs(RENEWAL_WAIT_SECONDS),
    wait: Duration::from_secs(WAIT_SECONDS),
};

type Fetch = Box<dyn Fn() -> Result<KeySet, String> + Send + Sync>;

/// A provider outside.
pub struct Provider {
    expected: Expected,
    fetch: Fetch,
    pace: Pace,
    kept: RwLock<Option<Kept>>,
    /// The question that was asked last.
    asked: Mutex<Option<Asked>>,
}

#[derive(Clone)]
struct Asked {
    at: Instant,
    /// Closed at its end.
    under_way: watch::Receiver<()>,
}

#[derive(Clone)]
struct Kept {
    keys: Arc<KeySet>,
    since: Instant,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.expected.issuer)
    }
}

impl Provider {
    /// A provider whose tokens are to be what is `expected`, and whose keys `fetcher` can fetch.
    pub fn new(expected: Expected, fetcher: Fetcher) -> Self {
        let of = expected.clone();
        Self::paced(expected, Box::new(move || fetched(&fetcher, &of)), PACE)
    }

    fn paced(expected: Expected, fetch: Fetch, pace: Pace) -> Self {
        Self { expected, fetch, pace, kept: RwLock::default(), asked: Mutex::default() }
    }

    /// Whom a token names; `None` whatever is wrong with it, and where the keys cannot be had.
    pub(super) async fn named(self: &Arc<Self>, token: &str, now: Timestamp) -> Option<Named> {
        let mut kept = self.kept();
        if kept.as_ref().is_none_or(|kept| kept.since.elapsed() > self.pace.renewal) {
            let still_counts = |kept: &Kept| kept.since.elapsed() <= self.pace.max_age;
            let wait =
                if kept.as_ref().is_some_and(still_counts) { self.pace.renewal_wait } else { self.pace.wait };
            // Keys that are too old were seen as well: to whoever saw none, they would be the newer ones that are looked for.
            kept = self.renewed(kept, wait).await.filter(still_counts);
        }
        let keys = kept.as_ref()?;
        match named(token, &keys.keys, &self.expected, now) {
            Ok(found) => Some(found),
            Err(Untaken::Refused) => None,
            Err(Untaken::UnknownKey) => {
                let renewed = self.renewed(kept, self.pace.wait).await?;
                named(token, &renewed.keys, &self.expected, now).ok()
            }
        }
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keys newer than those that were `seen`, or those still where none came within `wait` of the question.
    async fn renewed(self: &Arc<Self>, seen: Option<Kept>, wait: Duration) -> Option<Kept> {
        if let Some(mut asked) = self.asked(seen.as_ref()) {
            let _ = timeout(wait.saturating_sub(asked.at.elapsed()), asked.under_way.changed()).await;
        }
        self.kept()
    }

    /// The question that is under way, begun here where it is time; `None` where there is nothing to wait for. It goes on by itself:
    /// whoever hangs up takes its answer from nobody.
    fn asked(self: &Arc<Self>, seen: Option<&Kept>) -> Option<Asked> {
        let mut last = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if self.kept().map(|kept| kept.since) > seen.map(|seen| seen.since) {
            return None;
        }
        if let Some(asked) = &*last {
            if asked.under_way.has_changed().is_ok() {
                return Some(asked.clone());
            }
            if asked.at.elapsed() < self.pace.pause {
                return None;
            }
        }
        let (ends, under_way) = watch::channel(());
        let provider = Arc::clone(self);
        spawn_blocking(move || {
            provider.renew();
            drop(ends);
        });
        Some(last.insert(Asked { at: Instant::now(), under_way }).clone())
    }

    fn renew(&self) {
        match (self.fetch)() {
            Ok(keys) => {
                tracing::info!(keys = keys.count(), "the identity provider's keys were fetched");
                let new = Kept { keys: Arc::new(keys), since: Instant::now() };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(new);
            }
            Err(reason) => tracing::warn!(reason, "the identity provider's keys cannot be had"),
        }
    }
}

/// The keys of a provider as it has them now. Waits for them.
///
/// # Errors
/// What is wrong, in words.
pub fn fetched(fetcher: &Fetcher, expected: &Expected) -> Result<KeySet, String> {
    let document = fetcher.fetch(&expected.discovery(), MAX_DOCUMENT_BYTES)?;
    let address = expected.keys_address(&document);
    let address = address.ok_or("its description names another issuer, or keys that lie elsewhere")?;
    let keys = fetcher.fetch(&address, MAX_KEY_SET_BYTES)?;
    KeySet::read(&keys)
        .ok_or_else(|| "its keys are no set of keys with one to verify RS256, PS256 or ES256 by".to_owned())
}

#[cfg(test)]
mod tests;
