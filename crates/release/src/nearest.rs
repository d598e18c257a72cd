//! The nearest permitted change: what would have to be otherwise so that a refused question is granted, tried on the engine itself.
//!
//! *Absent:* advice. That a change would be permitted does not say that anybody should make it.

use crate::facts::{Fact, facts};
use crate::language::Language;
use crate::outcome::Outcome;
use crate::pack::Pack;
use crate::rule::rule;
use attache_accord::agreement::Position;
use attache_accord::equivalence::Equivalents;
use attache_accord::particulars::{Approval, Approved};
use attache_accord::people::{Clearance, Role};
use attache_accord::ruling::{Action, Assured, Question, Recipient};
use attache_accord::{Level, Party, Timestamp};

/// Most causes that are taken away one after the other.
const MAX_STEPS: usize = 12;

/// How long what is supposed lasts, in hours.
const SUPPOSED_HOURS: u64 = 24;

/// One thing that would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The code of the refusal that it takes away.
    pub code: String,
    /// The question before it.
    pub from: Question,
    /// The question after it.
    pub to: Question,
}

impl Change {
    /// The facts that are otherwise, each before and after.
    pub fn facts(&self, pack: &Pack, language: Language) -> Vec<(Fact, Fact)> {
        let [before, after] =
            [&self.from, &self.to].map(|question| facts(&self.code, question, pack, language));
        before.into_iter().zip(after).filter(|(before, after)| before.value != after.value).collect()
    }
}

/// The changes, one a cause, after which the same question is granted; none where no change of its facts does that. Each was
/// put to the rules: the last one's question is granted.
pub fn nearest(question: &Question, pack: &Pack) -> Option<Vec<Change>> {
    let (mut changes, mut from) = (Vec::new(), question.clone());
    for _ in 0..MAX_STEPS {
        let refusing = refusals(&from, pack);
        // A kind is corrected first: which duty a person wants depends on it.
        let Some(code) = refusing.iter().min_by_key(|code| *code != "R-023") else { return Some(changes) };
        // What takes the cause away and leaves the fewest others.
        let tried = candidates(code, &from, pack).into_iter().map(|to| (refusals(&to, pack), to));
        let better = tried.filter(|(left, _)| !left.contains(code));
        let (_, to) = better.min_by_key(|(left, _)| left.len())?;
        changes.push(Change { code: code.clone(), from, to: to.clone() });
        from = to;
    }
    None
}

fn refusals(question: &Question, pack: &Pack) -> Vec<String> {
    match rule(question, pack) {
        Outcome::Granted(_) => Vec::new(),
        Outcome::Refused(refused) => {
            refused.ruling().reasons.iter().map(|reason| reason.code.clone()).collect()
        }
    }
}

fn with(question: &Question, change: impl FnOnce(&mut Question)) -> Question {
    let mut changed = question.clone();
    change(&mut changed);
    changed
}

