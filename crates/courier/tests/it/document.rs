//! `docs/PROTOCOL.md` prints the tables of the code. Where they part, one of them is wrong.

use attache_courier::codes::{CODES, Travels};
use attache_courier::limits::*;
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../../docs/PROTOCOL.md");
const LIMITS: &str = include_str!("../../src/limits.rs");

/// The rows of the tables under a heading, cell by cell, with the heads.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) = DOCUMENT.split_once(heading).unwrap();
    let part = rest.split("\n## ").next().unwrap();
    let row = |line: &'static str| line.strip_prefix("| ")?.strip_suffix(" |");
    part.lines().filter_map(row).map(|row| row.split(" | ").collect()).collect()
}

#[test]
fn the_codes_are_printed_with_their_places_and_no_other_is() {
    let told = CODES.map(|row| {
        let place = match row.travels {
            Travels::InClose => "Close",
            Travels::InDecline => "Decline",
            Travels::InHopReceipt => "hop receipt",
            Travels::Nowhere => "nowhere",
        };
        [row.code.to_string(), place.to_owned(), row.says.to_owned()]
    });
    let printed = rows("\n## 6. Codes\n");
    assert_eq!(printed[0], ["code", "travels in", "meaning"]);
    assert_eq!(printed[1..], told);
}

/// The constants with their names.
macro_rules! named {
    ($($name:ident),* $(,)?) => { BTreeSet::from([$((stringify!($name), $name as u64)),*]) };
}

#[test]
fn every_limit_is_printed_with_its_number_and_no_other_is() {
    let limits = named![
        FIRST_VERSION,
        VERSION,
        ASK_VERSION,
        MAX_VERSIONS,
        MAX_AGREEMENT_BYTES,
        MAX_SMALL_BYTES,
        MAX_PACKAGE_BYTES,
        MAX_RECEIPT_BYTES,
        MAX_NOTICE_BYTES,
        MAX_WITNESS_BYTES,
        MAX_COSIGNATURE_BYTES,
        MAX_PROOF_BYTES,
        MAX_GIVEN_BYTES,
        MAX_OPENING_BYTES,
        MAX_SHARE_BYTES,
        FRAME_ROOM_BYTES,
        MAX_CONTROL_BYTES,
        MAX_DATA_BYTES,
        DATA_HEAD_BYTES,
        MAX_CONTAINER_BYTES,
        MAX_OUTSTANDING,
        FEED_BYTES,
        QUEUE_ROOM_BYTES,
        MAX_ANSWER_BYTES,
        MAX_HELD_BYTES,
        HELLO_SECONDS,
        PING_SECONDS,
        IDLE_SECONDS,
        FRAME_SECONDS,
        STALL_SECONDS,
        ANSWER_SECONDS,
        CLOCK_WARN_SECONDS,
        CLOCK_BAR_SECONDS,
    ];
    // The list above is whole: it has every constant that the source declares for others.
    let declared = LIMITS.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    let names: BTreeSet<_> = limits.iter().map(|(name, _)| *name).collect();
    assert_eq!(declared.collect::<BTreeSet<_>>(), names);
    let printed = rows("\n## 7. Limits\n");
    let told: BTreeSet<_> =
        printed.iter().filter(|row| row[0] != "name").map(|row| (row[0], row[1].parse().unwrap())).collect();
    assert_eq!(told, limits);
}
