//! Arrival: what a partner offers is weighed, and what has come is verified whole before anyone here sees that it came:
//! signature, digests, label binding (promise: nothing unmarked, unsealed).
//!
//! *Absent:* admission, which is a desk officer's act, and plaintext: nothing is unwrapped here.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::resting::Resting;
use attache_accord::act::Act;
use attache_accord::{DispatchId, NodeName, Timestamp};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_seal::label::{self, LABEL_ID, Label};
use attache_seal::papers::{Card, Package};
use attache_seal::statement::Signed;
use attache_seal::tdf::{Container, Manifest, TdfError, tally_segments};
use attache_store::{Partial, StoreError, Vault};
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

/// Bytes read at a time when an arrival is verified.
const VERIFY_BUFFER_BYTES: usize = 256 * 1024;
/// Longest container that is gathered in memory instead of in a file, in bytes. A connection gathers one at a time.
pub const MAX_GATHERED_BYTES: u64 = 32 * 1024;

/// What to answer to an offer.
pub enum Weighed {
    /// New: take it.
    Take(Box<Coming>),
    /// All of it is here and waits for a person.
    Held,
    /// Admitted before: the same receipt again.
    Receipted(Vec<u8>),
    /// Not taken, with the code to answer.
    Declined(Code),
    /// The dispatch is known with another package: a breach.
    Contradicted,
}

/// A package whose statement was verified, and whose container is still to come.
struct Promised {
    signed: Signed,
    package: Package,
    card: Card,
}

/// A promised container on its way here.
pub struct Coming {
    promised: Promised,
    container: Gathered,
}

enum Gathered {
    /// A small one, so far in memory. A crash loses it, and it comes again whole.
    Memory(Vec<u8>),
    File(Partial),
}

impl Coming {
    /// How much of it is durable here, so that the rest is enough, in bytes.
    pub fn durable(&self) -> u64 {
        match &self.container {
            Gathered::Memory(_) => 0,
            Gathered::File(partial) => partial.durable(),
        }
    }

    /// Whether it goes into a file, so that work on it may take long.
    pub fn is_large(&self) -> bool {
        matches!(self.container, Gathered::File(_))
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match &mut self.container {
            // The session lets no more come than was offered.
            Gathered::Memory(held) => held.extend_from_slice(bytes),
            Gathered::File(partial) => partial.append(bytes)?,
        }
        Ok(())
    }

