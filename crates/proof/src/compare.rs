//! Two packs side by side: what the new one permits that the old one refused, and the reverse, action by action.
//!
//! *Absent:* a judgement whether that is wanted. It shows; people decide.

use crate::example::{self, Words};
use crate::prove::Prepared;
use crate::simpler::simplest;
use crate::solver::{Found, Solver};
use attache_accord::ruling::{Action, Question, Ruling};
use attache_release::{NotGenerated, Pack, rule};
use cedar_policy_symcc::Env;

/// What was found out about one action in one direction.
#[derive(Debug)]
pub enum Change {
    /// Nothing is permitted that the other refused: proved for every question.
    Nothing,
    /// This question is, with the rulings of the one that grants and of the one that refuses.
    Permits(Box<(Question, Ruling, Ruling)>),
    /// Neither was shown; why.
    NotProved(String),
}

/// What was found out about one action.
#[derive(Debug)]
pub struct Comparison {
    /// The action.
    pub action: Action,
    /// What the new pack permits that the old one refused.
    pub more: Change,
    /// What the old pack permitted that the new one refuses.
    pub less: Change,
}

/// Why two packs cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum NotComparable {
    /// One of them has no generated form.
    #[error("{0}")]
    NotGenerated(#[from] NotGenerated),
    /// They are about different agreements.
    #[error("{0} and {1} are different agreements, not versions of one")]
    Agreements(String, String),
    /// They count days in different zones, which the leaves of a log that exists would contradict.
    #[error("utc_offset_hours is {0} and {1}: an amendment must keep it, since leaves commit to days by it")]
    Days(u8, u8),
}

/// Compares two versions of a pack. Parties, levels, rows and kinds may differ: a Party that one of them does not have
/// is a third party under it.
///
/// # Errors
/// If they are about different agreements, or one has no generated form.
pub fn compare(old: &Pack, new: &Pack, solver: &Solver) -> Result<Vec<Comparison>, NotComparable> {
    let (before, after) = (&old.terms().agreement, &new.terms().agreement);
    if before != after {
        return Err(NotComparable::Agreements(before.clone(), after.clone()));
    }
    let (before, after) = (old.terms().utc_offset_hours, new.terms().utc_offset_hours);
    if before != after {
        return Err(NotComparable::Days(before, after));
    }
    let words = Words::of(&[old.terms(), new.terms()]);
    let (old, new) = (Prepared::new(old, &words)?, Prepared::new(new, &words)?);
    let compared = old.generated.actions().map(|action| Comparison {
        action,
        more: permits(&new, &old, action, solver),
        less: permits(&old, &new, action, solver),
    });
    Ok(compared.collect())
}

/// What `one` permits that the other refuses. Both speak the same vocabulary, so they have the same environments.
fn permits(one: &Prepared<'_>, other: &Prepared<'_>, action: Action, solver: &Solver) -> Change {
    for ((of, _, one_here), (_, _, other_here)) in one.environments().zip(other.environments()) {
        if of != action {
            continue;
        }
        let (one_here, other_here) = match (one_here, other_here) {
            (Ok(one_here), Ok(other_here)) => (one_here, other_here),
            (Err(why), _) | (_, Err(why)) => return Change::NotProved(why),
        };
        match solver.permitted_by_one(&one_here.whole, &other_here.whole) {
            Found::Nothing => {}
            Found::Undecided(why) => return Change::NotProved(why),
            // Its facts may be such as no question has; then one with real facts is looked for.
            Found::Example(_) => {
                return match solver.permitted_by_one(&one_here.real, &other_here.whole) {
                    Found::Example(found) => replayed(one.pack, other.pack, action, &found),
                    Found::Undecided(why) => Change::NotProved(why),
                    Found::Nothing => {
                        Change::NotProved("they differ only for facts that no question has".to_owned())
                    }
                };
            }
        }
    }
    Change::Nothing
}

/// An example counts where the engine rules on it as the solver says, under both packs.
fn replayed(one: &Pack, other: &Pack, action: Action, found: &Env) -> Change {
    let parts = |question: &Question| rule(question, one).is_granted() && !rule(question, other).is_granted();
    match example::question(found, action).filter(|question| parts(question)) {
        Some(question) => {
            let question = simplest(question, parts);
            let (granted, refused) = (rule(&question, one), rule(&question, other));
            Change::Permits(Box::new((question, granted.ruling().clone(), refused.ruling().clone())))
        }
        None => Change::NotProved("the solver's example is not ruled on so when it is replayed".to_owned()),
    }
}
