//! The saboteur: cuts connections anywhere, takes nodes down between any two steps, and plays back what a caller said on an
//! earlier connection.
//!
//! It has the network and the power cord, not the keys: what TLS would refuse (altered bytes, another peer) is tested at
//! the link and in the formats.
//!
//! *Absent:* mercy, and any choice that is not the seed's.

use crate::rng::Rng;

/// What the saboteur does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// Nothing.
    None,
    /// Cuts a connection; what was on its way is lost.
    Cut,
    /// Takes a node down and up again; its connections are lost.
    Kill,
    /// Plays back to a listener what a caller said before.
    Replay,
}

/// Where a kill falls around the commit of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fall {
    /// Nowhere.
    Nowhere,
    /// Before the append: it never happened.
    Before,
    /// After the append and before anybody is told.
    After,
}

pub(crate) fn blow(rng: &mut Rng) -> Blow {
    match rng.below(60) {
        0 | 1 => Blow::Cut,
        2 => Blow::Kill,
        3 => Blow::Replay,
        _ => Blow::None,
    }
}

pub(crate) fn fall(rng: &mut Rng) -> Fall {
    match rng.below(12) {
        0 => Fall::Before,
        1 => Fall::After,
        _ => Fall::Nowhere,
    }
}
