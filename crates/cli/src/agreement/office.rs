//! The agreement office's acts: each becomes an instrument, signed with the person's own key, and is brought to the partner by
//! itself.
//!
//! *Absent:* rules. What may come next is said by `accord` at the node; here only the next instrument is written.

use super::texts;
use crate::client::Client;
use crate::context::Context;
use crate::found::{Failed, Found};
use attache_accord::agreement::Terms;
use attache_accord::lifecycle::{Holds, Instrument, Kept, Record, Step, reading, reading_from};
use attache_accord::{CivilDay, Digest, Party, Timestamp};
use attache_gate::api;
use attache_release::Pack;
use attache_seal::statement::Signed;
use clap::Args;
use data_encoding::BASE64;
use serde_json::json;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The papers of an act.
#[derive(Args)]
pub(crate) struct Papers {
    /// Who did it, by the office or name under which the Party answers for it.
    #[arg(long)]
    official: String,
    /// The number of the document.
    #[arg(long)]
    document: String,
    /// The day from which the document speaks, at the agreement's time (2016-11-23), or a moment of it
    /// (2016-11-23T10:00); without it now.
    #[arg(long)]
    dated: Option<Moment>,
    /// Words to it: a reason, a position, which law changed.
    #[arg(long, default_value = "")]
    remark: String,
    /// From when the Party declares the agreement to be in force. Without this and the next two, an act about notices declares
    /// what the text gives, and any other leaves the declaration as it is.
    #[arg(long)]
    in_force_from: Option<Moment>,
    /// Until when; the first moment that it is not in force any more.
    #[arg(long)]
    in_force_until: Option<Moment>,
    /// No end is set.
    #[arg(long, conflicts_with = "in_force_until")]
    no_end: bool,
}

/// A day or a moment in the agreement's civil time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    Day(CivilDay),
    Local(Timestamp),
    Exact(Timestamp),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let local = || format!("{text}:00Z").parse().ok().filter(|_| text.len() == 16).map(Self::Local);
        let exact = || text.parse().ok().filter(|_| text.ends_with('Z')).map(Self::Exact);
        let day = text.parse().ok().map(Self::Day);
        let rule = "a day such as 2016-11-23, a moment of it such as 2016-11-23T10:00, or UTC such as 2016-11-23T01:00:00Z";
        day.or_else(local).or_else(exact).ok_or_else(|| rule.to_owned())
    }
}

impl Moment {
    fn at(self, terms: &Terms) -> Timestamp {
        match self {
            Self::Day(day) => day.start(terms.utc_offset_hours),
            Self::Local(at) => Timestamp(at.0.saturating_sub(u64::from(terms.utc_offset_hours) * 3_600_000)),
            Self::Exact(at) => at,
        }
    }
}

/// The records as the node has them, and whose the own one is.
pub(super) struct Desk {
    pub(super) client: Client,
    pub(super) own: Party,
    pub(super) records: BTreeMap<Party, Record>,
    pub(super) pack: Pack,
}

impl Desk {
    pub(super) fn open(context: &Context) -> Result<Self, Failed> {
        let client = context.sign_in()?;
        let shown: api::Agreement = client.get("/v1/agreement")?;
        let own = shown.parties.iter().find(|party| party.own).map(|party| party.party.clone());
        let own =
            own.ok_or_else(|| Failed::misuse("party: this node's Party is no Party to the agreement"))?;
        let instruments: Vec<api::Instrument> = client.list("/v1/agreement/instruments")?;
        let mut records: BTreeMap<Party, Record> = BTreeMap::new();
        for shown in &instruments {
            let kept = kept(shown)?;
            records.entry(kept.instrument.party).or_default().push(kept);
        }
        Ok(Self { client, own: own.parse().map_err(Failed::fault)?, records, pack: context.home()?.pack()? })
    }

    pub(super) fn own_record(&self) -> Record {
        self.records.get(&self.own).cloned().unwrap_or_default()
    }

    /// The text put forward last, by whichever Party.
    pub(super) fn last_proposed(&self) -> Option<Digest> {
        let proposed = self.records.values().flat_map(|record| &record.facts().proposed);
        proposed.max_by_key(|(_, _, dated)| *dated).map(|(text, ..)| *text)
    }