    /// Moves what is held in memory into a file of the vault.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails or holds too many arrivals.
    pub fn put_down(&mut self, vault: &dyn Vault) -> Result<(), Fault> {
        if let Gathered::Memory(held) = &self.container {
            let dispatch = self.promised.package.dispatch;
            // The sender was told to begin at the front.
            vault.abandon(&dispatch)?;
            let mut partial = vault.partial(&dispatch)?;
            partial.append(held)?;
            self.container = Gathered::File(partial);
        }
        Ok(())
    }
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
        let given = self.view.read().dispatches.given(&offer.dispatch).cloned();
        if let Some(given) = given {
            if given.package != offer.package_digest || given.to != *from {
                return Ok(Weighed::Contradicted);
            }
            return match given.receipt {
                Some(receipt) => Ok(Weighed::Receipted(self.papers.cited(&receipt, "receipt")?)),
                None => Ok(Weighed::Held),
            };
        }
        let Some(promised) = self.promised(from, offer, now)? else {
            return Ok(Weighed::Declined(Code::Refused));
        };
        if offer.size <= MAX_GATHERED_BYTES {
            let container = Gathered::Memory(Vec::new());
            return Ok(Weighed::Take(Box::new(Coming { promised, container })));
        }
        match self.vault.partial(&offer.dispatch) {
            Ok(partial) => {
                let container = Gathered::File(partial);
                Ok(Weighed::Take(Box::new(Coming { promised, container })))
            }
            // Another connection brings it already, or too many are half here.
            Err(StoreError::InUse { .. } | StoreError::Limit { .. }) => Ok(Weighed::Declined(Code::NoRoom)),
            Err(error) => Err(error.into()),
        }
    }

    fn promised(&self, from: &NodeName, offer: &Offer, now: Timestamp) -> Result<Option<Promised>, Fault> {
        let Some(card) = self.card_of(from)?.filter(|card| card.in_force(now)) else { return Ok(None) };
        let Ok(signed) = Signed::from_bytes(&offer.package) else { return Ok(None) };
        let expect = self.expect(Some(self.identity.pack));
        let Ok(statement) = signed.open::<Package>(&card.label_key, &expect) else { return Ok(None) };
        let package = statement.body;
        let is_offered = signed.digest() == offer.package_digest
            && statement.head.signer == from.as_str()
            && package.dispatch == offer.dispatch
            && package.sender == *from
            && package.recipient == self.identity.node
            && package.size == offer.size;
        Ok(is_offered.then_some(Promised { signed, package, card }))
    }

    /// Verifies a complete arrival and puts its sealed bytes into the vault. Blocks while it reads all of them.
    ///
    /// # Errors
    /// [`Fault`] when the store fails: then the arrival goes on from what is durable of it.
    pub fn verify_arrival(&self, coming: Coming) -> Result<Verified, Fault> {
        // A partial is not synced once more: what counts is where the bytes come to rest, and that is.
        let Coming { promised, container } = coming;
        let outcome = match container {
            Gathered::Memory(bytes) => {
                let length = bytes.len() as u64;
                self.take(&promised, Cursor::new(bytes), length)
            }
            // Closed before it is given up: the vault keeps a partial that is in use.
            Gathered::File(partial) => {
                let source = Arrived { partial: &partial, position: 0 };
                self.take(&promised, BufReader::with_capacity(VERIFY_BUFFER_BYTES, source), partial.written())
            }
        };
        let package = promised.package;
        match outcome {
            Ok(plan) => Ok(Verified::Taken(plan)),
            Err(Rejected::Fault(fault)) => Err(fault),
            Err(Rejected::NotAsStated) => {
                self.vault.abandon(&package.dispatch)?;
                let act = Act::ArrivalDeclined {
                    dispatch: package.dispatch,
                    from: package.sender,
                    code: Code::NotAsStated.to_string(),
                };
                Ok(Verified::Discarded(Plan::new(&self.view.read(), vec![act]), Code::NotAsStated))
            }
        }
    }

    fn take(
        &self,
        Promised { signed, package, card }: &Promised,
        source: impl Read + Seek + Send,
        length: u64,
    ) -> Result<Plan, Rejected> {
        let mut container = Container::open(source)?;
        if length != package.size || Manifest::digest(container.manifest_json()) != package.manifest_digest {
            return Err(Rejected::NotAsStated);
        }
        let manifest = container.manifest().clone();
        let assertion = manifest.assertions.iter().find(|assertion| assertion.id == LABEL_ID);
        let assertion = assertion.ok_or(Rejected::NotAsStated)?;
        let (bound, label) = Label::from_assertion(assertion).map_err(|_| Rejected::NotAsStated)?;
        let key = card.label_es256.as_slice().try_into().map_err(|_| Rejected::NotAsStated)?;
        label::verify(assertion, &manifest.integrity, &[key]).map_err(|_| Rejected::NotAsStated)?;
        let is_for_us = self.own_access(&manifest).is_ok();
        if label != package.label_digest || bound.marking.originator() != card.party || !is_for_us {
            return Err(Rejected::NotAsStated);
        }
        let mut resting = Resting::begin(&self.vault);
        let next = |sealed: &mut Vec<u8>| Ok(container.next_sealed(sealed)?);
        let keep = |sealed: &[u8]| resting.append(sealed).map_err(Rejected::Fault);
        let tally = tally_segments(&manifest.integrity, next, keep)?;
        if tally.item_digest() != package.item_digest {
            return Err(Rejected::NotAsStated);
        }
        let act = Act::ArrivalVerified {
            dispatch: package.dispatch,
            from: package.sender.clone(),
            package: signed.digest(),
            item_digest: package.item_digest,
            size: manifest.integrity.item_bytes(),
            manifest: package.manifest_digest,
            marking: bound.marking,
            label,
        };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.paper(signed.to_bytes());
        plan.paper(container.manifest_json().to_vec());
        resting.finish(package.item_digest, &mut plan)?;
        Ok(plan)
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

/// Why an arrival was not taken.
enum Rejected {
    NotAsStated,
    Fault(Fault),
}

impl From<TdfError> for Rejected {
    /// A disk that fails is ours; every other complaint is about what was sent. A container that ends too early is
    /// the sender's too: all its bytes are here.
    fn from(error: TdfError) -> Self {
        match error {
            TdfError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Self::Fault(TdfError::Io(error).into())
            }
            TdfError::Library => Self::Fault(error.into()),
            _ => Self::NotAsStated,
        }
    }
}

impl From<Fault> for Rejected {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A partial arrival as something to read and seek in.
struct Arrived<'a> {
    partial: &'a Partial,
    position: u64,
}

impl Read for Arrived<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.partial.read_at(self.position, buffer).map_err(io::Error::other)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Arrived<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.partial.written().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
