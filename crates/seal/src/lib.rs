//! What is sealed and what is signed: sealed items, their labels, and the signed statements about them.
//!
//! Everything here is a function of its arguments over bytes. The one source of chance is the library's random
//! generator, for keys and nonces; nothing branches on it.
//!
//! *Absent:* sockets, files, clocks, and any decision about who may have what. Sealing proves and hides; it
//! never permits.

pub mod binding;
pub mod content_key;
pub mod digest;
pub mod gcm;
pub mod kem;
pub mod label;
pub mod letter;
pub mod pair;
pub mod papers;
pub mod pem;
pub mod spif;
pub mod statement;
pub mod tdf;
pub mod wrap;
pub mod xml;

pub use content_key::ContentKey;
pub use kem::{KemPublic, KemSecret};
pub use label::Label;
pub use pair::{KeyId, Sign, SignError, Signatures, SigningPair, VerifyingPair};
pub use statement::{Body, Claimed, Expect, Head, Signed, Statement, StatementError};
