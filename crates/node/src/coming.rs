//! A promised container on its way here: a small one gathers in memory, a larger one in a file of the vault that becomes the
//! item's own file in the end.
//!
//! *Absent:* any judgement of what came; `arrival` verifies it whole.

use crate::arrival::Promised;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::{Digest, DispatchId, NodeName};
use attache_courier::limits::FEED_BYTES;
use attache_seal::tdf::{Integrity, Passing, SMALL_SEGMENT_BYTES, TdfError, front_bytes, segment_bytes_for};
use attache_store::Partial;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Bytes read at a time when an arrival is verified.
const VERIFY_BUFFER_BYTES: usize = 256 * 1024;
/// Longest container that is gathered in memory instead of in a file, in bytes: one data frame. A connection gathers one at a
/// time.
pub const MAX_GATHERED_BYTES: u64 = FEED_BYTES as u64;

/// A promised container on its way here.
pub struct Coming {
    pub(crate) promised: Promised,
    pub(crate) container: Gathered,
}

/// Where it gathers.
pub(crate) enum Gathered {
    /// A small one, so far in memory. A crash loses it, and it comes again whole.
    Memory(Vec<u8>),
    File(Box<InFile>),
}

/// A larger one in a file of the vault, its digest worked out while it comes.
pub(crate) struct InFile {
    pub(crate) partial: Partial,
    passing: Passing,
    /// Whether `passing` has seen all of it, and not only what came after a restart.
    is_seen: bool,
}

impl InFile {
    /// For a container of so many bytes.
    pub(crate) fn of(partial: Partial, size: u64) -> Self {
        let is_seen = partial.written() == 0;
        Self { partial, passing: Passing::new(segment_bytes_for(Some(size))), is_seen }
    }

    fn append(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        if self.partial.written() == 0 {
            // What stands before the payload is kept apart, so that the file can become the vault's as it is. Where the
            // first bytes do not hold all of it, there is none, and the payload is copied in the end.
            let (front, rest) = bytes.split_at_checked(front_bytes(bytes)).unwrap_or((&[], bytes));
            if !front.is_empty() {
                self.partial.begin(front)?;
                bytes = rest;
            }
        }
        self.passing.push(bytes);
        Ok(self.partial.append(bytes)?)
    }

    /// All of it, from the front.
    pub(crate) fn source(&self) -> BufReader<Arrived<'_>> {
        BufReader::with_capacity(VERIFY_BUFFER_BYTES, Arrived { partial: &self.partial, position: 0 })
    }

    /// The digest over the segments that `integrity` lists, behind the front. What passed is not read again.
    pub(crate) fn item_digest(&self, integrity: &Integrity) -> Result<Digest, TdfError> {
        let anew = Passing::new(SMALL_SEGMENT_BYTES);
        let passing = if self.is_seen { &self.passing } else { &anew };
        let front = self.partial.front().len() as u64;
        passing.item_digest(integrity, |at, sealed| {
            let mut rest = Arrived { partial: &self.partial, position: front + at };
            Ok(rest.read_exact(sealed)?)
        })
    }
}

impl Coming {
    /// Digest of the signed statement that promises it.
    pub fn package(&self) -> &Digest {
        &self.promised.package
    }

    /// How much of it is durable here, so that the rest is enough, in bytes.
    pub fn durable(&self) -> u64 {
        match &self.container {
            Gathered::Memory(_) => 0,
            Gathered::File(file) => file.partial.durable(),
        }
    }

    /// Whether it is a letter and no package.
    pub(crate) fn is_letter(&self) -> bool {
        self.promised.is_letter()
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
            Gathered::File(file) => file.append(bytes)?,
        }
        Ok(())
    }

    /// Moves what is held in memory, and comes from a partner, into a file of the vault.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails or has no room for another arrival of the partner.
    pub fn put_down(&mut self, office: &Office, from: &NodeName, dispatch: &DispatchId) -> Result<(), Fault> {
        if let Gathered::Memory(held) = &self.container {
            // The sender was told to begin at the front.
            office.forget_partial(dispatch)?;
            let mut file = Box::new(InFile::of(office.partial(from, dispatch)?, held.len() as u64));
            file.append(held)?;
            self.container = Gathered::File(file);
        }
        Ok(())
    }
}

/// A partial arrival as something to read and seek in.
pub(crate) struct Arrived<'a> {
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
