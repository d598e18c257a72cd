//! The targets, one file a part of the product.
//!
//! *Absent:* what only our own node writes and reads under its own keys: sealed rows, projections.

mod custody;
pub mod gate;
mod label;
pub mod link;
mod log;
mod pack;
mod papers;
mod protocol;
mod rewrap;
mod tdf;
mod verify;
mod xml;

use crate::Target;

/// Every target.
pub const TARGETS: &[Target] = &[
    papers::ENVELOPE,
    papers::PAPER,
    papers::ACT,
    tdf::CONTAINER,
    tdf::MANIFEST,
    tdf::POLICY,
    tdf::KEY_ACCESS,
    label::LABEL,
    label::ASSERTION,
    label::PASSAGE,
    label::KEYS,
    protocol::FRAME,
    protocol::SESSION,
    protocol::DOCKET,
    log::NOTE,
    log::PROOF_FILE,
    log::WITNESS,
    log::FORK,
    log::VKEY,
    log::PATH,
    log::BUNDLE,
    log::OPENED,
    log::PROOF,
    custody::KEY_FILE,
    custody::ARCHIVE,
    custody::SHARES,
    custody::KEYRING,
    pack::PACK,
    link::CERTIFICATE,
    link::HANDSHAKE,
    gate::REQUEST,
    gate::UPLOAD,
    rewrap::REWRAP,
    rewrap::POSSESSION,
    rewrap::PROVIDER,
    verify::EVIDENCE,
    verify::ITEM,
    xml::STANAG,
    xml::SIDECAR,
    xml::SPIF,
];

/// The words of JSON that our forms use.
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "\"",
    "\\u0000",
    "\\ud800",
    "1e999",
    "-0",
    "{\"a\":{\"a\":",
];

/// Whatever is UTF-8 of `bytes`, from the front.
fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or(""),
    }
}

/// Something that a target needs and that does not depend on its input.
fn needed<T, E: std::fmt::Debug>(made: Result<T, E>) -> T {
    match made {
        Ok(made) => made,
        Err(error) => unreachable!("a target's own surroundings: {error:?}"),
    }
}
