//! Padding: what the growth of a published log tells, and what it costs.

use crate::nodes::{Site, clock, site};
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_node::engine::Plan;
use attache_node::node::Node;
use std::sync::Arc;

/// Leaves in a block here.
const BLOCK: u64 = 16;
/// Most bytes of the journal that a padded leaf may cost, its place in the tree and the checkpoint's share included.
const MAX_LEAF_BYTES: u64 = 1_400;

/// A node that pads, and whose own beats are an hour apart.
fn start(site: &Site) -> Arc<Node> {
    let parts = site.parts(site.card.clone());
    Node::start(attache_node::node::Parts { beat_seconds: 3600, pad_leaves: BLOCK, ..parts }).unwrap()
}

fn published(node: &Node) -> u64 {
    node.office.papers.published().unwrap().map_or(0, |published| published.size)
}

/// By how much one more beat makes the published log grow.
async fn beat(node: &Node) -> u64 {
    let before = published(node);
    node.publish().await.unwrap();
    published(node) - before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_grows_by_the_same_block_whether_little_was_done_or_nothing() {
    let site = site("seoul.kor", "KOR").await;
    let node = start(&site);
    while published(&node) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(published(&node) % BLOCK, 0);
    for acts in [0, 1, 7, 16] {
        let plan = Plan { acts: vec![Act::Padded {}; acts], ..Plan::default() };
        if acts > 0 {
            node.commit(plan).await.unwrap().unwrap();
        }
        assert_eq!(beat(&node).await, BLOCK, "after {acts} acts");
    }
    node.commit(Plan { acts: vec![Act::Padded {}; 17], ..Plan::default() }).await.unwrap().unwrap();
    assert_eq!(beat(&node).await, 2 * BLOCK);
    // Nothing that was there when the beat struck waits for the next one.
    assert_eq!(node.office.papers.head().unwrap().size, published(&node));
    node.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_card_is_not_in_force_pads_nothing() {
    let mut site = site("seoul.kor", "KOR").await;
    site.clock = || Timestamp(clock().0 + 20 * 365 * 86_400_000);
    let node = start(&site);
    let size = node.office.papers.head().unwrap().size;
    node.publish().await.unwrap();
    assert_eq!((published(&node), node.office.papers.head().unwrap().size), (size, size));
    node.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_padded_leaf_costs_the_journal_little_more_than_the_leaf() {
    let site = site("seoul.kor", "KOR").await;
    let node = start(&site);
    node.publish().await.unwrap();
    let (bytes, leaves) = (site.journal_bytes(), published(&node));
    for _ in 0..64 {
        node.publish().await.unwrap();
    }
    node.shut_down().await;
    drop(node);
    let grown = published_size(&site) - leaves;
    let each = (site.journal_bytes() - bytes) / grown;
    println!("a padded leaf takes {each} bytes of the journal");
    assert!((528..MAX_LEAF_BYTES).contains(&each), "{each} bytes");
}

/// The size published last, once the node is down and what it wrote stands in the main file.
fn published_size(site: &Site) -> u64 {
    let parts = site.parts(site.card.clone());
    parts.journal.published().unwrap().unwrap().size
}
