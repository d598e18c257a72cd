//! Machine clients, and keys taken over from foreign ones.

use attache_accord::act::Act;
use attache_accord::clients::{ClientName, Clients};
use attache_accord::{Digest, ItemId};

fn name(text: &str) -> ClientName {
    text.parse().unwrap()
}

fn added(client: &str, by: &str) -> Act {
    Act::ClientAdded {
        client: name(client),
        secret: Digest([1; 32]),
        is_legacy: false,
        by: by.parse().unwrap(),
    }
}

fn folded(acts: &[Act]) -> Clients {
    let mut clients = Clients::default();
    acts.iter().for_each(|act| clients.apply(act));
    clients
}

#[test]
fn a_client_acts_for_whoever_added_it_until_it_is_revoked() {
    let clients = folded(&[added("laptop", "analyst-1"), added("desk", "desk-1")]);
    assert_eq!(clients.get(&name("laptop")).unwrap().person.as_str(), "analyst-1");
    let revoked = Act::ClientRevoked { client: name("laptop"), by: "desk-1".parse().unwrap() };
    let clients = folded(&[added("laptop", "analyst-1"), added("desk", "desk-1"), revoked]);
    assert_eq!(clients.iter().map(|client| client.name.as_str()).collect::<Vec<_>>(), ["desk"]);
}

#[test]
fn whoever_leaves_the_roll_takes_their_clients_along() {
    let left = Act::PersonRemoved { person: "analyst-1".parse().unwrap(), by: "admin-1".parse().unwrap() };
    let clients = folded(&[added("laptop", "analyst-1"), added("desk", "desk-1"), left]);
    assert_eq!(clients.get(&name("laptop")), None);
    assert!(clients.get(&name("desk")).is_some());
}

#[test]
fn a_wrapped_key_belongs_to_the_first_item_that_it_was_taken_over_with() {
    let taken = |item| Act::KeyTakenOver { item: ItemId([item; 16]), wrapped_key: Digest([7; 32]) };
    let clients = folded(&[taken(1), taken(2)]);
    assert_eq!(clients.item_of(&Digest([7; 32])), Some(ItemId([1; 16])));
    assert_eq!(clients.item_of(&Digest([8; 32])), None);
}
