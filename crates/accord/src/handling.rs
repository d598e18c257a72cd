//! What is done with an item beyond opening it: used for another purpose, passed on, given a lower level, copied, translated,
//! handed to a contractor, shown to visitors; and what became of each numbered copy. A fold of the journal.
//!
//! Copies and translations of an item are one series of numbers without gaps. Each is out until it is accounted for: returned
//! to the registry or destroyed.
//!
//! *Absent:* whether it may be done. That was ruled in the same append.

use crate::act::Act;
use crate::id::{Digest, ItemId};
use crate::marking::Level;
use crate::particulars::Purpose;
use crate::party::{FacilityName, Party, PersonId};
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use crate::view::Ask;
use minicbor::{Decode, Encode};

/// Most copies and translations of one item.
pub const MAX_COPIES: u32 = 1_000;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Handling {
    /// It was passed on to a Party outside (Art. 6(a)).
    #[n(0)]
    #[cbor(map)]
    PassedOn {
        /// The Party.
        #[n(0)]
        to: Party,
    },
    /// It is used for another purpose (Art. 6(c)).
    #[n(1)]
    #[cbor(map)]
    UsedOtherwise {
        /// The purpose.
        #[n(0)]
        purpose: Purpose,
    },
    /// Its holder gave it a lower level (Art. 6(g)).
    #[n(2)]
    #[cbor(map)]
    Downgraded {
        /// The level, in the holder's scheme.
        #[n(0)]
        to: Level,
    },
    /// A copy was made (Art. 14).
    #[n(3)]
    #[cbor(map)]
    Copied {
        /// Its number.
        #[n(0)]
        number: u32,
        /// Who keeps it.
        #[n(1)]
        keeper: PersonId,
    },
    /// A translation was made, which is a copy as well (Art. 15).
    #[n(4)]
    #[cbor(map)]
    Translated {
        /// Its number.
        #[n(0)]
        number: u32,
        /// Who translated, and keeps it.
        #[n(1)]
        translator: PersonId,
    },
    /// It was handed to a contractor (Art. 16).
    #[n(5)]
    #[cbor(map)]
    GivenToContractor {
        /// The facility.
        #[n(0)]
        facility: FacilityName,
    },
    /// It was shown to visitors (Art. 8).
    #[n(6)]
    #[cbor(map)]
    ShownToVisitors {
        /// Whose people they were.
        #[n(0)]
        visitors: Party,
    },
}

impl Handling {
    /// What is done when `ask` is granted; none where another act records it. `keeper` is who asks, and keeps a copy.
    pub fn of(ask: &Ask, keeper: &PersonId) -> Option<(ItemId, Self)> {
        Some(match ask {
            Ask::PassOn { item, to } => (*item, Self::PassedOn { to: *to }),
            Ask::OtherPurpose { item, purpose } => (*item, Self::UsedOtherwise { purpose: purpose.clone() }),
            Ask::Downgrade { item, to } => (*item, Self::Downgraded { to: to.clone() }),
            Ask::Copy { item, copy } => (*item, Self::Copied { number: copy.number, keeper: keeper.clone() }),
            Ask::Translate { item, copy, translator, .. } => {
                (*item, Self::Translated { number: copy.number, translator: translator.clone() })
            }
            Ask::GiveToContractor { item, contractor } => {
                (*item, Self::GivenToContractor { facility: contractor.facility.clone() })
            }
            Ask::Visit { item, visitors, .. } => (*item, Self::ShownToVisitors { visitors: *visitors }),
            Ask::Request { .. }
            | Ask::Release { .. }
            | Ask::Admit { .. }
            | Ask::Open { .. }
            | Ask::Dispatch { .. }
            | Ask::Opening { .. } => {
                return None;
            }
        })
    }

    /// The word used in lists and leaves.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::PassedOn { .. } => "passed on",
            Self::UsedOtherwise { .. } => "used otherwise",
            Self::Downgraded { .. } => "downgraded",
            Self::Copied { .. } => "copied",
            Self::Translated { .. } => "translated",
            Self::GivenToContractor { .. } => "given to contractor",
            Self::ShownToVisitors { .. } => "shown to visitors",
        }
    }

    /// What it names: a Party, a purpose, a level, a copy with its keeper, a facility.
    pub fn what(&self) -> String {
        match self {
            Self::PassedOn { to: party } | Self::ShownToVisitors { visitors: party } => party.to_string(),
            Self::UsedOtherwise { purpose } => purpose.to_string(),
            Self::Downgraded { to } => to.to_string(),
            Self::Copied { number, keeper } | Self::Translated { number, translator: keeper } => {
                format!("{number} {keeper}")
            }
            Self::GivenToContractor { facility } => facility.to_string(),
        }
    }

    /// The article that it rests on.
    pub fn article(&self) -> &'static str {
        match self {
            Self::PassedOn { .. } => "6(a)",
            Self::UsedOtherwise { .. } => "6(c)",
            Self::Downgraded { .. } => "6(g)",
            Self::Copied { .. } => "14",
            Self::Translated { .. } => "15",
            Self::GivenToContractor { .. } => "16",
            Self::ShownToVisitors { .. } => "8",
        }
    }
}

