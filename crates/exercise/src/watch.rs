//! The watch on one site: everything that it came to hold, in memory as frames, in its journal, its papers and its vault, opened as
//! far as it can open it; and the search of all that for what is in the items of others.
//!
//! *Absent:* any knowledge of how things are sealed. What is found here stands there for whoever takes the site.

use attache_accord::{Digest, NodeName};
use attache_node::fault::{Failure, Fault};
use attache_node::office::Office;
use std::collections::BTreeSet;
use std::io::Read as _;

/// Entries read at a time.
const ENTRIES_AT_A_TIME: usize = 256;
/// A digest as it is encoded: a string of 32 bytes.
const DIGEST_HEAD: [u8; 2] = [0x58, 0x20];

/// What is searched for, by what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Secret {
    pub(crate) what: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// What a search gave.
#[derive(Debug, Default)]
pub struct Searched {
    /// Bytes that were searched.
    pub bytes: usize,
    /// Of each kind of secret that there was, how many were searched for and how many of them were found.
    pub found: std::collections::BTreeMap<&'static str, [usize; 2]>,
}

/// What one site came to hold since it was founded and staffed.
pub(crate) struct Watch {
    pub(crate) name: NodeName,
    next: u64,
    seen: BTreeSet<Digest>,
    held: Vec<u8>,
}

impl Watch {
    /// From now on.
    pub(crate) fn begin(office: &Office) -> Self {
        let (name, next) = (office.identity.node.clone(), office.view.read().size);
        Self { name, next, seen: BTreeSet::new(), held: Vec::new() }
    }

    /// It was given these bytes.
    pub(crate) fn given(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Reads what is new in its journal, whatever papers that names, and sealed bytes under such a name.
    pub(crate) fn read(&mut self, office: &Office) -> Result<(), Failure> {
        loop {
            let entries = office.papers.entries(self.next, ENTRIES_AT_A_TIME)?;
            let Some((last, _)) = entries.last() else { return Ok(()) };
            self.next = last + 1;
            for (_, entry) in &entries {
                let bytes = minicbor::to_vec(entry).map_err(|_| Fault::Encoding)?;
                self.take(office, bytes)?;
            }
        }
    }

    fn take(&mut self, office: &Office, bytes: Vec<u8>) -> Result<(), Failure> {
        let mut new = vec![bytes];
        while let Some(bytes) = new.pop() {
            for digest in named(&bytes) {
                if !self.seen.insert(digest) {
                    continue;
                }
                new.extend(office.papers.get(&digest)?);
                if let Some(mut sealed) = office.vault.open(&digest).map_err(Fault::from)? {
                    sealed.read_to_end(&mut self.held).map_err(|_| Fault::Missing("sealed bytes"))?;
                }
            }
            self.held.extend(bytes);
        }
        Ok(())
    }

    /// Looks for each of these, and says what it is that was found.
    pub(crate) fn search(&self, secrets: &BTreeSet<Secret>) -> Searched {
        let mut found: BTreeSet<&Secret> = BTreeSet::new();
        let mut by_head: Vec<Vec<&Secret>> = vec![Vec::new(); 1 << 16];
        let place = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
        let secrets = || secrets.iter().filter(|secret| secret.bytes.len() > 1);
        secrets().for_each(|secret| by_head[place(&secret.bytes)].push(secret));
        for at in 0..self.held.len().saturating_sub(1) {
            let rest = &self.held[at..];
            found.extend(by_head[place(rest)].iter().filter(|secret| rest.starts_with(&secret.bytes)));
        }
        let mut searched = Searched { bytes: self.held.len(), ..Searched::default() };
        for secret in secrets() {
            let [all, of_them] = searched.found.entry(secret.what).or_default();
            *all += 1;
            *of_them += usize::from(found.contains(secret));
        }
        searched
    }
}

/// Whatever 32 bytes are encoded as a string may be a digest.
fn named(bytes: &[u8]) -> Vec<Digest> {
    let strings = bytes.windows(34).filter(|part| part[..2] == DIGEST_HEAD);
    strings.filter_map(|part| part[2..].try_into().ok().map(Digest)).collect()
}
