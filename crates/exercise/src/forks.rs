//! A node that shows two histories of its log: it grows honestly for a while and has itself cosigned, then signs another tree,
//! under its own keys. Its witness is taken down around the very commit that keeps what it saw.
//!
//! The umpire demands that the witness finds it out, keeps a proof that holds for anyone with the log's keys, raises it, and
//! believes nothing more of that log; and that a log which only grew is never accused.
//!
//! *Absent:* the link and TLS. The dishonest node speaks the partners' protocol by itself, as its own software would.

use crate::rng::Rng;
use crate::saboteur::{Fall, fall};
use crate::site::Site;
use crate::world::{BEGIN, Found, NATIONS};
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_courier::frame::Witnessed;
use attache_courier::limits::{MAX_OUTSTANDING, VERSION};
use attache_courier::{Caller, Event, Listening, Ours, Output};
use attache_node::engine::Plan;
use attache_node::exchange::{Conduct, Errand, Then};
use attache_node::fault::{Failure, Fault};
use attache_node::forks::LOG_FORKED;
use attache_node::witness::log_keys;
use attache_store::{Committed, LocalHead, MemoryDisk, Reader, StoreError};
use attache_tlog::{
    AddCheckpoint, Fork, ForkProof, Frontier, Hash, TileReader, prove_consistency, root_at, tile_growth,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most honest beats before the fork.
const MAX_BEATS: usize = 6;
/// Most acts between two beats.
const MAX_ACTS: usize = 40;
/// Most attempts at one question: a witness that is taken down answers at the next one.
const MAX_ATTEMPTS: usize = 64;
/// Time between two steps, in milliseconds.
const STEP_MILLIS: u64 = 10_000;
/// What the umpire says of a witness that sees nothing.
const UNSEEN: &str = "two histories went unseen";

/// What the dishonest node does in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Nothing: its log only grew.
    OneHistory,
    /// Another tree of the size that was cosigned last.
    SameSize,
    /// Another tree of a size that was cosigned earlier, said to follow nothing.
    Earlier,
    /// A larger tree of a rewritten history, with a proof that holds within that.
    Rewritten,
}

/// Plays a log that grows and then shows this, and what its witness makes of it. `blind` is for the control: a witness that
/// answers and keeps nothing.
///
/// # Errors
/// [`Found`], with the seed and the trace.
pub fn forks(seed: u64, show: Show, blind: bool) -> Result<(), Found> {
    let failed = |failure, trace| Found::Failure { seed, failure, trace };
    let mut scene = Scene::new(seed, blind).map_err(|failure| failed(failure, Vec::new()))?;
    match scene.play(show) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(rule)) => Err(Found::Foul { seed, rule, trace: scene.trace }),
        Err(failure) => Err(failed(failure, scene.trace)),
    }
}

struct Scene {
    rng: Rng,
    now: Timestamp,
    log: Site,
    witness: Site,
    blind: bool,
    /// Sizes that were cosigned, in order.
    cosigned: Vec<u64>,
    trace: Vec<String>,
}

/// A tree in memory, as a second history needs one.
#[derive(Default)]
struct Tree(BTreeMap<(u8, u64), Vec<Hash>>);

impl TileReader for Tree {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        Ok(self.0.get(&(level, index)).cloned().unwrap_or_default())
    }
}

impl Tree {
    fn of(leaves: &[Hash]) -> Self {
        let mut tree = Self::default();
        for growth in tile_growth(&mut Frontier::new(), leaves) {
            tree.0.entry((growth.level, growth.index)).or_default().extend(growth.hashes);
        }
        tree
    }
}

impl Scene {
    fn new(seed: u64, blind: bool) -> Result<Self, Failure> {
        let disk = |salt: u64| {
            let mut rng = Rng::new(seed ^ salt);
            MemoryDisk::new(Box::new(move |limit| rng.below(limit)))
        };
        let [seoul, tokyo] = &NATIONS;
        let log = Site::found(seoul, 0x10, disk(0x10), BEGIN)?;
        let mut witness = Site::found(tokyo, 0x20, disk(0x20), BEGIN)?;
        witness.befriend(&log, BEGIN)?;
        Ok(Self {
            rng: Rng::new(seed),
            now: BEGIN,
            log,
            witness,
            blind,
            cosigned: Vec::new(),
            trace: Vec::new(),
        })
    }

