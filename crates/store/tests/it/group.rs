//! Groups at random: both backends answer alike, and as the plain rule says.

use crate::sample::*;
use attache_store::{Append, Journal, MemoryJournal, Reader, SqliteJournal, audit};
use proptest::prelude::*;
use std::collections::HashMap;

const NAMES: [&str; 3] = ["x", "y", "z"];

fn any_append() -> impl Strategy<Value = Append> {
    let expectations = prop::collection::vec((0..3usize, 0..6u64), 0..3);
    let rows = prop::collection::vec(0..3usize, 0..4);
    let heads = prop::collection::vec((0..3usize, 0..4u64), 0..2);
    (expectations, rows, heads, any::<u64>()).prop_map(|(expectations, rows, heads, seed)| Append {
        expectations: expectations
            .into_iter()
            .map(|(name, version)| (stream(NAMES[name]), version))
            .collect(),
        rows: rows.into_iter().map(|name| row(NAMES[name], seed)).collect(),
        heads: heads
            .into_iter()
            .map(|(name, expected)| heading(NAMES[name], expected, seed % 1024).heads.remove(0))
            .collect(),
        ..Append::default()
    })
}

fn any_groups() -> impl Strategy<Value = Vec<Vec<Append>>> {
    prop::collection::vec(prop::collection::vec(any_append(), 0..5), 1..6)
}

/// The rule by itself: whether each append stands, and the number of rows each stream ends with.
fn by_the_rule(groups: &[Vec<Append>]) -> (Vec<bool>, HashMap<String, u64>) {
    let mut versions: HashMap<String, u64> = HashMap::new();
    let mut heads: HashMap<String, u64> = HashMap::new();
    let mut stands = Vec::new();
    for append in groups.iter().flatten() {
        let held = |name: &str| versions.get(name).copied().unwrap_or(0);
        let all = append.expectations.iter().all(|(stream, expected)| held(stream.as_str()) == *expected);
        let kept = |name: &str| heads.get(name).copied().unwrap_or(0);
        let all = all && append.heads.iter().all(|head| kept(head.log.as_str()) == head.expected);
        stands.push(all);
        for head in append.heads.iter().filter(|_| all) {
            *heads.entry(head.log.to_string()).or_default() += 1;
        }
        for row in append.rows.iter().filter(|_| all) {
            *versions.entry(row.stream.to_string()).or_default() += 1;
        }
    }
    (stands, versions)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_backends_answer_as_the_rule_says(groups in any_groups()) {
        let folder = tempfile::tempdir().unwrap();
        let mut on_disk = SqliteJournal::create(folder.path(), &origin()).unwrap();
        let mut in_memory = MemoryJournal::new(origin());
        let fences = (on_disk.lease("a").unwrap(), in_memory.lease("a").unwrap());
        let mut outcomes = Vec::new();
        for group in &groups {
            let answer = on_disk.append(fences.0, group.clone()).unwrap();
            prop_assert_eq!(&answer, &in_memory.append(fences.1, group.clone()).unwrap());
            outcomes.extend(answer);
        }
        let (stands, versions) = by_the_rule(&groups);
        prop_assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), stands);
        for name in NAMES {
            prop_assert_eq!(on_disk.version(&stream(name)).unwrap(), versions.get(name).copied().unwrap_or(0));
        }
        prop_assert_eq!(all_rows(&on_disk), all_rows(&in_memory));
        prop_assert_eq!(audit(&on_disk).unwrap(), audit(&in_memory).unwrap());
    }
}
