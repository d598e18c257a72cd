//! The cast: fictitious people at both nodes, enrolled by their administrators, and what each of them does.
//!
//! *Absent:* rights of its own. Every step is a person's, signed in with that person's key.

use super::stage::Stage;
use super::story::Story;
use super::{patience_seconds, patiently, patiently_for};
use crate::client::Client;
use crate::found::Failed;
use crate::people::{self, PersonVerb};
use attache_accord::PersonId;
use attache_accord::lifecycle::{Holds, Instrument, Step};
use attache_gate::api;
use attache_seal::papers::Answer;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A node of the demo.
pub(super) struct Nation {
    pub(super) folder: &'static str,
    pub(super) node: &'static str,
    pub(super) party: &'static str,
    pub(super) unit: &'static str,
    /// The highest level that its people are cleared for.
    clearance: &'static str,
    partner: &'static str,
}

pub(super) static SEOUL: Nation = Nation {
    folder: "seoul",
    node: "seoul.kor",
    party: "KOR",
    unit: "Analysis Desk 901 (fictitious)",
    clearance: "KOR:I",
    partner: "JPN",
};
pub(super) static TOKYO: Nation = Nation {
    folder: "tokyo",
    node: "tokyo.jpn",
    party: "JPN",
    unit: "Imagery Desk 902 (fictitious)",
    clearance: "JPN:TOKUTEI",
    partner: "KOR",
};
pub(super) static WASHINGTON: Nation = Nation {
    folder: "washington",
    node: "washington.usa",
    party: "USA",
    unit: "Liaison Desk 903 (fictitious)",
    clearance: "USA:SECRET",
    partner: "",
};

/// Under which agreement the demo plays, and among whom.
pub(super) struct Plot {
    /// The name of its built-in rule pack.
    pub(super) pack: &'static str,
    /// Those whose nodes serve.
    pub(super) nations: &'static [&'static Nation],
    /// Those who are known to Seoul by a card alone.
    pub(super) strangers: &'static [&'static Nation],
    /// From when all hold it to be in force.
    pub(super) in_force: &'static str,
}

/// Korea and Japan, under their agreement of 2016; a third country asks, and is never let in.
pub(super) static DIRECT: Plot = Plot {
    pack: "gsomia-2016",
    nations: &[&SEOUL, &TOKYO],
    strangers: &[&WASHINGTON],
    in_force: "2016-11-23",
};
/// All three, under the arrangement of 2014.
pub(super) static VIA_WASHINGTON: Plot = Plot {
    pack: "tisa-2014",
    nations: &[&SEOUL, &TOKYO, &WASHINGTON],
    strangers: &[],
    in_force: "2014-12-29",
};

/// Kinds that the demo's people need to know.
const DUTIES: [&str; 5] = ["imagery", "track", "patrol", "humint", "document"];
/// For what use items are asked for.
pub(super) const PURPOSE: &str = "early warning (fictitious)";

impl Nation {
    /// The pseudonym of someone at this node.
    pub(super) fn person(&self, role: &str) -> String {
        format!("{role}-{}", self.party.to_lowercase())
    }
}

/// Everyone, signed in.
pub(super) struct Cast {
    people: BTreeMap<String, Client>,
}

impl Cast {
    /// Enrols the people, exchanges the cards, and records positions and assurances.
    pub(super) fn enrol(stage: &Stage, story: &Story) -> Result<Self, Failed> {
        let mut cast = Self { people: BTreeMap::new() };
        for nation in stage.plot.nations.iter().copied() {
            let admin = nation.person("admin");
            cast.people.insert(admin.clone(), stage.context(nation, &admin)?.sign_in()?);
            let cleared = Some(nation.clearance);
            for (name, roles, clearance) in [
                ("analyst", vec!["analyst"], cleared),
                ("fdo", vec!["disclosure-officer"], cleared),
                ("desk", vec!["desk-officer"], cleared),
                // Both roles in one person: allowed, and still not for the same case.
                ("lead", vec!["analyst", "disclosure-officer"], cleared),
                ("novice", vec!["analyst"], None),
                ("registrar", vec!["registrar"], None),
                ("office", vec!["agreement-office"], None),
            ] {
                cast.add(stage, nation, name, &roles, clearance)?;
            }
        }
        cast.befriend(stage)?;
        story.in_force(stage.plot);
        Ok(cast)
    }

    fn add(
        &mut self,
        stage: &Stage,
        nation: &Nation,
        name: &str,
        roles: &[&str],
        clearance: Option<&str>,
    ) -> Result<(), Failed> {
        let person = nation.person(name);
        let context = stage.context(nation, &person)?;
        let id: PersonId = person.parse().map_err(Failed::misuse)?;
        people::person(PersonVerb::Key { person: id }, &context)?;
        let public: PathBuf = context.keys.join(format!("{person}.pub"));
        let year_hours = 365 * 24;
        let wanted = api::Person {
            person: person.clone(),
            roles: roles.iter().map(ToString::to_string).collect(),
            clearance: clearance.map(|level| api::Clearance {
                level: level.to_owned(),
                until: crate::home::now().plus_hours(year_hours).to_string(),
            }),
            duties: DUTIES.iter().map(ToString::to_string).collect(),
            verifying: context.read_text(&public)?,
        };
        let _: api::Recorded = self.client(&nation.person("admin"))?.post("/v1/persons", &wanted)?;
        self.people.insert(person, context.sign_in()?);
        Ok(())
    }

