#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

const TOKENS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/rewrap/tokens.json"));
const LONG: Duration = Duration::from_secs(3_600);

/// A provider whose keys are given by how often they were asked for before, and the count.
fn provider(
    pace: Pace,
    keys: impl Fn(usize) -> Result<KeySet, String> + Send + Sync + 'static,
) -> (Arc<Provider>, Arc<AtomicUsize>) {
    let file: Value = serde_json::from_str(TOKENS).unwrap();
    let text = |name: &str| file[name].as_str().unwrap().to_owned();
    let (issuer, audience, claim) = (text("issuer"), text("audience"), text("claim"));
    let expected = Expected { issuer, audience, claim, takes_bearer: false };
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let fetch = Box::new(move || keys(counted.fetch_add(1, Ordering::SeqCst)));
    (Arc::new(Provider::paced(expected, fetch, pace)), count)
}

fn token(name: &str) -> (String, Timestamp) {
    let file: Value = serde_json::from_str(TOKENS).unwrap();
    let case = file["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    (case["token"].as_str().unwrap().to_owned(), Timestamp(file["now_seconds"].as_u64().unwrap() * 1000))
}

/// The keys of the vectors, the one named `rsa` under another name.
fn keys(rsa: &str) -> Result<KeySet, String> {
    let mut file: Value = serde_json::from_str(TOKENS).unwrap();
    file["keys"]["keys"][0]["kid"] = json!(rsa);
    Ok(KeySet::read(file["keys"].to_string().as_bytes()).unwrap())
}

/// Has what is kept be older by so much.
fn age(provider: &Provider, by: Duration) {
    let mut kept = provider.kept.write().unwrap();
    let kept = kept.as_mut().unwrap();
    kept.since = kept.since.checked_sub(by).unwrap();
}

#[tokio::test]
async fn keys_are_asked_for_once_and_kept() {
    let (provider, count) = provider(PACE, |_| keys("rsa"));
    let (token, now) = token("RS256");
    for _ in 0..3 {
        assert_eq!(provider.named(&token, now).await.unwrap().person, "analyst-1");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_provider_that_changed_its_key_is_asked_again() {
    let pace = Pace { renewal: LONG, max_age: LONG, pause: Duration::ZERO, ..PACE };
    let (provider, count) = provider(pace, |before| keys(if before == 0 { "rsa" } else { "next" }));
    let (next, now) = token("a key that nobody knows");
    assert!(provider.named(&next, now).await.is_some());
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let (old, _) = token("RS256");
    assert_eq!(provider.named(&old, now).await, None, "the key that was taken back counts no more");
}

#[tokio::test]
async fn tokens_of_unknown_keys_have_the_provider_asked_once_in_a_while_and_forged_ones_never() {
    let (provider, count) = provider(PACE, |_| keys("rsa"));
    let (known, now) = token("RS256");
    assert!(provider.named(&known, now).await.is_some());
    for name in ["a key that nobody knows", "signed by a stranger", "no algorithm"] {
        for _ in 0..20 {
            assert_eq!(provider.named(&token(name).0, now).await, None);
        }
    }
    assert_eq!(count.load(Ordering::SeqCst), 1, "it was asked less than a minute ago");
}

#[tokio::test]
async fn keys_that_cannot_be_renewed_count_until_they_are_too_old() {
    let fails_later = |before| if before == 0 { keys("rsa") } else { Err("away".to_owned()) };
    let (token, now) = token("RS256");
    let pace = Pace { renewal: Duration::ZERO, max_age: LONG, pause: Duration::ZERO, ..PACE };
    let (patient, count) = provider(pace, fails_later);
    for _ in 0..3 {
        assert!(patient.named(&token, now).await.is_some());
    }
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let (strict, _) = provider(Pace { max_age: Duration::ZERO, ..pace }, fails_later);
    strict.named(&token, now).await;
    assert_eq!(strict.named(&token, now).await, None);
}

#[tokio::test]
async fn after_a_quiet_time_in_which_the_keys_grew_too_old_they_are_fetched_anew() {
    let (provider, count) = provider(Pace { pause: Duration::ZERO, ..PACE }, |_| keys("rsa"));
    let (token, now) = token("RS256");
    assert!(provider.named(&token, now).await.is_some());
    age(&provider, PACE.max_age * 2);
    assert!(provider.named(&token, now).await.is_some());
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_key_that_the_provider_took_back_counts_until_the_renewal_and_not_once_more() {
    let pace = Pace { pause: Duration::ZERO, ..PACE };
    let (provider, _) = provider(pace, |before| keys(if before == 0 { "rsa" } else { "next" }));
    let (token, now) = token("RS256");
    assert!(provider.named(&token, now).await.is_some());
    age(&provider, PACE.renewal * 2);
    assert_eq!(provider.named(&token, now).await, None);
}

#[tokio::test]
async fn whoever_hangs_up_while_keys_are_fetched_takes_them_from_nobody() {
    let slowly = |_| {
        std::thread::sleep(Duration::from_millis(50));
        keys("rsa")
    };
    let (provider, count) = provider(PACE, slowly);
    let (token, now) = token("RS256");
    let given_up = tokio::time::timeout(Duration::from_millis(1), provider.named(&token, now)).await;
    assert!(given_up.is_err());
    assert!(provider.named(&token, now).await.is_some());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn while_the_provider_hangs_calls_go_on_with_the_keys_that_are_known_and_it_is_asked_once() {
    let (answers, waits) = mpsc::channel();
    let waits = Mutex::new(waits);
    let hangs = move |before| {
        if before > 0 {
            waits.lock().unwrap().recv().unwrap();
        }
        keys(if before == 0 { "rsa" } else { "next" })
    };
    let renewal_wait = Duration::from_millis(1);
    let (provider, count) = provider(Pace { pause: Duration::ZERO, renewal_wait, ..PACE }, hangs);
    let (known, now) = token("RS256");
    assert!(provider.named(&known, now).await.is_some());
    age(&provider, PACE.renewal * 2);
    for _ in 0..20 {
        assert!(provider.named(&known, now).await.is_some());
    }
    answers.send(()).unwrap();
    let next = token("a key that nobody knows").0;
    assert!(provider.named(&next, now).await.is_some(), "who needs a new key waits for it");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
