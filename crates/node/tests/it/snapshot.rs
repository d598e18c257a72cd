//! A snapshot of the folds: a start from it is a start from the journal, and whatever does not fit is not used.

use crate::world::{self, ITEM, NOW, commit, custodian, engine_on};
use attache_accord::act::{Act, ENTRY_VERSION, Entry};
use attache_accord::{Digest, ItemId};
use attache_custody::RestKey;
use attache_custody::rest::Purpose;
use attache_node::engine::{Engine, Plan};
use attache_node::fault::Fault;
use attache_node::refold::Refold;
use attache_node::snapshot::{Folded, Snapshots};
use attache_seal::digest::sha256;
use attache_store::{
    Append, NewRow, Reader, SNAPSHOT_FILE, SnapshotReader, SnapshotWriter, SqliteJournal, Standing, Stream,
    remove_snapshot,
};
use attache_tlog::LeafDraft;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Acts that fill several chunks of a snapshot.
const ITEMS: u32 = 3_000;
/// The folder in which a child writes snapshots until it is killed.
const FOLDER: &str = "ATTACHE_TEST_SNAPSHOTS";
const KILLS: u64 = 6;

fn opened_in(folder: &Path) -> Engine {
    let journal = match SqliteJournal::open(folder, &world::origin()) {
        Ok(journal) => journal,
        Err(_) => SqliteJournal::create(folder, &world::origin()).unwrap(),
    };
    engine_on(Box::new(journal), &custodian())
}

fn founded() -> (TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = opened_in(folder.path());
    world::found(&mut engine);
    (folder, engine)
}

fn added(number: u32) -> Act {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    // Scattered, as ids are.
    id.rotate_left(number as usize % 4);
    Act::ItemAdded {
        item: ItemId(id),
        size: 9,
        item_digest: sha256(&[&id]),
        manifest: Digest([5; 32]),
        title: Digest([6; 32]),
        extract_of: None,
        by: world::person("analyst-1"),
    }
}

fn opened(item: ItemId) -> Act {
    Act::Opened { item, question: Digest([7; 32]), by: world::person("analyst-1") }
}

fn with<T>(reader: &dyn Reader, rest: &RestKey, see: impl FnOnce(&Snapshots<'_>) -> T) -> T {
    see(&Snapshots { reader, rest, utc_offset_hours: 9 })
}

fn write(engine: &Engine) -> u64 {
    with(engine.reader().unwrap().as_ref(), &world::rest(), |all| all.write().unwrap().unwrap())
}

fn load(reader: &dyn Reader) -> Option<Folded> {
    with(reader, &world::rest(), |all| all.load())
}

/// What a start gives: how many entries it did not fold, and that everything is as in `running`.
fn starts_as(running: Engine, folder: &Path) -> u64 {
    let view = running.view().read().clone();
    let root = running.reader().unwrap().head().unwrap().root;
    drop(running);
    let engine = opened_in(folder);
    assert!(*engine.view().read() == view);
    assert!(engine.custodian().has_folded(&view, &root));
    engine.resumed()
}

#[test]
fn a_start_from_a_snapshot_gives_what_a_start_from_the_journal_gives() {
    let (folder, mut engine) = founded();
    for first in (0..ITEMS).step_by(60) {
        commit(&mut engine, (first..first + 60).map(added).collect());
    }
    let covered = write(&engine);
    assert!(fs::metadata(folder.path().join(SNAPSHOT_FILE)).unwrap().len() > 256 * 1024, "several chunks");
    // The tail changes what rests, adds to it and asks for it.
    let added = added(ITEMS);
    commit(&mut engine, vec![opened(ITEM), added.clone(), added]);
    assert_eq!(starts_as(engine, folder.path()), covered);
    // Another on top of it, of a node that started from it.
    let mut engine = opened_in(folder.path());
    commit(&mut engine, vec![opened(ITEM)]);
    let further = write(&engine);
    assert!(further > covered);
    assert_eq!(starts_as(engine, folder.path()), further);
    remove_snapshot(folder.path()).unwrap();
    assert_eq!(starts_as(opened_in(folder.path()), folder.path()), 0);
}

#[test]
fn a_snapshot_that_was_altered_or_cut_off_anywhere_is_not_used() {
    let (folder, engine) = founded();
    write(&engine);
    let (path, reader) = (folder.path().join(SNAPSHOT_FILE), engine.reader().unwrap());
    let whole = fs::read(&path).unwrap();
    assert!(load(reader.as_ref()).is_some());
    for at in (0..whole.len()).step_by(5) {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(&path, &altered).unwrap();
        assert!(load(reader.as_ref()).is_none(), "byte {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert!(load(reader.as_ref()).is_none(), "cut off at {at}");
    }
    fs::write(&path, [whole.as_slice(), b"1"].concat()).unwrap();
    assert_eq!(starts_as(engine, folder.path()), 0);
}

#[test]
fn a_snapshot_of_other_entries_another_key_or_a_longer_journal_is_not_used() {
    let (folder, engine) = founded();
    write(&engine);
    let (other, mut longer) = founded();
    let copy = |from: &Path, to: &Path| fs::copy(from.join(SNAPSHOT_FILE), to.join(SNAPSHOT_FILE)).unwrap();
    let reader = longer.reader().unwrap();
    // The same acts with other salts are other leaves.
    copy(folder.path(), other.path());
    assert!(load(reader.as_ref()).is_none());
    commit(&mut longer, vec![opened(ITEM)]);
    assert!(load(reader.as_ref()).is_none());
    write(&longer);
    assert!(load(reader.as_ref()).is_some());
    copy(other.path(), folder.path());
    assert!(load(engine.reader().unwrap().as_ref()).is_none());
    let other_key = RestKey::new(&[1; 32]).unwrap();
    assert!(with(reader.as_ref(), &other_key, |all| all.load()).is_none());
}

#[test]
fn a_snapshot_shows_no_name_and_one_that_is_not_finished_leaves_the_one_before() {
    let (folder, mut engine) = founded();
    let covered = write(&engine);
    let bytes = fs::read(folder.path().join(SNAPSHOT_FILE)).unwrap();
    for word in [b"tokyo".as_slice(), b"analyst", b"KOR:II", b"humint", b"gsomia", b"folds"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word));
    }
    commit(&mut engine, vec![opened(ITEM)]);
    let mut unfinished = SnapshotWriter::begin(Standing::of(folder.path())).unwrap();
    unfinished.put(b"half").unwrap();
    drop(unfinished);
    assert_eq!(load(engine.reader().unwrap().as_ref()).unwrap().view.size, covered);
    assert!(write(&engine) > covered);
}

