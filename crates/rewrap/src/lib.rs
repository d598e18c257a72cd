//! The key access protocol of OpenTDF, without sockets: what clients ask for a key with, and what they are answered.
//!
//! Everything here is a function of bytes, keys and a time. A request says which wrapped keys it wants opened and for whom;
//! whether that may be is ruled elsewhere, and every refusal, whatever its reason, is [`answer::DENIAL`].
//!
//! *Absent:* sockets, clocks, rulings, keys of the node but the one that signs tokens, and memory of what was seen.

pub mod answer;
pub mod attribute;
pub mod connect;
pub mod definition;
pub mod discovery;
pub mod jws;
pub mod limits;
pub mod message;
pub mod proof;
pub mod provider;
pub mod request;
pub mod token;

mod wire;

pub use attribute::{Attributes, Stated};
pub use connect::{CallError, Codec};
pub use request::{ObjectAsked, PolicyAsked, Rewrap};