    /// Cards with compared fingerprints, both Parties' positions, and an assurance each way (Art. 7, 21).
    fn befriend(&self, stage: &Stage) -> Result<(), Failed> {
        let nations = stage.plot.nations;
        let pairs = || {
            let all = nations.iter().flat_map(|here| nations.iter().map(move |there| (*here, *there)));
            all.filter(|(here, there)| here.node != there.node)
        };
        let strangers = stage.plot.strangers.iter().map(|stranger| (&SEOUL, *stranger));
        for (here, there) in pairs().chain(strangers) {
            let admin = self.client(&here.person("admin"))?;
            let card = data_encoding::BASE64.encode(&stage.home(there)?.card()?.to_bytes());
            let peer = api::NewPeer { card, fingerprint: stage.fingerprint(there)?, succession: None };
            let _: api::Recorded = admin.post("/v1/peers", &peer)?;
        }
        nations.iter().try_for_each(|nation| self.declare(nation, stage.plot.in_force))?;
        for (here, there) in pairs() {
            let admin = self.client(&here.person("admin"))?;
            let assuring = api::Assuring {
                person: there.person("analyst"),
                purpose: PURPOSE.to_owned(),
                expires_at: crate::home::now().plus_hours(180 * 24).to_string(),
            };
            let given: api::Stated =
                self.client(&there.person("admin"))?.post("/v1/assurances/given", &assuring)?;
            let _: api::Recorded = admin.post("/v1/assurances", &given)?;
        }
        for nation in nations {
            patiently("the partner's position", || {
                let shown: api::Agreement = self.client(&nation.person("office"))?.get("/v1/agreement")?;
                Ok((shown.force == "in-force").then_some(()))
            })?;
        }
        Ok(())
    }

    /// The agreement office declares its Party's position; the partner's node mirrors it.
    fn declare(&self, nation: &Nation, in_force: &str) -> Result<(), Failed> {
        let from = in_force.parse().map_err(Failed::misuse)?;
        let instrument = Instrument {
            party: nation.party.parse().map_err(Failed::misuse)?,
            number: 1,
            previous: None,
            seen: BTreeMap::new(),
            step: Step::PositionTaken {},
            official: "Office of Treaties (fictitious)".to_owned(),
            document: "written notification (fictitious copy)".to_owned(),
            dated: from,
            holds: Holds { from: Some(from), until: None },
            remark: "In force since that day".to_owned(),
        };
        let office = self.client(&nation.person("office"))?;
        let _: api::Recorded = office.post("/v1/agreement/instruments", &office.sign(instrument)?)?;
        Ok(())
    }

    pub(super) fn client(&self, person: &str) -> Result<&Client, Failed> {
        self.people.get(person).ok_or_else(|| Failed::fault(format!("{person} is not in the cast")))
    }

    pub(super) fn analyst(&self, nation: &Nation) -> Result<&Client, Failed> {
        self.client(&nation.person("analyst"))
    }

    pub(super) fn desk(&self, nation: &Nation) -> Result<&Client, Failed> {
        self.client(&nation.person("desk"))
    }

    pub(super) fn registrar(&self, nation: &Nation) -> Result<&Client, Failed> {
        self.client(&nation.person("registrar"))
    }

    /// The analyst marks an item, releasable to the partner or to nobody.
    pub(super) fn mark(
        &self,
        nation: &Nation,
        item: &str,
        level: &str,
        kind: &str,
        releasable: bool,
    ) -> Result<api::Item, Failed> {
        let marking = api::Marking {
            level: level.to_owned(),
            kind: kind.to_owned(),
            topics: Vec::new(),
            releasable_to: if releasable { vec![nation.partner.to_owned()] } else { Vec::new() },
            caveats: Vec::new(),
            control: None,
            purposes: Vec::new(),
            marked_at: None,
        };
        self.analyst(nation)?.post(&format!("/v1/items/{item}/marking"), &marking)
    }

    /// The analyst asks for a release.
    pub(super) fn request(&self, nation: &Nation, item: &str, to: &str) -> Result<api::Acted, Failed> {
        self.request_as(&nation.person("analyst"), item, to)
    }

    /// Someone asks for a release.
    pub(super) fn request_as(&self, person: &str, item: &str, to: &str) -> Result<api::Acted, Failed> {
        let to = to.parse().map_err(Failed::misuse)?;
        crate::releases::request(self.client(person)?, item, &to, PURPOSE.to_owned())
    }

    /// The disclosure officer decides a case.
    pub(super) fn decide(&self, nation: &Nation, case: &str, answer: Answer) -> Result<api::Acted, Failed> {
        self.decide_as(&nation.person("fdo"), case, answer)
    }

    /// Someone decides a case.
    pub(super) fn decide_as(&self, person: &str, case: &str, answer: Answer) -> Result<api::Acted, Failed> {
        let client = self.client(person)?;
        let shown: api::Release = client.get(&format!("/v1/releases/{case}"))?;
        crate::releases::decide(client, &shown, answer, "as agreed (fictitious)".to_owned(), "1".to_owned())
    }

    /// The arrival of an item of so many bytes, once it is there.
    pub(super) fn arrival(
        &self,
        nation: &Nation,
        item_digest: &str,
        bytes: u64,
    ) -> Result<api::Arrival, Failed> {
        let desk = self.desk(nation)?;
        patiently_for(patience_seconds(bytes), "the package", || {
            let arrivals: Vec<api::Arrival> = desk.list("/v1/arrivals")?;
            Ok(arrivals.into_iter().find(|arrival| arrival.item_digest == item_digest))
        })
    }

    /// The receipt for a dispatch, once the sender has it.
    pub(super) fn receipt(&self, nation: &Nation, dispatch: &str) -> Result<api::ReceiptFacts, Failed> {
        let analyst = self.analyst(nation)?;
        patiently("the receipt", || {
            let receipts: Vec<api::ReceiptFacts> = analyst.list("/v1/receipts")?;
            Ok(receipts.into_iter().find(|receipt| receipt.dispatch == dispatch && receipt.delivered))
        })
    }
}
