//! The world: the seed's choices, one after the other, and the run that they make.
//!
//! *Absent:* anything that two runs of one seed could do differently.

mod amid;
mod forked;
mod hub;
mod reports;

pub use amid::{Scene, evidence_amid};
pub use forked::{Forked, forked};
pub use hub::{evidence_through_blind_hub, evidence_through_hub, run_through_blind_hub, run_through_hub};
pub use reports::{Days, Reported, reports};

use crate::net::{End, Wire};
use crate::rng::Rng;
use crate::saboteur::{Blow, Fall, blow, fall};
use crate::site::{Nation, Site};
use crate::umpire::{Foul, Umpire};
use crate::watch::{Searched, Watch};
use attache_accord::dispatch::CaseState;
use attache_accord::{NodeName, Timestamp};
use attache_node::evidence::Extent;
use attache_node::exchange::{Errand, Then};
use attache_node::fault::{Failure, Fault};
use attache_release::Pack;
use attache_seal::papers::Answer;
use attache_store::{Chance, MemoryDisk};
use std::collections::{BTreeMap, BTreeSet};

/// Where the clock of every exercise starts.
pub(crate) const BEGIN: Timestamp = Timestamp(1_780_000_000_000);
/// Most connections at one time.
const MAX_WIRES: usize = 4;
/// Most instruments in one run, beside each Party's first.
const MAX_INSTRUMENTS: usize = 6;
/// Most cases in one run.
const MAX_CASES: usize = 12;
/// Most recalls in one run.
const MAX_RECALLS: usize = 4;
/// Most looks of readers in one run once the saboteur rests.
const MAX_QUIET_READS: usize = 8;
/// Turns of a connection on which a reader waits.
const RUSH_TURNS: usize = 4;
/// Sets the stream of readers' choices apart from the others of a seed.
const HAND: u64 = 0xc0 << 48;
/// Rounds after the last blow in which everything must come to rest.
const MAX_QUIET_ROUNDS: usize = 400;
/// Most times in one run that nothing moves for days; cards and clearances hold for longer than all of them.
const MAX_STALLS: usize = 20;
/// Time that a stall takes, in milliseconds: longer than any promise of a proof runs.
const STALL_MILLIS: u64 = 72 * 3_600_000;
/// Time that a quiet round takes, in milliseconds: long enough for every waiting time to pass.
const ROUND_MILLIS: u64 = 61_000;

pub(crate) static NATIONS: [Nation; 2] = [seoul(Pack::gsomia_2016), tokyo(Pack::gsomia_2016)];

/// Seoul under the agreement that `pack` is.
const fn seoul(pack: fn() -> Pack) -> Nation {
    Nation { node: "seoul.kor", party: "KOR", level: "KOR:II", own_level: "KOR:II", kind: "humint", pack }
}

/// Tokyo, where each of two levels of one row is used.
const fn tokyo(pack: fn() -> Pack) -> Nation {
    Nation {
        node: "tokyo.jpn",
        party: "JPN",
        level: "JPN:TOKUTEI",
        own_level: "JPN:GOKUHI",
        kind: "imagery",
        pack,
    }
}

/// A run that came to rest with every rule kept.
#[derive(Debug)]
pub struct Run {
    /// What both journals say, entry by entry as it was written, and what the saboteur did.
    pub trace: Vec<String>,
    /// Dispatches that crossed and were receipted.
    pub closed: usize,
    /// Promises of a proof that were kept, and those that were broken first.
    pub promises: [usize; 2],
    /// How often an item under originator control was opened while the saboteur was at work, and in all; and how often a request to
    /// open was refused after a recall.
    pub openings: [usize; 3],
    /// Writes not synced that power cuts lost, tore and kept.
    pub settled: [u64; 3],
    /// What arrived by way of a hub.
    pub passed: usize,
    /// Letters that a hub carried to their ends.
    pub letters: usize,
    /// What was found of the items of others in all that the hub came to hold.
    pub at_hub: Searched,
    /// The same search at Seoul.
    pub at_seoul: Searched,
}

