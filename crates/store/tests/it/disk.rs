//! What is particular to a journal on a disk: whose it is, who may write, and what a failed write ends.

use crate::sample::*;
use attache_accord::Digest;
use attache_store::{
    Append, Damage, Fence, Journal, Paper, Reader, SCHEMA_VERSION, SqliteJournal, SqliteReader, StoreError,
    audit,
};
use attache_tlog::Origin;
use rusqlite::Connection;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

fn create(folder: &Path) -> (SqliteJournal, Fence) {
    let mut journal = SqliteJournal::create(folder, &origin()).unwrap();
    let fence = journal.lease("a").unwrap();
    (journal, fence)
}

pub fn open(folder: &Path) -> Result<SqliteJournal, StoreError> {
    SqliteJournal::open(folder, &origin())
}

/// A closed journal of `size` rows, a paper, a cosigned checkpoint and a head of another log.
pub fn closed(size: u64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    let head = Append { papers: vec![paper(1, b"sealed label")], ..heading("tokyo", 0, 16) };
    put(&mut journal, fence, Append { rows: vec![row("case-0", 0)], ..head }).unwrap();
    grow(&mut journal, fence, size);
    let note = checkpoint(&journal, size);
    journal.put_published(fence, size, &note).unwrap();
    let cosignatures = vec![cosigned(size, "tokyo", 0)];
    put(&mut journal, fence, Append { cosignatures, ..Append::default() }).unwrap();
    drop(journal);
    // With all rows counted by stream.
    open(folder.path()).unwrap();
    folder
}

/// The database by another way in: somebody's hand.
pub fn by_hand(folder: &Path) -> Connection {
    Connection::open(folder.join("journal.db")).unwrap()
}

#[test]
fn a_journal_goes_on_where_it_was_closed() {
    let folder = closed(300);
    let mut journal = open(folder.path()).unwrap();
    let fence = journal.lease("b").unwrap();
    assert_eq!(put(&mut journal, fence, expecting("new", 0, 300)).unwrap().first_index, 300);
    assert_eq!(journal.head().unwrap().root, naive_root(&leaf_hashes(&all_rows(&journal))));
    assert_eq!(journal.published().unwrap().unwrap().size, 300);
    assert!(journal.paper(&Digest([1; 32])).unwrap().is_some());
}

#[test]
fn fences_grow_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, before) = create(folder.path());
    drop(journal);
    let mut journal = open(folder.path()).unwrap();
    assert!(journal.lease("a").unwrap() > before);
    assert!(matches!(journal.append(before, singles(0, 1)), Err(StoreError::Stale { .. })));
}

#[test]
fn a_missing_journal_is_not_answered_with_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Missing(_))));
    assert!(matches!(SqliteReader::open(folder.path(), &origin()), Err(StoreError::Missing(_))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_journal_is_not_created_over_another() {
    let folder = closed(3);
    assert!(matches!(SqliteJournal::create(folder.path(), &origin()), Err(StoreError::Exists(_))));
    assert_eq!(open(folder.path()).unwrap().head().unwrap().size, 3);
}

#[test]
fn a_creation_that_did_not_finish_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("journal.db"), b"").unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Missing(_))));
    assert!(SqliteJournal::create(folder.path(), &origin()).is_ok());
}

#[test]
fn a_journal_of_another_log_is_refused() {
    let folder = closed(3);
    let other = Origin::new("log.example/tokyo").unwrap();
    assert!(matches!(SqliteJournal::open(folder.path(), &other), Err(StoreError::OtherOrigin { .. })));
    assert!(matches!(SqliteReader::open(folder.path(), &other), Err(StoreError::OtherOrigin { .. })));
}

#[test]
fn a_journal_of_a_newer_program_is_refused_and_left_alone() {
    let folder = closed(3);
    by_hand(folder.path()).pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    by_hand(folder.path()).execute("UPDATE lease SET holder = 'attache 9.1.0, process 7'", []).unwrap();
    let before = std::fs::read(folder.path().join("journal.db")).unwrap();
    let refused = open(folder.path()).map(drop).unwrap_err();
    assert!(matches!(&refused, StoreError::Newer { found: 4, known: 3, .. }), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("written by attache 9.1.0, process 7: use that one, or a newer one"), "{said}");
    assert!(matches!(SqliteReader::open(folder.path(), &origin()), Err(StoreError::Newer { .. })));
    assert_eq!(std::fs::read(folder.path().join("journal.db")).unwrap(), before);
}