    fn play(&mut self, show: Show) -> Result<Result<(), String>, Failure> {
        for _ in 0..2 + self.rng.below(MAX_BEATS - 1) {
            self.grow()?;
            let size = self.log.office()?.published_size();
            let answer = self.grown(size)?;
            if answer.status != 200 {
                return Ok(Err(format!(
                    "a log that only grew was answered {} at size {size}",
                    answer.status
                )));
            }
            self.cosigned.push(size);
        }
        if show != Show::OneHistory {
            self.grow()?;
            let answer = self.shown(show)?;
            self.trace.push(format!("{show:?} is answered {}", answer.status));
            if answer.status == 200 {
                return Ok(Err(UNSEEN.into()));
            }
        }
        self.judge(show)
    }

    /// The honest beat, with some acts before it.
    fn grow(&mut self) -> Result<(), Failure> {
        self.now = self.now.plus_millis(STEP_MILLIS);
        let acts = vec![Act::Padded {}; 1 + self.rng.below(MAX_ACTS)];
        if self.log.commit(Plan { acts, ..Plan::default() }, self.now)?.is_err() {
            return Err(Fault::Busy("nothing else").into());
        }
        self.log.publish(self.now)
    }

    /// Asks for the honest tree of that size, from where the witness says that it stands.
    fn grown(&mut self, size: u64) -> Result<Witnessed, Failure> {
        let mut old = self.cosigned.last().copied().unwrap_or(0);
        for _ in 0..MAX_ATTEMPTS {
            let office = Arc::clone(self.log.office()?);
            let note = office.checkpoint(&office.papers.head_at(size)?)?;
            let answer = self.ask(old, office.papers.prove_growth(old, size)?, &note)?;
            match answer.size {
                Some(stands) if stands != old && stands <= size => old = stands,
                _ => return Ok(answer),
            }
        }
        Err(Fault::Missing("answer of a witness").into())
    }

    /// Shows another history.
    fn shown(&mut self, show: Show) -> Result<Witnessed, Failure> {
        let office = Arc::clone(self.log.office()?);
        let head = office.papers.head()?.size;
        let last = self.cosigned.last().copied().unwrap_or(1);
        let size = match show {
            Show::Earlier => self.cosigned[self.rng.below(self.cosigned.len() - 1)],
            Show::Rewritten => head,
            Show::SameSize | Show::OneHistory => last,
        };
        let mut leaves = leaves(office.papers.another_reader()?.as_ref(), head)?;
        // Changed anywhere that the witness has cosigned, at the size that is shown.
        let place = self.rng.below(usize::try_from(size.min(last)).unwrap_or(1));
        if let Some(leaf) = leaves.get_mut(place) {
            leaf.0[0] ^= 1;
        }
        let tree = Tree::of(&leaves);
        let sized = |size| root_at(&tree, size).map_err(|_| Fault::Missing("tile"));
        let note = office.checkpoint(&LocalHead { size, root: sized(size)? })?;
        let (old, proof) = match show {
            Show::Rewritten => {
                (last, prove_consistency(&tree, last, size).map_err(|_| Fault::Missing("tile"))?)
            }
            Show::Earlier => (0, Vec::new()),
            Show::SameSize | Show::OneHistory => (last, Vec::new()),
        };
        self.trace
            .push(format!("{show:?}: another tree of {size}, changed at {place}, after {:?}", self.cosigned));
        self.ask(old, proof, &note)
    }

    /// Asks until there is an answer: the witness may be taken down before it keeps what it saw, or before it says so.
    fn ask(&mut self, old: u64, proof: Vec<Hash>, note: &str) -> Result<Witnessed, Failure> {
        let request = AddCheckpoint::new(old, proof, note).map_err(|_| Fault::Encoding)?.to_string();
        for _ in 0..MAX_ATTEMPTS {
            self.now = self.now.plus_millis(STEP_MILLIS);
            if let Some(answer) = self.once(request.as_bytes())? {
                return Ok(answer);
            }
            self.trace.push("-- kill the witness".into());
            self.witness.kill();
            self.witness.start()?;
        }
        Err(Fault::Missing("answer of a witness").into())
    }

