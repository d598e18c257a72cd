//! Several witnesses of one log stay away, at different times: each of them is raised.

use crate::nodes::{PATIENCE_SECONDS, Running, Site, clock, site, site_under};
use crate::witness::holding;
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_node::engine::Plan;
use attache_node::logs::{COSIGNATURE_OVERDUE, START_GRACE_MILLIS};
use attache_node::outside::{Caller, Outside};
use attache_node::witness::log_keys;
use attache_tlog::{KeyKind, NoteSigner, cosign, open_checkpoint};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const HOUR_MILLIS: u64 = 3_600_000;
const DAY: u64 = 24;

/// A node whose two partners never run: what they cosign, they cosign by hand.
struct Scene {
    seoul: Site,
    tokyo: Site,
    washington: Site,
    at_seoul: Running,
    /// How far the node's clock is ahead, in milliseconds.
    ahead: &'static AtomicU64,
}

impl Scene {
    async fn new(clock: fn() -> Timestamp, ahead: &'static AtomicU64) -> Self {
        Self::at(site("seoul.kor", "KOR").await, clock, ahead).await
    }

    async fn at(mut seoul: Site, clock: fn() -> Timestamp, ahead: &'static AtomicU64) -> Self {
        let (tokyo, washington) = (site("tokyo.jpn", "JPN").await, site("washington.usa", "USA").await);
        seoul.clock = clock;
        let at_seoul = seoul.start().await;
        at_seoul.accept(&tokyo).await;
        at_seoul.accept(&washington).await;
        Self { seoul, tokyo, washington, at_seoul, ahead }
    }

    /// It is so many hours after the beginning.
    fn comes(&self, hours: u64) {
        self.ahead.store(hours * HOUR_MILLIS, Ordering::Relaxed);
    }

    async fn publishes(&self) {
        let plan = Plan { acts: vec![Act::Padded {}], ..Plan::default() };
        self.at_seoul.node.commit(plan).await.unwrap().unwrap();
        self.at_seoul.node.publish().await.unwrap();
    }

    /// A partner cosigns what is published.
    async fn cosigns(&self, witness: &Site) {
        let office = &self.at_seoul.node.office;
        let published = office.papers.published().unwrap().unwrap();
        let keys = witness.keyring().witness;
        let verifiers: Vec<_> = keys.iter().map(|key| key.verifier().clone()).collect();
        let checkpoint = open_checkpoint(&published.checkpoint, &log_keys(office.own()).unwrap()).unwrap();
        let lines = keys.iter().map(|key| cosign(&checkpoint, key, clock().0 / 1000).unwrap().to_string());
        let lines: String = lines.collect();
        let kept =
            office.weigh_cosignatures(&verifiers, lines.as_bytes(), &published.checkpoint, published.size);
        self.at_seoul.node.commit(kept.unwrap()).await.unwrap().unwrap();
        assert!(office.uncosigned().unwrap().iter().all(|(name, _)| name != witness.name.as_str()));
    }

    /// Whom it would raise so many hours after the beginning.
    fn would_raise(&self, hours: u64) -> Vec<String> {
        let now = clock().plus_hours(hours).plus_millis(START_GRACE_MILLIS);
        let overdue = self.at_seoul.node.office.watch_witnesses(now).unwrap();
        overdue.map(|overdue| overdue.witnesses).unwrap_or_default()
    }

    fn raised(&self) -> usize {
        let entries = self.at_seoul.node.office.papers.entries(0, 4096).unwrap();
        let is_it =
            |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == COSIGNATURE_OVERDUE);
        entries.iter().filter(|(_, entry)| is_it(&entry.act)).count()
    }

    /// So many hours after the beginning it has raised, by itself, as often as that.
    async fn raises(&self, hours: u64, times: usize) {
        self.comes(hours);
        let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
        while self.raised() < times {
            assert!(Instant::now() < until, "nothing was raised");
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!((self.raised(), self.would_raise(hours)), (times, vec![]), "once");
    }

    async fn restarts(self) -> Self {
        self.restarts_with(Vec::new()).await
    }

    async fn restarts_with(mut self, witnesses: Vec<Outside>) -> Self {
        self.at_seoul.stop().await;
        self.at_seoul = self.seoul.start_as(|parts| parts.witnesses = witnesses).await;
        self
    }
}

static SINCE_JANUARY: AtomicU64 = AtomicU64::new(0);