#[test]
fn a_journal_of_the_first_version_is_brought_up_by_its_writer_and_only_by_it() {
    let folder = closed(3);
    by_hand(folder.path())
        .execute_batch(
            "DROP TABLE witnessed; DROP TABLE cosignature; ALTER TABLE head DROP COLUMN counted;
            PRAGMA user_version = 1",
        )
        .unwrap();
    let older = |result: Result<SqliteReader, StoreError>| matches!(result, Err(StoreError::Older(_)));
    assert!(older(SqliteReader::open(folder.path(), &origin())));
    assert!(matches!(SqliteJournal::create(folder.path(), &origin()), Err(StoreError::Exists(_))));
    let mut journal = open(folder.path()).unwrap();
    let fence = journal.lease("b").unwrap();
    assert_eq!((journal.head().unwrap().size, journal.published().unwrap().unwrap().size), (3, 3));
    put(&mut journal, fence, heading("tokyo", 0, 16)).unwrap();
    audit(&SqliteReader::open(folder.path(), &origin()).unwrap()).unwrap();
}

#[test]
fn a_journal_of_the_second_version_goes_on_with_the_streams_that_it_counted() {
    let folder = closed(300);
    by_hand(folder.path())
        .execute_batch("ALTER TABLE head DROP COLUMN counted; PRAGMA user_version = 2")
        .unwrap();
    let mut journal = open(folder.path()).unwrap();
    let fence = journal.lease("b").unwrap();
    let held = journal.version(&stream("case-3")).unwrap();
    assert_eq!(put(&mut journal, fence, expecting("case-3", held, 300)).unwrap().first_index, 300);
    assert_eq!(journal.version(&stream("case-3")).unwrap(), held + 1);
    audit(&SqliteReader::open(folder.path(), &origin()).unwrap()).unwrap();
}

#[test]
fn rows_are_counted_by_stream_whether_the_table_counts_them_yet_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    let mut counted = 0;
    // Until the table has counted rows, and some are behind those.
    for size in (1_000..).step_by(1_000) {
        grow(&mut journal, fence, size);
        let held = (0..size).filter(|seed| seed % 7 == 3).count() as u64;
        let reader = SqliteReader::open(folder.path(), &origin()).unwrap();
        assert_eq!(reader.version(&stream("case-3")).unwrap(), held, "{size}");
        assert_eq!(put(&mut journal, fence, expecting("case-3", held - 1, 0)).unwrap_err().found, held);
        if counted > 0 {
            break;
        }
        let sql = "SELECT counted FROM head";
        counted = by_hand(folder.path()).query_row(sql, [], |row| row.get(0)).unwrap();
    }
    audit(&journal).unwrap();
    // As a process that is killed leaves it.
    let killed = tempfile::tempdir().unwrap();
    for file in ["journal.db", "journal.db-wal"] {
        std::fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
    }
    let opened = open(killed.path()).unwrap();
    let held = journal.version(&stream("case-3")).unwrap();
    assert_eq!(opened.version(&stream("case-3")).unwrap(), held);
    audit(&opened).unwrap();
}

#[test]
fn a_database_of_another_application_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    by_hand(folder.path()).execute_batch("CREATE TABLE recipe (name TEXT)").unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Foreign(_))));
    assert!(matches!(SqliteJournal::create(folder.path(), &origin()), Err(StoreError::Foreign(_))));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("journal.db"), vec![b'x'; 8192]).unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Damaged(_))));
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = create(folder.path());
    let refused = open(folder.path()).err().unwrap();
    assert!(matches!(refused, StoreError::InUse(_)));
    assert!(refused.to_string().contains("in use by another process"));
    drop(first);
    assert!(open(folder.path()).is_ok());
}

/// Runs one test of this program as another process, told of `folder`, after the shell has run `before`.
fn in_another_process(test: &str, folder: &Path, before: &str) -> bool {
    let script = format!("{before} exec \"$0\" --exact \"$1\" --include-ignored --test-threads 1");
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program).arg(test).env(FOLDER, folder);
    command.stdout(Stdio::null()).status().unwrap().success()
}

