//! A journal rebuilt from its rows: what follows from them comes back, and what does not is never made up.

use crate::disk::{by_hand, closed, open};
use crate::sample::*;
use attache_accord::Digest;
use attache_store::{Journal, LocalHead, Reader, SqliteJournal, StoreError, audit};
use std::path::Path;

fn rebuild(folder: &Path) -> Result<LocalHead, StoreError> {
    SqliteJournal::rebuild(folder, &origin(), &mut |_, _| {})
}

/// Alters a closed journal by a hand that takes the triggers away first.
fn altered(change: &str) -> tempfile::TempDir {
    let folder = closed(300);
    let hand = by_hand(folder.path());
    hand.execute_batch(&format!(
        "DROP TRIGGER journal_is_fixed; DROP TRIGGER journal_is_kept; DROP TRIGGER published_is_fixed; {change}"
    ))
    .unwrap();
    folder
}

const FLIP: &str = "CAST(x'ff' || substr(hashes, 2) AS BLOB)";

#[test]
fn what_follows_from_the_rows_comes_back_and_the_log_goes_on() {
    let sound = closed(300);
    let (head, rows) = {
        let journal = open(sound.path()).unwrap();
        (journal.head().unwrap(), all_rows(&journal))
    };
    for change in [
        format!("UPDATE tile SET hashes = {FLIP} WHERE level = 0 AND idx = 0"),
        "DELETE FROM tile".into(),
        "UPDATE tile SET checksum = zeroblob(32)".into(),
        "UPDATE head SET root = zeroblob(32)".into(),
        "DELETE FROM head".into(),
        "UPDATE stream SET version = 1 WHERE name = 'case-3'".into(),
        "INSERT INTO stream VALUES ('case-99', 7)".into(),
        "INSERT INTO tile VALUES (3, 9, zeroblob(32), zeroblob(32))".into(),
        "INSERT INTO salt VALUES (300, x'00', x'00')".into(),
        "DROP INDEX published_size".into(),
        "SELECT 1".into(),
    ] {
        let folder = altered(&change);
        assert_eq!(rebuild(folder.path()).unwrap(), head, "{change}");
        let mut journal = open(folder.path()).unwrap();
        assert_eq!((audit(&journal).unwrap(), all_rows(&journal)), (head, rows.clone()), "{change}");
        assert_eq!(journal.published().unwrap().unwrap().size, 300, "{change}");
        assert!(journal.paper(&Digest([1; 32])).unwrap().is_some(), "{change}");
        // A witness that forgot could be made to sign two histories.
        assert_eq!(journal.last_head(&stream("tokyo")).unwrap().unwrap().size, 16, "{change}");
        assert_eq!(journal.cosignatures(300).unwrap().len(), 1, "{change}");
        let fence = journal.lease("b").unwrap();
        assert_eq!(fence.0, 2, "the lease before is known: {change}");
        assert_eq!(put(&mut journal, fence, expecting("new", 0, 300)).unwrap().first_index, 300);
        drop(journal);
        assert!(by_hand(folder.path()).execute("DELETE FROM journal", []).is_err(), "{change}");
    }
}

#[test]
fn a_damaged_tile_is_told_at_opening_with_its_path() {
    let folder = altered(&format!("UPDATE tile SET hashes = {FLIP} WHERE level = 0 AND idx = 0"));
    let refused = open(folder.path()).err().unwrap();
    assert_eq!(refused.to_string(), "damaged: tile of level 0 (tile/0/000) at 0");
    assert!(matches!(refused, StoreError::Damaged(damage) if damage.is_derived));
}

