//! Logs that lost entries which others had cosigned: how this node's own log goes on under a new origin, and how a partner's is
//! followed.
//!
//! The new log has the leaves that are left, with their places, and grows from there; so receipts, permits and proofs of what is left
//! hold as they are. A witness follows it from the last head that it cosigned of what is left, and asks first for the very tree that the
//! succession names: whoever would hide something else behind the loss cannot show that one.
//!
//! *Absent:* how a loss comes to be known, which is `settling`'s, and the word that brings a succession, which is a notice.

use crate::desk::{Misuse, opened, state};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::grounds::Grounds;
use crate::office::Office;
use crate::witness::log_keys;
use attache_accord::act::{Act, Answer};
pub use attache_accord::dispatch::LOG_LOST;
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::logs::{Decided, Stretch, origin_at};
use attache_accord::people::Role;
use attache_accord::view::{Unknown, View};
use attache_accord::{Digest, DispatchId, NodeName, PersonId, Timestamp};
use attache_seal::papers::{Card, LogSuccession, Package, Receipt};
use attache_seal::statement::{Body, Signed};
use attache_store::LocalHead;
use attache_tlog::{Origin, VerifierKey};

/// Code of the breach that a succession is which is not of what this node has witnessed.
pub const FALSE_SUCCESSION: &str = "B-005";
/// Most dispatches that are told with one loss; a plan has room for no more.
pub const MAX_TOLD: usize = 48;

/// Lets this node's log, which was brought back with its head at `head`, go on under a new origin, as a person of the agreement office
/// signed.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn succeed(view: &View, head: &LocalHead, now: Timestamp, signed: &Signed) -> Result<Plan, Misuse> {
    let (by, statement) = opened::<LogSuccession>(view, now, signed)?;
    let said = statement.body;
    if !view.person(&by)?.has(Role::AgreementOffice) {
        return Err(state("signer", "this needs the role agreement-office"));
    }
    if said.node != view.identity.as_ref().ok_or(Unknown::Unfounded)?.node {
        return Err(state("node", "another node's log"));
    }
    let (Ok(previous), Ok(origin)) = (Origin::new(&said.previous), Origin::new(&said.origin)) else {
        return Err(state("previous", "no name of a log"));
    };
    // What was brought back may be older than the last succession, which then only partners know.
    let own = view.logs.own().last().and_then(|last| Origin::new(&last.origin).ok());
    if !own.is_some_and(|own| previous.continues(&own)) {
        return Err(state("previous", "neither this node's log nor one that went on from it"));
    }
    if (said.size, said.root) != (head.size, Digest(head.root.0)) || said.since != view.last_at {
        return Err(state("size", "what is left is another log than this"));
    }
    let (kept, cosigned) = said.lost();
    let act = Act::LogSucceeded { origin: said.origin, kept, cosigned, statement: signed.digest(), by };
    let mut plan = Plan { succeeds: Some(origin), ..Plan::new(view, vec![act]) };
    plan.paper(signed.to_bytes());
    Ok(plan)
}

/// A person of the agreement office decides whether a partner's log is followed under its new origin.
///
/// # Errors
/// [`Misuse`] names the field.
pub(crate) fn decide(
    view: &View,
    by: &PersonId,
    node: &NodeName,
    answer: Answer,
    grounds: &Grounds,
) -> Result<Plan, Misuse> {
    let last = view.logs.succeeded(node).last();
    let last = last.ok_or_else(|| state("node", "its log goes on under no new origin"))?;
    match (last.decided, answer) {
        (Decided::Believed, _) => Err(state("node", "its log is followed under its new origin already")),
        (Decided::Refused, Answer::Refuse) => Err(state("node", "its log is refused already")),
        _ if grounds.succession != Some(last.statement) => {
            Err(state("node", "it told another succession meanwhile"))
        }
        _ => {
            let (node, statement) = (node.clone(), last.statement);
            let (basis, by) = (grounds.basis.clone(), by.clone());
            let plan = Plan::new(view, vec![Act::SuccessionDecided { node, statement, answer, basis, by }]);
            Ok(Plan { heads: grounds.recalled.iter().cloned().collect(), ..plan })
        }
    }
}