const FOLDER: &str = "ATTACHE_STORE_TEST_FOLDER";

#[test]
fn a_second_process_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = create(folder.path());
    let opens = || in_another_process("disk::this_process_opens_the_journal", folder.path(), "");
    assert!(!opens());
    drop(first);
    assert!(opens());
}

#[test]
#[ignore = "run as another process by the test above"]
fn this_process_opens_the_journal() {
    open(Path::new(&std::env::var_os(FOLDER).unwrap())).unwrap();
}

/// That `journal` is poisoned, still reads its three rows, and that a new handle goes on where it ended.
fn is_poisoned_until_reopened(folder: &Path, mut journal: SqliteJournal, fence: Fence, mend: &str) {
    assert!(journal.is_poisoned());
    assert!(matches!(journal.append(fence, singles(3, 1)), Err(StoreError::Poisoned)));
    assert!(matches!(journal.lease("b"), Err(StoreError::Poisoned)));
    assert!(matches!(journal.forget(fence, &[], &[0]), Err(StoreError::Poisoned)));
    assert_eq!(all_rows(&journal).len(), 3);
    assert_eq!(audit(&journal).unwrap(), journal.head().unwrap());
    drop(journal);
    by_hand(folder).execute_batch(mend).unwrap();
    let mut journal = open(folder).unwrap();
    let fence = journal.lease("b").unwrap();
    assert_eq!(put(&mut journal, fence, single("x", 3)).unwrap().first_index, 3);
    assert_eq!(audit(&journal).unwrap().size, 4);
}

#[test]
fn a_write_that_fails_half_way_poisons_the_handle_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    grow(&mut journal, fence, 3);
    let fail =
        "CREATE TRIGGER fail BEFORE INSERT ON journal WHEN new.idx = 5 BEGIN SELECT RAISE(ABORT, 'no'); END";
    by_hand(folder.path()).execute_batch(fail).unwrap();
    assert!(matches!(journal.append(fence, singles(3, 8)), Err(StoreError::Fault { .. })));
    is_poisoned_until_reopened(folder.path(), journal, fence, "DROP TRIGGER fail");
}

#[test]
fn a_commit_that_fails_poisons_the_handle_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    grow(&mut journal, fence, 3);
    // A reference that is only looked at by the commit itself.
    let fail = "CREATE TABLE owed (to_none INTEGER REFERENCES lease (epoch) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER fail AFTER UPDATE ON head BEGIN INSERT INTO owed VALUES (77); END";
    by_hand(folder.path()).execute_batch(fail).unwrap();
    match journal.append(fence, singles(3, 8)) {
        Err(StoreError::Fault { doing, .. }) => assert_eq!(doing, "committing"),
        other => panic!("{other:?}"),
    }
    is_poisoned_until_reopened(folder.path(), journal, fence, "DROP TRIGGER fail; DROP TABLE owed");
}

#[test]
fn a_file_that_may_not_grow_poisons_the_handle_and_loses_nothing_committed() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    // Files of at most 256 KiB, and an error rather than a signal past that.
    let small_files = "trap '' XFSZ; ulimit -f 512 || ulimit -f 256;";
    assert!(in_another_process(
        "disk::this_process_writes_until_its_files_may_not_grow",
        folder.path(),
        small_files
    ));
    let answered: u64 = std::fs::read_to_string(folder.path().join("answered")).unwrap().parse().unwrap();
    let journal = open(folder.path()).unwrap();
    assert!(answered > 0 && all_rows(&journal).len() as u64 >= answered);
    audit(&journal).unwrap();
}

#[test]
#[ignore = "run as another process by the test above"]
fn this_process_writes_until_its_files_may_not_grow() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let mut journal = open(Path::new(&folder)).unwrap();
    let fence = journal.lease("a").unwrap();
    let failed = (0..1000).find(|group| journal.append(fence, singles(group * 8, 8)).is_err());
    std::fs::write(Path::new(&folder).join("answered"), (failed.unwrap() * 8).to_string()).unwrap();
    assert!(journal.is_poisoned());
    assert!(matches!(journal.append(fence, singles(0, 1)), Err(StoreError::Poisoned)));
}

