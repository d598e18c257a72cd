//! Golden files of acts and questions: the form in which journals are kept for ever.

use crate::samples::{NOON, any_journal, every_act, question, whole_question};
use attache_accord::Digest;
use attache_accord::act::{Act, ENTRY_VERSION, Entry, Unread};
use attache_accord::oversight::word;
use attache_accord::ruling::{Question, Subject};
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

/// Every version. There is a folder of golden acts for each that added or changed some.
const VERSIONS: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn file_of(act: &Act) -> PathBuf {
    let asked = match act {
        Act::Ruled { asked: Some(asked), .. } => format!("-{}", asked.ask.action().as_str()),
        _ => String::new(),
    };
    let name = format!("{}{asked}.cbor.hex", word(act).replace(' ', "-"));
    folder(&format!("v{}", act.since())).join(name)
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
    let folders = VERSIONS.iter().map(|version| folder(&format!("v{version}"))).filter(|path| path.is_dir());
    let listed = folders.map(|path| fs::read_dir(path).unwrap());
    let found: BTreeSet<PathBuf> = listed.flatten().map(|entry| entry.unwrap().path()).collect();
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

/// An entry around the bytes of an act: a map of version, time and act.
fn entry_of(version: u8, act: &[u8]) -> Vec<u8> {
    let at = minicbor::to_vec(NOON).unwrap();
    [&[0xa3, 0x00][..], &minicbor::to_vec(version).unwrap(), &[0x01], &at, &[0x02], act].concat()
}

#[test]
fn each_golden_act_is_read_from_an_entry_of_its_version_and_of_every_later_one() {
    for act in every_act() {
        let bytes = read(&file_of(&act));
        for version in VERSIONS {
            let expected = match version >= act.since() {
                true => Ok(Entry { version: ENTRY_VERSION, at: NOON, act: act.clone() }),
                false => Err(Unread::Form),
            };
            assert_eq!(Entry::read(&entry_of(version, &bytes)), expected, "{}", word(&act));
        }
    }
}

#[test]
fn golden_entries_of_each_version_are_read_for_ever() {
    for (name, act) in [
        ("entry-1", "padding"),
        ("entry-2", "card shown"),
        ("entry-3", "instrument delivered"),
        ("entry-4", "log forked"),
        ("entry-5", "log succeeded"),
        ("entry-6", "log succeeded"),
        ("entry-7", "letter owed"),
        ("entry-8", "padding"),
    ] {
        let bytes = read(&folder(&format!("{name}.cbor.hex")));
        assert_eq!(word(&Entry::read(&bytes).unwrap().act), act, "{name}");
    }
}

#[test]
fn an_entry_of_a_newer_version_is_unfit_whatever_it_says() {
    for (name, found) in [("entry-9", 9), ("entry-70000", 70_000)] {
        let bytes = read(&folder("unfit").join(format!("{name}.cbor.hex")));
        assert_eq!(Entry::read(&bytes), Err(Unread::Unfit { found }), "{name}");
    }
}

#[test]
fn an_entry_with_a_byte_or_a_field_more_than_its_version_has_is_no_entry() {
    let act = minicbor::to_vec(Act::Padded {}).unwrap();
    for version in VERSIONS {
        let whole = entry_of(version, &act);
        assert!(Entry::read(&whole).is_ok());
        assert_eq!(Entry::read(&[&whole[..], &[0]].concat()), Err(Unread::Form));
        let further = [&[0xa4], &whole[1..], &[0x03, 0x00]].concat();
        assert_eq!(Entry::read(&further), Err(Unread::Form));
        let of_the_act = entry_of(version, &[0x82, 0x18, 25, 0xa1, 0x00, 0x00]);
        assert_eq!(Entry::read(&of_the_act), Err(Unread::Form));
    }
    for nothing in [&[][..], &[0xa0], &[0x80], &[0xa1, 0x00, 0x00]] {
        assert_eq!(Entry::read(nothing), Err(Unread::Form));
    }
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
    for (name, question) in [("question", question()), ("question-whole", whole_question())] {
        let golden = read(&folder(&format!("{name}.cbor.hex")));
        assert_eq!(hex(&minicbor::to_vec(&question).unwrap()), hex(&golden), "{name}");
    }
}

#[test]
fn a_question_without_approvals_keeps_the_form_and_the_digest_that_it_had_before_they_were_named() {
    let written = hex(&minicbor::to_vec(question().subject).unwrap());
    assert!(written.ends_with("03f4"), "{written}");
    let consent_without_document = [&unhex(&written)[..written.len() / 2 - 1], &[0xf5]].concat();
    assert!(minicbor::decode::<Subject>(&consent_without_document).is_err());
    let no_approval_as_a_list = [&unhex(&written)[..written.len() / 2 - 1], &[0x80]].concat();
    assert!(minicbor::decode::<Subject>(&no_approval_as_a_list).is_err());
}

#[test]
fn a_golden_question_is_read_back() {
    for (name, question) in [("question", question()), ("question-whole", whole_question())] {
        let bytes = read(&folder(&format!("{name}.cbor.hex")));
        assert_eq!(minicbor::decode::<Question>(&bytes).unwrap(), question);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_is_read_back_as_it_was_written(journal in any_journal()) {
        for entry in journal {
            let bytes = minicbor::to_vec(&entry).unwrap();
            prop_assert_eq!(Entry::read(&bytes), Ok(entry));
        }
    }

    #[test]
    fn a_golden_act_with_one_byte_changed_never_panics(at in 0_usize..400, to in any::<u8>(), which in 0_usize..64) {
        let acts = every_act();
        let mut bytes = minicbor::to_vec(&acts[which % acts.len()]).unwrap();
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
    let write = |path: PathBuf, bytes: Vec<u8>| {
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, hex(&bytes) + "\n").unwrap();
        }
    };
    for act in every_act() {
        write(file_of(&act), minicbor::to_vec(&act).unwrap());
    }
    let by = "admin-1".parse().unwrap();
    let origin = "seoul.kor/log/2".to_owned();
    let newest = Act::LogSucceeded { origin, kept: 48, cosigned: 64, statement: Digest([35; 32]), by };
    write(folder("entry-6.cbor.hex"), minicbor::to_vec(Entry { version: 6, at: NOON, act: newest }).unwrap());
    let newest = every_act().into_iter().find(|act| act.since() == 7).unwrap();
    write(folder("entry-7.cbor.hex"), minicbor::to_vec(Entry { version: 7, at: NOON, act: newest }).unwrap());
    let padding = Entry { version: 8, at: NOON, act: Act::Padded {} };
    write(folder("entry-8.cbor.hex"), minicbor::to_vec(padding).unwrap());
    write(folder("question.cbor.hex"), minicbor::to_vec(question()).unwrap());
    write(folder("question-whole.cbor.hex"), minicbor::to_vec(whole_question()).unwrap());
}
