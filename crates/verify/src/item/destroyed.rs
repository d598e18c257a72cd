//! The destruction of an item or of a copy: two people signed the same, the second over the first, and what a partner's people signed
//! came under its node's key.
//!
//! *Absent:* the deed. That nothing is left is what two people say.

use super::Part;
use super::papers::{Parts, signed_under};
use crate::report::Findings;
use attache_accord::act::Act;
use attache_accord::destruction::Destruction;
use attache_accord::{Digest, NodeName, PersonId};
use attache_seal::papers::Notice;
use attache_seal::statement::{Body, Signed};

/// One signature on record.
struct Witness<'a> {
    index: u64,
    destruction: &'a Destruction,
    statement: &'a Digest,
    by: &'a PersonId,
    /// The notice in which a partner's node brought it, and that node.
    brought: Option<(&'a Digest, &'a NodeName)>,
}

impl<'a> Witness<'a> {
    fn all(part: &'a Part) -> Vec<Self> {
        let told = part.acts.iter().filter_map(|told| {
            let (destruction, statement, by, brought) = match &told.act {
                Act::DestructionSigned { destruction, statement, by, .. } => {
                    (destruction, statement, by, None)
                }
                Act::DestructionMirrored { destruction, signer, statement, notice, from } => {
                    (destruction, statement, signer, Some((notice, from)))
                }
                _ => return None,
            };
            Some(Self { index: told.index, destruction, statement, by, brought })
        });
        told.collect()
    }

    /// That the statement says what the act says, and came as the act says.
    fn holds(&self, part: &Part) -> Result<(), String> {
        let signed = part.statements.get(self.statement).ok_or("its signed statement is not here")?;
        let said = signed.dangerously_unverified::<Destruction>().map_err(|error| error.to_string())?;
        if said.body != *self.destruction || said.head.signer != self.by.as_str() {
            return Err("its signed statement says something else".to_owned());
        }
        let Some((notice, from)) = self.brought else { return Ok(()) };
        let notice = part.statements.get(notice).ok_or("the notice that brought it is not here")?;
        let claimed = notice.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
        let (signer, card) = signed_under(part, from, claimed.head.at)?;
        let opened = notice.open::<Notice>(&card.node_key, &signer.expect());
        let Notice { statement: brought, verifying } = opened.map_err(|error| error.to_string())?.body;
        let inner = Signed::from_bytes(&brought).map_err(|error| error.to_string())?;
        if inner.digest() != *self.statement {
            return Err("the notice brought another statement".to_owned());
        }
        let inner = inner.open::<Destruction>(&verifying, &signer.expect());
        inner.map(drop).map_err(|error| error.to_string())
    }

    /// Whether this one is the second of two over that first one.
    fn is_over(&self, first: &Self) -> bool {
        let unsigned = Destruction { first: None, ..self.destruction.clone() };
        self.destruction.first == Some(*first.statement)
            && first.destruction.first.is_none()
            && unsigned == *first.destruction
            && self.by != first.by
    }
}

/// Checks every destruction on record.
pub(super) fn check(parts: &Parts, findings: &mut Findings) {
    for (name, part) in parts {
        let all = Witness::all(part);
        let is_cited = |digest: &Digest| {
            let brings = |one: &Witness<'_>| one.brought.is_some_and(|(notice, _)| notice == digest);
            all.iter().any(|one| one.statement == digest || brings(one))
        };
        let strangers = part.statements.iter().filter(|(digest, signed)| {
            [Destruction::NAME, Notice::NAME].contains(&signed.name()) && !is_cited(digest)
        });
        for (stranger, _) in strangers {
            let why = "no act of this item speaks of this statement";
            findings.failed("V-016", name.as_str(), Some(stranger.to_string()), why);
        }
        for one in &all {
            let place = Some(format!("act {}", one.index));
            let is_second = one.destruction.first.is_some();
            let has_first = all.iter().any(|first| one.is_over(first));
            let has_second = all.iter().any(|second| second.is_over(one));
            match one.holds(part) {
                Err(why) => findings.failed("V-016", name.as_str(), place, why),
                Ok(()) if is_second && !has_first => {
                    let why = "the first signature, by another person over the same, is not here";
                    findings.failed("V-016", name.as_str(), place, why);
                }
                Ok(()) if !is_second && !has_second => {
                    let why = "a second person has not signed: what it says is not done";
                    findings.not_shown("V-016", name.as_str(), place, why);
                }
                Ok(()) => findings.proved("V-016", name.as_str(), place),
            }
        }
    }
}