/// What an exercise found.
#[derive(Debug, thiserror::Error)]
pub enum Found {
    /// A rule was broken.
    #[error("seed {seed}: {rule}\n{}", trace.join("\n"))]
    Foul {
        /// The seed that replays it.
        seed: u64,
        /// Which rule.
        rule: String,
        /// What had happened.
        trace: Vec<String>,
    },
    /// A node failed where nothing was broken.
    #[error("seed {seed}: {failure}\n{}", trace.join("\n"))]
    Failure {
        /// The seed that replays it.
        seed: u64,
        /// How.
        failure: Failure,
        /// What had happened.
        trace: Vec<String>,
    },
}

/// Runs the exercise of `seed`: `steps` steps with the saboteur at work, then until nothing moves.
///
/// # Errors
/// [`Found`], with the seed and the trace.
pub fn run(seed: u64, steps: usize) -> Result<Run, Found> {
    run_on(MemoryDisk::new, seed, steps, false)
}

/// The same, with items under originator control at both nodes before the saboteur begins, so that what it strikes is their openings.
///
/// # Errors
/// As [`run`].
pub fn run_openings(seed: u64, steps: usize) -> Result<Run, Found> {
    run_on(MemoryDisk::new, seed, steps, true)
}

/// The same on disks that answer a sync and do none. For the control: the umpire must find that something is lost.
///
/// # Errors
/// As [`run`].
#[doc(hidden)]
pub fn run_on_lying_disks(seed: u64, steps: usize) -> Result<Run, Found> {
    run_on(MemoryDisk::dangerously_lying, seed, steps, false)
}

fn run_on(disk: fn(Chance) -> MemoryDisk, seed: u64, steps: usize, has_items: bool) -> Result<Run, Found> {
    played(World::new(seed, disk), seed, steps, has_items)
}

fn played(world: Result<World, Failure>, seed: u64, steps: usize, has_items: bool) -> Result<Run, Found> {
    found_in(world, seed, |world| {
        if has_items {
            world.prepare()?;
        }
        let closed = match world.play(steps)? {
            Ok(closed) => closed,
            Err(foul) => return Ok(Err(foul)),
        };
        let promises = world.umpire.promises();
        let openings = [world.opened_amid, world.opened, world.umpire.refused()];
        let (settled, passed, letters) = (world.settled(), world.umpire.passed(), world.umpire.letters());
        let [at_hub, at_seoul] = std::mem::take(&mut world.searched);
        let trace = std::mem::take(&mut world.trace);
        Ok(Ok(Run { closed, promises, openings, settled, passed, letters, at_hub, at_seoul, trace }))
    })
}

/// What is done in a world of that seed; what goes wrong is told with all that had happened.
fn found_in<T>(
    world: Result<World, Failure>,
    seed: u64,
    done: impl FnOnce(&mut World) -> Result<Result<T, Foul>, Failure>,
) -> Result<T, Found> {
    let mut world = world.map_err(|failure| Found::Failure { seed, failure, trace: Vec::new() })?;
    match done(&mut world) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Foul(rule))) => Err(Found::Foul { seed, rule, trace: world.trace }),
        Err(failure) => Err(Found::Failure { seed, failure, trace: world.trace }),
    }
}

/// What is taken of a world of that seed after the exercise.
fn taken_after<T>(
    world: Result<World, Failure>,
    seed: u64,
    steps: usize,
    take: impl FnOnce(&mut World) -> Result<T, Failure>,
) -> Result<T, Found> {
    found_in(world, seed, |world| match world.play(steps)? {
        Ok(_) => take(world).map(Ok),
        Err(foul) => Ok(Err(foul)),
    })
}

/// The evidence of both nodes after a run.
#[derive(Debug)]
pub struct Played {
    /// Files by path, as in an evidence folder.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The fingerprints of both cards.
    pub fingerprints: Vec<String>,
}

/// Runs the exercise of `seed` and takes the evidence of both nodes, as much as `extent` says, into one folder.
///
/// # Errors
/// As [`run`].
pub fn evidence(seed: u64, steps: usize, extent: Extent) -> Result<Played, Found> {
    taken_after(World::new(seed, MemoryDisk::new), seed, steps, |world| world.evidence(extent))
}

