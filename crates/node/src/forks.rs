//! Proofs that a log showed two histories: how one is on record, and what one comes to that somebody else made, such as a witness that
//! is no node. It is judged by the log's keys alone, so it does not matter who brings it or what was seen of that log here.
//!
//! *Absent:* what is compared with what was seen here (`witness`), and what a person decides (`logs`).

use crate::desk::{Misuse, state};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::succession::keys_under;
use crate::witness::NOT_OUR_HISTORY;
use attache_accord::act::Act;
use attache_accord::logs::{Decided, Stretch};
use attache_accord::view::View;
use attache_accord::{Digest, NodeName};
use attache_tlog::{Checkpoint, ForkError, ForkProof, SignedNote, VerifierKey};
use std::ops::ControlFlow;

/// Code of the incident that a partner's log is which showed two histories.
pub const LOG_FORKED: &str = "I-008";

/// A proof of a fork that was handed over, and holds.
pub struct HandedFork {
    /// The size of which the log signed two trees.
    pub size: u64,
    /// What comes of it.
    pub outcome: Handed,
}

/// What comes of a proof of a fork that holds.
pub enum Handed {
    /// To be recorded.
    New(Plan),
    /// That the log showed two histories is on record, and nothing of it is believed.
    Stopped,
    /// That very fork is on record, and a person decided to believe the log again.
    Believed,
}

impl Office {
    /// Weighs a proof that the log of `of` showed two histories, which somebody else made. It looks through the journal where a fork of
    /// that log is on record that the log could refute, or after which it is believed again.
    ///
    /// # Errors
    /// When the store fails; inside, [`Misuse`] names the field.
    pub fn weigh_fork(&self, of: &NodeName, file: &str) -> Result<Result<HandedFork, Misuse>, Fault> {
        let wrong = |error: ForkError| state("file", rule(&error));
        let proof: ForkProof = match file.parse() {
            Ok(proof) => proof,
            Err(error) => return Ok(Err(wrong(error))),
        };
        let keys = match self.keys_of_any(of, &proof)? {
            Ok(keys) => keys,
            Err(misuse) => return Ok(Err(misuse)),
        };
        let pair = match proof.proved(&keys) {
            Ok(pair) => pair,
            Err(error) => return Ok(Err(wrong(error))),
        };
        let size = pair[0].size;
        // As long as it may take to look: the plan stands only while nothing else was recorded or decided of that log.
        let (plan, forked) = {
            let view = self.view.read();
            (self.fork_by(&view, of, &proof), view.logs.get(of).cloned())
        };
        let outcome = match forked {
            None => Handed::New(plan),
            // What the log could still refute is stopped by what it cannot.
            Some(forked)
                if forked.decided != Decided::Believed && self.is_proved(&forked.proof, &keys)? =>
            {
                Handed::Stopped
            }
            Some(forked) if self.has_recorded(of, &pair)? => match forked.decided {
                Decided::Believed => Handed::Believed,
                Decided::Open | Decided::Refused => Handed::Stopped,
            },
            Some(_) => Handed::New(plan),
        };
        Ok(Ok(HandedFork { size, outcome }))
    }

    /// The keys under which the log of that node signed, this node's own or a partner's, where the proof is of that log.
    fn keys_of_any(
        &self,
        of: &NodeName,
        proof: &ForkProof,
    ) -> Result<Result<Vec<VerifierKey>, Misuse>, Fault> {
        let [kept, _] = proof.notes();
        let origin = kept.text().lines().next().unwrap_or_default();
        let Some(card) = self.card_of_any(of)? else {
            return Ok(Err(state("node", "no card of that node is accepted")));
        };
        let stretches: Vec<Stretch> = match *of == self.identity.node {
            true => self.view.read().logs.own().to_vec(),
            false => self.view.read().logs.stretches(of, &card.log_origin),
        };
        if !stretches.iter().any(|stretch| stretch.origin == origin) {
            let rule =
                "must be about the log of the node that is named, under a name by which it is followed here";
            return Ok(Err(state("file", rule)));
        }
        keys_under(&card, origin).map(Ok)
    }

    /// Whether these two trees of that node's log are on record already, in whichever order and with whosever cosignatures.
    fn has_recorded(&self, of: &NodeName, pair: &[Checkpoint; 2]) -> Result<bool, Fault> {
        let roots = |pair: &[Checkpoint; 2]| {
            let mut roots = pair.each_ref().map(|one| (one.size, one.root.0));
            roots.sort_unstable();
            (pair[0].origin.clone(), roots)
        };
        let found = self.papers.look_through(0, |_, entry| {
            let Act::LogForked { node, proof } = &entry.act else { return Ok(ControlFlow::Continue(())) };
            if node != of {
                return Ok(ControlFlow::Continue(()));
            }
            let recorded = self.recorded(proof)?;
            let told = |note: &SignedNote| Checkpoint::parse(note.text()).map_err(|_| altered());
            let [kept, shown] = recorded.notes();
            let is_it = roots(&[told(kept)?, told(shown)?]) == roots(pair);
            Ok(if is_it { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found.is_some())
    }

    /// Whether the proof that is on record is one that nobody can refute.
    fn is_proved(&self, proof: &Digest, keys: &[VerifierKey]) -> Result<bool, Fault> {
        Ok(self.recorded(proof)?.proved(keys).is_ok())
    }

    fn recorded(&self, proof: &Digest) -> Result<ForkProof, Fault> {
        let bytes = self.papers.cited(proof, "proof of a fork")?;
        let text = std::str::from_utf8(&bytes).map_err(|_| altered())?;
        text.parse().map_err(|_| altered())
    }

    /// What records that a partner's log contradicts what was seen of it.
    pub(crate) fn fork(&self, node: &NodeName, file: &ForkProof) -> Plan {
        tracing::error!(peer = %node, "the partner's log shows two histories; nothing more of it is believed until a person decides");
        self.fork_by(&self.view.read(), node, file)
    }

    /// The acts and the paper by which a fork is on record. Of this node's own log it stops nothing here, since only its partners can
    /// say whether they believe it still: it is an incident that its people answer for, with the proof in its evidence.
    fn fork_by(&self, view: &View, node: &NodeName, file: &ForkProof) -> Plan {
        let mut plan = Plan::default();
        let proof: Digest = plan.paper(file.to_string().into_bytes());
        let code = if *node == self.identity.node { NOT_OUR_HISTORY } else { LOG_FORKED };
        let forked = Act::LogForked { node: node.clone(), proof };
        let raised = Act::IncidentRaised { code: code.to_owned(), dispatch: None };
        Plan { papers: plan.papers, ..Plan::new(view, vec![forked, raised]) }
    }
}

fn altered() -> Fault {
    Fault::Altered("proof of a fork")
}

/// What a proof must be that is not.
fn rule(error: &ForkError) -> &'static str {
    match error {
        ForkError::Form => "must be of the form attache/fork/v1",
        ForkError::Checkpoint(_) => {
            "must hold two checkpoints that are both signed by that node's log, under all keys of its card"
        }
        ForkError::Consistent => {
            "must hold two checkpoints that contradict each other; these belong to one history"
        }
        ForkError::TwoSizes => {
            "the two checkpoints must be of one size; two sizes prove nothing, since anybody can make that of one sound history; compare each of them by itself"
        }
    }
}
