//! Moments: whether a log that lacks something had to have it by then. A node's evidence reaches as far as its checkpoint, which bears no
//! time, so what its partner has from it may lie behind that. But where it tells of something that the partner did later, it was taken
//! after it had said the first.
//!
//! *Absent:* clocks. Only what one log did upon the other's entry puts two entries in an order.

use crate::{Node, Nodes, tag};
use attache_accord::NodeName;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

const DISPATCH: &str = "dispatch owed";
/// What a node records before it says it to another, and what the other records upon that, with the same tag.
const UPON: [(&str, &str); 7] = [
    (DISPATCH, "arrival verified"),
    ("receipt owed", "receipt kept"),
    ("opening asked", "opening received"),
    ("opening decided", "opening answered"),
    ("letter owed", "letter taken"),
    ("hop signed", "hop kept"),
    ("loss signed", "loss kept"),
];

/// The acts of one log by tag, each with the first leaf of it.
type Spoken<'n> = HashMap<(&'static str, &'n str), usize>;

/// Logs held against each other; nothing is read before something is missed in one of them.
pub(crate) struct Moments<'n> {
    nodes: &'n Nodes,
    spoken: OnceCell<BTreeMap<&'n NodeName, Spoken<'n>>>,
    /// The last entry of one log that another one tells of.
    told: RefCell<BTreeMap<(&'n NodeName, &'n NodeName), Option<usize>>>,
}

impl<'n> Moments<'n> {
    pub(crate) fn of(nodes: &'n Nodes) -> Self {
        Self { nodes, spoken: OnceCell::new(), told: RefCell::default() }
    }

    /// Whether `accused`, whose log lacks what `holder` had from it when it recorded one of `acts` with this tag, reaches further: it
    /// tells of something that the holder did later. So it does where the holder is itself, or recorded nothing of it.
    pub(crate) fn reaches_past(
        &self,
        accused: &NodeName,
        holder: &NodeName,
        (acts, tag): (&[&'static str], &str),
    ) -> bool {
        let log = self.log(holder);
        let had = acts.iter().filter_map(|act| log?.get(&(*act, tag))).min();
        match had {
            Some(had) if accused != holder => self.tells_past(accused, holder, Some(*had)),
            _ => true,
        }
    }

    /// Whether `node`'s log tells of something that `other` did after its entry `index`.
    pub(crate) fn tells_past(&self, node: &NodeName, other: &NodeName, index: Option<usize>) -> bool {
        self.told(node, other).is_some_and(|told| index.is_none_or(|index| told > index))
    }

    fn log(&self, node: &NodeName) -> Option<&Spoken<'n>> {
        let nodes = self.nodes;
        let all = self.spoken.get_or_init(|| nodes.iter().map(|(name, node)| (name, spoken(node))).collect());
        all.get(node)
    }

    /// The last entry of `other`'s log upon which `node`'s log has one.
    fn told(&self, node: &NodeName, other: &NodeName) -> Option<usize> {
        let (node, of) = self.nodes.get_key_value(node)?;
        let (other, by) = self.nodes.get_key_value(other)?;
        if let Some(told) = self.told.borrow().get(&(node, other)) {
            return *told;
        }
        let (mine, theirs) = (self.log(node)?, self.log(other)?);
        let upon = |((act, tag), index): (&(&'static str, &str), &usize)| {
            let (_, then) = UPON.iter().find(|(first, _)| first == act)?;
            mine.contains_key(&(*then, *tag)).then_some(*index)
        };
        // What stands in a log that lost entries may stand there for the second time, and have been told when it did for the first.
        let told = by.known.successions.own.is_empty().then(|| {
            let receipted =
                receipted(of, by).filter_map(|package| theirs.get(&(DISPATCH, package.as_str())).copied());
            theirs.iter().filter_map(upon).chain(receipted).max()
        });
        *self.told.borrow_mut().entry((node, other)).or_insert(told.flatten())
    }
}

/// The tags of the packages for which `by` has a receipt of this node about an entry to which its log reaches, whatever stands there.
fn receipted<'n>(node: &'n Node, by: &'n Node) -> impl Iterator<Item = String> {
    let size = node.log.as_ref().map_or(0, |log| log.leaves.len() as u64);
    let said = by.papers.receipts.values().filter_map(|said| said.as_ref().as_ref().ok());
    let said = said.map(|said| said.dangerously_unverified());
    let signer = node.known.node.as_str();
    let reached = said.filter(move |said| said.head.signer == signer && said.body.leaf_index < size);
    reached.map(|said| tag(&said.body.package))
}

fn spoken(node: &Node) -> Spoken<'_> {
    let acts = UPON.map(|(first, _)| first).into_iter().chain(UPON.map(|(_, then)| then));
    let acts: Vec<&'static str> = acts.collect();
    let mut spoken = Spoken::new();
    for (index, leaf) in node.log.iter().flat_map(|log| log.leaves.iter().enumerate()) {
        if let Some(act) = acts.iter().find(|act| leaf.is(act)) {
            spoken.entry((act, leaf.pair())).or_insert(index);
        }
    }
    spoken
}
