//! Derivatives: what a Party makes from information that it holds, its own or another's, carries a marking that follows from
//! those of its sources (Art. 4.3).
//!
//! At least as high as each source, for no one whom a source is not for, with every caveat and topic, and naming each
//! originator whose information it contains. What cannot be marked so is not marked at all.
//!
//! *Absent:* whether it may be made (a ruling), and which of two levels of one rank it gets (a person's choice).

use crate::agreement::Topic;
use crate::control::Control;
use crate::equivalence::{Equivalence, Scheme};
use crate::marking::{Kind, Level, Marking};
use crate::particulars::Purpose;
use crate::party::{Malformed, Party};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Originators whose information is contained, each with the levels that it gave.
pub type Contained = BTreeMap<Party, BTreeSet<Level>>;

/// Something that a derivative is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The originator's marking.
    pub marking: Marking,
    /// The maker's own level of it.
    pub own_level: Level,
    /// What it contains itself, being a derivative.
    pub contains: Contained,
}

/// What the maker says about the derivative. None of it widens what the sources allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The level; none where the sources leave one only.
    pub level: Option<Level>,
    /// Whom to release it to at most; none leaves all that the sources allow.
    pub releasable_to: Option<BTreeSet<Party>>,
    /// The kind of information.
    pub kind: Kind,
    /// Further topics.
    pub topics: BTreeSet<Topic>,
    /// Further caveats.
    pub caveats: Vec<String>,
    /// When it is marked.
    pub marked_at: Timestamp,
}

/// A marking that follows from its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivative {
    /// The maker's marking.
    pub marking: Marking,
    /// Whose information it contains besides.
    pub contains: Contained,
}

/// Why no marking follows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Underivable {
    /// Nothing that it is made from.
    #[error("a derivative has at least one source")]
    NoSource,
    /// A level that the maker's scheme, or the table, does not give a source.
    #[error("{own_level} is not the maker's level of a source marked {level}")]
    NotOwn {
        /// The originator's level.
        level: Level,
        /// What was given for the maker's.
        own_level: Level,
    },
    /// A source that the maker may not have.
    #[error("a source of {0} is not releasable to the maker")]
    NotForMaker(Party),
    /// Two levels of one rank: a person chooses.
    #[error("a person chooses one of {}", .0.iter().map(Level::as_str).collect::<Vec<_>>().join(", "))]
    Choose(Vec<Level>),
    /// A level below a source's.
    #[error("{wanted} is lower than {source_level}, which a source has")]
    Lower {
        /// What was wanted.
        wanted: Level,
        /// What a source has.
        source_level: Level,
    },
    /// A level of another Party, or of none.
    #[error("{0} is not a level of the maker")]
    OtherScheme(Level),
    /// Sources that were given for different purposes.
    #[error("its sources were given for different purposes, so that it would serve none")]
    NoPurpose,
    /// More than a marking holds.
    #[error(transparent)]
    Marking(#[from] Malformed),
}

/// The marking of what `maker` makes from `sources`, under the table of the agreement.
///
/// # Errors
/// [`Underivable`].
pub fn derive(
    maker: Party,
    sources: &[Source],
    wanted: Wanted,
    table: &Equivalence,
) -> Result<Derivative, Underivable> {
    for source in sources {
        check_source(maker, source, table)?;
    }
    let scheme = table.schemes.get(&maker).ok_or(Underivable::NoSource)?;
    let level = level(sources, wanted.level, scheme)?;
    let mut releasable_to =
        sources.iter().map(|source| admitted(&source.marking)).reduce(|one, other| &one & &other);
    if let (Some(allowed), Some(narrower)) = (&mut releasable_to, &wanted.releasable_to) {
        allowed.retain(|party| narrower.contains(party));
    }
    let mut releasable_to = releasable_to.unwrap_or_default();
    releasable_to.remove(&maker);
    let mut contains = Contained::new();
    let mut caveats: Vec<String> = Vec::new();
    let mut topics = wanted.topics;
    for source in sources {
        for (originator, levels) in &source.contains {
            contains.entry(*originator).or_default().extend(levels.iter().cloned());
        }
        if source.marking.originator() != maker {
            contains.entry(source.marking.originator()).or_default().insert(source.marking.level.clone());
        }
        topics.extend(source.marking.topics.iter().cloned());
    }
    let all = sources.iter().flat_map(|source| &source.marking.caveats).chain(&wanted.caveats);
    for caveat in all {
        if !caveats.contains(caveat) {
            caveats.push(caveat.clone());
        }
    }
    let marking = Marking {
        level,
        releasable_to,
        kind: wanted.kind,
        caveats,
        marked_at: wanted.marked_at,
        topics,
        control: sources.iter().filter_map(|source| source.marking.control).reduce(Control::stricter),
        purposes: purposes(sources)?,
    };
    // Caveats that do not fit are not left out: there is no marking then.
    marking.check()?;
    Ok(Derivative { marking, contains })
}

/// For what each source that says it was given. What one says nothing of the others still bind.
fn purposes(sources: &[Source]) -> Result<BTreeSet<Purpose>, Underivable> {
    let said = sources.iter().map(|source| &source.marking.purposes).filter(|said| !said.is_empty());
    match said.cloned().reduce(|one, other| &one & &other) {
        Some(none) if none.is_empty() => Err(Underivable::NoPurpose),
        shared => Ok(shared.unwrap_or_default()),
    }
}

/// The originator and whom it lets have it.
fn admitted(marking: &Marking) -> BTreeSet<Party> {
    let mut parties = marking.releasable_to.clone();
    parties.insert(marking.originator());
    parties
}

fn check_source(maker: Party, source: &Source, table: &Equivalence) -> Result<(), Underivable> {
    let Source { marking, own_level, .. } = source;
    if !admitted(marking).contains(&maker) {
        return Err(Underivable::NotForMaker(marking.originator()));
    }
    if table.name(own_level).is_some() && table.equivalents(&marking.level, maker).allows(own_level) {
        return Ok(());
    }
    Err(Underivable::NotOwn { level: marking.level.clone(), own_level: own_level.clone() })
}

fn level(sources: &[Source], wanted: Option<Level>, scheme: &Scheme) -> Result<Level, Underivable> {
    let of = |source: &Source| scheme.rank(&source.own_level);
    let highest = sources.iter().map(of).max().ok_or(Underivable::NoSource)?;
    let strictest = sources.iter().filter(|source| of(source) == highest).map(|source| &source.own_level);
    let strictest: BTreeSet<&Level> = strictest.collect();
    match (wanted, strictest.first()) {
        (None, Some(only)) if strictest.len() == 1 => Ok((*only).clone()),
        (None, _) => Err(Underivable::Choose(strictest.into_iter().cloned().collect())),
        (Some(wanted), _) if scheme.rank(&wanted).is_none() => Err(Underivable::OtherScheme(wanted)),
        (Some(wanted), Some(source)) if scheme.rank(&wanted) < highest => {
            Err(Underivable::Lower { wanted, source_level: (*source).clone() })
        }
        (Some(wanted), _) => Ok(wanted),
    }
}
