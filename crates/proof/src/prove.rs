//! Whether a pack keeps the invariants, action by action, and that each action is permitted at all: a pack that
//! refuses everything keeps every invariant and means nothing.
//!
//! *Absent:* a verdict of "probably". Proved is proved; an example is replayed; everything else is not proved.

use crate::example::{self, Words};
use crate::invariant::{INVARIANTS, Invariant};
use crate::simpler::simplest;
use crate::solver::{Found, Solver};
use attache_accord::ruling::{Action, Question};
use attache_release::{Generated, NotGenerated, Pack, rule};
use cedar_policy::{Authorizer, Decision, EntityUid, PolicySet, RequestEnv};
use cedar_policy_symcc::{CompiledPolicySet, Env};
use std::collections::BTreeMap;

/// What is said of an example that the engine refuses.
const NOT_REPLAYED: &str = "the solver's example is not granted when it is replayed";

/// What was found out about one claim.
#[derive(Debug)]
pub enum Verdict {
    /// It holds for every question.
    Proved,
    /// It does not: the engine grants this question.
    Broken(Box<Question>),
    /// Neither was shown; why.
    NotProved(String),
}

/// Whether an action is permitted at all.
#[derive(Debug)]
pub enum Permitted {
    /// The engine grants this question.
    Sometimes(Box<Question>),
    /// Proved: it is refused for every question.
    Never,
    /// Neither was shown; why.
    NotShown(String),
}

/// The proofs about one pack.
#[derive(Debug)]
pub struct Proof {
    /// Whether no policy can fail to be evaluated.
    pub evaluates: Verdict,
    /// Each invariant with its verdict.
    pub invariants: Vec<(&'static Invariant, Verdict)>,
    /// For each action whether it is permitted to anyone.
    pub permitted: BTreeMap<Action, Permitted>,
}

impl Proof {
    /// Whether everything was proved, and not of a pack that permits nothing.
    pub fn is_whole(&self) -> bool {
        let mut verdicts = self.invariants.iter().map(|(_, verdict)| verdict).chain([&self.evaluates]);
        verdicts.all(|verdict| matches!(verdict, Verdict::Proved))
            && self.permitted.values().all(|it| !matches!(it, Permitted::NotShown(_)))
    }
}

/// The request environments of an action, in the same order for every pack.
fn environments(generated: &Generated, action: Action) -> Vec<RequestEnv> {
    let is_of = |uid: &EntityUid| AsRef::<str>::as_ref(uid.id()) == action.as_str();
    let mut all: Vec<_> = generated.schema().request_envs().filter(|env| is_of(env.action())).collect();
    all.sort_by_key(|env| env.resource().to_string());
    all
}

/// A pack, written out and compiled for each of its environments: as it is, and with real facts only.
pub(crate) struct Prepared<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) generated: Generated,
    compiled: Vec<(Action, RequestEnv, Result<Compiled, String>)>,
}

/// A pack in one environment.
pub(crate) struct Compiled {
    pub(crate) whole: CompiledPolicySet,
    pub(crate) real: CompiledPolicySet,
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(pack: &'a Pack, words: &Words) -> Result<Self, NotGenerated> {
        let generated = Generated::of(pack)?;
        let real = example::with(generated.policies(), &words.only_real());
        let compile = |env: &RequestEnv| {
            let compile = |policies: &PolicySet| {
                CompiledPolicySet::compile(policies, env, generated.schema()).map_err(|e| e.to_string())
            };
            let real = real.as_ref().ok_or("the words of the pack are no Cedar")?;
            Ok(Compiled { whole: compile(generated.policies())?, real: compile(real)? })
        };
        let environments = generated
            .actions()
            .flat_map(|action| environments(&generated, action).into_iter().map(move |env| (action, env)));
        let compiled = environments
            .map(|(action, env)| {
                let compiled = compile(&env);
                (action, env, compiled)
            })
            .collect();
        Ok(Self { pack, generated, compiled })
    }

    /// Each action with its environments.
    pub(crate) fn environments(
        &self,
    ) -> impl Iterator<Item = (Action, &RequestEnv, Result<&Compiled, String>)> {
        self.compiled
            .iter()
            .map(|(action, env, compiled)| (*action, env, compiled.as_ref().map_err(Clone::clone)))
    }

    fn grants(&self, question: &Question) -> bool {
        rule(question, self.pack).is_granted()
    }
}

