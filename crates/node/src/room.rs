//! Room for what is half here: the vault keeps so many incomplete arrivals for all partners together, and this divides them,
//! so that no partner can take the room of another.
//!
//! *Absent:* bytes; those are the vault's.

use crate::link::MAX_CONNECTIONS;
use attache_accord::{DispatchId, NodeName};
use attache_courier::limits::MAX_OUTSTANDING;
use attache_store::{MAX_PARTIALS, Partial, StoreError, Vault};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// So many incomplete arrivals of each partner have room whatever others bring.
pub const OWN_PARTIALS: usize = 2;
/// So many of one partner may be here at most: what it may have open on a connection.
pub const MAX_PARTIALS_OF_ONE: usize = MAX_OUTSTANDING as usize;
/// What partners share beyond [`OWN_PARTIALS`] of each, when as many partners come as may be connected.
pub const SHARED_PARTIALS: usize = MAX_PARTIALS - OWN_PARTIALS * MAX_CONNECTIONS;

// Two partners that take all they may leave some of what is shared to a third.
const _: () = assert!(2 * (MAX_PARTIALS_OF_ONE - OWN_PARTIALS) < SHARED_PARTIALS);

/// Whose each incomplete arrival is; of nobody where it has not been offered again since the node started.
pub(crate) struct Room {
    claims: Mutex<BTreeMap<DispatchId, Option<NodeName>>>,
}

impl Room {
    /// The room of a vault that may have incomplete arrivals already.
    pub(crate) fn of(vault: &dyn Vault) -> Result<Self, StoreError> {
        let claims = vault.partials()?.into_iter().map(|(dispatch, _)| (dispatch, None)).collect();
        Ok(Self { claims: Mutex::new(claims) })
    }

    /// Begins an arrival from a partner or goes on with it. Where there is no room, one that nobody has claimed since the start
    /// gives way.
    ///
    /// # Errors
    /// [`StoreError::Limit`] where the partner has as many as it may, or the id is another partner's;
    /// [`StoreError::InUse`] where another connection brings it.
    pub(crate) fn partial(
        &self,
        vault: &dyn Vault,
        from: &NodeName,
        dispatch: &DispatchId,
    ) -> Result<Partial, StoreError> {
        // Each change is one insertion or removal, so a panic elsewhere leaves nothing half-made.
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.retain(|dispatch, _| vault.is_partial(dispatch));
        let mine = claims.get(dispatch).cloned().flatten();
        if mine.as_ref().is_some_and(|claimant| claimant != from) {
            return Err(no_room(0));
        }
        if mine.is_none() {
            make_room(&mut claims, vault, from, dispatch)?;
        }
        let partial = vault.partial(dispatch)?;
        claims.insert(*dispatch, Some(from.clone()));
        Ok(partial)
    }
}

fn make_room(
    claims: &mut BTreeMap<DispatchId, Option<NodeName>>,
    vault: &dyn Vault,
    from: &NodeName,
    dispatch: &DispatchId,
) -> Result<(), StoreError> {
    loop {
        let others = claims.iter().filter(|(other, _)| *other != dispatch);
        let mut counts = BTreeMap::<_, usize>::new();
        others.for_each(|(_, claimant)| *counts.entry(claimant.as_ref()).or_default() += 1);
        let mine = counts.get(&Some(from)).copied().unwrap_or_default();
        if mine >= MAX_PARTIALS_OF_ONE {
            return Err(no_room(MAX_PARTIALS_OF_ONE));
        }
        let all: usize = counts.values().sum();
        let shared: usize = counts.values().map(|count| count.saturating_sub(OWN_PARTIALS)).sum();
        if all < MAX_PARTIALS && (mine < OWN_PARTIALS || shared < SHARED_PARTIALS) {
            return Ok(());
        }
        let unclaimed = claims.iter().find(|(other, claimant)| claimant.is_none() && *other != dispatch);
        let Some(unclaimed) = unclaimed.map(|(unclaimed, _)| *unclaimed) else {
            return Err(no_room(SHARED_PARTIALS));
        };
        vault.abandon(&unclaimed)?;
        claims.remove(&unclaimed);
    }
}

fn no_room(limit: usize) -> StoreError {
    let limit = limit as u64;
    StoreError::Limit { what: "incomplete arrivals of a partner", limit, found: limit + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_store::MemoryVault;

    fn name(number: usize) -> NodeName {
        format!("node-{number}.kor").parse().unwrap()
    }

    fn id(partner: usize, number: usize) -> DispatchId {
        DispatchId([[partner as u8; 8], (number as u64).to_be_bytes()].concat().try_into().unwrap())
    }

    /// Half brings as many as there is room for, and answers how many.
    fn fill(room: &Room, vault: &MemoryVault, partner: usize) -> usize {
        let begins = |number: &usize| match room.partial(vault, &name(partner), &id(partner, *number)) {
            Ok(mut partial) => partial.append(b"half").and_then(|()| partial.sync()).is_ok(),
            Err(StoreError::Limit { .. }) => false,
            Err(error) => panic!("{error}"),
        };
        (0..=MAX_PARTIALS).take_while(begins).count()
    }

    #[test]
    fn partners_that_bring_all_they_may_leave_room_to_every_other() {
        let vault = MemoryVault::new();
        let room = Room::of(&vault).unwrap();
        let had: Vec<_> = (0..MAX_CONNECTIONS).map(|partner| fill(&room, &vault, partner)).collect();
        assert_eq!(had[..2], [MAX_PARTIALS_OF_ONE; 2]);
        assert!(had.iter().all(|count| *count >= OWN_PARTIALS), "{had:?}");
        assert_eq!(had.iter().sum::<usize>(), MAX_PARTIALS);
        // What one began it may go on with, another may not, and what is complete makes room.
        assert!(room.partial(&vault, &name(0), &id(0, 5)).is_ok());
        assert!(matches!(room.partial(&vault, &name(1), &id(0, 5)), Err(StoreError::Limit { .. })));
        assert!(vault.abandon(&id(0, 5)).unwrap());
        assert!(room.partial(&vault, &name(0), &id(0, MAX_PARTIALS)).is_ok());
    }

    #[test]
    fn after_a_start_what_nobody_offers_again_gives_way_and_what_is_offered_goes_on() {
        let vault = MemoryVault::new();
        for number in 0..MAX_PARTIALS {
            let mut partial = vault.partial(&id(0, number)).unwrap();
            partial.append(b"half").unwrap();
            partial.sync().unwrap();
        }
        let room = Room::of(&vault).unwrap();
        assert_eq!(room.partial(&vault, &name(0), &id(0, 9)).unwrap().durable(), 4);
        assert_eq!(fill(&room, &vault, 1), MAX_PARTIALS_OF_ONE);
        assert_eq!(room.partial(&vault, &name(0), &id(0, 9)).unwrap().durable(), 4);
    }
}
