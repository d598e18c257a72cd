//! The index by itself, held against the plain way to look.

use super::*;

const TITLES: [&str; 8] = [
    "인간정보 보고 3140: 가상 항구의 야간 하역",
    "仮想港における夜間荷役の観測",
    "Weekly REPORT on the harbour",
    "ﾐｻｲﾙ発射の兆候 ２０２６",
    "ミサイル防衛の現状",
    "미사일 방어 현황",
    "港",
    "a b",
];

fn index(titles: &[&str]) -> Titles {
    let mut index = Titles::default();
    for (number, title) in titles.iter().enumerate() {
        index.add(id(number), title);
    }
    index
}

fn id(number: usize) -> ItemId {
    ItemId([number as u8; 16])
}

fn found(words: &str) -> Vec<usize> {
    let words = words_of(words).unwrap();
    index(&TITLES).find(&words).map(|ItemId(bytes)| usize::from(bytes[0])).collect()
}

#[test]
fn words_of_two_letters_are_found_in_korean_and_japanese() {
    assert_eq!(found("야간"), [0]);
    assert_eq!(found("夜間"), [1]);
    assert_eq!(found("미사"), [5]);
    assert_eq!(found("없음"), [0usize; 0]);
}

#[test]
fn words_of_one_letter_are_found() {
    assert_eq!(found("港"), [6, 1]);
    assert_eq!(found("a"), [7, 2]);
}

#[test]
fn every_word_must_be_there_in_any_order() {
    assert_eq!(found("하역 항구"), [0]);
    assert_eq!(found("하역 夜間"), [0usize; 0]);
}

#[test]
fn case_width_and_composition_make_no_difference() {
    assert_eq!(found("report"), [2]);
    assert_eq!(found("ＲＥＰＯＲＴ"), [2]);
    assert_eq!(found("ミサイル"), [4, 3]);
    assert_eq!(found("ﾐｻｲﾙ"), [4, 3]);
    assert_eq!(found("2026"), [3]);
    let decomposed: String = "야간".nfd().collect();
    assert_ne!(decomposed, "야간");
    assert_eq!(found(&decomposed), [0]);
}

#[test]
fn spaces_count_where_the_script_has_them() {
    assert_eq!(found("야간하역"), [0]);
    assert_eq!(found("onthe"), [0usize; 0]);
    assert_eq!(folded("  A \u{3000} b 야 간 ").as_str(), "a b야간");
}

#[test]
fn nothing_and_too_much_are_no_words() {
    for words in ["", "  \u{3000} ", &"x".repeat(MAX_WORDS_BYTES + 1)] {
        assert!(matches!(words_of(words), Err(Misuse::State { field: "words", .. })), "{words:?}");
    }
}

#[test]
fn an_index_without_room_leaves_titles_out_and_counts_them() {
    let mut index = Titles::with_room(4096);
    for number in 0..100 {
        index.add(id(number), "the same title each time");
    }
    assert!(index.bytes <= 4096 + 64 * ENTRY_BYTES, "{}", index.bytes);
    assert!(index.titles.len() > 5 && index.titles.len() + index.left_out == 100);
    assert_eq!(index.find(&words_of("title").unwrap()).count(), index.titles.len());
}

#[test]
fn the_index_finds_what_a_look_at_every_title_finds() {
    let letters: Vec<char> = "가나다あア港ｱa ".chars().collect();
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut text =
        |most: usize| (0..next(most) + 1).map(|_| letters[next(letters.len())]).collect::<String>();
    let titles: Vec<String> = (0..200).map(|_| text(12)).collect();
    let index = index(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    let mut hits = 0;
    for _ in 0..500 {
        let Ok(words) = words_of(&text(4)) else { continue };
        let found: Vec<_> = index.find(&words).collect();
        let has = |title: &&(usize, &String)| words.iter().all(|w| folded(title.1).contains(w.as_str()));
        let plain: Vec<_> = titles.iter().enumerate().collect::<Vec<_>>();
        let plain: Vec<_> = plain.iter().rev().filter(has).map(|(number, _)| id(*number)).collect();
        assert_eq!(found, plain, "{words:?}");
        hits += found.len();
    }
    assert!(hits > 500, "{hits}");
}
