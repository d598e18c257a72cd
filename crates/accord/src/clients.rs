//! What the key access service needs to know of the past: which machine clients act for whom, and which keys that foreign
//! clients wrapped were taken over with which item, or stand in a sealed copy of which.
//!
//! *Absent:* secrets and keys. A client's secret is here as its digest, which a secret of 256 random bits does not come back
//! from.

use crate::act::Act;
use crate::id::{Digest, ItemId};
use crate::party::{PersonId, plain_name};
use crate::shelf::{Rack, Shelf};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

plain_name! {
    /// A machine client by the name that its person gave it, such as `analyst-1-laptop`. No two of a node have the same.
    ClientName, "client", 48
}

/// Most machine clients that one person has at a time.
pub const MAX_CLIENTS_OF_ONE: usize = 8;

/// A machine client. It may do what its person may, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Client {
    /// Its name.
    #[n(0)]
    pub name: ClientName,
    /// For whom it acts.
    #[n(1)]
    pub person: PersonId,
    /// SHA-256 of its secret.
    #[n(2)]
    pub secret: Digest,
    /// Whether its access token counts without a proof that it holds a key.
    #[n(3)]
    pub is_legacy: bool,
}

/// All machine clients, and all keys taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Clients {
    #[n(0)]
    clients: BTreeMap<ClientName, Client>,
    #[n(1)]
    keys: Shelf<Digest, ItemId>,
}

impl Clients {
    /// Folds one act. Whoever leaves the roll takes their clients along.
    pub fn apply(&mut self, act: &Act) {
        match act {
            Act::ClientAdded { client, secret, is_legacy, by } => {
                let added = Client {
                    name: client.clone(),
                    person: by.clone(),
                    secret: *secret,
                    is_legacy: *is_legacy,
                };
                self.clients.insert(client.clone(), added);
            }
            Act::ClientRevoked { client, .. } => {
                self.clients.remove(client);
            }
            Act::PersonRemoved { person, .. } => self.end_all_of(person),
            Act::KeyTakenOver { item, wrapped_key } | Act::CopySealed { item, wrapped_key, .. } => {
                self.keys.insert_new(*wrapped_key, *item);
            }
            _ => {}
        }
    }

    /// Ends all clients of a person.
    pub fn end_all_of(&mut self, person: &PersonId) {
        self.clients.retain(|_, client| client.person != *person);
    }

    /// One client.
    pub fn get(&self, name: &ClientName) -> Option<&Client> {
        self.clients.get(name)
    }

    /// All clients, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    /// The item with which a wrapped key was taken over, or of which a copy was sealed under it, by SHA-256 of the wrapped key.
    pub fn item_of(&self, wrapped_key: &Digest) -> Option<ItemId> {
        self.keys.get(wrapped_key).copied()
    }
}