/// Makes the blocks of a snapshot unreadable under their very seals, as a defect in writing them would.
fn tear(folder: &Path) {
    let (rest, file) = (world::rest(), SnapshotReader::open(folder).unwrap().unwrap());
    let last = file.frames() - 1;
    let sealed = file.frame(last).unwrap();
    let heading = rest.open(Purpose::Folds, b"attache/folds/v1", &sealed).unwrap();
    let mut decoder = minicbor::Decoder::new(&heading);
    decoder.array().unwrap();
    (0..5).for_each(|_| decoder.skip().unwrap());
    let (chunks, id) = (decoder.u32().unwrap(), decoder.bytes().unwrap());
    let mut writer = SnapshotWriter::begin(Standing::of(folder)).unwrap();
    for number in 0..last as u32 {
        let mut frame = file.frame(number as usize).unwrap();
        if number < chunks {
            let about = [id, &number.to_be_bytes()].concat();
            let length = rest.open(Purpose::Folds, &about, &frame).unwrap().len();
            frame = rest.seal(Purpose::Folds, &about, &vec![0xff; length]).unwrap();
        }
        writer.put(&frame).unwrap();
    }
    writer.put(&sealed).unwrap();
    writer.finish().unwrap();
}

#[test]
fn where_blocks_cannot_be_read_at_a_start_the_whole_journal_is_folded() {
    let (folder, mut engine) = founded();
    write(&engine);
    commit(&mut engine, vec![opened(ITEM)]);
    tear(folder.path());
    assert_eq!(starts_as(engine, folder.path()), 0);
    assert!(!folder.path().join(SNAPSHOT_FILE).exists());
}

#[test]
fn where_blocks_cannot_be_read_for_the_next_snapshot_it_is_made_of_the_journal_alone() {
    let (folder, mut engine) = founded();
    write(&engine);
    commit(&mut engine, vec![opened(ITEM)]);
    tear(folder.path());
    let reader = engine.reader().unwrap();
    assert!(with(reader.as_ref(), &world::rest(), |all| all.write()).is_err());
    let covered = write(&engine);
    assert_eq!(starts_as(engine, folder.path()), covered);
}

