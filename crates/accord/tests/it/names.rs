//! Names and ids: one form each, and nothing else is read.

use crate::samples::marking;
use attache_accord::marking::{MAX_CAVEAT_BYTES, MAX_CAVEATS};
use attache_accord::people::Role;
use attache_accord::{Digest, DispatchId, Kind, Level, Marking, Network, NodeName, Party, PersonId};
use proptest::prelude::*;
use std::fmt::Display;
use std::str::FromStr;

fn refuses<T: FromStr + Display>(texts: &[&str]) {
    for text in texts {
        if let Ok(read) = text.parse::<T>() {
            panic!("{text:?} was read as {read}");
        }
    }
}

#[test]
fn a_party_is_three_capitals() {
    refuses::<Party>(&["", "KO", "KORE", "kor", "K0R", "한국국", "KOR ", "ＫＯＲ"]);
}

#[test]
fn a_level_is_a_party_and_a_code() {
    refuses::<Level>(&[
        "",
        "KOR",
        "KOR:",
        ":II",
        "KOR:ii",
        "kor:II",
        "KOR:II ",
        "KOR:II:III",
        "KOR:二",
        "KOR:ABCDEFGHIJKLMNOPQRSTUVWXY",
    ]);
}

#[test]
fn a_node_name_can_stand_in_a_path() {
    refuses::<NodeName>(&[
        "",
        "Seoul",
        "seoul/kor",
        "..",
        ".seoul",
        "-seoul",
        "seoul kor",
        "서울",
        &"a".repeat(49),
    ]);
}

#[test]
fn a_pseudonym_is_short_and_plain() {
    refuses::<PersonId>(&["", "Kim", "kim@kor", "_kim", "kim\n", &"k".repeat(33)]);
}

#[test]
fn a_kind_is_a_small_word() {
    refuses::<Kind>(&["", "Imagery", "imagery!", "im.age", &"k".repeat(33)]);
}

#[test]
fn there_are_three_networks() {
    for text in ["", "LIVE", "test", "live "] {
        assert!(text.parse::<Network>().is_err(), "{text:?}");
    }
}

#[test]
fn a_digest_is_sixty_four_lowercase_hexadecimal_digits() {
    refuses::<Digest>(&[
        "",
        &"0".repeat(63),
        &"0".repeat(65),
        &"A".repeat(64),
        &"g".repeat(64),
        &"é".repeat(32),
    ]);
}

#[test]
fn each_role_is_read_from_its_word() {
    for (role, word) in Role::ALL {
        assert_eq!((word.parse::<Role>().unwrap(), role.as_str()), (role, word));
    }
}

#[test]
fn a_complaint_about_a_name_is_short_however_long_the_name() {
    let complaint = "x".repeat(100_000).parse::<Party>().unwrap_err();
    assert!(complaint.to_string().len() < 200);
}

#[test]
fn a_marking_carries_few_and_short_caveats() {
    let with = |caveats: Vec<String>| Marking { caveats, ..marking("KOR:II") }.check();
    assert!(with(vec!["c".repeat(MAX_CAVEAT_BYTES); MAX_CAVEATS]).is_ok());
    assert!(with(vec!["c".to_owned(); MAX_CAVEATS + 1]).is_err());
    assert!(with(vec!["c".repeat(MAX_CAVEAT_BYTES + 1)]).is_err());
}

#[test]
fn a_caveat_holds_text_and_nothing_else() {
    for bad in ["", "line\nbreak", "bell\u{7}", "\u{9b}31m"] {
        assert!(Marking { caveats: vec![bad.to_owned()], ..marking("KOR:II") }.check().is_err(), "{bad:?}");
    }
}

#[test]
fn a_level_with_a_bad_party_is_refused_from_bytes_too() {
    let bytes = minicbor::to_vec("kor:II").unwrap();
    assert!(minicbor::decode::<Level>(&bytes).is_err());
}

#[test]
fn an_id_of_another_length_is_refused_from_bytes() {
    for length in [0, 15, 17, 32] {
        let bytes = minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![0; length])).unwrap();
        assert!(minicbor::decode::<DispatchId>(&bytes).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_written_the_same(text in "[A-Z]{3}:[A-Z0-9-]{1,24}") {
        let level: Level = text.parse().unwrap();
        prop_assert_eq!(format!("{}:{}", level.party(), level.code()), text);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        let _ = (text.parse::<Party>(), text.parse::<Level>(), text.parse::<NodeName>(), text.parse::<Digest>());
        prop_assert!(text.parse::<Kind>().is_err() || text.len() <= 32);
    }

    #[test]
    fn a_digest_is_read_back_from_its_text(bytes in any::<[u8; 32]>()) {
        prop_assert_eq!(Digest(bytes).to_string().parse::<Digest>().unwrap(), Digest(bytes));
    }
}
