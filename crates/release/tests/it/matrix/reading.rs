//! Reads the lines of a matrix: facts that hold for the rows below, and the questions of the rows.

use crate::questions::{NOW, level};
use attache_accord::agreement::Position;
use attache_accord::particulars::{Approval, Approved, Contractor, Reproduction, Translation, Visit};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Assured, Question, Recipient, Subject};
use attache_accord::{Digest, Level, Marking, Party, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The facts that hold for the rows below.
pub struct Facts {
    parties: BTreeSet<Party>,
    holder: Party,
    people: BTreeMap<String, Person>,
    marking: Option<Marking>,
    own: Option<Level>,
    to: Option<Party>,
    assured: Option<Assured>,
    positions: Vec<Position>,
    approvals: Vec<Approval>,
    contractors: BTreeMap<String, Contractor>,
    visit: Option<Visit>,
    pub columns: Vec<String>,
}

fn list<T: std::str::FromStr<Err: std::fmt::Debug> + Ord>(text: &str) -> BTreeSet<T> {
    text.split(',').filter(|t| *t != "-").map(|t| t.parse().unwrap()).collect()
}

/// A level with the time at which what rests on it lapses: `!` means lapsed this very moment.
fn level_until(text: &str) -> (Level, Timestamp) {
    match text.strip_suffix('!') {
        Some(lapsed) => (level(lapsed), NOW),
        None => (level(text), NOW.plus_hours(1)),
    }
}

fn position(party: Party, until: Option<Timestamp>) -> Position {
    Position { party, from: Some(Timestamp(1)), until }
}

impl Facts {
    pub fn new(parties: &BTreeSet<Party>) -> Self {
        Self {
            parties: parties.clone(),
            holder: *parties.first().unwrap(),
            people: BTreeMap::new(),
            marking: None,
            own: None,
            to: None,
            assured: None,
            positions: Vec::new(),
            approvals: Vec::new(),
            contractors: BTreeMap::new(),
            visit: None,
            columns: Vec::new(),
        }
    }

    /// Takes a line that sets a fact; false where the line is a row.
    pub fn set(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["holder", party] => self.holder = party.parse().unwrap(),
            ["person", name, party, roles, clearance, duties] => {
                let clearance = (*clearance != "-").then(|| level_until(clearance));
                let person = Person {
                    id: name.parse().unwrap(),
                    party: party.parse().unwrap(),
                    roles: list::<Role>(roles),
                    clearance: clearance.map(|(level, until)| Clearance { level, until }),
                    duties: list(duties),
                };
                self.people.insert((*name).to_owned(), person);
            }
            ["mark", "none"] => (self.marking, self.own) = (None, None),
            ["mark", at, "rel", parties, "kind", kind] => self.mark(at, parties, kind, "-"),
            ["mark", at, "rel", parties, "kind", kind, "topic", topics] => {
                self.mark(at, parties, kind, topics);
            }
            ["own", "none"] => self.own = None,
            ["own", own] => self.own = Some(level(own)),
            ["to", "none"] => self.to = None,
            ["to", party] => self.to = Some(party.parse().unwrap()),
            ["assured", "none"] => self.assured = None,
            ["assured", text] => {
                let (level, expires) = level_until(text);
                self.assured = Some(Assured { person: "someone".parse().unwrap(), level, expires });
            }
            ["force", "all"] => self.held_by(&self.parties.clone(), None),
            ["force", "none"] => self.positions.clear(),
            ["force", "ended"] => self.held_by(&self.parties.clone(), Some(NOW)),
            ["force", parties] => self.held_by(&list(parties), None),
            ["approved", "none"] => self.approvals.clear(),
            ["approved", what @ ..] => self.approvals = vec![approval(what)],
            ["contractor", name, facts @ ..] => {
                self.contractors.insert((*name).to_owned(), contractor(name, facts));
            }
            ["visit", "none"] => self.visit = None,
            ["visit", facts @ ..] => self.visit = Some(visit(facts)),
            ["ask", columns @ ..] => self.columns = columns.iter().map(|c| (*c).to_owned()).collect(),
            _ => return false,
        }
        true
    }

    fn held_by(&mut self, parties: &BTreeSet<Party>, until: Option<Timestamp>) {
        self.positions = parties.iter().map(|party| position(*party, until)).collect();
    }

    fn mark(&mut self, at: &str, parties: &str, kind: &str, topics: &str) {
        let level = level(at);
        self.own = (level.party() == self.holder).then(|| level.clone());
        self.marking = Some(Marking {
            level,
            releasable_to: list(parties),
            kind: kind.parse().unwrap(),
            caveats: Vec::new(),
            marked_at: Timestamp(1),
            topics: list(topics),
            control: None,
            purposes: [].into(),
        });
    }

    pub fn ask(&self, asked: &str, column: &str) -> Question {
        let words: Vec<&str> = asked.split_whitespace().collect();
        let subject = Subject {
            item_digest: Digest([7; 32]),
            marking: self.marking.clone(),
            own_level: self.own.clone(),
            approvals: self.approvals.clone(),
        };
        let asker = self.person(column).clone();
        let blank = |action| Question {
            positions: self.positions.clone(),
            ..Question::new(action, NOW, self.holder, asker.clone(), subject.clone())
        };
        let assurances = self.assured.iter().cloned().collect();
        let recipient = self.to.map(|party| Recipient { party, node: None, assurances });
        let outward = |action| Question { recipient: recipient.clone(), ..blank(action) };
        let decided = |action, name: &str| {
            let requester = Some(name.parse().unwrap());
            Question { requester, ..outward(action) }
        };
        match words.as_slice() {
            ["request"] => outward(Action::Request),
            ["release"] => outward(Action::Release),
            ["release", "asked", "by", name] => decided(Action::Release, name),
            ["dispatch", "asked", "by", name] => decided(Action::Dispatch, name),
            ["admit"] => blank(Action::Admit),
            ["admit", "as", chosen] => Question { chosen: Some(level(chosen)), ..blank(Action::Admit) },
            ["open"] => blank(Action::Open),
            ["pass", "on"] => outward(Action::PassOn),
            ["use", "for", purpose] => {
                Question { purpose: Some(purpose.parse().unwrap()), ..blank(Action::OtherPurpose) }
            }
            ["downgrade", "to", chosen] => {
                Question { chosen: Some(level(chosen)), ..blank(Action::Downgrade) }
            }
            ["copy", number, "of", needed, how @ ..] => {
                Question { copy: Some(copy(number, needed, how)), ..blank(Action::Copy) }
            }
            ["translate", number, "of", needed, "by", name, how @ ..] => {
                let translator = self.person(name).clone();
                let translation = Translation { translator, has_notation: !how.contains(&"unnoted") };
                let copy = Some(copy(number, needed, how));
                Question { copy, translation: Some(translation), ..blank(Action::Translate) }
            }
            ["give", "to", name] => {
                let contractor =
                    self.contractors.get(*name).unwrap_or_else(|| panic!("no contractor {name}"));
                Question { contractor: Some(contractor.clone()), ..blank(Action::GiveToContractor) }
            }
            ["show", "to", "visitors"] => Question { visit: self.visit.clone(), ..outward(Action::Visit) },
            _ => panic!("no such question: {asked:?}"),
        }
    }

    fn person(&self, name: &str) -> &Person {
        self.people.get(name).unwrap_or_else(|| panic!("nobody is called {name}"))
    }
}

