//! A pack compiled to tables: the same answer as [`rule`](crate::rule), codes and all, without a policy engine. For
//! whoever rules on many questions a second, such as track filters.
//!
//! The tables come from generated Cedar ([`Generated`]), floor and policies alike, so there is no second statement of any
//! rule here. Where a policy has a form that is not recognised, every action that it may be about is answered by
//! [`rule`](crate::rule).
//!
//! *Absent:* rulings and permits. Only [`rule`](crate::rule) makes those.

mod condition;
mod cubes;
mod fact;
mod table;
mod words;

use crate::generated::{Answer, Generated, NotGenerated};
use crate::pack::Pack;
use crate::policies::CODE_NOTHING_PERMITS;
use crate::rule::rule;
use attache_accord::ruling::{Action, Question};
use attache_accord::{Level, Marking};
use cedar_policy::Effect;
use condition::Reader;
use fact::Asked;
use std::collections::{BTreeMap, BTreeSet};
use table::{Source, Table};

/// Codes that a decision keeps without allocating.
const INLINE_CODES: usize = 12;

/// What compiled rules say. Its codes are told by [`Compiled::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub granted: bool,
    few: [u16; INLINE_CODES],
    count: u8,
    more: Vec<u16>,
}

impl Decision {
    fn new() -> Self {
        Self { granted: false, few: [0; INLINE_CODES], count: 0, more: Vec::new() }
    }

    /// Codes come in order, so that one that comes again follows itself.
    fn add(&mut self, code: u16) {
        let last = self.more.last().or(self.few.get(usize::from(self.count).wrapping_sub(1)));
        if last == Some(&code) {
            return;
        }
        match self.few.get_mut(usize::from(self.count)) {
            Some(place) => {
                *place = code;
                self.count += 1;
            }
            None => self.more.push(code),
        }
    }

    fn codes(&self) -> impl Iterator<Item = u16> {
        self.few.iter().take(usize::from(self.count)).chain(&self.more).copied()
    }
}

/// A question without its label, worked out as far as it goes: for streams, where one recipient is asked about for many
/// labels. It is made anew when anything else about the question changes, the time among it.
#[derive(Debug)]
pub struct Situation<'c> {
    compiled: &'c Compiled,
    table: Option<&'c Table>,
    before: Vec<u64>,
    question: Question,
}

impl Situation<'_> {
    /// What the rules say of an item with this marking and own level.
    pub fn decide(&self, marking: &Marking, own_level: Option<&Level>) -> Decision {
        let asked = Asked { question: &self.question, marking: Some(marking), own_level };
        match self.table {
            Some(table) => table.decide_after(&self.before, asked, Some(self.compiled.nothing_permits)),
            None => {
                let mut question = self.question.clone();
                question.subject.marking = Some(marking.clone());
                question.subject.own_level = own_level.cloned();
                self.compiled.decide_by_engine(&question)
            }
        }
    }
}

/// A pack, compiled.
#[derive(Debug)]
pub struct Compiled {
    pack: Pack,
    codes: Vec<String>,
    nothing_permits: u16,
    /// For each action by its number: of marked items, and of drafts.
    tables: Vec<[Option<Table>; 2]>,
    unrecognised: BTreeMap<Action, String>,
}

impl Compiled {
    /// Compiles a pack.
    ///
    /// # Errors
    /// If the pack has no generated form.
    pub fn of(pack: &Pack) -> Result<Self, NotGenerated> {
        let generated = Generated::of(pack)?;
        let policies: Vec<_> = generated.policies().policies().collect();
        let own = BTreeSet::from([CODE_NOTHING_PERMITS.to_owned(), crate::CODE_NOT_EVALUATED.to_owned()]);
        let named = policies.iter().filter_map(|policy| generated.code(policy.id()).map(str::to_owned));
        let codes: Vec<String> = named.chain(own).collect::<BTreeSet<_>>().into_iter().collect();
        let number =
            |code: &str| codes.iter().position(|known| known == code).and_then(|at| u16::try_from(at).ok());
        let mut read = Vec::new();
        for policy in &policies {
            let code = generated.code(policy.id()).and_then(number);
            let code = code.ok_or_else(|| NotGenerated::of(format!("{} has no number", policy.id())))?;
            let source = Source {
                code,
                is_of_pack: generated.policies_of_pack().policy(policy.id()).is_some(),
                permits: policy.effect() == Effect::Permit,
            };
            read.push((source, policy.to_json().map_err(NotGenerated::of)?));
        }
        let mut unrecognised = BTreeMap::new();
        let mut tables = Vec::new();
        for (action, word) in Action::ALL {
            let table = |resource: &'static str| {
                let reader = Reader { action: word, resource };
                let rules = read.iter().map(|(source, json)| Ok((*source, reader.policy(json)?)));
                Table::of(&rules.collect::<Result<Vec<_>, String>>()?)
            };
            tables.push(
                ["Item", "Draft"]
                    .map(|resource| table(resource).map_err(|why| unrecognised.insert(action, why)).ok()),
            );
        }
        let nothing_permits = number(CODE_NOTHING_PERMITS).unwrap_or_default();
        Ok(Self { pack: pack.clone(), codes, nothing_permits, tables, unrecognised })
    }

    /// Actions that are answered by the engine, each with the form that was not recognised.
    pub fn unrecognised(&self) -> &BTreeMap<Action, String> {
        &self.unrecognised
    }

    fn table(&self, action: Action, is_draft: bool) -> Option<&Table> {
        self.tables.get(action as usize)?[usize::from(is_draft)].as_ref()
    }

    /// What the rules say of a question.
    pub fn decide(&self, question: &Question) -> Decision {
        let asked = Asked::of(question);
        match self.table(question.action, asked.marking.is_none()) {
            Some(table) => {
                // Without a marking no policy is asked, and none permits.
                let nothing_permits = asked.marking.map(|_| self.nothing_permits);
                table.decide(asked, nothing_permits)
            }
            None => self.decide_by_engine(question),
        }
    }

    /// The same question for whatever label comes: who asks, what for, where to and when stay as they are.
    pub fn situation(&self, question: Question) -> Situation<'_> {
        let table = self.table(question.action, false);
        let before = table.map(|table| table.before_label(Asked::of(&question))).unwrap_or_default();
        Situation { compiled: self, table, before, question }
    }

    fn decide_by_engine(&self, question: &Question) -> Decision {
        let outcome = rule(question, &self.pack);
        let mut decision = Decision::new();
        decision.granted = outcome.is_granted();
        for reason in &outcome.ruling().reasons {
            let at = self.codes.iter().position(|code| *code == reason.code);
            decision.more.extend(at.and_then(|at| u16::try_from(at).ok()));
        }
        decision
    }

    /// A decision with its codes.
    pub fn answer(&self, decision: &Decision) -> Answer {
        let code = |at: u16| self.codes.get(usize::from(at)).cloned().unwrap_or_default();
        Answer { granted: decision.granted, codes: decision.codes().map(code).collect() }
    }
}
