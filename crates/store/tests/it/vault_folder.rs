//! What is particular to a vault in a folder.

use crate::vault::{get, put};
use attache_accord::{Digest, DispatchId};
use attache_store::{FolderVault, StoreError, Vault};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const A: Digest = Digest([0xa1; 32]);
const D: DispatchId = DispatchId([0xd1; 16]);

fn names(root: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The vault of a process that was killed: a synced partial, a stream in writing, and a finished file.
fn killed(root: &Path) {
    let vault = FolderVault::create(root).unwrap();
    put(&vault, A, b"sealed").unwrap();
    let mut partial = vault.partial(&D).unwrap();
    partial.append(b"synced").unwrap();
    partial.sync().unwrap();
    drop(partial);
    drop(vault);
    fs::write(root.join("writing-0"), b"half").unwrap();
}

#[test]
fn a_torn_stream_is_cleared_at_opening_and_the_rest_is_kept() {
    let root = tempfile::tempdir().unwrap();
    killed(root.path());
    let vault = FolderVault::open(root.path()).unwrap();
    let partial = format!("partial-{D}");
    assert_eq!(names(root.path()), ["a1", "lock", &partial, &format!("{partial}.durable")]);
    assert_eq!(get(&vault, A).unwrap(), b"sealed");
    assert_eq!(vault.partials().unwrap(), [(D, 6)]);
}

#[test]
fn a_stream_dropped_leaves_no_file() {
    let root = tempfile::tempdir().unwrap();
    let vault = FolderVault::create(root.path()).unwrap();
    let mut writer = vault.create().unwrap();
    writer.append(b"half").unwrap();
    assert_eq!(names(root.path()), ["lock", "writing-0"]);
    drop(writer);
    assert_eq!(names(root.path()), ["lock"]);
}

#[test]
fn a_file_stands_under_its_digest() {
    let root = tempfile::tempdir().unwrap();
    let vault = FolderVault::create(root.path()).unwrap();
    put(&vault, A, b"sealed").unwrap();
    assert_eq!(names(root.path()), ["a1", "lock"]);
    assert_eq!(names(&root.path().join("a1")), ["a1".repeat(31)]);
}

#[test]
fn only_its_own_account_may_look_into_it() {
    let root = tempfile::tempdir().unwrap();
    let vault = FolderVault::create(&root.path().join("vault")).unwrap();
    put(&vault, A, b"sealed").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let home = root.path().join("vault/a1");
    assert_eq!((mode(&root.path().join("vault")), mode(&home)), (0o700, 0o700));
    assert_eq!(mode(&home.join("a1".repeat(31))), 0o600);
}

#[test]
fn a_missing_vault_is_not_answered_with_an_empty_one() {
    let root = tempfile::tempdir().unwrap();
    assert!(matches!(FolderVault::open(root.path()), Err(StoreError::Missing(_))));
    assert!(names(root.path()).is_empty());
}

#[test]
fn a_vault_is_not_created_over_another() {
    let root = tempfile::tempdir().unwrap();
    drop(FolderVault::create(root.path()).unwrap());
    assert!(matches!(FolderVault::create(root.path()), Err(StoreError::Exists(_))));
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let root = tempfile::tempdir().unwrap();
    let first = FolderVault::create(root.path()).unwrap();
    assert!(matches!(FolderVault::open(root.path()), Err(StoreError::InUse(_))));
    drop(first);
    assert!(FolderVault::open(root.path()).is_ok());
}

#[test]
fn a_partial_whose_record_is_torn_starts_over() {
    let root = tempfile::tempdir().unwrap();
    killed(root.path());
    let record = root.path().join(format!("partial-{D}.durable"));
    let sound = fs::read(&record).unwrap();
    for torn in [&sound[..15], &[0xff; 16], &[0; 16], &[], &[sound.as_slice(), b"x"].concat()] {
        fs::write(&record, torn).unwrap();
        let vault = FolderVault::open(root.path()).unwrap();
        assert_eq!(vault.partials().unwrap(), [(D, 0)], "{torn:?}");
    }
}

#[test]
fn a_partial_shorter_than_its_record_starts_over() {
    let root = tempfile::tempdir().unwrap();
    killed(root.path());
    fs::write(root.path().join(format!("partial-{D}")), b"syn").unwrap();
    let vault = FolderVault::open(root.path()).unwrap();
    assert_eq!(vault.partial(&D).unwrap().written(), 0);
}

#[test]
fn bytes_behind_the_record_are_cut_away() {
    let root = tempfile::tempdir().unwrap();
    killed(root.path());
    fs::write(root.path().join(format!("partial-{D}")), b"synced and then rubbish").unwrap();
    let vault = FolderVault::open(root.path()).unwrap();
    vault.partial(&D).unwrap().finish(&Digest([2; 32]), 6).unwrap();
    assert_eq!(get(&vault, Digest([2; 32])).unwrap(), b"synced");
}

#[test]
fn a_record_without_its_partial_is_cleared() {
    let root = tempfile::tempdir().unwrap();
    killed(root.path());
    fs::remove_file(root.path().join(format!("partial-{D}"))).unwrap();
    drop(FolderVault::open(root.path()).unwrap());
    assert_eq!(names(root.path()), ["a1", "lock"]);
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    killed(root.path());
    fs::write(root.path().join("partial-of-something-else"), b"?").unwrap();
    let vault = FolderVault::open(root.path()).unwrap();
    assert_eq!(vault.partials().unwrap().len(), 1);
    assert!(root.path().join("partial-of-something-else").exists());
}
