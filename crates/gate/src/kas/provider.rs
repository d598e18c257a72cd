//! The identity provider outside whose tokens are taken, and its keys: fetched when they are needed, kept for a while, fetched
//! anew when a token names one that is not among them, and believed no longer than for an hour.
//!
//! *Absent:* any other trust in what a token brings along, and any copy that outlasts the process.

use attache_accord::Timestamp;
use attache_node::outside::Fetcher;
use attache_rewrap::limits::MAX_KEY_SET_BYTES;
use attache_rewrap::provider::{Expected, KeySet, Named, Untaken, named};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

/// Longest description of a provider, in bytes.
const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// Keys of this age are fetched anew before they are used, in seconds: so long a key counts that the provider took back, where it
/// answers.
pub const RENEWAL_SECONDS: u64 = 600;
/// Keys are believed so long while no newer ones can be had, in seconds.
pub const MAX_AGE_SECONDS: u64 = 3_600;
/// The provider is asked so often at most, in seconds, whatever comes with tokens.
pub const PAUSE_SECONDS: u64 = 60;

/// How often what is fetched, and how long it counts.
#[derive(Debug, Clone, Copy)]
struct Pace {
    renewal: Duration,
    max_age: Duration,
    pause: Duration,
}

const PACE: Pace = Pace {
    renewal: Duration::from_secs(RENEWAL_SECONDS),
    max_age: Duration::from_secs(MAX_AGE_SECONDS),
    pause: Duration::from_secs(PAUSE_SECONDS),
};

type Fetch = Box<dyn Fn() -> Result<KeySet, String> + Send + Sync>;

/// A provider outside.
pub struct Provider {
    expected: Expected,
    fetch: Fetch,
    pace: Pace,
    kept: RwLock<Option<Kept>>,
    /// When it was asked last. Whoever holds this asks.
    asked: Arc<Mutex<Option<Instant>>>,
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
        Self { expected, fetch, pace, kept: RwLock::default(), asked: Arc::default() }
    }

    /// Whom a token names; `None` whatever is wrong with it, and where the keys cannot be had.
    pub(super) async fn named(self: &Arc<Self>, token: &str, now: Timestamp) -> Option<Named> {
        let mut kept = self.kept();
        if kept.as_ref().is_none_or(|kept| kept.since.elapsed() > self.pace.renewal) {
            // Keys that are too old were seen as well: to whoever saw none, they would be the newer ones that are looked for.
            kept = self.renewed(kept).await.filter(|kept| kept.since.elapsed() <= self.pace.max_age);
        }
        let keys = kept.as_ref()?;
        match named(token, &keys.keys, &self.expected, now) {
            Ok(found) => Some(found),
            Err(Untaken::Refused) => None,
            Err(Untaken::UnknownKey) => {
                let renewed = self.renewed(kept).await?;
                named(token, &renewed.keys, &self.expected, now).ok()
            }
        }
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keys newer than those that were `seen`, or those still where none can be had now. Whoever hangs up meanwhile leaves the
    /// question to be finished, or nobody's call would bring an answer where many hang up.
    async fn renewed(self: &Arc<Self>, seen: Option<Kept>) -> Option<Kept> {
        let provider = Arc::clone(self);
        let renewing = async move {
            let asked = Arc::clone(&provider.asked).lock_owned().await;
            provider.renew(seen, asked).await
        };
        tokio::spawn(renewing).await.ok().flatten()
    }

    async fn renew(
        self: Arc<Self>,
        seen: Option<Kept>,
        mut asked: OwnedMutexGuard<Option<Instant>>,
    ) -> Option<Kept> {
        let kept = self.kept();
        let is_newer = kept.as_ref().map(|kept| kept.since) > seen.as_ref().map(|seen| seen.since);
        let is_too_soon = asked.is_some_and(|at| at.elapsed() < self.pace.pause);
        if is_newer || is_too_soon {
            return kept;
        }
        *asked = Some(Instant::now());
        let provider = Arc::clone(&self);
        let fetched = spawn_blocking(move || (provider.fetch)()).await;
        match fetched.unwrap_or_else(|_| Err("the question broke off".to_owned())) {
            Ok(keys) => {
                tracing::info!(keys = keys.count(), "the identity provider's keys were fetched");
                let new = Kept { keys: Arc::new(keys), since: Instant::now() };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(new.clone());
                Some(new)
            }
            Err(reason) => {
                tracing::warn!(reason, "the identity provider's keys cannot be had");
                kept
            }
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