/// An approval of `KOR` for what the words say; `!` at its end: lapsed.
fn approval(words: &[&str]) -> Approval {
    let (from, what) = words.split_first().unwrap();
    let until = what.last().is_some_and(|word| *word == "lapsed").then_some(NOW);
    let approved = match what {
        ["third", party, ..] => Approved::ThirdParty(party.parse().unwrap()),
        ["use", purpose, ..] => Approved::OtherPurpose(purpose.parse().unwrap()),
        ["downgrade", at, ..] => Approved::Downgrade(level(at)),
        _ => panic!("no such approval: {what:?}"),
    };
    Approval {
        from: from.parse().unwrap(),
        approved,
        given: Timestamp(1),
        until,
        document: "note 1".to_owned(),
    }
}

fn contractor(name: &str, facts: &[&str]) -> Contractor {
    let [party, cleared, inspected, responsible, staff] = facts else {
        panic!("a contractor has five facts")
    };
    let cleared = (*cleared != "-").then(|| level_until(cleared));
    Contractor {
        facility: name.parse().unwrap(),
        party: party.parse().unwrap(),
        cleared: cleared.map(|(level, until)| Clearance { level, until }),
        inspected_until: match *inspected {
            "inspected" => Some(NOW.plus_hours(1)),
            "inspected!" => Some(NOW),
            _ => None,
        },
        responsible: (*responsible != "-").then(|| responsible.parse().unwrap()),
        is_staff_registered: *staff == "registered",
    }
}

fn visit(facts: &[&str]) -> Visit {
    let [purpose, approved, highest] = facts else { panic!("a visit has three facts") };
    let lapsed = approved.ends_with('!');
    let by = approved.trim_end_matches('!');
    Visit {
        is_official: *purpose == "official",
        approved_by: (by != "-").then(|| by.parse().unwrap()),
        until: if lapsed { NOW } else { NOW.plus_hours(1) },
        highest: (*highest != "-").then(|| level(highest)),
    }
}

fn copy(number: &str, needed: &str, how: &[&str]) -> Reproduction {
    let is_marked = !how.contains(&"unmarked");
    Reproduction { number: number.parse().unwrap(), needed: needed.parse().unwrap(), is_marked }
}