/// Questions that differ from this one in what the rule of `code` looks at.
fn candidates(code: &str, question: &Question, pack: &Pack) -> Vec<Question> {
    let terms = pack.terms();
    let soon = question.at.plus_hours(SUPPOSED_HOURS);
    let marking = question.subject.marking.as_ref();
    let change = |change: &dyn Fn(&mut Question)| vec![with(question, |q| change(q))];
    match code {
        "R-001" | "R-002" => change(&|q| {
            let party = |party: &Party| Position { party: *party, from: Some(q.at), until: None };
            let positions: Vec<Position> = terms.parties.iter().map(party).collect();
            q.positions.extend(positions);
        }),
        // An extract at a level that the table has.
        "R-004" => marking
            .map(|m| lower_levels(&m.level, pack))
            .unwrap_or_default()
            .into_iter()
            .map(|level| extract(question, level, pack))
            .collect(),
        "R-005" => {
            let parties = [
                question.contractor.as_ref().map(|it| it.party),
                question.recipient.as_ref().map(|it| it.party),
            ];
            parties
                .into_iter()
                .flatten()
                .map(|party| approve(question, Approved::ThirdParty(party)))
                .collect()
        }
        "R-007" => {
            let to = question.recipient.as_ref().map_or(question.holder, |it| it.party);
            change(&|q| q.subject.marking.iter_mut().for_each(|m| m.releasable_to.extend([to])))
        }
        "R-008" => {
            let Some(recipient) = &question.recipient else { return Vec::new() };
            let levels = marking.map(|m| corresponding(&m.level, recipient.party, pack)).unwrap_or_default();
            let assured = |level: Level| with(question, |q| assure(q, level, soon));
            levels.into_iter().map(assured).collect()
        }
        "R-009" => change(&|q| {
            // Whoever asked stays; another decides, with the same appointments.
            q.requester.get_or_insert_with(|| q.asker.id.clone());
            if q.requester.as_ref() == Some(&q.asker.id)
                && let Ok(other) = "another-person".parse()
            {
                q.asker.id = other;
            }
        }),
        "R-010" | "R-016" => {
            let levels =
                marking.map(|m| lower_or_corresponding(code, question, &m.level, pack)).unwrap_or_default();
            let chosen = |level: Level| {
                with(question, |q| match (code, q.action) {
                    ("R-010", Action::Admit) | ("R-016", _) => q.chosen = Some(level),
                    _ => q.subject.own_level = Some(level),
                })
            };
            levels.into_iter().map(chosen).collect()
        }
        "R-011" => change(&|q| q.asker.party = q.holder),
        "R-012" => {
            let others = terms.parties.iter().filter(|party| **party != question.holder);
            let to = |party: &Party| {
                let assurances =
                    question.recipient.as_ref().map(|it| it.assurances.clone()).unwrap_or_default();
                let recipient = Recipient { party: *party, node: None, assurances };
                with(question, |q| q.recipient = Some(recipient))
            };
            others.map(to).collect()
        }
        "R-013" => {
            let topics = terms.topics.iter().cloned();
            topics
                .map(|topic| {
                    with(question, |q| {
                        q.subject.marking.iter_mut().for_each(|m| m.topics = [topic.clone()].into())
                    })
                })
                .collect()
        }
        "R-014" => {
            question.purpose.iter().map(|it| approve(question, Approved::OtherPurpose(it.clone()))).collect()
        }
        "R-015" => {
            let lower = marking.map(|m| lower_levels(&m.level, pack)).unwrap_or_default();
            lower.into_iter().map(|level| approve(question, Approved::Downgrade(level))).collect()
        }
        "R-017" => change(&|q| {
            q.copy.iter_mut().for_each(|it| {
                it.number = it.number.max(1);
                it.needed = it.needed.max(it.number);
            })
        }),
        "R-018" => change(&|q| q.copy.iter_mut().for_each(|it| it.is_marked = true)),
        "R-019" => clearances(question, pack, |q, held| {
            q.translation.iter_mut().for_each(|it| {
                it.translator.party = question.holder;
                it.translator.clearance = Some(held.clone());
            })
        }),
        "R-020" => clearances(question, pack, |q, held| q.asker.clearance = Some(held)),
        "R-021" => change(&|q| {
            let kind = q.subject.marking.as_ref().map(|m| m.kind.clone());
            q.asker.duties.extend(kind);
        }),
        "R-022" => {
            let reads = Role::ALL
                .into_iter()
                .filter(|(role, _)| !matches!(role, Role::Administrator | Role::Inspector));
            reads.map(|(role, _)| with(question, |q| q.asker.roles = [role].into())).collect()
        }
        "R-023" => {
            let kinds = terms.kinds.iter();
            kinds
                .map(|kind| {
                    with(question, |q| q.subject.marking.iter_mut().for_each(|m| m.kind = kind.clone()))
                })
                .collect()
        }
        "R-030" => change(&|q| q.translation.iter_mut().for_each(|it| it.has_notation = true)),
        "R-031" => clearances(question, pack, |q, held| {
            q.contractor.iter_mut().for_each(|it| it.cleared = Some(held.clone()))
        }),
        "R-032" => change(&|q| q.contractor.iter_mut().for_each(|it| it.inspected_until = Some(soon))),
        "R-033" => change(&|q| {
            q.contractor.iter_mut().for_each(|it| it.responsible = "responsible-person".parse().ok())
        }),
        "R-034" => change(&|q| q.contractor.iter_mut().for_each(|it| it.is_staff_registered = true)),
        "R-040" => change(&|q| q.visit.iter_mut().for_each(|it| it.is_official = true)),
        "R-041" => change(&|q| {
            q.visit.iter_mut().for_each(|it| (it.approved_by, it.until) = (Some(question.holder), soon))
        }),
        "R-042" => change(&|q| {
            let level = q.subject.marking.as_ref().map(|m| m.level.clone());
            q.visit.iter_mut().for_each(|it| it.highest.clone_from(&level));
        }),
        // The marking, the holder and the originator are what they are.
        _ => Vec::new(),
    }
}

