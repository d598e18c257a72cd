//! Arrival: what a partner offers is weighed, and what has come is verified whole before anyone here sees that it came:
//! signature, digests, label binding (promise: nothing unmarked, unsealed).
//!
//! *Absent:* admission, which is a desk officer's act, and plaintext: nothing is unwrapped here.

use crate::abroad::Unsaid;
use crate::chain::{Chain, Onward};
use crate::coming::{Coming, Gathered, InFile, MAX_GATHERED_BYTES};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::relay::Docket;
use crate::resting::Resting;
use attache_accord::act::Act;
use attache_accord::{Digest, DispatchId, Marking, NodeName, Party, Timestamp};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_seal::digest::sha256;
use attache_seal::label::{self, LABEL_ID, Label};
use attache_seal::papers::Package;
use attache_seal::statement::Signed;
use attache_seal::tdf::{Container, Manifest, TdfError, tally_segments};
use attache_store::{Partial, StoreError};
use std::io::{self, Cursor, Read, Seek};

/// What to answer to an offer.
pub enum Weighed {
    /// New: take it.
    Take(Box<Coming>),
    /// All of it is here and waits for a person.
    Held,
    /// Admitted before: the same receipt again, the paper under this digest.
    Receipted(Digest),
    /// Not taken, with the code to answer.
    Declined(Code),
    /// Not taken, which is to be recorded first.
    Turned(Plan, Code),
    /// The dispatch is known with another package: a breach.
    Contradicted,
}

/// What is remembered of a package whose statement was verified and whose container is still to come: little, for a
/// partner may promise many and then be slow. The statement itself is kept by whoever asked.
pub(crate) struct Promised {
    /// Digest of the signed statement.
    pub(crate) package: Digest,
    as_what: AsWhat,
}

/// As what a container is promised.
enum AsWhat {
    Package(Voucher),
    Letter(Envelope),
}

/// What is remembered of a letter that is still to come.
pub(crate) struct Envelope {
    pub(crate) letter: DispatchId,
    /// The node that offered it.
    pub(crate) by: NodeName,
}

impl Promised {
    /// A letter, by the digest of its docket.
    pub(crate) fn letter(docket: Digest, envelope: Envelope) -> Self {
        Self { package: docket, as_what: AsWhat::Letter(envelope) }
    }

    /// Whether it is a letter and no package.
    pub(crate) fn is_letter(&self) -> bool {
        matches!(self.as_what, AsWhat::Letter(_))
    }
}

/// What of the sender's card of that day its label is verified with.
struct Voucher {
    party: Party,
    label_es256: Vec<u8>,
}

/// A package, as it was promised, while its container is verified.
#[derive(Clone, Copy)]
struct Stated<'a> {
    package: &'a Package,
    /// Digest of its signed statement.
    digest: Digest,
    voucher: &'a Voucher,
    signed_at: Timestamp,
    now: Timestamp,
}

/// What became of a complete arrival.
pub enum Verified {
    /// It is what the package says; durable in the vault, to be recorded by the plan.
    Taken(Plan),
    /// It is not; discarded, to be recorded by the plan and answered with the code.
    Discarded(Plan, Code),
}