/// The same, with items under originator control at both nodes from the beginning, which are opened and recalled.
///
/// # Errors
/// As [`run`].
pub fn evidence_of_openings(seed: u64, steps: usize, extent: Extent) -> Result<Played, Found> {
    let prepared = World::new(seed, MemoryDisk::new).and_then(|mut world| world.prepare().map(|()| world));
    taken_after(prepared, seed, steps, |world| world.evidence(extent))
}

/// Runs the exercise of `seed` and takes what both nodes hand out about one item that crossed, into one folder.
///
/// # Errors
/// As [`run`].
pub fn item_evidence(seed: u64, steps: usize) -> Result<Played, Found> {
    taken_after(World::new(seed, MemoryDisk::new), seed, steps, World::item_evidence)
}

/// Where files go, by path.
type Write<'w> = &'w mut dyn FnMut(&str, &[u8]) -> std::io::Result<()>;

struct World {
    rng: Rng,
    now: Timestamp,
    sites: Vec<Site>,
    wires: Vec<Wire>,
    /// What callers said on connections that are gone: caller, listener, bytes.
    tapes: Vec<(NodeName, NodeName, Vec<u8>)>,
    umpire: Umpire,
    trace: Vec<String>,
    cases: usize,
    instruments: usize,
    stalls: usize,
    /// What readers of controlled items and those who recall them do, beside the other choices.
    hand: Rng,
    opened: usize,
    opened_amid: usize,
    recalls: usize,
    quiet_reads: usize,
    /// Whether there were items under originator control from the beginning.
    is_prepared: bool,
    /// Approvals that were withdrawn.
    withdrawals: usize,
    /// A site whose log has no beat for now.
    unbeaten: Option<usize>,
    /// How often it was waited until nobody may be silent any more.
    awaited: usize,
    /// Where there is a hub: what it came to hold, and what Seoul did.
    watches: Vec<Watch>,
    searched: [Searched; 2],
    /// Sites that were taken down since the umpire last looked.
    struck: BTreeSet<usize>,
}

impl World {
    fn new(seed: u64, disk: fn(Chance) -> MemoryDisk) -> Result<Self, Failure> {
        Self::of(NATIONS.iter(), seed, disk)
    }

    /// A world of these nations. The last one is the hub, where the agreement has one.
    fn of(
        nations: impl Iterator<Item = &'static Nation>,
        seed: u64,
        disk: fn(Chance) -> MemoryDisk,
    ) -> Result<Self, Failure> {
        // A stream of its own for each disk, or an operation more would change everything else.
        let disk = |salt: u8| {
            let mut rng = Rng::new(seed ^ u64::from(salt) << 56);
            disk(Box::new(move |limit| rng.below(limit)))
        };
        let founded = nations.zip([0x10, 0x20, 0x30]);
        let founded = founded.map(|(nation, salt)| Site::found(nation, salt, disk(salt), BEGIN));
        let mut sites: Vec<Site> = founded.collect::<Result<_, _>>()?;
        for at in 0..sites.len() {
            let mut site = sites.remove(at);
            sites.iter().try_for_each(|other| site.befriend(other, BEGIN))?;
            sites.insert(at, site);
        }
        sites.iter_mut().for_each(|site| site.let_power_fail(true));
        Ok(Self {
            rng: Rng::new(seed),
            now: BEGIN,
            sites,
            wires: Vec::new(),
            tapes: Vec::new(),
            umpire: Umpire::default(),
            trace: Vec::new(),
            cases: 0,
            instruments: 0,
            stalls: 0,
            hand: Rng::new(seed ^ HAND),
            opened: 0,
            opened_amid: 0,
            recalls: 0,
            quiet_reads: 0,
            is_prepared: false,
            withdrawals: 0,
            unbeaten: None,
            awaited: 0,
            watches: Vec::new(),
            searched: Default::default(),
            struck: BTreeSet::new(),
        })
    }

    fn settled(&self) -> [u64; 3] {
        [0, 1, 2].map(|fate| self.sites.iter().map(|site| site.settled()[fate]).sum())
    }

