//! Moments: whether a log that lacks something had to have it by then. A node's evidence reaches as far as its checkpoint, which bears no
//! time, so what its partner has from it may lie behind that. But where it tells of something that the partner did later, it was taken
//! after it had said the first.
//!
//! *Absent:* clocks. Only what one log did upon the other's entry puts two entries in an order.

use crate::statements::card_of;
use crate::{Node, Nodes, tag};
use attache_accord::NodeName;
use attache_seal::papers::Receipt;
use attache_seal::statement::Claimed;
use std::cell::{OnceCell, RefCell};
use std::cmp::Reverse;
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
            let told = theirs.iter().filter_map(upon).max();
            told.max(receipted(self.nodes, (of, by), theirs))
        });
        *self.told.borrow_mut().entry((node, other)).or_insert(told.flatten())
    }
}

/// The last dispatch in `theirs`, the log of `by`, for whose package `by` has a receipt that this node signed about an entry of its log,
/// whatever stands there. Whoever lays a receipt in another's name into its own folder has said nothing for that one.
fn receipted(nodes: &Nodes, (node, by): (&Node, &Node), theirs: &Spoken<'_>) -> Option<usize> {
    let (known, log) = (&node.known, node.log.as_ref()?);
    let dispatched = by.papers.receipts.values().filter_map(|said| {
        let said = said.as_ref().as_ref().ok()?;
        let claimed = said.dangerously_unverified();
        let Receipt { log_origin, leaf_index, package, .. } = &claimed.body;
        let is_of_log = claimed.head.signer == known.node.as_str()
            && log.leaf(*leaf_index).is_some()
            && known.has(known.origin(), log_origin, *leaf_index);
        let dispatched = *theirs.get(&(DISPATCH, tag(package).as_str()))?;
        is_of_log.then_some((dispatched, said))
    });
    let mut dispatched: Vec<_> = dispatched.collect();
    dispatched.sort_unstable_by_key(|(index, _)| Reverse(*index));
    // A signature takes longest, and the last one that holds is enough.
    let is_signed = |said: &Claimed<Receipt>| {
        let card = card_of(nodes, node, &said.dangerously_unverified().head, |card| &card.node_key);
        card.ok().flatten().is_some_and(|card| said.open(&card.node_key, &known.expect()).is_ok())
    };
    dispatched.into_iter().find(|(_, said)| is_signed(said)).map(|(index, _)| index)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Log;
    use crate::cards::samples;
    use crate::leaves::Leaf;
    use attache_accord::Digest;
    use attache_seal::pair::SigningPair;
    use std::rc::Rc;

    #[test]
    fn only_a_receipt_that_its_signer_signed_of_its_own_log_shows_that_its_log_reaches_further() {
        let [ours, theirs] = [7, 8].map(|seed| SigningPair::from_seed_bytes(&[seed; 64]).unwrap());
        let [seoul, tokyo]: [NodeName; 2] = ["seoul.kor", "tokyo.jpn"].map(|name| name.parse().unwrap());
        let [arrived, sent] = [1, 2].map(|byte| Digest([byte; 32]));
        // What Tokyo has in Seoul's name, by the pair that signed it, the log that it names and the place there.
        let reaches_past = |by: &SigningPair, log_origin: &str, leaf_index: u64| {
            let leaf =
                |(act, package): (&str, &Digest)| Leaf::sample(vec![(0, act.to_owned()), (11, tag(package))]);
            let acts = [("arrival verified", &arrived), (DISPATCH, &sent)];
            let [mut of, mut holder] = [(&seoul, &ours), (&tokyo, &theirs)].map(|(name, pair)| {
                let known = samples::known(name.as_str(), pair);
                let log = Some(Log::sample(acts.map(leaf).into()));
                let (papers, proofs, forks) = Default::default();
                Node { known, log, papers, proofs, forks }
            });
            of.log = Some(Log::sample(vec![leaf(("admitted", &sent))]));
            let receipt = Receipt { package: sent, ..samples::receipt(log_origin, leaf_index) };
            let signed = samples::sealed(by, receipt);
            holder.papers.receipts.insert(signed.digest(), Rc::new(signed.claimed()));
            let nodes = Nodes::from([(seoul.clone(), of), (tokyo.clone(), holder)]);
            Moments::of(&nodes).reaches_past(&seoul, &tokyo, (&["arrival verified"], &tag(&arrived)))
        };
        assert!(reaches_past(&ours, "seoul.kor/log/1", 0), "the control");
        assert!(!reaches_past(&theirs, "seoul.kor/log/1", 0), "made up by its holder");
        assert!(!reaches_past(&ours, "seoul.kor/log/2", 0), "of a log that is not here");
        assert!(!reaches_past(&ours, "seoul.kor/log/1", 1), "of an entry that is not here");
    }
}