/// The keys of a card's log under the name of another log of that node.
///
/// # Errors
/// When the card does not name keys of the form that it must.
pub fn keys_under(card: &Card, origin: &str) -> Result<Vec<VerifierKey>, Fault> {
    let named: Result<Vec<_>, _> = log_keys(card)?.iter().map(|key| key.named(origin)).collect();
    named.map_err(|_| Fault::Altered("log origin"))
}

/// Whether a log of this name may be one that goes on from those that are followed here, of which its node has not told yet.
pub(crate) fn is_later(stretches: &[Stretch], origin: &str) -> bool {
    let last = stretches.last().and_then(|last| Origin::new(&last.origin).ok());
    let named = Origin::new(origin).ok();
    last.zip(named).is_some_and(|(last, named)| named != last && named.continues(&last))
}

/// A dispatch with its receipt, once it has one.
fn receipted(sent: &Dispatch) -> Option<(DispatchId, Digest)> {
    match sent.progress {
        Progress::Receipted { receipt, .. } => Some((sent.id, receipt)),
        _ => None,
    }
}

/// The names that the leaves of this node's log are committed to.
pub(crate) struct Origins(Vec<(u64, Origin)>);

impl Origins {
    /// Those of the log of `view`.
    ///
    /// # Errors
    /// When one is no name.
    pub(crate) fn of(view: &View) -> Result<Self, Fault> {
        let named = view.logs.own().iter().map(|own| Ok((own.from, Origin::new(&own.origin)?)));
        let named: Result<_, attache_tlog::CheckpointError> = named.collect();
        named.map(Self).map_err(|_| Fault::Altered("log origin"))
    }

    /// The name that the leaf at `index` is committed to.
    pub(crate) fn at(&self, index: u64) -> Result<&Origin, Fault> {
        let found = self.0.iter().rev().find(|(from, _)| *from <= index);
        found.map(|(_, origin)| origin).ok_or(Fault::Missing("log origin"))
    }
}

/// Where a leaf that a partner speaks of stands by what is followed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// In its log.
    Here,
    /// Under an origin of which its node has not told yet, or on which nobody has decided.
    Later,
    /// In no log of that node that is followed.
    Nowhere,
}

impl Office {
    /// The names that the leaves of this node's log are committed to.
    ///
    /// # Errors
    /// When one is no name.
    pub(crate) fn origins(&self) -> Result<Origins, Fault> {
        Origins::of(&self.view.read())
    }

    /// The name of the log to which the own leaf at `index` is committed: it may be from before the log went on under another.
    pub(crate) fn own_origin_at(&self, index: u64) -> Result<String, Fault> {
        let origin = self.view.read().logs.origin_at(index).map(str::to_owned);
        origin.ok_or(Fault::Missing("log origin"))
    }

    /// The stretches of a partner's log, as far as its successions are followed here.
    pub(crate) fn stretches(&self, node: &NodeName, card: &Card) -> Vec<Stretch> {
        self.view.read().logs.stretches(node, &card.log_origin)
    }

    /// The name and keys of a partner's log, as it is followed here.
    ///
    /// # Errors
    /// When the card does not name keys of the form that it must.
    pub fn log_of(&self, node: &NodeName, card: &Card) -> Result<(String, Vec<VerifierKey>), Fault> {
        let origin =
            self.stretches(node, card).pop().map_or_else(|| card.log_origin.clone(), |last| last.origin);
        let keys = keys_under(card, &origin)?;
        Ok((origin, keys))
    }

    /// Where a leaf stands that a partner names by log and place.
    pub(crate) fn stands(&self, node: &NodeName, card: &Card, origin: &str, index: u64) -> Stands {
        let stretches = self.stretches(node, card);
        match origin_at(&stretches, index) == Some(origin) {
            true => Stands::Here,
            false if is_later(&stretches, origin) => Stands::Later,
            false => Stands::Nowhere,
        }
    }

    /// Whether a log of this name and size belongs to what is followed of a partner's: an origin that ended counts no more than
    /// what is left of it.
    pub(crate) fn is_followed(&self, node: &NodeName, card: &Card, origin: &str, size: u64) -> bool {
        let stretches = self.stretches(node, card);
        let at = stretches.iter().position(|stretch| stretch.origin == origin);
        at.is_some_and(|at| stretches.get(at + 1).is_none_or(|next| size <= next.from))
    }

