//! Custody: keys at rest, and the decision to let one be used.
//!
//! A key file is encrypted under a passphrase or a key file; there is no default and no unencrypted form. A content
//! key moves only on a permit whose ruling is in the local log, and only after custody has ruled again on its
//! own view of the facts; the stricter of the two rulings wins.
//!
//! *Absent:* network, journal writing, and people's prompts.

pub mod archive;
pub mod ceremony;
pub mod keyfile;
pub mod keyrelease;
pub mod keyring;
pub mod rest;
pub mod service;

#[cfg(test)]
mod wycheproof;

pub use keyfile::{KeyFileError, Lock};
pub use keyrelease::{Custodian, Denied, Lent, Recipient, ServiceCopy, Share, Shown, Split, Wrapped};
pub use keyring::{Keyring, KeyringError};
pub use rest::{RestError, RestKey};
pub use service::{ServiceKeys, ServiceKind, ServicePublic};
