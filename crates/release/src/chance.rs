//! Questions by chance, from a seed, for one pack: most of their facts are such as a grant needs, each may be
//! anything, so that grants, refusals for one cause and refusals for many all come up. For tests and benchmarks.
//!
//! *Absent:* a claim to cover every case. What must hold for every question is proved, or enumerated.

use crate::pack::Pack;
use attache_accord::agreement::{Position, Terms, Topic};
use attache_accord::particulars::{
    Approval, Approved, Contractor, Purpose, Reproduction, Translation, Visit,
};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Assured, Question, Recipient, Subject};
use attache_accord::{Digest, Kind, Level, Marking, Party, PersonId, Timestamp};
use std::collections::BTreeSet;
use std::str::FromStr;

/// When every question is asked: a day in 2026.
const NOW: Timestamp = Timestamp(1_795_000_000_000);
/// Long before and long after.
const PAST: Timestamp = Timestamp(1_700_000_000_000);
const FUTURE: Timestamp = Timestamp(1_900_000_000_000);

/// An endless row of questions.
#[derive(Debug)]
pub struct Chance {
    state: u64,
    terms: Terms,
    parties: Vec<Party>,
    levels: Vec<Level>,
    with_row: Vec<Level>,
    kinds: Vec<Kind>,
}

/// A name that this module writes itself.
fn known<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| unreachable!("{text} has the form of its type"))
}

impl Chance {
    /// Questions that come near what `pack` permits, the same for the same seed.
    pub fn new(pack: &Pack, seed: u64) -> Self {
        let terms = pack.terms().clone();
        let table = &terms.equivalence;
        let mut levels: Vec<Level> = table
            .schemes
            .values()
            .flat_map(|scheme| scheme.levels().map(|name| name.level.clone()))
            .collect();
        let with_row = levels.iter().filter(|level| table.row(level).is_some()).cloned().collect();
        let mut parties: Vec<Party> = terms.parties.iter().copied().collect();
        levels.extend(parties.iter().map(|party| known(&format!("{party}:NO-SUCH"))));
        let outsider = ["USA", "FRA"].map(known).into_iter().find(|party| !terms.parties.contains(party));
        parties.extend(outsider);
        levels.extend(outsider.map(|party| known(&format!("{party}:SECRET"))));
        let kinds = terms.kinds.iter().cloned().chain([known("gossip")]).collect();
        Self { state: seed, terms, parties, levels, with_row, kinds }
    }