impl Office {
    /// Weighs an offer from the authenticated node `from`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn weigh(&self, from: &NodeName, offer: &Offer, now: Timestamp) -> Result<Weighed, Fault> {
        match Docket::from_bytes(&offer.package) {
            Some(docket) => self.weigh_letter(from, offer, docket, now),
            None => self.weigh_package(from, offer, now),
        }
    }

    /// Weighs a package that `from` offers, on a connection or in a letter.
    pub(crate) fn weigh_package(
        &self,
        from: &NodeName,
        offer: &Offer,
        now: Timestamp,
    ) -> Result<Weighed, Fault> {
        // Answers go by the number alone.
        if self.view.read().letters.get(&offer.dispatch).is_some() {
            return Ok(Weighed::Declined(Code::Refused));
        }
        let given = self.view.read().dispatches.given(&offer.dispatch).cloned();
        if let Some(given) = given {
            if given.package != offer.package_digest || given.to != *from {
                return Ok(Weighed::Contradicted);
            }
            return match given.receipt {
                Some(receipt) => Ok(Weighed::Receipted(receipt)),
                None => Ok(Weighed::Held),
            };
        }
        if let Some(code) = self.stop_of(from) {
            return Ok(Weighed::Declined(code));
        }
        let promised = match self.promised(from, offer, now)? {
            Ok(promised) => promised,
            Err(code) => return Ok(Weighed::Declined(code)),
        };
        self.take(from, offer, promised)
    }

    /// Makes room for a promised container of `from`.
    pub(crate) fn take(&self, from: &NodeName, offer: &Offer, promised: Promised) -> Result<Weighed, Fault> {
        let container = match offer.size <= MAX_GATHERED_BYTES {
            true => Gathered::Memory(Vec::new()),
            false => match self.partial(from, &offer.dispatch) {
                Ok(partial) => Gathered::File(Box::new(InFile::of(partial, offer.size))),
                // Another connection brings it already, or too many of its partner are half here.
                Err(StoreError::InUse { .. } | StoreError::Limit { .. }) => {
                    return Ok(Weighed::Declined(Code::NoRoom));
                }
                Err(error) => return Err(error.into()),
            },
        };
        Ok(Weighed::Take(Box::new(Coming { promised, container })))
    }

    /// Why nothing of a partner's is taken while its log is not believed.
    pub(crate) fn stop_of(&self, from: &NodeName) -> Option<Code> {
        let view = self.view.read();
        let awaits = view.logs.awaits_decision(from);
        view.logs.is_stopped(from).then_some(if awaits { Code::LogSucceeded } else { Code::LogStopped })
    }

    fn promised(
        &self,
        from: &NodeName,
        offer: &Offer,
        now: Timestamp,
    ) -> Result<Result<Promised, Code>, Fault> {
        let refused = Ok(Err(Code::Refused));
        if self.card_of(from)?.is_none_or(|card| !card.in_force(now)) {
            return refused;
        }
        let Ok(signed) = Signed::from_bytes(&offer.package) else { return refused };
        let (statement, card) = match self.said_by::<Package>(from, &signed, |card| &card.label_key)? {
            Ok(said) => said,
            Err(Unsaid::OtherCard) => return Ok(Err(Code::OtherCard)),
            Err(Unsaid::False) => return refused,
        };
        // It may have been owed while both sides adopted another rule pack.
        if !self.view.read().packs.contains(&statement.head.pack) {
            return refused;
        }
        let package = statement.body;
        let is_offered = sha256(&[&offer.package]) == offer.package_digest
            && package.dispatch == offer.dispatch
            && package.sender == *from
            && package.recipient == self.identity.node
            && package.size == offer.size;
        let voucher = Voucher { party: card.party, label_es256: card.label_es256 };
        Ok(if is_offered {
            Ok(Promised { package: offer.package_digest, as_what: AsWhat::Package(voucher) })
        } else {
            Err(Code::Refused)
        })
    }

    /// Verifies a complete arrival, promised by the bytes of the statement `signed`, and takes its sealed bytes to where they rest.
    /// Blocks while it reads what did not pass as it came.
    ///
    /// # Errors
    /// [`Fault`] when the store fails: then the arrival goes on from what is durable of it.
    pub fn verify_arrival(&self, coming: Coming, signed: Vec<u8>, now: Timestamp) -> Result<Verified, Fault> {
        let Coming { promised: Promised { package: digest, as_what }, container } = coming;
        if sha256(&[&signed]) != digest {
            return Err(Fault::Altered("statement of an arrival"));
        }
        let voucher = match as_what {
            AsWhat::Package(voucher) => voucher,
            AsWhat::Letter(envelope) => return self.verify_letter(envelope, container, signed, now),
        };
        // Verified when it was offered; the digest says that it is still that one.
        let package =
            Signed::from_bytes(&signed).and_then(|signed| signed.dangerously_unverified::<Package>());
        let statement = package.map_err(|_| Fault::Altered("statement of an arrival"))?;
        let (package, signed_at) = (statement.body, statement.head.at);
        let stated = Stated { package: &package, digest, voucher: &voucher, signed_at, now };
        let outcome = match container {
            Gathered::Memory(bytes) => {
                let length = bytes.len() as u64;
                self.take_bytes(stated, Cursor::new(bytes), length)
            }
            Gathered::File(file) => self.take_file(stated, *file),
        };
        match outcome {
            Ok(mut plan) => {
                plan.papers.push((digest, signed));
                Ok(Verified::Taken(plan))
            }
            Err(Rejected::Fault(fault)) => Err(fault),
            Err(Rejected::As(code)) => {
                self.vault.abandon(&package.dispatch)?;
                let (dispatch, from) = (package.dispatch, package.sender);
                let act = Act::ArrivalDeclined { dispatch, from, code: code.to_string() };
                Ok(Verified::Discarded(Plan::new(&self.view.read(), vec![act]), code))
            }
        }
    }

    /// Takes a container that is all in memory, or whose payload is not where we would write it.
    fn take_bytes(
        &self,
        stated: Stated<'_>,
        source: impl Read + Seek + Send,
        length: u64,
    ) -> Result<Plan, Rejected> {
        let (mut container, bound) = self.bound_of(stated, source, length)?;
        let integrity = container.manifest().integrity.clone();
        let mut resting = Resting::begin(&self.vault);
        let next = |sealed: &mut Vec<u8>| Ok(container.next_sealed(sealed)?);
        let keep = |sealed: &[u8]| resting.append(sealed).map_err(Rejected::Fault);
        let tally = tally_segments(&integrity, next, keep)?;
        if tally.item_digest() != stated.package.item_digest {
            return Err(NOT_AS_STATED);
        }
        let mut plan = self.arrived(stated, bound);
        resting.finish(stated.package.item_digest, &mut plan)?;
        Ok(plan)
    }

    /// Takes a container that came into a file: the file becomes the vault's, and what passed is not read again.
    fn take_file(&self, stated: Stated<'_>, file: InFile) -> Result<Plan, Rejected> {
        let (container, bound) = self.bound_of(stated, file.source(), file.partial.written())?;
        if container.payload_at() != file.partial.front().len() as u64 {
            return self.take_bytes(stated, file.source(), file.partial.written());
        }
        let integrity = container.manifest().integrity.clone();
        if file.item_digest(&integrity)? != stated.package.item_digest {
            return Err(NOT_AS_STATED);
        }
        drop(container);
        let payload_bytes = integrity.payload_bytes();
        file.partial.finish(&stated.package.item_digest, payload_bytes).map_err(Fault::from)?;
        Ok(self.arrived(stated, bound))
    }

    /// Opens a complete container and verifies all of it but its segments.
    fn bound_of<R: Read + Seek>(
        &self,
        Stated { package, voucher, signed_at, now, .. }: Stated<'_>,
        source: R,
        length: u64,
    ) -> Result<(Container<R>, Bound), Rejected> {
        let container = Container::open(source)?;
        if length != package.size || Manifest::digest(container.manifest_json()) != package.manifest_digest {
            return Err(NOT_AS_STATED);
        }
        let manifest = container.manifest();
        let assertion = manifest.assertions.iter().find(|assertion| assertion.id == LABEL_ID);
        let assertion = assertion.ok_or(NOT_AS_STATED)?;
        let (bound, label) = Label::from_assertion(assertion).map_err(|_| NOT_AS_STATED)?;
        let is_split = manifest.originator_share().is_some();
        let is_for_us = self.own_access(manifest).is_ok()
            && is_split == bound.marking.control.is_some()
            && manifest.hub_share().is_some() == self.has_hub_share(&package.sender);
        if label != package.label_digest || !is_for_us {
            return Err(NOT_AS_STATED);
        }
        let chain = if bound.marking.originator() == voucher.party {
            let key = voucher.label_es256.as_slice().try_into().map_err(|_| NOT_AS_STATED)?;
            label::verify(assertion, &manifest.integrity, &[key]).map_err(|_| NOT_AS_STATED)?;
            None
        } else {
            let onward = Onward { package, signed_at, hub: voucher.party, marking: &bound.marking };
            Some(self.chain(onward, manifest, now)?.ok_or(Rejected::As(Code::ChainBroken))?)
        };
        let (size, json) = (manifest.integrity.item_bytes(), container.manifest_json().to_vec());
        Ok((container, Bound { size, marking: bound.marking, label, manifest_json: json, chain }))
    }

    /// The record of a verified arrival.
    fn arrived(&self, Stated { package, digest, .. }: Stated<'_>, bound: Bound) -> Plan {
        let act = Act::ArrivalVerified {
            dispatch: package.dispatch,
            from: package.sender.clone(),
            package: digest,
            item_digest: package.item_digest,
            size: bound.size,
            manifest: package.manifest_digest,
            marking: bound.marking,
            label: bound.label,
        };
        let (onward, papers) = bound.chain.map(|chain| (chain.act, chain.papers)).unzip();
        let acts = [act].into_iter().chain(onward).collect();
        let mut plan = Plan::new(&self.view.read(), acts);
        plan.paper(bound.manifest_json);
        for paper in papers.into_iter().flatten() {
            plan.paper(paper);
        }
        plan
    }

    /// Begins the arrival of a dispatch from a partner, or goes on with it, where the partner has room.
    ///
    /// # Errors
    /// As [`Vault::partial`](attache_store::Vault::partial).
    pub fn partial(&self, from: &NodeName, dispatch: &DispatchId) -> Result<Partial, StoreError> {
        self.room.partial(self.vault.as_ref(), from, dispatch)
    }

    /// Gives up what is left of arrivals that were recorded before the last stop.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn tidy(&self) -> Result<(), Fault> {
        for (dispatch, _) in self.vault.partials()? {
            if self.view.read().dispatches.given(&dispatch).is_some() {
                self.forget_partial(&dispatch)?;
            }
        }
        Ok(())
    }

    /// Gives up what is left of an arrival that was recorded or will not come again.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn forget_partial(&self, dispatch: &DispatchId) -> Result<(), Fault> {
        self.vault.abandon(dispatch)?;
        Ok(())
    }
}

/// What a verified container says of its item.
struct Bound {
    size: u64,
    marking: Marking,
    label: Digest,
    manifest_json: Vec<u8>,
    /// Of what was passed on, the chain behind it.
    chain: Option<Chain>,
}

/// Why an arrival was not taken.
pub(crate) enum Rejected {
    /// With the code to answer.
    As(Code),
    Fault(Fault),
}

/// Something is not what the package states.
const NOT_AS_STATED: Rejected = Rejected::As(Code::NotAsStated);

impl From<TdfError> for Rejected {
    /// A disk that fails is ours; every other complaint is about what was sent. A container that ends too early is
    /// the sender's too: all its bytes are here.
    fn from(error: TdfError) -> Self {
        match error {
            TdfError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Self::Fault(TdfError::Io(error).into())
            }
            TdfError::Library => Self::Fault(error.into()),
            _ => NOT_AS_STATED,
        }
    }
}

impl From<Fault> for Rejected {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
