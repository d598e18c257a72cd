//! Proofs of receipts that come in letters: the two ends never see each other's logs grow, so the hub's witness vouches for the tree.

use crate::crossing::{admit, owed_by, receipted, released, until};
use crate::relay::{JAPAN, KOREA, Three, three};
use attache_accord::DispatchId;
use attache_accord::act::Act;
use attache_accord::dispatch::Promise;
use attache_node::office::Office;
use attache_node::promises::Proving;
use attache_node::witness::Seen;
use attache_tlog::{
    Checkpoint, Hash, NoteSigner, ProofFile, SignedNote, TileReader, cosign, prove_inclusion, root_at,
};

/// A tree of at most one tile.
struct Tree(Vec<Hash>);

impl TileReader for Tree {
    type Error = String;

    fn tile(&self, _: u8, _: u64) -> Result<Vec<Hash>, String> {
        Ok(self.0.clone())
    }
}

impl Tree {
    fn of(log: &Office, size: u64) -> Self {
        let tile = log.papers.another_reader().unwrap().tile(0, 0).unwrap();
        Self(tile[..usize::try_from(size).unwrap()].to_vec())
    }

    /// The proof of a leaf of this tree, as its log would sign it and as these witnesses would cosign.
    fn proof(&self, log: &Office, index: u64, witnesses: &[NoteSigner]) -> (ProofFile, String) {
        let size = self.0.len() as u64;
        let head = attache_store::LocalHead { size, root: root_at(self, size).unwrap() };
        let note = SignedNote::parse(&log.checkpoint(&head).unwrap()).unwrap();
        let checkpoint = Checkpoint::parse(note.text()).unwrap();
        let lines = witnesses.iter().map(|witness| cosign(&checkpoint, witness, 1).unwrap()).collect();
        let note = note.with(lines).unwrap().to_string();
        let hashes = prove_inclusion(self, size, index).unwrap();
        (ProofFile::new(index, hashes, &note).unwrap(), note)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_in_a_letter_counts_where_the_hub_cosigned_its_tree_and_another_tree_of_that_size_is_a_fork()
{
    let three = three().await;
    let Three { sites, seoul, tokyo, .. } = &three;
    for id in 1..=2 {
        released(seoul, &KOREA, id, 70, &sites[2].name).await;
    }
    owed_by(seoul, 2).await;
    admit(tokyo, &JAPAN, 2).await;
    receipted(seoul, 2).await;
    let (here, there) = (&seoul.node.office, &tokyo.node.office);
    let ids: Vec<DispatchId> = here.view.read().dispatches.all_sent().map(|sent| sent.id).collect();
    let admitted = |id| there.view.read().dispatches.given(id).unwrap().admitted.unwrap().1;
    let [first, second] = [admitted(&ids[0]), admitted(&ids[1])];
    let size = first.max(second) + 1;
    let hub = sites[1].keyring().witness;
    let tree = Tree::of(there, size);
    let weigh = |id: &DispatchId, proof: &ProofFile| {
        here.weigh_proof(&sites[2].name, id, proof.to_string().as_bytes()).unwrap()
    };
    // The log's own word, that of its own witness, and that of the recipient's: none of them saw it grow but the hub.
    let own = sites[2].keyring().witness;
    let ours = sites[0].keyring().witness;
    for strangers in [&[][..], &own, &ours] {
        let (proof, _) = tree.proof(there, first, strangers);
        assert!(matches!(weigh(&ids[0], &proof), Proving::Early));
    }
    let (good, _) = tree.proof(there, first, &hub);
    let Proving::Keep(plan) = weigh(&ids[0], &good) else { panic!("the hub vouches for it") };
    seoul.node.commit(plan).await.unwrap().unwrap();
    // The same tree proves the other one; nobody has to vouch for it twice.
    let (same, _) = tree.proof(there, second, &[]);
    assert!(matches!(weigh(&ids[1], &same), Proving::Keep(_)));
    // Another tree of that size which has the leaf too, and a hub that cosigned it.
    let mut other = Tree::of(there, size);
    other.0[0].0[0] ^= 1;
    let (forked, note) = other.proof(there, second, &hub);
    assert!(matches!(here.compare_head(&sites[2].name, &note).unwrap(), Seen::Forked(_)));
    let Proving::False(plan) = weigh(&ids[1], &forked) else { panic!("a second tree was believed") };
    assert!(plan.acts.iter().any(|act| matches!(act, Act::LogForked { .. })), "{:?}", plan.acts);
    // What Tokyo brings by itself is cosigned by the hub.
    tokyo.node.publish().await.unwrap();
    until(|| {
        let view = here.view.read();
        view.dispatches.all_sent().all(|sent| matches!(sent.promise, Promise::Proved(_))).then_some(())
    })
    .await;
    three.stop().await;
}
