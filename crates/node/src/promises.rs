//! What receipts promise, kept: the node that received proves that the leaf of its admission is under a published checkpoint, and
//! the node that sent verifies that and keeps it.
//!
//! *Absent:* when a promise is broken, which the folds say, and whether the partner shows others the same log, which witnesses do.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::relay::Way;
use crate::succession::{Stands, keys_under};
use crate::witness::Seen;
use attache_accord::act::Act;
use attache_accord::dispatch::Progress;
use attache_accord::{Digest, DispatchId, NodeName};
use attache_courier::limits::{MAX_OUTSTANDING, MAX_PROOF_BYTES};
use attache_seal::digest::sha256;
use attache_seal::papers::{Card, Receipt};
use attache_seal::statement::Signed;
use attache_store::Published;
use attache_tlog::{Checkpoint, Hash, NoteSignature, ProofFile, SignedNote, VerifierKey};

/// Code of the breach that a proof is which does not prove what the receipt promised.
pub const FALSE_PROOF: &str = "B-003";
/// Code of the incident that it is when a partner refuses a proof of ours.
pub const PROOF_REFUSED: &str = "I-007";

/// What a proof that came leads to.
pub enum Proving {
    /// It keeps the promise: to be recorded.
    Keep(Plan),
    /// The promise was kept before.
    Kept,
    /// The receipt that it is for is not on record here, the log is not believed for now, or the checkpoint is none that was
    /// shown to this node as a witness. It is brought again.
    Early,
    /// It is for a dispatch that is not this partner's, or of which nothing is known here: nothing can be told from it, and it would
    /// be recorded anew on every connection.
    Unknown,
    /// It is no proof of what the receipt promised, or shows that the log has two histories: to be recorded with it.
    False(Plan),
}