#[test]
fn rows_and_published_checkpoints_refuse_change_and_deletion() {
    let folder = closed(3);
    let hand = by_hand(folder.path());
    for change in [
        "UPDATE journal SET body = x'00'",
        "DELETE FROM journal",
        "UPDATE published SET size = 1",
        "DELETE FROM published",
        "UPDATE witnessed SET size = 1",
        "DELETE FROM witnessed",
    ] {
        assert!(hand.execute(change, []).unwrap_err().to_string().contains("append-only"), "{change}");
    }
}

/// What an audit says after `change`, made by a hand that takes the triggers away first.
fn found_after(change: &str) -> Damage {
    let folder = closed(300);
    let hand = by_hand(folder.path());
    hand.execute_batch(
        "DROP TRIGGER journal_is_fixed; DROP TRIGGER journal_is_kept; DROP TRIGGER published_is_fixed;
         DROP TRIGGER witnessed_is_fixed",
    )
    .unwrap();
    assert_eq!(hand.execute(change, []).unwrap(), 1, "{change}");
    drop(hand);
    match SqliteReader::open(folder.path(), &origin()).and_then(|reader| audit(&reader)) {
        Err(StoreError::Damaged(damage)) => damage,
        other => panic!("{change}: {other:?}"),
    }
}

#[test]
fn an_audit_names_the_first_row_that_is_wrong() {
    // x'ff' is no byte of these texts, so each change is one.
    let flip = |column: &str| format!("CAST(x'ff' || substr({column}, 2) AS BLOB)");
    for (change, what, index) in [
        (format!("UPDATE journal SET body = {} WHERE idx = 41", flip("body")), "row", 41),
        (format!("UPDATE journal SET entry = {} WHERE idx = 7", flip("entry")), "row", 7),
        ("UPDATE journal SET stream = 'case-9' WHERE idx = 299".into(), "row", 299),
        ("UPDATE journal SET version = version + 1 WHERE idx = 0".into(), "row", 0),
        ("UPDATE journal SET idx = 1000 WHERE idx = 5".into(), "row missing", 5),
        ("DELETE FROM journal WHERE idx = 12".into(), "row missing", 12),
        ("DELETE FROM journal WHERE idx = 299".into(), "row missing", 299),
        (format!("UPDATE salt SET sealed = {} WHERE idx = 3", flip("sealed")), "salt of row", 3),
    ] {
        assert_eq!(found_after(&change), Damage { what: what.into(), index, is_derived: false }, "{change}");
    }
}

#[test]
fn an_audit_names_what_else_is_wrong() {
    let flip = |column: &str| format!("CAST(x'ff' || substr({column}, 2) AS BLOB)");
    for (change, what) in [
        (
            format!("UPDATE tile SET hashes = {} WHERE level = 0 AND idx = 1", flip("hashes")),
            "tile of level 0 (tile/0/001)",
        ),
        (
            format!("UPDATE tile SET hashes = {} WHERE level = 1", flip("hashes")),
            "tile of level 1 (tile/1/000)",
        ),
        ("UPDATE tile SET checksum = zeroblob(32) WHERE level = 1".into(), "tile of level 1 (tile/1/000)"),
        ("DELETE FROM tile WHERE level = 1".into(), "tile of level 1 (tile/1/000)"),
        ("UPDATE head SET size = size - 1".into(), "head"),
        (format!("UPDATE head SET root = {}", flip("root")), "head"),
        ("DELETE FROM head".into(), "head missing"),
        ("UPDATE stream SET version = 1 WHERE name = 'case-3'".into(), "stream version"),
        ("DELETE FROM stream WHERE name = 'case-3'".into(), "stream version"),
        ("INSERT INTO stream VALUES ('case-99', 0)".into(), "stream version"),
        ("INSERT INTO salt VALUES (300, x'00', x'00')".into(), "salt without a row"),
        (format!("UPDATE paper SET bytes = {}", flip("bytes")), "paper"),
        ("UPDATE paper SET digest = zeroblob(32)".into(), "paper"),
        ("UPDATE published SET size = 299".into(), "published checkpoint"),
        ("UPDATE witnessed SET size = 17".into(), "head of another log"),
        ("UPDATE witnessed SET log = 'busan'".into(), "head of another log"),
        ("UPDATE cosignature SET size = 299".into(), "cosignature"),
        ("UPDATE cosignature SET by = 'osaka'".into(), "cosignature"),
    ] {
        assert_eq!(found_after(&change).what, what, "{change}");
    }
}

