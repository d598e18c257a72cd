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
use cedar_policy::Effect;
use condition::Reader;
use std::collections::{BTreeMap, BTreeSet};
use table::{Source, Table};

/// Codes that a decision keeps without allocating.
const INLINE_CODES: usize = 24;

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

    /// What the rules say of a question.
    pub fn decide(&self, question: &Question) -> Decision {
        let is_draft = usize::from(question.subject.marking.is_none());
        match self.tables.get(question.action as usize).and_then(|tables| tables[is_draft].as_ref()) {
            Some(table) => self.decide_by(table, question),
            None => self.decide_by_engine(question),
        }
    }

    fn decide_by(&self, table: &Table, question: &Question) -> Decision {
        let (mut forbidden, mut permitted) = (Decision::new(), Decision::new());
        let mut pack_forbids = false;
        table.applying(question, |source| {
            if source.permits {
                permitted.add(source.code);
            } else {
                forbidden.add(source.code);
                pack_forbids |= source.is_of_pack;
            }
        });
        // Without a marking no policy is asked, and none permits.
        let is_marked = question.subject.marking.is_some();
        if is_marked && permitted.count == 0 && !pack_forbids {
            forbidden.add(self.nothing_permits);
        }
        if forbidden.count == 0 && permitted.count > 0 {
            permitted.granted = true;
            return permitted;
        }
        forbidden
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