impl Office {
    /// Which receipts `peer` has, whose leaf it can be proved is under the checkpoint published last; a window of them.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn proofs_owed_to(&self, peer: &NodeName) -> Result<Vec<DispatchId>, Fault> {
        // The store is asked only where anything is owed: this is looked at after each commit.
        if !self.view.read().dispatches.owes_proof_to(peer) {
            return Ok(Vec::new());
        }
        let size = self.tree_for(peer)?.map_or(0, |published| published.size);
        let view = self.view.read();
        let owed = view.dispatches.proofs_owed_to(peer, size).map(|(dispatch, _)| *dispatch);
        Ok(owed.take(MAX_OUTSTANDING.into()).collect())
    }

    /// The tree under which receipts are proved to `peer`: the one published last. One beyond a hub never saw this log grow, so to it
    /// they are proved under the last tree that the hub's witness cosigned, which vouches that it continues the others.
    fn tree_for(&self, peer: &NodeName) -> Result<Option<Published>, Fault> {
        let keys = match self.way_to(peer) {
            Way::Direct => return self.papers.published(),
            Way::By(hub) => self.witness_keys_of(&hub)?,
            Way::Nowhere => return Ok(None),
        };
        if keys.is_empty() {
            return self.papers.published();
        }
        let Some((size, _)) = self.cosigned_by(&keys)? else { return Ok(None) };
        let published = self.papers.cosigned_of(size)?;
        // Whoever else cosigned it is nothing to one who knows the hub.
        published.map(|published| only_by(published, &keys)).transpose()
    }

    fn witness_keys_of(&self, node: &NodeName) -> Result<Vec<VerifierKey>, Fault> {
        Ok(self.card_of(node)?.map(|card| card.witness_keys()).unwrap_or_default())
    }

    /// The C2SP tlog-proof of the admission behind a receipt of ours, under the checkpoint published last; for one beyond a hub under the
    /// last that the hub cosigned.
    ///
    /// # Errors
    /// [`Fault`] when nothing published counts it, or the store fails.
    pub fn proof(&self, dispatch: &DispatchId) -> Result<Vec<u8>, Fault> {
        let given =
            self.view.read().dispatches.given(dispatch).cloned().ok_or(Fault::Missing("admission"))?;
        let (_, index) = given.admitted.ok_or(Fault::Missing("admission"))?;
        let published = self.tree_for(&given.to)?.ok_or(Fault::Missing("published checkpoint"))?;
        self.proof_under(index, published)
    }

    /// The same for `peer`, which has the receipt and asks for it again: under the checkpoint that it cosigned last, where it is a witness,
    /// since it believes no other. `None` where there is none yet, or nothing of this dispatch is its to ask for.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn proof_again(&self, peer: &NodeName, dispatch: &DispatchId) -> Result<Option<Vec<u8>>, Fault> {
        let admitted = {
            let view = self.view.read();
            let given = view.dispatches.given(dispatch).filter(|given| given.to == *peer && given.delivered);
            given.and_then(|given| given.admitted)
        };
        let Some((_, index)) = admitted else { return Ok(None) };
        let keys = self.witness_keys_of(peer)?;
        let shown = match self.cosigned_by(&keys)? {
            _ if keys.is_empty() || self.way_to(peer) != Way::Direct => self.tree_for(peer)?,
            // What was cosigned before the log went on under its name of now is shown under that by nobody.
            Some((size, _)) if size > self.view.read().logs.last_kept() => self.papers.cosigned_of(size)?,
            _ => None,
        };
        let shown = shown.filter(|shown| index < shown.size);
        shown.map(|shown| self.proof_under(index, shown)).transpose()
    }

    fn proof_under(&self, index: u64, published: Published) -> Result<Vec<u8>, Fault> {
        let hashes = self.papers.prove(index, published.size).ok_or(Fault::Missing("proof of inclusion"))?;
        let text = |checkpoint: &str| {
            let file = ProofFile::new(index, hashes.clone(), checkpoint);
            Ok(file.map_err(|_| Fault::Altered("published checkpoint"))?.to_string().into_bytes())
        };
        let whole: Vec<u8> = text(&published.checkpoint)?;
        if whole.len() <= MAX_PROOF_BYTES {
            return Ok(whole);
        }
        // Many witnesses signed: the log's own signatures are what the receipt promised.
        text(&only_by(published, &[])?.checkpoint)
    }

    /// Weighs a proof for `dispatch` from the authenticated node `from`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn weigh_proof(
        &self,
        from: &NodeName,
        dispatch: &DispatchId,
        bytes: &[u8],
    ) -> Result<Proving, Fault> {
        let view = self.view.read();
        let sent = view.dispatches.sent(dispatch).filter(|sent| sent.recipient == *from).cloned();
        drop(view);
        let (Some(sent), Some(card)) = (&sent, self.card_of(from)?) else {
            return Ok(Proving::Unknown);
        };
        let Progress::Receipted { receipt, .. } = &sent.progress else { return Ok(Proving::Early) };
        if self.view.read().logs.is_stopped(from) {
            return Ok(Proving::Early);
        }
        if sent.promise.proof().is_some() {
            return Ok(Proving::Kept);
        }
        let paper = self.papers.cited(receipt, "receipt")?;
        let signed = Signed::from_bytes(&paper).map_err(|_| Fault::Altered("receipt"))?;
        // It was verified before it was kept.
        let receipt = signed.dangerously_unverified::<Receipt>().map_err(|_| Fault::Altered("receipt"))?.body;
        let Some(checkpoint) = self.proven(from, bytes, &receipt, &card)? else {
            return Ok(self.false_proof(from, *dispatch, bytes));
        };
        // Whatever shows a checkpoint of the partner's log shows whether it has one history. A size that a witness never saw would
        // show nothing of that: proofs could all be of a second tree.
        match self.compare_head(from, &checkpoint)? {
            Seen::Forked(plan) => return Ok(Proving::False(plan)),
            Seen::NotTheirs => return Ok(self.false_proof(from, *dispatch, bytes)),
            Seen::Stopped => return Ok(Proving::Early),
            Seen::Consistent if !self.is_vouched(from, &checkpoint)? => return Ok(Proving::Early),
            Seen::Consistent | Seen::Same => {}
        }
        let kept = Act::ProofKept { dispatch: *dispatch, proof: sha256(&[bytes]) };
        let mut plan = Plan::new(&self.view.read(), vec![kept]);
        if self.way_to(from) != Way::Direct {
            plan.heads.extend(self.proved_head(from, &checkpoint)?);
        }
        plan.paper(bytes.to_vec());
        Ok(Proving::Keep(plan))
    }

    /// Whether somebody who sees a partner's log grow vouches for a checkpoint of it of a size that this node has not seen. This node does
    /// itself, where the log asks it; where messages go by a hub, the hub's witness does, by its cosignature on the checkpoint.
    fn is_vouched(&self, from: &NodeName, checkpoint: &str) -> Result<bool, Fault> {
        let hub = match self.way_to(from) {
            Way::Direct => return Ok(!self.is_witness()),
            Way::By(hub) => hub,
            Way::Nowhere => return Ok(false),
        };
        let keys = self.witness_keys_of(&hub)?;
        if keys.is_empty() {
            return Ok(true);
        }
        let note = SignedNote::parse(checkpoint).map_err(|_| Fault::Encoding)?;
        let verified = note.verify(&keys).unwrap_or_default();
        Ok(verified.iter().any(|verified| verified.time.is_some_and(|time| time > 0)))
    }

    fn false_proof(&self, from: &NodeName, dispatch: DispatchId, bytes: &[u8]) -> Proving {
        let (node, code) = (from.clone(), FALSE_PROOF.to_owned());
        let breach = Act::BreachRecorded { node, code, dispatch: Some(dispatch) };
        let mut plan = Plan::new(&self.view.read(), vec![breach]);
        let proof: Digest = plan.paper(bytes.to_vec());
        tracing::warn!(peer = %from, %proof, "a proof does not prove what a receipt promised; it is kept under this digest");
        Proving::False(plan)
    }

    /// The checkpoint under which these bytes prove what the receipt promised, by the keys of its signer's card. The log may have gone
    /// on under another origin since; it has the leaf still.
    fn proven(
        &self,
        from: &NodeName,
        bytes: &[u8],
        receipt: &Receipt,
        card: &Card,
    ) -> Result<Option<String>, Fault> {
        let file = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<ProofFile>().ok());
        let Some(file) = file.filter(|file| file.index() == receipt.leaf_index && file.extra().is_none())
        else {
            return Ok(None);
        };
        let Ok(claimed) = Checkpoint::parse(file.checkpoint().text()) else { return Ok(None) };
        let origin = claimed.origin.as_str();
        if !self.is_followed(from, card, origin, claimed.size)
            || self.stands(from, card, &receipt.log_origin, receipt.leaf_index) != Stands::Here
        {
            return Ok(None);
        }
        // A card without log keys would let anything pass.
        let Some(keys) = keys_under(card, origin).ok().filter(|keys| !keys.is_empty()) else {
            return Ok(None);
        };
        let is_proved = file.verify(&Hash(receipt.leaf_hash.0), &keys).is_ok();
        Ok(is_proved.then(|| file.checkpoint().to_string()))
    }
}

/// The checkpoint with the signatures of its log and of these keys, and no others.
fn only_by(published: Published, keys: &[VerifierKey]) -> Result<Published, Fault> {
    let altered = |_| Fault::Altered("published checkpoint");
    let note = SignedNote::parse(&published.checkpoint).map_err(altered)?;
    // The log's keys bear its name, which is the first line.
    let own = note.text().lines().next().unwrap_or_default();
    let is_kept = |line: &&NoteSignature| line.name() == own || keys.iter().any(|key| line.is_by(key));
    let lines = note.signatures().iter().filter(is_kept).cloned().collect();
    let checkpoint = SignedNote::new(note.text().to_owned(), lines).map_err(altered)?.to_string();
    Ok(Published { checkpoint, ..published })
}
