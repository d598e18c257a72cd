//! `docs/PROTOCOL.md` prints the tables of the code. Where they part, one of them is wrong.

use attache_courier::codes::{CODES, Travels};
use attache_courier::limits::{
    ANSWER_SECONDS, CLOCK_BAR_SECONDS, CLOCK_WARN_SECONDS, HELLO_SECONDS, IDLE_SECONDS, MAX_CONTAINER_BYTES,
    MAX_COSIGNATURE_BYTES, MAX_DATA_BYTES, MAX_GIVEN_BYTES, MAX_NOTICE_BYTES, MAX_OPENING_BYTES,
    MAX_OUTSTANDING, MAX_PACKAGE_BYTES, MAX_PROOF_BYTES, MAX_RECEIPT_BYTES, MAX_SHARE_BYTES, MAX_SMALL_BYTES,
    MAX_WITNESS_BYTES, PING_SECONDS, STALL_SECONDS,
};

const DOCUMENT: &str = include_str!("../../../../docs/PROTOCOL.md");

#[test]
fn every_code_is_printed_with_its_place() {
    for row in &CODES {
        let place = match row.travels {
            Travels::InClose => "Close",
            Travels::InDecline => "Decline",
            Travels::Nowhere => "nowhere",
        };
        let line = format!("| {} | {place} |", row.code);
        assert!(DOCUMENT.contains(&line), "{line}");
    }
}

#[test]
fn every_limit_is_printed_with_its_number() {
    for (name, number) in [
        ("MAX_OUTSTANDING", u64::from(MAX_OUTSTANDING)),
        ("MAX_SMALL_BYTES", MAX_SMALL_BYTES as u64),
        ("MAX_PACKAGE_BYTES", MAX_PACKAGE_BYTES as u64),
        ("MAX_RECEIPT_BYTES", MAX_RECEIPT_BYTES as u64),
        ("MAX_NOTICE_BYTES", MAX_NOTICE_BYTES as u64),
        ("MAX_WITNESS_BYTES", MAX_WITNESS_BYTES as u64),
        ("MAX_COSIGNATURE_BYTES", MAX_COSIGNATURE_BYTES as u64),
        ("MAX_PROOF_BYTES", MAX_PROOF_BYTES as u64),
        ("MAX_GIVEN_BYTES", MAX_GIVEN_BYTES as u64),
        ("MAX_OPENING_BYTES", MAX_OPENING_BYTES as u64),
        ("MAX_SHARE_BYTES", MAX_SHARE_BYTES as u64),
        ("MAX_DATA_BYTES", MAX_DATA_BYTES as u64),
        ("MAX_CONTAINER_BYTES", MAX_CONTAINER_BYTES),
        ("HELLO_SECONDS", HELLO_SECONDS),
        ("PING_SECONDS", PING_SECONDS),
        ("IDLE_SECONDS", IDLE_SECONDS),
        ("STALL_SECONDS", STALL_SECONDS),
        ("ANSWER_SECONDS", ANSWER_SECONDS),
        ("CLOCK_WARN_SECONDS", CLOCK_WARN_SECONDS),
        ("CLOCK_BAR_SECONDS", CLOCK_BAR_SECONDS),
    ] {
        let line = format!("| {name} | {number} |");
        assert!(DOCUMENT.contains(&line), "{line}");
    }
}