    /// The first announcement of another Party that is not acknowledged.
    pub(super) fn unacknowledged(&self) -> Option<Digest> {
        let acknowledged = self.own_record().facts().acknowledged.clone();
        let others = self.records.iter().filter(|(party, _)| **party != self.own);
        let announced = others.flat_map(|(_, record)| &record.facts().law_changes).map(|(notice, _)| *notice);
        announced.into_iter().find(|notice| !acknowledged.contains(notice))
    }

    /// What the text gives for the effect, were `instrument` on record.
    fn read(&self, instrument: &Instrument) -> Holds {
        let mut records = self.records.clone();
        let kept = Kept { digest: Digest([0; 32]), instrument: instrument.clone() };
        records.entry(self.own).or_default().push(kept);
        let text = reading(&records, self.pack.terms()).holds;
        match (text.from, instrument.holds.from) {
            (None, Some(from)) => reading_from(from, &records, self.pack.terms()).holds,
            _ => text,
        }
    }

    /// Writes, signs and hands in the next instrument.
    pub(super) fn act(&self, step: Step, papers: Papers) -> Result<Found, Failed> {
        let terms = self.pack.terms();
        let record = self.own_record();
        let others = self.records.iter().filter(|(party, _)| **party != self.own);
        let mut instrument = Instrument {
            party: self.own,
            number: record.len() + 1,
            previous: record.head(),
            seen: others.filter_map(|(party, record)| Some((*party, record.head()?))).collect(),
            step,
            official: papers.official,
            document: papers.document,
            dated: papers.dated.map_or_else(crate::home::now, |moment| moment.at(terms)),
            holds: record.facts().holds,
            remark: papers.remark,
        };
        let is_about_notice = matches!(
            instrument.step,
            Step::Notified {}
                | Step::NoticeGiven {}
                | Step::NoticeSuspended { .. }
                | Step::NoticeWithdrawn { .. }
        );
        let says = papers.in_force_from.is_some() || papers.in_force_until.is_some() || papers.no_end;
        if is_about_notice && !says {
            instrument.holds = self.read(&instrument);
        }
        if let Some(from) = papers.in_force_from {
            instrument.holds.from = Some(from.at(terms));
        }
        if papers.no_end {
            instrument.holds.until = None;
        }
        if let Some(until) = papers.in_force_until {
            instrument.holds.until = Some(until.at(terms));
        }
        self.hand_in(instrument)
    }

    /// Declares what the text gives.
    pub(super) fn as_text(&self, papers: Papers) -> Result<Found, Failed> {
        let text = reading(&self.records, self.pack.terms()).holds;
        let from = text.from.map(Moment::Exact);
        let from = from.ok_or_else(|| {
            Failed::misuse(
                "as-text: the records give no beginning; not every Party has notified. Say --in-force-from",
            )
        })?;
        let (until, no_end) = (text.until.map(Moment::Exact), text.until.is_none());
        self.act(
            Step::PositionTaken {},
            Papers { in_force_from: Some(from), in_force_until: until, no_end, ..papers },
        )
    }

    fn hand_in(&self, instrument: Instrument) -> Result<Found, Failed> {
        let (word, number, holds) = (instrument.step.as_str(), instrument.number, instrument.holds);
        let recorded: api::Recorded =
            self.client.post("/v1/agreement/instruments", &self.client.sign(instrument)?)?;
        let text = format!(
            "Instrument {number} of {}: {word}. It goes to the partner by itself.\nDeclared: {}",
            self.own,
            texts::span(holds.from, holds.until, self.pack.terms().utc_offset_hours)
        );
        Found::of(text, &json!({ "index": recorded.index, "number": number, "step": word }))
    }
}

fn kept(shown: &api::Instrument) -> Result<Kept, Failed> {
    let odd = || Failed::fault("the node's record cannot be read; is it of another version?");
    let bytes = BASE64.decode(shown.statement.as_bytes()).map_err(|_| odd())?;
    let signed = Signed::from_bytes(&bytes).map_err(|_| odd())?;
    let instrument = signed.dangerously_unverified::<Instrument>().map_err(|_| odd())?.body;
    Ok(Kept { digest: signed.digest(), instrument })
}
