//! What opens with a share of the key that a blind hub keeps: which it is, and what the hub is told of it.
//!
//! *Absent:* the hub's side, which is [`crate::relay`]'s.

use super::NotOpened;
use crate::fault::Fault;
use crate::office::Office;
use crate::relay::Way;
use attache_accord::control::Unopened;
use attache_accord::item::Stage;
use attache_accord::{Digest, DispatchId, ItemId, NodeName, PersonId};
use attache_courier::Code;
use tokio::task::block_in_place;

/// Stands where a request names its reader. It is no affair of a blind hub's who reads.
const NOBODY: &str = "reader";

/// A letter as its hub knows it.
pub(super) struct Sealed {
    pub(super) number: DispatchId,
    /// The tree over its sealed segments.
    pub(super) digest: Digest,
}

/// An item here of whose key a hub keeps a share.
pub(crate) struct KeptByHub {
    pub(super) hub: NodeName,
    /// The dispatch by which the item came.
    pub(super) dispatch: DispatchId,
    /// The letter that this was in.
    pub(super) letter: Sealed,
}

/// Who is named to a hub as the reader.
pub(super) fn nobody_named() -> Result<PersonId, Fault> {
    NOBODY.parse().map_err(|_| Fault::Encoding)
}

impl Office {
    /// Of an item that came by way of a hub which keeps a share of its key: the hub, and the letter.
    ///
    /// # Errors
    /// When the store fails, or does not have the item's manifest.
    pub(crate) fn kept_by_hub(&self, item: ItemId) -> Result<Option<KeptByHub>, Fault> {
        let Some(found) = self.view.read().items.get(&item).filter(|item| !item.is_destroyed).cloned() else {
            return Ok(None);
        };
        let Stage::Admitted { dispatch, from, .. } = &found.stage else { return Ok(None) };
        let Way::By(hub) = self.way_to(from) else { return Ok(None) };
        // It is asked on a thread of the runtime.
        let read = || block_in_place(|| Ok(self.manifest_of(&found)?.into()));
        if !self.known.of(&found.manifest, read)?.has_hub_share() {
            return Ok(None);
        }
        let view = self.view.read();
        let letter =
            view.letters.bringing(dispatch).ok_or(Fault::Missing("letter that a package came in"))?;
        let letter = Sealed { number: letter.id, digest: letter.outer_digest };
        Ok(Some(KeptByHub { hub, dispatch: *dispatch, letter }))
    }
}

impl NotOpened {
    /// The same where a hub was asked. What was recalled was so by the originator.
    pub(super) fn by_hub(self) -> Self {
        match self {
            Self::Originator(why) if why != Unopened::Recalled => Self::Hub(why),
            Self::Unreachable => Self::HubUnreachable,
            Self::Declined(code) => Self::HubDeclined(code),
            // Of a hub nothing waits for a person.
            Self::Crowded => Self::HubDeclined(Code::NoRoom),
            other => other,
        }
    }
}