fn since_january() -> Timestamp {
    clock().plus_millis(SINCE_JANUARY.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_stays_away_is_raised_though_another_has_been_away_for_months() {
    let scene = Scene::new(since_january, &SINCE_JANUARY).await;
    scene.publishes().await;
    scene.cosigns(&scene.tokyo).await;
    assert_eq!((scene.would_raise(1), scene.would_raise(49)), (vec![], vec!["washington.usa".to_owned()]));
    scene.raises(2 * DAY + 1, 1).await;
    assert!(!scene.at_seoul.node.office.is_held(), "the agreement says alarm");

    scene.comes(150 * DAY);
    scene.publishes().await;
    scene.cosigns(&scene.tokyo).await;
    scene.publishes().await;
    assert_eq!(
        (scene.would_raise(151 * DAY), scene.would_raise(153 * DAY)),
        (vec![], vec!["tokyo.jpn".into()])
    );
    scene.raises(153 * DAY, 2).await;
    let scene = scene.restarts().await;
    assert_eq!((scene.would_raise(200 * DAY), scene.raised()), (vec![], 2), "both are on record");

    // It is back, and away again; the other one still is.
    scene.comes(200 * DAY);
    scene.publishes().await;
    scene.cosigns(&scene.tokyo).await;
    assert_eq!(scene.would_raise(203 * DAY), [""; 0]);
    scene.publishes().await;
    assert_eq!(
        (scene.would_raise(201 * DAY), scene.would_raise(203 * DAY)),
        (vec![], vec!["tokyo.jpn".into()])
    );
    scene.raises(203 * DAY, 3).await;
    scene.at_seoul.stop().await;
}

static SINCE_MONDAY: AtomicU64 = AtomicU64::new(0);

fn since_monday() -> Timestamp {
    clock().plus_millis(SINCE_MONDAY.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_went_away_before_another_was_raised_is_raised_when_it_is_overdue_itself() {
    let scene = Scene::new(since_monday, &SINCE_MONDAY).await;
    scene.publishes().await;
    scene.cosigns(&scene.tokyo).await;
    scene.comes(DAY);
    scene.publishes().await;
    scene.raises(2 * DAY, 1).await;
    scene.comes(2 * DAY + 1);
    scene.publishes().await;
    scene.cosigns(&scene.washington).await;
    let scene = scene.restarts().await;
    assert_eq!(
        (scene.would_raise(3 * DAY - 1), scene.would_raise(3 * DAY)),
        (vec![], vec!["tokyo.jpn".into()])
    );
    scene.raises(3 * DAY, 2).await;
    scene.at_seoul.stop().await;
}

static SINCE_SPRING: AtomicU64 = AtomicU64::new(0);

fn since_spring() -> Timestamp {
    clock().plus_millis(SINCE_SPRING.load(Ordering::Relaxed))
}

/// A witness outside that is never there.
fn never_there() -> Vec<Outside> {
    let signer = NoteSigner::from_seed("overseer.example", KeyKind::Ed25519Cosigner, &[7; 32]).unwrap();
    let caller = Caller::new("http://127.0.0.1:1", None).unwrap();
    vec![Outside::new(vec![signer.verifier().clone()], caller).unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_outside_that_was_named_after_another_was_raised_has_its_time_and_is_raised_then() {
    let seoul = site_under("seoul.kor", "KOR", holding());
    let scene = Scene::at(seoul, since_spring, &SINCE_SPRING).await;
    scene.publishes().await;
    scene.cosigns(&scene.tokyo).await;
    scene.raises(2 * DAY + 1, 1).await;
    let all_cosign = async |scene: &Scene| {
        scene.publishes().await;
        scene.cosigns(&scene.tokyo).await;
        scene.cosigns(&scene.washington).await;
    };
    all_cosign(&scene).await;
    scene.comes(100 * DAY);
    let scene = scene.restarts_with(never_there()).await;
    let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
    while scene.at_seoul.node.office.uncosigned().unwrap().is_empty() {
        assert!(Instant::now() < until, "it is not waited for");
        sleep(Duration::from_millis(20)).await;
    }
    let overseer = vec!["overseer.example".to_owned()];
    assert_eq!((scene.would_raise(100 * DAY + 1), scene.would_raise(102 * DAY)), (vec![], overseer.clone()));
    scene.would_raise(100 * DAY);
    assert!(!scene.at_seoul.node.office.is_held(), "it has its two days");

    // A restart gives it no more.
    scene.comes(101 * DAY);
    let scene = scene.restarts_with(never_there()).await;
    assert_eq!((scene.would_raise(101 * DAY), scene.would_raise(102 * DAY)), (vec![], overseer));
    scene.raises(102 * DAY, 2).await;
    let scene = scene.restarts_with(never_there()).await;
    assert_eq!(scene.would_raise(102 * DAY), [""; 0], "once");
    assert!(scene.at_seoul.node.office.is_held(), "a hold that is on record goes on");
    scene.at_seoul.stop().await;
}
