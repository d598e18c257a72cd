//! Stocktaking: everything that the journal says is here, read and compared with what is here. `attache doctor` does it on
//! a node that is down, since a damaged item would otherwise show only to whoever opens or sends it.
//!
//! *Absent:* repair, and content keys. Whether sealed bytes are the item is told by their digest.

use crate::fault::Fault;
use crate::papers::Papers;
use crate::resting::sealed;
use attache_accord::Digest;
use attache_accord::view::View;
use attache_release::Pack;
use attache_seal::tdf::{Manifest, Survey, survey};
use attache_store::{Vault, VaultReader};
use std::io::BufReader;
use std::ops::ControlFlow::Continue;

/// Room for reading sealed bytes, in bytes.
const READ_BUFFER_BYTES: usize = 256 * 1024;

/// What was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// Entries of the journal that open under the node's storage key.
    pub entries: u64,
    /// Items, admitted or not, whose sealed bytes are here.
    pub items: u64,
}

/// Reads every entry, and for each item and each arrival its manifest and its sealed bytes.
///
/// # Errors
/// The first that is missing or not what the journal says: [`Fault::OfItem`] names it.
pub fn take_stock(papers: &Papers, vault: &dyn Vault, pack: &Pack) -> Result<Stock, Fault> {
    let mut view = View::new(pack.terms().utc_offset_hours);
    let mut entries = 0;
    papers.look_through(0, |index, entry| {
        entries = index + 1;
        view.apply(entry);
        Ok(Continue::<()>(()))
    })?;
    // What was destroyed is not here any more.
    let held = view.items.iter().filter(|item| !item.is_destroyed);
    let admitted = held.map(|item| (item.id.to_string(), item.manifest, item.item_digest));
    let arrived = view.items.arrivals();
    let arrived = arrived.map(|one| (one.dispatch.to_string(), one.manifest, one.item_digest));
    let mut items = 0;
    for (item, manifest, item_digest) in admitted.chain(arrived) {
        let read = manifest_under(papers, &manifest);
        let read = read.and_then(|manifest| whole(papers, vault, &item_digest, &manifest));
        read.map_err(|fault| Fault::OfItem { item, fault: Box::new(fault) })?;
        items += 1;
    }
    Ok(Stock { entries, items })
}

/// The manifest that the journal cites.
pub(crate) fn manifest_under(papers: &Papers, digest: &Digest) -> Result<Manifest, Fault> {
    let json = papers.cited(digest, "manifest")?;
    if Manifest::digest(&json) != *digest {
        return Err(Fault::Altered("manifest"));
    }
    Ok(Manifest::from_json(&json)?)
}

/// The sealed bytes of an item, read once and found to be it.
pub(crate) fn whole(
    papers: &Papers,
    vault: &dyn Vault,
    item_digest: &Digest,
    manifest: &Manifest,
) -> Result<(Survey, VaultReader), Fault> {
    let sealed = sealed(papers, vault, item_digest)?;
    let mut source = BufReader::with_capacity(READ_BUFFER_BYTES, sealed.clone());
    let found = survey(&mut source, &manifest.integrity)?;
    if found.item_digest == *item_digest { Ok((found, sealed)) } else { Err(Fault::Altered("sealed item")) }
}