fn extract(question: &Question, level: Level, pack: &Pack) -> Question {
    let own = corresponding(&level, question.holder, pack).into_iter().next();
    with(question, |q| {
        q.subject.marking.iter_mut().for_each(|m| m.level = level.clone());
        q.subject.own_level = q.subject.own_level.take().and(own);
    })
}

fn approve(question: &Question, approved: Approved) -> Question {
    let from = question.subject.marking.as_ref().map_or(question.holder, |m| m.originator());
    let document = "a written approval".to_owned();
    with(question, |q| {
        let approval = Approval { from, approved, given: q.at, until: None, document };
        q.subject.approvals.push(approval);
    })
}

fn assure(question: &mut Question, level: Level, expires: Timestamp) {
    let Ok(person) = "recipients-person".parse() else { return };
    question.recipient.iter_mut().for_each(|it| {
        it.assurances.push(Assured { person: Clone::clone(&person), level: level.clone(), expires });
    });
}

/// The levels of `party` that correspond to `level`.
fn corresponding(level: &Level, party: Party, pack: &Pack) -> Vec<Level> {
    match pack.terms().equivalence.equivalents(level, party) {
        Equivalents::None => Vec::new(),
        Equivalents::One(level) => vec![level],
        Equivalents::Choice(levels) => levels,
    }
}

/// The levels below, in the same scheme, the next one first.
fn lower_levels(level: &Level, pack: &Pack) -> Vec<Level> {
    let table = &pack.terms().equivalence;
    let Some(scheme) = table.schemes.get(&level.party()) else { return Vec::new() };
    let below = scheme.levels().map(|named| &named.level);
    let mut below: Vec<Level> =
        below.filter(|other| table.covers(level, other) && !table.covers(other, level)).cloned().collect();
    below.reverse();
    below
}

fn lower_or_corresponding(code: &str, question: &Question, level: &Level, pack: &Pack) -> Vec<Level> {
    if code == "R-010" {
        return corresponding(level, question.holder, pack);
    }
    let lower = lower_levels(level, pack);
    lower.iter().flat_map(|level| corresponding(level, question.holder, pack)).collect()
}

/// The question with a live clearance of each level of the holder's scheme, the lowest first.
fn clearances(question: &Question, pack: &Pack, set: impl Fn(&mut Question, Clearance)) -> Vec<Question> {
    let Some(scheme) = pack.terms().equivalence.schemes.get(&question.holder) else { return Vec::new() };
    let until = question.at.plus_hours(SUPPOSED_HOURS);
    let held = scheme.levels().map(|named| Clearance { level: named.level.clone(), until });
    held.map(|held| with(question, |q| set(q, held.clone()))).collect()
}
