//! What is sealed and what is signed: sealed items, their labels, and the signed statements about them.
//!
//! Everything here is a function of its arguments over bytes. The one source of chance is the library's random
//! generator, for keys and nonces; nothing branches on it.
//!
//! *Absent:* sockets, files, clocks, and any decision about who may have what. Sealing proves and hides; it
//! never permits.

pub mod digest;
pub mod pair;
pub mod papers;
pub mod statement;

pub use pair::{KeyId, Sign, SignError, Signatures, SigningPair, VerifyingPair};
pub use statement::{Body, Expect, Head, Signed, Statement, StatementError};