#[test]
fn where_blocks_cannot_be_read_later_nothing_is_acknowledged_and_the_next_start_folds_the_whole_journal() {
    // Opening looks into the item for its leaf; padding looks into nothing until it is folded.
    for (act, is_recorded) in [(opened(ITEM), false), (Act::Padded {}, true)] {
        let (folder, engine) = founded();
        let size = write(&engine);
        drop(engine);
        tear(folder.path());
        let mut engine = opened_in(folder.path());
        assert_eq!(engine.resumed(), size);
        let failed = engine.commit(NOW, &[Plan { acts: vec![act], ..Plan::default() }]);
        assert!(matches!(failed, Err(Fault::Differs("the snapshot of the folds"))));
        assert_eq!(engine.reader().unwrap().head().unwrap().size, size + u64::from(is_recorded));
        assert!(!folder.path().join(SNAPSHOT_FILE).exists());
        drop(engine);
        let mut engine = opened_in(folder.path());
        assert_eq!(engine.resumed(), 0);
        commit(&mut engine, vec![opened(ITEM)]);
        is_what_a_whole_fold_gives(&engine);
    }
}

/// Appends an act with a leaf that does not say which it is, for its salt is gone.
fn appended(engine: Engine, act: Act) -> Engine {
    let mut journal = engine.into_journal();
    let (rest, fence) = (world::rest(), journal.lease("another build").unwrap());
    let stream = rest.blind("record");
    let event = minicbor::to_vec(Entry { version: ENTRY_VERSION, at: NOW, act }).unwrap();
    let row = NewRow {
        body: rest.seal(Purpose::Event, stream.as_bytes(), &event).unwrap(),
        sealed_salt: rest.seal(Purpose::Salt, stream.as_bytes(), &[7; 32]).unwrap(),
        stream: Stream::new(stream).unwrap(),
        leaf: LeafDraft { salt: [7; 32], fields: Default::default() },
    };
    journal.append(fence, vec![Append { rows: vec![row], ..Append::default() }]).unwrap().remove(0).unwrap();
    journal.forget(fence, &[], &[0]).unwrap();
    engine_on(journal, &custodian())
}

#[test]
fn a_snapshot_that_says_what_the_journal_does_not_is_found_by_a_whole_fold() {
    let empty = || {
        let folder = tempfile::tempdir().unwrap();
        let engine = opened_in(folder.path());
        (folder, engine)
    };
    let ((folder, ours), (other, theirs)) = (empty(), empty());
    let (ours, theirs) = (appended(ours, added(1)), appended(theirs, added(2)));
    write(&theirs);
    fs::copy(other.path().join(SNAPSHOT_FILE), folder.path().join(SNAPSHOT_FILE)).unwrap();
    // The leaves are the same, so a start would believe it.
    assert_eq!(load(ours.reader().unwrap().as_ref()).unwrap().view.size, 1);
    let compared = |engine: &Engine| {
        let reader = engine.reader().unwrap();
        Refold::new(reader, world::rest(), 9).compare_snapshot(&mut |_| {})
    };
    let found = compared(&ours).unwrap_err();
    assert!(matches!(found, Fault::Differs("the snapshot of the folds")) && found.is_damage());
    compared(&theirs).unwrap();
}

#[test]
#[ignore = "the child that the next test kills"]
fn writes_snapshots_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut engine = opened_in(Path::new(&folder));
    for number in 0.. {
        commit(&mut engine, vec![added(number)]);
        write(&engine);
    }
}

#[test]
fn killed_while_it_writes_snapshots_a_node_starts_from_the_last_one() {
    let (folder, engine) = founded();
    let mut covered = write(&engine);
    drop(engine);
    for kill in 1..=KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "snapshot::writes_snapshots_until_it_is_killed"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + 17 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
        let engine = opened_in(folder.path());
        assert!(engine.resumed() >= covered, "kill {kill}");
        covered = engine.resumed();
        is_what_a_whole_fold_gives(&engine);
    }
}

/// What a whole fold gives is what the start from the snapshot gave.
fn is_what_a_whole_fold_gives(engine: &Engine) {
    let mut refold = Refold::new(engine.reader().unwrap(), world::rest(), 9);
    refold.compare_snapshot(&mut |_| {}).unwrap();
    refold.go_on(engine.view().read().size, &mut |_| {}).unwrap();
    assert!(*refold.view() == *engine.view().read());
}
