//! Crashes and flipped bits: the files as another moment would have left them.

use crate::sample::*;
use attache_accord::Digest;
use attache_store::{Append, Journal, Reader, Row, SqliteJournal, StoreError, audit};
use std::fs;
use std::path::Path;

const DATABASE: &str = "journal.db";
const LOG: &str = "journal.db-wal";

/// The files of a journal that committed groups of 3 rows, taken while it was open: as a power cut leaves them.
fn cut_off(groups: u64) -> (Vec<u8>, Vec<u8>, Vec<Row>) {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::create(folder.path(), &origin()).unwrap();
    let fence = journal.lease("a").unwrap();
    for group in 0..groups {
        let rows = (0..3).map(|n| row("x", group * 3 + n)).collect();
        journal.append(fence, vec![Append { rows, ..Append::default() }]).unwrap();
    }
    let files = (fs::read(folder.path().join(DATABASE)).unwrap(), fs::read(folder.path().join(LOG)).unwrap());
    (files.0, files.1, all_rows(&journal))
}

fn laid_out(database: &[u8], log: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(DATABASE), database).unwrap();
    fs::write(folder.path().join(LOG), log).unwrap();
    folder
}

fn open(folder: &Path) -> Result<SqliteJournal, StoreError> {
    SqliteJournal::open(folder, &origin())
}

#[test]
fn a_power_cut_after_a_commit_loses_nothing() {
    let (database, log, rows) = cut_off(20);
    let folder = laid_out(&database, &log);
    let journal = open(folder.path()).unwrap();
    assert_eq!(all_rows(&journal), rows);
    assert_eq!(audit(&journal).unwrap().size, 60);
}

/// That what is left is whole groups from the start, and takes further ones.
fn is_a_prefix_of_whole_groups(folder: &Path, rows: &[Row], case: usize) -> u64 {
    let mut journal = match open(folder) {
        // The very first commit, which makes the tables, was cut off.
        Err(StoreError::Missing(_)) => return 0,
        opened => opened.unwrap(),
    };
    let left = all_rows(&journal);
    assert_eq!(left.len() % 3, 0, "{case}");
    assert_eq!(left, rows[..left.len()], "{case}");
    let fence = journal.lease("b").unwrap();
    put(&mut journal, fence, expecting("x", left.len() as u64, 99)).unwrap();
    audit(&journal).unwrap().size - 1
}

#[test]
fn a_log_torn_at_any_place_leaves_whole_groups() {
    let (database, log, rows) = cut_off(12);
    let mut lengths = std::collections::BTreeSet::new();
    for cut in (0..log.len()).step_by(2003) {
        let folder = laid_out(&database, &log[..cut]);
        lengths.insert(is_a_prefix_of_whole_groups(folder.path(), &rows, cut));
    }
    // The cuts did fall between different groups.
    assert!(lengths.len() > 6, "{lengths:?}");
}

#[test]
fn a_log_whose_tail_is_rubbish_leaves_whole_groups() {
    let (database, log, rows) = cut_off(12);
    for cut in (0..log.len()).step_by(7001) {
        let mut torn = log.clone();
        torn[cut..].iter_mut().for_each(|byte| *byte ^= 0xa5);
        let folder = laid_out(&database, &torn);
        is_a_prefix_of_whole_groups(folder.path(), &rows, cut);
    }
}

/// Flips one bit of every `step`-th byte of a small journal in turn. Returns how many flips an audit found, and how many
/// changed nothing that is kept.
fn flip(step: usize) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::create(folder.path(), &origin()).unwrap();
    let fence = journal.lease("a").unwrap();
    put(&mut journal, fence, Append { papers: vec![paper(1, &[3; 5000])], ..single("x", 0) }).unwrap();
    grow(&mut journal, fence, 20);
    let rows = all_rows(&journal);
    drop(journal);
    let sound = fs::read(folder.path().join(DATABASE)).unwrap();
    let (mut found, mut harmless) = (0, 0);
    for at in (0..sound.len()).step_by(step) {
        let mut altered = sound.clone();
        altered[at] ^= 1 << (at % 8);
        let folder = laid_out(&altered, b"");
        let checked = open(folder.path()).and_then(|journal| audit(&journal).map(|head| (journal, head)));
        match checked {
            Err(_) => found += 1,
            Ok((journal, head)) => {
                harmless += 1;
                assert_eq!((head.size, all_rows(&journal)), (20, rows.clone()), "byte {at}");
                assert_eq!(journal.paper(&Digest([1; 32])).unwrap(), Some(vec![3; 5000]), "byte {at}");
            }
        }
    }
    (found, harmless)
}

#[test]
fn a_flipped_bit_anywhere_is_found_or_harmless() {
    let (found, harmless) = flip(67);
    assert!(found > 300 && harmless > 0, "{found} found, {harmless} in unused space");
}

/// Run by `cargo xtask test --long`.
mod long {
    #[test]
    #[ignore = "long"]
    fn a_flipped_bit_of_every_byte_is_found_or_harmless() {
        let (found, harmless) = super::flip(1);
        println!("{found} found, {harmless} in unused space");
        assert!(found > 20_000 && harmless > 0, "{found} found, {harmless} in unused space");
    }
}