    /// SplitMix64: every state is another number.
    fn next_number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.next_number() % 100 < chance
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let at = self.next_number() % from.len().max(1) as u64;
        // In range; no list here is empty.
        from[usize::try_from(at).unwrap_or_default()].clone()
    }

    fn party(&mut self) -> Party {
        let parties = self.parties.clone();
        self.pick(&parties)
    }

    fn level(&mut self) -> Level {
        let levels = if self.percent(85) { self.with_row.clone() } else { self.levels.clone() };
        self.pick(&levels)
    }

    /// A Party to the agreement other than `party`, mostly.
    fn other_than(&mut self, party: Party) -> Party {
        let others: Vec<_> = self.terms.parties.iter().copied().filter(|other| *other != party).collect();
        if self.percent(88) { self.pick(&others) } else { self.party() }
    }

    /// The strictest level of a Party, mostly.
    fn high_level(&mut self, party: Party) -> Level {
        let highest = self.terms.equivalence.schemes.get(&party).and_then(|scheme| scheme.levels().last());
        let highest = highest.map(|name| name.level.clone());
        match highest {
            Some(level) if self.percent(75) => level,
            _ => self.level(),
        }
    }

    fn time(&mut self, right: Timestamp) -> Timestamp {
        if self.percent(90) { right } else { self.pick(&[PAST, NOW, FUTURE]) }
    }

    /// A level that `holder` may set beside `level`, mostly.
    fn own_level(&mut self, level: &Level, holder: Party) -> Option<Level> {
        let fitting: Vec<Level> =
            match self.terms.equivalence.row(level).and_then(|row| row.levels.get(&holder)) {
                _ if level.party() == holder => vec![level.clone()],
                Some(levels) => levels.clone(),
                None => Vec::new(),
            };
        match self.next_number() % 10 {
            0 => None,
            1 => Some(self.level()),
            _ if fitting.is_empty() => Some(self.level()),
            _ => Some(self.pick(&fitting)),
        }
    }

    fn asker(&mut self, holder: Party, kind: &Kind) -> Person {
        let party = if self.percent(92) { holder } else { self.party() };
        let mut duties = BTreeSet::new();
        if self.percent(90) {
            duties.insert(kind.clone());
        }
        if self.percent(30) {
            let kinds = self.kinds.clone();
            duties.insert(self.pick(&kinds));
        }
        let roles = Role::ALL.iter().map(|(role, _)| *role).filter(|_| self.percent(70)).collect();
        let clearance = self.clearance(party);
        Person { id: self.person(), party, roles, clearance, duties }
    }

    fn person(&mut self) -> PersonId {
        let names = ["one-1", "two-2", "three-3", "four-4"];
        known(self.pick(&names))
    }

    fn recipient(&mut self, holder: Party) -> Recipient {
        let party = self.other_than(holder);
        let count = self.pick(&[0_usize, 1, 1, 1, 2, 2]);
        let assurances = (0..count)
            .map(|_| Assured {
                person: known("reader-1"),
                level: self.high_level(party),
                expires: self.time(FUTURE),
            })
            .collect();
        Recipient { party, node: None, assurances }
    }

    fn positions(&mut self) -> Vec<Position> {
        let mut positions = Vec::new();
        if self.percent(8) {
            return positions;
        }
        for party in self.parties.clone() {
            if self.percent(97) {
                let from = if self.percent(97) { Some(self.time(PAST)) } else { None };
                let until = if self.percent(20) { Some(self.time(FUTURE)) } else { None };
                positions.push(Position { party, from, until });
            }
        }
        if self.percent(5) {
            positions.reverse();
            positions.push(Position { party: self.party(), from: Some(PAST), until: None });
        }
        positions
    }

    /// What the originator approved: mostly what is asked for, where something is.
    fn approvals(&mut self, level: &Level, asked: &[Approved]) -> Vec<Approval> {
        let mut approvals = Vec::new();
        for approved in asked {
            if self.percent(85) {
                let from = if self.percent(93) { level.party() } else { self.party() };
                let given = self.time(PAST);
                let until = if self.percent(15) { Some(self.time(FUTURE)) } else { None };
                approvals.push(Approval {
                    from,
                    approved: approved.clone(),
                    given,
                    until,
                    document: "note".to_owned(),
                });
            }
        }
        approvals
    }

    fn clearance(&mut self, party: Party) -> Option<Clearance> {
        self.percent(93).then(|| Clearance { level: self.high_level(party), until: self.time(FUTURE) })
    }

    fn contractor(&mut self, holder: Party) -> Contractor {
        let party = if self.percent(70) { holder } else { self.party() };
        Contractor {
            facility: known("yard-1"),
            party,
            cleared: self.clearance(holder),
            inspected_until: if self.percent(93) { Some(self.time(FUTURE)) } else { None },
            responsible: if self.percent(93) { Some(self.person()) } else { None },
            is_staff_registered: self.percent(93),
        }
    }

    fn visit(&mut self, holder: Party) -> Visit {
        Visit {
            is_official: self.percent(93),
            approved_by: if self.percent(90) { Some(holder) } else { self.percent(50).then(|| self.party()) },
            until: self.time(FUTURE),
            highest: self.percent(93).then(|| self.high_level(holder)),
        }
    }

    /// A level at or under that of the item, of its originator mostly.
    fn lowered(&mut self, level: &Level) -> Level {
        let scheme = self.terms.equivalence.schemes.get(&level.party());
        let own: Vec<Level> =
            scheme.into_iter().flat_map(|s| s.levels().map(|name| name.level.clone())).collect();
        if own.is_empty() || self.percent(10) { self.level() } else { self.pick(&own) }
    }

    fn marking(&mut self, level: &Level, kind: &Kind) -> Marking {
        let mut topics: BTreeSet<Topic> = self.terms.topics.clone();
        topics.retain(|_| self.percent(80));
        if self.percent(5) {
            topics.insert(known("gossip"));
        }
        Marking {
            level: level.clone(),
            releasable_to: self.parties.clone().into_iter().filter(|_| self.percent(85)).collect(),
            kind: kind.clone(),
            caveats: Vec::new(),
            marked_at: PAST,
            topics,
            control: None,
            purposes: [].into(),
        }
    }

    /// The next question.
    pub fn question(&mut self) -> Question {
        let (action, _) = self.pick(&Action::ALL);
        let level = self.level();
        let gives = matches!(action, Action::Request | Action::Release | Action::Dispatch | Action::Visit);
        let holder = match self.next_number() % 10 {
            0 => self.party(),
            _ if gives => level.party(),
            _ => self.other_than(level.party()),
        };
        let kinds = self.kinds.clone();
        let kind = self.pick(&kinds);
        let marking = self.percent(94).then(|| self.marking(&level, &kind));
        let asker = self.asker(holder, &kind);
        // Each fact mostly where its action asks for it.
        let for_action = |chance: &mut Self, asks: bool| chance.percent(if asks { 95 } else { 10 });
        let recipient = for_action(self, gives || action == Action::PassOn).then(|| self.recipient(holder));
        let contractor =
            for_action(self, action == Action::GiveToContractor).then(|| self.contractor(holder));
        let purpose: Option<Purpose> =
            for_action(self, action == Action::OtherPurpose).then(|| known("inquiry"));
        let lowered = self.lowered(&level);
        let asked: Vec<Approved> = [
            recipient.as_ref().map(|to| Approved::ThirdParty(to.party)),
            contractor.as_ref().map(|to| Approved::ThirdParty(to.party)),
            purpose.clone().or_else(|| self.percent(5).then(|| known("other"))).map(Approved::OtherPurpose),
            for_action(self, action == Action::Downgrade).then(|| Approved::Downgrade(lowered.clone())),
        ]
        .into_iter()
        .flatten()
        .collect();
        let digest = self.next_number().to_be_bytes().repeat(4);
        let subject = Subject {
            item_digest: Digest(digest.try_into().unwrap_or_default()),
            marking,
            own_level: if action == Action::Admit { None } else { self.own_level(&level, holder) },
            approvals: self.approvals(&level, &asked),
        };
        let decides = matches!(action, Action::Release | Action::Dispatch);
        let copies = matches!(action, Action::Copy | Action::Translate);
        let chosen = match action {
            Action::Admit => self.own_level(&level, holder),
            Action::Downgrade if holder == level.party() => Some(self.lowered(&level)),
            Action::Downgrade => self.own_level(&lowered, holder),
            _ => self.percent(5).then(|| self.level()),
        };
        let translator = self.asker(holder, &kind);
        let needed = self.pick(&[0_u32, 1, 2, 2, 3]);
        Question {
            recipient,
            requester: for_action(self, decides).then(|| self.person()),
            chosen,
            positions: self.positions(),
            purpose,
            copy: for_action(self, copies).then(|| Reproduction {
                number: self.pick(&[0, 1, 1, 1, 2]),
                needed,
                is_marked: self.percent(93),
            }),
            translation: for_action(self, action == Action::Translate)
                .then(|| Translation { translator, has_notation: self.percent(93) }),
            contractor,
            visit: for_action(self, action == Action::Visit).then(|| self.visit(holder)),
            ..Question::new(action, NOW, holder, asker, subject)
        }
    }
}
