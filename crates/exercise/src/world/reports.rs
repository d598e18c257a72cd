//! Reports to oversight of both nodes, after exchanges on several days.
//!
//! *Absent:* a saboteur of reports. What they are worth is for their verifier to say.

use super::{BEGIN, Foul, Found, Played, World};
use crate::site::Site;
use attache_accord::mandate::Mandate;
use attache_accord::{CivilDay, Timestamp};
use attache_custody::Keyring;
use attache_node::fault::Failure;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_store::MemoryDisk;
use std::collections::BTreeMap;
use std::sync::Arc;

/// From one day of exchanges to the next, in hours.
const APART_HOURS: u64 = 48;

/// The days that a report is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// All, from the founding on.
    All,
    /// Those in the middle, with leaves before and behind.
    Middle,
}

/// Reports of both nodes, and the keys under which a node that lies would sign others.
pub struct Reported {
    /// Files by path and fingerprints.
    pub played: Played,
    /// Each node's keys.
    pub keys: BTreeMap<String, Arc<Keyring>>,
    /// The keys of each node's inspector, who cosigned its report; their fingerprints stand behind those of the nodes.
    pub inspectors: BTreeMap<String, SigningPair>,
}

/// Runs the exercise of `seed` on two days, and takes reports of both nodes into one folder, under mandates that open `fields`.
///
/// # Errors
/// As [`run`](crate::run).
pub fn reports(seed: u64, steps: usize, days: Days, fields: &[u8]) -> Result<Reported, Found> {
    let failed = |failure| Found::Failure { seed, failure, trace: Vec::new() };
    let mut world = World::new(seed, MemoryDisk::new).map_err(failed)?;
    for _ in 0..2 {
        if let Err(Foul(rule)) = world.play(steps).map_err(failed)? {
            return Err(Found::Foul { seed, rule, trace: world.trace });
        }
        world.now = world.now.plus_hours(APART_HOURS);
        world.cases = 0;
    }
    world.reports(days, fields).map_err(failed)
}

impl World {
    fn reports(&mut self, days: Days, fields: &[u8]) -> Result<Reported, Failure> {
        let offset = attache_release::Pack::gsomia_2016().terms().utc_offset_hours;
        let day = |at: Timestamp| CivilDay::of(at, offset);
        let (first, last) = (day(BEGIN), day(self.now));
        let (from, until) = match days {
            Days::All => (first, last),
            Days::Middle => (first.plus_days(1), last.minus_days(1)),
        };
        let mandate = |site: &Site| -> Result<Mandate, Failure> {
            Ok(Mandate {
                body: "Committee (fictitious)".to_owned(),
                body_ko: Some("위원회 (가상)".to_owned()),
                body_ja: Some("委員会（架空）".to_owned()),
                inspectors: [site.inspector()?].into(),
                from: first,
                until: last,
                fields: fields.iter().copied().collect(),
                basis: "resolution 12 (fictitious)".to_owned(),
            })
        };
        let mut files = BTreeMap::new();
        let (mut nodes, mut inspectors) = (Vec::new(), BTreeMap::new());
        for site in &mut self.sites {
            let mandate = mandate(site)?;
            let inspector = site.report(mandate, (from, until), self.now, &mut |path, bytes| {
                files.insert(path.to_owned(), bytes.to_vec());
                Ok(())
            })?;
            inspectors.insert(site.name.to_string(), inspector);
            nodes.push(format!("\"{}\"", site.name));
        }
        // The heading of both together: each wrote one for itself.
        if let Some(heading) = files.get_mut("report.json") {
            let text = String::from_utf8_lossy(heading).replace("\"tokyo.jpn\"", &nodes.join(","));
            *heading = text.into_bytes();
        }
        let fingerprint = |site: &Site| attache_seal::papers::Card::fingerprint(&site.card);
        let keys = self.sites.iter().map(|site| (site.name.to_string(), site.keys()));
        let mut fingerprints: Vec<String> = self.sites.iter().map(fingerprint).collect();
        fingerprints.extend(inspectors.values().map(|pair| pair.verifying().key_id().fingerprint()));
        Ok(Reported { keys: keys.collect(), inspectors, played: Played { files, fingerprints } })
    }
}
