//! Reports to oversight of both nodes, after exchanges on several days.
//!
//! *Absent:* a saboteur of reports. What they are worth is for their verifier to say.

use super::{BEGIN, Foul, Found, Played, World, found_in};
use crate::site::Site;
use attache_accord::mandate::Mandate;
use attache_accord::{CivilDay, Digest, Timestamp};
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
    /// From the second on to one that is not over in any tree, without figures for the public.
    Open,
    /// Such as have not begun in any tree, without figures for the public.
    Ahead,
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
    found_in(World::new(seed, MemoryDisk::new), seed, |world| world.reported(steps, days, fields))
}

/// The civil day of the agreement.
fn day(at: Timestamp) -> CivilDay {
    CivilDay::of(at, attache_release::Pack::gsomia_2016().terms().utc_offset_hours)
}

impl World {
    fn reported(
        &mut self,
        steps: usize,
        days: Days,
        fields: &[u8],
    ) -> Result<Result<Reported, Foul>, Failure> {
        for _ in 0..2 {
            if let Err(foul) = self.play(steps)? {
                return Ok(Err(foul));
            }
            self.now = self.now.plus_hours(APART_HOURS);
            self.cases = 0;
        }
        let mandates = self.mandates(fields)?;
        let given_on = self.today();
        self.beat()?;
        // The day is over in a tree once one of a later day is in it.
        if days == Days::All {
            self.now = self.now.plus_hours(APART_HOURS);
            self.beat()?;
        }
        // Until all of it is published and cosigned.
        if let Err(foul) = self.play(0)? {
            return Ok(Err(foul));
        }
        let period = match days {
            Days::All => (day(BEGIN), given_on),
            Days::Middle => (day(BEGIN).plus_days(1), given_on.minus_days(1)),
            Days::Open => (day(BEGIN).plus_days(1), given_on.plus_days(30)),
            Days::Ahead => (given_on.plus_days(10), given_on.plus_days(30)),
        };
        self.reports(mandates, period, matches!(days, Days::All | Days::Middle)).map(Ok)
    }

    fn beat(&mut self) -> Result<(), Failure> {
        let now = self.now;
        self.sites.iter_mut().try_for_each(|site| site.publish(now))
    }

    fn today(&self) -> CivilDay {
        day(self.now)
    }

    /// Each site's inspector, and the mandate that its agreement office gave.
    fn mandates(&mut self, fields: &[u8]) -> Result<Vec<(SigningPair, Digest)>, Failure> {
        let mut given = Vec::new();
        for site in &mut self.sites {
            let mandate = Mandate {
                body: "Committee (fictitious)".to_owned(),
                body_ko: Some("위원회 (가상)".to_owned()),
                body_ja: Some("委員会（架空）".to_owned()),
                inspectors: [site.inspector()?].into(),
                from: day(BEGIN),
                until: CivilDay::END,
                fields: fields.iter().copied().collect(),
                basis: "resolution 12 (fictitious)".to_owned(),
            };
            given.push(site.begin_oversight(mandate, self.now)?);
        }
        Ok(given)
    }

    fn reports(
        &mut self,
        mandates: Vec<(SigningPair, Digest)>,
        period: (CivilDay, CivilDay),
        is_public: bool,
    ) -> Result<Reported, Failure> {
        let mut files = BTreeMap::new();
        let (mut nodes, mut inspectors) = (Vec::new(), BTreeMap::new());
        for (site, mandate) in self.sites.iter_mut().zip(mandates) {
            site.report(&mandate, (period, is_public), self.now, &mut |path, bytes| {
                files.insert(path.to_owned(), bytes.to_vec());
                Ok(())
            })?;
            inspectors.insert(site.name.to_string(), mandate.0);
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
