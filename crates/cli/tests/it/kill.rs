//! Nodes that are killed while much is under way: what a person was told stands, and nothing is done twice.
//!
//! Two people at each node keep 64 exchanges outstanding between them, and go on through every kill: where a command
//! fails because the node is down, they look what became of it before they say it again.

use crate::pair::{Pair, Post, approval, until};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// Exchanges of each node that are outstanding while nodes are killed.
const OUTSTANDING: usize = 32;
/// Sizes of items in bytes: some cross within a frame, some are still under way when the kill comes.
const SIZES: [usize; 4] = [1, 20_000, 700_000, 3_000_000];

/// What the people at one node were told.
#[derive(Default)]
struct Told {
    items: Vec<String>,
    /// Approved cases.
    approved: Vec<String>,
    /// Register numbers of what was admitted, by dispatch.
    admitted: BTreeMap<String, String>,
}

/// The people at one node.
struct Staff<'a> {
    post: &'a Post,
    told: Mutex<Told>,
    sent: AtomicUsize,
    received: AtomicUsize,
}

impl<'a> Staff<'a> {
    fn new(post: &'a Post) -> Self {
        let (sent, received) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { post, told: Mutex::default(), sent, received }
    }

    /// One item from the analyst's file to the officer's approval.
    fn release(&self) {
        let (post, number) = (self.post, self.sent.load(Ordering::Relaxed));
        let name = format!("{}-{number}.bin", post.nation.folder);
        std::fs::write(post.file(&name), vec![number as u8; SIZES[number % SIZES.len()]]).unwrap();
        let (added, _) = post.persist("analyst", &format!("item add {name} --title {name}"));
        let item = added.text("/item");
        self.told.lock().unwrap().items.push(item.clone());
        let (marked, repeated) = post.persist("analyst", &post.marking(&item));
        assert!(marked.code == 0 || repeated && self.is_marked(&item), "{marked:?}");
        let case = self.request(&item);
        let (approved, repeated) = post.persist("officer", &approval(&case));
        assert!(approved.code == 0 || repeated && self.is_approved(&case), "{approved:?}");
        self.told.lock().unwrap().approved.push(case);
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks once for the release: asked twice, the item would go twice.
    fn request(&self, item: &str) -> String {
        until("an answer to the request", || {
            let asked = self.post.ask("analyst", &self.post.request(item));
            if asked.code == 0 {
                return Some(asked.text("/case"));
            }
            assert!(asked.is_unknown(), "{asked:?}");
            let (cases, _) = self.post.persist("officer", "release list");
            let found = cases.list().iter().find(|case| case["item"] == item);
            found.map(|case| case["case"].as_str().unwrap().to_owned())
        })
    }

    fn is_marked(&self, item: &str) -> bool {
        self.post.persist("analyst", &format!("item show {item}")).0.document["stage"] == "marked"
    }

    fn is_approved(&self, case: &str) -> bool {
        let shown = self.post.persist("officer", &format!("release show {case}")).0;
        shown.document["decision"].is_object()
    }

    /// Admits the next arrival, if one waits.
    fn admit(&self) {
        let (arrivals, _) = self.post.persist("desk", "inbox list");
        let Some(next) = arrivals.list().first() else { return };
        let dispatch = next["dispatch"].as_str().unwrap().to_owned();
        let answer = self.post.ask("desk", &self.post.admission(&dispatch));
        if answer.code == 0 {
            let number = answer.text("/register_number");
            let earlier = self.told.lock().unwrap().admitted.insert(dispatch, number);
            assert_eq!(earlier, None, "admitted twice");
        } else {
            assert!(answer.is_unknown(), "{answer:?}");
            let (left, _) = self.post.persist("desk", "inbox list");
            if left.list().iter().any(|arrival| arrival["dispatch"] == *dispatch) {
                return;
            }
        }
        self.received.fetch_add(1, Ordering::Relaxed);
    }
}

/// Exchanges that `from` approved and `to` has not admitted.
fn outstanding(from: &Staff, to: &Staff) -> usize {
    from.sent.load(Ordering::Relaxed).saturating_sub(to.received.load(Ordering::Relaxed))
}

/// A seeded choice.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn withstand(kills: usize) {
    let pair = Pair::new();
    let [seoul, tokyo] = pair.both().map(Staff::new);
    let stop = AtomicBool::new(false);
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos() | 1;
    println!("seed {seed}");
    let mut chance = Chance(u64::from(seed));
    let mut between = 0;
    std::thread::scope(|scope| {
        for (own, other) in [(&seoul, &tokyo), (&tokyo, &seoul)] {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    if outstanding(own, other) < OUTSTANDING {
                        own.release();
                    } else {
                        own.admit();
                        own.release();
                    }
                }
            });
        }
        // Whatever fails here, the people must go home, or the test would hang.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            until("64 outstanding exchanges", || {
                let full =
                    [(&seoul, &tokyo), (&tokyo, &seoul)].map(|(a, b)| outstanding(a, b) >= OUTSTANDING);
                (full == [true, true]).then_some(())
            });
            for _ in 0..kills {
                std::thread::sleep(Duration::from_millis(20 + chance.below(400)));
                let victim = if chance.below(2) == 0 { &seoul } else { &tokyo };
                let under_way = outstanding(&seoul, &tokyo) + outstanding(&tokyo, &seoul);
                between += usize::from(under_way >= OUTSTANDING);
                victim.post.kill();
                victim.post.serve();
            }
        }));
        stop.store(true, Ordering::Relaxed);
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    assert!(between * 4 >= kills * 3, "only {between} of {kills} kills fell between offer and receipt");
    pair.settle();
    for (from, to) in [(&seoul, &tokyo), (&tokyo, &seoul)] {
        look_back(from, to);
    }
    let proved = pair.prove();
    let exchanges = seoul.sent.load(Ordering::Relaxed) + tokyo.sent.load(Ordering::Relaxed);
    assert_eq!(proved["counts"]["receipts"], exchanges);
    println!(
        "{kills} kills, {between} of them with {OUTSTANDING} or more outstanding; {exchanges} exchanges"
    );
}