#[test]
fn what_follows_from_nothing_else_is_named_and_nothing_is_changed() {
    let flip = |column: &str| format!("CAST(x'ff' || substr({column}, 2) AS BLOB)");
    for (change, said) in [
        (format!("UPDATE journal SET body = {} WHERE idx = 41", flip("body")), "row at 41"),
        ("DELETE FROM journal WHERE idx = 12".into(), "row missing at 12"),
        ("DELETE FROM journal WHERE idx = 299".into(), "rows and head differ at 299"),
        // Nobody says any more how many rows there were, but the log had told others.
        ("DELETE FROM journal WHERE idx = 299; DELETE FROM head".into(), "published checkpoint at 300"),
        (format!("UPDATE salt SET sealed = {} WHERE idx = 3", flip("sealed")), "salt of row at 3"),
        (format!("UPDATE paper SET bytes = {}", flip("bytes")), "paper at 1"),
        ("UPDATE published SET size = 299".into(), "published checkpoint at 299"),
    ] {
        let folder = altered(&change);
        let before = std::fs::read(folder.path().join("journal.db")).unwrap();
        let refused = rebuild(folder.path()).unwrap_err();
        assert_eq!(refused.to_string(), format!("damaged: {said}"), "{change}");
        assert!(matches!(refused, StoreError::Damaged(damage) if !damage.is_derived), "{change}");
        let after = std::fs::read(folder.path().join("journal.db")).unwrap();
        // All but the mark of how it was opened last.
        assert_eq!(before[100..], after[100..], "{change}");
    }
}

#[test]
fn rows_that_a_hand_altered_with_their_checks_are_not_rebuilt_into_another_log() {
    let folder = closed(300);
    let other = closed(300);
    let mut rows = { all_rows(&open(other.path()).unwrap()) };
    // A row with another leaf and a check that fits it, as this program would write it.
    rows[7].entry[100] ^= 1;
    let forged = tempfile::tempdir().unwrap();
    let mut anew = attache_store::Reassembly::begin(forged.path(), &origin()).unwrap();
    rows.iter().for_each(|row| anew.row(row).unwrap());
    anew.complete().unwrap().put_in_place().unwrap();
    let hand = by_hand(folder.path());
    let path = forged.path().join("journal.db");
    hand.execute("ATTACH ?1 AS forged", [path.to_str().unwrap()]).unwrap();
    hand.execute_batch(
        "DROP TRIGGER journal_is_fixed; DROP TRIGGER journal_is_kept; DELETE FROM journal WHERE idx = 7;
         INSERT INTO main.journal SELECT * FROM forged.journal WHERE idx = 7",
    )
    .unwrap();
    drop(hand);
    let refused = rebuild(folder.path()).unwrap_err();
    assert_eq!(refused.to_string(), "damaged: published checkpoint at 300");
    by_hand(folder.path()).execute_batch("DROP TRIGGER published_is_kept; DELETE FROM published").unwrap();
    let refused = rebuild(folder.path()).unwrap_err();
    assert_eq!(refused.to_string(), "damaged: rows altered since the head was written, before row at 300");
}

#[test]
fn a_journal_that_someone_reads_or_writes_is_not_rebuilt() {
    let folder = closed(300);
    let journal = open(folder.path()).unwrap();
    assert!(matches!(rebuild(folder.path()), Err(StoreError::InUse(_))));
    drop(journal);
    let hand = by_hand(folder.path());
    hand.execute_batch("PRAGMA journal_mode = WAL; BEGIN; SELECT count(*) FROM journal").unwrap();
    assert!(matches!(rebuild(folder.path()), Err(StoreError::InUse(_))));
    hand.execute_batch("COMMIT").unwrap();
    drop(hand);
    rebuild(folder.path()).unwrap();
}

#[test]
fn a_rebuild_that_was_cut_off_leaves_the_journal_as_it_was() {
    let folder = closed(300);
    let rows = { all_rows(&open(folder.path()).unwrap()) };
    let mut anew = attache_store::Reassembly::begin(folder.path(), &origin()).unwrap();
    rows.iter().take(100).for_each(|row| anew.row(row).unwrap());
    drop(anew);
    assert!(folder.path().join("rebuilding.db").exists());
    let journal = open(folder.path()).unwrap();
    assert_eq!(all_rows(&journal), rows);
    assert!(!folder.path().join("rebuilding.db").exists());
}