#[test]
fn a_log_rolled_back_by_its_head_alone_does_not_open() {
    let folder = closed(300);
    let (mut shorter, fence) = create(tempfile::tempdir().unwrap().path());
    grow(&mut shorter, fence, 299);
    let (root, peaks) = (shorter.head().unwrap().root.0, frontier_bytes(&shorter));
    by_hand(folder.path())
        .execute("UPDATE head SET size = 299, root = ?1, frontier = ?2", (root, peaks))
        .unwrap();
    let refused = open(folder.path()).err().unwrap().to_string();
    assert_eq!(refused, "damaged: rows and head differ at 299");
}

fn frontier_bytes(journal: &SqliteJournal) -> Vec<u8> {
    let mut frontier = attache_tlog::Frontier::new();
    leaf_hashes(&all_rows(journal)).into_iter().for_each(|leaf| frontier.append(leaf));
    frontier.into_parts().1.iter().flat_map(|hash| hash.0).collect()
}

fn holds(folder: &Path, needle: &[u8]) -> bool {
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
}

#[test]
fn destroyed_bytes_are_in_no_file_of_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    let long = b"sealed title ".repeat(2000);
    put(&mut journal, fence, Append { papers: vec![paper(1, &long)], ..single("x", 123_456) }).unwrap();
    grow(&mut journal, fence, 40);
    let marks: [&[u8]; 2] = [b"sealed title sealed title", b"sealed salt 123456"];
    assert!(marks.iter().all(|mark| holds(folder.path(), mark)));
    assert!(journal.forget(fence, &[Digest([1; 32])], &[0]).unwrap().settled);
    assert!(!marks.iter().any(|mark| holds(folder.path(), mark)));
    assert!(holds(folder.path(), b"sealed event 123456"));
}

#[test]
fn a_destruction_behind_a_readers_older_view_says_that_it_is_not_settled() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    grow(&mut journal, fence, 3);
    let reader = by_hand(folder.path());
    reader.execute_batch("BEGIN; SELECT count(*) FROM journal;").unwrap();
    let forgotten = journal.forget(fence, &[], &[1]).unwrap();
    assert_eq!((forgotten.salts, forgotten.settled), (1, false));
    reader.execute_batch("COMMIT").unwrap();
    assert!(journal.forget(fence, &[], &[]).unwrap().settled);
}

#[test]
fn a_reader_tells_whether_a_paper_that_was_there_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, fence) = create(folder.path());
    let put = |journal: &mut SqliteJournal, number: u8| {
        let paper = Paper { digest: Digest([number; 32]), bytes: vec![number; 100] };
        journal.append(fence, vec![Append { papers: vec![paper], ..Append::default() }]).unwrap();
    };
    let reader = SqliteReader::open(folder.path(), &origin()).unwrap();
    let none = reader.papers_there().unwrap();
    (1..=3).for_each(|number| put(&mut journal, number));
    let three = reader.papers_there().unwrap();
    put(&mut journal, 4);
    assert!(!reader.has_forgotten_since(&none).unwrap() && !reader.has_forgotten_since(&three).unwrap());
    // The last ones, whose places others take.
    for gone in [4, 3] {
        journal.forget(fence, &[Digest([gone; 32])], &[]).unwrap();
    }
    (5..=6).for_each(|number| put(&mut journal, number));
    assert!(reader.has_forgotten_since(&three).unwrap());
    let four = reader.papers_there().unwrap();
    journal.forget(fence, &[Digest([1; 32])], &[]).unwrap();
    assert!(reader.has_forgotten_since(&four).unwrap());
    assert!(!reader.has_forgotten_since(&none).unwrap());
}

#[test]
fn an_extra_reader_opens_beside_the_first() {
    let folder = closed(30);
    let journal = open(folder.path()).unwrap();
    let first = SqliteReader::open(folder.path(), &origin()).unwrap();
    let second = first.another().unwrap();
    assert_eq!(second.head().unwrap(), journal.head().unwrap());
}