    /// One connection. `None` where the witness is to go down.
    fn once(&mut self, request: &[u8]) -> Result<Option<Witnessed>, Failure> {
        let (log, witness) = (Arc::clone(self.log.office()?), Arc::clone(self.witness.office()?));
        let ours = Ours {
            node: log.identity.node.clone(),
            network: log.identity.network,
            agreement: log.identity.agreement.clone(),
            pack: log.pack.digest(),
            window: MAX_OUTSTANDING,
            peer: witness.identity.node.clone(),
            highest: VERSION,
        };
        let mut caller = Caller::new(ours, self.now).map_err(|_| Fault::Encoding)?;
        let mut listening = Conduct::listening(witness, log.identity.node.clone(), self.now)?;
        loop {
            let mut moved = false;
            while let Some(output) = caller.poll_output() {
                moved = true;
                listening.received(self.now, &bytes_of(output));
            }
            while let Some(errand) = listening.next_errand() {
                moved = true;
                if !self.errand(&mut listening, errand)? {
                    return Ok(None);
                }
            }
            while let Some(output) = listening.poll_output(self.now) {
                moved = true;
                let (bytes, mut events) = (bytes_of(output), Vec::new());
                let mut input = bytes.as_slice();
                while let Some(event) = caller.receive(self.now, &mut input).map_err(|_| Fault::Encoding)? {
                    events.push(event);
                }
                for event in events {
                    match event {
                        Event::Greeted(_) => {
                            let asked = caller.witness(request.to_vec(), self.now);
                            asked.map_err(|_| Fault::Encoding)?;
                        }
                        Event::Witnessed(answer) => return Ok(Some(answer)),
                        _ => {}
                    }
                }
            }
            if !moved {
                return Err(Fault::Missing("answer of a witness").into());
            }
        }
    }

    /// Commits what the witness wants to keep. `false` where it goes down before or after that, and tells nobody.
    fn errand(
        &mut self,
        listening: &mut Conduct<Listening>,
        Errand { plan, then }: Errand,
    ) -> Result<bool, Failure> {
        if self.blind && then == Then::Witness {
            listening.done(then, &Ok(Committed { first_index: 0, count: 0 }));
            return Ok(true);
        }
        let fall = fall(&mut self.rng);
        if fall == Fall::Before {
            return Ok(false);
        }
        let outcome = self.witness.commit(plan, self.now)?;
        if fall == Fall::After {
            return Ok(false);
        }
        listening.done(then, &outcome);
        Ok(true)
    }

    /// What must be on record at the witness, and what it must say from now on.
    fn judge(&mut self, show: Show) -> Result<Result<(), String>, Failure> {
        let office = Arc::clone(self.witness.office()?);
        let (log, keys) = (self.log.name.clone(), log_keys(self.log.office()?.own())?);
        let (mut proofs, mut raised) = (Vec::new(), 0);
        for (_, entry) in office.papers.entries(0, 4096)? {
            match entry.act {
                Act::LogForked { node, proof } if node == log => proofs.push(proof),
                Act::IncidentRaised { code, .. } => raised += usize::from(code == LOG_FORKED),
                _ => {}
            }
        }
        if show == Show::OneHistory {
            let is_accused = !proofs.is_empty() || raised > 0;
            return Ok(if is_accused { Err("a log that only grew was accused".into()) } else { Ok(()) });
        }
        let [proof] = proofs.as_slice() else { return Ok(Err(UNSEEN.into())) };
        if raised != 1 {
            return Ok(Err(format!("two histories were raised {raised} times")));
        }
        let bytes = office.papers.cited(proof, "proof of a fork")?;
        let file = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<ForkProof>().ok());
        let judged = file.and_then(|file| file.judge(&keys).ok()).map(|(fork, _)| fork);
        let holds = match show {
            Show::Rewritten => matches!(judged, Some(Fork::NotShown { .. })),
            _ => matches!(judged, Some(Fork::TwoRoots { .. })),
        };
        if !holds {
            return Ok(Err(format!("the proof that was kept comes to {judged:?}")));
        }
        drop(office);
        // Neither what it shows next nor what was cosigned before is believed, also after a restart.
        self.witness.kill();
        self.witness.start()?;
        let size = self.log.office()?.published_size();
        let answer = self.grown(size)?;
        Ok(if answer.status == 422 {
            Ok(())
        } else {
            Err(format!("a stopped log was answered {}", answer.status))
        })
    }
}

/// The leaf hashes of a log.
fn leaves(reader: &dyn Reader, size: u64) -> Result<Vec<Hash>, Failure> {
    let mut leaves = Vec::new();
    for index in 0.. {
        let tile = reader.tile(0, index).map_err(Fault::from)?;
        leaves.extend(&tile);
        if leaves.len() as u64 >= size || tile.is_empty() {
            break;
        }
    }
    Ok(leaves)
}

fn bytes_of(output: Output) -> Vec<u8> {
    match output {
        Output::Control(bytes) => bytes,
        Output::Data { head, content } => [head.as_slice(), &content].concat(),
    }
}