/// What became of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Fate {
    /// Its keeper has it.
    #[n(0)]
    Out,
    /// It came back to the registry, which keeps it.
    #[n(1)]
    Returned(#[n(0)] Timestamp),
    /// Two people destroyed it.
    #[n(2)]
    Destroyed(#[n(0)] Timestamp),
}

impl Fate {
    /// The word used in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Returned(_) => "returned",
            Self::Destroyed(_) => "destroyed",
        }
    }
}

/// A numbered copy or translation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Copy {
    /// Its number, from 1.
    #[n(0)]
    pub number: u32,
    /// Whether it is a translation.
    #[n(1)]
    pub is_translation: bool,
    /// Who keeps it.
    #[n(2)]
    pub keeper: PersonId,
    /// When it was made.
    #[n(3)]
    pub made_at: Timestamp,
    /// What became of it.
    #[n(4)]
    pub fate: Fate,
    /// Where it was sealed for machine clients, what it was sealed as.
    #[n(5)]
    pub sealed: Option<Sealed>,
}

/// A copy in the form of which machine clients open it: a container whose key is wrapped for the node's key access service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Sealed {
    /// SHA-256 of the key as it is wrapped.
    #[n(0)]
    pub wrapped_key: Digest,
    /// Digest of the manifest.
    #[n(1)]
    pub manifest: Digest,
}

/// What was done with one item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Holding {
    /// Everything, in order.
    #[n(0)]
    pub handled: Vec<(Timestamp, Handling, PersonId)>,
    /// Copies and translations, by number.
    #[n(1)]
    pub copies: Vec<Copy>,
}

impl Holding {
    /// The number that the next copy gets.
    pub fn next_number(&self) -> u32 {
        u32::try_from(self.copies.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The copy with a number.
    pub fn copy(&self, number: u32) -> Option<&Copy> {
        self.copies.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Copies that are out.
    pub fn out(&self) -> impl Iterator<Item = &Copy> {
        self.copies.iter().filter(|copy| copy.fate == Fate::Out)
    }

    fn handle(&mut self, at: Timestamp, handling: &Handling, by: &PersonId) {
        if let Handling::Copied { number, keeper } | Handling::Translated { number, translator: keeper } =
            handling
            && *number == self.next_number()
        {
            self.copies.push(Copy {
                number: *number,
                is_translation: matches!(handling, Handling::Translated { .. }),
                keeper: keeper.clone(),
                made_at: at,
                fate: Fate::Out,
                sealed: None,
            });
        }
        self.handled.push((at, handling.clone(), by.clone()));
    }

    fn fated(&mut self, number: u32, fate: Fate) {
        if let Some(copy) = self.copy_mut(number) {
            copy.fate = fate;
        }
    }

    fn copy_mut(&mut self, number: u32) -> Option<&mut Copy> {
        self.copies.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
    }
}

/// What was done with every item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Holdings {
    #[n(0)]
    items: Shelf<ItemId, Holding>,
}

impl Holdings {
    /// Folds one act, done at `at`.
    pub fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::Handled { item, handling, by, .. } => {
                self.items.change(*item, |holding| holding.handle(at, handling, by));
            }
            Act::CopySealed { item, number, wrapped_key, manifest, .. } => {
                if let Some(holding) = self.items.get_mut(item)
                    && let Some(copy) = holding.copy_mut(*number)
                {
                    copy.sealed = Some(Sealed { wrapped_key: *wrapped_key, manifest: *manifest });
                }
            }
            Act::CopyReturned { item, number, .. } => {
                if let Some(holding) = self.items.get_mut(item) {
                    holding.fated(*number, Fate::Returned(at));
                }
            }
            Act::DestructionSigned { item, destruction, .. } => {
                if let (Some(number), Some(_)) = (destruction.what.copy, destruction.first)
                    && let Some(holding) = self.items.get_mut(item)
                {
                    holding.fated(number, Fate::Destroyed(at));
                }
            }
            _ => {}
        }
    }

    /// What was done with an item; nothing at all gives an empty one.
    pub fn of(&self, item: &ItemId) -> Holding {
        self.items.get(item).cloned().unwrap_or_default()
    }
}
