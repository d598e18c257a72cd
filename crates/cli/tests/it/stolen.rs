//! What can be read in a node's whole folder without its keys, after exchanges: every byte is looked at, in plain, in
//! hexadecimal and in base64.

use crate::pair::{Pair, Post, approval};
use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use std::path::Path;

/// Shorter words are looked for in plain only: a few letters of base64 come about by chance.
const ENCODED_FROM: usize = 8;

/// The ways in which a word may stand in a file.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let plain = word.as_bytes();
    let mut forms = vec![plain.to_vec(), word.encode_utf16().flat_map(u16::to_le_bytes).collect()];
    if plain.len() >= ENCODED_FROM {
        forms.extend([HEXLOWER.encode(plain).into_bytes(), HEXUPPER.encode(plain).into_bytes()]);
        for before in 0..3 {
            let encoded = BASE64.encode(&[&vec![0; before][..], plain].concat());
            // The letters that no neighbour has a part in.
            let (from, to) = ((before * 8).div_ceil(6), (before + plain.len()) * 8 / 6);
            forms.push(encoded.as_bytes()[from..to].to_vec());
        }
    }
    forms
}

fn holds(bytes: &[u8], word: &str) -> bool {
    forms(word).iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// The first file below a folder that holds a word.
fn found_in(folder: &Path, word: &str) -> Option<String> {
    std::fs::read_dir(folder).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        // The agreement's own texts: they name levels and roles, and nothing that is exchanged under them.
        if path.ends_with("texts") {
            return None;
        }
        if path.is_dir() {
            return found_in(&path, word);
        }
        // The node may put another file in its place meanwhile.
        let bytes = std::fs::read(&path).unwrap_or_default();
        holds(&bytes, word).then(|| path.display().to_string())
    })
}

/// What no file may hold: what items, labels and people say, and the partner's name.
const WORDS: [&str; 11] = [
    "MAGPIE-title",
    "야간하역",
    "WAGTAIL.txt",
    "PLOVER-content",
    "HERON-caveat",
    "출처보호",
    "application/x-crane",
    "STORK-purpose",
    "EGRET-reason",
    "KOR:II",
    "registrar",
];

fn is_sealed(post: &Post) {
    let partner = if post.nation.node == "seoul.kor" { "tokyo.jpn" } else { "seoul.kor" };
    for word in WORDS.iter().chain([&partner]) {
        assert_eq!(found_in(&post.home(), word), None, "{word} at {}", post.nation.node);
    }
    // The control: the same search finds what stands there in the open.
    assert!(found_in(&post.home(), post.nation.node).is_some());
}

#[test]
fn a_stolen_folder_of_a_node_shows_no_title_label_partner_or_person_after_exchanges() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let content = "PLOVER-content ".repeat(200_000);
    std::fs::write(seoul.file("WAGTAIL.txt"), &content).unwrap();
    let add = "item add WAGTAIL.txt --title MAGPIE-title-야간하역 --media-type application/x-crane";
    let item = seoul.must("analyst", add).text("/item");
    let caveats = "--caveat HERON-caveat --caveat 출처보호";
    seoul.must("analyst", &format!("{} {caveats}", seoul.marking(&item)));
    let request = format!("release request {item} tokyo.jpn --purpose STORK-purpose");
    let case = seoul.must("analyst", &request).text("/case");
    seoul.must("officer", &format!("release approve {case} --reason EGRET-reason --article 1"));
    // A small one too: it may be kept in another place.
    std::fs::write(seoul.file("small"), "PLOVER-content").unwrap();
    let small = seoul.must("analyst", "item add small --title MAGPIE-title").text("/item");
    seoul.must("analyst", &seoul.marking(&small));
    let case = seoul.must("analyst", &seoul.request(&small)).text("/case");
    seoul.must("officer", &approval(&case));
    pair.settle();
    let sought = seoul.must("analyst", "item search 하역 magpie");
    assert_eq!(sought.text("/items/0/item"), item);
    let register = seoul.must("analyst", "register list --search 하역");
    assert_eq!(register.list()[0]["item"], item.as_str());
    let arrived = tokyo.must("registrar", "register list");
    let mut opened = Vec::new();
    for entry in arrived.list() {
        let out = format!("opened-{}", opened.len());
        tokyo.must("desk", &format!("open {} --out {out}", entry["item"].as_str().unwrap()));
        opened.extend(std::fs::read(tokyo.file(&out)).unwrap());
    }
    // The controls: with keys the same search finds every kind of word, and in base64 it finds what is known to be there.
    let listed = seoul.must("analyst", "item list").document.to_string();
    for word in ["MAGPIE-title", "야간하역", "HERON-caveat", "출처보호", "KOR:II"] {
        assert!(holds(listed.as_bytes(), word), "{word} in {listed}");
    }
    assert!(holds(&opened, "PLOVER-content"));
    assert!(holds(&std::fs::read(seoul.file("tokyo.card")).unwrap(), "tokyo.jpn"), "a card in base64");
    pair.both().into_iter().for_each(is_sealed);
    // Nor does what it leaves when it is cut off; nor did it say any of it on the way.
    for post in pair.both() {
        post.kill();
        is_sealed(post);
        for word in WORDS.iter().filter(|word| word.len() > ENCODED_FROM && **word != "registrar") {
            assert!(!holds(post.logged().as_bytes(), word), "{word} in the log of {}", post.nation.node);
        }
        post.serve();
    }
    // The index is built anew from the folds.
    assert_eq!(seoul.must("analyst", "item search 하역").text("/items/0/item"), item);
}
