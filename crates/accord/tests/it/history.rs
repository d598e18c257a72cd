//! Reads the histories of `vectors/lifecycle/`: instruments, instruments that must be refused, and expectations.

use attache_accord::agreement::{Force, Position, Terms, force};
use attache_accord::lifecycle::{
    Divergence, Due, Holds, Instrument, Lifecycle, Reading, Record, Step, calendar, divergences, reading,
};
use attache_accord::{CivilDay, Digest, Party, Timestamp};
use std::collections::BTreeMap;

/// Hours east of Greenwich in which the histories tell times.
const OFFSET_HOURS: u64 = 9;

/// One line of a history.
pub enum Line {
    /// The Party made an instrument.
    Made { party: Party, wanted: Wanted },
    /// The record must not take it, for a reason with these words.
    Refused { party: Party, wanted: Wanted, why: String },
    /// What must be seen at that time: about what, and what.
    Expect { at: Timestamp, about: String, value: String },
}

/// An instrument as a history tells it.
pub struct Wanted {
    dated: Timestamp,
    step: String,
    official: String,
    document: String,
    holds: String,
    remark: String,
}

/// One history: the pack that it is under and its lines, each with its text.
pub struct History {
    pub pack: String,
    pub lines: Vec<(String, Line)>,
}

impl History {
    pub fn read(name: &str) -> Self {
        let path = format!("{}/../../vectors/lifecycle/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pack = lines.next().unwrap().strip_prefix("pack ").unwrap().to_owned();
        Self { pack, lines: lines.map(|line| (line.to_owned(), read(line))).collect() }
    }
}

fn time(text: &str) -> Timestamp {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { format!("{text}:00Z") };
    let local: Timestamp = whole.parse().unwrap_or_else(|_| panic!("time {text:?}"));
    Timestamp(local.0 - OFFSET_HOURS * 3_600_000)
}

fn read(line: &str) -> Line {
    let fields: Vec<&str> = line.split('|').map(str::trim).collect();
    let wanted = |fields: &[&str]| Wanted {
        dated: time(fields[0]),
        step: fields[2].to_owned(),
        official: fields[3].to_owned(),
        document: fields[4].trim_matches('"').to_owned(),
        holds: fields[5].to_owned(),
        remark: fields[6].to_owned(),
    };
    match fields.as_slice() {
        ["expect", at, about, value] => {
            Line::Expect { at: time(at), about: (*about).to_owned(), value: (*value).to_owned() }
        }
        ["refused", rest @ .., why] => {
            Line::Refused { party: rest[1].parse().unwrap(), wanted: wanted(rest), why: (*why).to_owned() }
        }
        rest if rest.len() == 7 => Line::Made { party: rest[1].parse().unwrap(), wanted: wanted(rest) },
        _ => panic!("not a line of a history: {line}"),
    }
}

/// A text's digest: its name, filled up. Histories need no more.
fn text(name: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    Digest(bytes)
}

fn span(text: &str) -> Holds {
    let (from, until) = text.split_once("..").unwrap();
    let at = |text: &str| (!text.is_empty()).then(|| time(text));
    Holds { from: at(from), until: at(until) }
}

impl Wanted {
    /// The instrument, as `party` would make it now.
    pub fn instrument(&self, party: Party, lifecycle: &Lifecycle) -> Instrument {
        let empty = Record::default();
        let record = lifecycle.record(party).unwrap_or(&empty);
        let others = lifecycle.records().iter().filter(|(other, _)| **other != party);
        Instrument {
            party,
            number: record.len() + 1,
            previous: record.head(),
            seen: others.clone().filter_map(|(other, record)| Some((*other, record.head()?))).collect(),
            step: self.step(record, others.map(|(_, record)| record)),
            official: self.official.clone(),
            document: self.document.clone(),
            dated: self.dated,
            holds: match self.holds.as_str() {
                "-" => record.facts().holds,
                "none" => Holds::default(),
                given => span(given),
            },
            remark: self.remark.clone(),
        }
    }