    fn evidence(&mut self, extent: Extent) -> Result<Played, Failure> {
        self.gather("evidence.json", &mut |site, write| {
            Ok(site.office()?.evidence(extent, write).map(drop)?)
        })
    }

    /// What both sites hand out, each after its beat, under one heading.
    fn gather(
        &mut self,
        heading: &str,
        give: &mut dyn FnMut(&Site, Write<'_>) -> Result<(), Failure>,
    ) -> Result<Played, Failure> {
        let mut files = BTreeMap::new();
        let mut nodes = Vec::new();
        for site in &mut self.sites {
            site.publish(self.now)?;
            let mut write = |path: &str, bytes: &[u8]| {
                files.insert(path.to_owned(), bytes.to_vec());
                Ok(())
            };
            give(site, &mut write)?;
            nodes.push(format!("\"{}\"", site.name));
        }
        // The heading of all together: each wrote one for itself.
        if let (Some(heading), Some(last)) = (files.get_mut(heading), nodes.last()) {
            let text = String::from_utf8_lossy(heading).replace(last, &nodes.join(","));
            *heading = text.into_bytes();
        }
        let fingerprint = |site: &Site| attache_seal::papers::Card::fingerprint(&site.card);
        Ok(Played { files, fingerprints: self.sites.iter().map(fingerprint).collect() })
    }

    fn item_evidence(&mut self) -> Result<Played, Failure> {
        // An item of the first that has one.
        let crossed = |site: &Site| -> Result<_, Failure> {
            let office = site.office()?;
            let view = office.view.read();
            let sent = view.dispatches.all_sent().find(|sent| sent.promise.proof().is_some());
            Ok(sent.map(|sent| (sent.id, sent.item)))
        };
        let (mut dispatch, mut items) = (None, BTreeMap::new());
        for site in &self.sites {
            if let (None, Some((id, item))) = (dispatch, crossed(site)?) {
                dispatch = Some(id);
                items.insert(site.name.clone(), item);
            }
        }
        let dispatch = dispatch.ok_or(Fault::Missing("item that crossed"))?;
        for site in &self.sites {
            let given =
                site.office()?.view.read().dispatches.given(&dispatch).and_then(|given| given.admitted);
            items.extend(given.map(|(item, _)| (site.name.clone(), item)));
        }
        self.gather("item.json", &mut |site, write| {
            let item = items.get(&site.name).ok_or(Fault::Missing("item that crossed"))?;
            site.office()?.item_evidence(item, write)?.ok_or(Fault::Missing("item that crossed"))?;
            Ok(())
        })
    }

    /// Items under originator control cross both ways in peace.
    fn prepare(&mut self) -> Result<(), Failure> {
        self.sites.iter_mut().for_each(|site| site.let_power_fail(false));
        // Nobody reads meanwhile.
        let looks = std::mem::replace(&mut self.quiet_reads, MAX_QUIET_READS);
        for at in 0..self.sites.len() {
            let other = self.sites[1 - at].name.clone();
            for _ in 0..2 {
                let (mut item, spare, case) = (self.rng.id(), self.rng.id(), self.rng.id());
                item[0] &= !1;
                self.sites[at].offer_item((item, spare, case), 700, &other, self.now)?;
            }
        }
        for _ in 0..4 {
            self.now = self.now.plus_millis(ROUND_MILLIS);
            self.quiet_round()?;
        }
        self.quiet_reads = looks;
        self.is_prepared = true;
        self.sites.iter_mut().for_each(|site| site.let_power_fail(true));
        Ok(())
    }

    /// What anybody does, and the saboteur with them.
    fn steps(&mut self, steps: usize) -> Result<Result<(), Foul>, Failure> {
        for _ in 0..steps {
            self.now = self.now.plus_millis(self.rng.next() % 3_000);
            let stepped = self.step().and_then(|()| self.readers());
            // A step may fail because the power went out in it, and for no other reason.
            if !self.restore_power()? {
                stepped?;
            }
            if let Err(foul) = self.look()? {
                return Ok(Err(foul));
            }
        }
        Ok(Ok(()))
    }

    fn play(&mut self, steps: usize) -> Result<Result<usize, Foul>, Failure> {
        if let Err(foul) = self.steps(steps)? {
            return Ok(Err(foul));
        }
        self.opened_amid = self.opened;
        self.trace.push("-- the saboteur rests".into());
        self.sites.iter_mut().for_each(|site| site.let_power_fail(false));
        for _ in 0..MAX_QUIET_ROUNDS {
            // Now and then nobody is there for days: what was promised meanwhile is late.
            let is_stall = self.stalls < MAX_STALLS && self.rng.once_in(3);
            self.stalls += usize::from(is_stall);
            self.now = self.now.plus_millis(if is_stall { STALL_MILLIS } else { ROUND_MILLIS });
            let moved = self.quiet_round()?;
            if let Err(foul) = self.look()? {
                return Ok(Err(foul));
            }
            if !moved && self.awaited < self.silences() {
                self.awaited += 1;
                self.now = self.now.plus_millis(hub::SILENCE_MILLIS);
                continue;
            }
            if !moved {
                self.struck.extend(0..self.sites.len());
                for site in &self.sites {
                    if let Err(foul) = Umpire::replay(site.office()?)? {
                        return Ok(Err(foul));
                    }
                }
                if let Err(foul) = self.witnessed()? {
                    return Ok(Err(foul));
                }
                let settled = self.look()?.and_then(|()| self.umpire.settled());
                return Ok(match settled {
                    // What this opens is no part of the run.
                    Ok(closed) => self.search()?.map(|()| closed),
                    foul => foul,
                });
            }
        }
        Ok(Err(Foul("the nodes never came to rest".into())))
    }

    /// What must hold once nothing moves any more: what each node published last is cosigned by the other.
    fn witnessed(&self) -> Result<Result<(), Foul>, Failure> {
        for (at, site) in self.sites.iter().enumerate() {
            for other in self.neighbours(at) {
                let keys = self.sites[other].office()?.own().witness_keys();
                let office = site.office()?;
                let cosigned = office.cosigned_by(&keys)?.map_or(0, |(size, _)| size);
                if cosigned != office.published_size() {
                    let rule =
                        format!("of {} published entries {cosigned} are cosigned", office.published_size());
                    return Ok(Err(Foul(format!("{}: {rule}", site.name))));
                }
            }
        }
        Ok(Ok(()))
    }

    /// The umpire reads what is new.
    fn look(&mut self) -> Result<Result<(), Foul>, Failure> {
        for site in &self.sites {
            match self.umpire.read(site.office()?)? {
                Ok(lines) => self.trace.extend(lines),
                Err(foul) => return Ok(Err(foul)),
            }
        }
        self.watch()?;
        for at in std::mem::take(&mut self.struck) {
            let site = &self.sites[at];
            if let Err(foul) = Umpire::stock(&site.name, site.take_stock()) {
                return Ok(Err(foul));
            }
        }
        Ok(self.umpire.compare())
    }

    /// Takes down and up again whoever lost its power. `false` where nobody did.
    fn restore_power(&mut self) -> Result<bool, Failure> {
        let mut went_out = false;
        while let Some(site) = self.sites.iter().position(Site::is_out) {
            went_out = true;
            self.trace.push(format!("-- the power at {} goes out", self.sites[site].name));
            match self.kill(site) {
                // Once more, while it was starting.
                Err(_) if self.sites[site].is_out() => {}
                killed => killed?,
            }
        }
        Ok(went_out)
    }

    fn step(&mut self) -> Result<(), Failure> {
        let blow = blow(&mut self.rng);
        if blow != Blow::None {
            return self.strike(blow);
        }
        match self.rng.below(10) {
            0 => {
                let at = self.rng.below(self.sites.len());
                self.person(at, false)
            }
            1 => self.dial(),
            2 => {
                let site = self.rng.below(self.sites.len());
                let fresh = self.rng.id();
                self.sites[site].publish(self.now)?;
                self.sites[site].chore(fresh, self.now).map(|_| ())
            }
            _ => self.wire_step(),
        }
    }

    /// A person at a site does something: asks, decides or admits.
    fn person(&mut self, at: usize, only_admit: bool) -> Result<(), Failure> {
        let office = std::sync::Arc::clone(self.sites[at].office()?);
        let arrival = office.view.read().items.arrivals().next().map(|arrival| arrival.dispatch);
        if let Some(dispatch) = arrival {
            let item = self.rng.id();
            return self.sites[at].admit(dispatch, item, self.now);
        }
        let waits = |case: &&attache_accord::dispatch::Case| case.state == CaseState::Requested;
        let case = office.view.read().dispatches.cases().find(waits).map(|case| case.id);
        if let Some(case) = case {
            let answer = if self.rng.once_in(5) { Answer::Refuse } else { Answer::Approve };
            self.sites[at].decide(case, answer, self.now)?;
            let is_open = office.view.read().dispatches.cases().any(|it| it.id == case && waits(&it));
            // The rules did not permit it any more.
            return if is_open { self.sites[at].decide(case, Answer::Refuse, self.now) } else { Ok(()) };
        }
        if self.has_hub() && self.pass(at)? {
            return Ok(());
        }
        if only_admit {
            return Ok(());
        }
        if self.instruments < MAX_INSTRUMENTS && self.rng.once_in(4) {
            self.instruments += 1;
            return self.sites[at].declare(self.now);
        }
        // A hub that cannot read has nothing to give.
        if self.cases >= MAX_CASES || (self.is_blind() && at == self.sites.len() - 1) {
            return Ok(());
        }
        self.cases += 1;
        let ids = (self.rng.id(), self.rng.id(), self.rng.id());
        let size = [0, 1, 700, 40_000, 1_200_000][self.rng.below(5)];
        let other = match self.has_hub() && at < self.sites.len() - 1 {
            true if self.is_blind() => 1 - at,
            true => self.sites.len() - 1,
            false => self.other(at),
        };
        let other = self.sites[other].name.clone();
        self.sites[at].offer_item(ids, size, &other, self.now)
    }

    /// Now and then someone opens, or takes back, what is under originator control.
    fn readers(&mut self) -> Result<(), Failure> {
        let at = self.hand.below(self.sites.len());
        match self.hand.below(24) {
            0 if self.recalls < MAX_RECALLS && self.hand.once_in(4) => {
                self.recalls += 1;
                self.sites[at].recall(self.now)
            }
            1..8 => {
                self.read(at)?;
                if self.is_prepared { self.rush(at) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    /// Someone waits for an answer, so the connection is busy for a while; either end may fall around each of its commits.
    fn rush(&mut self, caller: usize) -> Result<(), Failure> {
        let name = self.sites[caller].name.clone();
        if self.wires.len() < MAX_WIRES && !self.wires.iter().any(|wire| wire.caller == name) {
            self.connect(caller)?;
        }
        for _ in 0..RUSH_TURNS {
            for end in [End::Caller, End::Listener] {
                let Some(at) = self.wires.iter().position(|wire| wire.caller == name) else { return Ok(()) };
                self.wires[at].tick(end, self.now);
                self.wires[at].write(end, 4, self.now);
                self.wires[at].deliver(end, 1 << 16, self.now);
                let fall = fall(&mut self.hand);
                self.errand(at, end, fall)?;
            }
        }
        Ok(())
    }

    /// The same once the saboteur rests, when there is more to read. `false` when enough was read.
    fn quiet_readers(&mut self, at: usize) -> Result<bool, Failure> {
        if self.quiet_reads >= MAX_QUIET_READS {
            return Ok(false);
        }
        self.quiet_reads += 1;
        if self.recalls < MAX_RECALLS && self.hand.once_in(6) {
            self.recalls += 1;
            self.sites[at].recall(self.now)?;
        }
        self.read(at)?;
        Ok(true)
    }

    /// Whoever was answered reads.
    fn read_answered(&mut self, at: usize) -> Result<(), Failure> {
        if self.sites[at].is_reading() { self.read(at) } else { Ok(()) }
    }

    fn read(&mut self, at: usize) -> Result<(), Failure> {
        let turn = self.hand.below(MAX_CASES);
        self.opened += usize::from(self.sites[at].read_controlled(turn, self.now)?.is_some());
        Ok(())
    }

    fn dial(&mut self) -> Result<(), Failure> {
        if self.wires.len() >= MAX_WIRES {
            return Ok(());
        }
        let caller = self.rng.below(self.sites.len());
        self.connect(caller)
    }

    fn connect(&mut self, caller: usize) -> Result<(), Failure> {
        let listener = self.other(caller);
        self.connect_to(caller, listener)
    }

    fn connect_to(&mut self, caller: usize, listener: usize) -> Result<(), Failure> {
        let wire = Wire::dial(self.sites[caller].office()?, self.sites[listener].office()?, self.now)?;
        self.wires.push(wire);
        Ok(())
    }

    /// The sites with which one at this site is connected: past a hub that carries letters nobody dials.
    fn neighbours(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        let past = if self.is_blind() && at < 2 { Some(1 - at) } else { None };
        self.others(at).filter(move |other| Some(*other) != past)
    }

    /// The other sites.
    fn others(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.sites.len()).filter(move |other| *other != at)
    }

    /// A site with which that one is connected: by chance, where there is a choice.
    fn other(&mut self, at: usize) -> usize {
        let others: Vec<usize> = self.neighbours(at).collect();
        let chosen = if others.len() > 1 { self.rng.below(others.len()) } else { 0 };
        others[chosen]
    }

    fn wire_step(&mut self) -> Result<(), Failure> {
        if self.wires.is_empty() {
            return Ok(());
        }
        let at = self.rng.below(self.wires.len());
        let end = if self.rng.once_in(2) { End::Caller } else { End::Listener };
        match self.rng.below(4) {
            0 => self.wires[at].tick(end, self.now),
            1 => {
                let frames = 1 + self.rng.below(3);
                self.wires[at].write(end, frames, self.now);
            }
            2 => {
                let magnitude = 4 + self.rng.below(17);
                let count = 1 + self.rng.below(1 << magnitude);
                self.wires[at].deliver(end, count, self.now);
            }
            _ => {
                let fall = fall(&mut self.rng);
                self.errand(at, end, fall)?;
                return Ok(());
            }
        }
        self.reap(at);
        Ok(())
    }

    fn reap(&mut self, at: usize) {
        if self.wires[at].is_over() {
            self.drop_wire(at);
        }
    }

    fn drop_wire(&mut self, at: usize) {
        let wire = self.wires.swap_remove(at);
        self.overhear(&wire);
        if self.tapes.len() < 8 {
            self.tapes.push((wire.caller, wire.listener, wire.recorded));
        }
    }

    /// Carries out one errand of one end. `false` when there was none.
    fn errand(&mut self, at: usize, end: End, fall: Fall) -> Result<bool, Failure> {
        let Some(Errand { plan, then }) = self.wires[at].next_errand(end) else { return Ok(false) };
        let name = self.wires[at].site(end).clone();
        let site = self.site(&name)?;
        if fall == Fall::Before {
            self.kill(site)?;
            return Ok(true);
        }
        let outcome = self.sites[site].commit(plan, self.now)?;
        if fall == Fall::After {
            self.kill(site)?;
            return Ok(true);
        }
        self.tell(at, end, then, &outcome);
        Ok(true)
    }

    fn tell(
        &mut self,
        at: usize,
        end: End,
        then: Then,
        outcome: &Result<attache_store::Committed, attache_store::Conflict>,
    ) {
        match end {
            End::Caller => self.wires[at].calling.done(then, outcome),
            End::Listener => self.wires[at].listening.done(then, outcome),
        }
    }

    fn site(&self, name: &NodeName) -> Result<usize, Failure> {
        Ok(self.sites.iter().position(|site| site.name == *name).ok_or(Fault::Missing("site"))?)
    }

    fn strike(&mut self, blow: Blow) -> Result<(), Failure> {
        match blow {
            Blow::Cut if !self.wires.is_empty() => {
                let at = self.rng.below(self.wires.len());
                self.trace.push("-- cut".into());
                self.drop_wire(at);
                Ok(())
            }
            Blow::Kill => {
                let site = self.rng.below(self.sites.len());
                self.kill(site)
            }
            Blow::Replay if !self.tapes.is_empty() => self.replay(),
            _ => Ok(()),
        }
    }

    /// Takes a node down between two steps, with all its connections, and up again.
    fn kill(&mut self, site: usize) -> Result<(), Failure> {
        let name = self.sites[site].name.clone();
        self.trace.push(format!("-- kill {name}"));
        // Connections first: they hold what is open in the vault.
        while let Some(at) = self.wires.iter().position(|w| w.caller == name || w.listener == name) {
            self.drop_wire(at);
        }
        self.sites[site].kill();
        self.struck.insert(site);
        self.sites[site].start()
    }

    /// Plays back what a caller said, to the same listener, and hears nothing of the answers.
    fn replay(&mut self) -> Result<(), Failure> {
        let (caller, listener, tape) = self.tapes[self.rng.below(self.tapes.len())].clone();
        self.trace.push(format!("-- replay to {listener}"));
        let (from, to) = (self.site(&caller)?, self.site(&listener)?);
        let mut wire = Wire::dial(self.sites[from].office()?, self.sites[to].office()?, self.now)?;
        let cut = self.rng.below(tape.len() + 1);
        wire.listening.received(self.now, &tape[..cut]);
        wire.given[End::Listener as usize].extend_from_slice(&tape[..cut]);
        self.overhear(&wire);
        let mut errands = Vec::new();
        while let Some(errand) = wire.next_errand(End::Listener) {
            errands.push(errand);
        }
        for Errand { plan, then } in errands {
            // A tape that does not fit the moment may look like a breach, and honest nodes are not to be written up
            // for what a third one played.
            if then != Then::Recorded {
                let outcome = self.sites[to].commit(plan, self.now)?;
                wire.listening.done(then, &outcome);
            }
        }
        Ok(())
    }

    /// Everything that can move moves. `false` when nothing did.
    fn quiet_round(&mut self) -> Result<bool, Failure> {
        // What was open may hang on a lost answer: new connections, one each way.
        for wire in &mut self.wires {
            wire.close();
        }
        for wire in std::mem::take(&mut self.wires) {
            self.overhear(&wire);
        }
        let mut moved = false;
        for at in 0..self.sites.len() {
            // The beat of a log is not that of its exchanges.
            if self.rng.once_in(2) && self.unbeaten != Some(at) {
                self.sites[at].publish(self.now)?;
            }
            for other in self.neighbours(at) {
                self.connect_to(at, other)?;
            }
            loop {
                let fresh = self.rng.id();
                if !self.sites[at].chore(fresh, self.now)? {
                    break;
                }
                moved = true;
            }
        }
        moved |= self.settle_people()?;
        for at in 0..self.sites.len() {
            moved |= self.quiet_readers(at)?;
        }
        moved |= self.drain()?;
        for at in 0..self.sites.len() {
            self.read_answered(at)?;
        }
        // What is promised waits for a beat, in which nothing may seem to move.
        for at in 0..self.sites.len() {
            for other in self.others(at) {
                moved |= self.sites[at].owes_proof_to(&self.sites[other].name)?;
            }
        }
        Ok(moved)
    }

    fn settle_people(&mut self) -> Result<bool, Failure> {
        let mut moved = false;
        loop {
            let before: u64 = self.entries()?;
            // At both sites: chance may pass one over, and what waits there would count as lost.
            for at in 0..self.sites.len() {
                self.person(at, true)?;
            }
            if self.entries()? == before {
                return Ok(moved);
            }
            moved = true;
        }
    }

    fn entries(&self) -> Result<u64, Failure> {
        self.sites.iter().map(|site| Ok(site.office()?.view.read().size)).sum()
    }

    fn drain(&mut self) -> Result<bool, Failure> {
        let before = self.entries()?;
        loop {
            let mut moved = false;
            for at in 0..self.wires.len() {
                for end in [End::Caller, End::Listener] {
                    self.wires[at].tick(end, self.now);
                    moved |= self.wires[at].write(end, 4, self.now);
                    while self.wires[at].underway(end) > 0 {
                        moved |= self.wires[at].deliver(end, 1 << 20, self.now);
                    }
                    moved |= self.errand(at, end, Fall::Nowhere)?;
                }
            }
            if !moved {
                return Ok(self.entries()? != before);
            }
        }
    }
}