    /// What is wrong with a succession of the log of `node`, compared with what this node has witnessed of it; and what that is.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn compare_succession(
        &self,
        node: &NodeName,
        said: &LogSuccession,
    ) -> Result<Result<u64, &'static str>, Fault> {
        let Some(card) = self.card_of(node)? else { return Ok(Err("no card of it is accepted")) };
        let (current, _) = self.log_of(node, &card)?;
        if said.previous != current {
            return Ok(Err("it ends another log than the one that is followed here"));
        }
        let is_second = {
            let view = self.view.read();
            let mut shown = view.logs.succeeded(node).iter();
            shown.any(|one| one.origin == said.origin && one.decided != Decided::Refused)
        };
        if is_second {
            return Ok(Err("another succession of the same log was told before"));
        }
        let seen = self.seen(node, &said.previous)?;
        let named = said.seen_by(&self.identity.node).map(|named| (named.size, named.root));
        let fits = match (seen, named) {
            // More than is known here may be so where this node was itself brought back: whoever decides compares it by another way.
            (Some((size, root)), Some(named)) => named == (size, Digest(root.0)) || named.0 > size,
            (Some((size, _)), None) => size <= said.size,
            (None, _) => true,
        };
        if !fits {
            return Ok(Err("what it says was cosigned here is not what was"));
        }
        let other = self.head_seen_at(node, &said.previous, said.size)?;
        if other.is_some_and(|root| Digest(root.0) != said.root) {
            return Ok(Err("what it says is left is not a beginning of what was cosigned here"));
        }
        Ok(Ok(seen.map_or(0, |(size, _)| size)))
    }

    /// The root of what is left of a partner's log by the succession that is followed, with the number of entries.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn left_of(&self, node: &NodeName) -> Result<Option<(LogSuccession, u64)>, Fault> {
        let followed = self.view.read().logs.followed(node).map(|one| (one.statement, one.kept));
        let Some((statement, kept)) = followed else { return Ok(None) };
        Ok(Some((self.succession(&statement)?, kept)))
    }

    /// What a succession says that is on record.
    ///
    /// # Errors
    /// When the store fails.
    pub fn succession(&self, statement: &Digest) -> Result<LogSuccession, Fault> {
        self.said(statement, "succession of a log")
    }

    /// What a statement says that was verified before it was recorded.
    fn said<B: Body>(&self, statement: &Digest, what: &'static str) -> Result<B, Fault> {
        let signed = Signed::from_bytes(&self.papers.cited(statement, what)?);
        let said = signed.ok().and_then(|signed| signed.dangerously_unverified::<B>().ok());
        said.map(|said| said.body).ok_or(Fault::Altered(what))
    }

    /// The dispatches of which `node` lost something: those that it decided to send, and those that it admitted, behind what is
    /// left of its log. At most [`MAX_TOLD`].
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn touched_by_loss(&self, node: &NodeName, kept: u64) -> Result<Vec<DispatchId>, Fault> {
        let (sent, given): (Vec<_>, Vec<_>) = {
            let view = self.view.read();
            let sent = view.dispatches.all_sent().filter(|sent| sent.recipient == *node);
            let given = view.dispatches.all_given().filter(|(_, given)| given.to == *node);
            (sent.filter_map(receipted).collect(), given.map(|(id, given)| (*id, given.package)).collect())
        };
        let mut touched = Vec::new();
        for (id, receipt) in sent {
            if self.said::<Receipt>(&receipt, "receipt")?.leaf_index >= kept {
                touched.push(id);
            }
        }
        for (id, package) in given {
            if self.said::<Package>(&package, "package")?.decision_index >= kept {
                touched.push(id);
            }
        }
        touched.truncate(MAX_TOLD);
        Ok(touched)
    }

    /// Whether the receipt on record for a dispatch speaks of an entry that its node lost since, so that another may take its place.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn is_lost(&self, node: &NodeName, card: &Card, receipt: &Digest) -> Result<bool, Fault> {
        if self.view.read().logs.followed(node).is_none() {
            return Ok(false);
        }
        let receipt: Receipt = self.said(receipt, "receipt")?;
        Ok(self.stands(node, card, &receipt.log_origin, receipt.leaf_index) == Stands::Nowhere)
    }
}