    fn step<'a>(&self, own: &Record, others: impl Iterator<Item = &'a Record>) -> Step {
        let (word, about) = self.step.split_once(' ').unwrap_or((&self.step, ""));
        let about = about.to_owned();
        let nothing = Digest([0; 32]);
        let notice = own.facts().notice.instrument().unwrap_or(nothing);
        match word {
            "proposed" => Step::Proposed { text: text(&about), version: "1.0.0".into() },
            "initialled" => Step::Initialled { text: text(&about) },
            "gate-passed" => Step::GatePassed { gate: about },
            "gate-skipped" => Step::GateSkipped { gate: about },
            "withdrew" => Step::Withdrew {},
            "signed" => Step::Signed { text: text(&about) },
            "notified" => Step::Notified {},
            "notice-given" => Step::NoticeGiven {},
            "notice-suspended" => Step::NoticeSuspended { notice },
            "notice-withdrawn" => Step::NoticeWithdrawn { notice },
            "position-taken" => Step::PositionTaken {},
            "amendment-consented" => Step::AmendmentConsented { text: text(&about), version: "1.1.0".into() },
            "law-changed" => Step::LawChanged {},
            "law-change-acknowledged" => {
                let announced =
                    others.flat_map(|other| &other.facts().law_changes).map(|(digest, _)| *digest);
                Step::LawChangeAcknowledged { notice: announced.last().unwrap_or(nothing) }
            }
            "disputed" => Step::Disputed {},
            "dispute-settled" => {
                Step::DisputeSettled { dispute: own.facts().disputes.first().copied().unwrap_or(nothing) }
            }
            "milestone-reached" => Step::MilestoneReached { milestone: about },
            other => panic!("no such step: {other}"),
        }
    }
}

/// Holds one expectation against what a node has.
pub fn holds(
    lifecycle: &Lifecycle,
    positions: &[Position],
    terms: &Terms,
    at: Timestamp,
    about: &str,
    value: &str,
) -> Result<(), String> {
    let records = lifecycle.records();
    let found = match about {
        "force" => match force(&terms.parties, positions, at) {
            Force::InForce => "in-force".to_owned(),
            Force::Divergent => "divergent".to_owned(),
            Force::NotInForce => "not-in-force".to_owned(),
        },
        "last-notice" => day_of(records, at, terms, |due| *due == Due::LastNotice),
        "ends" => day_of(records, at, terms, |due| matches!(due, Due::NoticeTakesEffect(_))),
        "due" => {
            let lines = calendar(records, at, terms);
            let shown: Vec<String> = lines.iter().filter_map(|line| due(&line.due)).collect();
            if shown.iter().any(|line| line == value) { value.to_owned() } else { shown.join(", ") }
        }
        "text" => {
            let Reading { holds, beyond_text } = reading(records, terms);
            let (wanted, is_beyond) =
                value.strip_suffix(" beyond").map_or((value, false), |rest| (rest, true));
            let fits = holds == span(wanted) && beyond_text == is_beyond;
            if fits { value.to_owned() } else { format!("{holds:?} {beyond_text}") }
        }
        "differs" => {
            let mut kinds: Vec<&str> = divergences(lifecycle, terms).iter().filter_map(kind).collect();
            kinds.dedup();
            if kinds.is_empty() { "-".to_owned() } else { kinds.join(",") }
        }
        party => {
            let party: Party = party.parse().map_err(|error| format!("{error}"))?;
            let empty = Record::default();
            records.get(&party).unwrap_or(&empty).phase(party, at, terms).as_str().to_owned()
        }
    };
    if found == value { Ok(()) } else { Err(format!("{about} is {found}, not {value}")) }
}

fn day_of(
    records: &BTreeMap<Party, Record>,
    at: Timestamp,
    terms: &Terms,
    is_it: impl Fn(&Due) -> bool,
) -> String {
    let line = calendar(records, at, terms).into_iter().find(|line| is_it(&line.due));
    line.and_then(|line| line.day).map_or_else(|| "none".to_owned(), |day: CivilDay| day.to_string())
}

fn due(due: &Due) -> Option<String> {
    match due {
        Due::Acknowledgement(party, _) => Some(format!("acknowledgement {party}")),
        Due::Consent(party, _) => Some(format!("consent {party}")),
        Due::Gate(party, gate) => Some(format!("gate {party} {gate}")),
        _ => None,
    }
}

/// What was not delivered yet is a message on its way, and no matter of these histories.
fn kind(divergence: &Divergence) -> Option<&'static str> {
    match divergence {
        Divergence::Text { .. } => Some("text"),
        Divergence::Effect { .. } => Some("effect"),
        Divergence::Reading { .. } => Some("reading"),
        Divergence::Contested(_) => Some("contested"),
        Divergence::Undelivered { .. } => None,
    }
}
