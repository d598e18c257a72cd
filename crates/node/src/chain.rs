//! The chain of what was passed on, at the recipient: the originator's package for the hub, its approval of this very Party, the
//! hub's receipt, each verified under the card of who made it, before anyone here sees that something came.
//!
//! *Absent:* anything that the hub says alone. Its word is believed about its own level and its own package, and no further.

use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::consent::Step;
use attache_accord::item::Item;
use attache_accord::particulars::Approved;
use attache_accord::{Marking, NodeName, Party, Timestamp};
use attache_seal::label::{self, LABEL_ID};
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{Card, Consent, Notice, Outcome, PASSAGE_ID, Package, Passage, Receipt};
use attache_seal::statement::{Body, Signed, Statement};
use attache_seal::tdf::Manifest;

/// A chain that holds: what is recorded of it, and the statements that it consists of.
pub(crate) struct Chain {
    pub(crate) act: Act,
    pub(crate) papers: Vec<Vec<u8>>,
}

/// What a package that was passed on says, as far as it is verified.
#[derive(Clone, Copy)]
pub(crate) struct Onward<'a> {
    /// The hub's package.
    pub(crate) package: &'a Package,
    /// When the hub signed it.
    pub(crate) signed_at: Timestamp,
    /// The hub's Party.
    pub(crate) hub: Party,
    /// The marking that the label bears.
    pub(crate) marking: &'a Marking,
}

impl Office {
    /// Verifies the chain in a manifest of what `onward` says; `None` where any link of it does not hold.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub(crate) fn chain(
        &self,
        onward: Onward<'_>,
        manifest: &Manifest,
        now: Timestamp,
    ) -> Result<Option<Chain>, Fault> {
        let assertion = manifest.assertions.iter().find(|assertion| assertion.id == PASSAGE_ID);
        let Some(passage) = assertion.and_then(|it| Passage::from_assertion(it).ok()) else {
            return Ok(None);
        };
        let Some((origin, package)) = self.origin(onward, manifest, &passage)? else { return Ok(None) };
        let Some(receipt) = self.hub_receipt(onward, &package, &origin, &passage)? else { return Ok(None) };
        let Some((notice, consent)) = self.approval(onward, &origin.sender, &passage, now)? else {
            return Ok(None);
        };
        let view = self.view.read();
        let item = &onward.package.item_digest;
        // Withdrawn since, or back where it is already. What was recalled may come anew, by a package that its originator makes anew
        // for the hub: a recall withdraws no approval, so that the old chain would hold again.
        let given = package.digest();
        let is_kept_out = |held: &Item| !view.is_closed(held) || view.came_by(held, &given);
        let is_here = view.items.of_digest(item).any(is_kept_out)
            || view.items.arrivals().any(|arrival| arrival.item_digest == *item);
        let originator = onward.marking.originator();
        if view.consents.is_withdrawn(item, &consent.digest(), originator, &origin.sender) || is_here {
            return Ok(None);
        }
        let act = Act::PassageVerified {
            dispatch: onward.package.dispatch,
            origin: origin.sender,
            package: given,
            consent: consent.digest(),
            notice: notice.digest(),
            receipt: receipt.digest(),
            level: passage.level,
            basis: self.pack.terms().basis_between(originator, onward.hub).to_owned(),
        };
        let papers = [&package, &notice, &consent, &receipt].map(Signed::to_bytes).to_vec();
        Ok(Some(Chain { act, papers }))
    }

    /// The originator's package, where its node made it for the hub about this item, and its label is on the item.
    fn origin(
        &self,
        onward: Onward<'_>,
        manifest: &Manifest,
        passage: &Passage,
    ) -> Result<Option<(Package, Signed)>, Fault> {
        let Some((signed, statement, card)) =
            self.made_abroad::<Package>(&passage.package, |card| &card.label_key)?
        else {
            return Ok(None);
        };
        let body = statement.body;
        let is_it = statement.head.signer == body.sender.as_str()
            && body.recipient == onward.package.sender
            && body.item_digest == onward.package.item_digest
            && body.label_digest == onward.package.label_digest
            && statement.head.at <= onward.signed_at
            && card.party == onward.marking.originator()
            && card.party != onward.hub;
        let label = manifest.assertions.iter().find(|assertion| assertion.id == LABEL_ID);
        let (Some(label), Ok(key)) = (label, card.label_es256.as_slice().try_into()) else { return Ok(None) };
        let is_labelled = label::verify(label, &manifest.integrity, &[key]).is_ok();
        Ok((is_it && is_labelled).then_some((body, signed)))
    }

    /// The hub's receipt for that package.
    fn hub_receipt(
        &self,
        onward: Onward<'_>,
        package: &Signed,
        origin: &Package,
        passage: &Passage,
    ) -> Result<Option<Signed>, Fault> {
        let Some((signed, statement, _)) =
            self.made_abroad::<Receipt>(&passage.receipt, |card| &card.node_key)?
        else {
            return Ok(None);
        };
        let body = statement.body;
        let table = &self.pack.terms().equivalence;
        let levels = table.equivalents(&onward.marking.level, onward.hub);
        let is_it = statement.head.signer == onward.package.sender.as_str()
            && body.package == package.digest()
            && body.dispatch == origin.dispatch
            && body.outcome == Outcome::Admitted
            && body.own_level.as_ref().is_none_or(|level| *level == passage.level)
            && levels.allows(&passage.level);
        Ok(is_it.then_some(signed))
    }

    /// The originator's approval that the hub passes this item on to this Party, as its node brought it there, in force when the
    /// hub signed and now.
    fn approval(
        &self,
        onward: Onward<'_>,
        origin: &NodeName,
        passage: &Passage,
        now: Timestamp,
    ) -> Result<Option<(Signed, Signed)>, Fault> {
        let Some((notice, statement, _)) =
            self.made_abroad::<Notice>(&passage.consent, |card| &card.node_key)?
        else {
            return Ok(None);
        };
        let Notice { statement: inner, verifying } = statement.body;
        let Ok(inner) = Signed::from_bytes(&inner) else { return Ok(None) };
        let Ok(opened) = inner.open::<Consent>(&verifying, &self.expect(None)) else { return Ok(None) };
        let (consent, signed_at) = (opened.body.consent, opened.head.at);
        let Step::Given { what, until } = &consent.step else { return Ok(None) };
        let until = until.unwrap_or(Timestamp(u64::MAX));
        let is_it = statement.head.signer == origin.as_str()
            && consent.to == onward.package.sender
            && consent.item_digest == onward.package.item_digest
            && *what == Approved::ThirdParty(self.identity.party)
            && signed_at <= onward.signed_at
            && onward.signed_at < until
            && now < until;
        Ok(is_it.then_some((notice, inner)))
    }

    /// A statement of another node, opened under the key that its accepted card of the statement's time has for it.
    pub(crate) fn made_abroad<B: Body>(
        &self,
        bytes: &[u8],
        key: fn(&Card) -> &VerifyingPair,
    ) -> Result<Option<(Signed, Statement<B>, Card)>, Fault> {
        let Ok(signed) = Signed::from_bytes(bytes) else { return Ok(None) };
        let said = self.said_by_its_signer::<B>(&signed, key)?;
        Ok(said.ok().map(|(statement, card)| (signed, statement, card)))
    }
}