/// Proves, or refutes, what must hold of a pack.
///
/// # Errors
/// If the pack has no generated form.
pub fn prove(pack: &Pack, solver: &Solver) -> Result<Proof, NotGenerated> {
    let prepared = Prepared::new(pack, &Words::of(&[pack.terms()]))?;
    let invariants = INVARIANTS.iter().map(|invariant| (invariant, verdict(&prepared, invariant, solver)));
    let invariants = invariants.collect();
    let permitted = prepared.generated.actions().map(|action| (action, permitted(&prepared, action, solver)));
    let permitted = permitted.collect();
    Ok(Proof { evaluates: evaluates(&prepared, solver), invariants, permitted })
}

/// Proves, or refutes, one invariant of a pack.
///
/// # Errors
/// If the pack has no generated form.
pub fn keeps(pack: &Pack, invariant: &Invariant, solver: &Solver) -> Result<Verdict, NotGenerated> {
    Ok(verdict(&Prepared::new(pack, &Words::of(&[pack.terms()]))?, invariant, solver))
}

/// The floor's clauses access only facts that are there; a pack's policies may also count.
fn evaluates(prepared: &Prepared<'_>, solver: &Solver) -> Verdict {
    let generated = &prepared.generated;
    for (_, env, _) in prepared.environments() {
        match solver.failing(generated.policies_of_pack(), env, generated.schema()) {
            Found::Nothing => {}
            // The engine refuses then, so there is nothing to replay.
            Found::Example(_) => return Verdict::NotProved("a policy can fail to be evaluated".to_owned()),
            Found::Undecided(why) => return Verdict::NotProved(why),
        }
    }
    Verdict::Proved
}

fn verdict(prepared: &Prepared<'_>, invariant: &Invariant, solver: &Solver) -> Verdict {
    let Ok(kept) = (invariant.cedar)(prepared.pack.terms()).parse::<PolicySet>() else {
        return Verdict::NotProved(format!("{} is not written well", invariant.name));
    };
    for (action, env, compiled) in prepared.environments() {
        let kept_here = CompiledPolicySet::compile(&kept, env, prepared.generated.schema());
        let (compiled, kept_here) = match (compiled, kept_here) {
            (Ok(compiled), Ok(kept_here)) => (compiled, kept_here),
            (Err(why), _) => return Verdict::NotProved(why),
            (_, Err(why)) => return Verdict::NotProved(why.to_string()),
        };
        match solver.permitted_by_one(&compiled.whole, &kept_here) {
            Found::Nothing => {}
            Found::Undecided(why) => return Verdict::NotProved(why),
            // Its facts may be such as no question has; then one with real facts is looked for.
            Found::Example(_) => {
                return match solver.permitted_by_one(&compiled.real, &kept_here) {
                    Found::Example(found) => replayed(prepared, &kept, action, &found),
                    Found::Undecided(why) => Verdict::NotProved(why),
                    Found::Nothing => {
                        Verdict::NotProved("it fails only for facts that no question has".to_owned())
                    }
                };
            }
        }
    }
    Verdict::Proved
}

/// An example counts where the engine grants it and the invariant, evaluated on its facts, refuses it.
fn replayed(prepared: &Prepared<'_>, kept: &PolicySet, action: Action, found: &Env) -> Verdict {
    let breaks = |question: &Question| {
        prepared.grants(question)
            && prepared.generated.facts(question).is_some_and(|(request, entities)| {
                let response = Authorizer::new().is_authorized(&request, kept, &entities);
                response.decision() == Decision::Deny
            })
    };
    match example::question(found, action).filter(|question| breaks(question)) {
        Some(question) => Verdict::Broken(Box::new(simplest(question, breaks))),
        None => Verdict::NotProved(NOT_REPLAYED.to_owned()),
    }
}

/// Whether the action is permitted for some question that the engine grants.
fn permitted(prepared: &Prepared<'_>, action: Action, solver: &Solver) -> Permitted {
    let granted = |question: &Question| prepared.grants(question);
    for (_, _, compiled) in prepared.environments().filter(|(of, ..)| *of == action) {
        let found = match &compiled {
            Ok(compiled) => solver.permitted(&compiled.real),
            Err(why) => Found::Undecided(why.clone()),
        };
        match found {
            Found::Nothing => {}
            Found::Undecided(why) => return Permitted::NotShown(why),
            Found::Example(found) => {
                return match example::question(&found, action).filter(granted) {
                    Some(question) => Permitted::Sometimes(Box::new(simplest(question, granted))),
                    None => Permitted::NotShown(NOT_REPLAYED.to_owned()),
                };
            }
        }
    }
    Permitted::Never
}
