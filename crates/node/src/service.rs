//! What the key access service does for a machine client: the client's credential, the item whose key it asks for, and the
//! key, once the opening was ruled on and recorded.
//!
//! *Absent:* rulings of its own. A client opens what its person may open, by the same question.

mod known;

use crate::desk::{self, Misuse, Step, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::node::{Done, Node};
use crate::office::Office;
use crate::openings::{NotOpened, Opened};
use crate::permits::OnRecord;
use crate::stocktaking::manifest_under;
use attache_accord::act::Act;
use attache_accord::clients::{ClientName, MAX_CLIENTS_OF_ONE};
use attache_accord::people::Role;
use attache_accord::view::View;
use attache_accord::{Digest, ItemId, PersonId, Timestamp};
use attache_seal::binding;
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::tdf::KeyAccess;
pub(crate) use known::Known;
use known::Objects;
use std::sync::Arc;
use tokio::task::block_in_place;

/// A wrapped key that a client wants opened, as it says.
#[derive(Debug, Clone, Copy)]
pub struct KeyAsked<'a> {
    /// The key as it was wrapped for this node's service.
    pub wrapped_key: &'a [u8],
    /// The policy, base64.
    pub policy_base64: &'a str,
    /// The policy binding.
    pub binding: &'a str,
}

/// An item whose key is asked for, and the object of its manifest, or of a copy's, in which that key stands.
#[derive(Debug, Clone)]
pub struct ItemAsked {
    /// The item.
    pub item: ItemId,
    manifest: Digest,
    object: KeyAccess,
}

/// Gives `by` a credential for a machine client that acts for them.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn add_client(
    view: &View,
    by: &PersonId,
    client: &ClientName,
    secret: Digest,
    is_legacy: bool,
) -> Result<Step, Misuse> {
    let person = view.person(by)?;
    let reads = [Role::Analyst, Role::DisclosureOfficer, Role::DeskOfficer];
    if !reads.iter().any(|role| person.has(*role)) {
        return Err(state("signer", "a machine client opens items, so it acts for someone who may"));
    }
    if view.clients.get(client).is_some() {
        return Err(state("client", "the name is taken; choose another"));
    }
    if view.clients.iter().filter(|held| held.person == *by).count() >= MAX_CLIENTS_OF_ONE {
        return Err(state("client", "you have 8 already; revoke one first"));
    }
    let act = Act::ClientAdded { client: client.clone(), secret, is_legacy, by: by.clone() };
    Ok(Step { plan: Plan::new(view, vec![act]), ruling: None })
}

/// Ends a machine client's credential. Its person may, and an administrator.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn revoke_client(view: &View, by: &PersonId, client: &ClientName) -> Result<Step, Misuse> {
    let is_administrator = view.person(by)?.has(Role::Administrator);
    // Whose else it is, nobody has to know.
    let held = view.clients.get(client).filter(|held| is_administrator || held.person == *by);
    if held.is_none() {
        return Err(state("client", "you have no client of this name"));
    }
    let act = Act::ClientRevoked { client: client.clone(), by: by.clone() };
    Ok(Step { plan: Plan::new(view, vec![act]), ruling: None })
}

impl Office {
    /// The item whose key is asked for: the one that it was taken over with, where policy and binding are those that it came
    /// with. `None` for anything else.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn item_asked(&self, asked: &KeyAsked<'_>) -> Result<Option<ItemAsked>, Fault> {
        let wrapped_key = sha256(&[asked.wrapped_key]);
        let found = {
            let view = self.view.read();
            let item = view.clients.item_of(&wrapped_key);
            item.and_then(|item| view.live(&item).ok().cloned())
        };
        let Some(item) = found else { return Ok(None) };
        let Some(digest) = self.manifest_with(&item, &wrapped_key) else { return Ok(None) };
        // Keys are asked for on threads of the runtime; what is known already is read from no disk.
        let read = || block_in_place(|| Ok(manifest_under(&self.papers, &digest)?.into()));
        let objects = self.known.of(&digest, read)?;
        let object = object_asked(&objects, asked);
        Ok(object.map(|object| ItemAsked { item: item.id, manifest: digest, object }))
    }

    /// The key that is asked for, or the share of it that this node has, which `by` was granted to open by `ruling`.
    fn key_asked(
        &self,
        now: Timestamp,
        by: &PersonId,
        found: &ItemAsked,
        ruling: OnRecord,
        asked: &KeyAsked<'_>,
    ) -> Result<ContentKey, Failure> {
        let item = self.view.read().live(&found.item).map_err(Misuse::from)?.clone();
        // A copy may have come back meanwhile, or the item have another manifest. Under one digest it is the same still.
        if self.manifest_with(&item, &sha256(&[asked.wrapped_key])) != Some(found.manifest) {
            return Err(state("number", "the copy is accounted for").into());
        }
        let object = &found.object;
        let key = self.unwrapped(now, by, item.id, ruling, object)?;
        object.check_binding(&key, asked.policy_base64).map_err(Fault::from)?;
        Ok(key)
    }
}

impl Node {
    /// Opens an item for a machine client that acts for `by` and asks for its key: ruled on and recorded as any opening, with its
    /// originator's consent, or a hub's share, where that is needed. `None` where the rules, the originator or custody refuse.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_key(
        &self,
        by: &PersonId,
        found: &ItemAsked,
        asked: &KeyAsked<'_>,
    ) -> Result<Option<ContentKey>, Failure> {
        match self.key_opened(by, found, asked).await {
            Ok(key) => Ok(key),
            // Custody was stricter, or what was here a moment ago is not.
            Err(Failure::Fault(Fault::Custody(_)) | Failure::Misuse(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn key_opened(
        &self,
        by: &PersonId,
        found: &ItemAsked,
        asked: &KeyAsked<'_>,
    ) -> Result<Option<ContentKey>, Failure> {
        let item = found.item;
        let is_controlled = self.office.view.read().item(&item).is_ok_and(|item| item.controlled().is_some());
        let is_split = is_controlled || self.office.kept_by_hub(item)?.is_some();
        // On this thread, as a handshake is: to change it would take a tenth as long as the work.
        let here = |ruling: OnRecord| self.office.key_asked(self.now(), by, found, ruling, asked);
        if is_split {
            // Here is one share of the key only, and its originator, or a hub, has the other.
            return match self.open_item(by, item, "").await {
                Ok(Opened { ruling_index, reading }) => {
                    here(ruling_index.into()).map(|_| Some(reading.into_content_key()))
                }
                Err(NotOpened::Failure(failure)) => Err(failure),
                Err(_) => Ok(None),
            };
        }
        let pack = Arc::clone(&self.office.pack);
        let open = |view: &View, now| desk::open_at_once(view, &pack, now, by, item, "");
        match self.carry_out_at_once(open).await? {
            (Done { first_index: Some(index), .. }, Some(granted)) => {
                here(OnRecord::now(granted, index)).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The object of a manifest that has this wrapped key, where it is asked for under its own policy and binding.
fn object_asked(objects: &Objects, asked: &KeyAsked<'_>) -> Option<KeyAccess> {
    if objects.policy_base64 != asked.policy_base64 {
        return None;
    }
    let is_it = |object: &KeyAccess| {
        object.wrapped_key_bytes().is_ok_and(|bytes| bytes == asked.wrapped_key)
            && binding::is_same(&object.policy_binding.hash, asked.binding)
    };
    objects.key_access.iter().find(|object| is_it(object)).cloned()
}
