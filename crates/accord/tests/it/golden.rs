//! Golden files of acts and questions: the form in which journals are kept for ever.

use crate::samples::{any_journal, every_act, question};
use attache_accord::act::Act;
use attache_accord::oversight::word;
use attache_accord::ruling::Question;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/act")).join(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.trim();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn file_of(act: &Act) -> PathBuf {
    folder("v1").join(format!("{}.cbor.hex", word(act).replace(' ', "-")))
}

fn read(path: &PathBuf) -> Vec<u8> {
    unhex(&fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// Decodes one act and nothing more.
fn decode(bytes: &[u8]) -> Result<Act, String> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let act = decoder.decode::<Act>().map_err(|e| e.to_string())?;
    if decoder.position() == bytes.len() { Ok(act) } else { Err("bytes left over".to_owned()) }
}

#[test]
fn each_act_is_written_as_its_golden_file() {
    for act in every_act() {
        assert_eq!(hex(&minicbor::to_vec(&act).unwrap()), hex(&read(&file_of(&act))), "{}", word(&act));
    }
}

#[test]
fn each_golden_file_is_read_as_its_act() {
    for act in every_act() {
        assert_eq!(decode(&read(&file_of(&act))).as_ref(), Ok(&act));
    }
}

#[test]
fn no_golden_file_is_without_its_act() {
    let wanted: BTreeSet<PathBuf> = every_act().iter().map(file_of).collect();
    let found: BTreeSet<PathBuf> =
        fs::read_dir(folder("v1")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found, wanted);
}

#[test]
fn the_samples_hold_every_act_up_to_the_first_that_this_version_does_not_know() {
    let numbers: BTreeSet<u32> = every_act()
        .iter()
        .map(|act| {
            let bytes = minicbor::to_vec(act).unwrap();
            let mut decoder = minicbor::Decoder::new(&bytes);
            decoder.array().unwrap();
            decoder.u32().unwrap()
        })
        .collect();
    let count = u32::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (0..count).collect());
    let next = [&[0x82][..], &minicbor::to_vec(count).unwrap(), &[0xa0]].concat();
    let refused = decode(&next).unwrap_err();
    assert!(refused.contains("unknown enum variant"), "an act without a sample: {refused}");
}

#[test]
fn each_bad_act_is_refused() {
    for entry in fs::read_dir(folder("bad")).unwrap() {
        let path = entry.unwrap().path();
        let read = decode(&read(&path));
        assert!(read.is_err(), "{} was read as {read:?}", path.display());
    }
}

#[test]
fn an_act_cut_short_anywhere_is_refused() {
    for act in every_act() {
        let bytes = minicbor::to_vec(&act).unwrap();
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{} cut to {length}", word(&act));
        }
    }
}

#[test]
fn a_question_is_written_as_its_golden_file() {
    assert_eq!(hex(&minicbor::to_vec(question()).unwrap()), hex(&read(&folder("question.cbor.hex"))));
}

#[test]
fn a_golden_question_is_read_back() {
    let bytes = read(&folder("question.cbor.hex"));
    assert_eq!(minicbor::decode::<Question>(&bytes).unwrap(), question());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_is_read_back_as_it_was_written(journal in any_journal()) {
        for entry in journal {
            let bytes = minicbor::to_vec(&entry).unwrap();
            prop_assert_eq!(minicbor::decode::<attache_accord::act::Entry>(&bytes).unwrap(), entry);
        }
    }

    #[test]
    fn a_golden_act_with_one_byte_changed_never_panics(at in 0_usize..400, to in any::<u8>(), which in 0_usize..26) {
        let mut bytes = minicbor::to_vec(&every_act()[which]).unwrap();
        let at = at % bytes.len();
        bytes[at] = to;
        // Either answer is right; that there is one is the claim.
        let _ = decode(&bytes);
    }
}

/// Writes golden files for acts that have none. It never rewrites one: they are kept for ever.
#[test]
#[ignore = "writes files; run it by hand when an act is added"]
fn write_missing_golden_files() {
    fs::create_dir_all(folder("v1")).unwrap();
    let write = |path: PathBuf, bytes: Vec<u8>| {
        if !path.exists() {
            fs::write(path, hex(&bytes) + "\n").unwrap();
        }
    };
    for act in every_act() {
        write(file_of(&act), minicbor::to_vec(&act).unwrap());
    }
    write(folder("question.cbor.hex"), minicbor::to_vec(question()).unwrap());
}