/// What the people at `from` were told is there, and each of their cases is in `to`'s register once.
fn look_back(from: &Staff, to: &Staff) {
    let (told, at_other) = (from.told.lock().unwrap(), to.told.lock().unwrap());
    let words = |document: &Value, at: &str| document[at].as_str().unwrap_or_default().to_owned();
    let items = from.post.must("analyst", "item list");
    let known: BTreeSet<String> = items.list().iter().map(|item| words(item, "item")).collect();
    assert!(told.items.iter().all(|item| known.contains(item)), "an item is lost");
    let cases = from.post.must("officer", "release list");
    let dispatched: BTreeMap<String, String> = cases
        .list()
        .iter()
        .filter(|case| case["dispatch"]["progress"] == "receipted")
        .map(|case| (words(case, "case"), words(&case["dispatch"], "dispatch")))
        .collect();
    assert!(told.approved.iter().all(|case| dispatched.contains_key(case)), "an approval is lost");
    assert_eq!(dispatched.len(), told.approved.len(), "something went that nobody approved");
    let register = to.post.must("registrar", "register list");
    let numbers: Vec<String> = register
        .list()
        .iter()
        .filter(|entry| entry["direction"] == "in")
        .map(|e| words(e, "number"))
        .collect();
    assert_eq!(numbers.len(), dispatched.len(), "what went is not in the register once");
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "a number was given twice");
    let receipts = to.post.must("registrar", "receipt list");
    let given: BTreeMap<String, String> = receipts
        .list()
        .iter()
        .filter(|receipt| receipt["direction"] != "kept")
        .map(|receipt| (words(receipt, "dispatch"), words(receipt, "number")))
        .collect();
    for (dispatch, number) in &at_other.admitted {
        assert_eq!(given.get(dispatch), Some(number), "an admission is lost or has another number");
    }
}

#[test]
fn what_was_acknowledged_stands_after_twenty_kills() {
    withstand(20);
}

/// Run by `cargo xtask test --long`.
mod long {
    #[test]
    #[ignore = "long"]
    fn what_was_acknowledged_stands_after_two_hundred_kills() {
        super::withstand(200);
    }
}
