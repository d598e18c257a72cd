//! A report to oversight over many acts: how long it takes, and how much memory the making of it takes beside what the node holds
//! anyway. There is no peer; both are held to limits, and the memory to what a tenth of the acts takes.
//!
//! The acts are those of exchanges from both sides, put into the journal without their people and packages.
//!
//! *Absent:* a verdict on the report; `attache verify report` has one.

use crate::history::{commit, exchange};
use crate::measure::{Report, target};
use attache_accord::act::Act;
use attache_accord::mandate::Mandate;
use attache_accord::people::{Person, Role};
use attache_accord::{Network, Timestamp};
use attache_custody::Keyring;
use attache_node::desk;
use attache_node::engine::{Engine, Plan};
use attache_node::founding::{self, Draft};
use attache_node::node::open_engine;
use attache_node::office::Office;
use attache_node::papers::Papers;
use attache_node::report::Wanted;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::statement::{Head, Signed, Statement};
use attache_store::{MemoryVault, SqliteJournal};
use attache_tlog::Origin;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Acts that are reported on, and a tenth of them.
const ACTS: [u64; 2] = [100_000, 1_000_000];
/// A report may take so long, in seconds.
const MAX_SECONDS: f64 = 60.0;
/// And so much more memory than the node that makes it, in MiB, however many acts it is on.
const MAX_GROWTH_MIB: f64 = 32.0;

const BEGIN: Timestamp = Timestamp(1_780_000_000_000);
/// Time from one group of exchanges to the next: a year in a million acts.
const APART_MILLIS: u64 = 2_000_000;
/// Exchanges committed together.
const GROUP: u64 = 64;

/// A report on each number of acts, each in a process of its own.
pub fn run(report: &mut Report) {
    for acts in ACTS {
        let folder = tempfile::tempdir_in(target()).expect("a folder");
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        let said = command.args(["work", "report"]).arg(folder.path()).arg(acts.to_string()).output();
        let said = said.expect("it starts");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let said = String::from_utf8_lossy(&said.stdout);
        let figures: Vec<f64> =
            said.split_whitespace().map(|figure| figure.parse().expect("a number")).collect();
        let [seconds, before, growth] = figures[..] else { panic!("three figures: {said}") };
        println!("{acts} acts; the node holds {before:.0} MiB before");
        report.limit(&format!("report {acts}"), "s", seconds, MAX_SECONDS);
        report.limit(&format!("report {acts} memory"), "MiB", growth, MAX_GROWTH_MIB);
    }
}

/// One report; prints its seconds, the memory before it, and how much more it took at most, in MiB.
pub fn work(folder: &str, acts: &str) -> ExitCode {
    match make(Path::new(folder), acts) {
        Ok((seconds, before, growth)) => {
            println!("{seconds:.2} {before:.1} {growth:.1}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn make(folder: &Path, acts: &str) -> Outcome<(f64, f64, f64)> {
    let acts = acts.parse()?;
    let (node, origin) = ("seoul.kor".parse()?, founding::log_origin(&"seoul.kor".parse()?));
    let (pack, pair) = (Arc::new(Pack::gsomia_2016()), SigningPair::generate()?);
    let keys = Arc::new(Keyring::generate(&origin)?);
    let draft = Draft {
        node,
        party: "KOR".parse()?,
        network: Network::Exercise,
        endpoints: vec!["127.0.0.1:1".to_owned()],
        administrator: ("admin-1".parse()?, pair.verifying().clone()),
    };
    let card = founding::card(&draft, &pack, &keys, &SigningPair::generate()?, vec![0], BEGIN)?;
    let origin = Origin::new(&origin)?;
    let journal = Box::new(SqliteJournal::create(&folder.join("journal"), &origin)?);
    let mut engine = open_engine(journal, &keys, &pack)?;
    founding::found(&mut engine, &draft, &pack, BEGIN)?;
    let now = fill(&mut engine, acts, &pair)?;
    let papers = Papers::new(engine.reader()?, engine.rest());
    let custodian = engine.custodian();
    let office = Office::new(
        (keys, Arc::clone(&pack)),
        custodian,
        Arc::new(MemoryVault::new()),
        engine.view(),
        papers,
        card,
    )?;
    let mandate = mandate(&office, &pair, now)?;
    let step = desk::give_mandate(&office.view.read(), now, &mandate)?;
    commit(&mut engine, now, vec![step.plan])?;
    let head = office.papers.head()?;
    engine.put_published(head.size, &office.checkpoint(&head)?)?;

    // The peak before counts no more: what follows is the report's.
    fs::write("/proc/self/clear_refs", "5")?;
    let before = memory("VmRSS:")?;
    let begun = Instant::now();
    let wanted = Wanted {
        inspector: "inspector-1".parse()?,
        mandate: mandate.digest(),
        from: "2026-01-01".parse()?,
        until: "2036-12-31".parse()?,
        is_public: true,
    };
    let prepared = office.prepare_report(now, wanted)?;
    let plan = prepared.plan(&office.view.read())?;
    commit(&mut engine, now, vec![plan])?;
    let report = folder.join("report");
    office.write_report(&prepared, &mut |path, content| {
        let path = report.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, content)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    if prepared.sheet().leaves.is_none_or(|leaves| leaves < acts) {
        return Err("fewer acts are counted than there are".into());
    }
    Ok((seconds, before, memory("VmHWM:")? - before))
}

/// Fills the journal, and gives the time of the last act.
fn fill(engine: &mut Engine, acts: u64, pair: &SigningPair) -> Outcome<Timestamp> {
    let verifying = minicbor::to_vec(pair.verifying())?;
    let enrolled = [("office-1", Role::AgreementOffice), ("inspector-1", Role::Inspector)];
    let mut people = Vec::new();
    for (id, role) in enrolled {
        let person = Person {
            id: id.parse()?,
            party: "KOR".parse()?,
            roles: [role].into(),
            clearance: None,
            duties: Default::default(),
        };
        people.push(Act::PersonEnrolled {
            person,
            verifying: verifying.clone().into(),
            by: Some("admin-1".parse()?),
        });
    }
    commit(engine, BEGIN, vec![Plan { acts: people, ..Plan::default() }])?;
    let (mut now, mut number) = (BEGIN, 0_u64);
    while engine.view().read().size < acts {
        now = now.plus_millis(APART_MILLIS);
        exchange(engine, now, number..number + GROUP)?;
        number += GROUP;
    }
    Ok(now)
}

fn mandate(office: &Office, pair: &SigningPair, now: Timestamp) -> Outcome<Signed> {
    let body = Mandate {
        body: "Committee (fictitious)".to_owned(),
        body_ko: None,
        body_ja: None,
        inspectors: ["inspector-1".parse()?].into(),
        from: "2026-01-01".parse()?,
        until: "2036-12-31".parse()?,
        fields: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11].into(),
        basis: "resolution 12 (fictitious)".to_owned(),
    };
    let head = Head {
        network: Network::Exercise,
        agreement: office.identity.agreement.clone(),
        pack: office.pack.digest(),
        signer: "office-1".to_owned(),
        key: pair.verifying().key_id(),
        at: now,
    };
    Ok(Signed::seal(&Statement { head, body }, pair)?)
}

/// What the kernel says of this process's memory, in MiB.
fn memory(what: &str) -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(what)).ok_or("no such figure")?;
    let kib: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kib / 1024.0)
}
